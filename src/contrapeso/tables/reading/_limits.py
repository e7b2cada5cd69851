"""How much is read from one file, checked before anything is materialised."""

from __future__ import annotations

from dataclasses import dataclass

from contrapeso.config import Settings
from contrapeso.errors import FileTooLargeError


def _default(name: str) -> int:
    return int(Settings.model_fields[name].default)


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one file; the defaults are those of the settings of the same names.

    Parameters
    ----------
    max_bytes : int
        Size of the file as it is.
    max_uncompressed_bytes : int
        Size of a workbook or Parquet file once decompressed.
    max_rows : int
        Rows of one sheet or table.
    max_cells : int
        Rows x columns of the used range, summed over the sheets.
    """

    max_bytes: int = _default("max_file_bytes")
    max_uncompressed_bytes: int = _default("max_uncompressed_bytes")
    max_rows: int = _default("max_rows")
    max_cells: int = _default("max_cells")

    @classmethod
    def from_settings(cls, settings: Settings) -> Limits:
        """Limits that a deployment has set."""
        return cls(settings.max_file_bytes, settings.max_uncompressed_bytes, settings.max_rows, settings.max_cells)

    def check_bytes(self, n: int, name: str) -> None:
        """Raise FileTooLargeError if a file of ``n`` bytes is over the limit."""
        _check(n, self.max_bytes, name, "bytes", "max_file_bytes")

    def check_uncompressed(self, n: int, name: str) -> None:
        """Raise FileTooLargeError if ``n`` decompressed bytes are over the limit."""
        _check(n, self.max_uncompressed_bytes, name, "bytes once decompressed", "max_uncompressed_bytes")

    def check_rows(self, n: int, name: str) -> None:
        """Raise FileTooLargeError if ``n`` rows are over the limit."""
        _check(n, self.max_rows, name, "rows", "max_rows")

    def check_cells(self, n: int, name: str) -> None:
        """Raise FileTooLargeError if ``n`` cells are over the limit."""
        _check(n, self.max_cells, name, "cells", "max_cells")


def _check(n: int, limit: int, name: str, unit: str, setting: str) -> None:
    if n > limit:
        raise FileTooLargeError(
            f"{name} has {n:,} {unit} or more; the limit is {limit:,}. Split the file, or raise {setting} "
            f"(CONTRAPESO_{setting.upper()}) if you trust it.",
            {"limit": setting, "allowed": limit, "found": n},
        )


__all__ = ["Limits"]
