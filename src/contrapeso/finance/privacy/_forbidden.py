"""What no pseudonym may be: the real names, parts of them, and the real numbers.

Names are compared by their words without ``da``, ``de``, ``dos``. Statements cut long names, so that a pair of words is
compared by the first three letters of its second one: neither ``JOAO SILV`` nor ``JOAO SIL`` can come from a pseudonym
where João Silva is real.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import combinations

from contrapeso.finance._text import normalize_description
from contrapeso.finance.privacy._digits import compact, is_cnpj, is_cpf, is_pis, luhn_ok
from contrapeso.finance.privacy._identifiers import find_identifiers, identifier_key
from contrapeso.finance.privacy._names import content_words, tokens
from contrapeso.finance.privacy._pools import generic_words

_CUT = 3
_LONGEST_NAME = 8
_SHORTEST_NUMBER = 4


class Forbidden:
    """The real texts, indexed for the questions that a pseudonym has to pass.

    Attributes
    ----------
    texts : normalised forbidden texts.
    words : every word of them.
    digest : bytes that depend on all of them, in no order.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = {normal for normal in map(normalize_description, texts) if normal}
        self.words: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._names: set[tuple[str, ...]] = set()
        self._keys: set[str] = set()
        self._cpf_middles: set[str] = set()
        for text in self.texts:
            self._learn_words(content_words(text))
            self._learn_numbers(text)
        self.digest = blake2b("\n".join(sorted(self.texts)).encode(), digest_size=16).digest()

    def has_text(self, text: str) -> bool:
        """Whether ``text`` is, but for case, accents and blanks, a forbidden one."""
        return normalize_description(text) in self.texts

    def has_part(self, words: Sequence[str]) -> bool:
        """Whether two of the normalised ``words``, in this order, are of one real name; the second may be cut."""
        return any(
            (first, second[:length]) in self._pairs
            for first, second in combinations(words, 2)
            for length in range(1, _CUT + 1)
        )

    def has_name_in(self, words: Sequence[str]) -> bool:
        """Whether a forbidden name of two words or more stands inside the normalised ``words``."""
        spans = combinations(range(len(words) + 1), 2)
        return any(tuple(words[start:end]) in self._names for start, end in spans if end - start > 1)

    def has_number(self, text: str) -> bool:
        """Whether ``text`` is a real number in any punctuation."""
        return identifier_key(text) in self._keys

    def has_cpf_middle(self, digits: str) -> bool:
        """Whether a real CPF shows these six digits when it is masked as banks do."""
        return digits in self._cpf_middles

    def _learn_words(self, words: tuple[str, ...]) -> None:
        self.words.update(words)
        if len(words) > 1:
            self._names.add(words)
        for first, second in _pairs(words):
            self._pairs.add((first, second[:_CUT]))

    def _learn_numbers(self, text: str) -> None:
        if not any(sign.isdigit() for sign in text):
            return
        self._keys.add(identifier_key(text))
        self._keys.update(token for token in tokens(text) if token.isdigit() and len(token) >= _SHORTEST_NUMBER)
        for found in find_identifiers(text, numbers=True):
            self._keys.add(found.key)
            if found.kind == "cpf":
                self._cpf_middles.add(found.key[3:9])


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Ordered pairs of the words of a name; a pair of words that all firms share names nobody."""
    generic = generic_words()
    for start in range(0, max(len(words) - 1, 0), _LONGEST_NAME):
        for first, second in combinations(words[start : start + 2 * _LONGEST_NAME], 2):
            if first not in generic or second not in generic:
                yield first, second


def is_somebodys(text: str) -> bool:
    """Whether ``text`` passes the check digits of a CPF, CNPJ, PIS or card, so that it may belong to somebody."""
    number = compact(text)
    return is_cpf(number) or is_cnpj(number) or is_pis(number) or luhn_ok(number)


__all__ = ["Forbidden", "is_somebodys"]
