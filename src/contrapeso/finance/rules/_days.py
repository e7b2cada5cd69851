"""Days that several rules leave open together, as one mask over the calendar's century."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from contrapeso.finance.calendar import FIRST_DAY, BankCalendar
from contrapeso.finance.calendar._days import N_DAYS
from contrapeso.finance.rules._laws_time import CalendarLaw, EraLaw
from contrapeso.finance.rules._rule import Rule
from contrapeso.finance.rules._values import Bools, Ints, UnanswerableError

FIRST = int(FIRST_DAY.astype(np.int64))
CENTURY: Ints = np.arange(FIRST, FIRST + N_DAYS)


def is_about_days(rule: Rule) -> bool:
    """Whether the rule says which days ``date`` may be."""
    return isinstance(rule.law, (CalendarLaw, EraLaw)) and rule.law.column == "date"


def open_days(rule: Rule, calendar: BankCalendar) -> Bools:
    """Days of the century that a calendar or era rule leaves open; all of them if it cannot say."""
    law = rule.law
    if isinstance(law, CalendarLaw):
        try:
            return law.keeps(CENTURY, calendar)
        except UnanswerableError:
            return np.ones(N_DAYS, dtype=bool)
    found = np.ones(N_DAYS, dtype=bool)
    if isinstance(law, EraLaw):
        days = CENTURY.astype("datetime64[D]")
        if law.valid_from is not None:
            found &= days >= law.valid_from
        if law.valid_to is not None:
            found &= days <= law.valid_to
    return found


def open_together(rules: Iterable[Rule], calendar: BankCalendar) -> Bools:
    """Days that all rules leave open."""
    found = np.ones(N_DAYS, dtype=bool)
    for rule in rules:
        found &= open_days(rule, calendar)
    return found


def nearest_open(days: Ints, mask: Bools) -> tuple[Ints, Bools]:
    """The open day nearest to each day, in its month where there is one, and whether there is any; earlier on a tie."""
    places = CENTURY[mask]
    if not len(places):
        return days, np.zeros(len(days), dtype=bool)
    right = np.searchsorted(places, days).clip(0, len(places) - 1)
    left = np.maximum(right - 1, 0)
    after, before = places[right], places[left]
    far = np.int64(1) << 40
    month = _month(days)
    cost_after = np.abs(after - days) + np.where(_month(after) == month, 0, far)
    cost_before = np.abs(days - before) + np.where(_month(before) == month, 0, far)
    return np.where(cost_before <= cost_after, before, after), np.ones(len(days), dtype=bool)


def _month(days: Ints) -> Ints:
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


__all__ = ["CENTURY", "is_about_days", "nearest_open", "open_days", "open_together"]
