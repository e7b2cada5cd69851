"""What SMOTEN promises: votes, neighbours by the value difference metric, duplicates, missing values, containers."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OrdinalEncoder

from contrapeso.errors import CopiesWarning, FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import SMOTEN
from contrapeso.samplers._smoten import Voters, elected

RNG = np.random.default_rng(0)
WORDS = np.array(["a", "b", "c", "d"], dtype=object)[RNG.integers(0, 4, (60, 4))]
Y = np.repeat([0, 1], [40, 20])


def value_difference(X: Any, y: Any, left: int, right: int) -> float:
    """Distance of two rows by the definition, value by value."""
    total = 0.0
    for column in np.asarray(X, dtype=object).T:
        shares = [
            np.array([np.mean(np.asarray(y)[column == column[row]] == label) for label in np.unique(y)])
            for row in (left, right)
        ]
        total += float(np.abs(shares[0] - shares[1]).sum()) ** 2
    return total


def test_the_voters_are_the_nearest_distinct_tuples_of_the_class_by_the_value_difference_metric() -> None:
    sampler = SMOTEN(k_neighbors=3, random_state=0)
    sampler.fit_resample(WORDS, Y)
    first = {tuple(WORDS[i]): i for i in reversed(range(40, 60))}
    for parents in sampler.sample_parents_[:20].tolist():
        base, voters = parents[0], parents[1:]
        others = [i for t, i in first.items() if t != tuple(WORDS[base])]
        ranked = sorted(others, key=lambda i: (round(value_difference(WORDS, Y, base, i), 9), i))
        assert voters == ranked[:3]


def test_a_worked_vote() -> None:
    # Rows of class 1: (p, n), (p, n), (p, d), (t, d). With k = 2 all three distinct tuples vote for every base:
    # first column p, p, t -> p; second n, d, d -> d.
    X = np.array([["p", "n"], ["p", "n"], ["p", "d"], ["t", "d"], *[["z", "z"]] * 8], dtype=object)
    made, _ = SMOTEN(k_neighbors=2, random_state=0).fit_resample(X, [1] * 4 + [0] * 8)
    assert_array_equal(made[12:], np.tile(np.array(["p", "d"], dtype=object), (4, 1)))


def test_of_equal_votes_the_one_commoner_in_the_class_wins() -> None:
    X = np.array([["verde"]] * 5 + [["vermelho"]] * 10 + [["azul"]] * 7, dtype=object)
    y = np.array([0] * 5 + [1] * 3 + [0] * 7 + [1] * 5 + [0] * 2)  # class 1: three red, five blue
    made, _ = SMOTEN(random_state=0, k_neighbors=1).fit_resample(X, y)
    assert set(made[22:, 0]) == {"azul"}


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(-1, 3), min_size=2, max_size=2), min_size=4, max_size=12), st.integers(0, 9))
def test_the_vote_goes_to_a_most_frequent_value(rows: list[list[int]], seed: int) -> None:
    codes = np.array(rows, dtype=np.int32)
    n = len(codes)
    voters = np.column_stack([np.arange(n), (np.arange(n) + 1) % n, (np.arange(n) + 2) % n])
    base = np.arange(3 * n) % n
    made = elected(codes, Voters(voters, np.arange(n)), base, (seed, 7))
    for row, code in zip(base.tolist(), made.tolist(), strict=True):
        for j in range(2):
            ballots = Counter(int(c) for c in codes[voters[row], j] if c >= 0)
            top = max(ballots.values(), default=0)
            leaders = {c for c, v in ballots.items() if v == top}
            common = Counter(codes[:, j].tolist())
            best = {c for c in leaders if common[c] == max(common[o] for o in leaders)}
            assert code[j] in ({-1} if codes[row, j] < 0 else best)


def test_ties_left_over_are_drawn_evenly() -> None:
    codes = np.array([[0], [1], [2]], dtype=np.int32)
    voters = Voters(np.array([[0, 1, 2]] * 3), np.arange(3))
    made = elected(codes, voters, np.zeros(9000, dtype=np.int64), (1, 2))
    share = np.bincount(made[:, 0]) / 9000
    assert np.abs(share - 1 / 3).max() < 0.03  # false alarm below 1e-8 for a fair draw


def test_a_missing_value_does_not_vote_and_follows_the_base() -> None:
    frame = pd.DataFrame({"uf": ["SP", None, None, None, "SP", *["RJ"] * 8], "x": list("aabab") + ["c"] * 8})
    y = [1] * 5 + [0] * 8
    sampler = SMOTEN(k_neighbors=3, random_state=0)
    made = sampler.fit_resample(frame, y)[0].iloc[13:]
    assert_array_equal(made["uf"].isna(), frame["uf"].iloc[sampler.sample_indices_[13:]].isna())
    assert set(made["uf"].dropna()) == {"SP"}


@pytest.mark.parametrize(
    "make",
    [
        lambda w: w,
        lambda w: w.tolist(),
        pd.DataFrame,
        lambda w: pd.DataFrame(w).astype("category"),
        lambda w: pd.DataFrame(w).map(ord).to_numpy(),
        lambda w: pd.DataFrame(w).map(ord).astype("float32").to_numpy(),
        lambda w: pd.DataFrame(w).map(ord).astype("Int16"),
    ],
)
def test_every_kind_of_column_gives_the_same_rows_in_its_own_dtype(make: Any) -> None:
    X = make(WORDS)
    sampler = SMOTEN(random_state=0)
    made, _ = sampler.fit_resample(X, Y)
    plain, _ = SMOTEN(random_state=0).fit_resample(WORDS, Y)
    if isinstance(X, pd.DataFrame):
        assert (made.dtypes == X.dtypes).all()
        values = made.to_numpy(dtype=object)
    else:
        assert type(made) is type(X)
        values = np.asarray(made, dtype=object)
        assert isinstance(X, list) or made.dtype == X.dtype
    expected = plain if isinstance(values[0, 0], str) else np.vectorize(ord, otypes=[object])(plain)
    assert_array_equal(values, expected)


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array])
def test_a_sparse_matrix_comes_back_in_its_format_with_a_warning(make: Any) -> None:
    thin = RNG.integers(0, 2, (60, 4)).astype(np.float64)
    dense, _ = SMOTEN(random_state=0).fit_resample(thin, Y)
    with pytest.warns(DataConversionWarning, match="is not really efficient"):
        made, _ = SMOTEN(random_state=0).fit_resample(make(thin), Y)
    assert type(made) is type(make(thin))
    assert_array_equal(made.toarray(), dense)


def test_a_neighbor_search_of_ones_own_gets_the_matrix_of_distances() -> None:
    X = np.array([[str(i)] for i in range(6)] * 2 + [["z"]] * 20, dtype=object)
    y = [1] * 6 + [0] * 26
    own = SMOTEN(k_neighbors=NearestNeighbors(n_neighbors=3), random_state=0)
    ours = SMOTEN(k_neighbors=2, random_state=0)
    made, expected = own.fit_resample(X, y)[0], ours.fit_resample(X, y)[0]
    assert own.nn_k_.metric == "precomputed"
    assert own.nn_k_.n_samples_fit_ == 6
    assert made.shape == expected.shape


def test_a_class_of_one_tuple_can_only_be_copied() -> None:
    X = np.array([["a", "b"]] * 4 + [["c", "d"]] * 8, dtype=object)
    sampler = SMOTEN(k_neighbors=2, random_state=0)
    with pytest.warns(CopiesWarning, match="are the same"):
        made, _ = sampler.fit_resample(X, [1] * 4 + [0] * 8)
    assert_array_equal(made[12:], X[:4])
    assert_array_equal(sampler.sample_weights_.sum(axis=1), np.ones(4))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_small_class_uses_the_neighbors_there_are_or_is_refused(n: int) -> None:
    y = np.repeat([0, 1], [60 - n, n])
    with pytest.warns((FewSamplesWarning, CopiesWarning)):
        made, labels = SMOTEN(random_state=0).fit_resample(WORDS, y)
    assert Counter(labels.tolist()) == {0: 60 - n, 1: 60 - n}
    assert set(made[60:, 0]) <= set(WORDS[60 - n :, 0])
    with pytest.raises(TooFewSamplesError, match=f"has {n} samples"):
        SMOTEN(few_samples="raise").fit_resample(WORDS, y)


def test_seeds_and_threads() -> None:
    first, second = (SMOTEN(random_state=4, n_jobs=n).fit_resample(WORDS, Y)[0] for n in (1, 2))
    assert_array_equal(first, second)
    assert not np.array_equal(first, SMOTEN(random_state=5).fit_resample(WORDS, Y)[0])


def test_the_encoder_of_other_code_is_kept_and_not_asked() -> None:
    encoder = OrdinalEncoder(dtype=np.int64)
    sampler = SMOTEN(encoder, random_state=0)
    sampler.fit_resample(WORDS, Y)
    assert sampler.categorical_encoder_ is not encoder
    assert sampler.categorical_encoder_.dtype == np.int64
    sampler.set_params(categorical_encoder=None).fit_resample(WORDS, Y)
    assert sampler.categorical_encoder_.dtype == np.int32


def test_no_matrix_of_all_distances_is_made() -> None:
    import tracemalloc

    X = np.random.default_rng(0).integers(0, 30, (6000, 5))
    tracemalloc.start()
    SMOTEN(random_state=0).fit_resample(X, np.repeat([0, 1], [3200, 2800]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48 * 2**20  # 2800 x 2800 distances alone are 60 MiB
