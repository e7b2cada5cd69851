"""How near synthetic rows are to real ones: distances, shares, ratios and near copies, each with a second source."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from contrapeso.metrics import Features
from contrapeso.metrics._proximity import (
    cluster_size,
    dcr_share,
    effective_votes,
    gower_ranges,
    near_rows,
    nearest_rows,
    nndr,
    nndr_ratio,
)

distances = arrays(np.float64, 12, elements=st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0]))


def mixed(rng, n, nulls=0.1):
    values = np.column_stack([rng.normal(size=n), rng.integers(0, 5, n), rng.integers(0, 3, n), rng.integers(0, 2, n)])
    values[rng.random(values.shape) < nulls] = np.nan
    return Features(values.astype(float), np.array([False, False, True, True]), ("x", "k", "c", "b"))


def test_the_nearest_distance_agrees_with_sdmetrics():
    from sdmetrics.single_table.privacy.dcr_utils import calculate_dcr

    rng = np.random.default_rng(0)
    real, synthetic = mixed(rng, 60, 0.0), mixed(rng, 40, 0.0)
    real.values[:2, 0] = -9, 9  # the range of the reference is that of both
    real.values[:2, 1] = 0, 4
    found = nearest_rows(real, synthetic, gower_ranges(real, synthetic)).distances[:, 0]
    sdtypes = {"x": "numerical", "k": "numerical", "c": "categorical", "b": "categorical"}
    frames = [pd.DataFrame(t.values, columns=t.names) for t in (synthetic, real)]
    expected = calculate_dcr(*frames, {"columns": {name: {"sdtype": kind} for name, kind in sdtypes.items()}})
    np.testing.assert_allclose(found, expected.to_numpy(), atol=1e-12)


@given(distances, distances)
def test_the_two_shares_sum_to_one_and_ties_count_half(a, b):
    assert dcr_share(a, b) + dcr_share(b, a) == pytest.approx(1.0)
    assert dcr_share(a, a) == 0.5
    slow = np.mean([1.0 if x < y else 0.5 if x == y else 0.0 for x, y in zip(a, b, strict=True)])
    assert dcr_share(a, b) == pytest.approx(slow)


def test_the_share_is_that_of_sdmetrics_overfitting_but_for_ties():
    from sdmetrics.single_table.privacy import DCROverfittingProtection

    rng = np.random.default_rng(1)
    tables = [pd.DataFrame(rng.normal(size=(80, 3)), columns=list("abc")) for _ in range(3)]
    for table in tables[:2]:  # both real tables and their union have one range
        table.iloc[0], table.iloc[1] = 5.0, -5.0
    train, holdout, synthetic = tables
    metadata = {"columns": {c: {"sdtype": "numerical"} for c in "abc"}}
    expected = DCROverfittingProtection.compute_breakdown(train, synthetic, holdout, metadata, None)
    real, fresh, made = (Features(t.to_numpy(), np.zeros(3, dtype=bool), tuple("abc")) for t in tables)
    ranges = gower_ranges(real, fresh)
    near = [nearest_rows(t, made, ranges).distances[:, 0] for t in (real, fresh)]
    closer = expected["synthetic_data_percentages"]["closer_to_training"]
    assert dcr_share(*near) == pytest.approx(closer, abs=1e-9)


def test_ranges_ignore_nulls_and_say_so_for_empty_columns():
    values = np.array([[1.0, np.nan, 7.0], [4.0, np.nan, 7.0], [np.nan, np.nan, 7.0]])
    table = Features(values, np.zeros(3, dtype=bool), ("a", "b", "c"))
    np.testing.assert_array_equal(gower_ranges(table, table), [3.0, np.nan, 0.0])


def test_many_rows_next_to_one_real_row_are_one_vote():
    rng = np.random.default_rng(2)
    real, fresh = mixed(rng, 30), mixed(rng, 30)
    ranges = gower_ranges(real, fresh)
    same = real.take(np.zeros(50, dtype=np.intp))
    found = [nearest_rows(t, same, ranges) for t in (real, fresh)]
    assert effective_votes(*found, 60) == pytest.approx(1.0)


def test_effective_votes_give_the_spread_of_the_share_over_random_splits():
    rng = np.random.default_rng(3)
    pool, made = mixed(rng, 200), mixed(rng, 300)
    ranges, shares, votes = gower_ranges(pool), [], []
    for _ in range(60):
        order = rng.permutation(200)
        found = [nearest_rows(pool.take(half), made, ranges) for half in (order[:100], order[100:])]
        shares.append(dcr_share(*(f.distances[:, 0] for f in found)))
        votes.append(effective_votes(*found, 200))
    stated = 0.5 / np.sqrt(np.mean(votes))
    assert stated == pytest.approx(np.std(shares), rel=0.3)  # 60 draws know a spread to 9 %
    assert max(votes) <= 300


@given(arrays(np.float64, (8, 2), elements=st.sampled_from([0.0, 0.1, 0.4])))
def test_nndr_lies_in_zero_one_and_two_zeros_are_one(pairs):
    found = nndr(np.sort(pairs, axis=1))
    assert ((found >= 0) & (found <= 1)).all()
    assert (found[(pairs == 0).all(axis=1)] == 1).all()


def test_the_nndr_ratio_is_below_one_for_rows_beside_real_rows():
    rng = np.random.default_rng(4)
    real, fresh, other = (mixed(rng, 150, 0.0) for _ in range(3))
    ranges = gower_ranges(real, fresh)
    beside = real.take(np.arange(150))
    beside.values[:, 0] += 1e-4
    low, low_error = nndr_ratio(*(nearest_rows(t, beside, ranges, 2) for t in (real, fresh)))
    even, error = nndr_ratio(*(nearest_rows(t, other, ranges, 2) for t in (real, fresh)))
    assert low < 0.1
    assert low_error < 0.05
    assert abs(even - 1) < 3 * error


def test_the_nndr_ratio_is_absent_where_holdout_rows_are_copied_outright():
    rng = np.random.default_rng(5)
    real, fresh = mixed(rng, 20, 0.0), mixed(rng, 20, 0.0)
    found = [nearest_rows(t, fresh, gower_ranges(real, fresh), 2) for t in (real, fresh)]
    assert nndr_ratio(*found) is None


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([0.01, 0.1]))
def test_near_copies_agree_with_comparing_all_rows(seed, tolerance):
    rng = np.random.default_rng(seed)
    real, other = mixed(rng, 40), mixed(rng, 30)
    ranges = gower_ranges(real)
    found = near_rows(real, other, ranges, tolerance)
    for row, hit in enumerate(found):
        near = [_is_near(real.values[k], other.values[row], ranges, tolerance) for k in range(40)]
        assert (hit >= 0) == any(near)
        assert hit < 0 or near[hit]


def _is_near(a, b, ranges, tolerance):
    if (np.isnan(a) != np.isnan(b)).any():
        return False
    a, b = np.nan_to_num(a), np.nan_to_num(b)
    return bool((a[2:] == b[2:]).all() and (np.abs(a[:2] - b[:2]) <= tolerance * ranges * (1 + 1e-9)).all())


def test_a_constant_column_must_be_equal_in_a_near_copy():
    table = Features(np.array([[1.0, 5.0], [2.0, 5.0]]), np.zeros(2, dtype=bool), ("a", "b"))
    other = Features(np.array([[1.0, 5.0], [2.0, 5.1]]), np.zeros(2, dtype=bool), ("a", "b"))
    np.testing.assert_array_equal(near_rows(table, other, gower_ranges(table)), [0, -1])


def test_no_rows_give_no_near_copies():
    table = Features(np.empty((0, 1)), np.zeros(1, dtype=bool), ("a",))
    one = Features(np.array([[1.0]]), np.zeros(1, dtype=bool), ("a",))
    np.testing.assert_array_equal(near_rows(table, one, gower_ranges(table)), [-1])
    assert near_rows(one, table, gower_ranges(one)).size == 0


def test_hits_on_one_row_count_as_one_draw():
    assert cluster_size(np.array([3, 3, 3, 3])) == 4.0
    assert cluster_size(np.array([0, 1, 2, -1])) == 1.0
    assert cluster_size(np.array([-1, -1])) == 1.0
