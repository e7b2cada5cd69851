"""A Parquet table of bank rows as sheets, so that it is read by the same rules as a workbook."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyarrow as pa

from contrapeso.finance.ingest._headers import header_key
from contrapeso.tables.reading import Cell, Grid, Limits, bad_parquet, cell_text, open_parquet

_SHEET_COLUMNS = frozenset({"aba", "planilha", "sheet", "sheet name", "source sheet"})


def parquet_grids(data: bytes, name: str, limits: Limits) -> tuple[tuple[Cell, ...], list[Grid]]:
    """Header and one grid per stretch of rows of one sheet, as a column such as ``aba`` names it (else one grid).

    Rows are numbered by their place in the file, from 1; the names of the columns are no row.
    """
    table = open_parquet(data, name, limits)
    names = table.column_names
    try:
        columns: list[list[Cell]] = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    except (pa.ArrowException, ValueError, OverflowError) as error:  # a date of the year 40000
        raise bad_parquet(name, error) from error
    by = next((j for j, title in enumerate(names) if header_key(title) in _SHEET_COLUMNS), None)
    header: tuple[Cell, ...] = tuple(title for j, title in enumerate(names) if j != by)
    rows = list(zip(*(column for j, column in enumerate(columns) if j != by), strict=True))
    sheets = [None] * len(rows) if by is None else [cell_text(cell) or None for cell in columns[by]]
    return header, [Grid(sheet, tuple(part), first) for sheet, part, first in _runs(sheets, rows)]


def _runs(
    sheets: Sequence[str | None], rows: Sequence[tuple[Cell, ...]]
) -> list[tuple[str | None, list[tuple[Cell, ...]], int]]:
    """Stretches of rows of one sheet, with the 1-based place of their first row."""
    runs: list[tuple[str | None, list[tuple[Cell, ...]], int]] = []
    for place, (sheet, row) in enumerate(zip(sheets, rows, strict=True), 1):
        if not runs or runs[-1][0] != sheet:
            runs.append((sheet, [], place))
        runs[-1][1].append(row)
    return runs


def _cell(value: object) -> Cell:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, dict)):
        return str(value)
    return value or None if isinstance(value, str) else value  # type: ignore[return-value]


__all__ = ["parquet_grids"]
