"""Rows as callers have them (dicts with keys of their own) read as movements; the rows themselves stay as they are.

Which key holds the date, the amount and so on is taken from the caller, else from the names of the keys, by the same
synonyms as the headers of sheets. A row that cannot be read is an error that names it: an export must not lose rows.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

import numpy as np

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.ingest._cells import are_directions, read_direction
from contrapeso.finance.ingest._headers import header_key, role_of
from contrapeso.tables.reading import (
    Cell,
    NumberStyle,
    detect_date_style,
    detect_number_style,
    grid_cents,
    parse_cents,
    parse_date,
)

Row: TypeAlias = Mapping[str, object]
ColumnRole: TypeAlias = Literal[
    "date", "amount", "description", "category", "type", "balance", "account", "bank", "id", "currency"
]
ROLES: tuple[ColumnRole, ...] = get_args(ColumnRole)
MONEY_ROLES: tuple[ColumnRole, ...] = ("amount", "balance")
MARK, PROVENANCE, ORIGINAL_BALANCE = "is_synthetic", "provenance", "balance_original"
_KNOWN: Mapping[str, ColumnRole] = {
    "amount_cents": "amount",
    "balance_cents": "balance",
    "description_raw": "description",
    "transaction_type": "type",
    "category": "category",
    "fitid": "id",
    "transaction_id": "id",
    "bank_name": "bank",
    "account_id": "account",
}
_FROM_READER: Mapping[str, ColumnRole] = {"fitid": "id", "identifier": "id", **{role: role for role in ROLES}}
_YES = frozenset({"true", "sim", "yes", "1", "s", "y"})
_LOOKED_AT = 50
_HUGE = 1e13


@dataclass(frozen=True, slots=True)
class Line:
    """One row as a movement. ``kind`` is the type as written; ``extra`` holds what no role takes, by key."""

    date: dt.date
    cents: int
    description: str
    category: str
    kind: str
    balance_cents: int | None
    account: str
    bank: str
    id: str
    currency: str
    synthetic: bool
    provenance: Mapping[str, object]
    extra: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RowTable:
    """Rows read as movements.

    Attributes
    ----------
    lines : one for each row, in order
    columns : key of each role that was found
    in_cents : roles whose key holds whole centavos
    unsigned : whether the rows write amounts without a sign and tell the direction by their type; lines have the sign
    """

    lines: tuple[Line, ...]
    columns: Mapping[ColumnRole, str]
    in_cents: frozenset[ColumnRole]
    unsigned: bool = False

    @property
    def ledger(self) -> Ledger:
        """The movements as columns."""
        lines = self.lines
        return ledger_of(
            np.array([line.date for line in lines], dtype="datetime64[D]"),
            [line.cents for line in lines],
            [line.description for line in lines],
            categories=[line.category for line in lines],
            accounts=[line.account for line in lines],
            balances=[line.balance_cents for line in lines],
        )


def read_rows(rows: Sequence[Row], columns: Mapping[str, str] | None = None) -> RowTable:
    """The rows as movements.

    Parameters
    ----------
    rows : dicts; a synthetic one has ``is_synthetic`` true, and ``provenance``
    columns : key of each role that its name does not tell: date, amount, description, category, type, balance, account,
        bank, id, currency. Only date and amount must be there.

    Raises
    ------
    InvalidParameterError
        If ``columns`` names a role that does not exist.
    ColumnNotFoundError
        If a named key is in no row, or no key is the date or the amount.
    InvalidDataError
        If a row has no date or amount that can be read; the message names the first ones.

    Examples
    --------
    >>> table = read_rows([{"Data": "06/05/2024", "Valor": "-1.234,56", "Histórico": "PIX"}])
    >>> table.lines[0].date.isoformat(), table.lines[0].cents, dict(table.columns)["description"]
    ('2024-05-06', -123456, 'Histórico')
    """
    found = find_columns(rows, columns)
    in_cents = frozenset(role for role in MONEY_ROLES if found.get(role, "").endswith("_cents"))
    reader = _Reader(rows, found, in_cents)
    lines = tuple(reader.line(i, row) for i, row in enumerate(rows))
    reader.refuse_unread()
    return RowTable(lines, found, in_cents, reader.unsigned)


def is_marked(row: Row) -> bool:
    """Whether a row says that it is synthetic; NaN and None say that it is not."""
    mark = row.get(MARK)
    if isinstance(mark, str):
        return mark.strip().casefold() in _YES
    return isinstance(mark, (bool, int, np.bool_, np.integer)) and bool(mark)


def find_columns(rows: Sequence[Row], given: Mapping[str, str] | None = None) -> dict[ColumnRole, str]:
    """Key of each role: the given one, else the one whose name tells it best."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    found = _given_columns(given or {}, keys)
    known = [(known, key) for key in keys if key not in found.values() and (known := _role_and_rank(key))]
    for (role, _), key in sorted(known, key=lambda entry: entry[0][1]):
        found.setdefault(role, key)
    if "type" in found and "category" not in found and not (given or {}).get("type"):
        words = {str(row[found["type"]]) for row in rows if row.get(found["type"]) is not None}
        if words and not are_directions(words):  # the books of accountants call the category Tipo
            found["category"] = found.pop("type")
    for role in ("date", "amount"):
        if rows and role not in found:
            raise ColumnNotFoundError(
                f"No key of the rows is known as the {role}: {_listed(keys)}. "
                f"Name it, as in columns={{{role!r}: 'key'}}.",
                {"column": role},
            )
    return found


