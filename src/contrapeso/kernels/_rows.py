"""Kernels on rows: the distinct ones, points between two of them, votes and draws keyed by the row they are for.

Random numbers are counter-based: row ``i`` of a step owns block ``i`` of Philox-4x64-10 under the step's key, so what
a row gets depends on neither the number of threads nor the size of a chunk.

References
----------
.. [1] J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, Sec. 3.3.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels._backend import n_threads, native

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.int64]
Key: TypeAlias = tuple[int, int]
"""Key of a step's random numbers: two whole numbers below 2**64."""

CHUNK = 2**15


def distinct(numbers: FloatArray, codes: Codes) -> tuple[Rows, Rows]:
    """First row of every distinct row, ascending, and the number of the distinct row that each row is.

    Parameters
    ----------
    numbers : float64 array of shape (n, p), without NaN; 0.0 and -0.0 are equal
    codes : int32 array of shape (n, q)
    """
    module = native()
    if module is not None:
        first, which = module.distinct(np.ascontiguousarray(numbers), np.ascontiguousarray(codes))
        return first, which
    both = np.column_stack([numbers + 0.0, codes.astype(np.float64)])
    _, first, which = np.unique(both, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order].astype(np.int64), rank[which.ravel()].astype(np.int64)


def interpolate(
    source: NDArray[Any], base: Rows, neighbor: Rows, gap: FloatArray, out: NDArray[Any], *, n_jobs: int | None = None
) -> None:
    """Write into ``out`` the points on the lines from rows ``base`` of ``source`` to rows ``neighbor``.

    With a gap in [0, 1] a point lies between its parents to the last bit; a gap below 0 goes away from the
    neighbour, one above 1 past it. A missing base value stays missing; where only the neighbour's is
    missing the base value is kept. Whole numbers are rounded half to even.

    Parameters
    ----------
    source : float32, float64 or integer array of shape (n, p)
    base, neighbor : int64 arrays of shape (n_new,)
    gap : float64 array of shape (n_new,)
    out : array of shape (n_new, p), dtype of ``source``, filled in place

    References
    ----------
    .. [1] Chawla et al., "SMOTE", JAIR 16 (2002), Sec. 4.2. One gap per row: the pseudo-code draws one
       per attribute, which fills the box between the parents and leaves the segment of the text.
    """
    module = native()
    plain = source.dtype in (np.dtype(np.float64), np.dtype(np.float32))
    if module is not None and plain and source.flags.c_contiguous and out.flags.c_contiguous:
        module.interpolate(source, base, neighbor, gap, out, n_threads(n_jobs))
        return
    for start in range(0, len(base), CHUNK):
        part = slice(start, start + CHUNK)
        first = source[base[part]].astype(np.float64)
        second = source[neighbor[part]].astype(np.float64)
        points = between(first, second, gap[part])
        if source.dtype.kind in "iu":
            points = np.rint(points)
        out[part] = points


def between(base: FloatArray, neighbor: FloatArray, gap: FloatArray) -> FloatArray:
    """Points on the lines from ``base`` to ``neighbor``, arrays of shape (n_new, p); see :func:`interpolate`."""
    toward = np.where(np.isnan(neighbor), base, neighbor)
    share = gap[:, None]
    point = (1.0 - share) * base + share * toward
    inside = (share >= 0.0) & (share <= 1.0) | (base == toward)  # on a line of one point there is only that point
    held = np.where(inside, np.clip(point, np.fmin(base, toward), np.fmax(base, toward)), point)
    return np.asarray(held + 0.0)  # of 0.0 and -0.0, which one a minimum gives depends on the processor: 0.0 always


