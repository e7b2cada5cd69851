"""Delivering a table: from the database or a file, in the format that its reader wants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contrapeso.workflows._source import TableRef, load_frame
from contrapeso.workflows._writers import format_of, write_frame

if TYPE_CHECKING:
    from contrapeso.config import Settings


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written where."""

    table: str
    path: Path
    format: str
    n_rows: int

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {"table": self.table, "path": str(self.path), "format": self.format, "n_rows": self.n_rows}


def export(ref: TableRef, settings: Settings, *, out: Path, form: str | None = None) -> ExportResult:
    """Write the table at ``ref`` to ``out`` as ``csv``, ``csv-br``, ``xlsx`` or ``parquet``.

    Without ``form`` the ending of ``out`` decides. Synthetic rows keep their mark in every format.
    """
    chosen = format_of(out, form)
    frame = load_frame(ref, settings)
    write_frame(frame, out, chosen)
    return ExportResult(ref.label, out, chosen, len(frame))
