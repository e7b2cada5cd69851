"""Pseudonyms in the form of a real name: the same number of words, its shared words, its case and length."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from contrapeso.errors import UnmetConditionsError
from contrapeso.finance._text import normalize_description
from contrapeso.finance.templates._index import Index
from contrapeso.finance.templates._lexicon import AMBIGUOUS, CONNECTORS, PUBLIC_WORDS
from contrapeso.finance.templates._model import Style
from contrapeso.finance.templates._tokens import tokens
from contrapeso.finance.templates._words import Words, fold

if TYPE_CHECKING:
    from contrapeso.finance.privacy import Pseudonyms

_CANDIDATES, _FREQUENT = 8, 5
_TRIES = 50
_OWN = frozenset("nwMa")
_ACUTE = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")
_USUAL_LENGTH = 7
_NOBODY = "alfa beta"


class Namer:
    """Makes and remembers the pseudonym of each key in each form.

    Parameters
    ----------
    names : source of the pseudonyms
    words : what the words of the learned ledger are
    real : normalised real names, none of which is made
    index : look-ups of the learned rows; the words of a name are about as long as those of a real payee, for a key
        always the same one
    """

    def __init__(self, names: Pseudonyms, words: Words, real: frozenset[str], index: Index) -> None:
        self._names = names
        self._words = words
        self._real = real
        self._alone = index.alone
        self._payees = index.payees
        self._lenders = index.lenders or [_NOBODY]
        self._taken = index.taken
        self._known: dict[tuple[str, str, bool], str] = {}

    def name(self, key: str, form: str, codes: str, style: Style) -> str:
        """The pseudonym of ``key`` in the form of the real name ``form``, whose tokens have these codes."""
        known = self._known.get((key, form, style.accents))
        if known is None:
            known = self._known[key, form, style.accents] = self._fresh(key, form, codes, style)
        return known

    def _fresh(self, key: str, form: str, codes: str, style: Style) -> str:
        """The first pseudonym that is no real name."""
        pieces = tokens(form)
        places = [place for place, code in enumerate(codes) if code in _OWN]
        person = self._is_person(pieces, codes)
        make = self._person if person else self._firm
        for attempt in range(_TRIES):
            words = make(f"{key}#{attempt}" if attempt else key, key, [len(pieces[place]) for place in places])
            for place, word in zip(places, words, strict=True):
                pieces[place] = (
                    _cased(word, pieces[place]) if person else _accented(_cased(word, pieces[place]), pieces[place])
                )
            made = "".join(pieces) if style.accents else plain("".join(pieces))
            if normalize_description(made) not in self._real and self._alone.isdisjoint(map(fold, words)):
                return made
        raise UnmetConditionsError(
            f"No pseudonym in the form of a name of {len(places)} words is free in {_TRIES} tries. "
            f"Learn from fewer rows, or leave names out of what is forbidden."
        )

    def _is_person(self, pieces: list[str], codes: str) -> bool:
        """Whether a name reads as a person's: words of persons, none that only a firm has."""
        if any(code in "tlpP" for code in codes):
            return False
        return any(
            code in _OWN and fold(piece) in self._words.person for piece, code in zip(pieces, codes, strict=True)
        )

    def _lengths(self, key: str) -> list[int]:
        """Lengths of the words of a payee's name: of its own, or for a new key of a real payee that lends them."""
        owner = key if key in self._payees else self._lenders[crc32(_bytes(key)) % len(self._lenders)]
        return [len(word) for word in owner.split() if word not in PUBLIC_WORDS or word in AMBIGUOUS] or [_USUAL_LENGTH]

    def _n_candidates(self, key: str) -> int:
        """Names to choose from; more for a payee whose length shows in many rows."""
        return _CANDIDATES if self._payees.get(key, 0) >= _FREQUENT else 1

    def _person(self, key: str, owner: str, lengths: list[int]) -> list[str]:
        """Words of an invented person's name, given names first; one letter where the real name has one."""
        n_words = len(lengths)
        targets = self._lengths(owner)
        n_candidates = self._n_candidates(owner)
        found = [self._person_words(f"{key}~{spare}" if spare else key, n_words) for spare in range(n_candidates)]
        words = min(found, key=lambda names: _misfit(names, targets)) if n_candidates > 1 else found[0]
        return [word[:1] if length == 1 else word for word, length in zip(words, lengths, strict=True)]

    def _person_words(self, key: str, n_words: int) -> list[str]:
        """Exactly ``n_words`` names without the linking words between them."""
        full = self._names.person(key, n_words=max(n_words, 2))
        words = [word for word in full.split() if word.casefold() not in CONNECTORS]
        return words[: n_words - 1] + words[-1:] if n_words > 1 else words[:1]

    def _firm(self, key: str, owner: str, lengths: list[int]) -> list[str]:
        """Invented words as long as those that are the firm's own; one letter where the real name has one."""
        targets, patience = self._lengths(owner), self._n_candidates(owner) - 1
        return [
            self._invented(
                f"{key}/{place}" if place else key, 1 if length == 1 else targets[place % len(targets)], patience
            )
            for place, length in enumerate(lengths)
        ]

    def _invented(self, key: str, length: int, patience: int) -> str:
        """An invented word of ``length`` letters, or fewer after ``patience`` tries, that no real name or text has."""
        longest = ""
        for attempt in range(_TRIES):
            full = self._firm_word(f"{key}~{attempt}" if attempt else key)
            if fold(full[:length]) not in self._taken and len(full) > len(longest):
                longest = full
            if len(longest) >= length or (longest and attempt >= patience):
                return longest[:length]
        return longest[:length] or self._firm_word(key)

    def _firm_word(self, key: str) -> str:
        """An invented word; letters at random where the ledger uses all of the pool (it was made with it)."""
        try:
            return self._names.firm(key, keep=("Ltda",)).split()[0]
        except UnmetConditionsError:
            return self._names.number_like("Aaaaaaaa", key)


def _misfit(names: list[str], targets: list[int]) -> int:
    """How far the lengths of ``names`` are from those wanted, word by word."""
    return sum(abs(len(name) - target) for name, target in zip(names, targets, strict=False))


def _cased(word: str, like: str) -> str:
    """``word`` in the case of ``like``."""
    if like.isupper() and (len(like) > 1 or len(word) == 1):
        return word.upper()
    return word.lower() if like.islower() else word[:1].upper() + word[1:].lower()


def _accented(word: str, like: str) -> str:
    """``word`` with an acute accent on its last vowel where ``like`` has any accent."""
    if like.isascii():
        return word
    place = next((at for at in reversed(range(len(word))) if word[at] in "aeiouAEIOU"), None)
    return word if place is None else word[:place] + word[place].translate(_ACUTE) + word[place + 1 :]


def _bytes(key: str) -> bytes:
    """``key`` for a checksum, whatever characters it has."""
    return key.encode(errors="surrogatepass")


def plain(text: str) -> str:
    """``text`` without accents, its case kept."""
    if text.isascii():
        return text
    return "".join(_bare(sign) for sign in text)


def _bare(sign: str) -> str:
    """One character without its accent."""
    if sign.isascii():
        return sign
    bare = normalize_description(sign)
    return bare.upper() if sign.isupper() else bare or sign


__all__ = ["Namer", "plain"]
