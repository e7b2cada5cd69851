"""Which rung is taken: the simplest of the best, and "none" unless leaving it does no harm and some good.

The best of twenty noisy differences flatters itself. So every difference is first drawn towards what all of them have
in common by as much as noise explains (empirical Bayes), and its noise counts that folds share training rows. The
constants were set on a third of the tables of ``benchmarks/ladder.py``; the others are the test.

References
----------
.. [1] Nadeau, Bengio, "Inference for the generalization error", Machine Learning 52 (2003), the corrected t test.
.. [2] Efron, Morris, "Stein's estimation rule and its competitors", JASA 68 (1973).
.. [3] Smyth, "Linear models and empirical Bayes methods for assessing differential expression", 2004, Sec. 3.
.. [4] Breiman et al., "Classification and regression trees", 1984, Sec. 3.4.3 (the one-standard-error rule).
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
PRIOR_FREEDOM = 4
"""Folds that the middle of all variances counts for, beside a rung's own."""
LEAST_SPREAD = 0.25
"""Least spread of what rungs do of their own, over its noise."""
EFFECT_SPREAD = 8.0
"""Standard deviation, over rungs and tables, of what a treatment does, in least gains; its mean is -1 of these."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A rung against the baseline on the folds that both have.

    Attributes
    ----------
    mean, error : mean difference and its standard error, corrected for shared training rows
    shrunk, shrunk_error : the same after it was drawn towards what all rungs have in common
    p_better : probability that the true difference is above 0
    n_folds : folds behind it
    """

    mean: float
    error: float
    shrunk: float
    shrunk_error: float
    p_better: float
    n_folds: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the plain difference, by Student's t."""
        half = half_width(self.error, self.n_folds)
        return self.mean - half, self.mean + half


def corrected_error(values: Floats, test_share: float) -> float:
    """Standard error of the mean of fold differences; ``test_share`` is test rows over training rows of a fold."""
    if len(values) < 2:
        return float("inf")
    return float(np.sqrt((1 / len(values) + test_share) * values.var(ddof=1)))


def half_width(error: float, n_folds: int) -> float:
    """Half of the 95 % interval of a mean over folds."""
    from scipy.stats import t

    return float(t.ppf(0.975, n_folds - 1) * error) if n_folds > 1 else float("inf")


def differences(paired: Mapping[str, Floats], test_share: float, least_gain: float = 0.005) -> dict[str, Difference]:
    """Difference of each rung from the fold differences to the baseline.

    What a rung does is what all treatments do (the middle one, fold by fold) plus its own. Its own part is drawn to 0
    by as much as noise explains how rungs differ, and the whole then to what is expected of a treatment beforehand: a
    loss of ``least_gain``, give or take eight. Variances over a few folds are drawn to the middle of all.
    """
    if not paired:
        return {}
    n_common = min(len(values) for values in paired.values())
    if len(paired) < LEAST_RUNGS or n_common < 2:
        return {name: _alone(values, test_share) for name, values in paired.items()}
    first = np.array([values[:n_common] for values in paired.values()])
    means, lengths = (np.array([f(values) for values in paired.values()]) for f in (np.mean, len))
    shared = np.median(first, axis=0)
    own = means - shared.mean()
    kept, spread = _kept(own, np.sqrt(_moderated(first - shared) / lengths))
    noise = (1 / lengths + test_share) * _moderated(shared + kept[:, None] * (first - shared))
    errors = np.sqrt(noise + ((1 - kept) * spread) ** 2)
    shrunk, errors = _expected(shared.mean() + kept * own, errors, least_gain)
    chances = _chances(shrunk, errors, n_common - 1 + PRIOR_FREEDOM)
    plain = [corrected_error(values, test_share) for values in paired.values()]
    columns = (means.tolist(), plain, shrunk.tolist(), errors.tolist(), chances, lengths.tolist())
    return {name: Difference(*row) for name, *row in zip(paired, *columns, strict=True)}


def _alone(values: Floats, test_share: float) -> Difference:
    """The difference of a rung that has too few others beside it to learn from them."""
    mean, error = float(values.mean()), corrected_error(values, test_share)
    chance = _chances(np.array([mean]), np.array([error]), max(len(values) - 1, 1))[0]
    return Difference(mean, error, mean, error, chance, len(values))


def _chances(values: Floats, errors: Floats, freedom: int) -> list[float]:
    """Probability that the truth is above 0, by Student's t."""
    from scipy.stats import t

    known = errors > 0
    ratios = np.divide(values, errors, out=np.zeros_like(values), where=known)
    chances = np.where(known, t.cdf(ratios, freedom), (np.sign(values) + 1) / 2)
    return [float(chance) for chance in chances]


def _moderated(folds: Floats) -> Floats:
    """Variance of each row over its folds, as if the middle variance had been seen in a few folds more (Smyth 2004)."""
    n, variances = folds.shape[1] - 1, folds.var(axis=1, ddof=1)
    return np.asarray((n * variances + PRIOR_FREEDOM * np.median(variances)) / (n + PRIOR_FREEDOM))


def _kept(own: Floats, errors: Floats) -> tuple[Floats, float]:
    """Share of each own effect that is kept, and their spread: by medians, so that rungs that fail do not count."""
    apart = 1.4826 * float(np.median(np.abs(own - np.median(own))))
    noise = float(np.median(errors))
    spread = max(apart**2 - noise**2, (LEAST_SPREAD * noise) ** 2)
    total = spread + errors**2
    return np.divide(spread, total, out=np.ones_like(own), where=total > 0), float(np.sqrt(spread))


def _expected(means: Floats, errors: Floats, least_gain: float) -> tuple[Floats, Floats]:
    """Means and errors after what is known of treatments beforehand."""
    spread = (EFFECT_SPREAD * least_gain) ** 2
    kept = spread / (spread + errors**2)
    return -least_gain * (1 - kept) + kept * means, np.sqrt(kept) * errors


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


__all__ = ["Candidate", "Difference", "corrected_error", "differences", "eligible", "half_width", "pick"]
