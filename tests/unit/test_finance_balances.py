"""Intra-day order and the balance chain: the best order by brute force, intact files left alone, anchors, breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.finance import simulate_company
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.balances import Anchor, check_chain, order_within_days
from contrapeso.finance.balances._days import SMALL, Day, arrange
from contrapeso.finance.balances._trails import day_trails, trail_starts

CENTS = st.integers(-3, 3)
LEVEL = st.integers(0, 4)


@st.composite
def days(draw: st.DrawFn, *, stated: st.SearchStrategy[bool], most: int = 6) -> Day:
    """Few movements among few balances, so that many orders hold links; intact or not."""
    cents = tuple(draw(st.lists(CENTS, min_size=1, max_size=most)))
    balances = tuple(draw(LEVEL) if draw(stated) else None for _ in cents)
    return Day(cents, balances)


def most_links(day: Day, opening: int | None) -> int:
    return max(day.walk(order, opening)[0] for order in permutations(range(len(day.cents))))


def ledger_of_chain(cents: list[int], start: list[int], opening: int = 1000) -> Ledger:
    """An intact chain of one account; ``start`` adds days between movements."""
    when = np.datetime64("2024-01-02") + np.cumsum(start).astype("timedelta64[D]")
    balances = (opening + np.cumsum(cents)).tolist()
    return ledger_of(when, cents, [f"linha {i}" for i in range(len(cents))], balances=balances)


@given(st.lists(st.tuples(LEVEL, LEVEL), min_size=1, max_size=9))
def test_the_trails_hold_every_movement_once_and_are_as_few_as_euler_says(edges: list[tuple[int, int]]) -> None:
    before, after = [a for a, _ in edges], [b for _, b in edges]
    trails = day_trails(before, after)
    assert sorted(edge for trail in trails for edge in trail) == list(range(len(edges)))
    for trail in trails:
        assert all(after[a] == before[b] for a, b in pairwise(trail))
        assert before[trail[0]] in set(before)
    assert len(trails) == fewest_trails(edges)
    assert trail_starts(before, after) <= set(before)


def fewest_trails(edges: list[tuple[int, int]]) -> int:
    """One trail for a component without open ends, else its surplus of leaving edges: told by union-find."""
    root = {vertex: vertex for edge in edges for vertex in edge}

    def find(vertex: int) -> int:
        while root[vertex] != vertex:
            vertex = root[vertex]
        return vertex

    for a, b in edges:
        root[find(a)] = find(b)
    surplus: dict[int, dict[int, int]] = {}
    for a, b in edges:
        for vertex, step in ((a, 1), (b, -1)):
            of = surplus.setdefault(find(vertex), {})
            of[vertex] = of.get(vertex, 0) + step
    return sum(max(1, sum(count for count in of.values() if count > 0)) for of in surplus.values())


@given(days(stated=st.just(True)), st.none() | LEVEL)
def test_a_day_with_all_balances_gets_as_many_links_as_any_order_has(day: Day, opening: int | None) -> None:
    order = arrange(day, opening, None)
    assert sorted(order) == list(range(len(day.cents)))
    assert day.walk(order, opening)[0] == most_links(day, opening)


@given(days(stated=st.booleans()), st.none() | LEVEL)
def test_a_small_day_with_some_balances_gets_as_many_links_as_any_order_has(day: Day, opening: int | None) -> None:
    order = arrange(day, opening, None)
    assert sorted(order) == list(range(len(day.cents)))
    assert day.walk(order, opening)[0] == most_links(day, opening)


@given(days(stated=st.booleans(), most=3 * SMALL), st.none() | LEVEL)
def test_a_large_day_is_never_worse_than_its_file_order(day: Day, opening: int | None) -> None:
    order = arrange(day, opening, None)
    assert sorted(order) == list(range(len(day.cents)))
    assert day.walk(order, opening)[0] >= day.walk(range(len(day.cents)), opening)[0]


@given(
    st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=60),
    st.lists(st.integers(0, 1), min_size=60, max_size=60),
    st.randoms(use_true_random=False),
)
def test_a_shuffled_intact_chain_is_put_together_again(cents: list[int], steps: list[int], random) -> None:
    intact = ledger_of_chain(cents, steps[: len(cents)])
    rows = list(range(len(cents)))
    random.shuffle(rows)
    order, continuity = order_within_days(intact.take(np.array(rows)))
    assert continuity == (1.0 if len(cents) > 1 else None)
    found = intact.take(np.array(rows)).take(order)
    assert (np.diff(found.days) >= np.timedelta64(0, "D")).all()
    assert check_chain(found).n_held == len(cents) - 1


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40), st.lists(st.integers(0, 1), min_size=40, max_size=40))
def test_an_intact_file_keeps_its_order_and_so_does_one_that_begins_with_the_newest_day(
    cents: list[int], steps: list[int]
) -> None:
    intact = ledger_of_chain(cents, [0, *steps[: len(cents) - 1]])
    np.testing.assert_array_equal(order_within_days(intact)[0], np.arange(len(cents)))
    if intact.days[0] != intact.days[-1]:
        newest_first = intact.take(np.arange(len(cents))[::-1])
        np.testing.assert_array_equal(order_within_days(newest_first)[0], np.arange(len(cents))[::-1])


def test_each_account_has_a_chain_of_its_own_and_stays_at_its_places_of_the_day() -> None:
    ledger = ledger_of(
        ["2024-05-06"] * 4, [-30, 7, 50, 1], list("abcd"), accounts=["x", "y", "x", "y"], balances=[120, 8, 150, 1]
    )
    order, continuity = order_within_days(ledger)
    assert ledger.accounts[order].tolist() == ["x", "y", "x", "y"]
    assert order.tolist() == [2, 3, 0, 1]
    assert continuity == 1.0


def test_the_balance_of_the_day_printed_on_one_row_puts_that_row_where_the_sum_fits() -> None:
    ledger = ledger_of(
        ["2024-05-06", "2024-05-07", "2024-05-07", "2024-05-07"],
        [10, 5, -20, 7], ["a", "dia", "b", "c"], balances=[100, 92, None, None],
    )  # fmt: skip
    order, continuity = order_within_days(ledger)
    assert continuity == 1.0
    assert order.tolist()[-1] == 1


def test_a_large_day_with_one_balance_at_its_end_is_found_without_search() -> None:
    cents = [*range(1, 3 * SMALL)]
    ledger = ledger_of(
        ["2024-05-06"] + ["2024-05-07"] * len(cents),
        [100, *cents[::-1]],
        ["x"] * (len(cents) + 1),
        balances=[100, 100 + sum(cents), *[None] * (len(cents) - 1)],
    )
    order, continuity = order_within_days(ledger)
    assert continuity == 1.0
    assert order[-1] == 1


def test_an_anchor_decides_where_a_circle_of_movements_begins_and_counts_as_a_link() -> None:
    days_ = ["2024-05-06"] * 2
    ledger = ledger_of(days_, [10, -10], ["a", "b"], balances=[110, 100])
    closing = [Anchor("", date(2024, 5, 6), 110)]
    order, continuity = order_within_days(ledger, anchors=closing)
    assert order.tolist() == [1, 0]
    assert continuity == 1.0
    assert check_chain(ledger, anchors=closing).n_links == 2
    found = check_chain(ledger, anchors=closing).breaks
    assert [(b.row, b.expected_cents, b.found_cents) for b in found] == [(None, 100, 110)]


def test_the_simulated_company_is_restored_from_any_order_in_its_days() -> None:
    truth = simulate_company(months=24).truth
    ledger = ledger_of(
        truth["date"].to_numpy(), truth["amount_cents"], truth["description"],
        accounts=truth["account"], balances=truth["balance_cents"],
    )  # fmt: skip
    shuffled = ledger.take(np.random.default_rng(3).permutation(len(ledger)))
    by_day = shuffled.take(np.argsort(shuffled.days, kind="stable"))
    naive = check_chain(by_day).continuity
    assert naive is not None
    assert naive < 0.3
    assert order_within_days(shuffled)[1] == 1.0
    half = replace(by_day, balance_known=np.random.default_rng(4).random(len(by_day)) < 0.5)
    partial = order_within_days(half)[1]
    assert partial is not None
    assert partial > 0.95


def test_a_missing_row_breaks_one_link_and_is_told_with_what_was_expected() -> None:
    intact = ledger_of_chain([100, -30, 20, 5], [0, 1, 1, 1])
    torn = intact.take(np.array([0, 2, 3]))
    chain = check_chain(torn)
    assert (chain.n_links, chain.n_held) == (2, 1)
    assert [(b.row, b.found_cents - b.expected_cents) for b in chain.breaks] == [(1, -30)]


def test_without_two_stated_balances_there_is_no_continuity_and_the_file_order_stays() -> None:
    ledger = ledger_of(["2024-05-06", "2024-05-06"], [1, 2], ["a", "b"])
    order, continuity = order_within_days(ledger)
    assert order.tolist() == [0, 1]
    assert continuity is None
    empty = ledger_of([], [], [])
    assert order_within_days(empty)[0].tolist() == []


def test_an_order_that_is_none_is_refused_with_the_way_out() -> None:
    ledger = ledger_of_chain([1, 2, 3], [0, 0, 0])
    with pytest.raises(InvalidParameterError, match="order_within_days"):
        check_chain(ledger, np.array([0, 0, 1]))
    back = ledger.take(np.array([2, 1, 0]))
    back = replace(back, days=np.array(["2024-05-08", "2024-05-07", "2024-05-06"], dtype="datetime64[D]"))
    with pytest.raises(InvalidParameterError, match="go back"):
        check_chain(back, anchors=[Anchor("", date(2024, 5, 8), 1)])


@settings(max_examples=20)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=2, max_size=30))
def test_amounts_of_any_size_stay_exact(cents: list[int]) -> None:
    ledger = ledger_of_chain(cents, [0] * len(cents), opening=10**13)
    assert check_chain(ledger).continuity == 1.0
    wrong = replace(ledger, balances=ledger.balances + np.eye(1, len(cents), len(cents) - 1, dtype=np.int64)[0])
    assert check_chain(wrong).n_held == len(cents) - 2
