"""The page's pen: words, numbers and dates in one language."""

from __future__ import annotations

from dataclasses import dataclass

from contrapeso.quality import _format
from contrapeso.quality._format import Language
from contrapeso.quality._labels import LABELS
from contrapeso.quality._report import Score
from contrapeso.quality._svg import Mark
from contrapeso.quality._texts import reason_text


@dataclass(frozen=True, slots=True)
class Writer:
    """Words and numbers in one language."""

    language: Language

    def t(self, key: str, **values: str) -> str:
        """The page's own words for ``key``."""
        words = LABELS[key].to(self.language)
        return words.format(**values) if values else words

    def score(self, value: float | None) -> str:
        """A score, two decimals, never rounded up."""
        return _format.score(value, self.language)

    def number(self, value: float | None, decimals: int = 2) -> str:
        """A number with fixed decimals."""
        return _format.number(value, self.language, decimals)

    def count(self, value: int) -> str:
        """A whole number."""
        return _format.count(value, self.language)

    def percent(self, share: float | None) -> str:
        """A share as a percentage."""
        return _format.percent(share, self.language)

    def moment(self, timestamp: str) -> str:
        """A date and time."""
        return _format.moment(timestamp, self.language)

    def name(self, text: str, limit: int = 80) -> str:
        """A name or a note that others chose, safe to show."""
        return _format.clean(text, limit)

    def reason(self, code: str | None) -> str:
        """The sentence of a reason code, empty for None."""
        return reason_text(code, self.language) if code else ""

    def interval(self, score: Score) -> str:
        """The interval in words, empty without one."""
        if score.interval is None:
            return ""
        low, high = (self.score(edge) for edge in score.interval)
        return self.t("interval_of", low=low, high=high)

    def ceiling(self, score: Score) -> Mark | None:
        """The ceiling as a mark of a bar."""
        if score.ceiling is None:
            return None
        return Mark(score.ceiling, self.t("ceiling_short", value=self.score(score.ceiling)))


__all__ = ["Writer"]
