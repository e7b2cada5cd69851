"""Rows of a table that is a frame or an array: their number, names and parts, the kinds of the columns kept."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError

TableOfRows: TypeAlias = pd.DataFrame | NDArray[Any]
Rows = NDArray[np.intp]


def as_rows(X: Any) -> TableOfRows:
    """``X`` as a frame or an array of shape (n, p), n and p at least 1.

    Raises
    ------
    InvalidDataError
        If it is not two-dimensional, or empty.
    """
    found: TableOfRows = X if isinstance(X, pd.DataFrame) else np.asarray(X.toarray() if hasattr(X, "toarray") else X)
    if found.ndim != 2 or not found.shape[0] or not found.shape[1]:
        raise InvalidDataError(
            f"Rows to explain must be a table with at least one row and one column; got shape {found.shape}."
        )
    return found


def names_of(X: TableOfRows) -> tuple[str, ...]:
    """Names of the columns: of the frame, or x0, x1, ... of an array."""
    if isinstance(X, pd.DataFrame):
        return tuple(str(name) for name in X.columns)
    return tuple(f"x{k}" for k in range(X.shape[1]))


def take(X: TableOfRows, rows: Rows) -> TableOfRows:
    """The rows at these positions."""
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def stacked(first: TableOfRows, second: TableOfRows) -> TableOfRows:
    """The rows of both, the dtypes of a frame kept where both have them."""
    if isinstance(first, pd.DataFrame) != isinstance(second, pd.DataFrame) or first.shape[1] != second.shape[1]:
        raise InvalidDataError(
            "The background must be a table like the rows that are explained: "
            f"{type(first).__name__} of {first.shape[1]} columns, but {type(second).__name__} of {second.shape[1]}."
        )
    if isinstance(first, pd.DataFrame) and isinstance(second, pd.DataFrame):
        return pd.concat([first, second], ignore_index=True)
    return np.concatenate([first, second])


def mixed(X: TableOfRows, rows: Rows) -> TableOfRows:
    """Table whose cell (i, j) is that of ``X`` at row ``rows[i, j]``; rows (m, p)."""
    if isinstance(X, pd.DataFrame):
        columns = [X.iloc[rows[:, j], j].reset_index(drop=True) for j in range(X.shape[1])]
        found = pd.concat(columns, axis=1)
        found.columns = X.columns
        return found
    return np.asarray(X[rows, np.arange(X.shape[1])])


__all__ = ["TableOfRows", "as_rows", "mixed", "names_of", "stacked", "take"]
