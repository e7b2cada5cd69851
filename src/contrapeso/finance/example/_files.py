"""The files of the company as a person would have them, each with what a perfect importer finds in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from contrapeso.finance.example._book import BookSheet, plan_books
from contrapeso.finance.example._calendar import days_of
from contrapeso.finance.example._cast import ACCOUNTS, Account
from contrapeso.finance.example._company import ExampleCompany, ExpectedFile, Movement
from contrapeso.finance.example._ofx import alameda_ofx, serra_ofx
from contrapeso.finance.example._typing import reais_text
from contrapeso.finance.example._xlsx import book_xlsx

OfxWriter = Callable[[Account, Sequence[Movement], date, date], bytes]


@dataclass(frozen=True)
class PlannedFile:
    """A file before it is written: its name, what an importer must find, and how to make its bytes."""

    name: str
    expected: ExpectedFile
    content: Callable[[], bytes]


def plan_files(company: ExampleCompany) -> tuple[PlannedFile, ...]:
    """Statements by bank, the wallet, and the books, in the order in which they are imported."""
    alameda, serra, wallet = (
        [row for row in company.movements if row.account == account.number] for account in ACCOUNTS.values()
    )
    last = max(row.date for row in company.movements)
    return (
        *_statements("extrato-alameda", ACCOUNTS["alameda"], alameda, _periods(last, 6, 12), alameda_ofx),
        *_statements("extrato-serra-azul", ACCOUNTS["serra"], serra, _periods(last, 12, 11), serra_ofx),
        _wallet(ACCOUNTS["wallet"], wallet),
        *(_book(year, sheets) for year, sheets in plan_books(company).items()),
    )


def _periods(last: date, months: int, overlap_days: int) -> Iterator[tuple[str, date, date]]:
    """Name, first and last day of each download; all but the first reach back ``overlap_days``."""
    year, month = 2024, 1
    while date(year, month, 1) <= last:
        end = max(days_of(year, month + months - 1))
        back = timedelta(days=overlap_days if (year, month) > (2024, 1) else 0)
        name = f"{year}" if months == 12 else f"{year}-{(month - 1) // months + 1}sem"
        yield name, date(year, month, 1) - back, min(end, max(days_of(last.year, last.month)))
        year, month = (year + 1, 1) if month + months > 12 else (year, month + months)


def _statements(
    stem: str,
    account: Account,
    movements: Sequence[Movement],
    periods: Iterable[tuple[str, date, date]],
    writer: OfxWriter,
) -> Iterator[PlannedFile]:
    seen: set[str] = set()
    for name, start, end in periods:
        rows = [row for row in movements if start <= row.date <= end]
        again = sum(row.fitid in seen for row in rows)
        seen.update(row.fitid for row in rows)
        expected = ExpectedFile("ofx", "transactions", len(rows), again, 0, 0, _total(rows), {None: len(rows)})
        yield PlannedFile(f"{stem}-{name}.ofx", expected, partial(writer, account, rows, start, end))


def _wallet(account: Account, rows: Sequence[Movement]) -> PlannedFile:
    """The wallet's statement: text with ``;``, decimal comma and Windows-1252, with a balance row on top."""
    opening = f"{rows[0].date:%d/%m/%Y};SALDO ANTERIOR;;{reais_text(account.opening_cents, 'plain')}"
    lines = [f"Extrato {account.bank};;;", "Data;Histórico;Valor;Saldo", opening]
    lines += [
        f"{row.date:%d/%m/%Y};{row.description};{reais_text(row.amount_cents, 'plain')};"
        f"{reais_text(row.balance_cents, 'plain')}"
        for row in rows
    ]
    expected = ExpectedFile("csv", "transactions", len(rows), 0, 1, 0, _total(rows), {None: len(rows)})
    text = "\r\n".join([*lines, ""])
    return PlannedFile(f"carteira-tucuna-{rows[-1].date.year}.csv", expected, lambda: text.encode("cp1252"))


def _book(year: int, sheets: tuple[BookSheet, ...]) -> PlannedFile:
    rows = [row for sheet in sheets for row in sheet.rows]
    kinds = Counter(row.kind for row in rows)
    total = sum(row.cents or 0 for row in rows if row.kind == "movement")
    labels = Counter(row.label for row in rows if row.kind == "movement")
    expected = ExpectedFile(
        "xlsx", "company_financial", kinds["movement"], 0, kinds["balance"], kinds["broken"], total, labels
    )
    return PlannedFile(f"livro-caixa-{year}.xlsx", expected, lambda: book_xlsx(sheets))


def _total(rows: Iterable[Movement]) -> int:
    return sum(row.amount_cents for row in rows)


__all__ = ["PlannedFile", "plan_files"]
