"""Look inside a workbook before it is parsed: how much it expands to, its used ranges, its error cells.

The parser (calamine) allocates rows x columns of the used range at once and turns error cells into
empty text. Both are settled here in one streaming pass over the raw XML: bounded memory, no trust
in the sizes that the archive declares (zip bombs lie), and the text of every error cell kept.
Where this pass and the parser could differ on odd XML, this one counts more, or refuses.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree import ElementTree

from contrapeso.tables.reading._archive import damaged, inflate
from contrapeso.tables.reading._limits import Limits

_MAX_INDEX_BYTES = 8 << 20  # workbook.xml and its relations: a few kB in life
_LAST_COLUMN = 16_384
_MAX_TAG = 8 << 10
_MAX_WAIT = 256 << 10
_SPACE = rb"""[^>"']{0,200}"""
_TAG = re.compile(
    rb"<(?:[^\s<>:/]{1,100}:)?(row|c)(?=[\s/>])"
    rb"(?:(" + _SPACE + rb'(?:(?:"[^"]{0,200}"|' + rb"'[^']{0,200}')" + _SPACE + rb"){0,16})>)?"
)
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"(?: [a-z]{1,3}="[^"<>]{0,20}")*>')
_PLAIN_EMPTY = re.compile(rb'<c r="[A-Z]{1,3}\d{1,7}"(?: [a-z]{1,3}="[^"<>]{0,20}")*/>')
_PLAIN_ROW = re.compile(rb'<row r="(\d{1,7})"')
_UNUSUAL = re.compile(rb"""<(?:c|row)[^ ]|:(?:c|row)\b|\bt\s*=\s*["']e""")
_DIGITS, _LETTERS = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONG_NAME = re.compile(rb"<[^\s<>/]{101}")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]*)(\d*)["']""")
_IS_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_VALUE = re.compile(rb"<(?:[^\s<>:/]{1,100}:)?v>([^<]{0,100})<")
_SHARED_TEXTS = "xl/sharedstrings.xml"
_TEXT_START = re.compile(rb"<(?:[^\s<>:/]{1,100}:)?si[\s/>]")
_TEXT_START_CHARS = 104
_TEXT_USE = re.compile(rb"""\st\s*=\s*["']s["'].{0,1000}?v>\s*(\d{1,9})""", re.DOTALL)
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class SheetFacts:
    """Used range of one sheet (1-based, inclusive; zeros if empty) and its error cells by (row, column)."""

    first_row: int = 0
    last_row: int = 0
    first_column: int = 0
    last_column: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Rows of the used range."""
        return self.last_row - self.first_row + 1 if self.last_row else 0

    @property
    def n_cells(self) -> int:
        """Rows x columns of the used range."""
        return self.n_rows * (self.last_column - self.first_column + 1)

    def include(self, row: int, column: int) -> None:
        """Widen the used range to a cell."""
        if not self.last_row:
            self.first_row, self.first_column = row, column
        self.first_row, self.last_row = min(self.first_row, row), max(self.last_row, row)
        self.first_column, self.last_column = min(self.first_column, column), max(self.last_column, column)


def inspect_workbook(data: bytes, name: str, limits: Limits) -> dict[str, SheetFacts]:
    """Facts of every sheet by its name, from one streaming pass that stops at the limits.

    Raises
    ------
    FileTooLargeError
        If the archive, its sheets or their cells are over a limit, declared or found.
    UnreadableFileError
        If the archive is damaged, protected or compressed in a way that no spreadsheet uses.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise damaged(name, str(error)) from error
    limits.check_uncompressed(sum(member.file_size for member in members), name)
    by_path = {_normal(member.filename): member for member in members}
    sheets = _sheet_paths(data, by_path, name)
    scanned = _scan(data, members, set(sheets.values()), name, limits)
    if _SHARED_TEXTS in by_path:
        _check_texts(data, by_path, scanned, name, limits)
    return {title: scanned[path] for title, path in sheets.items() if path in scanned}


