"""New rows come in the form of the input; names, numbers and moments of real rows do not come with them."""

import copy
import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Drafts, Ledger, ledger_of
from contrapeso.finance.entries import Entries, read_entries
from contrapeso.finance.privacy import Pseudonyms
from tests.unit._entry_rows import BANK, TODAY, bank_rows, company_rows


def drafts_of(
    ledger: Ledger, parents: list[int], *, shift: int = 0, traces: list[dict[str, object]] | None = None
) -> Drafts:
    """Drafts that repeat their parents, ``shift`` days later."""
    rows = np.array(parents, dtype=np.int64)
    made = ledger.take(rows)
    made = replace(made, days=made.days + shift, balance_known=np.zeros(len(rows), dtype=bool))
    given_traces = tuple(traces or [{"method": "test"} for _ in parents])
    return Drafts(made, rows[:, None], np.ones((len(rows), 1)), given_traces)


def written(entries: Entries, parents: list[int], forbidden: list[str] | None = None, **options: object) -> list[dict]:
    return entries.write(drafts_of(entries.ledger, parents), run="r1", names=Pseudonyms(forbidden or [], 0), **options)


def test_rows_have_the_keys_types_and_formats_of_the_input() -> None:
    rows = bank_rows()
    entries = read_entries(rows, today=TODAY)
    made = written(entries, list(range(0, 300, 7)))
    for row, parent in zip(made, rows[0:300:7], strict=True):
        assert list(row) == [*parent, "is_synthetic", "provenance"]
        assert row["is_synthetic"] is True
        for key in ("date", "amount", "description", "transaction_type", "category", "bank_name", "is_anomaly"):
            assert row[key] == parent[key], key
            assert type(row[key]) is type(parent[key]), key
        assert row["timestamp"] is None
        assert row["balance"] is None


def test_identifiers_are_of_a_name_space_of_their_own() -> None:
    rows = bank_rows()
    entries = read_entries(rows, today=TODAY)
    made = written(entries, [3, 4, 5])
    assert [row["transaction_id"] for row in made] == ["SYN-r1-1", "SYN-r1-2", "SYN-r1-3"]
    numbers = [row["id"] for row in made]
    assert all(type(number) is int and number < 0 for number in numbers)
    again = entries.write(drafts_of(entries.ledger, [3]), run="r2", names=Pseudonyms([], 0))
    more = written(entries, [3], first=4)
    assert len({*numbers, again[0]["id"], more[0]["id"]}) == 5
    assert more[0]["transaction_id"] == "SYN-r1-4"


def test_no_account_of_a_real_row_is_written() -> None:
    rows = bank_rows()
    entries = read_entries(rows, today=TODAY)
    real = {str(row["account_id"]) for row in rows}
    made = written(entries, list(range(len(entries))), sorted(real))
    assert not real & {row["account_id"] for row in made}
    pairs = {(row["account_id"], source["account_id"]) for row, source in zip(made, rows, strict=True)}
    assert len(pairs) == len(real)


def test_a_company_book_keeps_its_dialect() -> None:
    rows = company_rows()
    entries = read_entries(rows, today=TODAY)
    made = written(entries, list(range(0, 400, 11)))
    for row, parent in zip(made, rows[0:400:11], strict=True):
        assert {key: row[key] for key in parent} == parent


def test_copies_of_the_amount_are_computed_anew() -> None:
    entries = read_entries(company_rows(), today=TODAY)
    drafts = drafts_of(entries.ledger, [0, 1, 2])
    drafts = replace(drafts, ledger=replace(drafts.ledger, cents=np.array([-777, 999, -1234500])))
    made = entries.write(drafts, run="r", names=Pseudonyms([], 0))
    assert [row["amount"] for row in made] == [7.77, 9.99, 12345.0]
    assert [row["monthly_report_value"] for row in made] == [7.77, 9.99, 12345.0]
    assert [row["transaction_type"] for row in made] == ["expense", "income", "expense"]


def test_the_counterpart_of_a_direction_never_seen_is_written_in_its_style() -> None:
    for word, other in (("debit", "credit"), ("DÉBITO", "CRÉDITO"), ("Saída", "Entrada"), ("D", "C")):
        entries = read_entries([{**BANK, "tipo": word, "amount": -1.0 * i} for i in range(1, 5)], today=TODAY)
        drafts = drafts_of(entries.ledger, [0])
        drafts = replace(drafts, ledger=replace(drafts.ledger, cents=np.array([500])))
        assert entries.write(drafts, run="r", names=Pseudonyms([], 0))[0]["tipo"] == other


