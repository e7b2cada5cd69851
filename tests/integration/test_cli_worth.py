"""``contrapeso worth``: the verdict on a file, its curves, its history, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from contrapeso.cli._app import run
from contrapeso.config import load_settings
from contrapeso.workflows import Asked, TableRef, opened_store, worth


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("CONTRAPESO_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    rng = np.random.default_rng(0)
    y = np.where(rng.random(300) < 0.15, "sim", "não")
    frame = pd.DataFrame({"valor": rng.normal(size=300) + (y == "sim"), "tipo": rng.choice(list("abc"), 300), "y": y})
    frame.loc[:4, "y"] = None
    frame.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_the_verdict_is_a_sentence_a_leaderboard_and_curves(table, capsys):
    curves = table.with_suffix(".svg")
    command = ["--lang", "pt", "worth", str(table), "--target", "y", "-m", "logistic_regression", "--budget", "4"]
    assert run([*command, "--curves", str(curves)]) == 0
    shown = capsys.readouterr().out
    assert "ão balanceie" in shown or "Use " in shown
    assert "none" in shown
    assert curves.read_text(encoding="utf-8").startswith("<svg")
    with opened_store(load_settings()) as store:
        (found,) = store.runs("worth")
    assert (found.status, found.result["decision"]["metric"]) == ("done", "average_precision")


def test_json_has_the_whole_decision(table, capsys):
    assert run(["worth", str(table), "--target", "y", "-m", "logistic_regression", "--budget", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["data"]
    assert found["decision"]["chosen"] in {r["name"] for r in found["decision"]["leaderboard"]}


def test_a_model_that_does_not_exist_and_one_class_are_refused(table, capsys):
    assert run(["worth", str(table), "--target", "y", "-m", "logistic"]) == 2
    assert "logistic_regression" in capsys.readouterr().err
    pd.read_csv(table).assign(y="sim").to_csv(table, index=False)
    assert run(["worth", str(table), "--target", "y"]) == 4


def test_rows_that_are_marked_synthetic_take_no_part(table):
    frame = pd.read_csv(table)
    marked = pd.concat([frame.assign(is_synthetic=False), frame[frame["y"] == "sim"].assign(is_synthetic=True)])
    marked.to_csv(table, index=False)
    asked = Asked(target="y", model_type="logistic_regression", budget_s=2.0)
    found = worth(TableRef(path=table), load_settings(), asked)
    assert found.decision.guards.n == frame["y"].notna().sum()
