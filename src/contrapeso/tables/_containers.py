"""The boxes tables come in: opened once, filled with new rows, and closed as the same kind of box.

Whatever the box (array, sparse matrix, pandas, polars or Arrow table, list of dicts, list of lists), the
original rows come back first, bit for bit and in order, with their dtypes, index labels, column names and keys.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from contrapeso.errors import InvalidDataError
from contrapeso.tables._columnar import ArrowTable, Columnar, PolarsTable, Rows, open_columnar, refuse_foreign

AnyArray = NDArray[Any]  # any dtype: the box says nothing about what it holds
Record: TypeAlias = Mapping[str, object]
SparseMatrix: TypeAlias = sparse.csr_matrix | sparse.csc_matrix | sparse.csr_array | sparse.csc_array
TableLike: TypeAlias = (
    AnyArray | pd.DataFrame | SparseMatrix | Sequence[Record] | Sequence[Sequence[object]] | ArrayLike | Any
)  # Any: polars and Arrow tables, whose libraries are not imported for their types

SYNTHETIC_KEY = "is_synthetic"
"""Key that new dicts carry, with the value True; originals never get it."""

NEW_LABEL = "synthetic-"


@dataclass(frozen=True)
class ArrayTable:
    """A 2-D array of any dtype; ``as_lists`` where it came as a list of lists."""

    array: AnyArray
    as_lists: bool = False

    @property
    def n_rows(self) -> int:
        return int(self.array.shape[0])

    @property
    def n_columns(self) -> int:
        return int(self.array.shape[1])

    def names(self) -> pd.Index | None:
        return None

    def frame(self) -> pd.DataFrame:
        if self.array.dtype.kind in "US":
            return pd.DataFrame(self.array.astype(object), dtype=object)
        return pd.DataFrame(_common(self.array), copy=False)

    def closed(self, array: AnyArray) -> TableLike:
        """``array`` as it goes out: as lists where lists came in."""
        return array.tolist() if self.as_lists else array

    def extended(self, n_new: int) -> AnyArray:
        """A new array of the original rows followed by ``n_new`` rows of unset values, in C order."""
        grown = np.empty((self.n_rows + n_new, self.n_columns), dtype=self.array.dtype)
        grown[: self.n_rows] = self.array
        return grown

    def take(self, rows: Rows) -> TableLike:
        return self.closed(self.array[rows])

    def repeat(self, rows: Rows) -> TableLike:
        grown = self.extended(len(rows))
        # 'raise', the default mode, would first write into a second copy; the rows exist
        np.take(self.array, rows, axis=0, out=grown[self.n_rows :], mode="clip")
        return self.closed(grown)

    def append(self, new: pd.DataFrame, bases: Rows) -> TableLike:
        grown = self.extended(len(bases))
        tail, dtype = grown[self.n_rows :], self.array.dtype
        for j in range(self.n_columns):
            column = new.iloc[:, j]
            tail[:, j] = column.to_numpy() if column.dtype == dtype else column.to_numpy(dtype=object)
        return self.closed(grown)

    def append_array(self, block: AnyArray) -> TableLike:
        """The array followed by ``block``, in the dtype of the array."""
        grown = self.extended(len(block))
        grown[self.n_rows :] = block
        return self.closed(grown)


@dataclass(frozen=True)
class SparseTable:
    """A csr or csc matrix or array of numbers."""

    matrix: SparseMatrix

    @property
    def n_rows(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def n_columns(self) -> int:
        return int(self.matrix.shape[1])

    def names(self) -> pd.Index | None:
        return None

    def take(self, rows: Rows) -> TableLike:
        return self.matrix.tocsr()[rows].asformat(self.matrix.format)

    def repeat(self, rows: Rows) -> TableLike:
        return self.append_matrix(self.matrix.tocsr()[rows])

    def append_matrix(self, block: SparseMatrix) -> TableLike:
        """The matrix followed by ``block``, in the same format and dtype."""
        block = block.astype(self.matrix.dtype)
        stacked = sparse.vstack([self.matrix, block], format=self.matrix.format)
        return type(self.matrix)(stacked)


@dataclass(frozen=True)
class FrameTable:
    """A pandas DataFrame; every column keeps its dtype and every original row its label."""

    data: pd.DataFrame

    @property
    def n_rows(self) -> int:
        return len(self.data)

    @property
    def n_columns(self) -> int:
        return self.data.shape[1]

    def names(self) -> pd.Index | None:
        return self.data.columns

    def frame(self) -> pd.DataFrame:
        return self.data

    def take(self, rows: Rows) -> TableLike:
        return self.data.iloc[rows]

    def repeat(self, rows: Rows) -> TableLike:
        return self.append(self.data.iloc[rows], rows)

    def append(self, new: pd.DataFrame, bases: Rows) -> TableLike:
        index = extend_index(self.data.index, len(bases))
        pairs = zip(self.data.items(), new.items(), strict=True)
        columns = {i: _unguessed(concat_series(old, made), index) for i, ((_, old), (_, made)) in enumerate(pairs)}
        grown = pd.DataFrame(columns, index=index, copy=False)
        grown.columns = self.data.columns
        grown.attrs = dict(self.data.attrs)
        return grown


@dataclass(frozen=True)
class RecordsTable:
    """A list of dicts, which need not have the same keys.

    A new dict has the keys of the row it was made from, in that order, and ``is_synthetic`` last.
    That key is bookkeeping, never a column, so rows from an earlier run can be treated again.
    """

    records: Sequence[Record]

    @property
    def n_rows(self) -> int:
        return len(self.records)

    @property
    def n_columns(self) -> int:
        return len(self.keys())

    def keys(self) -> list[str]:
        """Every key, in order of first appearance, bookkeeping aside."""
        return list(dict.fromkeys(key for record in self.records for key in record if key != SYNTHETIC_KEY))

    def names(self) -> pd.Index | None:
        return pd.Index(self.keys(), dtype=object)

    def frame(self) -> pd.DataFrame:
        columns = {}
        for key in self.keys():
            column = np.empty(self.n_rows, dtype=object)
            column[:] = [record.get(key) for record in self.records]
            columns[key] = pd.Series(column, dtype=object)
        return pd.DataFrame(columns, index=pd.RangeIndex(self.n_rows))

    def take(self, rows: Rows) -> TableLike:
        return [copy.copy(self.records[i]) for i in rows]

    def repeat(self, rows: Rows) -> TableLike:
        return [*self._originals(), *({**self.records[i], SYNTHETIC_KEY: True} for i in rows)]

    def append(self, new: pd.DataFrame, bases: Rows) -> TableLike:
        values = {key: new.iloc[:, j].tolist() for j, key in enumerate(self.keys())}
        missing = {key: new.iloc[:, j].isna().tolist() for j, key in enumerate(self.keys())}
        made: list[Record] = []
        for place, base in enumerate(bases):
            parent = self.records[base]
            row = {
                key: parent[key] if missing[key][place] else values[key][place]
                for key in parent
                if key != SYNTHETIC_KEY
            }
            made.append({**row, SYNTHETIC_KEY: True})
        return [*self._originals(), *made]

    def _originals(self) -> list[Record]:
        return [copy.copy(record) for record in self.records]


Table: TypeAlias = ArrayTable | SparseTable | FrameTable | RecordsTable | Columnar
"""An opened table; each has ``n_rows``, ``n_columns``, ``names()``, ``take(rows)`` and ``repeat(rows)``.

