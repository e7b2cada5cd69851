"""One pass over all columns and all pairs of two coded tables.

Each column is coded once; a pair costs one ``bincount`` per table on integer codes, over every row. Nothing is
sampled and no pair is skipped for looking weak: a dependence that only the synthetic table has counts as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._association import cramers_v_of
from contrapeso.metrics._cells import Codes
from contrapeso.metrics._counting import PairCounter, Rows, compact
from contrapeso.metrics._noise import (
    MIN_DEPENDENCE,
    column_floor,
    column_score,
    pair_floors,
    residual,
)
from contrapeso.metrics._replicates import deletions, jackknife_error, replicate

Floats = NDArray[np.float64]
PairCount: TypeAlias = Callable[[int, int], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class ColumnCells:
    """Cells of one column in both tables, (n,) and (m,).

    ``unseen`` names the cell of unseen categories; of its share, ``tolerated`` is what a fresh sample would bring
    and counts as ``other``. ``exact`` columns (constants) are compared without a noise floor; ``fixed`` is the score
    of a column that cannot be compared.
    """

    real: Codes
    synthetic: Codes
    n_cells: int
    unseen: int | None = None
    other: int | None = None
    tolerated: float = 0.0
    exact: bool = False
    fixed: float | None = None


@dataclass(frozen=True, slots=True)
class ColumnMeasure:
    """Scores of one column: ``score`` (1 + G,), ``halves`` (n_splits,) of real halves against each other.

    ``p`` and ``q`` are the shares of its cells, ``floor`` the noise that was subtracted.
    """

    score: Floats
    halves: Floats
    p: Floats
    q: Floats
    floor: float


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """Dependence of every pair (a < b), first axis (n_pairs,); ``weight`` and ``excess`` have a replicate axis."""

    a: NDArray[np.intp]
    b: NDArray[np.intp]
    real: Floats
    synthetic: Floats
    weight: Floats
    excess: Floats
    halves_weight: Floats
    halves_excess: Floats
    v_real: Floats
    v_synthetic: Floats

    @property
    def score(self) -> Floats:
        """Score of each pair, (n_pairs,); NaN where neither table has a dependence."""
        return pair_scores(self.weight[:, 0], self.excess[:, 0])

    @property
    def excess_error(self) -> Floats:
        """Standard error of the excess of each pair, by the jackknife, (n_pairs,)."""
        return jackknife_error(self.excess)

    def total(self) -> Floats:
        """Score of the table, (1 + G,); 1 where no pair depends."""
        kept = self.weight[:, 0] > MIN_DEPENDENCE
        return weighted_score(self.weight[kept], self.excess[kept])

    def total_halves(self) -> Floats:
        """Score of one real half against the other, (n_splits,)."""
        kept = self.halves_weight > MIN_DEPENDENCE
        return weighted_score(np.where(kept, self.halves_weight, 0.0), np.where(kept, self.halves_excess, 0.0))


def pair_scores(weight: Floats, excess: Floats) -> Floats:
    """``1 - excess / weight`` clipped to [0, 1]; NaN where the weight is at most 0.02."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > MIN_DEPENDENCE, np.clip(1 - excess / weight, 0.0, 1.0), np.nan)


def weighted_score(weight: Floats, excess: Floats) -> Floats:
    """``1 - max(0, sum(min(excess, w))) / sum(w)`` over the first axis; 1 where nothing weighs."""
    total = weight.sum(axis=0)
    lost = np.maximum(0.0, np.minimum(excess, weight).sum(axis=0))
    score: Floats = 1 - np.divide(lost, total, out=np.zeros_like(total), where=total > 0)
    return score


def measure_column(real: Rows, synthetic: Rows, cells: ColumnCells, splits: Floats) -> ColumnMeasure:
    """Noise-corrected similarity of one column, on the whole, on each deletion and between real halves."""
    counts = real.count(cells.real, cells.n_cells), synthetic.count(cells.synthetic, cells.n_cells)
    return score_column(counts, (real, synthetic), cells, splits)


