"""``contrapeso assess`` on files: several tables, a holdout, the gate for CI, the numbers beside the page."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contrapeso.cli._app import run

Call = Callable[..., tuple[int, str, str]]


def rows(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    spend = np.exp(rng.normal(4, 1, n)).round(2)
    visits = (spend / 10).round() + rng.poisson(1, n)
    churn = np.where(rng.random(n) < 1 / (1 + np.exp(visits - 4)), "yes", "no")
    region = np.where(spend * rng.uniform(0.5, 1.5, n) > 55, "n", "s")
    return pd.DataFrame({"spend": spend, "visits": visits, "region": region, "churn": churn})


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    def run_command(*words: object) -> tuple[int, str, str]:
        code = run(["--state-dir", str(tmp_path / "state"), "--lang", "en", *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return run_command


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    rng = np.random.default_rng(5)
    broken = rows(700, 1).apply(lambda column: rng.permutation(column.to_numpy()))
    frames = {"real": rows(900, 0), "good": rows(700, 1), "bad": broken, "holdout": rows(500, 2)}
    paths = {name: tmp_path / f"{name}.csv" for name in frames}
    for name, frame in frames.items():
        frame.to_csv(paths[name], index=False)
    return paths


def test_a_grade_that_is_high_enough_passes_and_a_low_one_exits_with_8(call: Call, files: dict[str, Path]) -> None:
    code, _, err = call("assess", files["real"], files["good"], "--fail-under", "B", "--quick")
    assert (code, err) == (0, "")
    code, out, err = call("assess", files["real"], files["bad"], "--fail-under", "B", "--quick")
    assert code == 8
    assert "Grade: F" in out
    assert "error [quality_too_low]: bad.csv: graded F, asked for B or better." in err


def test_the_gate_fails_copies_however_good_they_are(call: Call, files: dict[str, Path]) -> None:
    code, out, err = call(
        "assess", files["real"], files["real"], "--holdout", files["holdout"], "--fail-under", "D", "--quick"
    )
    assert code == 8
    assert "DO NOT RELEASE" in out
    assert "not to be released" in err


def test_json_stays_one_object_when_the_gate_fails(call: Call, files: dict[str, Path]) -> None:
    code, out, _ = call("assess", files["real"], files["bad"], "--fail-under", "A", "--quick", "--json")
    assert code == 8
    assert json.loads(out)["data"]["report"]["grade"] == "F"


def test_several_tables_are_compared_on_one_page(call: Call, files: dict[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "both.html"
    code, out, _ = call("assess", files["real"], files["good"], files["bad"], "--report", page, "--quick")
    assert code == 0
    assert out.index("good.csv") < out.index("bad.csv")
    text = page.read_text(encoding="utf-8")
    assert "good.csv" in text
    numbers = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert [numbers[name]["grade"][0] for name in ("good.csv", "bad.csv")] == ["A", "F"]


def test_a_holdout_set_aside_by_balance_lets_privacy_be_judged(
    call: Call, files: dict[str, Path], tmp_path: Path
) -> None:
    made, page = tmp_path / "balanced.parquet", tmp_path / "report.html"
    code, out, _ = call("balance", files["real"], "--target", "churn", "--holdout", "0.25", "--out", made)
    assert code == 0
    held = tmp_path / "balanced.holdout.parquet"
    assert f"assess --holdout {held}" in out
    real, table, aside = pd.read_csv(files["real"]), pd.read_parquet(made), pd.read_parquet(held)
    assert len(aside) + int((~table["is_synthetic"]).sum()) == len(real)
    shares = aside["churn"].value_counts() / real["churn"].value_counts()
    assert shares.between(0.24, 0.26).all()
    both = pd.concat([table[~table["is_synthetic"]].drop(columns="is_synthetic"), aside])
    assert both.value_counts().to_dict() == real.value_counts().to_dict()

    code, out, _ = call(
        "assess", made, "--target", "churn", "--holdout", held, "--sensitive", "region", "--report", page
    )
    assert code == 0
    report = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert report["privacy"]["status"] != "cannot_be_assessed"
    assert report["usefulness"]["target"]["completed"] is True
    assert [section["column"] for section in report["fairness"]] == ["region"]


@pytest.mark.parametrize("share", ["0", "1", "1.5"])
def test_a_holdout_is_a_share(call: Call, files: dict[str, Path], tmp_path: Path, share: str) -> None:
    code, _, err = call(
        "balance", files["real"], "--target", "churn", "--holdout", share, "--out", tmp_path / "x.parquet"
    )
    assert code == 2
    assert "holdout must be a share between 0 and 1" in err


def test_a_holdout_of_real_rows_is_refused(call: Call, files: dict[str, Path]) -> None:
    code, _, err = call("assess", files["real"], files["good"], "--holdout", files["real"], "--quick")
    assert code == 4
    assert "holdout rows are in the real table" in err
