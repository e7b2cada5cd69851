"""Many rows at once: staged, then merged by one statement; read back as Arrow columns.

Two rules shape this file; the measurements are in ``docs/adr/0003-bulk-writes.md``.

* Everything that one import changes happens on one connection in one transaction, so that it is all
  kept or all gone. The rows are staged first: on PostgreSQL by COPY into a temporary table of the
  transaction, on SQLite in a private file that is attached to the connection.
* The ADBC driver brings an SQLite library of its own. Two SQLite libraries in one process do not see
  each other's locks (POSIX locks belong to the process), so a file that both have open can be
  damaged. ADBC therefore never opens the database: it writes the staging file before that is
  attached, and reads a snapshot file after that was detached.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.csv as pa_csv
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    Select,
    Table,
    and_,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from contrapeso._optional import require
from contrapeso.store._columns import GIVEN_BY_STORE
from contrapeso.store._engine import sqlite_file, store_errors, writing
from contrapeso.store._models import FITID_KEY, HAS_FITID, HAS_NO_FITID, OCCURRENCE_KEY, Upload

LOCK_TIMEOUT = "60s"
_CHUNK_ROWS = 20_000
_STALE_S = 24 * 3600
_FOLDER = ".contrapeso-rows-"


Rows: TypeAlias = Select[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A staged row whose key is stored already: its position, and where the stored row came from."""

    position: int
    of_upload: int | None
    of_sheet: str | None
    of_row: int | None


@dataclass(frozen=True, slots=True)
class Merged:
    """Outcome of one merge: rows added, and the rows left out in the order of their position."""

    imported: int
    duplicates: tuple[LeftOut, ...]


@contextmanager
def staged(engine: Engine, rows: pa.Table, target: Table) -> Iterator[tuple[Connection, Table]]:
    """Write transaction that holds the import lock, and the staging table with ``rows`` in it."""
    if engine.dialect.name == "sqlite":
        with store_errors(engine.url), private_folder(engine) as folder:
            file = folder / "rows.sqlite3"
            _write_file(file, rows)
            with engine.execution_options(contrapeso_write=True).connect() as connection:
                _driver(connection).execute("ATTACH DATABASE ? AS staging", (str(file),)).close()
                with connection.begin():
                    yield connection, _staging_table(rows, target, schema="staging")
        return
    with writing(engine) as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
        for name in (Upload.__tablename__, target.name):
            connection.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))
        table = _staging_table(rows, target, schema=None)
        table.create(connection)
        _copy(connection, table, rows)
        yield connection, table


def merge(connection: Connection, staging: Table, target: Table, upload_id: int | None) -> Merged:
    """Move the staged rows into ``target`` in their order, leaving out those whose key is stored already."""
    total = connection.execute(select(func.count()).select_from(staging)).scalar_one()
    base = connection.execute(select(func.coalesce(func.max(target.c.id), 0))).scalar_one()
    names = [column.name for column in target.c if column.name not in GIVEN_BY_STORE]
    source = select(
        literal_column(str(base)) + staging.c.rowid, literal(upload_id), *(staging.c[name] for name in names)
    ).order_by(staging.c.rowid)
    make_insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make_insert(target).from_select([*GIVEN_BY_STORE, *names], source).on_conflict_do_nothing()
    connection.execute(statement)
    added = select(func.count()).select_from(target).where(target.c.id > base)
    imported = connection.execute(added).scalar_one()  # drivers do not agree on the row count of such a statement
    if imported and connection.dialect.name == "postgresql":
        sequence = text(f"SELECT setval(pg_get_serial_sequence('{target.name}', 'id'), :last)")
        connection.execute(sequence, {"last": base + total})
    duplicates = _duplicates(connection, staging, target, base) if imported < total else ()
    return Merged(imported, duplicates)


def _duplicates(connection: Connection, staging: Table, target: Table, base: int) -> tuple[LeftOut, ...]:
    stored = target.alias("stored")
    found: list[LeftOut] = []
    fitid, blank = staging.c.fitid, literal("")
    for key, condition, concerned in (
        (FITID_KEY, HAS_FITID, fitid != blank),
        (OCCURRENCE_KEY, HAS_NO_FITID, fitid == blank),
    ):
        same = and_(*(stored.c[name] == staging.c[name] for name in key), text(f"stored.{condition}"), concerned)
        own = exists().where(target.c.id == literal_column(str(base)) + staging.c.rowid)
        query = (
            select(staging.c.rowid - 1, stored.c.upload_id, stored.c.source_sheet, stored.c.source_row)
            .join_from(staging, stored, same)
            .where(~own)
        )
        found += [LeftOut(*row) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda row: row.position))


