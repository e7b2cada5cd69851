"""Rows of any container as columns of plain Python values, with the keys that each row had."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError

if TYPE_CHECKING:
    import pyarrow as pa

Key = Hashable
"""Name of a column as the caller wrote it; mostly a text."""


@dataclass(frozen=True)
class Box:
    """The rows as they came, column by column.

    Attributes
    ----------
    n_rows : rows, those that are no row included
    columns : values by key, in the order in which the keys first appear; None where a row lacks the key
    shapes : distinct sequences of keys
    shape_of : int64, shape (n_rows,); which of them a row has, -1 where it is no row
    strangers : type of what came in place of a row, by its place
    """

    n_rows: int
    columns: dict[Key, list[object]]
    shapes: tuple[tuple[Key, ...], ...]
    shape_of: NDArray[np.int64]
    strangers: dict[int, str] = field(default_factory=dict)

    @property
    def commonest_shape(self) -> int:
        """The sequence of keys that most rows have; -1 where there is no row."""
        counts = np.bincount(self.shape_of[self.shape_of >= 0], minlength=len(self.shapes))
        return int(counts.argmax()) if len(counts) else -1


def open_box(rows: object) -> Box:
    """The columns of a list of mappings, dataclasses or objects, of a pandas frame, or of an Arrow table.

    Raises
    ------
    InvalidParameterError
        If ``rows`` is one row, a text, or nothing that has rows.
    InvalidDataError
        If two columns of a table have the same name.
    """
    if isinstance(rows, pd.DataFrame):
        return _of_table([(key, rows.iloc[:, j].tolist()) for j, key in enumerate(rows.columns)], len(rows))
    if _is_arrow(rows):
        table = cast("pa.Table", rows)
        pairs = zip(table.column_names, table.columns, strict=True)
        return _of_table([(key, column.to_pylist()) for key, column in pairs], table.num_rows)
    if isinstance(rows, Mapping | str | bytes) or not isinstance(rows, Iterable):
        raise InvalidParameterError(
            f"Rows come as a list of dicts, a DataFrame, an Arrow table or a list of transactions; got "
            f"{type(rows).__name__}. One row alone goes into a list: [row]."
        )
    return _of_rows(list(rows))


def _is_arrow(rows: object) -> bool:
    return type(rows).__module__.partition(".")[0] == "pyarrow" and hasattr(rows, "to_pylist")


def _of_table(pairs: list[tuple[Key, list[object]]], n_rows: int) -> Box:
    keys = tuple(key for key, _ in pairs)
    repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
    if repeated:
        raise InvalidDataError(
            f"Every column has a name of its own; {', '.join(repeated)} names several. Rename or drop the copies.",
            {"columns": repeated},
        )
    return Box(n_rows, dict(pairs), (keys,), np.zeros(n_rows, dtype=np.int64))


def _of_rows(rows: list[object]) -> Box:
    mappings = [row if type(row) is dict else as_mapping(row) for row in rows]
    shapes: dict[tuple[Key, ...], int] = {}
    shape_of = [-1 if row is None else shapes.setdefault(tuple(row), len(shapes)) for row in mappings]
    keys = dict.fromkeys(key for shape in shapes for key in shape)
    known: list[Mapping[Key, object]] = [{} if row is None else row for row in mappings]
    columns: dict[Key, list[object]] = {key: [row.get(key) for row in known] for key in keys}
    strangers = {i: type(rows[i]).__name__ for i, shape in enumerate(shape_of) if shape < 0}
    return Box(len(rows), columns, tuple(shapes), np.array(shape_of, dtype=np.int64), strangers)


def as_mapping(row: object) -> Mapping[Key, object] | None:
    """The fields of one row: a mapping, a row of a query, a dataclass, a named tuple or an object; else None.

    >>> as_mapping("2024-01-01;10,00") is None
    True
    """
    mapped = row if isinstance(row, Mapping) else getattr(row, "_mapping", None)
    if isinstance(mapped, Mapping):
        return mapped
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    if isinstance(row, tuple) and hasattr(row, "_fields"):
        return dict(zip(row._fields, row, strict=True))
    if isinstance(row, pd.Series):
        return dict(row.items())
    fields = getattr(row, "__dict__", None)
    if not isinstance(fields, dict) or isinstance(row, type):
        return None
    return {key: value for key, value in fields.items() if not key.startswith("_")} or None


__all__ = ["Box", "Key", "as_mapping", "open_box"]
