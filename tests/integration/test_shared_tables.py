"""Real tables go through analyze, balance and assess by the command line; their own rows come back untouched."""

import json
from pathlib import Path

import pandas as pd
import pytest

from contrapeso.cli._app import run

TABLES = {
    "ceaps_2020": "TIPO_DESPESA",
    "calderdale_card_2014_2017": "Merchant Category Group",
    "adult_train": "income",
    "mc_2021": "Tipo",
}


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(("name", "target"), TABLES.items())
def test_a_real_table_is_analyzed_balanced_and_graded(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, target: str
) -> None:
    source, out = shared_data / f"{name}.parquet", tmp_path / "balanced.parquet"
    real = pd.read_parquet(source)

    assert run(["analyze", str(source), "--target", target, "--json"]) == 0
    analysis = json.loads(capsys.readouterr().out)["data"]["analysis"]
    counts = real[target].value_counts()
    assert {row["label"]: row["count"] for row in analysis["classes"]} == counts.to_dict()

    assert run(["balance", str(source), "--target", target, "--out", str(out), "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)["data"]["plan"]
    balanced = pd.read_parquet(out)
    pd.testing.assert_frame_equal(balanced[: len(real)].drop(columns="is_synthetic"), real)
    after = balanced[target].value_counts()
    assert {item["label"]: item["after"] for item in plan["items"]} == after.to_dict()
    assert int(balanced["is_synthetic"].sum()) == plan["n_add"]

    assert run(["assess", str(out), "--target", target, "--report", str(tmp_path / "r.html"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["data"]["report"]
    assert 0 <= report["overall"]["value"] <= 1
    assert report["grade"]
    assert (tmp_path / "r.html").stat().st_size < 500_000
