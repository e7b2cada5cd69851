"""The examples of docs/rules.md run as they are written, and the page names every type and function."""

import doctest
from pathlib import Path

import pytest

from contrapeso.finance.rules import FUNCTIONS, LAWS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def test_the_examples_run_as_written() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 15
    assert result.failed == 0


@pytest.mark.parametrize("name", [*LAWS, *FUNCTIONS])
def test_the_page_names_every_type_and_function(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")
