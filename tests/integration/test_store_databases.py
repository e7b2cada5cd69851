"""The store on SQLite and on PostgreSQL: the same calls, the same answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from contrapeso.errors import (
    ColumnNotFoundError,
    InvalidDataError,
    InvalidParameterError,
    NotFoundError,
    SchemaOutdatedError,
    StoreError,
)
from contrapeso.finance import Quarantined, transactions_to_table
from contrapeso.finance.ingest import parse_file
from contrapeso.store import BankTransaction, CompanyEntry, LabelMap, Store, Upload, _bulk, _imports, open_store
from contrapeso.store._engine import writing
from contrapeso.store._migrate import HEAD, VERSION_TABLE, config
from contrapeso.store._models import Base
from tests._bank_rows import any_rows, key_of, parsed_file, repetitive_rows, transaction

one_database = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as opened:
        opened.migrate()
        yield opened


def columns_of(model: type[BankTransaction] | type[CompanyEntry]) -> list[str]:
    return [column.name for column in model.__table__.c]


def emptied(store: Store) -> Store:
    with writing(store._engine) as connection:
        for model in (BankTransaction, CompanyEntry, LabelMap, Upload):
            connection.execute(model.__table__.delete())
    return store


# --- schema


def test_the_migrations_make_exactly_the_models(store):
    with store._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_a_column_that_the_migrations_forget_is_noticed(store):
    with store._engine.connect() as connection:
        connection.execute(text("ALTER TABLE uploads DROP COLUMN encoding"))
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert [change[0] for change in compare_metadata(context, Base.metadata)] == ["add_column"]
        connection.rollback()


def test_the_head_named_in_the_code_is_the_head_of_the_scripts():
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_migrating_twice_changes_nothing(store):
    store.import_file(parsed_file([transaction(1)]))
    store.migrate()
    assert store.read_table("transactions").num_rows == 1


def test_the_schema_can_be_taken_down_again(store):
    with writing(store._engine) as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
    with store._engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {VERSION_TABLE}


def test_a_database_without_tables_is_refused_with_the_call_that_makes_them(database_url):
    with open_store(database_url) as store, pytest.raises(SchemaOutdatedError, match=r"\.migrate\(\)"):
        store.uploads()


def test_a_newer_database_is_refused_for_reading_and_for_migrating(store, database_url):
    with writing(store._engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with open_store(database_url) as other:
        with pytest.raises(SchemaOutdatedError, match="pip install --upgrade contrapeso"):
            other.uploads()
        with pytest.raises(SchemaOutdatedError, match="pip install --upgrade contrapeso"):
            other.migrate()


def test_tables_of_somebody_else_are_left_alone(database_url):
    with open_store(database_url) as store:
        with writing(store._engine) as connection:
            connection.execute(text("CREATE TABLE transactions (theirs INTEGER)"))
        with pytest.raises(SchemaOutdatedError, match="tables named transactions that Contrapeso did not make"):
            store.migrate()
        with store._engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["transactions"]


@pytest.mark.slow
def test_processes_that_migrate_at_once_all_succeed(database_url):
    code = "import sys; from contrapeso.store import open_store; open_store(sys.argv[1]).migrate()"
    running = [subprocess.Popen([sys.executable, "-c", code, database_url]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    with open_store(database_url) as store:
        assert store.uploads() == ()


# --- import


def test_every_row_of_a_file_is_accounted_for(store):
    refused = Quarantined("Jan", 7, "bad_date", "30/02/2024 is no day.")
    outcome = store.import_file(parsed_file([transaction(1), transaction(2, occurrence=2)], quarantined=[refused]))
    assert (outcome.raw_count, outcome.imported, outcome.duplicates) == (3, 2, ())
    assert outcome.quarantined == (refused,)
    assert outcome.status == "partial"
    [upload] = store.uploads()
    assert (upload.raw_count, upload.imported, upload.duplicates, upload.quarantined) == (3, 2, 0, 1)
    assert upload.report["quarantined"] == [
        {"sheet": "Jan", "row": 7, "reason": "bad_date", "detail": "30/02/2024 is no day."}
    ]
    assert upload.accounts == (("341", "0001-2"),)


def test_headers_and_blanks_do_not_make_an_upload_partial(store):
    outcome = store.import_file(
        parsed_file([transaction(2)], quarantined=[Quarantined("Jan", 1, "header_row", "The header.")])
    )
    assert outcome.status == "success"


def test_a_file_without_transactions_is_recorded_as_empty(store):
    assert store.import_file(parsed_file([])).status == "empty"
    assert store.uploads()[0].status == "empty"


def test_the_same_file_again_adds_nothing_and_says_so(store):
    first = store.import_file(parsed_file([transaction(1), transaction(2, occurrence=2)]))
    again = store.import_file(replace(parsed_file([transaction(1), transaction(2, occurrence=2)]), name="copia.ofx"))
    assert (again.already_imported, again.imported, again.upload_id) == (True, 0, first.upload_id)
    assert [(row.row, row.reason) for row in again.duplicates] == [(1, "same_file"), (2, "same_file")]
    assert len(store.uploads()) == 1
    assert store.read_table("transactions").num_rows == 2


def test_two_equal_fees_on_one_day_both_stay(store):
    outcome = store.import_file(parsed_file([transaction(1, occurrence=1), transaction(2, occurrence=2)]))
    assert outcome.imported == 2


def test_an_overlapping_file_adds_only_what_is_new_and_names_each_row_left_out(store):
    store.import_file(parsed_file([transaction(1, fitid="A"), transaction(2)], name="jan.ofx"))
    rows = [transaction(1, fitid="B"), transaction(2, fitid="A"), transaction(3), transaction(4, fitid="B")]
    outcome = store.import_file(parsed_file(rows, name="fev.ofx"))
    assert outcome.imported == 1
    assert [(row.row, row.reason, row.of_file, row.of_row) for row in outcome.duplicates] == [
        (2, "already_stored", "jan.ofx", 1),
        (3, "already_stored", "jan.ofx", 2),
        (4, "repeated_in_file", "fev.ofx", 1),
    ]
    assert store.uploads()[1].report["duplicates"] == [row.to_dict() for row in outcome.duplicates]


def test_a_fitid_that_a_bank_uses_again_for_another_amount_or_day_is_another_row(store):
    rows = [
        transaction(1, fitid="A"),
        transaction(2, fitid="A", amount_cents=-200),
        transaction(3, fitid="A", date=date(2024, 3, 6)),
        transaction(4, fitid="A", account="9"),
        transaction(5, fitid="A", bank="237"),
    ]
    assert store.import_file(parsed_file(rows)).imported == 5


def test_the_description_of_a_row_with_fitid_may_change_between_files(store):
    store.import_file(parsed_file([transaction(1, fitid="A", description="COMPRA")], name="jan.ofx"))
    outcome = store.import_file(parsed_file([transaction(1, fitid="A", description="COMPRA CARTAO")], name="fev.ofx"))
    assert [row.reason for row in outcome.duplicates] == ["already_stored"]


@one_database
@given(st.lists(repetitive_rows(), min_size=1, max_size=3))
def test_the_stored_rows_are_those_of_the_rule_told_a_second_time(store, files):
    emptied(store)
    seen: dict[tuple[object, ...], int] = {}
    for number, rows in enumerate(files):
        new = {}
        repeated = []
        for row in rows:
            key = key_of(row)
            if key in seen or key in new:
                repeated.append((row.source.row, "already_stored" if key in seen else "repeated_in_file"))
            else:
                new[key] = row.source.row
        outcome = store.import_file(parsed_file(rows, name=f"{number}.ofx"))
        assert outcome.imported == len(new)
        assert [(row.row, row.reason) for row in outcome.duplicates] == repeated
        seen |= new
    assert store.read_table("transactions").num_rows == len(seen)


def test_rows_that_a_column_cannot_hold_are_quarantined_and_the_others_kept(store):
    rows = [
        transaction(1),
        transaction(2, description="x" * 501),
        transaction(3, amount_cents=2**63),
        transaction(4, description="a\x00b"),
        transaction(5, fitid="B"),
    ]
    outcome = store.import_file(parsed_file(rows))
    assert (outcome.raw_count, outcome.imported, outcome.status) == (5, 2, "partial")
    assert sorted((row.row, row.reason) for row in outcome.quarantined) == [
        (2, "value_too_long"), (3, "amount_out_of_range"), (4, "not_storable"),
    ]  # fmt: skip
    assert store.read_table("transactions", ["source_row"])["source_row"].to_pylist() == [1, 5]


def test_a_defect_in_the_middle_leaves_nothing_behind(store, monkeypatch):
    def fail(*_):
        raise RuntimeError("a defect after the rows were merged")

    monkeypatch.setattr(_imports, "_finish_upload", fail)
    with pytest.raises(RuntimeError):
        store.import_file(parsed_file([transaction(1)]))
    monkeypatch.undo()
    assert store.uploads() == ()
    assert store.read_table("transactions").num_rows == 0
    assert store.import_file(parsed_file([transaction(1)])).imported == 1


def test_one_file_imported_by_many_at_once_is_stored_once(store):
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: store.import_file(parsed_file([transaction(1)])), range(4)))
    assert sorted(outcome.already_imported for outcome in outcomes) == [False, True, True, True]
    assert store.read_table("transactions").num_rows == 1


def test_overlapping_files_imported_at_once_share_the_rows_between_them(store):
    def load(number: int):
        rows = [transaction(day, date=date(2024, 1, day), fitid=f"F{day}") for day in range(1 + number, 11 + number)]
        return store.import_file(parsed_file(rows, name=f"{number}.ofx"))

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(load, range(4)))
    assert sum(outcome.imported for outcome in outcomes) == 13
    assert store.read_table("transactions").num_rows == 13


def test_rows_added_one_by_one_after_an_import_get_new_ids(store):
    store.import_file(parsed_file([transaction(1), transaction(2, occurrence=2)]))
    with writing(store._engine) as connection, Session(connection) as session:
        first = session.get(BankTransaction, 1)
        values = {name: getattr(first, name) for name in columns_of(BankTransaction) if name != "id"}
        session.add(BankTransaction(**values | {"occurrence": 3}))
        session.flush()
    assert store.read_table("transactions", ["id"])["id"].to_pylist() == [1, 2, 3]


# --- what was written is what is read


def orm_rows(store: Store, model: type[BankTransaction] | type[CompanyEntry]) -> list[dict[str, object]]:
    with store._engine.connect() as connection, Session(connection) as session:
        found = session.query(model).order_by(model.id).all()
        return [{name: getattr(row, name) for name in columns_of(model)} for row in found]


@one_database
@given(any_rows())
@example([transaction(1, description="x\n\\.\ny", account="\\.", bank="", fitid='"')])
@example([transaction(1, date=date.min), transaction(2, date=date.max, extra={"é": '"\n'})])
def test_the_models_read_what_bulk_wrote_bit_for_bit(store, rows):
    emptied(store)
    outcome = store.import_file(parsed_file(rows))
    assert outcome.imported == len(rows)
    wanted = transactions_to_table(rows)
    found = orm_rows(store, BankTransaction)
    names = [name for name in wanted.column_names if name not in {"source_file", "source_sha256"}]
    assert [{name: row[name] for name in names} for row in found] == wanted.select(names).to_pylist()


@one_database
@given(any_rows())
def test_columns_come_back_as_they_went(store, rows):
    emptied(store)
    store.import_file(parsed_file(rows))
    wanted = transactions_to_table(rows)
    assert store.read_table("transactions", wanted.column_names).equals(wanted)


def test_a_column_that_is_null_in_thousands_of_rows_and_text_after_them_keeps_its_type(store):
    rows = transactions_to_table([transaction(n, occurrence=n) for n in range(1, 3001)])
    texts = pa.array([None] * 2999 + ["0123"], pa.string())
    rows = rows.set_column(rows.column_names.index("category"), "category", texts)
    store.write_rows(rows)
    found = store.read_table("transactions", ["category", "balance_cents"])
    assert found["category"].to_pylist() == texts.to_pylist()
    assert found["balance_cents"].type == pa.int64()


def test_an_empty_table_has_typed_columns(store):
    found = store.read_table("transactions")
    assert found.num_rows == 0
    assert found.schema.field("date").type == pa.date32()
    assert found.schema.field("source_file").type == pa.string()


def test_rows_are_chosen_by_a_condition_on_the_model(store):
    store.import_file(parsed_file([transaction(1, description="50% D'ÁGUA: :x"), transaction(2)]))
    chosen = store.read_table(
        "transactions", ["source_row", "source_file"], where=BankTransaction.description == "50% D'ÁGUA: :x"
    )
    assert chosen.to_pylist() == [{"source_row": 1, "source_file": "extrato.ofx"}]
    since = store.read_table("transactions", ["id"], where=BankTransaction.date >= date(2024, 3, 6))
    assert since.num_rows == 0


def test_an_unknown_column_or_table_is_named(store):
    with pytest.raises(ColumnNotFoundError, match=r"'valor'.*amount_cents"):
        store.read_table("transactions", ["valor"])
    with pytest.raises(InvalidParameterError, match="company_financial"):
        store.read_table("uploads")


def test_rows_from_memory_follow_the_same_duplicate_rule(store):
    store.import_file(parsed_file([transaction(1, fitid="A")]))
    rows = transactions_to_table([transaction(1, fitid="B"), transaction(2, fitid="A"), transaction(3, fitid="B")])
    outcome = store.write_rows(rows)
    assert (outcome.imported, outcome.duplicates) == (1, (1, 2))
    assert store.read_table("transactions", ["upload_id", "source_file"]).to_pylist() == [
        {"upload_id": 1, "source_file": "extrato.ofx"},
        {"upload_id": None, "source_file": None},
    ]


def test_rows_from_memory_that_cannot_be_stored_are_refused_whole(store):
    rows = transactions_to_table([transaction(1), transaction(2, bank="x" * 101)])
    with pytest.raises(InvalidDataError, match="row 1: bank has 101 characters"):
        store.write_rows(rows)
    assert store.read_table("transactions").num_rows == 0


def test_company_books_keep_the_columns_of_the_accountant(store):
    extra = {
        "cost_center": "Obra", "department": "Compras", "project": "Sede", "justification": "nota 5",
        "observations": "pago em duas vezes", "monthly_report_value": "1234.5", "other": "x",
    }  # fmt: skip
    entry = transaction(4, sheet="Jan", direction="debit", transaction_type="expense", extra=extra)
    odd = transaction(5, transaction_type="expense", occurrence=2, extra={"monthly_report_value": "#REF!"})
    store.import_file(parsed_file([entry, odd], table="company_financial"))
    first, second = orm_rows(store, CompanyEntry)
    assert {
        name: first[name] for name in ("cost_center", "department", "project", "justificativa", "observations")
    } == {
        "cost_center": "Obra",
        "department": "Compras",
        "project": "Sede",
        "justificativa": "nota 5",
        "observations": "pago em duas vezes",
    }
    assert (first["monthly_report_cents"], second["monthly_report_cents"]) == (123_450, None)
    assert '"other": "x"' in first["extra"]
    assert "#REF!" in second["extra"]
    assert store.read_table("transactions").num_rows == 0


def test_the_columns_of_the_accountant_reach_the_database_from_a_file(store, tmp_path):
    file = tmp_path / "livro.csv"
    file.write_text(
        "Data;Descrição;Valor;Tipo;Centro de Custo;Departamento;Projeto;"
        "Justificativa;Observações;Valor para relat mensal\n"
        "05/03/2024;Cimento;-1.234,56;Despesas Operacionais;Obra;Compras;Sede;nota 5;pago em duas vezes;1.234,56\n"
        "06/03/2024;Venda;10,00;Receita;Loja;Vendas;Sede;;;10,00\n",
        encoding="utf-8",
    )
    outcome = store.import_file(parse_file(file))
    assert (outcome.table, outcome.imported) == ("company_financial", 2)
    first, second = orm_rows(store, CompanyEntry)
    names = ("cost_center", "department", "project", "justificativa", "observations")
    assert [first[name] for name in names] == ["Obra", "Compras", "Sede", "nota 5", "pago em duas vezes"]
    assert [second[name] for name in names] == ["Loja", "Vendas", "Sede", None, None]
    assert (first["monthly_report_cents"], second["monthly_report_cents"]) == (123_456, 1_000)


def test_adbc_never_opens_the_database_itself(store, monkeypatch):
    """Two SQLite libraries in one process do not see each other's locks; see the ADR."""
    if store._engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has a second library in the process")
    from adbc_driver_sqlite import dbapi

    opened: list[str] = []
    connect = dbapi.connect
    monkeypatch.setattr(dbapi, "connect", lambda url, **options: opened.append(url) or connect(url, **options))
    store.import_file(parsed_file([transaction(1)]))
    store.read_table("transactions")
    assert len(opened) == 2
    assert store._engine.url.database not in {str(Path(url).resolve()) for url in opened}
    assert not any(Path(url).exists() for url in opened)


