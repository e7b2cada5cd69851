"""What rows are worth for training: how well a model trained on them predicts a column of other rows.

The measure follows the column: two values, area under the ROC curve; more categories, gain in log loss over the class
shares; numbers, R^2 of the ranks. Ranks, because R^2 of amounts hangs on a handful of the largest rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._features import Features
from contrapeso.metrics._trees import Task, Trees, fit_trees

Floats = NDArray[np.float64]
Measure = Literal["auc", "log_loss_gain", "r2"]
TASKS: dict[Measure, Task] = {"auc": "binary", "log_loss_gain": "multiclass", "r2": "regression"}
DUMMIES: dict[Measure, float] = {"auc": 0.5, "log_loss_gain": 0.0, "r2": 0.0}
MAX_CLASSES = 8
MIN_GAIN = 0.03
SMOOTHING = 0.01
MIN_ROWS = 10
MAX_INDICATORS = 10


@dataclass(frozen=True, slots=True)
class Target:
    """A column as something to predict, on one footing for all tables.

    Attributes
    ----------
    column : int
    measure : {"auc", "log_loss_gain", "r2"}
    values, levels : ndarray of shape (k,)
        Values in ascending order, and the class of each; for ``r2`` the weight up to and including each.
    n_classes : int
        Classes, the last one all other values where ``has_other``; 0 for ``r2``.
    """

    column: int
    measure: Measure
    values: Floats
    levels: Floats
    n_classes: int
    has_other: bool = False

    @classmethod
    def of(cls, real: Features, column: int, weights: Floats | None = None) -> Target | None:
        """The column as the real rows have it; None where it has fewer than two values.

        Of many categories the 8 with the most weight are classes, the rest one more. Of two values the rarer is
        class 1.
        """
        values = real.values[:, column]
        present = ~np.isnan(values)
        w = np.ones(values.size) if weights is None else weights
        distinct, at = np.unique(values[present], return_inverse=True)
        if distinct.size < 2:
            return None
        mass = np.bincount(at, weights=w[present])
        if distinct.size > 2 and not real.categorical[column]:
            return cls(column, "r2", distinct, np.cumsum(mass), 0)
        return cls.of_classes(column, distinct[np.argsort(-mass, kind="stable")])

    @classmethod
    def of_classes(cls, column: int, values: Floats) -> Target:
        """Two or more ``values`` as classes 0, 1, ...; those beyond the eighth are one class."""
        klass = np.minimum(np.arange(values.size), MAX_CLASSES).astype(np.float64)
        order = np.argsort(values)
        measure: Measure = "auc" if values.size == 2 else "log_loss_gain"
        n_classes = int(klass.max()) + 1
        return cls(column, measure, values[order], klass[order], n_classes, values.size > MAX_CLASSES)

    @property
    def dummy(self) -> float:
        """What the best constant scores."""
        return DUMMIES[self.measure]

    def read(self, X: Features) -> Floats:
        """Class or rank (0 to 1) of each row, (n,); NaN where it is null or of no class."""
        values = X.values[:, self.column]
        present = ~np.isnan(values)
        low = np.searchsorted(self.values, values[present], side="left")
        found = np.full(values.size, np.nan)
        if self.measure == "r2":
            high = np.searchsorted(self.values, values[present], side="right")
            upto = np.concatenate([[0.0], self.levels])
            found[present] = (upto[low] + upto[high]) / (2 * upto[-1])
            return found
        near = np.minimum(low, self.values.size - 1)
        unseen = float(MAX_CLASSES) if self.has_other else np.nan
        found[present] = np.where(self.values[near] == values[present], self.levels[near], unseen)
        return found


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model of a target; without a model, as there were too few rows, the class shares or the mean of its rows."""

    target: Target
    model: Trees | None
    constant: Floats

    def predict(self, X: Features) -> Floats:
        """Probability of class 1 (n,), of each class (n, n_classes), or the rank (n,)."""
        if self.model is not None:
            return self.model.predict(X.without(self.target.column))
        found: Floats = np.repeat(self.constant[None], X.n_rows, axis=0)
        return found

    def contributions(self, X: Features) -> Floats:
        """SHAP value of each other column, (n, p - 1); zeros for a constant."""
        others = X.without(self.target.column)
        return np.zeros(others.values.shape) if self.model is None else self.model.contributions(others)


