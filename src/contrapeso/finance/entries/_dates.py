"""Days as a caller writes them: read as the bank's own day, never shifted by a zone, and written back the same way.

A new row gets a day, never an hour: a clock that is the same in all rows is kept, one that varies becomes midnight.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.finance._ledger import Days
from contrapeso.finance.entries._amounts import BAD, MISSING
from contrapeso.finance.entries._cells import Cells, Mask, plain
from contrapeso.finance.entries._day_text import DayText, learn_day_text
from contrapeso.tables.reading import DateStyle, detect_date_style, parse_datetime

_EPOCH = dt.date(1899, 12, 30)
_MIDNIGHT = dt.time()


@dataclass(frozen=True)
class ReadDays:
    """Days of a column.

    Attributes
    ----------
    days : datetime64[D], shape (n,); NaT where there is a problem
    problem : int8, shape (n,); 0 none, 1 missing, 2 not a date of 1900 to 2099
    style : order of day and month
    """

    days: Days
    problem: NDArray[np.int8]
    style: DateStyle

    @property
    def ok(self) -> Mask:
        """bool, shape (n,): days that could be read."""
        ok: Mask = self.problem == 0
        return ok

    @property
    def share(self) -> float:
        """Share of the days that are there which could be read; 0 where there is none."""
        there = int((self.problem != MISSING).sum())
        return float(self.ok.sum()) / there if there else 0.0


def read_days(cells: Cells) -> ReadDays:
    """The days of a column; the order of day and month is decided once, from all its values.

    >>> read_days(Cells("data", ["31/12/2024", "2024-01-05", None, True])).problem.tolist()
    [0, 0, 1, 2]
    """
    distinct = [plain(value) for value in cells.distinct]
    style = detect_date_style(distinct)
    days = np.array([_day(cell, style) for cell in distinct] + [None], dtype="datetime64[D]")
    problems = np.where(np.isnat(days), BAD, 0).astype(np.int8)
    problems[-1] = MISSING
    return ReadDays(days[cells.codes], problems[cells.codes], style)


def _day(cell: object, style: DateStyle) -> dt.date | None:
    if isinstance(cell, pd.Timestamp):
        cell = cell.to_pydatetime(warn=False)
    moment = None if isinstance(cell, bool) else parse_datetime(cell, style)  # type: ignore[arg-type]
    return None if moment is None else moment.date()


def clock_of(value: object, style: DateStyle) -> dt.time | None:
    """Time of day of one value; None where it has no date."""
    cell = plain(value)
    moment = None if isinstance(cell, bool) else parse_datetime(cell, style)
    return None if moment is None else moment.time()


@dataclass(frozen=True)
class DayForm:
    """How a column writes days.

    Attributes
    ----------
    kind : the type of its values; ``serial`` is a day number of a workbook, ``compact`` the number ``yyyymmdd``
    clock : time of day of every value
    zone : zone of moments
    unit : unit of ``datetime64``
    text : the form of texts
    whole : whether numbers are integers
    varies : whether the time of day varies; new rows get midnight
    """

    kind: Literal["date", "moment", "timestamp", "numpy", "serial", "compact", "text"]
    clock: dt.time = _MIDNIGHT
    zone: dt.tzinfo | None = None
    unit: str = "D"
    text: DayText | None = None
    whole: bool = True
    varies: bool = False

    def write(self, days: Days) -> list[object]:
        """Values of ``days``, shape (m,), as the column writes them.

        >>> DayForm("date").write(np.array(["2024-02-29"], dtype="datetime64[D]"))
        [datetime.date(2024, 2, 29)]
        """
        distinct, codes = np.unique(days, return_inverse=True)
        written = [self._one(day) for day in distinct.tolist()]
        return [written[code] for code in codes.tolist()]

    def _one(self, day: dt.date) -> object:
        if self.text is not None:
            return self.text.write(day)
        if self.kind == "date":
            return day
        if self.kind == "numpy":
            return np.datetime64(dt.datetime.combine(day, self.clock)).astype(f"datetime64[{self.unit}]")
        if self.kind == "compact":
            return int(day.strftime("%Y%m%d"))
        if self.kind == "serial":
            number = (day - _EPOCH).days
            return number if self.whole else float(number)
        moment = dt.datetime.combine(day, self.clock, self.zone)
        return pd.Timestamp(moment) if self.kind == "timestamp" else moment


def learn_day_form(cells: Cells, style: DateStyle, n_seen: int = 2000) -> DayForm:
    """The form in which most days of the column are written, from at most ``n_seen`` distinct values."""
    kind = cells.kind
    values = [value for value in cells.distinct[: 4 * n_seen] if type(value) is kind][:n_seen]
    if issubclass(kind, str):
        text, varies = learn_day_text([str(value) for value in values], style)
        return DayForm("text", text=text, varies=varies)
    clocks = {clock_of(value, style) for value in values} - {None}
    clock = next(iter(clocks)) if len(clocks) == 1 else None
    if issubclass(kind, np.datetime64):
        unit = np.datetime_data(values[0].dtype)[0]  # type: ignore[attr-defined]
        return DayForm("numpy", clock or _MIDNIGHT, unit=unit, varies=clock is None)
    if issubclass(kind, dt.datetime):
        zones = Counter(value.tzinfo for value in values)  # type: ignore[attr-defined]
        form: Literal["timestamp", "moment"] = "timestamp" if issubclass(kind, pd.Timestamp) else "moment"
        return DayForm(form, clock or _MIDNIGHT, zones.most_common(1)[0][0], varies=clock is None)
    if issubclass(kind, dt.date) or not values:
        return DayForm("date")
    numbers = [float(plain(value)) for value in values]  # type: ignore[arg-type]
    whole = not issubclass(kind, float | np.floating)
    return DayForm("compact" if min(numbers) > 1e7 else "serial", whole=whole)


__all__ = ["DayForm", "ReadDays", "clock_of", "learn_day_form", "read_days"]
