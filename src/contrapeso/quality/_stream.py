"""``evaluate_chunks``: the quality report of tables that are larger than memory.

Every score comes from counts of all rows: first each table is summed up (quantiles, labels, row keys), then its rows
are counted on the cells of the real table. Memory grows with columns and cells, not with rows, but for 9 bytes a row
(its key and class, at most 16.7 million rows of each table). Models, attacks and whatever else looks at rows get a
uniform sample of them (``_stream_rows``); the report is put together as ``evaluate`` does (``_verdict``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.metrics import N_SPLITS, halves
from contrapeso.quality._columns import NUMERIC_KINDS, TableColumns
from contrapeso.quality._columns import _unreadable as unreadable
from contrapeso.quality._given import Depth, Given, Wanted, check
from contrapeso.quality._measure import Measured
from contrapeso.quality._recommend import Facts
from contrapeso.quality._reference import MIN_HOLDOUT
from contrapeso.quality._report import (
    ClassCount,
    ColumnReport,
    DataCharacteristics,
    Dependence,
    NotAssessed,
    QualityReport,
)
from contrapeso.quality._rowlevel import RowLevel
from contrapeso.quality._rules import Rules, ask
from contrapeso.quality._score import MIN_ROWS
from contrapeso.quality._sections import Reading as ReportReading
from contrapeso.quality._stream_chunks import (
    CHUNK_ROWS,
    Chunks,
    boolean_columns,
    chunks_of,
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
from contrapeso.quality._stream_report import _rates as rates
from contrapeso.quality._stream_rows import RowSamples, measure_samples
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
from contrapeso.quality._tests import run_tests
from contrapeso.quality._verdict import Results, column_context, verdict, without_score
from contrapeso.tables import Kind, Schema, infer_schema
from contrapeso.tables._infer import TEXT_SHARE, UNIQUE_SHARE

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
_SPLITS = 2
_ROUNDS = 3
_CLEAN, _ROW = "\0clean", "\0row"


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
    """The report, the rows that models and attacks saw, and the errors of the summaries."""

    report: QualityReport
    samples: RowSamples
    errors: Errors


def evaluate_chunks(
    real: Chunks,
    synthetic: Chunks,
    *,
    schema: Schema | None = None,
    kinds: Mapping[str, Kind] | None = None,
    target: str | None = None,
    holdout: Chunks | None = None,
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
    """Quality of a synthetic table against a real one, both read in chunks; see :func:`evaluate`.

    Columns, pairs, rules, exact copies, intervals and ceilings are counted on all rows. Quantiles are exact up to
    65,536 different values of a column and within about 0.0002 of the rows beyond; labels are exact up to 262,144
    different ones, then the more frequent half is kept and the others count as "other". Models, attacks, fairness,
    diversity, mined rules, tests and Spearman correlations are measured on uniform samples of 30,000 rows of each
    table (on all rows where there are no more, and sequences only then); ``method.n_sampled`` says how many rows.

    Parameters
    ----------
    real, synthetic, holdout : callable
        Returns a fresh iterator over DataFrames, the same rows at every call (two or three of them);
        see :func:`frame_chunks` and :func:`parquet_chunks`.
    schema : Schema, optional
        Without it the kinds are inferred from the first chunk, and again from the sample of all chunks; where the two
        handle a column differently the tables are read once more.
    kinds : mapping of column name to kind, optional
        Kinds of some columns, for an inferred schema.
    rules : mapping of name to predicate or Rule, optional
        A predicate sees one chunk at a time: it must judge each row by that row alone.
    target, seed, thresholds, depth, sensitive, positive, quasi_identifiers, sequence_index, sequence_key, tests, n_jobs
        As in :func:`evaluate`.

    Returns
    -------
    QualityReport
        The scores do not depend on how the rows are cut into chunks, or in which order these come, beyond the errors
        above; intervals do a little, as row groups are filled chunk by chunk.

    Raises
    ------
    InvalidDataError, ColumnNotFoundError, InvalidParameterError, UnknownConfigKeyError, MissingLibraryError
        As :func:`evaluate`; also if a table gives no chunk, or other rows in a later pass.
    """
    wanted = Wanted(
        depth, tuple(sensitive), sequence_index, sequence_key, tuple(quasi_identifiers), tuple(tests), positive, n_jobs
    )
    return stream(
        real, synthetic, schema=schema, kinds=kinds, target=target, holdout=holdout, rules=rules, seed=seed,
        thresholds=thresholds, wanted=wanted,
    ).report  # fmt: skip


def stream(
    real: Chunks,
    synthetic: Chunks,
    *,
    schema: Schema | None = None,
    kinds: Mapping[str, Kind] | None = None,
    target: str | None = None,
    holdout: Chunks | None = None,
    rules: Rules | None = None,
    seed: int = 0,
    thresholds: Mapping[str, float] | None = None,
    wanted: Wanted | None = None,
    sample_rows: int = SAMPLE_ROWS,
) -> Streamed:
    """:func:`evaluate_chunks` with the samples, of ``sample_rows`` rows each, and the errors beside the report."""
    firsts = first_chunk(real, "real"), first_chunk(synthetic, "synthetic")
    first_h = None if holdout is None else first_chunk(holdout, "holdout")
    guess = schema or infer_schema(plain(real, firsts[0]), kinds)
    given = check(
        *firsts, holdout=first_h, schema=guess, target=target, rules=rules, seed=seed, thresholds=thresholds,
        wanted=wanted,
    )  # fmt: skip
    run_tests((), given.wanted.tests)  # a wrong name is an error before the tables are read
    known = None if schema is not None else kinds or {}
    return _report(_read_tables((real, synthetic, holdout), given, known, sample_rows=sample_rows))


@dataclass(frozen=True)
class _Tables:
    """The tables after their first pass; ``positions`` are those of the synthetic rows of the sample."""

    sources: tuple[Chunks, Chunks, Chunks | None]
    given: Given
    reading: Reading
    summaries: tuple[TableSummary, TableSummary, TableSummary | None]
    sizes: Floats
    positions: Codes

    @property
    def holdout(self) -> TableSummary:
        return self.summaries[2] or TableSummary()


def _read_tables(
    sources: tuple[Chunks, Chunks, Chunks | None], given: Given, known: Mapping[str, Kind] | None, *, sample_rows: int
) -> _Tables:
    """First passes; the real table is read again where its later chunks contradict the schema.

    ``known`` are the kinds that were given, None where all were.
    """
    booleans = boolean_columns(given.real, given.schema)
    classes = plan_classes(sources, given.schema, given.target, booleans) if given.target is not None else one_class()
    counted = bool(classes.sizes[0].any() and classes.sizes[1].any())
    weights = class_weights(classes.shares(), classes.sizes[0]) if counted else None
    for _ in range(_ROUNDS):
        reading = _reading(given, classes, booleans, sample_rows)
        real, _ = _summarized(sources[0], "real", reading, weights)
        mended = _mended(given, real, known, one_chunk=real.n_rows == len(given.real))
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
    synthetic, positions = _summarized(sources[1], "synthetic", reading, None)
    held = None if sources[2] is None else _summarized(sources[2], "holdout", reading, None)[0]
    sizes = classes.sizes
    if given.target is None:
        sizes = np.array([[real.n_rows], [synthetic.n_rows], [held.n_rows if held else 0]], dtype=np.float64)
    reading = replace(reading, classes=replace(classes, sizes=sizes))
    return _Tables(sources, given, reading, (real, synthetic, held), sizes, positions)


def _summarized(source: Chunks, what: str, reading: Reading, weights: Floats | None) -> tuple[TableSummary, Codes]:
    """The summary of a table, and the positions in it of the rows of its sample; a whole table keeps its order."""

    def numbered() -> Iterator[pd.DataFrame]:
        start = 0
        for frame in chunks_of(source, what):
            found = frame.copy(deep=False)
            found[_ROW] = np.arange(start, start + len(frame))
            yield found
            start += len(frame)

    found = summarize(numbered, what, reading, weights)
    positions = found.sample.pop(_ROW).to_numpy(dtype=np.intp)
    if positions.size == found.n_rows:
        order = np.argsort(positions)
        found.sample, positions = found.sample.iloc[order].reset_index(drop=True), positions[order]
    found.sample = plain(source, found.sample)
    return found, positions


def _reading(given: Given, classes: ClassPlan, booleans: frozenset[str], sample_rows: int) -> Reading:
    copied = frozenset(c.name for c in given.schema.columns if c.kind != "identifier" and c.name in given.synthetic)
    return Reading(given.schema, given.target, booleans, copied, classes, sample_rows)


def _handling(schema: Schema) -> dict[str, str]:
    """How the columns are read, whatever their kinds are called."""
    alike = {"datetime": "datetime", "identifier": "identifier", "text": "text"}
    return {c.name: alike.get(c.kind, "number" if c.kind in NUMERIC_KINDS else "label") for c in schema.columns}


def _mended(given: Given, real: TableSummary, known: Mapping[str, Kind] | None, *, one_chunk: bool) -> Schema:
    """The schema that a sample of all chunks suggests; columns that could not be read as numbers are categories."""
    wrong = real.broken if known is None else real.broken & known.keys()
    if wrong:
        raise unreadable(given.schema[min(wrong)])
    if known is None or one_chunk:
        return given.schema
    sample = real.sample
    found = infer_schema(sample) if len(sample) else given.schema
    if given.target is not None:
        found = found.override({given.target: "categorical"})
    found = found.override({**_settled(found, given.schema, real), **_but(known, given.target)})
    kinds = [(c.name, c.kind) for c in found.columns]
    return given.schema if kinds == [(c.name, c.kind) for c in given.schema.columns] else found


def _but(kinds: Mapping[str, Kind], target: str | None) -> dict[str, Kind]:
    """``kinds`` without that of the target, which is a category."""
    return {name: kind for name, kind in kinds.items() if name != target}


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
    """The rows are measured before the counts are made, so that models and counts are never in memory together."""
    table, samples = _columns_of(read), _samples(read)
    data = _characteristics(read, table)
    columns, n_effective, reason = _planned(read, table)
    if reason is not None:
        return Streamed(without_score(read.given, data, n_effective, reason), samples, Errors())
    errors = _errors(columns, read.summaries[:2])
    keys = read.summaries[0].keys, read.summaries[1].keys, read.holdout.keys
    rows = measure_samples(samples, read.given, keys, len(read.reading.copied), data)
    found = replace(_results(read, table, columns, data, rows), limits=tuple(_limits(samples, errors)))
    return Streamed(verdict(replace(found, n_sampled=samples.sizes)), samples, errors)


def _planned(read: _Tables, table: TableColumns) -> tuple[tuple[PlannedColumn, ...], float, str | None]:
    """The columns that are compared, the effective size of the real table, and why there is no score, if so."""
    real, synthetic, _ = read.summaries
    if not (real.n_rows and synthetic.n_rows):
        return (), 0.0, "insufficient_data"
    rows = counted_rows(read.reading.classes.shares(), read.sizes[0], 2)
    if min(rows.n_effective, synthetic.n_rows) < MIN_ROWS:
        return (), rows.n_effective, "insufficient_data"
    notes = _notes(read)
    compared = [c for c in read.given.schema.columns if c.name not in table.excluded]
    columns = tuple(plan_column(c, (real, synthetic), rows, notes, read.reading) for c in compared)
    return columns, rows.n_effective, None if columns else "no_shared_columns"


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


def _limits(samples: RowSamples, errors: Errors) -> Iterator[NotAssessed]:
    """What the report knows of a sample only, or not exactly."""
    if samples.sizes is not None:
        yield NotAssessed("rows", "sampled_rows")
    if errors.labels:
        yield NotAssessed("columns", "labels_not_exact", errors.labels)


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
    source, rules = read.sources, _with_clean(given.rules)
    unreadable_s = frozenset(read.summaries[1].broken)
    real, synthetic = read.summaries[:2]
    left = count_table(Table(source[0], "real", classes.kept, frozenset(), rules, real.n_rows), read.reading, plan)
    right = count_table(Table(source[1], "synthetic", every, unreadable_s, rules, synthetic.n_rows), read.reading, plan)
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


def _with_clean(rules: Rules) -> Rules:
    """The rules, and one more: none of them is violated."""

    def is_clean(frame: pd.DataFrame) -> NDArray[np.bool_]:
        clean: NDArray[np.bool_] = ~np.any([answer.answers == 0 for answer in ask(rules, frame, "real")], axis=0)
        return clean

    return {**rules, _CLEAN: is_clean} if rules else rules


def _clean_rows(counted: _Counted) -> ReportReading | None:
    """Share of the rows that violate no rule."""
    if _CLEAN not in counted.left.counts.rules:
        return None
    weights = (counted.left.rows.weights, None)
    tallies = (side.counts.rules[_CLEAN] for side in (counted.left, counted.right))
    real, synthetic = (rates(tally, weight)[0] for tally, weight in zip(tallies, weights, strict=True))
    return ReportReading("clean_rows", synthetic, None, real)


def _results(
    read: _Tables, table: TableColumns, columns: tuple[PlannedColumn, ...], data: DataCharacteristics, rows: RowLevel
) -> Results:
    """Columns, pairs and rules from the counts of all rows, and what was measured on the samples."""
    given, kept = read.given, read.reading.classes.kept
    counted = _count(read, columns)
    columns = marked(columns, counted.right.counts)
    measured = compare(columns, counted.left, counted.right, counted.splits, given.target)
    ceiling = _ceiling(columns, counted, measured, given.target)
    rules, rule_score = rule_reports(list(given.rules), counted.left, counted.right)
    reports, facts = _described(read, columns, counted, measured, ceiling)
    return Results(
        given=given,
        table=table,
        data=data,
        coded=tuple(column.coded for column in columns),
        measured=measured,
        ceiling=ceiling,
        columns=reports,
        facts=facts,
        reshaped=reshaped(columns, measured, counted.left, counted.right),
        correlation=_correlations(read, columns),
        rules=rules,
        rule_score=rule_score,
        clean_rows=_clean_rows(counted),
        rows=rows,
        collisions=(
            collision_rate(read.summaries[0].keys, kept, read.sizes[0]),
            collision_rate(read.summaries[1].keys, np.ones_like(kept), read.sizes[1]),
        ),
        n_effective=counted.left.rows.n_effective,
        n_groups=counted.n_groups,
    )


def _ceiling(
    columns: tuple[PlannedColumn, ...], counted: _Counted, measured: Measured, target: str | None
) -> Measured | None:
    """The holdout against the same real rows; None without one."""
    if counted.held is None:
        return None
    free = tuple(replace(c, coded=replace(c.coded, fine=replace(c.coded.fine, fixed=None))) for c in columns)
    return replace(compare(free, *counted.held, counted.splits, target), scored=measured.scored)


def _described(
    read: _Tables,
    columns: tuple[PlannedColumn, ...],
    counted: _Counted,
    measured: Measured,
    ceiling: Measured | None,
) -> tuple[tuple[ColumnReport, ...], tuple[Facts, ...]]:
    """Report and facts of every column."""
    sides, summaries = (counted.left, counted.right), read.summaries[:2]
    context = column_context([column.plan.name for column in columns], measured, ceiling, read.given.target)
    described = [
        describe(k, column, found, best=best, sides=sides, summaries=summaries, remark=remark)
        for k, (column, found, (best, remark)) in enumerate(zip(columns, measured.columns, context, strict=True))
    ]
    return tuple(report for report, _ in described), tuple(facts for _, facts in described)


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


def _characteristics(read: _Tables, table: TableColumns) -> DataCharacteristics:
    given, (real, synthetic, held) = read.given, read.summaries
    kinds = Counter(column.kind for column in given.schema.columns)
    counts, counts_s = read.reading.classes.names
    names = sorted({*counts, *counts_s}, key=lambda name: (-counts[name], name))
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
        read.positions,
    )


__all__ = [
    "CHUNK_ROWS",
    "Chunks",
    "Errors",
    "RowSamples",
    "Streamed",
    "evaluate_chunks",
    "frame_chunks",
    "parquet_chunks",
    "stream",
]
