"""A rule: what it demands, of which rows, how strictly, and what it says to a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.rules._evaluate import truth_of
from contrapeso.finance.rules._language import Expression, parse
from contrapeso.finance.rules._laws_columns import (
    CheckDigitLaw,
    EnumLaw,
    Law,
    RangeLaw,
    RegexLaw,
    RequiredLaw,
    ResolutionLaw,
    TypeLaw,
)
from contrapeso.finance.rules._laws_rows import ExpressionLaw, FormulaLaw, ImplicationLaw, InequalityLaw
from contrapeso.finance.rules._laws_sets import AggregateLaw, CombinationLaw, DependencyLaw, PrivacyLaw, UniqueLaw
from contrapeso.finance.rules._laws_time import BalanceLaw, CalendarLaw, EraLaw, RecurrenceLaw
from contrapeso.finance.rules._params import plain, read_law, share, written_law
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._words import WORDS, Language

Severity: TypeAlias = Literal["hard", "soft"]
Enforce: TypeAlias = Literal["construct", "repair", "reject", "report"]
Origin: TypeAlias = Literal["builtin", "learned", "user"]
Nulls: TypeAlias = Literal["not_applicable", "satisfied", "violated"]

_LAWS = (
    TypeLaw, RequiredLaw, RangeLaw, ResolutionLaw, EnumLaw, RegexLaw, CheckDigitLaw, ImplicationLaw, InequalityLaw,
    DependencyLaw, CombinationLaw, FormulaLaw, UniqueLaw, BalanceLaw, CalendarLaw, EraLaw, RecurrenceLaw, AggregateLaw,
    ExpressionLaw, PrivacyLaw,
)  # fmt: skip
LAWS: Mapping[str, type[Law]] = MappingProxyType({law.type: law for law in _LAWS})
"""Every type of rule by its name."""

KEPT, BROKEN, SILENT = 1, 0, -1
_HEADER = ("id", "type", "when", "severity", "enforce", "origin", "message", "min_share", "nulls", "evidence")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a learned rule was seen to hold on.

    Attributes
    ----------
    support : rows of the training table that the rule is about.
    confidence : share of them that keep it.
    p_value : adjusted by Benjamini and Hochberg over all candidates; None where chance cannot make the rule.
    counter_examples : up to three rows that break it, by column.
    """

    support: int
    confidence: float
    p_value: float | None = None
    counter_examples: tuple[Mapping[str, object], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The evidence as JSON values."""
        return {
            "support": self.support,
            "confidence": self.confidence,
            "p_value": self.p_value,
            "counter_examples": [plain(row) for row in self.counter_examples],
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule.

    Attributes
    ----------
    id : name, once in a set.
    law : what is demanded; its ``type`` is one of :data:`LAWS`.
    when : condition on the rows that it is about; None for all. Where it is not known the rule says nothing.
    severity : ``hard`` (each row), or ``soft`` (as often as the real rows).
    enforce : ``construct``, ``repair``, ``reject`` or ``report``: how strongly a new row is made to keep it.
    origin : ``builtin``, ``learned`` or ``user``.
    message : what it says to a person, by language (``pt``, ``en``).
    min_share : share of rows that must keep a soft rule; None asks for as many as in the real rows.
    nulls : what a row without an answer means.
    evidence : of a learned rule.
    """

    id: str
    law: Law
    when: Expression | None = None
    severity: Severity = "hard"
    enforce: Enforce = "reject"
    origin: Origin = "user"
    message: Mapping[str, str] = field(default_factory=dict)
    min_share: float | None = None
    nulls: Nulls = "not_applicable"
    evidence: Evidence | None = None

    @property
    def type(self) -> str:
        """Type of the law."""
        return self.law.type

    def answers(self, table: Table) -> NDArray[np.int8]:
        """1 kept, 0 broken, -1 the rule says nothing, for each row.

        Raises
        ------
        UnanswerableError
            If the table lacks what the rule reads.
        """
        asked = np.ones(len(table), dtype=bool)
        if self.when is not None:
            asked = truth_of(self.when, table)[0]
        kept, known = self.law.check(table, asked)
        found = np.full(len(table), SILENT, dtype=np.int8)
        found[asked & known] = kept[asked & known]
        if self.nulls != "not_applicable":
            found[asked & ~known] = KEPT if self.nulls == "satisfied" else BROKEN
        return found

    def text(self, language: Language = "pt") -> str:
        """The message in a language; the default one of the type where the rule has none."""
        given = self.message.get(language) or next(iter(self.message.values()), "")
        return given or WORDS[self.type][language].format(id=self.id, **self._named())

    def _named(self) -> dict[str, str]:
        columns = ", ".join(sorted(columns_of(self.law))) or "?"
        return {"columns": columns, "what": _shown(self.law)}

    @property
    def columns(self) -> frozenset[str]:
        """Columns that the rule reads."""
        return columns_of(self.law) | (self.when.columns if self.when else frozenset())

    def to_dict(self) -> dict[str, object]:
        """The rule as JSON values; what is at its default is left out, but for the three that a reader asks for."""
        found: dict[str, object] = {"id": self.id, "type": self.type}
        if self.when is not None:
            found["when"] = self.when.source
        found |= written_law(self.law)
        found |= {"severity": self.severity, "enforce": self.enforce, "origin": self.origin}
        if self.message:
            found["message"] = dict(self.message)
        if self.min_share is not None:
            found["min_share"] = self.min_share
        if self.nulls != "not_applicable":
            found["nulls"] = self.nulls
        if self.evidence is not None:
            found["evidence"] = self.evidence.to_dict()
        return found


def make_rule(given: Mapping[str, object]) -> Rule:
    """The rule of a mapping, as it stands in a file.

    Raises
    ------
    InvalidParameterError
        If something is missing, unknown or of another kind; the sentence names the rule and the parameter.

    Examples
    --------
    >>> rule = make_rule({"id": "sinal", "type": "implication", "when": "transaction_type == 'debit'",
    ...                   "then": "amount < 0", "message": {"pt": "Débito deve ser negativo"}})
    >>> rule.severity, rule.text("pt"), sorted(rule.columns)
    ('hard', 'Débito deve ser negativo', ['amount', 'transaction_type'])
    """
    if not isinstance(given, Mapping):
        raise InvalidParameterError(f"A rule is a mapping with id and type; got {given!r}.")
    name, kind = given.get("id"), given.get("type")
    if not isinstance(name, str) or not name.strip():
        raise InvalidParameterError(f"A rule has an id, a text; got {name!r} in {dict(given)!r}.")
    if kind not in LAWS:
        raise InvalidParameterError(f"Rule {name!r} has type {kind!r}. Types are {', '.join(LAWS)}.")
    if given.get("when") is not None and not isinstance(given["when"], str):
        raise InvalidParameterError(f"{name}.when is an expression such as \"category == 'x'\"; got {given['when']!r}.")
    rest = {key: value for key, value in given.items() if key not in _HEADER}
    when = given.get("when")
    min_share = given.get("min_share")
    return Rule(
        name,
        read_law(LAWS[str(kind)], rest, name),
        parse(str(when)) if when is not None else None,
        _choice(name, given, "severity", Severity, "hard"),  # type: ignore[arg-type]
        _choice(name, given, "enforce", Enforce, "reject"),  # type: ignore[arg-type]
        _choice(name, given, "origin", Origin, "user"),  # type: ignore[arg-type]
        _message(name, given.get("message")),
        None if min_share is None else share(f"{name}.min_share", min_share),
        _choice(name, given, "nulls", Nulls, "not_applicable"),  # type: ignore[arg-type]
        _evidence(name, given.get("evidence")),
    )


def _choice(name: str, given: Mapping[str, object], key: str, options: object, default: str) -> str:
    value = given.get(key, default)
    if value not in get_args(options):
        raise InvalidParameterError(f"{name}.{key} is one of {', '.join(get_args(options))}; got {value!r}.")
    return str(value)


def _message(name: str, value: object) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, str):
        return {"pt": value, "en": value}
    if isinstance(value, Mapping) and all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        return dict(value)
    raise InvalidParameterError(f"{name}.message is a text, or a text for each language; got {value!r}.")


