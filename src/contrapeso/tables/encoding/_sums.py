"""Columns that are the sum of others, to the last decimal: found by a projection, dropped, added up again.

All ``p ** 2`` pairs are tried at once: every column is projected on one random direction over some
rows, and a sum of columns is a sum of projections. The few hits are then verified exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables._numbers import FloatColumn, WholeColumn, nulls, plain_floats
from contrapeso.tables.encoding._dependencies import same_values

FloatArray = NDArray[np.float64]

MIN_ROWS = 30
MIN_DISTINCT = 13
MAX_TRIPLES = 60
"""Most columns among which sums of three are looked for."""


@dataclass(frozen=True, slots=True)
class Sum:
    """``target`` is ``sum(sign * addend)`` on the grid of 10 ** -``decimals``; it is dropped and added up again."""

    target: str
    addends: tuple[str, ...]
    signs: tuple[int, ...]
    decimals: int
    dtype: str
    low: int
    high: int

    @property
    def output(self) -> str:
        """Column that is computed."""
        return self.target

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that it is computed from."""
        return self.addends

    def reduced(self, frame: pd.DataFrame) -> pd.Series | None:  # noqa: ARG002  (one signature for all relations)
        """None: the column is left out."""
        return None

    def restored(self, frame: pd.DataFrame, rng: np.random.Generator | None = None) -> pd.Series:  # noqa: ARG002
        """The target column; null where an addend is."""
        unit = 10.0**self.decimals
        whole = sum(
            sign * np.rint(plain_floats(frame[name]) * unit)
            for name, sign in zip(self.addends, self.signs, strict=True)
        )
        values = np.asarray(whole, dtype=np.float64) / unit
        dtype = pd.api.types.pandas_dtype(self.dtype)
        if self.decimals == 0 and pd.api.types.is_integer_dtype(dtype):
            return WholeColumn(self.target, dtype, self.low, self.high).decode(values)
        return FloatColumn(self.target, dtype, self.decimals).decode(values)

    def verified(self, frame: pd.DataFrame) -> Sum | None:
        """The relation itself, or None where ``frame`` does not obey it."""
        if any(nulls(frame[name]).any() for name in self.addends) and not frame[self.target].isna().any():
            return None
        return self if same_values(self.restored(frame), frame[self.target]) else None

    def describe(self) -> tuple[str, str]:
        """English and Portuguese sentence."""
        terms = "".join(f" {'+' if s > 0 else '-'} {a}" for a, s in zip(self.addends, self.signs, strict=True))
        terms = terms.removeprefix(" + ").strip()
        return (
            f"{self.target} equals {terms}; it is computed, not generated.",
            f"{self.target} é igual a {terms}; é calculada, não gerada.",
        )

    def to_dict(self) -> dict[str, Any]:
        """The sum as JSON types."""
        return {
            "target": self.target,
            "addends": list(self.addends),
            "signs": list(self.signs),
            "decimals": self.decimals,
            "dtype": self.dtype,
            "low": self.low,
            "high": self.high,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The sum that :meth:`to_dict` wrote."""
        return cls(**(data | {"addends": tuple(data["addends"]), "signs": tuple(data["signs"])}))


def candidate_sums(columns: Sequence[FloatArray]) -> list[tuple[int, tuple[int, ...]]]:
    """(total, addends): columns that are one (a copy), two or three others added up, on every row.

    ``columns`` are float64 of shape (n,) with NaN for null, of whole numbers.
    """
    if len(columns) < 2 or len(columns[0]) < MIN_ROWS:
        return []
    rows = _sampled(columns)
    sample = np.nan_to_num(np.stack([column[rows] for column in columns]))
    weights = np.random.default_rng(0).standard_normal(len(rows))  # any direction does: hits are verified
    shadow = sample @ weights
    slack = 1e-9 * (np.abs(sample) @ np.abs(weights)).max() + 1e-12
    found = _hits(shadow, slack, np.arange(len(shadow))[None, :])  # copies
    found += _pairs(shadow, slack)
    if 4 <= len(columns) <= MAX_TRIPLES:
        found += _triples(shadow, slack)
    return [hit for hit in found if _adds_up(columns, *hit)]


def _sampled(columns: Sequence[FloatArray]) -> NDArray[np.int64]:
    """At most 64 rows, of those without a null where these are enough: a null addend beside others hides its total."""
    whole = np.flatnonzero(~np.isnan(np.stack(columns)).any(axis=0))
    rows = whole if len(whole) >= MIN_ROWS else np.arange(len(columns[0]))
    return np.asarray(rows[np.unique(np.linspace(0, len(rows) - 1, 64).astype(np.int64))], dtype=np.int64)


def _pairs(shadow: FloatArray, slack: float) -> list[tuple[int, tuple[int, ...]]]:
    i, j = np.triu_indices(len(shadow), 1)
    return _hits(shadow, slack, np.stack([i, j]))


def _triples(shadow: FloatArray, slack: float) -> list[tuple[int, tuple[int, ...]]]:
    return _hits(shadow, slack, np.array(list(combinations(range(len(shadow)), 3)), dtype=np.int64).T)


def _hits(shadow: FloatArray, slack: float, sets: NDArray[np.int64]) -> list[tuple[int, tuple[int, ...]]]:
    order = np.argsort(shadow, kind="stable")
    total = shadow[sets].sum(axis=0)
    low = np.searchsorted(shadow[order], total - slack, side="left")
    high = np.searchsorted(shadow[order], total + slack, side="right")
    found = []
    for k in np.flatnonzero(high > low)[:10_000]:  # degenerate tables could make every pair a hit
        addends = tuple(int(v) for v in sets[:, k])
        found += [(int(c), addends) for c in order[low[k] : high[k]] if int(c) not in addends]
    return found


def _adds_up(columns: Sequence[FloatArray], total: int, addends: tuple[int, ...]) -> bool:
    """Exact on every row, null for null, and with every addend at work in enough rows."""
    added = np.sum([columns[a] for a in addends], axis=0)
    at_work = min(int(np.count_nonzero(np.nan_to_num(columns[a]))) for a in addends)
    return at_work >= max(10, len(added) // 100) and bool(np.array_equal(added, columns[total], equal_nan=True))


__all__ = ["MIN_DISTINCT", "Sum", "candidate_sums"]
