"""What the caller of a comparison gave beside the table, checked and numbered: groups, time, classes, budget."""

from __future__ import annotations

import os
import re
from datetime import date
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from contrapeso.balancing.ladder._folds import units_of
from contrapeso.balancing.ladder._question import Question, rare_of
from contrapeso.errors import InvalidDataError, InvalidParameterError


def units_for(
    question: Question, groups: NDArray[np.int64] | None, moments: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], int]:
    """Unit of each row, (n,), and the number of copies; in time only groups keep rows together."""
    units, n_copies = units_of(question.table, question.codes, groups)
    if moments is not None:  # what comes back in time is no copy; only groups keep rows together
        return (np.arange(len(question.codes), dtype=np.int64) if groups is None else groups), 0
    return units, n_copies


def checked_budget(budget_s: float | None) -> float | None:
    """The budget as a float, None for no clock."""
    if budget_s is None:
        return None
    if isinstance(budget_s, bool) or not isinstance(budget_s, Real) or not 0 < budget_s < np.inf:
        raise InvalidParameterError(f"budget_s is a number of seconds above 0, or None; got {budget_s!r}.")
    return float(budget_s)


def n_threads(n_jobs: int | None) -> int:
    """Threads that ``n_jobs`` stands for; None and -1 are all cores of the process."""
    if n_jobs is None or n_jobs == -1:
        return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral) or n_jobs < 1:
        raise InvalidParameterError(f"n_jobs is a number of threads from 1 on, -1 or None; got {n_jobs!r}.")
    return int(n_jobs)


def positive_code(classes: NDArray[Any], codes: NDArray[np.intp], positive: object) -> int | None:
    """Code of the class that matters, of two: the named one or the rarer; None with more classes."""
    if positive is None:
        return rare_of(codes) if len(classes) == 2 else None
    if len(classes) != 2:
        raise InvalidParameterError(f"positive is for two classes; the target has {len(classes)}.")
    found = np.flatnonzero(classes == positive)
    if not len(found):
        raise InvalidParameterError(f"positive must be one of the classes {classes.tolist()}; got {positive!r}.")
    return int(found[0])


def codes_of(name: str, values: ArrayLike, n_rows: int) -> NDArray[np.int64]:
    """Number of the group of each row, (n_rows,); ``name`` is what the caller calls the values."""
    flat = np.asarray(values).ravel()
    if len(flat) != n_rows:
        raise InvalidDataError(f"{name} must have one value for each of the {n_rows} rows; got {len(flat)}.")
    codes = pd.factorize(pd.Series(flat))[0].astype(np.int64)
    alone = codes < 0  # a row without a group is a group of its own
    codes[alone] = codes.max() + 1 + np.arange(alone.sum())
    return codes


def moments_of(time: ArrayLike, n_rows: int) -> NDArray[np.int64]:
    """Rank of the moment of each row, (n_rows,), equal moments alike."""
    column = _one_column(time)
    if len(column) != n_rows:
        raise InvalidDataError(f"time must have one value for each of the {n_rows} rows; got {len(column)}.")
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if column.isna().any():
        raise InvalidDataError("time has missing values; a row without a moment is in no order. Drop it or fill it.")
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        column = _read_moments(column)
    return column.rank(method="dense").to_numpy().astype(np.int64)


def _one_column(time: ArrayLike) -> pd.Series:
    if isinstance(time, pd.Series):
        return time
    if isinstance(time, pd.DataFrame):
        time = time.to_numpy() if time.shape[1] != 1 else time.iloc[:, 0]
    shape = np.shape(time)
    if len(shape) == 2 and shape[1] == 1:
        time = np.asarray(time)[:, 0]
    elif len(shape) != 1:
        raise InvalidDataError(f"time must be one column; got the shape {shape}.")
    return pd.Series(time)


def _read_moments(column: pd.Series) -> pd.Series:
    """Numbers in objects as numbers, anything else as dates; dates with a zone are put on one clock."""
    if not column.map(lambda cell: isinstance(cell, str)).any():
        numbers = pd.to_numeric(column, errors="coerce")
        if not numbers.isna().any() and not isinstance(column.iloc[0], (date, np.datetime64)):
            return numbers
    zoned = column.map(_has_zone)
    if zoned.any() and not zoned.all():
        raise InvalidDataError("time has moments with a time zone and moments without; their order is not known.")
    try:
        return pd.to_datetime(column, format="ISO8601", utc=bool(zoned.any()))
    except (TypeError, ValueError) as error:
        raise InvalidDataError(
            f"time must be numbers, dates, or text like '2024-03-31' (ISO 8601): {str(error).split(' You might')[0]}. "
            "Read it with pandas.to_datetime(..., dayfirst=True) first."
        ) from error


def _has_zone(cell: object) -> bool:
    if isinstance(cell, str):
        return re.search(r"\d[T ]\d.*(Z|[+-]\d\d:?(\d\d)?)$", cell.strip()) is not None
    return getattr(cell, "tzinfo", None) is not None


__all__ = ["checked_budget", "codes_of", "moments_of", "n_threads", "positive_code", "units_for"]
