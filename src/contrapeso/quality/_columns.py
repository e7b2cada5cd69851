"""Columns of both tables as arrays on one footing: floats with NaN for null, or codes on one list of labels.

The real table says what a column is. Synthetic values of another dtype are converted where nothing is lost
(noted in the report); a column that is missing or cannot be converted is all null from here on and scores 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.kernels import number_words
from contrapeso.tables import Column, Schema

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
NUMERIC_KINDS = frozenset({"continuous", "integer", "money", "datetime"})
REPEATED_TEXT = 0.5
_MISSING = "\0missing"
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """A numeric column in each table (an empty holdout where none was given); datetimes are days since 1970."""

    column: Column
    real: Floats
    synthetic: Floats
    holdout: Floats
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """A label column in each table: codes into ``labels``, -1 for null; real labels come first.

    ``paired`` is False for columns whose pairs are not measured (repeated free text).
    """

    column: Column
    real: Codes
    synthetic: Codes
    holdout: Codes
    labels: tuple[str, ...]
    note: str | None = None
    paired: bool = True


AnyColumn = Numbers | Labels


@dataclass(frozen=True, slots=True)
class TableColumns:
    """All columns that both tables can be compared on, and why others cannot.

    ``copied`` are the columns that exact copies are judged on: all but identifiers and missing ones.
    """

    compared: tuple[AnyColumn, ...]
    copied: tuple[AnyColumn, ...]
    excluded: Mapping[str, str]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def named(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """``frame`` with text column names.

    Raises
    ------
    InvalidDataError
        If it is no DataFrame or two columns have one name.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InvalidDataError(f"The {what} table must be a pandas DataFrame; got {type(frame).__name__}.")
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidDataError(f"The {what} table has two columns named {twice[0]!r}; rename one of them.")
    return frame.set_axis(names, axis=1)


def read_columns(
    real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None, schema: Schema
) -> TableColumns:
    """Every column of ``schema`` in the three tables."""
    tables = [real, synthetic, real.iloc[:0] if holdout is None else holdout]
    compared: list[AnyColumn] = []
    copied: list[AnyColumn] = []
    excluded: dict[str, str] = {}
    for column in schema.columns:
        parts = [_part(table, column.name) for table in tables]
        read = _numbers(column, parts) if column.kind in NUMERIC_KINDS else _labels(column, parts)
        if column.kind != "identifier" and column.name in synthetic:
            copied.append(read)
        reason = _exclusion(read)
        if reason:
            excluded[column.name] = reason
        else:
            compared.append(read)
    names = [column.name for column in schema.columns]
    return TableColumns(
        tuple(compared),
        tuple(copied),
        excluded,
        tuple(name for name in names if name not in synthetic),
        tuple(str(name) for name in synthetic if name not in real),
    )


def _part(table: pd.DataFrame, name: str) -> pd.Series:
    """The column, or nulls in its place."""
    return table[name] if name in table else pd.Series([None] * len(table), dtype=object, name=_MISSING)


def _exclusion(read: AnyColumn) -> str | None:
    """Why a column is left out of the comparison of distributions, or None."""
    if isinstance(read, Numbers):
        return None
    if read.column.kind == "identifier":
        repeats = _repeats(read.synthetic)
        return "duplicated_identifiers" if repeats and not _repeats(read.real) else "excluded_identifier"
    if read.column.kind == "text" and read.paired is False:
        present = read.real[read.real >= 0]
        if np.unique(present).size > REPEATED_TEXT * present.size:
            return "excluded_text"
    return None


def _repeats(codes: Codes) -> bool:
    present = codes[codes >= 0]
    return bool(np.unique(present).size < present.size)


def _numbers(column: Column, parts: Sequence[pd.Series]) -> Numbers:
    convert = _days if column.kind == "datetime" else _floats
    read: list[Floats] = []
    note = None
    for position, part in enumerate(parts):
        values, code = (None, "missing_column") if part.name == _MISSING else convert(part, column)
        if values is None and position == 0:
            raise _unreadable(column)
        if values is None:
            values = np.full(len(part), np.nan)
        if position == 1:
            note = code
        read.append(values)
    return Numbers(column, read[0], read[1], read[2], note)


def _unreadable(column: Column) -> InvalidDataError:
    what = "dates" if column.kind == "datetime" else "numbers"
    return InvalidDataError(
        f"Column {column.name!r} of the real table is declared {column.kind} but holds values that are no {what}. "
        "Override its kind in the schema, or clean the column.",
        {"column": column.name, "kind": column.kind},
    )


def _floats(series: pd.Series, column: Column) -> tuple[Floats | None, str | None]:
    """The values as floats and the note of a conversion; None where one of them is no number."""
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_complex_dtype(series.dtype):
        cast = pd.api.types.is_bool_dtype(series.dtype) and column.dtype not in {"bool", "boolean"}
        note = "cast" if cast else None
        if isinstance(series.dtype, np.dtype):
            values = series.to_numpy(dtype=np.float64).view()  # a float column is not copied, so nobody may write
            values.flags.writeable = False
            return values, note
        return series.to_numpy(dtype=np.float64, na_value=np.nan), note
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return None, "not_castable"
    if pd.api.types.is_timedelta64_dtype(series.dtype):
        ticks = series.to_numpy(dtype="timedelta64[ns]")
        return np.where(np.isnat(ticks), np.nan, ticks.astype(np.int64) / 1e9), None
    plain = series.astype(object)
    values = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    lost = np.isnan(values) & ~series.isna().to_numpy(dtype=bool)
    if lost.any():
        return None, "not_castable"
    return values, "cast" if str(series.dtype) != column.dtype else None


