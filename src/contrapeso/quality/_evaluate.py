"""``evaluate``: from two tables to a quality report, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.metrics import N_GROUPS, PairMeasures
from contrapeso.quality._details import correlation_matrices, describe_column
from contrapeso.quality._given import Depth, Given, Read, Wanted, characteristics, check, read
from contrapeso.quality._measure import Coded, Measured, code_columns, measure, measure_holdout, measure_reshaped
from contrapeso.quality._privacy import collision_rate
from contrapeso.quality._recommend import Facts, has_wrong_shape
from contrapeso.quality._reference import Reference, build_reference
from contrapeso.quality._report import ColumnReport, QualityReport, RuleReport
from contrapeso.quality._rowlevel import measure_rows
from contrapeso.quality._rules import Rules, ask, clean_share, report_rule, rule_replicates
from contrapeso.quality._score import MIN_ROWS
from contrapeso.quality._sections import Reading
from contrapeso.quality._verdict import Results, column_context, verdict, without_score
from contrapeso.tables import Schema

Floats = NDArray[np.float64]


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
        return without_score(given, characteristics(given), 0.0, "insufficient_data")
    tables = read(given)
    reference = build_reference(tables.classes, tables.keys, given.seed)
    n_effective = reference.real.n_effective
    if min(n_effective, len(synthetic)) < MIN_ROWS:
        return without_score(given, characteristics(given, tables), n_effective, "insufficient_data")
    if not tables.columns.compared:
        return without_score(given, characteristics(given, tables), n_effective, "no_shared_columns")
    return verdict(_measure(given, tables, reference))


def _measure(given: Given, tables: Read, reference: Reference) -> Results:
    """Columns, pairs, rules, the holdout in the place of the synthetic rows, and what is measured on rows."""
    real, target, threads = reference.real, given.target, given.wanted.n_threads
    coded = code_columns(tables.columns.compared, real, len(given.synthetic), target, n_jobs=threads)
    measured = measure(coded, reference, target)
    ceiling = measure_holdout(coded, reference, target)
    rules, rule_score, clean_rows = _rules(given, tables, reference)
    columns, facts = _columns(coded, measured, ceiling, reference, target)
    return Results(
        given=given,
        table=tables.columns,
        data=characteristics(given, tables),
        coded=coded,
        measured=measured,
        ceiling=ceiling,
        columns=columns,
        facts=facts,
        reshaped=_reshaped(coded, measured, reference),
        correlation=correlation_matrices(coded, real),
        rules=rules,
        rule_score=rule_score,
        clean_rows=clean_rows,
        rows=measure_rows(given, tables, reference),
        collisions=(
            collision_rate(tables.keys[0], tables.classes.real),
            collision_rate(tables.keys[1], tables.classes.synthetic),
        ),
        n_effective=real.n_effective,
    )


def _rules(
    given: Given, tables: Read, reference: Reference
) -> tuple[tuple[RuleReport, ...], Floats | None, Reading | None]:
    """Every rule, the mean score of all with its replicates, and the share of rows that violate none."""
    left = ask(given.rules, given.real[tables.kept], "real")
    right = ask(given.rules, given.synthetic, "synthetic")
    weights = reference.real.weights
    reports = tuple(report_rule(r, s, weights) for r, s in zip(left, right, strict=True))
    clean = Reading("clean_rows", clean_share(right), None, clean_share(left, weights)) if left else None
    groups = (reference.real.group, reference.synthetic.group)
    return reports, rule_replicates(left, right, groups, weights, N_GROUPS), clean


def _columns(
    coded: Sequence[Coded], measured: Measured, ceiling: Measured | None, reference: Reference, target: str | None
) -> tuple[tuple[ColumnReport, ...], tuple[Facts, ...]]:
    """Report and facts of every column."""
    context = column_context([item.column.column.name for item in coded], measured, ceiling, target)
    described = [
        describe_column(item, found, best, reference.real, remark)
        for item, found, (best, remark) in zip(coded, measured.columns, context, strict=True)
    ]
    return tuple(report for report, _ in described), tuple(facts for _, facts in described)


def _reshaped(coded: Sequence[Coded], measured: Measured, reference: Reference) -> dict[int, PairMeasures]:
    """The pairs of each column of wrong shape, once the shape is put right."""
    scores = [float(column.score[0]) for column in measured.columns]
    wrong = [index for index, item in enumerate(coded) if has_wrong_shape(item, scores[index])]
    found = {index: measure_reshaped(coded, index, reference) for index in wrong}
    return {index: pairs for index, pairs in found.items() if pairs is not None}


__all__ = ["evaluate"]
