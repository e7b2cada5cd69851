"""One column of numbers or moments as float64 and back, in its own dtype and on its own grid.

A number column keeps three promises when floats come back from a sampler: whole numbers stay
whole (rounded half to even, never truncated), amounts stay on their decimal grid, and moments stay
on the coarsest calendar step (day, hour, ...) that the column was seen to use, in its text form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionDtype

from contrapeso.errors import InvalidDataError
from contrapeso.tables._dates import coarsest_step, parse_dates, write_dates

Dtype: TypeAlias = np.dtype | ExtensionDtype
FloatArray: TypeAlias = NDArray[np.float64]

EXACT_WHOLE = 2**53
"""Whole numbers up to here are exact in float64."""

_PER_SECOND = {"D": None, "s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


class NumberColumn(Protocol):
    """Encoder of one column. ``scale`` brings encoded units to distance units (a day is 1)."""

    @property
    def scale(self) -> float:
        """Factor from encoded units to distance units."""

    def encode(self, series: pd.Series) -> FloatArray:
        """Values as float64, null as NaN."""

    def decode(self, values: FloatArray) -> pd.Series:
        """Series of the column's dtype, every value on its grid, NaN as null."""


def nulls(series: pd.Series) -> NDArray[np.bool_]:
    """Where ``series`` is null."""
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "biuf":
        return np.asarray(np.isnan(series.to_numpy()), dtype=bool)
    return np.asarray(series.isna(), dtype=bool)


def null_form(series: pd.Series) -> object:
    """The null of an object column as it is written there (None, NaN, NA or NaT); None if it has none."""
    gone = nulls(series)
    return series.iloc[int(gone.argmax())] if gone.any() else None


def plain_floats(series: pd.Series) -> FloatArray:
    """Numbers of any numeric dtype (object, nullable, Arrow, sparse) as float64 with NaN."""
    if isinstance(series.dtype, pd.SparseDtype):
        return np.asarray(series, dtype=np.float64)
    if series.dtype == object:
        return np.array([np.nan if gone else float(v) for v, gone in zip(series, nulls(series), strict=True)])
    if isinstance(series.dtype, np.dtype):
        return series.to_numpy().astype(np.float64)
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def _objects(items: Sequence[object]) -> pd.Series:
    """Object series of exactly these objects: pandas is not asked to guess anything."""
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return pd.Series(array, dtype=object)


def _refuse_nulls(name: str, values: FloatArray, dtype: Dtype) -> None:
    gone = np.isnan(values)
    if gone.any():
        raise InvalidDataError(
            f"Column {name!r} is {dtype}, which has no null, and row {int(np.argmax(gone))} of {len(values)} is "
            "missing. Fit the codec on data with nulls in a nullable dtype, or fill them first.",
            {"column": name},
        )


def _holds_nan(dtype: Dtype) -> bool:
    return not (isinstance(dtype, np.dtype) and dtype.kind in "biu")


@dataclass(frozen=True)
class FloatColumn:
    """Floats of any width. With ``decimals`` they are rounded to that grid, the ``off_grid`` values seen apart."""

    name: str
    dtype: Dtype
    decimals: int | None = None
    off_grid: FloatArray | None = None
    null: object = None
    scale: float = 1.0

    def encode(self, series: pd.Series) -> FloatArray:
        return plain_floats(series)

    def decode(self, values: FloatArray) -> pd.Series:
        kept = values if self.decimals is None else on_grid(values, self.decimals)
        if self.off_grid is not None:
            kept = np.where(np.isin(values, self.off_grid), values, kept)
        if self.dtype == object:
            return _objects([self.null if np.isnan(v) else float(v) for v in kept])
        if isinstance(self.dtype, np.dtype):
            return pd.Series(kept.astype(self.dtype))
        if isinstance(self.dtype, pd.SparseDtype):
            return pd.Series(kept).astype(self.dtype)
        return pd.Series(pd.arrays.FloatingArray(kept.copy(), np.isnan(kept))).astype(self.dtype)


def on_grid(values: FloatArray, decimals: int) -> FloatArray:
    """Nearest doubles to the ``decimals``-place decimals nearest to ``values`` (ties to even).

    The quotient of two exact floats is correctly rounded, so a number that was parsed from such
    a decimal comes back as the same double while it has at most 15 digits. Larger numbers have no
    room for decimals and are left alone.
    """
    unit = 10.0**decimals
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.rint(values * unit) / unit
    return np.where(np.abs(values) < EXACT_WHOLE / unit, rounded, values)


