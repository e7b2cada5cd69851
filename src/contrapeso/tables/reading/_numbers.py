"""Numbers as people write them in Brazil and elsewhere, read without guessing each value alone.

``1.234`` is one thousand or one point two: the value cannot tell, the column can. So the style is
decided once from all values of a column (:func:`detect_number_style`), with the evidence kept, and
each value is then read strictly in that style; what contradicts it is None, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

DecimalMark = Literal[",", "."]


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """Decimal mark of a column and the reason in words.

    ``certain`` is False where values may have been read wrongly: they fit both readings, or they
    disagree. ``proved`` is True where at least one value shows the mark.
    """

    decimal: DecimalMark
    certain: bool
    why: str
    proved: bool = False


COMMA = NumberStyle(",", certain=True, why="given")
POINT = NumberStyle(".", certain=True, why="given")

_CURRENCY = re.compile(r"R\$|US\$|\$|€|£|\b(?:BRL|USD|EUR)\b", re.IGNORECASE)
_BLANKS = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f]")
_SIDE = re.compile(r"(?<=[.,]\d\d)\s*([DC])$", re.IGNORECASE)
_BODY = {
    # blanks group thousands only before decimals: "11 987" alone may be a telephone number
    ",": re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d*)?|,\d+|\d{1,3}(?: \d{3})+,\d{1,2}"),
    ".": re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+|\d{1,3}(?: \d{3})+\.\d{1,2}"),
}
_SCIENTIFIC = re.compile(r"\d+[.,]\d+[eE][+-]?\d{1,2}|\d+[eE][+-]\d{1,2}")  # not 12E5, which is a code
_SIMPLE = {  # nearly every amount of a bank; read without the rest of the grammar
    ",": re.compile(r"(-?)([0-9]{1,3}(?:\.[0-9]{3}){1,3}|[0-9]{1,13}),([0-9]{2})"),
    ".": re.compile(r"(-?)([0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,13})\.([0-9]{2})"),
}
_MAX_CHARS = 40
_MAX_DIGITS = 25  # under the 28 of the decimal context, so that every product below is exact
_MAX_CENTS = 10**17  # a thousand trillion: far over any amount, well inside 64 bits


def _split_sign(text: str) -> tuple[int, str] | None:
    """Sign and body of a written number, or None if the signs contradict each other."""
    body = _CURRENCY.sub("", _BLANKS.sub(" ", text), count=1).strip()
    sides = []
    if side := _SIDE.search(body):
        sides.append(-1 if side[1] in "Dd" else 1)
        body = body[: side.start()].strip()
    if body.startswith("(") and body.endswith(")"):
        sides.append(-1)
        body = body[1:-1].strip()
    if body[:1] in "+-\u2212" and body:
        sides.append(1 if body[0] == "+" else -1)
        body = body[1:].strip()
    elif body[-1:] in "+-\u2212" and body:
        sides.append(1 if body[-1] == "+" else -1)
        body = body[:-1].strip()
    if len(set(sides)) > 1:
        return None
    return (sides[0] if sides else 1), body


def _decimal(text: str, mark: DecimalMark) -> Decimal | None:
    """Exact value of a written number under a decimal mark, or None."""
    if not text or len(text) > _MAX_CHARS or not (parts := _split_sign(text)):
        return None
    sign, body = parts
    if not body.isascii() or not body:
        return None
    if not _BODY[mark].fullmatch(body):
        scientific = _SCIENTIFIC.fullmatch(body) and not ({",", "."} - {mark}) & set(body)
        if not scientific:
            return None
    if sum(map(str.isdigit, body)) > _MAX_DIGITS:
        return None
    thousands = "." if mark == "," else ","
    return sign * Decimal(body.replace(thousands, "").replace(" ", "").replace(",", "."))


def parse_number(text: str, style: NumberStyle) -> float | None:
    """Value of a written number in a style; None if it is not one (``#REF!``, words, the other style)."""
    value = _decimal(text, style.decimal)
    return None if value is None else float(value)


def parse_cents(text: str, style: NumberStyle) -> int | None:
    """Whole centavos of a written amount; None if it is not a number or is not on the cent grid.

    Up to 0.000001 off the grid is the noise of a binary float and is rounded; ``1,234`` in a
    comma column is neither 1,23 nor 1234, so it is None.

    >>> parse_cents("R$ 1.234,56", COMMA), parse_cents("(10,00)", COMMA), parse_cents("5,00 D", COMMA)
    (123456, -1000, -500)
    """
    if simple := _SIMPLE[style.decimal].fullmatch(text):
        whole = simple[2].replace("." if style.decimal == "," else ",", "")
        amount = int(whole + simple[3])
        return -amount if simple[1] else amount
    value = _decimal(text, style.decimal)
    return None if value is None else grid_cents(value)


def grid_cents(value: Decimal) -> int | None:
    """Whole centavos of an exact value, or None if it lies off the cent grid or is beyond 10**15 in size."""
    if not value.is_finite() or abs(value) * 100 > _MAX_CENTS:
        return None
    cents = value * 100
    whole = cents.to_integral_value()
    return int(whole) if abs(cents - whole) <= Decimal("1e-4") else None


def evidence(text: str) -> DecimalMark | Literal["?"] | None:
    """Decimal mark that one written number proves; ``?`` if it fits both readings, None if it has no mark."""
    mark: DecimalMark
    for mark in (",", "."):
        if _SIMPLE[mark].fullmatch(text):
            return mark
    if len(text) > _MAX_CHARS or not (parts := _split_sign(text)):
        return None
    body = parts[1]
    n_commas, n_points = body.count(","), body.count(".")
    if not (n_commas or n_points) or not body.replace(",", "").replace(".", "").isdecimal():
        return None
    if n_commas and n_points:
        mark = "," if body.rfind(",") > body.rfind(".") else "."
        return mark if _BODY[mark].fullmatch(body) else None
    if n_commas + n_points > 1:  # 1.234.567: the mark is the thousands one
        mark = "." if n_commas else ","
        return mark if _BODY[mark].fullmatch(body) else None
    return _evidence_of_one(body, "," if n_commas else ".")


def _evidence_of_one(body: str, mark: DecimalMark) -> DecimalMark | Literal["?"]:
    """What a number with a single mark proves: ``1.234`` nothing, ``1.23``, ``0.123`` and ``1234.567`` the mark."""
    whole, _, fraction = body.partition(mark)
    grouped = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return "?" if grouped or not fraction else mark


def detect_number_style(values: Iterable[str], *, prefer: NumberStyle | None = None) -> NumberStyle:
    """Style of a column of written numbers, from all its values.

    Parameters
    ----------
    values : texts; those that are no numbers say nothing
    prefer : style to fall back on when no value proves one (another column, the locale of the file)

    Returns
    -------
    NumberStyle
        ``certain`` is False if no value proves the mark and the fallback was used, or if values disagree.
    """
    count = {",": 0, ".": 0, "?": 0}
    for text in values:
        mark = evidence(text)
        if mark is not None:
            count[mark] += 1
    if count[","] or count["."]:
        mark = "," if count[","] > count["."] else "."
        n, against = max(count[","], count["."]), min(count[","], count["."])
        disagreement = f"; {against} values contradict it and were not read" if against else ""
        return NumberStyle(
            mark, certain=not against, why=f"{n} values show '{mark}' as the decimal mark{disagreement}", proved=True
        )
    fallback = prefer or POINT
    if not count["?"]:
        return NumberStyle(fallback.decimal, certain=True, why="no value has a decimal or thousands mark")
    reason = f"from {prefer.why}" if prefer else "the plain reading, for want of any evidence"
    return NumberStyle(
        fallback.decimal,
        certain=False,
        why=f"{count['?']} values like 1.234 fit both readings; '{fallback.decimal}' is the decimal mark {reason}",
    )


__all__ = [
    "COMMA",
    "POINT",
    "DecimalMark",
    "NumberStyle",
    "detect_number_style",
    "evidence",
    "grid_cents",
    "parse_cents",
    "parse_number",
]
