"""The sheet of movements, before it is CSV or XLSX: its columns, what each cell holds, and how a column is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from contrapeso.finance._text import normalize_description
from contrapeso.finance.balances import Line, RowTable, read_rows
from contrapeso.finance.balances._rows import Row
from contrapeso.finance.ingest._cells import is_balance, is_total
from contrapeso.finance.statements._cells import Plain, plain_text, plain_value, point_reais
from contrapeso.finance.statements._identifiers import synthetic_ids

Shown = Literal["mark", "date", "money", "text", "value"]
MARK_HEADER = "Sintético"
YES, NO = "sim", "não"
_IDENTIFIER_CHARS = 6


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column: money cells hold whole centavos, the others what the spreadsheet holds."""

    header: str
    shown: Shown
    width: int
    cells: tuple[Plain, ...]


@dataclass(frozen=True, slots=True)
class SheetTable:
    """Columns of one length, and the identifiers of the synthetic rows."""

    columns: tuple[SheetColumn, ...]
    lines: tuple[Line, ...]
    ids: tuple[str, ...]

    @property
    def synthetic_ids(self) -> tuple[str, ...]:
        """Identifier of each synthetic row, in order."""
        return tuple(name for name, line in zip(self.ids, self.lines, strict=True) if line.synthetic)


def sheet_table(rows: Sequence[Row], columns: Mapping[str, str] | None, run: str | None) -> SheetTable:
    """The rows, real and synthetic in their order, as a sheet under Portuguese headers that its reader knows."""
    table = read_rows(rows, columns)
    ids = tuple(synthetic_ids(table.lines, run))
    found = [*_own_columns(table, ids), *_extra_columns(table.lines)]
    return SheetTable(tuple(found), table.lines, ids)


def set_aside_notes(lines: Sequence[Line], *, totals: bool = True) -> tuple[str, ...]:
    """A note if the reader would take lines for statements of a balance, or (in sheets) for totals."""
    n = 0
    for line in lines:
        text, category = normalize_description(line.description), line.category if totals else None
        n += is_balance(text, category, point_reais(line.cents))
        n += totals and is_total(text, category, None, dated=True)
    return (f"set_aside: {n} rows will be taken for balances or totals, by their text, when read.",) if n else ()


def _own_columns(table: RowTable, ids: Sequence[str]) -> list[SheetColumn]:
    lines = table.lines

    def column(header: str, shown: Shown, width: int, value: Callable[[Line], Plain]) -> SheetColumn:
        return SheetColumn(header, shown, width, tuple(value(line) for line in lines))

    found = [
        column(MARK_HEADER, "mark", 10, lambda line: YES if line.synthetic else NO),
        column("Data", "date", 12, lambda line: line.date),
        column("Descrição", "text", 46, lambda line: plain_text(line.description)),
        column("Valor", "money", 16, lambda line: abs(line.cents) if table.unsigned else line.cents),
    ]
    optional = [
        column("Tipo", "text", 10, lambda line: plain_text(line.kind) or None),
        column("Categoria", "text", 24, lambda line: plain_text(line.category) or None),
        column("Saldo", "money", 16, lambda line: line.balance_cents),
        column("Banco", "text", 20, lambda line: plain_text(line.bank) or None),
        column("Conta", "text", 16, lambda line: plain_text(line.account) or None),
    ]
    found += [candidate for candidate in optional if any(cell is not None for cell in candidate.cells)]
    if any(line.currency != "BRL" for line in lines):
        found.append(column("Moeda", "text", 8, lambda line: line.currency))
    return found + _id_columns(lines, ids)


def _id_columns(lines: Sequence[Line], ids: Sequence[str]) -> list[SheetColumn]:
    """FITID; numbers of real rows that identify nothing (short or repeated) stand under Documento instead."""
    real = [name for name, line in zip(ids, lines, strict=True) if not line.synthetic and name]
    identify = len(set(real)) == len(real) and all(len(name) >= _IDENTIFIER_CHARS for name in real)
    own = tuple(
        plain_text(name) or None if line.synthetic or identify else None for name, line in zip(ids, lines, strict=True)
    )
    found = [SheetColumn("FITID", "text", 24, own)]
    if not identify:
        documents = tuple(
            None if line.synthetic else plain_text(name) or None for name, line in zip(ids, lines, strict=True)
        )
        found.append(SheetColumn("Documento", "text", 16, documents))
    return found


def _extra_columns(lines: Sequence[Line]) -> list[SheetColumn]:
    """Keys that have no role, under their own names."""
    keys = dict.fromkeys(key for line in lines for key in line.extra)
    found = []
    for key in keys:
        cells = tuple(plain_value(line.extra.get(key)) for line in lines)
        found.append(SheetColumn(plain_text(str(key)) or "-", "value", 18, cells))
    return found


__all__ = ["MARK_HEADER", "NO", "YES", "SheetColumn", "SheetTable", "Shown", "set_aside_notes", "sheet_table"]
