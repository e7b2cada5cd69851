"""Tomek links against the definition, imbalanced-learn and tables worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.under_sampling import TomekLinks as Imblearn
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import sparse

from contrapeso.errors import ContrapesoWarning
from contrapeso.samplers import TomekLinks
from tests._dropping import Floats, clouds, mixed, mixed_points, nearest

STRATEGIES = ["auto", "majority", "not minority", "not majority", "all", [1], [0, 2]]


def links_by_definition(X: Floats, y: np.ndarray) -> set[tuple[int, int]]:
    near = nearest(X, 1)[:, 0]
    return {(i, int(j)) for i, j in enumerate(near) if near[j] == i and y[i] != y[j]}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=4, max_size=30))
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore::contrapeso.errors.ContrapesoWarning")
def test_rows_in_links_go_whatever_the_ties(rows: list[tuple[int, int]]) -> None:
    X, y = np.array([[float(v), v % 2] for v, _ in rows]), np.array([label for _, label in rows])
    if len(np.unique(y)) < 2:
        return
    sampler = TomekLinks(sampling_strategy="all")
    sampler.fit_resample(X, y)
    ends = {i for i, _ in links_by_definition(X, y)}
    assert_array_equal(sampler.sample_indices_, [i for i in range(len(y)) if i not in ends])


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
@pytest.mark.parametrize("sizes", [(60, 30, 12), (40, 40, 5, 20)], ids=str)
def test_same_rows_as_imbalanced_learn(strategy: object, sizes: tuple[int, ...]) -> None:
    X, y = clouds(sizes)
    ours, theirs = TomekLinks(sampling_strategy=strategy), Imblearn(sampling_strategy=strategy)
    made, labels = ours.fit_resample(X, y)
    X_theirs, y_theirs = theirs.fit_resample(X, y)
    assert len(labels) < len(y)
    assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
    assert_array_equal(made, X_theirs)
    assert_array_equal(labels, y_theirs)


def test_links_of_a_table_with_money_dates_gaps_and_categories() -> None:
    frame, y = mixed()
    sampler = TomekLinks(sampling_strategy="all")
    made, labels = sampler.fit_resample(frame, y)
    ends = {i for i, _ in links_by_definition(mixed_points(frame), y)}
    assert ends
    assert_array_equal(sampler.sample_indices_, [i for i in range(len(y)) if i not in ends])
    assert_frame_equal(made, frame.iloc[sampler.sample_indices_])
    assert_array_equal(labels, y[sampler.sample_indices_])


def test_identical_rows_are_each_others_nearest() -> None:
    X, y = [[0.0], [0.0], [0.0], [5.0], [9.0]], [0, 0, 1, 0, 0]
    assert TomekLinks().fit_resample(X, y)[1] == y  # rows 0 and 1 are nearest, so row 2 has no link
    assert TomekLinks().fit_resample(X[1:], y[1:])[1] == [1, 0, 0]


def test_sparse_matrices_and_threads_give_the_same_rows() -> None:
    X, y = clouds()
    rows = TomekLinks(n_jobs=1).fit(X, y).fit_resample(X, y)[0]
    assert_array_equal(TomekLinks(n_jobs=2).fit_resample(X, y)[0], rows)
    assert_array_equal(TomekLinks().fit_resample(sparse.csc_matrix(X), y)[0].toarray(), rows)


def test_a_class_that_is_gone_is_named() -> None:
    sampler = TomekLinks(sampling_strategy=[1])
    with pytest.warns(ContrapesoWarning, match=r"Every row of the classes \[1\] was dropped"):
        sampler.fit_resample([[0.0], [0.1], [9.0]], [0, 1, 0])
    assert sampler.dropped_classes_ == [1]


def test_is_tomek_answers_for_any_neighbours() -> None:
    X, y = clouds()
    near = nearest(X, 1)[:, 0]
    assert_array_equal(TomekLinks.is_tomek(y, near, [0, 1]), Imblearn.is_tomek(y, near, [0, 1]))
