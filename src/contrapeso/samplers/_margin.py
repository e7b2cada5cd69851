"""Support vectors of a soft-margin machine with a Gaussian kernel: libsvm's problem, solved in blocks.

The dual of the C-SVC is solved to libsvm's tolerance, by its rule for choosing pairs, but as in [1]_ and [2]_ within
working sets: the rows that violate the optimality conditions most are taken together, their lines of the kernel
matrix come from one matrix product, and pairs are moved among them until they are nearly optimal. libsvm computes the
lines one by one, which is nearly all of its time. Both end where no pair violates the conditions by more than the
tolerance; a row whose coefficient is zero but for that tolerance may be a support vector for one and not for the other.

References
----------
.. [1] T. Joachims, "Making large-scale SVM learning practical", Advances in Kernel Methods (1999), Sec. 11.2.
.. [2] Z. Wen et al., "ThunderSVM: a fast SVM library on GPUs and CPUs", JMLR 19 (2018), Sec. 2.
.. [3] R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information for training support
   vector machines", JMLR 6 (2005), Sec. 2.3 (WSS 2).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from contrapeso.samplers._drawn import FloatArray
from contrapeso.tables._containers import Rows

WORKING_SET = 384
"""Rows taken together at most; fewer where memory does not hold twice their lines."""

LEAST_SET = 16
EASY = 50
"""Working sets that any problem may take, besides two for each of its size."""

TILE_ROWS, TILE_COLUMNS = 64, 2048
"""Part of the kernel matrix computed by one product: it stays in the processor's cache until it is done."""

CACHE_BYTES = 200e6
"""Memory for lines of the kernel matrix, as scikit-learn's SVC takes."""

CURVATURE = 1e-12
"""Least curvature of a pair: libsvm's tau, for rows that are the same."""


