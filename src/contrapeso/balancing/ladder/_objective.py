"""What a treatment is judged by: ranking, decisions or probabilities, on one scale where more is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.ladder import _scores
from contrapeso.errors import InvalidParameterError

Kind = Literal["ranking", "decision", "probability"]
Metric = Literal["average_precision", "mcc", "balanced_accuracy", "f1", "cost", "log_loss", "brier"]
Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

METRICS: dict[Kind, tuple[Metric, ...]] = {
    "ranking": ("average_precision",),
    "decision": ("mcc", "balanced_accuracy", "f1", "cost"),
    "probability": ("log_loss", "brier"),
}
LEAST_GAIN: dict[Metric, float] = {
    "average_precision": 0.005,
    "mcc": 0.005,
    "balanced_accuracy": 0.005,
    "f1": 0.005,
    "cost": 0.005,
    "log_loss": 0.002,
    "brier": 0.0005,
}
"""Gain below which a treatment is not worth its trouble, whatever its certainty."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What is to be made best.

    Attributes
    ----------
    kind : {'ranking', 'decision', 'probability'}
        Rows in the right order, rows in the right class at a tuned threshold, or probabilities that can be believed.
    metric : str, optional
        'average_precision' (ranking), 'mcc', 'balanced_accuracy', 'f1' or 'cost' (decision), 'log_loss' or 'brier'
        (probability); the first of each by default. With two classes average precision and F1 are those of the rare
        class, with more the mean over the classes.
    costs : array-like of shape (n_classes, n_classes), optional
        Cost of each decision (column) for each truth (row), classes sorted; given, the metric is 'cost': its mean per
        row, over the cost of the best constant decision.
    """

    kind: Kind = "ranking"
    metric: Metric | None = None
    costs: Sequence[Sequence[float]] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in METRICS:
            nearest = get_close_matches(str(self.kind), METRICS, n=1, cutoff=0.0)[0]
            raise InvalidParameterError(
                f"objective must be one of {', '.join(METRICS)}; got {self.kind!r}, the nearest is {nearest!r}.",
                {"nearest": nearest},
            )
        if self.metric is not None and self.metric not in METRICS[self.kind]:
            raise InvalidParameterError(
                f"The metrics of {self.kind!r} are {', '.join(METRICS[self.kind])}; got {self.metric!r}."
            )
        if self.costs is not None and self.kind != "decision":
            raise InvalidParameterError(
                f"costs are of decisions: Objective('decision', costs=...); got them with kind={self.kind!r}."
            )
        if (self.name == "cost") != (self.costs is not None):
            raise InvalidParameterError("metric='cost' and costs go together: give both, or neither.")

    @property
    def name(self) -> Metric:
        """The metric in force."""
        if self.metric is None:
            return "cost" if self.costs is not None else METRICS[self.kind][0]
        return self.metric

    @property
    def least_gain(self) -> float:
        """Gain below which leaving "none" is not worth it."""
        return LEAST_GAIN[self.name]

    def cost_matrix(self, n_classes: int) -> Floats | None:
        """The costs as an array, checked against the number of classes."""
        if self.costs is None:
            return None
        try:
            costs = np.asarray(self.costs, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidParameterError(f"costs must be a square matrix of numbers: {error}") from error
        if costs.shape != (n_classes, n_classes) or not np.isfinite(costs).all():
            raise InvalidParameterError(
                f"costs must be finite numbers of shape ({n_classes}, {n_classes}), one row per true class; "
                f"got the shape {costs.shape}."
            )
        return costs


def objective_of(given: str | Objective) -> Objective:
    """``given``, or the objective of that kind or metric."""
    if isinstance(given, Objective):
        return given
    for kind, metrics in METRICS.items():
        if given in metrics:
            return Objective(kind, given)
    return Objective(given)  # type: ignore[arg-type]  # the constructor names the nearest


@dataclass(frozen=True, slots=True)
class Judge:
    """An objective applied to probabilities: ``positive`` is the code of the rare class of two, else None."""

    objective: Objective
    n_classes: int
    positive: int | None

    def score(self, truth: Codes, chances: Floats, offsets: Floats, weights: Floats) -> float:
        """More is better; NaN where the rows cannot tell (no row of the rare class).

        Parameters
        ----------
        truth : class codes of shape (n,)
        chances : array of shape (n, n_classes)
        offsets : array of shape (n_classes,)
            Factors of the chances before the largest is taken: the tuned threshold.
        weights : array of shape (n,)
        """
        name = self.objective.name
        if name == "average_precision":
            return _scores.average_precision(truth, chances, weights, self.positive)
        if name == "log_loss":
            return -_scores.log_loss(truth, chances, weights)
        if name == "brier":
            return -_scores.brier(truth, chances, weights)
        return self.decided(truth, decide(chances, offsets), weights)

    def decided(self, truth: Codes, called: Codes, weights: Floats) -> float:
        """Score of decisions; for objectives without decisions, Matthews' correlation."""
        return float(self.of_confusion(_scores.confusion(truth, called, weights, self.n_classes)))

    def of_confusion(self, table: Floats) -> Floats:
        """Score of tables of shape (..., n_classes, n_classes), truth in rows and decisions in columns."""
        name = self.objective.name
        if name == "cost":
            costs = self.objective.cost_matrix(self.n_classes)
            assert costs is not None  # noqa: S101  (checked when the objective was made)
            return -_scores.relative_cost(table, costs)
        if name == "balanced_accuracy":
            return _scores.balanced_accuracy(table)
        if name == "f1":
            return _scores.f1(table, self.positive)
        return _scores.mcc(table)

    @property
    def tunes(self) -> bool:
        """Whether the objective is about decisions, so that a threshold changes it."""
        return self.objective.kind == "decision"


def decide(chances: Floats, offsets: Floats) -> Codes:
    """Class code with the largest offset chance, (n,)."""
    return np.asarray(np.argmax(chances * offsets, axis=1))


__all__ = ["LEAST_GAIN", "METRICS", "Codes", "Floats", "Judge", "Metric", "Objective", "decide", "objective_of"]
