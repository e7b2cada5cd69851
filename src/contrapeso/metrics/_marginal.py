"""Similarity of one column in two tables, as pure functions of the two columns.

Numeric columns are float arrays in which NaN is null. Label columns are arrays of any hashable values in
which None, NaN and NaT are null. ``weights`` re-weight the real rows, (n_real,). A metric that is undefined
for the input (no value on one side) is NaN.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from contrapeso.metrics._cells import NumericCells, marginal_bins
from contrapeso.metrics._sorted import SortedColumn, ks_and_wasserstein

Floats = NDArray[np.float64]
NAN = float("nan")


def ks_complement(real: ArrayLike, synthetic: ArrayLike, weights: ArrayLike | None = None) -> float:
    """``1 - sup|F_real - F_synthetic|`` over the non-null values, in [0, 1].

    References
    ----------
    .. [1] Kolmogorov (1933), Smirnov (1948); ``scipy.stats.ks_2samp(...).statistic``.
    """
    return 1 - ks_and_wasserstein(SortedColumn.of(real, weights), SortedColumn.of(synthetic))[0]


def wasserstein(real: ArrayLike, synthetic: ArrayLike, weights: ArrayLike | None = None) -> float:
    """First Wasserstein distance of the finite values, in the units of the column; 0 is best, no upper end."""
    return ks_and_wasserstein(SortedColumn.of(real, weights), SortedColumn.of(synthetic))[1]


def wasserstein_normalized(real: ArrayLike, synthetic: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Wasserstein distance in interquartile ranges of the real column (see :func:`scale`)."""
    reference = SortedColumn.of(real, weights)
    return normalize(ks_and_wasserstein(reference, SortedColumn.of(synthetic))[1], reference)


def scale(real: SortedColumn) -> float:
    """Interquartile range; the standard deviation where that is 0, then the range; 0 for a constant."""
    finite = real.values[np.isfinite(real.values)]
    if not finite.size:
        return NAN
    low, high = real.quantile([0.25, 0.75])
    for candidate in (high - low, real.moments()[1], finite[-1] - finite[0]):
        if np.isfinite(candidate) and candidate > 0:
            return float(candidate)
    return 0.0


def normalize(distance: float, real: SortedColumn) -> float:
    """``distance`` in scales of ``real``; on a constant 0 if there is no distance and NaN otherwise."""
    unit = scale(real)
    if unit > 0:
        return distance / unit
    return 0.0 if distance == 0 else NAN


def tv_complement(real: ArrayLike, synthetic: ArrayLike, weights: ArrayLike | None = None) -> float:
    """``1 - 1/2 sum|p - q|`` over the categories, nulls left out, in [0, 1]; unseen categories count in full."""
    p, q = category_shares(real, synthetic, weights)
    return tv_of_shares(p, q)


def category_shares(real: ArrayLike, synthetic: ArrayLike, weights: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Share of each category in both tables, nulls left out, over the union of the categories."""
    left, right, n_categories = joint_codes(real, synthetic)
    keep = left >= 0
    mass = None if weights is None else np.asarray(weights, dtype=np.float64)[keep]
    p = np.bincount(left[keep], weights=mass, minlength=n_categories).astype(np.float64)
    q = np.bincount(right[right >= 0], minlength=n_categories).astype(np.float64)
    return _shares(p), _shares(q)


def joint_codes(real: ArrayLike, synthetic: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Codes of both label columns on one list of categories (-1 is null), and its length."""
    left, right = _labels(real), _labels(synthetic)
    codes, categories = pd.factorize(np.concatenate([left, right]))
    return codes[: left.size], codes[left.size :], len(categories)


def tv_of_shares(p: Floats, q: Floats) -> float:
    """``1 - 1/2 sum|p - q|``; NaN unless both are distributions."""
    return float(1 - np.abs(p - q).sum() / 2)


def js_of_shares(p: Floats, q: Floats) -> float:
    """``1 - sqrt(JSD_2(p, q))`` of two share vectors, in [0, 1]; ``scipy.spatial.distance.jensenshannon``, base 2.

    References
    ----------
    .. [1] Endres & Schindelin, "A new metric for probability distributions", IEEE Trans. IT 49 (2003).
    """
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(side > 0, side * np.log2(side / middle), 0.0).sum() for side in (p, q)]
    return float(1 - np.sqrt(np.clip(sum(terms) / 2, 0.0, 1.0)))


