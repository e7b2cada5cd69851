"""Comparisons of columns, and ``and`` and ``or`` in the three truths of Kleene: true, false and not known.

Numbers that differ by less than a billionth of their size are equal, so that sums of centavos compare as on paper.
"""

from __future__ import annotations

import numpy as np

from contrapeso.finance.rules._values import (
    Bools,
    Floats,
    UnanswerableError,
    Values,
    as_days,
    as_text,
    numbers,
    truths,
)

NEAR = 1e-9


def both(one: Values, two: Values) -> Values:
    """Kleene's ``and``."""
    no = (~one.data & ~one.missing) | (~two.data & ~two.missing)
    gone = (one.missing | two.missing) & ~no
    return truths(np.asarray(one.data & two.data & ~no, dtype=np.bool_), gone)


def either(one: Values, two: Values) -> Values:
    """Kleene's ``or``."""
    yes = (one.data & ~one.missing) | (two.data & ~two.missing)
    return truths(np.asarray(yes, dtype=np.bool_), (one.missing | two.missing) & ~yes)


def compare(left: Values, operator: str, right: Values) -> Values:
    """A comparison of two columns or constants of one kind, unknown where one is missing."""
    left, right = one_kind(left, right)
    gone = left.missing | right.missing
    if left.kind == "text":
        if operator not in {"==", "!="}:
            raise UnanswerableError(f"texts are compared with == and !=, not with {operator}")
        same = _same_text(left, right)
        return truths(same if operator == "==" else ~same, gone)
    one, two = left.data, right.data
    near = one == two if left.kind != "number" else _near(one, two)
    if operator in {"==", "!="}:
        return truths(near if operator == "==" else ~near, gone)
    strict = one < two if operator in {"<", "<="} else one > two
    return truths(strict | near if operator.endswith("=") else strict & ~near, gone)


def _near(one: Floats, two: Floats) -> Bools:
    return np.asarray(np.abs(one - two) <= NEAR * np.maximum(1.0, np.maximum(np.abs(one), np.abs(two))))


def one_kind(left: Values, right: Values) -> tuple[Values, Values]:
    """Both in one kind: an ISO text beside a date is a date, a number or date beside a text is a text."""
    if left.kind == right.kind:
        return left, right
    if right.missing.all():  # None, or a column without a value, has every kind
        return left, _nothing_like(left, right)
    if left.missing.all():
        return _nothing_like(right, left), right
    kinds = {left.kind, right.kind}
    if kinds == {"day", "text"}:
        return as_days(left), as_days(right)
    if "text" in kinds:
        return as_text(left), as_text(right)
    if kinds == {"number", "truth"}:
        return numbers(left.data, left.missing), numbers(right.data, right.missing)
    raise UnanswerableError(f"a {left.kind} and a {right.kind} cannot be compared")


def _nothing_like(values: Values, empty: Values) -> Values:
    """An all-missing column in the kind of ``values``."""
    return Values(values.kind, np.zeros(len(empty.data), values.data.dtype), np.ones_like(empty.missing), values.words)


def _same_text(left: Values, right: Values) -> Bools:
    if len(right.data) == 1 and len(right.words) == 1:
        equal = left.words == right.words[0]
        if not len(equal):
            return np.zeros(len(left.data), dtype=bool)
        return np.asarray(equal, dtype=bool)[np.where(left.missing, 0, left.data).astype(np.int64)]
    if len(left.data) == 1 and len(left.words) == 1:
        return _same_text(right, left)
    number_of = {word: place for place, word in enumerate(left.words)}
    other = np.array([number_of.get(word, -1) for word in right.words] or [-1], dtype=np.int64)
    return np.asarray(left.data == other[np.where(right.missing, 0, right.data).astype(np.int64)])


__all__ = ["NEAR", "both", "compare", "either", "one_kind"]
