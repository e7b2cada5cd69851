"""Other public wordings of the purpose of a category, as often as the category has wordings that were not seen yet.

Three taxes that were seen say little of a fourth, but everybody knows what taxes are called. A new row may therefore be
worded like another of the same purpose: ``IPTU`` for ``DAS``, ``TAR PACOTE`` for ``TARIFA TED``. How many are is the
chance that the next real row has a new wording, told by the wordings that were seen once: of three rows a fourth or
more, of a hundred hardly any. Only literal words are exchanged, never a counterparty; only for wordings of our own list
(``_kin_words``), and never for one whose words the ledger uses in other categories.

References
----------
.. [1] Good, "The population frequencies of species", Biometrika 40 (1953), Sec. 2.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from contrapeso.finance._ledger import Texts
from contrapeso.finance._text import normalize_description
from contrapeso.finance.templates._book import Book
from contrapeso.finance.templates._kin_words import FAMILIES
from contrapeso.finance.templates._lexicon import CONNECTORS, PUBLIC_WORDS
from contrapeso.finance.templates._model import Style
from contrapeso.finance.templates._names import plain
from contrapeso.finance.templates._tokens import tokens
from contrapeso.finance.templates._words import fold

_MOST, _LEAST = 0.4, 0.05
_LEAST_SHARE = 0.5
_NAMED = 0.5
_AS_GOOD = 0.25
_SHORTEST = 2
_CARRIER_WORDS = """
    pix ted doc boleto boletos cartao conta cheque pagto pagamento pagar servico servicos net internet card bank cash
    transfer saldo titulo venda contrato limite folha credito capital taxa loja service account
"""
_CARRIERS = frozenset(_CARRIER_WORDS.split()) | CONNECTORS
"""Words of wordings that tell no purpose."""

Phrase: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Wordings of one purpose, by their folded words, and the beginnings of the words that categories are called by."""

    stems: tuple[str, ...]
    wordings: Mapping[Phrase, str]


@dataclass(frozen=True, slots=True)
class Rewording:
    """How one row may be worded otherwise.

    Attributes
    ----------
    literal : which literal of its reading holds the wording.
    start, end : of the wording in it.
    wordings : to choose from.
    share : of the new rows of this one that are worded otherwise.
    """

    literal: int
    start: int
    end: int
    wordings: tuple[str, ...]
    share: float

    def reworded(self, literals: tuple[str, ...], choice: float, style: Style) -> tuple[tuple[str, ...], str]:
        """The literals with another wording in the case and accents of the row, and that wording."""
        text = literals[self.literal]
        new = _styled(self.wordings[int(choice * len(self.wordings))], text[self.start : self.end], style)
        made = text[: self.start] + new + text[self.end :]
        return (*literals[: self.literal], made, *literals[self.literal + 1 :]), new


@cache
def families() -> tuple[Family, ...]:
    """The families of ``_kin_words``."""
    found = []
    for _, stems, listed in FAMILIES:
        wordings = [" ".join(wording.split()) for wording in listed.split(",")]
        found.append(Family(tuple(stems.split()), {tuple(normalize_description(w).split()): w for w in wordings}))
    return tuple(found)


def learn_rewordings(
    book: Book, categories: Texts, coded: Sequence[bool], names: Collection[str]
) -> dict[int, Rewording]:
    """Row -> how it may be worded otherwise, for rows of categories with a purpose of ``_kin_words``.

    Parameters
    ----------
    book : the learned rows
    categories : of each row; '' is none
    coded : of each row whether a public code stands in it, which belongs to its wording
    names : real names; no wording has a word of one, unless the word is public
    """
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, category in enumerate(categories.tolist()):
        if category:
            rows_of[category].append(row)
    if len(rows_of) < 2:
        return {}
    shares = {category: _unseen(book, rows) for category, rows in rows_of.items()}
    purposes = {category: place for category, place in _purposes(book, rows_of).items() if shares[category] >= _LEAST}
    if not purposes:
        return {}
    words = {category: _words_of(book, rows) for category, rows in rows_of.items()}
    total = sum(words.values(), Counter[str]())
    barred = {word for name in names for word in name.split()} - PUBLIC_WORDS
    found: dict[int, Rewording] = {}
    for category, place in purposes.items():
        wordings = _free(families()[place], words[category], total, barred)
        for row in rows_of[category]:
            one = None if coded[row] else _rewording(book, row, families()[place], wordings, shares[category])
            found |= {} if one is None else {row: one}
    return found


