"""How far a training run is, by rows and by time, and what follows: the learning rate and when to look at the model."""

from __future__ import annotations

import math
from dataclasses import dataclass

from contrapeso.generators._training import Training

MIN_LOOKS, MAX_LOOKS = 8, 40
FIRST_PROBE = 0.4
"""Share of the run before which weights are not worth probing: the learning rate is still high."""
LAST_RATE = 0.01
WARMUP_SHARE = 0.1
"""Warm-up takes no more than this share of the steps, however few they are."""
MARGIN = 1.25
COOLING_SHARE, COOLING_STEPS = 0.25, 8
"""How long the learning rate falls after over-fitting was seen, as a share of the rows drawn before."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Plan of one run; a *share* is how much of it is done, in [0, 1].

    Attributes
    ----------
    n_rows : int
        Rows to be drawn in all: epochs times training rows.
    n_steps : int
        Steps that this takes at the first batch size.
    warmup_steps : int
    max_time_s : float or None
    n_looks : int
        How often the held-out rows are asked, evenly by share; the last time at the end.
    n_probes : int
        How often the probe is, at some of those times: evenly from 40 % of the run to its end.
    """

    n_rows: int
    n_steps: int
    warmup_steps: int
    max_time_s: float | None
    n_looks: int
    n_probes: int

    @classmethod
    def of(cls, training: Training, n_rows: int, batch_size: int) -> Schedule:
        """Plan for ``n_rows`` training rows."""
        epochs = training.epochs or 1
        n_steps = -(-epochs * n_rows // batch_size)
        n_looks = max(min(max(epochs, MIN_LOOKS), MAX_LOOKS), training.probes)
        warmup = min(training.warmup_steps, int(WARMUP_SHARE * n_steps))
        return cls(epochs * n_rows, n_steps, warmup, training.max_time_s, n_looks, training.probes)

    def share(self, position: int, elapsed_s: float, reserve_s: float) -> float:
        """How much is done after ``position`` rows and ``elapsed_s``, where the end takes ``reserve_s``."""
        by_rows = position / self.n_rows
        if self.max_time_s is None:
            return min(by_rows, 1.0)
        usable_s = self.max_time_s - MARGIN * reserve_s
        return min(max(by_rows, elapsed_s / usable_s if usable_s > 0 else 1.0), 1.0)

    def rate(self, step: int, share: float) -> float:
        """Factor of the learning rate in step ``step`` (from 0): linear warm-up, then a cosine from 1 to .01."""
        warm = min(1.0, (step + 1) / (self.warmup_steps + 1))
        return warm * (LAST_RATE + (1.0 - LAST_RATE) * 0.5 * (1.0 + math.cos(math.pi * share)))

    def cooled(self, position: int, cooling_from: int) -> float:
        """How much of the cooling is done: a share of the rows drawn before it, and at least some steps."""
        length = max(COOLING_SHARE * cooling_from, COOLING_STEPS * self.n_rows / max(self.n_steps, 1))
        return min((position - cooling_from) / length, 1.0)

    def looks(self, share: float) -> int:
        """How many looks are due by ``share``."""
        return int(share * self.n_looks + 1e-9)

    def probes(self, looks: int) -> int:
        """How many probes are due by the look numbered ``looks`` (from 1)."""
        return sum(looks >= point for point in self.probe_looks())

    def probe_looks(self) -> tuple[int, ...]:
        """Numbers of the looks with a probe."""
        if self.n_probes <= 1:
            return (self.n_looks,) * self.n_probes
        width = (1.0 - FIRST_PROBE) / (self.n_probes - 1)
        return tuple(max(1, round((FIRST_PROBE + width * k) * self.n_looks)) for k in range(self.n_probes))


__all__ = ["Schedule"]
