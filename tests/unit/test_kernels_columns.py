"""Kernels on columns give the answer of NumPy and SciPy, the same bits on both backends and any number of threads."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from contrapeso.kernels import (
    _backend,
    add_keys,
    arrange,
    cells_of_sorted,
    count_cells,
    count_pairs,
    measure_tables,
    merge_sorted,
    mix_words,
    number_words,
    ranks_of_sorted,
    sort_column,
    sort_words,
    used_cells,
)


def built() -> bool:
    """Whether the native module is there and can be loaded."""
    try:
        importlib.import_module("contrapeso.kernels._native")
    except ImportError:
        return False
    return True


BUILT = built()


@contextmanager
def backend(name: str) -> Iterator[None]:
    """Kernels of one backend."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(_backend.VARIABLE, name)
        _backend.native.cache_clear()
        yield
    _backend.native.cache_clear()


def both(work: Callable[[], Any]) -> Any:
    """The answer of ``work``, which is the same to the last bit on both backends."""
    with backend("python"):
        pure = work()
    if BUILT:
        with backend("native"):
            native = work()
        assert_same(pure, native)
    return pure


def assert_same(pure: Any, native: Any) -> None:
    if isinstance(pure, tuple):
        for one, other in zip(pure, native, strict=True):
            assert_same(one, other)
    else:
        assert np.asarray(pure).dtype == np.asarray(native).dtype
        assert_array_equal(pure, native)


special = st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, -5e-324, 1.0, 1.0000000000000002, 1e300, -1e300])
any_floats = hnp.arrays(np.float64, st.integers(0, 200), elements=special | st.floats(width=64))


def tables_of_kinds() -> Iterator[np.ndarray]:
    """Columns on which a radix sort does different things."""
    rng = np.random.default_rng(0)
    n = 3000
    yield rng.normal(size=n)
    yield np.rint(rng.normal(size=n) * 10)
    yield np.round(np.exp(rng.normal(size=n)) * 100, 2)
    yield np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))
    yield np.concatenate([[1e300], 1e9 + rng.random(n - 1)])  # all but one agree in their first 32 bits
    yield np.concatenate([[1e300, -1e300], 1.0 + np.arange(n - 2) % 70 * 2.0**-52])
    yield 1.0 + rng.integers(0, 2, n) * 2.0**-52  # they differ in one bit
    yield np.full(n, 3.0)
    yield np.full(n, np.nan)
    yield rng.choice([0.0, -0.0, np.inf, -np.inf], n)


@pytest.mark.parametrize("values", list(tables_of_kinds()))
def test_columns_of_every_kind_are_sorted_with_ties_in_row_order(values):
    order, ordered = both(lambda: sort_column(values))
    expected = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    assert_array_equal(order, expected)
    assert_array_equal(ordered, values[expected])


@given(any_floats)
def test_any_floats_are_sorted_without_their_nulls(values):
    order, ordered = both(lambda: sort_column(values))
    expected = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    assert_array_equal(order, expected)
    assert not np.signbit(ordered[ordered == 0]).any()


@given(hnp.arrays(np.uint64, st.integers(0, 300)), st.integers(0, 63))
def test_words_are_sorted_with_ties_in_row_order(words, shift):
    words >>= np.uint64(shift)
    assert_array_equal(both(lambda: sort_words(words)), np.argsort(words, kind="stable"))


def test_a_column_that_is_a_view_with_steps_is_sorted():
    values = np.random.default_rng(1).normal(size=(500, 3))[:, 1]
    assert_array_equal(both(lambda: sort_column(values))[0], np.argsort(values, kind="stable"))


