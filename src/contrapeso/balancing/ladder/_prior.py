"""Probabilities of a model that saw other class shares than those of the table, put right in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def correct_prior(chances: Floats, seen: Floats, real: Floats) -> Floats:
    """``chances`` of shape (n, C) as they would be had the model seen the class shares ``real`` instead of ``seen``.

    Each chance is multiplied by real / seen and the row is divided by its sum. Exact where re-sampling left the rows
    within each class as they were (copies, drops at random, weights); close where new rows are made between old ones.

    References
    ----------
    .. [1] Saerens, Latinne, Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
       Neural Computation 14 (2002), eq. 2.4.
    .. [2] Dal Pozzolo et al., "Calibrating probability with undersampling for unbalanced classification", 2015.
    """
    factors = np.divide(real, seen, out=np.zeros_like(real), where=seen > 0)
    moved = chances * factors
    sums = moved.sum(axis=1, keepdims=True)
    return np.where(sums > 0, moved / np.where(sums > 0, sums, 1.0), np.broadcast_to(real, chances.shape))


def shares(codes: NDArray[np.intp], weights: Floats, n_classes: int) -> Floats:
    """Share of the weight of each class, (n_classes,)."""
    mass = np.bincount(codes, weights, n_classes)
    found: Floats = mass / mass.sum()
    return found


__all__ = ["correct_prior", "shares"]
