"""Rules as plain callables on frames, which ``quality`` takes without knowing this room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contrapeso.finance.rules._rule import KEPT, SILENT, Rule
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import UnanswerableError

if TYPE_CHECKING:
    from contrapeso.finance.calendar import BankCalendar
    from contrapeso.finance.rules._ruleset import RuleSet


def predicates(rules: RuleSet) -> dict[str, Callable[[pd.DataFrame], pd.Series]]:
    """Each rule by its id as a callable: frame -> True, False or None (the rule says nothing) for each row.

    Examples
    --------
    >>> from contrapeso.finance.rules import builtin_rules
    >>> ask = predicates(builtin_rules())["sinal_debito"]
    >>> ask(pd.DataFrame({"amount": [-1.0, 2.0, 3.0], "transaction_type": ["debit", "debit", "credit"]})).tolist()
    [True, False, None]
    """
    calendar = rules.calendar
    return {rule.id: _predicate(rule, calendar) for rule in rules}


def severities(rules: Iterable[Rule]) -> dict[str, str]:
    """``hard`` or ``soft`` for each rule by its id: what ``quality.Rule`` calls ``severity``."""
    return {rule.id: rule.severity for rule in rules}


def _predicate(rule: Rule, calendar: BankCalendar) -> Callable[[pd.DataFrame], pd.Series]:
    def ask(frame: pd.DataFrame) -> pd.Series:
        try:
            answers = rule.answers(Table(frame, calendar))
        except UnanswerableError:
            answers = np.full(len(frame), SILENT, dtype=np.int8)
        found = (answers == KEPT).astype(object)
        found[answers == SILENT] = None
        return pd.Series(found, index=frame.index, dtype=object)

    ask.__name__ = f"rule_{rule.id}"
    ask.__doc__ = rule.text("en")
    return ask


__all__ = ["predicates", "severities"]
