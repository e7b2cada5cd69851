"""Transactions written to SQLite and PostgreSQL with keys and duplicate check, and read back into arrays."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks._record import Case, Record, compare, measure, pair_case, peak_case, wall_case
from contrapeso.store import BankTransaction, Store, open_store
from tests._postgres import PostgresNotFoundError, postgres_server

ROWS = 1_000_000
PAIR_ROWS = 200_000
CHUNK = 10_000
REPEATED = 0.01
READ = ("date", "amount_cents", "balance_cents", "occurrence", "description", "category")
WRITE_TARGET_S, READ_TARGET_S = 10.0, 2.0
RIVAL = "SQLAlchemy Core"
Call = Callable[[], dict[str, object]]


def simulate(n: int, *, shuffled: bool = False) -> pa.Table:
    """``n`` bank rows over ten years, by date as a statement has them; 70 % with FITID, 1 % repeat another row."""
    rng = np.random.default_rng(7)
    unique = n - round(n * REPEATED)
    amount = rng.integers(1, 500_000, unique) * rng.choice([-1, 1], unique)
    has_fitid = rng.random(unique) < 0.7
    direction = np.where(amount < 0, "debit", "credit")
    text = [f"COMPRA CARTAO LOJA {i}" for i in rng.integers(0, 5_000, unique)]
    days = np.datetime64("2015-01-01") + np.sort(rng.integers(0, 3_650, unique))
    category = np.array(["Mercado", "Tarifas", "Aluguel", "Impostos", "Vendas", "Outros"])[rng.integers(0, 6, unique)]
    columns = {
        "date": pa.array(days),
        "amount_cents": pa.array(amount),
        "balance_cents": pa.array(np.cumsum(amount)),
        "description_raw": pa.array([line.title() for line in text]),
        "description": pa.array(text),
        "direction": pa.array(direction),
        "transaction_type": pa.array(direction),
        "currency": pa.array(["BRL"] * unique),
        "category_raw": pa.array(category),
        "category": pa.array(category),
        "bank": pa.array(np.where(rng.random(unique) < 0.5, "341", "001")),
        "account": pa.array(["0001-2"] * unique),
        "fitid": pa.array([f"2024{i:012d}" if has else "" for i, has in enumerate(has_fitid)]),
        "occurrence": pa.array(np.ones(unique, np.int32)),
        "source_row": pa.array(np.arange(1, unique + 1, dtype=np.int32)),
    }
    order = np.sort(np.concatenate([np.arange(unique), rng.choice(unique, n - unique, replace=False)]))
    if shuffled:
        rng.shuffle(order)
    return pa.table(columns).take(order).combine_chunks()


def empty_store(where: str, side: str) -> Store:
    """Migrated empty database: a folder's SQLite file or a database of a PostgreSQL server."""
    if where.startswith("postgresql"):
        import psycopg

        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {side} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {side}")
        url = where.rpartition("/")[0] + f"/{side}"
    else:
        folder = Path(where) / side
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        url = f"sqlite:///{folder / 'bank.sqlite3'}"
    store = open_store(url)
    store.migrate()
    return store


def write_ours(where: str, n: int, *, shuffled: bool = False) -> Call:
    rows, store = simulate(n, shuffled=shuffled), empty_store(where, "ours")

    def call() -> dict[str, object]:
        return {"stored": store.write_rows(rows).imported}

    return call


def write_core(where: str, n: int) -> Call:
    """The rival starts from rows that are Python dicts already; making them is not timed."""
    rows, engine = simulate(n).to_pylist(), _engine(empty_store(where, "core"))
    make = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    statement = make(BankTransaction.__table__).on_conflict_do_nothing()

    def call() -> dict[str, object]:
        with _writing(engine) as connection:
            for start in range(0, len(rows), CHUNK):
                connection.execute(statement, rows[start : start + CHUNK])
            return {"stored": _count(connection)}

    return call


def read_ours(where: str, n: int, columns: tuple[str, ...] | None = READ) -> Call:
    store = empty_store(where, "ours")
    store.write_rows(simulate(n))

    def call() -> dict[str, object]:
        return _facts(_arrays(store.read_table("transactions", columns)))

    return call


