"""The company's book as XLSX bytes, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import xlsxwriter

from contrapeso.finance.example._book import BookRow, BookSheet
from contrapeso.finance.example._cast import COMPANY
from contrapeso.finance.example._typing import reais_text

_CREATED = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001 - a workbook stores a wall-clock time
_SIDE_COLUMN = 7
_BLANK_ROWS = 6


@dataclass(frozen=True, slots=True)
class _Formats:
    title: Any
    header: Any
    date: Any
    money: Any


def book_xlsx(sheets: Sequence[BookSheet]) -> bytes:
    """Workbook with one sheet a month."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    workbook.set_properties({"title": "Movimento financeiro", "author": COMPANY, "created": _CREATED})
    formats = _Formats(
        workbook.add_format({"bold": True, "font_size": 13}),
        workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#DDE6EE"}),
        workbook.add_format({"num_format": "dd/mm/yyyy"}),
        workbook.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"}),
    )
    for sheet in sheets:
        _write_sheet(workbook.add_worksheet(sheet.name), sheet, formats)
    workbook.close()
    return buffer.getvalue()


def _write_sheet(worksheet: Any, sheet: BookSheet, formats: _Formats) -> None:
    """Title rows, header, movements, formatted blank rows below, and subtotals to the right."""
    for column, width in enumerate((12, 46, 14, 24, 24, 26)):
        worksheet.set_column(column, column, width)
    worksheet.write_string(0, 0, f"{COMPANY} (empresa fictícia)", formats.title)
    worksheet.write_string(1, 0, f"MOVIMENTO FINANCEIRO - {sheet.name.upper()} DE {sheet.year}")
    top = 2 + sheet.month % 2
    text_header = "Descrição" if sheet.year % 2 == 0 else "Histórico"
    for column, header in enumerate(("Data", text_header, "Valor", "Tipo", "Banco", "Observações:")):
        worksheet.write_string(top, column, header, formats.header)
    for place, row in enumerate(sheet.rows, start=top + 1):
        _write_row(worksheet, place, row, sheet, formats)
    for place in range(top + 1 + len(sheet.rows), top + 1 + len(sheet.rows) + _BLANK_ROWS):
        for column in range(6):
            worksheet.write_blank(place, column, None, formats.money)
    _write_subtotals(worksheet, top, sheet, formats)


def _write_row(worksheet: Any, place: int, row: BookRow, sheet: BookSheet, formats: _Formats) -> None:
    if sheet.text_dates:
        worksheet.write_string(place, 0, f"{row.day:%d/%m/%Y}")
    else:
        worksheet.write_datetime(place, 0, datetime.combine(row.day, time()), formats.date)
    worksheet.write_string(place, 1, row.text)
    if row.kind == "broken":
        worksheet.write_formula(place, 2, "=#REF!+0", formats.money, "#REF!")
    elif row.cents is None:
        worksheet.write_blank(place, 2, None, formats.money)
    elif sheet.amounts == "number":
        worksheet.write_number(place, 2, row.cents / 100, formats.money)
    else:
        worksheet.write_string(place, 2, reais_text(row.cents, sheet.amounts))
    for column, text in ((3, row.label), (4, row.bank), (5, row.note)):
        if text:
            worksheet.write_string(place, column, text)


def _write_subtotals(worksheet: Any, top: int, sheet: BookSheet, formats: _Formats) -> None:
    """The table to the right that the partners look at: the reader must not take it for movements."""
    if not sheet.subtotals:
        return
    for column, header in enumerate(("Descrição", "SubTotal")):
        worksheet.write_string(top, _SIDE_COLUMN + column, header, formats.header)
    for place, (category, cents) in enumerate(sheet.subtotals, start=top + 1):
        worksheet.write_string(place, _SIDE_COLUMN, category)
        worksheet.write_number(place, _SIDE_COLUMN + 1, cents / 100, formats.money)
    worksheet.write_string(top + 1 + len(sheet.rows) + _BLANK_ROWS, _SIDE_COLUMN, "Conferido com os extratos")


__all__ = ["book_xlsx"]
