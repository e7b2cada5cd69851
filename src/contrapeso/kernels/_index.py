"""Exact nearest neighbours among the rows of an array: one door, two backends."""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.kernels._backend import n_threads, native
from contrapeso.kernels._native_search import NativeSearch
from contrapeso.kernels._search import Search

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.int64]

LARGE, SMALL = 2.0**480, 2.0**-400
"""Between them squares of numbers neither overflow nor vanish."""
MANY = 1024
"""Labels below it are taken as they are: numbers of classes."""


class Found(NamedTuple):
    """Rows found, and how far they are."""

    rows: Rows
    distances: FloatArray


class Index:
    """The rows of a table, ready for exact neighbour searches.

    Parameters
    ----------
    numbers : array of shape (n, p)
        Finite numbers; they are compared as float64.
    codes : int32 array of shape (n, q), optional
        Categories; equal codes agree, whatever the code.
    mismatch : float, default 0.0
        What one category apart adds: its square goes into the squared distance.
    n_jobs : int, optional
        Threads; all cores by default. The answer is the same bits on any number.

    Raises
    ------
    InvalidDataError
        If a number is NaN or infinite, a mismatch as well or negative, or the shapes do not agree.

    Examples
    --------
    >>> from contrapeso.kernels import Index
    >>> index = Index([[0.0], [1.0], [3.0], [3.5]])
    >>> index.neighbors(2).rows.tolist()
    [[1, 2], [0, 2], [3, 1], [2, 1]]
    >>> index.query([[2.0]], 2).rows.tolist()
    [[1, 2]]
    >>> index.nearest_enemy([0, 0, 1, 0]).rows.tolist()
    [2, 2, 3, 2]
    """

    def __init__(
        self, numbers: ArrayLike, codes: ArrayLike | None = None, *, mismatch: float = 0.0, n_jobs: int | None = None
    ) -> None:
        plain = _matrix(numbers)
        self._codes = _codes(codes, len(plain))
        greatest = _greatest(plain)
        if not np.isfinite(greatest):
            raise InvalidDataError("Neighbour searches need finite numbers; fill missing ones and bound infinities.")
        if not 0.0 <= mismatch < np.inf:  # a NaN distance has no place in any order
            raise InvalidDataError(f"mismatch must be a finite number of at least 0; got {mismatch}.")
        self._shift = _shift_of(greatest, mismatch)
        self._numbers = self._scaled(plain)
        self._mismatch = float(np.ldexp(mismatch, self._shift))
        self._threads = n_threads(n_jobs)
        self._search = self._open()

    def _open(self) -> Search | NativeSearch:
        module = native()
        if module is None:
            return Search(self._numbers, self._codes, self._mismatch)
        return NativeSearch(module, self._numbers, self._codes, self._mismatch, self._threads)

    def __len__(self) -> int:
        return len(self._numbers)

    def neighbors(self, k: int, rows: ArrayLike | None = None) -> Found:
        """The ``k`` nearest other rows of ``rows`` (of all by default), nearest first.

        A row is not its own neighbour; an identical row is. Shapes (m, min(k, n - 1)).
        """
        asked = self._asked(rows)
        width = min(_positive(k), len(self) - 1)
        return self._found(self._search.neighbors(asked, width, self._threads))

    def distinct_neighbors(self, k: int) -> Found:
        """The ``k`` nearest other points of each row where equal rows are one point, named by its first row.

        Shapes (n, min(k, d - 1)), d being the number of distinct points.
        """
        return self._found(self._search.distinct_neighbors(_positive(k), self._threads))

    def query(self, numbers: ArrayLike, k: int, codes: ArrayLike | None = None) -> Found:
        """The ``k`` nearest rows to each point given, which is no row of the index; shapes (m, min(k, n))."""
        points = _matrix(numbers)
        if points.shape[1] != self._numbers.shape[1]:
            raise InvalidDataError(f"The index has {self._numbers.shape[1]} number columns; got {points.shape[1]}.")
        if not np.isfinite(points).all():
            raise InvalidDataError("Neighbour searches need finite numbers; fill missing ones and bound infinities.")
        atoms = _codes(codes, len(points))
        if atoms.shape[1] != self._codes.shape[1]:
            raise InvalidDataError(f"The index has {self._codes.shape[1]} code columns; got {atoms.shape[1]}.")
        width = min(_positive(k), len(self))
        farthest = _greatest(points)
        if _exponent(farthest) + self._shift >= _exponent(LARGE):  # points so far out that their squares would overflow
            return self._on_scale_of(farthest).query(points, k, atoms)
        return self._found(self._search.query(self._scaled(points), atoms, width, self._threads))

    def _on_scale_of(self, greatest: float) -> Index:
        """These rows on a scale on which numbers as great as ``greatest`` can be squared."""
        other = copy(self)
        shift = -_exponent(greatest)
        other._numbers = np.ldexp(self._numbers, shift - self._shift)
        other._mismatch = float(np.ldexp(self._mismatch, shift - self._shift))
        other._shift = shift
        other._search = other._open()
        return other

    def nearest_enemy(self, labels: ArrayLike, rows: ArrayLike | None = None) -> Found:
        """The nearest row with another label; -1 at an infinite distance where there is none. Shapes (m,)."""
        return self._found(self._search.nearest_enemy(self._labels(labels), self._asked(rows), self._threads))

    def neighbors_agree(self, labels: ArrayLike, k: int, rows: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Whether the ``k`` nearest other rows all have the row's own label; shape (m,).

        The nearest enemy decides: its rank is all that matters, so most rows are settled in their own leaf.
        """
        width = min(_positive(k), len(self) - 1)
        agree: NDArray[np.bool_] = self._search.neighbors_agree(
            self._labels(labels), self._asked(rows), width, self._threads
        )
        return agree

    def _labels(self, labels: ArrayLike) -> NDArray[np.int32]:
        given = np.asarray(labels)
        if given.shape != (len(self),):
            raise InvalidDataError(f"The index has {len(self)} rows; got labels of shape {given.shape}.")
        if given.dtype.kind not in "iu" or (len(given) and not (given.min() >= 0 and given.max() < MANY)):
            given = np.unique(given, return_inverse=True)[1]
        return np.ascontiguousarray(given, dtype=np.int32)

    def _asked(self, rows: ArrayLike | None) -> Rows:
        if rows is None:
            return np.arange(len(self), dtype=np.int64)
        asked = np.ascontiguousarray(rows, dtype=np.int64)
        if asked.ndim != 1 or (len(asked) and not (int(asked.min()) >= 0 and int(asked.max()) < len(self))):
            raise InvalidParameterError(f"rows must be a 1-D array of row numbers in [0, {len(self) - 1}].")
        return asked

    def _scaled(self, numbers: FloatArray) -> FloatArray:
        """Times a power of two, which is exact, where squares would overflow or vanish."""
        return numbers if self._shift == 0 else np.ldexp(numbers, self._shift)

    def _found(self, answer: tuple[Rows, FloatArray]) -> Found:
        rows, squared = answer
        with np.errstate(over="ignore"):  # farther apart than the greatest number
            return Found(rows, np.ldexp(np.sqrt(squared), -self._shift))


def _greatest(numbers: FloatArray) -> float:
    """Greatest absolute value; NaN where there is one."""
    return float(np.maximum(numbers.max(initial=0.0), -numbers.min(initial=0.0)))


def _shift_of(greatest: float, mismatch: float) -> int:
    """The power of two that keeps squares from overflowing, and from vanishing where a mismatch lets it."""
    reference = greatest or mismatch
    shift = 0 if reference == 0.0 or SMALL < reference < LARGE else -_exponent(reference)
    return min(shift, _exponent(LARGE) - _exponent(mismatch)) if mismatch > 0.0 else shift


def _exponent(number: float) -> int:
    """Of the least power of two above a positive number."""
    return int(np.frexp(number)[1])


def _matrix(numbers: ArrayLike) -> FloatArray:
    array = np.ascontiguousarray(numbers, dtype=np.float64)
    if array.ndim != 2:
        raise InvalidDataError(f"numbers must have the shape (rows, columns); got {array.shape}.")
    return array


def _codes(codes: ArrayLike | None, n_rows: int) -> Codes:
    array = np.empty((n_rows, 0), dtype=np.int32) if codes is None else np.ascontiguousarray(codes, dtype=np.int32)
    if array.ndim != 2 or len(array) != n_rows:
        raise InvalidDataError(f"codes must have the shape ({n_rows}, columns); got {array.shape}.")
    return array


def _positive(k: int) -> int:
    if k < 0:
        raise InvalidParameterError(f"k must be at least 0; got {k}.")
    return int(k)


__all__ = ["Found", "Index"]
