"""The ladder as its users meet it: decisions, leaks, edge cases, time, cancel."""

from __future__ import annotations

import pickle
import time
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from contrapeso.balancing import RUNGS, BalancedClassifier, Objective, choose
from contrapeso.errors import CancelledError, InvalidDataError, InvalidParameterError, SingleClassError

FEW = ["weights", "random_over_0.5", "smote_0.5", "random_under_1"]


def blobs(n=400, rare=40, shift=1.2, seed=0, p=3):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n - rare, rare])
    X = rng.normal(size=(n, p))
    X[y == 1] += shift
    order = rng.permutation(n)
    return X[order], y[order]


def mixed(n=300, rare=40, seed=0):
    X, y = blobs(n, rare, seed=seed)
    rng = np.random.default_rng(seed + 1)
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame["kind"] = np.where(rng.random(n) < 0.3, "x", np.where(y == 1, "y", "z"))
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    frame.loc[rng.random(n) < 0.1, "a"] = np.nan
    frame.loc[rng.random(n) < 0.1, "kind"] = None
    return frame, np.where(y == 1, "rare", "usual")


def small(X, y, estimator=None, **options):
    options = {"budget_s": None, "rungs": FEW, "n_jobs": 2, **options}
    return choose(X, y, LogisticRegression() if estimator is None else estimator, **options)


@pytest.fixture(scope="module")
def decision():
    return small(*blobs())


# -- what comes back -------------------------------------------------------------------------------------------------


def test_none_is_always_measured_and_rows_that_need_no_help_get_none(decision):
    assert decision["none"].status == "measured"
    assert decision.chosen == "none"
    assert decision["none"].difference is None
    assert {r.name for r in decision.leaderboard} == {"none", *FEW}
    assert not decision.treats


def test_the_reason_is_a_sentence_with_the_gain_in_both_languages(decision):
    assert decision.reason("en").startswith("Do not balance: the best treatment, ")
    assert "±" in decision.reason("en")
    assert decision.reason("pt").startswith("Não balanceie: o melhor tratamento, ")
    assert "average precision" in str(decision)
    assert "precisão média" in decision.describe("pt")


def test_the_decision_is_json_and_draws_two_curves(decision):
    import json

    found = json.loads(json.dumps(decision.to_dict(), allow_nan=False))
    assert found["chosen"] == "none"
    drawing = ET.fromstring(decision.curves_svg("pt"))  # noqa: S314  (our own)
    assert drawing.tag.endswith("svg")
    assert "revocação" in decision.curves_svg("pt")
    assert "http" not in decision.curves_svg("en").replace("http://www.w3.org/2000/svg", "")


def test_the_estimator_predicts_labels_and_survives_a_clone_and_a_pickle():
    X, y = mixed()
    found = small(X, y).estimator
    assert set(found.predict(X)) <= {"rare", "usual"}
    np.testing.assert_allclose(found.predict_proba(X).sum(axis=1), 1.0)
    again = pickle.loads(pickle.dumps(found))  # noqa: S301  (scikit-learn's users copy models so; on disk we do not)
    np.testing.assert_array_equal(again.predict(X), found.predict(X))
    assert clone(found).get_params()["rung"] == found.rung


def test_the_whole_ladder_without_a_clock_is_the_same_to_the_bit_on_any_number_of_threads():
    X, y = blobs(300, 30)
    rungs = [rung.name for rung in RUNGS if rung.name not in ("mixture", "smote_ipf")]
    one, three = (small(X, y, rungs=rungs, n_jobs=n) for n in (1, 3))
    assert [(r.name, r.score, r.difference) for r in one.leaderboard] == [
        (r.name, r.score, r.difference) for r in three.leaderboard
    ]


def test_a_treatment_that_helps_is_taken_and_confirmed():
    """A tree that splits for a large gain only: a tiny class gives it none, and no threshold mends a constant."""
    rng = np.random.default_rng(0)
    n, rare = 3000, 150
    y = np.repeat([0, 1], [n - rare, rare])
    X = rng.normal(size=(n, 2)) * np.where(y == 1, 0.3, 1.0)[:, None]
    found = small(X, y, DecisionTreeClassifier(max_depth=3, min_impurity_decrease=0.02), objective="mcc")
    assert found.treats
    assert found[found.chosen].difference > 0.05
    assert found.confirmation.holds
    assert found.confirmation.chosen > found.confirmation.baseline
    assert found.reason("en").startswith(f"Use {found.chosen}: Matthews correlation +")


