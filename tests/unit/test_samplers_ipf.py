"""SMOTE-IPF: what the filter removes, when it stops, and what is known of the rows that stay."""

from collections import Counter
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from contrapeso.errors import ContrapesoWarning, FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import SMOTE, SMOTEIPF
from contrapeso.samplers._ipf import parts, scaled

LINE = np.concatenate([np.arange(0.0, 60.0), np.arange(100.0, 120.0), [30.2, 110.3]])[:, None]
Y = np.repeat([0, 1, 1, 0], [60, 20, 1, 1])  # rows 80 and 81 are mislabelled: deep in the other class


class Threshold(BaseEstimator):
    """Calls 1 whatever lies above the middle of the means of both classes."""

    def fit(self, X: Any, y: Any) -> "Threshold":
        self.cut_ = (X[y == 0].mean() + X[y == 1].mean()) / 2
        return self

    def predict(self, X: Any) -> Any:
        return (X[:, 0] > self.cut_).astype(int)


def test_a_worked_example() -> None:
    # All classifiers cut between 60 and 100, so they outvote row 80 (30.2, called 1), row 81 (110.3, called 0) and
    # the new rows below the cut; one round removes them, and three rounds running then remove nothing.
    sampler = SMOTEIPF(k_neighbors=3, n_folds=3, classifier=Threshold(), random_state=0)
    made, labels = sampler.fit_resample(LINE, Y)
    stayed = sampler.provenance_.n_rows
    assert_array_equal(sampler.sample_indices_[:stayed], np.arange(80))
    assert_array_equal(made[:stayed], LINE[:80])
    below = (SMOTE(k_neighbors=3, random_state=0).fit_resample(LINE, Y)[0][82:, 0] < 80).sum()
    assert sampler.n_removed_ == 2 + below
    assert (made[labels == 1] > 60).all()
    assert sampler.n_iter_ == (4 if 2 + below >= 0.01 * 122 else 3)


def test_before_the_filter_the_rows_are_those_of_smote() -> None:
    sampler = SMOTEIPF(k_neighbors=3, random_state=7)
    made, _ = sampler.fit_resample(LINE, Y)
    smote = SMOTE(k_neighbors=3, random_state=7)
    every = smote.fit_resample(LINE, Y)[0]
    new = made[sampler.provenance_.n_rows :]
    assert {float(v) for v in new[:, 0]} <= {float(v) for v in every[82:, 0]}
    parents, share = LINE[sampler.sample_parents_][:, :, 0], sampler.sample_weights_
    assert_allclose(new[:, 0], (parents * share).sum(axis=1))
    assert_array_equal(sampler.sample_indices_[sampler.provenance_.n_rows :], sampler.sample_parents_[:, 0])
    assert_array_equal(sampler.provenance_.rows, np.arange(sampler.provenance_.n_rows, len(made)))
    assert f"Row {sampler.provenance_.n_rows} is synthetic (class 1)" in sampler.provenance_.explain(0)


class ByHeart(BaseEstimator):
    """Each classifier calls everything by one class, the next one by the next."""

    calls: list[int] = []  # noqa: RUF012  (what the test hands out)

    def fit(self, X: Any, y: Any) -> "ByHeart":
        self.answer_ = ByHeart.calls.pop(0)
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.answer_)


@pytest.mark.parametrize(
    ("voting", "answers", "goes"),
    [
        ("majority", [1, 1, 0, 1], True),  # three of four call everything 1: class 0 would go, and is left as it is
        ("majority", [1, 1, 0, 0], False),
        ("consensus", [1, 1, 0, 1], False),
        ("consensus", [1, 1, 1, 1], True),
    ],
)
def test_most_or_all_classifiers_must_agree(
    voting: Literal["majority", "consensus"], answers: list[int], goes: bool
) -> None:
    ByHeart.calls = answers * 3
    sampler = SMOTEIPF(n_folds=4, voting=voting, classifier=ByHeart(), k_neighbors=3, random_state=0)
    if goes:
        with pytest.warns(ContrapesoWarning, match="every row of class 0 for noise"):
            _, labels = sampler.fit_resample(LINE, Y)
    else:
        _, labels = sampler.fit_resample(LINE, Y)
    assert Counter(labels.tolist()) == {0: 61, 1: 61}
    assert sampler.n_iter_ == 3
    assert ByHeart.calls == []


