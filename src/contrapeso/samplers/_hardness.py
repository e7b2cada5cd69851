"""Instance hardness: the rows of a class that a classifier finds easiest."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.errors import FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers._base import BaseUnderSampler
from contrapeso.samplers._drawn import Item, Streams
from contrapeso.samplers._legacy import legacy_random_state, untouched
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.samplers._views import refuse_tables
from contrapeso.tables._containers import ArrayTable, Rows, SparseTable, Table

FloatArray = NDArray[np.float64]
FOLDS, ESTIMATOR, TIE = 0, 1, 2

LARGE = 2.0**100
"""Numbers below it are safe in float32."""


class InstanceHardnessThreshold(BaseUnderSampler):
    """Keeps of each class the rows whose class a classifier is surest of.

    Every row is judged by a classifier that was fitted on the other folds of a cross-validation. The rows with the
    greatest probabilities of their own class stay, exactly as many as asked for: a seeded draw decides among equals.

    Parameters
    ----------
    estimator : classifier, optional
        An unfitted estimator with ``fit`` and ``predict_proba``; a random forest of 100 trees by default.
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
        Seeds the folds, the estimator (whatever ``random_state`` it has) and the draws among equals.
    cv : int, splitter or iterable of splits, default 5
        Folds; a number means stratified and shuffled ones.
    n_jobs : int, optional
        Processes for the folds, and threads of the random forest; one by default. The rows kept are the same on any
        number.
    legacy_stream : bool, default False
        Draw and cut as imbalanced-learn does: the same seed then keeps the same rows. Its defect comes with it: all
        rows stay that are as sure as the last one, often many more than asked for.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows kept.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Rows kept: class after class, ascending within each, as imbalanced-learn gives them.
    estimator_ : classifier
        The classifier, unfitted: one is fitted for each fold.
    provenance_ : Provenance
        Without rows: nothing was made.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    InvalidDataError
        Without ``estimator``: if a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    The default forest sees categories and missing values as well as numbers. An estimator gets the table itself: an
    array, csr or csc matrix or, of any other table, a DataFrame. A class with fewer rows than folds lowers the number
    of folds, with a :class:`FewSamplesWarning`.

    The paper's hardness is the mean over several classifiers; here, as in imbalanced-learn, one is asked.

    References
    ----------
    .. [1] M. R. Smith, T. Martinez, C. Giraud-Carrier, "An instance level analysis of data complexity", Machine
       Learning 95 (2014) 225-256, Sec. 2.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from contrapeso.samplers import InstanceHardnessThreshold
    >>> X, y = [[0.0], [0.2], [0.1], [3.0], [3.1], [3.4], [0.1]], ["a", "a", "a", "b", "b", "b", "b"]
    >>> sampler = InstanceHardnessThreshold(estimator=GaussianNB(), cv=3, random_state=0)
    >>> sampler.fit_resample(X, y)[0]
    [[0.0], [0.2], [0.1], [3.0], [3.1], [3.4]]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseUnderSampler._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "cv": ["cv_object"],
        "n_jobs": [Integral, None],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        estimator: Any = None,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        cv: Any = 5,
        n_jobs: int | None = None,
        legacy_stream: bool = False,
    ) -> None:
        self.estimator = estimator
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.cv = cv
        self.n_jobs = n_jobs
        self.legacy_stream = legacy_stream

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        sure = self._sureness(table, target, seed)
        parts = [target.members(code) for code in range(int(target.codes.max()) + 1)]
        for item in self._items(target, seed):
            parts[item.code] = item.members[self._easiest(sure[item.members], item)]
        return self._close(table, target, np.concatenate(parts), seed)

    def _seed(self) -> np.random.SeedSequence:
        return seed_sequence(untouched(self.random_state)) if self.legacy_stream else super()._seed()

    def _easiest(self, sure: FloatArray, item: Item) -> Rows:
        """Places of the ``item.n`` surest members (and, of old, all that are as sure as the last)."""
        if self.legacy_stream:
            cut = np.percentile(sure, (1.0 - item.n / len(sure)) * 100.0)
            return np.flatnonzero(sure >= cut).astype(np.int64)
        lot = item.streams.step(TIE).permutation(len(sure))
        return np.sort(np.lexsort((lot, -sure))[: item.n]).astype(np.int64)

    def _sureness(self, table: Table, target: Target, seed: np.random.SeedSequence) -> FloatArray:
        """Probability of its own class of every row, by a classifier that has not seen the row."""
        from sklearn.model_selection import cross_val_predict

        codes = target.codes
        rng, folds = self._randomness(seed, n_classes=int(codes.max()) + 1)
        self.estimator_ = self._seeded(rng)
        with warnings.catch_warnings():
            if not self.legacy_stream:  # a class of one row is not in every fold: its probability is then 0
                warnings.filterwarnings("ignore", "The least populated class", UserWarning)
                warnings.filterwarnings("ignore", "Number of classes in training fold", RuntimeWarning)
            likely = cross_val_predict(
                self.estimator_,
                self._features(table),
                codes,
                cv=self._splitter(codes, folds),
                n_jobs=self.n_jobs,
                method="predict_proba",
            )
        return np.asarray(likely[np.arange(len(codes)), codes], dtype=np.float64)

    def _randomness(self, seed: np.random.SeedSequence, n_classes: int) -> tuple[np.random.RandomState, Any]:
        """What seeds the estimator, and the random state of the folds."""
        if self.legacy_stream:
            both = legacy_random_state(self.random_state)
            return both, both
        streams = Streams(seed, n_classes)  # behind those of the classes
        return _old(streams.step(ESTIMATOR)), int(streams.step(FOLDS).integers(2**32))

    def _seeded(self, rng: np.random.RandomState) -> Any:
        """The classifier with every ``random_state`` set."""
        if self.estimator is None:
            from sklearn.ensemble import RandomForestClassifier

            same = self.legacy_stream and isinstance(self.random_state, (int, np.integer))
            state = self.random_state if same else rng if self.legacy_stream else int(rng.randint(2**31 - 1))
            return RandomForestClassifier(n_estimators=100, random_state=state, n_jobs=self.n_jobs)
        estimator = clone(self.estimator)
        names = [name for name in sorted(estimator.get_params()) if name.split("__")[-1] == "random_state"]
        return estimator.set_params(**{name: int(rng.randint(2**31 - 1)) for name in names})

    def _splitter(self, codes: NDArray[np.intp], folds: Any) -> Any:
        from sklearn.model_selection import StratifiedKFold, check_cv

        if not isinstance(self.cv, Integral):
            return check_cv(self.cv, codes, classifier=True)
        n_splits, smallest = int(self.cv), int(np.bincount(codes).min())
        if int(np.bincount(codes).max()) < 2:
            raise TooFewSamplesError(
                "Every class has 1 sample: there is nothing to learn a class from without it. Use RandomUnderSampler."
            )
        if smallest < n_splits and not self.legacy_stream:
            n_splits = max(2, smallest)
            warnings.warn(
                f"The smallest class has {smallest} samples, too few for {self.cv} folds: {n_splits} are made.",
                FewSamplesWarning,
                stacklevel=2,
            )
        return StratifiedKFold(n_splits, shuffle=True, random_state=folds)

    def _look(self, table: Table) -> None:
        if self.estimator is None:
            super()._look(table)
        elif isinstance(table, ArrayTable) and table.array.dtype == object:
            refuse_tables(table.array)  # whatever else is in the cells is for the caller's estimator

    def _features(self, table: Table) -> Any:
        """What the classifier sees."""
        if self.estimator is None and not (self.legacy_stream and isinstance(table, ArrayTable)):
            if isinstance(table, SparseTable) and bool((np.abs(table.matrix.data) < LARGE).all()):
                return table.matrix
            view, rows = self._view(table), np.arange(table.n_rows, dtype=np.int64)
            return np.column_stack([_mild(view.numbers(rows) * view.scales), view.codes(rows)])
        if isinstance(table, ArrayTable):
            return table.array
        return table.matrix if isinstance(table, SparseTable) else table.frame()


def _mild(numbers: FloatArray) -> FloatArray:
    """Columns that float32, in which trees see numbers, cannot hold, times a power of two: their order stays."""
    greatest = np.abs(np.nan_to_num(numbers)).max(axis=0, initial=0.0)
    power = np.where(greatest < LARGE, 0, -np.frexp(greatest)[1])
    return np.asarray(np.ldexp(numbers, power) if power.any() else numbers)


def _old(rng: np.random.Generator) -> np.random.RandomState:
    """A ``RandomState``, which scikit-learn takes, seeded by ``rng``."""
    return np.random.RandomState(int(rng.integers(2**32)))


__all__ = ["InstanceHardnessThreshold"]
