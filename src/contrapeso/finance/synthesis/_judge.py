"""Which method suits a category, by an inner temporal validation: rows made of earlier ones against later ones.

The size rule is the prior: another method must be clearly nearer to the later rows to take its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import child
from contrapeso.finance._ledger import Days, Ledger
from contrapeso.finance.synthesis._draft import SKETCHERS, draft
from contrapeso.finance.synthesis._learn import Learned, learn
from contrapeso.finance.synthesis._options import Method
from contrapeso.finance.synthesis._plan import Plan, PlanItem, Text, with_method
from contrapeso.finance.synthesis._words import REASONS, both, decimal

EARLIER = 0.7
LEAST_ROWS = 10
"""Rows of a category, earlier and later, from which a comparison says more than its size."""
MARGIN = 0.02
MOST_ROWS, LEAST_MADE = 20_000, 200
"""Rows of a file above which the size rule decides alone; rows that are made for a comparison."""
INNER = 3
"""Place of the stream of the inner validation."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Distances of the methods to the later rows of one category: day of the month, weekday and amount, added up."""

    category: str
    distances: Mapping[Method, float]
    n_earlier: int
    n_later: int

    def best(self, prior: Method) -> Method:
        """The method to take: the prior one unless another is clearly nearer."""
        nearest = min(self.distances, key=lambda method: self.distances[method])
        return nearest if self.distances[nearest] < self.distances[prior] - MARGIN else prior

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "category": self.category,
            "distances": {name: round(value, 4) for name, value in self.distances.items()},
            "n_earlier": self.n_earlier,
            "n_later": self.n_later,
        }


def judged(learned: Learned, planned: Plan) -> tuple[Plan, tuple[Judgement, ...]]:
    """The plan with the methods of an inner validation where 'auto' was asked for, and what was measured."""
    if planned.method != "auto" or len(learned.ledger) > MOST_ROWS:
        return planned, ()
    open_ = [item for item in planned.items if item.add and item.options.method in (None, "auto")]
    days = np.sort(learned.ledger.days)
    cut = days[min(int(EARLIER * len(days)), len(days) - 1)]
    measured = {item.category: found for item in open_ if (found := _judgement(learned, item, cut)) is not None}
    items = tuple(_chosen(item, measured.get(item.category)) for item in planned.items)
    return replace(planned, items=items), tuple(measured.values())


def _judgement(learned: Learned, item: PlanItem, cut: np.datetime64) -> Judgement | None:
    """Distances of all methods for one category; None where it has too few rows on a side."""
    rows = learned.ledger.take(learned.ledger.categories == item.category)
    earlier, later = rows.take(rows.days < cut), rows.take(rows.days >= cut)
    if min(len(earlier), len(later)) < LEAST_ROWS:
        return None
    inner = learn(earlier, calendar=learned.calendar, random_state=child(learned.seed, INNER))
    distances: dict[Method, float] = {}
    for method in SKETCHERS:
        made = draft(inner, item.category, LEAST_MADE, method, options=item.options).ledger
        distances[method] = distance(made, later)
    return Judgement(item.category, distances, len(earlier), len(later))


def _chosen(item: PlanItem, found: Judgement | None) -> PlanItem:
    """The item by the method that the measurement speaks for."""
    if found is None or item.method is None:
        return item
    method = found.best(item.method)
    if method == item.method:
        return item
    told: list[Text] = [
        (f"{name} {decimal(value)[0]}", f"{name} {decimal(value)[1]}") for name, value in found.distances.items()
    ]
    scores = (", ".join(pt for pt, _ in told), ", ".join(en for _, en in told))
    why: Text = both(REASONS, "judged", scores=scores)
    return with_method(item, method, why)


def distance(made: Ledger, later: Ledger) -> float:
    """Distances of day of the month, weekday (Jensen-Shannon, nats) and amount (Wasserstein, deviations), added up."""
    if not len(made):
        return float("inf")
    first, second = (_shares(_day_of_month(side.days), 32) for side in (made, later))
    week = [_shares((side.days.astype(np.int64) + 3) % 7, 7) for side in (made, later)]
    return _divergence(_smooth(first), _smooth(second)) + _divergence(*week) + _amounts(made, later)


def _day_of_month(days: Days) -> NDArray[np.int64]:
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray((days - first).astype(np.int64) + 1)


def _shares(codes: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    return np.bincount(codes, minlength=n) / len(codes)


def _smooth(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of days, each lent in part to its neighbours: a few rows say nothing of single days."""
    around = np.roll(shares[1:], 1) + np.roll(shares[1:], -1)
    return np.asarray(0.5 * shares[1:] + 0.25 * around)


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(side > 0, side * np.log(side / middle), 0.0) for side in (p, q)]
    return float(np.sum(terms) / 2)


def _amounts(made: Ledger, later: Ledger) -> float:
    from scipy.stats import wasserstein_distance

    logs = [np.sign(side.cents) * np.log1p(np.abs(side.cents) / 100) for side in (made, later)]
    spread = max(float(logs[1].std()), 0.05)
    return min(float(wasserstein_distance(*logs)) / spread, 2.0)


__all__ = ["Judgement", "distance", "judged"]
