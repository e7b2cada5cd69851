"""Dates that a contract or a law may name in a month, and how plausible each is before any row is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

AnchorKind: TypeAlias = Literal["day", "nth_business", "from_end", "labour"]
LawRoll: TypeAlias = Literal["none", "following", "preceding"]
Language: TypeAlias = Literal["pt", "en"]

_LAST_BUSINESS, _LAST_LABOUR = 12, 10
_ROUND_DAYS = frozenset({1, 5, 7, 10, 12, 15, 20, 25, 28, 30, 31})
_PAYDAY = 5

_WORDS: dict[AnchorKind, tuple[str, str]] = {
    "day": ("dia {n}", "day {n}"),
    "nth_business": ("{n}º dia útil", "business day {n}"),
    "from_end": ("{n}º dia útil do fim do mês", "business day {n} from the end"),
    "labour": ("{n}º dia útil trabalhista", "labour day {n}"),
}
_ROLLS: dict[LawRoll, tuple[str, str]] = {
    "none": ("", ""),
    "following": ("útil seguinte", "following"),
    "preceding": ("útil anterior", "preceding"),
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """One date in each month.

    Attributes
    ----------
    kind : {"day", "nth_business", "from_end", "labour"}
        Day of the month, n-th bank day, n-th bank day from the end, n-th labour day.
    number : int, from 1; a day past the end of a month is its last day.
    roll : {"none", "following", "preceding"}
        Where the payment goes when banks are closed.
    """

    kind: AnchorKind
    number: int
    roll: LawRoll

    def text(self, language: Language = "pt") -> str:
        """The date in words.

        Examples
        --------
        >>> Anchor("day", 20, "following").text(), Anchor("labour", 5, "preceding").text("en")
        ('dia 20, útil seguinte', 'labour day 5, preceding')
        """
        lang = ("pt", "en").index(language)
        words = _WORDS[self.kind][lang].format(n=self.number)
        roll = _ROLLS[self.roll][lang] if self.kind in ("day", "labour") else ""
        return f"{words}, {roll}" if roll else words

    @property
    def prior(self) -> float:
        """How plausible the anchor is before rows are seen, in no unit."""
        if self.kind == "day":
            roll = {"following": 1.0, "preceding": 0.7, "none": 0.8}[self.roll]
            return roll * (2.0 if self.number in _ROUND_DAYS else 1.0)
        if self.kind == "labour":
            return 1.4 if self.number == _PAYDAY else 0.15
        edge = 1 if self.kind == "from_end" else _PAYDAY
        return 1.2 if self.number in (1, edge) else 0.5


def _all_anchors() -> tuple[Anchor, ...]:
    rolls: tuple[LawRoll, ...] = ("following", "preceding", "none")
    found = [Anchor("day", day, roll) for roll in rolls for day in range(1, 32)]
    # the same dates, always, as the first and the last business day
    found = [row for row in found if row not in {Anchor("day", 1, "following"), Anchor("day", 31, "preceding")}]
    found += [Anchor("nth_business", n, "following") for n in range(1, _LAST_BUSINESS + 1)]
    found += [Anchor("from_end", n, "preceding") for n in range(1, _LAST_BUSINESS + 1)]
    found += [Anchor("labour", n, "preceding") for n in range(1, _LAST_LABOUR + 1)]
    return tuple(found)


ANCHORS: tuple[Anchor, ...] = _all_anchors()
PRIORS = np.array([anchor.prior for anchor in ANCHORS])
IS_UNROLLED = np.array([anchor.roll == "none" for anchor in ANCHORS])

__all__ = ["ANCHORS", "IS_UNROLLED", "PRIORS", "Anchor", "AnchorKind", "Language", "LawRoll"]
