"""What the page shows of a report: texts already written in the language, drawings already made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contrapeso.quality import _svg
from contrapeso.quality._format import clean
from contrapeso.quality._labels import DIMENSION_WORDS, GRADE_SENTENCES, GRADE_WORDS, METRICS
from contrapeso.quality._report import ColumnReport, Dimension, PairReport, QualityReport, Recommendation, Score
from contrapeso.quality._score import BANDS
from contrapeso.quality._svg import Alt, Mark
from contrapeso.quality._texts import recommendation_parts
from contrapeso.quality._view_columns import cells, dumbbell
from contrapeso.quality._view_finding import finding
from contrapeso.quality._view_privacy import gate_text
from contrapeso.quality._writer import Writer

MAX_CARDS = 7


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first thing on the page."""

    letter: str
    word: str
    found: str
    sentence: str
    stamp: str
    stamp_why: str
    details: tuple[str, ...]
    badges: tuple[tuple[str, str], ...]
    value: str
    interval: str
    ceiling: str
    bar: Markup
    tone: str


def verdict(report: QualityReport, say: Writer) -> Verdict:
    """The grade in words, the score on its bar, and one sentence for people who do not do statistics."""
    score, grade = report.overall, report.grade
    letters = grade.split("/") if grade else []
    ticks = [Mark(edge, say.score(edge)) for edge, _ in BANDS[:-1]]
    tops = (1.0, *(edge for edge, _ in BANDS))
    centres = [Mark((edge + top) / 2, letter) for (edge, letter), top in zip(BANDS, tops, strict=False)]
    alt = Alt("verdict-bar", f"{say.t('score')} {say.score(score.value)}", bar_words(score, say))
    bar = _svg.score_bar(
        score.value,
        alt,
        interval=score.interval,
        ceiling=say.ceiling(score),
        ticks=[*ticks, *(Mark(mark.at, mark.word, line=False) for mark in centres)],
    )
    ceiling = f"{say.t('ceiling_short', value=say.score(score.ceiling))}" if score.ceiling is not None else ""
    refused = report.privacy is not None and report.privacy.do_not_release
    return Verdict(
        letter="/".join(letters) or "?",
        word=_grade_word(letters, report, say),
        found=finding(report, say),
        sentence=GRADE_SENTENCES[letters[-1]].to(say.language) if letters else say.reason(report.overall.reason),
        stamp=say.t("do_not_release") if refused else "",
        stamp_why=_why_refused(report, say) if refused else "",
        details=tuple(_verdict_details(report, say)),
        badges=tuple(_badges(report, say)),
        value=say.score(score.value),
        interval=say.interval(score),
        ceiling=ceiling or say.t("ceiling_absent"),
        bar=Markup(bar),  # noqa: S704
        tone=letters[-1] if letters else "none",
    )


def _grade_word(letters: Sequence[str], report: QualityReport, say: Writer) -> str:
    """The grade in words."""
    if not letters:
        return say.t("insufficient" if report.overall.reason == "insufficient_data" else "no_grade")
    words = [GRADE_WORDS[letter].to(say.language) for letter in letters]
    if len(words) == 1:
        return words[0]
    return f"{words[0]} {'a' if say.language == 'pt' else 'to'} {words[-1].lower()}"


