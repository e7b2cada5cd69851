"""Samplers as steps: of our pipeline and of imbalanced-learn's, at fit only, in searches, with caches and weights."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from imblearn.over_sampling import SMOTE as ImblearnSMOTE  # noqa: N811
from imblearn.pipeline import make_pipeline as make_imblearn_pipeline
from imblearn.under_sampling import RandomUnderSampler as ImblearnUnder
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import Pipeline as SklearnPipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from contrapeso.errors import InvalidParameterError
from contrapeso.samplers import SMOTE, SMOTEENN, Pipeline, RandomOverSampler, RandomUnderSampler, make_pipeline

X, Y = make_classification(300, n_features=5, weights=[0.85], random_state=0)
samplers = pytest.mark.parametrize(
    "sampler",
    [
        SMOTE(random_state=0),
        SMOTEENN(random_state=0),
        RandomUnderSampler(random_state=0),
        ImblearnSMOTE(random_state=0),
        ImblearnUnder(random_state=0),
    ],
    ids=lambda s: f"{type(s).__module__.split('.')[0]}-{type(s).__name__}",
)


@samplers
def test_a_sampler_runs_between_the_steps_at_fit_only(sampler: Any) -> None:
    model = make_pipeline(StandardScaler(), clone(sampler), PCA(3, random_state=0), LogisticRegression()).fit(X, Y)
    scaled = StandardScaler().fit(X)
    X_made, y_made = clone(sampler).fit_resample(scaled.transform(X), Y)
    pca = PCA(3, random_state=0).fit(X_made)
    alone = LogisticRegression().fit(pca.transform(X_made), y_made)
    expected = alone.predict_proba(pca.transform(scaled.transform(X)))
    assert_array_equal(model.predict_proba(X), expected)
    assert model.score(X, Y) == np.mean(expected.argmax(axis=1) == Y)
    assert_array_equal(model[:-1].transform(X), pca.transform(scaled.transform(X)))
    assert_array_equal(model.classes_, [0, 1])
    assert model.n_features_in_ == 5


@samplers
def test_the_same_steps_give_the_same_model_in_imbalanced_learns_pipeline(sampler: Any) -> None:
    steps = [StandardScaler(), sampler, LogisticRegression()]
    ours = make_pipeline(*map(clone, steps)).fit(X, Y)
    theirs = make_imblearn_pipeline(*map(clone, steps)).fit(X, Y)
    assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))


@pytest.mark.parametrize("make", [make_pipeline, make_imblearn_pipeline])
def test_a_search_resamples_the_training_folds_alone(make: Any) -> None:
    seen: list[int] = []

    class Spy(LogisticRegression):  # type: ignore[misc]
        def predict(self, features: Any) -> Any:
            seen.append(len(features))
            return super().predict(features)

    search = GridSearchCV(
        make(SMOTE(random_state=0), Spy()),
        {"smote": [SMOTE(random_state=0), RandomOverSampler(random_state=0), None]},
        cv=3,
    )
    search.fit(X, Y)
    assert len(search.cv_results_["params"]) == 3
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert set(seen) == {100}
    assert len(cross_val_predict(search.best_estimator_, X, Y, cv=3)) == 300


def test_a_search_over_parameters_of_a_sampler_changes_them() -> None:
    grid = GridSearchCV(
        make_pipeline(SMOTE(random_state=0), LogisticRegression()), {"smote__k_neighbors": [2, 7]}, cv=3
    )
    best = grid.fit(X, Y).best_estimator_
    assert best.named_steps["smote"].k_neighbors == grid.best_params_["smote__k_neighbors"]


def test_parameters_are_set_by_step_and_clones_are_unfitted() -> None:
    model = Pipeline([("over", SMOTE(random_state=0)), ("clf", LogisticRegression())])
    model.set_params(over__k_neighbors=3, clf__C=0.5).fit(X, Y)
    assert model.get_params()["over__k_neighbors"] == 3
    assert model["over"].nn_k_.n_neighbors == 4
    assert not hasattr(clone(model)["over"], "nn_k_")
    model.set_params(over=RandomOverSampler(random_state=0)).fit(X, Y)
    assert isinstance(model["over"], RandomOverSampler)


@pytest.mark.parametrize("nothing", ["passthrough", None])
def test_a_step_may_do_nothing(nothing: Any) -> None:
    model = Pipeline([("scale", StandardScaler()), ("over", nothing), ("clf", LogisticRegression())]).fit(X, Y)
    alone = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    last = make_pipeline(SMOTE(random_state=0), nothing)
    assert_array_equal(last.fit_transform(X, Y), SMOTE(random_state=0).fit_resample(X, Y)[0])
    assert_array_equal(last.fit_resample(X, Y)[1], SMOTE(random_state=0).fit_resample(X, Y)[1])
    assert_array_equal(last.transform(X), X)


def test_a_pipeline_that_ends_in_a_sampler_gives_rows() -> None:
    model = make_pipeline(StandardScaler(), SMOTE(random_state=0), RandomUnderSampler(sampling_strategy={0: 50}))
    made, labels = model.fit_resample(X, Y)
    assert len(made) == len(labels) == 50 + int((Y == 0).sum())
    assert not hasattr(model, "predict")
    assert not hasattr(make_pipeline(SMOTE(), LogisticRegression()), "fit_resample")


def test_transformers_last_give_the_rows_that_were_made_too() -> None:
    made = make_pipeline(SMOTE(random_state=0), StandardScaler()).fit_transform(X, Y)
    assert_array_equal(made, StandardScaler().fit_transform(SMOTE(random_state=0).fit_resample(X, Y)[0]))
    clusters = make_pipeline(RandomUnderSampler(random_state=0), KMeans(2, n_init=1, random_state=0))
    assert len(clusters.fit_predict(X, Y)) == 2 * int((Y == 1).sum())


def test_frames_reach_the_steps_as_frames() -> None:
    frame = pd.DataFrame(X, columns=list("abcde")).assign(uf=np.where(X[:, 0] > 0, "SP", "RJ"))
    coded = make_column_transformer((OneHotEncoder(), ["uf"]), remainder="passthrough")
    model = make_pipeline(SMOTE(random_state=0), coded, LogisticRegression(max_iter=1000)).fit(frame, Y)
    assert model.feature_names_in_.tolist() == [*"abcde", "uf"]
    assert model.predict(frame).shape == (300,)


class Counting(SMOTE):
    """SMOTE that says on disk how often it ran."""

    def __init__(self, path: str = "", random_state: int = 0) -> None:
        super().__init__(random_state=random_state)
        self.path = path

    _parameter_constraints = {**SMOTE._parameter_constraints, "path": [str]}  # noqa: RUF012

    def fit_resample(self, X: Any, y: Any, **given: Any) -> Any:
        with Path(self.path).open("a") as file:
            file.write("x")
        return super().fit_resample(X, y, **given)


def test_a_cache_keeps_what_was_made(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    first = Counting(str(ran))
    model = make_pipeline(first, LogisticRegression(), memory=str(tmp_path / "cache"))
    before = model.fit(X, Y).predict_proba(X)
    assert_array_equal(model.fit(X, Y).predict_proba(X), before)
    assert_array_equal(clone(model).set_params(logisticregression__C=1.0).fit(X, Y).predict_proba(X), before)
    assert ran.read_text() == "x"
    assert not hasattr(first, "nn_k_")  # with a cache the caller's object is cloned
    assert hasattr(model[0], "nn_k_")
    model.set_params(counting__random_state=1).fit(X, Y)
    assert ran.read_text() == "xx"


class Remembering(BaseEstimator):  # type: ignore[misc]
    """Last step that keeps what it was given."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, account: Any = None, note: Any = None) -> Any:
        self.given_ = (X, y, sample_weight, account, note)
        return self


