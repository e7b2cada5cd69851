"""``DateLaw``: when the rows of a group fall, as a mixture of anchors and a smooth profile, and draws from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.finance._ledger import Days
from contrapeso.finance.calendar import BankCalendar
from contrapeso.finance.series._anchors import ANCHORS, Anchor, AnchorKind, Language
from contrapeso.finance.series._grid import EXACT, NEAR, Bools, Grid, Ints, grid_of, ordinals
from contrapeso.finance.series._profile import Floats, spread_over

LawKind: TypeAlias = AnchorKind | Literal["weekday", "free"]
Day: TypeAlias = np.datetime64 | date | str
Window: TypeAlias = tuple[Day, Day]
Months = NDArray[np.datetime64]

_WEEKDAYS = {
    "pt": ("segundas", "terças", "quartas", "quintas", "sextas", "sábados", "domingos"),
    "en": ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
}
_ONE_WEEKDAY = 0.8
_MAIN_SHARE = 0.5
_MONTH_PULL = 0.25


@dataclass(frozen=True, slots=True)
class Part:
    """One anchor of a law.

    Attributes
    ----------
    anchor : Anchor
    share : float
        Of the rows of the law.
    slip : float
        Of the rows of the anchor, those that fall one open day beside it.
    """

    anchor: Anchor
    share: float
    slip: float


@dataclass(frozen=True, eq=False)
class DateLaw:
    """When the rows of a group fall.

    In a month, a day has the probability ``sum(share * p_anchor) + free_share * p_profile``; the months have the
    weights of the rows seen in them.

    Attributes
    ----------
    parts : tuple of Part, the largest share first.
    free_share : float
        Of the rows that follow the smooth profile and no anchor.
    by_day : float64, shape (31,)
        Factor of each day of the month in the profile.
    by_type : float64, shape (8,)
        Factors of Monday to Sunday and of bank holidays; exactly 0 for Saturday, Sunday and bank holiday where no row
        was seen on one, and no draw falls on them then.
    months : datetime64[M], shape (m,)
        Months that have rows, increasing.
    counts : int64, shape (m,)
        Rows of each.
    first, last : datetime64[D]
        First and last day seen.
    n : int
        Rows that the law was learned on.
    calendar : BankCalendar, optional
        None if no bank holidays are known.
    """

    parts: tuple[Part, ...]
    free_share: float
    by_day: Floats
    by_type: Floats
    months: Months
    counts: Ints
    first: np.datetime64
    last: np.datetime64
    n: int
    calendar: BankCalendar | None = None

    @property
    def kind(self) -> LawKind:
        """The kind of the anchor that most rows follow; 'weekday' where one is all but always met, otherwise 'free'."""
        by_kind: dict[AnchorKind, float] = {}
        for part in self.parts:
            by_kind[part.anchor.kind] = by_kind.get(part.anchor.kind, 0.0) + part.share
        if by_kind and sum(by_kind.values()) >= _MAIN_SHARE:
            return max(by_kind, key=lambda kind: by_kind[kind])
        return "weekday" if self.weekday is not None else "free"

    @property
    def main(self) -> Anchor | None:
        """The anchor with the largest share, if the law has any."""
        return self.parts[0].anchor if self.parts else None

    @property
    def weekday(self) -> int | None:
        """The weekday on which nearly all rows of the profile fall, 0 Monday; None if there is none."""
        shares = self.by_type[:7] / max(float(self.by_type[:7].sum()), 1e-300)
        top = int(shares.argmax())
        return top if shares[top] >= _ONE_WEEKDAY else None

    @property
    def holidays_known(self) -> bool:
        """Whether bank holidays are known for all days seen; where they are not, weekends alone are closed."""
        grid = grid_of(self.first, self.last, self.calendar)
        low, high = ordinals(np.array([self.first, self.last])) - grid.first
        return bool(grid.known[low : high + 1].all())

    def describe(self, language: Language = "pt") -> str:
        """The law in words, its main anchors with their shares.

        Examples
        --------
        >>> from contrapeso.finance.series import learn_law
        >>> law = learn_law(["2024-01-22", "2024-02-20", "2024-03-20", "2024-04-22", "2024-05-20", "2024-06-20"])
        >>> law.describe("en").split(" (")[0]
        'day 20, following'
        """
        if self.kind == "weekday":
            return _WEEKDAYS[language][self.weekday or 0]
        told = [f"{part.anchor.text(language)} ({part.share:.0%})" for part in self.parts[:3] if part.share >= 0.05]
        free = {"pt": "livre", "en": "free"}[language]
        if self.free_share >= 0.05 or not told:
            told.append(f"{free} ({self.free_share:.0%})" if told else free)
        note = {"pt": "; feriados desconhecidos", "en": "; holidays unknown"}[language]
        return "; ".join(told) + ("" if self.holidays_known else note)

    def draw(
        self,
        n: int,
        window: Window | None = None,
        rng: np.random.Generator | None = None,
        months: object | None = None,
    ) -> tuple[Days, list[dict[str, object]]]:
        """New days of the law.

        Parameters
        ----------
        n : int
        window : (first, last), optional
            Days between which the draws fall, both included; the days seen by default.
        rng : numpy Generator
        months : sequence of months, optional
            Of shape (n,): the month of each draw. By default months are drawn by the rows seen in them; a month of
            the year without a row gets none.

        Returns
        -------
        days : datetime64[D], shape (n,)
        traces : list of n dicts
            'kind' and 'share' of the part of the mixture; of an anchor also 'number', 'roll', 'slip' (open days beside
            it), and of a day of the month the 'nominal' date before the roll.

        Raises
        ------
        InvalidParameterError
            If ``rng`` is missing, the window is empty, or ``months`` has another length.
        InvalidDataError
            If no day of the window, or of one of ``months``, is allowed.
        """
        if rng is None or n < 0:
            raise InvalidParameterError(f"draw needs rng=numpy.random.default_rng(seed) and n >= 0; got {rng}, n={n}.")
        span = self._span(window)
        grid = grid_of(span[0], span[1], self.calendar)
        table = _Table(self, grid, *(ordinals(np.array(span)) - grid.first))
        if months is None:
            places = table.draw_months(n, rng)
        else:
            places = table.places_of(np.asarray(months, dtype="datetime64[M]"), n)
        offsets = table.draw_days(places, rng)
        return (offsets + grid.first).astype("datetime64[D]"), table.traces(offsets)

    def _span(self, window: Window | None) -> tuple[np.datetime64, np.datetime64]:
        """First and last day of the draws."""
        return (self.first, self.last) if window is None else span_of(window)

    def possible_months(self, window: Window | None = None) -> Months:
        """Months of the window with a day on which rows may fall."""
        span = self._span(window)
        grid = grid_of(span[0], span[1], self.calendar)
        table = _Table(self, grid, *(ordinals(np.array(span)) - grid.first))
        return np.asarray(table.months[table.total > 0])

    def allows(self, days: Days) -> Bools:
        """Whether the law lets rows fall on each of ``days``: never on kinds of days on which no row was seen."""
        if not len(days):
            return np.zeros(0, dtype=bool)
        grid = grid_of(days.min(), days.max(), self.calendar)
        return self.allowed(grid, ordinals(days) - grid.first)

    def allowed(self, grid: Grid, days: Ints) -> Bools:
        """Whether the law lets rows fall on each day of a grid."""
        return np.asarray(self.by_type[grid.day_type[days]] > 0)

    def month_weights(self, months: Months) -> Floats:
        """Weights of months: rows seen, and for each month of the year a little of what it has elsewhere."""
        year_place = months.astype(np.int64) % 12
        seen = dict(zip(self.months.astype(np.int64).tolist(), self.counts.tolist(), strict=True))
        own = np.array([seen.get(month, 0) for month in months.astype(np.int64).tolist()], dtype=np.float64)
        of_year = np.bincount(self.months.astype(np.int64) % 12, self.counts, 12)
        n_of_year = np.maximum(np.bincount(self.months.astype(np.int64) % 12, minlength=12), 1)
        return np.asarray(own + _MONTH_PULL * (of_year / n_of_year)[year_place])


def span_of(window: Window) -> tuple[np.datetime64, np.datetime64]:
    """First and last day of a window, checked."""
    first, last = np.asarray(window, dtype="datetime64[D]")
    if not first <= last:
        raise InvalidParameterError(f"A window is (first, last) day, the first not after the last; got {window}.")
    return first, last


class _Table:
    """Probabilities of the days of a window, month by month, and who gave them."""

    def __init__(self, law: DateLaw, grid: Grid, low: int, high: int) -> None:
        self.law, self.grid = law, grid
        self.first_place, self.last_place = int(grid.month[low]), int(grid.month[high])
        begin, end = int(grid.starts[self.first_place]), int(grid.starts[self.last_place + 1])
        self.days = np.arange(begin, end)
        inside = (self.days >= low) & (self.days <= high) & law.allowed(grid, self.days)
        shares = _part_probabilities(law, grid, self.days, inside)
        self.source = shares.argmax(axis=0)
        self.rates = shares.sum(axis=0)
        self.month = grid.month[self.days] - self.first_place
        self.total = np.bincount(self.month, self.rates)

    @property
    def months(self) -> Months:
        """The months of the window."""
        first = self.grid.first_month + self.first_place
        return np.arange(first, first + len(self.total)).astype("datetime64[M]")

    def draw_months(self, n: int, rng: np.random.Generator) -> Ints:
        """Places of months in the window."""
        weights = self.law.month_weights(self.months) * (self.total > 0)
        if n and weights.sum() <= 0:
            raise InvalidDataError(
                f"No day from {self.months[0]} to {self.months[-1]} is one on which rows of this law fall. "
                "Take a wider window."
            )
        edges = np.cumsum(weights / max(weights.sum(), 1e-300))
        found = np.searchsorted(edges, rng.random(n), side="right")
        return np.asarray(np.minimum(found, np.flatnonzero(weights > 0)[-1] if n else 0))

    def places_of(self, months: Months, n: int) -> Ints:
        """Places of the months that the caller asks for."""
        if months.shape != (n,):
            raise InvalidParameterError(f"months has one month for each of the {n} draws; got shape {months.shape}.")
        places = np.asarray(months.astype(np.int64) - self.grid.first_month - self.first_place)
        bad = (places < 0) | (places >= len(self.total))
        bad |= self.total[np.where(bad, 0, places)] <= 0
        if bad.any():
            raise InvalidDataError(
                f"No day of {months[bad][0]} lies in the window and is one on which rows of this law fall. "
                "Leave the month out, or widen the window."
            )
        return places

    def draw_days(self, places: Ints, rng: np.random.Generator) -> Ints:
        """Offsets of days on the grid, one for each month place."""
        share = np.divide(self.rates, self.total[self.month], out=np.zeros_like(self.rates), where=self.rates > 0)
        edges = np.cumsum(share)
        starts = self.grid.starts[self.first_place + np.arange(len(self.total))] - self.days[0]
        before = np.concatenate([[0.0], edges])[starts]
        found = np.searchsorted(edges, before[places] + rng.random(len(places)) * (1 - 1e-9), side="right")
        return np.asarray(self.days[self._nearest_possible(found, places)])

    def _nearest_possible(self, found: Ints, places: Ints) -> Ints:
        """``found``, moved by rounding at most, to a day of its month that has probability."""
        possible = np.flatnonzero(self.rates > 0)
        at = np.searchsorted(possible, found)
        forward = possible[np.minimum(at, len(possible) - 1)]
        back = possible[np.maximum(at - 1, 0)]
        return np.where(self.month[forward] == places, forward, back)

    def traces(self, offsets: Ints) -> list[dict[str, object]]:
        """For each day the part that most likely gave it."""
        told = self._told(np.unique(offsets))
        return [dict(told[offset]) for offset in offsets.tolist()]

    def _told(self, offsets: Ints) -> dict[int, dict[str, object]]:
        """The trace of each day."""
        return {offset: self._trace(offset, int(self.source[offset - self.days[0]])) for offset in offsets.tolist()}

    def _trace(self, offset: int, source: int) -> dict[str, object]:
        if source == len(self.law.parts):
            return {"kind": "free", "share": round(self.law.free_share, 4)}
        part = self.law.parts[source]
        anchor = part.anchor
        trace: dict[str, object] = {"kind": anchor.kind, "number": anchor.number, "roll": anchor.roll}
        trace["share"] = round(part.share, 4)
        trace["slip"] = 0 if self.grid.hits[ANCHORS.index(anchor), offset] == EXACT else 1
        if anchor.kind == "day":
            trace["nominal"] = str(np.datetime64(self.grid.nominal(anchor.number, offset) + self.grid.first, "D"))
        return trace


def anchor_probabilities(grid: Grid, anchors: Ints, slips: Floats, days: Ints) -> Floats:
    """Probability of each day under each anchor in its month, shape (n_anchors, d)."""
    hits = grid.hits[anchors[:, None], days]
    return np.asarray((hits == EXACT) * (1 - slips[:, None]) + (hits == NEAR) * (slips[:, None] / 2))


def _part_probabilities(law: DateLaw, grid: Grid, days: Ints, inside: Bools) -> Floats:
    """Share of each part, the profile last, in the probability of each day; shape (n_parts + 1, d)."""
    free = law.free_share * spread_over(grid, days, law.by_day, law.by_type, inside)
    anchors = np.array([ANCHORS.index(part.anchor) for part in law.parts], dtype=np.int64)
    slips, shares = (np.array([getattr(part, name) for part in law.parts]) for name in ("slip", "share"))
    found = anchor_probabilities(grid, anchors, slips, days) * shares[:, None] * inside
    return np.vstack([found, free[None, :] + 1e-12 * (inside > 0)])


__all__ = ["DateLaw", "Day", "LawKind", "Months", "Part", "Window", "anchor_probabilities", "span_of"]
