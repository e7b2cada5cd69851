"""The pure neighbour search: SciPy's kd-tree proposes candidates, NumPy decides in the one order of operations.

Rows with categories, many columns, or ties that may reach past the candidates are compared with all
others in blocks; memory stays within a few times ``BLOCK_CELLS`` numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from contrapeso.kernels._rows import distinct

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]
Answer = tuple[Rows, FloatArray]

BLOCK_CELLS = 2**20
SPARE_CANDIDATES = 8
TREE_COLUMNS = 12
"""Most number columns for which a kd-tree proposes candidates: with more, comparing all is no slower."""


class Search:
    """Rows ``numbers`` (n, p) and ``codes`` (n, q); ``mismatch`` is a distance. See :class:`Index`."""

    def __init__(self, numbers: FloatArray, codes: Codes, mismatch: float) -> None:
        self._numbers, self._codes, self._mismatch = numbers, codes, mismatch
        self._columns = np.ascontiguousarray(numbers.T)
        self._atoms = np.ascontiguousarray(_narrow(codes).T)
        plain = not codes.shape[1] and 0 < numbers.shape[1] <= TREE_COLUMNS
        self._tree = cKDTree(numbers) if plain and len(numbers) > 1 else None

    def neighbors(self, rows: Rows, k: int, n_threads: int) -> Answer:
        return self._nearest(self._numbers[rows], self._codes[rows], rows, k, n_threads)

    def distinct_neighbors(self, k: int, n_threads: int) -> Answer:
        first, which = distinct(self._numbers, self._codes)
        among = self if len(first) == len(which) else Search(self._numbers[first], self._codes[first], self._mismatch)
        own = np.arange(len(first), dtype=np.int64)
        found, squared = among.neighbors(own, min(k, len(first) - 1), n_threads)
        return first[found][which], squared[which]

    def query(self, numbers: FloatArray, codes: Codes, k: int, n_threads: int) -> Answer:
        return self._nearest(numbers, codes, None, k, n_threads)

    def nearest_enemy(self, labels: Labels, rows: Rows, n_threads: int) -> Answer:  # noqa: ARG002  (the interface)
        found, squared = np.full(len(rows), -1, dtype=np.int64), np.full(len(rows), np.inf)
        for part in self._parts(len(rows)):
            distance = self._distances(self._numbers[rows[part]], self._codes[rows[part]])
            distance[labels[rows[part], None] == labels[None, :]] = np.inf
            best = distance.argmin(axis=1)
            squared[part] = distance[np.arange(len(best)), best]
            found[part] = np.where(np.isinf(squared[part]), -1, best)
        return found, squared

    def neighbors_agree(self, labels: Labels, rows: Rows, k: int, n_threads: int) -> NDArray[np.bool_]:
        found, _ = self.neighbors(rows, k, n_threads)
        agree: NDArray[np.bool_] = (labels[found] == labels[rows, None]).all(axis=1)
        return agree

    def _nearest(self, numbers: FloatArray, codes: Codes, own: Rows | None, k: int, n_threads: int) -> Answer:
        """``own`` are the rows that the points are, which are then not their own neighbours."""
        found, squared = np.empty((len(numbers), k), dtype=np.int64), np.empty((len(numbers), k))
        if k == 0 or len(numbers) == 0:
            return found, squared
        open_rows = np.arange(len(numbers), dtype=np.int64)
        if self._tree is not None:
            found, squared, open_rows = self._by_candidates(numbers, own, k, n_threads)
        for part in self._parts(len(open_rows)):
            at = open_rows[part]
            distance = self._distances(numbers[at], codes[at])
            if own is not None:
                distance[np.arange(len(at)), own[at]] = np.inf
            found[at], squared[at] = _first_k(distance, k)
        return found, squared

    def _parts(self, n_rows: int) -> list[slice]:
        height = max(1, BLOCK_CELLS // max(1, len(self._numbers)))
        return [slice(start, start + height) for start in range(0, n_rows, height)]

    def _by_candidates(
        self, numbers: FloatArray, own: Rows | None, k: int, n_threads: int
    ) -> tuple[Rows, FloatArray, Rows]:
        """Neighbours by candidates, and the points whose k-th distance may be tied with a row not among them."""
        assert self._tree is not None  # noqa: S101  (for the type checker: the caller has just looked)
        n = len(self._numbers)
        wanted = min(n, k + (own is not None) + SPARE_CANDIDATES)
        reach, candidates = self._tree.query(numbers, k=np.arange(1, wanted + 1), workers=n_threads)
        candidates = np.sort(candidates, axis=1).astype(np.int64)
        distance = np.zeros(candidates.shape)
        for j, column in enumerate(self._columns):
            distance += np.square(column[candidates] - numbers[:, [j]])
        if own is not None:
            distance[candidates == own[:, None]] = np.inf
        order = np.argsort(distance, axis=1, kind="stable")[:, :k]
        squared = np.take_along_axis(distance, order, axis=1)
        unsure = squared[:, -1] >= reach[:, -1] ** 2 * (1 - 1e-12) if wanted < n else np.zeros(len(numbers), dtype=bool)
        return np.take_along_axis(candidates, order, axis=1), squared, np.flatnonzero(unsure).astype(np.int64)

    def _distances(self, numbers: FloatArray, codes: Codes) -> FloatArray:
        """Squared distances from points to every row."""
        distance = np.zeros((len(numbers), len(self._numbers)))
        for j, column in enumerate(self._columns):
            difference = column[None, :] - numbers[:, [j]]
            distance += np.square(difference, out=difference)
        if len(self._atoms):
            differing = np.zeros(distance.shape, dtype=np.uint16)
            for j, atom in enumerate(self._atoms):
                differing += atom[None, :] != codes[:, [j]]
            distance += self._mismatch * self._mismatch * differing
        return distance


def _narrow(codes: Codes) -> NDArray[np.signedinteger]:
    """Codes in two bytes where they fit: comparing them is what takes the time."""
    return codes.astype(np.int16) if codes.size == 0 or np.abs(codes).max() < 2**15 else codes


def _first_k(distance: FloatArray, k: int) -> Answer:
    """Columns of the ``k`` least distances of each row, by (distance, column), and those distances."""
    kth = np.partition(distance, k - 1, axis=1)[:, k - 1]
    row, column = np.nonzero(distance <= kth[:, None])
    order = np.lexsort((column, distance[row, column], row))
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(distance)))[:-1]])
    best = column[order][start[:, None] + np.arange(k)].astype(np.int64)
    return best, np.take_along_axis(distance, best, axis=1)


__all__ = ["Search"]
