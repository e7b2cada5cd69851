"""The winner's one examination: both models on the rows that no trial saw, and a bootstrap of these rows."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import child, generator
from contrapeso.balancing.ladder._clock import Clock
from contrapeso.balancing.tuning._bench import Bench, patiently
from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.balancing.tuning._result import SetAside

Floats = NDArray[np.float64]
N_DRAWS = 500
LEVEL = 0.95
_BOOTSTRAP = 70  # stream; those of the ladder lie below


def examine(bench: Bench, winner: Candidate, clock: Clock) -> SetAside:
    """Scores of "none" and of ``winner`` on the rows set aside, with the interval of their difference."""
    q, rows = bench.question, bench.plan.untouched
    truth, weights = q.codes[rows], q.weights[rows]
    sides = []
    for candidate in (Candidate(), winner):
        chances = patiently(clock, partial(bench.on_set_aside, candidate), forced=True)
        offsets = patiently(clock, partial(bench.all_offsets, candidate), forced=True)
        sides.append((chances, offsets))

    def score(mass: Floats) -> tuple[float, float]:
        none, tuned = (q.judge.score(truth, chances, offsets, mass) for chances, offsets in sides)
        return none, tuned

    none, tuned = score(weights)
    draws = np.empty(N_DRAWS)
    units = _Units.of(truth, bench.plan.units[rows])
    rng = generator(child(q.seed, _BOOTSTRAP))
    for b in range(N_DRAWS):
        clock.check()
        drawn = score(weights * units.draw(rng))
        draws[b] = drawn[1] - drawn[0]
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    better = float((draws > 0).mean() + (draws == 0).mean() / 2)
    rare = int(np.bincount(truth, minlength=q.n_classes).min())
    return SetAside(len(rows), rare, none, tuned, tuned - none, (float(low), float(high)), better)


class _Units:
    """Units of rows, each in the stratum of its rarest class."""

    def __init__(self, unit: NDArray[np.intp], strata: list[NDArray[np.intp]]) -> None:
        self.unit, self.strata, self.n = unit, strata, int(unit.max()) + 1

    @classmethod
    def of(cls, truth: NDArray[np.intp], units: NDArray[np.int64]) -> _Units:
        unit = np.unique(units, return_inverse=True)[1].astype(np.intp)
        rank = np.empty(truth.max() + 1, dtype=np.intp)
        rank[np.argsort(np.bincount(truth), kind="stable")] = np.arange(len(rank))
        lead = np.full(unit.max() + 1, len(rank))
        np.minimum.at(lead, unit, rank[truth])
        return cls(unit, [np.flatnonzero(lead == r) for r in np.unique(lead)])

    def draw(self, rng: np.random.Generator) -> Floats:
        """How often each row is in a bootstrap sample of the units, (n,)."""
        times = np.zeros(self.n)
        for members in self.strata:
            times[members] = rng.multinomial(members.size, np.full(members.size, 1 / members.size))
        return times[self.unit]


__all__ = ["examine"]
