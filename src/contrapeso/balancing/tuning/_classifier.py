"""What tuning chose, as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from contrapeso._rng import RandomState
from contrapeso.balancing.ladder._fit import FittedRung
from contrapeso.balancing.ladder._folds import plan_rows, units_of
from contrapeso.balancing.ladder._objective import Objective, decide
from contrapeso.balancing.ladder._question import question_of
from contrapeso.balancing.ladder._rows import TrainingRows, encoded
from contrapeso.balancing.tuning._bench import Bench
from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.errors import InvalidDataError, NotFittedError, SingleClassError
from contrapeso.progress import never
from contrapeso.samplers._target import open_target
from contrapeso.tables._containers import open_table

Floats = NDArray[np.float64]


class TunedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier whose rows are treated by a candidate while it is fitted, and only then.

    Parameters
    ----------
    estimator : classifier, optional
        LightGBM by default.
    candidate : Candidate, default "none"
    objective : str or Objective, default 'ranking'
        Of an objective about decisions the threshold is tuned on out-of-fold chances.
    random_state : int, SeedSequence, Generator or RandomState, default 0

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    offsets_ : array of shape (n_classes,)
        Factors of the chances before the largest is taken.
    n_features_in_ : int
    """

    def __init__(
        self,
        estimator: Any = None,
        candidate: Candidate = Candidate(),  # noqa: B008  (frozen)
        *,
        objective: str | Objective = "ranking",
        random_state: RandomState = 0,
    ) -> None:
        self.estimator = estimator
        self.candidate = candidate
        self.objective = objective
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Treat the rows and fit the model to them.

        Raises
        ------
        SingleClassError
            If ``y`` has one class.
        """
        table = open_table(X)
        classes, codes = np.unique(open_target(y, table.n_rows).labels, return_inverse=True)
        if len(classes) < 2:
            raise SingleClassError("A classifier needs two classes at least; the target has one.")
        codes = codes.astype(np.intp)
        question = question_of(
            table, codes, None, self.estimator, objective=self.objective, random_state=self.random_state
        )
        units, _ = units_of(table, codes, None)
        plan = plan_rows(codes, units, None, grouped=False, seed=question.seed, set_aside=False)
        bench = Bench(question, plan)
        return self.take_over(classes, bench.all_offsets(self.candidate, never), *bench.on_all(self.candidate, never))

    def take_over(self, classes: NDArray[Any], offsets: Floats, rows: TrainingRows, fitted: FittedRung) -> Self:
        """Become a model that was fitted elsewhere."""
        self.classes_, self.offsets_ = classes, offsets
        self._design, self._raw, self._fitted = rows.design, rows.raw, fitted
        self.n_features_in_ = rows.table.n_columns
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Chance of each class for each row, (n, n_classes), for class shares as they were before the treatment."""
        if not hasattr(self, "_fitted"):
            raise NotFittedError(f"This {type(self).__name__} is not fitted yet; call fit(X, y) first.")
        table = open_table(X)
        if table.n_columns != self.n_features_in_:
            raise InvalidDataError(
                f"X has {table.n_columns} columns, but {type(self).__name__} is expecting {self.n_features_in_} "
                "features as input."
            )
        return self._fitted.chances(encoded(table, self._design, raw=self._raw))

    def predict(self, X: Any) -> NDArray[Any]:
        """Class of each row, (n,), at the threshold in force."""
        return np.asarray(self.classes_[decide(self.predict_proba(X), self.offsets_)])


__all__ = ["TunedClassifier"]
