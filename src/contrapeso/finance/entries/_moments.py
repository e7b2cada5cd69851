"""Columns of other dates and of moments: moved with the date of the movement, or left empty."""

from __future__ import annotations

import datetime as dt

import numpy as np

from contrapeso.finance.entries._cells import Cells, text_of
from contrapeso.finance.entries._dates import clock_of, learn_day_form, read_days
from contrapeso.finance.entries._facts import SAMPLE, Facts, Found
from contrapeso.finance.entries._names import Hint
from contrapeso.finance.entries._plans import DayPlan
from contrapeso.finance.entries._row_plans import OffsetPlan, SamePlan
from contrapeso.finance.entries._support import substituted
from contrapeso.finance.entries._words import Said

_LEAST_COPY = 0.99


def holds_days(cells: Cells) -> bool:
    if not issubclass(cells.kind, str | dt.date | np.datetime64):
        return False
    sample = Cells(cells.key, cells.distinct[:SAMPLE])
    read = read_days(sample)
    if issubclass(cells.kind, str) and all(text_of(value).strip().isdigit() for value in sample.values):
        return False
    return read.share >= 0.9


def find_moment(cells: Cells, facts: Facts, hint: Hint | None) -> Found | None:
    """Another date, or a moment."""
    if not holds_days(cells):
        return None
    sample = Cells(cells.key, cells.distinct[:SAMPLE])
    style = read_days(sample).style
    clocks = {clock_of(value, style) for value in sample.values} - {None}
    if len(clocks) > 1:
        return "timestamp", Said("clock_varies"), SamePlan(nothing_in(cells))
    read = read_days(cells)
    form = learn_day_form(cells, style)
    offsets = np.where(read.ok, (read.days - facts.ledger.days).astype(np.int64), 0)
    if read.ok.any() and (offsets[read.ok] == 0).mean() >= _LEAST_COPY:
        return "other_date", Said("same_as_date"), DayPlan(form)
    if hint == "system":
        return "timestamp", Said("clock_varies"), SamePlan(nothing_in(cells))
    days = Cells(cells.key, [o if ok else None for o, ok in zip(offsets.tolist(), read.ok.tolist(), strict=True)])
    copied = substituted(days, days.counts >= facts.least, facts.groups)
    span = f"{int(offsets[read.ok].min(initial=0))}..{int(offsets[read.ok].max(initial=0))}"
    return "other_date", Said("moves_with_date", {"days": span}), OffsetPlan(form, copied, cells.null_form)


def nothing_in(cells: Cells) -> object:
    return cells.null_form if cells.n < len(cells) else None


__all__ = ["find_moment", "holds_days", "nothing_in"]
