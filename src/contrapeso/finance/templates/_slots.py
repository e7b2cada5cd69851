"""The text of one slot of a new description, by its kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from contrapeso.finance.templates._index import SHORTEST_REAL_NUMBER, SUFFIX, Index
from contrapeso.finance.templates._lexicon import MONTHS
from contrapeso.finance.templates._model import Slot, SlotKind, Style
from contrapeso.finance.templates._names import Namer
from contrapeso.finance.templates._numbers import (
    pair,
    read_date,
    read_month,
    write_date,
    write_month,
    write_month_name,
    write_value,
)
from contrapeso.finance.templates._words import fold

if TYPE_CHECKING:
    from contrapeso.finance.privacy import Pseudonyms

_FARTHEST_DAYS = 800
_REDRAWS = 20
_DRAWN_DIGITS = 18
_MIXED = re.compile(r"\d[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot to be written.

    Attributes
    ----------
    slot : what the template says of it.
    value, codes : the text of the real row that lends its form, and what the tokens of it are.
    old : day of that row.
    day, cents : of the new row.
    key : of the pseudonym.
    style : of the real row.
    """

    slot: Slot
    value: str
    codes: str
    old: date
    day: date
    cents: int
    key: str
    style: Style


class SlotWriter:
    """Writes slots; what it has made for a key stays the same.

    Parameters
    ----------
    index : look-ups of the learned rows
    namer : of pseudonyms
    names : source of pseudonyms
    rng : draws what nobody's key decides
    """

    def __init__(self, index: Index, namer: Namer, names: Pseudonyms, rng: np.random.Generator) -> None:
        self._names = names
        self._rng = rng
        self._namer = namer
        self._pool = index.pool
        self._numbers = index.numbers
        self._codes = index.codes
        self._short = index.short
        self._writers = self._by_kind()

    def write(self, wanted: Wanted) -> tuple[str, str]:
        """Text of the slot, and where it comes from."""
        return self._writers[wanted.slot.kind](wanted)

    def _by_kind(self) -> dict[SlotKind, Callable[[Wanted], tuple[str, str]]]:
        """What writes each kind."""
        return {
            "name": lambda w: (self._namer.name(w.key, w.value, w.codes, w.style), "pseudonym"),
            "word": lambda w: (self._word(w.value), "pool"),
            "masked": lambda w: (self._names.number_like(w.value, w.key, letters=False), "pseudonym"),
            "cpf": lambda w: (self._names.cpf(w.key), "pseudonym"),
            "cnpj": lambda w: (self._names.cnpj(w.key), "pseudonym"),
            "email": lambda w: (self._names.email(w.key), "pseudonym"),
            "key": lambda w: (self._names.number_like(w.value, w.key), "pseudonym"),
            "date": lambda w: (_moved_date(w), "from the day"),
            "competence": lambda w: (_moved_competence(w), "from the day"),
            "month": _month,
            "year": lambda w: (str(w.day.year + int(w.value) - w.old.year).zfill(4)[-4:], "from the day"),
            "instalment": self._instalment,
            "code": self._code,
            "time": lambda w: (self._time(w.value), "redrawn"),
            "amount": lambda w: (write_value(w.value, abs(w.cents)), "from the amount"),
            "value": self._number,
            "number": self._number,
        }

    def _number(self, wanted: Wanted) -> tuple[str, str]:
        """A number that goes with the payee, or a fresh one; one or two digits that go with the wording stay."""
        if wanted.slot.lasting and wanted.value in self._short:
            return wanted.value, "observed"
        if wanted.slot.lasting:
            return self._names.number_like(wanted.value, wanted.key), "pseudonym"
        return self._redrawn(wanted.value), "redrawn"

    def _instalment(self, wanted: Wanted) -> tuple[str, str]:
        """The instalment of the real row, moved on by the months between; a series that has ended begins again."""
        found = pair(wanted.value)
        if found is None or not 0 < found[0] <= found[1]:
            return self._redrawn(wanted.value), "redrawn"
        i, n = found
        i = (i - 1 + _months(wanted.day) - _months(wanted.old)) % n + 1
        first = _runs(wanted.value)[0]
        return wanted.value.replace(first, str(i).zfill(len(first)), 1), "next in the series"

    def _code(self, wanted: Wanted) -> tuple[str, str]:
        """The public code, or another one where too few rows show this one."""
        if wanted.value in self._codes:
            return wanted.value, "observed"
        if not self._codes:
            return self._redrawn(wanted.value), "redrawn"
        return self._codes[self._below(len(self._codes))], "observed"

    def _time(self, value: str) -> str:
        """Another time of the day in the form of ``value``."""
        parts = _runs(value)
        made = iter(str(self._below(24 if place == 0 else 60)).zfill(len(part)) for place, part in enumerate(parts))
        signs = "".join(" " if sign.isdigit() else sign for sign in value).split()
        return "".join(next(made) + (signs[place] if place < len(signs) else "") for place in range(len(parts)))

    def _word(self, value: str) -> str:
        """A shared word with the ending of ``value``."""
        pool = self._pool.get(fold(value)[-SUFFIX:]) or self._pool[""]
        return pool[self._below(len(pool))]

    def _redrawn(self, value: str) -> str:
        """Other digits in the same places, other letters too where they are mixed; long ones are no real number."""
        if _MIXED.search(value):
            return self._names.number_like(value, str(self._below(1 << 62)))
        for _ in range(_REDRAWS):
            made = self._digits(value)
            if len(value) < SHORTEST_REAL_NUMBER or made not in self._numbers:
                return made
        return self._names.number_like(value, str(self._below(1 << 62)))

    def _digits(self, value: str) -> str:
        """``value`` with other digits."""
        n_draws = len(value) // _DRAWN_DIGITS + 1
        fresh = iter("".join(str(self._below(10**_DRAWN_DIGITS)).zfill(_DRAWN_DIGITS) for _ in range(n_draws)))
        leading, made = True, []
        for sign in value:
            if not sign.isdigit() or (leading and sign == "0"):
                made.append(sign)
            else:
                digit = next(fresh)
                made.append(str(int(digit) % 9 + 1) if leading else digit)
                leading = False
        return "".join(made)

    def _below(self, n: int) -> int:
        """A random whole number from 0 to ``n`` - 1."""
        return int(self._rng.integers(n))


