"""Give a column of raw cells its type, if every value agrees; text that only looks like numbers stays text.

The rules, first that speaks: nothing present; booleans (``true/false``, ``verdadeiro/falso``);
identifiers (a leading zero, 16 digits or more, CPF or CNPJ) stay text; numbers, in the one style
of the column; dates, in the one order of the column; text. Blank text is missing everywhere;
``#REF!``, ``NA`` and the like are missing in number and date columns only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from contrapeso.tables.reading._cells import Cell, CellError, cell_text, is_error_text
from contrapeso.tables.reading._dates import detect_date_style, parse_datetime
from contrapeso.tables.reading._numbers import NumberStyle, detect_number_style, parse_number


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """Values of a column in their type, and what a person should know about the decision."""

    values: pd.Series
    notes: tuple[str, ...] = ()


_NO_VALUE = frozenset({"na", "n/a", "nan", "null", "none", "-", "--", "nd", "n/d"})
_WORDS = {"true": True, "false": False, "verdadeiro": True, "falso": False}
_MIXED_SHARE = 0.9

# For whole columns at once, in Arrow (RE2 syntax).
_PLAIN = r"^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,30}(?:[eE][+-]?\d{1,2})?|[eE][+-]\d{1,2})?$"
_PLAIN_PROOF = r"\.(?:\d{1,2}|\d{4,})$|^-?0\.|^-?\d{4,}\.|[eE]"
_COMMA = r"^-?(?:0|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,14})(?:,\d{1,30})?$"
_COMMA_PROOF = r",(?:\d{1,2}|\d{4,})$|^-?0,|\d{4,},|\.\d{3},|\.\d{3}\.\d{3}"

_CLOCK = r"(?:[T ]\d{2}:\d{2}(?::\d{2})?)?$"
_ISO_DATE = r"^(?:19|20)\d{2}-\d{2}-\d{2}" + _CLOCK
_SLASH_DATE = r"^\d{2}/\d{2}/(?:19|20)\d{2}" + _CLOCK
_FIRST_OVER_12, _SECOND_OVER_12 = r"^(?:1[3-9]|[23]\d)/", r"^\d{2}/(?:1[3-9]|[23]\d)/"


def type_cells(cells: Sequence[Cell], *, prefer: NumberStyle | None = None) -> TypedColumn:
    """Typed column of cells; ``prefer`` is the number style for a column that proves none.

    Whole numbers become int64 (float64 where some are missing), others float64, dates
    datetime64[ns], booleans bool, all else object with None for missing.
    """
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds <= {str}:
        return type_texts(pa.chunked_array([pa.array(cells, pa.large_string())]), prefer=prefer)
    if kinds == {bool}:
        return TypedColumn(_with_missing([cell if isinstance(cell, bool) else None for cell in cells]))
    if kinds <= {dt.date, dt.datetime, CellError} and kinds != {CellError}:
        moments = [cell if isinstance(cell, dt.date) else None for cell in cells]
        return TypedColumn(pd.Series(pd.to_datetime(pd.Series(moments, dtype=object)).astype("datetime64[ns]")))
    return _mixed(cells, prefer)


def _with_missing(values: list[bool | None]) -> pd.Series:
    return pd.Series(values, dtype=object if None in values else bool)


def _mixed(cells: Sequence[Cell], prefer: NumberStyle | None) -> TypedColumn:
    """Column whose cells are of several types: numbers and written numbers are one thing, the rest becomes text."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    style = detect_number_style(texts, prefer=prefer)
    values = [_number(cell, style) for cell in cells]
    n_present = sum(cell is not None and not _is_no_value(cell) for cell in cells)
    if n_present and not any(map(_keeps_text, texts)) and sum(value is not None for value in values) == n_present:
        numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        return TypedColumn(_whole_or_float(numbers), _style_notes(style, len(texts), _count_no_values(cells)))
    return TypedColumn(pd.Series([None if cell is None else cell_text(cell) for cell in cells], dtype=object))


