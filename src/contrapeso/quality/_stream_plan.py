"""From summaries of both tables to what is counted: every column on the cells of the real table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics import (
    MAX_CATEGORY_CELLS,
    CategoryCells,
    ColumnCells,
    NumericCells,
    Rows,
    SortedColumn,
    marginal_bins,
    pair_bins,
    pair_categories,
)
from contrapeso.metrics._sketch import LabelCounts, QuantileSketch
from contrapeso.quality._bars import _edges as bar_edges
from contrapeso.quality._columns import NUMERIC_KINDS, REPEATED_TEXT, Labels, Numbers
from contrapeso.quality._measure import Coded, CodedLabels, CodedNumbers
from contrapeso.quality._measure import _special as special
from contrapeso.quality._recommend import LOW_SCORE
from contrapeso.quality._stream_counts import LabelPlan, NumberPlan, mapped_edges
from contrapeso.quality._stream_summary import Reading, TableSummary, repeats
from contrapeso.tables import Column

Floats = NDArray[np.float64]
_NONE = np.empty(0)
_NO_CELL = np.empty(0, dtype=np.uint16)
_NO_CODE = np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class LabelTable:
    """Rows and mass of every label in both tables, real labels first; ``exact`` says that all real ones are kept."""

    names: tuple[str, ...]
    real: NDArray[np.int64]
    mass: Floats
    synthetic: NDArray[np.int64]
    exact: bool


@dataclass(frozen=True)
class PlannedColumn:
    """A column ready for counting; ``coded`` holds its cells and no row, ``labels`` the counts of a label column."""

    coded: Coded
    plan: NumberPlan | LabelPlan
    labels: LabelTable | None


def exclusion(column: Column, real: TableSummary, synthetic: TableSummary) -> str | None:
    """Why a column is left out of the comparison of distributions, or None."""
    if column.kind not in {"identifier", "text"}:
        return None
    distinct, present = repeats(real.seen[column.name])
    if column.kind == "identifier":
        distinct_s, present_s = repeats(synthetic.seen[column.name])
        return "duplicated_identifiers" if distinct_s < present_s and distinct == present else "excluded_identifier"
    return "excluded_text" if distinct > REPEATED_TEXT * present else None


def plan_column(
    column: Column, summaries: tuple[TableSummary, TableSummary], rows: Rows, notes: Mapping[str, str], reading: Reading
) -> PlannedColumn:
    """Cells of one column and what is read off its codes."""
    n = min(rows.n_effective, summaries[1].n_rows)
    if column.kind in NUMERIC_KINDS:
        return _plan_numbers(column, summaries, n, notes.get(column.name))
    return _plan_labels(column, summaries, n, notes.get(column.name), is_target=column.name == reading.target)


def _plan_numbers(
    column: Column, summaries: tuple[TableSummary, TableSummary], n: float, note: str | None
) -> PlannedColumn:
    real, synthetic = summaries
    readable = column.name not in synthetic.broken
    left = real.numbers[column.name].column()
    right = (synthetic.numbers[column.name] if readable else QuantileSketch()).column()
    fine, coarse = NumericCells.fit(left, marginal_bins(n)), NumericCells.fit(left, pair_bins(n))
    constant = bool(real.n_present(column.name) == real.n_kept > 0 and left.values[0] == left.values[-1])
    data = Numbers(column, _NONE, _NONE, _NONE, note)
    counts = real.n_present(column.name), synthetic.n_present(column.name)
    note, exact, fixed = special(data, *counts, constant=constant)
    cells = ColumnCells(_NO_CELL, _NO_CELL, fine.n_cells, exact=exact, fixed=fixed)
    coded = CodedNumbers(data, fine, cells, coarse, (_NO_CELL, _NO_CELL, coarse.n_cells), note, left, right)
    bars = bar_edges(left, is_date=column.kind == "datetime")
    nulls = real.null_share(column.name), synthetic.null_share(column.name)
    mapped = mapped_edges(left, right, coarse) if fixed is None and _may_be_wrong(left, right, fine, nulls) else None
    parts = [fine.edges, coarse.edges, bars, range_edges(left), _NONE if mapped is None else mapped]
    edges = np.unique(np.concatenate(parts))
    edges = edges[edges < np.inf]
    plan = NumberPlan(column.name, edges, fine, coarse, bars, mapped, real.decimals[column.name])
    return PlannedColumn(coded, plan, None)


def range_edges(real: SortedColumn) -> Floats:
    """The least value and the one after the greatest: cell 1 between them is inside the real range."""
    if not real.values.size:
        return _NONE
    return np.array([real.values[0], np.nextafter(real.values[-1], np.inf)])


def _may_be_wrong(left: SortedColumn, right: SortedColumn, cells: NumericCells, nulls: tuple[float, float]) -> bool:
    """Whether the column may score too low: by the summaries, and without the noise that the score takes out."""
    distance = abs(nulls[0] - nulls[1])
    shares = []
    for column, null in zip((left, right), nulls, strict=True):
        upto = np.concatenate([[0.0], column.mass])
        inside = upto[np.searchsorted(column.values, cells.edges, side="left")]
        shares.append(np.diff(inside, prepend=0.0, append=upto[-1]) * (1 - null))
    distance += float(np.abs(shares[0] - shares[1]).sum())
    return 1 - distance / 2 < LOW_SCORE + 0.01


def _plan_labels(
    column: Column, summaries: tuple[TableSummary, TableSummary], n: float, note: str | None, *, is_target: bool
) -> PlannedColumn:
    real, synthetic = summaries
    counts, counts_s = real.labels[column.name], synthetic.labels[column.name]
    table, hashes, codes = _joined(counts, counts_s, real.mass)
    fine = CategoryCells.fit(table.mass, table.real, table.names, 1e18 if is_target else n, MAX_CATEGORY_CELLS)
    coarse = CategoryCells.fit(table.mass, table.real, table.names, n, pair_categories(n)).unseen_as_other()
    if not table.exact:  # a label that is not kept may have been a rare one of the real table
        fine = fine.unseen_as_other()
    tolerated = 0.0 if is_target else float(counts.mass[counts.counts == 1].sum() / max(real.mass, 1e-300))
    n_real, n_synthetic = real.n_present(column.name), synthetic.n_present(column.name)
    constant = n_real == real.n_kept and int((table.real > 0).sum()) == 1 and table.exact
    paired = column.kind != "text"
    shown = np.repeat(np.arange(len(table.names)), np.minimum(table.real, 5))  # five records make a name printable
    data = Labels(column, shown, np.flatnonzero(table.synthetic > 0), _NO_CODE, table.names, note, paired)
    note, exact, fixed = special(data, n_real, n_synthetic, constant=constant)
    cells = ColumnCells(_NO_CELL, _NO_CELL, fine.n_cells, fine.unseen, fine.other, tolerated, exact, fixed)
    pairs = (_NO_CELL, _NO_CELL, coarse.n_cells) if paired else None
    coded = CodedLabels(data, fine, cells, coarse, pairs, note)
    unknown = fine.unseen if table.exact else fine.other
    plan = LabelPlan(column.name, hashes, codes, fine, coarse, paired, unknown, coarse.other)
    return PlannedColumn(coded, plan, table)


def _joined(
    real: LabelCounts, synthetic: LabelCounts, total: float
) -> tuple[LabelTable, NDArray[np.uint64], NDArray[np.intp]]:
    """Both label tables on one list, and the place in it of each hash (ascending)."""
    new = ~np.isin(synthetic.hashes, real.hashes)
    order, order_s = np.argsort(real.first, kind="stable"), np.flatnonzero(new)[np.argsort(synthetic.first[new])]
    hashes = np.concatenate([real.hashes[order], synthetic.hashes[order_s]])
    codes = np.argsort(hashes)
    counts_s = np.zeros(hashes.size, dtype=np.int64)
    at = codes[np.searchsorted(hashes[codes], synthetic.hashes)] if hashes.size else _NO_CODE
    counts_s[at] = synthetic.counts
    none = np.zeros(order_s.size)
    table = LabelTable(
        tuple(np.concatenate([real.names[order], synthetic.names[order_s]])),
        np.concatenate([real.counts[order], none.astype(np.int64)]),
        np.concatenate([real.mass[order] / max(total, 1e-300), none]),
        counts_s,
        real.exact,
    )
    return table, hashes[codes], codes


__all__ = ["LabelTable", "PlannedColumn", "exclusion", "plan_column", "range_edges"]
