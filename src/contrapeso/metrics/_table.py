"""One pass over all columns and all pairs of two coded tables.

Each column is coded once; a pair costs one count per row on integer codes, over every row. Nothing is
sampled and no pair is skipped for looking weak: a dependence that only the synthetic table has counts as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels import measure_tables
from contrapeso.metrics._association import cramers_v_of_phi
from contrapeso.metrics._cells import Codes
from contrapeso.metrics._counting import Rows, used_lookup
from contrapeso.metrics._noise import (
    MIN_DEPENDENCE,
    chance_of,
    column_floor,
    column_score,
    dependent,
    half_floors,
    pair_floors,
)
from contrapeso.metrics._replicates import deletions, jackknife_error, replicate

Floats = NDArray[np.float64]
PairCells: TypeAlias = tuple[Codes, Codes, int]
PairCount: TypeAlias = Callable[[int, int], tuple[Floats, Floats]]
_WAITING_CELLS = 2**21


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
    """Dependence of every pair (a < b), first axis (n_pairs,); ``weight`` and ``excess`` have a replicate axis.

    ``chance`` is the probability that independent columns show as much in a table; 1 where both show at most 0.02.
    """

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
    chance: Floats
    halves_chance: Floats

    kept: NDArray[np.bool_] = field(init=False)
    """Pairs with a dependence beyond chance, (n_pairs,); see :func:`contrapeso.metrics._noise.dependent`."""
    score: Floats = field(init=False)
    """Score of each pair, (n_pairs,); NaN where neither table has a dependence."""
    excess_error: Floats = field(init=False)
    """Standard error of the excess of each pair, by the jackknife, (n_pairs,)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", dependent(self.chance, self._n_columns))
        object.__setattr__(self, "score", pair_scores(self.kept_weight, self.excess[:, 0]))
        object.__setattr__(self, "excess_error", jackknife_error(self.excess) if len(self.a) else np.empty(0))

    @property
    def kept_weight(self) -> Floats:
        """Weight of each pair, 0 where there is no dependence, (n_pairs,)."""
        return np.where(self.kept, self.weight[:, 0], 0.0)

    @property
    def _n_columns(self) -> int:
        return int(self.b.max(initial=1)) + 1

    def total(self) -> Floats:
        """Score of the table, (1 + G,); 1 where no pair depends."""
        return weighted_score(self.weight[self.kept], self.excess[self.kept])

    def total_halves(self) -> Floats:
        """Score of one real half against the other, (n_splits,)."""
        kept = dependent(self.halves_chance, self._n_columns)
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
    columns: Sequence[PairCells],
    splits: Floats,
    *,
    only: int | None = None,
    n_jobs: int | None = None,
) -> PairMeasures:
    """Dependence of every pair of ``columns`` (real codes, synthetic codes, number of cells).

    Cells that neither table uses are dropped first; a column with one cell left depends on nothing.
    With ``only``, the pairs of that column alone. Any number of threads ``n_jobs`` gives the same bits.
    """
    pairs = _pairs(len(columns), only)
    tables = _counted(real, synthetic, columns, only, n_jobs)
    return _measured(pairs, tables, (real, synthetic), splits, n_jobs)


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
    pairs, sizes = _pairs(len(n_cells), only), np.array(n_cells, dtype=np.int64)
    counted = (
        _Counted((a, np.array([b], dtype=np.int64)), sizes, *(_flat(counter(a, b)) for counter in counters))
        for a, b in pairs
        if sizes[a] > 1 and sizes[b] > 1
    )
    return _measured(pairs, counted, tables, splits, 1)


