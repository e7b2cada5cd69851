"""Polynom-fit SMOTE: each figure by hand, equal shares, categories as tuples, curves that hold their polynomial."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from contrapeso.errors import CopiesWarning, FewSamplesWarning, InvalidParameterError, TooFewSamplesError
from contrapeso.samplers import PolynomFitSMOTE
from contrapeso.samplers._polynom import commonest, fitted, nearer, stops

TRIANGLE = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 12.0]])
FAR = np.full((20, 2), 99.0)
ALL = ["star", "bus", "mesh", "poly_1", "poly_2", "poly_3"]


def made_of(rows: np.ndarray, topology: str, n_new: int, **more: object) -> tuple[np.ndarray, PolynomFitSMOTE]:
    y = np.repeat([1, 0], [len(rows), 20])
    sampler = PolynomFitSMOTE(topology=topology, sampling_strategy={1: len(rows) + n_new}, random_state=0, **more)
    return sampler.fit_resample(np.vstack([rows, FAR[:, : rows.shape[1]]]), y)[0][len(rows) + 20 :], sampler


def test_a_star_by_hand() -> None:
    # The mean is (2, 4); with two rows per spoke they stand at one and two thirds of the way to it.
    made, sampler = made_of(TRIANGLE, "star", 6)
    assert_allclose(
        made, [[2 / 3, 4 / 3], [4 / 3, 8 / 3], [14 / 3, 4 / 3], [10 / 3, 8 / 3], [2 / 3, 28 / 3], [4 / 3, 20 / 3]]
    )
    assert_array_equal(sampler.sample_parents_, np.repeat([0, 1, 2], 2)[:, None].repeat(2, axis=1))
    assert_allclose(sampler.sample_weights_[:2], [[2 / 3, 1 / 3], [1 / 3, 2 / 3]])


def test_a_bus_by_hand() -> None:
    made, sampler = made_of(TRIANGLE, "bus", 4)
    assert_allclose(made, [[2, 0], [4, 0], [4, 4], [2, 8]])
    assert sampler.sample_parents_.tolist() == [[0, 1], [0, 1], [1, 2], [1, 2]]


def test_a_mesh_by_hand() -> None:
    made, sampler = made_of(TRIANGLE, "mesh", 3)
    assert_allclose(made, [[3, 0], [0, 6], [3, 6]])
    assert sampler.sample_parents_.tolist() == [[0, 1], [0, 2], [1, 2]]


def test_a_curve_by_hand() -> None:
    # Through (0, 1), (1, 2), (4, 3) and (9, 4) over the positions 0 to 3 go t ** 2 and t + 1.
    rows = np.array([[0.0, 1.0], [1.0, 2.0], [4.0, 3.0], [9.0, 4.0]])
    made, sampler = made_of(rows, "poly_2", 16)
    at = made[:, 1] - 1
    assert ((at >= 0) & (at <= 3)).all()
    assert_allclose(made[:, 0], at**2, atol=1e-9)
    position = (sampler.sample_parents_ * sampler.sample_weights_).sum(axis=1)
    assert_allclose(position, at, atol=1e-9)


@settings(max_examples=40)
@given(st.integers(2, 12), st.integers(1, 3), st.integers(0, 9))
def test_a_fit_is_the_least_squares_polynomial(n: int, degree: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers, at = rng.normal(size=(n, 2)), rng.random(5) * (n - 1)
    degree = min(degree, n - 1)
    expected = [np.polyval(np.polyfit(np.arange(n), column, degree), at) for column in numbers.T]
    assert_allclose(fitted(numbers, degree, at), np.transpose(expected), atol=1e-6)


def test_a_fit_leaves_missing_values_out() -> None:
    column = np.array([[0.0], [np.nan], [4.0], [6.0]])
    assert_allclose(fitted(column, 1, np.array([1.0])), [[2.0]])
    assert np.isnan(fitted(np.full((3, 1), np.nan), 2, np.array([1.0]))).all()
    assert_allclose(fitted(np.array([[np.nan], [7.0]]), 3, np.array([0.0])), [[7.0]])


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(0, 100), st.integers(0, 9))
def test_every_line_gets_as_many_rows_as_every_other_at_equal_steps(n_lines: int, n_new: int, seed: int) -> None:
    line, gap = stops(n_lines, n_new, np.random.default_rng(seed))
    served = np.bincount(line, minlength=n_lines)
    assert served.sum() == n_new
    assert served.max() - served.min() <= 1
    for number in np.unique(line):
        k = served[number]
        assert_allclose(gap[line == number], np.arange(1, k + 1) / (k + 1))


@pytest.mark.parametrize("m", [2, 3, 7, 30])
def test_a_mesh_joins_every_pair_once(m: int) -> None:
    rows = np.random.default_rng(0).normal(size=(m, 2))
    _, sampler = made_of(rows, "mesh", m * (m - 1) // 2)
    pairs = {tuple(pair) for pair in sampler.sample_parents_.tolist()}
    assert pairs == {(i, j) for i in range(m) for j in range(i + 1, m)}


@pytest.mark.parametrize("topology", ["bus", "mesh"])
def test_a_row_and_its_copy_are_not_joined(topology: str) -> None:
    rows = np.repeat(TRIANGLE, 3, axis=0)
    made, sampler = made_of(rows, topology, 12)
    assert {tuple(r) for r in made.tolist()}.isdisjoint({tuple(r) for r in TRIANGLE.tolist()})
    assert set(sampler.sample_parents_.ravel().tolist()) == {0, 3, 6}


def test_categories_come_from_the_nearer_end_all_together() -> None:
    base, other = np.array([[0, 0], [0, -1], [1, 1], [1, 1]]), np.array([[2, 2], [2, 2], [-1, 2], [2, 2]])
    chosen = nearer(base.astype(np.int32), other.astype(np.int32), np.array([0.6, 0.9, 0.9, 0.5]))
    assert chosen.tolist() == [[2, 2], [2, -1], [1, 2], [1, 1]]
    assert commonest(np.array([[3, 1], [2, 1], [2, 1], [3, 1]], dtype=np.int32)).tolist() == [3, 1]


@pytest.mark.parametrize("topology", ALL)
def test_only_tuples_of_the_class_are_made(topology: str) -> None:
    rng, n = np.random.default_rng(3), 50
    frame = pd.DataFrame(
        {
            "v": np.round(rng.gamma(2, 100, n), 2),
            "dia": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "uf": rng.choice(["SP", "RJ", "MG"], n),
            "canal": pd.Categorical(rng.choice(list("xyz"), n)),
        }
    )
    frame.loc[::9, "v"] = np.nan
    y = np.repeat([0, 1], [35, 15])
    sampler = PolynomFitSMOTE(topology=topology, random_state=0)
    made, labels = sampler.fit_resample(frame, y)
    assert Counter(labels.tolist()) == {0: 35, 1: 35}
    assert (made.dtypes == frame.dtypes).all()
    seen = set(zip(frame["uf"].iloc[35:], frame["canal"].iloc[35:], strict=True))
    assert set(zip(made["uf"].iloc[50:], made["canal"].iloc[50:], strict=True)) <= seen
    assert_array_equal(made["v"].isna().iloc[50:], frame["v"].isna().iloc[sampler.sample_indices_[50:]])
    assert all(float(f"{v:.2f}") == v for v in made["v"].iloc[50:].dropna())


@pytest.mark.parametrize("topology", ALL)
def test_one_row_or_one_point_is_copied_with_a_warning(topology: str) -> None:
    with pytest.warns(FewSamplesWarning):
        made, _ = made_of(TRIANGLE[:1], topology, 3)
    assert_array_equal(made, np.zeros((3, 2)))
    with pytest.warns(CopiesWarning):
        made, sampler = made_of(np.ones((4, 2)), topology, 3)
    assert_array_equal(made, np.ones((3, 2)))
    assert_array_equal(sampler.sample_weights_, np.tile([1.0, 0.0], (3, 1)))
    with pytest.raises(TooFewSamplesError):
        made_of(TRIANGLE[:1], topology, 3, few_samples="raise")


def test_a_degree_that_the_rows_do_not_determine_is_lowered_with_a_warning() -> None:
    with pytest.warns(FewSamplesWarning, match="degree 2 is used"):
        made, _ = made_of(TRIANGLE, "poly_5", 8)
    at = np.array([0.0, 1.0, 2.0])
    assert_allclose(np.polyval(np.polyfit(at, TRIANGLE[:, 0], 2), at), TRIANGLE[:, 0], atol=1e-12)
    assert made[:, 0].max() <= 6.0 + 1e-9
    with pytest.raises(TooFewSamplesError, match="5"):
        made_of(TRIANGLE, "poly_5", 8, few_samples="raise")


def test_an_unknown_topology_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="topology"):
        made_of(TRIANGLE, "poly_0", 3)


@pytest.mark.parametrize("topology", ["mesh", "poly_2", "star"])
def test_another_seed_gives_other_rows_and_the_same_seed_the_same(topology: str) -> None:
    X, y = np.random.default_rng(1).normal(size=(40, 2)), np.repeat([0, 1], [25, 15])
    made = [PolynomFitSMOTE(topology=topology, random_state=seed).fit_resample(X, y)[0] for seed in (0, 0, 1)]
    assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])
