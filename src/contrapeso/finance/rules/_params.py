"""Parameters of a rule as a person writes them, read once with an error that says what was meant."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeAlias, TypeVar

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.rules._language import Expression, parse
from contrapeso.finance.rules._patterns import check_pattern

Reader: TypeAlias = Callable[[str, object], object]
L = TypeVar("L")


def param(reader: Reader, default: object = dataclasses.MISSING) -> Any:
    """A field of a law, read by ``reader``; needed where there is no default."""
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata={"read": reader})
    return dataclasses.field(default=default, metadata={"read": reader})


def read_law(law: type[L], given: Mapping[str, object], rule: str) -> L:
    """A law of the parameters that a rule gives.

    Raises
    ------
    InvalidParameterError
        If a parameter is unknown, missing or of another kind.
    """
    known = {field.name: field for field in dataclasses.fields(law) if field.init}  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            raise InvalidParameterError(
                f"Rule {rule!r}: there is no parameter {name!r} here. Known are {', '.join(known) or 'none'}."
            )
    needed = [n for n, f in known.items() if f.default is dataclasses.MISSING and n not in given]
    if needed:
        raise InvalidParameterError(f"Rule {rule!r} needs {', '.join(needed)}.")
    values = {
        name: known[name].metadata["read"](f"{rule}.{name}", value)
        for name, value in given.items()
        if not (value is None and known[name].default is None)
    }
    return law(**values)


def written_law(law: object) -> dict[str, object]:
    """The parameters of a law as plain JSON values; those at their default are left out."""
    found: dict[str, object] = {}
    for field in dataclasses.fields(law):  # type: ignore[arg-type]
        value = getattr(law, field.name)
        if field.default is dataclasses.MISSING or value != field.default:
            found[field.name] = plain(value)
    return found


def plain(value: object) -> object:  # noqa: PLR0911 - one answer for each kind
    """A value as JSON knows it."""
    if isinstance(value, Expression):
        return value.source
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _wrong(name: str, rule: str, value: object) -> NoReturn:
    raise InvalidParameterError(f"{name} is {rule}; got {value!r}.")


def text(name: str, value: object) -> str:
    """A text."""
    return value if isinstance(value, str) and value else _wrong(name, "a text", value)


def texts(name: str, value: object) -> tuple[str, ...]:
    """A list of texts; one text is a list of one."""
    if isinstance(value, str) and value:
        return (value,)
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    _wrong(name, "a list of texts", value)


def number(name: str, value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not math.isfinite(value):
        _wrong(name, "a number", value)
    return float(value)


def positive(name: str, value: object) -> float:
    """A number above 0."""
    found = number(name, value)
    return found if found > 0 else _wrong(name, "a number above 0", value)


def share(name: str, value: object) -> float:
    """A share from 0 to 1."""
    found = number(name, value)
    return found if 0 <= found <= 1 else _wrong(name, "a share from 0 to 1", value)


def whole(low: int, high: int) -> Reader:
    """A whole number from ``low`` to ``high``."""

    def read(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            _wrong(name, f"a whole number from {low} to {high}", value)
        return value

    return read


def wholes(low: int, high: int) -> Reader:
    """A list of whole numbers from ``low`` to ``high``."""
    one = whole(low, high)

    def read(name: str, value: object) -> tuple[object, ...]:
        items = value if isinstance(value, (list, tuple)) else [value]
        return tuple(one(name, item) for item in items) or _wrong(name, "a list of numbers", value)

    return read


def flag(name: str, value: object) -> bool:
    """True or false."""
    return value if isinstance(value, bool) else _wrong(name, "true or false", value)


def one_of(*choices: str) -> Reader:
    """One of some words."""

    def read(name: str, value: object) -> str:
        return (
            value
            if isinstance(value, str) and value in choices
            else _wrong(name, f"one of {', '.join(choices)}", value)
        )

    return read


def some_of(*choices: str) -> Reader:
    """Some of some words."""
    one = one_of(*choices)

    def read(name: str, value: object) -> tuple[object, ...]:
        return tuple(one(name, item) for item in texts(name, value))

    return read


def expression(name: str, value: object) -> Expression:
    """A checked expression."""
    return parse(value) if isinstance(value, str) else _wrong(name, "an expression such as 'amount < 0'", value)


def pattern(name: str, value: object) -> str:
    """A checked regular expression."""
    check_pattern(found := text(name, value))
    return found


def day(name: str, value: object) -> np.datetime64:
    """A date; YAML reads 2024-02-29 as one by itself."""
    if isinstance(value, (date, datetime)):
        return np.datetime64(value, "D")
    if isinstance(value, np.datetime64):
        value = str(value)
    if isinstance(value, str):
        try:
            return np.datetime64(date.fromisoformat(value[:10]), "D")
        except ValueError:
            pass
    _wrong(name, "a date such as 2024-02-29", value)


def scalar(name: str, value: object) -> str | float | bool:
    """A text, number, truth or date (as its ISO text)."""
    value = plain(value)
    if isinstance(value, (str, bool, int, float)):
        return value
    _wrong(name, "a text, a number, true or false", value)


def scalars(name: str, value: object) -> tuple[object, ...]:
    """A list of texts, numbers or truths."""
    if isinstance(value, (list, tuple, set, frozenset)) and value:
        return tuple(scalar(name, item) for item in value)
    _wrong(name, "a list of values", value)


def tuples(name: str, value: object) -> tuple[tuple[object, ...], ...]:
    """A list of combinations of values; null stands for a missing one."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        _wrong(name, "a list of combinations", value)
    return tuple(
        tuple(
            None if part is None else scalar(name, part) for part in (row if isinstance(row, (list, tuple)) else [row])
        )
        for row in value
    )


def patterns(name: str, value: object) -> tuple[tuple[str, ...], ...]:
    """A list of lists of columns; one may be empty."""
    if not isinstance(value, (list, tuple)) or not value:
        _wrong(name, "a list of lists of columns", value)
    return tuple(texts(name, row) if row else () for row in value)


def groups(*numbers_: str) -> Reader:
    """A list of groups: ``key`` (a value of each column of ``by``) and some numbers."""

    def read(name: str, value: object) -> tuple[Mapping[str, object], ...]:
        if not isinstance(value, (list, tuple)):
            _wrong(name, "a list of groups", value)
        found = []
        for row in value:
            if not isinstance(row, Mapping) or "key" not in row or set(row) - {"key", *numbers_}:
                _wrong(name, f"a list of groups with key and {', '.join(numbers_)}", row)
            key = tuples(name, [row["key"]])[0]
            rest = {part: number(name, row[part]) for part in numbers_ if row.get(part) is not None}
            found.append({"key": key, **rest})
        return tuple(found)

    return read


__all__ = [
    "Reader",
    "day",
    "expression",
    "flag",
    "groups",
    "number",
    "one_of",
    "param",
    "pattern",
    "patterns",
    "plain",
    "positive",
    "read_law",
    "scalars",
    "share",
    "some_of",
    "text",
    "texts",
    "tuples",
    "whole",
    "wholes",
    "written_law",
]
