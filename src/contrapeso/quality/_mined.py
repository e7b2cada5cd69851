"""Rules that the real table keeps without anybody having stated them: candidates to be accepted, not in the score.

Every candidate passes three gates. **Support**: at least 20 rows that it applies to, 99.9 % of which keep it.
**Chance**: with its columns shuffled apart at most 95 % keep it, and at least ten of the rows would break it; so
``a <= b`` is no finding where the two ranges are disjoint anyway. **Fresh rows**: learned from three quarters of the
rows, it holds on the last quarter. Ranges have no chance gate and come last.

Time is bounded: 300 columns, 20 000 rows, screening on 2000 of them, 200 candidates of a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.quality._columns import NUMERIC_KINDS, Numbers, read_columns
from contrapeso.quality._mined_kinds import (
    Builder,
    Judge,
    Values,
    combinations,
    dependency,
    equality,
    inequality,
    null_pattern,
    null_with,
    span,
    total,
)
from contrapeso.quality._mined_screen import Screened, screen
from contrapeso.quality._rules import Rule, rate
from contrapeso.quality._sections import MinedRule
from contrapeso.tables import Column, Schema

Floats = NDArray[np.float64]
Mined: TypeAlias = tuple[MinedRule, Rule]
MIN_SUPPORT = 0.999
LARGEST = 1e150
MIN_ROWS = 20
MAX_EXPECTED = 0.95
MIN_CHANCE_VIOLATIONS = 10.0
MAX_RULES = 50
MAX_PER_KIND = 20
MAX_ROWS = 20_000
MAX_COLUMNS = 300
MAX_CANDIDATES = 200
_STREAM = 31
_LEFT_OUT = frozenset({"identifier", "text"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one column of any table on the footing of the real one: numbers, codes of the real labels, or nulls.

    ``template`` are the different real values of a label column, whose codes come first.
    """

    column: Column
    template: pd.Series
    what: Literal["value", "null"] = "value"

    def read(self, frame: pd.DataFrame) -> NDArray[np.float64] | None:
        """Values (n,), NaN for null; None where the table has no such column or it cannot be converted."""
        name = self.column.name
        if name not in frame:
            return None
        if self.what == "null":
            return _nulls(frame[name])
        known = pd.DataFrame({name: self.template})
        found = read_columns(known, frame[[name]], None, Schema((self.column,))).copied
        if not found or found[0].note == "not_castable":
            return None
        if isinstance(found[0], Numbers):
            return found[0].synthetic
        return np.where(found[0].synthetic < 0, np.nan, found[0].synthetic)


def _nulls(series: pd.Series) -> Floats:
    """1 for null, 0 for a value, (n,)."""
    return series.isna().to_numpy(dtype=bool).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Check:
    """The predicate of a mined rule: True, False, or null where it does not apply."""

    judge: Judge
    readers: tuple[Reader, ...]

    def answers(self, values: Sequence[Floats | None], n_rows: int) -> Floats:
        """1, 0 or NaN for each row, (n,), from the columns as read."""
        known = [part for part in values if part is not None]
        return self.judge(known) if len(known) == len(values) else np.full(n_rows, np.nan)

    def __call__(self, frame: pd.DataFrame) -> pd.Series:
        """Answers for the rows of ``frame``."""
        found = self.answers([reader.read(frame) for reader in self.readers], len(frame))
        return pd.Series(found, index=frame.index).map({1.0: True, 0.0: False}).astype("boolean")


def mine_rules(train: pd.DataFrame, schema: Schema, *, seed: int = 0) -> list[Mined]:
    """Rules of the real table, the least likely by chance first, each with the predicate that asks it of any table.

    Parameters
    ----------
    train : DataFrame of shape (n, p)
        Real rows; no synthetic row is looked at. Text column names.
    schema : Schema
        Kinds of the columns; free text and identifiers only take part in null patterns.
    seed : int
        Seeds the rows and columns looked at in large tables, the quarter kept for confirming, and the shuffles.

    Returns
    -------
    list of (MinedRule, Rule)
        At most 50, at most 20 of a kind; ``rate_synthetic`` is None. Empty below 20 rows.
    """
    if len(train) < MIN_ROWS:
        return []
    rng = generator(seed_sequence(seed), _STREAM)
    if len(train) > MAX_ROWS:
        train = train.iloc[np.sort(rng.choice(len(train), MAX_ROWS, replace=False))]
    table = _Real.of(train, _some(schema, train, rng))
    found: list[tuple[float, Mined]] = []
    for kind, candidates in _candidates(table, rng):
        kept: list[tuple[float, Mined]] = []
        for candidate in candidates[:MAX_CANDIDATES]:
            proved = _proved(candidate, table, rng)
            if proved is not None:
                kept.append(proved)
        kept.sort(key=lambda item: (item[0], item[1][0].name))
        found += _reduced(kept, kind)[:MAX_PER_KIND]
    found.sort(key=lambda item: (item[0], item[1][0].name))
    return [mined for _, mined in _without_implied(found)[:MAX_RULES]]


