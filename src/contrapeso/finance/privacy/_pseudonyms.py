"""Names and numbers that stand for real ones: the same for the same key, and never a real one.

A pseudonym is a function of the seed, the forbidden texts and the key, whatever was asked before: a keyed hash
(BLAKE2b, RFC 7693) chooses it, and where a choice is forbidden it chooses again. The forbidden texts are part of the
key of the hash so that nobody can confirm a guessed name from the seed alone, which is often 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import count, islice

import numpy as np

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.errors import InvalidParameterError, UnmetConditionsError
from contrapeso.finance._text import normalize_description
from contrapeso.finance.privacy._digits import cnpj_check_digits, cpf_check_digits
from contrapeso.finance.privacy._forbidden import Forbidden, is_somebodys
from contrapeso.finance.privacy._gazetteer import LINKING_WORDS, MEN, SURNAMES, WOMEN
from contrapeso.finance.privacy._identifiers import Identifier, find_identifiers
from contrapeso.finance.privacy._names import content_words
from contrapeso.finance.privacy._pools import LEGAL_FORMS, TRADES, invented_words

_TRIES = 400
_YEAR_BEHIND = re.compile(r"(?<=[0-9]{3})[/-](?:19|20)[0-9]{2}$")
_LINK = {
    "Silva": "da", "Santos": "dos", "Souza": "de", "Sousa": "de", "Oliveira": "de", "Costa": "da", "Lima": "de",
    "Nascimento": "do", "Carvalho": "de", "Cruz": "da", "Rocha": "da", "Conceição": "da", "Anjos": "dos", "Luz": "da",
    "Almeida": "de", "Freitas": "de", "Rosário": "do", "Reis": "dos", "Andrade": "de", "Paiva": "de", "Passos": "dos",
    "Cunha": "da", "Jesus": "de", "Melo": "de", "Mello": "de", "Barros": "de", "Castro": "de", "Moura": "de",
}  # fmt: skip
_CODES = (
    11,
    12,
    13,
    15,
    16,
    17,
    19,
    21,
    22,
    24,
    27,
    31,
    32,
    34,
    37,
    41,
    42,
    43,
    47,
    48,
    51,
    53,
    54,
    61,
    62,
    65,
    67,
    71,
)
_PLACES = ("Nova", "Vale", "Serra", "Porto", "Grupo", "Casa", "Alto", "Vila", "Campo", "Ponto", "Bela", "Rede")
_LEGAL = frozenset(normalize_description(form) for form in LEGAL_FORMS)


class _Choices:
    """Numbers that follow from a key; each is used once, in order."""

    def __init__(self, secret: bytes, *subject: str | int) -> None:
        self._bytes = _stream(secret, "\x00".join(map(str, subject)).encode(errors="surrogatepass"))

    def below(self, n: int) -> int:
        """A whole number from 0 to ``n`` - 1."""
        return int.from_bytes(bytes(islice(self._bytes, 4)), "big") % n

    def of(self, options: Sequence[str]) -> str:
        return options[self.below(len(options))]

    def digits(self, n: int) -> str:
        return "".join(str(self.below(10)) for _ in range(n))


def _stream(secret: bytes, subject: bytes) -> Iterator[int]:
    for block in count():
        yield from blake2b(subject, digest_size=64, key=secret, salt=block.to_bytes(8, "big")).digest()


class Pseudonyms:
    """Pseudonyms of persons, firms and numbers, in title case with accents; case and length are the caller's.

    Parameters
    ----------
    forbidden : real names, identifiers or whole descriptions. No pseudonym equals one (case, accents and punctuation
        aside), none has two words of a real name in their order, no number equals a real number.
    random_state : int, Generator, SeedSequence or None
        None draws a secret from the operating system. Who knows the seed *and* all forbidden texts can repeat the
        pseudonyms.

    Examples
    --------
    >>> names = Pseudonyms(["João da Silva", "529.982.247-25"], random_state=0)
    >>> names.person("joao silva") == names.person("joao silva")
    True
    >>> names.firm("madeireira tarumbe", keep=["madeireira"]).split()[0]
    'Madeireira'
    >>> names.cpf("joao silva")[:4], len(names.number_like("NF 00148422", "nf"))
    ('***.', 11)
    """

    def __init__(self, forbidden: Iterable[str] = (), random_state: RandomState = None) -> None:
        if isinstance(forbidden, str):
            raise InvalidParameterError("forbidden is a collection of texts, not one text; put it into a list.")
        self._forbidden = Forbidden(forbidden)
        seed = np.asarray(seed_sequence(random_state).generate_state(8), dtype="<u4").tobytes()
        self._secret = blake2b(seed + self._forbidden.digest, digest_size=32).digest()
        self._made: dict[tuple[str, ...], str] = {}

    def person(self, key: str, *, n_words: int | None = None) -> str:
        """Name of an invented person.

        Parameters
        ----------
        key : whose pseudonym it is.
        n_words : 2 or more names (linking words not counted); by default 2 to 4.
        """
        if n_words is not None and n_words < 2:
            raise InvalidParameterError(f"n_words of a person is at least 2; got {n_words}.")
        return self._once("person", key, str(n_words), draw=lambda c, t: self._person(c, t, n_words))

    def firm(self, key: str, keep: Sequence[str] = ()) -> str:
        """Name of an invented firm.

        Parameters
        ----------
        key : whose pseudonym it is.
        keep : words to keep, in their order, because many counterparties share them (``Posto``, ``Ltda``). An invented
            word follows them, before a legal form. Kept words that make up a forbidden name lose the last of them.
        """
        kept = tuple(word for word in keep if word.strip())
        return self._once("firm", key, *kept, draw=lambda c, _: self._firm(c, kept))

    def cpf(self, key: str, *, masked: bool = True) -> str:
        """CPF as banks print it, ``***.456.789-**``; unmasked it has valid check digits, and may belong to somebody."""
        return self._once("cpf", key, str(masked), draw=lambda c, _: self._cpf(c, masked=masked))

    def cnpj(self, key: str, *, masked: bool = True, alphanumeric: bool = False) -> str:
        """CNPJ of a head office, ``**.345.678/0001-**``; unmasked it has valid check digits, and may be somebody's.

        Parameters
        ----------
        key : whose pseudonym it is.
        masked : bool, default True
        alphanumeric : bool, default False
            With letters in its root, as new numbers may have since July 2026.
        """
        signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if alphanumeric else "0123456789"
        name = "cnpj_letters" if alphanumeric else "cnpj"
        return self._once(name, key, str(masked), draw=lambda c, _: self._cnpj(c, signs, masked=masked))

    def account(self, key: str, *, masked: bool = True) -> str:
        """Number of an account, ``***71-3``, or with all its six digits."""
        return self._once("account", key, str(masked), draw=lambda c, _: self._account(c, masked=masked))

    def phone(self, key: str, *, masked: bool = True) -> str:
        """Number of a mobile phone, ``(11) 9****-1234``, or with all its digits."""
        return self._once("phone", key, str(masked), draw=lambda c, _: self._phone(c, masked=masked))

    def email(self, key: str) -> str:
        """Address of an invented person under ``example.com``, which belongs to nobody (RFC 2606)."""
        return self._once("email", key, draw=self._email)

    def evp(self, key: str) -> str:
        """Random key of PIX (a UUID)."""
        return self._once("evp", key, draw=lambda c, _: self._evp(c))

    def number_like(self, text: str, key: str, *, letters: bool | None = None) -> str:
        """A number of the same shape: digits for digits, letters for letters in their case, other signs as they are.

        Leading zeros stay, the first other digit is not 0. The result differs from ``text``, is no real number, and
        does not pass the check digits of a CPF, CNPJ, PIS or card, so that it belongs to nobody; :meth:`cpf` and
        :meth:`cnpj` give valid ones. Where all numbers of a short shape are real ones, its digits are ``*``.

        Parameters
        ----------
        text : the real number.
        key : whose pseudonym it is; the same text and key give the same number.
        letters : bool, optional
            Whether letters change too. By default those of a plate, a key of PIX, a CNPJ or an IBAN do, and those of
            a word in front (``NF 148422``, ``S1460``) do not.
        """
        if letters is None:
            letters = _has_own_letters(text)
        name = "number" if letters else "digits"
        return self._made.get((name, key, text)) or self._number(name, key, text, letters=letters)

    def identifier(self, found: Identifier, key: str) -> str:
        """What stands for ``found``: a masked CPF or CNPJ, an address, or a number of the same shape.

        A phone number keeps its area.
        """
        if found.masked:
            return self.number_like(found.text, key, letters=False)
        if found.kind == "cpf":
            return self.cpf(key)
        if found.kind == "cnpj":
            return self.cnpj(key)
        if found.kind == "phone":
            start = _subscriber(found.text)
            return found.text[:start] + self.number_like(found.text[start:], key)
        return self.email(key) if found.kind == "email" else self.number_like(found.text, key)

    def _once(self, kind: str, key: str, *form: str, draw: Callable[[_Choices, int], str | None]) -> str:
        """The first draw for ``key`` that is not refused."""
        known = self._made.get((kind, key, *form))
        if known is not None:
            return known
        for attempt in range(_TRIES):
            made = draw(_Choices(self._secret, kind, key, *form, attempt), attempt)
            if made is not None and not self._forbidden.has_text(made):
                self._made[kind, key, *form] = made
                return made
        raise UnmetConditionsError(
            f"No free pseudonym of kind {kind!r} was found in {_TRIES} tries; {len(self._forbidden.texts)} texts are "
            f"forbidden. Forbid names and identifiers only, not ordinary words."
        )

    def _person(self, choices: _Choices, attempt: int, n_words: int | None) -> str | None:
        """A given name or two, and surnames; invented ones where the real names have used up the pairs."""
        n = n_words or (2, 2, 3, 3, 3, 4)[choices.below(6)]
        n_given = 2 if n > 2 and choices.below(4) == 0 else 1
        pool = WOMEN if choices.below(2) else MEN
        given = [choices.of(pool) for _ in range(n_given)]
        surnames = invented_words() if attempt >= _TRIES // 4 else SURNAMES
        names = [*given, *(choices.of(surnames) for _ in range(n - n_given))]
        words = [normalize_description(name) for name in names]
        if len(set(words)) < n or self._forbidden.has_part(words):
            return None
        linked = [f"{_LINK[name]} {name}" if name in _LINK and choices.below(3) == 0 else name for name in names]
        return " ".join(linked)

    def _firm(self, choices: _Choices, keep: tuple[str, ...]) -> str | None:
        name = choices.of(invented_words())
        if normalize_description(name) in self._forbidden.words:
            return None
        if keep:
            return self._kept_firm(name, keep)
        trade = choices.of(TRADES)
        name = f"{choices.of(_PLACES)} {name}" if choices.below(3) == 0 else name
        form = choices.of(LEGAL_FORMS[:2])
        return (f"{trade} {name}", f"{trade} {name}", f"{name} {trade}", f"{name} {trade} {form}", name)[
            choices.below(5)
        ]

    def _kept_firm(self, name: str, keep: tuple[str, ...]) -> str:
        legal = next((at for at, word in enumerate(keep) if normalize_description(word) in _LEGAL), len(keep))
        head, tail = list(keep[:legal]), keep[legal:]
        while head and self._forbidden.has_name_in(content_words(" ".join(head))):
            head.pop()
        return " ".join(word if word in tail else _capital(word) for word in (*head, name, *tail))

    def _cpf(self, choices: _Choices, *, masked: bool) -> str | None:
        base = choices.digits(9)
        number = base + cpf_check_digits(base)
        shown = f"***.{base[3:6]}.{base[6:]}-**" if masked else f"{base[:3]}.{base[3:6]}.{base[6:]}-{number[9:]}"
        real = self._forbidden.has_cpf_middle(base[3:]) or self._forbidden.has_number(shown) or len(set(base)) == 1
        return None if real else shown

    def _cnpj(self, choices: _Choices, signs: str, *, masked: bool) -> str | None:
        root = "".join(choices.of(signs) for _ in range(8))
        check = cnpj_check_digits(root + "0001")
        full = f"{root[:2]}.{root[2:5]}.{root[5:]}/0001-{check}"
        shown = f"**.{root[2:5]}.{root[5:]}/0001-**" if masked else full
        real = self._forbidden.has_number(full) or self._forbidden.has_number(shown) or len(set(root)) == 1
        return None if real else shown

    def _account(self, choices: _Choices, *, masked: bool) -> str | None:
        number = str(1 + choices.below(9)) + choices.digits(5)
        full = f"{number[:5]}-{number[5]}"
        shown = f"***{full[3:]}" if masked else full
        return None if self._forbidden.has_number(full) or self._forbidden.has_number(shown) else shown

    def _phone(self, choices: _Choices, *, masked: bool) -> str | None:
        code, first, last = _CODES[choices.below(len(_CODES))], 1000 + choices.below(9000), choices.digits(4)
        full = f"({code}) 9{first}-{last}"
        shown = f"({code}) 9****-{last}" if masked else full
        return None if self._forbidden.has_number(full) or self._forbidden.has_number(f"9{first}-{last}") else shown

    def _email(self, choices: _Choices, attempt: int) -> str | None:
        person = self._person(choices, attempt, 2)
        if person is None:
            return None
        first, last = content_words(person)
        address = f"{first}.{last}@example.com"
        return None if self._forbidden.has_number(address) else address

    def _evp(self, choices: _Choices) -> str | None:
        signs = "".join(choices.of("0123456789abcdef") for _ in range(32))
        key = f"{signs[:8]}-{signs[8:12]}-4{signs[13:16]}-{choices.of('89ab')}{signs[17:20]}-{signs[20:]}"
        return None if self._forbidden.has_number(key) else key

    def _number(self, name: str, key: str, text: str, *, letters: bool) -> str:
        for attempt in range(_TRIES):
            made = _same_shape(_Choices(self._secret, name, key, text, attempt), text, letters=letters)
            if made != text and not self._is_real_number(made):
                break
        else:
            made = "".join("*" if sign.isdecimal() else sign for sign in text)
        self._made[name, key, text] = made
        return made

    def _is_real_number(self, text: str) -> bool:
        return self._forbidden.has_number(text) or self._forbidden.has_text(text) or is_somebodys(text)


def _capital(word: str) -> str:
    return word if not word.islower() or word in LINKING_WORDS or word == "e" else word.capitalize()


def _same_shape(choices: _Choices, text: str, *, letters: bool) -> str:
    """New digits and letters in the places of the old; zeros in front stay zeros, and a year behind a number stays."""
    year = _YEAR_BEHIND.search(text)
    if year is not None:
        return _same_shape(choices, text[: year.start()], letters=letters) + year.group()
    alphabet = "abcdef" if letters and _is_hexadecimal(text) else "abcdefghijklmnopqrstuvwxyz"
    made, leading = [], True
    for sign in text:
        if sign.isdecimal():
            new = "0" if leading and sign == "0" else str(1 + choices.below(9)) if leading else choices.digits(1)
            leading = leading and sign == "0"
        elif letters and sign.isalpha():
            new = choices.of(alphabet)
            new, leading = new.upper() if sign.isupper() else new, True
        else:
            new = sign
        made.append(new)
    return "".join(made)


def _subscriber(phone: str) -> int:
    """Where the last eight digits of a phone number begin; country, area and the 9 of mobiles stand before."""
    places = [place for place, sign in enumerate(phone) if sign.isdigit()]
    return places[-8] if len(places) > 8 else 0


def _has_own_letters(text: str) -> bool:
    """Whether the letters of ``text`` belong to the number."""
    if not any(sign.isalpha() for sign in text):
        return False
    found = find_identifiers(text)
    whole = len(found) == 1 and found[0].text == text.strip() and not found[0].masked
    return whole and found[0].kind in {"plate", "evp", "cnpj", "iban"}


def _is_hexadecimal(text: str) -> bool:
    signs = text.replace("-", "")
    return len(signs) == 32 and all(sign in "0123456789abcdefABCDEF" for sign in signs)


__all__ = ["Pseudonyms"]
