"""Variety: rarefaction against drawing, coverage, tails, and the section of the report."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from contrapeso.metrics import _diversity as diversity
from contrapeso.quality._diversity import NO_CATEGORIES, NO_TAILS, assess_diversity
from contrapeso.quality._given import check, read


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8).filter(any), st.data())
def test_the_chance_to_miss_a_kind_is_hypergeometric(counts, data):
    counts = np.array(counts)
    n_drawn = data.draw(st.integers(0, counts.sum()))
    expected = hypergeom.pmf(0, counts.sum(), counts, n_drawn)
    np.testing.assert_allclose(np.exp(diversity.log_absent(counts, counts.sum(), n_drawn)), expected, atol=1e-12)


def test_the_expected_share_of_kinds_is_the_mean_over_draws():
    rng = np.random.default_rng(0)
    counts = np.array([40, 10, 5, 1, 1, 1])
    rows = np.repeat(np.arange(6), counts)
    drawn = [np.unique(rng.choice(rows, 20, replace=False)).size / 20 for _ in range(4000)]
    assert diversity.distinct_share(counts, 20) == pytest.approx(np.mean(drawn), rel=0.01)
    assert diversity.distinct_share(counts, counts.sum()) == pytest.approx(6 / 58)
    assert diversity.distinct_share(np.ones(50_000, dtype=int), 20_000) == pytest.approx(1.0)
    assert np.isnan(diversity.distinct_share(counts, 0))


def test_coverage_weighs_categories_by_their_support():
    found = diversity.weighted_coverage(np.array([0.9, 0.1]), np.array([0.0, 1.0]))
    assert found == pytest.approx(0.9)
    assert np.isnan(diversity.weighted_coverage(np.zeros(2), np.zeros(2)))


def test_two_of_a_hundred_values_lie_beyond_the_tails():
    real = np.arange(10_000.0)
    assert diversity.beyond_tails(real, real).mean() == pytest.approx(0.02, abs=2e-4)
    assert diversity.beyond_tails(real, np.array([-1.0, 50.0, 5000.0, 9950.0, np.nan])).tolist()[:4] == [1, 1, 0, 1]
    assert np.isnan(diversity.beyond_tails(np.array([np.nan]), np.array([1.0]))).all()


def bank(n, seed, kinds=30):
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, kinds + 1) ** 1.5
    klass = np.where(rng.random(n) < 0.3, "fraud", "plain")
    amount = rng.gamma(2, 50, n).round(2) + 80 * (klass == "fraud")
    kind = rng.choice([f"k{i}" for i in range(kinds)], n, p=shares / shares.sum())
    return pd.DataFrame({"amount": amount, "kind": kind, "y": klass})


def assess(real, synthetic, holdout=None, target=None):
    given_ = check(real, synthetic, holdout=holdout, schema=None, target=target, rules=None, seed=0, thresholds=None)
    tables = read(given_)
    return {r.name: r for r in assess_diversity(tables.columns.compared, tables.keys, tables.classes)}


@pytest.mark.parametrize("holdout", [None, bank(1500, 9)])
@pytest.mark.parametrize("target", [None, "y"])
def test_fresh_rows_read_like_their_references(holdout, target):
    found = assess(bank(2000, 0), bank(700, 1), holdout, target)
    assert found["distinct_rows"].value == pytest.approx(found["distinct_rows"].reference, abs=0.005)
    coverage = found["category_coverage_weighted"]
    assert coverage.value == pytest.approx(coverage.reference, abs=0.004)
    tails = found["tail_coverage"]
    assert tails.interval[0] <= tails.reference <= tails.interval[1]


def test_fresh_rows_of_one_class_are_compared_with_real_rows_of_that_class():
    fraud = bank(4000, 1).query("y == 'fraud'").reset_index(drop=True)
    found = assess(bank(4000, 0), fraud, target="y")
    tails = found["tail_coverage"]
    assert tails.interval[0] <= tails.reference <= tails.interval[1]


def test_a_class_that_repeats_itself_in_both_tables_is_no_collapse():
    def table(n, seed):
        return bank(n, seed).assign(amount=lambda t: t["amount"].where(t["y"] == "plain", 100.0))

    fraud = table(3000, 1).query("y == 'fraud'").reset_index(drop=True)
    found = assess(table(3000, 0), fraud, target="y")["collision_rate"]
    assert found.value > 0.1
    assert found.reference == pytest.approx(found.value, rel=0.1)


def test_repeated_rows_lost_categories_and_cut_tails_show():
    real, fresh = bank(2000, 0), bank(2000, 1)
    few = fresh.head(100).sample(2000, replace=True, random_state=0)
    found = assess(real, few)
    assert found["distinct_rows"].value < 0.06 < 0.9 < found["distinct_rows"].reference
    assert found["collision_rate"].value > 0.009 > 0.001 > found["collision_rate"].reference
    common = fresh[fresh["kind"].isin(["k0", "k1", "k2"])]
    assert assess(real, common)["category_coverage_weighted"].value < 0.9
    cut = fresh.assign(amount=fresh["amount"].clip(*fresh["amount"].quantile([0.05, 0.95])))
    assert assess(real, cut)["tail_coverage"].interval[1] < 0.02


def test_readings_do_not_depend_on_the_order_of_rows():
    real, synthetic = bank(300, 0), bank(200, 1)
    one, two = assess(real, synthetic), assess(real.iloc[::-1], synthetic.sample(frac=1, random_state=0))
    for name, reading in one.items():
        assert two[name].value == pytest.approx(reading.value, rel=1e-9)
        assert two[name].reference == pytest.approx(reading.reference, rel=1e-9)


def test_a_table_without_categories_or_tails_says_so():
    rng = np.random.default_rng(0)
    real = pd.DataFrame({"x": rng.normal(size=200)})
    assert assess(real, real[:50])["category_coverage_weighted"].reason == NO_CATEGORIES
    flags = pd.DataFrame({"f": rng.choice(list("ab"), 200)})
    assert assess(flags, flags)["tail_coverage"].reason == NO_TAILS
    tiny = assess(real[:20], real[:10])
    assert tiny["tail_coverage"].reference is None
