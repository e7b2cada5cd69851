"""One side of a comparison as columns of numbers: when, how much, how long a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, TooFewSamplesError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.calendar import FIRST_DAY, LAST_DAY, bank_calendar, date_ordinals

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
BRAZIL = "BRL"


@dataclass(frozen=True, slots=True)
class Side:
    """Movements as arrays of shape (n,).

    Attributes
    ----------
    cents : signed centavos.
    day, weekday, days_left : of the month from 1, of the week from 0 (Monday), after it in the month.
    business, from_end : business days from the start and to the end of the month; 0 where no calendar holds.
    closed : whether banks are closed on the day: a weekend, or a bank holiday in a ledger of reais.
    length : characters of the description.
    """

    cents: Ints
    day: Ints
    weekday: Ints
    days_left: Ints
    business: Ints
    from_end: Ints
    closed: Bools
    length: Ints

    def __len__(self) -> int:
        return len(self.cents)

    def take(self, rows: NDArray[np.integer] | Bools) -> Side:
        """The side of these rows."""
        return Side(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def side_of(ledger: Ledger) -> Side:
    """The columns of a ledger.

    Raises
    ------
    InvalidDataError
        If a row has no date.
    """
    if np.isnat(ledger.days).any():
        raise InvalidDataError(
            f"Rows are compared by their dates; {int(np.isnat(ledger.days).sum())} of {len(ledger)} have none. "
            "Leave them out first."
        )
    months = ledger.days.astype("datetime64[M]")
    after = (months + 1).astype("datetime64[D]")
    day = (ledger.days - months.astype("datetime64[D]")).astype(np.int64) + 1
    weekday = (ledger.days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    business, from_end, closed = _bank_days(ledger, weekday)
    return Side(
        ledger.cents,
        day,
        weekday,
        (after - ledger.days).astype(np.int64) - 1,
        business,
        from_end,
        closed,
        np.array([len(text) for text in ledger.descriptions], dtype=np.int64),
    )


def _bank_days(ledger: Ledger, weekday: Ints) -> tuple[Ints, Ints, Bools]:
    """Business days from both ends and whether the day is closed, on the bank calendar where it holds."""
    within = len(ledger) > 0 and ledger.days.min() >= FIRST_DAY and ledger.days.max() <= LAST_DAY
    if ledger.currency != BRAZIL or not within:
        nothing = np.zeros(len(ledger), dtype=np.int64)
        return nothing, nothing, weekday >= 5
    found = date_ordinals(ledger.days, bank_calendar())
    return found.business, found.business_from_end, ~found.is_business_day


def named_categories(ledger: Ledger) -> tuple[str, ...]:
    """The categories of a ledger, in order; the empty one is none."""
    return tuple(sorted({name for name in ledger.categories if name}))


def of_category(ledger: Ledger, category: str) -> Ledger:
    """Its rows in ``category``."""
    return ledger.take(ledger.categories == category)


def labelled(ledger: Ledger) -> Ledger:
    """Rows that have a category.

    Raises
    ------
    TooFewSamplesError
        If there is none.
    """
    kept = ledger.take(ledger.categories != "")
    if not len(kept):
        raise TooFewSamplesError(
            f"None of the {len(ledger)} rows has a category, so nothing can be compared by category. "
            "Give a ledger with categories."
        )
    return kept


__all__ = ["Side", "labelled", "named_categories", "of_category", "side_of"]
