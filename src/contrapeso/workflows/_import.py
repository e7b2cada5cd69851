"""Importing files: each one parsed, checked, stored in one database transaction, and accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contrapeso.errors import ContrapesoError
from contrapeso.progress import Progress, ProgressCallback, silent

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.store import ImportOutcome, Store


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file: ``outcome`` where it was read, ``error`` where it was refused whole."""

    path: Path
    outcome: ImportOutcome | None
    notes: tuple[str, ...] = ()
    error: ContrapesoError | None = None

    @property
    def n_to_review(self) -> int:
        """Rows that were not imported and that a person should look at."""
        return sum(row.needs_review for row in self.outcome.quarantined) if self.outcome else 0

    def to_dict(self) -> dict[str, object]:
        """JSON-ready account of the file."""
        if self.error is not None or self.outcome is None:
            error = self.error
            return {"file": self.path.name, "error": str(error), "code": error.code if error else "internal"}
        return {"file": self.path.name, **self.outcome.to_dict(), "notes": list(self.notes)}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Every file of one import, in order, and the label proposals that followed."""

    files: tuple[FileOutcome, ...]
    new_labels: int = 0

    @property
    def imported(self) -> int:
        """Rows added to the database."""
        return sum(file.outcome.imported for file in self.files if file.outcome)

    @property
    def errors(self) -> tuple[ContrapesoError, ...]:
        """Errors of the files that were refused."""
        return tuple(file.error for file in self.files if file.error)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready account of the import."""
        return {
            "imported": self.imported,
            "files": [file.to_dict() for file in self.files],
            "new_labels": self.new_labels,
        }


def import_files(
    paths: Sequence[Path],
    settings: Settings,
    *,
    bank: str | None = None,
    account: str | None = None,
    progress: ProgressCallback = silent,
) -> ImportResult:
    """Import ``paths`` in order, one database transaction per file.

    A file that cannot be read leaves nothing behind and does not stop the others. New spellings
    of categories are proposed for review, and the safe ones applied (see ``docs/labels.md``).
    """
    from contrapeso.workflows._labels import propose_stored_labels
    from contrapeso.workflows._stores import opened_store

    outcomes = []
    with opened_store(settings) as store:
        for done, path in enumerate(paths):
            progress(Progress("import", done, len(paths)))
            outcomes.append(_import_one(store, path, settings, bank, account))
        new_labels = propose_stored_labels(store)
    progress(Progress("import", len(paths), len(paths)))
    return ImportResult(tuple(outcomes), new_labels)


def _import_one(store: Store, path: Path, settings: Settings, bank: str | None, account: str | None) -> FileOutcome:
    from contrapeso.finance.ingest import parse_file
    from contrapeso.tables import Limits

    try:
        parsed = parse_file(path, limits=Limits.from_settings(settings), bank=bank, account=account)
        return FileOutcome(path, store.import_file(parsed), parsed.notes)
    except ContrapesoError as error:
        return FileOutcome(path, None, error=error)
