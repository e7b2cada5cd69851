"""Rules, grades, copies, texts and the JSON of the report."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from contrapeso.errors import ColumnNotFoundError, InvalidDataError
from contrapeso.quality import QualityReport, Rule
from contrapeso.quality import evaluate as evaluate_all
from contrapeso.quality._privacy import collision_rate, duplicate_share, wilson
from contrapeso.quality._report import Dimension, Recommendation, Score
from contrapeso.quality._score import geometric, grade
from contrapeso.quality._texts import REASON_CODES, RECOMMENDATION_CODES, reason_text
from contrapeso.tables import infer_schema

evaluate = partial(evaluate_all, depth="quick")  # what needs models is tested in test_quality_full.py


def table(n, seed, broken=0):
    rng = np.random.default_rng(seed)
    debit = rng.gamma(2, 50, n).round(2)
    credit = debit + rng.gamma(2, 20, n).round(2)
    credit[:broken] = 0.0
    return pd.DataFrame({"debit": debit, "credit": credit, "paid": rng.random(n) < 0.5})


ORDER = {"credit is not below debit": lambda t: t["credit"] >= t["debit"]}


def test_a_rule_that_synthetic_rows_break_is_scored_against_the_real_rate():
    report = evaluate(table(500, 0), table(400, 1, broken=100), rules=ORDER)
    rule = report.rules[0]
    assert (rule.rate_real, rule.rate_synthetic, rule.violations) == (1.0, 0.75, (0, 1, 2))
    dimension = report.dimension("business_rule_compliance")
    assert dimension.score.value == pytest.approx(0.75)
    assert dimension.passed is False
    assert report.grade[0] in "CDF"
    found = next(r for r in report.recommendations if r.code == "rule_violated")
    assert found.expected_gain > 0
    assert "0, 1, 2" in found.text("en")


def test_a_rule_that_real_rows_break_as_often_costs_nothing():
    report = evaluate(table(500, 0, broken=100), table(500, 1, broken=100), rules=ORDER)
    assert report.rules[0].score == pytest.approx(1.0)
    assert "rule_violated" not in {r.code for r in report.recommendations}


@pytest.mark.parametrize(("nulls", "rate"), [("not_applicable", 1.0), ("satisfied", 1.0), ("violated", 0.5)])
def test_the_null_policy_of_a_rule_is_what_it_says(nulls, rate):
    real, synthetic = table(100, 0), table(100, 1)
    synthetic.loc[:49, "debit"] = np.nan
    rule = Rule(lambda t: t["credit"] >= t["debit"].fillna(0), columns=["debit"], nulls=nulls)
    report = evaluate(real, synthetic, rules={"order": rule})
    assert report.rules[0].rate_synthetic == rate
    assert report.rules[0].n_applicable == (50 if nulls == "not_applicable" else 100)


def test_a_null_answer_means_not_applicable():
    answer = {"odd": lambda t: pd.array([True, None] * (len(t) // 2), dtype="boolean")}
    report = evaluate(table(100, 0), table(100, 1), rules=answer)
    assert (report.rules[0].rate_synthetic, report.rules[0].n_applicable) == (1.0, 50)


def test_rules_that_apply_to_no_row_leave_the_dimension_absent():
    report = evaluate(table(100, 0), table(100, 1), rules={"none": lambda t: [None] * len(t)})
    dimension = report.dimension("business_rule_compliance")
    assert (dimension.score.value, dimension.score.reason) == (None, "rules_not_applicable")


@pytest.mark.parametrize("answer", [lambda t: [True], lambda t: t["debit"], lambda t: ["yes"] * len(t)])
def test_a_rule_that_does_not_answer_booleans_is_refused_by_name(answer):
    with pytest.raises(InvalidDataError, match="'strange'"):
        evaluate(table(50, 0), table(50, 1), rules={"strange": answer})


def test_a_rule_on_a_column_that_is_not_there_is_refused_by_name():
    with pytest.raises(ColumnNotFoundError, match=r"'order'.*'balance'"):
        evaluate(table(50, 0), table(50, 1), rules={"order": Rule(lambda t: t["debit"] > 0, columns=["balance"])})


def dimensions(statistical, pairs, rules=None):
    values = {"statistical_similarity": (statistical, 0.8), "distribution_preservation": (pairs, 0.75)}
    if rules is not None:
        values["business_rule_compliance"] = (rules, 0.9)
    return [Dimension(name, Score(v), limit, 1.0, v >= limit) for name, (v, limit) in values.items()]


@pytest.mark.parametrize(
    ("interval", "parts", "expected"),
    [
        ((0.91, 0.99), (0.95, 0.95), "A"),
        ((0.82, 0.89), (0.85, 0.85), "B"),
        ((0.78, 0.82), (0.85, 0.85), "B/C"),
        ((0.70, 0.79), (0.9, 0.8), "C"),
        ((0.60, 0.69), (0.9, 0.8), "D"),
        ((0.10, 0.59), (0.9, 0.8), "F"),
        ((0.91, 0.99), (0.79, 0.95), "C"),  # under its threshold: at most C
        ((0.91, 0.99), (0.95, 0.95, 0.89), "C"),
        ((0.91, 0.99), (0.95, 0.95, 0.60), "D"),  # rules under three quarters of theirs: at most D
        ((0.65, 0.72), (0.79, 0.95), "C/D"),
    ],
)
def test_the_grade_follows_the_interval_and_the_caps(interval, parts, expected):
    assert grade(Score(sum(interval) / 2, interval), dimensions(*parts)) == expected


@given(st.floats(0.01, 1), st.floats(0.01, 1))
def test_the_overall_score_lies_between_its_dimensions_and_zero_cannot_be_bought_back(a, b):
    parts = {"statistical_similarity": np.array(a), "distribution_preservation": np.array(b)}
    assert min(a, b) - 1e-12 <= float(geometric(parts)) <= max(a, b) + 1e-12
    broken = {"statistical_similarity": np.array(1.0), "distribution_preservation": np.array(0.0)}
    assert geometric(broken) < 0.1


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_wilson_interval_agrees_with_scipy(n, share):
    hits = round(share * n)
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_the_collision_rate_does_not_grow_with_the_table():
    rng = np.random.default_rng(0)
    small, large = (rng.integers(0, 1000, n).astype(np.uint64) for n in (2000, 20_000))
    rates = [collision_rate(k, np.zeros(k.size, dtype=np.intp)) for k in (small, large)]
    assert rates == pytest.approx([0.001, 0.001], rel=0.2)
    assert duplicate_share(large) > duplicate_share(small) + 0.3


def test_every_code_has_two_sentences():
    for code in REASON_CODES:
        assert reason_text(code, "pt") != reason_text(code, "en")
    assert {"numeric_shift", "pair_lost", "exact_copies"} <= RECOMMENDATION_CODES


def test_numbers_in_a_text_follow_the_language():
    item = Recommendation("null_gap", ("idade",), {"null_real": 0.053, "null_synthetic": 0.0})
    assert "5,3" in item.text("pt")
    assert "5.3" in item.text("en")
    braces = Recommendation("numeric_shift", ("{score}",), {"shift_iqr": -0.4})
    assert braces.text("en").startswith("{score}: shifted by ")


def test_a_report_of_protocol_1_still_loads():
    report = evaluate(table(300, 0), table(300, 1), rules=ORDER)
    old = report.to_dict()
    since = ("joint", "usefulness", "diversity", "sequences", "fairness", "mined_rules", "tests", "pair_score")
    for name in (*since, "clean_rows"):
        del old[name]
    del old["privacy"]["attacks"]
    del old["rules"][0]["over_regular"]
    loaded = QualityReport.from_dict({**old, "protocol": 1})
    assert (loaded.overall, loaded.columns, loaded.joint) == (report.overall, report.columns, None)
    with pytest.raises(InvalidDataError, match="fairness"):
        QualityReport.from_dict({**old, "protocol": 2})


def test_the_report_survives_json_and_refuses_another_layout():
    report = evaluate(table(300, 0), table(300, 1, broken=9), rules=ORDER, holdout=table(100, 3))
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert QualityReport.from_dict(plain) == report
    with pytest.raises(InvalidDataError, match="protocol 9"):
        QualityReport.from_dict({**plain, "protocol": 9})
    with pytest.raises(InvalidDataError, match="grade"):
        QualityReport.from_dict({k: v for k, v in plain.items() if k != "grade"})


def test_an_unknown_dimension_is_an_error_that_names_the_known_ones():
    with pytest.raises(KeyError, match="statistical_similarity"):
        evaluate(table(50, 0), table(50, 1)).dimension("beauty")


def test_a_report_holds_no_free_text_and_no_cpf() -> None:
    rng = np.random.default_rng(3)
    names = [f"PIX MARIA DA SILVA {k} SANTOS" for k in range(200)]
    frame = pd.DataFrame(
        {
            "description": rng.choice(names, 2000),
            "payer": rng.choice(["529.982.247-25", "padaria"], 2000),
            "x": rng.normal(size=2000),
        }
    )
    words = str(evaluate(frame[:1000], frame[1000:], schema=infer_schema(frame)).to_dict())
    assert "MARIA" not in words
    assert "529.982" not in words
    assert "padaria" in words
