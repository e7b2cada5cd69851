"""Tables at the edge of having an answer, for every sampler: the right rows, or an error that names the way out.

Never the error of a library underneath, and never a row that no rule allows: each answer is compared with what went in
(types, originals to the bit, labels, missing values, ranges).
"""

import inspect
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from contrapeso import samplers
from contrapeso.errors import ContrapesoError, InvalidDataError, InvalidParameterError, TooFewSamplesError
from contrapeso.samplers._base import BaseSampler
from contrapeso.tables._containers import open_table
from tests.unit._few_trees import few_trees  # noqa: F401  (every test here uses it)

CLASSES: dict[str, Any] = {
    name: member
    for name in samplers.__all__
    if inspect.isclass(member := getattr(samplers, name)) and issubclass(member, BaseSampler)
}
FOREST = {"InstanceHardnessThreshold", "SMOTEIPF"}
PICKY = {"KMeansSMOTE", "SVMSMOTE"}
"""Samplers whose own rule may find nothing to work with."""

SQUARING = {"ClusterCentroids", "KMeansSMOTE", "SVMSMOTE"}
"""Samplers with a machine of scikit-learn inside that squares the numbers."""

ANYTHING = {"RandomOverSampler", "RandomUnderSampler", "SMOTEN"}
"""Samplers to which cells need not be numbers."""

CLEANERS = {name for name, cls in CLASSES.items() if cls._sampling_type != "over-sampling"}
WITHIN = {"SMOTE", "SMOTENC", "SMOTEN", "RandomOverSampler", "ADASYN", "BorderlineSMOTE", "ProWSyn", "SMOTETomek"}
"""Samplers that make no number beyond those of the table."""

every = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in FOREST else name for name in CLASSES]
)
pytestmark = pytest.mark.filterwarnings(
    "ignore::contrapeso.errors.ContrapesoWarning", "ignore::sklearn.exceptions.DataConversionWarning"
)

N = 40
RNG = np.random.default_rng(0)
Y = RNG.permutation(np.repeat([0, 1], [28, 12]))
X = RNG.normal(size=(N, 3)) + Y[:, None]
X[:, 0] = np.round(X[:, 0])  # categories, to SMOTENC
LARGER = np.abs(20 * X)
SIGNS = np.where(X < 0, -1.0, 1.0)


def sampler_for(name: str, table: Any, **given: Any) -> Any:
    """A sampler with the seed 0 where it takes one, and the arguments it needs."""
    cls = CLASSES[name]
    if name == "SMOTENC":
        given["categorical_features"] = [0] if isinstance(table, np.ndarray) or sparse.issparse(table) else "auto"
    if name == "KMeansSMOTE":
        given.setdefault("cluster_balance_threshold", 0.0)
    if "random_state" in inspect.signature(cls).parameters:
        given.setdefault("random_state", 0)
    return cls(**given)


def takes(name: str, parameter: str) -> bool:
    return parameter in inspect.signature(CLASSES[name]).parameters


def check_answer(name: str, table: Any, y: Any, sampler: Any, made: Any, labels: Any) -> None:
    """Boxes, originals, labels, missing values and ranges are as they must be."""
    assert (type(made), type(labels)) == (type(table), type(y))
    assert getattr(labels, "dtype", None) == getattr(y, "dtype", None)
    assert getattr(made, "dtype", None) == getattr(table, "dtype", None)
    if isinstance(table, pd.DataFrame):
        assert made.dtypes.tolist() == table.dtypes.tolist()
        assert made.columns.equals(table.columns)
        assert made.index.nlevels == table.index.nlevels
    assert len(made) == len(labels) if not sparse.issparse(made) else made.shape[0] == len(labels)
    if name != "ClusterCentroids":
        check_cells(name, sampler, cells_of(table), cells_of(made))
        wanted, found = np.asarray(y, dtype=object)[sampler.sample_indices_], np.asarray(labels, dtype=object)
        assert wanted.shape == found.shape
        assert wanted.tolist() == found.tolist()


def cells_of(box: Any) -> Any:
    if sparse.issparse(box):
        return box.toarray()
    return box if isinstance(box, np.ndarray) else open_table(box).frame().astype(object).to_numpy()


