"""Column metrics: against scipy and sdmetrics, and their laws."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from contrapeso.metrics import (
    REGISTRY,
    SortedColumn,
    boundary_adherence,
    category_adherence,
    category_coverage,
    js_of_shares,
    js_similarity,
    ks_and_wasserstein,
    ks_complement,
    missing_similarity,
    range_coverage,
    tv_complement,
    wasserstein,
    wasserstein_normalized,
)

SIZES = [(7, 5), (500, 333), (20_000, 15_000)]
numbers = st.lists(st.one_of(st.integers(-5, 5), st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=40)
labels = st.lists(st.one_of(st.none(), st.sampled_from("abcdefg")), min_size=1, max_size=40)


def sample(n, m, seed=0, *, nulls=True):
    rng = np.random.default_rng(seed)
    real, synthetic = rng.normal(size=n).round(1), rng.normal(0.3, 1.2, size=m).round(1)
    if nulls and n > 100:
        real[rng.random(n) < 0.05] = np.nan
        synthetic[rng.random(m) < 0.1] = np.nan
    return real, synthetic


def words(n, m, seed=0, *, nulls=True):
    rng = np.random.default_rng(seed)
    real, synthetic = rng.choice(list("abcde"), n).astype(object), rng.choice(list("abcde"), m).astype(object)
    if nulls and n > 100:
        real[rng.random(n) < 0.05] = None
    return real, synthetic


def present(values):
    values = np.asarray(values, dtype=float)
    return values[~np.isnan(values)]


@pytest.fixture
def sdmetrics():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sdmetrics import single_column

        yield single_column


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_ks_and_wasserstein_agree_with_scipy(n, m):
    real, synthetic = sample(n, m)
    ks = stats.ks_2samp(present(real), present(synthetic)).statistic
    assert ks_complement(real, synthetic) == pytest.approx(1 - ks, abs=1e-12)
    distance = stats.wasserstein_distance(present(real), present(synthetic))
    assert wasserstein(real, synthetic) == pytest.approx(distance, abs=1e-12)


def test_weighted_wasserstein_and_ks_agree_with_scipy_and_with_repeated_rows():
    rng = np.random.default_rng(1)
    real, synthetic = rng.normal(size=200).round(1), rng.normal(size=150).round(1)
    times = rng.integers(1, 5, 200)
    expected = stats.wasserstein_distance(real, synthetic, u_weights=times)
    assert wasserstein(real, synthetic, times) == pytest.approx(expected, abs=1e-12)
    repeated = np.repeat(real, times)
    assert ks_complement(real, synthetic, times) == pytest.approx(ks_complement(repeated, synthetic), abs=1e-12)


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_numeric_metrics_agree_with_sdmetrics(sdmetrics, n, m):
    real, synthetic = sample(n, m)
    left, right = pd.Series(real), pd.Series(synthetic)
    for metric, name in [
        (ks_complement, "KSComplement"),
        (missing_similarity, "MissingValueSimilarity"),
        (range_coverage, "RangeCoverage"),
        (boundary_adherence, "BoundaryAdherence"),
    ]:
        assert metric(real, synthetic) == pytest.approx(getattr(sdmetrics, name).compute(left, right), abs=1e-12), name


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_label_metrics_agree_with_sdmetrics(sdmetrics, n, m):
    real, synthetic = words(n, m)
    real[real == "e"] = "a"  # "e" is unseen
    left, right = pd.Series(real), pd.Series(synthetic)
    for metric, name, tolerance in [
        (tv_complement, "TVComplement", 2e-7),
        (category_coverage, "CategoryCoverage", 1e-12),
        (category_adherence, "CategoryAdherence", 1e-12),
        (missing_similarity, "MissingValueSimilarity", 1e-12),
    ]:
        expected = getattr(sdmetrics, name).compute(left, right)
        assert metric(real, synthetic) == pytest.approx(expected, abs=tolerance), name


def test_total_variation_counts_an_unseen_category_in_full():
    assert tv_complement(["a", "b"], ["a", "c"]) == 0.5


@given(st.lists(st.integers(0, 20), min_size=3, max_size=8), st.randoms())
def test_js_of_shares_agrees_with_scipy(counts, random):
    other = [random.randint(0, 20) for _ in counts]
    assume(sum(counts) and sum(other))
    p, q = np.array(counts) / sum(counts), np.array(other) / sum(other)
    assert js_of_shares(p, q) == pytest.approx(1 - jensenshannon(p, q, base=2), abs=1e-7)


@given(numbers, numbers)
def test_numeric_similarities_stay_in_range_and_swap_sides(real, synthetic):
    for metric in (ks_complement, missing_similarity):
        value = metric(real, synthetic)
        assert np.isnan(value) or 0 <= value <= 1 + 1e-12
        assert metric(synthetic, real) == pytest.approx(value, nan_ok=True, abs=1e-12)
    for metric in (boundary_adherence, range_coverage, js_similarity):
        value = metric(real, synthetic)
        assert np.isnan(value) or -1e-12 <= value <= 1 + 1e-12
    assert np.isnan(wasserstein(real, synthetic)) or wasserstein(real, synthetic) >= 0


@given(numbers, st.randoms())
def test_a_column_equals_itself_in_any_order(real, random):
    shuffled = list(real)
    random.shuffle(shuffled)
    assume(any(not np.isnan(v) for v in real))
    assert ks_complement(real, shuffled) == pytest.approx(1, abs=1e-12)
    assert wasserstein(real, shuffled) == pytest.approx(0, abs=1e-6)
    assert js_similarity(real, shuffled) == pytest.approx(1, abs=1e-6)
    assert boundary_adherence(real, shuffled) == 1


@given(labels, labels)
def test_renaming_labels_changes_nothing(real, synthetic):
    rename = {letter: f"zz{ord(letter)}" for letter in "abcdefg"} | {None: None}
    renamed = [rename[v] for v in real], [rename[v] for v in synthetic]
    for metric in (tv_complement, category_coverage, category_adherence, missing_similarity):
        assert metric(*renamed) == pytest.approx(metric(real, synthetic), nan_ok=True)


def test_metrics_without_a_value_on_one_side_are_undefined():
    empty, full = [float("nan")] * 3, [1.0, 2.0]
    for metric in (ks_complement, wasserstein, range_coverage, boundary_adherence):
        assert np.isnan(metric(empty, full))
        assert np.isnan(metric(full, empty))
    assert np.isnan(tv_complement([None], ["a"]))
    assert missing_similarity(empty, full) == 0


def test_infinities_fall_into_the_ends_and_leave_wasserstein_alone():
    real = [-np.inf, 1.0, 2.0, 3.0]
    assert ks_complement(real, real) == 1
    assert wasserstein([1.0, 2.0, np.inf], [2.0, 3.0, np.inf]) == pytest.approx(1)
    assert ks_complement([1.0, 2.0], [1.0, np.inf]) == 0.5


@pytest.mark.parametrize(
    ("real", "expected"),
    [
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 1 / 4),  # by the interquartile range, 4
        ([0.0] * 30 + [10.0], 1 / np.std([0.0] * 30 + [10.0])),  # by the standard deviation
        ([3.0] * 5, float("nan")),  # a constant has no scale
    ],
)
def test_wasserstein_is_in_units_of_the_real_spread(real, expected):
    moved = [v + 1 for v in real]
    assert wasserstein_normalized(real, moved) == pytest.approx(expected, nan_ok=True)
    assert wasserstein_normalized(real, real) == pytest.approx(0, abs=1e-12)


@given(numbers)
def test_ranks_agree_with_scipy(values):
    found = SortedColumn.of(values).ranks()
    known = present(values)
    assert np.isnan(found[np.isnan(values)]).all()
    expected = (stats.rankdata(known) - 0.5) / max(known.size, 1)
    np.testing.assert_allclose(found[~np.isnan(values)], expected, atol=1e-12)


def test_a_sorted_column_of_nothing_is_undefined_not_an_error():
    nothing = SortedColumn.of(np.array([np.nan, np.nan]))
    assert np.isnan(ks_and_wasserstein(nothing, SortedColumn.of(np.array([1.0])))).all()


DOWN = {
    "wasserstein", "wasserstein_normalized", "transition_tv", "weekday_tv", "day_of_month_tv", "joint_auc",
    "importance_drift", "dcr_share", "membership_auc", "tpr_at_fpr", "mmd", "demographic_parity_difference",
    "equalized_odds_difference",
}  # fmt: skip


def test_the_registry_declares_direction_range_and_reference():
    assert set(REGISTRY) >= {"ks_complement", "tv_complement", "js_similarity", "wasserstein", "pair_dependence"}
    for name, metric in REGISTRY.items():
        assert metric.name == name
        assert metric.reference
        assert metric.meaning
        assert metric.direction == ("down" if metric.name in DOWN else "up")
