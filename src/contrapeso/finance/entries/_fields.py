"""The fields of the movements, column by column: read from the caller's cells, and how each is written back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Cents, Ledger, Rows, ledger_of
from contrapeso.finance._text import normalize_description
from contrapeso.finance.entries._amounts import BAD, MISSING, Amounts, Unit, learn_amount_form, read_amounts
from contrapeso.finance.entries._box import Key
from contrapeso.finance.entries._cells import Cells, Mask, plain, text_of
from contrapeso.finance.entries._core import Columns, Core
from contrapeso.finance.entries._dates import ReadDays, learn_day_form, read_days
from contrapeso.finance.entries._names import Role, hint_of
from contrapeso.finance.entries._plans import (
    AccountPlan,
    AmountPlan,
    BalancePlan,
    BankPlan,
    CategoryPlan,
    DayPlan,
    DescriptionPlan,
    Plan,
    RowPlan,
    SidePlan,
    SignPlan,
)
from contrapeso.finance.entries._signs import Signs, convention_of, directions_of, tells_direction, words_of_signs
from contrapeso.finance.entries._words import Said
from contrapeso.finance.ingest._cells import is_balance, is_total

DESCRIPTION_LIMIT = 500
_STATEMENT = re.compile("sald|balance|s a l d o|tota|soma")
_ACCOUNT_DIGITS = 4
_LETTERS = re.compile(r"[^\W\d_]+")
_ACCOUNT_WORDS = (
    "acc account agencia ag banco bank branch caixa carteira cartao card cash cc checking conta corrente cp credit "
    "credito default empresa filial loja main matriz poupanca primary principal savings secundaria wallet da de do e"
)
_ACCOUNT_NAMES = frozenset(_ACCOUNT_WORDS.split())
_PLACES: tuple[Role, ...] = ("bank", "agency", "account")


@dataclass
class Fields:
    """Fields of n rows; ``core`` may lose its type column to the category."""

    core: Core
    cells: Columns
    signs: Signs = field(default_factory=Signs)

    def __post_init__(self) -> None:
        self._settle_type()

    def of(self, role: Role) -> Cells | None:
        """The column of a role."""
        key = self.core.places.get(role)
        return None if key is None else self.cells[key]

    def must(self, *roles: Role) -> Cells:
        """The column of the first of these roles that there is."""
        return next(self.cells[self.core.places[role]] for role in roles if role in self.core.places)

    def _settle_type(self) -> None:
        """A type that tells no direction is the category, where there is no other; else one of the rest."""
        column = self.of("type")
        if column is None:
            return
        if tells_direction(column):
            directions = directions_of(column)
            convention = convention_of(self.written.cents, directions) if self.has_amount else "signed"
            self.signs = Signs(convention, words_of_signs(column, directions))
            return
        key = self.core.places.pop("type")
        said = self.core.said.pop("type")
        if "category" not in self.core.places and said.code != "declared" and column.n:
            self.core.place("category", key, Said("not_directions"))

    @cached_property
    def days(self) -> ReadDays:
        """The days."""
        return read_days(self.must("date"))

    @property
    def has_amount(self) -> bool:
        """Whether one column holds the amounts, not one for debits and one for credits."""
        return bool(self.core.places.keys() & {"amount", "amount_cents"})

    @property
    def unit(self) -> Unit:
        """Unit of the amounts."""
        return "units" if "amount" in self.core.places or not self.has_amount else "cents"

    @cached_property
    def written(self) -> Amounts:
        """Amounts as they are written."""
        if self.has_amount:
            return read_amounts(self.must("amount", "amount_cents"), self.unit)
        return self._sides()

    def _sides(self) -> Amounts:
        """Amounts of a column of debits and one of credits: one of the two has it."""
        n = len(next(iter(self.cells.values())))
        absent = Cells("", [None] * n)
        debit, credit = (read_amounts(self.of(role) or absent) for role in _DEBIT_CREDIT)
        twice = debit.ok & credit.ok & (debit.cents != 0) & (credit.cents != 0)
        none = (debit.problem == MISSING) & (credit.problem == MISSING)
        bad = twice | (debit.problem == BAD) | (credit.problem == BAD)
        cents = np.where(bad, 0, np.abs(credit.cents) - np.abs(debit.cents))
        problem = np.where(bad, BAD, np.where(none, MISSING, 0)).astype(np.int8)
        return Amounts(cents, problem, debit.rounded | credit.rounded, debit.style or credit.style)

    def twice(self, row: int) -> bool:
        """Whether a row has both a debit and a credit."""
        sides = [column for role in _DEBIT_CREDIT if (column := self.of(role)) is not None]
        return not self.has_amount and len(sides) == 2 and not any(column.blank[row] for column in sides)

    @cached_property
    def directions(self) -> NDArray[np.int8]:
        """What the type column says: -1, 1, or 0 where it says nothing."""
        column = self.of("type")
        n = len(self.written.cents)
        return np.zeros(n, dtype=np.int8) if column is None else directions_of(column)

    @cached_property
    def cents(self) -> Cents:
        """Signed amounts: below 0 leaves the account."""
        return self.signs.inward(self.written.cents, self.directions)

    @cached_property
    def descriptions(self) -> list[str]:
        """Descriptions as typed, their first 500 characters."""
        return [text[:DESCRIPTION_LIMIT] for text in self.texts]

    @cached_property
    def texts(self) -> list[str]:
        """Descriptions as typed."""
        column = self.of("description")
        return [""] * len(self.written.cents) if column is None else list(map(text_of, column.values))

    @cached_property
    def categories(self) -> list[str]:
        """Categories as typed."""
        column = self.of("category")
        return [""] * len(self.written.cents) if column is None else list(map(text_of, column.values))

    @cached_property
    def balances(self) -> Amounts | None:
        """Balances, where there are any."""
        column = self.of("balance") or self.of("balance_cents")
        return None if column is None else read_amounts(column, "units" if self.of("balance") else "cents")

    @cached_property
    def accounts(self) -> list[str]:
        """One name for each account: of bank, agency and account what there is."""
        columns = [column for role in _PLACES if (column := self.of(role)) is not None]
        if not columns:
            return [""] * len(self.written.cents)
        known: dict[tuple[int, ...], str] = {}
        names = []
        for codes in zip(*(column.codes.tolist() for column in columns), strict=True):
            if codes not in known:
                parts = [text_of(c.distinct[code]).strip() for c, code in zip(columns, codes, strict=True) if code >= 0]
                known[codes] = " ".join(dict.fromkeys(parts))
            names.append(known[codes])
        return names

    def statements(self) -> dict[int, str]:
        """Rows that state a balance or a total, with the code of which."""
        found: dict[int, str] = {}
        amounts = self.must("amount", "amount_cents", "credit", "debit").values
        pairs: dict[tuple[str, str], bool] = {}
        for i, pair in enumerate(zip(self.descriptions, self.categories, strict=True)):
            if pair not in pairs:
                pairs[pair] = bool(_STATEMENT.search(f"{pair[0]} {pair[1]}".lower()))
            if not pairs[pair]:
                continue
            description = normalize_description(pair[0])
            if is_balance(description, pair[1], plain(amounts[i])):
                found[i] = "balance_row"
            elif is_total(description, pair[1], "", dated=bool(self.days.ok[i])):
                found[i] = "total_row"
        return found

    def identifiers(self) -> list[Cells]:
        """Columns that identify rows by their name."""
        declared = self.core.declared
        names = [key for key in self.cells if declared.get(key, hint_of(key)) == "id"]
        return [self.cells[key] for key in names if self.cells[key].n]

    def content(self, row: int) -> tuple[object, ...]:
        """What two rows of one movement have in common."""
        return str(self.days.days[row]), int(self.cents[row]), self.texts[row], self.accounts[row]

    def ledger(self, rows: Rows, currency: str) -> Ledger:
        """The ledger of these rows."""
        picked = rows.tolist()
        known = self.balances
        return ledger_of(
            self.days.days[rows],
            self.cents[rows],
            [self.descriptions[i] for i in picked],
            categories=[self.categories[i] for i in picked],
            accounts=[self.accounts[i] for i in picked],
            balances=[int(known.cents[i]) if known.ok[i] else None for i in picked] if known is not None else None,
            currency=currency,
        )

    def plans(self, kept: Columns, ledger: Ledger, rows: Rows) -> dict[Key, Plan]:
        """How the columns of the fields are written; ``kept`` are the cells of the rows of the ledger."""
        banks = kept[self.core.places["bank"]] if "bank" in self.core.places else None
        makers: dict[Role, Callable[[Cells], Plan]] = {
            "date": lambda cells: DayPlan(learn_day_form(cells, self.days.style)),
            "amount": lambda cells: AmountPlan(learn_amount_form(cells, self.written.take(rows)), self.signs),
            "amount_cents": lambda c: AmountPlan(learn_amount_form(c, self.written.take(rows), "cents"), self.signs),
            "debit": lambda cells: _side(cells, outgoing=True),
            "credit": lambda cells: _side(cells, outgoing=False),
            "description": lambda cells: DescriptionPlan(cells.null_form),
            "category": lambda cells: CategoryPlan(_values(cells), cells.null_form),
            "type": lambda cells: SignPlan(self.signs.words or ("", ""), cells.values),
            "balance": lambda cells: _balance(cells, "units"),
            "balance_cents": lambda cells: _balance(cells, "cents"),
            "bank": lambda cells: _bank(cells, ledger),
            "agency": lambda cells: _account(cells, ledger, banks),
            "account": lambda cells: _account(cells, ledger, banks),
            "currency": lambda cells: RowPlan(cells.values, cells.null_form),
        }
        return {key: makers[role](kept[key]) for role, key in self.core.places.items()}


_DEBIT_CREDIT: tuple[Role, Role] = ("debit", "credit")


def _values(cells: Cells) -> dict[str, object]:
    """The value of each text, the first one that is written so."""
    values: dict[str, object] = {}
    for value in cells.distinct:
        values.setdefault(text_of(value), value)
    return values


def _side(cells: Cells, *, outgoing: bool) -> Plan:
    amounts = read_amounts(cells)
    form = learn_amount_form(cells, amounts)
    negative = bool((amounts.cents < 0).sum() > (amounts.cents > 0).sum())
    zeros = amounts.ok & (amounts.cents == 0)
    empty = cells.values[int(np.flatnonzero(zeros)[0])] if zeros.sum() > cells.blank.sum() else cells.null_form
    return SidePlan(form, outgoing, negative, empty)


def _balance(cells: Cells, unit: Unit) -> Plan:
    return BalancePlan(learn_amount_form(cells, read_amounts(cells, unit), unit), None if cells.n else cells.null_form)


def _first_of_each(cells: Cells, ledger: Ledger) -> dict[str, object]:
    """The first value of the column for each account of the ledger."""
    values: dict[str, object] = {}
    for key, value, gone in zip(ledger.accounts.tolist(), cells.values, cells.blank.tolist(), strict=True):
        if not gone:
            values.setdefault(key, value)
    return values


def _account(cells: Cells, ledger: Ledger, banks: Cells | None) -> Plan:
    values = _first_of_each(cells, ledger)
    named = _first_of_each(banks, ledger) if banks is not None else {}
    public = {key for key, value in values.items() if _is_public(text_of(value), text_of(named.get(key)))}
    return AccountPlan(values, frozenset(public), cells.null_form)


def _is_public(text: str, bank: str) -> bool:
    """Whether the name of an account leads to nobody: it is that of its bank, or of ordinary words and few digits."""
    folded = normalize_description(text)
    if folded == normalize_description(bank) or not folded:
        return True
    words = _LETTERS.findall(folded)
    return sum(map(str.isdigit, folded)) < _ACCOUNT_DIGITS and all(word in _ACCOUNT_NAMES for word in words)


def _bank(cells: Cells, ledger: Ledger) -> Plan:
    return BankPlan(_first_of_each(cells, ledger), RowPlan(cells.values, cells.null_form))


def rows_where(mask: Mask) -> Rows:
    """Places where ``mask`` is true."""
    return np.flatnonzero(mask).astype(np.int64)


__all__ = ["DESCRIPTION_LIMIT", "Fields", "rows_where"]
