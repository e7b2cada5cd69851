"""The strategy 'synthetic': rows of the smaller classes from a generator that learned the table with its classes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InvalidDataError
from contrapeso.services._handler_goals import Sizes
from contrapeso.services._handler_strategies import Applied

if TYPE_CHECKING:
    from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator
    from contrapeso.tables._containers import Table

Rows = NDArray[np.int64]
FEW = 10
"""Rows of a class below which a generator learns next to nothing about it."""
SPLIT = 7  # key of the random stream
MIN_SPLIT_ROWS, HELD_OUT, MAX_HELD_OUT = 50, 5, 5_000


def by_generator(X: Any, y: Any, sizes: Sizes, maker: AdvancedSyntheticDataGenerator, target: str) -> Applied:
    """The table with rows that ``maker``, trained here, draws for exactly the classes and counts of ``sizes``.

    Parameters
    ----------
    maker : AdvancedSyntheticDataGenerator
        Unfitted, with the name ``target`` as its target.

    Raises
    ------
    MissingExtraError
        If one of its methods needs torch and it is not installed.
    InvalidDataError
        If the table is sparse, or has rows that are marked synthetic.
    UnmetConditionsError
        If no trained method finds rows of a class.
    """
    from contrapeso.samplers._target import open_target
    from contrapeso.services._synthetic_tables import opened, refuse_marked
    from contrapeso.tables._containers import SparseTable, open_table

    table = open_table(X)
    if isinstance(table, SparseTable):
        raise InvalidDataError("A generator learns from dense tables; got a sparse one. Convert it with .toarray().")
    refuse_marked(X)
    frame = opened(X)
    labels = open_target(y, table.n_rows)
    names = pd.Series([f"c{code}" for code in labels.codes], dtype=object)
    learned = frame.assign(**{target: names})
    train, held = _split(learned, labels.codes, cast("int", maker.config["random_state"]))
    maker.train_models(train, held_out=held)
    wanted, bases = _wanted(labels, sizes)
    asked = pd.DataFrame({target: names.to_numpy()[bases]})
    made = maker.generate_conditional_synthetic_data(asked, len(asked)).drop(columns=target)
    X_new = appended(X, table, made, bases)
    old = table.data.index if hasattr(table, "data") else None
    y_new = labels.extend(bases, old, X_new.index if isinstance(X_new, pd.DataFrame) else None)
    few = [str(label) for label, n in wanted.items() if n < FEW]
    notes = [f"rows by {maker.best_method_}"]
    if few:
        notes.append(f"fewer than {FEW} real rows of {', '.join(few)}: a generator learns next to nothing from them")
    return Applied(X_new, y_new, f"synthetic_{maker.best_method_}", {"methods": maker.config["methods"]}, tuple(notes))


def target_name(X: Any) -> str:
    """A name for the class column that no column of ``X`` has."""
    from contrapeso.tables._containers import open_table

    names = open_table(X).names()
    taken = set() if names is None else {str(name) for name in names}
    name = "class"
    while name in taken:
        name += "_"
    return name


def _split(frame: pd.DataFrame, codes: NDArray[np.intp], seed: int) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Rows to learn from and rows to compare the methods on: a fifth of each class, and every class keeps a row.

    Where no class has five rows, one row of each class with two or more, up to a fifth of all.
    """
    if len(frame) < MIN_SPLIT_ROWS:
        return frame, None
    rng = generator(seed_sequence(seed), SPLIT)
    share = min(1 / HELD_OUT, MAX_HELD_OUT / len(frame))
    members = [rng.permutation(np.flatnonzero(codes == code)) for code in range(int(codes.max()) + 1)]
    held = np.concatenate([rows[: int(share * len(rows))] for rows in members])
    if not len(held):
        held = np.array([rows[0] for rows in members if len(rows) > 1])[: len(frame) // HELD_OUT]
    aside = np.isin(np.arange(len(frame)), held)
    return frame[~aside].reset_index(drop=True), frame[aside].reset_index(drop=True)


def _wanted(labels: Any, sizes: Mapping[Any, int]) -> tuple[dict[Any, int], Rows]:
    """Real rows of each class that grows, and the row whose class each new row has."""
    found, parts = {}, [np.empty(0, dtype=np.int64)]
    for label, size in sizes.items():
        members = np.flatnonzero(labels.labels == label)
        found[label] = len(members)
        parts.append(np.resize(members, size - len(members)))
    return found, np.concatenate(parts).astype(np.int64)


def appended(X: Any, table: Table, made: pd.DataFrame, bases: Rows) -> Any:
    """``X`` followed by the rows ``made``, in its container; ``bases`` are rows of the same classes.

    Dicts get the keys of the table, and a null is the null of the column, or a key that is not there.
    """
    from contrapeso.services._synthetic_tables import as_given
    from contrapeso.tables._columnar import ArrowTable, PolarsTable
    from contrapeso.tables._containers import FrameTable, RecordsTable

    if isinstance(table, RecordsTable):
        return [*(copy.copy(record) for record in table.records), *as_given(made, X)]
    if isinstance(table, (ArrowTable, PolarsTable)):
        return _columns_appended(table, made, bases)
    if isinstance(table, FrameTable):
        made = as_given(made, X)
    return cast(Any, table).append(made, bases)


def _columns_appended(table: Any, made: pd.DataFrame, bases: Rows) -> Any:
    """An Arrow or polars table followed by ``made``, column by column: a new null is the null of a row that has one."""
    from contrapeso.tables._containers import open_table

    frame = table.frame()
    grown: list[Any] = []
    for j, name in enumerate(table.names()):
        nulls = np.flatnonzero(frame.iloc[:, j].isna())
        own = np.where(made.iloc[:, j].isna(), nulls[0], bases) if len(nulls) else bases
        column: Any = open_table(table.table.select([name]))
        grown.append(column.append(made.iloc[:, [j]], own.astype(np.int64)))
    if hasattr(table.table, "hstack"):
        first, *rest = grown
        return first.hstack([column.get_columns()[0] for column in rest])
    parts = type(table.table).from_arrays([part.column(0) for part in grown], schema=table.table.schema)
    return parts.combine_chunks().to_batches()[0] if table.as_batch else parts


__all__ = ["appended", "by_generator", "target_name"]
