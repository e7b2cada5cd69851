"""Whatever box a table comes in, the original rows leave first, untouched, in the same kind of box."""

import subprocess
import sys
import types
from collections import OrderedDict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import sparse

from contrapeso.errors import InvalidDataError
from contrapeso.tables._containers import (
    ArrayTable,
    FrameTable,
    RecordsTable,
    SparseTable,
    concat_series,
    extend_index,
    open_table,
)

ROWS = np.array([1, 0])


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.RangeIndex(3, name="n"), [0, 1, 2, 3, 4]),
        (pd.RangeIndex(0, 5, 2), [0, 2, 4, 6, 8]),
        (pd.RangeIndex(5, 2, -1), [5, 4, 3, 2, 1]),
        (pd.Index([3, 9, 1], name="id"), [3, 9, 1, 10, 11]),
        (pd.Index([7, 7]), [7, 7, 8, 9]),
        (pd.Index([255], dtype="uint8"), [255, "synthetic-0", "synthetic-1"]),
        (pd.Index([2**63 - 3]), [2**63 - 3, 2**63 - 2, 2**63 - 1]),
        (pd.Index([2**64 - 3], dtype="uint64"), [2**64 - 3, 2**64 - 2, 2**64 - 1]),
        (pd.Index([5], dtype="Int16"), [5, 6, 7]),
        (pd.Index([2**63 - 2]), [2**63 - 2, "synthetic-0", "synthetic-1"]),
        (pd.Index(["a", "b"]), ["a", "b", "synthetic-0", "synthetic-1"]),
        (pd.Index(["synthetic-0", "b"]), ["synthetic-0", "b", "synthetic-1", "synthetic-2"]),
        (pd.Index([1.5]), [1.5, "synthetic-0", "synthetic-1"]),
        (pd.DatetimeIndex(["2024-01-01"]), [pd.Timestamp("2024-01-01"), "synthetic-0", "synthetic-1"]),
        (
            pd.MultiIndex.from_tuples([("a", 1)], names=["x", "y"]),
            [("a", 1), ("synthetic-0", "synthetic-0"), ("synthetic-1", "synthetic-1")],
        ),
    ],
)
def test_new_labels_follow_the_kind_of_index(index: pd.Index, expected: list[object]) -> None:
    extended = extend_index(index, 2)
    assert extended.tolist() == expected
    assert extended.names == index.names


@given(
    st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=6).map(pd.Index),
        st.lists(st.text(max_size=12) | st.sampled_from(["synthetic-0", "synthetic-2"]), min_size=1).map(pd.Index),
        st.builds(pd.RangeIndex, st.integers(-5, 5), st.integers(6, 20), st.integers(1, 4)),
        st.lists(st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01")), min_size=1).map(
            pd.DatetimeIndex
        ),
    ),
    st.integers(0, 5),
)
def test_old_labels_stay_and_new_ones_occur_nowhere_else(index: pd.Index, n_new: int) -> None:
    extended = extend_index(index, n_new)
    old, new = extended[: len(index)].tolist(), extended[len(index) :].tolist()
    assert old == index.tolist()
    assert len(new) == len(set(new)) == n_new
    assert not set(new) & set(old)


@pytest.mark.parametrize("dtype", [np.float32, np.int8, bool, object, "U3"])
def test_an_array_keeps_its_dtype_and_bits(dtype: Any) -> None:
    array = np.array([["1", "0"], ["0", "1"]]).astype(np.int8).astype(dtype)
    grown = open_table(array).repeat(ROWS)
    assert grown.dtype == array.dtype
    assert grown[:2].tobytes() == array.tobytes()
    assert np.array_equal(grown[2:], array[ROWS])


