"""``AmountModel``: the amounts of a group as price points and a body that is smooth on the log scale.

An amount that came twice or more is a price point, and comes again as it is. All others make the body: a draw takes
one of them and moves it on the log scale, by less than the way to its neighbour and by no more than a kernel would,
so that gaps between clusters stay gaps; then it goes back to the grid of the amount it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.finance._ledger import Cents
from contrapeso.finance.amounts._resolution import STEPS, Bools, Floats, Ints, magnitudes, on_grid, resolutions

_LOWEST, _HIGHEST = 0.8, 1.25
_LONE_BANDWIDTH = 0.1
_PARENT_ROWS = 2.0
_PARENT_GRID_ROWS = 1.0
_ENDING_LIFT, _ENDING_ROWS = 3.0, 3
_FINE_ENOUGH = 0.2
_REAL = 100
_MOST_RAISED = 1.25
_CALIBRATED_ROWS, _TRIAL_ROWS, _STEEPNESS = 12, 3000, 1.3
_REPEAT_ROWS = 4
_WIDENINGS = (1.0, 2.0, 3.0)
_KERNEL = 0.6
_NEIGHBOURS = 0.35


@dataclass(frozen=True, eq=False)
class AmountModel:
    """Amounts of a group of rows.

    Attributes
    ----------
    points : int64, shape (p,)
        Price points: amounts that came twice or more, and zero.
    point_rows : int64, shape (p,)
        A row of each among those learned.
    point_counts : int64, shape (p,)
        Rows of each.
    body : int64, shape (b,)
        Amounts that came once, sorted.
    body_rows : int64, shape (b,)
    reach : float64, shape (b,)
        How far a draw may go from each on the log scale.
    keeps_ending : bool, shape (b,)
        Whether its centavos are an ending that prices of the group have (such as ,90).
    grid : float64, shape (12,)
        Share of each resolution among the rows.
    bounds : dict of sign -> (lowest, highest) magnitude
    bandwidth : float
        Log scale; what small groups below this one start from.
    n : int
    parent : AmountModel, optional
    """

    points: Cents
    point_rows: Ints
    point_counts: Ints
    body: Cents
    body_rows: Ints
    reach: Floats
    keeps_ending: Bools
    grid: Floats
    bounds: dict[int, tuple[float, float]]
    bandwidth: float
    n: int
    parent: AmountModel | None = None

    @classmethod
    def learn(cls, cents: object, *, parent: AmountModel | None = None) -> AmountModel:
        """The model of the amounts of a group.

        Parameters
        ----------
        cents : array_like of int, shape (n,), n >= 1
            Signed centavos.
        parent : AmountModel, optional
            The model of a larger group around this one: a small group takes part of its smoothing and of its grid
            from there. Signs and range stay the group's own.

        Raises
        ------
        InvalidDataError
            If there is no row.

        Examples
        --------
        >>> model = AmountModel.learn([-8990, -8990, -8990, -12000])
        >>> model.points.tolist(), model.point_counts.tolist(), model.body.tolist()
        ([-8990], [3], [-12000])
        """
        amounts = np.asarray(cents, dtype=np.int64).ravel()
        if not len(amounts):
            raise InvalidDataError("An amount model needs at least one amount; got none. Leave empty groups out.")
        values, rows, counts = np.unique(amounts, return_index=True, return_counts=True)
        is_point = (counts > 1) | (values == 0)
        body = values[~is_point]
        bandwidth = _bandwidth(body if len(body) else values, parent)
        return cls(
            points=values[is_point],
            point_rows=rows[is_point].astype(np.int64),
            point_counts=counts[is_point].astype(np.int64),
            body=body,
            body_rows=rows[~is_point].astype(np.int64),
            reach=_reach(body, bandwidth),
            keeps_ending=_endings(body),
            grid=np.bincount(resolutions(amounts), minlength=len(STEPS)) / len(amounts),
            bounds=_bounds(amounts),
            bandwidth=bandwidth,
            n=len(amounts),
            parent=parent,
        )

    @property
    def p_negative(self) -> float:
        """Share of the rows below zero."""
        return float(self.point_counts[self.points < 0].sum() + (self.body < 0).sum()) / self.n

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Cents, list[dict[str, object]]]:
        """New amounts.

        Returns
        -------
        cents : int64, shape (n,)
        traces : list of n dicts
            'how' ('price point' or 'body'), 'row' among those learned on, 'grid_cents', and for the body 'factor',
            the new amount over the one that it came from.
        """
        if n < 0:
            raise InvalidParameterError(f"n is the number of amounts, 0 or more; got {n}.")
        made, at = self._sample(n, self.point_chances, rng)
        values, rows = np.append(self.points, self.body), np.append(self.point_rows, self.body_rows)
        is_point = at < len(self.points)
        factors = np.divide(made, values[at], out=np.ones(n), where=~is_point)
        return made, _traces(made, rows[at], is_point, factors)

    @cached_property
    def point_chances(self) -> Floats:
        """Chance of each price point in a draw, shape (p,); the rest to 1 is the body's.

        Their shares, raised or lowered alike until ``n`` draws repeat themselves as often as the ``n`` rows: drawn by
        its share alone a price point of two rows mostly does not show as one, and bodies on a coarse grid meet. Found
        at the first draw, by trial draws of a seed of their own.
        """
        share = self.point_counts / self.n
        total, goal = float(share.sum()), float(self.point_counts[self.point_counts > 1].sum()) / self.n
        if self.n < _CALIBRATED_ROWS or not 0 < total < 1:
            return share
        rng, n_trials, factor = np.random.default_rng(self.n), max(1, _TRIAL_ROWS // self.n), 1.0
        most = min(_MOST_RAISED, 0.5 * (1 + 1 / total))
        for _ in range(2):
            shown = [_repeated_share(self._sample(self.n, share * factor, rng)[0]) for _ in range(n_trials)]
            factor = min(max(factor + (goal - float(np.mean(shown))) / (_STEEPNESS * total), 1 / _MOST_RAISED), most)
        return np.asarray(share * factor)

    def _sample(self, n: int, chances: Floats, rng: np.random.Generator) -> tuple[Cents, Ints]:
        """Amounts, and the place of what each comes from among the price points and then the body."""
        at = np.searchsorted(np.cumsum(chances), rng.random(n), side="right")
        at = at if len(self.body) else np.minimum(at, len(self.points) - 1)
        is_body = at >= len(self.points)
        parents = rng.integers(0, max(len(self.body), 1), int(is_body.sum()))
        at[is_body] = len(self.points) + parents
        made = np.append(self.points, self.body)[at]
        made[is_body] = self._moved(parents, n, rng)
        return made, at

    def snap(self, cents: object, rng: np.random.Generator) -> Cents:
        """Any amounts put on the grid of the group: a resolution is drawn for each from rows of like size."""
        amounts = np.asarray(cents, dtype=np.float64)
        known = np.concatenate([np.repeat(self.points, self.point_counts), self.body])
        known = known[known != 0]
        if not len(known):
            return np.zeros(amounts.shape, dtype=np.int64)
        order = np.argsort(magnitudes(known), kind="stable")
        sizes = magnitudes(known)[order].astype(np.float64)
        spread = max(1.0, 0.1 * len(known))
        place = np.searchsorted(sizes, np.abs(amounts).ravel()) + rng.normal(0, spread, amounts.size)
        place = np.clip(place, 0, len(known) - 1).astype(np.int64)
        grid = resolutions(known)[order][place]
        return np.asarray(
            np.sign(amounts).astype(np.int64) * on_grid(np.abs(amounts).ravel(), grid).reshape(amounts.shape)
        )

    def _moved(self, parents: Ints, n_drawn: int, rng: np.random.Generator) -> Cents:
        """Amounts of the body, moved on the log scale and put back on their grid.

        Amounts of the body came once. A draw that meets a price point, or one drawn before, is moved again and
        further, as long as no more rows are drawn than were learned on.
        """
        made = self._moved_once(parents, 1.0, rng)
        most = 1 + n_drawn // (_REPEAT_ROWS * self.n)
        for widening in _WIDENINGS:
            again = self._repeated(made, most)
            if not len(again):
                break
            made[again] = self._moved_once(parents[again], widening, rng)
        return made

    def _repeated(self, made: Cents, most: int) -> Ints:
        """Places of draws that are price points, or come more than ``most`` times up to there."""
        order = np.argsort(made, kind="stable")
        ordered = made[order]
        first = np.searchsorted(ordered, ordered, side="left")
        later = order[np.arange(len(made)) - first >= most]
        return np.union1d(later, np.flatnonzero(np.isin(made, self.points)))

    def _moved_once(self, parents: Ints, widening: float, rng: np.random.Generator) -> Cents:
        """Each parent moved up to ``widening`` times its reach, inside the range of the group."""
        source = self.body[parents]
        size = magnitudes(source).astype(np.float64)
        step = rng.uniform(-widening, widening, len(parents))
        low, high = self._limits(np.sign(source))
        wish = np.clip(size * np.exp(self.reach[parents] * step), low, high)
        made = on_grid(wish, self._resolution(source, rng))
        keeps = self.keeps_ending[parents]
        made[keeps] = _with_ending(wish[keeps], magnitudes(source[keeps]) % _REAL)
        outside = (made < low) | (made > high)
        made[outside] = magnitudes(source[outside])
        return np.asarray(np.sign(source) * made)

    def _limits(self, signs: Ints) -> tuple[Floats, Floats]:
        """Least and largest magnitude for each sign."""
        table = np.array([self.bounds.get(sign, (0.0, 0.0)) for sign in (-1, 0, 1)])[signs + 1]
        return table[:, 0], table[:, 1]

    def _resolution(self, source: Cents, rng: np.random.Generator) -> Ints:
        """The resolution of each source; now and then, in a small group, one of the larger group."""
        own = resolutions(source)
        if self.parent is None:
            return own
        lent = np.searchsorted(np.cumsum(self.parent.grid), rng.random(len(source)), side="right")
        lent = np.minimum(lent, len(STEPS) - 1)
        takes = rng.random(len(source)) < _PARENT_GRID_ROWS / (self.n + _PARENT_GRID_ROWS)
        takes &= STEPS[lent] <= _FINE_ENOUGH * magnitudes(source)
        return np.asarray(np.where(takes, lent, own))


def _bandwidth(values: Cents, parent: AmountModel | None) -> float:
    """Kernel width on the log scale (Silverman's rule, robust), for small groups in part that of the parent."""
    logs = np.log(np.maximum(magnitudes(values).astype(np.float64), 1.0))
    start = _LONE_BANDWIDTH if parent is None else parent.bandwidth
    n = len(logs)
    if n < 2:
        return start
    low, high = np.quantile(logs, [0.25, 0.75])
    spread = float(logs.std())
    spread = min(spread, float(high - low) / 1.34) if high > low else spread
    own = _KERNEL * spread * n**-0.2
    return float((n * own + _PARENT_ROWS * start) / (n + _PARENT_ROWS))


def _reach(body: Cents, bandwidth: float) -> Floats:
    """How far each amount may move on the log scale: to a near neighbour of its sign, at most the bandwidth.

    Of ``b`` amounts the neighbour is the ``0.35 sqrt(b)``-th on the nearer side, so that the edge of a cluster does not
    reach into the gap beside it; of the first neighbour, half the way.
    """
    reach = np.full(len(body), bandwidth)
    for sign in (-1, 1):
        rows = np.flatnonzero(np.sign(body) == sign)
        rows = rows[np.argsort(magnitudes(body[rows]), kind="stable")]
        logs = np.log(magnitudes(body[rows]).astype(np.float64))
        k = max(1, round(_NEIGHBOURS * len(rows) ** 0.5))
        gaps = (logs[k:] - logs[:-k]) * (0.5 if k == 1 else 1.0)
        reach[rows[k:]] = np.minimum(gaps, reach[rows[k:]])
        reach[rows[:-k]] = np.minimum(gaps, reach[rows[:-k]])
    return reach


def _repeated_share(cents: Cents) -> float:
    """Share of amounts that are there twice or more."""
    counts = np.unique(cents, return_counts=True)[1]
    return float(counts[counts > 1].sum()) / max(len(cents), 1)


def _endings(body: Cents) -> Bools:
    """Whether the centavos of each amount are more frequent than chance among those that are no whole reais."""
    ending = magnitudes(body) % _REAL
    counts = np.bincount(ending, minlength=_REAL)
    counts[0] = 0
    likely = _ENDING_LIFT * max(counts.sum(), 1) / (_REAL - 1)
    return np.asarray((counts >= _ENDING_ROWS) & (counts > likely))[ending]


def _with_ending(sizes: Floats, ending: Ints) -> Ints:
    """The amounts nearest to ``sizes`` with these centavos."""
    whole = np.maximum(np.rint((np.minimum(sizes, 9e18) - ending) / _REAL), 0).astype(np.int64)
    return np.asarray(whole * _REAL + ending)


def _bounds(amounts: Cents) -> dict[int, tuple[float, float]]:
    """Magnitudes that draws of each sign stay between."""
    found = {}
    for sign in (-1, 1):
        sizes = magnitudes(amounts[np.sign(amounts) == sign]).astype(np.float64)
        if len(sizes):
            found[sign] = (_LOWEST * float(sizes.min()), _HIGHEST * float(sizes.max()))
    return found


def _traces(made: Cents, rows: Ints, is_point: Bools, factors: Floats) -> list[dict[str, object]]:
    """What is told of each draw."""
    grids = STEPS[resolutions(made)].tolist()
    told: list[dict[str, object]] = []
    for point, row, grid, factor in zip(
        is_point.tolist(), rows.tolist(), grids, factors.round(4).tolist(), strict=True
    ):
        if point:
            told.append({"how": "price point", "row": row, "grid_cents": grid})
        else:
            told.append({"how": "body", "row": row, "grid_cents": grid, "factor": factor})
    return told


__all__ = ["AmountModel"]
