"""The one spelling of a bank description under which two rows are compared, grouped and deduplicated."""

from __future__ import annotations

import re
import unicodedata

_COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]+")
_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_TYPOGRAPHIC = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2044": "/", "\u2212": "-"}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015", "-")
)
_EDGES = " -:;,._|"


def normalize_description(text: str) -> str:
    """The description with accents and case folded, blanks collapsed and loose separators cut off its ends.

    Punctuation inside is kept: it carries meaning (``03/12``, ``uber *trip``, ``s&p``, ``1.234,56``).
    So are the words that name the instrument (PIX, TED, DOC, SAQUE): they are the strongest feature
    of a bank row. Entities such as ``&amp;`` belong to the file format and are undone by its reader.
    The function is idempotent.

    Examples
    --------
    >>> normalize_description("  PIX  ENVIADO   João da Silva - ")
    'pix enviado joao da silva'
    >>> normalize_description("Tarifa Pacote 03/12")
    'tarifa pacote 03/12'
    """
    text = text.lower() if text.isascii() else _fold(text)
    text = _CONTROL.sub(" ", text)
    return " ".join(text.split()).strip(_EDGES)


def _fold(text: str) -> str:
    """Accents and case folded until nothing changes (``ﬁ``, ``ß`` and ``İ`` need a second round)."""
    while True:
        folded = unicodedata.normalize("NFKD", text).translate(_TYPOGRAPHIC)
        folded = _ZERO_WIDTH.sub("", _COMBINING.sub("", folded)).casefold()
        if folded == text:
            return text
        text = folded


__all__ = ["normalize_description"]
