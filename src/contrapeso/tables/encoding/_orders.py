"""Columns of which one is never below the other.

Of two moments the later one is re-expressed as the gap between them, in its own calendar steps; so the
order holds whatever is generated. Of two numbers both stay, and a generated row that breaks the order
has the greater one raised (or, where that one was asked for, the lesser one lowered).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables._numbers import NumberColumn, TimeColumn, nulls, to_ticks
from contrapeso.tables.encoding._dependencies import same_values

FloatArray = NDArray[np.float64]

SAMPLE = 2048
MIN_BROKEN = 0.02
"""Share of rows that would break the order if the columns were independent."""
MIN_CORRELATION = 0.3

_NULLS: dict[str, object] = {"None": None, "nan": float("nan"), "NaT": pd.NaT, "<NA>": pd.NA}


@dataclass(frozen=True, slots=True)
class Gap:
    """``later`` is re-expressed as its distance from ``earlier``, a whole number of its steps, 0 or more."""

    earlier: TimeColumn
    later: TimeColumn

    @property
    def output(self) -> str:
        """Column that is re-expressed."""
        return self.later.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Column that the distance is from."""
        return (self.earlier.name,)

    def reduced(self, frame: pd.DataFrame) -> pd.Series:
        """Steps between the two, int64 (Int64 where the later one has nulls)."""
        series = frame[self.later.name]
        gone = nulls(series)
        steps = np.zeros(len(series), dtype=np.int64)
        ticks = to_ticks(series[~gone], self.later.form, self.later.unit, self.later.fmt, self.later.name)
        steps[~gone] = ticks // self.later.step - self._start(frame)[~gone]
        if gone.any():
            return pd.Series(pd.arrays.IntegerArray(steps, gone), name=self.later.name)
        return pd.Series(steps, name=self.later.name)

    def restored(self, frame: pd.DataFrame, rng: np.random.Generator | None = None) -> pd.Series:  # noqa: ARG002
        """The later moments; null where the gap or the earlier moment is."""
        gap = frame[self.later.name].to_numpy(dtype=np.float64, na_value=np.nan)
        gone = np.isnan(gap) | nulls(frame[self.earlier.name])
        steps = np.where(gone, 0, np.maximum(np.nan_to_num(gap), 0)).astype(np.int64) + self._start(frame)
        offset = self.later.origin // self.later.step
        values = np.where(gone, np.nan, (steps - offset).astype(np.float64))
        return self.later.decode(values)

    def _start(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """Whole steps of the later column at or before each earlier moment, 0 where that is null."""
        series = frame[self.earlier.name]
        gone = nulls(series)
        start = np.zeros(len(series), dtype=np.int64)
        ticks = to_ticks(series[~gone], self.earlier.form, self.earlier.unit, self.earlier.fmt, self.earlier.name)
        moments = ticks.view(f"M8[{self.earlier.unit}]").astype(f"M8[{self.later.unit}]").astype(np.int64)
        start[~gone] = moments // self.later.step
        return start

    def verified(self, frame: pd.DataFrame) -> Gap | None:
        """The relation itself, or None where ``frame`` does not obey it."""
        if nulls(frame[self.earlier.name]).any():
            return None
        gap = self.reduced(frame)
        if bool((gap.dropna() < 0).any()):
            return None
        back = self.restored(frame.assign(**{self.later.name: gap.set_axis(frame.index)}))
        return self if same_values(back, frame[self.later.name]) else None

    def describe(self) -> tuple[str, str]:
        """English and Portuguese sentence."""
        return (
            f"{self.later.name} is never before {self.earlier.name}; the gap between them is generated.",
            f"{self.later.name} nunca é anterior a {self.earlier.name}; gera-se o intervalo entre as duas.",
        )

    def to_dict(self) -> dict[str, Any]:
        """The gap as JSON types."""
        return {"earlier": _write_time(self.earlier), "later": _write_time(self.later)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The gap that :meth:`to_dict` wrote."""
        return cls(_read_time(data["earlier"]), _read_time(data["later"]))


@dataclass(frozen=True, slots=True)
class Order:
    """``lesser <= greater`` on every row; generated rows that break it have ``moved`` set to the other one."""

    lesser: str
    greater: str
    moved: str

    @property
    def output(self) -> str:
        """Column that is corrected."""
        return self.moved

    @property
    def inputs(self) -> tuple[str, ...]:
        """Column that it is corrected by."""
        return (self.lesser if self.moved == self.greater else self.greater,)

    def reduced(self, frame: pd.DataFrame) -> pd.Series:
        """The column as it is."""
        return frame[self.moved]

    def restored(self, frame: pd.DataFrame, rng: np.random.Generator | None = None) -> pd.Series:  # noqa: ARG002
        """The corrected column."""
        low, high = frame[self.lesser], frame[self.greater]
        broken = self._broken(frame)
        if not len(broken):
            return frame[self.moved]
        series = (high if self.moved == self.greater else low).copy()
        other = low if self.moved == self.greater else high
        series.iloc[broken] = other.iloc[broken].astype(series.dtype).to_numpy()
        return series

    def _broken(self, frame: pd.DataFrame) -> NDArray[np.intp]:
        low, high = (_floats(frame[name]) for name in (self.lesser, self.greater))
        return np.flatnonzero(low > high)  # false where either is NaN

    def verified(self, frame: pd.DataFrame) -> Order | None:
        """The relation itself, or None where ``frame`` does not obey it."""
        return None if len(self._broken(frame)) else self

    def describe(self) -> tuple[str, str]:
        """English and Portuguese sentence."""
        return (
            f"{self.lesser} is never above {self.greater}; generated rows that break this have {self.moved} corrected.",
            f"{self.lesser} nunca passa de {self.greater}; linhas geradas que o violam têm {self.moved} corrigida.",
        )

    def to_dict(self) -> dict[str, Any]:
        """The order as JSON types."""
        return {"lesser": self.lesser, "greater": self.greater, "moved": self.moved}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The order that :meth:`to_dict` wrote."""
        return cls(data["lesser"], data["greater"], data["moved"])


def candidate_orders(columns: Sequence[FloatArray]) -> list[tuple[int, int]]:
    """(lesser, greater) that no row contradicts, that independence would break, between related columns.

    An order that follows from two others is left out.
    """
    if len(columns) < 2 or len(columns[0]) < 30:
        return []
    step = max(1, len(columns[0]) // SAMPLE)
    sample = np.stack([column[::step] for column in columns])
    found = set()
    for i in range(len(columns)):
        with np.errstate(invalid="ignore"):
            holds = ~(sample[i] > sample).any(axis=1) & (np.isfinite(sample[i] + sample).mean(axis=1) >= 0.5)
        found |= {(i, int(j)) for j in np.flatnonzero(holds) if j != i and _is_order(columns[i], columns[int(j)])}
    implied = {(i, k) for i, j in found for j2, k in found if j == j2 and (i, k) in found}
    return sorted(found - implied)


def _is_order(low: FloatArray, high: FloatArray) -> bool:
    both = np.isfinite(low) & np.isfinite(high)
    a, b = low[both], high[both]
    if not len(a) or bool((a > b).any()) or bool((a == b).all()):
        return False
    broken = 1.0 - float(np.searchsorted(np.sort(a), b, side="right").mean()) / len(a)
    return broken >= MIN_BROKEN and broken * len(a) >= 30 and _rank_correlation(a, b) >= MIN_CORRELATION


def _rank_correlation(a: FloatArray, b: FloatArray) -> float:
    ranks = [pd.Series(values).rank().to_numpy() for values in (a, b)]
    spread = [float(np.std(values)) for values in ranks]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1]) if min(spread) > 0 else 0.0


def plain_time(number: NumberColumn) -> bool:
    """Whether a gap can be taken from and to this column: moments, not durations or far-off zones."""
    return isinstance(number, TimeColumn) and number.form not in {"duration", "local"}


def move_of(lesser: str, greater: str, keep: Collection[str]) -> str | None:
    """Which of the two is corrected; None where both were asked for."""
    return greater if greater not in keep else lesser if lesser not in keep else None


def _floats(series: pd.Series) -> FloatArray:
    from contrapeso.tables._numbers import plain_floats

    return plain_floats(series)


def _write_time(column: TimeColumn) -> dict[str, Any]:
    null = column.null
    name = "nan" if isinstance(null, float) else str(null)
    return asdict(column) | {"dtype": str(column.dtype), "null": name}


def _read_time(data: dict[str, Any]) -> TimeColumn:
    dtype = cast(Any, pd.api.types.pandas_dtype(data["dtype"]))
    return TimeColumn(**(data | {"dtype": dtype, "null": _NULLS.get(data["null"])}))


__all__ = ["Gap", "Order", "candidate_orders", "move_of", "plain_time"]
