"""How rows follow each other: sequences of rows by a key (an account), put in order (by date).

Everything additive is returned as sums or counts per row group, so that halves of a table and tables with a group left
out cost a small matrix product (see ``_replicates``). Ties of the order keep the order of the table, as a bank
statement does; rows without a place in the order, or without a key, belong to no sequence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.metrics._noise import column_floor
from contrapeso.metrics._sorted import SortedColumn

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
NAN = float("nan")
N_MONTH_DAYS, N_WEEKDAYS = 31, 7


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows of a table, sequence after sequence: ``rows`` (k,) are positions, ``sequence`` (k,) numbers 0, 1, ..."""

    rows: Codes
    sequence: Codes

    @classmethod
    def of(cls, order: ArrayLike, key: ArrayLike | None = None) -> Ordered:
        """Rows by ``key`` (n,), integer codes with -1 for null, and ``order`` (n,), floats with NaN for null."""
        place = np.asarray(order, dtype=np.float64)
        keys = np.zeros(place.size, dtype=np.intp) if key is None else np.asarray(key, dtype=np.intp)
        used = np.flatnonzero(~np.isnan(place) & (keys >= 0))
        rows = used[np.lexsort((place[used], keys[used]))]
        starts = np.diff(keys[rows], prepend=-1) != 0
        return cls(rows, np.cumsum(starts) - 1)

    @property
    def n_sequences(self) -> int:
        """Number of sequences."""
        return int(self.sequence[-1]) + 1 if self.sequence.size else 0

    def lengths(self) -> Codes:
        """Rows of each sequence, (n_sequences,); ``sdmetrics`` SequenceLengthSimilarity is one minus their KS."""
        found: Codes = np.bincount(self.sequence, minlength=self.n_sequences)
        return found

    def pairs(self, lag: int = 1) -> tuple[Codes, Codes]:
        """Positions in ``rows`` of every row with a row ``lag`` later in its sequence, and of that row."""
        first = np.flatnonzero(self.sequence[:-lag] == self.sequence[lag:]) if self.rows.size > lag else self.rows[:0]
        return first, first + lag


def row_differences(values: ArrayLike, ordered: Ordered, lag: int = 1) -> Floats:
    """Value ``lag`` rows later less the value, within sequences, nulls left out, (k,).

    The differences of the order itself are the times between events. One minus the KS distance of those of two tables
    is InterRowMSAS of ``sdmetrics``.
    """
    in_order = np.asarray(values, dtype=np.float64)[ordered.rows]
    first, later = ordered.pairs(lag)
    found: Floats = in_order[later] - in_order[first]
    return found[~np.isnan(found)]


def sequence_means(values: ArrayLike, ordered: Ordered) -> Floats:
    """Mean of the non-null values of each sequence, (n_sequences,), NaN without one; see StatisticMSAS."""
    in_order = np.asarray(values, dtype=np.float64)[ordered.rows]
    known = ~np.isnan(in_order)
    sums = np.bincount(ordered.sequence[known], weights=in_order[known], minlength=ordered.n_sequences)
    counts = np.bincount(ordered.sequence[known], minlength=ordered.n_sequences)
    means: Floats = np.divide(sums, counts, out=np.full(sums.size, np.nan), where=counts > 0)
    return means


def autocorrelation(values: ArrayLike, ordered: Ordered, lag: int = 1) -> float:
    """Rank correlation of a column with itself ``lag`` rows later, over all sequences, in [-1, 1].

    Ranks are those of the whole column: amounts have tails that would drown the product of raw values. NaN where there
    are fewer than two pairs or no spread.
    """
    group = np.zeros(ordered.rows.size, dtype=np.intp)
    ranks = SortedColumn.of(values).ranks()
    return float(correlation(lag_sums(ranks, ordered, lag, group, 1)[0]))


