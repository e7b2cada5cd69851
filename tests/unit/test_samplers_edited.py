"""The three editing samplers against slow versions, imbalanced-learn and tables worked by hand."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn import under_sampling as imblearn
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from contrapeso.errors import ContrapesoWarning
from contrapeso.samplers import AllKNN, EditedNearestNeighbours, RepeatedEditedNearestNeighbours
from tests._dropping import Floats, clouds, mixed, mixed_points, nearest

EDITORS = [EditedNearestNeighbours, RepeatedEditedNearestNeighbours, AllKNN]
every = pytest.mark.parametrize("editor", EDITORS, ids=lambda e: e.__name__)
pytestmark = pytest.mark.filterwarnings("ignore:Every row of the classes")


def kept_by_rule(X: Floats, y: np.ndarray, k: int, kind: str, cleaned: list[Any]) -> list[int]:
    """Rows that stay, one after the other."""
    stays = []
    for i, near in enumerate(nearest(X, min(k, len(y) - 1))):
        labels = y[near].tolist()
        counts = Counter(labels)
        winner = min(label for label in counts if counts[label] == max(counts.values()))
        right = set(labels) == {y[i]} if kind == "all" else winner == y[i]
        if y[i] not in cleaned or right:
            stays.append(i)
    return sorted(stays, key=lambda i: (y[i], i))


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=4, max_size=30),
    st.integers(1, 5),
    st.sampled_from(["all", "mode"]),
)
@settings(max_examples=80, deadline=None)
def test_rows_that_neighbours_disagree_with_go_whatever_the_ties(
    rows: list[tuple[int, int]], k: int, kind: Any
) -> None:
    X, y = np.array([[float(v), v % 2] for v, _ in rows]), np.array([label for _, label in rows])
    if len(np.unique(y)) < 2:
        return
    sampler = EditedNearestNeighbours(n_neighbors=k, kind_sel=kind, sampling_strategy="all")
    sampler.fit_resample(X, y)
    assert sampler.sample_indices_.tolist() == kept_by_rule(X, y, k, kind, np.unique(y).tolist())


@every
@pytest.mark.parametrize("kind", ["all", "mode"])
@pytest.mark.parametrize("k", [1, 3, 4, 6])
@pytest.mark.parametrize("strategy", ["auto", "all", [2]], ids=str)
def test_same_rows_as_imbalanced_learn(editor: Any, kind: str, k: int, strategy: object) -> None:
    compared = 0
    for seed in range(4):
        X, y = clouds((60, 30, 12), seed=seed)
        ours = editor(n_neighbors=k, kind_sel=kind, sampling_strategy=strategy)
        theirs = getattr(imblearn, editor.__name__)(n_neighbors=k, kind_sel=kind, sampling_strategy=strategy)
        made, labels = ours.fit_resample(X, y)
        X_theirs, y_theirs = theirs.fit_resample(X, y)
        if any(c not in ours.sampling_strategy_ and (y_theirs == c).sum() < (y == c).sum() for c in (0, 1, 2)):
            continue  # see the next test
        compared += 1
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
        assert_array_equal(made, X_theirs)
        assert_array_equal(labels, y_theirs)
        assert getattr(ours, "n_iter_", None) == getattr(theirs, "n_iter_", None)
        assert len(labels) < len(y)
    assert compared >= 2


def test_the_smallest_class_is_the_smallest_of_the_table_in_every_round() -> None:
    X, y = clouds((60, 30, 12), seed=0)
    ours, theirs = (
        RepeatedEditedNearestNeighbours(n_neighbors=1),
        imblearn.RepeatedEditedNearestNeighbours(n_neighbors=1),
    )
    sizes = [np.bincount(sampler.fit_resample(X, y)[1]).tolist() for sampler in (ours, theirs)]
    # class 1 comes down to 12 rows, too; imbalanced-learn, which asks anew, then edits class 2, never to be cleaned
    assert sizes == [[45, 12, 12], [45, 12, 7]]


@every
def test_a_search_from_outside_is_the_number_with_the_row_itself(editor: Any) -> None:
    X, y = clouds()
    number, search = editor(n_neighbors=3), editor(n_neighbors=NearestNeighbors(n_neighbors=4))
    number.fit_resample(X, y)
    search.fit_resample(X, y)
    assert_array_equal(number.sample_indices_, search.sample_indices_)


@every
@pytest.mark.parametrize("kind", ["all", "mode"])
def test_mixed_tables_are_edited_as_their_points_are(editor: Any, kind: str) -> None:
    frame, y = mixed()
    sampler, plain = editor(kind_sel=kind), editor(kind_sel=kind)
    made, labels = sampler.fit_resample(frame, y)
    plain.fit_resample(mixed_points(frame), y)
    assert_array_equal(sampler.sample_indices_, plain.sample_indices_)
    assert 0 < len(labels) < len(y)
    assert_frame_equal(made, frame.iloc[sampler.sample_indices_])
    assert_array_equal(labels, y[sampler.sample_indices_])


@pytest.mark.parametrize("kind", ["all", "mode"])
def test_mixed_tables_are_edited_by_the_rule(kind: Any) -> None:
    frame, y = mixed()
    sampler = EditedNearestNeighbours(kind_sel=kind)
    sampler.fit_resample(frame, y)
    assert sampler.sample_indices_.tolist() == kept_by_rule(mixed_points(frame), y, 3, kind, ["normal"])


def test_copies_vote_and_the_row_itself_does_not() -> None:
    X, y = [[0.0], [0.0], [0.0], [0.0], [9.0], [9.1]], [0, 0, 0, 1, 1, 1]
    sampler = EditedNearestNeighbours(n_neighbors=2, kind_sel="all", sampling_strategy="all")
    sampler.fit_resample(X, y)
    assert sampler.sample_indices_.tolist() == [0, 1, 2]  # the copies in row order; 9.0 and 9.1 see row 3's place


def test_repetition_goes_on_until_nothing_goes() -> None:
    X = np.array([[-1.0], [0.0], [10.0], [15.0], [17.0], [17.5]])  # with 15 gone, 10 is nearer to 17 than to 0
    y = np.array([1, 1, 1, 1, 0, 0])
    sampler = RepeatedEditedNearestNeighbours(n_neighbors=1, sampling_strategy=[1])
    sampler.fit_resample(X, y)
    assert (sampler.sample_indices_.tolist(), sampler.n_iter_) == ([4, 5, 0, 1], 3)
    sampler = RepeatedEditedNearestNeighbours(n_neighbors=1, sampling_strategy=[1], max_iter=1)
    sampler.fit_resample(X, y)
    assert (sampler.sample_indices_.tolist(), sampler.n_iter_) == ([4, 5, 0, 1, 2], 1)


def test_all_knn_stops_below_the_smallest_class_unless_it_may_go_on() -> None:
    X, y = clouds((30, 28, 25), seed=3)
    stopped, gone_on = AllKNN(n_neighbors=2), AllKNN(n_neighbors=2, allow_minority=True)
    stopped.fit_resample(X, y)
    gone_on.fit_resample(X, y)
    rows = list(range(len(y)))
    for k in (1, 2):
        rows = sorted(rows[i] for i in kept_by_rule(X[rows], y[rows], k, "all", [0, 1]))
        if k == 1:
            assert sorted(stopped.sample_indices_.tolist()) == rows
    assert sorted(gone_on.sample_indices_.tolist()) == rows


@every
def test_sparse_matrices_and_threads_give_the_same_rows(editor: Any) -> None:
    X, y = clouds()
    rows = editor(n_jobs=1).fit_resample(X, y)[0]
    assert_array_equal(editor(n_jobs=2).fit_resample(X, y)[0], rows)
    assert_array_equal(editor().fit_resample(sparse.csr_matrix(X), y)[0].toarray(), rows)


@every
def test_a_class_that_is_gone_is_named(editor: Any) -> None:
    X, y = [[0.0], [0.1], [0.2], [0.15], [0.05], [0.3]], ["a", "a", "a", "b", "b", "a"]
    sampler = editor(sampling_strategy=["b"])
    with pytest.warns(ContrapesoWarning, match=r"Every row of the classes \['b'\] was dropped"):
        sampler.fit_resample(X, y)
    assert sampler.dropped_classes_ == ["b"]
    assert editor().fit_resample([[0.0], [1.0]], [0, 1])[1] == [0]  # two rows, each the other's only neighbour


@every
def test_one_column_that_never_varies_is_edited_by_row_order(editor: Any) -> None:
    sampler = editor(n_neighbors=1)
    sampler.fit_resample(np.ones((5, 1)), [0, 0, 1, 1, 1])
    assert sampler.dropped_classes_ == [1]  # the lowest row is the neighbour of all


def test_attributes_of_the_rounds_are_there() -> None:
    X, y = clouds()
    for sampler in (RepeatedEditedNearestNeighbours(n_neighbors=2), AllKNN(n_neighbors=2)):
        sampler.fit_resample(X, y)
        assert isinstance(sampler.enn_, EditedNearestNeighbours)
        assert sampler.nn_.n_neighbors == 3
        assert len(sampler.provenance_) == 0
