"""Days of some years side by side with all that a payment law may name: open days, ordinals, anchor dates.

One grid serves all groups of the same years. Inside the table of the calendar its bank and labour days hold; before
2000 and after 2099, or without a calendar, only weekends are closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.finance._ledger import Days
from contrapeso.finance.calendar import FIRST_DAY, LAST_DAY, BankCalendar
from contrapeso.finance.series._anchors import ANCHORS, Anchor

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

EXACT, NEAR = 1, 2
N_DAY_TYPES = 8
HOLIDAY = 7
_MOST_YEARS = 400
_MONDAY_OFFSET = 3  # 1970-01-01 was a Thursday
_FIRST, _LAST = int(FIRST_DAY.astype(np.int64)), int(LAST_DAY.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Grid:
    """Consecutive days of whole months.

    Attributes
    ----------
    first : int
        Days from 1970-01-01 to the first day of the grid, which opens a month.
    first_month : int
        Months from 1970-01 to the first month.
    starts : int64, shape (n_months + 1,)
        Offset of the first day of each month, and the length of the grid at its end.
    is_open, is_labour : bool, shape (n_days,)
        Bank days and labour days.
    known : bool, shape (n_days,)
        Whether the calendar speaks about the day; where it does not, weekends are the only closed days.
    """

    first: int
    first_month: int
    starts: Ints
    is_open: Bools
    is_labour: Bools
    known: Bools

    @property
    def n_days(self) -> int:
        """Days of the grid."""
        return int(self.starts[-1])

    @cached_property
    def month(self) -> Ints:
        """Place of each day's month in the grid, shape (n_days,)."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def day(self) -> Ints:
        """Day of the month less 1, shape (n_days,)."""
        return np.arange(self.n_days) - self.starts[self.month]

    @cached_property
    def day_type(self) -> Ints:
        """0 Monday to 6 Sunday, 7 a weekday on which banks are closed; shape (n_days,)."""
        weekday = (np.arange(self.n_days) + self.first + _MONDAY_OFFSET) % 7
        return np.where((weekday < 5) & ~self.is_open, HOLIDAY, weekday)

    @cached_property
    def hits(self) -> Bytes:
        """How each anchor meets each day: 1 exactly, 2 one (open) day beside it, 0 not; shape (n_anchors, n_days)."""
        found = np.zeros((len(ANCHORS), self.n_days), dtype=np.uint8)
        for place, anchor in enumerate(ANCHORS):
            dates = self.dates_of(anchor)
            if anchor.roll == "none":
                beside = np.concatenate([dates - 1, dates + 1])
            else:
                at = self._n_open[dates]
                beside = self._open_at(np.concatenate([at - 1, at + 1]))
            found[place, beside[(beside >= 0) & (beside < self.n_days)]] = NEAR
            found[place, dates] = EXACT
        return found

    def dates_of(self, anchor: Anchor) -> Ints:
        """Offsets of the days that ``anchor`` names, at most one for each month, increasing."""
        starts, ends = self.starts[:-1], self.starts[1:]
        if anchor.kind == "day":
            nominal = np.minimum(starts + anchor.number, ends) - 1
        else:
            before, days = (
                (self._n_labour, self._labour_days) if anchor.kind == "labour" else (self._n_open, self._open_days)
            )
            place = before[ends] - anchor.number if anchor.kind == "from_end" else before[starts] + anchor.number - 1
            place = place[(place >= before[starts]) & (place < before[ends])]
            nominal = days[place]
        return np.asarray(self._rolled(nominal, anchor.roll))

    def nominal(self, number: int, offset: int) -> int:
        """The day ``number`` of a month that is nearest to a day of the grid."""
        month = int(self.month[offset])
        near = np.arange(max(month - 1, 0), min(month + 2, len(self.starts) - 1))
        dates = np.minimum(self.starts[near] + number, self.starts[near + 1]) - 1
        return int(dates[np.abs(dates - offset).argmin()])

    def _rolled(self, dates: Ints, roll: str) -> Ints:
        """Open days for ``dates``; those that would leave the grid are dropped."""
        if roll == "none":
            return dates
        place = self._n_open[dates] if roll == "following" else self._n_open[dates + 1] - 1
        return self._open_at(place)

    def _open_at(self, place: Ints) -> Ints:
        """Open days by number, those outside the grid left out."""
        return np.asarray(self._open_days[place[(place >= 0) & (place < len(self._open_days))]])

    @cached_property
    def _n_open(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.is_open)])

    @cached_property
    def _n_labour(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.is_labour)])

    @cached_property
    def _open_days(self) -> Ints:
        return np.flatnonzero(self.is_open)

    @cached_property
    def _labour_days(self) -> Ints:
        return np.flatnonzero(self.is_labour)


def grid_of(first: np.datetime64, last: np.datetime64, calendar: BankCalendar | None) -> Grid:
    """The grid of the whole years from ``first`` to ``last``, with a month on either side.

    Raises
    ------
    InvalidDataError
        If there are more than 400 years between them.
    """
    years = [int(day.astype("datetime64[Y]").astype(np.int64)) for day in (first, last)]
    if years[1] - years[0] > _MOST_YEARS:
        raise InvalidDataError(
            f"Days from {first} to {last} are more than {_MOST_YEARS} years apart, which no ledger is. "
            "Correct the year of the first or last rows, or leave them out."
        )
    return _build(years[0] * 12 - 1, (years[1] + 1) * 12 + 1, calendar)


@lru_cache(maxsize=64)
def _build(first_month: int, end_month: int, calendar: BankCalendar | None) -> Grid:
    """The grid of months ``first_month`` up to, and without, ``end_month``, counted from 1970-01."""
    months = np.arange(first_month, end_month + 1).astype("datetime64[M]")
    starts = months.astype("datetime64[D]").astype(np.int64)
    days = np.arange(starts[0], starts[-1])
    weekday = (days + _MONDAY_OFFSET) % 7
    is_open, is_labour = weekday < 5, weekday < 6
    known = (days >= _FIRST) & (days <= _LAST) & (calendar is not None)
    if calendar is not None:
        is_open[known] = calendar.business.mask[days[known] - _FIRST]
        is_labour[known] = calendar.labour.mask[days[known] - _FIRST]
    return Grid(int(starts[0]), first_month, starts - starts[0], is_open, is_labour, known)


def ordinals(days: Days) -> Ints:
    """Days from 1970-01-01."""
    return np.asarray(days.astype("datetime64[D]").astype(np.int64))


__all__ = ["EXACT", "HOLIDAY", "NEAR", "N_DAY_TYPES", "Bools", "Grid", "Ints", "grid_of", "ordinals"]
