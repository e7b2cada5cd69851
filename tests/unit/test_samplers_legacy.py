"""The legacy stream gives imbalanced-learn's rows bit for bit; imbalanced-learn itself is the oracle."""

import warnings
from collections.abc import Callable
from typing import Any

import imblearn.over_sampling
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

import contrapeso.samplers
from contrapeso.errors import TooFewSamplesError
from contrapeso.samplers import SMOTE

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "SMOTE": ("SMOTE", {}),
    "SMOTE-3": ("SMOTE", {"k_neighbors": 3}),
    "SMOTENC": ("SMOTENC", {"categorical_features": [1, 3]}),
    "Borderline-1": ("BorderlineSMOTE", {}),
    "Borderline-2": ("BorderlineSMOTE", {"kind": "borderline-2", "m_neighbors": 7}),
    "SVMSMOTE": ("SVMSMOTE", {"out_step": 0.3}),
    "KMeansSMOTE": ("KMeansSMOTE", {"cluster_balance_threshold": 0.02, "kmeans_estimator": 4}),
    "KMeansSMOTE-2": ("KMeansSMOTE", {"cluster_balance_threshold": 0.02, "density_exponent": 2.0}),
    "ADASYN": ("ADASYN", {}),
}
SEEDS: dict[str, Callable[[int], Any]] = {"int": int, "RandomState": np.random.RandomState}


def table(seed: int, counts: list[int], n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping classes; columns 1 and 3 hold a few whole numbers, which SMOTENC takes for categories."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    X = rng.normal(size=(len(y), n_columns)) + 0.5 * y[:, None]
    X[:, 1] = rng.integers(0, 4, len(y))
    X[:, 3] = rng.integers(-1, 2, len(y))
    order = rng.permutation(len(y))
    return X[order], y[order]


def both(case: str, seed: Callable[[], Any], X: Any, y: Any, **more: Any) -> tuple[Any, Any]:
    name, options = CASES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = getattr(imblearn.over_sampling, name)(random_state=seed(), **options, **more).fit_resample(X, y)
        ours = getattr(contrapeso.samplers, name)(random_state=seed(), legacy_stream=True, **options, **more)
        return theirs, ours.fit_resample(X, y)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("counts", [[150, 40], [120, 30, 45]], ids=["two classes", "three classes"])
@pytest.mark.parametrize("n_columns", [4, 20], ids=["tree search", "brute search"])
def test_the_same_seed_makes_the_rows_of_imbalanced_learn(
    case: str, counts: list[int], n_columns: int, kind: str
) -> None:
    X, y = table(3, counts, n_columns)
    theirs, ours = both(case, lambda: SEEDS[kind](11), X, y)
    assert len(theirs[0]) > len(X)
    assert_array_equal(ours[0], theirs[0])
    assert_array_equal(ours[1], theirs[1])


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(sorted(CASES)),
    st.integers(0, 10**6),
    st.lists(st.integers(12, 60), min_size=2, max_size=4),
    st.integers(4, 18),
)
def test_so_it_does_on_random_tables(case: str, seed: int, counts: list[int], n_columns: int) -> None:
    X, y = table(seed, counts, n_columns)
    try:
        theirs, ours = both(case, lambda: seed, X, y)
    except (ValueError, RuntimeError):  # imbalanced-learn refuses, or its shares are NaN
        assume(False)
    assert_array_equal(ours[0], theirs[0])
    assert_array_equal(ours[1], theirs[1])


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("SMOTE-3", {"k_neighbors": NearestNeighbors(n_neighbors=3, algorithm="brute")}),
        (
            "Borderline-1",
            {"k_neighbors": NearestNeighbors(n_neighbors=4), "m_neighbors": NearestNeighbors(n_neighbors=8)},
        ),
        ("SVMSMOTE", {"svm_estimator": SVC(C=10.0)}),
        ("KMeansSMOTE", {"kmeans_estimator": KMeans(3, random_state=0)}),
        ("ADASYN", {"n_neighbors": NearestNeighbors(n_neighbors=9)}),
    ],
)
def test_so_it_does_with_estimators_of_ones_own(case: str, options: dict[str, Any]) -> None:
    X, y = table(5, [150, 50], 5)
    name, given_options = CASES[case]
    merged = {**given_options, **options}
    theirs = getattr(imblearn.over_sampling, name)(random_state=0, **merged).fit_resample(X, y)
    ours = getattr(contrapeso.samplers, name)(random_state=0, legacy_stream=True, **merged).fit_resample(X, y)
    assert_array_equal(ours[0], theirs[0])


