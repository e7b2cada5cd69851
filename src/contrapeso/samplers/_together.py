"""Categories of new rows as tuples that were seen together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels._rows import CHUNK, below, blocks
from contrapeso.samplers._drawn import Codes, Item
from contrapeso.samplers._lines import TIE
from contrapeso.tables._containers import Rows

BLOCK_CELLS = 2**22
"""Most comparisons of one column that are held at a time."""


def together(codes: Codes, neighbors: Rows, base: Rows, item: Item) -> Codes | None:
    """Whole tuples: of the base's and its neighbours' the one with the most votes of the neighbours in all columns.

    A neighbour votes for a tuple once for every category that they share, null aside. Only tuples that are null where
    the base is are candidates, its own among them. Equal support is decided by lot, each tuple counting once.

    Parameters
    ----------
    codes : int32 array of shape (n, q)
        Of the members of the class.
    neighbors : int64 array of shape (n, k)
    base : int64 array of shape (n_new,)
    item : Item

    Returns
    -------
    int32 array of shape (n_new, q), or None where there are no categories
    """
    if codes.shape[1] == 0:
        return None
    n, k = neighbors.shape
    candidates = np.column_stack([np.arange(n), neighbors])
    places = np.empty((n, k + 1), dtype=np.int64)
    height = max(1, BLOCK_CELLS // (k + 1) ** 2)
    for start in range(0, n, height):
        part = slice(start, start + height)
        places[part] = np.cumsum(best_tuples(codes, candidates[part]), axis=1)
    chosen, key = np.empty(len(base), dtype=np.int64), item.streams.key(TIE)
    for start in range(0, len(base), CHUNK):
        rows = base[start : start + CHUNK]
        wanted = below(blocks(key, start, len(rows))[:, 0], places[rows, -1])
        chosen[start : start + CHUNK] = candidates[rows, np.argmax(places[rows] > wanted[:, None], axis=1)]
    return codes[chosen]


def best_tuples(codes: Codes, candidates: Rows) -> NDArray[np.bool_]:
    """Which candidates (rows of ``codes``; the base first, then its voters) win; the first of identical ones only."""
    n, m = candidates.shape
    support = np.zeros((n, m), dtype=np.int64)
    same, legal = np.ones((n, m, m), dtype=bool), np.ones((n, m), dtype=bool)
    for column in codes.T:
        values = column[candidates]
        equal = values[:, :, None] == values[:, None, :]
        support += (equal[:, :, 1:] & (values >= 0)[:, :, None]).sum(axis=2)
        legal &= (values < 0) == (values[:, :1] < 0)
        same &= equal
    earlier = np.tril(np.ones((m, m), dtype=bool), -1)
    legal &= ~(same & earlier).any(axis=2)
    support[~legal] = -1
    return np.asarray(support == support.max(axis=1, keepdims=True))


__all__ = ["best_tuples", "together"]
