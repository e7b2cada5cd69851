"""What a strategy asks for: class -> rows after, before any limit or method is considered."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from fractions import Fraction
from math import ceil, floor
from numbers import Integral, Real
from typing import Literal, TypeAlias

from contrapeso.balancing._counts import Label, plain
from contrapeso.balancing._imbalance import USABLE_ROWS
from contrapeso.errors import InvalidParameterError

NamedStrategy = Literal["auto", "minority", "majority", "not minority", "not majority", "all"]
Strategy: TypeAlias = NamedStrategy | float | Mapping[Label, int]
Side = Literal["over", "under", "both"]
Counts: TypeAlias = Mapping[Label, int]

KEEP_AT_LEAST = USABLE_ROWS["metrics_unstable"]
"""Rows below which 'auto' under-sampling takes no class."""


def goals(strategy: Strategy, counts: Counts, side: Side) -> dict[Label, int]:
    """Rows after for every class that ``strategy`` speaks about, in the order of ``counts``.

    ``counts`` runs from the most to the least frequent class. On the side "over" no goal is below
    the rows that are there, on "under" none above; a mapping may do both on the side "both".
    """
    if isinstance(strategy, Mapping):
        return _from_mapping(strategy, counts, side)
    if not counts:
        return {}
    if isinstance(strategy, Real) and not isinstance(strategy, bool):
        return _from_ratio(strategy, counts, side)
    if isinstance(strategy, str):
        return _from_name(strategy, counts, side)
    raise InvalidParameterError(
        "strategy must be 'auto', 'minority', 'majority', 'not minority', 'not majority', 'all', a ratio in (0, 1] "
        f"or a mapping of class to rows; got {strategy!r}."
    )


def _from_ratio(strategy: Real, counts: Counts, side: Side) -> dict[Label, int]:
    value = float(strategy)
    if not 0 < value <= 1:
        raise InvalidParameterError(f"A ratio of smaller to largest class lies in (0, 1]; got {strategy!r}.")
    ratio = Fraction(repr(value))  # what the reader of 0.1 means, not its binary neighbour
    if side == "under":
        most = floor(min(counts.values()) / ratio)
        return {label: min(n, most) for label, n in counts.items()}
    least = ceil(ratio * max(counts.values()))
    return {label: max(n, least) for label, n in counts.items()}


def _from_name(name: str, counts: Counts, side: Side) -> dict[Label, int]:
    if name == "auto":
        return _auto_under(counts) if side == "under" else _auto_over(counts)
    named = _named(name, counts)
    wrong = "minority" if side == "under" else "majority"
    if name == wrong:
        raise InvalidParameterError(
            f"strategy={name!r} has nothing to do when rows are {'dropped' if side == 'under' else 'added'}; "
            f"use {'majority' if side == 'under' else 'minority'!r} or a mapping of class to rows."
        )
    level = min(counts.values()) if side == "under" else max(counts.values())
    return dict.fromkeys(named, level)


def _named(name: str, counts: Counts) -> list[Label]:
    """Classes of a named strategy; among equals the first is the majority or minority, as in imbalanced-learn."""
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    sets: dict[str, list[Label]] = {
        "minority": [least],
        "majority": [most],
        "not minority": [label for label in counts if label != least],
        "not majority": [label for label in counts if label != most],
        "all": list(counts),
    }
    if name not in sets:
        near = get_close_matches(name, ["auto", *sets], n=1, cutoff=0.0)[0]
        raise InvalidParameterError(f"There is no strategy {name!r}; the nearest is {near!r}.", {"nearest": near})
    return sets[name]


def _auto_over(counts: Counts) -> dict[Label, int]:
    """Just past half the largest class: there the ratio falls below 2 and is called low."""
    level = max(counts.values()) // 2 + 1
    return {label: max(n, level) for label, n in counts.items()}


def _auto_under(counts: Counts) -> dict[Label, int]:
    """Just under twice the smallest class, but never below the size at which measures are stable."""
    level = max(2 * min(counts.values()) - 1, KEEP_AT_LEAST)
    return {label: min(n, level) for label, n in counts.items()}


def _from_mapping(strategy: Mapping[Label, int], counts: Counts, side: Side) -> dict[Label, int]:
    asked = {_known(label, counts): _rows(label, rows) for label, rows in strategy.items()}
    if len(asked) < len(strategy):
        raise InvalidParameterError(f"strategy names a class twice: {sorted(map(str, strategy))}.")
    for label, rows in asked.items():
        if (side == "over" and rows < counts[label]) or (side == "under" and rows > counts[label]):
            verb, way = ("adds", "random_under") if side == "over" else ("drops", "smote or random_over")
            raise InvalidParameterError(
                f"Class {label!r} has {counts[label]} rows and strategy asks for {rows}, but the method only {verb} "
                f"rows. Use method='auto', or {way}."
            )
    return {label: asked[label] for label in counts if label in asked}


def _known(label: Label, counts: Counts) -> Label:
    """The class that ``label`` means: itself, or the one class that is written the same way."""
    key = plain(label)
    if key in counts:
        return key
    same = [known for known in counts if str(known) == str(key)]
    if len(same) == 1:
        return same[0]
    near = get_close_matches(str(key), [str(known) for known in counts], n=1, cutoff=0.0)
    hint = f"; the nearest is {near[0]!r}" if near else ""
    raise InvalidParameterError(
        f"strategy names the class {label!r}, which does not occur{hint}.", {"label": str(label)}
    )


def _rows(label: Label, rows: object) -> int:
    if isinstance(rows, bool) or not isinstance(rows, Integral) or rows < 1:
        raise InvalidParameterError(
            f"strategy[{label!r}] is the rows of that class afterwards, an integer >= 1; got {rows!r}. "
            "To leave a class out, filter the table."
        )
    return int(rows)


__all__ = ["KEEP_AT_LEAST", "Counts", "NamedStrategy", "Side", "Strategy", "goals"]
