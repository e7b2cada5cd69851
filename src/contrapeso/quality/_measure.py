"""Every column and every pair measured: cells from the real table, codes of both tables, scores with replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels import n_threads
from contrapeso.metrics import (
    MAX_CATEGORY_CELLS,
    CategoryCells,
    Codes,
    ColumnCells,
    ColumnMeasure,
    NumericCells,
    PairMeasures,
    Rows,
    SortedColumn,
    each,
    marginal_bins,
    measure_column,
    measure_pairs,
    pair_bins,
    pair_categories,
    table_score,
)
from contrapeso.quality._columns import AnyColumn, Labels, Numbers
from contrapeso.quality._reference import Reference

Floats = NDArray[np.float64]
PairCells: TypeAlias = tuple[Codes, Codes, int]
SMALL_TABLE = 50_000
MAX_PAIRED = 400
FEW_VALUES = 10
_NOT_COMPARABLE = frozenset({"missing_column", "not_castable"})


@dataclass(frozen=True, slots=True)
class CodedNumbers:
    """A numeric column on its cells: ``fine`` for itself, ``coarse`` (codes, codes, number) for pairs.

    ``coarse`` is None for a column whose pairs are not measured.
    """

    column: Numbers
    cells: NumericCells
    fine: ColumnCells
    coarse_cells: NumericCells
    coarse: PairCells | None
    note: str | None
    sorted_real: SortedColumn
    sorted_synthetic: SortedColumn

    def holdout(self, rows: NDArray[np.intp]) -> tuple[Codes, Codes]:
        """Fine and coarse codes of some holdout rows."""
        values = self.column.holdout[rows]
        return self.cells.encode(values), self.coarse_cells.encode(values)


@dataclass(frozen=True, slots=True)
class CodedLabels:
    """A label column on its cells; ``coarse`` is None for a column whose pairs are not measured."""

    column: Labels
    cells: CategoryCells
    fine: ColumnCells
    coarse_cells: CategoryCells
    coarse: PairCells | None
    note: str | None

    def holdout(self, rows: NDArray[np.intp]) -> tuple[Codes, Codes]:
        """Fine and coarse codes of some holdout rows."""
        values = self.column.holdout[rows]
        return self.cells.encode(values), self.coarse_cells.encode(values)


Coded: TypeAlias = CodedNumbers | CodedLabels


@dataclass(frozen=True, slots=True)
class Measured:
    """Columns and pairs of one comparison.

    ``scored`` masks the columns that count in the table score, ``paired`` lists those whose pairs are measured.
    """

    columns: tuple[ColumnMeasure, ...]
    scored: NDArray[np.bool_]
    pairs: PairMeasures
    paired: tuple[int, ...]

    def statistical(self) -> Floats | None:
        """Table score of the columns, (1 + G,); None without a scored column."""
        kept = [c.score for c, scored in zip(self.columns, self.scored, strict=True) if scored]
        return table_score(np.array(kept).T) if kept else None

    def statistical_halves(self) -> float:
        """Mean table score of one real half against the other."""
        kept = [c.halves for c, scored in zip(self.columns, self.scored, strict=True) if scored]
        return float(table_score(np.array(kept).T).mean())


def code_columns(
    columns: Sequence[AnyColumn], real: Rows, n_synthetic: int, target: str | None, *, n_jobs: int | None = None
) -> tuple[Coded, ...]:
    """Each column on the cells of the real table; ``n_jobs`` threads (all cores by default) take a column each."""
    n = min(real.n_effective, n_synthetic)

    def code(column: AnyColumn) -> Coded:
        if isinstance(column, Numbers):
            return _code_numbers(column, real, n)
        return _code_labels(column, real, n, is_target=column.column.name == target)

    small = real.n_rows + n_synthetic < SMALL_TABLE
    return _with_pairs_of(MAX_PAIRED, each(code, columns, 1 if small else n_threads(n_jobs)), target)


def _with_pairs_of(most: int, coded: Sequence[Coded], target: str | None) -> tuple[Coded, ...]:
    """``coded`` with pairs measured for at most so many columns: the target, and others drawn by their names alone."""
    paired = [item.column.column.name for item in coded if item.coarse is not None]
    if len(paired) <= most:
        return tuple(coded)
    names = [name for name in paired if name != target]
    drawn = sorted(names, key=lambda name: blake2b(name.encode("utf-8", "backslashreplace"), digest_size=8).digest())
    kept = {*drawn[: most - (len(paired) - len(names))], target}
    return tuple(item if item.column.column.name in kept else replace(item, coarse=None) for item in coded)


def _code_numbers(column: Numbers, real: Rows, n: float) -> CodedNumbers:
    left, right = SortedColumn.of(column.real, real.weights), SortedColumn.of(column.synthetic)
    fine, coarse = NumericCells.fit(left, marginal_bins(n)), NumericCells.fit(left, pair_bins(n))
    constant = left.values.size == column.real.size > 0 and left.values[0] == left.values[-1]
    note, exact, fixed = _special(column, left.values.size, right.values.size, constant=bool(constant))
    cells = ColumnCells(left.cells(fine.edges), right.cells(fine.edges), fine.n_cells, exact=exact, fixed=fixed)
    pairs = (left.cells(coarse.edges), right.cells(coarse.edges), coarse.n_cells)
    return CodedNumbers(column, fine, cells, coarse, pairs, note, left, right)


def _code_labels(column: Labels, real: Rows, n: float, *, is_target: bool) -> CodedLabels:
    slots = column.real + 1  # null first
    counts = np.bincount(slots, minlength=len(column.labels) + 1)[1:]
    if real.weights is None:
        mass = counts / column.real.size
    else:
        mass = np.bincount(slots, weights=real.weights, minlength=len(column.labels) + 1)[1:].astype(np.float64)
    size = 1e18 if is_target else n  # a class of the target has a cell of its own, however rare
    fine = CategoryCells.fit(mass, counts, column.labels, size, MAX_CATEGORY_CELLS)
    # What is new is rare: in a pair table it must not look like a cell that only the synthetic table has.
    coarse = CategoryCells.fit(mass, counts, column.labels, n, pair_categories(n)).unseen_as_other()
    tolerated = 0.0 if is_target else float(mass[counts == 1].sum())  # Good-Turing: what a fresh sample brings of new
    n_present = int(counts.sum())
    constant = n_present == column.real.size and int((counts > 0).sum()) == 1
    note, exact, fixed = _special(column, n_present, int((column.synthetic >= 0).sum()), constant=constant)
    cells = ColumnCells(
        fine.encode(column.real), fine.encode(column.synthetic), fine.n_cells, fine.unseen, fine.other,
        tolerated, exact, fixed,
    )  # fmt: skip
    pairs = (coarse.encode(column.real), coarse.encode(column.synthetic), coarse.n_cells) if column.paired else None
    return CodedLabels(column, fine, cells, coarse, pairs, note)


def _special(
    column: AnyColumn, n_real: int, n_synthetic: int, *, constant: bool
) -> tuple[str | None, bool, float | None]:
    """Note, whether to compare without noise, and the fixed score of a column that cannot be compared.

    ``n_real`` and ``n_synthetic`` count the values that are not null.
    """
    if column.note in _NOT_COMPARABLE:
        return column.note, False, 0.0
    if n_real == 0:
        return "all_null_real", True, None
    if n_synthetic == 0 and n_real >= FEW_VALUES:  # of fewer real values a fresh table may well have none
        return "all_null_synthetic", False, 0.0
    return ("constant", True, None) if constant else (column.note, False, None)


def measure(coded: Sequence[Coded], reference: Reference, target: str | None) -> Measured:
    """The synthetic table against the reference."""
    coarse = [item.coarse for item in coded if item.coarse is not None]
    rows = reference.real, reference.synthetic
    columns = tuple(measure_column(*rows, item.fine, reference.splits) for item in coded)
    return Measured(columns, _scored(coded, target), measure_pairs(*rows, coarse, reference.splits), _paired(coded))


def measure_reshaped(coded: Sequence[Coded], index: int, reference: Reference) -> PairMeasures | None:
    """The pairs of numeric column ``index`` once its synthetic values are mapped to the real distribution by rank.

    What is left of their excess is broken dependence; the rest is a consequence of the shape of the column.
    """
    item = coded[index]
    if not isinstance(item, CodedNumbers) or item.coarse is None or not item.sorted_real.values.size:
        return None
    present = ~np.isnan(item.column.synthetic)
    mapped = item.column.synthetic.copy()
    mapped[present] = item.sorted_real.quantile(item.sorted_synthetic.ranks()[present])
    codes = (item.coarse[0], item.coarse_cells.encode(mapped), item.coarse[2])
    coarse = [codes if k == index else other.coarse for k, other in enumerate(coded) if other.coarse is not None]
    position = _paired(coded).index(index)
    return measure_pairs(reference.real, reference.synthetic, coarse, reference.splits[:0], only=position)


def measure_holdout(coded: Sequence[Coded], reference: Reference, target: str | None) -> Measured | None:
    """The holdout against the same real rows: what equally many fresh real rows score; None without a holdout."""
    if reference.holdout is None:
        return None
    rows, splits = (reference.holdout.real, reference.holdout.rows), reference.splits
    columns, coarse = [], []
    for item in coded:
        fine, pair = item.holdout(reference.holdout.kept)
        columns.append(measure_column(*rows, replace(item.fine, synthetic=fine, fixed=None), splits))
        if item.coarse is not None:
            coarse.append((item.coarse[0], pair, item.coarse[2]))
    return Measured(tuple(columns), _scored(coded, target), measure_pairs(*rows, coarse, splits), _paired(coded))


def _paired(coded: Sequence[Coded]) -> tuple[int, ...]:
    return tuple(index for index, item in enumerate(coded) if item.coarse is not None)


def _scored(coded: Sequence[Coded], target: str | None) -> NDArray[np.bool_]:
    """Which columns count: the target only where it has labels that the real table does not.

    Its class mix is that of the synthetic table by construction.
    """
    return np.array([item.column.column.name != target or _has_new_label(item) for item in coded], dtype=bool)


def _has_new_label(item: Coded) -> bool:
    return isinstance(item, CodedLabels) and bool((item.fine.synthetic == item.cells.unseen).any())


__all__ = [
    "MAX_PAIRED",
    "Coded",
    "CodedLabels",
    "CodedNumbers",
    "Measured",
    "code_columns",
    "measure",
    "measure_holdout",
    "measure_reshaped",
]
