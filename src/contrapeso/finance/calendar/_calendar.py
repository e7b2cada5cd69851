"""Which days are closed for whom: banks, and the labour counter of the payroll.

Banks open Monday to Friday except on bank holidays (the calendar that ANBIMA publishes). The labour counter
goes from Monday to Saturday and leaves out legal holidays, municipal ones too (CLT art. 459, par. 1;
Instrução Normativa MTP 2/2021): Carnival counts, because by law it is no holiday, unless the caller says so.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal, TypeAlias, get_args

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.calendar._days import FIRST_DAY, LAST_DAY, N_DAYS, Bools, OpenDays, day_offsets
from contrapeso.finance.calendar._rules import FIRST_YEAR, LAST_YEAR, Dates, Holiday, Lang, civil, easter
from contrapeso.finance.calendar._table import bank_holidays

ShortDay: TypeAlias = Literal["ash_wednesday", "christmas_eve", "last_business_day"]
OptionalDays: TypeAlias = Literal["work", "rest"]
LocalBanks: TypeAlias = Literal["closed", "open"]

_SHORT_NAMES: dict[ShortDay, tuple[str, str]] = {
    "ash_wednesday": ("Quarta-feira de Cinzas", "Ash Wednesday"),
    "christmas_eve": ("Véspera de Natal", "Christmas Eve"),
    "last_business_day": ("Último dia útil do ano", "Last business day of the year"),
}
_EVERY_YEAR = re.compile(r"\d\d-\d\d", re.ASCII)
_SATURDAY, _SUNDAY = 5, 6
_WEEKEND: dict[int, dict[Lang, str]] = {
    _SATURDAY: {"pt": "sábado", "en": "Saturday"},
    _SUNDAY: {"pt": "domingo", "en": "Sunday"},
}


@dataclass(frozen=True, eq=False)
class BankCalendar:
    """Bank days and labour days of Brazil from 2000 to 2099.

    Attributes
    ----------
    holidays : all holidays that the calendar knows, in order; weekends are not among them.
    business : days on which banks are open.
    labour : working days of the labour law, Saturdays among them; the counter of the payroll.
    """

    holidays: tuple[Holiday, ...]
    business: OpenDays
    labour: OpenDays

    def holidays_of(self, year: int) -> tuple[Holiday, ...]:
        """Holidays of ``year``, in order."""
        return tuple(holiday for holiday in self.holidays if holiday.day.year == year)

    def why_closed(self, day: date | str, lang: Lang = "pt") -> str | None:
        """Why banks are closed on ``day``, in words; None if they are open.

        Examples
        --------
        >>> calendar = bank_calendar()
        >>> [calendar.why_closed(day) for day in ("2025-06-19", "2025-06-20", "2025-06-21")]
        ['Corpus Christi', None, 'sábado']
        """
        if self.business.contains(day):
            return None
        asked: date = (FIRST_DAY + day_offsets(day)).astype("datetime64[D]").item()
        names = [holiday.name(lang) for holiday in self._by_day.get(asked, ())]
        if asked.weekday() in _WEEKEND:
            names.insert(0, _WEEKEND[asked.weekday()][lang])
        return ", ".join(dict.fromkeys(names))

    @cached_property
    def _by_day(self) -> dict[date, tuple[Holiday, ...]]:
        """Holidays of each day that has any."""
        found: dict[date, tuple[Holiday, ...]] = {}
        for holiday in self.holidays:
            found[holiday.day] = (*found.get(holiday.day, ()), holiday)
        return found


def bank_calendar(
    local: Mapping[str | date, str] | None = None,
    *,
    local_banks: LocalBanks = "closed",
    closed: Collection[ShortDay] = (),
    optional_days: OptionalDays = "work",
) -> BankCalendar:
    """The national calendar of bank days, with the state and municipal holidays that the caller gives.

    Parameters
    ----------
    local : mapping of day -> name, optional
        Holidays of a state or municipality: a date or ``"2025-01-25"`` is that one day, ``"01-25"`` is every year.
    local_banks : {"closed", "open"}, default "closed"
        Whether ``local`` closes banks too. Branches are closed; transfers between banks go on (``"open"``). The
        labour counter leaves local holidays out either way.
    closed : collection of {"ash_wednesday", "christmas_eve", "last_business_day"}, default ()
        Short days to take as closed. All are business days between banks. On Ash Wednesday branches open at noon,
        on 24 December they close early; on the last business day of the year they do not open to the public
        (Resolução 2.596/1999, 4.880/2020), so that a bill due on it may be paid in January.
    optional_days : {"work", "rest"}, default "work"
        Whether the labour counter counts Carnival and Corpus Christi.

    Returns
    -------
    BankCalendar

    Raises
    ------
    InvalidParameterError
        If an option is unknown or a key of ``local`` is no day.

    Examples
    --------
    >>> calendar = bank_calendar({"01-25": "Aniversário de São Paulo"})
    >>> print(calendar.business.following("2024-01-25"), calendar.why_closed("2024-01-25"))
    2024-01-26 Aniversário de São Paulo
    """
    for name, value, rule in (
        ("local_banks", local_banks, LocalBanks),
        ("optional_days", optional_days, OptionalDays),
        *(("closed", day, ShortDay) for day in closed),
    ):
        if value not in get_args(rule):
            raise InvalidParameterError(f"{name} takes {', '.join(get_args(rule))}; got {value!r}.")
    days = tuple(holiday for key, name in (local or {}).items() for holiday in _local_holidays(key, name))
    return _build(days, local_banks, tuple(sorted(set(closed))), optional_days)


@lru_cache(maxsize=8)
def _build(
    local: tuple[Holiday, ...], local_banks: LocalBanks, closed: tuple[ShortDay, ...], optional_days: OptionalDays
) -> BankCalendar:
    """The calendar of checked options; calendars are read-only, so that one may serve many."""
    national = bank_holidays()
    weekday = (np.arange(N_DAYS) + FIRST_DAY.item().weekday()) % 7
    business = (weekday < _SATURDAY) & ~_mark(national)
    short = tuple(holiday for code in closed for holiday in _short_days(code, business))
    business &= ~_mark(short)
    if local_banks == "closed":
        business &= ~_mark(local)
    resting = tuple(holiday for holiday in national if optional_days == "rest" or holiday.kind == "national")
    labour = (weekday < _SUNDAY) & ~_mark(resting) & ~_mark(local)
    everything = sorted((*national, *short, *local), key=lambda holiday: holiday.day)
    return BankCalendar(tuple(everything), OpenDays(business), OpenDays(labour))


def _mark(holidays: tuple[Holiday, ...]) -> Bools:
    """Whether each day of the table is among ``holidays``."""
    marked = np.zeros(N_DAYS, dtype=np.bool_)
    marked[day_offsets(np.array([holiday.day for holiday in holidays], dtype="datetime64[D]"))] = True
    return marked


def _short_days(code: ShortDay, business: Bools) -> list[Holiday]:
    """The short day of every year in which it would be a business day."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    if code == "ash_wednesday":
        days: Dates = easter(years) - np.timedelta64(46, "D")
    elif code == "christmas_eve":
        days = civil(years, np.full_like(years, 12), np.full_like(years, 24))
    else:
        days = OpenDays(business).nth_of_month([f"{year}-12" for year in years], -1)
    open_ = days[business[day_offsets(days)]]
    return [Holiday(day, code, *_SHORT_NAMES[code], "bank") for day in open_.tolist()]


