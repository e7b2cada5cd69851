"""SMOTE and SMOTENC: new rows between a row and one of its nearest neighbours of the same class."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from numbers import Integral
from typing import Any, ClassVar, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso._rng import RandomState
from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError, TooFewSamplesError
from contrapeso.samplers._base import BaseOverSampler, Drawn, Streams
from contrapeso.samplers._kernels import interpolate, turns, vote
from contrapeso.samplers._neighbors import Points, nearest
from contrapeso.samplers._random import spread_of
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.samplers._views import View, open_view
from contrapeso.tables._containers import Rows, SparseTable, Table
from contrapeso.tables._infer import family_of, infer_column

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Neighbors: TypeAlias = int | Any  # an estimator with kneighbors, as scikit-learn's NearestNeighbors

BASE, NEIGHBOR, GAP, TIE = 0, 1, 2, 3


class SMOTE(BaseOverSampler):
    """Synthetic minority over-sampling: points on segments between neighbours of one class.

    Every row of the class is a base as often as every other (give or take one), the neighbour is
    drawn among its ``k_neighbors`` nearest and the point uniformly on the segment between them.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 5
        Number of neighbours, or an unfitted estimator with ``kneighbors`` and ``kneighbors_graph`` whose
        ``n_neighbors`` counts the row itself.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    nn_k_ : estimator or None
        The neighbour search, where one was given.
    provenance_ : Provenance
        Method, parents, weights, seed and plan item of every new row.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    TooFewSamplesError
        If a class to be enlarged has no more rows than ``k_neighbors``.
    InvalidDataError
        If a column does not hold numbers or dates, or a number is infinite.

    Notes
    -----
    Missing numbers: distances use the class's column median in their place; a new row is missing
    exactly where its base is, and where only the neighbour's value is missing the base's is kept.
    Whole numbers are rounded half to even. In DataFrames and dicts, amounts stay on their decimal grid
    and dates, which count in days for the distance, on their step; arrays have no such schema.
    Identical rows are one point: a row and its copy are not neighbours.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
       over-sampling technique", JAIR 16 (2002) 321-357.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SMOTE
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [50, 10])
    >>> sampler = SMOTE(random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> np.bincount(y_resampled).tolist()
    [50, 50]
    >>> sampler.provenance_.explain(0)  # doctest: +ELLIPSIS
    'Row 60 is synthetic (class 1): it lies ... % of the way from row ... to row .... Made by SMOTE ...'
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseOverSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        self.nn_k_ = None if isinstance(self.k_neighbors, Integral) else clone(self.k_neighbors)
        view = open_view(table, self._categorical_positions(table), method=type(self).__name__)
        items = [item for item in self._items(target, seed) if item[1] > 0]
        for label, _, members, _ in items:
            self._check_size(label, len(members))
        made = [self._class_rows(view, label, n, members, streams) for label, n, members, streams in items]
        drawn = Drawn.joined([part for part, _, _ in made])
        everyone = np.empty(0, dtype=np.int64)
        numbers = np.concatenate([view.numbers(everyone), *(numbers for _, numbers, _ in made)])
        codes = np.concatenate([view.codes(everyone), *(codes for _, _, codes in made)])
        return self._close(table, target, view.append(numbers, codes, drawn.bases), drawn, seed)

    def _categorical_positions(self, table: Table) -> list[int]:  # noqa: ARG002  (SMOTENC needs the table)
        return []

    def _n_neighbors(self) -> int:
        if self.nn_k_ is None:
            return int(self.k_neighbors)
        return int(getattr(self.nn_k_, "n_neighbors", 6)) - 1

    def _check_size(self, label: Hashable, n: int) -> None:
        k = self._n_neighbors()
        if n > k:
            return
        smaller = f"k_neighbors<={n - 1} or " if n > 1 else ""
        raise TooFewSamplesError(
            f"Class {label!r} has {n} samples; k_neighbors={k} needs at least {k + 1}. "
            f"Use {smaller}RandomOverSampler for this class.",
            {"class": str(label), "n_samples": n, "k_neighbors": k},
        )

    def _class_rows(
        self, view: View, label: Hashable, n_new: int, members: Rows, streams: Streams
    ) -> tuple[Drawn, FloatArray, Codes]:
        """New rows of one class: where they come from, their numbers and their codes."""
        values, codes = view.numbers(members), view.codes(members)
        points = self._points(label, fill_with_median(values) * view.scales, codes)
        neighbors = self._neighbors(points)
        base = turns(len(members), n_new, streams.step(BASE))
        other, gap = _pick(neighbors, base, streams)
        numbers = interpolate(values[base], values[other], gap)
        return Drawn(members[base], members[other], gap), numbers, self._voted(codes, neighbors, base, streams)

    def _points(self, label: Hashable, numbers: FloatArray, codes: Codes) -> Points:  # noqa: ARG002
        return Points(numbers, codes)

    def _neighbors(self, points: Points) -> Rows:
        if self.nn_k_ is None:
            return nearest(points, self._n_neighbors())
        embedded = _embed(points)
        self.nn_k_.fit(embedded)
        return _without_self(np.asarray(self.nn_k_.kneighbors(embedded, return_distance=False)))

    def _voted(self, codes: Codes, neighbors: Rows, base: Rows, streams: Streams) -> Codes:
        out = np.empty((len(base), codes.shape[1]), dtype=np.int32)
        ties = streams.step(TIE).random((len(base), codes.shape[1]))
        for j in range(codes.shape[1]):
            out[:, j] = vote(codes[neighbors[base], j], codes[base, j], ties[:, j])
        return out


def _pick(neighbors: Rows, base: Rows, streams: Streams) -> tuple[Rows, FloatArray]:
    """A neighbour of each base and the gap to it; the base itself and 0 where there is none."""
    n_new = len(base)
    if neighbors.shape[1] == 0:
        return base, np.zeros(n_new)
    column = streams.step(NEIGHBOR).integers(neighbors.shape[1], size=n_new)
    return neighbors[base, column], streams.step(GAP).random(n_new)


def fill_with_median(values: FloatArray) -> FloatArray:
    """``values`` with the median of its column in place of every NaN; 0 in a column without values."""
    gone = np.isnan(values)
    if not gone.any():
        return values
    empty = gone.all(axis=0)
    medians = np.zeros(values.shape[1])
    medians[~empty] = np.nanmedian(values[:, ~empty], axis=0)
    return np.where(gone, medians, values)


def _without_self(found: Rows) -> Rows:
    """Neighbours without the row itself (wherever it stands), or without the last where it is not among them."""
    n, width = found.shape
    own = found == np.arange(n)[:, None]
    drop = np.where(own.any(axis=1), own.argmax(axis=1), width - 1)
    keep = np.arange(width)[None, :] != drop[:, None]
    others: Rows = found[keep].reshape(n, width - 1).astype(np.int64)
    return others


def _embed(points: Points) -> FloatArray | sparse.csr_array:
    """Numbers with which an outside neighbour search sees the same distances."""
    if points.codes.shape[1] == 0:
        return points.numbers
    half = np.sqrt(points.mismatch / 2.0)  # a mismatch differs in two one-hot places
    blocks = [sparse.csr_array(points.numbers)]
    for code in points.codes.T:
        _, where = np.unique(code, return_inverse=True)
        ones = np.full(len(code), half)
        blocks.append(sparse.csr_array((ones, (np.arange(len(code)), where.ravel()))))
    return sparse.csr_array(sparse.hstack(blocks, format="csr"))


class SMOTENC(SMOTE):
    """SMOTE for tables with categories: numbers are interpolated, categories decided by the neighbours.

    Each category of a new row is the most frequent one among the nearest neighbours of its base (a
    seeded draw among equals). Two rows that differ in a category are apart by the median of the
    standard deviations of the class's numbers, as in the paper.

    Parameters
    ----------
    categorical_features : 'auto' or array-like of int, bool or str
        Positions, mask or names of the categorical columns. 'auto' takes, in DataFrames and dicts, every
        column that does not hold numbers or dates, and booleans.
    sampling_strategy, random_state, k_neighbors
        As in :class:`SMOTE`.

    Attributes
    ----------
    categorical_features_, continuous_features_ : int64 arrays
        Positions of the columns.
    median_std_ : dict
        Class -> median standard deviation, the distance of a mismatch.

    Notes
    -----
    Categories are compared as codes in blocks; no one-hot matrix is made. A missing category does not
    vote; like numbers, a new row is missing exactly where its base is. imbalanced-learn's
    ``categorical_encoder`` has no meaning here and does not exist.

    References
    ----------
    .. [1] Chawla et al., "SMOTE", JAIR 16 (2002), Sec. 6.1.

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.samplers import SMOTENC
    >>> X = pd.DataFrame({"valor": [10.0, 12.5, 80.0, 11.0, 90.0, 85.0], "tipo": list("ppbpbb")})
    >>> y = ["a", "a", "b", "a", "b", "a"]
    >>> X_resampled, y_resampled = SMOTENC("auto", k_neighbors=1, random_state=0).fit_resample(X, y)
    >>> y_resampled
    ['a', 'a', 'b', 'a', 'b', 'a', 'b', 'b']
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **SMOTE._parameter_constraints,
        "categorical_features": ["array-like", StrOptions({"auto"})],
    }

    def __init__(
        self,
        categorical_features: str | Sequence[int] | Sequence[bool] | Sequence[str],
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors)
        self.categorical_features = categorical_features

    def _categorical_positions(self, table: Table) -> list[int]:
        if isinstance(table, SparseTable):
            raise InvalidDataError(
                "SMOTENC does not take sparse matrices: convert X with X.toarray() or to a DataFrame."
            )
        positions = self._auto(table) if isinstance(self.categorical_features, str) else self._named(table)
        self.categorical_features_ = np.array(positions, dtype=np.int64)
        self.continuous_features_ = np.setdiff1d(np.arange(table.n_columns), self.categorical_features_)
        for kind, other, size in (
            ("categorical", "numerical", len(positions)),
            ("numerical", "categorical", table.n_columns - len(positions)),
        ):
            if size == table.n_columns:
                raise InvalidDataError(
                    f"SMOTE-NC is not designed to work only with {kind} features. It requires some {other} features. "
                    + ("Use RandomOverSampler." if kind == "categorical" else "Use SMOTE.")
                )
        self.median_std_: dict[Hashable, float] = {}
        return positions

    def _auto(self, table: Table) -> list[int]:
        names = table.names()
        if names is None or isinstance(table, SparseTable):
            raise InvalidParameterError(
                "When `categorical_features='auto'`, the input data should be a pandas.DataFrame or a list of dicts. "
                f"Got {type(self).__name__} on an array instead: name the columns."
            )
        frame = table.frame()
        return [j for j in range(table.n_columns) if is_categorical(frame.iloc[:, j], str(names[j]))]

    def _named(self, table: Table) -> list[int]:
        given = np.asarray(self.categorical_features)
        n, names = table.n_columns, table.names()
        if given.dtype.kind == "b":
            if len(given) != n:
                raise InvalidParameterError(f"categorical_features is a mask of {len(given)} for {n} columns.")
            return [int(j) for j in np.flatnonzero(given)]
        if given.dtype.kind in "iu":
            positions = [int(j) + n if j < 0 else int(j) for j in given]
            if any(not 0 <= j < n for j in positions):
                raise InvalidParameterError(f"all features must be in [0, {n - 1}] or [-{n}, 0]. Got {given.tolist()}.")
            return sorted(set(positions))
        if given.size == 0:
            return []
        labels = [] if names is None else list(names)
        strangers = [name for name in given.tolist() if name not in labels]
        if strangers:
            raise ColumnNotFoundError(
                f"categorical_features names {strangers}, which X does not have. Columns: {labels}.",
                {"columns": [str(name) for name in strangers]},
            )
        return sorted({labels.index(name) for name in given.tolist()})

    def _points(self, label: Hashable, numbers: FloatArray, codes: Codes) -> Points:
        median = float(np.median(spread_of(numbers)))
        self.median_std_[label] = median
        return Points(numbers, codes, mismatch=median**2)


def is_categorical(series: pd.Series, name: str) -> bool:
    """Whether 'auto' takes the column as categorical: booleans, and whatever does not hold numbers or dates."""
    family = family_of(series, name)
    if family == "text":
        return infer_column(series, name).kind != "datetime"
    return family in {"bool", "category", "mixed", "empty"}


__all__ = ["SMOTE", "SMOTENC", "fill_with_median", "is_categorical"]
