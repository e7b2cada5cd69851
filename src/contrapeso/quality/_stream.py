"""``evaluate_chunks``: the quality report of tables that are larger than memory.

Every score comes from counts of all rows: first each table is summed up (quantiles, labels, row keys), then its rows
are counted on the cells of the real table. Memory grows with columns and cells, not with rows, but for 9 bytes a row
(its key and class, at most 16.7 million rows of each table). What looks at rows gets a uniform sample of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InvalidParameterError
from contrapeso.metrics import N_SPLITS, halves
from contrapeso.quality._columns import NUMERIC_KINDS, TableColumns
from contrapeso.quality._columns import _unreadable as unreadable
from contrapeso.quality._details import association_matrices, describe_pairs
from contrapeso.quality._given import Given
from contrapeso.quality._measure import Measured
from contrapeso.quality._recommend import Facts, Gains, by_gain, column_findings, pair_findings, rule_findings
from contrapeso.quality._reference import MIN_HOLDOUT, target_as_category
from contrapeso.quality._report import (
    ClassCount,
    ColumnReport,
    DataCharacteristics,
    Dependence,
    Privacy,
    QualityReport,
    Recommendation,
    Score,
)
from contrapeso.quality._rules import Rules
from contrapeso.quality._score import MIN_ROWS, PROVISIONAL_ROWS, DimensionName, Part, check_thresholds, grade, overall
from contrapeso.quality._stream_chunks import (
    CHUNK_ROWS,
    Chunks,
    boolean_columns,
    first_chunk,
    frame_chunks,
    parquet_chunks,
    plain,
    read_chunk,
)
from contrapeso.quality._stream_counts import CountPlan, Table, count_table, groups_for
from contrapeso.quality._stream_plan import PlannedColumn, exclusion, plan_column
from contrapeso.quality._stream_report import (
    Side,
    assess_copies,
    collision_rate,
    compare,
    correlated,
    correlations,
    describe,
    duplicate_share,
    marked,
    reshaped,
    rule_reports,
)
from contrapeso.quality._stream_summary import (
    SAMPLE_ROWS,
    ClassPlan,
    Reading,
    TableSummary,
    cast_note,
    class_weights,
    counted_rows,
    one_class,
    plan_classes,
    summarize,
)
from contrapeso.quality._stream_verdict import dimensions_of, method_of, not_assessed, now, parts_of, without_score
from contrapeso.tables import Kind, Schema, infer_schema
from contrapeso.tables._infer import TEXT_SHARE, UNIQUE_SHARE

Floats = NDArray[np.float64]
_SPLITS = 2
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class RowSamples:
    """Uniform samples of the rows of the tables, for what cannot be read off counts; whole tables where they are small.

    ``n_real``, ``n_synthetic`` and ``n_holdout`` are the rows that they were drawn from.
    """

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    n_real: int
    n_synthetic: int
    n_holdout: int | None
    schema: Schema


@dataclass(frozen=True, slots=True)
class Errors:
    """Bounds on what the summaries add: ``ks`` by column on its KS similarity; ``labels`` not counted exactly.

    A Wasserstein distance is off by at most that share of the pooled range of the column. A column that is not named
    is exact.
    """

    ks: Mapping[str, float] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Streamed:
    """The report from counts, with what is needed to complete it.

    ``parts`` are the dimensions with their replicates (1 + G,), ``gains`` the score as a function of its parts
    (None without a score), ``samples`` the rows for what counts cannot tell, ``errors`` those of the summaries.
    """

    report: QualityReport
    parts: Mapping[DimensionName, Part]
    gains: Gains | None
    samples: RowSamples
    errors: Errors


RowMeasures: TypeAlias = Callable[[Streamed], QualityReport]


def evaluate_chunks(
    real: Chunks,
    synthetic: Chunks,
    *,
    schema: Schema | None = None,
    target: str | None = None,
    holdout: Chunks | None = None,
    rules: Rules | None = None,
    seed: int = 0,
    thresholds: Mapping[str, float] | None = None,
) -> QualityReport:
    """Quality of a synthetic table against a real one, both read in chunks; see :func:`evaluate`.

    Columns, pairs, rules, intervals and ceilings are counted on all rows. Quantiles are exact up to 65,536 different
    values of a column and within about 0.0002 of the rows beyond; labels are exact up to 262,144 different ones, then
    the more frequent half is kept and the others count as "other". Spearman correlations are those of a uniform
    sample of 30,000 rows of each table (of all rows where there are no more).

    Parameters
    ----------
    real, synthetic, holdout : callable
        Returns a fresh iterator over DataFrames, the same rows at every call (two or three of them);
        see :func:`frame_chunks` and :func:`parquet_chunks`.
    rules : mapping of name to predicate or Rule, optional
        A predicate sees one chunk at a time: it must judge each row by that row alone.
    schema, target, seed, thresholds
        As in :func:`evaluate`. Without a schema the kinds are inferred from the first chunk, and again from the
        sample of all chunks; where the two handle a column differently the tables are read once more.

    Returns
    -------
    QualityReport
        The scores do not depend on how the rows are cut into chunks, or in which order these come, beyond the errors
        above; intervals do a little, as row groups are filled chunk by chunk.

    Raises
    ------
    InvalidDataError, ColumnNotFoundError, InvalidParameterError, UnknownConfigKeyError
        As :func:`evaluate`; also if a table gives no chunk, or other rows in a later pass.
    """
    return stream(
        real, synthetic, schema=schema, target=target, holdout=holdout, rules=rules, seed=seed, thresholds=thresholds
    ).report


def stream(
    real: Chunks,
    synthetic: Chunks,
    *,
    schema: Schema | None = None,
    target: str | None = None,
    holdout: Chunks | None = None,
    rules: Rules | None = None,
    seed: int = 0,
    thresholds: Mapping[str, float] | None = None,
    measure_rows: RowMeasures | None = None,
    sample_rows: int = SAMPLE_ROWS,
) -> Streamed:
    """:func:`evaluate_chunks` with the sampled rows and the errors beside the report.

    ``measure_rows`` completes the report from the samples, of ``sample_rows`` rows each.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InvalidParameterError(f"seed must be an int >= 0; got {seed!r}.")
    firsts = first_chunk(real, "real"), first_chunk(synthetic, "synthetic")
    first_h = None if holdout is None else first_chunk(holdout, "holdout")
    guess = target_as_category(schema or infer_schema(plain(real, firsts[0])), target, *firsts, first_h)
    given = Given(*firsts, first_h, guess, target, rules or {}, int(seed), check_thresholds(thresholds))
    read = _read_tables((real, synthetic, holdout), given, fixed=schema is not None, sample_rows=sample_rows)
    found = _report(read)
    return found if measure_rows is None else replace(found, report=measure_rows(found))


