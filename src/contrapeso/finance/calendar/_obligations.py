"""What a company owes regularly: the day that the rule names, and where it goes when banks are closed.

Each row of :data:`OBLIGATIONS` carries its source. Taxes of the Union and wages are brought forward, what is
owed to a bank or a supplier, and the DAS, is put off. ISS is not here: its day and its roll are each
municipality's own; make an :class:`Obligation` for it. Days of deferral by decree (the pandemic of 2020 and
2021) are not here either. The articles were gathered for simulation and checking of data, not as tax advice: have
an accountant confirm them before a payment depends on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.calendar._calendar import BankCalendar
from contrapeso.finance.calendar._days import FIRST_DAY, Ints, month_bounds
from contrapeso.finance.calendar._roll import Roll, roll_dates
from contrapeso.finance.calendar._rules import Dates, DatesLike

Counter: TypeAlias = Literal["calendar", "business", "labour"]

_YEAR = tuple(range(1, 13))
_CIVIL = "Código Civil art. 132, par. 1; Lei 7.089/1983"


@dataclass(frozen=True, slots=True)
class Obligation:
    """When something is to be paid.

    Attributes
    ----------
    code, name_pt, name_en : a stable name, and what people call it.
    roll : where the payment goes if banks are closed on its day.
    source : law or custom behind it.
    day : the day, counted by ``counter``; 31 is the last of a shorter month; None if each contract names its own.
    counter : ``calendar`` (day of the month), ``business`` or ``labour`` (n-th such day of the month).
    months : months of the year in which it is paid.
    since, until : first and last month of payment as ``"2024-04"``; None if open.
    """

    code: str
    name_pt: str
    name_en: str
    roll: Roll
    source: str
    day: int | None = None
    counter: Counter = "calendar"
    months: tuple[int, ...] = _YEAR
    since: str | None = None
    until: str | None = None


_ROWS = (
    Obligation("boleto", "Boleto", "Payment slip", "following", _CIVIL),
    Obligation("utility_bill", "Conta de consumo", "Utility bill", "following", _CIVIL),
    Obligation("card_bill", "Fatura do cartão", "Card bill", "following", _CIVIL),
    Obligation("rent", "Aluguel", "Rent", "following", "Código Civil art. 132, par. 1"),
    Obligation("pix", "PIX", "Instant payment (PIX)", "none", "Resolução BCB 1/2020: every hour of every day"),
    Obligation(
        "payroll",
        "Salários",
        "Wages",
        "preceding",
        "CLT art. 459, par. 1; IN MTP 2/2021: Saturdays count; through a bank the money is there by that day",
        day=5,
        counter="labour",
    ),
    Obligation(
        "thirteenth_first",
        "13º salário, 1ª parcela",
        "Thirteenth wage, first half",
        "preceding",
        "Lei 4.749/1965 art. 2",
        day=30,
        months=(11,),
    ),
    Obligation(
        "thirteenth_second",
        "13º salário, 2ª parcela",
        "Thirteenth wage, second half",
        "preceding",
        "Lei 4.749/1965 art. 1",
        day=20,
        months=(12,),
    ),
    Obligation(
        "das",
        "DAS do Simples Nacional",
        "DAS of the Simples Nacional",
        "following",
        "Resolução CGSN 140/2018 art. 40; day 20 for sales from March 2009 on",
        day=20,
        since="2009-04",
    ),
    Obligation(
        "inss",
        "INSS da folha (DARF, antes GPS)",
        "Social security on wages",
        "preceding",
        "Lei 8.212/1991 art. 30, I, b, as of Lei 11.933/2009",
        day=20,
        since="2008-12",
    ),
    Obligation(
        "irrf",
        "IRRF",
        "Income tax withheld",
        "preceding",
        "Lei 11.196/2005 art. 70, I, d, as of Lei 11.933/2009",
        day=20,
        since="2008-12",
    ),
    Obligation(
        "csrf",
        "CSRF (PIS, COFINS e CSLL retidos)",
        "Contributions withheld",
        "preceding",
        "Lei 10.833/2003 art. 35, as of Lei 13.137/2015",
        day=20,
        since="2015-07",
    ),
    Obligation(
        "pis_cofins",
        "PIS e COFINS",
        "PIS and COFINS",
        "preceding",
        "MP 2.158-35/2001 art. 18, as of Lei 11.933/2009",
        day=25,
        since="2008-12",
    ),
    Obligation(
        "irpj_csll",
        "IRPJ e CSLL trimestrais",
        "Quarterly income tax",
        "preceding",
        "Lei 9.430/1996 art. 5: last business day of the month after the quarter",
        day=31,
        months=(1, 4, 7, 10),
    ),
    Obligation(
        "fgts_gfip", "FGTS (GFIP)", "FGTS by GFIP", "preceding", "Lei 8.036/1990 art. 15", day=7, until="2024-03"
    ),
    Obligation(
        "fgts_digital",
        "FGTS Digital",
        "FGTS by FGTS Digital",
        "preceding",
        "Lei 8.036/1990 art. 15, as of Lei 14.438/2022; wages of March 2024 on",
        day=20,
        since="2024-04",
    ),
)

OBLIGATIONS: Mapping[str, Obligation] = MappingProxyType({row.code: row for row in _ROWS})


def get_obligation(code: str) -> Obligation:
    """The row of :data:`OBLIGATIONS` with this code.

    Raises
    ------
    InvalidParameterError
        If there is none; the nearest code is named.
    """
    if code in OBLIGATIONS:
        return OBLIGATIONS[code]
    near = get_close_matches(code, OBLIGATIONS, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(OBLIGATIONS)}."
    raise InvalidParameterError(f"There is no obligation {code!r}. {hint}")


def payment_dates(due: DatesLike, obligation: Obligation | str, calendar: BankCalendar) -> Dates:
    """Days on which debts due on ``due`` are paid, by the roll of the obligation.

    Examples
    --------
    >>> from contrapeso.finance.calendar import bank_calendar
    >>> print(payment_dates(["2024-11-20", "2024-11-23"], "boleto", bank_calendar()))
    ['2024-11-21' '2024-11-25']
    """
    return roll_dates(due, _row(obligation).roll, calendar.business)


def due_dates(
    months: DatesLike,
    obligation: Obligation | str,
    calendar: BankCalendar,
    *,
    day: int | None = None,
    roll: Roll | None = None,
) -> Dates:
    """Days on which an obligation is paid in given months.

    Parameters
    ----------
    months : array_like of months of payment (``"2025-03"``, or any day of the month)
    obligation : a code of :data:`OBLIGATIONS`, or one of your own
    calendar : BankCalendar
    day : int, optional
        The day of the contract; needed where the obligation names none, and overrides the one it names.
    roll : optional
        Another roll, such as ``"none"`` for wages that are paid in cash on a Saturday.

    Returns
    -------
    ndarray of datetime64[D], shape of ``months``

    Raises
    ------
    InvalidParameterError
        If no day is known, or the obligation is not paid in one of the months.

    Examples
    --------
    >>> from contrapeso.finance.calendar import bank_calendar
    >>> calendar = bank_calendar()
    >>> print(due_dates(["2025-03", "2025-04"], "payroll", calendar))
    ['2025-03-06' '2025-04-04']
    >>> print(due_dates("2025-04", "das", calendar), due_dates("2025-04", "irrf", calendar))
    2025-04-22 2025-04-17
    """
    row = _row(obligation)
    first, after = month_bounds(months)
    _check_months(first, row)
    chosen = row.day if day is None else day
    if chosen is None or not 1 <= chosen <= 31:
        raise InvalidParameterError(f"{row.code} needs the day of the month, 1 to 31; got day={chosen}.")
    if row.counter == "calendar":
        nominal = FIRST_DAY + np.minimum(first + chosen, after) - 1
    else:
        counted = calendar.labour if row.counter == "labour" else calendar.business
        nominal = counted.nth_of_month(FIRST_DAY + first, chosen)
    return roll_dates(nominal, row.roll if roll is None else roll, calendar.business)


def _row(obligation: Obligation | str) -> Obligation:
    """The obligation itself, looked up if it came as a code."""
    return get_obligation(obligation) if isinstance(obligation, str) else obligation


def _check_months(first: Ints, row: Obligation) -> None:
    """Refuse months in which the obligation is not paid."""
    months = np.atleast_1d((FIRST_DAY + first).astype("datetime64[M]"))
    bad = ~np.isin(months.astype(np.int64) % 12 + 1, row.months)
    if row.since is not None:
        bad |= months < np.datetime64(row.since, "M")
    if row.until is not None:
        bad |= months > np.datetime64(row.until, "M")
    if np.any(bad):
        raise InvalidParameterError(
            f"{row.code} is not paid in {months[bad][0]}: its months are {', '.join(map(str, row.months))}, "
            f"from {row.since or 'always'} to {row.until or 'today'}. Leave that month out, or use another obligation."
        )


__all__ = ["OBLIGATIONS", "Counter", "Obligation", "due_dates", "get_obligation", "payment_dates"]
