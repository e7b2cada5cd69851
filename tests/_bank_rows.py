"""Bank rows for the store tests: short builders, hypothesis strategies, and the duplicate rule told a second time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date

from hypothesis import strategies as st

from contrapeso.finance import ParsedFile, Quarantined, Source, Transaction


def transaction(row: int, *, file: str = "extrato.ofx", sheet: str | None = None, **changes: object) -> Transaction:
    """A debit of one real on 5 March 2024, changed by ``changes``."""
    values: dict[str, object] = {
        "date": date(2024, 3, 5),
        "amount_cents": -100,
        "description_raw": "Tarifa Bancária",
        "description": "TARIFA BANCARIA",
        "direction": "debit",
        "transaction_type": "debit",
        "bank": "341",
        "account": "0001-2",
    }
    return Transaction(source=Source(file, sha256_of(file), sheet, row), **(values | changes))


def sha256_of(name: str) -> str:
    """SHA-256 that stands for a file of that name."""
    return hashlib.sha256(name.encode()).hexdigest()


def parsed_file(
    rows: Iterable[Transaction],
    *,
    name: str = "extrato.ofx",
    table: str = "transactions",
    quarantined: Sequence[Quarantined] = (),
) -> ParsedFile:
    """A file of ``rows`` and ``quarantined``."""
    rows = tuple(rows)
    return ParsedFile(
        name, sha256_of(name), "ofx", "utf-8", table, len(rows) + len(quarantined), rows, tuple(quarantined)
    )


def key_of(row: Transaction) -> tuple[object, ...]:
    """What makes two rows the same row: the rule of the ADR, in Python."""
    shared = (row.bank, row.account, row.date, row.amount_cents)
    return (*shared, "fitid", row.fitid) if row.fitid else (*shared, "text", row.description, row.occurrence)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30) | st.sampled_from(
    [
        "",
        '"',
        '""',
        "\\.",
        "x\n\\.\ny",
        "\r\n",
        ",",
        ";",
        "NULL",
        "\\N",
        "00123",
        "1e5",
        "é",
        "💰",
        "%s %(x)s :x ?",
        " a ",
    ]
)
CENTS = st.integers(-(2**63), 2**63 - 1)


def any_rows(max_size: int = 6) -> st.SearchStrategy[list[Transaction]]:
    """Rows with every legal value in every field."""
    row = st.builds(
        transaction,
        st.integers(1, 2**31 - 1),
        sheet=st.none() | TEXT,
        date=st.dates(),
        amount_cents=CENTS,
        balance_cents=st.none() | CENTS,
        description_raw=TEXT,
        description=TEXT,
        direction=st.sampled_from(["debit", "credit"]),
        transaction_type=st.sampled_from(["debit", "credit", "expense", "income"]),
        currency=st.sampled_from(["BRL", "USD"]),
        category_raw=st.none() | TEXT,
        category=st.none() | TEXT,
        bank=TEXT,
        account=TEXT,
        fitid=TEXT,
        occurrence=st.integers(1, 2**31 - 1),
        extra=st.dictionaries(TEXT, TEXT, max_size=2),
    )
    return st.lists(row, max_size=max_size, unique_by=key_of)


def repetitive_rows(max_size: int = 12) -> st.SearchStrategy[list[Transaction]]:
    """Rows from so small a world that keys repeat within and between files; numbered in order."""
    changes = st.fixed_dictionaries(
        {
            "date": st.sampled_from([date(2024, 3, 5), date(2024, 3, 6)]),
            "amount_cents": st.sampled_from([-100, 100]),
            "description": st.sampled_from(["TARIFA", "PIX"]),
            "account": st.sampled_from(["1", "2"]),
            "fitid": st.sampled_from(["", "A", "B"]),
            "occurrence": st.integers(1, 2),
        }
    )
    return st.lists(changes, max_size=max_size).map(
        lambda rows: [transaction(number, **values) for number, values in enumerate(rows, 1)]
    )
