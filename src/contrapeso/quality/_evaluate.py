"""``evaluate``: from two tables to a quality report, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.metrics import N_GROUPS, PairMeasures, marginal_bins, pair_bins
from contrapeso.quality._details import association_matrices, correlation_matrices, describe_column, describe_pairs
from contrapeso.quality._given import Given, Read, characteristics, check, read
from contrapeso.quality._measure import Coded, Measured, code_columns, measure, measure_holdout, measure_reshaped
from contrapeso.quality._privacy import assess_copies, collision_rate
from contrapeso.quality._recommend import (
    Facts,
    Gains,
    by_gain,
    column_findings,
    has_wrong_shape,
    pair_findings,
    rule_findings,
)
from contrapeso.quality._reference import Reference, build_reference
from contrapeso.quality._report import (
    ColumnReport,
    DataCharacteristics,
    Dimension,
    Method,
    NotAssessed,
    Privacy,
    QualityReport,
    Recommendation,
    RuleReport,
    Score,
)
from contrapeso.quality._rules import Rules, ask, report_rule, rule_replicates
from contrapeso.quality._score import MIN_ROWS, PROVISIONAL_ROWS, DimensionName, Part, dimension, grade, overall
from contrapeso.tables import Schema

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Results:
    """Everything measured, before it is put into words."""

    coded: tuple[Coded, ...]
    measured: Measured
    ceiling: Measured | None
    rules: tuple[RuleReport, ...]
    rule_score: Floats | None

    @property
    def paired_names(self) -> list[str]:
        """Names of the columns whose pairs were measured."""
        return [self.coded[index].column.column.name for index in self.measured.paired]


def evaluate(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    *,
    schema: Schema | None = None,
    target: str | None = None,
    holdout: pd.DataFrame | None = None,
    rules: Rules | None = None,
    seed: int = 0,
    thresholds: Mapping[str, float] | None = None,
) -> QualityReport:
    """Quality of ``synthetic`` rows measured against ``real`` ones, with intervals, ceilings and what to fix.

    Parameters
    ----------
    real : DataFrame of shape (n, p)
        Rows that the synthetic ones were made from.
    synthetic : DataFrame of shape (m, p)
        The synthetic rows alone, without the originals.
    schema : Schema, optional
        Kinds of the columns of ``real``; inferred by default.
    target : str, optional
        Class column. With it the real rows are re-weighted to the class mix of the synthetic rows
        (weight ``m_c / n_c`` for class c), because balancing makes rows of the minority classes only and its class
        mix is a choice, not an error. A rare class enters the noise with its own size; a class that the real
        table does not have counts as unseen.
    holdout : DataFrame, optional
        Real rows never used for generation: gives the ceiling, and lets copies be judged.
    rules : mapping of name to predicate or Rule, optional
        A predicate takes a DataFrame and answers a boolean (or null: not applicable) for each row.
    seed : int
        Seeds the row groups of the intervals. Same seed, same tables: same numbers.
    thresholds : mapping of dimension to number, optional
        Other thresholds than 0.80, 0.75 and 0.90.

    Returns
    -------
    QualityReport
        ``grade`` is None, with the reason, below 30 (effective) rows on either side.

    Raises
    ------
    InvalidDataError, ColumnNotFoundError, InvalidParameterError, UnknownConfigKeyError
        If a table, the target, a rule or a threshold is not what it should be.
    """
    given = check(
        real, synthetic, holdout=holdout, schema=schema, target=target, rules=rules, seed=seed, thresholds=thresholds
    )
    if not len(real) or not len(synthetic):
        return _without_score(given, None, 0.0, "insufficient_data")
    tables = read(given)
    reference = build_reference(tables.classes, tables.keys, given.seed)
    if min(reference.real.n_effective, len(synthetic)) < MIN_ROWS:
        return _without_score(given, tables, reference.real.n_effective, "insufficient_data")
    if not tables.columns.compared:
        return _without_score(given, tables, reference.real.n_effective, "no_shared_columns")
    return _report(given, tables, reference, _measure(given, tables, reference))


def _measure(given: Given, tables: Read, reference: Reference) -> _Results:
    """Columns, pairs, rules, and the holdout in the place of the synthetic rows."""
    coded = code_columns(tables.columns.compared, reference.real, len(given.synthetic), given.target)
    measured = measure(coded, reference, given.target)
    ceiling = measure_holdout(coded, reference, given.target)
    left = ask(given.rules, given.real[tables.kept], "real")
    right = ask(given.rules, given.synthetic, "synthetic")
    weights = reference.real.weights
    reports = tuple(report_rule(r, s, weights) for r, s in zip(left, right, strict=True))
    groups = (reference.real.group, reference.synthetic.group)
    return _Results(coded, measured, ceiling, reports, rule_replicates(left, right, groups, weights, N_GROUPS))


def _report(given: Given, tables: Read, reference: Reference, results: _Results) -> QualityReport:
    """The results put together."""
    measured, names = results.measured, results.paired_names
    parts = _core_parts(results)
    dimensions = _dimensions(given, results, parts)
    score = overall(parts) if parts else Score(None, reason="no_shared_columns")
    reports, facts = _columns(results, reference, given.target)
    pairs, counts = describe_pairs(names, measured)
    privacy = assess_copies(tables.all_keys, tables.all_classes, len(tables.columns.copied))
    data = characteristics(given, tables)
    n_rows = reference.real.n_effective, len(given.synthetic)
    values = {name: part.value for name, part in parts.items()}
    gains = Gains(measured, values, *n_rows, _reshaped(results, reference))
    findings = [*column_findings(results.coded, facts, gains), *pair_findings(names, gains)]
    findings += [*rule_findings(results.rules, gains), *_repetition(tables, data, privacy)]
    return QualityReport(
        overall=score,
        grade=grade(score, dimensions),
        provisional=min(n_rows) < PROVISIONAL_ROWS or len(parts) < 2,
        dimensions=dimensions,
        columns=tuple(sorted(reports, key=lambda r: (r.score.value or 0.0, r.name))),
        pairs=pairs,
        pair_counts=counts,
        dependence=association_matrices(names, measured),
        correlation=correlation_matrices(results.coded, reference.real),
        rules=results.rules,
        recommendations=tuple(by_gain(findings)),
        privacy=privacy,
        data=data,
        not_assessed=_not_assessed(given, tables, results, privacy),
        method=_method(given, reference),
        timestamp=_now(),
    )


def _core_parts(results: _Results) -> dict[DimensionName, Part]:
    """The dimensions that follow from counts and rules, as far as they were measured."""
    measured, ceiling = results.measured, results.ceiling
    parts: dict[DimensionName, Part] = {}
    statistical, best = measured.statistical(), ceiling.statistical() if ceiling else None
    if statistical is not None:
        limit = measured.statistical_halves() if best is None else float(best[0])
        parts["statistical_similarity"] = Part(statistical, limit)
    if len(measured.paired) > 1:
        halves = measured.pairs.total_halves() if ceiling is None else ceiling.pairs.total()[:1]
        parts["distribution_preservation"] = Part(measured.pairs.total(), float(halves.mean()))
    if results.rule_score is not None:
        parts["business_rule_compliance"] = Part(results.rule_score, 1.0)
    return parts


def _dimensions(given: Given, results: _Results, parts: Mapping[DimensionName, Part]) -> tuple[Dimension, ...]:
    """All four dimensions; the absent ones say why."""
    reasons: dict[DimensionName, str] = {
        "statistical_similarity": "no_shared_columns",
        "distribution_preservation": "one_column",
        "business_rule_compliance": "rules_not_applicable" if given.rules else "no_rules",
        "model_performance": "not_measured_yet",
    }
    nothing_depends = bool(np.isnan(results.measured.pairs.score).all())
    remarks = {"distribution_preservation": "no_dependence" if nothing_depends else None}
    return tuple(
        dimension(name, given.thresholds[name], parts.get(name), remarks.get(name) if name in parts else reason)
        for name, reason in reasons.items()
    )


def _columns(results: _Results, reference: Reference, target: str | None) -> tuple[list[ColumnReport], list[Facts]]:
    reports, facts = [], []
    measured, ceiling = results.measured, results.ceiling
    for index, (item, found) in enumerate(zip(results.coded, measured.columns, strict=True)):
        best = float(found.halves.mean()) if ceiling is None else float(ceiling.columns[index].score[0])
        remark = "class_absent_in_real" if measured.scored[index] else "class_mix_fixed"
        remark_here = remark if item.column.column.name == target else None
        report, fact = describe_column(item, found, best, reference.real, remark_here)
        reports.append(report)
        facts.append(fact)
    return reports, facts


def _reshaped(results: _Results, reference: Reference) -> dict[int, PairMeasures]:
    """The pairs of each column of wrong shape, once the shape is put right."""
    scores = [float(column.score[0]) for column in results.measured.columns]
    wrong = [index for index, item in enumerate(results.coded) if has_wrong_shape(item, scores[index])]
    measured = {index: measure_reshaped(results.coded, index, reference) for index in wrong}
    return {index: pairs for index, pairs in measured.items() if pairs is not None}


def _repetition(tables: Read, data: DataCharacteristics, privacy: Privacy) -> list[Recommendation]:
    """Findings on repeated and on copied rows: no part of the score, so without a gain."""
    found = []
    real = collision_rate(tables.keys[0], tables.classes.real)
    synthetic = collision_rate(tables.keys[1], tables.classes.synthetic)
    if synthetic > 2 * real and data.duplicates_synthetic > data.duplicates_real + 0.02:
        found.append(
            Recommendation("duplicates", (), {"real": data.duplicates_real, "synthetic": data.duplicates_synthetic})
        )
    if privacy.do_not_release:
        found.append(
            Recommendation("exact_copies", (), {"share": privacy.exact_copies, "holdout": privacy.holdout_copies})
        )
    return found


def _not_assessed(given: Given, tables: Read, results: _Results, privacy: Privacy) -> tuple[NotAssessed, ...]:
    """What this report says nothing about, and why."""
    reasons: dict[str, list[str]] = {}
    for name, reason in tables.columns.excluded.items():
        reasons.setdefault(reason, []).append(name)
    if tables.columns.extra:
        reasons["extra_column"] = list(tables.columns.extra)
    found = [NotAssessed("columns", reason, tuple(names)) for reason, names in reasons.items()]
    if not given.rules:
        found.append(NotAssessed("business_rule_compliance", "no_rules"))
    if len(results.measured.paired) < 2:
        found.append(NotAssessed("distribution_preservation", "one_column"))
    if privacy.status == "cannot_be_assessed":
        found.append(NotAssessed("exact_copies", "needs_holdout"))
    later = ("joint_test", "model_performance", "privacy_attacks")
    return (*found, *(NotAssessed(code, "not_measured_yet") for code in later))


def _method(given: Given, reference: Reference) -> Method:
    n = min(reference.real.n_effective, len(given.synthetic))
    return Method(
        seed=given.seed,
        bins_marginal=marginal_bins(n),
        bins_pair=pair_bins(n),
        n_groups=N_GROUPS,
        reference=_reference_name(given),
        n_effective=reference.real.n_effective,
        ceiling="half_split" if reference.holdout is None else "holdout",
        versions=_versions(),
    )


def _reference_name(given: Given) -> Literal["whole_table", "class_mix"]:
    return "whole_table" if given.target is None else "class_mix"


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("contrapeso", "numpy", "pandas", "scipy")}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _without_score(given: Given, tables: Read | None, n_effective: float, reason: str) -> QualityReport:
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
        data=characteristics(given, tables),
        not_assessed=(NotAssessed("overall", reason),),
        method=Method(given.seed, 0, 0, 0, _reference_name(given), n_effective, "none", _versions()),
        timestamp=_now(),
    )


__all__ = ["evaluate"]
