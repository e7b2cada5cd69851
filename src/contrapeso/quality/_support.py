"""Support of the synthetic rows against fresh real ones, each reading beside that of real rows of the same number.

Shown with a warning and outside the score: see :mod:`contrapeso.metrics._support`. 2000 rows of each table at most,
1000 for the kernel test.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics import _support as support
from contrapeso.metrics._mmd import mmd
from contrapeso.quality._privacy import wilson
from contrapeso.quality._samples import MIN_FRESH, Sample, Samples
from contrapeso.quality._sections import Interval, Reading

Floats = NDArray[np.float64]
MAX_ROWS = 2000
MAX_ROWS_MMD = 1000
N_BOOTSTRAP = 200
_STREAM = 21
NAMES = ("density", "coverage", "alpha_precision", "beta_recall", "mmd", "mmd_p_value")
TOO_FEW = "too_few_rows_for_support"


def assess_support(samples: Samples) -> tuple[Reading, ...]:
    """Density, coverage, alpha-precision, beta-recall and MMD of the synthetic rows; the reference is of train rows.

    Both are measured against the same fresh rows. Below 30 rows in the class mix of the synthetic table the readings
    are None with reason ``too_few_rows_for_support``.
    """
    drawn = [
        _even(sample, samples.rng(_STREAM, k))
        for k, sample in enumerate((samples.fresh, samples.synthetic, samples.train))
    ]
    n = min(MAX_ROWS, *(sample.n_rows for sample in drawn))
    if n < MIN_FRESH:
        return tuple(Reading(name, None, reason=TOO_FEW) for name in NAMES)
    space = support.Space.of(samples.train.features)
    rows = np.arange(n)
    fresh, synthetic, train = (space.place(sample.take(rows).features) for sample in drawn)
    within = support.squared_distances(fresh, fresh)
    found = _measure(fresh, synthetic, within, samples, 0)
    between_real = _measure(fresh, train, within, samples, 1)
    return tuple(Reading(name, *found[name], reference=between_real[name][0]) for name in NAMES if name in found)


def _even(sample: Sample, rng: np.random.Generator) -> Sample:
    """Rows thinned so that all count the same: each is kept with probability weight / largest weight."""
    if not sample.is_weighted:
        return sample
    return sample.take(rng.random(sample.n_rows) < sample.weights / sample.weights.max())


def _measure(
    fresh: support.Points, other: support.Points, within: Floats, samples: Samples, stream: int
) -> dict[str, tuple[float, Interval | None]]:
    """Each measure with its interval."""
    rng = samples.rng(_STREAM, 10 + stream)
    across = support.squared_distances(fresh, other)
    radii = support.neighbor_radii(within)
    density = support.density_rows(across, radii)
    covered = support.coverage_rows(across, radii)
    error = 1.96 * float(density.std(ddof=1) / np.sqrt(density.size))
    mean, share = float(density.mean()), float(covered.mean())
    precision, recall = _levels(fresh, other, within, across)
    value, p_value = _kernel_test(fresh, other, within, across, rng)
    return {
        "density": (mean, (max(0.0, mean - error), mean + error)),
        "coverage": (share, wilson(share, covered.size)),
        "alpha_precision": _bootstrapped(precision, rng),
        "beta_recall": _bootstrapped(recall, rng),
        "mmd": (value, None),
        "mmd_p_value": (p_value, None),
    }


def _levels(
    fresh: support.Points, other: support.Points, within: Floats, across: Floats
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Counts by level for alpha-precision (of ``other`` rows) and for beta-recall (of fresh ones)."""
    from_real = support.centre_distances(fresh, fresh)
    precision = support.level_counts(support.centre_distances(other, fresh), from_real)
    closest = across.argmin(axis=1)
    near = across[np.arange(len(fresh)), closest] <= support.neighbor_radii(within, 1)
    from_centre = support.centre_distances(other, other)[closest]
    return precision, support.level_counts(from_centre, from_centre, near)


def _bootstrapped(counts: NDArray[np.intp], rng: np.random.Generator) -> tuple[float, Interval]:
    """The integrated measure and its interval when the rows are drawn again."""
    again = support.integrated(rng.multinomial(counts.sum(), counts / counts.sum(), N_BOOTSTRAP))
    low, high = np.quantile(again, (0.025, 0.975))
    return float(support.integrated(counts)), (float(low), float(high))


def _kernel_test(
    fresh: support.Points, other: support.Points, within: Floats, across: Floats, rng: np.random.Generator
) -> tuple[float, float]:
    """MMD and its p-value on the first rows, which are in a random order."""
    n = min(MAX_ROWS_MMD, len(fresh), len(other))
    last = support.Points(other.numbers[:n], other.codes[:n], other.gone[:n])
    among = support.squared_distances(last, last)
    joined = np.block([[within[:n, :n], across[:n, :n]], [across[:n, :n].T, among]])
    return mmd(joined, n, rng)


__all__ = ["NAMES", "TOO_FEW", "assess_support"]
