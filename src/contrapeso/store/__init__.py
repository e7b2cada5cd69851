"""The database: bank rows, company books, uploads, runs and the record of category spellings.

SQLite in one file by default, PostgreSQL by URL; the same models, the same calls, the same answers.
"""

from contrapeso.store._models import BankTransaction, CompanyEntry, LabelMap, Run, Upload
from contrapeso.store._records import (
    DuplicateRow,
    ImportOutcome,
    LabelRow,
    RunRow,
    UploadRow,
    WriteOutcome,
)
from contrapeso.store._store import Store, open_store

__all__ = [
    "BankTransaction",
    "CompanyEntry",
    "DuplicateRow",
    "ImportOutcome",
    "LabelMap",
    "LabelRow",
    "Run",
    "RunRow",
    "Store",
    "Upload",
    "UploadRow",
    "WriteOutcome",
    "open_store",
]
