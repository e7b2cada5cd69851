"""What an interpolating sampler sees of a table: numbers as float64, atoms as codes, and the way back.

Three views, one interface: plain numeric arrays go straight through, csr/csc matrices are made dense
class by class, everything else (frames, records, object arrays) goes through column encoders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from contrapeso.errors import InvalidDataError
from contrapeso.tables._codec import AtomColumn, number_column
from contrapeso.tables._containers import AnyArray, ArrayTable, Rows, SparseTable, Table, TableLike
from contrapeso.tables._infer import family_of
from contrapeso.tables._numbers import EXACT_WHOLE, FloatColumn, NumberColumn, WholeColumn, null_form

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]

DENSE_CELLS = 2**26
"""Most cells of one class of a sparse matrix that are made dense (half a gigabyte)."""


class View(Protocol):
    """The rows of a table as numbers and codes."""

    @property
    def scales(self) -> FloatArray:
        """Factor of each number column from its units to distance units."""

    def numbers(self, rows: Rows) -> FloatArray:
        """Numbers of ``rows``, shape (len(rows), p), NaN for null."""

    def codes(self, rows: Rows) -> Codes:
        """Codes of ``rows``, shape (len(rows), q), -1 for null."""

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:
        """The table followed by new rows made of these numbers and codes from ``bases``."""


@dataclass(frozen=True)
class ArrayView:
    """A numeric array; floats keep their width, whole numbers are rounded half to even."""

    table: ArrayTable

    @property
    def scales(self) -> FloatArray:
        return np.ones(self.table.n_columns)

    def numbers(self, rows: Rows) -> FloatArray:
        return self.table.array[rows].astype(np.float64)

    def codes(self, rows: Rows) -> Codes:
        return np.empty((len(rows), 0), dtype=np.int32)

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:  # noqa: ARG002  (the interface)
        return self.table.append_array(_cast(numbers, self.table.array.dtype))


@dataclass(frozen=True)
class SparseView:
    """A csr or csc matrix; the rows asked for are made dense, the answer is sparse again."""

    table: SparseTable

    @property
    def scales(self) -> FloatArray:
        return np.ones(self.table.n_columns)

    def numbers(self, rows: Rows) -> FloatArray:
        if len(rows) * self.table.n_columns > DENSE_CELLS:
            raise InvalidDataError(
                f"{len(rows)} rows x {self.table.n_columns} sparse columns are more numbers to interpolate than the "
                f"limit of {DENSE_CELLS}. Reduce the columns (TruncatedSVD), or use RandomOverSampler, which keeps "
                "the matrix sparse."
            )
        dense: FloatArray = self.table.matrix.tocsr()[rows].toarray().astype(np.float64)
        return dense

    def codes(self, rows: Rows) -> Codes:
        return np.empty((len(rows), 0), dtype=np.int32)

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:  # noqa: ARG002  (the interface)
        return self.table.append_matrix(sparse.csr_array(_cast(numbers, self.table.matrix.dtype)))


@dataclass(frozen=True)
class ColumnView:
    """Columns with encoders of their own: ``number_columns`` and ``atom_columns`` by position."""

    table: Table
    frame: pd.DataFrame
    number_columns: dict[int, NumberColumn]
    atom_columns: dict[int, AtomColumn]

    @property
    def scales(self) -> FloatArray:
        return np.array([column.scale for column in self.number_columns.values()])

    def numbers(self, rows: Rows) -> FloatArray:
        columns = [column.encode(self.frame.iloc[rows, j]) for j, column in self.number_columns.items()]
        return np.column_stack(columns) if columns else np.empty((len(rows), 0))

    def codes(self, rows: Rows) -> Codes:
        columns = [column.encode(self.frame.iloc[rows, j]) for j, column in self.atom_columns.items()]
        return np.column_stack(columns) if columns else np.empty((len(rows), 0), dtype=np.int32)

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:
        parts = {j: c.decode(numbers[:, i]) for i, (j, c) in enumerate(self.number_columns.items())}
        parts |= {j: c.decode(codes[:, i]) for i, (j, c) in enumerate(self.atom_columns.items())}
        new = pd.DataFrame({j: parts[j] for j in range(self.frame.shape[1])}, index=pd.RangeIndex(len(bases)))
        if isinstance(self.table, SparseTable):
            raise TypeError("a sparse table has no column view")
        return self.table.append(new, bases)


def _cast(numbers: FloatArray, dtype: np.dtype[np.generic]) -> AnyArray:
    """``numbers`` in ``dtype``: whole dtypes are rounded half to even and kept within their limits."""
    if dtype.kind in "iu":
        info = np.iinfo(dtype.str)
        return np.clip(np.rint(numbers), max(info.min, -EXACT_WHOLE), min(info.max, EXACT_WHOLE)).astype(dtype)
    if dtype.kind == "b":
        return np.rint(np.clip(numbers, 0, 1)).astype(bool)
    return numbers.astype(dtype)


def open_view(table: Table, categorical: Sequence[int], *, method: str) -> View:
    """View of ``table`` with the columns ``categorical`` (positions) as atoms and all others as numbers.

    Raises
    ------
    InvalidDataError
        If another column does not hold numbers or dates, or a number is infinite or too large to interpolate.
    """
    if isinstance(table, SparseTable):
        _refuse_infinite(table.matrix.data, "X")
        return SparseView(table)
    if isinstance(table, ArrayTable) and not categorical and _is_plain(table.array):
        _refuse_infinite(table.array, "X")
        return ArrayView(table)
    frame, chosen = table.frame(), set(categorical)
    names = [str(label) for label in frame.columns]
    atoms = {j: AtomColumn.of(frame.iloc[:, j], names[j]) for j in sorted(chosen)}
    found = {
        j: _number(frame.iloc[:, j], names[j], grid=not isinstance(table, ArrayTable))
        for j in range(frame.shape[1])
        if j not in chosen
    }
    _refuse_atoms([names[j] for j, column in found.items() if column is None], method)
    numbers = {j: column for j, column in found.items() if column is not None}
    for j, column in numbers.items():
        if isinstance(column, FloatColumn):
            _refuse_infinite(column.encode(frame.iloc[:, j]), f"Column {names[j]!r}")
        if isinstance(column, WholeColumn) and not column.is_exact:
            raise InvalidDataError(
                f"Column {names[j]!r} holds whole numbers more than 2**53 apart, which cannot be interpolated exactly. "
                "Such numbers are names rather than amounts: make the column categorical, or drop it.",
                {"column": names[j]},
            )
    return ColumnView(table, frame, numbers, atoms)


def _is_plain(array: AnyArray) -> bool:
    """Whether float64 holds every value of ``array`` exactly."""
    if array.dtype.kind == "f":
        return array.dtype.itemsize <= 8
    wide = array.dtype.kind in "iu" and array.dtype.itemsize == 8
    return array.dtype.kind in "biu" and not (
        wide and (int(array.max()) > EXACT_WHOLE or int(array.min()) < -EXACT_WHOLE)
    )


def _number(series: pd.Series, name: str, *, grid: bool) -> NumberColumn | None:
    """Encoder of a number column, or of one without any value; an array has no schema, so its floats have no grid."""
    family = family_of(series, name)
    if family == "empty" or (not grid and family == "float"):
        return FloatColumn(name, series.dtype, null=null_form(series))
    return number_column(series.rename(name))


def _refuse_atoms(names: list[str], method: str) -> None:
    if not names:
        return
    way_out = (
        "Name them in categorical_features."
        if method == "SMOTENC"
        else f"Use SMOTENC(categorical_features={names}), which keeps categories whole, or drop them."
    )
    raise InvalidDataError(
        f"{method} needs numbers, and these columns do not hold numbers or dates: "
        f"{', '.join(map(repr, names))}. {way_out}",
        {"columns": names},
    )


def _refuse_infinite(values: AnyArray, what: str) -> None:
    if values.dtype.kind == "f" and bool(np.isinf(values).any()):
        raise InvalidDataError(
            f"{what} contains infinity ({int(np.isinf(values).sum())} values), to which there is no distance. "  # noqa: S608
            "Replace infinities by missing values or by a bound."
        )


__all__ = ["View", "open_view"]
