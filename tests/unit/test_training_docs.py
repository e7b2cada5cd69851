"""The examples of docs/training.md run as they are written, and the page names every choice."""

import re
from pathlib import Path
from typing import get_args

import pytest

from contrapeso.workflows.training._estimators import ModelType
from contrapeso.workflows.training._treatments import RUNGS_OF, Balancing

PAGE = Path(__file__).resolve().parents[2] / "docs" / "training.md"


def test_the_examples_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    result = names["result"]
    assert (result.split, result.model.version) == ("time", 1)
    assert result.verdict in {"ajuda", "empate", "prejudica"}
    assert names["made"].n_rows == len(names["rows"])
    assert names["chances"].shape == (len(names["rows"]), len(names["classifier"].classes_))
    assert names["X"].shape[0] == len(names["y"])
    assert names["matrix"].shape[0] == len(names["rows"])
    assert "MCC" in capsys.readouterr().out


@pytest.mark.parametrize("name", [*get_args(ModelType), *get_args(Balancing)])
def test_the_page_names_every_choice(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")


def test_every_treatment_stands_for_rungs_that_the_ladder_has() -> None:
    from contrapeso.balancing import RUNGS

    known = {rung.name for rung in RUNGS}
    assert {name for rungs in RUNGS_OF.values() for name in rungs} <= known
    assert set(RUNGS_OF) == set(get_args(Balancing)) - {"auto", "none"}
