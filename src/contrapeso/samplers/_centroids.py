"""Cluster centroids: each class to be reduced becomes as many clusters as rows are to be kept."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import HasMethods, StrOptions

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.errors import CopiesWarning, InvalidDataError, InvalidParameterError
from contrapeso.samplers._base import BaseUnderSampler, entropy_of
from contrapeso.samplers._drawn import Codes, Item
from contrapeso.samplers._legacy import legacy_random_state, legacy_search, untouched
from contrapeso.samplers._neighbors import embed
from contrapeso.samplers._provenance import no_rows
from contrapeso.samplers._space import Space
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.samplers._views import SparseView, View
from contrapeso.tables._columnar import open_column, open_columnar
from contrapeso.tables._containers import Rows, SparseTable, Table, open_table

FloatArray = NDArray[np.float64]
Voting: TypeAlias = Literal["auto", "hard", "soft"]
SEED = 0
BLOCK_CELLS = 2**21
LARGE = 2.0**490


class NotAClusteringError(InvalidParameterError, RuntimeError):
    """An estimator that turned out not to make clusters with centres."""


@dataclass(frozen=True)
class Clusters:
    """Clusters of some rows.

    ``of`` (n,) is the cluster of each row, ``centres`` (m, P) stand in the space of the clustering and ``nearest`` (m,)
    is a row near each centre.
    """

    of: Rows
    centres: FloatArray
    nearest: Rows


class ClusterCentroids(BaseUnderSampler):
    """Replaces each class to be reduced by the centres of as many clusters as rows are to be kept.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
        Seeds the clustering, unless ``estimator`` has a ``random_state`` of its own.
    estimator : clusterer, optional
        Unfitted, with the parameter ``n_clusters``, ``predict`` and, fitted, ``cluster_centers_``; ``KMeans`` by
        default.
    voting : 'auto', 'hard' or 'soft', default 'auto'
        'soft' gives the centres; 'hard' the row of each cluster nearest to its centre, no row twice. 'auto' is 'hard'
        for csr and csc matrices and tables with categories, 'soft' for others.
    legacy_stream : bool, default False
        Seed and vote as imbalanced-learn does: the same seed then gives the same rows. Its defect comes with it: with
        'hard' the row nearest to a centre may be of another cluster, and come twice.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows kept.
    voting_ : 'hard' or 'soft'
        The voting that was done.
    estimator_ : clusterer
        As fitted on the last class that was reduced.
    sample_clusters_ : int64 array of shape (n_samples,)
        For each row of the table the row of the result that stands for its cluster, or is the row itself.
    provenance_ : Provenance
        Without rows: see ``sample_clusters_``.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    InvalidParameterError
        If ``estimator`` has no ``n_clusters``, or no ``cluster_centers_`` when fitted (then also a RuntimeError).
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    The rows of the result are grouped by class. With 'soft' whole numbers are rounded half to even, amounts and dates
    of DataFrames and dicts stay on their grid, a mean is taken of the known values (missing where a cluster has none),
    and a category is the most frequent one of the cluster, the first among equals. A class that is to keep all its
    rows is not clustered.

    References
    ----------
    .. [1] S.-J. Yen, Y.-S. Lee, "Cluster-based under-sampling approaches for imbalanced data distributions", Expert
       Systems with Applications 36 (2009) 5718-5727. Its methods draw real rows from clusters; centres in their place
       are imbalanced-learn's.

    Examples
    --------
    >>> from contrapeso.samplers import ClusterCentroids
    >>> X, y = [[0.0], [0.5], [5.0], [5.5], [9.0], [10.0]], ["many"] * 4 + ["few"] * 2
    >>> sampler = ClusterCentroids(random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> sorted(X_resampled), y_resampled
    ([[0.25], [5.25], [9.0], [10.0]], ['few', 'few', 'many', 'many'])
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseUnderSampler._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "voting": [StrOptions({"auto", "hard", "soft"})],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        estimator: Any = None,
        voting: Voting = "auto",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.estimator = estimator
        self.voting = voting
        self.legacy_stream = legacy_stream

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        self.estimator_ = self._clusterer()
        view = self._view(table)
        self.voting_ = self._voting(view)
        found = {
            item.code: self._clusters(item, _seen(table, view, item))
            for item in self._items(target, seed)
            if self.legacy_stream or item.n < len(item.members)
        }
        self.provenance_ = no_rows(type(self).__name__, target.labels, entropy_of(seed), self.sampling_strategy_)
        self._remember(target, found)
        if self.voting_ == "hard":
            return table.take(self._bases), target.take(self._bases)
        return self._soft(table, target, view, found)

    def _remember(self, target: Target, found: dict[int, Clusters]) -> None:
        """Set for every row of the result a row near it, and for every row of the table its row of the result."""
        self.sample_clusters_ = np.empty(len(target.codes), dtype=np.int64)
        bases, start = [np.empty(0, dtype=np.int64)], 0
        for code in range(int(target.codes.max()) + 1):
            members = target.members(code)
            clusters = found.get(code)
            bases.append(members if clusters is None else members[clusters.nearest])
            self.sample_clusters_[members] = start + (np.arange(len(members)) if clusters is None else clusters.of)
            start += len(bases[-1])
        self._bases = np.concatenate(bases)

    def _clusterer(self) -> Any:
        if self.estimator is None:
            from sklearn.cluster import KMeans

            return KMeans(random_state=self._old_state() if self.legacy_stream else None)
        if "n_clusters" not in self.estimator.get_params():
            raise InvalidParameterError(
                "`estimator` should be a clustering estimator exposing a parameter `n_clusters` and a fitted parameter "
                f"`cluster_centers_`. Got {self.estimator!r}."
            )
        return clone(self.estimator)

    def _seed(self) -> np.random.SeedSequence:
        return seed_sequence(untouched(self.random_state)) if self.legacy_stream else super()._seed()

    def _old_state(self) -> int | np.random.RandomState:
        """What imbalanced-learn gives the clustering: a number starts anew for every class."""
        given = self.random_state
        return int(given) if isinstance(given, (int, np.integer)) else legacy_random_state(given)

    def _voting(self, view: View) -> Literal["hard", "soft"]:
        if self.voting != "auto":
            return self.voting
        has_categories = view.codes(np.zeros(1, dtype=np.int64)).shape[1] > 0
        return "hard" if isinstance(view, SparseView) or has_categories else "soft"

    def _clusters(self, item: Item, seen: Any) -> Clusters:
        """The members of one class in ``item.n`` clusters."""
        if item.n == 0:
            raise InvalidParameterError(
                f"Class {item.label!r} is to keep 0 rows, and there are no 0 clusters. Drop the class from X instead."
            )
        _refuse_large(seen)
        self.estimator_.set_params(n_clusters=item.n, **self._state(item))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters: said below
            self.estimator_.fit(seen)
        if not hasattr(self.estimator_, "cluster_centers_"):
            raise NotAClusteringError(
                "`estimator` should be a clustering estimator exposing a fitted parameter `cluster_centers_`. "
                f"Got {self.estimator!r}."
            )
        centres = np.asarray(self.estimator_.cluster_centers_, dtype=np.float64)
        labels = getattr(self.estimator_, "labels_", None)
        of = np.asarray(self.estimator_.predict(seen) if labels is None else labels).astype(np.int64)
        n_used = len(np.unique(of))
        if n_used < len(centres):
            warnings.warn(
                f"Class {item.label!r} fell into {n_used} clusters instead of {item.n}: some of its rows are copies.",
                CopiesWarning,
                stacklevel=2,
            )
        own = self.legacy_stream and self.voting_ == "hard"
        return Clusters(of, centres, _nearest_of_all(seen, centres) if own else _nearest(seen, centres, of))

    def _state(self, item: Item) -> dict[str, int]:
        """The estimator's ``random_state``, where it has none of its own."""
        if self.legacy_stream or (self.estimator is not None and self._is_seeded()):
            return {}
        return {"random_state": int(item.streams.step(SEED).integers(2**32))}

    def _is_seeded(self) -> bool:
        return self.estimator.get_params().get("random_state", 0) is not None

    def _soft(self, table: Table, target: Target, view: View, found: dict[int, Clusters]) -> tuple[Any, Any]:
        """Both containers with the centres in place of the classes that were reduced."""
        parts, made = [], [np.empty(0, dtype=np.int64)]
        n_made = 0
        for code in range(int(target.codes.max()) + 1):
            members, clusters = target.members(code), found.get(code)
            if clusters is None:
                parts.append(members)
                continue
            made.append(members[clusters.nearest])
            parts.append(table.n_rows + n_made + np.arange(len(clusters.nearest)))
            n_made += len(clusters.nearest)
        bases, order = np.concatenate(made), np.concatenate(parts)
        grown = view.append(_means(view, target, found), _modes(view, target, found), bases)
        old = table.data.index if hasattr(table, "data") else None
        new = grown.index if isinstance(grown, pd.DataFrame) else None
        box = target.extend(bases, old, new)
        labels = replace(target, box=box, columnar=open_columnar(box) or open_column(box))
        return open_table(grown).take(order), labels.take(order)

    def _carried(self, values: NDArray[Any], n_rows: int, *, mixed: bool) -> NDArray[Any]:  # noqa: ARG002
        if not mixed or self.voting_ == "hard":
            return np.asarray(values[self._bases])
        sums, sizes = np.zeros(len(self._bases)), np.bincount(self.sample_clusters_, minlength=len(self._bases))
        np.add.at(sums, self.sample_clusters_, values)
        return np.where(sizes > 0, sums / np.maximum(sizes, 1), values[self._bases])


def _seen(table: Table, view: View, item: Item) -> Any:
    """What the clustering sees of one class: numbers, with scaled one-hot places where there are categories."""
    if isinstance(table, SparseTable) and not np.isnan(table.matrix.data).any():
        return table.matrix.tocsr()[item.members].astype(np.float64)
    return embed(Space(view, table.n_rows).of(item.members))


def _refuse_large(seen: Any) -> None:
    """Refuse numbers whose squares, which clusterings take, are no floats."""
    greatest = float(np.abs(seen if isinstance(seen, np.ndarray) else seen.data).max(initial=0.0))
    if greatest > LARGE:
        raise InvalidDataError(
            f"X contains numbers up to {greatest:.1e}, whose squares are no floats, and clusterings need them. Divide "
            "the columns by their standard deviation, or by a constant."
        )


def _apart(seen: Any, centres: FloatArray, of: Rows) -> FloatArray:
    """Squared distance of each row to the centre of its cluster, a block of rows at a time."""
    apart = np.empty(len(of))
    height = max(1, BLOCK_CELLS // max(1, seen.shape[1]))
    for start in range(0, len(of), height):
        block = seen[start : start + height]
        rows = block if isinstance(block, np.ndarray) else block.toarray()
        apart[start : start + height] = np.square(rows - centres[of[start : start + height]]).sum(axis=1)
    return apart


def _nearest(seen: Any, centres: FloatArray, of: Rows) -> Rows:
    """A row for each cluster, none twice: the nearest of its own, or for an empty one the nearest that is left."""
    order = np.lexsort((_apart(seen, centres, of), of))
    filled, first = np.unique(of[order], return_index=True)
    chosen = np.full(len(centres), -1, dtype=np.int64)
    chosen[filled] = order[first]
    for empty in np.flatnonzero(chosen < 0):
        apart = _apart(seen, centres, np.full(len(of), empty))
        apart[chosen[chosen >= 0]] = np.inf
        chosen[empty] = apart.argmin()
    return chosen


def _nearest_of_all(seen: Any, centres: FloatArray) -> Rows:
    """The row of the class that imbalanced-learn finds nearest to each centre: in a cluster of two a matter of bits."""
    search = legacy_search(0).fit(seen)
    return np.asarray(search.kneighbors(centres, return_distance=False)[:, 0], dtype=np.int64)


def _means(view: View, target: Target, found: dict[int, Clusters]) -> FloatArray:
    """Centres in the units of the columns, one class after the other."""
    scales = view.scales
    parts = [np.empty((0, len(scales)))]
    for code, clusters in found.items():
        means = clusters.centres[:, : len(scales)] / scales
        parts.append(means)
        if isinstance(view, SparseView) and not np.isnan(view.table.matrix.data).any():
            continue
        values = view.numbers(target.members(code))
        gone = np.isnan(values)
        for j in np.flatnonzero(gone.any(axis=0)):  # the clustering saw medians in the gaps
            n = np.bincount(clusters.of[~gone[:, j]], minlength=len(means))
            sums = np.bincount(clusters.of, weights=np.where(gone[:, j], 0.0, values[:, j]), minlength=len(means))
            means[:, j] = np.where(n > 0, sums / np.maximum(n, 1), np.nan)
    return np.concatenate(parts)


def _modes(view: View, target: Target, found: dict[int, Clusters]) -> Codes:
    """The most frequent category of each cluster, nulls aside; the first among equals."""
    parts = [view.codes(np.empty(0, dtype=np.int64))]
    for code, clusters in found.items():
        members = target.members(code)
        codes = view.codes(members)
        modes = codes[clusters.nearest]
        for j in range(codes.shape[1]):
            known = np.flatnonzero(codes[:, j] >= 0)
            pairs, n = np.unique(np.column_stack([clusters.of[known], codes[known, j]]), axis=0, return_counts=True)
            order = np.lexsort((pairs[:, 1], -n, pairs[:, 0]))
            which, first = np.unique(pairs[order, 0], return_index=True)
            modes[which, j] = pairs[order[first], 1]
        parts.append(modes)
    return np.concatenate(parts)


__all__ = ["ClusterCentroids"]
