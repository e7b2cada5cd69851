"""Nearest rows of another table by Gower's distance: numbers and categories, each column counting the same.

The distance of two rows is the mean over the columns of ``min(1, |x - y| / range)`` for numbers and of "differ" for
categories. A null equals a null and differs from everything else. Ties go to the lower row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels._index import Found

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
_BLOCK = 1 << 24


def nearest_gower(
    reference: tuple[Floats, Codes],
    query: tuple[Floats, Codes],
    ranges: Floats,
    n_neighbors: int = 1,
    *,
    exclude_self: bool = False,
    n_jobs: int | None = None,  # noqa: ARG001
) -> Found:
    """The ``n_neighbors`` nearest rows of ``reference`` for every row of ``query``, nearest first.

    Parameters
    ----------
    reference, query : (numbers (n, p) float64 with NaN for null, codes (n, q) int32 with -1 for null)
    ranges : ndarray of shape (p,)
        Range of each number; a column with range 0 or NaN counts 0 where equal and 1 where not.
    exclude_self : bool
        ``query`` is ``reference``: a row is not its own neighbour.

    Returns
    -------
    Found
        ``rows`` (m, k) and ``distances`` (m, k), in [0, 1]; row -1 and distance NaN where there are fewer rows.

    References
    ----------
    .. [1] Gower, "A general coefficient of similarity", Biometrics 27 (1971).
    """
    return _nearest(reference, query, ranges, n_neighbors, exclude_self=exclude_self)


def _nearest(
    reference: tuple[Floats, Codes], query: tuple[Floats, Codes], ranges: Floats, k: int, *, exclude_self: bool
) -> Found:
    n, m = len(reference[0]), len(query[0])
    rows, distances = np.full((m, k), -1, dtype=np.intp), np.full((m, k), np.nan)
    step = max(1, _BLOCK // max(n, 1))
    kept = min(k, n - exclude_self)
    for start in range(0, m if kept > 0 else 0, step):
        block = slice(start, min(start + step, m))
        total = _block(reference, (query[0][block], query[1][block]), ranges)
        if exclude_self:
            total[np.arange(total.shape[0]), np.arange(block.start, block.stop)] = np.inf
        for place in range(kept):
            at = total.argmin(axis=1)
            each = np.arange(len(total))
            rows[block, place], distances[block, place] = at, total[each, at]
            total[each, at] = np.inf
    return Found(rows, distances)


def _block(reference: tuple[Floats, Codes], query: tuple[Floats, Codes], ranges: Floats) -> Floats:
    """Distances (m, n): columns are added first to last, numbers first, then divided by their number."""
    total = np.zeros((len(query[0]), len(reference[0])))
    for j, width in enumerate(ranges):
        x, y = query[0][:, j, None], reference[0][None, :, j]
        gone = np.isnan(x) | np.isnan(y)
        gap = np.abs(x - y)
        part = np.minimum(gap / width, 1.0) if width > 0 else (gap > 0).astype(np.float64)
        part[gone] = np.where(np.isnan(x) & np.isnan(y), 0.0, 1.0)[gone]
        total += part
    for j in range(reference[1].shape[1]):
        total += query[1][:, j, None] != reference[1][None, :, j]
    total /= max(len(ranges) + reference[1].shape[1], 1)
    return total


__all__ = ["nearest_gower"]