@dataclass(frozen=True)
class _Tables:
    """The tables after their first pass."""

    sources: tuple[Chunks, Chunks, Chunks | None]
    given: Given
    reading: Reading
    summaries: tuple[TableSummary, TableSummary, TableSummary | None]
    sizes: Floats

    @property
    def holdout(self) -> TableSummary:
        return self.summaries[2] or TableSummary()


def _read_tables(
    sources: tuple[Chunks, Chunks, Chunks | None], given: Given, *, fixed: bool, sample_rows: int
) -> _Tables:
    """First passes; the real table is read again where its later chunks contradict the schema."""
    booleans = boolean_columns(given.real, given.schema)
    classes = plan_classes(sources, given.schema, given.target, booleans) if given.target is not None else one_class()
    counted = bool(classes.sizes[0].any() and classes.sizes[1].any())
    weights = class_weights(classes.shares(), classes.sizes[0]) if counted else None
    for _ in range(_ROUNDS):
        reading = _reading(given, classes, booleans, sample_rows)
        real = summarize(sources[0], "real", reading, weights)
        mended = _mended(given, real, fixed=fixed, one_chunk=real.n_rows == len(given.real))
        if mended is given.schema:
            break
        different = _handling(mended) != _handling(given.schema)
        given = replace(given, schema=mended)
        booleans = boolean_columns(given.real, mended)
        if not different:
            reading = replace(reading, schema=mended)
            break
    if real.broken:
        raise unreadable(given.schema[min(real.broken)])
    synthetic = summarize(sources[1], "synthetic", reading, None)
    held = None if sources[2] is None else summarize(sources[2], "holdout", reading, None)
    sizes = classes.sizes
    if given.target is None:
        sizes = np.array([[real.n_rows], [synthetic.n_rows], [held.n_rows if held else 0]], dtype=np.float64)
    reading = replace(reading, classes=replace(classes, sizes=sizes))
    return _Tables(sources, given, reading, (real, synthetic, held), sizes)


def _reading(given: Given, classes: ClassPlan, booleans: frozenset[str], sample_rows: int) -> Reading:
    copied = frozenset(c.name for c in given.schema.columns if c.kind != "identifier" and c.name in given.synthetic)
    return Reading(given.schema, given.target, booleans, copied, classes, sample_rows)


