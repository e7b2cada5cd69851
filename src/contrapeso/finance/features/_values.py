"""What a classifier can read off an amount and a day: sign, size, cents, roundness, place in the month and week."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AMOUNT_NAMES = ("sign", "log", "whole", "ends_50", "ends_9", "tens", "fifties", "hundreds", "missing")
CALENDAR_NAMES = ("day", "weekday", "days_left", "month_end", "missing")
N_PARTS_OF_MONTH = 6  # five days each, the last one longer
N_WEEKDAYS = 7


def amount_columns(cents: Floats) -> Floats:
    """Sign, log(1 + |amount|) in units, the pattern of the cents and the roundness of amounts.

    Parameters
    ----------
    cents : ndarray of shape (n,), signed centavos; NaN where the amount is missing

    Returns
    -------
    ndarray of shape (n, 9), columns ``AMOUNT_NAMES``; zeros beside ``missing`` = 1

    Notes
    -----
    ``whole`` is an amount without cents; ``ends_9`` ends in 90 or 99 centavos; ``tens``, ``fifties`` and
    ``hundreds`` are multiples of 10, 50 and 100 units. Fees end in anything, withdrawals are round.
    """
    gone = np.isnan(cents)
    size = np.abs(np.where(gone, 0.0, cents))
    last = size % 100
    columns = np.column_stack(
        [
            np.sign(np.where(gone, 0.0, cents)),
            np.log1p(size / 100),
            last == 0,
            last == 50,
            (last == 90) | (last == 99),
            size % 1_000 == 0,
            size % 5_000 == 0,
            size % 10_000 == 0,
        ]
    ).astype(np.float64)
    columns[gone] = 0.0
    return np.column_stack([columns, gone.astype(np.float64)])


def calendar_columns(dates: pd.Series) -> Floats:
    """Day of the month, weekday (Monday is 0), days left in the month, whether it is the last one, and missing.

    Returns
    -------
    ndarray of shape (n, 5), columns ``CALENDAR_NAMES``; zeros beside ``missing`` = 1
    """
    gone = dates.isna().to_numpy()
    day = dates.dt.day.fillna(0).to_numpy(dtype=np.float64)
    weekday = dates.dt.dayofweek.fillna(0).to_numpy(dtype=np.float64)
    left = (dates.dt.days_in_month - dates.dt.day).fillna(0).to_numpy(dtype=np.float64)
    return np.column_stack([day, weekday, left, (left == 0) & ~gone, gone]).astype(np.float64)


def calendar_flags(columns: Floats) -> Floats:
    """:func:`calendar_columns` for a linear model: weekday and part of the month as flags, the month as a circle.

    Returns
    -------
    ndarray of shape (n, 17)
    """
    day, weekday, left, last, missing = columns.T
    there = (1 - missing)[:, None]
    part = np.minimum((np.maximum(day, 1) - 1) // 5, N_PARTS_OF_MONTH - 1).astype(np.intp)
    turn = 2 * np.pi * day / 31
    flags = [
        np.eye(N_WEEKDAYS)[weekday.astype(np.intp)],
        np.eye(N_PARTS_OF_MONTH)[part],
        np.column_stack([last, left < 3, np.sin(turn), np.cos(turn)]),
    ]
    return np.asarray(np.hstack(flags) * there, dtype=np.float64)


def flag_names() -> list[str]:
    """Names of the columns of :func:`calendar_flags`."""
    weekdays = [f"weekday={i}" for i in range(N_WEEKDAYS)]
    parts = [f"day_part={i}" for i in range(N_PARTS_OF_MONTH)]
    return [*weekdays, *parts, "month_end", "last_days", "month_sin", "month_cos"]


__all__ = [
    "AMOUNT_NAMES",
    "CALENDAR_NAMES",
    "Floats",
    "amount_columns",
    "calendar_columns",
    "calendar_flags",
    "flag_names",
]
