"""Which columns may be in a rule together: quick looks at 2000 rows, so that few candidates are tried on all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso.quality._columns import NUMERIC_KINDS
from contrapeso.quality._mined_kinds import on_cents
from contrapeso.tables import Column

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Names = list[tuple[str, ...]]
SCREEN_ROWS = 2000
MAX_BROKEN = 0.002
MIN_CHANCE = 0.04
MAX_LEVELS = 20
MAX_LEVEL_COLUMNS = 60
MAX_SUM_COLUMNS = 100
SUM_ROWS = 8
MIN_NONZERO = 20


@dataclass(frozen=True, slots=True)
class Screened:
    """Columns of possible rules, by kind, the most promising first."""

    equal: Names
    absolute: Names
    sums: Names
    dependencies: Names
    inequalities: Names
    null_same: Names
    null_with: Names
    combinations: Names
    ranges: Names


def screen(
    columns: Mapping[str, Column],
    values: Mapping[str, Floats],
    nulls: Mapping[str, Floats],
    rng: np.random.Generator,
) -> Screened:
    """Candidates among ``columns`` with ``values`` (n,) each, and ``nulls`` of these and further columns."""
    n_rows = next(iter(nulls.values())).size if nulls else 0
    rows = rng.permutation(n_rows)[:SCREEN_ROWS]
    numbers = [k for k, c in columns.items() if c.kind in NUMERIC_KINDS and c.kind != "datetime"]
    dates = [k for k, c in columns.items() if c.kind == "datetime"]
    amounts = [name for name in numbers if _n_nonzero(values[name]) >= MIN_NONZERO]
    equal, absolute = _equal(amounts, values, rows)
    same, present = _null_patterns(nulls)
    discrete = [name for name, column in columns.items() if _repeats(column, values[name])]
    return Screened(
        equal=equal,
        absolute=absolute,
        sums=_sums(amounts, values, rng),
        dependencies=_dependencies(discrete, values, rows, rng),
        inequalities=[*_inequalities(numbers, values, rows, rng), *_inequalities(dates, values, rows, rng)],
        null_same=same,
        null_with=present,
        combinations=_combinations(discrete, values),
        ranges=[(name,) for name in (*numbers, *dates)],
    )


def _n_nonzero(values: Floats) -> int:
    return int((np.isfinite(values) & (values != 0)).sum())


def _matrix(names: list[str], values: Mapping[str, Floats], rows: NDArray[np.intp]) -> Floats:
    """The columns side by side, (len(rows), p)."""
    return np.column_stack([values[name][rows] for name in names]) if names else np.empty((rows.size, 0))


def _equal(names: list[str], values: Mapping[str, Floats], rows: NDArray[np.intp]) -> tuple[Names, Names]:
    """Pairs with ``a = b`` (one order) and with ``a = |b|``, where b is negative somewhere."""
    X = _matrix(names, values, rows)
    equal: Names = []
    absolute: Names = []
    for j, name in enumerate(names):
        x = X[:, j : j + 1]
        known = ~np.isnan(X) & ~np.isnan(x)
        for target, found in ((x, equal), (np.abs(x), absolute)):
            apart = (np.abs(X - target) > 0.006) & known
            hits = np.flatnonzero((apart.sum(axis=0) <= MAX_BROKEN * known.sum(axis=0)) & known.any(axis=0))
            if found is equal:
                found += [(names[i], name) for i in hits if i < j]
            elif (x < 0).any():
                found += [(names[i], name) for i in hits if i != j]
    return equal, absolute


def _sums(names: list[str], values: Mapping[str, Floats], rng: np.random.Generator) -> Names:
    """Triples with ``a + b = c`` on a few rows where c is not zero, a before b."""
    if len(names) > MAX_SUM_COLUMNS:
        names = [names[k] for k in np.sort(rng.choice(len(names), MAX_SUM_COLUMNS, replace=False))]
    if len(names) < 3:
        return []
    X = np.column_stack([values[name] for name in names])
    size = np.where(np.isfinite(X), np.abs(X), 0.0)
    cents = np.array([on_cents([column]) for column in X.T])
    found: Names = []
    for c in range(len(names)):
        rows = np.flatnonzero(np.isfinite(X[:, c]) & (X[:, c] != 0))
        rows = rng.permutation(rows)
        rows = rows[np.argsort(-(size[rows] > 0).sum(axis=1), kind="stable")][: 4 * SUM_ROWS]
        left, right = np.triu_indices(len(names), 1)
        other = (left != c) & (right != c)
        left, right = left[other], right[other]
        asked = np.zeros(left.size, dtype=np.intp)
        for row in rng.permutation(rows)[: 2 * SUM_ROWS]:
            made = X[row, left] + X[row, right]
            scale = size[row, left] + size[row, right] + size[row, c]
            slack = np.where(cents[left] & cents[right] & cents[c], 0.0051, 1e-9 * scale)
            kept = ~(np.abs(made - X[row, c]) > slack)  # a null says nothing
            asked += ~np.isnan(made)
            left, right, asked = left[kept], right[kept], asked[kept]
            if not left.size:
                break
        found += [(names[a], names[b], names[c]) for a, b, n in zip(left, right, asked, strict=True) if n >= 3]
    return found


def _inequalities(
    names: list[str], values: Mapping[str, Floats], rows: NDArray[np.intp], rng: np.random.Generator
) -> Names:
    """Pairs with ``a <= b`` that would break it if they were independent, those that would most first."""
    X = _matrix(names, values, rows)
    shuffled = X[rng.permutation(rows.size)]
    found: list[tuple[float, tuple[str, ...]]] = []
    for i, name in enumerate(names):
        x = X[:, i : i + 1]
        n_known = np.maximum((~np.isnan(X) & ~np.isnan(x)).sum(axis=0), 1)
        broken, by_chance = (x > X).sum(axis=0) / n_known, (x > shuffled).sum(axis=0) / n_known
        equal = (x == X).sum(axis=0) / n_known
        hits = (broken <= MAX_BROKEN) & (by_chance >= MIN_CHANCE) & (equal < 1 - MAX_BROKEN)
        found += [(-float(by_chance[j]), (name, names[j])) for j in np.flatnonzero(hits) if j != i]
    return [at for _, at in sorted(found)]


def _null_patterns(nulls: Mapping[str, Floats]) -> tuple[Names, Names]:
    """Pairs that are null together, and (a, b) where b is present only with a."""
    names = [name for name, gone in nulls.items() if 0 < gone.sum() < gone.size]
    if len(names) < 2:
        return [], []
    gone = np.column_stack([nulls[name] for name in names])
    n_rows = len(gone)
    lonely = (1 - gone).T @ gone / n_rows  # [b, a]: b present and a null
    same: Names = []
    present: Names = []
    for i in range(len(names)):
        for j in range(len(names)):
            if i < j and lonely[i, j] + lonely[j, i] <= MAX_BROKEN:
                same.append((names[i], names[j]))
            elif i != j and lonely[j, i] <= MAX_BROKEN < lonely[i, j]:
                present.append((names[i], names[j]))
    return same, present


def _repeats(column: Column, values: Floats) -> bool:
    """Whether a column has at least two values, that mostly repeat."""
    known = values[np.isfinite(values)]
    n_levels = np.unique(known).size
    return 2 <= n_levels <= known.size / 2 and column.kind != "continuous"


def _dependencies(
    names: list[str], values: Mapping[str, Floats], rows: NDArray[np.intp], rng: np.random.Generator
) -> Names:
    """Pairs where rows alike on a are alike on b more often than chance, the least likely by chance first."""
    if len(names) < 2:
        return []
    all_rows = np.arange(values[names[0]].size) if rows.size * 3 >= values[names[0]].size else rows
    X = _matrix(names, values, all_rows)
    known = ~np.isnan(X)
    found: list[tuple[float, tuple[str, ...]]] = []
    for i, name in enumerate(names):
        order = np.argsort(X[:, i], kind="stable")[: known[:, i].sum()]
        alike = X[order[1:], i] == X[order[:-1], i]
        above, below = order[1:][alike], order[:-1][alike]
        both = known[above] & known[below]
        asked = np.maximum(both.sum(axis=0), 1)
        broken = ((X[above] != X[below]) & both).sum(axis=0) / asked
        other = rng.permutation(below)
        by_chance = ((X[above] != X[other]) & both).sum(axis=0) / asked
        hits = (broken <= 2 * MAX_BROKEN) & (by_chance >= MIN_CHANCE) & (both.sum(axis=0) >= SUM_ROWS)
        found += [(-float(by_chance[j]), (name, names[j])) for j in np.flatnonzero(hits) if j != i]
    return [at for _, at in sorted(found)]


def _combinations(names: list[str], values: Mapping[str, Floats]) -> Names:
    """Pairs of columns of few values that leave out pairs of values which chance would bring, the most first."""
    coded: dict[str, tuple[NDArray[np.intp], int]] = {}
    for name in names:
        known = ~np.isnan(values[name])
        levels, codes = np.unique(values[name][known], return_inverse=True)
        if levels.size <= MAX_LEVELS and len(coded) < MAX_LEVEL_COLUMNS:
            full = np.full(known.size, -1, dtype=np.intp)
            full[known] = codes
            coded[name] = (full, levels.size)
    found: list[tuple[float, tuple[str, ...]]] = []
    items = list(coded.items())
    for i, (a, (x, n_x)) in enumerate(items):
        for b, (y, n_y) in items[i + 1 :]:
            known = (x >= 0) & (y >= 0)
            counts = np.bincount(x[known] * n_y + y[known], minlength=n_x * n_y).reshape(n_x, n_y)
            shares = counts / max(counts.sum(), 1)
            empty = (np.outer(shares.sum(axis=1), shares.sum(axis=0)) * (counts == 0)).sum()
            if empty >= MIN_CHANCE:
                found.append((-float(empty), (a, b)))
    return [at for _, at in sorted(found)]


__all__ = ["Screened", "screen"]
