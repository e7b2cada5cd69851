"""Dates and times as calendar parts: a month, a day of that month, a time of day.

Days that no row has (weekends, holidays) have no prior, so they stay empty whatever a model learns; where
days are binned, the grid of legal moments (business days, month ends) moves a day that no row could have.
A column of few different moments is a column of atoms; one with more than ``MAX_MONTHS`` different
months is binned by days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._numbers import TimeColumn
from contrapeso.tables._schema import Column
from contrapeso.tables.encoding._bins import log_rows, log_share, normal_scores
from contrapeso.tables.encoding._calendar_grid import ANY_MOMENT, CalendarGrid
from contrapeso.tables.encoding._column import ColumnCodes
from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._numeric import NumberSummary, NumericColumn, exact_floats, joined, read_floats
from contrapeso.tables.encoding._scale import Specials, ValueScale
from contrapeso.tables.encoding._sketch import Floats64, ValueCounts
from contrapeso.tables.encoding._state import Arrays, Json, pack_number, unpack_number
from contrapeso.tables.encoding._tokens import CodeArray, Token

Days = NDArray[np.int64]

MAX_MONTHS = 240
N_DAYS = 31
_PER_SECOND = {"D": None, "s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def per_day(number: TimeColumn) -> int:
    """Ticks of a day."""
    per_second = _PER_SECOND[number.unit]
    return 1 if per_second is None else 86_400 * per_second


def split(number: TimeColumn, floats: Floats64) -> tuple[Days, Floats64]:
    """(days since 1970, steps since midnight) of encoded moments that are not null."""
    ticks = floats.astype(np.int64) * number.step + number.origin
    days = ticks // per_day(number)
    return days, ((ticks - days * per_day(number)) // number.step).astype(np.float64)


def put_together(number: TimeColumn, days: Days, clock: Floats64) -> Floats64:
    """Encoded moments of days and steps since midnight."""
    last = max(0, per_day(number) // number.step - 1)
    ticks = days * per_day(number) + np.clip(np.rint(clock), 0, last).astype(np.int64) * number.step
    return np.asarray((ticks - number.origin) // number.step, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class MomentSummary:
    """Distinct moments, days and times of day of the rows read so far."""

    moments: NumberSummary
    days: ValueCounts
    clock: ValueCounts

    @classmethod
    def of(cls, series: pd.Series, column: Column) -> Self | None:
        """Summary of one partition, or None where the column holds no moments."""
        read = exact_floats(series, column)
        if read is None or not isinstance(read[0], TimeColumn) or read[0].form == "duration":
            return None
        number, floats = read[0], read[1]
        present = floats[~np.isnan(floats)]
        days, clock = split(number, present)
        summary = NumberSummary(number, ValueCounts.of(present), Specials(float(len(floats) - len(present))))
        return cls(summary, ValueCounts.of(days.astype(np.float64)), ValueCounts.of(clock))

    @property
    def number(self) -> TimeColumn:
        """Encoder of single moments."""
        return cast(TimeColumn, self.moments.number)

    @property
    def n_rows(self) -> float:
        """Rows read."""
        return self.moments.n_rows

    def merge(self, other: MomentSummary) -> MomentSummary:
        """The rows of both."""
        step = cast(TimeColumn, joined(self.number, other.number)).step
        clocks = [s.clock.mapped(s.clock.values * (s.number.step // step)) for s in (self, other)]
        moments = self.moments.merge(other.moments)
        return MomentSummary(moments, self.days.merge(other.days), clocks[0].merge(clocks[1]))


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Months and their days.

    ``months`` are those that rows have, since 1970-01; ``rows`` (n_months, 31) are their rows per day.
    """

    months: Days
    rows: Floats64
    n_null: float

    @classmethod
    def fit(cls, days: ValueCounts, n_null: float, config: Encoding) -> Self:
        """Calendar of the days of a column."""
        dates = days.values.astype(np.int64).astype("datetime64[D]")
        month = dates.astype("datetime64[M]")
        of_month = (dates - month.astype("datetime64[D]")).astype(np.int64)
        months, place = np.unique(month.astype(np.int64), return_inverse=True)
        rows = np.zeros((len(months), N_DAYS))
        np.add.at(rows, (place, of_month), days.counts)
        rows = _supported(rows, config)
        held = rows.sum(axis=1) > 0
        return cls(months[held], rows[held], n_null)

    @property
    def null_code(self) -> int:
        """Code of null; -1 where there is none."""
        return len(self.months) if self.n_null else -1

    @property
    def n_codes(self) -> int:
        """Codes of the month."""
        return len(self.months) + bool(self.n_null)

    def codes(self, days: Days) -> CodeArray:
        """(month code, day code) of days; an unknown day takes the nearest known one."""
        known = self.known_days()
        after = np.clip(np.searchsorted(known, days), 0, len(known) - 1)
        before = np.maximum(after - 1, 0)
        nearest = known[np.where(days - known[before] < known[after] - days, before, after)].astype("datetime64[D]")
        month = nearest.astype("datetime64[M]")
        of_month = (nearest - month.astype("datetime64[D]")).astype(np.int64)
        return np.column_stack([np.searchsorted(self.months, month.astype(np.int64)), of_month]).astype(np.int32)

    def known_days(self) -> Days:
        """Days that rows have, since 1970, ascending."""
        month, day = np.nonzero(self.rows)
        first: Days = self.months[month].astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        return first + day

    def days(self, codes: CodeArray) -> Days:
        """Days of codes that are not null, kept within their month."""
        month = self.months[np.minimum(codes[:, 0], len(self.months) - 1)].astype("datetime64[M]")
        first = month.astype("datetime64[D]").astype(np.int64)
        length = (month + 1).astype("datetime64[D]").astype(np.int64) - first
        return np.asarray(first + np.minimum(codes[:, 1], length - 1), dtype=np.int64)

    def tokens(self, column: str) -> tuple[Token, ...]:
        """Month and day of the month."""
        mass = np.append(self.rows.sum(axis=1), [self.n_null] if self.n_null else [])
        position = np.full(self.n_codes, np.nan, dtype=np.float32)
        position[: len(self.months)] = normal_scores(mass[: len(self.months)])
        month = Token(column, "value", self.n_codes, position, log_share(mass), np.zeros(self.n_codes, dtype=bool))
        pairs = np.vstack([self.rows, np.eye(1, N_DAYS)]) if self.n_null else self.rows
        day = Token(
            column,
            "day",
            N_DAYS,
            normal_scores(np.ones(N_DAYS)),
            log_share(self.rows.sum(axis=0)),
            np.zeros(N_DAYS, dtype=bool),
            parent=0,
            log_prior=log_rows(pairs),
        )
        return month, day