def lag_sums(values: Floats, ordered: Ordered, lag: int, group: Codes, n_groups: int) -> Floats:
    """Sums (n_groups, 6) over pairs of rows ``lag`` apart: 1, x, y, xx, yy, xy; a pair is in the group of its first.

    ``group`` (k,) is that of each of ``ordered.rows``.
    """
    in_order = values[ordered.rows] - 0.5
    first, later = ordered.pairs(lag)
    x, y = in_order[first], in_order[later]
    known = ~np.isnan(x) & ~np.isnan(y)
    x, y, at = x[known], y[known], group[first[known]]
    parts = (np.ones(x.size), x, y, x * x, y * y, x * y)
    return np.column_stack([np.bincount(at, weights=part, minlength=n_groups) for part in parts])


def correlation(sums: Floats) -> Floats:
    """Correlation from sums (..., 6) as :func:`lag_sums` makes them; NaN where it is undefined."""
    n = sums[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y, xx, yy, xy = (sums[..., k] / n for k in range(1, 6))
        spread = np.maximum(xx - x * x, 0.0) * np.maximum(yy - y * y, 0.0)
        found: Floats = np.where((n >= 2) & (spread > 1e-18), (xy - x * y) / np.sqrt(spread), np.nan)
    return np.clip(found, -1.0, 1.0)


def transition_counts(codes: Codes, ordered: Ordered, n_cells: int, group: Codes, n_groups: int) -> Floats:
    """Counts (n_groups, n_cells, n_cells) of a cell being followed by a cell, within sequences."""
    in_order = codes[ordered.rows].astype(np.intp)
    first, later = ordered.pairs(1)
    flat = (group[first] * n_cells + in_order[first]) * n_cells + in_order[later]
    counts = np.bincount(flat, minlength=n_groups * n_cells * n_cells)
    return counts.reshape(n_groups, n_cells, n_cells).astype(np.float64)


def transition_distance(real: Floats, synthetic: Floats) -> float:
    """Total variation of what follows, noise removed, in [0, 1]; 0 is best; NaN without a transition on a side.

    ``sum_i p_i max(0, TV_i - e_i) / (1 - e_i)`` over the cells i of the first row, with their real shares ``p_i`` and
    the distance ``e_i`` that two fresh samples would have. A cell that the synthetic table never leaves counts 1.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n_cells, n_cells), counts
    """
    if not real.sum() or not synthetic.sum():
        return NAN
    left = real.sum(axis=1)
    apart = [share_distance(a, b) if a.sum() and b.sum() else 1.0 for a, b in zip(real, synthetic, strict=True)]
    return float(np.average(apart, weights=left))


def share_distance(real: Floats, synthetic: Floats) -> float:
    """Total variation of two count vectors (K,), noise removed: ``max(0, TV - e0) / (1 - e0)``; NaN without a count."""
    n, m = real.sum(), synthetic.sum()
    if not n or not m:
        return NAN
    floor = column_floor(real[None], synthetic[None])
    distance = float(np.abs(real / n - synthetic / m).sum() / 2)
    return max(0.0, distance - floor) / max(1 - floor, 1e-12)


def month_days(days: ArrayLike) -> Codes:
    """Day of the month, 0 to 30, of days since 1970 (n,); no null."""
    dates = np.floor(np.asarray(days, dtype=np.float64)).astype("datetime64[D]")
    found: Codes = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.intp)
    return found


def weekdays(days: ArrayLike) -> Codes:
    """Weekday, 0 for Monday to 6, of days since 1970 (n,); no null."""
    found: Codes = (np.floor(np.asarray(days, dtype=np.float64)).astype(np.intp) + 3) % 7  # 1970-01-01 was a Thursday
    return found


def ks_of_counts(real: Floats, synthetic: Floats) -> Floats:
    """KS distance of two histograms (..., K) on the same ordered cells; NaN without a count."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.cumsum(real, axis=-1) / real.sum(axis=-1, keepdims=True)
        right = np.cumsum(synthetic, axis=-1) / synthetic.sum(axis=-1, keepdims=True)
    found: Floats = np.abs(left - right).max(axis=-1)
    return found


__all__ = [
    "N_MONTH_DAYS",
    "N_WEEKDAYS",
    "Ordered",
    "autocorrelation",
    "correlation",
    "ks_of_counts",
    "lag_sums",
    "month_days",
    "row_differences",
    "sequence_means",
    "share_distance",
    "transition_counts",
    "transition_distance",
    "weekdays",
]
