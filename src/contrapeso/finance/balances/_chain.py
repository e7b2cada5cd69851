"""Whether the balances of a ledger follow from its amounts, link by link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Cents, Ledger, Rows

N_BREAKS = 20


@dataclass(frozen=True, slots=True)
class Anchor:
    """Balance of an account at the end of a day that stands outside the movements (``LEDGERBAL``, a Saldo row)."""

    account: str
    day: date
    cents: int


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """A stated balance that does not follow from the one before it.

    ``row`` is the row of the ledger that states it, None for an anchor; ``expected_cents`` is what follows.
    """

    row: int | None
    account: str
    expected_cents: int
    found_cents: int


@dataclass(frozen=True, slots=True)
class Chain:
    """How often ``saldo_t = saldo_{t-1} + valor_t`` holds.

    Attributes
    ----------
    n_links : pairs of consecutive stated balances of one account; rows between them that state none are summed
    n_held : those of them that agree to the centavo
    breaks : the first twenty that do not
    """

    n_links: int
    n_held: int
    breaks: tuple[ChainBreak, ...]

    @property
    def continuity(self) -> float | None:
        """Share of the links that hold; None where no account states two balances."""
        return self.n_held / self.n_links if self.n_links else None


def check_chain(ledger: Ledger, order: Rows | None = None, *, anchors: Iterable[Anchor] = ()) -> Chain:
    """How well the stated balances of each account follow from its amounts, in the given order of the rows.

    Parameters
    ----------
    ledger : the movements
    order : every row once; default as they stand. With anchors, days must not go back within an account.
    anchors : balances at the end of a day, each after all movements of its account on that day and before

    Raises
    ------
    InvalidParameterError
        If ``order`` is not an order of all rows, or an anchor meets days that go back.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> days, cents = ["2024-05-06"] * 2, [-3000, 5000]
    >>> ledger = ledger_of(days, cents, ["TARIFA", "PIX"], balances=[12000, 15000])
    >>> check_chain(ledger).continuity, check_chain(ledger, np.array([1, 0])).continuity
    (0.0, 1.0)
    """
    rows = check_order(ledger, order)
    by_account = _anchors_by_account(anchors)
    n_links = n_held = 0
    breaks: list[ChainBreak] = []
    for account, places in accounts_of(ledger, rows):
        found = _links(ledger, places, by_account.get(account, ()))
        n_links += len(found.expected)
        wrong = np.flatnonzero(found.expected != found.stated)
        n_held += len(found.expected) - len(wrong)
        for link in wrong[: N_BREAKS - len(breaks)].tolist():
            row = int(found.rows[link])
            stated = (int(found.expected[link]), int(found.stated[link]))
            breaks.append(ChainBreak(row if row >= 0 else None, account, *stated))
    return Chain(n_links, n_held, tuple(breaks))


def check_order(ledger: Ledger, order: Rows | None) -> Rows:
    """``order`` as int64, or the rows as they stand; an error if it is not an order of all rows."""
    if order is None:
        return np.arange(len(ledger))
    rows = np.asarray(order, dtype=np.int64)
    if not np.array_equal(np.sort(rows), np.arange(len(ledger))):
        raise InvalidParameterError(
            f"order must name each of the {len(ledger)} rows of the ledger once; got {len(rows)} numbers that do not. "
            "Use the first value of order_within_days(ledger)."
        )
    return rows


def accounts_of(ledger: Ledger, rows: Rows) -> Iterator[tuple[str, Rows]]:
    """Each account, in order of first appearance, with its rows in the order of ``rows``."""
    names = ledger.accounts[rows].tolist()
    codes = {name: code for code, name in enumerate(dict.fromkeys(names))}
    code_of = np.fromiter((codes[name] for name in names), np.int64, len(names))
    by_code = np.argsort(code_of, kind="stable")
    bounds = np.searchsorted(code_of[by_code], np.arange(len(codes) + 1))
    for name, code in codes.items():
        yield name, rows[by_code[bounds[code] : bounds[code + 1]]]


@dataclass(frozen=True, slots=True)
class _Links:
    """Consecutive stated balances: what follows from the one before, what is stated, and by which row (-1: anchor)."""

    expected: Cents
    stated: Cents
    rows: Rows


def _links(ledger: Ledger, rows: Rows, anchors: Iterable[Anchor]) -> _Links:
    cents, balances, known = ledger.cents[rows], ledger.balances[rows], ledger.balance_known[rows]
    where, level = _places(ledger.days[rows], sorted(anchors, key=lambda anchor: anchor.day))
    rows = np.insert(rows, where, -1)
    moved = np.cumsum(np.insert(cents, where, 0))
    stated, known = np.insert(balances, where, level), np.insert(known, where, np.ones(len(where), dtype=bool))
    at = np.flatnonzero(known)
    expected = stated[at[:-1]] + moved[at[1:]] - moved[at[:-1]]
    return _Links(expected, stated[at[1:]], rows[at[1:]])


def _places(days: NDArray[np.datetime64], anchors: list[Anchor]) -> tuple[Rows, Cents]:
    """Before which movement each anchor stands, and its balance."""
    if anchors and (np.diff(days) < np.timedelta64(0, "D")).any():
        raise InvalidParameterError(
            "An anchor closes a day, but the days of its account go back. Give order=order_within_days(ledger)[0]."
        )
    ends = np.array([anchor.day for anchor in anchors], dtype="datetime64[D]")
    return np.searchsorted(days, ends, side="right"), np.array([anchor.cents for anchor in anchors], dtype=np.int64)


def _anchors_by_account(anchors: Iterable[Anchor]) -> dict[str, list[Anchor]]:
    found: dict[str, list[Anchor]] = {}
    for anchor in anchors:
        found.setdefault(anchor.account, []).append(anchor)
    return found


__all__ = ["Anchor", "Chain", "ChainBreak", "accounts_of", "check_chain", "check_order"]