def test_the_filter_stops_after_k_quiet_rounds() -> None:
    clean = LINE[:80]
    for k in (1, 2, 5):
        sampler = SMOTEIPF(k_neighbors=3, k=k, classifier=Threshold(), random_state=0)
        sampler.fit_resample(clean, Y[:80])
        assert (sampler.n_iter_, sampler.n_removed_) == (k, 0)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=9, max_size=60), st.integers(2, 5), st.integers(0, 9))
def test_parts_are_alike_in_size_and_in_classes(labels: list[int], n_parts: int, seed: int) -> None:
    codes = np.array(labels)
    part = parts(codes, n_parts, np.random.default_rng(seed))
    assert np.ptp(np.bincount(part, minlength=n_parts)) <= 1
    for code in set(labels):
        assert np.ptp(np.bincount(part[codes == code], minlength=n_parts)) <= 1


def test_numbers_are_scaled_whatever_their_size() -> None:
    values = np.array([[1e300, 5.0, 1e-300], [-1e300, 5.0, 3e-300], [0.0, 5.0, 2e-300]])
    assert_allclose(scaled(values), [[1, 0, -1], [-1, 0, 1], [0, 0, 0]], atol=1e-12)


def test_mixed_tables_keep_index_dtypes_and_weights() -> None:
    rng, n = np.random.default_rng(1), 82
    frame = pd.DataFrame(
        {
            "v": LINE[:, 0],
            "uf": rng.choice(["SP", "RJ"], n),
            "dia": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
        },
        index=[f"r{i}" for i in range(n)],
    )
    frame.loc["r5", "v"] = np.nan
    y = pd.Series(Y, index=frame.index, name="classe")
    sampler = SMOTEIPF(k_neighbors=3, random_state=0)
    made, labels = sampler.fit_resample(frame, y, sample_weight=np.arange(n), metadata={"conta": np.arange(n)})
    stayed = sampler.sample_indices_[: sampler.provenance_.n_rows]
    assert (made.dtypes == frame.dtypes).all()
    pd.testing.assert_frame_equal(made.iloc[: len(stayed)], frame.iloc[stayed])
    assert made.index.equals(labels.index)
    assert_array_equal(sampler.sample_weight_[: len(stayed)], stayed)
    assert_array_equal(sampler.metadata_["conta"], sampler.sample_indices_)
    assert len(sampler.sample_weight_) == len(made) == len(labels)


@pytest.mark.parametrize("make", [list, sparse.csr_matrix])
def test_other_containers_give_the_same_rows(make: Any) -> None:
    expected, labels = SMOTEIPF(k_neighbors=3, random_state=0).fit_resample(LINE, Y)
    made, same = SMOTEIPF(k_neighbors=3, random_state=0).fit_resample(
        make(LINE.tolist()) if make is list else make(LINE), Y
    )
    assert_array_equal(made.toarray() if sparse.issparse(made) else np.array(made), expected)
    assert_array_equal(same, labels)


def test_a_classifier_without_a_seed_gets_one() -> None:
    made = [SMOTEIPF(k_neighbors=3, random_state=2).fit_resample(LINE, Y)[0] for _ in range(2)]
    assert_array_equal(*made)
    threads = SMOTEIPF(k_neighbors=3, random_state=2, n_jobs=2).fit_resample(LINE, Y)[0]
    assert_array_equal(made[0], threads)
    SMOTEIPF(k_neighbors=3, classifier=LogisticRegression(), random_state=0).fit_resample(LINE, Y)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_small_class_is_adapted_to_or_refused(n: int) -> None:
    y = np.repeat([0, 1], [82 - n, n])
    with pytest.warns(FewSamplesWarning):
        _, labels = SMOTEIPF(random_state=0).fit_resample(LINE, y)
    assert set(labels.tolist()) == {0, 1}
    with pytest.raises(TooFewSamplesError):
        SMOTEIPF(few_samples="raise").fit_resample(LINE, y)
