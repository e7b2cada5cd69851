"""Condensed nearest neighbour and one-sided selection against slow versions and imbalanced-learn's stream."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn import under_sampling as imblearn
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import sparse
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from contrapeso.errors import InvalidParameterError
from contrapeso.samplers import CondensedNearestNeighbour, OneSidedSelection
from tests._dropping import Floats, clouds, mixed, mixed_points, squared_distances

SAMPLERS = [CondensedNearestNeighbour, OneSidedSelection]
every = pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: s.__name__)
pytestmark = pytest.mark.filterwarnings("ignore:Every row of the classes")


def judged(x: Floats, X: Floats, y: np.ndarray, store: list[int], k: int, few: Any) -> Any:
    """Class of ``x`` by its k nearest rows in the store; the smallest class first at equal distance."""
    apart = squared_distances(x[None], X[store])[0]
    order = sorted(range(len(store)), key=lambda i: (apart[i], y[store[i]] != few))
    votes = [y[store[i]] for i in order[:k]]
    return min(sorted(set(votes)), key=lambda label: -votes.count(label))


def hart(X: Floats, y: np.ndarray, label: Any, few: Any, seeds: list[int], k: int) -> list[int]:
    """Hart's passes over one class until none joins."""
    store, joined = [*np.flatnonzero(y == few).tolist(), *seeds], list(seeds)
    changed = True
    while changed:
        changed = False
        for i in np.flatnonzero(y == label).tolist():
            if i not in joined and judged(X[i], X, y, store, k, few) != label:
                store.append(i)
                joined.append(i)
                changed = True
    return joined


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=5, max_size=30),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 9),
)
@settings(max_examples=80, deadline=None)
def test_one_pass_keeps_what_all_passes_of_hart_keep(
    rows: list[tuple[int, int]], k: int, n_seeds: int, seed: int
) -> None:
    X, y = np.array([[float(v), v % 3] for v, _ in rows]), np.array([label for _, label in rows])
    sizes = np.bincount(y, minlength=3)
    few = int(np.flatnonzero(sizes == sizes[sizes > 0].min())[0])
    if (sizes > 0).sum() < 2 or sizes[few] < k:
        return
    sampler = CondensedNearestNeighbour(n_neighbors=k, n_seeds_S=n_seeds, random_state=seed)
    sampler.fit_resample(X, y)
    for label in set(y.tolist()) - {few}:
        kept = [i for i in sampler.sample_indices_.tolist() if y[i] == label]
        seeds = kept[: min(n_seeds, sizes[label])]
        assert len(set(seeds)) == len(seeds)
        assert kept == hart(X, y, label, few, seeds, k)
    assert [i for i in sampler.sample_indices_.tolist() if y[i] == few] == np.flatnonzero(y == few).tolist()


@pytest.mark.parametrize("k", [1, 2, 3])
def test_one_sided_selection_keeps_seeds_rows_judged_wrong_and_no_links(k: int) -> None:
    X, y = clouds((60, 30, 12), n_columns=2)
    sampler = OneSidedSelection(n_neighbors=k, n_seeds_S=3, random_state=1)
    sampler.fit_resample(X, y)
    few = np.flatnonzero(y == 2).tolist()
    needed = []
    for label, judge in zip((0, 1), sampler.estimators_, strict=True):
        store = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in judge._fit_X]
        seeds = [i for i in store if y[i] == label]
        assert len(seeds) == 3
        wrong = [i for i in np.flatnonzero(y == label) if judged(X[i], X, y, store, k, 2) != label and i not in seeds]
        needed += [*seeds, *wrong]
    rows = [*needed, *few]
    links = imblearn.TomekLinks(sampling_strategy=[0, 1])
    links.fit_resample(X[rows], y[rows])
    assert sampler.sample_indices_.tolist() == [rows[i] for i in links.sample_indices_]


@every
@pytest.mark.parametrize("parameters", [{}, {"n_neighbors": 3}, {"n_neighbors": 2, "n_seeds_S": 5}], ids=str)
@pytest.mark.parametrize("strategy", ["auto", "not majority", [0], "all"], ids=str)
def test_the_legacy_stream_keeps_the_rows_of_imbalanced_learn(
    sampler: Any, parameters: dict[str, int], strategy: object
) -> None:
    for seed in range(4):
        X, y = clouds((60, 30, 12), n_columns=3, seed=seed)
        both = {**parameters, "sampling_strategy": strategy}
        ours = sampler(**both, random_state=seed, legacy_stream=True)
        theirs = getattr(imblearn, sampler.__name__)(**both, random_state=seed)
        made, labels = ours.fit_resample(X, y)
        X_theirs, y_theirs = theirs.fit_resample(X, y)
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
        assert_array_equal(made, X_theirs)
        assert_array_equal(labels, y_theirs)
        assert len(ours.estimators_) == len(theirs.estimators_)
        assert_array_equal(ours.estimators_[0].predict(X), theirs.estimators_[0].predict(X))


