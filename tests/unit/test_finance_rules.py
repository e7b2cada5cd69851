"""Rules of movements: every type, files, builtin rules, satisfiability, repair, and reports."""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import FileMissingError, InvalidParameterError, MissingExtraError
from contrapeso.finance import simulate_company
from contrapeso.finance._ledger import Drafts, ledger_of
from contrapeso.finance.calendar import bank_calendar
from contrapeso.finance.rules import (
    LAWS,
    RuleSet,
    builtin_rules,
    check_satisfiable,
    enforce,
    frame_of,
    load_rules,
    repair_drafts,
    repair_frame,
    rule_report,
    severities,
)


def rules(*given_: dict[str, object]) -> RuleSet:
    return load_rules({"version": 1, "rules": [{"id": f"r{place}", **one} for place, one in enumerate(given_)]})


def answers(rule: dict[str, object], frame: pd.DataFrame, among: pd.DataFrame | None = None) -> list[int]:
    return rules(rule).check(frame, among=among).answers[:, 0].tolist()


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


def name_of(value: object) -> str:
    return str(value["type"]) if isinstance(value, dict) else "-"


DAYS = ["2024-01-05", "2024-01-05", "2024-02-06", "2024-02-07"]
CASES: list[tuple[dict[str, object], pd.DataFrame, list[int]]] = [
    ({"type": "type", "column": "amount", "kind": "centavos"}, frame(amount=[1.25, 1.255, np.nan]), [1, 0, -1]),
    ({"type": "type", "column": "n", "kind": "integer"}, frame(n=["12", "1.5", "x"]), [1, 0, 0]),
    ({"type": "type", "column": "date", "kind": "date"}, frame(date=["2024-01-01", "2024-02-30", None]), [1, 0, -1]),
    ({"type": "type", "column": "n", "kind": "boolean"}, frame(n=[True, False]), [1, 1]),
    ({"type": "required", "columns": ["a", "b"]}, frame(a=["x", "", "y"], b=[1, 2, None]), [1, 0, 0]),
    (
        {"type": "required", "columns": ["a", "b"], "patterns": [["a", "b"], []]},
        frame(a=["x", None, None], b=["y", None, "z"]), [1, 1, 0],
    ),
    ({"type": "range", "column": "amount", "min": -5, "max": 5}, frame(amount=[-5, 5.01, np.nan]), [1, 0, -1]),
    (
        {"type": "range", "column": "amount", "by": ["category"], "bounds": [{"key": ["a"], "max": 1}]},
        frame(amount=[2.0, 2.0], category=["a", "b"]), [0, -1],
    ),
    ({"type": "resolution", "step": 5}, frame(amount=[10.0, 0.3, 15.0]), [1, 0, 1]),
    (
        {"type": "resolution", "by": ["category"], "steps": [{"key": ["a"], "step": 10}]},
        frame(amount=[10.0, 5.0, 5.55], category=["a", "a", "b"]), [1, 0, -1],
    ),
    ({"type": "enum", "column": "c", "values": ["Ação"]}, frame(c=["Ação", "acao", None]), [1, 0, -1]),
    ({"type": "enum", "column": "c", "values": ["Ação"], "fold": True}, frame(c=["acao", "b"]), [1, 0]),
    ({"type": "enum", "column": "n", "values": [1, 2.5]}, frame(n=[1, 2.5, 3]), [1, 1, 0]),
    ({"type": "regex", "column": "c", "pattern": r"N\d{3}"}, frame(c=["N123", "n12", "N1234"]), [1, 0, 0]),
    (
        {"type": "check_digit", "column": "c", "kinds": ["cpf"]},
        frame(c=["529.982.247-25", "529.982.247-26", "***.982.247-**"]), [1, 0, 1],
    ),
    (
        {"type": "check_digit", "column": "c", "kinds": ["cpf"], "within": True, "accept": "masked"},
        frame(c=["PIX 529.982.247-25", "PIX ***.982.247-**", "PIX"]), [0, -1, -1],
    ),
    (
        {"type": "implication", "when": "transaction_type == 'debit'", "then": "amount < 0"},
        frame(amount=[-1.0, 1.0, 1.0, np.nan], transaction_type=["debit", "debit", "credit", "debit"]), [1, 0, -1, -1],
    ),
    ({"type": "inequality", "left": "a", "op": "<=", "right": "b", "plus": 1}, frame(a=[1, 3], b=[1, 1]), [1, 0]),
    (
        {"type": "inequality", "left": "due", "op": "<=", "right": "date", "plus": 2},
        frame(due=pd.to_datetime(["2024-01-03", "2024-01-09"]), date=pd.to_datetime(["2024-01-01", "2024-01-01"])),
        [1, 0],
    ),
    (
        {"type": "functional_dependency", "determinant": ["t"], "dependent": "c"},
        frame(t=["x", "x", "x", "y"], c=["a", "a", "b", "a"]), [1, 1, 0, -1],
    ),
    (
        {"type": "fixed_combination", "columns": ["b", "c"], "combinations": [["x", 1], ["y", None]]},
        frame(b=["x", "y", "y"], c=[1.0, np.nan, 1.0]), [1, 1, 0],
    ),
    ({"type": "formula", "column": "t", "equals": "a + b"}, frame(t=[0.3, 1.0], a=[0.1, 1.0], b=[0.2, 1.0]), [1, 0]),
    (
        {"type": "formula", "column": "t", "sum_of": "a", "by": ["g"]},
        frame(t=[3.0, 3.0, 9.0], a=[1.0, 2.0, 4.0], g=["x", "x", "y"]), [1, 1, 0],
    ),
    ({"type": "unique", "columns": ["k"]}, frame(k=["a", "b", "a", None]), [1, 1, 0, -1]),
    (
        {"type": "running_balance", "key": ["account"]},
        frame(date=DAYS, amount=[5.0, 2.0, -1.0, 1.0], balance=[17.0, 12.0, 16.0, 18.0], account=["a"] * 4),
        [1, -1, 1, 0],
    ),
    ({"type": "calendar", "business_day": True}, frame(date=["2024-01-05", "2024-01-06", None]), [1, 0, -1]),
    (
        {"type": "calendar", "day_of_month": 20, "roll": "following"},
        frame(date=["2024-04-22", "2024-04-19", "2024-05-20"]), [1, 0, 1],
    ),
    ({"type": "calendar", "obligation": "das"}, frame(date=["2024-04-22", "2024-04-20"]), [1, 0]),
    ({"type": "calendar", "obligation": "payroll"}, frame(date=["2025-04-04", "2025-04-05"]), [1, 0]),
    ({"type": "calendar", "day_of_month": 31, "roll": "following"}, frame(date=["2024-07-01", "2024-06-28"]), [1, 0]),
    ({"type": "calendar", "day_of_month": 20, "tolerance_days": 2}, frame(date=["2024-04-22", "2024-04-23"]), [1, 0]),
    ({"type": "calendar", "nth_business_day": -1}, frame(date=["2024-03-28", "2024-03-29"]), [1, 0]),
    (
        {"type": "calendar", "weekdays": [4, 5], "months": [1], "not_before": "2024-01-06"},
        frame(date=["2024-01-05", "2024-01-06", "2024-01-12", "2024-02-02"]), [0, 1, 1, 0],
    ),
    (
        {"type": "era", "when": "has_word(description, 'pix')", "valid_from": "2020-11-16"},
        frame(date=["2020-11-15", "2020-11-16", "2019-01-02"], description=["PIX A", "PIX B", "TED"]), [0, 1, -1],
    ),
    (
        {"type": "recurrence", "key": ["payee"], "at_most": 1},
        frame(date=["2024-01-05", "2024-01-09", "2024-02-05"], description=["LUZ 01/24", "LUZ 9", "LUZ"]), [1, 0, 1],
    ),
    (
        {"type": "recurrence", "key": ["k"], "gap_days": [28, 33], "amount_tolerance": 0.1},
        frame(date=["2024-01-05", "2024-02-05", "2024-02-25", "2024-03-26"], amount=[10.0] * 3 + [15.0], k=["x"] * 4),
        [1, 1, 0, 0],
    ),
    (
        {"type": "recurrence", "key": ["payee"], "instalments": "description"},
        frame(date=["2024-01-05", "2024-02-05", "2024-03-05", "2024-03-06"],
              description=["IPTU PARC 1/10", "IPTU PARC 2/10", "IPTU PARC 4/10", "LUZ"]), [1, 1, 0, -1],
    ),
    (
        {"type": "aggregate", "by": ["day"], "measure": "abs_sum", "max": 10},
        frame(date=DAYS, amount=[-6.0, -5.0, 9.0, 11.0]), [0, 0, 1, 0],
    ),
    (
        {"type": "aggregate", "law": "share", "by": ["category"], "shares": [{"key": ["a"], "share": 0.5}]},
        frame(category=["a", "a", "b", "b"]), [1, 1, -1, -1],
    ),
    (
        {"type": "aggregate", "law": "refund", "by": ["p"], "when": "amount > 0"},
        frame(date=DAYS, amount=[-10.0, 9.0, 11.0, 1.0], p=["x", "x", "x", "y"]), [-1, 1, 0, 0],
    ),
    (
        {"type": "aggregate", "law": "transfer"},
        frame(date=DAYS, amount=[-10.0, 10.0, 3.0, -3.0], account=["a", "b", "a", "b"]), [1, 1, 0, 0],
    ),
    ({"type": "expression", "holds": "len(c) <= 3"}, frame(c=["abc", "abcd", None]), [1, 0, -1]),
    ({"type": "expression", "holds": "len(c) <= 3", "nulls": "violated"}, frame(c=["abc", None]), [1, 0]),
    (
        {"type": "privacy", "forbidden": ["Bento Quintarelo"]},
        frame(description=["PIX BÊNTO QUINTARELO 9", "PIX BENTO", "CPF 529.982.247-25", "***.982.247-**"]),
        [0, 1, 0, 1],
    ),
    (
        {"type": "privacy", "identifiers": "any", "least_rows": 2},
        frame(description=["PIX ANA", "PIX RUI", "PIX ANA 12"]), [1, 0, 1],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "table", "expected"), CASES, ids=name_of)