def _local_holidays(key: str | date, name: str) -> list[Holiday]:
    """One holiday for a date, a hundred for a day of the year."""
    return [Holiday(day, "local", name, name, "local") for day in _days_of_key(key)]


def _days_of_key(key: str | date) -> list[date]:
    """The days that a key of ``local`` means."""
    try:
        if isinstance(key, date):
            days = [date(key.year, key.month, key.day)]  # of a datetime, the day
        elif _EVERY_YEAR.fullmatch(key):
            month, day = date.fromisoformat(f"2000-{key}").timetuple()[1:3]  # a leap year: 02-29 is a day
            years = range(FIRST_YEAR, LAST_YEAR + 1)
            days = [date(year, month, day) for year in years if day <= monthrange(year, month)[1]]
        else:
            days = [date.fromisoformat(key)]
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(
            f'A local holiday is a date, "2025-01-25" or, for every year, "01-25"; got {key!r}.'
        ) from error
    if not FIRST_YEAR <= days[0].year <= LAST_YEAR:
        raise InvalidParameterError(
            f"The calendar goes from {FIRST_DAY} to {LAST_DAY}; {key!r} is outside. Leave it out."
        )
    return days


__all__ = ["BankCalendar", "LocalBanks", "OptionalDays", "ShortDay", "bank_calendar"]
