"""The kernel test: against the double sum of its definition, and its false alarms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from contrapeso.metrics._mmd import median_bandwidth, mmd


def squared(x, y):
    rows = np.concatenate([x, y])
    return cdist(rows, rows, "sqeuclidean")


def slow(x, y):
    rows = np.concatenate([x, y])
    pairs = [((a - b) ** 2).sum() for i, a in enumerate(rows) for b in rows[i + 1 :]]
    width = np.median(pairs)

    def k(a, b):
        return np.exp(-((a - b) ** 2).sum() / (2 * width))

    within = [
        sum(k(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j) / (len(z) * (len(z) - 1))
        for z in (x, y)
    ]
    return sum(within) - 2 * sum(k(a, b) for a in x for b in y) / (len(x) * len(y))


@pytest.mark.parametrize(("n", "m"), [(2, 2), (15, 9), (8, 20)])
def test_the_statistic_is_the_unbiased_sum_over_pairs(n, m):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(n, 3)), rng.normal(0.5, 1, size=(m, 3))
    assert mmd(squared(x, y), n)[0] == pytest.approx(slow(x, y), rel=1e-10)


def test_fresh_rows_are_rejected_as_often_as_the_level_says():
    rng = np.random.default_rng(0)
    p = np.array([mmd(squared(rng.normal(size=(30, 2)), rng.normal(size=(30, 2))), 30, rng, 99)[1] for _ in range(400)])
    for level in (0.05, 0.5):  # four standard errors of a share of 400
        assert abs((p <= level).mean() - level) < 4 * np.sqrt(level * (1 - level) / 400)


def test_shifted_rows_are_rejected():
    rng = np.random.default_rng(1)
    value, p_value = mmd(squared(rng.normal(size=(100, 2)), rng.normal(0.8, 1, size=(100, 2))), 100, rng)
    assert value > 0.03
    assert p_value == pytest.approx(1 / 201)


@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 50))
def test_the_order_of_rows_and_of_tables_does_not_matter(n, m, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 3, size=(n, 2)).astype(float), rng.integers(0, 3, size=(m, 2)).astype(float)
    value = mmd(squared(x, y), n)[0]
    assert mmd(squared(rng.permutation(x), y), n)[0] == pytest.approx(value, abs=1e-12)
    assert mmd(squared(y, x), m)[0] == pytest.approx(value, abs=1e-12)


def test_equal_rows_have_no_distance_and_one_row_has_no_answer():
    same = np.zeros((10, 2))
    assert mmd(squared(same, same), 10, np.random.default_rng(0)) == (pytest.approx(0, abs=1e-12), 1.0)
    assert np.isnan(mmd(squared(same[:1], same), 1)).all()
    assert median_bandwidth(np.zeros((1, 1))) == 1.0


def test_the_bandwidth_is_the_mean_where_most_rows_are_equal():
    rows = np.array([[0.0]] * 9 + [[1.0]])
    assert median_bandwidth(squared(rows[:5], rows[5:])) == pytest.approx(9 / 45)