def _badges(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """Words beside the grade that nobody should miss, and their tone."""
    return [(say.t("provisional"), "caution")] if report.provisional and report.grade else []


def _why_refused(report: QualityReport, say: Writer) -> str:
    """Why the rows must not leave, and that the grade says nothing about it."""
    words = "" if report.privacy is None else gate_text(report.privacy, say)
    return f"{words} {say.t('copy_is_good')}" if report.grade and report.grade[0] in "AB" else words


def _verdict_details(report: QualityReport, say: Writer) -> list[str]:
    """What qualifies the verdict: the gate, failed dimensions, two grades, provisional."""
    details = []
    failed = [dimension for dimension in report.dimensions if dimension.passed is False]
    if failed and report.grade:
        names = ", ".join(
            f"{dimension_word(d, say).lower()} ({say.score(d.score.value)} < {say.score(d.threshold)})" for d in failed
        )
        sentence = f"{say.t('below')} {names}."
        best = next((letter for edge, letter in BANDS if (report.overall.value or 0.0) >= edge), "F")
        if best < report.grade[0]:
            sentence += " " + say.t("capped", grade=report.grade[0])
        details.append(sentence)
    if report.grade and "/" in report.grade:
        details.append(say.t("two_grades"))
    if report.provisional and report.grade:
        details.append(say.t(_why_provisional(report)))
    if report.grade:
        details.append(_extent(report, say))
    return details


def _extent(report: QualityReport, say: Writer) -> str:
    """How much of what counts the grade rests on."""
    n = sum(dimension.score.value is not None for dimension in report.dimensions)
    extent = say.t("measured_of", n=str(n), total=str(len(report.dimensions)))
    if report.privacy is None or report.privacy.status == "cannot_be_assessed":
        extent += " " + say.t("privacy_absent")
    return extent


def _why_provisional(report: QualityReport) -> str:
    """The words that say why a grade is provisional."""
    if min(report.data.n_real, report.data.n_synthetic) < 200:
        return "provisional_rows"
    if sum(dimension.score.value is not None for dimension in report.dimensions) < 2:
        return "provisional_dimensions"
    return "provisional_other"


def bar_words(score: Score, say: Writer) -> str:
    """A score bar in words: value, interval, ceiling."""
    parts = [f"{say.t('score')} {say.score(score.value)} {say.t('of_one')}", say.interval(score)]
    parts.append(
        say.t("ceiling_short", value=say.score(score.ceiling)) if score.ceiling is not None else say.t("ceiling_absent")
    )
    return ", ".join(part for part in parts if part) + "."


def dimension_word(dimension: Dimension, say: Writer) -> str:
    """The plain name of a dimension."""
    return DIMENSION_WORDS[dimension.name].to(say.language)


@dataclass(frozen=True, slots=True)
class DimensionView:
    """A score card."""

    name: str
    state: str
    tone: str
    value: str
    interval: str
    threshold: str
    weight: str
    bar: Markup
    parts: str
    reason: str
    means: str
    limits: str


def dimensions(report: QualityReport, say: Writer) -> list[DimensionView]:
    """Every dimension; absent ones with the reason."""
    return [_dimension(dimension, _parts(dimension, report, say), say) for dimension in report.dimensions]


def _parts(dimension: Dimension, report: QualityReport, say: Writer) -> str:
    """What a dimension is made of, in words, where it has parts."""
    pairs, joint = report.pair_score, report.joint
    if dimension.name != "distribution_preservation" or pairs is None or joint is None:
        return ""
    if pairs.value is None or joint.score.value is None:
        return ""
    return say.t("dimension_parts", pairs=say.score(pairs.value), joint=say.score(joint.score.value))


def _dimension(dimension: Dimension, parts: str, say: Writer) -> DimensionView:
    score, text = dimension.score, METRICS[dimension.name]
    state = {True: "passed", False: "failed", None: "absent"}[dimension.passed]
    bar = _svg.score_bar(
        score.value,
        Alt(f"dim-{dimension.name}", dimension_word(dimension, say), bar_words(score, say)),
        interval=score.interval,
        ceiling=say.ceiling(score),
        ticks=[Mark(dimension.threshold, say.t("threshold", value=say.score(dimension.threshold)))],
        passed=dimension.passed is not False,
    )
    return DimensionView(
        name=dimension_word(dimension, say),
        state=say.t(state),
        tone=state,
        value=say.score(score.value),
        interval=say.interval(score),
        threshold=say.t("threshold", value=say.score(dimension.threshold)),
        weight=say.t("weight", value=f"{say.number(100 * dimension.weight, 0)}%"),
        bar=Markup(bar) if score.value is not None else Markup(""),  # noqa: S704
        parts=parts,
        reason=say.reason(score.reason),
        means=text.means.to(say.language),
        limits=text.limits.to(say.language),
    )


@dataclass(frozen=True, slots=True)
class Card:
    """A recommendation."""

    names: tuple[str, ...]
    finding: str
    action: str
    gain: str
    picture: Markup
    anchor: str


def cards(report: QualityReport, say: Writer, anchors: Mapping[str, str]) -> list[Card]:
    """Recommendations as they came: the first one gains most. ``anchors`` lead to the columns."""
    drawn = {column.name: column for column in report.columns}
    measured = {frozenset((pair.a, pair.b)): pair for pair in report.pairs}
    found = []
    for k, item in enumerate(report.recommendations):
        names = tuple(clean(name) for name in item.columns)
        parts = recommendation_parts(item.code, names, item.evidence, say.language)
        finding, action = (clean(part, 400) for part in parts)
        picture = _picture(item, drawn, measured) if k < MAX_CARDS else Markup("")
        anchor = anchors.get(item.columns[0], "") if len(item.columns) == 1 else ""
        found.append(Card(names, finding, action, _gain(item.expected_gain, say), picture, anchor))
    return found


def _picture(
    item: Recommendation,
    columns: Mapping[str, ColumnReport],
    pairs: Mapping[frozenset[str], PairReport],
) -> Markup:
    """A thumbnail of the column or of the pair beside the words that say it, empty where there is neither."""
    pair = pairs.get(frozenset(item.columns))
    if pair is not None:
        return Markup(dumbbell(pair))  # noqa: S704
    if len(item.columns) == 1 and item.columns[0] in columns:
        return Markup(_svg.mini_overlay(cells(columns[item.columns[0]].bars), Alt("", "")))  # noqa: S704
    return Markup("")


def _gain(gain: float | None, say: Writer) -> str:
    """The expected gain in words."""
    if not gain or not math.isfinite(gain):
        return say.t("gain_unknown")
    if gain < 0.01:
        return say.t("gain_small")
    return say.t("gain", gain="+" + say.number(gain))


__all__ = [
    "MAX_CARDS",
    "Card",
    "DimensionView",
    "Verdict",
    "bar_words",
    "cards",
    "dimension_word",
    "dimensions",
    "verdict",
]
