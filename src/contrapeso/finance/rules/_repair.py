"""Mending new rows that break a rule: dates move to the nearest day that is open, amounts to their grid and sign, ...

Only what is small and has one obvious answer is mended; the rest is left to rejection. A soft rule is mended on as many
rows as bring it to the share of the real rows and on no more, since rows that keep it every time give themselves away.
If mending makes a row break a hard rule that it kept, the row stays as it was.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import pandas as pd

from contrapeso.finance._ledger import Drafts, Ledger
from contrapeso.finance.rules._days import is_about_days, nearest_open, open_together
from contrapeso.finance.rules._laws_columns import EnumLaw, RangeLaw, ResolutionLaw, TypeLaw
from contrapeso.finance.rules._laws_rows import FormulaLaw, ImplicationLaw
from contrapeso.finance.rules._laws_sets import DependencyLaw, majority
from contrapeso.finance.rules._laws_time import INSTALMENT, RecurrenceLaw, instalment_of
from contrapeso.finance.rules._params import plain
from contrapeso.finance.rules._patterns import folded
from contrapeso.finance.rules._report import is_strict
from contrapeso.finance.rules._rule import BROKEN, KEPT, SILENT, Rule
from contrapeso.finance.rules._ruleset import RuleSet
from contrapeso.finance.rules._table import CENTAVOS, Table, frame_of
from contrapeso.finance.rules._values import Bools, Ints, UnanswerableError

SMALL = 0.25
"""A number is brought back into its bounds if it is out by at most this share of the bound."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One value that was changed: in which row, for which rule, from what to what."""

    row: int
    rule: str
    column: str
    before: object
    after: object

    def to_dict(self) -> dict[str, object]:
        """The repair as JSON values, without its row."""
        return {"rule": self.rule, "column": self.column, "before": plain(self.before), "after": plain(self.after)}


Change: TypeAlias = tuple[str, Ints, "list[object]"]
"""A column, rows of it and their new values."""


def repair_drafts(rules: RuleSet, drafts: Drafts, *, among: Ledger | None = None) -> tuple[Drafts, tuple[Repair, ...]]:
    """Drafts of which days, amounts, texts and categories keep the rules as far as they can be mended.

    Parameters
    ----------
    rules : RuleSet
    drafts : Drafts
    among : real rows that come first and are not changed, for rules about many rows

    Returns
    -------
    Drafts
        New ones; each changed row tells its repairs in its trace under ``"repairs"``.
    tuple of Repair
    """
    real = frame_of(among) if among is not None else None
    frame, repairs = repair_frame(rules, frame_of(drafts.ledger), among=real)
    if not repairs:
        return drafts, ()
    old = drafts.ledger
    ledger = replace(
        old,
        days=frame["date"].to_numpy().astype("datetime64[D]"),
        cents=np.round(frame["amount"].to_numpy(dtype=np.float64) * 100).astype(np.int64),
        descriptions=frame["description"].to_numpy(dtype=object),
        categories=frame["category"].to_numpy(dtype=object) if "category" in frame else old.categories,
    )
    told: dict[int, list[dict[str, object]]] = {}
    for repair in repairs:
        told.setdefault(repair.row, []).append(repair.to_dict())
    traces = tuple(
        {**trace, "repairs": [*_earlier(trace), *told[row]]} if row in told else trace
        for row, trace in enumerate(drafts.traces)
    )
    return replace(drafts, ledger=ledger, traces=traces), repairs


def _earlier(trace: dict[str, object]) -> list[object]:
    found = trace.get("repairs")
    return list(found) if isinstance(found, (list, tuple)) else []


def repair_frame(
    rules: RuleSet, frame: pd.DataFrame, *, among: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, tuple[Repair, ...]]:
    """A new frame in which rows keep the rules as far as they can be mended, and the log of what was changed.

    Only rules with ``enforce`` ``construct`` or ``repair`` mend. The values keep the type of their column.

    Examples
    --------
    >>> from contrapeso.finance.rules import load_rules
    >>> rules = load_rules({"version": 1, "rules": [
    ...     {"id": "dia", "type": "calendar", "business_day": True, "enforce": "repair"}]})
    >>> made, repairs = repair_frame(rules, pd.DataFrame({"date": ["2024-11-20", "2024-11-21"]}))
    >>> made["date"].tolist(), repairs[0].before
    (['2024-11-19', '2024-11-21'], '2024-11-20')
    """
    work = _Work(rules, frame, among)
    work.mend_days()
    for rule in rules:
        if rule.enforce in {"construct", "repair"} and not is_about_days(rule):
            work.mend(rule)
    return work.settle()


