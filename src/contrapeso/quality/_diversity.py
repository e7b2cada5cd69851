"""Is the variety of the real table there? Repeated rows, categories and tails, each beside what real rows reach.

The reference comes from the holdout, else from the other half of the real rows; tables are compared at equal numbers
of rows of each class. Nothing here enters the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.metrics import _diversity as diversity
from contrapeso.quality._columns import AnyColumn, Labels, Numbers
from contrapeso.quality._privacy import collision_rate
from contrapeso.quality._reference import MIN_HOLDOUT, Classes, Keys
from contrapeso.quality._sections import Interval, Reading

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
NO_CATEGORIES, NO_TAILS, TOO_FEW = "no_categories", "no_tails", "too_few_rows_for_reference"
_STREAM = 22
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows of one table (0 real, 1 synthetic, 2 holdout) and their classes."""

    table: int
    rows: Codes
    klass: Codes

    def of(self, column: AnyColumn) -> NDArray[np.float64] | Codes:
        values = (column.real, column.synthetic, column.holdout)[self.table]
        return values[self.rows]


@dataclass(frozen=True, slots=True)
class _Parts:
    """``base`` is what the others are measured against: the synthetic rows and ``fresh`` real ones."""

    real: _Part
    synthetic: _Part
    base: _Part
    fresh: _Part


def assess_diversity(
    columns: Sequence[AnyColumn], keys: tuple[Keys, Keys, Keys], classes: Classes, *, seed: int = 0
) -> tuple[Reading, ...]:
    """Readings ``collision_rate``, ``distinct_rows``, ``category_coverage_weighted`` and ``tail_coverage``.

    Parameters
    ----------
    columns : sequence of Numbers or Labels
        The columns that are compared, with the rows that ``keys`` and ``classes`` speak of.
    keys : three ndarrays of shape (n,)
        Row keys of the real, synthetic and holdout table.
    classes : Classes
        A reference has the class mix of the synthetic rows.
    seed : int
        Seeds the halves of the real rows, which serve without a holdout of at least 30 rows.

    Returns
    -------
    tuple of Reading
        Chance that two rows of one class are equal; share of different rows among equally many rows; share of
        real rows whose category occurs in the synthetic table, mean over the label columns; share of synthetic values
        beyond the real 1 % and 99 % quantiles, mean over the numeric columns that have such tails. Down to 30 real
        rows; below, a reference is None. Value None with ``no_categories`` or ``no_tails`` where no column is asked.
    """
    parts = _parts(keys, classes, seed)
    distinct, distinct_real = _distinct(parts, keys)
    return (
        Reading(
            "collision_rate",
            collision_rate(keys[1], classes.synthetic),
            reference=_collisions(keys[0], classes),
        ),
        Reading("distinct_rows", distinct, reference=distinct_real, reason=None if distinct is not None else TOO_FEW),
        _coverage([c for c in columns if isinstance(c, Labels)], parts),
        _tails([c for c in columns if isinstance(c, Numbers)], parts),
    )


def _collisions(keys: Keys, classes: Classes) -> float | None:
    """Collision rate of the real rows in the class mix of the synthetic ones; None where they share no class."""
    shared, counts = np.unique(classes.synthetic[np.isin(classes.synthetic, classes.real)], return_counts=True)
    if not shared.size:
        return None
    members = [classes.real == label for label in shared]
    return float(np.average([collision_rate(keys[at], classes.real[at]) for at in members], weights=counts))


