"""Where distances are taken: rows of a table as numbers in distance units, codes, and the weight of a mismatch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels import Index
from contrapeso.samplers._views import View
from contrapeso.tables._containers import Rows

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Points:
    """Rows as points: ``numbers`` (n, p) without NaN, ``codes`` (n, q), and how far a mismatch is.

    Two rows that differ in a category are apart by ``mismatch``, the median of the standard deviations of the
    numbers of these rows (Chawla et al., SMOTE, JAIR 16, Sec. 6.1).
    """

    numbers: FloatArray
    codes: Codes
    mismatch: float = 0.0
    n_jobs: int | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def at(self, places: Rows) -> Points:
        """These points only."""
        return Points(self.numbers[places], self.codes[places], self.mismatch, self.n_jobs)

    @cached_property
    def index(self) -> Index:
        """Exact neighbour search among these points."""
        return Index(self.numbers, self.codes, mismatch=self.mismatch, n_jobs=self.n_jobs)

    def distinct_neighbors(self, k: int) -> Rows:
        """Places of the ``k`` nearest other distinct points of each, nearest first, ties to the lower place.

        Identical points are one, named by the first: a neighbour at distance 0 would only make copies, which is what
        the random sampler is for. Shape (n, min(k, d - 1)), d being the number of distinct points.
        """
        return self.index.distinct_neighbors(k).rows


class Space:
    """Points of any rows of a table.

    Parameters
    ----------
    view : View
    n_rows : int
        Rows of the table.
    n_jobs : int, optional
    """

    def __init__(self, view: View, n_rows: int, n_jobs: int | None = None) -> None:
        self.view, self.n_rows, self.n_jobs = view, n_rows, n_jobs

    def of(self, rows: Rows) -> Points:
        """Points of ``rows``; a missing number stands at the median of these rows."""
        numbers = fill_with_median(self.view.numbers(rows))
        scales = self.view.scales
        if not bool((scales == 1.0).all()):
            numbers = numbers * scales
        codes = self.view.codes(rows)
        mismatch = _mismatch(numbers) if codes.shape[1] else 0.0
        return Points(numbers, codes, mismatch, self.n_jobs)

    @cached_property
    def everyone(self) -> Points:
        """Points of all rows."""
        return self.of(np.arange(self.n_rows, dtype=np.int64))


def _mismatch(numbers: FloatArray) -> float:
    """How far a mismatch is beside these numbers: the median of their spreads; 1 where there are none."""
    return float(np.median(spread_of(numbers))) if numbers.shape[1] else 1.0


def spread_of(values: FloatArray) -> FloatArray:
    """Standard deviation (population) of each column, missing values aside; 0 where nothing is known."""
    known = ~np.isnan(values)
    n = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, values, 0.0)
    power = int(np.frexp(np.abs(filled).max(initial=0.0))[1])
    shift = 0 if abs(power) < 400 else power  # a power of two is exact, and keeps squares from overflow and nothing
    filled = np.ldexp(filled, -shift) if shift else filled
    mean = filled.sum(axis=0) / n
    return np.asarray(np.ldexp(np.sqrt((np.where(known, filled - mean, 0.0) ** 2).sum(axis=0) / n), shift))


def fill_with_median(values: FloatArray) -> FloatArray:
    """``values`` with the median of its column in place of every NaN; 0 in a column without values."""
    gone = np.isnan(values)
    if not gone.any():
        return values
    empty = gone.all(axis=0)
    medians = np.zeros(values.shape[1])
    medians[~empty] = np.nanmedian(values[:, ~empty], axis=0)
    return np.where(gone, medians, values)


__all__ = ["Points", "Space", "fill_with_median", "spread_of"]