def _given_columns(given: Mapping[str, str], keys: Sequence[str]) -> dict[ColumnRole, str]:
    found: dict[ColumnRole, str] = {}
    for role in ROLES:
        if role not in given:
            continue
        if keys and given[role] not in keys:
            raise ColumnNotFoundError(
                f"columns names {given[role]!r} as the {role}, but no row has that key. Keys: {_listed(keys)}.",
                {"column": given[role]},
            )
        found[role] = given[role]
    unknown = given.keys() - set(ROLES)
    if unknown:
        raise InvalidParameterError(f"columns names roles; {sorted(unknown)} are none of {', '.join(ROLES)}.")
    return found


def _role_and_rank(key: str) -> tuple[ColumnRole, int] | None:
    """Role of a key and how surely its name tells it (lower is surer); None if it tells none."""
    if key in {MARK, PROVENANCE, ORIGINAL_BALANCE}:
        return None
    if key in _KNOWN:
        return _KNOWN[key], -1
    known = role_of(header_key(key))
    return (_FROM_READER[known[0]], known[1]) if known and known[0] in _FROM_READER else None


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(map(str, keys[:_LOOKED_AT]))


class _Reader:
    """Reads the rows of one table; styles of written numbers and dates are decided from all of them."""

    def __init__(self, rows: Sequence[Row], columns: Mapping[ColumnRole, str], in_cents: Iterable[ColumnRole]) -> None:
        self._columns, self._in_cents = columns, frozenset(in_cents)
        self._taken = {*columns.values(), MARK, PROVENANCE}
        values = {role: [row.get(key) for row in rows] for role, key in columns.items()}
        written = [value for role in MONEY_ROLES for value in values.get(role, ()) if isinstance(value, str)]
        self._numbers = detect_number_style(written, prefer=NumberStyle(",", certain=False, why="the house"))
        self._dates = detect_date_style([_as_cell(value) for value in values.get("date", ())])
        self._seen_dates: dict[object, dt.date | None] = {}
        self._bad: dict[ColumnRole, list[int]] = {}
        self.unsigned = _unsigned_by_type(values)

    def line(self, i: int, row: Row) -> Line:
        date = self._date(self._value(row, "date"))
        cents = self._cents(row, "amount")
        if date is None:
            self._bad.setdefault("date", []).append(i)
        if cents is None:
            self._bad.setdefault("amount", []).append(i)
        kind = self._text(row, "type")
        provenance = row.get(PROVENANCE)
        signed = (cents or 0) * (read_direction(kind) or 1) if self.unsigned else cents or 0
        return Line(
            date or dt.date.min,
            signed,
            self._text(row, "description"),
            self._text(row, "category"),
            kind,
            self._cents(row, "balance") if "balance" in self._columns else None,
            self._text(row, "account"),
            self._text(row, "bank"),
            self._text(row, "id"),
            self._text(row, "currency") or "BRL",
            is_marked(row),
            provenance if isinstance(provenance, Mapping) else {},
            {key: value for key, value in row.items() if key not in self._taken},
        )

    def refuse_unread(self) -> None:
        """Raise if a row had no date or amount."""
        for what, rows in self._bad.items():
            key, named = self._columns.get(what, what), ", ".join(map(str, rows[:5]))
            need = "a date" if what == "date" else "an amount in whole centavos"
            raise InvalidDataError(
                f"Every row needs {need}; {len(rows)} have none that can be read under {key!r} (rows from 0: {named}). "
                "Mend them or leave them out.",
                {"rows": rows[:100], "column": key},
            )

    def _value(self, row: Row, role: ColumnRole) -> object:
        return row.get(self._columns[role]) if role in self._columns else None

    def _text(self, row: Row, role: ColumnRole) -> str:
        value = self._value(row, role)
        return "" if is_nothing(value) else str(value)

    def _date(self, value: object) -> dt.date | None:
        if not isinstance(value, (str, int, float)):
            return _day_of(value)
        if value not in self._seen_dates:
            self._seen_dates[value] = parse_date(value, self._dates)
        return self._seen_dates[value]

    def _cents(self, row: Row, role: ColumnRole) -> int | None:
        return cents_of(self._value(row, role), self._numbers, whole=role in self._in_cents)


