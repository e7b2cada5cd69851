"""What filling looks up in the learned rows, counted once for all fills."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from contrapeso.finance._ledger import Rows
from contrapeso.finance.templates._book import Book
from contrapeso.finance.templates._lexicon import PUBLIC_WORDS
from contrapeso.finance.templates._model import Slot, Template
from contrapeso.finance.templates._words import Words

Key = TypeVar("Key", bound=Hashable)

SUFFIX = 2
"""Letters of an ending by which words are pooled."""
SHORTEST_REAL_NUMBER = 4
"""Characters from which on a number is somebody's."""
_LEAST_LETTERS = 4
_COMMON_CODE = 3
_SHORT_NUMBER = 2
_SHORTEST_TAKEN = 3


@dataclass(frozen=True, slots=True)
class Index:
    """Look-ups of one ledger.

    Attributes
    ----------
    of_row : template of each row.
    slots : of each template.
    by_template, by_payee : rows of each template, and of each template and payee.
    payees : rows of each payee.
    lenders : the payees in order; the lengths of their words are lent to new ones.
    pool : shared words by their ending, all of them under the empty one.
    numbers : that rows show.
    codes : public codes that enough rows show.
    short : numbers of one or two digits that enough rows show: a branch, a partner, never a document.
    taken : words that no invented one may be: public, shared, or of a real firm.
    alone : real names of one word.
    """

    of_row: list[int]
    slots: list[tuple[Slot, ...]]
    by_template: dict[int, list[int]]
    by_payee: dict[tuple[int, str], list[int]]
    payees: dict[str, int]
    lenders: list[str]
    pool: dict[str, list[str]]
    numbers: frozenset[str]
    codes: tuple[str, ...]
    short: frozenset[str]
    taken: frozenset[str]
    alone: frozenset[str]


def build_index(
    book: Book, templates: tuple[Template, ...], of_row: Rows, real: frozenset[str], least_support: int
) -> Index:
    """The look-ups of a book whose rows have these templates and real names."""
    numbers, slots = of_row.tolist(), [template.slots for template in templates]
    own = book.payees.tolist()
    payees = Counter(own)
    payees.pop("", None)
    words = book.words
    return Index(
        numbers,
        slots,
        _groups(numbers),
        _groups(zip(numbers, own, strict=True)),
        dict(payees),
        sorted(payees),
        _word_pool(words),
        _real_numbers(book),
        _common_codes(book, slots, numbers),
        _short_numbers(book, least_support),
        _taken(words, real),
        frozenset(name for name in real if " " not in name),
    )


def _taken(words: Words, real: frozenset[str]) -> frozenset[str]:
    """Words that are public or shared, and those of real firms; initials are nobody's."""
    own = {word for name in real for word in name.split() if len(word) >= _SHORTEST_TAKEN} - words.person
    return PUBLIC_WORDS | words.lifted | own


def _groups(keys: Iterable[Key]) -> dict[Key, list[int]]:
    """Places of each key."""
    found: dict[Key, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        found[key].append(place)
    return dict(found)


def _word_pool(words: Words) -> dict[str, list[str]]:
    """Shared words of the ledger by their ending; under the empty ending all of them, or public ones."""
    shared = sorted(word for word in words.lifted if len(word) >= _LEAST_LETTERS and word.isalpha())
    pool: dict[str, list[str]] = defaultdict(list)
    for word in shared:
        pool[word[-SUFFIX:]].append(word)
    pool[""] = shared or sorted(word for word in PUBLIC_WORDS if len(word) > _LEAST_LETTERS and word.isalpha())
    return dict(pool)


def _real_numbers(book: Book) -> frozenset[str]:
    """Numbers that rows show."""
    return frozenset(
        value
        for reading in book.readings
        for value, kind in zip(reading.values, reading.kinds, strict=True)
        if kind in ("number", "value") and len(value) >= SHORTEST_REAL_NUMBER
    )


def _short_numbers(book: Book, least_support: int) -> frozenset[str]:
    """Numbers of one or two digits that ``least_support`` rows show."""
    rows = np.bincount(book.text_of, minlength=len(book.readings)).tolist()
    counts: Counter[str] = Counter()
    for reading, n in zip(book.readings, rows, strict=True):
        for value, kind in zip(reading.values, reading.kinds, strict=True):
            if kind == "number" and len(value) <= _SHORT_NUMBER and value.isdigit():
                counts[value] += n
    return frozenset(value for value, n in counts.items() if n >= least_support)


def _common_codes(book: Book, slots: list[tuple[Slot, ...]], numbers: list[int]) -> tuple[str, ...]:
    """Public codes that enough rows show."""
    counts: dict[str, int] = defaultdict(int)
    for row, number in enumerate(numbers):
        for place, slot in enumerate(slots[number]):
            if slot.kind == "code":
                counts[book.reading(row).values[place]] += 1
    return tuple(sorted(code for code, n in counts.items() if n >= _COMMON_CODE))


__all__ = ["SHORTEST_REAL_NUMBER", "SUFFIX", "Index", "build_index"]
