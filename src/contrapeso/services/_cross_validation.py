"""What a resampling is worth to a classifier: cross-validated, resampled inside the training folds only.

The test folds are never touched and hold real rows alone. Every method sees the same folds, so the
difference to doing nothing is paired. Intervals use the corrected variance of Nadeau and Bengio
(Machine Learning 52, 2003): the training folds overlap, and the plain formula is too sure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import RandomState, child, seed_sequence
from contrapeso.errors import SingleClassError, TooFewSamplesError

Resample: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]
Scores: TypeAlias = dict[str, list[float]]
MEASURES = ("f1_macro", "balanced_accuracy", "average_precision", "minority_recall", "minority_precision")
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Folds:
    """The folds that every method shares, as (train rows, test rows).

    ``numbers`` are the encoders of the columns that hold numbers or dates, by position.
    """

    table: Any
    target: Any
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    estimator: Any
    minority: Any
    numbers: dict[int, Any]


def make_folds(X: Any, y: Any, n_folds: int, random_state: RandomState, estimator: Any) -> Folds:
    """Stratified folds of ``X, y``, at most as many as the smallest class has rows.

    Raises
    ------
    SingleClassError, TooFewSamplesError
        If ``y`` has one class, or a class has a single row.
    """
    from sklearn.model_selection import StratifiedKFold

    from contrapeso.samplers._target import open_target
    from contrapeso.tables._containers import open_table

    table = open_table(X)
    target = open_target(y, table.n_rows)
    classes, sizes = np.unique(target.codes, return_counts=True)
    if len(classes) < 2:
        raise SingleClassError("A comparison needs two classes at least; the target has one.")
    if sizes.min() < 2:
        label = target.labels[int(np.argmax(target.codes == classes[sizes.argmin()]))]
        raise TooFewSamplesError(
            f"Class {label!r} has 1 row; cross-validation needs 2 of each class at least. "
            "Gather more rows of it, merge it into another class, or leave it out of the comparison.",
            {"class": str(label), "n_samples": 1},
        )
    seed = int(child(seed_sequence(random_state), 0).generate_state(1)[0])
    splitter = StratifiedKFold(min(n_folds, int(sizes.min())), shuffle=True, random_state=seed)
    pairs = list(splitter.split(np.zeros(table.n_rows), target.codes))
    minority = target.labels[int(np.argmax(target.codes == classes[sizes.argmin()]))]
    judge = _classifier(seed) if estimator is None else estimator
    return Folds(table, target, pairs, judge, minority, _number_columns(table))


def _classifier(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=50, early_stopping=False, random_state=seed)


def cross_validate(folds: Folds, resample: Resample) -> Scores:
    """Measure -> one score per fold, on real rows that ``resample`` never saw."""
    from sklearn.base import clone

    from contrapeso.tables._containers import open_table

    scores: Scores = {measure: [] for measure in MEASURES}
    for train, test in folds.pairs:
        X_train, y_train = folds.table.take(train), folds.target.take(train)
        X_made, y_made = resample(X_train, y_train)
        fitted, held = _features(folds, open_table(X_train), open_table(X_made), open_table(folds.table.take(test)))
        truth, labels = folds.target.labels[test], np.asarray(y_made).ravel()
        judge = clone(folds.estimator).fit(fitted, labels)
        for measure, value in _measure(truth, judge.predict(held), folds.minority).items():
            scores[measure].append(value)
        scores["average_precision"] += _average_precision(judge, held, truth == folds.minority, folds.minority)
    return scores


def _measure(truth: NDArray[Any], predicted: NDArray[Any], minority: Any) -> dict[str, float]:
    from sklearn import metrics

    return {
        "f1_macro": float(metrics.f1_score(truth, predicted, average="macro", zero_division=0)),
        "balanced_accuracy": float(np.mean([np.mean(predicted[truth == c] == c) for c in np.unique(truth)])),
        "minority_recall": float(np.mean(predicted[truth == minority] == minority)),
        "minority_precision": float(
            metrics.precision_score(truth, predicted, labels=[minority], average="macro", zero_division=0)
        ),
    }


def _average_precision(judge: Any, held: NDArray[np.float64], rare: NDArray[np.bool_], minority: Any) -> list[float]:
    """Average precision of the rarest class against the rest; nothing where the judge gives no probabilities."""
    from sklearn import metrics

    if not hasattr(judge, "predict_proba"):
        return []
    place = int(np.flatnonzero(judge.classes_ == minority)[0])
    return [float(metrics.average_precision_score(rare, judge.predict_proba(held)[:, place]))]


def _number_columns(table: Any) -> dict[int, Any]:
    """Encoder of every column that holds numbers or dates, in whatever dtype: dicts hold them as objects."""
    from contrapeso.tables._codec import number_column

    if hasattr(table, "matrix"):
        return {}
    frame = table.frame()
    found = {j: number_column(frame.iloc[:, j].rename(str(j))) for j in range(frame.shape[1])}
    return {j: column for j, column in found.items() if column is not None}


def _features(folds: Folds, train: Any, made: Any, test: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``made`` and ``test`` as numbers; category codes come from the real rows of ``train`` alone."""
    if hasattr(train, "matrix"):
        return made.matrix.toarray(), test.matrix.toarray()
    source, frames = train.frame(), (made.frame(), test.frame())
    coded = [np.empty((len(frame), source.shape[1])) for frame in frames]
    for j in range(source.shape[1]):
        column = source.iloc[:, j]
        known = None if j in folds.numbers else pd.Index(column.astype(object).dropna().unique())
        for frame, out in zip(frames, coded, strict=True):
            values = frame.iloc[:, j]
            out[:, j] = (
                folds.numbers[j].encode(values) * folds.numbers[j].scale if known is None else _codes(values, known)
            )
    return coded[0], coded[1]


def _codes(column: pd.Series, known: pd.Index) -> NDArray[np.float64]:
    """Place of each value in ``known``; NaN for null and unseen."""
    places = known.get_indexer(pd.Index(column.astype(object))).astype(np.float64)
    return np.where(places < 0, np.nan, places)


def summary(values: Sequence[float], folds: Folds) -> dict[str, Any]:
    """Mean over the folds with its 95 % interval and the fold scores; None and a reason where nothing was measured."""
    from scipy import stats

    if not values:
        return {"mean": None, "interval": None, "folds": [], "reason": "the estimator gives no probabilities"}
    scores = np.asarray(values)
    n = len(scores)
    ratio = float(np.mean([len(test) / len(train) for train, test in folds.pairs]))
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * np.sqrt((1 / n + ratio) * scores.var(ddof=1)))
    mean = float(scores.mean())
    return {"mean": mean, "interval": [mean - half, mean + half], "folds": scores.tolist()}


__all__ = ["MEASURES", "Folds", "cross_validate", "make_folds", "summary"]
