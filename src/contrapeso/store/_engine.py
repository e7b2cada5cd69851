"""Engines for SQLite and PostgreSQL, and driver errors turned into errors with a way out.

SQLite runs in WAL mode with a busy timeout of five seconds. A write transaction takes the write
lock at its beginning (``BEGIN IMMEDIATE``): one that read first and then wanted to write would be
refused at once instead of waiting its turn.
"""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from contrapeso._optional import require
from contrapeso.errors import InvalidParameterError, StoreError

BUSY_TIMEOUT_S = 5
_PRAGMAS = ("foreign_keys = ON", "synchronous = NORMAL", "cache_size = -131072", "temp_store = MEMORY")
_SQLITE_WAYS_OUT = {
    "SQLITE_BUSY": f"another process has been writing for {BUSY_TIMEOUT_S} seconds. Try again when it has finished.",
    "SQLITE_LOCKED": "another connection of this process holds it. Try again.",
    "SQLITE_READONLY": "the file or its folder is not writable. Check the permissions, or name another file.",
    "SQLITE_CANTOPEN": "the file cannot be opened. Check that its folder exists and that you may write there.",
    "SQLITE_FULL": "the disk is full. Free some space and try again; nothing was changed.",
    "SQLITE_IOERR": "the disk reported an error. Check its health and free space; nothing was changed.",
    "SQLITE_NOTADB": "the file is not an SQLite database. Name another file.",
    "SQLITE_CORRUPT": "the file is damaged. Restore it from a copy.",
}
_SYSTEM_CODES = {
    errno.ENOSPC: "SQLITE_FULL",
    errno.EDQUOT: "SQLITE_FULL",
    errno.EACCES: "SQLITE_READONLY",
    errno.EROFS: "SQLITE_READONLY",
    errno.ENOENT: "SQLITE_CANTOPEN",
    errno.ENOTDIR: "SQLITE_CANTOPEN",
}
_POSTGRES_WAYS_OUT = {
    "28P01": "the password was refused. Check user and password in DATABASE_URL.",
    "28000": "the user was refused. Check the user in DATABASE_URL and the server's pg_hba.conf.",
    "3D000": "there is no such database. Create it, or correct its name in DATABASE_URL.",
    "42501": "the user lacks a permission. Grant it CREATE on the schema, or use another user.",
    "53100": "the server's disk is full. Free some space and try again; nothing was changed.",
    "53300": "the server has no free connection. Try again, or raise max_connections.",
    "55P03": "another import has been running for too long. Try again when it has finished.",
    "57P01": "the server was shut down. Start it and try again; nothing was changed.",
}
_PHRASES = (
    ("password authentication failed", "28P01"),
    ("no password supplied", "28P01"),
    ("does not exist", "3D000"),
    ("too many clients", "53300"),
)


def parse_url(url: str) -> URL:
    """Checked database URL; PostgreSQL URLs name the psycopg 3 driver.

    Raises
    ------
    InvalidParameterError
        If it is no URL, an in-memory SQLite database, or another kind of database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidParameterError(
            "The database URL cannot be read. Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
        ) from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise InvalidParameterError(f"Databases are sqlite or postgresql; got {backend!r}.")
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise InvalidParameterError(
            f"The SQLite URL {masked(parsed)} names no plain file. Write sqlite:///FILE: "
            "a database in memory would be lost and cannot be shared between connections."
        )
    return parsed.set(database=str(Path(parsed.database).absolute()))


def masked(url: URL) -> str:
    """``url`` with the password hidden."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def sqlite_file(url: URL) -> Path:
    """File of an SQLite database."""
    assert url.database is not None  # noqa: S101  (parse_url refuses databases without a file)
    return Path(url.database)


def make_engine(url: URL) -> Engine:
    """Engine of a parsed URL; connects at first use."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    require("psycopg", extra="postgres")
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event starts the transactions, not the driver
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("contrapeso_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Connection in a transaction that only reads."""
    with store_errors(engine.url), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Connection in a transaction that writes: all of it is kept, or nothing."""
    options = engine.execution_options(contrapeso_write=True)
    with store_errors(engine.url), options.connect() as connection, connection.begin():
        yield connection


@contextmanager
def store_errors(url: URL) -> Iterator[None]:
    """Turn what a driver says into a :class:`StoreError` with the way out; the password is never shown.

    A wrong statement or value is a defect of ours: it is not turned and keeps its traceback.
    """
    try:
        yield
    except _driver_errors() as error:
        told = error.orig if isinstance(error, DBAPIError) else error
        what = _way_out(told)
        if what is None and (isinstance(error, OSError) or type(error).__name__ != "OperationalError"):
            raise
        raise StoreError(
            f"The database {masked(url)} cannot be used: {what or _first_line(told, url)}", {"database": masked(url)}
        ) from None if url.password else error


def _driver_errors() -> tuple[type[Exception], ...]:
    """Error classes of the drivers that are loaded."""
    drivers = [sys.modules[name] for name in ("psycopg", "adbc_driver_manager") if name in sys.modules]
    return (OSError, DBAPIError, sqlite3.Error, *(driver.Error for driver in drivers))


def _way_out(error: BaseException | None) -> str | None:
    if isinstance(error, OSError):
        return _SQLITE_WAYS_OUT.get(_SYSTEM_CODES.get(error.errno or 0, ""))
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "") or ""
        return next((text for code, text in _SQLITE_WAYS_OUT.items() if name.startswith(code)), None)
    state = getattr(error, "sqlstate", None) or _state_from_text(str(error))
    if state in _POSTGRES_WAYS_OUT:
        return _POSTGRES_WAYS_OUT[state]
    if "refused" in str(error).lower() and state is None:
        return "nothing answers at that host and port. Start PostgreSQL, or correct DATABASE_URL."
    return None


def _state_from_text(text: str) -> str | None:
    """State code of a refused connection, for which the driver gives only the sentence."""
    return next((state for phrase, state in _PHRASES if phrase in text), None)


def _first_line(error: BaseException | None, url: URL) -> str:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.replace(url.password, "***") if url.password else line


__all__ = ["BUSY_TIMEOUT_S", "make_engine", "masked", "parse_url", "reading", "sqlite_file", "store_errors", "writing"]
