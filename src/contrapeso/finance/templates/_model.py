"""What is learned of descriptions: templates, the slots in them, and which row has which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from contrapeso.finance.templates._numbers import DateOrder

SlotKind = Literal[
    "name", "word", "masked", "cpf", "cnpj", "email", "key", "date", "competence", "month", "year", "instalment",
    "code", "time", "amount", "value", "number",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a template that every row fills with its own text.

    Attributes
    ----------
    kind : what stands there.
    order : of a date, the order of day, month and year.
    lasting : bool
        Whether one payee has the same number in most rows (an account, the number of a shop) and not a fresh one each
        time (a document).
    n_values : different texts seen.
    offset : of a date in days, of a competence, month or year in months: the most common distance to the posting day.
    """

    kind: SlotKind
    order: DateOrder = "dmy"
    lasting: bool = False
    n_values: int = 0
    offset: int = 0


Case = Literal["upper", "lower", "mixed"]
Element: TypeAlias = "str | Slot"


@dataclass(frozen=True, slots=True)
class Style:
    """Surface of the texts of one account and case.

    Attributes
    ----------
    case : of most letters.
    accents : whether letters carry accents in texts of this kind.
    longest : characters at which the bank cuts descriptions, 0 where it does not.
    """

    case: Case
    accents: bool
    longest: int


@dataclass(frozen=True, slots=True)
class Template:
    """A wording: literal words and slots.

    Attributes
    ----------
    tokens : folded literal words and slots, in order.
    support : rows that have it.
    n_payees : different payees among them.
    style : surface of its texts.
    text : the wording with slots as ``<kind>``.
    """

    tokens: tuple[Element, ...]
    support: int
    n_payees: int
    style: Style
    text: str

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots in order."""
        return tuple(token for token in self.tokens if isinstance(token, Slot))

    @property
    def literals(self) -> tuple[str, ...]:
        """The literal words in order."""
        return tuple(token for token in self.tokens if isinstance(token, str))


__all__ = ["Case", "Element", "Slot", "SlotKind", "Style", "Template"]
