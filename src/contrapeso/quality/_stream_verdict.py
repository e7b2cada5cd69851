"""Dimensions, remarks and method of a report that was counted in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics import marginal_bins, pair_bins
from contrapeso.quality._columns import TableColumns
from contrapeso.quality._given import Given
from contrapeso.quality._measure import Measured
from contrapeso.quality._report import (
    DataCharacteristics,
    Dimension,
    Method,
    NotAssessed,
    Privacy,
    QualityReport,
    Score,
)
from contrapeso.quality._score import DimensionName, Part, dimension

_LATER = ("joint_test", "model_performance", "privacy_attacks")


def parts_of(
    measured: Measured, ceiling: Measured | None, rules: NDArray[np.float64] | None
) -> dict[DimensionName, Part]:
    """The dimensions that follow from counts and rules, as far as they were measured."""
    parts: dict[DimensionName, Part] = {}
    statistical, best = measured.statistical(), ceiling.statistical() if ceiling else None
    if statistical is not None:
        limit = measured.statistical_halves() if best is None else float(best[0])
        parts["statistical_similarity"] = Part(statistical, limit)
    if len(measured.paired) > 1:
        halves = measured.pairs.total_halves() if ceiling is None else ceiling.pairs.total()[:1]
        parts["distribution_preservation"] = Part(measured.pairs.total(), float(halves.mean()))
    if rules is not None:
        parts["business_rule_compliance"] = Part(rules, 1.0)
    return parts


def dimensions_of(given: Given, measured: Measured, parts: Mapping[DimensionName, Part]) -> tuple[Dimension, ...]:
    """All four dimensions; the absent ones say why."""
    reasons: dict[DimensionName, str] = {
        "statistical_similarity": "no_shared_columns",
        "distribution_preservation": "one_column",
        "business_rule_compliance": "rules_not_applicable" if given.rules else "no_rules",
        "model_performance": "not_measured_yet",
    }
    remarks = {"distribution_preservation": "no_dependence" if np.isnan(measured.pairs.score).all() else None}
    return tuple(
        dimension(name, given.thresholds[name], parts.get(name), remarks.get(name) if name in parts else reason)
        for name, reason in reasons.items()
    )


def not_assessed(given: Given, table: TableColumns, measured: Measured, privacy: Privacy) -> tuple[NotAssessed, ...]:
    """What the report says nothing about, and why."""
    reasons: dict[str, list[str]] = {}
    for name, reason in table.excluded.items():
        reasons.setdefault(reason, []).append(name)
    if table.extra:
        reasons["extra_column"] = list(table.extra)
    found = [NotAssessed("columns", reason, tuple(names)) for reason, names in reasons.items()]
    if not given.rules:
        found.append(NotAssessed("business_rule_compliance", "no_rules"))
    if len(measured.paired) < 2:
        found.append(NotAssessed("distribution_preservation", "one_column"))
    if privacy.status == "cannot_be_assessed":
        found.append(NotAssessed("exact_copies", "needs_holdout"))
    return (*found, *(NotAssessed(code, "not_measured_yet") for code in _LATER))


def method_of(given: Given, n_rows: tuple[float, int], n_groups: int, *, holdout: bool) -> Method:
    """How the numbers came to be; ``n_rows`` are the effective real rows and the synthetic rows."""
    n = min(n_rows)
    return Method(
        seed=given.seed,
        bins_marginal=marginal_bins(n),
        bins_pair=pair_bins(n),
        n_groups=n_groups,
        reference=_reference(given),
        n_effective=n_rows[0],
        ceiling="holdout" if holdout else "half_split",
        versions=_versions(),
    )


def _reference(given: Given) -> Literal["whole_table", "class_mix"]:
    return "whole_table" if given.target is None else "class_mix"


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("contrapeso", "numpy", "pandas", "scipy")}


def now() -> str:
    """The time of the report."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def without_score(given: Given, data: DataCharacteristics, n_effective: float, reason: str) -> QualityReport:
    """A report that only says why there is no score."""
    return QualityReport(
        overall=Score(None, reason=reason),
        grade=None,
        provisional=True,
        dimensions=tuple(dimension(name, limit, None, reason) for name, limit in given.thresholds.items()),
        columns=(),
        pairs=(),
        pair_counts={},
        dependence=None,
        correlation=None,
        rules=(),
        recommendations=(),
        privacy=None,
        data=data,
        not_assessed=(NotAssessed("overall", reason),),
        method=Method(given.seed, 0, 0, 0, _reference(given), n_effective, "none", _versions()),
        timestamp=now(),
    )


__all__ = ["dimensions_of", "method_of", "not_assessed", "now", "parts_of", "without_score"]