@given(any_floats, hnp.arrays(np.float64, st.integers(0, 6), elements=st.floats(allow_nan=False)))
def test_cells_are_how_many_edges_are_at_or_below_a_value(values, edges):
    edges = np.unique(edges)
    order, ordered = sort_column(values)
    cuts = np.searchsorted(ordered, edges, side="left")
    codes = both(lambda: cells_of_sorted(order, cuts, values.size))
    expected = np.searchsorted(edges, values, side="right")
    expected[np.isnan(values)] = len(edges) + 1
    assert_array_equal(codes, expected)


@given(any_floats)
def test_ranks_are_those_of_scipy(values):
    order, ordered = sort_column(values)
    ranks = both(lambda: ranks_into(ordered, order, None, values.size))
    present = ~np.isnan(values)
    assert np.isnan(ranks[~present]).all()
    if present.any():
        expected = (stats.rankdata(values[present]) - 0.5) / present.sum()
        assert_allclose(ranks[present], expected, rtol=1e-13)


def ranks_into(values: Any, order: Any, mass: Any, n: int, **how: float) -> np.ndarray:
    out = np.empty(n)
    ranks_of_sorted(values, order, mass, out, **how)
    return out


def test_weighted_ranks_are_those_of_repeated_rows():
    values, times = np.array([3.0, 1.0, 3.0, np.nan, 2.0]), np.array([1, 2, 3, 5, 1])
    order, ordered = sort_column(values)
    mass = np.cumsum(times[order]) / times[order].sum()
    ranks = both(lambda: ranks_into(ordered, order, mass, 5, centre=0.5, absent=0.0))
    repeated = np.repeat(values, times)
    expected = pd.Series(repeated).rank().to_numpy()
    first = np.concatenate(([0], np.cumsum(times)[:-1]))
    assert_allclose(ranks, np.nan_to_num((expected[first] - 0.5) / 7 - 0.5), atol=1e-15)


finite = hnp.arrays(np.float64, st.integers(1, 60), elements=st.integers(-30, 30).map(lambda k: k / 4))


@given(finite, finite)
def test_a_merge_gives_the_distances_of_scipy(a, b):
    distance, transport = both(lambda: merge_sorted(np.sort(a), None, np.sort(b), None))
    assert distance == pytest.approx(max(abs((a <= x).mean() - (b <= x).mean()) for x in (*a, *b)), abs=1e-12)
    assert transport == pytest.approx(stats.wasserstein_distance(a, b), abs=1e-12)


@given(finite, finite, st.integers(0, 2**32 - 1))
def test_a_weighted_merge_gives_the_distance_of_scipy(a, b, seed):
    weights = np.random.default_rng(seed).random(a.size) + 0.1
    order, ordered = sort_column(a)
    mass = np.cumsum(weights[order]) / weights.sum()
    distance, transport = both(lambda: merge_sorted(ordered, mass, np.sort(b), None))
    assert transport == pytest.approx(stats.wasserstein_distance(a, b, u_weights=weights), abs=1e-9)
    grid = np.concatenate([a, b])
    apart = [abs(weights[a <= x].sum() / weights.sum() - (b <= x).mean()) for x in grid]
    assert distance == pytest.approx(max(apart), abs=1e-12)


def test_infinite_values_have_a_greatest_difference():
    a, b = np.array([-np.inf, 0.0, 1.0, np.inf]), np.array([0.0, 0.5, np.inf, np.inf])
    with np.errstate(invalid="ignore"):
        found = [merged(name, a, b)[0] for name in ("python", "native") if name == "python" or BUILT]
    assert found == pytest.approx([0.25] * len(found))


