"""KMeansSMOTE: which clusters are used, how many rows each gets, and the clustering itself."""

import math
import warnings
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.metrics import pairwise_distances

from contrapeso.errors import InvalidDataError
from contrapeso.samplers import SMOTE, KMeansSMOTE
from contrapeso.samplers import _kmeans as kmeans
from contrapeso.samplers._kmeans import clusters_of, mean_distance
from contrapeso.samplers._space import Points
from tests._line_tables import mixed, overlapping


def points(numbers: np.ndarray, codes: np.ndarray | None = None, mismatch: float = 0.0) -> Points:
    atoms = np.empty((len(numbers), 0), dtype=np.int32) if codes is None else codes.astype(np.int32)
    return Points(numbers, atoms, mismatch)


def blobs(seed: int, counts: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Far apart clusters of so many rows of class 0 and 1, the later the wider."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(40.0 * c, 0.5 + c, size=(a + b, 2)) for c, (a, b) in enumerate(counts)]
    return np.concatenate(parts), np.concatenate([np.repeat([0, 1], pair) for pair in counts])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(3, 12), st.sampled_from(["auto", 1.0, 3.0]))
def test_each_cluster_gets_its_share_by_sparsity(seed: int, n_clusters: int, few: int, exponent: Any) -> None:
    X, y = blobs(seed, [(30, few + c) for c in range(n_clusters)])
    clusterer = KMeans(n_clusters, random_state=0, n_init=3)
    sampler = KMeansSMOTE(
        kmeans_estimator=clusterer, density_exponent=exponent, cluster_balance_threshold=0.05, random_state=seed
    )
    n = 30 * n_clusters - int(y.sum())
    _, y_new = sampler.fit_resample(X, y)
    assert Counter(y_new.tolist()) == {0: 30 * n_clusters, 1: 30 * n_clusters}
    labels = sampler.kmeans_estimator_.labels_
    assert (labels[sampler.sample_parents_[:, 0]] == labels[sampler.sample_parents_[:, 1]]).all()
    sparsity = np.zeros(n_clusters)
    for c in range(n_clusters):
        inside = X[(labels == c) & (y == 1)]
        m = len(inside)
        if m >= 3 and m >= 0.05 * (labels == c).sum():
            power = 0.16 * math.log(m, 1.6) ** 1.8 if exponent == "auto" else exponent
            sparsity[c] = (pairwise_distances(inside).sum() / (m * (m - 1))) ** power / m
    made = np.bincount(labels[sampler.sample_parents_[:, 0]], minlength=n_clusters)
    assert made.sum() == n
    assert (np.abs(made - n * sparsity / sparsity.sum()) < 1.0 + 1e-6).all()