def test_texts_of_a_brazilian_sheet_are_written_alike() -> None:
    rows = [
        {"Data": "31/12/2023", "Valor": "R$ 1.234,56", "Histórico": "TED RECEBIDA", "Saldo": "R$ 2.000,00"},
        {"Data": "02/01/2024", "Valor": "-R$ 0,10", "Histórico": "TARIFA", "Saldo": "R$ 1.999,90"},
    ]
    entries = read_entries(rows, today=TODAY)
    drafts = drafts_of(entries.ledger, [0, 1], shift=1)
    drafts = replace(drafts, ledger=replace(drafts.ledger, cents=np.array([-500000, 1])))
    made = entries.write(drafts, run="r", names=Pseudonyms([], 0))
    assert [(row["Data"], row["Valor"], row["Saldo"]) for row in made] == [
        ("01/01/2024", "-R$ 5.000,00", None),
        ("03/01/2024", "R$ 0,01", None),
    ]


def test_debits_and_credits_go_to_their_columns() -> None:
    rows = [
        {"data": "2024-01-05", "historico": "a", "debito": Decimal("0.00"), "credito": Decimal("10.00")},
        {"data": "2024-01-06", "historico": "b", "debito": Decimal("2.50"), "credito": Decimal("0.00")},
    ]
    made = written(read_entries(rows, today=TODAY), [0, 1])
    assert [{key: row[key] for key in rows[0]} for row in made] == rows


def test_rows_of_different_keys_give_rows_of_the_keys_of_their_parents() -> None:
    rows = [BANK, {"amount": 3.5, "date": "2024-01-06", "foo": 1}, BANK]
    made = written(read_entries(rows, today=TODAY), [1, 0])
    assert list(made[0]) == ["amount", "date", "foo", "is_synthetic", "provenance"]
    assert list(made[1]) == [*BANK, "is_synthetic", "provenance"]


def test_names_and_numbers_of_persons_get_pseudonyms_that_go_together() -> None:
    people = [("Maria da Silva", "529.982.247-25"), ("João Pereira", "111.444.777-35")]
    rows = [
        {**BANK, "amount": -1.0 - i, "cliente": people[i % 2][0], "cpf": people[i % 2][1], "obs": f"ligar {i}"}
        for i in range(40)
    ]
    entries = read_entries(rows, today=TODAY)
    made = written(entries, [0, 1, 2, 3], [part for pair in people for part in pair])
    text = json.dumps(made, ensure_ascii=False)
    assert not any(part in text for pair in people for part in pair)
    assert made[0]["cliente"] == made[2]["cliente"] != made[1]["cliente"]
    assert made[0]["cpf"] == made[2]["cpf"] != made[1]["cpf"]
    assert {row["obs"] for row in made} == {None}


def test_a_name_in_its_own_column_is_the_one_in_the_description() -> None:
    payees = ("MADEIREIRA TARUMBE", "VIDRACARIA ALVORIM", "POSTO MARAMBEIA")
    rows = [
        {
            **BANK,
            "date": f"2024-01-{1 + i:02d}",
            "description": f"BOLETO {payees[i % 3]} {i}",
            "fornecedor": payees[i % 3],
        }
        for i in range(24)
    ]
    entries = read_entries(rows, today=TODAY)
    traces: list[dict[str, object]] = [
        {"slots": [{"kind": "name", "text": "Serraria Quilombe", "source": "pseudonym"}]}
    ]
    drafts = drafts_of(entries.ledger, [0], traces=traces)
    assert entries.write(drafts, run="r", names=Pseudonyms([], 0))[0]["fornecedor"] == "SERRARIA QUILOMBE"
    without = written(entries, [0, 3])
    assert without[0]["fornecedor"] == without[1]["fornecedor"]
    assert without[0]["fornecedor"] not in payees


def test_what_pseudonyms_must_never_be_is_told() -> None:
    rows = [
        {**BANK, "amount": -1.0 - i, "cliente": ("Maria da Silva", "[NOME]")[i % 2], "conta": "45871-3"}
        for i in range(9)
    ]
    assert read_entries(rows, today=TODAY).forbidden == ("45871-3", "Maria da Silva")