def _handling(schema: Schema) -> dict[str, str]:
    """How the columns are read, whatever their kinds are called."""
    alike = {"datetime": "datetime", "identifier": "identifier", "text": "text"}
    return {c.name: alike.get(c.kind, "number" if c.kind in NUMERIC_KINDS else "label") for c in schema.columns}


def _mended(given: Given, real: TableSummary, *, fixed: bool, one_chunk: bool) -> Schema:
    """The schema that a sample of all chunks suggests; columns that could not be read as numbers are categories."""
    if real.broken and fixed:
        raise unreadable(given.schema[min(real.broken)])
    if fixed or one_chunk:
        return given.schema
    sample = real.sample
    found = infer_schema(sample) if len(sample) else given.schema
    if given.target is not None:
        found = found.override({given.target: "categorical"})
    found = found.override(_settled(found, given.schema, real))
    kinds = [(c.name, c.kind) for c in found.columns]
    return given.schema if kinds == [(c.name, c.kind) for c in given.schema.columns] else found


def _settled(found: Schema, before: Schema, real: TableSummary) -> dict[str, Kind]:
    """Kinds that a sample cannot tell: few labels among many rows look many among few rows."""
    kinds: dict[str, Kind] = {}
    for column in found.columns:
        share = real.distinct_share(column.name)
        number = before[column.name].kind in NUMERIC_KINDS
        if column.name in real.broken and number and column.kind == before[column.name].kind:
            kinds[column.name] = "categorical"
        elif share is None:
            continue
        elif column.kind == "text" and share <= TEXT_SHARE:
            kinds[column.name] = "categorical"
        elif column.kind == "identifier" and share <= UNIQUE_SHARE and "document" not in column.why:
            is_number = pd.api.types.is_numeric_dtype(real.sample[column.name].dtype)
            kinds[column.name] = "integer" if is_number else "categorical"
    return kinds


def _report(read: _Tables) -> Streamed:
    given, (real, synthetic, _) = read.given, read.summaries
    data = _characteristics(read)
    n_effective = 0.0
    columns: tuple[PlannedColumn, ...] = ()
    reason: str | None = "insufficient_data"
    table = _columns_of(read)
    if real.n_rows and synthetic.n_rows:
        rows = counted_rows(read.reading.classes.shares(), read.sizes[0], 2)
        n_effective = rows.n_effective
        if min(n_effective, synthetic.n_rows) >= MIN_ROWS:
            notes = _notes(read)
            compared = [c for c in given.schema.columns if c.name not in table.excluded]
            columns = tuple(plan_column(c, read.summaries[:2], rows, notes, read.reading) for c in compared)
            reason = None if columns else "no_shared_columns"
    if reason is not None:
        return Streamed(without_score(given, data, n_effective, reason), {}, None, _samples(read), Errors())
    return _assembled(read, table, columns, data)


def _columns_of(read: _Tables) -> TableColumns:
    given, (real, synthetic, _) = read.given, read.summaries
    reasons = {c.name: exclusion(c, real, synthetic) for c in given.schema.columns} if real.n_rows else {}
    excluded = {name: reason for name, reason in reasons.items() if reason is not None}
    names = given.schema.names
    missing = tuple(name for name in names if name not in given.synthetic)
    return TableColumns((), (), excluded, missing, tuple(str(n) for n in given.synthetic if n not in given.real))


def _notes(read: _Tables) -> dict[str, str]:
    notes = dict(read.summaries[1].notes)
    notes.update(dict.fromkeys(read.summaries[1].broken, "not_castable"))
    firsts = plain(read.sources[0], read.given.real), plain(read.sources[1], read.given.synthetic)
    for name in read.summaries[0].labels:
        families = [frame[name] for frame in firsts if name in frame]
        if name not in notes and len(families) == 2 and cast_note(*families):
            notes[name] = "cast"
    return notes


def _errors(columns: Iterable[PlannedColumn], summaries: tuple[TableSummary, TableSummary]) -> Errors:
    names = [column.plan.name for column in columns]
    ks = {n: sum(s.numbers[n].rank_error for s in summaries) for n in names if n in summaries[0].numbers}
    rough = tuple(n for n in names if any(n in s.labels and not s.labels[n].exact for s in summaries))
    return Errors({name: error for name, error in ks.items() if error > 0}, rough)


