"""Analysis and plan in words: tables of fixed width and the sentences under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrapeso.balancing import _texts as texts
from contrapeso.balancing._texts import AdviceCode, Language, decimal, grid, integer, percent, word

if TYPE_CHECKING:
    from contrapeso.balancing._ambiguity import Ambiguity
    from contrapeso.balancing._imbalance import ImbalanceAnalysis
    from contrapeso.balancing._plan import BalancePlan


def _label(label: object, width: int = 44) -> str:
    text = str(label)
    return text if len(text) <= width else text[: width - 1] + "…"


def verdict(analysis: ImbalanceAnalysis, language: Language) -> str:
    """What was counted, what is ambiguous, and the advice, as one paragraph."""
    texts.check_language(language)
    sentences = [_summary(analysis, language)] if analysis.classes else []
    if analysis.ambiguity is not None and analysis.ambiguity.n_compared:
        sentences.append(_ambiguity(analysis.ambiguity, language))
    return " ".join([*sentences, *(_advice(code, analysis, language) for code in analysis.advice)])


def _summary(analysis: ImbalanceAnalysis, language: Language) -> str:
    most, least = analysis.classes[0], analysis.classes[-1]
    return texts.summary(
        language,
        classes=integer(analysis.n_classes, language),
        rows=integer(analysis.n_rows - analysis.n_missing, language),
        missing=integer(analysis.n_missing, language),
        majority=_label(most.label),
        most=integer(most.count, language),
        minority=_label(least.label),
        least=integer(least.count, language),
        ratio=decimal(least.ratio, language),
        severity=word(least.severity, language),
    )


def _ambiguity(found: Ambiguity, language: Language) -> str:
    return texts.ambiguity_sentence(
        found.basis,
        language,
        n=integer(found.n_ambiguous, language),
        of=integer(found.n_compared, language),
        share=percent(found.share or 0.0, language),
        groups=integer(found.n_groups, language),
    )


def _advice(code: AdviceCode, analysis: ImbalanceAnalysis, language: Language) -> str:
    found = analysis.ambiguity
    flag = {"too_scarce": "smote_impossible", "unstable": "metrics_unstable"}.get(code)
    return texts.advice(
        code,
        language,
        share=percent(found.share, language) if found and found.share is not None else "",
        ceiling=percent(found.ceiling, language) if found and found.ceiling is not None else "",
        n=integer(sum(flag in profile.scarce for profile in analysis.classes), language),
        of=integer(analysis.n_classes, language),
        distinct="" if analysis.classes[:1] and analysis.classes[0].distinct is None else word("of_distinct", language),
    )


def analysis(found: ImbalanceAnalysis, language: Language) -> str:
    """Table of the classes, then the verdict."""
    texts.check_language(language)
    if not found.classes:
        return verdict(found, language)
    heads = ("class", "rows", "share", "ratio", "severity", "distinct", "ambiguous", "scarce")
    rows = [
        [
            _label(profile.label),
            integer(profile.count, language),
            percent(profile.share, language),
            decimal(profile.ratio, language),
            word(profile.severity, language),
            _maybe(profile.distinct, language),
            _maybe(profile.ambiguous, language),
            word(profile.scarce[0], language) if profile.scarce else "",
        ]
        for profile in found.classes
    ]
    table = grid([word(head, language) for head in heads], rows, left=frozenset({0, 4, 7}))
    return f"{table}\n\n{verdict(found, language)}"


def _maybe(count: int | None, language: Language) -> str:
    return "–" if count is None else integer(count, language)


def plan(found: BalancePlan, language: Language) -> str:
    """Table of what happens to each class and why, with the totals."""
    texts.check_language(language)
    heads = ("class", "before", "add", "drop", "after", "method", "reason")
    rows = [
        [
            _label(item.label),
            integer(item.before, language),
            integer(item.add, language),
            integer(item.drop, language),
            integer(item.after, language),
            word("none", language) if item.method == "none" else item.method,
            item.reason(language),
        ]
        for item in found.items
    ]
    totals = [integer(n, language) for n in (found.n_before, found.n_add, found.n_drop, found.n_after)]
    rows.append([word("total", language), *totals, "", ""])
    return grid([word(head, language) for head in heads], rows, left=frozenset({0, 5, 6}))


__all__ = ["analysis", "plan", "verdict"]
