"""The ladder against what users get wrong: options, labels, clocks, columns in another order, and words."""

from __future__ import annotations

import datetime
import json
import time
import unittest

import numpy as np
import pandas as pd
import pytest
from lightgbm.basic import LightGBMError
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError as TheirNotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator

from contrapeso._rng import seed_sequence
from contrapeso.balancing import BalancedClassifier, Objective, choose
from contrapeso.balancing.ladder import _scores
from contrapeso.balancing.ladder._asked import codes_of, moments_of
from contrapeso.balancing.ladder._calibrate import rarest
from contrapeso.balancing.ladder._clock import Clock
from contrapeso.balancing.ladder._design import Design, Expansion
from contrapeso.balancing.ladder._folds import plan_rows
from contrapeso.balancing.ladder._objective import Judge
from contrapeso.balancing.ladder._threshold import tune_offsets
from contrapeso.errors import CancelledError, ContrapesoError, InvalidDataError, InvalidParameterError
from contrapeso.progress import never
from contrapeso.tables._containers import open_table

FEW = ["weights", "smote_0.5"]


def blobs(n=200, rare=40, shift=1.2, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n - rare, rare])
    X = rng.normal(size=(n, 3))
    X[y == 1] += shift
    order = rng.permutation(n)
    return X[order], y[order]


def small(X, y, estimator=None, **options):
    options = {"budget_s": None, "rungs": FEW, "n_jobs": 1, **options}
    return choose(X, y, LogisticRegression() if estimator is None else estimator, **options)


def strict(decision):
    return json.loads(json.dumps(decision.to_dict(), allow_nan=False))


# -- the clock -------------------------------------------------------------------------------------------------------


class Slow(LogisticRegression):
    fits: list = []  # noqa: RUF012  (counts over all clones)

    def fit(self, X, y, sample_weight=None):
        Slow.fits.append(len(y))
        time.sleep(0.4)
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize(("budget", "folds"), [(0.2, 0), (0.9, 2), (1e-6, 0)])
def test_a_fit_that_outlasts_the_budget_ends_the_race_and_the_last_fit_is_made(budget, folds):
    """It used to wait without end: with no fold timed, the time that was left was not a number."""
    Slow.fits.clear()
    found = small(*blobs(), Slow(), budget_s=budget)
    assert found.chosen == "none"
    assert found.n_folds <= folds
    assert len(Slow.fits) <= folds + 2  # those measured, one that was under way, and the last
    assert found.estimator.predict(blobs()[0]).shape == (200,)
    assert {r.status for r in found.leaderboard if r.name != "none"} == {"no time"}
    assert found.reason("pt") == "Não balanceie: o tempo acabou antes que algum tratamento fosse medido."
    assert strict(found)["leaderboard"]
    assert found.curves_svg("en")


def test_what_comes_after_the_race_hears_a_cancel():
    asked = []
    clock = Clock(None, lambda: len(asked) > 1 or asked.append(1) is not None, 1)
    with pytest.raises(CancelledError):
        clock.heed(lambda: time.sleep(0.5))
    assert Clock(1.0, never, 1).heed(lambda: 7) == 7


@pytest.mark.parametrize("budget", [float("nan"), float("inf"), True, "5", -1, 0])
def test_a_budget_is_a_finite_number_of_seconds(budget):
    with pytest.raises(InvalidParameterError, match="budget_s"):
        small(*blobs(), budget_s=budget)


def test_a_budget_of_numpy_is_a_number():
    assert small(*blobs(), rungs=[], budget_s=np.int64(60)).budget_s == 60.0


# -- models ----------------------------------------------------------------------------------------------------------


class Raises(LogisticRegression):
    def __init__(self, kind=ValueError):
        super().__init__()
        self.kind = kind

    def fit(self, X, y, sample_weight=None):
        if np.mean(y) > 0.3 or sample_weight is not None:
            raise self.kind
        return super().fit(X, y)


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, TypeError, ZeroDivisionError, KeyError, LightGBMError])
def test_a_model_that_raises_on_treated_rows_fails_those_rungs_only(kind):
    found = small(*blobs(), Raises(kind))
    assert found["none"].status == "measured"
    assert {found[name].status for name in FEW} == {"failed"}
    assert found["weights"].reason == kind.__name__
    assert found.reason("en") == "Do not balance: no treatment could be measured."


class RaisesLater(LogisticRegression):
    """Takes the five folds of the first round with weights, and no more."""

    weighed = 0

    def fit(self, X, y, sample_weight=None):
        if sample_weight is not None:
            RaisesLater.weighed += 1
            if RaisesLater.weighed > 5:
                raise ValueError("no more")
        return super().fit(X, y, sample_weight)


