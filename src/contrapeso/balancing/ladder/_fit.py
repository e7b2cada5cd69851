"""One rung fitted to training rows: models, and chances with the class shares of the table put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.ladder._prior import correct_prior, shares
from contrapeso.balancing.ladder._rows import Feed, Matrix, TrainingRows
from contrapeso.balancing.ladder._rungs import Rung
from contrapeso.errors import InvalidParameterError, SingleClassError, UnsupportedOperationError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Member:
    """A fitted model, the classes it knows, and the class shares that it saw."""

    model: Any
    known: NDArray[np.intp]
    seen: Floats


@dataclass(frozen=True)
class FittedRung:
    """Models of one rung, whose chances are averaged; none where the training rows have one class only."""

    members: tuple[Member, ...]
    feed: Feed
    real: Floats
    corrects: bool

    def chances(self, matrix: Matrix) -> Floats:
        """Chance of each class for each encoded row, (n, C), for the class shares of the training rows."""
        if not self.members:
            return np.tile(self.real, (_length(matrix), 1))
        fed = self.feed(matrix)
        total = np.zeros((_length(fed), len(self.real)))
        for member in self.members:
            found = np.zeros_like(total)
            found[:, member.known] = chances_of(member.model, fed, len(member.known))
            total += correct_prior(found, member.seen, self.real) if self.corrects else found
        return total / len(self.members)


def default_estimator(n_rows: int, seed: int) -> Any:
    """LightGBM, one thread, with leaves as small as the table is.

    Leaf values are drawn towards 0 (``reg_lambda=1``, as XGBoost does): without, a class of one or two rows among
    thousands makes the steps of its trees explode (nursery: a Brier score of 1.16 in place of 0.002).
    """
    from lightgbm import LGBMClassifier

    least = int(np.clip(n_rows / 50, 5, 20))
    return LGBMClassifier(
        min_child_samples=least,
        reg_lambda=1.0,
        n_jobs=1,
        random_state=seed,
        deterministic=True,
        force_col_wise=True,
        verbose=-1,
    )


def weight_parameter(estimator: Any) -> str | None:
    """Name under which ``fit`` takes one weight per row; None where it takes none."""
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import has_fit_parameter

    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        return f"{name}__sample_weight" if has_fit_parameter(last, "sample_weight") else None
    return "sample_weight" if has_fit_parameter(estimator, "sample_weight") else None


def fit_rung(rung: Rung, estimator: Any, rows: TrainingRows, *, given_weights: bool) -> FittedRung:
    """Fit ``estimator`` (a clone per member) to ``rows`` as the rung treats them.

    Raises
    ------
    UnsupportedOperationError
        If the rung weighs rows and the model takes no weights.
    SingleClassError
        If the rung leaves rows of one class only.
    """
    from sklearn.base import clone

    name = weight_parameter(estimator)
    if name is None and (rung.power or given_weights):
        raise UnsupportedOperationError(
            f"{type(estimator).__name__} takes no sample_weight, so rows cannot be weighed."
        )
    real = shares(rows.codes, rows.weights, rows.n_classes)
    feed = Feed.of(rows, estimator)
    if (rows.counts > 0).sum() < 2:
        return FittedRung((), feed, real, corrects=False)
    members = []
    for k in range(rung.members):
        sample = rows.sample(rung, k)
        known = np.unique(sample.codes)
        if len(known) < 2:
            raise SingleClassError("The treatment left rows of one class only.")
        weighed = {name: sample.weights} if name and (rung.power or given_weights) else {}
        model = clone(estimator).fit(feed(sample.matrix), np.searchsorted(known, sample.codes), **weighed)
        members.append(Member(model, known, shares(sample.codes, sample.weights, rows.n_classes)))
    return FittedRung(tuple(members), feed, real, corrects=hasattr(members[0].model, "predict_proba"))


def chances_of(model: Any, matrix: Matrix, n_known: int) -> Floats:
    """Probabilities of the model; of one without, its decision function squeezed between 0 and 1."""
    if hasattr(model, "predict_proba"):
        found = np.asarray(model.predict_proba(matrix), dtype=np.float64)
        return np.where(np.isfinite(found), found, 1.0 / n_known)
    if not hasattr(model, "decision_function"):
        raise InvalidParameterError(
            f"{type(model).__name__} has neither predict_proba nor decision_function; the ladder compares "
            "probabilities or scores. Wrap it in sklearn.calibration.CalibratedClassifierCV."
        )
    scores = np.asarray(model.decision_function(matrix), dtype=np.float64)
    if scores.ndim == 1:
        one = 1.0 / (1.0 + np.exp(-np.clip(scores, -500, 500)))
        return np.column_stack([1.0 - one, one])
    if scores.shape[1] != n_known or getattr(model, "decision_function_shape", "ovr") == "ovo":
        raise InvalidParameterError(
            f"decision_function of {type(model).__name__} has no score for each of the {n_known} classes. "
            "Use decision_function_shape='ovr', or probabilities."
        )
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _length(matrix: Matrix) -> int:
    return int(matrix.shape[0]) if hasattr(matrix, "shape") else len(matrix)


__all__ = ["FittedRung", "Member", "chances_of", "default_estimator", "fit_rung", "weight_parameter"]
