"""What a cell of a sheet may hold, and the few questions that every reader asks of it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value as the spreadsheet shows it (``#REF!``): never a number, never missing."""

    text: str


Cell: TypeAlias = str | float | int | bool | Decimal | dt.date | dt.datetime | dt.time | dt.timedelta | CellError | None

ERROR_TEXTS = frozenset(
    {
        *("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"),
        *("#VALOR!", "#NOME?", "#NÚM!", "#NULO!", "#N/D", "#DESPEJAR!", "#####"),
    }
)
"""Error values of spreadsheets in English and Portuguese."""


def is_error_text(text: str) -> bool:
    """Whether a text is a spreadsheet error value."""
    return text.startswith("#") and text.strip().upper() in ERROR_TEXTS


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing a person can see."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def cell_text(cell: Cell) -> str:
    """Text of a cell: whole floats without ``.0``, dates in ISO form, blanks as ''."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, CellError):
        return cell.text
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell)


def fold(text: str) -> str:
    """Text without accents, case, surrounding or repeated blanks: for comparing names and headers.

    >>> fold("  Descrição  do Lançamento ")
    'descricao do lancamento'
    """
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


__all__ = ["ERROR_TEXTS", "Cell", "CellError", "cell_text", "fold", "is_blank", "is_error_text"]
