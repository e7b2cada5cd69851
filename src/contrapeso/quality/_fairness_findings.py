"""What to fix first about fairness: findings with evidence, from the sections alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from contrapeso.metrics._fairness import FOUR_FIFTHS
from contrapeso.quality._report import JsonValue, Recommendation
from contrapeso.quality._sections import Fairness, GroupFairness, Interval, Reading

LOW_QUALITY = 0.9
NOTABLE = 0.05
STRETCH = 3.2905 / 1.96


def fairness_findings(sections: Sequence[Fairness]) -> Iterator[Recommendation]:
    """What to fix, with evidence; no part of the score, so without a gain.

    A finding needs a size that matters and an interval, stretched to 99.9 %, that holds no chance result: a report
    makes a dozen or more of these comparisons, and fresh rows must come through all of them. Two columns crossed say
    only what neither of them says alone.
    """
    crossed = {f"{a} x {b}": (a, b) for a, b in combinations([section.column for section in sections], 2)}
    said: set[tuple[str, str]] = set()
    for section in sections:
        columns = crossed.get(section.column, (section.column,))
        for found in (*_group_findings(section), *_quality_findings(section), *_label_findings(section)):
            if len(columns) == 1 or not {(found.code, name) for name in columns} & said:
                yield replace(found, columns=columns)
            if len(columns) == 1:
                said.add((found.code, section.column))


def is_underrepresented(group: GroupFairness) -> bool:
    """The four-fifths flag: the ratio is below 0.8 and its interval below 1."""
    return (
        group.ratio is not None and group.interval is not None and group.ratio < FOUR_FIFTHS and group.interval[1] < 1
    )


def _group_findings(section: Fairness) -> Iterator[Recommendation]:
    """Groups that are gone, or too few by the four-fifths rule."""
    for group in section.groups:
        if group.lost:
            yield Recommendation("group_lost", (), {"group": group.group, "n_real": group.n_real})
        elif is_underrepresented(group) and _is_sure_below(group.ratio, group.interval, 1.0, log=True):
            evidence = _evidence(group, group.share_real, group.share_synthetic)
            yield Recommendation("group_underrepresented", (), evidence)


def _evidence(group: GroupFairness, real: float | None, synthetic: float | None) -> dict[str, JsonValue]:
    return {"group": group.group, "real": real, "synthetic": synthetic}


def _quality_findings(section: Fairness) -> Iterator[Recommendation]:
    """The group that is served worst, by its columns and by what a model can tell."""
    quality, detected = _reading(section, "disparate_quality"), _reading(section, "group_detection_auc")
    limit = min(1.0, quality.reference or 1.0)
    if (quality.value or 1.0) < LOW_QUALITY and _is_sure_below(quality.value, quality.interval, limit):
        worst = min((g for g in section.groups if g.fidelity is not None), key=lambda g: g.fidelity or 0.0)
        yield Recommendation("group_fidelity", (), {"group": worst.group, "score": worst.fidelity})
    overall = detected.reference or 0.5
    if _is_notable(_less(detected, overall)):
        worst = max((g for g in section.groups if g.auc is not None), key=lambda g: g.auc or 0.0)
        yield Recommendation("group_detected", (), {"group": worst.group, "auc": worst.auc, "overall": overall})


def _label_findings(section: Fairness) -> Iterator[Recommendation]:
    """Labels that shifted in a group, a gap that grew, and models that err more unequally."""
    parity, odds = _reading(section, "demographic_parity_difference"), _reading(section, "equalized_odds_difference")
    shift = _reading(section, "label_rate_shift")
    if _is_notable(_reading(section, "bias_amplification")):
        yield Recommendation("bias_amplified", (), {"real": parity.reference, "synthetic": parity.value})
    elif _is_notable(shift) or _is_notable(_mirrored(shift)):
        known = [g for g in section.groups if g.positive_real is not None and g.positive_synthetic is not None]
        group = max(known, key=lambda g: abs((g.positive_synthetic or 0.0) - (g.positive_real or 0.0)))
        evidence = _evidence(group, group.positive_real, group.positive_synthetic)
        yield Recommendation("label_rate_shifted", (), evidence)
    if _is_notable(_reading(section, "equalized_odds_change")):
        yield Recommendation("odds_worse", (), {"real": odds.reference, "synthetic": odds.value})


def _reading(section: Fairness, name: str) -> Reading:
    return next((reading for reading in section.readings if reading.name == name), Reading(name, None))


def _less(reading: Reading, offset: float) -> Reading:
    if reading.value is None or reading.interval is None:
        return reading
    low, high = reading.interval
    return replace(reading, value=reading.value - offset, interval=(low - offset, high - offset))


def _mirrored(reading: Reading) -> Reading:
    if reading.value is None or reading.interval is None:
        return reading
    return replace(reading, value=-reading.value, interval=(-reading.interval[1], -reading.interval[0]))


def _is_notable(reading: Reading) -> bool:
    """Whether a change is above 0.05 and surely above 0."""
    other = _mirrored(reading)
    return (reading.value or 0.0) > NOTABLE and _is_sure_below(other.value, other.interval, 0.0)


def _is_sure_below(value: float | None, interval: Interval | None, limit: float, *, log: bool = False) -> bool:
    """Whether the interval, stretched from 95 % to 99.9 %, ends below ``limit``; ``log`` stretches the ratio."""
    if value is None or interval is None:
        return False
    if log:
        return bool(value == 0 or value * (interval[1] / value) ** STRETCH < limit)
    return value + STRETCH * (interval[1] - value) < limit


__all__ = ["fairness_findings", "is_underrepresented"]