def learn(
    target: Target,
    train: Features,
    weights: Floats | None = None,
    *,
    n_trees: int = 60,
    n_leaves: int = 15,
    seed: int = 0,
) -> Learnt:
    """Boosted trees that predict ``target`` from the other columns; rows where it is null are left out."""
    y = target.read(train)
    kept = ~np.isnan(y)
    w = np.ones(y.size) if weights is None else weights
    kept &= w > 0
    if kept.sum() < MIN_ROWS or np.ptp(y[kept]) == 0 or train.n_columns < 2:
        return Learnt(target, None, _constant(target, y[kept], w[kept]))
    X = train.take(kept).without(target.column)
    task = TASKS[target.measure]
    model = fit_trees(
        X, y[kept], task, n_classes=target.n_classes, n_trees=n_trees, n_leaves=n_leaves, weights=w[kept], seed=seed
    )
    return Learnt(target, model, np.empty(0))


def utility(
    train: Features,
    test: Features,
    column: int,
    *,
    train_weights: Floats | None = None,
    test_weights: Floats | None = None,
    reference: Features | None = None,
    seed: int = 0,
) -> float | None:
    """How well a model trained on ``train`` predicts ``column`` of ``test``; None where it has less than two values.

    Parameters
    ----------
    train, test : Features of shapes (n, p) and (m, p)
    column : int
        Position of the column to predict from all others.
    train_weights, test_weights : ndarray of shapes (n,) and (m,), optional
    reference : Features, optional
        Rows that say which classes or ranks the column has; the training rows by default. Give the real training rows
        where ``train`` is synthetic.
    seed : int, optional (default=0)

    Returns
    -------
    float or None
        Area under the ROC curve, gain in log loss, or R^2 of ranks (see :func:`measure`).
    """
    target = Target.of(train if reference is None else reference, column)
    if target is None:
        return None
    prediction = learn(target, train, train_weights, seed=seed).predict(test)
    w = np.ones(test.n_rows) if test_weights is None else test_weights
    value = float(measure(target, target.read(test), prediction, w[None])[0])
    return None if np.isnan(value) else value


def relative_score(synthetic: float, real: float, dummy: float) -> float | None:
    """``(synthetic - dummy) / (real - dummy)`` clipped to [0, 1]; None where real rows gain less than 0.03.

    References
    ----------
    .. [1] Esteban et al., "Real-valued medical time series generation with recurrent conditional GANs", 2017 (train on
       synthetic, test on real).
    """
    if np.isnan([synthetic, real]).any() or real - dummy < MIN_GAIN:
        return None
    return float(np.clip((synthetic - dummy) / (real - dummy), 0.0, 1.0))


def measure(target: Target, y: Floats, prediction: Floats, weights: Floats) -> Floats:
    """The measure of ``target`` for each row of ``weights`` (R, n), (R,); NaN where the test rows have one value.

    ``y`` (n,) and ``prediction`` are as :meth:`Target.read` and :meth:`Learnt.predict` give them.
    """
    kept = ~np.isnan(y)
    y, prediction, weights = y[kept], prediction[kept], weights[:, kept]
    if target.measure == "auc":
        return area_under_curve(prediction, y > 0, weights)
    if target.measure == "r2":
        return r_squared(y, prediction, weights)
    return log_loss_gain(y.astype(np.intp), smooth(prediction), weights)


def smooth(probabilities: Floats) -> Floats:
    """1 % of the probability spread evenly, so that a class never seen in training costs much but not without end."""
    result: Floats = (1 - SMOOTHING) * probabilities + SMOOTHING / probabilities.shape[1]
    return result


