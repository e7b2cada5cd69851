"""What the company buys: materials, running costs, rent, utilities, telephone and subscriptions."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np

from contrapeso.finance.example._calendar import following
from contrapeso.finance.example._cast import (
    ACCOUNTANT,
    INTEREST,
    LANDLORD,
    OPERATING,
    PAYEES,
    PHONE,
    PHONE_LINES,
    POWER,
    POWER_COMPANY,
    RENT,
    SHED_OWNER,
    SUBSCRIPTION_PLANS,
    SUBSCRIPTIONS,
    SUPPLIERS,
    WATER_COMPANY,
    AccountName,
    Payee,
)
from contrapeso.finance.example._drafts import Draft, Month, lognormal_cents, rounded

_LATE_SHARE = 0.085
_FINE, _DAILY_INTEREST = 0.02, 0.01 / 30  # the legal usual: 2 % at once and 1 % a month


def purchases(month: Month) -> list[Draft]:
    """Irregular purchases from suppliers and shops, in number with the level of business."""
    rng = month.rng(10)
    drafts = [
        _purchase(rng, payee, day.day, month)
        for payee in PAYEES
        for day in month.some_days(rng, int(rng.poisson(payee.per_month * math.sqrt(month.activity))))
    ]
    return with_delays(rng, drafts)


def _purchase(rng: np.random.Generator, payee: Payee, day: int, month: Month) -> Draft:
    cents = lognormal_cents(rng, payee.median_cents * 1.045**month.years, payee.spread)
    if payee.kind == "pix_out" and rng.random() < 0.45:
        cents = rounded(cents, 5_00)
    account: AccountName = "alameda" if payee.category == SUPPLIERS and rng.random() < 0.3 else "serra"
    return Draft(month.on(day), -cents, payee.category, account, payee.kind, payee.name)


def bills(month: Month) -> list[Draft]:
    """Rent, utilities, telephone and the accountant, each on its due day or the bank day after."""
    rng = month.rng(11)
    summer = 1 + 0.22 * math.cos(2 * math.pi * (month.month - 1) / 12)
    rent, shed = round(3_800_00 * 1.043**month.years), round(920_00 * 1.043**month.years)
    drafts = [
        Draft(month.on(5), -rent, RENT, "alameda", "boleto_out", LANDLORD),
        Draft(month.on(10), -shed, RENT, "alameda", "pix_out", SHED_OWNER),
        Draft(month.on(17), -lognormal_cents(rng, 690_00 * summer, 0.12), POWER, "alameda", "debit", POWER_COMPANY),
        Draft(month.on(21), -lognormal_cents(rng, 168_00, 0.10), POWER, "alameda", "debit", WATER_COMPANY),
        Draft(month.on(15), -round(780_00 * 1.05**month.years), OPERATING, "alameda", "boleto_out", ACCOUNTANT),
    ]
    for name, price, day in PHONE_LINES:
        cents = price or lognormal_cents(rng, 64_00, 0.18)
        drafts.append(Draft(month.on(day), -cents, PHONE, "alameda", "debit" if price else "boleto_out", name))
    rolled = [_moved(draft, 0) for draft in drafts]
    return with_delays(rng, rolled)


def subscriptions(month: Month) -> list[Draft]:
    """Software by subscription: fixed prices, adjusted once a year, charged on the card account."""
    return [
        _moved(Draft(month.on(day), -(later if month.years else first), SUBSCRIPTIONS, "serra", "card_out", name), 0)
        for name, first, later, day in SUBSCRIPTION_PLANS
    ]


def with_delays(rng: np.random.Generator, drafts: list[Draft]) -> list[Draft]:
    """``drafts``, some boletos paid days late, each followed by its fine and interest as a row of its own."""
    made: list[Draft] = []
    for draft in drafts:
        days = int(rng.integers(2, 12)) if draft.kind == "boleto_out" and rng.random() < _LATE_SHARE else 0
        paid = _moved(draft, days)
        made.append(paid)
        if days:
            late = (paid.day - draft.day).days
            cents = round(-draft.cents * (_FINE + _DAILY_INTEREST * late))
            made.append(Draft(paid.day, -cents, INTEREST, draft.account, "late_fee", draft.who))
    return made


def _moved(draft: Draft, days: int) -> Draft:
    """``draft`` some days later, on a bank day."""
    return replace(draft, day=following(draft.day + timedelta(days=days)))


__all__ = ["bills", "purchases", "subscriptions", "with_delays"]
