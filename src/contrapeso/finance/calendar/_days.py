"""Arithmetic on the open days of a century: every question is a lookup in two arrays.

``n_before[i]`` counts the open days before day ``i``, and ``open_days[k]`` is the k-th open day. They are
inverses of each other: the first open day at or after ``i`` is ``open_days[n_before[i]]``, the n-th one
after it is n places further, and the open days between two days are a difference. Nothing loops.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.finance.calendar._rules import FIRST_YEAR, LAST_YEAR, Dates, DatesLike

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Array = TypeVar("Array", Bools, Ints)

FIRST_DAY = np.datetime64(f"{FIRST_YEAR}-01-01", "D")
LAST_DAY = np.datetime64(f"{LAST_YEAR}-12-31", "D")
N_DAYS = int((LAST_DAY - FIRST_DAY).astype(np.int64)) + 1
_SPAN = f"from {FIRST_DAY} to {LAST_DAY}"


@dataclass(frozen=True, eq=False)
class OpenDays:
    """Open days from 2000-01-01 to 2099-12-31, with arithmetic on arrays of dates.

    Every method takes anything that numpy reads as dates without time zone (``datetime64`` of any unit,
    ``datetime.date``, ISO text, a pandas column); a time of day is ignored. Answers have the shape of the
    argument. Missing dates and dates outside the table raise :class:`~contrapeso.errors.InvalidDataError`.

    Attributes
    ----------
    mask : ndarray of bool, shape (36525,), whether each day of the table is open.

    Examples
    --------
    >>> from contrapeso.finance.calendar import bank_calendar
    >>> business = bank_calendar().business
    >>> print(business.contains(["2024-11-19", "2024-11-20"]))
    [ True False]
    >>> print(business.add("2024-11-19", [1, 2, -1]))
    ['2024-11-21' '2024-11-22' '2024-11-18']
    """

    mask: Bools

    def __post_init__(self) -> None:
        if self.mask.shape != (N_DAYS,) or self.mask.dtype != np.bool_:
            raise InvalidDataError(
                f"mask has one bool for each of the {N_DAYS} days {_SPAN}; got shape {self.mask.shape} of "
                f"{self.mask.dtype}. Build calendars with bank_calendar()."
            )
        object.__setattr__(self, "mask", _frozen(self.mask.copy()))

    @cached_property
    def n_before(self) -> Ints:
        """Open days before each day of the table, shape (36526,)."""
        return _frozen(np.concatenate([[0], np.cumsum(self.mask, dtype=np.int64)]))

    @cached_property
    def open_days(self) -> Ints:
        """Offsets of the open days from 2000-01-01, increasing."""
        return _frozen(np.flatnonzero(self.mask))

    def contains(self, dates: DatesLike) -> Bools:
        """Whether each date is open."""
        return np.asarray(self.mask[day_offsets(dates)])

    def following(self, dates: DatesLike) -> Dates:
        """Each date, or the first open day after it."""
        return self._at(self.n_before[day_offsets(dates)])

    def preceding(self, dates: DatesLike) -> Dates:
        """Each date, or the last open day before it."""
        return self._at(self.n_before[day_offsets(dates) + 1] - 1)

    def next(self, dates: DatesLike) -> Dates:
        """The first open day after each date."""
        return self.add(dates, 1)

    def previous(self, dates: DatesLike) -> Dates:
        """The last open day before each date."""
        return self.add(dates, -1)

    def add(self, dates: DatesLike, n: ArrayLike) -> Dates:
        """The n-th open day after each date, or before it for a negative ``n``.

        Parameters
        ----------
        dates : array_like of dates
        n : array_like of int, broadcast against ``dates``; 0 leaves a date as it is, open or not

        Returns
        -------
        ndarray of datetime64[D], the shape of both together
        """
        day, steps = np.broadcast_arrays(day_offsets(dates), _whole(n))
        place = np.where(steps > 0, self.n_before[day + 1] - 1, self.n_before[day]) + steps
        return np.where(steps == 0, FIRST_DAY + day, self._at(np.where(steps == 0, 0, place)))

    def count(self, start: DatesLike, end: DatesLike) -> Ints:
        """Open days from ``start`` up to, and without, ``end``; negative where ``end`` comes first.

        ``count(a, b) == -count(b, a)`` and ``count(a, b) + count(b, c) == count(a, c)`` for all days.
        """
        return np.asarray(self.n_before[day_offsets(end, "end")] - self.n_before[day_offsets(start, "start")])

    def ordinal(self, dates: DatesLike) -> Ints:
        """Open days of the month up to and with each date: 1 on the first one, 0 on closed days before it."""
        first, _ = month_bounds(dates)
        return np.asarray(self.n_before[day_offsets(dates) + 1] - self.n_before[first])

    def ordinal_from_end(self, dates: DatesLike) -> Ints:
        """Open days of the month from each date on: 1 on the last one, 0 on closed days after it."""
        _, after = month_bounds(dates)
        return np.asarray(self.n_before[after] - self.n_before[day_offsets(dates)])

    def n_in_month(self, months: DatesLike) -> Ints:
        """Open days in the month of each date; ``"2025-03"`` is a month too."""
        first, after = month_bounds(months)
        return np.asarray(self.n_before[after] - self.n_before[first])

    def nth_of_month(self, months: DatesLike, n: ArrayLike) -> Dates:
        """The n-th open day of each month; -1 is the last one.

        Raises
        ------
        InvalidDataError
            If ``n`` is 0 or a month has fewer open days.

        Examples
        --------
        >>> from contrapeso.finance.calendar import bank_calendar
        >>> print(bank_calendar().business.nth_of_month("2025-03", [1, 5, -1]))
        ['2025-03-05' '2025-03-11' '2025-03-31']
        """
        (first, after), steps = month_bounds(months), _whole(n)
        low, high = self.n_before[first], self.n_before[after]
        place = np.where(steps > 0, low + steps - 1, high + steps)
        bad = (steps == 0) | (place < low) | (place >= high)
        if np.any(bad):
            shape = bad.shape
            month, step = (np.broadcast_to(values, shape)[bad][0] for values in (FIRST_DAY + first, steps))
            raise InvalidDataError(
                f"{month.astype('datetime64[M]')} has {self.n_in_month(month)} open days; number {step} was asked. "
                "Days count from 1, or from -1 at the end of the month."
            )
        return self._at(place)

    def _at(self, place: Ints) -> Dates:
        """Open days by their number in the table, 0 the first."""
        if np.any((place < 0) | (place >= len(self.open_days))):
            raise InvalidDataError(
                f"The answer is an open day outside the calendar, which goes {_SPAN}. "
                "Stay some days away from its ends."
            )
        return np.asarray(FIRST_DAY + self.open_days[place])


def day_offsets(dates: DatesLike, name: str = "dates") -> Ints:
    """Days from 2000-01-01 to each date, shape of ``dates``.

    Raises
    ------
    InvalidDataError
        If a date is missing, outside the table, has a time zone, or is no date.
    """
    days = _naive_days(dates, name)
    missing = np.isnat(days)
    if np.any(missing):
        raise InvalidDataError(
            f"{name} has {np.count_nonzero(missing)} missing dates; the calendar needs every one. Ask about the "
            "rows that have a date only."
        )
    outside = (days < FIRST_DAY) | (days > LAST_DAY)
    if np.any(outside):
        raise InvalidDataError(
            f"{name} has {days[outside][0]}; the calendar goes {_SPAN}. Leave such rows out or correct their year."
        )
    return np.asarray((days - FIRST_DAY).astype(np.int64))


def month_bounds(dates: DatesLike) -> tuple[Ints, Ints]:
    """Offsets of the first day of each date's month and of the next month, shape of ``dates``."""
    first, after = _months_of_days()
    offsets = day_offsets(dates)
    return np.asarray(first[offsets]), np.asarray(after[offsets])