def check_cells(name: str, sampler: Any, cells: Any, after: Any) -> None:
    bases = sampler.sample_indices_
    new = sampler.provenance_.rows
    old = np.setdiff1d(np.arange(len(after)), new)
    for before, now in zip(cells[bases[old]].ravel(), after[old].ravel(), strict=True):
        assert before is now or same(before, now)
    if cells.dtype.kind == "S":
        assert {*after.ravel()} <= {*cells.ravel()}
        return
    missing, from_missing = pd.isna(after[new]), pd.isna(cells[bases[new]])
    assert np.array_equal(missing, from_missing)
    for j in range(cells.shape[1]):
        check_column(name, cells[~pd.isna(cells[:, j]), j].tolist(), after[new][~missing[:, j], j].tolist())


def same(before: Any, now: Any) -> bool:
    return type(before) is type(now) and bool(before == now or pd.isna(before))


def check_column(name: str, known: list[Any], made: list[Any]) -> None:
    assert known or not made
    if any(isinstance(value, str | bytes | bool) for value in known):
        assert {*map(repr, made)} <= {*map(repr, known)}
    elif made and name in WITHIN and not isinstance(known[0], complex) and len({*map(type, known)}) == 1:
        assert {*map(type, made)} == {*map(type, known)}
        assert min(known) <= min(made)
        assert max(made) <= max(known)


def answered(name: str, table: Any, y: Any) -> None:
    """The sampler answers, and rightly; only a picky one may decline."""
    sampler = sampler_for(name, table)
    try:
        made, labels = sampler.fit_resample(table, y)
    except ContrapesoError as error:
        if name not in PICKY or error.code not in {"invalid_data", "too_few_samples"}:
            raise
        return
    check_answer(name, table, y, sampler, made, labels)


# --- arrays -----------------------------------------------------------------------------------------------------------


def changed(place: Any, value: float) -> Any:
    table = X.copy()
    table[place] = value
    return table


def few(n: int) -> tuple[Any, Any]:
    return X[: 25 + n], np.repeat([0, 1], [25, n])


DTYPES = ("f2", "f4", "f8", "g", ">f8", "i1", "u1", "<i4", ">i8", "i8", "u8", "?")
ARRAYS: dict[str, tuple[Any, Any]] = {
    "one row per class": (X[:2], np.array([0, 1])),
    "two rows per class": (X[:4], np.array([0, 0, 1, 1])),
    "three classes of one row": (X[:3], np.array([0, 1, 2])),
    "constant": (np.ones((N, 3)), Y),
    "column all NaN": (changed((slice(None), 1), np.nan), Y),
    "row all NaN": (changed(3, np.nan), Y),
    "minority all NaN": (changed(Y == 1, np.nan), Y),
    "all NaN": (np.full((N, 3), np.nan), Y),
    "duplicates only": (np.repeat(X[:2], [28, 12], axis=0), np.repeat([0, 1], [28, 12])),
    "duplicates across classes": (np.tile(X[:4], (10, 1)), Y),
    "object floats": (X.astype(object), Y),
    "object None": (np.where(RNG.random(X.shape) < 0.1, None, X.astype(object)), Y),
    "uint64 near its limit": (LARGER.astype(np.uint64) + np.uint64(2**63), Y),
    "int64 near its limit": (LARGER.astype(np.int64) - 2**62, Y),
    "int8 at its limits": ((127 * SIGNS).astype(np.int8), Y),
    "float32 at its limits": ((3.4e38 * SIGNS).astype(np.float32), Y),
    "float16 at its limits": ((65504 * SIGNS).astype(np.float16), Y),
    "1e-300": (1e-300 * X, Y),
    "denormal": (5e-323 * X, Y),
    "read-only": (np.frombuffer(X.tobytes()).reshape(X.shape), Y),
    "backwards": (X[::-1], Y),
    "csr": (sparse.csr_matrix(X), Y),
    "csc with NaN": (sparse.csc_array(changed((3, 1), np.nan)), Y),
    "csr without a number": (sparse.csr_array((N, 3)), Y),
    "csr int8": (sparse.csr_array(LARGER.astype(np.int8)), Y),
    "csr uint64": (sparse.csr_array(LARGER.astype(np.uint64)), Y),
    "csr bool": (sparse.csr_array(X > 0), Y),
    "csr float32": (sparse.csr_array(X.astype(np.float32)), Y),
    **{f"{n} rows in a class": few(n) for n in range(1, 7)},
    **{f"dtype {dtype}": (LARGER.astype(dtype), Y) for dtype in DTYPES},
}


