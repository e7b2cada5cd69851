"""What kind each column is, by stated rules (``docs/schema.md`` lists them in this order).

The rules look at the dtype first, then at the values, then at the name. They never turn whole
numbers into categories by their values alone: a code (1 = male, 2 = female) and a count (1 or 2
children) look the same, and only the caller knows. Every column carries the reason in ``why``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._dates import detect_format
from contrapeso.tables._numbers import FloatArray, nulls, on_grid, plain_floats
from contrapeso.tables._schema import Column, Kind, Schema, check_overrides

Family: TypeAlias = Literal["bool", "whole", "float", "decimal", "time", "text", "category", "mixed", "empty"]

MONEY_WORDS = frozenset(
    [
        "amount",
        "amt",
        "bal",
        "balance",
        "brl",
        "cents",
        "centavos",
        "cost",
        "custo",
        "desconto",
        "fee",
        "juros",
        "multa",
        "pagamento",
        "preco",
        "price",
        "reais",
        "reembolsado",
        "reembolso",
        "salario",
        "salary",
        "saldo",
        "tarifa",
        "valor",
        "valores",
        "vlr",
    ]
)
CENTS_WORDS = frozenset({"cents", "centavos"})
ID_WORDS = frozenset(
    [
        "chave",
        "cod",
        "code",
        "codigo",
        "id",
        "identifier",
        "index",
        "key",
        "matricula",
        "nr",
        "num",
        "number",
        "numero",
        "protocolo",
    ]
)
DOCUMENT_WORDS = frozenset(["cnpj", "cpf", "fitid", "guid", "hash", "iban", "nsu", "rg", "sha256", "uuid"])
BOOLEAN_WORDS: tuple[tuple[str, str], ...] = (
    ("não", "sim"),
    ("nao", "sim"),
    ("n", "s"),
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("falso", "verdadeiro"),
    ("off", "on"),
)
"""(false word, true word) pairs, matched without regard to case."""

MANY = 20
"""Rows from which a sequence of numbers or unique texts says identifier without help from the name."""
UNIQUE_SHARE = 0.95
FEW_VALUES = 12
GRID_SHARE = 0.999
GRID_ROWS = 10
MAX_DECIMALS = 4
TEXT_VALUES = 50
TEXT_SHARE = 0.05


@dataclass(frozen=True)
class _Facts:
    """A column with what the rules ask about it."""

    name: str
    series: pd.Series
    family: Family

    @cached_property
    def gone(self) -> NDArray[np.bool_]:
        return nulls(self.series)

    @cached_property
    def present(self) -> pd.Series:
        return self.series[~self.gone] if self.gone.any() else self.series

    @cached_property
    def floats(self) -> FloatArray:
        return plain_floats(self.present)

    @cached_property
    def n_distinct(self) -> int:
        return int(self.present.nunique())

    @cached_property
    def words(self) -> frozenset[str]:
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
        return frozenset(re.findall(r"sha256|[a-z]+", spaced.lower()))

    @property
    def n(self) -> int:
        return len(self.present)


@dataclass(frozen=True)
class _Finding:
    kind: Kind
    why: str
    decimals: int | None = None
    format: str | None = None


def infer_schema(frame: pd.DataFrame, overrides: Mapping[str, Kind] | None = None) -> Schema:
    """Schema of ``frame``: one :class:`Column` per column, each with the reason for its kind.

    Parameters
    ----------
    frame : DataFrame
        Any dtypes: NumPy, nullable, category, Arrow-backed, sparse, or objects of one Python type.
    overrides : mapping of column name to kind, optional
        Kinds set by the caller; they win over every rule.

    Raises
    ------
    ColumnNotFoundError, InvalidParameterError
        If an override names no column or no kind.
    InvalidDataError
        If two columns have one name, a dtype is of no kind (complex, lists, intervals), or an
        override asks for what the values cannot be (numbers of a text column).
    """
    names = tuple(str(label) for label in frame.columns)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidDataError(f"Two columns are named {twice!r}; rename one of them.", {"column": twice})
    wanted = dict(overrides or {})
    check_overrides(wanted, names)
    return Schema(tuple(infer_column(frame.iloc[:, i], name, wanted.get(name)) for i, name in enumerate(names)))


def infer_column(series: pd.Series, name: str, kind: Kind | None = None) -> Column:
    """The :class:`Column` of one series; ``kind`` is the caller's word, if given."""
    facts = _Facts(name, series, family_of(series, name))
    found = _decide(facts) if kind is None else _forced(facts, kind)
    column = Column(
        name=name,
        kind=found.kind,
        dtype=str(series.dtype),
        nullable=bool(facts.gone.any()),
        why=found.why,
        decimals=found.decimals,
        format=found.format,
    )
    has_values = found.kind in {"boolean", "categorical", "ordinal"}
    return replace(column, categories=tuple(str(v) for v in category_values(series))) if has_values else column


