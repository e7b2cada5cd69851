"""``synthetic``: a learned conditional generator of movements, column after column, amounts by a tree on the others.

Template, payee and series come first, as often as they were seen; then the day, by the law of the group; then the
amount, drawn from the leaf of a regression tree on template, payee, direction and place in the month. What comes out
of a leaf is a point between two of its rows, or a price that recurs there. The rows of the leaf are the parents.

References
----------
.. [1] Reiter, "Using CART to generate partially synthetic public use microdata", J. Official Statistics 21 (2005).
.. [2] Nowok, Raab & Dibben, "synthpop", J. Statistical Software 74 (2016).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Cents, Days, Texts
from contrapeso.finance.synthesis._facts import Facts, Ints
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
from contrapeso.finance.synthesis._space import points, scale_of

LEAF = 5
"""Rows of a leaf at least."""


def sketch_learned(facts: Facts, n: int, options: CategoryOptions, rng: np.random.Generator) -> Sketch:
    """``n`` movements drawn column by column from what was learned of the category."""
    base = bases(len(facts), n, rng)
    sketch = blank(base)
    months = series_months(facts, base, draw_months(facts, base, rng, stray=0.5), rng)
    place_series(facts, sketch, months)
    for group, at in of_groups(facts, base):
        draw_dates(facts, sketch, group, at, months[at], rng=rng)
    _amounts(facts, sketch, sibling_levels(facts, sketch, options.spread, rng), rng)
    name_payees(facts, sketch, options.new_payees, rng)
    return sketch


def _amounts(facts: Facts, sketch: Sketch, levels: Floats, rng: np.random.Generator) -> None:
    """Amounts from the leaves of the tree; the two rows that a point lies between become parents."""
    leaves = Leaves.learn(facts)
    donors, gap = leaves.draw(facts, sketch, rng)
    first, second = facts.cents[donors[:, 0]], facts.cents[donors[:, 1]]
    between = np.exp((1 - gap) * np.log1p(np.abs(first)) + gap * np.log1p(np.abs(second))) - 1
    keep = facts.repeated[donors[:, 0]] | (first == second)
    made = np.where(keep, first, np.sign(first) * np.maximum(np.round(between), 1)).astype(np.int64)
    for group, at in of_groups(facts, sketch.base):
        change = at[~keep[at]]
        made[change] = group.amounts.snap(made[change], rng)
    sketch.cents = on_levels(facts, sketch, made, levels, rng)
    shares = np.where(keep, 0.0, gap)
    sketch.parents = np.column_stack([sketch.base, donors])
    sketch.weights = np.column_stack([np.full(len(sketch), 0.5), 0.5 * (1 - shares), 0.5 * shares])
    for place, kept in enumerate(keep.tolist()):
        sketch.amounts[place] = {"how": "price of the leaf" if kept else "between rows of the leaf"}
    tell_levels(sketch, levels)


class Leaves:
    """A regression tree of the signed log of amounts, and the rows in each leaf in order of amount."""

    def __init__(self, tree: object, rows: dict[int, Ints], ranks: Floats) -> None:
        self._tree, self._rows, self._ranks = tree, rows, ranks

    @classmethod
    def learn(cls, facts: Facts) -> Leaves:
        """The tree of the rows of one category."""
        from sklearn.tree import DecisionTreeRegressor

        log = _signed_log(facts.cents)
        ranks = _payee_levels(facts, log)
        inputs = _inputs(facts, facts.days, np.arange(len(facts)), ranks)
        tree = DecisionTreeRegressor(min_samples_leaf=LEAF, random_state=0).fit(inputs, log)
        leaf = tree.apply(inputs)
        order = np.lexsort((facts.cents, leaf))
        found, starts = np.unique(leaf[order], return_index=True)
        return cls(tree, dict(zip(found.tolist(), np.split(order, starts[1:]), strict=True)), ranks)

    def draw(self, facts: Facts, sketch: Sketch, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """For each movement two rows of its leaf that are neighbours in amount, and a place between them."""
        if not len(sketch):
            return np.empty((0, 2), dtype=np.int64), np.empty(0)
        leaf = self._tree.apply(_inputs(facts, sketch.days, sketch.base, self._ranks))  # type: ignore[attr-defined]
        sign = facts.cents[sketch.base] < 0
        donors, gap = np.empty((len(sketch), 2), dtype=np.int64), rng.random(len(sketch)) / 2
        step = rng.choice(np.array([-1, 1]), size=len(sketch))
        key = leaf * 2 + sign
        order = np.argsort(key, kind="stable")
        found, starts = np.unique(key[order], return_index=True)
        for code, at in zip(found.tolist(), np.split(order, starts[1:]) if len(order) else [], strict=True):
            rows = self._rows[code // 2]
            rows = rows[(facts.cents[rows] < 0) == bool(code % 2)]
            if not len(rows):
                rows = sketch.base[at[:1]]
            place = rng.integers(0, len(rows), size=len(at))
            donors[at] = np.column_stack([rows[place], rows[np.clip(place + step[at], 0, len(rows) - 1)]])
        return donors, gap


def _inputs(facts: Facts, days: Days, base: Ints, levels: Floats) -> Floats:
    """What the amount depends on: template and payee by their levels, direction, series, day; shape (m, 10)."""
    calendar = points(days, np.ones(len(days), dtype=np.int64), (1.0, 1.0))[:, 1:]
    return np.column_stack([levels[base], facts.cents[base] < 0, facts.series[base] >= 0, calendar])


def _payee_levels(facts: Facts, log: Floats) -> Floats:
    """Mean log amount of the template and of the payee of each row, shrunk to the mean of all; shape (n, 2)."""
    return np.column_stack([_shrunk(facts.templates.astype(str), log), _shrunk(facts.payees, log)])


def _shrunk(kinds: Texts | NDArray[np.str_], log: Floats) -> Floats:
    code = np.unique(kinds.astype(str), return_inverse=True)[1]
    counts, sums = np.bincount(code), np.bincount(code, weights=log)
    return np.asarray(((sums + 2 * log.mean()) / (counts + 2))[code])


def _signed_log(cents: Cents) -> Floats:
    return np.asarray(np.sign(cents) * np.log1p(np.abs(cents)), dtype=np.float64)


__all__ = ["scale_of", "sketch_learned"]
