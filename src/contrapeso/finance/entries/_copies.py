"""Columns that repeat another one: the amount without its sign, the description in capitals, the month, a direction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from contrapeso.finance._text import normalize_description
from contrapeso.finance.entries._amounts import Unit, learn_amount_form, read_amounts
from contrapeso.finance.entries._calendar import PERIODS, period_of_column
from contrapeso.finance.entries._cells import Cells, text_of
from contrapeso.finance.entries._facts import Facts, Found
from contrapeso.finance.entries._names import Hint
from contrapeso.finance.entries._plans import AmountPlan, DescriptionPlan, RowPlan, SignPlan
from contrapeso.finance.entries._row_plans import PeriodPlan
from contrapeso.finance.entries._signs import signs_by_content
from contrapeso.finance.entries._words import Said, Words, share_of

_LEAST_COPY = 0.99
_AMOUNT = Words("do valor", "of the amount")
_TEXT = Words("da descrição", "of the description")
_HOW: dict[str, Words] = {
    "same": Words("igual", "the same"),
    "size": Words("sem sinal", "without its sign"),
    "opposite": Words("com sinal trocado", "with its sign turned"),
}
_TEXT_COPIES: tuple[tuple[Words, Callable[[str], str]], ...] = (
    (Words("igual", "the same"), str),
    (Words("normalizada", "normalised"), normalize_description),
    (Words("em maiúsculas", "in capitals"), str.upper),
    (Words("em minúsculas", "in small letters"), str.lower),
    (Words("sem brancos nas pontas", "without blanks at its ends"), str.strip),
)


def copy_of_amount(cells: Cells, facts: Facts, _hint: Hint | None) -> Found | None:
    if issubclass(cells.kind, bool | np.bool_ | dt.date) or len(facts.ledger) < facts.least:
        return None
    units: tuple[Unit, ...] = ("units", "cents")
    for unit in units:
        amounts = read_amounts(cells, unit)
        used = amounts.ok & (facts.written != 0)
        if used.sum() < facts.least or used.sum() * 2 < amounts.ok.sum():
            continue
        ours, theirs = facts.written[used], amounts.cents[used]
        for how, expected in (("same", ours), ("size", np.abs(ours)), ("opposite", -ours)):
            share = float((expected == theirs).mean())
            if share >= _LEAST_COPY:
                form = learn_amount_form(cells, amounts, unit)
                said = Said("copy_of", {"of": _AMOUNT, "how": _HOW[how], "share": share_of(share)})
                return "copy", said, AmountPlan(form, facts.signs, how)  # type: ignore[arg-type]
    return None


def copy_of_text(cells: Cells, facts: Facts, _hint: Hint | None) -> Found | None:
    if not issubclass(cells.kind, str) or len(facts.ledger) < facts.least:
        return None
    pairs = zip(facts.ledger.descriptions.tolist(), map(text_of, cells.values), strict=True)
    counts: dict[tuple[str, str], int] = {}
    for pair in pairs:
        counts[pair] = counts.get(pair, 0) + 1
    if len({text for text, _ in counts}) < 2:
        return None
    for how, made in _TEXT_COPIES:
        share = sum(n for (text, copy), n in counts.items() if made(text) == copy) / len(cells)
        if share >= _LEAST_COPY:
            said = Said("copy_of", {"of": _TEXT, "how": how, "share": share_of(share)})
            return "copy", said, DescriptionPlan(cells.null_form, made)
    return None


def calendar_part(cells: Cells, facts: Facts, _hint: Hint | None) -> Found | None:
    found = period_of_column(cells, facts.ledger.days)
    if found is None:
        return None
    otherwise = RowPlan(cells.values, cells.null_form)
    said = Said("of_calendar", {"of": PERIODS[found.period], "share": share_of(found.share)})
    return "calendar", said, PeriodPlan(found.period, found.values, otherwise)


def direction_words(cells: Cells, facts: Facts, _hint: Hint | None) -> Found | None:
    words = signs_by_content(cells, facts.ledger.cents)
    if words is None:
        return None
    return "type", Said("sign_decides", {"of": _AMOUNT}), SignPlan(words, cells.values)


__all__ = ["calendar_part", "copy_of_amount", "copy_of_text", "direction_words"]
