"""The demo is the main job: a company's files in, a graded and exported table out, twice."""

import json
from pathlib import Path

import pandas as pd
import pytest

from contrapeso.cli._app import run


@pytest.mark.slow
def test_demo_runs_the_whole_path_and_recognises_its_files_the_second_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/that/a/demo/may/write.sqlite3")
    results = []
    for _ in range(2):
        assert run(["demo", "--folder", str(tmp_path / "demo"), "--json"]) == 0
        results.append(json.loads(capsys.readouterr().out)["data"])
    first, second = results
    assert first["import"]["imported"] > 2000
    assert second["import"]["imported"] == 0
    assert all(file["already_imported"] for file in second["import"]["files"])
    for file in first["import"]["files"]:
        assert file["raw_count"] == file["imported"] + len(file["duplicates"]) + len(file["quarantined"])
    assert first["analyze"]["analysis"] == second["analyze"]["analysis"]
    assert first["assess"]["report"]["grade"] == second["assess"]["report"]["grade"] is not None

    frame = pd.read_parquet(tmp_path / "demo" / "balanced.parquet")
    made = frame[frame["is_synthetic"]]
    assert len(made) == sum(row["added"] for row in first["balance"]["counts"])
    assert ((made["amount_cents"] < 0) == (made["transaction_type"] == "expense"))[made["amount_cents"] != 0].all()
    real = frame[~frame["is_synthetic"]]
    weekend_classes = set(real.loc[real["date"].dt.dayofweek >= 5, "category"].dropna())
    assert "Folha de Pagamento" not in weekend_classes
    assert set(made.loc[made["date"].dt.dayofweek >= 5, "category"]) <= weekend_classes
    assert set(made["date"]) <= set(real["date"])
    for name in ("report.html", "balanced.xlsx", "balanced.csv"):
        assert (tmp_path / "demo" / name).stat().st_size > 1000
