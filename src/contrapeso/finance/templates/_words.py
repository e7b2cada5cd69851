"""Which words of a ledger may be printed again: public ones and those that several counterparties share.

A word that is not public is kept when at least ``least_support`` rows of at least two counterparties have it and no
single counterparty has most of them. The counterparty of a row, seen from one of its words, is told by the first other
word that is not public: ``POSTO ALFA`` and ``POSTO BETA`` are two, ``ALFA MATRIZ`` and ``ALFA FILIAL`` are one, as
``matriz`` and ``filial`` are public. Words of persons are never kept: those of the gazetteer, and those that mostly
stand beside one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._text import normalize_description
from contrapeso.finance.templates._lexicon import (
    AMBIGUOUS,
    CONNECTORS,
    LEGAL,
    MONTHS,
    PUBLIC_MIXED,
    PUBLIC_WORDS,
    STRUCTURE,
    TRADE,
)

_LEAST_COUNTERPARTIES = 2
_LARGEST_SHARE = 0.8
_ALONE_SHARE = 0.5
_USUAL_SHARE = 0.005
_BESIDE_NAMES = 0.3
_ROUNDS = 3
_WELL_SHARED = 8
_LINKS = frozenset({"de", "da", "do", "das", "dos", "e"})
_PREFIX = 4
_SHORTEST = 3
_FIXED = (("c", CONNECTORS), ("s", STRUCTURE), ("l", LEGAL))
_JOIN, _BREAK = -1, -2
_NAME_SIGNS = frozenset(".&'\u2019/,()*+-")

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Support:
    """Evidence for one word.

    Attributes
    ----------
    rows : that have it.
    counterparties : among them.
    largest : share of the largest counterparty.
    named : share of the rows that tell any counterparty.
    usual : largest share of the rows with some public word (or the start of the text) before it that have it next.
    """

    rows: int
    counterparties: int
    largest: float
    named: float
    usual: float

    def enough(self, least_support: int) -> bool:
        """Whether the word is nobody's own."""
        told = self.largest <= _LARGEST_SHARE and self.named >= _ALONE_SHARE
        return self.shared(least_support) and told and self.usual >= _USUAL_SHARE

    def shared(self, least_support: int) -> bool:
        """Whether enough rows of enough counterparties have it."""
        return self.rows >= least_support and self.counterparties >= _LEAST_COUNTERPARTIES


@dataclass(frozen=True, slots=True)
class Words:
    """What each word of a ledger is, by folded word.

    Attributes
    ----------
    support : Support of each word
    kept : frozenset of str
        Words that are not public but shared by counterparties.
    lifted : frozenset of str
        Kept words, and public ones with support: they are part of a template even inside a name.
    person : frozenset of str
        Words of persons' names.
    """

    support: dict[str, Support]
    kept: frozenset[str]
    lifted: frozenset[str]
    person: frozenset[str]

    def code(self, token: str) -> str:
        """One letter for what ``token`` is (the table is in the source of this method)."""
        first = token[0]
        if first.isspace():
            return " " if len(token) == 1 else "_"
        folded = fold(token)
        if "@" in token[1:] or any(sign.isdigit() for sign in token):
            return "p" if folded in PUBLIC_MIXED else "d"
        if token[-1] == "$" or not any(sign.isalpha() for sign in token):
            return "." if first in _NAME_SIGNS else ":"
        return self._word_code(token, folded)

    def _word_code(self, token: str, folded: str) -> str:
        """Code of a word.

        s structure, c connector, l legal form, m month (M where it is a name, too), P public and shared,
        Q shared (k by few), t trade, p public (a where it may be part of a name), w small letters, n a name's own.
        """
        if folded in MONTHS:
            return "M" if folded in self.person else "m"
        if folded in AMBIGUOUS and folded not in self.lifted:
            return "a"
        for code, words in _FIXED:
            if folded in words:
                return code
        if folded in self.lifted:
            return self._kept_code(folded) if folded in self.kept else "P"
        return self._other_code(token, folded)

    def _kept_code(self, folded: str) -> str:
        """Q for a word that many counterparties share, k for few."""
        return "Q" if self.support[folded].counterparties >= _WELL_SHARED else "k"

    def _other_code(self, token: str, folded: str) -> str:
        """Code of a word that counterparties do not share."""
        if folded in PUBLIC_WORDS:
            return "t" if folded in TRADE else "p"
        return "w" if token.islower() and len(token) >= _SHORTEST and folded not in self.person else "n"


