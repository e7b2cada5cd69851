"""Where a payment goes whose day is closed."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.calendar._days import FIRST_DAY, OpenDays, day_offsets
from contrapeso.finance.calendar._rules import Dates, DatesLike

Roll: TypeAlias = Literal["following", "preceding", "modified_following", "none"]


def roll_dates(dates: DatesLike, roll: Roll, days: OpenDays) -> Dates:
    """Each date moved to an open day by a convention.

    Parameters
    ----------
    dates : array_like of dates
    roll : {"following", "preceding", "modified_following", "none"}
        The next open day; the one before; the next one unless it lies in another month, else the one before; or
        the date as it is.
    days : OpenDays, mostly ``calendar.business``

    Returns
    -------
    ndarray of datetime64[D], shape of ``dates``

    Examples
    --------
    >>> from contrapeso.finance.calendar import bank_calendar
    >>> business = bank_calendar().business
    >>> for roll in ("following", "preceding", "modified_following", "none"):
    ...     print(roll, roll_dates("2025-08-31", roll, business))
    following 2025-09-01
    preceding 2025-08-29
    modified_following 2025-08-29
    none 2025-08-31
    """
    if roll not in get_args(Roll):
        raise InvalidParameterError(f"roll is one of {', '.join(get_args(Roll))}; got {roll!r}.")
    if roll == "following":
        return days.following(dates)
    if roll == "preceding":
        return days.preceding(dates)
    as_is = np.asarray(FIRST_DAY + day_offsets(dates))
    if roll == "none":
        return as_is
    later = days.following(as_is)
    left = later.astype("datetime64[M]") != as_is.astype("datetime64[M]")
    later[left] = days.preceding(as_is[left])
    return later


__all__ = ["Roll", "roll_dates"]
