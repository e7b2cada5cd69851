"""Which rows teach and which judge: stratified, grouped or in the order of time; equal rows never on both sides.

A row that occurs twice would be known to the model before it is judged by it, so copies of a row are one unit (not in
the order of time, where a payment that comes back each month is the ordinary case).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import child, generator
from contrapeso.errors import InvalidDataError
from contrapeso.tables._containers import SparseTable, Table

Rows = NDArray[np.int64]
Codes = NDArray[np.intp]

MOST_FOLDS = 5
UNTOUCHED_SHARE = 0.2
LEAST_KEPT = 0.6
"""Share of the rows that must be left to compare on, or none are set aside: one group or one day may hold most."""
LEAST_UNTOUCHED = 10
"""Rows of the rarest class that the untouched part needs for its verdict to mean anything."""

COMMON_SHARE, LEAST_COMMON = 0.05, 20
"""Share and number of the rows of a class from which equal rows are not taken for copies of one another."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Positions of the rows that teach and of those that judge; ``repeat`` counts the divisions of the whole."""

    train: Rows
    test: Rows
    repeat: int


@dataclass(frozen=True)
class Plan:
    """How the rows are divided.

    Attributes
    ----------
    development, untouched : positions; ``untouched`` is empty where the table is too small to spare any
    kind : 'stratified', 'grouped' or 'time'
    """

    development: Rows
    untouched: Rows
    kind: str
    codes: Codes
    units: NDArray[np.int64]
    moments: NDArray[np.int64] | None
    grouped: bool
    seed: np.random.SeedSequence

    def folds(self, repeat: int, n_folds: int) -> tuple[Fold, ...]:
        """The development rows divided once more; in the order of time there is one division only."""
        rows = self.development
        if self.moments is not None:
            groups = self.units if self.grouped else None
            return tuple(_in_time(rows, self.codes, self.moments, groups, n_folds)) if repeat == 0 else ()
        rng = generator(child(self.seed, 1), repeat)
        place = deal(self.codes[rows], self.units[rows], n_folds, rng)
        folds = [Fold(rows[place != k], rows[place == k], repeat) for k in range(n_folds)]
        return tuple(fold for fold in folds if self._tells(fold))

    def _tells(self, fold: Fold) -> bool:
        """Whether both sides have rows; of groups, which may hold a whole class, also two classes each."""
        least = 2 if self.grouped else 1
        return min(len(np.unique(self.codes[part])) for part in (fold.train, fold.test)) >= least


def plan_rows(
    codes: Codes,
    units: NDArray[np.int64],
    moments: NDArray[np.int64] | None,
    *,
    grouped: bool,
    seed: np.random.SeedSequence,
    set_aside: bool = True,
) -> Plan:
    """Development and untouched rows, the untouched ones last in time where there is time."""
    kept, untouched = np.arange(len(codes), dtype=np.int64), np.empty(0, dtype=np.int64)
    if set_aside:
        found = _latest(moments) if moments is not None else _drawn(codes, units, seed)
        rest = np.setdiff1d(kept, found)
        if grouped and moments is not None:
            rest = rest[~np.isin(units[rest], units[found])]
        sizes = np.bincount(codes[found], minlength=codes.max() + 1)
        rare = np.bincount(codes)
        if sizes[rare > 0].min() >= LEAST_UNTOUCHED and len(rest) >= LEAST_KEPT * len(codes):
            kept, untouched = rest, found
    kind = "time" if moments is not None else "grouped" if grouped else "stratified"
    return Plan(kept, untouched, kind, codes, units, moments, grouped, seed)


def _latest(moments: NDArray[np.int64]) -> Rows:
    cut = np.quantile(moments, 1 - UNTOUCHED_SHARE, method="higher")
    return np.flatnonzero(moments >= cut).astype(np.int64)


def _drawn(codes: Codes, units: NDArray[np.int64], seed: np.random.SeedSequence) -> Rows:
    place = deal(codes, units, round(1 / UNTOUCHED_SHARE), generator(child(seed, 0)))
    return np.flatnonzero(place == 0).astype(np.int64)


