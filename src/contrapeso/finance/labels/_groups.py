"""Which spellings are one label, and which groups a person should be asked about.

Labels are merged only by relations that need no judgement: same words apart from case, accents,
blanks, punctuation, plural, and the order of the parts. Everything else (typing errors, one part of
a compound, linking words, abbreviations) is a question. Each merging relation depends on the two
labels alone, except the plural, which also asks that both words were seen; so a table in which
labels have been merged never merges further.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from contrapeso.finance.labels._keys import (
    LINKING_WORDS,
    Parts,
    Words,
    any_order,
    clean,
    fold,
    has_letters,
    parts_of,
    singulars,
    words_of,
)

_JOINED_FROM = 8


@dataclass(frozen=True)
class Group:
    """Spellings of one label: raw label -> number of rows, and the spelling that stands for all."""

    spellings: Mapping[str, int]
    canonical: str
    parts: Parts

    @cached_property
    def count(self) -> int:
        """Rows with any of the spellings."""
        return sum(self.spellings.values())

    @cached_property
    def words(self) -> Words:
        """Words of the canonical spelling, plurals replaced by the word they stand for."""
        return words_of(self.parts)

    @property
    def rank(self) -> tuple[int, str]:
        """Order among groups: most rows first, then by name."""
        return (-self.count, self.canonical)


class UnionFind:
    """Disjoint sets of strings; the representative is the smallest member, in any order of joining."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, item: str) -> str:
        """Representative of the set of ``item``."""
        root = item
        while (above := self._parent.get(root, root)) != root:
            root = above
        while item != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def join(self, first: str, second: str) -> None:
        """Make the sets of ``first`` and ``second`` one."""
        low, high = sorted((self.find(first), self.find(second)))
        self._parent[high] = low


def same_words(all_parts: Iterable[Parts]) -> UnionFind:
    """Sets of words that are singular and plural of each other, both seen among the labels."""
    seen = {word for parts in all_parts for word in words_of(parts)}
    sets = UnionFind()
    for word in seen:
        for singular in singulars(word) & seen:
            sets.join(singular, word)
    return sets


def group_labels(counts: Mapping[str, int]) -> tuple[Group, ...]:
    """Groups of spellings, most frequent first; every label of ``counts`` is in exactly one."""
    parts = {raw: parts_of(raw) for raw in counts}
    words = same_words(parts.values())
    sets = UnionFind()
    first_with: dict[tuple[str, object], str] = {}
    for raw in sorted(counts):
        for key in _keys(parts[raw], words):
            sets.join(raw, first_with.setdefault(key, raw))
    members: dict[str, dict[str, int]] = defaultdict(dict)
    for raw in sorted(counts):
        members[sets.find(raw)][raw] = counts[raw]
    groups = (_group(spellings, parts, words) for spellings in members.values())
    return tuple(sorted(groups, key=lambda group: group.rank))


def _keys(parts: Parts, words: UnionFind) -> Iterable[tuple[str, object]]:
    """Keys of which one in common makes two labels one."""
    alike = plain_words(parts, words)
    yield ("words", tuple(sorted(alike)) if any_order(parts) else alike)
    joined = "".join(words_of(parts))
    if len(parts) == 1 and len(joined) >= _JOINED_FROM and joined.isalpha():
        yield ("joined", joined)


def plain_words(parts: Parts, words: UnionFind) -> Parts:
    """``parts`` with every word replaced by the representative of its singulars and plurals."""
    return tuple(tuple(words.find(word) for word in part) for part in parts)


def _group(spellings: Mapping[str, int], parts: Mapping[str, Parts], words: UnionFind) -> Group:
    typed: Counter[str] = Counter()
    origin: dict[str, Parts] = {}
    for raw, count in spellings.items():
        typed[clean(raw)] += count
        origin[clean(raw)] = parts[raw]
    canonical = min(typed, key=lambda text: (-typed[text], *_carelessness(text)))
    return Group(spellings, canonical, plain_words(origin[canonical], words))


def _carelessness(text: str) -> tuple[int, int, str]:
    """Ties between equally frequent spellings: accents first, then normal case, then the alphabet."""
    accents = sum(unicodedata.combining(sign) != 0 for sign in unicodedata.normalize("NFD", text))
    odd_case = int(text.isupper() or text.islower() or not text[:1].isupper())
    return (-accents, odd_case, text)


def difference(raw: str, canonical: str, words: UnionFind) -> str:
    """Name of the first rule that explains why ``raw`` and ``canonical`` are one label."""
    first, second = parts_of(raw), parts_of(canonical)
    plain = plain_words(first, words), plain_words(second, words)
    tests = (
        ("identical", raw == canonical),
        ("blanks", clean(raw) == canonical),
        ("case", clean(raw).casefold() == canonical.casefold()),
        ("accents", fold(raw) == fold(canonical)),
        ("punctuation", first == second),
        ("plural", plain[0] == plain[1]),
        ("order", sorted(plain[0]) == sorted(plain[1])),
    )
    return next((rule for rule, holds in tests if holds), "joined")


def content_words(words: Words) -> Words:
    """``words`` without linking words (de, da, of, ...), in order."""
    return tuple(word for word in words if word not in LINKING_WORDS)


def is_typo(rare: Words, frequent: Words) -> bool:
    """Whether one keystroke in one long word tells the two labels apart.

    The keystroke must be inside a word of at least five letters, not at its start (``emissão`` and
    ``omissão`` are two words) and not a digit (``2023`` and ``2024`` are two years).
    """
    if len(rare) != len(frequent) or len("".join(frequent)) < _JOINED_FROM:
        return False
    changed = [(a, b) for a, b in zip(rare, frequent, strict=True) if a != b]
    if len(changed) != 1:
        return False
    typed, meant = changed[0]
    long_enough = min(len(typed), len(meant)) >= 5 and typed.isalpha() and meant.isalpha()
    return long_enough and typed[0] == meant[0] and one_keystroke(typed, meant)


def one_keystroke(typed: str, meant: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes ``meant`` of ``typed``."""
    if abs(len(typed) - len(meant)) > 1 or typed == meant:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    rest, goal = typed[start:], meant[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == goal or rest == goal[1:] or rest[1:] == goal[1:] or swapped == goal


def is_abbreviation(short: str, long: Words) -> bool:
    """Whether ``short`` is ``long`` with words cut by a full stop (``Desp. Operacionais``)."""
    pieces = fold(short).replace("/", " / ").split()
    if "." not in short or len(pieces) != len(long):
        return False
    cut = [(piece[:-1], word) for piece, word in zip(pieces, long, strict=True) if piece.endswith(".")]
    whole = [(piece, word) for piece, word in zip(pieces, long, strict=True) if not piece.endswith(".")]
    return (
        bool(cut)
        and all(len(piece) >= 3 and piece != word and word.startswith(piece) for piece, word in cut)
        and all(piece == word for piece, word in whole)
        and all(has_letters(word) for word in long)
    )


__all__ = [
    "Group",
    "UnionFind",
    "content_words",
    "difference",
    "group_labels",
    "is_abbreviation",
    "is_typo",
    "one_keystroke",
    "plain_words",
    "same_words",
]
