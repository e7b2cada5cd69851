"""New rows as plans and as arrays, and the streams of random numbers they are drawn from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import child, generator
from contrapeso.kernels._rows import Key
from contrapeso.tables._containers import Rows

FloatArray = NDArray[np.float64]
Codes = NDArray[np.int32]


PARTS = 2**20
"""Above every step of a class: where the streams of its parts begin."""


class Streams:
    """Random streams of one class: one per step, none shared with another class or step."""

    def __init__(self, parent: np.random.SeedSequence, class_index: int) -> None:
        self._parent, self._class_index = parent, class_index

    def step(self, number: int) -> np.random.Generator:
        """Generator of one step of this class."""
        return generator(self._parent, self._class_index, number)

    def key(self, number: int) -> Key:
        """Key of one step's numbers for the kernels, which draw for each row apart."""
        first, second = child(self._parent, self._class_index, number).generate_state(2, np.uint64).tolist()
        return int(first), int(second)

    def part(self, number: int) -> Streams:
        """Streams of one part of this class (a cluster), apart from those of the class and of other parts."""
        return Streams(child(self._parent, self._class_index, PARTS, number), 0)


@dataclass(frozen=True)
class Item:
    """One class of the plan: ``n`` rows to make or keep, its ``members`` in the table, and its streams."""

    label: Hashable
    code: int
    n: int
    members: Rows
    streams: Streams


@dataclass(frozen=True)
class Drawn:
    """New rows on lines between two original rows.

    ``bases`` and ``neighbors`` are rows of the table; ``gaps`` says how far from the base to the neighbour (0 to 1
    between them, below 0 away from it); ``codes`` (n_new, q) are the categories, the base's by default.
    """

    bases: Rows
    neighbors: Rows
    gaps: FloatArray
    codes: Codes | None = None

    def __len__(self) -> int:
        return len(self.bases)

    @classmethod
    def copies(cls, bases: Rows, codes: Codes | None = None) -> Drawn:
        """Rows that come from one parent alone."""
        return cls(bases, bases, np.zeros(len(bases)), codes)

    @classmethod
    def joined(cls, parts: list[Drawn]) -> Drawn:
        """One draw after the other."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.copies(np.empty(0, dtype=np.int64))
        codes = [p.codes for p in parts if p.codes is not None]
        return cls(
            np.concatenate([p.bases for p in parts]),
            np.concatenate([p.neighbors for p in parts]),
            np.concatenate([p.gaps for p in parts]),
            np.concatenate(codes) if len(codes) == len(parts) else None,
        )


@dataclass(frozen=True)
class Made:
    """New rows anywhere.

    ``numbers`` (n_new, p) are in the units of the columns, ``codes`` (n_new, q) their categories; ``parents`` and
    ``weights`` have the shape (n_new, m), the base first, m at least 2 (see :class:`Provenance`).
    """

    numbers: FloatArray
    codes: Codes
    parents: Rows
    weights: FloatArray

    @classmethod
    def joined(cls, parts: list[Made]) -> Made:
        """One after the other; the parents' columns are filled up with the base at weight 0."""
        width = max(p.parents.shape[1] for p in parts)
        wide = [p._widened(width) for p in parts]
        return cls(
            np.concatenate([p.numbers for p in wide]),
            np.concatenate([p.codes for p in wide]),
            np.concatenate([p.parents for p in wide]),
            np.concatenate([p.weights for p in wide]),
        )

    def _widened(self, width: int) -> Made:
        n, m = self.parents.shape
        more = np.repeat(self.parents[:, :1], width - m, axis=1)
        return Made(
            self.numbers,
            self.codes,
            np.hstack([self.parents, more]),
            np.hstack([self.weights, np.zeros((n, width - m))]),
        )


def turns(n_rows: int, n_new: int, rng: np.random.Generator) -> Rows:
    """Which of ``n_rows`` is the base of each new row: all in turn, in a fresh random order each round.

    Every row serves as often as every other, give or take one, as in the paper (N % of each row);
    the first m turns are the same however many are asked for.
    """
    order = np.empty(n_new, dtype=np.int64)
    for start in range(0, n_new, n_rows):
        order[start : start + n_rows] = rng.permutation(n_rows)[: n_new - start]
    return order


def apportion(shares: FloatArray, n: int, rng: np.random.Generator | None = None) -> Rows:
    """Whole numbers in proportion to ``shares`` that sum to ``n``: largest remainders first.

    Equal remainders go by lot of ``rng``, or to the lower place without one.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers._drawn import apportion
    >>> apportion(np.array([0.5, 0.3, 0.2]), 9).tolist()
    [4, 3, 2]
    """
    exact = shares * (n / shares.sum())
    counts: Rows = np.floor(exact).astype(np.int64)
    order = np.arange(len(shares)) if rng is None else rng.permutation(len(shares))
    remainder = np.round((exact - counts)[order], 12)  # equal shares must stay equal after the division
    ranked = order[np.argsort(-remainder, kind="stable")]
    left = n - int(counts.sum())
    counts[ranked[:left]] += 1
    return counts


__all__ = ["Drawn", "Item", "Made", "Streams", "apportion", "turns"]
