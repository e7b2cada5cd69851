"""A treatment as a scikit-learn classifier: sampling while it is fitted, prior correction and threshold afterwards."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from contrapeso._rng import RandomState, child
from contrapeso.balancing.ladder._calibrate import Calibration, fit_calibration
from contrapeso.balancing.ladder._fit import FittedRung, fit_rung
from contrapeso.balancing.ladder._folds import fold_count, plan_rows, units_of
from contrapeso.balancing.ladder._objective import Floats, Objective, decide
from contrapeso.balancing.ladder._question import Question, decisions, question_of, rare_of, training_rows
from contrapeso.balancing.ladder._rows import encoded
from contrapeso.balancing.ladder._rungs import rung_named
from contrapeso.balancing.ladder._threshold import neutral, offsets_at, threshold_of, tune_offsets
from contrapeso.errors import InvalidDataError, InvalidParameterError, NotFittedError, SingleClassError
from contrapeso.samplers._target import open_target
from contrapeso.tables._containers import Table, open_table


class BalancedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier whose rows are treated while it is fitted, and whose probabilities are those of untreated rows.

    Parameters
    ----------
    estimator : classifier, optional
        LightGBM by default. A scikit-learn pipeline gets the table as it is; any other classifier gets numbers, learnt
        from the rows it is fitted to.
    rung : str, default 'none'
        A treatment of the ladder: 'none', 'weights', 'smote_0.5', 'under_bagging_1', ... (``RUNGS``).
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
        if self.calibrated or self.threshold == "tuned":
            offsets, calibration = self._out_of_fold(question)
        elif self.threshold is not None:
            offsets = self._at(float(self.threshold), question)
        return self._fit_rung(question, offsets, calibration)

    def _check(self) -> None:
        rung_named(self.rung)
        if isinstance(self.threshold, str) and self.threshold != "tuned":
            raise InvalidParameterError(f"threshold must be None, 'tuned' or a number; got {self.threshold!r}.")
        if isinstance(self.threshold, (int, float)) and not 0 < float(self.threshold) < 1:
            raise InvalidParameterError(f"A threshold is a chance between 0 and 1; got {self.threshold!r}.")

    def _question(self, X: Any, y: Any, sample_weight: ArrayLike | None) -> Question:
        table = open_table(X)
        target = open_target(y, table.n_rows)
        self.classes_, codes = np.unique(target.labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise SingleClassError("A classifier needs two classes at least; the target has one.")
        return question_of(
            table,
            codes.astype(np.intp),
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
        if self.calibrated:
            calibration = fit_calibration(truth, chances, weights, int(np.bincount(truth).min()))
            chances = calibration.apply(chances)
        if self.threshold != "tuned":
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
        self.n_features_in_ = question.table.n_columns
        two = question.n_classes == 2
        self.threshold_ = threshold_of(offsets, rare_of(question.codes)) if two else None
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Chance of each class for each row, (n, n_classes), for class shares as they were before the treatment."""
        if not hasattr(self, "_fitted"):
            raise NotFittedError(f"This {type(self).__name__} is not fitted yet; call fit(X, y) first.")
        table: Table = open_table(X)
        if table.n_columns != self.n_features_in_:
            raise InvalidDataError(
                f"X has {table.n_columns} columns, but {type(self).__name__} is expecting {self.n_features_in_} "
                "features as input."
            )
        chances = self._fitted.chances(encoded(table, self._design, raw=self._raw))
        return chances if self.calibration_ is None else self.calibration_.apply(chances)

    def predict(self, X: Any) -> NDArray[Any]:
        """Class of each row, (n,), at the threshold in force."""
        called = decide(self.predict_proba(X), self.offsets_)
        return np.asarray(self.classes_[called])


__all__ = ["BalancedClassifier"]
