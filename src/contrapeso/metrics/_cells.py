"""Null-aware cells of a column, made from the real table alone.

Both tables are counted on the same cells; edges of their own would hide a shift (a column moved by a
million has the same histogram on its own edges). Nulls, categories too rare for a cell of their own
("other") and categories that the real table does not have ("unseen") are cells too. A value that holds
more than one B-th of the mass gets a cell to itself; infinities fall into the end cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._sorted import SortedColumn

Codes = NDArray[np.uint16]
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
MAX_CATEGORY_CELLS = 250
PAIR_CATEGORY_CELLS = 40
MIN_CELL_COUNT = 5


def marginal_bins(n: float) -> int:
    """Cells of a numeric column alone, for ``n`` rows in the smaller (effective) sample."""
    return int(np.clip(np.sqrt(n) / 2, 5, 50))


def pair_bins(n: float) -> int:
    """Cells of a numeric column in a pair table; with more, small samples hold no information."""
    return int(np.clip(np.sqrt(n / 25), 2, 8))


def pair_categories(n: float) -> int:
    """Categories with a cell of their own in a pair table."""
    return int(np.clip(np.sqrt(n) / 2, 5, PAIR_CATEGORY_CELLS))


@dataclass(frozen=True, slots=True)
class NumericCells:
    """Half-open cells between ``edges``: cell k holds the values with k edges at or below them; then null."""

    edges: NDArray[np.float64]

    @classmethod
    def fit(cls, real: SortedColumn, n_bins: int) -> NumericCells:
        """Quantile edges of ``real``, made unique, and an own cell for each value above 1/``n_bins`` of the mass."""
        if not real.values.size:
            return cls(np.empty(0))
        grid = np.arange(n_bins + 1) / n_bins
        quantiles = np.unique(real.quantile(grid))
        left, right = (real.share_of(np.searchsorted(real.values, quantiles, side=side)) for side in _SIDES)
        atoms = quantiles[right - left > (1 + 1e-9) / n_bins]
        inner = np.unique(real.quantile(grid[1:-1]))
        inner = inner[inner > real.values[0]]
        return cls(np.unique(np.concatenate([inner, atoms, np.nextafter(atoms, np.inf)])))

    @property
    def n_cells(self) -> int:
        """Value cells plus the null cell."""
        return len(self.edges) + 2

    @property
    def null(self) -> int:
        """The null cell."""
        return len(self.edges) + 1

    def encode(self, values: NDArray[np.float64]) -> Codes:
        """Cell of every value, (n,)."""
        codes = np.searchsorted(self.edges, values, side="right")
        codes[np.isnan(values)] = self.null
        return codes.astype(np.uint16)


@dataclass(frozen=True, slots=True)
class CategoryCells:
    """Cells of a categorical column whose categories are coded 0, 1, ... with -1 for null.

    ``lookup[code]`` is the cell of a category; ``own`` are the codes with a cell of their own, most
    frequent first; after them come ``other``, ``unseen`` and ``null``, in this order.
    """

    lookup: Codes
    own: NDArray[np.intp]

    @classmethod
    def fit(
        cls, mass: NDArray[np.float64], counts: NDArray[np.int64], labels: Sequence[str], n_rows: float, limit: int
    ) -> CategoryCells:
        """Cells for categories with real ``mass`` (shares) and ``counts``; zero counts are unseen.

        A category gets a cell if at least two real rows have it, :data:`MIN_CELL_COUNT` rows are expected among
        ``n_rows``, and it is among the ``limit`` most frequent (ties by label).
        """
        share = mass / mass.sum() if mass.sum() > 0 else mass
        kept = np.flatnonzero((counts >= 2) & (share * n_rows >= MIN_CELL_COUNT - 1e-9))
        if kept.size > limit:
            kept = kept[mass[kept] >= np.partition(mass[kept], -limit)[-limit]]
        own = np.array(sorted(kept.tolist(), key=lambda k: (-mass[k], labels[k]))[:limit], dtype=np.intp)
        lookup = np.full(len(mass) + 1, own.size, dtype=np.uint16)  # other
        lookup[:-1][counts == 0] = own.size + 1
        lookup[own] = np.arange(own.size)
        lookup[-1] = own.size + 2  # code -1
        return cls(lookup, own)

    def unseen_as_other(self) -> CategoryCells:
        """The same cells with unseen categories among the rare ones."""
        return CategoryCells(np.where(self.lookup == self.unseen, np.uint16(self.other), self.lookup), self.own)

    @property
    def n_cells(self) -> int:
        """Own cells plus other, unseen and null."""
        return self.own.size + 3

    @property
    def other(self) -> int:
        """Cell of the rare categories."""
        return self.own.size

    @property
    def unseen(self) -> int:
        """Cell of the categories that the real table does not have."""
        return self.own.size + 1

    @property
    def null(self) -> int:
        """The null cell."""
        return self.own.size + 2

    def encode(self, codes: NDArray[np.intp]) -> Codes:
        """Cell of every row, (n,)."""
        return self.lookup[codes]


__all__ = [
    "MAX_CATEGORY_CELLS",
    "MIN_CELL_COUNT",
    "PAIR_CATEGORY_CELLS",
    "CategoryCells",
    "NumericCells",
    "marginal_bins",
    "pair_bins",
    "pair_categories",
]
