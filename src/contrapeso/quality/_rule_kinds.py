"""Ready-made rules of one table, for the ``rules`` of :func:`contrapeso.quality.evaluate`.

Each function gives a :class:`~contrapeso.quality.Rule`. A null in a column of the rule makes a row not applicable,
unless said otherwise.

>>> import pandas as pd
>>> from contrapeso.quality._rule_kinds import inequality
>>> table = pd.DataFrame({"due": [1, 5, None], "paid": [3, 4, 2]})
>>> inequality("due", "<=", "paid").check(table).tolist()
[True, False, False]
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError
from contrapeso.quality._rules import Predicate, Rule

Comparison = Literal["<", "<=", "==", "!=", ">=", ">"]
_COMPARE: Mapping[str, Callable[[pd.Series, pd.Series], pd.Series]] = {
    "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip


def _where_present(columns: Sequence[str], judge: Callable[[pd.DataFrame], pd.Series]) -> Rule:
    """``judge`` asked only on the rows without a null in ``columns``, so that it need not know of nulls."""

    def check(table: pd.DataFrame) -> NDArray[np.bool_]:
        present = table[list(columns)].notna().all(axis=1).to_numpy(dtype=bool)
        answer = np.zeros(len(table), dtype=bool)
        answer[present] = judge(table[present]).to_numpy(dtype=bool)
        return answer

    return Rule(check, tuple(columns))


def in_range(column: str, low: object = None, high: object = None) -> Rule:
    """``low <= column <= high``; None leaves an end open. Numbers, dates, or text in its order."""
    if low is None and high is None:
        raise InvalidParameterError(f"A range of {column!r} needs low, high or both.")

    def judge(table: pd.DataFrame) -> pd.Series:
        values = table[column]
        kept = pd.Series(data=True, index=table.index)
        if low is not None:
            kept &= (values >= low).astype(bool)
        if high is not None:
            kept &= (values <= high).astype(bool)
        return kept

    return _where_present((column,), judge)


def one_of(column: str, values: Iterable[object]) -> Rule:
    """The column holds one of ``values`` (an enumeration)."""
    allowed = list(values)
    return Rule(lambda table: table[column].isin(allowed), (column,))


def required(column: str) -> Rule:
    """The column is not null."""
    return Rule(lambda table: table[column].notna(), (column,), nulls="violated")


def inequality(left: str, comparison: Comparison, right: str) -> Rule:
    """Two columns compare as ``comparison`` says: ``inequality("due", "<=", "paid")``."""
    if comparison not in _COMPARE:
        raise InvalidParameterError(f"There is no comparison {comparison!r}; there are {', '.join(_COMPARE)}.")
    compare = _COMPARE[comparison]
    return _where_present((left, right), lambda table: compare(table[left], table[right]))


def functional_dependency(left: str | Sequence[str], right: str) -> Rule:
    """Rows alike on ``left`` are alike on ``right``: a row is violated where it differs from the most frequent value.

    Ties of frequency go to the lower value as text, so that the order of rows does not matter.
    """
    keys = [left] if isinstance(left, str) else list(left)

    def check(table: pd.DataFrame) -> pd.Series:
        counts = table.groupby([*keys, right], observed=True, sort=False).size().reset_index(name="\0count")
        order = counts.assign(**{"\0text": counts[right].astype(str)})
        order = order.sort_values(["\0count", "\0text"], ascending=[False, True], kind="stable")
        usual = order.drop_duplicates(keys)[[*keys, right]].rename(columns={right: "\0usual"})
        found = table[[*keys, right]].merge(usual, how="left", on=keys)
        return (found[right] == found["\0usual"]).set_axis(table.index)

    return Rule(check, (*keys, right))


def fixed_combinations(columns: Sequence[str], allowed: Iterable[Sequence[object]]) -> Rule:
    """The values of ``columns`` together are one of the ``allowed`` combinations."""
    names, known = list(columns), pd.MultiIndex.from_tuples([tuple(values) for values in allowed])
    return Rule(
        lambda table: pd.Series(pd.MultiIndex.from_frame(table[names]).isin(known), index=table.index), tuple(names)
    )


def formula(parts: Sequence[str], total: str, *, tolerance: float = 0.005) -> Rule:
    """The ``parts`` sum to ``total``; a leading minus subtracts: ``formula(["gross", "-tax"], "net")``."""
    terms = [(-1.0, name[1:]) if name.startswith("-") else (1.0, name) for name in parts]

    def judge(table: pd.DataFrame) -> pd.Series:
        made = sum((sign * table[name].astype(float) for sign, name in terms), pd.Series(0.0, index=table.index))
        return (made - table[total].astype(float)).abs() <= tolerance * (1 + 1e-9)

    return _where_present((*(name for _, name in terms), total), judge)


def resolution(column: str, decimals: int) -> Rule:
    """Numbers have at most ``decimals`` decimals (0: whole numbers)."""

    def judge(table: pd.DataFrame) -> pd.Series:
        values = table[column].astype(float)
        return (values - values.round(decimals)).abs() <= 1e-9 * values.abs().clip(lower=1.0)

    return _where_present((column,), judge)


def matches(column: str, pattern: str) -> Rule:
    """The whole text of the column matches the regular expression ``pattern``."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise InvalidParameterError(f"{pattern!r} is no regular expression: {error}.") from error

    def check(table: pd.DataFrame) -> list[bool]:
        return [isinstance(value, str) and compiled.fullmatch(value) is not None for value in table[column]]

    return Rule(check, (column,))


def unique(*columns: str) -> Rule:
    """No other row has the same values of ``columns``; all rows of a repeated key are violated."""
    return Rule(lambda table: ~table.duplicated(list(columns), keep=False), columns)


def implication(when: Predicate, then: Predicate, columns: Sequence[str] = ()) -> Rule:
    """Where ``when`` holds, so does ``then``; other rows are not applicable."""

    def check(table: pd.DataFrame) -> pd.Series:
        asked = pd.Series(when(table)).astype("boolean").fillna(value=False).to_numpy(dtype=bool)
        held = pd.Series(then(table)).astype("boolean").set_axis(table.index)
        return held.mask(~asked)

    return Rule(check, tuple(columns))


__all__ = [
    "Comparison",
    "fixed_combinations",
    "formula",
    "functional_dependency",
    "implication",
    "in_range",
    "inequality",
    "matches",
    "one_of",
    "required",
    "resolution",
    "unique",
]
