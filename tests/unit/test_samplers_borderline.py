"""BorderlineSMOTE: who is in danger, where new rows go from there, and what it does where nobody is."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.neighbors import NearestNeighbors

from contrapeso.errors import FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import BorderlineSMOTE
from contrapeso.samplers._borderline import Kind
from tests._line_tables import mixed, overlapping

KINDS: tuple[Kind, ...] = ("borderline-1", "borderline-2")


def in_danger(X: np.ndarray, y: np.ndarray, label: int, m: int) -> list[int]:
    """Row by row, as the paper says it."""
    found = []
    for i in np.flatnonzero(y == label):
        distance = ((X - X[i]) ** 2).sum(axis=1)
        distance[i] = np.inf
        others = sum(y[j] != label for j in np.argsort(distance, kind="stable")[:m])
        if m / 2 <= others < m:
            found.append(int(i))
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.sampled_from(KINDS))
def test_bases_are_the_rows_in_danger_each_as_often_as_the_others(seed: int, m: int, kind: Kind) -> None:
    X, y = overlapping(seed, [40, 15, 20])
    sampler = BorderlineSMOTE(m_neighbors=m, kind=kind, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewSamplesWarning)
        _, y_new = sampler.fit_resample(X, y)
    for label, n in ((1, 25), (2, 20)):
        danger = in_danger(X, y, label, m)
        assert sampler.in_danger_indices.get(label, np.empty(0)).tolist() == danger
        bases = sampler.sample_parents_[y_new[len(X) :] == label, 0]
        assert len(bases) == (n if danger else 0)
        if danger:
            times = np.bincount(bases, minlength=len(X))[danger]
            assert times.sum() == n
            assert times.max() - times.min() <= 1


def test_borderline_1_goes_to_the_nearest_of_the_class_and_2_to_the_nearest_of_any() -> None:
    X, y = overlapping(0, [60, 25])
    minority = np.flatnonzero(y == 1)
    for kind, pool in zip(KINDS, (minority, np.arange(len(X))), strict=True):
        sampler = BorderlineSMOTE(kind=kind, k_neighbors=3, sampling_strategy={1: 900}, random_state=0)
        sampler.fit_resample(X, y)
        danger = sampler.in_danger_indices[1]
        found = NearestNeighbors(n_neighbors=4).fit(X[pool]).kneighbors(X[danger], return_distance=False)[:, 1:]
        expected = {(int(i), int(pool[j])) for i, row in zip(danger, found, strict=True) for j in row}
        # 875 draws on at most 75 pairs: the chance that one is missed is below 75 * exp(-11)
        assert {(int(a), int(b)) for a, b in sampler.sample_parents_} == expected


def test_towards_another_class_a_row_goes_half_the_way_at_most() -> None:
    X, y = overlapping(1, [60, 25])
    sampler = BorderlineSMOTE(kind="borderline-2", sampling_strategy={1: 1000}, random_state=0)
    sampler.fit_resample(X, y)
    share = sampler.sample_weights_[:, 1]
    foreign = y[sampler.sample_parents_[:, 1]] == 0
    # hundreds of uniform draws on each side: the chance that none comes near the end is below 1e-9
    assert 0.45 < share[foreign].max() < 0.5
    assert 0.9 < share[~foreign].max() < 1.0


def test_both_kinds_agree_on_who_is_in_danger() -> None:
    X, y = overlapping(2, [50, 20])
    first, second = (BorderlineSMOTE(kind=kind, random_state=0) for kind in KINDS)
    first.fit_resample(X, y)
    second.fit_resample(X, y)
    assert_array_equal(first.in_danger_indices[1], second.in_danger_indices[1])
    assert (first.nn_k_.n_neighbors, first.nn_m_.n_neighbors) == (6, 11)


def test_the_example_of_a_hand() -> None:
    """On a line, with m = 2: the row at 0 has a friend and a foe (danger), that at 9 two foes (noise)."""
    X = np.array([[0.0], [-1.0], [-1.5], [-1.8], [0.9], [8.0], [9.0], [10.5], [11.0]])
    y = np.array([1, 1, 1, 1, 0, 0, 1, 0, 0])
    sampler = BorderlineSMOTE(m_neighbors=2, k_neighbors=1, sampling_strategy={1: 8}, random_state=0)
    X_new, _ = sampler.fit_resample(X, y)
    assert sampler.in_danger_indices[1].tolist() == [0]
    assert ((X_new[9:] > -1.0) & (X_new[9:] <= 0.0)).all()


def test_where_nobody_is_in_danger_nothing_is_added_and_said() -> None:
    X = np.concatenate([np.arange(20.0), np.arange(1000.0, 1012.0)])[:, None]
    y = np.repeat([0, 1], [20, 12])
    sampler = BorderlineSMOTE(random_state=0)
    with pytest.warns(FewSamplesWarning, match="No row of class 1 is in danger"):
        X_new, y_new = sampler.fit_resample(X, y)
    assert_array_equal(X_new, X)
    assert_array_equal(y_new, y)
    assert not sampler.in_danger_indices
    assert len(sampler.provenance_) == 0
    with pytest.raises(TooFewSamplesError, match="is in danger"):
        BorderlineSMOTE(few_samples="raise").fit_resample(X, y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_minority", [1, 2, 3, 5])
def test_few_rows_are_enough(n_minority: int, kind: Kind) -> None:
    X, y = overlapping(3, [30, n_minority])
    sampler = BorderlineSMOTE(kind=kind, m_neighbors=40, random_state=0)  # all other rows: nobody is noise from 2 on
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [30, 30 if n_minority > 1 else 1]


@pytest.mark.parametrize("kind", KINDS)
def test_copies_of_a_row_are_not_its_neighbors(kind: Kind) -> None:
    X, y = overlapping(4, [60, 20])
    X, y = np.concatenate([X, np.repeat(X[60:], 6, axis=0)]), np.concatenate([y, np.ones(120, dtype=int)])
    X, y = np.concatenate([X, np.repeat(X[:60], 6, axis=0)]), np.concatenate([y, np.zeros(360, dtype=int)])
    sampler = BorderlineSMOTE(kind=kind, m_neighbors=40, k_neighbors=3, random_state=0)
    X_new, _ = sampler.fit_resample(X, y)
    known = {row.tobytes() for row in X}
    assert len(X_new) > len(X)
    assert not any(row.tobytes() in known for row in X_new[len(X) :])


@pytest.mark.parametrize("kind", KINDS)
def test_a_mixed_table_keeps_its_schema(kind: Kind) -> None:
    frame, y = mixed(90), np.repeat([0, 1], [60, 30])
    one, two = (
        BorderlineSMOTE(kind=kind, random_state=0, n_jobs=n_jobs).fit_resample(frame, y)[0] for n_jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert len(one) == 120
    assert one.dtypes.equals(frame.dtypes)
    assert one["uf"].isin(["SP", "RJ", "MG"]).all()
    assert_array_equal(one["valor"], np.round(one["valor"], 2))
    assert (one["dia"] == one["dia"].dt.normalize()).all()
    pd.testing.assert_frame_equal(one.iloc[:90], frame)
