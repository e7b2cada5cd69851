"""The door for movements in a caller's own form, in and out.

:func:`read_entries` takes lists of dicts in any dialect, frames, Arrow tables and transactions; it says what each
column is to it, and sets rows aside with a reason. :meth:`Entries.write` gives new rows in the form of the input. What
came in is never changed.
"""

from __future__ import annotations

from contrapeso.finance.entries._entries import PROVENANCE_KEY, SYNTHETIC_KEY, Column, Entries, Note, Policy, SetAside
from contrapeso.finance.entries._names import ROLES, Role
from contrapeso.finance.entries._plans import Names
from contrapeso.finance.entries._read import read_entries
from contrapeso.finance.entries._words import Language, Said

__all__ = [
    "PROVENANCE_KEY",
    "ROLES",
    "SYNTHETIC_KEY",
    "Column",
    "Entries",
    "Language",
    "Names",
    "Note",
    "Policy",
    "Role",
    "Said",
    "SetAside",
    "read_entries",
]
