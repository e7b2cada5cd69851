"""Summaries of a column that is read in chunks: bounded in memory, mergeable, with an error that is measured.

:class:`QuantileSketch` keeps the sorted distinct values of a column with their mass. While there are at most
``TRIGGER`` of them it is exact. Above, neighbours are joined into about ``SIZE`` cells of equal mass, each standing at
the median of its values; what that moves the distribution function by is known cell by cell and kept with the
summary (``error``). Summaries are merged like the digits of a binary counter, so a value is joined at most
log2(rows / ``TRIGGER``) times and the error grows as slowly: about 0.0002 of the rows at five million. A value that
holds more than one ``SIZE``-th of the mass, and both extremes, are never joined with others.

:class:`LabelCounts` counts labels by a 64-bit hash of their text: exact up to ``MAX_LABELS`` different ones, then the
more frequent half is kept and the rest is one number. :class:`KeySample` keeps the row keys below a threshold: all of
them up to ``MAX_KEYS``, then a sample in which equal keys share one fate, so shares of copies and repeats stay right.

References
----------
.. [1] Manku, Rajagopalan & Lindsay, "Approximate medians and other quantiles in one pass", SIGMOD 1998, Sec. 3
   (collapsing sorted buffers); Agarwal et al., "Mergeable summaries", TODS 38 (2013), Sec. 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._sorted import SortedColumn

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Counts = NDArray[np.int64]
SIZE = 2**14
TRIGGER = 2**16
MAX_LABELS = 2**18
MAX_KEYS = 2**24
_TOP = 2**64


@dataclass(frozen=True, slots=True)
class Run:
    """Distinct ``values`` (k,), ascending, with the ``mass`` of each; ``error`` is in units of mass."""

    values: Floats
    mass: Floats
    error: float = 0.0

    @classmethod
    def of(cls, values: Floats, weights: Floats | None = None) -> Run:
        """The distinct values of an array without NaN."""
        if not values.size:
            return cls(np.empty(0), np.empty(0))
        if weights is None:
            ordered = np.sort(values) + 0.0  # -0.0 is 0.0
            starts = _starts(ordered)
            return cls(ordered[starts], np.diff(starts, append=ordered.size).astype(np.float64))
        order = np.argsort(values, kind="stable")
        return cls._collected(values[order] + 0.0, weights[order], 0.0)

    @classmethod
    def _collected(cls, ordered: Floats, mass: Floats, error: float) -> Run:
        """Equal neighbours of an ascending array as one."""
        starts = _starts(ordered)
        if starts.size == ordered.size:
            return cls(ordered, mass, error)
        return cls(ordered[starts], np.add.reduceat(mass, starts), error)

    def merged(self, other: Run) -> Run:
        """The values of both."""
        if not self.values.size or not other.values.size:
            kept = other if other.values.size else self
            return Run(kept.values, kept.mass, self.error + other.error)
        values = np.concatenate([self.values, other.values])
        order = np.argsort(values, kind="stable")  # timsort: two ascending runs merge in linear time
        mass = np.concatenate([self.mass, other.mass])[order]
        return Run._collected(values[order], mass, self.error + other.error)

    def joined(self, size: int) -> Run:
        """At most about ``3 * size`` values: neighbours of little mass stand together at their median."""
        upto = np.cumsum(self.mass)
        width = upto[-1] / size
        cell = np.floor((upto - self.mass / 2) / width)
        alone = self.mass >= width
        alone[[0, -1]] = True
        first = np.concatenate(([True], (cell[1:] != cell[:-1]) | alone[1:] | alone[:-1]))
        starts = np.flatnonzero(first)
        mass = np.add.reduceat(self.mass, starts)
        before = upto[starts] - self.mass[starts]
        ends = np.append(starts[1:], upto.size) - 1
        at = np.clip(np.searchsorted(upto, before + mass / 2), starts, ends)
        below, above = upto[at] - self.mass[at] - before, upto[ends] - upto[at]
        return Run(self.values[at], mass, self.error + float(np.maximum(below, above).max()))


def _starts(ordered: NDArray[np.generic]) -> NDArray[np.intp]:
    """Where a new value begins in an ascending array that is not empty."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))


@dataclass(frozen=True, slots=True)
class Moments:
    """Mass, mean and sum of squared deviations of the finite values.

    References
    ----------
    .. [1] Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
    """

    mass: float = 0.0
    mean: float = float("nan")
    squares: float = 0.0

    @classmethod
    def of(cls, values: Floats, weights: Floats | None = None) -> Moments:
        """Moments of an array without NaN."""
        finite = np.isfinite(values)
        if not finite.all():
            values, weights = values[finite], None if weights is None else weights[finite]
        total = float(values.size) if weights is None else float(weights.sum())
        if not values.size or total <= 0:
            return cls()
        mean = float(np.average(values, weights=weights))
        apart = (values - mean) ** 2
        return cls(total, mean, float(apart.sum() if weights is None else apart @ weights))

    def merged(self, other: Moments) -> Moments:
        """The moments of both."""
        if not self.mass or not other.mass:
            return other if other.mass else self
        total, gap = self.mass + other.mass, other.mean - self.mean
        squares = self.squares + other.squares + gap**2 * self.mass * other.mass / total
        return Moments(total, self.mean + gap * other.mass / total, squares)

    @property
    def deviation(self) -> float:
        """Standard deviation; NaN without a value."""
        return float(np.sqrt(self.squares / self.mass)) if self.mass else float("nan")


