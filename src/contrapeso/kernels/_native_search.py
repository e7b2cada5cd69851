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
WORTH_TURNING = 512
"""Points from which looking for axes pays."""


class NativeSearch:
    """Rows ``numbers`` (n, p) and ``codes`` (n, q); ``mismatch`` is a distance. See :class:`Index`."""

    def __init__(self, module: ModuleType, numbers: FloatArray, codes: Codes, mismatch: float) -> None:
        first, self._which = module.distinct(numbers, codes)
        points, atoms = (numbers, codes) if len(first) == len(numbers) else (numbers[first], codes[first])
        self._first = first
        self._centre, self._axes = _frame_of(points)
        projected = self._projected(points)
        greatest = float(np.abs(projected).max(initial=0.0))
        self._scale = 2.0 ** -int(np.frexp(greatest)[1]) if greatest > 0.0 else 1.0
        p = points.shape[1]
        # Rounding to float32, and of the products that turn a point (see native/search.hpp).
        kappa = 1.01 * 2.0**-24 + (p + 2.0) ** 1.5 * 2.0**-50
        self._search = module.Search(
            points, atoms, self._float32(projected), self._which, mismatch * mismatch, self._scale, kappa
        )

    def _projected(self, numbers: FloatArray) -> FloatArray:
        centred = numbers - self._centre
        return centred if self._axes is None else centred @ self._axes

    def _float32(self, projected: FloatArray) -> NDArray[np.float32]:
        with np.errstate(over="ignore"):  # a point far outside gets infinite coordinates: everything passes its filter
            return np.ascontiguousarray(projected * self._scale, dtype=np.float32)

    def neighbors(self, rows: Rows, k: int, n_threads: int) -> Answer:
        found, squared = self._search.neighbors(rows, k, n_threads)
        return found, squared

    def distinct_neighbors(self, k: int, n_threads: int) -> Answer:
        found, squared = self._search.distinct_neighbors(min(k, len(self._first) - 1), n_threads)
        return (found, squared) if len(self._first) == len(self._which) else (found[self._which], squared[self._which])

    def query(self, numbers: FloatArray, codes: Codes, k: int, n_threads: int) -> Answer:
        frame = self._float32(self._projected(numbers))
        found, squared = self._search.query(numbers, codes, frame, k, n_threads)
        return found, squared

    def nearest_enemy(self, labels: NDArray[np.int32], rows: Rows, n_threads: int) -> Answer:
        found, squared = self._search.nearest_enemy(labels, rows, n_threads)
        return found, squared

    def neighbors_agree(self, labels: NDArray[np.int32], rows: Rows, k: int, n_threads: int) -> NDArray[np.bool_]:
        agree: NDArray[np.bool_] = self._search.neighbors_agree(labels, rows, k, n_threads)
        return agree


def _frame_of(points: FloatArray) -> tuple[FloatArray, FloatArray | None]:
    """Centre, and principal axes as columns, most spread first; None where turning does not pay."""
    n, p = points.shape
    sample = points[:: max(1, n // SAMPLE)]
    centre = sample.mean(axis=0) if len(sample) else np.zeros(p)
    if n < WORTH_TURNING or p < 2:
        return centre, None
    centred = sample - centre
    greatest = float(np.abs(centred).max())
    if greatest > 0.0:
        centred /= greatest  # squares that neither overflow nor vanish
    _, axes = np.linalg.eigh(centred.T @ centred)
    return centre, np.ascontiguousarray(axes[:, ::-1])


__all__ = ["NativeSearch"]