def deal(codes: Codes, units: NDArray[np.int64], n_folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Fold of each row, (n,): whole units, each class spread as evenly as its units allow.

    The units of a class (of mixed units: of their rarest class) are shuffled, the largest go first, and each goes to
    the fold that has the least of that class so far.
    """
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    n_units = len(first)
    sizes = np.bincount(unit, minlength=n_units)
    rarity = np.bincount(codes)
    rank = np.empty(len(rarity), dtype=np.int64)
    rank[np.argsort(rarity, kind="stable")] = np.arange(len(rarity))
    lead = np.full(n_units, len(rarity))
    np.minimum.at(lead, unit, rank[codes])
    order = rng.permutation(n_units)
    order = order[np.lexsort((-sizes[order], lead[order]))]
    fold = np.empty(n_units, dtype=np.int64)
    total = np.zeros(n_folds)
    for c in np.unique(lead):
        members = order[lead[order] == c]
        fold[members] = _spread(sizes[members], n_folds, total, rng)
        total += np.bincount(fold[members], sizes[members], n_folds)
    return fold[unit]


def _spread(sizes: NDArray[np.int64], n_folds: int, total: NDArray[np.float64], rng: np.random.Generator) -> Rows:
    """Fold of each unit of one class, largest first, evenly by rows."""
    n_large = int((sizes > 1).sum())
    place = np.empty(len(sizes), dtype=np.int64)
    load = np.zeros(n_folds)
    for k in range(n_large):
        best = min(range(n_folds), key=lambda f: (load[f], total[f] + load[f], f))
        place[k], load[best] = best, load[best] + sizes[k]
    n_single = len(sizes) - n_large
    level = _levels(load, total, n_single)
    place[n_large:] = rng.permutation(np.repeat(np.arange(n_folds), level))
    return place


def _levels(load: NDArray[np.float64], total: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """How many single rows each fold gets so that loads end as even as they can; ties go to the folds with less."""
    give = np.zeros(len(load), dtype=np.int64)
    order = np.lexsort((total, load))
    ends = np.sort(load)
    left = n
    for k in range(1, len(load)):  # fill the emptiest folds up to the next level
        step = min(left, int(k * (ends[k] - ends[k - 1])))
        give[order[:k]] += step // k
        left -= step // k * k
    each, rest = divmod(left, len(load))
    give += each
    give[order[:rest]] += 1
    return give


def _in_time(
    rows: Rows, codes: Codes, moments: NDArray[np.int64], groups: NDArray[np.int64] | None, n_folds: int
) -> Iterator[Fold]:
    """Each block of time judged by what came before it; rows of one moment stay together."""
    when = moments[rows]
    cuts = np.unique(np.quantile(when, np.linspace(0, 1, n_folds + 2)[1:-1], method="higher"))
    bounds = [*cuts.tolist(), int(when.max()) + 1]
    for start, end in pairwise(bounds):
        test = rows[(when >= start) & (when < end)]
        train = rows[when < start]
        if groups is not None:
            train = train[~np.isin(groups[train], groups[test])]
        if len(test) and len(np.unique(codes[train])) > 1 and len(np.unique(codes[test])) > 1:
            yield Fold(train, test, 0)


def units_of(table: Table, codes: Codes, groups: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], int]:
    """Unit of each row, (n,): copies of a row with its class, and rows of one group; and how many rows are copies.

    A combination that a large part of a class has is no copy but the ordinary case of a coarse table (30 % of the rows
    of a mammography table are equal); its rows are units of their own.
    """
    same = _equal_rows(table) * (int(codes.max()) + 1) + codes
    same = np.unique(same, return_inverse=True)[1].astype(np.int64)
    sizes, rows_of_class = np.bincount(same), np.bincount(codes)
    common = (sizes[same] >= LEAST_COMMON) & (sizes[same] > COMMON_SHARE * rows_of_class[codes])
    same[common] = len(sizes) + np.arange(common.sum())
    same = np.unique(same, return_inverse=True)[1].astype(np.int64)
    n_copies = len(same) - len(np.unique(same))
    if groups is None:
        return same, n_copies
    if n_copies == 0:
        return groups, 0
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n, n_same = len(same), int(same.max()) + 1
    links = coo_matrix((np.ones(n), (same, n_same + groups)), shape=(n_same + int(groups.max()) + 1,) * 2)
    _, component = connected_components(links, directed=False)
    return component[same].astype(np.int64), n_copies


def _equal_rows(table: Table) -> NDArray[np.int64]:
    if isinstance(table, SparseTable):
        matrix = table.matrix.tocsr().copy()
        matrix.sum_duplicates()
        ends = matrix.indptr
        keys = [(matrix.indices[a:b].tobytes(), matrix.data[a:b].tobytes()) for a, b in pairwise(ends)]
        return pd.factorize(pd.Series(keys, dtype=object))[0].astype(np.int64)
    frame = table.frame()
    unhashable = [name for j, name in enumerate(frame) if _holds_lists(frame.iloc[:, j])]
    if unhashable:
        raise InvalidDataError(f"Column {unhashable[0]!r} holds lists or dicts; give it as columns of plain values.")
    parts = [pd.util.hash_array(_plain(frame.iloc[:, j])) for j in range(frame.shape[1])]
    mixed = np.zeros(len(frame), dtype=np.uint64)
    for part in parts:
        mixed = (mixed * np.uint64(0x9E3779B97F4A7C15)) ^ (part + np.uint64(0x7F4A7C15) + (mixed << np.uint64(6)))
    return pd.factorize(mixed)[0].astype(np.int64)


def _plain(column: pd.Series) -> NDArray[np.generic]:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb":
        return column.to_numpy()
    return pd.factorize(column)[0].astype(np.int64)


def _holds_lists(column: pd.Series) -> bool:
    return column.dtype == object and bool(column.map(lambda cell: isinstance(cell, (list, dict, set))).any())


def fold_count(codes: Codes, units: NDArray[np.int64]) -> int:
    """Folds that give every class a unit in each, at most 5 and at least 2.

    Classes with too few units do not count where two others have enough: one row among thousands would make two folds.
    """
    pairs = np.unique(np.column_stack([codes, units]), axis=0)
    sizes = np.bincount(pairs[:, 0])
    if (sizes >= MOST_FOLDS).sum() >= 2:
        return MOST_FOLDS
    return int(np.clip(sizes[sizes > 0].min(), 2, MOST_FOLDS))


__all__ = ["Fold", "Plan", "deal", "fold_count", "plan_rows", "units_of"]
