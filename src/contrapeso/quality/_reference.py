"""What the synthetic rows are compared with: the real rows, re-weighted to their class mix, in row groups.

Balancing makes rows of the minority classes only. Against the whole real table every column that depends on
the class would look broken, so with a target the reference is the real table re-weighted so that its class mix
is that of the synthetic rows: a real row of class c weighs ``m_c / n_c``. The noise of a rare class enters with
its own size (see ``contrapeso.metrics``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import ColumnNotFoundError, InvalidParameterError
from contrapeso.kernels import add_keys, mix_words, sort_words
from contrapeso.metrics import N_GROUPS, N_SPLITS, Rows, assign_groups, halves
from contrapeso.quality._columns import AnyColumn, Labels
from contrapeso.tables import Schema

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Codes = NDArray[np.intp]
MAX_CLASSES = 100
MIN_HOLDOUT = 30
_NULL_BITS = 0x7FF8000000000000
_TABLES = ("real", "synthetic", "holdout")
_GROUPS, _HOLDOUT, _SPLITS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Classes:
    """Class of each row of each table, (n,), and the number of classes (a null target is one)."""

    real: Codes
    synthetic: Codes
    holdout: Codes
    n_classes: int


@dataclass(frozen=True, slots=True)
class Holdout:
    """Holdout ``rows`` (the ``kept`` ones of the table) and the real rows, both in the mix of the synthetic classes."""

    real: Rows
    rows: Rows
    kept: Codes


@dataclass(frozen=True, slots=True)
class Reference:
    """Both tables ready for counting; ``splits`` are the halves of the real table, none where there is a holdout."""

    real: Rows
    synthetic: Rows
    splits: Floats
    holdout: Holdout | None


def target_as_category(
    schema: Schema, target: str | None, real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None
) -> Schema:
    """``schema`` with the target as a categorical column.

    Raises
    ------
    ColumnNotFoundError
        If one of the tables lacks the target.
    InvalidParameterError
        If the target has more than 100 values: it is no class then.
    """
    if target is None:
        return schema
    for what, frame in (("real", real), ("synthetic", synthetic), ("holdout", holdout)):
        if frame is not None and target not in frame:
            raise ColumnNotFoundError(
                f"The {what} table has no target column {target!r}. Its columns: {', '.join(frame.columns)}."
            )
    n_values = real[target].nunique()
    if n_values > MAX_CLASSES:
        raise InvalidParameterError(
            f"target={target!r} has {n_values} values; a target has at most {MAX_CLASSES} classes. "
            "Name the class column, or leave target out to compare with the whole real table."
        )
    return schema.override({target: "categorical"})


def classes_of(target: Labels | None, n_rows: tuple[int, int, int]) -> Classes:
    """Classes by the target column, or one class without a target; ``n_rows`` of the three tables."""
    if target is None:
        real, synthetic, holdout = (np.zeros(n, dtype=np.intp) for n in n_rows)
        return Classes(real, synthetic, holdout, 1)
    null = len(target.labels)
    real, synthetic, holdout = (
        np.where(part < 0, null, part) for part in (target.real, target.synthetic, target.holdout)
    )
    return Classes(real, synthetic, holdout, null + 1)


def table_keys(columns: Sequence[AnyColumn], sizes: tuple[int, int, int]) -> tuple[Keys, Keys, Keys]:
    """:func:`row_keys` of the real, the synthetic and the holdout table, which have ``sizes`` rows."""
    keys = tuple(np.zeros(n_rows, dtype=np.uint64) for n_rows in sizes)
    for column in columns:
        _add_column(keys, column, _TABLES)
    return keys[0], keys[1], keys[2]


def row_keys(columns: Sequence[AnyColumn], table: str, n_rows: int) -> Keys:
    """A 64-bit key per row of ``table`` ("real", "synthetic" or "holdout"); equal rows have equal keys, (n,).

    The keys do not depend on the order of rows, columns or labels.
    """
    keys = np.zeros(n_rows, dtype=np.uint64)
    for column in columns:
        _add_column((keys,), column, (table,))
    return keys


def _add_column(keys: Sequence[Keys], column: AnyColumn, tables: Sequence[str]) -> None:
    """Add what a column gives to the keys of some tables; a label is hashed once, not once a row."""
    salt = int.from_bytes(blake2b(_utf8(column.column.name).encode(), digest_size=8).digest())
    if isinstance(column, Labels):
        texts = [*map(_utf8, column.labels), "\0null"]
        hashes = pd.util.hash_array(np.array(texts, dtype=object), categorize=False)
        parts = mix_words(hashes.astype(np.uint64) ^ np.uint64(salt))
        for key, table in zip(keys, tables, strict=True):
            np.add(key, parts[getattr(column, table)], out=key)
    else:
        for key, table in zip(keys, tables, strict=True):
            add_keys(key, getattr(column, table), salt, _NULL_BITS)


def _utf8(text: str) -> str:
    """``text`` without lone surrogates, which have no bytes to hash."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def build_reference(classes: Classes, keys: tuple[Keys, Keys, Keys], seed: int) -> Reference:
    """Row groups and class shares of the tables.

    Where no synthetic class exists in the real table, the reference is the whole real table.
    """
    root = seed_sequence(seed)
    mix = _mix_of(classes.synthetic, classes.n_classes)
    in_real = _mix_of(classes.real, classes.n_classes)
    shares = mix * (in_real > 0)
    if not shares.any():
        shares = in_real
    real = Rows.of(
        assign_groups(keys[0], classes.real, N_GROUPS, generator(root, _GROUPS, 0)),
        classes.real,
        N_GROUPS,
        shares / shares.sum(),
    )
    synthetic = Rows.of(
        assign_groups(keys[1], classes.synthetic, N_GROUPS, generator(root, _GROUPS, 1)),
        classes.synthetic,
        N_GROUPS,
        mix,
    )
    holdout = _holdout(classes, keys[2], shares, real, root)
    n_splits = N_SPLITS if holdout is None else 0
    return Reference(real, synthetic, halves(N_GROUPS, n_splits, generator(root, _SPLITS)), holdout)


def _mix_of(klass: Codes, n_classes: int) -> Floats:
    """Share of each class, (n_classes,)."""
    return np.bincount(klass, minlength=n_classes) / klass.size


def _holdout(classes: Classes, keys: Keys, shares: Floats, real: Rows, root: np.random.SeedSequence) -> Holdout | None:
    """Holdout rows of the classes with ``shares``, at most as many as there are synthetic rows, drawn by seed."""
    wanted = np.flatnonzero(shares[classes.holdout] > 0)
    if wanted.size < MIN_HOLDOUT:
        return None
    canonical = wanted[sort_words(keys[wanted])]
    kept = canonical[generator(root, _HOLDOUT).permutation(wanted.size)][: classes.synthetic.size]
    klass = classes.holdout[kept]
    both = shares * (np.bincount(klass, minlength=classes.n_classes) > 0)
    both = both / both.sum()
    groups = assign_groups(keys[kept], klass, N_GROUPS, generator(root, _GROUPS, 2))
    return Holdout(Rows.of(real.group, real.klass, N_GROUPS, both), Rows.of(groups, klass, N_GROUPS, both), kept)


__all__ = [
    "Classes",
    "Holdout",
    "Keys",
    "Reference",
    "build_reference",
    "classes_of",
    "row_keys",
    "table_keys",
    "target_as_category",
]
