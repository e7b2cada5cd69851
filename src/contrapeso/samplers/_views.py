"""What an interpolating sampler sees of a table: numbers as float64, atoms as codes, and the way back.

Views with one interface: plain numeric arrays go straight through, csr/csc matrices are made dense
class by class, everything else (frames, records, object arrays) goes through column encoders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from contrapeso.errors import InvalidDataError
from contrapeso.kernels import interpolate
from contrapeso.kernels._rows import between
from contrapeso.samplers._drawn import Drawn
from contrapeso.tables._codec import AtomColumn, number_column
from contrapeso.tables._containers import AnyArray, ArrayTable, Rows, SparseMatrix, SparseTable, Table, TableLike
from contrapeso.tables._infer import family_of, infer_column
from contrapeso.tables._numbers import EXACT_WHOLE, DecimalColumn, FloatColumn, NumberColumn, WholeColumn, null_form

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]

IN_PLACE = (np.dtype(np.float64), np.dtype(np.float32))
"""Dtypes whose new rows are written straight into the result."""

DENSE_CELLS = 2**26
"""Most cells of one class of a sparse matrix that are made dense (half a gigabyte)."""

GREATEST = 2.0**1000
"""Greatest number: above it, sums of a column and differences of two numbers may be infinite."""

CHUNK_CELLS = 2**20
"""Cells of new rows of a sparse matrix that are made dense at once."""


class CellTypeError(InvalidDataError, TypeError):
    """A cell of an array that is a table of its own."""


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

    def extended(self, drawn: Drawn) -> TableLike:
        """The table followed by the rows ``drawn`` on lines between rows of it."""


@dataclass(frozen=True)
class ArrayView:
    """A numeric array; floats keep their width, whole numbers are rounded half to even."""

    table: ArrayTable
    n_jobs: int | None = None

    @property
    def scales(self) -> FloatArray:
        return np.ones(self.table.n_columns)

    def numbers(self, rows: Rows) -> FloatArray:
        array = self.table.array
        if len(rows) == len(array) and np.array_equal(rows, np.arange(len(array))):
            whole = array.astype(np.float64, copy=False).view()  # all rows: no copy, and nobody may write into it
            whole.flags.writeable = False
            return whole
        return array[rows].astype(np.float64, copy=False)

    def codes(self, rows: Rows) -> Codes:
        return np.empty((len(rows), 0), dtype=np.int32)

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:  # noqa: ARG002  (the interface)
        return self.table.append_array(_cast(numbers, self.table.array.dtype))

    def extended(self, drawn: Drawn) -> TableLike:
        array, n = self.table.array, self.table.n_rows
        if array.dtype not in IN_PLACE:
            first, second = self.numbers(drawn.bases), self.numbers(drawn.neighbors)
            return self.append(between(first, second, drawn.gaps), self.codes(drawn.bases), drawn.bases)
        out = self.table.extended(len(drawn))
        interpolate(array, drawn.bases, drawn.neighbors, drawn.gaps, out[n:], n_jobs=self.n_jobs)
        return self.table.closed(out)


@dataclass(frozen=True)
class SparseView:
    """A csr or csc matrix; the rows asked for are made dense, the answer is sparse again."""

    table: SparseTable

    @property
    def scales(self) -> FloatArray:
        return np.ones(self.table.n_columns)

    def numbers(self, rows: Rows) -> FloatArray:
        return _dense(self.table.matrix, rows)

    def codes(self, rows: Rows) -> Codes:
        return np.empty((len(rows), 0), dtype=np.int32)

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:  # noqa: ARG002  (the interface)
        return self.table.append_matrix(sparse.csr_array(_cast(numbers, self.table.matrix.dtype)))

    def extended(self, drawn: Drawn) -> TableLike:
        made = _on_lines(self.table.matrix, drawn)
        made.data = _cast(made.data, self.table.matrix.dtype)
        made.eliminate_zeros()
        return self.table.append_matrix(made)


@dataclass(frozen=True)
class SparseAtomsView:
    """A csr or csc matrix in which the columns ``atom_columns`` (by position) hold categories written as numbers."""

    table: SparseTable
    atom_columns: dict[int, AtomColumn]

    @cached_property
    def amounts(self) -> sparse.csr_array:
        """The columns of numbers."""
        return sparse.csr_array(self.table.matrix[:, self._places[: -len(self.atom_columns)]])

    @cached_property
    def every_code(self) -> Codes:
        """Codes of all rows."""
        columns = [_column(self.table, j) for j in self.atom_columns]
        return np.column_stack([a.encode(c) for a, c in zip(self.atom_columns.values(), columns, strict=True)])

    @property
    def _places(self) -> list[int]:
        """Positions of the columns of numbers, then those of categories."""
        return [*(j for j in range(self.table.n_columns) if j not in self.atom_columns), *self.atom_columns]

    @property
    def scales(self) -> FloatArray:
        return np.ones(self.table.n_columns - len(self.atom_columns))

    def numbers(self, rows: Rows) -> FloatArray:
        return _dense(self.amounts, rows)

    def codes(self, rows: Rows) -> Codes:
        return np.asarray(self.every_code[rows])

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:  # noqa: ARG002  (the interface)
        return self._joined(sparse.csr_array(_cast(numbers, self.table.matrix.dtype)), codes)

    def extended(self, drawn: Drawn) -> TableLike:
        made = _on_lines(self.amounts, drawn)
        made.data = _cast(made.data, self.table.matrix.dtype)
        return self._joined(made, self.codes(drawn.bases) if drawn.codes is None else drawn.codes)

    def _joined(self, numbers: sparse.csr_array, codes: Codes) -> TableLike:
        atoms = [atom.decode(codes[:, i]).to_numpy() for i, atom in enumerate(self.atom_columns.values())]
        both = sparse.hstack([numbers, sparse.csr_array(np.column_stack(atoms))], format="csc")
        made = sparse.csr_array(both[:, np.argsort(self._places)])
        made.eliminate_zeros()
        return self.table.append_matrix(made)


@dataclass(frozen=True)
class ColumnView:
    """Columns with encoders of their own: ``number_columns`` and ``atom_columns`` by position."""

    table: Table
    frame: pd.DataFrame
    number_columns: dict[int, NumberColumn]
    atom_columns: dict[int, AtomColumn]
    n_jobs: int | None = None

    @cached_property
    def _columns(self) -> list[pd.Series]:
        """The columns, each taken out of the frame once."""
        return [column for _, column in self.frame.items()]

    @property
    def scales(self) -> FloatArray:
        return np.array([column.scale for column in self.number_columns.values()])

    def numbers(self, rows: Rows) -> FloatArray:
        columns = [column.encode(self._columns[j].take(rows)) for j, column in self.number_columns.items()]
        return np.column_stack(columns) if columns else np.empty((len(rows), 0))

    def codes(self, rows: Rows) -> Codes:
        columns = [column.encode(self._columns[j].take(rows)) for j, column in self.atom_columns.items()]
        return np.column_stack(columns) if columns else np.empty((len(rows), 0), dtype=np.int32)

    def extended(self, drawn: Drawn) -> TableLike:
        place = np.zeros(self.table.n_rows, dtype=np.int64)
        place[drawn.bases], place[drawn.neighbors] = 1, 1
        parents = np.flatnonzero(place)
        place[parents] = np.arange(len(parents))
        known = self.numbers(parents)  # a parent of many rows is encoded once
        numbers = np.empty((len(drawn), known.shape[1]))
        interpolate(known, place[drawn.bases], place[drawn.neighbors], drawn.gaps, numbers, n_jobs=self.n_jobs)
        codes = self.codes(drawn.bases) if drawn.codes is None else drawn.codes
        return self.append(numbers, codes, drawn.bases)

    def append(self, numbers: FloatArray, codes: Codes, bases: Rows) -> TableLike:
        parts = {j: c.decode(numbers[:, i]) for i, (j, c) in enumerate(self.number_columns.items())}
        parts |= {j: c.decode(codes[:, i]) for i, (j, c) in enumerate(self.atom_columns.items())}
        new = pd.DataFrame({j: parts[j] for j in range(self.frame.shape[1])}, index=pd.RangeIndex(len(bases)))
        if isinstance(self.table, SparseTable):
            raise TypeError("a sparse table has no column view")
        return self.table.append(new, bases)


def _dense(matrix: SparseMatrix, rows: Rows) -> FloatArray:
    """Rows of a sparse matrix with their zeros written out."""
    _refuse_wide(len(rows), matrix.shape[1])
    dense: FloatArray = matrix.tocsr()[rows].toarray().astype(np.float64)
    return dense


def _refuse_wide(n_rows: int, n_columns: int) -> None:
    if n_rows * n_columns > DENSE_CELLS:
        raise InvalidDataError(
            f"{n_rows} rows x {n_columns} sparse columns are more numbers to interpolate than the "
            f"limit of {DENSE_CELLS}. Reduce the columns (TruncatedSVD), or use RandomOverSampler, which keeps "
            "the matrix sparse."
        )


def _column(table: SparseTable, j: int) -> pd.Series:
    """One column of a sparse matrix with its zeros written out."""
    return pd.Series(table.matrix[:, [j]].toarray()[:, 0])


def _on_lines(matrix: SparseMatrix, drawn: Drawn) -> sparse.csr_array:
    """Points as of :func:`between`, to the bit; nothing is made dense unless a number is missing or a line left."""
    source = sparse.csr_array(matrix).astype(np.float64)
    if bool(np.isnan(source.data).any() or (drawn.gaps < 0.0).any() or (drawn.gaps > 1.0).any()):
        return _on_dense_lines(source, drawn)
    first, second = source[drawn.bases], source[drawn.neighbors]
    near, far = (sparse.dia_array((share[None, :], [0]), shape=(len(share),) * 2) for share in _shares(drawn))
    point = sparse.csr_array(near @ first + far @ second)
    held = point.maximum(first.minimum(second)).minimum(first.maximum(second))
    held.data += 0.0
    return sparse.csr_array(held)


def _shares(drawn: Drawn) -> tuple[FloatArray, FloatArray]:
    return 1.0 - drawn.gaps, drawn.gaps


def _on_dense_lines(source: sparse.csr_array, drawn: Drawn) -> sparse.csr_array:
    """The same a few rows at a time, each with its zeros."""
    step = max(1, CHUNK_CELLS // max(1, source.shape[1]))
    parts = [sparse.csr_array((0, source.shape[1]))]
    for start in range(0, len(drawn), step):
        part = slice(start, start + step)
        first, second = source[drawn.bases[part]].toarray(), source[drawn.neighbors[part]].toarray()
        parts.append(sparse.csr_array(between(first, second, drawn.gaps[part])))
    return sparse.csr_array(sparse.vstack(parts, format="csr"))


def _cast(numbers: FloatArray, dtype: np.dtype[np.generic]) -> AnyArray:
    """``numbers`` in ``dtype``: whole dtypes are rounded half to even and kept within their limits."""
    if dtype.kind in "iu":
        info = np.iinfo(dtype.str)
        return np.clip(np.rint(numbers), max(info.min, -EXACT_WHOLE), min(info.max, EXACT_WHOLE)).astype(dtype)
    if dtype.kind == "b":
        return np.rint(np.clip(numbers, 0, 1)).astype(bool)
    return numbers.astype(dtype)


def categorical_by_schema(table: Table) -> list[int]:
    """Positions of the columns that hold categories: in a table with column names, what is neither number nor date.

    An array has no names and no schema: none of its columns are taken for categories unless somebody says so.
    """
    names = table.names()
    if names is None or isinstance(table, SparseTable):
        return []
    return [j for j, (name, column) in enumerate(table.frame().items()) if is_categorical(column, str(name))]


def is_categorical(series: pd.Series, name: str) -> bool:
    """Whether the column holds categories: booleans, and whatever does not hold numbers or dates."""
    family = family_of(series, name)
    if family == "text":
        return infer_column(series, name).kind != "datetime"
    return family in {"bool", "category", "mixed", "empty"}


def open_view(
    table: Table, categorical: Sequence[int], *, method: str, n_jobs: int | None = None, grid: bool = True
) -> View:
    """View of ``table`` with the columns ``categorical`` (positions) as atoms and all others as numbers.

    Floats of a table with a schema stay on their decimals where ``grid`` is true.

    Raises
    ------
    InvalidDataError
        If another column does not hold numbers or dates, or a number is infinite or too large to interpolate.
    CellTypeError
        If a cell of an array is a dict, a list or an array.
    """
    if isinstance(table, SparseTable):
        _refuse_infinite(table.matrix.data, "X")
        _refuse_inexact(table.matrix.data)
        return _sparse_view(table, categorical)
    if isinstance(table, ArrayTable) and not categorical and _is_plain(table.array):
        _refuse_infinite(table.array, "X")
        return ArrayView(table, n_jobs)
    if isinstance(table, ArrayTable) and table.array.dtype == object:
        refuse_tables(table.array)
    frame, chosen = table.frame(), set(categorical)
    names, columns = [str(label) for label in frame.columns], [column for _, column in frame.items()]
    atoms = {j: _atom(columns[j], names[j]) for j in sorted(chosen)}
    found = {
        j: _number(columns[j], names[j], grid=grid and not isinstance(table, ArrayTable))
        for j in range(frame.shape[1])
        if j not in chosen
    }
    _refuse_atoms(frame, [j for j, column in found.items() if column is None], method)
    numbers = {j: column for j, column in found.items() if column is not None}
    for j, column in numbers.items():
        if isinstance(column, (FloatColumn, DecimalColumn)):
            _refuse_infinite(column.encode(columns[j]), f"Column {names[j]!r}")
        if isinstance(column, WholeColumn) and not column.is_exact:
            raise InvalidDataError(
                f"Column {names[j]!r} holds whole numbers more than 2**53 apart, which cannot be interpolated exactly. "
                "Such numbers are names rather than amounts: make the column categorical, or drop it.",
                {"column": names[j]},
            )
    return ColumnView(table, frame, numbers, atoms, n_jobs)


def _sparse_view(table: SparseTable, categorical: Sequence[int]) -> View:
    if not categorical:
        return SparseView(table)
    _refuse_wide(table.n_rows, len(categorical))
    return SparseAtomsView(table, {j: _atom(_column(table, j), str(j)) for j in sorted(categorical)})


def _refuse_inexact(values: AnyArray) -> None:
    if values.size and not _is_plain(values):
        raise InvalidDataError(
            "X holds whole numbers beyond 2**53, which cannot be interpolated exactly. Such numbers are names rather "
            "than amounts: drop their column."
        )


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


def _atom(series: pd.Series, name: str) -> AtomColumn:
    """Encoder of a column of categories."""
    try:
        return AtomColumn.of(series, name)
    except (TypeError, NotImplementedError) as error:  # lists, dicts: pandas and Arrow have no distinct values of them
        raise InvalidDataError(
            f"Column {name!r} ({series.dtype}) holds values that cannot be told apart as categories: {error}. "
            "Drop the column, or convert it to numbers, text, dates or a category.",
            {"column": name},
        ) from error


def refuse_tables(array: AnyArray) -> None:
    """Say which cell of an array of objects is a table of its own."""
    for (row, column), cell in np.ndenumerate(array):
        if isinstance(cell, (dict, list, set, np.ndarray)):
            raise CellTypeError(
                f"Each cell of the argument must be a string, a date or a number; row {row}, column {column} holds a "
                f"{type(cell).__name__}. Spread it over columns of its own.",
                {"row": row, "column": str(column)},
            )


def _refuse_atoms(frame: pd.DataFrame, places: list[int], method: str) -> None:
    """Say which columns are no numbers: by name, or by position where the name is no text."""
    if not places:
        return
    names = [label if isinstance(label := frame.columns[j], str) else j for j in places]
    way_out = (
        "Name them in categorical_features."
        if method == "SMOTENC"
        else f"Use SMOTENC(categorical_features={names}), which keeps categories whole, or drop them."
    )
    raise InvalidDataError(
        f"{method} needs numbers, and these columns do not hold numbers or dates: "
        f"{', '.join(map(repr, names))}. {way_out}",
        {"columns": [str(name) for name in names]},
    )


def _refuse_infinite(values: AnyArray, what: str) -> None:
    if values.dtype.kind != "f":
        return
    low, high = (float(extreme.reduce(values, axis=None, initial=0.0)) for extreme in (np.fmin, np.fmax))
    if low >= -GREATEST and high <= GREATEST:
        return
    if bool(np.isinf(values).any()):
        raise InvalidDataError(
            f"{what} contains infinity ({int(np.isinf(values).sum())} values), to which there is no distance. "  # noqa: S608
            "Replace infinities by missing values or by a bound."
        )
    raise InvalidDataError(
        f"{what} contains numbers beyond {GREATEST:.0e}, whose sums and differences are no floats. Divide them by a "
        "constant."
    )


__all__ = ["View", "categorical_by_schema", "is_categorical", "open_view", "refuse_tables"]
