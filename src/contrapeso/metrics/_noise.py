"""Scores with the noise of sampling taken out, for one column and for one pair of columns.

Two fresh samples of one population never have equal histograms. What they differ by in expectation,
``e0``, is subtracted, so that a faultless sample scores about 1 at any size and a number means the same at
300 and at 300 000 rows. A difference of two cell shares with variance V is about normal, and
``E|N(0, V)| = sqrt(2 V / pi)``.

**Class shares.** Synthetic rows are usually new rows of the minority classes. The fair reference is then the
real table re-weighted to the class mix of the synthetic rows: a share of a cell is ``sum_c W_c P_c`` with the
class shares ``W`` of the synthetic table. Its variance is ``sum_c W_c^2 Var_c / n_c``, summed over the classes,
so a class with ten real rows brings the noise of ten rows, however often they are weighted. Every function takes
counts with a leading class axis; one class is the plain case.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, gammaln

Floats = NDArray[np.float64]
MIN_DEPENDENCE = 0.02
_MAX_DISCRETE = 128


def kish_size(shares: Floats, sizes: Floats) -> float:
    """Effective rows of a sample of class ``sizes`` (C,) re-weighted to class ``shares`` (C,): ``1 / sum(W^2 / n)``."""
    used = shares > 0
    return float(1 / (shares[used] ** 2 / sizes[used]).sum())


def coefficients(shares: Floats, sizes: Floats) -> Floats:
    """``W_c^2 / n_c`` per class, (C,); 0 where a class has no row."""
    return np.divide(shares**2, sizes, out=np.zeros_like(shares), where=sizes > 0)


def half_normal(variance: Floats) -> Floats:
    """``E|x|`` for x normal with mean 0 and the given variance."""
    expected: Floats = np.sqrt(2 / np.pi * np.maximum(variance, 0.0)).astype(np.float64)
    return expected


def column_floor(
    real: Floats, synthetic: Floats, shares_real: Floats | None = None, shares_synthetic: Floats | None = None
) -> float:
    """``e0``: expected total variation between two fresh samples with these cell counts.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n_classes, n_cells), counts
    shares_real, shares_synthetic : ndarray of shape (n_classes,)
        Class shares that the counts are re-weighted to; by default those of the counts themselves.
    """
    n, m = real.sum(axis=1), synthetic.sum(axis=1)
    left = coefficients(_default(shares_real, n), n)
    right = coefficients(_default(shares_synthetic, m), m)
    pooled = (real + synthetic) / np.maximum(n + m, 1)[:, None]
    variance = pooled * (1 - pooled) * (left + right)[:, None]
    factor = np.stack([discreteness(*part) for part in zip(real + synthetic, n, m, strict=True)])
    return float(_expected(variance, factor, axis=0).sum() / 2)


def _expected(variance: Floats, factor: Floats, *, axis: int) -> Floats:
    """``E|x|`` per cell, from variances and discreteness with the classes on ``axis``, which goes."""
    if variance.shape[axis] == 1:
        return np.asarray(half_normal(variance.squeeze(axis)) * factor.squeeze(axis), dtype=np.float64)
    total = variance.sum(axis=axis)
    mixed = np.divide((variance * factor).sum(axis=axis), total, out=np.ones_like(total), where=total > 0)
    return np.asarray(half_normal(total) * mixed, dtype=np.float64)


def discreteness(counts: Floats, n: float, m: float) -> Floats:
    """``E|x|`` of the difference of two shares over that of a normal, given pooled ``counts`` of ``n + m`` rows.

    Of t pooled rows in a cell, the real ones are binomial(t, n / (n + m)); its mean absolute deviation is known
    exactly (De Moivre). Without this, tables with many cells of one or two rows would look damaged by noise.
    """
    return _discrete_table(float(n), float(m))[np.minimum(counts, _MAX_DISCRETE).astype(np.intp)]


@lru_cache(maxsize=256)
def _discrete_table(n: float, m: float) -> Floats:
    """The factor for 0, 1, ... pooled rows; 1 for none and for many."""
    table = np.ones(_MAX_DISCRETE + 1)
    if n > 0 and m > 0:
        t, share = np.arange(1, _MAX_DISCRETE), n / (n + m)
        above = np.floor(t * share) + 1
        choose = gammaln(t + 1) - gammaln(above + 1) - gammaln(t - above + 1)
        deviation = 2 * above * np.exp(choose + above * np.log(share) + (t - above + 1) * np.log1p(-share))
        table[1:-1] = deviation / half_normal((t * share * (1 - share)).astype(np.float64))
    table.setflags(write=False)
    return table


def column_score(p: Floats, q: Floats, floor: float | Floats) -> Floats:
    """``1 - max(0, TV - e0) / (1 - e0)`` along the last axis: 1 is as good as a fresh sample, 0 disjoint."""
    distance = np.abs(p - q).sum(axis=-1) / 2
    score: Floats = np.clip(1 - np.maximum(0.0, distance - floor) / np.maximum(1 - np.asarray(floor), 1e-12), 0.0, 1.0)
    return score


def table_score(scores: Floats) -> Floats:
    """Half the mean and half the mean of the worst tenth (at least one) of the columns, along the last axis."""
    ordered = np.sort(scores, axis=-1)
    worst = max(1, round(scores.shape[-1] / 10))
    score: Floats = 0.5 * ordered.mean(axis=-1) + 0.5 * ordered[..., :worst].mean(axis=-1)
    return score


def residual(joint: Floats) -> Floats:
    """``P_ij - P_i P_j`` of joint shares (..., a, b): all zero where the two columns are independent."""
    apart: Floats = joint - joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    return apart


def residual_variance(joint: Floats, a: Floats, b: Floats, coefficient: Floats) -> Floats:
    """Variance of an estimated residual by class, (..., n_classes, a, b); that of the whole is their sum.

    The influence of one row on ``P_ij - P_i P_j`` is ``(1_i - P_i)(1_j - P_j)``; this is its variance.

    Parameters
    ----------
    joint : ndarray of shape (..., n_classes, a, b), joint shares within each class
    a, b : ndarray of shape (..., a) and (..., b), the marginal shares of the whole reference
    coefficient : ndarray of shape (n_classes,), ``W_c^2 / n_c``
    """
    row, column = joint.sum(axis=-1, keepdims=True), joint.sum(axis=-2, keepdims=True)
    a, b = a[..., None, :, None], b[..., None, None, :]
    both = a * b
    square = joint * ((1 - 2 * a) * (1 - 2 * b)) + row * ((1 - 2 * a) * b**2) + column * (1 - 2 * b) * a**2 + both**2
    mean = joint - a * column - b * row + both
    variance: Floats = coefficient[:, None, None] * np.maximum(square - mean**2, 0.0)
    return variance


def pair_floors(
    real: Floats, synthetic: Floats, shares_real: Floats | None = None, shares_synthetic: Floats | None = None
) -> Floats:
    """Expected half-sums of absolute residuals by noise alone: of the real table, the synthetic one, their difference.

    Parameters
    ----------
    real, synthetic : ndarray of shape (..., n_classes, a, b), counts; every table of the same rows
    shares_real, shares_synthetic : ndarray of shape (n_classes,), see :func:`column_floor`

    Returns
    -------
    ndarray of shape (3, ...)
    """
    n, m = (counts.reshape(-1, *counts.shape[-3:])[0].sum(axis=(1, 2)) for counts in (real, synthetic))
    shares_real, shares_synthetic = _default(shares_real, n), _default(shares_synthetic, m)
    left, right = coefficients(shares_real, n), coefficients(shares_synthetic, m)
    alone = [
        _independence_floor(_mixed(_within(real, n), shares_real), 1 / left.sum()),
        _independence_floor(_mixed(_within(synthetic, m), shares_synthetic), 1 / right.sum()),
    ]
    mix = (shares_real + shares_synthetic) / 2
    return np.stack([*alone, _gap_floor(real + synthetic, (n, m), mix, left + right)])


def half_floors(real: Floats, shares: Floats | None = None) -> Floats:
    """:func:`pair_floors` of two random halves of the rows behind ``real``: of either alone, and of their difference.

    Returns
    -------
    ndarray of shape (2, ...)
    """
    n = real.reshape(-1, *real.shape[-3:])[0].sum(axis=(1, 2)) / 2
    shares = _default(shares, n)
    coefficient = coefficients(shares, n)
    alone = _independence_floor(_mixed(_within(real / 2, n), shares), 1 / coefficient.sum())
    return np.stack([alone, _gap_floor(real, (n, n), shares, 2 * coefficient)])


def _gap_floor(counts: Floats, sizes: tuple[Floats, Floats], mix: Floats, coefficient: Floats) -> Floats:
    """Expected half-sums (...,) of absolute differences of the residuals of two tables with pooled ``counts``."""
    n, m = sizes
    pooled = _within(counts, n + m)
    whole = _mixed(pooled, mix)
    variance = residual_variance(pooled, whole.sum(axis=-1), whole.sum(axis=-2), coefficient)
    factor = np.stack([discreteness(counts[..., c, :, :], n[c], m[c]) for c in range(n.size)], axis=-3)
    gap: Floats = _expected(variance, factor, axis=-3).sum(axis=(-2, -1)) / 2
    return gap


def _within(counts: Floats, totals: Floats) -> Floats:
    """Counts (..., classes, a, b) as shares within each class; zero for an empty class."""
    shares: Floats = counts / np.maximum(totals, 1)[:, None, None]
    return shares


def _mixed(joint: Floats, shares: Floats) -> Floats:
    """Joint shares (..., a, b) of the whole from those within each class, (..., classes, a, b)."""
    mixed: Floats = joint[..., 0, :, :] if shares.size == 1 else np.einsum("c,...cij->...ij", shares, joint)
    return mixed


def _independence_floor(joint: Floats, n_rows: float) -> Floats:
    """Expected half-sums (...,) of absolute residuals of ``n_rows`` rows where the columns are independent."""
    a, b = joint.sum(axis=-1, keepdims=True), joint.sum(axis=-2, keepdims=True)
    expected = np.maximum(n_rows * (a * b), 1e-300)
    below = np.floor(expected)
    # Mean absolute deviation of a Poisson count (De Moivre), shrunk for the margins being those of the same sample.
    deviation = np.exp((below + 1) * np.log(expected) - expected - gammaln(below + 1))
    free = np.maximum(1 - a, 0.0) * np.maximum(1 - b, 0.0)  # a share of one may overshoot by rounding
    floor: Floats = (deviation * np.sqrt(free)).sum(axis=(-2, -1)) / n_rows
    return floor


def dependence(joint: Floats, floor: float | Floats) -> Floats:
    """``max(0, 1/2 sum|P_ij - P_i P_j| - e0)`` of joint shares (..., a, b): 0 independent, below 1."""
    strength: Floats = np.maximum(0.0, np.abs(residual(joint)).sum(axis=(-2, -1)) / 2 - floor)
    return strength


def dependence_excess(real: Floats, synthetic: Floats, floor: float | Floats) -> Floats:
    """How far two residual tables are apart less noise, for joint shares (..., a, b).

    Below 0 for about half the fresh samples. The sign is kept so that a sum over pairs is unbiased:
    clipped at 0 pair by pair, a table with many weak dependences would lose points to noise alone.
    """
    gap: Floats = np.abs(residual(real) - residual(synthetic)).sum(axis=(-2, -1)) / 2
    return gap - floor


def chance_of(dependence: Floats, floor: Floats, free: Floats | float) -> Floats:
    """Probability that two independent columns show as much ``dependence``; 1 where it is at most 0.02.

    The half-sum of absolute residuals of independent columns has mean ``floor`` and nearly the form of a chi variable
    with ``free`` = (a - 1)(b - 1) degrees of freedom: exactly so in a 2 x 2 table, where all residuals are equal.
    """
    mean = np.sqrt(2) * np.exp(gammaln((free + 1) / 2) - gammaln(free / 2))
    chi = (1 + dependence / np.maximum(floor, 1e-12)) * mean
    chance: Floats = np.where(dependence > MIN_DEPENDENCE, gammaincc(np.asarray(free) / 2, chi**2 / 2), 1.0)
    return chance


def dependent(chance: Floats, n_columns: int) -> NDArray[np.bool_]:
    """Pairs that count as dependent, from the ``chance`` of each (P, ...), for a table of ``n_columns`` columns.

    Independent columns pass the limit of a pair in one of twenty tables. A table without any dependence must not be
    judged on such a pair alone, so one pair has to pass a limit that only one of a thousand such tables passes.
    """
    n_tried = max(n_columns * (n_columns - 1), 2)  # every pair, in both tables
    some = (chance < 0.001 / n_tried).any(axis=0)
    passed: NDArray[np.bool_] = (chance < 0.05 / n_tried) & some
    return passed


def pair_dependence(real: Floats, synthetic: Floats) -> tuple[float, float, float]:
    """Dependence of a pair in the real and the synthetic table and its score, from two count tables (a, b).

    The score is ``1 - excess / max(dependence)``: 1 where the synthetic table keeps the dependence, 0 where it is lost
    or invented; NaN where neither table has a dependence above 0.02 and above what noise shows once in 1000 pairs.
    """
    floors = [float(f) for f in pair_floors(real[None].astype(float), synthetic[None].astype(float))]
    p, q = real / real.sum(), synthetic / synthetic.sum()
    left, right = float(dependence(p, floors[0])), float(dependence(q, floors[1]))
    weight = max(left, right)
    used = real + synthetic > 0
    free = max(int(used.any(axis=1).sum() - 1) * int(used.any(axis=0).sum() - 1), 1)
    if not dependent(chance_of(np.array([left, right]), np.array(floors[:2]), free), 2).any():
        return left, right, float("nan")
    return left, right, float(np.clip(1 - dependence_excess(p, q, floors[2]) / weight, 0.0, 1.0))


def _default(shares: Floats | None, sizes: Floats) -> Floats:
    return sizes / sizes.sum() if shares is None else shares


__all__ = [
    "MIN_DEPENDENCE",
    "chance_of",
    "coefficients",
    "column_floor",
    "column_score",
    "dependence",
    "dependence_excess",
    "dependent",
    "discreteness",
    "half_normal",
    "kish_size",
    "pair_dependence",
    "pair_floors",
    "residual",
    "residual_variance",
    "table_score",
]
