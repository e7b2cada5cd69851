"""The canonical bank row and the outcome of reading one file.

Money is an integer number of centavos, a date is the bank's local date (never shifted to UTC),
and a :class:`ParsedFile` cannot be built unless every row of the file is accounted for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Direction = Literal["debit", "credit"]
FileKind = Literal["ofx", "xlsx", "csv", "parquet"]
TableName = Literal["transactions", "company_financial"]

NOT_A_TRANSACTION = frozenset(
    {"header_row", "title_row", "blank_row", "balance_row", "total_row", "side_table", "repeated_sheet"}
)
"""Reasons that say a row was never a transaction; every other reason means a person should look."""

SYNTHETIC, SYNTHETIC_FITID = "is_synthetic", "SYN-"
"""Extra field that says sim of a synthetic row, and how the identifiers of such rows begin."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row came from: file (name and SHA-256), sheet (None outside workbooks) and row.

    ``row`` is the 1-based row of the sheet or file, or the ordinal of the ``<STMTTRN>``.
    """

    file: str
    sha256: str
    sheet: str | None
    row: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """One money movement. ``amount_cents`` is signed: negative leaves the account.

    ``transaction_type`` keeps the dialect of the source (debit/credit for banks, expense/income
    for company books); ``direction`` is the common word for both.
    """

    date: date
    amount_cents: int
    description_raw: str
    description: str
    direction: Direction
    transaction_type: Literal["debit", "credit", "expense", "income"]
    source: Source
    currency: str = "BRL"
    category_raw: str | None = None
    category: str | None = None
    balance_cents: int | None = None
    bank: str = ""
    account: str = ""
    fitid: str = ""
    occurrence: int = 1
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was not imported: where it is, a stable ``reason`` and the sentence that explains it."""

    sheet: str | None
    row: int
    reason: str
    detail: str

    @property
    def needs_review(self) -> bool:
        """Whether a person should look (False for headers, blanks, balances: never transactions)."""
        return self.reason not in NOT_A_TRANSACTION


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """Everything found in one file. ``raw_count`` rows in, transactions plus quarantined rows out.

    Raises
    ------
    AssertionError
        If a row is missing: the import law is checked at construction, not hoped for.
    """

    name: str
    sha256: str
    kind: FileKind
    encoding: str
    table: TableName
    raw_count: int
    transactions: tuple[Transaction, ...]
    quarantined: tuple[Quarantined, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        accounted = len(self.transactions) + len(self.quarantined)
        if accounted != self.raw_count:
            raise AssertionError(
                f"{self.name}: {self.raw_count} rows in the file, {accounted} accounted for. "
                "No row may be lost in silence; this is a defect of the reader."
            )

    @property
    def reasons(self) -> dict[str, int]:
        """Number of rows not imported, by reason, most frequent first."""
        return dict(Counter(row.reason for row in self.quarantined).most_common())


__all__ = [
    "NOT_A_TRANSACTION",
    "SYNTHETIC",
    "SYNTHETIC_FITID",
    "Direction",
    "FileKind",
    "ParsedFile",
    "Quarantined",
    "Source",
    "TableName",
    "Transaction",
]