def test_each_type_of_rule_answers_row_by_row(
    rule: dict[str, object], table: pd.DataFrame, expected: list[int]
) -> None:
    assert answers(rule, table) == expected


def test_every_type_has_a_case_and_a_message_and_goes_round_by_json_and_yaml() -> None:
    assert {str(rule["type"]) for rule, _, _ in CASES} == set(LAWS)
    whole = rules(*(rule for rule, _, _ in CASES))
    assert load_rules(whole.dumps()) == whole
    assert load_rules(whole.to_dict()) == whole
    pytest.importorskip("yaml")
    assert load_rules(whole.dumps("yaml")) == whole
    for rule in whole:
        assert rule.text("pt")
        assert rule.text("en") != rule.text("pt")


@pytest.mark.parametrize(("rule", "table", "expected"), CASES, ids=name_of)
def test_absent_columns_make_a_rule_not_applicable(
    rule: dict[str, object], table: pd.DataFrame, expected: list[int]
) -> None:
    report = rules(rule).check(pd.DataFrame({"nothing": [1, 2]}))
    assert report.results[0].status == "not_applicable"
    assert report.results[0].why
    assert not report.rejected.any()
    empty = rules(rule).check(table.iloc[:0])
    assert empty.n_rows == 0
    assert "não se aplica" in empty.describe("pt")


