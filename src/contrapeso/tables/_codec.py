"""Whole tables as arrays and back: numbers as float64, atoms as int32 codes, nothing lost on the way.

``decode(encode(frame))`` is ``frame``. Between the two, a sampler or generator may change the
numbers and pick other codes, and the decoded table still keeps its schema: whole numbers whole,
amounts on cents, dates on their step and in their text form, atoms among those seen at ``fit``.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._infer import Family, category_values, family_of, infer_column
from contrapeso.tables._numbers import (
    EXACT_WHOLE,
    DecimalColumn,
    Dtype,
    FloatArray,
    FloatColumn,
    NumberColumn,
    WholeColumn,
    null_form,
    nulls,
    on_grid,
    plain_floats,
    time_column,
)
from contrapeso.tables._schema import NUMBER_KINDS, Column, Schema

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class EncodedRows:
    """A table as arrays.

    ``numeric`` is float64 of shape (n, p) with NaN for null, ``codes`` int32 of shape (n, q) with -1 for null.
    """

    numeric: FloatArray
    codes: Codes

    def __post_init__(self) -> None:
        if self.numeric.ndim != 2 or self.codes.ndim != 2 or len(self.numeric) != len(self.codes):
            raise InvalidDataError(
                f"EncodedRows needs two 2-D arrays of as many rows; got {self.numeric.shape} and {self.codes.shape}."
            )

    def __len__(self) -> int:
        return len(self.numeric)


@dataclass(frozen=True)
class AtomColumn:
    """A column of atoms as codes of the values seen at ``fit``, in category order."""

    name: str
    dtype: Dtype
    values: tuple[object, ...]
    null: object

    @classmethod
    def of(cls, series: pd.Series, name: str) -> AtomColumn:
        """Encoder of the atoms of ``series``."""
        return cls(name, series.dtype, tuple(category_values(series)), null_form(series))

    def encode(self, series: pd.Series) -> Codes:
        """Code of every value, -1 for null."""
        gone = nulls(series)
        codes = np.full(len(series), -1, dtype=np.int32)
        codes[~gone] = self._codes(series[~gone])
        unseen = (codes < 0) & ~gone
        if unseen.any():
            raise InvalidDataError(
                f"Column {self.name!r}: {int(unseen.sum())} values, the first in row {int(np.argmax(unseen))}, "
                "were not seen when the codec was fitted. Fit it on a table that holds every category.",
                {"column": self.name, "n_unseen": int(unseen.sum())},
            )
        return codes

    def _codes(self, present: pd.Series) -> Codes:
        if present.dtype == np.float16:  # pandas has no index of them
            present = present.astype(np.float32)
        boxed = present.dtype == object or isinstance(present.dtype, pd.CategoricalDtype) or _is_arrow_time(present)
        if not boxed or self._is_text():
            wanted = present.astype(object) if self._is_text() else present
            return pd.Index(self.values).get_indexer(pd.Index(wanted)).astype(np.int32)
        table = {(type(v), v): i for i, v in enumerate(self.values)}  # 1, True and 1.0 are three atoms
        return np.array([table.get((type(v), v), -1) for v in present], dtype=np.int32)

    def _is_text(self) -> bool:
        return all(isinstance(v, str) for v in self.values)

    def decode(self, codes: Codes) -> pd.Series:
        """Values of ``codes`` in the column's dtype."""
        if len(codes) and (int(codes.max()) >= len(self.values) or int(codes.min()) < -1):
            raise InvalidDataError(
                f"Column {self.name!r} has the codes -1 (null) to {len(self.values) - 1}; got "
                f"{int(codes.min())} to {int(codes.max())}.",
                {"column": self.name},
            )
        self._refuse_null(codes)
        atoms = np.empty(len(self.values) + 1, dtype=object)
        atoms[:-1] = self.values
        atoms[-1] = self.null  # code -1 reads the last place
        return pd.Series(atoms[codes], dtype=object).astype(self.dtype)

    def _refuse_null(self, codes: Codes) -> None:
        if isinstance(self.dtype, np.dtype) and self.dtype.kind in "biu" and bool((codes < 0).any()):
            raise InvalidDataError(
                f"Column {self.name!r} is {self.dtype}, which has no null, and {int((codes < 0).sum())} codes are -1.",
                {"column": self.name},
            )


