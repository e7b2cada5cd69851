"""SHAP values add up, agree with Shapley's formula, and a column is named only where chance does not explain it."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from numpy.testing import assert_allclose
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline as sklearn_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC

from contrapeso.balancing.explain import compare_importance, shap_values
from contrapeso.balancing.tuning import Candidate, TunedClassifier
from contrapeso.errors import CancelledError, InvalidDataError, InvalidParameterError, UnsupportedOperationError
from contrapeso.samplers import SMOTE, make_pipeline

QUIET = {"n_estimators": 20, "num_leaves": 7, "n_jobs": 1, "verbose": -1, "random_state": 0}


def _table(n: int = 300, p: int = 4, n_classes: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    score = 1.5 * X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=n)
    return X, np.digitize(score, np.quantile(score, np.arange(1, n_classes) / n_classes))


def _log_odds(model, X) -> np.ndarray:
    shares = model.predict_proba(X)
    if shares.shape[1] == 2:
        return np.log(shares[:, 1:] / shares[:, :1])
    found = np.log(shares)
    return found - found.mean(axis=1, keepdims=True)


def _brute_force(margin, x: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Shapley (1953): the mean marginal contribution over all coalitions, against the mean over the background."""
    p = x.size

    def value(coalition: tuple[int, ...]) -> float:
        rows = background.copy()
        rows[:, list(coalition)] = x[list(coalition)]
        return margin(rows).mean()

    phi = np.zeros(p)
    for j in range(p):
        others = [k for k in range(p) if k != j]
        for size in range(p):
            weight = factorial(size) * factorial(p - size - 1) / factorial(p)
            for chosen in combinations(others, size):
                phi[j] += weight * (value((*chosen, j)) - value(chosen))
    return phi


def _xgboost(**options):
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, random_state=0, **options)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("make", [lambda: LGBMClassifier(**QUIET), _xgboost, LogisticRegression])
def test_values_and_base_add_up_to_the_log_odds(make, n_classes: int) -> None:
    X, y = _table(n_classes=n_classes)
    model = make().fit(X, y)
    found = shap_values(model, X)
    assert found.method != "permutation"
    assert found.values.shape == (300, 4, 1 if n_classes == 2 else 3)
    assert_allclose(found.margins, _log_odds(model, X), atol=2e-4 if "XGB" in type(model).__name__ else 1e-8)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_sampled_values_and_base_add_up_as_well(n_classes: int) -> None:
    X, y = _table(n=60, n_classes=n_classes)
    model = GaussianNB().fit(X, y)
    found = shap_values(model, X[:10], background=X, n_walks=64)
    assert (found.method, found.scale) == ("permutation", "log_odds")
    assert_allclose(found.margins, _log_odds(model, X[:10]), atol=1e-10)


def test_linear_values_are_shapley_values() -> None:
    X, y = _table(n=80)
    model = LogisticRegression().fit(X, y)
    found = shap_values(model, X[:5], background=X)
    exact = [_brute_force(model.decision_function, x, X) for x in X[:5]]
    assert_allclose(found.values[:, :, 0], exact, atol=1e-10)


def test_sampled_values_are_shapley_values_within_their_errors() -> None:
    """40 values at once; six standard errors of 200 pairs of walks are passed once in ten million tables."""
    X, y = _table(n=40)
    model = GaussianNB().fit(X, y)
    found = shap_values(model, X[:10], background=X, n_walks=400)
    exact = np.array([_brute_force(lambda rows: _log_odds(model, rows)[:, 0], x, X) for x in X[:10]])
    assert found.errors is not None
    z = (found.values - exact[:, :, None]) / np.maximum(found.errors, 1e-12)
    assert np.abs(z).max() < 6
    assert 0.3 < np.sqrt((z**2).mean()) < 2  # the errors are neither much too small nor much too large


def test_tree_values_agree_with_shapley_where_the_columns_are_independent() -> None:
    """On a full grid the path of the rows and the independent formula are one expectation."""
    grid = np.stack(np.meshgrid(*[np.arange(4.0)] * 3), axis=-1).reshape(-1, 3)
    X = np.repeat(grid, 20, axis=0)
    y = (X[:, 0] * X[:, 1] + X[:, 2] + np.tile(np.arange(20) / 5, 64) > 5).astype(int)
    model = LGBMClassifier(**QUIET | {"n_estimators": 1, "num_leaves": 31}).fit(X, y)
    found = shap_values(model, grid[:10])
    exact = [_brute_force(lambda rows: model.predict(rows, raw_score=True), x, grid) for x in grid[:10]]
    assert_allclose(found.values[:, :, 0], exact, atol=1e-8)


def test_a_kernel_machine_is_not_taken_for_linear() -> None:
    X, y = _table(n=60)
    assert shap_values(SVC().fit(X, y), X[:3], n_walks=4).method == "permutation"
    found = shap_values(LinearSVC().fit(X, y), X)
    assert (found.method, found.scale) == ("linear", "decision")
    assert shap_values(SGDClassifier(loss="log_loss", random_state=0).fit(X, y), X).scale == "log_odds"


def test_a_sampler_before_the_model_changes_nothing_at_prediction() -> None:
    X, y = _table()
    model = make_pipeline(SMOTE(random_state=0), LGBMClassifier(**QUIET)).fit(X, y)
    found = shap_values(model, X)
    assert found.method == "trees"
    assert_allclose(found.margins, _log_odds(model, X), atol=1e-8)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("estimator", [LGBMClassifier(**QUIET), LogisticRegression(max_iter=500)])
