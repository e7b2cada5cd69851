"""Why every new row exists: how it was made, from which original rows, with which weights and seed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError


@dataclass(frozen=True)
class Provenance:
    """The origin of the new rows of one resampling.

    Attributes
    ----------
    method : str
        Name of the sampler.
    n_rows : int
        Rows of the original table, behind which the new ones come.
    parents : int array of shape (n_new, m)
        Original rows that each new row comes from, the base first; twice the base for a copy. Where a row has fewer
        than m parents the base fills the places that are left, with the weight 0.
    shares : float64 array of shape (n_new, m), or of shape (n_new,) for two parents
        Share of each parent; one column is the share of the second of two parents.
    seed : int
        Entropy of the seed sequence; ``random_state=seed`` makes the same rows when it was an int or None.
    plan : mapping of class to int
        Plan items: how many rows each class was to gain (over) or keep (under).
    known_labels : array of shape (n_rows,)
        Class of each original row.
    """

    method: str
    n_rows: int
    parents: NDArray[np.integer]
    shares: NDArray[np.float64]
    seed: int
    plan: Mapping[Hashable, int]
    known_labels: NDArray[Any]

    def __len__(self) -> int:
        return len(self.parents)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Position of each new row in the resampled table, shape (n_new,)."""
        return np.arange(self.n_rows, self.n_rows + len(self), dtype=np.int64)

    @cached_property
    def labels(self) -> NDArray[Any]:
        """Class of each new row, shape (n_new,)."""
        return np.asarray(self.known_labels[self.parents[:, 0]])

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Share of each parent, shape (n_new, m); they sum to 1."""
        return np.column_stack([1.0 - self.shares, self.shares]) if self.shares.ndim == 1 else self.shares

    def to_frame(self) -> pd.DataFrame:
        """One line per new row: row, label, method, base, neighbour, their weights and the seed."""
        frame = pd.DataFrame(
            {
                "row": self.rows,
                "label": self.labels,
                "method": self.method,
                "base": self.parents[:, 0],
                "neighbour": self.parents[:, 1],
                "weight_base": self.weights[:, 0],
                "weight_neighbour": self.weights[:, 1],
            }
        )
        for j in range(2, self.parents.shape[1]):
            frame[f"parent_{j + 1}"] = self.parents[:, j]
            frame[f"weight_{j + 1}"] = self.weights[:, j]
        frame["seed"] = str(self.seed)
        return frame

    def explain(self, i: int) -> str:
        """The sentence that says why the ``i``-th new row exists (0 is the first one made)."""
        if not 0 <= i < len(self):
            raise InvalidParameterError(f"There are {len(self)} new rows, numbered from 0; got {i}.")
        label = self.labels[i].item() if isinstance(self.labels[i], np.generic) else self.labels[i]
        return (
            f"Row {self.rows[i]} is synthetic (class {label!r}): {self._how(i)}. Made by {self.method} with seed "
            f"{self.seed}; the plan asked for {self.plan.get(label, 0)} new rows of this class."
        )

    def _how(self, i: int) -> str:
        parents, weights = self.parents[i].tolist(), self.weights[i].tolist()
        others = [(row, w) for row, w in zip(parents[1:], weights[1:], strict=True) if w != 0.0 and row != parents[0]]
        if not others:
            return f"it comes from row {parents[0]} alone"
        if len(others) == 1:
            row, share = others[0]
            where = "of the way from" if share >= 0.0 else "of the way back from"
            return f"it lies {100 * abs(share):.1f} % {where} row {parents[0]} to row {row}"
        parts = [f"{100 * weights[0]:.1f} % row {parents[0]}", *(f"{100 * w:.1f} % row {row}" for row, w in others)]
        return f"it mixes {', '.join(parts)}"

    def carried(self, values: NDArray[Any], *, mixed: bool) -> NDArray[Any]:
        """``values``, one per original row, for the new rows: mixed by the parents' shares, or the base's.

        A mixture stays within the values of its parents, also where a row lies beyond one of them.
        """
        if not mixed:
            return np.asarray(values[self.parents[:, 0]])
        known = values[self.parents]
        return np.asarray(np.clip((known * self.weights).sum(axis=1), known.min(axis=1), known.max(axis=1)))


def no_rows(method: str, labels: NDArray[Any], seed: int, plan: Mapping[Hashable, int]) -> Provenance:
    """Provenance of a resampling that makes no row."""
    return Provenance(method, len(labels), np.empty((0, 2), dtype=np.int64), np.empty(0), seed, dict(plan), labels)


__all__ = ["Provenance", "no_rows"]
