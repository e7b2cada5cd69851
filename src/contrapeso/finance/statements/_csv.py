"""Movements as CSV for a Brazilian spreadsheet: ``;``, decimal comma, dd/mm/aaaa, UTF-8 with a byte order mark."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from contrapeso.finance.balances._rows import Row
from contrapeso.finance.statements._cells import Plain, comma_reais, guarded
from contrapeso.finance.statements._files import Written, sha256_of, write_whole
from contrapeso.finance.statements._table import SheetColumn, set_aside_notes, sheet_table


def write_csv(
    rows: Sequence[Row], path: str | Path, *, columns: Mapping[str, str] | None = None, run: str | None = None
) -> Written:
    """The rows, real and synthetic in their order, as text that Excel in Portuguese opens with the right columns.

    The column ``Sintético`` says sim or não. A text that a spreadsheet would run as a formula has an apostrophe before
    it, which :func:`contrapeso.finance.ingest.parse_file` takes off again.

    Parameters
    ----------
    rows : dicts with ``is_synthetic`` true on the synthetic ones
    path : file to write, whole or not at all
    columns : key of each role, as in :func:`contrapeso.finance.balances.read_rows`
    run : name of the run in the identifiers ``SYN-<run>-<n>``; default told by the rows
    """
    table = sheet_table(rows, columns, run)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(column.header) for column in table.columns])
    written = [[_text(column, cell) for cell in column.cells] for column in table.columns]
    writer.writerows(zip(*written, strict=True))
    content = buffer.getvalue().encode("utf-8-sig")
    target = Path(path)
    write_whole({target: content})
    ids = table.synthetic_ids
    return Written(target, sha256_of(content), len(table.lines), len(ids), 0, ids, set_aside_notes(table.lines))


def _text(column: SheetColumn, cell: Plain) -> str:
    """A cell as written."""
    if cell is None:
        return ""
    if column.shown == "money" and isinstance(cell, int):
        return comma_reais(cell)
    if isinstance(cell, bool):
        return "sim" if cell else "não"
    if isinstance(cell, dt.datetime):
        return f"{cell:%d/%m/%Y %H:%M:%S}"
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    return (
        repr(cell).replace(".", ",")
        if isinstance(cell, float)
        else guarded(cell)
        if isinstance(cell, str)
        else str(cell)
    )


__all__ = ["write_csv"]
