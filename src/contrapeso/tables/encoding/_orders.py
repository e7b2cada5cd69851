"""Columns of numbers of which one is never below the other.

Both stay, and a generated row that breaks the order has the greater one raised (or, where that one was
asked for, the lesser one lowered). Of two moments one is re-expressed: see ``_gaps``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables._numbers import plain_floats

FloatArray = NDArray[np.float64]

SAMPLE = 2048
MIN_BROKEN = 0.02
"""Share of rows that would break the order if the columns were independent."""
MIN_CORRELATION = 0.3


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
        low, high = (plain_floats(frame[name]) for name in (self.lesser, self.greater))
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
        return asdict(self)

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


def move_of(lesser: str, greater: str, keep: Collection[str]) -> str | None:
    """Which of the two is corrected; None where both were asked for."""
    return greater if greater not in keep else lesser if lesser not in keep else None


__all__ = ["Order", "candidate_orders", "move_of"]
