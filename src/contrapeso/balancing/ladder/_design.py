"""The table as the numbers that samplers and models take, learnt from training rows alone.

Numbers and dates are divided by their spread, so that no unit decides who is near; categories become codes, the most
frequent first. What a model needs beyond that (no nulls, one column per category) is made after the sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from contrapeso.errors import InvalidDataError
from contrapeso.tables._codec import number_column
from contrapeso.tables._containers import ArrayTable, SparseTable, Table

Floats = NDArray[np.float64]

MOST_INDICATORS = 30
"""Categories that get a column of their own; the rest share one."""
TREES = ("GBM", "XGB", "Forest", "Tree", "CatBoost", "HistGradient", "GradientBoosting")
"""What the class names of models that take codes and nulls contain."""


@dataclass
class Design:
    """Numbers (n, p) first, then category codes (n, q); nulls and unseen categories are NaN.

    Attributes
    ----------
    categorical : positions of the codes in the matrix
    """

    columns: list[_Number | _Category] | None = None
    order: NDArray[np.intp] | None = None
    n_numbers: int = 0

    def fit(self, table: Table) -> Self:
        """Learn units, spreads and categories of the rows of ``table``."""
        if isinstance(table, SparseTable):
            self.columns, self.order, self.n_numbers = None, None, table.n_columns
            return self
        frame = table.frame()
        self.columns = [_column(frame.iloc[:, j]) for j in range(frame.shape[1])]
        numbers = [j for j, column in enumerate(self.columns) if isinstance(column, _Number)]
        codes = [j for j, column in enumerate(self.columns) if isinstance(column, _Category)]
        self.order, self.n_numbers = np.array([*numbers, *codes], dtype=np.intp), len(numbers)
        return self

    def transform(self, table: Table) -> Any:
        """Matrix of shape (n, p + q); sparse input stays sparse."""
        if self.columns is None:
            if isinstance(table, ArrayTable) and table.array.dtype.kind in "fiub":
                return sparse.csr_matrix(table.array.astype(np.float64))
            if not isinstance(table, SparseTable):
                raise InvalidDataError(
                    "The model was fitted to a sparse matrix; X is none. Give scipy.sparse.csr_matrix(X)."
                )
            return table.matrix.tocsr().astype(np.float64)
        assert self.order is not None  # noqa: S101
        if isinstance(table, ArrayTable) and table.array.dtype.kind in "fiub" and self.n_numbers == len(self.columns):
            means = np.array([c.mean for c in self.columns if isinstance(c, _Number)])
            spreads = np.array([c.spread for c in self.columns if isinstance(c, _Number)])
            plain: Floats = (np.asarray(table.array, dtype=np.float64) - means) / spreads
            return plain
        if isinstance(table, SparseTable):
            raise InvalidDataError(
                "The model was fitted to a table of columns; X is a sparse matrix. Give X.toarray()."
            )
        frame = table.frame()
        found = np.empty((len(frame), len(self.columns)))
        for place, j in enumerate(self.order):
            found[:, place] = self.columns[j].transform(frame.iloc[:, j])
        return found

    @property
    def categorical(self) -> list[int]:
        """Positions of the category codes."""
        n = self.n_numbers if self.columns is None else len(self.columns)
        return list(range(self.n_numbers, n))

    def n_categories(self) -> list[int]:
        """Number of categories of each code column."""
        return [len(c.known) for c in self.columns or [] if isinstance(c, _Category)]


@dataclass(frozen=True)
class _Number:
    codec: Any
    mean: float
    spread: float

    def transform(self, column: pd.Series) -> Floats:
        return (_numbers(self.codec, column) - self.mean) / self.spread


@dataclass(frozen=True)
class _Category:
    known: pd.Index

    def transform(self, column: pd.Series) -> Floats:
        places = self.known.get_indexer(pd.Index(column.astype(object))).astype(np.float64)
        return np.where(places < 0, np.nan, places)


def _column(column: pd.Series) -> _Number | _Category:
    codec = None if _is_plain(column) else number_column(column)
    if codec is None and not _is_plain(column):
        return _Category(pd.Index(column.astype(object).value_counts(sort=True).index))
    values = _numbers(codec, column)
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if len(known) else 0.0
    spread = float(known.std()) if len(known) else 1.0
    return _Number(codec, mean, spread if spread > 0 and np.isfinite(spread) else 1.0)


def _is_plain(column: pd.Series) -> bool:
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb"


def _numbers(codec: Any, column: pd.Series) -> Floats:
    if codec is None:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    found: Floats = np.asarray(codec.encode(column), dtype=np.float64) * codec.scale
    return found


@dataclass(frozen=True)
class Expansion:
    """Matrix of a :class:`Design` as models other than trees take it: no nulls, one column per frequent category.

    Infinite numbers count as nulls: a linear model has no use for them.
    """

    n_numbers: int
    n_categories: tuple[int, ...]
    nullable: NDArray[np.bool_]

    @classmethod
    def of(cls, design: Design, matrix: Floats) -> Expansion:
        """Learn which numbers can be null from the training ``matrix``."""
        nulls: NDArray[np.bool_] = np.asarray(~np.isfinite(matrix[:, : design.n_numbers]).all(axis=0))
        return cls(design.n_numbers, tuple(design.n_categories()), nulls)

    def transform(self, matrix: Floats) -> Floats:
        """Nulls become the mean (0) with a column that says so; categories become indicators."""
        numbers = matrix[:, : self.n_numbers]
        parts = [np.nan_to_num(numbers, nan=0.0, posinf=0.0, neginf=0.0)]
        if self.nullable.any():
            parts.append((~np.isfinite(numbers[:, self.nullable])).astype(np.float64))
        for k, size in enumerate(self.n_categories):
            parts.append(indicators(matrix[:, self.n_numbers + k], size))
        return np.hstack(parts)


def indicators(codes: Floats, size: int) -> Floats:
    """One column per category, those beyond the thirtieth in one; with two categories a single column."""
    n = min(size, MOST_INDICATORS + 1)
    found = np.zeros((len(codes), max(n, 1)))
    known = ~np.isnan(codes)
    found[np.flatnonzero(known), np.minimum(codes[known].astype(np.intp), n - 1)] = 1.0
    return found[:, 1:] if n == 2 else found


def takes_codes(estimator: Any) -> bool:
    """Whether the model is made of trees that take category codes and nulls as they are."""
    name = type(estimator).__name__
    return any(part in name for part in TREES)


def takes_nulls(estimator: Any) -> bool:
    """Whether the model says of itself that nulls are no trouble."""
    from sklearn.utils import get_tags

    try:
        return bool(get_tags(estimator).input_tags.allow_nan)
    except (AttributeError, TypeError):
        return False


__all__ = ["Design", "Expansion", "indicators", "takes_codes", "takes_nulls"]
