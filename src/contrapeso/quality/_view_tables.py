"""A table of the page as a value, and readings as tables: each number beside its reference and what it means."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from contrapeso.quality import _svg
from contrapeso.quality._format import ABSENT, clean, signed
from contrapeso.quality._label_readings import READINGS
from contrapeso.quality._sections import Interval, Reading
from contrapeso.quality._words import MetricText
from contrapeso.quality._writer import Writer

Show = Callable[[float | None], str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: a ``text``, smaller words below it, a tone (a CSS class), and a drawing."""

    text: str
    note: str = ""
    tone: str = ""
    picture: Markup = field(default_factory=Markup)


@dataclass(frozen=True, slots=True)
class Head:
    """A heading of a column: ``kind`` is ``n`` for numbers, ``wide`` for drawings, empty for words."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row names it. ``wide`` tables scroll on a narrow screen, others stack."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wide: bool = False


def form_of(text: MetricText | None, say: Writer) -> Show:
    """How a number is written."""
    forms: dict[str, Show] = {
        "share": say.percent,
        "auc": say.percent,
        "change": lambda value: signed(value, say.language),
        "count": lambda value: say.number(value, 0),
        "small": lambda value: say.number(value, 3),
    }
    return forms.get(text.form if text else "", say.number)


def explained(text: MetricText | None, say: Writer) -> str:
    """What a number means, what is good and where it ends, in one line."""
    if text is None:
        return ""
    good, limits = text.good.to(say.language), text.limits.to(say.language)
    return f"{text.means.to(say.language)} {say.t('good')}: {_lower(good)} {say.t('limits')}: {_lower(limits)}"


def _lower(text: str) -> str:
    """``text`` with a small first letter, unless it opens with an abbreviation."""
    return text if text[:2].isalpha() and text[:2].isupper() else text[:1].lower() + text[1:]


def named(code: str, text: MetricText | None, say: Writer) -> str:
    """The name of a number, its code where it has no words."""
    return text.name.to(say.language) if text else clean(code.replace("_", " "))


def between(interval: Interval | None, show: Show, say: Writer) -> str:
    """An interval in words."""
    return "" if interval is None else say.t("interval_of", low=show(interval[0]), high=show(interval[1]))


def picture(
    value: float | None,
    reference: float | None,
    span: tuple[float, float],
    interval: Interval | None = None,
    reference_interval: Interval | None = None,
) -> Markup:
    """A value under its reference."""
    drawn = _svg.versus(value, reference, span=span, interval=interval, reference_interval=reference_interval)
    return Markup(drawn)  # noqa: S704


def span_of(numbers: Iterable[float | None], form: str = "number") -> tuple[float, float]:
    """The ends of a line on which all ``numbers`` can stand: from 0 (an AUC from 0.5) to 1, or beyond if they go."""
    known = [number for number in numbers if number is not None and math.isfinite(number)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if form == "auc":
        return min(0.5, low), max(1.0, high)
    if form in ("change", "small") or high > 1:
        return min(0.0, 1.1 * low), max(0.0, 1.1 * high) or 1.0
    return min(0.0, low), 1.0


def numbers_of(readings: Iterable[Reading]) -> list[float | None]:
    """Every number of some readings."""
    return [number for r in readings for number in (r.value, r.reference, *(r.interval or ()))]


def readings_table(
    readings: Sequence[Reading], caption: str, say: Writer, *, against: str = "", together: bool = False
) -> Table | None:
    """Readings with their references; ``together`` draws them on one line. None without readings."""
    if not readings:
        return None
    shared = span_of(numbers_of(readings)) if together else None
    heads = (
        Head(say.t("metric")),
        Head(say.t("legend_synthetic"), "n"),
        Head(say.t("compared"), "wide"),
        Head(against or say.t("between_real"), "n"),
    )
    return Table(caption, heads, tuple(_row(reading, shared, say) for reading in readings))


def _row(reading: Reading, span: tuple[float, float] | None, say: Writer) -> tuple[Cell, ...]:
    """A reading as a row: name and meaning, value and interval, drawing, reference."""
    text = READINGS.get(reading.name)
    show = form_of(text, say)
    line = span or span_of(numbers_of([reading]), text.form if text else "number")
    notes = (say.reason(reading.reason), explained(text, say))
    return (
        Cell(named(reading.name, text, say), " ".join(note for note in notes if note)),
        Cell(show(reading.value), between(reading.interval, show, say)),
        Cell("", picture=picture(reading.value, reading.reference, line, reading.interval)),
        Cell(show(reading.reference)),
    )


def arrow(real: float | None, synthetic: float | None, show: Show) -> str:
    """Real and synthetic, one after the other; a dash where both are absent."""
    if real is None and synthetic is None:
        return ABSENT
    return f"{show(real)}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{show(synthetic)}"


__all__ = [
    "Cell",
    "Head",
    "Show",
    "Table",
    "arrow",
    "between",
    "explained",
    "form_of",
    "named",
    "numbers_of",
    "picture",
    "readings_table",
    "span_of",
]
