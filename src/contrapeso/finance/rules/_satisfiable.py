"""Whether rules can be kept at all: against each other, and by the real rows.

A hard rule is to hold on at least 99 % of the real rows that it is about, all hard rules together on at least 95 % of
the rows. Rules that contradict each other are found in two ways: by what they leave open (bounds, words, days), which
proves it, and by real rows of which none keeps both although each is kept by some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.finance._ledger import Ledger
from contrapeso.finance.calendar import BankCalendar
from contrapeso.finance.rules._boxes import Box, boxes_of
from contrapeso.finance.rules._days import CENTURY, is_about_days, open_days
from contrapeso.finance.rules._evaluate import truth_of
from contrapeso.finance.rules._laws_rows import ExpressionLaw, ImplicationLaw
from contrapeso.finance.rules._report import Example, RuleReport
from contrapeso.finance.rules._rule import KEPT, SILENT, Rule
from contrapeso.finance.rules._ruleset import RuleSet, as_frame, shown_row
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import Bools
from contrapeso.finance.rules._words import SAY, Language, percent

LEAST_EACH = 0.99
LEAST_TOGETHER = 0.95
LEAST_OBSERVED = 20


@dataclass(frozen=True, slots=True)
class Weak:
    """A hard rule that too few real rows keep."""

    rule: str
    share: float
    n_asked: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rules that cannot all be kept.

    Attributes
    ----------
    rules : their ids; without any one of them the others can be kept, as far as is known.
    reason : ``"no_value"`` of ``column`` or ``"no_day"`` (proved), or ``"never_both"`` (seen on the real rows).
    n_rows : real rows that all of them are about; 0 where the conditions alone show it.
    examples : such rows.
    """

    rules: tuple[str, ...]
    reason: str
    column: str
    n_rows: int
    examples: tuple[Example, ...] = ()

    def text(self, language: Language = "pt") -> str:
        """The contradiction in a sentence."""
        why = SAY[self.reason][language].format(column=self.column)
        ids = (" e " if language == "pt" else " and ").join(self.rules)
        return SAY["contradiction"][language].format(ids=ids, n=self.n_rows, why=why)


