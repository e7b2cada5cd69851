"""The verdict: everything that was measured, put together as a report.

Whether it was measured on rows or counted in chunks makes no difference here: :class:`Results` holds both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics import N_GROUPS, PairMeasures, marginal_bins, pair_bins
from contrapeso.metrics._replicates import jackknife_error
from contrapeso.quality._columns import TableColumns
from contrapeso.quality._details import association_matrices, describe_pairs
from contrapeso.quality._fairness_findings import fairness_findings
from contrapeso.quality._given import Given
from contrapeso.quality._measure import MAX_PAIRED, Coded, Measured
from contrapeso.quality._recommend import Facts, Gains, by_gain, column_findings, pair_findings, rule_findings
from contrapeso.quality._recommend_rows import row_findings
from contrapeso.quality._report import (
    ColumnReport,
    DataCharacteristics,
    Dependence,
    Dimension,
    Method,
    NotAssessed,
    QualityReport,
    Recommendation,
    RuleReport,
    Score,
)
from contrapeso.quality._rowlevel import RowLevel
from contrapeso.quality._rules import is_over_regular
from contrapeso.quality._score import (
    DISTINCT,
    PROVISIONAL_ROWS,
    SURELY,
    TOLD_APART,
    DimensionName,
    Letter,
    Part,
    dimension,
    grade,
    overall,
    preserved,
    scored,
)
from contrapeso.quality._sections import Reading

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything measured, before it is put into words.

    ``columns`` and ``facts`` are in the order of ``coded``, ``reshaped`` has the pairs of each column of wrong shape
    once its shape is put right. ``collisions`` are the chances that two real, or two synthetic, rows of one class are
    equal; ``n_effective`` is the size of the real sample in the class mix of the synthetic rows. ``n_sampled`` and
    ``limits`` are for tables in chunks: rows of the samples, and what is not exact because of them.
    """

    given: Given
    table: TableColumns
    data: DataCharacteristics
    coded: tuple[Coded, ...]
    measured: Measured
    ceiling: Measured | None
    columns: tuple[ColumnReport, ...]
    facts: tuple[Facts, ...]
    reshaped: Mapping[int, PairMeasures]
    correlation: Dependence | None
    rules: tuple[RuleReport, ...]
    rule_score: Floats | None
    clean_rows: Reading | None
    rows: RowLevel
    collisions: tuple[float, float]
    n_effective: float
    n_groups: int = N_GROUPS
    n_sampled: tuple[int, ...] | None = None
    limits: tuple[NotAssessed, ...] = ()

    @property
    def paired_names(self) -> list[str]:
        """Names of the columns whose pairs were measured."""
        return [self.coded[index].column.column.name for index in self.measured.paired]

    @property
    def has_pairs(self) -> bool:
        """Whether there is a pair to score."""
        return len(self.measured.paired) > 1


def verdict(found: Results) -> QualityReport:
    """The report: dimensions, overall score, grade, findings, and what was not assessed."""
    rows, parts = found.rows, _parts(found)
    dimensions = _dimensions(found, parts)
    score = overall(parts) if parts else Score(None, reason="no_shared_columns")
    pairs, counts = describe_pairs(found.paired_names, found.measured)
    findings = [*_findings(found, parts), *_repetition(found)]
    return QualityReport(
        overall=score,
        grade=grade(score, dimensions, _best_letter(found, findings)),
        provisional=min(found.n_effective, found.data.n_synthetic) < PROVISIONAL_ROWS or len(parts) < 2,
        dimensions=dimensions,
        columns=tuple(sorted(found.columns, key=lambda r: (r.score.value or 0.0, r.name))),
        pairs=pairs,
        pair_counts=counts,
        dependence=association_matrices(found.paired_names, found.measured),
        correlation=found.correlation,
        rules=_rules(found),
        recommendations=tuple(by_gain(findings)),
        privacy=rows.privacy,
        data=found.data,
        not_assessed=tuple(_not_assessed(found)),
        method=_method(found),
        timestamp=_now(),
        joint=replace(rows.joint, readings=(*rows.joint.readings, *rows.support)) if rows.joint else None,
        usefulness=rows.usefulness,
        diversity=rows.diversity,
        sequences=rows.sequences,
        fairness=rows.fairness,
        mined_rules=rows.mined_rules,
        tests=rows.tests,
        clean_rows=found.clean_rows,
        pair_score=scored(*_pair_part(found)) if found.has_pairs else None,
    )


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
        method=Method(given.seed, 0, 0, 0, _reference_name(given), n_effective, "none", _versions()),
        timestamp=_now(),
    )


