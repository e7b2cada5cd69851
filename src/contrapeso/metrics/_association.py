"""Association of two columns as people know it: Pearson, Spearman, Cramér's V, and how alike they are in two tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.kernels import ranks_of_sorted
from contrapeso.metrics._marginal import joint_codes
from contrapeso.metrics._sorted import SortedColumn

Floats = NDArray[np.float64]
_BLOCK = 2**15


def pearson_matrix(columns: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Pearson correlation of every pair of ``columns`` (n, p) over the rows where both are present, (p, p).

    One matrix product per sum, whatever the number of columns. NaN (null) and infinite entries are left out; the
    result is NaN where fewer than two rows are left or a column is constant on them.
    """
    x = np.array(columns, dtype=np.float64)
    absent = ~np.isfinite(x)
    low, high = (ends(x, axis=0, where=~absent, initial=at) for ends, at in ((np.min, np.inf), (np.max, -np.inf)))
    x[absent] = 0.0
    w = np.full(len(x), 1 / max(len(x), 1)) if weights is None else np.asarray(weights, dtype=np.float64)
    mass = w.sum() - w @ absent
    x -= np.divide(w @ x, mass, out=np.zeros(x.shape[1]), where=mass > 0)
    x[absent] = 0.0
    spread = np.where(high > low, np.sqrt(np.einsum("i,ij,ij->j", w, x, x)), 0.0)  # no residue of a rounded mean
    x /= np.where(spread > 0, spread, 1.0)
    weighted = x / len(x) if weights is None else w[:, None] * x
    covariance, variance = weighted.T @ x, np.broadcast_to((spread > 0).astype(float)[:, None], (x.shape[1],) * 2)
    if absent.any():
        covariance, variance = _pairwise(x, weighted, (covariance, variance), absent, w)
    return _normalized(covariance, variance)


def _pairwise(
    x: Floats, weighted: Floats, whole: tuple[Floats, Floats], absent: NDArray[np.bool_], w: Floats
) -> tuple[Floats, Floats]:
    """Covariance of each pair and variance of its first column, over the rows where both are present.

    ``x`` is centred and zero where absent; only the columns with nulls (``holed``) change the ``whole``.
    """
    covariance, variance = whole
    holed = np.flatnonzero(absent.any(axis=0))
    gone = absent[:, holed].astype(np.float64)
    sums, squares = np.zeros_like(covariance), variance.copy()
    sums[:, holed] = -(weighted.T @ gone)  # the sum over the rows that are left is minus that over the others
    squares[:, holed] -= (weighted * x).T @ gone
    lost = np.zeros(x.shape[1])
    lost[holed] = w @ gone
    mass = w.sum() - lost[:, None] - lost[None, :]
    mass[np.ix_(holed, holed)] += (w[:, None] * gone).T @ gone
    mass = np.where(mass > 0, mass, np.nan)
    return covariance - sums * sums.T / mass, np.nan_to_num(squares - sums**2 / mass)


