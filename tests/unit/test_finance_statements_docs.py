"""The examples of docs/statements.md run as they are written, and its numbers are what the code gives."""

import doctest
from pathlib import Path

import pytest

from contrapeso.metrics._attacks import wilson

PAGE = Path(__file__).resolve().parents[2] / "docs" / "statements.md"


def test_the_examples_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert outcome.attempted > 20
    assert outcome.failed == 0


def test_the_page_says_how_many_right_answers_of_forty_are_still_a_coins_work() -> None:
    assert wilson(26 / 40, 40)[0] < 0.5 < wilson(27 / 40, 40)[0]
    low, high = wilson(26 / 40, 40)
    assert f"interval {100 * low:.1f}-{100 * high:.1f} %" in PAGE.read_text(encoding="utf-8")
