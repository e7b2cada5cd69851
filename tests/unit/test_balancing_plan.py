"""The plan as a value: exact counts, stated reasons, limits, and the named strategies of imbalanced-learn."""

import dataclasses
import json
from collections import Counter
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from imblearn.utils import check_sampling_strategy

from contrapeso.balancing import BalancePlan, PlanItem, analyze_imbalance, plan_balance
from contrapeso.errors import InvalidParameterError
from contrapeso.tables import infer_schema

counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 400), min_size=1)
ratios = st.integers(1, 100).map(lambda p: p / 100)
NAMED_OVER = ["minority", "not majority", "not minority", "all"]
NAMED_UNDER = ["majority", "not minority", "not majority", "all"]


def labels_of(table: dict[Any, int]) -> list[Any]:
    return [label for label, n in table.items() for _ in range(n)]


# --- laws of every plan -------------------------------------------------------------------------

strategies = st.sampled_from(["auto", *NAMED_OVER]) | ratios
methods = st.sampled_from(["auto", "smote", "smotenc", "random_over"])


@given(counts, strategies, methods, st.none() | st.floats(0.01, 20), st.integers(1, 8))
def test_rows_are_only_added_and_the_numbers_add_up(
    table: dict[str, int], strategy: Any, method: Any, limit: float | None, k: int
) -> None:
    plan = plan_balance(table, strategy, method=method, max_synthetic_ratio=limit, k_neighbors=k)
    most = max(table.values())
    assert {item.label: item.before for item in plan.items} == table
    for item in plan.items:
        assert item.after == item.before + item.add
        assert item.drop == 0
        assert item.after <= most
        assert (item.method == "none") == (item.add == 0)
        assert limit is None or item.add <= limit * item.before
        assert item.method not in ("smote", "smotenc") or item.before > k
    assert plan.n_after == plan.n_before + plan.n_add == sum(item.after for item in plan.items)
    assert plan.sampling_strategy() == {item.label: item.after for item in plan.items if item.add}


@given(counts, st.sampled_from(["auto", *NAMED_UNDER]) | ratios)
def test_rows_are_only_dropped_and_never_the_whole_class(table: dict[str, int], strategy: Any) -> None:
    plan = plan_balance(table, strategy, method="random_under")
    for item in plan.items:
        assert item.after == item.before - item.drop
        assert item.add == 0
        assert item.after >= min(table.values())
        assert (item.method == "random_under") == (item.drop > 0)
    assert plan.sampling_strategy() == {item.label: item.after for item in plan.items if item.drop}


@given(counts, st.data())
def test_a_mapping_is_planned_to_the_row(table: dict[str, int], data: st.DataObject) -> None:
    asked = data.draw(st.dictionaries(st.sampled_from(sorted(table)), st.integers(1, 900)))
    plan = plan_balance(table, asked)
    assert {item.label: item.after for item in plan.items} == table | asked
    merged = plan.sampling_strategy("over") | plan.sampling_strategy("under")
    assert merged == {label: n for label, n in asked.items() if n != table[label]}


@given(counts, strategies)
def test_labels_counts_and_analysis_give_the_same_plan(table: dict[str, int], strategy: Any) -> None:
    y = labels_of(table)
    plan = plan_balance(table, strategy)
    assert plan_balance(y, strategy) == plan
    assert plan_balance(pd.Series(y, dtype="category"), strategy) == plan
    assert plan_balance(analyze_imbalance(y), strategy) == plan


@given(counts, strategies)
def test_the_order_of_rows_does_not_change_the_plan(table: dict[str, int], strategy: Any) -> None:
    assert plan_balance(labels_of(table)[::-1], strategy) == plan_balance(table, strategy)


@given(counts, strategies)
def test_a_plan_carried_out_leaves_nothing_to_do_but_what_a_limit_held_back(
    table: dict[str, int], strategy: Any
) -> None:
    assume(strategy not in ("minority", "not minority"))  # the rarest class is another one afterwards
    first = plan_balance(table, strategy, max_synthetic_ratio=1e6)
    assume(all(item.add or item.before > 1 for item in first.items))
    second = plan_balance({item.label: item.after for item in first.items}, strategy)
    assert second.changes_nothing


