"""What the fields of a ``<STMTTRN>`` mean: cents, local dates, descriptions, balance rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from html.entities import name2codepoint

_AMOUNT = re.compile(r"([+-]?)\s*([0-9]*)(?:[.,]([0-9]*))?")
_GROUPED = re.compile(
    r"([+-]?)\s*([0-9]{1,3}(?:\.[0-9]{3})+),([0-9]{1,2})|([+-]?)\s*([0-9]{1,3}(?:,[0-9]{3})+)\.([0-9]{1,2})"
)
_MAX_DIGITS = 15
_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[0-9]{2}){0,3}(?![0-9])")
_YEARS = range(1900, 2200)
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));")
_XML_NAMES = {**name2codepoint, "apos": 0x27}

BALANCE_PHRASES = frozenset(
    """saldo|s a l d o|saldo anterior|saldo inicial|saldo final|saldo atual|saldo bloqueado|saldo parcial|saldo total
    |saldo dia|saldo do dia|saldo no dia|saldo em conta|saldo conta corrente|saldo em conta corrente|saldo em c/c
    |saldo disponivel|saldo disponivel dia|saldo total disponivel|saldo total disponivel dia|saldo do mes
    |saldo mes anterior|saldo do mes anterior|saldo final do periodo|saldo inicial do periodo""".replace("\n", "")
    .replace("    |", "|")
    .split("|")
)
_NOT_WORD = re.compile(r"[^0-9a-z/]+")
_TRAILING_DATE = re.compile(r"(?: em)? [0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?$")


def parse_cents(text: str) -> int | None:
    """Signed cents of an OFX amount, exactly; None where it is no amount, off the cent grid or ambiguous.

    Point or comma is the decimal mark. More than two decimals are accepted only where the rest are
    zeros (``+00000000000012.3400``). Thousands marks are accepted only beside a decimal mark of the
    other kind (``1.234,56``); ``1.234`` and ``1.000`` could be a thousand, so they are not guessed.
    """
    text = text.strip()
    match = _AMOUNT.fullmatch(text)
    if match is None:
        grouped = _GROUPED.fullmatch(text)
        if grouped is None:
            return None
        sign, whole, part = (grouped[i] or grouped[i + 3] or "" for i in (1, 2, 3))
        whole = whole.replace(".", "").replace(",", "")
    else:
        sign, whole, part = match[1], match[2], match[3] or ""
    if len(part) > 2 and (part[2:].strip("0") or (len(part) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0")):
        return None
    if not (whole or part) or (len(whole) > _MAX_DIGITS and len(whole.lstrip("0")) > _MAX_DIGITS):
        return None
    cents = int(whole or "0") * 100 + int((part + "00")[:2])
    return -cents if sign == "-" else cents


def parse_local_date(text: str) -> date | None:
    """The bank's own calendar day of an OFX timestamp, never shifted by its ``[-3:BRT]``; None if it is none."""
    match = _DATE.match(text.lstrip())
    if match is None or int(match[1]) not in _YEARS:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def clean_text(value: str) -> str:
    """A field value with entities undone once, and every run of blanks and line ends as one blank."""
    value = value.strip()
    if value.isalnum():  # identifiers and codes: most of a file
        return value
    if "&" in value:
        value = _ENTITY.sub(_character, value)
    if "\x00" in value or "\x01" in value:  # signs of a CDATA section, kept apart by the tokens module
        value = value.replace("\x00", "<").replace("\x01", "&")
    return " ".join(value.split())


def _character(match: re.Match[str]) -> str:
    """The character of an entity; the entity itself where it names none that a text may hold."""
    decimal, hexadecimal, name = match.groups()
    code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else _XML_NAMES.get(name, 0)
    legal = 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF
    return chr(code) if legal else match[0]


def describe_row(fields: Mapping[str, str]) -> str:
    """NAME and MEMO as one text: the longer where one repeats the other, else ``NAME - MEMO``.

    The payee's name stands in for a missing NAME. NAME is cut at 32 characters by the format, so a
    MEMO that begins with it is the full text.
    """
    name = clean_text(fields.get("NAME") or fields.get("PAYEE.NAME") or fields.get("EXTDNAME") or "")
    memo = clean_text(fields.get("MEMO", ""))
    if not name or not memo or name == memo:
        return name or memo
    if name.casefold() in memo.casefold():
        return memo
    if memo.casefold() in name.casefold():
        return name
    return f"{name} - {memo}"


def is_balance_row(description: str, amount: str) -> bool:
    """Whether a row only states a balance. ``description`` is normalised, ``amount`` as written.

    True where the whole description, without a date at its end, is one of ``BALANCE_PHRASES``; or
    where it begins with the word "saldo" and the amount says nothing (no digit but zero), so that
    no money can be lost. ``pagto saldo devedor`` and ``resgate saldo aplicacao`` are transactions.
    """
    if "saldo" not in description and "s a l d o" not in description:
        return False
    words = _NOT_WORD.sub(" ", description).strip()
    if _TRAILING_DATE.sub("", words) in BALANCE_PHRASES:
        return True
    return words.startswith("saldo ") and not any(digit in amount for digit in "123456789")


def clean_fitid(value: str) -> str:
    """The bank's identifier of a row, or "" where the field only fills a hole (empty, zeros, dashes)."""
    fitid = clean_text(value)
    return fitid if fitid.strip("0-. ") else ""


__all__ = [
    "BALANCE_PHRASES",
    "clean_fitid",
    "clean_text",
    "describe_row",
    "is_balance_row",
    "parse_cents",
    "parse_local_date",
]
