"""Edited nearest neighbours: rows stay where their neighbours are of their class."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso.samplers._drawn import Item
from contrapeso.samplers._neighbors import Neighbors, check_neighbors, is_exact, n_neighbors_of, row_neighbors
from contrapeso.samplers._rule import BaseRuleSampler, ClassCodes, Mask, grouped, majority_vote
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.tables._containers import Rows

KindSel: TypeAlias = Literal["all", "mode"]


class EditedNearestNeighbours(BaseRuleSampler):
    """Drops the rows of the cleaned classes whose nearest neighbours are not of their class.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default 'auto'
        The classes to clean: 'auto' is all but the smallest. See :func:`check_sampling_strategy`.
    n_neighbors : int or estimator, default 3
        Number of neighbours, or an unfitted estimator with ``kneighbors`` and ``kneighbors_graph`` whose
        ``n_neighbors`` counts the row itself.
    kind_sel : 'all' or 'mode', default 'all'
        A row stays if all its neighbours are of its class, or if its class is the most frequent among them (the first
        in order among equals).
    n_jobs : int, optional
        Threads; all cores by default. The rows kept are the same on any number.

    Attributes
    ----------
    sampling_strategy_ : dict
        The classes that are cleaned, each with the size of the smallest class.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Rows kept: class after class, ascending within each, as imbalanced-learn gives them.
    nn_ : estimator
        The neighbour search; its ``n_neighbors`` counts the row itself.
    dropped_classes_ : list
        Classes of which no row is left, of which a :class:`DroppedClassWarning` tells too.
    provenance_ : Provenance
        Without rows: nothing was made.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    A row is never its own neighbour; its copies are, and equal distances go to the lower row. In a table of no more
    than ``n_neighbors`` rows all others are neighbours. Missing numbers stand at the column's median; categories count
    as in :class:`SMOTENC`.

    Wilson's rule is 'mode' with all classes cleaned; 'all' and the classes that are cleaned are imbalanced-learn's.

    References
    ----------
    .. [1] D. L. Wilson, "Asymptotic properties of nearest neighbor rules using edited data", IEEE Transactions on
       Systems, Man, and Cybernetics 2 (1972) 408-421, Sec. II.

    Examples
    --------
    >>> from contrapeso.samplers import EditedNearestNeighbours
    >>> X, y = [[0.0], [0.1], [0.2], [0.9], [1.0], [1.1]], ["b", "b", "b", "b", "a", "a"]
    >>> EditedNearestNeighbours(n_neighbors=2).fit_resample(X, y)
    ([[1.0], [1.1], [0.0], [0.1], [0.2]], ['a', 'a', 'b', 'b', 'b'])
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseRuleSampler._parameter_constraints,
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "kind_sel": [StrOptions({"all", "mode"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        n_neighbors: Neighbors = 3,
        kind_sel: KindSel = "all",
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs

    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        self.nn_ = check_neighbors(self.n_neighbors, itself=1, n_jobs=self.n_jobs)
        stays = agreeing(self.nn_, points, target.codes, [item.code for item in items], self.kind_sel)
        return grouped(np.flatnonzero(stays).astype(np.int64), target.codes)


class RepeatedEditedNearestNeighbours(BaseRuleSampler):
    """Edits with nearest neighbours again and again, until no row goes.

    It also stops after ``max_iter`` rounds, and after the round in which a class went below the size of the smallest
    class, or went altogether.

    Parameters
    ----------
    sampling_strategy, n_neighbors, kind_sel, n_jobs
        As in :class:`EditedNearestNeighbours`. The classes that are cleaned are the same in every round.
    max_iter : int, default 100
        Most rounds.

    Attributes
    ----------
    sampling_strategy_, sample_indices_, nn_, dropped_classes_, provenance_, n_features_in_, feature_names_in_
        As in :class:`EditedNearestNeighbours`; rows are those of the table given.
    enn_ : EditedNearestNeighbours
        What one round does.
    n_iter_ : int
        Rounds that were done.

    Raises
    ------
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    imbalanced-learn works out the classes anew in every round: when another class has come down to the size of the
    smallest, 'auto' may there edit the smallest. Here it does not.

    References
    ----------
    .. [1] I. Tomek, "An experiment with the edited nearest-neighbor rule", IEEE Transactions on Systems, Man, and
       Cybernetics 6 (1976) 448-452, Sec. II (unlimited repetitions).

    Examples
    --------
    >>> from contrapeso.samplers import RepeatedEditedNearestNeighbours
    >>> X, y = [[0.0], [0.1], [0.2], [0.9], [1.0], [1.1]], ["b", "b", "b", "b", "a", "a"]
    >>> sampler = RepeatedEditedNearestNeighbours(n_neighbors=2)
    >>> sampler.fit_resample(X, y)[1], sampler.n_iter_
    (['a', 'a', 'b', 'b', 'b'], 2)
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **EditedNearestNeighbours._parameter_constraints,
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        n_neighbors: Neighbors = 3,
        max_iter: int = 100,
        kind_sel: KindSel = "all",
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.max_iter = max_iter
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs

    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        self.nn_ = check_neighbors(self.n_neighbors, itself=1, n_jobs=self.n_jobs)
        self.enn_ = _one_round(self)
        editing = _Editing(points, target.codes, [item.code for item in items], self.kind_sel)
        self.n_iter_, n_gone = 0, -1
        while n_gone and self.n_iter_ < self.max_iter:
            n_gone = editing.go(self.nn_)
            self.n_iter_ += 1
            if editing.has_lost_a_class or editing.has_gone_below_the_smallest:
                break
        return grouped(editing.rows, target.codes)


class AllKNN(BaseRuleSampler):
    """Edits with 1, then 2, ... then ``n_neighbors`` nearest neighbours.

    It stops after the round in which a class went below the size of the smallest class (unless ``allow_minority``), or
    went altogether.

    Parameters
    ----------
    sampling_strategy, n_neighbors, kind_sel, n_jobs
        As in :class:`EditedNearestNeighbours`. The classes that are cleaned are the same in every round.
    allow_minority : bool, default False
        Go on when a class has become smaller than the smallest class was.

    Attributes
    ----------
    sampling_strategy_, sample_indices_, nn_, dropped_classes_, provenance_, n_features_in_, feature_names_in_
        As in :class:`EditedNearestNeighbours`; rows are those of the table given.
    enn_ : EditedNearestNeighbours
        What the last round would do.

    Raises
    ------
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    As in imbalanced-learn each round sees only the rows that the rounds before it left; Tomek marks the rows in all
    rounds and drops them in the end. On the classes see :class:`RepeatedEditedNearestNeighbours`.

    References
    ----------
    .. [1] I. Tomek, "An experiment with the edited nearest-neighbor rule", IEEE Transactions on Systems, Man, and
       Cybernetics 6 (1976) 448-452, Sec. II (all k-NN).

    Examples
    --------
    >>> from contrapeso.samplers import AllKNN
    >>> X, y = [[0.0], [0.1], [0.2], [0.9], [1.0], [1.1]], ["b", "b", "b", "b", "a", "a"]
    >>> AllKNN(n_neighbors=2).fit_resample(X, y)[1]
    ['a', 'a', 'b', 'b', 'b']
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **EditedNearestNeighbours._parameter_constraints,
        "allow_minority": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        n_neighbors: Neighbors = 3,
        kind_sel: KindSel = "all",
        allow_minority: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.allow_minority = allow_minority
        self.n_jobs = n_jobs

    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        self.nn_ = check_neighbors(self.n_neighbors, itself=1, n_jobs=self.n_jobs)
        self.enn_ = _one_round(self)
        editing = _Editing(points, target.codes, [item.code for item in items], self.kind_sel)
        for k in range(1, n_neighbors_of(self.nn_) + 1):
            editing.go(clone(self.nn_).set_params(n_neighbors=k + 1))
            if editing.has_lost_a_class or (editing.has_gone_below_the_smallest and not self.allow_minority):
                break
        return grouped(editing.rows, target.codes)


class _Editing:
    """Rows left after each round of editing."""

    def __init__(self, points: Points, codes: ClassCodes, cleaned: list[int], kind: KindSel) -> None:
        self._points, self._codes, self._cleaned, self._kind = points, codes, cleaned, kind
        self._sizes = np.bincount(codes)
        self.rows = np.arange(len(codes), dtype=np.int64)

    def go(self, search: Any) -> int:
        """Edit what is left with the neighbours found by ``search``; the number of rows that went."""
        stays = agreeing(search, self._points, self._codes[self.rows], self._cleaned, self._kind)
        n_gone = int(len(stays) - stays.sum())
        if n_gone:
            self.rows, self._points = self.rows[stays], self._points.at(np.flatnonzero(stays).astype(np.int64))
        return n_gone

    @property
    def has_lost_a_class(self) -> bool:
        return not bool(self._left().all())

    @property
    def has_gone_below_the_smallest(self) -> bool:
        """Whether a class is now smaller than the smallest one was at first."""
        smallest = int(self._sizes.argmin())
        return bool((np.delete(self._left(), smallest) < self._sizes[smallest]).any())

    def _left(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        return np.bincount(self._codes[self.rows], minlength=len(self._sizes))


def _one_round(sampler: RepeatedEditedNearestNeighbours | AllKNN) -> EditedNearestNeighbours:
    return EditedNearestNeighbours(
        sampling_strategy=sampler.sampling_strategy,
        n_neighbors=sampler.nn_,
        kind_sel=sampler.kind_sel,
        n_jobs=sampler.n_jobs,
    )


def agreeing(search: Any, points: Points, codes: ClassCodes, cleaned: list[int], kind: KindSel) -> Mask:
    """Whether each row is of a class that is not ``cleaned``, or its neighbours are of its class; shape (n,)."""
    rows = np.flatnonzero(np.isin(codes, cleaned)).astype(np.int64)
    stays = np.ones(len(codes), dtype=bool)
    if kind == "all" and is_exact(search):
        stays[rows] = points.index.neighbors_agree(codes, n_neighbors_of(search), rows)
        return stays
    near = codes[row_neighbors(search, points, rows)]
    same = near == codes[rows, None] if kind == "all" else (majority_vote(near) == codes[rows])[:, None]
    stays[rows] = same.all(axis=1)
    return stays


__all__ = ["AllKNN", "EditedNearestNeighbours", "RepeatedEditedNearestNeighbours", "agreeing"]
