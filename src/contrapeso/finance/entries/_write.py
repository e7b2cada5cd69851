"""New rows out of their columns: the row each one starts from, its keys, and its provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from contrapeso.finance._ledger import Drafts, Ledger, Rows
from contrapeso.finance.entries._box import Key
from contrapeso.finance.entries._plans import Writing


def groups_of(ledger: Ledger) -> Rows:
    """Number of the category and direction of each row, int64, shape (n,)."""
    index: dict[tuple[str, bool], int] = {}
    pairs = zip(ledger.categories.tolist(), (ledger.cents < 0).tolist(), strict=True)
    return np.array([index.setdefault(pair, len(index)) for pair in pairs], dtype=np.int64)


def dominant_rows(drafts: Drafts, ledger: Ledger) -> Rows:
    """Row of the ledger that each draft takes its other fields from, int64, shape (m,).

    It is the dominant parent. A draft without parents takes one row after the other of its category and direction, so
    that fields keep the shares that they have there; of its category, or of the whole ledger, where there is none.
    """
    m = len(drafts)
    base = drafts.parents[:, 0].copy() if drafts.parents.shape[1] else np.full(m, -1, dtype=np.int64)
    orphans = np.flatnonzero(base < 0)
    if not len(orphans) or not len(ledger):
        return base
    pools: dict[tuple[str, bool] | str, list[int]] = {"": list(range(len(ledger)))}
    for row, (category, negative) in enumerate(
        zip(ledger.categories.tolist(), (ledger.cents < 0).tolist(), strict=True)
    ):
        pools.setdefault((category, negative), []).append(row)
        if category:
            pools.setdefault(category, []).append(row)
    taken: dict[tuple[str, bool] | str, int] = {}
    for draft in orphans.tolist():
        category, negative = str(drafts.ledger.categories[draft]), bool(drafts.ledger.cents[draft] < 0)
        keys: tuple[tuple[str, bool] | str, ...] = ((category, negative), category, "")
        key = next(key for key in keys if key in pools)
        pool, place = pools[key], taken.get(key, 0)
        base[draft], taken[key] = pool[place % len(pool)], place + 1
    return base


def provenance_of(writing: Writing, row_of: Rows) -> Iterator[dict[str, object]]:
    """The record of each new row: its identifier, the run, the rows it was made of, and what the draft tells.

    Rows are places in the input, never identifiers of it.
    """
    drafts = writing.drafts
    known = (drafts.parents >= 0).tolist()
    rows = row_of[np.maximum(drafts.parents, 0)].tolist() if len(row_of) else drafts.parents.tolist()
    weights = drafts.weights.tolist()
    based = row_of[np.maximum(writing.base, 0)].tolist() if len(row_of) else [-1] * len(drafts)
    for i, key in enumerate(writing.ids()):
        parents = [
            {"row": row, "weight": weight}
            for row, weight, there in zip(rows[i], weights[i], known[i], strict=True)
            if there
        ]
        fields_from = based[i] if writing.base[i] >= 0 else None
        record: dict[str, object] = {"id": key, "run": writing.run, "parents": parents, "fields_from": fields_from}
        yield record | dict(drafts.traces[i]) | record


def rows_of(
    columns: Mapping[Key, list[object]],
    shape_of: Rows,
    shapes: Sequence[tuple[Key, ...]],
    last: tuple[Key, ...],
) -> list[dict[Key, object]]:
    """Rows whose keys are those of their shape in its order, then those of ``last``."""
    made: list[dict[Key, object]] = [{} for _ in range(len(shape_of))]
    for number in np.unique(shape_of).tolist():
        known = [key for key in (shapes[number] if number >= 0 else ()) if key not in last]
        keys = [*known, *last]
        places = np.flatnonzero(shape_of == number).tolist()
        taken = [columns[key] if len(places) == len(made) else [columns[key][i] for i in places] for key in keys]
        for place, values in zip(places, zip(*taken, strict=True), strict=True):
            made[place] = dict(zip(keys, values, strict=True))
    return made


__all__ = ["dominant_rows", "groups_of", "provenance_of", "rows_of"]
