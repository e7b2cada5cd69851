"""From counts to the report: scores, figures of each column, copies, rules; the same numbers as from rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics import (
    ColumnMeasure,
    PairMeasures,
    Rows,
    SortedColumn,
    js_of_shares,
    ks_and_wasserstein,
    normalize,
    pearson_matrix,
    tv_of_shares,
)
from contrapeso.metrics._sketch import KeySample
from contrapeso.metrics._table import PairCount, score_column, score_pairs
from contrapeso.quality._bars import MIN_RECORDS, N_CATEGORIES, _bars, _Cell, _merge_ranges, _range_labels
from contrapeso.quality._details import MAX_DECIMALS, _known, _matrix, _nameless, _range
from contrapeso.quality._measure import CodedLabels, CodedNumbers, Measured
from contrapeso.quality._measure import _scored as which_scored
from contrapeso.quality._privacy import Met, judge_copies
from contrapeso.quality._recommend import Facts, has_wrong_shape
from contrapeso.quality._report import Bars, CellRole, ColumnReport, Dependence, Privacy, RuleReport
from contrapeso.quality._rules import rule_score
from contrapeso.quality._score import scored
from contrapeso.quality._stream_counts import NumberPlan, PairTallies, RuleTally, TableCounts, weighted
from contrapeso.quality._stream_plan import LabelTable, PlannedColumn, range_edges
from contrapeso.quality._stream_summary import TableSummary

Floats = NDArray[np.float64]
_MARKED_ROWS = 10_000_000


@dataclass(frozen=True)
class Side:
    """One table of a comparison: its counts and its rows as a sample."""

    counts: TableCounts
    rows: Rows

    def column(self, k: int, plan: PlannedColumn) -> tuple[Floats, Floats]:
        """Counts of a column on its own cells, per group and per class."""
        counts = self.counts.columns[k]
        if isinstance(plan.plan, NumberPlan):
            counts = folded(counts, plan.plan.lookup(plan.plan.fine.edges), plan.plan.fine.n_cells)
        return weighted(counts, self.rows.weights)


def folded(counts: NDArray[np.int64], lookup: NDArray[np.uint16], n_cells: int) -> NDArray[np.int64]:
    """Counts (..., codes) summed into the cells that ``lookup`` gives for each code, (..., n_cells)."""
    member = np.zeros((lookup.size, n_cells), dtype=np.int64)
    member[np.arange(lookup.size), lookup] = 1
    summed: NDArray[np.int64] = counts @ member
    return summed


def compare(columns: Sequence[PlannedColumn], left: Side, right: Side, splits: Floats, target: str | None) -> Measured:
    """Scores of every column and every pair, from the counts of both tables."""
    coded = [column.coded for column in columns]
    measured = tuple(
        score_column((left.column(k, c), right.column(k, c)), (left.rows, right.rows), c.coded.fine, splits)
        for k, c in enumerate(columns)
    )
    pairs = _pairs(left, right, (left.counts.pairs, right.counts.pairs), splits, None)
    paired = tuple(k for k, item in enumerate(coded) if item.coarse is not None)
    return Measured(measured, which_scored(coded, target), pairs, paired)


def _pairs(
    left: Side, right: Side, tallies: tuple[PairTallies, PairTallies], splits: Floats, only: int | None
) -> PairMeasures:
    n = left.counts.pairs.n_columns
    used = [_used(k, n, left.counts.pairs, *tallies, only=only) for k in range(n)]

    def counter(tally: PairTallies, rows: Rows) -> PairCount:
        def count(a: int, b: int) -> tuple[Floats, Floats]:
            return weighted(tally.of(a, b)[:, :, used[a]][:, :, :, used[b]], rows.weights)

        return count

    counters = counter(tallies[0], left.rows), counter(tallies[1], right.rows)
    sizes = [int(mask.sum()) for mask in used]
    return score_pairs(counters, sizes, (left.rows, right.rows), splits, only=only)


def _used(k: int, n: int, *tallies: PairTallies, only: int | None) -> NDArray[np.bool_]:
    """Cells of column ``k`` that a row of one of the tables is in."""
    other = (0 if k else min(1, n - 1)) if only in (None, k) else only
    other = (0 if k else 1) if other == k else other
    if other >= n:
        return np.ones(1, dtype=bool)
    a, b = min(k, other), max(k, other)
    axes = (0, 1, 3) if k == a else (0, 1, 2)
    used: NDArray[np.bool_] = sum(tally.of(a, b).sum(axis=axes, dtype=np.int64) for tally in tallies) > 0
    return used


def reshaped(columns: Sequence[PlannedColumn], measured: Measured, left: Side, right: Side) -> dict[int, PairMeasures]:
    """The pairs of each column of wrong shape, once the shape is put right; see ``measure_reshaped``."""
    found = {}
    for k, tally in right.counts.mapped.items():
        if has_wrong_shape(columns[k].coded, float(measured.columns[k].score[0])):
            position = measured.paired.index(k)
            found[k] = _pairs(left, right, (left.counts.pairs, tally), np.empty((0, left.rows.n_groups)), position)
    return found


def marked(columns: Sequence[PlannedColumn], counts: TableCounts) -> tuple[PlannedColumn, ...]:
    """The columns with the share of unseen labels among the synthetic rows (codes that stand for no row)."""
    done = []
    for column, found in zip(columns, counts.columns, strict=True):
        coded = column.coded
        if isinstance(coded, CodedLabels):
            unseen, total = int(found[:, :, coded.cells.unseen].sum()), int(found.sum())
            scale = max(1.0, total / _MARKED_ROWS)
            sizes = [round((total - unseen) / scale), int(np.ceil(unseen / scale))]
            cells = np.repeat(np.array([coded.cells.other, coded.cells.unseen], dtype=np.uint16), sizes)
            coded = replace(coded, fine=replace(coded.fine, synthetic=cells if unseen else cells[:0]))
        done.append(replace(column, coded=coded))
    return tuple(done)


def describe(
    k: int,
    column: PlannedColumn,
    measure: ColumnMeasure,
    *,
    best: float,
    sides: tuple[Side, Side],
    summaries: tuple[TableSummary, TableSummary],
    remark: str | None,
) -> tuple[ColumnReport, Facts]:
    """Report of one column and the facts that recommendations are made of."""
    coded, name = column.coded, column.coded.column.column.name
    nulls = summaries[0].null_share(name), 1.0 if name in summaries[1].broken else summaries[1].null_share(name)
    report = ColumnReport(
        name,
        coded.column.column.kind,
        scored(measure.score, best),
        js=_known(js_of_shares(measure.p, measure.q)),
        null_real=nulls[0],
        null_synthetic=nulls[1],
        note=coded.note or remark,
    )
    if isinstance(coded, CodedNumbers) and isinstance(column.plan, NumberPlan):
        return _describe_numbers(k, (coded, column.plan), report, sides, summaries)
    assert column.labels is not None  # noqa: S101
    return _describe_labels(column.labels, report, summaries), Facts(None, None, *nulls)


def _describe_numbers(
    k: int,
    column: tuple[CodedNumbers, NumberPlan],
    report: ColumnReport,
    sides: tuple[Side, Side],
    summaries: tuple[TableSummary, TableSummary],
) -> tuple[ColumnReport, Facts]:
    coded, plan = column
    left, right = coded.sorted_real, coded.sorted_synthetic
    distance, transport = ks_and_wasserstein(left, right)
    counts = [side.counts.columns[k] for side in sides]
    means = [summary.numbers[plan.name].moments.mean for summary in summaries]
    moved = means[1] - means[0] if right.values.size else float("nan")
    shift = _known(normalize(abs(moved), left))
    report = replace(
        report,
        ks=_known(1 - distance),
        wasserstein=_known(normalize(transport, left)),
        coverage=_range(left, right)[1],
        bars=_number_bars(plan, coded, counts, sides[0].rows.weights),
    )
    whole, decimals, off_grid = _grid(plan, sides[1].counts, left)
    facts = Facts(
        wasserstein=report.wasserstein,
        shift=None if shift is None else float(np.copysign(shift, moved)),
        null_real=report.null_real or 0.0,
        null_synthetic=report.null_synthetic or 0.0,
        whole_synthetic=whole,
        decimals_real=decimals,
        off_grid=off_grid,
        out_of_range=_outside(plan, counts[1], left, right),
    )
    return report, facts


def _outside(plan: NumberPlan, counts: NDArray[np.int64], left: SortedColumn, right: SortedColumn) -> float | None:
    """Share of synthetic values outside the real range."""
    if not left.values.size or not right.values.size:
        return None
    edges = range_edges(left)
    edges = edges[edges < np.inf]
    inside = folded(counts, plan.lookup(edges), edges.size + 2).sum(axis=(0, 1))
    beyond = int(inside[0]) + (int(inside[2]) if edges.size > 1 else 0)
    return beyond / int(inside[:-1].sum())


def _grid(plan: NumberPlan, counts: TableCounts, left: SortedColumn) -> tuple[float | None, int | None, float | None]:
    finite = counts.finite.get(plan.name, 0)
    if plan.decimals > MAX_DECIMALS or not finite or not np.isfinite(left.values).any():
        return None, None, None
    share = counts.whole[plan.name] / finite
    return (share, None, None) if plan.decimals == 0 else (None, plan.decimals, 1 - share)


def _number_bars(
    plan: NumberPlan, coded: CodedNumbers, counts: Sequence[NDArray[np.int64]], weights: Floats | None
) -> Bars:
    """See ``number_bars``."""
    lookup, size = plan.lookup(plan.bars), plan.bars.size + 2
    real, synthetic = (folded(part, lookup, size) for part in counts)
    records, q = real.sum(axis=(0, 1)), synthetic.sum(axis=(0, 1))
    p = weighted(real, weights)[0].sum(axis=0)
    is_date = coded.column.column.kind == "datetime"
    cells = [
        _Cell(label, "range", int(records[k]), float(p[k]), float(q[k]))
        for k, label in enumerate(_range_labels(plan.bars, is_date=is_date))
    ]
    cells.append(_Cell("null", "null", int(records[-1]), float(p[-1]), float(q[-1])))
    return _bars(_merge_ranges(cells))


def _describe_labels(
    table: LabelTable, report: ColumnReport, summaries: tuple[TableSummary, TableSummary]
) -> ColumnReport:
    p, q = table.mass, table.synthetic.astype(np.float64)
    known = p > 0
    rest = summaries[1].labels[report.name]
    unseen = float(q[~known].sum() / q.sum()) if q.sum() and table.exact and rest.exact else None
    return replace(
        report,
        tv=tv_of_shares(p / p.sum(), q / q.sum()) if p.sum() and q.sum() else None,
        unseen_share=unseen,
        coverage=float((q[known] > 0).mean()) if known.any() else None,
        bars=_nameless(_label_bars(table, report.name, summaries), report.kind),
    )


def _label_bars(table: LabelTable, name: str, summaries: tuple[TableSummary, TableSummary]) -> Bars:
    """See ``label_bars``; rows of labels that are not kept are among the others."""
    real, synthetic = summaries
    records, q = table.real, table.synthetic.astype(np.float64)
    shown = [k for k in np.argsort(-table.mass, kind="stable") if records[k] >= MIN_RECORDS][:N_CATEGORIES]
    known = records > 0
    rare = known & (records < MIN_RECORDS)
    other = known & ~rare
    other[shown] = False
    cells = [_Cell(table.names[k], "value", int(records[k]), table.mass[k], q[k]) for k in shown]
    groups: Sequence[tuple[CellRole, NDArray[np.bool_]]] = (("other", other), ("suppressed", rare), ("unseen", ~known))
    rest = [
        s.labels[name].rest_mass / max(s.mass, 1e-300) if s is real else s.labels[name].rest_mass for s in summaries
    ]
    for role, mask in groups:
        extra = rest if role == "other" else [0.0, 0.0]
        if mask.any() or any(extra):
            cells.append(_Cell(role, role, MIN_RECORDS, table.mass[mask].sum() + extra[0], q[mask].sum() + extra[1]))
    nulls = real.n_kept - real.n_present(name), synthetic.n_kept - synthetic.n_present(name)
    cells.append(_Cell("null", "null", nulls[0], real.null_share(name), float(nulls[1])))
    return _bars((cells, int(rare.sum())))


def rule_reports(names: Sequence[str], left: Side, right: Side) -> tuple[tuple[RuleReport, ...], Floats | None]:
    """Every rule, and the mean rule score of the whole and with each row group left out, (1 + G,)."""
    reports, scores = [], []
    for name in names:
        real, synthetic = left.counts.rules[name], right.counts.rules[name]
        rates = _rates(real, left.rows.weights), _rates(synthetic, None)
        found = [rule_score(r, s) for r, s in zip(*rates, strict=True)]
        scores.append(found)
        n_asked = int(synthetic.asked.sum())
        reports.append(RuleReport(name, rates[0][0], rates[1][0], found[0], n_asked, synthetic.violations))
    replicates = []
    for found_at in zip(*scores, strict=True):
        known = [score for score in found_at if score is not None]
        if not known:
            return tuple(reports), None
        replicates.append(np.mean(known))
    return tuple(reports), np.array(replicates) if replicates else None


def _rates(tally: RuleTally, weights: Floats | None) -> list[float | None]:
    """Share of applicable rows that satisfy a rule: of the whole and with each group left out."""
    mass = np.ones(tally.asked.shape[1]) if weights is None else weights
    asked, satisfied = tally.asked @ mass, tally.satisfied @ mass
    n_asked = tally.asked.sum(axis=1)
    rates: list[float | None] = []
    for out in range(-1, asked.size):
        keep = np.arange(asked.size) != out
        rates.append(float(satisfied[keep].sum() / asked[keep].sum()) if n_asked[keep].sum() else None)
    return rates


def correlations(
    columns: Sequence[PlannedColumn], real: tuple[Sequence[Floats], Floats | None], synthetic: Sequence[Floats]
) -> Dependence | None:
    """Spearman correlation of the numeric columns in the samples of both tables; None with fewer than two of them."""
    names = tuple(c.coded.column.column.name for c in columns if _correlated(c))
    if len(names) < 2:
        return None
    values, weights = real
    left = np.column_stack([SortedColumn.of(part, weights).ranks() for part in values])
    right = np.column_stack([SortedColumn.of(part).ranks() for part in synthetic])
    return Dependence(names, _matrix(pearson_matrix(left, weights)), _matrix(pearson_matrix(right)), "spearman")


def _correlated(column: PlannedColumn) -> bool:
    return isinstance(column.coded, CodedNumbers) and column.coded.fine.fixed is None


def correlated(columns: Sequence[PlannedColumn]) -> list[str]:
    """Names of the columns whose correlations are shown."""
    return [c.coded.column.column.name for c in columns if _correlated(c)]


def assess_copies(samples: tuple[KeySample, KeySample, KeySample], n_columns: int) -> Privacy:
    """Share of synthetic rows that copy a real row, next to what chance gives; see :func:`judge_copies`."""
    limit = min(sample.limit for sample in samples)
    (real, _), (synthetic, klass_s), (holdout, klass_h) = (sample.below(limit).arrays() for sample in samples)
    ordered, ordered_h = np.sort(real), np.sort(holdout)
    ratio = samples[0].n_rows / max(samples[2].n_rows, 1)
    met = Met(
        _found(ordered, synthetic),
        _found(ordered, holdout),
        _found(ordered_h, synthetic),
        ratio,
        _distinct_counts(synthetic).size,
    )
    share = float(met.copied.mean()) if met.copied.size else 0.0
    return judge_copies(met, (klass_h, klass_s), round(share * samples[1].n_rows), n_columns)


def _found(ordered: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of ``keys`` are among the ``ordered`` ones."""
    if not ordered.size or not keys.size:
        return np.zeros(keys.size, dtype=bool)
    rows = np.argsort(keys)
    sorted_keys = keys[rows]
    at = np.minimum(np.searchsorted(ordered, sorted_keys), ordered.size - 1)
    found = np.empty(keys.size, dtype=bool)
    found[rows] = ordered[at] == sorted_keys
    return found


