"""Rows of one sheet, each one a draft of a transaction or quarantined with its reason: none is left over."""

from __future__ import annotations

import datetime as dt
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from contrapeso.finance._text import normalize_description
from contrapeso.finance._transaction import Quarantined
from contrapeso.finance.ingest._cells import Money, is_balance, is_total, read_direction, read_money
from contrapeso.finance.ingest._headers import Columns, Role, header_key
from contrapeso.tables.reading import Cell, DateStyle, Grid, NumberStyle, cell_text, is_blank, parse_date

_CORE: tuple[Role, ...] = ("date", "description", "amount", "debit", "credit", "balance", "category", "type")
_FILLED_ROLES: tuple[Role, ...] = ("date", "description", "category", "type", "bank", "account")
_FILL_FROM = 3
EXPLAINING_SHEETS = frozenset({"Proveniência", "Regras"})
"""Sheets that the writer of statements adds to the movements."""


@dataclass(slots=True)
class Draft:
    """A row that has a date and an amount; its sign may still be open (``direction`` from a type column)."""

    row: int
    date: dt.date
    cents: int
    description_raw: str
    description: str
    direction: int | None
    category: str | None
    balance_cents: int | None
    bank: str
    account: str
    fitid: str
    identifier: str
    currency: str
    extra: dict[str, str]


@dataclass(frozen=True, slots=True)
class Styles:
    """How the file writes amounts, balances and dates: decided once for all its sheets."""

    amount: NumberStyle
    balance: NumberStyle
    date: DateStyle
    type_is_direction: bool


@dataclass(slots=True)
class SheetRows:
    """Everything found in one sheet."""

    name: str | None
    drafts: list[Draft] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    n_rounded: int = 0
    n_no_description: int = 0
    n_bad_balance: int = 0

    def refuse(self, row: int, reason: str, detail: str) -> None:
        """Quarantine a row."""
        self.quarantined.append(Quarantined(self.name, row, reason, detail))


def list_without_header(grid: Grid) -> SheetRows:
    """The rows of a sheet in which no header was recognised, listed as such."""
    found = SheetRows(grid.name)
    for i, row in enumerate(grid.rows):
        if all(map(is_blank, row)):
            found.refuse(grid.row_number(i), "blank_row", "no cell has a value")
        elif grid.name in EXPLAINING_SHEETS:
            found.refuse(grid.row_number(i), "side_table", "the sheet explains the synthetic rows of another one")
        else:
            found.refuse(grid.row_number(i), "no_header", "no row of the sheet names a date and an amount column")
    return found


def read_rows(grid: Grid, columns: Columns, styles: Styles) -> SheetRows:
    """Drafts and quarantined rows of a sheet; their numbers together are the rows of the grid."""
    return _Reader(grid, columns, styles).read()


