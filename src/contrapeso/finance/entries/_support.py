"""What may be copied from a real row: values that several rows have, no name and no number of anybody among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._text import normalize_description
from contrapeso.finance.entries._cells import Cells, Mask, text_of

_WORD = re.compile(r"[^\W\d_]+")
_PERSON_SHARE = 0.3
_SAMPLE = 2000
Groups = NDArray[np.int64]
"""Number of the group of each row, shape (n,): rows of one category and direction."""


@lru_cache(maxsize=20_000)
def identifier_kind(text: str) -> str:
    """Kind of the first identifier of a person or firm in ``text``; empty where there is none."""
    from contrapeso.finance.privacy import find_identifiers

    if not any(sign.isdigit() for sign in text) and "@" not in text:
        return ""
    found = find_identifiers(text)
    return str(found[0].kind) if found else ""


@lru_cache(maxsize=20_000)
def names_person(text: str) -> bool:
    """Whether ``text`` holds the name of a person.

    >>> names_person("Aluguel Maria da Silva"), names_person("Papelaria Central")
    (True, False)
    """
    from contrapeso.finance.privacy import find_names

    return bool(find_names(text))


def holds_persons(values: Iterable[object]) -> bool:
    """Whether three in ten of the distinct texts are names of persons."""
    texts = [value for value in values if isinstance(value, str)][:_SAMPLE]
    return bool(texts) and sum(map(names_person, texts)) >= _PERSON_SHARE * len(texts)


def commonest_identifier(values: Iterable[object]) -> str:
    """Kind of identifier that half of the distinct texts hold; empty where they do not."""
    texts = [value for value in values if isinstance(value, str)][:_SAMPLE]
    kinds = [kind for text in texts if (kind := identifier_kind(text))]
    return max(sorted(set(kinds)), key=kinds.count) if kinds and len(kinds) * 2 >= len(texts) else ""


def may_be_copied(cells: Cells, least: int) -> Mask:
    """bool, shape (n_distinct,): values of ``least`` rows or more that name nobody and hold no identifier."""
    supported = cells.counts >= least
    for code in np.flatnonzero(supported).tolist():
        value = cells.distinct[code]
        if isinstance(value, str):
            supported[code] = not (identifier_kind(value) or names_person(value))
    return supported


def substituted(cells: Cells, copied: Mask, groups: Groups) -> list[object]:
    """Values by row of which only copied ones are left.

    In place of the others stands the commonest copied value of the group, else of the column, else none at all; a
    missing value stays missing, as it is.
    """
    allowed = np.append(copied, False)[cells.codes]
    general = _commonest(cells.codes[allowed])
    by_group = {group: _commonest(cells.codes[allowed & (groups == group)]) for group in np.unique(groups).tolist()}
    values = list(cells.values)
    for row in np.flatnonzero(~allowed & (cells.codes >= 0)).tolist():
        code = by_group[int(groups[row])]
        code = general if code < 0 else code
        values[row] = cells.distinct[code] if code >= 0 else cells.null_form
    return values


def _commonest(codes: NDArray[np.int64]) -> int:
    return int(np.bincount(codes).argmax()) if len(codes) else -1


def blurred(cells: Cells, numbers: NDArray[np.float64], copied: Mask, groups: Groups) -> NDArray[np.float64]:
    """Numbers by row; one that may not be copied lies halfway to the next greater one of its group, on their grid.

    Parameters
    ----------
    cells : the column
    numbers : float64, shape (n,), NaN where missing
    copied : bool, shape (n_distinct,)
    groups : int64, shape (n,)
    """
    decimals = _decimals(numbers)
    own = ~np.append(copied, True)[cells.codes] & ~np.isnan(numbers)
    blurred = numbers.copy()
    for group in np.unique(groups[own]).tolist():
        rows = np.flatnonzero((groups == group) & ~np.isnan(numbers))
        order = rows[np.argsort(numbers[rows], kind="stable")]
        after = np.append(order[1:], order[-2:-1] if len(order) > 1 else order[-1:])
        blurred[order] = np.where(own[order], np.round((numbers[order] + numbers[after]) / 2, decimals), numbers[order])
    return blurred


def _decimals(numbers: NDArray[np.float64]) -> int:
    """Decimals that all numbers have at most, up to 6."""
    known = numbers[np.isfinite(numbers)]
    fitting = (d for d in range(6) if np.abs(known - np.round(known, d)).max(initial=0) < 1e-9)
    return next(fitting, 6)


def words_kept(cells: Cells, least: int) -> frozenset[str]:
    """Words of ``least`` different values or more that persons are not called by: ``posto``, ``ltda``."""
    from contrapeso.finance.privacy import name_words

    counts: dict[str, int] = {}
    for value in cells.distinct:
        for word in set(_WORD.findall(normalize_description(text_of(value)))):
            counts[word] = counts.get(word, 0) + 1
    return frozenset(w for w, n in counts.items() if n >= least and len(w) > 1 and w not in name_words())


__all__ = [
    "Groups",
    "blurred",
    "commonest_identifier",
    "holds_persons",
    "identifier_kind",
    "may_be_copied",
    "names_person",
    "substituted",
    "words_kept",
]