def test_values_of_few_rows_are_not_copied() -> None:
    rows = [
        {**BANK, "amount": -1.0 - i, "centro": "Fábrica" if i else "Obra do Zé", "nota": 7.25 + i} for i in range(30)
    ]
    entries = read_entries(rows, today=TODAY)
    made = written(entries, list(range(30)))
    assert {row["centro"] for row in made} == {"Fábrica"}
    assert not {row["nota"] for row in made} & {row["nota"] for row in rows}
    assert all(7.25 <= row["nota"] <= 36.25 for row in made)


def test_parts_of_the_date_follow_the_new_date() -> None:
    start = dt.date(2023, 1, 1)
    rows = [
        {
            **BANK,
            "date": (day := start + dt.timedelta(days=3 * i)).isoformat(),
            "amount": -1.0 - i,
            "ano": day.year,
            "competencia": f"{day:%m/%Y}",
            "dia_da_semana": ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")[day.weekday()],
            "vencimento": (day + dt.timedelta(days=10)).isoformat(),
        }
        for i in range(240)
    ]
    entries = read_entries(rows, today=TODAY)
    made = entries.write(drafts_of(entries.ledger, [0, 50, 100], shift=40), run="r", names=Pseudonyms([], 0))
    for row in made:
        day = dt.date.fromisoformat(row["date"])
        assert row["ano"] == day.year
        assert row["competencia"] == f"{day:%m/%Y}"
        assert row["dia_da_semana"] == ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")[day.weekday()]
        assert row["vencimento"] == (day + dt.timedelta(days=10)).isoformat()


def test_balances_are_written_only_when_a_policy_gave_them() -> None:
    entries = read_entries(bank_rows(), today=TODAY)
    drafts = drafts_of(entries.ledger, [0, 1])
    with pytest.raises(InvalidParameterError, match="2 of 2 have none"):
        entries.write(drafts, run="r", names=Pseudonyms([], 0), balances="shadow")
    shadow = replace(
        drafts.ledger,
        balances=np.array([1050, -300]),
        balance_known=np.ones(2, dtype=bool),
        accounts=np.array(["SYN-CONTA-1", "SYN-CONTA-1"], dtype=object),
    )
    made = entries.write(replace(drafts, ledger=shadow), run="r", names=Pseudonyms([], 0), balances="shadow")
    assert [(row["balance"], row["account_id"]) for row in made] == [(10.5, "SYN-CONTA-1"), (-3.0, "SYN-CONTA-1")]
    empty = entries.write(replace(drafts, ledger=shadow), run="r", names=Pseudonyms([], 0))
    assert [row["balance"] for row in empty] == [None, None]


def test_a_draft_without_parents_takes_fields_of_its_category_and_direction() -> None:
    rows = [{**BANK, "amount": -1.0, "centro": "A"}] * 3 + [{**BANK, "amount": 2.0, "centro": "B"}] * 3
    entries = read_entries(rows, today=TODAY)
    drafts = drafts_of(entries.ledger, [0, 3])
    drafts = replace(drafts, parents=np.full((2, 1), -1))
    made = entries.write(drafts, run="r", names=Pseudonyms([], 0))
    assert [row["centro"] for row in made] == ["A", "B"]
    assert [row["provenance"]["parents"] for row in made] == [[], []]
    assert [row["provenance"]["fields_from"] for row in made] == [0, 3]


def test_provenance_tells_rows_of_the_input_and_the_trace() -> None:
    rows = [{**BANK, "amount": None}, BANK, {**BANK, "amount": 5.0}]
    entries = read_entries(rows, today=TODAY)
    traces: list[dict[str, object]] = [{"method": "smote", "amount": {"grid": 10}, "id": "not this one"}]
    drafts = replace(
        drafts_of(entries.ledger, [1], traces=traces),
        parents=np.array([[1, 0, -1]]),
        weights=np.array([[0.75, 0.25, 0.0]]),
    )
    record = entries.write(drafts, run="r9", names=Pseudonyms([], 0))[0]["provenance"]
    assert record == {
        "id": "SYN-r9-1",
        "run": "r9",
        "parents": [{"row": 2, "weight": 0.75}, {"row": 1, "weight": 0.25}],
        "fields_from": 2,
        "method": "smote",
        "amount": {"grid": 10},
    }
    assert json.loads(json.dumps(record)) == record


