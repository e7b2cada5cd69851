"""How a column's distinct values become atoms, bins, sub-bins and the knots of their quantile functions.

The rules of how many bins and which atoms are here, each in one function.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from contrapeso.tables._numbers import on_grid
from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._sketch import Bools, Floats64, ValueCounts, collected
from contrapeso.tables.encoding._tokens import Floats

KNOTS = 4096
"""Knots of all the quantile functions of a column: a value that repeats more often than that keeps its share."""
MIN_DISTINCT = 3
MIN_BIN_ROWS = 8
FINE_DISTINCT = 4_096
FINE_ROWS = 5_000
FINE_LEVELS = 16
MIN_STEP_VALUES = 20
"""Different values from which a common step is no accident."""
MAX_NOISY_DECIMALS = 6
ROWS_PER_BIN, ROWS_PER_ATOM = 300, 64
"""Rows for one bin and for one value of its own, where the family models the place within a bin."""


def n_bins_of(config: Encoding, n_rows: float) -> int:
    """Quantile bins of a column with so many rows; fewer where the family models the place within a bin."""
    if config.n_bins is not None:
        return config.n_bins
    if config.fine_levels == 0:
        return int(np.clip(n_rows // ROWS_PER_BIN, 16, 128))
    return 32 if n_rows < 1_000 else 64 if n_rows < 5_000 else 128 if n_rows <= 200_000 else 256


def max_atoms_of(config: Encoding, n_rows: float) -> int:
    """Most values of a column that are all taken one by one; fewer in small tables where bins say more than values."""
    if config.fine_levels != 0:
        return config.max_atoms
    return min(config.max_atoms, max(32, int(n_rows // ROWS_PER_ATOM)))


def fine_levels_of(config: Encoding, n_distinct: int, n_rows: float) -> int:
    """Sub-bins of a bin; 1 where there is no second level."""
    if config.fine_levels is not None:
        return max(1, config.fine_levels)
    return FINE_LEVELS if n_distinct > FINE_DISTINCT and n_rows >= FINE_ROWS else 1


def n_knots_of(n_cells: int, n_rows: float) -> int:
    """Knots of the quantile function of each of ``n_cells`` cells: one for two rows, within 5 and 257."""
    if not n_cells:
        return 5
    return int(np.clip(min(n_rows / (2 * n_cells), KNOTS / n_cells), 4, 256)) + 1


def atom_rows(n_rows: float) -> float:
    """Rows from which a repeated value is an atom: 20 or 0.2 %, less in tables under 2,000 rows."""
    return max(min(20.0, max(3.0, 0.01 * n_rows)), 0.002 * n_rows)


def without_extremes(counts: ValueCounts, k: int) -> ValueCounts:
    """Values beyond the k-th least and the k-th greatest moved onto those two."""
    if k <= 1 or not len(counts):
        return counts
    upto, above = np.cumsum(counts.counts), np.cumsum(counts.counts[::-1])[::-1]
    low = int(np.argmax(upto >= min(k, counts.total)))
    high = len(counts) - 1 - int(np.argmax(above[::-1] >= min(k, counts.total)))
    low, high = min(low, high), max(low, high)
    return counts.mapped(np.clip(counts.values, counts.values[low], counts.values[high]))


def stand_alone(counts: ValueCounts, n_null: float, config: Encoding) -> tuple[ValueCounts, Bools]:
    """The values to be coded, and which of them stand alone."""
    most = max_atoms_of(config, counts.total)
    if len(counts) <= most and counts.exact:
        alone = np.asarray(counts.counts >= config.min_support)
    else:
        least = max(atom_rows(counts.total + n_null), config.min_support)
        alone = np.asarray(counts.counts >= least)
        if alone.sum() > most:
            order = np.argsort(-counts.counts, kind="stable")
            alone[order[most:]] = False
    if 0 < counts.counts[~alone].sum() < config.min_support and alone.any():
        counts, alone = counts.subset(alone), alone[alone]  # too few for a bin: left to the nearest atoms
    return counts, alone


def step_of(counts: ValueCounts, decimals: int | None) -> tuple[int, float]:
    """Step, in units of the last decimal, of which all values are multiples from an origin; 1 where there is none."""
    if decimals is None or not counts.exact or len(counts) < MIN_STEP_VALUES:
        return 1, 0.0
    unit = 10.0**decimals
    if float(np.abs(counts.values).max()) * unit > 2**53:
        return 1, 0.0
    whole = np.rint(counts.values * unit).astype(np.int64)
    step = int(np.gcd.reduce(np.diff(whole)))
    return (step, float(counts.values[0])) if step > 1 else (1, 0.0)


def noisy_decimals(counts: ValueCounts, width: np.dtype[Any]) -> int | None:
    """Decimals on whose grid all values lie but for the noise of binary sums and products; None where there are none.

    Noise is up to 64 units in the last place of the greatest value, and under a thousandth of the grid's step.
    """
    if not counts.exact or len(counts) < MIN_STEP_VALUES:
        return None
    noise = 64 * float(np.finfo(width).eps) * float(np.abs(counts.values).max())
    for decimals in range(MAX_NOISY_DECIMALS + 1):
        if noise >= 1e-3 * 10.0**-decimals:
            return None
        if bool((np.abs(counts.values - on_grid(counts.values, decimals)) <= noise).all()):
            return decimals
    return None


def is_share(most: float) -> bool:
    """Whether a greatest value of numbers that are never negative looks like the end of shares or percentages."""
    return 0.9 <= most <= 1.0 or 90.0 <= most <= 100.0


def taken_together(rest: ValueCounts, atoms: Floats64, least: int, decimals: int | None) -> ValueCounts:
    """Neighbouring values replaced by the mean of at least ``least`` rows, so that no row's own value is kept."""
    group = np.empty(len(rest), dtype=np.intp)
    n, held = 0, 0.0
    for i, rows in enumerate(rest.counts.tolist()):
        group[i] = n
        held += rows
        if held >= least:
            n, held = n + 1, 0.0
    if held and n:
        group[group == n] = n - 1
    if not len(rest):
        return rest
    mass: Floats64 = np.bincount(group, rest.counts).astype(np.float64)
    mean = np.bincount(group, rest.counts * rest.values) / mass
    if decimals is not None:
        mean = on_grid(mean, decimals)
        mean = np.where(np.isin(mean, atoms), on_grid(mean + 10.0**-decimals, decimals), mean)
    return collected(mean, mass, rest.error)


