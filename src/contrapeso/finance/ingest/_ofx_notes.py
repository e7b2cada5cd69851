"""The notes of an imported OFX file, ``code: sentence`` each.

They name rows by number and hold no description and no whole account number: notes are stored and logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from contrapeso.finance.ingest._bytes import DecodedText
from contrapeso.finance.ingest._ofx_facts import StatementFacts, facts_of
from contrapeso.finance.ingest._ofx_tokens import Structure
from contrapeso.finance.ingest._ofx_values import clean_text

_FILE_NOTES = {
    "no_end": "the file has no </OFX>; it may have been cut.",
    "no_transactions": "the file is whole and holds no <STMTTRN>.",
    "unclosed_mark": "a comment or CDATA section is opened and never closed; its opening was read as text.",
    "pending_rows": "{n} pending transactions (STMTTRNP) are not booked yet and were not read.",
    "investment_trades": "{n} investment trades (INVTRAN) are no account movements and were not read.",
}
_ROW_NOTES = {
    "account_override": "the account given by the caller was used in place of the declared one.",
    "bank_override": "the bank given by the caller was used in place of the declared one.",
    "currency_missing": "the statement declares no currency; BRL was assumed{rows}.",
    "fitid_junk": "the FITID is empty or zeros and was left out{rows}.",
    "fitid_repeated": "FITID, date and amount repeat an earlier row; all are kept{rows}.",
    "fitid_reused": "the FITID is that of a row with another date or amount; all are kept{rows}.",
    "no_description": "there is neither NAME nor MEMO{rows}.",
    "outside_statement": "the row stands outside any statement{rows}.",
    "truncated_fitid": "the FITID is cut by the end of the file and was left out{rows}.",
    "truncated_row": "the row is cut by the end of the file behind its date and amount{rows}.",
    "type_sign": "TRNTYPE contradicts the sign of the amount; the sign decided{rows}.",
    "unclosed_row": "the row has no </STMTTRN> and ends where the next structure begins{rows}.",
}


def notes_of(decoded: DecodedText, structure: Structure, oddities: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Notes about the bytes, the statuses, the file, the statements and the rows, in this order."""
    yield from decoded.notes
    yield from _status_notes(structure)
    counts = {
        "no_end": not structure.complete,
        "no_transactions": not structure.n_openings,
        "unclosed_mark": structure.unclosed_marks,
        "pending_rows": structure.n_pending,
        "investment_trades": structure.n_trades,
    }
    for code, n in counts.items():
        if n:
            yield f"{code}: {_FILE_NOTES[code].format(n=n)}"
    for statement in structure.statements:
        yield _statement_note(facts_of(statement))
    for code, rows in oddities.items():
        yield f"{code}: {_ROW_NOTES[code].format(rows=_listed(rows))}"


def _status_notes(structure: Structure) -> Iterator[str]:
    """One note for each response that is not a plain success."""
    for status in structure.statuses:
        code, severity = clean_text(status.get("CODE", "")), clean_text(status.get("SEVERITY", "")).upper()
        if code.strip("0") or severity in {"ERROR", "WARN"}:
            message = clean_text(status.get("MESSAGE", ""))
            said = f": {message[:200]}" if message else ""
            yield f"status: {status['RESPONSE'] or 'the file'} answers {code or '?'} {severity or '?'}{said}"


def _statement_note(facts: StatementFacts) -> str:
    """Bank, period, rows and balance of a statement; the account by its last three characters only."""
    account = f"*{facts.account[-3:]}" if len(facts.account) > 5 else "*"
    period = f", {facts.start} to {facts.end}" if facts.start and facts.end else ""
    balance = ""
    if facts.ledger_balance_cents is not None:
        day = f" on {facts.ledger_date}" if facts.ledger_date else ""
        balance = f", ledger balance {facts.ledger_balance_cents / 100:.2f}{day}"
    return (
        f"statement: {facts.kind or 'unnamed'} account {account} of {facts.bank or 'an unnamed bank'}, "
        f"{facts.currency or 'no currency'}, {facts.n_rows} rows{period}{balance}."
    )


def _listed(rows: Sequence[int]) -> str:
    """How many rows, and the first five by number."""
    if not rows:
        return ""
    noun = "row" if len(rows) == 1 else f"{len(rows)} rows:"
    return f" ({noun} {', '.join(map(str, rows[:5]))}{', ...' if len(rows) > 5 else ''})"


__all__ = ["notes_of"]
