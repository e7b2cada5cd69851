"""Arrow and polars tables and columns leave as they came: same types, same chunks, same null and NaN."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import InvalidDataError
from contrapeso.samplers import SMOTE, SMOTENC, RandomOverSampler, RandomUnderSampler
from contrapeso.samplers._target import check_target_type, open_target
from contrapeso.tables._columnar import ArrowColumn, ArrowTable, PolarsTable, rows_with
from contrapeso.tables._containers import open_table

BASES = np.array([2, 1, 0, 2])
MOMENT = datetime(2024, 1, 31, 23, 59, 58)  # noqa: DTZ001  (polars gives it the zone of the column)
DICTIONARY = pa.array(["x", None, "y"], pa.dictionary(pa.uint8(), pa.string(), ordered=True))
ARROW = {
    "float": pa.array([1.5, None, np.nan], pa.float32()),
    "whole": pa.array([1, None, 3], pa.int8()),
    "great": pa.array([2**64 - 1, 0, 1], pa.uint64()),
    "bool": pa.array([True, None, False]),
    "text": pa.array(["a", None, "á"]),
    "large": pa.array(["a", None, ""], pa.large_string()),
    "view": pa.array(["a", None, "long enough to be out of line"], pa.string_view()),
    "dictionary": DICTIONARY,
    "decimal": pa.array([Decimal("1.10"), None, Decimal("-3.00")], pa.decimal128(12, 2)),
    "date": pa.array([date(2024, 1, 1), None, date(1969, 1, 1)]),
    "date64": pa.array([date(2024, 1, 1), None, date(1969, 1, 1)], pa.date64()),
    "zoned": pa.array([MOMENT, None, MOMENT], pa.timestamp("ms", "America/Sao_Paulo")),
    "nanoseconds": pa.array([1, None, 10**18 + 1], pa.timestamp("ns")),
    "seconds": pa.array([1, None, 10], pa.timestamp("s")),
    "time": pa.array([time(1, 2), None, time(3)]),
    "duration": pa.array([timedelta(1), None, timedelta(seconds=1)], pa.duration("us")),
    "bytes": pa.array([b"x", None, b"z"]),
    "list": pa.array([[1], None, [2, 3]]),
    "nothing": pa.nulls(3),
}


def arrow_table() -> pa.Table:
    fields = [pa.field(name, column.type, metadata={"unidade": "R$"}) for name, column in ARROW.items()]
    return pa.Table.from_arrays(list(ARROW.values()), schema=pa.schema(fields, metadata={"fonte": "teste"}))


def same(left: Any, right: Any) -> bool:
    """Whether two arrays or chunked arrays hold the same, NaN being NaN and not null."""
    first, second = left.to_pylist(), right.to_pylist()
    return left.type == right.type and repr(first) == repr(second)


def picked(column: Any, rows: Any) -> Any:
    """The slow second version of ``take``: one Python value after the other."""
    values = column.to_pylist()
    return pa.array([values[i] for i in rows], column.type)


def test_an_arrow_table_keeps_types_metadata_and_the_very_chunks() -> None:
    table = arrow_table()
    grown = open_table(table).repeat(BASES)
    assert isinstance(grown, pa.Table)
    assert grown.schema.equals(table.schema, check_metadata=True)
    for old, new in zip(table.columns, grown.columns, strict=True):
        assert new.chunk(0).equals(old.chunk(0)) or pa.types.is_floating(old.type)
        assert [b and b.address for b in new.chunk(0).buffers()] == [b and b.address for b in old.chunk(0).buffers()]
        assert same(new[3:], picked(old, BASES))


def test_a_record_batch_stays_one() -> None:
    batch = arrow_table().to_batches()[0]
    opened = open_table(batch)
    for result, rows in ((opened.repeat(BASES), [0, 1, 2, *BASES]), (opened.take(BASES), BASES)):
        assert isinstance(result, pa.RecordBatch)
        assert result.schema.equals(batch.schema, check_metadata=True)
        assert all(same(result[name], picked(batch[name], rows)) for name in batch.schema.names)


@pytest.mark.parametrize("name", ARROW)
def test_an_arrow_column_goes_by_pandas_and_back_without_loss(name: str) -> None:
    table = open_table(pa.table({name: ARROW[name]}))
    assert isinstance(table, ArrowTable)
    new = table.frame().iloc[BASES].reset_index(drop=True)
    grown = table.append(new, BASES)
    assert grown.schema == table.table.schema
    assert same(grown[name], picked(ARROW[name], [0, 1, 2, *BASES]))


def test_a_table_of_several_dictionaries_can_be_sampled() -> None:
    chunks = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["c", "a", None]).dictionary_encode()]
    table = open_table(pa.table({"c": pa.chunked_array(chunks)}))
    frame = table.frame()
    assert frame["c"].tolist()[:4] == ["a", "b", "c", "a"]
    grown = table.append(frame.iloc[[4, 2]], np.array([0, 2]))
    assert grown["c"].to_pylist() == ["a", "b", "c", "a", None, "a", "c"]  # the missing one takes its base's
    assert table.take(np.array([4, 3])).column("c").to_pylist() == [None, "a"]


@given(
    st.lists(st.none() | st.floats(width=32), min_size=1, max_size=8),
    st.lists(st.integers(0, 100), max_size=6),
)
@settings(max_examples=50)
def test_a_new_missing_number_is_null_or_nan_as_its_base_is(values: list[float | None], rows: list[int]) -> None:
    column = pa.array(values, pa.float64())
    bases = np.array(rows, dtype=np.int64) % len(values)
    table = open_table(pa.table({"v": column}))
    grown = table.append(table.frame().iloc[bases].reset_index(drop=True), bases)
    assert repr(grown["v"].to_pylist()) == repr([*values, *(values[i] for i in bases)])


def test_a_run_end_encoded_column_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidDataError, match=r"'r' is run_end_encoded.*run_end_decode"):
        open_table(pa.table({"r": pa.RunEndEncodedArray.from_arrays([2, 3], [1, 5])}))


def test_new_numbers_take_the_type_of_their_column() -> None:
    table = open_table(pa.table({"i": pa.array([1, None], pa.int16()), "d": pa.array([1, 2], pa.decimal128(9, 2))}))
    new = pd.DataFrame({"i": pd.array([7], dtype="Int16"), "d": pd.Series([Decimal("1.25")], dtype=object)})
    grown = table.append(new, np.array([0]))
    assert grown.schema.types == [pa.int16(), pa.decimal128(9, 2)]
    assert grown.slice(2).to_pylist() == [{"i": 7, "d": Decimal("1.25")}]


def test_a_category_that_no_row_has_cannot_be_made() -> None:
    seen = pd.Series(pd.Categorical(["a"], categories=["a", "b"]))
    new = pd.Series(pd.Categorical(["b"], categories=["a", "b"]))
    for column, value in ((seen, new), (seen.astype(object), new.astype(object))):
        with pytest.raises(InvalidDataError, match="'b' is in no row"):
            rows_with(column, value, np.array([False]), np.array([0]))


def test_values_of_several_types_are_told_apart() -> None:
    column = pd.Series([True, 1.0, 1], dtype=object)
    new = pd.Series([1, 1.0, True], dtype=object)
    assert rows_with(column, new, np.zeros(3, dtype=bool), np.zeros(3, dtype=np.int64)).tolist() == [2, 1, 0]


def polars_frame() -> Any:
    pl = pytest.importorskip("polars")
    return pl.DataFrame(
        {
            "f": pl.Series([1.5, None, float("nan")], dtype=pl.Float32),
            "i": pl.Series([1, None, 3], dtype=pl.Int8),
            "u": pl.Series([2**64 - 1, 0, 1], dtype=pl.UInt64),
            "b": [True, None, False],
            "s": ["a", None, "á"],
            "c": pl.Series(["x", None, "y"], dtype=pl.Categorical),
            "e": pl.Series(["p", "q", None], dtype=pl.Enum(["q", "p", "z"])),
            "m": pl.Series([Decimal("1.10"), None, Decimal("-3.00")], dtype=pl.Decimal(12, 2)),
            "d": [date(2024, 1, 1), None, date(1969, 1, 1)],
            "z": pl.Series([MOMENT, None, MOMENT], dtype=pl.Datetime("ms", "America/Sao_Paulo")),
            "n": pl.Series([MOMENT, None, MOMENT], dtype=pl.Datetime("ns")),
            "t": [time(1, 2), None, time(3)],
            "r": [timedelta(1), None, timedelta(seconds=1)],
            "l": [[1], None, [2, 3]],
            "o": pl.Series([object, None, (1, 2)], dtype=pl.Object),
            "x": pl.Series([None] * 3),
        }
    )


def same_polars(left: Any, right: Any) -> bool:
    return left.dtype == right.dtype and repr(left.to_list()) == repr(right.to_list())


def test_a_polars_frame_keeps_every_dtype_and_value() -> None:
    frame = polars_frame()
    table = open_table(frame)
    assert isinstance(table, PolarsTable)
    assert table.names().tolist() == frame.columns
    grown, taken = table.repeat(BASES), table.take(BASES)
    assert grown.schema == taken.schema == frame.schema
    for name in frame.columns:
        assert same_polars(grown[name][:3], frame[name])
        assert same_polars(grown[name][3:], frame[name][BASES.tolist()])
        assert same_polars(taken[name], frame[name][BASES.tolist()])
    assert frame.height == 3


def test_polars_columns_go_by_pandas_and_back_without_loss() -> None:
    frame = polars_frame()
    table = open_table(frame)
    assert isinstance(table, PolarsTable)
    grown = table.append(table.frame().iloc[BASES].reset_index(drop=True), BASES)
    assert grown.schema == frame.schema
    for name in frame.columns:
        assert same_polars(grown[name], table.repeat(BASES)[name]), name


@pytest.mark.parametrize("sampler", [RandomOverSampler(), RandomUnderSampler(), SMOTE(), SMOTENC("auto")], ids=repr)
def test_one_seed_gives_the_same_rows_in_every_library(sampler: Any) -> None:
    pl = pytest.importorskip("polars")
    rng = np.random.default_rng(0)
    columns = {
        "amount": [Decimal(int(cents)).scaleb(-2) for cents in rng.integers(100, 99_999, 60)],
        "day": [date(2024, 1, 1) + timedelta(int(days)) for days in rng.integers(0, 300, 60)],
        "count": [None if i == 7 else int(i) for i in rng.integers(0, 9, 60)],
    }
    if type(sampler) is not SMOTE:
        columns["kind"] = rng.choice(["pix", "ted"], 60).tolist()
    arrow, labels = pa.table(columns), pa.array(["n"] * 45 + ["f"] * 15)
    sampler = sampler.set_params(random_state=0)
    grown, y = sampler.fit_resample(arrow, labels)
    as_polars, y_polars = sampler.fit_resample(pl.from_arrow(arrow), pl.Series("y", labels))
    assert grown.schema == arrow.schema
    assert as_polars.to_dict(as_series=False) == grown.to_pydict()
    assert y_polars.to_list() == y.to_pylist()
    as_batch, _ = sampler.fit_resample(arrow.to_batches()[0], labels)
    assert as_batch.to_pydict() == grown.to_pydict()
    if type(sampler) in {RandomOverSampler, RandomUnderSampler}:
        assert grown.to_pylist() == [arrow.to_pylist()[i] for i in sampler.sample_indices_]
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    plain, _ = sampler.fit_resample(frame, labels.to_pylist())
    assert plain.to_dict("list") == grown.to_pydict()


def test_a_lazy_frame_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidDataError, match=r"LazyFrame.*X\.collect\(\)"):
        open_table(polars_frame().lazy())


def test_an_arrow_target_stays_one() -> None:
    labels = pa.array(["b", "a", "b"])
    for box in (labels, pa.chunked_array([labels[:1], labels[1:]]), DICTIONARY.fill_null("x"), pa.table({"y": labels})):
        target = open_target(box, 3)
        assert len(target.labels) == 3
        grown, taken = target.extend(BASES, None, None), target.take(BASES)
        assert type(grown) is type(taken) is type(box)
        assert (grown.schema == box.schema) if isinstance(box, pa.Table) else (grown.type == box.type)
        values = box.to_pylist()
        assert grown.to_pylist() == [*values, *(values[i] for i in BASES)]
        assert taken.to_pylist() == [values[i] for i in BASES]


def test_a_polars_target_stays_one() -> None:
    pl = pytest.importorskip("polars")
    for dtype in (pl.String, pl.Categorical, pl.Enum(["b", "a"])):
        series = pl.Series("y", ["b", "a", "b"], dtype=dtype)
        target = open_target(series, 3)
        assert target.labels.tolist() == ["b", "a", "b"]
        assert target.codes.tolist() == [1, 0, 1]
        grown = target.extend(BASES, None, None)
        assert grown.to_list() == ["b", "a", "b", "b", "a", "b", "b"]
        assert (grown.dtype, grown.name) == (series.dtype, "y")
        assert same_polars(target.take(BASES), series[BASES.tolist()])
        frame = open_target(series.to_frame(), 3)
        assert frame.extend(BASES, None, None).equals(grown.to_frame())
        assert frame.labels.tolist() == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (pa.array([1, None, 1]), "NaN: 1 labels are missing, the first in row 1"),
        (pa.array([0.5, 1, 2]), "Unknown label type"),
        (pa.table({"a": [1, 1, 0], "b": [1, 0, 0]}), "Multilabel"),
    ],
)
def test_an_arrow_target_obeys_the_rules_of_every_target(y: Any, says: str) -> None:
    with pytest.raises(InvalidDataError, match=says):
        open_target(y, 3)


def test_the_labels_of_an_arrow_column_are_plain() -> None:
    assert ArrowColumn(pa.array([3, 1])).labels().dtype == np.int64
    assert ArrowColumn(pa.array([True, False])).labels().dtype == bool


@pytest.mark.parametrize(
    ("y", "labels", "one_vs_all"),
    [
        ([0, 1, 2], [0, 1, 2], False),
        (np.array([["b"], ["a"]]), ["b", "a"], False),
        ([[0, 1, 0], [1, 0, 0]], [1, 0], True),
        (pd.DataFrame({"y": [2, 1]}), [2, 1], False),
        (pa.table({"a": [0, 1], "b": [1, 0]}), [1, 0], True),
    ],
)
def test_check_target_type_reads_labels_and_one_hot_rows(y: Any, labels: list[object], one_vs_all: bool) -> None:
    assert check_target_type(y).tolist() == labels
    found, flag = check_target_type(y, indicate_one_vs_all=True)
    assert found.tolist() == labels
    assert flag is one_vs_all


def test_check_target_type_refuses_what_is_no_class() -> None:
    with pytest.raises(InvalidDataError, match="Unknown label type"):
        check_target_type([0.5, 1.0])
    with pytest.raises(InvalidDataError, match="Multilabel and multioutput targets are not supported"):
        check_target_type([[1, 1], [0, 1]])