def test_a_treated_classifier_is_explained_exactly_in_the_columns_of_the_table(estimator, n_classes: int) -> None:
    X, y = _table(n=300, n_classes=n_classes)
    y[100:280] = 0  # so that the treatment has something to do
    kind = np.random.default_rng(0).choice(["pix", "ted", "boleto", None], 300)
    frame = pd.DataFrame({"kind": kind, "amount": X[:, 0], "rate": np.where(X[:, 1] > 1, np.nan, X[:, 1])})
    model = TunedClassifier(estimator, Candidate("smote", 1.0)).fit(frame, y)
    found = shap_values(model, frame)
    assert found.method == ("linear" if isinstance(estimator, LogisticRegression) else "trees")
    assert found.features == ("kind", "amount", "rate")
    assert found.values.shape == (300, 3, 1 if n_classes == 2 else 3)
    assert_allclose(found.margins, _log_odds(model, frame), atol=1e-8)


def test_a_treated_classifier_without_an_exact_answer_is_sampled() -> None:
    X, y = _table(n=60)
    found = shap_values(TunedClassifier(GaussianNB()).fit(X, y), X[:5], n_walks=4)
    assert found.method == "permutation"


def test_a_pipeline_on_mixed_columns_is_explained_column_by_column() -> None:
    X, y = _table(n=80)
    frame = pd.DataFrame({"amount": X[:, 0], "kind": pd.Categorical(np.where(X[:, 1] > 0, "pix", "ted"))})
    model = sklearn_pipeline(OneHotEncoder(handle_unknown="ignore"), RandomForestClassifier(5, random_state=0))
    found = shap_values(model.fit(frame, y), frame[:6], n_walks=8)
    assert (found.features, found.values.shape) == (("amount", "kind"), (6, 2, 1))


def test_xgboost_with_early_stopping_is_explained_by_the_trees_that_predict() -> None:
    X, y = _table()
    model = _xgboost(early_stopping_rounds=1, learning_rate=1.0).fit(
        X, y, eval_set=[(X[::3], 1 - y[::3])], verbose=False
    )
    assert model.best_iteration < 19
    assert_allclose(shap_values(model, X).margins, _log_odds(model, X), atol=2e-4)


def test_same_seed_same_values() -> None:
    X, y = _table(n=40)
    model = GaussianNB().fit(X, y)
    first, second, other = (shap_values(model, X[:4], n_walks=8, random_state=seed).values for seed in (3, 3, 4))
    assert (first == second).all()
    assert not (first == other).all()


def test_a_model_trained_again_on_the_same_rows_names_no_column() -> None:
    X, y = _table(n=400, p=6)
    model = LGBMClassifier(**QUIET).fit(X, y)
    again = LGBMClassifier(**QUIET | {"random_state": 1, "subsample": 0.9, "subsample_freq": 1}).fit(X, y)
    found = compare_importance(model, again, X, train=(X, y), n_models=6)
    assert found.changed == ()
    assert found.baseline is not None
    assert found.drift is not None
    assert found.drift.total_variation < 2 * found.baseline.total_variation
    assert "no column" in found.describe("en")
    assert "nenhuma coluna" in found.describe("pt")


def test_a_planted_column_is_named_and_the_others_are_not() -> None:
    """After "balancing" the fourth column tells the class; the model before had no use for it."""
    X, y = _table(n=400)
    leaking = X.copy()
    leaking[:, 3] += 3 * y
    before, after = (LGBMClassifier(**QUIET).fit(rows, y) for rows in (X, leaking))
    found = compare_importance(before, after, X, train=(X, y), n_models=6)
    assert "x3" in [one.name for one in found.changed]
    assert found.features[0].name in {"x3", "x0"}  # what one wins the other loses
    assert "x3" in found.describe("pt")
    assert len(found.to_frame()) == 4
    assert found.to_dict()["n_models"] == 6


def test_models_of_other_samples_can_be_given() -> None:
    X, y = _table()
    models = [LogisticRegression().fit(X[k::3], y[k::3]) for k in range(3)]
    whole = LogisticRegression().fit(X, y)
    found = compare_importance(whole, whole, X, baseline_models=models)
    assert (found.changed, found.n_models, found.method) == ((), 3, "linear")


def test_false_names_stay_within_the_level() -> None:
    """20 pairs of models of fresh samples of one population, level .95: five or more named has a chance of 0.3 %."""
    named = 0
    for seed in range(20):
        X, y = _table(n=250, seed=100 + seed)
        fresh, labels = _table(n=250, seed=500 + seed)
        before, after = LogisticRegression().fit(X, y), LogisticRegression().fit(fresh, labels)
        named += bool(compare_importance(before, after, X, train=(X, y), n_models=8, random_state=seed).changed)
    assert named < 5


def test_what_cannot_be_explained_is_refused_with_the_way_out() -> None:
    X, y = _table(n=30)
    model = LogisticRegression().fit(X, y)
    with pytest.raises(InvalidParameterError, match="train="):
        compare_importance(model, model, X)
    with pytest.raises(InvalidParameterError, match="At least 3"):
        compare_importance(model, model, X, train=(X, y), n_models=2)
    with pytest.raises(InvalidParameterError, match="even"):
        shap_values(model, X, n_walks=5)
    with pytest.raises(UnsupportedOperationError, match="Fit the model"):
        shap_values(LogisticRegression(), X)
    with pytest.raises(InvalidDataError, match="one row"):
        shap_values(model, X[:0])
    three = LogisticRegression().fit(X, np.arange(30) % 3)
    with pytest.raises(InvalidDataError, match="same columns and classes"):
        compare_importance(model, three, X, train=(X, y))


def test_cancelled_work_stops() -> None:
    X, y = _table(n=30)
    with pytest.raises(CancelledError):
        shap_values(GaussianNB().fit(X, y), X, cancel=lambda: True)
    model = sklearn_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    with pytest.raises(CancelledError):
        compare_importance(model, model, X, train=(X, y), cancel=lambda: True)