def area_under_curve(score: Floats, positive: NDArray[np.bool_], weights: Floats) -> Floats:
    """Area under the ROC curve, ties half, for each row of ``weights`` (R, n), (R,); NaN where a side has no weight."""
    order = np.argsort(score, kind="stable")
    ranked, w = score[order], weights[:, order]
    up, down = w * positive[order], w * ~positive[order]
    upto = np.concatenate([np.zeros((len(w), 1)), np.cumsum(down, axis=1)], axis=1)
    low, high = (np.searchsorted(ranked, ranked, side=side) for side in ("left", "right"))
    won = (up * (upto[:, low] + upto[:, high])).sum(axis=1) / 2
    return _divide(won, up.sum(axis=1) * down.sum(axis=1))


def r_squared(y: Floats, prediction: Floats, weights: Floats) -> Floats:
    """``1 - sum w (y - prediction)^2 / sum w (y - mean)^2`` for each row of ``weights`` (R, n), (R,)."""
    total = weights.sum(axis=1)
    centred = y - (y.mean() if y.size else 0.0)
    spread = weights @ centred**2 - _divide((weights @ centred) ** 2, total)
    return 1 - _divide(weights @ (y - prediction) ** 2, np.where(spread > 1e-12 * total, spread, 0.0))


def log_loss_gain(y: NDArray[np.intp], probabilities: Floats, weights: Floats) -> Floats:
    """``1 - log loss / log loss of the class shares of the test rows`` for each row of ``weights`` (R, n), (R,)."""
    n_classes = probabilities.shape[1]
    loss = -np.log(np.maximum(probabilities[np.arange(y.size), y], 1e-12))
    mass = weights @ np.eye(n_classes)[y]
    total = weights.sum(axis=1)
    shares = _divide(mass, total[:, None])
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1)
    return 1 - _divide(weights @ loss, total * np.where(entropy > 1e-12, entropy, 0.0))


def brier_score(target: Target, y: Floats, prediction: Floats, weights: Floats) -> Floats:
    """Mean squared distance of the probabilities from the class, for each row of ``weights`` (R, n), (R,).

    Of two classes that of class 1 (0 to 1), of more the sum over the classes (0 to 2).
    """
    kept = ~np.isnan(y)
    y, prediction, weights = y[kept], prediction[kept], weights[:, kept]
    if target.measure == "auc":
        loss = (prediction - y) ** 2
    else:
        loss = ((prediction - np.eye(target.n_classes)[y.astype(np.intp)]) ** 2).sum(axis=1)
    return _divide(weights @ loss, weights.sum(axis=1))


def recalls(target: Target, y: Floats, prediction: Floats, weights: Floats) -> Floats:
    """Share of the rows of each class that get their class as the most likely one, (n_classes,); NaN without rows."""
    kept = ~np.isnan(y)
    klass, prediction, w = y[kept].astype(np.intp), prediction[kept], weights[kept]
    said = (prediction > 0.5).astype(np.intp) if target.measure == "auc" else prediction.argmax(axis=1)
    of_class = np.eye(target.n_classes)[klass].T
    return _divide(of_class @ (w * (said == klass)), of_class @ w)


def rank_agreement(real: Sequence[float], synthetic: Sequence[float]) -> float | None:
    """Spearman correlation of two rankings of the same models; None for fewer than three or where one ranks none."""
    if len(real) < 3 or np.isnan([*real, *synthetic]).any() or np.ptp(real) == 0 or np.ptp(synthetic) == 0:
        return None
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(real), rankdata(synthetic))[0, 1])


TrainAndPredict = Callable[[Features, Floats, Features], Floats]