@pytest.mark.parametrize("objective", ["ranking", "decision", "probability", "brier", "f1", "balanced_accuracy"])
def test_every_objective_has_an_answer(objective):
    found = small(*blobs(300, 40), objective=objective)
    assert found.chosen in {"none", "threshold", "calibrated", *FEW}
    assert found["none"].score is not None


def test_with_costs_the_threshold_follows_them():
    X, y = blobs(600, 60)
    dear = small(X, y, objective=Objective("decision", costs=[[0, 1], [30, 0]]), rungs=["threshold"])
    cheap = small(X, y, objective=Objective("decision", costs=[[0, 1], [1.5, 0]]), rungs=["threshold"])
    assert dear.estimator.threshold_ < 0.3
    assert dear.estimator.predict(X).mean() > cheap.estimator.predict(X).mean()
    assert dear["threshold"].cost < dear["none"].cost


def test_sample_weights_count_in_the_fit_and_in_the_measure():
    X, y = blobs(300, 40)
    heavy = np.where(X[:, 0] > 0, 5.0, 0.2)
    plain, weighed = small(X, y), small(X, y, sample_weight=heavy)
    assert plain["none"].score != weighed["none"].score
    with pytest.raises(InvalidDataError, match="sample_weight"):
        small(X, y, sample_weight=heavy[:-1])


def test_a_pipeline_gets_the_table_as_it_is():
    X, y = mixed()
    X = X.drop(columns="day").fillna({"a": 0.0, "kind": "z"})
    pipeline = make_pipeline(
        make_column_transformer(
            (StandardScaler(), ["a", "b", "c"]), (OneHotEncoder(handle_unknown="ignore"), ["kind"])
        ),
        LogisticRegression(),
    )
    found = small(X, y, pipeline)
    assert all(found[name].status == "measured" for name in ["none", *FEW])
    assert found.estimator.predict(X).shape == (len(X),)


def test_a_model_without_weights_or_probabilities_is_compared_all_the_same():
    found = small(*blobs(), KNeighborsClassifier())
    assert found["weights"].status == "failed"
    assert "sample_weight" in found["weights"].reason
    assert small(*blobs(), LinearSVC())["none"].score > 0.3


# -- leaks -----------------------------------------------------------------------------------------------------------


class Memory(ClassifierMixin, BaseEstimator):
    """Knows a row it has seen, and nothing else: out of fold it must be no better than chance."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.known_ = {row.tobytes(): label for row, label in zip(np.ascontiguousarray(X), y, strict=True)}
        return self

    def predict_proba(self, X):
        hits = np.array([self.known_.get(row.tobytes(), 0) for row in np.ascontiguousarray(X)], dtype=float)
        return np.column_stack([1 - hits, hits])


class NearMemory(Memory):
    """Knows the row that is nearest."""

    def fit(self, X, y):
        self.classes_, self.X_, self.y_ = np.unique(y), np.asarray(X), np.asarray(y)
        return self

    def predict_proba(self, X):
        gaps = ((np.asarray(X)[:, None] - self.X_[None]) ** 2).sum(axis=2)
        hits = np.where(gaps.min(axis=1) < 1e-3, self.y_[gaps.argmin(axis=1)], 0).astype(float)
        return np.column_stack([1 - hits, hits])


def test_duplicated_rows_never_lie_on_both_sides_of_a_fold():
    """A table of noise in which every row occurs three times: a model that only remembers rows must see none again."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(120, 4)), np.repeat([0, 1], [90, 30])
    X, y = np.tile(X, (3, 1)), np.tile(y, 3)
    found = small(X, y, Memory(), rungs=["random_over_0.5", "random_under_1", "smote_0.5"])
    assert found["none"].average_precision == pytest.approx(0.25, abs=0.02)
    for name in ("random_over_0.5", "random_under_1", "smote_0.5"):
        assert found[name].average_precision == pytest.approx(0.25, abs=0.02)
    assert found.guards.copies == 240
    assert "copies always stay in one fold" in found.describe()


