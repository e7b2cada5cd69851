"""The classifiers that can be trained by name, and two that scikit-learn has no complete form of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from threadpoolctl import threadpool_limits

from contrapeso._optional import require
from contrapeso.errors import InvalidParameterError

ModelType: TypeAlias = Literal[
    "auto",
    "random_forest",
    "lightgbm",
    "xgboost",
    "logistic_regression",
    "hist_gradient_boosting",
    "linear_svm",
    "kmeans",
]
Floats = NDArray[np.float64]

MOST_SEED = 2**31
"""Seeds of the libraries are 32 bits; a larger one is taken modulo this."""

LINEAR = frozenset({"logistic_regression", "linear_svm", "kmeans"})
"""Model types that take the sparse form of the features; the others are trees and take the dense one."""

TEXT_CANDIDATES: tuple[ModelType, ...] = ("linear_svm", "logistic_regression", "lightgbm")
TABLE_CANDIDATES: tuple[ModelType, ...] = ("lightgbm", "logistic_regression")


def check_model_type(model_type: str) -> None:
    """Raise unless ``model_type`` is one, and what it needs is installed."""
    from difflib import get_close_matches

    if model_type not in get_args(ModelType):
        near = get_close_matches(model_type, get_args(ModelType), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InvalidParameterError(f"model_type is one of {', '.join(get_args(ModelType))}; got {model_type!r}.{hint}")
    if model_type == "xgboost":
        require("xgboost", extra="xgboost")


def make_estimator(model_type: str, *, has_text: bool, n_rows: int, seed: int) -> Any:
    """Unfitted classifier of ``model_type``, on one thread, so that the same rows give the same model."""
    least = 5 if has_text else int(np.clip(n_rows / 50, 5, 20))  # rare categories need small leaves
    return _MAKERS[model_type](has_text, least, seed % MOST_SEED)


def _random_forest(has_text: bool, least: int, seed: int) -> Any:  # noqa: ARG001, FBT001  (one signature for all)
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(200, n_jobs=1, random_state=seed)


def _lightgbm(has_text: bool, least: int, seed: int) -> Any:  # noqa: FBT001
    from lightgbm import LGBMClassifier

    return LGBMClassifier(
        n_estimators=100,
        learning_rate=0.1,
        num_leaves=15,
        min_child_samples=least,
        colsample_bytree=0.5 if has_text else 1.0,
        n_jobs=1,
        random_state=seed,
        deterministic=True,
        force_col_wise=True,
        verbose=-1,
    )


def _xgboost(has_text: bool, least: int, seed: int) -> Any:  # noqa: ARG001, FBT001
    return XGBoostClassifier(random_state=seed)


def _hist_gradient_boosting(has_text: bool, least: int, seed: int) -> Any:  # noqa: FBT001
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=100,
        max_leaf_nodes=15,
        min_samples_leaf=20 if has_text else least,
        l2_regularization=1.0,  # without it the chances of rare classes run to 0 and 1
        early_stopping=False,
        random_state=seed,
    )


def _logistic_regression(has_text: bool, least: int, seed: int) -> Any:  # noqa: ARG001, FBT001
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=30.0 if has_text else 1.0, max_iter=2_000)


def _linear_svm(has_text: bool, least: int, seed: int) -> Any:  # noqa: ARG001, FBT001
    return LinearSVMClassifier(random_state=seed)


def _kmeans(has_text: bool, least: int, seed: int) -> Any:  # noqa: ARG001, FBT001
    return KMeansClassifier(random_state=seed)


_MAKERS: dict[str, Callable[[bool, int, int], Any]] = {
    "random_forest": _random_forest,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
    "hist_gradient_boosting": _hist_gradient_boosting,
    "logistic_regression": _logistic_regression,
    "linear_svm": _linear_svm,
    "kmeans": _kmeans,
}


class LinearSVMClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Linear support vector machine whose margins are made probabilities by one temperature.

    ``predict_proba`` is the softmax of ``scale_`` times the margins; ``scale_`` is fitted to margins of rows that the
    machine did not see (up to three folds), so a class of a single row needs no calibration set of its own.

    Parameters
    ----------
    C : float, default 1.0
    random_state : int, default 0

    References
    ----------
    .. [1] Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, Sec. 4.2.
    """

    N_FOLDS = 3

    def __init__(self, C: float = 1.0, random_state: int = 0) -> None:
        self.C = C
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LinearSVMClassifier:
        """Fit the machine to all rows, and the temperature to rows that a fold left out."""
        X = _rows_of(X)
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        weights = np.ones(len(codes)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        self.svm_ = self._machine().fit(X, codes, sample_weight=weights)
        self.n_features_in_ = X.shape[1]
        self.scale_ = self._temperature(X, codes, weights)
        return self

    def decision_function(self, X: Any) -> Floats:
        """Margins, shape (n, n_classes)."""
        return _margins(self.svm_, _rows_of(X), len(self.classes_))

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities, shape (n, n_classes)."""
        return _softmax(self.scale_ * self.decision_function(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Most probable class."""
        return np.asarray(self.classes_[np.argmax(self.decision_function(X), axis=1)])

    def _machine(self) -> Any:
        from sklearn.svm import LinearSVC

        return LinearSVC(C=self.C, dual="auto", max_iter=10_000, random_state=self.random_state)

    def _temperature(self, X: Any, codes: NDArray[np.intp], weights: Floats) -> float:
        from scipy.optimize import minimize_scalar

        fold = _folds(codes, self.N_FOLDS, self.random_state)
        margins, kept = np.zeros((len(codes), len(self.classes_))), np.zeros(len(codes), dtype=bool)
        for k in range(self.N_FOLDS):
            inside, outside = fold != k, fold == k
            known = np.unique(codes[inside])
            outside = outside & np.isin(codes, known)
            if len(known) < len(self.classes_) or not outside.any():
                continue
            machine = self._machine().fit(X[inside], codes[inside], sample_weight=weights[inside])
            margins[outside], kept[outside] = _margins(machine, X[outside], len(self.classes_)), True
        if not kept.any():
            return 1.0

        def loss(log_scale: float) -> float:
            chances = _softmax(np.exp(log_scale) * margins[kept])
            told = np.log(np.maximum(chances[np.arange(kept.sum()), codes[kept]], 1e-15))
            return float(-(weights[kept] * told).mean())

        return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))


class KMeansClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """k-means whose clusters are named by their majority class; probabilities are the class shares of the cluster.

    Parameters
    ----------
    n_clusters : int, optional
        By default three for each class, eight at least.
    random_state : int, default 0

    Attributes
    ----------
    shares_ : ndarray of shape (n_clusters, n_classes)
        Shares of the classes, with the shares of all rows counting as one row more.
    cluster_names_ : ndarray of shape (n_clusters,)
    """

    def __init__(self, n_clusters: int | None = None, random_state: int = 0) -> None:
        self.n_clusters = n_clusters
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> KMeansClassifier:
        """Cluster the rows without looking at ``y``, then name the clusters by it."""
        from sklearn.cluster import KMeans
        from sklearn.exceptions import ConvergenceWarning

        X = _rows_of(X)
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        weights = np.ones(len(codes)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        asked = self.n_clusters or max(8, 3 * len(self.classes_))
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters: some stay empty
            self.kmeans_ = KMeans(min(asked, X.shape[0]), n_init=4, random_state=self.random_state)
            places = self.kmeans_.fit(X, sample_weight=weights).labels_
        counts = np.zeros((self.kmeans_.n_clusters, len(self.classes_)))
        np.add.at(counts, (places, codes), weights)
        counts += counts.sum(axis=0) / counts.sum()
        self.shares_ = counts / counts.sum(axis=1, keepdims=True)
        self.cluster_names_ = self.classes_[np.argmax(self.shares_, axis=1)]
        self.n_features_in_ = X.shape[1]
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Class shares of the cluster that each row falls in, shape (n, n_classes)."""
        with threadpool_limits(1):
            return np.asarray(self.shares_[self.kmeans_.predict(_rows_of(X))])

    def predict(self, X: Any) -> NDArray[Any]:
        """Name of the cluster that each row falls in."""
        with threadpool_limits(1):
            return np.asarray(self.cluster_names_[self.kmeans_.predict(_rows_of(X))])


class XGBoostClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """XGBoost for labels of any kind; a class may be absent from the rows that teach.

    Parameters
    ----------
    n_estimators, learning_rate, max_depth : of the trees
    random_state : int, default 0

    Raises
    ------
    MissingExtraError
        If xgboost is not installed.
    """

    def __init__(
        self, n_estimators: int = 150, learning_rate: float = 0.1, max_depth: int = 6, random_state: int = 0
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> XGBoostClassifier:
        """Fit one booster of trees by histogram, on one thread."""
        xgboost = require("xgboost", extra="xgboost")
        X = _rows_of(X)
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        n = len(self.classes_)
        kind = {"objective": "binary:logistic"} if n == 2 else {"objective": "multi:softprob", "num_class": n}
        settings = {
            **kind,
            "eta": self.learning_rate,
            "max_depth": self.max_depth,
            "tree_method": "hist",
            "nthread": 1,
            "seed": self.random_state,
        }
        self.booster_ = xgboost.train(
            settings, xgboost.DMatrix(X, label=codes, weight=sample_weight, nthread=1), self.n_estimators
        )
        self.n_features_in_ = X.shape[1]
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities, shape (n, n_classes)."""
        xgboost = require("xgboost", extra="xgboost")
        found = np.asarray(self.booster_.predict(xgboost.DMatrix(_rows_of(X), nthread=1)), dtype=np.float64)
        return np.column_stack([1 - found, found]) if found.ndim == 1 else found

    def predict(self, X: Any) -> NDArray[Any]:
        """Most probable class."""
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])


def _rows_of(X: Any) -> Any:
    """``X`` as an array or a CSR matrix."""
    from scipy import sparse

    return X.tocsr() if sparse.issparse(X) else np.asarray(X, dtype=np.float64)


def _margins(machine: Any, X: Any, n_classes: int) -> Floats:
    found = np.asarray(machine.decision_function(X), dtype=np.float64)
    return np.column_stack([-found, found]) if n_classes == 2 else found


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _folds(codes: NDArray[np.intp], n_folds: int, seed: int) -> NDArray[np.intp]:
    """Fold of each row: the rows of each class dealt in turn, in an order drawn by seed."""
    from contrapeso._rng import generator, seed_sequence

    order = generator(seed_sequence(seed), 3_000).permutation(len(codes))
    fold = np.zeros(len(codes), dtype=np.intp)
    for code in np.unique(codes):
        rows = order[codes[order] == code]
        fold[rows] = np.arange(len(rows)) % n_folds
    return fold


__all__ = [
    "LINEAR",
    "MOST_SEED",
    "TABLE_CANDIDATES",
    "TEXT_CANDIDATES",
    "KMeansClassifier",
    "LinearSVMClassifier",
    "ModelType",
    "XGBoostClassifier",
    "check_model_type",
    "make_estimator",
]
