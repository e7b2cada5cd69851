"""What of the real rows must not come back, indexed: names and parts of them, numbers, and words that few rows have.

Two names are the same if their words are, without ``da``, ``de``, ``dos``. A part of a name is two of its words in
their order; a part that three names share (``maria aparecida``) tells nobody and is let pass. A number that stands in
at least three rows of two counterparties (a service line, a code) is public.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Rows, Texts
from contrapeso.finance._text import normalize_description
from contrapeso.finance.privacy._gazetteer import given_words, name_words
from contrapeso.finance.privacy._identifiers import Identifier, find_identifiers
from contrapeso.finance.privacy._names import content_words, find_names
from contrapeso.finance.privacy._places import PLACES
from contrapeso.finance.privacy._pools import common_words

LEAST_ROWS, LEAST_PAYEES = 3, 2
"""Support from which a word or a number is public: rows, and counterparties among them."""
_SHARED_PART = 3
_SHORTEST_KEY = 5
_SHORTEST_WORD = 4
_LONGEST_RUN = 12

Words: TypeAlias = tuple[str, ...]
Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True)
class Wordings:
    """The different descriptions of a ledger, normalised.

    Attributes
    ----------
    texts : each once, in the order of first appearance.
    of_row : int64, shape (n,)
        Which of them a row has.
    """

    texts: tuple[str, ...]
    of_row: Rows

    @classmethod
    def of(cls, descriptions: Texts) -> Wordings:
        """The wordings of ``descriptions``."""
        number: dict[str, int] = {}
        normal: dict[str, int] = {}
        of_row = np.empty(len(descriptions), dtype=np.int64)
        for row, text in enumerate(descriptions):
            if text not in number:
                number[text] = normal.setdefault(normalize_description(text), len(normal))
            of_row[row] = number[text]
        return cls(tuple(normal), of_row)

    @cached_property
    def words(self) -> list[Words]:
        """Content words of each text."""
        return [content_words(text) for text in self.texts]

    @cached_property
    def n_rows(self) -> list[int]:
        """How many rows have each text."""
        return np.bincount(self.of_row, minlength=len(self.texts)).tolist()  # type: ignore[no-any-return]

    @cached_property
    def payees(self) -> list[str]:
        """Key of the counterparty of each text: its words without those of instruments, as in ``payee_key``."""
        from contrapeso.finance.features._payee import INSTRUMENTS

        named = ([word for word in words if word not in INSTRUMENTS] or words for words in self.words)
        return [" ".join(words) for words in named]

    def support(self, things: Iterable[Iterable[Thing]]) -> dict[Thing, tuple[int, int]]:
        """Rows and counterparties of everything that ``things`` names for each text."""
        rows: Counter[Thing] = Counter()
        payees: dict[Thing, set[str]] = {}
        for found, n, payee in zip(things, self.n_rows, self.payees, strict=True):
            for thing in set(found):
                rows[thing] += n
                payees.setdefault(thing, set()).add(payee)
        return {thing: (n, len(payees[thing])) for thing, n in rows.items()}


@dataclass(frozen=True)
class Reals:
    """Index of the names, numbers and rare words of the training rows.

    Attributes
    ----------
    wordings : of the training rows.
    names : real names that the caller knows; those that the gazetteer finds are added.
    public : names that may come back.
    """

    wordings: Wordings
    names: Collection[str] = field(repr=False)
    public: Collection[str] = ()

    @cached_property
    def name_keys(self) -> frozenset[Words]:
        """Content words of every name that tells somebody."""
        known = {content_words(name) for name in self.names}
        public = {content_words(name) for name in self.public}
        return frozenset(name for name in (known | self._found_names()) - public if self._tells(name))

    def _found_names(self) -> set[Words]:
        """Names that the gazetteer finds; ``aurora coop`` is none where two counterparties have it in their names."""
        given = given_words()
        found = [
            []
            if given.isdisjoint(words)
            else [self._without_public_words(content_words(one.text)) for one in find_names(text, unknown=True)]
            for text, words in zip(self.wordings.texts, self.wordings.words, strict=True)
        ]
        support = self.wordings.support([[name[:2] for name in some] for some in found])
        known = name_words()
        return {name for some in found for name in some if name[1] in known or not _is_public(support[name[:2]])}

    @cached_property
    def _names_by_first(self) -> dict[str, set[Words]]:
        grouped: dict[str, set[Words]] = {}
        for name in self.name_keys:
            grouped.setdefault(name[0], set()).add(name)
        return grouped

    @cached_property
    def parts(self) -> frozenset[tuple[str, str]]:
        """Pairs of words that one or two names have in this order."""
        shared = Counter(pair for name in self.name_keys for pair in set(combinations(name[:8], 2)))
        return frozenset(pair for pair, n in shared.items() if n < _SHARED_PART and not _common(pair))

    @cached_property
    def word_support(self) -> dict[str, tuple[int, int]]:
        """Rows and counterparties of each word."""
        return self.wordings.support(self.wordings.words)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Keys of the identifiers that must not come back."""
        found = self._identifiers
        keys = [[one.key for one in some if one.kind == "number"] for some in found]
        public = {key for key, support in self.wordings.support(keys).items() if _is_public(support)}
        return frozenset(one.key for some in found for one in some if len(one.key) >= _SHORTEST_KEY) - public

    @cached_property
    def cpf_middles(self) -> frozenset[str]:
        """The six digits of real CPFs that banks print."""
        cpfs = (one.key for some in self._identifiers for one in some if one.kind == "cpf")
        return frozenset(key[3:9] for key in cpfs if key[3:9].isdigit())

    @cached_property
    def _identifiers(self) -> list[tuple[Identifier, ...]]:
        return [find_identifiers(text, numbers=True) for text in self.wordings.texts]

    @cached_property
    def rare_runs(self) -> frozenset[Words]:
        """Every run of two or more words of fewer than three rows each that stand together in one real row."""
        runs = (run for words in self.wordings.words for run in self._runs(words))
        return frozenset(part for run in runs for part in _parts_of(run))

    def name_in(self, words: Words) -> Words:
        """The first real name inside ``words``; empty where there is none."""
        for place, word in enumerate(words):
            for name in self._names_by_first.get(word, ()):
                if words[place : place + len(name)] == name:
                    return name
        return ()

    def part_in(self, words: Words) -> Words:
        """The first part of a real name inside ``words``; empty where there is none."""
        return next((pair for pair in pairwise(words) if pair in self.parts), ())

    def numbers_in(self, text: str) -> list[Identifier]:
        """The identifiers in ``text`` that are real ones."""
        found = find_identifiers(text, numbers=True)
        return [one for one in found if one.key in self.numbers or self._shows_cpf(one)]

    def longest_run_in(self, words: Words) -> int:
        """Length of the longest run of rare words that ``words`` share with one real row; 0 under two words."""
        parts = (part for run in self._runs(words) for part in _parts_of(run))
        return max((len(part) for part in parts if part in self.rare_runs), default=0)

    def _shows_cpf(self, found: Identifier) -> bool:
        return found.kind == "cpf" and found.key[3:9] in self.cpf_middles

    def _without_public_words(self, name: Words) -> Words:
        """``name`` up to the first word behind its second that is in no gazetteer and public (``aluguel``)."""
        strange = (word not in name_words() and self._public(word) for word in name[2:])
        return name[: next((place for place, cut in enumerate(strange, 2) if cut), len(name))]

    def _public(self, word: str) -> bool:
        return _is_public(self.word_support.get(word, (0, 0)))

    def _tells(self, name: Words) -> bool:
        """Whether ``name`` leads to somebody: one word does only where it is unusual and few rows have it."""
        if not name or _common(name):
            return False
        if len(name) > 1:
            return True
        word = name[0]
        return not self._public(word) and len(word) >= _SHORTEST_WORD and word not in name_words()

    def _runs(self, words: Words) -> Iterator[Words]:
        run: list[str] = []
        for word in words:
            if 0 < self.word_support.get(word, (0, 0))[0] < LEAST_ROWS:
                run.append(word)
                continue
            if len(run) > 1:
                yield tuple(run[:_LONGEST_RUN])
            run = []
        if len(run) > 1:
            yield tuple(run[:_LONGEST_RUN])