def test_rules_are_read_from_files_and_text(tmp_path: Path) -> None:
    text = "version: 1\nextra_holidays: [2024-01-25]\nrules:\n  - {id: a, type: calendar, business_day: true}\n"
    pytest.importorskip("yaml")
    path = tmp_path / "regras.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_rules(path) == load_rules(text)
    assert load_rules(text).check(frame(date=["2024-01-25"])).answers.tolist() == [[0]]
    (tmp_path / "r.json").write_text(json.dumps(load_rules(text).to_dict()), encoding="utf-8")
    assert load_rules(str(tmp_path / "r.json")) == load_rules(text)
    with pytest.raises(FileMissingError):
        load_rules(tmp_path / "none.json")


@pytest.mark.parametrize(
    "text",
    [
        "[1]", "{", '{"version": 2, "rules": []}', '{"rule": []}', '{"rules": 3}', '{"rules": [1]}',
        '{"rules": [{"id": 3, "type": "enum"}]}', '{"rules": [{"id": "a", "type": "nothing"}]}',
        '{"rules": [{"id": "a", "type": "range", "column": "x", "mim": 1}]}',
        '{"rules": [{"id": "a", "type": "range"}]}',
        '{"rules": [{"id": "a", "type": "range", "column": "x", "min": "1"}]}',
        '{"rules": [{"id": "a", "type": "range", "column": "x", "severity": "hardest"}]}',
        '{"rules": [{"id": "a", "type": "enum", "column": "x", "values": []}]}',
        '{"rules": [{"id": "a", "type": "calendar", "day_of_month": 32}]}',
        '{"rules": [{"id": "a", "type": "era", "valid_from": "2024-13-01"}]}',
        '{"rules": [{"id": "a", "type": "formula", "column": "x"}]}',
        '{"rules": [{"id": "a", "type": "expression", "holds": "x.y"}]}',
        '{"rules": [{"id": "a", "type": "expression", "holds": "x > 1", "when": 3}]}',
        '{"rules": [{"id": "a", "type": "unique", "columns": "x"}, {"id": "a", "type": "unique", "columns": "y"}]}',
        '{"calendar": "NYSE", "rules": []}', '{"extra_holidays": ["x"], "rules": []}',
        '{"rules": [{"id": "a", "type": "calendar", "obligation": "iss"}]}',
        "rules:\n  - &a {id: a, type: unique, columns: [x]}\n  - *a\n", "rules:\n\t- x", "a: !!python/object:os.x {}\n",
    ],
)  # fmt: skip
def test_a_wrong_file_is_an_error_that_says_what_was_meant(text: str, tmp_path: Path) -> None:
    if text.startswith("["):
        path = tmp_path / "r.json"
        path.write_text(text)
        text = str(path)
    elif not text.startswith("{"):
        pytest.importorskip("yaml")
    with pytest.raises(InvalidParameterError):
        load_rules(text)


