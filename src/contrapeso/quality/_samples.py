"""The rows that models, distances and attacks see: drawn by seed, weighted to the class mix of the synthetic rows.

``train`` are real rows that the generator may have seen, ``fresh`` real rows that it has not: the holdout, or without
one the other half of the real rows (then every number is a little optimistic, and the report says so).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.metrics import CategoryCells, Features
from contrapeso.quality._columns import AnyColumn, Labels
from contrapeso.quality._reference import Classes, Keys
from contrapeso.quality._sections import Against

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
MAX_ROWS = 10_000
MAX_CATEGORIES = 250
MAX_COLUMNS = 300
MIN_FRESH = 30
LARGEST = 1e120
_STREAM = 7  # streams 0 to 2 of the seed belong to the reference


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows of one table.

    ``rows`` are their positions in it, ``keys`` are equal for equal rows, ``klass`` is the class of each and
    ``weights`` (n,) with mean one bring them to the class mix of the synthetic table (all one where it is the same).
    """

    features: Features
    rows: Codes
    keys: Keys
    klass: Codes
    weights: Floats

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.rows.size

    @property
    def n_effective(self) -> float:
        """Rows of an unweighted sample with the same noise (Kish)."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum()) if self.rows.size else 0.0

    @property
    def is_weighted(self) -> bool:
        """Whether the weights are not all one."""
        return bool(self.rows.size) and not np.allclose(self.weights, 1.0)

    def take(self, at: Codes | NDArray[np.bool_]) -> Sample:
        """Some of the rows; the weights keep a mean of one."""
        weights = self.weights[at]
        total = weights.sum()
        scale = weights.size / total if total > 0 else 1.0
        return Sample(self.features.take(at), self.rows[at], self.keys[at], self.klass[at], weights * scale)

    def unweighted(self) -> Sample:
        """The same rows, each counting once."""
        return replace(self, weights=np.ones(self.rows.size))


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows for everything that is measured on rows; at most 10,000 of each.

    ``train``, ``fresh`` and ``synthetic`` are in the class mix of the synthetic table (classes without a synthetic row
    left out); ``whole_train`` and ``whole_fresh`` are of all classes as they come. ``target`` is the position of the
    class column in the features, ``labels`` (C,) the names of the classes by code.
    """

    train: Sample
    fresh: Sample
    synthetic: Sample
    whole_train: Sample
    whole_fresh: Sample
    against: Against
    target: int | None
    labels: tuple[str, ...]
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the features."""
        return self.train.features.names

    def rng(self, *stream: int) -> np.random.Generator:
        """A generator of its own for each measure; ``stream`` names it."""
        return generator(seed_sequence(self.seed), _STREAM, *stream)


def draw_samples(
    columns: Sequence[AnyColumn],
    classes: Classes,
    keys: tuple[Keys, Keys, Keys],
    target: str | None,
    seed: int,
    *,
    max_rows: int = MAX_ROWS,
) -> Samples | None:
    """Samples of the three tables; None where fewer than 30 fresh rows are left.

    ``columns``, ``classes`` and ``keys`` are of all rows of the real, the synthetic and the holdout table.
    """
    columns = [column for column in columns if column.note not in ("missing_column", "not_castable")]
    root = seed_sequence(seed)
    order = [_shuffled(part, generator(root, _STREAM, k)) for k, part in enumerate(keys)]
    if keys[2].size >= MIN_FRESH:
        train, fresh, against = (0, order[0]), (2, order[2]), "holdout"
    else:
        half = order[0].size // 2
        train, fresh, against = (0, order[0][:half]), (0, order[0][half:]), "real_halves"
    mix = np.bincount(classes.synthetic, minlength=classes.n_classes).astype(np.float64)
    if len(columns) > MAX_COLUMNS:
        columns = _some(columns, target, generator(root, _STREAM, 3))
    coder = _Coder.of(columns, len(keys[0]))
    klass = (classes.real, classes.synthetic, classes.holdout)

    def sample(table: int, rows: Codes, shares: Floats | None) -> Sample:
        if shares is not None:
            rows = rows[shares[klass[table][rows]] > 0]
        rows = rows[:max_rows]
        own = klass[table][rows]
        return Sample(coder.features(table, rows), rows, keys[table][rows], own, _weights(own, shares))

    made = (
        sample(*train, mix), sample(*fresh, mix), sample(1, order[1], None), sample(*train, None), sample(*fresh, None)
    )  # fmt: skip
    if min(made[0].n_rows, made[1].n_rows, made[2].n_rows) < MIN_FRESH:
        return None
    at = next((k for k, column in enumerate(columns) if column.column.name == target), None)
    labels = columns[at].labels if at is not None and isinstance(columns[at], Labels) else ()  # type: ignore[union-attr]
    return Samples(*made, against, at, (*labels, "\0null") if labels else (), seed)  # type: ignore[arg-type]


def _shuffled(keys: Keys, rng: np.random.Generator) -> Codes:
    """Rows in a random order that depends on their content, not on their place."""
    canonical = np.argsort(keys, kind="stable")
    shuffled: Codes = canonical[rng.permutation(keys.size)]
    return shuffled


def _some(columns: Sequence[AnyColumn], target: str | None, rng: np.random.Generator) -> list[AnyColumn]:
    """300 of many columns, the target among them, in their order."""
    names = sorted(column.column.name for column in columns)
    kept = {names[k] for k in rng.permutation(len(names))[: MAX_COLUMNS - 1]} | {target}
    return [column for column in columns if column.column.name in kept]


def _weights(klass: Codes, shares: Floats | None) -> Floats:
    """Weights with mean one that bring ``klass`` to the mix ``shares``; classes without a row get none."""
    if shares is None or not klass.size:
        return np.ones(klass.size)
    counts = np.bincount(klass, minlength=shares.size)
    wanted = np.where(counts > 0, shares, 0.0)
    wanted = wanted / wanted.sum()
    weights: Floats = np.divide(wanted, counts, out=np.zeros_like(wanted), where=counts > 0)[klass] * klass.size
    return weights


@dataclass(frozen=True, slots=True)
class _Coder:
    """Columns with their category codes: 250 at most by frequency in the real table, then one code for all others."""

    columns: tuple[AnyColumn, ...]
    lookups: tuple[NDArray[np.float64] | None, ...]
    units: tuple[float, ...]

    @classmethod
    def of(cls, columns: Sequence[AnyColumn], n_rows: int) -> _Coder:
        lookups = tuple(_lookup(c, n_rows) if isinstance(c, Labels) else None for c in columns)
        return cls(tuple(columns), lookups, tuple(1.0 if isinstance(c, Labels) else _unit(c.real) for c in columns))

    def features(self, table: int, rows: Codes) -> Features:
        values = np.empty((rows.size, len(self.columns)))
        for k, (column, lookup) in enumerate(zip(self.columns, self.lookups, strict=True)):
            part = (column.real, column.synthetic, column.holdout)[table][rows]
            values[:, k] = part / self.units[k] if lookup is None else lookup[part]
        np.copyto(values, np.nan, where=~(np.abs(values) < LARGEST))
        return Features(
            values,
            np.array([lookup is not None for lookup in self.lookups], dtype=bool),
            tuple(column.column.name for column in self.columns),
        )


def _unit(values: Floats) -> float:
    """What a column is divided by: 1, or its size where squares would overflow or vanish."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max(initial=0.0))
    return 1.0 if largest == 0 or 1e-100 < largest < 1e100 else largest


def _lookup(column: Labels, n_rows: int) -> Floats:
    """Code of each label, NaN last (for null); rare and unseen labels share one code."""
    present = column.real[column.real >= 0]
    counts = np.bincount(present, minlength=len(column.labels))
    mass = counts / max(present.size, 1)
    cells = CategoryCells.fit(mass, counts, column.labels, n_rows, MAX_CATEGORIES).unseen_as_other()
    lookup = cells.lookup.astype(np.float64)
    lookup[-1] = np.nan
    return lookup


__all__ = ["MAX_ROWS", "Sample", "Samples", "draw_samples"]
