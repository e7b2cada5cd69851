"""The cells of one column: which are missing, of what types they are, and what distinct values they have."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.finance.entries._box import Key
from contrapeso.tables.reading import Cell, cell_text

Mask: TypeAlias = NDArray[np.bool_]
_NEVER_NULL = frozenset({str, int, bool, list, dict})


def is_null(value: object) -> bool:
    """Whether a value says that there is none: None, NaN, NaT, pandas' NA. A blank text is a value.

    >>> [is_null(value) for value in (None, float("nan"), pd.NaT, "", 0)]
    [True, True, True, False, False]
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, np.floating):
        return bool(np.isnan(value))
    return isinstance(value, np.datetime64 | np.timedelta64) and bool(np.isnat(value))


def plain(value: object) -> Cell:
    """A value as the readers of cells know it: numpy's scalars become Python's."""
    if isinstance(value, np.datetime64):
        return pd.Timestamp(value).to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value  # type: ignore[return-value]


def text_of(value: object) -> str:
    """A value as text, blank where it is missing; whole floats without ``.0``."""
    if type(value) is str:
        return value
    return "" if is_null(value) else cell_text(plain(value))


@dataclass(frozen=True)
class Cells:
    """Values of one column.

    Attributes
    ----------
    key : name of the column as the caller wrote it
    values : list of n values
    """

    key: Key
    values: list[object]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def name(self) -> str:
        """Name of the column as text."""
        return str(self.key)

    @cached_property
    def types(self) -> Counter[type]:
        """Number of values of each type; missing ones count under theirs."""
        return Counter(map(type, self.values))

    @cached_property
    def null(self) -> Mask:
        """bool, shape (n,): missing values."""
        if self.types.keys() <= _NEVER_NULL:
            return np.zeros(len(self), dtype=bool)
        if self.types.keys() <= _NEVER_NULL | {type(None)}:
            return np.fromiter((value is None for value in self.values), dtype=bool, count=len(self))
        return np.fromiter(map(is_null, self.values), dtype=bool, count=len(self))

    @cached_property
    def blank(self) -> Mask:
        """bool, shape (n,): missing values and blank texts."""
        if str not in self.types:
            return self.null
        texts = (isinstance(value, str) and not value.strip() for value in self.values)
        blank: Mask = self.null | np.fromiter(texts, dtype=bool, count=len(self))
        return blank

    @cached_property
    def n(self) -> int:
        """Number of values that are neither missing nor blank."""
        return len(self) - int(self.blank.sum())

    @cached_property
    def is_plain(self) -> bool:
        """Whether every value can be compared and counted: no lists, no dicts."""
        try:
            hash(tuple(self.values))
        except TypeError:
            return False
        return True

    @cached_property
    def _indexed(self) -> tuple[NDArray[np.int64], list[object]]:
        index: dict[object, int] = {}
        pairs = zip(self.values, self.blank.tolist(), strict=True)
        if not self.is_plain:
            return self._indexed_by_place()
        if len(self.types.keys() - {type(None)}) == 1:
            codes = [-1 if gone else index.setdefault(value, len(index)) for value, gone in pairs]
            return np.array(codes, dtype=np.int64), list(index)
        typed: dict[tuple[type, object], int] = {}
        codes = [-1 if gone else typed.setdefault((type(value), value), len(typed)) for value, gone in pairs]
        return np.array(codes, dtype=np.int64), [value for _, value in typed]

    def _indexed_by_place(self) -> tuple[NDArray[np.int64], list[object]]:
        """Every value is its own: lists and dicts are not compared."""
        there = ~self.blank
        codes = np.where(there, np.cumsum(there) - 1, -1).astype(np.int64)
        return codes, [value for value, here in zip(self.values, there.tolist(), strict=True) if here]

    @property
    def codes(self) -> NDArray[np.int64]:
        """int64, shape (n,): index into ``distinct``; -1 where the value is missing or blank."""
        return self._indexed[0]

    @property
    def distinct(self) -> list[object]:
        """Distinct values in order of appearance; True, 1 and 1.0 are three."""
        return self._indexed[1]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """int64, shape (n_distinct,): rows of each distinct value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.distinct))

    @cached_property
    def kind(self) -> type:
        """Commonest type of the values that are there; ``NoneType`` where there is none."""
        if len(self.types) == 1:
            return next(iter(self.types)) if self.n else type(None)
        pairs = zip(self.values, self.blank.tolist(), strict=True)
        return next(iter(Counter(type(v) for v, gone in pairs if not gone).most_common(1)), (type(None), 0))[0]

    @cached_property
    def null_form(self) -> object:
        """How this column writes that there is no value: its commonest missing or blank one, else None."""
        gone = [self.values[i] for i in np.flatnonzero(self.blank)[:1000]]
        if not gone:
            return None
        commonest = Counter(map(repr, gone)).most_common(1)[0][0]
        return next(value for value in gone if repr(value) == commonest)

    def take(self, rows: NDArray[np.int64]) -> Cells:
        """The cells of these rows."""
        return Cells(self.key, [self.values[i] for i in rows.tolist()])


def spread(values: Iterable[object], codes: NDArray[np.int64], otherwise: object) -> list[object]:
    """The value of each code; ``otherwise`` where a code is -1."""
    table = [*values, otherwise]
    return [table[code] for code in codes.tolist()]


__all__ = ["Cells", "Mask", "is_null", "plain", "spread", "text_of"]