@dataclass(frozen=True)
class WholeColumn:
    """Whole numbers: any integer or boolean dtype, whole floats, Python ints and bools.

    Encoded less ``origin``, which is 0 unless the numbers are too large for float64.
    """

    name: str
    dtype: Dtype
    low: int
    high: int
    origin: int = 0
    python: type[float] | None = None  # int, bool or float
    null: object = None
    scale: float = 1.0

    @property
    def is_exact(self) -> bool:
        """Whether float64 tells every two of the column's numbers apart."""
        return max(self.high - self.origin, self.origin - self.low) <= EXACT_WHOLE

    def encode(self, series: pd.Series) -> FloatArray:
        if self.origin == 0:
            return plain_floats(series)
        gone = nulls(series)
        return np.array([np.nan if g else float(int(v) - self.origin) for v, g in zip(series, gone, strict=True)])

    def decode(self, values: FloatArray) -> pd.Series:
        if not _holds_nan(self.dtype):
            _refuse_nulls(self.name, values, self.dtype)
        gone = np.isnan(values)
        whole = np.rint(np.where(gone, 0.0, values))
        if self.origin or max(-self.low, self.high) > EXACT_WHOLE:
            return self._large(whole, gone)
        bounded = np.clip(whole, self.low, self.high)
        if self.python is not None:
            as_type = self.python
            return _objects([self.null if g else as_type(v) for v, g in zip(bounded, gone, strict=True)])
        return self._plain(bounded, gone)

    def _large(self, whole: FloatArray, gone: NDArray[np.bool_]) -> pd.Series:
        """Numbers near or past the limits of float64, in Python's whole numbers, which have none."""
        least, most = float(-(2**200)), float(2**200)  # infinity has no whole number
        moved = [int(v) + self.origin for v in np.clip(whole, least, most).tolist()]
        held = [min(max(v, self.low), self.high) for v in moved]
        return _objects([self.null if g else v for v, g in zip(held, gone, strict=True)]).astype(self.dtype)

    def _plain(self, bounded: FloatArray, gone: NDArray[np.bool_]) -> pd.Series:
        if isinstance(self.dtype, np.dtype):
            filled = np.where(gone, np.nan, bounded) if self.dtype.kind == "f" else bounded
            return pd.Series(filled.astype(self.dtype))
        if isinstance(self.dtype, pd.SparseDtype):
            return pd.Series(np.where(gone, np.nan, bounded)).astype(self.dtype)
        return pd.Series(pd.arrays.IntegerArray(bounded.astype(np.int64), gone)).astype(self.dtype)


@dataclass(frozen=True)
class DecimalColumn:
    """``decimal.Decimal`` objects or an Arrow decimal, with ``places`` digits after the point."""

    name: str
    dtype: Dtype
    places: int
    null: object = None
    scale: float = 1.0

    def encode(self, series: pd.Series) -> FloatArray:
        return plain_floats(series.astype(object))

    def decode(self, values: FloatArray) -> pd.Series:
        unit = 10**self.places
        exact = [
            self.null if np.isnan(v) else Decimal(round(v * unit)).scaleb(-self.places)
            for v in np.asarray(values, dtype=np.float64).tolist()
        ]
        return _objects(exact).astype(self.dtype)


