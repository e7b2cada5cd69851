"""Kernels on columns: a sort that remembers the rows, what follows from it, pair tables, row keys.

Counts are whole numbers and sums of floats run in a stated order, so both backends give the same bits on any number
of threads. A table has fewer than 2**32 rows.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels._backend import n_threads, native

Floats: TypeAlias = NDArray[np.float64]
Order: TypeAlias = NDArray[np.uint32]
Codes: TypeAlias = NDArray[np.uint16]
Words: TypeAlias = NDArray[np.uint64]
Counts: TypeAlias = NDArray[np.int64]

_EQUAL: Floats = np.empty(0)  # no mass: every row weighs the same


def sort_column(values: Floats) -> tuple[Order, Floats]:
    """Rows of the values that are not NaN, in ascending order (ties by row), and those values; -0.0 becomes 0.0.

    Parameters
    ----------
    values : float64 array of shape (n,)
    """
    module = native()
    if module is not None:
        order, ordered = module.sort_column(np.ascontiguousarray(values))
        return order, ordered
    present = np.flatnonzero(~np.isnan(values))  # sorting is slow where NaN is
    rows = present[_stable_order(values[present])]
    return rows.astype(np.uint32), values[rows] + 0.0


def sort_words(words: Words) -> Order:
    """Rows of ``words`` (n,) in ascending order, ties by row."""
    module = native()
    if module is not None:
        found: Order = module.sort_words(np.ascontiguousarray(words))
        return found
    return _stable_order(words).astype(np.uint32)


def _stable_order(values: NDArray[Any]) -> NDArray[np.intp]:
    """``argsort`` with ties by row; NumPy's quick sort and a sort of the rows of ties beat its stable sort."""
    rows = np.argsort(values)
    ordered = values[rows]
    new = ordered[1:] != ordered[:-1]
    if new.all():
        return rows
    run = np.concatenate(([0], np.cumsum(new))) * values.size
    rows = np.sort(rows + run)
    rows -= run
    return rows


def cells_of_sorted(order: Order, cuts: Counts, n_rows: int) -> Codes:
    """Cell of every row, (n_rows,): k for positions ``cuts[k - 1]`` to ``cuts[k]`` of ``order``.

    Rows that ``order`` does not have (nulls) get ``len(cuts) + 1``.
    """
    module = native()
    if module is not None:
        found: Codes = module.cells_of_sorted(order, np.ascontiguousarray(cuts, dtype=np.int64), n_rows)
        return found
    sizes = np.diff(cuts, prepend=0, append=order.size)
    codes = np.full(n_rows, len(cuts) + 1, dtype=np.uint16)
    codes[order] = np.repeat(np.arange(len(cuts) + 1, dtype=np.uint16), sizes)
    return codes


def ranks_of_sorted(
    values: Floats, order: Order, mass: Floats | None, out: Floats, *, centre: float = 0.0, absent: float = np.nan
) -> None:
    """Write into ``out`` (n_rows,) the mid-rank of every row as a share of the mass, less ``centre``.

    Parameters
    ----------
    values, order : arrays of shape (m,), see :func:`sort_column`
    mass : float64 array of shape (m,), the share of the weight up to each value; None where all rows weigh the same
    absent : what rows without a value get
    """
    module = native()
    if module is not None:
        module.ranks_of_sorted(values, order, _EQUAL if mass is None else mass, centre, absent, out)
        return
    out[:] = absent
    if values.size:
        starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
        ends = np.append(starts[1:], values.size)
        upper = ends / values.size if mass is None else mass[ends - 1]
        lower = np.concatenate(([0.0], upper[:-1]))
        out[order] = np.repeat((lower + upper) / 2 - centre, ends - starts)


def merge_sorted(a: Floats, mass_a: Floats | None, b: Floats, mass_b: Floats | None) -> tuple[float, float]:
    """Greatest absolute difference of two distribution functions, and the integral of that difference.

    Parameters
    ----------
    a, b : ascending float64 arrays of shape (n,) and (m,), neither empty
    mass_a, mass_b : float64 arrays of the same shapes, see :func:`ranks_of_sorted`

    Notes
    -----
    The integral is no number where a value is infinite.
    """
    module = native()
    if module is not None:
        found: tuple[float, float] = module.merge_sorted(
            a, _EQUAL if mass_a is None else mass_a, b, _EQUAL if mass_b is None else mass_b
        )
        return found
    pooled = np.concatenate([a, b])
    order = np.argsort(pooled, kind="stable")  # timsort: two ascending runs merge in linear time
    pooled, left = pooled[order], order < a.size
    i, j = np.cumsum(left), np.cumsum(~left)
    last = np.append(pooled[1:] != pooled[:-1], True)
    pooled, i, j = pooled[last], i[last], j[last]
    if mass_a is None and mass_b is None:  # whole numbers: no rounding at all
        apart, unit = np.abs((i * b.size - j * a.size).astype(np.float64)), float(a.size) * float(b.size)
    else:
        apart, unit = np.abs(_share(mass_a, a.size, i) - _share(mass_b, b.size, j)), 1.0
    with np.errstate(invalid="ignore"):
        steps = np.cumsum(apart[:-1] * np.diff(pooled))
    return float(apart.max()) / unit, (float(steps[-1]) if steps.size else 0.0) / unit


