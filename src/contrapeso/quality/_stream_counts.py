"""Second pass over tables in chunks: every row counted on the cells of the real table, by row group and class.

A numeric column is coded once, on the union of all edges that anything is read off (its own cells, those for pairs,
the bars, the real range, the ranges that map the synthetic values to the real distribution); each of these is a
lookup of that code. Counts of all rows are kept by (group, class, cell), so that any class weights follow from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InvalidDataError
from contrapeso.metrics import N_GROUPS, CategoryCells, Codes, NumericCells, SortedColumn, assign_groups
from contrapeso.quality._details import MAX_DECIMALS
from contrapeso.quality._details import _on_grid as on_grid
from contrapeso.quality._rules import Rules, ask
from contrapeso.quality._stream_chunks import Chunks, ReadColumn, chunks_of, read_chunk
from contrapeso.quality._stream_summary import Reading

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Rows = NDArray[np.intp]
MAX_PAIR_BYTES = 2**28
BLOCK_ROWS = 2**18
GROUP_CHOICES = (N_GROUPS, 10, 6)
_GROUPS = 0
_N_EXAMPLES = 3


@dataclass(frozen=True)
class NumberPlan:
    """Edges of a numeric column and the cells that their codes stand for (the null code last)."""

    name: str
    edges: Floats
    fine: NumericCells
    coarse: NumericCells
    bars: Floats
    mapped: Floats | None
    decimals: int

    @property
    def n_codes(self) -> int:
        """Codes on the union of the edges, null among them."""
        return self.edges.size + 2

    def lookup(self, edges: Floats) -> Codes:
        """Cell between some of the ``edges`` of each code."""
        return np.concatenate([[0], np.searchsorted(edges, self.edges, side="right"), [edges.size + 1]]).astype(
            np.uint16
        )

    def encode(self, values: Floats) -> Codes:
        """Code of every row, (n,)."""
        gone = np.isnan(values)
        filled = np.where(gone, np.inf, values) if gone.any() else values  # sorting is slow where NaN is
        order = np.argsort(filled)
        cuts = np.searchsorted(filled[order], self.edges, side="left")
        codes = np.empty(values.size, dtype=np.uint16)
        codes[order] = np.repeat(
            np.arange(self.edges.size + 1, dtype=np.uint16), np.diff(cuts, prepend=0, append=values.size)
        )
        codes[gone] = self.edges.size + 1
        return codes


@dataclass(frozen=True)
class LabelPlan:
    """Cells of a label column: those of the labels with ``hashes`` (ascending), and of labels that are not kept."""

    name: str
    hashes: Keys
    codes: Rows
    fine: CategoryCells
    coarse: CategoryCells
    paired: bool
    unknown_fine: int
    unknown_coarse: int

    def lookups(self, hashes: Keys) -> tuple[Codes, Codes]:
        """Fine and coarse cell of each label of a chunk, and of null, which is last."""
        at = np.minimum(np.searchsorted(self.hashes, hashes), max(self.hashes.size - 1, 0))
        known = self.hashes[at] == hashes if self.hashes.size else np.zeros(hashes.size, dtype=bool)
        code = self.codes[at] if self.hashes.size else np.zeros(hashes.size, dtype=np.intp)
        found = []
        for cells, unknown in ((self.fine, self.unknown_fine), (self.coarse, self.unknown_coarse)):
            inner = np.where(known, cells.lookup[code], np.uint16(unknown))
            found.append(np.append(inner, np.uint16(cells.null)).astype(np.uint16))
        return found[0], found[1]


ColumnPlan = NumberPlan | LabelPlan


@dataclass(frozen=True)
class CountPlan:
    """What is counted: the columns, which of them in pairs, groups, and the class axis.

    ``axis`` (C,) is the place of each class among those that have a row in the comparison.
    """

    columns: tuple[ColumnPlan, ...]
    n_groups: int
    axis: Rows
    seed: int

    @property
    def n_classes(self) -> int:
        """Classes on the axis."""
        return int(self.axis.max()) + 1

    @property
    def paired(self) -> tuple[int, ...]:
        """Columns whose pairs are counted."""
        return tuple(k for k, column in enumerate(self.columns) if isinstance(column, NumberPlan) or column.paired)

    def pair_cells(self) -> list[int]:
        """Pair cells of each of the columns in pairs."""
        return [self.columns[k].coarse.n_cells for k in self.paired]


def groups_for(n_cells: Sequence[int], n_classes: int, max_bytes: int = MAX_PAIR_BYTES) -> int:
    """Row groups for which the pair tables of one table fit into ``max_bytes``; the least choice where none does."""
    total = sum(n_cells)
    tables = (total * total - sum(n * n for n in n_cells)) // 2
    fitting = [groups for groups in GROUP_CHOICES if 4 * tables * groups * n_classes <= max_bytes]
    return fitting[0] if fitting else GROUP_CHOICES[-1]


class PairTallies:
    """Counts (G, C, a, b) of every pair of columns, as 32-bit numbers."""

    def __init__(self, n_cells: Sequence[int], n_groups: int, n_classes: int) -> None:
        self._n_cells = list(n_cells)
        self._axes = (n_groups, n_classes)
        self._tables: dict[tuple[int, int], NDArray[np.uint32]] = {
            (a, b): np.zeros(n_groups * n_classes * n_cells[a] * n_cells[b], dtype=np.uint32)
            for a in range(len(n_cells))
            for b in range(a + 1, len(n_cells))
        }

    def add(self, place: Rows, codes: Sequence[Codes]) -> None:
        """The rows of a block: ``place`` is group and class as one number, ``codes`` the cell of each column."""
        n_places = self._axes[0] * self._axes[1]
        for a, size in enumerate(self._n_cells):
            base = (place * size + codes[a]).astype(np.uint32)
            for b in range(a + 1, len(self._n_cells)):
                self._count((a, b), base, codes[b], n_places * size)

    def add_against(self, a: int, place: Rows, own: Codes, codes: Sequence[Codes]) -> None:
        """The pairs of column ``a`` alone, with its cells ``own`` in place of the usual ones."""
        n_places, size = self._axes[0] * self._axes[1], self._n_cells[a]
        base = (place * size + own).astype(np.uint32)
        for b in range(len(self._n_cells)):
            if b > a:
                self._count((a, b), base, codes[b], n_places * size)
            elif b < a:
                other = (place * self._n_cells[b] + codes[b]).astype(np.uint32)
                self._count((b, a), other, own, n_places * self._n_cells[b])

    def _count(self, pair: tuple[int, int], base: NDArray[np.uint32], codes: Codes, size: int) -> None:
        n_cells = self._n_cells[pair[1]]
        table = self._tables[pair]
        small = size * n_cells <= 2**16
        key = (base.astype(np.uint16) if small else base) * (np.uint16 if small else np.uint32)(n_cells) + codes
        np.add(table, np.bincount(key, minlength=table.size), out=table, casting="unsafe")

    @property
    def n_columns(self) -> int:
        """Columns in pairs."""
        return len(self._n_cells)

    def of(self, a: int, b: int) -> NDArray[np.uint32]:
        """Counts of the pair (a < b), (G, C, a, b)."""
        return self._tables[a, b].reshape(*self._axes, self._n_cells[a], self._n_cells[b])


@dataclass(frozen=True)
class RuleTally:
    """Rows by group and class that satisfy a rule and that it applies to, (G, C); places of the first offenders."""

    satisfied: Floats
    asked: Floats
    violations: tuple[int, ...]


@dataclass
class TableCounts:
    """Counts of one table: ``columns`` (G, C, codes) each, ``pairs``, ``rules``, and mapped pairs by column.

    ``whole`` counts the values with no more decimals than the real ones have, ``finite`` all finite values.
    """

    columns: list[NDArray[np.int64]]
    pairs: PairTallies
    mapped: dict[int, PairTallies]
    rules: dict[str, RuleTally]
    whole: dict[str, int]
    finite: dict[str, int]
    n_rows: int = 0


@dataclass(frozen=True)
class Table:
    """A table to be counted: its chunks, which one it is, classes that count, columns that are unreadable."""

    source: Chunks
    what: str
    classes: NDArray[np.bool_]
    unreadable: frozenset[str]
    rules: Rules
    n_rows: int


def count_table(table: Table, reading: Reading, plan: CountPlan) -> TableCounts:
    """One pass over all rows of a table."""
    cells = plan.pair_cells()
    mapped = [k for k, c in enumerate(plan.columns) if isinstance(c, NumberPlan) and c.mapped is not None]
    axes = plan.n_groups, plan.n_classes
    counts = TableCounts(
        [np.zeros((*axes, _n_codes(column)), dtype=np.int64) for column in plan.columns],
        PairTallies(cells, *axes),
        {k: _only(cells, plan.paired.index(k), axes) for k in mapped} if table.what == "synthetic" else {},
        {name: RuleTally(np.zeros(axes), np.zeros(axes), ()) for name in table.rules},
        {},
        {},
    )
    seen = 0
    for frame in chunks_of(table.source, table.what):
        seen += len(frame)
        for start in range(0, len(frame), BLOCK_ROWS):
            _count_block(frame.iloc[start : start + BLOCK_ROWS], table, reading, plan, counts)
    if seen != table.n_rows:
        raise InvalidDataError(
            f"The {table.what} table must give the same rows in every pass; it gave {table.n_rows} in the first "
            f"and {seen} in the next. Return a fresh iterator over all chunks at each call."
        )
    return counts


def _only(cells: Sequence[int], index: int, axes: tuple[int, int]) -> PairTallies:
    """Tallies in which the pairs of one column alone have room."""
    tallies = PairTallies([], *axes)
    tallies._n_cells = list(cells)
    tallies._tables = {
        (min(index, b), max(index, b)): np.zeros(axes[0] * axes[1] * cells[index] * cells[b], dtype=np.uint32)
        for b in range(len(cells))
        if b != index
    }
    return tallies


def _n_codes(column: ColumnPlan) -> int:
    return column.n_codes if isinstance(column, NumberPlan) else column.fine.n_cells


def _count_block(frame: pd.DataFrame, table: Table, reading: Reading, plan: CountPlan, counts: TableCounts) -> None:
    columns = read_chunk(frame, reading.schema, reading.booleans)
    keys, klass = reading.keys(columns, len(frame)), reading.klass(columns, len(frame))
    kept = table.classes[klass]
    if not kept.all():
        frame, keys, klass = frame[kept], keys[kept], klass[kept]
        columns = {name: read.take(kept) for name, read in columns.items()}
    if not len(frame):
        return
    stream = ("real", "synthetic", "holdout").index(table.what)
    group = assign_groups(keys, klass, plan.n_groups, generator(seed_sequence(plan.seed), _GROUPS, stream))
    group = (group + counts.n_rows) % plan.n_groups  # a chunk shorter than the groups goes on where the last ended
    place = group * plan.n_classes + plan.axis[klass]
    codes, mapped = _count_columns(columns, table, plan, counts, place)
    counts.pairs.add(place, codes)
    for k, own in mapped.items():
        counts.mapped[k].add_against(plan.paired.index(k), place, own, codes)
    _count_rules(frame, table, plan, counts, place)
    counts.n_rows += len(frame)


def _count_columns(
    columns: Mapping[str, ReadColumn], table: Table, plan: CountPlan, counts: TableCounts, place: Rows
) -> tuple[list[Codes], dict[int, Codes]]:
    """Counts of every column; pair codes of those in pairs and the mapped ones."""
    codes: list[Codes] = []
    mapped: dict[int, Codes] = {}
    for k, column in enumerate(plan.columns):
        read = columns[column.name]
        if isinstance(column, NumberPlan):
            values = read.numbers if column.name not in table.unreadable else np.full(place.size, np.nan)
            fine = column.encode(values)
            codes.append(column.lookup(column.coarse.edges)[fine])
            if k in counts.mapped and column.mapped is not None:
                mapped[k] = column.lookup(column.mapped)[fine]
            _count_grid(column, values, counts)
        else:
            lookups = column.lookups(read.hashes)
            fine = lookups[0][read.codes]
            if column.paired:
                codes.append(lookups[1][read.codes])
        n_codes = _n_codes(column)
        found = np.bincount(place * n_codes + fine, minlength=counts.columns[k].size)
        counts.columns[k] += found.reshape(counts.columns[k].shape)
    return codes, mapped


def _count_grid(column: NumberPlan, values: Floats, counts: TableCounts) -> None:
    if column.decimals > MAX_DECIMALS:
        return
    finite = values[np.isfinite(values)]
    counts.finite[column.name] = counts.finite.get(column.name, 0) + finite.size
    on = int(on_grid(finite, column.decimals).sum())
    counts.whole[column.name] = counts.whole.get(column.name, 0) + on


def _count_rules(frame: pd.DataFrame, table: Table, plan: CountPlan, counts: TableCounts, place: Rows) -> None:
    shape = (plan.n_groups, plan.n_classes)
    for answer in ask(table.rules, frame, table.what):
        asked = ~np.isnan(answer.answers)
        before = counts.rules[answer.name]
        size = shape[0] * shape[1]
        satisfied = np.bincount(place[asked], weights=answer.answers[asked], minlength=size).reshape(shape)
        broken = counts.n_rows + np.flatnonzero(answer.answers == 0)[:_N_EXAMPLES]
        counts.rules[answer.name] = RuleTally(
            before.satisfied + satisfied,
            before.asked + np.bincount(place[asked], minlength=size).reshape(shape),
            (*before.violations, *(int(row) for row in broken))[:_N_EXAMPLES],
        )


def weighted(counts: NDArray[np.int64] | NDArray[np.uint32], weights: Floats | None) -> tuple[Floats, Floats]:
    """Counts (G, C, ...) as weight per group, (G, ...), and rows per class, (C, ...)."""
    classed = counts.sum(axis=0).astype(np.float64)
    if weights is None:
        return counts.sum(axis=1).astype(np.float64), classed
    return np.einsum("c,gc...->g...", weights, counts.astype(np.float64)), classed


def mapped_edges(real: SortedColumn, synthetic: SortedColumn, coarse: NumericCells) -> Floats | None:
    """Edges among synthetic values that are mapped by rank to the real distribution and put on ``coarse`` cells."""
    if not real.values.size or not synthetic.values.size:
        return None
    cells = coarse.encode(real.quantile(synthetic.ranks()))
    return np.array(
        [synthetic.values[np.argmax(cells > k)] if cells[-1] > k else np.inf for k in range(coarse.edges.size)]
    )


__all__ = [
    "CountPlan",
    "LabelPlan",
    "NumberPlan",
    "RuleTally",
    "Table",
    "TableCounts",
    "count_table",
    "groups_for",
    "mapped_edges",
    "weighted",
]
