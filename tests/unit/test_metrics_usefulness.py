"""Usefulness for training and drift of importances: against scikit-learn and scipy, and their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cosine
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import brier_score_loss, log_loss, r2_score, recall_score, roc_auc_score

from contrapeso.metrics import Features
from contrapeso.metrics._importance import importance_drift, importance_shares
from contrapeso.metrics._usefulness import (
    Target,
    area_under_curve,
    brier_score,
    learn,
    log_loss_gain,
    measure,
    model_kinds,
    r_squared,
    rank_agreement,
    recalls,
    relative_score,
    smooth,
    utility,
)

numbers = st.floats(-1, 1)


def features(values, categorical=()):
    values = np.asarray(values, dtype=float)
    mask = np.isin(np.arange(values.shape[1]), categorical)
    return Features(values, mask, tuple(f"c{k}" for k in range(values.shape[1])))


def table(n, seed):
    """A number, a noisy copy, a binary and a three-valued category that follow from it, and noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = x + 0.3 * rng.normal(size=n)
    return features(np.column_stack([x, y, x > 0.8, np.digitize(x, [0.0, 1.0]), rng.normal(size=n)]), (2, 3))


@pytest.fixture
def weighted():
    rng = np.random.default_rng(0)
    return rng, rng.integers(0, 4, (3, 200)).astype(float)


def test_area_under_curve_agrees_with_scikit_learn_for_each_row_of_weights(weighted):
    rng, weights = weighted
    score, positive = rng.normal(size=200).round(1), rng.random(200) < 0.3
    expected = [roc_auc_score(positive, score, sample_weight=w) for w in weights]
    assert_allclose(area_under_curve(score, positive, weights), expected, atol=1e-12)


def test_r_squared_agrees_with_scikit_learn(weighted):
    rng, weights = weighted
    y = rng.normal(5, 1, size=200)
    prediction = y + rng.normal(size=200)
    expected = [r2_score(y, prediction, sample_weight=w) for w in weights]
    assert_allclose(r_squared(y, prediction, weights), expected, atol=1e-12)


def test_log_loss_gain_agrees_with_scikit_learn(weighted):
    rng, weights = weighted
    y, p = rng.integers(0, 3, 200), rng.dirichlet([1, 1, 1], 200)
    for w, found in zip(weights, log_loss_gain(y, p, weights), strict=True):
        shares = np.bincount(y, weights=w) / w.sum()
        prior = log_loss(y, np.tile(shares, (200, 1)), sample_weight=w)
        assert found == pytest.approx(1 - log_loss(y, p, sample_weight=w) / prior, abs=1e-12)


def test_brier_score_and_recalls_agree_with_scikit_learn(weighted):
    rng, weights = weighted
    y, p = (rng.random(200) < 0.4).astype(float), rng.random(200)
    target = Target.of_classes(0, np.array([0.0, 1.0]))
    expected = [brier_score_loss(y, p, sample_weight=w) for w in weights]
    assert_allclose(brier_score(target, y, p, weights), expected, atol=1e-12)
    assert_allclose(recalls(target, y, p, weights[0]), recall_score(y, p > 0.5, average=None, sample_weight=weights[0]))
    many = Target.of_classes(0, np.arange(3.0))
    y, p = rng.integers(0, 3, 200).astype(float), rng.dirichlet([1, 1, 1], 200)
    found = recalls(many, y, p, weights[0])
    assert_allclose(found, recall_score(y, p.argmax(axis=1), average=None, sample_weight=weights[0]))
    sums = ((p - np.eye(3)[y.astype(int)]) ** 2).sum(axis=1)
    assert_allclose(brier_score(many, y, p, weights), [np.average(sums, weights=w) for w in weights])


def test_measures_are_nan_where_the_test_rows_have_one_value():
    ones = np.ones((1, 5))
    assert np.isnan(area_under_curve(np.arange(5.0), np.ones(5, dtype=bool), ones)).all()
    assert np.isnan(r_squared(np.full(5, 0.3), np.arange(5.0), ones)).all()
    assert np.isnan(log_loss_gain(np.zeros(5, dtype=np.intp), np.full((5, 2), 0.5), ones)).all()


@given(numbers, numbers, numbers)
def test_relative_score_is_a_share_or_absent(synthetic, real, dummy):
    score = relative_score(synthetic, real, dummy)
    if real - dummy < 0.03:
        assert score is None
    else:
        assert score is not None
        assert 0 <= score <= 1
        assert relative_score(real, real, dummy) == pytest.approx(1)
        assert relative_score(dummy, real, dummy) == 0


