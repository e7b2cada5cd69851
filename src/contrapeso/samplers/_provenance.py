"""Why every new row exists: how it was made, from which original rows, with which weights and seed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

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
    rows : int64 array of shape (n_new,)
        Position of each new row in the resampled table.
    labels : array of shape (n_new,)
        Class of each new row.
    parents : int64 array of shape (n_new, 2)
        Base row and neighbour, as row numbers of the original table; twice the base for a copy.
    weights : float64 array of shape (n_new, 2)
        Share of each parent; they sum to 1.
    seed : int
        Entropy of the seed sequence; ``random_state=seed`` makes the same rows when it was an int or None.
    plan : mapping of class to int
        Plan items: how many rows each class was to gain (over) or keep (under).
    """

    method: str
    rows: NDArray[np.int64]
    labels: NDArray[np.generic]
    parents: NDArray[np.int64]
    weights: NDArray[np.float64]
    seed: int
    plan: Mapping[Hashable, int]

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One line per new row: row, label, method, base, neighbour, their weights and the seed."""
        return pd.DataFrame(
            {
                "row": self.rows,
                "label": self.labels,
                "method": self.method,
                "base": self.parents[:, 0],
                "neighbour": self.parents[:, 1],
                "weight_base": self.weights[:, 0],
                "weight_neighbour": self.weights[:, 1],
                "seed": str(self.seed),
            }
        )

    def explain(self, i: int) -> str:
        """The sentence that says why the ``i``-th new row exists (0 is the first one made)."""
        if not 0 <= i < len(self):
            raise InvalidParameterError(f"There are {len(self)} new rows, numbered from 0; got {i}.")
        label = self.labels[i].item() if isinstance(self.labels[i], np.generic) else self.labels[i]
        base, neighbour = self.parents[i].tolist()
        share = f"{100 * self.weights[i, 1]:.1f} %"
        made = (
            f"it comes from row {base} alone"
            if base == neighbour
            else f"it lies {share} of the way from row {base} to row {neighbour}"
        )
        return (
            f"Row {self.rows[i]} is synthetic (class {label!r}): {made}. Made by {self.method} with seed {self.seed}; "
            f"the plan asked for {self.plan.get(label, 0)} new rows of this class."
        )


def no_rows(method: str, labels: NDArray[np.generic], seed: int, plan: Mapping[Hashable, int]) -> Provenance:
    """Provenance of a resampling that makes no row."""
    empty = np.empty((0, 2))
    return Provenance(method, np.empty(0, dtype=np.int64), labels[:0], empty.astype(np.int64), empty, seed, dict(plan))


__all__ = ["Provenance", "no_rows"]
