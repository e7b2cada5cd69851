"""How a column of texts writes a day: order, mark, padding, digits of the year, names of months, what follows it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from contrapeso.tables.reading import DateStyle, fold, parse_date

_NUMBERS = re.compile(r"\s*(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(.*)", re.DOTALL)
_COMPACT = re.compile(r"\s*(\d{8})(.*)", re.DOTALL)
_NAMED = re.compile(r"\s*(\d{1,2})(\D+?)([^\W\d_]{3,9})(\.?[^\w]+(?:de )?|\.? de )(\d{4}|\d{2})(.*)", re.DOTALL)
_SERIAL = re.compile(r"\d{5}([.,]\d+)?")
_CLOCK = re.compile(r"^(\s*[T ,]+\D*)([\d:.,]+)", re.ASCII)
_PT_NAMES = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
_EN_NAMES = "January February March April May June July August September October November December"
_PT, _EN = _PT_NAMES.split(), _EN_NAMES.split()
_EPOCH = dt.date(1899, 12, 30)
_V = TypeVar("_V")


@dataclass(frozen=True)
class DayText:
    """Parts of a written day.

    Attributes
    ----------
    order : ``ymd``, ``dmy``, ``mdy``, ``compact`` (yyyymmdd), ``named`` (with the name of a month) or ``serial``
    mark : what stands between the parts; of ``named`` the two marks, with a line feed between them
    padded : whether days and months have two digits
    long_year : four digits, or two
    tail : what follows the day in every value
    months : names of the months, of ``named``
    """

    order: Literal["ymd", "dmy", "mdy", "compact", "named", "serial"] = "ymd"
    mark: str = "-"
    padded: bool = True
    long_year: bool = True
    tail: str = ""
    months: tuple[str, ...] = ()

    def write(self, day: dt.date) -> str:
        """``day`` as text.

        >>> DayText("dmy", "/").write(dt.date(2024, 2, 9))
        '09/02/2024'
        """
        if self.order == "serial":
            return str((day - _EPOCH).days)
        if self.order == "compact":
            return f"{day.year:04d}{day.month:02d}{day.day:02d}{self.tail}"
        year = f"{day.year:04d}" if self.long_year else f"{day.year % 100:02d}"
        month, number = (f"{part:02d}" if self.padded else str(part) for part in (day.month, day.day))
        if self.order == "named":
            first, second = self.mark.split("\n")
            return f"{number}{first}{self.months[day.month - 1]}{second}{year}{self.tail}"
        parts = {"ymd": (year, month, number), "dmy": (number, month, year), "mdy": (month, number, year)}[self.order]
        return self.mark.join(parts) + self.tail


def learn_day_text(texts: Sequence[str], style: DateStyle) -> tuple[DayText, bool]:
    """The form of most of ``texts``, and whether a time of day varies in them; ISO where none of them is a day.

    >>> form, varies = learn_day_text(["31/12/24", "1/2/24"], DateStyle("dmy", True, "given"))
    >>> form.write(dt.date(2024, 3, 5)), varies
    ('5/3/24', False)
    """
    days = [text for text in texts if parse_date(text, style) is not None]
    numbers = [match for text in days if (match := _NUMBERS.fullmatch(text))]
    compact = [match for text in days if (match := _COMPACT.fullmatch(text))]
    named = [match for text in days if (match := _NAMED.fullmatch(text)) and not _NUMBERS.fullmatch(text)]
    serial = [text for text in days if _SERIAL.fullmatch(text.strip())]
    most = max(len(numbers), len(compact), len(named), len(serial))
    if not most:
        return DayText(), False
    if len(numbers) == most:
        return _numbered(numbers, style), _differ([match[5] for match in numbers])
    if len(compact) == most:
        return DayText("compact", tail=_tail([match[2] for match in compact])), _differ([m[2] for m in compact])
    return (_named(named) if len(named) == most else DayText("serial")), False


def _numbered(found: list[re.Match[str]], style: DateStyle) -> DayText:
    iso = sum(len(match[1]) == 4 for match in found) * 2 > len(found)
    same = [match for match in found if (len(match[1]) == 4) == iso]
    pairs = [(match[3], match[4]) if iso else (match[1], match[3]) for match in same]
    years = [match[1] if iso else match[4] for match in same]
    return DayText(
        "ymd" if iso else style.order,
        _most([match[2] for match in same], "-"),
        _padded([part for pair in pairs for part in pair]),
        _most([len(year) == 4 for year in years], otherwise=True),
        _tail([match[5] for match in same]),
    )


def _named(found: list[re.Match[str]]) -> DayText:
    marks = _most([f"{match[2]}\n{match[4]}" for match in found], " \n ")
    return DayText(
        "named",
        marks,
        _padded([match[1] for match in found]),
        _most([len(match[5]) == 4 for match in found], otherwise=True),
        _tail([match[6] for match in found]),
        _months([match[3] for match in found]),
    )


def _months(seen: list[str]) -> tuple[str, ...]:
    """The twelve names in the language, length and case of those seen."""
    folded = {fold(name) for name in seen}
    pt, en = ([fold(name) for name in names] for names in (_PT, _EN))
    n_pt, n_en = (sum(any(full.startswith(name) for full in names) for name in folded) for names in (pt, en))
    length = max(map(len, seen))
    names = _EN if n_en > n_pt else _PT
    if length == 3:
        names = [name[:3] for name in names]
    first = _most(seen, "jan")
    if first.isupper():
        return tuple(name.upper() for name in names)
    return tuple(name.lower() if first.islower() else name.capitalize() for name in names)


def _padded(parts: list[str]) -> bool:
    """Whether days and months under ten have a zero before them, as far as any is seen."""
    small = [part.startswith("0") for part in parts if int(part) < 10]
    return not small or sum(small) * 2 > len(small)


def _differ(tails: list[str]) -> bool:
    return len({tail for tail in tails if tail.strip()}) > 1


def _tail(tails: list[str]) -> str:
    """What follows the day; digits of a clock that varies become zeros."""
    commonest = _most(tails, "")
    if len(set(tails)) == 1 or not commonest:
        return commonest
    return _CLOCK.sub(lambda clock: clock[1] + re.sub(r"\d", "0", clock[2]), commonest)


def _most(values: list[_V], otherwise: _V) -> _V:
    return Counter(values).most_common(1)[0][0] if values else otherwise


__all__ = ["DayText", "learn_day_text"]