def rank_columns(columns: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Mid-ranks of each of ``columns`` (n, p) as shares of its non-null mass, NaN for nulls."""
    x = np.asarray(columns, dtype=np.float64)
    return np.column_stack([SortedColumn.of(x[:, j], weights).ranks() for j in range(x.shape[1])])


def spearman_matrix(columns: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Spearman correlation of every pair of ``columns`` (n, p), (p, p).

    Each column is ranked once over its own non-null rows; where nulls differ between two columns this differs a
    little from ranking each pair anew.
    """
    x = np.asarray(columns, dtype=np.float64)
    return spearman_of_sorted([SortedColumn.of(x[:, j], weights) for j in range(x.shape[1])], weights)


def spearman_of_sorted(columns: Sequence[SortedColumn], weights: ArrayLike | None = None) -> Floats:
    """:func:`spearman_matrix` of columns that are sorted already, with the same ``weights`` (n,)."""
    if not columns:
        return np.empty((0, 0))
    x = np.empty((len(columns), columns[0].n_rows))
    for ranks, column in zip(x, columns, strict=True):  # mid-ranks have the mean one half
        ranks_of_sorted(column.values, column.order, column.running, ranks, centre=0.5, absent=0.0)
    if weights is None:
        return _correlations(x, columns, None)
    return _correlations(x, columns, np.asarray(weights, dtype=np.float64))


def _correlations(x: Floats, columns: Sequence[SortedColumn], w: Floats | None) -> Floats:
    """Correlation of the rows of ``x`` (p, n), centred and zero where null, over the entries where both are present."""
    n = x.shape[1]
    covariance = x @ x.T / max(n, 1) if w is None else (x * w) @ x.T
    variance = np.tile(np.diag(covariance)[:, None], len(x))
    spread = np.sqrt(np.diag(covariance))
    holed = [k for k, column in enumerate(columns) if column.values.size < n]
    if holed:
        gone = np.ones((len(holed), n), dtype=bool)
        for row, k in zip(gone, holed, strict=True):
            row[columns[k].order] = False
        sums, squares, lost = _sums_where(x, gone, np.full(n, 1 / n) if w is None else w)
        total = 1.0 if w is None else float(w.sum())
        alone = np.zeros(len(x))
        alone[holed] = np.diag(lost)
        mass = total - alone[:, None] - alone[None, :]
        mass[np.ix_(holed, holed)] += lost
        mass = np.where(mass > 0, mass, np.nan)
        left = np.zeros_like(covariance)
        left[:, holed] = -sums  # the sum over the rows that are left is minus that over the others
        variance[:, holed] -= squares
        covariance = covariance - left * left.T / mass
        variance = np.nan_to_num(variance - left**2 / mass)
    unit = np.where(spread > 0, spread, 1.0)
    return _normalized(covariance / np.outer(unit, unit), variance / unit[:, None] ** 2)


def _sums_where(x: Floats, chosen: NDArray[np.bool_], w: Floats) -> tuple[Floats, Floats, Floats]:
    """Weighted sums of ``x`` (p, n) and of its squares over the ``chosen`` (h, n) entries, (p, h) each.

    Last, the weight of the entries that two of ``chosen`` share, (h, h).
    """
    sums, squares = np.zeros((2, len(x), len(chosen)))
    both = np.zeros((len(chosen), len(chosen)))
    for start in range(0, x.shape[1], _BLOCK):
        part = slice(start, start + _BLOCK)
        values, mask = x[:, part], chosen[:, part].astype(np.float64)
        weighted = mask * w[part]
        sums += values @ weighted.T
        squares += (values * values) @ weighted.T
        both += weighted @ mask.T
    return sums, squares, both


def _normalized(covariance: Floats, variance: Floats) -> Floats:
    """Correlations from covariances and, in row a of column b, the variance of a; NaN where one is constant."""
    scale = np.sqrt(np.maximum(variance, 0) * np.maximum(variance.T, 0))
    defined = (variance > 1e-14) & (variance.T > 1e-14)
    r: Floats = np.divide(np.clip(covariance, -scale, scale), scale, out=np.full_like(scale, np.nan), where=defined)
    return r


def cramers_v(table: Floats, n_rows: float | None = None, *, corrected: bool = True) -> float:
    """Cramér's V of a contingency ``table`` (a, b) of counts or shares, in [0, 1]; NaN with one row or column.

    Parameters
    ----------
    n_rows : float, optional
        Size of the sample behind the table, for the bias correction; by default the sum of the table.
    corrected : bool
        Subtract the expectation under independence (Bergsma 2013).

    References
    ----------
    .. [1] Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Stat. Soc. 42 (2013).
    """
    n = float(table.sum()) if n_rows is None else n_rows
    return float(cramers_v_of(table / table.sum(), n if corrected else np.inf))


def cramers_v_of(joint: Floats, n_rows: Floats | float) -> Floats:
    """Cramér's V of joint shares (..., a, b), bias-corrected for ``n_rows`` (..., or one); infinite: not corrected."""
    rows, columns = joint.sum(axis=-1), joint.sum(axis=-2)
    a, b = (rows > 0).sum(axis=-1).astype(float), (columns > 0).sum(axis=-1).astype(float)
    expected = rows[..., :, None] * columns[..., None, :]
    phi2 = ((joint - expected) ** 2 / np.where(expected > 0, expected, 1.0)).sum(axis=(-2, -1))
    return cramers_v_of_phi(phi2, a, b, n_rows)


def cramers_v_of_phi(phi2: Floats, a: Floats, b: Floats, n_rows: Floats | float) -> Floats:
    """Cramér's V from phi squared and the numbers of used rows ``a`` and columns ``b``, arrays of one shape."""
    phi2 = np.maximum(0.0, phi2 - (a - 1) * (b - 1) / (n_rows - 1))
    free = np.minimum(a - (a - 1) ** 2 / (n_rows - 1), b - (b - 1) ** 2 / (n_rows - 1)) - 1
    v = np.sqrt(np.divide(phi2, free, out=np.zeros_like(phi2), where=free > 0))
    return np.where(np.minimum(a, b) < 2, np.nan, np.minimum(v, 1.0))


def correlation_similarity(real: ArrayLike, synthetic: ArrayLike, *, method: str = "pearson") -> float:
    """``1 - |r_real - r_synthetic| / 2`` of two numeric columns (n, 2) in each table, in [0, 1].

    Rows with a null in either column are left out. ``method`` is "pearson" or "spearman".
    """
    measured = []
    for table in (real, synthetic):
        x = np.asarray(table, dtype=np.float64)
        x = x[~np.isnan(x).any(axis=1)]
        measured.append((spearman_matrix if method == "spearman" else pearson_matrix)(x)[0, 1])
    return float(1 - abs(measured[0] - measured[1]) / 2)


def contingency_similarity(real: ArrayLike, synthetic: ArrayLike) -> float:
    """``1 - TV`` of the joint shares of two label columns (n, 2) in each table, in [0, 1]; null is a category."""
    left, right = (np.asarray(table, dtype=object) for table in (real, synthetic))
    keys = []
    for column in range(2):
        a, b, n = joint_codes(left[:, column], right[:, column])
        keys.append((a + 1, b + 1, n + 1))
    (a0, b0, _), (a1, b1, width) = keys
    size = keys[0][2] * width
    p = np.bincount(a0 * width + a1, minlength=size) / len(left)
    q = np.bincount(b0 * width + b1, minlength=size) / len(right)
    return float(1 - np.abs(p - q).sum() / 2)


__all__ = [
    "contingency_similarity",
    "correlation_similarity",
    "cramers_v",
    "cramers_v_of",
    "pearson_matrix",
    "rank_columns",
    "spearman_matrix",
    "spearman_of_sorted",
]
