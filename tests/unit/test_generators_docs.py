"""The examples of docs/generators.md run as they are written."""

import re
from pathlib import Path

import pytest

from contrapeso.generators import FAMILIES, METHODS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "generators.md"


@pytest.mark.slow
def test_the_examples_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 9
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    real, rows = names["real"], names["rows"]
    assert rows.dtypes.to_dict() == real.dtypes.to_dict()
    assert (len(rows), len(names["synthetic"]), len(names["rare"])) == (200, 200, 25)
    assert names["balanced"]["kind"].value_counts().to_dict() == {"pix": 20, "boleto": 20, "tarifa": 20}
    assert names["late"][["kind", "note"]].drop_duplicates().to_numpy().tolist() == [["tarifa", "late"]]
    assert names["pairs"][["kind", "parcels"]].equals(names["wishes"])
    assert not names["filled"].isna().any().any()
    assert (names["legal"]["amount"] < 5_000).all()
    assert len(names["legal"].merge(real)) == 0
    assert names["check"]["is_valid"]
    assert names["same"] is True
    assert len(names["looks"]) > 20
    assert (names["model"].n_updates_, names["model"].card_.n_rows) == (1, 500)
    assert "total" in " ".join(names["facts"]["relations"])
    assert names["page"].startswith("# Model card")
    assert capsys.readouterr().out.startswith(("vae", "gan"))


def test_the_page_names_every_method() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in METHODS if name != "auto" and f"| `{name}` |" not in page] == []
    assert set(METHODS) == {*FAMILIES, "auto"}


def test_the_readme_leads_to_the_page() -> None:
    assert "docs/generators.md" in (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
