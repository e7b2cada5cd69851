"""The examples of docs/auto.md run as they are written, and the page knows every rung."""

import re
from pathlib import Path

from contrapeso.balancing import RUNGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "auto.md"


def test_the_examples_run_as_written(capsys) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, object] = {}
    exec(compile(blocks[0], str(PAGE), "exec"), names)  # noqa: S102
    assert names["facts"]["chosen"] == names["decision"].chosen
    assert "none" in capsys.readouterr().out
    assert names["svg"].startswith("<svg")
    exec(compile(blocks[1], str(PAGE), "exec"), names)  # noqa: S102
    assert names["decision"].estimator.threshold_ < 0.5
    exec(compile(blocks[2], str(PAGE), "exec"), names)  # noqa: S102
    assert abs(names["model"].predict_proba(names["X"]).mean(axis=0)[0] - 0.1) < 0.03


def test_the_page_names_every_rung() -> None:
    named = re.findall(r"`([a-z_0-9.*]+)`", PAGE.read_text(encoding="utf-8"))
    unnamed = [
        rung.name for rung in RUNGS if not any(re.fullmatch(name.replace("*", "[0-9.]+"), rung.name) for name in named)
    ]
    assert unnamed == []


def test_the_readme_leads_to_the_page() -> None:
    assert "docs/auto.md" in (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
