"""Rows in any dialect become a ledger; every row is accounted for, and what came in is never changed."""

import contextlib
import copy
import datetime as dt
import subprocess
import sys
from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.finance import simulate_company
from contrapeso.finance.entries import ROLES, Said, read_entries
from contrapeso.finance.entries._words import _SENTENCES
from tests.unit._entry_rows import BANK, TODAY, bank_rows, company_rows


def test_the_documented_bank_rows_are_read_whole() -> None:
    rows = bank_rows()
    entries = read_entries(rows, today=TODAY)
    assert len(entries) == len(rows)
    assert entries.row_of.tolist() == list(range(len(rows)))
    assert entries.ledger.cents.tolist() == [round(float(row["amount"]) * 100) for row in rows]
    assert entries.ledger.descriptions.tolist() == [row["description"] for row in rows]
    assert entries.ledger.balances.tolist() == [round(float(row["balance"]) * 100) for row in rows]
    assert entries.roles == {
        "id": "id",
        "bank_name": "bank",
        "account_id": "account",
        "transaction_id": "id",
        "timestamp": "empty",
        "date": "date",
        "amount": "amount",
        "description": "description",
        "transaction_type": "type",
        "balance": "balance",
        "category": "category",
        "is_anomaly": "categorical",
    }


def test_a_type_gives_the_sign_to_amounts_that_carry_none() -> None:
    rows = company_rows()
    entries = read_entries(rows, today=TODAY)
    assert (entries.ledger.cents < 0).tolist() == [row["transaction_type"] == "expense" for row in rows]
    assert "sign_of_type" in {note.code for note in entries.notes}
    assert entries.roles["monthly_report_value"] == "copy"


def test_a_card_statement_whose_purchases_are_positive_is_turned_round() -> None:
    rows = [{**BANK, "amount": 100.0, "tipo": "débito"}, {**BANK, "amount": -40.0, "tipo": "crédito"}] * 3
    entries = read_entries(rows, today=TODAY)
    assert entries.ledger.cents.tolist() == [-10000, 4000] * 3
    assert "inverted_sign" in {note.code for note in entries.notes}


def test_an_expense_table_without_types_stays_positive() -> None:
    entries = read_entries([{**BANK, "amount": 3.0 + i} for i in range(5)], today=TODAY)
    assert (entries.ledger.cents > 0).all()
    assert [note.code for note in entries.notes] == ["all_positive"]


def test_a_type_that_contradicts_the_sign_is_said_and_the_sign_stands() -> None:
    rows = [{**BANK, "transaction_type": "debit"}] * 4 + [{**BANK, "transaction_type": "credit"}]
    entries = read_entries(rows, today=TODAY)
    assert (entries.ledger.cents < 0).all()
    assert [(note.code, note.rows) for note in entries.notes] == [("type_contradicts_sign", (4,))]


