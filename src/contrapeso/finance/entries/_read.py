"""Reading rows in the caller's form: columns to fields, fields to a ledger, and every row accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger, Rows, ledger_of
from contrapeso.finance.entries._amounts import BAD, MISSING, shown
from contrapeso.finance.entries._box import Box, Key, open_box
from contrapeso.finance.entries._cells import Cells, text_of
from contrapeso.finance.entries._core import Columns, Core, check_mapping, find_core
from contrapeso.finance.entries._entries import Column, Entries, Note, SetAside
from contrapeso.finance.entries._facts import Facts
from contrapeso.finance.entries._fields import DESCRIPTION_LIMIT, Fields, rows_where
from contrapeso.finance.entries._names import Role, hint_of
from contrapeso.finance.entries._plans import DayPlan, Plan
from contrapeso.finance.entries._rest import find_plan
from contrapeso.finance.entries._signs import Signs
from contrapeso.finance.entries._words import Said, Words
from contrapeso.finance.entries._write import groups_of

_TRUE = frozenset({"true", "sim", "s", "yes", "y", "1", "1.0", "verdadeiro"})
_LEAST_UNIQUE = 0.9
_ORDERS = {
    "dmy": Words("dia antes do mês", "day before month"),
    "mdy": Words("mês antes do dia", "month before day"),
}
_SYMBOLS = {"R$": "BRL", "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP"}


def read_entries(
    rows: object,
    mapping: Mapping[str, str] | None = None,
    *,
    currency: str | None = None,
    synthetic: Literal["set_aside", "keep"] = "set_aside",
    least_support: int = 3,
    today: dt.date | None = None,
) -> Entries:
    """The movements in ``rows``, in whatever form they come, and what is needed to write new ones in that form.

    Parameters
    ----------
    rows : list of dicts (keys may differ), of transactions, of dataclasses or of mapped objects; DataFrame; Arrow table
        Never changed.
    mapping : roles by name of column, e.g. ``{"Tipo": "category"}``; the others are found by name and content
    currency : the only currency to read, where there are several; rows in others are set aside
    synthetic : whether rows whose ``is_synthetic`` is true are set aside or read
    least_support : rows that must share a value for it to be copied into new rows
    today : day after which a date is in the future; default the day of the machine

    Raises
    ------
    ColumnNotFoundError
        If a column of ``mapping`` is not there, or no column is the date or the amount.
    InvalidParameterError
        If ``rows`` has no rows, or an option is outside its rule.
    InvalidDataError
        If there are several currencies and none was asked for.

    Examples
    --------
    >>> entries = read_entries([{"data": "05/01/2024", "valor": "-1.234,50", "descricao": "TED"}])
    >>> entries.ledger.cents.tolist(), entries.roles
    ([-123450], {'data': 'date', 'valor': 'amount', 'descricao': 'description'})
    """
    if least_support < 1:
        raise InvalidParameterError(f"least_support is 1 or more; got {least_support}.")
    if synthetic not in {"set_aside", "keep"}:
        raise InvalidParameterError(f"synthetic is 'set_aside' or 'keep'; got {synthetic!r}.")
    box = open_box(rows)
    columns: Columns = {key: Cells(key, values) for key, values in box.columns.items()}
    declared = check_mapping(columns, mapping) if columns else {}
    reader = _Reader(box, columns, declared, today or dt.date.today(), least_support)  # noqa: DTZ011
    return reader.read(currency, keep_synthetic=synthetic == "keep")


@dataclass
class _Reader:
    """One reading; ``aside`` and ``notes`` fill up step by step."""

    box: Box
    columns: Columns
    declared: dict[Key, Role]
    today: dt.date
    least: int
    aside: dict[int, Said] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    plans: dict[Key, Plan] = field(default_factory=dict)
    found: dict[Key, Column] = field(default_factory=dict)

    def read(self, currency: str | None, *, keep_synthetic: bool) -> Entries:
        self._refuse_strangers(keep_synthetic=keep_synthetic)
        if len(self.aside) == self.box.n_rows:
            return self._entries(ledger_of([], [], [], currency=currency or "BRL"), np.empty(0, dtype=np.int64))
        alive = self._alive()
        cells = self._take(alive)
        core = find_core(cells, self.declared)
        money = self._currency(core, cells, alive, currency)
        fields = Fields(core, cells)
        self._refuse_unread(fields, alive)
        kept = np.array([i for i, row in enumerate(alive.tolist()) if row not in self.aside], dtype=np.int64)
        kept = self._without_repeats(fields, alive, kept)
        rows = alive[kept]
        ledger = fields.ledger(kept, money)
        self._tell(fields, ledger, rows, kept)
        cells = {key: column if len(kept) == len(column) else column.take(kept) for key, column in cells.items()}
        if len(ledger):
            self._plan_core(fields, core, cells, ledger, kept)
            self._plan_rest(core, cells, ledger, fields.signs)
        return self._entries(ledger, rows)

    def _alive(self) -> Rows:
        return np.array([row for row in range(self.box.n_rows) if row not in self.aside], dtype=np.int64)

    def _take(self, rows: Rows) -> Columns:
        whole = len(rows) == self.box.n_rows
        return {key: column if whole else column.take(rows) for key, column in self.columns.items()}

    def _entries(self, ledger: Ledger, rows: Rows) -> Entries:
        aside = tuple(SetAside(row, self.aside[row]) for row in sorted(self.aside))
        if len(self.box.shapes) > 1:
            self.notes.append(Note((), Said("different_keys", {"n": len(self.box.shapes)})))
        order = tuple(self.found[key] for key in self.columns if key in self.found)
        return Entries(ledger, rows, order, aside, tuple(self.notes), self.box.n_rows, self.box, self.plans)

    def _refuse_strangers(self, *, keep_synthetic: bool) -> None:
        """Set aside what is no row, blank rows, and rows that are synthetic already."""
        self.aside.update({row: Said("not_a_row", {"came": kind}) for row, kind in self.box.strangers.items()})
        blank = np.ones(self.box.n_rows, dtype=bool)
        marked = np.zeros(self.box.n_rows, dtype=bool)
        for key, cells in self.columns.items():
            blank &= cells.blank
            if self.declared.get(key, hint_of(key)) == "synthetic":
                true = [text_of(value).strip().casefold() in _TRUE for value in cells.distinct]
                marked |= np.array([*true, False])[cells.codes]
        self._refuse(np.flatnonzero(blank), Said("blank_row"))
        if not keep_synthetic:
            self._refuse(np.flatnonzero(marked), Said("synthetic_row"))

    def _refuse(self, rows: Rows, said: Said) -> None:
        for row in rows.tolist():
            self.aside.setdefault(row, said)

    def _currency(self, core: Core, cells: Columns, alive: Rows, asked: str | None) -> str:
        """The one currency of the rows; the rows of others are set aside where one was asked for."""
        if "currency" not in core.places:
            return (asked or "BRL").upper()
        column = cells[core.places["currency"]]
        texts = [text_of(value).strip() for value in column.distinct]
        codes = np.array([*(_SYMBOLS.get(text, text.upper()) for text in texts), ""], dtype=object)[column.codes]
        counts = {code: int((codes == code).sum()) for code in dict.fromkeys(codes.tolist()) if code}
        if asked is None and len(counts) > 1:
            raise InvalidDataError(
                f"Rows are in several currencies: {', '.join(f'{c} {n}' for c, n in counts.items())}. Amounts of "
                f"different ones are never put together; read one at a time, e.g. currency={next(iter(counts))!r}.",
                {"reason": "mixed_currencies", "currencies": counts},
            )
        chosen = (asked or next(iter(counts), "BRL")).upper()
        for code in counts:
            if code != chosen:
                said = Said("other_currency", {"came": code, "asked": chosen})
                self._refuse(alive[rows_where(codes == code)], said)
        if column.n < len(column):
            n = len(column) - column.n
            self.notes.append(Note((), Said("currency_assumed", {"n": n, "currency": chosen})))
        return chosen

    def _refuse_unread(self, fields: Fields, alive: Rows) -> None:
        for i, code in fields.statements().items():
            self.aside.setdefault(int(alive[i]), Said(code))
        amounts = fields.must("amount", "amount_cents", "credit", "debit")
        for problems, cells, name in (
            (fields.written.problem, amounts, "amount"),
            (fields.days.problem, fields.must("date"), "date"),
        ):
            for i in np.flatnonzero(problems).tolist():
                if name == "amount" and fields.twice(i):
                    said = Said("two_amounts")
                elif problems[i] == MISSING:
                    said = Said(f"missing_{name}", {"column": cells.name})
                else:
                    said = Said(f"bad_{name}", {"column": cells.name, "came": shown(cells.values[i])})
                self.aside.setdefault(int(alive[i]), said)

    def _without_repeats(self, fields: Fields, alive: Rows, kept: Rows) -> Rows:
        """``kept`` without rows that repeat an earlier one, identifier and all; other repeats are noted."""
        again: set[int] = set()
        for cells in fields.identifiers():
            known = cells.codes[kept]
            known = known[known >= 0]
            if not len(known) or len(np.unique(known)) < _LEAST_UNIQUE * len(known):
                continue
            seen: dict[int, int] = {}
            other: list[int] = []
            for i, code in zip(kept.tolist(), cells.codes[kept].tolist(), strict=True):
                first = seen.setdefault(code, i) if code >= 0 else i
                if first == i:
                    continue
                if fields.content(first) == fields.content(i):
                    again.add(i)
                    self.aside[int(alive[i])] = Said("duplicate_row", {"first": int(alive[first])})
                else:
                    other.append(int(alive[i]))
            if other:
                said = Said("duplicate_id", {"n": len(other), "column": cells.name})
                self.notes.append(Note(tuple(other), said))
        return np.array([i for i in kept.tolist() if i not in again], dtype=np.int64)

    def _tell(self, fields: Fields, ledger: Ledger, rows: Rows, kept: Rows) -> None:
        """Notes on rows that were kept."""
        amounts = fields.must("amount", "amount_cents", "credit", "debit").name
        self._note(rows[ledger.days > np.datetime64(self.today)], "future_date", today=self.today.isoformat())
        long = np.array([len(text) > DESCRIPTION_LIMIT for text in fields.texts], dtype=bool)
        self._note(rows[long[kept]], "long_description", limit=DESCRIPTION_LIMIT)
        self._note(rows[fields.written.rounded[kept]], "rounded", column=amounts)
        if fields.written.style is not None and not fields.written.style.certain:
            self._tell_whole("unsure_amounts", column=amounts, mark=fields.written.style.decimal)
        if not fields.days.style.certain:
            self._tell_whole("unsure_dates", column=fields.must("date").name, order=_ORDERS[fields.days.style.order])
        if fields.balances is not None:
            bad = fields.balances.problem == BAD
            self._note(rows[bad[kept]], "unread_balances", column=fields.must("balance", "balance_cents").name)
        if (kind := fields.of("type")) is not None:
            self._tell_of_type(fields, rows, kept, kind.name)
        elif len(ledger) and (ledger.cents > 0).all():
            self._tell_whole("all_positive")

    def _tell_of_type(self, fields: Fields, rows: Rows, kept: Rows, column: str) -> None:
        if fields.signs.convention != "signed":
            self._tell_whole(
                "sign_of_type" if fields.signs.convention == "unsigned" else "inverted_sign", column=column
            )
        against = (fields.directions * np.sign(fields.cents) < 0)[kept]
        self._note(rows[against], "type_contradicts_sign", column=column)

    def _tell_whole(self, code: str, **values: object) -> None:
        self.notes.append(Note((), Said(code, values)))

    def _note(self, rows: Rows, code: str, **values: object) -> None:
        if len(rows):
            self.notes.append(Note(tuple(rows.tolist()), Said(code, {"n": len(rows), **values})))

    def _plan_core(self, fields: Fields, core: Core, cells: Columns, ledger: Ledger, kept: Rows) -> None:
        for key, plan in fields.plans(cells, ledger, kept).items():
            role = next(role for role, place in core.places.items() if place == key)
            self.plans[key] = plan
            self.found[key] = Column(str(key), role, core.said[role])
            if isinstance(plan, DayPlan) and plan.form.varies:
                self._tell_whole("clock_of_date", column=key)

    def _plan_rest(self, core: Core, cells: Columns, ledger: Ledger, signs: Signs) -> None:
        facts = Facts(ledger, signs.outward(ledger.cents), signs, groups_of(ledger), self.least)
        for key, column in cells.items():
            if key not in self.plans:
                role, said, plan = find_plan(column, facts, core.declared.get(key))
                self.plans[key] = plan
                self.found[key] = Column(str(key), role, said)


__all__ = ["read_entries"]