def _is_public(support: tuple[int, int]) -> bool:
    return support[0] >= LEAST_ROWS and support[1] >= LEAST_PAYEES


_PLACES = frozenset(content_words(" ".join(place)) for place in PLACES)


def _common(words: Words) -> bool:
    """Whether the words lead to nobody: generic ones, initials, or a place."""
    return words in _PLACES or all(len(word) == 1 or word in common_words() for word in words)


def _parts_of(run: Words) -> Iterator[Words]:
    return (run[start:end] for start, end in combinations(range(len(run) + 1), 2) if end - start > 1)


def real_texts(descriptions: Collection[str], names: Collection[str] = ()) -> frozenset[str]:
    """What a pseudonym must not be: the names and identifiers in ``descriptions``, and ``names``.

    Parameters
    ----------
    descriptions : all real descriptions, not those of one category only.
    names : real names that were found in another way.

    Examples
    --------
    >>> sorted(real_texts(["PIX João da Silva 529.982.247-25", "TARIFA PACOTE"]))
    ['529.982.247-25', 'João da Silva']
    """
    found = {one.text for text in set(descriptions) for one in find_identifiers(text, numbers=True)}
    persons = {one.text for text in set(descriptions) for one in find_names(text, unknown=True)}
    return frozenset(found | persons | set(names))


def flags(wordings: Wordings, holds: Iterable[bool]) -> NDArray[np.bool_]:
    """Of each row what ``holds`` says of its text."""
    return np.fromiter(holds, dtype=bool, count=len(wordings.texts))[wordings.of_row]


__all__ = ["Reals", "Wordings", "flags", "real_texts"]
