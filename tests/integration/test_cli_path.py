"""The path by the command line, on files that the test makes: what a user types and what comes back."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import ERROR_TABLE

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """A mixed table with a class of 6 % and a dependence between its columns."""
    rng = np.random.default_rng(7)
    n = 800
    churn = rng.random(n) < 0.06
    frame = pd.DataFrame(
        {
            "age": rng.normal(np.where(churn, 55, 40), 8).round().astype(int),
            "balance": np.round(rng.lognormal(6, 1, n), 2),
            "plan": rng.choice(["basic", "plus", "premium"], n, p=[0.6, 0.3, 0.1]),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "active": rng.random(n) < 0.8,
            "churn": np.where(churn, "yes", "no"),
        }
    )
    path = tmp_path / "customers.csv"
    frame.to_csv(path, index=False)
    return path


def test_analyze_balance_assess_export_end_to_end(call: Call, customers: Path, tmp_path: Path) -> None:
    code, out, err = call("analyze", customers, "--target", "churn", "--json")
    assert (code, err) == (0, "")
    analysis = json.loads(out)["data"]["analysis"]
    before = pd.read_csv(customers)
    counts = before["churn"].value_counts()
    assert {row["label"]: row["count"] for row in analysis["classes"]} == counts.to_dict()

    balanced = tmp_path / "balanced.parquet"
    code, out, err = call("balance", customers, "--target", "churn", "--strategy", "0.5", "--out", balanced, "--json")
    assert (code, err) == (0, "")
    frame = pd.read_parquet(balanced)
    assert not frame["is_synthetic"][: len(before)].any()
    assert frame["is_synthetic"][len(before) :].all()
    assert (frame["churn"] == "yes").sum() == int(counts["no"] * 0.5)
    assert frame["age"].dtype == np.int64
    assert set(frame["plan"]) == {"basic", "plus", "premium"}
    cents = frame["balance"] * 100
    assert np.allclose(cents, cents.round())
    provenance = pd.read_parquet(json.loads(out)["data"]["provenance"])
    assert len(provenance) == int(frame["is_synthetic"].sum())

    report = tmp_path / "report.html"
    code, out, _ = call("assess", balanced, "--target", "churn", "--report", report, "--json")
    assert code == 0
    data = json.loads(out)["data"]["report"]
    assert data["data"]["n_synthetic"] == len(provenance)
    assert data["grade"] is not None
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")

    code, out, _ = call("export", balanced, "--out", tmp_path / "balanced.xlsx")
    assert code == 0
    sheet = pd.read_excel(tmp_path / "balanced.xlsx", engine="calamine")
    assert sheet["Sintético"].value_counts().to_dict() == {
        "não": len(before),
        "sim": len(provenance),
    }


def test_same_seed_same_bytes(call: Call, customers: Path, tmp_path: Path) -> None:
    for name in ("one.parquet", "two.parquet"):
        call("balance", customers, "--target", "churn", "--out", tmp_path / name, "--seed", 5)
    call("balance", customers, "--target", "churn", "--out", tmp_path / "three.parquet", "--seed", 6)
    one, two, three = ((tmp_path / f"{name}.parquet").read_bytes() for name in ("one", "two", "three"))
    assert one == two
    assert one != three


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["analyze", "nowhere.csv", "--target", "y"], "file_not_found"),
        (["analyze", "customers.csv", "--target", "chrn"], "column_not_found"),
        (["analyze", "customers.csv"], "invalid_parameter"),
        (["analyze", "--target", "churn"], "invalid_parameter"),
        (["analyze", "customers.csv", "--target", "churn", "--kind", "age"], "invalid_parameter"),
        (["balance", "customers.csv", "--target", "churn", "--out", "x.docx"], "invalid_parameter"),
        (
            ["balance", "customers.csv", "--target", "churn", "--strategy", "lots", "--out", "x.csv"],
            "invalid_parameter",
        ),
        (["assess", "customers.csv", "--target", "churn"], "invalid_data"),
        (["import", "customers.csv"], None),
        (["analyze", "--source", "transactions"], "not_found"),
        (["import", "junk.bin"], "unreadable_file"),
        (["balance", "customers.csv", "--target", "churn", "--out", "junk.bin/x.csv"], "file_unwritable"),
        (["--state-dir", "junk.bin/state", "labels"], "file_unwritable"),
        (["demo", "--folder", "junk.bin/demo"], "file_unwritable"),
    ],
)
def test_every_mistake_has_a_code_and_its_exit_status(
    call: Call, customers: Path, tmp_path: Path, arguments: list[str], code: str | None
) -> None:
    (tmp_path / "junk.bin").write_bytes(bytes(range(256)) * 4)
    status, out, err = call(*arguments)
    if code is None:  # a table without dates and amounts has no bank rows, and says so row by row
        assert status == 0
        return
    assert status == ERROR_TABLE[code].exit_code
    assert f"[{code}]" in err
    status, out, err = call(*arguments, "--json")
    assert err == ""
    answer = json.loads(out)
    if arguments[0] == "import":
        assert answer["data"]["files"][0]["code"] == code
    else:
        assert (answer["success"], answer["code"]) == (False, code)


def test_a_pipe_gets_no_progress_and_no_colour(customers: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contrapeso", "analyze", str(customers), "--target", "churn"]
    done = subprocess.run(
        command, capture_output=True, check=True, env={**os.environ, "CONTRAPESO_STATE_DIR": str(tmp_path)}
    )
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout


def test_listing_the_commands_loads_nothing_heavy() -> None:
    code = (
        "import sys; from contrapeso.cli._app import run; run(['--help']);"
        "heavy = {'sklearn', 'torch', 'scipy', 'sqlalchemy', 'pyarrow', 'pandas'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
