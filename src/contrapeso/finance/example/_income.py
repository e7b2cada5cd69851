"""Sales: card settlements, PIX from customers, collections and projects of firms, and the web shop."""

from __future__ import annotations

from datetime import date

import numpy as np

from contrapeso.finance.example._calendar import days_of, following, holidays
from contrapeso.finance.example._cast import ACQUIRER, FEES, FIRMS, SALES, AccountName
from contrapeso.finance.example._drafts import Draft, Month, heaped, lognormal_cents, rounded

_LAST_TRANSFER_BY_DOC = date(2024, 1, 15)  # banks stopped to send DOC on that day
_DOC_LIMIT_CENTS = 4_999_99
_COMMISSION = 0.12


def card_sales(month: Month) -> list[Draft]:
    """What the acquirer settles: a net amount, to the centavo, on most bank days."""
    rng = month.rng(1)
    settled = [day for day in month.bank_days if rng.random() < 0.78]
    return [
        Draft(day, lognormal_cents(rng, 470_00 * month.activity, 0.55), SALES, "serra", "card_in", ACQUIRER,
              "débito" if rng.random() < 0.35 else "crédito")
        for day in settled
    ]  # fmt: skip


def pix_sales(month: Month) -> list[Draft]:
    """What customers pay by PIX: shop prices; regular customers come back.

    The cooperative posts PIX on the day it is made, Saturdays too; the bank on the next bank day.
    """
    rng = month.rng(2)
    days = days_of(month.year, month.month)
    open_days = [day for day in days if day.weekday() < 6 and day not in holidays(month.year)]
    drafts = []
    for _ in range(rng.poisson(27 * month.activity)):
        day = open_days[int(rng.integers(len(open_days)))]
        account: AccountName = "serra" if rng.random() < 0.62 else "alameda"
        person = month.people[_regular(rng, len(month.people))]
        cents = heaped(rng, lognormal_cents(rng, 185_00, 0.95))
        posted = day if account == "serra" else following(day)
        drafts.append(Draft(posted, cents, SALES, account, "pix_in", person.name, person.masked_cpf))
    return drafts


def firm_sales(month: Month) -> list[Draft]:
    """What firms pay: collected boletos, transfers, and now and then a large project (a Pareto tail)."""
    rng = month.rng(3)
    drafts = []
    for day in month.some_days(rng, int(rng.poisson(9.5 * month.activity))):
        firm = FIRMS[_regular(rng, len(FIRMS))]
        if project := rng.random() < 0.13:
            cents = rounded(round(4_200_00 * float(1 + rng.pareto(1.7))), 50_00)
        else:
            cents = lognormal_cents(rng, 1_450_00, 0.75)
        kind = _transfer_kind(rng, day, cents) if project or rng.random() < 0.3 else "boleto_in"
        drafts.append(Draft(day, min(cents, 90_000_00), SALES, "alameda", kind, firm, f"{rng.integers(1000, 9999)}"))
    return drafts


def _transfer_kind(rng: np.random.Generator, day: date, cents: int) -> str:
    """TED or PIX; small ones by DOC while banks still took them."""
    if day <= _LAST_TRANSFER_BY_DOC and cents <= _DOC_LIMIT_CENTS:
        return "doc_in"
    return "ted_in" if rng.random() < 0.6 else "pix_in_firm"


def web_sales(month: Month) -> list[Draft]:
    """Orders of the web shop, credited to the wallet, each with the commission of the marketplace."""
    rng = month.rng(4)
    drafts = []
    for day in month.some_days(rng, int(rng.integers(9, 14))):
        order = f"{rng.integers(100, 999)}"
        cents = heaped(rng, lognormal_cents(rng, 160_00, 0.6))
        drafts.append(Draft(day, cents, SALES, "wallet", "order_in", order))
        drafts.append(Draft(day, -round(cents * _COMMISSION), FEES, "wallet", "order_fee", order))
    return drafts


def _regular(rng: np.random.Generator, n: int) -> int:
    """Index below ``n``: small ones are drawn more often, as regular customers come more often."""
    return int(n * rng.random() ** 1.9)


__all__ = ["card_sales", "firm_sales", "pix_sales", "web_sales"]
