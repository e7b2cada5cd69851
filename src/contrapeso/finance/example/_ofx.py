"""Statements as OFX 1.02, in the manner of two banks.

Banco Alameda writes SGML without closing tags, in Windows-1252, under a header that claims UTF-8, and
stamps every movement with noon. The cooperative closes its tags, writes UTF-8 and dates only, and
gives most movements the type OTHER, so that the sign must decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contrapeso.finance.example._cast import Account
from contrapeso.finance.example._company import Movement

_HEADER = (
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:{encoding}\r\nCHARSET:{charset}\r\n"
)
_HEADER += "COMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"


def alameda_ofx(account: Account, rows: Sequence[Movement], start: date, end: date) -> bytes:
    """Statement of Banco Alameda from ``start`` to ``end``."""
    lines = [
        "<OFX>", "<SIGNONMSGSRSV1>", "<SONRS>", "<STATUS>", "<CODE>0", "<SEVERITY>INFO", "</STATUS>",
        f"<DTSERVER>{_noon(end)}", "<LANGUAGE>POR", "<FI>", f"<ORG>{account.bank}", f"<FID>{account.code}", "</FI>",
        "</SONRS>", "</SIGNONMSGSRSV1>", "<BANKMSGSRSV1>", "<STMTTRNRS>", "<TRNUID>1", "<STATUS>", "<CODE>0",
        "<SEVERITY>INFO", "</STATUS>", "<STMTRS>", "<CURDEF>BRL", "<BANKACCTFROM>", f"<BANKID>{account.code}",
        f"<BRANCHID>{account.branch}", f"<ACCTID>{account.number}", "<ACCTTYPE>CHECKING", "</BANKACCTFROM>",
        "<BANKTRANLIST>", f"<DTSTART>{_noon(start)}", f"<DTEND>{_noon(end)}",
    ]  # fmt: skip
    for row in rows:
        lines += [
            "<STMTTRN>", f"<TRNTYPE>{'CREDIT' if row.amount_cents > 0 else 'DEBIT'}", f"<DTPOSTED>{_noon(row.date)}",
            f"<TRNAMT>{reais(row.amount_cents)}", f"<FITID>{row.fitid}", f"<CHECKNUM>{row.fitid[-4:]}",
            f"<MEMO>{row.description}", "</STMTTRN>",
        ]  # fmt: skip
    lines += [
        "</BANKTRANLIST>", "<LEDGERBAL>", f"<BALAMT>{reais(_closing(account, rows))}", f"<DTASOF>{_noon(end)}",
        "</LEDGERBAL>", "</STMTRS>", "</STMTTRNRS>", "</BANKMSGSRSV1>", "</OFX>", "",
    ]  # fmt: skip
    return _HEADER.format(encoding="UTF-8", charset="NONE").encode() + "\r\n".join(lines).encode("cp1252")


def serra_ofx(account: Account, rows: Sequence[Movement], start: date, end: date) -> bytes:
    """Statement of Cooperativa Serra Azul from ``start`` to ``end``."""
    movements = "".join(
        f"<STMTTRN><TRNTYPE>{_trntype(row)}</TRNTYPE><DTPOSTED>{row.date:%Y%m%d}</DTPOSTED>"
        f"<TRNAMT>{reais(row.amount_cents)}</TRNAMT><FITID>{row.fitid}</FITID><MEMO>{row.description}</MEMO></STMTTRN>\n"
        for row in rows
    )
    body = (
        "<OFX>\n<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"
        f"<DTSERVER>{end:%Y%m%d}</DTSERVER><LANGUAGE>POR</LANGUAGE><FI><ORG>{account.bank}</ORG><FID>{account.code}</FID>"
        "</FI></SONRS></SIGNONMSGSRSV1>\n<BANKMSGSRSV1><STMTTRNRS><TRNUID>1</TRNUID><STATUS><CODE>0</CODE>"
        "<SEVERITY>INFO</SEVERITY></STATUS><STMTRS><CURDEF>BRL</CURDEF>\n"
        f"<BANKACCTFROM><BANKID>{account.code}</BANKID><BRANCHID>{account.branch}</BRANCHID>"
        f"<ACCTID>{account.number}</ACCTID><ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>\n"
        f"<BANKTRANLIST><DTSTART>{start:%Y%m%d}</DTSTART><DTEND>{end:%Y%m%d}</DTEND>\n{movements}</BANKTRANLIST>\n"
        f"<LEDGERBAL><BALAMT>{reais(_closing(account, rows))}</BALAMT><DTASOF>{end:%Y%m%d}</DTASOF></LEDGERBAL>\n"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n"
    )
    return (_HEADER.format(encoding="UTF-8", charset="NONE") + body).encode()


def reais(cents: int) -> str:
    """Amount in reais with a decimal point, exact.

    >>> reais(-5), reais(123456)
    ('-0.05', '1234.56')
    """
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def _noon(day: date) -> str:
    return f"{day:%Y%m%d}120000[-3:BRT]"


def _trntype(row: Movement) -> str:
    """Type of a movement: fees, interest and deposits by name, the rest OTHER."""
    if row.kind.endswith("_fee"):
        return "FEE"
    return "DEP" if row.kind == "card_in" else "INT" if row.kind == "overdraft_interest" else "OTHER"


def _closing(account: Account, rows: Sequence[Movement]) -> int:
    return rows[-1].balance_cents if rows else account.opening_cents


__all__ = ["alameda_ofx", "reais", "serra_ofx"]
