"""Groups of rows by a sensitive column: its labels, ranges of its numbers, or two columns crossed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._fairness import MIN_GROUP
from contrapeso.quality._columns import AnyColumn, Numbers
from contrapeso.quality._reference import Classes
from contrapeso.quality._samples import Sample, Samples

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
NULL_GROUP = "∅"
MAX_GROUPS = 20
MAX_PLAIN = 5


@dataclass(frozen=True, slots=True)
class Groups:
    """A sensitive column (or two crossed) as group codes of all rows of each table; ``names`` by code.

    The code ``len(names)`` holds the rows of groups that are not shown: ``n_hidden`` groups past the 20 largest, or
    crossings with fewer than 30 real rows.
    """

    column: str
    sources: tuple[str, ...]
    names: tuple[str, ...]
    real: Codes
    synthetic: Codes
    holdout: Codes
    n_hidden: int

    @property
    def size(self) -> int:
        """Groups and the one that holds the rest."""
        return len(self.names) + 1

    def of(self, samples: Samples, which: str) -> Codes:
        """Group of each row of a sample, by its name in :class:`Samples`."""
        sample: Sample = getattr(samples, which)
        held_out = which.endswith("fresh") and samples.against == "holdout"
        table = self.synthetic if which == "synthetic" else self.holdout if held_out else self.real
        found: Codes = table[sample.rows]
        return found

    def count(self, classes: Classes) -> tuple[Floats, Floats]:
        """Rows by class and group, (classes, groups), of the real and of the synthetic table."""
        real, synthetic = (
            np.bincount(klass * self.size + group, minlength=classes.n_classes * self.size)
            for klass, group in ((classes.real, self.real), (classes.synthetic, self.synthetic))
        )
        shape = classes.n_classes, self.size
        return real.reshape(shape).astype(np.float64), synthetic.reshape(shape).astype(np.float64)


def unusable(column: AnyColumn) -> str | None:
    """Why the column tells no groups apart, or None."""
    if column.note in ("missing_column", "not_castable"):
        return column.note
    present = ~np.isnan(column.real) if isinstance(column, Numbers) else column.real >= 0
    return None if present.any() else "all_null_real"


def groups_of(column: AnyColumn) -> Groups:
    """Groups of a column: its labels, largest first, or ranges of its numbers, and the nulls."""
    if isinstance(column, Numbers):
        codes, names = _ranges(column)
        order = np.arange(len(names))
    else:
        codes, names = (column.real, column.synthetic, column.holdout), list(column.labels)
        counts = np.bincount(column.real[column.real >= 0], minlength=len(names))
        order = np.array(sorted(range(len(names)), key=lambda k: (-counts[k], names[k])), dtype=np.intp)
    null = len(names)
    parts = [np.where(part < 0, null, part) for part in codes]
    used = np.bincount(np.concatenate(parts[:2]), minlength=null + 1) > 0
    order = np.append(order, null)
    order = order[used[order]]
    shown = order[:MAX_GROUPS]
    lookup = np.full(null + 1, shown.size, dtype=np.intp)
    lookup[shown] = np.arange(shown.size)
    title = [*names, NULL_GROUP]
    real, synthetic, holdout = (lookup[part] for part in parts)
    name, hidden = column.column.name, int(order.size - shown.size)
    return Groups(name, (name,), tuple(title[k] for k in shown), real, synthetic, holdout, hidden)


def _ranges(column: Numbers) -> tuple[tuple[Codes, Codes, Codes], list[str]]:
    """Codes of the numbers on ranges between the real quartiles, -1 for null, and the ranges in words."""
    present = column.real[~np.isnan(column.real)]
    values = np.unique(present)
    if values.size <= MAX_PLAIN:
        edges, names = values[1:], [_number(column, value) for value in values]
    else:
        edges = np.unique(np.quantile(present, [0.25, 0.5, 0.75], method="inverted_cdf"))
        edges = edges[edges > values[0]]
        ends = [_number(column, edge) for edge in edges]
        middle = [f"[{a}, {b})" for a, b in pairwise(ends)]
        names = [f"< {ends[0]}", *middle, f"≥ {ends[-1]}"] if ends else [f"≥ {_number(column, values[0])}"]
    coded = [
        np.where(np.isnan(part), -1, np.searchsorted(edges, part, side="right")).astype(np.intp)
        for part in (column.real, column.synthetic, column.holdout)
    ]
    return (coded[0], coded[1], coded[2]), names


def _number(column: Numbers, value: float) -> str:
    if column.column.kind == "datetime" and np.isfinite(value):
        return str(np.datetime64(0, "s") + np.timedelta64(round(value * 86_400), "s"))[:10]
    return f"{value:.6g}"


def cross(a: Groups, b: Groups) -> Groups:
    """Both columns at once; crossings with fewer than 30 real rows are not shown."""
    size = b.size
    codes = [x * size + y for x, y in ((a.real, b.real), (a.synthetic, b.synthetic), (a.holdout, b.holdout))]
    counts = np.bincount(codes[0], minlength=a.size * size)
    both = [(x, y) for x in range(len(a.names)) for y in range(len(b.names))]
    named = [x * size + y for x, y in both]
    shown = sorted((k for k in named if counts[k] >= MIN_GROUP), key=lambda k: (-counts[k], k))
    lookup = np.full(a.size * size, len(shown), dtype=np.intp)
    lookup[shown] = np.arange(len(shown))
    names = tuple(f"{a.names[k // size]} x {b.names[k % size]}" for k in shown)
    n_hidden = sum(0 < counts[k] < MIN_GROUP for k in named)
    real, synthetic, holdout = (lookup[part] for part in codes)
    sources = (*a.sources, *b.sources)
    return Groups(f"{a.column} x {b.column}", sources, names, real, synthetic, holdout, n_hidden)


__all__ = ["NULL_GROUP", "Groups", "cross", "groups_of", "unusable"]
