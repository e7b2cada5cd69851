"""Replicates of both tables out of group counts: the whole, each group left out, and random halves.

A replicate is a row of weights over the groups, so its counts are one small matrix product and no row is counted
again. The left-out groups give the delete-group jackknife interval; the halves of the real table estimate the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels import sort_words

Floats = NDArray[np.float64]
N_GROUPS = 20
N_SPLITS = 6


def deletions(n_groups: int) -> Floats:
    """Weights (1 + G, G): the whole table first, then each group left out."""
    return np.concatenate([np.ones((1, n_groups)), 1 - np.eye(n_groups)])


def halves(n_groups: int, n_splits: int, rng: np.random.Generator) -> Floats:
    """Weights (n_splits, G) of random halves of the groups; ``1 - halves`` are the other halves."""
    drawn = [rng.permutation(np.arange(n_groups) % 2) for _ in range(n_splits)]
    return np.array(drawn, dtype=np.float64).reshape(n_splits, n_groups)


def replicate(grouped: Floats, weights: Floats) -> Floats:
    """Shares (..., R, K) of the replicates ``weights`` (R, G) of counts (..., G, K); zero for one without rows."""
    counts = weights @ grouped
    totals = counts.sum(axis=-1, keepdims=True)
    shares: Floats = counts / np.where(totals > 0, totals, 1.0)
    return shares


def assign_groups(
    keys: NDArray[np.uint64], klass: NDArray[np.intp], n_groups: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Group of every row, (n,): random, equal in size within each class, and the same for any order of the rows.

    Rows are put in the order of their ``keys`` before they are shuffled, so a row's group depends on its content;
    rows with equal keys are interchangeable.
    """
    shuffled = sort_words(keys)[rng.permutation(klass.size)]
    by_class = shuffled[sort_words(klass[shuffled].astype(np.uint64))] if klass.any() else shuffled
    groups = np.empty(klass.size, dtype=np.intp)
    groups[by_class] = np.arange(klass.size) % n_groups
    return groups


def jackknife_error(statistic: Floats) -> Floats:
    """Standard error from the deletions in (..., 1 + G) values, the whole first."""
    left_out = statistic[..., 1:]
    n_groups = left_out.shape[-1]
    spread = ((left_out - left_out.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    error: Floats = np.sqrt((n_groups - 1) / n_groups * spread)
    return error


@dataclass(frozen=True, slots=True)
class Jackknife:
    """Estimate and 95 % interval of a statistic from its value on the whole and on each deletion."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, statistic: Floats, error: float = 0.0) -> Jackknife:
        """Interval from (1 + G,) values, the whole first, clipped to [0, 1]; ``error`` adds in quadrature.

        References
        ----------
        .. [1] Wolter, "Introduction to Variance Estimation" (2007), Sec. 4.2 (random groups, delete one).
        """
        from scipy.special import stdtrit

        value = float(statistic[0])
        reach = float(stdtrit(statistic.size - 2, 0.975) * np.hypot(jackknife_error(statistic), error))
        return cls(value, max(0.0, value - reach), min(1.0, value + reach))


__all__ = ["N_GROUPS", "N_SPLITS", "Jackknife", "assign_groups", "deletions", "halves", "jackknife_error", "replicate"]
