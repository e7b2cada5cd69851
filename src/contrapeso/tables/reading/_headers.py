"""Where a table begins: the header row, if there is one, and names for its columns."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence

from contrapeso.tables.reading._cells import Cell, CellError, cell_text, is_blank
from contrapeso.tables.reading._dates import DMY, MDY, parse_datetime
from contrapeso.tables.reading._numbers import COMMA, POINT, parse_number

_LOOK_AT = 30
_COMPARE_WITH = 30
_FULL = 0.6
_YEAR = re.compile(r"(?:19|20)\d\d")


def _is_value(cell: Cell) -> bool:
    """Whether a cell holds a number, a date or a truth value: something that is no column name."""
    if isinstance(cell, str):
        text = cell.strip()
        if not any(map(str.isdigit, text)):
            return False
        numbers = (parse_number(text, style) for style in (COMMA, POINT))
        return any(n is not None for n in numbers) or any(parse_datetime(text, s) for s in (DMY, MDY))
    return isinstance(cell, (bool, int, float, dt.date, dt.time, dt.timedelta, CellError))


def find_header(rows: Sequence[Sequence[Cell]]) -> tuple[int | None, int]:
    """Index of the header row (None if the table has none) and of the first row of data.

    The table begins at the first row that is filled like most rows are. That row is the header if it
    holds only words, or words and years over numbers that are no years, or a word over a column of
    numbers or dates; else it is data already.
    """
    filled = [sum(not is_blank(cell) for cell in row) for row in rows[: _LOOK_AT + _COMPARE_WITH]]
    widths = Counter(n for n in filled if n)
    if not widths:
        return None, len(rows)
    usual = max(widths, key=lambda n: (widths[n], n))
    start = next((i for i, n in enumerate(filled[:_LOOK_AT]) if n and n >= usual * _FULL), None)
    if start is None:
        return None, 0
    below = rows[start + 1 : start + 1 + _COMPARE_WITH]
    values = [j for j, cell in enumerate(rows[start]) if not is_blank(cell) and _is_value(cell)]
    if not values or _names_values(rows[start], below) or _names_years(rows[start], values, below):
        return start, start + 1
    return None, start


def _names_values(row: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> bool:
    """Whether a word of the row stands over a column of numbers or dates."""
    for j, cell in enumerate(row):
        if is_blank(cell) or _is_value(cell):
            continue
        column = [other[j] for other in below if j < len(other) and not is_blank(other[j])]
        if column and sum(map(_is_value, column)) >= 0.8 * len(column):
            return True
    return False


def _names_years(row: Sequence[Cell], values: Sequence[int], below: Sequence[Sequence[Cell]]) -> bool:
    """Whether every number of the row is a year of its own and the numbers below are not."""
    years = [cell_text(row[j]).strip() for j in values]
    under = [cell_text(other[j]).strip() for other in below for j in values if j < len(other)]
    distinct = len(set(years)) == len(years) > 1
    return distinct and all(map(_YEAR.fullmatch, years)) and not all(_YEAR.fullmatch(text) for text in under if text)


def column_names(header: Sequence[Cell], width: int) -> tuple[list[str], list[str]]:
    """Unique names of ``width`` columns or more, and notes on those that had to be made."""
    cells = [*header, *[None] * (width - len(header))]
    while len(cells) > width and is_blank(cells[-1]):
        cells.pop()
    wanted = [" ".join(cell_text(cell).split()) for cell in cells]
    names: list[str] = []
    taken = set(wanted)
    repeated = []
    for j, said in enumerate(wanted):
        base = said or f"column_{j + 1}"
        name = base
        if name in names or (not said and name in taken):
            repeated.append(base)
            name = next(f"{base}_{k}" for k in range(2, len(cells) + 3) if f"{base}_{k}" not in taken)
        names.append(name)
        taken.add(name)
    n_blank = wanted.count("") if len(header) else 0
    notes = [f"names: {n_blank} columns without a name were named by their position"] if n_blank else []
    if repeated:
        notes.append(f"names: repeated names got a number: {', '.join(map(repr, repeated[:5]))}")
    return names, notes


__all__ = ["column_names", "find_header"]
