"""What is known of one category: its rows in groups of one kind, and for each group a law of dates and of amounts.

A group is a series, or the rows of one template and direction, or what is left of a direction. Groups of
few rows have no law of their own: their dates follow that of the direction, their amounts stay near those of the rows
themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Cents, Days, Ledger, Rows, Texts
from contrapeso.finance.amounts import AmountModel
from contrapeso.finance.series import DateLaw, learn_law
from contrapeso.finance.series._find import MONTHS_OF
from contrapeso.finance.templates import INSTRUMENTS

if TYPE_CHECKING:
    from contrapeso.finance.synthesis._learn import Learned

Ints = NDArray[np.int64]
Window = tuple[np.datetime64, np.datetime64]
OWN_LAW = 12
"""Rows from which a group without a steady cadence has laws of its own."""


@dataclass(frozen=True, eq=False)
class Group:
    """Rows of one kind in a category.

    ``at`` are places among the rows of the category, by day; ``series`` is -1 where they have no steady cadence;
    ``most`` is how often a series comes in one month at most; ``fixed`` says that its price changes now and then only;
    ``pooled`` that these are what is left of a direction.
    ``window`` are the first and last day on which a row may lie: those of the training rows, within the years of the
    instrument (no PIX before there was any, no DOC after the last one).
    """

    at: Ints
    series: int
    most: int
    fixed: bool
    pooled: bool
    law: DateLaw
    amounts: AmountModel
    window: Window

    @cached_property
    def months(self) -> Ints:
        """Months of the window in which the law has days, counted from January 1970."""
        return self.law.possible_months(self.window).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Facts:
    """The rows of one category, as columns, and their groups.

    Attributes
    ----------
    category : str
    rows : int64, shape (n,)
        Rows of the ledger.
    days, cents, templates, payees, accounts : shape (n,)
    series : int64, shape (n,)
        Series of steady cadence; -1 for a row of none.
    group : int64, shape (n,)
        Place in ``groups``.
    groups : tuple of Group
    wordings : text of the template of each row.
    window : first and last day of the training rows.
    """

    category: str
    rows: Rows
    days: Days
    cents: Cents
    templates: Ints
    payees: Texts
    accounts: Texts
    series: Ints
    group: Ints
    groups: tuple[Group, ...]
    wordings: tuple[str, ...]
    window: Window

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def months(self) -> Ints:
        """Month of each row, counted from January 1970."""
        return month_of(self.days)

    @cached_property
    def repeated(self) -> NDArray[np.bool_]:
        """Whether the amount of each row comes again in its group: a price."""
        pairs = np.column_stack([self.group, self.cents])
        _, code, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
        return np.asarray(counts[np.asarray(code).reshape(-1)] > 1)

    @cached_property
    def month_weights(self) -> tuple[Ints, NDArray[np.float64]]:
        """Months of the window and their shares, leaning to an equal one by as much as one row each."""
        months = np.arange(int(month_of(self.window[0])), int(month_of(self.window[1])) + 1)
        counts = np.bincount(self.months - months[0], minlength=len(months)) + 1.0 / len(months)
        return months, counts / counts.sum()


def month_of(days: Days | np.datetime64) -> Ints:
    """Months since January 1970."""
    return np.asarray(days).astype("datetime64[M]").astype(np.int64)


def facts_of(learned: Learned, category: str) -> Facts:
    """The facts of one category of the training rows."""
    ledger = learned.ledger
    rows = np.flatnonzero(ledger.categories == category).astype(np.int64)
    templates, series = learned.templates.of_row[rows], learned.series_of_row[rows]
    part = ledger.take(rows)
    steady = np.array([one.cadence != "irregular" for one in learned.series] + [False])[series]  # the last is for -1
    small = ~steady & (np.bincount(series + 1, minlength=1)[series + 1] < OWN_LAW)
    series = np.where(small, -1, series)
    group = _grouped(templates, series, part.cents)
    groups = _laws(learned, part, templates, series, group)
    kinds = learned.instruments[rows]
    groups = tuple(replace(one, window=_era(learned.window, kinds[one.at], part.days[one.at])) for one in groups)
    steady_series = np.array([one.series for one in groups], dtype=np.int64)[group]
    return Facts(
        category,
        rows,
        part.days,
        part.cents,
        templates,
        learned.templates.payees[rows],
        part.accounts,
        steady_series,
        group,
        groups,
        tuple(learned.templates.templates[code].text for code in templates.tolist()),
        learned.window,
    )


def _grouped(templates: Ints, series: Ints, cents: Cents) -> Ints:
    """Group of each row: its series, else its template and direction if they have rows enough, else its direction."""
    out = (cents < 0).astype(np.int64)
    kinds = np.column_stack([np.zeros_like(series), templates, out])
    kinds[series >= 0] = np.column_stack([np.ones_like(series), series, np.zeros_like(out)])[series >= 0]
    _, code, counts = np.unique(kinds, axis=0, return_inverse=True, return_counts=True)
    code = np.asarray(code).reshape(-1)
    rest = (counts[code] < OWN_LAW) & (series < 0)
    kinds[rest] = np.column_stack([np.full_like(out, 2), np.zeros_like(out), out])[rest]
    return np.asarray(np.unique(kinds, axis=0, return_inverse=True)[1]).reshape(-1).astype(np.int64)


def _laws(learned: Learned, part: Ledger, templates: Ints, series: Ints, group: Ints) -> tuple[Group, ...]:
    """The laws of each group, amounts leaning on those of all rows of their direction."""
    days, cents = part.days, part.cents
    over_all = {sign: AmountModel.learn(cents[(cents < 0) == sign]) for sign in np.unique(cents < 0).tolist()}
    order = np.lexsort((days, group))
    parts = np.split(order, np.cumsum(np.bincount(group))[:-1])
    made = []
    for at in parts:
        found = learned.series[series[at[0]]] if series[at[0]] >= 0 else None
        own = learn_law(days[at], learned.calendar) if found is None else found.law
        amounts = AmountModel.learn(cents[at], parent=over_all[bool(cents[at[0]] < 0)])
        steady = found is not None and found.cadence != "irregular"
        monthly = found is not None and found.cadence in MONTHS_OF
        most = 1 if monthly else int(np.unique(month_of(days[at]), return_counts=True)[1].max())
        fixed = found is not None and found.amount_kind == "fixed"
        number = int(series[at[0]]) if steady else -1
        pooled = found is None and len(np.unique(templates[at])) > 1
        made.append(Group(at, number, most, fixed and steady, pooled, own, amounts, learned.window))
    return tuple(made)


def _era(window: Window, kinds: Texts, days: Days) -> Window:
    """The window within the years of the instruments of some rows; wider where a row lies outside them."""
    first, last = window
    for name in sorted(set(kinds.tolist())):
        known = INSTRUMENTS[name]
        first = max(first, np.datetime64(known.first_day, "D")) if known.first_day else first
        last = min(last, np.datetime64(known.last_day, "D")) if known.last_day else last
    return min(first, days.min()), max(last, days.max())


__all__ = ["Facts", "Group", "facts_of", "month_of"]
