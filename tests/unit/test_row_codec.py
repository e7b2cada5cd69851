"""decode(encode(table)) is the table, to the last atom; changed numbers come back on their grid."""

import warnings
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from contrapeso.errors import InvalidDataError
from contrapeso.tables import EncodedRows, RowCodec, infer_schema

whole = st.integers(-(2**63), 2**63 - 1)
finite = st.floats(allow_nan=False, allow_infinity=True)
days = st.dates(date(1, 1, 2), date(9999, 12, 30))
near = st.datetimes(datetime(1700, 1, 1), datetime(2250, 1, 1))  # noqa: DTZ001  (naive on purpose)
spans = st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000))  # pandas builds them through nanoseconds
words = st.text(max_size=4)

COLUMNS: dict[str, tuple[st.SearchStrategy[Any], Any, bool]] = {
    "int64": (whole, "int64", False),
    "uint64": (st.integers(0, 2**64 - 1), "uint64", False),
    "int8": (st.integers(-128, 127), "int8", False),
    "bool": (st.booleans(), "bool", False),
    "float64": (finite, "float64", True),
    "float32": (st.floats(width=32, allow_nan=False), "float32", True),
    "cents": (st.integers(-(10**12), 10**12).map(lambda c: c / 100), "float64", True),
    "Int64": (whole, "Int64", True),
    "boolean": (st.booleans(), "boolean", True),
    "Float64": (finite, "Float64", True),
    "string": (words, "string", True),
    "arrow_int": (whole, pd.ArrowDtype(pa.int64()), True),
    "arrow_text": (words, pd.ArrowDtype(pa.string()), True),
    "arrow_date": (days, pd.ArrowDtype(pa.date32()), True),
    "arrow_decimal": (st.decimals(-(10**6), 10**6, places=2), pd.ArrowDtype(pa.decimal128(20, 2)), True),
    "object_text": (words, object, True),
    "object_int": (st.integers(-(2**80), 2**80), object, True),
    "object_date": (days, object, True),
    "object_moment": (st.datetimes(), object, True),
    "decimal": (st.decimals(-(10**6), 10**6, places=2), object, True),
    "mixed": (st.booleans() | st.integers(0, 1) | st.sampled_from(["0", "a"]), object, True),
    "text_date": (days.map(lambda d: f"{d.day:02d}/{d.month:02d}/{d.year:04d}"), object, True),
    "datetime_ns": (near, "datetime64[ns]", True),
    "datetime_s": (near.map(lambda m: m.replace(microsecond=0)), "datetime64[s]", True),
    "datetime_day": (near.map(lambda m: m.replace(hour=0, minute=0, second=0, microsecond=0)), "datetime64[ns]", True),
    "duration": (spans, "timedelta64[us]", True),
    "category": (st.sampled_from(["a", "b", "c"]), "category", True),
}


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=4, unique=True))
    n = draw(st.integers(1, 12))
    columns = {}
    for name in names:
        values, dtype, nullable = COLUMNS[name]
        cell = st.none() | values if nullable else values
        columns[name] = pd.Series(draw(st.lists(cell, min_size=n, max_size=n)), dtype=dtype)
    return pd.DataFrame(columns)


@given(tables())
def test_decoding_what_was_encoded_gives_the_table_back(frame: pd.DataFrame) -> None:
    codec = RowCodec().fit(frame, infer_schema(frame))
    back = codec.decode(codec.encode(frame))
    assert_frame_equal(back, frame, check_exact=True)
    for name in frame.select_dtypes("object"):
        assert [type(v) for v in back[name]] == [type(v) for v in frame[name]]


@given(tables(), st.randoms(use_true_random=False))
def test_codes_and_numbers_moved_about_still_decode_to_the_schema(frame: pd.DataFrame, random: Any) -> None:
    codec = RowCodec().fit(frame, infer_schema(frame))
    rows = codec.encode(frame)
    numeric, codes = rows.numeric.copy(), rows.codes.copy()
    for column in (*numeric.T, *codes.T):  # shuffle every column on its own: the nulls stay legal
        order = list(range(len(column)))
        random.shuffle(order)
        column[:] = column[order]
    moved = codec.decode(EncodedRows(numeric, codes))
    assert moved.dtypes.equals(frame.dtypes)
    for name in codec.code_names_:
        assert set(map(repr, moved[name].dropna())) <= set(map(repr, frame[name].dropna()))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_whole_numbers_are_rounded_half_to_even(values: list[float]) -> None:
    frame = pd.DataFrame({"parcelas": [1, 2, 7], "x": [1, 2, 3]})
    codec = RowCodec().fit(frame, infer_schema(frame))
    numeric = np.column_stack([values, values])
    decoded = codec.decode(EncodedRows(numeric, np.empty((len(values), 0), np.int32)))
    assert decoded["parcelas"].tolist() == [round(v) for v in values]  # Python's round is half to even
    assert decoded["parcelas"].dtype == np.int64


@given(st.floats(-1e9, 1e9))
def test_amounts_come_back_on_their_cents(value: float) -> None:
    frame = pd.DataFrame({"valor": [10.25, 0.1, -3.3]})
    codec = RowCodec().fit(frame, infer_schema(frame))
    amount = codec.decode(EncodedRows(np.array([[value]]), np.empty((1, 0), np.int32)))["valor"].iloc[0]
    assert float(f"{amount:.2f}") == amount
    assert abs(amount - value) <= 0.005 + 1e-6


