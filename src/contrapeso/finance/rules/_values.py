"""Columns as a rule sees them: numbers, texts, days and truths, each with its missing rows.

A text column is a code for each row and its distinct words once, so that a regular expression or a check digit is
worked out once for each word and not for each row. A day is a whole number, counted from 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError

Bools: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Kind: TypeAlias = Literal["number", "text", "day", "truth"]

_NO_WORDS: NDArray[np.object_] = np.empty(0, dtype=object)
_NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "decimal"})
_DAYS = frozenset({"date", "datetime", "datetime64"})


class UnanswerableError(InvalidDataError):
    """A question that the table cannot answer; the rule that asks it is not applicable, and says why.

    ``details["absent"]`` names the column, if one is absent.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One value for each row, or one for all.

    Attributes
    ----------
    kind : {"number", "text", "day", "truth"}
    data : float64, int64 codes of ``words``, int64 days or bool, shape (n,) or (1,)
    missing : bool, shape of ``data``; what ``data`` holds there means nothing.
    words : distinct texts, ``str``; empty for the other kinds.
    """

    kind: Kind
    data: NDArray[Any]
    missing: Bools
    words: NDArray[np.object_] = field(default_factory=lambda: _NO_WORDS)

    def as_objects(self) -> NDArray[np.object_]:
        """The texts of a text column, None where missing, shape of ``data``."""
        found = np.empty(len(self.data), dtype=object)
        known = ~self.missing
        found[known] = self.words[self.data[known].astype(np.int64)]
        return found


def numbers(data: object, missing: Bools | None = None) -> Values:
    """A column of numbers; NaN and infinity are missing."""
    values = np.asarray(data, dtype=np.float64)
    gone = ~np.isfinite(values)
    return Values("number", np.where(gone, 0.0, values), gone if missing is None else gone | missing)


def truths(data: Bools, missing: Bools | None = None) -> Values:
    """A column of truths."""
    return Values("truth", np.asarray(data), np.zeros(len(data), dtype=bool) if missing is None else missing)


def days(data: Ints, missing: Bools | None = None) -> Values:
    """A column of days."""
    return Values("day", np.asarray(data), np.zeros(len(data), dtype=bool) if missing is None else missing)


def of_words(values: Values, ask: Callable[[str], bool]) -> Values:
    """Whether ``ask`` says yes to the text of each row; asked once for each distinct text."""
    if values.kind != "text":
        raise UnanswerableError(f"A column of text is needed here; this one is of kind {values.kind}.")
    return of_answers(values, np.fromiter((ask(word) for word in values.words), dtype=bool, count=len(values.words)))


def of_answers(values: Values, answers: Bools) -> Values:
    """The answer of each row's text, of an answer for each distinct text."""
    if not len(answers):
        return truths(np.zeros(len(values.data), dtype=bool), values.missing)
    return truths(answers[np.where(values.missing, 0, values.data).astype(np.int64)], values.missing)


def map_words(values: Values, change: Callable[[str], str]) -> Values:
    """The text column with ``change`` done to each distinct text."""
    if values.kind != "text":
        raise UnanswerableError(f"A column of text is needed here; this one is of kind {values.kind}.")
    words = np.empty(len(values.words), dtype=object)
    words[:] = [change(word) for word in values.words]
    return regrouped(values.data.astype(np.int64), values.missing, words)


def regrouped(codes: Ints, missing: Bools, words: NDArray[np.object_]) -> Values:
    """A text column whose words may repeat or be empty; an empty text is missing."""
    if not len(words):
        return Values("text", np.zeros(len(codes), dtype=np.int64), np.ones(len(codes), dtype=bool))
    number_of, distinct = pd.factorize(words)
    data = number_of[np.where(missing, 0, codes)]
    blank = np.fromiter((not word.strip() for word in distinct), dtype=bool, count=len(distinct))
    return Values("text", data, missing | blank[data], np.asarray(distinct, dtype=object))


