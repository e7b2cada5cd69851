"""Dimensions, overall score, interval and grade.

``overall = prod(s_d ^ w_d)`` over the dimensions that were measured: geometric, because a dimension at zero cannot
be bought back by the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError, UnknownConfigKeyError
from contrapeso.metrics import Jackknife
from contrapeso.quality._report import Dimension, Score

Floats = NDArray[np.float64]
DimensionName = Literal[
    "statistical_similarity", "distribution_preservation", "business_rule_compliance", "model_performance"
]
WEIGHTS: Mapping[DimensionName, float] = {
    "statistical_similarity": 0.25,
    "distribution_preservation": 0.30,
    "business_rule_compliance": 0.20,
    "model_performance": 0.25,
}
THRESHOLDS: Mapping[DimensionName, float] = {
    "statistical_similarity": 0.80,
    "distribution_preservation": 0.75,
    "business_rule_compliance": 0.90,
    "model_performance": 0.75,
}
BANDS: tuple[tuple[float, str], ...] = ((0.9, "A"), (0.8, "B"), (0.7, "C"), (0.6, "D"), (0.0, "F"))
PAIR_WEIGHT, JOINT_WEIGHT, SEQUENCE_WEIGHT = 0.6, 0.4, 0.25
PROVISIONAL_ROWS = 200
TOLD_APART, DISTINCT, SURELY = 0.7, 0.5, 1e-6
MIN_ROWS = 30
Letter = Literal["A", "B", "C", "D", "F"]
_LETTERS = "ABCDF"


@dataclass(frozen=True, slots=True)
class Part:
    """One dimension as measured.

    ``replicates`` (1 + G,): its value on the whole and with each row group left out; ``error``: the standard error of
    what was measured on models, which the row groups do not move.
    """

    replicates: Floats
    ceiling: float
    error: float = 0.0

    @property
    def value(self) -> float:
        """Its value on the whole."""
        return float(self.replicates[0])


def preserved(pairs: Floats | float, joint: float | None, sequences: float | None) -> Floats | float:
    """The dependence dimension: pairs 0.6, the joint test 0.4, sequences 0.25, over those that were measured."""
    measured = [(PAIR_WEIGHT, pairs), (JOINT_WEIGHT, joint), (SEQUENCE_WEIGHT, sequences)]
    known = [(weight, value) for weight, value in measured if value is not None]
    mean: Floats | float = sum(weight * value for weight, value in known) / sum(weight for weight, _ in known)
    return mean


def check_thresholds(given: Mapping[str, float] | None) -> dict[DimensionName, float]:
    """The default thresholds with ``given`` ones laid over.

    Raises
    ------
    UnknownConfigKeyError
        If there is no such dimension.
    InvalidParameterError
        If a threshold is outside [0, 1].
    """
    thresholds = dict(THRESHOLDS)
    for name, value in (given or {}).items():
        if name not in thresholds:
            raise UnknownConfigKeyError(f"No dimension {name!r} to set a threshold for; there are {_names()}.")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise InvalidParameterError(f"The threshold of {name} must be a number in [0, 1]; got {value!r}.")
        thresholds[name] = float(value)
    return thresholds


def _names() -> str:
    return ", ".join(get_args(DimensionName))


def dimension(name: DimensionName, threshold: float, part: Part | None, reason: str | None) -> Dimension:
    """A dimension as measured (``reason`` is then a remark), or absent with a ``reason``."""
    found = Score(None) if part is None else scored(part.replicates, part.ceiling, part.error)
    score = replace(found, reason=reason)
    passed = None if score.value is None else score.value >= threshold
    return Dimension(name, score, threshold, WEIGHTS[name], passed)


def scored(replicates: Floats, ceiling: float | None = None, error: float = 0.0) -> Score:
    """Score with its 95 % interval: the jackknife over row groups and an independent standard ``error``."""
    found = Jackknife.of(replicates, error)
    return Score(found.value, (found.low, found.high), ceiling)


def overall(parts: Mapping[DimensionName, Part]) -> Score:
    """The overall score; the error of each dimension enters by its derivative."""
    replicates = geometric({name: part.replicates for name, part in parts.items()})
    ceiling = geometric({name: np.array(part.ceiling) for name, part in parts.items()})
    total = sum(WEIGHTS[name] for name in parts)
    pulls = [WEIGHTS[name] / total * part.error / max(part.value, 0.01) for name, part in parts.items()]
    return scored(replicates, float(ceiling), float(replicates[0] * np.hypot.reduce(pulls)))


def geometric(parts: Mapping[DimensionName, Floats]) -> Floats:
    """Weighted geometric mean of the dimensions, elementwise."""
    total = sum(WEIGHTS[name] for name in parts)
    logs = sum(WEIGHTS[name] * np.log(np.maximum(values, 0.01)) for name, values in parts.items())
    overall: Floats = np.exp(np.asarray(logs) / total)
    return overall


def grade(score: Score, dimensions: Sequence[Dimension], best: Letter = "A") -> str | None:
    """One letter, or two where the interval straddles bands; None without a score.

    A dimension under its threshold caps the grade at C, rules under three quarters of theirs at D: the lower letter
    where the dimension is under it, the higher one too where its whole interval is. ``best`` is the cap of what was
    found elsewhere.
    """
    if score.value is None or score.interval is None:
        return None
    caps = [max(_cap(dimensions, sure=sure), _LETTERS.index(best)) for sure in (False, True)]
    worst, top = (max(_band(bound), cap) for bound, cap in zip(score.interval, caps, strict=True))
    return _LETTERS[top] if top == worst else f"{_LETTERS[top]}/{_LETTERS[worst]}"


def _band(value: float) -> int:
    return next(k for k, (low, _) in enumerate(BANDS) if value >= low - 1e-12)


def _cap(dimensions: Sequence[Dimension], *, sure: bool) -> int:
    """Best band that the dimensions allow; ``sure``: that those allow whose whole interval is under the threshold."""
    cap = 0
    for item in dimensions:
        if item.score.value is None:
            continue
        value = item.score.interval[1] if sure and item.score.interval else item.score.value
        if value < item.threshold:
            broken = item.name == "business_rule_compliance" and value < 0.75 * item.threshold
            cap = max(cap, 3 if broken else 2)
    return cap


__all__ = [
    "BANDS",
    "DISTINCT",
    "MIN_ROWS",
    "PROVISIONAL_ROWS",
    "SURELY",
    "THRESHOLDS",
    "TOLD_APART",
    "WEIGHTS",
    "DimensionName",
    "Letter",
    "Part",
    "check_thresholds",
    "dimension",
    "geometric",
    "grade",
    "overall",
    "preserved",
    "scored",
]
