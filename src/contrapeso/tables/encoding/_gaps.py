"""Two moments of which one is never before the other: one of them is re-expressed as the distance between them.

The distance is a whole number of the steps of the column that is re-expressed, 0 or more, so the order holds
whatever is generated. That is the later column, unless it was asked for: then the earlier one is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables._numbers import NumberColumn, TimeColumn, nulls, to_ticks
from contrapeso.tables.encoding._calendar_grid import ANY_MOMENT, CalendarGrid
from contrapeso.tables.encoding._dependencies import same_values

Ticks = NDArray[np.int64]

_NULLS: dict[str, object] = {"None": None, "nan": float("nan"), "NaT": pd.NaT, "<NA>": pd.NA}


@dataclass(frozen=True, slots=True)
class Gap:
    """``later`` is re-expressed as its distance from ``earlier``; with ``backward``, ``earlier`` as that before it.

    The grids are the legal moments of the two columns: business days stay business days.
    """

    earlier: TimeColumn
    later: TimeColumn
    backward: bool = False
    earlier_grid: CalendarGrid = ANY_MOMENT
    later_grid: CalendarGrid = ANY_MOMENT

    @property
    def moved(self) -> TimeColumn:
        """Column that is re-expressed."""
        return self.earlier if self.backward else self.later

    @property
    def base(self) -> TimeColumn:
        """Column that the distance is from."""
        return self.later if self.backward else self.earlier

    @property
    def output(self) -> str:
        """Name of the column that is re-expressed."""
        return self.moved.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Name of the column that the distance is from."""
        return (self.base.name,)

    @property
    def _sign(self) -> int:
        return -1 if self.backward else 1

    @property
    def _grids(self) -> tuple[CalendarGrid, CalendarGrid]:
        """Grids of the moved column and of the other one."""
        return (self.earlier_grid, self.later_grid) if self.backward else (self.later_grid, self.earlier_grid)

    def reduced(self, frame: pd.DataFrame) -> pd.Series:
        """Steps between the two, int64 (Int64 where the moved one has nulls)."""
        series = frame[self.output]
        gone = nulls(series)
        steps = np.zeros(len(series), dtype=np.int64)
        steps[~gone] = self._sign * (ticks_of(self.moved, series)[~gone] // self.moved.step - self._start(frame)[~gone])
        if gone.any():
            return pd.Series(pd.arrays.IntegerArray(steps, gone), name=self.output)
        return pd.Series(steps, name=self.output)

    def restored(self, frame: pd.DataFrame, rng: np.random.Generator | None = None) -> pd.Series:  # noqa: ARG002
        """The moved moments; null where the gap or the other moment is."""
        gap = frame[self.output].to_numpy(dtype=np.float64, na_value=np.nan)
        gone = np.isnan(gap) | nulls(frame[self.base.name])
        start = self._start(frame)
        steps = start + self._sign * _whole(gap, gone)
        bound = {"most" if self.backward else "least": start * self.moved.step}
        ticks = self._grids[0].moved(self.moved, steps * self.moved.step, **bound)
        return moments_of(self.moved, ticks, gone)

    def _start(self, frame: pd.DataFrame) -> Ticks:
        """Whole steps of the moved column at or before each moment of the other one, 0 where that is null."""
        return _converted(ticks_of(self.base, frame[self.base.name]), self.base, self.moved) // self.moved.step

    def solved(self, gaps: pd.Series, moved: pd.Series, drawn: pd.Series | None = None) -> pd.Series:
        """The other moments, where the moved ones are ``moved`` and the distances are ``gaps``.

        What the other column has below a step of the moved one (a time of day beside a date) is that of ``drawn``;
        a moment that its grid or its own step does not have moves away from the moved one.
        """
        gone, step, own = nulls(moved), self.moved.step, self.base.step
        gap = gaps.to_numpy(dtype=np.float64, na_value=np.nan)
        held = ticks_of(self.moved, moved) // step
        ticks = _converted((held - self._sign * _whole(gap, np.isnan(gap))) * step, self.moved, self.base)
        if drawn is not None:
            fine = ticks_of(self.base, drawn)
            ticks += fine - _converted(_converted(fine, self.base, self.moved) // step * step, self.moved, self.base)
        ticks = (-(-ticks // own) if self.backward else ticks // own) * own
        limit = _converted(held * step, self.moved, self.base)
        if self.backward:
            ticks = self._grids[1].moved(self.base, ticks, least=limit)
        else:
            ticks = self._grids[1].moved(self.base, ticks, most=limit + self._rest(limit))
        return moments_of(self.base, ticks, gone)

    def _rest(self, limit: Ticks) -> Ticks:
        """Ticks of the other column within one step of the moved one, less one."""
        one = np.full(len(limit), self.moved.step, dtype=np.int64)
        return np.maximum(_converted(one, self.moved, self.base), 1) - 1

    def broken(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Rows in which both moments are there and in the wrong order."""
        both = ~nulls(frame[self.earlier.name]) & ~nulls(frame[self.later.name])
        gap = self._sign * (ticks_of(self.moved, frame[self.output]) // self.moved.step - self._start(frame))
        return both & (gap < 0)

    def verified(self, frame: pd.DataFrame) -> Gap | None:
        """The relation with what ``frame`` adds to its grids, or None where it does not hold."""
        if nulls(frame[self.base.name]).any():
            return None
        gap = self.reduced(frame)
        if bool((gap.dropna() < 0).any()):
            return None
        loose = replace(
            self,
            earlier_grid=self.earlier_grid.relaxed(self.earlier, present_ticks(self.earlier, frame)),
            later_grid=self.later_grid.relaxed(self.later, present_ticks(self.later, frame)),
        )
        back = loose.restored(frame.assign(**{self.output: gap.set_axis(frame.index)}))
        return loose if same_values(back, frame[self.output]) else None

    def merged(self, other: Gap) -> Gap | None:
        """The relation of the rows of two tables, or None where they hold it in different steps."""
        earlier, later = self.earlier_grid | other.earlier_grid, self.later_grid | other.later_grid
        joined = replace(self, earlier_grid=earlier, later_grid=later)
        theirs = replace(other, earlier_grid=earlier, later_grid=later)
        return joined if joined.to_dict() == theirs.to_dict() else None

    def with_grids(self, frame: pd.DataFrame) -> Gap:
        """The relation with the legal moments of all rows of ``frame``."""
        grids = []
        for number in (self.earlier, self.later):
            ticks = present_ticks(number, frame)
            grids.append(CalendarGrid.of(number, np.unique(ticks), float(len(ticks))))
        return replace(self, earlier_grid=grids[0], later_grid=grids[1])

    def describe(self) -> tuple[str, str]:
        """English and Portuguese sentence."""
        return (
            f"{self.later.name} is never before {self.earlier.name}; the gap between them is generated.",
            f"{self.later.name} nunca é anterior a {self.earlier.name}; gera-se o intervalo entre as duas.",
        )

    def to_dict(self) -> dict[str, Any]:
        """The gap as JSON types."""
        return {
            "earlier": _write_time(self.earlier),
            "later": _write_time(self.later),
            "backward": self.backward,
            "earlier_grid": self.earlier_grid.to_dict(),
            "later_grid": self.later_grid.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The gap that :meth:`to_dict` wrote."""
        grids = (CalendarGrid.from_dict(data.get(name)) for name in ("earlier_grid", "later_grid"))
        return cls(_read_time(data["earlier"]), _read_time(data["later"]), bool(data.get("backward")), *grids)


def present_ticks(number: TimeColumn, frame: pd.DataFrame) -> Ticks:
    """Ticks of the moments of a column that are there."""
    series = frame[number.name]
    return ticks_of(number, series)[~nulls(series)]


def ticks_of(number: TimeColumn, series: pd.Series) -> Ticks:
    """Ticks of the moments of a column, 0 where null."""
    gone = nulls(series)
    ticks = np.zeros(len(series), dtype=np.int64)
    ticks[~gone] = to_ticks(series[~gone], number.form, number.unit, number.fmt, number.name)
    return ticks


def moments_of(number: TimeColumn, ticks: Ticks, gone: NDArray[np.bool_]) -> pd.Series:
    """Moments of ticks in the column's form."""
    steps = ticks // number.step - number.origin // number.step
    return number.decode(np.where(gone, np.nan, steps.astype(np.float64)))


def _converted(ticks: Ticks, old: TimeColumn, new: TimeColumn) -> Ticks:
    """Ticks of one column's unit in that of another, rounded down."""
    return ticks.view(f"M8[{old.unit}]").astype(f"M8[{new.unit}]").astype(np.int64)


def _whole(gap: NDArray[np.float64], gone: NDArray[np.bool_]) -> Ticks:
    """Steps that are not negative, 0 where they are not known."""
    return np.where(gone, 0, np.maximum(np.nan_to_num(gap), 0)).astype(np.int64)


def plain_time(number: NumberColumn) -> bool:
    """Whether a gap can be taken from and to this column: moments, not durations or far-off zones."""
    return isinstance(number, TimeColumn) and number.form not in {"duration", "local"}


def _write_time(column: TimeColumn) -> dict[str, Any]:
    null = column.null
    name = "nan" if isinstance(null, float) else str(null)
    return asdict(column) | {"dtype": str(column.dtype), "null": name}


def _read_time(data: dict[str, Any]) -> TimeColumn:
    dtype = cast(Any, pd.api.types.pandas_dtype(data["dtype"]))
    return TimeColumn(**(data | {"dtype": dtype, "null": _NULLS.get(data["null"])}))


__all__ = ["Gap", "plain_time"]