# --- runs


def test_a_run_is_recorded_from_start_to_end(store):
    run_id = store.start_run("balance", {"strategy": "auto"}, seed=2**100, input_sha256="a" * 64)
    [running] = store.runs()
    assert (running.status, running.finished_at, running.seed) == ("running", None, 2**100)
    store.finish_run(run_id, result={"rows": 12}, outputs=["saida.csv"])
    [done] = store.runs()
    assert (done.status, done.result, done.outputs) == ("done", {"rows": 12}, ("saida.csv",))
    assert done.started_at <= done.finished_at
    assert done.started_at.tzinfo is not None


def test_a_failed_run_keeps_its_error(store):
    store.record_run("import", {}, error=StoreError("the disk is full"))
    [run] = store.runs()
    assert (run.status, run.error_code, run.error_message) == ("failed", "store_error", "the disk is full")


def test_runs_come_newest_first_and_by_kind(store):
    for kind in ("import", "balance", "import"):
        store.record_run(kind, {})
    assert [run.id for run in store.runs()] == [3, 2, 1]
    assert [run.id for run in store.runs("import", limit=1)] == [3]


def test_finishing_a_run_that_does_not_exist_is_an_error(store):
    with pytest.raises(NotFoundError, match="no run 9"):
        store.finish_run(9)


