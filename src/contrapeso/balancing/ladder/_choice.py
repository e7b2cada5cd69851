"""Which rung is taken: the simplest of the best, and "none" unless leaving it does no harm and some good.

The best of twenty noisy differences flatters itself. So every difference is first drawn towards the middle of all of
them by as much as their noise explains (empirical Bayes), and its noise counts that folds share training rows.

References
----------
.. [1] Nadeau, Bengio, "Inference for the generalization error", Machine Learning 52 (2003), the corrected t test.
.. [2] Efron, Morris, "Stein's estimation rule and its competitors", JASA 68 (1973).
.. [3] Breiman et al., "Classification and regression trees", 1984, Sec. 3.4.3 (the one-standard-error rule).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SURE = 0.9
"""Probability of being better from which "none" is left."""
MOST_BRIER_RISE = 0.02
LEAST_RUNGS = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """A rung against the baseline on the folds that both have.

    Attributes
    ----------
    mean, error : mean difference and its standard error, corrected for shared training rows
    shrunk, shrunk_error : the same after it was drawn towards the middle of all rungs
    p_better : probability that the true difference is above 0
    """

    mean: float
    error: float
    shrunk: float
    shrunk_error: float
    p_better: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the plain difference."""
        return self.mean - 1.96 * self.error, self.mean + 1.96 * self.error


def corrected_error(values: Floats, test_share: float) -> float:
    """Standard error of the mean of fold differences; ``test_share`` is test rows over training rows of a fold."""
    if len(values) < 2:
        return float("inf")
    return float(np.sqrt((1 / len(values) + test_share) * values.var(ddof=1)))


def differences(paired: Mapping[str, Floats], test_share: float) -> dict[str, Difference]:
    """Difference of each rung from the fold differences to the baseline."""
    from scipy.stats import norm

    means = {name: float(values.mean()) for name, values in paired.items()}
    errors = {name: corrected_error(values, test_share) for name, values in paired.items()}
    centre, spread = _prior(np.array([*means.values()]), np.array([*errors.values()]))
    found = {}
    for name, mean in means.items():
        shrunk, error = _drawn(mean, errors[name], centre, spread)
        p = float(norm.cdf(shrunk / error)) if error > 0 else float(shrunk > 0)
        found[name] = Difference(mean, errors[name], shrunk, error, p)
    return found


def _prior(means: Floats, errors: Floats) -> tuple[float, float]:
    """Middle and spread of the true differences: medians, so that a rung that fails badly does not count."""
    known = np.isfinite(errors)
    if known.sum() < LEAST_RUNGS:
        return 0.0, float("inf")
    centre = float(np.median(means[known]))
    apart = 1.4826 * float(np.median(np.abs(means[known] - centre)))
    noise = float(np.median(errors[known]))
    return min(centre, 0.0), float(np.sqrt(max(apart**2 - noise**2, (0.25 * noise) ** 2)))


def _drawn(mean: float, error: float, centre: float, spread: float) -> tuple[float, float]:
    if not np.isfinite(spread) or not np.isfinite(error):
        return mean, error
    if error == 0.0:
        return mean, 0.0
    kept = spread**2 / (spread**2 + error**2)
    return centre + kept * (mean - centre), float(np.sqrt(kept) * error)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rung as the rule sees it; ``brier_rise`` is relative to the baseline."""

    name: str
    order: int
    difference: Difference
    paired: Floats
    brier_rise: float


def eligible(candidate: Candidate, least_gain: float) -> bool:
    """Whether leaving the baseline for the rung does no harm and some good."""
    d = candidate.difference
    return d.mean >= max(d.error, least_gain) and d.p_better >= SURE and not candidate.brier_rise > MOST_BRIER_RISE


def pick(candidates: Sequence[Candidate], least_gain: float, test_share: float) -> str | None:
    """Name of the rung to take; None to stay with the baseline."""
    able = [c for c in candidates if eligible(c, least_gain)]
    if not able:
        return None
    best = max(able, key=lambda c: (c.difference.shrunk, -c.order))
    near = [c for c in able if _within_one_error(c, best, test_share)]
    return min(near, key=lambda c: c.order).name


def _within_one_error(candidate: Candidate, best: Candidate, test_share: float) -> bool:
    n = min(len(candidate.paired), len(best.paired))
    gap = best.paired[:n] - candidate.paired[:n]
    return bool(gap.mean() <= corrected_error(gap, test_share)) or candidate is best


__all__ = ["Candidate", "Difference", "corrected_error", "differences", "eligible", "pick"]