def cents_of(value: object, style: NumberStyle, *, whole: bool) -> int | None:
    """Centavos of a number or a written one; None where there is none. ``whole``: it counts centavos already."""
    if is_nothing(value) or isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, str):
        cents = parse_cents(value.strip(), style)
        return cents if cents is None or not whole else cents // 100
    if isinstance(value, (int, np.integer)):
        return int(value) if whole else int(value) * 100
    if isinstance(value, Decimal):
        return grid_cents(value / 100 if whole else value)
    if isinstance(value, (float, np.floating)):
        units = float(value)
        return round(units if whole else units * 100) if abs(units) < _HUGE else None
    return None


def is_nothing(value: object) -> bool:
    """Whether a value is missing: None, NaN, NaT or blank text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, dt.date) and value != value  # noqa: PLR0124  (NaT)


def _day_of(value: object) -> dt.date | None:
    """Calendar day of a date, a datetime (pandas' included) or a datetime64; None for anything else."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[D]").item()
    if is_nothing(value) or not isinstance(value, dt.date):
        return None
    return value.date() if isinstance(value, dt.datetime) else value


def _as_cell(value: object) -> Cell:
    return value if isinstance(value, (str, int, float)) else _day_of(value)


def _unsigned_by_type(values: Mapping[ColumnRole, Sequence[object]]) -> bool:
    """Whether no amount has a sign and the types say the direction: then they do, as for the reader of sheets."""
    kinds = {str(value) for value in values.get("type", ()) if not is_nothing(value)}
    if not kinds or not are_directions(kinds):
        return False
    return not any(_is_negative(value) for value in values.get("amount", ()))


def _is_negative(value: object) -> bool:
    if isinstance(value, str):
        return any(sign in value for sign in "-\u2212(")
    return isinstance(value, (int, float, Decimal, np.integer, np.floating)) and float(value) < 0


__all__ = [
    "MARK",
    "ORIGINAL_BALANCE",
    "PROVENANCE",
    "ROLES",
    "ColumnRole",
    "Line",
    "Row",
    "RowTable",
    "cents_of",
    "find_columns",
    "is_marked",
    "is_nothing",
    "read_rows",
]
