"""Two classifiers on the same untouched rows: scores with intervals, their difference, and a verdict.

Intervals come from a bootstrap of whole clusters (the days of bank rows, else groups, else rows), because rows of one
day err together. Both classifiers are scored on the same draws, so the interval of the difference is a paired one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Measure: TypeAlias = Literal[
    "average_precision", "macro_f1", "minority_f1", "balanced_accuracy", "mcc", "accuracy", "log_loss", "brier"
]
Verdict: TypeAlias = Literal["ajuda", "empate", "prejudica"]
Interval: TypeAlias = tuple[float, float]

MEASURES: tuple[Measure, ...] = (
    "average_precision",
    "macro_f1",
    "minority_f1",
    "balanced_accuracy",
    "mcc",
    "accuracy",
    "log_loss",
    "brier",
)
LOWER_IS_BETTER: frozenset[Measure] = frozenset({"log_loss", "brier"})
LEAST_GAIN: dict[Measure, float] = {"log_loss": 0.002, "brier": 0.0005}
"""Difference below which a change is a tie whatever its interval: a row or two; .005 for the other measures."""
MINORITY_SHARE = 0.1
N_DRAWS = 1_000
MAX_CELLS = 8_000_000
"""Most rows x draws in one block of the bootstrap; larger tables get fewer draws, 200 at least."""
Z = 1.959963984540054
_DRAWS = 4_000  # a random stream of its own


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure before (nothing done) and after (the chosen treatment), and the difference, with 95 % intervals."""

    measure: Measure
    before: float
    before_interval: Interval
    after: float
    after_interval: Interval
    difference: float
    difference_interval: Interval

    @property
    def verdict(self) -> Verdict:
        """``ajuda`` or ``prejudica``: a difference that matters, its whole interval on one side of zero."""
        if abs(self.difference) < LEAST_GAIN.get(self.measure, 0.005):
            return "empate"
        low, high = self.difference_interval
        if self.measure in LOWER_IS_BETTER:
            low, high = -high, -low
        return "ajuda" if low > 0 else "prejudica" if high < 0 else "empate"

    def to_dict(self) -> dict[str, object]:
        """JSON-ready reading."""
        return {
            "measure": self.measure,
            "before": self.before,
            "before_interval": list(self.before_interval),
            "after": self.after,
            "after_interval": list(self.after_interval),
            "difference": self.difference,
            "difference_interval": list(self.difference_interval),
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of ``n`` rows with its Wilson interval; None where there is no row."""

    value: float | None
    interval: Interval | None
    n: int

    def to_dict(self) -> dict[str, object]:
        """JSON-ready rate."""
        return {"value": self.value, "interval": list(self.interval) if self.interval else None, "n": self.n}


@dataclass(frozen=True, slots=True)
class ClassReading:
    """How one class is found: its rows on both sides, and precision and recall of both classifiers."""

    label: str
    n_train: int
    n_test: int
    before_precision: Rate
    before_recall: Rate
    precision: Rate
    recall: Rate

    def to_dict(self) -> dict[str, object]:
        """JSON-ready reading."""
        return {
            "label": self.label,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "before": {"precision": self.before_precision.to_dict(), "recall": self.before_recall.to_dict()},
            "after": {"precision": self.precision.to_dict(), "recall": self.recall.to_dict()},
        }


@dataclass(frozen=True, slots=True)
class Stratum:
    """Accuracy of both classifiers on a part of the untouched rows, with Wilson intervals."""

    name: Literal["seen", "cold"]
    before: Rate
    after: Rate

    def to_dict(self) -> dict[str, object]:
        """JSON-ready reading."""
        return {"stratum": self.name, "before": self.before.to_dict(), "after": self.after.to_dict()}


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a classifier says about the untouched rows.

    Attributes
    ----------
    chances : ndarray of shape (n, n_classes)
    decided : ndarray of shape (n,), position of the class that it decides for
    """

    chances: Floats
    decided: Codes


def read_measures(
    truth: Codes, before: Answers, after: Answers, *, minority: Sequence[int], clusters: Codes, seed: int
) -> tuple[Reading, ...]:
    """Every measure of both classifiers on the rows of ``truth``.

    Parameters
    ----------
    truth : ndarray of shape (n,), position of the true class
    minority : positions of the rare classes, over which ``minority_f1`` is the mean
    clusters : ndarray of shape (n,), number of the cluster of each row, drawn together
    """
    weights = _draws(clusters, len(truth), seed)
    whole = np.ones((1, len(truth)))
    told = [_scores(truth, answers, minority, whole) for answers in (before, after)]
    drawn = [_scores(truth, answers, minority, weights) for answers in (before, after)]
    readings = []
    for measure in MEASURES:
        first, second = (float(scores[measure][0]) for scores in told)
        gaps = drawn[1][measure] - drawn[0][measure]
        readings.append(
            Reading(
                measure,
                first,
                _interval(drawn[0][measure]),
                second,
                _interval(drawn[1][measure]),
                second - first,
                _interval(gaps),
            )
        )
    return tuple(readings)


def read_classes(
    labels: Sequence[object], truth: Codes, train_counts: Mapping[int, int], before: Answers, after: Answers
) -> tuple[ClassReading, ...]:
    """Precision and recall of every class, the most frequent in training first."""
    order = sorted(range(len(labels)), key=lambda k: (-train_counts.get(k, 0), str(labels[k])))
    return tuple(
        ClassReading(
            str(labels[k]),
            train_counts.get(k, 0),
            int((truth == k).sum()),
            _hit_rate(truth == k, before.decided == k),
            _hit_rate(before.decided == k, truth == k),
            _hit_rate(truth == k, after.decided == k),
            _hit_rate(after.decided == k, truth == k),
        )
        for k in order
    )


def read_strata(truth: Codes, before: Answers, after: Answers, seen: NDArray[np.bool_]) -> tuple[Stratum, ...]:
    """Accuracy on rows whose payee taught (``seen``) and on the others (``cold``)."""

    def accuracy(answers: Answers, rows: NDArray[np.bool_]) -> Rate:
        return _hit_rate(answers.decided == truth, rows)

    return (
        Stratum("seen", accuracy(before, seen), accuracy(after, seen)),
        Stratum("cold", accuracy(before, ~seen), accuracy(after, ~seen)),
    )


def wilson(hits: int, n: int) -> Rate:
    """Share ``hits / n`` with the 95 % interval of Wilson (JASA 22, 1927), which stays inside [0, 1]."""
    if not n:
        return Rate(None, None, 0)
    share = hits / n
    center = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return Rate(share, (max(0.0, float(center - half)), min(1.0, float(center + half))), n)


def minority_classes(counts: Mapping[int, int]) -> tuple[int, ...]:
    """Classes of less than a tenth of the training rows; the rarest where there is none. Absent ones do not count."""
    there = {code: n for code, n in counts.items() if n}
    total = sum(there.values())
    rare = tuple(code for code, n in sorted(there.items()) if n < MINORITY_SHARE * total)
    return rare or (min(there, key=lambda code: (there[code], code)),)


def score_of(truth: Codes, answers: Answers, measure: Measure) -> float:
    """One measure, signed so that more is better."""
    found = float(_scores(truth, answers, sorted(set(truth.tolist())), np.ones((1, len(truth))))[measure][0])
    return -found if measure in LOWER_IS_BETTER else found


def _hit_rate(hit: NDArray[np.bool_], among: NDArray[np.bool_]) -> Rate:
    return wilson(int((hit & among).sum()), int(among.sum()))


def _draws(clusters: Codes, n: int, seed: int) -> Floats:
    """How often each row is drawn, shape (n_draws, n): clusters with replacement, all their rows each time."""
    distinct, place = np.unique(clusters, return_inverse=True)
    n_draws = int(np.clip(MAX_CELLS // max(n, 1), 200, N_DRAWS))
    rng = generator(seed_sequence(seed), _DRAWS)
    counts = rng.multinomial(len(distinct), np.full(len(distinct), 1 / len(distinct)), size=n_draws)
    return counts.astype(np.float64)[:, place]


def _interval(values: Floats) -> Interval:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _scores(truth: Codes, answers: Answers, minority: Sequence[int], weights: Floats) -> dict[Measure, Floats]:
    """Every measure for every row of ``weights``, each an ndarray of shape (n_draws,)."""
    n_classes = answers.chances.shape[1]
    total = np.maximum(weights.sum(axis=1), 1e-12)
    hits = _by_class(weights * (truth == answers.decided), truth, n_classes)
    real, said = _by_class(weights, truth, n_classes), _by_class(weights, answers.decided, n_classes)
    f1 = np.where(real + said > 0, 2 * hits / np.maximum(real + said, 1e-12), 0.0)
    chance = np.clip(answers.chances[np.arange(len(truth)), truth], 1e-15, 1.0)
    wrong = (answers.chances**2).sum(axis=1) - 2 * chance + 1
    rare = np.zeros(n_classes, dtype=bool)
    rare[list(minority)] = True
    return {
        "average_precision": _average_precision(truth, answers.chances, weights, real),
        "macro_f1": _mean_over(f1, real > 0),
        "minority_f1": _mean_over(f1, (real > 0) & rare),
        "balanced_accuracy": _mean_over(hits / np.maximum(real, 1e-12), real > 0),
        "mcc": _mcc(hits.sum(axis=1), real, said, total),
        "accuracy": hits.sum(axis=1) / total,
        "log_loss": -(weights @ np.log(chance)) / total,
        "brier": (weights @ wrong) / total,
    }


def _by_class(weights: Floats, codes: Codes, n_classes: int) -> Floats:
    return np.stack([weights[:, codes == k].sum(axis=1) for k in range(n_classes)], axis=1)


def _mean_over(values: Floats, there: NDArray[np.bool_]) -> Floats:
    """Mean over the classes that have rows; 0 where none has."""
    return np.asarray((values * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1))


def _mcc(hits: Floats, real: Floats, said: Floats, total: Floats) -> Floats:
    """Matthews correlation for any number of classes (Gorodkin, Comput. Biol. Chem. 28, 2004); 0 if undefined."""
    top = hits * total - (real * said).sum(axis=1)
    bottom = np.sqrt(np.maximum(total**2 - (said**2).sum(axis=1), 0) * np.maximum(total**2 - (real**2).sum(axis=1), 0))
    return np.asarray(np.where(bottom > 0, top / np.maximum(bottom, 1e-12), 0.0))


def _average_precision(truth: Codes, chances: Floats, weights: Floats, real: Floats) -> Floats:
    """Average precision of the rare class with two classes, else the mean over the classes that have rows."""
    n_classes = chances.shape[1]
    whole = real.sum(axis=0)
    wanted = [int(np.argmin(whole))] if n_classes == 2 else range(n_classes)
    found = np.zeros((len(weights), n_classes))
    for k in wanted:
        found[:, k] = _one_class(truth == k, chances[:, k], weights)
    asked = np.isin(np.arange(n_classes), list(wanted))
    return _mean_over(found, (real > 0) & asked)


def _one_class(is_class: NDArray[np.bool_], chance: Floats, weights: Floats) -> Floats:
    order = np.argsort(-chance, kind="stable")
    drawn, ranked = weights[:, order], chance[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # ties are one step of the curve
    caught = np.cumsum(drawn * is_class[order], axis=1)[:, ends]
    named = np.cumsum(drawn, axis=1)[:, ends]
    gained = np.diff(caught, axis=1, prepend=0.0)
    precision = caught / np.maximum(named, 1e-12)
    return np.asarray((gained * precision).sum(axis=1) / np.maximum(caught[:, -1], 1e-12))


__all__ = [
    "LEAST_GAIN",
    "LOWER_IS_BETTER",
    "MEASURES",
    "Answers",
    "ClassReading",
    "Measure",
    "Rate",
    "Reading",
    "Stratum",
    "Verdict",
    "minority_classes",
    "read_classes",
    "read_measures",
    "read_strata",
    "score_of",
    "wilson",
]
