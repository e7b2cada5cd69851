"""Rules about one row: what follows from what, which column is below which, and sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from contrapeso.finance.rules import _params as read
from contrapeso.finance.rules._evaluate import truth_of, value_of
from contrapeso.finance.rules._language import Expression
from contrapeso.finance.rules._laws_columns import Answers
from contrapeso.finance.rules._logic import compare
from contrapeso.finance.rules._params import param
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import Bools, Floats, UnanswerableError, days, numbers


@dataclass(frozen=True, slots=True)
class ImplicationLaw:
    """When the condition of the rule holds, so does ``then``; ``fix`` names the column that a repair sets."""

    type: ClassVar[str] = "implication"
    then: Expression = param(read.expression)  # noqa: RUF009 - a field
    fix: str | None = param(read.text, None)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """A ``then`` that is not known says nothing about the row."""
        return truth_of(self.then, table)


@dataclass(frozen=True, slots=True)
class ExpressionLaw:
    """An expression holds in each row."""

    type: ClassVar[str] = "expression"
    holds: Expression = param(read.expression)  # noqa: RUF009 - a field

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """An answer that is not known says nothing about the row."""
        return truth_of(self.holds, table)


_TURNED: Mapping[str, str] = {"<": "<", "<=": "<=", "==": "==", ">=": ">=", ">": ">"}


@dataclass(frozen=True, slots=True)
class InequalityLaw:
    """``left op right + plus``, of two columns of numbers or of dates (``plus`` in days)."""

    type: ClassVar[str] = "inequality"
    left: str = param(read.text)
    op: str = param(read.one_of(*_TURNED))
    right: str = param(read.text)
    plus: float = param(read.number, 0.0)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """Where one of the two is missing the rule says nothing."""
        left, right = table.column(self.left), table.column(self.right)
        if self.plus:
            if right.kind == "day":
                right = days(right.data.astype(np.int64) + int(self.plus), right.missing)
            elif right.kind == "number":
                right = numbers(right.data + self.plus, right.missing)
            else:
                raise UnanswerableError(f"column {self.right!r} holds neither numbers nor dates")
        answer = compare(left, self.op, right)
        return answer.data.astype(bool), ~answer.missing


@dataclass(frozen=True, slots=True)
class FormulaLaw:
    """A column equals an expression; with ``sum_of``, it is the sum of another column over the rows of its group."""

    type: ClassVar[str] = "formula"
    column: str = param(read.text)
    equals: Expression | None = param(read.expression, None)  # noqa: RUF009 - a field
    sum_of: str | None = param(read.text, None)
    by: tuple[str, ...] = param(read.texts, ())
    tolerance: float = param(read.number, 0.005)

    def __post_init__(self) -> None:
        if (self.equals is None) == (self.sum_of is None) or (self.sum_of is not None and not self.by):
            read.one_of("equals", "sum_of with by")(f"formula of {self.column}", None)

    def check(self, table: Table, asked: Bools) -> Answers:
        """Equal up to ``tolerance``, and half a centavo by default."""
        target = table.column(self.column)
        wanted, known = self.wanted(table, asked)
        if target.kind != "number":
            raise UnanswerableError(f"column {self.column!r} holds no numbers")
        return np.abs(target.data - wanted) <= self.tolerance + 1e-9, known & ~target.missing

    def wanted(self, table: Table, asked: Bools) -> tuple[Floats, Bools]:
        """What the column should hold, and whether that is known."""
        if self.equals is not None:
            values = value_of(self.equals, table)
            if values.kind != "number":
                raise UnanswerableError(f"{self.equals} is no number")
            return values.data.astype(np.float64), ~values.missing
        part = table.column(str(self.sum_of))
        group, gone = table.groups(self.by)
        counts = asked & ~gone
        money = np.where(part.missing, 0.0, part.data)[counts].astype(np.float64)
        total = np.bincount(group[counts], money, int(group.max(initial=0)) + 1).astype(np.float64)
        unknown = np.bincount(group[counts], part.missing[counts], len(total)) > 0
        return total[group], ~gone & ~unknown[group]


__all__ = ["ExpressionLaw", "FormulaLaw", "ImplicationLaw", "InequalityLaw"]