@pytest.mark.parametrize("sampler", [SMOTE(), RandomUnderSampler(), SMOTEENN()], ids=lambda s: type(s).__name__)
def test_values_of_rows_follow_the_rows(sampler: Any) -> None:
    weight, account = np.arange(1.0, 301.0), [f"c{i}" for i in range(300)]
    sampler.set_params(random_state=0)
    second = RandomUnderSampler(random_state=1)
    steps = [("scale", StandardScaler()), ("s", sampler), ("under", clone(second)), ("m", Remembering())]
    model = Pipeline(steps)
    model.fit(X, Y, m__sample_weight=weight, m__account=account, m__note="as it is")
    alone = clone(sampler)
    scaled = StandardScaler().fit_transform(X)
    made, labels = alone.fit_resample(scaled, Y, sample_weight=weight, metadata={"account": account})
    made, labels = second.fit_resample(made, labels)
    X_last, y_last, weight_last, account_last, note = model["m"].given_
    assert_array_equal(X_last, made)
    assert_array_equal(y_last, labels)
    assert_array_equal(weight_last, alone.sample_weight_[second.sample_indices_])
    assert_array_equal(account_last, alone.metadata_["account"][second.sample_indices_])
    assert note == "as it is"


def test_values_of_rows_follow_through_samplers_of_others_where_they_tell() -> None:
    model = Pipeline([("under", ImblearnUnder(random_state=0)), ("m", Remembering())])
    model.fit(X, Y, m__account=np.arange(300))
    assert_array_equal(model["m"].given_[3], model["under"].sample_indices_)
    silent = Pipeline([("over", ImblearnSMOTE()), ("m", Remembering())])
    with pytest.raises(InvalidParameterError, match=r"account has one value per row, and SMOTE does not say"):
        silent.fit(X, Y, m__account=np.arange(300))