def test_so_it_does_where_all_numbers_of_a_class_are_the_same_in_smotenc() -> None:
    X, y = table(2, [60, 20], 4)
    X[y == 1, 0], X[y == 1, 2] = 2.0, -1.0  # no spread: imbalanced-learn takes another way to the votes
    theirs, ours = both("SMOTENC", lambda: 0, X, y)
    assert_array_equal(ours[0], theirs[0])


def test_containers_have_the_same_rows() -> None:
    X, y = table(7, [80, 25], 5)
    dense, _ = SMOTE(random_state=4, legacy_stream=True).fit_resample(X, y)
    frame, _ = SMOTE(random_state=4, legacy_stream=True).fit_resample(pd.DataFrame(X), y)
    matrix, _ = SMOTE(random_state=4, legacy_stream=True).fit_resample(sparse.csr_array(X), y)
    assert_array_equal(matrix.toarray(), dense)
    assert_array_equal(frame.to_numpy(), dense)


def test_amounts_of_a_frame_leave_their_cents_as_imbalanced_learn_leaves_them() -> None:
    X, y = table(7, [80, 25], 5)
    amounts = pd.DataFrame(X.round(2), columns=list("abcde"))
    theirs, ours = both("SMOTE", lambda: 4, amounts, y)
    assert_array_equal(ours[0], theirs[0])
    on_cents, _ = SMOTE(random_state=4).fit_resample(amounts, y)
    assert_array_equal(on_cents, on_cents.round(2))


def test_whole_numbers_are_rounded_where_imbalanced_learn_truncates_them() -> None:
    X, y = table(7, [80, 25], 5)
    whole = pd.DataFrame((100 * X).astype(np.int64))
    exact, _ = both("SMOTE", lambda: 4, whole.astype(float), y)[1]
    ours, _ = both("SMOTE", lambda: 4, whole, y)[1]
    assert_array_equal(ours, np.rint(exact))


@pytest.mark.parametrize("case", sorted(set(CASES) - {"SMOTENC"}))
def test_every_row_is_where_its_parents_and_weights_say(case: str) -> None:
    X, y = table(9, [150, 40], 6)
    name, options = CASES[case]
    sampler = getattr(contrapeso.samplers, name)(random_state=1, legacy_stream=True, **options)
    X_new = sampler.fit_resample(X, y)[0][len(X) :]
    mixed = (X[sampler.sample_parents_] * sampler.sample_weights_[:, :, None]).sum(axis=1)
    np.testing.assert_allclose(X_new, mixed, rtol=0, atol=1e-12)


def test_missing_numbers_are_missing_where_the_base_is() -> None:
    X, y = table(1, [60, 20], 4)
    X[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    sampler = SMOTE(random_state=0, legacy_stream=True)
    X_new = sampler.fit_resample(X, y)[0][len(X) :]
    assert_array_equal(np.isnan(X_new), np.isnan(X[sampler.sample_parents_[:, 0]]))


def test_too_few_rows_are_an_error_only_by_option() -> None:
    X, y = table(1, [40, 3], 4)
    with pytest.warns(UserWarning, match="too few"):
        _, y_new = SMOTE(random_state=0, legacy_stream=True).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [40, 40]
    with pytest.raises(TooFewSamplesError):
        SMOTE(random_state=0, legacy_stream=True, few_samples="raise").fit_resample(X, y)


def test_a_single_row_is_copied() -> None:
    X, y = table(1, [10, 1], 4)
    with pytest.warns(UserWarning, match="copied"):
        X_new, _ = SMOTE(random_state=0, legacy_stream=True).fit_resample(X, y)
    assert (X_new[11:] == X[y == 1]).all()
