"""KMeans-SMOTE: SMOTE within the clusters that hold enough of a class, more where it is sparse."""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso._rng import RandomState
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Drawn, FloatArray, Item, Made, apportion
from contrapeso.samplers._legacy import first_dropped
from contrapeso.samplers._lines import BaseLineSampler, Problem, UnsuitedError, draw_lines, one_thread
from contrapeso.samplers._neighbors import Neighbors, class_neighbors, embed, n_neighbors_of
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.tables._containers import Rows

CLUSTERING = 4
"""Step of the first class whose random numbers seed the clustering."""

TILE = 512
"""Side of a tile of pairs whose distances are summed at a time (2 MiB)."""


class KMeansSMOTE(BaseLineSampler):
    """SMOTE within clusters of the whole table, so that no new row lies across a gap between clusters.

    A cluster is used where the class is a large enough share of its rows; the sparser the class is in it, the more
    new rows it gets.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 2
        Neighbours to draw from, as in :class:`SMOTE`.
    n_jobs : int, optional
        Threads; all cores by default.
    kmeans_estimator : int or estimator, optional
        Number of clusters, or a clusterer with ``n_clusters``; :class:`sklearn.cluster.MiniBatchKMeans` with its
        defaults otherwise.
    cluster_balance_threshold : 'auto' or float, default 'auto'
        Share of a cluster's rows that the class must have in it. 'auto' is half the class's share of all new rows.
    density_exponent : 'auto' or float, default 'auto'
        Exponent e of the sparsity ``d**e / n`` of n rows with the mean distance d. 'auto' is
        ``0.16 * log(n, 1.6)**1.8``, as in imbalanced-learn.
    few_samples : 'adapt' or 'raise', default 'adapt'
        For a class that has no more rows than ``k_neighbors``, as in :class:`SMOTE`. With 'adapt' there are also no
        more clusters than rows.
    legacy_stream : bool, default False
        As in :class:`SMOTE`; a class then gets up to one row too many for every cluster, as in imbalanced-learn.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    nn_k_ : estimator
        The neighbour search; its ``n_neighbors`` counts the row itself.
    kmeans_estimator_ : estimator
        The fitted clusterer.
    cluster_balance_threshold_ : 'auto' or float
        The threshold in force; minus infinity for one cluster.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        Parents of each new row, the base first, and their shares.
    sample_indices_, provenance_, n_features_in_, feature_names_in_
        As in :class:`SMOTE`.

    Raises
    ------
    InvalidDataError
        If no cluster holds enough rows of a class; if a number is infinite, or a column of an array does not hold
        numbers or dates.
    TooFewSamplesError
        If a class to be enlarged has no more rows than ``k_neighbors``, and ``few_samples='raise'``.

    Notes
    -----
    The table is clustered once for all classes. Counts are exact: shares are rounded by largest remainders. The mean
    distance of all pairs is summed in blocks; no matrix of distances is kept. Where all rows of the class are the
    same in every cluster, clusters count by their rows. Missing numbers, categories, dates and identical rows: as in
    :class:`SMOTE`.

    References
    ----------
    .. [1] F. Last, G. Douzas, F. Bacao, "Oversampling for imbalanced learning based on k-means and SMOTE",
       arXiv 1711.00837 (2017), Sec. III (Algorithm 1).

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import KMeansSMOTE
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(size=(80, 2)), rng.normal(9.0, size=(20, 2))])
    >>> y = np.repeat([0, 1], [80, 20])
    >>> X_resampled, y_resampled = KMeansSMOTE(kmeans_estimator=2, random_state=0).fit_resample(X, y)
    >>> np.bincount(y_resampled).tolist()
    [80, 80]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "n_jobs": [Integral, None],
        "kmeans_estimator": [HasMethods(["fit", "predict"]), Interval(Integral, 1, None, closed="left"), None],
        "cluster_balance_threshold": [StrOptions({"auto"}), Real],
        "density_exponent": [StrOptions({"auto"}), Real],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 2,
        n_jobs: int | None = None,
        kmeans_estimator: Any = None,
        cluster_balance_threshold: float | Literal["auto"] = "auto",
        density_exponent: float | Literal["auto"] = "auto",
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.n_jobs = n_jobs
        self.kmeans_estimator = kmeans_estimator
        self.cluster_balance_threshold = cluster_balance_threshold
        self.density_exponent = density_exponent
        self.few_samples = few_samples
        self.legacy_stream = legacy_stream

    def _prepare(self, problem: Problem, items: list[Item]) -> None:
        self.nn_k_ = self._search(self.k_neighbors)
        self.kmeans_estimator_ = self._clusterer(problem.space.n_rows, items)
        one = self.kmeans_estimator_.n_clusters == 1
        self.cluster_balance_threshold_ = -math.inf if one else self.cluster_balance_threshold
        if items and not self.legacy_stream:
            self._clusters = clusters_of(self.kmeans_estimator_, problem.space.everyone, alone=True)

    def _clusterer(self, n_rows: int, items: list[Item]) -> Any:
        """The unfitted clusterer; an int seed is its seed too, any other is drawn from."""
        if self.kmeans_estimator is not None and not isinstance(self.kmeans_estimator, Integral):
            return clone(self.kmeans_estimator)
        from sklearn.cluster import MiniBatchKMeans  # takes long to import

        n_clusters = 8 if self.kmeans_estimator is None else int(self.kmeans_estimator)
        seed: Any = self.random_state
        if not isinstance(seed, Integral) and not (self.legacy_stream and isinstance(seed, np.random.RandomState)):
            seed = int(items[0].streams.step(CLUSTERING).integers(2**31)) if items else None
        n_clusters = min(n_clusters, n_rows) if self.few_samples == "adapt" else n_clusters
        return MiniBatchKMeans(n_clusters=n_clusters, random_state=seed)

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        points = problem.space.of(item.members)
        parts = self._parts(item, k)
        counts = apportion(self._weights(points, parts), item.n)
        alone = len(parts) == 1
        return Drawn.joined(
            [
                self._draw_part(points, places, k, _part(item, places, int(n), None if alone else number))
                for number, (places, n) in enumerate(zip(parts, counts, strict=True))
                if n
            ]
        )

    def _draw_part(self, points: Points, places: Rows, k: int, part: Item) -> Drawn:
        """SMOTE among some members of the class."""
        inside = points.at(places)
        return draw_lines(part, inside, class_neighbors(self.nn_k_, inside, k))

    def _parts(self, item: Item, k: int) -> list[Rows]:
        """Places of the class's members in each cluster that holds enough of them.

        Raises
        ------
        UnsuitedError
            If there is no such cluster.
        """
        threshold = self.cluster_balance_threshold_
        if threshold == "auto":
            threshold = item.n / sum(self.sampling_strategy_.values()) / 2
        sizes = np.bincount(self._clusters)
        own = self._clusters[item.members]
        counts = np.bincount(own, minlength=len(sizes))
        share = counts / np.maximum(sizes, 1)
        rows = share * sizes if self.legacy_stream else counts  # upstream loses a cluster now and then: 3 / 49 * 49 < 3
        enough = (rows >= k + 1) & (share >= threshold)
        if not enough.any():
            raise UnsuitedError(
                f"No clusters found with sufficient samples of class {item.label!r}. Try lowering the "
                "cluster_balance_threshold or increasing the number of clusters. At least "
                f"{k + 1} rows of the class and a share of {float(threshold):.3g} are needed; the fullest of "
                f"{len(sizes)} clusters has {int(counts.max())}.",
                {"class": str(item.label), "n_clusters": len(sizes)},
            )
        order = np.argsort(own, kind="stable")
        ends = np.cumsum(counts)
        return [order[ends[c] - counts[c] : ends[c]].astype(np.int64) for c in np.flatnonzero(enough)]

    def _weights(self, points: Points, parts: list[Rows]) -> FloatArray:
        """Share of each cluster in the new rows: its sparsity, taken by logarithms since powers overflow."""
        if len(parts) == 1:
            return np.ones(1)
        sizes = np.array([len(places) for places in parts], dtype=np.float64)
        with one_thread("blas"):  # tiles are too small to share
            distances = np.array([mean_distance(points.at(places)) for places in parts])
        if not distances.any():
            return np.asarray(sizes / sizes.sum())
        exponents = [self._exponent(int(n)) for n in sizes]
        with np.errstate(divide="ignore"):
            logs = np.array(exponents) * np.log(distances) - np.log(sizes)
        shares = np.exp(logs - logs.max())
        return np.asarray(shares / shares.sum())

    def _exponent(self, n: int) -> float:
        if self.density_exponent == "auto":
            return float(math.log(n, 1.6) ** 1.8 * 0.16)
        return float(self.density_exponent)

    def _draw_legacy(self, problem: Problem, item: Item) -> Made:
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        points = problem.space.of(item.members)
        self._clusters = clusters_of(self.kmeans_estimator_, problem.space.everyone)  # draws from a RandomState
        parts = self._parts(item, k)
        sparsity = np.array([self._legacy_sparsity(points.at(places)) for places in parts])
        made = []
        for places, weight in zip(parts, sparsity / sparsity.sum(), strict=True):
            part = _part(item, places, math.ceil(item.n * weight), None)
            inside = points.at(places)
            neighbors = first_dropped(self.nn_k_, inside, k=k)
            made.append(self._legacy_lines(problem, part, inside, neighbors))
        return Made.joined(made)

    def _legacy_sparsity(self, points: Points) -> float:
        """By the matrix of distances: the last bits decide how shares round up."""
        from sklearn.metrics import pairwise_distances

        n = len(points)
        distances = pairwise_distances(embed(points), metric="euclidean")
        np.fill_diagonal(distances, 0)
        return float((distances.sum() / (n**2 - n)) ** self._exponent(n) / n)


def _part(item: Item, places: Rows, n: int, number: int | None) -> Item:
    """Some members of a class as a plan item of its own; without a number it draws as the class would."""
    streams = item.streams if number is None else item.streams.part(number)
    return replace(item, members=item.members[places], n=n, streams=streams)


def mean_distance(points: Points) -> float:
    """Mean distance of all pairs; 0 for a single point. Memory for one block of pairs at a time."""
    n = len(points)
    if n < 2:
        return 0.0
    numbers = points.numbers - points.numbers.mean(axis=0)
    squares, ones = np.einsum("ij,ij->i", numbers, numbers), np.ones(n)
    left = np.column_stack([numbers, squares, ones])  # left @ right.T: squared distances in one product
    right = np.column_stack([-2.0 * numbers, ones, squares])
    total = 0.0
    for i in range(0, n, TILE):
        for j in range(i, n, TILE):
            apart = left[i : i + TILE] @ right[j : j + TILE].T
            for codes in points.codes.T:
                apart += points.mismatch**2 * (codes[i : i + TILE, None] != codes[None, j : j + TILE])
            np.sqrt(np.maximum(apart, 0.0, out=apart), out=apart)
            total += float((np.triu(apart, 1) if i == j else apart).sum())
    return total / (n * (n - 1) / 2)


class _SameChoice(np.random.RandomState):
    """A ``RandomState`` that remembers the sums of the probabilities it was last asked to choose by.

    scikit-learn's MiniBatchKMeans chooses every batch by the same array of probabilities, one per row; adding them up
    each time is most of its work on a long table. The numbers drawn are the same.
    """

    _known: tuple[object, FloatArray] | None = None

    def choice(self, a: Any, size: Any = None, replace: bool = True, p: Any = None) -> Any:  # noqa: FBT001, FBT002
        if not (isinstance(a, Integral) and isinstance(p, np.ndarray) and replace and len(p) == a):
            return super().choice(a, size, replace, p)
        if self._known is None or self._known[0] is not p:
            sums = p.cumsum()
            sums /= sums[-1]
            self._known = (p, sums)
        return self._known[1].searchsorted(self.random_sample(size), side="right").astype(np.int64)


def clusters_of(clusterer: Any, points: Points, *, alone: bool = False) -> Rows:
    """Fit ``clusterer`` and give the cluster of every point.

    scikit-learn's MiniBatchKMeans wakes all threads for every batch, which takes longer than the batch; ``alone``
    keeps it to one, in which the sums over a batch are added in one order on every machine.
    """
    from sklearn.cluster import MiniBatchKMeans

    seed: Any = getattr(clusterer, "random_state", None)
    remembered = type(clusterer) is MiniBatchKMeans and isinstance(seed, Integral)
    if remembered:
        clusterer.set_params(random_state=_SameChoice(int(seed)))
    with one_thread("openmp") if remembered and alone else nullcontext():
        labels = clusterer.fit_predict(embed(points))
    if remembered:
        clusterer.set_params(random_state=seed)
    return np.asarray(labels, dtype=np.int64)


__all__ = ["KMeansSMOTE", "mean_distance"]