def bins_of(rest: ValueCounts, atoms: Floats64, n_bins: int, min_support: int) -> NDArray[np.intp]:
    """Bin of each value: equal masses, cut at an atom where both sides have at least half a bin."""
    if not len(rest):
        return np.empty(0, dtype=np.intp)
    target = max(rest.total / n_bins, MIN_BIN_ROWS, min_support)
    gap = np.searchsorted(atoms, rest.values)
    starts = np.flatnonzero(np.diff(gap, prepend=-1))
    mass = np.add.reduceat(rest.counts, starts)
    bins = np.empty(len(rest), dtype=np.intp)
    used = 0
    for start, end in _segments(starts, mass, target, len(rest), min_support):
        part = rest.counts[start:end]
        n = int(max(1, min(round(part.sum() / target), (end - start) // MIN_DISTINCT)))
        place = np.floor((np.cumsum(part) - part / 2) / part.sum() * n).astype(np.intp)
        place = np.unique(np.minimum(place, n - 1), return_inverse=True)[1]
        bins[start:end] = used + place
        used += int(place[-1]) + 1
    return bins


def _segments(
    starts: NDArray[np.intp], mass: Floats64, target: float, end: int, min_support: int
) -> list[tuple[int, int]]:
    """Stretches of values between atoms, small neighbours taken together."""
    least = max(target / 2, min_support)
    cuts, held = [0], 0.0
    for i, rows in enumerate(mass.tolist()):
        if held >= least and mass[i:].sum() >= least and i and (rows >= least or held >= target):
            cuts.append(int(starts[i]))
            held = 0.0
        held += rows
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def sub_bins_of(rest: ValueCounts, bins: NDArray[np.intp], bin_mass: Floats64, n_sub: int) -> NDArray[np.intp]:
    """Sub-bin of each value within its bin, of equal masses."""
    if n_sub == 1 or not len(bins):
        return np.zeros(len(bins), dtype=np.intp)
    before = np.concatenate(([0.0], np.cumsum(bin_mass)[:-1]))[bins]
    share = (np.cumsum(rest.counts) - rest.counts / 2 - before) / bin_mass[bins]
    return np.clip(np.floor(share * n_sub), 0, n_sub - 1).astype(np.intp)


def knots_of(
    rest: ValueCounts, cells: NDArray[np.intp], ends: NDArray[np.intp], k: int, decimals: int | None
) -> Floats64:
    """Quantile functions of the cells at ``k`` equally spaced levels, shape (n_cells, k)."""
    if not len(cells):
        return np.empty((0, k))
    half = 0.0 if decimals is None else 0.5 * 10.0**-decimals
    upto = np.cumsum(rest.counts)
    before = upto - rest.counts
    level = np.column_stack([before, upto]).ravel()
    value = np.column_stack([rest.values - half, rest.values + half]).ravel()
    start, stop = before[cells], upto[ends]
    wanted = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, k)
    knots = np.interp(wanted.ravel(), level, value).reshape(wanted.shape)
    knots[:, 0], knots[:, -1] = rest.values[cells] - half, rest.values[ends] + half
    return np.maximum.accumulate(np.clip(knots, knots[:, :1], knots[:, -1:]), axis=1)


def normal_scores(mass: Floats64) -> Floats:
    """Standard normal quantile of the middle of each code's share."""
    from scipy.special import ndtri

    total = mass.sum()
    if not len(mass) or total <= 0:
        return np.zeros(len(mass), dtype=np.float32)
    middle = (np.cumsum(mass) - mass / 2) / total
    return np.asarray(np.clip(ndtri(np.clip(middle, 1e-6, 1 - 1e-6)), -4, 4), dtype=np.float32)


def log_share(mass: Floats64) -> Floats:
    """Log of the frequency of each code, half a row added to each."""
    return np.asarray(np.log((mass + 0.5) / (mass.sum() + 0.5 * len(mass))), dtype=np.float32)


def log_rows(pairs: Floats64) -> Floats:
    """Log of each row's shares; ``-inf`` for pairs of no rows."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(pairs / pairs.sum(axis=1, keepdims=True)), dtype=np.float32)


__all__ = [
    "atom_rows",
    "bins_of",
    "fine_levels_of",
    "is_share",
    "knots_of",
    "log_rows",
    "log_share",
    "n_bins_of",
    "n_knots_of",
    "noisy_decimals",
    "normal_scores",
    "stand_alone",
    "step_of",
    "sub_bins_of",
    "taken_together",
    "without_extremes",
]
