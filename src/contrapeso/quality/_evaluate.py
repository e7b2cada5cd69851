"""``evaluate``: from two tables to a quality report, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.metrics import N_GROUPS, PairMeasures, marginal_bins, pair_bins
from contrapeso.quality._details import association_matrices, correlation_matrices, describe_column, describe_pairs
from contrapeso.quality._fairness_findings import fairness_findings
from contrapeso.quality._given import Depth, Given, Read, Wanted, characteristics, check, read
from contrapeso.quality._measure import (
    MAX_PAIRED,
    Coded,
    Measured,
    code_columns,
    measure,
    measure_holdout,
    measure_reshaped,
)
from contrapeso.quality._privacy import collision_rate
from contrapeso.quality._recommend import (
    Facts,
    Gains,
    by_gain,
    column_findings,
    has_wrong_shape,
    pair_findings,
    rule_findings,
)
from contrapeso.quality._recommend_rows import row_findings
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
from contrapeso.quality._rowlevel import RowLevel, measure_rows
from contrapeso.quality._rules import Rules, ask, clean_share, is_over_regular, report_rule, rule_replicates
from contrapeso.quality._score import (
    MIN_ROWS,
    PROVISIONAL_ROWS,
    DimensionName,
    Part,
    dimension,
    grade,
    overall,
    preserved,
    scored,
)
from contrapeso.quality._sections import Reading
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
    clean_rows: Reading | None
    rows: RowLevel

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
    depth: Depth = "full",
    sensitive: Sequence[str] = (),
    positive: str | None = None,
    quasi_identifiers: Sequence[str] = (),
    sequence_index: str | None = None,
    sequence_key: str | None = None,
    tests: Sequence[str] = (),
    n_jobs: int | None = None,
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
        Real rows never used for generation: they give the ceiling, and without them privacy cannot be assessed.
    rules : mapping of name to predicate or Rule, optional
        A predicate takes a DataFrame and answers a boolean (or null: not applicable) for each row.
    seed : int
        Seeds the row groups of the intervals. Same seed, same tables: same numbers.
    thresholds : mapping of dimension to number, optional
        Other thresholds than 0.80, 0.75 and 0.90.
    depth : {"full", "quick"}
        "quick" leaves out what needs models: the joint test, usefulness, attacks, mined rules.
    sensitive : sequence of str
        Columns to check fairness on; ``positive`` is the class whose rate is compared (default: the rarest one).
    quasi_identifiers : sequence of str
        Columns that somebody may know of a person, for the privacy attacks.
    sequence_index, sequence_key : str, optional
        The column that orders the rows of a sequence, and the one that names the sequence (an account).
    tests : sequence of str
        Classical tests to show: ``ks_test``, ``mann_whitney``, ``js_divergence``, ``wasserstein``, ``chi2``,
        ``anderson``. They enter no score.
    n_jobs : int, optional
        Threads; None for all cores. The numbers do not depend on it.

    Returns
    -------
    QualityReport
        ``grade`` is None, with the reason, below 30 (effective) rows on either side.

    Raises
    ------
    InvalidDataError, ColumnNotFoundError, InvalidParameterError, UnknownConfigKeyError
        If a table, the target, a rule or a threshold is not what it should be; if the holdout is in the real table.
    MissingLibraryError
        If LightGBM cannot be loaded.
    """
    wanted = Wanted(
        depth, tuple(sensitive), sequence_index, sequence_key, tuple(quasi_identifiers), tuple(tests), positive, n_jobs
    )
    given = check(
        real, synthetic, holdout=holdout, schema=schema, target=target, rules=rules, seed=seed, thresholds=thresholds,
        wanted=wanted,
    )  # fmt: skip
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
    threads = given.wanted.n_threads
    coded = code_columns(tables.columns.compared, reference.real, len(given.synthetic), given.target, n_jobs=threads)
    measured = measure(coded, reference, given.target)
    ceiling = measure_holdout(coded, reference, given.target)
    left = ask(given.rules, given.real[tables.kept], "real")
    right = ask(given.rules, given.synthetic, "synthetic")
    weights = reference.real.weights
    reports = tuple(
        replace(found, over_regular=is_over_regular(given.rules[found.name], found.rate_real, found.rate_synthetic))
        for found in (report_rule(r, s, weights) for r, s in zip(left, right, strict=True))
    )
    clean = Reading("clean_rows", clean_share(right), None, clean_share(left, weights)) if left else None
    groups = (reference.real.group, reference.synthetic.group)
    score = rule_replicates(left, right, groups, weights, N_GROUPS)
    return _Results(coded, measured, ceiling, reports, score, clean, measure_rows(given, tables, reference))


def _report(given: Given, tables: Read, reference: Reference, results: _Results) -> QualityReport:
    """The results put together."""
    rows = results.rows
    parts = _parts(results)
    dimensions = _dimensions(given, results, parts)
    score = overall(parts) if parts else Score(None, reason="no_shared_columns")
    reports, facts = _columns(results, reference, given.target)
    pairs, counts = describe_pairs(results.paired_names, results.measured)
    n_rows = reference.real.n_effective, len(given.synthetic)
    data = characteristics(given, tables)
    values = {name: part.value for name, part in parts.items()}
    findings = _findings(tables, reference, results, values, facts) + _repetition(tables, data, rows.privacy)
    joint = replace(rows.joint, readings=(*rows.joint.readings, *rows.support)) if rows.joint else None
    return QualityReport(
        overall=score,
        grade=grade(score, dimensions),
        provisional=min(n_rows) < PROVISIONAL_ROWS or len(parts) < 2,
        dimensions=dimensions,
        columns=tuple(sorted(reports, key=lambda r: (r.score.value or 0.0, r.name))),
        pairs=pairs,
        pair_counts=counts,
        dependence=association_matrices(results.paired_names, results.measured),
        correlation=correlation_matrices(results.coded, reference.real),
        rules=results.rules,
        recommendations=tuple(by_gain(findings)),
        privacy=rows.privacy,
        data=data,
        not_assessed=_not_assessed(given, tables, results),
        method=_method(given, reference),
        timestamp=_now(),
        joint=joint,
        usefulness=rows.usefulness,
        diversity=rows.diversity,
        sequences=rows.sequences,
        fairness=rows.fairness,
        mined_rules=rows.mined_rules,
        tests=rows.tests,
        clean_rows=results.clean_rows,
        pair_score=scored(*_pair_part(results)) if len(results.measured.paired) > 1 else None,
    )


