"""Peak memory of a fit that streams: a Parquet file of 1,000,000 rows of 20 numbers and 10 categories.

The process is given the path, one pass over the rows and one core; what it held after imports is told beside the peak.
``python -m benchmarks.generators_large --rows 100000`` tries a smaller file and keeps nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks._generation_runs import answer
from benchmarks._record import Case, Record, Spread
from benchmarks._tables import categorical, make

ROWS, COLUMNS, SAMPLED = 1_000_000, 30, 1000
CHUNK = 100_000
LIMIT_MIB = 2048.0
FAMILIES = {"Autoregressive": {"training": {"epochs": 1}}, "Mixture": {}}


def written(path: Path, rows: int) -> None:
    """The simulated table as a Parquet file of row groups of 100,000 rows."""
    X, _ = make("mixed", rows, COLUMNS)
    codes = set(categorical("mixed", COLUMNS))
    arrays = [
        pa.array([f"v{value}" for value in X[:, j].astype(int)]).dictionary_encode()
        if j in codes
        else pa.array(X[:, j])
        for j in range(COLUMNS)
    ]
    pq.write_table(pa.table(arrays, names=[f"c{j}" for j in range(COLUMNS)]), path, row_group_size=CHUNK)


def fit(family: str, rows: int) -> dict[str, Any]:
    """Costs of a streaming fit on ``rows`` rows."""
    with tempfile.TemporaryDirectory() as folder:
        train, out = Path(folder) / "train.parquet", Path(folder) / "out.parquet"
        written(train, rows)
        words = [sys.executable, "-m", "benchmarks._generation_fit", family, str(train), str(out), "--stream"]
        return answer([*words, "--rows", str(SAMPLED), "--options", json.dumps(FAMILIES[family])], family)


def run(rows: int = ROWS) -> Record:
    """One fit of every family that streams."""
    cases = []
    for family in FAMILIES:
        found = fit(family, rows)
        title = f"{family}, {rows:,} x {COLUMNS} from a Parquet file"
        note = f"{found['held_mib']:.0f} MiB of it held after imports."
        limit = LIMIT_MIB if family == "Autoregressive" else None
        cases += [
            Case(f"{title}: peak memory", Spread.of([found["peak_mib"]]), "MiB", limit, note=note),
            Case(f"{title}: fit, CPU", Spread.of([found["fit_cpu_s"]]), "s"),
        ]
    return Record(
        "Generators on a file larger than a table in memory",
        "A fit that reads the file in parts, one pass over the rows, one core and thread.",
        cases,
        packages=("numpy", "pandas", "pyarrow", "torch"),
        notes=("Simulated rows: 20 numbers from a few heavy-tailed factors and 10 categories.",),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=CHUNK)
    for case in run(parser.parse_args().rows).cases:
        print(case.claim, case.measured.median, case.unit, case.note)
