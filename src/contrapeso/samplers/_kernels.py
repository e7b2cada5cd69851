"""Arrays in, arrays out: interpolation between parents, votes among neighbours, whose turn it is to be a base.

Randomness is drawn outside, so the same inputs give the same bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.int64]

VOTE_ROWS = 2**15


def interpolate(base: FloatArray, neighbor: FloatArray, gap: FloatArray) -> FloatArray:
    """Points on the segments from ``base`` to ``neighbor``.

    A missing base value stays missing; where only the neighbour's is missing the base value is kept.

    Parameters
    ----------
    base, neighbor : ndarray of shape (n_new, n_features)
    gap : ndarray of shape (n_new,), values in [0, 1)

    Returns
    -------
    ndarray of shape (n_new, n_features), between ``base`` and ``neighbor`` to the last bit

    References
    ----------
    .. [1] Chawla et al., "SMOTE", JAIR 16 (2002), Sec. 4.2. One gap per row: the pseudo-code draws one
       per attribute, which fills the box between the parents and leaves the segment of the text.
    """
    toward = np.where(np.isnan(neighbor), base, neighbor)
    share = gap[:, None]
    point = (1.0 - share) * base + share * toward
    held = np.clip(point, np.fmin(base, toward), np.fmax(base, toward))
    return np.asarray(held + 0.0)  # of 0.0 and -0.0, which one a minimum gives depends on the processor: 0.0 always


def vote(ballots: Codes, base: Codes, tie: FloatArray) -> Codes:
    """Most frequent code of each row of ``ballots``; ``tie`` in [0, 1) picks among equals.

    Null (-1) does not vote. A row whose base is null stays null, and one whose neighbours are all
    null keeps its base's code.

    Parameters
    ----------
    ballots : int32 array of shape (n_new, k)
        Codes of the neighbours.
    base : int32 array of shape (n_new,)
    tie : float64 array of shape (n_new,)
    """
    out = base.copy()
    for start in range(0, len(ballots) if ballots.shape[1] else 0, VOTE_ROWS):
        part = slice(start, start + VOTE_ROWS)
        out[part] = _vote(ballots[part], base[part], tie[part])
    return out


def _vote(ballots: Codes, base: Codes, tie: FloatArray) -> Codes:
    support = (ballots[:, :, None] == ballots[:, None, :]).sum(axis=2)
    support[ballots < 0] = 0
    best = support == support.max(axis=1, keepdims=True)
    # Equal categories hold equally many places, so a uniform place is a uniform category.
    wanted = np.floor(tie * best.sum(axis=1)).astype(np.int64)
    place = np.argmax(np.cumsum(best, axis=1) > wanted[:, None], axis=1)
    winner = ballots[np.arange(len(ballots)), place]
    return np.where((base < 0) | (winner < 0), base, winner).astype(np.int32)


def turns(n_rows: int, n_new: int, rng: np.random.Generator) -> Rows:
    """Which of ``n_rows`` is the base of each new row: all in turn, in a fresh random order each round.

    Every row serves as often as every other, give or take one, as in the paper (N % of each row);
    the first m turns are the same however many are asked for.
    """
    rounds = [rng.permutation(n_rows) for _ in range(-(-n_new // n_rows))]
    return np.concatenate([np.empty(0, dtype=np.int64), *rounds])[:n_new].astype(np.int64)


__all__ = ["interpolate", "turns", "vote"]