def test_yaml_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtraError, match=r"contrapeso\[yaml\]"):
        load_rules("version: 1\nrules: []\n")


def test_a_set_is_changed_rule_by_rule() -> None:
    some = rules({"type": "unique", "columns": ["a"]}, {"type": "unique", "columns": ["b"]})
    assert some.without(["r0"]).ids == ("r1",)
    assert some.only(["r0"]).ids == ("r0",)
    assert some.changed("r0", severity="soft", min_share=0.5)["r0"].min_share == 0.5
    assert (some + some.changed("r1", enforce="report"))["r1"].enforce == "report"
    assert len(some) == 2
    with pytest.raises(KeyError):
        some["none"]


def company(months: int = 12) -> pd.DataFrame:
    truth = simulate_company(months=months).truth
    return truth.assign(
        amount=truth.amount_cents / 100,
        balance=truth.balance_cents / 100,
        transaction_type=np.where(truth.amount_cents < 0, "debit", "credit"),
    )


def test_builtin_rules_hold_on_the_example_company() -> None:
    table = company()
    found = builtin_rules(table)
    report = found.check(table)
    assert report.clean_share == 1.0
    assert check_satisfiable(found, table).ok
    assert {"sinal_debito", "era_pix_texto", "saldo_continuo", "janela"} <= set(found.ids)


