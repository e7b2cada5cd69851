"""What SMOTE and SMOTENC promise beyond the laws: neighbours, votes, missing values, dates, categories, errors."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTENC as ImblearnSMOTENC  # noqa: N811
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

from contrapeso.errors import (
    ColumnNotFoundError,
    CopiesWarning,
    FewSamplesWarning,
    InvalidDataError,
    InvalidParameterError,
    TooFewSamplesError,
)
from contrapeso.kernels._rows import between
from contrapeso.samplers import SMOTE, SMOTENC
from contrapeso.samplers._drawn import turns

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), np.repeat([0, 1], [45, 15])


def mixed(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "idade": rng.integers(18, 80, n),
            "uf": rng.choice(["SP", "RJ", "MG"], n),
            "renda": np.round(rng.gamma(2, 1500, n), 2),
            "cartao": rng.choice(["sim", "não"], n),
        }
    )


def parents_by_class(sampler: Any, X: Any) -> set[tuple[int, int]]:
    sampler.fit_resample(X, Y)
    return {(int(a), int(b)) for a, b in sampler.provenance_.parents}


def test_the_neighbor_is_one_of_the_k_nearest_of_the_class() -> None:
    pairs = parents_by_class(SMOTE(k_neighbors=3, sampling_strategy={1: 2000}, random_state=0), X)
    minority = X[Y == 1]
    graph = NearestNeighbors(n_neighbors=4, algorithm="brute").fit(minority).kneighbors(minority, return_distance=False)
    # 15 rows x 3 neighbours; 1985 draws: the chance that one pair is missed is below 45 * exp(-44)
    assert pairs == {(45 + i, 45 + int(j)) for i in range(15) for j in graph[i, 1:]}


def test_a_neighbor_search_of_ones_own_counts_the_row_itself() -> None:
    own = SMOTE(k_neighbors=NearestNeighbors(n_neighbors=4), random_state=0)
    ours = SMOTE(k_neighbors=3, random_state=0)
    assert_array_equal(own.fit_resample(X, Y)[0], ours.fit_resample(X, Y)[0])
    assert own.nn_k_.n_neighbors == 4
    assert ours.nn_k_.n_neighbors == 4


def test_a_neighbor_search_of_ones_own_sees_categories_too() -> None:
    frame = mixed()
    own = SMOTENC("auto", k_neighbors=NearestNeighbors(n_neighbors=4), random_state=0)
    ours = SMOTENC("auto", k_neighbors=3, random_state=0)
    pd.testing.assert_frame_equal(own.fit_resample(frame, Y)[0], ours.fit_resample(frame, Y)[0])


class LastFirst:
    """A neighbour search that lists the row itself last, or not at all."""

    n_neighbors = 3

    def get_params(self, deep: bool = True) -> dict[str, object]:
        return {}

    def fit(self, points: Any) -> None:
        self.n = len(points)

    def kneighbors(self, points: Any, return_distance: bool = True) -> Any:
        rows = np.arange(self.n)
        found = np.column_stack([(rows + 1) % self.n, (rows + 2) % self.n, rows])
        found[0, 2] = 5
        return found

    def kneighbors_graph(self) -> None:
        raise NotImplementedError


def test_the_row_itself_is_left_out_wherever_the_search_lists_it() -> None:
    pairs = parents_by_class(SMOTE(k_neighbors=LastFirst(), sampling_strategy={1: 1000}, random_state=0), X)
    assert pairs == {(45 + i, 45 + (i + step) % 15) for i in range(15) for step in (1, 2)}


@pytest.mark.parametrize(
    ("n", "way_out"), [(3, "k_neighbors<=2, few_samples='adapt' or RandomOverSampler"), (1, "Use few_samples='adapt'")]
)
def test_a_class_too_small_is_refused_by_name_where_that_was_asked_for(n: int, way_out: str) -> None:
    y = np.repeat(["comum", "rara"], [60 - n, n])
    with pytest.raises(
        TooFewSamplesError, match=f"Class 'rara' has {n} samples; k_neighbors=5 needs at least 6"
    ) as caught:
        SMOTE(few_samples="raise").fit_resample(X, y)
    assert way_out in str(caught.value)
    assert caught.value.details == {"class": "rara", "n_samples": n, "k_neighbors": 5}


@pytest.mark.parametrize(("n", "done"), [(5, "4 are used"), (2, "1 are used"), (1, "its row is copied")])
def test_a_class_too_small_uses_the_neighbors_it_has_and_says_so(n: int, done: str) -> None:
    y = np.repeat(["comum", "rara"], [60 - n, n])
    with pytest.warns(FewSamplesWarning, match=f"Class 'rara' has {n} samples, too few for 5 neighbours: {done}"):
        made, labels = SMOTE(random_state=0).fit_resample(X, y)
    assert Counter(labels.tolist()) == {"comum": 60 - n, "rara": 60 - n}
    if n > 1:
        assert_array_equal(made, SMOTE(k_neighbors=n - 1, random_state=0).fit_resample(X, y)[0])
    else:
        assert (made[60:] == X[59]).all()


def test_a_small_class_that_is_not_enlarged_is_no_error() -> None:
    y = np.repeat([0, 1, 2], [40, 18, 2])
    _, labels = SMOTE(sampling_strategy={1: 25}).fit_resample(X, y)
    assert Counter(labels.tolist()) == {0: 40, 1: 25, 2: 2}


def test_identical_rows_can_only_be_copied() -> None:
    same = np.vstack([X[:45], np.ones((15, 3))])
    sampler = SMOTE(random_state=0)
    with pytest.warns(CopiesWarning, match="All 15 samples of class 1 are the same: its 30 new rows are copies"):
        made, _ = sampler.fit_resample(same, Y)
    assert (made[60:] == 1).all()
    assert_array_equal(sampler.provenance_.parents[:, 0], sampler.provenance_.parents[:, 1])
    assert_array_equal(sampler.provenance_.weights, np.tile([1.0, 0.0], (30, 1)))


def test_a_missing_number_counts_as_the_median_of_its_class_for_the_distance() -> None:
    values = np.array([[0.0, 0.0], [0.0, np.nan], [0.0, 5.0], [0.0, 10.0], [0.0, 100.0]])
    sampler = SMOTE(k_neighbors=1, sampling_strategy={1: 30}, random_state=0)
    sampler.fit_resample(np.vstack([values, np.zeros((30, 2))]), np.repeat([1, 0], [5, 30]))
    nearest = dict(sampler.provenance_.parents.tolist())
    assert nearest[1] in {2, 3}  # the median is 7.5; rows 2 and 3 are 2.5 away, and the lower wins
    assert nearest[1] == 2


def test_missing_numbers_follow_the_base() -> None:
    base, other = np.array([[np.nan, 1.0, 1.0]]), np.array([[5.0, np.nan, 3.0]])
    point = between(base, other, np.array([0.5]))
    assert_array_equal(point, [[np.nan, 1.0, 2.0]])


@given(
    st.lists(st.tuples(*[st.floats(allow_nan=True, allow_infinity=False)] * 2), min_size=1),
    st.floats(0, 1, exclude_max=True),
)
def test_a_point_is_between_its_parents_to_the_last_bit(pairs: list[tuple[float, float]], gap: float) -> None:
    base, other = np.array(pairs).T[:, :, None]
    point = between(base, other, np.full(len(pairs), gap))
    assert_array_equal(np.isnan(point), np.isnan(base))
    known = ~np.isnan(base)
    toward = np.where(np.isnan(other), base, other)
    assert np.all((np.minimum(base, toward) <= point)[known] & (point <= np.maximum(base, toward))[known])


def test_between_two_equal_numbers_there_is_only_that_number() -> None:
    values = np.random.default_rng(0).normal(size=(2000, 1))  # (1 - g) x + g x misses x by a bit in a tenth of them
    assert_array_equal(between(values, values, np.random.default_rng(1).random(2000)), values)


def test_zero_has_one_sign_wherever_it_stands() -> None:
    signs = np.array([[0.0, -0.0] * 8 + [0.0]])  # one element more than a vector register holds
    for base, other in [(signs, -signs), (-signs, signs), (-np.abs(signs), -np.abs(signs))]:
        assert not np.signbit(between(base, other, np.array([0.5]))).any()


@pytest.mark.parametrize(
    "empty", [pd.array([None] * 60, "Int64"), [None] * 60, [np.nan] * 60, pd.to_datetime([None] * 60)]
)
def test_a_column_without_values_is_no_obstacle(empty: Any) -> None:
    frame = pd.DataFrame({"a": X[:, 0], "vazia": empty})
    made, _ = SMOTE(random_state=0).fit_resample(frame, Y)
    assert made.dtypes.equals(frame.dtypes)
    assert made["vazia"].isna().all()


@given(st.integers(1, 20), st.integers(0, 70), st.integers(0, 9))
def test_every_row_serves_as_base_as_often_as_every_other(n: int, n_new: int, seed: int) -> None:
    used = np.bincount(turns(n, n_new, np.random.default_rng(seed)), minlength=n)
    assert used.sum() == n_new
    assert used.max() - used.min() <= 1


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ([1, 3], [1, 3]),
        ([3, -3], [1, 3]),
        ([False, True, False, True], [1, 3]),
        (["cartao", "uf"], [1, 3]),
        (np.array(["uf"]), [1]),
        ("auto", [1, 3]),
    ],
)
def test_categorical_features_may_be_named_in_every_form(features: Any, expected: list[int]) -> None:
    frame = mixed()
    if len(expected) == 1:
        frame = frame.drop(columns="cartao")
    sampler = SMOTENC(features, random_state=0)
    sampler.fit_resample(frame, Y)
    assert sampler.categorical_features_.tolist() == expected
    assert sampler.continuous_features_.tolist() == [j for j in range(frame.shape[1]) if j not in expected]


@pytest.mark.parametrize(
    ("features", "error", "says"),
    [
        (["cor"], ColumnNotFoundError, "'cor'"),
        ([7], InvalidParameterError, "all features must be in"),
        ([True, False], InvalidParameterError, "mask of 2 for 4"),
        ([], InvalidDataError, "only with numerical features.*Use SMOTE"),
        ([0, 1, 2, 3], InvalidDataError, "only with categorical features.*Use SMOTEN"),
        (["uf"], InvalidDataError, "'cartao'.*categorical_features"),
        ("some", InvalidParameterError, "categorical_features"),
    ],
)
def test_categorical_features_that_make_no_sense_are_refused(features: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        SMOTENC(features).fit_resample(mixed(), Y)


def test_auto_needs_columns_that_say_what_they_are() -> None:
    with pytest.raises(InvalidParameterError, match=r"pandas\.DataFrame or a list of dicts"):
        SMOTENC("auto").fit_resample(X, Y)


def test_a_mismatch_weighs_the_median_spread_as_in_imbalanced_learn() -> None:
    frame = mixed()
    ours, theirs = SMOTENC([1, 3], random_state=0), ImblearnSMOTENC([1, 3], random_state=0)
    ours.fit_resample(frame, Y)
    theirs.fit_resample(frame, Y)
    assert ours.median_std_[1] == pytest.approx(theirs.median_std_[1])
    assert ours.median_std_[1] == pytest.approx(np.median(frame.loc[Y == 1, ["idade", "renda"]].std(ddof=0)))


def test_neighbors_with_categories_are_those_of_imbalanced_learn() -> None:
    frame = mixed()
    ours, theirs = (
        SMOTENC([1, 3], k_neighbors=4, random_state=0),
        ImblearnSMOTENC([1, 3], k_neighbors=4, random_state=0),
    )
    pairs = parents_by_class(ours.set_params(sampling_strategy={1: 2000}), frame)
    theirs.fit_resample(frame, Y)
    graph = theirs.nn_k_.kneighbors(return_distance=False)  # of the rows it was last fitted on, themselves left out
    assert pairs == {(45 + i, 45 + int(j)) for i in range(15) for j in graph[i, :4]}


def test_an_object_array_keeps_words_and_numbers_apart() -> None:
    table = mixed().to_numpy(dtype=object)
    made, _ = SMOTENC([1, 3], random_state=0).fit_resample(table, Y)
    assert made.dtype == object
    assert all(a is b for a, b in zip(made[:60].ravel(), table.ravel(), strict=True))
    assert {type(v) for v in made[60:, 0]} == {int}
    assert {type(v) for v in made[60:, 2]} == {float}
    assert set(made[60:, 1]) <= {"SP", "RJ", "MG"}


def test_numeric_codes_in_an_array_stay_codes() -> None:
    table = np.column_stack([X, RNG.choice([1.0, 5.0, 9.0], 60)]).astype(np.float32)
    made, _ = SMOTENC([3], random_state=0).fit_resample(table, Y)
    assert made.dtype == np.float32
    assert set(made[60:, 3].tolist()) <= {1.0, 5.0, 9.0}


def test_many_categories_need_no_wide_table() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"v": rng.normal(size=4000), "loja": [f"l{i}" for i in range(4000)]})  # one-hot: 4000 columns
    import tracemalloc

    tracemalloc.start()
    SMOTENC("auto", random_state=0).fit_resample(frame, np.repeat([0, 1], [2500, 1500]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20  # 1500 rows x 4000 one-hot columns x 8 bytes are 46 MiB before any neighbour is sought


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array])
def test_a_sparse_matrix_gives_the_dense_answer(make: Any) -> None:
    thin = np.where(np.random.default_rng(0).random((60, 3)) < 0.5, 0.0, X)
    dense, _ = SMOTE(random_state=0).fit_resample(thin, Y)
    made, _ = SMOTE(random_state=0).fit_resample(make(thin), Y)
    assert type(made) is type(make(thin))
    assert_array_equal(made.toarray(), dense)


def test_a_sparse_class_too_wide_to_make_dense_is_refused_with_the_way_out() -> None:
    wide = sparse.random_array((60, 6_000_000), density=1e-7, format="csr", rng=np.random.default_rng(0))
    with pytest.raises(InvalidDataError, match="TruncatedSVD"):
        SMOTE().fit_resample(wide, Y)
    with pytest.raises(InvalidDataError, match="TruncatedSVD"):
        SMOTENC(np.arange(2_000_000)).fit_resample(wide, Y)


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32, bool])
def test_missing_and_constant_columns_of_a_sparse_matrix_are_as_in_a_dense_one(make: Any, dtype: Any) -> None:
    thin = np.where(np.random.default_rng(0).random((60, 4)) < 0.5, 0.0, np.tile(X[:, :1], 4))
    thin[:, 3] = 0.1  # (1 - gap) * 0.1 + gap * 0.1 need not be 0.1
    for share in [0.0, 0.1] if dtype in {np.float64, np.float32} else [0.0]:
        thin[np.random.default_rng(1).random(thin.shape) < share] = np.nan
        table = thin.astype(dtype)
        dense, _ = SMOTE(random_state=0).fit_resample(table, Y)
        made, _ = SMOTE(random_state=0).fit_resample(make(table), Y)
        assert made.dtype == table.dtype
        assert_array_equal(made.toarray(), dense)


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_array])
@pytest.mark.parametrize("options", [{}, {"coherent": True}, {"legacy_stream": True}])
def test_categories_written_as_numbers_stay_categories_in_a_sparse_matrix(make: Any, options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    table = np.column_stack([rng.integers(0, 3, 60), X[:, 0], rng.integers(-1, 2, 60), X[:, 1]])
    table[:, 1] = np.where(rng.random(60) < 0.4, 0.0, table[:, 1])
    table[::9, 2] = np.nan
    before = make(table.copy())
    given = before.copy()
    made, labels = SMOTENC([0, 2], random_state=0, **options).fit_resample(given, Y)
    dense, dense_labels = SMOTENC([0, 2], random_state=0, **options).fit_resample(table, Y)
    assert (type(made), made.dtype, made.format) == (type(given), given.dtype, given.format)
    assert_array_equal(made.toarray(), dense)
    assert_array_equal(labels, dense_labels)
    assert_array_equal(given.toarray(), before.toarray())
    assert set(made.toarray()[60:, 0]) <= {0.0, 1.0, 2.0}


def test_whole_numbers_past_two_to_the_53_are_refused_in_a_sparse_matrix_too() -> None:
    table = sparse.csr_array(np.column_stack([np.arange(60), np.arange(60) + 2**60]))
    with pytest.raises(InvalidDataError, match=r"2\*\*53"):
        SMOTE().fit_resample(table, Y)


def test_the_encoder_is_made_when_it_is_asked_for_and_holds_the_categories() -> None:
    frame = pd.DataFrame({"v": X[:, 0], "uf": np.resize(["SP", "RJ", "MG"], 60), "pago": np.resize([True, False], 60)})
    sampler = SMOTENC(["uf", "pago"], random_state=0)
    assert not hasattr(sampler, "categorical_encoder_")
    sampler.fit_resample(frame, Y)
    encoder = sampler.categorical_encoder_
    assert [c.tolist() for c in encoder.categories_] == [["MG", "RJ", "SP"], [False, True]]
    assert encoder is sampler.categorical_encoder_
    assert encoder.sparse_output is True


@pytest.mark.parametrize("box", [lambda f: f, lambda f: f.to_numpy(dtype=object), lambda f: f.to_dict("records")])
def test_an_encoder_of_ones_own_is_cloned_and_fitted_and_changes_no_row(box: Any) -> None:
    frame = pd.DataFrame({"v": X[:, 0], "uf": np.resize(["SP", "RJ", "MG"], 60)})
    own = OneHotEncoder(sparse_output=False, min_frequency=2)
    sampler = SMOTENC([1], categorical_encoder=own, random_state=0)
    made, _ = sampler.fit_resample(box(frame), Y)
    same, _ = SMOTENC([1], random_state=0).fit_resample(box(frame), Y)
    assert pd.DataFrame(made).equals(pd.DataFrame(same))
    assert sampler.categorical_encoder is own
    assert not hasattr(own, "categories_")
    assert sampler.categorical_encoder_.categories_[0].tolist() == ["MG", "RJ", "SP"]
    assert sampler.categorical_encoder_.sparse_output is False


def test_an_encoder_that_drops_or_merges_or_cannot_read_the_categories_is_refused() -> None:
    frame = pd.DataFrame({"v": X[:, 0], "c": np.resize(["a", "b", "c"], 60)})
    for encoder in (OneHotEncoder(drop="first"), OneHotEncoder(min_frequency=21), OrdinalEncoder()):
        with pytest.raises(InvalidParameterError, match="one-hot encoding with one column per category"):
            SMOTENC(["c"], categorical_encoder=encoder).fit_resample(frame[["v", "c"]], Y)
    with pytest.raises(InvalidParameterError, match="categories_, as OneHotEncoder has"):
        SMOTENC(["c"], categorical_encoder=FunctionTransformer()).fit_resample(frame[["v", "c"]], Y)
    frame["m"] = pd.Series([1, "x"] * 30, dtype=object)
    with pytest.raises(InvalidDataError, match="Leave categorical_encoder out"):
        SMOTENC(["m"], categorical_encoder=OneHotEncoder()).fit_resample(frame[["v", "m"]], Y)
    sampler = SMOTENC(["m"], random_state=0)
    sampler.fit_resample(frame[["v", "m"]], Y)
    with pytest.raises(InvalidDataError, match="SMOTENC works without it"):
        _ = sampler.categorical_encoder_


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_infinity_is_refused_and_its_column_named(bad: float) -> None:
    table = X.copy()
    table[3, 1] = bad
    with pytest.raises(InvalidDataError, match=r"infinity \(1 values\)"):
        SMOTE().fit_resample(table, Y)
    with pytest.raises(InvalidDataError, match="'b' contains infinity"):
        SMOTE().fit_resample(pd.DataFrame(table, columns=list("abc")), Y)


def test_columns_of_words_in_a_frame_are_voted_as_smotenc_does() -> None:
    frame = mixed()
    ours, named = SMOTE(random_state=0), SMOTENC(["uf", "cartao"], random_state=0)
    pd.testing.assert_frame_equal(ours.fit_resample(frame, Y)[0], named.fit_resample(frame, Y)[0])
    only = SMOTE(random_state=0).fit_resample(frame[["uf", "cartao"]], Y)[0]
    assert set(only["uf"]) == {"SP", "RJ", "MG"}


def test_columns_of_words_in_an_array_are_refused_with_the_sampler_that_takes_them() -> None:
    with pytest.raises(InvalidDataError, match=r": 1, 3\. Use SMOTENC\(categorical_features=\[1, 3\]\)"):
        SMOTE().fit_resample(mixed().to_numpy(dtype=object), Y)


def test_dates_move_on_whole_days_and_amounts_on_cents() -> None:
    n = len(Y)
    start = pd.Timestamp("2024-01-01")
    frame = pd.DataFrame(
        {
            "valor": np.round(RNG.normal(size=n) * 100, 2),
            "exato": [Decimal(i).scaleb(-2) for i in range(n)],
            "data": pd.to_datetime("2024-01-01") + pd.to_timedelta(RNG.integers(0, 90, n), unit="D"),
            "texto": (start + pd.to_timedelta(RNG.integers(0, 90, n), unit="D")).strftime("%d/%m/%Y"),
            "objeto": [date(2024, 1, 1 + i % 28) for i in range(n)],
            "hora": pd.to_datetime("2024-01-01") + pd.to_timedelta(RNG.integers(0, 900, n), unit="h"),
        }
    )  # fmt: skip
    made = SMOTE(random_state=0).fit_resample(frame, Y)[0].iloc[n:]
    assert all(float(f"{v:.2f}") == v for v in made["valor"])
    assert all(v.as_tuple().exponent == -2 for v in made["exato"])
    assert (made["data"].dt.normalize() == made["data"]).all()
    assert (made["hora"].dt.floor("h") == made["hora"]).all()
    assert pd.to_datetime(made["texto"], format="%d/%m/%Y").dt.strftime("%d/%m/%Y").tolist() == made["texto"].tolist()
    assert {type(v) for v in made["objeto"]} == {date}


def test_a_day_weighs_as_much_whatever_the_unit_of_the_clock() -> None:
    days = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(60) ** 2 % 97, unit="D")
    daily = pd.DataFrame({"v": 40 * X[:, 0], "t": days})
    hourly = pd.DataFrame({"v": 40 * X[:, 0], "t": days + pd.to_timedelta(1, unit="s")})
    sampler = SMOTE(random_state=0)
    assert parents_by_class(sampler, daily) == parents_by_class(sampler, hourly)


def test_whole_numbers_are_not_biased_downwards() -> None:
    table = np.random.default_rng(0).integers(0, 5, size=(2000, 4))
    y = np.repeat([0, 1], [1500, 500])
    made, _ = SMOTE(random_state=0).fit_resample(table, y)
    # means of 1000 x 4 rounded numbers with spread < 1.5: 5 sigma of the mean is 0.12, truncation would take 0.25 off
    assert abs(made[2000:].mean() - table[1500:].mean()) < 0.12


@pytest.mark.shared
def test_adult_is_balanced_with_its_schema_kept(shared_data: Path) -> None:
    adult = pd.read_parquet(shared_data / "adult_train.parquet")
    frame, y = adult.drop(columns="income"), adult["income"]
    made, labels = SMOTENC("auto", random_state=0).fit_resample(frame, y)
    assert set(labels.value_counts()) == {24720}
    assert made.dtypes.equals(frame.dtypes)
    pd.testing.assert_frame_equal(made.iloc[: len(frame)], frame)
    for column in frame.select_dtypes("object"):
        assert set(made[column]) <= set(frame[column])
