"""Summaries of a column that is read in partitions: bounded in memory, and merged in any order.

:class:`ValueCounts` keeps the sorted distinct numbers with their counts. Up to ``LIMIT`` different
numbers it is exact. Above, neighbours are joined into about ``SIZE`` cells of equal mass, each
standing at its weighted median; a number that holds a cell's mass, and both extremes, stay alone.
One joining moves the distribution function by at most one cell, 1/``SIZE`` of the rows read so far;
how much it came to is kept in ``error``. A million different numbers are joined about 30 times.

:class:`LabelCounts` counts labels, exactly up to ``MAX_LABELS`` different ones; then the rarer half
is dropped and counted in one number.

References
----------
.. [1] Manku, Rajagopalan & Lindsay, "Approximate medians and other quantiles in one pass", SIGMOD
   1998, Sec. 3; Agarwal et al., "Mergeable summaries", TODS 38 (2013), Sec. 3.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables._numbers import nulls

Floats64: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Label: TypeAlias = Hashable

LIMIT = 50_000
SIZE = 2**13
MAX_LABELS = 2**18


@dataclass(frozen=True, slots=True, eq=False)
class ValueCounts:
    """Distinct ``values`` (k,), ascending and finite, with their ``counts`` (k,).

    ``error`` is the largest number of rows by which a rank may be wrong; 0 while every value is kept.
    """

    values: Floats64
    counts: Floats64
    error: float = 0.0

    @classmethod
    def of(cls, values: Floats64) -> ValueCounts:
        """The distinct values of a finite array."""
        if not len(values):
            return cls(np.empty(0), np.empty(0))
        ordered = np.sort(values) + 0.0  # -0.0 is 0.0
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        counts = np.diff(starts, append=len(ordered)).astype(np.float64)
        return cls(ordered[starts], counts).bounded()

    @property
    def total(self) -> float:
        """Rows counted."""
        return float(self.counts.sum())

    @property
    def exact(self) -> bool:
        """Whether every value was kept."""
        return self.error == 0.0

    def __len__(self) -> int:
        return len(self.values)

    def merge(self, other: ValueCounts) -> ValueCounts:
        """The rows of both."""
        return collected(
            np.concatenate([self.values, other.values]),
            np.concatenate([self.counts, other.counts]),
            self.error + other.error,
        ).bounded()

    def mapped(self, values: Floats64) -> ValueCounts:
        """The same counts at other values."""
        return collected(values, self.counts, self.error)

    def subset(self, keep: Bools) -> ValueCounts:
        """Some of the values."""
        return ValueCounts(self.values[keep], self.counts[keep], self.error)

    def bounded(self) -> ValueCounts:
        """At most 3 * ``SIZE`` values where there were more than ``LIMIT``."""
        if len(self.values) <= LIMIT:
            return self
        upto = np.cumsum(self.counts)
        cell_mass = upto[-1] / SIZE
        cell = np.floor((upto - self.counts / 2) / cell_mass)
        alone = self.counts >= cell_mass
        alone[[0, -1]] = True
        new = np.concatenate(([True], (np.diff(cell) > 0) | alone[1:] | alone[:-1]))
        starts = np.flatnonzero(new)
        mass = np.add.reduceat(self.counts, starts)
        ends = np.append(starts[1:], len(new)) - 1
        middle = np.searchsorted(upto, upto[ends] - mass / 2)
        wide = ends > starts
        worst = float(mass[wide].max()) if wide.any() else 0.0
        return ValueCounts(self.values[np.clip(middle, starts, ends)], mass, self.error + worst)


def collected(values: Floats64, counts: Floats64, error: float = 0.0) -> ValueCounts:
    """Counts of values in any order, equal ones added."""
    order = np.argsort(values, kind="stable")
    ordered, mass = values[order], counts[order]
    if not len(ordered):
        return ValueCounts(ordered, mass, error)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ValueCounts(ordered[starts], np.add.reduceat(mass, starts), error)


def key(value: Any) -> Label:
    """What tells labels apart: 1, True and 1.0 are three."""
    return value if type(value) is str else (type(value).__name__, value)


def factor(series: pd.Series) -> tuple[NDArray[np.int32], list[Any]]:
    """(codes, values): the place of every row's value in the list of distinct values, -1 for null."""
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return series.cat.codes.to_numpy().astype(np.int32), list(dtype.categories)
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        array = series.to_numpy()
        places, found = pd.factorize(array.astype(np.float32) if dtype == np.float16 else array)
        return places.astype(np.int32), found.tolist()
    gone = nulls(series)
    items = _items(series, gone)
    codes = np.full(len(series), -1, dtype=np.int32)
    if set(map(type, items)) <= {str}:
        table: dict[Any, int] = {}
        codes[~gone] = [table.setdefault(item, len(table)) for item in items]
        return codes, list(table)
    keyed: dict[Any, int] = {}
    codes[~gone] = [keyed.setdefault((type(item).__name__, item), len(keyed)) for item in items]
    return codes, [item for _, item in keyed]


def _items(series: pd.Series, gone: Bools) -> list[Any]:
    """The present cells as Python objects."""
    present = series[~gone] if gone.any() else series
    if present.dtype == object or isinstance(present.dtype, pd.StringDtype):
        objects: list[Any] = present.to_numpy(dtype=object).tolist()
        return objects
    return list(present)


@dataclass(frozen=True, slots=True, eq=False)
class LabelCounts:
    """Counts of labels; ``dropped`` rows hold labels that no longer fitted."""

    counts: Mapping[Label, tuple[Any, float]]
    dropped: float = 0.0

    @classmethod
    def of(cls, codes: NDArray[np.int32], values: list[Any]) -> LabelCounts:
        """Counts of factored values that occur."""
        times = np.bincount(codes[codes >= 0], minlength=len(values)).tolist()
        counts = {key(v): (v, float(n)) for v, n in zip(values, times, strict=True) if n}
        return cls(counts).bounded()

    def merge(self, other: LabelCounts) -> LabelCounts:
        """The rows of both."""
        merged = dict(self.counts)
        for label, (value, n) in other.counts.items():
            merged[label] = (value, n + merged[label][1]) if label in merged else (value, n)
        return LabelCounts(merged, self.dropped + other.dropped).bounded()

    def bounded(self) -> LabelCounts:
        """The more frequent half where there are more than ``MAX_LABELS``."""
        if len(self.counts) <= MAX_LABELS:
            return self
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1][1], str(item[0])))
        kept, rest = ordered[: MAX_LABELS // 2], ordered[MAX_LABELS // 2 :]
        return LabelCounts(dict(kept), self.dropped + sum(n for _, (_, n) in rest))


__all__ = ["Bools", "Floats64", "Label", "LabelCounts", "ValueCounts", "collected", "factor", "key"]
