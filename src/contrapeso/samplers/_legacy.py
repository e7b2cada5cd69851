"""imbalanced-learn's random stream: with ``legacy_stream=True`` the same seed makes the same rows, bit for bit.

Its recipe is kept with all it does: random numbers start anew for every class, neighbours are searched by
scikit-learn and the first one found is taken for the row itself, and a point is ``base + step * (neighbour - base)``
without any rounding in its favour. Equal bits are promised for float64 arrays and frames without missing values and an
int or ``RandomState`` as seed; columns of a whole dtype are rounded, not truncated.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.samplers._drawn import Codes, FloatArray, Made
from contrapeso.samplers._neighbors import Neighbors, embed, n_neighbors_of
from contrapeso.samplers._space import Points
from contrapeso.samplers._views import View
from contrapeso.tables._containers import Rows


def legacy_random_state(random_state: RandomState) -> np.random.RandomState:
    """What scikit-learn's ``check_random_state`` gives for an int or ``RandomState``; others seed a fresh one."""
    if isinstance(random_state, np.random.RandomState):
        return random_state
    if isinstance(random_state, (int, np.integer)):
        return np.random.RandomState(int(random_state))
    return np.random.RandomState(np.random.MT19937(seed_sequence(random_state)))


def untouched(random_state: RandomState) -> RandomState:
    """``random_state``, or a copy of a ``RandomState``, which upstream's draws must find where the caller left it."""
    return copy.deepcopy(random_state) if isinstance(random_state, np.random.RandomState) else random_state


def legacy_search(parameter: Neighbors) -> Any:
    """Unfitted search for a sampler's parameter; a number does not count the row itself."""
    if not isinstance(parameter, (int, np.integer)):
        return clone(parameter)
    from sklearn.neighbors import NearestNeighbors  # takes long to import, and only this stream needs it

    return NearestNeighbors(n_neighbors=int(parameter) + 1)


def first_dropped(search: Any, points: Points, asked: Rows | None = None, k: int | None = None) -> Rows:
    """Neighbours of the places ``asked`` (all by default) among ``points`` without the first found; shape (n, k).

    ``k`` is given where the class has fewer rows than the search asks for.
    """
    space = embed(points)
    search.fit(space)
    options = {} if k is None or k == n_neighbors_of(search) else {"n_neighbors": k + 1}
    queries = space if asked is None else space[asked]
    found = search.kneighbors(queries, return_distance=False, **options)
    return np.asarray(found, dtype=np.int64)[:, 1:]


def legacy_picks(neighbors: Rows, n: int, rng: np.random.RandomState) -> tuple[Rows, Rows, FloatArray]:
    """Rows of ``neighbors``, the neighbour chosen in each, and steps in [0, 1): all in one draw each."""
    place = rng.randint(low=0, high=neighbors.size, size=n)
    steps = rng.uniform(size=n)
    row = (place // neighbors.shape[1]).astype(np.int64)
    return row, neighbors[row, place % neighbors.shape[1]], steps


def legacy_points(
    view: View,
    base: Rows,
    neighbor: Rows,
    steps: FloatArray,
    codes: Codes | None = None,
    *,
    shrink: FloatArray | None = None,
) -> Made:
    """The points ``base + steps * (shrink * (neighbor - base))``, in this order of operations.

    Parameters
    ----------
    view : View
    base, neighbor : int64 arrays of shape (n,), rows of the table
    steps : float64 array of shape (n,)
    codes : int32 array of shape (n, q), the base's by default
    shrink : float64 array of shape (n,), optional, 1 where the difference is taken as it is
    """
    first = view.numbers(base)
    difference = view.numbers(neighbor) - first
    if shrink is not None:
        difference *= shrink[:, None]
    move = steps[:, None] * difference
    numbers = first + np.where(np.isnan(move), 0.0, move)
    share = steps if shrink is None else steps * shrink
    weights = np.column_stack([1.0 - share, share])
    return Made(numbers, view.codes(base) if codes is None else codes, np.column_stack([base, neighbor]), weights)


def legacy_votes(points: Points, neighbors: Rows, base: Rows, rng: np.random.RandomState) -> Codes:
    """Categories by vote of the neighbours of each base, ties by a permutation of all winners of a column.

    Null has no vote, and a row whose base is null stays null.
    """
    weight = points.mismatch / np.sqrt(2.0) or 1.0
    voted = points.codes[base]
    for j, column in enumerate(points.codes.T):
        totals = _ballots(column[neighbors[base]]) * weight
        winners = rng.permutation(np.argwhere(np.isclose(totals, totals.max(axis=1, keepdims=True))))
        _, first = np.unique(winners[:, 0], return_index=True)
        elected = winners[first, 1]
        keep = (voted[:, j] < 0) | (totals.max(axis=1) == 0.0)
        voted[:, j] = np.where(keep, voted[:, j], elected)
    return voted


def legacy_mismatch(numbers: FloatArray) -> float:
    """Median standard deviation of the columns, by the same routine as upstream's."""
    from sklearn.utils.sparsefuncs import mean_variance_axis

    _, variance = mean_variance_axis(sparse.csr_matrix(numbers), axis=0)
    return float(np.median(np.sqrt(variance)))


def _ballots(codes: Codes) -> NDArray[np.float64]:
    """How often each row of ``codes`` holds each category, shape (n, n_categories)."""
    n = len(codes)
    width = int(codes.max(initial=0)) + 1
    known = codes >= 0
    flat = (np.arange(n)[:, None] * width + codes)[known]
    return np.bincount(flat, minlength=n * width).reshape(n, width).astype(np.float64)


__all__ = [
    "first_dropped",
    "legacy_mismatch",
    "legacy_picks",
    "legacy_points",
    "legacy_random_state",
    "legacy_search",
    "legacy_votes",
    "untouched",
]