def _share(mass: Floats | None, size: int, index: Counts) -> Floats:
    """Share of the first ``index`` values."""
    return index / size if mass is None else np.concatenate(([0.0], mass))[index]


def count_cells(segment: Order, codes: Codes, n_segments: int, n_cells: int) -> Counts:
    """Rows per segment and cell, (n_segments, n_cells), of rows with ``segment`` and ``codes`` (n,)."""
    module = native()
    if module is not None:
        counts: Counts = module.count_cells(segment, np.ascontiguousarray(codes), n_segments, n_cells)
        return counts
    key = segment.astype(np.intp) * n_cells + codes
    return np.bincount(key, minlength=n_segments * n_cells).reshape(n_segments, n_cells).astype(np.int64)


def used_cells(codes: Codes, used: NDArray[np.bool_]) -> None:
    """Mark in ``used`` (n_cells,) the cells that occur in ``codes`` (n,)."""
    module = native()
    if module is not None:
        module.used_cells(np.ascontiguousarray(codes), used)
        return
    used[codes] = True


def arrange(codes: Codes, order: Order, lookup: Codes, out: NDArray[Any]) -> None:
    """Write ``lookup[codes[order]]`` into ``out``, a uint8 or uint16 array of the shape of ``order``."""
    module = native()
    if module is not None:
        module.arrange(np.ascontiguousarray(codes), order, lookup, out)
        return
    out[:] = lookup[codes[order]]


def count_pairs(
    codes: NDArray[Any],
    left: int,
    partners: Counts,
    sizes: Counts,
    *,
    segments: Counts,
    n_groups: int,
    weights: Floats,
    n_jobs: int | None = None,
) -> tuple[Floats, Floats]:
    """Pair tables of one column against ``partners``: weight per group, and rows per class.

    Parameters
    ----------
    codes : uint8 or uint16 array of shape (n_columns, n)
        Cells of each column, the rows group by group and within a group class by class.
    left : int
        The column.
    partners : int64 array of shape (q,)
    sizes : int64 array of shape (n_columns,)
        Number of cells of each column.
    segments : int64 array of shape (n_groups * n_classes + 1,)
        Where the rows of each class of each group start, and the number of rows.
    weights : float64 array of shape (n_classes,)
        Weight of a row of each class.

    Returns
    -------
    grouped, classed : float64 arrays
        The tables of the partners one after another, (n_groups, a, b) and (n_classes, a, b) each. The weight of a
        cell is the sum over the classes, first to last, of weight times rows.
    """
    module = native()
    if module is not None:
        grouped, classed = module.count_pairs(
            codes, left, partners, int(sizes[left]), sizes[partners], segments, n_groups, weights, n_threads(n_jobs)
        )
        return grouped, classed
    lengths, n_classes = np.diff(segments), weights.size
    place = np.repeat(np.arange(lengths.size), lengths) * int(sizes[left]) + codes[left]
    groups: list[Floats] = [np.empty(0)]
    classes: list[Floats] = [np.empty(0)]
    for partner in partners:
        table = int(sizes[left] * sizes[partner])
        keys, rows = _counted(place * int(sizes[partner]) + codes[partner], lengths.size * table)
        segment, cell = np.divmod(keys, table)
        group, klass = np.divmod(segment, n_classes)
        mass = weights[klass] * rows
        grouped = np.bincount(group * table + cell, weights=mass, minlength=n_groups * table)
        classed = np.bincount(klass * table + cell, weights=rows, minlength=n_classes * table)
        groups.append(grouped.astype(np.float64))
        classes.append(classed.astype(np.float64))
    return np.concatenate(groups), np.concatenate(classes)


def _counted(keys: NDArray[np.intp], n_keys: int) -> tuple[NDArray[np.intp], Floats]:
    """The keys that occur, ascending, and how often."""
    if n_keys > 2**20 + 8 * keys.size:  # more cells than could be looked through
        found, counts = np.unique(keys, return_counts=True)
        return found, counts.astype(np.float64)
    counts = np.bincount(keys, minlength=n_keys)
    found = np.flatnonzero(counts)
    return found, counts[found].astype(np.float64)


