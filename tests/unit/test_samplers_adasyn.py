"""ADASYN: exact counts in proportion to the foreign neighbours of each row."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.neighbors import NearestNeighbors

from contrapeso.errors import FewSamplesWarning, InvalidDataError
from contrapeso.samplers import ADASYN
from contrapeso.samplers._drawn import apportion
from tests._line_tables import mixed, overlapping


def foreign_shares(X: np.ndarray, y: np.ndarray, label: int, k: int) -> np.ndarray:
    """Delta_i / K of the paper, normalised, row by row."""
    ratios = []
    for i in np.flatnonzero(y == label):
        distance = ((X - X[i]) ** 2).sum(axis=1)
        distance[i] = np.inf
        ratios.append(np.mean(y[np.argsort(distance, kind="stable")[:k]] != label))
    return np.asarray(np.array(ratios) / np.sum(ratios))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 300))
def test_a_row_is_a_base_in_proportion_to_its_foreign_neighbors(seed: int, k: int, n: int) -> None:
    X, y = overlapping(seed, [40, 15, 20])
    sampler = ADASYN(n_neighbors=k, sampling_strategy={1: 15 + n}, random_state=seed)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [40, 15 + n, 20]
    times = np.bincount(sampler.sample_parents_[:, 0], minlength=75)[40:55]
    expected = n * foreign_shares(X, y, 1, k)
    assert (np.abs(times - expected) < 1.0 + 1e-9).all()  # largest remainders: every share rounded up or down
    assert (times[expected == 0] == 0).all()
    remainder = expected - np.floor(expected)
    up, down = remainder[times > expected + 1e-9], remainder[times < expected - 1e-9]
    if len(up) and len(down):
        assert up.min() >= down.max() - 1e-9


def test_equal_shares_are_rounded_by_lot_and_not_by_place() -> None:
    shares = np.full(100, 0.01)
    drawn = [apportion(shares, 10, np.random.default_rng(seed)) for seed in range(50)]
    assert all(counts.sum() == 10 for counts in drawn)
    # a place is left out of 50 draws with probability 0.9**50 = 0.005; all of the last fifty of them never
    assert (np.sum(drawn, axis=0)[50:] > 0).mean() > 0.8
    assert apportion(shares, 10)[:10].tolist() == [1] * 10


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(lambda s: sum(s) > 1e-3), st.integers(0, 10**6))
def test_apportioned_counts_sum_to_what_was_asked(shares: list[float], n: int) -> None:
    counts = apportion(np.array(shares), n)
    assert counts.sum() == n
    exact = np.array(shares) * n / np.sum(shares)
    assert (np.abs(counts - exact) <= 1.0 + 1e-6 * n).all()


def test_neighbors_are_of_the_class() -> None:
    X, y = overlapping(0, [60, 25])
    sampler = ADASYN(n_neighbors=3, sampling_strategy={1: 2000}, random_state=0)
    sampler.fit_resample(X, y)
    minority = np.flatnonzero(y == 1)
    found = minority[NearestNeighbors(n_neighbors=4).fit(X[minority]).kneighbors(return_distance=False)[:, :3]]
    assert all(int(b) in found[a - 60] for a, b in sampler.sample_parents_)
    assert sampler.nn_.n_neighbors == 4


def test_where_no_neighbor_is_foreign_all_rows_are_bases_alike() -> None:
    X = np.concatenate([np.arange(20.0), np.arange(1000.0, 1010.0)])[:, None]
    y = np.repeat([0, 1], [20, 10])
    sampler = ADASYN(random_state=0)
    with pytest.warns(FewSamplesWarning, match="Not any neighbours of class 1"):
        sampler.fit_resample(X, y)
    assert np.bincount(sampler.sample_parents_[:, 0])[20:].tolist() == [1] * 10
    with pytest.raises(InvalidDataError, match="Use SMOTE instead"):
        ADASYN(few_samples="raise").fit_resample(X, y)
    with pytest.raises(RuntimeError, match="Not any neigh"):
        ADASYN(few_samples="raise").fit_resample(X, y)


@pytest.mark.parametrize("n_minority", [1, 2, 3, 5])
def test_few_rows_are_enough(n_minority: int) -> None:
    X, y = overlapping(3, [30, n_minority])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        _, y_new = ADASYN(random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [30, 30]


def test_a_class_of_copies_says_that_new_rows_are_copies() -> None:
    X, y = overlapping(3, [30, 8])
    X[y == 1] = X[0]
    with pytest.warns(UserWarning, match="are copies"):
        X_new, _ = ADASYN(random_state=0).fit_resample(X, y)
    assert (X_new[38:] == X[0]).all()


def test_a_mixed_table_keeps_its_schema() -> None:
    frame, y = mixed(90), np.repeat([0, 1], [60, 30])
    one, two = (ADASYN(random_state=0, n_jobs=n_jobs).fit_resample(frame, y)[0] for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert len(one) == 120
    assert one.dtypes.equals(frame.dtypes)
    assert_array_equal(one["valor"], np.round(one["valor"], 2))
    assert one["uf"].isin(["SP", "RJ", "MG"]).all()
