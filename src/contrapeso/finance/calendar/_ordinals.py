"""Where a date stands in its month, counted in every way that a recurring payment may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contrapeso.finance.calendar._calendar import BankCalendar
from contrapeso.finance.calendar._days import FIRST_DAY, Bools, Ints, day_offsets, month_bounds
from contrapeso.finance.calendar._rules import DatesLike


@dataclass(frozen=True, slots=True, eq=False)
class DateOrdinals:
    """Places of dates in their months; every array has the shape of the dates.

    Attributes
    ----------
    day : day of the month, 1 to 31.
    days_left : days after it in the month; 0 on the last.
    weekday : 0 is Monday.
    business, business_from_end : business days up to and with the date, and from it on. On the n-th business day
        of a month of N they are n and N + 1 - n; on a closed day they sum to N.
    labour, labour_from_end : the same with labour days (Monday to Saturday, legal holidays left out).
    is_business_day, is_labour_day : whether the date itself is one.
    is_month_end : whether it is the last day of the month.
    is_first_business_day, is_last_business_day : whether it is the first or last business day of the month.
    """

    day: Ints
    days_left: Ints
    weekday: Ints
    business: Ints
    business_from_end: Ints
    labour: Ints
    labour_from_end: Ints
    is_business_day: Bools
    is_labour_day: Bools
    is_month_end: Bools
    is_first_business_day: Bools
    is_last_business_day: Bools


def date_ordinals(dates: DatesLike, calendar: BankCalendar) -> DateOrdinals:
    """Ordinals of dates: by the calendar, by business days from both ends of the month, by labour days.

    Parameters
    ----------
    dates : array_like of dates, none missing
    calendar : BankCalendar

    Returns
    -------
    DateOrdinals

    Examples
    --------
    >>> from contrapeso.finance.calendar import bank_calendar
    >>> found = date_ordinals(["2025-03-06", "2025-03-31"], bank_calendar())
    >>> print(found.day, found.business, found.business_from_end, found.labour, found.is_last_business_day)
    [ 6 31] [ 2 19] [18  1] [ 5 26] [False  True]
    """
    offset, (first, after) = day_offsets(dates), month_bounds(dates)
    business, labour = calendar.business, calendar.labour
    is_business = business.contains(dates)
    from_start, from_end = business.ordinal(dates), business.ordinal_from_end(dates)
    return DateOrdinals(
        day=np.asarray(offset - first + 1),
        days_left=np.asarray(after - offset - 1),
        weekday=np.asarray((offset + FIRST_DAY.item().weekday()) % 7),
        business=from_start,
        business_from_end=from_end,
        labour=labour.ordinal(dates),
        labour_from_end=labour.ordinal_from_end(dates),
        is_business_day=is_business,
        is_labour_day=labour.contains(dates),
        is_month_end=np.asarray(after - offset == 1),
        is_first_business_day=np.asarray(is_business & (from_start == 1)),
        is_last_business_day=np.asarray(is_business & (from_end == 1)),
    )


__all__ = ["DateOrdinals", "date_ordinals"]
