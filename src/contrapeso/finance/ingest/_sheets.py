"""Spreadsheets and delimited files as transactions. Law: every row is imported or listed with its reason.

The styles of numbers and dates are decided once per file, from all sheets; signs, repeated sheets
and the table (bank or company) afterwards, from all rows that have a date and an amount.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from contrapeso.finance._transaction import FileKind, ParsedFile, Source, TableName, Transaction
from contrapeso.finance.ingest._cells import are_directions, without_guards
from contrapeso.finance.ingest._headers import Columns, Role, columns_of, find_columns
from contrapeso.finance.ingest._sheet_rows import Draft, SheetRows, Styles, list_without_header, read_rows
from contrapeso.tables.reading import (
    Cell,
    Grid,
    NumberStyle,
    cell_text,
    detect_date_style,
    detect_number_style,
    is_blank,
)

_REPEATED_SHARE = 0.8
_REPEATED_ROWS = 5
_IDENTIFIER_CHARS = 6
_BANK_ROLES: frozenset[Role] = frozenset({"bank", "account", "fitid", "balance"})


@dataclass(frozen=True, slots=True)
class _Table:
    grid: Grid
    columns: Columns


def parse_sheets(
    grids: Sequence[Grid],
    *,
    name: str,
    sha256: str,
    kind: FileKind,
    encoding: str = "utf-8",
    bank: str | None = None,
    account: str | None = None,
    header: Sequence[Cell] | None = None,
    notes: Sequence[str] = (),
) -> ParsedFile:
    """Every row of the sheets as a transaction or as a quarantined row with its reason.

    Parameters
    ----------
    grids : the sheets of one file
    name, sha256 : written into the source of each row
    kind, encoding : of the file
    bank, account : for rows that name none
    header : names of the columns where they are no row of the grids (Parquet); default: found in each grid
    notes : what the reader of the file has to say already

    Returns
    -------
    ParsedFile
        Table ``transactions`` (debit, credit) where a bank, account, FITID or balance column is there
        (or ``bank`` or ``account`` is given) and no category; else ``company_financial`` (expense,
        income).
    """
    known = None if header is None else columns_of(header)
    grids = [without_guards(grid) for grid in grids]
    columns = [find_columns(grid.rows) if header is None else known for grid in grids]
    tables = [_Table(grid, found) for grid, found in zip(grids, columns, strict=True) if found]
    styles, style_notes = _decide_styles(tables)
    sheets = [
        read_rows(grid, found, styles) if found else list_without_header(grid)
        for grid, found in zip(grids, columns, strict=True)
    ]
    said = [*notes, *(note for grid in grids for note in grid.notes if note not in notes), *style_notes]
    said += _set_aside_repeated(sheets)
    said += _settle_signs(sheets, tables, styles)
    said += _settle_identifiers(sheets)
    table = _table_of(tables, sheets, given=bool(bank or account))
    said += _count_notes(sheets)
    transactions = tuple(_transactions(sheets, Source(name, sha256, None, 0), table, (bank or "", account or "")))
    if not tables:
        said.append("no_header: no sheet has a row that names a date and an amount column.")
    return ParsedFile(
        name=name,
        sha256=sha256,
        kind=kind,
        encoding=encoding,
        table=table,
        raw_count=sum(len(grid.rows) for grid in grids),
        transactions=transactions,
        quarantined=tuple(row for sheet in sheets for row in sorted(sheet.quarantined, key=lambda row: row.row)),
        notes=tuple(dict.fromkeys(said)),
    )


def _cells(tables: Sequence[_Table], *roles: Role) -> Iterator[Cell]:
    for table in tables:
        places = [table.columns.roles[role] for role in roles if role in table.columns.roles]
        for row in table.grid.rows[table.columns.header + 1 :]:
            yield from (row[j] for j in places if j < len(row))


def _texts(tables: Sequence[_Table], *roles: Role) -> list[str]:
    return [cell for cell in _cells(tables, *roles) if isinstance(cell, str)]


def _decide_styles(tables: Sequence[_Table]) -> tuple[Styles, list[str]]:
    """Styles of the file, with a note on each that its values do not prove."""
    locale = _locale(tables)
    balances = _texts(tables, "balance")
    amounts = _texts(tables, "amount", "debit", "credit")
    amount = detect_number_style(amounts, prefer=locale)
    balance = detect_number_style(balances, prefer=amount)
    if not amount.certain:
        others = detect_number_style([*balances, *_texts(tables, "monthly_report_value")])
        if others.proved:
            amount = detect_number_style(amounts, prefer=replace(others, why="the other columns"))
    date = detect_date_style(_cells(tables, "date"))
    types = {cell_text(cell).strip() for cell in _cells(tables, "type") if not is_blank(cell)}
    notes = []
    if not amount.certain:
        notes.append(f"number_style: {amount.why}.")
    if not date.certain:
        notes.append(f"date_style: {date.why}.")
    return Styles(amount, balance, date, are_directions(types)), notes


def _locale(tables: Sequence[_Table]) -> NumberStyle | None:
    """Number style that the delimiter or the language of the headers suggests."""
    if any(table.grid.delimiter == ";" for table in tables):
        return NumberStyle(",", certain=False, why="the ';' delimiter")
    if any(table.columns.is_portuguese for table in tables):
        return NumberStyle(",", certain=False, why="the Portuguese header")
    return None


def _set_aside_repeated(sheets: Sequence[SheetRows]) -> list[str]:
    """Quarantine unsigned sheets that repeat the rows of the others: counted twice, they would double the year."""
    notes = []
    aside: set[int] = set()
    for i in reversed(range(len(sheets))):
        drafts = sheets[i].drafts
        if len(drafts) < _REPEATED_ROWS or any(draft.cents < 0 for draft in drafts):
            continue
        others = Counter(
            _unsigned(draft) for k, sheet in enumerate(sheets) if k != i and k not in aside for draft in sheet.drafts
        )
        repeated = _matches(drafts, others)
        if sum(repeated) < _REPEATED_SHARE * len(drafts):
            continue
        aside.add(i)
        for draft, again in zip(drafts, repeated, strict=True):
            if again:
                sheets[i].refuse(
                    draft.row, "repeated_sheet", "the same row stands in another sheet; this sheet is a copy"
                )
            else:
                detail = "the sheet copies others without signs, but this row is in none of them"
                sheets[i].refuse(draft.row, "unmatched_copy", detail)
        sheets[i].drafts = []
        notes.append(f"repeated_sheet: sheet {sheets[i].name!r} repeats {sum(repeated)} rows of the others unsigned.")
    return notes


def _unsigned(draft: Draft) -> tuple[object, ...]:
    return draft.date, abs(draft.cents), draft.description


def _matches(drafts: Sequence[Draft], others: Counter[tuple[object, ...]]) -> list[bool]:
    left = others.copy()
    repeated = []
    for draft in drafts:
        key = _unsigned(draft)
        repeated.append(left[key] > 0)
        left[key] -= 1
    return repeated


def _settle_signs(sheets: Sequence[SheetRows], tables: Sequence[_Table], styles: Styles) -> list[str]:
    """Give unsigned amounts their sign from the type column; without one, say that there is none."""
    drafts = [draft for sheet in sheets for draft in sheet.drafts]
    split = any("amount" not in table.columns.roles for table in tables)
    if not drafts or split or any(draft.cents < 0 for draft in drafts):
        n_against = sum(draft.direction is not None and draft.cents * draft.direction < 0 for draft in drafts)
        return (
            [f"type_sign: {n_against} rows have a type that contradicts the sign; the sign decided."]
            if n_against
            else []
        )
    if styles.type_is_direction:
        for sheet in sheets:
            for draft in sheet.drafts:
                if draft.direction is None:
                    sheet.refuse(
                        draft.row, "missing_direction", "amounts have no sign and the type of this row is blank"
                    )
                else:
                    draft.cents *= draft.direction
            sheet.drafts = [draft for draft in sheet.drafts if draft.direction is not None]
        return []
    if all(table.columns.says_expense for table in tables):
        for draft in drafts:
            draft.cents = -draft.cents
        return ["unsigned_amounts: no amount has a sign; the category header says expense, so all are money going out."]
    return [
        "unsigned_amounts: no amount has a sign and no column says the direction; all were taken as money coming in."
    ]


def _settle_identifiers(sheets: Sequence[SheetRows]) -> list[str]:
    """Use a document column as the bank's identifier only if it identifies: long and never repeated."""
    drafts = [draft for sheet in sheets for draft in sheet.drafts if draft.identifier]
    if not drafts:
        return []
    distinct = {draft.identifier for draft in drafts}
    identifies = len(distinct) == len(drafts) and min(map(len, distinct)) >= _IDENTIFIER_CHARS
    for draft in drafts:
        if identifies and not draft.fitid:
            draft.fitid = draft.identifier
        else:
            draft.extra["document"] = draft.identifier
    if identifies:
        return []
    return ["document: the document numbers are short or repeat, so they do not identify rows; they are kept as extra."]


