"""SHAP values by sampling permutations: any classifier, any columns, with standard errors.

A walk starts at a row of the background and puts in the columns of the explained row one by one, in random order; what
the model says rises or falls at each step, and the mean of the steps of a column over many walks is its Shapley value.
Each order is walked back as well (antithetic), and the walks of all rows use the same orders and backgrounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.explain._rows import TableOfRows, mixed, stacked
from contrapeso.errors import CancelledError, UnsupportedOperationError
from contrapeso.progress import Cancel, Progress, ProgressCallback

Floats = NDArray[np.float64]
CERTAIN = 1e-4
"""Probabilities are kept this far from 0 and 1: the log-odds of a forest would be infinite."""
_BATCH_CELLS = 200_000


@dataclass(frozen=True, slots=True)
class Margin:
    """What a classifier says of rows as numbers (m, K): log-odds, or its decision function."""

    model: Any
    scale: Literal["log_odds", "decision"]

    @classmethod
    def of(cls, model: Any) -> Margin:
        """Through ``predict_proba`` where the model has it, else ``decision_function``."""
        if hasattr(model, "predict_proba"):
            return cls(model, "log_odds")
        if hasattr(model, "decision_function"):
            return cls(model, "decision")
        raise UnsupportedOperationError(
            f"{type(model).__name__} has neither predict_proba nor decision_function, so nothing says how sure it is. "
            "Wrap it in sklearn.calibration.CalibratedClassifierCV."
        )

    def __call__(self, X: TableOfRows) -> Floats:
        if self.scale == "decision":
            said = np.asarray(self.model.decision_function(X), dtype=np.float64).reshape(len(X), -1)
        else:
            shares = np.clip(np.asarray(self.model.predict_proba(X), dtype=np.float64), CERTAIN, 1 - CERTAIN)
            if shares.shape[1] == 2:
                return np.asarray(np.log(shares[:, 1:]) - np.log(shares[:, :1]))
            said = np.log(shares)
        return said - said.mean(axis=1, keepdims=True) if said.shape[1] > 1 else said


def permutation_values(
    margin: Margin,
    X: TableOfRows,
    background: TableOfRows,
    *,
    n_walks: int,
    rng: np.random.Generator,
    progress: ProgressCallback,
    cancel: Cancel,
) -> tuple[Floats, Floats, Floats]:
    """Values (n, p, K), base (K,) and standard errors (n, p, K), from ``n_walks / 2`` orders walked both ways."""
    n, p = X.shape
    table, pairs = stacked(X, background), n_walks // 2
    total = square = base = None
    for done in range(pairs):
        order = rng.permutation(p)
        start = n + int(rng.integers(len(background)))
        steps = [_walk(margin, table, n, found, start, cancel=cancel) for found in (order, order[::-1])]
        both = (steps[0][0] + steps[1][0]) / 2
        at_start = steps[0][1]
        total = both if total is None else total + both
        square = both**2 if square is None else square + both**2
        base = at_start if base is None else base + at_start
        progress(Progress("explain", done + 1, pairs))
    assert total is not None  # noqa: S101  (n_walks is at least 4)
    assert square is not None  # noqa: S101
    assert base is not None  # noqa: S101
    mean = total / pairs
    variance = np.maximum(square / pairs - mean**2, 0.0) * pairs / (pairs - 1)
    return mean, base / pairs, np.sqrt(variance / pairs)


def _walk(
    margin: Margin, table: TableOfRows, n: int, order: NDArray[np.intp], start: int, *, cancel: Cancel
) -> tuple[Floats, Floats]:
    """Steps (n, p, K) of the walks of all rows in this order, and where they start (K,)."""
    p = len(order)
    place = np.empty(p, dtype=np.intp)
    place[order] = np.arange(p)
    known = place[None, :] < np.arange(1, p + 1)[:, None]  # step, column
    first = margin(mixed(table, np.full((1, p), start)))[0]
    levels = np.empty((n, p + 1, first.size))
    levels[:, 0] = first
    size = max(1, _BATCH_CELLS // (p * p))
    for low in range(0, n, size):
        if cancel():
            raise CancelledError("The explanation was cancelled.")
        rows = np.arange(low, min(low + size, n))
        cells = np.where(known[None], rows[:, None, None], start).reshape(-1, p)
        levels[rows, 1:] = margin(mixed(table, cells)).reshape(len(rows), p, -1)
    steps = np.diff(levels, axis=1)
    return steps[:, place], first


__all__ = ["CERTAIN", "Margin", "permutation_values"]
