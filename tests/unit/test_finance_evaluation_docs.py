"""The examples of docs/worth-of-balancing.md run as they are written."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "worth-of-balancing.md"


def test_the_examples_run_as_written(capsys) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 4
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    said = capsys.readouterr().out
    assert "cópias exatas" in said
    assert "Vale a pena?" in said
    assert "nenhum classificador" in said
    assert 0.9 < names["found"].ceiling <= 1


def test_the_page_names_every_front_door() -> None:
    from contrapeso.finance import evaluation

    text = PAGE.read_text(encoding="utf-8")
    doors = [
        name for name in evaluation.__all__ if name[0].islower() and name not in {"knee_of", "leak_risk", "row_realism"}
    ]
    assert [name for name in doors if name not in text] == []