def _table_of(tables: Sequence[_Table], sheets: Sequence[SheetRows], *, given: bool) -> TableName:
    roles = {role for table in tables for role in table.columns.roles}
    has_category = any(draft.category is not None for sheet in sheets for draft in sheet.drafts)
    has_bank = bool(roles & _BANK_ROLES) or given or any(draft.fitid for sheet in sheets for draft in sheet.drafts)
    return "transactions" if has_bank and not has_category else "company_financial"


def _count_notes(sheets: Sequence[SheetRows]) -> Iterator[str]:
    for sheet in sheets:
        yield from sheet.notes
    counts = (
        ("rounded", sum(s.n_rounded for s in sheets), "amounts had fractions of a cent and were rounded half to even"),
        ("no_description", sum(s.n_no_description for s in sheets), "rows have no description and were imported"),
        ("bad_balance", sum(s.n_bad_balance for s in sheets), "balances are no numbers; their text is kept as extra"),
    )
    for code, n, sentence in counts:
        if n:
            yield f"{code}: {n} {sentence}."


_TYPES: dict[TableName, dict[Literal[-1, 1], Literal["debit", "credit", "expense", "income"]]] = {
    "transactions": {-1: "debit", 1: "credit"},
    "company_financial": {-1: "expense", 1: "income"},
}


def _transactions(
    sheets: Sequence[SheetRows], file: Source, table: TableName, default_owner: tuple[str, str]
) -> Iterator[Transaction]:
    seen: Counter[tuple[object, ...]] = Counter()
    for sheet in sheets:
        for draft in sheet.drafts:
            owner = (draft.bank or default_owner[0], draft.account or default_owner[1])
            key = (*owner, draft.date, draft.cents, draft.description)
            seen[key] += 1
            yield Transaction(
                date=draft.date,
                amount_cents=draft.cents,
                description_raw=draft.description_raw,
                description=draft.description,
                direction="debit" if draft.cents < 0 else "credit",
                transaction_type=_TYPES[table][-1 if draft.cents < 0 else 1],
                source=Source(file.file, file.sha256, sheet.name, draft.row),
                currency=draft.currency or "BRL",
                category_raw=draft.category,
                balance_cents=draft.balance_cents,
                bank=owner[0],
                account=owner[1],
                fitid=draft.fitid,
                occurrence=seen[key],
                extra=draft.extra,
            )


__all__ = ["parse_sheets"]
