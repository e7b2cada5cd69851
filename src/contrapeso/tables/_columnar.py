"""Arrow and polars tables and columns: opened as pandas where a method needs it, closed without it.

Original values never pass through pandas on the way out: the result holds the very column chunks that
came in, followed by new chunks of the same type. A new value that is missing takes the value of the
row it was made from, so that null and NaN stay the one they were.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError

Rows: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
ColumnarLike: TypeAlias = Any  # a polars or Arrow object: neither library is imported for its types


@dataclass(frozen=True)
class ArrowTable:
    """A ``pyarrow.Table``, or a ``RecordBatch`` where ``as_batch``; schema metadata stays."""

    table: ColumnarLike
    as_batch: bool = False

    @property
    def n_rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def n_columns(self) -> int:
        return int(self.table.num_columns)

    def names(self) -> pd.Index:
        return pd.Index(self.table.column_names, dtype=object)

    def frame(self) -> pd.DataFrame:
        return _frame([arrow_to_pandas(column) for column in self.table.columns], self.names())

    def take(self, rows: Rows) -> ColumnarLike:
        return self._close([_arrow_take(column, rows) for column in self.table.columns])

    def repeat(self, rows: Rows) -> ColumnarLike:
        return self._grown([_arrow_take(column, rows) for column in self.table.columns])

    def append(self, new: pd.DataFrame, bases: Rows) -> ColumnarLike:
        made = [_arrow_made(column, new.iloc[:, j], bases) for j, column in enumerate(self.table.columns)]
        return self._grown(made)

    def _grown(self, made: list[ColumnarLike]) -> ColumnarLike:
        return self._close([_chained(column, more) for column, more in zip(self.table.columns, made, strict=True)])

    def _close(self, columns: list[ColumnarLike]) -> ColumnarLike:
        import pyarrow as pa

        if self.as_batch:
            arrays = [_one_array(column) for column in columns]
            return pa.RecordBatch.from_arrays(arrays, schema=self.table.schema)
        return pa.Table.from_arrays(columns, schema=self.table.schema)


@dataclass(frozen=True)
class PolarsTable:
    """A ``polars.DataFrame``; every column keeps its dtype."""

    table: ColumnarLike

    @property
    def n_rows(self) -> int:
        return int(self.table.height)

    @property
    def n_columns(self) -> int:
        return int(self.table.width)

    def names(self) -> pd.Index:
        return pd.Index(self.table.columns, dtype=object)

    def frame(self) -> pd.DataFrame:
        return _frame([polars_to_pandas(column) for column in self.table.get_columns()], self.names())

    def take(self, rows: Rows) -> ColumnarLike:
        return self.table[rows]

    def repeat(self, rows: Rows) -> ColumnarLike:
        return self.table.vstack(self.table[rows])

    def append(self, new: pd.DataFrame, bases: Rows) -> ColumnarLike:
        columns = self.table.get_columns()
        made = [_polars_made(column, new.iloc[:, j], bases) for j, column in enumerate(columns)]
        return self.table.vstack(type(self.table)(made))


@dataclass(frozen=True)
class ArrowColumn:
    """An Arrow array, chunked or not."""

    column: ColumnarLike

    def labels(self) -> NDArray[Any]:
        return np.asarray(arrow_to_pandas(self._chunked()))

    def take(self, rows: Rows) -> ColumnarLike:
        return self._close(_arrow_take(self._chunked(), rows))

    def repeat(self, rows: Rows) -> ColumnarLike:
        return self._close(_chained(self._chunked(), _arrow_take(self._chunked(), rows)))

    def _chunked(self) -> ColumnarLike:
        import pyarrow as pa

        is_chunked = isinstance(self.column, pa.ChunkedArray)
        return self.column if is_chunked else pa.chunked_array([self.column], type=self.column.type)

    def _close(self, column: ColumnarLike) -> ColumnarLike:
        import pyarrow as pa

        return column if isinstance(self.column, pa.ChunkedArray) else _one_array(column)


@dataclass(frozen=True)
class PolarsColumn:
    """A ``polars.Series``."""

    column: ColumnarLike

    def labels(self) -> NDArray[Any]:
        return np.asarray(polars_to_pandas(self.column))

    def take(self, rows: Rows) -> ColumnarLike:
        return self.column[rows]

    def repeat(self, rows: Rows) -> ColumnarLike:
        import polars as pl

        return pl.concat([self.column, self.column[rows]], rechunk=False)


Columnar: TypeAlias = ArrowTable | PolarsTable
ColumnarColumn: TypeAlias = ArrowColumn | PolarsColumn


def open_columnar(X: object) -> Columnar | None:
    """The opened form of a polars or Arrow table, None for anything else.

    Raises
    ------
    InvalidDataError
        If ``X`` is a polars LazyFrame, which holds no rows yet, or an Arrow column is run-end encoded.
    """
    polars, arrow = _loaded("polars"), _loaded("pyarrow")
    if polars is not None and isinstance(X, polars.DataFrame):
        return PolarsTable(X)
    if polars is not None and isinstance(X, polars.LazyFrame):
        raise InvalidDataError("A LazyFrame of polars holds no rows yet. Collect it first: X.collect().")
    if arrow is not None and isinstance(X, arrow.Table):
        return _arrow_table(X, as_batch=False)
    if arrow is not None and isinstance(X, arrow.RecordBatch):
        return _arrow_table(arrow.Table.from_batches([X]), as_batch=True)
    return None


def _arrow_table(table: ColumnarLike, *, as_batch: bool) -> ArrowTable:
    for field in table.schema:
        if str(field.type).startswith("run_end_encoded"):
            raise InvalidDataError(
                f"Column {field.name!r} is {field.type}, of which no rows can be taken. "
                "Decode it first with pyarrow.compute.run_end_decode.",
                {"column": field.name},
            )
    return ArrowTable(table, as_batch)


def open_column(y: object) -> ColumnarColumn | None:
    """The opened form of a polars Series or an Arrow array, None for anything else."""
    polars, arrow = _loaded("polars"), _loaded("pyarrow")
    if polars is not None and isinstance(y, polars.Series):
        return PolarsColumn(y)
    if arrow is not None and isinstance(y, (arrow.ChunkedArray, arrow.Array)):
        return ArrowColumn(y)
    return None


def refuse_foreign(value: object, name: str) -> None:
    """Refuse tables and columns of libraries that have no door here, with the way out."""
    homes = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    for home, how in FOREIGN.items():
        if home in homes:
            raise InvalidDataError(f"{type(value).__name__} of {home} is not accepted. Convert it first: {name}.{how}.")


FOREIGN = {
    "dask": "compute()",
    "cudf": "to_pandas()",
    "modin": "modin.to_pandas()",
    "pyspark": "toPandas()",
    "ibis": "to_pyarrow()",
    "duckdb": "to_arrow_table()",
}
"""Library -> how its tables become ones that are accepted."""


def _loaded(name: str) -> Any:
    """The module if someone imported it already: without it there is no object of its types."""
    return sys.modules.get(name)


def _frame(columns: list[pd.Series], names: pd.Index) -> pd.DataFrame:
    frame = pd.DataFrame(dict(enumerate(columns)), copy=False)
    frame.columns = names
    return frame


def arrow_to_pandas(column: ColumnarLike) -> pd.Series:
    """A chunked array as the pandas column nearest to it: NumPy numbers, nullable where null, objects else."""
    import pyarrow.types as of

    kind = column.type
    if of.is_dictionary(kind):
        return _category(column)
    if of.is_boolean(kind) or of.is_integer(kind):
        dtype = _nullable(str(kind)) if column.null_count else None
        return pd.Series(column.to_numpy()) if dtype is None else column.to_pandas(types_mapper=lambda _: dtype)
    if of.is_floating(kind) or of.is_timestamp(kind) or of.is_duration(kind):
        series: pd.Series = column.to_pandas()
        return series
    if of.is_string(kind) or of.is_large_string(kind) or of.is_string_view(kind):
        return pd.Series(column.to_numpy(), dtype=object)
    if of.is_decimal(kind) or of.is_date(kind) or of.is_time(kind):
        return pd.Series(column.to_pandas(date_as_object=True), dtype=object)
    return _objects(column.to_pylist())


def polars_to_pandas(column: ColumnarLike) -> pd.Series:
    """A polars series as a pandas column, by way of Arrow; Python objects stay the very objects."""
    import polars as pl
    import pyarrow as pa

    if column.dtype == pl.Object:
        return _objects(column.to_list())
    return arrow_to_pandas(pa.chunked_array([column.to_arrow()]))


def _nullable(kind: str) -> Any:
    """The nullable pandas dtype of an Arrow bool or integer type."""
    return pd.api.types.pandas_dtype({"bool": "boolean"}.get(kind, kind.replace("uint", "UInt").replace("int", "Int")))


def _objects(items: list[object]) -> pd.Series:
    """Object column of exactly these objects."""
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return pd.Series(array, dtype=object)


def _category(column: ColumnarLike) -> pd.Series:
    """A dictionary column as a category, or as objects where its dictionary has nulls or repetitions."""
    whole = _one_array(column.unify_dictionaries())
    categories = pd.Index(whole.dictionary.to_pylist())
    if categories.hasnans or not categories.is_unique:
        return _objects(column.to_pylist())
    codes = whole.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    codes[whole.indices.is_null().to_numpy(zero_copy_only=False)] = -1
    return pd.Series(pd.Categorical.from_codes(codes.tolist(), categories, ordered=column.type.ordered))


def _one_array(column: ColumnarLike) -> ColumnarLike:
    """A chunked array in one piece."""
    whole = column.combine_chunks()
    if hasattr(whole, "chunks"):  # older versions of pyarrow give chunks back
        import pyarrow as pa

        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], type=column.type)
    return whole


def _arrow_take(column: ColumnarLike, rows: Rows) -> ColumnarLike:
    import pyarrow as pa

    plain = column.cast(_plain_type(column.type)) if str(column.type).endswith("_view") else column
    return plain.unify_dictionaries().take(pa.array(rows)).cast(column.type)


def _chained(column: ColumnarLike, more: ColumnarLike) -> ColumnarLike:
    """The chunks of ``column`` as they are, followed by those of ``more``."""
    import pyarrow as pa

    return pa.chunked_array([*column.chunks, *getattr(more, "chunks", [more])], type=column.type)


def _arrow_made(column: ColumnarLike, new: pd.Series, bases: Rows) -> ColumnarLike:
    """``new`` as an array of the type of ``column``; where it is missing, the value of its base."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as of

    kind, gone = column.type, _gone(new)
    if of.is_dictionary(kind) or of.is_null(kind) or isinstance(kind, pa.BaseExtensionType):
        return _arrow_take(column, rows_with(arrow_to_pandas(column), new, gone, bases))
    plain = new.tolist() if new.dtype == object else new
    made = pa.array(plain, type=_plain_type(kind), from_pandas=True)
    if gone.any():
        own = _arrow_take(column, bases).cast(made.type)
        made = pc.if_else(pa.array(gone), _one_array(own), made)
    return made.cast(kind)


