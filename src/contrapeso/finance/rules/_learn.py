"""Rules learned from the training slice: proposed, tested against chance, kept with what speaks for and against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd

from contrapeso.errors import InsufficientDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.calendar import BankCalendar
from contrapeso.finance.rules._candidates import Candidate, Mine
from contrapeso.finance.rules._chance import adjusted
from contrapeso.finance.rules._learn_columns import columns_rules
from contrapeso.finance.rules._learn_pairs import pair_rules
from contrapeso.finance.rules._learn_time import time_rules
from contrapeso.finance.rules._rule import BROKEN, SILENT, Evidence, Rule, make_rule
from contrapeso.finance.rules._ruleset import RuleSet, as_frame, shown_row
from contrapeso.finance.rules._satisfiable import LEAST_TOGETHER
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import UnanswerableError

LEAST_ROWS = 20

_ENFORCED: Mapping[str, str] = {
    "implication": "construct", "formula": "construct", "running_balance": "construct", "resolution": "repair",
    "calendar": "repair", "range": "repair", "functional_dependency": "repair",
}  # fmt: skip


def learn_rules(
    data: pd.DataFrame | Ledger,
    *,
    least_support: int = LEAST_ROWS,
    hard: float = 0.99,
    soft: float = 0.8,
    alpha: float = 0.01,
    skip: Iterable[str] = (),
    calendar: BankCalendar | None = None,
    random_state: int = 0,
) -> RuleSet:
    """Rules that the rows keep and that chance would not have made.

    Parameters
    ----------
    data : rows of the training slice; never those that an evaluation is to be done on
    least_support : rows that a rule must be about
    hard, soft : shares of rows from which a rule is hard or soft. Rules of which real rows keep 99 % are hard, so that
        :func:`check_satisfiable` finds no fault with what was learned.
    alpha : bound on the p-values, adjusted by Benjamini and Hochberg over all candidates that chance could make
    skip : columns to leave out
    calendar : of bank holidays, default the national one
    random_state : of the permutations

    Returns
    -------
    RuleSet
        With origin ``learned`` and their evidence (support, confidence, p-value, counter-examples). If the hard rules
        do not hold together on 95 % of the rows, the weakest become soft until they do.

    Raises
    ------
    InsufficientDataError
        If there are fewer than ``least_support`` rows.
    """
    if not 0 < soft <= hard <= 1 or not 0 < alpha < 1 or least_support < 2:
        raise InvalidParameterError(
            f"0 < soft <= hard <= 1, 0 < alpha < 1 and least_support >= 2; got {soft}, {hard}, {alpha},"
            f" {least_support}."
        )
    frame = as_frame(data)
    frame = frame.drop(columns=[name for name in skip if name in frame.columns]).reset_index(drop=True)
    if len(frame) < least_support:
        raise InsufficientDataError(
            f"Rules are learned from at least {least_support} rows; got {len(frame)}. Declare rules instead."
        )
    table = Table(frame, calendar)
    mine = Mine(table, np.random.default_rng(random_state), least_support, hard, soft)
    candidates = [*columns_rules(mine), *pair_rules(mine), *time_rules(mine)]
    rules = [rule for rule in _kept(candidates, mine, alpha) if rule is not None]
    return RuleSet(_joint(rules, table))


def _kept(candidates: Sequence[Candidate], mine: Mine, alpha: float) -> Iterable[Rule | None]:
    """Candidates that pass, as rules with their evidence; ids are made unique."""
    asked = [place for place, one in enumerate(candidates) if one.p_value is not None]
    p_values: dict[int, float] = {}
    if asked:
        found = adjusted(np.array([candidates[place].p_value for place in asked], dtype=np.float64))
        p_values = dict(zip(asked, found.tolist(), strict=True))
    seen: set[str] = set()
    for place, candidate in enumerate(candidates):
        p_value = p_values.get(place)
        if p_value is not None and p_value >= alpha:
            continue
        given = dict(candidate.rule)
        name = str(given["id"])
        free = (f"{name}_{number}" if number > 1 else name for number in count(1))
        given["id"] = next(one for one in free if one not in seen)
        seen.add(str(given["id"]))
        yield _judged(given, p_value, mine)


def _judged(given: dict[str, object], p_value: float | None, mine: Mine) -> Rule | None:
    """The rule with severity by its share of the rows; None below the least support or share."""
    rule = make_rule({**given, "origin": "learned"})
    try:
        answers = rule.answers(mine.table)
    except UnanswerableError:
        return None
    support = int((answers != SILENT).sum())
    broken = np.flatnonzero(answers == BROKEN)
    if support < mine.least_support:
        return None
    confidence = 1 - len(broken) / support
    if confidence < mine.soft:
        return None
    examples = tuple(shown_row(rule, mine.table, int(row)) for row in broken[:3])
    evidence = Evidence(support, confidence, p_value, examples)
    if confidence >= mine.hard:
        enforce = _ENFORCED.get(rule.type, "reject")
        return replace(rule, severity="hard", enforce=enforce, evidence=evidence)  # type: ignore[arg-type]
    return replace(rule, severity="soft", enforce="report", min_share=round(confidence, 4), evidence=evidence)


def _joint(rules: list[Rule], table: Table) -> tuple[Rule, ...]:
    """The rules, the weakest hard ones made soft until the hard ones hold together on 95 % of the rows."""
    broken = {rule.id: rule.answers(table) == BROKEN for rule in rules if rule.severity == "hard"}
    found = {rule.id: rule for rule in rules}

    def joint() -> float:
        return float(1 - np.logical_or.reduce(list(broken.values())).mean()) if broken else 1.0

    while joint() < LEAST_TOGETHER:
        weakest = max(broken, key=lambda name: float(broken[name].mean()))
        share = round(1 - float(broken.pop(weakest).mean()), 4)
        found[weakest] = replace(found[weakest], severity="soft", enforce="report", min_share=share)
    return tuple(found.values())


__all__ = ["learn_rules"]
