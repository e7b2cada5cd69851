"""The calendar of Brazilian banks: holidays from 2000 to 2099, business and labour days, obligations and rolls."""

from contrapeso.finance.calendar._calendar import BankCalendar, LocalBanks, OptionalDays, ShortDay, bank_calendar
from contrapeso.finance.calendar._days import FIRST_DAY, LAST_DAY, OpenDays
from contrapeso.finance.calendar._obligations import (
    OBLIGATIONS,
    Obligation,
    due_dates,
    get_obligation,
    payment_dates,
)
from contrapeso.finance.calendar._ordinals import DateOrdinals, date_ordinals
from contrapeso.finance.calendar._roll import Roll, roll_dates
from contrapeso.finance.calendar._rules import HOLIDAY_RULES, Holiday, HolidayRule, easter
from contrapeso.finance.calendar._table import bank_holidays

__all__ = [
    "FIRST_DAY",
    "HOLIDAY_RULES",
    "LAST_DAY",
    "OBLIGATIONS",
    "BankCalendar",
    "DateOrdinals",
    "Holiday",
    "HolidayRule",
    "LocalBanks",
    "Obligation",
    "OpenDays",
    "OptionalDays",
    "Roll",
    "ShortDay",
    "bank_calendar",
    "bank_holidays",
    "date_ordinals",
    "due_dates",
    "easter",
    "get_obligation",
    "payment_dates",
    "roll_dates",
]
