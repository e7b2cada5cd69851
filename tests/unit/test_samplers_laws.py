"""Laws 1 to 5 of the house for every sampler and every container, by property tests."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal

from contrapeso.errors import InvalidDataError
from contrapeso.samplers import SMOTE, SMOTENC, RandomOverSampler, RandomUnderSampler
from contrapeso.samplers._drawn import Streams
from contrapeso.tables import RowCodec, infer_schema

# Hypothesis draws classes whose rows are all the same; they are copied with a warning (test_samplers_smote.py).
pytestmark = pytest.mark.filterwarnings("ignore::contrapeso.errors.CopiesWarning")

OVER: dict[str, Callable[..., Any]] = {
    "RandomOverSampler": RandomOverSampler,
    "SMOTE": lambda **kw: SMOTE(k_neighbors=2, **kw),
    "SMOTENC": lambda **kw: SMOTENC([0], k_neighbors=2, **kw),
}
EVERY = {**OVER, "RandomUnderSampler": RandomUnderSampler}
over = pytest.mark.parametrize("name", OVER)
every = pytest.mark.parametrize("name", EVERY)
DTYPES = ["float64", "float32", "int64", "int32", "uint8", "int8"]


@st.composite
def labels(draw: st.DrawFn) -> np.ndarray:
    """Two or three classes of at least three rows, in mixed order."""
    sizes = draw(st.lists(st.integers(3, 10), min_size=2, max_size=3))
    y = np.repeat(np.arange(len(sizes)), sizes)
    return np.random.default_rng(draw(st.integers(0, 99))).permutation(y)


def whole_numbers(draw: st.DrawFn, dtype: np.dtype[Any]) -> st.SearchStrategy[int]:
    """All of a small dtype; 64-bit numbers far from zero but not more than 2**53 apart."""
    if dtype.itemsize == 8:
        far = draw(st.sampled_from([0, 2**62, -(2**62)]))
        return st.integers(far - 2**51, far + 2**51)
    return st.integers(int(np.iinfo(dtype.str).min), int(np.iinfo(dtype.str).max))


@st.composite
def arrays(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    y = draw(labels())
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    nan = draw(st.booleans())
    cells: st.SearchStrategy[Any] = (
        st.floats(-1e6, 1e6, width=32) | (st.just(np.nan) if nan else st.nothing())
        if dtype.kind == "f"
        else whole_numbers(draw, dtype)
    )
    return draw(hnp.arrays(dtype, (len(y), draw(st.integers(2, 3))), elements=cells)), y


@st.composite
def frames(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.Series]:
    """First column categorical (for SMOTENC), whose place a number takes for SMOTE."""
    y = draw(labels())
    n = len(y)

    def column(cells: st.SearchStrategy[Any], dtype: Any) -> pd.Series:
        return pd.Series(draw(st.lists(cells, min_size=n, max_size=n)), dtype=dtype)

    gap = st.none()
    days = st.dates(date(2020, 1, 1), date(2024, 12, 31))
    columns = {
        "tipo": column(gap | st.sampled_from(["pix", "ted", "boleto"]), object),
        "valor": column(gap | st.integers(-99999, 99999).map(lambda c: c / 100), "float64"),
        "parcelas": column(st.integers(1, 48), "int16"),
        "dias": column(gap | st.integers(0, 9), "Int64"),
        "data": column(gap | days, "datetime64[ns]"),
        "vencimento": column(days.map(lambda d: d.strftime("%d/%m/%Y")), object),
        "pago": column(st.booleans(), "bool"),
    }
    some = draw(st.lists(st.sampled_from(sorted(set(columns) - {"tipo"})), min_size=1, max_size=4, unique=True))
    frame = pd.DataFrame({"tipo": columns["tipo"], **{name: columns[name] for name in some}})
    index = draw(st.sampled_from(["range", "whole", "text", "date"]))
    frame.index = {
        "range": pd.RangeIndex(n),
        "whole": pd.Index(np.arange(n) * 3 + 7)[::-1],
        "text": pd.Index([f"linha {i}" for i in range(n)], name="linha"),
        "date": pd.date_range("2024-01-01", periods=n),
    }[index]
    return frame, pd.Series(y, index=frame.index, name="classe").map({0: "a", 1: "b", 2: "c"})


def for_sampler(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """SMOTE takes numbers only, so the category goes."""
    return frame.drop(columns="tipo") if name == "SMOTE" else frame


def as_records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as dicts of Python values; the key of a missing ``valor`` is left out, other nulls are None."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(k): v for k, v in row.items() if not (k == "valor" and v is None)} for row in rows]


@every
@settings(max_examples=40)
@given(arrays(), st.integers(0, 3))
def test_arrays_come_back_first_bit_for_bit_with_exact_counts(name: str, table: Any, seed: int) -> None:
    X, y = table
    before = X.copy()
    sampler = EVERY[name](random_state=seed)
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    assert X.tobytes() == before.tobytes()
    assert (X_resampled.dtype, y_resampled.dtype) == (X.dtype, y.dtype)
    if name == "RandomUnderSampler":
        kept = sampler.sample_indices_
        assert bool(np.all(np.diff(kept) > 0))
        assert X_resampled.tobytes() == X[kept].tobytes()
        assert set(Counter(y_resampled.tolist()).values()) == {min(Counter(y.tolist()).values())}
    else:
        assert X_resampled[: len(X)].tobytes() == X.tobytes()
        assert_array_equal(y_resampled[: len(y)], y)
        assert set(Counter(y_resampled.tolist()).values()) == {max(Counter(y.tolist()).values())}
        assert len(sampler.provenance_) == len(X_resampled) - len(X) == sum(sampler.sampling_strategy_.values())


@every
@settings(max_examples=20)
@given(frames(), st.integers(0, 3))
def test_frames_come_back_first_with_dtypes_labels_and_names(name: str, table: Any, seed: int) -> None:
    frame, y = for_sampler(name, table[0]), table[1]
    before = frame.copy(deep=True)
    sampler = EVERY[name](random_state=seed)
    grown, y_grown = sampler.fit_resample(frame, y)
    assert_frame_equal(frame, before)
    if name == "RandomUnderSampler":
        assert_frame_equal(grown, frame.iloc[sampler.sample_indices_], check_exact=True)
        assert_series_equal(y_grown, y.iloc[sampler.sample_indices_])
        return
    assert_frame_equal(grown.iloc[: len(frame)], frame, check_exact=True, check_index_type=False, check_freq=False)
    assert_series_equal(y_grown.iloc[: len(y)], y, check_index_type=False, check_freq=False)
    assert y_grown.index.equals(grown.index)
    assert grown.index.is_unique
    assert set(y_grown.value_counts()) == {y.value_counts().max()}


@every
@settings(max_examples=20)
@given(frames(), st.integers(0, 3))
def test_dicts_come_back_first_unchanged_and_new_ones_are_marked(name: str, table: Any, seed: int) -> None:
    records, y = as_records(for_sampler(name, table[0])), table[1].tolist()
    before = [dict(row) for row in records]
    sampler = EVERY[name](random_state=seed)
    grown, y_grown = sampler.fit_resample(records, y)
    assert records == before
    if name == "RandomUnderSampler":
        assert grown == [records[i] for i in sampler.sample_indices_]
        return
    assert grown[: len(records)] == records
    assert not any("is_synthetic" in row for row in grown[: len(records)])
    assert len(grown) == len(y_grown)
    for row, base in zip(grown[len(records) :], sampler.provenance_.parents[:, 0], strict=True):
        assert row["is_synthetic"] is True
        assert list(row) == [*records[base], "is_synthetic"]
        for key, value in records[base].items():
            assert type(row[key]) is type(value)


@every
@settings(max_examples=20)
@given(frames(), st.integers(0, 9))
def test_one_seed_makes_one_table(name: str, table: Any, seed: int) -> None:
    frame, y = for_sampler(name, table[0]), table[1]
    first, second = (EVERY[name](random_state=seed).fit_resample(frame, y) for _ in range(2))
    assert_frame_equal(first[0], second[0], check_exact=True)
    assert_series_equal(first[1], second[1])


@over
@settings(max_examples=40)
@given(arrays(), st.integers(0, 9))
def test_rows_of_a_class_do_not_depend_on_what_other_classes_ask_for(name: str, table: Any, seed: int) -> None:
    X, y = table
    sizes = Counter(y.tolist())
    alone, _ = OVER[name](random_state=seed, sampling_strategy={0: sizes[0] + 5}).fit_resample(X, y)
    both = OVER[name](random_state=seed, sampling_strategy={0: sizes[0] + 5, 1: sizes[1] + 7})
    together, y_together = both.fit_resample(X, y)
    assert alone[len(X) :].tobytes() == together[len(X) :][y_together[len(X) :] == 0].tobytes()


@over
@settings(max_examples=40)
@given(arrays(), st.integers(0, 9))
def test_asking_for_more_rows_keeps_the_first_ones(name: str, table: Any, seed: int) -> None:
    X, y = table
    sizes = Counter(y.tolist())
    few, many = (
        OVER[name](random_state=seed, sampling_strategy={0: sizes[0] + n}).fit_resample(X, y)[0] for n in (3, 8)
    )
    assert few.tobytes() == many[: len(few)].tobytes()


@pytest.mark.parametrize("name", OVER)
def test_two_classes_never_share_a_stream(name: str) -> None:
    X = np.tile(np.random.default_rng(0).normal(size=(40, 2)), (2, 1))  # both classes hold the same rows
    X, y = np.vstack([X, np.zeros((120, 2))]), np.repeat([0, 1, 2], [40, 40, 120])
    sampler = OVER[name](random_state=0)
    sampler.fit_resample(X, y)
    bases = sampler.provenance_.parents[:, 0]
    first, second = bases[bases < 40], bases[(bases >= 40) & (bases < 80)] - 40
    assert len(first) == len(second) == 80
    assert not np.array_equal(first, second)


def test_every_class_and_step_has_a_stream_of_its_own() -> None:
    root = np.random.SeedSequence(0)
    first = {int(Streams(root, c).step(s).integers(2**63)) for c in range(9) for s in range(9)}
    assert len(first) == 81


@over
@settings(max_examples=40)
@given(arrays(), st.integers(0, 9))
def test_every_new_row_lies_between_two_rows_of_its_class(name: str, table: Any, seed: int) -> None:
    X, y = table
    sampler = OVER[name](random_state=seed)
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    made, origin = X_resampled[len(X) :].astype(float), sampler.provenance_
    base, other = (X[origin.parents[:, i]].astype(float) for i in (0, 1))
    assert_array_equal(y[origin.parents[:, 0]], y_resampled[len(X) :])
    assert_array_equal(y[origin.parents[:, 1]], y_resampled[len(X) :])
    assert_array_equal(origin.rows, np.arange(len(X), len(X_resampled)))
    assert np.allclose(origin.weights.sum(axis=1), 1.0)
    assert_array_equal(np.isnan(made), np.isnan(base))
    columns = slice(1, None) if name == "SMOTENC" else slice(None)
    other = np.where(np.isnan(other), base, other)
    low, high = np.fmin(base, other)[:, columns], np.fmax(base, other)[:, columns]
    inside = made[:, columns]
    assert np.all((np.isnan(inside)) | ((low <= inside) & (inside <= high)))
    point = (base * origin.weights[:, :1] + other * origin.weights[:, 1:])[:, columns]
    if X.dtype.kind == "f":
        assert np.allclose(inside, point, rtol=1e-5, equal_nan=True)
    elif X.dtype.itemsize < 8:
        assert np.all(np.abs(inside - point) <= 0.5 + 1e-9)  # a half may round to either side


@pytest.mark.parametrize("name", ["RandomOverSampler", "SMOTENC"])
@settings(max_examples=20)
@given(frames(), st.integers(0, 3))
def test_new_rows_keep_the_schema_and_the_nulls_of_their_base(name: str, table: Any, seed: int) -> None:
    frame, y = table
    sampler = OVER[name](random_state=seed)
    grown, _ = sampler.fit_resample(frame, y)
    new, base = grown.iloc[len(frame) :], frame.iloc[sampler.provenance_.parents[:, 0]]
    assert_array_equal(new.isna().to_numpy(), base.isna().to_numpy())
    RowCodec().fit(frame, infer_schema(frame, {"tipo": "categorical"})).encode(
        new
    )  # no unseen category, no unparsed date
    assert set(new["tipo"].dropna()) <= set(frame["tipo"].dropna())
    if "valor" in new and len(new):
        assert all(float(f"{v:.2f}") == v for v in new["valor"].dropna())
    if "data" in new and len(new):
        assert (new["data"].dropna().dt.normalize() == new["data"].dropna()).all()
    for column in new:  # numbers and dates lie between the parents
        if new[column].dtype.kind in "iuM" and new[column].notna().any():
            assert frame[column].min() <= new[column].min() <= new[column].max() <= frame[column].max()


@over
def test_every_new_row_says_why_it_exists(name: str) -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.repeat(["muitos", "poucos"], [14, 6])
    sampler = OVER[name](random_state=7)
    sampler.fit_resample(X, y)
    told = sampler.provenance_.to_frame()
    assert len(told) == 8
    assert (told["method"] == name).all()
    assert (told["label"] == "poucos").all()
    assert told["base"].between(14, 19).all()
    assert (told["seed"] == "7").all()
    sentence = sampler.provenance_.explain(0)
    assert "Row 20 is synthetic (class 'poucos')" in sentence
    assert "asked for 8 new rows" in sentence
    with pytest.raises(ValueError, match="numbered from 0"):
        sampler.provenance_.explain(8)


@over
def test_the_recorded_seed_makes_the_same_rows_again(name: str) -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.repeat([0, 1], [14, 6])
    first = OVER[name](random_state=None)
    made, _ = first.fit_resample(X, y)
    again, _ = OVER[name](random_state=np.random.SeedSequence(first.provenance_.seed)).fit_resample(X, y)
    assert made.tobytes() == again.tobytes()


@every
@pytest.mark.parametrize("seed", [np.random.RandomState(0), np.random.default_rng(0), np.random.SeedSequence(0), None])
def test_every_form_of_random_state_is_taken(name: str, seed: Any) -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.repeat([0, 1], [14, 6])
    EVERY[name](random_state=seed).fit_resample(X, y)


@every
def test_the_global_random_state_is_left_alone(name: str) -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.repeat([0, 1], [14, 6])
    before = np.random.get_state()[1].copy()  # type: ignore[union-attr]  # noqa: NPY002
    EVERY[name]().fit_resample(X, y)
    assert_array_equal(np.random.get_state()[1], before)  # type: ignore[arg-type]  # noqa: NPY002


@pytest.mark.parametrize("far", [2**63 - 1, -(2**63)])
@pytest.mark.parametrize("name", ["SMOTE", "SMOTENC"])
def test_whole_numbers_that_floats_cannot_tell_apart_are_refused(name: str, far: int) -> None:
    X, y = np.zeros((20, 2), dtype=np.int64), np.repeat([0, 1], [14, 6])
    X[3, 1] = far
    with pytest.raises(InvalidDataError, match=r"'1' holds whole numbers more than 2\*\*53 apart.*categorical"):
        OVER[name]().fit_resample(X, y)
