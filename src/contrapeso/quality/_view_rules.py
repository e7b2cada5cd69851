"""What the page shows of rules given and mined, of sequences and of diversity."""

from __future__ import annotations

from dataclasses import dataclass

from contrapeso.quality._format import ABSENT, clean
from contrapeso.quality._labels import MINED_KINDS
from contrapeso.quality._report import QualityReport, RuleReport
from contrapeso.quality._sections import MinedRule
from contrapeso.quality._view_tables import Cell, Head, Table, picture, readings_table
from contrapeso.quality._writer import Writer

MAX_MINED = 60
MAX_RULES = 100
MAX_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class SequencesView:
    """Rows that follow each other: by what, the score, the readings."""

    order: str
    score: str
    reason: str
    table: Table | None


def rules(report: QualityReport, say: Writer) -> Table | None:
    """The rules that were given, most violated first, with positions of offending rows."""
    if not report.rules:
        return None
    ordered = sorted(report.rules, key=lambda rule: (rule.score is None, rule.score or 0.0))
    heads = (
        Head(say.t("rule")),
        Head(say.t("rate_real"), "n"),
        Head(say.t("compared"), "wide"),
        Head(say.t("rate_synthetic"), "n"),
        Head(say.t("score"), "n"),
        Head(say.t("applicable"), "n"),
        Head(say.t("examples")),
    )
    return Table(say.t("rules_given"), heads, tuple(_rule(rule, say) for rule in ordered[:MAX_RULES]))


def _rule(rule: RuleReport, say: Writer) -> tuple[Cell, ...]:
    """One rule."""
    examples = ", ".join(str(row) for row in rule.violations[:MAX_EXAMPLES])
    return (
        Cell(clean(rule.name, 160), say.t("over_regular") if rule.over_regular else ""),
        Cell(say.percent(rule.rate_real)),
        Cell("", picture=picture(rule.rate_synthetic, rule.rate_real, (0.0, 1.0))),
        Cell(say.percent(rule.rate_synthetic)),
        Cell(say.score(rule.score)),
        Cell(say.count(rule.n_applicable)),
        Cell(examples or ABSENT),
    )


def clean_rows(report: QualityReport, say: Writer) -> Table | None:
    """The share of rows that violate no rule."""
    found = report.clean_rows
    return (
        None if found is None else readings_table([found], say.t("all_rules"), say, against=say.t("legend_real_data"))
    )


def mined(report: QualityReport, say: Writer) -> Table | None:
    """The rules that the real table keeps, most broken by the synthetic one first."""
    if not report.mined_rules:
        return None
    ordered = sorted(report.mined_rules, key=lambda rule: (rule.rate_synthetic is None, rule.rate_synthetic or 0.0))
    heads = (
        Head(say.t("rule")),
        Head(say.t("rule_kind")),
        Head(say.t("rate_real"), "n"),
        Head(say.t("rate_synthetic"), "n"),
        Head(say.t("found_in"), "n"),
    )
    return Table(say.t("mined"), heads, tuple(_mined(rule, say) for rule in ordered[:MAX_MINED]))


def _mined(rule: MinedRule, say: Writer) -> tuple[Cell, ...]:
    """One rule found in the real table."""
    kind = MINED_KINDS.get(rule.kind)
    return (
        Cell(clean(rule.name, 160)),
        Cell(kind.to(say.language) if kind else clean(rule.kind.replace("_", " "))),
        Cell(say.percent(rule.support)),
        Cell(say.percent(rule.rate_synthetic)),
        Cell(say.t("rows", n=say.count(rule.n_real))),
    )


def sequences(report: QualityReport, say: Writer) -> SequencesView | None:
    """Rows that follow each other, None where the table has no order."""
    found = report.sequences
    if found is None:
        return None
    words = say.t("ordered_by", order=clean(found.order))
    if found.key:
        words += " " + say.t("ordered_key", name=clean(found.key))
    score = ""
    if found.score.value is not None:
        score = ", ".join(
            part for part in (say.t("bar_title", value=say.score(found.score.value)), say.interval(found.score)) if part
        )
        if found.score.ceiling is not None:
            score += f", {say.t('ceiling_short', value=say.score(found.score.ceiling))}"
    return SequencesView(
        words, score, say.reason(found.score.reason), readings_table(found.readings, say.t("sequence_readings"), say)
    )


def diversity(report: QualityReport, say: Writer) -> Table | None:
    """How varied the synthetic rows are."""
    return readings_table(report.diversity, say.t("diversity_readings"), say)


__all__ = ["SequencesView", "clean_rows", "diversity", "mined", "rules", "sequences"]
