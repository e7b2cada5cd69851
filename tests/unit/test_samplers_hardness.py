"""Instance hardness against a slow version and imbalanced-learn's stream."""

from typing import Any

import numpy as np
import pytest
from imblearn.under_sampling import InstanceHardnessThreshold as Imblearn
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from contrapeso.errors import FewSamplesWarning
from contrapeso.samplers import InstanceHardnessThreshold
from tests._dropping import clouds, mixed

FOREST = RandomForestClassifier(n_estimators=5)


def test_the_surest_rows_of_each_class_stay() -> None:
    X, y = clouds((60, 30, 12))
    folds = KFold(4)
    sampler = InstanceHardnessThreshold(estimator=GaussianNB(), cv=folds)
    sampler.fit_resample(X, y)
    sure = np.empty(len(y))
    for train, test in folds.split(X):
        judge = GaussianNB().fit(X[train], y[train])
        for i in test:
            sure[i] = judge.predict_proba(X[[i]])[0, y[i]]
    for label in (0, 1, 2):
        rows = np.flatnonzero(y == label)
        easiest = rows[np.argsort(-sure[rows])[:12]]
        assert_array_equal(sampler.sample_indices_[y[sampler.sample_indices_] == label], np.sort(easiest))
    assert_array_equal(y[sampler.sample_indices_], np.repeat([0, 1, 2], 12))


@pytest.mark.parametrize("estimator", [GaussianNB(), FOREST, make_pipeline(StandardScaler(), FOREST)], ids=str)
@pytest.mark.parametrize("strategy", ["auto", {0: 20, 2: 5}], ids=str)
def test_the_legacy_stream_keeps_the_rows_of_imbalanced_learn(estimator: Any, strategy: Any) -> None:
    for seed in range(3):
        X, y = clouds((60, 30, 12), seed=seed)
        both = {"estimator": estimator, "sampling_strategy": strategy, "cv": 3}
        ours = InstanceHardnessThreshold(**both, random_state=seed, legacy_stream=True)
        theirs = Imblearn(**both, random_state=seed)
        made, labels = ours.fit_resample(X, y)
        X_theirs, y_theirs = theirs.fit_resample(X, y)
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
        assert_array_equal(made, X_theirs)
        assert_array_equal(labels, y_theirs)


def test_the_legacy_stream_of_the_default_forest_goes_on_from_a_random_state() -> None:
    X, y = clouds((30, 12))
    for state in (lambda: 3, lambda: np.random.RandomState(3)):
        ours = InstanceHardnessThreshold(random_state=state(), cv=2, legacy_stream=True)
        theirs = Imblearn(random_state=state(), cv=2)
        ours.fit_resample(X, y)
        theirs.fit_resample(X, y)
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)


def test_exactly_as_many_as_asked_for_stay_and_a_draw_decides_among_equals() -> None:
    X, y = np.zeros((60, 1)), np.repeat([0, 1], [50, 10])  # nothing tells any two rows apart
    kept = []
    for seed in range(6):
        sampler = InstanceHardnessThreshold(estimator=LogisticRegression(), random_state=seed, cv=2)
        _, labels = sampler.fit_resample(X, y)
        assert np.bincount(labels).tolist() == [10, 10]
        kept.append(sampler.sample_indices_[:10])
    assert len(np.unique(np.concatenate(kept))) > 25
    sampler = InstanceHardnessThreshold(estimator=LogisticRegression(), cv=2, legacy_stream=True)
    assert len(sampler.fit_resample(X, y)[1]) == 60


def test_labels_of_any_kind_are_taken() -> None:
    X, y = clouds((30, 12))
    names = np.array(["zebra", "anta"])[y]
    parameters: dict[str, Any] = {"estimator": GaussianNB(), "cv": KFold(3)}
    rows, labels = InstanceHardnessThreshold(**parameters).fit_resample(X, names)
    assert sorted(labels.tolist()) == ["anta"] * 12 + ["zebra"] * 12
    assert_array_equal(np.sort(rows, axis=0), np.sort(InstanceHardnessThreshold(**parameters).fit_resample(X, y)[0], 0))


def test_the_default_forest_sees_categories_dates_and_gaps() -> None:
    frame, y = mixed()
    frame = frame.assign(tipo=np.where(y == "fraude", "pix", "ted"))  # one column tells all
    noisy = np.where(np.arange(len(y)) < 3, "fraude", y)
    sampler = InstanceHardnessThreshold(random_state=0, cv=3, sampling_strategy="all")
    made, _ = sampler.fit_resample(frame, noisy)
    assert_frame_equal(made, frame.iloc[sampler.sample_indices_])
    hard = np.flatnonzero(noisy != y)
    assert len(hard) > 0
    wanted = {"fraude": int((noisy == "fraude").sum() - len(hard))}
    sampler = InstanceHardnessThreshold(random_state=0, cv=3, sampling_strategy=wanted)
    sampler.fit_resample(frame, noisy)
    assert not set(hard.tolist()) & set(sampler.sample_indices_.tolist())


def test_an_estimator_gets_the_frame_itself() -> None:
    frame, y = mixed()
    judge = make_pipeline(
        make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["tipo", "uf"])), LogisticRegression()
    )
    _, labels = InstanceHardnessThreshold(estimator=judge, cv=3, random_state=0).fit_resample(frame, y)
    assert (labels == "normal").sum() == (labels == "fraude").sum() == 20


def test_same_seed_same_rows_whatever_the_estimators_own_seed_and_processes() -> None:
    X, y = clouds((60, 12))
    kept = [
        InstanceHardnessThreshold(estimator=FOREST.set_params(random_state=own), random_state=1, n_jobs=n).fit_resample(
            X if own else sparse.csr_matrix(X), y
        )[0]
        for own, n in ((1, None), (2, 2), (0, 1))
    ]
    assert_array_equal(kept[0], kept[1])
    assert_array_equal(kept[0], kept[2].toarray())


@pytest.mark.parametrize(("n_few", "n_splits"), [(1, 2), (2, 2), (4, 4)])
def test_small_classes_lower_the_number_of_folds(n_few: int, n_splits: int) -> None:
    X, y = clouds((20, n_few))
    sampler = InstanceHardnessThreshold(estimator=GaussianNB(), random_state=0)
    with pytest.warns(FewSamplesWarning, match=f"has {n_few} samples, too few for 5 folds: {n_splits} are made"):
        _, labels = sampler.fit_resample(X, y)
    assert np.bincount(labels).tolist() == [n_few, n_few]
