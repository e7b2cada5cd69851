"""Categories as they are counted: spellings of one name together, notes in the place of a category aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger, texts
from contrapeso.finance.labels import LabelProposal, propose_labels
from contrapeso.finance.synthesis._plan import Text
from contrapeso.finance.synthesis._words import NOTES, both

Spellings: TypeAlias = Literal["group", "keep"]
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Grouped:
    """A ledger whose categories are names that are counted.

    Attributes
    ----------
    ledger : the rows; a category is empty where a note stood in its place
    names : spelling -> the name that it is counted under, empty for a note
    notes : what was brought together and what was set aside, (pt, en)
    """

    ledger: Ledger
    names: Mapping[str, str]
    notes: tuple[Text, ...]

    def asked(self, categories: str | Collection[str] | None) -> str | list[str] | None:
        """Categories that were asked for by any of their spellings, under the names that are counted."""
        if categories is None or isinstance(categories, str):
            return categories and self.names.get(categories, categories)
        return list(dict.fromkeys(self.names.get(name, name) for name in categories))


def group_spellings(ledger: Ledger, spellings: Spellings = "group", named: Collection[str] = ()) -> Grouped:
    """The ledger with the categories that :func:`contrapeso.finance.propose_labels` brings together without asking.

    Parameters
    ----------
    ledger : Ledger
        Not changed.
    spellings : {"group", "keep"}, default "group"
        'keep' counts every label as it is typed.
    named : collection of str
        Labels that somebody asked for by name: they are categories, whatever they look like.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> days = ["2024-05-06"] * 4
    >>> ledger = ledger_of(days, [1, 2, 3, 4], ["a"] * 4, categories=["Fretes", "FRETES ", "Fretes", "Parcela 2 de 3"])
    >>> group_spellings(ledger).ledger.categories.tolist()
    ['Fretes', 'Fretes', 'Fretes', '']
    """
    if spellings not in ("group", "keep"):
        raise InvalidParameterError(f"spellings must be 'group' or 'keep'; got {spellings!r}.")
    typed = ledger.categories.tolist()
    if spellings == "keep" or not any(typed):
        return Grouped(ledger, {}, ())
    proposals = [one for one in propose_labels([label or None for label in typed]) if one.raw is not None]
    names = {str(one.raw): one.canonical or (str(one.raw) if one.raw in named else "") for one in proposals}
    counted = replace(ledger, categories=texts([names.get(label, label) for label in typed]))
    merged = [one for one in proposals if one.status == "merged"]
    aside = [one for one in proposals if not names[str(one.raw)]]
    return Grouped(counted, names, (*_note("spellings", merged, len(merged)), *_note("notes", aside, _rows(aside))))


def _rows(proposals: Collection[LabelProposal]) -> int:
    return sum(one.count for one in proposals)


def _note(code: str, found: Collection[LabelProposal], n: int) -> tuple[Text, ...]:
    if not found:
        return ()
    shown = [f"{one.raw!r}" + (f" = {one.canonical!r}" if one.canonical else "") for one in found]
    examples = ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")
    return (both(NOTES, code, n=n, examples=examples),)


__all__ = ["Grouped", "Spellings", "group_spellings"]
