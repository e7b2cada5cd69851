"""The neighbourhood cleaning rule against a slow version, imbalanced-learn and tables worked by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.under_sampling import NeighbourhoodCleaningRule as Imblearn
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import sparse
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from contrapeso.errors import ContrapesoWarning
from contrapeso.samplers import EditedNearestNeighbours, NeighbourhoodCleaningRule
from tests._dropping import Floats, clouds, mixed, mixed_points, nearest

pytestmark = pytest.mark.filterwarnings("ignore:Every row of the classes")


def winner(labels: list[Any]) -> Any:
    return min(sorted(set(labels)), key=lambda label: -labels.count(label))


def kept_by_rule(X: Floats, y: np.ndarray, k: int, threshold: float, cleaned: list[Any]) -> list[int]:
    labels, sizes = np.unique(y, return_counts=True)
    few = labels[sizes.argmin()]
    large = [c for c, n in zip(labels, sizes, strict=True) if c in cleaned and n > sizes.min() * threshold]
    gone = set()
    for i, near in enumerate(nearest(X, min(k, len(y) - 1))):
        if y[i] in cleaned and winner(y[near].tolist()) != y[i]:
            gone.add(i)
        if y[i] == few and winner([y[i], *y[near[:-1]].tolist()]) != few:
            gone |= {int(j) for j in near if y[j] in large}
    return [i for i in range(len(y)) if i not in gone]


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=4, max_size=30),
    st.integers(1, 5),
    st.sampled_from([0.5, 1.0, 1.5]),
)
@settings(max_examples=80, deadline=None)
def test_outvoted_and_misleading_rows_go_whatever_the_ties(
    rows: list[tuple[int, int]], k: int, threshold: float
) -> None:
    X, y = np.array([[float(v), v % 2] for v, _ in rows]), np.array([label for _, label in rows])
    if len(np.unique(y)) < 2:
        return
    sampler = NeighbourhoodCleaningRule(n_neighbors=k, threshold_cleaning=threshold)
    sampler.fit_resample(X, y)
    cleaned = list(sampler.sampling_strategy_)
    assert sampler.sample_indices_.tolist() == kept_by_rule(X, y, k, threshold, cleaned)


@pytest.mark.parametrize("k", [1, 3, 4, 7])
@pytest.mark.parametrize("threshold", [0.5, 3.0])
@pytest.mark.parametrize("strategy", ["auto", "all", [0]], ids=str)
def test_same_rows_as_imbalanced_learn(k: int, threshold: float, strategy: object) -> None:
    for seed in range(3):
        X, y = clouds((60, 30, 12), seed=seed)
        both = {"n_neighbors": k, "threshold_cleaning": threshold, "sampling_strategy": strategy}
        ours, theirs = NeighbourhoodCleaningRule(**both), Imblearn(**both)
        made, labels = ours.fit_resample(X, y)
        X_theirs, y_theirs = theirs.fit_resample(X, y)
        assert len(labels) < len(y)
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
        assert_array_equal(made, X_theirs)
        assert_array_equal(labels, y_theirs)
        assert sorted(ours.classes_to_clean_) == sorted(theirs.classes_to_clean_)


@pytest.mark.parametrize("k", [3, 6])
def test_classifiers_and_searches_of_ones_own_count_as_they_do_in_imbalanced_learn(k: int) -> None:
    X, y = clouds()
    number = NeighbourhoodCleaningRule(n_neighbors=k)
    number.fit_resample(X, y)
    for given_search in (NearestNeighbors(n_neighbors=k + 1),):
        ours = NeighbourhoodCleaningRule(n_neighbors=given_search)
        ours.fit_resample(X, y)
        assert_array_equal(ours.sample_indices_, number.sample_indices_)
    enn = EditedNearestNeighbours(n_neighbors=k, kind_sel="mode")
    ours = NeighbourhoodCleaningRule(edited_nearest_neighbours=enn, n_neighbors=KNeighborsClassifier(k))
    ours.fit_resample(X, y)
    assert_array_equal(ours.sample_indices_, number.sample_indices_)


def test_the_sampler_given_does_the_first_part() -> None:
    X, y = clouds()
    ours = NeighbourhoodCleaningRule(edited_nearest_neighbours=EditedNearestNeighbours(), threshold_cleaning=99)
    edited = EditedNearestNeighbours()
    ours.fit_resample(X, y)
    edited.fit_resample(X, y)
    assert ours.classes_to_clean_ == []
    assert_array_equal(ours.sample_indices_, np.sort(edited.sample_indices_))
    assert not hasattr(ours.edited_nearest_neighbours, "sample_indices_")  # a clone was fitted


def test_mixed_tables_are_cleaned_by_the_rule() -> None:
    frame, y = mixed()
    sampler = NeighbourhoodCleaningRule()
    made, labels = sampler.fit_resample(frame, y)
    assert sampler.sample_indices_.tolist() == kept_by_rule(mixed_points(frame), y, 3, 0.5, ["normal"])
    assert 20 < len(labels) < len(y)
    assert_frame_equal(made, frame.iloc[sampler.sample_indices_])


def test_sparse_matrices_and_threads_give_the_same_rows() -> None:
    X, y = clouds()
    rows = NeighbourhoodCleaningRule(n_jobs=1).fit_resample(X, y)[0]
    assert_array_equal(NeighbourhoodCleaningRule(n_jobs=2).fit_resample(X, y)[0], rows)
    assert_array_equal(NeighbourhoodCleaningRule().fit_resample(sparse.csr_matrix(X), y)[0].toarray(), rows)


def test_a_class_that_is_gone_is_named() -> None:
    sampler = NeighbourhoodCleaningRule(n_neighbors=1)
    with pytest.warns(ContrapesoWarning, match=r"Every row of the classes \['b'\] was dropped"):
        sampler.fit_resample([[0.0], [0.1], [5.0], [5.1]], ["a", "b", "b", "a"])
    assert sampler.dropped_classes_ == ["b"]
