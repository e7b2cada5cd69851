"""Nearest rows of another table by Gower's distance: numbers and categories, each column counting the same.

A number adds ``min(1, |x - y| / range)``, a category 1 where it differs, and the distance is their mean. A null equals
a null and is 1 from every value; an infinity equals itself and is 1 from everything else; a number whose range is not
positive and finite adds 0 where equal and 1 where not. Ties go to the lower row.

Both backends give the same bits, whatever the processor and the number of threads: the numbers are added first to
last in float64, then the count of differing categories, and the sum is divided by the number of columns. The native
search (native/gower.hpp) looks at 16-bit words first and measures only the rows that these cannot rule out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.kernels._backend import n_threads, native
from contrapeso.kernels._index import Found

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Table = tuple[Floats, Codes]
CELLS = 1 << 17
"""Distances at once in the pure search: what a processor's second cache holds."""
FEW = 8
"""Neighbours up to which taking the least again and again is faster than sorting."""


def nearest_gower(
    reference: Table,
    query: Table,
    ranges: Floats,
    n_neighbors: int = 1,
    *,
    exclude_self: bool = False,
    n_jobs: int | None = None,
) -> Found:
    """The ``n_neighbors`` nearest rows of ``reference`` for every row of ``query``, nearest first.

    Parameters
    ----------
    reference, query : (numbers (n, p) float64 with NaN for null, codes (n, q) int32 with -1 for null)
    ranges : ndarray of shape (p,)
        Range of each number; a column whose range is not positive and finite counts 0 where equal and 1 where not.
    n_neighbors : int, default 1
    exclude_self : bool, default False
        ``query`` is ``reference``: a row is not its own neighbour; one that equals it is.
    n_jobs : int, optional
        Threads; all cores by default. The answer is the same bits on any number.

    Returns
    -------
    Found
        ``rows`` (m, k) int64 and ``distances`` (m, k) in [0, 1]; row -1 and distance NaN where there are fewer rows.
        Without any column all distances are 0.

    Raises
    ------
    InvalidDataError
        If the shapes of the tables or ``ranges`` do not agree.
    InvalidParameterError
        If ``n_neighbors`` is negative.

    References
    ----------
    .. [1] Gower, "A general coefficient of similarity", Biometrics 27 (1971).

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.kernels import nearest_gower
    >>> people = np.array([[20.0], [40.0]]), np.array([[0], [1]], dtype=np.int32)
    >>> asked = np.array([[25.0]]), np.array([[1]], dtype=np.int32)
    >>> found = nearest_gower(people, asked, np.array([20.0]), 2)
    >>> found.rows.tolist(), found.distances.tolist()
    ([[1, 0]], [[0.375, 0.625]])
    """
    known, asked = _table(reference), _table(query)
    widths = np.ascontiguousarray(ranges, dtype=np.float64)
    _check(known, asked, widths, exclude_self=exclude_self)
    if n_neighbors < 0:
        raise InvalidParameterError(f"n_neighbors must be at least 0; got {n_neighbors}.")
    module = native()
    if module is None:
        return _nearest(known, asked, widths, int(n_neighbors), exclude_self=exclude_self)
    return Found(*module.nearest_gower(*known, *asked, widths, int(n_neighbors), exclude_self, n_threads(n_jobs)))


def _table(table: Table) -> Table:
    numbers, codes = table
    return np.ascontiguousarray(numbers, dtype=np.float64), np.ascontiguousarray(codes, dtype=np.int32)


def _check(reference: Table, query: Table, ranges: Floats, *, exclude_self: bool) -> None:
    for name, table in (("reference", reference), ("query", query)):
        if any(part.ndim != 2 for part in table) or len(table[0]) != len(table[1]):
            raise InvalidDataError(
                f"{name} must be two matrices with the same rows; got shapes {table[0].shape} and {table[1].shape}."
            )
    if [part.shape[1] for part in reference] != [part.shape[1] for part in query]:
        raise InvalidDataError(
            f"reference and query must have the same columns; got {[part.shape[1] for part in reference]} and "
            f"{[part.shape[1] for part in query]} numbers and codes."
        )
    if ranges.shape != (reference[0].shape[1],):
        raise InvalidDataError(f"ranges must be one for each of {reference[0].shape[1]} numbers; got {ranges.shape}.")
    if exclude_self and len(reference[0]) != len(query[0]):
        raise InvalidDataError("exclude_self needs query to be reference; they have different numbers of rows.")


def _nearest(reference: Table, query: Table, ranges: Floats, k: int, *, exclude_self: bool) -> Found:
    """The pure search: every distance, a block of queries at a time."""
    n, m = len(reference[0]), len(query[0])
    rows, distances = np.full((m, k), -1, dtype=np.int64), np.full((m, k), np.nan)
    kept = min(k, n - exclude_self)
    if kept <= 0:
        return Found(rows, distances)
    columns = np.ascontiguousarray(reference[0].T), np.ascontiguousarray(reference[1].T)
    step = max(1, CELLS // n)
    for start in range(0, m, step):
        block = slice(start, min(start + step, m))
        apart = _apart(columns, (query[0][block], query[1][block]), ranges)
        if exclude_self:
            apart[np.arange(len(apart)), np.arange(block.start, block.stop)] = np.inf
        rows[block, :kept], distances[block, :kept] = _least(apart, kept)
    return Found(rows, distances)


def _least(apart: Floats, k: int) -> tuple[NDArray[np.intp], Floats]:
    """The ``k`` least of each row, ties to the lower column. ``apart`` is used up."""
    if k > FEW:
        order = np.argsort(apart, axis=1, kind="stable")[:, :k]
        return order, np.take_along_axis(apart, order, axis=1)
    rows, distances, each = np.empty((len(apart), k), dtype=np.intp), np.empty((len(apart), k)), np.arange(len(apart))
    for place in range(k):
        at = apart.argmin(axis=1)
        rows[:, place], distances[:, place] = at, apart[each, at]
        apart[each, at] = np.inf
    return rows, distances


def _apart(columns: Table, query: Table, ranges: Floats) -> Floats:
    """Distances (m, n) of a block of queries; ``columns`` are those of the reference, (p, n) and (q, n)."""
    total = np.zeros((len(query[0]), columns[0].shape[1]))
    for j, width in enumerate(ranges):
        total += _part(query[0][:, j, None], columns[0][j], width)
    differing = np.zeros(total.shape, dtype=np.int32)
    for j in range(len(columns[1])):
        differing += query[1][:, j, None] != columns[1][j]
    total += differing
    total /= max(len(ranges) + len(columns[1]), 1)
    return total


def _part(x: Floats, y: Floats, width: float) -> Floats:
    """What a number adds: x (m, 1), y (n,)."""
    if not 0.0 < width < np.inf:
        return np.asarray((x != y) & ~(np.isnan(x) & np.isnan(y)), dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # infinities, and gaps that no float64 holds
        part: Floats = np.subtract(x, y)
        np.abs(part, out=part)
        np.divide(part, width, out=part)
        np.minimum(part, 1.0, out=part)  # NaN stays
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        part[np.isnan(part)] = 1.0
        part[(x == y) | (np.isnan(x) & np.isnan(y))] = 0.0
    return part


__all__ = ["nearest_gower"]
