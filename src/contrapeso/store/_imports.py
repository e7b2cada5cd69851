"""One file into the database: recognised, staged, merged and accounted for in one transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
from sqlalchemy import Connection, Engine, insert, select, update

from contrapeso.finance import ParsedFile, Quarantined, Transaction, transactions_to_table
from contrapeso.store._bulk import LeftOut, merge, staged
from contrapeso.store._columns import FROM_UPLOAD, fit, unstorable
from contrapeso.store._engine import reading
from contrapeso.store._models import ROW_TABLES, Upload
from contrapeso.store._records import DuplicateRow, ImportOutcome, UploadStatus, quarantined_to_dict

_INT64 = 2**63
_COMPANY_TEXTS = {  # column -> field of ``extra``, as the reader of workbooks names it
    "cost_center": "cost_center",
    "department": "department",
    "project": "project",
    "justificativa": "justification",
    "observations": "observations",
}
_PLAIN_NUMBER = re.compile(r"-?(?:\d{1,15}|\d{1,3}(?:\.\d{3}){1,4}(?=,))(?:[.,]\d{1,2})?")


def import_parsed(engine: Engine, parsed: ParsedFile) -> ImportOutcome:
    """Import ``parsed``; see ``Store.import_file``."""
    with reading(engine) as connection:
        known = _known_upload(connection, parsed)
    if known is not None:
        return known
    kept, table, refused = _storable(parsed)
    quarantined = (*parsed.quarantined, *refused)
    with staged(engine, table, ROW_TABLES[parsed.table]) as (connection, staging):
        known = _known_upload(connection, parsed)  # another process may have been quicker
        if known is not None:
            return known
        upload_id = _insert_upload(connection, parsed, quarantined)
        merged = merge(connection, staging, ROW_TABLES[parsed.table], upload_id)
        duplicates = _explain(connection, upload_id, kept, merged.duplicates)
        _finish_upload(connection, upload_id, merged.imported, duplicates)
        return ImportOutcome(  # inside the transaction: an outcome that breaks the law undoes the import
            upload_id,
            parsed.name,
            parsed.table,
            _status(parsed.transactions, quarantined),
            parsed.raw_count,
            merged.imported,
            duplicates,
            quarantined,
        )


def _storable(parsed: ParsedFile) -> tuple[list[Transaction], pa.Table, list[Quarantined]]:
    """Transactions that the database can hold, as they are staged, and the others with the reason."""
    target = ROW_TABLES[parsed.table]
    fits = [_in_range(row.amount_cents) and _in_range(row.balance_cents) for row in parsed.transactions]
    kept = [row for row, good in zip(parsed.transactions, fits, strict=True) if good]
    too_large = "The amount or balance does not fit 64 bits of centavos."
    refused = [
        Quarantined(row.source.sheet, row.source.row, "amount_out_of_range", too_large)
        for row, good in zip(parsed.transactions, fits, strict=True)
        if not good
    ]
    table = fit(_columns(kept, parsed.table), target)
    bad = unstorable(table, target)
    if bad:
        refused += [Quarantined(kept[i].source.sheet, kept[i].source.row, *why) for i, why in sorted(bad.items())]
        good_rows = [i for i in range(len(kept)) if i not in bad]
        kept, table = [kept[i] for i in good_rows], table.take(good_rows)
    return kept, table, refused


def _in_range(cents: int | None) -> bool:
    return cents is None or -_INT64 <= cents < _INT64


def _columns(rows: Sequence[Transaction], table: str) -> pa.Table:
    columns = transactions_to_table(rows).drop_columns(list(FROM_UPLOAD))
    if table != "company_financial":
        return columns
    for name, field in _COMPANY_TEXTS.items():
        columns = columns.append_column(name, pa.array([row.extra.get(field) for row in rows], pa.string()))
    cents = [_plain_cents(row.extra.get("monthly_report_value")) for row in rows]
    return columns.append_column("monthly_report_cents", pa.array(cents, pa.int64()))


def _plain_cents(text: str | None) -> int | None:
    """Centavos of a number that can be read in one way only (``-12.50``, ``1.234,56``); None for anything else.

    ``1.234`` could be a thousand: it stays in ``extra`` as the file has it.
    """
    if text is None or not _PLAIN_NUMBER.fullmatch(text):
        return None
    decimal = text.replace(".", "").replace(",", ".") if "," in text else text
    return int(Decimal(decimal).scaleb(2))


def _known_upload(connection: Connection, parsed: ParsedFile) -> ImportOutcome | None:
    found = connection.execute(
        select(Upload.id, Upload.file, Upload.table_name, Upload.status).where(Upload.sha256 == parsed.sha256)
    ).one_or_none()
    if found is None:
        return None
    duplicates = tuple(
        DuplicateRow(row.source.sheet, row.source.row, "same_file", found.file, row.source.sheet, row.source.row)
        for row in parsed.transactions
    )
    return ImportOutcome(
        found.id,
        parsed.name,
        found.table_name,
        found.status,
        parsed.raw_count,
        0,
        duplicates,
        parsed.quarantined,
        already_imported=True,
    )


def _insert_upload(connection: Connection, parsed: ParsedFile, quarantined: Sequence[Quarantined]) -> int:
    accounts = sorted({(row.bank, row.account) for row in parsed.transactions})
    values = {
        "file": parsed.name[:255],
        "sha256": parsed.sha256,
        "kind": parsed.kind,
        "encoding": parsed.encoding,
        "table_name": parsed.table,
        "status": _status(parsed.transactions, quarantined),
        "raw_count": parsed.raw_count,
        "imported": 0,
        "duplicates": 0,
        "quarantined": len(quarantined),
        "accounts": [{"bank": bank, "account": account} for bank, account in accounts],
        "report": {
            "quarantined": [quarantined_to_dict(row) for row in quarantined],
            "duplicates": [],
            "notes": list(parsed.notes),
        },
        "created_at": datetime.now(UTC),
    }
    return connection.execute(insert(Upload).values(values).returning(Upload.id)).scalar_one()


def _finish_upload(connection: Connection, upload_id: int, imported: int, duplicates: Sequence[DuplicateRow]) -> None:
    values: dict[str, object] = {"imported": imported, "duplicates": len(duplicates)}
    if duplicates:
        report = connection.execute(select(Upload.report).where(Upload.id == upload_id)).scalar_one()
        values["report"] = {**report, "duplicates": [row.to_dict() for row in duplicates]}
    connection.execute(update(Upload).where(Upload.id == upload_id).values(values))


def _explain(
    connection: Connection, upload_id: int, kept: Sequence[Transaction], left_out: Sequence[LeftOut]
) -> tuple[DuplicateRow, ...]:
    """Each row left out, with the row that it repeats."""
    others = {row.of_upload for row in left_out if row.of_upload is not None}
    files = {found.id: found.file for found in connection.execute(select(Upload.id, Upload.file)) if found.id in others}
    return tuple(
        DuplicateRow(
            kept[row.position].source.sheet,
            kept[row.position].source.row,
            "repeated_in_file" if row.of_upload == upload_id else "already_stored",
            files.get(row.of_upload) if row.of_upload is not None else None,
            row.of_sheet,
            row.of_row,
        )
        for row in left_out
    )


def _status(transactions: Sequence[Transaction], quarantined: Sequence[Quarantined]) -> UploadStatus:
    if any(row.needs_review for row in quarantined):
        return "partial"
    return "success" if transactions else "empty"


__all__ = ["import_parsed"]
