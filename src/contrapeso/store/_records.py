"""What the store answers: values without a connection behind them, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from contrapeso.finance import Quarantined

TableName: TypeAlias = Literal["transactions", "company_financial"]
UploadStatus: TypeAlias = Literal["success", "partial", "empty"]
DuplicateReason: TypeAlias = Literal["same_file", "already_stored", "repeated_in_file"]
RunKind: TypeAlias = Literal["import", "analyze", "balance", "assess", "export", "demo", "train", "worth"]
RunStatus: TypeAlias = Literal["running", "done", "failed"]
Decision: TypeAlias = Literal["accepted", "rejected"]
Stage: TypeAlias = Literal["candidate", "staging", "production", "archived"]

_WHY: dict[DuplicateReason, str] = {
    "same_file": "The same file was imported before",
    "already_stored": "The same row was imported before",
    "repeated_in_file": "The same row comes twice in this file",
}


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """A row that was not imported because a row with the same key is stored, and where that one came from."""

    sheet: str | None
    row: int
    reason: DuplicateReason
    of_file: str | None = None
    of_sheet: str | None = None
    of_row: int | None = None

    @property
    def detail(self) -> str:
        """One sentence that says which row it repeats."""
        place = f", row {self.of_row}" if self.of_row is not None else ""
        sheet = f", sheet {self.of_sheet!r}" if self.of_sheet else ""
        return f"{_WHY[self.reason]}: {self.of_file or 'rows from memory'}{sheet}{place}."

    def to_dict(self) -> dict[str, object]:
        """JSON-ready record."""
        return {"sheet": self.sheet, "row": self.row, "reason": self.reason, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of the rows of one file: ``raw_count = imported + duplicates + quarantined``.

    ``already_imported`` says that a file with the same SHA-256 was imported before: nothing was
    written, ``upload_id`` is the earlier upload and every transaction of the file is a duplicate.
    """

    upload_id: int
    file: str
    table: str
    status: UploadStatus
    raw_count: int
    imported: int
    duplicates: tuple[DuplicateRow, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    already_imported: bool = False

    def __post_init__(self) -> None:
        accounted = self.imported + len(self.duplicates) + len(self.quarantined)
        if accounted != self.raw_count:
            raise AssertionError(
                f"{self.file}: {self.raw_count} rows in the file, {accounted} accounted for. "
                "No row may be lost in silence; this is a defect of the store."
            )

    def to_dict(self) -> dict[str, object]:
        """JSON-ready account: the counts, and every row that was not imported."""
        return {
            "upload_id": self.upload_id,
            "table": self.table,
            "status": self.status,
            "raw_count": self.raw_count,
            "imported": self.imported,
            "already_imported": self.already_imported,
            "duplicates": [row.to_dict() for row in self.duplicates],
            "quarantined": [quarantined_to_dict(row) for row in self.quarantined],
        }


def quarantined_to_dict(row: Quarantined) -> dict[str, object]:
    """JSON-ready record of a row that was not imported."""
    return {"sheet": row.sheet, "row": row.row, "reason": row.reason, "detail": row.detail}


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """Rows added from memory, and the 0-based positions of the rows whose key was stored already."""

    imported: int
    duplicates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One file that was imported; ``report`` lists every row that was not, with the reason."""

    id: int
    file: str
    sha256: str
    kind: str
    encoding: str
    table: str
    status: UploadStatus
    raw_count: int
    imported: int
    duplicates: int
    quarantined: int
    accounts: tuple[tuple[str, str], ...]
    report: Mapping[str, object]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """One command that was run."""

    id: int
    kind: RunKind
    status: RunStatus
    version: str
    started_at: datetime
    finished_at: datetime | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    seed: int | None = None
    input_sha256: str | None = None
    result: Mapping[str, object] | None = None
    outputs: tuple[str, ...] = ()
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One version of a trained classifier; ``archive`` is a path, relative ones are in the state folder.

    ``schema`` names the columns that it needs, ``metrics`` what it did on rows that it was not trained on.
    """

    id: int
    name: str
    version: int
    stage: Stage
    kind: str
    target: str
    data_sha256: str
    archive: str
    archive_sha256: str
    created_at: datetime
    seed: int | None = None
    schema: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name and version for people."""
        return f"{self.name} v{self.version}"

    def to_dict(self) -> dict[str, object]:
        """JSON-ready record."""
        return {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "stage": self.stage,
            "kind": self.kind,
            "target": self.target,
            "data_sha256": self.data_sha256,
            "archive": self.archive,
            "archive_sha256": self.archive_sha256,
            "created_at": self.created_at.isoformat(),
            "seed": self.seed,
            "schema": dict(self.schema),
            "metrics": dict(self.metrics),
        }


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One spelling of a category and the name in force for it (None: no category)."""

    table: str
    raw: str
    canonical: str | None
    status: str
    rule: str
    reason_pt: str
    reason_en: str
    count: int
    suggestion: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready record."""
        return {
            "table": self.table,
            "raw": self.raw,
            "canonical": self.canonical,
            "suggestion": self.suggestion,
            "status": self.status,
            "rule": self.rule,
            "reason_pt": self.reason_pt,
            "reason_en": self.reason_en,
            "count": self.count,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "decided_by": self.decided_by,
        }


__all__ = [
    "Decision",
    "DuplicateReason",
    "DuplicateRow",
    "ImportOutcome",
    "LabelRow",
    "ModelRow",
    "RunKind",
    "RunRow",
    "RunStatus",
    "Stage",
    "TableName",
    "UploadRow",
    "UploadStatus",
    "WriteOutcome",
    "quarantined_to_dict",
]