def test_relative_score_of_the_unmeasured_is_absent():
    assert relative_score(float("nan"), 0.9, 0.5) is None


def test_ranks_of_a_numeric_target_are_mid_ranks_of_the_real_rows():
    values = np.array([3.0, 1.0, 2.0, 2.0, np.nan])
    X = features(values[:, None])
    target = Target.of(X, 0)
    assert target is not None
    assert target.measure == "r2"
    assert_allclose(target.read(X)[:4], (rankdata(values[:4]) - 0.5) / 4)
    assert np.isnan(target.read(X)[4])
    assert_allclose(target.read(features([[0.0], [2.5], [9.0]])), [0, 0.75, 1])


def test_the_rarer_of_two_values_is_class_one_and_unseen_ones_are_dropped():
    X = features(np.array([[5.0], [5.0], [2.0], [np.nan]]))
    target = Target.of(X, 0)
    assert target is not None
    assert target.measure == "auc"
    assert_array_equal(target.read(features([[5.0], [2.0], [7.0], [np.nan]])), [0, 1, np.nan, np.nan])


def test_of_many_categories_the_eight_with_most_weight_are_classes_and_the_rest_one_more():
    codes = np.repeat(np.arange(12.0), np.arange(12) + 1)
    target = Target.of(features(codes[:, None], (0,)), 0)
    assert target is not None
    assert target.n_classes == 9
    assert target.has_other
    read = target.read(features(np.arange(14.0)[:, None], (0,)))
    assert_array_equal(read, [8, 8, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0, 8, 8])


@pytest.mark.parametrize("value", [1.0, np.nan])
def test_constant_and_empty_columns_are_no_targets(value):
    X = features(np.column_stack([np.full(30, value), np.arange(30.0)]))
    assert Target.of(X, 0) is None
    assert utility(X, X, 0) is None


@pytest.mark.parametrize(("column", "least"), [(0, 0.8), (1, 0.8), (2, 0.95), (3, 0.6)])
def test_what_follows_from_other_columns_is_predicted(column, least):
    value = utility(table(400, 0), table(300, 1), column)
    assert value is not None
    assert least < value <= 1


def test_noise_is_not_predicted():
    value = utility(table(400, 0), table(300, 1), 4)
    assert value is not None
    assert value < 0.03


def test_usefulness_of_amounts_does_not_depend_on_their_scale():
    train, test = table(400, 0), table(300, 1)
    stretched = [Features(X.values.copy(), X.categorical, X.names) for X in (train, test)]
    for X in stretched:
        X.values[:, 1] = np.exp(3 * X.values[:, 1])
    assert utility(*stretched, 1) == utility(train, test, 1)


def test_rows_with_a_null_target_change_nothing():
    train, test = table(200, 0), table(100, 1)
    extra = table(50, 2)
    extra.values[:, 2] = np.nan
    assert utility(train.stacked(extra), test.stacked(extra), 2) == utility(train, test, 2)


def test_rows_without_weight_change_nothing():
    train, test = table(200, 0), table(100, 1)
    weights = np.append(np.ones(200), np.zeros(50))
    found = utility(train.stacked(table(50, 2)), test, 2, train_weights=weights)
    assert found == pytest.approx(utility(train, test, 2), abs=0.02)


def test_training_rows_without_a_value_of_the_target_are_worth_what_a_constant_is():
    real, test, empty = table(200, 0), table(100, 1), table(200, 2)
    for column, dummy in ((1, 0.0), (2, 0.5), (3, 0.0)):
        blank = Features(empty.values.copy(), empty.categorical, empty.names)
        blank.values[:, column] = np.nan
        value = utility(blank, test, column, reference=real)
        assert value is not None
        assert value <= dummy + 1e-12
    one_class = Features(empty.values.copy(), empty.categorical, empty.names)
    one_class.values[:, 2] = 0.0
    assert utility(one_class, test, 2, reference=real) == 0.5


def test_a_class_never_seen_costs_much_but_not_without_end():
    p = smooth(np.array([[1.0, 0.0]]))
    assert_allclose(p, [[0.995, 0.005]])
    assert log_loss_gain(np.array([0, 1]), smooth(np.array([[1.0, 0.0]] * 2)), np.ones((1, 2)))[0] > -4


