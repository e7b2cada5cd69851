"""What of a table may stand on a page that people forward: no free text, no CPF, no account number.

Category labels are values of the table. Those of free text (a bank description names people) become
numbers; in all others personal numbers are masked as they are in logs.
"""

from __future__ import annotations

from dataclasses import replace

from contrapeso._log import mask
from contrapeso.quality._report import Bars, ColumnReport, QualityReport
from contrapeso.quality._writer import Writer

HIDDEN_KINDS = frozenset({"text", "identifier"})


def guarded(report: QualityReport, say: Writer) -> QualityReport:
    """``report`` with labels fit for the page and for the JSON inside it."""
    classes = tuple(replace(item, label=mask(item.label)) for item in report.data.classes)
    return replace(
        report,
        columns=tuple(_column(column, say) for column in report.columns),
        data=replace(report.data, classes=classes),
    )


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


__all__ = ["HIDDEN_KINDS", "guarded"]