def test_a_list_of_lists_stays_one() -> None:
    table = open_table([[1.5, 2], [3, 4]])
    assert isinstance(table, ArrayTable)
    assert table.repeat(ROWS) == [[1.5, 2.0], [3.0, 4.0], [3.0, 4.0], [1.5, 2.0]]
    assert table.take(ROWS) == [[3.0, 4.0], [1.5, 2.0]]


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array])
def test_a_sparse_matrix_keeps_its_class_format_and_dtype(make: Any) -> None:
    matrix = make(np.array([[0, 1.5], [2, 0]], dtype=np.float32))
    table = open_table(matrix)
    assert isinstance(table, SparseTable)
    grown = table.repeat(ROWS)
    assert type(grown) is type(matrix)
    assert grown.dtype == np.float32
    assert np.array_equal(grown.toarray(), matrix.toarray()[[0, 1, 1, 0]])
    assert type(table.take(ROWS)) is type(matrix)


def test_a_sparse_matrix_of_another_format_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidDataError, match=r"X\.tocsr\(\)"):
        open_table(sparse.coo_matrix(np.eye(2)))


def _frame() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "f": np.array([1.5, np.nan], dtype="float32"),
            "i": np.array([1, 2], dtype="int8"),
            "I": pd.array([1, None], dtype="Int16"),
            "c": pd.Categorical(["a", "b"], categories=["b", "a", "z"], ordered=True),
            "t": pd.to_datetime(["2024-01-01", None]).tz_localize("America/Sao_Paulo"),
            "o": np.array([None, np.nan], dtype=object),
            "s": pd.array(["x", None], dtype="string"),
            "p": pd.arrays.SparseArray([0.0, 2.0]),
            "a": pd.array([1, None], dtype=pd.ArrowDtype(pa.int32())),
        },
        index=pd.Index(["r1", "r2"], name="linha"),
    )
    frame.columns.name = "campo"
    frame.attrs["fonte"] = "teste"
    return frame


def test_a_frame_keeps_dtypes_labels_names_and_null_forms() -> None:
    frame = _frame()
    grown: Any = open_table(frame).repeat(ROWS)
    assert_frame_equal(grown.iloc[:2], frame, check_exact=True)
    assert_frame_equal(grown.iloc[2:].reset_index(drop=True), frame.iloc[ROWS].reset_index(drop=True), check_exact=True)
    assert grown.index.tolist() == ["r1", "r2", "synthetic-0", "synthetic-1"]
    assert grown.attrs == {"fonte": "teste"}
    assert grown["o"].iloc[0] is None
    assert isinstance(grown["o"].iloc[1], float)


def test_a_frame_may_have_labels_twice() -> None:
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"], index=[5, 5])
    grown: Any = FrameTable(frame).repeat(np.array([0]))
    assert grown.columns.tolist() == ["a", "a"]
    assert grown.index.tolist() == [5, 5, 6]


def test_the_frame_that_came_in_is_never_changed() -> None:
    frame = _frame()
    before = frame.copy(deep=True)
    grown: Any = open_table(frame).repeat(ROWS)
    grown.iloc[0, 1] = 99
    assert_frame_equal(frame, before)


def test_dicts_keep_their_keys_and_only_new_ones_are_marked() -> None:
    records = [{"v": 1, "d": "x"}, OrderedDict(d=None, w=2.5)]
    table = open_table(records)
    grown: Any = table.repeat(ROWS)
    assert grown[:2] == records
    assert [list(row) for row in grown] == [
        ["v", "d"],
        ["d", "w"],
        ["d", "w", "is_synthetic"],
        ["v", "d", "is_synthetic"],
    ]
    assert grown[2]["is_synthetic"] is True
    assert grown[0] is not records[0]
    assert records == [{"v": 1, "d": "x"}, {"d": None, "w": 2.5}]


def test_a_new_dict_lacks_what_its_base_lacks_and_is_null_where_its_base_is() -> None:
    records = [{"v": 1, "d": "x"}, {"d": None, "w": 2.5}]
    table = RecordsTable(records)
    new = pd.DataFrame({"v": [7, 8], "d": ["y", None], "w": [1.5, 2.0]}, dtype=object)
    grown: Any = table.append(new, np.array([0, 1]))
    assert grown[2:] == [
        {"v": 7, "d": "y", "is_synthetic": True},
        {"d": None, "w": 2.0, "is_synthetic": True},
    ]


