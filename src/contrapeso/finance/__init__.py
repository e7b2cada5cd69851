"""Bank movements: the canonical row, its text and labels, the readers, and an example company.

Statements and workbooks are read by ``contrapeso.finance.ingest.parse_file``. The names here are
loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contrapeso.finance._columns import transactions_to_table
    from contrapeso.finance._text import normalize_description
    from contrapeso.finance._transaction import ParsedFile, Quarantined, Source, Transaction
    from contrapeso.finance.example import simulate_company, write_company
    from contrapeso.finance.labels import apply_labels, propose_labels

_HOME = {
    "ParsedFile": "contrapeso.finance._transaction",
    "Quarantined": "contrapeso.finance._transaction",
    "Source": "contrapeso.finance._transaction",
    "Transaction": "contrapeso.finance._transaction",
    "apply_labels": "contrapeso.finance.labels",
    "normalize_description": "contrapeso.finance._text",
    "propose_labels": "contrapeso.finance.labels",
    "simulate_company": "contrapeso.finance.example",
    "transactions_to_table": "contrapeso.finance._columns",
    "write_company": "contrapeso.finance.example",
}

__all__ = [
    "ParsedFile",
    "Quarantined",
    "Source",
    "Transaction",
    "apply_labels",
    "normalize_description",
    "propose_labels",
    "simulate_company",
    "transactions_to_table",
    "write_company",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'contrapeso.finance' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
