"""Movements of a file or of the database as rows: the form in which they are balanced and written again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from contrapeso.errors import NotFoundError
from contrapeso.workflows._source import TableRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contrapeso.config import Settings
    from contrapeso.finance.entries import Entries

Row = dict[str, Any]
FIELDS = (
    "date",
    "amount_cents",
    "description_raw",
    "transaction_type",
    "category",
    "balance_cents",
    "bank",
    "account",
    "currency",
    "fitid",
)
"""Keys of a row that comes from a statement or from the database."""
COMPANY_FIELDS = FIELDS[:5]
STATEMENT_KEYS = {
    "date": "date",
    "amount": "amount_cents",
    "description": "description_raw",
    "category": "category",
    "type": "transaction_type",
    "balance": "balance_cents",
    "account": "account",
    "bank": "bank",
    "id": "fitid",
    "currency": "currency",
}


def movement_rows(ref: TableRef, settings: Settings) -> list[Row]:
    """Rows of ``ref`` in their order.

    A statement (OFX), a workbook of which no sheet is named, and the database give rows of :data:`FIELDS`; any other
    table gives its own columns.
    """
    if ref.source is not None:
        return _stored(ref, settings)
    assert ref.path is not None  # noqa: S101  (guaranteed by TableRef)
    if _is_statement(ref):
        return _statement(ref.path, settings)
    from contrapeso.tables import Limits, read_frame

    frame = read_frame(ref.path, sheet=ref.sheet, limits=Limits.from_settings(settings))
    blank = frame.isna()
    columns = {str(name): frame[name].astype(object).mask(blank[name], None).tolist() for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _is_statement(ref: TableRef) -> bool:
    suffix = ref.path.suffix.casefold() if ref.path else ""
    return suffix in {".ofx", ".qfx"} or (suffix in {".xlsx", ".xlsm"} and ref.sheet is None)


def _statement(path: Path, settings: Settings) -> list[Row]:
    from contrapeso.finance.ingest import parse_file
    from contrapeso.tables import Limits

    found = parse_file(path, limits=Limits.from_settings(settings)).transactions
    rows = [{name: getattr(row, name) for name in FIELDS} for row in found]
    for row, movement in zip(rows, found, strict=True):
        row["category"] = movement.category or movement.category_raw
        if "is_synthetic" in movement.extra:
            row["is_synthetic"] = True
    return rows


def _stored(ref: TableRef, settings: Settings) -> list[Row]:
    from contrapeso.workflows._stores import opened_store

    assert ref.source is not None  # noqa: S101  (the caller has looked)
    fields = FIELDS if ref.source == "transactions" else COMPANY_FIELDS
    with opened_store(settings) as store:
        table = store.read_table(ref.source, columns=list(fields))
    if table.num_rows == 0:
        raise NotFoundError(
            f"The database holds no rows in {ref.source!r}. "
            "Import a statement or workbook first: contrapeso import FILE"
        )
    rows: list[Row] = table.to_pylist()
    return rows


def read(ref: TableRef, settings: Settings, mapping: Mapping[str, str] | None) -> tuple[list[Row], Entries]:
    """Rows and what their columns were taken for.

    Raises
    ------
    NotFoundError
        If the table has no rows.
    """
    from contrapeso.finance.entries import read_entries

    rows = movement_rows(ref, settings)
    if not rows:
        raise NotFoundError(f"{ref.label} holds no movement. Name a file with a date and an amount in each row.")
    return rows, read_entries(rows, mapping)


def keys_of(entries: Entries) -> dict[str, str]:
    """Key of each role that a writer of statements asks for."""
    names = {"amount_cents": "amount", "balance_cents": "balance"}
    wanted = set(STATEMENT_KEYS)
    found: dict[str, str] = {}
    for column in entries.columns:
        role = names.get(column.role, column.role)
        if role in wanted:
            found.setdefault(role, column.name)
    return found


def plain_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows in types that JSON has."""
    import datetime as dt
    from decimal import Decimal

    def plain(value: object) -> object:
        if isinstance(value, (dt.date, dt.datetime)):
            return value.isoformat()
        return str(value) if isinstance(value, Decimal) else value

    return [{key: plain(value) for key, value in row.items()} for row in rows]


__all__ = ["COMPANY_FIELDS", "FIELDS", "Row", "keys_of", "movement_rows", "plain_rows", "read"]
