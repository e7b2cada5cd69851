"""The numbers of a page for machines: the report as JSON inside it, four decimals, no ``<``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from contrapeso.quality import _view_columns
from contrapeso.quality._format import clean
from contrapeso.quality._report import Dependence, QualityReport

MAX_LABEL = 80
MAX_TESTS = 120
"""Tests of the largest effects, in the order in which they came."""


def _max_cells(report: QualityReport) -> int:
    """How many cells of a column the JSON block holds."""
    return 24 if len(report.columns) > _view_columns.WIDE else 60


def needs_cut(report: QualityReport) -> bool:
    """Whether the JSON block leaves out parts of the maps or of very long bars."""
    wide = any(part is not None and len(part.columns) > _view_columns.MAX_MAP for part in _maps(report))
    limit = _max_cells(report)
    return (
        wide
        or len(report.tests) > MAX_TESTS
        or any(column.bars and len(column.bars.labels) > limit for column in report.columns)
    )


def _maps(report: QualityReport) -> tuple[Dependence | None, Dependence | None]:
    return report.dependence, report.correlation


def embedded(report: QualityReport) -> str:
    """The report as JSON for the page: four decimals, long bars and maps cut to what is shown, no ``<``."""
    data = report.to_dict()
    for key, part in zip(("dependence", "correlation"), _maps(report), strict=True):
        if part is not None and len(part.columns) > _view_columns.MAX_MAP:
            kept = _view_columns.kept_columns(part)
            data[key] = asdict(
                Dependence(
                    tuple(part.columns[k] for k in kept),
                    tuple(tuple(part.real[i][j] for j in kept) for i in kept),
                    tuple(tuple(part.synthetic[i][j] for j in kept) for i in kept),
                    part.measure,
                )
            )
    limit = _max_cells(report)
    for bars in (column["bars"] for column in data["columns"] if column["bars"]):
        bars.update({key: value[:limit] for key, value in bars.items() if isinstance(value, list)})
        bars["labels"] = [clean(label, MAX_LABEL) for label in bars["labels"]]
    least = sorted((abs(test["effect"] or 0.0) for test in data["tests"]), reverse=True)[:MAX_TESTS][-1:]
    data["tests"] = [test for test in data["tests"] if abs(test["effect"] or 0.0) >= least[0]][:MAX_TESTS]
    return safe_json(data)


def safe_json(data: Any) -> str:
    """``data`` as JSON that may stand inside a page."""
    text = json.dumps(_rounded(data), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def summary(reports: Mapping[str, QualityReport]) -> str:
    """Several reports as JSON for the page: grades, scores, dimensions, gates, column scores."""
    return safe_json(
        [
            {
                "name": name,
                "grade": report.grade,
                "provisional": report.provisional,
                "overall": asdict(report.overall),
                "dimensions": {d.name: asdict(d.score) for d in report.dimensions},
                "pair_counts": dict(report.pair_counts),
                "privacy": None if report.privacy is None else report.privacy.status,
                "columns": {c.name: c.score.value for c in report.columns},
            }
            for name, report in reports.items()
        ]
    )


def _rounded(value: Any) -> Any:
    """``value`` with floats at four decimals and without NaN or infinity, which JSON does not have."""
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value


__all__ = ["embedded", "needs_cut", "safe_json", "summary"]