# --- labels


@dataclass(frozen=True)
class Proposal:
    raw: str | None
    canonical: str | None
    status: str = "merged"
    suggestion: str | None = None
    rule: str = "case"
    reason_pt: str = "só muda a caixa"
    reason_en: str = "only the case differs"
    count: int = 1


def test_categories_follow_the_record_and_raw_categories_never_change(store):
    raws = ["Tarifa", "TARIFA", "????", None, "Nova"]
    rows = [transaction(n, occurrence=n, category_raw=raw) for n, raw in enumerate(raws, 1)]
    store.import_file(parsed_file(rows))
    proposals = [Proposal("Tarifa", "Tarifas"), Proposal("TARIFA", "Tarifas"), Proposal("????", None, "quarantined")]
    assert store.save_label_proposals("transactions", [*proposals, Proposal(None, None, "uncategorised")]) == 3
    assert store.apply_label_map("transactions") == 2
    found = store.read_table("transactions", ["category_raw", "category"])
    assert found["category_raw"].to_pylist() == raws
    assert found["category"].to_pylist() == ["Tarifas", "Tarifas", None, None, None]
    assert store.apply_label_map("transactions") == 0
    assert store.counts_by_category("transactions") == {None: 3, "Tarifas": 2}
    assert store.counts_by_category("transactions", raw=True) == dict.fromkeys(
        ["????", "Nova", "TARIFA", "Tarifa", None], 1
    )


