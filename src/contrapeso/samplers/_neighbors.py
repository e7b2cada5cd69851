"""Exact nearest neighbours among the rows of one class, the same on every machine and thread count.

A row is never its own neighbour, nor is a row identical to it: a neighbour at distance 0 would only
make copies, which is what the random sampler is for. So neighbours are sought among the distinct
points of the class, each named by its first row; ties go to the lower row.

The squared distance between two rows is the sum of squared differences of their numbers plus
``mismatch`` for every category in which they differ (Chawla et al., SMOTE, JAIR 16, Sec. 6.1:
``mismatch`` is the squared median of the standard deviations).

scikit-learn's trees propose candidates for plain numbers; distances are then computed anew, feature by feature
in one fixed order, so that neither BLAS nor a tree decides a tie. Rows with categories, and rows whose
ties may reach past the candidates, are compared with all others in blocks: no one-hot matrix is
ever made, and memory stays within ``BLOCK_CELLS`` numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.int64]

BLOCK_CELLS = 2**20
SPARE_CANDIDATES = 8


@dataclass(frozen=True)
class Points:
    """Rows of one class: ``numbers`` (n, p) without NaN, ``codes`` (n, q), and the weight of a mismatch."""

    numbers: FloatArray
    codes: Codes
    mismatch: float = 0.0

    def __len__(self) -> int:
        return len(self.numbers)

    def at(self, rows: Rows) -> Points:
        """These rows only."""
        return Points(self.numbers[rows], self.codes[rows], self.mismatch)


def nearest(points: Points, k: int) -> Rows:
    """Rows of the ``k`` nearest other points, nearest first.

    Parameters
    ----------
    points : Points
        The n rows of one class.
    k : int
        Neighbours wanted.

    Returns
    -------
    int64 array of shape (n, min(k, d - 1))
        where d is the number of distinct points; with d = 1 there is no neighbour at all.
    """
    first, which = _distinct(points)
    k = min(k, len(first) - 1)
    if k == 0:
        return np.empty((len(points), 0), dtype=np.int64)
    found = _nearest_distinct(points.at(first), k)
    return first[found][which]


def _distinct(points: Points) -> tuple[Rows, Rows]:
    """First row of every distinct point, ascending, and the distinct point of every row."""
    both = np.column_stack([points.numbers, points.codes.astype(np.float64)])
    _, first, which = np.unique(both, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order].astype(np.int64), rank[which.ravel()].astype(np.int64)


def _nearest_distinct(points: Points, k: int) -> Rows:
    everyone = np.arange(len(points), dtype=np.int64)
    if points.codes.shape[1] or points.numbers.shape[1] == 0:
        return _compare_all(points, everyone, k)
    found, open_rows = _by_candidates(points.numbers, k)
    if len(open_rows):
        found[open_rows] = _compare_all(points, open_rows, k)
    return found


def _by_candidates(numbers: FloatArray, k: int) -> tuple[Rows, Rows]:
    """Neighbours by candidates, and the rows whose k-th distance may be tied with a row not among them."""
    n = len(numbers)
    n_candidates = min(n, k + 1 + SPARE_CANDIDATES)
    centred = numbers - numbers.mean(axis=0)  # shifts nothing, and keeps scikit-learn's dot products precise
    search = NearestNeighbors(n_neighbors=n_candidates).fit(centred)
    candidates = np.sort(search.kneighbors(centred, return_distance=False), axis=1).astype(np.int64)
    distance = np.zeros(candidates.shape)
    for j in range(numbers.shape[1]):
        distance += (numbers[candidates, j] - numbers[:, [j]]) ** 2
    farthest = distance.max(axis=1)
    distance[candidates == np.arange(n)[:, None]] = np.inf
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]
    kth = np.take_along_axis(distance, order, axis=1)[:, -1]
    norms = np.einsum("ij,ij->i", centred, centred)
    doubt = 1e-12 * (norms + norms.max())
    unsure = kth >= farthest - doubt if n_candidates < n else np.zeros(n, dtype=bool)
    return np.take_along_axis(candidates, order, axis=1), np.flatnonzero(unsure).astype(np.int64)


def _compare_all(points: Points, rows: Rows, k: int) -> Rows:
    """Neighbours of ``rows`` by comparison with every point, block by block."""
    columns = np.ascontiguousarray(points.numbers.T)
    codes = np.ascontiguousarray(_narrow(points.codes).T)
    height = max(1, BLOCK_CELLS // len(points))
    found = [
        _first_k(_distances(columns, codes, points.mismatch, rows[start : start + height]), k)
        for start in range(0, len(rows), height)
    ]
    return np.concatenate(found)


def _narrow(codes: Codes) -> NDArray[np.signedinteger]:
    """Codes in two bytes where they fit: comparing them is what takes the time."""
    return codes.astype(np.int16) if codes.size == 0 or codes.max() < 2**15 else codes


def _distances(columns: FloatArray, codes: NDArray[np.signedinteger], mismatch: float, rows: Rows) -> FloatArray:
    """Squared distances from ``rows`` to every point; infinite to themselves."""
    distance = np.zeros((len(rows), columns.shape[1] if len(columns) else codes.shape[1]))
    for column in columns:
        difference = column[None, :] - column[rows, None]
        distance += np.square(difference, out=difference)
    if len(codes):
        differing = np.zeros(distance.shape, dtype=np.uint16)
        for code in codes:
            differing += code[None, :] != code[rows, None]
        distance += mismatch * differing
    distance[np.arange(len(rows)), rows] = np.inf
    return distance


def _first_k(distance: FloatArray, k: int) -> Rows:
    """Columns of the ``k`` least distances of each row, by (distance, column)."""
    kth = np.partition(distance, k - 1, axis=1)[:, k - 1]
    row, column = np.nonzero(distance <= kth[:, None])
    order = np.lexsort((column, distance[row, column], row))
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(distance)))[:-1]])
    return column[order][start[:, None] + np.arange(k)].astype(np.int64)


__all__ = ["Points", "nearest"]
