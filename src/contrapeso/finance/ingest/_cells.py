"""What the cells of a sheet say about one row: its cents, its direction, whether it is a balance or a total."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from contrapeso.finance.ingest._ofx_values import is_balance_row
from contrapeso.tables.reading import (
    Cell,
    CellError,
    Grid,
    NumberStyle,
    cell_text,
    fold,
    grid_cents,
    is_blank,
    is_error_text,
    parse_cents,
)

_DASHES = frozenset({"-", "--", "\u2013", "\u2014"})
_GUARD = re.compile(r"'[=+\-@\t\r]")
_MAX_AMOUNT = 1e13
_GRID_NOISE = 1e-4

DEBIT_WORDS = frozenset({"d", "debito", "debit", "saida", "despesa", "expense", "pagamento", "debitos", "saidas"})
CREDIT_WORDS = frozenset(
    {"c", "credito", "credit", "entrada", "receita", "income", "recebimento", "creditos", "entradas"}
)
_CATEGORY_WORDS = frozenset({"receita", "despesa", "income", "expense", "pagamento", "recebimento"})
_BALANCE_WORDS = frozenset(
    {"saldo", "saldos", "balance", "opening balance", "closing balance", "balance brought forward", "saldo anterior"}
)
_TOTAL = re.compile(r"(?:sub\s?-?)?tota(?:l|is)(?: geral| do dia| do mes| do periodo| do extrato)?\W*|soma\W*")
_TOTAL_OF = re.compile(r"(?:sub\s?-?)?tota(?:l|is)\b.*")


@dataclass(frozen=True, slots=True)
class Money:
    """Outcome of reading an amount cell: cents, or the reason why there are none."""

    cents: int | None
    problem: Literal["missing_amount", "bad_amount"] | None = None
    detail: str = ""
    rounded: bool = False


_MISSING = Money(None, "missing_amount", "the amount is blank")


def read_money(cell: Cell, style: NumberStyle) -> Money:
    """Cents of an amount cell.

    Numbers of a workbook are rounded to the cent (half to even) and say so; written amounts must
    be on the cent grid. Errors (``#REF!``), dates and words are bad amounts, never zero.
    """
    if is_blank(cell):
        return _MISSING
    if isinstance(cell, str):
        return _from_text(cell, style)
    if isinstance(cell, float):
        return _from_float(cell)
    if isinstance(cell, (int, Decimal)) and not isinstance(cell, bool):
        return _from_exact(Decimal(cell))
    why = "is a spreadsheet error" if isinstance(cell, CellError) else "is no amount"
    return Money(None, "bad_amount", f"{cell_text(cell)[:60]!r} {why}")


def _from_text(text: str, style: NumberStyle) -> Money:
    cents = parse_cents(text, style)
    if cents is not None:
        return Money(cents)
    if text.strip() in _DASHES:
        return _MISSING
    why = "is a spreadsheet error" if is_error_text(text) else "is no amount in the style of its column"
    return Money(None, "bad_amount", f"{text.strip()[:60]!r} {why}")


def _from_exact(value: Decimal) -> Money:
    if not value.is_finite() or abs(value) >= _MAX_AMOUNT:
        return Money(None, "bad_amount", f"{str(value)[:60]!r} is too large for an amount")
    exact = grid_cents(value)
    return Money(round(value * 100), rounded=True) if exact is None else Money(exact)


def _from_float(value: float) -> Money:
    if math.isnan(value):
        return _MISSING
    if abs(value) >= _MAX_AMOUNT:  # past this, a float no longer holds the cents
        return Money(None, "bad_amount", f"{value!r} is too large for an amount")
    scaled = value * 100
    cents = round(scaled)
    return Money(cents, rounded=abs(scaled - cents) > max(_GRID_NOISE, abs(scaled) * 1e-12))


def without_guards(grid: Grid) -> Grid:
    """A delimited grid without the apostrophes that keep spreadsheets from running a text as a formula (``'=A1``)."""
    if grid.delimiter is None or not any(isinstance(c, str) and _GUARD.match(c) for row in grid.rows for c in row):
        return grid
    rows = (tuple(c[1:] if isinstance(c, str) and _GUARD.match(c) else c for c in row) for row in grid.rows)
    return replace(grid, rows=tuple(rows))


def read_direction(cell: Cell) -> int | None:
    """-1 for a word of money going out, +1 for money coming in, None for anything else."""
    word = fold(cell_text(cell)).strip(" .")
    return -1 if word in DEBIT_WORDS else 1 if word in CREDIT_WORDS else None


def are_directions(cells: set[str]) -> bool:
    """Whether the distinct texts of a type column are directions, not categories.

    Debit and credit words always are. Words that may be categories too (receita, despesa) are
    only where both sides occur and nothing else does.
    """
    words = {fold(text).strip(" .") for text in cells} - {""}
    if not words or not words <= DEBIT_WORDS | CREDIT_WORDS:
        return False
    both = bool(words & DEBIT_WORDS) and bool(words & CREDIT_WORDS)
    return both or not words & _CATEGORY_WORDS


def is_balance(description: str, category: Cell, amount: Cell) -> bool:
    """Whether a row only states a balance: description (normalised) or category is a balance phrase, whole."""
    if not is_blank(category) and fold(cell_text(category)).strip(" .:") in _BALANCE_WORDS:
        return True
    return description in _BALANCE_WORDS or is_balance_row(description, cell_text(amount))


def is_total(description: str, category: Cell, date: Cell, *, dated: bool) -> bool:
    """Whether a row is a total: exactly ``Total``, or beginning so where there is no date."""
    texts = [description, fold(cell_text(category)), "" if dated else fold(cell_text(date))]
    pattern = _TOTAL if dated else _TOTAL_OF
    return any(pattern.fullmatch(text) for text in texts if text)


__all__ = ["Money", "are_directions", "is_balance", "is_total", "read_direction", "read_money", "without_guards"]