def js_similarity(real: ArrayLike, synthetic: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Jensen-Shannon similarity of a numeric column on null-aware quantile cells of the real one, in [0, 1]."""
    reference = SortedColumn.of(real, weights)
    other = np.asarray(synthetic, dtype=np.float64)
    mass = np.ones(reference.n_rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if not mass.size or not other.size:
        return NAN
    effective = mass.sum() ** 2 / (mass**2).sum()
    cells = NumericCells.fit(reference, marginal_bins(min(effective, other.size)))
    p = np.bincount(reference.cells(cells.edges), weights=mass, minlength=cells.n_cells).astype(np.float64)
    q = np.bincount(cells.encode(other), minlength=cells.n_cells).astype(np.float64)
    return js_of_shares(_shares(p), _shares(q))


def missing_similarity(real: ArrayLike, synthetic: ArrayLike, weights: ArrayLike | None = None) -> float:
    """``1 - |null share of real - null share of synthetic|``, in [0, 1]; any column."""
    left, right = (pd.isna(_labels(column)) for column in (real, synthetic))
    if not left.size or not right.size:
        return NAN
    mass = np.ones(left.size) if weights is None else np.asarray(weights, dtype=np.float64)
    return float(1 - abs(mass[left].sum() / mass.sum() - right.mean()))


def range_coverage(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Share of the real range that the synthetic range covers, in [0, 1]; NaN on a constant."""
    left, right = _values(real), _values(synthetic)
    if not left.size or not right.size or left.max() == left.min():
        return NAN
    low, high, width = left.min(), left.max(), left.max() - left.min()
    with np.errstate(over="ignore"):  # a range of a few denormal numbers
        lost = max(0.0, (right.min() - low) / width) + max(0.0, (high - right.max()) / width)
    return float(max(0.0, 1 - lost))


def boundary_adherence(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Share of the non-null synthetic values inside the range of the real ones, in [0, 1]."""
    left, right = _values(real), _values(synthetic)
    if not left.size or not right.size:
        return NAN
    return float(((right >= left.min()) & (right <= left.max())).mean())


def category_coverage(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Share of the real categories that occur in the synthetic column, in [0, 1]; nulls left out."""
    left, right = _present(real, synthetic)
    return float(right[left].mean()) if left.any() else NAN


def category_adherence(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Share of the non-null synthetic values that are categories of the real column, in [0, 1]."""
    left, right, n_categories = joint_codes(real, synthetic)
    known = np.bincount(left[left >= 0], minlength=n_categories) > 0
    right = right[right >= 0]
    return float(known[right].mean()) if right.size and known.any() else NAN


def _present(real: ArrayLike, synthetic: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    left, right, n = joint_codes(real, synthetic)
    return np.bincount(left[left >= 0], minlength=n) > 0, np.bincount(right[right >= 0], minlength=n) > 0


def _labels(column: ArrayLike) -> NDArray[np.object_]:
    return np.asarray(column, dtype=object)


def _values(column: ArrayLike) -> Floats:
    values = np.asarray(column, dtype=np.float64)
    return values[~np.isnan(values)]


def _shares(counts: Floats) -> Floats:
    total = counts.sum()
    return counts / total if total > 0 else np.full_like(counts, np.nan)


__all__ = [
    "boundary_adherence",
    "category_adherence",
    "category_coverage",
    "category_shares",
    "joint_codes",
    "js_of_shares",
    "js_similarity",
    "ks_complement",
    "missing_similarity",
    "normalize",
    "range_coverage",
    "scale",
    "tv_complement",
    "tv_of_shares",
    "wasserstein",
    "wasserstein_normalized",
]
