"""The OFX reader: bank, card and investment statements of OFX 1.x (SGML) and 2.x (XML) as transactions.

Law: the ``<STMTTRN>`` openings in the raw bytes (any case, comments and CDATA included) are as many
as the transactions plus the quarantined rows. :class:`ParsedFile` refuses to exist otherwise.

What decides:

- the sign of TRNAMT, not TRNTYPE; a row where they disagree is imported and noted;
- the first eight digits of DTPOSTED, the bank's own day; ``[-3:BRT]`` never shifts it;
- the declared ORG, BANKID and FID for the bank, never a search over the file;
- a row cut by the end of the file is imported only if its date and amount are whole.

Notes are ``code: sentence``; they name rows by number and hold no description and no account number.
"""

from __future__ import annotations

import re

from contrapeso.errors import TruncatedFileError, UnreadableFileError
from contrapeso.finance._transaction import ParsedFile
from contrapeso.finance.ingest._bytes import decode_ofx, describe_content, is_binary, wide_codec
from contrapeso.finance.ingest._ofx_facts import StatementFacts, facts_of
from contrapeso.finance.ingest._ofx_notes import notes_of
from contrapeso.finance.ingest._ofx_rows import RowReader
from contrapeso.finance.ingest._ofx_tokens import read_structure

_IS_OFX = re.compile(r"<OFX[\s>]|<STMTTRN[\s>]", re.IGNORECASE)
_HEADER = re.compile(r"\s*OFXHEADER\s*:", re.IGNORECASE)
_PREFIXED = re.compile(r"<[A-Za-z_][\w.-]*+:STMTTRN\b", re.IGNORECASE | re.ASCII)
_NAME_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-")


def looks_like_ofx(head: bytes) -> bool:
    """Whether the first bytes of a file (2 kB are enough) are those of an OFX file, with or without a header."""
    if is_binary(head):
        return False
    text = decode_ofx(head).text
    return _HEADER.match(text) is not None or "<?OFX" in text or _IS_OFX.search(text) is not None


def count_statement_rows(data: bytes) -> int:
    """The number of ``<STMTTRN`` openings in raw bytes: the independent side of the import law.

    Any case; longer names (``<STMTTRNRS>``, ``<STMTTRNP>``) do not count, openings in comments do.
    """
    wide = wide_codec(data)
    upper = (data.decode(wide, "replace").encode("utf-8") if wide else data).upper()
    count, at = 0, upper.find(b"<STMTTRN")
    while at >= 0:
        count += upper[at + 8 : at + 9] == b"" or upper[at + 8] not in _NAME_BYTES
        at = upper.find(b"<STMTTRN", at + 8)
    return count


def parse_ofx(
    data: bytes, *, name: str, sha256: str, bank: str | None = None, account: str | None = None
) -> ParsedFile:
    """Every row of an OFX file as a transaction or as a quarantined row with its reason.

    Parameters
    ----------
    data : bytes
        The whole file. The caller has checked its size; time and memory are linear in it.
    name, sha256 : str
        Written into the source of each row.
    bank, account : str, optional
        Used in place of what the file declares.

    Returns
    -------
    ParsedFile
        Reasons: ``balance_row``, ``bad_amount``, ``missing_amount``, ``bad_date``, ``missing_date``,
        ``truncated``, ``commented_out``, ``inside_cdata``. A file with an error status and no rows is
        valid: zero rows and a note.

    Raises
    ------
    UnreadableFileError
        The content is not OFX; the message says what it looks like.
    TruncatedFileError
        The file ends before its first row.
    InvalidParameterError
        ``account`` is given for a file with several accounts.
    """
    decoded = decode_ofx(data)
    _refuse_other_content(decoded.text, data, name)
    structure = read_structure(decoded.text)
    if not structure.n_openings and not structure.complete:
        raise TruncatedFileError(
            f"{name!r} begins as OFX but ends before its first <STMTTRN> and without </OFX>. Download it again.",
            {"file": name, "bytes": len(data)},
        )
    reader = RowReader(name, sha256, bank, account)
    reader.read(structure)
    return ParsedFile(
        name=name,
        sha256=sha256,
        kind="ofx",
        encoding=decoded.encoding,
        table="transactions",
        raw_count=structure.n_openings,
        transactions=tuple(reader.transactions),
        quarantined=tuple(reader.quarantined),
        notes=tuple(notes_of(decoded, structure, reader.oddities)),
    )


def statement_facts(data: bytes) -> tuple[StatementFacts, ...]:
    """Account, period and balances that each statement of an OFX file declares, in file order."""
    return tuple(facts_of(statement) for statement in read_structure(decode_ofx(data).text).statements)


def _refuse_other_content(text: str, data: bytes, name: str) -> None:
    """Raise unless the text has an OFX element or a row."""
    if _IS_OFX.search(text) and not is_binary(data):
        return
    if _HEADER.match(text) or "<?OFX" in text:
        raise TruncatedFileError(
            f"{name!r} has an OFX header and nothing behind it. Download it again.", {"file": name, "bytes": len(data)}
        )
    if _PREFIXED.search(text):
        raise UnreadableFileError(
            f"{name!r} writes OFX with an XML namespace prefix, which OFX does not have. Export it again as plain OFX.",
            {"file": name},
        )
    looks = describe_content(data)
    raise UnreadableFileError(
        f"{name!r} is not OFX: it has no <OFX> element. It looks like {looks}. Give the file as the bank exported it.",
        {"file": name, "looks_like": looks},
    )


__all__ = ["StatementFacts", "count_statement_rows", "looks_like_ofx", "parse_ofx", "statement_facts"]