def duplicate_share(sample: KeySample) -> float:
    """Share of rows that repeat an earlier row."""
    keys, _ = sample.arrays()
    return 1 - _distinct_counts(keys).size / keys.size if keys.size else 0.0


def collision_rate(sample: KeySample, kept: NDArray[np.bool_], sizes: Floats) -> float:
    """Chance that two different rows of one class are equal, averaged over the classes; see ``_privacy``."""
    keys, klass = sample.arrays()
    rate, total = 0.0, float(sizes[kept].sum())
    for label in np.flatnonzero(kept & (sizes > 1)):
        counts = _distinct_counts(keys[klass == label] if kept.size > 1 else keys)
        n = int(counts.sum())
        if n > 1:
            rate += sizes[label] / total * float((counts * (counts - 1)).sum()) / (n * (sizes[label] - 1))
    return rate


def _distinct_counts(keys: NDArray[np.uint64]) -> NDArray[np.intp]:
    """How often each different key occurs."""
    ordered = np.sort(keys)
    if not ordered.size:
        return np.empty(0, dtype=np.intp)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return np.diff(starts, append=ordered.size)


__all__ = [
    "Side",
    "assess_copies",
    "collision_rate",
    "compare",
    "correlated",
    "correlations",
    "describe",
    "duplicate_share",
    "folded",
    "marked",
    "reshaped",
    "rule_reports",
]
