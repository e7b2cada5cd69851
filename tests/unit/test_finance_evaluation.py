"""Fidelity of made movements: distances against a second source, floors, and every fault that it must see."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from contrapeso.errors import InvalidDataError, InvalidParameterError, TooFewSamplesError
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.calendar import bank_calendar
from contrapeso.finance.evaluation import Codes, fidelity, resample_rows
from contrapeso.finance.evaluation._distances import (
    STEPS,
    jensen_shannon,
    repeated_share,
    rounding_steps,
    shares,
    wasserstein,
)
from contrapeso.finance.evaluation._excess import coded, excess_of
from contrapeso.finance.evaluation._grams import grams, movement_codes

COUNTS = st.lists(st.integers(0, 9), min_size=2, max_size=8).filter(lambda values: sum(values) > 0)


def books(n_months: int, seed: int, first: str = "2023-01", currency: str = "BRL") -> Ledger:
    """Rent on the 10th, fees at the month's end, sales on any business day: three categories with habits."""
    rng = np.random.default_rng(seed)
    business = bank_calendar().business
    months = np.datetime64(first, "M") + np.arange(n_months)
    rent = business.following(months.astype("datetime64[D]") + 9)
    fee = business.preceding((months + 1).astype("datetime64[D]") - 1)
    span = months[0].astype("datetime64[D]") + np.arange(30 * n_months)
    sales = np.sort(rng.choice(span[business.contains(span)], 12 * n_months))
    cents = [
        np.full(n_months, -250_000),
        -rng.choice([1_990, 2_990, 4_990], n_months),
        np.round(np.exp(rng.normal(6, 0.8, len(sales))) * 100).astype(int),
    ]
    texts = ["ALUGUEL SALA"] * n_months + ["TARIFA PACOTE"] * n_months
    texts += [f"PIX RECEBIDO CLIENTE {i}" for i in rng.integers(0, 40, len(sales))]
    names = ["aluguel"] * n_months + ["tarifas"] * n_months + ["vendas"] * len(sales)
    days = np.concatenate([rent, fee, sales])
    return ledger_of(days, np.concatenate(cents), texts, categories=names, currency=currency)


TRAIN, LATER = books(24, 0), books(12, 1, "2025-01")


def with_columns(ledger: Ledger, **columns: np.ndarray) -> Ledger:
    return Ledger(
        **{
            name: columns.get(name, getattr(ledger, name)) for name in Ledger.__dataclass_fields__ if name != "currency"
        },
        currency=ledger.currency,
    )


@given(COUNTS, COUNTS)
def test_the_divergence_is_that_of_scipy(left: list[int], right: list[int]) -> None:
    n = min(len(left), len(right))
    p, q = np.array(left[:n]) + 1e-9, np.array(right[:n]) + 1e-9
    if p.sum() < 1 or q.sum() < 1:
        return
    assert_allclose(jensen_shannon(shares(p), shares(q)), jensenshannon(p, q) ** 2, atol=1e-9)


@given(COUNTS, COUNTS, st.integers(0, 100))
def test_the_transport_distance_is_that_of_scipy(left: list[int], right: list[int], seed: int) -> None:
    n = min(len(left), len(right))
    p, q = np.array(left[:n], dtype=float), np.array(right[:n], dtype=float)
    if p.sum() and q.sum():
        support = np.sort(np.random.default_rng(seed).normal(size=n))
        expected = wasserstein_distance(support, support, p, q)
        assert_allclose(wasserstein(shares(p), shares(q), support), expected, atol=1e-12)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.integers(1, 6))
def test_the_repeated_share_is_the_mean_over_all_subsets(counts: list[int], m: int) -> None:
    values = np.repeat(np.arange(len(counts)), counts)
    m = min(m, len(values))
    found = []
    for rows in combinations(range(len(values)), m):
        chosen = values[list(rows)]
        found.append(np.mean([(chosen == value).sum() > 1 for value in chosen]))
    assert_allclose(repeated_share(np.array(counts), m), np.mean(found), atol=1e-9)


