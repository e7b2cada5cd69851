"""Movements in the caller's form: what was read, what was set aside and why, and new rows written the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Drafts, Ledger, Rows
from contrapeso.finance.entries._box import Box, Key
from contrapeso.finance.entries._names import Role
from contrapeso.finance.entries._plans import AccountPlan, Names, Plan, Writing
from contrapeso.finance.entries._row_plans import MadeOncePlan
from contrapeso.finance.entries._words import Language, Said
from contrapeso.finance.entries._write import dominant_rows, provenance_of, rows_of

SYNTHETIC_KEY, PROVENANCE_KEY = "is_synthetic", "provenance"
Policy = Literal["null", "shadow", "rebase"]
_POLICIES: tuple[Policy, ...] = ("null", "shadow", "rebase")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is to us.

    Attributes
    ----------
    name : its name as text
    role : one of ``ROLES``
    said : the reason, with a stable code
    """

    name: str
    role: Role
    said: Said

    @property
    def why(self) -> str:
        """The reason in English."""
        return self.said.to("en")


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row of the input that is no row of the ledger: its place in the input, a stable code, and the reason."""

    row: int
    said: Said

    @property
    def code(self) -> str:
        """The stable code."""
        return self.said.code

    @property
    def sentence(self) -> str:
        """The reason in English."""
        return self.said.to("en")


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about rows that were kept: which, a stable code, and the sentence."""

    rows: tuple[int, ...]
    said: Said

    @property
    def code(self) -> str:
        """The stable code."""
        return self.said.code

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return self.said.to("en")


