"""Classical two-sample tests of one column, each with an effect size that does not grow with the number of rows.

A p-value says how sure a difference is, not how large: with enough rows every difference is "significant". Numeric
columns are float arrays, of which the finite values are tested; label columns are codes with -1 for null, left out.
What is undefined (no value on one side) is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.metrics._marginal import js_similarity, wasserstein_normalized
from contrapeso.metrics._sorted import SortedColumn, ks_and_wasserstein

Floats = NDArray[np.float64]
NAN = float("nan")
MAX_ANDERSON = 20_000
MIN_EXPECTED = 5.0
_FAR = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Effect size and p-value of a test; ``p_value`` is None for a distance that is no test, NaN if undefined."""

    effect: float
    p_value: float | None = None


_UNDEFINED = Outcome(NAN, NAN)


def ks_test(real: ArrayLike, synthetic: ArrayLike) -> Outcome:
    """Kolmogorov-Smirnov distance in [0, 1] (0 is best) and its asymptotic p-value."""
    from scipy.stats import kstwo

    left, right = _finite(real), _finite(synthetic)
    if not left.size or not right.size:
        return _UNDEFINED
    distance = ks_and_wasserstein(SortedColumn.of(left), SortedColumn.of(right))[0]
    rows = max(1, round(left.size * right.size / (left.size + right.size)))
    return Outcome(distance, float(kstwo.sf(distance, rows)))


def mann_whitney(real: ArrayLike, synthetic: ArrayLike) -> Outcome:
    """``P(synthetic > real) + P(=) / 2`` (0.5 is best), which is U / (n m), and the p-value of Mann and Whitney.

    Blind to differences of spread: a threefold scale leaves it at 0.5.
    """
    from scipy.stats import mannwhitneyu

    left, right = _finite(real), _finite(synthetic)
    if not left.size or not right.size:
        return _UNDEFINED
    if left.min() == left.max() == right.min() == right.max():
        return Outcome(0.5, 1.0)  # all values tie
    found = mannwhitneyu(right, left, method="asymptotic")
    return Outcome(float(found.statistic / (left.size * right.size)), float(found.pvalue))


def js_distance(real: ArrayLike, synthetic: ArrayLike) -> Outcome:
    """Jensen-Shannon distance in [0, 1] (0 is best) on quantile cells of the real values; no p-value."""
    left, right = _finite(real), _finite(synthetic)
    return Outcome(1 - js_similarity(left, right) if left.size and right.size else NAN)


def wasserstein_effect(real: ArrayLike, synthetic: ArrayLike) -> Outcome:
    """First Wasserstein distance in interquartile ranges of the real values (0 is best, no upper end); no p-value."""
    left, right = _finite(real), _finite(synthetic)
    return Outcome(wasserstein_normalized(left, right) if left.size and right.size else NAN)


def chi2_test(real: ArrayLike, synthetic: ArrayLike) -> Outcome:
    """Cramer's V in [0, 1] (0 is best) of table against category, and the chi-squared p-value.

    Codes with fewer than five expected rows in either table are one cell, which takes the next rarest code in if it
    is still too small. One cell has nothing to differ in: V is 0 and p is 1.
    """
    from scipy.special import chdtrc

    left, right = (np.asarray(part, dtype=np.intp) for part in (real, synthetic))
    left, right = left[left >= 0], right[right >= 0]
    if not left.size or not right.size:
        return _UNDEFINED
    width = int(max(left.max(), right.max())) + 1
    table = _pooled(np.stack([np.bincount(part, minlength=width) for part in (left, right)]).astype(np.float64))
    cells = table.shape[1]
    if cells < 2:
        return Outcome(0.0, 1.0)
    total = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Outcome(float(np.sqrt(statistic / total)), float(chdtrc(cells - 1, statistic)))


