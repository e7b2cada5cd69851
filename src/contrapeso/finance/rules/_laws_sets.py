"""Rules about many rows at once: what determines what, which combinations there are, keys, totals, leaks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from contrapeso.finance.rules import _params as read
from contrapeso.finance.rules._laws_columns import Answers, everywhere, is_masked, place_in
from contrapeso.finance.rules._params import param
from contrapeso.finance.rules._patterns import folded
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import Bools, Ints, UnanswerableError, as_text, of_words


@dataclass(frozen=True, slots=True)
class DependencyLaw:
    """Rows that agree on ``determinant`` agree on ``dependent``; the value of most rows is the right one."""

    type: ClassVar[str] = "functional_dependency"
    determinant: tuple[str, ...] = param(read.texts)
    dependent: str = param(read.text)

    def check(self, table: Table, asked: Bools) -> Answers:
        """A group of one row says nothing."""
        group, gone = table.groups(self.determinant)
        values, missing = table.codes(self.dependent)
        counts = asked & ~gone & ~missing
        best, size = majority(group[counts], values[counts], int(group.max(initial=0)) + 1)
        return values == best[group], counts & (size[group] > 1)


def majority(group: Ints, values: Ints, n_groups: int) -> tuple[Ints, Ints]:
    """The most frequent value of each group, and the group's number of rows."""
    radix = int(values.max(initial=0)) + 1
    pairs, counts = np.unique(group * radix + values, return_counts=True)
    order = np.argsort(counts, kind="stable")  # the last write wins: the most frequent pair
    best = np.zeros(n_groups, dtype=np.int64)
    best[pairs[order] // radix] = pairs[order] % radix
    return best, np.bincount(group, minlength=n_groups)


@dataclass(frozen=True, slots=True)
class CombinationLaw:
    """The values of some columns are one of the combinations; null stands for a missing value."""

    type: ClassVar[str] = "fixed_combination"
    columns: tuple[str, ...] = param(read.texts)
    combinations: tuple[tuple[object, ...], ...] = param(read.tuples)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """Known for each row."""
        return everywhere(place_in(table, self.columns, list(self.combinations)) >= 0)


@dataclass(frozen=True, slots=True)
class UniqueLaw:
    """No two rows agree on all of ``columns``; the first one of several is right."""

    type: ClassVar[str] = "unique"
    columns: tuple[str, ...] = param(read.texts)

    def check(self, table: Table, asked: Bools) -> Answers:
        """A row with a missing value has no key."""
        group, gone = table.groups(self.columns)
        counts = asked & ~gone
        kept = np.ones(len(table), dtype=bool)
        kept[counts] = ~pd.Series(group[counts]).duplicated().to_numpy()
        return kept, ~gone


@dataclass(frozen=True, slots=True)
class AggregateLaw:
    """Totals of groups from ``min`` to ``max``; shares of groups; refunds under their original; paired transfers."""

    type: ClassVar[str] = "aggregate"
    law: str = param(read.one_of("total", "share", "refund", "transfer"), "total")
    measure: str = param(read.one_of("count", "sum", "abs_sum"), "count")
    column: str = param(read.text, "amount")
    by: tuple[str, ...] = param(read.texts, ())
    min: float | None = param(read.number, None)
    max: float | None = param(read.number, None)
    shares: tuple[Mapping[str, object], ...] = param(read.groups("share"), ())
    tolerance: float = param(read.number, 0.05)

    def check(self, table: Table, asked: Bools) -> Answers:
        """Every row of a group answers for its group."""
        if self.law == "refund":
            return _refunds(table, asked, self.by or ("payee",), self.column)
        if self.law == "transfer":
            return _transfers(table, self.column)
        group, gone = table.groups(self.by)
        counts = asked & ~gone
        total = self._totals(table, group, counts)
        if self.law == "total":
            low = -np.inf if self.min is None else self.min
            high = np.inf if self.max is None else self.max
            return ((total >= low - 1e-9) & (total <= high + 1e-9))[group], ~gone
        whole = total.sum()
        if whole == 0 or not self.shares:
            return np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
        place = place_in(table, self.by, [row["key"] for row in self.shares])  # type: ignore[misc]
        wanted = np.array([row.get("share", 0.0) for row in self.shares], dtype=np.float64)
        gap = np.abs(total[group] / whole - wanted[np.maximum(place, 0)])
        return gap <= self.tolerance + 1e-9, ~gone & (place >= 0)

    def _totals(self, table: Table, group: Ints, counts: Bools) -> np.ndarray:
        n = int(group.max(initial=0)) + 1
        if self.measure == "count":
            return np.bincount(group[counts], minlength=n).astype(np.float64)
        values = table.column(self.column)
        if values.kind != "number":
            raise UnanswerableError(f"column {self.column!r} holds no numbers")
        data = np.where(values.missing, 0.0, values.data)
        return np.bincount(group[counts], (np.abs(data) if self.measure == "abs_sum" else data)[counts], n)


def _refunds(table: Table, asked: Bools, by: tuple[str, ...], column: str) -> Answers:
    """A refund (a row that is asked) is at most as large as the largest payment to the payee up to its day."""
    group, gone = table.groups(by)
    amount, when = table.column(column), table.days("date")
    usable = ~gone & ~amount.missing & ~when.missing
    paid = np.where(~asked & usable, np.abs(amount.data), 0.0)
    order = np.lexsort((asked, when.data, group))
    largest = pd.Series(paid[order]).groupby(group[order]).cummax().to_numpy()
    before = np.empty(len(table))
    before[order] = largest
    return np.abs(amount.data) <= before + 1e-9, usable & asked


def _transfers(table: Table, column: str) -> Answers:
    """What leaves one account arrives in another one on the same day."""
    cents, when = table.cents(column), table.days("date")
    account, gone = table.codes("account")
    known = ~cents.missing & ~when.missing & ~gone
    value = cents.data.astype(np.int64)
    number_of, distinct = pd.factorize(np.concatenate([value, -value]))
    here, mirror = number_of[: len(table)].astype(np.int64), number_of[len(table) :].astype(np.int64)
    n_values, n_accounts = len(distinct) + 1, int(account.max(initial=0)) + 1
    day = when.data.astype(np.int64) - int(when.data.min(initial=0))
    everywhere_, inside = day * n_values + here, (day * n_values + here) * n_accounts + account
    wanted, own = day * n_values + mirror, (day * n_values + mirror) * n_accounts + account
    elsewhere = _count(everywhere_[known], wanted) - _count(inside[known], own)
    return elsewhere > 0, known


def _count(found: Ints, asked: Ints) -> Ints:
    """How often each asked key is among the found ones."""
    keys, counts = np.unique(found, return_counts=True)
    if not len(keys):
        return np.zeros(len(asked), dtype=np.int64)
    place = np.searchsorted(keys, asked).clip(0, len(keys) - 1)
    return np.where(keys[place] == asked, counts[place], 0)


@dataclass(frozen=True, slots=True)
class PrivacyLaw:
    """A text names nobody of a list, writes no identifier in full, and holds no word that few rows have."""

    type: ClassVar[str] = "privacy"
    column: str = param(read.text, "description")
    forbidden: tuple[str, ...] = param(read.texts, ())
    identifiers: str = param(read.one_of("any", "masked", "none"), "masked")
    least_rows: int = param(read.whole(1, 1_000_000), 1)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """Each distinct text is asked once; words are compared without accents and case, and as a whole."""
        column = as_text(table.column(self.column))
        names = {words for text in self.forbidden if (words := tuple(words_of(text)))}
        longest = max(map(len, names), default=0)
        counts = np.bincount(column.data[~column.missing].astype(np.int64), minlength=len(column.words))
        rare = _rare_words(column.words, counts, self.least_rows)

        def is_clean(text: str) -> bool:
            words = words_of(text)
            if names and any(
                tuple(words[start : start + length]) in names
                for start in range(len(words))
                for length in range(1, longest + 1)
            ):
                return False
            if rare and not rare.isdisjoint(words):
                return False
            return self._identifiers_ok(text)

        answer = of_words(column, is_clean)
        return answer.data.astype(bool), ~answer.missing

    def _identifiers_ok(self, text: str) -> bool:
        if self.identifiers == "any":
            return True
        from contrapeso.finance.privacy import find_identifiers

        found = find_identifiers(text)
        return not found if self.identifiers == "none" else all(is_masked(item.text) for item in found)


_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Words of a text without accents and case."""
    return _WORD.findall(folded(text))


def _rare_words(texts: np.ndarray, counts: Ints, least: int) -> frozenset[str]:
    """Words without digits that fewer than ``least`` rows have."""
    if least <= 1:
        return frozenset()
    rows: Counter[str] = Counter()
    for text, count in zip(texts, counts, strict=True):
        rows.update(dict.fromkeys(set(words_of(text)), int(count)))
    return frozenset(word for word, count in rows.items() if count < least and word.isalpha())


__all__ = ["AggregateLaw", "CombinationLaw", "DependencyLaw", "PrivacyLaw", "UniqueLaw", "majority", "words_of"]