def test_builtin_rules_do_not_ask_signs_of_a_table_without_any() -> None:
    card = frame(date=["2016-02-01"] * 3, amount=[1.0, 2.0, 3.0], transaction_type=["expense"] * 3)
    found = builtin_rules(card)
    assert "sinal_debito" not in found.ids
    assert found.check(card)["janela"].share == 1
    ledger = ledger_of(["2016-02-01", "2016-02-02"], [100, 250], ["A", "B"])
    assert "transaction_type" not in frame_of(ledger)
    assert builtin_rules(ledger).check(ledger).clean_share == 1


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"date": "2020-11-15", "description": "PIX ENVIADO"}, "era_pix_texto"),
        ({"date": "2024-03-01", "description": "DOC ENVIADO BANCO"}, "era_doc_texto"),
        ({"date": "2024-01-02", "instrument": "doc", "amount": -5000.0}, "limite_doc"),
        ({"date": "2024-03-01", "instrument": "doc", "amount": -10.0}, "era_doc"),
        ({"date": "2020-01-02", "instrument": "pix", "amount": -10.0}, "era_pix"),
        ({"date": "2024-01-06", "instrument": "ted", "amount": -10.0}, "dia_util_bancario"),
        ({"date": "2024-07-05", "description": "DEP CHEQUE ATM 1"}, "era_febraban"),
        ({"date": "2025-01-02", "description": "X 12.ABC.345/01DE-35"}, "era_cnpj_letras"),
        ({"date": "2024-01-06", "amount": 1.005}, "centavos"),
        ({"date": "2024-01-06", "amount": 1.0, "transaction_type": "debit"}, "sinal_debito"),
    ],
)
def test_builtin_rules_find_what_cannot_be(row: dict[str, object], rule: str) -> None:
    report = builtin_rules().check(pd.DataFrame([row]))
    assert report[rule].share == 0
    assert report[rule].examples[0].row == 0


def test_a_document_number_is_no_doc_and_a_numeric_cnpj_has_no_letters() -> None:
    table = frame(date=["2025-01-02"] * 2, description=["PGTO DOC 123456", "CIA 11.222.333/0001-81"])
    report = builtin_rules().check(table)
    assert report["era_doc_texto"].n_asked == 0
    assert report["era_cnpj_letras"].n_asked == 0


def test_the_impossible_pair_is_found_and_named() -> None:
    table = company(3)
    pair = rules(
        {"id": "minimo", "type": "implication", "when": "transaction_type == 'debit'", "then": "amount >= 0.01"},
        {"id": "negativo", "type": "implication", "when": "transaction_type == 'debit'", "then": "amount <= 0"},
    )
    found = check_satisfiable(pair, table)
    assert not found.ok
    assert found.contradictions[0].rules == ("minimo", "negativo")
    assert found.contradictions[0].column == "amount"
    assert found.contradictions[0].n_rows == (table.amount < 0).sum()
    assert [one.rule for one in found.weak] == ["minimo"]
    assert found.joint_share == pytest.approx((table.amount > 0).mean())
    assert "minimo e negativo se contradizem" in found.describe("pt")
    assert json.dumps(found.to_dict())


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (({"type": "range", "column": "amount", "max": 5}, {"type": "expression", "holds": "amount > 5"}), "no_value"),
        (({"type": "enum", "column": "c", "values": ["a"]}, {"type": "expression", "holds": "c == 'b'"}), "no_value"),
        (({"type": "calendar", "weekdays": [5, 6]}, {"type": "calendar", "business_day": True}), "no_day"),
        (({"type": "era", "valid_to": "2020-01-01"}, {"type": "calendar", "not_before": "2021-01-01"}), "no_day"),
        (({"type": "expression", "holds": "day(date) > 20"}, {"type": "calendar", "nth_business_day": 3}), "no_day"),
        (
            ({"type": "range", "column": "amount_cents", "min": 501}, {"type": "range", "column": "amount", "max": 5}),
            "no_value",
        ),
    ],
)
def test_contradictions_are_proved_without_data(pair: tuple[dict[str, object], ...], reason: str) -> None:
    found = check_satisfiable(rules(*pair))
    assert [one.reason for one in found.contradictions] == [reason]
    assert found.contradictions[0].rules == ("r0", "r1")


