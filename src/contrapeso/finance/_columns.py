"""Bank rows as Arrow columns: the form in which they reach the database and the analysis."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa

from contrapeso.finance._transaction import Transaction

TRANSACTION_SCHEMA: pa.Schema = pa.schema(
    [
        ("date", pa.date32()),
        ("amount_cents", pa.int64()),
        ("description_raw", pa.string()),
        ("description", pa.string()),
        ("direction", pa.string()),
        ("transaction_type", pa.string()),
        ("currency", pa.string()),
        ("category_raw", pa.string()),
        ("category", pa.string()),
        ("balance_cents", pa.int64()),
        ("bank", pa.string()),
        ("account", pa.string()),
        ("fitid", pa.string()),
        ("occurrence", pa.int32()),
        ("extra", pa.string()),
        ("source_file", pa.string()),
        ("source_sha256", pa.string()),
        ("source_sheet", pa.string()),
        ("source_row", pa.int32()),
    ]
)
"""Columns of :func:`transactions_to_table`; money in centavos, ``extra`` as a JSON object or null."""

_PLAIN = tuple(name for name in TRANSACTION_SCHEMA.names if name != "extra" and not name.startswith("source_"))


def transactions_to_table(rows: Sequence[Transaction]) -> pa.Table:
    """Arrow table of ``rows`` in their order: the fields of ``Transaction``, ``source`` spread over four columns.

    Raises
    ------
    OverflowError
        If an amount or balance does not fit 64 bits; the store refuses such rows one by one instead.
    """
    values: dict[str, list[object]] = {name: [getattr(row, name) for row in rows] for name in _PLAIN}
    values["extra"] = [extra_to_json(row.extra) for row in rows]
    for name in ("file", "sha256", "sheet", "row"):
        values[f"source_{name}"] = [getattr(row.source, name) for row in rows]
    columns = [pa.array(values[field.name], field.type) for field in TRANSACTION_SCHEMA]
    return pa.Table.from_arrays(columns, schema=TRANSACTION_SCHEMA)


def extra_to_json(extra: Mapping[str, str]) -> str | None:
    """JSON object of ``extra`` with sorted keys; None if it is empty."""
    return json.dumps(dict(extra), ensure_ascii=False, sort_keys=True) if extra else None


__all__ = ["TRANSACTION_SCHEMA", "extra_to_json", "transactions_to_table"]
