"""The documented ``SMOTEImplementation``."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedShuffleSplit
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # comes with scikit-learn

from contrapeso.errors import (
    FewSamplesWarning,
    InvalidParameterError,
    SingleClassError,
    TooFewSamplesError,
    UnknownConfigKeyError,
)
from contrapeso.samplers import ADASYN, SMOTE, SMOTEENN, SMOTEIPF, SVMSMOTE, BorderlineSMOTE, SMOTETomek
from contrapeso.samplers._target import open_target
from contrapeso.services import _cross_validation as cross_validation
from contrapeso.services import _method_choice as method_choice
from contrapeso.services._resampling_methods import HYBRIDS, METHODS, VARIANTS, parameters_of
from contrapeso.services.smote_implementation import SMOTEImplementation
from contrapeso.tables._containers import open_table


def numbers(sizes: tuple[int, ...] = (40, 12)) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    y = np.repeat(np.arange(len(sizes)), sizes)
    return np.random.default_rng(0).normal(size=(len(y), 3)) + y[:, None], y


def mixed(sizes: tuple[int, ...] = (40, 12)) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    X, y = numbers(sizes)
    kinds = np.random.default_rng(1).choice(["pix", "ted", "boleto"], len(y))
    return pd.DataFrame(X, columns=["a", "b", "c"]).assign(tipo=kinds), y


@pytest.mark.parametrize(
    ("sizes", "severity", "needed"),
    [((19, 10), "low", False), ((20, 10), "moderate", True), ((50, 10), "high", True), ((100, 10), "extreme", True)],
)
def test_severity_changes_at_the_documented_ratios(sizes: tuple[int, int], severity: str, needed: bool) -> None:
    found = SMOTEImplementation().detect_imbalance(*numbers(sizes))
    assert found["imbalance_ratio"] == sizes[0] / sizes[1]
    assert found["severity"] == severity
    assert found["requires_balancing"] is needed
    assert found["class_counts"] == {0: sizes[0], 1: sizes[1]}
    assert (found["majority_class"], found["minority_class"], found["n_classes"]) == (0, 1, 2)
    assert bool(found["recommended_methods"]) is needed


def test_empty_input_gives_an_empty_dict_and_one_class_the_ratio_one() -> None:
    assert SMOTEImplementation().detect_imbalance([], []) == {}
    assert SMOTEImplementation().detect_imbalance([[1.0], [2.0]], ["a", "a"])["imbalance_ratio"] == 1.0


def test_smote_is_the_sampler_with_the_configured_parameters() -> None:
    X, y = numbers()
    made, labels = SMOTEImplementation({"random_state": 3, "k_neighbors": 4}).apply_smote(X, y, "smote")
    expected, expected_labels = SMOTE(random_state=3, k_neighbors=4).fit_resample(X, y)
    assert_array_equal(made, expected)
    assert_array_equal(labels, expected_labels)


def test_auto_follows_the_kinds_of_the_columns() -> None:
    engine = SMOTEImplementation()
    X, y = mixed()
    X[["a", "b", "c"]] += 3 * y[:, None]
    X["uf"] = np.random.default_rng(2).choice(["SP", "RJ"], len(y))
    boxes = (X, X[["a", "b"]], X[["tipo"]], X[["tipo", "uf"]], X.to_dict("records"), X.to_numpy(dtype=object))
    for table in boxes:
        engine.apply_smote(table, y)
    methods = [entry["method"] for entry in engine.get_performance_history()]
    assert methods == ["smotenc", "smote", "random_over", "smoten", "smotenc", "smotenc"]


@pytest.mark.parametrize(
    ("shift", "p", "method", "says"),
    [
        (6.0, 2, "smote", "0 % has more neighbours of other classes"),
        (2.0, 2, "prowsyn", "% has more neighbours of other classes than of its own"),
        (0.0, 2, "random_over", "% has none of its own"),
        (0.0, 13, "polynom_fit", "13 columns for 12 rows of class 1"),
        (6.0, 12, "smote", "columns are numbers"),
    ],
)
def test_auto_follows_dimension_and_overlap_and_says_so(shift: float, p: int, method: str, says: str) -> None:
    y = np.repeat([0, 1], [400, 12])
    X = np.random.default_rng(0).normal(size=(412, p)) + shift * y[:, None]
    engine = SMOTEImplementation()
    engine.apply_smote(X, y)
    entry = engine.get_performance_history()[-1]
    assert entry["method"] == method
    assert says in entry["notes"][0]


def test_auto_says_which_parameter_its_choice_does_not_have() -> None:
    engine = SMOTEImplementation()
    engine.apply_smote(*numbers((10, 1)), k_neighbors=3)
    assert "k_neighbors was not used: random_over has no such parameter" in engine.get_performance_history()[0]["notes"]


def test_the_overlap_is_counted_row_by_row() -> None:
    X, y = np.random.default_rng(0).normal(size=(120, 2)), np.repeat([0, 1], [90, 30])
    X += y[:, None]
    found = method_choice.overlap(open_table(X), open_target(y, 120), 1, [])
    own = np.array([(y[np.argsort(np.square(X - X[i]).sum(axis=1))[1:6]] == 1).sum() for i in range(90, 120)])
    assert found == method_choice.Overlap(float(np.mean(own <= 2)), float(np.mean(own == 0)))


def test_on_long_tables_the_overlap_is_measured_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = numbers((4000, 1000))
    whole = method_choice.overlap(open_table(X), open_target(y, 5000), 1, [])
    monkeypatch.setattr(method_choice, "SAMPLE", 3000)
    monkeypatch.setattr(method_choice, "ASKED", 300)
    part = method_choice.overlap(open_table(X), open_target(y, 5000), 1, [])
    assert part == method_choice.overlap(open_table(X), open_target(y, 5000), 1, [])
    assert part is not None
    assert whole is not None
    assert abs(part.touching - whole.touching) < 0.15  # 300 draws: 5 spreads of a share


def test_auto_lowers_k_for_a_tiny_class_and_says_so() -> None:
    engine = SMOTEImplementation()
    _, labels = engine.apply_smote(*numbers((30, 20, 3)))
    assert_array_equal(np.bincount(labels), [30, 30, 30])
    entry = engine.get_performance_history()[-1]
    assert entry["parameters"]["k_neighbors"] == 2
    assert any("lowered from 5 to 2" in note and "class 2 has 3 rows" in note for note in entry["notes"])


def test_auto_copies_a_class_of_one_row_and_says_so() -> None:
    engine = SMOTEImplementation()
    _, labels = engine.apply_smote(*numbers((10, 1)))
    assert_array_equal(np.bincount(labels), [10, 10])
    assert "single row" in engine.get_performance_history()[-1]["notes"][-1]


def test_a_named_method_is_never_exchanged_for_another() -> None:
    engine = SMOTEImplementation()
    with pytest.warns(FewSamplesWarning, match="2 are used"):
        engine.apply_smote(*numbers((10, 3)), "smote")
    assert engine.get_performance_history()[-1]["method"] == "smote"
    with pytest.raises(TooFewSamplesError):
        engine.apply_smote(*numbers((10, 3)), "smote", few_samples="raise")


def test_what_was_done_is_remembered_with_parents_of_the_new_rows() -> None:
    engine = SMOTEImplementation()
    assert (engine.is_fitted, engine.provenance_, engine.get_performance_history()) == (False, None, [])
    engine.apply_smote(*numbers())
    assert engine.is_fitted
    assert len(engine.provenance_) == 28
    entry = engine.get_performance_history()[0]
    assert entry["counts_before"] == {0: 40, 1: 12}
    assert entry["counts_after"] == {0: 40, 1: 40}
    assert entry["requested"] == "auto"


def test_unknown_names_are_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownConfigKeyError, match="k_neighbors"):
        SMOTEImplementation({"k_neighbours": 3})
    with pytest.raises(InvalidParameterError, match="'smotenc'"):
        SMOTEImplementation().apply_smote(*numbers(), "smote_nc")
    with pytest.raises(InvalidParameterError, match="no parameter 'kneighbors'"):
        SMOTEImplementation().apply_smote(*numbers(), "smote", kneighbors=3)


def test_every_method_is_offered_with_what_there_is_to_know() -> None:
    engine = SMOTEImplementation()
    told = engine.get_method_info()
    assert set(told) == {*engine.smote_variants, *engine.hybrid_methods}
    assert set(engine.hybrid_methods) == {"smote_enn", "smote_tomek", "smote_ipf"}
    assert {"borderline", "adasyn", "svm_smote", "kmeans_smote"} <= set(engine.smote_variants)
    for method, info in told.items():
        assert all(info[key] for key in ("name", "description", "best_for", "complexity", "paper", "parameters"))
        assert info["hybrid"] is (method in HYBRIDS)
        assert set(METHODS[method].grid) <= set(parameters_of(method))


@pytest.mark.filterwarnings("ignore::contrapeso.errors.ContrapesoWarning")
@pytest.mark.parametrize("method", METHODS)
def test_every_method_runs_by_its_name(method: str) -> None:
    X, y = mixed((60, 30)) if method in {"smotenc", "smoten"} else numbers((60, 30))
    more = {"cluster_balance_threshold": 0.0} if method == "kmeans_smote" else {}
    engine = SMOTEImplementation()
    made, labels = engine.apply_smote(X, y, method, **more)
    assert len(made) == len(labels)
    assert engine.provenance_ is not None
    if method in VARIANTS and method != "random_under":
        assert_array_equal(np.bincount(labels), [60, 60])


@pytest.mark.parametrize(
    ("call", "method", "sampler"),
    [
        ("apply_borderline_smote", "borderline", BorderlineSMOTE(random_state=42)),
        ("apply_adasyn", "adasyn", ADASYN(random_state=42)),
        ("apply_svm_smote", "svm_smote", SVMSMOTE(random_state=42)),
        ("apply_hybrid_method", "smote_enn", SMOTEENN(random_state=42)),
    ],
)
def test_documented_calls_are_their_samplers(call: str, method: str, sampler: Any) -> None:
    X, y = numbers((80, 40))
    engine = SMOTEImplementation()
    made, labels = getattr(engine, call)(X, y)
    expected, expected_labels = sampler.fit_resample(X, y)
    assert_array_equal(made, expected)
    assert_array_equal(labels, expected_labels)
    entry = engine.get_performance_history()[-1]
    assert (entry["operation"], entry["method"]) == (call, method)


def test_k_means_smote_keeps_its_own_number_of_neighbors() -> None:
    engine = SMOTEImplementation()
    engine.apply_kmeans_smote(*numbers((60, 30)), cluster_balance_threshold=0.0)
    assert "k_neighbors" not in engine.get_performance_history()[-1]["parameters"]


def test_a_configured_number_of_neighbors_reaches_adasyn_by_its_own_name() -> None:
    X, y = numbers((80, 40))
    made, _ = SMOTEImplementation({"k_neighbors": 3}).apply_adasyn(X, y)
    assert_array_equal(made, ADASYN(n_neighbors=3, random_state=42).fit_resample(X, y)[0])


def test_the_filter_of_noisy_labels_is_a_hybrid_without_a_base() -> None:
    X, y = numbers((80, 40))
    made, _ = SMOTEImplementation().apply_hybrid_method(X, y, "smote_ipf", k_neighbors=3)
    expected, _ = SMOTEIPF(k_neighbors=3, random_state=42).fit_resample(X, y)
    assert_array_equal(made, expected)
    with pytest.raises(InvalidParameterError, match="'smote_ipf' has no parameter 'base'"):
        SMOTEImplementation().apply_hybrid_method(X, y, "smote_ipf", base="adasyn")


@pytest.mark.parametrize(("estimator", "n_rows", "limited"), [(None, 40, True), (None, 41, False), ("own", 40, False)])
def test_the_default_classifier_has_one_thread_on_small_tables_only(
    monkeypatch: pytest.MonkeyPatch, estimator: str | None, n_rows: int, *, limited: bool
) -> None:
    monkeypatch.setattr(cross_validation, "SMALL", 40 * numbers((1, 1))[0].shape[1])
    X, y = numbers((n_rows - 10, 10))
    judge = LogisticRegression() if estimator else None
    folds = cross_validation.make_folds(X, y, 2, 0, judge)
    before = _openmp_threads()
    with folds.threads():
        assert _openmp_threads() == ([1] * len(before) if limited else before)
    assert _openmp_threads() == before


def _openmp_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"]


def test_a_hybrid_takes_any_base() -> None:
    X, y = numbers((80, 40))
    made, _ = SMOTEImplementation().apply_hybrid_method(X, y, "smote_tomek", base="adasyn")
    expected, _ = SMOTETomek(smote=ADASYN(random_state=42), random_state=42).fit_resample(X, y)
    assert_array_equal(made, expected)
    with pytest.raises(InvalidParameterError, match="'smote_enn'"):
        SMOTEImplementation().apply_hybrid_method(X, y, "smoteenn")


def test_a_comparison_holds_doing_nothing_and_says_why_a_method_cannot_run() -> None:
    X, y = mixed()
    engine, judge = SMOTEImplementation({"k_neighbors": 9}), LogisticRegression()
    found = engine.compare_smote_methods(X, y, ["smote", "random_over"], n_folds=3, estimator=judge)
    assert list(found) == ["none", "smote", "random_over"]
    assert found["none"]["difference_to_none"]["mean"] == 0
    assert (found["smote"]["success"], found["smote"]["code"]) == (False, "too_few_samples")
    score = found["random_over"]["f1_macro"]
    assert score["mean"] == pytest.approx(np.mean(score["folds"]))
    assert score["interval"][0] <= score["mean"] <= score["interval"][1]
    paired = np.subtract(score["folds"], found["none"]["f1_macro"]["folds"])
    assert found["random_over"]["difference_to_none"]["mean"] == pytest.approx(paired.mean())


def test_test_folds_hold_every_real_row_once_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = numbers()
    tested: list[int] = []
    trained: list[int] = []

    class Spy(LogisticRegression):  # type: ignore[misc]
        def fit(self, features: Any, labels: Any) -> Any:
            trained.append(len(features))
            return super().fit(features, labels)

        def predict(self, features: Any) -> Any:
            tested.extend(int(np.flatnonzero((row == X).all(axis=1))[0]) for row in features)
            return super().predict(features)

    SMOTEImplementation().compare_smote_methods(X, y, [], n_folds=4, estimator=Spy())
    assert sorted(tested) == list(range(len(X)))
    tested.clear()
    trained.clear()
    SMOTEImplementation().compare_smote_methods(X, y, ["smote"], n_folds=4, estimator=Spy())
    assert sorted(tested) == sorted([*range(len(X))] * 2)
    # 30 + 9 real rows, of which 13 are set aside for the threshold; then both resampled
    assert trained == [39, 26] * 4 + [60, 40] * 4


def test_the_interval_is_the_corrected_one_of_nadeau_and_bengio() -> None:
    X, y = numbers((40, 10))
    folds = cross_validation.make_folds(X, y, 5, 0, LogisticRegression())
    found = cross_validation.summary([0.1, 0.2, 0.3, 0.4, 0.5], folds)
    half = 2.7764451051977987 * np.sqrt((1 / 5 + 10 / 40) * 0.025)  # Student's t with 4 degrees of freedom
    assert found["interval"] == pytest.approx([0.3 - half, 0.3 + half])


def test_numbers_count_as_numbers_in_whatever_box_they_come() -> None:
    X, y = mixed()
    X["data"] = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(len(y)) % 90, unit="D")
    written = X.assign(data=X["data"].dt.strftime("%d/%m/%Y"))
    boxes = (X, written, written.to_dict("records"))
    found = [SMOTEImplementation().compare_smote_methods(box, y, ["smotenc"], n_folds=2) for box in boxes]
    for scores in found:
        del scores["smotenc"]["seconds"]
    assert found[0]["smotenc"] == found[1]["smotenc"] == found[2]["smotenc"]


def test_average_precision_is_that_of_the_rarest_class_or_absent_with_the_reason() -> None:
    X, y = numbers()
    found = SMOTEImplementation().compare_smote_methods(X, y, ["smote"], n_folds=4, estimator=LogisticRegression())
    folds = cross_validation.make_folds(X, y, 4, 42, None).pairs
    expected = [
        average_precision_score(y[test], LogisticRegression().fit(X[train], y[train]).predict_proba(X[test])[:, 1])
        for train, test in folds
    ]
    assert found["none"]["average_precision"]["folds"] == pytest.approx(expected)
    silent = SMOTEImplementation().compare_smote_methods(X, y, ["smote"], n_folds=4, estimator=RidgeClassifier())
    assert silent["smote"]["average_precision"]["mean"] is None
    assert "no probabilities" in silent["smote"]["average_precision"]["reason"]
    assert silent["smote"]["f1_macro"]["mean"] is not None


def test_the_threshold_with_the_greatest_balanced_accuracy_is_found() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        rare, chances = rng.random(12) < 0.3, rng.integers(0, 6, 12) / 5
        if not 0 < rare.sum() < 12:
            assert cross_validation.best_threshold(rare, chances) == 0.5
            continue

        def worth(cut: float, rare: Any = rare, chances: Any = chances) -> float:
            return float(np.mean(chances[rare] >= cut) + np.mean(chances[~rare] < cut))

        found = cross_validation.best_threshold(rare, chances)
        assert worth(found) == pytest.approx(max(worth(cut) for cut in np.linspace(-0.1, 1.1, 61)))


def test_probabilities_are_measured_at_a_threshold_from_the_training_rows() -> None:
    X, y = numbers((60, 20))
    judge = LogisticRegression()
    found = SMOTEImplementation().compare_smote_methods(X, y, ["random_over"], n_folds=4, estimator=judge)
    briers, tuned = [], []
    for train, test in cross_validation.make_folds(X, y, 4, 42, None).pairs:
        chances = LogisticRegression().fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        splitter = StratifiedShuffleSplit(1, test_size=20, random_state=0)
        inner, held = next(splitter.split(X[train], y[train]))
        part = LogisticRegression().fit(X[train][inner], y[train][inner]).predict_proba(X[train][held])[:, 1]
        cut = cross_validation.best_threshold(y[train][held] == 1, part)
        briers.append(np.mean((chances - y[test]) ** 2))
        tuned.append(balanced_accuracy_score(y[test], chances >= cut))
    assert found["none"]["brier"]["folds"] == pytest.approx(briers)
    assert found["none"]["balanced_accuracy_tuned"]["folds"] == pytest.approx(tuned)
    assert found["random_over"]["brier"]["mean"] > found["none"]["brier"]["mean"]
    assert all(seconds >= 0 for seconds in found["random_over"]["seconds"]["folds"])
    silent = SMOTEImplementation().compare_smote_methods(X, y, [], n_folds=4, estimator=RidgeClassifier())
    for measure in cross_validation.BY_PROBABILITY:
        assert silent["none"][measure]["mean"] is None
        assert "no probabilities" in silent["none"][measure]["reason"]


@pytest.mark.slow
def test_all_methods_can_be_compared() -> None:
    X, y = numbers((120, 60))
    found = SMOTEImplementation().compare_smote_methods(X, y, n_folds=3, estimator=LogisticRegression())
    assert list(found) == ["none", "auto", *METHODS]
    for method, measures in found.items():
        assert measures["success"] or measures["code"] == "invalid_data", (method, measures)
    assert {method for method, measures in found.items() if not measures["success"]} <= {"smotenc", "kmeans_smote"}


@pytest.mark.parametrize("method", [method for method in METHODS if method not in {"smotenc", "smote_ipf"}])
def test_every_method_has_a_grid_that_runs(method: str) -> None:
    X, y = numbers((80, 40))
    grid = {name: values[:1] for name, values in METHODS[method].grid.items()}
    if method == "kmeans_smote":
        grid = {"cluster_balance_threshold": [0.0], "k_neighbors": [2]}
    found = SMOTEImplementation().optimize_smote_parameters(
        X, y, method, grid, n_folds=2, estimator=LogisticRegression()
    )
    assert found["reason"] is None
    assert found["best_params"] == {name: values[0] for name, values in grid.items()}


def test_the_best_parameters_are_those_with_the_greatest_score() -> None:
    X, y = numbers()
    grid = {"k_neighbors": [1, 5, 40]}
    found = SMOTEImplementation().optimize_smote_parameters(
        X, y, "smote", grid, n_folds=3, estimator=LogisticRegression()
    )
    ran = [r for r in found["results"] if r["success"]]
    assert [r["params"]["k_neighbors"] for r in ran] == [1, 5]
    assert found["results"][2]["code"] == "too_few_samples"
    assert found["best_score"] == max(r["score"] for r in ran)
    assert found["best_params"] in [r["params"] for r in ran if r["score"] == found["best_score"]]


def test_where_no_candidate_can_run_the_best_is_absent_with_a_reason() -> None:
    found = SMOTEImplementation().optimize_smote_parameters(
        *numbers(), "smote", {"k_neighbors": [99]}, n_folds=2, estimator=LogisticRegression()
    )
    assert (found["best_params"], found["best_score"]) == (None, None)
    assert "k_neighbors=99" in found["reason"]


def test_a_comparison_needs_two_rows_of_two_classes() -> None:
    with pytest.raises(SingleClassError):
        SMOTEImplementation().compare_smote_methods(*numbers((10,)))
    with pytest.raises(TooFewSamplesError, match="1 row"):
        SMOTEImplementation().compare_smote_methods(*numbers((10, 1)))
