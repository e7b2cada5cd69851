"""``simulate_company``: month by month, everything that is due or bought is drafted, then posted.

What a month brings depends on the months before only, so a longer simulation begins with the shorter
one, up to the last three months of the shorter: in them the web shop opens, and its sales are taxed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from contrapeso._rng import seed_sequence
from contrapeso.errors import InvalidParameterError
from contrapeso.finance.example._calendar import days_of
from contrapeso.finance.example._cast import ACCOUNTS, FEES, SALES, AccountName, customers
from contrapeso.finance.example._company import ExampleCompany, Movement
from contrapeso.finance.example._costs import bills, purchases, subscriptions
from contrapeso.finance.example._drafts import Draft, Month
from contrapeso.finance.example._duties import taxes, wages
from contrapeso.finance.example._income import card_sales, firm_sales, pix_sales, web_sales
from contrapeso.finance.example._partners import capital, fees, overdraft, refunds, withdrawals
from contrapeso.finance.example._wording import worded

FIRST_YEAR = 2024
_LONGEST = 120
_WEB_SHOP_MONTHS = 3
_TURNOVER_BEFORE = 52_418_00
_BANKS: tuple[AccountName, ...] = ("alameda", "serra")


def simulate_company(seed: int = 2026, months: int = 24) -> ExampleCompany:
    """A small furniture workshop in Brazil, with every movement of its accounts from January 2024 on.

    Everything is invented: people, firms, banks, and the figures. About 127 movements a month in 14
    categories, from half of the rows (sales) to less than one in a hundred (new capital).

    Parameters
    ----------
    seed : int, default 2026
        The same seed gives the same company.
    months : int, default 24
        Length of the simulation, 1 to 120.

    Returns
    -------
    ExampleCompany

    Examples
    --------
    >>> company = simulate_company(months=12)
    >>> company.truth["category"].nunique()
    14
    """
    if not 1 <= months <= _LONGEST:
        raise InvalidParameterError(f"months must be from 1 to {_LONGEST}; got {months!r}.")
    root = seed_sequence(seed)
    people = customers(Month(FIRST_YEAR, 1, 0, root, ()).rng(0))
    books = _Books()
    for index in range(months):
        year, month = FIRST_YEAR + index // 12, index % 12 + 1
        books.post(Month(year, month, index, root, people), web_shop=index >= months - _WEB_SHOP_MONTHS)
    return ExampleCompany(seed, months, tuple(books.movements))


@dataclass
class _Books:
    """The state between months: balances, drafts that fell past the month, and the posted movements."""

    movements: list[Movement] = field(default_factory=list)
    balances: dict[AccountName, int] = field(default_factory=lambda: {a: ACCOUNTS[a].opening_cents for a in ACCOUNTS})
    waiting: list[Draft] = field(default_factory=list)
    turnover: int = _TURNOVER_BEFORE
    below: dict[AccountName, list[int]] = field(default_factory=dict)
    posted: Counter[AccountName] = field(default_factory=Counter)

    def post(self, month: Month, *, web_shop: bool) -> None:
        """Draft a month, decide what partners put in and take out, and post it in order."""
        drafts = self.waiting + _routine(month) + taxes(month, self.turnover) + overdraft(month, self.below)
        drafts += fees(month, drafts)
        drafts += capital(month, self._ahead(drafts, month))
        drafts += withdrawals(month, self._ahead(drafts, month))
        if web_shop:
            drafts += web_sales(month)
        last = max(days_of(month.year, month.month))
        self.waiting = [draft for draft in drafts if draft.day > last]
        due = sorted((draft for draft in drafts if draft.day <= last), key=_posting_order)
        self.turnover = sum(draft.cents for draft in due if draft.category == SALES)
        self.below = {
            name: [balance for balance in balances if balance < 0] for name, balances in self._ahead(due, month).items()
        }
        self.movements += [self._movement(draft) for draft in due]

    def _ahead(self, drafts: Iterable[Draft], month: Month) -> dict[AccountName, list[int]]:
        """Per bank account, the balance at the end of each day of the month if ``drafts`` are posted."""
        moved: Counter[tuple[AccountName, date]] = Counter()
        for draft in drafts:
            moved[draft.account, draft.day] += draft.cents
        days = list(days_of(month.year, month.month))
        return {
            name: list(accumulate((moved[name, day] for day in days), initial=self.balances[name]))[1:]
            for name in _BANKS
        }

    def _movement(self, draft: Draft) -> Movement:
        self.balances[draft.account] += draft.cents
        self.posted[draft.account] += 1
        account = ACCOUNTS[draft.account]
        return Movement(
            draft.day, draft.cents, worded(draft), draft.category, account.bank, account.number, draft.kind,
            _fitid(draft, self.posted[draft.account]), self.balances[draft.account],
        )  # fmt: skip


def _routine(month: Month) -> list[Draft]:
    """What happens every month whatever the balances are."""
    return [
        draft
        for made in (card_sales, pix_sales, firm_sales, purchases, bills, subscriptions, wages, refunds)
        for draft in made(month)
    ]


def _posting_order(draft: Draft) -> tuple[date, AccountName, int]:
    """By day and account; banks post credits first and their own fees last."""
    return draft.day, draft.account, 0 if draft.cents > 0 else 2 if draft.category == FEES else 1


def _fitid(draft: Draft, number: int) -> str:
    """Identifier in the manner of each bank; unique in its account."""
    if draft.account == "alameda":
        return f"N{draft.day:%y%m%d}{number:04d}"
    return f"SA{number:06d}" if draft.account == "serra" else ""


__all__ = ["FIRST_YEAR", "simulate_company"]
