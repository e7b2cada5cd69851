"""Measures of a classifier on weighted rows, so that a bootstrap draw is a vector of weights and sorts nothing again.

Curves are those of scikit-learn: average precision is the sum of precision times the step in recall over the distinct
scores, ROC AUC the area under the trapezoids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

LESS_IS_BETTER = frozenset({"brier", "brier_corrected"})
CONFIDENCE = 0.95
MOST_DRAWS, LEAST_DRAWS, CELLS = 500, 100, 5e7
"""Bootstrap draws, fewer where rows times classes are many."""


@dataclass(frozen=True)
class Curve:
    """Scores against one class, sorted once: ``order`` by falling score, ``ends`` of runs of equal scores."""

    hits: NDArray[np.bool_]
    order: Codes
    ends: Codes

    @classmethod
    def of(cls, hits: NDArray[np.bool_], scores: Floats) -> Curve:
        """The curve of these scores."""
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        return cls(hits, order, np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1))

    def _sums(self, weights: Floats) -> tuple[Floats, Floats]:
        ranked = weights[self.order]
        hit = np.cumsum(np.where(self.hits[self.order], ranked, 0.0))[self.ends]
        return hit, np.cumsum(ranked)[self.ends]

    def average_precision(self, weights: Floats) -> float:
        """Area under precision over recall."""
        hit, called = self._sums(weights)
        precision = np.divide(hit, called, out=np.zeros_like(hit), where=called > 0)
        return float(np.sum(np.diff(hit, prepend=0.0) * precision) / hit[-1])

    def roc_auc(self, weights: Floats) -> float:
        """Area under the share of hits over the share of false alarms."""
        hit, called = self._sums(weights)
        alarms = called - hit
        heights = hit + np.concatenate([[0.0], hit[:-1]])
        return float(np.sum(np.diff(alarms, prepend=0.0) * heights) / 2 / (hit[-1] * alarms[-1]))


@dataclass(frozen=True)
class Judgement:
    """What a model says of the test rows.

    Attributes
    ----------
    truth, predicted : int arrays of shape (n,), codes of the classes
    chances, corrected : arrays of shape (n, C), or None
        Probabilities as they are, and with the class shares of the training rows put back.
    rare : int
        Code of the rarest class of the training rows.
    threshold : float or None
        Corrected chance of it from which a row is called rare.
    """

    truth: Codes
    predicted: Codes
    chances: Floats | None
    corrected: Floats | None
    rare: int
    threshold: float | None
    n_classes: int

    @cached_property
    def curves(self) -> dict[int, Curve]:
        """Class -> curve, of the classes that some test rows have and others have not."""
        if self.chances is None:
            return {}
        there = [c for c in range(self.n_classes) if 0 < int((self.truth == c).sum()) < len(self.truth)]
        return {c: Curve.of(self.truth == c, self.chances[:, c]) for c in there}

    def matrix(self, weights: Floats) -> Floats:
        """Confusion matrix (C, C): truth in rows, decisions in columns."""
        n = self.n_classes
        found = np.bincount(self.truth * n + self.predicted, weights, n * n).reshape(n, n)
        return np.asarray(found, dtype=np.float64)

    def tuned(self, weights: Floats) -> Floats | None:
        """Confusion matrix (2, 2) of the rarest class against the rest, at the tuned threshold."""
        if self.corrected is None or self.threshold is None:
            return None
        called = self.corrected[:, self.rare] >= self.threshold
        places = 2 * (self.truth == self.rare) + called
        return np.asarray(np.bincount(places, weights, 4).reshape(2, 2), dtype=np.float64)

    def measures(self, weights: Floats) -> dict[str, float]:
        """Every measure that can be computed."""
        return {**self._decisions(weights), **self._ranking(weights), **self._probabilities(weights)}

    def _decisions(self, weights: Floats) -> dict[str, float]:
        matrix = self.matrix(weights)
        right, real, called = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
        there = real > 0
        used = there | (called > 0)
        f1 = 2 * right[used] / (real + called)[used]
        found = {
            "accuracy": float(right.sum() / matrix.sum()),
            "f1_macro": float(f1.mean()),
            "balanced_accuracy": float((right[there] / real[there]).mean()),
        }
        if there[self.rare]:
            found["minority_recall"] = float(right[self.rare] / real[self.rare])
        if called[self.rare] > 0:
            found["minority_precision"] = float(right[self.rare] / called[self.rare])
        two = self.tuned(weights)
        if two is not None and (two.sum(axis=1) > 0).all():
            found["balanced_accuracy_tuned"] = float((np.diag(two) / two.sum(axis=1)).mean())
        return found

    def _ranking(self, weights: Floats) -> dict[str, float]:
        found = {}
        if self.rare in self.curves:
            curve = self.curves[self.rare]
            found = {"average_precision": curve.average_precision(weights), "roc_auc": curve.roc_auc(weights)}
        if self.n_classes > 2 and self.curves:
            curves = self.curves.values()
            found["average_precision_macro"] = float(np.mean([c.average_precision(weights) for c in curves]))
            found["roc_auc_macro"] = float(np.mean([c.roc_auc(weights) for c in curves]))
        return found

    def _probabilities(self, weights: Floats) -> dict[str, float]:
        pairs = {"brier": self._errors[0], "brier_corrected": self._errors[1]} if self._errors else {}
        return {name: float(np.average(errors, weights=weights)) for name, errors in pairs.items()}

    @cached_property
    def _errors(self) -> tuple[Floats, Floats] | None:
        """Half the squared distance of each row's chances to the truth: with two classes the usual Brier score."""
        if self.chances is None or self.corrected is None:
            return None
        truth = np.eye(self.n_classes)[self.truth]
        first, second = (np.sum((found - truth) ** 2, axis=1) / 2 for found in (self.chances, self.corrected))
        return first, second


