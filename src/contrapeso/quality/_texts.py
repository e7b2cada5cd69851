"""The sentences of the report, Portuguese and English, keyed by the stable codes that the report carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contrapeso.quality._format import ABSENT, Language, count, number, percent, signed
from contrapeso.quality._text_advice import ADVICE
from contrapeso.quality._text_reasons import REASONS

_PLACEHOLDER = re.compile(r"\{(\w+)(%|:\+)?\}")
REASON_CODES = frozenset(REASONS)
RECOMMENDATION_CODES = frozenset(ADVICE)


def reason_text(code: str, language: Language = "pt") -> str:
    """The sentence of a reason or note code."""
    return REASONS[code][language != "pt"]


def recommendation_text(
    code: str, columns: tuple[str, ...], evidence: Mapping[str, Any], language: Language = "pt"
) -> str:
    """The sentence of a recommendation, with its evidence filled in."""
    return _fill(ADVICE[code][language != "pt"], columns, evidence, language)


def recommendation_parts(
    code: str, columns: tuple[str, ...], evidence: Mapping[str, Any], language: Language = "pt"
) -> tuple[str, str]:
    """What was found and what to do, apart, for a place that names the columns itself.

    The template is cut before it is filled: a name that holds a full stop cannot move the cut.
    """
    template = ADVICE[code][language != "pt"].removeprefix("{columns}: ")
    found, _, action = template.partition(". ")
    found = _fill(found, columns, evidence, language)
    return f"{found[:1].upper()}{found[1:]}.", _fill(action, columns, evidence, language)


def _fill(template: str, columns: tuple[str, ...], evidence: Mapping[str, Any], language: Language) -> str:
    """``template`` filled in one pass: a column called ``{score}`` stays what it is."""
    values = {**evidence, "columns": " × ".join(columns)}
    return _PLACEHOLDER.sub(lambda found: _shown(values[found[1]], found[2], language), template)


def _shown(value: Any, form: str | None, language: Language) -> str:
    """A value as a percentage (``%``), with its sign (``:+``) or as it is; a list joined by commas."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(item, form, language) for item in value) or ABSENT
    if form == "%":
        known = isinstance(value, (int, float))
        return percent(value, language) if known else {"pt": "n/d", "en": "n/a"}[language]
    if form == ":+" and isinstance(value, (int, float)):
        return signed(value, language)
    if isinstance(value, float):
        return number(value, language)
    return count(value, language) if isinstance(value, int) else str(value)


__all__ = [
    "REASON_CODES",
    "RECOMMENDATION_CODES",
    "Language",
    "reason_text",
    "recommendation_parts",
    "recommendation_text",
]
