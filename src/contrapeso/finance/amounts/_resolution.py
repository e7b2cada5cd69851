"""The grid that people put amounts on: whole reais, tens, hundreds; and amounts moved without leaving it.

The resolution of an amount is the coarsest of the steps that divides it: 150.00 has 50.00, 149.90 has 0.10.
Every step divides the next, so that an amount has the resolution ``r`` if it is a multiple of ``r`` and not of
the step after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.finance._ledger import Cents

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STEPS: Ints = np.array([1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 1_000_000], dtype=np.int64)
"""Steps in centavos, each a divisor of the next: from 0.01 to 10,000.00."""

LARGEST = int(np.iinfo(np.int64).max)
_LARGEST_FLOAT = 9.2e18


def magnitudes(cents: Cents) -> Ints:
    """Absolute values; the one number without a counterpart becomes the largest."""
    return np.asarray(np.where(cents == np.iinfo(np.int64).min, LARGEST, np.abs(cents)))


def resolutions(cents: Cents) -> Ints:
    """Index in :data:`STEPS` of the coarsest step that divides each amount; zero has the coarsest of all.

    Examples
    --------
    >>> STEPS[resolutions(np.array([15000, 14990, -45_000, 7]))].tolist()
    [5000, 10, 5000, 1]
    """
    size = magnitudes(np.asarray(cents, dtype=np.int64))
    found = np.zeros(size.shape, dtype=np.int64)
    alive = np.arange(len(size))
    for place in range(1, len(STEPS)):
        alive = alive[size[alive] % STEPS[place] == 0]
        found[alive] = place
    return found


def on_grid(sizes: Floats, places: Ints) -> Ints:
    """The amount nearest to each size that has exactly the resolution asked for.

    Parameters
    ----------
    sizes : float64, shape (m,), magnitudes in centavos, at least 0
    places : int64, shape (m,), indices in :data:`STEPS`

    Returns
    -------
    int64, shape (m,), at least one step
    """
    step = STEPS[places]
    ratio = np.append(STEPS[1:] // STEPS[:-1], LARGEST)[places]
    exact = np.clip(sizes, 0, _LARGEST_FLOAT) / step
    whole = np.maximum(np.rint(exact), 1).astype(np.int64)
    too_round = whole % ratio == 0
    whole = whole + too_round * np.where(exact < whole, -1, 1)
    whole = np.minimum(np.maximum(whole, 1), LARGEST // step)
    return np.asarray(whole * step)


def snap(cents: object, reference: object) -> Cents:
    """Amounts moved to the nearest one with the resolution and the sign of its reference.

    Parameters
    ----------
    cents : array_like of numbers, shape (m,)
        Any amounts in centavos, such as interpolated ones.
    reference : array_like of int, shape (m,)
        Real amounts; where one is zero the result is zero.

    Returns
    -------
    int64, shape (m,)

    Raises
    ------
    InvalidDataError
        If the shapes differ or an amount is not finite.

    Examples
    --------
    >>> snap([12_345.6, 12_345.6, 12_345.6], [-5_000, 99, 1_990]).tolist()
    [-15000, 12346, 12340]
    """
    amounts, goals = np.asarray(cents, dtype=np.float64), np.asarray(reference, dtype=np.int64)
    if amounts.shape != goals.shape or not np.isfinite(amounts).all():
        raise InvalidDataError(
            f"snap takes finite amounts and one reference for each; got shapes {amounts.shape} and {goals.shape}."
        )
    moved = on_grid(np.abs(amounts).ravel(), resolutions(goals.ravel())).reshape(goals.shape)
    return np.asarray(np.sign(goals) * moved)


__all__ = ["LARGEST", "STEPS", "Bools", "Floats", "Ints", "magnitudes", "on_grid", "resolutions", "snap"]