def test_a_rung_that_fails_in_a_later_round_is_not_chosen():
    RaisesLater.weighed = 0
    found = small(*blobs(), RaisesLater(), rungs=["weights"])
    assert found["weights"].status == "failed"
    assert found["weights"].score is None
    assert found.chosen == "none"


@pytest.mark.parametrize("estimator", [LogisticRegression, "lightgbm", 3])
def test_an_estimator_is_an_object(estimator):
    with pytest.raises(InvalidParameterError, match="not its class or name"):
        small(*blobs(), estimator)


def test_a_regressor_is_named_as_one():
    with pytest.raises(InvalidParameterError, match="LinearRegression predicts numbers"):
        small(*blobs(), LinearRegression())


def test_a_model_without_a_seed_gets_one_so_that_runs_are_equal_to_the_bit():
    X, y = blobs()
    forest = RandomForestClassifier(8)
    one, two = (small(X, y, forest, n_jobs=n) for n in (1, 2))
    assert [(r.name, r.score) for r in one.leaderboard] == [(r.name, r.score) for r in two.leaderboard]
    np.testing.assert_array_equal(one.estimator.predict_proba(X), two.estimator.predict_proba(X))
    assert forest.random_state is None
    nested = CalibratedClassifierCV(RandomForestClassifier(4), cv=2)
    first, second = (BalancedClassifier(nested, random_state=s).fit(X, y).predict_proba(X) for s in (0, 0))
    np.testing.assert_array_equal(first, second)


def test_scores_by_pairs_of_classes_are_not_taken_for_scores_of_classes():
    X, _ = blobs()
    y = np.digitize(X[:, 0], [0.0, 0.8])
    with pytest.raises(InvalidParameterError, match="decision_function_shape='ovr'"):
        small(X, y, SVC(decision_function_shape="ovo"))


def test_infinite_numbers_are_flagged_to_models_that_cannot_take_them():
    train = np.array([[0.0, 1.0], [np.inf, 2.0], [2.0, 3.0], [4.0, 1.0]])
    design = Design().fit(open_table(train))
    wide = Expansion.of(design, design.transform(open_table(train))).transform(design.transform(open_table(train)))
    assert np.isfinite(wide).all()
    assert wide[:, 2].tolist() == [0.0, 1.0, 0.0, 0.0]


# -- decisions against decisions -------------------------------------------------------------------------------------


