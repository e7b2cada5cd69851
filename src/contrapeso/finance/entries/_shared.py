"""Columns that identify a row, that many rows share the values of, and numbers and texts of one row alone."""

from __future__ import annotations

import math
import uuid
from decimal import Decimal

import numpy as np

from contrapeso.finance.entries._cells import Cells, is_null, plain, text_of
from contrapeso.finance.entries._facts import SAMPLE, Facts, Found
from contrapeso.finance.entries._moments import holds_days, nothing_in
from contrapeso.finance.entries._names import Hint
from contrapeso.finance.entries._plans import Plan, RowPlan
from contrapeso.finance.entries._row_plans import DocumentPlan, IdPlan, SamePlan
from contrapeso.finance.entries._support import blurred, may_be_copied, substituted
from contrapeso.finance.entries._words import Said, share_of

_LEAST_ID = 0.9
_MAX_FLOAT = 1e300
_NUMBERED = (str, int, float, Decimal, np.number)


def find_identity(cells: Cells, facts: Facts, hint: Hint | None) -> Found | None:
    """A column that identifies the row, or numbers of documents."""
    unique = len(cells.distinct) / cells.n
    if hint == "id" and unique >= _LEAST_ID:
        return "id", Said("by_name"), id_plan(cells)
    if hint == "id" and issubclass(cells.kind, _NUMBERED):
        return "document", Said("document"), documents(cells, facts)
    token = issubclass(cells.kind, str | uuid.UUID) and all(
        " " not in (text := str(value)) and any(map(str.isdigit, text)) for value in cells.distinct[:SAMPLE]
    )
    counter = issubclass(cells.kind, int | np.integer) and cells.kind is not bool and _counts_rows(cells)
    if unique == 1 and cells.n == len(cells) >= 20 and (counter or (token and not holds_days(cells))):
        return "id", Said("unique"), id_plan(cells)
    return None


def _counts_rows(cells: Cells) -> bool:
    steps = np.diff(np.array([_float(value) for value in cells.distinct], dtype=np.float64))
    return bool((steps > 0).all() or (steps < 0).all())


def id_plan(cells: Cells) -> Plan:
    if issubclass(cells.kind, uuid.UUID):
        return IdPlan("uuid")
    if issubclass(cells.kind, int | np.integer) and cells.kind is not bool:
        return IdPlan("integer", cells.kind)
    return SamePlan(cells.null_form) if not cells.n else IdPlan()


def find_repeated(cells: Cells, facts: Facts, hint: Hint | None) -> Found:
    """Values that rows share, numbers, documents, and free text last."""
    is_number = issubclass(cells.kind, int | float | Decimal | np.number) and not issubclass(
        cells.kind, bool | np.bool_
    )
    copied = may_be_copied(cells, facts.least) if hint != "text" else np.zeros(len(cells.distinct), dtype=bool)
    share = float(cells.counts[copied].sum()) / cells.n
    if is_number and share < 1:
        return numbers(cells, facts)
    if share >= 0.5 or not issubclass(cells.kind, str):
        said = Said("repeated", {"share": share_of(share), "k": facts.least})
        return "categorical", said, RowPlan(substituted(cells, copied, facts.groups), cells.null_form)
    texts = [text_of(value) for value in cells.distinct[:SAMPLE]]
    if hint != "text" and all(" " not in text and any(map(str.isdigit, text)) for text in texts):
        return "document", Said("document"), documents(cells, facts)
    return "text", Said("free_text"), SamePlan(nothing_in(cells))


def numbers(cells: Cells, facts: Facts) -> Found:
    """Numbers: those of few rows lie between their neighbours."""
    kind = cells.kind
    numbers = np.array([_float(value) for value in cells.values], dtype=np.float64)
    moved = blurred(cells, numbers, may_be_copied(cells, facts.least), facts.groups)
    whole = issubclass(kind, int | np.integer)
    written = [
        old if unchanged else cells.null_form if np.isnan(new) else _cast(new, kind, whole=whole)
        for old, new, unchanged in zip(cells.values, moved.tolist(), (moved == numbers).tolist(), strict=True)
    ]
    return "number", Said("numbers"), RowPlan(written, cells.null_form)


def _float(value: object) -> float:
    """The number that a value is; NaN where it is none, or one that a float does not hold."""
    cell = plain(value)
    if not isinstance(cell, int | float | Decimal) or is_null(cell):
        return math.nan
    return float(cell) if -_MAX_FLOAT < cell < _MAX_FLOAT else math.nan


def _cast(number: float, kind: type, *, whole: bool) -> object:
    if issubclass(kind, Decimal):
        return Decimal(str(number))
    made: object = kind(round(number) if whole else number)  # type: ignore[call-arg]
    return made


def documents(cells: Cells, facts: Facts) -> Plan:
    kept = np.append(cells.counts >= facts.least, True)[cells.codes]
    pairs = zip(cells.values, cells.blank.tolist(), strict=True)
    values = [None if gone or not isinstance(value, _NUMBERED) else value for value, gone in pairs]
    return DocumentPlan(values, kept.tolist(), cells.null_form)


__all__ = ["documents", "find_identity", "find_repeated", "id_plan", "numbers"]