def family_of(series: pd.Series, name: str) -> Family:
    """What sort of values ``series`` holds, whatever box its dtype puts them in."""
    dtype = series.dtype
    text = str(dtype)
    if isinstance(dtype, pd.CategoricalDtype) or text.startswith("dictionary"):
        return "category"
    inner = cast(Any, dtype).subtype if isinstance(dtype, pd.SparseDtype) else dtype
    arrow = isinstance(dtype, pd.ArrowDtype)
    if arrow and text.startswith("decimal"):
        return "decimal"
    if isinstance(dtype, pd.StringDtype) or (arrow and "string" in text):
        return "text"
    if arrow and text.startswith("date"):
        return "time"
    kinds: dict[str, Family] = {"b": "bool", "i": "whole", "u": "whole", "f": "float", "M": "time", "m": "time"}
    family = kinds.get(getattr(inner, "kind", "O"))
    if family is not None and not isinstance(dtype, (pd.IntervalDtype, pd.PeriodDtype)):
        return family
    if text == "object":
        return _object_family(series[~nulls(series)], name)
    raise _unsupported(name, text)


def _object_family(present: pd.Series, name: str) -> Family:  # noqa: PLR0911  (one return per rule)
    types = set(map(type, present.to_numpy(dtype=object)))
    if not types:
        return "empty"
    if all(issubclass(t, str) for t in types):
        return "text"
    if all(issubclass(t, (bool, np.bool_)) for t in types):
        return "bool"
    if any(issubclass(t, (bool, np.bool_)) for t in types):
        return "mixed"
    if all(issubclass(t, (int, np.integer)) for t in types):
        return "whole"
    if all(issubclass(t, (int, float, np.integer, np.floating)) for t in types):
        return "float"
    if types == {Decimal} and all(value.is_finite() for value in present):
        return "decimal"
    if all(issubclass(t, date) for t in types) and len(types) == 1:
        return "time"
    if any(t.__hash__ is None for t in types):
        raise _unsupported(name, "object holding " + ", ".join(sorted(t.__name__ for t in types)))
    return "mixed"


def _unsupported(name: str, what: str) -> InvalidDataError:
    return InvalidDataError(
        f"Column {name!r} is {what}, which is of no kind that Contrapeso knows. "
        "Drop the column, or convert it to numbers, text, dates or a category.",
        {"column": name, "dtype": what},
    )


def _decide(facts: _Facts) -> _Finding:
    """First rule that speaks."""
    if facts.family == "category":
        ordered = bool(getattr(facts.series.dtype, "ordered", False))
        return _Finding("ordinal", "ordered category dtype") if ordered else _Finding("categorical", "category dtype")
    if facts.family == "bool":
        return _Finding("boolean", "boolean values")
    if facts.family == "time":
        duration = getattr(facts.series.dtype, "kind", "O") == "m"
        return _Finding("continuous", "durations") if duration else _Finding("datetime", "dates by dtype")
    if facts.family == "decimal":
        return _Finding("money", "exact decimals", decimals=_places(facts))
    if facts.n == 0:
        number = facts.family in {"whole", "float"}
        return _Finding("continuous" if number else "categorical", "no value present")
    by_family = {"whole": _whole, "float": _float, "text": _text, "mixed": _mixed}
    return by_family[facts.family](facts)


