"""What is learned once from the training rows, for all categories and methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import RandomState, child, seed_sequence
from contrapeso.errors import InsufficientDataError
from contrapeso.finance._ledger import Ledger, Rows, Texts
from contrapeso.finance.calendar import BankCalendar, bank_calendar
from contrapeso.finance.privacy import Pseudonyms
from contrapeso.finance.series import Series, find_series
from contrapeso.finance.synthesis._facts import Facts, facts_of
from contrapeso.finance.templates import Templates, instruments

SEPARATOR = "\x1f"
TEMPLATES, NAMES = 0, 1
"""Places of the streams of one seed."""


@dataclass(frozen=True, eq=False)
class Learned:
    """Training rows, and what was found in them.

    Attributes
    ----------
    ledger : Ledger of n rows
    calendar : BankCalendar
    templates : Templates
        Template and payee of every row.
    instruments : str, shape (n,)
    series : tuple of Series
        Recurring rows of one template, payee, category, account and direction.
    series_of_row : int64, shape (n,)
        Place in ``series``; -1 for a row that belongs to none.
    seed : SeedSequence
    """

    ledger: Ledger
    calendar: BankCalendar
    templates: Templates
    instruments: Texts
    series: tuple[Series, ...]
    series_of_row: Rows
    seed: np.random.SeedSequence
    _facts: dict[str, Facts] = field(default_factory=dict, repr=False)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Categories of the training rows, in order."""
        return tuple(sorted(set(self.ledger.categories.tolist())))

    @property
    def window(self) -> tuple[np.datetime64, np.datetime64]:
        """First and last day of the training rows; no new row lies outside."""
        return self.ledger.days.min(), self.ledger.days.max()

    def facts(self, category: str) -> Facts:
        """What is known of one category; learned when it is first asked for."""
        if category not in self._facts:
            self._facts[category] = facts_of(self, category)
        return self._facts[category]

    def names(self) -> Pseudonyms:
        """Fresh pseudonyms that hold no name and no description of the training rows; the same for the same key."""
        real = self.templates.names | {str(payee) for payee in self.templates.payees if payee}
        return Pseudonyms(sorted(real | set(self.ledger.descriptions.tolist())), child(self.seed, NAMES))

    def series_share(self) -> dict[str, float]:
        """Category -> share of its rows in series of a steady cadence."""
        named, codes = np.unique(self.ledger.categories.astype(str), return_inverse=True)
        rows = np.bincount(codes, minlength=len(named))
        steady = np.array([series.cadence != "irregular" for series in self.series] + [False])  # the last is for -1
        recurring = np.bincount(codes, weights=steady[self.series_of_row], minlength=len(named))
        return {str(name): float(share) for name, share in zip(named, recurring / np.maximum(rows, 1), strict=True)}


def learn(
    ledger: Ledger,
    *,
    calendar: BankCalendar | None = None,
    least_support: int = 3,
    random_state: RandomState = None,
) -> Learned:
    """Templates, instruments, payees and recurring series of the training rows.

    Parameters
    ----------
    ledger : Ledger
        Training rows only: what is learned here ends up in the new rows.
    calendar : BankCalendar, optional
        The national one by default.
    least_support : int, default 3
        Rows, of two payees or more, in which a word must occur to be kept as it is.
    random_state : int, SeedSequence, Generator or None

    Raises
    ------
    InsufficientDataError
        If there is no row.
    """
    if not len(ledger):
        raise InsufficientDataError("There is no row to learn from. Give at least one movement with day and amount.")
    seed = seed_sequence(random_state)
    templates = Templates.learn(
        ledger, least_support=least_support, random_state=int(child(seed, TEMPLATES).generate_state(1)[0])
    )
    calendar = calendar or bank_calendar()
    found = find_series(ledger, series_keys(ledger, templates.of_row, templates.payees), calendar=calendar)
    of_row = np.full(len(ledger), -1, dtype=np.int64)
    for place, series in enumerate(found):
        of_row[series.rows] = place
    kinds = instruments(ledger.descriptions, ledger.cents)
    return Learned(ledger, calendar, templates, kinds, tuple(found), of_row, seed)


def series_keys(ledger: Ledger, template: NDArray[np.int64], payee: Texts) -> Texts:
    """Text of each row that is equal for rows of one series: template, payee, category, account and direction."""
    signs = np.where(ledger.cents < 0, "-", "+")
    keys = np.empty(len(ledger), dtype=object)
    parts = zip(template.tolist(), payee, ledger.categories, ledger.accounts, signs.tolist(), strict=True)
    keys[:] = [SEPARATOR.join((str(code), *rest)) for code, *rest in parts]
    return keys


__all__ = ["Learned", "learn", "series_keys"]
