"""How texts of one account look: case, accents, and the length at which the bank cuts them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from contrapeso.finance._ledger import Rows, Texts
from contrapeso.finance.templates._model import Case, Style

_ACCENTED = 0.005
_CUT_SHARE = 0.02
_LEAST_CUT = 3
_SHORTEST_CUT = 12


def case_of(text: str) -> Case:
    """Case of the letters of ``text``; ordinals (``13º``) have none."""
    text = text.replace("º", "").replace("ª", "")
    if text.isupper():
        return "upper"
    return "lower" if text.islower() else "mixed"


def learn_styles(accounts: Texts, distinct: Sequence[str], text_of: Rows) -> tuple[Rows, tuple[Style, ...]]:
    """Style of each row, and the styles; rows of one account and case share one."""
    cases = [case_of(text) for text in distinct]
    members: dict[tuple[str, Case], set[int]] = defaultdict(set)
    number: dict[tuple[str, Case], int] = {}
    of_row = []
    for account, text in zip(accounts.tolist(), text_of.tolist(), strict=True):
        group = (account, cases[text])
        of_row.append(number.setdefault(group, len(number)))
        members[group].add(text)
    styles = tuple(_style(group[1], [distinct[text] for text in sorted(members[group])]) for group in number)
    return np.array(of_row, dtype=np.int64), styles


def _style(case: Case, found: list[str]) -> Style:
    """Style of the distinct texts ``found``."""
    accented = sum(not text.isascii() for text in found)
    return Style(case, accented > _ACCENTED * len(found), _cut_at(found))


def _cut_at(found: list[str]) -> int:
    """Length at which texts are cut, 0 where the longest ones do not pile up.

    A cut that ends in a blank is one shorter, as banks strip it.
    """
    lengths = Counter(len(text) for text in found)
    longest = max(lengths, default=0)
    piled = lengths[longest] + lengths[longest - 1] // 2
    usual = max((lengths[longest - back] for back in range(3, 8)), default=0)
    enough = max(_LEAST_CUT, _CUT_SHARE * len(found), 1.5 * usual)
    return longest if longest >= _SHORTEST_CUT and lengths[longest] >= _LEAST_CUT and piled >= enough else 0


__all__ = ["case_of", "learn_styles"]
