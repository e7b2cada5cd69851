"""New movements before they have words: what the three methods make, and what is common to them.

A sketch follows a row of the training ledger (its base): the template, account and series are the base's. The law that
a monthly series never comes twice in a month holds by construction here: occurrences past those that the series leaves
free become siblings, series of the same kind with another payee and another level.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Cents, Days, Texts
from contrapeso.finance.amounts import snap
from contrapeso.finance.synthesis._facts import Facts, Group, Ints, month_of

Trace = dict[str, object]
Floats = NDArray[np.float64]
EXTEND, SIBLING, ONE_OFF = "extend", "sibling", "one_off"
UNIT = 100
"""Centavos of one unit of the currency: what stands behind the comma is the ending of a price."""
SAME_PRICE = 0.5
"""Share of siblings with another payee that keep the level of the series: the same price for another customer."""
LEVEL_SHARE, LEAST_SPREAD, MOST_SPREAD = 0.05, 0.01, 0.05
"""Standard deviation of the log of a sibling's level, over that of all amounts of the category; and its bounds.

Measured: with the bandwidth of a kernel density over the levels of the series, amounts of rents and phone bills were
0.3 deviations from later ones; with a twentieth they are as far as the real ones.
"""


@dataclass(slots=True, eq=False)
class Sketch:
    """Columns of m movements; changed in place while they are made.

    Attributes
    ----------
    base : int64, shape (m,)
        Place in the facts of the row that a movement follows.
    days, cents : shape (m,)
    parents, weights : shape (m, p)
        Places in the facts, the base first, -1 where there is none; shares.
    keys : object, shape (m,)
        Keys of the pseudonymous payees; '' where the base has no payee.
    instance : int64, shape (m,)
        0 for a one-off or an occurrence of the real series, else the number of the sibling.
    amounts, dates : lists of m traces
    repairs : list of m counters of what was changed because the place was taken
    """

    base: Ints
    days: Days
    cents: Cents
    parents: Ints
    weights: Floats
    keys: Texts
    instance: Ints
    amounts: list[Trace]
    dates: list[Trace]
    repairs: list[Counter[str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.base)


def blank(base: Ints, parents: Ints | None = None, weights: Floats | None = None) -> Sketch:
    """A sketch of movements that follow ``base``, with nothing decided."""
    m = len(base)
    keys = np.empty(m, dtype=object)
    keys[:] = ""
    return Sketch(
        base,
        np.zeros(m, dtype="datetime64[D]"),
        np.zeros(m, dtype=np.int64),
        base[:, None].copy() if parents is None else parents,
        np.ones((m, 1)) if weights is None else weights,
        keys,
        np.zeros(m, dtype=np.int64),
        [{} for _ in range(m)],
        [{} for _ in range(m)],
        [Counter() for _ in range(m)],
    )


def bases(n: int, m: int, rng: np.random.Generator) -> Ints:
    """``m`` of ``n`` places, each as often as any other give or take one, in random order."""
    whole, rest = divmod(m, n)
    found = np.concatenate([np.repeat(np.arange(n), whole), rng.permutation(n)[:rest]])
    return rng.permutation(found).astype(np.int64)


def place_series(facts: Facts, sketch: Sketch, months: Ints) -> None:
    """Number the occurrences of each series within a month: the real one where it is free, siblings after."""
    series = facts.series[sketch.base]
    at = np.flatnonzero(series >= 0)
    if not len(at):
        return
    most = np.array([group.most for group in facts.groups], dtype=np.int64)[facts.group[sketch.base[at]]]
    taken = _pair_counts(facts.series, facts.months, series[at], months[at])
    sketch.instance[at] = (taken + _running(series[at], months[at])) // most


def _pair_counts(series: Ints, months: Ints, asked: Ints, when: Ints) -> Ints:
    """How many rows of ``series`` lie in each asked month of each asked series."""
    first = min(months.min(), when.min())
    width = int(max(months.max(), when.max()) - first + 1)
    known, counts = np.unique(series * width + months - first, return_counts=True)
    wanted = asked * width + when - first
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, counts[place], 0).astype(np.int64)


def _running(first: Ints, second: Ints) -> Ints:
    """For each row, how many rows before it have the same pair."""
    order = np.lexsort((np.arange(len(first)), second, first))
    a, b = first[order], second[order]
    new = np.concatenate([[True], (a[1:] != a[:-1]) | (b[1:] != b[:-1])])
    start = np.maximum.accumulate(np.where(new, np.arange(len(a)), 0))
    running = np.empty(len(a), dtype=np.int64)
    running[order] = np.arange(len(a)) - start
    return running


def name_payees(facts: Facts, sketch: Sketch, share: float, rng: np.random.Generator) -> None:
    """Keys of payees: one for each sibling, a new one for this share of the one-offs, else that of the base."""
    series = facts.series[sketch.base]
    known = facts.payees[sketch.base]
    fresh = rng.random(len(sketch)) < share
    for i, key in enumerate(known):
        if not key:
            continue
        if series[i] >= 0:
            sketch.keys[i] = f"{key}\x1f{facts.category}\x1f{sketch.instance[i]}" if sketch.instance[i] else key
        else:
            sketch.keys[i] = f"{key}\x1f{facts.category}\x1fnew{i}" if fresh[i] else key


def sibling_levels(facts: Facts, sketch: Sketch, spread: float | None, rng: np.random.Generator) -> Floats:
    """Factor on the amounts of each movement: 1 but for siblings, of which all occurrences share one."""
    factor = np.ones(len(sketch))
    at = np.flatnonzero(sketch.instance > 0)
    if not len(at):
        return factor
    named = np.array([bool(payee) for payee in facts.payees[sketch.base[at]]], dtype=np.int64)
    pairs = np.column_stack([facts.series[sketch.base[at]], sketch.instance[at], named])
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    sigma = level_spread(facts) if spread is None else spread
    levels = np.exp(sigma * np.clip(rng.standard_normal(len(distinct)), -2.0, 2.0))
    same = rng.random(len(distinct)) < SAME_PRICE * distinct[:, 2] * (spread is None)
    factor[at] = np.where(same, 1.0, levels)[np.asarray(which).reshape(-1)]
    return factor


def level_spread(facts: Facts) -> float:
    """Standard deviation of the log of the levels of siblings."""
    sizes = np.log(np.maximum(np.abs(facts.cents), 1).astype(np.float64))
    return float(np.clip(LEVEL_SHARE * sizes.std(), LEAST_SPREAD, MOST_SPREAD))


def on_levels(facts: Facts, sketch: Sketch, cents: Cents, levels: Floats, rng: np.random.Generator) -> Cents:
    """Amounts of siblings on their level and on the grid of their group: one price of a sibling stays one price."""
    moved = np.flatnonzero(levels != 1.0)
    if not len(moved):
        return cents
    base = sketch.base[moved]
    pairs = np.column_stack([facts.group[base], facts.series[base], sketch.instance[moved], cents[moved]])
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    which = np.asarray(which).reshape(-1)
    factor = np.empty(len(distinct))
    factor[which] = levels[moved]
    made = distinct[:, 3].copy()
    for number in np.unique(distinct[:, 0]).tolist():
        at = distinct[:, 0] == number
        made[at] = _priced(facts.groups[number], distinct[at, 3], factor[at], rng)
    found = cents.copy()
    found[moved] = made[which]
    return found


def _priced(group: Group, cents: Cents, factor: Floats, rng: np.random.Generator) -> Cents:
    """Amounts of another level: fixed prices on their own grid or ending, all others on the grid of the group."""
    if not group.fixed:
        return group.amounts.snap(cents * factor, rng)
    size, ending = np.abs(cents), np.abs(cents) % UNIT
    ended = np.round((size * factor - ending) / UNIT).astype(np.int64) * UNIT + ending
    keeps = (ending > 0) & (ended != size) & (ended > 0)
    return np.asarray(np.where(keeps, np.sign(cents) * ended, snap(cents * factor, cents)))


def modes(facts: Facts, sketch: Sketch) -> list[str]:
    """Of each movement whether it extends a series, belongs to a sibling, or is a one-off."""
    series = facts.series[sketch.base]
    return [
        ONE_OFF if number < 0 else SIBLING if instance else EXTEND
        for number, instance in zip(series.tolist(), sketch.instance.tolist(), strict=True)
    ]


def draw_months(facts: Facts, base: Ints, rng: np.random.Generator, stray: float = 0.2) -> Ints:
    """Month of each movement: that of its base, or of any row of the category with probability ``stray``."""
    months, weights = facts.month_weights
    other = rng.choice(months, size=len(base), p=weights)
    return np.where(rng.random(len(base)) < stray, other, facts.months[base])


def inside(days: Days, window: tuple[np.datetime64, np.datetime64]) -> NDArray[np.bool_]:
    """Whether each day lies in the window."""
    found: NDArray[np.bool_] = (days >= window[0]) & (days <= window[1])
    return found


__all__ = [
    "EXTEND",
    "ONE_OFF",
    "SIBLING",
    "Floats",
    "Sketch",
    "Trace",
    "bases",
    "blank",
    "draw_months",
    "inside",
    "level_spread",
    "modes",
    "month_of",
    "name_payees",
    "on_levels",
    "place_series",
    "sibling_levels",
]
