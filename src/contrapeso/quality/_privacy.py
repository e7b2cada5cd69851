"""Exact copies of real rows and repeated rows: an alarm and a sign of mode collapse, never a privacy score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.quality._reference import Classes
from contrapeso.quality._report import Privacy

Keys = NDArray[np.uint64]
Codes = NDArray[np.intp]
_Z = 1.959963984540054


def copies(real: Keys, other: Keys) -> NDArray[np.bool_]:
    """Which rows of ``other`` equal a row of ``real``, (n,)."""
    return np.isin(other, real)


def assess_copies(keys: tuple[Keys, Keys, Keys], classes: Classes, n_columns: int) -> Privacy:
    """Share of synthetic rows that copy a real row, next to the rate of the holdout in the same class mix.

    ``keys`` are those of all real rows, the synthetic rows and the holdout (empty where there is none).
    """
    real, synthetic, holdout = keys
    copied = copies(real, synthetic)
    share, count = float(copied.mean()), int(copied.sum())
    expected = _mixed_rate(copies(real, holdout), classes.holdout, classes.synthetic)
    if expected is None:
        return Privacy("cannot_be_assessed", share, count, None, n_columns)
    low, _ = wilson(share, synthetic.size)
    _, high = wilson(expected, holdout.size)
    return Privacy("excess_copies" if low > high else "no_excess_found", share, count, expected, n_columns)


def _mixed_rate(copied: NDArray[np.bool_], klass: Codes, target_mix: Codes) -> float | None:
    """Rate of ``copied`` in the class mix of ``target_mix``; None where no class is shared."""
    n_classes = int(max(klass.max(initial=0), target_mix.max(initial=0))) + 1
    sizes = np.bincount(klass, minlength=n_classes)
    mix = np.bincount(target_mix, minlength=n_classes) * (sizes > 0)
    if not mix.sum():
        return None
    rates = np.bincount(klass, weights=copied, minlength=n_classes) / np.maximum(sizes, 1)
    return float((rates * mix).sum() / mix.sum())


def wilson(share: float, n: int) -> tuple[float, float]:
    """95 % score interval of a proportion.

    References
    ----------
    .. [1] Wilson, "Probable inference", J. Am. Stat. Assoc. 22 (1927).
    """
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))


def duplicate_share(keys: Keys) -> float:
    """Share of rows that repeat an earlier row."""
    return 1 - np.unique(keys).size / keys.size if keys.size else 0.0


def collision_rate(keys: Keys, klass: Codes) -> float:
    """Chance that two different rows of one class are equal, averaged over the classes by their share.

    Unlike the share of duplicates it does not grow with the size of the table.
    """
    rate = 0.0
    for label in np.unique(klass):
        _, counts = np.unique(keys[klass == label], return_counts=True)
        n = int(counts.sum())
        if n > 1:
            rate += n / klass.size * float((counts * (counts - 1)).sum()) / (n * (n - 1))
    return rate


__all__ = ["assess_copies", "collision_rate", "copies", "duplicate_share", "wilson"]
