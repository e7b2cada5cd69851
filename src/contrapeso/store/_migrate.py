"""The schema: brought up to date by Alembic, checked before use.

The version is kept in a table of our own name, because a database may belong to a product that
uses Alembic itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from contrapeso.errors import SchemaOutdatedError
from contrapeso.store._engine import masked, reading, sqlite_file, store_errors, writing
from contrapeso.store._models import Base

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
ADDED = {"0002": frozenset({"models"})}
"""Tables that a version brought, after the first."""
VERSION_TABLE = "contrapeso_schema"
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x636F6E747261  # advisory lock of PostgreSQL while the schema changes


def migrate(engine: Engine) -> None:
    """Create or update the schema, in one transaction; does nothing where it is current.

    Raises
    ------
    SchemaOutdatedError
        If a newer version wrote the database, or tables of the same names belong to somebody else.
    """
    if engine.dialect.name == "sqlite":
        _prepare_file(engine)
    with reading(engine) as connection:
        if revision(connection) == HEAD:
            return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection)


def check(engine: Engine) -> None:
    """Refuse a database whose schema is not that of this version.

    Raises
    ------
    SchemaOutdatedError
        The message says which call brings the schema up to date.
    """
    if engine.dialect.name == "sqlite" and not sqlite_file(engine.url).exists():
        raise SchemaOutdatedError(f"There is no database {masked(engine.url)} yet. {_way_out()}")
    with reading(engine) as connection:
        found = revision(connection)
    if found == HEAD:
        return
    if found is None:
        raise SchemaOutdatedError(f"The database {masked(engine.url)} has no Contrapeso tables yet. {_way_out()}")
    _refuse_newer(engine, found)
    raise SchemaOutdatedError(
        f"The schema of {masked(engine.url)} is version {found}; this version of Contrapeso needs {HEAD}. {_way_out()}"
    )


def revision(connection: Connection) -> str | None:
    """Schema version of a database; None where there is none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608  (a constant)


def config() -> Config:
    """Alembic's settings, without a file."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def _upgrade(connection: Connection) -> None:
    from alembic import command

    found = revision(connection)
    if found is None:
        _refuse_foreign_tables(connection, frozenset(Base.metadata.tables))
    elif found != HEAD:
        _refuse_newer(connection.engine, found)
        later = [tables for version, tables in ADDED.items() if version > found]
        _refuse_foreign_tables(connection, frozenset().union(*later))
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def _prepare_file(engine: Engine) -> None:
    """WAL mode, kept in the file; it cannot be set inside a transaction."""
    with store_errors(engine.url), engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101  (a checked-out connection has one)
        driver.execute("PRAGMA journal_mode = WAL").close()


def _refuse_newer(engine: Engine, found: str) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found not in known:
        raise SchemaOutdatedError(
            f"The schema of {masked(engine.url)} is version {found}, which a newer Contrapeso wrote; this one knows "
            f"versions up to {HEAD}. Upgrade it: pip install --upgrade contrapeso"
        )


def _refuse_foreign_tables(connection: Connection, ours: frozenset[str]) -> None:
    taken = sorted(ours.intersection(inspect(connection).get_table_names()))
    if taken:
        raise SchemaOutdatedError(
            f"The database {masked(connection.engine.url)} already has tables named {', '.join(taken)} that Contrapeso "
            "did not make. Give it a database or a PostgreSQL schema of its own.",
            {"tables": taken},
        )


def _way_out() -> str:
    return (
        "Every contrapeso command prepares it by itself; in Python call "
        "contrapeso.store.open_store(url).migrate() once."
    )


__all__ = ["HEAD", "VERSION_TABLE", "check", "config", "migrate", "revision"]