@dataclass(frozen=True, slots=True)
class QuantileSketch:
    """Distribution of a numeric column; NaN (null) is counted apart.

    Attributes
    ----------
    n_rows, n_values : int
        Rows with and without the nulls.
    moments : Moments
    size, trigger : int
        Cells that values are joined into, and how many different values are kept before they are.
    """

    n_rows: int = 0
    n_values: int = 0
    moments: Moments = Moments()
    size: int = SIZE
    trigger: int = TRIGGER
    _buffer: Run = Run(np.empty(0), np.empty(0))
    _levels: tuple[Run | None, ...] = ()

    def add(self, column: Floats, weights: Floats | None = None) -> QuantileSketch:
        """The sketch with the rows of ``column`` (n,) too; ``weights`` (n,) are their masses, all one by default."""
        gone = np.isnan(column)
        if gone.any():
            values, weights = column[~gone], None if weights is None else weights[~gone]
        else:
            values = column
        counted = replace(
            self,
            n_rows=self.n_rows + column.size,
            n_values=self.n_values + values.size,
            moments=self.moments.merged(Moments.of(values, weights)),
        )
        return counted._with(Run.of(values, weights))

    def merged(self, other: QuantileSketch) -> QuantileSketch:
        """One sketch of the rows of both; the order does not matter beyond the errors stated."""
        both = replace(
            self,
            n_rows=self.n_rows + other.n_rows,
            n_values=self.n_values + other.n_values,
            moments=self.moments.merged(other.moments),
        )._with(other._buffer)
        for level, run in enumerate(other._levels):
            both = both if run is None else both._carried(run, level)
        return both

    def _with(self, run: Run) -> QuantileSketch:
        buffer = self._buffer.merged(run)
        if buffer.values.size <= self.trigger:
            return replace(self, _buffer=buffer)
        return replace(self, _buffer=Run(np.empty(0), np.empty(0)))._carried(buffer.joined(self.size), 0)

    def _carried(self, run: Run, level: int) -> QuantileSketch:
        """``run`` put in its place, joined with the one that stands there."""
        levels = [*self._levels, *([None] * (level + 1 - len(self._levels)))]
        while levels[level] is not None:
            there = levels[level]
            run = run if there is None else there.merged(run)
            levels[level] = None
            if run.values.size > self.trigger:
                run = run.joined(self.size)
            level += 1
            levels += [None] * (level + 1 - len(levels))
        levels[level] = run
        return replace(self, _levels=tuple(levels))

    def run(self) -> Run:
        """All values that are kept, with their mass."""
        whole = self._buffer
        for run in self._levels:
            whole = whole if run is None else whole.merged(run)
        return whole

    @property
    def rank_error(self) -> float:
        """Most that the distribution function is off by at any value, a share; 0 where the summary is exact."""
        run = self.run()
        total = run.mass.sum()
        return float(run.error / total) if total > 0 else 0.0

    def column(self) -> SortedColumn:
        """The distinct values in place of the rows: quantiles, KS, Wasserstein and cells follow as from rows."""
        run = self.run()
        upto = np.cumsum(run.mass)
        mass = upto / upto[-1] if upto.size and upto[-1] > 0 else upto
        return SortedColumn(run.values, np.arange(run.values.size, dtype=np.uint32), mass, run.values.size)


