"""SMOTE and SMOTENC against imbalanced-learn, on simulated tables shaped like a census extract.

Six number columns of very different scales and spreads, eight categorical ones (2 to 40 values),
about 24 % of the rows in the smaller of two classes. Both sides bring it to 1:1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._record import Case, Pair, Record, compare, pair_case

SIZES = (10_000, 30_000)
VALUES = (9, 16, 7, 15, 6, 5, 2, 40)
RIVAL = "imbalanced-learn"
NOTE = (
    "Without scaling one column (37 times the spread of the next) decides who is near, which makes the search for "
    "neighbours easy; scaled columns (mean 0, standard deviation 1) are the harder case."
)
Table = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]


def simulate(n: int) -> Table:
    """Numbers (n, 6), categories as codes (n, 8) and classes (n,) with a signal in both."""
    rng = np.random.default_rng(20_24)
    y = (rng.random(n) < 0.24).astype(np.int64)
    age = np.clip(rng.normal(38 + 6 * y, 13), 17, 90).round()
    gain = np.where(rng.random(n) < 0.05 + 0.15 * y, rng.lognormal(8.5, 0.8, n), 0).round()
    numbers = np.column_stack(
        [
            age,
            rng.lognormal(12, 0.5, n).round(),
            np.clip(rng.normal(10 + 2 * y, 2.5), 1, 16).round(),
            gain,
            np.where(rng.random(n) < 0.05, rng.normal(1900, 300, n), 0).round(),
            np.clip(rng.normal(40 + 5 * y, 12), 1, 99).round(),
        ]
    )
    codes = [np.minimum(rng.geometric(0.35 - 0.1 * y) - 1, values - 1) for values in VALUES]
    return numbers, np.column_stack(codes).astype(np.int64), y


def _mixed(n: int) -> tuple[NDArray[np.float64], NDArray[np.int64], list[int]]:
    numbers, codes, y = simulate(n)
    return np.hstack([numbers, codes]), y, list(range(numbers.shape[1], numbers.shape[1] + codes.shape[1]))


def _timed(sampler: Any, X: NDArray[np.float64], y: NDArray[np.int64]) -> Callable[[], object]:
    def run() -> object:
        X_new, y_new = sampler.fit_resample(X, y)
        return {"rows": len(X_new), "minority": int((y_new == 1).sum())}

    return run


def _numbers(n: int, *, scaled: bool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    numbers, _, y = simulate(n)
    return ((numbers - numbers.mean(axis=0)) / numbers.std(axis=0) if scaled else numbers), y


def smote_ours(n: int, *, scaled: bool = False) -> Callable[[], object]:
    from contrapeso.samplers import SMOTE

    return _timed(SMOTE(random_state=0), *_numbers(n, scaled=scaled))


def smote_theirs(n: int, *, scaled: bool = False) -> Callable[[], object]:
    from imblearn.over_sampling import SMOTE

    return _timed(SMOTE(random_state=0), *_numbers(n, scaled=scaled))


def smotenc_ours(n: int) -> Callable[[], object]:
    from contrapeso.samplers import SMOTENC

    X, y, categorical = _mixed(n)
    return _timed(SMOTENC(categorical_features=categorical, random_state=0), X, y)


def smotenc_theirs(n: int) -> Callable[[], object]:
    from imblearn.over_sampling import SMOTENC

    X, y, categorical = _mixed(n)
    return _timed(SMOTENC(categorical_features=categorical, random_state=0), X, y)


def _cases(name: str, n: int, pair: Pair) -> list[Case]:
    if pair.ours.facts != pair.rival.facts:
        raise AssertionError(f"{name}, {n} rows: not the same result: {pair.ours.facts} and {pair.rival.facts}")
    what = f"{name}, {n:,} rows"
    return [
        pair_case(f"{what}: time", pair, RIVAL, target=1.0),
        pair_case(f"{what}: peak memory", pair, RIVAL, of="peak", target=1.0),
    ]


def run() -> Record:
    """Both samplers at both sizes."""
    cases: list[Case] = []
    for n in SIZES:
        cases += _cases("SMOTE", n, compare(smote_ours, smote_theirs, {"n": n}))
        cases += _cases("SMOTE on scaled columns", n, compare(smote_ours, smote_theirs, {"n": n, "scaled": True}))
        cases += _cases("SMOTENC", n, compare(smotenc_ours, smotenc_theirs, {"n": n}))
    return Record(
        "Samplers against imbalanced-learn",
        "Simulated tables shaped like a census extract: 6 number columns, for SMOTENC also 8 categorical ones "
        "(2 to 40 values), 24 % in the smaller class, brought to 1:1 with 5 neighbours. "
        "Same number of rows per class on both sides, checked in the run.",
        cases,
        packages=("numpy", "scipy", "scikit-learn", "imbalanced-learn"),
        notes=(NOTE,),
    )
