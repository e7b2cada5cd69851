"""Cluster centroids against slow versions and imbalanced-learn's stream; mixed tables; rows that stand for others."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.under_sampling import ClusterCentroids as Imblearn
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression

from contrapeso.errors import CopiesWarning, InvalidParameterError
from contrapeso.samplers import ClusterCentroids
from tests._dropping import clouds, mixed, mixed_points, squared_distances


class EqualParts(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Cuts the rows, in order of their first number, into parts of equal size."""

    def __init__(self, n_clusters: int = 2) -> None:
        self.n_clusters = n_clusters

    def fit(self, X: Any, y: object = None) -> "EqualParts":
        X = X.toarray() if sparse.issparse(X) else X
        parts = np.array_split(X[np.argsort(X[:, 0])], self.n_clusters)
        self.cluster_centers_ = np.array([part.mean(axis=0) for part in parts])
        self._starts = np.array([part[0, 0] for part in parts])
        return self

    def predict(self, X: Any) -> np.ndarray:
        first = X.toarray()[:, 0] if sparse.issparse(X) else X[:, 0]
        return np.searchsorted(self._starts, first, side="right") - 1


class Blind(BaseEstimator):  # type: ignore[misc]
    """Has no centres."""

    def __init__(self, n_clusters: int = 2) -> None:
        self.n_clusters = n_clusters

    def fit(self, X: Any, y: object = None) -> "Blind":
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.zeros(len(X), dtype=int)


def test_soft_rows_are_the_means_of_their_clusters() -> None:
    X, y = clouds((60, 30, 12))
    sampler = ClusterCentroids(estimator=EqualParts())
    made, labels = sampler.fit_resample(X, y)
    assert sampler.voting_ == "soft"
    assert_array_equal(labels, np.repeat([0, 1, 2], 12))
    assert_array_equal(made[24:], X[y == 2])
    for row in range(36):
        assert_allclose(made[row], X[sampler.sample_clusters_ == row].mean(axis=0), rtol=1e-12)
        assert set(y[sampler.sample_clusters_ == row]) == {labels[row]}


def test_hard_rows_are_those_nearest_to_the_centre_of_their_cluster() -> None:
    X, y = clouds((60, 30, 12))
    sampler = ClusterCentroids(estimator=EqualParts(), voting="hard")
    made, labels = sampler.fit_resample(X, y)
    for row in range(36):
        members = X[sampler.sample_clusters_ == row]
        apart = squared_distances(members, members.mean(axis=0)[None])[:, 0]
        assert_array_equal(made[row], members[apart.argmin()])
    assert len(np.unique(made, axis=0)) == len(labels) == 36


@pytest.mark.parametrize("voting", ["soft", "hard"])
@pytest.mark.parametrize("estimator", [None, KMeans(n_init=2, random_state=4)], ids=str)
def test_the_legacy_stream_makes_the_rows_of_imbalanced_learn(voting: Any, estimator: Any) -> None:
    for seed in range(2):
        X, y = clouds((60, 30, 12), seed=seed)
        for box in (X, sparse.csr_matrix(X)):
            both = {"voting": voting, "estimator": estimator, "random_state": seed}
            made, labels = ClusterCentroids(**both, legacy_stream=True).fit_resample(box, y)
            X_theirs, y_theirs = Imblearn(**both).fit_resample(box, y)
            if sparse.issparse(made):
                made, X_theirs = made.toarray(), X_theirs.toarray()
            assert_array_equal(made, X_theirs)
            assert_array_equal(labels, y_theirs)


def test_the_legacy_stream_goes_on_from_a_random_state() -> None:
    X, y = clouds((60, 30, 12))
    ours = ClusterCentroids(random_state=np.random.RandomState(2), legacy_stream=True).fit_resample(X, y)[0]
    assert_array_equal(ours, Imblearn(random_state=np.random.RandomState(2)).fit_resample(X, y)[0])


def test_mixed_tables_keep_real_rows_unless_told_otherwise() -> None:
    frame, y = mixed()
    sampler = ClusterCentroids(random_state=0)
    made, labels = sampler.fit_resample(frame, y)
    assert sampler.voting_ == "hard"
    assert_frame_equal(made, frame.loc[made.index])
    assert made.index.is_unique
    assert labels.tolist() == ["fraude"] * 20 + ["normal"] * 20
    assert set(made.index[20:]) <= set(frame.index[y == "normal"])


def test_soft_rows_of_mixed_tables_have_means_on_the_grid_and_frequent_categories() -> None:
    frame, y = mixed()
    sampler = ClusterCentroids(random_state=0, voting="soft", estimator=EqualParts())
    made, labels = sampler.fit_resample(frame, pd.Series(y, index=frame.index))
    assert_array_equal(labels.to_numpy(), np.repeat(["fraude", "normal"], 20))
    assert_array_equal(labels.index, made.index)
    assert_array_equal(made.dtypes, frame.dtypes)
    for row in range(20, 40):
        members = frame[sampler.sample_clusters_ == row]
        mean = sum(members["valor"]) / len(members)
        assert abs(made["valor"].iloc[row] - mean) <= Decimal("0.005")
        assert made["valor"].iloc[row].as_tuple().exponent == -2
        assert_allclose(made["score"].iloc[row], members["score"].mean(), equal_nan=True, atol=1e-9)
        kinds = members["tipo"].value_counts()
        assert kinds[made["tipo"].iloc[row]] == kinds.max()
    assert_frame_equal(made.iloc[:20], frame[y == "fraude"])