class _Reader:
    def __init__(self, grid: Grid, columns: Columns, styles: Styles) -> None:
        self._grid, self._columns, self._styles = grid, columns, styles
        self._found = SheetRows(grid.name)
        self._roles = columns.roles
        self._core = [self._roles[role] for role in _CORE if role in self._roles]
        self._dates: dict[Cell, dt.date | None] = {}
        self._texts: dict[str, str] = {}
        self._filled = _merged_cells(grid, columns)
        self._debit_sign = self._sign_of_debits()
        self._undated: list[int] = []
        self._dated: list[tuple[int, dt.date | None]] = []  # every row with a date cell; None if it is no date

    def read(self) -> SheetRows:
        dates_from = self._columns.header + 1
        for i, row in enumerate(self._grid.rows):
            if i < dates_from:
                self._take_head(i, row)
            else:
                self._take(i, row)
        self._take_undated()
        if self._filled:
            n = len(self._filled)
            self._found.notes.append(f"merged_cells: {n} cells{_of(self._grid)} take the value of their merged range.")
        return self._found

    def _take_head(self, i: int, row: Sequence[Cell]) -> None:
        number = self._grid.row_number(i)
        if i == self._columns.header:
            self._found.refuse(number, "header_row", "the names of the columns")
        elif all(map(is_blank, row)):
            self._found.refuse(number, "blank_row", "no cell has a value")
        else:
            self._found.refuse(number, "title_row", "it stands above the header")

    def _take(self, i: int, row: Sequence[Cell]) -> None:
        refusal = self._not_a_movement(row)
        if refusal:
            self._found.refuse(self._grid.row_number(i), *refusal)
            return
        cells = self._with_merged(i, row)
        date_cell = self._cell(cells, "date")
        date = self._date(date_cell)
        if not is_blank(date_cell):
            self._dated.append((i, date))
        description_raw = self._description(cells)
        description = self._normal(description_raw)
        category = self._cell(cells, "category")
        money = self._money(cells)
        shown = self._cell(cells, "type") if category is None else category
        if is_balance(description, shown, self._amount_cell(cells)):
            refusal = ("balance_row", "it states a balance, not a movement")
        elif is_total(description, category, date_cell, dated=date is not None):
            refusal = ("total_row", "it is a total of other rows")
        elif is_blank(date_cell):
            if money.problem is None and description:
                self._undated.append(i)
                return
            refusal = ("missing_date", "the date is blank")
        elif date is None:
            refusal = ("bad_date", f"{cell_text(date_cell)[:40]!r} is no date in the order of its column")
        elif money.problem is not None:
            refusal = (money.problem, money.detail)
        if refusal or date is None:
            self._found.refuse(self._grid.row_number(i), *(refusal or ("bad_date", "the date is blank")))
            return
        self._draft(i, cells, date, money)

    def _not_a_movement(self, row: Sequence[Cell]) -> tuple[str, str] | None:
        """Reason and detail of a row that is no row of the table at all."""
        if all(map(is_blank, row)):
            return "blank_row", "no cell has a value"
        if self._grid.delimiter and any(not is_blank(cell) for cell in row[len(self._columns.keys) :]):
            return "ragged_row", "it has more cells than the header; perhaps a delimiter inside a text or an amount"
        if all(is_blank(self._at(row, j)) for j in self._core):
            return self._without_core(row)
        return ("header_row", "the names of the columns again") if self._repeats_header(row) else None

    def _without_core(self, row: Sequence[Cell]) -> tuple[str, str] | None:
        """Reason for a row without date, description, amount, balance and category."""
        present = [j for j, cell in enumerate(row) if not _is_nothing(cell)]
        if not present:
            return "blank_row", "no cell of the table has a value but zeros in copies of the amount"
        if all(j in self._columns.side for j in present):
            return "side_table", "only a table to the right has values here"
        return None

    def _repeats_header(self, row: Sequence[Cell]) -> bool:
        first = self._at(row, self._roles["date"])
        if not isinstance(first, str) or header_key(first) != self._columns.keys[self._roles["date"]]:
            return False
        return all(header_key(self._at(row, j)) == self._columns.keys[j] for j in self._core)

    def _take_undated(self) -> None:
        """Rows without a date: filled from above if the sheet writes a date once per day, else quarantined."""
        days = self._grouped_days()
        if not days:
            for i in self._undated:
                self._found.refuse(self._grid.row_number(i), "missing_date", "the date is blank")
            return
        starts = [i for i, _ in self._dated]
        for i in self._undated:
            cells = self._with_merged(i, self._grid.rows[i])
            self._draft(i, cells, days[bisect(starts, i) - 1], self._money(cells))
        self._found.drafts.sort(key=lambda draft: draft.row)
        n = len(self._undated)
        self._found.notes.append(f"filled_dates: {n} rows{_of(self._grid)} take the date of the row above them.")

    def _grouped_days(self) -> list[dt.date]:
        """The days of the sheet if it writes each once, on its first row, and in order; else none."""
        if len(self._undated) < _FILL_FROM or not self._dated or self._undated[0] < self._dated[0][0]:
            return []
        days = [day for _, day in self._dated if day is not None]
        steps = list(pairwise(days))
        ordered = all(a < b for a, b in steps) or all(a > b for a, b in steps)
        return days if ordered and len(days) == len(self._dated) else []

    def _draft(self, i: int, cells: Sequence[Cell], date: dt.date, money: Money) -> None:
        found = self._found
        raw = self._description(cells)
        found.n_rounded += money.rounded
        found.n_no_description += not raw.strip()
        extra = {
            name: cell_text(cell)
            for j, name in self._columns.extra.items()
            if j < len(cells) and (cell := cells[j]) is not None and not is_blank(cell)
        }
        category = self._cell(cells, "category")
        kind = self._cell(cells, "type")
        if not self._styles.type_is_direction and not is_blank(kind):
            if category is None and "category" not in self._roles:
                category = kind
            else:
                extra["type"] = cell_text(kind)
        found.drafts.append(
            Draft(
                row=self._grid.row_number(i),
                date=date,
                cents=money.cents or 0,
                description_raw=raw,
                description=self._normal(raw),
                direction=read_direction(kind) if self._styles.type_is_direction else None,
                category=None if is_blank(category) else cell_text(category),
                balance_cents=self._balance(cells, extra),
                bank=self._text(cells, "bank"),
                account=self._text(cells, "account"),
                fitid=self._text(cells, "fitid"),
                identifier=self._text(cells, "identifier"),
                currency=self._text(cells, "currency").upper(),
                extra=extra,
            )
        )

    def _balance(self, cells: Sequence[Cell], extra: dict[str, str]) -> int | None:
        cell = self._cell(cells, "balance")
        if is_blank(cell):
            return None
        balance = read_money(cell, self._styles.balance)
        if balance.problem is not None:
            self._found.n_bad_balance += 1
            extra["balance_raw"] = cell_text(cell)
        return balance.cents

    def _money(self, cells: Sequence[Cell]) -> Money:
        if "amount" in self._roles:
            return read_money(self._cell(cells, "amount"), self._styles.amount)
        debit = read_money(self._cell(cells, "debit"), self._styles.amount)
        credit = read_money(self._cell(cells, "credit"), self._styles.amount)
        for side in (debit, credit):
            if side.problem == "bad_amount":
                return side
        if debit.cents and credit.cents:
            return Money(None, "bad_amount", "the debit and the credit column both have an amount")
        if debit.cents is None and credit.cents is None:
            return debit
        cents = credit.cents or self._debit_sign * (debit.cents or 0)
        return Money(cents, rounded=debit.rounded or credit.rounded)

    def _sign_of_debits(self) -> int:
        """+1 if the debit column writes its amounts as negative numbers already, else -1."""
        if "debit" not in self._roles or "amount" in self._roles:
            return -1
        j = self._roles["debit"]
        rows = self._grid.rows[self._columns.header + 1 :]
        cents = [read_money(self._at(row, j), self._styles.amount).cents or 0 for row in rows]
        return 1 if sum(c < 0 for c in cents) > sum(c > 0 for c in cents) else -1

    def _amount_cell(self, cells: Sequence[Cell]) -> Cell:
        if "amount" in self._roles:
            return self._cell(cells, "amount")
        debit = self._cell(cells, "debit")
        return self._cell(cells, "credit") if is_blank(debit) else debit

    def _description(self, cells: Sequence[Cell]) -> str:
        text = self._text(cells, "description", strip=False)
        if text.strip():
            return text
        return next((cell_text(cells[j]) for j in self._columns.fallbacks if not is_blank(self._at(cells, j))), "")

    def _date(self, cell: Cell) -> dt.date | None:
        if cell not in self._dates:
            self._dates[cell] = parse_date(cell, self._styles.date)
        return self._dates[cell]

    def _normal(self, text: str) -> str:
        if text not in self._texts:
            self._texts[text] = normalize_description(text)
        return self._texts[text]

    def _cell(self, cells: Sequence[Cell], role: Role) -> Cell:
        return self._at(cells, self._roles[role]) if role in self._roles else None

    def _text(self, cells: Sequence[Cell], role: Role, *, strip: bool = True) -> str:
        text = cell_text(self._cell(cells, role))
        return text.strip() if strip else text

    @staticmethod
    def _at(cells: Sequence[Cell], j: int) -> Cell:
        return cells[j] if j < len(cells) else None

    def _with_merged(self, i: int, row: Sequence[Cell]) -> Sequence[Cell]:
        if not self._filled:
            return row
        return [self._filled.get((i, j), cell) for j, cell in enumerate(row)]


def _is_nothing(cell: Cell) -> bool:
    """Whether a cell is blank or the zero of a formula that copies blank cells."""
    return is_blank(cell) or (isinstance(cell, (str, int, float)) and str(cell).strip() in {"0", "0.0", "False", "-"})


def _merged_cells(grid: Grid, columns: Columns) -> dict[tuple[int, int], Cell]:
    """Values of the cells that a merged range hides, in columns where they mean the same for each row."""
    wanted = {columns.roles[role] for role in _FILLED_ROLES if role in columns.roles}
    filled: dict[tuple[int, int], Cell] = {}
    for top, left, bottom, right in grid.merged:
        if top <= columns.header or left not in wanted or left != right:
            continue
        value = grid.rows[top][left]
        last = min(bottom, len(grid.rows) - 1)
        filled.update(((i, left), value) for i in range(top + 1, last + 1) if grid.rows[i][left] is None)
    return filled


def _of(grid: Grid) -> str:
    return f" of sheet {grid.name!r}" if grid.name else ""


__all__ = ["Draft", "SheetRows", "Styles", "list_without_header", "read_rows"]
