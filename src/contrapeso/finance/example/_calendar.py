"""Brazilian bank days: national holidays by rule, and the days on which obligations fall.

Enough for the example company; municipal holidays and half-days are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25))
_EASTER_OFFSETS = (-48, -47, -2, 60)  # Carnival Monday and Tuesday, Good Friday, Corpus Christi
_BLACK_AWARENESS_SINCE = 2024  # Lei 14.759/2023 made 20 November a national holiday


def easter(year: int) -> date:
    """Easter Sunday of ``year`` in the Gregorian calendar.

    References
    ----------
    .. [1] Anonymous correspondent, Nature 13 (1876), p. 487; Meeus, "Astronomical Algorithms", ch. 8.

    Examples
    --------
    >>> easter(2024)
    datetime.date(2024, 3, 31)
    """
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@cache
def holidays(year: int) -> frozenset[date]:
    """Days of ``year`` on which banks are closed in the whole country, weekends aside."""
    days = {date(year, month, day) for month, day in _FIXED}
    days |= {easter(year) + timedelta(days=offset) for offset in _EASTER_OFFSETS}
    if year >= _BLACK_AWARENESS_SINCE:
        days.add(date(year, 11, 20))
    return frozenset(days)


def is_bank_day(day: date) -> bool:
    """Whether banks are open on ``day``."""
    return day.weekday() < 5 and day not in holidays(day.year)


def following(day: date) -> date:
    """``day``, or the next bank day if banks are closed."""
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def preceding(day: date) -> date:
    """``day``, or the last bank day before it if banks are closed."""
    while not is_bank_day(day):
        day -= timedelta(days=1)
    return day


def days_of(year: int, month: int) -> Iterator[date]:
    """All days of a month."""
    day = date(year, month, 1)
    while day.month == month:
        yield day
        day += timedelta(days=1)


def bank_days(year: int, month: int) -> list[date]:
    """Bank days of a month, in order."""
    return [day for day in days_of(year, month) if is_bank_day(day)]


def payday(year: int, month: int) -> date:
    """Last day to pay the wages of the month before, through a bank.

    The fifth working day, Saturdays counted (CLT art. 459, par. 1); on a Saturday, the bank day before.
    """
    working = [day for day in days_of(year, month) if day.weekday() < 6 and day not in holidays(year)]
    return preceding(working[4])


__all__ = ["bank_days", "days_of", "easter", "following", "holidays", "is_bank_day", "payday", "preceding"]
