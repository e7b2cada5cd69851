"""What a reading with fresh eyes found in the handler, in explanations, in group bias: each was wrong once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression, SGDClassifier

from contrapeso.balancing.explain import check_group_bias, shap_values
from contrapeso.balancing.tuning import tune
from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.services._handler_ladder import _plain
from contrapeso.services.imbalanced_data_handler import ImbalancedDataHandler
from contrapeso.services.smote_implementation import SMOTEImplementation

N = 200


def table(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [150, 50])
    return pd.DataFrame(rng.normal(size=(N, 3)) + y[:, None], columns=["a", "b", "c"]), y


WITHOUT_DISTANCE = {
    "infinite": np.where(np.arange(N) % 9 == 0, np.inf, 1.0),
    "far apart": 2**60 + 2**54 * np.arange(N),
    "periods": pd.period_range("2020-01", periods=N, freq="D"),
}


@pytest.mark.parametrize("kind", WITHOUT_DISTANCE)
def test_rows_are_dropped_from_a_table_that_has_no_distances(kind):
    X, y = table()
    X_kept, y_kept = ImbalancedDataHandler().handle_imbalanced_data(
        X.assign(k=WITHOUT_DISTANCE[kind]), y, "undersample"
    )
    assert np.bincount(y_kept).tolist() == [50, 50]
    assert len(X_kept) == 100


def test_recommended_methods_are_those_that_can_run_where_there_are_no_distances():
    X, y = table()
    found = SMOTEImplementation().detect_imbalance(X.assign(k=WITHOUT_DISTANCE["infinite"]), y)
    assert found["recommended_methods"] == ["random_over", "random_under"]


def test_detecting_still_refuses_labels_that_do_not_fit_the_rows():
    X, y = table()
    with pytest.raises(InvalidDataError):
        SMOTEImplementation().detect_imbalance(X, y[:-1])


def test_what_is_done_to_the_history_that_is_given_is_not_done_to_the_one_that_is_kept():
    X, y = table()
    handler = ImbalancedDataHandler()
    handler.handle_imbalanced_data(X, y, "undersample")
    handler.get_balancing_history()[0]["counts_before"][7] = 7
    assert handler.balancing_history[0]["counts_before"] == {0: 150, 1: 50}


def test_columns_of_one_name_are_counted_once_when_the_effect_is_measured():
    X, y = table()
    twins = X.set_axis(["a", "a", "c"], axis=1)
    handler = ImbalancedDataHandler()
    parts = (twins[::2], y[::2], twins[1::2], y[1::2], twins[::2], y[::2])
    plain = (X[::2], y[::2], X[1::2], y[1::2], X[::2], y[::2])
    model = LogisticRegression()
    found, same = (
        handler.evaluate_balancing_effectiveness(*given, estimator=model, n_bootstrap=5) for given in (parts, plain)
    )
    assert found["original_performance"] == same["original_performance"]


def test_columns_of_one_name_must_be_in_all_three_tables():
    X, y = table()
    twins = X.set_axis(["a", "a", "c"], axis=1)
    single = X[["a", "c"]]
    with pytest.raises(InvalidDataError, match="one name"):
        ImbalancedDataHandler().evaluate_balancing_effectiveness(twins, y, single, y, twins, y)


def test_a_label_that_is_no_text_of_any_language_is_saved_and_read_again(tmp_path: Path):
    X, y = table()
    handler, again = ImbalancedDataHandler(), ImbalancedDataHandler()
    handler.handle_imbalanced_data(X, np.where(y == 1, "\udc80", "a"), "undersample")
    handler.save_balancing_state(tmp_path / "state.json")
    again.load_balancing_state(tmp_path / "state.json")
    assert again.balancing_history == handler.balancing_history
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_the_facts_of_the_ladder_are_those_that_a_file_gives_back():
    assert _plain({"a": (1.0, (np.int64(2), None)), "b": [{"c": (3,)}]}) == {"a": [1.0, [2, None]], "b": [{"c": [3]}]}


def test_a_seed_of_numpy_is_a_seed():
    assert ImbalancedDataHandler({"random_state": np.int64(3)}).config["random_state"] == 3


def test_a_seed_that_no_sampler_takes_is_refused_at_the_door():
    with pytest.raises(InvalidParameterError, match="random_state"):
        ImbalancedDataHandler({"random_state": 2**40})


@pytest.mark.parametrize("ask", ["handle_imbalanced_data", "get_balancing_recommendations"])
def test_labels_that_are_tuples_are_refused_in_words(ask):
    X, y = table()
    with pytest.raises(InvalidDataError, match="tuple"):
        getattr(ImbalancedDataHandler(), ask)(X, pd.Series([("k", int(label)) for label in y]))


# Explanations

FEW = {"n_estimators": 10, "num_leaves": 7, "n_jobs": 1, "verbose": -1}
BENT = {
    "one class against the rest": LGBMClassifier(objective="multiclassova", **FEW),
    "a forest": LGBMClassifier(boosting_type="rf", bagging_freq=1, bagging_fraction=0.6, **FEW),
    "a sigmoid of 2": LGBMClassifier(sigmoid=2.0, **FEW),
    "linear leaves": LGBMClassifier(linear_tree=True, **FEW),
}


def log_odds(model, X):
    chances = np.log(np.clip(model.predict_proba(X), 1e-4, 1 - 1e-4))
    return chances[:, 1:] - chances[:, :1] if chances.shape[1] == 2 else chances - chances.mean(axis=1, keepdims=True)


@pytest.mark.parametrize("kind", BENT)
def test_values_add_up_to_log_odds_whatever_the_model_makes_of_its_margins(kind):
    X, y = table()
    y = np.digitize(X["a"] + X["b"], [0, 2]) if kind == "one class against the rest" else y
    model = BENT[kind].fit(X, y)
    found = shap_values(model, X[::20], n_walks=4)
    assert found.method == "permutation"
    assert_allclose(found.margins, log_odds(model, X[::20]), atol=1e-9)


def test_chances_of_one_class_against_the_rest_are_no_softmax_of_the_weights():
    X, _ = table()
    model = SGDClassifier(loss="log_loss", random_state=0).fit(X, np.digitize(X["a"] + X["b"], [0, 2]))
    found = shap_values(model, X[::20], n_walks=4)
    assert found.method == "permutation"
    assert_allclose(found.margins, log_odds(model, X[::20]), atol=1e-9)


def test_the_background_is_taken_by_the_names_of_its_columns():
    X, y = table()
    model = LogisticRegression().fit(X, y)
    found, same = (
        shap_values(model, X[:5], background=X.loc[50:, names]) for names in (["c", "a", "b"], ["a", "b", "c"])
    )
    assert_allclose(found.values, same.values)


def test_a_background_with_other_columns_is_refused():
    X, y = table()
    with pytest.raises(InvalidDataError, match="background"):
        shap_values(LogisticRegression().fit(X, y), X[:5], background=X[["a", "b"]].assign(z=0.0))


# Tuning


@pytest.mark.parametrize(
    "asked", [{"n_trials": "many"}, {"n_trials": float("inf")}, {"budget_s": "long"}, {"budget_s": True}]
)
def test_what_is_no_number_of_trials_or_seconds_is_refused_by_name(asked):
    X, y = table()
    with pytest.raises(InvalidParameterError, match=next(iter(asked))):
        tune(X, y, LogisticRegression(), **{"n_trials": 1, "budget_s": None, **asked})


def test_a_database_that_nothing_here_speaks_to_is_refused_with_the_way_out():
    X, y = table()
    with pytest.raises(InvalidParameterError, match="sqlite:///FILE"):
        tune(X, y, LogisticRegression(), n_trials=1, storage="mssql+pymssql://host/file")


# Groups


def test_decisions_in_other_labels_than_the_truth_are_refused():
    truth, group = np.tile([0, 0, 1], 100), np.repeat(["x", "y"], 150)
    with pytest.raises(InvalidDataError, match="class of y_true"):
        check_group_bias(truth, truth, truth.astype(str), group)


def test_a_model_that_chooses_nobody_is_no_error():
    truth, group = np.tile([0, 0, 1], 100), np.repeat(["x", "y"], 150)
    assert check_group_bias(truth, np.zeros(300), np.zeros(300), group).verdict == "no_change"
