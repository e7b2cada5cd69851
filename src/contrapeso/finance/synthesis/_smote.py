"""``smote``: movements between neighbours of one category and direction, in a space of amount, day, template and text.

The log of the amount is interpolated and put on the grid of amounts; the day is interpolated on the circle of the month
and put on a day that the law of the group allows; template, account and payee are those of the dominant parent.

References
----------
.. [1] Chawla et al., "SMOTE", JAIR 16 (2002), Sec. 6.1 (mixed columns).
"""

from __future__ import annotations

import numpy as np

from contrapeso.finance._ledger import Days
from contrapeso.finance.synthesis._facts import Facts, Group, Ints
from contrapeso.finance.synthesis._options import CategoryOptions
from contrapeso.finance.synthesis._pattern import draw_dates, of_groups, series_months, tell_levels
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
from contrapeso.finance.synthesis._space import neighbors_of

CLOSE_DAYS = 3
"""Days of the month farther apart than these are two habits: between them there is no day to take."""
DAYS_OF_MONTH = 31
N_DRAWS = 4
"""Draws of the law of which the one nearest to the parents is taken."""


def sketch_neighbors(facts: Facts, n: int, options: CategoryOptions, rng: np.random.Generator) -> Sketch:
    """``n`` movements, each between a row and one of its nearest neighbours of the same direction.

    A row without a neighbour (the only one of its direction) gives movements on its own law.
    """
    base = bases(len(facts), n, rng)
    nearest = neighbors_of(facts, options.k_neighbors)
    other = nearest[base, rng.integers(0, nearest.shape[1], size=n)]
    gap = np.where(other >= 0, rng.random(n) / 2, 0.0)  # below a half: the base dominates
    sketch = blank(base, np.column_stack([base, other]), np.column_stack([1.0 - gap, gap]))
    months = series_months(facts, base, draw_months(facts, base, rng), rng)
    place_series(facts, sketch, months)
    _between_days(facts, sketch, months, gap, rng)
    _between_amounts(facts, sketch, gap, sibling_levels(facts, sketch, options.spread, rng), rng)
    name_payees(facts, sketch, options.new_payees, rng)
    return sketch


def _between_days(facts: Facts, sketch: Sketch, months: Ints, gap: Floats, rng: np.random.Generator) -> None:
    """Days: of draws of the law in the month, the one nearest to the point between the parents' days."""
    base, other = sketch.parents.T
    first, second = _day_of_month(facts.days)[base], _day_of_month(facts.days)[np.maximum(other, 0)]
    apart = _around(second - first)
    close = (np.abs(apart) <= CLOSE_DAYS) & (other >= 0)
    aim = np.where(close, first + gap * apart, first)
    for group, at in of_groups(facts, sketch.base):
        _nearest_draws(facts, sketch, group, at, months[at], aim=aim[at], rng=rng)


def _nearest_draws(
    facts: Facts, sketch: Sketch, group: Group, at: Ints, months: Ints, *, aim: Floats, rng: np.random.Generator
) -> None:
    """Of some draws of a law the one nearest to the day of the month aimed at."""
    best = np.full(len(at), np.inf)
    days, told = sketch.days[at], [sketch.dates[place] for place in at.tolist()]
    for _ in range(N_DRAWS):
        draw_dates(facts, sketch, group, at, months, rng=rng)
        away = np.abs(_around(_day_of_month(sketch.days[at]) - aim))
        better = away < best
        best, days = np.where(better, away, best), np.where(better, sketch.days[at], days)
        told = [sketch.dates[p] if new else old for p, new, old in zip(at.tolist(), better.tolist(), told, strict=True)]
    sketch.days[at] = days
    for place, trace in zip(at.tolist(), told, strict=True):
        sketch.dates[place] = trace


def _around(apart: Floats) -> Floats:
    """Differences of days on the circle of the month, from half a month before to half after."""
    return np.asarray((apart + DAYS_OF_MONTH / 2) % DAYS_OF_MONTH - DAYS_OF_MONTH / 2, dtype=np.float64)


def _day_of_month(days: Days) -> Floats:
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray((days - first).astype(np.float64) + 1)


def _between_amounts(facts: Facts, sketch: Sketch, gap: Floats, levels: Floats, rng: np.random.Generator) -> None:
    """Amounts between the parents' on a log scale; a repeated price stays a price."""
    base, other = sketch.parents.T
    first, second = facts.cents[base], facts.cents[np.maximum(other, base * (other < 0))]
    between = np.exp((1 - gap) * np.log1p(np.abs(first)) + gap * np.log1p(np.abs(second))) - 1
    keep = facts.repeated[base] | (first == second)
    made = np.where(keep, first, np.sign(first) * np.maximum(np.round(between), 1)).astype(np.int64)
    for group, at in of_groups(facts, sketch.base):
        change = at[~keep[at]]
        made[change] = group.amounts.snap(made[change], rng)
    sketch.cents = on_levels(facts, sketch, made, levels, rng)
    for place, (w, kept) in enumerate(zip(gap.tolist(), keep.tolist(), strict=True)):
        sketch.amounts[place] = {"how": "price of the parent" if kept else "between the parents", "weight": round(w, 4)}
    tell_levels(sketch, levels)


__all__ = ["sketch_neighbors"]
