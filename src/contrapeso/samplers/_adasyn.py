"""ADASYN: the more of a row's neighbours are foreign, the more new rows it gives."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval

from contrapeso._rng import RandomState
from contrapeso.errors import FewSamplesWarning
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Drawn, FloatArray, Item, Made, apportion
from contrapeso.samplers._legacy import first_dropped, legacy_points, legacy_random_state, legacy_votes
from contrapeso.samplers._lines import (
    CHOICE,
    BaseLineSampler,
    Problem,
    UnsuitedError,
    draw_lines,
    n_foreign,
    neighbors_of_some,
)
from contrapeso.samplers._neighbors import Neighbors, n_neighbors_of
from contrapeso.samplers._strategy import SamplingStrategy


class ADASYN(BaseLineSampler):
    """Adaptive synthetic sampling: rows with more foreign neighbours are bases more often.

    A row with r foreign ones among its ``n_neighbors`` nearest of all classes is the base of new rows in
    proportion to r; the new row lies between it and one of its nearest of the class.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    n_neighbors : int or estimator, default 5
        Number of neighbours, or an unfitted estimator with ``kneighbors`` and ``kneighbors_graph`` whose
        ``n_neighbors`` counts the row itself.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        For a class that has no more rows than ``n_neighbors``, as in :class:`SMOTE`. In a class none of whose rows
        has a foreign neighbour all are bases alike, with a :class:`FewSamplesWarning`, or an error is raised.
    legacy_stream : bool, default False
        As in :class:`SMOTE`; numbers of rows are then rounded base by base as in imbalanced-learn, so that classes
        miss their size by some rows.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    nn_ : estimator
        The neighbour search; its ``n_neighbors`` counts the row itself.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        Parents of each new row, the base first, and their shares.
    sample_indices_, provenance_, n_features_in_, feature_names_in_
        As in :class:`SMOTE`.

    Raises
    ------
    TooFewSamplesError, InvalidDataError
        With ``few_samples='raise'``; see there. Also if a number is infinite, or a column of an array does not hold
        numbers or dates.

    Notes
    -----
    Counts are exact: the paper's shares are rounded by largest remainders, equal ones by lot. With more than two
    classes every other class is foreign. Missing numbers, categories, dates and identical rows: as in :class:`SMOTE`.

    References
    ----------
    .. [1] H. He, Y. Bai, E. A. Garcia, S. Li, "ADASYN: adaptive synthetic sampling approach for imbalanced
       learning", IJCNN 2008, 1322-1328, Sec. II.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import ADASYN
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [45, 15])
    >>> X_resampled, y_resampled = ADASYN(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_resampled).tolist()
    [45, 45]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        n_neighbors: Neighbors = 5,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.n_jobs = n_jobs
        self.few_samples = few_samples
        self.legacy_stream = legacy_stream

    def _prepare(self, problem: Problem, items: list[Item]) -> None:  # noqa: ARG002  (the interface)
        self.nn_ = self._search(self.n_neighbors)
        if self.legacy_stream:
            self._stream = legacy_random_state(self.random_state)  # one for all classes, unlike SMOTE's

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        k = self._enough(item, n_neighbors_of(self.nn_))
        shares = self._shares(problem, item)
        counts = apportion(shares, item.n, item.streams.step(CHOICE))
        base = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        points = problem.space.of(item.members)
        return draw_lines(item, points, neighbors_of_some(self.nn_, points, np.flatnonzero(counts), k), base)

    def _shares(self, problem: Problem, item: Item) -> FloatArray:
        """Share of the new rows of which each member is to be the base."""
        found = self._neighbors_of_all_classes(problem, self.nn_, item.members)
        ratio = n_foreign(problem.target.codes, found, item.code) / n_neighbors_of(self.nn_)
        if ratio.any():
            return np.asarray(ratio / np.sum(ratio))
        sentence = (
            f"Not any neighbours of class {item.label!r} belong to another class, so that ADASYN has no border to go by"
        )
        if self.few_samples == "raise" or self.legacy_stream:
            raise UnsuitedError(f"{sentence}. Use SMOTE instead, or more n_neighbors.", {"class": str(item.label)})
        warnings.warn(f"{sentence}: all its rows are bases alike, as in SMOTE.", FewSamplesWarning, stacklevel=2)
        return np.full(len(item.members), 1.0 / len(item.members))

    def _draw_legacy(self, problem: Problem, item: Item) -> Made:
        k = self._enough(item, n_neighbors_of(self.nn_))
        counts = np.rint(self._shares(problem, item) * item.n).astype(np.int64)
        points, n = problem.space.of(item.members), int(counts.sum())
        if n == 0:
            raise UnsuitedError("No samples will be generated with the provided ratio settings.")
        neighbors = first_dropped(self.nn_, points, k=k)
        place = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        if k == 0:
            return legacy_points(problem.space.view, item.members[place], item.members[place], np.zeros(n))
        other = neighbors[place, self._stream.choice(k, size=n)]
        steps = self._stream.uniform(size=n)
        codes = legacy_votes(points, neighbors, place, self._stream) if points.codes.shape[1] else None
        return legacy_points(problem.space.view, item.members[place], item.members[other], steps, codes)


__all__ = ["ADASYN"]