def test_samplers_never_see_the_rows_that_judge():
    """Copies and near copies of rare rows are made in every fold; none may be a copy of a row that judges."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(300, 6)), np.repeat([0, 1], [240, 60])
    rungs = ["random_over_1", "smote_1", "borderline", "adasyn", "polynom_fit"]
    found = small(X, y, NearMemory(), rungs=rungs)
    for name in ("none", *rungs):
        assert found[name].average_precision < 0.3, name


def test_a_sampler_that_saw_all_rows_would_be_caught(monkeypatch):
    """The same check with a planted leak must fail, or it proves nothing."""
    from contrapeso.balancing.ladder import _rows

    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(300, 6)), np.repeat([0, 1], [240, 60])
    mean, spread = X.mean(axis=0), X.std(axis=0)

    def leaky(self, rung, member=0):
        whole = (X - self.design_mean) / self.design_spread
        return _rows.Sample(whole, y.astype(np.intp), np.ones(len(y)))

    monkeypatch.setattr(
        _rows.TrainingRows, "design_mean", property(lambda s: [c.mean for c in s.design.columns]), False
    )
    monkeypatch.setattr(
        _rows.TrainingRows, "design_spread", property(lambda s: [c.spread for c in s.design.columns]), False
    )
    monkeypatch.setattr(_rows.TrainingRows, "sample", leaky)
    found = small(X, y, NearMemory(), rungs=["smote_1"])
    assert found["smote_1"].average_precision > 0.9
    assert mean.shape == spread.shape


def test_a_canary_column_of_row_numbers_by_class_does_not_raise_the_score():
    """Category codes come from the training rows: a category that occurs once tells nothing of the rows that judge."""
    rng = np.random.default_rng(2)
    y = np.repeat([0, 1], [240, 60])
    frame = pd.DataFrame({"noise": rng.normal(size=300), "canary": [f"{label}-{i}" for i, label in enumerate(y)]})
    order = rng.permutation(300)
    found = small(frame.iloc[order], y[order], rungs=["smote_0.5"])
    assert found["none"].average_precision < 0.3


def test_a_column_that_is_the_answer_is_named():
    X, y = blobs()
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(settled=y * 2.0 + 1)
    found = small(frame, y)
    assert found.guards.suspicious == ("settled",)
    assert "vazamento: settled" in found.describe("pt")


def test_groups_are_never_on_both_sides():
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(60), 5)
    y = np.repeat((np.arange(60) % 4 == 0).astype(int), 5)
    X = rng.normal(size=(60, 4))[groups] + rng.normal(size=(300, 4)) * 1e-3
    torn, whole = small(X, y, NearMemory2()), small(X, y, NearMemory2(), groups=groups)
    assert torn["none"].average_precision > 0.9
    assert whole["none"].average_precision < 0.4
    assert whole.kind == "grouped"


class NearMemory2(NearMemory):
    def predict_proba(self, X):
        gaps = ((np.asarray(X)[:, None] - self.X_[None]) ** 2).sum(axis=2)
        hits = np.where(gaps.min(axis=1) < 1e-1, self.y_[gaps.argmin(axis=1)], 0).astype(float)
        return np.column_stack([1 - hits, hits])


def test_in_time_the_past_does_not_see_the_future():
    """The sign of the signal turns half-way: a model tested on the future is wrong, one tested at random is not."""
    rng = np.random.default_rng(4)
    days = np.sort(rng.integers(0, 200, 1000))
    y = (rng.random(1000) < 0.2).astype(int)
    X = rng.normal(size=(1000, 1)) + np.where(days < 160, 1.5, -1.5)[:, None] * y[:, None]
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")
    late, random = small(X, y, time=pd.Series(when)), small(X, y)
    assert late.kind == "time"
    assert late["none"].n_fits >= 3
    assert random["none"].n_fits >= 5
    text = small(X, y, time=[str(day) for day in when.date])
    assert text["none"].score == late["none"].score


# -- edges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rare", [1, 2, 3, 5])
def test_a_class_of_few_rows_is_compared_and_no_generator_is_tried(rare):
    X, y = blobs(120, rare, shift=3.0)
    found = choose(X, y, LogisticRegression(), budget_s=None, rungs=[*FEW, "mixture", "borderline"])
    assert found.guards.n_min == rare
    assert found.estimator.predict(X).shape == (120,)
    assert "mixture" not in {r.name for r in found.leaderboard}


def test_a_class_absent_from_a_fold_and_two_hundred_classes():
    rng = np.random.default_rng(5)
    y = np.concatenate([np.repeat(np.arange(199), 3), [199], np.repeat(0, 200)])
    X = rng.normal(size=(len(y), 2)) + y[:, None]
    found = choose(X, y, DecisionTreeClassifier(), budget_s=None, rungs=["weights", "random_over_0.1"])
    assert found.guards.n_classes == 200
    assert found.estimator.predict_proba(X).shape == (len(y), 200)


@pytest.mark.slow
def test_nulls_categories_dates_and_records_go_through_the_whole_ladder():
    X, y = mixed()
    rungs = [rung.name for rung in RUNGS]
    found = choose(X, y, budget_s=None, rungs=rungs, n_jobs=2)
    failed = {r.name: r.reason for r in found.leaderboard if r.status == "failed"}
    assert not failed
    records = X.drop(columns="day").to_dict("records")
    assert choose(records, list(y), LogisticRegression(), budget_s=None, rungs=FEW)["none"].score > 0.3


def test_a_sparse_table_goes_through():
    from scipy import sparse

    X, y = blobs(300, 40)
    found = small(sparse.csr_matrix(np.where(np.abs(X) > 0.5, X, 0)), y)
    assert found["smote_0.5"].status == "measured"


def test_a_constant_target_and_bad_options_are_refused():
    X, y = blobs(50, 5)
    with pytest.raises(SingleClassError, match="one class"):
        choose(X, np.zeros(50))
    for options, message in [
        ({"objective": "rank"}, "ranking"),
        ({"rungs": ["smot_0.5"]}, "smote_0.5"),
        ({"budget_s": 0}, "budget_s"),
        ({"positive": 7}, "positive"),
        ({"n_jobs": 0}, "n_jobs"),
    ]:
        with pytest.raises(InvalidParameterError, match=message):
            choose(X, y, LogisticRegression(), **options)
    with pytest.raises(InvalidDataError, match="time"):
        choose(X, y, LogisticRegression(), time=np.arange(49))


def test_balanced_classes_need_no_rung():
    X, y = blobs(200, 100)
    found = small(X, y)
    assert found.chosen == "none"
    assert found["smote_0.5"].status == "not needed"
    assert "nearly equal" in found.describe()


# -- time ------------------------------------------------------------------------------------------------------------


class Slow(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        time.sleep(0.15)
        return super().fit(X, y, sample_weight)


class VerySlow(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        time.sleep(3.0)
        return super().fit(X, y, sample_weight)


def test_a_small_budget_measures_none_first_and_says_what_it_had_no_time_for():
    found = choose(*blobs(200, 40), Slow(), budget_s=2.0, n_jobs=1)
    assert found["none"].status == "measured"
    assert found.seconds < 2.9
    assert any(r.status == "no time" for r in found.leaderboard)
    assert "2 s" in next(r.reason for r in found.leaderboard if r.status == "no time")


def test_a_cancel_is_heard_within_a_second_while_a_fit_runs():
    start = time.perf_counter()
    with pytest.raises(CancelledError):
        choose(*blobs(), VerySlow(), cancel=lambda: time.perf_counter() - start > 0.3, n_jobs=1)
    assert time.perf_counter() - start < 1.5


def test_progress_counts_up():
    seen = []
    small(*blobs(), progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1].done <= seen[-1].total


# -- the classifier --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rung", ["none", "weights", "smote_0.5", "random_under_1", "under_bagging_1", "smote_enn"])
def test_probabilities_are_those_of_the_untreated_shares(rung):
    X, y = blobs(2000, 200)
    model = BalancedClassifier(LogisticRegression(), rung).fit(X, y)
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(0.1, abs=0.03)


def test_thresholds_by_number_by_tuning_and_by_default():
    X, y = blobs(600, 60)
    default = BalancedClassifier(LogisticRegression()).fit(X, y)
    low = BalancedClassifier(LogisticRegression(), threshold=0.05).fit(X, y)
    tuned = BalancedClassifier(LogisticRegression(), threshold="tuned", objective="balanced_accuracy").fit(X, y)
    assert default.threshold_ == 0.5
    assert low.threshold_ == pytest.approx(0.05)
    assert low.predict(X).sum() > tuned.predict(X).sum() > default.predict(X).sum()
    with pytest.raises(InvalidParameterError, match="threshold"):
        BalancedClassifier(threshold=2.0).fit(X, y)


def test_calibrated_probabilities_of_an_overconfident_model_are_closer_to_the_truth():
    X, y = blobs(2000, 400, shift=0.8)
    plain = BalancedClassifier(DecisionTreeClassifier(), random_state=0).fit(X[:1000], y[:1000])
    better = BalancedClassifier(DecisionTreeClassifier(), calibrated=True, random_state=0).fit(X[:1000], y[:1000])
    brier = [np.mean((m.predict_proba(X[1000:])[:, 1] - y[1000:]) ** 2) for m in (plain, better)]
    assert brier[1] < brier[0]


def test_no_warning_reaches_the_caller():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choose(*blobs(150, 6), budget_s=None, rungs=["smote_0.5", "weights", "borderline"])
