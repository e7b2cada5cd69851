"""The examples of docs/tuning.md run as they are written, and its table is that of the code."""

import re
from pathlib import Path

import numpy as np
import pytest

from contrapeso.balancing.tuning import AUTO, METHODS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tuning.md"


def test_the_examples_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    assert len(names["table"]) == 9
    assert (names["part"].n_resumed, names["rest"].n_resumed, len(names["rest"].trials)) == (0, 3, 5)
    model = names["after"][-1]
    margins = names["values"].margins[:, 0]
    assert np.allclose(margins, model.predict(names["numbers"][names["test"]], raw_score=True))
    assert list(names["shares"]["name"].sort_values()) == ["age", "amount", "hour"]
    assert names["gap"].change is not None
    assert names["proposal"].thresholds.keys() == {"statistical_similarity", "distribution_preservation"}
    assert names["report"].dimensions[0].passed
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_the_page_names_every_method_and_what_is_in_auto() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {name: line for line in lines for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    for name, method in METHODS.items():
        assert name in told
        assert told[name].endswith("| yes |") == (name in AUTO), name
        assert [d.name for d in method.dimensions if f"`{d.name}`" not in told[name]] == [], name