def _moved_date(wanted: Wanted) -> str:
    """A date as far from the new day as the real one is from its own."""
    order = wanted.slot.order
    named = read_date(wanted.value, order, wanted.old)
    gap = (named - wanted.old).days if named else wanted.slot.offset
    gap = gap if abs(gap) <= _FARTHEST_DAYS else wanted.slot.offset
    ordinal = min(max(wanted.day.toordinal() + gap, 1), date.max.toordinal())
    return write_date(wanted.value, order, date.fromordinal(ordinal))


def _moved_competence(wanted: Wanted) -> str:
    """A competence as many months from the new day as the real one is from its own."""
    months = read_month(wanted.value)
    gap = months - _months(wanted.old) if months is not None else wanted.slot.offset
    return write_month(wanted.value, max(_months(wanted.day) + gap, 12))


def _month(wanted: Wanted) -> tuple[str, str]:
    """The name of a month, moved with the day where it does."""
    if wanted.slot.lasting:
        return wanted.value, "observed"
    shift = MONTHS[fold(wanted.value)] - wanted.old.month
    return write_month_name(wanted.value, (wanted.day.month - 1 + shift) % 12 + 1), "from the day"


def _months(day: date) -> int:
    """Months since year 0."""
    return day.year * 12 + day.month - 1


def _runs(value: str) -> list[str]:
    """Runs of digits."""
    return "".join(sign if sign.isdigit() else " " for sign in value).split()


__all__ = ["SlotWriter", "Wanted"]