@pytest.mark.parametrize("case", ARRAYS)
@every
def test_an_array_at_the_edge_is_answered(name: str, case: str) -> None:
    if name == "InstanceHardnessThreshold" and case in {"one row per class", "three classes of one row"}:
        pytest.skip("it learns from other rows of each class; the refusal has a test of its own")
    answered(name, *ARRAYS[case])


@every
def test_one_feature_is_enough(name: str) -> None:
    if name != "SMOTENC":
        answered(name, X[:, 1:2], Y)


HUGE = {"huge": 1e300 * X, "huge and tiny": X * np.array([1e300, 1.0, 1e-300])}


@pytest.mark.parametrize("case", HUGE)
@every
def test_huge_numbers_have_an_answer_where_nothing_squares_them(name: str, case: str) -> None:
    if name in PICKY:
        pytest.skip("scikit-learn's machine inside squares the numbers")
    if name in SQUARING:
        with pytest.raises(InvalidDataError, match="Divide the columns by"):
            sampler_for(name, X).fit_resample(HUGE[case], Y)
    else:
        answered(name, HUGE[case], Y)


NO_DISTANCE: dict[str, tuple[Any, str]] = {
    "inf": (changed((3, 2), np.inf), "infinity"),
    "-inf": (changed((3, 2), -np.inf), "infinity"),
    "inf in csr": (sparse.csr_array(changed((3, 2), np.inf)), "infinity"),
    "inf in a frame": (pd.DataFrame(changed((3, 2), np.inf), columns=["a", "b", "v"]).assign(c="a"), "infinity"),
    "beyond 1e301": (1.7e308 * SIGNS, r"beyond 1e\+301, whose sums and differences are no floats"),
    "decimals beyond all floats": (pd.DataFrame({"d": [Decimal(10) ** 400] * N, "c": ["a"] * N}), "infinity"),
    "texts": (X.astype(str), "do not hold numbers or dates"),
    "bytes": (X.astype(str).astype("S5"), "do not hold numbers or dates"),
    "2**57 apart": (pd.DataFrame({"d": np.arange(N) * 2**57, "c": ["a"] * N}), r"2\*\*53"),
    "csr 2**57 apart": (sparse.csr_array(np.arange(2 * N).reshape(N, 2) * 2**57), r"2\*\*53"),
    "periods": (pd.DataFrame({"d": pd.period_range("2024", periods=N, freq="M"), "v": X[:, 1]}), "of no kind"),
    "complex": (pd.DataFrame({"d": X[:, 1].astype(complex), "v": X[:, 1]}), "of no kind"),
}


@pytest.mark.parametrize("case", NO_DISTANCE)
@every
def test_what_has_no_distance_is_refused_or_kept_whole(name: str, case: str) -> None:
    table, says = NO_DISTANCE[case]
    if name in ANYTHING or (name == "InstanceHardnessThreshold" and case == "csr 2**57 apart"):  # trees only compare
        answered(name, table, Y)
        return
    with pytest.raises(InvalidDataError, match=says):
        sampler_for(name, table).fit_resample(table, Y)


