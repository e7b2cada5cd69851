"""Geometric SMOTE: the ball, its cut and its flattening, the surface point, SMOTE as the limit case."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.spatial.distance import cdist

from contrapeso.errors import CopiesWarning, FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import SMOTE, GeometricSMOTE
from contrapeso.samplers._geometric import distances, shaped, unit_ball
from contrapeso.samplers._space import Points

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), np.repeat([0, 1], [45, 15])


def test_a_worked_point() -> None:
    # Centre (0, 0), surface (2, 0), point (-0.6, 0.5) of the unit ball. Truncation 1: |1 + 0.6| > 1, so it is mirrored
    # to (0.6, 0.5); deformation 0.5: (0.6, 0.25); radius 2: (1.2, 0.5).
    offset, along = shaped(np.array([[-0.6, 0.5]]), np.array([[2.0, 0.0]]), 1.0, 0.5)
    assert_allclose(offset, [[1.2, 0.5]])
    assert_allclose(along, [0.6])


def test_truncation_minus_one_takes_the_far_half_and_zero_the_whole_ball() -> None:
    points, span = np.array([[0.6, 0.5], [-0.6, 0.5]]), np.array([[2.0, 0.0], [2.0, 0.0]])
    assert_allclose(shaped(points, span, -1.0, 0.0)[0], [[-1.2, 1.0], [-1.2, 1.0]])
    assert_allclose(shaped(points, span, 0.0, 0.0)[0], [[1.2, 1.0], [-1.2, 1.0]])


@settings(max_examples=60)
@given(st.integers(1, 6), st.floats(-1, 1), st.floats(0, 1), st.sampled_from([1e-300, 1.0, 1e300]), st.integers(0, 9))
def test_every_point_is_in_its_ball_and_on_its_side(p: int, cut: float, flat: float, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    span = rng.normal(size=(40, p)) * scale
    offset, along = shaped(unit_ball(40, p, rng), span, cut, flat)
    radius = np.linalg.norm(span / scale, axis=1)
    assert (np.linalg.norm(offset / scale, axis=1) <= radius * (1 + 1e-9)).all()
    assert (np.abs(cut - along) <= 1 + 1e-12).all()
    assert_allclose((offset / scale * span / scale).sum(axis=1), along * radius**2, rtol=1e-6, atol=1e-9)


def test_the_ball_is_filled_evenly() -> None:
    points = unit_ball(20000, 3, np.random.default_rng(0))
    shares = np.linalg.norm(points, axis=1) ** 3  # of an even ball uniform
    assert stats.kstest(shares, "uniform").pvalue > 1e-6
    assert np.abs(points.mean(axis=0)).max() < 0.02


def test_flattened_to_a_segment_the_parents_are_those_of_smote() -> None:
    plan = {1: 400}
    ours = GeometricSMOTE(
        selection_strategy="minority", deformation_factor=1.0, k_neighbors=3, sampling_strategy=plan, random_state=5
    )
    smote = SMOTE(k_neighbors=3, sampling_strategy=plan, random_state=5)
    made = ours.fit_resample(X, Y)[0][60:]
    smote.fit_resample(X, Y)
    assert_array_equal(ours.sample_parents_, smote.sample_parents_)
    share = ours.sample_weights_
    assert ((share >= 0) & (share <= 1)).all()
    assert_allclose(made, (X[ours.sample_parents_] * share[:, :, None]).sum(axis=1), atol=1e-12)


def test_with_one_column_the_segment_is_filled_evenly_as_by_smote() -> None:
    sampler = GeometricSMOTE(
        selection_strategy="minority", deformation_factor=1.0, sampling_strategy={1: 5015}, random_state=0
    )
    sampler.fit_resample(X[:, :1], Y)
    assert stats.kstest(sampler.sample_weights_[:, 1], "uniform").pvalue > 1e-6


def test_the_surface_point_is_chosen_by_the_strategy() -> None:
    table = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [0.0, 0.6], [4.0, 9.0], [9.0, 9.0], [8.0, 8.0]])
    y = np.array([1, 1, 1, 0, 0, 0, 0])
    chosen = {}
    for strategy in ("minority", "majority", "combined"):
        sampler = GeometricSMOTE(selection_strategy=strategy, k_neighbors=1, sampling_strategy={1: 6}, random_state=0)
        sampler.fit_resample(table, y)  # three new rows: every row is a base once
        chosen[strategy] = [dict(sampler.sample_parents_.tolist())[i] for i in range(3)]
    assert chosen["minority"] == [1, 0, 1]
    assert chosen["majority"] == [3, 3, 3]  # 5.04 to row 3, 9.06 to row 4
    assert chosen["combined"] == [3, 0, 1]  # 0.6 < 1; 1 < 1.17; 4 < 5.04


def test_of_two_equally_far_the_row_of_the_class_is_taken() -> None:
    table = np.array([[0.0], [1.0], [-1.0], [-2.0], [-3.0], [-4.0]])
    sampler = GeometricSMOTE(k_neighbors=1, random_state=0)
    sampler.fit_resample(table, [1, 1, 0, 0, 0, 0])
    assert dict(sampler.sample_parents_.tolist()) == {0: 1, 1: 0}


@given(st.sampled_from([1e-300, 1e-3, 1.0, 1e300]), st.integers(0, 5))
def test_distances_are_those_of_the_definition_at_any_scale(scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers, codes = rng.normal(size=(9, 2)), rng.integers(0, 3, (9, 2)).astype(np.int32)
    got = distances(Points(numbers * scale, codes, 0.5 * scale), np.arange(9), np.roll(np.arange(9), 1))
    expected = [
        np.sqrt(cdist(numbers[[i]], numbers[[i - 1]])[0, 0] ** 2 + 0.25 * np.sum(codes[i] != codes[i - 1]))
        for i in range(9)
    ]
    assert_allclose(got / scale, expected)


def test_mixed_tables_keep_their_kinds() -> None:
    rng, n = np.random.default_rng(2), 60
    frame = pd.DataFrame(
        {
            "valor": np.round(rng.gamma(2, 100, n), 2),
            "parcelas": rng.integers(1, 48, n),
            "data": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "uf": rng.choice(["SP", "RJ"], n),
        }
    )
    frame.loc[::6, "valor"] = np.nan
    sampler = GeometricSMOTE(random_state=0)
    made = sampler.fit_resample(frame, Y)[0]
    assert (made.dtypes == frame.dtypes).all()
    new = made.iloc[60:]
    assert all(float(f"{v:.2f}") == v for v in new["valor"].dropna())
    assert (new["data"].dt.normalize() == new["data"]).all()
    assert set(new["uf"]) <= {"SP", "RJ"}
    assert_array_equal(new["valor"].isna(), frame["valor"].isna().iloc[sampler.sample_indices_[60:]])


def test_a_column_missing_in_one_parent_keeps_the_value_of_the_base() -> None:
    table = X.copy()
    table[45::2, 1] = np.nan
    sampler = GeometricSMOTE(selection_strategy="minority", random_state=0)
    made = sampler.fit_resample(table, Y)[0][60:]
    base, surface = sampler.sample_parents_.T
    kept = ~np.isnan(table[base, 1]) & np.isnan(table[surface, 1])
    assert kept.any()
    assert_array_equal(made[kept, 1], table[base[kept], 1])
    assert_array_equal(np.isnan(made[:, 1]), np.isnan(table[base, 1]))


def test_identical_rows_can_only_be_copied() -> None:
    same = np.vstack([X[:45], np.ones((15, 3))])
    with pytest.warns(CopiesWarning):
        made, _ = GeometricSMOTE(random_state=0).fit_resample(same, Y)
    assert (made[60:] == 1).all()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_small_class_is_adapted_to_or_refused(n: int) -> None:
    y = np.repeat([0, 1], [60 - n, n])
    with pytest.warns(FewSamplesWarning):
        _, labels = GeometricSMOTE(random_state=0).fit_resample(X, y)
    assert Counter(labels.tolist()) == {0: 60 - n, 1: 60 - n}
    with pytest.raises(TooFewSamplesError):
        GeometricSMOTE(few_samples="raise").fit_resample(X, y)


@pytest.mark.parametrize("strategy", ["minority", "majority", "combined"])
def test_the_same_seed_gives_the_same_rows_on_any_number_of_threads(strategy: Any) -> None:
    first, second = (
        GeometricSMOTE(selection_strategy=strategy, random_state=3, n_jobs=n).fit_resample(X, Y)[0] for n in (1, 2)
    )
    assert_array_equal(first, second)
    other = GeometricSMOTE(selection_strategy=strategy, random_state=4).fit_resample(X, Y)[0]
    assert not np.array_equal(first, other)
