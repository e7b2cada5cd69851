"""``balance``: rows in any form come out as they were, new ones after them, with the plan and every warning."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.finance import simulate_company
from contrapeso.finance._ledger import ledger_of
from contrapeso.finance.rules import RuleSet, make_rule
from contrapeso.finance.synthesis import balance, judged, learn, plan


@pytest.fixture(scope="module")
def rows():
    """Bank rows as a host application has them."""
    truth = simulate_company(months=8).truth
    return [
        {
            "id": i,
            "date": day.date(),
            "description": text,
            "amount": cents / 100,
            "transaction_type": "debit" if cents < 0 else "credit",
            "category": category,
            "balance": level / 100,
            "account_id": account,
            "bank_name": bank,
        }
        for i, (day, text, cents, category, level, account, bank) in enumerate(
            zip(
                truth["date"], truth["description"], truth["amount_cents"], truth["category"],
                truth["balance_cents"], truth["account"], truth["bank"], strict=True,
            )
        )
    ]  # fmt: skip


@pytest.fixture(scope="module")
def result(rows):
    return balance(rows, 0.1, method="pattern_based", random_state=5)


def test_the_rows_given_come_first_the_same_objects_unchanged(rows, result):
    before = json.dumps(rows, default=str)
    assert all(came is given for came, given in zip(result.rows, rows, strict=False))
    assert json.dumps(rows, default=str) == before
    assert all("is_synthetic" not in row for row in rows)


def test_new_rows_have_the_keys_and_types_of_the_input_in_its_order(rows, result):
    for row in result.synthetic:
        assert list(row) == [*rows[0], "is_synthetic", "provenance"]
        assert row["is_synthetic"] is True
        assert type(row["date"]) is date
        assert type(row["amount"]) is float
        assert row["transaction_type"] == ("debit" if row["amount"] < 0 else "credit")
        assert row["balance"] is None


def test_the_plan_is_kept_exactly(rows, result):
    counts = Counter(row["category"] for row in result.rows)
    assert {item.category: item.after for item in result.plan.items} == counts
    assert result.made == {item.category: item.add for item in result.plan.items if item.add}
    assert not result.alarms


def test_the_same_seed_gives_the_same_rows(rows, result):
    again = balance(rows, 0.1, method="pattern_based", random_state=5)
    assert json.dumps(again.rows, default=str) == json.dumps(result.rows, default=str)
    assert again.run == result.run
    assert balance(rows, 0.1, method="pattern_based", random_state=6).run != result.run


def test_the_report_is_json_without_a_row(rows, result):
    text = json.dumps(result.report(), ensure_ascii=False)
    assert not any(row["description"] in text for row in rows)
    assert result.describe("en").startswith("category")


def test_every_hard_rule_is_kept_by_every_new_row(result):
    assert result.compliance is not None
    for line in result.compliance.lines:
        if line.rule.severity == "hard" and line.after is not None:
            assert line.after == 1.0, line.rule.id


def test_a_rule_that_nothing_can_keep_is_said(rows):
    rule = make_rule({"id": "nunca", "type": "expression", "holds": "amount > 999999", "enforce": "reject"})
    found = balance(
        rows, 0.1, target_category="Aluguel", method="pattern_based", rules=RuleSet((rule,)), random_state=0
    )
    assert found.made.get("Aluguel", 0) == 0
    assert "nunca" in found.alarms[0][0]


def test_auto_measures_the_methods_where_rows_are_enough(rows):
    found = balance(rows, 0.2, random_state=0)
    assert found.judgements
    assert all(set(one.distances) == {"pattern_based", "smote", "synthetic"} for one in found.judgements)
    assert {item.method for item in found.plan.items if item.add} <= {"pattern_based", "smote", "synthetic"}
    assert not balance(rows, 0.2, inner_validation=False, random_state=0).judgements


def test_an_inner_validation_prefers_a_method_only_where_it_is_clearly_nearer(rows):
    frame = pd.DataFrame(rows)
    ledger = ledger_of(
        frame["date"], np.round(frame["amount"] * 100).astype(int), frame["description"], categories=frame["category"]
    )
    learned = learn(ledger, random_state=0)
    planned = plan(ledger, 0.2)
    chosen, measured = judged(learned, planned)
    for one in measured:
        assert one.best(planned[one.category].method) == chosen[one.category].method
        prior = one.distances[planned[one.category].method]
        assert one.distances[chosen[one.category].method] <= prior


def test_shadow_accounts_have_an_exact_chain(rows):
    found = balance(rows, 0.1, target_category="Aluguel", method="pattern_based", balances="shadow", random_state=0)
    chains = {}
    made = sorted(found.synthetic, key=lambda row: row["date"])
    for row in made:
        assert row["account_id"].startswith("SYN-")
        before = chains.get(row["account_id"])
        if before is not None:
            assert round(before + row["amount"], 2) == round(row["balance"], 2)
        chains[row["account_id"]] = row["balance"]


def test_a_data_frame_comes_back_as_rows(rows):
    frame = pd.DataFrame(rows)
    found = balance(frame, 0.1, target_category="Telefonia", method="smote", random_state=0)
    assert len(found.rows) == len(frame) + len(found.synthetic)
    assert found.rows[0]["description"] == frame["description"][0]


def test_plain_expenses_with_a_mapping_work():
    rng = np.random.default_rng(1)
    rows = [
        {
            "Wann": f"{1 + i % 28:02d}/0{1 + i % 9}/2023",
            "Wieviel": f"{rng.integers(100, 9000)},50",
            "Was": "reise" if i % 5 else "hotel",
        }
        for i in range(100)
    ]
    mapping = {"Wann": "date", "Wieviel": "amount", "Was": "category"}
    found = balance(rows, 1.0, mapping=mapping, random_state=0)
    assert Counter(row["Was"] for row in found.rows) == {"reise": 80, "hotel": 80}
    assert all(row["Wieviel"].count(",") == 1 for row in found.synthetic)


def test_decimals_stay_decimals():
    rows = [
        {"date": f"2024-0{1 + i % 9}-1{i % 10}", "amount": Decimal(f"-{100 + i}.25"), "category": "a" if i % 4 else "b"}
        for i in range(60)
    ]
    found = balance(rows, 1.0, random_state=0)
    assert {type(row["amount"]) for row in found.synthetic} == {Decimal}


def test_rows_that_cannot_be_read_stay_and_are_said(rows):
    broken = [*rows[:200], {**rows[0], "id": -1, "amount": None}, {**rows[0], "id": -2, "date": "ontem"}]
    found = balance(broken, 0.2, random_state=0)
    assert found.rows[200:202] == broken[200:202]
    assert any("2" in pt or "1" in pt for pt, _ in found.warnings)


def test_one_category_alone_gives_the_rows_back():
    rows = [{"date": "2024-01-05", "amount": 1.0 + i, "category": "a"} for i in range(20)]
    found = balance(rows, 1.0)
    assert found.rows == rows
    assert found.drafts is None


def test_what_is_outside_its_rule_is_refused(rows):
    with pytest.raises(InvalidParameterError):
        balance(rows, method="magic")
    with pytest.raises(ColumnNotFoundError):
        balance([{"a": "x", "b": "y"}])


def test_bad_input_is_refused_or_said_and_the_rows_stay_as_they_are(rows):
    odd = [dict(row) for row in rows[:150]]
    odd[3]["description"] = "X" * 20_000
    odd[4]["amount"] = float("nan")
    odd[5]["date"] = date(2199, 1, 1)
    odd[6]["id"] = odd[7]["id"]
    before = json.dumps(odd, default=str)
    found = balance(odd, 0.2, method="pattern_based", random_state=0)
    assert json.dumps(odd, default=str) == before
    assert found.synthetic
    assert found.warnings
    assert max(len(row["description"]) for row in found.synthetic) <= 500


def test_mixed_currencies_are_refused():
    mixed = [
        {"date": f"2024-01-{d:02d}", "amount": 1.0 + d, "currency": "BRL" if d % 2 else "USD", "category": "a"}
        for d in range(1, 21)
    ]
    with pytest.raises(InvalidDataError):
        balance(mixed, 1.0)


def _typed(categories: list[str]) -> list[dict[str, object]]:
    days = [f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(len(categories))]
    return [
        {"date": day, "amount": -10.0 - i % 7, "description": "TARIFA PACOTE", "category": label}
        for i, (day, label) in enumerate(zip(days, categories, strict=True))
    ]


def test_spellings_of_a_category_are_filled_up_as_one_and_notes_not_at_all() -> None:
    typed = ["Tarifas"] * 60 + ["Fretes"] * 4 + ["FRETES "] * 2 + ["Parcela 2 de 3", "???"]
    rows = _typed(typed)
    result = balance(rows, 0.5, inner_validation=False, random_state=0)
    assert {item.category: (item.before, item.add) for item in result.plan.items} == {
        "Tarifas": (60, 0),
        "Fretes": (6, 24),
    }
    assert {row["category"] for row in result.synthetic} == {"Fretes"}
    assert [row["category"] for row in result.rows[: len(rows)]] == typed
    said = " ".join(en for _, en in result.warnings)
    assert "'FRETES ' = 'Fretes'" in said
    assert "note in the place of a category" in said


def test_a_category_is_found_by_any_of_its_spellings_and_a_note_if_it_is_asked_for() -> None:
    rows = _typed(["Tarifas"] * 60 + ["Fretes"] * 4 + ["FRETES "] * 2 + ["Parcela 2 de 3"] * 3)
    asked = balance(rows, 0.5, target_category="FRETES ", inner_validation=False, random_state=0)
    assert asked.made == {"Fretes": 24}
    note = balance(rows, 0.5, target_category="Parcela 2 de 3", inner_validation=False, random_state=0)
    assert note.plan["Parcela 2 de 3"].add == 27
    kept = balance(rows, 0.5, target_category="FRETES ", spellings="keep", inner_validation=False, random_state=0)
    assert kept.plan["FRETES "].before == 2
