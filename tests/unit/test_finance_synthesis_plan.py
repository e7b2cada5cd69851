"""The plan says exactly how many rows, by which method and why, before anything runs."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError, UnknownConfigKeyError
from contrapeso.finance._ledger import ledger_of
from contrapeso.finance.synthesis import CategoryOptions, plan
from contrapeso.finance.synthesis._plan import CAP, method_by_size


def counted(**counts):
    """A ledger with so many rows of each category, all distinct."""
    names = [name for name, n in counts.items() for _ in range(n)]
    n = len(names)
    return ledger_of(["2024-05-06"] * n, range(-n, 0), [""] * n, categories=names)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 60), min_size=1),
    st.floats(0.01, 1.0, allow_nan=False),
)
def test_a_ratio_is_kept_exactly(counts, ratio):
    found = plan(counted(**counts), ratio)
    goal = ceil(Fraction(repr(ratio)) * max(counts.values()))
    assert {item.category: item.after for item in found.items} == {c: max(n, goal) for c, n in counts.items()}
    assert found.n_add == sum(item.after - item.before for item in found.items)


def test_without_a_ratio_small_categories_get_half_of_the_largest_and_at_most_ten_for_each_row():
    found = plan(counted(a=600, b=300, c=90, d=3))
    assert [(item.category, item.add) for item in found.items] == [("a", 0), ("b", 0), ("c", 210), ("d", 3 * CAP)]


def test_copies_of_one_row_count_once_for_the_careful_goal():
    ledger = ledger_of(
        ["2024-05-06"] * 105, [*range(100), 7, 7, 7, 7, 7], [""] * 105, categories=["a"] * 100 + ["b"] * 5
    )
    assert plan(ledger)["b"].add == CAP


def test_only_the_category_asked_for_is_filled_up_whatever_its_share():
    found = plan(counted(a=100, b=40, c=5), target_category="b")
    assert [(item.category, item.add) for item in found.items] == [("a", 0), ("b", 10), ("c", 0)]


def test_an_unknown_category_is_said_and_nothing_is_added():
    found = plan(counted(a=100, b=4), target_category="zebra")
    assert found.n_add == 0
    assert "zebra" in found.unknown[0][0]
    assert "zebra" in found.describe("en")


def test_rows_without_a_category_are_not_counted():
    ledger = ledger_of(["2024-05-06"] * 30, range(30), [""] * 30, categories=["a"] * 10 + ["b"] * 2 + [""] * 18)
    found = plan(ledger, 1.0)
    assert {item.category for item in found.items} == {"a", "b"}
    assert "18" in found.notes[0][0]


def test_options_of_a_category_take_the_place_of_what_was_asked_for_all():
    found = plan(counted(a=100, b=40), 0.5, options={"b": {"rows": 7, "method": "smote"}})
    assert (found["b"].add, found["b"].method) == (7, "smote")


def test_defaults_hold_for_categories_without_options_of_their_own():
    found = plan(
        counted(a=100, b=40, c=30), 0.5, options={"b": {"k_neighbors": 2}}, defaults=CategoryOptions(k_neighbors=3)
    )
    assert (found["b"].options.k_neighbors, found["c"].options.k_neighbors) == (2, 3)


def test_one_row_falls_back_from_neighbours_and_the_plan_says_why():
    item = plan(counted(a=100, b=1), 0.1, method="smote")["b"]
    assert item.method == "pattern_based"
    assert "uma linha só" in item.reason("pt")
    assert "no neighbour" in item.reason("en")


@pytest.mark.parametrize(
    ("before", "series", "method"),
    [(3, 0.0, "pattern_based"), (40, 0.9, "pattern_based"), (40, 0.1, "smote"), (400, 0.1, "synthetic")],
)
def test_the_method_goes_by_size_and_by_the_share_of_series(before, series, method):
    assert method_by_size(before, series)[0] == method


def test_a_plan_prints_in_two_languages_and_as_json():
    found = plan(counted(a=40, b=4), 0.25)
    assert found.describe("pt").splitlines()[0].split() == ["categoria", "linhas", "novas", "depois", "método", "razão"]
    assert "0,25" in found.describe("pt")
    assert "0.25" in found.describe("en")
    assert found.to_dict()["items"][1]["after"] == 10
    with pytest.raises(InvalidParameterError, match="language"):
        found.describe("fr")


@pytest.mark.parametrize(
    "bad",
    [
        {"target_ratio": 0},
        {"target_ratio": 1.5},
        {"method": "magic"},
        {"target_category": [1]},
        {"options": {"b": {"rows": -1}}},
        {"options": {"b": {"new_payees": 2}}},
        {"options": {"b": {"min_amount": 5, "max_amount": 4}}},
        {"options": {"b": 3}},
    ],
)
def test_what_is_outside_its_rule_is_refused(bad):
    with pytest.raises(InvalidParameterError):
        plan(counted(a=100, b=4), **bad)


def test_an_unknown_option_names_the_nearest_one():
    with pytest.raises(UnknownConfigKeyError, match="k_neighbors"):
        plan(counted(a=100, b=4), options={"b": {"k_neighbor": 3}})


def test_the_largest_category_says_how_it_can_be_enlarged():
    found = plan(counted(a=100, b=4), target_category="a")
    assert found.n_add == 0
    assert any("rows" in pt for pt, _ in found.notes)
    assert plan(counted(a=100, b=4), target_category="a", options={"a": {"rows": 5}})["a"].add == 5