def _is_arrow_time(series: pd.Series) -> bool:
    """Whether pandas reads a moment out of it as another type than an index of the same moments has."""
    return isinstance(series.dtype, pd.ArrowDtype) and series.dtype.kind in "mM"


class RowCodec:
    """Reversible encoder of a table under a :class:`Schema`.

    Kinds ``continuous``, ``integer``, ``money`` and ``datetime`` go to ``numeric``; ``boolean``,
    ``categorical``, ``ordinal``, ``text`` and ``identifier`` to ``codes``. A number column that
    float64 cannot hold exactly (whole numbers more than 2**53 apart) goes to ``codes`` too.

    Attributes
    ----------
    numeric_names_, code_names_ : tuple of str
        Columns of ``EncodedRows.numeric`` and ``EncodedRows.codes``, in table order.
    categories_ : dict of str to tuple
        Values behind the codes of each column of ``code_names_``.

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.tables import RowCodec, infer_schema
    >>> frame = pd.DataFrame({"parcelas": [1, 3, 7], "tipo": ["pix", "boleto", "pix"]})
    >>> codec = RowCodec().fit(frame, infer_schema(frame))
    >>> rows = codec.encode(frame)
    >>> rows.numeric.ravel().tolist(), rows.codes.ravel().tolist()
    ([1.0, 3.0, 7.0], [1, 0, 1])
    >>> codec.decode(rows).equals(frame)
    True
    """

    schema_: Schema
    numeric_names_: tuple[str, ...]
    code_names_: tuple[str, ...]
    categories_: dict[str, tuple[object, ...]]
    _labels: list[Hashable]
    _columns: pd.Index
    _numbers: dict[str, NumberColumn]
    _atoms: dict[str, AtomColumn]

    def fit(self, frame: pd.DataFrame, schema: Schema) -> Self:
        """Learn grids, formats and categories from ``frame``; the schema must name its columns in order."""
        _check_names(frame, schema)
        self.schema_, self._columns = schema, frame.columns
        self._numbers, self._atoms = {}, {}
        for i, column in enumerate(schema):
            series = frame.iloc[:, i]
            number = _exact_number(series, column) if column.kind in NUMBER_KINDS else None
            if number is None:
                self._atoms[column.name] = AtomColumn.of(series, column.name)
            else:
                self._numbers[column.name] = number
        self.numeric_names_, self.code_names_ = tuple(self._numbers), tuple(self._atoms)
        self.categories_ = {name: atom.values for name, atom in self._atoms.items()}
        return self

    def encode(self, frame: pd.DataFrame) -> EncodedRows:
        """Arrays of ``frame``, which has the columns the codec was fitted on.

        Raises
        ------
        InvalidDataError
            If columns differ, or a category was not seen at ``fit``.
        """
        _check_names(frame, self.schema_)
        numeric, codes = np.empty((len(frame), len(self._numbers))), np.empty((len(frame), len(self._atoms)), np.int32)
        place = {name: i for i, name in enumerate(self.schema_.names)}
        for j, (name, number) in enumerate(self._numbers.items()):
            numeric[:, j] = number.encode(frame.iloc[:, place[name]])
        for j, (name, atom) in enumerate(self._atoms.items()):
            codes[:, j] = atom.encode(frame.iloc[:, place[name]])
        return EncodedRows(numeric, codes)

    def decode(self, rows: EncodedRows) -> pd.DataFrame:
        """The table of ``rows``: same dtypes, names and column order; the index is 0, 1, 2, ..."""
        expected = (len(self._numbers), len(self._atoms))
        if (rows.numeric.shape[1], rows.codes.shape[1]) != expected:
            raise InvalidDataError(
                f"The codec has {expected[0]} number and {expected[1]} code columns; got "
                f"{rows.numeric.shape[1]} and {rows.codes.shape[1]}."
            )
        parts = {name: number.decode(rows.numeric[:, j]) for j, (name, number) in enumerate(self._numbers.items())}
        parts |= {name: atom.decode(rows.codes[:, j]) for j, (name, atom) in enumerate(self._atoms.items())}
        ordered = {i: parts[name] for i, name in enumerate(self.schema_.names)}
        frame = pd.DataFrame(ordered, index=pd.RangeIndex(len(rows)))
        frame.columns = self._columns
        return frame


