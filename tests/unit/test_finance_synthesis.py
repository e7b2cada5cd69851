"""New movements keep the laws: exact counts, one seed one result, free places, legal days, learned signs, no names."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contrapeso.errors import InsufficientDataError, InvalidParameterError, TooFewSamplesError
from contrapeso.finance import simulate_company
from contrapeso.finance._ledger import ledger_of
from contrapeso.finance._text import normalize_description
from contrapeso.finance.calendar import bank_calendar
from contrapeso.finance.series._find import MONTHS_OF
from contrapeso.finance.synthesis import draft, learn
from contrapeso.finance.synthesis._finish import Taken, keys_of
from contrapeso.finance.synthesis._judge import distance

METHODS = ("pattern_based", "smote", "synthetic")


@pytest.fixture(scope="module")
def ledger():
    rows = simulate_company(months=12).truth
    return ledger_of(
        rows["date"].to_numpy(),
        rows["amount_cents"].to_numpy(),
        rows["description"],
        categories=rows["category"],
        accounts=rows["account"],
    )


@pytest.fixture(scope="module")
def learned(ledger):
    return learn(ledger, random_state=7)


@pytest.fixture(scope="module", params=METHODS)
def made(request, learned, ledger):
    """Drafts of every category by one method."""
    taken = Taken.of(learned)
    return {c: draft(learned, c, 60, request.param, taken=taken) for c in sorted(set(ledger.categories))}


def test_exactly_as_many_rows_as_asked_for(made):
    assert {category: len(drafts) for category, drafts in made.items()} == dict.fromkeys(made, 60)


def test_no_row_has_the_place_of_a_real_or_of_another_new_one(made, ledger):
    keys = [key for drafts in made.values() for key in _keys(drafts.ledger)]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set(_keys(ledger))


def _keys(ledger):
    return [
        (day, cents, text.lower())
        for day, cents, text in zip(ledger.days.tolist(), ledger.cents.tolist(), ledger.descriptions, strict=True)
    ]


def test_dates_lie_in_the_window_of_the_training_rows(made, ledger):
    for drafts in made.values():
        assert drafts.ledger.days.min() >= ledger.days.min()
        assert drafts.ledger.days.max() <= ledger.days.max()


def test_no_row_lies_on_a_closed_day_where_the_real_ones_have_none(made, ledger):
    business = bank_calendar().business
    for category, drafts in made.items():
        if business.contains(ledger.days[ledger.categories == category]).all():
            assert business.contains(drafts.ledger.days).all(), category


def test_signs_are_those_of_the_category(made, ledger):
    for category, drafts in made.items():
        assert set(np.sign(drafts.ledger.cents)) <= set(np.sign(ledger.cents[ledger.categories == category]))


def test_a_monthly_series_does_not_come_twice_in_a_month(made, learned):
    for drafts in made.values():
        seen = Counter()
        for day, trace in zip(drafts.ledger.days.astype("datetime64[M]").tolist(), drafts.traces, strict=True):
            if "series" not in trace:
                continue
            number, sibling = trace["series"]["number"], trace["series"]["sibling"]
            series = learned.series[number]
            if series.cadence in MONTHS_OF:
                seen[number, sibling, day] += 1
                assert sibling or np.datetime64(day, "M") not in series.months
        assert max(seen.values(), default=1) == 1


def test_no_name_of_a_real_payee_is_in_a_new_row(made, learned):
    names = {f" {name} " for name in learned.templates.names if len(name.split()) > 1}
    for drafts in made.values():
        for text in drafts.ledger.descriptions:
            words = f" {normalize_description(text)} "
            assert not [name for name in names if name in words], text


def test_every_draft_tells_where_it_comes_from(made, ledger):
    for category, drafts in made.items():
        assert (ledger.categories[drafts.parents[:, 0]] == category).all()
        assert np.allclose(drafts.weights.sum(axis=1), 1.0)
        assert ((drafts.parents >= 0) == (drafts.weights > 0)).all()
        for trace in drafts.traces:
            assert trace.keys() >= {"method", "mode", "template", "slots", "amount", "date", "repairs", "nearest"}
            json.dumps(trace)


def test_the_dominant_parent_has_the_direction_of_the_draft(made, ledger):
    for drafts in made.values():
        assert (np.sign(ledger.cents[drafts.parents[:, 0]]) == np.sign(drafts.ledger.cents)).all()


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_gives_the_same_bytes_and_another_seed_others(ledger, method):
    first, again, other = (draft(learn(ledger, random_state=seed), "Telefonia", 40, method) for seed in (3, 3, 4))
    assert json.dumps(first.traces) == json.dumps(again.traces)
    assert _keys(first.ledger) == _keys(again.ledger)
    assert _keys(first.ledger) != _keys(other.ledger)


def test_another_stream_of_one_seed_gives_other_rows(learned):
    first, other = (draft(learned, "Telefonia", 20, stream=stream) for stream in (0, 1))
    assert _keys(first.ledger) != _keys(other.ledger)


def test_methods_are_nearer_to_the_category_than_uniform_days_and_clipped_normal_amounts(made, ledger):
    rng = np.random.default_rng(0)
    wins = 0
    for category, drafts in made.items():
        real = ledger.take(ledger.categories == category)
        days = rng.choice(np.arange(ledger.days.min(), ledger.days.max()), 60)
        cents = np.clip(rng.normal(real.cents.mean(), real.cents.std(), 60), 1, 100_000).astype(np.int64)
        naive = ledger_of(days, cents, [""] * 60)
        wins += distance(drafts.ledger, real) < distance(naive, real)
    assert wins == len(made)


def test_sibling_series_of_fixed_price_keep_one_price_until_the_real_one_changes(learned):
    drafts = draft(learned, "Aluguel", 60)
    prices = {}
    for cents, trace in zip(drafts.ledger.cents.tolist(), drafts.traces, strict=True):
        if not trace["repairs"] and trace["amount"]["how"] == "price of the time":
            prices.setdefault((trace["series"]["number"], trace["series"]["sibling"]), set()).add(cents)
    assert max(map(len, prices.values())) <= 2


def test_one_row_is_enough_for_a_pattern():
    one = ledger_of(
        ["2024-05-06", "2024-06-05", "2024-08-30"],
        [-12990, -500, -700],
        ["TARIFA PACOTE", "IOF", "IOF"],
        categories="abb",
    )
    drafts = draft(learn(one, random_state=0), "a", 10)
    assert len(drafts) == 10
    assert (drafts.ledger.cents < 0).all()


def test_neighbours_of_a_lone_direction_give_rows_of_its_own_law():
    rows = ledger_of(
        [f"2024-0{m}-10" for m in range(1, 8)],
        [-1000, -1100, -1200, -1300, -1400, -1500, 90000],
        ["TED"] * 7,
        categories=["a"] * 7,
    )
    drafts = draft(learn(rows, random_state=0), "a", 14, "smote")
    lone = drafts.ledger.cents > 0
    assert lone.sum() == 2
    assert (drafts.parents[lone, 1] == -1).all()


def test_where_no_place_is_free_fewer_rows_come():
    rows = ledger_of(["2024-05-06", "2024-05-07"], [1, 1], ["X", "X"], categories=["a", "a"])
    drafts = draft(learn(rows, random_state=0), "a", 30)
    assert 0 <= len(drafts) < 30
    assert not set(keys_of(drafts.ledger)) & set(keys_of(rows))


def test_expenses_without_texts_and_accounts_stay_positive():
    rng = np.random.default_rng(0)
    days = np.datetime64("2023-01-02") + rng.integers(0, 300, 80)
    rows = ledger_of(days, rng.integers(500, 90000, 80), [""] * 80, categories=["x"] * 80, currency="GBP")
    for method in METHODS:
        drafts = draft(learn(rows, random_state=0), "x", 50, method)
        assert len(drafts) == 50
        assert (drafts.ledger.cents > 0).all()
        assert set(drafts.ledger.descriptions) == {""}
        assert drafts.ledger.currency == "GBP"


def test_bounds_of_the_amount_hold(learned):
    drafts = draft(learned, "Fornecedores", 50, "smote", options={"min_amount": 50_000, "max_amount": 60_000})
    assert ((drafts.ledger.cents >= -60_000) & (drafts.ledger.cents <= -50_000)).all()


def test_no_pix_before_there_was_any_and_no_doc_after_the_last_one():
    days = [f"2020-{m:02d}-15" for m in (11, 12)] + [f"2021-{m:02d}-15" for m in range(1, 13)]
    rows = ledger_of(
        ["2018-01-10", *days[:1], *days[1:], "2025-06-10"],
        [-100, *range(-1000, -1000 + len(days)), -200],
        ["TARIFA", *["PIX ENVIADO LOJA"] * len(days), "TARIFA"],
        categories=["t", *["p"] * len(days), "t"],
    )
    rows = rows.take(rows.days != np.datetime64("2020-11-15"))
    drafts = draft(learn(rows, random_state=0), "p", 80)
    assert drafts.ledger.days.min() >= np.datetime64("2020-11-16")


@pytest.mark.parametrize("bad", [{"method": "magic"}, {"n": -1}, {"n": 2.5}, {"n": True}])
def test_what_is_outside_its_rule_is_refused(learned, bad):
    with pytest.raises(InvalidParameterError):
        draft(learned, "Telefonia", **{"n": 3, **bad})


def test_an_unknown_category_and_an_empty_ledger_are_refused(learned, ledger):
    with pytest.raises(TooFewSamplesError, match="zebra"):
        draft(learned, "zebra", 3)
    with pytest.raises(InsufficientDataError):
        learn(ledger.take(np.zeros(0, dtype=np.int64)))


WORDS = st.sampled_from(["PIX ENVIADO ANA LIMA", "TARIFA", "TED 123", "", "Compra 01/02", "aluguel joão"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 500), st.integers(-10_000_000, 10_000_000), WORDS, st.sampled_from("ab")),
        min_size=1,
        max_size=25,
    ),
    n=st.integers(0, 30),
    method=st.sampled_from(METHODS),
)
def test_the_laws_hold_for_any_rows(rows, n, method):
    offsets, cents, descriptions, categories = zip(*rows, strict=True)
    days = np.datetime64("2023-06-01") + np.array(offsets)
    ledger = ledger_of(days, cents, descriptions, categories=categories)
    category = categories[0]
    drafts = draft(learn(ledger, random_state=1), category, n, method)
    real = ledger.take(ledger.categories == category)
    assert len(drafts) <= n
    assert not set(_keys(drafts.ledger)) & set(_keys(ledger))
    assert len(set(_keys(drafts.ledger))) == len(drafts)
    assert set(np.sign(drafts.ledger.cents)) <= set(np.sign(real.cents))
    if len(drafts):
        assert ledger.days.min() <= drafts.ledger.days.min()
        assert drafts.ledger.days.max() <= ledger.days.max()
