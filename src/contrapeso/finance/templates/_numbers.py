"""What a token with digits is by its shape, and how it reads on another day, for another amount."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from contrapeso.finance.templates._lexicon import MONTHS
from contrapeso.finance.templates._words import fold

NumberKind = Literal[
    "masked", "cpf", "cnpj", "email", "key", "date", "pair", "competence", "month", "year", "instalment", "code",
    "time", "value", "number",
]  # fmt: skip
DateOrder = Literal["dmy", "mdy", "ymd"]

_SHAPES: tuple[tuple[NumberKind, re.Pattern[str]], ...] = (
    ("email", re.compile(r".+@.+")),
    ("key", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("masked", re.compile(r".*[*•#].*|[xX]{2,}[.\-/]?\d.*|.*\d[.\-/]?[xX]{2,}")),
    ("cnpj", re.compile(r"[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/[0-9A-Z]{4}-?\d{2}")),
    ("cpf", re.compile(r"\d{3}\.\d{3}\.\d{3}-?\d{2}|\d{9}-\d{2}")),
    ("date", re.compile(r"\d{1,2}([/.\-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}([/.\-])\d{1,2}\2\d{1,2}")),
    ("competence", re.compile(r"(?:0?[1-9]|1[0-2])[/.\-](?:19|20)\d{2}|(?:19|20)\d{2}[/.\-](?:0?[1-9]|1[0-2])")),
    ("pair", re.compile(r"\d{1,3}[/\-]\d{1,3}|\d{1,3} +(?:de|DE|De|of|OF) +\d{1,3}")),
    ("time", re.compile(r"(?:[01]?\d|2[0-3])(?::|h|H)[0-5]\d(?::[0-5]\d)?")),
    ("value", re.compile(r"\d{1,3}(?:\.\d{3})*,\d{2}|\d{1,3}(?:,\d{3})*\.\d{2}|\d+[.,]\d{2}")),
)
_SHORT_NAME = 3
_DIGITS = re.compile(r"\d+")


def shape(token: str) -> NumberKind:
    """Kind of a token by its characters alone; ``pair`` may be a day, a month or an instalment.

    >>> [shape(token) for token in ("***.456.789-**", "03/12", "07/2025", "1.234,56", "4567-8")]
    ['masked', 'pair', 'competence', 'value', 'number']
    """
    if len(token) > 60:
        return "number"
    if token.isdigit():
        return "number"
    for kind, pattern in _SHAPES:
        if pattern.fullmatch(token):
            return kind
    return "number"


def pair(token: str) -> tuple[int, int] | None:
    """The two numbers of ``i/n``, None where there are not two."""
    found = _DIGITS.findall(token)
    return (int(found[0]), int(found[1])) if len(found) == 2 else None


def read_date(token: str, order: DateOrder, near: date) -> date | None:
    """The day that ``token`` names; a missing year is that which brings it closest to ``near``."""
    parts = [int(part) for part in _DIGITS.findall(token)]
    if len(parts) == 3:
        if order == "ymd" or parts[0] > 31:
            return _day(parts[0], parts[1], parts[2])
        day, month = (parts[1], parts[0]) if order == "mdy" else (parts[0], parts[1])
        return _day(parts[2] + (2000 if parts[2] < 100 else 0), month, day)
    if len(parts) != 2:
        return None
    day, month = (parts[1], parts[0]) if order == "mdy" else (parts[0], parts[1])
    days = [found for year in (near.year - 1, near.year, near.year + 1) if (found := _day(year, month, day))]
    return min(days, key=lambda found: abs(found - near), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    """The date, None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def write_date(token: str, order: DateOrder, day: date) -> str:
    """``day`` in the form of ``token``: the same separators, widths and order.

    >>> write_date("3/5/24", "dmy", date(2025, 11, 20)), write_date("2024-05-03", "dmy", date(2025, 1, 2))
    ('20/11/25', '2025-01-02')
    """
    parts = _DIGITS.findall(token)
    if len(parts) == 3 and (order == "ymd" or int(parts[0]) > 31):
        values = [day.year, day.month, day.day]
    else:
        values = [day.month, day.day] if order == "mdy" else [day.day, day.month]
        values += [day.year][: len(parts) - 2]
    return _replaced(token, parts, values)