def read(engine: Engine, query: Rows, schema: pa.Schema) -> pa.Table:
    """Result of ``query`` as an Arrow table of ``schema``."""
    if engine.dialect.name == "sqlite":
        return _read_sqlite(engine, query, schema)
    return _read_postgres(engine, query, schema)


def _read_sqlite(engine: Engine, query: Rows, schema: pa.Schema) -> pa.Table:
    with store_errors(engine.url), private_folder(engine) as folder:
        file = folder / "rows.sqlite3"
        with engine.connect() as connection:
            driver = _driver(connection)
            driver.execute("ATTACH DATABASE ? AS snapshot", (str(file),)).close()
            driver.execute("PRAGMA snapshot.journal_mode = OFF").close()
            driver.execute("PRAGMA snapshot.synchronous = OFF").close()
            with connection.begin():
                _write_snapshot(connection, query, schema)
        found = _adbc_rows("adbc_driver_sqlite", str(file), "SELECT * FROM found_rows ORDER BY rowid")
    return _typed(found.slice(1), schema)


def _write_snapshot(connection: Connection, query: Rows, schema: pa.Schema) -> None:
    """Rows of ``query`` in the attached file, after a first row that shows ADBC the type of every column.

    ADBC takes the types from the first rows; a column that is null there and text later would fail.
    """
    examples = ", ".join(f"{_example(field)} AS {field.name}" for field in schema)
    connection.execute(text(f"CREATE TABLE snapshot.found_rows AS SELECT {examples}"))
    rows = Table("found_rows", MetaData(), *(Column(name) for name in schema.names), schema="snapshot")
    connection.execute(insert(rows).from_select(schema.names, query))


def _example(field: pa.Field) -> str:
    return "0" if pa.types.is_integer(field.type) else "''"


def _read_postgres(engine: Engine, query: Rows, schema: pa.Schema) -> pa.Table:
    plain = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # others double every %
    statement = str(query.compile(dialect=plain, compile_kwargs={"literal_binds": True}))
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with store_errors(engine.url):
        return _typed(_adbc_rows("adbc_driver_postgresql", url, statement), schema)


def _adbc_rows(driver: str, url: str, statement: str) -> pa.Table:
    dbapi = require(f"{driver}.dbapi", extra="postgres")
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetch_arrow_table()


def _typed(found: pa.Table, schema: pa.Schema) -> pa.Table:
    return found.rename_columns(schema.names).cast(schema)


def _staging_table(rows: pa.Table, target: Table, schema: str | None) -> Table:
    """Table of the staged rows; ``rowid`` counts them from 1 (SQLite has it in every table)."""
    columns = [Column("rowid", BigInteger), *(Column(name, target.c[name].type) for name in rows.column_names)]
    if schema is not None:
        return Table("staged_rows", MetaData(), *columns, schema=schema)
    return Table("staged_rows", MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _write_file(file: Path, rows: pa.Table) -> None:
    from adbc_driver_sqlite import dbapi

    with dbapi.connect(str(file), autocommit=True) as connection, connection.cursor() as cursor:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            cursor.execute(f"PRAGMA {pragma}")
            cursor.fetchall()
        cursor.adbc_ingest("staged_rows", rows, mode="create")


def _copy(connection: Connection, table: Table, rows: pa.Table) -> None:
    """COPY as CSV with every value quoted, so that an unquoted blank is a null and a quoted one empty text."""
    numbered = rows.add_column(0, "rowid", pa.array(range(1, rows.num_rows + 1), pa.int64()))
    options = pa_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    names = ", ".join(f'"{name}"' for name in numbered.column_names)
    with (
        _driver(connection).cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv)") as stream,
    ):
        for start in range(0, rows.num_rows, _CHUNK_ROWS):
            buffer = BytesIO()
            pa_csv.write_csv(numbered.slice(start, _CHUNK_ROWS), buffer, options)
            stream.write(buffer.getvalue())


def _driver(connection: Connection) -> Any:
    """Connection of the driver itself, for what SQLAlchemy has no words for; starts no transaction."""
    return connection.connection.driver_connection


@contextmanager
def private_folder(engine: Engine) -> Iterator[Path]:
    """Folder beside the database file that only its owner can enter, gone at the end.

    A killed process leaves its folder; those older than a day are removed here.
    """
    parent = sqlite_file(engine.url).parent
    for old in parent.glob(f"{_FOLDER}*"):
        with suppress(FileNotFoundError):  # another process may be removing it too
            if time.time() - old.stat().st_mtime > _STALE_S:
                shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=parent) as folder:
        yield Path(folder)


__all__ = ["LeftOut", "Merged", "Rows", "merge", "read", "staged"]