@cache
def _months_of_days() -> tuple[Ints, Ints]:
    """Bounds of the month of each day of the table: a look-up is some 25 times faster than numpy dates."""
    months = (FIRST_DAY + np.arange(N_DAYS)).astype("datetime64[M]")
    first, after = ((month.astype("datetime64[D]") - FIRST_DAY).astype(np.int64) for month in (months, months + 1))
    return _frozen(first), _frozen(after)


def _frozen(array: Array) -> Array:
    """``array``, read-only: a calendar serves many callers."""
    array.setflags(write=False)
    return array


def _naive_days(dates: DatesLike, name: str) -> Dates:
    """``dates`` as datetime64[D]; numbers and time zones are refused, since numpy would reinterpret them."""
    raw = np.asarray(dates)
    zoned = getattr(getattr(dates, "dtype", None), "tz", None) is not None
    if zoned or (raw.dtype == object and any(getattr(value, "tzinfo", None) is not None for value in raw.flat)):
        raise InvalidDataError(
            f"{name} has a time zone, in which a day may be another day than at the bank. Convert it first, for "
            'example with .dt.tz_convert("America/Sao_Paulo").dt.tz_localize(None).'
        )
    try:
        if raw.dtype.kind in "MOU" or raw.size == 0:
            return raw.astype("datetime64[D]")
    except (TypeError, ValueError) as error:
        raise InvalidDataError(
            f"{name} holds something that is no date: {error}. Write dates as 2025-03-31."
        ) from error
    raise InvalidDataError(f"{name} are dates; got {raw.dtype} values. Give datetime64, datetime.date or ISO text.")


def _whole(n: ArrayLike) -> Ints:
    """Whole numbers of days, as int64."""
    steps = np.asarray(n)
    if steps.dtype.kind not in "iu":
        raise InvalidDataError(f"n counts days in whole numbers; got {steps.dtype} values. Give integers.")
    return steps.astype(np.int64)


__all__ = ["FIRST_DAY", "LAST_DAY", "N_DAYS", "Bools", "Ints", "OpenDays", "day_offsets", "month_bounds"]
