"""SIGKILL in the middle of an import leaves the database as it was before that file.

The child runs the import and stops at the moment that is named: it says so on its standard output
and waits for ever. Nothing sleeps; the kill comes when the child has said that it is there.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from contrapeso.finance.ingest import parse_file
from contrapeso.store import Store, _bulk, _engine, _imports, open_store

ROWS = 8_000
MOMENTS = ("staging", "upload", "merging", "merged", "commit")
_HEAD = (
    "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\nCHARSET:NONE\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>"
    "<CURDEF>BRL<BANKACCTFROM><BANKID>341<ACCTID>0001-2<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>\n"
)
_TAIL = "</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"


def write_ofx(path: Path, first: int, count: int) -> Path:
    """OFX file with rows ``first`` to ``first + count - 1`` of a simulated account."""
    rows = (
        f"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>2024{n % 12 + 1:02d}{n % 28 + 1:02d}<TRNAMT>-{n % 900 + 1}.{n % 100:02d}"
        f"<FITID>N{n}<MEMO>COMPRA CARTAO LOJA {n % 977}</STMTTRN>\n"
        for n in range(first, first + count)
    )
    path.write_text(_HEAD + "".join(rows) + _TAIL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ofx(tmp_path_factory.mktemp("kill") / "ano.ofx", 0, ROWS)


def state_of(store: Store) -> tuple[object, ...]:
    """Everything that an import could change: rows, uploads, and what the database thinks of its own files."""
    rows = store.read_table("transactions")
    if store._engine.dialect.name == "sqlite":
        with store._engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    return store.uploads(), rows.to_pylist()


def import_and_kill(url: str, file: Path, moment: str) -> None:
    """Run the import in a process of its own and kill it when it says that it is at ``moment``."""
    command = [sys.executable, __file__, url, str(file), moment]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == f"at {moment}\n"
        child.send_signal(signal.SIGKILL)
        assert child.wait(timeout=60) == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_import_leaves_the_database_as_it_was_and_can_be_repeated(database_url, big_file, tmp_path, moment):
    with open_store(database_url) as store:
        store.migrate()
        assert store.import_file(parse_file(write_ofx(tmp_path / "jan.ofx", ROWS - 3, 5))).imported == 5
        before = state_of(store)
    import_and_kill(database_url, big_file, moment)
    if database_url.startswith("sqlite") and moment == "commit":
        assert Path(f"{store._engine.url.database}-wal").stat().st_size > 1_000_000, "nothing of the import was on disk"
    with open_store(database_url) as store:
        assert state_of(store) == before
        outcome = store.import_file(parse_file(big_file))
        assert (outcome.raw_count, outcome.imported, len(outcome.duplicates)) == (ROWS, ROWS - 3, 3)
        uploads, rows = state_of(store)
    assert len(uploads) == 2
    assert sorted(row["fitid"] for row in rows) == sorted(f"N{n}" for n in range(ROWS + 2))


# --- the child


def _tell(moment: str) -> None:
    sys.stdout.write(f"at {moment}\n")
    sys.stdout.flush()


def _stop(moment: str) -> None:
    _tell(moment)
    sys.stdin.read()  # the parent closes it only after the kill
    raise AssertionError("nobody killed this process")


def _stop_before(module: Any, name: str, moment: str) -> None:
    setattr(module, name, lambda *_: _stop(moment))


def _stop_while_staging() -> None:
    write_file, write_csv = _bulk._write_file, _bulk.pa_csv.write_csv
    calls = 0

    def stop_in_file(file: Path, rows: object) -> None:
        write_file(file, rows)
        _stop("staging")

    def stop_in_copy(*arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            _stop("staging")
        write_csv(*arguments)

    _bulk._CHUNK_ROWS = ROWS // 5
    _bulk._write_file, _bulk.pa_csv.write_csv = stop_in_file, stop_in_copy


def _stop_while_merging() -> None:
    """SQLite stops within the statement; a PostgreSQL server runs it while its client is killed."""

    def arm(connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if not statement.startswith("INSERT INTO transactions"):
            return
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.set_progress_handler(_at_step(50), 10_000)
        else:
            _tell("merging")

    event.listen(Engine, "before_cursor_execute", arm)
    _imports._explain = lambda *_: sys.stdin.read()  # PostgreSQL: no further than this if the kill is slow


def _at_step(wanted: int) -> Callable[[], int]:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        if steps == wanted:
            _stop("merging")
        return 0

    return step


def _stop_before_commit() -> None:
    finish = _imports._finish_upload

    def finish_and_arm(*arguments: Any) -> None:
        finish(*arguments)
        event.listen(Engine, "commit", lambda _: _stop("commit"))

    _imports._finish_upload = finish_and_arm


def _child(url: str, file: str, moment: str) -> None:
    small_cache = "cache_size = -200"  # so that pages of the transaction that never ends are on disk when it is killed
    _engine._PRAGMAS = (*_engine._PRAGMAS, small_cache)
    {
        "staging": _stop_while_staging,
        "upload": lambda: _stop_before(_imports, "merge", moment),
        "merging": _stop_while_merging,
        "merged": lambda: _stop_before(_imports, "_explain", moment),
        "commit": _stop_before_commit,
    }[moment]()
    with open_store(url) as store:
        store.import_file(parse_file(Path(file)))


if __name__ == "__main__":
    _child(*sys.argv[1:])
