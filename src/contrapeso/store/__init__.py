"""The database: bank rows, company books, uploads, runs, trained models and the record of category spellings.

SQLite in one file by default, PostgreSQL by URL; the same models, the same calls, the same answers.
"""

from contrapeso.store._models import BankTransaction, CompanyEntry, LabelMap, Run, TrainedModel, Upload
from contrapeso.store._records import (
    DuplicateRow,
    ImportOutcome,
    LabelRow,
    ModelRow,
    RunKind,
    RunRow,
    Stage,
    UploadRow,
    WriteOutcome,
)
from contrapeso.store._registry import check_name
from contrapeso.store._store import Store, open_store

__all__ = [
    "BankTransaction",
    "CompanyEntry",
    "DuplicateRow",
    "ImportOutcome",
    "LabelMap",
    "LabelRow",
    "ModelRow",
    "Run",
    "RunKind",
    "RunRow",
    "Stage",
    "Store",
    "TrainedModel",
    "Upload",
    "UploadRow",
    "WriteOutcome",
    "check_name",
    "open_store",
]
