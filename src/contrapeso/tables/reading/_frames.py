"""Any table file as one typed DataFrame: Parquet as it is, delimited text and workbooks column by column."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from contrapeso.errors import (
    ContrapesoError,
    InvalidDataError,
    InvalidParameterError,
    UnreadableFileError,
    WrongContentError,
)
from contrapeso.tables.reading._cells import Cell, is_blank
from contrapeso.tables.reading._columns import TypedColumn, type_cells, type_texts
from contrapeso.tables.reading._decode import decode_text
from contrapeso.tables.reading._delimited import (
    Delimited,
    Delimiter,
    count_lines,
    detect_delimiter,
    read_delimited,
    split_lines,
)
from contrapeso.tables.reading._grids import load, read_grids
from contrapeso.tables.reading._headers import column_names, find_header
from contrapeso.tables.reading._limits import Limits
from contrapeso.tables.reading._numbers import NumberStyle
from contrapeso.tables.reading._sniff import sniff

_HEAD_CHARS = 256 * 1024
_HEAD_ROWS = 200


def read_frame(path: Path, *, sheet: str | None = None, limits: Limits | None = None) -> pd.DataFrame:
    """Table of a Parquet, CSV, TSV or XLSX file, by its content whatever its name says.

    Parquet comes as it is. In the others the header row is found (title rows above it are left out),
    numbers are read in the style that each column proves (``1.234,56`` or ``1,234.56``), columns in
    which every value is a date become datetime64, ``true``/``false`` bool; codes with leading zeros
    stay text; blank cells are missing (NaN, NaT or None); rows without any value are left out;
    the order stays. Whatever had to be decided is said in ``frame.attrs["notes"]``, a tuple of str.

    Parameters
    ----------
    path : file
    sheet : name of the sheet of a workbook; default the first one with cells
    limits : default the limits of the settings' defaults

    Returns
    -------
    DataFrame with a RangeIndex and unique str column names

    Raises
    ------
    FileMissingError, FileTooLargeError, WrongContentError, UnreadableFileError
        See :func:`sniff` and :class:`Limits`.
    InvalidParameterError
        If ``sheet`` is given and is not there.
    InvalidDataError
        If there is no row of data.
    """
    path, limits = Path(path), limits or Limits()
    data = load(path, limits)
    found = sniff(data, name=path.name)
    if found.kind == "ofx":
        raise WrongContentError(f"{path.name} is a bank statement (OFX), not a table. Import it as one first.")
    if sheet is not None and found.kind != "xlsx":
        raise InvalidParameterError(
            f"{path.name} is {found.kind.upper()} and has no sheets; leave out sheet={sheet!r}."
        )
    notes: list[str] = []
    if found.kind == "parquet":
        frame = _read_parquet(data, path.name, limits)
    elif found.kind == "xlsx":
        frame, notes = _read_workbook(data, path.name, limits, sheet)
    else:
        frame, notes = _read_text(data, path.name, limits)
    if not len(frame) or not frame.shape[1]:
        raise InvalidDataError(f"{path.name} has no row of data{f' in sheet {sheet!r}' if sheet else ''}.")
    frame.attrs["notes"] = (*found.notes, *notes)
    return frame


def open_parquet(data: bytes, name: str, limits: Limits) -> pa.Table:
    """Arrow table of a Parquet file, its declared and real sizes checked.

    Raises
    ------
    FileTooLargeError, UnreadableFileError
    """
    try:
        with pq.ParquetFile(pa.BufferReader(data)) as file:
            limits.check_rows(file.metadata.num_rows, name)
            limits.check_cells(file.metadata.num_rows * file.metadata.num_columns, name)
            table = _read_batches(file, name, limits)
            table.validate(full=True)
            return table
    except ContrapesoError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise bad_parquet(name, error) from error


def _read_batches(file: pq.ParquetFile, name: str, limits: Limits) -> pa.Table:
    batches, n_bytes = [], 0
    for batch in file.iter_batches(batch_size=16_384):
        n_bytes += batch.nbytes
        limits.check_uncompressed(n_bytes, name)
        batches.append(batch)
    return pa.Table.from_batches(batches, schema=file.schema_arrow)


def bad_parquet(name: str, error: Exception) -> UnreadableFileError:
    """Error for a Parquet file that is damaged or holds values that no table here can."""
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
    return UnreadableFileError(f"{name} is a damaged or cut Parquet file ({reason}). Write it again.")


def _read_parquet(data: bytes, name: str, limits: Limits) -> pd.DataFrame:
    table = open_parquet(data, name, limits)
    try:
        frame: pd.DataFrame = table.to_pandas()
    except (pa.ArrowException, ValueError, OverflowError, TypeError, KeyError) as error:
        raise bad_parquet(name, error) from error
    frame.attrs = {}
    return frame


def _read_workbook(data: bytes, name: str, limits: Limits, sheet: str | None) -> tuple[pd.DataFrame, list[str]]:
    grids = read_grids(data, limits, name=name)
    if sheet is not None:
        grid = next((grid for grid in grids if grid.name == sheet), None)
        if grid is None:
            names = ", ".join(repr(grid.name) for grid in grids)
            raise InvalidParameterError(f"{name} has no sheet {sheet!r}; its sheets are {names}.")
        return _frame_of_rows(grid.rows, None)
    filled = [grid for grid in grids if grid.rows]
    if not filled:
        raise InvalidDataError(f"{name} has no cells in any sheet.")
    frame, notes = _frame_of_rows(filled[0].rows, None)
    others = ", ".join(repr(grid.name) for grid in filled[1:])
    return frame, [*([f"sheets: {filled[0].name!r} was read; also there: {others}"] if others else []), *notes]


def _read_text(data: bytes, name: str, limits: Limits) -> tuple[pd.DataFrame, list[str]]:
    limits.check_rows(max(data.count(b"\n"), data.count(b"\r")), name)
    text, _, notes = decode_text(data)
    text = text.rstrip("\x1a")
    delimiter = detect_delimiter(text)
    head = _head(text, delimiter)
    width = max(map(len, head.rows), default=0)
    limits.check_cells(width * text.count("\n"), name)
    prefer = (
        NumberStyle(",", certain=False, why="the ';' delimiter of the file") if delimiter == ";" and width > 1 else None
    )
    quick = _quick_frame(text, delimiter, head, prefer)
    if quick is None:
        table = read_delimited(text, delimiter)
        quick = _frame_of_rows(table.rows, prefer)
        notes = (*notes, *table.notes)
    return quick[0], [*notes, *quick[1]]


def _head(text: str, delimiter: Delimiter) -> Delimited:
    """First records of the text, the last one left out where it may be cut."""
    cut = text[:_HEAD_CHARS]
    lines = split_lines(cut)
    if len(cut) < len(text) and len(lines) > 1:
        lines.pop()
    return read_delimited("".join(lines[:_HEAD_ROWS]), delimiter)


def _quick_frame(
    text: str, delimiter: Delimiter, head: Delimited, prefer: NumberStyle | None
) -> tuple[pd.DataFrame, list[str]] | None:
    """The frame by Arrow's reader where the text is regular; None where it needs the careful one.

    Regular: every record has the width of the header and stands on one line of its own, which is
    checked by counting both, so that no quote can swallow a row.
    """
    header, first = find_header(head.rows)
    width = len(head.rows[first]) if first < len(head.rows) else 0
    names, notes = column_names(head.rows[header] if header is not None else [], width)
    if (
        not width
        or len(names) != width
        or any("\n" in cell or "\r" in cell for row in head.rows[:first] for cell in row)
    ):
        return None
    try:
        table = pa_csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pa_csv.ReadOptions(column_names=[str(i) for i in range(width)], skip_rows=first),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=False),
            convert_options=pa_csv.ConvertOptions(
                column_types={str(i): pa.string() for i in range(width)}, strings_can_be_null=False
            ),
        )
    except pa.ArrowException:  # ragged rows or broken quotes: the careful reader keeps and reports them
        return None
    if table.num_rows != count_lines(text, first):
        return None
    typed = [type_texts(column, prefer=prefer) for column in table.columns]
    return _assemble(names, typed, [*_skipped(header, first), *notes])


def _frame_of_rows(rows: Sequence[Sequence[Cell]], prefer: NumberStyle | None) -> tuple[pd.DataFrame, list[str]]:
    """Frame of rows of cells that may be ragged."""
    header, first = find_header(rows)
    body = [row for row in rows[first:] if not all(map(is_blank, row))]
    usual = len(rows[header]) if header is not None else Counter(map(len, body)).most_common(1)[0][0] if body else 0
    titles = rows[header][: _last_filled(rows[header])] if header is not None else []
    width = max([len(titles), *map(_last_filled, body)])
    names, notes = column_names(titles, width)
    notes = [*_skipped(header, first), *notes]
    if n_blank := len(rows) - first - len(body):
        notes.append(f"blank_rows: {n_blank} rows without any value were left out")
    n_ragged = sum(len(row) != usual for row in body)
    if n_ragged:
        notes.append(f"ragged_rows: {n_ragged} rows have fewer or more cells than the others; missing cells are blank")
    columns = ([row[j] if j < len(row) else None for row in body] for j in range(width))
    frame, more = _assemble(names, [type_cells(column, prefer=prefer) for column in columns], notes)
    used = [not is_all_missing for is_all_missing in frame.isna().all()]
    unnamed = [name.startswith("column_") for name in names]
    keep = [was_used or not was_unnamed for was_used, was_unnamed in zip(used, unnamed, strict=True)]
    return frame.loc[:, keep], more


def _last_filled(row: Sequence[Cell]) -> int:
    """Number of cells up to the last one that is not blank."""
    return next((j for j in range(len(row), 0, -1) if not is_blank(row[j - 1])), 0)


def _skipped(header: int | None, first: int) -> list[str]:
    n_above = first if header is None else header
    notes = [f"title_rows: {n_above} rows above the header were left out"] if n_above else []
    if header is None:
        notes.append("no_header: the first row is data; the columns were named column_1, column_2, ...")
    return notes


def _assemble(names: list[str], columns: list[TypedColumn], notes: list[str]) -> tuple[pd.DataFrame, list[str]]:
    said = [f"{name}: {note}" for name, column in zip(names, columns, strict=True) for note in column.notes]
    frame = pd.DataFrame({name: column.values for name, column in zip(names, columns, strict=True)})
    return frame, [*notes, *said]


__all__ = ["bad_parquet", "open_parquet", "read_frame"]