def test_a_contradiction_of_three_is_named_whole_and_a_pair_seen_in_rows_only() -> None:
    three = rules(
        {"type": "calendar", "weekdays": [0, 1]}, {"type": "calendar", "weekdays": [1, 2]},
        {"type": "calendar", "weekdays": [0, 2]}, {"type": "calendar", "business_day": True},
    )  # fmt: skip
    assert check_satisfiable(three).contradictions[0].rules == ("r0", "r1", "r2")
    seen = rules({"type": "inequality", "left": "a", "op": "<", "right": "b"}, {"type": "expression", "holds": "a > b"})
    table = frame(a=[1, 2] * 20, b=[2, 1] * 20)
    assert [one.reason for one in check_satisfiable(seen, table).contradictions] == ["never_both"]


@given(st.lists(st.dates(pd.Timestamp("2015-01-01").date(), pd.Timestamp("2030-01-01").date()), min_size=1, max_size=8))
def test_mended_dates_keep_all_rules_of_days_and_their_month_where_it_has_one(days: list[object]) -> None:
    some = rules(
        {"type": "calendar", "business_day": True, "enforce": "repair"},
        {"type": "calendar", "weekdays": [0, 2], "enforce": "repair"},
    )
    made, log = repair_frame(some, frame(date=days))
    assert some.check(made).clean_share == 1
    assert [type(one) for one in made["date"]] == [type(one) for one in days]
    assert [one.month for one in made["date"]] == [one.month for one in days]  # type: ignore[attr-defined]
    assert {repair.row for repair in log} == {k for k, one in enumerate(days) if one != made["date"][k]}


MENDED: list[tuple[dict[str, object], pd.DataFrame, str, list[object]]] = [
    ({"type": "resolution", "step": 10}, frame(amount=[12.0, -3.0, 20.0]), "amount", [10.0, -10.0, 20.0]),
    ({"type": "range", "column": "amount", "max": 10}, frame(amount=[11.0, 50.0]), "amount", [10.0, 50.0]),
    (
        {"type": "implication", "when": "c == 'a'", "then": "amount < 0"},
        frame(amount=[Decimal("5.50"), Decimal("-1.00")], c=["a", "a"], transaction_type=["credit", "debit"]),
        "amount", [Decimal("-5.50"), Decimal("-1.00")],
    ),
    (
        {"type": "implication", "when": "amount < 0", "then": "transaction_type == 'expense'"},
        frame(amount=[-1.0], transaction_type=["income"]), "transaction_type", ["expense"],
    ),
    ({"type": "formula", "column": "v", "equals": "abs(amount)"}, frame(amount=[-1.5], v=[3.0]), "v", [1.5]),
    (
        {"type": "functional_dependency", "determinant": ["t"], "dependent": "category"},
        frame(t=["x"] * 3, category=["a", "a", "b"]), "category", ["a", "a", "a"],
    ),
    ({"type": "enum", "column": "c", "values": ["Ação"]}, frame(c=["acao", "z"]), "c", ["Ação", "z"]),
    (
        {"type": "recurrence", "key": ["payee"], "instalments": "description"},
        frame(date=DAYS[1:], description=["PARC 01/10 X", "PARC 05/10 X", "PARC 9/9 Y"]), "description",
        ["PARC 01/10 X", "PARC 02/10 X", "PARC 9/9 Y"],
    ),
    ({"type": "era", "valid_from": "2020-11-16"}, frame(date=["2020-11-02"]), "date", ["2020-11-16"]),
    ({"type": "implication", "then": "amount < 0"}, frame(amount_cents=[5, -5]), "amount_cents", [-5, -5]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "table", "column", "expected"), MENDED, ids=name_of)