@dataclass(frozen=True)
class _Counted:
    """Both sides of the comparison, the holdout's ones, halves of the real table, and the number of groups."""

    left: Side
    right: Side
    held: tuple[Side, Side] | None
    splits: Floats
    n_groups: int


def _count(read: _Tables, columns: tuple[PlannedColumn, ...]) -> _Counted:
    """Second passes over all tables."""
    given, classes, sizes = read.given, read.reading.classes, read.sizes
    used = (sizes[0] + sizes[1]) > 0
    axis = np.where(used, np.cumsum(used) - 1, 0)
    plans = tuple(column.plan for column in columns)
    cells = [p.coarse.n_cells for p in plans if getattr(p, "paired", True)]
    n_groups = groups_for(cells, int(used.sum()))
    plan = CountPlan(plans, n_groups, axis, given.seed)
    shares = classes.shares()
    every = np.ones(used.size, dtype=bool)
    wanted = shares > 0
    source = read.sources
    unreadable_s = frozenset(read.summaries[1].broken)
    real, synthetic = read.summaries[:2]
    left = count_table(
        Table(source[0], "real", classes.kept, frozenset(), given.rules, real.n_rows), read.reading, plan
    )
    right = count_table(
        Table(source[1], "synthetic", every, unreadable_s, given.rules, synthetic.n_rows), read.reading, plan
    )
    sides = [
        Side(part, counted_rows(share[used], size[used], n_groups))
        for part, share, size in ((left, shares, sizes[0]), (right, sizes[1] / sizes[1].sum(), sizes[1]))
    ]
    held = None
    if source[2] is not None and sizes[2][wanted].sum() >= MIN_HOLDOUT:
        table = Table(source[2], "holdout", wanted, frozenset(), {}, read.holdout.n_rows)
        counts = count_table(table, read.reading, plan)
        both = shares * (sizes[2] > 0)
        own = np.where(wanted, sizes[2], 0.0)
        held = (
            Side(left, counted_rows(both[used], sizes[0][used], n_groups)),
            Side(counts, counted_rows(both[used], own[used], n_groups)),
        )
    rng = generator(seed_sequence(given.seed), _SPLITS)
    return _Counted(sides[0], sides[1], held, halves(n_groups, 0 if held else N_SPLITS, rng), n_groups)


def _assembled(
    read: _Tables, table: TableColumns, columns: tuple[PlannedColumn, ...], data: DataCharacteristics
) -> Streamed:
    """Counts, scores and the report, put together as ``evaluate`` does."""
    given = read.given
    counted = _count(read, columns)
    columns = marked(columns, counted.right.counts)
    coded = tuple(column.coded for column in columns)
    measured = compare(columns, counted.left, counted.right, counted.splits, given.target)
    ceiling = None
    if counted.held is not None:
        free = tuple(replace(c, coded=replace(c.coded, fine=replace(c.coded.fine, fixed=None))) for c in columns)
        ceiling = compare(free, *counted.held, counted.splits, given.target)
        ceiling = replace(ceiling, scored=measured.scored)
    rules, rule_score = rule_reports(list(given.rules), counted.left, counted.right)
    parts = parts_of(measured, ceiling, rule_score)
    dimensions = dimensions_of(given, measured, parts)
    score = overall(parts) if parts else Score(None, reason="no_shared_columns")
    reports, facts = _described(read, columns, counted, measured, ceiling)
    names = [columns[k].plan.name for k in measured.paired]
    pairs, counts = describe_pairs(names, measured)
    n_copied = len(read.reading.copied)
    keys = read.summaries[0].keys, read.summaries[1].keys, read.holdout.keys
    privacy = assess_copies(keys, n_copied)
    n_rows = counted.left.rows.n_effective, read.summaries[1].n_rows
    values = {name: part.value for name, part in parts.items()}
    gains = Gains(measured, values, *n_rows, reshaped(columns, measured, counted.left, counted.right))
    findings = [*column_findings(coded, facts, gains), *pair_findings(names, gains)]
    findings += [*rule_findings(rules, gains), *_repetition(read, data, privacy)]
    report = QualityReport(
        overall=score,
        grade=grade(score, dimensions),
        provisional=min(n_rows) < PROVISIONAL_ROWS or len(parts) < 2,
        dimensions=dimensions,
        columns=tuple(sorted(reports, key=lambda r: (r.score.value or 0.0, r.name))),
        pairs=pairs,
        pair_counts=counts,
        dependence=association_matrices(names, measured),
        correlation=_correlations(read, columns),
        rules=rules,
        recommendations=tuple(by_gain(findings)),
        privacy=privacy,
        data=data,
        not_assessed=not_assessed(given, table, measured, privacy),
        method=method_of(given, n_rows, counted.n_groups, holdout=counted.held is not None),
        timestamp=now(),
    )
    return Streamed(report, parts, gains, _samples(read), _errors(columns, read.summaries[:2]))


