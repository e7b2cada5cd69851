"""Learned rules: what was put into a table is found, and what chance made is not."""

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import InsufficientDataError, InvalidParameterError
from contrapeso.finance import simulate_company
from contrapeso.finance.calendar import bank_calendar, due_dates
from contrapeso.finance.rules import RuleSet, check_satisfiable, learn_rules, load_rules
from contrapeso.finance.rules._chance import adjusted, hypergeometric_p, permutation_p
from contrapeso.finance.rules._learn_columns import tail_bounds


@pytest.fixture(scope="module")
def company() -> pd.DataFrame:
    truth = simulate_company(months=24).truth
    return truth.assign(
        amount=truth.amount_cents / 100,
        balance=truth.balance_cents / 100,
        transaction_type=np.where(truth.amount_cents < 0, "debit", "credit"),
    ).drop(columns=["balance_cents"])


@pytest.fixture(scope="module")
def learned(company: pd.DataFrame) -> RuleSet:
    return learn_rules(company)


def test_the_laws_of_the_example_company_are_found(learned: RuleSet) -> None:
    das, fgts = learned["dia_payee_simples_nacional"].law, learned["dia_payee_fgts_digital"].law
    assert (das.day_of_month, das.roll) == (20, "following")  # type: ignore[attr-defined]
    assert (fgts.day_of_month, fgts.roll) == (20, "preceding")  # type: ignore[attr-defined]
    found = {rule.type for rule in learned}
    assert found >= {
        "type", "required", "range", "resolution", "enum", "unique", "functional_dependency", "implication",
        "running_balance", "calendar", "recurrence",
    }  # fmt: skip
    assert "'Tarifas Bancárias'" in learned["sinal_negativo_category"].when.source  # type: ignore[union-attr]
    assert learned["saldo_aprendido"].evidence.confidence == 1.0  # type: ignore[union-attr]


def test_learned_rules_hold_on_the_real_rows_and_go_round_by_json(company: pd.DataFrame, learned: RuleSet) -> None:
    assert check_satisfiable(learned, company).ok
    assert load_rules(learned.dumps()) == learned
    for rule in learned:
        assert rule.origin == "learned"
        assert rule.evidence is not None
        assert rule.evidence.support >= 20
        assert (rule.severity == "hard") == (rule.evidence.confidence >= 0.99)
        assert len(rule.evidence.counter_examples) == min(
            3, round((1 - rule.evidence.confidence) * rule.evidence.support)
        )
    assert learn_rules(company) == learned


def test_most_rows_of_a_later_slice_keep_what_an_earlier_one_taught(company: pd.DataFrame) -> None:
    cut = company.date.quantile(0.7)
    rules = learn_rules(company[company.date <= cut])
    later = rules.check(company[company.date > cut])
    assert all(
        result.share is None or result.share >= 0.9 for result in later.results if result.rule.severity == "hard"
    )


def test_no_learned_condition_names_a_person(learned: RuleSet) -> None:
    from contrapeso.finance.privacy import name_words

    conditions = " ".join(rule.when.source for rule in learned if rule.when is not None and "payee" in rule.when.source)
    assert name_words().isdisjoint(conditions.replace("'", " ").split())


def test_noise_teaches_forms_but_no_laws() -> None:
    found: list[str] = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        n = 400
        noise = pd.DataFrame(
            {
                "date": np.datetime64("2022-01-01", "s") + rng.integers(0, 700, n).astype("timedelta64[D]"),
                "amount": np.round(rng.normal(0, 100, n), 2),
                "category": rng.choice(list("abcdefgh"), n).astype(object),
                "x": rng.choice(list("pqr"), n).astype(object),
                "z": np.round(rng.normal(0, 100, n), 2),
            }
        )
        found += [rule.type for rule in learn_rules(noise)]
    assert set(found) <= {"type", "required", "range", "enum"}