def test_what_has_one_answer_is_mended(
    rule: dict[str, object], table: pd.DataFrame, column: str, expected: list[object]
) -> None:
    before = table.copy(deep=True)
    made, log = repair_frame(rules({**rule, "enforce": "repair"}), table)
    assert made[column].tolist() == expected
    assert made[column].dtype == table[column].dtype
    pd.testing.assert_frame_equal(table, before)
    assert all(repair.column == column and repair.rule == "r0" for repair in log)
    if "transaction_type" in table and column == "amount":
        assert made["transaction_type"].tolist() == ["debit", "debit"]
    assert repair_frame(rules({**rule, "enforce": "report"}), table)[1] == ()


def test_mending_that_breaks_another_hard_rule_is_undone() -> None:
    both = rules(
        {"type": "resolution", "step": 10, "enforce": "repair"},
        {"type": "expression", "holds": "amount == amount_copy", "enforce": "reject"},
    )
    table = frame(amount=[12.0, 20.0], amount_copy=[12.0, 20.0])
    made, log = repair_frame(both, table)
    assert (made["amount"].tolist(), log) == ([12.0, 20.0], ())


def test_a_soft_rule_is_mended_to_its_share_and_no_further() -> None:
    soft = rules({"type": "calendar", "business_day": True, "severity": "soft", "min_share": 0.8, "enforce": "repair"})
    made, log = repair_frame(soft, frame(date=["2024-01-06"] * 10))
    assert len(log) == 8
    assert soft.check(made).results[0].share == pytest.approx(0.8)


def drafts_of(ledger: object) -> Drafts:
    n = len(ledger)  # type: ignore[arg-type]
    return Drafts(ledger, np.arange(n)[:, None], np.ones((n, 1)), tuple({"method": "t"} for _ in range(n)))  # type: ignore[arg-type]


def test_drafts_are_mended_rejected_and_told() -> None:
    real = ledger_of(["2024-01-02", "2024-01-03"], [-1000, -2000], ["TARIFA A", "TARIFA B"], categories=["t", "t"])
    made = ledger_of(
        ["2024-01-02", "2024-01-06", "2024-01-04"], [-1000, -1503, -99900], ["TARIFA A", "TARIFA C", "TARIFA D"],
        categories=["t"] * 3,
    )  # fmt: skip
    some = rules(
        {"id": "dia", "type": "calendar", "business_day": True, "enforce": "repair"},
        {"id": "grade", "type": "resolution", "step": 10, "enforce": "repair"},
        {"id": "faixa", "type": "range", "column": "amount", "min": -100, "enforce": "repair"},
        {"id": "nova", "type": "unique", "columns": ["date", "amount", "description"]},
    )
    done = enforce(some, drafts_of(made), real)
    assert done.kept.tolist() == [False, True, False]
    assert done.rejected_by == {"faixa": 1, "nova": 1}
    assert done.n_rejected == 2
    assert done.drafts.ledger.days.astype(str).tolist() == ["2024-01-05"]
    assert done.drafts.ledger.cents.tolist() == [-1000] or done.drafts.ledger.cents.tolist() == [-2000]
    told = done.drafts.traces[0]["repairs"]
    assert [one["rule"] for one in told] == ["dia", "grade"]  # type: ignore[index]
    assert json.dumps(done.drafts.traces)
    line = done.report["dia"]
    assert (line.real, line.before, line.after, line.n_repaired, line.verdict) == (
        1.0,
        pytest.approx(2 / 3),
        1.0,
        1,
        "as_real",
    )
    assert "dia | 100 % | 66,7 % | 100 % | 1 | 0 | como no real" in done.report.describe("pt")
    assert done.checks.of_row(0) == {"dia": True, "grade": True, "faixa": True, "nova": True}
    assert made.days.astype(str).tolist()[1] == "2024-01-06"