def _places(facts: _Facts) -> int:
    exponents = [-int(value.as_tuple().exponent) for value in facts.present.astype(object)]
    return max(0, *exponents) if exponents else 2


def _whole(facts: _Facts) -> _Finding:
    values = np.unique(facts.floats)
    if values.tolist() == [0.0, 1.0]:
        return _Finding("boolean", "only 0 and 1")
    if facts.words & CENTS_WORDS:
        return _Finding("money", "whole numbers named as cents", decimals=0)
    if facts.words & MONEY_WORDS:
        return _Finding("money", "whole amounts by name", decimals=0)
    named = bool(facts.words & (ID_WORDS | DOCUMENT_WORDS))
    steps = facts.n >= MANY and bool(np.all(np.diff(facts.floats) == 1))
    if facts.n > 1 and facts.n_distinct == facts.n and (named or steps):
        return _Finding("identifier", "another number in every row, " + ("named as one" if named else "one by one"))
    return _count_or_grades(facts, values)


def _count_or_grades(facts: _Facts, values: FloatArray) -> _Finding:
    if facts.n_distinct == 1:
        return _Finding("integer", "constant whole number", decimals=0)
    if len(values) > FEW_VALUES:
        return _Finding("integer", "whole numbers", decimals=0)
    apart = bool(np.all(np.diff(values) > 1))
    if apart and facts.n >= 10 * len(values):
        return _Finding("ordinal", f"{len(values)} distinct whole numbers, no two adjacent: grades or codes")
    return _Finding("integer", f"{len(values)} distinct whole numbers; override if they are codes", decimals=0)


def _float(facts: _Facts) -> _Finding:
    floats = facts.floats
    if not np.isfinite(floats).all():
        return _Finding("continuous", "floats with infinities")
    cents = _grid(facts, 2) >= GRID_SHARE
    named = bool(facts.words & MONEY_WORDS)
    if cents and named:
        return _Finding("money", "at most 2 decimals and the name of an amount", decimals=2)
    if bool(np.all(floats == np.rint(floats))) and _grid(facts, 0) == 1.0:
        return _Finding("integer", "floats that are all whole", decimals=0)
    if cents and _spreads_like_amounts(facts):
        return _Finding("money", "2 decimals used throughout and values past 1000", decimals=2)
    decimals = next((d for d in range(1, MAX_DECIMALS + 1) if _grid(facts, d) == 1.0), None)
    if decimals is not None and facts.n >= GRID_ROWS:
        return _Finding("continuous", f"floats with at most {decimals} decimals", decimals=decimals)
    return _Finding("continuous", "floats")


def _grid(facts: _Facts, decimals: int) -> float:
    """Share of values that are exactly a decimal with so many places, in the width of the column."""
    inner = getattr(facts.series.dtype, "subtype", facts.series.dtype)
    narrow = inner if isinstance(inner, np.dtype) and inner.kind == "f" else np.dtype(np.float64)
    return float(np.mean(on_grid(facts.floats, decimals).astype(narrow) == facts.floats.astype(narrow)))


def _spreads_like_amounts(facts: _Facts) -> bool:
    floats = facts.floats
    uses_cents = float(np.mean(on_grid(floats, 1) != floats))
    return facts.n >= MANY and uses_cents >= 0.5 and float(np.abs(floats).max()) >= 1000.0


def _text(facts: _Facts) -> _Finding:
    distinct = sorted(set(map(str, facts.present.to_numpy(dtype=object))))
    if _no_and_yes(distinct) is not None:
        return _Finding("boolean", "two words for no and yes")
    fmt = detect_format(distinct)
    if fmt is not None:
        return _Finding("datetime", f"every text is a date written {fmt}", format=fmt)
    share = len(distinct) / facts.n
    prose = np.mean([" " in value.strip() for value in distinct]) >= 0.5
    if prose and len(distinct) > FEW_VALUES and (share > 0.5 or (len(distinct) > TEXT_VALUES and share > TEXT_SHARE)):
        return _Finding("text", f"{len(distinct)} distinct texts, most with blanks")
    if not prose and share > UNIQUE_SHARE and facts.n >= MANY:
        return _Finding("identifier", "another text in nearly every row, without blanks")
    if len(distinct) > TEXT_VALUES and facts.words & DOCUMENT_WORDS:
        return _Finding("identifier", "named as a document number")
    return _Finding("categorical", "constant text" if len(distinct) == 1 else f"{len(distinct)} distinct texts")