def _unseen(book: Book, rows: Sequence[int]) -> float:
    """Chance that another row of these has a wording that none of them has, at most 0.4; one in n + 1 at least."""
    once = sum(n == 1 for n in Counter(book.keys[text] for text in book.text_of[rows].tolist()).values())
    return min((once + 1) / (len(rows) + 1), _MOST)


def _purposes(book: Book, rows_of: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Category -> the family that most of its rows are worded by.

    A category that is called by the family has the better claim; only those with about the best claim have it.
    """
    claims: dict[int, list[tuple[float, str]]] = defaultdict(list)
    seen: dict[int, frozenset[int]] = {}
    for category, rows in rows_of.items():
        counts: Counter[int] = Counter()
        for row in rows:
            text = int(book.text_of[row])
            if text not in seen:
                seen[text] = _families_in(book.readings[text].parts)
            counts.update(seen[text])
        shares = [(n / len(rows) + _NAMED * _is_named(category, place), place) for place, n in counts.items()]
        best = max(shares, default=(0.0, -1))
        if best[0] >= _LEAST_SHARE:
            claims[best[1]].append((best[0], category))
    return {
        category: place
        for place, claimed in claims.items()
        for score, category in claimed
        if score >= max(claimed)[0] - _AS_GOOD
    }


def _is_named(category: str, place: int) -> bool:
    """Whether a word of the category's name begins like those that name the family."""
    return any(word.startswith(families()[place].stems) for word in normalize_description(category).split())


@cache
def _phrases() -> dict[str, list[tuple[Phrase, int]]]:
    """Wordings of all families by their first words."""
    found: dict[str, list[tuple[Phrase, int]]] = defaultdict(list)
    for place, family in enumerate(families()):
        for phrase in family.wordings:
            found[phrase[0]].append((phrase, place))
    return dict(found)


def _families_in(parts: Sequence[str | None]) -> frozenset[int]:
    """Families of which a wording stands in the literal words ``parts``."""
    known = _phrases()
    return frozenset(
        place
        for at, word in enumerate(parts)
        if word in known
        for phrase, place in known[word]
        if tuple(parts[at : at + len(phrase)]) == phrase
    )


def _words_of(book: Book, rows: Sequence[int]) -> Counter[str]:
    """Of each literal word, how many of ``rows`` have it."""
    texts = Counter(book.text_of[rows].tolist())
    found: Counter[str] = Counter()
    for text, n in texts.items():
        for word in {part for part in book.readings[text].parts if part is not None}:
            found[word] += n
    return found


def _free(family: Family, own: Counter[str], total: Counter[str], barred: set[str]) -> tuple[str, ...]:
    """Wordings without a barred word and without a telling word that stands mostly in other categories."""
    return tuple(
        wording
        for phrase, wording in family.wordings.items()
        if barred.isdisjoint(phrase)
        and all(2 * own[word] >= total[word] for word in phrase if len(word) >= _SHORTEST and word not in _CARRIERS)
    )


def _rewording(book: Book, row: int, family: Family, wordings: tuple[str, ...], share: float) -> Rewording | None:
    """Where the longest wording of the family stands in a row; None where there is none, or nothing else to say."""
    best: tuple[int, int, int, int] | None = None
    for place, literal in enumerate(book.reading(row).literals):
        for n_words, start, end in _found_in(literal, family):
            if best is None or n_words > best[0]:
                best = (n_words, place, start, end)
    return Rewording(*best[1:], wordings, share) if best and len(wordings) > 1 else None


def _found_in(literal: str, family: Family) -> Iterator[tuple[int, int, int]]:
    """Wordings in a literal: words, first character, one past the last; blanks alone may part their words."""
    pieces = tokens(literal)
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    longest = max(map(len, family.wordings))
    for first in range(len(pieces)):
        words: list[str] = []
        for last in range(first, len(pieces)):
            if pieces[last].isspace():
                continue
            words.append(fold(pieces[last]))
            if len(words) > longest:
                break
            if tuple(words) in family.wordings and not pieces[first].isspace():
                yield len(words), ends[first], ends[last + 1]


def _styled(wording: str, like: str, style: Style) -> str:
    """``wording`` in the case of ``like``, with accents where the style has them."""
    if like.isupper():
        made = wording.upper()
    elif like.islower():
        made = wording.lower()
    else:
        made = wording[:1].upper() + wording[1:]
    return made if style.accents else plain(made)


__all__ = ["Rewording", "families", "learn_rewordings"]