def n_months(days: ValueCounts) -> int:
    """Different months of days since 1970."""
    return len(np.unique(days.values.astype(np.int64).astype("datetime64[D]").astype("datetime64[M]")))


def _supported(rows: Floats64, config: Encoding) -> Floats64:
    """Rows per day, days with too few of them left out while any stays (privacy)."""
    least = max(config.min_support, 1)
    kept = np.where(rows >= least, rows, 0.0)
    if not kept.any():
        return rows
    if config.k_extreme > 1:
        flat = kept.ravel()
        beyond = (np.cumsum(rows.ravel()) < config.k_extreme) | (np.cumsum(rows.ravel()[::-1])[::-1] < config.k_extreme)
        kept = kept if not np.where(beyond, 0.0, flat).any() else np.where(beyond, 0.0, flat).reshape(rows.shape)
    return kept


@dataclass(frozen=True, eq=False)
class MomentColumn:
    """Codec of moments: a calendar or a scale of days, and a scale of times of day where they differ."""

    name: str
    number: TimeColumn
    calendar: Calendar | None
    days: ValueScale | None
    clock: ValueScale | None
    midnight: float
    grid: CalendarGrid = ANY_MOMENT

    @classmethod
    def fit(cls, name: str, summary: MomentSummary, config: Encoding) -> Self | NumericColumn:
        """Codec of a summarised column; a :class:`NumericColumn` of atoms where there are few moments."""
        moments = summary.moments
        if len(moments.counts) <= config.max_atoms and moments.counts.exact:
            return replace(NumericColumn.fit(name, moments, config), grid=_grid(summary))
        calendar = days = None
        if 1 <= n_months(summary.days) <= MAX_MONTHS and summary.days.exact:
            calendar = Calendar.fit(summary.days, moments.specials.null, config)
        else:
            days = ValueScale.fit(summary.days, moments.specials, config, decimals=0, tails=False)
        clock = None
        if len(summary.clock) > 1:
            clock = ValueScale.fit(summary.clock, Specials(), config, decimals=0, tails=False)
        return cls(name, summary.number, calendar, days, clock, float(summary.clock.values[0]), _grid(summary))

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Month and day (or days in bins), and time of day."""
        date = self.calendar.tokens(self.name) if self.calendar else cast(ValueScale, self.days).tokens(self.name)
        if self.clock is None:
            return date
        clock = self.clock.tokens(self.name, ("time", "time fine"))
        first = clock[0] if self._null_code < 0 else self._beside_null(clock[0], date[0].n_codes)
        return (*date, first, *(replace(t, parent=len(date)) for t in clock[1:]))

    @property
    def _null_code(self) -> int:
        return self.calendar.null_code if self.calendar else cast(ValueScale, self.days).special_codes[0]

    def _beside_null(self, clock: Token, n_dates: int) -> Token:
        """The time of day with the date as its parent: beside null it has one code only."""
        prior = np.repeat(clock.log_marginal[None], n_dates, axis=0)
        prior[self._null_code] = -np.inf
        prior[self._null_code, 0] = 0.0
        return replace(clock, parent=0, log_prior=prior)

    @property
    def _n_date(self) -> int:
        return 2 if self.calendar else cast(ValueScale, self.days).n_tokens

    @property
    def null_codes(self) -> tuple[int, ...]:
        """The code of null of the month or the day, where there is one."""
        return (self._null_code,) if self._null_code >= 0 else ()

    def encode(self, series: pd.Series) -> ColumnCodes:
        """Codes of moments; a day that was not seen takes the nearest."""
        floats = read_floats(self.number, series)
        gone = np.isnan(floats)
        days, clock = split(self.number, np.where(gone, 0.0, floats))
        residuals = []
        if self.calendar:
            date = self.calendar.codes(days)
            if self._null_code >= 0:
                date[gone] = (self._null_code, 0)
        else:
            date, residual = cast(ValueScale, self.days).encode(np.where(gone, np.nan, days.astype(np.float64)))
            residuals = [residual]
        if self.clock is None:
            return ColumnCodes(date, residuals[0] if residuals else None)
        time, residual = self.clock.encode(clock)
        if self._null_code >= 0:
            time[gone] = 0
            time[gone, 1:] = self.clock.first_sub()[0]
        residuals.append(residual)
        kept = [part for part in residuals if part is not None]
        return ColumnCodes(np.hstack([date, time]), np.hstack(kept) if kept else None)

    def decode(self, coded: ColumnCodes, rng: np.random.Generator) -> pd.Series:
        """Moments of codes: legal, on the column's step, in its text form or zone."""
        gone = coded.codes[:, 0] == self._null_code
        n_residual, residual = 0, coded.residual
        if self.calendar:
            days = self.calendar.days(coded.codes)
        else:
            scale = cast(ValueScale, self.days)
            n_residual = scale.n_residual
            floats = scale.decode(coded.codes[:, : scale.n_tokens], _part(residual, 0, n_residual), rng)
            days = np.nan_to_num(floats).astype(np.int64)
        clock = np.full(len(coded.codes), self.midnight)
        if self.clock is not None:
            own = _part(residual, n_residual, n_residual + self.clock.n_residual)
            clock = self.clock.decode(coded.codes[:, self._n_date :], own, rng)
        floats = self.grid.moved_floats(self.number, put_together(self.number, days, clock))
        return self.number.decode(np.where(gone, np.nan, floats))

    def given(self, series: pd.Series) -> CodeArray:
        """Codes of the moments asked for."""
        floats = read_floats(self.number, series)
        gone = np.isnan(floats)
        days, clock = split(self.number, np.where(gone, 0.0, floats))
        if self.calendar:
            known = np.isin(days, self.calendar.known_days()) & ~gone | (gone & (self._null_code >= 0))
        else:
            known = cast(ValueScale, self.days).knows(np.where(gone, np.nan, days.astype(np.float64)))
        if self.clock is not None:
            known &= gone | self.clock.knows(clock)
        if not known.all():
            raise self._unseen(series.iloc[int(np.argmin(known))], int(days[int(np.argmin(known))]))
        return self.encode(series).codes

    def _unseen(self, value: object, day: int) -> InvalidDataError:
        if self.calendar:
            known = self.calendar.known_days()
            at = int(np.searchsorted(known, day))
            near = known[max(0, at - 2) : at + 2]
        else:
            near = np.array(cast(ValueScale, self.days).near(day), dtype=np.int64)
        listed = ", ".join(str(moment) for moment in near.astype("datetime64[D]"))
        return InvalidDataError(
            f"Column {self.name!r}: no row of the training table has a moment like {value!r}. Nearest days: {listed}.",
            {"column": self.name, "value": str(value)},
        )

    def state(self) -> tuple[dict[str, Json], Arrays]:
        """JSON types and arrays."""
        content: dict[str, Json] = {"name": self.name, "number": pack_number(self.number), "midnight": self.midnight}
        content["grid"] = self.grid.to_dict()
        arrays: Arrays = {}
        if self.calendar:
            content["n_null"] = self.calendar.n_null
            arrays |= {"months": self.calendar.months, "rows": self.calendar.rows}
        for part, scale in (("days", self.days), ("clock", self.clock)):
            if scale is not None:
                content[part], own = scale.state()
                arrays |= {f"{part}/{name}": array for name, array in own.items()}
        return content, arrays

    @classmethod
    def from_state(cls, content: dict[str, Json], arrays: Arrays) -> Self:
        """The codec that :meth:`state` wrote."""
        scales: dict[str, Any] = {"days": None, "clock": None}
        for part in scales:
            if part in content:
                own = {name.partition("/")[2]: a for name, a in arrays.items() if name.startswith(f"{part}/")}
                scales[part] = ValueScale.from_state(content[part], own)
        calendar = Calendar(arrays["months"], arrays["rows"], content["n_null"]) if "n_null" in content else None
        number = cast(TimeColumn, unpack_number(content["number"]))
        grid = CalendarGrid.from_dict(content.get("grid"))
        return cls(content["name"], number, calendar, scales["days"], scales["clock"], content["midnight"], grid)


def _grid(summary: MomentSummary) -> CalendarGrid:
    """Legal moments of the rows read, where their days, and with a zone their moments, were all kept."""
    number, moments = summary.number, summary.moments.counts
    if moments.exact:
        return CalendarGrid.of(number, moments.values.astype(np.int64) * number.step + number.origin, moments.total)
    if number.form == "zoned" or not summary.days.exact:
        return ANY_MOMENT
    return CalendarGrid.of(number, summary.days.values.astype(np.int64) * per_day(number), moments.total)


def _part(residual: Any, start: int, stop: int) -> Any:
    return residual[:, start:stop] if residual is not None and stop > start else None


__all__ = ["Calendar", "MomentColumn", "MomentSummary"]