@lru_cache(maxsize=1 << 16)
def fold(token: str) -> str:
    """Folded form of a word; the token itself where folding leaves nothing."""
    return normalize_description(token) or token


def learn_words(
    pieces: Sequence[Sequence[str]], counts: NDArray[np.int64], least_support: int, names: Collection[str]
) -> Words:
    """What the words of distinct texts are.

    Parameters
    ----------
    pieces : tokens of u distinct texts
    counts : int64, shape (u,)
        Rows that have each text.
    least_support : int
        Rows that a word needs.
    names : folded given names and surnames
    """
    vocabulary, text_of, word_of, place_of = _occurrences(pieces)
    words = list(vocabulary)
    if not words:
        return Words({}, frozenset(), frozenset(), frozenset(names))
    public = np.array([word in PUBLIC_WORDS for word in words], dtype=bool)
    named = np.array([word in names for word in words], dtype=bool)
    support = _supports(words, text_of, word_of, public, counts)
    person = _beside_names(text_of, word_of, place_of, public, named)
    kept = frozenset(
        word
        for word, evidence, hidden in zip(words, support, public | person | named, strict=True)
        if not hidden and len(word) > 1 and evidence.enough(least_support)
    )
    shared = frozenset(
        word
        for word, evidence, open_ in zip(words, support, public, strict=True)
        if open_ and evidence.shared(least_support)
    )
    persons = frozenset(names) | {word for word, flag in zip(words, person, strict=True) if flag}
    return Words(dict(zip(words, support, strict=True)), kept, kept | shared, persons)


def _occurrences(pieces: Sequence[Sequence[str]]) -> tuple[dict[str, int], Ids, Ids, Ids]:
    """Numbers of the words; text, word and place of each occurrence in order.

    Connectors are left out. Places of two words follow each other where only blanks, a dot or ``de`` stand between.
    """
    vocabulary: dict[str, int] = {}
    number: dict[str, int] = {}
    text_of: list[int] = []
    word_of: list[int] = []
    place_of: list[int] = []
    for text, tokens in enumerate(pieces):
        place = 0
        for token in tokens:
            word = number.get(token)
            if word is None:
                word = number[token] = _number_of(token, vocabulary)
            if word >= 0:
                text_of.append(text)
                word_of.append(word)
                place_of.append(place)
                place += 1
            elif word == _BREAK:
                place += 1
    return vocabulary, np.array(text_of, np.int64), np.array(word_of, np.int64), np.array(place_of, np.int64)


def _number_of(piece: str, vocabulary: dict[str, int]) -> int:
    """Number of the word, -1 for what joins the words of a name, -2 for what parts them."""
    if piece.isspace() or piece == ".":
        return _JOIN
    if not piece[0].isalpha() or piece[-1] == "$" or "@" in piece or any(sign.isdigit() for sign in piece):
        return _BREAK
    folded = fold(piece)
    if folded in CONNECTORS:
        return _JOIN if folded in _LINKS else _BREAK
    return vocabulary.setdefault(folded, len(vocabulary))


