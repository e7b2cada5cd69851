"""The PostgreSQL server, fresh databases and the command line for the integration tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contrapeso.cli._app import run
from tests._postgres import PostgresNotFoundError, postgres_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL server that ends with the session; a failure in CI, a loud skip elsewhere without one."""
    try:
        with postgres_server() as url:
            yield url
    except PostgresNotFoundError as error:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"CI must test on PostgreSQL: {error}", pytrace=False)
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {error}")


def fresh_postgres(server: str) -> str:
    """URL of a new, empty database on ``server``."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        (number,) = connection.execute("SELECT count(*) FROM pg_database").fetchone()
        connection.execute(f"CREATE DATABASE test_{number}")
    return server.rpartition("/")[0] + f"/test_{number}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new, empty database: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bank.sqlite3'}"
    return fresh_postgres(request.getfixturevalue("postgres_url"))


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command line in-process with a state folder of its own."""
    monkeypatch.setenv("CONTRAPESO_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)

    def _call(*arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return _call
