"""The examples of docs/privacy-of-movements.md run as they are written, and the page names every kind."""

import doctest
from pathlib import Path
from typing import get_args

import pytest

from contrapeso.finance.privacy import IdentifierKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "privacy-of-movements.md"


def test_the_examples_run_as_written() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 20
    assert result.failed == 0


@pytest.mark.parametrize("kind", get_args(IdentifierKind))
def test_the_page_names_every_kind_of_identifier(kind: str) -> None:
    assert f"`{kind}`" in PAGE.read_text(encoding="utf-8")


def test_the_page_does_not_promise_anonymity() -> None:
    assert "anonym" not in PAGE.read_text(encoding="utf-8").lower()