@dataclass(frozen=True)
class Entries:
    """Rows of a caller as a ledger, and the way back.

    Attributes
    ----------
    ledger : the n movements that could be read, in their order
    row_of : int64, shape (n,); place of each of them in the input, from 0
    columns : every column of the input with its role and the reason
    set_aside : rows of the input that are not in the ledger; with ``row_of`` every row is accounted for
    notes : what is to know of rows that were kept, and of the file
    n_rows : rows of the input
    """

    ledger: Ledger
    row_of: Rows
    columns: tuple[Column, ...]
    set_aside: tuple[SetAside, ...]
    notes: tuple[Note, ...]
    n_rows: int
    _box: Box = field(repr=False)
    _plans: Mapping[Key, Plan] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.row_of) + len(self.set_aside) != self.n_rows:
            raise AssertionError(f"{self.n_rows} rows came, {len(self.row_of) + len(self.set_aside)} accounted for.")

    def __len__(self) -> int:
        return len(self.row_of)

    @property
    def roles(self) -> dict[str, Role]:
        """Role of each column by its name."""
        return {column.name: column.role for column in self.columns}

    @property
    def forbidden(self) -> tuple[str, ...]:
        """Real names and numbers that columns of their own hold: what pseudonyms must never be.

        Names inside descriptions are not among them; the templates know those.
        """
        found = (plan.forbidden() for plan in self._plans.values() if isinstance(plan, MadeOncePlan | AccountPlan))
        return tuple(dict.fromkeys(text for texts in found for text in texts))

    @property
    def reasons(self) -> dict[str, int]:
        """Number of rows set aside by code, the most frequent first."""
        return dict(Counter(row.code for row in self.set_aside).most_common())

    def write(
        self, drafts: Drafts, *, run: str, names: Names, balances: Policy = "null", first: int = 1
    ) -> list[dict[Key, object]]:
        """New rows in the form of the input.

        A row has the keys of its dominant parent in their order, and their types and formats; then ``is_synthetic``,
        which is True, and ``provenance``. Accounts, names and numbers of persons get pseudonyms, identifiers are
        ``SYN-<run>-<n>``, moments and free text stay empty, other fields come from the dominant parent where enough
        rows share their value.

        Parameters
        ----------
        drafts : m drafts, whose parents are rows of ``ledger``
        run : name of the run, part of the identifiers
        names : pseudonyms, e.g. ``contrapeso.finance.privacy.Pseudonyms``
        balances : ``null`` leaves balances empty; ``shadow`` and ``rebase`` write those that this policy has given
            the drafts
        first : number of the first row within the run

        Raises
        ------
        InvalidParameterError
            If ``run`` is blank, ``balances`` is no policy, a policy has not been carried out, or a parent is no row.
        """
        self._check(drafts, run, balances, first)
        base = dominant_rows(drafts, self.ledger)
        numbers = np.arange(first, first + len(drafts), dtype=np.int64)
        writing = Writing(drafts, base, names, run, numbers, with_balances=balances != "null")
        columns = {key: plan.write(writing) for key, plan in self._plans.items()}
        columns[SYNTHETIC_KEY] = [True] * len(drafts)
        columns[PROVENANCE_KEY] = list(provenance_of(writing, self.row_of))
        return rows_of(columns, self._shapes_of(base), self._box.shapes, (SYNTHETIC_KEY, PROVENANCE_KEY))

    def _shapes_of(self, base: Rows) -> Rows:
        """The sequence of keys of each new row; the commonest one where it starts from no row."""
        if not len(self.ledger):
            return np.full(len(base), self._box.commonest_shape, dtype=np.int64)
        of_base = self._box.shape_of[self.row_of[np.maximum(base, 0)]]
        return np.where(base >= 0, of_base, self._box.commonest_shape)

    def _check(self, drafts: Drafts, run: str, balances: Policy, first: int) -> None:
        if not run.strip() or len(run) > 200:
            raise InvalidParameterError(f"run is the name of the run, of 1 to 200 characters; got {run[:40]!r}.")
        if balances not in _POLICIES:
            raise InvalidParameterError(f"balances is one of {', '.join(_POLICIES)}; got {balances!r}.")
        if first < 1:
            raise InvalidParameterError(f"first is the number of the first row, from 1; got {first}.")
        if balances != "null" and not drafts.ledger.balance_known.all():
            n = int((~drafts.ledger.balance_known).sum())
            raise InvalidParameterError(
                f"balances={balances!r} writes the balances of the drafts; {n} of {len(drafts)} have none. "
                f"Carry the policy out on the drafts first, or use balances='null'."
            )
        if drafts.parents.size and int(drafts.parents.max()) >= len(self.ledger):
            raise InvalidParameterError(
                f"Parents are rows of the ledger, 0 to {len(self.ledger) - 1}; got {int(drafts.parents.max())}."
            )

    def describe(self, language: Language = "pt") -> str:
        """What was read, in words: the rows, those set aside, the columns, the notes."""
        portuguese = language == "pt"
        read = f"{len(self)} de {self.n_rows} linhas lidas" if portuguese else f"{len(self)} of {self.n_rows} rows read"
        lines = [f"{read}." if not self.set_aside else f"{read}; {self._reasons_in(language)}."]
        lines += [f"  {column.name} [{column.role}]: {column.said.to(language)}" for column in self.columns]
        lines += [f"- {note.said.to(language)}." for note in self.notes]
        row = "linha" if portuguese else "row"
        lines += [f"- {row} {aside.row}: {aside.said.to(language)}." for aside in self.set_aside[:_SHOWN]]
        if len(self.set_aside) > _SHOWN:
            more = len(self.set_aside) - _SHOWN
            lines.append(f"- … e mais {more}." if portuguese else f"- … and {more} more.")
        return "\n".join(lines)

    def _reasons_in(self, language: Language) -> str:
        parts = ", ".join(f"{code} {n}" for code, n in self.reasons.items())
        return f"{len(self.set_aside)} {'postas de lado' if language == 'pt' else 'set aside'} ({parts})"


__all__ = ["PROVENANCE_KEY", "SYNTHETIC_KEY", "Column", "Entries", "Note", "Policy", "SetAside"]