def score_column(
    counts: tuple[tuple[Floats, Floats], tuple[Floats, Floats]],
    tables: tuple[Rows, Rows],
    cells: ColumnCells,
    splits: Floats,
) -> ColumnMeasure:
    """:func:`measure_column` from counts per group, (G, K), and per class, (C, K), of the real and the synthetic table.

    Of ``tables`` only the number of groups, the shares and the sizes are read, of ``cells`` no code.
    """
    real, synthetic = tables
    weights = deletions(real.n_groups)
    (grouped, classed), (grouped_s, classed_s) = counts
    p, q = replicate(grouped, weights), replicate(grouped_s, weights)
    if cells.unseen is not None and cells.other is not None:
        classed_s = _tolerate(classed_s, cells.unseen, cells.other, cells.tolerated, q[0, cells.unseen])
        q = _tolerate(q, cells.unseen, cells.other, cells.tolerated, q[:, cells.unseen])
    if cells.fixed is not None:
        score = np.full(len(weights), cells.fixed)
        return ColumnMeasure(score, np.full(len(splits), 1.0), p[0], q[0], 0.0)
    floor = 0.0 if cells.exact else column_floor(classed, classed_s, real.shares, synthetic.shares)
    halves = _column_halves(grouped, classed, real, splits, exact=cells.exact)
    return ColumnMeasure(column_score(p, q, _widen(floor, real.n_groups)), halves, p[0], q[0], floor)


def _column_halves(grouped: Floats, classed: Floats, real: Rows, splits: Floats, *, exact: bool) -> Floats:
    if not len(splits):
        return np.empty(0)
    floor = 0.0 if exact else column_floor(classed / 2, classed / 2, real.shares, real.shares)
    return column_score(replicate(grouped, splits), replicate(grouped, 1 - splits), floor)


def _tolerate(shares: Floats, unseen: int, other: int, tolerated: float, found: Floats | float) -> Floats:
    """``shares`` with up to the ``tolerated`` part of what was ``found`` moved from ``unseen`` to ``other``."""
    found = np.asarray(found)
    part = np.divide(np.minimum(found, tolerated), found, out=np.zeros_like(found), where=found > 0)
    moved = shares[:, unseen] * part
    shares = shares.copy()
    shares[:, unseen] -= moved
    shares[:, other] += moved
    return shares


def _widen(floor: float, n_groups: int) -> Floats:
    """The noise floor of the whole and of each deletion, (1 + G,): a little higher with a group left out."""
    return np.concatenate([[floor], np.full(n_groups, floor * np.sqrt(n_groups / (n_groups - 1)))])


def measure_pairs(
    real: Rows,
    synthetic: Rows,
    columns: Sequence[tuple[Codes, Codes, int]],
    splits: Floats,
    *,
    only: int | None = None,
) -> PairMeasures:
    """Dependence of every pair of ``columns`` (real codes, synthetic codes, number of cells).

    Cells that neither table uses are dropped first; a column with one cell left depends on nothing.
    With ``only``, the pairs of that column alone.
    """
    packed = [compact(*column) for column in columns]
    pairs = [(a, b) for a in range(len(packed)) for b in range(a + 1, len(packed)) if only in (None, a, b)]
    found = [_constant_pair(real.n_groups + 1, len(splits))] * len(pairs)
    place = {pair: position for position, pair in enumerate(pairs)}
    for a in range(len(packed)):
        against: dict[int, list[int]] = {}  # partners with equally many cells are measured together
        for b in range(a + 1, len(packed)):
            if (a, b) in place and packed[a][2] > 1 and packed[b][2] > 1:
                against.setdefault(packed[b][2], []).append(b)
        left = PairCounter.of(real, packed[a][0], packed[a][2])
        right = PairCounter.of(synthetic, packed[a][1], packed[a][2])
        for size, partners in against.items():
            counts = [left.count(packed[b][0], size) for b in partners]
            counts_s = [right.count(packed[b][1], size) for b in partners]
            measured = _measure_tables(_stacked(counts), _stacked(counts_s), real, synthetic, splits)
            for b, one in zip(partners, measured, strict=True):
                found[place[a, b]] = one
    return _collect(pairs, found)


def score_pairs(
    counters: tuple[PairCount, PairCount],
    n_cells: Sequence[int],
    tables: tuple[Rows, Rows],
    splits: Floats,
    *,
    only: int | None = None,
) -> PairMeasures:
    """:func:`measure_pairs` from counts that were made elsewhere.

    Each of ``counters`` (of the real and the synthetic table) gives the tables of a pair (a < b) per group, (G, a, b),
    and per class, (C, a, b); ``n_cells`` are the cells of each column that one of them uses.
    """
    (real, synthetic), size = tables, len(n_cells)
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size) if only in (None, a, b)]
    found = [_constant_pair(real.n_groups + 1, len(splits))] * len(pairs)
    alike: dict[tuple[int, int, int], list[int]] = {}  # pairs of one column and one shape are measured together
    for place, (a, b) in enumerate(pairs):
        if n_cells[a] > 1 and n_cells[b] > 1:
            alike.setdefault((a, n_cells[a], n_cells[b]), []).append(place)
    for places in alike.values():
        left, right = (_stacked([part(*pairs[place]) for place in places]) for part in counters)
        for place, one in zip(places, _measure_tables(left, right, real, synthetic, splits), strict=True):
            found[place] = one
    return _collect(pairs, found)