def _supports(words: list[str], text_of: Ids, word_of: Ids, public: NDArray[np.bool_], counts: Ids) -> list[Support]:
    """Evidence for each word from the occurrences of all."""
    other = _others(words, text_of, word_of, public, len(counts))
    triples = np.unique(np.column_stack([word_of, other, text_of]), axis=0)
    rows = counts[triples[:, 2]]
    n = len(words)
    total = np.bincount(triples[:, 0], weights=rows, minlength=n)
    pairs, where = np.unique(triples[:, :2], axis=0, return_inverse=True)
    per_pair = np.bincount(where.ravel(), weights=rows)
    known = pairs[:, 1] >= 0
    counterparties = np.bincount(pairs[known, 0], minlength=n)
    named = np.bincount(pairs[known, 0], weights=per_pair[known], minlength=n)
    largest = np.zeros(n)
    np.maximum.at(largest, pairs[known, 0], per_pair[known])
    columns = (total, counterparties, largest / np.maximum(named, 1), named / np.maximum(total, 1))
    usual = _usual(text_of, word_of, public, counts)
    return [Support(int(a), int(b), *map(float, rest)) for a, b, *rest in zip(*columns, usual, strict=True)]


def _usual(text_of: Ids, word_of: Ids, public: NDArray[np.bool_], counts: Ids) -> NDArray[np.float64]:
    """Of each word, how common it is after the public word, or the start, after which it is most common."""
    n, places = len(public), np.arange(len(word_of))
    last = np.maximum.accumulate(np.where(public[word_of], places, -1))
    before = np.concatenate([[-1], last[:-1]]).astype(np.int64)
    same = (before >= 0) & (text_of[before] == text_of)
    context = np.where(same, word_of[before], n)
    of_context = np.bincount(context, weights=counts[text_of], minlength=n + 1)
    of_context[n] = counts.sum()
    pairs, where = np.unique(context * (n + 1) + word_of, return_inverse=True)
    rows = np.bincount(where.ravel(), weights=counts[text_of])
    found = np.zeros(n)
    np.maximum.at(found, pairs % (n + 1), rows / np.maximum(of_context[pairs // (n + 1)], 1))
    return found


def _others(words: list[str], text_of: Ids, word_of: Ids, public: NDArray[np.bool_], n_texts: int) -> Ids:
    """Of each occurrence, the beginning of the first other word of its text that is not public; -1 where none is.

    Short words tell nobody: banks cut descriptions, and ``AL`` may be any name that begins so.
    """
    telling = ~public & np.array([len(word) >= _PREFIX for word in words], dtype=bool)
    own = np.flatnonzero(telling[word_of])
    prefixes: dict[str, int] = {}
    prefix = np.array([prefixes.setdefault(word[:_PREFIX], len(prefixes)) for word in words], dtype=np.int64)
    first, second = np.full(n_texts, -1), np.full(n_texts, -1)
    backwards = own[::-1]
    first[text_of[backwards]] = word_of[backwards]
    later = backwards[word_of[backwards] != first[text_of[backwards]]]
    second[text_of[later]] = word_of[later]
    chosen = np.where(word_of == first[text_of], second[text_of], first[text_of])
    return np.where(chosen < 0, -1, prefix[chosen])


def _beside_names(
    text_of: Ids, word_of: Ids, place_of: Ids, public: NDArray[np.bool_], named: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Words that stand beside a person's word in a good share of the places where they stand."""
    n = len(public)
    left, right = word_of[:-1], word_of[1:]
    beside = (text_of[:-1] == text_of[1:]) & (np.diff(place_of) == 1) & ~public[left] & ~public[right]
    left, right = left[beside], right[beside]
    places = np.bincount(word_of, minlength=n)
    person = named & ~public
    for _ in range(_ROUNDS):
        met = np.bincount(left[person[right]], minlength=n) + np.bincount(right[person[left]], minlength=n)
        grown = person | (~public & (met >= _BESIDE_NAMES * places) & (places > 0))
        if np.array_equal(grown, person):
            break
        person = grown
    return person


__all__ = ["Support", "Words", "fold", "learn_words"]
