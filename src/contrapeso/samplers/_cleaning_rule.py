"""The neighbourhood cleaning rule: editing, and the neighbours that mislead the smallest class."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval

from contrapeso.samplers._drawn import Item
from contrapeso.samplers._edited import EditedNearestNeighbours, agreeing
from contrapeso.samplers._neighbors import Neighbors, check_neighbors, embed, is_exact, without_self
from contrapeso.samplers._rule import BaseRuleSampler, ClassCodes, Mask, majority_vote, smallest_class
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.tables._containers import Rows


class NeighbourhoodCleaningRule(BaseRuleSampler):
    """Drops rows that their neighbours outvote, and neighbours that outvote rows of the smallest class.

    Two parts go: the rows of the cleaned classes that editing drops, and, for each row of the smallest class that the
    k-NN rule takes for another class, those of its neighbours that are of a large enough cleaned class.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default 'auto'
        The classes to clean: 'auto' is all but the smallest. See :func:`check_sampling_strategy`.
    edited_nearest_neighbours : sampler, optional
        What does the first part, with ``fit_resample`` and ``sample_indices_``; by default
        :class:`EditedNearestNeighbours` with the same neighbours and ``kind_sel='mode'``.
    n_neighbors : int or estimator, default 3
        Number of neighbours; or an unfitted estimator with ``kneighbors`` and ``kneighbors_graph``: a classifier that
        judges the rows of the smallest class itself, or a search whose ``n_neighbors`` counts the row itself.
    threshold_cleaning : float, default 0.5
        The second part touches the classes with more than this many times the rows of the smallest class.
    n_jobs : int, optional
        Threads; all cores by default. The rows kept are the same on any number.

    Attributes
    ----------
    sampling_strategy_ : dict
        The classes that are cleaned, each with the size of the smallest class.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Rows kept, ascending.
    classes_to_clean_ : list
        Classes that the second part touches.
    edited_nearest_neighbours_ : sampler
        What did the first part.
    nn_ : estimator
        The search of the second part.
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
    As in imbalanced-learn a row of the smallest class has a vote on itself: with three neighbours its own and those of
    the two nearest others are counted, and the three nearest others go if it loses. In the paper three others vote.
    Equal distances go to the lower row, equal votes to the first class. Missing numbers stand at the column's median;
    categories count as in :class:`SMOTENC`.

    References
    ----------
    .. [1] J. Laurikkala, "Improving identification of difficult small classes by balancing class distribution",
       AIME 2001, LNCS 2101, 63-66, Sec. 2.

    Examples
    --------
    >>> from contrapeso.samplers import NeighbourhoodCleaningRule
    >>> X = [[0.0], [1.0], [1.1], [1.2], [1.4], [5.0], [5.1], [5.3]]
    >>> y = ["many", "many", "few", "many", "many", "many", "many", "few"]
    >>> NeighbourhoodCleaningRule().fit_resample(X, y)[0]
    [[0.0], [1.1], [5.3]]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseRuleSampler._parameter_constraints,
        "edited_nearest_neighbours": [HasMethods(["fit_resample"]), None],
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "threshold_cleaning": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        edited_nearest_neighbours: Any = None,
        n_neighbors: Neighbors = 3,
        threshold_cleaning: float = 0.5,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.edited_nearest_neighbours = edited_nearest_neighbours
        self.n_neighbors = n_neighbors
        self.threshold_cleaning = threshold_cleaning
        self.n_jobs = n_jobs

    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        stays = self._edited(points, target, items)
        sizes = np.bincount(target.codes)
        large = [item for item in items if len(item.members) > sizes.min() * self.threshold_cleaning]
        self.classes_to_clean_ = [item.label for item in large]
        misleading = self._misleading(points, target.codes)
        stays[misleading[np.isin(target.codes[misleading], [item.code for item in large])]] = False
        return np.flatnonzero(stays).astype(np.int64)

    def _edited(self, points: Points, target: Target, items: list[Item]) -> Mask:
        """Whether each row outlives the first part."""
        if self.edited_nearest_neighbours is None:
            self.edited_nearest_neighbours_ = EditedNearestNeighbours(
                sampling_strategy=self.sampling_strategy,
                n_neighbors=self.n_neighbors,
                kind_sel="mode",
                n_jobs=self.n_jobs,
            )
            search = check_neighbors(self.n_neighbors, itself=1, n_jobs=self.n_jobs)
            return agreeing(search, points, target.codes, [item.code for item in items], "mode")
        self.edited_nearest_neighbours_ = clone(self.edited_nearest_neighbours)
        self.edited_nearest_neighbours_.fit_resample(embed(points), target.labels)
        stays = np.zeros(len(points), dtype=bool)
        stays[self.edited_nearest_neighbours_.sample_indices_] = True
        return stays

    def _misleading(self, points: Points, codes: ClassCodes) -> Rows:
        """Neighbours of the rows of the smallest class that are taken for another; some more than once."""
        self.nn_ = check_neighbors(self.n_neighbors, itself=0, n_jobs=self.n_jobs)
        rows = np.flatnonzero(codes == smallest_class(codes)).astype(np.int64)
        if is_exact(self.nn_):
            near = points.index.neighbors(self.nn_.n_neighbors, rows).rows
            judged = _judged(codes, rows, near)
        else:
            near, judged = _asked(self.nn_, embed(points), codes, rows)
        misleading: Rows = near[judged != codes[rows]].ravel()
        return misleading


def _judged(codes: ClassCodes, rows: Rows, near: Rows) -> ClassCodes:
    """The class of each row by its own vote and those of all its neighbours ``near`` but the last."""
    return majority_vote(np.column_stack([codes[rows], codes[near[:, :-1]]]))


def _asked(search: Any, embedded: Any, codes: ClassCodes, rows: Rows) -> tuple[Rows, ClassCodes]:
    """Neighbours and judged classes of ``rows`` by an estimator from outside."""
    search.fit(embedded, codes)
    is_classifier = hasattr(search, "predict")
    wanted = int(search.n_neighbors) + is_classifier  # a classifier counts the neighbours that vote
    found = np.asarray(search.kneighbors(embedded[rows], n_neighbors=wanted, return_distance=False))
    near = without_self(found, rows)
    return near, search.predict(embedded[rows]) if is_classifier else _judged(codes, rows, near)


__all__ = ["NeighbourhoodCleaningRule"]
