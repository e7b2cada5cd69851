"""How many different things a table holds, so that tables of different sizes can be compared.

More rows hold more different rows and categories. So both tables are asked what an equally large random part of them
would hold in expectation (rarefaction), which is exact and needs no drawing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from contrapeso.metrics._sorted import SortedColumn

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]
NAN = float("nan")
TAIL = 0.01


def log_absent(counts: Counts, n_rows: int, n_drawn: int) -> Floats:
    """Log-probability (K,) that ``n_drawn`` of ``n_rows`` rows, without replacement, hold none of each kind.

    ``counts`` (K,) are the rows of each kind; -inf where a kind cannot be missed.
    """
    left = n_rows - counts
    possible = left >= n_drawn
    log: Floats = np.full(counts.shape, -np.inf)
    kept = left[possible]
    log[possible] = gammaln(kept + 1) - gammaln(kept - n_drawn + 1) - gammaln(n_rows + 1)
    log[possible] += gammaln(n_rows - n_drawn + 1)
    return np.minimum(log, 0.0, out=log)


def distinct_share(counts: Counts, n_drawn: int) -> float:
    """Expected share of different kinds among ``n_drawn`` rows of a table, in (0, 1]; NaN for none.

    Parameters
    ----------
    counts : ndarray of shape (K,), rows of each kind
    n_drawn : int
        At most the number of rows.

    References
    ----------
    .. [1] Hurlbert, "The nonconcept of species diversity", Ecology 52 (1971), Eq. 14.
    """
    if n_drawn < 1:
        return NAN
    present = -np.expm1(log_absent(counts, int(counts.sum()), n_drawn))
    return min(1.0, float(present.sum() / n_drawn))  # log-gammas round in the tenth digit


def weighted_coverage(support: Floats, absent: Floats) -> float:
    """Share of the real rows whose category occurs, in [0, 1]: ``sum_k support_k (1 - P(k absent))``.

    Parameters
    ----------
    support : ndarray of shape (K,), real shares of the categories
    absent : ndarray of shape (K,)
        Probability that the other table lacks the category: 0 or 1 for a table as it is, between for a random part.
    """
    total = support.sum()
    return float((support * (1 - absent)).sum() / total) if total > 0 else NAN


def beyond_tails(real: ArrayLike, other: ArrayLike, weights: ArrayLike | None = None, tail: float = TAIL) -> Floats:
    """Which values of ``other`` lie beyond the ``tail`` and ``1 - tail`` quantiles of ``real``, (n,) of 0 and 1.

    NaN where ``other`` is null, and everywhere without a real value.
    """
    column = SortedColumn.of(real, weights)
    values = np.asarray(other, dtype=np.float64)
    if not column.values.size:
        return np.full(values.size, np.nan)
    low, high = column.quantile([tail, 1 - tail])
    found: Floats = ((values < low) | (values > high)).astype(np.float64)
    found[np.isnan(values)] = np.nan
    return found


__all__ = ["TAIL", "beyond_tails", "distinct_share", "log_absent", "weighted_coverage"]
