"""Shares, rates and gaps between groups, their intervals, and the weights that mend them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest, hypergeom
from sklearn.metrics import roc_auc_score

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.metrics import Features, marginal_bins
from contrapeso.metrics._fairness import (
    Decisions,
    Weighted,
    bootstrap_interval,
    decision_rates,
    demographic_parity_difference,
    demographic_parity_ratio,
    equalized_odds_difference,
    fidelity,
    gap,
    group_shares,
    label_rates,
    odds_gap,
    ratio_interval,
    share_interval,
    weighted_auc,
)
from contrapeso.metrics._reweigh import resample, reweigh

ROWS = st.integers(8, 60).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(0, 1)),
        arrays(np.int64, n, elements=st.integers(0, 1)),
        arrays(np.int64, n, elements=st.integers(0, 3)),
    )
)


@settings(max_examples=20)
@given(ROWS)
def test_parity_and_odds_agree_with_fairlearn(rows):
    from fairlearn.metrics import demographic_parity_difference as fair_difference
    from fairlearn.metrics import demographic_parity_ratio as fair_ratio
    from fairlearn.metrics import equalized_odds_difference as fair_odds

    truth, selected, groups = rows
    assert demographic_parity_difference(selected, groups) == pytest.approx(
        fair_difference(truth, selected, sensitive_features=groups)
    )
    if selected.any():
        assert demographic_parity_ratio(selected, groups) == pytest.approx(
            fair_ratio(truth, selected, sensitive_features=groups)
        )
    kinds = pd.crosstab(groups, truth)
    if kinds.shape[0] > 1 and kinds.shape[1] == 2 and (kinds > 0).to_numpy().all():
        assert equalized_odds_difference(truth, selected, groups) == pytest.approx(
            fair_odds(truth, selected, sensitive_features=groups)
        )


@given(ROWS, st.randoms())
def test_gaps_are_bounded_and_do_not_depend_on_the_order_of_rows_or_the_names_of_groups(rows, random):
    truth, selected, groups = rows
    order = list(range(truth.size))
    random.shuffle(order)
    names = np.array(["d", "c", "b", "a"])[groups]
    for measure in (
        lambda t, s, g: demographic_parity_difference(s, g),
        lambda t, s, g: demographic_parity_ratio(s, g),
        equalized_odds_difference,
    ):
        value = measure(truth, selected, groups)
        assert np.isnan(value) or 0 <= value <= 1
        assert measure(truth[order], selected[order], names[order]) == pytest.approx(value, nan_ok=True)


def test_a_group_without_a_positive_row_is_left_out_of_the_true_positive_gap():
    truth = [1, 1, 0, 1, 1, 0, 0, 0]
    chosen = [1, 0, 0, 1, 1, 1, 0, 0]
    groups = ["a", "a", "a", "b", "b", "b", "c", "c"]
    assert equalized_odds_difference(truth, chosen, groups) == 1.0  # false positives: 0, 1, 0
    assert np.isnan(equalized_odds_difference(truth, chosen, ["a"] * 3 + ["a"] * 3 + ["c"] * 2))


def test_undefined_gaps_are_nan_and_a_null_group_is_a_group():
    assert np.isnan(demographic_parity_difference([], []))
    assert np.isnan(demographic_parity_ratio([0, 0], ["a", "b"]))
    assert demographic_parity_difference([1, 0], ["a", None]) == 1.0


def test_labels_that_are_not_binary_or_of_another_length_are_refused():
    with pytest.raises(InvalidDataError, match="0 or 1"):
        demographic_parity_difference([0, 2], ["a", "b"])
    with pytest.raises(InvalidDataError, match="One value per row"):
        demographic_parity_difference([0, 1, 1], ["a", "b"])


# Shares


def test_the_interval_of_a_share_is_that_of_scipy():
    for k, n in ((0, 40), (7, 40), (40, 40)):
        expected = binomtest(k, n).proportion_ci(method="wilson")
        assert_allclose(share_interval(k / n, n, 1.959963984540054), (expected.low, expected.high), atol=1e-12)


def test_shares_are_compared_in_the_class_mix_of_the_synthetic_table():
    real = np.array([[600.0, 300.0], [50.0, 50.0]])  # classes, groups
    synthetic = np.array([[0.0, 0.0], [45.0, 55.0]])  # only the rare class was generated
    found = group_shares(real, synthetic)
    assert_allclose(found.real, [0.5, 0.5])
    assert_allclose(found.synthetic, [0.45, 0.55])
    assert_allclose(found.ratio, [0.9, 1.1])
    assert_array_equal(found.n_real, [50, 50])
    assert (found.interval[:, 0] < found.ratio).all()
    assert (found.interval[:, 1] > found.ratio).all()


def test_intervals_of_the_ratios_hold_together_for_all_groups():
    rng, shares, misses = np.random.default_rng(3), np.array([0.6, 0.25, 0.1, 0.05]), 0
    for _ in range(300):
        real, synthetic = rng.multinomial(1000, shares), rng.multinomial(600, shares)
        found = group_shares(real[None].astype(float), synthetic[None].astype(float))
        misses += bool(((found.interval[:, 0] > 1) | (found.interval[:, 1] < 1)).any())
    assert misses <= 25  # 15 expected at 5 %; above 25 with probability 0.005


def test_a_ratio_interval_of_no_rows_starts_at_zero_and_ends_above():
    low, high = ratio_interval(0.0, share_interval(0.0, 100, 2.0), 0.1, share_interval(0.1, 1000, 2.0))
    assert low == 0
    assert 0.2 < high < 0.6


def test_a_group_is_lost_only_where_chance_does_not_explain_it():
    real = np.array([[900.0, 90.0, 10.0, 3.0]])
    found = group_shares(real, np.array([[1000.0, 0.0, 0.0, 0.0]]))
    assert_array_equal(found.lost, [False, True, True, False])
    chance = hypergeom(2003, 10, 1003).pmf(10)  # all ten rows of the group are real ones
    assert chance < 0.01 / 4 < hypergeom(2003, 3, 1003).pmf(3)
    assert_array_equal(np.isnan(found.ratio), [False, False, True, True])


# Labels


def test_label_rates_of_a_table_in_the_real_class_mix_are_plain_rates():
    real, synthetic = np.array([[60.0, 40.0], [60.0, 140.0]]), np.array([[50.0, 50.0], [70.0, 130.0]])
    found = label_rates(real, synthetic, 0, np.random.default_rng(0))
    assert_allclose(found.real, [60 / 120, 40 / 180])
    assert_allclose(found.synthetic, [50 / 120, 50 / 180])
    assert_allclose(found.synthetic_draws.mean(axis=0), found.synthetic, atol=0.01)


def test_another_class_mix_is_no_label_bias():
    real = np.array([[60.0, 40.0], [60.0, 140.0]])
    found = label_rates(real, real * np.array([[7.0], [1.0]]), 0, np.random.default_rng(0))
    assert_allclose(found.synthetic, found.real)


def test_classes_without_a_synthetic_row_are_completed_with_real_rows():
    real, only = np.array([[60.0, 40.0], [60.0, 140.0]]), np.array([[50.0, 50.0], [0.0, 0.0]])
    found = label_rates(real, only, 0, np.random.default_rng(0))
    assert_allclose(found.synthetic, [50 / (50 + 60), 50 / (50 + 140)])
    assert_array_equal(found.n_synthetic, [110, 190])


def test_the_interval_takes_the_bias_of_a_maximum_out():
    rng, misses = np.random.default_rng(0), 0
    for _ in range(200):
        counts = [rng.multinomial(500, [0.25] * 4).astype(float) for _ in range(4)]
        found = label_rates(np.array(counts[:2]), np.array(counts[2:]), 0, rng)
        use = np.ones(4, dtype=bool)
        value = float(gap(found.synthetic, use) - gap(found.real, use))
        draws = gap(found.synthetic_draws, use) - gap(found.real_draws, use)
        low, high = bootstrap_interval(value, draws, low=-1.0)
        assert low <= value <= high
        misses += low > 0 or high < 0
    assert misses <= 20  # 10 expected at 5 %; above 20 with probability 0.001


# Decisions


def test_rates_by_group_agree_with_fairlearn():
    from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate

    rng = np.random.default_rng(1)
    truth, first, second = (rng.random((3, 400)) < 0.4).astype(bool)
    groups = rng.integers(0, 3, 400)
    counts = Decisions.of(groups, 3, truth, first, second)
    found = decision_rates(counts.counts)
    for model, chosen in enumerate((first, second)):
        frame = MetricFrame(
            metrics={"s": selection_rate, "t": true_positive_rate, "f": false_positive_rate},
            y_true=truth, y_pred=chosen, sensitive_features=groups,
        )  # fmt: skip
        assert_allclose(found[:, model], frame.by_group.to_numpy().T)
        assert odds_gap(found, counts.rows)[model] == pytest.approx(equalized_odds_difference(truth, chosen, groups))


def test_drawn_counts_are_a_bootstrap_of_the_rows():
    rng = np.random.default_rng(2)
    truth, first, second = rng.random((3, 300)) < 0.5
    groups = rng.integers(0, 2, 300)
    drawn = odds_gap(decision_rates(Decisions.of(groups, 2, truth, first, second).draws(rng)), np.full((2, 2), 99.0))
    slow = []
    for _ in range(1000):
        rows = rng.integers(0, 300, 300)
        slow.append(equalized_odds_difference(truth[rows], first[rows], groups[rows]))
    assert drawn[0].mean() == pytest.approx(np.mean(slow), abs=0.01)
    assert drawn[0].std() == pytest.approx(np.std(slow), rel=0.15)


def test_groups_with_fewer_than_thirty_rows_of_a_kind_have_no_odds():
    rates = np.array([[[0.5, 0.5]], [[0.2, 0.9]], [[0.1, 0.1]]])
    assert odds_gap(rates, np.array([[40.0, 30.0], [40.0, 30.0]]))[0] == pytest.approx(0.7)
    assert np.isnan(odds_gap(rates, np.array([[40.0, 30.0], [40.0, 29.0]]))[0])


@settings(max_examples=25)
@given(st.integers(0, 50), st.booleans())
def test_the_area_under_the_curve_is_that_of_scikit_learn(seed, tied):
    rng = np.random.default_rng(seed)
    truth, weights = rng.random(80) < 0.4, rng.random(80)
    score = np.round(rng.random(80), 1) if tied else rng.random(80)
    auc, error = weighted_auc(score, truth, weights)
    assert auc == pytest.approx(roc_auc_score(truth, score, sample_weight=weights))
    assert weighted_auc(score, truth)[0] == pytest.approx(roc_auc_score(truth, score))
    assert error > 0


def test_the_error_of_the_area_is_its_spread_over_samples():
    rng, found = np.random.default_rng(0), []
    for _ in range(300):
        truth = np.arange(200) < 80
        found.append(weighted_auc(rng.normal(truth * 0.8, 1), truth))
    areas, errors = np.array(found).T
    assert errors.mean() == pytest.approx(areas.std(), rel=0.12)
    assert np.isnan(weighted_auc(np.zeros(3), np.ones(3, dtype=bool))).all()


# Fidelity


def weighted(values, categorical, rng):
    n = len(values)
    return Weighted(Features(values, categorical, ("a", "b")), np.ones(n), rng.permutation(n) % 20)


def mixed(n, rng, shift=0.0):
    return np.column_stack([rng.normal(shift, 1, n), rng.integers(0, 4, n)])


KINDS = np.array([False, True])


def test_fidelity_of_fresh_rows_is_one_on_average_in_small_groups_too():
    rng = np.random.default_rng(0)
    for n in (30, 100, 400):
        found = [
            fidelity(weighted(mixed(n, rng), KINDS, rng), weighted(mixed(n, rng), KINDS, rng), [0, 1])[0]
            for _ in range(100)
        ]
        assert np.mean(found) == pytest.approx(1, abs=0.02)


def test_fidelity_falls_with_a_shift_and_is_the_total_variation_less_noise():
    rng = np.random.default_rng(1)
    real, moved = mixed(2000, rng), mixed(2000, rng, shift=1.0)
    sides = [weighted(part, KINDS, rng) for part in (real, moved)]
    score = fidelity(*sides, [0])[0]
    edges = np.quantile(real[:, 0], np.arange(1, marginal_bins(2000)) / marginal_bins(2000))
    p, q = (np.bincount(np.searchsorted(edges, part[:, 0]), minlength=len(edges) + 1) / 2000 for part in (real, moved))
    pooled = (p + q) / 2
    noise = np.sqrt(2 / np.pi * pooled * (1 - pooled) * 2 / 2000).sum() / 2
    assert score == pytest.approx(1 - (np.abs(p - q).sum() / 2 - noise) / (1 - noise), abs=0.005)
    assert score < 0.75 < fidelity(*sides, [1])[0]


def test_nulls_are_cells_of_their_own():
    rng = np.random.default_rng(2)
    real, other = mixed(500, rng), mixed(500, rng)
    other[:250] = np.nan
    assert fidelity(weighted(real, KINDS, rng), weighted(other, KINDS, rng), [0, 1])[0] == pytest.approx(0.5, abs=0.05)


# Mitigation

CELLS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 1])), min_size=1, max_size=80)


@given(CELLS)
def test_reweighing_is_the_formula_of_kamiran_and_calders(rows):
    groups, labels = (np.array(part) for part in zip(*rows, strict=True))
    weights = reweigh(groups, labels)
    n = len(rows)
    slow = [
        (groups == g).sum() * (labels == y).sum() / n / ((groups == g) & (labels == y)).sum()
        for g, y in zip(groups, labels, strict=True)
    ]
    assert_allclose(weights, np.array(slow) * n / sum(slow))
    assert weights.mean() == pytest.approx(1)


def test_after_reweighing_fairlearn_finds_no_gap():
    from fairlearn.metrics import demographic_parity_difference as fair

    rng = np.random.default_rng(0)
    groups = rng.integers(0, 3, 500)
    labels = (rng.random(500) < 0.2 + 0.2 * groups).astype(int)
    assert fair(labels, labels, sensitive_features=groups) > 0.3
    weights = reweigh(groups, labels)
    assert fair(labels, labels, sensitive_features=groups, sample_weight=weights) == pytest.approx(0, abs=1e-12)
    rows = resample(groups, labels)
    assert fair(labels[rows], labels[rows], sensitive_features=groups[rows]) < 0.01


def test_real_shares_are_restored_within_each_class_and_the_class_mix_stays():
    real_groups, real_labels = np.repeat(list("abab"), [30, 10, 20, 20]), np.repeat([0, 1], [40, 40])
    groups, labels = np.repeat(list("abab"), [10, 10, 45, 15]), np.repeat([0, 1], [20, 60])
    weights = reweigh(groups, labels, "real_shares", real_groups=real_groups, real_labels=real_labels)
    table = pd.crosstab(labels, groups, values=weights, aggfunc="sum")
    assert_allclose(table.to_numpy(), [[15, 5], [30, 30]])
    alone = reweigh(groups, goal="real_shares", real_groups=real_groups)
    assert_allclose(pd.Series(alone).groupby(groups).sum(), [80 * 50 / 80, 80 * 30 / 80])


def test_groups_that_are_not_real_get_no_weight_and_unknown_classes_stay():
    weights = reweigh(["a", "a", "z"], goal="real_shares", real_groups=["a", "b"])
    assert_allclose(weights, [1.5, 1.5, 0])
    stay = reweigh(["a", "a"], ["new", "new"], "real_shares", real_groups=["a"], real_labels=["old"])
    assert_allclose(stay, [1, 1])


def test_small_groups_are_brought_to_the_minimum_and_others_left():
    weights = reweigh(["a"] * 5 + ["b"] * 2, goal="minimum", minimum=4)
    assert_allclose(weights, [1] * 5 + [2] * 2)
    assert_array_equal(resample(["a"] * 5 + ["b"] * 2, goal="minimum", minimum=4), [0, 1, 2, 3, 4, 5, 5, 6, 6])


@settings(max_examples=30)
@given(CELLS, st.integers(0, 200), st.integers(0, 9))
def test_resampling_takes_existing_rows_in_the_numbers_of_the_weights(rows, n, seed):
    groups, labels = (np.array(part) for part in zip(*rows, strict=True))
    taken = resample(groups, labels, n=n, seed=seed)
    assert taken.size == n
    assert_array_equal(taken, resample(groups, labels, n=n, seed=seed))
    weights = pd.Series(reweigh(groups, labels)).groupby([groups, labels]).sum()
    counts = pd.Series(1.0, index=taken).groupby([groups[taken], labels[taken]]).sum() if n else weights * 0
    assert (counts.reindex(weights.index, fill_value=0) - weights * n / len(rows)).abs().max() < 1
    copies = np.bincount(taken, minlength=len(rows))
    spread = pd.Series(copies).groupby([groups, labels]).agg(lambda part: part.max() - part.min())
    assert spread.max() <= 1


def test_weights_that_the_rows_have_already_count():
    weights = reweigh(["a", "a", "b", "b"], [1, 0, 1, 0], weights=[3.0, 1.0, 1.0, 3.0])
    assert_allclose(weights, [1, 1, 1, 1])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"goal": "fair"}, InvalidParameterError, "goal must be one of real_shares, independent, minimum"),
        ({"goal": "real_shares"}, InvalidParameterError, "needs real_groups"),
        ({"labels": None}, InvalidParameterError, "give the labels"),
        ({"goal": "minimum", "minimum": 0}, InvalidParameterError, "minimum must be an int >= 1"),
        ({"labels": [1]}, InvalidDataError, "one value per row"),
        ({"weights": [1.0, -1.0]}, InvalidDataError, "not negative"),
    ],
)
def test_what_reweighing_cannot_do_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        reweigh(["a", "b"], **{"labels": [0, 1], **arguments})


def test_resampling_refuses_a_negative_number_and_answers_no_rows():
    with pytest.raises(InvalidParameterError, match="n must be"):
        resample(["a"], [1], n=-1)
    assert resample([], []).size == 0


def test_rows_of_groups_that_are_not_real_cannot_be_resampled():
    with pytest.raises(InvalidDataError, match="No row is of a group"):
        resample(["z"], goal="real_shares", real_groups=["a"])