def test_counts_are_exact_where_rounding_up_would_add_a_row_per_cluster() -> None:
    X, y = blobs(0, [(80, 20)] * 6)
    _, y_new = KMeansSMOTE(kmeans_estimator=6, cluster_balance_threshold=0.05, random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [480, 480]


def test_clusters_with_too_small_a_share_are_left_out() -> None:
    X, y = blobs(0, [(50, 30), (50, 4), (50, 2)])
    for threshold, used in ((0.2, {0}), (0.05, {0, 1}), (-1.0, {0, 1})):
        sampler = KMeansSMOTE(
            kmeans_estimator=KMeans(3, random_state=0), cluster_balance_threshold=threshold, random_state=0
        )
        sampler.fit_resample(X, y)
        assert set((sampler.sample_parents_[:, 0] >= 80).astype(int) + (sampler.sample_parents_[:, 0] >= 134)) <= used


def test_one_cluster_is_smote() -> None:
    X, y = overlapping(0, [50, 20, 30])
    one = KMeansSMOTE(kmeans_estimator=1, cluster_balance_threshold=0.0, k_neighbors=5, random_state=42)
    assert_array_equal(one.fit_resample(X, y)[0], SMOTE(random_state=42).fit_resample(X, y)[0])
    assert one.nn_k_.n_neighbors == 6
    assert one.kmeans_estimator_.n_clusters == 1
    assert one.cluster_balance_threshold_ == -math.inf


def test_clusters_draw_numbers_of_their_own() -> None:
    X, y = blobs(0, [(60, 30), (60, 30)])
    sampler = KMeansSMOTE(kmeans_estimator=2, density_exponent=0.0, cluster_balance_threshold=0.05, random_state=0)
    sampler.fit_resample(X, y)
    labels = sampler.kmeans_estimator_.labels_[sampler.sample_parents_[:, 0]]
    first, second = (sampler.sample_weights_[labels == c, 1] for c in (0, 1))
    assert len(first) == len(second) == 30
    assert not (first == second).any()


def test_no_cluster_is_an_error_that_names_the_way_out() -> None:
    X, y = overlapping(0, [50, 20])
    with pytest.raises(RuntimeError, match=r"No clusters found with sufficient samples of class 1\. Try lowering"):
        KMeansSMOTE(cluster_balance_threshold=10, random_state=0).fit_resample(X, y)
    with pytest.raises(InvalidDataError, match="the fullest of"):
        KMeansSMOTE(k_neighbors=15, random_state=0).fit_resample(X, y)


def test_copies_in_every_cluster_do_not_divide_by_zero() -> None:
    X = np.repeat([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]], 12, axis=0)
    X[::3] += np.random.default_rng(0).normal(size=(12, 2))
    y = np.tile([0, 1, 1], 12)
    with pytest.warns(UserWarning, match="are copies"):
        _, y_new = KMeansSMOTE(kmeans_estimator=3, sampling_strategy={1: 60}, random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [12, 60]


def test_powers_that_overflow_are_compared_all_the_same() -> None:
    X, y = blobs(0, [(60, 30), (60, 30)])
    sampler = KMeansSMOTE(kmeans_estimator=2, density_exponent=400.0, cluster_balance_threshold=0.05, random_state=0)
    _, y_new = sampler.fit_resample(1e9 * X, y)
    assert np.bincount(y_new).tolist() == [120, 120]


@pytest.mark.parametrize("n_minority", [1, 2, 3, 5])
def test_few_rows_are_enough_in_one_cluster(n_minority: int) -> None:
    X, y = overlapping(3, [30, n_minority])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        _, y_new = KMeansSMOTE(kmeans_estimator=1, random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [30, 30]


def test_there_are_no_more_clusters_than_rows() -> None:
    X, y = np.arange(6.0)[:, None], [0, 0, 0, 0, 1, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with pytest.raises(InvalidDataError, match="No clusters found"):
            KMeansSMOTE(random_state=0).fit_resample(X, y)


def test_a_mixed_table_keeps_its_schema() -> None:
    frame, y = mixed(150), np.repeat([0, 1], [90, 60])
    one, two = (
        KMeansSMOTE(kmeans_estimator=3, random_state=0, n_jobs=n_jobs).fit_resample(frame, y)[0] for n_jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert len(one) == 180
    assert one.dtypes.equals(frame.dtypes)
    assert one["uf"].isin(["SP", "RJ", "MG"]).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(1, 6), st.integers(0, 2), st.sampled_from([5, 16, 512]))
def test_the_mean_distance_is_that_of_the_matrix(seed: int, n: int, p: int, q: int, tile: int) -> None:
    rng = np.random.default_rng(seed)
    numbers, codes = 1e3 + rng.normal(size=(n, p)), rng.integers(0, 3, (n, q))
    squared = ((numbers[:, None] - numbers[None]) ** 2).sum(axis=2)
    squared += 4.0 * (codes[:, None] != codes[None]).sum(axis=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kmeans, "TILE", tile)
        ours = mean_distance(points(numbers, codes, 2.0))
    assert_allclose(ours, np.sqrt(squared).sum() / (n * (n - 1)), rtol=1e-6)


def test_a_single_point_is_at_no_distance() -> None:
    assert mean_distance(points(np.ones((1, 3)))) == 0.0


@pytest.mark.parametrize("seed", [0, 5])
def test_the_clustering_is_scikit_learns(seed: int) -> None:
    X = np.random.default_rng(seed).normal(size=(5000, 4))
    theirs = MiniBatchKMeans(random_state=seed, batch_size=100).fit(X)
    ours = MiniBatchKMeans(random_state=seed, batch_size=100)
    assert_array_equal(clusters_of(ours, points(X)), theirs.labels_)
    assert_array_equal(ours.cluster_centers_, theirs.cluster_centers_)
    assert ours.random_state == seed
    assert ours.n_steps_ == theirs.n_steps_


def test_the_remembered_choice_draws_what_numpy_draws() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(50))
    theirs, ours = np.random.RandomState(3), kmeans._SameChoice(3)
    for size in (10, 7, None):
        assert_array_equal(ours.choice(50, size, p=shares), theirs.choice(50, size, p=shares))
    assert_array_equal(ours.choice(50, 5, replace=False, p=shares), theirs.choice(50, 5, replace=False, p=shares))
    assert_array_equal(ours.choice(50, 5), theirs.choice(50, 5))
