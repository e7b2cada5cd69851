"""The rungs of the ladder, from the cheapest and simplest treatment to the dearest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError

Family = Literal["none", "weights", "under", "under_bagging", "over", "variant", "hybrid", "generator"]
Derived = Literal["", "threshold", "calibrated"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One treatment.

    Attributes
    ----------
    name : str
    family : str
    order : int
        Place by simplicity; of two that are as good, the lower one is taken.
    sampler : str
        Class name in :mod:`contrapeso.samplers`; empty where rows stay as they are.
    ratio : float
        Rows of each smaller class over those of the largest, afterwards.
    power : float
        Exponent of the inverse class shares as weights of the rows; 0 is no weights.
    members : int
        Models that are averaged, each on a draw of its own.
    derived : {'', 'threshold', 'calibrated'}
        What is done with the out-of-fold chances of "none", without another fit.
    relative_cost : float
        Expected time of a fit over that of "none", before one was timed.
    """

    name: str
    family: Family
    order: int
    sampler: str = ""
    ratio: float = 0.0
    power: float = 0.0
    members: int = 1
    derived: Derived = ""
    relative_cost: float = 1.0

    @property
    def resamples(self) -> bool:
        """Whether rows are added or dropped."""
        return bool(self.sampler)


OVER_RATIOS = (0.1, 0.25, 0.5, 1.0)
VARIANT_RATIO = 0.5
VARIANTS: tuple[tuple[str, str, Family], ...] = (
    ("borderline", "BorderlineSMOTE", "variant"),
    ("adasyn", "ADASYN", "variant"),
    ("prowsyn", "ProWSyn", "variant"),
    ("polynom_fit", "PolynomFitSMOTE", "variant"),
    ("geometric", "GeometricSMOTE", "variant"),
    ("smote_ipf", "SMOTEIPF", "hybrid"),
    ("smote_enn", "SMOTEENN", "hybrid"),
    ("smote_tomek", "SMOTETomek", "hybrid"),
)


def _number(ratio: float) -> str:
    return f"{ratio:g}"


def _all_rungs() -> tuple[Rung, ...]:
    found = [
        Rung("none", "none", 0),
        Rung("threshold", "none", 1, derived="threshold"),
        Rung("calibrated", "none", 2, derived="calibrated"),
        Rung("weights_sqrt", "weights", 3, power=0.5),
        Rung("weights", "weights", 4, power=1.0),
    ]
    for k, ratio in enumerate((0.1, 1 / 3, 1.0)):
        cost = 0.3
        name = f"random_under_{_number(round(ratio, 2))}"
        found.append(Rung(name, "under", 5 + k, "RandomUnderSampler", ratio, relative_cost=cost))
    for k, ratio in enumerate((1 / 3, 1.0)):
        name = f"under_bagging_{_number(round(ratio, 2))}"
        found.append(Rung(name, "under_bagging", 20 + k, "RandomUnderSampler", ratio, members=10, relative_cost=3.0))
    for k, ratio in enumerate(OVER_RATIOS):
        found.append(
            Rung(f"random_over_{_number(ratio)}", "over", 8 + k, "RandomOverSampler", ratio, relative_cost=1 + ratio)
        )
    for k, ratio in enumerate(OVER_RATIOS):
        found.append(Rung(f"smote_{_number(ratio)}", "over", 12 + k, "SMOTE", ratio, relative_cost=1 + ratio))
    for k, (name, sampler, family) in enumerate(VARIANTS):
        cost = 6.0 if name == "smote_ipf" else 2.0
        found.append(Rung(name, family, 30 + k, sampler, VARIANT_RATIO, relative_cost=cost))
    found.append(Rung("mixture", "generator", 50, "mixture", VARIANT_RATIO, relative_cost=6.0))
    return tuple(sorted(found, key=lambda rung: rung.order))


RUNGS: tuple[Rung, ...] = _all_rungs()
BY_NAME: dict[str, Rung] = {rung.name: rung for rung in RUNGS}
PROMISE = (
    "weights_sqrt",
    "smote_0.25",
    "random_over_0.25",
    "weights",
    "smote_0.5",
    "smote_0.1",
    "random_over_0.5",
    "polynom_fit",
    "under_bagging_0.33",
    "prowsyn",
    "geometric",
    "random_over_0.1",
    "smote_tomek",
    "smote_1",
    "random_over_1",
    "under_bagging_1",
    "borderline",
    "adasyn",
    "random_under_0.1",
    "smote_enn",
    "random_under_0.33",
    "mixture",
    "smote_ipf",
    "random_under_1",
)
"""The order in which rungs are fitted, those first that most often help: where time ends, the least is lost."""
FREE = {"decision": ("threshold",), "probability": ("calibrated",)}
"""What "none" is compared with by the kind of objective, asked for or not."""
LEAST_GROWTH = 1.15
"""Growth of the rarest class below which a rung that adds rows changes too little to be worth a fit."""


def rung_named(name: str) -> Rung:
    """The rung of that name.

    Raises
    ------
    InvalidParameterError
        The message names the nearest.
    """
    if name not in BY_NAME:
        nearest = get_close_matches(str(name), BY_NAME, n=1, cutoff=0.0)[0]
        raise InvalidParameterError(
            f"There is no rung {name!r}; the nearest is {nearest!r}. Rungs: {', '.join(BY_NAME)}.", {"nearest": nearest}
        )
    return BY_NAME[name]


def asked_rungs(names: Iterable[str] | None, kind: str = "ranking") -> tuple[Rung, ...]:
    """The rungs of these names with "none" first among them, or all.

    For decisions "threshold" is among them, for probabilities "calibrated": they take no fit, and without them a
    treatment would win by what its threshold or its correction does alone.
    """
    if names is None:
        return RUNGS
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise InvalidParameterError(f"rungs is a list of names, as ['weights', 'smote_0.5']; got {names!r}.")
    wanted = {"none", *FREE.get(kind, ()), *(rung_named(name).name for name in names)}
    return tuple(rung for rung in RUNGS if rung.name in wanted)


def goal_sizes(rung: Rung, counts: NDArray[np.intp]) -> dict[int, int]:
    """Class code -> rows afterwards, of the classes that the rung changes."""
    there = np.flatnonzero(counts)
    if rung.family in ("under", "under_bagging"):
        most = int(counts[there].min() / rung.ratio)
        return {int(c): max(most, 1) for c in there if counts[c] > most}
    least = int(np.ceil(rung.ratio * counts.max()))
    return {int(c): least for c in there if counts[c] < least}


def pointless(rung: Rung, counts: NDArray[np.intp]) -> bool:
    """Whether the rung would leave the rows as good as they are."""
    if not rung.resamples:
        return False
    sizes = goal_sizes(rung, counts)
    if rung.family in ("under", "under_bagging"):
        return not any(counts[c] > LEAST_GROWTH * n for c, n in sizes.items())
    if rung.family == "hybrid":
        return not sizes
    return not any(n > LEAST_GROWTH * counts[c] for c, n in sizes.items())


__all__ = ["BY_NAME", "RUNGS", "Rung", "asked_rungs", "goal_sizes", "pointless", "rung_named"]
