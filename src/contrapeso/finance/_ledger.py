"""Movements as columns: what every room of ``finance`` reads, and the drafts of new ones before they are written.

Money is whole centavos, a day is a calendar day of the bank, a text is as it was typed. A :class:`Ledger` knows
nothing of the container that the rows came in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError

Days = NDArray[np.datetime64]
"""Array of days, dtype ``datetime64[D]``."""
Cents = NDArray[np.int64]
"""Array of signed centavos; negative leaves the account."""
Texts = NDArray[np.object_]
"""Array of ``str``."""
Rows = NDArray[np.int64]
"""Array of row numbers."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Movements in the order in which they came.

    Attributes
    ----------
    days : datetime64[D], shape (n,)
    cents : int64, shape (n,)
        Signed: below 0 leaves the account.
    descriptions : str, shape (n,)
        As typed; empty where a row has none.
    categories : str, shape (n,)
        Empty where a row has none.
    accounts : str, shape (n,)
        One name for each account; all empty where the rows tell none.
    balances : int64, shape (n,)
        Balance after the movement; meaningless where ``balance_known`` is false.
    balance_known : bool, shape (n,)
    currency : str
        One for all rows.
    """

    days: Days
    cents: Cents
    descriptions: Texts
    categories: Texts
    accounts: Texts
    balances: Cents
    balance_known: NDArray[np.bool_]
    currency: str = "BRL"

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in _COLUMNS}
        if len(set(lengths.values())) > 1:
            raise InvalidDataError(f"All columns of a ledger have one length; got {lengths}.")

    def __len__(self) -> int:
        return len(self.days)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Ledger:
        """The ledger of these rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})


_COLUMNS = ("days", "cents", "descriptions", "categories", "accounts", "balances", "balance_known")


def ledger_of(
    days: object,
    cents: object,
    descriptions: object,
    *,
    categories: object | None = None,
    accounts: object | None = None,
    balances: object | None = None,
    currency: str = "BRL",
) -> Ledger:
    """A ledger of plain sequences; what is None is empty, a balance that is None is unknown.

    Examples
    --------
    >>> ledger = ledger_of(["2024-05-06"], [-1250], ["TARIFA PACOTE"], categories=["tarifas"])
    >>> len(ledger), int(ledger.cents[0]), bool(ledger.balance_known[0])
    (1, -1250, False)
    """
    when = np.asarray(days, dtype="datetime64[D]")
    n = len(when)
    known = [value is not None for value in balances] if balances is not None else [False] * n  # type: ignore[attr-defined]
    amounts = [value or 0 for value in balances] if balances is not None else [0] * n  # type: ignore[attr-defined]
    return Ledger(
        when,
        np.asarray(cents, dtype=np.int64),
        texts(descriptions),
        texts(categories if categories is not None else [""] * n),
        texts(accounts if accounts is not None else [""] * n),
        np.asarray(amounts, dtype=np.int64),
        np.asarray(known, dtype=bool),
        currency,
    )


def texts(values: object) -> Texts:
    """Array of ``str``; None becomes the empty text."""
    found = ["" if value is None else str(value) for value in values]  # type: ignore[attr-defined]
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


@dataclass(frozen=True, slots=True)
class Drafts:
    """New movements before they are written in the form of the input.

    Attributes
    ----------
    ledger : Ledger of m rows
        Balances unknown until a policy for them is carried out.
    parents : int64, shape (m, p)
        Rows of the training ledger that a draft was made of, the dominant one first; -1 where there is none.
    weights : float64, shape (m, p)
        Their shares, which sum to 1.
    traces : tuple of m dicts
        Of each draft what is to be told in its provenance, by subject ('method', 'template', 'slots', 'amount', 'date',
        'repairs', ...); values are of plain JSON types.
    """

    ledger: Ledger
    parents: Rows
    weights: NDArray[np.float64]
    traces: tuple[dict[str, object], ...]

    def __len__(self) -> int:
        return len(self.ledger)

    def take(self, rows: NDArray[np.integer]) -> Drafts:
        """The drafts of these rows."""
        traces = tuple(self.traces[row] for row in rows)
        return Drafts(self.ledger.take(rows), self.parents[rows], self.weights[rows], traces)


def joined(parts: list[Drafts]) -> Drafts:
    """The drafts of all parts, which hold at least one; parents are padded with -1."""
    width = max(part.parents.shape[1] for part in parts)

    def padded(array: NDArray[np.generic], filler: float) -> NDArray[np.generic]:
        return np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=filler)

    columns = {name: np.concatenate([getattr(part.ledger, name) for part in parts]) for name in _COLUMNS}
    return Drafts(
        Ledger(**columns, currency=parts[0].ledger.currency),
        np.concatenate([padded(part.parents, -1) for part in parts]).astype(np.int64),
        np.concatenate([padded(part.weights, 0.0) for part in parts]).astype(np.float64),
        tuple(trace for part in parts for trace in part.traces),
    )


__all__ = ["Cents", "Days", "Drafts", "Ledger", "Rows", "Texts", "joined", "ledger_of", "texts"]