class _Work:
    """A frame under repair: real rows first (left alone), then the new ones."""

    def __init__(self, rules: RuleSet, frame: pd.DataFrame, among: pd.DataFrame | None) -> None:
        self.rules = rules
        self.original = frame
        self.real = among
        self.start = len(among) if among is not None else 0
        self.frame = frame.reset_index(drop=True).copy()
        self.log: list[Repair] = []
        self.table = self._table()

    def _table(self) -> Table:
        if self.real is None or not self.start:
            return Table(self.frame, self.rules.calendar)
        shared = [name for name in self.frame.columns if name in self.real.columns]
        both = pd.concat([self.real[shared], self.frame[shared]], ignore_index=True)
        return Table(both, self.rules.calendar, self.start)

    def broken(self, rule: Rule) -> Ints:
        """New rows to mend for a rule: all that break a hard one, enough of those that break a soft one."""
        try:
            answers = rule.answers(self.table)[self.start :]
        except UnanswerableError:
            return np.empty(0, dtype=np.int64)
        rows = np.flatnonzero(answers == BROKEN)
        if rule.severity == "hard":
            return rows
        target = rule.min_share if rule.min_share is not None else (rule.evidence.confidence if rule.evidence else None)
        if target is None:
            return rows[:0]
        asked = int((answers != SILENT).sum())
        return rows[: max(0, math.ceil(target * asked - 1e-9) - int((answers == KEPT).sum()))]

    def mend_days(self) -> None:
        """Rows whose day a calendar or era rule forbids go to the nearest day that all such rules leave open."""
        rules = [rule for rule in self.rules if is_about_days(rule) and rule.enforce in {"construct", "repair"}]
        if not rules or not self.table.has("date"):
            return
        hurt = {rule.id: self.broken(rule) for rule in rules}
        rows = np.unique(np.concatenate(list(hurt.values())))
        if not len(rows):
            return
        asked = np.array([self._asks(rule, hurt[rule.id])[rows] for rule in rules])
        days = self.table.days("date").data.astype(np.int64)[self.start :][rows]
        moved, found = days.copy(), np.zeros(len(rows), dtype=bool)
        for pattern in np.unique(asked, axis=1).T:
            same = (asked == pattern[:, None]).all(axis=0)
            mask = open_together([r for r, on in zip(rules, pattern, strict=True) if on], self.rules.calendar)
            moved[same], found[same] = nearest_open(days[same], mask)
        for rule in rules:
            mine = np.isin(rows, hurt[rule.id]) & found & (moved != days)
            self._note(rule.id, ("date", rows[mine], list(moved[mine].astype("datetime64[D]"))))
        self._write("date", rows[found], list(moved[found].astype("datetime64[D]")))

    def _asks(self, rule: Rule, hurt: Ints) -> Bools:
        """New rows that the rule is to hold on: those that keep it, and those to be mended."""
        try:
            answers = rule.answers(self.table)[self.start :]
        except UnanswerableError:
            return np.zeros(len(self.frame), dtype=bool)
        asked = answers == KEPT
        asked[hurt] = True
        return np.asarray(asked)

    def mend(self, rule: Rule) -> None:
        """Change what one rule asks for."""
        rows = self.broken(rule)
        if not len(rows):
            return
        try:
            change = _change(rule, self.table, rows + self.start)
        except UnanswerableError:
            return
        if change is None or not len(change[1]):
            return
        column, places, values = change
        if column == "amount" and column not in self.frame.columns:
            column, values = "amount_cents", [round(float(value) * CENTAVOS) for value in values]  # type: ignore[arg-type]
        if column not in self.frame.columns:
            return
        self._note(rule.id, (column, places - self.start, values))
        self._write(column, places - self.start, values)

    def _note(self, rule: str, change: Change) -> None:
        column, rows, values = change
        for row, value in zip(rows, values, strict=True):
            before = self.frame[column].iloc[int(row)]
            self.log.append(Repair(int(row), rule, column, _told(before), _told(value)))

    def _write(self, column: str, rows: Ints, values: list[object]) -> None:
        """Set values in the type of the column, and the columns that follow from it."""
        if not len(rows):
            return
        _assign(self.frame, column, rows, values)
        if column == "amount":
            money = np.array([float(value) for value in values])  # type: ignore[arg-type]
            if "amount_cents" in self.frame.columns:
                _assign(self.frame, "amount_cents", rows, list(np.round(money * CENTAVOS).astype(np.int64)))
            self._retype(rows, money)
        self.table = self._table()

    def _retype(self, rows: Ints, money: np.ndarray) -> None:
        """The type follows the sign that was set, in the dialect of the column."""
        if "transaction_type" not in self.frame.columns:
            return
        words = set(self.frame["transaction_type"].dropna().unique())
        pair = ("expense", "income") if words & {"expense", "income"} else ("debit", "credit")
        types = self.original["transaction_type"].to_numpy(dtype=object)[rows]
        old = Table(self.original).column("amount").data[rows]
        agreed = np.where(old < 0, types == pair[0], types == pair[1]).astype(bool)
        turned = agreed & (np.sign(money) != np.sign(old))
        _assign(self.frame, "transaction_type", rows[turned], [pair[int(value > 0)] for value in money[turned]])

    def settle(self) -> tuple[pd.DataFrame, tuple[Repair, ...]]:
        """The mended frame; rows that came to break a strict rule that they kept are as they were."""
        made = self.frame
        if self.log:
            spoiled = self._spoiled()
            if spoiled.any():
                rows = np.flatnonzero(spoiled)
                for name in made.columns:
                    _assign(made, name, rows, list(self.original[name].to_numpy(dtype=object)[rows]))
                self.log = [repair for repair in self.log if not spoiled[repair.row]]
        made.index = self.original.index
        return made, tuple(sorted(self.log, key=lambda repair: repair.row))

    def _spoiled(self) -> Bools:
        strict = [rule for rule in self.rules if is_strict(rule)]
        subset = replace(self.rules, rules=tuple(strict))
        touched = np.zeros(len(self.frame), dtype=bool)
        touched[[repair.row for repair in self.log]] = True
        before = subset.check(self.original.reset_index(drop=True), among=self.real).answers
        after = subset.check(self.frame, among=self.real).answers
        return np.asarray(touched & ((before != BROKEN) & (after == BROKEN)).any(axis=1), dtype=np.bool_)