NO_TABLES: dict[str, tuple[Any, Any, str]] = {
    "nothing": (None, Y, "Expected 2D array"),
    "a text": ("abc", Y, "Expected 2D array"),
    "a dict": ({"a": [1]}, Y, "Expected 2D array"),
    "a series": (pd.Series(X[:, 1]), Y, "Reshape your data"),
    "a structured array": (np.zeros(N, dtype=[("a", float), ("b", float)]), Y, "Reshape your data"),
    "a masked array": (np.ma.masked_greater(X, 1.0), Y, r"X\.filled"),
    "an empty frame": (pd.DataFrame(), [], "minimum of 1 is required"),
    "a frame without columns": (pd.DataFrame(index=range(N)), Y, "minimum of 1 is required"),
    "a frame without rows": (pd.DataFrame(X).iloc[:0], [], "minimum of 1 is required"),
    "csr without rows": (sparse.csr_array((0, 3)), [], "minimum of 1 is required"),
    "empty dicts": ([{}] * N, Y, "minimum of 1 is required"),
    "coo": (sparse.coo_array(X), Y, "tocsr"),
    "complex": (X.astype(complex), Y, "Complex data not supported"),
    "a lazy frame": (pl.DataFrame(X).lazy(), Y, "collect"),
    "names of several types": (pd.DataFrame(X, columns=["a", 1, None]), Y, r"X\.columns\.astype\(str\)"),
}
NO_TARGETS: dict[str, tuple[Any, str]] = {
    "a number": (1, "one class per row"),
    "a dict": ({0: 1}, "one class per row"),
    "a set": ({0, 1}, "one class per row"),
    "a generator": ((label for label in Y), "one class per row"),
    "lists of tuples": ([(int(v), int(v)) for v in Y], "Multilabel"),
    "two columns": (pd.DataFrame({"a": Y, "b": Y}), "Multilabel"),
    "ragged": ([[0], [0, 1]] * 20, "differ in length"),
    "NaN": (np.where(np.arange(N) == 3, np.nan, Y), "1 labels are missing, the first in row 3"),
    "None": (np.where(np.arange(N) == 3, None, Y), "1 labels are missing"),
    "NA": (pd.Series([None, *Y[1:].tolist()], dtype="Int64"), "1 labels are missing"),
    "NA among booleans": (pd.Series([None, *(Y[1:] > 0).tolist()], dtype="boolean"), "1 labels are missing"),
    "infinity": (np.where(Y, np.inf, 0.0), "infinity, which is no class"),
    "complex": (Y.astype(complex), "Complex data not supported"),
    "masked": (np.ma.masked_array(Y, mask=Y > 0), "masked"),
    "too short": (Y[:-1], "X has 40 rows, y has 39"),
    "one class": (pd.Series(["a"] * N, dtype="category"), "more than 1 class"),
}


@pytest.mark.parametrize("case", NO_TABLES)
@every
def test_what_is_no_table_is_refused(name: str, case: str) -> None:
    table, y, says = NO_TABLES[case]
    with pytest.raises(InvalidDataError, match=says):
        sampler_for(name, table).fit_resample(table, y)


@pytest.mark.parametrize("case", NO_TARGETS)
@every
def test_what_is_no_target_is_refused(name: str, case: str) -> None:
    y, says = NO_TARGETS[case]
    for attempt in (sampler_for(name, X).fit_resample, sampler_for(name, X).fit):
        with pytest.raises(InvalidDataError, match=says):
            attempt(X, y)


# --- targets ----------------------------------------------------------------------------------------------------------


def objects(values: list[Any]) -> Any:
    boxed = np.empty(len(values), dtype=object)
    boxed[:] = values
    return boxed


WORDS = np.where(Y, "a", "b")
TARGETS: dict[str, Any] = {
    "bool": Y.astype(bool),
    "words": WORDS,
    "object words": WORDS.astype(object),
    "bytes": WORDS.astype("S1"),
    "tuples": objects([(int(v), "k") for v in Y]),
    "several types": objects([1 if v else "a" for v in Y]),
    "dates": objects([date(2020 + int(v), 1, 1) for v in Y]),
    "datetime64": np.where(Y, np.datetime64("2020-01-01"), np.datetime64("2021-01-01")),
    "decimals": [Decimal(int(v)) for v in Y],
    "large floats": np.where(Y, 1e300, 0.0),
    "categories not used": pd.Series(pd.Categorical(WORDS, categories=["z", "b", "a", "q"])),
    "ordered categories": pd.Series(pd.Categorical(WORDS, categories=["z", "b", "a"], ordered=True)),
    "a Categorical": pd.Categorical(WORDS, categories=["z", "b", "a"]),
    "an Index": pd.Index(WORDS),
    "string": pd.Series(WORDS, dtype="string"),
    "string[pyarrow]": pd.Series(WORDS, dtype="string[pyarrow]"),
    "Int64": pd.Series(Y, dtype="Int64"),
    "boolean": pd.Series(Y > 0, dtype="boolean"),
    "intervals": pd.Series(pd.cut(Y, 2)),
    "periods": pd.Series(pd.PeriodIndex(np.where(Y, "2020-01", "2020-02"), freq="M")),
    "int64[pyarrow]": pd.Series(Y, dtype="int64[pyarrow]"),
    "polars": pl.Series(WORDS),
    "polars categories": pl.Series(WORDS).cast(pl.Categorical),
    "arrow": pa.array(WORDS),
    "arrow dictionary": pa.array(WORDS).dictionary_encode(),
    "tuple": tuple(Y.tolist()),
}


