"""How the fields of a movement are written; every plan writes one column of all new rows at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from contrapeso.finance._ledger import Drafts, Rows
from contrapeso.finance.entries._amounts import AmountForm
from contrapeso.finance.entries._cells import text_of
from contrapeso.finance.entries._dates import DayForm
from contrapeso.finance.entries._signs import Signs


class Names(Protocol):
    """Pseudonyms: the same key gives the same one, and none is a real name or number."""

    def person(self, key: str) -> str:
        """Name of a person."""

    def firm(self, key: str, keep: Sequence[str] = ()) -> str:
        """Name of a firm that holds the words of ``keep``."""

    def cpf(self, key: str) -> str:
        """Number of a person, masked."""

    def cnpj(self, key: str) -> str:
        """Number of a firm, masked."""

    def account(self, key: str) -> str:
        """Number of an account, masked."""

    def number_like(self, text: str, key: str) -> str:
        """Another text of the same shape of digits and letters."""

    def email(self, key: str) -> str:
        """Address that nobody has."""

    def phone(self, key: str) -> str:
        """Telephone number, masked."""


@dataclass(frozen=True)
class Writing:
    """What the plans write from.

    Attributes
    ----------
    drafts : m drafts
    base : int64, shape (m,); row of the ledger whose other fields a draft takes; -1 where there is none
    names : pseudonyms
    run : name of the run
    numbers : int64, shape (m,); number of each new row within the run, from 1
    with_balances : whether the balances of the drafts are written
    """

    drafts: Drafts
    base: Rows
    names: Names
    run: str
    numbers: Rows
    with_balances: bool = False

    def ids(self) -> list[str]:
        """Identifier of each new row, in a name space of their own."""
        return [f"SYN-{self.run}-{number}" for number in self.numbers.tolist()]


class Plan(Protocol):
    """How one column is written."""

    def write(self, writing: Writing) -> list[object]:
        """Values of the column, one for each draft."""


@dataclass(frozen=True)
class DayPlan:
    """The day of the draft."""

    form: DayForm

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        return self.form.write(writing.drafts.ledger.days)


@dataclass(frozen=True)
class AmountPlan:
    """The amount of the draft, or its size or opposite: what ``how`` makes of the amount as it is written."""

    form: AmountForm
    signs: Signs = field(default_factory=Signs)
    how: Literal["same", "size", "opposite"] = "same"

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        cents = self.signs.outward(writing.drafts.ledger.cents)
        return self.form.write(np.abs(cents) if self.how == "size" else -cents if self.how == "opposite" else cents)


@dataclass(frozen=True)
class SidePlan:
    """One of two columns of debits and credits; the other one stays as empty as in the real rows."""

    form: AmountForm
    outgoing: bool
    negative: bool
    empty: object

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        cents = writing.drafts.ledger.cents
        mine = cents < 0 if self.outgoing else cents >= 0
        written = self.form.write(-np.abs(cents) if self.negative else np.abs(cents))
        return [value if here else self.empty for value, here in zip(written, mine.tolist(), strict=True)]


@dataclass(frozen=True)
class BalancePlan:
    """The balance that a policy gave the draft; none otherwise."""

    form: AmountForm
    empty: object

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        ledger = writing.drafts.ledger
        if not writing.with_balances:
            return [self.empty] * len(ledger)
        written = self.form.write(ledger.balances)
        return [v if known else self.empty for v, known in zip(written, ledger.balance_known.tolist(), strict=True)]


@dataclass(frozen=True)
class DescriptionPlan:
    """The description of the draft, or the copy of it that the column holds."""

    empty: object
    made: Callable[[str], str] | None = None

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        texts = writing.drafts.ledger.descriptions.tolist()
        if self.made is not None:
            texts = [self.made(text) for text in texts]
        return [text or self.empty for text in texts]


@dataclass(frozen=True)
class CategoryPlan:
    """The category of the draft in the type of the column."""

    values: Mapping[str, object]
    empty: object

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        texts = writing.drafts.ledger.categories.tolist()
        return [self.values.get(text, text) if text else self.empty for text in texts]


@dataclass(frozen=True)
class SignPlan:
    """The word for the direction of the draft; a draft of amount 0 takes that of the row it starts from."""

    words: tuple[object, object]
    values: Sequence[object]

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        out, into = self.words
        pairs = zip(writing.drafts.ledger.cents.tolist(), writing.base.tolist(), strict=True)
        return [out if c < 0 else into if c > 0 or b < 0 else self.values[b] for c, b in pairs]


@dataclass(frozen=True)
class RowPlan:
    """A value of the row that the draft starts from; ``values`` holds only those that may be copied."""

    values: Sequence[object]
    empty: object = None

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        return [self.values[row] if row >= 0 else self.empty for row in writing.base.tolist()]


@dataclass(frozen=True)
class AccountPlan:
    """The account of the draft: a pseudonym of a real one, or the name of an account that is synthetic itself.

    Attributes
    ----------
    values : value of the column by the key of the account in the ledger
    public : keys whose value names nobody's account and is copied (``caixa``, ``conta 1``)
    """

    values: Mapping[str, object]
    public: Collection[str]
    empty: object

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        keys = writing.drafts.ledger.accounts.tolist()
        made = {key: self._one(key, writing.names) for key in dict.fromkeys(keys)}
        return [made[key] for key in keys]

    def forbidden(self) -> list[str]:
        """The real values that are somebody's."""
        return [text_of(value) for key, value in self.values.items() if key not in self.public]

    def _one(self, key: str, names: Names) -> object:
        if key not in self.values:
            return key or self.empty
        value = self.values[key]
        if key in self.public or value is None:
            return value
        if isinstance(value, int | np.integer):
            made = names.number_like(str(value), key)
            return type(value)(made) if made.isdecimal() else None
        return names.account(key)


@dataclass(frozen=True)
class BankPlan:
    """The bank of the draft's account; of an account that is not in the input that of the row it starts from."""

    values: Mapping[str, object]
    otherwise: RowPlan

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        pairs = zip(writing.drafts.ledger.accounts.tolist(), self.otherwise.write(writing), strict=True)
        return [self.values.get(key, other) for key, other in pairs]


__all__ = [
    "AccountPlan",
    "AmountPlan",
    "BalancePlan",
    "BankPlan",
    "CategoryPlan",
    "DayPlan",
    "DescriptionPlan",
    "Names",
    "Plan",
    "RowPlan",
    "SidePlan",
    "SignPlan",
    "Writing",
]
