"""Persons' names in descriptions, and the words by which two spellings of a name are the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from contrapeso.finance._text import normalize_description
from contrapeso.finance.privacy._gazetteer import LINKING_WORDS, given_words, name_words
from contrapeso.finance.privacy._pools import common_words

_WORD = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[^\W\d_]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in a text; like an identifier it is not shown by ``repr``."""

    start: int
    end: int
    text: str = field(repr=False)

    @property
    def key(self) -> str:
        """The words that name somebody, normalised: without ``da``, ``de``, ``dos``."""
        return " ".join(content_words(self.text))


def find_names(text: str, *, unknown: bool = False) -> tuple[PersonName, ...]:
    """The names of persons in ``text``, from left to right: a given name and at least one more word of the gazetteer.

    A name that the gazetteer does not know is not found; descriptions have more certain signs of a counterparty (its
    place in the template, the support of its words).

    Parameters
    ----------
    text : str
    unknown : bool, default False
        After a given name take any word that is neither generic (``Ltda``) nor of an instrument for a surname. That
        finds ``Otto Quintarelo``, and ``Rosa Choque`` too.

    Examples
    --------
    >>> [found.text for found in find_names("PIX ENVIADO 03/12 João Carlos da Silva ALUGUEL")]
    ['João Carlos da Silva']
    >>> find_names("TARIFA PACOTE SERVIÇOS")
    ()
    """
    words = [(match.start(), match.end(), _folded(match.group())) for match in _WORD.finditer(text)]
    found, place = [], 0
    while place < len(words):
        last, n_words = _name_from(text, words, place, unknown=unknown)
        if n_words >= 2:
            start, end = words[place][0], words[last][1]
            found.append(PersonName(start, end, text[start:end]))
            place = last
        place += 1
    return tuple(found)


def _name_from(text: str, words: list[tuple[int, int, str]], first: int, *, unknown: bool) -> tuple[int, int]:
    """Last word of the name that begins at word ``first``, and how many words name somebody."""
    if words[first][2] not in given_words():
        return first, 0
    last, n_words = first, 1
    for place in range(first + 1, len(words)):
        gap = text[words[place - 1][1] : words[place][0]]
        word = words[place][2]
        names = word in name_words() or (unknown and _may_be_surname(word))
        if gap.strip(" .'") or not (names or word in LINKING_WORDS or len(word) == 1):
            break
        if names:
            last, n_words = place, n_words + 1
    return last, n_words


def _may_be_surname(word: str) -> bool:
    return len(word) > 2 and word not in LINKING_WORDS and word not in common_words()


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    return normalize_description(word)


def content_words(text: str) -> tuple[str, ...]:
    """The normalised words of ``text`` made of letters, without linking words.

    >>> content_words("52998224725JOÃO da Silva")
    ('joao', 'silva')
    """
    words = _WORD.findall(normalize_description(text))
    return tuple(word for word in words if word not in LINKING_WORDS)


def tokens(text: str) -> list[str]:
    """The runs of letters and the runs of digits of ``text``, normalised.

    >>> tokens("PIX 03/12 JOÃO")
    ['pix', '03', '12', 'joao']
    """
    return _RUN.findall(normalize_description(text))


def in_style_of(new: str, old: str) -> str:
    """``new`` in the case of ``old``, and without accents where ``old`` is plain ASCII in capitals.

    >>> in_style_of("Inês Araújo", "JOAO SILVA"), in_style_of("Inês Araújo", "João Silva")
    ('INES ARAUJO', 'Inês Araújo')
    """
    if old.isupper():
        return normalize_description(new).upper() if old.isascii() else new.upper()
    return new.lower() if old.islower() else new


__all__ = ["PersonName", "content_words", "find_names", "in_style_of", "tokens"]
