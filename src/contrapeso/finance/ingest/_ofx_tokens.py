"""Rows and statements of an OFX text, by one forward scan and a flat state machine.

No tree is built: files in the wild leave out closing tags, close a tag with another one's name, or
end in the middle, and no tree fits them. What matters is small: where each ``<STMTTRN>`` opens, the
fields up to where it ends, and the account in force. The steps:

1. find every row opening in the whole text, comments and CDATA included (the count of the law);
2. blank out comments and CDATA marks with as many characters, so that every offset stays true;
3. cut the text at the openings that are left and read each piece: the row's fields first, then
   whatever structure follows it.

Every pattern stops at the next ``<`` and uses possessive repeats, so the scan is linear in any input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ROW_OPENING = re.compile(r"<STMTTRN(?![\w.:-])", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r"<(/?[A-Za-z][\w.:-]*+)(?:[\s/][^<>]*+)?>", re.ASCII)
_CUT_TAG = re.compile(r"<(?:[A-Za-z/!?][^>]*+)?\Z", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CLOSED = re.compile(r"</OFX\s*+>", re.IGNORECASE)

_ACCOUNTS = frozenset({"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"})
_STATEMENTS = {"STMTRS": "bank", "CCSTMTRS": "card", "INVSTMTRS": "investment"}
_RESPONSES = frozenset({"SONRS", "STMTTRNRS", "CCSTMTTRNRS", "INVSTMTTRNRS", "ACCTINFOTRNRS"})
_BALANCES = frozenset({"LEDGERBAL", "AVAILBAL"})
_NESTED = frozenset({"PAYEE", "BANKACCTTO", "CCACCTTO", "CURRENCY", "ORIGCURRENCY", "IMAGEDATA"})
_ROW_ONLY = frozenset({"TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "MEMO", "CHECKNUM", "REFNUM"})
_STRUCTURE = (
    _ACCOUNTS | set(_STATEMENTS) | _RESPONSES | _BALANCES | {"OFX", "BANKTRANLIST", "INVTRANLIST", "INVBANKTRAN", "FI"}
)
_SCOPES = _ACCOUNTS | _BALANCES | {"STATUS"}


@dataclass(slots=True)
class Institution:
    """ORG and FID of the sign-on message in force."""

    org: str = ""
    fid: str = ""


@dataclass(slots=True)
class RawStatement:
    """Declared facts of one statement, as text; ``kind`` is "" for rows outside any statement."""

    institution: Institution
    kind: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    n_rows: int = 0


@dataclass(slots=True)
class RawRow:
    """Fields of one ``<STMTTRN>`` and how it ended.

    ``ordinal`` counts row openings in the file from 1. ``hidden`` is the reason why a row is no row
    (inside a comment or a CDATA section). ``cut`` names a field at which the text ends, if any.
    """

    ordinal: int
    fields: dict[str, str]
    statement: RawStatement | None
    hidden: str = ""
    closed: bool = True
    at_end: bool = False
    cut: str = ""


@dataclass(slots=True)
class Structure:
    """Everything found in one text. ``n_openings`` counts the rows; :meth:`drain` gives them and lets go of them."""

    n_openings: int = 0
    rows: list[RawRow] = field(default_factory=list)
    statements: list[RawStatement] = field(default_factory=list)
    statuses: list[dict[str, str]] = field(default_factory=list)
    complete: bool = False
    unclosed_marks: int = 0
    n_pending: int = 0
    n_trades: int = 0

    def drain(self) -> Iterator[RawRow]:
        """The rows in file order, each one freed once it is used: half the live objects, a fifth less time."""
        self.rows.reverse()
        while self.rows:
            yield self.rows.pop()


def read_structure(text: str) -> Structure:
    """The rows, statements and statuses of an OFX text, in file order."""
    text = _CONTROL.sub(" ", text) if _CONTROL.search(text) else text
    openings = [match.start() for match in ROW_OPENING.finditer(text)]
    regions, unclosed = _hidden_regions(text)
    hidden = dict(_hidden_openings(openings, regions))
    masked = _mask(text, regions)
    structure = Structure(len(openings), complete=_CLOSED.search(masked) is not None, unclosed_marks=unclosed)
    end = _end_of_structure(masked)
    _scan(masked[:end], openings, hidden, _Context(structure))
    return structure


def _hidden_regions(text: str) -> tuple[list[tuple[int, int, str]], int]:
    """(start, end, kind) of comments and CDATA sections, and how many were never closed (left as text)."""
    regions: list[tuple[int, int, str]] = []
    marks = {"<!--": "-->", "<![CDATA[": "]]>"}
    following = {mark: text.find(mark) for mark in marks}
    unclosed = 0
    while True:
        open_marks = [(start, mark) for mark, start in following.items() if start >= 0]
        if not open_marks:
            return regions, unclosed
        start, mark = min(open_marks)
        stop = text.find(marks[mark], start + len(mark))
        if stop < 0:  # no later one of this kind can be closed either
            following[mark] = -1
            unclosed += 1
            continue
        stop += len(marks[mark])
        regions.append((start, stop, "comment" if mark == "<!--" else "cdata"))
        following = {name: text.find(name, stop) if -1 < at < stop else at for name, at in following.items()}


def _hidden_openings(openings: list[int], regions: list[tuple[int, int, str]]) -> Iterator[tuple[int, str]]:
    """(offset, reason) of the row openings that lie inside a region; both lists are sorted."""
    index = 0
    for start in openings:
        while index < len(regions) and regions[index][1] <= start:
            index += 1
        if index < len(regions) and regions[index][0] <= start:
            yield start, "commented_out" if regions[index][2] == "comment" else "inside_cdata"


def _mask(text: str, regions: list[tuple[int, int, str]]) -> str:
    """The text with comments blanked and CDATA kept as inert text (``<`` and ``&`` as control signs), same length."""
    if not regions:
        return text
    pieces, last = [], 0
    for start, stop, kind in regions:
        pieces.append(text[last:start])
        if kind == "comment":
            pieces.append(" " * (stop - start))
        else:
            pieces.append(" " * 9 + text[start + 9 : stop - 3].replace("<", "\x00").replace("&", "\x01") + " " * 3)
        last = stop
    return "".join([*pieces, text[last:]])


def _end_of_structure(text: str) -> int:
    """Where the text ends, without a tag that was cut in the middle."""
    match = _CUT_TAG.match(text, max(text.rfind("<"), 0))
    return match.start() if match else len(text)


def _scan(text: str, openings: list[int], hidden: dict[int, str], context: _Context) -> None:
    """Feed the pieces between row openings to the context, in order."""
    visible = [start for start in openings if start not in hidden]
    context.feed(_TAG.split(text[: visible[0]] if visible else text), 0)
    ends = iter([*visible[1:], len(text)])
    for ordinal, start in enumerate(openings, 1):
        if start in hidden:
            context.structure.rows.append(RawRow(ordinal, {}, None, hidden=hidden[start]))
        else:
            end = next(ends)
            context.row(ordinal, text[start:end], at_end=end >= len(text))


class _Roles(dict[str, tuple[str, str]]):
    """Tag as written -> (role inside a row, upper-case name), looked up once per spelling."""

    def __missing__(self, tag: str) -> tuple[str, str]:
        name = tag.upper()
        bare = name.removeprefix("/")
        if name == "/STMTTRN":
            role = "close"
        elif bare == "STMTTRN":
            role = "ignore"
        elif bare in _STRUCTURE or bare.endswith(("MSGSRSV1", "MSGSRSV2")):
            role = "end"
        elif bare in _NESTED:
            role = "leave" if name != bare else "enter"
        else:
            role = "ignore" if name != bare else "field"
        self[tag] = (role, bare)
        return self[tag]


class _Context:
    """The institution, statement and scope in force while the text is read from front to back."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self._institution = Institution()
        self._statement: RawStatement | None = None
        self._scope = ""
        self._response = ""
        self._roles = _Roles()

    def row(self, ordinal: int, piece: str, *, at_end: bool) -> None:
        """Read the row at the front of ``piece``, then the structure behind it."""
        parts = _TAG.split(piece)
        fields, stop, how = self._read_fields(parts)
        statement = self._statement_in_force()
        statement.n_rows += 1
        row = RawRow(ordinal, fields, statement, closed=how == "close")
        if at_end and how == "":
            row.at_end = True
            row.cut = _cut_field(parts, self._roles)
        self.structure.rows.append(row)
        if stop < len(parts) - 2 or how == "end":
            self.feed(parts, stop if how == "end" else stop + 2)

    def _read_fields(self, parts: list[str]) -> tuple[dict[str, str], int, str]:
        """Fields of a row, the index of the tag that ends it, and how it ended ("" at the end of the piece)."""
        fields: dict[str, str] = {}
        scope = ""
        roles = self._roles
        for index in range(1, len(parts), 2):
            role, name = roles[parts[index]]
            if role == "ignore":
                continue
            if role == "field":
                if scope and name in _ROW_ONLY:
                    scope = ""
                key = f"{scope}.{name}" if scope else name
                if key not in fields:
                    fields[key] = parts[index + 1]
            elif role in {"close", "end"}:
                return fields, index, role
            elif role == "enter":
                scope = name
            elif role == "leave":
                scope = ""
        return fields, len(parts), ""

    def feed(self, parts: list[str], start: int) -> None:
        """Read structure from ``parts`` (text, tag, text, tag, ...), from the tag at or after ``start``."""
        for index in range(start | 1, len(parts), 2):
            name = parts[index].upper()
            if name.startswith("/"):
                self._close(name[1:])
            else:
                self._open(name, parts[index + 1])

    def _open(self, name: str, value: str) -> None:
        if name in _STATEMENTS:
            self._statement = RawStatement(self._institution, _STATEMENTS[name])
            self.structure.statements.append(self._statement)
        elif name == "OFX":
            self._institution, self._statement = Institution(), None
        elif name in _RESPONSES:
            self._response = name
        elif name == "STATUS":
            self.structure.statuses.append({"RESPONSE": self._response})
        elif name in _ACCOUNTS:
            self._begin_account()
        elif name == "STMTTRNP":
            self.structure.n_pending += 1
        elif name == "INVTRAN":
            self.structure.n_trades += 1
        else:
            self._leaf(name, value)
        if name in _SCOPES:
            self._scope = name
        elif name in _STRUCTURE:
            self._scope = ""

    def _begin_account(self) -> None:
        """An account: of the statement in force, or of one whose opening tag is missing."""
        if self._statement is None:
            self._statement = RawStatement(self._institution)
        elif "ACCTID" in self._statement.facts:
            currency = {key: value for key, value in self._statement.facts.items() if key == "CURDEF"}
            self._statement = RawStatement(self._institution, facts=currency)

    def _leaf(self, name: str, value: str) -> None:
        if self._scope == "STATUS":
            self.structure.statuses[-1].setdefault(name, value)
        elif name in {"ORG", "FID"}:
            attribute = name.lower()
            if not getattr(self._institution, attribute):
                setattr(self._institution, attribute, value)
        elif self._statement is not None:
            key = f"{self._scope}.{name}" if self._scope in _BALANCES else name
            self._statement.facts.setdefault(key, value)

    def _close(self, name: str) -> None:
        if name == self._scope:
            self._scope = ""
        if name in _STATEMENTS or name == "OFX":
            self._statement, self._scope = None, ""

    def _statement_in_force(self) -> RawStatement:
        """The statement that a row belongs to; one without an opening tag is listed at its first row."""
        if self._statement is None:
            self._statement = RawStatement(self._institution)
        if not self._statement.kind and not self._statement.n_rows:
            self.structure.statements.append(self._statement)
        return self._statement


def _cut_field(parts: list[str], roles: _Roles) -> str:
    """The field at which a row without an end stops in mid-line; "" where its last line is whole."""
    if len(parts) < 3 or parts[-1].endswith(("\n", "\r")):
        return ""
    role, name = roles[parts[-2]]
    return name if role == "field" else ""


__all__ = ["ROW_OPENING", "Institution", "RawRow", "RawStatement", "Structure", "read_structure"]
