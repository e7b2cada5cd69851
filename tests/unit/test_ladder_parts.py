"""The pieces of the ladder against second sources: measures, priors, thresholds, calibration, folds, the rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from contrapeso._rng import seed_sequence
from contrapeso.balancing.ladder import _choice, _scores
from contrapeso.balancing.ladder._calibrate import fit_calibration
from contrapeso.balancing.ladder._design import Design, Expansion
from contrapeso.balancing.ladder._folds import deal, plan_rows, units_of
from contrapeso.balancing.ladder._leaderboard import strata_of
from contrapeso.balancing.ladder._objective import Judge, Objective, decide, objective_of
from contrapeso.balancing.ladder._prior import correct_prior, shares
from contrapeso.balancing.ladder._rungs import BY_NAME, RUNGS, goal_sizes, pointless
from contrapeso.balancing.ladder._threshold import STEPS, _tables, offsets_at, threshold_of, tune_offsets
from contrapeso.errors import InvalidParameterError
from contrapeso.tables._containers import open_table


def chances(rng, n, n_classes):
    raw = rng.dirichlet(np.ones(n_classes), n)
    return np.round(raw, 2) + 1e-3  # with ties


@pytest.fixture(params=[2, 4], ids=["binary", "multiclass"])
def case(request):
    rng = np.random.default_rng(request.param)
    truth = rng.integers(0, request.param, 300)
    p = chances(rng, 300, request.param)
    return truth, p / p.sum(axis=1, keepdims=True), rng.uniform(0.1, 3.0, 300)


def test_average_precision_is_scikit_learns_ties_and_weights_included(case):
    truth, p, w = case
    for c in range(p.shape[1]):
        theirs = metrics.average_precision_score(truth == c, p[:, c], sample_weight=w)
        assert _scores.average_precision(truth, p, w, c) == pytest.approx(theirs, abs=1e-12)
    each = [metrics.average_precision_score(truth == c, p[:, c], sample_weight=w) for c in range(p.shape[1])]
    assert _scores.average_precision(truth, p, w, None) == pytest.approx(np.mean(each), abs=1e-12)


def test_losses_and_decisions_are_scikit_learns(case):
    truth, p, w = case
    called = p.argmax(axis=1)
    table = _scores.confusion(truth, called, w, p.shape[1])
    np.testing.assert_allclose(table, metrics.confusion_matrix(truth, called, sample_weight=w))
    assert _scores.log_loss(truth, p, w) == pytest.approx(metrics.log_loss(truth, p, sample_weight=w))
    assert _scores.mcc(table) == pytest.approx(metrics.matthews_corrcoef(truth, called, sample_weight=w))
    assert _scores.balanced_accuracy(table) == pytest.approx(
        metrics.balanced_accuracy_score(truth, called, sample_weight=w)
    )
    assert _scores.f1(table, None) == pytest.approx(metrics.f1_score(truth, called, average="macro", sample_weight=w))
    assert _scores.f1(table, 1) == pytest.approx(
        metrics.f1_score(truth, called, labels=[1], average="macro", sample_weight=w)
    )
    if p.shape[1] == 2:
        theirs = metrics.brier_score_loss(truth, p[:, 1], sample_weight=w)
        assert _scores.brier(truth, p, w) == pytest.approx(theirs)
        assert _scores.roc_auc(truth == 1, p[:, 1]) == pytest.approx(metrics.roc_auc_score(truth, p[:, 1]))


def test_a_stack_of_confusion_tables_is_scored_like_each_of_them(case):
    truth, p, w = case
    tables = np.stack([_scores.confusion(truth, np.roll(p.argmax(axis=1), k), w, p.shape[1]) for k in range(4)])
    costs = np.random.default_rng(0).uniform(0, 5, (p.shape[1], p.shape[1]))
    for score in (_scores.mcc, _scores.balanced_accuracy, lambda t: _scores.f1(t, None),
                  lambda t: _scores.relative_cost(t, costs)):  # fmt: skip
        np.testing.assert_allclose(score(tables), [score(table) for table in tables])


def test_one_decision_for_all_rows_has_no_correlation_and_costs_the_constant():
    table = np.array([[90.0, 0.0], [10.0, 0.0]])
    assert _scores.mcc(table) == 0.0
    assert _scores.relative_cost(table, np.array([[0.0, 1.0], [5.0, 0.0]])) == pytest.approx(1.0)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
def test_prior_correction_is_bayes_rule(real_share, seen_share, seed):
    """Two densities, two priors: the posterior under one becomes the posterior under the other exactly."""
    rng = np.random.default_rng(seed)
    likelihood = rng.uniform(0.01, 5.0, (20, 2))
    real, seen = np.array([1 - real_share, real_share]), np.array([1 - seen_share, seen_share])

    def posterior(prior):
        joint = likelihood * prior
        return joint / joint.sum(axis=1, keepdims=True)

    np.testing.assert_allclose(correct_prior(posterior(seen), seen, real), posterior(real), rtol=1e-9)


def test_prior_correction_without_a_shift_changes_nothing_and_unseen_classes_get_nothing():
    p = np.array([[0.2, 0.8, 0.0], [0.5, 0.5, 0.0]])
    kept = correct_prior(p, np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.5, 0.0]))
    np.testing.assert_allclose(kept, p)
    assert correct_prior(p, np.array([0.5, 0.5, 0.0]), np.array([0.4, 0.4, 0.2]))[:, 2].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(shares(np.array([0, 1, 1]), np.array([1.0, 1.0, 2.0]), 2), [0.25, 0.75])


@pytest.mark.parametrize("metric", ["mcc", "balanced_accuracy", "f1"])
def test_the_tuned_threshold_is_close_to_the_best_of_all_thresholds(metric):
    rng = np.random.default_rng(3)
    truth = (rng.random(400) < 0.1).astype(int)
    p1 = np.clip(rng.normal(0.05 + 0.1 * truth, 0.05), 0.001, 0.999)
    p, w = np.column_stack([1 - p1, p1]), np.ones(400)
    judge = Judge(Objective("decision", metric), 2, 1)
    offsets = tune_offsets(judge, truth, p, w)
    found = judge.decided(truth, decide(p, offsets), w)
    every = [judge.decided(truth, (p1 >= t).astype(int), w) for t in np.unique(p1)]
    assert found >= max(every) - 0.04  # the score is smoothed over neighbouring cuts, against lucky ones
    assert found > judge.decided(truth, decide(p, np.ones(2)), w)


@given(st.floats(0.001, 0.999), st.sampled_from([0, 1]))
def test_factors_are_a_threshold(threshold, positive):
    assert threshold_of(offsets_at(threshold, positive), positive) == pytest.approx(threshold)


def test_factors_of_many_classes_do_not_lose_to_the_most_probable_class():
    rng = np.random.default_rng(5)
    truth = rng.choice(4, 600, p=[0.85, 0.1, 0.04, 0.01])
    raw = rng.dirichlet(np.ones(4), 600) + 0.3 * np.eye(4)[truth] + [1.0, 0, 0, 0]
    p, w = raw / raw.sum(axis=1, keepdims=True), np.ones(600)
    judge = Judge(Objective("decision", "balanced_accuracy"), 4, None)
    tuned = judge.decided(truth, decide(p, tune_offsets(judge, truth, p, w)), w)
    assert tuned > judge.decided(truth, decide(p, np.ones(4)), w) + 0.1


@given(st.integers(0, 10_000), st.integers(3, 6))
@settings(max_examples=60, deadline=None)
def test_factors_of_many_classes_are_those_of_deciding_every_row_for_every_factor(seed, n_classes):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_classes, 80)
    p, w = chances(rng, 80, n_classes), rng.integers(0, 3, 80).astype(float)
    offsets, c = rng.choice([0.5, 1.0, 2.0], n_classes), int(rng.integers(n_classes))
    tables = _tables(truth, p, w, offsets, c)
    for step, table in zip(STEPS, tables, strict=True):
        moved = offsets.copy()
        moved[c] *= step
        np.testing.assert_array_equal(table, _scores.confusion(truth, decide(p, moved), w, n_classes))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=40))
def test_the_bootstrap_of_grouped_rows_draws_whole_groups_by_their_rarest_class(rows):
    codes, units = np.array(rows).T
    strata = strata_of(codes, units)
    drawn = [unit for stratum in strata for unit in stratum]
    assert sorted(np.concatenate(drawn).tolist()) == list(range(len(codes)))
    assert sorted(tuple(sorted(unit)) for unit in drawn) == sorted(
        tuple(np.flatnonzero(units == u)) for u in np.unique(units)
    )
    rank = {c: k for k, c in enumerate(np.argsort(np.bincount(codes), kind="stable"))}
    for stratum in strata:
        assert len({min(rank[c] for c in codes[unit]) for unit in stratum}) == 1


@pytest.mark.parametrize("n", [4_000, 40_000], ids=["sigmoid", "isotonic"])
def test_calibration_undoes_overconfidence(n):
    rng = np.random.default_rng(1)
    logit = rng.normal(-2, 1.5, n)
    truth = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    p1 = 1 / (1 + np.exp(-3 * logit))
    p, w = np.column_stack([1 - p1, p1]), np.ones(n)
    fitted = fit_calibration(truth, p, w, int(truth.sum()))
    assert fitted.kind == ("sigmoid" if n == 4_000 else "isotonic")
    after = fitted.apply(p)
    np.testing.assert_allclose(after.sum(axis=1), 1.0)
    assert _scores.brier(truth, after, w) < _scores.brier(truth, p, w)
    assert _scores.calibration_error(truth, after, w, 1) < 0.3 * _scores.calibration_error(truth, p, w, 1)


# -- folds -----------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 3), min_size=10, max_size=120),
    st.integers(2, 5),
    st.integers(0, 1000),
)
def test_single_rows_are_dealt_evenly_class_by_class(labels, n_folds, seed):
    codes = np.unique(labels, return_inverse=True)[1]
    place = deal(codes, np.arange(len(codes)), n_folds, np.random.default_rng(seed))
    for c in range(codes.max() + 1):
        sizes = np.bincount(place[codes == c], minlength=n_folds)
        assert sizes.max() - sizes.min() <= 1
    sizes = np.bincount(place, minlength=n_folds)
    assert sizes.max() - sizes.min() <= codes.max() + 1


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 15)), min_size=20, max_size=100), st.integers(0, 99))
def test_units_stay_whole(rows, seed):
    codes = np.unique([c for c, _ in rows], return_inverse=True)[1]
    units = np.array([u for _, u in rows])
    place = deal(codes, units, 4, np.random.default_rng(seed))
    assert all(len(np.unique(place[units == u])) == 1 for u in np.unique(units))


def test_copies_of_a_row_with_its_class_are_one_unit_whatever_the_container():
    frame = pd.DataFrame({"a": [1.0, 1.0, 2.0, np.nan, np.nan, 1.0], "b": list("xxyzzx")})
    codes = np.array([0, 0, 0, 1, 1, 1])
    for X in (frame, frame.to_dict("records")):
        units, n_copies = units_of(open_table(X), codes, None)
        assert n_copies == 2
        assert units[0] == units[1]
        assert units[3] == units[4]
        assert units[5] != units[0]  # same cells, another class: no copy


def test_a_combination_that_much_of_a_class_has_is_not_taken_for_copies():
    X = np.vstack([np.zeros((40, 2)), np.random.default_rng(0).normal(size=(60, 2))])
    units, n_copies = units_of(open_table(X), np.zeros(100, dtype=np.intp), None)
    assert n_copies == 0
    assert len(np.unique(units)) == 100


def test_groups_and_copies_are_joined():
    X = np.array([[0.0], [0.0], [1.0], [2.0]])
    units, _ = units_of(open_table(X), np.zeros(4, dtype=np.intp), np.array([7, 8, 8, 9]))
    assert len(np.unique(units[:3])) == 1
    assert units[3] != units[0]


def test_in_time_every_fold_is_judged_by_later_rows_and_a_day_is_not_torn():
    rng = np.random.default_rng(2)
    days = rng.integers(0, 50, 1000)
    codes = (rng.random(1000) < 0.2).astype(np.intp)
    plan = plan_rows(codes, np.arange(1000), days.astype(np.int64), grouped=False, seed=seed_sequence(0))
    assert plan.kind == "time"
    assert days[plan.untouched].min() > days[plan.development].max()
    folds = plan.folds(0, 4)
    assert len(folds) >= 3
    for fold in folds:
        assert days[fold.train].max() < days[fold.test].min()


def test_untouched_rows_are_spared_only_where_they_can_tell():
    codes = np.repeat([0, 1], [400, 20]).astype(np.intp)
    assert len(plan_rows(codes, np.arange(420), None, grouped=False, seed=seed_sequence(0)).untouched) == 0
    codes = np.repeat([0, 1], [400, 60]).astype(np.intp)
    plan = plan_rows(codes, np.arange(460), None, grouped=False, seed=seed_sequence(0))
    assert np.bincount(codes[plan.untouched])[1] >= 10
    assert not np.intersect1d(plan.untouched, plan.development).size


# -- design ----------------------------------------------------------------------------------------------------------


def test_a_design_knows_only_the_rows_it_was_fitted_to():
    train = pd.DataFrame({"n": [0.0, 2.0, 4.0], "c": ["a", "b", "a"]})
    test = pd.DataFrame({"n": [100.0, np.nan], "c": ["new", "b"]})
    design = Design().fit(open_table(train))
    found = design.transform(open_table(test))
    assert found[0, 0] == pytest.approx((100 - 2) / np.std([0, 2, 4]))
    assert np.isnan(found[1, 0])
    assert np.isnan(found[0, 1])
    assert found[1, 1] == 1.0
    wide = Expansion.of(design, design.transform(open_table(train))).transform(found)
    assert np.isfinite(wide).all()


# -- rungs and the rule ----------------------------------------------------------------------------------------------


def test_rungs_have_names_and_orders_of_their_own():
    assert len({rung.name for rung in RUNGS}) == len({rung.order for rung in RUNGS}) == len(RUNGS)
    assert RUNGS[0].name == "none"


def test_goals_are_exact_and_what_changes_nothing_is_not_tried():
    counts = np.array([1000, 60, 300])
    assert goal_sizes(BY_NAME["smote_0.25"], counts) == {1: 250}
    assert goal_sizes(BY_NAME["random_under_1"], counts) == {0: 60, 2: 60}
    assert pointless(BY_NAME["smote_0.1"], np.array([1000, 200]))
    assert not pointless(BY_NAME["smote_1"], counts)


def test_an_unknown_objective_or_rung_names_the_nearest():
    with pytest.raises(InvalidParameterError, match="'ranking'"):
        objective_of("rankin")
    with pytest.raises(InvalidParameterError, match="go together"):
        Objective("decision", "cost")
    assert objective_of("brier").kind == "probability"


def test_the_rule_stays_with_none_where_rungs_only_differ_by_noise():
    """Twenty rungs that are as good as none: the best of them looks better, and is not taken."""
    taken = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        none = rng.normal(0.0, 0.03, 5)
        paired = {f"r{k}": rng.normal(0.0, 0.03, 5) - none for k in range(20)}
        found = _choice.differences(paired, 0.25)
        entrants = [_choice.Candidate(n, k, found[n], v, 0.0) for k, (n, v) in enumerate(paired.items())]
        taken += _choice.pick(entrants, 0.005, 0.25) is not None
    assert taken <= 20


def test_the_rule_leaves_none_for_a_clear_gain_and_takes_the_simplest_of_equals():
    rng = np.random.default_rng(0)
    noise = rng.normal(0.0, 0.01, 10)
    paired = {f"bad{k}": rng.normal(-0.02, 0.01, 10) for k in range(6)}
    paired |= {"simple": 0.1 + noise, "dear": 0.102 + noise + rng.normal(0, 0.02, 10)}
    found = _choice.differences(paired, 0.25)
    entrants = [_choice.Candidate(n, k, found[n], v, 0.0) for k, (n, v) in enumerate(paired.items())]
    assert _choice.pick(entrants, 0.005, 0.25) == "simple"
    harmed = [_choice.Candidate(c.name, c.order, c.difference, c.paired, 0.05) for c in entrants]
    assert _choice.pick(harmed, 0.005, 0.25) is None  # worse probabilities: no


@settings(max_examples=30)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12), st.floats(0.1, 1.0))
def test_the_corrected_error_is_never_below_the_plain_one(values, share):
    plain = np.std(values, ddof=1) / np.sqrt(len(values))
    assert _choice.corrected_error(np.array(values), share) >= plain - 1e-12
