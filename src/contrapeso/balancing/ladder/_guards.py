"""What is looked at before anything is fitted: sizes, copies, label noise and columns that know too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.ladder import _scores
from contrapeso.balancing.ladder._design import Design
from contrapeso.tables._containers import SparseTable, Table

Codes = NDArray[np.intp]

FEW_FOR_GENERATORS = 10
FEW_FOR_NEIGHBORS = 6
MOST_LOOKED_AT = 5000
LEAKS_FROM = 0.999
LEAST_FOR_LEAKS = 10
"""Rows of the rare class below which a perfect column may be luck."""


@dataclass(frozen=True, slots=True)
class Guards:
    """Facts about the table.

    Attributes
    ----------
    n, n_classes, n_min : rows, classes, rows of the smallest class
    ratio : largest class over the smallest
    copies : rows that repeat another row with its class
    label_noise : float or None
        Share of rows of the smaller classes among whose 5 nearest neighbours none is of their class; None for sparse
        tables and for fewer than 6 rows.
    suspicious : columns that tell the class almost alone, as a leak does
    notes : codes of what follows from it
    """

    n: int
    n_classes: int
    n_min: int
    ratio: float
    copies: int
    label_noise: float | None
    suspicious: tuple[str, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "n": self.n,
            "n_classes": self.n_classes,
            "n_min": self.n_min,
            "ratio": self.ratio,
            "copies": self.copies,
            "label_noise": self.label_noise,
            "suspicious": list(self.suspicious),
            "notes": list(self.notes),
        }


def look(table: Table, codes: Codes, n_copies: int, rng: np.random.Generator) -> Guards:
    """The facts, those that need neighbours from at most 5000 rows."""
    counts = np.bincount(codes)
    counts = counts[counts > 0]
    matrix, sample = _part(table, codes, rng)
    noise = None if matrix is None else _label_noise(matrix, codes[sample])
    suspicious = () if matrix is None else _leaks(table, codes)
    notes = []
    if counts.min() < FEW_FOR_NEIGHBORS:
        notes.append("few_for_neighbors")
    if counts.min() < FEW_FOR_GENERATORS:
        notes.append("few_for_generators")
    if counts.max() < 2 * counts.min():
        notes.append("balanced")
    if n_copies:
        notes.append("copies")
    if noise is not None and noise > 0.3:
        notes.append("label_noise")
    if suspicious:
        notes.append("leak")
    ratio = float(counts.max() / counts.min())
    return Guards(len(codes), len(counts), int(counts.min()), ratio, n_copies, noise, suspicious, tuple(notes))


def _part(table: Table, codes: Codes, rng: np.random.Generator) -> tuple[Any, NDArray[np.intp]]:
    """Encoded rows: all, or 5000 with the smaller classes first."""
    if isinstance(table, SparseTable):
        return None, np.arange(0)
    n = len(codes)
    rows = np.arange(n)
    if n > MOST_LOOKED_AT:
        rare = np.bincount(codes)[codes]
        rows = np.sort(np.lexsort((rng.random(n), rare))[: MOST_LOOKED_AT // 2])
        rest = np.setdiff1d(np.arange(n), rows)
        rows = np.sort(np.concatenate([rows, rng.choice(rest, MOST_LOOKED_AT - len(rows), replace=False)]))
    from contrapeso.tables._containers import open_table

    part = open_table(table.take(rows.astype(np.int64)))
    return np.nan_to_num(Design().fit(part).transform(part), nan=0.0, posinf=0.0, neginf=0.0), rows


def _label_noise(matrix: NDArray[np.float64], codes: Codes) -> float | None:
    from contrapeso.kernels import Index

    largest = np.bincount(codes).argmax()
    rare = np.flatnonzero(codes != largest)
    if len(codes) < 7 or len(rare) < FEW_FOR_NEIGHBORS:
        return None
    found = Index(np.ascontiguousarray(matrix), n_jobs=1).query(np.ascontiguousarray(matrix[rare]), 6)
    near = codes[found.rows] == codes[rare][:, None]
    near[found.rows == rare[:, None]] = False
    return float((~near.any(axis=1)).mean())


def _leaks(table: Table, codes: Codes) -> tuple[str, ...]:
    """Numeric columns whose order alone tells a class of ten rows or more from the rest."""
    design = Design().fit(table)
    matrix = design.transform(table)
    order = design.order if design.order is not None else np.arange(matrix.shape[1])
    names = table.names()
    counts = np.bincount(codes)
    rare = [c for c in np.argsort(counts)[:-1][:5] if counts[c] >= LEAST_FOR_LEAKS]
    found = []
    for place in range(design.n_numbers):
        scores = np.nan_to_num(matrix[:, place], nan=0.0)
        for c in rare:
            auc = _scores.roc_auc(codes == c, scores)
            if max(auc, 1 - auc) >= LEAKS_FROM:
                column = int(order[place])
                found.append(str(names[column]) if names is not None else str(column))
                break
    return tuple(found)


__all__ = ["Guards", "look"]