def _best_letter(found: Results, findings: Sequence[Recommendation]) -> Letter:
    """The best grade that damage allows which averages hide.

    C where a model tells most rows apart, or rows repeat each other far more than real ones do; B where a category is
    lost that so many rows would surely hold.
    """
    joint, _ = _joint_scores(found.rows)
    readings = {reading.name: reading for reading in found.rows.diversity}
    distinct = readings.get("distinct_rows")
    repeats = any(item.code == "duplicates" for item in findings) and (
        distinct is not None
        and distinct.value is not None
        and distinct.reference is not None
        and distinct.value < DISTINCT * distinct.reference
    )
    if repeats or (joint is not None and joint < TOLD_APART):
        return "C"
    return "B" if any(_surely_lost(item, found.n_effective, found.data.n_synthetic) for item in findings) else "A"


def _surely_lost(item: Recommendation, n_real: float, n_synthetic: int) -> bool:
    """Whether none of the rows of a category would fall into a fresh table once in a million draws."""
    largest = item.evidence.get("largest")
    if item.code != "categories_missing" or not isinstance(largest, int):
        return False
    return bool((n_real / (n_real + n_synthetic)) ** largest < SURELY)


def column_context(
    names: Sequence[str], measured: Measured, ceiling: Measured | None, target: str | None
) -> Iterator[tuple[float, str | None]]:
    """For each column: the score that real rows reach in its place, and a remark on the target."""
    for index, (name, found) in enumerate(zip(names, measured.columns, strict=True)):
        best = float(found.halves.mean()) if ceiling is None else float(ceiling.columns[index].score[0])
        remark = "class_absent_in_real" if measured.scored[index] else "class_mix_fixed"
        yield best, remark if name == target else None


def _rules(found: Results) -> tuple[RuleReport, ...]:
    """The rules, those marked that synthetic rows keep too well."""
    rules = found.given.rules
    return tuple(
        replace(rule, over_regular=is_over_regular(rules[rule.name], rule.rate_real, rule.rate_synthetic))
        for rule in found.rules
    )


def _parts(found: Results) -> dict[DimensionName, Part]:
    """The dimensions as far as they were measured."""
    rows, parts = found.rows, _core_parts(found)
    if "distribution_preservation" in parts:
        parts["distribution_preservation"] = _with_rows(parts["distribution_preservation"], rows)
    use = rows.usefulness
    if use is not None and use.score.value is not None:
        replicates = np.full(found.n_groups + 1, use.score.value)
        parts["model_performance"] = Part(replicates, use.score.ceiling or 1.0, rows.usefulness_error)
    return parts


def _core_parts(found: Results) -> dict[DimensionName, Part]:
    """The dimensions that follow from counts and rules, as far as they were measured."""
    measured, ceiling = found.measured, found.ceiling
    parts: dict[DimensionName, Part] = {}
    statistical, best = measured.statistical(), ceiling.statistical() if ceiling else None
    if statistical is not None:
        limit = measured.statistical_halves() if best is None else float(best[0])
        parts["statistical_similarity"] = Part(statistical, limit)
    if found.has_pairs:
        parts["distribution_preservation"] = Part(*_pair_part(found))
    if found.rule_score is not None:
        parts["business_rule_compliance"] = Part(found.rule_score, 1.0)
    return parts


def _pair_part(found: Results) -> tuple[Floats, float]:
    """Replicates and ceiling of the score of all pairs, less what two standard errors of noise explain."""
    measured, ceiling = found.measured, found.ceiling
    halves = measured.pairs.total_halves() if ceiling is None else ceiling.pairs.total()[:1]
    return np.minimum(1.0, measured.pairs.total() + _pair_noise(measured)), float(halves.mean())


def _pair_noise(measured: Measured) -> float:
    """Two standard errors of the pair score: next to nothing in large tables, much where few weak pairs are all."""
    return float(2 * jackknife_error(measured.pairs.total()))


def _with_rows(pairs: Part, rows: RowLevel) -> Part:
    """The dependence dimension: pairs, the joint test and sequences."""
    joint, sequences = _joint_scores(rows)

    def mixed(of_pairs: Floats | float, of_joint: float, of_sequences: float) -> Floats | float:
        return preserved(of_pairs, None if joint is None else of_joint, None if sequences is None else of_sequences)

    limits = [part.score.ceiling if part and part.score.ceiling else 1.0 for part in (rows.joint, rows.sequences)]
    errors = (mixed(0.0, rows.joint_error, 0.0), mixed(0.0, 0.0, rows.sequences_error))
    return Part(
        np.asarray(mixed(pairs.replicates, joint or 0.0, sequences or 0.0)),
        float(mixed(pairs.ceiling, limits[0], limits[1])),
        float(np.hypot(*errors)),
    )


def _joint_scores(rows: RowLevel) -> tuple[float | None, float | None]:
    """Scores of the joint test and of sequences, None where they were not measured."""
    joint = rows.joint.score.value if rows.joint else None
    return joint, rows.sequences.score.value if rows.sequences else None


