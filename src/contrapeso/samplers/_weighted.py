"""Bases of new rows where some rows of a class are to serve more often than others."""

from __future__ import annotations

import numpy as np

from contrapeso.samplers._drawn import FloatArray
from contrapeso.tables._containers import Rows


def weighted_turns(weights: FloatArray, n_new: int, rng: np.random.Generator) -> Rows:
    """``n_new`` places, each as often as its weight says, rounded up or down by lot; equal places stand together.

    One random offset on the cumulated shares of the shuffled places (systematic sampling): the expected number of each
    is exactly its share, the true one never as much as 1 away from it, and the sum is exact.

    Parameters
    ----------
    weights : array of shape (n,), values >= 0, some above 0
    n_new : int
    rng : Generator

    Examples
    --------
    >>> import numpy as np
    >>> np.bincount(weighted_turns(np.array([4.0, 0.0, 1.0, 1.0]), 12, np.random.default_rng(0))).tolist()
    [8, 0, 2, 2]
    """
    places = rng.permutation(len(weights))
    reached = np.cumsum(weights[places])
    reached *= n_new / reached[-1]
    reached[-1] = n_new
    passed = np.floor(reached + _inner(rng.random())).astype(np.int64)
    return np.repeat(places, np.diff(passed, prepend=0))


def _inner(offset: float) -> float:
    """``offset`` away from 0 and 1, so that shares that are whole numbers but for their rounding stay whole."""
    return 1e-6 + offset * (1.0 - 2e-6)


__all__ = ["weighted_turns"]
