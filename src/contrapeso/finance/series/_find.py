"""``find_series``: rows of one template and payee that recur, how often, and how steady their amounts are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from contrapeso.errors import InvalidDataError
from contrapeso.finance._ledger import Cents, Days, Ledger, Rows, Texts, texts
from contrapeso.finance.calendar import BankCalendar
from contrapeso.finance.series._grid import Ints
from contrapeso.finance.series._law import DateLaw, Months, Window, span_of
from contrapeso.finance.series._learn import learn_law

Cadence: TypeAlias = Literal[
    "weekly", "fortnightly", "twice_monthly", "monthly", "bimonthly", "quarterly", "half_yearly", "yearly", "irregular"
]
AmountKind: TypeAlias = Literal["fixed", "variable", "irregular"]

MONTHS_OF: dict[Cadence, int] = {"monthly": 1, "bimonthly": 2, "quarterly": 3, "half_yearly": 6, "yearly": 12}
"""Months from one row to the next."""
_DAYS_OF: dict[Cadence, int] = {"weekly": 7, "fortnightly": 14}

_YEAR = 12
_LEAST_ROWS = _LEAST_MONTHS = 3
_LEAST_STEPS = 3
_COMMON_STEPS = (1, 12)  # of other distances three in a row may be chance
_STEADY = 0.7
_DAY_SLACK = 2
_MOST_PER_MONTH = 1.15
_FIXED_STEP, _FIXED_STEPS, _VARIABLE_SPREAD = 0.02, 0.75, 0.30


@dataclass(frozen=True, eq=False)
class Series:
    """Rows that recur.

    Attributes
    ----------
    key : str
        What ``find_series`` was given for the rows.
    rows : int64, shape (r,)
        Rows of the ledger, by day.
    days : datetime64[D], shape (r,)
    cents : int64, shape (r,)
        All of one sign.
    cadence : str
        From 'weekly' to 'yearly'; 'irregular' where no distance is steady.
    amount_kind : {"fixed", "variable", "irregular"}
        Steps between rows of at most 2 % (a rise now and then allowed), a spread of at most 30 %, or more.
    calendar : BankCalendar, optional
    """

    key: str
    rows: Rows
    days: Days
    cents: Cents
    cadence: Cadence
    amount_kind: AmountKind
    calendar: BankCalendar | None = None

    @cached_property
    def law(self) -> DateLaw:
        """When its rows fall, learned at the first question."""
        return learn_law(self.days, self.calendar)

    @property
    def level_cents(self) -> int:
        """The median amount."""
        return int(np.median(self.cents))

    @property
    def spread(self) -> float:
        """Robust standard deviation of the logarithm of the amounts."""
        return _spread(self.cents)

    @property
    def months(self) -> Months:
        """Months that have a row, increasing."""
        return np.unique(self.days.astype("datetime64[M]"))

    def free_months(self, window: Window | None = None) -> Months:
        """Months of the window in which the series could have a row and has none, on its own cadence.

        Empty for cadences that are not counted in months. A monthly series gets no second row in a month.
        """
        if self.cadence not in MONTHS_OF:
            return np.array([], dtype="datetime64[M]")
        months = self._on_cadence(_months_of(self._window(window)))
        return np.asarray(months[~np.isin(months, self.months)])

    def _on_cadence(self, months: Months) -> Months:
        """Those of ``months`` that the cadence meets; of a history of a year or more, only its months of the year."""
        step, seen = MONTHS_OF[self.cadence], self.months.astype(np.int64)
        numbers = months.astype(np.int64)
        fits = numbers % step == int(np.bincount(seen % step, minlength=step).argmax())
        if seen[-1] - seen[0] >= _YEAR - 1:
            fits &= np.isin(numbers % _YEAR, seen % _YEAR)
        return np.asarray(months[fits])

    def occurrences(
        self, window: Window | None = None, rng: np.random.Generator | None = None
    ) -> tuple[Days, list[dict[str, object]]]:
        """Days of a sibling: another series of the same cadence and law, over the whole window.

        Parameters
        ----------
        window : (first, last), optional
            The days of the series by default.
        rng : numpy Generator

        Returns
        -------
        days : datetime64[D], increasing
        traces : list of dicts, as of :meth:`DateLaw.draw`
        """
        first, last = span = self._window(window)
        rate = max(1, round(len(self.days) * _n_days(first, last) / _n_days(self.days[0], self.days[-1])))
        if self.cadence in _DAYS_OF:
            days, traces = self._by_weeks(span, rng)
        elif self.cadence in MONTHS_OF:
            days, traces = self._by_months(span, rng)
        else:
            days, traces = self.law.draw(rate, span, rng)
        order = np.argsort(days, kind="stable")
        return days[order], [traces[place] for place in order.tolist()]

    def _by_months(
        self, span: tuple[np.datetime64, np.datetime64], rng: np.random.Generator | None
    ) -> tuple[Days, list[dict[str, object]]]:
        """One day in each month of the cadence that has a possible day."""
        months = self._on_cadence(_months_of(span))
        months = months[np.isin(months, self.law.possible_months(span))]
        return self.law.draw(len(months), span, rng, months)

    def _by_weeks(
        self, span: tuple[np.datetime64, np.datetime64], rng: np.random.Generator | None
    ) -> tuple[Days, list[dict[str, object]]]:
        """Days one or two weeks apart from a first one that the law draws; closed days are left out."""
        start, traces = self.law.draw(1, span, rng)
        step = _DAYS_OF[self.cadence]
        low, high = (int((day - start[0]).astype(np.int64)) for day in span)
        days = start[0] + step * np.arange(-(-low // step), high // step + 1)
        days = days[self.law.allows(days)]
        return days, [dict(traces[0]) for _ in days]

    def _window(self, window: Window | None) -> tuple[np.datetime64, np.datetime64]:
        return (self.days[0], self.days[-1]) if window is None else span_of(window)


def find_series(ledger: Ledger, keys: object, *, calendar: BankCalendar | None = None) -> tuple[Series, ...]:
    """The recurring series of a ledger, in the order of their first rows.

    A series has three rows or more, in three months or more, of one key, account and sign. Where a key has more than
    one row a month, amounts that recur by themselves are series of their own (two subscriptions with one firm).

    Parameters
    ----------
    ledger : Ledger
    keys : sequence of str, shape (n,)
        Template and payee of each row; rows with an empty key are in no series.
    calendar : BankCalendar, optional
        For the laws of the series.

    Returns
    -------
    tuple of Series
        No row is in two of them.

    Raises
    ------
    InvalidDataError
        If there is not one key for each row.
    """
    names = texts(keys)
    if len(names) != len(ledger):
        raise InvalidDataError(f"find_series takes one key for each row; got {len(names)} for {len(ledger)} rows.")
    found = [
        _series(ledger, part, str(names[part[0]]), calendar)
        for rows in _groups(ledger, names)
        for part in _parts(ledger, rows)
    ]
    return tuple(sorted(found, key=lambda series: int(series.rows[0])))


def _groups(ledger: Ledger, names: Texts) -> list[Ints]:
    """Rows of each key, account and sign, by day; small groups left out."""
    codes: dict[tuple[object, object, int], int] = {}
    labels = zip(names.tolist(), ledger.accounts.tolist(), np.sign(ledger.cents).tolist(), strict=True)
    of_row = np.array([codes.setdefault(label, len(codes)) for label in labels], dtype=np.int64)
    order = np.lexsort((ledger.days, of_row))
    edges = np.flatnonzero(np.diff(of_row[order])) + 1
    parts = np.split(order, edges) if len(order) else []
    return [part for part in parts if len(part) >= _LEAST_ROWS and names[part[0]]]


def _parts(ledger: Ledger, rows: Ints) -> list[Ints]:
    """The group as one series, or the amounts of it that recur by themselves, and what is left."""
    months = ledger.days[rows].astype("datetime64[M]").astype(np.int64)
    if len(rows) <= _MOST_PER_MONTH * len(np.unique(months)):
        return [rows] if _recurs(months) else []
    found, left = [], np.ones(len(rows), dtype=bool)
    values, of_row, counts = np.unique(ledger.cents[rows], return_inverse=True, return_counts=True)
    for value in np.flatnonzero(counts >= _LEAST_ROWS):
        mine = of_row == value
        n_months = len(np.unique(months[mine]))
        if n_months >= _LEAST_MONTHS and counts[value] <= _MOST_PER_MONTH * n_months and len(values) > 1:
            found.append(rows[mine])
            left &= ~mine
    return [*found, rows[left]] if _recurs(months[left]) else found


def _recurs(months: Ints) -> bool:
    return len(months) >= _LEAST_ROWS and len(np.unique(months)) >= _LEAST_MONTHS


def _series(ledger: Ledger, rows: Ints, key: str, calendar: BankCalendar | None) -> Series:
    days, cents = ledger.days[rows], ledger.cents[rows]
    return Series(key, rows, days, cents, _cadence(days), _amount_kind(cents), calendar)


def _cadence(days: Days) -> Cadence:
    """The steady distance between rows, if there is one."""
    gaps = np.diff(days.astype(np.int64))
    for cadence, step in _DAYS_OF.items():
        if (np.abs(gaps - step) <= (_DAY_SLACK if step == 7 else _DAY_SLACK + 1)).mean() >= _STEADY:
            return cadence
    months = days.astype("datetime64[M]").astype(np.int64)
    values, counts = np.unique(months, return_counts=True)
    steps = np.diff(values)
    if (counts == 2).mean() >= _STEADY and (steps == 1).mean() >= _STEADY:
        return "twice_monthly"
    if len(days) <= _MOST_PER_MONTH * len(values):
        for cadence, step in MONTHS_OF.items():
            if (steps == step).mean() >= _STEADY and (step in _COMMON_STEPS or len(steps) >= _LEAST_STEPS):
                return cadence
    return "irregular"


def _amount_kind(cents: Cents) -> AmountKind:
    """How steady the amounts are."""
    sizes = np.log(np.maximum(np.abs(cents.astype(np.float64)), 1.0))
    if (np.abs(np.diff(sizes)) <= _FIXED_STEP).mean() >= _FIXED_STEPS:
        return "fixed"
    return "variable" if _spread(cents) <= _VARIABLE_SPREAD else "irregular"


def _spread(cents: Cents) -> float:
    sizes = np.log(np.maximum(np.abs(cents.astype(np.float64)), 1.0))
    return float(1.4826 * np.median(np.abs(sizes - np.median(sizes))))


def _months_of(span: tuple[np.datetime64, np.datetime64]) -> Months:
    first, last = (int(day.astype("datetime64[M]").astype(np.int64)) for day in span)
    return np.arange(first, last + 1).astype("datetime64[M]")


def _n_days(first: np.datetime64, last: np.datetime64) -> int:
    return int((last - first).astype(np.int64)) + 1


__all__ = ["MONTHS_OF", "AmountKind", "Cadence", "Series", "find_series"]
