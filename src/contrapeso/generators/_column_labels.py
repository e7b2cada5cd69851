"""Column labels as they came: a generator works with text, and gives whole numbers, tuples and dates back as labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pandas as pd

from contrapeso.generators._conditions import Constraint
from contrapeso.tables.encoding._state import Json, pack_dtype, pack_values, unpack_dtype, unpack_values


def labels_of(data: object) -> pd.Index | None:
    """Labels of a DataFrame that are not all text; None where text says everything."""
    if not isinstance(data, pd.DataFrame) or all(type(label) is str for label in data.columns):
        return None
    return data.columns


def relabelled(frame: pd.DataFrame, labels: pd.Index | None) -> pd.DataFrame:
    """``frame`` with these labels in place of their texts, where it has these columns."""
    if labels is None or list(frame.columns) != [str(label) for label in labels]:
        return frame
    return frame.set_axis(labels, axis=1)


def named(conditions: Mapping[Any, Any] | pd.DataFrame | None) -> Mapping[str, Any] | pd.DataFrame | None:
    """Conditions with text names."""
    if isinstance(conditions, pd.DataFrame):
        return conditions.set_axis([str(label) for label in conditions.columns], axis=1)
    return None if conditions is None else {str(label): value for label, value in conditions.items()}


def relabelling(
    constraints: Constraint | Sequence[Constraint], labels: pd.Index | None
) -> Constraint | Sequence[Constraint]:
    """Constraints that are asked about frames with these labels."""
    if labels is None:
        return constraints
    given = (constraints,) if callable(constraints) else tuple(constraints)
    return [_asked_of(constraint, labels) for constraint in given]


def _asked_of(constraint: Constraint, labels: pd.Index) -> Callable[[pd.DataFrame], Any]:
    return lambda rows: constraint(relabelled(rows, labels))


def pack_labels(labels: pd.Index | None) -> Json:
    """Labels as JSON."""
    if labels is None:
        return None
    return {
        "values": pack_values(labels.tolist()),
        "dtype": pack_dtype(labels.dtype),
        "names": pack_values(list(labels.names)),
    }


def unpack_labels(packed: Json) -> pd.Index | None:
    """The labels that :func:`pack_labels` wrote; None in an archive without."""
    if packed is None:
        return None
    values, names = unpack_values(packed["values"]), unpack_values(packed["names"])
    if any(isinstance(value, tuple) for value in values):
        return pd.MultiIndex.from_tuples(values, names=names)
    return cast("pd.Index[Any]", pd.Index(values, dtype=cast(Any, unpack_dtype(packed["dtype"])), name=names[0]))


__all__ = ["labels_of", "named", "pack_labels", "relabelled", "relabelling", "unpack_labels"]
