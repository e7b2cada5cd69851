"""Which categories of a column are alike: those that go with one value of the column it depends on most.

Rare categories of a wide column share groups; a group of alike ones tells a model more than one of
equally frequent ones. Judged on a sample of rows that is the same in whatever order partitions come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables.encoding._sketch import Label, factor, key

ROWS = 20_000

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class RowSample:
    """Columns of categories in the ``ROWS`` rows with the smallest hashes; ``hashes`` (n,) ascending."""

    frame: pd.DataFrame
    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Sample of one partition."""
        plain = frame.astype(object)
        hashes = pd.util.hash_pandas_object(plain.astype(str), index=False).to_numpy().astype(np.uint64)
        order = np.argsort(hashes, kind="stable")[:ROWS]
        return cls(plain.iloc[order].reset_index(drop=True), hashes[order])

    def merge(self, other: RowSample) -> RowSample:
        """Sample of the rows of both."""
        hashes = np.concatenate([self.hashes, other.hashes])
        order = np.argsort(hashes, kind="stable")[:ROWS]
        rows = pd.concat([self.frame, other.frame], ignore_index=True)
        return RowSample(rows.iloc[order].reset_index(drop=True), hashes[order])

    def ranks(self, series: pd.Series, name: str, most: int) -> Mapping[Label, float]:
        """Per value of ``series`` (these rows, column ``name``), the place of what it mostly goes with.

        That is a value of the column, among those of 2 to ``most`` values, with which it shares most
        information beyond chance; places are by falling frequency. Empty where it depends on none.
        """
        codes, values = factor(series)
        best, ranks = 0.0, np.empty(0)
        for other in self.frame.columns.drop(name):
            theirs, labels = factor(self.frame[other])
            if not 2 <= len(labels) <= most:
                continue
            shared, dominant = _information(codes, theirs)
            if shared > best:
                best, ranks = shared, dominant
        if not len(ranks):
            return {}
        return {key(value): float(rank) for value, rank in zip(values, ranks, strict=True)}


def _information(codes: Codes, other: Codes) -> tuple[float, NDArray[np.float64]]:
    """Mutual information of two columns less its bias (nats), and per code the frequency rank of its main partner.

    References
    ----------
    .. [1] Miller, "Note on the bias of information estimates", in Information Theory in Psychology (1955).
    """
    present = (codes >= 0) & (other >= 0)
    a, b = codes[present].astype(np.int64), other[present].astype(np.int64)
    if not len(a):
        return 0.0, np.empty(0)
    pairs, counts = np.unique(a * (b.max() + 1) + b, return_counts=True)
    first, second = pairs // (b.max() + 1), pairs % (b.max() + 1)
    of_first, of_second = np.bincount(a, minlength=int(codes.max()) + 1), np.bincount(b)
    n = len(a)
    shared = float((counts / n * np.log(counts * float(n) / (of_first[first] * of_second[second]))).sum())
    free = len(pairs) - np.count_nonzero(of_first) - np.count_nonzero(of_second) + 1
    rank = np.argsort(np.argsort(-of_second, kind="stable"), kind="stable")
    dominant = np.full(len(of_first), np.inf)
    order = np.lexsort((rank[second], counts))  # the last of a code is its most frequent partner
    dominant[first[order]] = rank[second[order]]
    return shared - free / (2 * n), dominant


__all__ = ["RowSample"]
