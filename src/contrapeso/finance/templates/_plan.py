"""A description split into literals and typed slots, by what its words are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from contrapeso.finance.templates._lexicon import CONNECTORS, LEGAL, PLACE_HEADS, PLACES
from contrapeso.finance.templates._numbers import read_month, shape
from contrapeso.finance.templates._words import Words, fold

_SLOTS = re.compile(
    r"(?P<instalment>d +o +d)"
    r"|(?P<competence>[mM] ?(?:[.co] ?)?d)"
    r"|(?P<name>(?:[nt]|M(?= n)|a(?=(?: [co])? [na])|(?<=[tPQ] )a)(?:[ .coltMpa]*[ntla]|(?<=[nw]) w)*)"
    r"|(?P<word>w)|(?P<month>[mM])|(?P<number>d)"
)
_KEPT_RUN = re.compile(r"[kQ](?:[ .co]+[kQ])+")
_SHORT = 9
_LONGEST_PLACE = max(map(len, PLACES))
_BLANKS_AND_SIGNS = frozenset(" _.:")


@dataclass(frozen=True, slots=True)
class Reading:
    """One distinct description: literal texts around its slots, one more than there are slots.

    Attributes
    ----------
    key : str
        Folded words and kinds of slots: descriptions of one key share a template.
    literals, values, kinds, codes : tuples of str
        ``literals[0] + values[0] + literals[1] + ...`` is the description. The codes
        say what each token of a value is.
    payee : str
        Folded words of its names; empty where it has none.
    parts : tuple of str or None
        Folded literal words in order, None for a slot.
    """

    key: str
    literals: tuple[str, ...]
    values: tuple[str, ...]
    kinds: tuple[str, ...]
    codes: tuple[str, ...]
    payee: str
    parts: tuple[str | None, ...]


class Reader:
    """Reads descriptions by the words of one ledger."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._code: dict[str, str] = {}
        self._fold: dict[str, str] = {}
        self._shape: dict[str, str] = {}
        self._heads: set[str] = set()

    def read(self, pieces: Sequence[str]) -> Reading:
        """The reading of the tokens of one description."""
        code = self._code
        codes = "".join([code.get(piece) or self._learn(piece) for piece in pieces])
        if "w" in codes and "".join(pieces).islower():
            codes = codes.replace("w", "n")
        if self._has_place(pieces):
            codes = self._with_places(pieces, codes)
        if "k" in codes:
            codes = _KEPT_RUN.sub(_owned, codes)
            codes = codes if len(pieces) > _SHORT or _slots(codes) else codes.replace("k", "n")
        literals: list[str] = []
        values: list[str] = []
        kinds: list[str] = []
        parts: list[str | None] = []
        payee: list[str] = []
        whose: list[str] = []
        last = 0
        for start, end, found in _slots(codes):
            value = "".join(pieces[start:end]) if end - start > 1 else pieces[start]
            kind = self._refined(found, value)
            if kind == "name":
                payee += self._named(pieces[start:end])
            literals.append("".join(pieces[last:start]))
            parts += self._folded(pieces[last:start], codes[last:start])
            parts.append(None)
            values.append(value)
            kinds.append(kind)
            whose.append(codes[start:end])
            last = end
        literals.append("".join(pieces[last:]))
        parts += self._folded(pieces[last:], codes[last:])
        if not parts:
            parts += "".join(pieces).split()
        kind_of = iter(kinds)
        key = " ".join(f"<{next(kind_of)}>" if part is None else part for part in parts)
        return Reading(key, tuple(literals), tuple(values), tuple(kinds), tuple(whose), " ".join(payee), tuple(parts))

    def _has_place(self, pieces: Sequence[str]) -> bool:
        """Whether the first word of a place of several words is among ``pieces``."""
        return not self._heads.isdisjoint(pieces)

    def _with_places(self, pieces: Sequence[str], codes: str) -> str:
        """``codes`` in which the words of places are public."""
        words = [place for place, piece in enumerate(pieces) if piece[0].isalpha()]
        folded = [self._fold[pieces[place]] for place in words]
        signs = list(codes)
        for start, end in combinations(range(len(words) + 1), 2):
            if end - start <= _LONGEST_PLACE and tuple(folded[start:end]) in PLACES:
                for place in words[start:end]:
                    signs[place] = "p"
        return "".join(signs)

    def _learn(self, piece: str) -> str:
        """Code of a token that was not seen before."""
        code = "o" if fold(piece) in ("de", "of") else self._words.code(piece)
        self._code[piece] = code
        self._fold[piece] = fold(piece)
        if self._fold[piece] in PLACE_HEADS:
            self._heads.add(piece)
        return code

    def _refined(self, kind: str, value: str) -> str:
        """Kind of a slot, by its shape where it is a number."""
        if kind != "number" and (kind != "competence" or read_month(value) is not None):
            return kind
        known = self._shape.get(value)
        if known is None:
            known = self._shape[value] = shape(value)
        return known

    def _folded(self, pieces: Sequence[str], codes: str) -> list[str]:
        """Folded words of literal pieces."""
        return [self._fold[piece] for piece, code in zip(pieces, codes, strict=True) if code not in _BLANKS_AND_SIGNS]

    def _named(self, pieces: Sequence[str]) -> list[str]:
        """Folded words of a name that tell whose it is."""
        folded = [self._fold[piece] for piece in pieces if piece[0].isalpha()]
        return [word for word in folded if word not in CONNECTORS and word not in LEGAL] or folded


@cache
def _slots(codes: str) -> tuple[tuple[int, int, str], ...]:
    """Places of the slots in a description whose tokens have these codes: first, one past the last, kind."""
    found = []
    for match in _SLOTS.finditer(codes):
        kind = str(match.lastgroup)
        if kind == "name" and not _names_somebody(codes, match):
            continue
        found.append((match.start(), match.end(), kind))
    return tuple(found)


def _owned(run: re.Match[str]) -> str:
    """A run of shared words, in which those that few share make up somebody's name."""
    return run.group().replace("k", "n")


def _names_somebody(codes: str, match: re.Match[str]) -> bool:
    """Whether a run of words has one that is a name, or an ordinary word right after a trade."""
    run = match.group()
    return "n" in run or (
        "a" in run and ("t" in run or codes[max(match.start() - 2, 0) : match.start()] in ("t ", "P ", "Q "))
    )


__all__ = ["Reader", "Reading"]