def _pooled(table: Floats) -> Floats:
    """``table`` (2, K) with the cells of fewer than five expected rows merged into one, the last."""
    sizes = table.sum(axis=0)
    order = np.argsort(-sizes, kind="stable")
    least = sizes[order] * table.sum(axis=1).min() / sizes.sum()
    kept = int((least >= MIN_EXPECTED).sum())
    rest = least[kept:].sum()
    if 0 < rest < MIN_EXPECTED and kept > 0:
        kept -= 1
    merged: Floats = np.column_stack([table[:, order[:kept]], table[:, order[kept:]].sum(axis=1)])
    return merged[:, merged.sum(axis=0) > 0]


def anderson_darling(real: ArrayLike, synthetic: ArrayLike, rng: np.random.Generator) -> Outcome:
    """``integral (F - G)^2 / (H (1 - H)) dH`` (0 is best, at most about 1.6) and the p-value of Anderson and Darling.

    The statistic A^2 over ``n m / (n + m)``, with mid-ranks for ties; its p-value is that of the limit, for 5 %
    false alarms good to about 0.001, in the far tail to 3 %. Beyond 20 000 rows of a side, as many drawn by ``rng``.

    References
    ----------
    .. [1] Scholz & Stephens, "K-sample Anderson-Darling tests", J. Am. Stat. Assoc. 82 (1987), Eq. 7.
    .. [2] Marsaglia & Marsaglia, "Evaluating the Anderson-Darling distribution", J. Stat. Softw. 9 (2004), Sec. 3.
    """
    left, right = (_some(_finite(part), rng) for part in (real, synthetic))
    if not left.size or not right.size:
        return _UNDEFINED
    n, m = left.size, right.size
    values, inverse, counts = np.unique(np.concatenate([left, right]), return_inverse=True, return_counts=True)
    if values.size < 2:
        return Outcome(0.0, 1.0)
    ours = np.bincount(inverse[:n], minlength=values.size)
    below, below_ours = np.cumsum(counts) - counts / 2, np.cumsum(ours) - ours / 2
    total = n + m
    spread = below * (total - below) - total * counts / 4
    terms = counts * (total * below_ours - n * below) ** 2 / np.where(spread > 0, spread, np.inf)
    squared = float((total - 1) / total**2 * terms.sum() * (1 / n + 1 / m))
    return Outcome(squared * total / (n * m), _anderson_tail(squared))


def _anderson_tail(squared: float) -> float:
    """``P(A^2 > squared)`` in the limit of many rows."""
    z = squared
    if z <= 0:
        return 1.0
    if z < 2:
        inner = 2.00012 + (0.247105 - (0.0649821 - (0.0347962 - (0.011672 - 0.00168691 * z) * z) * z) * z) * z
        below = float(np.exp(-1.2337141 / z) / np.sqrt(z) * inner)
        return min(1.0, max(0.0, 1 - below))
    if z < _FAR:
        inner = 1.0776 - (2.30695 - (0.43424 - (0.082433 - (0.008056 - 0.0003146 * z) * z) * z) * z) * z
        return float(-np.expm1(-np.exp(inner)))
    return float(np.sqrt(3 / (np.pi * z)) * np.exp(-z))  # the largest of the weights 1 / (j (j + 1)) decides the tail


def _some(values: Floats, rng: np.random.Generator) -> Floats:
    """At most 20 000 of the values; which ones does not depend on the order of the rows."""
    if values.size <= MAX_ANDERSON:
        return values
    drawn: Floats = np.sort(values)[rng.choice(values.size, MAX_ANDERSON, replace=False)]
    return drawn


def adjusted(p_values: ArrayLike) -> Floats:
    """p-values adjusted for their number, (n,); NaN stays NaN and does not count.

    References
    ----------
    .. [1] Benjamini & Hochberg, "Controlling the false discovery rate", J. R. Stat. Soc. B 57 (1995).
    """
    given: Floats = np.array(p_values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    raised = given[order] * order.size / np.arange(1, order.size + 1)
    given[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return given


def _finite(values: ArrayLike) -> Floats:
    given: Floats = np.asarray(values, dtype=np.float64)
    return given[np.isfinite(given)]


__all__ = [
    "MAX_ANDERSON",
    "Outcome",
    "adjusted",
    "anderson_darling",
    "chi2_test",
    "js_distance",
    "ks_test",
    "mann_whitney",
    "wasserstein_effect",
]
