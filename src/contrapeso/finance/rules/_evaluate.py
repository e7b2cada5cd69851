"""Expressions over whole columns, in the three truths of Kleene: true, false and not known.

A missing value makes a comparison unknown; ``false and unknown`` is false, ``true or unknown`` is true.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import numpy as np

from contrapeso.finance.rules._functions import FUNCTIONS
from contrapeso.finance.rules._language import Expression
from contrapeso.finance.rules._logic import both, compare, either, one_kind
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import (
    Bools,
    Floats,
    UnanswerableError,
    Values,
    days,
    numbers,
    regrouped,
    truths,
)

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "==",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Floats, Floats], Floats]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
}  # fmt: skip


def truth_of(expression: Expression, table: Table) -> tuple[Bools, Bools]:
    """Whether the expression is true and whether that is known, each of shape (n,).

    Raises
    ------
    UnanswerableError
        If a column is absent or values of different kinds meet.
    """
    answer = as_truth(evaluate(expression.tree, table))
    known = ~np.broadcast_to(answer.missing, len(table))
    return np.broadcast_to(answer.data, len(table)).astype(bool) & known, known


def value_of(expression: Expression, table: Table) -> Values:
    """The value of the expression in each row, shape (n,)."""
    found = evaluate(expression.tree, table)
    n = len(table)
    return Values(found.kind, np.broadcast_to(found.data, n), np.broadcast_to(found.missing, n), found.words)


def evaluate(node: ast.expr, table: Table) -> Values:  # noqa: PLR0911 - one for each kind of node
    """The value of one checked node."""
    if isinstance(node, ast.Constant):
        return constant(node.value)
    if isinstance(node, ast.Name):
        return table.column(node.id)
    if isinstance(node, ast.BoolOp):
        join = both if isinstance(node.op, ast.And) else either
        parts = [as_truth(evaluate(part, table)) for part in node.values]
        found = parts[0]
        for part in parts[1:]:
            found = join(found, part)
        return found
    if isinstance(node, ast.UnaryOp):
        return _unary(node, table)
    if isinstance(node, ast.BinOp):
        return _arithmetic(node, table)
    if isinstance(node, ast.Compare):
        return _comparisons(node, table)
    if isinstance(node, ast.IfExp):
        return _chosen(node, table)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "col":
            return table.column(str(node.args[0].value))  # type: ignore[attr-defined]
        return FUNCTIONS[node.func.id].call(table, [evaluate(part, table) for part in node.args])
    raise UnanswerableError(f"{type(node).__name__} has no value here")


def constant(value: object) -> Values:
    """A constant as values of shape (1,)."""
    if value is None:
        return truths(np.zeros(1, dtype=bool), np.ones(1, dtype=bool))
    if isinstance(value, bool):
        return truths(np.array([value]))
    if isinstance(value, (int, float)):
        return numbers(np.array([value], dtype=np.float64))
    words = np.empty(1, dtype=object)
    words[0] = str(value)
    return Values("text", np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool), words)


def as_truth(values: Values) -> Values:
    """Values that answer a question; a number is no answer."""
    if values.kind != "truth":
        raise UnanswerableError(f"a comparison is needed, not a {values.kind}")
    return values


def _unary(node: ast.UnaryOp, table: Table) -> Values:
    inner = evaluate(node.operand, table)
    if isinstance(node.op, ast.Not):
        asked = as_truth(inner)
        return truths(~asked.data.astype(bool), asked.missing)
    if inner.kind != "number":
        raise UnanswerableError(f"a number is needed, not a {inner.kind}")
    return numbers(-inner.data if isinstance(node.op, ast.USub) else inner.data, inner.missing)


def _arithmetic(node: ast.BinOp, table: Table) -> Values:
    left, right = evaluate(node.left, table), evaluate(node.right, table)
    gone = left.missing | right.missing
    if "day" in {left.kind, right.kind}:
        return _with_days(node.op, left, right, gone)
    if {left.kind, right.kind} - {"number", "truth"}:
        raise UnanswerableError(f"a {left.kind} and a {right.kind} cannot be added or multiplied")
    with np.errstate(all="ignore"):  # a division by zero is a missing value
        data = _ARITHMETIC[type(node.op)](left.data.astype(np.float64), right.data.astype(np.float64))
    return numbers(data, gone)


def _with_days(operator: ast.operator, left: Values, right: Values, gone: Bools) -> Values:
    """A day and a number of days, or the days between two."""
    if isinstance(operator, ast.Sub) and left.kind == right.kind == "day":
        return numbers((left.data - right.data).astype(np.float64), gone)
    if isinstance(operator, (ast.Add, ast.Sub)) and left.kind == "day" and right.kind == "number":
        step = right.data.astype(np.int64) * (1 if isinstance(operator, ast.Add) else -1)
        return days(left.data.astype(np.int64) + step, gone)
    raise UnanswerableError("days take + and - with a number of days, and - with each other")


def _comparisons(node: ast.Compare, table: Table) -> Values:
    """A chain such as ``0 < amount <= 10``."""
    left = evaluate(node.left, table)
    found: Values | None = None
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, (ast.In, ast.NotIn)):
            answer, right = _member(left, right_node, negated=isinstance(operator, ast.NotIn)), left
        elif isinstance(operator, (ast.Is, ast.IsNot)):
            gone = left.missing if isinstance(operator, ast.Is) else ~left.missing
            answer, right = truths(gone.copy()), left
        else:
            right = evaluate(right_node, table)
            answer = compare(left, _OPERATORS[type(operator)], right)
        found = answer if found is None else both(found, answer)
        left = right
    assert found is not None  # a comparison has an operator  # noqa: S101
    return found


def _member(left: Values, node: ast.expr, *, negated: bool) -> Values:
    items = [ast.literal_eval(item) for item in node.elts]  # type: ignore[attr-defined]
    found = np.zeros(len(left.data), dtype=bool)
    for item in items:
        if item is not None:
            found |= compare(left, "==", constant(item)).data.astype(bool)
    return truths(~found if negated else found, left.missing)


def _chosen(node: ast.IfExp, table: Table) -> Values:
    asked = as_truth(evaluate(node.test, table))
    yes, no = one_kind(evaluate(node.body, table), evaluate(node.orelse, table))
    if yes.kind == "text":
        words = np.concatenate([yes.words, no.words])
        data = np.where(asked.data, yes.data, no.data + len(yes.words))
        gone = asked.missing | np.where(asked.data, yes.missing, no.missing)
        return regrouped(data.astype(np.int64), gone, words)
    data = np.where(asked.data, yes.data, no.data)
    return Values(yes.kind, data, asked.missing | np.where(asked.data, yes.missing, no.missing))


__all__ = ["as_truth", "constant", "evaluate", "truth_of", "value_of"]