# --- 'auto' -------------------------------------------------------------------------------------


@given(counts)
def test_auto_ends_below_two_to_one_unless_it_says_why(table: dict[str, int]) -> None:
    plan = plan_balance(table)
    most = max(table.values())
    for item in plan.items:
        held_back = "limited to 10" in item.reason_en or "copies teach nothing" in item.reason_en
        assert held_back or most / item.after < 2
        assert not item.add or most / (item.after - 1) >= 2 or held_back  # and not one row more
        assert item.add <= 10 * item.before
        assert item.before > 1 or item.add == 0
    assert (plan.ratio_after or 1) <= (plan.ratio_before or 1)


@given(counts)
def test_auto_dropping_ends_below_two_to_one_or_at_thirty_rows(table: dict[str, int]) -> None:
    least = min(table.values())
    for item in plan_balance(table, method="random_under").items:
        assert item.after / least < 2 or item.after <= 30
        assert item.after == item.before or item.after >= 30


def test_auto_explains_each_class() -> None:
    plan = plan_balance({"big": 1000, "near": 600, "mid": 100, "few": 5, "one": 1})
    assert [(i.label, i.add, i.method) for i in plan.items] == [
        ("big", 0, "none"),
        ("near", 0, "none"),
        ("mid", 401, "smote"),
        ("few", 50, "random_over"),
        ("one", 0, "none"),
    ]
    assert [i.reason("en").split(";")[0] for i in plan.items] == [
        "it is the largest class",
        "it already has enough rows for the target",
        "100 rows are enough for SMOTE with 5 neighbours",
        "5 rows are too few for SMOTE with 5 neighbours: copies of real rows",
        "one distinct row only: copies teach nothing",
    ]
    assert plan["few"].reason("pt").endswith("limitado a 10 linhas sintéticas por linha real (a meta era 501)")


def test_copies_are_no_evidence_for_interpolation() -> None:
    frame = pd.DataFrame({"x": [float(i) for i in range(100)] + [0.5] * 17 + [1.5, 2.5, 3.5], "k": ["u", "v"] * 60})
    frame.loc[100:116, "k"] = "u"
    analysis = analyze_imbalance(["a"] * 100 + ["b"] * 20, frame=frame)
    assert [c.distinct for c in analysis.classes] == [100, 4]
    item = plan_balance(analysis)["b"]
    assert (item.method, item.add) == ("random_over", 31)
    assert item.reason_en.startswith("4 distinct rows are too few")
    assert plan_balance(analysis, max_synthetic_ratio=5)["b"].add == 20  # per distinct row


# --- named strategies and ratios ----------------------------------------------------------------


@given(counts, st.sampled_from(NAMED_OVER))
def test_named_strategies_add_what_imbalanced_learn_adds(table: dict[str, int], name: str) -> None:
    assume(len(table) > 1)
    theirs = check_sampling_strategy(name, labels_of(table), "over-sampling")
    ours = plan_balance(table, name)  # type: ignore[arg-type]
    assert {item.label: item.add for item in ours.items if item.add} == {k: n for k, n in theirs.items() if n}


@given(counts, st.sampled_from(NAMED_UNDER))
def test_named_strategies_keep_what_imbalanced_learn_keeps(table: dict[str, int], name: str) -> None:
    assume(len(table) > 1)
    theirs = check_sampling_strategy(name, labels_of(table), "under-sampling")
    ours = plan_balance(table, name, method="random_under")  # type: ignore[arg-type]
    assert {item.label: item.after for item in ours.items} == table | theirs


@given(counts, ratios)
def test_a_ratio_is_reached_with_the_fewest_rows(table: dict[str, int], ratio: float) -> None:
    level = ceil(Fraction(str(ratio)) * max(table.values()))
    for item in plan_balance(table, ratio).items:
        assert item.after == max(item.before, level)


@given(counts, ratios)
def test_dropping_to_a_ratio_keeps_the_most_rows(table: dict[str, int], ratio: float) -> None:
    level = floor(min(table.values()) / Fraction(str(ratio)))
    for item in plan_balance(table, ratio, method="random_under").items:
        assert item.after == min(item.before, level)


