"""Groups of spellings that may be one label, each with the rule that raised the question.

A suggestion never merges by itself. Two groups whose rows go in opposite directions (money in, money
out) are not suggested to each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from contrapeso.finance.labels._groups import Group, content_words, is_abbreviation, is_typo
from contrapeso.finance.labels._keys import Words, any_order

_RARE_SHARE = 0.05
_LONGEST_COMPARED = 80

Directions: TypeAlias = Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question: is a group another spelling of, or a part of, ``target``?"""

    target: str
    rule: str


def suggest(groups: Sequence[Group], directions: Directions) -> dict[str, Suggestion]:
    """Canonical name -> suggestion, at most one per group; earlier rules win."""
    found: dict[str, Suggestion] = {}
    for rule, pairs in (
        ("same_words", _alike(groups, _bag_of_words)),
        ("linking_words", _alike(groups, _content)),
        ("abbreviation", _abbreviations(groups)),
        ("typo", _typos(groups)),
        ("part_of", _parts(groups)),
    ):
        for group, target in pairs:
            if group.canonical not in found and not _opposite(group.canonical, target.canonical, directions):
                found[group.canonical] = Suggestion(target.canonical, rule)
    return found


def _bag_of_words(group: Group) -> Hashable:
    """The words in any order; None where codes, numbers or single letters make the order matter."""
    readable = all(len(word) > 1 and word.isalpha() for word in group.words)
    readable = readable and (len(group.parts) == 1 or any_order(group.parts))
    return tuple(sorted(group.words)) if readable and len(group.words) > 1 else None


def _content(group: Group) -> Hashable:
    """The parts without linking words; None where nothing else is left."""
    words = content_words(group.words)
    return (len(group.parts), words) if len(words) > 1 else None


def _alike(groups: Sequence[Group], key: Callable[[Group], Hashable]) -> Iterator[tuple[Group, Group]]:
    """Every group and the most frequent group that has the same key."""
    first: dict[Hashable, Group] = {}
    for group in groups:
        value = key(group)
        if value is None:
            continue
        if value in first:
            yield group, first[value]
        first.setdefault(value, group)


def _abbreviations(groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    """Groups written with full stops and the one group that they can abbreviate."""
    by_length: dict[int, list[Group]] = defaultdict(list)
    for group in groups:
        by_length[len(group.words)].append(group)
    for group in groups:
        if "." in group.canonical:
            matches = [long for long in by_length[len(group.words)] if is_abbreviation(group.canonical, long.words)]
            if len(matches) == 1:
                yield group, matches[0]


def _typos(groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    """Rare groups one keystroke away from a group at least twenty times as frequent."""
    frequent = [group for group in groups if group.count * _RARE_SHARE >= 1]
    near: dict[str, list[Group]] = defaultdict(list)
    for group in frequent:
        for text in _one_letter_less(group.words):
            near[text].append(group)
    for group in groups:
        candidates = {other.canonical: other for text in _one_letter_less(group.words) for other in near.get(text, ())}
        for other in sorted(candidates.values(), key=lambda candidate: candidate.rank):
            if group.count <= other.count * _RARE_SHARE and is_typo(group.words, other.words):
                yield group, other


def _one_letter_less(words: Words) -> Iterable[str]:
    """``words`` as one text, and every text with one letter of it left out."""
    text = " ".join(words)
    if len(text) <= _LONGEST_COMPARED:
        yield text
        yield from (text[:i] + text[i + 1 :] for i in range(len(text)))


def _parts(groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    """Groups that are part of exactly one compound label at least as frequent (Juros, of Juros / Multa)."""
    holders: dict[Words, list[Group]] = defaultdict(list)
    for group in groups:
        if len(group.parts) > 1:
            for part in set(group.parts):
                holders[part].append(group)
    for group in groups:
        own = set(group.parts)
        if min((len("".join(part)) for part in own), default=0) < 3:
            continue
        wider = [other for other in holders.get(group.parts[0], ()) if own < set(other.parts)]
        if len(wider) == 1 and wider[0].count >= group.count:
            yield group, wider[0]


def _opposite(first: str, second: str, directions: Directions) -> bool:
    """Whether nearly all rows of one group go one way and nearly all of the other the other way."""
    one, other = _main_direction(directions.get(first)), _main_direction(directions.get(second))
    return one is not None and other is not None and one != other


def _main_direction(seen: Counter[str] | None) -> str | None:
    """Direction of at least 95 % of at least five rows."""
    if not seen or seen.total() < 5:
        return None
    (direction, count), *_ = seen.most_common(1)
    return direction if count >= 0.95 * seen.total() else None


__all__ = ["Directions", "Suggestion", "suggest"]
