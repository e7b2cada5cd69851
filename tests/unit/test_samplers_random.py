"""What the random samplers promise beyond the laws: copies, shrinkage, replacement."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler as ImblearnOver
from imblearn.under_sampling import RandomUnderSampler as ImblearnUnder
from numpy.testing import assert_array_equal
from scipy import sparse

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.samplers import RandomOverSampler, RandomUnderSampler
from tests._dropping import mixed

X, Y = np.random.default_rng(0).normal(size=(60, 3)), np.repeat([0, 1], [45, 15])


def anything() -> pd.DataFrame:
    n = len(Y)
    return pd.DataFrame(
        {
            "lista": [[i] for i in range(n)],
            "texto": [None if i % 7 == 0 else f"t{i}" for i in range(n)],
            "nulo": [np.nan] * n,
            "infinito": [np.inf] * n,
            "periodo": pd.period_range("2020-01", periods=n, freq="M"),
            "dia": [date(2024, 1, 1)] * n,
            "complexo": [1j] * n,
        }
    )


def test_copies_are_exact_and_sample_indices_say_of_what() -> None:
    sampler = RandomOverSampler(random_state=0)
    made, labels = sampler.fit_resample(X, Y)
    assert_array_equal(made, X[sampler.sample_indices_])
    assert_array_equal(labels, Y[sampler.sample_indices_])
    assert_array_equal(sampler.sample_indices_[:60], np.arange(60))
    assert_array_equal(sampler.provenance_.parents[:, 0], sampler.sample_indices_[60:])


def test_copies_are_drawn_from_all_rows_evenly() -> None:
    sampler = RandomOverSampler(random_state=0, sampling_strategy={1: 15_015})
    sampler.fit_resample(X, Y)
    drawn = np.bincount(sampler.sample_indices_[60:] - 45, minlength=15)
    assert ((drawn - 1000) ** 2 / 1000).sum() < 60  # chi-square with 14 degrees: false alarm 1e-7


@pytest.mark.parametrize("sampler", [RandomOverSampler(random_state=0), RandomUnderSampler(random_state=0)])
def test_columns_of_every_kind_are_taken(sampler: Any) -> None:
    frame = anything()
    made, _ = sampler.fit_resample(frame, Y)
    assert made.dtypes.equals(frame.dtypes)
    copied = frame.iloc[sampler.sample_indices_].reset_index(drop=True)
    pd.testing.assert_frame_equal(made.reset_index(drop=True), copied)


def test_shrinkage_adds_noise_of_the_stated_width() -> None:
    sampler = RandomOverSampler(random_state=0, shrinkage=0.5, sampling_strategy={1: 20_015})
    made, _ = sampler.fit_resample(X, Y)
    noise = made[60:] - X[sampler.sample_indices_[60:]]
    width = 0.5 * (4 / ((3 + 2) * 60)) ** (1 / (3 + 4)) * X[45:].std(axis=0)
    # 20 000 draws: the spread of a spread is 0.5 %; 4 % are 8 sigma
    assert noise.std(axis=0) == pytest.approx(width, rel=0.04)
    assert abs(noise.mean(axis=0)).max() < 8 * width.max() / np.sqrt(20_000)
    theirs = ImblearnOver(random_state=0, shrinkage=0.5, sampling_strategy={1: 20_015})
    rival, _ = theirs.fit_resample(X, Y)
    assert (rival[60:] - X[theirs.sample_indices_[60:]]).std(axis=0) == pytest.approx(width, rel=0.04)


def test_shrinkage_zero_makes_plain_copies() -> None:
    plain, _ = RandomOverSampler(random_state=0).fit_resample(X, Y)
    zero, _ = RandomOverSampler(random_state=0, shrinkage=0).fit_resample(X, Y)
    assert_array_equal(plain, zero)


def test_noise_keeps_dtypes_grids_and_missing_values() -> None:
    n = len(Y)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "valor": np.where(rng.random(n) < 0.3, np.nan, np.round(rng.normal(size=n) * 100, 2)),
            "vezes": rng.integers(0, 255, n).astype(np.uint8),
            "pago": rng.random(n) < 0.5,
            "dia": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
        }
    )
    sampler = RandomOverSampler(random_state=0, shrinkage=1.0)
    made = sampler.fit_resample(frame, Y)[0].iloc[n:]
    assert made.dtypes.equals(frame.dtypes)
    assert all(float(f"{v:.2f}") == v for v in made["valor"].dropna())
    assert_array_equal(made.isna().to_numpy(), frame.iloc[sampler.provenance_.parents[:, 0]].isna().to_numpy())
    assert (made["dia"].dt.normalize() == made["dia"]).all()


def test_shrinkage_per_class_must_name_every_class_that_grows() -> None:
    y = np.repeat([0, 1, 2], [30, 20, 10])
    sampler = RandomOverSampler(random_state=0, shrinkage={1: 0.0, 2: 1.0})
    made, labels = sampler.fit_resample(X, y)
    still = (labels == 1)[60:]
    source = X[sampler.sample_indices_[60:]]
    assert_array_equal(made[60:][still], source[still])
    assert not np.any(made[60:][~still] == source[~still])
    with pytest.raises(InvalidParameterError, match=r"missing classes are: \[2\]"):
        RandomOverSampler(shrinkage={1: 0.5}).fit_resample(X, y)
    with pytest.raises(InvalidParameterError, match="needs to be >= 0"):
        RandomOverSampler(shrinkage={1: 0.5, 2: -1.0}).fit_resample(X, y)


def test_shrinkage_moves_numbers_and_leaves_categories() -> None:
    frame = pd.DataFrame({"a": X[:, 0], "c": np.random.default_rng(2).choice(["x", "y"], 60)})
    sampler = RandomOverSampler(shrinkage=1, random_state=0)
    made = sampler.fit_resample(frame, Y)[0].iloc[60:]
    base = frame.iloc[sampler.sample_indices_[60:]]
    assert made["c"].tolist() == base["c"].tolist()
    assert not np.any(made["a"].to_numpy() == base["a"].to_numpy())


def test_shrinkage_of_an_array_needs_numbers() -> None:
    letters = np.column_stack([X[:, 0], ["x"] * 60]).astype(object)
    with pytest.raises(InvalidDataError, match=r"X needs to contain only numerical data.*: 0, 1\."):
        RandomOverSampler(shrinkage=1).fit_resample(letters, Y)


@pytest.mark.parametrize("box", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
@pytest.mark.parametrize("shrinkage", [None, 0.5])
def test_sparse_matrices_get_the_rows_of_dense_ones(box: Any, shrinkage: float | None) -> None:
    made, _ = RandomOverSampler(random_state=0, shrinkage=shrinkage).fit_resample(box(X), Y)
    dense, _ = RandomOverSampler(random_state=0, shrinkage=shrinkage).fit_resample(X, Y)
    assert type(made) is box
    assert_array_equal(made.toarray(), dense)


@pytest.mark.parametrize("shrinkage", [None, 0.0, 0.7, {0: 1.0, 1: 0.3, 2: 2.0}], ids=str)
@pytest.mark.parametrize("strategy", ["auto", "all", {1: 50}], ids=str)
@pytest.mark.parametrize(
    "box", [np.asarray, sparse.csr_matrix, sparse.csc_matrix, pd.DataFrame], ids=lambda b: b.__name__
)
def test_the_legacy_stream_makes_the_rows_of_imbalanced_learn(shrinkage: Any, strategy: Any, box: Any) -> None:
    y = np.random.default_rng(1).permutation(np.repeat([0, 1, 2], [30, 20, 10]))
    for state in (lambda: 7, lambda: np.random.RandomState(7)):
        both = {"sampling_strategy": strategy, "shrinkage": shrinkage}
        ours = RandomOverSampler(**both, random_state=state(), legacy_stream=True)
        theirs = ImblearnOver(**both, random_state=state())
        made, labels = ours.fit_resample(box(X), y)
        X_theirs, y_theirs = theirs.fit_resample(box(X), y)
        if sparse.issparse(made):
            made, X_theirs = made.toarray(), X_theirs.toarray()
        assert_array_equal(made, X_theirs)
        assert_array_equal(labels, y_theirs)
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("strategy", ["auto", "all", "not majority", {0: 25, 2: 3}], ids=str)
def test_the_legacy_stream_keeps_the_rows_of_imbalanced_learn(replacement: bool, strategy: Any) -> None:
    y = np.random.default_rng(1).permutation(np.repeat([0, 1, 2], [30, 20, 10]))
    for state in (lambda: 7, lambda: np.random.RandomState(7)):
        both = {"sampling_strategy": strategy, "replacement": replacement}
        ours = RandomUnderSampler(**both, random_state=state(), legacy_stream=True)
        theirs = ImblearnUnder(**both, random_state=state())
        made, labels = ours.fit_resample(X, y)
        X_theirs, y_theirs = theirs.fit_resample(X, y)
        assert_array_equal(made, X_theirs)
        assert_array_equal(labels, y_theirs)
        assert_array_equal(ours.sample_indices_, theirs.sample_indices_)


def test_shrinkage_of_mixed_tables_moves_amounts_on_their_grid_and_days_by_whole_days() -> None:
    frame, y = mixed()
    sampler = RandomOverSampler(random_state=0, shrinkage=1.0)
    made = sampler.fit_resample(frame, y)[0].iloc[60:]
    base = frame.iloc[sampler.sample_indices_[60:]]
    assert {value.as_tuple().exponent for value in made["valor"]} == {-2}
    assert set(map(type, made["dia"])) == {date}
    assert_array_equal(made["score"].isna(), base["score"].isna())
    assert_array_equal(made["tipo"], base["tipo"])
    assert made["uf"].tolist() == base["uf"].tolist()
    assert (made["valor"].to_numpy() != base["valor"].to_numpy()).mean() > 0.9


def test_replacement_may_keep_a_row_twice_and_without_it_never() -> None:
    twice = RandomUnderSampler(random_state=0, replacement=True, sampling_strategy={0: 45})
    made, _ = twice.fit_resample(X, Y)
    assert len(made) == 60
    assert len(set(twice.sample_indices_.tolist())) < 60
    once = RandomUnderSampler(random_state=0)
    once.fit_resample(X, Y)
    assert len(set(once.sample_indices_.tolist())) == 30
    assert len(once.provenance_) == 0


def test_only_the_named_classes_are_reduced() -> None:
    y = np.repeat([0, 1, 2], [30, 20, 10])
    _, labels = RandomUnderSampler(sampling_strategy={0: 12}, random_state=0).fit_resample(X, y)
    assert np.bincount(labels).tolist() == [12, 20, 10]
    _, none_left = RandomUnderSampler(sampling_strategy={0: 0}, random_state=0).fit_resample(X, y)
    assert np.bincount(none_left).tolist() == [0, 20, 10]


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (None, "y is None"),
        (Y[:10], "inconsistent numbers of samples"),
        (np.linspace(0, 1, 60), "Unknown label type"),
        (np.r_[np.nan, Y[1:]], "Input y contains NaN"),
        (np.ones((60, 2)), "Multilabel"),
        ([None, *Y.tolist()[1:]], "missing"),
    ],
)
def test_targets_that_hold_no_classes_are_refused(y: Any, says: str) -> None:
    with pytest.raises(InvalidDataError, match=says):
        RandomOverSampler().fit_resample(X, y)


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(Y, name="classe").map({0: "a", 1: "b"}).astype("category"),
        pd.Series(Y).astype("Int8"),
        pd.DataFrame({"classe": Y}),
        pd.get_dummies(Y),
        Y.astype(bool),
        Y.astype(np.float32),
        Y.reshape(-1, 1),
        tuple(Y.tolist()),
        np.where(Y == 1, "rara", "comum"),
    ],
    ids=lambda y: type(y).__name__,
)
def test_the_target_comes_back_in_its_own_container(y: Any) -> None:
    _, made = RandomOverSampler(random_state=0).fit_resample(X, y)
    assert type(made) is type(y)
    assert len(made) == 90
    if isinstance(y, pd.DataFrame):
        pd.testing.assert_frame_equal(made.iloc[:60], y)
    elif isinstance(y, pd.Series):
        pd.testing.assert_series_equal(made.iloc[:60], y)
    elif isinstance(y, np.ndarray):
        assert made.dtype == y.dtype
        assert made.ndim == y.ndim


def test_an_index_of_its_own_stays_with_the_target() -> None:
    y = pd.Series(Y, index=[f"y{i}" for i in range(60)])
    made, labels = RandomOverSampler(random_state=0).fit_resample(pd.DataFrame(X), y)
    assert labels.index[:60].tolist() == y.index.tolist()
    assert labels.index[60] == "synthetic-0"
    assert made.index.tolist() == list(range(90))