def test_a_treatment_does_not_win_by_its_threshold_alone():
    """A tree that ranks well and never passes .5: moving the threshold is all there is to gain."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [1425, 75])
    X = rng.normal(size=(1500, 2)) * np.where(y == 1, 0.3, 1.0)[:, None]
    found = small(X, y, DecisionTreeClassifier(max_depth=3, min_weight_fraction_leaf=0.08), objective="mcc")
    assert found.baseline == "threshold"
    assert not found.treats
    assert "ajuste só o limiar" in found.reason("pt")


def test_the_threshold_of_the_estimator_is_that_of_the_positive_class():
    X, y = blobs()
    found = small(X, y, objective="f1", positive=0, rungs=["threshold"])
    assert found.estimator.threshold_ == pytest.approx(found["threshold"].threshold, abs=0.25)
    called = found.estimator.predict_proba(X)[:, 0] >= found.estimator.threshold_
    np.testing.assert_array_equal(found.estimator.predict(X) == 0, called)


def test_the_rungs_threshold_and_calibrated_do_what_they_say_in_the_classifier():
    X, y = blobs()
    moved = BalancedClassifier(LogisticRegression(), "threshold").fit(X, y)
    assert moved.threshold_ == BalancedClassifier(LogisticRegression(), threshold="tuned").fit(X, y).threshold_ != 0.5
    assert BalancedClassifier(LogisticRegression(), "calibrated").fit(X, y).calibration_ is not None
    both = BalancedClassifier(LogisticRegression(), threshold=0.2, calibrated=True).fit(X, y)
    assert both.threshold_ == pytest.approx(0.2)


@pytest.mark.parametrize(
    "costs", [[[0, 1], [1]], [["0", "x"], ["1", "0"]], [[0, 1, 2], [1, 0, 2]], [[0, np.nan], [1, 0]]]
)
def test_costs_that_are_no_matrix_are_refused(costs):
    with pytest.raises(InvalidParameterError, match="costs must be"):
        small(*blobs(), objective=Objective("decision", costs=costs))


def test_costs_belong_to_decisions_and_an_objective_is_text():
    with pytest.raises(InvalidParameterError, match=r"Objective\('decision', costs"):
        Objective(costs=[[0, 1], [5, 0]])
    with pytest.raises(InvalidParameterError, match="objective must be"):
        small(*blobs(), objective=["ranking"])


@pytest.mark.parametrize("options", [{"rungs": "weights"}, {"rungs": 3}, {"n_jobs": "2"}, {"n_jobs": 1.5}])
def test_options_of_the_wrong_kind_are_refused(options):
    with pytest.raises(InvalidParameterError, match=next(iter(options))):
        small(*blobs(), **options)


# -- rows ------------------------------------------------------------------------------------------------------------


def test_labels_of_mixed_types_are_classes():
    X, y = blobs()
    labels = np.array([7 if v else "usual" for v in y], dtype=object)
    found = small(X, labels, rungs=[])
    assert set(found.estimator.predict(X).tolist()) == {7, "usual"}


def test_weights_that_leave_one_class_are_refused():
    X, y = blobs()
    with pytest.raises(InvalidDataError, match="one class only"):
        small(X, y, sample_weight=np.where(y == 1, 0.0, 1.0))
    with pytest.raises(InvalidDataError, match="sample_weight must be 200 numbers"):
        small(X, y, sample_weight=["a"] * 200)


def test_folds_without_weight_have_no_loss_and_stop_nothing():
    truth, chances, none = np.array([0, 1]), np.full((2, 2), 0.5), np.zeros(2)
    assert np.isnan(_scores.brier(truth, chances, none))
    assert np.isnan(_scores.log_loss(truth, chances, none))
    assert np.isnan(_scores.calibration_error(truth, chances, none, 1))
    assert np.isnan(_scores.relative_cost(np.zeros((2, 2)), np.eye(2)))
    judge = Judge(Objective("decision", "f1"), 2, 1)
    assert tune_offsets(judge, truth, np.array([[0.3, 0.7], [0.6, 0.4]]), np.array([1.0, 0.0])).tolist() == [1.0, 1.0]
    X, y = blobs()
    w = (np.arange(200) < 8) * 1.0 + (y == 1) * (np.arange(200) < 30)
    strict(small(X, y, objective="probability", sample_weight=w))


def test_calibration_does_not_depend_on_the_order_of_equal_chances():
    truth = np.repeat([0, 1], [95, 5])
    constant, weights = np.tile([0.95, 0.05], (100, 1)), np.ones(100)
    assert _scores.calibration_error(truth, constant, weights, 1) == pytest.approx(0.0, abs=1e-12)
    rng = np.random.default_rng(0)
    p = np.round(rng.random(100), 1)
    chances, order = np.column_stack([1 - p, p]), rng.permutation(100)
    shuffled = _scores.calibration_error(truth[order], chances[order], weights, 1)
    assert _scores.calibration_error(truth, chances, weights, 1) == pytest.approx(shuffled)


def test_rows_judged_in_five_rounds_count_once():
    rows = np.tile(np.arange(100), 5)
    assert rarest(np.tile(np.repeat([0, 2], [90, 10]), 5), rows) == 10


def test_a_perfect_model_has_no_change_of_brier_and_its_decision_is_json():
    y = np.repeat([0, 1], [90, 30])
    found = small(y[:, None] * 10.0 + np.arange(120)[:, None] / 1000, y, DecisionTreeClassifier())
    assert found["none"].brier == 0.0
    assert found["weights"].brier_change is None
    strict(found)


# -- groups and time -------------------------------------------------------------------------------------------------


def test_one_group_or_one_moment_that_holds_most_rows_leaves_none_untouched():
    codes = np.tile([0, 1], 200).astype(np.intp)
    two = np.repeat([0, 1], 200)
    plan = plan_rows(codes, two, None, grouped=True, seed=seed_sequence(0))
    assert len(plan.untouched) == 0
    assert len(plan.folds(0, 2)) == 2
    plan = plan_rows(codes, np.arange(400), np.zeros(400, dtype=np.int64), grouped=False, seed=seed_sequence(0))
    assert len(plan.untouched) == 0


def test_accounts_that_are_there_all_the_time_do_not_empty_the_folds():
    """Groups in time leave no training row where every group is in every month: said, not crashed."""
    X, y = blobs(600, 120)
    groups = np.tile(np.arange(20), 30)
    with pytest.raises(InvalidDataError, match="leave out time or groups"):
        small(X, y, groups=groups, time=np.arange(600))
    for lonely in (np.zeros(600), y):
        with pytest.raises(InvalidDataError, match="leave out time or groups"):
            small(X, y, groups=lonely)


def test_rows_without_a_group_are_groups_of_their_own():
    codes = codes_of("groups", ["a", None, "a", None, "b"], 5)
    assert codes[0] == codes[2]
    assert len(set(codes.tolist())) == 4


DAYS = pd.date_range("2024-01-01", periods=6)


@pytest.mark.parametrize(
    "moments",
    [
        DAYS[[2, 0, 1]].tz_localize("America/Sao_Paulo"),
        [f"{d:%Y-%m-%dT%H:%M}-03:00" for d in DAYS[[2, 0, 1]]],
        ["2024-01-02T03:00Z", "2024-01-01T22:00-03:00", "2024-01-01T23:00-03:00"],
        [datetime.date(2024, 1, 3), datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)],
        pd.DataFrame({"t": [3, 1, 2]}),
        np.array([[3], [1], [2]]),
        pd.Series([3, 1, 2], dtype=object),
        pd.Categorical(
            ["2024-03-01", "2024-01-01", "2024-02-01"], categories=["2024-03-01", "2024-02-01", "2024-01-01"]
        ),
        pd.PeriodIndex(["2024-03", "2024-01", "2024-02"], freq="M"),
    ],
    ids=["zone", "offset", "mixed offsets", "dates", "frame", "column", "objects", "categories", "periods"],
)
def test_moments_of_every_kind_are_put_in_order(moments):
    assert moments_of(moments, 3).tolist() == [3, 1, 2]


@pytest.mark.parametrize(
    ("moments", "message"),
    [
        (["31/12/2024", "01/01/2024"], "ISO 8601"),
        (["abc", "abd"], "ISO 8601"),
        ([pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC")], "without"),
        ([None, "2024-01-01"], "missing"),
        (np.zeros((2, 2)), "one column"),
    ],
)
def test_moments_without_an_order_are_refused(moments, message):
    with pytest.raises(InvalidDataError, match=message):
        moments_of(moments, 2)


def test_one_fold_has_no_interval_and_the_decision_is_json():
    X, y = blobs(30, 2)
    y = np.zeros(30, dtype=int)
    y[[0, 29]] = 1
    found = small(X, y, time=np.arange(30))
    assert found["none"].n_fits == 1
    assert found["none"].interval is None
    strict(found)


# -- the classifier --------------------------------------------------------------------------------------------------


def test_columns_in_another_order_are_refused_and_keys_in_another_order_are_read():
    X, y = blobs()
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = BalancedClassifier(LogisticRegression()).fit(frame, y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    with pytest.raises(InvalidDataError, match="same order"):
        model.predict(frame[["c", "a", "b"]])
    with pytest.raises(InvalidDataError, match="unseen at fit time"):
        model.predict(frame.rename(columns={"a": "z"}))
    records = frame.to_dict("records")
    model = BalancedClassifier(LogisticRegression()).fit(records, y)
    turned = [dict(reversed(record.items())) for record in records]
    np.testing.assert_array_equal(model.predict_proba(turned), model.predict_proba(records))
    assert model.predict([{"b": 1.0}]).shape == (1,)


def test_a_model_of_columns_refuses_a_sparse_matrix_with_the_way_out():
    from scipy import sparse

    X, y = blobs()
    with pytest.raises(InvalidDataError, match="toarray"):
        BalancedClassifier(LogisticRegression()).fit(X, y).predict(sparse.csr_matrix(X))
    turned = BalancedClassifier(LogisticRegression()).fit(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(turned.predict_proba(X), turned.predict_proba(sparse.csr_matrix(X)))


def test_scikit_learns_callers_catch_an_unfitted_model():
    with pytest.raises(TheirNotFittedError):
        BalancedClassifier().predict([[1.0]])
    with pytest.raises(ContrapesoError):
        BalancedClassifier().predict([[1.0]])


EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "columns are scaled by their spread over rows, weights aside",
    "check_dtype_object": "a cell that holds a dict is refused as InvalidDataError, not TypeError",
    "check_supervised_y_2d": "a target of one column is taken without a warning",
    "check_array_api_input": "skips itself without an environment variable",
}


@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks_pass_but_for_those_that_cannot():
    failed = set()
    for model, check in estimator_checks_generator(BalancedClassifier(LogisticRegression())):
        try:
            check(model)
        except (AssertionError, ContrapesoError, unittest.SkipTest):
            failed.add(getattr(check, "func", check).__name__)
    assert failed <= set(EXPECTED)


# -- words -----------------------------------------------------------------------------------------------------------


def test_a_loss_is_told_as_the_reader_knows_it():
    X, y = blobs()
    found = small(X, y, GaussianNB(), objective="brier", rungs=["random_under_1"])
    result = found["random_under_1"]
    sign = "−" if result.difference > 0 else "+"
    assert f"muda o escore de Brier em {sign}" in found.reason("pt")
    assert "(menos é melhor)" in found.reason("pt")
    assert "random_under_1 (subamostragem)" in found.reason("pt")


def test_what_changes_nothing_says_so_and_a_row_is_not_rows():
    X, y = blobs(200, 100)
    found = small(X, y, rungs=["weights"])
    assert (
        found.reason("pt")
        == "Não balanceie: o melhor tratamento, weights (pesos de classe), não muda a precisão média."
    )
    assert small(X, y, rungs=["smote_0.5"]).reason("en") == "Do not balance: the classes are close in size already."
    assert small(X, y, rungs=[]).reason("pt") == "Não balanceie: nenhum tratamento foi pedido."
    few = small(X[:40], np.r_[1, np.zeros(39, dtype=int)], rungs=[])
    assert "A menor classe tem 1 linha:" in few.describe("pt")
    assert "divisão estratificada" in few.describe("pt")
    assert "(sem limite)" in few.describe("pt")


# -- leaks -----------------------------------------------------------------------------------------------------------


class Recorder(LogisticRegression):
    """Remembers the numbers of the rows (first column) that it was fitted to or asked about."""

    seen: set = set()  # noqa: RUF012  (over all clones)

    def fit(self, X, y, sample_weight=None):
        Recorder.seen.update(np.asarray(X)[:, 0].astype(int).tolist())
        return super().fit(np.asarray(X)[:, 1:], y, sample_weight)

    def predict_proba(self, X):
        Recorder.seen.update(np.asarray(X)[:, 0].astype(int).tolist())
        return super().predict_proba(np.asarray(X)[:, 1:])


@pytest.mark.parametrize("split", ["stratified", "grouped", "time", "both"])
def test_until_the_choice_is_made_no_model_has_met_an_untouched_row(split, monkeypatch):
    from contrapeso.balancing.ladder import _leaderboard

    X, y = blobs(1200, 240)
    rows = np.column_stack([np.arange(1200), X])
    groups = np.arange(1200) // 4 if split in ("grouped", "both") else None
    when = np.arange(1200)[::-1] // 3 if split in ("time", "both") else None
    Recorder.seen.clear()
    checked = []

    def spied(race, results, confirm=_leaderboard.confirm):
        untouched = set(race.plan.untouched.tolist())
        checked.append(len(untouched))
        assert not untouched & Recorder.seen
        if groups is not None:
            assert not set(groups[race.plan.untouched]) & set(groups[race.plan.development])
        for key in race.tests:
            train = race._folds[key].train
            if when is not None:
                assert when[train].max() < when[race.tests[key]].min()
            if groups is not None:
                assert not set(groups[train]) & set(groups[race.tests[key]])
        return confirm(race, results)

    monkeypatch.setattr(_leaderboard, "confirm", spied)
    rungs = ["weights", "random_over_0.5", "random_under_1", "threshold", "calibrated"]
    model = make_pipeline(Recorder())
    found = small(rows, y, model, groups=groups, time=when, rungs=rungs, objective="decision")
    assert checked[0] >= 200
    assert found["random_over_0.5"].status == "measured"


def test_screenings_keep_groups_apart_in_time():
    from contrapeso.balancing.ladder._objective import objective_of
    from contrapeso.balancing.ladder._question import question_of
    from contrapeso.balancing.ladder._race import Race
    from contrapeso.progress import silent

    X, y = blobs(9000, 3000)
    groups = np.random.default_rng(0).integers(0, 6000, 9000)
    plan = plan_rows(y.astype(np.intp), groups, np.arange(9000), grouped=True, seed=seed_sequence(0), set_aside=False)
    question = question_of(
        open_table(X), y.astype(np.intp), None, GaussianNB(), objective=objective_of("mcc"), random_state=0
    )
    (fold,) = Race(question, plan, [], Clock(None, never, 1), silent)._part(-1, 3, 3)
    assert not set(groups[fold.train]) & set(groups[fold.test])


def test_probabilities_are_calibrated_before_a_treatment_is_praised_for_it():
    """A model with balanced class weights says .5 for .1; "calibrated" mends that and is always compared."""
    X, y = blobs(600, 60)
    found = small(X, y, LogisticRegression(class_weight="balanced"), objective="probability")
    assert found.baseline == "calibrated"
    assert found["none"].log_loss - found["weights"].log_loss > 0.2  # what it would have been praised for
    assert abs(found["weights"].difference) < 0.02
