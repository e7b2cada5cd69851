"""What :func:`evaluate` was given, checked and read once: columns, classes and row keys of the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import ColumnNotFoundError, InvalidParameterError
from contrapeso.kernels import n_threads
from contrapeso.quality._columns import AnyColumn, Labels, Numbers, TableColumns, named, read_columns
from contrapeso.quality._privacy import duplicate_share
from contrapeso.quality._reference import Classes, Keys, classes_of, table_keys, target_as_category
from contrapeso.quality._report import ClassCount, DataCharacteristics
from contrapeso.quality._rules import Rules
from contrapeso.quality._score import DimensionName, check_thresholds
from contrapeso.tables import Schema, infer_schema

Depth = Literal["quick", "full"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure beyond columns, pairs and rules; ``depth`` "quick" leaves out all that needs models."""

    depth: Depth = "full"
    sensitive: tuple[str, ...] = ()
    sequence_index: str | None = None
    sequence_key: str | None = None
    quasi_identifiers: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    positive: str | None = None
    n_jobs: int | None = None

    @property
    def n_threads(self) -> int:
        """Threads to work with."""
        return n_threads(self.n_jobs)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns that are named, by the argument that names them."""
        sequence = {"sequence_index": self.sequence_index, "sequence_key": self.sequence_key}
        named = {name: (column,) for name, column in sequence.items() if column is not None}
        return {"sensitive": self.sensitive, "quasi_identifiers": self.quasi_identifiers, **named}


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments, checked. ``schema`` has the target as a category."""

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    schema: Schema
    target: str | None
    rules: Rules
    seed: int
    thresholds: Mapping[DimensionName, float]
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True, slots=True)
class Read:
    """The tables as arrays.

    ``columns`` and ``classes`` leave out the real rows whose class the synthetic table does not have; ``kept`` (n,)
    marks the others. ``keys`` are the row keys of the rows kept, the synthetic and the holdout rows;
    ``all_columns``, ``all_classes`` and ``all_keys`` are those of every real row, for models and for copies.
    """

    columns: TableColumns
    classes: Classes
    keys: tuple[Keys, Keys, Keys]
    kept: NDArray[np.bool_]
    all_columns: tuple[AnyColumn, ...]
    all_classes: Classes
    all_keys: tuple[Keys, Keys, Keys]


def check(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    *,
    holdout: pd.DataFrame | None,
    schema: Schema | None,
    target: str | None,
    rules: Rules | None,
    seed: int,
    thresholds: Mapping[str, float] | None,
    wanted: Wanted | None = None,
) -> Given:
    """The arguments of :func:`evaluate`, or an error that names the wrong one."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InvalidParameterError(f"seed must be an int >= 0; got {seed!r}.")
    real, synthetic = named(real, "real"), named(synthetic, "synthetic")
    holdout = None if holdout is None else named(holdout, "holdout")
    schema = target_as_category(schema or infer_schema(real), target, real, synthetic, holdout)
    wanted = wanted or Wanted()
    _check_wanted(wanted, real)
    limits = check_thresholds(thresholds)
    return Given(real, synthetic, holdout, schema, target, rules or {}, int(seed), limits, wanted)


def _check_wanted(wanted: Wanted, real: pd.DataFrame) -> None:
    if wanted.depth not in ("quick", "full"):
        raise InvalidParameterError(f"depth must be 'quick' or 'full'; got {wanted.depth!r}.")
    if wanted.sequence_key is not None and wanted.sequence_index is None:
        raise InvalidParameterError("sequence_key needs sequence_index: the column that orders the rows of a key.")
    n_threads(wanted.n_jobs)
    for argument, columns in wanted.columns().items():
        for column in columns:
            if column not in real:
                raise ColumnNotFoundError(
                    f"{argument} names column {column!r}, which the real table does not have. "
                    f"Its columns: {', '.join(real.columns)}."
                )


def read(given: Given) -> Read:
    """Columns, classes and row keys of the tables."""
    columns = read_columns(given.real, given.synthetic, given.holdout, given.schema)
    target = next((c for c in columns.compared if isinstance(c, Labels) and c.column.name == given.target), None)
    sizes = (len(given.real), len(given.synthetic), 0 if given.holdout is None else len(given.holdout))
    classes = classes_of(target, sizes)
    keys = table_keys(columns.copied, sizes)
    kept = (np.bincount(classes.synthetic, minlength=classes.n_classes) > 0)[classes.real]
    if kept.all() or not kept.any():
        kept = np.ones(sizes[0], dtype=bool)
        return Read(columns, classes, keys, kept, columns.compared, classes, keys)
    every = columns.compared
    columns = replace(columns, compared=tuple(_take_real(column, kept) for column in columns.compared))
    own = replace(classes, real=classes.real[kept])
    return Read(columns, own, (keys[0][kept], keys[1], keys[2]), kept, every, classes, keys)


def _take_real(column: AnyColumn, kept: NDArray[np.bool_]) -> AnyColumn:
    if isinstance(column, Numbers):
        return replace(column, real=column.real[kept])
    return replace(column, real=column.real[kept])


def characteristics(given: Given, tables: Read | None = None) -> DataCharacteristics:
    """Sizes, kinds and classes; with the ``tables`` read, also repeated rows and columns that differ."""
    kinds: Counter[str] = Counter(column.kind for column in given.schema.columns)
    return DataCharacteristics(
        n_real=len(given.real),
        n_synthetic=len(given.synthetic),
        n_holdout=None if given.holdout is None else len(given.holdout),
        n_columns=len(given.schema.columns),
        kinds=dict(kinds),
        target=given.target,
        classes=_class_counts(given),
        duplicates_real=duplicate_share(tables.all_keys[0]) if tables else 0.0,
        duplicates_synthetic=duplicate_share(tables.keys[1]) if tables else 0.0,
        missing_columns=tables.columns.missing if tables else (),
        extra_columns=tables.columns.extra if tables else (),
    )


def _class_counts(given: Given) -> tuple[ClassCount, ...]:
    """Rows per class, most frequent in the real table first."""
    if given.target is None:
        return ()
    counts, counts_s = (Counter(t[given.target].dropna().astype(str)) for t in (given.real, given.synthetic))
    names = sorted({*counts, *counts_s}, key=lambda name: (-counts[name], name))
    return tuple(ClassCount(name, counts[name], counts_s[name]) for name in names)


__all__ = ["Depth", "Given", "Read", "Wanted", "characteristics", "check", "read"]
