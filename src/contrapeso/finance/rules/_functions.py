"""The functions of the language of rules, each over whole columns; a missing value gives a missing answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from contrapeso.finance.calendar import FIRST_DAY
from contrapeso.finance.calendar._days import month_bounds
from contrapeso.finance.rules._folding import holding, searcher, space_all
from contrapeso.finance.rules._logic import both, compare
from contrapeso.finance.rules._patterns import folded, globber, matcher
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import (
    Bools,
    Floats,
    Ints,
    UnanswerableError,
    Values,
    as_days,
    as_text,
    days,
    map_words,
    numbers,
    of_answers,
    of_words,
    regrouped,
    truths,
)

Call: TypeAlias = Callable[[Table, list[Values]], Values]
_FIRST = int(FIRST_DAY.astype(np.int64))
_LAST_OFFSET = 36524


@dataclass(frozen=True, slots=True)
class Function:
    """A function, how many values it takes, and which of them are constant texts."""

    call: Call
    least: int
    most: int
    literals: tuple[int, ...] = ()
    meaning: str = ""

    def is_literal(self, place: int) -> bool:
        """Whether the value at ``place`` is a constant text; -1 among ``literals`` is every one after the first."""
        return place in self.literals or (-1 in self.literals and place > 0)


def literal(values: Values) -> str:
    """The text of a constant."""
    return str(values.words[0]) if len(values.words) else ""


def _number(values: Values) -> Floats:
    if values.kind not in {"number", "truth"}:
        raise UnanswerableError(f"a number is needed, not a {values.kind}")
    return values.data.astype(np.float64)


def _of_numbers(change: Callable[[Floats], Floats]) -> Call:
    return lambda _, args: numbers(change(_number(args[0])), args[0].missing)


def _of_days(ask: Callable[[Table, Ints], Ints | Bools]) -> Call:
    """A question to the calendar; a day outside of it has no answer."""

    def call(table: Table, args: list[Values]) -> Values:
        asked = as_days(args[0])
        offset = asked.data.astype(np.int64) - _FIRST
        outside = (offset < 0) | (offset > _LAST_OFFSET)
        answer = ask(table, np.where(outside | asked.missing, 0, offset))
        gone = asked.missing | outside
        return truths(answer.astype(np.bool_), gone) if answer.dtype == np.bool_ else numbers(answer, gone)

    return call


def _dates(offsets: Ints) -> np.ndarray:
    return FIRST_DAY + offsets


def _date_part(unit: str) -> Call:
    def ask(_: Table, offsets: Ints) -> Ints:
        when = _dates(offsets)
        if unit == "year":
            return np.asarray(when.astype("datetime64[Y]").astype(np.int64) + 1970)
        if unit == "month":
            return np.asarray(when.astype("datetime64[M]").astype(np.int64) % 12 + 1)
        return np.asarray(offsets - month_bounds(when)[0] + 1)

    return _of_days(ask)


def _between(_: Table, args: list[Values]) -> Values:
    return both(compare(args[0], ">=", args[1]), compare(args[0], "<=", args[2]))


def _words_of(change: Callable[[str], str]) -> Call:
    return lambda _, args: map_words(as_text(args[0]), change)


def _by_text(make: Callable[[str], Callable[[str], bool]]) -> Call:
    return lambda _, args: of_words(as_text(args[0]), make(literal(args[1])))


def _by_fold(ask: Callable[[str, str], bool]) -> Call:
    """A question about the folded text and a folded part."""

    def call(table: Table, args: list[Values]) -> Values:
        texts, part = as_text(args[0]), folded(literal(args[1]))
        folds = table.words(texts, "folded")
        return of_answers(texts, np.fromiter((ask(text, part) for text in folds), dtype=bool, count=len(folds)))

    return call


def _contains(table: Table, args: list[Values]) -> Values:
    texts = as_text(args[0])
    return of_answers(texts, holding(table.words(texts, "folded"), [folded(literal(args[1]))]))


def _has_word(table: Table, args: list[Values]) -> Values:
    texts = as_text(args[0])
    return of_answers(
        texts, holding(table.words(texts, "spaced"), space_all([folded(literal(word)) for word in args[1:]]))
    )


def _like(table: Table, values: Values, glob: str) -> Values:
    texts, ask = as_text(values), globber(glob)
    folds = table.words(texts, "folded")
    return of_answers(texts, np.fromiter(map(ask, folds), dtype=bool, count=len(folds)))


def _fold_column(table: Table, args: list[Values]) -> Values:
    texts = as_text(args[0])
    words = np.empty(len(texts.words), dtype=object)
    words[:] = table.words(texts, "folded")
    return regrouped(texts.data.astype(np.int64), texts.missing, words)


def _template_matches(table: Table, args: list[Values]) -> Values:
    name = "template" if table.has("template") and table.column("template").kind == "text" else "description"
    return _like(table, table.column(name), literal(args[0]))


def _prev(step: int) -> Call:
    """The value of the row before (or after), in order of date, within the groups of further values."""

    def call(table: Table, args: list[Values]) -> Values:
        values = _full(args[0], len(table))
        when = table.days("date")
        group = np.zeros(len(table), dtype=np.int64)
        for key in args[1:] or ([table.column("account")] if table.has("account") else []):
            codes = np.unique(_full(key, len(table)).data, return_inverse=True)[1]
            group = group * (int(codes.max(initial=0)) + 1) + codes
        order = np.lexsort((np.arange(len(table)), when.data, when.missing, group))
        before = np.roll(order, step)
        lonely = group[order] != group[before]
        if len(order):
            lonely[0 if step > 0 else -1] = True
        place, alone = np.empty_like(order), np.empty(len(order), dtype=bool)
        place[order], alone[order] = before, lonely
        gone = values.missing[place] | alone | when.missing | when.missing[place]
        return Values(values.kind, values.data[place], gone, values.words)

    return call


def _full(values: Values, n: int) -> Values:
    if len(values.data) == n:
        return values
    return Values(values.kind, np.broadcast_to(values.data, n), np.broadcast_to(values.missing, n), values.words)


def _round(_: Table, args: list[Values]) -> Values:
    decimals = int(_number(args[1])[0]) if len(args) > 1 else 0
    data = np.round(_number(args[0]), max(-9, min(9, decimals)))
    return numbers(data, args[0].missing)


def _choose(pick: Callable[[Floats, Floats], Floats]) -> Call:
    def call(_: Table, args: list[Values]) -> Values:
        data, gone = _number(args[0]), args[0].missing
        for other in args[1:]:
            data, gone = pick(data, _number(other)), gone | other.missing
        return numbers(data, gone)

    return call


def _coalesce(_: Table, args: list[Values]) -> Values:
    first, second = args
    if first.kind != second.kind:
        raise UnanswerableError(f"coalesce takes two columns of one kind, not a {first.kind} and a {second.kind}")
    n = max(len(first.data), len(second.data))
    one, two = _full(first, n), _full(second, n)
    if one.kind == "text":
        words = np.concatenate([one.words, two.words])
        codes = np.where(one.missing, two.data + len(one.words), one.data).astype(np.int64)
        return regrouped(codes, one.missing & two.missing, words)
    return Values(one.kind, np.where(one.missing, two.data, one.data), one.missing & two.missing)


def _days_between(_: Table, args: list[Values]) -> Values:
    one, two = as_days(args[0]), as_days(args[1])
    return numbers((two.data - one.data).astype(np.float64), one.missing | two.missing)


def _business_days_between(table: Table, args: list[Values]) -> Values:
    before = _of_days(lambda t, o: np.asarray(t.calendar.business.n_before[o]))
    one, two = before(table, [args[0]]), before(table, [args[1]])
    return numbers(two.data - one.data, one.missing | two.missing)


def _nth_business_day(table: Table, args: list[Values]) -> Values:
    """The n-th business day of the month of a date; missing where the month has fewer."""
    when, steps = as_days(args[0]), _number(args[1]).astype(np.int64)
    offset = when.data.astype(np.int64) - _FIRST
    gone = when.missing | (offset < 0) | (offset > _LAST_OFFSET)
    first, after = month_bounds(_dates(np.where(gone, 0, offset)))
    open_ = table.calendar.business
    low, high = open_.n_before[first], open_.n_before[after]
    place = np.where(steps > 0, low + steps - 1, high + steps)
    gone = gone | args[1].missing | (steps == 0) | (place < low) | (place >= high)
    return days(_FIRST + open_.open_days[np.where(gone, 0, place)], gone)


def _is_null(_: Table, args: list[Values]) -> Values:
    return truths(args[0].missing.copy())


def _len(_: Table, args: list[Values]) -> Values:
    values = as_text(args[0])
    lengths = np.array([len(word) for word in values.words] or [0], dtype=np.float64)
    return numbers(lengths[np.where(values.missing, 0, values.data).astype(np.int64)], values.missing)


def _date(_: Table, args: list[Values]) -> Values:
    return as_days(args[0])


def _cents(_: Table, args: list[Values]) -> Values:
    return numbers(np.round(_number(args[0]) * 100), args[0].missing)


def _unused(_: Table, __: list[Values]) -> Values:  # col() is read by the evaluator itself
    raise UnanswerableError("col takes the name of a column")


def _business(name: str) -> Call:
    return _of_days(lambda table, offsets: getattr(table.calendar.business, name)(_dates(offsets)))


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": Function(_of_numbers(np.abs), 1, 1, meaning="absolute value"),
        "between": Function(_between, 3, 3, meaning="low <= x <= high"),
        "business_day": Function(_business("ordinal"), 1, 1, meaning="number of the business day in its month"),
        "business_days_between": Function(_business_days_between, 2, 2, meaning="business days from a to b"),
        "business_days_left": Function(
            _business("ordinal_from_end"), 1, 1, meaning="the same from the end; the last one is 1"
        ),
        "cents": Function(_cents, 1, 1, meaning="whole centavos of an amount"),
        "coalesce": Function(_coalesce, 2, 2, meaning="a, or b where a is missing"),
        "col": Function(_unused, 1, 1, (0,), "a column whose name is no identifier"),
        "contains": Function(_contains, 2, 2, (1,), "whether a text holds another; accents and case do not count"),
        "date": Function(_date, 1, 1, meaning="a date of an ISO text"),
        "day": Function(_date_part("day"), 1, 1, meaning="day of the month"),
        "days_between": Function(_days_between, 2, 2, meaning="days from a to b"),
        "ends_with": Function(
            _by_fold(lambda text, part: text.endswith(part)), 2, 2, (1,), "whether a text ends so"
        ),
        "fold": Function(_fold_column, 1, 1, meaning="without accents and case"),
        "finds": Function(_by_text(searcher), 2, 2, (1,), "whether a regular expression fits somewhere in the text"),
        "has_word": Function(_has_word, 2, 20, (-1,), "whether one of the words stands in a text, as a whole word"),
        "is_business_day": Function(_business("contains"), 1, 1, meaning="whether banks are open"),
        "is_null": Function(_is_null, 1, 1, meaning="whether a value is missing"),
        "labour_day": Function(
            _of_days(lambda table, offsets: table.calendar.labour.ordinal(_dates(offsets))),
            1, 1, meaning="number of the labour day (Monday to Saturday) in its month",
        ),
        "len": Function(_len, 1, 1, meaning="number of characters"),
        "like": Function(
            lambda table, args: _like(table, args[0], literal(args[1])), 2, 2, (1,), "whether a text fits a glob (DAS*)"
        ),
        "lower": Function(_words_of(str.lower), 1, 1, meaning="in lower case"),
        "matches": Function(_by_text(matcher), 2, 2, (1,), "whether a regular expression fits the whole text"),
        "max": Function(_choose(np.maximum), 2, 8, meaning="the largest"),
        "min": Function(_choose(np.minimum), 2, 8, meaning="the smallest"),
        "month": Function(_date_part("month"), 1, 1, meaning="month, 1 to 12"),
        "nth_business_day": Function(
            _nth_business_day, 2, 2, meaning="date of the n-th business day of the month of a date; -1 the last"
        ),
        "prev": Function(_prev(1), 1, 4, meaning="value of the row before, by date, in the account or given groups"),
        "round": Function(_round, 1, 2, meaning="rounded, to so many decimals"),
        "sign": Function(_of_numbers(np.sign), 1, 1, meaning="-1, 0 or 1"),
        "starts_with": Function(
            _by_fold(lambda text, part: text.startswith(part)), 2, 2, (1,), "whether a text begins so"
        ),
        "template_matches": Function(_template_matches, 1, 1, (0,), "like(), of the template or else the description"),
        "weekday": Function(
            _of_days(lambda _, offsets: np.asarray((offsets + FIRST_DAY.item().weekday()) % 7)),
            1, 1, meaning="0 is Monday",
        ),
        "year": Function(_date_part("year"), 1, 1, meaning="year"),
    }
)  # fmt: skip
"""Every function of the language by name."""


__all__ = ["FUNCTIONS", "Call", "Function", "literal"]
