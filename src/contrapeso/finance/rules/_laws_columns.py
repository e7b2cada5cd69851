"""Rules about one column: what it holds, whether it may be missing, how large, how fine, which values and forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

import numpy as np
import pandas as pd

from contrapeso.finance.rules import _params as read
from contrapeso.finance.rules._params import param
from contrapeso.finance.rules._patterns import folded, matcher
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import (
    Bools,
    Floats,
    Ints,
    UnanswerableError,
    as_days,
    as_text,
    of_words,
)

Answers: TypeAlias = tuple[Bools, Bools]
"""For each row whether it keeps the rule, and whether the rule says anything about it."""


class Law(Protocol):
    """What a rule demands."""

    type: ClassVar[str]

    def check(self, table: Table, asked: Bools) -> Answers:
        """Answer for each row; rows outside of ``asked`` take no part, and their answers mean nothing."""
        ...


def everywhere(kept: Bools) -> Answers:
    """Answers that are known for each row."""
    return kept, np.ones(len(kept), dtype=bool)


@dataclass(frozen=True, slots=True)
class TypeLaw:
    """The values of a column are of a kind."""

    type: ClassVar[str] = "type"
    column: str = param(read.text)
    kind: str = param(read.one_of("number", "centavos", "integer", "date", "text", "boolean"))

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """A value that is there is of the kind; texts are read, so that a column typed as text can be asked too."""
        values = table.column(self.column)
        if self.column in table.frame.columns:
            present = ~table.frame[self.column].isna().to_numpy(dtype=bool)
        else:
            present = ~values.missing
        if self.kind == "text":
            return np.full(len(table), values.kind == "text"), present
        if self.kind == "boolean":
            return np.full(len(table), values.kind == "truth"), present
        if self.kind == "date":
            if values.kind not in {"day", "text"}:
                return np.zeros(len(table), dtype=bool), present
            return ~as_days(values).missing, present
        numbers_, readable = _as_numbers(table, self.column)
        if self.kind == "number":
            return readable, present
        cents = numbers_ * (100 if self.kind == "centavos" else 1)
        return readable & (np.abs(cents - np.round(cents)) <= _TINY * np.maximum(1, np.abs(cents))), present


_TINY = 1e-9


def _as_numbers(table: Table, column: str) -> tuple[Floats, Bools]:
    """Numbers of a column of numbers or of texts that are numbers, and whether there is one."""
    values = table.column(column)
    if values.kind == "number":
        return values.data.astype(np.float64), ~values.missing
    if values.kind != "text":
        return np.zeros(len(table)), np.zeros(len(table), dtype=bool)
    parsed = pd.to_numeric(pd.Series(values.words, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    if not len(parsed):
        return np.zeros(len(table)), ~values.missing
    found = parsed[np.where(values.missing, 0, values.data).astype(np.int64)]
    readable = np.isfinite(found) & ~values.missing
    return np.where(readable, found, 0.0), readable


@dataclass(frozen=True, slots=True)
class RequiredLaw:
    """Columns that are there in each row; or, with ``patterns``, columns of which only some combinations are there."""

    type: ClassVar[str] = "required"
    columns: tuple[str, ...] = param(read.texts)
    patterns: tuple[tuple[str, ...], ...] | None = param(read.patterns, None)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """All columns are filled, or exactly those of one of the patterns."""
        filled = [~table.column(name).missing for name in self.columns]
        if self.patterns is None:
            return everywhere(np.logical_and.reduce(filled))
        kept = np.zeros(len(table), dtype=bool)
        for pattern in self.patterns:
            kept |= np.logical_and.reduce(
                [there == (name in pattern) for name, there in zip(self.columns, filled, strict=True)]
            )
        return everywhere(kept)


@dataclass(frozen=True, slots=True)
class RangeLaw:
    """A number lies from ``min`` to ``max``; with ``by``, in the bounds of its group."""

    type: ClassVar[str] = "range"
    column: str = param(read.text)
    min: float | None = param(read.number, None)
    max: float | None = param(read.number, None)
    by: tuple[str, ...] = param(read.texts, ())
    bounds: tuple[Mapping[str, object], ...] = param(read.groups("min", "max"), ())

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """A group without bounds of its own has those of ``min`` and ``max``, or none."""
        values = table.column(self.column)
        if values.kind != "number":
            raise UnanswerableError(f"column {self.column!r} holds no numbers")
        low, high = self.limits(table)
        known = ~values.missing & (np.isfinite(low) | np.isfinite(high))
        slack = _TINY * np.maximum(1.0, np.abs(values.data))
        return (values.data >= low - slack) & (values.data <= high + slack), known

    def limits(self, table: Table) -> tuple[Floats, Floats]:
        """Lower and upper bound of each row; infinite where there is none."""
        low = np.full(len(table), -np.inf if self.min is None else self.min)
        high = np.full(len(table), np.inf if self.max is None else self.max)
        if self.bounds:
            place = place_in(table, self.by, [row["key"] for row in self.bounds])  # type: ignore[misc]
            inside = place >= 0
            for side, name, nothing in ((low, "min", -np.inf), (high, "max", np.inf)):
                limits = np.array([row.get(name, nothing) for row in self.bounds], dtype=np.float64)
                side[inside] = limits[place[inside]]
        return low, high


def place_in(table: Table, columns: tuple[str, ...], keys: list[tuple[object, ...]]) -> Ints:
    """The place in ``keys`` of the values of ``columns`` in each row; -1 where they are none of them."""
    parts = []
    for name in columns:
        values = as_text(table.column(name))
        words = [*values.words, "\0"]
        parts.append((np.where(values.missing, len(words) - 1, values.data).astype(np.int64), words))
    written = [tuple("\0" if part is None else _written(part) for part in key) for key in keys]
    radix, codes = 1, np.zeros(len(table), dtype=np.int64)
    for data, words in reversed(parts):
        codes += data * radix
        radix *= len(words)
    number_of = [{word: place for place, word in enumerate(words)} for _, words in parts]
    place_of: dict[int, int] = {}
    for place, key in enumerate(written):
        found = [numbers_.get(part, -1) for numbers_, part in zip(number_of, key, strict=False)]
        if len(key) == len(parts) and min(found, default=0) >= 0:
            code = 0
            for value, (_, words) in zip(found, parts, strict=True):
                code = code * len(words) + value
            place_of.setdefault(code, place)
    distinct, back = np.unique(codes, return_inverse=True)
    return np.array([place_of.get(int(code), -1) for code in distinct] or [-1], dtype=np.int64)[back]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    return f"{float(value):.10g}" if isinstance(value, (int, float)) else str(value)


@dataclass(frozen=True, slots=True)
class ResolutionLaw:
    """A number is a multiple of ``step`` (a centavo by default); with ``by``, of the step of its group.

    Groups without a step of their own have ``step``, and are not asked where it is not given.
    """

    type: ClassVar[str] = "resolution"
    column: str = param(read.text, "amount")
    step: float | None = param(read.positive, None)
    by: tuple[str, ...] = param(read.texts, ())
    steps: tuple[Mapping[str, object], ...] = param(read.groups("step"), ())

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """The number over its step is whole, up to the rounding of binary fractions."""
        values = table.column(self.column)
        if values.kind != "number":
            raise UnanswerableError(f"column {self.column!r} holds no numbers")
        step = self.step_of(table)
        multiple = values.data / np.where(step > 0, step, 1.0)
        return np.abs(multiple - np.round(multiple)) <= 1e-6 * np.maximum(1, np.abs(multiple) * 1e-6), (
            ~values.missing & (step > 0)
        )

    def step_of(self, table: Table) -> Floats:
        """Step of each row; 0 where there is none."""
        step = np.full(len(table), self.step or (0.0 if self.steps else 0.01))
        if self.steps:
            place = place_in(table, self.by, [row["key"] for row in self.steps])  # type: ignore[misc]
            step[place >= 0] = np.array([row.get("step", 0.0) for row in self.steps])[place[place >= 0]]
        return step


@dataclass(frozen=True, slots=True)
class EnumLaw:
    """A value is one of a list; with ``fold``, accents and case do not count."""

    type: ClassVar[str] = "enum"
    column: str = param(read.text)
    values: tuple[object, ...] = param(read.scalars)
    fold: bool = param(read.flag, default=False)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """Each distinct value is asked once."""
        found = as_text(table.column(self.column))
        change: Callable[[str], str] = (lambda text: folded(text).strip()) if self.fold else str
        allowed = {change(_written(value)) for value in self.values}
        answer = of_words(found, lambda word: change(word) in allowed)
        return answer.data.astype(bool), ~answer.missing


@dataclass(frozen=True, slots=True)
class RegexLaw:
    """A text as a whole has a form; with ``by``, the form of its group."""

    type: ClassVar[str] = "regex"
    column: str = param(read.text)
    pattern: str = param(read.pattern)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """Upper and lower case count as the same."""
        answer = of_words(as_text(table.column(self.column)), matcher(self.pattern))
        return answer.data.astype(bool), ~answer.missing


@dataclass(frozen=True, slots=True)
class CheckDigitLaw:
    """Identifiers have right check digits, or are masked."""

    type: ClassVar[str] = "check_digit"
    column: str = param(read.text)
    kinds: tuple[str, ...] = param(read.some_of("cpf", "cnpj", "pis", "card", "boleto", "iban"))
    accept: str = param(read.one_of("valid", "masked", "valid_or_masked"), "valid_or_masked")
    within: bool = param(read.flag, default=False)

    def check(self, table: Table, asked: Bools) -> Answers:  # noqa: ARG002
        """The whole value is the identifier; ``within`` a text, every number written as one of the kinds is asked."""
        asks = _checks(self.kinds)
        column = as_text(table.column(self.column))
        right = self.accept != "masked"
        masked = self.accept != "valid"
        if not self.within:
            answer = of_words(
                column, lambda text: (right and any(ask(text) for ask in asks)) or (masked and is_masked(text))
            )
            return answer.data.astype(bool), ~answer.missing
        holds = of_words(column, lambda text: "-" in text and "." in text and _WRITTEN.search(text) is not None)
        answer = of_words(
            column, lambda text: all(right and any(ask(found) for ask in asks) for found in _WRITTEN.findall(text))
        )
        return answer.data.astype(bool), ~answer.missing & holds.data.astype(bool)


_WRITTEN = re.compile(
    r"(?<![\w.*])(?:\d{3}\.\d{3}\.\d{3}-\d{2}|[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2})(?![\w*])"
)
"""A CPF or CNPJ that is written out with its points and strokes."""
_MASK = re.compile(r"[*•#Xx]{2,}")


def is_masked(text: str) -> bool:
    """Whether an identifier hides at least two of its signs."""
    return _MASK.search(text) is not None


def _checks(kinds: tuple[str, ...]) -> list[Callable[[str], bool]]:
    from contrapeso.finance import privacy

    known: dict[str, Callable[[str], bool]] = {
        "cpf": privacy.is_cpf,
        "cnpj": privacy.is_cnpj,
        "pis": privacy.is_pis,
        "card": privacy.luhn_ok,
        "boleto": privacy.boleto_ok,
        "iban": privacy.iban_ok,
    }
    return [known[kind] for kind in kinds]


__all__ = [
    "Answers",
    "CheckDigitLaw",
    "EnumLaw",
    "Law",
    "RangeLaw",
    "RegexLaw",
    "RequiredLaw",
    "ResolutionLaw",
    "TypeLaw",
    "everywhere",
    "is_masked",
    "place_in",
]
