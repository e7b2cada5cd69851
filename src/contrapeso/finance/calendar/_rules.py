"""Days on which Brazilian banks are closed in the whole country, computed from the rules that name them.

Two kinds of holidays matter to a company. *National* ones close everything. On Carnival Monday and Tuesday
and on Corpus Christi only banks are closed: by law they are working days, unless a state or a municipality
made them holidays. So a bill rolls over Carnival, while the fifth working day of March counts it.

Elections are on Sundays; the Thursday before Easter is a business day from 2000 on, where the table begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FIRST_YEAR, LAST_YEAR = 2000, 2099

Kind: TypeAlias = Literal["national", "bank", "local"]
Lang: TypeAlias = Literal["pt", "en"]
Dates: TypeAlias = NDArray[np.datetime64]
DatesLike: TypeAlias = ArrayLike | date | Sequence[date]


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day with its name.

    Attributes
    ----------
    day : the day.
    code : a stable name (``corpus_christi``); ``local`` for holidays of a state or municipality.
    name_pt, name_en : what people call it.
    kind : ``national`` (everything is closed), ``bank`` (banks only), ``local`` (as the caller says).
    """

    day: date
    code: str
    name_pt: str
    name_en: str
    kind: Kind

    def name(self, lang: Lang = "pt") -> str:
        """The name in Portuguese or English."""
        return self.name_pt if lang == "pt" else self.name_en


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """When a holiday falls, and by which law.

    Attributes
    ----------
    month_day : month and day of a fixed holiday; None for one that moves with Easter.
    easter_offset : days after Easter Sunday; unused for a fixed holiday.
    since : first year in which the day is closed.
    source : the law or the resolution.
    """

    code: str
    name_pt: str
    name_en: str
    kind: Kind
    source: str
    month_day: tuple[int, int] | None = None
    easter_offset: int = 0
    since: int = FIRST_YEAR

    def days(self, years: NDArray[np.int64]) -> Dates:
        """The day in each of ``years`` that has it, shape (at most n_years,)."""
        years = years[years >= self.since]
        if self.month_day is None:
            return easter(years) + np.timedelta64(self.easter_offset, "D")
        return civil(years, *(np.full(len(years), part) for part in self.month_day))

    def on(self, day: date) -> Holiday:
        """The holiday of this rule on ``day``."""
        return Holiday(day, self.code, self.name_pt, self.name_en, self.kind)


_FEDERAL = "Lei 662/1949, Lei 10.607/2002"
_BANKS = "Resolução CMN 4.880/2020 (before: 2.516/1998, 2.932/2002)"

HOLIDAY_RULES: tuple[HolidayRule, ...] = (
    HolidayRule("new_year", "Confraternização Universal", "New Year's Day", "national", _FEDERAL, (1, 1)),
    HolidayRule("carnival_monday", "Segunda-feira de Carnaval", "Carnival Monday", "bank", _BANKS, easter_offset=-48),
    HolidayRule("carnival_tuesday", "Terça-feira de Carnaval", "Carnival Tuesday", "bank", _BANKS, easter_offset=-47),
    HolidayRule("good_friday", "Sexta-feira Santa", "Good Friday", "national", "Lei 9.093/1995", easter_offset=-2),
    HolidayRule("tiradentes", "Tiradentes", "Tiradentes Day", "national", _FEDERAL, (4, 21)),
    HolidayRule("labour_day", "Dia do Trabalho", "Labour Day", "national", _FEDERAL, (5, 1)),
    HolidayRule("corpus_christi", "Corpus Christi", "Corpus Christi", "bank", _BANKS, easter_offset=60),
    HolidayRule("independence", "Independência do Brasil", "Independence Day", "national", _FEDERAL, (9, 7)),
    HolidayRule("our_lady", "Nossa Senhora Aparecida", "Our Lady of Aparecida", "national", "Lei 6.802/1980", (10, 12)),
    HolidayRule("all_souls", "Finados", "All Souls' Day", "national", _FEDERAL, (11, 2)),
    HolidayRule("republic", "Proclamação da República", "Republic Day", "national", _FEDERAL, (11, 15)),
    HolidayRule(
        "black_awareness",
        "Dia Nacional de Zumbi e da Consciência Negra",
        "Black Awareness Day",
        "national",
        "Lei 14.759/2023",
        (11, 20),
        since=2024,
    ),
    HolidayRule("christmas", "Natal", "Christmas Day", "national", _FEDERAL, (12, 25)),
)


def easter(years: ArrayLike) -> Dates:
    """Easter Sunday of each year in the Gregorian calendar.

    Parameters
    ----------
    years : array_like of int, from 1583 on

    Returns
    -------
    ndarray of datetime64[D], shape of ``years``

    References
    ----------
    .. [1] Meeus, "Astronomical Algorithms", 2nd ed. (1998), ch. 8.

    Examples
    --------
    >>> print(easter([2024, 2025]))
    ['2024-03-31' '2025-04-20']
    """
    year = np.asarray(years, dtype=np.int64)
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    place = moon + week - 7 * late + 114
    return civil(year, place // 31, place % 31 + 1)


def civil(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> Dates:
    """Dates of years, months and days, shape of ``year``."""
    first: Dates = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    days: Dates = first + (day - 1).astype("timedelta64[D]")
    return days


def compute_bank_holidays(first: int = FIRST_YEAR, last: int = LAST_YEAR) -> tuple[Holiday, ...]:
    """National bank holidays of the years ``first`` to ``last`` by the rules, in order of day and then of rule.

    A day with two names (21 April 2000 was Good Friday too) is there twice.
    """
    years = np.arange(first, last + 1)
    found = [rule.on(day) for rule in HOLIDAY_RULES for day in rule.days(years).tolist()]
    return tuple(sorted(found, key=lambda holiday: holiday.day))


__all__ = [
    "FIRST_YEAR",
    "HOLIDAY_RULES",
    "LAST_YEAR",
    "Dates",
    "DatesLike",
    "Holiday",
    "HolidayRule",
    "Kind",
    "Lang",
    "civil",
    "compute_bank_holidays",
    "easter",
]