def test_the_mark_of_an_earlier_run_is_not_a_column() -> None:
    table = RecordsTable([{"v": 1}, {"v": 2, "is_synthetic": True}])
    assert table.keys() == ["v"]
    grown: Any = table.append(pd.DataFrame({"v": [5]}), np.array([1]))
    assert grown == [{"v": 1}, {"v": 2, "is_synthetic": True}, {"v": 5, "is_synthetic": True}]


def test_records_become_columns_of_the_very_objects() -> None:
    frame = RecordsTable([{"v": 1}, {"w": True}]).frame()
    assert frame["v"].tolist() == [1, None]
    assert type(frame["v"].iloc[0]) is int
    assert frame["w"].tolist() == [None, True]


@pytest.mark.parametrize(
    ("X", "says"),
    [
        (np.zeros(3), "Reshape"),
        (np.zeros((2, 2, 2)), "3D"),
        (np.zeros((0, 2)), "0 sample"),
        (np.zeros((2, 0)), "0 feature"),
        (pd.DataFrame({"a": []}), "0 sample"),
        (np.zeros((2, 2), dtype=complex), "Complex data not supported"),
        (sparse.csr_matrix(np.zeros((2, 2), dtype=complex)), "Complex data not supported"),
        ([{"a": 1}, [2]], "only some rows are dicts"),
        ([[1, 2], [3]], "rectangular"),
        (pa.table({"a": pa.array([], pa.int8())}), "0 sample"),
    ],
)
def test_what_is_no_table_is_refused_with_the_rule(X: Any, says: str) -> None:
    with pytest.raises(InvalidDataError, match=says):
        open_table(X)


@pytest.mark.parametrize(("home", "way_out"), [("dask", "compute"), ("cudf", "to_pandas"), ("modin", "to_pandas")])
def test_a_foreign_frame_is_refused_with_the_way_out(home: str, way_out: str) -> None:
    foreign = types.ModuleType(f"{home}.dataframe")
    base: Any = type("DataFrame", (), {"__module__": foreign.__name__})
    own: Any = type("Mine", (base,), {})
    for stand_in in (base(), own()):
        with pytest.raises(InvalidDataError, match=rf"of {home} is not accepted.*X.*{way_out}"):
            open_table(stand_in)


def test_opening_tables_does_not_import_polars() -> None:
    """Where nobody imported it, no table can be its."""
    script = (
        "import sys; import numpy as np; from contrapeso.tables._containers import open_table;"
        "open_table(np.eye(2)).repeat(np.array([0])); open_table([[1, 2]]); print('polars' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_extended_by_rows_still_to_be_written(order: Any) -> None:
    array = np.asarray(np.arange(6, dtype=np.float32).reshape(3, 2), order=order)
    table = ArrayTable(array)
    grown = table.extended(2)
    assert grown.shape == (5, 2)
    assert grown.dtype == np.float32
    assert grown.flags.c_contiguous
    assert grown[:3].tobytes() == np.ascontiguousarray(array).tobytes()
    grown[3:] = 7
    assert table.closed(grown) is grown
    assert ArrayTable(array, as_lists=True).closed(grown)[3:] == [[7.0, 7.0], [7.0, 7.0]]
    assert array.tolist() == [[0, 1], [2, 3], [4, 5]]


@given(st.lists(st.none() | st.floats(allow_nan=False) | st.text(max_size=2)), st.lists(st.none() | st.booleans()))
def test_joining_object_columns_changes_no_object(first: list[object], second: list[object]) -> None:
    joined = concat_series(pd.Series(first, dtype=object), pd.Series(second, dtype=object))
    assert all(a is b for a, b in zip(joined, [*first, *second], strict=True))
