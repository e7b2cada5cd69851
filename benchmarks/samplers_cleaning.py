"""Cleaning samplers against imbalanced-learn on 100,000 rows, where every row asks for its neighbours."""

from __future__ import annotations

from benchmarks._record import Record
from benchmarks._resampling import NOTES, PACKAGES, Comparison, cases

N = 100_000
EDITED, TOMEK = "EditedNearestNeighbours", "TomekLinks"
COMPARISONS = (
    Comparison(EDITED, "blob", N, 30, {"cpu": 1 / 5, "peak": None}, aim=1 / 8, same="rows", repeat=2, warmup=0),
    Comparison(EDITED, "blob", N, 30, {"wall": 1 / 5}, same="rows", threads=2, repeat=2, warmup=0),
    Comparison(EDITED, "real", N, 30, {"cpu": None, "peak": None}, same="rows", repeat=1, warmup=0),
    Comparison("SMOTEENN", "blob", N, 10, {"cpu": 1 / 5, "peak": None}, aim=1 / 8, same="near", repeat=2, warmup=0),
    Comparison(TOMEK, "blob", N, 30, {"cpu": 1 / 30, "peak": None}, aim=1 / 60, same="rows", repeat=2, warmup=0),
    Comparison(TOMEK, "blob", N, 30, {"wall": 1 / 30}, same="rows", threads=2, repeat=2, warmup=0),
    Comparison("SMOTETomek", "blob", N, 30, {"cpu": 1 / 30, "peak": None}, aim=1 / 60, same="near", repeat=1, warmup=0),
)


def run(most_rows: int | None = None) -> Record:
    """All comparisons; ``most_rows`` makes the tables smaller, for a trial."""
    return Record(
        "Cleaning samplers against imbalanced-learn",
        "One call of `fit_resample` on a NumPy table with two classes, default arguments. Samplers without random "
        "numbers are checked to keep the same rows, the others nearly the same number in each class, in the run.",
        cases(COMPARISONS, most_rows),
        packages=PACKAGES,
        notes=NOTES,
    )
