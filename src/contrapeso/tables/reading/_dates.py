"""Dates as banks and spreadsheets write them; day and month are never swapped value by value.

``03/04/2024`` does not say which part is the month. The column does: a first part over 12 proves
day first, a second part over 12 proves month first. The order is decided once
(:func:`detect_date_style`) and a value that contradicts it is None. Times are kept as written:
an offset (``-03:00``) is dropped, never applied, because the bank's local date is the date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from contrapeso.tables.reading._cells import Cell, fold

DayOrder = Literal["dmy", "mdy"]


@dataclass(frozen=True, slots=True)
class DateStyle:
    """Order of day and month in a column, whether its values prove it, and the reason in words."""

    order: DayOrder
    certain: bool
    why: str


FIRST_YEAR, LAST_YEAR = 1900, 2099
_FIRST_SERIAL, _LAST_SERIAL = 19725, 73050  # 1954-01-01 and 2099-12-31 in the 1900 system
_SERIAL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  (local dates have no zone)

_TIME = (
    r"(?:[T ,]+(?:[aà]s )?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_NAMED = re.compile(r"(\d{1,2})(?: de |[-/ .]+)([a-z]{3,9})\.?(?: de |[-/ .]+)(\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_MONTH_NAMES = (
    *(("janeiro", "january"), ("fevereiro", "february"), ("marco", "march"), ("abril", "april")),
    *(("maio", "may"), ("junho", "june"), ("julho", "july"), ("agosto", "august")),
    *(("setembro", "september"), ("outubro", "october"), ("novembro", "november"), ("dezembro", "december")),
)
_MONTHS = {
    spelling: number
    for number, names in enumerate(_MONTH_NAMES, 1)
    for name in names
    for spelling in (name, name[:3], name[:4])
}


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _moment(year: int, month: int, day: int, time: tuple[str | None, ...]) -> dt.datetime | None:
    """Moment of checked parts, or None where a part is out of its range."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    hour, minute, second = (int(part or 0) for part in time[:3])
    if time[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if time[4] in "Pp" else 0)
    micro = int(((time[3] or "") + "000000")[:6])
    try:
        return dt.datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001
    except ValueError:
        return None


def _parse_text(text: str, order: DayOrder) -> dt.datetime | None:
    text = text.strip()
    if parts := _PARTS.fullmatch(text):
        first, second = int(parts[1]), int(parts[3])
        day, month = (first, second) if order == "dmy" else (second, first)
        return _moment(_year(parts[4]), month, day, parts.groups()[4:])
    if iso := _ISO.fullmatch(text):
        return _moment(int(iso[1]), int(iso[3]), int(iso[4]), iso.groups()[4:])
    if compact := _COMPACT.fullmatch(text):
        return _moment(int(compact[1]), int(compact[2]), int(compact[3]), (None,) * 5)
    if serial := _SERIAL.fullmatch(text):
        return _from_serial(float(serial[0].replace(",", ".")))
    if (named := _NAMED.fullmatch(fold(text))) and named[2] in _MONTHS:
        return _moment(_year(named[3]), _MONTHS[named[2]], int(named[1]), named.groups()[3:])
    return None


def _from_serial(value: float) -> dt.datetime | None:
    """Moment of an Excel serial day (1900 system), None outside 1954-2099."""
    if _FIRST_SERIAL <= value < _LAST_SERIAL + 1:
        return _SERIAL_EPOCH + dt.timedelta(days=value)
    if float(value).is_integer() and (compact := _COMPACT.fullmatch(str(int(value)))):
        return _moment(int(compact[1]), int(compact[2]), int(compact[3]), (None,) * 5)
    return None


def parse_datetime(value: Cell, style: DateStyle) -> dt.datetime | None:
    """Moment that a cell of a date column holds, as written (no time zone is applied); None if it is no date.

    Accepted: date cells; ISO; ``dd/mm/yyyy`` with ``/ - .`` and 2 or 4 digit years (00-69 is 20xx);
    ``mm/dd/yyyy`` in that style; ``yyyymmdd``; Portuguese and English month names; Excel serials
    from 1954 to 2099. Years outside 1900-2099 are typing errors, not dates.
    """
    if isinstance(value, str):
        return _parse_text(value, style.order)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None) if FIRST_YEAR <= value.year <= LAST_YEAR else None
    if isinstance(value, dt.date):
        return _moment(value.year, value.month, value.day, (None,) * 5)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_serial(float(value))
    return None


def parse_date(value: Cell, style: DateStyle) -> dt.date | None:
    """Local date that a cell of a date column holds; None if it is no date. See :func:`parse_datetime`.

    >>> parse_date("31/12/2024", DMY), parse_date("5 de janeiro de 2024", DMY), parse_date(45292.0, DMY)
    (datetime.date(2024, 12, 31), datetime.date(2024, 1, 5), datetime.date(2024, 1, 1))
    """
    moment = parse_datetime(value, style)
    return None if moment is None else moment.date()


def detect_date_style(values: Iterable[Cell], *, prefer: DayOrder = "dmy") -> DateStyle:
    """Order of day and month in a column, from all its values.

    Parameters
    ----------
    values : cells; only texts like ``03/04/2024`` say anything
    prefer : order where no value has a part over 12

    Returns
    -------
    DateStyle
        ``certain`` is False if the values disagree or none proves the order.
    """
    n_day_first = n_month_first = n_open = 0
    for value in values:
        if not isinstance(value, str) or not (parts := _PARTS.fullmatch(value.strip())):
            continue
        first, second = int(parts[1]) > 12, int(parts[3]) > 12
        n_day_first += first and not second
        n_month_first += second and not first
        n_open += not first and not second
    if n_day_first or n_month_first:
        order: DayOrder = "dmy" if n_day_first >= n_month_first else "mdy"
        n, against = max(n_day_first, n_month_first), min(n_day_first, n_month_first)
        disagreement = f"; {against} dates contradict it and were not read" if against else ""
        return DateStyle(order, certain=not against, why=f"{n} dates prove {_IN_WORDS[order]}{disagreement}")
    if not n_open:
        return DateStyle(prefer, certain=True, why="no date depends on the order of day and month")
    why = f"none of {n_open} dates has a part over 12; {_IN_WORDS[prefer]} was assumed"
    return DateStyle(prefer, certain=False, why=why)


_IN_WORDS = {"dmy": "day before month", "mdy": "month before day"}
DMY = DateStyle("dmy", certain=True, why="given")
MDY = DateStyle("mdy", certain=True, why="given")

__all__ = ["DMY", "MDY", "DateStyle", "DayOrder", "detect_date_style", "parse_date", "parse_datetime"]