@pytest.mark.parametrize("case", TARGETS)
@every
def test_labels_of_any_type_come_back_as_they_were(name: str, case: str) -> None:
    y = TARGETS[case]
    sampler = sampler_for(name, X)
    _, labels = sampler.fit_resample(X, y)
    assert type(labels) is type(y)
    assert getattr(labels, "dtype", None) == getattr(y, "dtype", None)
    assert getattr(labels, "type", None) == getattr(y, "type", None)
    if name != "ClusterCentroids":
        before, after = ([*map(repr, np.asarray(box, dtype=object))] for box in (y, labels))
        assert after == [before[row] for row in sampler.sample_indices_]


# --- frames -----------------------------------------------------------------------------------------------------------


def frame(*columns: Any) -> pd.DataFrame:
    """Categories, numbers, and the columns in question."""
    plain = {"c": np.resize(["x", "y", "z"], N), "v": X[:, 1]}
    return pd.DataFrame({**plain, **{f"d{i}": column for i, column in enumerate(columns)}})


def indexed(index: Any) -> pd.DataFrame:
    return frame().set_axis(index, axis=0)


DAYS = [1 + i % 28 for i in range(N)]
FRAMES: dict[str, Any] = {
    "two columns of one name": frame(X[:, 2]).set_axis(["c", "v", "v"], axis=1),
    "names that are whole numbers": frame().set_axis([0, 1], axis=1),
    "names of two levels": frame().set_axis(pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]), axis=1),
    "datetime": frame(pd.date_range("2024-01-01", periods=N)),
    "datetime with NaT": frame(pd.Series(pd.date_range("2024-01-01", periods=N)).where(np.arange(N) % 5 > 0)),
    "all NaT": frame(pd.Series([pd.NaT] * N)),
    "time zone": frame(pd.date_range("2024-01-01", periods=N, tz="America/Sao_Paulo")),
    "timedelta": frame(pd.to_timedelta(np.arange(N), unit="h")),
    "Decimal": frame([Decimal(i) / 4 for i in range(N)]),
    "Decimal or None": frame([Decimal(i) if i % 7 else None for i in range(N)]),
    "Decimal NaN": frame([Decimal(i) if i % 7 else Decimal("NaN") for i in range(N)]),
    "Int64": frame(pd.array([i if i % 7 else None for i in range(N)], dtype="Int64")),
    "Float64": frame(pd.array([i / 3 if i % 7 else None for i in range(N)], dtype="Float64")),
    "boolean": frame(pd.array([i % 2 == 0 if i % 7 else None for i in range(N)], dtype="boolean")),
    "category": frame(pd.Categorical(np.resize(["p", "q"], N), categories=["unused", "p", "q"])),
    "category of numbers": frame(pd.Categorical(np.resize([1, 2], N))),
    "string": frame(pd.array(np.resize(["p", "q", None], N), dtype="string")),
    "string[pyarrow]": frame(pd.array(np.resize(["p", "q", None], N), dtype="string[pyarrow]")),
    "int64[pyarrow]": frame(pd.array(range(N), dtype="int64[pyarrow]")),
    "timestamp[pyarrow]": frame(pd.Series(pd.date_range("2024", periods=N)).astype("timestamp[ns][pyarrow]")),
    "date32[pyarrow]": frame(pd.Series([date(2024, 1, d) for d in DAYS]).astype(pd.ArrowDtype(pa.date32()))),
    "decimal[pyarrow]": frame(pd.Series([Decimal(d) for d in DAYS], dtype=pd.ArrowDtype(pa.decimal128(10, 2)))),
    "float16": frame(X[:, 2].astype(np.float16)),
    "uint8": frame(np.arange(N, dtype=np.uint8)),
    "uint64 near its limit": frame(np.arange(N, dtype=np.uint64) + np.uint64(2**63)),
    "Python's whole numbers beyond int64": frame(pd.Series([10**30 + i for i in range(N)], dtype=object)),
    "whole floats among objects": frame(pd.Series([float(i) if i % 3 else None for i in range(N)], dtype=object)),
    "sparse": frame(pd.arrays.SparseArray(np.where(X[:, 2] > 0, X[:, 2], 0.0))),
    "None alone": frame(pd.Series([None] * N, dtype=object)),
    "NaN alone": frame(np.full(N, np.nan)),
    "several types": frame(pd.Series([1 if i % 2 else "a" for i in range(N)], dtype=object)),
    "bytes": frame([b"a"] * N),
    "dates as texts": frame([f"2024-01-{d:02d}" for d in DAYS]),
    "date": frame([date(2024, 1, d) for d in DAYS]),
    "datetime objects": frame(pd.Series([datetime(2024, 1, d) for d in DAYS], dtype=object)),  # noqa: DTZ001
    "timedelta objects": frame(pd.Series([timedelta(d) for d in DAYS], dtype=object)),
    "time": frame([time(d % 24) for d in DAYS]),
    "index of two levels": indexed(pd.MultiIndex.from_arrays([np.arange(N) % 3, np.arange(N)])),
    "index of one label": indexed(np.zeros(N, dtype=int)),
    "index of dates": indexed(pd.date_range("2024", periods=N)),
    "index of categories": indexed(pd.CategoricalIndex(np.resize(["p", "q"], N))),
    "index of NaN": indexed([np.nan] * N),
    "index of int8": indexed(pd.Index(np.arange(80, 80 + N), dtype=np.int8)),
    "index of intervals": indexed(pd.interval_range(0, N)),
    "polars": pl.DataFrame(frame()),
    "polars nulls": pl.DataFrame(frame()).with_columns(pl.lit(None).alias("d")),
    "arrow": pa.table({"c": np.resize(["x", "y"], N), "v": X[:, 1]}),
    "arrow nulls": pa.table({"c": np.resize(["x", "y"], N), "z": pa.nulls(N), "v": X[:, 1]}),
    "dicts without some keys": [
        {key: value for key, value in row.items() if i % 3 or key != "v"}
        for i, row in enumerate(frame().to_dict("records"))
    ],
}


