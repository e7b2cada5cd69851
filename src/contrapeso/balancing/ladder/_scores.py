"""The measures, on class codes and an array of chances, with row weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

LEAST_CHANCE = 1e-7
"""Chances are clipped to this before the logarithm: a model that is sure and wrong costs 16, not infinity."""
N_BINS = 10


def average_precision(truth: Codes, chances: Floats, weights: Floats, positive: int | None) -> float:
    """Step-wise area under precision over recall: of one class, or the mean of the classes that occur.

    Ties count as one step, as in scikit-learn's ``average_precision_score``.
    """
    classes = range(chances.shape[1]) if positive is None else (positive,)
    found = [_one_average_precision(truth == c, chances[:, c], weights) for c in classes]
    known = [value for value in found if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _one_average_precision(hits: NDArray[np.bool_], scores: Floats, weights: Floats) -> float:
    total = float(weights[hits].sum())
    if total == 0:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    caught = np.cumsum(weights[order] * hits[order])[ends]
    called = np.cumsum(weights[order])[ends]
    return float((np.diff(caught, prepend=0.0) * caught / np.where(called > 0, called, 1.0)).sum() / total)


def roc_auc(hits: NDArray[np.bool_], scores: Floats) -> float:
    """Chance that a hit scores above another row, ties one half; NaN with one kind of row."""
    n_hits = int(hits.sum())
    if n_hits in (0, len(hits)):
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((rank[hits].sum() - n_hits * (n_hits + 1) / 2) / (n_hits * (len(hits) - n_hits)))


def log_loss(truth: Codes, chances: Floats, weights: Floats) -> float:
    """Mean negative logarithm of the chance of the true class, nats."""
    of_truth = np.clip(chances[np.arange(len(truth)), truth], LEAST_CHANCE, 1.0)
    return _mean(-np.log(of_truth), weights)


def brier(truth: Codes, chances: Floats, weights: Floats) -> float:
    """Mean squared error of the chances: of one class with two classes, summed over the classes with more."""
    if chances.shape[1] == 2:
        return _mean((chances[:, 1] - (truth == 1)) ** 2, weights)
    off = chances.copy()
    off[np.arange(len(truth)), truth] -= 1.0
    return _mean((off**2).sum(axis=1), weights)


def _mean(values: Floats, weights: Floats) -> float:
    """Weighted mean; NaN where nothing has weight."""
    return float(np.average(values, weights=weights)) if weights.any() else float("nan")


def calibration_error(truth: Codes, chances: Floats, weights: Floats, positive: int | None) -> float:
    """Expected calibration error over ten bins of equal weight: of one class, or of the class that is called.

    References
    ----------
    .. [1] Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    if positive is None:
        scores, hits = chances.max(axis=1), chances.argmax(axis=1) == truth
    else:
        scores, hits = chances[:, positive], truth == positive
    if not weights.any():
        return float("nan")
    gaps = np.bincount(equal_bins(scores, weights), weights * (scores - hits), N_BINS)
    return float(np.abs(gaps).sum() / weights.sum())


def equal_bins(scores: Floats, weights: Floats) -> NDArray[np.intp]:
    """Bin of each row, (n,): ten by rising score, of equal weight but for ties, which share a bin in any order."""
    _, place = np.unique(scores, return_inverse=True)
    mass = np.bincount(place, weights)
    middle = np.cumsum(mass) - mass / 2
    return np.asarray(np.minimum((N_BINS * middle / mass.sum()).astype(np.intp), N_BINS - 1)[place])


def confusion(truth: Codes, called: Codes, weights: Floats, n_classes: int) -> Floats:
    """Weight of each pair of truth (row) and decision (column), shape (n_classes, n_classes)."""
    table: Floats = np.bincount(truth * n_classes + called, weights, n_classes * n_classes).astype(np.float64)
    return table.reshape(n_classes, n_classes)


def mcc(table: Floats) -> Floats:
    """Matthews' correlation of tables of shape (..., C, C), for any number of classes; 0 where all decisions are one.

    References
    ----------
    .. [1] Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", 2004.
    """
    true, called, total = table.sum(axis=-1), table.sum(axis=-2), table.sum(axis=(-1, -2))
    hits = np.trace(table, axis1=-2, axis2=-1)
    spread = np.sqrt((total**2 - (called**2).sum(axis=-1)) * (total**2 - (true**2).sum(axis=-1)))
    gain = hits * total - (true * called).sum(axis=-1)
    return np.asarray(np.divide(gain, spread, out=np.zeros_like(gain), where=spread > 0))


def balanced_accuracy(table: Floats) -> Floats:
    """Mean recall of the classes that occur, of tables of shape (..., C, C)."""
    true = table.sum(axis=-1)
    hits = np.diagonal(table, axis1=-2, axis2=-1)
    recall = np.divide(hits, true, out=np.zeros_like(true), where=true > 0)
    there = (true > 0).sum(axis=-1)
    return np.asarray(recall.sum(axis=-1) / np.where(there > 0, there, np.nan))


def f1(table: Floats, positive: int | None) -> Floats:
    """F1 of one class, or the mean of the classes that occur or are called, of tables of shape (..., C, C)."""
    both = table.sum(axis=-1) + table.sum(axis=-2)
    hits = np.diagonal(table, axis1=-2, axis2=-1)
    values = np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)
    if positive is not None:
        return np.asarray(np.where(both > 0, values, np.nan)[..., positive])
    there = (both > 0).sum(axis=-1)
    return np.asarray(values.sum(axis=-1) / np.where(there > 0, there, np.nan))


def relative_cost(table: Floats, costs: Floats) -> Floats:
    """Mean cost over that of the best constant decision; plain mean cost where that one costs nothing."""
    total = table.sum(axis=(-1, -2))
    total = np.where(total > 0, total, np.nan)
    mean = (table * costs).sum(axis=(-1, -2)) / total
    constant = (table.sum(axis=-1) @ costs).min(axis=-1) / total
    return np.asarray(np.where(constant > 0, mean / np.where(constant > 0, constant, 1.0), mean))


__all__ = [
    "average_precision",
    "balanced_accuracy",
    "brier",
    "calibration_error",
    "confusion",
    "equal_bins",
    "f1",
    "log_loss",
    "mcc",
    "relative_cost",
    "roc_auc",
]
