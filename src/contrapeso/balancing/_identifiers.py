"""Identifiers of synthetic rows: a synthetic row never carries the key of a real one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from contrapeso.errors import InvalidDataError
from contrapeso.tables._numbers import null_form

PREFIX = "SYN-"


def new_identifiers(series: pd.Series, n: int) -> pd.Series:
    """``n`` identifiers for new rows, in the dtype of ``series``.

    Missing where the column has missing values or its dtype is made for them; ``SYN-1``, ``SYN-2``, ...
    in a text column without gaps; the numbers after the greatest in a column of whole numbers, which
    cannot be missing.

    Raises
    ------
    InvalidDataError
        If the column can neither be missing nor hold a new key.
    """
    if bool(series.isna().any()):
        return pd.Series([null_form(series)] * n if series.dtype == object else [None] * n, dtype=series.dtype)
    if _is_text(series):
        return pd.Series(_marks(set(series), n), dtype=series.dtype)
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        return _next_numbers(series, n, int(np.iinfo(dtype.name).max))
    if isinstance(dtype, np.dtype) and dtype.kind == "b":
        raise InvalidDataError(
            f"Column {series.name!r} is an identifier of two values and cannot be missing. Give it another kind."
        )
    return pd.Series([None] * n, dtype=series.dtype)


def _is_text(series: pd.Series) -> bool:
    if series.dtype == object:
        return all(isinstance(value, str) for value in series)
    return isinstance(series.dtype, pd.StringDtype) or str(series.dtype).startswith(("string", "large_string"))


def _marks(taken: set[object], n: int) -> list[str]:
    marks: list[str] = []
    number = 0
    while len(marks) < n:
        number += 1
        mark = f"{PREFIX}{number}"
        if mark not in taken:
            marks.append(mark)
    return marks


def _next_numbers(series: pd.Series, n: int, most: int) -> pd.Series:
    last = int(series.max()) if len(series) else 0
    if last + n > most:
        raise InvalidDataError(
            f"Column {series.name!r} is an identifier of type {series.dtype} with no {n} numbers left after {last}. "
            "Make the column text, or leave it out."
        )
    return pd.Series([last + 1 + i for i in range(n)], dtype=series.dtype)


__all__ = ["PREFIX", "new_identifiers"]