@pytest.mark.parametrize("case", FRAMES)
@every
def test_a_frame_at_the_edge_is_answered(name: str, case: str) -> None:
    answered(name, FRAMES[case], Y)


MOMENTS = pd.Series([datetime(2024, 1, d, tzinfo=UTC) for d in DAYS], dtype=object)


@every
def test_moments_with_a_zone_among_objects_are_copied_as_they_are_or_refused(name: str) -> None:
    if name in ANYTHING:
        answered(name, frame(MOMENTS), Y)
        return
    with pytest.raises(InvalidDataError, match="'d0'"):
        sampler_for(name, frame()).fit_resample(frame(MOMENTS), Y)


NESTED: dict[str, Any] = {
    "lists": frame([[1]] * N),
    "arrow lists": frame(pd.Series([[1]] * N, dtype=pd.ArrowDtype(pa.list_(pa.int64())))),
    "polars lists": pl.DataFrame({"c": ["a"] * N, "l": [[1]] * N, "v": X[:, 1]}),
    "dicts in dicts": [{"c": "a", "a": {"b": 1}, "v": float(i)} for i in range(N)],
}


@pytest.mark.parametrize("case", NESTED)
@every
def test_cells_that_hold_tables_are_refused_or_copied(name: str, case: str) -> None:
    table = NESTED[case]
    if name in ANYTHING - {"SMOTEN"}:
        made, labels = sampler_for(name, table).fit_resample(table, Y)
        assert len(made) == len(labels)
        return
    with pytest.raises(InvalidDataError, match="convert it to numbers, text, dates or a category"):
        sampler_for(name, table).fit_resample(table, Y)


CATEGORIES: dict[str, Any] = {
    "texts": pd.DataFrame({"a": np.resize(["x", "y"], N), "b": np.resize(["p", "q", "r"], N)}),
    "booleans": pd.DataFrame({"a": np.resize([True, False], N), "b": np.resize([True, False, False], N)}),
    "one column": pd.DataFrame({"a": np.resize(["x", "y"], N)}),
    "polars": pl.DataFrame({"a": np.resize(["x", "y"], N)}),
}


