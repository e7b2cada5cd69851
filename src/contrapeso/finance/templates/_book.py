"""The rows of a ledger as they were read: what a template is learned from and what filling takes its wordings from."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Ledger, Rows, Texts, texts
from contrapeso.finance._text import normalize_description
from contrapeso.finance.templates._lexicon import PUBLIC_WORDS
from contrapeso.finance.templates._model import Element, Slot, Style, Template
from contrapeso.finance.templates._plan import Reader, Reading
from contrapeso.finance.templates._refine import Seen, refined
from contrapeso.finance.templates._style import case_of, learn_styles
from contrapeso.finance.templates._tokens import tokens
from contrapeso.finance.templates._words import Words, learn_words

_SHORTEST_NAME, _SHORTEST_WORD = 4, 3
_SHORTEST_CUT_PAYEE = 6


@dataclass(frozen=True, slots=True)
class Book:
    """Rows of the learned ledger.

    Attributes
    ----------
    readings : of each distinct text.
    keys : key of the template of each distinct text.
    text_of : int64, shape (n,)
        Distinct text of each row.
    days : date of each row.
    cents : int64, shape (n,)
    payees : payee of each row.
    style_of : int64, shape (n,)
    styles : of accounts and cases.
    words : what the words are.
    """

    readings: tuple[Reading, ...]
    keys: tuple[str, ...]
    text_of: Rows
    days: tuple[date, ...]
    cents: NDArray[np.int64]
    payees: Texts
    style_of: Rows
    styles: tuple[Style, ...]
    words: Words

    def reading(self, row: int) -> Reading:
        """Reading of one row."""
        return self.readings[int(self.text_of[row])]

    def style(self, row: int) -> Style:
        """Style of one row."""
        return self.styles[int(self.style_of[row])]


def open_book(ledger: Ledger, least_support: int, names: Collection[str]) -> Book:
    """The rows of ``ledger``, read by the words that they share."""
    distinct, text_of = distinct_texts(ledger.descriptions)
    pieces = [tokens(text) for text in distinct]
    counts = np.bincount(text_of, minlength=len(distinct)).astype(np.int64)
    words = learn_words(pieces, counts, least_support, names)
    readings, keys = read_all(distinct, words, pieces)
    style_of, styles = learn_styles(ledger.accounts, distinct, text_of)
    payees = _whole_payees(distinct, readings, text_of, style_of, styles)
    days = tuple(ledger.days.astype("datetime64[D]").tolist())
    return Book(readings, keys, text_of, days, ledger.cents, payees, style_of, styles, words)


def distinct_texts(descriptions: Texts) -> tuple[list[str], Rows]:
    """Distinct texts in the order of their first rows, and the text of each row."""
    number: dict[str, int] = {}
    of_row = [number.setdefault(text, len(number)) for text in descriptions]
    return list(number), np.array(of_row, dtype=np.int64)


def read_all(
    distinct: Sequence[str], words: Words, pieces: Sequence[Sequence[str]] | None = None
) -> tuple[tuple[Reading, ...], tuple[str, ...]]:
    """Readings of texts, and the keys of their templates: the wording and the case."""
    reader = Reader(words)
    readings = tuple(reader.read(piece) for piece in (pieces or [tokens(text) for text in distinct]))
    return readings, tuple(
        f"{case_of(text)[0]} {reading.key}" for text, reading in zip(distinct, readings, strict=True)
    )


def _whole_payees(
    distinct: Sequence[str], readings: Sequence[Reading], text_of: Rows, style_of: Rows, styles: Sequence[Style]
) -> Texts:
    """Payee of each row; one that the bank has cut is the only whole one that begins so, where there is one."""
    longest = np.array([style.longest for style in styles], dtype=np.int64)
    lengths = np.array([len(text) for text in distinct], dtype=np.int64)
    limit = longest[style_of] if len(style_of) else longest
    cut = (limit > 0) & (lengths[text_of] >= limit - 1)
    own = [readings[text].payee for text in text_of.tolist()]
    whole = sorted({payee for payee, flag in zip(own, cut.tolist(), strict=True) if payee and not flag})
    return texts(_completed(payee, whole) if flag else payee for payee, flag in zip(own, cut.tolist(), strict=True))


def _completed(payee: str, whole: list[str]) -> str:
    """The one name of the sorted ``whole`` that begins with ``payee``, or ``payee``."""
    if len(payee) < _SHORTEST_CUT_PAYEE:
        return payee
    place = bisect_left(whole, payee)
    found = [name for name in whole[place : place + 2] if name.startswith(payee)]
    return found[0] if found and (len(found) == 1 or found[0] == payee) else payee


def real_names(book: Book) -> frozenset[str]:
    """Normalised names in the slots of all rows, and the payees; fragments of a few letters left out."""
    slots = {
        value
        for reading in book.readings
        for value, kind in zip(reading.values, reading.kinds, strict=True)
        if kind == "name"
    }
    normal = {normalize_description(value) for value in slots} | set(book.payees.tolist())
    open_ = PUBLIC_WORDS | book.words.kept
    return frozenset(
        name
        for name in normal
        if len(name) >= _SHORTEST_NAME
        and any(len(word) >= _SHORTEST_WORD and word not in open_ for word in name.split())
    )


def group(book: Book) -> tuple[Rows, tuple[Template, ...]]:
    """Template of each row, and the templates in the order of their first rows."""
    number: dict[str, int] = {}
    of_text = np.array([number.setdefault(key, len(number)) for key in book.keys], dtype=np.int64)
    of_row = of_text[book.text_of]
    order = np.argsort(of_row, kind="stable")
    bounds = np.searchsorted(of_row[order], np.arange(len(number) + 1))
    parts = [order[start:end].tolist() for start, end in pairwise(bounds.tolist())]
    return of_row, tuple(_template(rows, book) for rows in parts)


def _template(rows: list[int], book: Book) -> Template:
    """The template of ``rows``, whose readings have one key."""
    first = book.reading(rows[0])
    befores = _words_before(first)
    found = iter(
        refined(kind, [_seen(book, row, place) for row in rows], befores[place])
        for place, kind in enumerate(first.kinds)
    )
    tokens_: list[Element] = [next(found) if part is None else part for part in first.parts]
    text = " ".join(f"<{token.kind}>" if isinstance(token, Slot) else token for token in tokens_)
    n_payees = len({book.payees[row] for row in rows} - {""})
    style = Counter(book.style_of[rows].tolist()).most_common(1)[0][0]
    return Template(tuple(tokens_), len(rows), n_payees, book.styles[style], text)


def _seen(book: Book, row: int, place: int) -> Seen:
    """What slot ``place`` of ``row`` holds."""
    return Seen(book.reading(row).values[place], book.days[row], int(book.cents[row]), book.payees[row])


def _words_before(reading: Reading) -> list[str]:
    """The literal word before each slot."""
    found, last = [], ""
    for part in reading.parts:
        if part is None:
            found.append(last)
        else:
            last = part
    return found


__all__ = ["Book", "distinct_texts", "group", "open_book", "read_all", "real_names"]