def test_the_record_of_one_table_does_not_touch_the_other(store):
    store.import_file(parsed_file([transaction(1, category_raw="Tarifa")]))
    store.save_label_proposals("company_financial", [Proposal("Tarifa", "Tarifas")])
    assert store.apply_label_map("transactions") == 0
    assert [label.table for label in store.labels()] == ["company_financial"]
    assert store.labels("transactions") == ()


def test_a_decision_is_kept_when_proposals_come_again(store):
    store.import_file(parsed_file([transaction(1, category_raw="Multa")]))
    waiting = Proposal("Multa", "Multa", "suggested", suggestion="Juros / Multa")
    store.save_label_proposals("transactions", [waiting])
    store.apply_label_map("transactions")
    assert store.counts_by_category("transactions") == {"Multa": 1}
    decided = store.decide_label("transactions", "Multa", "accepted", decided_by="ana")
    assert (decided.canonical, decided.decided_by) == ("Juros / Multa", "ana")
    assert store.save_label_proposals("transactions", [replace(waiting, count=7)]) == 0
    [label] = store.labels()
    assert (label.status, label.canonical, label.count) == ("accepted", "Juros / Multa", 7)
    assert label.to_dict()["decided_at"] is not None
    store.apply_label_map("transactions")
    assert store.counts_by_category("transactions") == {"Juros / Multa": 1}