``take`` gives those rows, ``repeat`` the whole table followed by copies of them. All but the sparse
one have ``frame()`` and ``append(new, bases)``: the table followed by ``new``, made from ``bases``.
"""


def open_table(X: TableLike) -> Table:
    """The opened form of ``X``.

    Raises
    ------
    InvalidDataError
        If ``X`` is not a 2-D table with rows and columns, or is of a library that has no door here
        (Dask, cuDF, Modin, Spark): the message says how to convert it.
    """
    columnar = open_columnar(X)
    if columnar is not None:
        table: Table = columnar
    elif isinstance(X, pd.DataFrame):
        table = FrameTable(X)
    elif sparse.issparse(X):
        table = SparseTable(_compressed(X))
    elif isinstance(X, (list, tuple)) and X and all(isinstance(row, Mapping) for row in X):
        table = RecordsTable(X)
    else:
        table = ArrayTable(_array(X), as_lists=isinstance(X, (list, tuple)))
    if table.n_rows == 0 or table.n_columns == 0:
        raise InvalidDataError(
            f"Found array with 0 sample(s) or 0 feature(s) (shape=({table.n_rows}, {table.n_columns})) "
            "while a minimum of 1 is required."
        )
    return table


def _common(array: AnyArray) -> AnyArray:
    """``array`` in a dtype that pandas can index: floats of 32 or 64 bits, and this machine's order of bytes."""
    if array.dtype.kind == "f" and array.dtype.itemsize not in {4, 8}:
        return array.astype(np.float32 if array.dtype.itemsize == 2 else np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _compressed(X: Any) -> SparseMatrix:
    if X.format not in {"csr", "csc"}:
        raise InvalidDataError(f"Sparse X must be csr or csc; got {X.format}. Convert it with X.tocsr().")
    _refuse_complex(X.dtype)
    matrix: SparseMatrix = X
    return matrix


def _array(X: TableLike) -> AnyArray:
    refuse_foreign(X, "X")
    if isinstance(X, (list, tuple)) and any(isinstance(row, Mapping) for row in X):
        raise InvalidDataError("X is a list in which only some rows are dicts; make every row a dict.")
    if np.ma.is_masked(X):
        raise InvalidDataError("X is a masked array, and some cells are masked. Fill them: X.filled(np.nan).")
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise InvalidDataError(f"X is not a rectangular table: {error}") from error
    if array.ndim != 2:
        raise InvalidDataError(
            f"Expected 2D array, got {array.ndim}D array of shape {array.shape} instead. Reshape your data: "
            "X.reshape(-1, 1) for one feature, X.reshape(1, -1) for one sample."
        )
    _refuse_complex(array.dtype)
    return array


def _refuse_complex(dtype: np.dtype[np.generic]) -> None:
    if dtype.kind == "c":
        raise InvalidDataError(
            "Complex data not supported: complex numbers have no order. Give the real and the imaginary part a "
            "column each."
        )


def _unguessed(series: pd.Series, index: pd.Index) -> Any:
    """The values of a column, objects as a series: of an array of moments pandas would make datetime64."""
    return series.set_axis(index) if series.dtype == object else series.array


def concat_series(first: pd.Series, second: pd.Series) -> pd.Series:
    """``first`` followed by ``second``, in the dtype of ``first``."""
    if second.dtype != first.dtype:
        second = second.astype(first.dtype)
    if first.dtype == object:  # pandas would look at all-null parts; keep every object as it is
        merged = np.empty(len(first) + len(second), dtype=object)
        merged[: len(first)], merged[len(first) :] = first.to_numpy(), second.to_numpy()
        return pd.Series(merged, dtype=object)
    if isinstance(first.dtype, np.dtype) and first.dtype.kind in "biuf":
        return pd.Series(np.concatenate([first.to_numpy(), second.to_numpy()]), name=first.name)
    joined: pd.Series = pd.concat([first, second], ignore_index=True)
    return joined


def extend_index(index: pd.Index, n_new: int) -> pd.Index:
    """``index`` followed by ``n_new`` new labels that occur nowhere else.

    A range goes on, whole numbers go on after the greatest, and any other index (texts, dates, several
    levels) gets the labels ``synthetic-0``, ``synthetic-1``, ...: no moment or name is invented.
    """
    if n_new == 0:
        return index
    if isinstance(index, pd.RangeIndex):
        stop = index.start + (len(index) + n_new) * index.step
        return pd.RangeIndex(index.start, stop, index.step, name=index.name)
    if _goes_on(index, n_new):
        more = pd.Index(np.arange(n_new, dtype=_width(index)) + np.array(int(index.max()) + 1, _width(index)))
        more = more.astype(index.dtype)
        return index.append(more.rename(index.name))
    labels = _new_labels(index, n_new)
    if isinstance(index, pd.MultiIndex):
        tuples = [*index.tolist(), *((label,) * index.nlevels for label in labels)]
        return pd.MultiIndex.from_tuples(tuples, names=index.names)
    text = isinstance(index.dtype, pd.StringDtype) or str(index.dtype) == "string[pyarrow]"
    merged = np.empty(len(index) + n_new, dtype=object)
    merged[: len(index)] = index.tolist()
    merged[len(index) :] = labels
    return pd.Index(merged, dtype=index.dtype if text else object, name=index.name)


def _goes_on(index: pd.Index, n_new: int) -> bool:
    kind = getattr(index.dtype, "kind", "O")
    if kind not in "iu" or not len(index) or bool(index.hasnans):
        return False
    return int(index.max()) + n_new <= int(np.iinfo(_width(index).str).max)


def _width(index: pd.Index) -> np.dtype[np.generic]:
    """NumPy's dtype of an index of whole numbers."""
    dtype: Any = index.dtype
    width: np.dtype[np.generic] = getattr(dtype, "numpy_dtype", dtype)
    return width


def _new_labels(index: pd.Index, n_new: int) -> list[str]:
    levels = range(index.nlevels)
    taken = {label for level in levels for label in index.get_level_values(level) if isinstance(label, str)}
    labels: list[str] = []
    number = 0
    while len(labels) < n_new:
        label = f"{NEW_LABEL}{number}"
        number += 1
        if label not in taken:
            labels.append(label)
    return labels


__all__ = [
    "SYNTHETIC_KEY",
    "AnyArray",
    "ArrayTable",
    "ArrowTable",
    "FrameTable",
    "PolarsTable",
    "RecordsTable",
    "Rows",
    "SparseTable",
    "Table",
    "TableLike",
    "concat_series",
    "extend_index",
    "open_table",
]