def _told(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return plain(value)


def _assign(frame: pd.DataFrame, column: str, rows: Ints, values: list[object]) -> None:
    """Set rows of a column to values in the type that the column has."""
    old = frame[column]
    new = old.to_numpy(dtype=object, copy=True)
    sample = next((value for value in new if not pd.isna(value)), None)
    new[rows] = [_like(sample, value) for value in values]
    made = pd.Series(new, index=frame.index, dtype=object)
    whole = not pd.api.types.is_integer_dtype(old.dtype) or all(float(value).is_integer() for value in values)  # type: ignore[arg-type]
    frame[column] = made.astype(old.dtype if whole else np.float64)


def _like(sample: object, value: object) -> object:
    """A value in the type of a sample: date, ISO text, Decimal, int or float."""
    if isinstance(value, np.datetime64):
        day: date = value.astype("datetime64[D]").item()
        if isinstance(sample, str):
            return day.isoformat()
        if isinstance(sample, pd.Timestamp):
            return pd.Timestamp(day, tz=sample.tz)
        return datetime(day.year, day.month, day.day) if isinstance(sample, datetime) else day  # noqa: DTZ001
    if isinstance(sample, Decimal):
        return Decimal(f"{float(value):.2f}")  # type: ignore[arg-type]
    return value


def _change(rule: Rule, table: Table, rows: Ints) -> Change | None:  # noqa: PLR0911 - one for each type
    """What to set in which rows of which column for a rule; None if it cannot be mended."""
    law = rule.law
    if isinstance(law, ResolutionLaw):
        return _snap(law.column, table, rows, law.step_of(table))
    if isinstance(law, TypeLaw) and law.kind == "centavos":
        return _snap(law.column, table, rows, np.full(len(table), 0.01))
    if isinstance(law, RangeLaw):
        return _into_bounds(law, table, rows)
    if isinstance(law, ImplicationLaw):
        return _make_true(law, table, rows)
    if isinstance(law, FormulaLaw):
        wanted, known = law.wanted(table, np.ones(len(table), dtype=bool))
        rows = rows[known[rows]]
        return law.column, rows, list(np.round(wanted[rows], 2))
    if isinstance(law, DependencyLaw):
        return _follow(law, table, rows)
    if isinstance(law, EnumLaw):
        return _nearest_word(law, table, rows)
    if isinstance(law, RecurrenceLaw) and law.instalments is not None:
        return _advance(law, table, rows)
    return None


def _snap(column: str, table: Table, rows: Ints, step: np.ndarray) -> Change:
    """The nearest multiple of the step that is not 0."""
    values, steps = table.column(column).data.astype(np.float64)[rows], step[rows]
    multiple = np.round(values / steps)
    multiple = np.where((multiple == 0) & (values != 0), np.sign(values), multiple)
    return column, rows, list(np.round(multiple * steps, 6))


def _into_bounds(law: RangeLaw, table: Table, rows: Ints) -> Change:
    """The bound itself, for numbers that are out by little."""
    values = table.column(law.column).data.astype(np.float64)[rows]
    low, high = (limit[rows] for limit in law.limits(table))
    new = np.clip(values, low, high)
    small = np.abs(values - new) <= SMALL * np.abs(new)
    return law.column, rows[small], list(new[small])


def _make_true(law: ImplicationLaw, table: Table, rows: Ints) -> Change | None:
    """Make ``column op constant`` true: the sign of a number is turned, a word is set."""
    node = law.then.tree
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.left, ast.Name)):
        return None
    column, operator = node.left.id, node.ops[0]
    if law.fix is not None and law.fix != column:
        return None
    try:
        constant = ast.literal_eval(node.comparators[0])
    except ValueError:
        return None
    if isinstance(operator, (ast.In, ast.Eq)):
        choices = list(constant) if isinstance(operator, ast.In) else [constant]
        return (column, rows, choices * len(rows)) if len(choices) == 1 else None
    if constant == 0 and isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
        values = table.column(column).data.astype(np.float64)[rows]
        some = values != 0
        return column, rows[some], list(-values[some])
    return None