def _check_names(frame: pd.DataFrame, schema: Schema) -> None:
    names = tuple(str(label) for label in frame.columns)
    if names != schema.names:
        raise InvalidDataError(
            f"The table has the columns {list(names)} and the schema {list(schema.names)}. "
            "Infer the schema from this table, or bring its columns into the schema's order.",
        )


def _exact_number(series: pd.Series, column: Column) -> NumberColumn | None:
    """Encoder of a number column, or None where float64 cannot give every value back."""
    number = number_column(series, column)
    if number is None:
        return None
    gone, back = nulls(series), number.decode(number.encode(series))
    same = bool(np.array_equal(nulls(back), gone)) and _same(back[~gone], series[~gone])
    return number if same else None


def _same(left: pd.Series, right: pd.Series) -> bool:
    return bool(np.all(np.asarray(left.astype(object)) == np.asarray(right.astype(object))))


def number_column(  # noqa: PLR0911  (one return per family)
    series: pd.Series, column: Column | None = None
) -> NumberColumn | None:
    """Encoder of ``series`` if it holds numbers or moments, else None.

    ``column`` gives its grid and format; without one they are inferred.
    """
    name = str(series.name) if column is None else column.name
    family = family_of(series, name)
    if family in {"bool", "whole"}:
        return _whole_column(series, name, family)
    if column is None:
        column = infer_column(series, name)
    if family == "time" or (family == "text" and column.format is not None):
        return time_column(series, column.format, name)
    if family == "decimal":
        return DecimalColumn(name, series.dtype, column.decimals or 0, null_form(series))
    if family == "float" and column.kind == "integer":
        return _whole_column(series, name, family)
    if family == "float":
        return _float_column(series, name, column)
    if family == "empty" and column.kind in {"continuous", "integer", "money"}:
        return FloatColumn(name, series.dtype, null=null_form(series))
    return None


def _float_column(series: pd.Series, name: str, column: Column) -> FloatColumn:
    decimals = column.decimals if column.kind in {"continuous", "money"} else None
    if decimals is None:
        return FloatColumn(name, series.dtype, null=null_form(series))
    floats = plain_floats(series)
    floats = floats[~np.isnan(floats)]
    off = np.unique(floats[_narrow(on_grid(floats, decimals), series) != floats])
    return FloatColumn(name, series.dtype, decimals, off if len(off) else None, null_form(series))


def _narrow(values: FloatArray, series: pd.Series) -> FloatArray:
    """``values`` rounded to the width of the column."""
    dtype = series.dtype
    return values.astype(dtype).astype(np.float64) if isinstance(dtype, np.dtype) and dtype.kind == "f" else values


def _whole_column(series: pd.Series, name: str, family: Family) -> WholeColumn | None:
    present = series[~nulls(series)]
    python: type[float] | None = None
    if series.dtype == object:
        python = {"bool": bool, "float": float}.get(family, int)
    if family == "bool":
        return WholeColumn(name, series.dtype, 0, 1, python=python, null=null_form(series))
    low, high = _limits(series.dtype)
    least, most = (int(present.min()), int(present.max())) if len(present) else (0, 0)
    origin = least if max(abs(least), abs(most)) > EXACT_WHOLE else 0
    low, high = max(low, min(least, origin - EXACT_WHOLE)), min(high, max(most, origin + EXACT_WHOLE))
    return WholeColumn(name, series.dtype, low, high, origin, python, null_form(series))


def _limits(dtype: Dtype) -> tuple[int, int]:
    """Least and greatest whole number of ``dtype`` (of int64 where it has none of its own)."""
    inner = cast(Any, dtype).subtype if isinstance(dtype, pd.SparseDtype) else dtype
    inner = inner if isinstance(inner, np.dtype) else getattr(inner, "numpy_dtype", np.dtype(np.int64))
    if isinstance(inner, np.dtype) and inner.kind in "iu":
        info = np.iinfo(inner)
        return int(info.min), int(info.max)
    if isinstance(inner, np.dtype) and inner.kind == "f":
        return -EXACT_WHOLE, EXACT_WHOLE
    if str(dtype) == "object":  # Python's whole numbers have no limit
        return -(2**1000), 2**1000
    info64 = np.iinfo(np.int64)
    return int(info64.min), int(info64.max)


__all__ = ["AtomColumn", "EncodedRows", "RowCodec", "number_column"]
