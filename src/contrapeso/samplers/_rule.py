"""What the samplers that drop rows by a rule share: points of all rows, the order of the result, classes that went."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Hashable
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import DroppedClassWarning
from contrapeso.samplers._base import BaseCleaningSampler
from contrapeso.samplers._drawn import Item
from contrapeso.samplers._space import Points, Space
from contrapeso.samplers._target import Target
from contrapeso.tables._containers import Rows, Table

ClassCodes = NDArray[np.intp]
Mask = NDArray[np.bool_]


class BaseRuleSampler(BaseCleaningSampler):
    """Base of the samplers that drop the rows of some classes by looking at rows near them."""

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseCleaningSampler._parameter_constraints,
        "n_jobs": [Integral, None],
    }

    dropped_classes_: list[Hashable]

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        points = Space(self._view(table), table.n_rows, self.n_jobs).everyone
        kept = self._kept(points, target, self._items(target, seed))
        self.dropped_classes_ = dropped_classes(target, kept)
        return self._close(table, target, kept, seed)

    @abstractmethod
    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        """Rows that stay, in the order of the result; ``items`` are the classes to clean."""


def classes_of(target: Target) -> list[Hashable]:
    """Classes in the order of their codes."""
    return [*pd.Index(pd.factorize(target.labels, sort=True)[1])]


def smallest_class(codes: ClassCodes) -> int:
    """Code of the class with the fewest rows; the first among equals."""
    return int(np.bincount(codes).argmin())


def grouped(rows: Rows, codes: ClassCodes) -> Rows:
    """``rows`` class after class, in the order given within each."""
    return rows[np.argsort(codes[rows], kind="stable")]


def dropped_classes(target: Target, kept: Rows) -> list[Hashable]:
    """Classes of which no row is kept; warns where there are any."""
    left = np.bincount(target.codes[kept], minlength=int(target.codes.max()) + 1)
    if bool(left.all()):
        return []
    gone = [label for label, n in zip(classes_of(target), left, strict=True) if n == 0]
    warnings.warn(
        f"Every row of the classes {gone} was dropped: none of them satisfies the rule. Name only the classes to be "
        "cleaned in sampling_strategy, or look at fewer neighbours.",
        DroppedClassWarning,
        stacklevel=2,
    )
    return gone


def majority_vote(ballots: ClassCodes) -> ClassCodes:
    """Most frequent code of each line of ``ballots``, shape (m, k); the least among equals."""
    support = np.zeros(ballots.shape, dtype=np.int64)
    for column in ballots.T:
        support += ballots == column[:, None]
    best = support == support.max(axis=1, keepdims=True)
    return np.asarray(np.where(best, ballots, np.iinfo(ballots.dtype).max).min(axis=1))


__all__ = ["BaseRuleSampler", "classes_of", "dropped_classes", "grouped", "majority_vote", "smallest_class"]
