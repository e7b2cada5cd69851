"""Columns that only repeat a part of the date: the year, the month as a sheet's name, the weekday."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Days
from contrapeso.finance.entries._cells import Cells
from contrapeso.finance.entries._words import Words

Period = Literal["year", "month of the year", "month", "weekday", "day of the month"]
PERIODS: dict[Period, Words] = {
    "year": Words("o ano", "year"),
    "month of the year": Words("o mês", "month of the year"),
    "month": Words("o mês e o ano", "month and year"),
    "weekday": Words("o dia da semana", "weekday"),
    "day of the month": Words("o dia do mês", "day of the month"),
}
_LEAST_SHARE = 0.98
_ROWS_OF_A_PERIOD = 3
_MOST_VALUES = 1000
_LOOSE = 0.6


def periods_of(days: Days, period: Period) -> NDArray[np.int64]:
    """Number of the period of each day, shape of ``days``.

    >>> periods_of(np.array(["2024-02-29"], dtype="datetime64[D]"), "weekday").tolist()
    [3]
    """
    months = days.astype("datetime64[M]")
    numbers: NDArray[np.int64] = months.astype(np.int64)
    if period == "weekday":
        numbers = (days.astype(np.int64) + 3) % 7
    elif period == "day of the month":
        numbers = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    elif period != "month":
        numbers = numbers % 12 if period == "month of the year" else numbers // 12
    return numbers


@dataclass(frozen=True)
class Followed:
    """A period that a column follows.

    Attributes
    ----------
    period : which one
    share : share of rows that have the commonest value of their period
    values : of each period the value, or the values in the order of its rows where it is followed loosely
    """

    period: Period
    share: float
    values: dict[int, list[object]]


def period_of_column(cells: Cells, days: Days) -> Followed | None:
    """The period that a column follows, or None.

    98 % of the rows must have the commonest value of their period, and five times fewer the wrong one than if the
    commonest value of all were said; or four in ten fewer, of month and year, where a column follows it loosely (the
    month of a report, a few weeks after the payment). Each period must have three rows on the average.
    """
    n = len(cells)
    if n < 2 * _ROWS_OF_A_PERIOD or cells.n < n or len(cells.distinct) < 2:
        return None
    wrong = 1 - float(cells.counts.max()) / n
    for period in PERIODS:
        found = _followed(cells, days, period)
        if found and found.share >= _LEAST_SHARE and 1 - found.share <= 0.2 * wrong:
            return found
    loose = _followed(cells, days, "month", loose=True)
    return loose if loose and 1 - loose.share <= _LOOSE * wrong else None


def _followed(cells: Cells, days: Days, period: Period, *, loose: bool = False) -> Followed | None:
    seen, rows = np.unique(periods_of(days, period), return_inverse=True)
    n_values = len(cells.distinct)
    if len(seen) < 2 or len(cells) < _ROWS_OF_A_PERIOD * len(seen) or (n_values > len(seen) and not loose):
        return None
    if n_values > _MOST_VALUES:
        return None
    table = np.zeros((len(seen), n_values), dtype=np.int64)
    np.add.at(table, (rows, cells.codes), 1)
    share = float(table.max(axis=1).sum()) / len(cells)
    if not loose:
        best = table.argmax(axis=1).tolist()
        return Followed(period, share, {int(p): [cells.distinct[b]] for p, b in zip(seen, best, strict=True)})
    order = np.argsort(rows, kind="stable")
    parts = np.split(cells.codes[order], np.cumsum(np.bincount(rows))[:-1])
    drawn = {int(p): [cells.distinct[c] for c in part.tolist()] for p, part in zip(seen, parts, strict=True)}
    return Followed(period, share, drawn)


__all__ = ["PERIODS", "Followed", "Period", "period_of_column", "periods_of"]
