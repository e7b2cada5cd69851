"""Could chance make this rule? Tails of exact null distributions, and permutations where there is none.

A candidate is kept if its p-value, adjusted by Benjamini and Hochberg over all candidates, is small. Where rows are
permuted and no permutation comes near, the p-value is the tail of a normal law with the mean and spread of the
permutations, so that some hundred candidates can be told apart with a hundred permutations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance.rules._values import Floats

N_PERMUTATIONS = 99
N_SAMPLED = 3000
SMALLEST = 1e-15


def binomial_p(successes: int, trials: int, chance: float) -> float:
    """Probability of so many successes or more."""
    from scipy.stats import binom

    return max(float(binom.sf(successes - 1, trials, min(max(chance, 0.0), 1.0))), SMALLEST)


def hypergeometric_p(hits: int, drawn: int, marked: int, total: int) -> float:
    """Probability of so many marked rows or more in a group, if marks are permuted over all rows."""
    from scipy.stats import hypergeom

    return max(float(hypergeom.sf(hits - 1, total, marked, drawn)), SMALLEST)


def permutation_p(observed: float, permuted: Floats) -> float:
    """Probability of a statistic as large as ``observed``, of the statistics of permuted rows."""
    from scipy.stats import norm

    reached = int((permuted >= observed - 1e-12).sum())
    plain = (1 + reached) / (len(permuted) + 1)
    spread = float(permuted.std())
    if reached or spread == 0:
        return plain
    return min(plain, max(float(norm.sf((observed - permuted.mean()) / spread)), SMALLEST))


def adjusted(p_values: Floats) -> Floats:
    """p-values adjusted for their number, shape (n,).

    References
    ----------
    .. [1] Benjamini & Hochberg, "Controlling the false discovery rate", J. R. Stat. Soc. B 57 (1995).
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    raised = np.minimum.accumulate((p_values[order] * n / np.arange(1, n + 1))[::-1])[::-1]
    found = np.empty(n)
    found[order] = np.minimum(raised, 1.0)
    return found


def sampled(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most :data:`N_SAMPLED` of ``n`` rows."""
    return np.arange(n) if n <= N_SAMPLED else np.sort(rng.choice(n, N_SAMPLED, replace=False))


__all__ = ["N_PERMUTATIONS", "adjusted", "binomial_p", "hypergeometric_p", "permutation_p", "sampled"]