@dataclass(frozen=True)
class Compared:
    """A measure of both models, and the difference with its interval."""

    original: float
    balanced: float
    interval: tuple[float, float]
    original_interval: tuple[float, float]
    balanced_interval: tuple[float, float]

    @property
    def difference(self) -> float:
        """Balanced less original."""
        return self.balanced - self.original

    def verdict(self, name: str) -> str:
        """'better', 'worse', or 'no difference shown' where the interval holds 0."""
        low, high = self.interval
        if low <= 0 <= high:
            return "no difference shown"
        return "better" if (low > 0) != (name in LESS_IS_BETTER) else "worse"


def n_draws_for(n_rows: int, n_classes: int) -> int:
    """Bootstrap draws for a test table of that size."""
    return int(np.clip(CELLS / (n_rows * n_classes), LEAST_DRAWS, MOST_DRAWS))


def compare(original: Judgement, balanced: Judgement, n_draws: int, seed: int) -> dict[str, Compared]:
    """Measures that both models have, with 95 % percentile intervals of a paired bootstrap within the classes.

    References
    ----------
    .. [1] Efron, Tibshirani, "An Introduction to the Bootstrap" (1993), Sec. 13.3 (percentile intervals).
    """
    rng = generator(seed_sequence(seed))
    members = [np.flatnonzero(original.truth == c) for c in range(original.n_classes)]
    ones = np.ones(len(original.truth))
    first, second = original.measures(ones), balanced.measures(ones)
    draws: list[tuple[Mapping[str, float], Mapping[str, float]]] = []
    for _ in range(n_draws):
        weights = np.zeros(len(ones))
        for rows in members:
            if len(rows):
                weights[rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)))
        draws.append((original.measures(weights), balanced.measures(weights)))
    return {name: _compared(name, first[name], second[name], draws) for name in first if name in second}


def _compared(
    name: str, first: float, second: float, draws: list[tuple[Mapping[str, float], Mapping[str, float]]]
) -> Compared:
    both = np.array([(a[name], b[name]) for a, b in draws if name in a and name in b]).reshape(-1, 2)
    if len(both) == 0:
        both = np.array([[first, second]])
    return Compared(first, second, _interval(both[:, 1] - both[:, 0]), _interval(both[:, 0]), _interval(both[:, 1]))


def _interval(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


__all__ = ["LESS_IS_BETTER", "Compared", "Curve", "Judgement", "compare", "n_draws_for"]
