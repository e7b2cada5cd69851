"""Counting cells of one table by row group and by class: every score is a function of these counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels import arrange, count_cells, count_pairs, sort_words, used_cells
from contrapeso.metrics._cells import Codes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table: group and class of each, and the class shares that they are re-weighted to.

    ``weights`` (n,) is the share of each row, or None where all are equal. For counting, ``order`` (n,) has the rows
    group by group and within a group class by class; ``segment`` (n,) is where in this order each row belongs, and
    ``starts`` (G * C + 1,) where each segment starts.
    """

    group: NDArray[np.intp]
    klass: NDArray[np.intp]
    n_groups: int
    shares: Floats
    sizes: Floats
    weights: Floats | None
    segment: NDArray[np.uint32] = field(init=False, repr=False)
    order: NDArray[np.uint32] = field(init=False, repr=False)
    starts: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        segment = self.group.astype(np.intp) * self.sizes.size + self.klass.astype(np.intp)
        sizes = np.bincount(segment, minlength=self.n_groups * self.sizes.size)
        object.__setattr__(self, "segment", segment.astype(np.uint32))
        object.__setattr__(self, "order", sort_words(segment.astype(np.uint64)))
        object.__setattr__(self, "starts", np.concatenate(([0], np.cumsum(sizes))))

    @classmethod
    def of(cls, group: NDArray[np.intp], klass: NDArray[np.intp], n_groups: int, shares: Floats) -> Rows:
        """Rows with ``group`` and ``klass`` (n,), re-weighted to class ``shares`` (C,) summing to one.

        Classes without a row get no share; the others are scaled up.
        """
        sizes = np.bincount(klass, minlength=shares.size).astype(np.float64)
        shares = np.where(sizes > 0, shares, 0.0)
        shares = shares / shares.sum()
        weights = _per_row(shares, sizes)[klass] if shares.size > 1 else None
        equal = weights is None or np.allclose(weights, 1 / klass.size, rtol=1e-12, atol=0)
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

    @property
    def class_weights(self) -> Floats:
        """Share of a row of each class, (C,); ones where all rows are equal."""
        return np.ones(self.sizes.size) if self.weights is None else _per_row(self.shares, self.sizes)

    def count(self, codes: Codes, n_cells: int) -> tuple[Floats, Floats]:
        """Weight per group and cell, (G, K), and rows per class and cell, (C, K)."""
        n_segments = self.n_groups * self.sizes.size
        if n_segments * n_cells > 2**20 + 8 * self.n_rows:  # classes without number: an unread target
            key = self.group * n_cells + codes
            grouped = np.bincount(key, weights=self.weights, minlength=self.n_groups * n_cells).astype(np.float64)
            classed = np.bincount(self.klass * n_cells + codes, minlength=self.sizes.size * n_cells).astype(np.float64)
            return grouped.reshape(-1, n_cells), classed.reshape(-1, n_cells)
        counts = count_cells(self.segment, codes, n_segments, n_cells)
        by_class = counts.reshape(self.n_groups, self.sizes.size, n_cells).astype(np.float64)
        return np.einsum("c,gck->gk", self.class_weights, by_class), by_class.sum(axis=0)

    def arrange(self, columns: Sequence[Codes], lookups: Sequence[Codes]) -> NDArray[np.uint8 | np.uint16]:
        """Codes of every column after its lookup, (n_columns, n), in :attr:`order`; one byte each where that holds."""
        narrow = all(lookup.max(initial=0) < 256 for lookup in lookups)
        packed = np.empty((len(columns), self.n_rows), dtype=np.uint8 if narrow else np.uint16)
        for codes, lookup, out in zip(columns, lookups, packed, strict=True):
            arrange(codes, self.order, lookup, out)
        return packed

    def count_pairs(
        self,
        packed: NDArray[np.uint8 | np.uint16],
        left: int,
        partners: NDArray[np.int64],
        sizes: NDArray[np.int64],
        *,
        n_jobs: int | None = None,
    ) -> tuple[Floats, Floats]:
        """Pair tables of column ``left`` of :meth:`arrange` against ``partners``, one after another, flat.

        Weight per group, (G, a, b) each, and rows per class, (C, a, b) each; ``sizes`` counts the cells of all columns.
        """
        return count_pairs(
            packed, left, partners, sizes,
            segments=self.starts, n_groups=self.n_groups, weights=self.class_weights, n_jobs=n_jobs,
        )  # fmt: skip


def _per_row(shares: Floats, sizes: Floats) -> Floats:
    """Share of a row of each class, (C,); 0 where a class has no row."""
    return np.divide(shares, sizes, out=np.zeros_like(shares), where=sizes > 0)


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
    lookup, n_used = used_lookup(real, synthetic, n_cells)
    if np.array_equal(lookup[:n_used], np.arange(n_used)):  # the unused cells are the last ones
        return real, synthetic, n_used
    return lookup[real], lookup[synthetic], n_used


def used_lookup(real: Codes, synthetic: Codes, n_cells: int) -> tuple[Codes, int]:
    """New code of each cell once those that neither table uses are dropped, (n_cells,), and how many are left."""
    used = np.zeros(n_cells, dtype=bool)
    used_cells(real, used)
    used_cells(synthetic, used)
    return np.maximum(np.cumsum(used) - 1, 0).astype(np.uint16), int(used.sum())


__all__ = ["PairCounter", "Rows", "compact", "used_lookup"]
