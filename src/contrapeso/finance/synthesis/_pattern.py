"""``pattern_based``: series are continued and imitated, one-offs are made on the law and amounts of their group."""

from __future__ import annotations

import numpy as np

from contrapeso.finance.amounts import snap
from contrapeso.finance.synthesis._facts import Facts, Group, Ints
from contrapeso.finance.synthesis._options import CategoryOptions
from contrapeso.finance.synthesis._sketch import (
    Floats,
    Sketch,
    bases,
    blank,
    draw_months,
    name_payees,
    on_levels,
    place_series,
    sibling_levels,
)

PRICE_STAYS = 0.8
"""Chance that an amount that comes more than once comes again."""
OWN_AMOUNTS, WIDEST = 60, 0.2
"""Rows from which a group has a model of its amounts; logs that an amount moves at most where it has none."""


def sketch_patterns(facts: Facts, n: int, options: CategoryOptions, rng: np.random.Generator) -> Sketch:
    """``n`` movements of a category, each group of its rows as often as among the real ones.

    A row of a recurring series is continued into a month that the series leaves free; where all are taken it is
    imitated by a sibling, in the months of the series itself. Other rows are one-offs of their group.
    """
    sketch = blank(bases(len(facts), n, rng))
    months = series_months(facts, sketch.base, draw_months(facts, sketch.base, rng), rng)
    place_series(facts, sketch, months)
    levels = sibling_levels(facts, sketch, options.spread, rng)
    for group, at in of_groups(facts, sketch.base):
        draw_dates(facts, sketch, group, at, months[at], rng=rng)
        draw_amounts(facts, sketch, group, at, rng)
    sketch.cents = on_levels(facts, sketch, sketch.cents, levels, rng)
    tell_levels(sketch, levels)
    name_payees(facts, sketch, options.new_payees, rng)
    return sketch


def of_groups(facts: Facts, base: Ints) -> list[tuple[Group, Ints]]:
    """Each group that is followed, with the places of the movements that follow it."""
    group = facts.group[base]
    order = np.argsort(group, kind="stable")
    found, starts = np.unique(group[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(base) else []
    return [(facts.groups[number], at) for number, at in zip(found, parts, strict=True)]


def series_months(facts: Facts, base: Ints, months: Ints, rng: np.random.Generator) -> Ints:
    """``months``, those of series changed: first the months that a series leaves free, then its own ones in turns."""
    chosen = months.copy()
    span = facts.month_weights[0]
    for group, at in of_groups(facts, base):
        if group.series < 0:
            continue
        own = facts.months[group.at]
        within = span[1:-1] if len(span) > 2 else span  # the window may cut the first month and the last
        within = np.intersect1d(within, group.months)
        free = np.setdiff1d(within, own) if _regular(own) else np.zeros(0, dtype=np.int64)
        first = rng.permutation(free)[: _share_of_free(len(at), len(free))]
        turns = -(-(len(at) - len(first)) // len(own))
        rest = np.concatenate([rng.permutation(own) for _ in range(turns)] or [free[:0]])
        chosen[at] = np.concatenate([first, rest])[: len(at)]
    return chosen


def _regular(own: Ints) -> bool:
    """Whether a series comes in most months between its first and last: only then a free month is a gap."""
    return bool(len(np.unique(own)) >= 0.5 * (own.max() - own.min() + 1))


def _share_of_free(asked: int, free: int) -> int:
    """How many movements go to free months: at most half, since a sibling teaches more."""
    return min(free, (asked + 1) // 2)


def draw_dates(facts: Facts, sketch: Sketch, group: Group, at: Ints, months: Ints, *, rng: np.random.Generator) -> None:
    """Days of the movements ``at`` by the law of their group; a month that it has no day in gives way to the base's."""
    months = np.where(np.isin(months, group.months), months, facts.months[sketch.base[at]])
    days, traces = group.law.draw(len(at), group.window, rng, months=months.astype("datetime64[M]"))
    sketch.days[at] = days
    for place, trace in zip(at.tolist(), traces, strict=True):
        sketch.dates[place] = dict(trace)


def draw_amounts(facts: Facts, sketch: Sketch, group: Group, at: Ints, rng: np.random.Generator) -> None:
    """Amounts of the movements ``at`` by the model of their group; a fixed price is the one of its time."""
    if group.fixed:
        days = facts.days[group.at]
        later = np.clip(np.searchsorted(days, sketch.days[at]), 1, len(days) - 1)
        nearer = np.abs(days[later] - sketch.days[at]) < np.abs(sketch.days[at] - days[later - 1])
        source = group.at[np.where(nearer, later, later - 1)]
        sketch.cents[at] = facts.cents[source]
        sketch.parents[at, 0] = source
        for place, row in zip(at.tolist(), facts.rows[source].tolist(), strict=True):
            sketch.amounts[place] = {"how": "price of the time", "row": row}
        return
    if group.pooled or len(group.at) < OWN_AMOUNTS:
        near_base(facts, sketch, group, at, rng)
        return
    cents, traces = group.amounts.draw(len(at), rng)
    sketch.cents[at] = cents
    rows = facts.rows[group.at].tolist()
    for place, trace in zip(at.tolist(), traces, strict=True):
        sketch.amounts[place] = {**trace, "row": rows[trace["row"]]}


def near_base(facts: Facts, sketch: Sketch, group: Group, at: Ints, rng: np.random.Generator) -> None:
    """Amounts near those of the bases: a price mostly stays one, others move within a kernel, on their grid."""
    source = facts.cents[sketch.base[at]]
    reach = min(group.amounts.bandwidth, WIDEST)
    moved = snap(source * np.exp(rng.uniform(-reach, reach, len(at))), source)
    keeps = facts.repeated[sketch.base[at]] & (rng.random(len(at)) < PRICE_STAYS)
    sketch.cents[at] = np.where(keeps, source, moved)
    for place, row, kept in zip(at.tolist(), facts.rows[sketch.base[at]].tolist(), keeps.tolist(), strict=True):
        sketch.amounts[place] = {"how": "price point" if kept else "near its row", "row": row}


def tell_levels(sketch: Sketch, levels: Floats) -> None:
    """Levels of siblings beside what is told of their amounts."""
    for place in np.flatnonzero(levels != 1.0).tolist():
        sketch.amounts[place]["level"] = round(float(levels[place]), 4)


__all__ = ["OWN_AMOUNTS", "draw_amounts", "draw_dates", "of_groups", "series_months", "sketch_patterns", "tell_levels"]