def test_every_kind_of_model_learns_and_answers_in_the_same_form():
    train, test = table(300, 0), table(200, 1)
    train.values[::7, 0] = np.nan
    for column, least in ((2, 0.9), (3, 0.3)):
        target = Target.of(train, column)
        assert target is not None
        kinds = model_kinds(target, train)
        assert len(kinds) == 4
        for _, kind in kinds:
            said = kind(train, np.ones(300), test)
            assert said.shape == learn(target, train).predict(test).shape
            assert measure(target, target.read(test), said, np.ones((1, 200)))[0] > least


def test_rank_agreement_is_spearmans():
    real, synthetic = [0.9, 0.8, 0.7, 0.7], [0.6, 0.7, 0.5, 0.4]
    assert rank_agreement(real, synthetic) == pytest.approx(spearmanr(real, synthetic).statistic)
    assert rank_agreement([0.9, 0.8], [0.9, 0.8]) is None
    assert rank_agreement([0.9, 0.9, 0.9], synthetic[:3]) is None
    assert rank_agreement([0.9, 0.8, float("nan")], synthetic[:3]) is None


@pytest.fixture
def pushes():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(50, 7)) * np.arange(1, 8)
    return real, real + rng.normal(size=(50, 7)) * 3


def test_drift_agrees_with_scipy_and_with_slow_versions(pushes):
    real, synthetic = pushes
    found = importance_drift(real, synthetic)
    assert found is not None
    p, q = np.abs(real).mean(axis=0), np.abs(synthetic).mean(axis=0)
    assert found.spearman == pytest.approx(spearmanr(p, q).statistic)
    assert found.cosine_distance == pytest.approx(cosine(p, q))
    assert found.total_variation == pytest.approx(np.abs(p / p.sum() - q / q.sum()).sum() / 2)
    rows = [np.corrcoef(a, b)[0, 1] for a, b in zip(real, synthetic, strict=True)]
    assert found.row_correlation == pytest.approx(np.mean(rows))
    top = len(set(np.argsort(-p)[:5]) & set(np.argsort(-q)[:5])) / 5
    assert found.top_overlap == top
    size = np.sqrt(np.abs(real * synthetic))
    assert found.sign_agreement == pytest.approx(size[real * synthetic > 0].sum() / size.sum())


def test_a_model_does_not_drift_from_itself_nor_does_a_scaled_one(pushes):
    for scale in (1.0, 4.0):
        found = importance_drift(pushes[0], scale * pushes[0])
        assert found is not None
        assert found.total_variation == pytest.approx(0, abs=1e-12)
        assert found.cosine_distance == pytest.approx(0, abs=1e-12)
        assert (found.spearman, found.top_overlap, found.sign_agreement) == (pytest.approx(1), 1, 1)
        assert found.row_correlation == pytest.approx(1)


def test_opposite_pushes_and_disjoint_columns_are_total_drift(pushes):
    opposite = importance_drift(pushes[0], -pushes[0])
    assert opposite is not None
    assert (opposite.total_variation, opposite.sign_agreement) == (0, 0)
    assert opposite.row_correlation == pytest.approx(-1)
    left, right = np.zeros((2, 10, 4))
    left[:, 0], right[:, 1] = 1.0, 1.0
    disjoint = importance_drift(left, right)
    assert disjoint is not None
    assert (disjoint.total_variation, disjoint.top_overlap) == (1, 0)


def test_drift_is_symmetric_and_weights_are_repeated_rows(pushes):
    real, synthetic = pushes
    first, second = importance_drift(real, synthetic), importance_drift(synthetic, real)
    assert first == second
    times = np.random.default_rng(1).integers(1, 4, 50)
    repeated = importance_drift(np.repeat(real, times, axis=0), np.repeat(synthetic, times, axis=0))
    weighted = importance_drift(real, synthetic, times.astype(float))
    assert repeated is not None
    assert weighted is not None
    for field in ("total_variation", "cosine_distance", "sign_agreement", "row_correlation"):
        assert getattr(weighted, field) == pytest.approx(getattr(repeated, field))


def test_a_model_that_uses_no_column_has_no_drift(pushes):
    assert importance_drift(pushes[0], np.zeros((50, 7))) is None
    assert_array_equal(importance_shares(np.zeros((50, 7))), np.zeros(7))
