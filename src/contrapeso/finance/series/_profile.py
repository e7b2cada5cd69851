"""How payments without a fixed date spread over the days of the month and over weekdays.

The rate of a day is a factor for its place in the month times one for its type (Monday to Sunday, bank holiday).
Each factor is a Gamma-Poisson estimate: counts shrunk to what neighbouring days say, by as much as chance explains.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance.series._grid import HOLIDAY, N_DAY_TYPES, Bools, Grid, Ints

Floats = NDArray[np.float64]

N_DAYS_OF_MONTH = 31
_ROUNDS = 3
_AVERAGED = 2 * np.pi**0.5  # days that a Gaussian kernel of width 1 averages over
_MOST_PULL = 1e6
_LEAST_PULL = 0.25
_CLOSED_TYPES = (5, 6, HOLIDAY)


def shrunk(counts: Floats, expected: Floats, prior: Floats | float, dispersion: float = 1.0) -> Floats:
    """Rates ``counts / expected`` pulled to ``prior`` by as much as chance alone explains.

    The pull is the shape of the Gamma prior, by moments: excess of ``(c - E)^2`` over the variance ``dispersion * E``.

    References
    ----------
    .. [1] Clayton & Kaldor, "Empirical Bayes estimates of age-standardized relative risks", Biometrics 43 (1987).
    """
    mean = expected * prior
    excess = float(((counts - mean) ** 2 - dispersion * mean).sum())
    spread = float((mean**2).sum())
    pull = _MOST_PULL if excess <= spread / _MOST_PULL else max(spread / excess, _LEAST_PULL)
    pull *= dispersion
    return np.asarray((counts + pull * prior) / (expected + pull))


def circular(values: Floats, width: float) -> Floats:
    """``values`` over the days of a month, smoothed by a circular Gaussian of ``width`` days."""
    away = np.arange(N_DAYS_OF_MONTH)
    away = np.minimum(away, N_DAYS_OF_MONTH - away)
    kernel = np.exp(-0.5 * (away / width) ** 2)
    kernel /= kernel.sum()
    return np.asarray(
        kernel[(np.arange(N_DAYS_OF_MONTH)[:, None] - np.arange(N_DAYS_OF_MONTH)) % N_DAYS_OF_MONTH] @ values
    )


def fit_profile(
    grid: Grid, days: Ints, counts: Floats, *, width: float, local: bool, dispersion: float
) -> tuple[Floats, Floats]:
    """Factors of the days of the month and of the types of days.

    Parameters
    ----------
    grid : Grid
    days : int64, shape (d,), offsets of all days of the months that have rows.
    counts : float64, shape (d,), rows of each, or shares of rows.
    width : float, days of smoothing over the month.
    local : bool, whether single days may stand out from their neighbours.
    dispersion : float, variance of a count over its mean.

    Returns
    -------
    by_day : float64, shape (31,)
    by_type : float64, shape (8,); exactly 0 for Saturdays, Sundays and bank holidays without a row.
    """
    place, kind, month = grid.day[days], grid.day_type[days], grid.month[days] - grid.month[days[0]]
    in_month = np.bincount(month, counts)[month]
    by_day, by_type = np.ones(N_DAYS_OF_MONTH), np.ones(N_DAY_TYPES)
    seen = _sums(kind, counts, N_DAY_TYPES)
    by_type[[code for code in _CLOSED_TYPES if seen[code] <= 0]] = 0.0
    for _ in range(_ROUNDS):
        exposure = _normal(by_type[kind] * by_day[place], month) * in_month
        by_type = _types(seen, _sums(kind, exposure, N_DAY_TYPES), by_type, dispersion)
        exposure = _normal(by_type[kind], month) * in_month
        met = _sums(place, counts, N_DAYS_OF_MONTH), _sums(place, exposure, N_DAYS_OF_MONTH)
        by_day = _days_of_month(*met, width=width, local=local, dispersion=dispersion)
    return by_day, by_type


def _sums(place: Ints, values: Floats, n: int) -> Floats:
    return np.asarray(np.bincount(place, values, n), dtype=np.float64)


def _types(seen: Floats, expected: Floats, before: Floats, dispersion: float) -> Floats:
    """Factors of the types of days after one more round; zeros stay."""
    open_, found = before > 0, before.copy()
    work = open_ & (np.arange(N_DAY_TYPES) < _CLOSED_TYPES[0])
    base = expected / np.where(open_, before, 1.0)
    level = seen[work].sum() / max(base[work].sum(), 1e-300)
    found[work] = shrunk(seen[work], base[work], max(level, 1e-9), dispersion)
    closed = open_ & ~work
    found[closed] = (seen[closed] + 0.5 * level) / (base[closed] + 0.5)
    return found


def _days_of_month(counts: Floats, expected: Floats, *, width: float, local: bool, dispersion: float) -> Floats:
    """Factors of the days of the month: smoothed over neighbours, then, if ``local``, each by its own count."""
    near = circular(counts, width), circular(expected, width)
    wide = shrunk(*near, counts.sum() / max(expected.sum(), 1e-300), dispersion / (_AVERAGED * width))
    return shrunk(counts, expected, wide, dispersion) if local else wide


def _normal(rates: Floats, month: Ints) -> Floats:
    """Rates over their sum in the month; zero where a month has none."""
    total = np.bincount(month, rates)[month]
    return np.divide(rates, total, out=np.zeros_like(rates), where=total > 0)


def spread_over(grid: Grid, days: Ints, by_day: Floats, by_type: Floats, allowed: Bools | None = None) -> Floats:
    """Probability of each day within its month, shape (d,); a month without an allowed day has zeros."""
    rates = by_day[grid.day[days]] * by_type[grid.day_type[days]]
    if allowed is not None:
        rates = rates * allowed
    return _normal(rates, grid.month[days] - grid.month[days[0]])


__all__ = ["N_DAYS_OF_MONTH", "Floats", "circular", "fit_profile", "shrunk", "spread_over"]
