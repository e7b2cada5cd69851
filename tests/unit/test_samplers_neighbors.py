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

from contrapeso.errors import InvalidParameterError
from contrapeso.samplers import ExactNeighbors
from contrapeso.samplers._neighbors import check_neighbors, class_neighbors, embed, row_neighbors, without_self
from contrapeso.samplers._space import Points


def _distance(row: tuple[float, ...], other: tuple[float, ...], p: int, mismatch: float) -> float:
    """Squared distance of the first ``p`` numbers, plus ``mismatch`` for every code that differs."""
    numbers = sum((row[j] - other[j]) ** 2 for j in range(p))
    return numbers + mismatch * sum(a != b for a, b in zip(row[p:], other[p:], strict=True))


def slow_nearest(points: Points, k: int) -> np.ndarray:
    """Ten lines that say what is meant: distinct points by first row, by (distance, row); a mismatch is a distance."""
    rows = [(*x, *c) for x, c in zip(points.numbers.tolist(), points.codes.tolist(), strict=True)]
    first = sorted({row: i for i, row in reversed(list(enumerate(rows)))}.values())
    found = []
    for row in rows:
        me = rows.index(row)
        p = points.numbers.shape[1]
        others = [i for i in first if i != me]
        away = [(_distance(row, rows[i], p, points.mismatch**2), i) for i in others]
        found.append([i for _, i in sorted(away)[:k]])
    return np.array(found, dtype=np.int64).reshape(len(rows), -1)


small = st.integers(-3, 3).map(float)  # whole numbers: many ties, and sums of squares are exact
numbers = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=25).flatmap(
    lambda shape: hnp.arrays(np.float64, (shape[0], min(shape[1], 3)), elements=small)
)


@given(numbers, st.integers(1, 6))
def test_neighbors_of_numbers_are_those_of_the_slow_way(values: np.ndarray, k: int) -> None:
    points = Points(values, np.empty((len(values), 0), np.int32))
    assert_array_equal(points.distinct_neighbors(k), slow_nearest(points, k))


@given(numbers, st.data(), st.integers(1, 6), st.sampled_from([0.0, 0.5, 2.0]))
def test_neighbors_with_categories_are_those_of_the_slow_way(
    values: np.ndarray, data: st.DataObject, k: int, mismatch: float
) -> None:
    codes = data.draw(hnp.arrays(np.int32, (len(values), 2), elements=st.integers(-1, 2)))
    points = Points(values, codes, mismatch)
    assert_array_equal(points.distinct_neighbors(k), slow_nearest(points, k))


@pytest.mark.parametrize(("n", "p"), [(300, 2), (400, 20), (200, 40)])
def test_neighbor_graph_equals_scikit_learns_brute_force(n: int, p: int) -> None:
    values = np.random.default_rng(0).normal(size=(n, p))
    ours = Points(values, np.empty((n, 0), np.int32)).distinct_neighbors(5)
    theirs = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(values).kneighbors(values, return_distance=False)
    assert_array_equal(ours, theirs[:, 1:])


def test_neighbor_graph_with_categories_equals_that_of_the_one_hot_matrix() -> None:
    rng = np.random.default_rng(0)
    values, codes = rng.normal(size=(400, 3)), rng.integers(0, 5, size=(400, 4)).astype(np.int32)
    ours = Points(values, codes, mismatch=0.7).distinct_neighbors(5)
    one_hot = np.concatenate([np.eye(5)[column] * 0.7 / np.sqrt(2) for column in codes.T], axis=1)
    embedded = sparse.csr_matrix(np.hstack([values, one_hot]))
    theirs = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(embedded).kneighbors(return_distance=False)
    assert_array_equal(ours, theirs[:, :5])


def test_far_from_the_origin_distances_keep_their_precision() -> None:
    values = np.random.default_rng(0).normal(size=(200, 20))
    far, codes = values + 2.0**30, np.empty((200, 0), np.int32)
    assert_array_equal(Points(far, codes).distinct_neighbors(3), Points(far - 2.0**30, codes).distinct_neighbors(3))


