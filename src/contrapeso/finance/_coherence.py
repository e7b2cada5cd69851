"""What a synthetic bank row must never contradict: the sign of its amount, and the days a bank posts on.

The samplers know columns, not meanings. These repairs hold by construction before a row is shown to
anybody: the type follows the sign of the amount, and a date is one on which the real table has
postings. Classes that never post at weekends share the days of all such classes, so they get no
weekend and no bank holiday; the others (PIX, cards) may have any posting day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TYPES = {"bank": ("debit", "credit"), "company": ("expense", "income")}
SATURDAY = 5


def make_coherent(made: pd.DataFrame, real: pd.DataFrame, by: str) -> pd.DataFrame:
    """``made`` with ``transaction_type`` and ``date`` made consistent with ``amount_cents`` and ``real``.

    Parameters
    ----------
    made, real : frames with ``date`` (datetime64), ``amount_cents`` (integer), ``transaction_type`` and ``by``
    by : column of the classes, whose posting days differ

    Returns
    -------
    A new frame; ``made`` is not changed. Rows with amount 0 keep their type.
    """
    return made.assign(date=_dates(made, real, by), transaction_type=_types(made, real))


def _types(made: pd.DataFrame, real: pd.DataFrame) -> pd.Series:
    seen = set(real["transaction_type"].unique())
    negative, positive = TYPES["company" if seen & set(TYPES["company"]) else "bank"]
    types = made["transaction_type"].astype(object)
    types = types.mask(made["amount_cents"] < 0, negative).mask(made["amount_cents"] > 0, positive)
    return types.astype(made["transaction_type"].dtype)


def _dates(made: pd.DataFrame, real: pd.DataFrame, by: str) -> pd.Series:
    dated = real[real["date"].notna() & real[by].notna()]
    weekend = dated["date"].dt.dayofweek >= SATURDAY
    any_day = dated[by].isin(dated.loc[weekend, by].unique())
    free = made[by].isin(dated.loc[any_day, by].unique())
    dates = made["date"].copy()
    for rows, days in ((free, dated["date"]), (~free, dated.loc[~any_day, "date"])):
        dates[rows] = nearest_day(dates[rows], np.sort(days.unique()))
    return dates


def nearest_day(dates: pd.Series, days: NDArray[np.datetime64]) -> pd.Series:
    """Each date moved to the nearest of the sorted ``days``, the earlier one on a tie; missing dates stay."""
    if not len(days) or dates.empty:
        return dates
    values = dates.to_numpy(dtype=days.dtype)
    right = np.searchsorted(days, values).clip(0, len(days) - 1)
    left = np.maximum(right - 1, 0)
    nearer_left = np.abs(values - days[left]) <= np.abs(days[right] - values)
    moved = pd.Series(np.where(nearer_left, days[left], days[right]), index=dates.index)
    return moved.where(dates.notna(), dates).astype(dates.dtype)


__all__ = ["make_coherent", "nearest_day"]
