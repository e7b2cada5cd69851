"""The corruption ladder on the shared real tables: one row of numbers per table, rung and seed.

Every table with at least 500 rows is split by seed in three: rows that the generator may see, fresh rows that the
rungs are made of, and a holdout. Planted columns give every table a three-way rule.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks._corruptions import RUNGS, planted
from benchmarks._record import RESULTS, ROOT
from contrapeso.quality import QualityReport, evaluate

SHARED = ROOT.parent / "shared" / "data"
ROWS = RESULTS / "ladder.csv"
MAX_PART = 1500
MIN_ROWS = 500


@dataclass(frozen=True, slots=True)
class Step:
    """What one synthetic table scored; numbers are None where they were not measured."""

    table: str
    n: int
    rung: str
    seed: int
    grade: str | None
    overall: float | None
    low: float | None
    high: float | None
    ceiling: float | None
    statistical: float | None
    dependence: float | None
    pairs: float | None
    joint: float | None
    auc: float | None
    auc_real: float | None
    model: float | None
    model_target: float | None
    model_columns: float | None
    privacy: str | None


def tables(least: int = MIN_ROWS, folder: Path = SHARED) -> Iterator[tuple[str, Path, str]]:
    """Name, path and target of every shared table with at least ``least`` rows."""
    for path in sorted(folder.rglob("*.parquet")):
        target = (pq.read_schema(path).metadata or {}).get(b"target")
        if target is not None and pq.read_metadata(path).num_rows >= least:
            yield path.relative_to(folder).with_suffix("").as_posix(), path, target.decode()


def thirds(frame: pd.DataFrame, seed: int, size: int = MAX_PART) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Three disjoint random parts of at most ``size`` rows each, with planted columns."""
    rng = np.random.default_rng(seed)
    part = min(size, len(frame) // 3)
    drawn = planted(frame.iloc[rng.permutation(len(frame))[: 3 * part]].reset_index(drop=True), rng)
    one, two, three = (drawn.iloc[k * part : (k + 1) * part].reset_index(drop=True) for k in range(3))
    return one, two, three


def climb(name: str, path: Path, target: str, seed: int, rungs: Sequence[str] = tuple(RUNGS)) -> list[Step]:
    """Every rung of one table."""
    train, fresh, holdout = thirds(pd.read_parquet(path), seed)
    steps = []
    for k, rung in enumerate(rungs):
        made = RUNGS[rung](train, fresh, target, np.random.default_rng([seed, k]))
        report = evaluate(train, made, holdout=holdout, seed=seed, n_jobs=1)
        steps.append(step(name, len(made), rung, seed, report))
    return steps


def step(name: str, n: int, rung: str, seed: int, report: QualityReport) -> Step:
    """The numbers of one report."""
    low, high = report.overall.interval or (None, None)
    dimension = {d.name: d.score.value for d in report.dimensions}
    joint, use, privacy = report.joint, report.usefulness, report.privacy
    return Step(
        name, n, rung, seed, report.grade, report.overall.value, low, high, report.overall.ceiling,
        dimension["statistical_similarity"], dimension["distribution_preservation"],
        report.pair_score.value if report.pair_score else None,
        joint.score.value if joint else None, joint.auc.value if joint else None,
        joint.auc.reference if joint else None, dimension["model_performance"],
        use.target.score.value if use and use.target else None, use.overall.value if use and use.overall else None,
        privacy.status if privacy else None,
    )  # fmt: skip


def climb_all(seeds: Sequence[int] = (0,), workers: int = 2) -> list[Step]:
    """The whole ladder on every shared table."""
    jobs = [(*table, seed) for table in tables() for seed in seeds]
    with ProcessPoolExecutor(workers) as pool:
        found = pool.map(climb, *zip(*jobs, strict=True))
        return [one for steps in found for one in steps]


def write(steps: Sequence[Step], path: Path = ROWS) -> None:
    """Keep the rows, numbers to four decimals."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Step)], lineterminator="\n")
        writer.writeheader()
        for one in steps:
            plain = asdict(one)
            writer.writerow({key: round(v, 4) if isinstance(v, float) else v for key, v in plain.items()})


__all__ = ["ROWS", "Step", "climb", "climb_all", "step", "tables", "thirds", "write"]