def _follow(law: DependencyLaw, table: Table, rows: Ints) -> Change:
    """The value that most rows of the group have."""
    group, gone = table.groups(law.determinant)
    values, missing = table.codes(law.dependent)
    counts = ~gone & ~missing
    best, _ = majority(group[counts], values[counts], int(group.max(initial=0)) + 1)
    first = np.full(int(values.max(initial=0)) + 1, 0)
    first[values[counts][::-1]] = np.flatnonzero(counts)[::-1]
    column = table.frame[law.dependent].to_numpy(dtype=object)
    return law.dependent, rows, list(column[first[best[group[rows]]]])


def _nearest_word(law: EnumLaw, table: Table, rows: Ints) -> Change:
    """The allowed word that is the same but for accents and case."""
    allowed = {folded(str(value)).strip(): value for value in law.values if isinstance(value, str)}
    found = table.objects(law.column)[rows]
    near = [allowed.get(folded(str(text)).strip()) for text in found]
    some = np.array([value is not None for value in near], dtype=bool)
    return law.column, rows[some], [value for value in near if value is not None]


def _advance(law: RecurrenceLaw, table: Table, rows: Ints) -> Change:
    """Instalments that count on from the one before, as far as their total goes."""
    column = str(law.instalments)
    number, total = (part.copy() for part in instalment_of(table, column))
    group, _ = table.groups(law.key)
    days, texts = table.days("date").data, table.objects(column)
    wrong = np.zeros(len(table), dtype=bool)
    wrong[rows] = True
    changed, values = [], []
    order = np.lexsort((number, days, total, group))
    last: tuple[int, int, int] = (-1, -1, 0)
    for row in order[number[order] > 0]:
        same = (int(group[row]), int(total[row]))
        if wrong[row]:
            wanted = last[2] + 1 if last[:2] == same else 1
            if wanted <= total[row] and wanted != number[row]:
                number[row] = wanted
                changed.append(row)
                values.append(_renumber(str(texts[row]), wanted))
        last = (*same, int(number[row]))
    return column, np.array(changed, dtype=np.int64), values  # type: ignore[return-value]


def _renumber(text: str, number: int) -> str:
    """The text with another instalment, in as many digits as it had."""
    return INSTALMENT.sub(lambda found: f"{number:0{len(found[1])}d}{found[2]}{found[3]}", text, count=1)


__all__ = ["Repair", "repair_drafts", "repair_frame"]
