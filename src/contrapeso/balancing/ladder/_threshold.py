"""From chances to decisions: one factor per class, tuned on rows that the model did not see.

With two classes factors are a threshold: the rare class is called from ``t = 1 / (1 + factor)`` on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.ladder._objective import Codes, Floats, Judge, decide

MOST_CUTS = 200
STEPS = np.geomspace(1 / 64, 64, 25)
ROUNDS = 3


def neutral(n_classes: int) -> Floats:
    """Factors that change nothing."""
    return np.ones(n_classes)


def tune_offsets(judge: Judge, truth: Codes, chances: Floats, weights: Floats) -> Floats:
    """Factors of shape (n_classes,) with the best score of decisions on these rows; neutral where nothing can be told.

    Two classes: every cut between two chances (at most 200 quantiles of them), the score smoothed over three
    neighbouring cuts, which keeps a lucky one from winning. More: coordinate ascent over a grid of factors.
    """
    if judge.n_classes == 2:
        return _tune_two(judge, truth, chances, weights)
    return _tune_many(judge, truth, chances, weights)


def threshold_of(offsets: Floats, positive: int) -> float:
    """The chance of ``positive`` from which it is called, with two classes."""
    other = offsets[1 - positive]
    return float(other / (other + offsets[positive]))


def offsets_at(threshold: float, positive: int) -> Floats:
    """Factors that call ``positive`` from the chance ``threshold`` on."""
    offsets = np.empty(2)
    offsets[positive], offsets[1 - positive] = 1.0 - threshold, threshold
    return offsets


def _tune_two(judge: Judge, truth: Codes, chances: Floats, weights: Floats) -> Floats:
    positive = 1 if judge.positive is None else judge.positive
    scores, hits = chances[:, positive], truth == positive
    if not weights[hits].any() or not weights[~hits].any():
        return neutral(2)
    cuts = _cuts(scores)
    order = np.argsort(-scores, kind="stable")
    place = np.searchsorted(-scores[order], -cuts, side="right")
    caught = np.concatenate([[0.0], np.cumsum((weights * hits)[order])])[place]
    false = np.concatenate([[0.0], np.cumsum((weights * ~hits)[order])])[place]
    table = np.empty((len(cuts), 2, 2))
    table[:, positive, positive], table[:, positive, 1 - positive] = caught, weights[hits].sum() - caught
    table[:, 1 - positive, positive], table[:, 1 - positive, 1 - positive] = false, weights[~hits].sum() - false
    values = judge.of_confusion(table)
    best = int(_smoothed(values).argmax())
    return offsets_at(float(np.clip(cuts[best], 1e-9, 1 - 1e-9)), positive)


def _cuts(scores: Floats) -> Floats:
    """Thresholds in the middle between neighbouring scores, ascending."""
    distinct = np.unique(scores)
    if len(distinct) == 1:
        return np.array([0.5])
    middles = (distinct[:-1] + distinct[1:]) / 2
    if len(middles) <= MOST_CUTS:
        return np.asarray(middles, dtype=np.float64)
    # half of the cuts by rows, half by the largest scores, where the rare class is decided
    by_rows = np.linspace(0, len(middles) - 1, MOST_CUTS // 2).astype(np.intp)
    top = np.unique(len(middles) - np.geomspace(1, len(middles), MOST_CUTS // 2).astype(np.intp))
    return np.asarray(middles[np.union1d(by_rows, top)])


def _smoothed(values: Floats) -> Floats:
    if len(values) < 3:
        return values
    padded = np.concatenate([values[:1], values, values[-1:]])
    smooth: Floats = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    return smooth


def _tune_many(judge: Judge, truth: Codes, chances: Floats, weights: Floats) -> Floats:
    offsets = neutral(judge.n_classes)
    best = judge.decided(truth, decide(chances, offsets), weights)
    for _ in range(ROUNDS):
        before = best
        for c in _rarest_first(truth, weights, judge.n_classes):
            values = judge.of_confusion(_tables(truth, chances, weights, offsets, int(c)))
            k = int(np.argmax(values))
            if values[k] > best + 1e-12:
                best, offsets = float(values[k]), _with(offsets, int(c), offsets[c] * STEPS[k])
        if best <= before + 1e-12:
            break
    centred: Floats = offsets / np.exp(np.log(offsets).mean())
    return centred


def _tables(truth: Codes, chances: Floats, weights: Floats, offsets: Floats, c: int) -> Floats:
    """Confusion with the factor of class ``c`` times each of ``STEPS``, shape (len(STEPS), n_classes, n_classes).

    A row is called ``c`` from one factor on and the best of the other classes below it, so that one count of the rows
    by that factor tells all tables.
    """
    n_classes, tried = len(offsets), offsets[c] * STEPS
    offered = chances * offsets
    offered[:, c] = -np.inf
    other = offered.argmax(axis=1)
    rival = offered[np.arange(len(other)), other]
    bids = chances[:, c, None] * tried
    wins = np.where((c < other)[:, None], bids >= rival[:, None], bids > rival[:, None])
    first = len(tried) - wins.sum(axis=1)
    shape = (len(tried) + 1, n_classes, n_classes)
    moved = np.bincount(np.ravel_multi_index((first, truth, other), shape), weights, int(np.prod(shape))).reshape(shape)
    gone = np.cumsum(moved[:-1], axis=0)
    tables: Floats = moved.sum(axis=0) - gone
    tables[:, :, c] += gone.sum(axis=2)
    return tables


def _rarest_first(truth: Codes, weights: Floats, n_classes: int) -> NDArray[np.intp]:
    return np.argsort(np.bincount(truth, weights, n_classes), kind="stable")[:50]


def _with(offsets: Floats, c: int, value: float) -> Floats:
    changed = offsets.copy()
    changed[c] = value
    return changed


__all__ = ["neutral", "offsets_at", "threshold_of", "tune_offsets"]
