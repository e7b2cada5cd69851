"""How realistic made rows are: a p-value for each row, and a score from 0 to 100 for each category.

Row by row: how far the row is from its nearest training rows of the category, beside how far real rows are that were
not among them (later rows where given, else each training row from the others). The share of real rows that are as far
or further is the conformal p-value: 0.80 is as typical as four fifths of the real rows are at most.

Category by category: the side (day, weekday, amount, rounding, length of the text) on which made rows are worst, as a
distance from 0 to 1 beyond its floor, less what the worst side of as many real rows is. 100 is what real rows get, 0 is
a side that has nothing to do with the real one. With few rows the interval is wide, and past 30 points there is no
score: ``dados insuficientes``.

References
----------
.. [1] Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World" (2005), Sec. 2.2 and 4.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from contrapeso._rng import RandomState, generator, seed_sequence
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.evaluation._distances import LN2, Floats, draws, shares, signed_log
from contrapeso.finance.evaluation._excess import LEVEL, Coded, sides_of
from contrapeso.finance.evaluation._rows import Side, labelled, named_categories, of_category, side_of

WIDEST = 30.0
LEAST_REFERENCE = 5
N_NEAREST = 3
INSUFFICIENT = "dados insuficientes"
_MOST_FLOOR = 0.8
"""A side on which real rows are further than this from later real rows says nothing, and is left out."""


@dataclass(frozen=True, slots=True)
class CategoryRealism:
    """Score of one category.

    Attributes
    ----------
    score : 0 to 100; None where the interval is wider than 30 points.
    low, high : interval of 95 %.
    weakest : the side on which the made rows are furthest from the real ones; empty where no side says anything.
    sides : side -> 0 to 100 on that side alone; sides on which the real rows themselves have nothing in common with
        the later ones are left out.
    n_train, n_later, n_made : rows.
    """

    score: float | None
    low: float
    high: float
    weakest: str
    sides: Mapping[str, float]
    n_train: int
    n_later: int
    n_made: int

    @property
    def note(self) -> str:
        """``dados insuficientes`` where there is no score; empty else."""
        return INSUFFICIENT if self.score is None else ""

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {**asdict(self), "sides": dict(self.sides), "note": self.note}


@dataclass(frozen=True, slots=True)
class RealismReport:
    """Realism of made rows.

    Attributes
    ----------
    rows : float64, shape (n_made,)
        p-value of each made row; NaN where its category has under 5 real rows to compare with.
    categories : category -> its score; those that all three ledgers have.
    """

    rows: Floats
    categories: Mapping[str, CategoryRealism]

    @property
    def mean(self) -> float | None:
        """Mean score of the categories that have one."""
        found = [one.score for one in self.categories.values() if one.score is not None]
        return float(np.mean(found)) if found else None

    def to_dict(self) -> dict[str, object]:
        """JSON object; a row without a p-value is null."""
        rows = [None if np.isnan(value) else float(value) for value in self.rows]
        return {"rows": rows, "categories": {name: one.to_dict() for name, one in self.categories.items()}}


def realism(
    train: Ledger, later: Ledger, made: Ledger, *, n_draws: int = 200, random_state: RandomState = 0
) -> RealismReport:
    """Realism of made rows, row by row and category by category, against later real rows.

    Parameters
    ----------
    train, later, made : Ledger with categories
    n_draws : int, default 200
    random_state : int or seed, default 0

    Returns
    -------
    RealismReport

    Raises
    ------
    InvalidDataError
        If a ledger has no row with a category, or a row has no date.
    """
    for ledger in (train, later, made):
        labelled(ledger)
    root = seed_sequence(random_state)
    everywhere = set(train.categories) & set(later.categories)
    found = {}
    for i, name in enumerate(named_categories(made)):
        if name in everywhere:
            early, late, new = (side_of(of_category(ledger, name)) for ledger in (train, later, made))
            found[name] = category_score((early, late, new), generator(root, i), n_draws)
    return RealismReport(row_realism(train, made, later), found)


def row_realism(train: Ledger, made: Ledger, held_out: Ledger | None = None) -> Floats:
    """Conformal p-value of every made row among real rows of its category; shape (n_made,).

    Parameters
    ----------
    train : Ledger
    made : Ledger
    held_out : Ledger, optional
        Real rows that nothing was learnt from. Without them, or with under 5 of a category, each training row is
        compared with the others.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> real = ledger_of([f"2024-0{m}-10" for m in range(1, 10)], [-1000 - m for m in range(9)],
    ...                  ["TARIFA"] * 9, categories=["tarifas"] * 9)
    >>> made = ledger_of(["2024-05-10", "2024-05-26"], [-1004, -90000], ["TARIFA"] * 2, categories=["tarifas"] * 2)
    >>> row_realism(real, made).round(2)
    array([0.6, 0.1])
    """
    values = np.full(len(made), np.nan)
    for name in named_categories(made):
        at = np.flatnonzero(made.categories == name)
        known = side_of(of_category(train, name))
        apart = side_of(of_category(held_out, name)) if held_out is not None else None
        if len(known) >= LEAST_REFERENCE:
            values[at] = _p_values(known, side_of(made.take(at)), apart)
    return values


def _p_values(train: Side, made: Side, held_out: Side | None) -> Floats:
    space = _Space.of(train)
    tree = space.tree(train)
    if held_out is None or len(held_out) < LEAST_REFERENCE:
        reference = _far(tree, space.points(train), themselves=True)
    else:
        reference = _far(tree, space.points(held_out))
    order = np.sort(reference)
    as_far = len(order) - np.searchsorted(order, _far(tree, space.points(made)) - 1e-9, side="left")
    return np.asarray((1 + as_far) / (1 + len(order)), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Space:
    """Movements as points: log amount over its spread, the month as a circle, weekday, open day, text length."""

    spread: float

    @classmethod
    def of(cls, train: Side) -> _Space:
        return cls(max(float(signed_log(train.cents).std()), 0.05))

    def points(self, side: Side) -> Floats:
        turn = 2 * np.pi * side.day / 31
        columns = [
            signed_log(side.cents) / self.spread, 2 * np.cos(turn), 2 * np.sin(turn),
            side.weekday / 3, 2.0 * side.closed, 2 * np.log1p(side.length),
        ]  # fmt: skip
        return np.column_stack(columns).astype(np.float64)

    def tree(self, side: Side) -> object:
        from scipy.spatial import cKDTree

        return cKDTree(self.points(side))


def _far(tree: object, points: Floats, *, themselves: bool = False) -> Floats:
    """Mean distance to the nearest training points; a training point is not its own neighbour."""
    n = int(tree.n)  # type: ignore[attr-defined]
    k = min(N_NEAREST, n - 1)
    found = tree.query(points, k=k + themselves)[0].reshape(len(points), -1)  # type: ignore[attr-defined]
    return np.asarray(found[:, int(themselves) :].mean(axis=1), dtype=np.float64)


def category_score(rows: tuple[Side, Side, Side], rng: np.random.Generator, n_draws: int = 200) -> CategoryRealism:
    """The score of one category from its training, later and made rows; every side holds a row."""
    measured = {name: _unit_distances(name, side, rng, n_draws) for name, side in sides_of(*rows).items()}
    kept = {name: found for name, found in measured.items() if found[1].mean() <= _MOST_FLOOR}
    train, later, made = (len(side) for side in rows)
    if not kept:
        return CategoryRealism(None, 0.0, 100.0, "", {}, train, later, made)
    floor = np.array([[found[1].mean()] for found in kept.values()])
    stacked = [(np.stack(parts) - floor) / (1 - floor) for parts in zip(*kept.values(), strict=True)]
    alone = {name: _clipped(100 * (1 - value[0])) for name, value in zip(kept, stacked[0], strict=True)}
    score, low, high = _scored(*(part.max(axis=0) for part in stacked))
    return CategoryRealism(score, low, high, min(alone, key=alone.__getitem__), alone, train, later, made)


def _scored(value: Floats, real: Floats, value_again: Floats, real_again: Floats) -> tuple[float | None, float, float]:
    """Score and interval of the worst side; no score where the interval is too wide or real rows do as badly."""
    usual = real.mean()
    if usual > _MOST_FLOOR:
        return None, 0.0, 100.0
    point = 100 * (1 - (value[0] - usual) / (1 - usual))
    spread = 100 * (value_again - real_again) / (1 - usual)
    tails = np.quantile(spread - spread.mean(), [(1 + LEVEL) / 2, (1 - LEVEL) / 2])
    low, high = (_clipped(point - tail) for tail in tails)
    return (_clipped(point) if high - low <= WIDEST else None), low, high


def _clipped(points: float) -> float:
    return float(np.clip(points, 0, 100))


def _unit_distances(
    name: str, side: Coded, rng: np.random.Generator, n_draws: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Distance of the made rows, of draws of training rows, and both to draws of the later rows; 0 to 1."""
    n_made, n_later = int(side.made.sum()), int(side.later.sum())
    made, later = shares(side.made)[None], shares(side.later)[None]
    real, again = draws(side.train, n_made, n_draws, rng), draws(side.later, n_later, n_draws, rng)
    found = (
        side.distance(made, later), side.distance(real, later), side.distance(made, again), side.distance(real, again)
    )  # fmt: skip
    return tuple(_unit(name, value) for value in found)  # type: ignore[return-value]


def _unit(name: str, distance: Floats) -> Floats:
    """A distance on the scale from 0 to 1: the root of a divergence over ln 2; w / (1 + w) of a Wasserstein one."""
    if name == "rounding":
        return distance
    return distance / (1 + distance) if name == "amount" else np.sqrt(distance / LN2)


__all__ = ["INSUFFICIENT", "CategoryRealism", "RealismReport", "category_score", "realism", "row_realism"]
