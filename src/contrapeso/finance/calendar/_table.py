"""The table of bank holidays that the package ships: what the rules gave, kept as data that people can read.

``scripts/bank_holidays.py`` writes it and a test compares it with the rules, so a change of law is a diff.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib.resources import files

from contrapeso.finance.calendar._rules import HOLIDAY_RULES, Holiday

TABLE = "bank_holidays.csv"
COLUMNS = ("date", "holiday")


@cache
def bank_holidays() -> tuple[Holiday, ...]:
    """National bank holidays from 2000 to 2099, in order; a day with two names is there twice."""
    rules = {rule.code: rule for rule in HOLIDAY_RULES}
    lines = files("contrapeso.finance.calendar").joinpath(TABLE).read_text(encoding="utf-8").splitlines()
    return tuple(rules[row["holiday"]].on(date.fromisoformat(row["date"])) for row in csv.DictReader(lines))


def table_text(holidays: tuple[Holiday, ...]) -> str:
    """Content of the table for ``holidays``."""
    rows = [",".join(COLUMNS), *(f"{holiday.day.isoformat()},{holiday.code}" for holiday in holidays)]
    return "\n".join(rows) + "\n"


__all__ = ["COLUMNS", "TABLE", "bank_holidays", "table_text"]