def read_core(where: str, n: int) -> Call:
    store = empty_store(where, "core")
    store.write_rows(simulate(n))
    table = BankTransaction.__table__
    query = select(*(table.c[name] for name in READ)).order_by(table.c.id)

    def call() -> dict[str, object]:
        with _engine(store).connect() as connection:
            found = connection.execute(query).all()
        values = dict(zip(READ, zip(*found, strict=True), strict=True))
        types = {"date": "datetime64[D]", "description": object, "category": object}
        return _facts({name: np.array(column, types.get(name, np.int64)) for name, column in values.items()})

    return call


def _arrays(table: pa.Table) -> dict[str, Any]:
    """Numbers and dates as NumPy arrays; text stays in Arrow's arrays, the form that the analysis takes."""
    return {
        name: table[name] if pa.types.is_string(table[name].type) else table[name].to_numpy()
        for name in table.column_names
    }


def _facts(arrays: dict[str, Any]) -> dict[str, object]:
    return {"rows": len(arrays["amount_cents"]), "cents": int(arrays["amount_cents"].sum())}


def _engine(store: Store) -> Engine:
    return store._engine  # the rival uses the same engine and settings


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with engine.execution_options(contrapeso_write=True).begin() as connection:
        yield connection


def _count(connection: Connection) -> int:
    return len(connection.execute(select(BankTransaction.id)).all())


def _cases(
    name: str, where: str, *, repeat: int, write_target: float | None = None, read_target: float | None = None
) -> list[Case]:
    big = {"where": where, "n": ROWS}
    written = measure(write_ours, big, repeat=repeat, fresh=True)
    mixed = measure(write_ours, {**big, "shuffled": True}, repeat=1, fresh=True)
    read = measure(read_ours, big, repeat=repeat)
    whole = measure(read_ours, {**big, "columns": None}, repeat=1)
    small = {"where": where, "n": PAIR_ROWS}
    pairs = (
        ("written", compare(write_ours, write_core, small, repeat=repeat, warmup=0, fresh=True)),
        (f"read, {len(READ)} columns", compare(read_ours, read_core, small, repeat=repeat)),
    )
    for what, pair in pairs:
        if pair.ours.facts != pair.rival.facts:
            raise AssertionError(f"{name}, {what}: not the same: {pair.ours.facts} and {pair.rival.facts}")
    stored = f"{written.facts['stored']:,} stored, the others are duplicates"
    return [
        wall_case(f"{name}: {ROWS:,} rows written", written, target=write_target, note=stored),
        peak_case(f"{name}: {ROWS:,} rows written, peak memory", written),
        wall_case(f"{name}: {ROWS:,} rows in random order written", mixed, target=write_target),
        wall_case(f"{name}: {len(READ)} columns of them read into arrays", read, target=read_target),
        peak_case(f"{name}: {len(READ)} columns of them read into arrays, peak memory", read),
        wall_case(f"{name}: all columns of them read into arrays", whole),
        *(pair_case(f"{name}: {PAIR_ROWS:,} rows {what}", pair, RIVAL, target=1.0) for what, pair in pairs),
    ]


def run() -> Record:
    """Both databases; PostgreSQL only where a server is installed."""
    notes = [
        (
            "Rows are by date, 70 % have a FITID, 1 % repeat another row and must be left out. Our write is "
            "`Store.write_rows` from an Arrow table: checks, staging, merge with both unique keys, the list of the "
            "rows left out, commit. The rival writes `INSERT ... ON CONFLICT DO NOTHING` into the same migrated table, "
            "10,000 rows a call, from Python dicts made beforehand, in one transaction, and lists nothing."
        ),
        f"The rival is compared on {PAIR_ROWS:,} rows, so that the whole benchmark ends in minutes.",
        f"Read columns: {', '.join(READ)}; dates and numbers become NumPy arrays.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        cases = _cases("SQLite", folder, repeat=3, write_target=WRITE_TARGET_S, read_target=READ_TARGET_S)
    try:
        server = postgres_server()
        with server as url:
            cases += _cases("PostgreSQL", url, repeat=2)
        notes.append("PostgreSQL runs on the same cores, with fsync off as in the tests.")
    except PostgresNotFoundError as error:
        notes.append(f"PostgreSQL was not measured: {error}")
    return Record(
        "Store: a million transactions in and out",
        "Simulated bank rows written to a migrated database and read back, on SQLite (WAL, one file) and PostgreSQL.",
        cases,
        packages=("sqlalchemy", "adbc-driver-sqlite", "adbc-driver-postgresql", "psycopg", "pyarrow"),
        notes=tuple(notes),
    )