def _flat(counts: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    return counts[0].astype(np.float64).ravel(), counts[1].astype(np.float64).ravel()


def _pairs(n_columns: int, only: int | None) -> list[tuple[int, int]]:
    return [(a, b) for a in range(n_columns) for b in range(a + 1, n_columns) if only in (None, a, b)]


@dataclass(frozen=True, slots=True)
class _Counted:
    """Tables of one column against some partners in both tables: per group and per class, one after another, flat."""

    columns: tuple[int, NDArray[np.int64]]
    n_cells: NDArray[np.int64]
    real: tuple[Floats, Floats]
    synthetic: tuple[Floats, Floats]

    @property
    def shape(self) -> tuple[int, NDArray[np.int64]]:
        """Cells of the column and of each partner."""
        left, partners = self.columns
        return int(self.n_cells[left]), self.n_cells[partners]


def _counted(
    real: Rows, synthetic: Rows, columns: Sequence[PairCells], only: int | None, n_jobs: int | None
) -> Iterator[_Counted]:
    """Tables of all pairs of columns that vary; a column is counted against those with as many cells or more."""
    lookups = [used_lookup(*column) for column in columns]
    sizes = np.array([size for _, size in lookups], dtype=np.int64)
    packed = real.arrange([c[0] for c in columns], [lookup for lookup, _ in lookups])
    packed_s = synthetic.arrange([c[1] for c in columns], [lookup for lookup, _ in lookups])
    by_size = [int(k) for k in np.argsort(sizes, kind="stable") if sizes[k] > 1]
    for position, a in enumerate(by_size):
        partners = np.array([b for b in by_size[position + 1 :] if only in (None, a, b)], dtype=np.int64)
        if partners.size:
            tables = real.count_pairs(packed, a, partners, sizes, n_jobs=n_jobs)
            tables_s = synthetic.count_pairs(packed_s, a, partners, sizes, n_jobs=n_jobs)
            yield _Counted((a, partners), sizes, tables, tables_s)


def _measured(
    pairs: list[tuple[int, int]],
    tables: Iterable[_Counted],
    rows: tuple[Rows, Rows],
    splits: Floats,
    n_jobs: int | None,
) -> PairMeasures:
    """The measures of ``pairs`` from their tables; a pair without one depends on nothing."""
    place, n_groups = {pair: position for position, pair in enumerate(pairs)}, rows[0].n_groups
    found = _PairSums.empty(len(pairs), 1 + n_groups + len(splits))
    noise = _Noise(rows, found.floors, halves=bool(len(splits)))
    for counted in tables:
        a, partners = counted.columns
        at = np.array([place[min(a, b), max(a, b)] for b in partners.tolist()], dtype=np.intp)
        found.sums[at], found.whole[at] = measure_tables(
            counted.real[0], counted.synthetic[0], *counted.shape, n_groups=n_groups, splits=splits, n_jobs=n_jobs
        )
        noise.add(at, counted)
    noise.settle()
    return _collect(pairs, found, (rows[0].n_effective, rows[1].n_effective), n_groups)


@dataclass(frozen=True, slots=True)
class _PairSums:
    """What is known of each pair: sums over cells (P, 3, R), of the whole (P, 2, 3), noise (P, 5).

    Noise: of the real table, of the synthetic one, of their difference; and of two real halves, alone and apart.
    """

    sums: Floats
    whole: Floats
    floors: Floats

    @classmethod
    def empty(cls, n_pairs: int, n_replicates: int) -> _PairSums:
        """Pairs without dependence."""
        return cls(np.zeros((n_pairs, 3, n_replicates)), np.zeros((n_pairs, 2, 3)), np.zeros((n_pairs, 5)))


class _Noise:
    """Noise floors of pairs, computed together where their tables have one shape, a few million cells at a time."""

    def __init__(self, rows: tuple[Rows, Rows], floors: Floats, *, halves: bool) -> None:
        self._rows, self._floors, self._halves = rows, floors, halves
        self._waiting: dict[tuple[int, int], list[tuple[int, Floats, Floats]]] = {}
        self._n_cells = 0

    def add(self, at: NDArray[np.intp], counted: _Counted) -> None:
        """Note the rows per class of the pairs ``at``."""
        (n_left, sizes), classed, classed_s = counted.shape, counted.real[1], counted.synthetic[1]
        n_classes = self._rows[0].sizes.size
        ends = np.cumsum(sizes) * n_left * n_classes
        for position, size, end in zip(at.tolist(), sizes.tolist(), ends.tolist(), strict=True):
            part, form = slice(end - n_classes * n_left * size, end), (n_classes, n_left, size)
            tables = classed[part].reshape(form), classed_s[part].reshape(form)
            self._waiting.setdefault((n_left, size), []).append((position, *tables))
        self._n_cells += classed.size
        if self._n_cells > _WAITING_CELLS:
            self.settle()

    def settle(self) -> None:
        """Compute the noise of all pairs noted so far."""
        real, synthetic = self._rows
        for waiting in self._waiting.values():
            at = [position for position, _, _ in waiting]
            left, right = (np.stack([item[side] for item in waiting]) for side in (1, 2))
            self._floors[at, :3] = pair_floors(left, right, real.shares, synthetic.shares).T
            if self._halves:
                self._floors[at, 3:] = half_floors(left, real.shares).T
        self._waiting.clear()
        self._n_cells = 0


def _collect(
    pairs: list[tuple[int, int]], found: _PairSums, n_effective: tuple[float, float], n_groups: int
) -> PairMeasures:
    """The measures of all pairs: sums less noise."""
    n = n_groups + 1
    index = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    if not pairs:
        none, empty = np.empty(0), np.empty((0, 1))
        return PairMeasures(index[:, 0], index[:, 1], none, none, empty, empty, empty, empty, none, none, none, empty)
    alone, alone_s, apart = (_replicated(found.floors, column, n, found.sums.shape[2]) for column in range(3))
    dependence = np.maximum(0.0, found.sums[:, 0] / 2 - alone)
    dependence_s = np.maximum(0.0, found.sums[:, 1] / 2 - alone_s)
    excess = found.sums[:, 2] / 2 - apart
    weight = np.maximum(dependence, dependence_s)
    free = (np.maximum(found.whole[:, :, 1:].max(axis=1) - 1, 1)).prod(axis=1)[:, None]
    chance = np.minimum(chance_of(dependence, alone, free), chance_of(dependence_s, alone_s, free))
    v, v_s = (
        cramers_v_of_phi(phi2, a, b, n)
        for (phi2, a, b), n in zip(found.whole.T.swapaxes(0, 1), n_effective, strict=True)
    )
    return PairMeasures(
        index[:, 0], index[:, 1], dependence[:, 0], dependence_s[:, 0], weight[:, :n], excess[:, :n],
        weight[:, n:], excess[:, n:], v, v_s, chance[:, 0], chance[:, n:],
    )  # fmt: skip


def _replicated(floors: Floats, column: int, n: int, n_replicates: int) -> Floats:
    """Noise floor of every replicate, (P, R): a little higher with a group left out, that of halves at the end."""
    replicated = np.repeat(floors[:, column, None], n_replicates, axis=1)
    replicated[:, 1:n] *= np.sqrt((n - 1) / (n - 2))
    replicated[:, n:] = floors[:, 4 if column == 2 else 3, None]
    return replicated


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