def test_the_one_amount_in_a_thousand_that_is_off_the_grid_comes_back_as_it_was() -> None:
    frame = pd.DataFrame({"valor": [*np.arange(2000) / 100, 1.0 / 3]})
    codec = RowCodec().fit(frame, schema := infer_schema(frame))
    assert schema["valor"].kind == "money"
    rows = codec.encode(frame)
    assert_frame_equal(codec.decode(rows), frame, check_exact=True)
    assert codec.decode(EncodedRows(rows.numeric + 1e-4, rows.codes))["valor"].iloc[-1] == 0.33


def test_dates_come_back_on_their_step_and_in_their_text_form() -> None:
    frame = pd.DataFrame(
        {"data": ["01/02/2024", "29/02/2024"], "hora": pd.to_datetime(["2024-01-01 10:00", "2024-01-01 11:00"])}
    )
    codec = RowCodec().fit(frame, infer_schema(frame))
    middle = codec.encode(frame).numeric.mean(axis=0, keepdims=True)
    decoded = codec.decode(EncodedRows(middle + 0.2, np.empty((1, 0), np.int32)))
    assert decoded["data"].tolist() == ["15/02/2024"]
    assert decoded["hora"].tolist() == [pd.Timestamp("2024-01-01 11:00")]  # 10:30 and a bit, on whole hours


def test_midnights_of_a_zone_are_days_even_across_its_clock_changes() -> None:
    days_ = pd.Series(pd.date_range("2017-10-01", "2017-12-01", freq="D")).dt.tz_localize(
        "America/Sao_Paulo", nonexistent="shift_forward"
    )
    frame = pd.DataFrame({"dia": days_[days_.dt.hour == 0]}).reset_index(drop=True)
    codec = RowCodec().fit(frame, infer_schema(frame))
    rows = codec.encode(frame)
    assert_frame_equal(codec.decode(rows), frame)
    assert np.all(rows.numeric == np.rint(rows.numeric))
    assert rows.numeric.max() - rows.numeric.min() == 61


def test_a_number_outside_the_dtype_is_held_at_its_limit() -> None:
    frame = pd.DataFrame({"x": np.array([1, 5, 200], dtype=np.uint8)})
    codec = RowCodec().fit(frame, infer_schema(frame))
    decoded = codec.decode(EncodedRows(np.array([[-5.0], [999.0]]), np.empty((2, 0), np.int32)))
    assert decoded["x"].tolist() == [0, 255]


def test_whole_numbers_too_far_apart_for_floats_become_atoms() -> None:
    frame = pd.DataFrame({"x": [-(2**62), 2**62 + 1, 7]})
    codec = RowCodec().fit(frame, infer_schema(frame))
    assert codec.code_names_ == ("x",)
    assert_frame_equal(codec.decode(codec.encode(frame)), frame)


def test_a_category_that_was_not_fitted_is_refused_without_showing_it() -> None:
    frame = pd.DataFrame({"nome": ["a", "b"]})
    codec = RowCodec().fit(frame, infer_schema(frame))
    with pytest.raises(InvalidDataError, match="'nome': 1 values, the first in row 1") as caught:
        codec.encode(pd.DataFrame({"nome": ["a", "João da Silva"]}))
    assert "João" not in str(caught.value)


@pytest.mark.parametrize("code", [2, -2])
def test_a_code_that_stands_for_nothing_is_refused(code: int) -> None:
    codec = RowCodec().fit(frame := pd.DataFrame({"x": ["a", "b"]}), infer_schema(frame))
    with pytest.raises(InvalidDataError, match="codes"):
        codec.decode(EncodedRows(np.empty((1, 0)), np.array([[code]], np.int32)))


def test_null_is_refused_where_the_dtype_has_none() -> None:
    codec = RowCodec().fit(frame := pd.DataFrame({"x": [1, 2, 5]}), infer_schema(frame))
    with pytest.raises(InvalidDataError, match="no null"):
        codec.decode(EncodedRows(np.array([[np.nan]]), np.empty((1, 0), np.int32)))
    codec = RowCodec().fit(frame := pd.DataFrame({"x": [True, False]}), infer_schema(frame))
    with pytest.raises(InvalidDataError, match="no null"):
        codec.decode(EncodedRows(np.empty((1, 0)), np.array([[-1]], np.int32)))


def test_other_columns_than_the_fitted_ones_are_refused() -> None:
    codec = RowCodec().fit(frame := pd.DataFrame({"x": [1], "y": [2]}), infer_schema(frame))
    with pytest.raises(InvalidDataError, match="schema"):
        codec.encode(frame[["y", "x"]])
    with pytest.raises(InvalidDataError, match="columns"):
        codec.decode(EncodedRows(np.zeros((1, 1)), np.empty((1, 0), np.int32)))


def test_labels_that_are_not_strings_come_back_as_they_were() -> None:
    frame = pd.DataFrame([[1, "a"], [2, "b"]], columns=pd.Index([10, 20], name="col"))
    codec = RowCodec().fit(frame, infer_schema(frame))
    assert_frame_equal(codec.decode(codec.encode(frame)), frame)


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["adult_train", "ceaps_2020", "calderdale_card_2014_2017", "mc_2021", "default_credit"]
)
def test_real_tables_come_back_exactly(shared_data: Path, name: str) -> None:
    frame = pd.read_parquet(shared_data / f"{name}.parquet")
    codec = RowCodec().fit(frame, infer_schema(frame))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_frame_equal(codec.decode(codec.encode(frame)), frame, check_exact=True)
