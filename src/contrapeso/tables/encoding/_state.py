"""Values, dtypes and number columns as JSON types, and back: what a fitted encoder is saved as."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias, cast

import numpy as np
import pandas as pd

from contrapeso.errors import CorruptArchiveError, InvalidDataError
from contrapeso.tables._numbers import (
    DecimalColumn,
    Dtype,
    FloatColumn,
    NumberColumn,
    TimeColumn,
    WholeColumn,
)

Json: TypeAlias = Any
"""None, bool, int, float, str, and lists and dicts of them."""

Arrays: TypeAlias = dict[str, np.ndarray[Any, Any]]

_NUMBERS = {kind.__name__: kind for kind in (DecimalColumn, FloatColumn, TimeColumn, WholeColumn)}
_PYTHON = {kind.__name__: kind for kind in (int, bool, float)}


def pack_value(value: object) -> Json:
    """One cell as JSON: texts as they are, everything else as ``[type, text]``."""
    if type(value) is str:
        return value
    for kind, write in _WRITERS:
        if type(value) is kind:
            return [kind.__name__, write(value)]
    return _pack_rare(value)


def _pack_rare(value: object) -> Json:
    for null, name in ((None, "None"), (pd.NaT, "NaT"), (pd.NA, "NA")):
        if value is null:
            return [name, ""]
    if isinstance(value, np.generic):
        return ["numpy", value.dtype.str, pack_value(value.item())]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return ["tuple", [pack_value(item) for item in value]]
    if isinstance(value, pd.Interval):
        return ["Interval", pack_value(value.left), pack_value(value.right), value.closed]
    raise InvalidDataError(
        f"A value of type {type(value).__name__} cannot be saved. Convert the column to numbers, text or dates."
    )


_WRITERS: tuple[tuple[type, Any], ...] = (
    (bool, str),
    (int, str),
    (float, float.hex),
    (Decimal, str),
    (date, date.isoformat),
    (datetime, datetime.isoformat),
    (
        pd.Timestamp,
        lambda v: [v.value if v.unit == "ns" else v.as_unit("ns").value, v.unit, str(v.tz) if v.tz else ""],
    ),
    (pd.Timedelta, lambda v: [v.as_unit("ns").value, v.unit]),
    (timedelta, lambda v: [v.days, v.seconds, v.microseconds]),
    (bytes, bytes.hex),
    (Fraction, str),
    (complex, str),
)


_READERS: dict[str, Any] = {
    "bool": lambda t: t == "True",
    "int": int,
    "float": float.fromhex,
    "Decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Timestamp": lambda t: pd.Timestamp(t[0], unit="ns", tz=t[2] or None).as_unit(t[1]),
    "Timedelta": lambda t: pd.Timedelta(t[0], unit="ns").as_unit(t[1]),
    "timedelta": lambda t: timedelta(*t),
    "bytes": bytes.fromhex,
    "Fraction": Fraction,
    "complex": complex,
    "None": lambda _: None,
    "NaT": lambda _: pd.NaT,
    "NA": lambda _: pd.NA,
    "tuple": lambda t: tuple(unpack_value(item) for item in t),
}


def unpack_value(packed: Json) -> Any:
    """The cell that :func:`pack_value` wrote."""
    if isinstance(packed, str):
        return packed
    if packed[0] == "numpy":
        return np.dtype(packed[1]).type(unpack_value(packed[2]))
    if packed[0] == "Interval":
        return pd.Interval(unpack_value(packed[1]), unpack_value(packed[2]), packed[3])
    if packed[0] not in _READERS:
        raise CorruptArchiveError(f"The saved encoder holds a value of type {packed[0]!r}, which is unknown.")
    return _READERS[packed[0]](packed[1])


def pack_values(values: Iterable[object]) -> list[Json]:
    """Cells as JSON."""
    return [pack_value(value) for value in values]


def unpack_values(packed: Iterable[Json]) -> list[Any]:
    """The cells that :func:`pack_values` wrote."""
    return [unpack_value(item) for item in packed]


def pack_dtype(dtype: Dtype) -> Json:
    """A dtype as JSON."""
    if isinstance(dtype, pd.CategoricalDtype):
        categories = dtype.categories
        return {
            "is": "category",
            "of": pack_dtype(categories.dtype),
            "values": pack_values(categories.tolist()),
            "ordered": bool(dtype.ordered),
        }
    if isinstance(dtype, pd.StringDtype):
        return {"is": "string", "storage": dtype.storage, "nan": dtype.na_value is not pd.NA}
    if isinstance(dtype, pd.SparseDtype):
        return {
            "is": "sparse",
            "of": pack_dtype(cast(Any, dtype).subtype),
            "fill": pack_value(_plain(dtype.fill_value)),
        }
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow as pa

        message = pa.schema([pa.field("x", dtype.pyarrow_dtype)]).serialize().to_pybytes()
        return {"is": "arrow", "type": base64.b64encode(message).decode()}
    return {"is": "named", "name": str(dtype)}


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def unpack_dtype(packed: Json) -> Dtype:
    """The dtype that :func:`pack_dtype` wrote."""
    kind = packed["is"]
    if kind == "category":
        values = pd.Index(unpack_values(packed["values"]), dtype=cast(Any, unpack_dtype(packed["of"])))
        return pd.CategoricalDtype(values, ordered=packed["ordered"])
    if kind == "string":
        return (
            pd.StringDtype(packed["storage"], na_value=np.nan) if packed["nan"] else pd.StringDtype(packed["storage"])
        )
    if kind == "sparse":
        return pd.SparseDtype(cast(Any, unpack_dtype(packed["of"])), unpack_value(packed["fill"]))
    if kind == "arrow":
        import pyarrow as pa

        return pd.ArrowDtype(pa.ipc.read_schema(pa.py_buffer(base64.b64decode(packed["type"]))).field(0).type)
    return cast(Dtype, pd.api.types.pandas_dtype(packed["name"]))


def pack_number(number: NumberColumn) -> Json:
    """A number column as JSON."""
    packed: dict[str, Json] = {"is": type(number).__name__}
    for entry in fields(cast(Any, number)):
        value = getattr(number, entry.name)
        if entry.name == "dtype":
            packed["dtype"] = pack_dtype(value)
        elif entry.name == "null":
            packed["null"] = pack_value(value)
        elif entry.name == "python":
            packed["python"] = None if value is None else value.__name__
        elif isinstance(value, np.ndarray):
            packed[entry.name] = [float(v).hex() for v in value]
        else:
            packed[entry.name] = str(value) if isinstance(value, int) else value
    return packed


def unpack_number(packed: Json) -> NumberColumn:
    """The number column that :func:`pack_number` wrote."""
    kind = _NUMBERS[packed["is"]]
    given = {name: value for name, value in packed.items() if name != "is"}
    given["dtype"], given["null"] = unpack_dtype(packed["dtype"]), unpack_value(packed["null"])
    if packed.get("python"):
        given["python"] = _PYTHON[packed["python"]]
    if packed.get("off_grid"):
        given["off_grid"] = np.array([float.fromhex(v) for v in packed["off_grid"]])
    for name in ("decimals", "low", "high", "origin", "places", "step"):
        if given.get(name) is not None:
            given[name] = int(given[name])
    return cast(NumberColumn, kind(**given))


__all__ = [
    "Arrays",
    "Json",
    "pack_dtype",
    "pack_number",
    "pack_value",
    "pack_values",
    "unpack_dtype",
    "unpack_number",
    "unpack_value",
    "unpack_values",
]