def measure_tables(
    real: Floats,
    synthetic: Floats,
    n_left: int,
    sizes: Counts,
    *,
    n_groups: int,
    splits: Floats,
    n_jobs: int | None = None,
) -> tuple[Floats, Floats]:
    """How strongly the columns of each pair depend, and how far the dependences of two tables are apart.

    With R the residual ``P_ij - P_i P_j``, the sums are ``sum|R_real|``, ``sum|R_synthetic|`` and
    ``sum|R_real - R_synthetic|`` of every replicate: the whole, each group left out, and last the real rows of each
    split as the real table with the other real rows as the synthetic one.

    Parameters
    ----------
    real, synthetic : float64 arrays
        Tables per group, (n_groups, a, b), of the partners one after another: see :func:`count_pairs`.
    n_left, sizes : int and int64 array of shape (q,)
        ``a``, and ``b`` of each partner.
    splits : float64 array of shape (n_splits, n_groups), of zeros and ones

    Returns
    -------
    sums : float64 array of shape (q, 3, 1 + n_groups + n_splits)
    whole : float64 array of shape (q, 2, 3)
        ``sum (R_ij)^2 / (P_i P_j)``, used rows and used columns of both whole tables.
    """
    module = native()
    if module is not None:
        sums, whole = module.measure_tables(
            real, synthetic, n_left, np.ascontiguousarray(sizes), n_groups, splits, n_threads(n_jobs)
        )
        return sums, whole
    width = 1 + n_groups + len(splits)
    sums, whole = np.empty((len(sizes), 3, width)), np.empty((len(sizes), 2, 3))
    start = 0
    for k, size in enumerate(sizes):
        end = start + n_groups * n_left * int(size)
        left, right = (tables[start:end].reshape(n_groups, n_left, int(size)) for tables in (real, synthetic))
        p, q = _replicate(left, left, splits), _replicate(right, left, 1 - splits)
        apart, apart_s = _residual(p), _residual(q)
        for row, values in enumerate((apart, apart_s, apart - apart_s)):
            sums[k, row] = _running(np.abs(values).reshape(-1, width), 0)
        whole[k] = _association(p[:, :, 0]), _association(q[:, :, 0])
        start = end
    return sums, whole


def _replicate(grouped: Floats, halved: Floats, splits: Floats) -> Floats:
    """Shares (a, b, 1 + G + n_splits): of the whole, of each deletion, of the ``splits`` of ``halved``."""
    whole = _running(grouped, 0)
    halves = np.zeros((*whole.shape, len(splits)))
    for group, chosen in zip(halved, splits.T, strict=True):
        halves += group[:, :, None] * chosen
    counts = np.concatenate([whole[:, :, None], np.moveaxis(whole - grouped, 0, -1), halves], axis=2)
    total = _running(counts.reshape(-1, counts.shape[-1]), 0)
    shares: Floats = counts / np.where(total > 0, total, 1.0)
    return shares


def _residual(shares: Floats) -> Floats:
    """``P_ij - P_i P_j`` of joint shares (a, b, R)."""
    apart: Floats = shares - _running(shares, 1)[:, None] * _running(shares, 0)[None, :]
    return apart


def _running(values: Floats, axis: int) -> Floats:
    """Sum from first to last: NumPy's own sums are pairwise, in an order that depends on the layout."""
    total: Floats = np.add.accumulate(values, axis=axis).take(-1, axis=axis)
    return total


def _association(shares: Floats) -> tuple[float, int, int]:
    """Phi squared of joint shares (a, b), and how many rows and columns are used; sums run first to last."""
    rows, columns = _running(shares, 1), _running(shares, 0)
    expected = rows[:, None] * columns[None, :]
    parts = (shares - expected) ** 2 / np.where(expected > 0, expected, 1.0)
    return float(_running(parts.ravel(), 0)), int((rows > 0).sum()), int((columns > 0).sum())


def mix_words(words: Words) -> Words:
    """The finalizer of splitmix64: every input bit changes about half of the output bits."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def add_keys(keys: Words, values: Floats, salt: int, null: int) -> None:
    """Add to ``keys`` (n,) the mixed bits of ``values`` (n,) under ``salt``; NaN has the bits ``null``, -0.0 is 0.0."""
    module = native()
    if module is not None:
        module.add_keys(np.ascontiguousarray(values), salt, null, keys)
        return
    bits = (values + 0.0).view(np.uint64)
    bits[np.isnan(values)] = np.uint64(null)
    keys += mix_words(bits ^ np.uint64(salt))


def number_words(words: NDArray[np.uintp], most: int) -> tuple[Counts, Counts] | None:
    """Number of every word, (n,), in the order in which they appear, and the first row of each.

    None where there are more than ``most`` distinct words.
    """
    module = native()
    if module is not None:
        numbers, first = module.number_words(np.ascontiguousarray(words, dtype=np.uint64), most)
        return (numbers, first) if len(first) or not len(words) else None
    _, rows, inverse = np.unique(words, return_index=True, return_inverse=True)
    if len(rows) > most:
        return None
    order = np.argsort(rows)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[inverse].astype(np.int64), rows[order].astype(np.int64)


__all__ = [
    "add_keys",
    "arrange",
    "cells_of_sorted",
    "count_cells",
    "count_pairs",
    "measure_tables",
    "merge_sorted",
    "mix_words",
    "number_words",
    "ranks_of_sorted",
    "sort_column",
    "sort_words",
    "used_cells",
]
