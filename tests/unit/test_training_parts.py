"""Splits, measures and classifiers of the training: each against a slow reading of its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics

from contrapeso.errors import InsufficientDataError, InvalidParameterError, MissingExtraError, SingleClassError
from contrapeso.workflows.training import _estimators, _measure, _splits
from contrapeso.workflows.training._estimators import KMeansClassifier, LinearSVMClassifier, make_estimator
from contrapeso.workflows.training._measure import Answers

# --- splits


@given(st.lists(st.integers(0, 60), min_size=12, max_size=80), st.floats(0.05, 0.9))
def test_no_day_is_on_both_sides_and_the_untouched_ones_come_last(offsets: list[int], share: float) -> None:
    days = pd.Series(pd.Timestamp("2024-01-01 08:30") + pd.to_timedelta(offsets, unit="D"), name="date")
    if days.dt.normalize().nunique() < 2:
        return
    split = _splits.split_in_time(days, share)
    assert sorted([*split.train, *split.test]) == list(range(len(days)))
    assert days.iloc[split.train].max().normalize() < days.iloc[split.test].min().normalize()
    assert days.iloc[split.test].min().date() == split.first_day


def test_rows_without_a_date_are_on_neither_side() -> None:
    days = pd.Series(pd.to_datetime(["2024-01-01", None, "2024-01-02", "2024-01-03"]))
    split = _splits.split_in_time(days, 0.25)
    assert (split.train.tolist(), split.test.tolist(), split.n_left_out) == ([0, 2], [3], 1)


def test_one_day_cannot_be_split_in_time() -> None:
    with pytest.raises(InsufficientDataError, match="at least 2 days"):
        _splits.split_in_time(pd.Series(pd.to_datetime(["2024-01-01"] * 20)), 0.25)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=12, max_size=60), st.integers(0, 9))
def test_no_group_is_on_both_sides(groups: list[str], seed: int) -> None:
    column = pd.Series(groups)
    if column.nunique() < 2:
        return
    split = _splits.split_by_group(column, 0.25, seed)
    assert not set(column.iloc[split.train]) & set(column.iloc[split.test])
    assert len(split.train) + len(split.test) == len(groups)


@given(st.lists(st.sampled_from("aab"), min_size=10, max_size=60), st.integers(0, 9))
def test_every_class_teaches(labels: list[str], seed: int) -> None:
    column = pd.Series(labels)
    split = _splits.split_by_class(column, 0.5, seed)
    assert set(column.iloc[split.train]) == set(labels)
    assert not set(split.train) & set(split.test)


def test_too_few_rows_and_one_class_are_refused_with_the_counts() -> None:
    with pytest.raises(InsufficientDataError, match=r"at least 10 .* there are 3 \(a: 2, b: 1\)") as few:
        _splits.check_rows(pd.Series(["a", "a", "b"]))
    assert few.value.code == "insufficient_data"
    assert few.value.details["class_counts"] == {"a": 2, "b": 1}
    with pytest.raises(SingleClassError, match="two classes"):
        _splits.check_rows(pd.Series(["a"] * 12))


# --- measures


def answers(n: int, n_classes: int, seed: int) -> tuple[np.ndarray, Answers]:
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.ones(n_classes), n).round(2) + 0.01
    chances /= chances.sum(axis=1, keepdims=True)
    truth = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n - n_classes)])
    return truth, Answers(chances, chances.argmax(axis=1))


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("seed", range(5))
def test_every_measure_is_that_of_scikit_learn(n_classes: int, seed: int) -> None:
    truth, said = answers(60, n_classes, seed)
    found = {m: _measure.score_of(truth, said, m) for m in _measure.MEASURES}
    assert_allclose(found["macro_f1"], metrics.f1_score(truth, said.decided, average="macro"))
    assert_allclose(found["accuracy"], metrics.accuracy_score(truth, said.decided))
    assert_allclose(found["balanced_accuracy"], metrics.balanced_accuracy_score(truth, said.decided))
    assert_allclose(found["mcc"], metrics.matthews_corrcoef(truth, said.decided))
    assert_allclose(-found["log_loss"], metrics.log_loss(truth, said.chances))
    hot = np.eye(n_classes)[truth]
    assert_allclose(-found["brier"], ((said.chances - hot) ** 2).sum(axis=1).mean())
    if n_classes == 2:
        rare = int(np.bincount(truth).argmin())
        expected = metrics.average_precision_score(truth == rare, said.chances[:, rare])
    else:
        expected = metrics.average_precision_score(hot, said.chances, average="macro")
    assert_allclose(found["average_precision"], expected)


def test_intervals_are_those_of_a_bootstrap_written_out() -> None:
    truth, said = answers(40, 3, 1)
    _, other = answers(40, 3, 2)
    clusters = np.repeat(np.arange(8), 5)
    readings = _measure.read_measures(truth, said, other, minority=(2,), clusters=clusters, seed=3)
    reading = next(r for r in readings if r.measure == "accuracy")
    counts = _measure._draws(clusters, 40, 3)[:, ::5]
    gaps = []
    for drawn in counts:
        rows = np.concatenate([np.repeat(np.flatnonzero(clusters == c), int(k)) for c, k in enumerate(drawn) if k])
        gaps.append((other.decided[rows] == truth[rows]).mean() - (said.decided[rows] == truth[rows]).mean())
    assert_allclose(reading.difference_interval, np.quantile(gaps, [0.025, 0.975]))
    assert_allclose(reading.difference, reading.after - reading.before)


def test_the_verdict_follows_the_interval_and_the_direction_of_the_measure() -> None:
    def verdict(measure: str, low: float, high: float) -> str:
        return _measure.Reading(measure, 0.5, (0, 1), 0.5, (0, 1), (low + high) / 2, (low, high)).verdict

    assert [verdict("macro_f1", *ends) for ends in ((0.01, 0.1), (-0.1, 0.1), (-0.1, -0.01))] == [
        "ajuda",
        "empate",
        "prejudica",
    ]
    assert verdict("log_loss", -0.2, -0.1) == "ajuda"
    assert verdict("brier", 0.1, 0.2) == "prejudica"
    assert verdict("mcc", 0.001, 0.004) == verdict("log_loss", -0.0015, -0.0005) == "empate"  # a row or two


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (7, 19), (1, 400)])
def test_wilson_intervals_are_those_of_scipy(hits: int, n: int) -> None:
    from scipy.stats import binomtest

    expected = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert_allclose(_measure.wilson(hits, n).interval, (expected.low, expected.high), atol=1e-12)


def test_a_rate_of_no_rows_is_absent() -> None:
    assert _measure.wilson(0, 0) == _measure.Rate(None, None, 0)


def test_rare_classes_have_less_than_a_tenth_of_the_rows_or_are_the_rarest() -> None:
    assert _measure.minority_classes({0: 90, 1: 5, 2: 5, 3: 0}) == (1, 2)
    assert _measure.minority_classes({0: 60, 1: 40}) == (1,)


# --- classifiers


def blobs(n: int = 90, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.repeat(["a", "b", "c"], [n // 2, n // 3, n - n // 2 - n // 3])
    return rng.normal(size=(n, 3)) + 4 * np.eye(3)[pd.factorize(y)[0]], y


@pytest.mark.parametrize("name", sorted(_estimators._MAKERS))
def test_every_classifier_learns_three_blobs_and_gives_probabilities(name: str) -> None:
    X, y = blobs()
    model = make_estimator(name, has_text=False, n_rows=len(y), seed=0).fit(X, y)
    chances = model.predict_proba(X)
    assert_allclose(chances.sum(axis=1), 1, atol=1e-6)
    assert (model.predict(X) == y).mean() > 0.9
    again = make_estimator(name, has_text=False, n_rows=len(y), seed=0).fit(X, y)
    assert_array_equal(again.predict_proba(X), chances)


def test_a_class_of_one_row_does_not_stop_the_linear_machine() -> None:
    X, y = blobs()
    y = y.astype(object)
    y[0] = "alone"
    model = LinearSVMClassifier().fit(X, y)
    assert model.predict_proba(X).shape == (90, 4)


def test_temperature_makes_margins_of_noise_modest() -> None:
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(120, 30)), rng.integers(0, 2, 120)
    model = LinearSVMClassifier().fit(X, y)
    fresh = model.predict_proba(rng.normal(size=(500, 30)))
    assert model.scale_ < 1
    assert fresh.max(axis=1).mean() < 0.75


def test_clusters_are_named_by_their_majority() -> None:
    X, y = blobs()
    model = KMeansClassifier(n_clusters=3).fit(X, y)
    assert set(model.cluster_names_) == {"a", "b", "c"}
    assert_array_equal(model.classes_[model.predict_proba(X).argmax(axis=1)], model.predict(X))
    assert model.shares_.min() > 0


def test_fewer_distinct_rows_than_clusters_are_no_trouble() -> None:
    X, y = np.repeat([[0.0], [1.0]], 6, axis=0), np.repeat(["a", "b"], 6)
    assert (KMeansClassifier().fit(X, y).predict(X) == y).all()


def test_an_unknown_model_type_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidParameterError, match="Did you mean 'lightgbm'"):
        _estimators.check_model_type("lightgmb")


def test_xgboost_without_its_extra_is_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'contrapeso\[xgboost\]'"):
        _estimators.check_model_type("xgboost")
