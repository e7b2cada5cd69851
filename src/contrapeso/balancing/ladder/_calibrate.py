"""Probabilities made believable: a map from the chance a model gives to the share of hits, fitted out of fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.ladder._objective import Codes, Floats

ISOTONIC_FROM = 1000
"""Rows of the rare class from which isotonic regression beats a sigmoid (Niculescu-Mizil, Caruana, ICML 2005)."""


@dataclass(frozen=True)
class Calibration:
    """One map per class (with two: of class 1 alone), each given by knots; the classes are then made to sum to 1."""

    kind: Literal["sigmoid", "isotonic"]
    knots: tuple[Floats, ...]
    values: tuple[Floats, ...]

    def apply(self, chances: Floats) -> Floats:
        """Calibrated chances of the same shape (n, C)."""
        columns = [1] if chances.shape[1] == 2 else range(chances.shape[1])
        moved = [self._one(k, chances[:, c]) for k, c in enumerate(columns)]
        if chances.shape[1] == 2:
            return np.column_stack([1.0 - moved[0], moved[0]])
        stacked = np.column_stack(moved)
        sums = stacked.sum(axis=1, keepdims=True)
        return np.where(sums > 0, stacked / np.where(sums > 0, sums, 1.0), 1.0 / chances.shape[1])

    def _one(self, k: int, scores: Floats) -> Floats:
        if self.kind == "isotonic":
            return np.interp(scores, self.knots[k], self.values[k])
        slope, intercept = self.values[k]
        return _expit(slope * _logit(scores) + intercept)


def fit_calibration(truth: Codes, chances: Floats, weights: Floats, n_rare: int) -> Calibration:
    """The map learnt from out-of-fold ``chances``: isotonic from 1000 rare rows on, else a sigmoid of the log-odds.

    References
    ----------
    .. [1] Platt, "Probabilistic outputs for support vector machines", 1999 (his targets, kept off 0 and 1).
    """
    columns = [1] if chances.shape[1] == 2 else range(chances.shape[1])
    if n_rare >= ISOTONIC_FROM:
        fits = [_isotonic(truth == c, chances[:, c], weights) for c in columns]
        return Calibration("isotonic", tuple(f[0] for f in fits), tuple(f[1] for f in fits))
    lines = tuple(_sigmoid(truth == c, chances[:, c], weights) for c in columns)
    return Calibration("sigmoid", tuple(np.empty(0) for _ in lines), lines)


def rarest(truth: Codes, rows: NDArray[np.int64]) -> int:
    """Rows of the rarest class that occurs, each counted once however many rounds it was judged in."""
    _, first = np.unique(rows, return_index=True)
    counts = np.bincount(truth[first])
    return int(counts[counts > 0].min())


def _isotonic(hits: NDArray[np.bool_], scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    fitted.fit(scores, hits.astype(np.float64), sample_weight=weights)
    return np.asarray(fitted.X_thresholds_), np.asarray(fitted.y_thresholds_)


def _sigmoid(hits: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """Slope and intercept on the log-odds by Newton's method, slope not below 0."""
    n_hits, n_others = weights[hits].sum(), weights[~hits].sum()
    if n_hits == 0 or n_others == 0:
        return np.array([1.0, 0.0])
    goal = np.where(hits, (n_hits + 1) / (n_hits + 2), 1 / (n_others + 2))
    x = np.column_stack([_logit(scores), np.ones(len(scores))])
    line = np.array([1.0, 0.0])
    for _ in range(50):
        p = _expit(x @ line)
        gradient = x.T @ (weights * (p - goal)) + 1e-3 * (line - [1.0, 0.0])
        curve = (x * (weights * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        step = np.linalg.solve(curve, gradient)
        line = line - step * min(1.0, 4.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return line if line[0] > 0 and np.isfinite(line).all() else np.array([1.0, 0.0])


def _logit(p: Floats) -> Floats:
    q = np.clip(p, 1e-7, 1 - 1e-7)
    return np.log(q) - np.log1p(-q)


def _expit(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -500, 500)))


__all__ = ["ISOTONIC_FROM", "Calibration", "fit_calibration", "rarest"]
