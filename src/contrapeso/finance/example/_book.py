"""The company's book as a plan: one workbook a year, one sheet a month, with what real books suffer from.

Title rows above the header, balance rows among the movements, amounts and dates typed as text in some
months, a table of subtotals to the right, odd labels, notes in the category column, and one amount
that an old deletion turned into ``#REF!``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Literal

import numpy as np

from contrapeso._rng import generator, seed_sequence
from contrapeso.finance.example._cast import ACCOUNTS
from contrapeso.finance.example._company import ExampleCompany, Movement
from contrapeso.finance.example._typing import NOTES, typed_label

MONTHS = (
    "Janeiro", "Fevereiro", "Março", "Abril", "Maio", "Junho", "Julho", "Agosto", "Setembro", "Outubro", "Novembro",
    "Dezembro",
)  # fmt: skip
AmountStyle = Literal["number", "plain", "currency", "brackets"]

_AMOUNTS: dict[int, AmountStyle] = {3: "plain", 7: "currency", 10: "brackets"}
_TEXT_DATES = frozenset({5, 8, 10})
_SUBTOTALS = frozenset({3, 6, 9, 12})
_BROKEN_MONTH, _BROKEN_ROW = 7, 25
_OBSERVATIONS = ("conferido", "falta nota", "ver comprovante", "pago pelo celular", "nota em nome da empresa")


@dataclass(frozen=True, slots=True)
class BookRow:
    """A row of the book; ``cents`` is None where the cell is blank or broken."""

    kind: Literal["movement", "balance", "broken"]
    day: date
    text: str
    cents: int | None
    label: str | None
    bank: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BookSheet:
    """One month: its rows and how they are typed; ``subtotals`` is the table to the right, or empty."""

    year: int
    month: int
    rows: tuple[BookRow, ...]
    amounts: AmountStyle
    text_dates: bool
    subtotals: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """Name of the sheet."""
        return MONTHS[self.month - 1]


def plan_books(company: ExampleCompany) -> dict[int, tuple[BookSheet, ...]]:
    """Sheets of each year's workbook."""
    root = seed_sequence(company.seed)
    opening = sum(account.opening_cents for account in ACCOUNTS.values())
    books: dict[int, list[BookSheet]] = {}
    months = groupby(company.movements, key=lambda row: (row.date.year, row.date.month))
    for index, ((year, month), found) in enumerate(months):
        movements = list(found)
        books.setdefault(year, []).append(
            _sheet(generator(root, 100, index), year, month, movements, opening, broken=index == _broken(company))
        )
        opening += sum(row.amount_cents for row in movements)
    return {year: tuple(sheets) for year, sheets in books.items()}


def _broken(company: ExampleCompany) -> int:
    """Index of the month that has the broken cell."""
    return min(_BROKEN_MONTH, company.months) - 1


def _sheet(
    rng: np.random.Generator, year: int, month: int, movements: Sequence[Movement], opening: int, *, broken: bool
) -> BookSheet:
    typed = [_typed(rng, row) for row in movements]
    for place, note in _notes(rng, month, len(typed)):
        typed[place] = replace(typed[place], label=note.format(day=f"{typed[place].day:%d/%m}"))
    if broken:
        place = min(_BROKEN_ROW, len(typed) - 1)
        typed[place] = replace(typed[place], kind="broken", cents=None)
    subtotals = Counter[str]()
    for row in movements:
        subtotals[row.category] += row.amount_cents
    rows = _with_balances(typed, opening, sum(row.amount_cents for row in movements))
    table = tuple(sorted(subtotals.items())) if month in _SUBTOTALS else ()
    return BookSheet(year, month, tuple(rows), _AMOUNTS.get(month, "number"), month in _TEXT_DATES, table)


def _typed(rng: np.random.Generator, row: Movement) -> BookRow:
    note = _OBSERVATIONS[int(rng.integers(len(_OBSERVATIONS)))] if rng.random() < 0.04 else ""
    return BookRow(
        "movement", row.date, row.description, row.amount_cents, typed_label(rng, row.category), row.bank, note
    )


def _notes(rng: np.random.Generator, month: int, n_rows: int) -> list[tuple[int, str]]:
    """A note for each even month of the year, and the row it is typed into."""
    return [(int(rng.integers(n_rows)), NOTES[month // 2 - 1])] if month % 2 == 0 else []


def _with_balances(rows: Sequence[BookRow], opening: int, moved: int) -> list[BookRow]:
    """``rows`` between the opening and the closing balance, with a blank balance row after some Fridays."""
    made = [BookRow("balance", rows[0].day.replace(day=1), "SALDO ANTERIOR", opening, "Saldo")]
    for place, row in enumerate(rows):
        made.append(row)
        last_of_day = place + 1 < len(rows) and rows[place + 1].day != row.day
        if last_of_day and row.day.weekday() == 4 and row.day.day > 7:
            made.append(BookRow("balance", row.day, "SALDO DO DIA", None, "saldo" if row.day.day > 20 else "Saldo"))
    made.append(BookRow("balance", rows[-1].day, "SALDO FINAL", opening + moved, "Saldo"))
    return made


__all__ = ["AmountStyle", "BookRow", "BookSheet", "plan_books"]