def test_a_ratio_means_what_is_written_not_its_binary_neighbour() -> None:
    assert plan_balance({"a": 30, "b": 1}, 0.1)["b"].after == 3  # 0.1 * 30 is 3.0000000000000004 in binary
    assert plan_balance({"a": 100, "b": 7}, 0.07, method="random_under")["a"].after == 100


def test_target_ratio_is_the_ratio_by_name() -> None:
    assert plan_balance({"a": 100, "b": 20}, target_ratio=0.5) == plan_balance({"a": 100, "b": 20}, 0.5)
    with pytest.raises(InvalidParameterError, match="not both"):
        plan_balance({"a": 100, "b": 20}, 0.5, target_ratio=0.5)


@pytest.mark.parametrize("wrong", [0, 0.0, -0.5, 1.01, 2, float("nan")])
def test_a_ratio_outside_zero_to_one_is_refused(wrong: float) -> None:
    with pytest.raises(InvalidParameterError, match=r"lies in \(0, 1\]"):
        plan_balance({"a": 100, "b": 20}, wrong)


def test_what_is_asked_for_by_name_has_no_limit_unless_one_is_given() -> None:
    assert plan_balance({"a": 1000, "b": 6}, "not majority")["b"].add == 994
    limited = plan_balance({"a": 1000, "b": 6}, "not majority", max_synthetic_ratio=2.5)
    assert limited["b"].add == 15
    assert "limited to 2.50 synthetic rows" in limited["b"].reason_en
    assert "2,50" in limited["b"].reason_pt


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidParameterError, match="nearest is 'not majority'"):
        plan_balance({"a": 3, "b": 2}, "not_majority")  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "method"), [("majority", "auto"), ("minority", "random_under")])
def test_a_name_with_nothing_to_do_is_refused(name: Any, method: Any) -> None:
    with pytest.raises(InvalidParameterError, match="has nothing to do"):
        plan_balance({"a": 3, "b": 2}, name, method=method)


# --- mappings -----------------------------------------------------------------------------------


def test_a_mapping_may_add_and_drop_at_once() -> None:
    plan = plan_balance({"a": 100, "b": 10, "c": 50}, {"a": 60, "b": 40})
    assert plan.sampling_strategy("under") == {"a": 60}
    assert plan.sampling_strategy("over") == {"b": 40}
    assert plan["c"].reason_en == "the strategy does not name this class"
    with pytest.raises(InvalidParameterError, match="ask for sampling_strategy"):
        plan.sampling_strategy()


def test_a_class_may_be_written_as_text() -> None:
    assert plan_balance({1: 10, 2: 5}, {"2": 8})[2].add == 3
    assert plan_balance({True: 10, False: 5}, {"False": 8})[False].add == 3


@pytest.mark.parametrize(
    ("strategy", "method", "message"),
    [
        ({"z": 5}, "auto", "which does not occur; the nearest is"),
        ({"a": 0}, "auto", "filter the table"),
        ({"a": 2.5}, "auto", "an integer >= 1"),
        ({"a": True}, "auto", "an integer >= 1"),
        ({"a": 50}, "smote", "the method only adds rows"),
        ({"b": 50}, "random_under", "the method only drops rows"),
        (None, "auto", "strategy must be"),
        (True, "auto", "strategy must be"),
        (["a"], "auto", "strategy must be"),
    ],
)
def test_what_cannot_be_planned_is_refused(strategy: Any, method: Any, message: str) -> None:
    with pytest.raises(InvalidParameterError, match=message):
        plan_balance({"a": 100, "b": 10}, strategy, method=method)


def test_one_class_named_twice_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="names a class twice"):
        plan_balance({1: 10, 2: 5}, {2: 8, "2": 9})


@pytest.mark.parametrize(
    "options",
    [{"method": "adasyn"}, {"max_synthetic_ratio": 0}, {"max_synthetic_ratio": float("nan")}, {"k_neighbors": 0}],
    ids=str,
)
def test_options_outside_their_rule_are_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterError, match=next(iter(options))):
        plan_balance({"a": 100, "b": 10}, **options)


@pytest.mark.parametrize("wrong", [{"a": -1}, {"a": 1.5}, {"a": True}], ids=str)
def test_counts_that_are_no_counts_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterError, match="must be an integer >= 0"):
        plan_balance(wrong)


