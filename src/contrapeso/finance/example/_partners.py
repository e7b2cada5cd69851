"""Money between the company, its partners and its people; and what the banks charge.

The same words on a statement mean different things here: a PIX to a partner is a withdrawal or pays
back an expense, a PIX from a partner is new capital. That is the ambiguity that real books have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from contrapeso._rng import generator
from contrapeso.finance.example._cast import (
    CAPITAL,
    EMPLOYEES,
    FEES,
    INTEREST,
    PARTNERS,
    REFUND,
    WITHDRAWAL,
    AccountName,
)
from contrapeso.finance.example._drafts import Draft, Month, lognormal_cents, rounded

BalancePath: TypeAlias = Mapping[AccountName, Sequence[int]]

_CAPITAL_PLAN = 34
_RESERVE_CENTS = 9_000_00
_SHARE_TAKEN = 0.55
_DEEPEST_OVERDRAFT = -9_000_00
_SMALLEST_WITHDRAWAL, _LARGEST_WITHDRAWAL = 300_00, 12_000_00


def refunds(month: Month) -> list[Draft]:
    """Expenses paid back to partners and employees, and sales paid back to customers."""
    rng = month.rng(30)
    drafts = []
    for day in month.some_days(rng, int(rng.poisson(1.3))):
        cents = lognormal_cents(rng, 170_00, 0.6)
        cents = rounded(cents, 10_00) if rng.random() < 0.5 else cents
        account: AccountName = "alameda" if rng.random() < 0.5 else "serra"
        drafts.append(Draft(day, -cents, REFUND, account, "pix_out", PARTNERS[int(rng.integers(2))]))
    for day in month.some_days(rng, int(rng.poisson(0.5))):
        name = EMPLOYEES[int(rng.integers(len(EMPLOYEES)))][0]
        drafts.append(Draft(day, -lognormal_cents(rng, 64_00, 0.5), REFUND, "alameda", "expense_back", name))
    for day in month.some_days(rng, int(rng.poisson(0.6))):
        person = month.people[int(rng.integers(len(month.people)))]
        cents = rounded(lognormal_cents(rng, 150_00, 0.6), 10_00)
        drafts.append(Draft(day, -cents, REFUND, "serra", "pix_back", person.name, person.masked_cpf))
    return drafts


def capital(month: Month, ahead: BalancePath) -> list[Draft]:
    """New capital from a partner: in one month of each three, and whenever money would run out.

    Parameters
    ----------
    ahead : per account, the balance at the end of each day of the month, in centavos, as far as known.
    """
    quarter = generator(month.seed, _CAPITAL_PLAN, month.index // 3)
    planned = int(quarter.integers(3)) == month.index % 3
    lowest = min(ahead, key=lambda name: min(ahead[name]))
    short = min(ahead[lowest]) < _DEEPEST_OVERDRAFT
    if not (planned or short):
        return []
    rng = month.rng(31)
    cents = int(rng.choice([2_000_00, 3_000_00, 5_000_00, 8_000_00, 10_000_00], p=[0.2, 0.25, 0.3, 0.15, 0.1]))
    day = month.bank_days[int(rng.integers(2, 9))]
    kind = "pix_in_firm" if rng.random() < 0.7 else "ted_in"
    return [Draft(day, cents, CAPITAL, lowest if short else "alameda", kind, PARTNERS[int(rng.integers(2))])]


def withdrawals(month: Month, ahead: BalancePath) -> list[Draft]:
    """What partners take out: round amounts, as much as the accounts can bear on the days that follow.

    Parameters
    ----------
    ahead : per account, the balance at the end of each day before withdrawals, in centavos.
    """
    rng = month.rng(32)
    left = {name: list(balances) for name, balances in ahead.items()}
    drafts = []
    for day in month.some_days(rng, int(rng.integers(3, 6))):
        lowest = {name: min(balances[day.day - 1 :]) for name, balances in left.items()}
        account = max(lowest, key=lambda name: lowest[name])
        spare = lowest[account] - _RESERVE_CENTS
        wish = _SHARE_TAKEN * spare * float(rng.lognormal(0, 0.35))
        cents = rounded(round(min(max(wish, _SMALLEST_WITHDRAWAL), _LARGEST_WITHDRAWAL)), 100_00)
        cents = cents if rng.random() < 0.85 else cents + 50_00
        drafts.append(Draft(day, -cents, WITHDRAWAL, account, "pix_out", PARTNERS[int(rng.random() < 0.45)]))
        for later in range(day.day - 1, len(left[account])):
            left[account][later] -= cents
    return drafts


def fees(month: Month, drafts: Sequence[Draft]) -> list[Draft]:
    """Packages by the month, and a charge for each boleto collected and each TED sent, on its day."""
    rng = month.rng(33)
    first = month.bank_days[0]
    made = [
        Draft(first, -(79_90 if month.years else 74_50), FEES, "alameda", "package_fee", "", month.competence),
        Draft(first, -45_00, FEES, "serra", "package_fee", "", month.competence),
        Draft(month.bank_days[4], -68_90, FEES, "serra", "terminal_fee"),
    ]
    for draft in drafts:
        if draft.kind == "boleto_in":
            made.append(Draft(draft.day, -(2_75 if month.years else 2_49), FEES, "alameda", "boleto_fee"))
        if draft.kind == "ted_out":
            made.append(Draft(draft.day, -11_90, FEES, draft.account, "ted_fee"))
    made += [
        Draft(day, -lognormal_cents(rng, 38_00, 0.5), FEES, "serra", "advance_fee")
        for day in month.some_days(rng, int(rng.poisson(1.2)))
    ]
    if rng.random() < 0.12:
        made.append(Draft(month.bank_days[-3], 11_90, FEES, "alameda", "fee_back"))
    return made


def overdraft(month: Month, days_below: BalancePath) -> list[Draft]:
    """Interest and tax on the negative balances of the month before, charged on the first bank day.

    Parameters
    ----------
    days_below : per account, the balances of the days that ended below zero, in centavos.
    """
    drafts = []
    for account, below in days_below.items():
        owed = -sum(below)
        if owed > 0:
            first = month.bank_days[0]
            interest, tax = max(1, round(owed * 0.08 / 30)), max(1, round(owed * 0.000082))
            drafts.append(Draft(first, -interest, INTEREST, account, "overdraft_interest", "", month.competence))
            drafts.append(Draft(first, -tax, INTEREST, account, "overdraft_tax", "", month.competence))
    return drafts


__all__ = ["capital", "fees", "overdraft", "refunds", "withdrawals"]