def _stacked(counts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Tables per group, (P, G, a, b), and per class, (P, C, a, b), of some pairs."""
    return np.stack([grouped for grouped, _ in counts]), np.stack([classed for _, classed in counts])


def _measure_tables(
    left: tuple[Floats, Floats], right: tuple[Floats, Floats], real: Rows, synthetic: Rows, splits: Floats
) -> list[tuple[Floats, ...]]:
    """Everything about pairs of one shape, from their tables per group and per class.

    Replicates and halves go through the same arithmetic: rows of ``p`` against rows of ``q``.
    """
    (grouped, classed), (grouped_s, classed_s) = left, right
    weights, n = deletions(real.n_groups), real.n_groups + 1
    shape = (len(grouped), n + len(splits), *grouped.shape[2:])
    flat, flat_s = (tables.reshape(*tables.shape[:2], -1) for tables in (grouped, grouped_s))
    p = replicate(flat, np.concatenate([weights, splits])).reshape(shape)
    q = np.concatenate([replicate(flat_s, weights), replicate(flat, 1 - splits)], axis=1).reshape(shape)
    floors = _replicated_floors(classed, classed_s, real, synthetic, len(splits))
    apart, apart_s = residual(p), residual(q)
    dependence = np.maximum(0.0, np.abs(apart).sum(axis=(-2, -1)) / 2 - floors[0])
    dependence_s = np.maximum(0.0, np.abs(apart_s).sum(axis=(-2, -1)) / 2 - floors[1])
    excess = np.abs(apart - apart_s).sum(axis=(-2, -1)) / 2 - floors[2]
    weight = np.maximum(dependence, dependence_s)
    v, v_s = cramers_v_of(p[:, 0], real.n_effective), cramers_v_of(q[:, 0], synthetic.n_effective)
    columns = (
        dependence[:, :1], dependence_s[:, :1], weight[:, :n], excess[:, :n], weight[:, n:], excess[:, n:],
        v[:, None], v_s[:, None],
    )  # fmt: skip
    return list(zip(*columns, strict=True))


def _replicated_floors(
    classed: Floats, classed_s: Floats, real: Rows, synthetic: Rows, n_splits: int
) -> tuple[Floats, Floats, Floats]:
    """Noise floors (P, 1 + G + n_splits) of both tables and of their difference."""
    whole = pair_floors(classed, classed_s, real.shares, synthetic.shares)[:, :, None]
    widened = np.repeat(whole, real.n_groups + 1, axis=2)
    widened[:, :, 1:] *= np.sqrt(real.n_groups / (real.n_groups - 1))
    if n_splits:
        half = pair_floors(classed / 2, classed / 2, real.shares, real.shares)[:, :, None]
        widened = np.concatenate([widened, np.repeat(half, n_splits, axis=2)], axis=2)
    return widened[0], widened[1], widened[2]


def _constant_pair(n_replicates: int, n_splits: int) -> tuple[Floats, ...]:
    """A pair with a constant column: no dependence, no association."""
    sizes = (1, 1, n_replicates, n_replicates, n_splits, n_splits)
    return (*(np.zeros(size) for size in sizes), np.full(1, np.nan), np.full(1, np.nan))


def _collect(pairs: list[tuple[int, int]], found: list[tuple[Floats, ...]]) -> PairMeasures:
    """The measures of all pairs, stacked."""
    if not pairs:
        none, flat, empty = np.empty(0, dtype=np.intp), np.empty(0), np.empty((0, 1))
        return PairMeasures(none, none, flat, flat, empty, empty, empty, empty, flat, flat)
    real, synthetic, *middle, v_real, v_synthetic = (np.array(part) for part in zip(*found, strict=True))
    weight, excess, halves_weight, halves_excess = middle
    index = np.array(pairs, dtype=np.intp)
    return PairMeasures(
        index[:, 0], index[:, 1], real[:, 0], synthetic[:, 0], weight, excess, halves_weight, halves_excess,
        v_real[:, 0], v_synthetic[:, 0],
    )  # fmt: skip


__all__ = [
    "ColumnCells",
    "ColumnMeasure",
    "PairMeasures",
    "measure_column",
    "measure_pairs",
    "pair_scores",
    "score_column",
    "score_pairs",
    "weighted_score",
]