def test_the_clusters_of_a_mixed_table_are_those_of_its_points() -> None:
    frame, y = mixed()
    cities = ClusterCentroids(random_state=0, estimator=KMeans(n_init=1))
    cities.fit_resample(frame, y)
    points = mixed_points(frame)
    normal = y == "normal"
    for cluster in range(20, 40):
        members = points[normal & (cities.sample_clusters_ == cluster)]
        assert squared_distances(members, members.mean(axis=0)[None]).sum() < points[normal].var(axis=0).sum() * 40


def test_whole_numbers_and_gaps_stay_what_they_are() -> None:
    X = np.array([[0], [1], [4], [7], [90], [95], [50], [51]])
    y = np.repeat([0, 1], [6, 2])
    made, _ = ClusterCentroids(estimator=EqualParts()).fit_resample(X, y)
    assert made.dtype == X.dtype
    assert made.ravel().tolist() == [2, 64, 50, 51]  # 5 / 3 and 192 / 3
    gaps = np.array([[1.0], [2.0], [np.nan], [9.0], [np.nan], [5.0]])
    sampler = ClusterCentroids(random_state=0, sampling_strategy={0: 2})
    made, _ = sampler.fit_resample(gaps, [0, 0, 0, 0, 1, 1])
    for row in (0, 1):
        assert made[row, 0] == np.nanmean(gaps[sampler.sample_clusters_ == row])
    assert_array_equal(made[2:], gaps[4:])


def test_weights_are_means_and_other_metadata_the_nearest_rows() -> None:
    X, y = clouds((20, 5))
    weight = np.arange(25.0)
    sampler = ClusterCentroids(estimator=EqualParts())
    made, _ = sampler.fit_resample(X, y, sample_weight=weight, metadata={"row": np.arange(25)})
    for row in range(10):
        members = np.flatnonzero(sampler.sample_clusters_ == row)
        assert_allclose(sampler.sample_weight_[row], weight[members].mean())
        apart = squared_distances(X[members], made[[row]])[:, 0]
        assert sampler.metadata_["row"][row] == members[apart.argmin()]


def test_same_seed_same_rows_and_each_class_a_seed_of_its_own() -> None:
    X, y = clouds((60, 60, 12))
    first, again = (ClusterCentroids(random_state=3).fit_resample(X, y)[0] for _ in range(2))
    assert_array_equal(first, again)
    assert (first != ClusterCentroids(random_state=4).fit_resample(X, y)[0]).any()
    seeds = []

    class Spy(KMeans):  # type: ignore[misc]
        def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
            seeds.append(self.random_state)
            return super().fit(X)

    ClusterCentroids(estimator=Spy(), random_state=3).fit_resample(X, y)
    ClusterCentroids(estimator=Spy(random_state=7), random_state=3).fit_resample(X, y)
    assert len(set(seeds[:2])) == 2
    assert seeds[2:] == [7, 7]


@pytest.mark.parametrize("voting", ["soft", "hard"])
def test_identical_rows_make_fewer_clusters_which_is_said(voting: Any) -> None:
    X, y = np.vstack([np.ones((6, 2)), [[5.0, 5.0]] * 2]), np.repeat([0, 1], [6, 2])
    sampler = ClusterCentroids(random_state=0, voting=voting)
    with pytest.warns(CopiesWarning, match="Class 0 fell into 1 clusters instead of 2"):
        made, labels = sampler.fit_resample(X, y)
    assert_array_equal(made, X[[0, 1, 6, 7]])
    assert labels.tolist() == [0, 0, 1, 1]


def test_clusterers_that_are_none_are_refused() -> None:
    X, y = clouds((20, 5))
    with pytest.raises(InvalidParameterError, match="exposing a parameter `n_clusters`"):
        ClusterCentroids(estimator=LogisticRegression()).fit_resample(X, y)
    with pytest.raises(RuntimeError, match="exposing a fitted parameter `cluster_centers_`"):
        ClusterCentroids(estimator=Blind()).fit_resample(X, y)
    with pytest.raises(InvalidParameterError, match="is to keep 0 rows"):
        ClusterCentroids(sampling_strategy={0: 0}).fit_resample(X, y)


def test_a_class_that_keeps_all_its_rows_is_not_clustered() -> None:
    X, y = clouds((12, 12, 12))
    made, _ = ClusterCentroids(sampling_strategy="all").fit_resample(X, y)
    assert_array_equal(made, X[np.argsort(y, kind="stable")])
