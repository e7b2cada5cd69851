"""SVMSMOTE: support vectors, who goes inwards and who outwards, and the machine solved in blocks."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

from contrapeso.errors import InvalidDataError
from contrapeso.samplers import SVMSMOTE
from contrapeso.samplers import _margin as margin
from contrapeso.samplers import _svm as svm
from contrapeso.samplers._margin import Dual, KernelLines, SupportVectorMachine
from tests._line_tables import mixed, overlapping


def foreign_neighbors(X: np.ndarray, y: np.ndarray, rows: np.ndarray, m: int) -> np.ndarray:
    found = NearestNeighbors(n_neighbors=m + 1, algorithm="brute").fit(X).kneighbors(X[rows], return_distance=False)
    return np.array([sum(y[j] != y[i] for j in line if j != i) for i, line in zip(rows, found, strict=True)])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 10), st.sampled_from([0.2, 0.5, 1.0]))
def test_support_vectors_near_the_border_go_inwards_and_safe_ones_outwards(seed: int, m: int, out_step: float) -> None:
    X, y = overlapping(seed, [50, 25])
    sampler = SVMSMOTE(m_neighbors=m, out_step=out_step, sampling_strategy={1: 325}, random_state=seed)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [50, 325]
    support = SVC(gamma="scale").fit(X, y).support_
    support = support[y[support] == 1]
    foreign = foreign_neighbors(X, y, support, m)
    kinds = {"danger": support[(foreign >= m / 2) & (foreign < m)], "safe": support[foreign < m / 2]}
    bases, share = sampler.sample_parents_[:, 0], sampler.sample_weights_[:, 1]
    for kind, rows in kinds.items():
        inside = np.isin(bases, rows)
        times = np.bincount(bases[inside], minlength=75)[rows]
        assert times.max(initial=0) - times.min(initial=10**6) <= 1  # bases take turns
        assert ((share[inside] >= 0) if kind == "danger" else (share[inside] <= 0)).all()
    assert np.isin(bases, np.concatenate(list(kinds.values()))).all()
    assert share.min() >= -out_step


def test_neighbors_are_the_nearest_of_the_class() -> None:
    X, y = overlapping(0, [50, 25])
    sampler = SVMSMOTE(k_neighbors=3, sampling_strategy={1: 900}, random_state=0)
    sampler.fit_resample(X, y)
    found = 50 + NearestNeighbors(n_neighbors=3).fit(X[50:]).kneighbors(return_distance=False)
    assert all(int(b) in found[a - 50] for a, b in sampler.sample_parents_)
    assert (sampler.nn_k_.n_neighbors, sampler.nn_m_.n_neighbors) == (4, 11)


def test_an_svc_of_ones_own_with_the_defaults_makes_the_same_rows() -> None:
    X, y = overlapping(1, [60, 20, 30])
    own = SVMSMOTE(svm_estimator=SVC(gamma="scale", random_state=42), random_state=3)
    assert_array_equal(own.fit_resample(X, y)[0], SVMSMOTE(random_state=3).fit_resample(X, y)[0])
    assert isinstance(own.svm_estimator_, SVC)


def test_an_estimator_without_support_vectors_is_refused() -> None:
    X, y = overlapping(1, [60, 20])
    with pytest.raises(RuntimeError, match="`svm_estimator` is required to exposed a `support_`"):
        SVMSMOTE(svm_estimator=LogisticRegression()).fit_resample(X, y)


def test_a_class_of_noise_is_an_error_that_names_the_way_out() -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(80, 2)), np.array([[0.0, 0.0], [0.4, 0.4], [-0.4, 0.4]])])
    with pytest.raises(InvalidDataError, match="SVM-SMOTE is not adapted to your dataset") as caught:
        SVMSMOTE(random_state=0, m_neighbors=5, k_neighbors=2).fit_resample(X, np.repeat([0, 1], [80, 3]))
    assert caught.value.code == "invalid_data"


@pytest.mark.parametrize("n_minority", [1, 2, 3, 5])
def test_few_rows_are_enough_where_they_are_not_noise(n_minority: int) -> None:
    X, y = overlapping(3, [30, n_minority])
    X[y == 1] += 20.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        if n_minority == 1:
            with pytest.raises(InvalidDataError, match="noise"):
                SVMSMOTE(random_state=0, m_neighbors=3).fit_resample(X, y)
            return
        _, y_new = SVMSMOTE(random_state=0, m_neighbors=3).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [30, 30]


def test_a_mixed_table_keeps_its_schema() -> None:
    frame, y = mixed(90), np.repeat([0, 1], [60, 30])
    one, two = (SVMSMOTE(random_state=0, n_jobs=n_jobs).fit_resample(frame, y)[0] for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert len(one) == 120
    assert one.dtypes.equals(frame.dtypes)
    assert one["uf"].isin(["SP", "RJ", "MG"]).all()


def pair(seed: int, n: int, n_columns: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    signs = np.where(rng.random(n) < 0.3, 1.0, -1.0)
    signs[:2] = 1.0, -1.0
    return rng.normal(size=(n, n_columns)) + shift * (signs[:, None] > 0), signs


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(2, 400), st.integers(1, 12), st.sampled_from([0, 0.5, 2]), st.integers(1, 400)
)
def test_the_coefficients_are_optimal(seed: int, n: int, n_columns: int, shift: float, n_lines: int) -> None:
    """The conditions of Karush, Kuhn and Tucker, with the kernel in float64 by scikit-learn."""
    X, signs = pair(seed, n, n_columns, shift)
    gamma = 1.0 / (n_columns * X.var())
    dual = Dual(KernelLines(X, gamma, n_lines * 4 * n), signs, 1.0)
    assert dual.solve(1e-3, 10_000)
    a = dual.coefficients
    assert ((a >= 0.0) & (a <= 1.0)).all()
    assert abs((a * signs).sum()) < 1e-9
    errors = rbf_kernel(X, gamma=gamma) @ (a * signs) - signs
    grows = np.where(signs > 0, a < 1.0, a > 0.0)
    shrinks = np.where(signs > 0, a > 0.0, a < 1.0)
    assert errors[shrinks].max() - errors[grows].min() < 1.1e-3


def test_its_decision_is_that_of_svc() -> None:
    X, signs = pair(0, 1500, 8, 0.8)
    gamma = 1.0 / (8 * X.var())
    dual = Dual(KernelLines(X, gamma, 1e6), signs, 1.0)  # memory for 166 lines of 1500: some are computed again
    assert dual.solve(1e-5, 10_000)
    theirs = SVC(gamma=gamma, tol=1e-5).fit(X, signs)
    kernel = rbf_kernel(X, gamma=gamma)
    free = (dual.coefficients > 1e-6) & (dual.coefficients < 1.0 - 1e-6)
    predicted = kernel @ (dual.coefficients * signs)
    intercept = float(np.mean((signs - predicted)[free]))
    np.testing.assert_allclose(predicted + intercept, theirs.decision_function(X), atol=1e-3)


@pytest.mark.parametrize("counts", [[900, 100], [300, 500, 200]])
def test_support_vectors_are_those_of_svc_but_for_its_tolerance(counts: list[int]) -> None:
    X, y = overlapping(7, counts, 12)
    ours = set(SupportVectorMachine().fit(X, y).support_.tolist())
    theirs = set(SVC(gamma="scale").fit(X, y).support_.tolist())
    assert len(ours ^ theirs) <= len(theirs) // 100
    few = int(np.argmin(counts))
    assert {i for i in ours if y[i] == few} == {i for i in theirs if y[i] == few}


def test_what_blocks_do_not_solve_soon_goes_to_libsvm(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = overlapping(7, [300, 100], 4)
    monkeypatch.setattr(margin, "EASY", -10)
    assert_array_equal(SupportVectorMachine().fit(X, y).support_, np.sort(SVC(gamma="scale").fit(X, y).support_))


def test_same_rows_with_other_labels_and_constant_columns_are_solved() -> None:
    X = np.repeat([[0.0, 5.0], [1.0, 5.0]], 40, axis=0)
    y = np.tile([0, 1], 40)
    assert len(SupportVectorMachine().fit(X, y).support_) == 80
    assert len(SupportVectorMachine().fit(np.ones((10, 2)), np.repeat([0, 1], 5)).support_) > 0


def test_long_tables_take_the_machine_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = overlapping(2, [150, 50], 6)
    monkeypatch.setattr(svm, "LONG", 100)
    sampler = SVMSMOTE(random_state=0)
    X_new, _ = sampler.fit_resample(X, y)
    assert isinstance(sampler.svm_estimator_, SupportVectorMachine)
    assert_array_equal(X_new, SVMSMOTE(svm_estimator=SVC(), random_state=0).fit_resample(X, y)[0])
    frame, labels = mixed(120), np.repeat([0, 1], [80, 40])
    sampler.fit_resample(frame, labels)
    assert isinstance(sampler.svm_estimator_, SVC)
