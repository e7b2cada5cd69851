"""One sort of a numeric column, from which KS, Wasserstein, ranks, quantile edges and cells all follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.kernels import cells_of_sorted, merge_sorted, ranks_of_sorted, sort_column

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SortedColumn:
    """The non-null values of a column in ascending order (infinities at the ends; -0.0 is 0.0).

    ``order[k]`` is the row of ``values[k]``; ``n_rows`` counts the nulls too. ``running[k]`` is the share of the
    non-null weight in ``values[: k + 1]``, None where all rows weigh the same (:attr:`mass` has it in both cases).
    """

    values: Floats
    order: NDArray[np.uint32]
    running: Floats | None
    n_rows: int

    @classmethod
    def of(cls, column: ArrayLike, weights: ArrayLike | None = None) -> SortedColumn:
        """Sort ``column`` (n,), NaN is null; ``weights`` (n,) are shares of rows, all one by default."""
        values = np.asarray(column, dtype=np.float64)
        order, ordered = sort_column(values)
        if weights is None:
            return cls(ordered, order, None, values.size)
        running = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
        mass = running / running[-1] if order.size and running[-1] > 0 else running
        return cls(ordered, order, mass, values.size)

    @property
    def mass(self) -> Floats:
        """Share of the non-null weight up to each sorted value."""
        return self.share_of(np.arange(1, self.values.size + 1))

    @property
    def steps(self) -> Floats:
        """Share of each sorted value, summing to one."""
        return np.diff(self.mass, prepend=0.0)

    def share_of(self, first: NDArray[np.int64]) -> Floats:
        """Share of the non-null weight in the ``first`` so many sorted values."""
        if self.running is None:
            return first / max(self.values.size, 1)
        found: Floats = np.where(first > 0, self.running[first - 1], 0.0)
        return found

    def quantile(self, shares: ArrayLike) -> Floats:
        """Smallest values with more than ``shares`` of the mass at or below them."""
        wanted = np.asarray(shares, dtype=np.float64) * (1 + 1e-12)
        if self.running is not None:
            at = np.searchsorted(self.running, wanted, side="right")
            return self.values[np.minimum(at, self.values.size - 1)]
        size = self.values.size  # the first k with (k + 1) / size > wanted
        near = np.clip(np.floor(wanted * size), 0, size).astype(np.int64)
        near = np.where(near / size > wanted, near - 1, near)
        near = np.where((near + 1) / size <= wanted, near + 1, near)
        return self.values[np.clip(near, 0, size - 1)]

    def moments(self) -> tuple[float, float]:
        """Weighted mean and standard deviation of the finite values (NaN without one)."""
        finite = self.finite()
        values = finite.values
        if not values.size:
            return float("nan"), float("nan")
        largest = max(abs(float(values[0])), abs(float(values[-1])))
        unit = largest if largest > 1e100 else 1.0  # squares of more would overflow
        if finite.running is None:
            return float((values / unit).mean() * unit), float((values / unit).std() * unit)
        steps = finite.steps
        mean = float(np.average(values / unit, weights=steps))
        return mean * unit, float(np.sqrt(np.average((values / unit - mean) ** 2, weights=steps))) * unit

    def finite(self) -> SortedColumn:
        """The same column with its infinities as nulls."""
        values = self.values
        if not values.size or (np.isfinite(values[0]) and np.isfinite(values[-1])):
            return self
        low, high = np.searchsorted(values, -np.inf, side="right"), np.searchsorted(values, np.inf, side="left")
        running = self.running
        if running is not None:
            before, last = self.share_of(np.array([low, high]))
            running = (running[low:high] - before) / (last - before) if last > before else running[low:high] - before
        return SortedColumn(values[low:high], self.order[low:high], running, self.n_rows)

    def cells(self, edges: Floats) -> NDArray[np.uint16]:
        """Cell of every row, (n,): how many ``edges`` are <= the value; nulls get ``len(edges) + 1``."""
        return cells_of_sorted(self.order, np.searchsorted(self.values, edges, side="left"), self.n_rows)

    def ranks(self) -> Floats:
        """Mid-rank of every row as a share of the mass, (n,); NaN for nulls, equal for ties."""
        ranks = np.empty(self.n_rows)
        ranks_of_sorted(self.values, self.order, self.running, ranks)
        return ranks


def ks_and_wasserstein(real: SortedColumn, synthetic: SortedColumn) -> tuple[float, float]:
    """KS distance over all values and first Wasserstein distance over the finite ones.

    One merge of two sorted runs serves both. NaN where either side has no value.
    """
    if not real.values.size or not synthetic.values.size:
        return float("nan"), float("nan")
    left, right = real.finite(), synthetic.finite()
    distance, transport = merge_sorted(real.values, real.running, synthetic.values, synthetic.running)
    if left is real and right is synthetic:
        return distance, transport
    return distance, ks_and_wasserstein(left, right)[1]


__all__ = ["SortedColumn", "ks_and_wasserstein"]