def model_kinds(
    target: Target, real: Features, *, n_trees: int = 60, n_leaves: int = 15
) -> list[tuple[str, TrainAndPredict]]:
    """Four kinds of models of a class: each takes training rows, their weights and test rows, and answers.

    Those of scikit-learn see ranks of the numbers and indicators of the 10 most frequent categories among the ``real``
    rows, null as a category of its own.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier

    encoder = _Encoder.of(real.without(target.column))

    def boosted(train: Features, weights: Floats, test: Features) -> Floats:
        return learn(target, train, weights, n_trees=n_trees, n_leaves=n_leaves).predict(test)

    def of(make: Callable[[], Any]) -> TrainAndPredict:
        return lambda train, weights, test: _sklearn_answer(make(), encoder, target, (train, weights), test)

    return [
        ("boosted_trees", boosted),
        ("logistic_regression", of(lambda: LogisticRegression(solver="newton-cholesky", max_iter=100))),
        ("decision_tree", of(lambda: DecisionTreeClassifier(max_depth=5, min_samples_leaf=5, random_state=0))),
        ("random_forest", of(lambda: RandomForestClassifier(30, max_depth=10, min_samples_leaf=3, random_state=0))),
    ]


def _sklearn_answer(
    model: Any, encoder: _Encoder, target: Target, train: tuple[Features, Floats], test: Features
) -> Floats:
    """Probabilities as :meth:`Learnt.predict` gives them."""
    X, weights = train
    y = target.read(X)
    kept = ~np.isnan(y)
    if np.unique(y[kept]).size < 2:
        return Learnt(target, None, _constant(target, y[kept], weights[kept])).predict(test)
    model.fit(encoder(X.without(target.column))[kept], y[kept], sample_weight=weights[kept])
    said = model.predict_proba(encoder(test.without(target.column)))
    found = np.zeros((test.n_rows, target.n_classes))
    found[:, model.classes_.astype(np.intp)] = said
    answer: Floats = found[:, 1] if target.measure == "auc" else found
    return answer


@dataclass(frozen=True, slots=True)
class _Encoder:
    """Columns as numbers between -1 and 1 for models that are no trees."""

    columns: tuple[Target | Floats, ...]

    @classmethod
    def of(cls, X: Features) -> _Encoder:
        return cls(tuple(cls._column(X, k) for k in range(X.n_columns)))

    @staticmethod
    def _column(X: Features, k: int) -> Target | Floats:
        found = None if X.categorical[k] else Target.of(X, k)
        if found is not None and found.measure == "r2":
            return found
        values, counts = np.unique(X.values[~np.isnan(X.values[:, k]), k], return_counts=True)
        frequent: Floats = values[np.argsort(-counts, kind="stable")][:MAX_INDICATORS]
        return frequent

    def __call__(self, X: Features) -> Floats:
        """Matrix of shape (n, number of ranks and indicators)."""
        parts = []
        for k, column in enumerate(self.columns):
            null = np.isnan(X.values[:, k])
            if isinstance(column, Target):
                parts.append(np.where(null, 0.0, 2 * column.read(X) - 1)[:, None])
            else:
                parts.append((X.values[:, [k]] == column).astype(np.float64))
            parts.append(null[:, None].astype(np.float64))
        return np.concatenate(parts, axis=1)


def _constant(target: Target, y: Floats, weights: Floats) -> Floats:
    """Class shares, the share of class 1, or the mean of the ranks; even where there is no row."""
    if target.measure == "log_loss_gain":
        mass = np.bincount(y.astype(np.intp), weights=weights, minlength=target.n_classes).astype(np.float64)
        return mass / mass.sum() if mass.sum() > 0 else np.full(target.n_classes, 1 / target.n_classes)
    return np.array(np.average(y, weights=weights) if weights.sum() > 0 else 0.5)


def _divide(a: Floats, b: Floats) -> Floats:
    """``a / b``, NaN where b is zero."""
    found: Floats = np.divide(a, b, out=np.full(np.broadcast_shapes(a.shape, b.shape), np.nan), where=b != 0)
    return found


__all__ = [
    "MAX_CLASSES",
    "MIN_GAIN",
    "Learnt",
    "Measure",
    "Target",
    "area_under_curve",
    "brier_score",
    "learn",
    "log_loss_gain",
    "measure",
    "model_kinds",
    "r_squared",
    "rank_agreement",
    "recalls",
    "relative_score",
    "smooth",
    "utility",
]