def table(n: int = 240, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cents = rng.integers(-50_000, 50_000, n)
    return pd.DataFrame(
        {
            "date": np.datetime64("2022-01-03", "s") + rng.integers(0, 700, n).astype("timedelta64[D]"),
            "amount": cents / 100,
            "category": rng.choice(list("abcd"), n).astype(object),
        }
    )


def test_a_formula_and_an_order_are_found() -> None:
    rng = np.random.default_rng(1)
    rows = table()
    rows["tax"], rows["net"] = np.round(rng.uniform(1, 9, len(rows)), 2), np.round(rng.uniform(10, 99, len(rows)), 2)
    rows["gross"] = np.round(rows.net + rows.tax, 2)
    rows["report"] = rows.amount.abs()
    rows["due"] = rows.date + pd.to_timedelta(rng.integers(0, 5, len(rows)), unit="D")
    found = learn_rules(rows)
    formulas = {(rule.law.column, str(rule.law.equals)) for rule in found if rule.type == "formula"}  # type: ignore[attr-defined]
    assert ("report", "abs(amount)") in formulas
    assert any(column == "gross" and set(text.split(" + ")) == {"net", "tax"} for column, text in formulas)
    orders = {(rule.law.left, rule.law.right) for rule in found if rule.type == "inequality"}  # type: ignore[attr-defined]
    assert ("date", "due") in orders


def test_columns_that_are_missing_together_and_codes_of_one_form_are_found() -> None:
    rng = np.random.default_rng(2)
    rows = table()
    gone = rng.random(len(rows)) < 0.4
    rows["bank"], rows["branch"] = np.where(gone, None, "X"), np.where(gone, None, "Y")
    rows["doc"] = [f"N{number:06d}-{number % 7}" for number in rng.permutation(len(rows))]
    found = learn_rules(rows)
    assert found["campos_juntos"].law.patterns in {((), ("bank", "branch")), (("bank", "branch"), ())}  # type: ignore[attr-defined]
    assert found["formato_doc"].law.pattern == r"[^\W\d_]\d{6}\-\d"  # type: ignore[attr-defined]
    assert "unico_doc" in found.ids


@pytest.mark.parametrize("obligation", ["das", "inss", "payroll", "irpj_csll"])
def test_the_day_law_of_an_obligation_is_found_with_its_roll(obligation: str) -> None:
    months = np.arange("2018-01", "2024-01", dtype="datetime64[M]")
    months = months[::3] if obligation == "irpj_csll" else months
    days = due_dates(months, obligation, bank_calendar())
    paid = pd.DataFrame({"date": days.astype("datetime64[s]"), "amount": -1.0, "category": "imposto"})
    other = table(300).assign(date=lambda t: t.date - pd.Timedelta(days=700))
    rules = learn_rules(pd.concat([paid, other], ignore_index=True))
    assert rules["dia_category_imposto"].severity == "hard"
    law = rules["dia_category_imposto"].law
    ahead = np.arange("2026-01", "2028-01", dtype="datetime64[M]")[:: 3 if obligation == "irpj_csll" else 1]
    due = law.due_days(ahead.astype(np.int64), bank_calendar())  # type: ignore[attr-defined]
    assert (due == due_dates(ahead, obligation, bank_calendar()).astype(np.int64)).mean() >= 0.9


def test_payees_that_are_few_or_rows_that_are_few_teach_nothing() -> None:
    with pytest.raises(InsufficientDataError):
        learn_rules(table(19))
    with pytest.raises(InvalidParameterError):
        learn_rules(table(), hard=0.5, soft=0.9)
    assert all("category" not in rule.columns for rule in learn_rules(table(), skip=["category"]))


def test_a_table_of_the_user_needs_no_bank_columns() -> None:
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        {"Net Amount": np.round(rng.lognormal(3, 1, 200), 2), "Expense Type": rng.choice(["A", "B'c"], 200),
         "Area": rng.choice(["x", "y"], 200), "empty": None, "lists": [[1]] * 200}
    )  # fmt: skip
    found = learn_rules(rows)
    assert found.check(rows).clean_share == 1
    assert load_rules(found.dumps()) == found


def test_bounds_go_beyond_what_was_seen_and_keep_the_sign() -> None:
    rng = np.random.default_rng(5)
    passed = 0
    for _ in range(40):
        seen, new = np.round(rng.lognormal(4, 1, 200), 2), rng.lognormal(4, 1, 200)
        low, high = tail_bounds(-seen)
        assert low < -seen.max() < -seen.min() < high < 0
        passed += int(((new > -low) | (new < -high)).sum())
    assert passed / (40 * 200) < 0.005  # 1 in 20 n is .00025 at each end; the bound is a guess of a tail


def test_chances_are_those_of_scipy_and_of_all_permutations() -> None:
    from itertools import permutations

    from scipy.stats import false_discovery_control, fisher_exact

    p_values = np.array([0.001, 0.2, 0.03, 0.04, 0.9])
    np.testing.assert_allclose(adjusted(p_values), false_discovery_control(p_values))
    exact = fisher_exact([[7, 1], [3, 9]], alternative="greater").pvalue
    assert hypergeometric_p(7, 8, 10, 20) == pytest.approx(exact)
    values = np.array([1, 2, 3, 4, 5])
    every = np.array(
        [sum(a * b for a, b in zip(values, order, strict=True)) for order in permutations(values)], dtype=float
    )
    assert permutation_p(55.0, every) == pytest.approx(2 / 121)