def merged(name: str, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    with backend(name):
        return merge_sorted(a, None, b, None)


@given(st.integers(0, 300), st.integers(1, 9), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_cells_are_counted_by_segment(n, n_segments, n_cells, seed):
    rng = np.random.default_rng(seed)
    segment, codes = rng.integers(0, n_segments, n).astype(np.uint32), rng.integers(0, n_cells, n).astype(np.uint16)
    counts = both(lambda: count_cells(segment, codes, n_segments, n_cells))
    expected = np.zeros((n_segments, n_cells), dtype=np.int64)
    np.add.at(expected, (segment, codes), 1)
    assert_array_equal(counts, expected)
    used = np.zeros(n_cells, dtype=bool)
    used_cells(codes, used)
    assert_array_equal(used, expected.sum(axis=0) > 0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_codes_are_put_in_order_and_looked_up(dtype):
    rng = np.random.default_rng(2)
    codes, order = rng.integers(0, 30, 200).astype(np.uint16), rng.permutation(200).astype(np.uint32)
    lookup = rng.integers(0, 200, 30).astype(np.uint16)

    def work() -> np.ndarray:
        out = np.empty(200, dtype=dtype)
        arrange(codes, order, lookup, out)
        return out

    assert_array_equal(both(work), lookup[codes[order]])


def draw_pairs(seed: int, sizes: list[int], n: int, groups: int, classes: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    wide = max(sizes) > 256
    codes = np.stack([rng.integers(0, size, n) for size in sizes]).astype(np.uint16 if wide else np.uint8)
    place = np.sort(rng.integers(0, groups * classes, n))
    segments = np.searchsorted(place, np.arange(groups * classes + 1)).astype(np.int64)
    return codes, place, segments, rng.random(classes) + 0.1


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([2, 3, 7, 24, 40, 300]), min_size=2, max_size=5),
    st.sampled_from([0, 1, 30, 700]),
    st.integers(2, 5),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
def test_pair_tables_are_weighted_counts_by_group_and_rows_by_class(sizes, n, groups, classes, seed):
    codes, place, segments, weights = draw_pairs(seed, sizes, n, groups, classes)
    partners, cells = np.arange(1, len(sizes)), np.array(sizes)
    how = {"segments": segments, "n_groups": groups, "weights": weights}
    grouped, classed = both(lambda: count_pairs(codes, 0, partners, cells, **how))
    start = 0
    for partner in partners:
        expected = np.zeros((groups, classes, sizes[0], sizes[partner]))
        np.add.at(expected, (*np.divmod(place, classes), codes[0], codes[partner]), 1)
        table = sizes[0] * sizes[partner]
        ours = grouped[start * groups : (start + table) * groups].reshape(groups, sizes[0], -1)
        assert_allclose(ours, np.einsum("c,gcij->gij", weights, expected), rtol=1e-12)
        rows = classed[start * classes : (start + table) * classes].reshape(classes, sizes[0], -1)
        assert_array_equal(rows, expected.sum(axis=0))
        start += table


def test_many_classes_in_large_tables_are_counted_without_looking_at_every_cell():
    codes, place, segments, weights = draw_pairs(4, [40, 40], 500, 5, 200)
    how = {"segments": segments, "n_groups": 5, "weights": weights}
    grouped, classed = both(lambda: count_pairs(codes, 0, np.array([1]), np.array([40, 40]), **how))
    assert classed.sum() == 500
    assert grouped.sum() == pytest.approx(weights[place % 200].sum())


@settings(max_examples=40)
@given(st.integers(2, 8), st.lists(st.integers(2, 9), min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 99))
def test_pair_measures_are_sums_over_residuals_of_every_replicate(left, sizes, n_splits, seed):
    rng, groups = np.random.default_rng(seed), 4
    cells = left * sum(sizes) * groups
    real, synthetic = (rng.integers(0, 5, cells) * rng.choice([1.0, 0.37]) for _ in range(2))
    splits = np.array([rng.permutation(np.arange(groups) % 2) for _ in range(n_splits)], dtype=float)
    splits = splits.reshape(n_splits, groups)
    how = {"n_groups": groups, "splits": splits}
    sums, whole = both(lambda: measure_tables(real, synthetic, left, np.array(sizes), **how))
    weights = np.concatenate([np.ones((1, groups)), 1 - np.eye(groups), splits])
    start = 0
    for k, size in enumerate(sizes):
        part = slice(start, start + groups * left * size)
        start = part.stop
        p, q = (table[part].reshape(groups, left, size) for table in (real, synthetic))
        for r, weight in enumerate(weights):
            halved = r > groups
            one = residual(np.tensordot(weight, p, 1))
            other = residual(np.tensordot(1 - weight, p, 1) if halved else np.tensordot(weight, q, 1))
            expected = [np.abs(part).sum() for part in (one, other, one - other)]
            assert_allclose(sums[k, :, r], expected, atol=1e-12)
        for side, table in enumerate((p, q)):
            shares = table.sum(axis=0)
            if min(kept(shares).shape) > 1:
                chi2 = stats.chi2_contingency(kept(shares), correction=False).statistic
                assert whole[k, side, 0] == pytest.approx(chi2 / shares.sum(), abs=1e-9)
            assert_array_equal(whole[k, side, 1:], [(shares.sum(axis=axis) > 0).sum() for axis in (1, 0)])


def residual(counts: np.ndarray) -> np.ndarray:
    shares = counts / max(counts.sum(), 1e-300)
    return shares - np.outer(shares.sum(axis=1), shares.sum(axis=0))


def kept(shares: np.ndarray) -> np.ndarray:
    """A table without empty rows and columns."""
    return shares[shares.sum(axis=1) > 0][:, shares.sum(axis=0) > 0]


@pytest.mark.skipif(not BUILT, reason="the native kernels were not built here; CI builds them")
def test_any_number_of_threads_gives_the_same_bits():
    codes, _, segments, weights = draw_pairs(3, [9] * 12, 20_000, 20, 2)
    sizes, partners = np.full(12, 9), np.arange(1, 12)
    how = {"segments": segments, "n_groups": 20, "weights": weights}
    with backend("native"):
        one, three = (count_pairs(codes, 0, partners, sizes, n_jobs=n, **how) for n in (1, 3))
        assert_same(one, three)
        splits = np.tile([0.0, 1.0], 10)[None, :]
        measured = [
            measure_tables(one[0], one[0], 9, sizes[partners], n_groups=20, splits=splits, n_jobs=n) for n in (1, 3)
        ]
    assert_same(*measured)


@given(any_floats, st.integers(0, 2**64 - 1))
def test_keys_of_equal_values_are_equal_and_nulls_have_their_own(values, salt):
    def work() -> np.ndarray:
        keys = np.zeros(values.size, dtype=np.uint64)
        add_keys(keys, values, salt, 7)
        return keys

    keys = both(work)
    for i, j in ((0, -1), (0, values.size // 2)) if values.size else ():
        same = values[i] == values[j] or (np.isnan(values[i]) and np.isnan(values[j]))
        assert (keys[i] == keys[j]) == same
    assert_array_equal(keys[np.isnan(values)], mix_words(np.array([7], dtype=np.uint64) ^ np.uint64(salt))[0])


def test_words_are_mixed_as_in_splitmix64():
    # The second word of splitmix64 seeded with 0 (Vigna's reference code), whose state is twice the odd constant.
    state = np.array([0x9E3779B97F4A7C15], dtype=np.uint64)
    assert mix_words(state)[0] == 0xE220A8397B1DCDAF


@given(hnp.arrays(np.uint64, st.integers(0, 400), elements=st.integers(0, 150).map(lambda k: k * 2**40 + 5)))
def test_words_are_numbered_as_pandas_does(words):
    numbers, first = both(lambda: number_words(words, 1000))
    codes, distinct = pd.factorize(words)
    assert_array_equal(numbers, codes)
    assert_array_equal(words[first], distinct)


def test_too_many_distinct_words_are_not_numbered():
    words = np.arange(100, dtype=np.uint64)
    for name in ("python", "native") if BUILT else ("python",):
        with backend(name):
            assert number_words(words, 99) is None
            assert number_words(words, 100) is not None