def test_the_same_rows_come_back_if_nothing_is_to_be_mended() -> None:
    table = company(2)
    ledger = ledger_of(table.date.to_numpy(), table.amount_cents, table.description, categories=table.category)
    drafts = drafts_of(ledger)
    assert repair_drafts(builtin_rules(ledger), drafts) == (drafts, ())


def test_rows_that_were_there_come_first() -> None:
    real, new = frame(date=["2024-01-20"], k=["x"]), frame(date=["2024-01-05", "2024-02-05"], k=["x", "x"])
    assert answers({"type": "recurrence", "key": ["k"], "at_most": 1}, new, real) == [0, 1]
    assert answers({"type": "unique", "columns": ["k"]}, new.iloc[:1], real) == [0]
    assert answers({"type": "unique", "columns": ["z"]}, new.assign(z=[1, 1]), real) == [1, 0]


def test_keeping_a_soft_rule_too_well_is_an_alarm() -> None:
    soft = rules({"type": "calendar", "business_day": True, "severity": "soft"})
    real = frame(date=["2024-01-05"] * 8 + ["2024-01-06"] * 2)
    assert rule_report(soft, real, frame(date=["2024-01-05"] * 10)).over_regular == ("r0",)
    assert rule_report(soft, real, frame(date=["2024-01-06"] * 10)).below_real == ("r0",)
    assert rule_report(soft, real, real).describe("en").endswith("as the real rows")


def test_predicates_are_plain_callables_that_quality_takes() -> None:
    from contrapeso.quality import Rule, evaluate

    table = company(4)[["date", "amount", "transaction_type", "category"]].reset_index(drop=True)
    made = table.assign(amount=table.amount.abs())
    some = builtin_rules().only(["sinal_debito", "era_pix"])
    kinds = severities(some)
    asked = {name: Rule(ask, severity=kinds[name]) for name, ask in some.predicates().items()}  # type: ignore[arg-type]
    report = evaluate(table, made, rules=asked, depth="quick")
    shares = {rule.name: (rule.rate_real, rule.rate_synthetic) for rule in report.rules}
    assert shares["sinal_debito"] == (1.0, 0.0)


@settings(max_examples=25)
@given(st.data())
def test_a_balance_chain_is_kept_in_any_order_inside_the_day(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 12))
    days = np.sort(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    cents = np.array(data.draw(st.lists(st.integers(-500, 500).filter(bool), min_size=n, max_size=n)))
    table = frame(
        date=np.datetime64("2024-01-08", "s") + days.astype("timedelta64[D]"),
        amount_cents=cents, balance_cents=np.cumsum(cents) + 10_000, account="a",
    )  # fmt: skip
    mixed = table.iloc[data.draw(st.permutations(range(n)))].reset_index(drop=True)
    report = rules({"type": "running_balance"}).check(mixed)
    assert report.results[0].n_broken == 0
    last = mixed.date.idxmax()
    mixed.loc[last, "balance_cents"] += 1
    if (days == days[-1]).sum() == 1:
        assert rules({"type": "running_balance"}).check(mixed).answers[last, 0] == 0


def test_checking_does_not_change_the_frame_and_is_the_same_twice() -> None:
    table = company(2)
    before = table.copy(deep=True)
    one, two = (builtin_rules().check(table) for _ in range(2))
    pd.testing.assert_frame_equal(table, before)
    assert json.dumps(one.to_dict()) == json.dumps(two.to_dict())
    assert bank_calendar() is builtin_rules().calendar
