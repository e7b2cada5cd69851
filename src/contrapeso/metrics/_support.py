"""Do synthetic rows lie where real rows lie, and everywhere there? Numbers to look at, never a score.

Such measures fail sanity checks one after the other (Räisä, van Breugel & van der Schaar, arXiv 2505.22450): they move
with the number of columns, with outliers and with the scaling, and stay still where tables are plainly wrong. They are
worth something only beside their own value between real rows, on equally many rows.

:class:`Space` puts mixed rows on a scale; the measures take squared distances and know nothing of columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._features import Features

Floats = NDArray[np.float64]
N_NEIGHBORS = 5
LEVELS = np.linspace(0.0, 1.0, 31)[1:]
_SHARES = (0.05, 0.95), (0.01, 0.99), (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Space:
    """A scale on which mixed rows have a Euclidean distance, made from the real rows.

    Numbers are ``(x - low) / width`` with the 5 % and 95 % quantiles at 0 and 1 (1 % and 99 %, or the ends, where these
    are equal), held within [-1, 2] so that one far value does not decide. A category apart adds 1 to the squared
    distance, as do a null and a value; a null equals a null.
    """

    low: Floats
    width: Floats
    categorical: NDArray[np.bool_]

    @classmethod
    def of(cls, real: Features) -> Space:
        """The scale of the numeric columns of ``real`` (n, p); a constant or empty column has width 1."""
        numbers = real.values[:, ~real.categorical]
        low, width = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
        for k, column in enumerate(numbers.T):
            present = column[~np.isnan(column)]
            for shares in _SHARES if present.size else ():
                start, end = np.quantile(present, shares)
                low[k] = start
                if end > start:
                    width[k] = end - start
                    break
        return cls(low, width, real.categorical)

    def place(self, rows: Features) -> Points:
        """``rows`` on this scale."""
        numbers = rows.values[:, ~self.categorical]
        gone = np.isnan(numbers)
        scaled = np.clip((numbers - self.low) / self.width, -1.0, 2.0)
        scaled[gone] = 0.5
        codes = rows.values[:, self.categorical]
        return Points(scaled, np.where(np.isnan(codes), -1.0, codes), gone)


@dataclass(frozen=True, slots=True)
class Points:
    """Rows in a :class:`Space`: ``numbers`` (n, p), ``codes`` (n, q) with -1 for null, ``gone`` (n, p) null numbers."""

    numbers: Floats
    codes: Floats
    gone: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.numbers)


def squared_distances(left: Points, right: Points) -> Floats:
    """Squared distances (n, m) of the rows of two tables in one space."""
    from scipy.spatial.distance import cdist

    total: Floats = np.zeros((len(left), len(right)))
    if left.numbers.shape[1]:
        total += cdist(left.numbers, right.numbers, "sqeuclidean")
    if left.codes.shape[1]:
        total += cdist(left.codes, right.codes, "hamming") * left.codes.shape[1]
    holes = left.gone.any(axis=0) | right.gone.any(axis=0)
    if holes.any():
        one, other = left.gone[:, holes], right.gone[:, holes]
        total += cdist(one, other, "hamming") * int(holes.sum())
        total -= _beside_holes(left.numbers[:, holes], one, right.numbers[:, holes], other)
    return np.maximum(total, 0.0, out=total)


def _beside_holes(x: Floats, x_gone: NDArray[np.bool_], y: Floats, y_gone: NDArray[np.bool_]) -> Floats:
    """What ``cdist`` counted between a null, put at 0.5, and a value, (n, m)."""
    left, right = (x - 0.5) ** 2 * ~x_gone, (y - 0.5) ** 2 * ~y_gone
    found: Floats = left @ y_gone.T.astype(np.float64) + x_gone.astype(np.float64) @ right.T
    return found


def neighbor_radii(within: Floats, k: int = N_NEIGHBORS) -> Floats:
    """Squared distance of each row to its k-th nearest other row, (n,), from those within a table, (n, n)."""
    apart = within.copy()
    np.fill_diagonal(apart, np.inf)
    place = min(k, len(apart) - 1) - 1
    found: Floats = np.partition(apart, place, axis=1)[:, place]
    return found


def density_rows(across: Floats, radii: Floats, k: int = N_NEIGHBORS) -> Floats:
    """For each synthetic row, in how many balls of real rows it lies, over ``k``; their mean is the density.

    Parameters
    ----------
    across : ndarray of shape (n_real, n_synthetic), squared distances
    radii : ndarray of shape (n_real,)
        Squared distance of each real row to its k-th nearest real row. Balls are closed: in tables of categories many
        rows are equal and radii are 0.

    References
    ----------
    .. [1] Naeem et al., "Reliable fidelity and diversity metrics for generative models", ICML 2020, Eq. 3.
    """
    inside: Floats = (across <= radii[:, None]).sum(axis=0) / k
    return inside


def coverage_rows(across: Floats, radii: Floats) -> NDArray[np.bool_]:
    """Which balls of real rows hold a synthetic row; the mean is the coverage (Naeem et al. 2020, Eq. 4)."""
    inside: NDArray[np.bool_] = across <= radii[:, None]
    return np.asarray(inside.any(axis=1), dtype=np.bool_)


def centre_distances(rows: Points, centre_of: Points) -> Floats:
    """Squared distance of each row to the mean of ``centre_of``, categories as scaled indicator columns, (n,)."""
    found: Floats = ((rows.numbers - centre_of.numbers.mean(axis=0)) ** 2).sum(axis=1)
    parts = np.column_stack([rows.codes, rows.gone]), np.column_stack([centre_of.codes, centre_of.gone])
    for own, other in zip(parts[0].T, parts[1].T, strict=True):
        values, inverse = np.unique(np.concatenate([own, other]), return_inverse=True)
        shares = np.bincount(inverse[own.size :], minlength=values.size) / other.size
        found += 0.5 - shares[inverse[: own.size]] + 0.5 * (shares**2).sum()
    return found


def level_counts(distances: Floats, reference: Floats, kept: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Rows by the innermost of 30 balls that holds them, (31,); the last cell is outside of all, or not ``kept``.

    Ball j holds a share of ``(j + 1) / 30`` of the ``reference`` distances.
    """
    at = np.searchsorted(np.quantile(reference, LEVELS), distances, side="left")
    if kept is not None:
        at = np.where(kept, at, LEVELS.size)
    counts: NDArray[np.intp] = np.bincount(at, minlength=LEVELS.size + 1)
    return counts


def integrated(counts: NDArray[np.intp]) -> Floats:
    """``1 - sum_j |a_j - P_j| / sum_j a_j`` over the 30 levels, for counts (..., 31); 1 is best, 0 worst.

    With the counts of synthetic rows in balls of real rows this is the integrated alpha-precision; with those of real
    rows that a synthetic row is near to, the integrated beta-recall.

    References
    ----------
    .. [1] Alaa et al., "How faithful is your synthetic data?", ICML 2022 (arXiv 2102.08921), Sec. 3; here in the
       space of the rows, without a learned embedding (the "naive" variant of synthcity).
    """
    shares = np.cumsum(counts, axis=-1)[..., :-1] / np.sum(counts, axis=-1, keepdims=True)
    found: Floats = 1 - np.abs(LEVELS - shares).sum(axis=-1) / LEVELS.sum()
    return found


__all__ = [
    "LEVELS",
    "N_NEIGHBORS",
    "Points",
    "Space",
    "centre_distances",
    "coverage_rows",
    "density_rows",
    "integrated",
    "level_counts",
    "neighbor_radii",
    "squared_distances",
]
