"""What all rungs of one comparison share: the rows, the model, and what it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso._rng import RandomState, child, seed_sequence
from contrapeso.balancing.ladder._fit import default_estimator
from contrapeso.balancing.ladder._objective import Codes, Floats, Judge, Objective, objective_of
from contrapeso.balancing.ladder._rows import TrainingRows
from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.tables._containers import Table, open_table


@dataclass(frozen=True)
class Question:
    """Everything that the rungs have in common."""

    table: Table
    codes: Codes
    weights: Floats
    given_weights: bool
    n_classes: int
    judge: Judge
    estimator: Any
    raw: bool
    seed: np.random.SeedSequence


def question_of(
    table: Table,
    codes: NDArray[np.intp],
    sample_weight: ArrayLike | None,
    estimator: Any,
    *,
    objective: str | Objective,
    random_state: RandomState,
    positive: int | None = None,
) -> Question:
    """What all rungs of one comparison share."""
    from sklearn.pipeline import Pipeline

    root = seed_sequence(random_state)
    n_classes = int(codes.max()) + 1
    judge = Judge(
        objective_of(objective),
        n_classes,
        (rare_of(codes) if positive is None else positive) if n_classes == 2 else None,
    )
    judge.objective.cost_matrix(n_classes)
    weights = np.ones(len(codes)) if sample_weight is None else checked_weights(sample_weight, len(codes))
    if (np.bincount(codes, weights) > 0).sum() < 2:
        raise InvalidDataError("sample_weight leaves one class only: the rows of the others all have the weight 0.")
    if estimator is None:
        estimator = default_estimator(len(codes), int(child(root, 9).generate_state(1)[0]) % 2**31)
    else:
        estimator = checked_estimator(estimator, root)
    raw = isinstance(estimator, Pipeline)
    return Question(table, codes, weights, sample_weight is not None, n_classes, judge, estimator, raw, root)


def checked_weights(sample_weight: ArrayLike, n_rows: int) -> Floats:
    """Weights as floats: one per row, none negative, not all zero."""
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(f"sample_weight must be {n_rows} numbers: {error}") from error
    if weights.shape != (n_rows,) or not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise InvalidDataError(
            f"sample_weight must be {n_rows} finite numbers >= 0, not all zero; got the shape {weights.shape}."
        )
    return weights


def checked_estimator(estimator: Any, root: np.random.SeedSequence) -> Any:
    """The classifier; a copy with seeds from ``root`` where it would draw without one, so that runs are repeatable."""
    from sklearn.base import clone, is_regressor

    if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "get_params")):
        raise InvalidParameterError(
            "estimator must be a scikit-learn classifier (an object, as LogisticRegression(), not its class or name); "
            f"got {estimator!r}."
        )
    if _says_regressor(estimator, is_regressor):
        raise InvalidParameterError(
            f"{type(estimator).__name__} predicts numbers; the ladder compares classifiers. Give a classifier."
        )
    names = sorted(n for n, value in estimator.get_params().items() if value is None and _is_seed(n))
    if not names:
        return estimator
    seeds = child(root, 60).generate_state(len(names))
    return clone(estimator).set_params(**{n: int(s) % 2**31 for n, s in zip(names, seeds, strict=True)})


def _is_seed(name: str) -> bool:
    return name == "random_state" or name.endswith("__random_state")


def _says_regressor(estimator: Any, asked: Any) -> bool:
    try:
        return bool(asked(estimator))
    except (AttributeError, TypeError):  # an estimator without tags says nothing
        return False


def rare_of(codes: NDArray[np.intp]) -> int:
    """Code of the rarest class that occurs; among equals the last."""
    counts = np.bincount(codes).astype(np.float64)
    counts[counts == 0] = np.inf
    return int(len(counts) - 1 - np.argmin(counts[::-1]))


def decisions(judge: Judge) -> Judge:
    """The judge for decisions: the objective's own, or Matthews' correlation where it has none."""
    if judge.tunes:
        return judge
    return Judge(Objective("decision", "mcc"), judge.n_classes, judge.positive)


def training_rows(question: Question, rows: NDArray[np.int64], seed: np.random.SeedSequence) -> TrainingRows:
    """The training rows ``rows`` of the table, encoded by themselves alone."""
    return TrainingRows(
        open_table(question.table.take(rows)),
        question.codes[rows],
        question.weights[rows],
        question.n_classes,
        question.raw,
        seed,
    )


__all__ = ["Question", "checked_weights", "decisions", "question_of", "rare_of", "training_rows"]
