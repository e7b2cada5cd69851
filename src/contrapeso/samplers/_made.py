"""Samplers whose new rows need not lie on a line between two rows: what they share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions

from contrapeso.samplers._base import BaseOverSampler, FewSamples
from contrapeso.samplers._drawn import FloatArray, Item, Made
from contrapeso.samplers._lines import Problem, enough
from contrapeso.samplers._space import Space
from contrapeso.samplers._target import Target
from contrapeso.samplers._views import View
from contrapeso.tables._containers import Rows, Table


class BaseMadeSampler(BaseOverSampler):
    """Base of the samplers that make the numbers of their new rows themselves."""

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseOverSampler._parameter_constraints,
        "n_jobs": [int, None],
        "few_samples": [StrOptions({"adapt", "raise"})],
    }

    few_samples: FewSamples = "adapt"

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        view = self._view(table)
        problem = Problem(Space(view, table.n_rows, self.n_jobs), target)
        items = [item for item in self._items(target, seed) if item.n > 0]
        return self._close_made(table, target, view, joined(self._make(problem, items), view), seed)

    @abstractmethod
    def _make(self, problem: Problem, items: list[Item]) -> list[Made]:
        """Exactly ``item.n`` new rows for every item."""

    def _enough(self, item: Item, k: int) -> int:
        """``k`` neighbours, or as many as the class can have; see ``few_samples``."""
        return enough(item, k, self.few_samples)


def joined(parts: list[Made], view: View) -> Made:
    """One after the other; no rows where there are no parts."""
    if parts:
        return Made.joined(parts)
    nobody = np.empty(0, dtype=np.int64)
    return Made(view.numbers(nobody), view.codes(nobody), np.empty((0, 2), dtype=np.int64), np.empty((0, 2)))


class Known:
    """Numbers of some rows of a table, each encoded once however often it is asked for."""

    def __init__(self, view: View, *rows: Rows) -> None:
        self._rows = np.unique(np.concatenate(rows))
        self._numbers = view.numbers(self._rows)

    def of(self, rows: Rows) -> FloatArray:
        """Numbers of ``rows`` in the units of the columns, NaN for null; shape (len(rows), p)."""
        return np.asarray(self._numbers[np.searchsorted(self._rows, rows)])


__all__ = ["BaseMadeSampler", "Known", "joined"]
