"""SMOTEN: new rows of categories by the vote of a row and its nearest neighbours of the same class."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.utils._param_validation import HasMethods, Interval

from contrapeso._rng import RandomState
from contrapeso.kernels import ValueDifference, distinct
from contrapeso.kernels._rows import CHUNK, Key, below, blocks
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Codes, Item, Made, turns
from contrapeso.samplers._lines import BASE, TIE, Problem, warn_of_copies
from contrapeso.samplers._made import BaseMadeSampler
from contrapeso.samplers._neighbors import Neighbors, check_neighbors, is_exact, n_neighbors_of, without_self
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.tables._containers import ArrayTable, Rows, SparseTable, Table


class Voters(NamedTuple):
    """Rows that vote (places in the class, shape (d, k + 1), the row itself first), and whose they are, shape (n,)."""

    rows: Rows
    which: Rows


class SMOTEN(BaseMadeSampler):
    """SMOTE for tables of categories only: each value of a new row is decided by vote.

    The voters are a row of the class and its ``k_neighbors`` nearest neighbours in the class by the value
    difference metric, in which two categories are near when they go with the same classes.

    Parameters
    ----------
    categorical_encoder : estimator, optional
        Accepted for the sake of code written for imbalanced-learn; a clone of it is kept and not asked. Columns of
        any kind (texts, numbers, booleans, categories, dates) are coded without it.
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 5
        Number of neighbours, or an unfitted estimator with ``kneighbors`` whose ``n_neighbors`` counts the row itself.
        An estimator is given the matrix of all distances of the class (with ``metric='precomputed'`` where it has
        that parameter), which a number of neighbours does not need.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        What to do with a class that has no more rows than ``k_neighbors``: use as many neighbours as there are with a
        :class:`FewSamplesWarning`, or raise :class:`TooFewSamplesError`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    categorical_encoder_ : estimator
        The clone, or an ``OrdinalEncoder`` of int32; not fitted.
    nn_k_ : estimator
        The neighbour search; its ``n_neighbors`` counts the row itself.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    sample_parents_, sample_weights_ : arrays of shape (n_new, k_neighbors + 1)
        Voters of each new row, the base first, and their equal shares.
    provenance_ : Provenance
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    TooFewSamplesError
        If a class to be enlarged has no more rows than ``k_neighbors``, and ``few_samples='raise'``.

    Notes
    -----
    The row itself votes, as in the paper and in imbalanced-learn. Of equally frequent values the one that is commoner
    in the class wins, then the lot; imbalanced-learn takes the first in order. A missing value is a category of its own
    for the distance; it does not vote, and a new row is missing exactly where its base is. Identical rows are one
    point: a row and its copy are not neighbours. No matrix of all distances is made. A sparse matrix is made dense with
    a ``DataConversionWarning``.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
       over-sampling technique", JAIR 16 (2002) 321-357, Sec. 6.2.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SMOTEN
    >>> X = np.array([["pix", "noite"]] * 5 + [["ted", "dia"]] * 7 + [["pix", "dia"]], dtype=object)
    >>> y = [1] * 4 + [0] * 8 + [1]
    >>> X_resampled, y_resampled = SMOTEN(k_neighbors=1, random_state=0).fit_resample(X, y)
    >>> y_resampled.count(1), set(X_resampled[13:, 0].tolist())
    (8, {'pix'})
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseMadeSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "categorical_encoder": [HasMethods(["fit_transform", "inverse_transform"]), None],
    }

    def __init__(
        self,
        categorical_encoder: Any = None,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.categorical_encoder = categorical_encoder
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        if not isinstance(table, SparseTable):
            return super()._resample(table, target, seed)
        warnings.warn(
            "Passing a sparse matrix to SMOTEN is not really efficient: it is made dense.",
            DataConversionWarning,
            stacklevel=2,
        )
        dense = ArrayTable(table.matrix.toarray())
        grown, labels = super()._resample(dense, target, seed)
        return table.append_matrix(sparse.csr_array(grown[table.n_rows :])), labels

    def _categorical_positions(self, table: Table) -> list[int]:
        return list(range(table.n_columns))

    def _make(self, problem: Problem, items: list[Item]) -> list[Made]:
        self.nn_k_ = check_neighbors(self.k_neighbors, itself=1, n_jobs=self.n_jobs)
        self.categorical_encoder_ = _encoder() if self.categorical_encoder is None else clone(self.categorical_encoder)
        if not items:
            return []
        codes = problem.space.view.codes(np.arange(problem.space.n_rows, dtype=np.int64))
        metric = ValueDifference(codes, problem.target.codes, n_jobs=self.n_jobs)
        return [self._voted(codes, metric, item) for item in items]

    def _voted(self, codes: Codes, metric: ValueDifference, item: Item) -> Made:
        own = np.ascontiguousarray(codes[item.members])
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        voters = self._nearest_tuples(own, metric, item, k) if is_exact(self.nn_k_) else self._asked(metric, item)
        if voters.rows.shape[1] == 1:
            warn_of_copies(item)
        base = turns(len(own), item.n, item.streams.step(BASE))
        made = elected(own, voters, base, item.streams.key(TIE))
        parents = item.members[np.column_stack([base, voters.rows[voters.which[base], 1:]])]
        if parents.shape[1] == 1:
            parents = np.repeat(parents, 2, axis=1)
        shares = np.full(parents.shape, 1.0 / parents.shape[1])
        return Made(np.empty((item.n, 0)), made, parents, shares)

    @staticmethod
    def _nearest_tuples(own: Codes, metric: ValueDifference, item: Item, k: int) -> Voters:
        """Each distinct tuple and the ``k`` nearest others; ties go to the lower place."""
        first, which = distinct(np.empty((len(own), 0)), own)
        found = np.searchsorted(item.members, metric.neighbors(item.members[first], k).rows)
        return Voters(np.column_stack([first, found]), which)

    def _asked(self, metric: ValueDifference, item: Item) -> Voters:
        """Each row and what an outside search finds in the matrix of all distances of the class."""
        n = len(item.members)
        found = metric.neighbors(item.members, n - 1)
        apart: NDArray[np.float64] = np.zeros((n, n))
        np.put_along_axis(apart, np.searchsorted(item.members, found.rows), found.distances, axis=1)
        if "metric" in self.nn_k_.get_params():
            self.nn_k_.set_params(metric="precomputed")
        self.nn_k_.fit(apart)
        rows = np.arange(n, dtype=np.int64)
        near = without_self(np.asarray(self.nn_k_.kneighbors(apart, return_distance=False)), rows)
        return Voters(np.column_stack([rows, near]), rows)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags


def elected(codes: Codes, voters: Voters, base: Rows, key: Key) -> Codes:
    """Categories of new rows: the most frequent among the voters of each base.

    Of equally frequent ones the one that is commoner among all ``codes`` wins, then the lot. Null (-1) does not vote; a
    row whose base is null stays null.

    Parameters
    ----------
    codes : int32 array of shape (n, q)
    voters : Voters
    base : int64 array of shape (n_new,)
    key : Key

    Returns
    -------
    int32 array of shape (n_new, q)
    """
    out, group = codes[base], voters.which[base]
    for j in range(codes.shape[1]):
        ballots = codes[voters.rows, j]
        known = ballots >= 0
        support = (ballots[:, :, None] == ballots[:, None, :]).sum(axis=2)
        commonness = np.bincount(codes[:, j] + 1)[ballots + 1]
        rank = np.where(known, support * (len(codes) + 1) + commonness, 0)
        best = rank == rank.max(axis=1, keepdims=True)
        places = np.cumsum(best, axis=1)  # equal categories hold equally many places: a uniform place is a uniform one
        for start in range(0, len(base), CHUNK):
            part = slice(start, start + CHUNK)
            wanted = below(blocks(key, start, len(base[part]), lane=j)[:, 0], places[group[part], -1])
            place = np.argmax(places[group[part]] > wanted[:, None], axis=1)
            out[part, j] = np.where(out[part, j] < 0, -1, ballots[group[part], place])
    return out


def _encoder() -> Any:
    from sklearn.preprocessing import OrdinalEncoder

    return OrdinalEncoder(dtype=np.int32)


__all__ = ["SMOTEN"]
