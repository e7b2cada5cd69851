"""What a resampling is worth to a classifier: cross-validated, resampled inside the training folds only.

The test folds are never touched and hold real rows alone. Every method sees the same folds, so the
difference to doing nothing is paired. Intervals use the corrected variance of Nadeau and Bengio
(Machine Learning 52, 2003): the training folds overlap, and the plain formula is too sure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import RandomState, child, seed_sequence
from contrapeso.errors import InvalidDataError, SingleClassError, TooFewSamplesError

Resample: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]
Scores: TypeAlias = dict[str, list[float]]
MEASURES = (
    "f1_macro",
    "balanced_accuracy",
    "minority_recall",
    "minority_precision",
    "average_precision",
    "balanced_accuracy_tuned",
    "brier",
    "seconds",
)
BY_PROBABILITY = ("average_precision", "balanced_accuracy_tuned", "brier")
"""Measures of the probability of the rarest class, absent where the estimator gives none."""

SMALL = 2_000_000
"""Cells up to which the default classifier works on one thread: OpenMP's wait for each other longer than they work."""

TUNING_SHARE = 1 / 3
"""Share of the training rows on which the threshold is tuned."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Folds:
    """The folds that every method shares, as (train rows, test rows).

    ``numbers`` are the encoders of the columns that hold numbers or dates, by position; ``own_judge`` says that the
    caller gave no estimator.
    """

    table: Any
    target: Any
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    estimator: Any
    minority: Any
    numbers: dict[int, Any]
    own_judge: bool = False

    def threads(self) -> AbstractContextManager[Any]:
        """Within it the default classifier has one thread where the table is small; others do as they like."""
        from contrapeso.samplers._lines import one_thread

        small = self.table.n_rows * self.table.n_columns <= SMALL
        return one_thread("openmp") if self.own_judge and small else nullcontext()


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
    return Folds(table, target, pairs, judge, minority, _number_columns(table), own_judge=estimator is None)


def _classifier(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=50, early_stopping=False, random_state=seed)


def cross_validate(folds: Folds, resample: Resample, resample_part: Resample | None = None) -> Scores:
    """Measure -> one score per fold, on real rows that ``resample`` never saw; ``seconds`` are those of resampling.

    ``resample_part`` takes its place on the part of the training rows with which the threshold is tuned.
    """
    with folds.threads():
        return _cross_validated(folds, resample, resample_part or resample)


def _cross_validated(folds: Folds, resample: Resample, resample_part: Resample) -> Scores:
    scores: Scores = {measure: [] for measure in MEASURES}
    for train, test in folds.pairs:
        judged = _judged(folds, resample, train, test)
        truth = folds.target.labels[test]
        for measure, value in _measure(truth, judged.predicted, folds.minority).items():
            scores[measure].append(value)
        scores["seconds"].append(judged.seconds)
        chances = judged.chances(folds.minority)
        if chances is not None:
            threshold = _tuned_threshold(folds, resample_part, train)
            for measure, value in _by_probability(truth == folds.minority, chances, threshold).items():
                scores[measure].append(value)
    return scores


@dataclass(frozen=True)
class Judged:
    """A fitted classifier, the held-out rows as it sees them, and how long the resampling took."""

    judge: Any
    held: NDArray[np.float64]
    seconds: float

    @property
    def predicted(self) -> NDArray[Any]:
        """Label of each held-out row."""
        return np.asarray(self.judge.predict(self.held))

    def chances(self, label: Any) -> NDArray[np.float64] | None:
        """Probability of ``label`` for each held-out row; None where the classifier gives none."""
        if not hasattr(self.judge, "predict_proba"):
            return None
        place = np.flatnonzero(self.judge.classes_ == label)
        return self.judge.predict_proba(self.held)[:, int(place[0])] if len(place) else np.zeros(len(self.held))


def _judged(folds: Folds, resample: Resample, train: NDArray[np.int64], test: NDArray[np.int64]) -> Judged:
    """What the judge, fitted to the resampled rows ``train``, says of the rows ``test``."""
    from sklearn.base import clone

    from contrapeso.tables._containers import open_table

    X_train, y_train = folds.table.take(train), folds.target.take(train)
    start = perf_counter()
    X_made, y_made = resample(X_train, y_train)
    seconds = perf_counter() - start
    fitted, held = _features(folds, open_table(X_train), open_table(X_made), open_table(folds.table.take(test)))
    labels = np.asarray(y_made).ravel()
    if len(np.unique(labels)) < 2:
        raise SingleClassError("Of the training rows of a fold the method left one class only: nothing can be learnt.")
    return Judged(clone(folds.estimator).fit(fitted, labels), held, seconds)


def _tuned_threshold(folds: Folds, resample: Resample, train: NDArray[np.int64]) -> float:
    """The probability from which a row is called rare, for the greatest balanced accuracy on a part of ``train``.

    The part is set aside before the other part is resampled. One half where a class has a single row here, or the
    method cannot run on what is left.
    """
    from sklearn.model_selection import StratifiedShuffleSplit

    codes = folds.target.codes[train]
    sizes = np.bincount(codes)
    n_held = max(round(TUNING_SHARE * len(train)), len(sizes))
    if sizes[sizes > 0].min() < 2:
        return 0.5
    splitter = StratifiedShuffleSplit(1, test_size=n_held, random_state=0)
    inner, held = next(splitter.split(np.zeros(len(train)), codes))
    try:
        chances = _judged(folds, resample, train[inner], train[held]).chances(folds.minority)
    except InvalidDataError:
        return 0.5
    assert chances is not None  # noqa: S101  (the caller has just seen that the judge gives them)
    return best_threshold(folds.target.labels[train[held]] == folds.minority, chances)


def best_threshold(rare: NDArray[np.bool_], chances: NDArray[np.float64]) -> float:
    """The threshold in the middle between two scores with the greatest balanced accuracy; the lowest among equals."""
    if rare.all() or not rare.any():
        return 0.5
    cuts = np.unique(chances)
    middles = np.concatenate([[cuts[0]], (cuts[:-1] + cuts[1:]) / 2])
    hits = np.array([(chances[rare] >= cut).mean() + (chances[~rare] < cut).mean() for cut in middles])
    return float(middles[hits.argmax()])


def _by_probability(rare: NDArray[np.bool_], chances: NDArray[np.float64], threshold: float) -> dict[str, float]:
    """Measures of the probability of the rarest class against the rest."""
    from sklearn import metrics

    called = chances >= threshold
    return {
        "average_precision": float(metrics.average_precision_score(rare, chances)),
        "balanced_accuracy_tuned": float((called[rare].mean() + (~called[~rare]).mean()) / 2),
        "brier": float(np.mean((chances - rare) ** 2)),
    }


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


__all__ = ["BY_PROBABILITY", "MEASURES", "Folds", "best_threshold", "cross_validate", "make_folds", "summary"]
