"""Neighbours are exact, never the row itself nor its copy, and ties go to the lower row."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from contrapeso.samplers import _neighbors
from contrapeso.samplers._neighbors import Points, nearest


def _distance(row: tuple[float, ...], other: tuple[float, ...], p: int, mismatch: float) -> float:
    """Squared distance of the first ``p`` numbers, plus ``mismatch`` for every code that differs."""
    numbers = sum((row[j] - other[j]) ** 2 for j in range(p))
    return numbers + mismatch * sum(a != b for a, b in zip(row[p:], other[p:], strict=True))


def slow_nearest(points: Points, k: int) -> np.ndarray:
    """Ten lines that say what is meant: distinct points by first row, by (distance, row)."""
    rows = [(*x, *c) for x, c in zip(points.numbers.tolist(), points.codes.tolist(), strict=True)]
    first = sorted({row: i for i, row in reversed(list(enumerate(rows)))}.values())
    found = []
    for row in rows:
        me = rows.index(row)
        p = points.numbers.shape[1]
        others = [i for i in first if i != me]
        away = [(_distance(row, rows[i], p, points.mismatch), i) for i in others]
        found.append([i for _, i in sorted(away)[:k]])
    return np.array(found, dtype=np.int64).reshape(len(rows), -1)


small = st.integers(-3, 3).map(float)  # whole numbers: many ties, and sums of squares are exact
numbers = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=25).flatmap(
    lambda shape: hnp.arrays(np.float64, (shape[0], min(shape[1], 3)), elements=small)
)


@given(numbers, st.integers(1, 6))
def test_neighbors_of_numbers_are_those_of_the_slow_way(values: np.ndarray, k: int) -> None:
    points = Points(values, np.empty((len(values), 0), np.int32))
    assert_array_equal(nearest(points, k), slow_nearest(points, k))


@given(numbers, st.data(), st.integers(1, 6), st.sampled_from([0.0, 0.25, 4.0]))
def test_neighbors_with_categories_are_those_of_the_slow_way(
    values: np.ndarray, data: st.DataObject, k: int, mismatch: float
) -> None:
    codes = data.draw(hnp.arrays(np.int32, (len(values), 2), elements=st.integers(-1, 2)))
    points = Points(values, codes, mismatch)
    assert_array_equal(nearest(points, k), slow_nearest(points, k))


@pytest.mark.parametrize(("n", "p"), [(300, 2), (400, 20), (200, 40)])
def test_neighbor_graph_equals_scikit_learns_brute_force(n: int, p: int) -> None:
    values = np.random.default_rng(0).normal(size=(n, p))
    ours = nearest(Points(values, np.empty((n, 0), np.int32)), 5)
    theirs = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(values).kneighbors(values, return_distance=False)
    assert_array_equal(ours, theirs[:, 1:])


def test_neighbor_graph_with_categories_equals_that_of_the_one_hot_matrix() -> None:
    rng = np.random.default_rng(0)
    values, codes = rng.normal(size=(400, 3)), rng.integers(0, 5, size=(400, 4)).astype(np.int32)
    ours = nearest(Points(values, codes, mismatch=0.7), 5)
    one_hot = np.concatenate([np.eye(5)[column] * np.sqrt(0.7 / 2) for column in codes.T], axis=1)
    embedded = sparse.csr_matrix(np.hstack([values, one_hot]))
    theirs = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(embedded).kneighbors(return_distance=False)
    assert_array_equal(ours, theirs[:, :5])


def test_far_from_the_origin_distances_keep_their_precision() -> None:
    values = np.random.default_rng(0).normal(size=(200, 20))
    codes = np.empty((200, 0), np.int32)
    assert_array_equal(
        nearest(Points(values + 2.0**30, codes), 3), nearest(Points((values + 2.0**30) - 2.0**30, codes), 3)
    )


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    points = Points(rng.normal(size=(100, 2)), rng.integers(0, 3, size=(100, 2)).astype(np.int32), 0.5)
    whole = nearest(points, 4)
    monkeypatch.setattr(_neighbors, "BLOCK_CELLS", 250)
    assert_array_equal(nearest(points, 4), whole)


def test_more_ties_than_candidates_still_go_to_the_lower_row() -> None:
    # The origin has 60 neighbours at distance 1, far more than a tree is asked for.
    star = np.vstack([np.eye(30), -np.eye(30), np.zeros((1, 30))])
    values = star[np.random.default_rng(0).permutation(61)]
    points = Points(values, np.empty((61, 0), np.int32))
    centre = int(np.flatnonzero(~values.any(axis=1))[0])
    lowest = [row for row in range(61) if row != centre][:3]
    assert nearest(points, 3)[centre].tolist() == lowest
    assert_array_equal(nearest(points, 3), slow_nearest(points, 3))


def test_copies_of_a_row_are_not_its_neighbors() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=(20, 2)), 4, axis=0)
    found = nearest(Points(values, np.empty((80, 0), np.int32)), 3)
    assert not (values[found] == values[:, None, :]).all(axis=2).any()


def test_identical_rows_have_no_neighbor_at_all() -> None:
    assert nearest(Points(np.ones((7, 2)), np.empty((7, 0), np.int32)), 3).shape == (7, 0)


def test_negative_zero_is_zero() -> None:
    assert nearest(Points(np.array([[0.0], [-0.0]]), np.empty((2, 0), np.int32)), 1).shape == (2, 0)


@pytest.mark.shared
def test_real_ties_agree_with_a_comparison_of_all_rows(shared_data: Path) -> None:
    frame = pd.read_parquet(shared_data / "adult_train.parquet")
    rich = frame[frame["income"] == ">50K"].iloc[:1500]
    values: Any = rich[["age", "education-num", "hours-per-week"]].to_numpy(float)
    points = Points(values, np.empty((len(values), 0), np.int32))
    assert_array_equal(nearest(points, 5), slow_nearest(points, 5))