def _no_and_yes(distinct: list[str]) -> list[str] | None:
    """The two texts as (word for no, word for yes), or None if they are not such a pair."""
    if len(distinct) != 2:  # before any folding of case: there may be a million of them
        return None
    words = {value.casefold(): value for value in distinct}
    return next(([words[no], words[yes]] for no, yes in BOOLEAN_WORDS if words.keys() == {no, yes}), None)


def _mixed(facts: _Facts) -> _Finding:
    types = sorted({type(value).__name__ for value in facts.present})
    return _Finding("categorical", f"mixed types: {', '.join(types)}")


def _forced(facts: _Facts, kind: Kind) -> _Finding:
    """The caller's kind with what the values say about its grid or format, or the reason it cannot be."""
    why = "set by the caller"
    number = facts.family in {"whole", "float", "decimal", "bool"} or _is_duration(facts)
    if kind == "datetime":
        fmt = detect_format(sorted(set(facts.present.astype(str)))) if facts.family == "text" else None
        if facts.n and facts.family != "time" and fmt is None:
            raise _cannot_be(facts, kind, "its values are not dates in one format")
        return _Finding(kind, why, format=fmt)
    if kind in {"continuous", "integer", "money"} and facts.n:
        return _forced_number(facts, kind, why, number=number)
    return _Finding(kind, why)


def _is_duration(facts: _Facts) -> bool:
    return facts.family == "time" and getattr(facts.series.dtype, "kind", "O") == "m"


def _forced_number(facts: _Facts, kind: Kind, why: str, *, number: bool) -> _Finding:
    if not number or (_is_duration(facts) and kind != "continuous"):
        raise _cannot_be(facts, kind, "its values are not numbers")
    if _is_duration(facts):
        return _Finding(kind, why)
    if kind == "integer":
        if not bool(np.all(facts.floats == np.rint(facts.floats))):
            raise _cannot_be(facts, kind, "some of its values have decimals")
        return _Finding(kind, why, decimals=0)
    if kind == "money":
        places = _places(facts) if facts.family == "decimal" else 0 if facts.family in {"whole", "bool"} else 2
        return _Finding(kind, why, decimals=places)
    return _Finding(kind, why)


def _cannot_be(facts: _Facts, kind: Kind, because: str) -> InvalidDataError:
    return InvalidDataError(
        f"Column {facts.name!r} ({facts.series.dtype}) cannot be {kind!r}: {because}. "
        "Convert the column first, or leave its kind to the rules.",
        {"column": facts.name, "kind": kind},
    )


def category_values(series: pd.Series) -> list[Any]:
    """Distinct values: in dtype order for categories, (false, true) for two words, else sorted."""
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        present = set(series.dropna().unique())
        return [value for value in dtype.categories if value in present]
    present_list = _distinct(series[~nulls(series)])
    if all(isinstance(v, str) for v in present_list):
        return _no_and_yes(present_list) or sorted(present_list)
    try:
        return sorted(present_list)
    except TypeError:
        return sorted(present_list, key=lambda v: (type(v).__name__, str(v)))


def _distinct(present: pd.Series) -> list[Any]:  # any hashable, and mixed
    """Distinct values, where 1, True and 1.0 are three and texts are not cut at a NUL (as pandas' hashes do)."""
    if present.dtype == np.float16:  # pandas has no index of them
        present = present.astype(np.float32)
    if present.dtype != object and not pd.api.types.is_string_dtype(present.dtype):
        return list(pd.Index(present.unique()))
    values = present.to_numpy(dtype=object).tolist()
    if len(set(map(type, values))) == 1:
        return list(dict.fromkeys(values))
    return [value for _, value in dict.fromkeys(zip(map(type, values), values, strict=True))]


__all__ = ["BOOLEAN_WORDS", "Family", "category_values", "family_of", "infer_column", "infer_schema"]
