"""What a mined rule of each kind says, learned from columns as arrays.

A builder takes the columns of the rule, float arrays (n,) with NaN for null (label columns hold codes), and gives its
name and a judge of any rows of these columns: 1 keeps the rule, 0 breaks it, NaN is not asked; None where no rule of
the kind can be learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.tables import Column

Floats = NDArray[np.float64]
Values: TypeAlias = Sequence[Floats]
Judge: TypeAlias = Callable[[Values], Floats]
Builder: TypeAlias = Callable[[Values], tuple[str, Judge] | None]
CENT = 0.005
WALL = 5
MAX_UNSEEN = 0.001
MIN_REPEATS = 2


def _asked(kept: NDArray[np.bool_], values: Values) -> Floats:
    """``kept`` as 1 and 0, NaN where a value is null."""
    answers = kept.astype(np.float64)
    for part in values:
        answers[np.isnan(part)] = np.nan
    return answers


def inequality(a: str, b: str) -> Builder:
    """``a <= b``."""
    return lambda _: (f"{a} <= {b}", lambda values: _asked(values[0] <= values[1], values))


def on_cents(values: Values) -> bool:
    """Whether all values are whole cents."""
    for part in values:
        known = part[np.isfinite(part)]
        if np.any(np.abs(known - known.round(2)) > 1e-9 * np.maximum(1.0, np.abs(known))):
            return False
    return True


def equality(a: str, b: str, *, absolute: bool) -> Builder:
    """``a = b`` or ``a = |b|``, to the cent."""

    def build(learned: Values) -> tuple[str, Judge]:
        cents = on_cents(learned)

        def judge(values: Values) -> Floats:
            other = np.abs(values[1]) if absolute else values[1]
            return _asked(_close(values[0], other, values, cents=cents), values)

        return (f"{a} = |{b}|" if absolute else f"{a} = {b}"), judge

    return build


def total(a: str, b: str, c: str) -> Builder:
    """``a + b = c``, to the cent."""

    def build(learned: Values) -> tuple[str, Judge]:
        cents = on_cents(learned)
        return f"{a} + {b} = {c}", lambda values: _asked(
            _close(values[0] + values[1], values[2], values, cents=cents), values
        )

    return build


def _close(left: Floats, right: Floats, values: Values, *, cents: bool) -> NDArray[np.bool_]:
    size = np.sum([np.abs(part) for part in values], axis=0)
    kept: NDArray[np.bool_] = np.abs(left - right) <= (CENT * (1 + 1e-9) + 1e-12 * size if cents else 1e-9 * size)
    return kept


def dependency(a: str, b: str) -> Builder:
    """``a -> b``: the values of ``a`` that at least two rows have, each with its most frequent ``b``."""

    def build(learned: Values) -> tuple[str, Judge] | None:
        known = ~np.isnan(learned[0]) & ~np.isnan(learned[1])
        if not known.any():
            return None
        pairs, counts = np.unique(np.column_stack([learned[0][known], learned[1][known]]), axis=0, return_counts=True)
        order = np.lexsort((pairs[:, 1], -counts, pairs[:, 0]))
        pairs, counts = pairs[order], counts[order]
        starts = np.flatnonzero(np.concatenate(([True], pairs[1:, 0] != pairs[:-1, 0])))
        usual = pairs[starts[np.add.reduceat(counts, starts) >= MIN_REPEATS]]
        if len(usual) < 2 or np.unique(usual[:, 1]).size < 2:
            return None

        def judge(values: Values) -> Floats:
            at = np.minimum(np.searchsorted(usual[:, 0], values[0]), len(usual) - 1)
            answers = _asked(usual[at, 1] == values[1], values)
            answers[usual[at, 0] != values[0]] = np.nan
            return answers

        return f"{a} -> {b}", judge

    return build


def combinations(a: str, b: str) -> Builder:
    """``a x b``: the pairs of values seen, where fresh rows rarely bring another (Good and Turing's estimate)."""

    def build(learned: Values) -> tuple[str, Judge] | None:
        known = ~np.isnan(learned[0]) & ~np.isnan(learned[1])
        if not known.any():
            return None
        levels = [np.unique(part[known]) for part in learned]
        counts = np.zeros([part.size for part in levels], dtype=np.intp)
        np.add.at(counts, tuple(np.searchsorted(lv, part[known]) for lv, part in zip(levels, learned, strict=True)), 1)
        if (counts == 1).sum() > MAX_UNSEEN * known.sum() or counts.all():
            return None
        allowed = counts > 0

        def judge(values: Values) -> Floats:
            at = [np.minimum(np.searchsorted(lv, p), lv.size - 1) for lv, p in zip(levels, values, strict=True)]
            answers = _asked(allowed[tuple(at)], values)
            for place, level, part in zip(at, levels, values, strict=True):
                answers[level[place] != part] = np.nan
            return answers

        return f"{a} x {b}", judge

    return build


def null_pattern(a: str, b: str) -> Builder:
    """``a`` and ``b`` are null together; columns of 1 for null."""
    return lambda _: (f"{a} null = {b} null", lambda values: (values[0] == values[1]).astype(np.float64))


def null_with(a: str, b: str) -> Builder:
    """``b`` is present only where ``a`` is; columns of 1 for null."""

    def judge(values: Values) -> Floats:
        return np.where(values[1] == 0, (values[0] == 0).astype(np.float64), np.nan)

    return lambda _: (f"{b} present -> {a} present", judge)


def span(name: str, column: Column) -> Builder:
    """``low <= column <= high``, wider than what was seen by half of its last tenth, rounded outwards.

    An end that five rows share is a wall and stays as it is; so does zero where nothing is below it. Otherwise the
    bounds are rounded away from the values, so that no single value of the table is told.
    """

    def build(learned: Values) -> tuple[str, Judge] | None:
        seen = learned[0][np.isfinite(learned[0])]
        if seen.size < 2 or seen.min() == seen.max():
            return None
        low, high = -_end(-seen), _end(seen)
        if seen.min() >= 0:
            low = max(low, 0.0)

        def judge(values: Values) -> Floats:
            return _asked((values[0] >= low) & (values[0] <= high), values)

        return f"{_shown(low, column)} <= {name} <= {_shown(high, column)}", judge

    return build


def _end(values: Floats) -> float:
    """Upper bound of ``values``."""
    top = float(values.max())
    if (values == top).sum() >= WALL:
        return top
    wider = top + max((top - float(np.quantile(values, 0.9))) / 2, 1e-3 * (top - float(values.min())))
    step = 10.0 ** np.floor(np.log10(max(wider - float(values.min()), 1e-300)) - 1)
    return float(np.round(np.ceil(wider / step) * step, 12))


def _shown(bound: float, column: Column) -> str:
    if column.kind != "datetime":
        return f"{bound:.12g}"
    day = np.datetime64("1970-01-01", "s") + np.timedelta64(round(bound * 86_400), "s")
    return str(day.astype("datetime64[D]") if float(bound).is_integer() else day)


__all__ = [
    "Builder",
    "Judge",
    "Values",
    "combinations",
    "dependency",
    "equality",
    "inequality",
    "null_pattern",
    "null_with",
    "on_cents",
    "span",
    "total",
]
