"""The examples of docs/quality.md run as they are written."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quality.md"


def test_the_examples_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    assert capsys.readouterr().out.startswith("A ")
    assert names["engine"].get_quality_summary()["most_common_grade"] == "A"
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert names["report"].grade == names["whole"].grade == "A"
