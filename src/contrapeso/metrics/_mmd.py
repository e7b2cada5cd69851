"""Maximum mean discrepancy with a Gaussian kernel, and a permutation test of it. Shown, never scored.

It sees shifts of many columns at once and little else: a table whose columns were shuffled one by one may pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
N_PERMUTATIONS = 200
NAN = float("nan")


def median_bandwidth(squared: Floats) -> float:
    """Median squared distance of different rows; their mean where the median is 0, 1 where all rows are equal."""
    above = squared[np.triu_indices(len(squared), 1)]
    if not above.size:
        return 1.0
    middle = float(np.median(above))
    return middle or float(above.mean()) or 1.0


def mmd(
    squared: Floats, n_real: int, rng: np.random.Generator | None = None, n_permutations: int = N_PERMUTATIONS
) -> tuple[float, float]:
    """Unbiased squared discrepancy (about 0 for fresh rows, below it half the time) and its p-value.

    Parameters
    ----------
    squared : ndarray of shape (n + m, n + m)
        Squared distances within both tables together, real rows first. The kernel is ``exp(-squared / (2 * median))``.
    n_real : int
        Rows of the real table, at least 2 of each; NaN otherwise.
    rng : Generator, optional
        Draws the permutations; without it the p-value is NaN.

    References
    ----------
    .. [1] Gretton et al., "A kernel two-sample test", JMLR 13 (2012), Lemma 6.
    """
    total = len(squared)
    if min(n_real, total - n_real) < 2:
        return NAN, NAN
    kernel = np.exp(squared / (-2 * median_bandwidth(squared)))
    np.fill_diagonal(kernel, 0.0)
    member = np.zeros((total, 1 if rng is None else n_permutations + 1))
    member[:n_real] = 1.0
    if rng is not None:
        first = member[:, 0].copy()
        for k in range(1, member.shape[1]):
            member[:, k] = rng.permutation(first)
    found = _statistics(kernel, member, n_real)
    if rng is None:
        return float(found[0]), NAN
    at_least = found[1:] >= found[0] - 1e-12
    return float(found[0]), float((1 + at_least.sum()) / (1 + at_least.size))


def _statistics(kernel: Floats, member: Floats, n_real: int) -> Floats:
    """The statistic for each column of ``member`` (n + m, K), which is 1 for rows taken as real."""
    others = len(kernel) - n_real
    sums = kernel @ member
    inside = (member * sums).sum(axis=0)
    between = ((1 - member) * sums).sum(axis=0)
    outside = kernel.sum() - inside - 2 * between
    found: Floats = (
        inside / (n_real * (n_real - 1)) + outside / (others * (others - 1)) - 2 * between / (n_real * others)
    )
    return found


__all__ = ["N_PERMUTATIONS", "median_bandwidth", "mmd"]
