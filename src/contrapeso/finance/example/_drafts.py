"""What a month's generators share: the month, a draft of a movement, and draws of amounts and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from contrapeso._rng import generator
from contrapeso.finance.example._calendar import bank_days
from contrapeso.finance.example._cast import AccountName, Person

_SEASON = (0.92, 0.86, 0.97, 0.98, 1.05, 0.99, 0.96, 1.0, 0.98, 1.03, 1.12, 1.22)
_MONTHLY_GROWTH = 0.006


@dataclass(frozen=True, slots=True)
class Draft:
    """A movement before its bank words it: ``kind`` is the instrument, ``who`` the other side."""

    day: date
    cents: int
    category: str
    account: AccountName
    kind: str
    who: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Month:
    """One month of the simulation, ``index`` months after the first, with a random stream per topic."""

    year: int
    month: int
    index: int
    seed: np.random.SeedSequence
    people: tuple[Person, ...]

    def rng(self, topic: int) -> np.random.Generator:
        """Stream of ``topic`` in this month; the same whatever else is simulated."""
        return generator(self.seed, topic, self.index)

    @cached_property
    def bank_days(self) -> list[date]:
        """Bank days of the month."""
        return bank_days(self.year, self.month)

    @property
    def activity(self) -> float:
        """Level of business relative to the first month: season and growth."""
        return _SEASON[self.month - 1] * (1 + _MONTHLY_GROWTH) ** self.index

    @property
    def years(self) -> int:
        """Whole years since the start."""
        return self.index // 12

    def on(self, day: int) -> date:
        """Calendar day ``day`` of this month."""
        return date(self.year, self.month, day)

    @property
    def competence(self) -> str:
        """Month before as ``MM/AAAA``: the one that taxes and wages refer to."""
        return f"12/{self.year - 1}" if self.month == 1 else f"{self.month - 1:02d}/{self.year}"

    def some_days(self, rng: np.random.Generator, n: int) -> list[date]:
        """``n`` bank days drawn with repetition, in order."""
        return sorted(self.bank_days[i] for i in rng.integers(0, len(self.bank_days), size=n))


def lognormal_cents(rng: np.random.Generator, median_cents: float, spread: float) -> int:
    """An amount in centavos around ``median_cents``, with standard deviation ``spread`` on the log scale."""
    return max(1, round(median_cents * float(np.exp(spread * rng.standard_normal()))))


def rounded(cents: int, step_cents: int) -> int:
    """``cents`` on the grid of ``step_cents``, at least one step."""
    return max(1, round(cents / step_cents)) * step_cents


def heaped(rng: np.random.Generator, cents: int) -> int:
    """A shop price: often on whole tens or fives of reais, or ending in ,90; sometimes to the centavo."""
    step = rng.choice([10_00, 5_00, 1_00, 90, 1], p=[0.34, 0.14, 0.12, 0.18, 0.22])
    if step == 90:
        return rounded(cents, 1_00) - 10 if cents > 1_00 else cents
    return rounded(cents, int(step)) if cents > step else cents


__all__ = ["Draft", "Month", "heaped", "lognormal_cents", "rounded"]