@every
def test_the_legacy_stream_goes_on_from_a_random_state(sampler: Any) -> None:
    X, y = clouds((60, 30, 12), n_columns=3)
    ours = sampler(random_state=np.random.RandomState(5), legacy_stream=True)
    theirs = getattr(imblearn, sampler.__name__)(random_state=np.random.RandomState(5))
    ours.fit_resample(X, y)
    theirs.fit_resample(X, y)
    assert_array_equal(ours.sample_indices_, theirs.sample_indices_)


@every
def test_a_classifier_of_ones_own_is_asked_and_agrees_with_the_number(sampler: Any) -> None:
    X, y = clouds((60, 30, 12), n_columns=3)

    class Asked(KNeighborsClassifier):  # type: ignore[misc]  # scikit-learn has no types
        """Not the plain rule, as far as the sampler knows."""

    number, classifier = (sampler(n_neighbors=n, random_state=3) for n in (3, Asked(n_neighbors=3)))
    number.fit_resample(X, y)
    classifier.fit_resample(X, y)
    assert_array_equal(number.sample_indices_, classifier.sample_indices_)
    assert type(classifier.estimators_[0]) is Asked
    far = sampler(n_neighbors=KNeighborsClassifier(1, metric="chebyshev"), random_state=3).fit_resample(X, y)[1]
    assert 12 < len(far) < len(y)


@every
def test_a_search_that_predicts_nothing_is_refused(sampler: Any) -> None:
    X, y = clouds()
    with pytest.raises(InvalidParameterError, match="which predicts classes"):
        sampler(n_neighbors=NearestNeighbors(n_neighbors=1)).fit_resample(X, y)


@every
def test_of_the_smallest_class_no_row_is_redundant(sampler: Any) -> None:
    X, y = clouds((60, 30, 12), n_columns=3)
    named = sampler(sampling_strategy=[0, 2], random_state=0)
    named.fit_resample(X, y)
    kept = (y[named.sample_indices_] == 2).sum()
    assert kept == 12 if sampler is CondensedNearestNeighbour else 6 < kept <= 12  # its links go where it is named
    assert len(named.estimators_) == 2


@every
def test_mixed_tables_are_condensed_as_their_points_are(sampler: Any) -> None:
    frame, y = mixed()
    ours, plain = sampler(random_state=0), sampler(random_state=0)
    made, labels = ours.fit_resample(frame, y)
    plain.fit_resample(mixed_points(frame), y)
    assert_array_equal(ours.sample_indices_, plain.sample_indices_)
    assert 20 < len(labels) < len(y)
    assert_frame_equal(made, frame.iloc[ours.sample_indices_])
    assert ours.dropped_classes_ == []


@every
def test_same_seed_same_rows_on_any_threads_and_in_sparse_matrices(sampler: Any) -> None:
    X, y = clouds((300, 150, 40), n_columns=3)
    rows = sampler(random_state=7, n_jobs=1).fit_resample(X, y)[0]
    assert_array_equal(sampler(random_state=7, n_jobs=2).fit_resample(X, y)[0], rows)
    assert_array_equal(sampler(random_state=7).fit_resample(sparse.csr_matrix(X), y)[0].toarray(), rows)
    other = sampler(random_state=8).fit_resample(X, y)[0]
    assert other.shape != rows.shape or (other != rows).any()


def test_many_joining_rows_are_packed_without_a_change() -> None:
    X, y = clouds((400, 100), n_columns=2, seed=1)  # a hundred rows join: the open ones are packed several times
    sampler = CondensedNearestNeighbour(random_state=0)
    sampler.fit_resample(X, y)
    kept = [i for i in sampler.sample_indices_.tolist() if y[i] == 0]
    assert len(kept) > 96
    assert kept == hart(X, y, 0, 1, kept[:1], 1)


@every
@pytest.mark.parametrize("n_few", [1, 2])
def test_tiny_classes_and_identical_rows(sampler: Any, n_few: int) -> None:
    X, y = np.ones((6, 1)), np.array([1] * n_few + [0] * (6 - n_few))
    ours = sampler(random_state=0)
    ours.fit_resample(X, y)
    assert (y[ours.sample_indices_] == 1).sum() == n_few
    assert len(set(ours.sample_indices_.tolist())) == len(ours.sample_indices_)
