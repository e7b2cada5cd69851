"""Movements as a workbook: typed cells, the origin of every synthetic row, and the rules that it was held to."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.balances._rows import Row
from contrapeso.finance.statements._cells import (
    DATE_FORMAT,
    FORMULA_PREFIXES,
    MAX_CELL_CHARS,
    MONEY_FORMAT,
    Plain,
    plain_text,
)
from contrapeso.finance.statements._files import Written, sha256_of, write_whole
from contrapeso.finance.statements._notes import NoteTable, provenance_table, rules_table
from contrapeso.finance.statements._table import YES, SheetColumn, SheetTable, set_aside_notes, sheet_table

MOVEMENTS = "Lançamentos"
MAX_ROWS = 1_048_575
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook stores a wall-clock time; same rows, same bytes
_STRIPES = 14  # thin diagonal stripes: seen in black and white too
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}


def write_xlsx(
    rows: Sequence[Row],
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    rules: Sequence[Mapping[str, object]] = (),
    run: str | None = None,
) -> Written:
    """The rows, real and synthetic in their order, as a workbook of three sheets.

    ``Lançamentos`` has the movements: dates and amounts as dates and numbers (``R$ #,##0.00``), and ``Sintético`` with
    the word sim or não, striped where it says sim. ``Proveniência`` tells of each synthetic row how it was made.
    ``Regras`` lists ``rules``. No cell is a formula. The same rows give the same bytes.

    Parameters
    ----------
    rows : dicts with ``is_synthetic`` true on the synthetic ones, and ``provenance``
    path : file to write, whole or not at all
    columns : key of each role, as in :func:`contrapeso.finance.balances.read_rows`
    rules : one mapping for each rule (id, type, severity, compliance, ...), shown as it is
    run : name of the run in the identifiers ``SYN-<run>-<n>``; default told by the rows

    Raises
    ------
    InvalidParameterError
        If there are more rows than a sheet holds.
    """
    table = sheet_table(rows, columns, run)
    if len(table.lines) > MAX_ROWS:
        raise InvalidParameterError(f"A sheet holds {MAX_ROWS} rows; {len(table.lines)} were given. Use write_csv.")
    content = _workbook(table, rules)
    target = Path(path)
    write_whole({target: content})
    ids = table.synthetic_ids
    notes = (*set_aside_notes(table.lines), *_cut_notes(table.columns))
    return Written(target, sha256_of(content), len(table.lines), len(ids), 0, ids, notes)


def _cut_notes(columns: Sequence[SheetColumn]) -> tuple[str, ...]:
    n = sum(isinstance(cell, str) and len(cell) > MAX_CELL_CHARS for column in columns for cell in column.cells)
    return (
        (f"text_cut: {n} texts are longer than the {MAX_CELL_CHARS} characters of a cell and were cut.",) if n else ()
    )


def _workbook(table: SheetTable, rules: Sequence[Mapping[str, object]]) -> bytes:
    buffer = io.BytesIO()
    book = open_book(buffer, f"Contém {len(table.synthetic_ids)} linhas sintéticas")
    write_movements(book, table.columns)
    write_notes(book, provenance_table(table))
    write_notes(book, rules_table(rules))
    book.close()
    return buffer.getvalue()


def open_book(buffer: io.BytesIO, comments: str) -> Any:
    """A workbook that takes no text for a formula or an address, with properties that do not change by the hour."""
    import xlsxwriter

    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    book.set_properties({"created": _CREATED, "title": "Lançamentos", "comments": comments})
    return book


def write_movements(book: Any, columns: Sequence[SheetColumn]) -> None:
    """The first sheet: header and marks frozen, filters, printed with a warning."""
    sheet = book.add_worksheet(MOVEMENTS)
    formats = formats_of(book)
    for j, column in enumerate(columns):
        sheet.set_column(j, j, column.width)
        sheet.write_string(0, j, column.header, formats["header"])
        for i, cell in enumerate(column.cells, start=1):
            write_cell(sheet, (i, j), cell, column.shown, formats)
    sheet.freeze_panes(1, 1)
    sheet.set_header("&CContém linhas sintéticas: veja a coluna Sintético")
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(len(columns[0].cells), 1), len(columns) - 1)


def formats_of(book: Any) -> dict[str, Any]:
    """Cell formats by what is shown."""
    stripes = {"pattern": _STRIPES, "fg_color": "#B4690E", "bg_color": "#FFF4E0"}
    return {
        "header": book.add_format({"bold": True, "bottom": 1, "bg_color": "#DDE6EE"}),
        "date": book.add_format({"num_format": DATE_FORMAT}),
        "moment": book.add_format({"num_format": f"{DATE_FORMAT} hh:mm:ss"}),
        "money": book.add_format({"num_format": MONEY_FORMAT}),
        "mark": book.add_format({"bold": True, "left": 5, **stripes}),
        "quoted": book.add_format({"quote_prefix": True}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def write_cell(sheet: Any, place: tuple[int, int], cell: Plain, shown: str, formats: Mapping[str, Any]) -> None:
    """One typed cell; nothing for None."""
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(*place, cell)
    elif isinstance(cell, (int, float)):
        money = shown == "money"
        sheet.write_number(*place, cell / 100 if money else cell, formats["money"] if money else None)
    elif isinstance(cell, dt.datetime):
        sheet.write_datetime(*place, cell, formats["moment"])
    elif isinstance(cell, dt.date):
        sheet.write_datetime(*place, dt.datetime.combine(cell, dt.time()), formats["date"])
    else:
        marked = formats["mark"] if shown == "mark" and cell == YES else None
        quoted = formats["quoted"] if cell.startswith(FORMULA_PREFIXES) else marked
        sheet.write_string(*place, cell[:MAX_CELL_CHARS], quoted)


def write_notes(book: Any, notes: NoteTable) -> None:
    """A sheet that explains: a header and rows of text and numbers."""
    sheet = book.add_worksheet(notes.name)
    formats = formats_of(book)
    for j, header in enumerate(notes.headers):
        sheet.set_column(j, j, 12 if j == 0 else 28)
        sheet.write_string(0, j, plain_text(header), formats["header"])
    for i, row in enumerate(notes.rows, start=1):
        for j, cell in enumerate(row):
            write_cell(sheet, (i, j), cell, "value", formats)
    sheet.freeze_panes(1, 0)


__all__ = ["formats_of", "open_book", "write_cell", "write_movements", "write_notes", "write_xlsx"]