def test_more_ties_than_candidates_still_go_to_the_lower_row() -> None:
    # The origin has 60 neighbours at distance 1, far more than a tree is asked for.
    star = np.vstack([np.eye(30), -np.eye(30), np.zeros((1, 30))])
    values = star[np.random.default_rng(0).permutation(61)]
    points = Points(values, np.empty((61, 0), np.int32))
    centre = int(np.flatnonzero(~values.any(axis=1))[0])
    lowest = [row for row in range(61) if row != centre][:3]
    found = points.distinct_neighbors(3)
    assert found[centre].tolist() == lowest
    assert_array_equal(found, slow_nearest(points, 3))


def test_copies_of_a_row_are_not_its_neighbors() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=(20, 2)), 4, axis=0)
    found = Points(values, np.empty((80, 0), np.int32)).distinct_neighbors(3)
    assert not (values[found] == values[:, None, :]).all(axis=2).any()


def test_identical_rows_have_no_neighbor_at_all() -> None:
    assert Points(np.ones((7, 2)), np.empty((7, 0), np.int32)).distinct_neighbors(3).shape == (7, 0)


def test_negative_zero_is_zero() -> None:
    assert Points(np.array([[0.0], [-0.0]]), np.empty((2, 0), np.int32)).distinct_neighbors(1).shape == (2, 0)


@pytest.mark.parametrize("q", [0, 2])
@pytest.mark.parametrize("search", [3, NearestNeighbors(n_neighbors=4)], ids=["ours", "scikit-learn's"])
def test_any_search_finds_the_same_neighbors(search: Any, q: int) -> None:
    rng = np.random.default_rng(0)
    points = Points(rng.normal(size=(60, 2)), rng.integers(0, 3, size=(60, q)).astype(np.int32), 0.5)
    asked = np.array([7, 3, 59])
    slow = slow_nearest(points, 3)
    assert_array_equal(class_neighbors(check_neighbors(search, itself=1), points), slow)
    assert_array_equal(row_neighbors(check_neighbors(search, itself=1), points, asked), slow[asked])


def test_among_all_rows_copies_are_neighbors() -> None:
    points = Points(np.array([[0.0], [0.0], [5.0]]), np.empty((3, 0), np.int32))
    assert row_neighbors(check_neighbors(1, itself=1), points).tolist() == [[1], [0], [0]]


def test_the_row_itself_goes_wherever_it_stands_and_else_the_last() -> None:
    found = np.array([[0, 1, 2], [0, 2, 1], [0, 1, 3]])
    assert without_self(found, np.arange(3)).tolist() == [[1, 2], [0, 2], [0, 1]]


def test_outside_searches_see_the_same_distances() -> None:
    points = Points(np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]]), np.array([[0, 1], [0, 2], [5, 2]], np.int32), 0.5)
    rows = embed(points).toarray()
    apart = [float(np.square(rows[i] - rows[j]).sum()) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert apart == pytest.approx([9 + 0.25, 16 + 0.5, 25 + 0.25])


def test_the_public_search_speaks_scikit_learns_language() -> None:
    values = np.random.default_rng(0).normal(size=(50, 3))
    ours, theirs = ExactNeighbors(4).fit(values), NearestNeighbors(n_neighbors=4).fit(values)
    for asked in (values[:7] + 0.1, None):
        for mine, its in zip(ours.kneighbors(asked), theirs.kneighbors(asked), strict=True):
            assert np.allclose(mine, its)
        for mode in ("connectivity", "distance"):
            graph = ours.kneighbors_graph(asked, mode=mode).toarray()
            assert np.allclose(graph, theirs.kneighbors_graph(asked, mode=mode).toarray())
    assert_array_equal(ours.kneighbors(sparse.csr_array(values[:3]), 2, return_distance=False)[:, 0], [0, 1, 2])
    with pytest.raises(InvalidParameterError, match="50 rows to choose from"):
        ours.kneighbors(values, n_neighbors=51)
    with pytest.raises(InvalidParameterError, match="49 rows to choose from"):
        ours.kneighbors(n_neighbors=50)


@pytest.mark.shared
def test_real_ties_agree_with_a_comparison_of_all_rows(shared_data: Path) -> None:
    frame = pd.read_parquet(shared_data / "adult_train.parquet")
    rich = frame[frame["income"] == ">50K"].iloc[:1500]
    values: Any = rich[["age", "education-num", "hours-per-week"]].to_numpy(float)
    points = Points(values, np.empty((len(values), 0), np.int32))
    assert_array_equal(points.distinct_neighbors(5), slow_nearest(points, 5))
