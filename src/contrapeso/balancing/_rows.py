"""New rows of a mixed table: parents found by a sampler in a scaled space, values made in the table's own units.

Numbers are divided by their spread before neighbours are looked for, so that a column in cents does
not decide alone who is near. The sampler gives parents and weights; the numbers of a new row are then
interpolated between its parents unscaled, which keeps them between the two to the last bit.
Categories with few values are voted among the neighbours; texts and categories with many values
are taken whole from the base parent, because no vote can make a new description.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.balancing._counts import Label
from contrapeso.errors import InvalidDataError
from contrapeso.kernels._rows import between
from contrapeso.samplers import SMOTE, SMOTENC, Provenance, RandomOverSampler
from contrapeso.tables import EncodedRows, RowCodec, Schema

Rows = NDArray[np.int64]
Sizes = dict[Hashable, int]  # class code -> rows afterwards

VOTED_KINDS = frozenset({"boolean", "categorical", "ordinal"})
MOST_VOTED_VALUES = 50
"""Values up to which a category is voted; beyond, neighbours hardly ever agree and the base parent decides."""


@dataclass(frozen=True)
class Space:
    """A table as arrays: ``rows`` in its own units, ``points`` (n, p) scaled, ``voted`` positions among the codes."""

    codec: RowCodec
    rows: EncodedRows
    points: NDArray[np.float64]
    voted: tuple[int, ...]

    @property
    def copied(self) -> tuple[str, ...]:
        """Columns whose value is taken from the base parent whole, identifiers aside."""
        names = [name for j, name in enumerate(self.codec.code_names_) if j not in self.voted]
        return tuple(name for name in names if self.codec.schema_[name].kind != "identifier")


@dataclass(frozen=True)
class Members:
    """Rows of the table that have a class, and their classes as codes."""

    rows: Rows
    codes: Rows


@dataclass(frozen=True)
class Made:
    """New rows, encoded, with their origin: parents are row positions of the table that came in."""

    rows: EncodedRows
    provenance: Provenance


def open_space(frame: pd.DataFrame, schema: Schema) -> Space:
    """``frame`` ready for neighbour searches."""
    codec = RowCodec().fit(frame, schema)
    rows = codec.encode(frame)
    _refuse_infinity(rows.numeric, codec.numeric_names_)
    voted = tuple(
        j
        for j, name in enumerate(codec.code_names_)
        if schema[name].kind in VOTED_KINDS and len(codec.categories_[name]) <= MOST_VOTED_VALUES
    )
    return Space(codec, rows, scaled(rows.numeric), voted)


def _refuse_infinity(numbers: NDArray[np.float64], names: Sequence[Hashable]) -> None:
    n_infinite = np.isinf(numbers).sum(axis=0)
    if n_infinite.any():
        j = int(n_infinite.argmax())
        raise InvalidDataError(
            f"Column {names[j]!r} contains infinity ({n_infinite[j]} values): no distance to it exists. "
            "Put missing values or a bound in place of infinity."
        )


def scaled(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns with mean 0 and standard deviation 1 over the values that are there; constants become 0."""
    known = ~np.isnan(numbers)
    n = np.maximum(known.sum(axis=0), 1)
    centred = numbers - np.where(known, numbers, 0.0).sum(axis=0) / n
    spread = np.sqrt((np.where(known, centred, 0.0) ** 2).sum(axis=0) / n)
    points: NDArray[np.float64] = centred / np.where(spread > 0, spread, 1.0)
    return points


def interpolated(space: Space, members: Members, sizes: Sizes, k_neighbors: int, seed: np.random.SeedSequence) -> Made:
    """Rows that SMOTE (SMOTENC where categories are voted) adds to reach ``sizes``."""
    points = space.points[members.rows]
    n, p = points.shape
    if space.voted:
        ballots = space.rows.codes[members.rows][:, list(space.voted)].astype(np.float64)
        X = np.hstack([points, np.where(ballots < 0, np.nan, ballots)])  # a null does not vote
        sampler: SMOTE = SMOTENC(
            categorical_features=list(range(p, X.shape[1])),
            sampling_strategy=sizes,
            random_state=seed,
            k_neighbors=k_neighbors,
        )
    else:
        X = points
        sampler = SMOTE(sampling_strategy=sizes, random_state=seed, k_neighbors=k_neighbors)
    X_new, _ = sampler.fit_resample(X, members.codes)
    found = _in_table(sampler.provenance_, members)
    return Made(_between(space, found, X_new[n:, p:]), found)


def _between(space: Space, found: Provenance, winners: NDArray[np.float64]) -> EncodedRows:
    """Numbers between the two parents, voted categories as voted, everything else as in the base parent."""
    bases, neighbors = found.parents.T
    numeric, codes = space.rows.numeric, space.rows.codes[bases]
    codes[:, list(space.voted)] = np.where(np.isnan(winners), -1, winners).astype(np.int32)
    return EncodedRows(between(numeric[bases], numeric[neighbors], found.weights[:, 1]), codes)


def copied(space: Space, members: Members, sizes: Sizes, seed: np.random.SeedSequence) -> Made:
    """Rows that random over-sampling adds to reach ``sizes``: copies, drawn with replacement."""
    sampler = RandomOverSampler(sampling_strategy=sizes, random_state=seed)
    sampler.fit_resample(np.zeros((len(members.rows), 1)), members.codes)
    found = _in_table(sampler.provenance_, members)
    bases = found.parents[:, 0]
    return Made(EncodedRows(space.rows.numeric[bases], space.rows.codes[bases]), found)


def _in_table(found: Provenance, members: Members) -> Provenance:
    """``found`` with its parents as row positions of the whole table."""
    known = np.full(int(members.rows.max()) + 1, -1, dtype=np.int64)
    known[members.rows] = members.codes
    return replace(found, parents=members.rows[found.parents], known_labels=known)


def placed(found: Provenance, start: int, labels: tuple[Label, ...]) -> Provenance:
    """``found`` with the real labels, its rows counted from position ``start`` of the result."""
    names = np.empty(len(labels) + 1, dtype=object)
    names[: len(labels)] = labels
    named = names[found.known_labels]  # of rows that are in no class (-1) nothing is made
    plan = {label: found.plan[code] for code, label in enumerate(labels) if code in found.plan}
    return replace(found, n_rows=start, known_labels=named, plan=plan)


__all__ = ["Made", "Members", "Sizes", "Space", "copied", "interpolated", "open_space", "placed", "scaled"]
