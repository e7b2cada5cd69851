"""What an expression leaves open, column by column: bounds of numbers and lists of words, as far as it can be read off.

A part of an expression that is no comparison of a column with constants says nothing here, so that what is read off is
never narrower than the expression: if it is empty, so is the expression.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass

from contrapeso.finance.rules._laws_columns import EnumLaw, RangeLaw
from contrapeso.finance.rules._laws_rows import ExpressionLaw, ImplicationLaw
from contrapeso.finance.rules._logic import NEAR
from contrapeso.finance.rules._rule import Rule


@dataclass(frozen=True, slots=True)
class Box:
    """Values that are left open: numbers from ``low`` to ``high``, and words, all of them where None."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    words: frozenset[str] | None = None

    def __and__(self, other: Box) -> Box:
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, not_open = min((self.high, not self.high_open), (other.high, not other.high_open))
        words = other.words if self.words is None else self.words if other.words is None else self.words & other.words
        return Box(low, high, low_open, not not_open, words)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        if self.words is not None and not self.words:
            return True
        gap = NEAR * max(1.0, min(abs(self.low), abs(self.high)))
        return self.low > self.high + gap or (self.low >= self.high - gap and (self.low_open or self.high_open))


def boxes_of(rule: Rule) -> dict[str, Box]:
    """What a rule and its condition leave open of each column."""
    law, atoms = rule.law, list[tuple[str, Box]]()
    if rule.when is not None:
        atoms += _atoms(rule.when.tree)
    if isinstance(law, ImplicationLaw):
        atoms += _atoms(law.then.tree)
    elif isinstance(law, ExpressionLaw):
        atoms += _atoms(law.holds.tree)
    elif isinstance(law, RangeLaw) and not law.bounds:
        low, high = (-math.inf if law.min is None else law.min), (math.inf if law.max is None else law.max)
        atoms.append(_money(law.column, Box(low, high)))
    elif isinstance(law, EnumLaw) and not law.fold:
        atoms.append((law.column, Box(words=frozenset(map(str, law.values)))))
    found: dict[str, Box] = {}
    for column, box in atoms:
        found[column] = found.get(column, Box()) & box
    return found


def _money(column: str, box: Box) -> tuple[str, Box]:
    """Bounds on centavos are bounds on the amount."""
    if column in {"amount_cents", "balance_cents"}:
        return column.removesuffix("_cents"), Box(box.low / 100, box.high / 100, box.low_open, box.high_open)
    return column, box


def _atoms(node: ast.expr) -> Iterator[tuple[str, Box]]:
    """Columns and what their comparisons leave open, of all that must hold together."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for part in node.values:
            yield from _atoms(part)
    elif isinstance(node, ast.Compare):
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield from _comparison(left, operator, right)
            left = right
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "between":
        yield from _comparison(node.args[0], ast.GtE(), node.args[1])
        yield from _comparison(node.args[0], ast.LtE(), node.args[2])


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Iterator[tuple[str, Box]]:
    if _constant(left) is not None and _constant(right) is None:
        left, right = right, left
        operator = _TURNED.get(type(operator), type(operator))()
    column, absolute = _column(left)
    value = _constant(right)
    if column is None or value is None:
        return
    if absolute:
        if isinstance(operator, (ast.Lt, ast.LtE)) and isinstance(value, (int, float)):
            strict = isinstance(operator, ast.Lt)
            yield _money(column, Box(-value, value, strict, strict))
        return
    box = _box(operator, value)
    if box is not None:
        yield _money(column, box)


def _box(operator: ast.cmpop, value: object) -> Box | None:  # noqa: PLR0911 - one for each operator
    if isinstance(value, (list, tuple)) and isinstance(operator, ast.In):
        if all(isinstance(item, str) for item in value):
            return Box(words=frozenset(value))
        if all(isinstance(item, (int, float)) for item in value):
            return Box(min(value), max(value))
        return None
    if isinstance(value, str):
        return Box(words=frozenset({value})) if isinstance(operator, ast.Eq) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    number = float(value)
    if isinstance(operator, ast.Eq):
        return Box(number, number)
    if isinstance(operator, (ast.Lt, ast.LtE)):
        return Box(high=number, high_open=isinstance(operator, ast.Lt))
    if isinstance(operator, (ast.Gt, ast.GtE)):
        return Box(low=number, low_open=isinstance(operator, ast.Gt))
    return None


def _column(node: ast.expr) -> tuple[str | None, bool]:
    """The column that a side names, and whether its absolute value is meant."""
    if isinstance(node, ast.Name):
        return node.id, False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "col":
            return str(node.args[0].value), False  # type: ignore[attr-defined]
        if node.func.id == "abs":
            return _column(node.args[0])[0], True
    return None, False


def _constant(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


__all__ = ["Box", "boxes_of"]