def test_tipo_is_the_category_unless_it_tells_directions() -> None:
    assert read_entries([{"data": "2024-01-05", "valor": 1, "tipo": "Telefonia"}]).roles["tipo"] == "category"
    assert read_entries([{"data": "2024-01-05", "valor": 1, "tipo": "Débito"}]).roles["tipo"] == "type"
    both = read_entries([{"data": "2024-01-05", "valor": 1, "tipo": "x", "categoria": "y"}])
    assert both.roles["categoria"] == "category"
    assert both.roles["tipo"] != "type"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (None, "missing_amount"),
        (float("nan"), "missing_amount"),
        (pd.NA, "missing_amount"),
        (Decimal("NaN"), "missing_amount"),
        ("", "missing_amount"),
        (True, "bad_amount"),
        (np.bool_(False), "bad_amount"),
        ("dez reais", "bad_amount"),
        (float("inf"), "bad_amount"),
        (1e30, "bad_amount"),
        (10**400, "bad_amount"),
        (Decimal("Infinity"), "bad_amount"),
        (["1,00"], "bad_amount"),
        (dt.date(2024, 1, 1), "bad_amount"),
    ],
)
def test_what_is_no_amount_sets_its_row_aside_with_a_code(amount: object, code: str) -> None:
    entries = read_entries([BANK, {**BANK, "amount": amount}, BANK], today=TODAY)
    assert entries.row_of.tolist() == [0, 2]
    assert [(aside.row, aside.code) for aside in entries.set_aside] == [(1, code)]
    assert "amount" in entries.set_aside[0].sentence


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (None, "missing_date"),
        (pd.NaT, "missing_date"),
        (np.datetime64("NaT"), "missing_date"),
        ("", "missing_date"),
        ("32/01/2024", "bad_date"),
        ("2999-01-01", "bad_date"),
        ("amanhã", "bad_date"),
        (True, "bad_date"),
    ],
)
def test_what_is_no_date_sets_its_row_aside_with_a_code(day: object, code: str) -> None:
    entries = read_entries([BANK, {**BANK, "date": day}, BANK], today=TODAY)
    assert [(aside.row, aside.code) for aside in entries.set_aside] == [(1, code)]


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        (-10.5, -1050),
        (7, 700),
        (Decimal("3.10"), 310),
        (np.float64(2.5), 250),
        (np.float32(12.34), 1234),
        (np.int64(-3), -300),
        ("R$ 1.234,56", 123456),
        ("(10,00)", -1000),
        ("5,00 D", -500),
        ("1.234,50-", -123450),
    ],
)
def test_amounts_of_every_type_are_read_to_the_centavo(amount: object, cents: int) -> None:
    entries = read_entries([{**BANK, "amount": amount}], today=TODAY)
    assert entries.ledger.cents.tolist() == [cents]


@pytest.mark.parametrize(
    "day",
    [
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 23, 59),  # noqa: DTZ001
        dt.datetime(2024, 2, 29, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=-3))),
        pd.Timestamp("2024-02-29 12:00", tz="America/Sao_Paulo"),
        np.datetime64("2024-02-29"),
        np.datetime64("2024-02-29T10:00:00", "ns"),
        "2024-02-29T23:30:00-03:00",
        "29/02/2024",
        "29 de fevereiro de 2024",
        "20240229",
        45351,
        45351.0,
    ],
)
def test_days_of_every_type_are_the_banks_own_day(day: object) -> None:
    entries = read_entries([{**BANK, "date": day}], today=TODAY)
    assert entries.ledger.days.tolist() == [dt.date(2024, 2, 29)]


def test_the_order_of_day_and_month_is_decided_by_the_column() -> None:
    rows = [{**BANK, "date": text} for text in ("03/04/2024", "12/25/2024", "01/02/2024")]
    assert read_entries(rows, today=TODAY).ledger.days.tolist()[0] == dt.date(2024, 3, 4)
    open_order = read_entries(rows[:1], today=TODAY)
    assert [note.code for note in open_order.notes] == ["unsure_dates"]


def test_a_future_date_is_kept_and_said() -> None:
    entries = read_entries([BANK, {**BANK, "date": "2024-06-02"}], today=TODAY)
    assert len(entries) == 2
    assert [(note.code, note.rows) for note in entries.notes] == [("future_date", (1,))]


def test_currencies_are_never_put_together() -> None:
    rows = [{**BANK, "currency": code} for code in ("BRL", "USD", "BRL", "")]
    with pytest.raises(InvalidDataError, match="currency='BRL'") as caught:
        read_entries(rows, today=TODAY)
    assert caught.value.details == {"reason": "mixed_currencies", "currencies": {"BRL": 2, "USD": 1}}
    one = read_entries(rows, currency="usd", today=TODAY)
    assert one.ledger.currency == "USD"
    assert one.reasons == {"other_currency": 2}
    assert read_entries(rows, currency="BRL", today=TODAY).row_of.tolist() == [0, 2, 3]


