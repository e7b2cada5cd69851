"""URLs, engines and what a driver's error becomes."""

import re
import socket
import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, text

from contrapeso.errors import InvalidParameterError, MissingExtraError, SchemaOutdatedError, StoreError
from contrapeso.store import _engine, open_store
from contrapeso.store._engine import parse_url


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bank.sqlite3'}"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"])
def test_every_postgresql_url_means_psycopg_3(scheme):
    parsed = parse_url(f"{scheme}://ana:segredo@db.example/banco")
    assert parsed.render_as_string(hide_password=False) == "postgresql+psycopg://ana:segredo@db.example/banco"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "mysql://x/y", "x"])
def test_a_url_that_cannot_be_a_store_is_refused_with_the_way_out(url):
    with pytest.raises(InvalidParameterError, match="sqlite"):
        open_store(url)


def test_a_relative_file_stays_the_same_file_after_a_change_of_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///bank.sqlite3")
    store.migrate()
    monkeypatch.chdir("/")
    assert store.uploads() == ()


def test_sqlite_runs_in_wal_with_foreign_keys_and_a_busy_timeout(url):
    with open_store(url) as store:
        store.migrate()
        with store._engine.connect() as connection:
            found = {
                pragma: connection.execute(text(f"PRAGMA {pragma}")).scalar()
                for pragma in ("journal_mode", "foreign_keys", "busy_timeout")
            }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}


def test_a_busy_database_is_named_after_the_timeout(url, monkeypatch):
    monkeypatch.setattr(_engine, "BUSY_TIMEOUT_S", 0.01)
    with open_store(url) as store:
        store.migrate()
        other = sqlite3.connect(store.url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process has been writing"):
            store.start_run("import", {})
        other.execute("ROLLBACK")
        other.close()
        assert store.start_run("import", {}) == 1


def test_reading_does_not_wait_for_a_writer(url, monkeypatch):
    monkeypatch.setattr(_engine, "BUSY_TIMEOUT_S", 0.01)
    with open_store(url) as store:
        store.migrate()
        other = sqlite3.connect(store.url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert store.read_table("transactions").num_rows == 0
        other.close()


@pytest.mark.parametrize(
    ("pragma", "sentence"),
    [("max_page_count = 1", "the disk is full"), ("query_only = ON", "not writable")],
)
def test_a_full_disk_and_a_read_only_file_are_named(url, pragma, sentence):
    with open_store(url) as store:
        store.migrate()
        event.listen(store._engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}").close())
        with pytest.raises(StoreError, match=sentence):
            store.start_run("import", {"long": "x" * 200_000})


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreError, match="Check that its folder exists"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'bank.sqlite3'}").migrate()


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but a text that is long enough to be taken for a header " * 9)
    before = file.read_bytes()
    with pytest.raises(StoreError, match="not an SQLite database"):
        open_store(f"sqlite:///{file}").migrate()
    assert file.read_bytes() == before


def test_a_statement_of_ours_that_is_wrong_keeps_its_own_error(url):
    with open_store(url) as store:
        store.migrate()
        with pytest.raises(Exception, match="constraint") as caught, _engine.writing(store._engine) as connection:
            connection.execute(text("INSERT INTO uploads (id) VALUES (1)"))
    assert not isinstance(caught.value, StoreError)


def test_a_file_that_is_not_there_is_not_made_by_reading(url):
    store = open_store(url)
    with pytest.raises(SchemaOutdatedError, match=re.escape(".migrate()")):
        store.uploads()
    assert not Path(store.url.removeprefix("sqlite:///")).exists()


def test_nothing_listening_is_said_without_the_password():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    store = open_store(f"postgresql://ana:segredo@127.0.0.1:{port}/banco")
    with pytest.raises(StoreError, match="nothing answers") as caught:
        store.migrate()
    assert "segredo" not in str(caught.value)
    assert "segredo" not in str(caught.value.details)
    assert "***" in store.url


def test_a_missing_driver_is_a_pip_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'contrapeso\[postgres\]'"):
        open_store("postgresql://ana@localhost/banco")