@given(st.integers(-(10**7), 10**7))
def test_the_rounding_step_is_the_coarsest_that_divides(cents: int) -> None:
    step = STEPS[int(rounding_steps(np.array([cents]))[0])]
    assert cents % step == 0
    assert all(cents % coarser for coarser in STEPS if coarser > step)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_rows_drawn_again_have_an_excess_near_zero(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, later = rng.integers(1, 32, 200), rng.integers(1, 32, 200)
    values = [excess_of(coded(train, later, rng.choice(train, 200)), rng).excess for _ in range(10)]
    assert abs(np.mean(values)) < 0.02  # standard error about .004


def test_the_interval_holds_the_excess_of_rows_drawn_again() -> None:
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        train, later = rng.integers(1, 32, 100), rng.integers(1, 32, 100)
        one = excess_of(coded(train, later, rng.choice(train, 100)), rng)
        found.append(one.low <= 0 <= one.high)
    assert np.mean(found) > 0.85  # asked for .95; 60 trials


def test_real_rows_drawn_again_are_within_every_distance_target() -> None:
    made = Ledger(**{
        name: np.concatenate([getattr(resample_rows(TRAIN, c, n), name) for c, n in (("aluguel", 24), ("vendas", 288))])
        for name in Ledger.__dataclass_fields__ if name != "currency"
    })  # fmt: skip
    report = fidelity(TRAIN, LATER, made)
    assert {one.category for one in report.categories} == {"aluguel", "vendas"}
    for one in report.categories:
        assert not {"closed", "sign", "amount", "rounding"} & set(one.missed())
    assert report.copies == len(made)
    assert report.mean("sign") == 1.0


def test_a_later_slice_of_the_same_habits_is_not_told_apart() -> None:
    report = fidelity(TRAIN, LATER, books(24, 7))
    sales = next(one for one in report.categories if one.category == "vendas")
    assert abs(sales.auc - 0.5) < 0.12
    assert sales.copies == 0
    assert sales.day.low <= 0.02


@pytest.mark.parametrize(
    ("fault", "metric"),
    [("uniform days", "day"), ("weekends", "closed"), ("cents", "rounding"), ("scale", "amount"), ("sign", "sign"),
     ("one amount each", "repeated")],
)  # fmt: skip
def test_every_fault_is_seen_where_it_is(fault: str, metric: str) -> None:
    rent = TRAIN.take(TRAIN.categories == "aluguel")
    rng = np.random.default_rng(3)
    made = {
        "uniform days": with_columns(rent, days=np.datetime64("2023-01-02") + rng.integers(0, 700, len(rent))),
        "weekends": with_columns(rent, days=np.full(len(rent), np.datetime64("2023-01-07"))),
        "cents": with_columns(rent, cents=rent.cents + rng.integers(1, 9, len(rent))),
        "scale": with_columns(rent, cents=rent.cents * 20),
        "sign": with_columns(rent, cents=-rent.cents),
        "one amount each": with_columns(rent, cents=rent.cents + 100 * np.arange(len(rent))),
    }[fault]
    (found,) = fidelity(TRAIN, LATER, made).categories
    assert metric in found.missed()


def test_the_classifier_tells_faulty_rows_apart_and_can_be_left_out() -> None:
    sales = TRAIN.take(TRAIN.categories == "vendas")
    made = with_columns(sales, days=sales.days + 400, cents=np.full(len(sales), 100))
    (found,) = fidelity(TRAIN, LATER, made).categories
    assert found.auc > 0.95
    assert "auc" in found.missed()
    assert fidelity(TRAIN, LATER, made, classifier=False).categories[0].auc is None


def test_codes_are_seen_by_the_classifier_and_the_sequences() -> None:
    sales, after = TRAIN.take(TRAIN.categories == "vendas"), LATER.take(LATER.categories == "vendas")
    codes = Codes(*(np.array(["pix", "ted"], dtype=object)[np.arange(len(x)) % 2] for x in (sales, after, sales)))
    wrong = Codes(codes.train, codes.later, np.array(["doc"] * len(sales), dtype=object))
    right = fidelity(sales, after, sales, codes=codes)
    report = fidelity(sales, after, sales, codes=wrong)
    assert report.categories[0].auc > 0.95 > right.categories[0].auc
    assert report.grams.excess > 0.3 > right.grams.excess


def test_the_order_within_a_day_does_not_matter() -> None:
    rows = books(6, 2)
    other = rows.take(np.random.default_rng(0).permutation(len(rows)))
    one, two = (sorted(grams(ledger, movement_codes(ledger))) for ledger in (rows, other))
    assert one == two


def test_copies_are_counted_by_day_amount_and_folded_text() -> None:
    rent = TRAIN.take(TRAIN.categories == "aluguel")
    louder = with_columns(rent, descriptions=np.array(["  aluguel SALA -"] * len(rent), dtype=object))
    found = fidelity(TRAIN, LATER, louder).categories[0]
    assert (found.copies, found.repeats) == (len(rent), 0)
    moved = with_columns(rent, days=rent.days + 1)
    assert fidelity(TRAIN, LATER, moved).copies == 0


def test_all_positive_tables_and_other_currencies_work() -> None:
    train, later = (books(n, s, f, "GBP") for n, s, f in ((24, 0, "2023-01"), (12, 1, "2025-01")))
    train, later = (with_columns(one, cents=np.abs(one.cents)) for one in (train, later))
    report = fidelity(train, later, train)
    assert report.mean("sign") == 1.0
    assert len(report.categories) == 3


def test_a_holiday_is_closed_in_reais_only() -> None:
    carnival = np.full(12, np.datetime64("2024-02-13"))
    for currency, closed in (("BRL", 1.0), ("GBP", 0.0)):
        made = ledger_of(carnival, [-100] * 12, ["x"] * 12, categories=["aluguel"] * 12, currency=currency)
        assert fidelity(TRAIN, LATER, made).categories[0].closed_made == closed


def test_categories_without_real_rows_are_left_out_with_a_reason() -> None:
    made = ledger_of(["2024-01-05"] * 2, [-1, -2], ["a", "b"], categories=["aluguel", "inventada"])
    report = fidelity(TRAIN, LATER, made)
    assert list(report.left_out) == ["inventada"]
    assert "no training and no later row" in report.left_out["inventada"]


def test_one_made_row_is_measured() -> None:
    (found,) = fidelity(TRAIN, LATER, TRAIN.take(np.array([0]))).categories
    assert found.n_made == 1
    assert found.auc is None


def test_the_same_seed_gives_the_same_report() -> None:
    made = books(24, 7)
    assert fidelity(TRAIN, LATER, made).to_dict() == fidelity(TRAIN, LATER, made).to_dict()


def test_reports_are_plain_and_speak_both_languages() -> None:
    import json

    report = fidelity(TRAIN, LATER, books(24, 7), classifier=False)
    assert json.loads(json.dumps(report.to_dict()))["copies"] == report.copies
    assert "cópias exatas" in report.describe()
    assert "exact copies" in report.describe("en")


def test_bad_input_is_refused_in_words() -> None:
    empty = TRAIN.take(np.zeros(0, dtype=int))
    with pytest.raises(TooFewSamplesError, match="has a category"):
        fidelity(TRAIN, LATER, empty)
    undated = with_columns(LATER, days=np.full(len(LATER), np.datetime64("NaT", "D")))
    with pytest.raises(InvalidDataError, match="dates"):
        fidelity(TRAIN, undated, TRAIN)
    with pytest.raises(InvalidParameterError, match="n_draws"):
        fidelity(TRAIN, LATER, TRAIN, n_draws=3)
    with pytest.raises(TooFewSamplesError, match="no training row"):
        resample_rows(TRAIN, "inventada", 3)
