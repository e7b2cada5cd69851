"""Rules: the ready-made kinds, shares of clean rows, and rules mined from the real table."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.quality import Rule, evaluate
from contrapeso.quality import _rule_kinds as kinds
from contrapeso.quality._mined import mine_rules, report_mined
from contrapeso.quality._mined_kinds import on_cents
from contrapeso.quality._rules import RuleAnswers, ask, clean_share, is_over_regular, rate
from contrapeso.tables import infer_schema


def answers(rule, table):
    found = ask({"rule": rule}, table, "synthetic")[0].answers
    return [None if np.isnan(a) else bool(a) for a in found]


SMALL = pd.DataFrame(
    {
        "a": [1.0, 2.0, None, 4.0],
        "b": [2.0, 1.0, 3.0, 4.0],
        "c": [3.0, 3.004, 3.0, 8.01],
        "code": ["A1", "B2", "A1", None],
        "name": ["ann", "bob", "eve", "eve"],
    }
)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (kinds.in_range("a", 2, 3), [False, True, None, False]),
        (kinds.in_range("a", low=2), [False, True, None, True]),
        (kinds.one_of("code", ["A1"]), [True, False, True, None]),
        (kinds.required("a"), [True, True, False, True]),
        (kinds.inequality("a", "<=", "b"), [True, False, None, True]),
        (kinds.inequality("a", "!=", "b"), [True, True, None, False]),
        (kinds.functional_dependency("code", "name"), [True, True, False, None]),
        (kinds.fixed_combinations(["code", "name"], [("A1", "ann"), ("B2", "bob")]), [True, True, False, None]),
        (kinds.formula(["a", "b"], "c"), [True, True, None, False]),
        (kinds.formula(["c", "-b"], "a"), [True, True, None, False]),  # 3.004 - 1 is 2 to half a cent
        (kinds.resolution("c", 2), [True, False, True, True]),
        (kinds.resolution("a", 0), [True, True, None, True]),
        (kinds.matches("code", "[A-Z][0-9]"), [True, True, True, None]),
        (kinds.matches("name", "a.*"), [True, False, False, False]),
        (kinds.unique("name"), [True, True, False, False]),
        (kinds.implication(lambda t: t["b"] > 1, lambda t: t["c"] > 3), [False, None, False, True]),
    ],
)
def test_a_ready_made_rule_answers_for_each_row(rule, expected):
    assert answers(rule, SMALL) == expected
    jumbled = SMALL.iloc[::-1].set_axis([7, 7, 1, 0])
    assert answers(rule, jumbled) == expected[::-1]


def test_ready_made_rules_take_nullable_and_object_columns():
    table = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64"), "b": np.array([2, 2, None], dtype=object)})
    assert answers(kinds.inequality("a", "<", "b"), table) == [True, None, None]
    assert answers(kinds.in_range("b", 0, 1), table) == [False, False, None]
    assert answers(kinds.resolution("a", 0), table) == [True, None, True]


def test_wrong_rules_are_refused_where_they_are_made():
    with pytest.raises(InvalidParameterError, match="needs low, high or both"):
        kinds.in_range("a")
    with pytest.raises(InvalidParameterError, match="no comparison '=<'"):
        kinds.inequality("a", "=<", "b")
    with pytest.raises(InvalidParameterError, match="no regular expression"):
        kinds.matches("a", "(")


def test_ready_made_rules_enter_a_report():
    rng = np.random.default_rng(0)
    real = pd.DataFrame({"x": rng.normal(size=300).round(2), "y": rng.normal(size=300)})
    report = evaluate(real, real.assign(x=real["x"] + 0.001), rules={"cents": kinds.resolution("x", 2)})
    assert (report.rules[0].rate_real, report.rules[0].rate_synthetic) == (1.0, 0.0)


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=5, max_size=5), min_size=1, max_size=4))
def test_the_clean_share_is_that_of_rows_without_a_violation(table):
    given_ = [RuleAnswers(str(k), np.array(column)) for k, column in enumerate(table)]
    expected = np.mean([not any(column[row] == 0 for column in table) for row in range(5)])
    assert clean_share(given_) == pytest.approx(expected)


def test_the_clean_share_weighs_rows_and_is_absent_without_rules():
    given_ = [RuleAnswers("a", np.array([1.0, 0.0]))]
    assert clean_share(given_, np.array([3.0, 1.0])) == 0.75
    assert clean_share([]) is None
    assert clean_share([RuleAnswers("a", np.array([]))]) is None


def test_only_soft_rules_can_be_kept_too_well():
    soft, hard = (Rule(lambda t: t["a"] > 0, severity=s) for s in ("soft", "hard"))
    assert is_over_regular(soft, 0.83, 1.0)
    assert not is_over_regular(soft, 0.83, 0.87)
    assert not is_over_regular(hard, 0.83, 1.0)
    assert not is_over_regular(soft, None, 1.0)


STATES = {"SP": "south-east", "RJ": "south-east", "RS": "south", "BA": "north-east"}


def shop(n, seed):
    """A table with a rule of every kind, and columns that obey none."""
    rng = np.random.default_rng(seed)
    net, tax = rng.gamma(2, 50, n).round(2), rng.gamma(2, 10, n).round(2)
    state = rng.choice(list(STATES), n)
    due = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D")
    signed = np.where(rng.random(n) < 0.5, -1, 1) * rng.gamma(2, 30, n).round(2)
    coupon = np.where(rng.random(n) < 0.4, rng.integers(5, 50, n).astype(float), np.nan)
    size, color = rng.choice(list("SML"), n), rng.choice(["red", "blue", "green"], n)
    color[(size == "S") & (color == "green")] = "red"
    return pd.DataFrame(
        {
            "net": net, "tax": tax, "gross": (net + tax).round(2), "state": state,
            "region": [STATES[s] for s in state],
            "due": due, "paid": due + pd.to_timedelta(rng.integers(0, 60, n), unit="D"),
            "signed": signed, "absolute": np.abs(signed),
            "coupon": coupon, "coupon_by": np.where(np.isnan(coupon), None, rng.choice(list("xyz"), n)),
            "used": np.where(np.isnan(coupon) | (rng.random(n) < 0.3), np.nan, rng.gamma(2, 20, n).round(2)),
            "size": size, "color": color, "noise": rng.gamma(2, 50, n).round(2), "flag": rng.choice(["yes", "no"], n),
        }
    )  # fmt: skip


def mined(table, **others):
    return mine_rules(table, infer_schema(table), **others)


RULES = mined(shop(2000, 0))
NAMES = {rule.name: rule for rule, _ in RULES}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("net + tax = gross", "sum"),
        ("absolute = |signed|", "sum"),
        ("due <= paid", "inequality"),
        ("state -> region", "functional_dependency"),
        ("coupon null = coupon_by null", "null_pattern"),
        ("used present -> coupon present", "null_pattern"),
        ("size x color", "combinations"),
        ("5 <= coupon <= 49", "range"),
    ],
)
def test_a_rule_of_each_kind_is_found(name, kind):
    rule = NAMES[name]
    assert (rule.kind, rule.support, rule.rate_synthetic) == (kind, 1.0, None)
    assert rule.n_real >= 20


def test_nothing_is_found_between_independent_columns():
    found = {frozenset(rule.columns) for rule, _ in RULES if rule.kind not in ("range",)}
    assert not [pair for pair in found if pair & {"noise", "flag"}]
    assert frozenset(("region", "state")) not in {frozenset(r.columns) for r, _ in RULES if r.kind == "combinations"}
    rng = np.random.default_rng(0)
    for seed in range(5):
        values = rng.integers(0, 4, (400, 12)).astype(float)
        apart = pd.DataFrame(values, columns=[f"c{k}" for k in range(12)])
        apart["low"], apart["high"] = rng.random(400), 10 + rng.random(400)  # ordered only because they are disjoint
        assert {rule.kind for rule, _ in mined(apart, seed=seed)} <= {"range"}


def test_fresh_rows_keep_the_rules_and_broken_ones_do_not():
    fresh = report_mined(RULES, shop(1500, 1))
    assert min(rule.rate_synthetic for rule in fresh if rule.kind != "range") == 1.0
    assert min(rule.rate_synthetic for rule in fresh) > 0.995
    broken = shop(1500, 2)
    rng = np.random.default_rng(0)
    for column in ("gross", "paid", "region", "coupon_by", "color", "absolute", "used"):
        broken[column] = rng.permutation(broken[column].to_numpy())
    found = report_mined(RULES, broken)
    rates = {rule.name: rule.rate_synthetic for rule in found}
    assert list(rates.values()) == sorted(rates.values())
    assert rates["net + tax = gross"] < 0.01
    assert rates["absolute = |signed|"] < 0.01
    for name in ("due <= paid", "state -> region", "coupon null = coupon_by null", "used present -> coupon present"):
        assert rates[name] < 0.8
    assert rates["size x color"] < 0.95


def test_the_predicate_of_a_mined_rule_answers_as_the_report_does():
    table = shop(300, 3)
    table.loc[:49, "paid"] = table.loc[:49, "due"] - pd.Timedelta(days=1)
    table.loc[50:59, "region"] = None
    for rule, reported in zip(
        RULES, sorted(report_mined(RULES, table), key=lambda r: list(NAMES).index(r.name)), strict=True
    ):
        asked = ask({rule[0].name: rule[1]}, table, "synthetic")[0].answers
        assert rate(asked) == pytest.approx(reported.rate_synthetic)


def test_other_dtypes_are_read_and_missing_columns_leave_no_rate():
    table = shop(200, 4)
    text = table.assign(net=table["net"].astype(str), due=table["due"].dt.strftime("%Y-%m-%d"))
    plain, same = ({r.name: r.rate_synthetic for r in report_mined(RULES, t)} for t in (table, text))
    assert plain == same
    without = {r.name: r.rate_synthetic for r in report_mined(RULES, table.drop(columns="tax"))}
    assert without["net + tax = gross"] is None
    assert without["due <= paid"] == 1.0
    unreadable = {r.name: r.rate_synthetic for r in report_mined(RULES, table.assign(net="much"))}
    assert unreadable["net + tax = gross"] is None
    empty = report_mined(RULES, table.iloc[:0])
    assert {r.rate_synthetic for r in empty} == {None}


def test_mining_is_the_same_for_the_same_seed_and_capped():
    assert [rule for rule, _ in mined(shop(500, 5))] == [rule for rule, _ in mined(shop(500, 5))]
    rng = np.random.default_rng(0)
    steps = pd.DataFrame(np.cumsum(rng.random((300, 80)), axis=1).round(3), columns=[f"c{k}" for k in range(80)])
    found = mined(steps)
    assert len(found) <= 50
    assert sum(rule.kind == "inequality" for rule, _ in found) <= 20


def test_orders_that_follow_from_others_are_left_out():
    rng = np.random.default_rng(0)
    a = rng.normal(size=500)
    b = a + rng.random(500)
    table = pd.DataFrame({"a": a, "b": b, "c": b + rng.random(500)})
    assert {r.name for r, _ in mined(table) if r.kind == "inequality"} == {"a <= b", "b <= c"}


def test_columns_null_together_are_told_once_each():
    rng = np.random.default_rng(0)
    gone = rng.random(400) < 0.3
    table = pd.DataFrame({f"c{k}": np.where(gone, np.nan, rng.normal(size=400)) for k in range(5)})
    assert sum(r.kind == "null_pattern" for r, _ in mined(table)) == 4


def test_bounds_do_not_tell_a_single_value():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(1000, 100, 500).round(2)})
    (rule, _), *_ = mined(table)
    low, high = (float(part) for part in rule.name.split(" <= x <= "))
    assert low < table["x"].min()
    assert high > table["x"].max()
    assert not {low, high} & set(table["x"])


def test_too_few_rows_and_columns_of_nothing_give_no_rules():
    assert mined(shop(19, 0)) == []
    nothing = pd.DataFrame({"a": [None] * 50, "b": [1] * 50})
    assert mined(nothing) == []
    assert mine_rules(pd.DataFrame(index=range(40)), infer_schema(pd.DataFrame({"a": [1.0]}))) == []


def test_cents_are_told_from_other_numbers():
    assert on_cents([np.array([0.1, 1e6 + 0.01, np.nan]), np.array([3.0])])
    assert not on_cents([np.array([0.125])])


@pytest.mark.shared
@pytest.mark.parametrize("name", ["adult_train", "ceaps_2020", "calderdale_card_2014_2017", "default_credit", "german"])
def test_a_fresh_half_of_a_real_table_violates_few_rules(shared_data, name):
    table = pd.read_parquet(shared_data / f"{name}.parquet")
    order = np.random.default_rng(0).permutation(len(table))
    real, fresh = (table.iloc[part].reset_index(drop=True) for part in np.array_split(order, 2))
    found = report_mined(mined(real), fresh)
    assert found
    assert found[0].rate_synthetic > 0.98
    assert np.mean([rule.rate_synthetic for rule in found]) > 0.998
