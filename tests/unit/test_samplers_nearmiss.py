"""The three versions of NearMiss against slow versions, imbalanced-learn and tables worked by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.under_sampling import NearMiss as Imblearn
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from contrapeso.errors import FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import NearMiss
from tests._dropping import Floats, clouds, mixed, mixed_points, squared_distances

versions = pytest.mark.parametrize("version", [1, 2, 3])
few_rows = pytest.mark.filterwarnings("ignore::contrapeso.errors.FewSamplesWarning")


def chosen(X: Floats, y: np.ndarray, version: int, k: int, k3: int, plan: dict[Any, int]) -> list[int]:
    """Rows that stay, by the full matrix of distances."""
    labels, sizes = np.unique(y, return_counts=True)
    few = np.flatnonzero(y == labels[sizes.argmin()])
    apart = np.sqrt(squared_distances(X, X[few]))
    near, far = np.sort(apart, axis=1)[:, :k].sum(axis=1), np.sort(apart, axis=1)[:, -k:].sum(axis=1)
    kept: list[int] = []
    for label in labels:
        rows = np.flatnonzero(y == label).tolist()
        if label in plan:
            if version == 3:
                by_row = [sorted(rows, key=lambda i: (apart[i, j], i))[:k3] for j in range(len(few))]
                rows = sorted({i for close in by_row for i in close})
            measure = {1: near, 2: far, 3: -near}[version]
            rows = sorted(rows, key=lambda i: (round(measure[i], 9), i))[: plan[label]]
        kept += rows
    return kept


@few_rows
@versions
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=4, max_size=30), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_rows_are_chosen_by_the_measure_whatever_the_ties(version: int, rows: list[tuple[int, int]], k: int) -> None:
    X, y = np.array([[float(v)] for v, _ in rows]), np.array([label for _, label in rows])
    if len(np.unique(y)) < 2:
        return
    sampler = NearMiss(version=version, n_neighbors=k, n_neighbors_ver3=2)
    sampler.fit_resample(X, y)
    assert sampler.sample_indices_.tolist() == chosen(X, y, version, k, 2, dict(sampler.sampling_strategy_))


@few_rows
@pytest.mark.filterwarnings("ignore:The number of the samples")
@versions
@pytest.mark.parametrize("k", [1, 3, 12])
@pytest.mark.parametrize("strategy", ["auto", "all", {0: 20}, {0: 15, 1: 10, 2: 8}], ids=str)
def test_same_rows_in_the_same_order_as_imbalanced_learn(version: int, k: int, strategy: Any) -> None:
    for seed in range(3):
        X, y = clouds((60, 30, 12), seed=seed)
        both = {"version": version, "n_neighbors": k, "n_neighbors_ver3": 4, "sampling_strategy": strategy}
        ours, theirs = NearMiss(**both), Imblearn(**both)
        made, labels = ours.fit_resample(X, y)
        X_theirs, y_theirs = theirs.fit_resample(X, y)
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)
        assert_array_equal(made, X_theirs)
        assert_array_equal(labels, y_theirs)


@few_rows
@versions
def test_a_search_of_ones_own_counts_as_the_number(version: int) -> None:
    X, y = clouds()
    number = NearMiss(version=version, n_neighbors=2, n_neighbors_ver3=4)
    search = NearMiss(
        version=version,
        n_neighbors=NearestNeighbors(n_neighbors=2),
        n_neighbors_ver3=NearestNeighbors(n_neighbors=4),
    )
    number.fit_resample(X, y)
    search.fit_resample(X, y)
    assert_array_equal(number.sample_indices_, search.sample_indices_)
    assert number.nn_.n_neighbors == 2


@few_rows
@versions
def test_mixed_tables_are_measured_by_the_same_distances(version: int) -> None:
    frame, y = mixed()
    sampler = NearMiss(version=version)
    made, labels = sampler.fit_resample(frame, y)
    plan = dict(sampler.sampling_strategy_)
    assert sampler.sample_indices_.tolist() == chosen(mixed_points(frame), y, version, 3, 3, plan)
    assert_frame_equal(made, frame.iloc[sampler.sample_indices_])
    assert_array_equal(labels, y[sampler.sample_indices_])


def test_the_farthest_of_many_rows_are_found_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = clouds((200, 100), n_columns=5)
    X += 1e6  # far from the origin, where a product of matrices would lose the distances
    whole = NearMiss(version=2).fit_resample(X, y)[0]
    monkeypatch.setattr("contrapeso.samplers._nearmiss.BLOCK_CELLS", 700)
    assert_array_equal(NearMiss(version=2).fit_resample(X, y)[0], whole)
    assert_array_equal(whole, X[chosen(X, y, 2, 3, 3, {0: 100})])


@few_rows
@versions
def test_sparse_matrices_and_threads_give_the_same_rows(version: int) -> None:
    X, y = clouds()
    rows = NearMiss(version=version, n_jobs=1).fit_resample(X, y)[0]
    assert_array_equal(NearMiss(version=version, n_jobs=2).fit_resample(X, y)[0], rows)
    assert_array_equal(NearMiss(version=version).fit_resample(sparse.csr_matrix(X), y)[0].toarray(), rows)


@pytest.mark.parametrize("version", [1, 2])
def test_too_few_rows_are_said_or_refused(version: int) -> None:
    X, y = [[0.0], [1.0], [3.0], [4.0], [8.0]], ["few", "few", "many", "many", "many"]
    with pytest.warns(FewSamplesWarning, match="has 2 samples; n_neighbors=3 asks for more: all are used"):
        assert NearMiss(version=version).fit_resample(X, y)[0] == X[:4]
    with pytest.raises(TooFewSamplesError, match="has 2 samples"):
        NearMiss(version=version, few_samples="raise").fit_resample(X, y)


def test_a_short_list_of_version_3_is_said_or_refused() -> None:
    X, y = [[0.0], [1.0], [3.0], [4.0], [8.0]], ["few", "few", "many", "many", "many"]
    parameters: dict[str, Any] = {"version": 3, "n_neighbors": 1, "n_neighbors_ver3": 1}
    with pytest.warns(FewSamplesWarning, match="2 samples of class 'many' are to be kept, and 1 are among the 1 near"):
        assert NearMiss(**parameters).fit_resample(X, y)[0] == X[:3]
    with pytest.raises(TooFewSamplesError, match="Ask for fewer"):
        NearMiss(**parameters, few_samples="raise").fit_resample(X, y)