def test_a_rejected_proposal_keeps_the_spelling_as_it_is(store):
    store.save_label_proposals("transactions", [Proposal("Luz", "Energia")])
    assert store.decide_label("transactions", "Luz", "rejected").canonical == "Luz"
    assert store.decide_label("transactions", "Luz", "accepted", canonical="Casa").canonical == "Casa"
    assert store.labels(status="accepted")[0].raw == "Luz"


def test_decisions_outside_their_rule_are_refused(store):
    with pytest.raises(NotFoundError, match="'Luz'"):
        store.decide_label("transactions", "Luz", "accepted")
    with pytest.raises(InvalidParameterError, match="accepted, rejected"):
        store.decide_label("transactions", "Luz", "maybe")
    with pytest.raises(InvalidParameterError, match="keeps the spelling"):
        store.decide_label("transactions", "Luz", "rejected", canonical="Energia")


# --- PostgreSQL alone


@pytest.mark.postgres
def test_a_wrong_password_is_named_and_never_shown(postgres_url):
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'certa'")
    store = open_store(postgres_url.replace("tester@", "guarded:segredo@"))
    with pytest.raises(StoreError, match="the password was refused") as caught:
        store.migrate()
    assert "segredo" not in str(caught.value)


@pytest.mark.postgres
def test_a_database_that_does_not_exist_is_named(postgres_url):
    store = open_store(postgres_url.rpartition("/")[0] + "/nenhuma")
    with pytest.raises(StoreError, match="there is no such database"):
        store.migrate()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_import_that_waits_too_long_for_another_says_so(store, monkeypatch):
    monkeypatch.setattr(_bulk, "LOCK_TIMEOUT", "10ms")
    with writing(store._engine) as connection:
        connection.execute(text("LOCK TABLE uploads IN SHARE ROW EXCLUSIVE MODE"))
        with pytest.raises(StoreError, match="another import has been running"):
            store.import_file(parsed_file([transaction(1)]))
    assert store.import_file(parsed_file([transaction(1)])).imported == 1
