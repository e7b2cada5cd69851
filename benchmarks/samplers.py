"""Over-samplers against imbalanced-learn on tables of 20,000 to 100,000 rows: processor time of one thread, memory."""

from __future__ import annotations

from benchmarks._record import Case, Record
from benchmarks._resampling import NOTES, PACKAGES, Comparison, cases, measured, smaller

N = 100_000
CATEGORIES = Comparison(
    "SMOTEN", "codes", 20_000, 10, {"cpu": 1 / 5, "peak": None, "extra": None}, share=0.4,
    note="8,000 minority rows, so that a table of all pairs would be large",
)  # fmt: skip
SHARE_OF_PAIRS = 0.1
COMPARISONS = (
    Comparison("SMOTE", "blob", N, 10, {"cpu": 1 / 5, "peak": None}, aim=1 / 8, calls=3),
    Comparison("SMOTE", "blob", N, 30, {"cpu": None, "peak": None}, calls=3),
    Comparison("SMOTE", "real", N, 30, {"cpu": None, "peak": None}, calls=3),
    Comparison("BorderlineSMOTE", "blob", N, 30, {"cpu": 1 / 4, "peak": None}, aim=1 / 6),
    Comparison("BorderlineSMOTE", "real", N, 30, {"cpu": None, "peak": None}),
    Comparison("ADASYN", "blob", N, 30, {"cpu": 1 / 4, "peak": None}, aim=1 / 6, same="near", tolerance=0.02),
    Comparison("ADASYN", "real", N, 30, {"cpu": None, "peak": None}, same="near", tolerance=0.02),
    Comparison("SMOTENC", "mixed", N, 30, {"cpu": 1 / 30, "extra": 1 / 5, "peak": None}, aim=1 / 100, repeat=3,
               note="aim of the memory added: ratio 0.05"),
    Comparison("SMOTEN", "codes", 20_000, 10, {"cpu": 1 / 5, "peak": None, "extra": None}),
    Comparison("SVMSMOTE", "blob", 30_000, 30, {"cpu": 1 / 2, "peak": None}, same="near"),
)  # fmt: skip


def without_pairs(this: Comparison) -> list[Case]:
    """``this``, and what it added to memory against a table of the distances of all pairs of minority rows."""
    pair, made = measured(this)
    minority = round(this.share * this.n)
    limit = SHARE_OF_PAIRS * 8 * minority**2 / 2**20
    claim = f"{this.claim}: memory added by our call, no table of all pairs"
    note = f"target: at most a tenth of the float64 distances of all pairs of {minority:,} minority rows"
    return [*made, Case(claim, pair.ours.extra_mib, "MiB", limit, note=note)]


def run(most_rows: int | None = None) -> Record:
    """All comparisons; ``most_rows`` makes the tables smaller, for a trial."""
    return Record(
        "Over-samplers against imbalanced-learn",
        "One call of `fit_resample` on a NumPy table with two classes, default arguments, the smaller class brought "
        "to the size of the other. Rows per class are checked in the run to be the same, or nearly the same where "
        "the rival rounds them.",
        [*cases(COMPARISONS, most_rows), *without_pairs(smaller(CATEGORIES, most_rows))],
        packages=PACKAGES,
        notes=NOTES,
    )
