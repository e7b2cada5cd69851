"""Arrow tables made to fit a table of rows, and the rows that the database could not hold."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, Date, Integer, String, Table, Text

from contrapeso.errors import InvalidDataError
from contrapeso.store._models import OCCURRENCE_KEY

MAX_KEY_BYTES = 2400
"""Most bytes of text in a duplicate key: PostgreSQL refuses index rows of more than 2,704 bytes."""

GIVEN_BY_STORE = ("id", "upload_id")
FROM_UPLOAD = ("source_file", "source_sha256")


def arrow_type(column: Column[object]) -> pa.DataType:
    """Arrow type of a column of the model."""
    kind = column.type
    if isinstance(kind, Date):
        return pa.date32()
    if isinstance(kind, BigInteger):
        return pa.int64()
    if isinstance(kind, Integer):
        return pa.int32()
    if isinstance(kind, (String, Text)):
        return pa.string()
    raise AssertionError(f"{column} has a type without an Arrow counterpart: {kind!r}")


def schema_of(target: Table, names: tuple[str, ...] | None = None) -> pa.Schema:
    """Arrow schema of ``target``, or of its columns ``names``."""
    chosen = [target.c[name] for name in names] if names is not None else list(target.c)
    return pa.schema([pa.field(column.name, arrow_type(column)) for column in chosen])


def fit(rows: pa.Table, target: Table) -> pa.Table:
    """``rows`` with exactly the columns of ``target`` that are written, typed as the model has them.

    Columns that the database gives are left out; columns that may be null and are absent become null.

    Raises
    ------
    InvalidDataError
        If a column is unknown, missing, of a type that does not fit, or null where it must not be.
    """
    wanted = [column for column in target.c if column.name not in GIVEN_BY_STORE]
    known = {column.name for column in wanted} | {*GIVEN_BY_STORE, *FROM_UPLOAD}
    unknown = [name for name in rows.column_names if name not in known]
    if unknown:
        raise InvalidDataError(
            f"Table {target.name!r} has no column {', '.join(map(repr, unknown))}. "
            f"Its columns are: {', '.join(column.name for column in wanted)}.",
            {"unknown": unknown},
        )
    arrays = [_fitted(rows, column) for column in wanted]
    return pa.Table.from_arrays(arrays, names=[column.name for column in wanted])


def _fitted(rows: pa.Table, column: Column[object]) -> pa.ChunkedArray | pa.Array:
    wanted = arrow_type(column)
    if column.name not in rows.column_names:
        if column.nullable:
            return pa.nulls(rows.num_rows, wanted)
        raise InvalidDataError(
            f"Column {column.name!r} is missing; every row of {column.table.name!r} needs it as {wanted}."
        )
    try:
        fitted = rows[column.name].cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidDataError(
            f"Column {column.name!r} of {column.table.name!r} is {wanted}; "
            f"the values given are {rows[column.name].type} and do not convert: {error}"
        ) from error
    if fitted.null_count and not column.nullable:
        raise InvalidDataError(
            f"Column {column.name!r} of {column.table.name!r} must not be null; {fitted.null_count} rows are. "
            "Write an empty text where there is nothing to say."
        )
    return fitted


def unstorable(rows: pa.Table, target: Table) -> dict[int, tuple[str, str]]:
    """Position -> (reason, sentence) of the rows of a fitted table that not every database could hold."""
    found: dict[int, tuple[str, str]] = {}
    for field in rows.schema:
        if not pa.types.is_string(field.type):
            continue
        values = rows[field.name]
        limit = getattr(target.c[field.name].type, "length", None)
        for position in _positions(pc.match_substring(values, "\x00")):
            found.setdefault(position, ("not_storable", f"{field.name} holds a NUL character, which is no text."))
        if limit is not None:
            for position in _positions(pc.greater(pc.utf8_length(values), limit)):
                size = len(values[position].as_py())
                sentence = f"{field.name} has {size} characters; the database keeps {limit}."
                found.setdefault(position, ("value_too_long", sentence))
    for position in _positions(pc.greater(_key_bytes(rows), MAX_KEY_BYTES)):
        sentence = f"The text of the duplicate key takes more than {MAX_KEY_BYTES} bytes."
        found.setdefault(position, ("value_too_long", sentence))
    return found


def _key_bytes(rows: pa.Table) -> pa.ChunkedArray:
    total = pc.binary_length(rows["fitid"])
    for name in OCCURRENCE_KEY:
        if pa.types.is_string(rows.schema.field(name).type):
            total = pc.add(total, pc.binary_length(rows[name]))
    return total


def _positions(mask: pa.ChunkedArray) -> Iterator[int]:
    if not pc.any(mask).as_py():
        return iter(())
    return iter(pc.indices_nonzero(pc.fill_null(mask, fill_value=False)).to_pylist())


__all__ = ["FROM_UPLOAD", "GIVEN_BY_STORE", "arrow_type", "fit", "schema_of", "unstorable"]