def _polars_made(column: ColumnarLike, new: pd.Series, bases: Rows) -> ColumnarLike:
    import polars as pl
    import pyarrow as pa

    gone = _gone(new)
    if column.dtype in {pl.Categorical, pl.Enum, pl.Object, pl.Null}:
        return column[rows_with(polars_to_pandas(column), new, gone, bases)]
    plain = new.tolist() if new.dtype == object else new
    kind = column[:0].to_arrow().type
    made = pl.Series(column.name, pa.array(plain, type=_plain_type(kind), from_pandas=True)).cast(column.dtype)
    return made.zip_with(pl.Series(~gone), column[bases]) if gone.any() else made


def _plain_type(kind: Any) -> Any:
    """The Arrow type to work in for ``kind``: views of texts and bytes have few functions of their own."""
    import pyarrow as pa

    return {"string_view": pa.large_string(), "binary_view": pa.large_binary()}.get(str(kind), kind)


def _gone(new: pd.Series) -> Mask:
    return np.asarray(new.isna(), dtype=bool)


def rows_with(column: pd.Series, new: pd.Series, gone: Mask, bases: Rows) -> Rows:
    """For every new value the first row of ``column`` that has it; its base where ``gone``.

    A value of a type that cannot be built anew (category, enum, any object) is copied from there.
    """
    if isinstance(column.dtype, pd.CategoricalDtype) and new.dtype == column.dtype:
        codes = np.asarray(column.cat.codes)[::-1]
        first = np.full(len(column.cat.categories), -1, dtype=np.int64)
        present = codes >= 0
        first[codes[present]] = np.arange(len(codes))[::-1][present]
        found = np.where(gone, bases, first[np.asarray(new.cat.codes)] if len(first) else -1)
    else:
        place: dict[tuple[type, object], int] = {}
        for i, value in enumerate(column):
            place.setdefault((type(value), value), i)  # 1, True and 1.0 are three values
        known = [-1 if g else place.get((type(v), v), -1) for v, g in zip(new, gone, strict=True)]
        found = np.where(gone, bases, np.array(known, dtype=np.int64))
    if bool((found < 0).any()):
        value = new.iloc[int(np.argmax(found < 0))]
        raise InvalidDataError(f"The value {value!r} is in no row of its column, and its type allows no new values.")
    return np.asarray(found, dtype=np.int64)


__all__ = [
    "ArrowColumn",
    "ArrowTable",
    "Columnar",
    "ColumnarColumn",
    "PolarsColumn",
    "PolarsTable",
    "open_column",
    "open_columnar",
    "refuse_foreign",
]
