"""Many texts folded at once: joined, changed as one long text, and cut again, some ten times faster than one by one.

The answers are those of :func:`_patterns.folded` but for blanks at the ends, and of ``payee_key``; the tests compare
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from contrapeso.finance.features._payee import INSTRUMENTS
from contrapeso.finance.rules._patterns import folded
from contrapeso.finance.rules._values import Bools

_CUT = "\x1e"
_LATIN = dict(zip("áàâãäåéèêëíìîïóòôõöúùûüçñýÿ", "aaaaaaeeeeiiiiooooouuuucnyy", strict=True))
_LOOSE = "-/:;,._|*()[]#+&"
_WITH_DIGIT = re.compile(r"(?<!\S)[^\s\d]*+\d\S*")
_LONG_NUMBER = re.compile(r"\d{3,}")
_NO_LETTERS = re.compile(r"[^a-z\x1e]+")


def fold_all(words: Sequence[str]) -> list[str]:
    """Each text without accents, case and double blanks."""
    joined = _CUT.join(words).lower()
    for sign, plain in _LATIN.items():
        if sign in joined:
            joined = joined.replace(sign, plain)
    parts = joined.split(_CUT)
    if len(parts) != len(words):  # a text holds the cut itself
        return [" ".join(folded(word).split()) for word in words]
    return [
        " ".join(part.split()) if part.isascii() and part.isprintable() else " ".join(folded(word).split())
        for part, word in zip(parts, words, strict=True)
    ]


def space_all(folds: Sequence[str]) -> list[str]:
    """Folded texts as words between single blanks, with a blank at both ends."""
    joined = _CUT.join(folds)
    for sign in _LOOSE:
        joined = joined.replace(sign, " ")
    return [f" {' '.join(part.split())} " for part in joined.split(_CUT)]


def payees_of(folds: Sequence[str]) -> list[str]:
    """``payee_key`` of folded texts."""
    joined = _CUT.join(folds)
    if not joined.isascii():
        from contrapeso.finance.features._payee import payee_key

        return [payee_key(text) for text in folds]
    known: dict[str, str] = {}
    found = []
    for part in _NO_LETTERS.sub(" ", _WITH_DIGIT.sub(" ", joined)).split(_CUT):
        if part not in known:
            words = [word for word in part.split() if len(word) > 1]
            known[part] = " ".join([word for word in words if word not in INSTRUMENTS] or words)
        found.append(known[part])
    return found


def instruments_of(words: Sequence[str]) -> list[str]:
    """Instrument of each text; texts that differ in long numbers alone are asked once."""
    from contrapeso.finance.templates import instruments

    shapes = _LONG_NUMBER.sub("000", _CUT.join(words)).split(_CUT)
    if len(shapes) != len(words):
        shapes = list(words)
    codes, distinct = pd.factorize(np.array(shapes, dtype=object))
    return list(instruments(distinct)[codes]) if len(distinct) else []


def holding(texts: Sequence[str], parts: Sequence[str]) -> Bools:
    """Whether each text holds one of the parts: each part is sought once in all texts joined."""
    joined = _CUT.join(texts)
    ends = np.cumsum([len(text) + 1 for text in texts]) if texts else np.empty(0, dtype=np.int64)
    found = np.zeros(len(texts), dtype=bool)
    for part in parts:
        if not part:
            found[:] = True
        place = joined.find(part) if part else -1
        while place >= 0:
            text = int(np.searchsorted(ends, place, side="right"))
            found[text] = True
            place = joined.find(part, int(ends[text]))
    return found


@lru_cache(maxsize=256)
def searcher(pattern: str) -> Callable[[str], bool]:
    """Whether a regular expression fits somewhere in a text; signs that it cannot do without are sought first."""
    compiled = re.compile(pattern, re.IGNORECASE)
    needed = _needed(pattern)

    def ask(text: str) -> bool:
        return all(sign in text for sign in needed) and compiled.search(text[:_MOST]) is not None

    return ask


_MOST = 300


def _needed(pattern: str) -> tuple[str, ...]:
    """Signs such as ``.`` and ``/`` that stand outside of classes, in a pattern without groups and alternatives."""
    if re.search(r"[|(?*]|\{0", pattern):
        return ()
    outside = re.sub(r"\[(?:\\.|[^\]])*\]", "", pattern)
    escaped = re.findall(r"\\([./\-*+])", outside)
    plain = re.findall(r"[/\-]", re.sub(r"\\.|\{[^}]*\}", "", outside))
    return tuple(dict.fromkeys([*escaped, *plain]))


__all__ = ["fold_all", "holding", "instruments_of", "payees_of", "searcher", "space_all"]
