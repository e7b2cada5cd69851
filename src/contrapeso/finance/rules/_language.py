"""The language of rules: one expression of comparisons and a list of known functions, read by ``ast`` and never run.

What is allowed is a white list: comparisons, ``and``/``or``/``not``, arithmetic without powers, ``in`` with a list of
constants, ``a if b else c``, names of columns and calls of the functions of :mod:`_functions` by name. Everything else
(attributes, subscripts, lambdas, comprehensions, keywords, f-strings) is an error that names what stood there. Length,
depth and the number of parts are limited, so is what a regular expression may do.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.rules._functions import FUNCTIONS, Function
from contrapeso.finance.rules._patterns import check_pattern

MAX_LENGTH = 1000
MAX_DEPTH = 24
MAX_PARTS = 300
MAX_NUMBER = 1e15

_PLAIN = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult,
    ast.Div, ast.FloorDiv, ast.Mod, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
    ast.Is, ast.IsNot, ast.IfExp, ast.Load,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text, its tree and the columns that it names."""

    source: str
    tree: ast.expr
    columns: frozenset[str]

    def __str__(self) -> str:
        return self.source


@lru_cache(maxsize=1024)
def parse(source: str) -> Expression:
    """The checked expression of a text.

    Raises
    ------
    InvalidParameterError
        If the text is no expression or holds anything outside the language.

    Examples
    --------
    >>> sorted(parse("amount < 0 and category == 'impostos'").columns)
    ['amount', 'category']
    >>> parse("().__class__")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    contrapeso.errors.InvalidParameterError: ...
    """
    tree = _tree(source)
    for n_parts, (node, depth) in enumerate(_walk(tree), start=1):
        if n_parts > MAX_PARTS or depth > MAX_DEPTH:
            raise InvalidParameterError(
                f"An expression has at most {MAX_PARTS} parts in {MAX_DEPTH} levels; this one has more: "
                f"{source[:80]!r}. Split it into several rules."
            )
        _check(node, source)
    return Expression(source, tree, frozenset(_columns(tree)))


def _tree(source: str) -> ast.expr:
    if not isinstance(source, str) or not source.strip():
        raise InvalidParameterError(f"An expression is a text such as 'amount < 0'; got {source!r}.")
    if len(source) > MAX_LENGTH:
        raise InvalidParameterError(
            f"An expression has at most {MAX_LENGTH} characters; this one has {len(source)}. Split it into"
            " several rules."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # '1if x' and the like: an answer, or an error of ours
            # a backslash stands for itself: patterns are written as they are, without escapes
            return ast.parse(source.strip().replace("\n", " ").replace("\\", "\\\\"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "it is nested too deeply or holds a null character"
        raise InvalidParameterError(
            f"{source!r} is no expression: {reason}. Write comparisons such as amount < 0 and category == 'impostos'."
        ) from error


def _walk(root: ast.expr) -> Iterator[tuple[ast.AST, int]]:
    """Every node with its depth, without recursion."""
    stack: list[tuple[ast.AST, int]] = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _check(node: ast.AST, source: str) -> None:
    """Refuse a node outside the white list."""
    if isinstance(node, ast.Call):
        _check_call(node, source)
    elif isinstance(node, ast.Constant):
        _check_constant(node.value, source)
    elif isinstance(node, ast.Compare):
        _check_comparison(node, source)
    elif isinstance(node, (ast.List, ast.Tuple)):
        if not all(isinstance(item, ast.Constant) or _is_negative(item) for item in node.elts):
            raise InvalidParameterError(f"A list of an expression holds constants only, in {source!r}.")
    elif not isinstance(node, (ast.Name, *_PLAIN)):
        raise InvalidParameterError(f"{_name_of(node)} is no part of the language of rules, in {source!r}.")


def _is_negative(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


def _check_constant(value: object, source: str) -> None:
    if value is None or isinstance(value, (bool, str)):
        return
    if isinstance(value, (int, float)) and math.isfinite(value) and abs(value) <= MAX_NUMBER:
        return
    raise InvalidParameterError(
        f"A constant is a text, True, False, None or a number up to {MAX_NUMBER:g}; {source!r} holds another."
    )


def _check_comparison(node: ast.Compare, source: str) -> None:
    for operator, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, (ast.In, ast.NotIn)) != isinstance(right, (ast.List, ast.Tuple)):
            raise InvalidParameterError(f"A list stands right of 'in' and nowhere else, in {source!r}.")
        if isinstance(operator, (ast.Is, ast.IsNot)) and not (isinstance(right, ast.Constant) and right.value is None):
            raise InvalidParameterError(f"'is' asks for None only, in {source!r}. Write == for a comparison.")


def _check_call(node: ast.Call, source: str) -> None:
    if not isinstance(node.func, ast.Name):
        raise InvalidParameterError(f"A call names one of the known functions, in {source!r}.")
    name = node.func.id
    if name not in FUNCTIONS:
        near = get_close_matches(name, FUNCTIONS, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(sorted(FUNCTIONS))}."
        raise InvalidParameterError(f"There is no function {name!r}, in {source!r}. {hint}")
    function = FUNCTIONS[name]
    if node.keywords or not function.least <= len(node.args) <= function.most:
        wanted = f"{function.least} to {function.most}" if function.least != function.most else f"{function.least}"
        raise InvalidParameterError(f"{name} takes {wanted} values and no keywords, in {source!r}.")
    _check_literals(name, function, node, source)


def _check_literals(name: str, function: Function, node: ast.Call, source: str) -> None:
    """Arguments that must be constants, because work is done on them once."""
    for place, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred):
            raise InvalidParameterError(f"{name} takes no *values, in {source!r}.")
        if not function.is_literal(place):
            continue
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise InvalidParameterError(f"Value {place + 1} of {name} is a text between quotes, in {source!r}.")
        if name in {"matches", "finds"}:
            check_pattern(argument.value)


def _columns(tree: ast.expr) -> Iterator[str]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in called:
            yield node.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "col":
                yield str(node.args[0].value)  # type: ignore[attr-defined]
            elif node.func.id in {"prev", "next_"}:
                yield "date"


_NODE_NAMES: dict[type[ast.AST], str] = {
    ast.Attribute: "An attribute (.name)",
    ast.Subscript: "A subscript ([...])",
    ast.Lambda: "A lambda",
    ast.JoinedStr: "An f-string",
    ast.NamedExpr: "An assignment (:=)",
    ast.Pow: "A power (**)",
    ast.Starred: "A starred value",
    ast.Dict: "A dict",
    ast.Set: "A set",
}


def _name_of(node: ast.AST) -> str:
    return _NODE_NAMES.get(type(node), f"{type(node).__name__}")


__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_PARTS", "Expression", "parse"]