def test_a_row_that_repeats_another_one_identifier_and_all_is_set_aside() -> None:
    rows = [{**BANK, "id": i, "amount": -1.0 * i} for i in range(1, 30)]
    rows += [dict(rows[4]), {**rows[5], "amount": 99.0}]
    entries = read_entries(rows, today=TODAY)
    assert [(aside.row, aside.code) for aside in entries.set_aside] == [(29, "duplicate_row")]
    assert [(note.code, note.rows) for note in entries.notes if note.rows] == [("duplicate_id", (30,))]


def test_equal_rows_without_identifiers_are_all_kept() -> None:
    assert len(read_entries([BANK] * 3, today=TODAY)) == 3


def test_a_huge_description_is_read_at_its_beginning() -> None:
    entries = read_entries([{**BANK, "description": "x" * 1_000_000}], today=TODAY)
    assert len(str(entries.ledger.descriptions[0])) == 500
    assert [note.code for note in entries.notes] == ["long_description"]


def test_what_is_no_row_and_blank_and_synthetic_rows_are_set_aside() -> None:
    rows = [None, 7, "x", {}, {**BANK, "is_synthetic": True}, {"date": None, "amount": ""}, BANK]
    entries = read_entries(rows, today=TODAY)
    assert entries.row_of.tolist() == [6]
    codes = [aside.code for aside in entries.set_aside]
    assert codes == ["not_a_row"] * 3 + ["blank_row", "synthetic_row", "blank_row"]
    kept = read_entries(rows, synthetic="keep", today=TODAY)
    assert kept.row_of.tolist() == [4, 6]


def test_balances_and_totals_are_no_movements() -> None:
    rows = [{**BANK, "description": text} for text in ("Saldo anterior", "Total", "Resgate saldo aplicação")]
    entries = read_entries(rows, today=TODAY)
    assert [(aside.row, aside.code) for aside in entries.set_aside] == [(0, "balance_row"), (1, "total_row")]


def test_rows_of_different_keys_are_read_and_said() -> None:
    entries = read_entries([BANK, {**BANK, "foo": "x"}, {"date": "2024-01-06", "amount": 3}], today=TODAY)
    assert len(entries) == 3
    assert "different_keys" in {note.code for note in entries.notes}
    assert entries.ledger.categories.tolist() == ["tarifas", "tarifas", ""]


def test_keys_of_another_dialect_do_not_hide_those_of_most_rows() -> None:
    entries = read_entries([BANK, BANK, BANK, {"date": "2024-01-06", "valor": 3}], today=TODAY)
    assert entries.roles["amount"] == "amount"
    assert entries.row_of.tolist() == [0, 1, 2]


def test_columns_of_debits_and_credits_make_one_amount() -> None:
    rows = [
        {"data": "05/01/2024", "historico": "a", "debito": None, "credito": "1.000,00"},
        {"data": "06/01/2024", "historico": "b", "debito": "2,50", "credito": ""},
        {"data": "07/01/2024", "historico": "c", "debito": "2,50", "credito": "3,00"},
    ]
    entries = read_entries(rows, today=TODAY)
    assert entries.ledger.cents.tolist() == [100000, -250]
    assert [aside.code for aside in entries.set_aside] == ["two_amounts"]


def test_nothing_and_only_unreadable_rows_give_an_empty_ledger() -> None:
    assert len(read_entries([])) == 0
    assert len(read_entries(pd.DataFrame())) == 0
    entries = read_entries([{**BANK, "amount": None}])
    assert (len(entries), entries.reasons) == (0, {"missing_amount": 1})


def test_columns_without_known_names_are_told_by_their_content() -> None:
    rows = [{"a": f"2024-01-{i:02d}", "b": 3.25 - i, "c": f"loja numero {i}", "d": i} for i in range(1, 28)]
    entries = read_entries(rows, today=TODAY)
    assert {name: entries.roles[name] for name in "abc"} == {"a": "date", "b": "amount", "c": "description"}
    assert entries.columns[0].why == "by its content: dates"