def _number(cell: Cell, style: NumberStyle) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float, Decimal)):
        return float(cell)
    return parse_number(cell, style) if isinstance(cell, str) else None


def _is_no_value(cell: Cell) -> bool:
    if isinstance(cell, CellError):
        return True
    return isinstance(cell, str) and (cell.strip().lower() in _NO_VALUE or is_error_text(cell) or not cell.strip())


def _count_no_values(cells: Sequence[Cell]) -> int:
    return sum(_is_no_value(cell) and not (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _keeps_text(text: str) -> bool:
    """Whether a written number is a code: a leading zero or more digits than a float keeps."""
    digits = text.strip().lstrip("+-")
    return digits.isascii() and digits.isdecimal() and ((len(digits) > 1 and digits[0] == "0") or len(digits) > 15)


def _whole_or_float(numbers: NDArray[np.float64]) -> pd.Series:
    whole = bool(np.all(np.isfinite(numbers))) and bool(np.all(numbers == np.rint(numbers)))
    return pd.Series(numbers.astype(np.int64) if whole and np.all(np.abs(numbers) < 2**53) else numbers)


def _style_notes(style: NumberStyle, n_texts: int, n_missing: int) -> tuple[str, ...]:
    notes = []
    if n_texts and not style.certain:
        notes.append(f"numbers: {style.why}")
    if n_missing:
        notes.append(f"missing: {n_missing} cells such as #REF! or NA hold no value")
    return tuple(notes)


def type_texts(column: pa.ChunkedArray, *, prefer: NumberStyle | None = None) -> TypedColumn:
    """Typed column of an Arrow array of texts. See :func:`type_cells`."""
    blank = pc.fill_null(pc.or_(pc.utf8_is_space(column), pc.equal(column, "")), fill_value=True)
    column = pc.if_else(blank, pa.scalar(None, column.type), column)
    if column.null_count == len(column):
        return TypedColumn(pd.Series([None] * len(column), dtype=object))
    quick = _quick_numbers(column)
    if quick is None:
        quick = _quick_dates(column)
    if quick is not None:
        return TypedColumn(quick)
    coded = column.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    distinct: list[str] = coded.dictionary.to_pylist()
    codes = pc.fill_null(coded.indices, len(distinct)).to_numpy(zero_copy_only=False)
    return _from_distinct(distinct, codes, prefer)


def _quick_numbers(column: pa.ChunkedArray) -> pd.Series | None:
    """Numbers of a column that is plain throughout and proves its style; None if it needs a closer look."""
    comma = False
    if not _all_match(column, _PLAIN):
        if not (_all_match(column, _COMMA) and _any_match(column, _COMMA_PROOF)):
            return None
        comma = True
    marked = comma or _any_match(column, r"[.eE]")
    if marked and not comma and not _any_match(column, _PLAIN_PROOF):
        return None
    if not marked and _are_documents(column.slice(0, 1000).drop_null().to_pylist()):
        return None
    if comma:
        column = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
    if not marked and not column.null_count:
        return pd.Series(pc.cast(column, pa.int64()).to_numpy())
    return pd.Series(pc.cast(column, pa.float64()).to_numpy())


def _quick_dates(column: pa.ChunkedArray) -> pd.Series | None:
    """Moments of a column that is regular throughout and proves its order; None if it needs a closer look."""
    if not _all_match(column, _ISO_DATE):
        if not _all_match(column, _SLASH_DATE):
            return None
        day_first, month_first = _any_match(column, _FIRST_OVER_12), _any_match(column, _SECOND_OVER_12)
        if day_first == month_first:
            return None
        order = r"\3-\2-\1" if day_first else r"\3-\1-\2"
        column = pc.replace_substring_regex(column, r"^(\d{2})/(\d{2})/(\d{4})", order)
    try:
        moments = pc.cast(column, pa.timestamp("s"))
    except pa.ArrowInvalid:  # the 30th of February, 25 o'clock: the column is no column of dates
        return None
    return pd.Series(moments.to_numpy().astype("datetime64[ns]"))


def _all_match(column: pa.ChunkedArray, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(column, pattern)).as_py() is True  # nulls say nothing


def _any_match(column: pa.ChunkedArray, pattern: str) -> bool:
    return pc.any(pc.match_substring_regex(column, pattern)).as_py() is True


def _are_documents(sample: Sequence[str]) -> bool:
    """Whether all texts are CPF or CNPJ: 11 or 14 digits each, and the check digits hold."""
    alike = len({len(text) for text in sample}) == 1 and len(sample[0]) in {11, 14}
    return alike and all(text.isascii() and text.isdecimal() and _check_digits_hold(text) for text in sample)


def _check_digits_hold(text: str) -> bool:
    digits = [int(c) for c in text]
    top = 9 if len(text) == 14 else 11  # the weights of a CNPJ start again after 9, those of a CPF go up to 11
    for n in (len(text) - 2, len(text) - 1):
        weights = [2 + i % (top - 1) for i in range(n)][::-1]
        rest = sum(d * w for d, w in zip(digits[:n], weights, strict=True)) % 11
        if digits[n] != (0 if rest < 2 else 11 - rest):
            return False
    return True


def _from_distinct(distinct: list[str], codes: NDArray[np.int64], prefer: NumberStyle | None) -> TypedColumn:
    """Typed column from its distinct texts and the position of each row's text (past the end: missing)."""
    words = [_WORDS.get(text.strip().lower()) for text in distinct]
    if None not in words:
        return TypedColumn(_with_missing([None if code == len(words) else words[code] for code in codes]))
    if not any(map(_keeps_text, distinct)) and not _are_documents(distinct[:1000]):
        numbers = _as_numbers(distinct, codes, prefer)
        if numbers is not None and not isinstance(numbers, str):
            return numbers
    else:
        numbers = None
    dates = _as_dates(distinct, codes)
    if dates is not None:
        return dates
    texts = np.array([*distinct, None], dtype=object)
    return TypedColumn(pd.Series(texts[codes], dtype=object), (numbers,) if numbers else ())


def _as_numbers(distinct: list[str], codes: NDArray[np.int64], prefer: NumberStyle | None) -> TypedColumn | str | None:
    """The column as numbers, or a note on the few values that prevent it, or None."""
    style = detect_number_style(distinct, prefer=prefer)
    values = np.full(len(distinct) + 1, np.nan)
    failed: list[int] = []
    absent: list[int] = []
    for i, text in enumerate(distinct):
        value = parse_number(text, style)
        if value is not None:
            values[i] = value
        else:
            (absent if _is_no_value(text) else failed).append(i)
    if failed:
        n_failed = int(np.isin(codes, failed).sum())
        n_present = int((codes < len(distinct)).sum())
        if n_failed <= n_present * (1 - _MIXED_SHARE):
            return f"kept as text: {n_failed} of {n_present} values are no numbers ({distinct[failed[0]][:40]!r})"
        return None
    if len(absent) == len(distinct):
        return None
    n_missing = int(np.isin(codes, absent).sum()) if absent else 0
    return TypedColumn(_whole_or_float(values[codes]), _style_notes(style, len(distinct), n_missing))


def _as_dates(distinct: list[str], codes: NDArray[np.int64]) -> TypedColumn | None:
    """The column as moments if every text is one."""
    if not re.search(r"\d", distinct[0]) and not _is_no_value(distinct[0]):
        return None
    style = detect_date_style(distinct)
    moments = []
    for text in distinct:
        moment = None if text.strip().isdecimal() else parse_datetime(text, style)
        if moment is None and not _is_no_value(text):
            return None
        moments.append(moment)
    if all(moment is None for moment in moments):
        return None
    values = np.array([*moments, None], dtype="datetime64[ns]")[codes]
    return TypedColumn(pd.Series(values), () if style.certain else (f"dates: {style.why}",))


__all__ = ["TypedColumn", "type_cells", "type_texts"]
