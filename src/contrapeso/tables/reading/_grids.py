"""Sheets as rows of typed cells with the row numbers that a person sees."""

from __future__ import annotations

import io
import stat
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from contrapeso.errors import FileMissingError, WrongContentError
from contrapeso.tables.reading._archive import damaged
from contrapeso.tables.reading._cells import Cell, CellError
from contrapeso.tables.reading._decode import decode_text
from contrapeso.tables.reading._delimited import read_delimited
from contrapeso.tables.reading._limits import Limits
from contrapeso.tables.reading._sniff import FileSniff, read_bytes, sniff
from contrapeso.tables.reading._workbook import SheetFacts, inspect_workbook

Range = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """Used range of one sheet.

    Attributes
    ----------
    name : sheet name; None for delimited text
    rows : rows of cells, blank cells as None; rows of delimited text may differ in length
    first_row : number of the first row (1-based, as the spreadsheet shows it)
    merged : merged ranges as (first row, first column, last row, last column), 0-based within ``rows``,
        inclusive; only the first cell of a range holds its value
    delimiter : delimiter of the text; None for workbooks
    notes : what was odd
    """

    name: str | None
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 1
    merged: tuple[Range, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None
    notes: tuple[str, ...] = ()

    def row_number(self, index: int) -> int:
        """Number that the spreadsheet shows for ``rows[index]``."""
        return self.first_row + index


def read_grids(source: Path | bytes, limits: Limits | None = None, *, name: str | None = None) -> list[Grid]:
    """Every sheet of a workbook (hidden and empty ones too), or the one grid of a delimited text.

    Parameters
    ----------
    source : path, or the whole content
    limits : default the limits of the settings' defaults
    name : file name for messages; default the name of the path

    Raises
    ------
    FileTooLargeError
        Before anything is materialised.
    WrongContentError
        If the content is OFX or Parquet, which have readers of their own.
    UnreadableFileError
        If no reader understands the content.
    """
    limits = limits or Limits()
    data, name = (
        (source, name or "The file") if isinstance(source, bytes) else (load(source, limits), name or source.name)
    )
    limits.check_bytes(len(data), name)
    found = sniff(data, name=name)
    if found.kind == "xlsx":
        return _workbook_grids(data, name, limits, found)
    if found.kind == "csv":
        return [_text_grid(data, name, limits, found)]
    raise WrongContentError(f"{name} is {found.kind.upper()}, not a sheet. Use the reader for it.")


def load(path: Path, limits: Limits) -> bytes:
    """Bytes of a regular file whose size was checked first.

    Raises
    ------
    FileMissingError, FileTooLargeError
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise FileMissingError(f"{path} cannot be opened ({error}). Check the path.") from error
    if not stat.S_ISREG(status.st_mode):
        raise FileMissingError(f"{path} is not a file. Give the path of one.")
    limits.check_bytes(status.st_size, path.name)
    return read_bytes(path)


def _text_grid(data: bytes, name: str, limits: Limits, found: FileSniff) -> Grid:
    n_lines = max(data.count(b"\n"), data.count(b"\r"))
    limits.check_rows(n_lines, name)
    text, encoding, notes = decode_text(data)
    table = read_delimited(text.rstrip("\x1a"))
    limits.check_cells(sum(map(len, table.rows)), name)
    rows = tuple(tuple(cell or None for cell in row) for row in table.rows)
    return Grid(None, rows, delimiter=table.delimiter, encoding=encoding, notes=(*found.notes, *notes, *table.notes))


def _workbook_grids(data: bytes, name: str, limits: Limits, found: FileSniff) -> list[Grid]:
    facts = inspect_workbook(data, name, limits)
    grids = []
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                    continue
                if meta.name not in facts:
                    raise damaged(name, f"no content for the sheet {meta.name!r}")
                grids.append(_sheet_grid(workbook.get_sheet_by_name(meta.name), facts[meta.name], found.notes))
    except calamine.CalamineError as error:
        raise damaged(name, str(error)) from error
    return grids


def _sheet_grid(sheet: calamine.CalamineSheet, facts: SheetFacts, notes: tuple[str, ...]) -> Grid:
    if sheet.start is None:
        return Grid(sheet.name, (), notes=notes)
    top, left = sheet.start
    rows: list[list[Cell]] = [
        [None if cell == "" else cell for cell in row] for row in sheet.to_python(skip_empty_area=True)
    ]
    for (row, column), text in facts.errors.items():
        i, j = row - 1 - top, column - 1 - left
        if 0 <= i < len(rows) and 0 <= j < len(rows[i]):
            rows[i][j] = CellError(text)
    ranges = [
        (first[0] - top, first[1] - left, last[0] - top, last[1] - left)
        for first, last in sheet.merged_cell_ranges or ()
    ]
    merged = tuple(r for r in ranges if 0 <= r[0] < len(rows) and 0 <= r[1] < len(rows[0]))  # the others are blank
    return Grid(sheet.name, tuple(map(tuple, rows)), top + 1, merged, notes=notes)


__all__ = ["Grid", "Range", "load", "read_grids"]