def read_month(token: str) -> int | None:
    """Month that ``mm/yyyy``, ``yyyy-mm``, ``mm/yy`` or ``agosto/2024`` names, as months since year 0."""
    parts = _DIGITS.findall(token)
    name = next((word for word in re.findall(r"[^\W\d_]+", token) if fold(word) in MONTHS), None)
    if name is not None:
        return _months(int(parts[-1]), MONTHS[fold(name)]) if parts else None
    if len(parts) != 2:
        return None
    first, second = int(parts[0]), int(parts[1])
    return _months(first, second) if len(parts[0]) == 4 else _months(second, first)


def _months(year: int, month: int) -> int | None:
    """Months since year 0; two digits of a year are of this century."""
    year += 2000 if year < 100 else 0
    return year * 12 + month - 1 if 1 <= month <= 12 and 1900 <= year < 2200 else None


def write_month(token: str, months: int) -> str:
    """The month in the form of ``token``.

    >>> write_month("07/2025", 2026 * 12), write_month("AGOSTO/24", 2025 * 12 + 1)
    ('01/2026', 'FEVEREIRO/25')
    """
    year, month = divmod(months, 12)
    parts = _DIGITS.findall(token)
    name = next((word for word in re.findall(r"[^\W\d_]+", token) if fold(word) in MONTHS), None)
    if name is not None:
        return _replaced(token.replace(name, write_month_name(name, month + 1), 1), parts, [year] * len(parts))
    values = [year, month + 1] if len(parts[0]) == 4 else [month + 1, year]
    return _replaced(token, parts, values)


_PORTUGUESE_TEXT = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
_ENGLISH_TEXT = "january february march april may june july august september october november december"
_PORTUGUESE, _ENGLISH = _PORTUGUESE_TEXT.split(), _ENGLISH_TEXT.split()
_ENGLISH_SHORT = frozenset({"feb", "apr", "aug", "sep", "oct", "dec"})


def write_month_name(name: str, month: int) -> str:
    """Name of ``month`` (1 to 12) in the language, length, accents and case of ``name``.

    >>> write_month_name("AGO", 2), write_month_name("Janeiro", 3), write_month_name("august", 5)
    ('FEV', 'Março', 'may')
    """
    folded = fold(name)
    full = _ENGLISH if folded in _ENGLISH or folded in _ENGLISH_SHORT else _PORTUGUESE
    new = full[month - 1] if folded in full or len(folded) > _SHORT_NAME else full[month - 1][:_SHORT_NAME]
    new = fold(new) if name.isupper() and name.isascii() else new
    return new.upper() if name.isupper() else new.capitalize() if name[0].isupper() else new


def _replaced(token: str, parts: list[str], values: list[int]) -> str:
    """``token`` with its numbers replaced in order, each in the width of the old one (last digits where too wide)."""
    fresh = iter(
        str(value % 100).zfill(2) if len(part) <= 2 and value > 99 else str(value).zfill(len(part))
        for part, value in zip(parts, values, strict=True)
    )
    return _DIGITS.sub(lambda _: next(fresh), token)


def read_value(token: str) -> int | None:
    """Centavos of an amount inside a text."""
    digits = "".join(_DIGITS.findall(token))
    return int(digits) if digits else None


def write_value(token: str, cents: int) -> str:
    """``cents`` (at least 0) with the separators of ``token``.

    >>> write_value("1.234,56", 98765400), write_value("12.30", 99)
    ('987.654,00', '0.99')
    """
    whole, fraction = divmod(cents, 100)
    decimal = token[-3]
    thousands = "." if decimal == "," else ","
    grouped = f"{whole:,}".replace(",", thousands if thousands in token or len(token) <= 6 else "")
    return f"{grouped}{decimal}{fraction:02d}"


__all__ = [
    "DateOrder",
    "NumberKind",
    "pair",
    "read_date",
    "read_month",
    "read_value",
    "shape",
    "write_date",
    "write_month",
    "write_month_name",
    "write_value",
]
