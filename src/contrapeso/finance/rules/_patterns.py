"""Regular expressions and globs of rules, limited so that no text can make them slow.

``re`` backtracks without end on patterns such as ``(a+)+``. Refused is a repetition of a group that itself holds a
repetition or an alternative, a reference back, a look around, and a pattern whose repetitions can be combined in more
than :data:`MAX_WAYS` ways on a text of :data:`MAX_TEXT` characters, which is as far as a text is read.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._text import normalize_description

MAX_PATTERN = 200
MAX_TEXT = 300
MAX_WAYS = MAX_TEXT**3

_REPEAT = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that is wrong, long or might take long.

    Raises
    ------
    InvalidParameterError
    """
    if len(pattern) > MAX_PATTERN:
        raise InvalidParameterError(
            f"A pattern has at most {MAX_PATTERN} characters; this one has {len(pattern)}. Split the rule."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidParameterError(f"{pattern!r} is no regular expression: {error}.") from error
    why = _danger(pattern)
    if why:
        raise InvalidParameterError(
            f"The pattern {pattern!r} {why}; on some texts it would take for ever. Write it without"
            " or as several rules."
        )


def _danger(pattern: str) -> str:
    """Why a pattern might take long; empty if it cannot."""
    open_groups: list[bool] = [False]  # whether the group so far holds a repetition or an alternative
    n_ways, place, closed = 1, 0, False
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\":
            if place + 1 < len(pattern) and pattern[place + 1] in "123456789":
                return "refers back to a group"
            place, closed = place + 2, False
            continue
        if sign == "[":
            place, closed = _after_class(pattern, place), False
            continue
        if sign == "(":
            if re.match(r"\(\?(?!:)", pattern[place:]):
                return "looks around, names a group or sets flags"
            open_groups.append(False)
            place += 3 if pattern.startswith("(?:", place) else 1
            closed = False
            continue
        if sign == ")":
            closed = open_groups.pop()
            open_groups[-1] = open_groups[-1] or closed
            place += 1
            again = _REPEAT.match(pattern, place)
            if closed and again and again.group() != "?":
                return "repeats a group that holds a repetition or an alternative"
            continue
        found = _REPEAT.match(pattern, place)
        if found:
            ways = _ways(found)
            n_ways *= ways
            open_groups[-1] = open_groups[-1] or ways > 1
            place = found.end()
            place += place < len(pattern) and pattern[place] in "?+"
        else:
            open_groups[-1] = open_groups[-1] or sign == "|"
            place += 1
    return "has too many repetitions that vary" if n_ways > MAX_WAYS else ""


def _ways(found: re.Match[str]) -> int:
    """How many lengths a repetition may have."""
    if found.group() == "?":
        return 2
    low, comma, high = found.groups()
    if found.group() in "*+" or (comma and not high):
        return MAX_TEXT
    return min(MAX_TEXT, int(high) - int(low or 0) + 1) if comma else 1


def _after_class(pattern: str, start: int) -> int:
    """Place after the ``]`` of a class of characters."""
    place = start + 1
    place += pattern.startswith("^", place)
    place += pattern.startswith("]", place)
    while place < len(pattern) and pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place + 1


@lru_cache(maxsize=256)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text as a whole matches a pattern, upper and lower case alike."""
    check_pattern(pattern)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: compiled.fullmatch(text[:MAX_TEXT]) is not None


@lru_cache(maxsize=256)
def globber(glob: str) -> Callable[[str], bool]:
    """Whether a folded text fits a glob (``*`` any text, ``?`` any sign), of which accents and case do not count."""
    parts = [folded(part) for part in glob.split("*")]
    head, *middle, tail = parts if len(parts) > 1 else [parts[0], ""]
    if len(parts) == 1:
        return lambda text: len(text) == len(head) and _at(text, head, 0)

    def ask(text: str) -> bool:
        text = text[:MAX_TEXT]
        if not _at(text, head, 0):
            return False
        place = len(head)
        for part in middle:
            place = _find(text, part, place)
            if place < 0:
                return False
            place += len(part)
        return len(text) - len(tail) >= place and _at(text, tail, len(text) - len(tail))

    return ask


def _at(text: str, part: str, place: int) -> bool:
    piece = text[place : place + len(part)]
    return len(piece) == len(part) and all(sign in ("?", found) for sign, found in zip(part, piece, strict=True))


def _find(text: str, part: str, start: int) -> int:
    """First place from ``start`` on at which ``part`` stands; -1 if nowhere."""
    if "?" not in part:
        return text.find(part, start)
    return next((place for place in range(start, len(text) - len(part) + 1) if _at(text, part, place)), -1)


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Text without accents and case; inner blanks collapsed, ends kept (``'DAS *'`` asks for the blank)."""
    return normalize_description(f"x{text}x")[1:-1]


__all__ = ["MAX_PATTERN", "MAX_TEXT", "MAX_WAYS", "check_pattern", "folded", "globber", "matcher"]