def _dimensions(found: Results, parts: Mapping[DimensionName, Part]) -> tuple[Dimension, ...]:
    """All four dimensions; the absent ones say why."""
    reasons: dict[DimensionName, str] = {
        "statistical_similarity": "no_shared_columns",
        "distribution_preservation": "one_column",
        "business_rule_compliance": "rules_not_applicable" if found.given.rules else "no_rules",
        "model_performance": _why_no_model(found),
    }
    nothing_depends = bool(np.isnan(found.measured.pairs.score).all())
    remarks = {"distribution_preservation": "no_dependence" if nothing_depends else None}
    return tuple(
        dimension(name, found.given.thresholds[name], parts.get(name), remarks.get(name) if name in parts else reason)
        for name, reason in reasons.items()
    )


def _why_no_model(found: Results) -> str:
    if found.rows.usefulness is not None:
        return found.rows.usefulness.score.reason or "nothing_predictable"
    return "quick" if found.given.wanted.depth == "quick" else "few_model_rows"


def _findings(found: Results, parts: Mapping[DimensionName, Part]) -> list[Recommendation]:
    """Everything that could be better, but for repeated rows."""
    joint, sequences = _joint_scores(found.rows)
    noise = _pair_noise(found.measured) if found.has_pairs else 0.0
    gains = Gains(
        measured=found.measured,
        values={name: part.value for name, part in parts.items()},
        n_real=found.n_effective,
        n_synthetic=float(found.data.n_synthetic),
        reshaped=found.reshaped,
        preserved=lambda pairs: float(preserved(min(1.0, pairs + noise), joint, sequences)),
    )
    total = float(_pair_part(found)[0][0]) if found.has_pairs else None
    return [
        *column_findings(found.coded, found.facts, gains),
        *pair_findings(found.paired_names, gains),
        *rule_findings(_rules(found), gains),
        *row_findings(found.rows, gains, total),
        *fairness_findings(found.rows.fairness),
    ]


def _repetition(found: Results) -> Iterator[Recommendation]:
    """Findings on repeated and on copied rows: no part of the score, so without a gain."""
    data, privacy, (real, synthetic) = found.data, found.rows.privacy, found.collisions
    if synthetic > 2 * real and data.duplicates_synthetic > data.duplicates_real + 0.02:
        shares = {"real": data.duplicates_real, "synthetic": data.duplicates_synthetic}
        yield Recommendation("duplicates", (), shares)
    if privacy.status == "excess_copies":
        evidence = {"share": privacy.exact_copies, "holdout": privacy.holdout_copies}
        yield Recommendation("exact_copies", (), evidence)


def _not_assessed(found: Results) -> Iterator[NotAssessed]:
    """What this report says nothing about, or on fewer rows, and why."""
    rows, reasons = found.rows, dict[str, list[str]]()
    for name, reason in found.table.excluded.items():
        reasons.setdefault(reason, []).append(name)
    if found.table.extra:
        reasons["extra_column"] = list(found.table.extra)
    yield from (NotAssessed("columns", reason, tuple(names)) for reason, names in reasons.items())
    yield from found.limits
    if not found.given.rules:
        yield NotAssessed("business_rule_compliance", "no_rules")
    if not found.has_pairs:
        yield NotAssessed("distribution_preservation", "one_column")
    if len(found.measured.paired) == MAX_PAIRED:
        yield NotAssessed("distribution_preservation", "many_columns")
    if rows.privacy.status == "cannot_be_assessed":
        why = [attack.reason for attack in rows.privacy.attacks if attack.reason]
        yield NotAssessed("privacy", why[0] if why else "needs_holdout")
    for code, part in (("joint_test", rows.joint), ("model_performance", rows.usefulness)):
        if part is not None and part.score.value is None:
            yield NotAssessed(code, part.score.reason or "insufficient_data")
    yield from rows.absent


def _method(found: Results) -> Method:
    n = min(found.n_effective, found.data.n_synthetic)
    return Method(
        seed=found.given.seed,
        bins_marginal=marginal_bins(n),
        bins_pair=pair_bins(n),
        n_groups=found.n_groups,
        reference=_reference_name(found.given),
        n_effective=found.n_effective,
        ceiling="half_split" if found.ceiling is None else "holdout",
        versions=_versions(),
        n_sampled=found.n_sampled,
    )


def _reference_name(given: Given) -> Literal["whole_table", "class_mix"]:
    return "whole_table" if given.target is None else "class_mix"


@cache  # reading the metadata of a package takes ten milliseconds
def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("contrapeso", "numpy", "pandas", "scipy", "lightgbm")}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


__all__ = ["Results", "column_context", "verdict", "without_score"]