@dataclass(frozen=True, slots=True)
class Satisfiability:
    """What checking the rules against each other and the real rows found; ``joint_share`` is None without rows."""

    n_rows: int
    joint_share: float | None
    weak: tuple[Weak, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def ok(self) -> bool:
        """Whether the rules may be used as they are."""
        together = self.joint_share is None or self.joint_share >= LEAST_TOGETHER
        return together and not self.weak and not self.contradictions

    def describe(self, language: Language = "pt") -> str:
        """The finding in words."""
        least = percent(LEAST_EACH, language)
        lines = [one.text(language) for one in self.contradictions]
        lines += [
            SAY["weak"][language].format(id=one.rule, share=percent(one.share, language), n=one.n_asked, least=least)
            for one in self.weak
        ]
        share = percent(self.joint_share, language)
        if self.joint_share is not None and self.joint_share < LEAST_TOGETHER:
            lines.append(SAY["joint"][language].format(share=share, least=percent(LEAST_TOGETHER, language)))
        elif self.joint_share is not None:
            lines.append(SAY["satisfiable"][language].format(share=share, n=self.n_rows))
        return "\n".join(lines)

    def to_dict(self) -> dict[str, object]:
        """The finding as JSON values, without values of rows."""
        return {
            "ok": self.ok,
            "n_rows": self.n_rows,
            "joint_share": self.joint_share,
            "weak": [{"id": one.rule, "share": one.share, "n_asked": one.n_asked} for one in self.weak],
            "contradictions": [
                {"rules": list(one.rules), "reason": one.reason, "column": one.column, "n_rows": one.n_rows,
                 "pt": one.text("pt"), "en": one.text("en")}
                for one in self.contradictions
            ],
        }  # fmt: skip


def check_satisfiable(rules: RuleSet, real: pd.DataFrame | Ledger | None = None) -> Satisfiability:
    """Whether the hard rules can be kept, by themselves and by the real rows.

    Parameters
    ----------
    rules : RuleSet
    real : rows of the training slice; without them only rules with the same condition are compared

    Examples
    --------
    >>> from contrapeso.finance.rules import load_rules
    >>> rules = load_rules({"version": 1, "rules": [
    ...     {"id": "minimo", "type": "implication", "when": "transaction_type == 'expense'", "then": "amount >= 0.01"},
    ...     {"id": "negativo", "type": "implication", "when": "transaction_type == 'expense'", "then": "amount <= 0"}]})
    >>> print(check_satisfiable(rules).describe("en"))
    minimo and negativo contradict each other on 0 real rows: no value of amount meets all of them
    """
    hard = [rule for rule in rules if rule.severity == "hard"]
    subset = RuleSet(tuple(hard), rules.extra_holidays, rules.locale)
    report = subset.check(real if real is not None else pd.DataFrame())
    frame = as_frame(real) if real is not None else pd.DataFrame()
    weak = tuple(
        Weak(result.rule.id, result.share, result.n_asked, result.examples)
        for result in report.results
        if result.share is not None and result.share < LEAST_EACH
    )
    found = list(_proved(hard, report, frame, subset.calendar))
    known = [set(one.rules) for one in found]
    found += [one for one in _observed(hard, report, frame) if not any(ids <= set(one.rules) for ids in known)]
    return Satisfiability(report.n_rows, report.clean_share if report.n_rows else None, weak, tuple(found))


def _proved(
    hard: list[Rule], report: RuleReport, frame: pd.DataFrame, calendar: BankCalendar
) -> Iterator[Contradiction]:
    """Sets of rules that leave nothing open, for the rules that speak of the same rows."""
    boxes = [boxes_of(rule) for rule in hard]
    days = [_days(rule, calendar) for rule in hard]
    groups = _same_rows(hard, report.answers)
    rows_of: dict[tuple[tuple[str, ...], str, str], list[NDArray[np.intp]]] = {}
    for members, rows in groups:
        for reason, column, guilty in _empty(members, boxes, days):
            key = (tuple(hard[place].id for place in guilty), reason, column)
            rows_of.setdefault(key, []).append(rows)
    asked = {result.rule.id: result.n_asked for result in report.results}
    for (ids, reason, column), parts in rows_of.items():
        rows = np.unique(np.concatenate(parts))
        if len(rows) and len(rows) <= (1 - LEAST_EACH) * min(asked[name] for name in ids):
            continue  # a few rows that break a rule are counter-examples, not a contradiction
        yield Contradiction(ids, reason, column, len(rows), _examples(hard, ids, frame, rows))


def _same_rows(hard: list[Rule], answers: NDArray[np.int8]) -> Iterator[tuple[list[int], NDArray[np.intp]]]:
    """Rules that speak of the same rows: as the real rows show, and by equal conditions where no row does."""
    if len(answers) and len(hard):
        packed = np.packbits(answers != SILENT, axis=1)
        patterns, number = np.unique(packed, axis=0, return_inverse=True)
        number = number.ravel()
        for place, pattern in enumerate(patterns):
            members = np.flatnonzero(np.unpackbits(pattern)[: len(hard)])
            yield members.tolist(), np.flatnonzero(number == place)
    conditions: dict[str, list[int]] = {}
    for place, rule in enumerate(hard):
        conditions.setdefault(rule.when.source if rule.when else "", []).append(place)
    always = conditions.get("", []) if not len(answers) else []
    for condition, alike in conditions.items():
        yield [*(always if condition else []), *alike], np.empty(0, dtype=np.intp)


def _empty(
    members: list[int], boxes: list[dict[str, Box]], days: list[Bools | None]
) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Why nothing is left open, and the rules that do it."""
    for column in sorted({name for place in members for name in boxes[place]}):
        involved = [place for place in members if column in boxes[place]]
        guilty = _least(involved, partial(_no_value, boxes, column))
        if guilty:
            yield "no_value", column, guilty
    masks = {place: mask for place in members if (mask := days[place]) is not None}
    guilty = _least(list(masks), partial(_no_day, masks))
    if guilty:
        yield "no_day", "date", guilty


def _no_value(boxes: list[dict[str, Box]], column: str, some: Sequence[int]) -> bool:
    return reduce(Box.__and__, (boxes[place][column] for place in some), Box()).is_empty


def _no_day(masks: Mapping[int, Bools], some: Sequence[int]) -> bool:
    return bool(some) and not np.logical_and.reduce([masks[place] for place in some]).any()


def _least(places: list[int], is_empty: Callable[[Sequence[int]], bool]) -> tuple[int, ...]:
    """A smallest part that is empty, by leaving out one after the other; nothing if the whole is not."""
    if not places or not is_empty(places):
        return ()
    kept = list(places)
    for place in places:
        rest = [other for other in kept if other != place]
        if is_empty(rest):
            kept = rest
    return tuple(kept)


def _days(rule: Rule, calendar: BankCalendar) -> Bools | None:
    """Days of the century that a rule leaves open; None if it is not about days alone."""
    if is_about_days(rule):
        return open_days(rule, calendar)
    law = rule.law
    asked = law.then if isinstance(law, ImplicationLaw) else law.holds if isinstance(law, ExpressionLaw) else None
    if asked is None or asked.columns != {"date"} or "prev" in asked.source:
        return None
    table = Table(pd.DataFrame({"date": CENTURY.astype("datetime64[D]").astype("datetime64[s]")}), calendar)
    true, known = truth_of(asked, table)
    return true | ~known


def _observed(hard: list[Rule], report: RuleReport, frame: pd.DataFrame) -> Iterator[Contradiction]:
    """Pairs of which no real row keeps both, although each is kept by some of the rows that both are about."""
    answers = report.answers
    if len(answers) < LEAST_OBSERVED:
        return
    imperfect = [place for place, result in enumerate(report.results) if result.n_asked and result.n_broken]
    for one, two in combinations(imperfect, 2):
        both = (answers[:, one] != SILENT) & (answers[:, two] != SILENT)
        first, second = answers[both, one] == KEPT, answers[both, two] == KEPT
        if both.sum() >= LEAST_OBSERVED and first.any() and second.any() and not (first & second).any():
            ids, rows = (hard[one].id, hard[two].id), np.flatnonzero(both)
            yield Contradiction(ids, "never_both", "", len(rows), _examples(hard, ids, frame, rows))


def _examples(
    hard: list[Rule], ids: tuple[str, ...], frame: pd.DataFrame, rows: NDArray[np.intp]
) -> tuple[Example, ...]:
    table = Table(frame)
    chosen = [rule for rule in hard if rule.id in ids]
    return tuple(
        Example(int(row), {k: v for rule in chosen for k, v in shown_row(rule, table, int(row)).items()})
        for row in rows[:3]
    )


__all__ = ["LEAST_EACH", "LEAST_TOGETHER", "Contradiction", "Satisfiability", "Weak", "check_satisfiable"]
