"""Columns of categories as codes: one token, or two (group, member) where there are more than one can hold.

Codes follow the training frequency, so that code 0 is the mode; those of an ordinal column follow its
order. Where there are too many categories, the most frequent half of the codes are categories of
their own and the others are groups; the second token says which member. Nothing is ever one-hot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._codec import AtomColumn
from contrapeso.tables._infer import category_values
from contrapeso.tables._numbers import Dtype, null_form
from contrapeso.tables._schema import Column
from contrapeso.tables.encoding._bins import log_rows, log_share, normal_scores
from contrapeso.tables.encoding._column import ColumnCodes
from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._sketch import Floats64, Label, LabelCounts, factor, key
from contrapeso.tables.encoding._state import (
    Arrays,
    Json,
    pack_dtype,
    pack_value,
    pack_values,
    unpack_dtype,
    unpack_value,
    unpack_values,
)
from contrapeso.tables.encoding._tokens import CodeArray, Token


@dataclass(frozen=True, slots=True, eq=False)
class LabelSummary:
    """Distinct labels of the rows read so far."""

    dtype: Dtype
    null: object
    labels: LabelCounts
    n_null: float

    @classmethod
    def of(cls, series: pd.Series, column: Column) -> Self:  # noqa: ARG003  (as the summaries of other kinds)
        """Summary of one partition."""
        codes, values = factor(series)
        gone = float((codes < 0).sum())
        return cls(series.dtype, null_form(series) if gone else None, LabelCounts.of(codes, values), gone)

    @property
    def n_rows(self) -> float:
        """Rows read."""
        return self.n_null + self.labels.dropped + sum(n for _, n in self.labels.counts.values())

    def merge(self, other: LabelSummary) -> LabelSummary:
        """The rows of both."""
        null = min((form for form in (self.null, other.null) if form is not None), key=repr, default=None)
        dtype = _common(self.dtype, other.dtype)
        return LabelSummary(dtype, null, self.labels.merge(other.labels), self.n_null + other.n_null)


def _common(left: Dtype, right: Dtype) -> Dtype:
    """One dtype for the labels of two partitions."""
    if left == right:
        return left
    if isinstance(left, pd.CategoricalDtype) and isinstance(right, pd.CategoricalDtype):
        union = [*left.categories, *(c for c in right.categories if c not in left.categories)]
        if not left.ordered:
            union = sorted(union, key=lambda c: (type(c).__name__, str(c)))
        return pd.CategoricalDtype(union, ordered=left.ordered)
    if isinstance(left, np.dtype) and isinstance(right, np.dtype) and left.kind in "biuf" and right.kind in "biuf":
        return np.result_type(left, right)
    return np.dtype(object)


@dataclass(frozen=True, eq=False)
class NominalColumn:
    """Codec of categories.

    Attributes
    ----------
    values : tuple
        Categories in code order.
    group, member : ndarray of shape (n_values,)
        Codes of each category.
    counts : ndarray of shape (n_values,)
        Training rows of each.
    n_own : int
        Categories with a bucket of none: those from here on share the rare bucket.
    rare_code, null_code : int
        Group codes of the rare bucket and of null; -1 where there is none.
    hide_rare : bool
        Whether a rare value comes back as null or the mode, not as one of the bucket.
    """

    name: str
    dtype: Dtype
    null: object
    values: tuple[Any, ...]
    counts: Floats64
    group: NDArray[np.int32]
    member: NDArray[np.int32]
    n_codes: int
    n_members: int
    rare_mass: float
    n_null: float
    rare_code: int
    null_code: int
    ordered: bool
    hide_rare: bool
    rare_values: tuple[Any, ...] = ()
    rare_counts: Floats64 = field(default_factory=lambda: np.empty(0))

    @classmethod
    def fit(
        cls,
        name: str,
        summary: LabelSummary,
        column: Column,
        config: Encoding,
        alike: Mapping[Label, float] | None = None,
    ) -> Self:
        """Codec of a summarised column; categories near in ``alike`` share groups where there are too many."""
        ordered = column.kind == "ordinal"
        values, counts = _sorted(summary, ordered=ordered)
        supported = counts >= config.min_support
        room = config.max_codes * (config.max_codes - 2)
        if supported.sum() > room:
            supported &= np.argsort(np.argsort(-counts, kind="stable"), kind="stable") < room
        if not supported.any() and not summary.n_null:
            supported = np.arange(len(values)) == np.argmax(counts)  # something must come back
        hidden = [v for v, keep in zip(values, supported, strict=True) if not keep]
        hidden_counts = counts[~supported]
        kept = [v for v, keep in zip(values, supported, strict=True) if keep]
        rare = float(hidden_counts.sum()) + summary.labels.dropped
        ranks = np.array([(alike or {}).get(key(v), np.inf) for v in kept])
        group, member, n_groups = _grouped(ranks, config.max_codes - 2, ordered=ordered)
        has_rare, has_null = rare > 0 or not (kept or summary.n_null), summary.n_null > 0
        hide = config.min_support > 1
        return cls(
            name=name,
            dtype=summary.dtype,
            null=summary.null,
            values=tuple(kept),
            counts=counts[supported],
            group=group,
            member=member,
            n_codes=max(1, n_groups + has_rare + has_null),
            n_members=int(member.max(initial=0)) + 1,
            rare_mass=rare,
            n_null=summary.n_null,
            rare_code=n_groups if has_rare else -1,
            null_code=n_groups + has_rare if has_null else -1,
            ordered=ordered,
            hide_rare=hide,
            rare_values=() if hide else tuple(hidden),
            rare_counts=np.empty(0) if hide else hidden_counts,
        )

    @cached_property
    def _places(self) -> dict[Label, int]:
        return {key(value): i for i, value in enumerate(self.values)}

    @cached_property
    def _alike(self) -> dict[Any, int]:
        """Places by equality: 1.0 finds 1."""
        places: dict[Any, int] = {}
        for i, value in enumerate(self.values):
            places.setdefault(value, i)
        return places

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """One token, or a group and a member."""
        mass = np.zeros(self.n_codes)
        np.add.at(mass, self.group, self.counts)
        for code, rows in ((self.null_code, self.n_null), (self.rare_code, self.rare_mass)):
            if code >= 0:
                mass[code] = rows
        position = np.full(self.n_codes, np.nan, dtype=np.float32)
        if self.ordered:
            n_groups = int(self.group.max(initial=-1)) + 1
            position[:n_groups] = normal_scores(mass[:n_groups])
        none = np.zeros(self.n_codes, dtype=bool)
        groups = Token(self.name, "value", self.n_codes, position, log_share(mass), none)
        return (groups,) if self.n_members == 1 else (groups, self._member_token(mass))

    def _member_token(self, mass: Floats64) -> Token:
        pairs = np.zeros((self.n_codes, self.n_members))
        pairs[self.group, self.member] = self.counts
        alone = np.setdiff1d(np.arange(self.n_codes), self.group)
        pairs[alone, 0] = np.maximum(mass[alone], 1.0)
        return Token(
            self.name,
            "member",
            self.n_members,
            np.full(self.n_members, np.nan, dtype=np.float32),
            log_share(pairs.sum(axis=0)),
            np.zeros(self.n_members, dtype=bool),
            parent=0,
            log_prior=log_rows(pairs),
        )

    @property
    def null_codes(self) -> tuple[int, ...]:
        """The code of null, and that of a rare bucket whose values are hidden behind null."""
        hidden = self.hide_rare and (self.null_code >= 0 or not self.values)
        return tuple(code for code in (self.null_code, self.rare_code if hidden else -1) if code >= 0)

    def encode(self, series: pd.Series) -> ColumnCodes:
        """Codes of values: one that was not seen goes to the rare bucket, or where there is none to the mode."""
        places, labels = factor(series)
        table = self._table([self._place(v) for v in labels])
        return ColumnCodes(table[places])

    def _place(self, value: Any) -> int:
        found = self._places.get(key(value), -1)
        return found if found >= 0 or isinstance(value, str) else self._alike.get(value, -1)

    def _table(self, places: Sequence[int]) -> CodeArray:
        """Codes of places (-1: not seen), and in the last row those of null."""
        table = np.zeros((len(places) + 1, 1 if self.n_members == 1 else 2), dtype=np.int32)
        at = np.array([*places, -1], dtype=np.intp)
        seen = at >= 0
        table[seen, 0] = self.group[at[seen]]
        if self.n_members > 1:
            table[seen, 1] = self.member[at[seen]]
        mode = self._mode() if len(self.values) else None
        for row in np.flatnonzero(~seen).tolist():
            is_null = row == len(places)
            code = self.null_code if is_null and self.null_code >= 0 else self.rare_code
            if code >= 0:
                table[row, 0] = code
            elif mode is not None:
                table[row, 0] = self.group[mode]
                table[row, 1:] = self.member[mode]
        return table

    def _mode(self) -> int:
        return int(np.argmax(self.counts))

    def decode(self, coded: ColumnCodes, rng: np.random.Generator) -> pd.Series:
        """Values of codes; the rare bucket gives its values by their frequency, or hides them."""
        places = self._lookup()[coded.codes[:, 0], coded.codes[:, 1] if self.n_members > 1 else 0]
        values = list(self.values)
        if self.rare_code >= 0:
            rare = coded.codes[:, 0] == self.rare_code
            if len(self.rare_values):
                share = self.rare_counts / self.rare_counts.sum()
                drawn = rng.choice(len(share), size=len(places), p=share)
                places = np.where(rare, len(values) + drawn, places)
                values += self.rare_values
            elif self.null_code < 0 and len(values):
                places = np.where(rare, self._mode(), places)
        return self._written(places.astype(np.int32), values)

    def _lookup(self) -> NDArray[np.intp]:
        """Place of the category of every (group, member), -1 for null; no-one's pairs take the group's first."""
        table = np.full((self.n_codes, self.n_members), -1, dtype=np.intp)
        first = np.full(self.n_codes, -1, dtype=np.intp)
        first[self.group[::-1]] = np.arange(len(self.values))[::-1]
        table[:] = first[:, None]
        table[self.group, self.member] = np.arange(len(self.values))
        return table

    def _written(self, places: NDArray[np.int32], values: list[Any]) -> pd.Series:
        """Series of the column's dtype."""
        if isinstance(self.dtype, np.dtype) and self.dtype.kind in "biuf" and (places >= 0).all() and values:
            return pd.Series(np.array(values, dtype=self.dtype)[places])
        if isinstance(self.dtype, pd.CategoricalDtype):
            order = self.dtype.categories.get_indexer(pd.Index(values, dtype=self.dtype.categories.dtype))
            at = np.append(order, -1)[places]
            return pd.Series(pd.Categorical.from_codes(at.tolist(), dtype=self.dtype))
        return AtomColumn(self.name, self.dtype, tuple(values), self.null).decode(places)

    def given(self, series: pd.Series) -> CodeArray:
        """Codes of the values asked for."""
        codes, labels = factor(series)
        places = [self._place(v) for v in labels]
        for i in np.unique(codes).tolist():
            if (i >= 0 and places[i] < 0) or (i < 0 and self.null_code < 0):
                raise self._unseen(labels[i] if i >= 0 else None)
        return self._table(places)[codes]

    def _unseen(self, value: object) -> InvalidDataError:
        from difflib import get_close_matches

        by_text = {str(v): v for v in self.values[:5_000]}
        near = get_close_matches(str(value), list(by_text), n=4, cutoff=0.4) or list(by_text)[:4]
        return InvalidDataError(
            f"Column {self.name!r}: {value!r} was not seen in the training table (or in too few rows), so it cannot be "
            f"asked for. Nearest values: {', '.join(repr(by_text[text]) for text in near)}.",
            {"column": self.name, "value": str(value)},
        )

    def state(self) -> tuple[dict[str, Json], Arrays]:
        """JSON types and arrays."""
        content: dict[str, Json] = {name: getattr(self, name) for name in _PLAIN}
        content |= {
            "dtype": pack_dtype(self.dtype),
            "null": pack_value(self.null),
            "values": pack_values(self.values),
            "rare_values": pack_values(self.rare_values),
        }
        return content, {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_state(cls, content: dict[str, Json], arrays: Arrays) -> Self:
        """The codec that :meth:`state` wrote."""
        plain: dict[str, Any] = {name: content[name] for name in _PLAIN}
        plain |= {name: arrays[name] for name in _ARRAYS}
        return cls(
            dtype=unpack_dtype(content["dtype"]),
            null=unpack_value(content["null"]),
            values=tuple(unpack_values(content["values"])),
            rare_values=tuple(unpack_values(content["rare_values"])),
            **plain,
        )


_PLAIN = (
    "name", "n_codes", "n_members", "rare_mass", "n_null", "rare_code", "null_code", "ordered", "hide_rare",
)  # fmt: skip
_ARRAYS = ("counts", "group", "member", "rare_counts")


def _sorted(summary: LabelSummary, *, ordered: bool) -> tuple[list[Any], Floats64]:
    """Labels and their rows: by falling frequency, or in the order of an ordinal column."""
    pairs = list(summary.labels.counts.values())
    times = {key(v): n for v, n in pairs}
    if isinstance(summary.dtype, pd.CategoricalDtype):
        present = [v for v in summary.dtype.categories if key(v) in times]
    else:
        present = category_values(pd.Series(_boxed([v for v, _ in pairs]), dtype=object))
    if not ordered:
        present.sort(key=lambda v: -times[key(v)])
    return present, np.array([times[key(v)] for v in present], dtype=np.float64)


def _boxed(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _grouped(alike: Floats64, room: int, *, ordered: bool) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """(group, member, number of groups) of categories in code order, at most ``room`` groups.

    The first half of the groups are single categories where the rest still fits into the other half;
    the rest is cut into groups of one size, in the order of ``alike``.
    """
    n = len(alike)
    place = np.arange(n, dtype=np.int32)
    if n <= room:
        return place, np.zeros(n, dtype=np.int32), n
    alone = room // 2
    if ordered or n - alone > (room - alone) * (room + 2):
        alone = 0
    rest = n - alone
    n_blocks = min(room - alone, int(np.ceil(np.sqrt(rest))))
    size = -(-rest // n_blocks)
    group, member = place.copy(), np.zeros(n, dtype=np.int32)
    behind = place[alone:] if ordered else alone + np.argsort(alike[alone:], kind="stable")
    group[behind] = alone + np.arange(rest) // size
    member[behind] = np.arange(rest) % size
    return group, member, int(group.max()) + 1


__all__ = ["LabelSummary", "NominalColumn"]