@dataclass(frozen=True)
class TimeColumn:
    """Moments, dates, date texts and durations, encoded as whole steps since ``origin`` (in ticks of ``unit``)."""

    name: str
    dtype: Dtype
    unit: str
    step: int
    origin: int
    form: str
    fmt: str | None = None
    null: object = None

    @property
    def scale(self) -> float:
        per_second = _PER_SECOND[self.unit]
        return float(self.step) if per_second is None else self.step / (86_400.0 * per_second)

    def encode(self, series: pd.Series) -> FloatArray:
        gone = nulls(series)
        out = np.full(len(series), np.nan)
        ticks = to_ticks(series[~gone], self.form, self.unit, self.fmt, self.name)
        out[~gone] = ((ticks - self.origin) / self.step).astype(np.float64)
        return out

    def decode(self, values: FloatArray) -> pd.Series:
        gone = np.isnan(values)
        steps = np.rint(np.where(gone, 0.0, values))
        bound = float(2**62 // self.step)
        ticks = np.clip(steps, -bound, bound).astype(np.int64) * self.step + self.origin
        return _from_ticks(ticks, gone, self)


def to_ticks(series: pd.Series, form: str, unit: str, fmt: str | None, name: str) -> NDArray[np.int64]:
    """Whole ticks of ``unit`` since 1970 of a series without nulls; see :func:`time_form` for ``form``."""
    if form == "text":
        texts, where = np.unique(series.to_numpy(dtype=object).astype(str), return_inverse=True)
        moments = parse_dates(texts.tolist(), cast(str, fmt))
        if moments is None:
            raise InvalidDataError(
                f"Column {name!r} holds text that is not a date written as {fmt!r}. "
                "Give the column the kind 'text' or 'categorical', or correct those cells.",
                {"column": name},
            )
        return moments.astype(np.int64)[where]
    if form in {"date", "datetime", "timestamp"}:
        return np.array(series.tolist(), dtype=f"datetime64[{unit}]").astype(np.int64)
    if form == "duration":
        return series.astype(np.dtype(f"m8[{unit}]")).to_numpy().astype(np.int64)
    if form == "local":
        wall: NDArray[np.int64] = series.dt.tz_localize(None).to_numpy().astype(f"datetime64[{unit}]").astype(np.int64)
        return wall
    plain = series.dt.tz_convert("UTC").dt.tz_localize(None) if form == "zoned" else series
    return plain.astype(np.dtype(f"M8[{unit}]")).to_numpy().astype(np.int64)


def _from_ticks(ticks: NDArray[np.int64], gone: NDArray[np.bool_], column: TimeColumn) -> pd.Series:
    kind = "m8" if column.form == "duration" else "M8"
    moments = ticks.view(f"{kind}[{column.unit}]").copy()
    if column.form in {"date", "datetime"}:
        items = [column.null if g else item for item, g in zip(moments.astype(object), gone, strict=True)]
        return _objects(items).astype(column.dtype)
    if column.form in {"text", "timestamp"}:
        written: Sequence[object]
        written = (
            write_dates(moments, cast(str, column.fmt)) if column.form == "text" else list(pd.DatetimeIndex(moments))
        )
        items = [column.null if g else item for item, g in zip(written, gone, strict=True)]
        return _objects(items).astype(column.dtype)
    moments[gone] = np.array("NaT", dtype=moments.dtype)
    plain = pd.Series(moments)
    if column.form in {"zoned", "local"}:
        return _zoned(plain, column)
    return plain.astype(column.dtype)


def _zoned(plain: pd.Series, column: TimeColumn) -> pd.Series:
    zone = cast(Any, pd.Series([], dtype=column.dtype)).dt.tz
    if column.form == "zoned":
        utc: pd.Series = plain.dt.tz_localize("UTC").dt.tz_convert(zone).astype(column.dtype)
        return utc
    first = np.ones(len(plain), dtype=bool)
    local: pd.Series = plain.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").astype(column.dtype)
    return local


def time_form(series: pd.Series, fmt: str | None) -> tuple[str, str] | None:
    """(form, unit) of a column of moments without nulls, or None if it is none.

    Forms: ``plain`` and ``zoned`` datetime64, ``duration`` timedelta64, ``text`` in ``fmt``, and objects:
    ``date``, ``datetime`` (no zone), ``timestamp`` (pandas, no zone).
    """
    dtype = series.dtype
    if fmt is not None:
        return "text", "us"
    kind = getattr(dtype, "kind", "O")
    unit = str(getattr(dtype, "unit", None) or getattr(getattr(dtype, "pyarrow_dtype", None), "unit", None) or "ns")
    if kind == "m":
        return "duration", _numpy_unit(dtype, unit)
    if kind == "M" and "date32" not in str(dtype):
        zoned = getattr(series.dt, "tz", None) is not None
        return ("zoned", unit) if zoned else ("plain", _numpy_unit(dtype, unit))
    types = {type(v) for v in series} if str(dtype) == "object" or "date32" in str(dtype) else set()
    if types == {date}:
        return "date", "D"
    if types in ({datetime}, {pd.Timestamp}) and not any(v.tzinfo for v in series):
        return ("datetime", "us") if types == {datetime} else ("timestamp", "ns")
    return None


def _numpy_unit(dtype: object, otherwise: str) -> str:
    return str(np.datetime_data(dtype)[0]) if isinstance(dtype, np.dtype) else otherwise


def time_column(series: pd.Series, fmt: str | None, name: str) -> TimeColumn | None:
    """Encoder of a column of moments, or None if it is none."""
    gone = nulls(series)
    present = series[~gone]
    found = time_form(present, fmt)
    if found is None:
        return None
    form, unit = found
    null = null_form(series)
    if form == "zoned":
        local = _time_column(present, series.dtype, "local", unit, fmt, name, null)
        if local.scale >= 1.0 and bool((local.decode(local.encode(present)).array == present.array).all()):
            return local  # every moment is a midnight on the wall clock: whole days there, not in UTC
    return _time_column(present, series.dtype, form, unit, fmt, name, null)


def _time_column(  # noqa: PLR0917  (the fields of TimeColumn, called twice)
    present: pd.Series, dtype: Dtype, form: str, unit: str, fmt: str | None, name: str, null: object
) -> TimeColumn:
    ticks = to_ticks(present, form, unit, fmt, name)
    per_second = _PER_SECOND[unit]
    step = 1 if per_second is None or not len(ticks) else coarsest_step(ticks, per_second)
    widest = int(np.abs(ticks).max()) // step if len(ticks) else 0
    origin = int(ticks.min()) if widest >= EXACT_WHOLE else 0
    return TimeColumn(name, dtype, unit, step, origin, form, fmt, null)


__all__ = [
    "EXACT_WHOLE",
    "DecimalColumn",
    "Dtype",
    "FloatArray",
    "FloatColumn",
    "NumberColumn",
    "TimeColumn",
    "WholeColumn",
    "null_form",
    "nulls",
    "on_grid",
    "plain_floats",
    "time_column",
]
