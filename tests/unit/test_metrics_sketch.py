"""Summaries of chunks against the rows themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from contrapeso.metrics import SortedColumn, ks_and_wasserstein
from contrapeso.metrics._sketch import KeySample, LabelCounts, Moments, QuantileSketch, bottom, row_priorities

VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=60)


def sketch_of(column, n_chunks=1, weights=None, **sizes):
    sketch = QuantileSketch(**sizes)
    parts = np.array_split(np.arange(len(column)), n_chunks)
    for part in parts:
        sketch = sketch.add(column[part], None if weights is None else weights[part])
    return sketch


def distribution(column, at):
    return np.searchsorted(np.sort(column), at, side="right") / len(column)


def approximate(sketch, at):
    run = sketch.run()
    upto = np.concatenate([[0.0], np.cumsum(run.mass)])
    return upto[np.searchsorted(run.values, at, side="right")] / upto[-1]


@given(VALUES, st.integers(1, 5))
def test_a_small_column_is_kept_exactly_however_it_is_cut(values, n_chunks):
    column = np.array(values, dtype=np.float64)
    sketch = sketch_of(column, n_chunks)
    kept, counts = np.unique(column[~np.isnan(column)] + 0.0, return_counts=True)
    assert_array_equal(sketch.run().values, kept)
    assert_array_equal(sketch.run().mass, counts)
    assert (sketch.n_rows, sketch.n_values) == (column.size, counts.sum())
    assert sketch.rank_error == 0.0


@given(VALUES, st.lists(st.integers(1, 9), min_size=60, max_size=60))
def test_weighted_values_have_the_sum_of_their_weights(values, weights):
    column, mass = np.array(values, dtype=np.float64), np.array(weights[: len(values)], dtype=np.float64)
    run = sketch_of(column, 3, mass).run()
    slow = pd.Series(mass).groupby(column + 0.0).sum()
    assert_array_equal(run.values, slow.index.to_numpy())
    assert_array_equal(run.mass, slow.to_numpy())


@settings(max_examples=20)
@given(
    st.integers(0, 2**31),
    st.sampled_from(["normal", "heavy", "atoms", "sorted", "whole"]),
    st.sampled_from([1, 7, 40]),
)
def test_the_distribution_function_is_within_the_stated_error_at_every_value(seed, shape, n_chunks):
    rng = np.random.default_rng(seed)
    column = {
        "normal": lambda: rng.normal(size=6000),
        "heavy": lambda: rng.standard_cauchy(6000),
        "atoms": lambda: np.where(rng.random(6000) < 0.3, 0.0, rng.normal(size=6000)),
        "sorted": lambda: np.sort(rng.exponential(size=6000)),
        "whole": lambda: rng.integers(0, 900, 6000).astype(float),
    }[shape]()
    sketch = sketch_of(column, n_chunks, size=64, trigger=256)
    at = np.concatenate([column, column + 1e-9, column - 1e-9])
    gap = np.abs(approximate(sketch, at) - distribution(column, at)).max()
    assert 0 < sketch.rank_error < 0.08
    assert gap <= sketch.rank_error + 1e-12
    assert sketch.run().values.size <= 256 + 12 * 3 * 64


def test_the_error_grows_with_the_logarithm_of_the_number_of_chunks():
    column = np.random.default_rng(0).normal(size=128_000)
    few, many = (sketch_of(column, n, size=128, trigger=512).rank_error for n in (8, 256))
    assert few < many < 3 * few


def test_extremes_and_heavy_values_are_kept_exactly():
    rng = np.random.default_rng(3)
    column = rng.permutation(np.concatenate([rng.normal(size=5000), np.full(3000, 0.25), [-1e6, np.inf]]))
    run = sketch_of(column, 10, size=64, trigger=256).run()
    assert run.values[0] == -1e6
    assert run.values[-1] == np.inf
    assert run.mass[run.values == 0.25] == 3000


def test_merged_sketches_hold_the_rows_of_both_and_keep_their_bound():
    rng = np.random.default_rng(5)
    left, right = rng.normal(size=9000), rng.normal(1, 2, size=4000)
    both = sketch_of(left, 5, size=64, trigger=256).merged(sketch_of(right, 3, size=64, trigger=256))
    column = np.concatenate([left, right])
    assert both.n_rows == column.size
    assert both.run().mass.sum() == column.size
    assert np.abs(approximate(both, column) - distribution(column, column)).max() <= both.rank_error


def test_ks_and_wasserstein_of_exact_sketches_are_those_of_scipy():
    rng = np.random.default_rng(8)
    left, right = rng.normal(size=500).round(1), rng.normal(0.3, size=400).round(1)
    distance, transport = ks_and_wasserstein(sketch_of(left, 4).column(), sketch_of(right, 3).column())
    assert distance == pytest.approx(stats.ks_2samp(left, right).statistic, abs=1e-12)
    assert transport == pytest.approx(stats.wasserstein_distance(left, right), abs=1e-12)


def test_quantiles_of_an_exact_sketch_are_those_of_the_rows():
    column = np.random.default_rng(9).integers(0, 50, 1000).astype(float)
    shares = np.linspace(0, 1, 33)
    assert_array_equal(sketch_of(column, 7).column().quantile(shares), SortedColumn.of(column).quantile(shares))


@given(VALUES, st.integers(1, 4))
def test_moments_of_chunks_are_those_of_all_finite_values(values, n_chunks):
    column = np.array(values, dtype=np.float64)
    finite = column[np.isfinite(column)] / 1e20
    found = Moments()
    for part in np.array_split(finite, n_chunks):
        found = found.merged(Moments.of(part))
    if not finite.size:
        assert np.isnan(found.mean)
        return
    assert_allclose(found.mean, finite.mean(), rtol=1e-9, atol=1e-9 * np.abs(finite).max())
    assert_allclose(found.deviation, finite.std(), rtol=1e-6, atol=1e-7 * max(np.abs(finite).max(), 1e-300))


def counts_of(texts, start=0):
    codes, names = pd.factorize(np.array(texts, dtype=object))
    hashes = pd.util.hash_array(np.asarray(names, dtype=object), categorize=False)
    return LabelCounts.of(hashes, np.asarray(names, dtype=object), codes, None, start)


@given(st.lists(st.sampled_from(["a", "b", "c", "á", None]), max_size=40), st.integers(1, 5))
def test_labels_are_counted_exactly_however_they_are_cut(texts, n_chunks):
    found = LabelCounts.empty()
    for k, part in enumerate(np.array_split(np.array(texts, dtype=object), n_chunks)):
        found = found.merged(counts_of(part, 100 * k))
    slow = pd.Series(texts, dtype=object).value_counts().to_dict()
    assert dict(zip(found.names, found.counts.tolist(), strict=True)) == slow
    assert list(found.names[np.argsort(found.first)]) == list(dict.fromkeys(t for t in texts if t is not None))
    assert found.exact


def test_past_the_limit_frequent_labels_stay_and_no_count_is_off_by_more_than_the_error():
    rng = np.random.default_rng(2)
    texts = [f"v{k}" for k in rng.zipf(1.5, 20_000)]
    found = LabelCounts.empty()
    for part in np.array_split(np.array(texts, dtype=object), 20):
        found = found.merged(counts_of(part), limit=200)
    slow = pd.Series(texts).value_counts()
    assert not found.exact
    assert found.hashes.size <= 200
    assert found.n_values == len(texts)
    lost = slow[found.names].to_numpy() - found.counts
    assert (lost >= 0).all()
    assert lost.max() <= found.error
    assert set(slow.index[:20]) <= set(found.names)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=200), st.integers(1, 5))
def test_keys_past_the_room_are_sampled_by_their_value(keys, n_chunks):
    array = np.array(keys, dtype=np.uint64)
    sample = KeySample(max_keys=50)
    for part in np.array_split(array, n_chunks):
        sample = sample.add(part, np.zeros(part.size, dtype=np.intp))
    kept, _ = sample.arrays()
    assert_array_equal(np.sort(kept), np.sort(array[array < np.uint64(min(sample.limit, 2**64 - 1))])) if (
        sample.limit < 2**64
    ) else assert_array_equal(kept, array)
    assert kept.size <= 50 or np.unique(array).size < array.size
    assert sample.n_rows == array.size


def test_a_sampled_share_of_copies_is_about_the_whole_one():
    rng = np.random.default_rng(11)
    real = rng.integers(0, 2**63, 40_000).astype(np.uint64) * np.uint64(2)
    other = np.concatenate([real[:8000], rng.integers(0, 2**63, 32_000).astype(np.uint64) * np.uint64(2)])
    samples = [KeySample(max_keys=10_000).add(keys, np.zeros(keys.size, dtype=np.intp)) for keys in (real, other)]
    limit = min(sample.limit for sample in samples)
    left, right = (sample.below(limit).arrays()[0] for sample in samples)
    assert np.isin(right, left).mean() == pytest.approx(0.2, abs=0.02)  # 5 standard errors


def test_priorities_do_not_depend_on_the_order_or_the_cut_of_different_rows():
    keys = np.random.default_rng(4).integers(0, 2**63, 500).astype(np.uint64)
    whole = row_priorities(keys)
    order = np.random.default_rng(5).permutation(500)
    assert_array_equal(row_priorities(keys[order]), whole[order])
    assert_array_equal(np.concatenate([row_priorities(keys[:90]), row_priorities(keys[90:])]), whole)


def test_equal_rows_are_sampled_one_by_one():
    keys = np.repeat(np.array([3, 9], dtype=np.uint64), [7000, 3000])
    chosen = keys[bottom(row_priorities(keys), 1000)]
    assert (chosen == 3).mean() == pytest.approx(0.7, abs=0.06)  # 4 standard errors


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60), st.integers(1, 70))
def test_bottom_gives_the_least_in_order(priorities, k):
    array = np.array(priorities, dtype=np.uint64)
    assert_array_equal(array[bottom(array, k)], np.sort(array)[:k])