def _described(
    read: _Tables,
    columns: tuple[PlannedColumn, ...],
    counted: _Counted,
    measured: Measured,
    ceiling: Measured | None,
) -> tuple[list[ColumnReport], list[Facts]]:
    reports, facts = [], []
    for k, (column, found) in enumerate(zip(columns, measured.columns, strict=True)):
        best = float(found.halves.mean()) if ceiling is None else float(ceiling.columns[k].score[0])
        remark = "class_absent_in_real" if measured.scored[k] else "class_mix_fixed"
        own = remark if column.plan.name == read.given.target else None
        report, fact = describe(
            k, column, found, best=best, sides=(counted.left, counted.right), summaries=read.summaries[:2], remark=own
        )
        reports.append(report)
        facts.append(fact)
    return reports, facts


def _correlations(read: _Tables, columns: tuple[PlannedColumn, ...]) -> Dependence | None:
    """Spearman matrices of the samples."""
    names = correlated(columns)
    if len(names) < 2:
        return None
    reading, classes = read.reading, read.reading.classes
    sides, weights = [], None
    for place, summary in enumerate(read.summaries[:2]):
        assert summary is not None  # noqa: S101
        found = read_chunk(summary.sample, reading.schema, reading.booleans)
        klass = reading.klass(found, len(summary.sample))
        kept = classes.kept[klass] if place == 0 else np.ones(klass.size, dtype=bool)
        sides.append([found[name].take(kept).numbers for name in names])
        if place == 0:
            by_class = class_weights(classes.shares(), read.sizes[0])
            weights = None if by_class is None else by_class[klass[kept]]
    return correlations(columns, (sides[0], weights), sides[1])


def _repetition(read: _Tables, data: DataCharacteristics, privacy: Privacy) -> list[Recommendation]:
    """See ``_evaluate``."""
    found = []
    kept = read.reading.classes.kept
    real = collision_rate(read.summaries[0].keys, kept, read.sizes[0])
    synthetic = collision_rate(read.summaries[1].keys, np.ones_like(kept), read.sizes[1])
    if synthetic > 2 * real and data.duplicates_synthetic > data.duplicates_real + 0.02:
        shares = {"real": data.duplicates_real, "synthetic": data.duplicates_synthetic}
        found.append(Recommendation("duplicates", (), shares))
    if privacy.do_not_release:
        evidence = {"share": privacy.exact_copies, "holdout": privacy.holdout_copies}
        found.append(Recommendation("exact_copies", (), evidence))
    return found


def _characteristics(read: _Tables) -> DataCharacteristics:
    given, (real, synthetic, held) = read.given, read.summaries
    kinds = Counter(column.kind for column in given.schema.columns)
    counts, counts_s = read.reading.classes.names
    names = sorted({*counts, *counts_s}, key=lambda name: (-counts[name], name))
    table = _columns_of(read)
    empty = not (real.n_rows and synthetic.n_rows)
    return DataCharacteristics(
        n_real=real.n_rows,
        n_synthetic=synthetic.n_rows,
        n_holdout=None if held is None else held.n_rows,
        n_columns=len(given.schema.columns),
        kinds={str(kind): n for kind, n in kinds.items()},
        target=given.target,
        classes=tuple(ClassCount(name, counts[name], counts_s[name]) for name in names),
        duplicates_real=0.0 if empty else duplicate_share(real.keys),
        duplicates_synthetic=0.0 if empty else duplicate_share(synthetic.keys),
        missing_columns=() if empty else table.missing,
        extra_columns=() if empty else tuple(str(name) for name in table.extra),
    )


def _samples(read: _Tables) -> RowSamples:
    real, synthetic, held = read.summaries
    return RowSamples(
        real.sample,
        synthetic.sample,
        None if held is None else held.sample,
        real.n_rows,
        synthetic.n_rows,
        None if held is None else held.n_rows,
        read.given.schema,
    )


__all__ = [
    "CHUNK_ROWS",
    "Chunks",
    "Errors",
    "RowMeasures",
    "RowSamples",
    "Streamed",
    "evaluate_chunks",
    "frame_chunks",
    "parquet_chunks",
    "stream",
]
