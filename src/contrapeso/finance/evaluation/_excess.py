"""How far made rows are from later real ones, beyond what as many earlier real rows are.

A distance between two samples is never 0, and with few rows it is mostly noise: half of a real category is some .25
nats from its other half. So every distance stands beside its *floor*, the mean distance to the later rows of bootstrap
samples of the training rows, of as many rows as were made. The *excess* is the distance less the floor: about 0 for
rows drawn again from the training slice, below 0 where a smooth sampler is nearer to what came later than they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from contrapeso.finance.evaluation._distances import (
    Floats,
    Ints,
    draws,
    jensen_shannon,
    rounding_steps,
    shares,
    signed_log,
    total_variation,
    wasserstein,
)
from contrapeso.finance.evaluation._rows import Side

Distance = Callable[[Floats, Floats], Floats]
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Excess:
    """A distance of made rows to later real rows, its floor, and the difference with a bootstrap interval.

    Attributes
    ----------
    value : distance of the made rows to the later rows.
    floor : mean distance of bootstrap samples of the training rows, of as many rows as were made.
    excess : ``value - floor``.
    low, high : interval of 95 % of the excess, over samples of the training and of the later rows.
    """

    value: float
    floor: float
    excess: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Coded:
    """Rows of the three sides counted over one list of values, and the distance that fits these values."""

    train: Ints
    later: Ints
    made: Ints
    distance: Distance


def coded(train: Ints | Floats, later: Ints | Floats, made: Ints | Floats, distance: str = "js") -> Coded:
    """Counts of three columns of values over all that occur; ``distance`` is js, tv or w1 (over the later spread)."""
    values, codes = np.unique(np.concatenate([train, later, made]), return_inverse=True)
    ends = np.cumsum([len(train), len(later)])
    first, second, third = (np.bincount(part, minlength=len(values)) for part in np.split(codes, ends))
    return Coded(first, second, third, _distance(distance, values, later))


def _distance(name: str, values: Ints | Floats, later: Ints | Floats) -> Distance:
    if name == "w1":
        sigma = float(np.std(later)) if len(later) else 0.0
        support = np.asarray(values, dtype=np.float64) / (sigma if sigma > 0 else 1.0)
        return lambda p, q: wasserstein(p, q, support)
    return total_variation if name == "tv" else jensen_shannon


def sides_of(train: Side, later: Side, made: Side) -> dict[str, Coded]:
    """The sides of a movement that are compared: day, weekday, amount, rounding step, length of the text."""
    return {
        "day": coded(train.day, later.day, made.day),
        "weekday": coded(train.weekday, later.weekday, made.weekday),
        "amount": coded(signed_log(train.cents), signed_log(later.cents), signed_log(made.cents), "w1"),
        "rounding": coded(rounding_steps(train.cents), rounding_steps(later.cents), rounding_steps(made.cents), "tv"),
        "text_length": coded(train.length // 4, later.length // 4, made.length // 4),
    }


def excess_of(side: Coded, rng: np.random.Generator, n_draws: int = 200) -> Excess:
    """Distance, floor and interval of one side; each side must hold a row."""
    n_made, n_later = int(side.made.sum()), int(side.later.sum())
    made, later = shares(side.made), shares(side.later)
    real = draws(side.train, n_made, n_draws, rng)
    value, floor = float(side.distance(made, later)), float(side.distance(real, later).mean())
    again = draws(side.later, n_later, n_draws, rng)
    spread = side.distance(made[None], again) - side.distance(real, again)
    low, high = np.quantile(spread - spread.mean(), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    excess = value - floor
    return Excess(value, floor, excess, excess + float(low), excess + float(high))


__all__ = ["Coded", "Excess", "coded", "excess_of", "sides_of"]