def report_mined(mined: Iterable[Mined], synthetic: pd.DataFrame) -> tuple[MinedRule, ...]:
    """The rules with the share of synthetic rows that keep them, most violated first; None where none applies."""
    read: dict[tuple[str, str], Floats | None] = {}
    found = []
    for rule, asked in mined:
        check = asked.check
        if not isinstance(check, Check):
            raise TypeError(f"{rule.name!r} is no mined rule; give what mine_rules returned.")
        for reader in check.readers:
            place = reader.column.name, reader.what
            if place not in read:
                read[place] = reader.read(synthetic)
        values = [read[reader.column.name, reader.what] for reader in check.readers]
        found.append(replace(rule, rate_synthetic=rate(check.answers(values, len(synthetic)))))
    return tuple(sorted(found, key=lambda rule: 2.0 if rule.rate_synthetic is None else rule.rate_synthetic))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Columns of a possible rule and how to learn it from rows of them."""

    kind: str
    columns: tuple[str, ...]
    build: Builder
    what: Literal["value", "null"] = "value"


@dataclass(frozen=True, slots=True)
class _Real:
    """The real table as read: ``values`` by column, ``nulls`` by column, rows to learn from and rows to confirm."""

    readers: Mapping[str, Reader]
    values: Mapping[str, Floats]
    nulls: Mapping[str, Floats]
    n_rows: int

    @classmethod
    def of(cls, train: pd.DataFrame, schema: Schema) -> _Real:
        readers, values, nulls = {}, {}, {}
        for column in schema:
            series = train[column.name]
            nulls[column.name] = _nulls(series)
            template = series.iloc[:0] if column.kind in NUMERIC_KINDS else pd.Series(series.dropna().unique())
            reader = Reader(column, template.rename(column.name))
            read = None if column.kind in _LEFT_OUT else reader.read(train)
            readers[column.name] = reader
            if read is not None:
                values[column.name] = np.where(np.abs(read) < LARGEST, read, np.nan)  # infinity fits no rule
        return cls(readers, values, nulls, len(train))

    def take(self, candidate: _Candidate) -> Values:
        source = self.values if candidate.what == "value" else self.nulls
        return [source[name] for name in candidate.columns]


def _some(schema: Schema, train: pd.DataFrame, rng: np.random.Generator) -> Schema:
    """The columns that the table has, 300 at most."""
    columns = [column for column in schema if column.name in train]
    if len(columns) > MAX_COLUMNS:
        columns = [columns[k] for k in np.sort(rng.choice(len(columns), MAX_COLUMNS, replace=False))]
    return Schema(tuple(columns))


def _candidates(table: _Real, rng: np.random.Generator) -> list[tuple[str, list[_Candidate]]]:
    """Candidates by kind, in the order in which they are tried."""
    columns = {name: reader.column for name, reader in table.readers.items() if name in table.values}
    screened: Screened = screen(columns, table.values, table.nulls, rng)
    decided = "functional_dependency"
    build: list[tuple[str, list[tuple[str, ...]], Callable[[tuple[str, ...]], _Candidate]]] = [
        ("sum", screened.equal, lambda at: _Candidate("sum", at, equality(*at, absolute=False))),
        ("sum", screened.absolute, lambda at: _Candidate("sum", at, equality(*at, absolute=True))),
        ("sum", screened.sums, lambda at: _Candidate("sum", at, total(*at))),
        (decided, screened.dependencies, lambda at: _Candidate(decided, at, dependency(*at))),
        ("inequality", screened.inequalities, lambda at: _Candidate("inequality", at, inequality(*at))),
        ("null_pattern", screened.null_same, lambda at: _Candidate("null_pattern", at, null_pattern(*at), "null")),
        ("null_pattern", screened.null_with, lambda at: _Candidate("null_pattern", at, null_with(*at), "null")),
        ("combinations", screened.combinations, lambda at: _Candidate("combinations", at, combinations(*at))),
        ("range", screened.ranges, lambda at: _Candidate("range", at, span(at[0], columns[at[0]]))),
    ]  # fmt: skip
    return [(kind, [make(at) for at in names]) for kind, names, make in build]


def _proved(candidate: _Candidate, table: _Real, rng: np.random.Generator) -> tuple[float, Mined] | None:
    """The rule and its rate among shuffled columns, if it passes the gates."""
    values = table.take(candidate)
    built = candidate.build(values)
    if built is None:
        return None
    name, judge = built
    answers = judge(values)
    n_asked = int((~np.isnan(answers)).sum())
    support = rate(answers)
    if support is None or n_asked < MIN_ROWS or support < MIN_SUPPORT:
        return None
    expected = 1.0
    if candidate.kind != "range":
        chance = rate(judge([values[0], *(part[rng.permutation(part.size)] for part in values[1:])]))
        expected = 1.0 if chance is None else chance
        if expected > MAX_EXPECTED or n_asked * (1 - expected) < MIN_CHANCE_VIOLATIONS:
            return None
    if not _holds_on_fresh_rows(candidate, values, rng):
        return None
    readers = tuple(replace(table.readers[column], what=candidate.what) for column in candidate.columns)
    mined = MinedRule(name, candidate.kind, candidate.columns, support, n_asked, None)
    return expected, (mined, Rule(Check(judge, readers)))


def _holds_on_fresh_rows(candidate: _Candidate, values: Values, rng: np.random.Generator) -> bool:
    """Whether the rule learned from three quarters of the rows holds on the others."""
    order = rng.permutation(values[0].size)
    cut = order.size - order.size // 4
    built = candidate.build([part[order[:cut]] for part in values])
    if built is None:
        return False
    answers = built[1]([part[order[cut:]] for part in values])
    asked = ~np.isnan(answers)
    allowed = (1 - MIN_SUPPORT) * asked.sum()
    return bool((answers[asked] == 0).sum() <= allowed + 3 * np.sqrt(allowed))


def _reduced(found: list[tuple[float, Mined]], kind: str) -> list[tuple[float, Mined]]:
    """The rules of a kind without those that follow from two others, as ``a <= c`` from ``a <= b`` and ``b <= c``."""
    if kind == "null_pattern":
        return _joining(found)
    if kind != "inequality":
        return found
    pairs = {rule.columns for _, (rule, _) in found}
    above: dict[str, set[str]] = {}
    for low, high in pairs:
        above.setdefault(low, set()).add(high)
    implied = {(a, c) for a in above for b in above[a] for c in above.get(b, set()) if c != a and (c, b) not in pairs}
    return [item for item in found if item[1][0].columns not in implied]


def _joining(found: list[tuple[float, Mined]]) -> list[tuple[float, Mined]]:
    """One rule for each column that is null together with earlier ones; the directed rules as they are."""
    group: dict[str, str] = {}
    kept = []
    for item in found:
        a, b = item[1][0].columns
        if "=" in item[1][0].name:
            a, b = group.setdefault(a, a), group.setdefault(b, b)
            if a == b:
                continue
            group = {name: a if head == b else head for name, head in group.items()}
        kept.append(item)
    return kept


def _without_implied(found: list[tuple[float, Mined]]) -> list[tuple[float, Mined]]:
    """Combinations of two columns say nothing where one decides the other, nor does an order where both are equal."""
    decided = {frozenset(rule.columns) for _, (rule, _) in found if rule.kind == "functional_dependency"}
    equal = {frozenset(rule.columns) for _, (rule, _) in found if rule.kind == "sum" and len(rule.columns) == 2}
    skip = {"combinations": decided | equal, "functional_dependency": equal}
    return [item for item in found if frozenset(item[1][0].columns) not in skip.get(item[1][0].kind, frozenset())]


__all__ = ["MAX_RULES", "MIN_ROWS", "MIN_SUPPORT", "Mined", "mine_rules", "report_mined"]
