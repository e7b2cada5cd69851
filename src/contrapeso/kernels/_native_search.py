"""The native neighbour search: what it needs besides the rows is a frame in which to filter.

The frame is where the float32 coordinates live that trees and filters look at: the rows centred, turned so that the
first coordinates have the most spread (principal axes of a sample), scaled to at most 1. It decides nothing: whatever
the axes are, the native search finds the exact neighbours, only faster or slower. Equal rows are one point there.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.int64]
Answer = tuple[Rows, FloatArray]

SAMPLE = 4096
BLOCK_CELLS = 2**21
"""Numbers turned at once: few enough for memory, enough for a product to be worth sharing among threads."""
MOST = 1000
"""Exponent of the greatest scale: numbers so small have squares that vanish, and 5e-324 has no reciprocal."""
MANY_CLASSES, FEW = 32, 8
"""With so many classes, each with a tree of its own, looking first at few neighbours among all rows is faster."""
NARROW = 64
"""Columns up to which the kernels turn points themselves: BLAS would wake threads for too little."""
WORTH_TURNING = 512
"""Points from which looking for axes pays."""


class NativeSearch:
    """Rows ``numbers`` (n, p) and ``codes`` (n, q); ``mismatch`` is a distance. See :class:`Index`."""

    def __init__(
        self, module: ModuleType, numbers: FloatArray, codes: Codes, mismatch: float, n_threads: int = 1
    ) -> None:
        first, self._which = module.distinct(numbers, codes)
        points, atoms = (numbers, codes) if len(first) == len(numbers) else (numbers[first], codes[first])
        self._first = first
        self._module, self._threads = module, n_threads
        self._centre, self._axes = _frame_of(module, points)
        greatest = module.greatest(points, self._centre)
        p = points.shape[1]
        self._scale = 2.0 ** min(MOST, -int(np.frexp(greatest * p**0.5)[1])) if greatest > 0.0 else 1.0
        # Rounding to float32, and of the products that turn a point (see native/points.hpp).
        kappa = 1.01 * 2.0**-24 + (p + 2.0) ** 1.5 * 2.0**-50
        self._search = module.Search(
            points, atoms, self._framed(points), self._which, mismatch * mismatch, self._scale, kappa
        )

    def _framed(self, numbers: FloatArray) -> NDArray[np.float32]:
        """Coordinates in the frame; those of a point far outside are infinite, and everything passes its filter."""
        if numbers.shape[1] <= NARROW or not len(self._axes):
            narrow: NDArray[np.float32] = self._module.project(
                numbers, self._centre, self._axes, self._scale, self._threads
            )
            return narrow
        framed = np.empty(numbers.shape, dtype=np.float32)
        height = max(1, BLOCK_CELLS // numbers.shape[1])
        with np.errstate(over="ignore"):
            for start in range(0, len(numbers), height):
                block = slice(start, start + height)
                turned = (numbers[block] - self._centre) @ self._axes
                np.multiply(turned, self._scale, out=framed[block], casting="same_kind")
        return framed

    def neighbors(self, rows: Rows, k: int, n_threads: int) -> Answer:
        found, squared = self._search.neighbors(rows, k, n_threads)
        return found, squared

    def distinct_neighbors(self, k: int, n_threads: int) -> Answer:
        found, squared = self._search.distinct_neighbors(min(k, len(self._first) - 1), n_threads)
        return (found, squared) if len(self._first) == len(self._which) else (found[self._which], squared[self._which])

    def query(self, numbers: FloatArray, codes: Codes, k: int, n_threads: int) -> Answer:
        found, squared = self._search.query(numbers, codes, self._framed(numbers), k, n_threads)
        return found, squared

    def nearest_enemy(self, labels: NDArray[np.int32], rows: Rows, n_threads: int) -> Answer:
        if int(labels.max(initial=0)) < MANY_CLASSES or len(labels) <= FEW:
            found, squared = self._search.nearest_enemy(labels, rows, n_threads)
            return found, squared
        near, apart = self._search.neighbors(rows, FEW, n_threads)  # with many classes an enemy is mostly near
        foreign = labels[near] != labels[rows, None]
        place = (np.arange(len(rows)), foreign.argmax(axis=1))
        found, squared = near[place], apart[place]
        open_rows = np.flatnonzero(~foreign.any(axis=1))
        found[open_rows], squared[open_rows] = self._search.nearest_enemy(labels, rows[open_rows], n_threads)
        return found, squared

    def neighbors_agree(self, labels: NDArray[np.int32], rows: Rows, k: int, n_threads: int) -> NDArray[np.bool_]:
        agree: NDArray[np.bool_]
        if int(labels.max(initial=0)) < MANY_CLASSES or not 0 < k <= FEW:
            agree = self._search.neighbors_agree(labels, rows, k, n_threads)
        else:
            agree = (labels[self._search.neighbors(rows, k, n_threads)[0]] == labels[rows, None]).all(axis=1)
        return agree


def _frame_of(module: ModuleType, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centre, and principal axes of a sample as columns, most spread first; no axes where turning does not pay."""
    n, p = points.shape
    step = max(1, n // SAMPLE)
    sample = points[::step]
    centre = sample.mean(axis=0) if len(sample) else np.zeros(p)
    if n < WORTH_TURNING or p < 2:
        return centre, np.empty((0, 0))
    greatest = module.greatest(np.ascontiguousarray(sample), centre)
    unit = 1.0 / greatest if greatest > 2.0**-1000 else 1.0  # squares that neither overflow nor vanish
    if p <= NARROW:
        spread = module.products(points, step, centre, unit)
    else:
        centred = (sample - centre) * unit
        spread = centred.T @ centred
    _, axes = np.linalg.eigh(spread)  # looks at the lower triangle
    return centre, np.ascontiguousarray(axes[:, ::-1])


__all__ = ["NativeSearch"]
