"""Reading bank files: no row lost in silence."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from contrapeso.finance._transaction import ParsedFile

if TYPE_CHECKING:
    from contrapeso.tables.reading import Limits


def parse_file(
    path: Path, *, limits: Limits | None = None, bank: str | None = None, account: str | None = None
) -> ParsedFile:
    """Every row of a bank or company file, as a transaction or as a quarantined row with its reason.

    OFX, XLSX, delimited text and Parquet are told apart by content, whatever the name says.

    Parameters
    ----------
    path : file
    limits : bounds on its size, checked before it is parsed; default those of the settings' defaults
    bank, account : in place of what an OFX file declares; in sheets, for rows that name none

    Raises
    ------
    FileMissingError
        If the file cannot be opened.
    FileTooLargeError
        If a limit is passed: bytes, uncompressed bytes, rows or cells.
    WrongContentError, UnreadableFileError, TruncatedFileError
        If no reader understands the content.
    """
    from contrapeso.tables.reading import Limits, load, read_grids, sniff

    path, limits = Path(path), limits or Limits()
    data = load(path, limits)
    name, sha256 = path.name, hashlib.sha256(data).hexdigest()
    found = sniff(data, name=name)
    if found.kind == "ofx":
        from contrapeso.finance.ingest._ofx import parse_ofx

        return parse_ofx(data, name=name, sha256=sha256, bank=bank, account=account)
    from contrapeso.finance.ingest._sheets import parse_sheets

    header = None
    if found.kind == "parquet":
        from contrapeso.finance.ingest._parquet import parquet_grids

        header, grids = parquet_grids(data, name, limits)
    else:
        grids = read_grids(data, limits, name=name)
    return parse_sheets(
        grids,
        name=name,
        sha256=sha256,
        kind=found.kind,
        encoding=grids[0].encoding or "utf-8" if grids else "utf-8",
        bank=bank,
        account=account,
        header=header,
        notes=found.notes,
    )


__all__ = ["parse_file"]