def _evidence(name: str, value: object) -> Evidence | None:
    if value is None:
        return None
    known = {part.name for part in dataclasses.fields(Evidence)}
    if not isinstance(value, Mapping) or set(value) - known or not {"support", "confidence"} <= set(value):
        raise InvalidParameterError(f"{name}.evidence has {', '.join(sorted(known))}; got {value!r}.")
    examples = tuple(dict(row) for row in value.get("counter_examples", ()))
    return Evidence(int(value["support"]), float(value["confidence"]), value.get("p_value"), examples)


_NAMES_ONE = ("column", "left", "right", "dependent", "sum_of", "amount", "balance", "instalments")
_NAMES_SOME = ("columns", "by", "determinant", "key", "order")
_PERIODS = frozenset({"day", "week", "month", "quarter", "year", "payee"})


def columns_of(law: Law) -> frozenset[str]:
    """Columns that a law names."""
    found: set[str] = set()
    for part in dataclasses.fields(law):  # type: ignore[arg-type]
        value = getattr(law, part.name)
        if isinstance(value, Expression):
            found |= value.columns
        elif part.name in _NAMES_ONE and isinstance(value, str):
            found.add(value)
        elif part.name in _NAMES_SOME and isinstance(value, tuple):
            found |= {str(name) for name in value} - _PERIODS
    if law.type in {"recurrence"}:
        found.add("date")
    return frozenset(found)


def _shown(law: Law) -> str:
    """The parameters of a law, short enough for a sentence."""
    parts = []
    for name, value in written_law(law).items():
        if name in {"column", "columns"}:
            continue
        written = value if isinstance(value, str) else str(value)
        parts.append(f"{name}={written[:60]}{'...' if len(written) > 60 else ''}")
    return ", ".join(parts) or "-"


__all__ = [
    "BROKEN",
    "KEPT",
    "LAWS",
    "SILENT",
    "Enforce",
    "Evidence",
    "Nulls",
    "Origin",
    "Rule",
    "Severity",
    "make_rule",
]
