"""The generalised Pareto tail of a column's outer bin: values a little beyond the observed extreme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contrapeso.tables.encoding._sketch import Floats64, ValueCounts

MIN_ROWS = 100
"""Fewest finite rows from which a tail is fitted."""

_SHAPES = (-0.5, 0.5)
_LONGEST = 0.95


@dataclass(frozen=True, slots=True)
class Tail:
    """Excess over the extreme: sigma / xi ((1 - q)^-xi - 1), for the ``share`` of the outer cell's draws."""

    xi: float
    sigma: float
    share: float

    def excess(self, q: Floats64) -> Floats64:
        """Distances beyond the extreme at levels ``q`` in [0, 1); the last 5 % are cut."""
        level = np.log1p(-q * _LONGEST)
        if abs(self.xi) < 1e-9:
            return -self.sigma * level
        return np.asarray(self.sigma / self.xi * np.expm1(-self.xi * level))


def upper_tail(counts: ValueCounts, cell_mass: float, k_extreme: int) -> Tail | None:
    """Tail above the greatest value of ``counts``, or None where nothing speaks for one.

    Fitted by probability-weighted moments to the excesses over the 95 % quantile (at least 50 rows),
    then moved to the greatest value: an excess over a higher threshold is again generalised Pareto,
    with sigma + xi (maximum - threshold). A draw passes the maximum once in about as many rows as were seen.

    References
    ----------
    .. [1] Hosking & Wallis, "Parameter and quantile estimation for the generalized Pareto
       distribution", Technometrics 29 (1987), Sec. 3.
    """
    total = counts.total
    if total < MIN_ROWS:
        return None
    above = np.cumsum(counts.counts[::-1])[::-1]
    start = int(np.flatnonzero(above >= max(50.0, 0.05 * total))[-1])
    threshold = counts.values[start]
    excess, mass = counts.values[start + 1 :] - threshold, counts.counts[start + 1 :]
    if len(excess) < 5 or not np.isfinite(excess).all():
        return None
    p = (np.cumsum(mass) - mass / 2) / mass.sum()
    first = float(np.average(excess, weights=mass))
    second = float(np.average(excess * (1 - p), weights=mass))
    if first <= 2 * second or second <= 0:
        return None
    xi = float(np.clip(2 - first / (first - 2 * second), *_SHAPES))
    sigma = first * (1 - xi) + xi * float(excess[-1])
    return Tail(xi, sigma, k_extreme / (cell_mass + k_extreme)) if sigma > 0 and np.isfinite(sigma) else None


def lower_tail(counts: ValueCounts, cell_mass: float, k_extreme: int) -> Tail | None:
    """Tail below the least value of ``counts``."""
    return upper_tail(ValueCounts(-counts.values[::-1], counts.counts[::-1]), cell_mass, k_extreme)


__all__ = ["MIN_ROWS", "Tail", "lower_tail", "upper_tail"]
