"""Which anchors the rows of a group follow: those met more often than chance, weighed by expectation-maximisation.

1. Rows are spread by a profile that is smooth over the days of the month. An anchor enters if its exact dates have
   more rows than the profile gives them, by more than chance over all anchors explains, in two months or more.
2. Weights of anchors and profile by EM from plausible ones: anchors that the rows cannot tell apart (day 5 and the
   fifth with a roll that never happened) keep the ratio of their priors, which is the mixture that a small sample asks
   for.
3. The rows that no anchor took refit the profile, now with days that may stand out by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contrapeso.errors import InvalidDataError
from contrapeso.finance.calendar import BankCalendar
from contrapeso.finance.series._anchors import ANCHORS, IS_UNROLLED, PRIORS
from contrapeso.finance.series._grid import EXACT, NEAR, Grid, Ints, grid_of, ordinals
from contrapeso.finance.series._law import DateLaw, Months, Part, anchor_probabilities
from contrapeso.finance.series._profile import Floats, fit_profile, spread_over

_WIDE, _NARROW = 3.0, 1.0
_Z = 3.0
_LEAST_MONTHS = 2
_N_STEPS = 25
_SLIP, _SLIP_ROWS, _SLIP_NEAR = 0.04, 6.0, 0.05
_FREE_ROWS = 0.25
_LEAST_SHARE = 0.004


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of a group on a grid: all days of the months that have rows, and the rows of each."""

    grid: Grid
    days: Ints
    counts: Floats
    dispersion: float


def learn_law(days: object, calendar: BankCalendar | None = None) -> DateLaw:
    """The law of the days of a group of rows.

    Parameters
    ----------
    days : array_like of dates, shape (n,), n >= 1
        Any years; outside 2000-2099 no bank holidays are known, and the law says so.
    calendar : BankCalendar, optional
        Without one, weekends are the only closed days.

    Returns
    -------
    DateLaw

    Raises
    ------
    InvalidDataError
        If there is no row, or a date is missing.

    Examples
    --------
    >>> from contrapeso.finance.calendar import bank_calendar, due_dates
    >>> months = [f"2024-{month:02d}" for month in range(1, 13)]
    >>> law = learn_law(due_dates(months, "payroll", bank_calendar()), bank_calendar())
    >>> law.kind, law.main.number
    ('labour', 5)
    """
    when = _checked(days)
    grid = grid_of(when.min(), when.max(), calendar)
    rows = _rows_of(ordinals(when) - grid.first, grid)
    smooth = fit_profile(grid, rows.days, rows.counts, width=_WIDE, local=False, dispersion=rows.dispersion)
    anchors = _standing_out(rows, spread_over(grid, rows.days, *smooth), closed=bool((smooth[1][5:] > 0).any()))
    parts, free = _weigh(rows, anchors, smooth)
    by_day, by_type = _refitted(rows, parts, free)
    months, counts = np.unique(when.astype("datetime64[M]"), return_counts=True)
    told = sorted(parts, key=lambda part: -part.share)
    return DateLaw(
        tuple(told), free, by_day, by_type, months, counts.astype(np.int64), when.min(), when.max(), len(when), calendar
    )


def _checked(days: object) -> Months:
    """Days as an array; refuses none and missing ones."""
    when = np.asarray(days, dtype="datetime64[D]").ravel()
    if not len(when):
        raise InvalidDataError("A law needs at least one date; got none. Leave empty groups out.")
    if np.isnat(when).any():
        raise InvalidDataError(f"days has {int(np.isnat(when).sum())} missing dates. Leave such rows out.")
    return when


def _rows_of(offsets: Ints, grid: Grid) -> _Rows:
    """Counts of rows on all days of the months that have any, and how much they clump."""
    per_day = np.bincount(offsets, minlength=grid.n_days).astype(np.float64)
    has_rows = np.bincount(grid.month[offsets], minlength=len(grid.starts) - 1) > 0
    days = np.flatnonzero(has_rows[grid.month])
    counts = per_day[days]
    n_open = max(int(grid.is_open[days].sum()), 1)
    clump = float((counts**2).sum() / counts.sum()) / (1 + len(offsets) / n_open)
    return _Rows(grid, days, counts, max(clump, 1.0))


