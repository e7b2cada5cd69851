"""The simulated company as a value: its movements, and what a perfect importer finds in its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import pandas as pd

from contrapeso.finance.example._cast import ACCOUNTS, COMPANY, Account, AccountName


@dataclass(frozen=True, slots=True)
class Movement:
    """One true movement: what the bank posted, and the category that a perfect bookkeeper gives it.

    ``kind`` is the instrument (``pix_in``, ``boleto_out``, ``das``, ...); ``balance_cents`` is the
    balance of the account after the movement.
    """

    date: date
    amount_cents: int
    description: str
    category: str
    bank: str
    account: str
    kind: str
    fitid: str
    balance_cents: int


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """What a perfect importer finds in one file.

    Attributes
    ----------
    transactions : rows that are movements and can be read.
    new : those of them that no file before this one brought.
    duplicates : those of them that a file before this one brought already.
    balance_rows : rows that state a balance.
    errors : movements that cannot be read (an error value in place of the amount).
    total_cents : sum of the amounts of ``transactions``.
    labels : category as typed -> rows, for workbooks; the key None counts empty cells.
    """

    kind: Literal["ofx", "xlsx", "csv"]
    table: Literal["transactions", "company_financial"]
    transactions: int
    duplicates: int
    balance_rows: int
    errors: int
    total_cents: int
    labels: Mapping[str | None, int]

    @property
    def new(self) -> int:
        """Transactions that no file before this one brought."""
        return self.transactions - self.duplicates


@dataclass(frozen=True)
class ExampleCompany:
    """A fictional company: ``movements`` of all accounts in order of date, account and posting."""

    seed: int
    months: int
    movements: tuple[Movement, ...]
    name: str = COMPANY

    @property
    def accounts(self) -> Mapping[AccountName, Account]:
        """The accounts of the company by short name."""
        return ACCOUNTS

    @cached_property
    def truth(self) -> pd.DataFrame:
        """One row per movement, columns as the fields of :class:`Movement`; ``date`` is datetime64."""
        frame = pd.DataFrame(self.movements, columns=list(Movement.__dataclass_fields__))
        return frame.astype({"date": "datetime64[s]", "amount_cents": "int64", "balance_cents": "int64"})

    @cached_property
    def expected(self) -> Mapping[str, ExpectedFile]:
        """File name -> what a perfect importer finds, in the order in which the files are written."""
        from contrapeso.finance.example._files import plan_files

        return {file.name: file.expected for file in plan_files(self)}


__all__ = ["ExampleCompany", "ExpectedFile", "Movement"]
