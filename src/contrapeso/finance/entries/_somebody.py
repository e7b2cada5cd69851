"""Columns that name or number persons and counterparties: new rows get pseudonyms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from contrapeso.finance._text import normalize_description
from contrapeso.finance.entries._cells import Cells, Mask, text_of
from contrapeso.finance.entries._facts import Facts, Found
from contrapeso.finance.entries._names import Hint, Role
from contrapeso.finance.entries._plans import Names, Plan
from contrapeso.finance.entries._row_plans import MadeOncePlan, another_number, is_placeholder
from contrapeso.finance.entries._support import (
    commonest_identifier,
    holds_persons,
    identifier_kind,
    names_person,
    words_kept,
)
from contrapeso.finance.entries._words import Said, Words


def find_names_in(cells: Cells, facts: Facts, hint: Hint | None) -> Found | None:
    """Names of persons or counterparties, and numbers that lead to them."""
    if not issubclass(cells.kind, str | int | np.integer) or hint == "text":
        return None
    kind = commonest_identifier(cells.distinct) if issubclass(cells.kind, str) else ""
    if kind or hint == "identifier":
        said = Said("identifiers", {"kind": kind or Words("números de pessoas", "numbers of persons")})
        return "identifier", said, pseudonyms(cells, facts, "identifier")
    if not issubclass(cells.kind, str):
        return None
    if hint == "person" or holds_persons(cells.distinct):
        return "person", Said("person_names"), pseudonyms(cells, facts, "person")
    if hint == "firm":
        return "firm", Said("firm_names"), pseudonyms(cells, facts, "firm")
    return None


def pseudonyms(cells: Cells, facts: Facts, role: Role) -> Plan:
    makers: dict[str, Callable[[Names, object], object]] = {"person": _person, "identifier": _number_of_somebody}
    make = makers.get(role) or partial(_firm, words_kept(cells, facts.least))
    spoken = _spoken(cells, facts) if role != "identifier" else None
    return MadeOncePlan(cells.codes, cells.distinct, make, cells.null_form, spoken)


def _spoken(cells: Cells, facts: Facts) -> Mask:
    """Whether the description of each row holds the value of the column, bool, shape (n,)."""
    values = [normalize_description(text_of(value)) for value in cells.distinct]
    folded = {text: normalize_description(text) for text in set(facts.ledger.descriptions.tolist())}
    pairs = zip(cells.codes.tolist(), facts.ledger.descriptions.tolist(), strict=True)
    found = [code >= 0 and bool(values[code]) and values[code] in folded[text] for code, text in pairs]
    return np.array(found, dtype=bool)


def _person(names: Names, value: object) -> object:
    from contrapeso.finance.privacy import in_style_of

    text = text_of(value)
    return in_style_of(names.person(normalize_description(text)), text)


def _firm(kept: frozenset[str], names: Names, value: object) -> object:
    """A pseudonym of the same kind: a person for a person, and for a firm one with the words that many have.

    What stands in brackets or has no letters is a placeholder, and stays.
    """
    from contrapeso.finance.privacy import in_style_of

    text = text_of(value)
    if is_placeholder(text) or not any(map(str.isalpha, text)):
        return value
    if names_person(text):
        return _person(names, value)
    every = text.split()
    words = [word for word in every if normalize_description(word) in kept]
    keep = words[:-1] if len(words) == len(every) else words
    return in_style_of(names.firm(normalize_description(text), keep), text)


def _number_of_somebody(names: Names, value: object) -> object:
    text = text_of(value)
    kind = identifier_kind(text)
    if isinstance(value, int | np.integer):
        return another_number(names, value, text)
    if not any(map(str.isdigit, text)) and "@" not in text:
        return value
    if kind in {"cpf", "cnpj", "email"}:
        return {"cpf": names.cpf, "cnpj": names.cnpj, "email": names.email}[kind](text)
    return names.number_like(text, text)


__all__ = ["find_names_in", "pseudonyms"]
