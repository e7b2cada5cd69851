"""Counting cells of one table by row group and by class: every score is a function of these counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._cells import Codes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table: group and class of each, and the class shares that they are re-weighted to.

    ``weights`` (n,) is the share of each row, or None where all are equal.
    """

    group: NDArray[np.intp]
    klass: NDArray[np.intp]
    n_groups: int
    shares: Floats
    sizes: Floats
    weights: Floats | None

    @classmethod
    def of(cls, group: NDArray[np.intp], klass: NDArray[np.intp], n_groups: int, shares: Floats) -> Rows:
        """Rows with ``group`` and ``klass`` (n,), re-weighted to class ``shares`` (C,) summing to one.

        Classes without a row get no share; the others are scaled up.
        """
        sizes = np.bincount(klass, minlength=shares.size).astype(np.float64)
        shares = np.where(sizes > 0, shares, 0.0)
        shares = shares / shares.sum()
        weights = np.divide(shares, sizes, out=np.zeros_like(shares), where=sizes > 0)[klass]
        equal = np.allclose(weights, 1 / klass.size, rtol=1e-12, atol=0)
        return cls(group, klass, n_groups, shares, sizes, None if equal else weights)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.klass.size

    @property
    def n_effective(self) -> float:
        """Rows of an unweighted sample with the same noise."""
        used = self.shares > 0
        return float(1 / (self.shares[used] ** 2 / self.sizes[used]).sum())

    def count(self, codes: Codes, n_cells: int) -> tuple[Floats, Floats]:
        """Weight per group and cell, (G, K), and rows per class and cell, (C, K)."""
        grouped = np.bincount(
            self.group * n_cells + codes, weights=self.weights, minlength=self.n_groups * n_cells
        ).reshape(self.n_groups, n_cells)
        if self.sizes.size == 1:
            return grouped.astype(np.float64), grouped.sum(axis=0, keepdims=True).astype(np.float64)
        classed = np.bincount(self.klass * n_cells + codes, minlength=self.sizes.size * n_cells)
        return grouped.astype(np.float64), classed.reshape(-1, n_cells).astype(np.float64)


@dataclass(frozen=True, slots=True)
class PairCounter:
    """Rows prepared for counting one column against many: its code is folded into the group once."""

    rows: Rows
    grouped: NDArray[np.uint32]
    classed: NDArray[np.uint32] | None
    n_cells: int

    @classmethod
    def of(cls, rows: Rows, codes: Codes, n_cells: int) -> PairCounter:
        """Fold ``codes`` (n,) of the first column of the pairs into the group and class of ``rows``."""
        grouped = (rows.group * n_cells + codes).astype(np.uint32)
        classed = (rows.klass * n_cells + codes).astype(np.uint32) if rows.sizes.size > 1 else None
        return cls(rows, grouped, classed, n_cells)

    def count(self, codes: Codes, n_cells: int) -> tuple[Floats, Floats]:
        """Pair tables per group, (G, a, b), and per class, (C, a, b), against a column with ``codes``."""
        rows, shape = self.rows, (-1, self.n_cells, n_cells)
        table = self.n_cells * n_cells
        key = self.grouped * np.uint32(n_cells) + codes
        grouped = np.bincount(key, weights=rows.weights, minlength=rows.n_groups * table)
        by_group: Floats = grouped.astype(np.float64).reshape(shape)
        if self.classed is None:
            return by_group, by_group.sum(axis=0, keepdims=True)
        key = self.classed * np.uint32(n_cells) + codes
        by_class: Floats = np.bincount(key, minlength=rows.sizes.size * table).astype(np.float64).reshape(shape)
        return by_group, by_class


def compact(real: Codes, synthetic: Codes, n_cells: int) -> tuple[Codes, Codes, int]:
    """The same codes without the cells that neither table uses, and how many are left."""
    used = np.bincount(real, minlength=n_cells) + np.bincount(synthetic, minlength=n_cells) > 0
    n_used = int(used.sum())
    if used[:n_used].all():  # the unused cells are the last ones, as null is where nothing is null
        return real, synthetic, n_used
    lookup = (np.cumsum(used) - 1).astype(np.uint16)
    return lookup[real], lookup[synthetic], n_used


__all__ = ["PairCounter", "Rows", "compact"]
