"""Delimited text to records, keeping every line: ragged rows stay, a stray quote swallows nothing.

The csv module reads well-formed text. Where it says that the quoting is malformed, or where the
last quote never closes, that line alone is split literally and reading goes on with the next one.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal

Delimiter = Literal[";", ",", "\t", "|"]

_DELIMITERS: tuple[Delimiter, ...] = (";", "\t", ",", "|")
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_DECLARED = re.compile(r"sep=([;,\t|])\s*[\r\n]", re.IGNORECASE)  # what Excel itself writes and obeys
_NUMBER_CELL = re.compile(r"(?:^|[;,\t|])[\s\"]*[-+(]?[0-9]")
_HEADER_LINES = 30
_HEADER_BONUS = 0.3
"""More than the few rows that damage or titles may cost, less than a half: decimals lose, tables win."""
_HEAD_CHARS = 256 * 1024
_HEAD_RECORDS = 500


@dataclass(frozen=True, slots=True)
class Delimited:
    """Records of a delimited text, its delimiter, and what was odd about it."""

    rows: list[list[str]]
    delimiter: Delimiter
    notes: tuple[str, ...]


def count_lines(text: str, skip: int) -> int:
    """Physical lines that are not blank, from line ``skip`` on."""
    lines = islice(_LINES.finditer(text), skip, None)
    return sum(1 for line in lines if line[0].rstrip("\r\n"))


def split_lines(text: str) -> list[str]:
    """Physical lines with their ends; only CR, LF and CRLF end a line."""
    return _LINES.findall(text)


def detect_delimiter(text: str) -> Delimiter:
    """Delimiter that splits the head of the text most consistently, quotes respected.

    The whole head counts, so a comma in descriptions or in decimals loses to a semicolon that
    stands at the same places in every row; the line that names the columns counts most. A first line
    ``sep=;`` decides. Text without any delimiter is one column of ``;``.
    """
    if declared := _DECLARED.match(text):
        return next(delimiter for delimiter in _DELIMITERS if delimiter == declared[1])
    head = text[:_HEAD_CHARS]
    lines = split_lines(head)
    if len(head) < len(text) and len(lines) > 1:
        lines.pop()  # cut in the middle
    lines = [line for line in lines if line.strip()][:_HEAD_RECORDS]
    titled = _header_widths(lines)
    widest = max(titled.values(), default=0)

    def score(delimiter: Delimiter) -> tuple[float, int]:
        share, width = _consistency(lines, delimiter)
        return share + _HEADER_BONUS * (titled.get(delimiter) == widest > 1), width

    return max(_DELIMITERS, key=score)


def _header_widths(lines: list[str]) -> dict[Delimiter, int]:
    """Number of names by delimiter in the first line near the top without numbers over a line with numbers."""
    for line, below in pairwise(lines[:_HEADER_LINES]):
        has_delimiter = any(delimiter in line for delimiter in _DELIMITERS)
        if has_delimiter and not _NUMBER_CELL.search(line) and _NUMBER_CELL.search(below):
            return {delimiter: max(len(row) for row, _ in _records([line], delimiter)) for delimiter in _DELIMITERS}
    return {}


def _consistency(lines: list[str], delimiter: Delimiter) -> tuple[float, int]:
    """Share of records with the commonest width over 1, weighed by how far they spread; then that width."""
    widths = Counter(len(row) for row, _ in _records(lines, delimiter))
    n = widths.total()
    wide = [(count, width) for width, count in widths.items() if width > 1]
    if not wide:
        return 0.0, 0
    count, width = max(wide)
    split = sum(count for count, _ in wide)
    return (count + 0.5 * (split - count)) / n, width


def read_delimited(text: str, delimiter: Delimiter | None = None) -> Delimited:
    """Every record of the text, as lists of raw cells (ragged rows as they are).

    A blank line is an empty record. Notes count the lines whose quotes were broken and the cells that
    hold line breaks.
    """
    delimiter = delimiter or detect_delimiter(text)
    rows: list[list[str]] = []
    n_broken = 0
    for row, broken in _records(split_lines(text), delimiter):
        rows.append(row)
        n_broken += broken
    notes = []
    if n_broken:
        notes.append(f"broken_quotes: {n_broken} lines have a stray quote and were split literally")
    n_multiline = sum(1 for row in rows for cell in row if "\n" in cell or "\r" in cell) if '"' in text else 0
    if n_multiline:
        notes.append(f"line_breaks: {n_multiline} quoted cells hold line breaks")
    return Delimited(rows, delimiter, tuple(notes))


def _records(lines: list[str], delimiter: Delimiter) -> Iterator[tuple[list[str], bool]]:
    """Records of the lines, each with whether its quotes were broken."""
    at = 0
    while at < len(lines):
        reader = csv.reader(_from(lines, at), delimiter=delimiter, strict=True)
        start = at
        try:
            for row in reader:
                yield row, False
                start = at + reader.line_num
            return
        except csv.Error:  # malformed quoting from line `start` on: take that line literally
            yield _literal(lines[start], delimiter), True
            at = start + 1


def _from(lines: list[str], at: int) -> Iterator[str]:
    for i in range(at, len(lines)):
        yield lines[i]


def _literal(line: str, delimiter: Delimiter) -> list[str]:
    """Cells of one line with broken quotes: lenient csv if it closes its quotes, plain split if not."""
    line = line.rstrip("\r\n")
    if line.count('"') % 2 == 0:
        try:
            return next(csv.reader([line], delimiter=delimiter))
        except csv.Error:  # a cell over the csv module's size limit
            pass
    return line.split(delimiter)


__all__ = ["Delimited", "Delimiter", "count_lines", "detect_delimiter", "read_delimited", "split_lines"]
