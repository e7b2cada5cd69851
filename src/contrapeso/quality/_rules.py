"""Business rules: predicates on rows, with a stated policy for nulls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from contrapeso.errors import ColumnNotFoundError, InvalidDataError
from contrapeso.quality._report import RuleReport

Predicate: TypeAlias = Callable[[pd.DataFrame], ArrayLike | pd.Series]
Floats = NDArray[np.float64]
MIN_REAL_RATE = 0.01
OVER_REGULAR = 0.05
N_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """A predicate and what nulls mean to it.

    ``check`` takes a DataFrame and answers True, False or null for each row. A null answer, and a null in one of
    ``columns``, means by ``nulls``: the row is not applicable (the default), satisfies or violates the rule.
    ``severity`` says whether real rows always keep it (``hard``) or by and large (``soft``); synthetic rows that keep a
    soft rule more often than real ones are over-regular.
    """

    check: Predicate
    columns: Sequence[str] = ()
    nulls: Literal["not_applicable", "satisfied", "violated"] = "not_applicable"
    severity: Literal["hard", "soft"] = "hard"


Rules: TypeAlias = Mapping[str, "Rule | Predicate"]


@dataclass(frozen=True, slots=True)
class RuleAnswers:
    """One rule on one table: 1 satisfied, 0 violated, NaN not applicable, (n,)."""

    name: str
    answers: Floats


def ask(rules: Rules, frame: pd.DataFrame, what: str) -> list[RuleAnswers]:
    """The answer of every rule on every row of ``frame``.

    Raises
    ------
    InvalidDataError
        If a rule answers anything but one boolean (or null) a row.
    ColumnNotFoundError
        If a rule names a column that the table does not have.
    """
    return [RuleAnswers(name, _answers(name, _rule(rule), frame, what)) for name, rule in rules.items()]


def _rule(rule: Rule | Predicate) -> Rule:
    return rule if isinstance(rule, Rule) else Rule(rule)


def _answers(name: str, rule: Rule, frame: pd.DataFrame, what: str) -> Floats:
    for column in rule.columns:
        if column not in frame:
            raise ColumnNotFoundError(
                f"Rule {name!r} reads column {column!r}, which the {what} table does not have. "
                f"Its columns: {', '.join(map(str, frame.columns))}."
            )
    answer = pd.Series(rule.check(frame))
    if len(answer) != len(frame):
        raise InvalidDataError(
            f"Rule {name!r} must answer one boolean a row: the {what} table has {len(frame)} rows, "
            f"the answer has {len(answer)}."
        )
    gone = answer.isna().to_numpy(dtype=bool)
    present = answer[~gone]
    if not (
        pd.api.types.is_bool_dtype(present.dtype)
        or present.map(lambda value: isinstance(value, (bool, np.bool_))).all()
    ):
        raise InvalidDataError(f"Rule {name!r} must answer True, False or null for each row of the {what} table.")
    values = np.full(len(frame), np.nan)
    values[~gone] = present.to_numpy(dtype=bool)
    if rule.columns:
        gone |= frame[list(rule.columns)].isna().any(axis=1).to_numpy(dtype=bool)
    values[gone] = {"not_applicable": np.nan, "satisfied": 1.0, "violated": 0.0}[rule.nulls]
    return values


def rate(answers: Floats, weights: Floats | None = None) -> float | None:
    """Weighted share of applicable rows that satisfy the rule; None where none is applicable."""
    asked = ~np.isnan(answers)
    mass = np.ones(answers.size) if weights is None else weights
    total = mass[asked].sum()
    return float((mass[asked] * answers[asked]).sum() / total) if total > 0 else None


def report_rule(real: RuleAnswers, synthetic: RuleAnswers, weights: Floats | None) -> RuleReport:
    """Rates on both tables and ``min(1, synthetic / max(real, 0.01))``."""
    rate_real, rate_synthetic = rate(real.answers, weights), rate(synthetic.answers)
    violations = np.flatnonzero(synthetic.answers == 0)[:N_EXAMPLES]
    return RuleReport(
        real.name,
        rate_real,
        rate_synthetic,
        rule_score(rate_real, rate_synthetic),
        int((~np.isnan(synthetic.answers)).sum()),
        tuple(int(row) for row in violations),
    )


def rule_score(rate_real: float | None, rate_synthetic: float | None) -> float | None:
    """How well the synthetic rows keep a rule, relative to the real ones; a rule without a real row asks for 1."""
    if rate_synthetic is None:
        return None
    return min(1.0, rate_synthetic / max(1.0 if rate_real is None else rate_real, MIN_REAL_RATE))


def clean_share(answers: Sequence[RuleAnswers], weights: Floats | None = None) -> float | None:
    """Weighted share of the rows that violate none of the rules; None without a rule or a row.

    A row that no rule applies to violates none.
    """
    if not answers or not answers[0].answers.size:
        return None
    violated = np.zeros(answers[0].answers.size, dtype=bool)
    for one in answers:
        violated |= one.answers == 0
    return float(1 - np.average(violated, weights=weights))


def is_over_regular(
    rule: Rule | Predicate, rate_real: float | None, rate_synthetic: float | None, margin: float = OVER_REGULAR
) -> bool:
    """Whether synthetic rows keep a soft rule more than ``margin`` more often than real rows do.

    Rows that pay on the fifth business day every time give themselves away where people do so in 83 % of the months.
    """
    if _rule(rule).severity == "hard" or rate_real is None or rate_synthetic is None:
        return False
    return rate_synthetic > rate_real + margin


def rule_replicates(
    real: Sequence[RuleAnswers],
    synthetic: Sequence[RuleAnswers],
    groups: tuple[NDArray[np.intp], NDArray[np.intp]],
    weights: Floats | None,
    n_groups: int,
) -> Floats | None:
    """Mean rule score of the whole and with each row group left out, (1 + G,); None where no rule applies."""
    scores = []
    for left_out in range(-1, n_groups):
        keep, keep_s = groups[0] != left_out, groups[1] != left_out
        found = [
            rule_score(rate(r.answers[keep], None if weights is None else weights[keep]), rate(s.answers[keep_s]))
            for r, s in zip(real, synthetic, strict=True)
        ]
        known = [score for score in found if score is not None]
        if not known:
            return None
        scores.append(np.mean(known))
    return np.array(scores)


__all__ = [
    "Predicate",
    "Rule",
    "RuleAnswers",
    "Rules",
    "ask",
    "clean_share",
    "is_over_regular",
    "report_rule",
    "rule_replicates",
]
