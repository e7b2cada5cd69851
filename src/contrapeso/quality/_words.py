"""A phrase in both languages, and the three lines that explain a number."""

from __future__ import annotations

from typing import NamedTuple

from contrapeso.quality._format import Language


class Words(NamedTuple):
    """The same words in both languages."""

    pt: str
    en: str

    def to(self, language: Language) -> str:
        """The words in ``language``."""
        return self.pt if language == "pt" else self.en


class MetricText(NamedTuple):
    """A metric in three lines: what it means, what is good, where it ends.

    ``form`` is how its value is written: ``number``, ``share`` (of one, as a percentage), ``auc`` (0.5 is chance),
    ``change`` (with its sign), ``small`` (three decimals) or ``count``.
    """

    name: Words
    means: Words
    good: Words
    limits: Words
    form: str = "number"


__all__ = ["MetricText", "Words"]