@pytest.mark.parametrize("case", CATEGORIES)
@every
def test_categories_alone_are_counted_apart_and_smotenc_names_smoten(name: str, case: str) -> None:
    table = CATEGORIES[case]
    if name != "SMOTENC":
        answered(name, table, Y)
        return
    with pytest.raises(InvalidDataError, match=r"Use SMOTEN\."):
        sampler_for(name, table).fit_resample(table, Y)


def test_a_name_of_two_columns_does_not_say_which_is_categorical() -> None:
    twice = frame(X[:, 2]).set_axis(["v", "c", "c"], axis=1)
    with pytest.raises(InvalidParameterError, match="Give their positions"):
        samplers.SMOTENC(["c"]).fit_resample(twice, Y)


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", [name for name in CLASSES if takes(name, "few_samples") and name not in FOREST])
def test_few_rows_are_an_error_on_request(name: str, n: int) -> None:
    table, y = few(n)
    sampler = sampler_for(name, table, few_samples="raise")
    if n >= {"NearMiss": 3, "PolynomFitSMOTE": 2, "ProWSyn": 2}.get(name, 6):  # that is enough for them
        sampler.fit_resample(table, y)
        return
    says = "." if name in PICKY else "few_samples='adapt'|m_neighbors, or SMOTE"
    with pytest.raises(InvalidDataError if name in PICKY else TooFewSamplesError, match=says):
        sampler.fit_resample(table, y)


def test_classes_of_one_row_teach_nothing() -> None:
    with pytest.raises(TooFewSamplesError, match="RandomUnderSampler"):
        samplers.InstanceHardnessThreshold().fit_resample(X[:3], [0, 1, 2])


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in CLEANERS | {"SMOTEENN", "SMOTEIPF"}])
@pytest.mark.parametrize("plan", [{}, {1: 12}, {0: 28, 1: 12}])
def test_a_plan_without_new_rows_gives_the_table_back(name: str, plan: dict[int, int]) -> None:
    sampler = sampler_for(name, X, sampling_strategy=plan)
    made, labels = sampler.fit_resample(X, Y)
    if name == "SMOTETomek":  # it cleans what there is
        assert len(made) <= N
        return
    assert made.tobytes() == X.tobytes()
    assert labels.tolist() == Y.tolist()
    assert len(sampler.provenance_) == len(sampler.sample_parents_) == 0


BESIDE: dict[str, tuple[dict[str, Any], type[ContrapesoError], str]] = {
    "weights as a column": ({"sample_weight": np.ones((N, 1))}, InvalidDataError, r"got the shape \(40, 1\)"),
    "weights as words": ({"sample_weight": ["a"] * N}, InvalidDataError, "must hold numbers"),
    "one weight": ({"sample_weight": 3}, InvalidDataError, "one value for each of the 40 rows"),
    "metadata as a list": ({"metadata": [1, 2]}, InvalidDataError, "mapping of names"),
    "ragged metadata": ({"metadata": {"k": [[1], [1, 2]] * 20}}, InvalidDataError, "differ in length"),
    "short metadata": ({"metadata": {"k": "abc"}}, InvalidDataError, "k must have one value"),
    "memory as a list": ({"max_memory": [1]}, InvalidParameterError, "positive number of bytes"),
    "memory as a truth": ({"max_memory": True}, InvalidParameterError, "positive number of bytes"),
    "no memory": ({"max_memory": 0}, InvalidParameterError, "positive number of bytes"),
}


@pytest.mark.parametrize("case", BESIDE)
@every
def test_what_goes_beside_the_table_is_looked_at(name: str, case: str) -> None:
    given, error, says = BESIDE[case]
    with pytest.raises(error, match=says):
        sampler_for(name, X).fit_resample(X, Y, **given)


@pytest.mark.parametrize("parameter", ["k_neighbors", "m_neighbors", "n_neighbors"])
@pytest.mark.parametrize("name", [name for name in CLASSES if name not in FOREST])
def test_more_neighbours_than_there_are_rows_are_all_of_them(name: str, parameter: str) -> None:
    if takes(name, parameter) and name not in PICKY:
        made, labels = sampler_for(name, X, **{parameter: 10**30}).fit_resample(X, Y)
        assert len(made) == len(labels)