def _days(series: pd.Series, column: Column) -> tuple[Floats | None, str | None]:
    """Moments as days since 1970 (UTC) and the note of a conversion; None where one of them is no moment."""
    if pd.api.types.is_numeric_dtype(series.dtype):
        return None, "not_castable"
    is_moment = pd.api.types.is_datetime64_any_dtype(series.dtype)
    plain = series if is_moment else series.astype(object)
    form = "ISO8601" if column.format is None or is_moment else column.format
    moments = _moments(plain, form, is_moment=is_moment)
    note = "cast" if (str(series.dtype).partition("[")[0] != column.dtype.partition("[")[0]) else None
    ticks = moments.to_numpy(dtype="datetime64[us]")
    days = np.where(np.isnat(ticks), np.nan, ticks.astype(np.int64) / _DAY_US)
    if is_moment:
        return days, note
    for row in np.flatnonzero((moments.isna() & ~series.isna()).to_numpy(dtype=bool)):
        try:
            days[row] = _far_day(str(series.iloc[row]), form)
        except ValueError:
            return None, "not_castable"
    return days, note


def _far_day(text: str, form: str) -> float:
    """Days since 1970 of a year that pandas cannot hold (0202, a typing error of real files)."""
    moment = datetime.fromisoformat(text) if form == "ISO8601" else datetime.strptime(text, form)  # noqa: DTZ007
    return (moment.replace(tzinfo=None) - datetime(1970, 1, 1)) / timedelta(days=1)  # noqa: DTZ001


def _moments(series: pd.Series, form: str, *, is_moment: bool) -> pd.Series:
    if is_moment:
        moments = series
    else:
        moments = pd.to_datetime(series, format=form, errors="coerce", utc=True)
        if form != "ISO8601" and moments.isna().sum() > series.isna().sum():
            moments = pd.to_datetime(series, format="ISO8601", errors="coerce", utc=True)
    zone = getattr(moments.dt, "tz", None)
    return moments.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else moments


def _labels(column: Column, parts: Sequence[pd.Series]) -> Labels:
    coded = [_factorize(part) for part in parts]
    texts = [_texts(values) for _, values in coded]
    if set(texts[0]) <= {"False", "True"}:
        texts[1:] = [_as_booleans(values) for values in texts[1:]]
    index = {value: code for code, value in enumerate(dict.fromkeys(chain.from_iterable(texts)))}
    read = []
    for (codes, _), values in zip(coded, texts, strict=True):
        lookup = np.array([*map(index.__getitem__, values), -1], dtype=np.intp)
        read.append(lookup[codes])
    note = "missing_column" if parts[1].name == _MISSING else _label_note(parts[0], parts[1])
    return Labels(column, read[0], read[1], read[2], tuple(index), note, column.kind != "text")


def _factorize(series: pd.Series) -> tuple[Codes, Sequence[object]]:
    """Code of every row, -1 for null, and the distinct values in the order in which they appear."""
    numbered = _by_object(series) if series.dtype == object else None
    if numbered is None:
        codes, values = pd.factorize(series)
        return codes, list(values)
    objects, first = numbered
    codes, few = pd.factorize(series.to_numpy()[first])
    return codes[objects], list(few)


def _by_object(series: pd.Series) -> tuple[Codes, Codes] | None:
    """Number of the object in every row and the first row of each; None where most rows have one of their own.

    Readers give equal texts of a column as one object; telling objects apart is much quicker than hashing texts.
    """
    objects = np.ascontiguousarray(series.to_numpy())
    addresses = np.frombuffer(objects.data, dtype=np.uintp)
    return number_words(addresses, max(256, len(series) // 8))


def _texts(values: Sequence[object]) -> list[str]:
    if set(map(type, values)) <= {str}:
        return list(map(str, values))
    return [_text(value) for value in values]


def _text(value: object) -> str:
    """One spelling per value: 1, 1.0 and "1" are one category."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _as_booleans(values: list[str]) -> list[str]:
    names = {"0": "False", "1": "True", "false": "False", "true": "True"}
    return [names.get(value, value) for value in values] if {v.lower() for v in values} <= {*names} else values


def _label_note(real: pd.Series, synthetic: pd.Series) -> str | None:
    """``cast`` where one table holds numbers and the other text or booleans."""
    families = []
    for series in (real, synthetic):
        dtype = series.cat.categories.dtype if isinstance(series.dtype, pd.CategoricalDtype) else series.dtype
        boolean = pd.api.types.is_bool_dtype(dtype)
        families.append("b" if boolean else "n" if pd.api.types.is_numeric_dtype(dtype) else "t")
    return "cast" if families[0] != families[1] else None


__all__ = ["NUMERIC_KINDS", "AnyColumn", "Labels", "Numbers", "TableColumns", "named", "read_columns"]
