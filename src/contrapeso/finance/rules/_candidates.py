"""A rule that the data propose, before it is decided whether to keep it, and what the miners have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import Ints, UnanswerableError, Values


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposed rule as a mapping, and the chance of it without a law behind; None where chance is no question."""

    rule: Mapping[str, object]
    p_value: float | None = None


@dataclass(frozen=True)
class Mine:
    """A table to be mined: its usable columns by kind, the thresholds, and the random numbers."""

    table: Table
    rng: np.random.Generator
    least_support: int
    hard: float
    soft: float

    @cached_property
    def columns(self) -> dict[str, Values]:
        """Columns that hold at least ``least_support`` values, by name; repeated and unreadable ones are left out."""
        found: dict[str, Values] = {}
        for name in self.table.frame.columns:
            if not isinstance(name, str) or not name or len(found) >= MAX_COLUMNS:
                continue
            try:
                values = self.table.column(name)
            except UnanswerableError:
                continue
            if len(values.data) - int(values.missing.sum()) >= self.least_support:
                found[name] = values
        return found

    def of_kind(self, *kinds: str) -> dict[str, Values]:
        """Columns of some kinds."""
        return {name: values for name, values in self.columns.items() if values.kind in kinds}

    @cached_property
    def kinds_of_rows(self) -> dict[str, tuple[Ints, list[str]]]:
        """Columns by which rows are told apart (template, category, instrument): a code for each row, -1 unknown."""
        found = {}
        for name in ("template", "category", "instrument"):
            values = self.columns.get(name)
            if values is None and name == "instrument" and "description" in self.columns:
                values = self.table.column(name)
            if values is not None and values.kind == "text" and len(values.words) <= MAX_GROUPS:
                found[name] = (
                    np.where(values.missing, -1, values.data).astype(np.int64),
                    [str(w) for w in values.words],
                )
        return found


MAX_COLUMNS = 40
MAX_GROUPS = 2000


def quoted(text: str) -> str | None:
    """A text between quotes as the language of rules reads it; None if it holds both quotes or a line break."""
    if "\n" in text or ("'" in text and '"' in text) or len(text) > 300:
        return None
    return f'"{text}"' if "'" in text else f"'{text}'"


def name_of(column: str) -> str:
    """How an expression names a column; ``col('...')`` where it is no identifier."""
    import keyword

    if column.isidentifier() and not keyword.iskeyword(column):
        return column
    return f"col({quoted(column)})" if quoted(column) else column


def slug(*parts: str) -> str:
    """An id of some words."""
    from contrapeso.finance.rules._patterns import folded

    return re.sub(r"[^a-z0-9]+", "_", folded(" ".join(parts))).strip("_")[:60]


__all__ = ["Candidate", "Mine", "name_of", "quoted", "slug"]
