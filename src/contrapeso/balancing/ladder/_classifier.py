"""A treatment as a scikit-learn classifier: sampling while it is fitted, prior correction and threshold afterwards."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import sklearn.exceptions
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from contrapeso._rng import RandomState, child
from contrapeso.balancing.ladder._calibrate import Calibration, fit_calibration, rarest
from contrapeso.balancing.ladder._fit import FittedRung, fit_rung
from contrapeso.balancing.ladder._folds import fold_count, plan_rows, units_of
from contrapeso.balancing.ladder._objective import Floats, Objective, decide
from contrapeso.balancing.ladder._question import Question, decisions, question_of, rare_of, training_rows
from contrapeso.balancing.ladder._rows import encoded
from contrapeso.balancing.ladder._rungs import rung_named
from contrapeso.balancing.ladder._threshold import neutral, offsets_at, threshold_of, tune_offsets
from contrapeso.errors import InvalidDataError, InvalidParameterError, NotFittedError, SingleClassError
from contrapeso.samplers._target import Target, open_target
from contrapeso.tables._containers import RecordsTable, Table, open_table


class _UnfittedError(NotFittedError, sklearn.exceptions.NotFittedError):  # type: ignore[misc]  # no types
    """For callers of scikit-learn, who catch its own."""


def classes_of(target: Target) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Sorted classes, labels of mixed types included, and the code of each row."""
    codes = np.asarray(target.codes, dtype=np.intp)
    _, first = np.unique(codes, return_index=True)
    return np.asarray(target.labels)[first], codes


def _other_names(names: list[Any], known: list[Any]) -> str:
    text = "The feature names should match those that were passed during fit.\n"
    new, gone = [n for n in names if n not in known], [n for n in known if n not in names]
    if not new and not gone:
        return text + "Feature names must be in the same order as they were in fit.\n"
    for title, group in (("unseen at fit time", new), ("seen at fit time, yet now missing", gone)):
        if group:
            more = ["- ...\n"] if len(group) > 5 else []
            text += f"Feature names {title}:\n" + "".join([*(f"- {n}\n" for n in sorted(map(str, group))[:5]), *more])
    return text


class BalancedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier whose rows are treated while it is fitted, and whose probabilities are those of untreated rows.

    Parameters
    ----------
    estimator : classifier, optional
        LightGBM by default. A scikit-learn pipeline gets the table as it is; any other classifier gets numbers, learnt
        from the rows it is fitted to.
    rung : str, default 'none'
        A treatment of the ladder: 'none', 'weights', 'smote_0.5', 'under_bagging_1', ... (``RUNGS``); 'threshold' and
        'calibrated' are the same as threshold='tuned' and calibrated=True.
    threshold : None, 'tuned' or float, default None
        None calls the most probable class; 'tuned' finds the factors with the best score of ``objective`` on
        out-of-fold chances; a number is the chance from which the rarer of two classes is called.
    calibrated : bool, default False
        Whether chances are mapped to shares of hits, learnt out of fold.
    objective : str or Objective, default 'mcc'
        What the threshold is tuned for.
    random_state : int, SeedSequence, Generator or RandomState, default 0

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    offsets_ : array of shape (n_classes,)
        Factors of the chances before the largest is taken.
    threshold_ : float or None
        With two classes: the chance from which the rarer one is called.
    calibration_ : Calibration or None
    n_features_in_ : int
    feature_names_in_ : array of shape (n_features_in_,)
        Only where the columns have names, all of them text; dicts are then read by their keys in any order.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from contrapeso.balancing import BalancedClassifier
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(200, 2)), np.repeat(["usual", "rare"], [180, 20])
    >>> X[y == "rare"] += 1.5
    >>> model = BalancedClassifier(LogisticRegression(), rung="smote_0.5").fit(X, y)
    >>> bool(abs(model.predict_proba(X)[:, 0].mean() - 0.1) < 0.03)  # probabilities of the real shares
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        rung: str = "none",
        *,
        threshold: float | str | None = None,
        calibrated: bool = False,
        objective: str | Objective = "mcc",
        random_state: RandomState = 0,
    ) -> None:
        self.estimator = estimator
        self.rung = rung
        self.threshold = threshold
        self.calibrated = calibrated
        self.objective = objective
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """Treat the rows and fit the model to them.

        Parameters
        ----------
        X : table of shape (n, p); y : labels of shape (n,); sample_weight : array-like of shape (n,), optional

        Raises
        ------
        SingleClassError
            If ``y`` has one class.
        InvalidParameterError
            If a parameter is outside its rule.
        """
        self._check()
        question = self._question(X, y, sample_weight)
        offsets, calibration = neutral(question.n_classes), None
        if self._calibrates or self._tunes:
            offsets, calibration = self._out_of_fold(question)
        elif self.threshold is not None:
            offsets = self._at(float(self.threshold), question)
        return self._fit_rung(question, offsets, calibration)

    @property
    def _tunes(self) -> bool:
        return self.threshold == "tuned" or (self.threshold is None and rung_named(self.rung).derived == "threshold")

    @property
    def _calibrates(self) -> bool:
        return bool(self.calibrated) or rung_named(self.rung).derived == "calibrated"

    def _check(self) -> None:
        rung_named(self.rung)
        if isinstance(self.threshold, str) and self.threshold != "tuned":
            raise InvalidParameterError(f"threshold must be None, 'tuned' or a number; got {self.threshold!r}.")
        if isinstance(self.threshold, (int, float)) and not 0 < float(self.threshold) < 1:
            raise InvalidParameterError(f"A threshold is a chance between 0 and 1; got {self.threshold!r}.")

    def _question(self, X: Any, y: Any, sample_weight: ArrayLike | None) -> Question:
        table = open_table(X)
        target = open_target(y, table.n_rows)
        self.classes_, codes = classes_of(target)
        if len(self.classes_) < 2:
            raise SingleClassError("A classifier needs two classes at least; the target has one class.")
        return question_of(
            table,
            codes,
            sample_weight,
            self.estimator,
            objective=self.objective,
            random_state=self.random_state,
        )

    def _at(self, threshold: float, question: Question) -> Floats:
        if question.n_classes != 2:
            raise InvalidParameterError("A threshold by number is for two classes; use 'tuned' or None with more.")
        return offsets_at(threshold, rare_of(question.codes))

    def _out_of_fold(self, question: Question) -> tuple[Floats, Calibration | None]:
        """Factors and calibration from chances of rows that the model did not see."""
        units, _ = units_of(question.table, question.codes, None)
        plan = plan_rows(question.codes, units, None, grouped=False, seed=question.seed, set_aside=False)
        rung, folds = rung_named(self.rung), plan.folds(0, fold_count(question.codes, units))
        rows = np.concatenate([fold.test for fold in folds])
        parts = []
        for k, fold in enumerate(folds):
            train = training_rows(question, fold.train, child(question.seed, 20, k))
            fitted = fit_rung(rung, question.estimator, train, given_weights=question.given_weights)
            parts.append(fitted.chances(train.encode(open_table(question.table.take(fold.test)))))
        chances, truth, weights = np.concatenate(parts), question.codes[rows], question.weights[rows]
        calibration = None
        if self._calibrates:
            calibration = fit_calibration(truth, chances, weights, rarest(truth, rows))
            chances = calibration.apply(chances)
        if not self._tunes:
            if self.threshold is not None:
                return self._at(float(self.threshold), question), calibration
            return neutral(question.n_classes), calibration
        return tune_offsets(decisions(question.judge), truth, chances, weights), calibration

    def _fit_rung(self, question: Question, offsets: Floats, calibration: Calibration | None) -> Self:
        rows = np.arange(len(question.codes), dtype=np.int64)
        train = training_rows(question, rows, child(question.seed, 30))
        self._fitted: FittedRung = fit_rung(
            rung_named(self.rung), question.estimator, train, given_weights=question.given_weights
        )
        self._design, self._raw = train.design, train.raw
        self.offsets_, self.calibration_ = offsets, calibration
        self._remember_columns(question.table)
        positive = question.judge.positive
        self.threshold_ = None if positive is None else threshold_of(offsets, positive)
        return self

    def _remember_columns(self, table: Table) -> None:
        self.n_features_in_ = table.n_columns
        names = table.names()
        if names is not None and all(isinstance(name, str) for name in names):
            self.feature_names_in_ = np.asarray(names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def predict_proba(self, X: Any) -> Floats:
        """Chance of each class for each row, (n, n_classes), for class shares as they were before the treatment."""
        if not hasattr(self, "_fitted"):
            raise _UnfittedError(f"This {type(self).__name__} is not fitted yet; call fit(X, y) first.")
        table = self._as_fitted(open_table(X))
        chances = self._fitted.chances(encoded(table, self._design, raw=self._raw))
        return chances if self.calibration_ is None else self.calibration_.apply(chances)

    def _as_fitted(self, table: Table) -> Table:
        """``table`` where it has the columns of the fit: frames in the same order, dicts by their keys."""
        known, names = getattr(self, "feature_names_in_", None), table.names()
        if known is not None and isinstance(table, RecordsTable) and set(table.keys()) <= set(known):
            return open_table([{name: record.get(name) for name in known} for record in table.records])
        if table.n_columns != self.n_features_in_:
            raise InvalidDataError(
                f"X has {table.n_columns} features, but {type(self).__name__} is expecting {self.n_features_in_} "
                "features as input."
            )
        if known is not None and names is not None and list(names) != list(known):
            raise InvalidDataError(_other_names(list(names), list(known)))
        return table

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.sparse = tags.input_tags.categorical = True
        return tags

    def predict(self, X: Any) -> NDArray[Any]:
        """Class of each row, (n,), at the threshold in force."""
        called = decide(self.predict_proba(X), self.offsets_)
        return np.asarray(self.classes_[called])


__all__ = ["BalancedClassifier", "classes_of"]
