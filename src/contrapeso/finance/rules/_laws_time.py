"""Rules about when: days on which something may be, eras, how often, and balances that go on from row to row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import pandas as pd

from contrapeso.finance.calendar import FIRST_DAY, LAST_DAY, BankCalendar, get_obligation, roll_dates
from contrapeso.finance.rules import _params as read
from contrapeso.finance.rules._laws_columns import Answers
from contrapeso.finance.rules._params import param
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import Bools, Ints, UnanswerableError, as_text

_ROLLS = ("following", "preceding", "modified_following", "none")
_FIRST_MONTH = int(FIRST_DAY.astype("datetime64[M]").astype(np.int64))
_LAST_MONTH = int(LAST_DAY.astype("datetime64[M]").astype(np.int64))


def _limit(name: str, value: object) -> object:
    return "today" if value == "today" else read.day(name, value)


@dataclass(frozen=True, slots=True)
class CalendarLaw:
    """A date is a business day, a day of the month with its roll, the n-th business day, a weekday, in a window, ...

    All that is given holds together. ``obligation`` stands for the day, counter, roll and months of one.
    """

    type: ClassVar[str] = "calendar"
    column: str = param(read.text, "date")
    business_day: bool | None = param(read.flag, None)
    day_of_month: int | None = param(read.whole(1, 31), None)
    roll: str = param(read.one_of(*_ROLLS), "none")
    nth_business_day: int | None = param(read.whole(-23, 23), None)
    labour_day: int | None = param(read.whole(1, 27), None)
    tolerance_days: int = param(read.whole(0, 15), 0)
    weekdays: tuple[int, ...] | None = param(read.wholes(0, 6), None)
    months: tuple[int, ...] | None = param(read.wholes(1, 12), None)
    not_before: np.datetime64 | None = param(read.day, None)  # noqa: RUF009 - a field
    not_after: np.datetime64 | str | None = param(_limit, None)  # noqa: RUF009 - a field
    obligation: str | None = param(lambda name, value: get_obligation(read.text(name, value)).code, None)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """A missing date has no answer."""
        when = table.days(self.column)
        kept = self.keeps(when.data.astype(np.int64), table.calendar)
        return kept, ~when.missing

    def keeps(self, days: Ints, calendar: BankCalendar) -> Bools:
        """Whether each day, counted from 1970, keeps the law."""
        distinct, back = np.unique(days, return_inverse=True)
        dates = distinct.astype("datetime64[D]")
        kept = np.ones(len(distinct), dtype=bool)
        if self.business_day is not None:
            kept &= calendar.business.contains(dates) == self.business_day
        if self.weekdays is not None:
            kept &= np.isin((distinct + 3) % 7, self.weekdays)
        months = self.months or (get_obligation(self.obligation).months if self.obligation else None)
        if months is not None:
            kept &= np.isin(dates.astype("datetime64[M]").astype(np.int64) % 12 + 1, months)
        if self.not_before is not None:
            kept &= dates >= self.not_before
        if self.not_after is not None:
            kept &= dates <= self._last()
        if self.names_a_day:
            kept &= np.abs(self.nearest_due(distinct, calendar) - distinct) <= self.tolerance_days
        return kept[back.ravel()]

    def _last(self) -> np.datetime64:
        if isinstance(self.not_after, np.datetime64):
            return self.not_after
        return np.datetime64(date.today(), "D")  # noqa: DTZ011 - the local day is meant

    @property
    def names_a_day(self) -> bool:
        """Whether the law says which day of the month it is."""
        named = (self.day_of_month, self.nth_business_day, self.labour_day, self.obligation)
        return any(part is not None for part in named)

    def nearest_due(self, days: Ints, calendar: BankCalendar, *, same_month: bool = False) -> Ints:
        """The due day nearest to each day; that of the nominal month itself if ``same_month``."""
        month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        if not len(month):
            return days
        low, high = max(int(month.min()) - 1, _FIRST_MONTH), min(int(month.max()) + 1, _LAST_MONTH)
        due = self.due_days(np.arange(low, high + 1), calendar)
        place = month - low
        if same_month:
            return due[place]
        near = [due[np.clip(place + step, 0, len(due) - 1)] for step in (0, -1, 1)]
        best = near[0]
        for other in near[1:]:
            best = np.where(np.abs(other - days) < np.abs(best - days), other, best)
        return best

    def due_days(self, months: Ints, calendar: BankCalendar) -> Ints:
        """The due day of each month, counted from 1970."""
        day, roll, labour, nth = self.day_of_month, self.roll, self.labour_day, self.nth_business_day
        if self.obligation:
            known = get_obligation(self.obligation)
            roll = known.roll
            day, labour = (known.day, None) if known.counter == "calendar" else (None, known.day)
            if known.day is None:
                raise UnanswerableError(f"the obligation {known.code} has no day of its own")
        stamps = months.astype("datetime64[M]")
        if nth is not None:
            counts = calendar.business.n_in_month(stamps)
            return calendar.business.nth_of_month(stamps, np.clip(nth or 1, -counts, counts)).astype(np.int64)
        if labour is not None:
            counts = calendar.labour.n_in_month(stamps)
            due = calendar.labour.nth_of_month(stamps, np.minimum(labour, counts))
            return roll_dates(due, roll, calendar.business).astype(np.int64)  # type: ignore[arg-type]
        first = stamps.astype("datetime64[D]").astype(np.int64)
        length = (stamps + 1).astype("datetime64[D]").astype(np.int64) - first
        nominal = first + np.minimum(day or 1, length) - 1
        inside = np.clip(nominal, int(FIRST_DAY.astype(np.int64)) + 10, int(LAST_DAY.astype(np.int64)) - 10)
        return roll_dates(inside.astype("datetime64[D]"), roll, calendar.business).astype(np.int64)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class EraLaw:
    """A row of this kind has a date from ``valid_from`` to ``valid_to``."""

    type: ClassVar[str] = "era"
    column: str = param(read.text, "date")
    valid_from: np.datetime64 | None = param(read.day, None)  # noqa: RUF009 - a field
    valid_to: np.datetime64 | None = param(read.day, None)  # noqa: RUF009 - a field

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """A missing date has no answer."""
        when = table.days(self.column)
        dates = when.data.astype(np.int64).astype("datetime64[D]")
        kept = np.ones(len(table), dtype=bool)
        if self.valid_from is not None:
            kept &= dates >= self.valid_from
        if self.valid_to is not None:
            kept &= dates <= self.valid_to
        return kept, ~when.missing


@dataclass(frozen=True, slots=True)
class RecurrenceLaw:
    """A series (rows that agree on ``key``): how many in a period, how far apart, how much, instalments that count."""

    type: ClassVar[str] = "recurrence"
    key: tuple[str, ...] = param(read.texts)
    period: str = param(read.one_of("day", "week", "month", "quarter", "year"), "month")
    at_most: int | None = param(read.whole(1, 1000), None)
    gap_days: tuple[int, ...] | None = param(read.wholes(0, 4000), None)
    amount_tolerance: float | None = param(read.number, None)
    instalments: str | None = param(read.text, None)

    def check(self, table: Table, asked: Bools) -> Answers:
        """All that is given holds together; a row without date or key has no answer."""
        when = table.days("date")
        group, gone = table.groups(self.key)
        counts = asked & ~gone & ~when.missing
        kept = np.ones(len(table), dtype=bool)
        if self.at_most is not None:
            kept &= _rank(table, (*self.key, self.period), counts) < self.at_most
        if self.gap_days is not None:
            gap, first = _gaps(when.data.astype(np.int64), group, counts)
            kept &= first | ((gap >= self.gap_days[0]) & (gap <= self.gap_days[-1]))
        if self.amount_tolerance is not None:
            kept &= _near_median(table, group, counts, self.amount_tolerance)
        if self.instalments is not None:
            number, total = instalment_of(table, self.instalments)
            right = instalments_advance(number, total, group, when.data.astype(np.int64), counts)
            return kept & right, counts & ((number > 0) | (self.at_most is not None))
        return kept, counts


def _rank(table: Table, names: tuple[str, ...], counts: Bools) -> Ints:
    """How many rows of the same group come before each row, by date; rows that were there first come first."""
    inner, _ = table.groups(names)
    rows, when = np.flatnonzero(counts), table.days("date").data
    order = rows[np.lexsort((when[rows], rows >= table.n_before))]
    rank = np.zeros(len(table), dtype=np.int64)
    rank[order] = pd.Series(inner[order]).groupby(inner[order]).cumcount().to_numpy()
    return rank


def _gaps(days: Ints, group: Ints, counts: Bools) -> tuple[Ints, Bools]:
    """Days since the row before of the group, and whether there is none."""
    rows = np.flatnonzero(counts)
    order = rows[np.lexsort((days[rows], group[rows]))]
    gap, first = np.zeros(len(days), dtype=np.int64), np.ones(len(days), dtype=bool)
    same = group[order][1:] == group[order][:-1]
    gap[order[1:]] = np.diff(days[order])
    first[order[1:]] = ~same
    return gap, first


def _near_median(table: Table, group: Ints, counts: Bools, tolerance: float) -> Bools:
    amount = table.column("amount")
    usable = counts & ~amount.missing
    middle = pd.Series(amount.data[usable]).groupby(group[usable]).median()
    centre = middle.reindex(group).to_numpy(dtype=np.float64)
    near = np.abs(amount.data - centre) <= tolerance * np.abs(centre) + 1e-9
    return np.asarray(~usable | near, dtype=np.bool_)


INSTALMENT = re.compile(r"(?<![\d/])(\d{1,3})(\s*/\s*|\s+de\s+)(\d{1,3})(?![\d/])", re.IGNORECASE)
"""An instalment as people write it: 3/12, 03 / 12, 3 de 12."""


def instalment_of(table: Table, column: str) -> tuple[Ints, Ints]:
    """Number and total of the instalment that a text names; 0 where it names none."""
    values = as_text(table.column(column))
    found = [INSTALMENT.search(word) for word in values.words] or [None]
    number = np.array([int(match[1]) if match else 0 for match in found], dtype=np.int64)
    total = np.array([int(match[3]) if match else 0 for match in found], dtype=np.int64)
    place = np.where(values.missing, 0, values.data).astype(np.int64)
    return np.where(values.missing, 0, number[place]), np.where(values.missing, 0, total[place])


def instalments_advance(number: Ints, total: Ints, group: Ints, days: Ints, counts: Bools) -> Bools:
    """Whether each instalment is at most the total, and one more than the one before or the first."""
    rows = np.flatnonzero(counts & (number > 0))
    order = rows[np.lexsort((number[rows], days[rows], total[rows], group[rows]))]
    kept: Bools = (number <= total) | (number == 0)
    if len(order) > 1:
        before, here = order[:-1], order[1:]
        chained = (group[before] == group[here]) & (total[before] == total[here])
        kept[here] &= ~chained | (number[here] == number[before] + 1) | (number[here] == 1)
    return kept


@dataclass(frozen=True, slots=True)
class BalanceLaw:
    """Each balance is the one before plus the amount; inside a day rows may stand in any order that makes it true."""

    type: ClassVar[str] = "running_balance"
    key: tuple[str, ...] = param(read.texts, ("account",))
    amount: str = param(read.text, "amount")
    balance: str = param(read.text, "balance")
    tolerance: float = param(read.number, 0.0)
    order: tuple[str, ...] = param(read.texts, ("date",))

    def check(self, table: Table, asked: Bools) -> Answers:
        """The first balance of an account has no answer; rows without a balance between two others are summed."""
        amount, balance, when = table.cents(self.amount), table.cents(self.balance), table.days(self.order[0])
        key = tuple(name for name in self.key if table.has(name))
        group, gone = table.groups(key) if key else (np.zeros(len(table), dtype=np.int64), np.zeros(len(table), bool))
        usable = asked & ~gone & ~amount.missing & ~when.missing
        rows = np.flatnonzero(usable)
        rows = rows[np.lexsort((when.data[rows], group[rows]))]
        kept, known = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
        slack = round(self.tolerance * 100)
        cents, close = amount.data.astype(np.int64)[rows], balance.data.astype(np.int64)[rows]
        there = ~balance.missing[rows]
        as_is, first = _chain(group[rows], cents, close, there, slack)
        in_some, start = _any_order(group[rows], when.data.astype(np.int64)[rows], cents, close, there)
        first = np.where(start >= 0, start == 1, first)
        kept[rows], known[rows] = as_is | in_some, there & ~first
        return kept, known


def _chain(group: Ints, cents: Ints, close: Ints, there: Bools, slack: int) -> tuple[Bools, Bools]:
    """Whether rows follow from the balance before as they stand, and whether there is none before."""
    total = np.cumsum(cents)
    kept, first = np.zeros(len(group), dtype=bool), np.ones(len(group), dtype=bool)
    known = np.flatnonzero(there)
    if len(known) > 1:
        before, here = known[:-1], known[1:]
        same = group[before] == group[here]
        moved = total[here] - total[before]
        kept[here] = same & (np.abs(close[here] - close[before] - moved) <= slack)
        first[here] = ~same
    return kept, first


def _any_order(group: Ints, days: Ints, cents: Ints, close: Ints, there: Bools) -> tuple[Bools, Ints]:
    """Whether the opening of a row is the closing of another one of its day, or of the end of the day before.

    On the first day of an account one row has nothing before it: the second answer is 1 for that row, 0 for the others
    of such a day, and -1 elsewhere.
    """
    if not len(group):
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64)
    new_day = np.concatenate([[True], (np.diff(group) != 0) | (np.diff(days) != 0)])
    day = np.cumsum(new_day) - 1
    starts = np.flatnonzero(new_day)
    follows = np.concatenate([[False], np.diff(group[starts]) == 0])
    codes, distinct = pd.factorize(np.concatenate([close - cents, close]))
    opened, closed = codes[: len(group)].astype(np.int64), codes[len(group) :].astype(np.int64)
    radix = len(distinct) + 1
    opening, closing = day * radix + opened, day * radix + closed
    complete = np.bincount(day, ~there, len(starts)) == 0
    last = _ends(opening, closing, day, len(starts))
    inside = np.isin(opening, closing[there]) & (cents != 0)
    before = (
        np.isin((day - 1) * radix + opened, closing[last & there]) & follows[day] & complete[np.maximum(day - 1, 0)]
    )
    start = np.where(~follows[day] & complete[day], 0, -1)
    loose = np.flatnonzero((start == 0) & ~inside)
    start[loose[np.unique(day[loose], return_index=True)[1]]] = 1
    return np.asarray(there & complete[day] & (inside | before), dtype=np.bool_), start


def _ends(opening: Ints, closing: Ints, day: Ints, n_days: int) -> Bools:
    """Rows whose closing may be the day's last: more rows close at it than open there; any row of a day without one."""
    keys, number = np.unique(np.concatenate([closing, opening]), return_inverse=True)
    number = number.ravel()
    surplus = np.bincount(number[: len(closing)], minlength=len(keys)) - np.bincount(
        number[len(closing) :], minlength=len(keys)
    )
    last = surplus[number[: len(closing)]] > 0
    return np.asarray(last | ~(np.bincount(day, last, n_days) > 0)[day], dtype=np.bool_)


__all__ = ["INSTALMENT", "BalanceLaw", "CalendarLaw", "EraLaw", "RecurrenceLaw", "instalment_of", "instalments_advance"]
