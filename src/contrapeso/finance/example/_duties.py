"""Wages and taxes: what the law dates and the figures decide.

Wages on the fifth working day, an advance on the 20th, the thirteenth wage in two halves; DAS of the
Simples on the turnover of the month before, FGTS and DARF on the wages of the month before.
"""

from __future__ import annotations

from datetime import date

from contrapeso.finance.example._calendar import following, payday, preceding
from contrapeso.finance.example._cast import EMPLOYEES, MEAL_CARD, PAYROLL, TAXES
from contrapeso.finance.example._drafts import Draft, Month, lognormal_cents

_FIRST_YEAR = 2024
_ADVANCE_SHARE = 0.4
_DAS_RATE, _FGTS_RATE, _INSS_RATE = 0.0672, 0.08, 0.105
_NET_TO_GROSS = 1 / 0.91
_FGTS_DIGITAL_SINCE = date(2024, 4, 1)  # wages of March 2024 on: day 20; before that day 7, by GRF


def wages(month: Month) -> list[Draft]:
    """Wages, advances, the thirteenth wage, and the meal card."""
    rng = month.rng(20)
    due, advance = payday(month.year, month.month), preceding(month.on(20))
    drafts = []
    for name, first_wage in EMPLOYEES:
        net, paid = _net_wage(month, first_wage), _advance(month, first_wage)
        overtime = lognormal_cents(rng, 90_00, 0.6) if rng.random() < 0.3 else 0
        drafts.append(Draft(due, -(net - paid + overtime), PAYROLL, "alameda", "wage", name))
        drafts.append(Draft(advance, -paid, PAYROLL, "alameda", "advance", name))
        drafts += _thirteenth(month, name, net)
    meals = sum(18_00 for _ in EMPLOYEES for _ in month.bank_days)
    drafts.append(Draft(following(month.on(1)), -meals, PAYROLL, "alameda", "boleto_out", MEAL_CARD))
    return drafts


def _net_wage(month: Month, first_wage: int) -> int:
    """Net wage in centavos: raised by 4.7 % every May."""
    raises = month.year - _FIRST_YEAR + (month.month >= 5)
    return round(first_wage * 1.047**raises)


def _advance(month: Month, first_wage: int) -> int:
    """Advance in centavos: 40 % of the wage in whole tens."""
    return round(_net_wage(month, first_wage) * _ADVANCE_SHARE / 10_00) * 10_00


def _thirteenth(month: Month, name: str, net: int) -> list[Draft]:
    """Halves of the thirteenth wage: by 30 November and by 20 December."""
    if month.month == 11:
        return [Draft(preceding(month.on(30)), -round(net / 2), PAYROLL, "alameda", "thirteenth", name, "1ª parcela")]
    if month.month == 12:
        half = round(net * 0.41)
        return [Draft(preceding(month.on(20)), -half, PAYROLL, "alameda", "thirteenth", name, "2ª parcela")]
    return []


def taxes(month: Month, turnover_before: int) -> list[Draft]:
    """DAS, FGTS, INSS, and what is due only in some months.

    Parameters
    ----------
    turnover_before : sales of the month before, in centavos.
    """
    gross = round(sum(_net_wage(month, wage) for _, wage in EMPLOYEES) * _NET_TO_GROSS)
    fgts_digital = month.on(1) >= _FGTS_DIGITAL_SINCE
    fgts_day, fgts_kind = (20, "fgts_digital") if fgts_digital else (7, "fgts")
    when = month.competence
    drafts = [
        Draft(following(month.on(20)), -round(turnover_before * _DAS_RATE), TAXES, "alameda", "das", "", when),
        Draft(preceding(month.on(20)), -round(gross * _INSS_RATE), TAXES, "alameda", "darf", "", when),
        Draft(preceding(month.on(fgts_day)), -round(gross * _FGTS_RATE), TAXES, "alameda", fgts_kind, "", when),
    ]
    return drafts + _yearly(month)


def _yearly(month: Month) -> list[Draft]:
    """Property tax in ten parts, vehicle tax in three, the yearly licence of the municipality."""
    growth = 1.045 ** (month.year - _FIRST_YEAR)
    drafts = []
    if 3 <= month.month <= 12:
        part = f"{month.year} parc {month.month - 2:02d}/10"
        drafts.append(Draft(following(month.on(12)), -round(286_47 * growth), TAXES, "alameda", "iptu", "", part))
    if month.month <= 3:
        part = f"{month.year} parc {month.month}/3"
        drafts.append(Draft(following(month.on(16)), -round(412_90 * growth), TAXES, "serra", "ipva", "", part))
    if month.month == 1:
        drafts.append(
            Draft(following(month.on(31)), -round(598_12 * growth), TAXES, "alameda", "tfe", "", str(month.year))
        )
    return drafts


__all__ = ["taxes", "wages"]