@dataclass(frozen=True)
class LabelCounts:
    """Rows (``counts``) and ``mass`` of every label; ``hashes`` (k,) ascend, ``first`` is where each came up first.

    ``dropped`` labels with at most ``error`` rows each are not kept; they have ``rest_counts`` rows and ``rest_mass``.
    """

    hashes: Keys
    names: NDArray[np.object_]
    counts: Counts
    mass: Floats
    first: Counts
    error: int = 0
    rest_counts: int = 0
    rest_mass: float = 0.0

    @classmethod
    def empty(cls) -> LabelCounts:
        """No label."""
        none = np.empty(0, dtype=np.int64)
        return cls(np.empty(0, dtype=np.uint64), np.empty(0, dtype=object), none, np.empty(0), none)

    @classmethod
    def of(
        cls, hashes: Keys, names: NDArray[np.object_], codes: NDArray[np.intp], weights: Floats | None, start: int
    ) -> LabelCounts:
        """Counts of ``codes`` (n,) into different labels, -1 for null; ``start`` numbers the first label."""
        present = codes >= 0
        shown = codes if present.all() else codes[present]
        counts = np.bincount(shown, minlength=hashes.size).astype(np.int64)
        mass = counts.astype(np.float64)
        if weights is not None:
            mass = np.bincount(shown, weights=weights[present], minlength=hashes.size).astype(np.float64)
        order = np.argsort(hashes)
        first = start + np.arange(hashes.size, dtype=np.int64)
        return cls(hashes[order], names[order], counts[order], mass[order], first[order])

    def merged(self, other: LabelCounts, limit: int = MAX_LABELS) -> LabelCounts:
        """The labels of both; over ``limit`` the more frequent half of so many is kept."""
        hashes = np.concatenate([self.hashes, other.hashes])
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        if not hashes.size:
            return self
        starts = _starts(hashes)
        counts = np.add.reduceat(np.concatenate([self.counts, other.counts])[order], starts)
        both = LabelCounts(
            hashes[starts],
            np.concatenate([self.names, other.names])[order[starts]],
            counts,
            np.add.reduceat(np.concatenate([self.mass, other.mass])[order], starts),
            np.minimum.reduceat(np.concatenate([self.first, other.first])[order], starts),
            self.error + other.error,
            self.rest_counts + other.rest_counts,
            self.rest_mass + other.rest_mass,
        )
        return both if starts.size <= limit else both._pruned(limit // 2)

    def _pruned(self, limit: int) -> LabelCounts:
        ranked = np.lexsort((self.hashes, -self.counts))
        kept, gone = np.sort(ranked[:limit]), ranked[limit:]
        return LabelCounts(
            self.hashes[kept],
            self.names[kept],
            self.counts[kept],
            self.mass[kept],
            self.first[kept],
            self.error + int(self.counts[gone[0]]),
            self.rest_counts + int(self.counts[gone].sum()),
            self.rest_mass + float(self.mass[gone].sum()),
        )

    @property
    def exact(self) -> bool:
        """Whether every label is kept."""
        return self.error == 0

    @cached_property
    def n_values(self) -> int:
        """Rows that are not null."""
        return int(self.counts.sum()) + self.rest_counts


@dataclass(frozen=True)
class KeySample:
    """Keys of rows below ``limit``, with the class of each: all of them up to ``max_keys``, then half as often.

    Equal keys are in or out together, in every table, so that shares of copied and of repeated rows are estimated
    without bias. ``n_rows`` counts all rows.
    """

    keys: tuple[Keys, ...] = ()
    klass: tuple[NDArray[np.uint8] | NDArray[np.uint32], ...] = ()
    n_rows: int = 0
    limit: int = _TOP
    max_keys: int = MAX_KEYS

    def add(self, keys: Keys, klass: NDArray[np.intp]) -> KeySample:
        """The sample with the rows of one chunk too."""
        narrow = klass.astype(np.uint8) if klass.max(initial=0) < 256 else klass.astype(np.uint32)
        more = KeySample((keys,), (narrow,), keys.size, max_keys=self.max_keys)
        lower = more.below(self.limit)
        both = replace(
            self, keys=self.keys + lower.keys, klass=self.klass + lower.klass, n_rows=self.n_rows + keys.size
        )
        while both.n_kept > self.max_keys:
            both = both.below(both.limit // 2)
        return both

    def below(self, limit: int) -> KeySample:
        """The keys below a lower limit."""
        if limit >= self.limit:
            return self
        masks = [keys < np.uint64(limit) for keys in self.keys]
        return replace(
            self,
            keys=tuple(keys[mask] for keys, mask in zip(self.keys, masks, strict=True)),
            klass=tuple(klass[mask] for klass, mask in zip(self.klass, masks, strict=True)),
            limit=limit,
        )

    @property
    def n_kept(self) -> int:
        """How many keys are kept."""
        return sum(keys.size for keys in self.keys)

    def arrays(self) -> tuple[Keys, NDArray[np.intp]]:
        """Keys and classes, (n_kept,) each."""
        if not self.keys:
            return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.intp)
        return np.concatenate(self.keys), np.concatenate(self.klass).astype(np.intp)


def row_priorities(keys: Keys) -> Keys:
    """Random numbers of rows by their keys alone, (n,): the rows with the least of them are a uniform sample.

    Equal rows get different numbers, or all of them would be in the sample or none: the r-th row with a key adds
    r and a number of the whole chunk to it.
    """
    order = np.argsort(keys)  # equal rows are interchangeable
    ordered = keys[order]
    if not ordered.size:
        return keys.copy()
    starts = _starts(ordered)
    repeats = np.arange(ordered.size) - np.repeat(starts, np.diff(starts, append=ordered.size))
    salt = mix(np.array([keys.sum(dtype=np.uint64)], dtype=np.uint64))[0]
    extra = np.where(repeats > 0, repeats.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ salt, np.uint64(0))
    priorities = np.empty_like(keys)
    priorities[order] = mix(ordered + extra + np.uint64(1))
    return priorities


def mix(bits: Keys) -> Keys:
    """The finalizer of splitmix64: every input bit changes about half of the output bits."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def bottom(priorities: Keys, k: int) -> NDArray[np.intp]:
    """Places of the ``k`` least priorities, least first, (min(k, n),)."""
    at = np.argpartition(priorities, k)[:k] if priorities.size > k else np.arange(priorities.size)
    return at[np.argsort(priorities[at], kind="stable")]


__all__ = ["KeySample", "LabelCounts", "Moments", "QuantileSketch", "Run", "bottom", "mix", "row_priorities"]
