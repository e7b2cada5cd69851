"""analyse -> balance -> assess on three real tables, each command a process of its own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks._record import ROOT, BenchmarkError, Case, Measurement, Record, measure, peak_case, wall_case

TABLES = (
    ("ceaps_2020", "TIPO_DESPESA", "14,090 rows x 10 columns, 7 classes"),
    ("calderdale_card_2014_2017", "Merchant Category Group", "36,677 rows x 12 columns, 34 classes"),
    ("adult_train", "income", "32,561 rows x 15 columns, 2 classes"),
)
REPEAT = 5


def _program() -> str:
    """The installed command, beside the interpreter that runs this."""
    found = shutil.which("contrapeso", path=str(Path(sys.executable).parent)) or shutil.which("contrapeso")
    if found is None:
        raise BenchmarkError("The command contrapeso is not installed in this environment.")
    return found


def _cases(name: str, step: str, found: Measurement) -> list[Case]:
    what = f"{name}: {step}"
    cpu = Case(f"{what}, processor time", found.cpu_s, "s")
    return [wall_case(f"{what}, wall time", found), cpu, peak_case(f"{what}, peak memory", found)]


def run() -> Record:
    """Three commands on three tables."""
    data = ROOT.parent / "shared" / "data"
    if not data.is_dir():
        raise BenchmarkError("The shared real tables are not beside this checkout; this benchmark needs them.")
    cases: list[Case] = []
    with tempfile.TemporaryDirectory() as scratch:
        start = [_program(), "--state-dir", f"{scratch}/state"]
        for name, target, _ in TABLES:
            real, balanced = str(data / f"{name}.parquet"), f"{scratch}/{name}.parquet"
            steps = (
                ("analyze", ["analyze", real, "--target", target]),
                ("balance", ["balance", real, "--target", target, "--out", balanced]),
                ("assess", ["assess", real, balanced, "--target", target]),
            )
            for step, words in steps:
                cases += _cases(name, step, measure([*start, *words], repeat=REPEAT))
    return Record(
        "Real tables from analysis to assessment, by the command line",
        "`contrapeso analyze FILE --target COLUMN`, `contrapeso balance FILE --target COLUMN --out OUT` and "
        "`contrapeso assess FILE OUT --target COLUMN` with their default options, each started anew, so start-up and "
        "imports count. Tables: " + "; ".join(f"{name} ({size})" for name, _, size in TABLES) + ".",
        cases,
        packages=("numpy", "pandas", "scipy", "scikit-learn", "pyarrow"),
        notes=("No target was set for these; they show what a person waits for.",),
    )
