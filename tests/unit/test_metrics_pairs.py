"""Association and the pass over all pairs: against scipy, sdmetrics and a slow version."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import association

from contrapeso.metrics import (
    ColumnCells,
    Jackknife,
    Rows,
    contingency_similarity,
    correlation_similarity,
    cramers_v,
    halves,
    measure_column,
    measure_pairs,
    pair_dependence,
    pair_floors,
    pearson_matrix,
    spearman_matrix,
)
from contrapeso.metrics._noise import chance_of, residual

NO_SPLITS = np.empty((0, 20))


def one_class(n, seed=0):
    groups = np.random.default_rng(seed).permutation(n) % 20
    return Rows.of(groups, np.zeros(n, dtype=np.intp), 20, np.ones(1))


def numbers(n, seed=0, p=4):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)) @ rng.normal(size=(2, p)) + rng.normal(size=(n, p))
    return x.round(1)


def test_pearson_and_spearman_agree_with_scipy():
    x = numbers(500)
    pearson, spearman = pearson_matrix(x), spearman_matrix(x)
    for i in range(4):
        for j in range(4):
            assert pearson[i, j] == pytest.approx(stats.pearsonr(x[:, i], x[:, j]).statistic, abs=1e-12)
            assert spearman[i, j] == pytest.approx(stats.spearmanr(x[:, i], x[:, j]).statistic, abs=1e-12)


def test_pearson_with_nulls_agrees_with_pairwise_pandas():
    x = numbers(300)
    rng = np.random.default_rng(1)
    x[rng.random(x.shape) < 0.2] = np.nan
    x[:, 3] += 1e5  # far from zero: the sums must be centred
    np.testing.assert_allclose(pearson_matrix(x), pd.DataFrame(x).corr().to_numpy(), atol=1e-9)


def test_weighted_pearson_equals_repeated_rows():
    x, times = numbers(100), np.random.default_rng(0).integers(1, 4, 100)
    np.testing.assert_allclose(pearson_matrix(x, times / times.sum()), np.corrcoef(np.repeat(x, times, axis=0).T))


def test_correlation_with_a_constant_is_undefined():
    assert np.isnan(pearson_matrix(np.column_stack([np.arange(9.0), np.ones(9)]))[0, 1])


@given(st.lists(st.integers(1, 50), min_size=6, max_size=6))
def test_cramers_v_agrees_with_scipy(counts):
    table = np.array(counts, dtype=float).reshape(2, 3)
    assert cramers_v(table, corrected=False) == pytest.approx(association(table.astype(int), method="cramer"))


def test_corrected_cramers_v_is_near_zero_where_nothing_depends():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        table = np.bincount(rng.integers(0, 25, 200), minlength=25).reshape(5, 5).astype(float)
        found.append((cramers_v(table), cramers_v(table, corrected=False)))
    assert np.mean(found, axis=0)[0] < 0.05 < 0.1 < np.mean(found, axis=0)[1]


@pytest.fixture
def column_pairs():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sdmetrics import column_pairs

        yield column_pairs


@pytest.mark.parametrize(("n", "m"), [(7, 5), (500, 333), (20_000, 15_000)])
def test_pair_similarities_agree_with_sdmetrics(column_pairs, n, m):
    real, synthetic = numbers(n, 0, 2), numbers(m, 1, 2)
    if n > 100:
        real[::17, 0] = np.nan
    frames = [pd.DataFrame(x, columns=["a", "b"]) for x in (real, synthetic)]
    for method in ("Pearson", "Spearman"):
        expected = column_pairs.CorrelationSimilarity.compute(*frames, coefficient=method)
        assert correlation_similarity(real, synthetic, method=method.lower()) == pytest.approx(expected, abs=1e-12)
    words = [np.array(list("abc"))[np.abs(np.nan_to_num(x)).astype(int) % 3] for x in (real, synthetic)]
    frames = [pd.DataFrame(x, columns=["a", "b"]) for x in words]
    expected = column_pairs.ContingencySimilarity.compute(
        *frames, num_rows_subsample=None, real_association_threshold=0
    )
    assert contingency_similarity(*words) == pytest.approx(expected, abs=1e-12)


def test_all_pairs_equal_the_slow_version():
    rng = np.random.default_rng(0)
    columns = [(*(rng.integers(0, size, n).astype(np.uint16) for n in (700, 400)), 7) for size in (2, 3, 5)]
    columns.append((columns[0][0] + columns[1][0], columns[0][1], 9))
    found = measure_pairs(one_class(700), one_class(400, 1), columns, NO_SPLITS)
    for k, (a, b) in enumerate(zip(found.a, found.b, strict=True)):
        tables = []
        for side in (0, 1):
            table = np.zeros((9, 9))
            np.add.at(table, (columns[a][side], columns[b][side]), 1)
            tables.append(table)
        real, synthetic, score = pair_dependence(*tables)
        assert found.real[k] == pytest.approx(real, abs=1e-12)
        assert found.synthetic[k] == pytest.approx(synthetic, abs=1e-12)
        if found.kept[k]:
            assert found.score[k] == pytest.approx(score, abs=1e-12)
        else:
            assert np.isnan(found.score[k])
        assert found.v_real[k] == pytest.approx(cramers_v(tables[0]), abs=1e-12)


def test_class_weights_equal_repeated_rows():
    """Two real rows of a class that the synthetic table has twice as often weigh as four."""
    rng = np.random.default_rng(3)
    klass = np.repeat([0, 1], [300, 100]).astype(np.intp)
    codes = [(rng.integers(0, 4, 400) + klass).astype(np.uint16) for _ in range(2)]
    target = np.repeat([0, 1], [300, 300]).astype(np.intp)
    synthetic = [(rng.integers(0, 4, 600) + target).astype(np.uint16) for _ in range(2)]
    groups, groups_s = np.arange(400) % 20, np.arange(600) % 20
    half = np.array([0.5, 0.5])
    weighted = Rows.of(groups, klass, 20, half), Rows.of(groups_s, target, 20, half)
    times = np.where(klass == 1, 3, 1)
    again = np.repeat(groups, times)
    repeated = Rows.of(again, np.zeros(again.size, dtype=np.intp), 20, np.ones(1)), one_class(600)
    for k in (0, 1):
        left = measure_column(*weighted, ColumnCells(codes[k], synthetic[k], 5), NO_SPLITS)
        right = measure_column(*repeated, ColumnCells(np.repeat(codes[k], times), synthetic[k], 5), NO_SPLITS)
        np.testing.assert_allclose(left.p, right.p)
        np.testing.assert_allclose(left.q, right.q)
        assert left.floor > right.floor  # three copies of 100 rows are still 100 rows
    assert weighted[0].n_effective == pytest.approx(1 / (0.25 / 300 + 0.25 / 100))


def test_a_constant_column_depends_on_nothing():
    codes = (np.zeros(100, dtype=np.uint16), np.zeros(100, dtype=np.uint16), 3)
    other = (np.arange(100, dtype=np.uint16) % 4, np.arange(100, dtype=np.uint16) % 4, 4)
    found = measure_pairs(one_class(100), one_class(100), [codes, other], NO_SPLITS)
    assert np.isnan(found.score).all()
    assert (found.total() == 1).all()


def test_no_column_and_one_column_have_no_pair():
    for columns in ([], [(np.zeros(50, dtype=np.uint16), np.zeros(50, dtype=np.uint16), 2)]):
        assert measure_pairs(one_class(50), one_class(50), columns, NO_SPLITS).score.size == 0


def test_the_jackknife_interval_covers_the_mean_as_often_as_it_says():
    """95 % by design: over 1000 samples fewer than 92.5 % or more than 97.5 % has a chance below 0.1 %."""
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(1000):
        groups = rng.beta(5, 5, size=(20, 10)).mean(axis=1)
        left_out = (groups.sum() - groups) / 19
        found = Jackknife.of(np.concatenate([[groups.mean()], left_out]))
        hits += found.low <= 0.5 <= found.high
    assert 925 <= hits <= 975


def test_halves_split_the_groups_in_two():
    split = halves(20, 4, np.random.default_rng(0))
    assert (split.sum(axis=1) == 10).all()


@pytest.mark.parametrize(("n", "n_columns", "cells"), [(200, 40, 2), (300, 30, 3), (1000, 20, 6)])
def test_independent_columns_have_no_dependence_however_many_they_are(n, n_columns, cells):
    """One of a thousand such tables shows a dependence (seeded; 2 % false alarms over the 20 tables)."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        columns = [(*rng.integers(0, cells, (2, n)).astype(np.uint16), cells) for _ in range(n_columns)]
        found = measure_pairs(one_class(n), one_class(n, 1), columns, NO_SPLITS)
        assert not found.kept.any()
        assert found.total()[0] == 1


@pytest.mark.parametrize(("n", "a", "b"), [(300, 2, 2), (300, 3, 3), (1000, 6, 4)])
def test_the_chance_of_a_dependence_is_as_rare_as_it_says(n, a, b):
    tables = np.random.default_rng(1).multinomial(n, np.full(a * b, 1 / (a * b)), 4000).reshape(-1, 1, a, b) * 1.0
    floors = pair_floors(tables, tables)[0]
    strength = np.maximum(0.0, np.abs(residual(tables[:, 0] / n)).sum(axis=(1, 2)) / 2 - floors)
    chance = chance_of(strength, floors, (a - 1) * (b - 1))
    for limit in (0.05, 0.01):
        assert (chance[strength > 0.02] < limit).sum() / 4000 <= 1.6 * limit + 3 * np.sqrt(limit / 4000)
