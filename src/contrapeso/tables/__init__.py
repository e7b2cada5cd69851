"""Tables: what their columns are, how they become arrays and come back unchanged, and how files are read.

``infer_schema`` says what each column is and why; ``RowCodec`` makes arrays of a table and the
table of the arrays; ``read_frame`` and its neighbours read files (loaded on first use).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from contrapeso.tables._codec import EncodedRows, RowCodec
from contrapeso.tables._infer import infer_schema
from contrapeso.tables._schema import Column, Kind, Schema

if TYPE_CHECKING:
    from contrapeso.tables.reading import (
        DateStyle,
        FileSniff,
        Grid,
        Limits,
        NumberStyle,
        decode_text,
        detect_date_style,
        detect_number_style,
        parse_cents,
        parse_date,
        parse_number,
        read_frame,
        read_grids,
        sniff,
    )

_READING = frozenset(
    {
        "DateStyle",
        "FileSniff",
        "Grid",
        "Limits",
        "NumberStyle",
        "decode_text",
        "detect_date_style",
        "detect_number_style",
        "parse_cents",
        "parse_date",
        "parse_number",
        "read_frame",
        "read_grids",
        "sniff",
    }
)

__all__ = [
    "Column",
    "DateStyle",
    "EncodedRows",
    "FileSniff",
    "Grid",
    "Kind",
    "Limits",
    "NumberStyle",
    "RowCodec",
    "Schema",
    "decode_text",
    "detect_date_style",
    "detect_number_style",
    "infer_schema",
    "parse_cents",
    "parse_date",
    "parse_number",
    "read_frame",
    "read_grids",
    "sniff",
]


def __getattr__(name: str) -> object:
    if name in _READING:
        return getattr(import_module("contrapeso.tables.reading"), name)
    raise AttributeError(f"module 'contrapeso.tables' has no attribute {name!r}")