def _normal(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").lower()


def _sheet_paths(data: bytes, by_path: dict[str, zipfile.ZipInfo], name: str) -> dict[str, str]:
    """Archive path of each sheet by its name, in the order of the workbook."""
    relations = _index(data, by_path, "xl/_rels/workbook.xml.rels", name)
    targets = {node.get("Id"): _normal(node.get("Target") or "") for node in relations.iter()}
    paths = {}
    for node in _index(data, by_path, "xl/workbook.xml", name).iter():
        relation = node.get(_RELATION_ID)
        if node.tag.endswith("}sheet") and relation in targets and (title := node.get("name")) is not None:
            target = targets[relation]
            paths[title] = target if target.startswith("xl/") else f"xl/{target}"
    return paths


def _index(data: bytes, by_path: dict[str, zipfile.ZipInfo], path: str, name: str) -> ElementTree.Element:
    if path not in by_path:
        raise damaged(name, f"no {path}")
    text = b""
    for chunk in inflate(data, by_path[path], name):
        text += chunk
        if len(text) > _MAX_INDEX_BYTES:
            raise damaged(name, f"{path} is over {_MAX_INDEX_BYTES:,} bytes")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise damaged(name, f"{path} declares entities")
    try:
        return ElementTree.fromstring(text)  # noqa: S314  (no entities, and small: both checked above)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise damaged(name, f"{path}: {error}") from error


def _scan(
    data: bytes, members: list[zipfile.ZipInfo], sheets: set[str], name: str, limits: Limits
) -> dict[str, SheetFacts]:
    """Facts of the sheet members; every member is decompressed and counted."""
    facts: dict[str, SheetFacts] = {}
    n_bytes = n_cells = 0
    for member in members:
        path = _normal(member.filename)
        scanner = _Scanner(name) if path in sheets else None
        for chunk in inflate(data, member, name):
            n_bytes += len(chunk)
            limits.check_uncompressed(n_bytes, name)
            if scanner:
                scanner.feed(chunk)
                limits.check_rows(scanner.facts.n_rows, name)
                limits.check_cells(n_cells + scanner.facts.n_cells, name)
        if scanner:
            facts[path] = scanner.close()
            limits.check_rows(facts[path].n_rows, name)
            n_cells += facts[path].n_cells
            limits.check_cells(n_cells, name)
    return facts


def _check_texts(
    data: bytes, by_path: dict[str, zipfile.ZipInfo], scanned: dict[str, SheetFacts], name: str, limits: Limits
) -> None:
    """Raise if the cells together hold more text than the limit: one long shared text may stand in each of them."""
    lengths = _text_lengths(inflate(data, by_path[_SHARED_TEXTS], name))
    if sum(facts.n_cells for facts in scanned.values()) * max(lengths, default=0) <= limits.max_uncompressed_bytes:
        return
    n_bytes = 0
    for path in scanned:
        waiting = b""
        for chunk in inflate(data, by_path[path], name):
            text = waiting + chunk
            end = max(text.rfind(b">", 0, len(text) - _MAX_TAG), 0)
            last = 0
            for use in _TEXT_USE.finditer(text):
                if use.start() >= end:
                    break
                index, last = int(use[1]), use.end()
                n_bytes += lengths[index] if index < len(lengths) else 0
            limits.check_uncompressed(n_bytes, name)
            waiting = text[max(end, last) :]
        n_bytes += sum(lengths[int(use[1])] for use in _TEXT_USE.finditer(waiting) if int(use[1]) < len(lengths))
        limits.check_uncompressed(n_bytes, name)


def _text_lengths(chunks: Iterable[bytes]) -> list[int]:
    """Length of each shared text, its markup included."""
    starts: list[int] = []
    at, waiting = 0, b""
    for chunk in chunks:
        text = waiting + chunk
        starts += [at + match.start() for match in _TEXT_START.finditer(text)]
        keep = text[-_TEXT_START_CHARS:]
        if starts and starts[-1] >= at + len(text) - len(keep):
            keep = text[starts[-1] - at + 1 :]
        at += len(text) - len(keep)
        waiting = keep
    return [end - start for start, end in pairwise([*starts, at + len(waiting)])]


class _Scanner:
    """Finds the cells of a sheet in chunks of its XML; cells without content do not count."""

    def __init__(self, name: str) -> None:
        self.facts = SheetFacts()
        self._name = name
        self._waiting = b""
        self._row = self._column = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk; its last cell waits until the next one is complete."""
        text = self._waiting + chunk
        if self._take_plain(text):
            return
        if _LONG_NAME.search(text):
            raise damaged(self._name, "a sheet has an element name that no spreadsheet writes")
        tags = list(_TAG.finditer(text))
        keep_from = len(text) - _MAX_TAG
        if tags and tags[-1].start() > len(text) - _MAX_WAIT:
            keep_from = tags.pop().start()
        for tag in tags:
            self._take(tag, text)
        self._waiting = text[max(keep_from, 0) :]

    def close(self) -> SheetFacts:
        """Facts, once the last chunk is in."""
        for tag in _TAG.finditer(self._waiting):
            self._take(tag, self._waiting)
        return self.facts

    def _take_plain(self, text: bytes) -> bool:
        """Take a chunk whose cells are all written the way every spreadsheet does: four times faster."""
        end = text.rfind(b"<c ")
        body = text[:end]
        if len(text) - end > _MAX_WAIT or _LONG_NAME.search(body):
            return False
        cells, rows = _PLAIN_CELL.findall(body), _PLAIN_ROW.findall(body)
        n_plain = len(cells) + len(_PLAIN_EMPTY.findall(body)) + len(rows)
        if n_plain != body.count(b"<c ") + body.count(b"<row ") or _UNUSUAL.search(body):
            return False
        if cells:
            references = b" ".join(cells)
            numbers = [int(row) for row in set(references.translate(None, _LETTERS).split())]
            columns = [_column_number(column) for column in set(references.translate(None, _DIGITS).split())]
            self.facts.include(max(min(numbers), 1), min(columns))
            self.facts.include(max(numbers), max(columns))
        if rows:
            self._row = int(rows[-1])
        self._column = _LAST_COLUMN  # a cell without a reference after these would be odd: count it high
        self._waiting = text[end:]
        return True

    def _take(self, tag: re.Match[bytes], text: bytes) -> None:
        kind, attributes = tag.groups()
        if attributes is None:
            raise damaged(self._name, "a sheet has a cell that no spreadsheet writes")
        reference = _REFERENCE.search(attributes)
        if kind == b"row":
            self._row = int(reference[2]) if reference and reference[2] else self._row + 1
            self._column = 0
            return
        if reference and reference[1] and reference[2]:
            self._row, self._column = int(reference[2]), _column_number(reference[1])
        else:
            self._column += 1
        if attributes.endswith(b"/"):
            return
        self.facts.include(max(self._row, 1), self._column)
        if _IS_ERROR.search(attributes):
            value = _VALUE.search(text, tag.end(), tag.end() + _MAX_WAIT)
            self.facts.errors[self._row, self._column] = value[1].decode("ascii", "replace") if value else "#ERROR"


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number


__all__ = ["SheetFacts", "inspect_workbook"]