def test_columns_that_cannot_be_told_are_asked_for() -> None:
    with pytest.raises(ColumnNotFoundError, match="No column of dates"):
        read_entries([{"a": 1, "b": 2.5}])
    with pytest.raises(ColumnNotFoundError, match="Several columns could be the amount: x, y") as caught:
        read_entries([{"when": "2024-01-05", "x": 3.25, "y": 7.5}])
    assert caught.value.details["candidates"] == ["x", "y"]
    declared = read_entries([{"when": "2024-01-05", "x": 3.25, "y": 7.5}], {"y": "amount"})
    assert declared.ledger.cents.tolist() == [750]


@pytest.mark.parametrize(
    ("mapping", "error", "words"),
    [
        ({"foo": "date"}, ColumnNotFoundError, "no column 'foo'"),
        ({"amount": "date", "date": "date"}, InvalidParameterError, "One column is the date"),
        ({"date": "dia"}, InvalidParameterError, "A role is one of"),
        ({"type": "category"}, ColumnNotFoundError, r"from column to role: \{'category': 'type'\}"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(mapping: dict[str, str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read_entries([BANK], mapping)


@pytest.mark.parametrize("rows", [BANK, "2024", 7, None])
def test_what_has_no_rows_is_refused(rows: object) -> None:
    with pytest.raises(InvalidParameterError, match="list of dicts"):
        read_entries(rows)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidDataError, match="name of its own"):
        read_entries(pd.DataFrame([["2024-01-05", 1.0, 2.0]], columns=["date", "amount", "amount"]))


@dataclass(frozen=True)
class Move:
    date: dt.date
    amount: float
    description: str


class Mapped:
    """An object of a mapper: its fields are attributes."""

    def __init__(self) -> None:
        self._sa_instance_state = object()
        self.date, self.amount, self.description = dt.date(2024, 1, 5), -10.5, "TARIFA"


class Result:
    """A row of a query, which shows its fields as a mapping."""

    @property
    def _mapping(self) -> dict[str, object]:
        return {"date": "2024-01-05", "amount": -10.5, "description": "TARIFA"}


Tuple = namedtuple("Tuple", "date amount description")


def test_every_container_gives_the_same_ledger() -> None:
    rows = [{"date": dt.date(2024, 1, 5), "amount": -10.5, "description": "TARIFA"}]
    boxes: list[object] = [
        rows,
        tuple(rows),
        iter(rows),
        pd.DataFrame(rows),
        pd.DataFrame(rows).astype({"date": "datetime64[ns]", "description": "category"}),
        pa.Table.from_pylist(rows),
        [Move(dt.date(2024, 1, 5), -10.5, "TARIFA")],
        [Tuple("2024-01-05", "-10.50", "TARIFA")],
        [Mapped()],
        [Result()],
        [pd.Series(rows[0])],
    ]
    for box in boxes:
        ledger = read_entries(box, today=TODAY).ledger
        found = ledger.days.tolist(), ledger.cents.tolist(), ledger.descriptions.tolist()
        assert found == ([dt.date(2024, 1, 5)], [-1050], ["TARIFA"]), type(box)


def test_transactions_of_the_readers_are_entries(tmp_path: Path) -> None:
    from contrapeso.finance import write_company
    from contrapeso.finance.ingest import parse_file

    write_company(simulate_company(months=2), tmp_path)
    parsed = parse_file(next(tmp_path.rglob("*alameda*.ofx")))
    entries = read_entries(list(parsed.transactions))
    assert entries.ledger.cents.tolist() == [row.amount_cents for row in parsed.transactions]
    assert entries.roles["description_raw"] == "description"
    assert entries.roles["description"] == "copy"
    assert entries.roles["direction"] == "type"


def test_columns_get_roles_by_what_they_hold() -> None:
    rows = [
        {
            "Data": f"{1 + i % 27:02d}/{1 + i // 10:02d}/2024",
            "Mês": ("jan", "fev", "mar", "abr", "mai", "jun")[i // 10],
            "Valor": f"-{i + 1},50",
            "Histórico": f"PIX {i}",
            "Categoria": ("Aluguel", "Energia")[i % 2],
            "Cliente": ("Maria da Silva", "João Pereira", "Ana Souza")[i % 3],
            "CPF": ("529.982.247-25", "111.444.777-35", "123.456.789-09")[i % 3],
            "Vencimento": f"{1 + i % 27:02d}/{1 + i // 10:02d}/2024",
            "Documento": f"NF{1000 + i // 2}",
            "Setor": ("TI", "RH")[i % 2],
            "Obs": f"nota livre {i}",
            "chave_uuid": uuid4(),
            "importado_em": f"2024-06-01T10:{i:02d}:00",
        }
        for i in range(60)
    ]
    roles = read_entries(rows, today=dt.date(2025, 1, 1)).roles
    assert roles == {
        "Data": "date",
        "Mês": "calendar",
        "Valor": "amount",
        "Histórico": "description",
        "Categoria": "category",
        "Cliente": "person",
        "CPF": "identifier",
        "Vencimento": "other_date",
        "Documento": "document",
        "Setor": "categorical",
        "Obs": "text",
        "chave_uuid": "id",
        "importado_em": "timestamp",
    }
    assert set(roles.values()) <= set(ROLES)


def test_the_description_of_a_reading_is_in_both_languages() -> None:
    entries = read_entries([BANK, {**BANK, "amount": None}], today=TODAY)
    assert entries.describe("pt").startswith("1 de 2 linhas lidas; 1 postas de lado (missing_amount 1).")
    assert "row 1: the amount is missing in amount." in entries.describe("en")
    for code, (pt, en) in _SENTENCES.items():
        assert pt != en, code
        assert Said(code).code == code


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=12),
    st.decimals(allow_nan=True),
    st.dates(),
    st.datetimes(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sampled_from([pd.NA, pd.NaT, np.float64("nan"), np.int64(3), np.bool_(True), "R$ 1.234,56", "31/12/2024"]),
)
KEYS = st.sampled_from(["date", "amount", "description", "category", "balance", "type", "id", "doc", "x", 3])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.dictionaries(KEYS, VALUES, max_size=8), st.integers(), st.none()), max_size=8))
def test_any_rows_are_accounted_for_or_refused_with_a_code_and_never_changed(rows: list[object]) -> None:
    before = copy.deepcopy(rows)
    with contextlib.suppress(ColumnNotFoundError, InvalidDataError):
        entries = read_entries(rows, today=TODAY)
        assert sorted([*entries.row_of.tolist(), *(aside.row for aside in entries.set_aside)]) == list(range(len(rows)))
        assert len(entries.describe("pt")) > 0
    assert repr(rows) == repr(before)


def test_the_door_is_light() -> None:
    heavy = ("torch", "sklearn", "pyarrow", "pandas")
    code = f"import contrapeso.finance, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "reasons", "roles"),
    [
        (
            "mc_2021",
            {"missing_amount": 148, "balance_row": 80},
            {"aba": "calendar", "Tipo": "category", "Valor para relat mensal": "copy", "Observações:": "text"},
        ),
        (
            "ceaps_2020",
            {"bad_date": 1},
            {"SENADOR": "person", "CNPJ_CPF": "identifier", "FORNECEDOR": "firm", "COD_DOCUMENTO": "id"},
        ),
        (
            "calderdale_card_2014_2017",
            {},
            {"Net Amount": "amount", "Supplier Name": "description", "Merchant Category Group": "category"},
        ),
    ],
)
def test_the_shared_tables_are_read(
    shared_data: Path, name: str, reasons: dict[str, int], roles: dict[str, str]
) -> None:
    frame = pd.read_parquet(shared_data / f"{name}.parquet")
    entries = read_entries(frame)
    assert entries.reasons == reasons
    assert len(entries) == len(frame) - sum(reasons.values())
    assert {column: entries.roles[column] for column in roles} == roles