def test_arguments_of_the_sampler_itself_reach_it() -> None:
    model = Pipeline([("over", SMOTE(random_state=0)), ("m", Remembering())])
    model.fit(X, Y, over__sample_weight=np.ones(300))
    assert (model["over"].sample_weight_ == 1).all()


def test_routed_weights_follow_the_rows() -> None:
    weight = np.arange(1.0, 301.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = make_pipeline(SMOTE(random_state=0), LogisticRegression().set_fit_request(sample_weight=True))
        model.fit(X, Y, sample_weight=weight)
    alone = SMOTE(random_state=0)
    made, labels = alone.fit_resample(X, Y, sample_weight=weight)
    expected = LogisticRegression().fit(made, labels, sample_weight=alone.sample_weight_)
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


class Both(SMOTE):
    def transform(self, X: Any) -> Any:
        return X


@pytest.mark.parametrize(
    ("steps", "error", "says"),
    [
        ([], ValueError, "empty"),
        ([("a", LogisticRegression()), ("b", LogisticRegression())], TypeError, "but not both"),
        ([("a", Both()), ("b", LogisticRegression())], TypeError, "implements both"),
        ([("a", make_pipeline(SMOTE())), ("b", LogisticRegression())], TypeError, "one by one"),
        ([("a", SMOTE()), ("b", 7)], TypeError, "Last step"),
        ([("a", SMOTE()), ("a", LogisticRegression())], ValueError, "unique"),
    ],
)
def test_steps_that_make_no_sense_are_refused(steps: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        Pipeline(steps).fit(X, Y)


def test_a_pipeline_of_transformers_may_be_a_step() -> None:
    inner = SklearnPipeline([("scale", StandardScaler())])
    model = make_pipeline(inner, SMOTE(random_state=0), LogisticRegression()).fit(X, Y)
    flat = make_pipeline(StandardScaler(), SMOTE(random_state=0), LogisticRegression()).fit(X, Y)
    assert_array_equal(model.predict_proba(X), flat.predict_proba(X))


def test_arguments_without_a_step_are_refused() -> None:
    model = make_pipeline(SMOTE(), LogisticRegression())
    with pytest.raises(ValueError, match="does not accept the sample_weight parameter"):
        model.fit(X, Y, sample_weight=np.ones(300))
    with pytest.raises(InvalidParameterError, match="no step 'svc'; its steps are smote, logisticregression"):
        model.fit(X, Y, svc__C=1)
    with pytest.raises(ValueError, match="metadata routing is enabled"):
        make_pipeline(SMOTE(), LogisticRegression(), transform_input=["X_val"]).fit(X, Y)


def test_the_samplers_are_imported_without_the_pipeline() -> None:
    code = "import sys, contrapeso.samplers; print('sklearn.pipeline' in sys.modules, contrapeso.samplers.Pipeline)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "<class", "'contrapeso.samplers._pipeline.Pipeline'>"]
