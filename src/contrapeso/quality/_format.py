"""Numbers and dates as people of each language write them: ``1.234,56`` and dd/mm/aaaa in Portuguese."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Literal

Language = Literal["pt", "en"]

ABSENT = "—"
_EDGE = re.compile(r"(?<![\w.,:/-])(?:\d{4}-\d\d-\d\d|-?\d+(?:\.\d+)?)(?![\w.,:/-])")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


def number(value: float | None, language: Language, decimals: int = 2) -> str:
    """``value`` with fixed decimals and grouped thousands; a dash for None and non-finite values."""
    if value is None or not math.isfinite(value):
        return ABSENT
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.translate(_SWAP) if language == "pt" else text


def score(value: float | None, language: Language) -> str:
    """A score with two decimals, cut, never rounded up: 0.7999 is not shown as the 0.80 that it missed."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return number(math.floor(value * 100 + 1e-9) / 100, language)


def count(value: int, language: Language) -> str:
    """A whole number with grouped thousands."""
    return number(value, language, 0)


def percent(share: float | None, language: Language) -> str:
    """``share`` of one as a percentage; never 0 % for something and never 100 % for less than all."""
    if share is None or not math.isfinite(share):
        return ABSENT
    below, above = (("menos de ", "mais de ") if language == "pt" else ("under ", "over ")) if share else ("", "")
    if 0 < share < 0.0005:
        return f"{below}{number(0.1, language, 1)}%"
    if 0.9995 <= share < 1:
        return f"{above}{number(99.9, language, 1)}%"
    return f"{number(100 * share, language, 0 if share in (0, 1) else 1)}%".replace("-", "−")


def signed(value: float | None, language: Language, decimals: int = 2) -> str:
    """``value`` with its sign, a true minus."""
    if value is None or not math.isfinite(value):
        return ABSENT
    text = number(abs(value), language, decimals)
    if not text.strip("0.,"):
        return text
    return ("−" if value < 0 else "+") + text


def moment(timestamp: str, language: Language) -> str:
    """An ISO 8601 moment as dd/mm/aaaa HH:MM (pt) or yyyy-mm-dd HH:MM (en) with its zone; other text as it came."""
    try:
        when = datetime.fromisoformat(timestamp)
    except ValueError:
        return clean(timestamp)
    zone = f" {when.tzname()}" if when.tzinfo else ""
    return when.strftime("%d/%m/%Y %H:%M" if language == "pt" else "%Y-%m-%d %H:%M") + zone


def range_label(label: str, language: Language) -> str:
    """The label of a range (``10 – 25.5``, ``< 3``, ``≥ 2024-01-31``) with its numbers and dates in the language."""
    return clean(_EDGE.sub(lambda found: _edge(found[0], language), label), 60)


def _edge(text: str, language: Language) -> str:
    """One end of a range; what is neither a plain number nor a date stays as it is."""
    if "-" in text[1:]:
        return "/".join(reversed(text.split("-"))) if language == "pt" else text
    whole, _, decimals = text.partition(".")
    return number(float(text), language, len(decimals)).replace("-", "−") if len(whole) < 16 else text


def clean(text: str, limit: int = 80) -> str:
    """``text`` safe to show: no control, direction-override or surrogate character, at most ``limit`` long."""
    shown = _UNSAFE.sub("\ufffd", re.sub(r"[\t\r\n]+", " ", text))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


_SWAP = str.maketrans(",.", ".,")

__all__ = ["ABSENT", "Language", "clean", "count", "moment", "number", "percent", "range_label", "score", "signed"]
