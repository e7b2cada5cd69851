"""NearMiss: the rows of a class that are nearest to the smallest class."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso.errors import FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers._base import BaseUnderSampler, FewSamples
from contrapeso.samplers._drawn import Item
from contrapeso.samplers._neighbors import Neighbors, check_neighbors, embed, is_exact
from contrapeso.samplers._rule import smallest_class
from contrapeso.samplers._space import Points, Space
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.tables._containers import Rows, Table

FloatArray = NDArray[np.float64]
BLOCK_CELLS = 2**21
SPARE = 8


class NearMiss(BaseUnderSampler):
    """Keeps of each class the rows nearest to the smallest class, by one of three measures.

    1. The mean distance to the ``n_neighbors`` nearest rows of the smallest class is least.
    2. The mean distance to its ``n_neighbors`` farthest rows is least.
    3. First the ``n_neighbors_ver3`` nearest rows of the class to each row of the smallest class; of these, those whose
       mean distance to the ``n_neighbors`` nearest rows of the smallest class is greatest.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    version : 1, 2 or 3, default 1
    n_neighbors : int or estimator, default 3
        Number of rows of the smallest class, or an unfitted estimator with ``kneighbors`` and ``kneighbors_graph`` that
        has it as ``n_neighbors``.
    n_neighbors_ver3 : int or estimator, default 3
        Number of rows of the class, as above.
    n_jobs : int, optional
        Threads; all cores by default. The rows kept are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        What to do where the smallest class has fewer rows than ``n_neighbors``, or version 3 finds fewer rows than are
        to be kept: take those there are, with a :class:`FewSamplesWarning`, or raise :class:`TooFewSamplesError`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows kept.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Rows kept: class after class, in a class reduced in the order of the measure, as imbalanced-learn gives them.
    nn_, nn_ver3_ : estimators
        The searches; ``nn_ver3_`` with version 3 only.
    provenance_ : Provenance
        Without rows: nothing was made.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    TooFewSamplesError
        See ``few_samples``.
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    Among equals the lower row comes first. Missing numbers stand at the column's median; categories count as in
    :class:`SMOTENC`. Version 2 looks at the distances of a block of rows at a time.

    References
    ----------
    .. [1] J. Zhang, I. Mani, "kNN approach to unbalanced data distributions: a case study involving information
       extraction", ICML 2003 workshop on learning from imbalanced data sets, Sec. 3.

    Examples
    --------
    >>> from contrapeso.samplers import NearMiss
    >>> X, y = [[0.0], [1.0], [3.0], [4.0], [8.0]], ["few", "few", "many", "many", "many"]
    >>> NearMiss(n_neighbors=1).fit_resample(X, y)[0]
    [[0.0], [1.0], [3.0], [4.0]]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "sampling_strategy": BaseUnderSampler._parameter_constraints["sampling_strategy"],
        "version": [Interval(Integral, 1, 3, closed="both")],
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "n_neighbors_ver3": [
            Interval(Integral, 1, None, closed="left"),
            HasMethods(["kneighbors", "kneighbors_graph"]),
        ],
        "n_jobs": [Integral, None],
        "few_samples": [StrOptions({"adapt", "raise"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        version: int = 1,
        n_neighbors: Neighbors = 3,
        n_neighbors_ver3: Neighbors = 3,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.version = version
        self.n_neighbors = n_neighbors
        self.n_neighbors_ver3 = n_neighbors_ver3
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        self.nn_ = check_neighbors(self.n_neighbors, itself=0, n_jobs=self.n_jobs)
        if self.version == 3:
            self.nn_ver3_ = check_neighbors(self.n_neighbors_ver3, itself=0, n_jobs=self.n_jobs)
        points = Space(self._view(table), table.n_rows, self.n_jobs).everyone
        parts = [target.members(code) for code in range(int(target.codes.max()) + 1)]
        few = _Few(points, parts[smallest_class(target.codes)], self.nn_)
        wanted = int(self.nn_.n_neighbors)
        if len(few.rows) < wanted:
            self._say(
                f"The smallest class has {len(few.rows)} samples; n_neighbors={wanted} asks for more", "all are used"
            )
        for item in self._items(target, seed):
            parts[item.code] = self._nearest_of(item, few)
        return self._close(table, target, np.concatenate(parts), seed)

    def _nearest_of(self, item: Item, few: _Few) -> Rows:
        """``item.n`` rows of one class, nearest first."""
        if self.version < 3:
            apart = few.nearest(item.members) if self.version == 1 else few.farthest(item.members)
            return item.members[np.argsort(apart, kind="stable")[: item.n]]
        close = few.close_to(item.members, self.nn_ver3_)
        if len(close) < item.n:
            self._say(
                f"{item.n} samples of class {item.label!r} are to be kept, and {len(close)} are among the "
                f"{self.nn_ver3_.n_neighbors} nearest of a sample of the smallest class. The number of the samples to "
                "be selected is larger than the number of samples available",
                "all of these are kept",
            )
        return close[np.argsort(-few.nearest(close), kind="stable")[: item.n]]

    def _say(self, what: str, done: str) -> None:
        if self.few_samples == "raise":
            raise TooFewSamplesError(f"{what}. Ask for fewer neighbours or rows, or use few_samples='adapt'.")
        warnings.warn(f"{what}: {done}. Pass few_samples='raise' to make this an error.", FewSamplesWarning, 2)


class _Few:
    """The rows of the smallest class, and sums of distances to them."""

    def __init__(self, points: Points, rows: Rows, search: Any) -> None:
        self.rows, self._points, self._search = rows, points, search
        self._own = points.at(rows)
        self._k = min(int(search.n_neighbors), len(rows))
        if not is_exact(search):
            self._embedded = embed(points)
            search.fit(self._embedded[rows])

    def nearest(self, rows: Rows) -> FloatArray:
        """Sum of the distances of each of ``rows`` to its k nearest."""
        if not is_exact(self._search):
            distances, _ = self._search.kneighbors(self._embedded[rows], n_neighbors=self._k)
            return np.asarray(np.sum(distances, axis=1))
        asked = self._points.at(rows)
        return np.asarray(self._own.index.query(asked.numbers, self._k, asked.codes).distances.sum(axis=1))

    def farthest(self, rows: Rows) -> FloatArray:
        """Sum of the distances of each of ``rows`` to its k farthest."""
        if not is_exact(self._search):
            distances, _ = self._search.kneighbors(self._embedded[rows], n_neighbors=len(self.rows))
            return np.asarray(np.sum(distances[:, -self._k :], axis=1))
        sums = np.empty(len(rows))
        height = max(1, BLOCK_CELLS // len(self.rows))
        for start in range(0, len(rows), height):
            asked = self._points.at(rows[start : start + height])
            sums[start : start + height] = _sum_of_farthest(asked, self._own, self._k)
        return sums

    def close_to(self, members: Rows, search: Any) -> Rows:
        """``members`` that are among the nearest of a row of this class, in order."""
        k = min(int(search.n_neighbors), len(members))
        if is_exact(search):
            found = self._points.at(members).index.query(self._own.numbers, k, self._own.codes).rows
        else:
            embedded = embed(self._points)
            found = search.fit(embedded[members]).kneighbors(embedded[self.rows], n_neighbors=k, return_distance=False)
        return members[np.unique(found)]


def _sum_of_farthest(asked: Points, others: Points, k: int) -> FloatArray:
    """Sum of the distances of each point asked to its ``k`` farthest others.

    A product of matrices, which rounds otherwise than the sum of squares, proposes a few more than ``k``; the sum of
    squares decides among these.
    """
    n_proposed = min(len(others), k + SPARE)
    apart = _roughly(asked, others)
    proposed = np.argpartition(apart, len(others) - n_proposed, axis=1)[:, len(others) - n_proposed :]
    squared = np.zeros(proposed.shape)
    for own, other in zip(asked.numbers.T, others.numbers.T, strict=True):
        squared += np.square(own[:, None] - other[proposed])
    for code, other_code in zip(asked.codes.T, others.codes.T, strict=True):
        squared += asked.mismatch * asked.mismatch * (code[:, None] != other_code[proposed])
    return np.asarray(np.sqrt(np.sort(squared, axis=1)[:, n_proposed - k :]).sum(axis=1))


def _roughly(asked: Points, others: Points) -> FloatArray:
    """Squared distances but for rounding and a constant of each point asked, shape (n_asked, n_others)."""
    centre = others.numbers.mean(axis=0)
    first, second = asked.numbers - centre, others.numbers - centre
    rough = np.square(second).sum(axis=1)[None, :] - 2.0 * (first @ second.T)
    for code, other_code in zip(asked.codes.T, others.codes.T, strict=True):
        rough += asked.mismatch * asked.mismatch * (code[:, None] != other_code[None, :])
    return np.asarray(rough)


__all__ = ["NearMiss"]