def read_column(column: pd.Series) -> Values:  # noqa: PLR0911 - one answer for each kind
    """A column of a frame as values; blank text, NaN, NaT and None are missing."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _categorical(column)
    if pd.api.types.is_bool_dtype(dtype):
        return truths(column.to_numpy(dtype=bool, na_value=False), column.isna().to_numpy(dtype=bool))
    if pd.api.types.is_numeric_dtype(dtype):
        return numbers(column.to_numpy(dtype=np.float64, na_value=np.nan))
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return _of_stamps(column)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in _NUMBERS:
        return numbers(pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan))
    if kind in _DAYS:
        return _of_stamps(pd.to_datetime(column, errors="coerce"))
    if kind == "boolean":
        gone = column.isna().to_numpy(dtype=bool)
        return truths(column.to_numpy(dtype=object) == True, gone)  # noqa: E712
    return _of_objects(column)


def _of_objects(column: pd.Series) -> Values:
    """A column of texts, or of things that are written as texts."""
    objects = column.to_numpy(dtype=object)
    try:
        codes, distinct = pd.factorize(objects, use_na_sentinel=True)
    except TypeError:  # lists and dicts have no hash
        codes, distinct = pd.factorize(np.array([repr(value) for value in objects], dtype=object))
    words = np.empty(len(distinct), dtype=object)
    words[:] = [str(word) for word in distinct]
    return regrouped(codes.astype(np.int64), codes < 0, words)


def _categorical(column: pd.Series) -> Values:
    codes = column.cat.codes.to_numpy(dtype=np.int64)
    found = read_column(pd.Series(column.cat.categories, dtype=column.cat.categories.dtype))
    if not len(found.data):
        return Values("text", np.zeros(len(codes), dtype=np.int64), np.ones(len(codes), dtype=bool))
    places = np.where(codes < 0, 0, codes)
    return Values(found.kind, found.data[places], found.missing[places] | (codes < 0), found.words)


def _of_stamps(column: pd.Series) -> Values:
    """Days of time stamps, as the wall clock of their zone says."""
    if getattr(column.dtype, "tz", None) is not None:
        column = column.dt.tz_localize(None)
    stamps = column.to_numpy().astype("datetime64[D]")
    gone = np.isnat(stamps)
    return days(np.where(gone, 0, stamps.astype(np.int64)), gone)


def as_days(values: Values) -> Values:
    """Values as days: texts of the form 2024-03-31 are read, other texts are missing."""
    if values.kind == "day":
        return values
    if values.kind != "text":
        raise UnanswerableError(f"A date is needed here; this column is of kind {values.kind}.")
    stamps = pd.to_datetime(pd.Series(values.words, dtype=object), errors="coerce", format="ISO8601")
    read = _of_stamps(stamps)
    if not len(read.data):
        return days(np.zeros(len(values.data), dtype=np.int64), values.missing)
    places = np.where(values.missing, 0, values.data).astype(np.int64)
    return days(read.data[places].astype(np.int64), values.missing | read.missing[places])


def as_text(values: Values) -> Values:
    """Values as texts: whole numbers without a point, days as 2024-03-31."""
    if values.kind == "text":
        return values
    distinct, codes = np.unique(values.data, return_inverse=True)
    words = np.empty(len(distinct), dtype=object)
    words[:] = [_written(values.kind, value) for value in distinct]
    return Values("text", codes.astype(np.int64), values.missing, words)


def _written(kind: Kind, value: object) -> str:
    if kind == "day":
        return str(np.datetime64(int(value), "D"))  # type: ignore[call-overload]
    if kind == "number":
        return f"{float(value):.10g}"  # type: ignore[arg-type]
    return str(bool(value))


__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "Kind",
    "UnanswerableError",
    "Values",
    "as_days",
    "as_text",
    "days",
    "map_words",
    "numbers",
    "of_answers",
    "of_words",
    "read_column",
    "regrouped",
    "truths",
]