def _standing_out(rows: _Rows, expected_share: Floats, *, closed: bool) -> Ints:
    """Anchors whose exact dates have more rows, or oftener a row, than the smooth profile explains."""
    month = rows.grid.month[rows.days] - rows.grid.month[rows.days[0]]
    expected = expected_share * np.bincount(month, rows.counts)[month]
    exact = (rows.grid.hits[:, rows.days] == EXACT).astype(np.float64)
    seen, mean = exact @ rows.counts, exact @ expected
    met = exact @ (rows.counts > 0)
    chance = _chance_of_any(expected, int((rows.counts > 0).sum()))
    excess = (seen - mean) / np.sqrt(rows.dispersion * (mean + 0.25))
    oftener = (met - exact @ chance) / np.sqrt(exact @ (chance * (1 - chance)) + 0.25)
    fits = (np.maximum(excess, oftener) > _Z) & (met >= _LEAST_MONTHS)
    return np.asarray(np.flatnonzero(fits if closed else fits & ~IS_UNROLLED))


def _chance_of_any(expected: Floats, n_days: int) -> Floats:
    """Chance of a row on each day, ``1 - exp(-E / c)``; the clumping ``c`` gives ``n_days`` days with rows."""
    low, high = 1e-3, 1e6
    for _ in range(40):
        clump = (low * high) ** 0.5
        low, high = (clump, high) if -np.expm1(-expected / clump).sum() > n_days else (low, clump)
    return np.asarray(-np.expm1(-expected / high))


def _weigh(rows: _Rows, anchors: Ints, smooth: tuple[Floats, Floats]) -> tuple[list[Part], float]:
    """Shares of anchors and profile by EM, and how often rows slip beside their anchor."""
    on = rows.counts > 0
    days, counts = rows.days[on], rows.counts[on]
    n = counts.sum()
    free = spread_over(rows.grid, rows.days, np.ones_like(smooth[0]), smooth[1])[on]
    chances = anchor_probabilities(rows.grid, anchors, np.full(len(anchors), _SLIP), days)
    start = PRIORS[anchors] * ((chances > _SLIP) @ counts)
    shares = np.append(0.8 * start / max(start.sum(), 1e-300), 0.2 if len(anchors) else 1.0)
    chances = np.vstack([chances, free])
    for _ in range(_N_STEPS):
        joint = shares[:, None] * chances
        taken = joint * (counts / joint.sum(axis=0))
        shares = taken.sum(axis=1) / n
    return _parts(rows, anchors, taken, days)


def _parts(rows: _Rows, anchors: Ints, taken: Floats, days: Ints) -> tuple[list[Part], float]:
    """Parts large enough to tell, the rest of the rows given to the profile."""
    of_part = taken.sum(axis=1)
    hits = rows.grid.hits[anchors[:, None], days]
    near = (taken[:-1] * (hits == NEAR)).sum(axis=1)
    n = of_part.sum()
    keep = of_part[:-1] > max(_LEAST_SHARE * n, 0.05)
    slips = np.minimum((near + _SLIP_NEAR) / (of_part[:-1] + _SLIP_ROWS), 0.5)
    kept = of_part[:-1] * keep
    free = n - kept.sum() + _FREE_ROWS
    total = kept.sum() + free
    parts = [
        Part(ANCHORS[anchor], float(share / total), float(slip))
        for anchor, share, slip, is_kept in zip(anchors, kept, slips, keep, strict=True)
        if is_kept
    ]
    return parts, float(free / total)


def _refitted(rows: _Rows, parts: list[Part], free_share: float) -> tuple[Floats, Floats]:
    """The profile of the rows that no anchor took; types of days without any row keep their zero."""
    anchors = np.array([ANCHORS.index(part.anchor) for part in parts], dtype=np.int64)
    slips, shares = (np.array([getattr(part, name) for part in parts]) for name in ("slip", "share"))
    smooth = fit_profile(rows.grid, rows.days, rows.counts, width=_NARROW, local=True, dispersion=rows.dispersion)
    taken = (anchor_probabilities(rows.grid, anchors, slips, rows.days) * shares[:, None]).sum(axis=0)
    free = free_share * spread_over(rows.grid, rows.days, *smooth)
    left = rows.counts * np.divide(free, free + taken, out=np.ones_like(free), where=free + taken > 0)
    return fit_profile(rows.grid, rows.days, left, width=_NARROW, local=True, dispersion=rows.dispersion)


__all__ = ["learn_law"]
