"""Raw rows of one file turned into transactions, quarantined rows and counted oddities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._text import normalize_description
from contrapeso.finance._transaction import (
    SYNTHETIC,
    SYNTHETIC_FITID,
    Direction,
    Quarantined,
    Source,
    Transaction,
)
from contrapeso.finance.ingest._ofx_facts import StatementFacts, currency_code, facts_of
from contrapeso.finance.ingest._ofx_tokens import RawRow, RawStatement, Structure
from contrapeso.finance.ingest._ofx_values import (
    clean_fitid,
    clean_text,
    describe_row,
    is_balance_row,
    parse_cents,
    parse_local_date,
)

_OUTFLOWS = frozenset({"DEBIT", "DIRECTDEBIT", "FEE", "SRVCHG", "PAYMENT", "CHECK", "POS", "ATM", "CASH", "REPEATPMT"})
_SAID_DEBIT = frozenset({"DEBIT", "DIRECTDEBIT"})
_SAID_CREDIT = frozenset({"CREDIT", "DEP", "DIRECTDEP"})
_KEPT = (("CHECKNUM", "checknum"), ("REFNUM", "refnum"), ("ORIGCURRENCY.CURSYM", "original_currency"))


@dataclass(slots=True)
class _Owner:
    """Bank, account and currency in force for the rows of one statement."""

    bank: str
    account: str
    currency: str = "BRL"
    assumed: bool = False
    fitids: dict[str, tuple[date, int]] = field(default_factory=dict)
    repeats: dict[str, set[tuple[date, int]]] = field(default_factory=dict)
    seen: dict[tuple[date, int, str], int] = field(default_factory=dict)


class RowReader:
    """Reads the rows of one file. ``oddities``: code of a note -> the rows that it concerns, in file order."""

    def __init__(self, name: str, sha256: str, bank: str | None, account: str | None) -> None:
        self.transactions: list[Transaction] = []
        self.quarantined: list[Quarantined] = []
        self.oddities: dict[str, list[int]] = {}
        self._name, self._sha256 = name, sha256
        self._bank, self._account = bank, account
        self._owners: dict[int, _Owner] = {}
        self._normal: dict[str, str] = {}
        self._days: dict[str, date | None] = {}

    def read(self, structure: Structure) -> None:
        """Read every row; sources and statements keep the order of the file."""
        self._own(structure.statements)
        for row in structure.drain():
            outcome = self._read_row(row)
            if isinstance(outcome, Quarantined):
                self.quarantined.append(outcome)
            else:
                self.transactions.append(outcome)

    def _own(self, statements: list[RawStatement]) -> None:
        """Settle bank, account and currency of each statement; statements of one account share what was seen."""
        facts = [facts_of(statement) for statement in statements]
        self._refuse_one_account_for_many(facts)
        shared: dict[tuple[str, str], _Owner] = {}
        for statement, fact in zip(statements, facts, strict=True):
            bank = fact.bank if self._bank is None else self._bank
            account = fact.account if self._account is None else self._account
            owner = shared.setdefault((bank, account), _Owner(bank, account))
            self._owners[id(statement)] = replace(owner, currency=fact.currency or "BRL", assumed=not fact.currency)
            if statement.n_rows:
                self._overridden("bank_override", fact.bank, bank)
                self._overridden("account_override", fact.account, account)

    def _refuse_one_account_for_many(self, facts: list[StatementFacts]) -> None:
        accounts = {(fact.bank, fact.account) for fact in facts if fact.n_rows}
        if self._account is not None and len(accounts) > 1:
            raise InvalidParameterError(
                f"account= names one account, but {self._name!r} holds rows of {len(accounts)} accounts. "
                "Leave it out: the accounts that the file declares are used.",
                {"file": self._name, "n_accounts": len(accounts)},
            )

    def _overridden(self, code: str, declared: str, used: str) -> None:
        if declared and declared != used:
            self.oddities.setdefault(code, [])

    def _odd(self, code: str, row: int) -> None:
        self.oddities.setdefault(code, []).append(row)

    def _read_row(self, row: RawRow) -> Transaction | Quarantined:
        if row.statement is None:
            where = "a comment" if row.hidden == "commented_out" else "a CDATA section"
            return Quarantined(None, row.ordinal, row.hidden, f"The row stands inside {where}.")
        fields = row.fields
        raw = describe_row(fields)
        description = self._normal.get(raw)
        if description is None:
            description = self._normal[raw] = normalize_description(raw)
        amount_text = fields.get("TRNAMT", "")
        if is_balance_row(description, amount_text):
            return Quarantined(None, row.ordinal, "balance_row", "The row states a balance and moves no money.")
        posted = self._day(fields.get("DTPOSTED", ""))
        cents = parse_cents(amount_text)
        if row.at_end and (posted is None or cents is None or row.cut in {"TRNAMT", "DTPOSTED"}):
            return Quarantined(
                None, row.ordinal, "truncated", "The file ends inside the row, before its date and amount are whole."
            )
        if posted is None or cents is None:
            return _unreadable(row, date_missing=posted is None)
        return self._transaction(row, raw, description, posted, cents)

    def _day(self, written: str) -> date | None:
        """The local date; a statement has few days, so each spelling is read once."""
        if written not in self._days:
            self._days[written] = parse_local_date(written)
        return self._days[written]

    def _transaction(self, row: RawRow, raw: str, description: str, posted: date, cents: int) -> Transaction:
        fields = row.fields
        owner = self._owners[id(row.statement)]
        key = (posted, cents, description)
        occurrence = owner.seen[key] = owner.seen.get(key, 0) + 1
        trntype = fields.get("TRNTYPE", "").strip().upper()
        direction: Direction = "debit" if cents < 0 or (cents == 0 and trntype in _OUTFLOWS) else "credit"
        self._note_oddities(row, owner, description, trntype, cents)
        return Transaction(
            date=posted,
            amount_cents=cents,
            description_raw=raw,
            description=description,
            direction=direction,
            transaction_type=direction,
            source=Source(self._name, self._sha256, None, row.ordinal),
            currency=currency_code(fields.get("CURRENCY.CURSYM", "")) or owner.currency,
            bank=owner.bank,
            account=owner.account,
            fitid=self._fitid(row, owner, posted, cents),
            occurrence=occurrence,
            extra=_extra(fields, trntype),
        )

    def _note_oddities(self, row: RawRow, owner: _Owner, description: str, trntype: str, cents: int) -> None:
        if (cents > 0 and trntype in _SAID_DEBIT) or (cents < 0 and trntype in _SAID_CREDIT):
            self._odd("type_sign", row.ordinal)
        if not description:
            self._odd("no_description", row.ordinal)
        if owner.assumed and "CURRENCY.CURSYM" not in row.fields:
            self.oddities.setdefault("currency_missing", [])
        if row.statement is not None and not row.statement.kind:
            self._odd("outside_statement", row.ordinal)
        if row.at_end:
            self._odd("truncated_row", row.ordinal)
        elif not row.closed:
            self._odd("unclosed_row", row.ordinal)

    def _fitid(self, row: RawRow, owner: _Owner, posted: date, cents: int) -> str:
        """The FITID that identifies the row, or ""; repetitions within the account are noted."""
        if row.cut == "FITID":
            self._odd("truncated_fitid", row.ordinal)
            return ""
        fitid = clean_fitid(row.fields.get("FITID", ""))
        if not fitid:
            self._odd("fitid_junk", row.ordinal)
            return ""
        movement = (posted, cents)
        first = owner.fitids.setdefault(fitid, movement)
        if first is not movement:
            known = owner.repeats.setdefault(fitid, {first})
            self._odd("fitid_repeated" if movement in known else "fitid_reused", row.ordinal)
            known.add(movement)
        return fitid


def _unreadable(row: RawRow, *, date_missing: bool) -> Quarantined:
    """The quarantined row whose date, else whose amount, could not be read."""
    tag, what = ("DTPOSTED", "date") if date_missing else ("TRNAMT", "amount")
    written = " ".join(row.fields.get(tag, "").split())
    if not written:
        return Quarantined(None, row.ordinal, f"missing_{what}", f"{tag} is absent or empty.")
    rule = "no calendar day YYYYMMDD" if date_missing else "no amount in whole cents that can be read in one way only"
    return Quarantined(None, row.ordinal, f"bad_{what}", f"{tag} {written[:40]!r} is {rule}.")


def _extra(fields: Mapping[str, str], trntype: str) -> dict[str, str]:
    """What the row says beyond the canonical fields; NAME and MEMO only where both stand in the description."""
    extra = {"trntype": trntype} if trntype else {}
    if clean_text(fields.get("FITID", "")).startswith(SYNTHETIC_FITID):
        extra[SYNTHETIC] = "sim"
    for tag, key in _KEPT:
        if tag in fields and (text := clean_text(fields[tag])):
            extra[key] = text
    if "NAME" in fields and "MEMO" in fields and fields["NAME"].strip() != fields["MEMO"].strip():
        extra |= {key: text for key in ("name", "memo") if (text := clean_text(fields[key.upper()]))}
    return extra


__all__ = ["RowReader"]
