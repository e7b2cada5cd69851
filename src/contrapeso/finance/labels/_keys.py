"""What a label says, apart from how it was typed: its parts and words.

A label is a list of parts joined by ``/``, ``&``, ``,``, `` e `` or `` and ``; a part is a list of
words. Signs that make a difference are words or belong to one (``A+`` and ``A-``, ``<=50K`` and
``>50K``, ``Hotel **`` and ``Hotel ***``); blanks, quotes, brackets and full stops are not.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

Words: TypeAlias = tuple[str, ...]
Parts: TypeAlias = tuple[Words, ...]

LINKING_WORDS = frozenset({"de", "da", "do", "das", "dos", "com", "para", "em", "no", "na", "of", "the", "for", "to"})

_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_QUOTES = re.compile("[\"'\u2018\u2019\u201c\u201d\u00b4`]")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_EITHER = re.compile(r"(?<=\s)(?:e/ou|and/or)(?=\s)")
_LOOSE_SIGN = re.compile(r"([<>=]+)\s+|\s+(?=%)")
_BULLET = re.compile(r"^-\s+(?=\w{3})|(?<=\w\w\w)\s+-$")
_LAST_SIGN = re.compile(r"\s+([+-])$")
_SEPARATOR = re.compile(
    r"(?<!\d)[/\\]|[/\\](?!\d)|[&|;]|(?<!\d),|,(?!\d)|\s\+(?=\s)|\s-(?=\s)|(?<=\s)(?:e|and)(?=\s+\S)"
)
_IGNORED = re.compile(r"(?<!\d)[.:]|[.:](?!\d)|[()\[\]{}_\u2022\u00b7]|(?<=\w)-(?=[^\W\d_])|(?<=[^\W\d_])-(?=\w)")


def clean(raw: str) -> str:
    r"""``raw`` as a careful person would have typed it: one blank between words, none at the ends.

    >>> clean("  Retirada\u00a0 Sócio ")
    'Retirada Sócio'
    """
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", raw)).split())


def fold(raw: str) -> str:
    """``clean(raw)`` in lower case and without the accents of Latin letters.

    >>> fold("Não  Categorizado")
    'nao categorizado'
    """
    decomposed = unicodedata.normalize("NFKD", clean(raw).casefold())
    kept: list[str] = []
    for sign in decomposed:
        if not (unicodedata.combining(sign) and kept and unicodedata.name(kept[-1], "").startswith("LATIN")):
            kept.append(sign)
    folded = unicodedata.normalize("NFKC", "".join(kept)).casefold()
    return " ".join(_DASHES.sub("-", folded).split())


def has_letters(text: str) -> bool:
    """Whether ``text`` has a letter of any script."""
    return any(sign.isalpha() for sign in text)


def parts_of(raw: str) -> Parts:
    """Parts and words of a label, in the order in which they were typed.

    >>> parts_of("Juros / Multas")
    (('juros',), ('multas',))
    >>> parts_of("Pró-labore (sócios)")
    (('pro', 'labore', 'socios'),)
    >>> parts_of("A+"), parts_of("A -")
    ((('a+',),), (('a-',),))
    """
    text = fold(raw)
    if not has_letters(text):
        return ((text.replace(" ", ""),),) if text else ()
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), _QUOTES.sub("", text))
    text = _LOOSE_SIGN.sub(lambda found: found[1] or "", _BULLET.sub("", _EITHER.sub("/", text)))
    text = _LAST_SIGN.sub(r"\1", text)
    pieces = (_IGNORED.sub(" ", piece).split() for piece in _SEPARATOR.split(text))
    return tuple(tuple(piece) for piece in pieces if piece) or ((text,),)


def words_of(parts: Parts) -> Words:
    """All words of a label in order.

    >>> words_of((("juros",), ("multas",)))
    ('juros', 'multas')
    """
    return tuple(word for part in parts for word in part)


def any_order(parts: Parts) -> bool:
    """Whether the parts may change places without a change of meaning.

    Codes may not: ``BRL/USD`` is not ``USD/BRL`` and ``P&L`` is not ``L&P``.

    >>> any_order(parts_of("Juros / Multa")), any_order(parts_of("BRL/USD"))
    (True, False)
    """
    letters = [sum(sign.isalpha() for sign in "".join(part)) for part in parts]
    return len(parts) > 1 and min(letters) >= 3 and max(letters) >= 4


def singulars(word: str) -> frozenset[str]:
    """Words of which ``word`` may be the plural in Portuguese or English; most do not exist.

    A caller must have seen both words before it takes them as one.

    >>> sorted(singulars("bancarias") & {"bancaria"}), sorted(singulars("operacoes") & {"operacao"})
    (['bancaria'], ['operacao'])
    """
    if len(word) < 4 or not word.isalpha() or not word.endswith("s") or word.endswith("ss"):
        return frozenset()
    found = {word[:-1]}
    for plural, endings in _ENDINGS.items():
        if word.endswith(plural):
            found.update(word[: -len(plural)] + ending for ending in endings)
    return frozenset(candidate for candidate in found if len(candidate) >= 3)


_ENDINGS: dict[str, tuple[str, ...]] = {
    "es": ("",),
    "ies": ("y",),
    "ves": ("f", "fe"),
    "oes": ("ao",),
    "aes": ("ao",),
    "aos": ("ao",),
    "ais": ("al",),
    "eis": ("el", "il"),
    "ois": ("ol",),
    "uis": ("ul",),
    "is": ("il",),
    "ns": ("m",),
}

__all__ = [
    "LINKING_WORDS",
    "Parts",
    "Words",
    "any_order",
    "clean",
    "fold",
    "has_letters",
    "parts_of",
    "singulars",
    "words_of",
]
