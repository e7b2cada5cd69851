"""Every sampler that both libraries have, on 10,000 rows: the wall time of one call."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks._record import Record, Side
from benchmarks._resampling import NOTES, PACKAGES, Comparison, cases

N, D = 10_000, 30
TARGET: Mapping[Side, float | None] = {"wall": 1.0}
AIM = 1 / 4
CENSUS: Mapping[Side, float | None] = {"wall": 1.0, "peak": 1.0}


def one(sampler: str, kind: str = "blob", d: int = D, **changes: object) -> Comparison:
    """``sampler`` on 10,000 rows."""
    return Comparison(sampler, kind, N, d, TARGET, aim=AIM, **changes)  # type: ignore[arg-type]


COMPARISONS = (
    one("RandomOverSampler", calls=50),
    one("SMOTE", calls=50),
    one("SMOTENC", "mixed", calls=3),
    one("SMOTEN", "codes", 10, calls=3),
    one("BorderlineSMOTE", calls=20),
    one("ADASYN", calls=20, same="near", tolerance=0.02),
    one("SVMSMOTE", same="near"),
    one("KMeansSMOTE", calls=20, same="near", options={"cluster_balance_threshold": 0.05 / 4}),
    one("RandomUnderSampler", calls=50),
    one("NearMiss", calls=10, same="rows", options={"version": 1}),
    one("NearMiss", calls=3, same="rows", options={"version": 2}),
    one("NearMiss", calls=20, same="rows", options={"version": 3}),
    one("TomekLinks", calls=3, same="rows"),
    one("EditedNearestNeighbours", calls=3, same="rows"),
    one("RepeatedEditedNearestNeighbours", same="rows"),
    one("AllKNN", same="rows"),
    one("NeighbourhoodCleaningRule", same="rows"),
    one("OneSidedSelection", calls=3, same="near", tolerance=0.05),
    one("CondensedNearestNeighbour", same="near", tolerance=0.2, repeat=1, warmup=0),
    one("InstanceHardnessThreshold", same="near", tolerance=1, repeat=3, warmup=0),
    one("ClusterCentroids", calls=2),
    one("SMOTEENN", same="near", tolerance=0.05),
    one("SMOTETomek", same="near"),
    Comparison("SMOTE", "census", N, 6, CENSUS, calls=20),
    Comparison("SMOTE", "census", 3 * N, 6, CENSUS, calls=10),
    Comparison("SMOTE", "census_scaled", N, 6, CENSUS, calls=10),
    Comparison("SMOTE", "census_scaled", 3 * N, 6, CENSUS, calls=3),
    Comparison("SMOTENC", "census_mixed", N, 14, CENSUS, calls=3),
    Comparison("SMOTENC", "census_mixed", 3 * N, 14, CENSUS),
)


def run(most_rows: int | None = None) -> Record:
    """All comparisons; ``most_rows`` makes the tables smaller, for a trial."""
    return Record(
        "Samplers on 10,000 rows against imbalanced-learn",
        "One call of `fit_resample` on a small NumPy table with two classes, when everything is imported (imports are "
        "measured apart). Short calls are made 2 to 50 times a run and the time of one is kept. Census-like tables: "
        "6 number columns of very different scales, for SMOTENC also 8 categorical ones, 24 % in the smaller class. "
        "Results are checked to be the same or, where random numbers decide, nearly so.",
        cases(COMPARISONS, most_rows),
        packages=PACKAGES,
        notes=NOTES,
    )
