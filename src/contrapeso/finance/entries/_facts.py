"""What is known of the movements when the other columns are looked at."""

from __future__ import annotations

from dataclasses import dataclass

from contrapeso.finance._ledger import Cents, Ledger
from contrapeso.finance.entries._names import Role
from contrapeso.finance.entries._plans import Plan
from contrapeso.finance.entries._signs import Signs
from contrapeso.finance.entries._support import Groups
from contrapeso.finance.entries._words import Said

Found = tuple[Role, Said, Plan]
"""Role of a column, why, and how it is written."""
SAMPLE = 2000
"""Distinct values looked at where a part of them tells enough."""


@dataclass(frozen=True)
class Facts:
    """What is known of the movements when the rest of the columns is looked at.

    Attributes
    ----------
    ledger : n movements
    written : int64, shape (n,); their amounts as the caller writes them, in centavos
    signs : convention of the file
    groups : int64, shape (n,); rows of one category and direction
    least : rows that must have a value for it to be copied
    """

    ledger: Ledger
    written: Cents
    signs: Signs
    groups: Groups
    least: int


__all__ = ["SAMPLE", "Facts", "Found"]
