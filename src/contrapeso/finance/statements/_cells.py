"""Values as a Brazilian spreadsheet shows them: reais, days, and text that no program runs as a formula."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from decimal import Decimal

import numpy as np

from contrapeso.finance.balances._rows import is_nothing

FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")
"""First signs of a text that a spreadsheet program runs as a formula."""
MONEY_FORMAT = "R$ #,##0.00"
DATE_FORMAT = "dd/mm/yyyy"
MAX_CELL_CHARS = 32_767
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

Plain = str | int | float | bool | dt.date | dt.datetime | None


def plain_text(text: str) -> str:
    """Text with a blank for every control sign and U+FFFD for half a surrogate pair, which no file can hold."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text))


def guarded(text: str) -> str:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; readers take it off again.

    >>> guarded("=SOMA(A1:A9)"), guarded("TARIFA")
    ("'=SOMA(A1:A9)", 'TARIFA')
    """
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def point_reais(cents: int) -> str:
    """Amount with a decimal point, exact.

    >>> point_reais(-5), point_reais(123456)
    ('-0.05', '1234.56')
    """
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def comma_reais(cents: int) -> str:
    """Amount with a decimal comma and no thousands mark, exact."""
    return point_reais(cents).replace(".", ",")


def plain_value(value: object) -> Plain:
    """A value of any caller as what a cell holds: number, truth, day, moment or text; None if it is missing."""
    if is_nothing(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dt.datetime):
        moment = value.replace(tzinfo=None)
        return moment.date() if moment.time() == dt.time() else moment
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, (str, bool, int, float, dt.date)):
        return plain_text(value) if isinstance(value, str) else value
    if isinstance(value, Decimal):
        return float(value)
    return plain_text(json.dumps(value, ensure_ascii=False, default=str, sort_keys=True))


__all__ = [
    "DATE_FORMAT",
    "FORMULA_PREFIXES",
    "MAX_CELL_CHARS",
    "MONEY_FORMAT",
    "Plain",
    "comma_reais",
    "guarded",
    "plain_text",
    "plain_value",
    "point_reais",
]
