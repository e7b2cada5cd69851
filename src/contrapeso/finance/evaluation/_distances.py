"""Distances between two sides as counts over one list of values, many bootstrap draws at a time.

Every quantity that is compared (day of the month, weekday, amount, rounding step, length of the text) is coded once
over the values that occur on any side. A bootstrap of a side is then a multinomial draw of its counts, and all draws
are compared at once: shapes are (..., n_values), the last axis holds shares.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS = (10_000, 5_000, 1_000, 500, 100, 10, 5, 1)
"""Rounding steps in centavos, the coarsest first; the step of an amount is the first that divides it."""
LN2 = float(np.log(2))


def jensen_shannon(p: Floats, q: Floats) -> Floats:
    """Jensen-Shannon divergence in nats, 0 to ln 2, along the last axis; leading axes broadcast.

    Examples
    --------
    >>> float(jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])).round(4))
    0.6931
    """
    p, q = np.broadcast_arrays(p, q)
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / middle), 0.0) + np.where(q > 0, q * np.log(q / middle), 0.0)
    return np.asarray(np.clip(terms.sum(axis=-1) / 2, 0.0, LN2), dtype=np.float64)


def total_variation(p: Floats, q: Floats) -> Floats:
    """Half the sum of absolute differences, 0 to 1, along the last axis."""
    return np.asarray(np.abs(p - q).sum(axis=-1) / 2, dtype=np.float64)


def wasserstein(p: Floats, q: Floats, support: Floats) -> Floats:
    """First Wasserstein distance of shares over the increasing ``support``, shape (n_values,).

    Examples
    --------
    >>> float(wasserstein(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([2.0, 5.0])))
    3.0
    """
    if len(support) < 2:
        return np.zeros(np.broadcast_shapes(p.shape[:-1], q.shape[:-1]))
    gap = np.cumsum(p - q, axis=-1)[..., :-1]
    return np.asarray(np.abs(gap) @ np.diff(support), dtype=np.float64)


def signed_log(cents: Ints) -> Floats:
    """``sign * log(1 + |amount|)`` of amounts in units."""
    return np.asarray(np.sign(cents) * np.log1p(np.abs(cents) / 100), dtype=np.float64)


def rounding_steps(cents: Ints) -> Ints:
    """Place in :data:`STEPS` of the coarsest step that divides each amount; 0 is of the coarsest.

    Examples
    --------
    >>> rounding_steps(np.array([-25000, 1990, 1]))
    array([1, 5, 7])
    """
    divides = np.abs(cents)[:, None] % np.array(STEPS)[None, :] == 0
    return np.asarray(divides.argmax(axis=1), dtype=np.int64)


def repeated_share(counts: Ints, n_drawn: int) -> float:
    """Expected share of ``n_drawn`` rows, drawn without replacement, whose value occurs again among them.

    ``counts`` are the rows of each value, which sum to n >= ``n_drawn``. Exact: a row with c rows of its value is
    alone with probability C(n - c, m - 1) / C(n - 1, m - 1).

    Examples
    --------
    >>> repeated_share(np.array([2, 1, 1]), 4), round(repeated_share(np.array([2, 1, 1]), 2), 4)
    (0.5, 0.1667)
    """
    n, m = int(counts.sum()), int(n_drawn)
    if m < 2 or not n:
        return 0.0
    c = counts[counts > 0].astype(np.float64)
    with np.errstate(invalid="ignore"):
        log_alone = _log_choose(n - c, m - 1.0) - _log_choose(np.float64(n - 1), m - 1.0)
    alone = np.where(n - c >= m - 1, np.exp(log_alone), 0.0)
    return float((c / n * (1 - alone)).sum())


def _log_choose(n: Floats | float, k: float) -> Floats:
    """Logarithm of the binomial coefficient where 0 <= k <= n; anything elsewhere."""
    top = np.maximum(np.asarray(n, dtype=np.float64), k)
    return np.asarray(gammaln(top + 1) - gammaln(k + 1) - gammaln(top - k + 1), dtype=np.float64)


def shares(counts: Ints | Floats) -> Floats:
    """Counts over their sum along the last axis; zeros where the sum is 0."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray(counts / np.maximum(total, 1), dtype=np.float64)


def draws(counts: Ints, n_rows: int, n_draws: int, rng: np.random.Generator) -> Floats:
    """Shares of bootstrap samples of ``n_rows`` rows; shape (n_draws, n_values)."""
    return shares(rng.multinomial(n_rows, shares(counts), size=n_draws))


__all__ = [
    "LN2",
    "STEPS",
    "Floats",
    "Ints",
    "draws",
    "jensen_shannon",
    "repeated_share",
    "rounding_steps",
    "shares",
    "signed_log",
    "total_variation",
    "wasserstein",
]
