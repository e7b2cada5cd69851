"""A frame of movements as the rules read it: columns once, groups once, and the columns that follow from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from contrapeso.finance._ledger import Ledger
from contrapeso.finance.calendar import FIRST_DAY, LAST_DAY, BankCalendar, bank_calendar
from contrapeso.finance.rules._folding import fold_all, instruments_of, payees_of, space_all
from contrapeso.finance.rules._values import (
    Bools,
    Ints,
    UnanswerableError,
    Values,
    as_days,
    as_text,
    numbers,
    read_column,
    regrouped,
)

CENTAVOS = 100
_DERIVED = {"amount": "amount_cents", "amount_cents": "amount", "balance": "balance_cents", "balance_cents": "balance"}
_OF_TEXT = frozenset({"payee", "instrument"})
_FIRST, _LAST = int(FIRST_DAY.astype(np.int64)), int(LAST_DAY.astype(np.int64))


class Table:
    """Columns of a frame by name, each read once.

    ``amount`` follows from ``amount_cents`` and the other way round, so do ``balance`` and ``balance_cents``; ``payee``
    and ``instrument`` are what the description tells.
    """

    def __init__(self, frame: pd.DataFrame, calendar: BankCalendar | None = None, n_before: int = 0) -> None:
        self.frame = frame
        self.n_before = n_before  # rows that were there first, and are not to be judged
        self.calendar = calendar or bank_calendar()
        self._columns: dict[str, Values] = {}
        self._groups: dict[tuple[str, ...], tuple[Ints, Bools]] = {}
        self._forms: dict[tuple[int, str], tuple[object, list[str]]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def has(self, name: str) -> bool:
        """Whether the column is there or follows from one that is."""
        if name in _OF_TEXT and "description" in self.frame.columns:
            return True
        return name in self.frame.columns or _DERIVED.get(name, "") in self.frame.columns

    def column(self, name: str) -> Values:
        """The column, or the error that makes a rule not applicable."""
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def _read(self, name: str) -> Values:
        if name in _OF_TEXT and name not in self.frame.columns:
            return self._of_text(name)
        if name not in self.frame.columns:
            other = _DERIVED.get(name, "")
            if other not in self.frame.columns:
                raise UnanswerableError(f"column {name!r} is absent", {"absent": name})
            values = self.column(other)
            if values.kind != "number":
                raise UnanswerableError(f"column {other!r} holds no numbers")
            factor = CENTAVOS if name.endswith("_cents") else 1 / CENTAVOS
            data = np.round(values.data * factor, 0 if name.endswith("_cents") else 2)
            return numbers(data, values.missing)
        column = self.frame[name]
        if isinstance(column, pd.DataFrame):
            raise UnanswerableError(f"column {name!r} is there more than once")
        values = read_column(column)
        return as_days(values) if name == "date" and values.kind == "text" else values

    def words(self, values: Values, form: Literal["folded", "spaced"]) -> list[str]:
        """The distinct texts of a column without accents and case, or as words between blanks; made once."""
        key = (id(values.words), form)
        if key not in self._forms:
            made = fold_all(values.words.tolist()) if form == "folded" else space_all(self.words(values, "folded"))
            self._forms[key] = (values.words, made)  # the array is held, so that its id stays its own
        return self._forms[key][1]

    def _of_text(self, name: str) -> Values:
        """Payee or instrument of each description."""
        texts = as_text(self.column("description"))
        found = np.empty(len(texts.words), dtype=object)
        found[:] = payees_of(self.words(texts, "folded")) if name == "payee" else instruments_of(texts.words.tolist())
        return regrouped(texts.data.astype(np.int64), texts.missing, found)

    def days(self, name: str) -> Values:
        """The column as days inside the calendar; a day outside of it is missing."""
        values = as_days(self.column(name))
        outside = (values.data < _FIRST) | (values.data > _LAST)
        return Values("day", np.where(outside, _FIRST, values.data), values.missing | outside)

    def cents(self, name: str) -> Values:
        """A column of money in whole centavos."""
        values = self.column(name)
        if values.kind != "number":
            raise UnanswerableError(f"column {name!r} holds no numbers")
        return values if name.endswith("_cents") else numbers(np.round(values.data * CENTAVOS), values.missing)

    def groups(self, names: Sequence[str]) -> tuple[Ints, Bools]:
        """The number of each row's combination of ``names`` from 0 on, and whether one of its values is missing.

        ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` and ``"year"`` are the period of ``date`` where no column has
        that name.
        """
        key = tuple(names)
        if key not in self._groups:
            self._groups[key] = self._group(key)
        return self._groups[key]

    def _group(self, names: tuple[str, ...]) -> tuple[Ints, Bools]:
        codes = np.zeros(len(self), dtype=np.int64)
        missing = np.zeros(len(self), dtype=bool)
        for name in names:
            part, gone = self.codes(name)
            codes = pd.factorize(codes * (int(part.max(initial=0)) + 1) + part)[0].astype(np.int64)
            missing |= gone
        return codes, missing

    def codes(self, name: str) -> tuple[Ints, Bools]:
        """A number for each distinct value of a column or period, and whether it is missing (then it is 0)."""
        if name in PERIODS and not self.has(name):
            days = self.days("date")
            return _first_is_zero(period_of(days.data.astype(np.int64), name)), days.missing
        values = self.column(name)
        if values.kind == "text":
            return np.where(values.missing, 0, values.data).astype(np.int64), values.missing
        codes = pd.factorize(np.where(values.missing, 0, values.data))[0]
        return codes.astype(np.int64), values.missing

    def objects(self, name: str) -> np.ndarray:
        """The values of a column as they are told to a person: texts, numbers, ISO days; None where missing."""
        values = self.column(name)
        if values.kind in {"text", "day"}:
            return as_text(values).as_objects()
        found = values.data.astype(object)
        found[values.missing] = None
        return found


PERIODS = ("day", "week", "month", "quarter", "year")


def period_of(days: Ints, period: str) -> Ints:
    """Number of the day, ISO week, month, quarter or year in which each day lies."""
    if period == "day":
        return days
    if period == "week":
        return np.asarray((days + 3) // 7)  # 1970-01-01 was a Thursday
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // {"month": 1, "quarter": 3, "year": 12}[period])


def _first_is_zero(numbers_: Ints) -> Ints:
    return numbers_ - numbers_.min() if len(numbers_) else numbers_


def frame_of(ledger: Ledger, *, instrument: Sequence[str] | None = None, template: object = None) -> pd.DataFrame:
    """The canonical frame of a ledger: date, amount, amount_cents, description, category, transaction_type, ...

    Columns of which the ledger knows nothing (no category, no account, no balance in any row, no type where no amount
    is negative) are left out, so that rules about them are not applicable instead of violated.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> frame = frame_of(ledger_of(["2024-05-06"], [-1250], ["TARIFA"], categories=["tarifas"]))
    >>> list(frame.columns), frame["amount"].tolist()
    (['date', 'amount_cents', 'amount', 'description', 'transaction_type', 'category'], [-12.5])
    """
    columns: dict[str, object] = {
        "date": ledger.days.astype("datetime64[s]"),
        "amount_cents": ledger.cents,
        "amount": ledger.cents / CENTAVOS,
        "description": ledger.descriptions,
    }
    if (ledger.cents < 0).any():  # where nothing is negative the sign says nothing about the direction
        columns["transaction_type"] = np.where(ledger.cents < 0, "debit", "credit").astype(object)
    known = (("category", ledger.categories), ("account", ledger.accounts))
    columns |= {name: values for name, values in known if any(values)}
    if ledger.balance_known.any():
        columns["balance"] = np.where(ledger.balance_known, ledger.balances / CENTAVOS, np.nan)
    columns |= {
        name: extra for name, extra in (("instrument", instrument), ("template", template)) if extra is not None
    }
    return pd.DataFrame(columns)


__all__ = ["CENTAVOS", "PERIODS", "Table", "frame_of", "period_of"]
