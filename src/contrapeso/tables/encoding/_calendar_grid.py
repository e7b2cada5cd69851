"""Which moments of a column are legal: business days, firsts or lasts of a month, every fifteen minutes.

What no training row breaks becomes a rule, where there are rows enough to say so; a generated moment
that breaks it moves to the nearest one that does not. The rule is of the wall clock of a column with a zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables._numbers import TimeColumn

Ticks = NDArray[np.int64]
MonthEdge = Literal["first", "last"]

MIN_ROWS = 50
"""Rows from which a weekday that none of them has is no accident: one in seven is missed by 50 once in 2,000 tables."""
MIN_DAYS = 6
"""Different days from which it is no accident that all begin (or end) a month."""
MIN_CLOCKS = 8
"""Different times of day from which a common step is no accident."""
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_THURSDAY = 3  # 1970-01-01
_FAR = 2**62


@dataclass(frozen=True, slots=True)
class CalendarGrid:
    """Legal moments of a column.

    Attributes
    ----------
    weekdays : tuple of int
        Days of the week that may come, Monday is 0.
    month : {"first", "last"} or None
        The one day of a month that may come.
    clock : int
        Step of the time of day, in ticks of the column's unit; 1 where there is none.
    """

    weekdays: tuple[int, ...] = EVERY_DAY
    month: MonthEdge | None = None
    clock: int = 1

    @classmethod
    def of(cls, number: TimeColumn, ticks: Ticks, n_rows: float) -> Self:
        """What ``ticks``, the different moments of ``n_rows`` rows, have in common."""
        if n_rows < MIN_ROWS or not len(ticks):
            return cls()
        per_day = ticks_per_day(number)
        wall = to_wall(number, ticks)
        days = np.unique(wall // per_day)
        month = month_edge(days)
        weekdays = tuple(int(d) for d in np.unique((days + _THURSDAY) % 7))
        return cls(EVERY_DAY if month else weekdays, month, _clock_step(wall % per_day, number.step, per_day))

    def relaxed(self, number: TimeColumn, ticks: Ticks) -> Self:
        """The grid that has these moments too."""
        if self.is_free or not len(ticks):
            return self
        per_day, wall = ticks_per_day(number), to_wall(number, ticks)
        days = np.unique(wall // per_day)
        month = None if self.month is None or bool((_edge(days, self.month) != days).any()) else self.month
        weekdays = {int(d) for d in np.unique((days + _THURSDAY) % 7)}
        clock = int(np.gcd.reduce(np.unique(wall % per_day), initial=self.clock))
        return replace(self, weekdays=tuple(sorted(weekdays.union(self.weekdays))), month=month, clock=clock)

    def __or__(self, other: CalendarGrid) -> CalendarGrid:
        """The moments that either allows (a weekday beside a month's edge: every day)."""
        weekdays = tuple(sorted({*self.weekdays, *other.weekdays}))
        month = self.month if self.month == other.month else None
        return CalendarGrid(weekdays, month, int(np.gcd(self.clock, other.clock)))

    @property
    def is_free(self) -> bool:
        """Whether every moment is legal."""
        return self == ANY_MOMENT

    def moved(
        self, number: TimeColumn, ticks: Ticks, *, least: Ticks | None = None, most: Ticks | None = None
    ) -> Ticks:
        """The nearest legal moments; none falls below ``least`` or rises above ``most`` by being moved."""
        if self.is_free:
            return ticks
        per_day, wall = ticks_per_day(number), to_wall(number, ticks)
        bad = np.flatnonzero(~self._legal(wall, per_day))
        if not len(bad):
            return ticks
        place = np.full(len(bad), 0, dtype=np.int64)
        chosen = from_wall(number, self._snapped(wall[bad], per_day, place))
        if least is not None:
            place = np.where(chosen < least[bad], 1, place)
        if most is not None:
            place = np.where(chosen > most[bad], -1, place)
        out = ticks.copy()
        out[bad] = from_wall(number, self._snapped(wall[bad], per_day, place))
        return out

    def moved_floats(self, number: TimeColumn, floats: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest legal moments of encoded ones; NaN stays."""
        present = ~np.isnan(floats)
        if self.is_free or not present.any():
            return floats
        ticks = floats[present].astype(np.int64) * number.step + number.origin
        moved = floats.copy()
        moved[present] = (self.moved(number, ticks) - number.origin) // number.step
        return moved

    def _legal(self, wall: Ticks, per_day: int) -> NDArray[np.bool_]:
        days = wall // per_day
        good = np.isin((days + _THURSDAY) % 7, self.weekdays) & ((wall % per_day) % self.clock == 0)
        if self.month is not None:
            good &= _edge(days, self.month) == days
        return np.asarray(good, dtype=bool)

    def _snapped(self, wall: Ticks, per_day: int, direction: Ticks) -> Ticks:
        """Wall moments on the grid: the nearest (0), the next (1) or the last (-1)."""
        shift = np.choose(direction + 1, [0, self.clock // 2, self.clock - 1])
        wall = (wall + shift) // self.clock * self.clock
        days, clock = wall // per_day, wall % per_day
        days = self._day_of_month(days, direction) if self.month else self._weekday(days, direction)
        return days * per_day + clock

    def _weekday(self, days: Ticks, direction: Ticks) -> Ticks:
        table = np.array([[_shift(day, self.weekdays, way) for day in range(7)] for way in (-1, 0, 1)])
        return np.asarray(days + table[direction + 1, (days + _THURSDAY) % 7], dtype=np.int64)

    def _day_of_month(self, days: Ticks, direction: Ticks) -> Ticks:
        here = _edge(days, cast(MonthEdge, self.month))
        step = np.where(here > days, -1, 1)  # the edge of the month beside it, on the other side of the day
        beside = _edge(days, cast(MonthEdge, self.month), step)
        below, above = np.minimum(here, beside), np.maximum(here, beside)
        near = np.where(days - below <= above - days, below, above)
        moved = np.choose(direction + 1, [below, near, above])
        return np.where(here == days, days, moved).astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """The grid as JSON types."""
        return {"weekdays": list(self.weekdays), "month": self.month, "clock": self.clock}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> Self:
        """The grid that :meth:`to_dict` wrote; the free one for None, which archives before it hold."""
        return cls() if data is None else cls(tuple(data["weekdays"]), data["month"], int(data["clock"]))


ANY_MOMENT = CalendarGrid()


def ticks_per_day(number: TimeColumn) -> int:
    """Ticks of a day in the column's unit."""
    return max(1, round(number.step / number.scale))


def month_edge(days: Ticks) -> MonthEdge | None:
    """Whether all of these different days begin, or end, a month."""
    if len(days) < MIN_DAYS:
        return None
    edges: tuple[MonthEdge, ...] = ("first", "last")
    return next((edge for edge in edges if bool((_edge(days, edge) == days).all())), None)


def _edge(days: Ticks, edge: MonthEdge, months: int | Ticks = 0) -> Ticks:
    """First or last day of the month of each day, or of a month so many after it."""
    month = days.astype("datetime64[D]").astype("datetime64[M]") + months
    if edge == "first":
        return np.asarray(month.astype("datetime64[D]").astype(np.int64))
    return np.asarray((month + 1).astype("datetime64[D]").astype(np.int64) - 1)


def _clock_step(clocks: Ticks, step: int, per_day: int) -> int:
    different = np.unique(clocks)
    if len(different) < MIN_CLOCKS:
        return 1
    common = int(np.gcd.reduce(different))
    return common if common > step and per_day % common == 0 else 1


def _shift(day: int, allowed: tuple[int, ...], way: int) -> int:
    """Days to the nearest allowed weekday: back (-1), on (1) or either (0, back where both are as near)."""
    back = next(k for k in range(7) if (day - k) % 7 in allowed)
    on = next(k for k in range(7) if (day + k) % 7 in allowed)
    return {-1: -back, 1: on, 0: -back if back <= on else on}[way]


def to_wall(number: TimeColumn, ticks: Ticks) -> Ticks:
    """Ticks of the wall clock; the same ticks without a zone."""
    if number.form != "zoned":
        return ticks
    local = pd.DatetimeIndex(ticks.view(f"M8[{number.unit}]")).tz_localize("UTC").tz_convert(_zone(number))
    return _ticks_of(local.tz_localize(None), number)


def from_wall(number: TimeColumn, wall: Ticks) -> Ticks:
    """Ticks of moments of the wall clock."""
    if number.form != "zoned":
        return wall
    local = pd.DatetimeIndex(wall.view(f"M8[{number.unit}]"))
    zoned = local.tz_localize(_zone(number), ambiguous=np.ones(len(wall), dtype=bool), nonexistent="shift_forward")
    return _ticks_of(zoned.tz_convert("UTC").tz_localize(None), number)


def _zone(number: TimeColumn) -> Any:
    return cast(Any, pd.Series([], dtype=number.dtype)).dt.tz


def _ticks_of(moments: pd.DatetimeIndex, number: TimeColumn) -> Ticks:
    ticks: Ticks = moments.to_numpy().astype(f"M8[{number.unit}]").astype(np.int64)
    return ticks


__all__ = ["ANY_MOMENT", "MIN_ROWS", "CalendarGrid", "from_wall", "month_edge", "ticks_per_day", "to_wall"]
