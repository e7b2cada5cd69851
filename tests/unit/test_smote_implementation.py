"""The documented ``SMOTEImplementation``."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import average_precision_score

from contrapeso.errors import InvalidParameterError, SingleClassError, TooFewSamplesError, UnknownConfigKeyError
from contrapeso.samplers import SMOTE
from contrapeso.services import _cross_validation as cross_validation
from contrapeso.services.smote_implementation import SMOTEImplementation


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
    for table in (X, X[["a", "b"]], X[["tipo"]], X.to_dict("records"), X.to_numpy(dtype=object)):
        engine.apply_smote(table, y)
    methods = [entry["method"] for entry in engine.get_performance_history()]
    assert methods == ["smotenc", "smote", "random_over", "smotenc", "smotenc"]


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
    with pytest.raises(TooFewSamplesError):
        SMOTEImplementation().apply_smote(*numbers((10, 3)), "smote")


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


def test_methods_that_do_not_exist_are_not_offered() -> None:
    engine = SMOTEImplementation()
    assert set(engine.get_method_info()) == set(engine.smote_variants) == {
        "random_over", "random_under", "smote", "smotenc",
    }  # fmt: skip
    assert engine.hybrid_methods == {}
    assert not hasattr(engine, "apply_adasyn")
    for info in engine.get_method_info().values():
        assert info.keys() >= {"name", "description", "best_for", "complexity"}


def test_a_comparison_holds_doing_nothing_and_says_why_a_method_cannot_run() -> None:
    X, y = mixed()
    found = SMOTEImplementation().compare_smote_methods(X, y, ["smote", "smotenc"], n_folds=3)
    assert list(found) == ["none", "smote", "smotenc"]
    assert found["none"]["difference_to_none"]["mean"] == 0
    assert (found["smote"]["success"], found["smote"]["code"]) == (False, "invalid_data")
    score = found["smotenc"]["f1_macro"]
    assert score["mean"] == pytest.approx(np.mean(score["folds"]))
    assert score["interval"][0] <= score["mean"] <= score["interval"][1]
    paired = np.subtract(score["folds"], found["none"]["f1_macro"]["folds"])
    assert found["smotenc"]["difference_to_none"]["mean"] == pytest.approx(paired.mean())


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
    assert trained == [39] * 4 + [60] * 4  # 30 + 9 real rows, then 30 + 30


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
    found = [SMOTEImplementation().compare_smote_methods(box, y, ["smotenc"], n_folds=3) for box in boxes]
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