def _findings(
    tables: Read, reference: Reference, results: _Results, values: Mapping[DimensionName, float], facts: Sequence[Facts]
) -> list[Recommendation]:
    """Everything that could be better, but for repeated rows; ``values`` are those of the dimensions."""
    rows, names = results.rows, results.paired_names
    joint, sequences = _joint_scores(rows)
    sizes = reference.real.n_effective, float(tables.classes.synthetic.size)
    gains = Gains(
        results.measured, values, *sizes, _reshaped(results, reference),
        lambda pairs: float(preserved(pairs, joint, sequences)),
    )  # fmt: skip
    total = float(results.measured.pairs.total()[0]) if len(results.measured.paired) > 1 else None
    return [
        *column_findings(results.coded, facts, gains),
        *pair_findings(names, gains),
        *rule_findings(results.rules, gains),
        *row_findings(rows, gains, total),
        *fairness_findings(rows.fairness),
    ]


def _pair_part(results: _Results) -> tuple[Floats, float]:
    """Replicates and ceiling of the score of all pairs."""
    measured, ceiling = results.measured, results.ceiling
    halves = measured.pairs.total_halves() if ceiling is None else ceiling.pairs.total()[:1]
    return measured.pairs.total(), float(halves.mean())


def _joint_scores(rows: RowLevel) -> tuple[float | None, float | None]:
    """Scores of the joint test and of sequences, None where they were not measured."""
    joint = rows.joint.score.value if rows.joint else None
    return joint, rows.sequences.score.value if rows.sequences else None


def _parts(results: _Results) -> dict[DimensionName, Part]:
    """The dimensions as far as they were measured."""
    rows, parts = results.rows, _core_parts(results)
    if "distribution_preservation" in parts:
        parts["distribution_preservation"] = _with_rows(parts["distribution_preservation"], rows)
    use = rows.usefulness
    if use is not None and use.score.value is not None:
        replicates = np.full(N_GROUPS + 1, use.score.value)
        parts["model_performance"] = Part(replicates, use.score.ceiling or 1.0, rows.usefulness_error)
    return parts


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


def _core_parts(results: _Results) -> dict[DimensionName, Part]:
    """The dimensions that follow from counts and rules, as far as they were measured."""
    measured, ceiling = results.measured, results.ceiling
    parts: dict[DimensionName, Part] = {}
    statistical, best = measured.statistical(), ceiling.statistical() if ceiling else None
    if statistical is not None:
        limit = measured.statistical_halves() if best is None else float(best[0])
        parts["statistical_similarity"] = Part(statistical, limit)
    if len(measured.paired) > 1:
        parts["distribution_preservation"] = Part(*_pair_part(results))
    if results.rule_score is not None:
        parts["business_rule_compliance"] = Part(results.rule_score, 1.0)
    return parts


def _dimensions(given: Given, results: _Results, parts: Mapping[DimensionName, Part]) -> tuple[Dimension, ...]:
    """All four dimensions; the absent ones say why."""
    reasons: dict[DimensionName, str] = {
        "statistical_similarity": "no_shared_columns",
        "distribution_preservation": "one_column",
        "business_rule_compliance": "rules_not_applicable" if given.rules else "no_rules",
        "model_performance": _why_no_model(given, results.rows),
    }
    nothing_depends = bool(np.isnan(results.measured.pairs.score).all())
    remarks = {"distribution_preservation": "no_dependence" if nothing_depends else None}
    return tuple(
        dimension(name, given.thresholds[name], parts.get(name), remarks.get(name) if name in parts else reason)
        for name, reason in reasons.items()
    )


def _why_no_model(given: Given, rows: RowLevel) -> str:
    if rows.usefulness is not None:
        return rows.usefulness.score.reason or "nothing_predictable"
    return "quick" if given.wanted.depth == "quick" else "few_model_rows"


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


def _not_assessed(given: Given, tables: Read, results: _Results) -> tuple[NotAssessed, ...]:
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
    if len(results.measured.paired) == MAX_PAIRED:
        found.append(NotAssessed("distribution_preservation", "many_columns"))
    rows = results.rows
    if rows.privacy.status == "cannot_be_assessed":
        reasons_given = [attack.reason for attack in rows.privacy.attacks if attack.reason]
        found.append(NotAssessed("privacy", reasons_given[0] if reasons_given else "needs_holdout"))
    for code, part in (("joint_test", rows.joint), ("model_performance", rows.usefulness)):
        if part is not None and part.score.value is None:
            found.append(NotAssessed(code, part.score.reason or "insufficient_data"))
    return (*found, *rows.absent)


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


@cache  # reading the metadata of a package takes ten milliseconds
def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("contrapeso", "numpy", "pandas", "scipy", "lightgbm")}


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