def pick(neighbors: Rows, base: Rows, key: Key, *, n_jobs: int | None = None) -> tuple[Rows, FloatArray]:
    """One neighbour of each ``base``, uniformly, and a gap in [0, 1) to go with it.

    Parameters
    ----------
    neighbors : int64 array of shape (n, k), k >= 1
    base : int64 array of shape (n_new,), rows of ``neighbors``
    key : two whole numbers below 2**64

    Returns
    -------
    other : int64 array of shape (n_new,), ``neighbors[base, column]``
    gap : float64 array of shape (n_new,)
    """
    module = native()
    if module is not None:
        other, gap = module.pick(np.ascontiguousarray(neighbors), np.ascontiguousarray(base), *key, n_threads(n_jobs))
        return other, gap
    others, gaps = np.empty(len(base), dtype=np.int64), np.empty(len(base))
    for start in range(0, len(base), CHUNK):
        part = slice(start, start + CHUNK)
        rows = base[part]
        words = blocks(key, start, len(rows))
        others[part] = neighbors[rows, below(words[:, 0], neighbors.shape[1])]
        gaps[part] = unit(words[:, 1])
    return others, gaps


def vote(codes: Codes, neighbors: Rows, base: Rows, key: Key, *, n_jobs: int | None = None) -> Codes:
    """Categories of new rows: the most frequent code among the neighbours of each base, a draw among equals.

    Null (-1) does not vote. A row whose base is null stays null, and one whose neighbours are all null
    keeps its base's code.

    Parameters
    ----------
    codes : int32 array of shape (n, q)
    neighbors : int64 array of shape (n, k)
        Voters of each row.
    base : int64 array of shape (n_new,)
    key : two whole numbers below 2**64

    Returns
    -------
    int32 array of shape (n_new, q)
    """
    module = native()
    if module is not None:
        voted: Codes = module.vote(
            np.ascontiguousarray(codes),
            np.ascontiguousarray(neighbors),
            np.ascontiguousarray(base),
            *key,
            n_threads(n_jobs),
        )
        return voted
    out = codes[base]
    for start in range(0, len(base) if neighbors.shape[1] else 0, CHUNK):
        part = slice(start, start + CHUNK)
        for j in range(codes.shape[1]):
            tie = blocks(key, start, len(base[part]), lane=j)[:, 0]
            out[part, j] = _winner(codes[neighbors[base[part]], j], codes[base[part], j], tie)
    return out


def _winner(ballots: Codes, base: Codes, tie: NDArray[np.uint64]) -> Codes:
    support = (ballots[:, :, None] == ballots[:, None, :]).sum(axis=2)
    support[ballots < 0] = 0
    best = support == support.max(axis=1, keepdims=True)
    # Equal categories hold equally many places, so a uniform place is a uniform category.
    wanted = below(tie, best.sum(axis=1))
    place = np.argmax(np.cumsum(best, axis=1) > wanted[:, None], axis=1)
    winner = ballots[np.arange(len(ballots)), place]
    return np.where((base < 0) | (winner < 0), base, winner).astype(np.int32)


def blocks(key: Key, start: int, n: int, *, lane: int = 0) -> NDArray[np.uint64]:
    """Random words of rows ``start`` to ``start + n`` under ``key``; shape (n, 4)."""
    # NumPy's generator adds one to the counter before its first block.
    stream = np.random.Philox(
        key=np.array(key, dtype=np.uint64), counter=np.array([start, lane, 0, 0], dtype=np.uint64)
    )
    return np.asarray(stream.random_raw(4 * n)).reshape(n, 4)


def below(words: NDArray[np.uint64], bound: int | NDArray[np.int64]) -> Rows:
    """Whole numbers in [0, bound) from the upper half of each word (bias under bound / 2**32)."""
    scaled = (words >> np.uint64(32)) * np.asarray(bound, dtype=np.uint64)
    return (scaled >> np.uint64(32)).astype(np.int64)


def unit(words: NDArray[np.uint64]) -> FloatArray:
    """Numbers in [0, 1) from the upper 53 bits of each word."""
    return np.asarray((words >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


__all__ = ["Key", "below", "between", "blocks", "distinct", "interpolate", "pick", "unit", "vote"]
