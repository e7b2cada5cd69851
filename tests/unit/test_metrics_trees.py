"""Boosted trees for the model-based measures: deterministic, null-aware, with exact attributions."""

import numpy as np
import pytest
from scipy.special import expit

from contrapeso.metrics import Features, each, fit_trees


def table(n=600, seed=0):
    rng = np.random.default_rng(seed)
    values = np.column_stack([rng.normal(size=n), rng.integers(0, 4, n), rng.normal(size=n)])
    values[rng.random(n) < 0.1, 2] = np.nan
    return Features(values, np.array([False, True, False]), ("a", "b", "c"))


def answer(X):
    return (X.values[:, 0] + (X.values[:, 1] == 2) > 0.3).astype(float)


def test_the_same_rows_give_the_same_bits():
    X = table()
    first, second = (fit_trees(X, answer(X), "binary", seed=3).predict(X) for _ in range(2))
    assert np.array_equal(first, second)


def test_threads_over_models_change_nothing():
    X = table()

    def work(seed):
        return fit_trees(X, answer(X), "binary", seed=seed).predict(X)

    one, two = each(work, range(4), 1), each(work, range(4), 2)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_contributions_add_up_to_the_log_odds():
    X = table()
    trees = fit_trees(X, answer(X), "binary")
    raw = trees.booster.predict(X.values, raw_score=True)
    base = raw - trees.contributions(X).sum(axis=1)
    assert base == pytest.approx(base[0])
    assert trees.predict(X) == pytest.approx(expit(raw))


def test_classes_and_numbers_are_predicted_too():
    X = table()
    classes = np.digitize(X.values[:, 0], [-0.5, 0.5])
    shares = fit_trees(X, classes, "multiclass", n_classes=3).predict(X)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert (shares.argmax(axis=1) == classes).mean() > 0.95
    numbers = fit_trees(X, X.values[:, 0], "regression").predict(X)
    assert np.corrcoef(numbers, X.values[:, 0])[0, 1] > 0.95


def test_columns_and_rows_are_taken_by_position():
    X = table()
    assert X.without(1).names == ("a", "c")
    assert X.take(np.arange(5)).n_rows == 5
    assert X.stacked(X).n_rows == 2 * X.n_rows
    assert np.array_equal(X.only([2, 0]).values[:, 1], X.values[:, 0])
