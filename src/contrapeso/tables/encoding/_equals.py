"""Columns that often hold the very value of an earlier column, far beyond chance.

A bill that is paid in full makes the payment equal last month's bill. Quantile bins cannot say that;
a code "the value of that column" can. Values that are frequent anyway (atoms: 0 before all) do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SAMPLE = 4096
MIN_SHARE = 0.01
MIN_LIFT = 20.0


@dataclass(frozen=True, slots=True)
class SameValue:
    """``column`` equals the earlier column ``source``, and none named before, in ``share`` of the rows, atoms apart."""

    column: str
    source: str
    share: float

    def describe(self) -> tuple[str, str]:
        """English and Portuguese sentence."""
        return (
            f"{self.column} equals {self.source} in {self.share:.1%} of the rows; generated rows may repeat it.",
            f"{self.column} é igual a {self.source} em {self.share:.1%} das linhas; as geradas podem repeti-lo.",
        )

    def to_dict(self) -> dict[str, Any]:
        """The pair as JSON types."""
        return {"column": self.column, "source": self.source, "share": self.share}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The pair that :meth:`to_dict` wrote."""
        return cls(data["column"], data["source"], float(data["share"]))


def find_equals(names: Sequence[str], columns: Sequence[FloatArray], n_rows: int) -> tuple[SameValue, ...]:
    """Pairs of columns, the source before the column in table order, that share values beyond chance.

    The sources of a column come by the rows that each explains and those before it do not; such a row
    share is the pair's ``share``.

    Parameters
    ----------
    names, columns
        Columns in table order, each of shape (n,) with NaN for what does not count (atoms, infinities).
    """
    useful = [i for i, column in enumerate(columns) if np.isfinite(column).mean() >= MIN_SHARE]
    if len(useful) < 2:
        return ()
    step = max(1, n_rows // SAMPLE)
    sample = np.stack([columns[i][::step] for i in useful])
    floor = MIN_SHARE / 2 * sample.shape[1]
    found = []
    for j in range(1, len(useful)):
        hits = np.count_nonzero(sample[:j] == sample[j], axis=1)
        sources = [useful[i] for i in np.flatnonzero(hits >= floor)]
        found += [
            SameValue(names[useful[j]], names[source], share)
            for source, share in _explaining(columns[useful[j]], {i: columns[i] for i in sources})
        ]
    return tuple(found)


def _explaining(column: FloatArray, sources: dict[int, FloatArray]) -> list[tuple[int, float]]:
    """Sources by the share of rows that only they and later ones explain, each beyond chance."""
    chosen: list[tuple[int, float]] = []
    equal = {i: source == column for i, source in sources.items()}
    equal = {i: same for i, same in equal.items() if same.mean() >= MIN_LIFT * _chance(sources[i], column)}
    left = np.ones(len(column), dtype=bool)
    while equal:
        gains = {i: float(np.mean(same & left)) for i, same in equal.items()}
        best = max(gains, key=lambda i: gains[i])
        if gains[best] < MIN_SHARE:
            break
        chosen.append((best, gains[best]))
        left &= ~equal.pop(best)
    return chosen


def _chance(first: FloatArray, second: FloatArray) -> float:
    """Probability that independent draws of the two columns are one value."""
    shares = []
    for column in (first, second):
        values, counts = np.unique(column[np.isfinite(column)], return_counts=True)
        shares.append((values, counts / len(column)))
    _, mine, theirs = np.intersect1d(shares[0][0], shares[1][0], assume_unique=True, return_indices=True)
    return float(np.dot(shares[0][1][mine], shares[1][1][theirs]))


__all__ = ["SameValue", "find_equals"]
