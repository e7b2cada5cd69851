"""How near synthetic rows lie to the rows they were made from, beside equally many rows that were never used.

Nearness is a copy alarm, never a proof of privacy: tables that pass it have been attacked with success (Yao et al.,
"The DCR delusion", ESORICS 2025). All distances are Gower's, exact, on ranges shared by all tables, and every number
has its twin against the holdout: a generator that has not seen the split is as near to one as to the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from contrapeso.kernels import Found, nearest_gower
from contrapeso.metrics._features import Features

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
NEAR = 0.01


def gower_ranges(*tables: Features) -> Floats:
    """Range of each number over all ``tables``, (number of numeric columns,); NaN where there is no value."""
    stacked = np.concatenate([_numbers(table) for table in tables])
    low = np.min(stacked, axis=0, initial=np.inf, where=~np.isnan(stacked))
    high = np.max(stacked, axis=0, initial=-np.inf, where=~np.isnan(stacked))
    ranges: Floats = np.where(low <= high, high - low, np.nan)
    return ranges


def nearest_rows(
    reference: Features, query: Features, ranges: Floats, n_neighbors: int = 1, *, n_jobs: int = 1
) -> Found:
    """Nearest rows of ``reference`` to each row of ``query`` by Gower's distance; see ``kernels.nearest_gower``.

    Parameters
    ----------
    reference, query : Features of the same columns, n and m rows
    ranges : ndarray, one per numeric column (:func:`gower_ranges`)

    Returns
    -------
    Found
        ``rows`` (m, k) and ``distances`` (m, k) in [0, 1]; row -1 and NaN where there are fewer rows.
    """
    near, asked = (_numbers(reference), _codes(reference)), (_numbers(query), _codes(query))
    return nearest_gower(near, asked, ranges, n_neighbors, n_jobs=n_jobs)


def dcr_share(to_real: Floats, to_holdout: Floats) -> float:
    """Share of synthetic rows nearer to a real row than to a holdout row, ties counting half; 0.5 is ideal.

    ``P(d(s, R) < d(s, H)) + 1/2 P(d(s, R) = d(s, H))`` with R and H equal in size.

    Parameters
    ----------
    to_real, to_holdout : ndarray of shape (m,), m > 0
        Distance of each synthetic row to its nearest real and holdout row.

    References
    ----------
    .. [1] Platzer and Reutterer, "Holdout-based empirical assessment of mixed-type synthetic data", Frontiers in Big
       Data 4 (2021), Sec. 3.2.
    """
    return float(np.mean((to_real < to_holdout) + 0.5 * (to_real == to_holdout)))


def effective_votes(real: Found, holdout: Found, n_rows: int) -> float:
    """Number of independent votes behind :func:`dcr_share`, at most m; ``n_rows`` are those of R and H together.

    Synthetic rows with the same nearest row vote together. Given the synthetic rows and all N real ones, the labels
    "real" and "holdout" are exchangeable for a generator that has not seen the split, so the variance of the share is
    ``N / (N - 1) sum((w_u - m / N)^2) / (4 m^2)``, ``w_u`` being the votes of row u (a tie gives half to each side).
    As many tosses of a coin have that variance.
    """
    near, far = real.distances[:, 0], holdout.distances[:, 0]
    won = (near < far) + 0.5 * (near == far)
    ours = np.bincount(real.rows[:, 0], weights=won)
    theirs = np.bincount(holdout.rows[:, 0], weights=1.0 - won)
    m = near.size
    spread = n_rows / (n_rows - 1) * ((ours**2).sum() + (theirs**2).sum() - m**2 / n_rows)
    return float(m**2 / max(spread, m))


def nndr(distances: Floats) -> Floats:
    """Distance to the nearest over distance to the second nearest row, (m,); 1 where both are zero.

    Parameters
    ----------
    distances : ndarray of shape (m, 2), ascending
    """
    near, second = distances[:, 0], distances[:, 1]
    return np.divide(near, second, out=np.ones_like(near), where=second > 0)


def nndr_ratio(real: Found, holdout: Found) -> tuple[float, float] | None:
    """Mean NNDR to the real rows over that to the holdout, and its standard error; None where the latter is zero.

    One where the generator has not seen the split, less where synthetic rows sit on single real rows. The error is
    that of a ratio estimate with the synthetic rows in clusters by their nearest row (Cochran, "Sampling techniques",
    Sec. 6.4).
    """
    ours, theirs = nndr(real.distances), nndr(holdout.distances)
    if not theirs.any():
        return None
    ratio = float(ours.sum() / theirs.sum())
    winner = np.where(real.distances[:, 0] <= holdout.distances[:, 0], real.rows[:, 0], -1 - holdout.rows[:, 0])
    _, cluster = np.unique(winner, return_inverse=True)
    residual = np.bincount(cluster, weights=ours - ratio * theirs)
    return ratio, float(np.sqrt((residual**2).sum()) / theirs.sum())


def near_rows(reference: Features, query: Features, ranges: Floats, tolerance: float = NEAR) -> Positions:
    """A row of ``reference`` that each row of ``query`` nearly copies, (m,), -1 where there is none.

    A near copy has the same categories, the same nulls, and every number within ``tolerance`` of its range.
    """
    numbers = np.concatenate([_numbers(reference), _numbers(query)])
    is_null = np.isnan(numbers)
    free = ranges > 0
    exact = np.where(is_null, 0.0, numbers)[:, ~free]
    codes = np.concatenate([_codes(reference), _codes(query)])
    _, group = np.unique(np.hstack([codes, is_null, exact]), axis=0, return_inverse=True)
    scaled = np.where(is_null, 0.0, numbers)[:, free] / ranges[free]
    points = np.hstack([2.0 * group.reshape(-1, 1), scaled])
    n = reference.n_rows
    if not n or not query.n_rows:
        return np.full(query.n_rows, -1, dtype=np.intp)
    tree = cKDTree(points[:n], balanced_tree=False, compact_nodes=False)
    bound = float(np.nextafter(tolerance * (1 + 1e-9), 1.0))
    distance, row = tree.query(points[n:], p=np.inf, distance_upper_bound=bound)
    found: Positions = np.where(np.isfinite(distance), row, -1).astype(np.intp)
    return found


def cluster_size(rows: Positions) -> float:
    """Mean number of hits that a hit shares its row with, itself included (-1 is no hit); 1 at least.

    The design effect of counting hits: ``sum(w_u^2) / sum(w_u)`` with ``w_u`` hits on row u.
    """
    counts = np.bincount(rows[rows >= 0]).astype(np.float64)
    return max(1.0, float((counts**2).sum() / max(counts.sum(), 1.0)))


def _numbers(table: Features) -> Floats:
    return np.ascontiguousarray(table.values[:, ~table.categorical])


def _codes(table: Features) -> NDArray[np.int32]:
    values = table.values[:, table.categorical]
    return np.ascontiguousarray(np.where(np.isnan(values), -1.0, values).astype(np.int32))


__all__ = [
    "NEAR",
    "cluster_size",
    "dcr_share",
    "effective_votes",
    "gower_ranges",
    "near_rows",
    "nearest_rows",
    "nndr",
    "nndr_ratio",
]
