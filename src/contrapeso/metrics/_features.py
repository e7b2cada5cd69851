"""Rows as a matrix that every row-level metric reads: distances, boosted trees, attacks.

Numbers are as they are, NaN is null. Categories are codes 0, 1, ... on one list for all tables of a comparison; the
list comes from the real table, most frequent first, and what it does not have is one of its own cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Features:
    """Rows of one table on the shared footing of all tables that are compared.

    Attributes
    ----------
    values : ndarray of shape (n, p), NaN is null
    categorical : ndarray of bool of shape (p,)
    names : tuple of str, the p columns
    """

    values: Floats
    categorical: NDArray[np.bool_]
    names: tuple[str, ...]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.values)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.names)

    def take(self, rows: Rows | NDArray[np.bool_]) -> Features:
        """Some of the rows."""
        return replace(self, values=self.values[rows])

    def only(self, columns: Sequence[int]) -> Features:
        """Some of the columns, by position."""
        at = np.asarray(columns, dtype=np.intp)
        return Features(self.values[:, at], self.categorical[at], tuple(self.names[k] for k in at))

    def without(self, column: int) -> Features:
        """All columns but one."""
        return self.only([k for k in range(self.n_columns) if k != column])

    def stacked(self, other: Features) -> Features:
        """These rows, then those of ``other``."""
        return replace(self, values=np.concatenate([self.values, other.values]))


__all__ = ["Features"]
