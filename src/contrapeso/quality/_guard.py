"""What of a table may stand on a page that people forward: no free text, no CPF, no account number, no tiny group.

Category labels are values of the table. Those of free text (a bank description names people) become
numbers; in all others personal numbers are masked as they are in logs. Groups and classes with fewer
than five real rows are left out.
"""

from __future__ import annotations

from dataclasses import replace

from contrapeso._log import mask
from contrapeso.quality._report import Bars, ColumnReport, QualityReport, Recommendation
from contrapeso.quality._sections import Fairness, Usefulness
from contrapeso.quality._writer import Writer

HIDDEN_KINDS = frozenset({"text", "identifier"})
MIN_GROUP = 5


def guarded(report: QualityReport, say: Writer) -> QualityReport:
    """``report`` with labels fit for the page and for the JSON inside it."""
    classes = tuple(replace(item, label=mask(item.label)) for item in report.data.classes)
    return replace(
        report,
        columns=tuple(_column(column, say) for column in report.columns),
        data=replace(report.data, classes=classes),
        usefulness=None if report.usefulness is None else _use(report.usefulness),
        recommendations=tuple(_finding(item) for item in report.recommendations if not _exposes(item)),
        fairness=tuple(_fairness(item) for item in report.fairness),
        mined_rules=tuple(replace(rule, name=mask(rule.name)) for rule in report.mined_rules),
    )


def hidden_groups(report: QualityReport) -> tuple[int, ...]:
    """How many groups of each fairness table have too few real rows to be shown."""
    return tuple(sum(group.n_real < MIN_GROUP for group in item.groups) for item in report.fairness)


def _exposes(item: Recommendation) -> bool:
    """Whether a finding is about a group of too few real rows."""
    n_real = item.evidence.get("n_real")
    return "group" in item.evidence and isinstance(n_real, (int, float)) and n_real < MIN_GROUP


def _finding(item: Recommendation) -> Recommendation:
    """A finding with the names of groups and of mined rules masked; given rules are not named from the table."""
    if item.code == "rule_violated":
        return item
    evidence = {key: mask(value) if isinstance(value, str) else value for key, value in item.evidence.items()}
    return replace(item, evidence=evidence)


def _column(column: ColumnReport, say: Writer) -> ColumnReport:
    return column if column.bars is None else replace(column, bars=_bars(column.bars, column.kind, say))


def _bars(bars: Bars, kind: str, say: Writer) -> Bars:
    """Labels of categories hidden or masked; ranges and special cells as they are."""
    roles = bars.roles or ("value",) * len(bars.labels)
    labels = [
        label if role != "value" else say.t("text_value", n=str(k + 1)) if kind in HIDDEN_KINDS else mask(label)
        for k, (label, role) in enumerate(zip(bars.labels, roles, strict=True))
    ]
    return replace(bars, labels=tuple(labels))


def _use(found: Usefulness) -> Usefulness:
    """Classes masked; those of too few rows left out."""
    if found.target is None:
        return found
    recalls = tuple(replace(r, label=mask(r.label)) for r in found.target.recalls if r.n >= MIN_GROUP)
    return replace(found, target=replace(found.target, recalls=recalls))


def _fairness(item: Fairness) -> Fairness:
    """Groups masked; those of too few rows left out."""
    groups = tuple(replace(group, group=mask(group.group)) for group in item.groups if group.n_real >= MIN_GROUP)
    return replace(item, groups=groups, positive=None if item.positive is None else mask(item.positive))


__all__ = ["HIDDEN_KINDS", "MIN_GROUP", "guarded", "hidden_groups"]
