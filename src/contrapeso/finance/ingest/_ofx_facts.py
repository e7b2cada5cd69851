"""What a statement declares about itself: bank, account, period, balances."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from contrapeso.finance.ingest._ofx_banks import bank_name
from contrapeso.finance.ingest._ofx_tokens import RawStatement
from contrapeso.finance.ingest._ofx_values import clean_text, parse_cents, parse_local_date

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """What a statement declares about itself. Balances are signed cents; absent facts are "" or None."""

    kind: str
    bank: str
    bank_id: str
    branch: str
    account: str
    account_type: str
    currency: str
    start: date | None
    end: date | None
    ledger_balance_cents: int | None
    ledger_date: date | None
    available_balance_cents: int | None
    n_rows: int


def currency_code(written: str) -> str:
    """The three-letter code of a currency field, or "" where it holds none."""
    symbol = clean_text(written).upper()
    return symbol if _CURRENCY.fullmatch(symbol) else ""


def facts_of(statement: RawStatement) -> StatementFacts:
    """The declared facts of a statement as values."""
    facts = {key: clean_text(value) for key, value in statement.facts.items()}
    institution = statement.institution
    currency = currency_code(facts.get("CURDEF", ""))
    bank_id = facts.get("BANKID", "") or facts.get("BROKERID", "")
    return StatementFacts(
        kind=statement.kind,
        bank=bank_name(
            org=clean_text(institution.org), fid=clean_text(institution.fid), bank_id=bank_id, currency=currency
        ),
        bank_id=bank_id,
        branch=facts.get("BRANCHID", ""),
        account=facts.get("ACCTID", ""),
        account_type=facts.get("ACCTTYPE", ""),
        currency=currency,
        start=parse_local_date(facts.get("DTSTART", "")),
        end=parse_local_date(facts.get("DTEND", "")),
        ledger_balance_cents=parse_cents(facts.get("LEDGERBAL.BALAMT", "")),
        ledger_date=parse_local_date(facts.get("LEDGERBAL.DTASOF", "")),
        available_balance_cents=parse_cents(facts.get("AVAILBAL.BALAMT", "")),
        n_rows=statement.n_rows,
    )


__all__ = ["StatementFacts", "currency_code", "facts_of"]