class SupportVectorMachine(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The support vectors that ``SVC(C=C, gamma='scale', tol=tol)`` has, found faster on long dense tables.

    Parameters
    ----------
    C : float, default 1.0
        Greatest coefficient.
    tol : float, default 1e-3
        Most by which a pair of rows may violate the optimality conditions.

    Attributes
    ----------
    support_ : int64 array
        Support vectors, ascending; with more than two classes those of any pair of classes.

    Examples
    --------
    >>> from contrapeso.samplers._margin import SupportVectorMachine
    >>> SupportVectorMachine().fit([[0.0], [1.0], [4.0], [5.0]], [0, 0, 1, 1]).support_.tolist()
    [0, 1, 2, 3]
    """

    def __init__(self, C: float = 1.0, *, tol: float = 1e-3) -> None:
        self.C = C
        self.tol = tol

    def fit(self, X: Any, y: Any) -> Self:
        """Find the support vectors of each class against each other one."""
        points, labels = np.asarray(X, dtype=np.float64), np.asarray(y)
        spread = float(points.var())
        gamma = 1.0 / (points.shape[1] * spread) if spread else 1.0
        classes, found = np.unique(labels), np.zeros(len(points), dtype=bool)
        for i, first in enumerate(classes):
            for second in classes[i + 1 :]:
                rows = np.flatnonzero((labels == first) | (labels == second))
                signs = np.where(labels[rows] == first, 1.0, -1.0)
                found[rows[self._of_pair(points[rows], signs, gamma)]] = True
        self.support_ = np.flatnonzero(found)
        return self

    def _of_pair(self, points: FloatArray, signs: FloatArray, gamma: float) -> Rows:
        """Support vectors of two classes; by libsvm where blocks get nowhere, which they do in flat problems."""
        dual = Dual(KernelLines(points, gamma, CACHE_BYTES), signs, self.C)
        if dual.solve(self.tol, EASY + 2 * len(points) // dual.size):
            return np.flatnonzero(dual.coefficients > 0.0)
        from sklearn.svm import SVC  # takes long to import

        machine = SVC(C=self.C, gamma=gamma, tol=self.tol).fit(points, signs < 0.0)  # the first class first
        return np.asarray(machine.support_, dtype=np.int64)


class KernelLines:
    """Lines of the matrix ``exp(-gamma |x - z|^2)`` in float32 (as libsvm keeps them), the last used in memory."""

    def __init__(self, points: FloatArray, gamma: float, n_bytes: float) -> None:
        n = len(points)
        centred = points - points.mean(axis=0)
        squares, ones = np.einsum("ij,ij->i", centred, centred), np.ones(n)
        self._left = np.column_stack([centred, squares, ones]) * -gamma  # left @ right: -gamma times squared distances
        self._right = np.ascontiguousarray(np.column_stack([-2.0 * centred, ones, squares]).T)
        size = min(n, max(2 * LEAST_SET, int(n_bytes / (4 * n))))
        self._lines = np.empty((size, n), dtype=np.float32)
        self._slot = np.full(n, -1, dtype=np.int64)
        self._owner = np.full(size, -1, dtype=np.int64)
        self._used = np.zeros(size, dtype=np.int64)
        self._clock = 0

    @property
    def n_kept(self) -> int:
        """Lines that memory holds."""
        return len(self._lines)

    def slots(self, rows: Rows) -> Rows:
        """Where the lines of ``rows`` are in memory, computed where they are not."""
        self._clock += 1
        there = self._slot[rows]
        self._used[there[there >= 0]] = self._clock
        wanted = rows[there < 0]
        if len(wanted):
            free = np.argsort(self._used, kind="stable")[: len(wanted)]
            self._take(free, wanted)
            for start in range(0, len(wanted), TILE_ROWS):
                self._compute(free[start : start + TILE_ROWS], self._left[wanted[start : start + TILE_ROWS]])
        return self._slot[rows]

    def _compute(self, slots: Rows, left: FloatArray) -> None:
        for start in range(0, len(self._left), TILE_COLUMNS):
            columns = slice(start, start + TILE_COLUMNS)
            tile = (left @ self._right[:, columns]).astype(np.float32)
            self._lines[slots, columns] = np.exp(np.minimum(tile, 0.0, out=tile), out=tile)

    def _take(self, free: Rows, wanted: Rows) -> None:
        evicted = self._owner[free]
        self._slot[evicted[evicted >= 0]] = -1
        self._owner[free], self._slot[wanted], self._used[free] = wanted, free, self._clock

    def among(self, slots: Rows, rows: Rows) -> FloatArray:
        """The square matrix of these rows."""
        return self._lines[np.ix_(slots, rows)].astype(np.float64)

    def product(self, weights: FloatArray, slots: Rows) -> NDArray[np.float32]:
        """Sum of these lines by ``weights``."""
        total, narrow = np.empty(len(self._left), dtype=np.float32), weights.astype(np.float32)
        for start in range(0, len(total), TILE_COLUMNS):
            columns = slice(start, start + TILE_COLUMNS)
            total[columns] = narrow @ self._lines[slots, columns]
        return total


class Dual:
    """Coefficients of the rows, all 0 at first, and ``errors``: prediction without intercept minus sign."""

    def __init__(self, lines: KernelLines, signs: FloatArray, bound: float) -> None:
        self._lines, self._signs, self._bound = lines, signs, bound
        self.size = min(WORKING_SET, max(LEAST_SET, lines.n_kept // 2))
        self.coefficients = np.zeros(len(signs))
        self.errors = -signs.copy()

    def solve(self, tol: float, n_sets: int) -> bool:
        """Bring the coefficients to an optimum up to ``tol``; whether ``n_sets`` working sets were enough."""
        rows: Rows = np.empty(0, dtype=np.int64)
        for _ in range(n_sets):
            above, below = sides(self._signs, self.coefficients, self._bound)
            low, high = np.where(above, self.errors, np.inf), np.where(below, self.errors, -np.inf)
            if high.max() - low.min() < tol:
                return True
            rows = self._working_set(low, -high, rows)
            self._improve(rows, tol)
        return False

    def _working_set(self, low: FloatArray, high: FloatArray, before: Rows) -> Rows:
        """The worst rows of each side, and the last ones of the set before."""
        half = self.size // (8 if len(before) else 2)
        worst = [side[np.isfinite(values[side])] for values in (low, high) for side in (least(values, half),)]
        new = np.unique(np.concatenate(worst))
        kept = before[~np.isin(before, new)]
        return np.concatenate([kept[max(0, len(kept) + len(new) - self.size) :], new])

    def _improve(self, rows: Rows, tol: float) -> None:
        slots = self._lines.slots(rows)
        after = optimal(
            self._lines.among(slots, rows),
            self._signs[rows],
            self.coefficients[rows],
            self.errors[rows],
            bound=self._bound,
            tol=tol,
        )
        change = (after - self.coefficients[rows]) * self._signs[rows]
        moved = np.flatnonzero(change)
        self.coefficients[rows] = after
        self.errors += self._lines.product(change[moved], slots[moved])


def least(values: FloatArray, n: int) -> Rows:
    """Places of the ``n`` least values."""
    return np.argpartition(values, n)[:n] if n < len(values) else np.arange(len(values))


def sides(signs: FloatArray, coefficients: FloatArray, bound: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows whose signed coefficient can grow, and those whose can shrink."""
    can_grow, can_shrink = coefficients < bound, coefficients > 0.0
    positive = signs > 0
    return np.where(positive, can_grow, can_shrink), np.where(positive, can_shrink, can_grow)


def optimal(
    kernel: FloatArray, signs: FloatArray, coefficients: FloatArray, errors: FloatArray, *, bound: float, tol: float
) -> FloatArray:
    """Coefficients after moving pairs until the worst violation is a tenth of what it was, or half of ``tol``.

    All arrays are of the rows of one working set, ``kernel`` (q, q).
    """
    a, errors, diagonal = coefficients.copy(), errors.copy(), np.diag(kernel).copy()
    goal = -1.0
    for _ in range(10 * len(a)):
        above, below = sides(signs, a, bound)
        i = int(np.where(above, errors, np.inf).argmin())
        violation = np.where(below, errors - errors[i], 0.0)
        worst = float(violation.max())
        goal = max(tol / 2.0, worst / 10.0) if goal < 0.0 else goal
        if not above[i] or worst < goal:
            break
        curvature = np.maximum(diagonal[i] + diagonal - 2.0 * kernel[i], CURVATURE)
        j = int(np.where(violation > 0.0, violation * violation / curvature, -1.0).argmax())
        room_i = bound - a[i] if signs[i] > 0 else a[i]
        room_j = a[j] if signs[j] > 0 else bound - a[j]
        step = min(float(violation[j] / curvature[j]), float(room_i), float(room_j))
        a[i] = _moved(a[i], signs[i] * step, full=step == room_i, bound=bound)
        a[j] = _moved(a[j], -signs[j] * step, full=step == room_j, bound=bound)
        errors += step * (kernel[i] - kernel[j])
    return a


def _moved(a: float, step: float, *, full: bool, bound: float) -> float:
    """The coefficient after a step; exactly at its bound after a full one."""
    if full:
        return bound if step > 0 else 0.0
    return a + step


__all__ = ["SupportVectorMachine"]
