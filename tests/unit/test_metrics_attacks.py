"""Privacy attacks as functions: areas, intervals, guesses and conditions against scikit-learn, scipy and slow twins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, norm
from sklearn.metrics import roc_auc_score, roc_curve

from contrapeso.metrics import Features
from contrapeso.metrics._attacks import (
    Predicate,
    area,
    area_interval,
    column_list,
    density_scores,
    distance_scores,
    family_z,
    guess_is_right,
    is_linked,
    joint_predicates,
    local_scores,
    only_match,
    risk,
    risk_interval,
    single_predicates,
    singled_out,
    tpr_at_fpr,
    wilson,
)

scores = arrays(np.float64, st.integers(1, 25), elements=st.sampled_from([0.0, 0.1, 0.3, 0.7, 1.0]))
shares = st.floats(0, 1)
sizes = st.integers(1, 3000)


def table(values, categorical):
    values = np.asarray(values, dtype=float)
    return Features(values, np.asarray(categorical, dtype=bool), tuple(f"c{k}" for k in range(values.shape[1])))


@given(scores, scores)
def test_the_area_agrees_with_scikit_learn(members, others):
    truth = np.repeat([1, 0], [members.size, others.size])
    assert area(members, others) == pytest.approx(roc_auc_score(truth, np.concatenate([members, others])))
    assert area(members, others) + area(others, members) == pytest.approx(1.0)


@given(scores, scores, st.sampled_from([0.01, 0.1, 0.3]))
def test_the_true_positive_rate_agrees_with_the_roc_curve_of_scikit_learn(members, others, fpr):
    truth = np.repeat([1, 0], [members.size, others.size])
    false, true, _ = roc_curve(truth, np.concatenate([members, others]), drop_intermediate=False)
    found, reached = tpr_at_fpr(members, others, fpr)
    assert reached <= fpr + 1e-9
    assert found == pytest.approx(true[false <= fpr + 1e-9].max())


@given(shares, sizes, sizes, st.floats(0.5, 4))
def test_the_interval_of_an_area_holds_it_and_solves_its_equation(value, n, m, z):
    low, high = area_interval(value, n, m, z)
    assert 0 <= low <= value <= high <= 1
    extra = (n + m) / 2 - 1
    for t in (low, high):
        spread = t * (1 - t) * (1 + extra * (1 - t) / (2 - t) + extra * t / (1 + t)) / (n * m)
        assert (value - t) ** 2 == pytest.approx(z**2 * spread, abs=1e-7)
    mirrored = area_interval(1 - value, n, m, z)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_the_interval_of_an_area_covers_the_truth_at_the_stated_rate():
    rng, hits = np.random.default_rng(0), 0
    truth = norm.cdf(0.5 / np.sqrt(2))
    for _ in range(400):
        low, high = area_interval(area(rng.normal(0.5, 1, 60), rng.normal(0, 1, 40)), 60, 40)
        hits += low <= truth <= high
    assert 0.92 <= hits / 400 <= 0.98  # 95 % plus or minus 2.75 standard errors


@given(st.integers(0, 50), st.integers(1, 50), st.sampled_from([0.9, 0.95, 0.999]))
def test_the_share_interval_agrees_with_scipy_at_every_level(hits, n, level):
    hits = min(hits, n)
    expected = binomtest(hits, n).proportion_ci(level, method="wilson")
    assert wilson(hits / n, n, family_z(1, level)) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_more_tests_ask_for_wider_intervals():
    assert family_z(1) == pytest.approx(1.959963984540054)
    assert family_z(20) == pytest.approx(norm.isf(0.05 / 40))


@given(shares, shares, sizes, sizes)
def test_the_risk_interval_holds_the_risk_and_widens_with_the_level(main, control, n, m):
    value = risk(main, control)
    if value is None:
        assert risk_interval(main, control, (n, m)) is None
        return
    low, high = risk_interval(main, control, (n, m))
    wide = risk_interval(main, control, (n, m), 3.0)
    assert low <= max(value, -1) + 1e-9
    assert high >= min(value, 1) - 1e-9
    assert wide[0] <= low
    assert wide[1] >= high


def test_the_risk_interval_is_the_published_difference_over_what_the_control_leaves():
    # Newcombe (1998), table II, example (a), method 10: 56/70 against 48/80 gives 0.0524 to 0.3339
    low, high = risk_interval(0.8, 0.6, (70, 80))
    assert (low * 0.4, high * 0.4) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert risk(0.8, 0.6) == pytest.approx(0.5)


@given(st.integers(0, 10**6))
def test_attacks_score_a_nearer_synthetic_row_higher(seed):
    rng = np.random.default_rng(seed)
    synthetic, reference = (np.sort(rng.random((6, 4)), axis=1) for _ in range(2))
    nearer = synthetic.copy()
    nearer[:, 0] /= 2
    assert (distance_scores(nearer) > distance_scores(synthetic)).all()
    assert (density_scores(nearer, reference) > density_scores(synthetic, reference)).all()
    assert (local_scores(nearer, reference) >= local_scores(synthetic, reference)).all()
    both = local_scores(synthetic, reference) + local_scores(reference, synthetic)
    np.testing.assert_allclose(both, 1.0)


def test_scores_are_defined_where_all_distances_are_zero():
    zero = np.zeros((2, 3))
    np.testing.assert_array_equal(local_scores(zero, zero), [0.5, 0.5])
    np.testing.assert_array_equal(density_scores(zero, zero), [0.0, 0.0])


def test_a_guess_is_right_when_equal_near_enough_or_null_like_the_truth():
    truth = np.array([1.0, 2.0, np.nan, np.nan, 5.0])
    guess = np.array([1.0, 2.5, np.nan, 1.0, np.nan])
    np.testing.assert_array_equal(guess_is_right(truth, guess), [True, False, True, False, False])
    np.testing.assert_array_equal(guess_is_right(truth, guess, tolerance=0.5), [True, True, True, False, False])


@given(arrays(np.int64, (5, 3), elements=st.integers(-1, 4)), arrays(np.int64, (5, 3), elements=st.integers(-1, 4)))
def test_rows_are_linked_when_both_halves_find_a_common_row(left, right):
    slow = [bool((set(a) & set(b)) - {-1}) for a, b in zip(left.tolist(), right.tolist(), strict=True)]
    np.testing.assert_array_equal(is_linked(left, right), slow)


def test_conditions_on_one_column_are_its_ends_its_single_values_and_a_single_null():
    made = single_predicates(table([[1.0, 0.0], [1.0, 0.0], [3.0, 2.0], [np.nan, 0.0]], [False, True]))
    assert {p.terms[0] for p in made} == {(0, "==", 3.0), (0, "<=", 1.0), (0, ">=", 3.0), (0, "is null", 0.0), (1, "==", 2.0)}  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("values", [np.full((6, 2), np.nan), np.ones((6, 2)), np.empty((0, 2)), np.empty((6, 0))])
def test_columns_without_information_give_conditions_that_single_nobody_out(values):
    rows = table(values, [False, True][: values.shape[1]])
    made = [*single_predicates(rows), *joint_predicates(rows, 10, 20, np.random.default_rng(0))]
    assert (singled_out(made, rows) == -1).all()


@given(st.integers(0, 10**6))
def test_joint_conditions_are_different_and_fit_one_synthetic_row(seed):
    rng = np.random.default_rng(seed)
    values = np.column_stack([rng.normal(size=20), rng.integers(0, 4, 20), rng.integers(18000, 18010, 20)]).astype(
        float
    )
    values[rng.random(values.shape) < 0.1] = np.nan
    rows = table(values, [False, True, False])
    made = joint_predicates(rows, 15, 40, rng)
    assert len(set(made)) == len(made) <= 15
    assert all(len(p.terms) == 3 for p in made)
    assert (singled_out(made, rows) >= 0).all()


def test_a_condition_reads_nulls_as_no_answer():
    rows = table([[1.0], [np.nan], [3.0]], [False])
    matches = {c: Predicate(((0, c, 1.0),)).matches(column_list(rows)).tolist() for c in ("<=", ">=", "==", "is null")}
    assert matches["<="] == matches["=="] == [True, False, False]
    assert matches[">="] == [True, False, True]
    assert matches["is null"] == [False, True, False]


def test_only_rows_that_alone_have_a_combination_match():
    real = table([[1, 0], [1, 0], [2, 0], [np.nan, 1]], [False, True])
    asked = table([[1, 0], [2, 0], [np.nan, 1], [9, 9]], [False, True])
    np.testing.assert_array_equal(only_match(real, asked), [-1, 2, 3, -1])