def test_the_same_drafts_give_the_same_rows() -> None:
    rows = bank_rows()
    first, second = (written(read_entries(rows, today=TODAY), list(range(50))) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"run": " "}, "name of the run"), ({"balances": "all"}, "balances is one of"), ({"first": 0}, "from 1")],
)
def test_options_outside_their_rule_are_refused(options: dict[str, object], words: str) -> None:
    entries = read_entries([BANK], today=TODAY)
    with pytest.raises(InvalidParameterError, match=words):
        entries.write(drafts_of(entries.ledger, [0]), **{"run": "r", "names": Pseudonyms([], 0), **options})


def test_a_parent_that_is_no_row_is_refused() -> None:
    entries = read_entries([BANK], today=TODAY)
    drafts = replace(drafts_of(entries.ledger, [0]), parents=np.array([[1]]))
    with pytest.raises(InvalidParameterError, match="rows of the ledger"):
        entries.write(drafts, run="r", names=Pseudonyms([], 0))


def test_no_drafts_give_no_rows_and_an_empty_input_gives_bare_ones() -> None:
    entries = read_entries([BANK], today=TODAY)
    assert written(entries, []) == []
    nothing = Drafts(ledger_of([], [], []), np.empty((0, 1), dtype=np.int64), np.empty((0, 1)), ())
    assert read_entries([]).write(nothing, run="r", names=Pseudonyms([], 0)) == []


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "data": st.dates(dt.date(2015, 1, 1), dt.date(2023, 12, 31)).map(lambda day: f"{day:%d/%m/%Y}"),
            "valor": st.decimals(-(10**7), 10**7, places=2),
            "descricao": st.text(max_size=20),
            "categoria": st.sampled_from(["a", "b", ""]),
        },
        optional={
            "setor": st.sampled_from(["TI", "RH", None]),
            "nota": st.floats(allow_nan=False, allow_infinity=False, width=32),
            "cliente": st.text(max_size=8),
            "doc": st.integers(0, 99999),
            "extra": st.lists(st.integers(), max_size=2),
        },
    ),
    min_size=1,
    max_size=15,
)


@settings(max_examples=120, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_what_is_written_reads_back_and_originals_stay(rows: list[dict[str, object]], random: object) -> None:
    before = copy.deepcopy(rows)
    entries = read_entries(rows, {"data": "date", "valor": "amount"}, today=TODAY)
    if not len(entries):
        return
    parents = [random.randrange(len(entries)) for _ in range(5)]
    made = written(entries, parents)
    assert rows == before
    for row, parent in zip(made, parents, strict=True):
        assert list(row)[:-2] == list(rows[entries.row_of[parent]])
    back = read_entries([*rows, *made], {"data": "date", "valor": "amount"}, synthetic="keep", today=TODAY)
    again = back.ledger.take(np.isin(back.row_of, np.arange(len(rows), len(rows) + 5)))
    kept = entries.ledger.take(np.array(parents))
    if len(again) == 5:  # a description that reads as a total or balance is set aside with its parents
        assert again.cents.tolist() == kept.cents.tolist()
        assert again.categories.tolist() == kept.categories.tolist()


@pytest.mark.shared
@pytest.mark.parametrize("name", ["mc_2021", "ceaps_2020", "calderdale_card_2014_2017"])
def test_the_shared_tables_are_written_in_their_form(shared_data: Path, name: str) -> None:
    frame = pd.read_parquet(shared_data / f"{name}.parquet")
    entries = read_entries(frame)
    parents = list(range(0, len(entries), max(1, len(entries) // 200)))
    made = written(entries, parents)
    copied = [c.name for c in entries.columns if c.role in {"date", "amount", "description", "category", "copy"}]
    for row, parent in zip(made, parents, strict=True):
        real = frame.iloc[int(entries.row_of[parent])].to_dict()
        assert list(row)[:-2] == list(real)
        assert {key: row[key] for key in copied} == {key: real[key] for key in copied}
    for column in entries.columns:
        if column.role in {"person", "identifier", "firm", "id"}:
            real_values = {str(value) for value in frame[column.name].dropna() if "[" not in str(value)}
            assert not real_values & {str(row[column.name]) for row in made}, column.name
