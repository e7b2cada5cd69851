"""The neighbour searches samplers take as parameters: a number of neighbours, or anybody's estimator."""

from __future__ import annotations

from numbers import Integral
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, clone

from contrapeso.errors import InvalidParameterError
from contrapeso.kernels import Index
from contrapeso.samplers._space import Points
from contrapeso.tables._containers import Rows

FloatArray = NDArray[np.float64]
Neighbors: TypeAlias = int | Any  # an estimator with kneighbors, as scikit-learn's NearestNeighbors


class ExactNeighbors(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Nearest neighbours by the kernels, with the interface of scikit-learn's ``NearestNeighbors``.

    Parameters
    ----------
    n_neighbors : int, default 5
    n_jobs : int, optional
        Threads; all cores by default.

    Examples
    --------
    >>> from contrapeso.samplers import ExactNeighbors
    >>> search = ExactNeighbors(n_neighbors=2).fit([[0.0], [1.0], [3.0]])
    >>> search.kneighbors([[0.9]], return_distance=False).tolist()
    [[1, 0]]
    """

    def __init__(self, n_neighbors: int = 5, *, n_jobs: int | None = None) -> None:
        self.n_neighbors = n_neighbors
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn's signature)
        """Index the rows of ``X``, shape (n, p)."""
        self._index = Index(_dense(X), n_jobs=self.n_jobs)
        return self

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:  # noqa: FBT001, FBT002
        """Distances and rows of the nearest neighbours of ``X``; without it, of each fitted row among the others."""
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        limit = len(self._index) - (X is None)
        if k > limit:
            raise InvalidParameterError(f"n_neighbors={k}, and there are {limit} rows to choose from.")
        found = self._index.neighbors(k) if X is None else self._index.query(_dense(X), k)
        return (found.distances, found.rows) if return_distance else found.rows

    def kneighbors_graph(self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity") -> Any:
        """Csr matrix with 1 (or the distance, ``mode='distance'``) at every neighbour."""
        distances, rows = self.kneighbors(X, n_neighbors)
        n, k = rows.shape
        data = distances.ravel() if mode == "distance" else np.ones(n * k)
        pointers = np.arange(0, n * k + 1, k)
        return sparse.csr_matrix((data, rows.ravel(), pointers), shape=(n, len(self._index)))


def _dense(X: Any) -> FloatArray:
    return np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float64)


def check_neighbors(parameter: Neighbors, *, itself: int, n_jobs: int | None = None) -> Any:
    """Unfitted neighbour search for a sampler's parameter.

    A number n gives :class:`ExactNeighbors` of n + ``itself`` (1 where the row itself is found too and does not count);
    an estimator is cloned.
    """
    if isinstance(parameter, Integral):
        return ExactNeighbors(int(parameter) + itself, n_jobs=n_jobs)
    return clone(parameter)


def n_neighbors_of(search: Any) -> int:
    """Other rows that ``search`` is to find, the row itself not counted."""
    return int(getattr(search, "n_neighbors", 6)) - 1


def is_exact(search: Any) -> bool:
    """Whether the kernels do the search."""
    return isinstance(search, ExactNeighbors)


def class_neighbors(search: Any, points: Points, k: int | None = None) -> Rows:
    """Neighbours within one class: places of the distinct points nearest to each; fewer where there are fewer.

    An outside estimator is asked as it is: its copies are neighbours.
    """
    wanted = n_neighbors_of(search) if k is None else k
    if is_exact(search):
        return points.distinct_neighbors(wanted)
    embedded = embed(points)
    search.fit(embedded)
    return without_self(np.asarray(search.kneighbors(embedded, return_distance=False)), np.arange(len(points)))


def row_neighbors(search: Any, points: Points, rows: Rows | None = None, k: int | None = None) -> Rows:
    """Nearest other points of ``rows`` (all by default) among all ``points``, copies included; shape (m, k)."""
    wanted = n_neighbors_of(search) if k is None else k
    if is_exact(search):
        return points.index.neighbors(wanted, rows).rows
    embedded = embed(points)
    asked = np.arange(len(points), dtype=np.int64) if rows is None else rows
    search.fit(embedded)
    return without_self(np.asarray(search.kneighbors(embedded[asked], return_distance=False)), asked)


def without_self(found: Rows, own: Rows) -> Rows:
    """Neighbours without the row itself (wherever it stands), or without the last where it is not among them."""
    n, width = found.shape
    same = found == own[:, None]
    drop = np.where(same.any(axis=1), same.argmax(axis=1), width - 1)
    keep = np.arange(width)[None, :] != drop[:, None]
    others: Rows = found[keep].reshape(n, width - 1).astype(np.int64)
    return others


def embed(points: Points) -> FloatArray | sparse.csr_array:
    """Numbers with which an outside neighbour search sees the same distances."""
    if points.codes.shape[1] == 0:
        return points.numbers
    half = points.mismatch / np.sqrt(2.0)  # a mismatch differs in two one-hot places
    blocks = [sparse.csr_array(points.numbers)]
    for code in points.codes.T:
        _, where = np.unique(code, return_inverse=True)
        ones = np.full(len(code), half)
        blocks.append(sparse.csr_array((ones, (np.arange(len(code)), where.ravel()))))
    joined = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    if joined.nnz < 2**31:  # scikit-learn's estimators take no wider indices
        joined.indices, joined.indptr = joined.indices.astype(np.int32), joined.indptr.astype(np.int32)
    return joined


__all__ = [
    "ExactNeighbors",
    "Neighbors",
    "check_neighbors",
    "class_neighbors",
    "embed",
    "is_exact",
    "n_neighbors_of",
    "row_neighbors",
    "without_self",
]
