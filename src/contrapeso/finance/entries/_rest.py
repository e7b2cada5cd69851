"""How each column that is no field of a movement gets its values: one look after the other until one knows."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from contrapeso.finance.entries._cells import Cells, text_of
from contrapeso.finance.entries._copies import calendar_part, copy_of_amount, copy_of_text, direction_words
from contrapeso.finance.entries._facts import Facts, Found
from contrapeso.finance.entries._moments import find_moment
from contrapeso.finance.entries._names import Hint, Role, hint_of
from contrapeso.finance.entries._plans import Plan, RowPlan
from contrapeso.finance.entries._row_plans import EmptyPlan, SamePlan
from contrapeso.finance.entries._shared import documents, find_identity, find_repeated, id_plan, numbers
from contrapeso.finance.entries._somebody import find_names_in, pseudonyms
from contrapeso.finance.entries._support import identifier_kind, may_be_copied, names_person, substituted
from contrapeso.finance.entries._words import Said

_SCALARS = (str, bool, int, float, Decimal, dt.date, dt.timedelta, dt.time, np.generic, uuid.UUID, enum.Enum)


def find_plan(cells: Cells, facts: Facts, declared: Role | None = None) -> Found:
    """Role of a column that is no field of a movement, the reason, and how new rows get its value."""
    hint = hint_of(cells.key)
    if declared is not None:
        return declared, Said("declared"), _declared(cells, facts, declared)
    if hint == "synthetic":
        return "synthetic", Said("mark"), SamePlan(_mark(cells))
    if hint == "provenance" or _is_nested(cells):
        return "nested", Said("nested"), _empty(cells)
    if not cells.n:
        return "empty", Said("no_value"), SamePlan(cells.null_form)
    for look in _LOOKS:
        if found := look(cells, facts, hint):
            return found
    return find_repeated(cells, facts, hint)


def _declared(cells: Cells, facts: Facts, role: Role) -> Plan:  # noqa: PLR0911  (one return per role)
    """The plan of a role that the caller gave."""
    if role in {"person", "firm", "identifier"}:
        return pseudonyms(cells, facts, role)
    if role == "id":
        return id_plan(cells)
    if role == "constant":
        return SamePlan(cells.distinct[int(cells.counts.argmax())] if cells.n and cells.is_plain else cells.null_form)
    if role == "number":
        return numbers(cells, facts)[2]
    if role == "document":
        return documents(cells, facts)
    if role == "type" and (found := direction_words(cells, facts, None)):
        return found[2]
    if role in {"categorical", "type"} and cells.is_plain:
        return RowPlan(substituted(cells, may_be_copied(cells, facts.least), facts.groups), cells.null_form)
    if role == "copy":
        found = copy_of_amount(cells, facts, None) or copy_of_text(cells, facts, None)
        return found[2] if found else SamePlan(cells.null_form)
    if role == "calendar" and (found := calendar_part(cells, facts, None)):
        return found[2]
    if role in {"other_date", "timestamp"} and (found := find_moment(cells, facts, None)):
        return found[2]
    return (
        SamePlan(value=True)
        if role == "synthetic"
        else SamePlan(None)
        if _is_nested(cells)
        else SamePlan(cells.null_form)
    )


def _mark(cells: Cells) -> object:
    """True as the column writes it."""
    if issubclass(cells.kind, str):
        return "sim" if any(text_of(v).strip().casefold() in {"nao", "não", "n"} for v in cells.distinct) else "true"
    return 1 if cells.kind is int else True


def _is_nested(cells: Cells) -> bool:
    return bool(cells.n) and (not cells.is_plain or not issubclass(cells.kind, _SCALARS))


def _empty(cells: Cells) -> Plan:
    for kind in (dict, list, set):
        if issubclass(cells.kind, kind):
            return EmptyPlan(kind)
    return EmptyPlan(dict) if issubclass(cells.kind, Mapping) else SamePlan(None)


def _constant(cells: Cells, facts: Facts, hint: Hint | None) -> Found | None:
    if len(cells.distinct) > 1 or cells.n < len(cells) or hint in {"text", "person", "identifier"}:
        return None
    value = cells.distinct[0]
    if isinstance(value, str) and (
        cells.n < facts.least or hint == "id" or identifier_kind(value) or names_person(value)
    ):
        return None
    return "constant", Said("one_value"), SamePlan(value)


_LOOKS = (
    _constant,
    find_identity,
    find_moment,
    copy_of_amount,
    copy_of_text,
    calendar_part,
    find_names_in,
    direction_words,
)

__all__ = ["find_plan"]
