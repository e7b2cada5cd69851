"""Neighbours among rows of categories by the value difference metric, without the n x n matrix of distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.kernels._backend import n_threads, native
from contrapeso.kernels._index import Found
from contrapeso.kernels._search import _first_k

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.int64]

BLOCK_CELLS = 2**20


class ValueDifference:
    """The value difference metric learnt from rows of categories and their classes.

    Two values of a column differ by the sum over classes of ``|P(class | v) - P(class | w)|``; the distance
    of two rows is the sum over columns of the squares of these differences.

    Parameters
    ----------
    codes : int32 array of shape (n, q)
        Categories; -1 (null) is a value like the others.
    labels : int array of shape (n,)
        Class of each row, numbered from 0.
    n_jobs : int, optional
        Threads; all cores by default.

    References
    ----------
    .. [1] C. Stanfill, D. Waltz, "Toward memory-based reasoning", CACM 29 (1986); here with k = 1, r = 2 as in
       Chawla et al., "SMOTE", JAIR 16 (2002), Sec. 6.2.

    Examples
    --------
    >>> from contrapeso.kernels import ValueDifference
    >>> metric = ValueDifference([[0], [0], [1], [2], [2]], [0, 1, 0, 1, 1])
    >>> found = metric.neighbors([0, 2, 3], 1)
    >>> found.rows.tolist(), found.distances.tolist()
    ([[2], [0], [0]], [[1.0], [1.0], [1.0]])
    """

    def __init__(self, codes: ArrayLike, labels: ArrayLike, *, n_jobs: int | None = None) -> None:
        given = np.asarray(codes, dtype=np.int64)
        classes = np.asarray(labels, dtype=np.int64)
        n_classes = int(classes.max(initial=-1)) + 1
        self._threads = n_threads(n_jobs)
        self._codes = np.empty(given.shape, dtype=np.int32)
        self._shares: list[FloatArray] = []
        for j in range(given.shape[1]):
            values, where = np.unique(given[:, j], return_inverse=True)
            counts = np.zeros((len(values), n_classes))
            np.add.at(counts, (where.ravel(), classes), 1.0)
            self._codes[:, j] = where.ravel()
            self._shares.append(counts / counts.sum(axis=1, keepdims=True))

    def neighbors(self, rows: ArrayLike, k: int) -> Found:
        """The ``k`` nearest others of each of ``rows`` among ``rows``; ties go to the lower place.

        Returns
        -------
        Found
            ``rows`` of shape (m, min(k, m - 1)): row numbers of the whole table; ``distances`` as defined above.
        """
        members = np.ascontiguousarray(rows, dtype=np.int64)
        width = min(k, len(members) - 1)
        if width <= 0:
            return Found(np.empty((len(members), 0), dtype=np.int64), np.empty((len(members), 0)))
        own = np.ascontiguousarray(self._codes[members])
        module = native()
        if module is not None:
            sizes = np.array([len(share) for share in self._shares], dtype=np.int64)
            shares = np.ascontiguousarray(np.concatenate(self._shares))
            found, distance = module.value_neighbors(own, sizes, shares, width, self._threads)
        else:
            found, distance = self._compare_all(own, width)
        return Found(members[found], distance)

    def _compare_all(self, own: Codes, k: int) -> tuple[Rows, FloatArray]:
        found, near = np.empty((len(own), k), dtype=np.int64), np.empty((len(own), k))
        height = max(1, BLOCK_CELLS // len(own))
        for start in range(0, len(own), height):
            at = np.arange(start, min(start + height, len(own)))
            distance = np.zeros((len(at), len(own)))
            for j, share in enumerate(self._shares):
                distance += self._apart(share, own[at, j])[:, own[:, j]]
            distance[np.arange(len(at)), at] = np.inf
            found[at], near[at] = _first_k(distance, k)
        return found, near

    @staticmethod
    def _apart(share: FloatArray, values: Codes) -> FloatArray:
        """Squared difference of each of ``values`` to every value of the column."""
        difference = np.zeros((len(values), len(share)))
        for column in share.T:
            difference += np.abs(column[values][:, None] - column[None, :])
        return np.square(difference)


__all__ = ["ValueDifference"]
