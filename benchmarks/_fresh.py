"""False alarms: one half of a real table against the other, table by table, size by size, seed by seed.

A fresh real sample must be graded A. Without planted columns, without a holdout, with everything that is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._ladder import tables
from contrapeso.quality import evaluate

SIZES = (300, 1000, 10_000)
MIN_ROWS = 300
N_SEEDS, N_SEEDS_LARGE = 20, 3


@dataclass(frozen=True, slots=True)
class Fresh:
    """Grade of one half against the other, ``n`` rows each."""

    table: str
    n: int
    seed: int
    grade: str | None
    overall: float | None
    low: float | None
    statistical: float | None
    pairs: float | None
    joint: float | None
    model: float | None
    findings: str


def halves(frame: pd.DataFrame, n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two disjoint random parts of ``n`` rows each, or of half of the rows."""
    order = np.random.default_rng(seed).permutation(len(frame))
    size = min(n, len(frame) // 2)
    one, two = frame.iloc[order[:size]], frame.iloc[order[size : 2 * size]]
    return one.reset_index(drop=True), two.reset_index(drop=True)


def sizes_of(n_rows: int) -> list[int]:
    """Sizes that a table of ``n_rows`` has rows for; the smaller half-tables count as the smallest size."""
    fitting = [size for size in SIZES if n_rows >= 2 * size]
    return fitting or [n_rows // 2]


def judge(name: str, path: Path, size: int, seeds: Sequence[int], depth: str = "full") -> list[Fresh]:
    """The grades of one table at one size."""
    frame = pd.read_parquet(path)
    found = []
    for seed in seeds:
        one, two = halves(frame, size, seed)
        report = evaluate(one, two, seed=seed, depth=depth, n_jobs=1)  # type: ignore[arg-type]
        dimension = {d.name: d.score.value for d in report.dimensions}
        found.append(
            Fresh(
                name, len(one), seed, report.grade, report.overall.value,
                report.overall.interval[0] if report.overall.interval else None, dimension["statistical_similarity"],
                report.pair_score.value if report.pair_score else None,
                report.joint.score.value if report.joint else None, dimension["model_performance"],
                " ".join(item.code for item in report.recommendations),
            )
        )  # fmt: skip
    return found


def judge_all(workers: int = 2) -> list[Fresh]:
    """Every shared table with at least 300 rows at every size that it has rows for; the long ones first."""
    jobs = [(name, path, size) for name, path, _ in tables(MIN_ROWS) for size in sizes_of(len(pd.read_parquet(path)))]
    jobs.sort(key=lambda job: -job[2])
    seeds = [range(N_SEEDS_LARGE if size > 5000 else N_SEEDS) for _, _, size in jobs]
    with ProcessPoolExecutor(workers) as pool:
        found = pool.map(judge, *zip(*jobs, strict=True), seeds)
        return [one for part in found for one in part]


__all__ = ["Fresh", "halves", "judge", "judge_all", "sizes_of"]
