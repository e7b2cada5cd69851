"""One sort of a numeric column, from which KS, Wasserstein, ranks, quantile edges and cells all follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SortedColumn:
    """The non-null values of a column in ascending order (infinities at the ends).

    ``order[k]`` is the row of ``values[k]``; ``mass[k]`` the share of the non-null weight in
    ``values[: k + 1]``; ``n_rows`` counts the nulls too.
    """

    values: Floats
    order: NDArray[np.intp]
    mass: Floats
    n_rows: int

    @classmethod
    def of(cls, column: ArrayLike, weights: ArrayLike | None = None) -> SortedColumn:
        """Sort ``column`` (n,), NaN is null; ``weights`` (n,) are shares of rows, all one by default."""
        values = np.asarray(column, dtype=np.float64)
        rows = np.argsort(values)
        rows = rows[: values.size - int(np.isnan(values).sum())]  # NaN sorts last
        if weights is None:
            mass = np.arange(1, rows.size + 1) / max(rows.size, 1)
        else:
            running = np.cumsum(np.asarray(weights, dtype=np.float64)[rows])
            mass = running / running[-1] if rows.size and running[-1] > 0 else running
        return cls(values[rows], rows, mass, values.size)

    @property
    def steps(self) -> Floats:
        """Share of each sorted value, summing to one."""
        return np.diff(self.mass, prepend=0.0)

    def quantile(self, shares: ArrayLike) -> Floats:
        """Smallest values with more than ``shares`` of the mass at or below them."""
        at = np.searchsorted(self.mass, np.asarray(shares, dtype=np.float64) * (1 + 1e-12), side="right")
        return self.values[np.minimum(at, self.values.size - 1)]

    def moments(self) -> tuple[float, float]:
        """Weighted mean and standard deviation of the finite values (NaN without one)."""
        finite = np.isfinite(self.values)
        if not finite.any():
            return float("nan"), float("nan")
        values, steps = self.values[finite], self.steps[finite]
        mean = float(np.average(values, weights=steps))
        return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=steps)))

    def cells(self, edges: Floats) -> NDArray[np.uint16]:
        """Cell of every row, (n,): how many ``edges`` are <= the value; nulls get ``len(edges) + 1``."""
        cuts = np.searchsorted(self.values, edges, side="left")
        sizes = np.diff(cuts, prepend=0, append=self.values.size)
        codes = np.full(self.n_rows, len(edges) + 1, dtype=np.uint16)
        codes[self.order] = np.repeat(np.arange(len(edges) + 1, dtype=np.uint16), sizes)
        return codes

    def ranks(self) -> Floats:
        """Mid-rank of every row as a share of the mass, (n,); NaN for nulls, equal for ties."""
        ranks = np.full(self.n_rows, np.nan)
        if self.values.size:
            starts = np.flatnonzero(np.concatenate(([True], self.values[1:] != self.values[:-1])))
            sizes = np.diff(starts, append=self.values.size)
            upper = self.mass[starts + sizes - 1]
            lower = np.concatenate(([0.0], upper[:-1]))
            ranks[self.order] = np.repeat((lower + upper) / 2, sizes)
        return ranks


def ks_and_wasserstein(real: SortedColumn, synthetic: SortedColumn) -> tuple[float, float]:
    """KS distance over all values and first Wasserstein distance over the finite ones.

    One merge of two sorted runs serves both. NaN where either side has no value.
    """
    if not real.values.size or not synthetic.values.size:
        return float("nan"), float("nan")
    pooled = np.concatenate([real.values, synthetic.values])
    order = np.argsort(pooled, kind="stable")  # timsort: two ascending runs merge in linear time
    pooled = pooled[order]
    gap = np.cumsum(np.concatenate([real.steps, -synthetic.steps])[order])
    last_of_ties = np.concatenate((pooled[1:] != pooled[:-1], [True]))
    distance = float(np.abs(gap[last_of_ties]).max())
    if not np.isfinite(pooled[[0, -1]]).all():
        return distance, _finite_wasserstein(real, synthetic)
    return distance, float(np.abs(gap[:-1]) @ np.diff(pooled))


def _finite_wasserstein(real: SortedColumn, synthetic: SortedColumn) -> float:
    """The distance once infinities are set aside on both sides."""
    left, right = (_only_finite(column) for column in (real, synthetic))
    return ks_and_wasserstein(left, right)[1]


def _only_finite(column: SortedColumn) -> SortedColumn:
    finite = np.isfinite(column.values)
    return SortedColumn.of(column.values[finite], column.steps[finite])


__all__ = ["SortedColumn", "ks_and_wasserstein"]