def _parts(keys: tuple[Keys, Keys, Keys], classes: Classes, seed: int) -> _Parts:
    real, synthetic, holdout = (
        _Part(table, np.arange(klass.size), klass)
        for table, klass in enumerate((classes.real, classes.synthetic, classes.holdout))
    )
    if keys[2].size >= MIN_HOLDOUT:
        return _Parts(real, synthetic, real, holdout)
    canonical = np.argsort(keys[0], kind="stable")
    shuffled = canonical[generator(seed_sequence(seed), _STREAM).permutation(canonical.size)]
    one, other = shuffled[: shuffled.size // 2], shuffled[shuffled.size // 2 :]
    return _Parts(real, synthetic, _Part(0, one, classes.real[one]), _Part(0, other, classes.real[other]))


def _drawn(left: _Part, right: _Part) -> dict[int, int]:
    """Rows of each class that both parts can give."""
    return {
        int(label): int(min((left.klass == label).sum(), (right.klass == label).sum()))
        for label in np.intersect1d(left.klass, right.klass)
    }


def _distinct(parts: _Parts, keys: tuple[Keys, Keys, Keys]) -> tuple[float | None, float | None]:
    """Expected share of different rows among equally many synthetic and real rows of each class."""
    drawn = _drawn(parts.real, parts.synthetic)
    total = sum(drawn.values())
    if not total:
        return None, None
    shares = []
    for part in (parts.synthetic, parts.real):
        found = 0.0
        for label, n in drawn.items():
            _, counts = np.unique(keys[part.table][part.klass == label], return_counts=True)
            found += n * diversity.distinct_share(counts, n)
        shares.append(found / total)
    return shares[0], shares[1]


def _coverage(columns: Sequence[Labels], parts: _Parts) -> Reading:
    name = "category_coverage_weighted"
    used = [column for column in columns if (column.real >= 0).any()]
    if not used:
        return Reading(name, None, reason=NO_CATEGORIES)
    drawn = _drawn(parts.synthetic, parts.fresh)
    if not drawn:
        return Reading(name, None, reason=TOO_FEW)
    mix = {label: n / sum(drawn.values()) for label, n in drawn.items()}
    value = [_covered(c, parts.real, parts.synthetic, drawn, mix) for c in used]
    reference = [_covered(c, parts.base, parts.fresh, drawn, mix) for c in used]
    return Reading(name, _mean(value), reference=_mean(reference) if parts.fresh.rows.size >= MIN_HOLDOUT else None)


def _covered(column: Labels, base: _Part, other: _Part, drawn: dict[int, int], mix: dict[int, float]) -> float:
    """Coverage of the categories of ``base``, in the class mix ``mix``, by ``drawn`` rows of ``other``."""
    width = len(column.labels)
    support, absent = np.zeros(width), np.zeros(width)
    for label, n in drawn.items():
        counts = _count(base.of(column)[base.klass == label], width)
        if counts.sum():
            support += mix[label] * counts / counts.sum()
        members = other.of(column)[other.klass == label]
        absent += diversity.log_absent(_count(members, width), members.size, n)
    return diversity.weighted_coverage(support, np.exp(absent))


def _count(codes: NDArray[np.float64] | Codes, width: int) -> Codes:
    return np.bincount(codes[codes >= 0].astype(np.intp), minlength=width)


def _tails(columns: Sequence[Numbers], parts: _Parts) -> Reading:
    name = "tail_coverage"
    beyond, expected = [], []
    mix = np.bincount(parts.synthetic.klass)
    for column in columns:
        real = _beyond(column, parts.base, parts.fresh, mix)
        share = _mean_of(real, _weights(parts.fresh.klass, mix))
        if share is None or share == 0:
            continue  # no value beyond the quantiles: a column of few values
        expected.append(share)
        beyond.append(_beyond(column, parts.real, parts.synthetic, mix))
    found = [row for row in beyond if not np.isnan(row).all()]
    if not found:
        return Reading(name, None, reason=NO_TAILS)
    value = _mean([float(np.nanmean(row)) for row in found])
    enough = parts.fresh.rows.size >= MIN_HOLDOUT
    return Reading(name, value, _interval(value, found), reference=_mean(expected) if enough else None)


def _beyond(column: Numbers, base: _Part, other: _Part, mix: Codes) -> Floats:
    return diversity.beyond_tails(base.of(column), other.of(column), _weights(base.klass, mix))


def _weights(klass: Codes, mix: Codes) -> Floats | None:
    """Weight of each row for the class mix ``mix``; None where all count the same."""
    sizes = np.bincount(klass, minlength=mix.size)
    if sizes.size == 1:
        return None
    wanted = np.zeros(sizes.size)
    wanted[: mix.size] = mix
    weights: Floats = (wanted / np.maximum(sizes, 1))[klass]
    return weights if weights.any() else None


def _mean_of(values: Floats, weights: Floats | None) -> float | None:
    known = ~np.isnan(values)
    mass = known.astype(np.float64) if weights is None else weights * known
    total = mass.sum()
    return float((mass[known] * values[known]).sum() / total) if total > 0 else None


def _interval(value: float, beyond: Sequence[Floats]) -> Interval:
    """95 % interval of a mean over columns, from its spread over the rows."""
    by_row = np.zeros(beyond[0].size)
    for values in beyond:
        by_row += np.where(np.isnan(values), 0.0, values - np.nanmean(values)) / (~np.isnan(values)).mean()
    by_row /= len(beyond)
    reach = _Z * float(np.sqrt((by_row**2).sum()) / by_row.size)
    return max(0.0, value - reach), min(1.0, value + reach)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


__all__ = ["assess_diversity"]
