"""Synthetic rows as bank statements: OFX 1.02 (SGML), one statement for each account, balances exact to the centavo.

Real rows are not written: the bank's own file is their statement, and a second copy could be imported twice. What is
written says so in every place that an importer keeps: the institution, the account (``SYN-0001``) and the FITID
(``SYN-<run>-<n>``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contrapeso.errors import InsufficientDataError, InvalidDataError
from contrapeso.finance._ledger import Drafts, Ledger
from contrapeso.finance.balances import Line, check_chain, in_shadow_accounts, read_rows
from contrapeso.finance.balances._chain import accounts_of
from contrapeso.finance.balances._rows import Row
from contrapeso.finance.statements._cells import plain_text, point_reais
from contrapeso.finance.statements._files import Written, sha256_of, write_whole
from contrapeso.finance.statements._identifiers import PREFIX, synthetic_ids
from contrapeso.finance.statements._table import set_aside_notes

INSTITUTION, BANK_ID = "Dados sintéticos", "000"
MEMO_CHARS = 255
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_HEADER = (
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:UTF-8\r\nCHARSET:NONE\r\n"
    "COMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
)


def write_ofx(
    rows: Sequence[Row],
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    run: str | None = None,
    opening_cents: int | None = None,
) -> Written:
    """The synthetic rows of ``rows`` written as bank statements, one for each shadow account.

    Rows that are in accounts ``SYN-...`` already and whose balances follow to the centavo keep both; the others move to
    shadow accounts (see :func:`contrapeso.finance.balances.in_shadow_accounts`). ``LEDGERBAL`` is the balance after
    the last row. Rows are sorted by day. The same rows give the same bytes.

    Parameters
    ----------
    rows : dicts with ``is_synthetic`` true on the synthetic ones; the real ones are left out and counted
    path : file to write, whole or not at all
    columns : key of each role, as in :func:`contrapeso.finance.balances.read_rows`
    run : name of the run in the identifiers ``SYN-<run>-<n>``; default told by the rows
    opening_cents : balance before the first row of each shadow account; default the lowest multiple of R$ 100,00 with
        which no balance falls below zero

    Raises
    ------
    InsufficientDataError
        If no row is synthetic.
    InvalidDataError
        If a row cannot be read, or one account has several currencies.
    FileUnwritableError
        If the file cannot be written.
    """
    table = read_rows(rows, columns)
    lines = table.lines
    made = [line for line in lines if line.synthetic]
    if not made:
        raise InsufficientDataError(
            f"An OFX statement is made of synthetic rows; none of the {len(lines)} rows has is_synthetic true. "
            "The statement of real rows is the bank's own file."
        )
    fitids = [fitid for fitid, line in zip(synthetic_ids(lines, run), lines, strict=True) if line.synthetic]
    flags = np.array([line.synthetic for line in lines])
    ledger, notes = _placed(table.ledger.take(flags), table.ledger.take(~flags), opening_cents)
    content = _document(made, ledger, fitids).encode("utf-8")
    target = Path(path)
    write_whole({target: content})
    n_real = len(lines) - len(made)
    if n_real:
        notes.append(f"real_rows: {n_real} real rows are left out; their statement is the bank's own file.")
    notes += [*_cut_notes(made), *set_aside_notes(made, totals=False)]
    return Written(target, sha256_of(content), len(made), len(made), n_real, tuple(fitids), tuple(notes))


def _placed(made: Ledger, real: Ledger, opening_cents: int | None) -> tuple[Ledger, list[str]]:
    """The synthetic rows in shadow accounts with an exact chain, and what was changed."""
    by_day = np.argsort(made.days, kind="stable")
    apart = all(account.startswith(PREFIX) for account in made.accounts.tolist())
    stated = bool(made.balance_known.all())
    if apart and stated and opening_cents is None:
        chain = check_chain(made, by_day)
        if chain.n_held == chain.n_links:
            return made, []
    n = len(made)
    drafts = Drafts(made, np.full((n, 1), -1), np.ones((n, 1)), tuple({} for _ in range(n)))
    notes = []
    if apart and made.balance_known.any():
        notes.append(
            "balances: the balances given do not follow from the amounts in this order; they are computed anew."
        )
    return in_shadow_accounts(drafts, real=real, opening_cents=opening_cents).ledger, notes


def _document(lines: Sequence[Line], ledger: Ledger, fitids: Sequence[str]) -> str:
    order = np.argsort(ledger.days, kind="stable")
    last = ledger.days.max().item()
    parts = [
        "<OFX>", "<SIGNONMSGSRSV1>", "<SONRS>", *_status(), f"<DTSERVER>{_noon(last)}", "<LANGUAGE>POR", "<FI>",
        f"<ORG>{INSTITUTION}", f"<FID>{BANK_ID}", "</FI>", "</SONRS>", "</SIGNONMSGSRSV1>", "<BANKMSGSRSV1>",
    ]  # fmt: skip
    for number, (account, of_account) in enumerate(accounts_of(ledger, order), start=1):
        places = of_account.tolist()
        currency = _one_currency(account, {lines[i].currency for i in places})
        movements = [_Movement(lines[i], int(ledger.balances[i]), fitids[i]) for i in places]
        parts += _statement(number, account, currency, movements)
    return _HEADER + "\r\n".join([*parts, "</BANKMSGSRSV1>", "</OFX>", ""])


@dataclass(frozen=True, slots=True)
class _Movement:
    line: Line
    balance_cents: int
    fitid: str


def _statement(number: int, account: str, currency: str, movements: Sequence[_Movement]) -> list[str]:
    first, last = movements[0].line.date, movements[-1].line.date
    parts = [
        "<STMTTRNRS>", f"<TRNUID>{number}", *_status(), "<STMTRS>", f"<CURDEF>{currency}", "<BANKACCTFROM>",
        f"<BANKID>{BANK_ID}", f"<ACCTID>{_escaped(account)}", "<ACCTTYPE>CHECKING", "</BANKACCTFROM>",
        "<BANKTRANLIST>", f"<DTSTART>{_noon(first)}", f"<DTEND>{_noon(last)}",
    ]  # fmt: skip
    for movement in movements:
        parts += _transaction(movement)
    return [
        *parts, "</BANKTRANLIST>", "<LEDGERBAL>", f"<BALAMT>{point_reais(movements[-1].balance_cents)}",
        f"<DTASOF>{_noon(last)}", "</LEDGERBAL>", "</STMTRS>", "</STMTTRNRS>",
    ]  # fmt: skip


def _transaction(movement: _Movement) -> list[str]:
    line = movement.line
    kind = "DEBIT" if line.cents < 0 else "CREDIT" if line.cents > 0 else "OTHER"
    parts = [
        "<STMTTRN>", f"<TRNTYPE>{kind}", f"<DTPOSTED>{_noon(line.date)}", f"<TRNAMT>{point_reais(line.cents)}",
        f"<FITID>{_escaped(movement.fitid)}",
    ]  # fmt: skip
    memo = _memo(line.description)
    return [*parts, *([f"<MEMO>{_escaped(memo)}"] if memo else []), "</STMTTRN>"]


def _memo(description: str) -> str:
    """The description on one line, cut at the 255 characters of the format."""
    return " ".join(plain_text(description).split())[:MEMO_CHARS].rstrip()


def _escaped(text: str) -> str:
    return text.translate(_ENTITIES)


def _status() -> list[str]:
    return ["<STATUS>", "<CODE>0", "<SEVERITY>INFO", "</STATUS>"]


def _noon(day: object) -> str:
    return f"{day:%Y%m%d}120000[-3:BRT]"


def _one_currency(account: str, currencies: set[str]) -> str:
    if len(currencies) > 1:
        raise InvalidDataError(
            f"A statement has one currency; account {account!r} has {', '.join(sorted(currencies))}. "
            "Give each currency an account of its own.",
            {"currencies": sorted(currencies)},
        )
    return next(iter(currencies))


def _cut_notes(lines: Sequence[Line]) -> list[str]:
    n = sum(len(" ".join(plain_text(line.description).split())) > MEMO_CHARS for line in lines)
    return (
        [f"memo_cut: {n} descriptions are longer than the {MEMO_CHARS} characters of MEMO and were cut."] if n else []
    )


__all__ = ["write_ofx"]