def test_a_class_without_rows_is_no_class() -> None:
    assert plan_balance(Counter(a=5, b=0)) == plan_balance({"a": 5})


# --- methods ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "method"),
    [
        ({"x": [0.5, 1.5, 2.5]}, "smote"),
        ({"x": [0.5, 1.5, 2.5], "d": pd.date_range("2024-01-01", periods=3)}, "smote"),
        ({"x": [0.5, 1.5, 2.5], "k": ["u", "v", "u"]}, "smotenc"),
        ({"k": ["u", "v", "u"]}, "random_over"),
    ],
    ids=["numbers", "numbers and dates", "mixed", "no numbers"],
)
def test_the_kinds_of_columns_choose_the_method(columns: dict[str, Any], method: str) -> None:
    schema = infer_schema(pd.DataFrame(columns))
    kinds = {column.name: column.kind for column in schema}
    for given_kinds in (schema, kinds):
        assert plan_balance({"a": 100, "b": 20}, kinds=given_kinds)["b"].method == method
        assert plan_balance({"a": 100, "b": 20}, method="random_over", kinds=given_kinds)["b"].method == "random_over"


def test_identifiers_play_no_part_in_the_choice() -> None:
    assert plan_balance({"a": 100, "b": 20}, kinds={"x": "money", "id": "identifier"})["b"].method == "smote"
    assert plan_balance({"a": 100, "b": 20}, kinds={"id": "identifier"})["b"].method == "random_over"


def test_too_few_rows_for_the_neighbours_become_copies() -> None:
    for n, method in ((5, "random_over"), (6, "smote")):
        assert plan_balance({"a": 100, "b": n}, 0.5)["b"].method == method
    assert plan_balance({"a": 100, "b": 4}, 0.5, k_neighbors=3)["b"].method == "smote"


# --- the value itself ---------------------------------------------------------------------------


def test_no_rows_and_one_class_give_a_plan_that_changes_nothing() -> None:
    assert plan_balance([]).items == ()
    assert plan_balance([]).ratio_before is None
    single = plan_balance(["a"] * 9)
    assert single.changes_nothing
    assert single["a"].reason_en == "there is one class only"


def test_rows_without_a_label_take_no_part() -> None:
    plan = plan_balance(["a"] * 9 + ["b"] + [None] * 4)
    assert (plan.n_before, plan.n_missing) == (10, 4)


@pytest.mark.parametrize(
    "numbers",
    [(10, 5, 0, 14), (10, -1, 0, 9), (10, 3, 3, 10), (10, 0, 11, -1)],
    ids=["sum", "negative", "both", "gone"],
)
def test_an_item_that_does_not_add_up_cannot_be_built(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(InvalidParameterError, match="with nothing negative"):
        PlanItem("a", *numbers, "smote", "", "")


def test_a_plan_cannot_be_changed() -> None:
    plan = plan_balance({"a": 9, "b": 2})
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.items = ()  # type: ignore[misc]
    assert hash(plan) == hash(plan_balance({"a": 9, "b": 2}))


def test_a_class_that_is_not_in_the_plan_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        plan_balance({"a": 9})["b"]


@given(counts, strategies)
def test_the_plan_is_json_and_prints_a_line_for_every_class(table: dict[str, int], strategy: Any) -> None:
    plan = plan_balance(table, strategy)
    data = plan.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    for text in (str(plan), plan.describe("pt")):
        assert len(text.split("\n")) == 2 + len(table) + 1
    assert str(plan).split("\n")[-1].split()[:2] == ["total", f"{plan.n_before:,}"]


def test_a_third_language_is_refused() -> None:
    plan = plan_balance({"a": 9, "b": 2})
    for say in (plan.describe, plan["a"].reason):
        with pytest.raises(InvalidParameterError, match="'pt' or 'en'"):
            say("es")  # type: ignore[arg-type]


def test_a_plan_can_be_asked_for_the_classes_of_one_method() -> None:
    plan = plan_balance({"a": 1000, "b": 100, "c": 4})
    assert plan.sampling_strategy("over", method="smote") == {"b": 501}
    assert plan.sampling_strategy("over", method="random_over") == {"c": 44}
    assert isinstance(plan, BalancePlan)
