"""Whether boosted trees can tell generated rows from real ones that the generator has not seen.

The classifier two-sample test in a size that training can afford: it chooses weights, it does not grade them. It works
on codes, so the encoder's part in the difference is not in it.

References
----------
.. [1] Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from contrapeso.errors import MissingLibraryError
from contrapeso.progress import Cancel, never
from contrapeso.tables.encoding._tokens import Encoded, Token

MAX_ROWS = 4000
MIN_ROWS = 500
"""Held-out rows under which the AUC is too noisy to choose by (its standard error passes .018)."""
N_TREES = 50
PARAMETERS = {
    "objective": "binary",
    "max_depth": 5,
    "num_leaves": 31,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "max_bin": 255,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
"""Measured on rows whose positions within bins alone were wrong: AUC .56 and a spread over seeds of .004."""


def probe(
    real: Encoded, synthetic: Encoded, tokens: Sequence[Token], seed: np.random.SeedSequence, cancel: Cancel = never
) -> float:
    """AUC with which trees tell ``synthetic`` from ``real`` rows, by 2-fold cross-validation; .5 is best.

    At most 4000 rows a side; 50 trees of depth 5 on one thread. The same arguments give the same number.

    Raises
    ------
    MissingLibraryError
        If LightGBM cannot be loaded.
    """
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    n = min(len(real), len(synthetic), MAX_ROWS)
    picked = [_features(_some(rows, n, rng), tokens, rng) for rows in (real, synthetic)]
    X = np.concatenate(picked)
    y = np.repeat([0.0, 1.0], n)
    fold = np.concatenate([rng.permutation(n) % 2 for _ in picked])
    areas = []
    for held in (0, 1):
        if cancel():
            break
        scores = _scores(X[fold != held], y[fold != held], X[fold == held], int(rng.integers(2**31)))
        areas.append(area(scores, y[fold == held]))
    return float(np.mean(areas)) if areas else 0.5


def area(scores: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Area under the ROC curve of ``scores`` for labels 0 and 1 (Mann-Whitney; ties count half)."""
    n_one = float(y.sum())
    n_zero = len(y) - n_one
    if n_one == 0 or n_zero == 0:
        return 0.5
    return float((rankdata(scores)[y == 1].sum() - n_one * (n_one + 1) / 2) / (n_one * n_zero))


def _some(rows: Encoded, n: int, rng: np.random.Generator) -> Encoded:
    chosen = np.sort(rng.permutation(len(rows))[:n])
    return Encoded(rows.codes[chosen], None if rows.residual is None else rows.residual[chosen])


def _features(rows: Encoded, tokens: Sequence[Token], rng: np.random.Generator) -> NDArray[np.float32]:
    """Codes as numbers; a fine code and a position within a bin are digits after their coarse code."""
    X = rows.codes.astype(np.float32)
    for k, t in enumerate(t for t, token in enumerate(tokens) if token.residual):
        X[:, t] += _within(rows, tokens[t], rows.codes[:, t], k, rng)
    for t, token in enumerate(tokens):
        if token.parent is not None and token.ordered:
            X[:, t] += rows.codes[:, token.parent].astype(np.float32) * token.n_codes
    return X


def _within(
    rows: Encoded, token: Token, codes: NDArray[np.int32], k: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Positions within the bins (n,); drawn as decoding would draw them where there are none."""
    if rows.residual is not None:
        return rows.residual[:, k]
    return np.where(token.within[codes], rng.random(len(codes)), 0.5).astype(np.float32)


def _scores(
    X: NDArray[np.float32], y: NDArray[np.float64], X_held: NDArray[np.float32], seed: int
) -> NDArray[np.float64]:
    lightgbm = _lightgbm()
    data = lightgbm.Dataset(X, label=y, params={"verbose": -1, "num_threads": 1, "max_bin": PARAMETERS["max_bin"]})
    booster = lightgbm.train({**PARAMETERS, "seed": seed}, data, N_TREES)
    return np.asarray(booster.predict(X_held, num_threads=1), dtype=np.float64)


def _lightgbm() -> Any:
    try:
        import lightgbm
    except OSError as error:
        raise MissingLibraryError(
            "LightGBM, which chooses the weights of a generator, cannot be loaded: a system library is missing. "
            "On Debian and Ubuntu: apt-get install libgomp1. Without it, train with Training(probes=0)."
        ) from error
    return lightgbm


__all__ = ["MAX_ROWS", "MIN_ROWS", "area", "probe"]
