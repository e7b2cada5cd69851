"""An order of the rows of a ledger in which its balances follow from its amounts as often as possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from contrapeso.finance._ledger import Ledger, Rows
from contrapeso.finance.balances._chain import Anchor, accounts_of, check_chain
from contrapeso.finance.balances._days import Day, arrange


def order_within_days(ledger: Ledger, *, anchors: Iterable[Anchor] = ()) -> tuple[Rows, float | None]:
    """The rows by day, and within each day in the order in which ``saldo_t = saldo_{t-1} + valor_t`` holds most often.

    Statements are sorted by day, not by the moment of posting, so the balances of an intact file seem to jump; the
    right order inside each day mends that. Days never change places. Rows without a balance stay in file order where
    nothing tells otherwise, and a file that begins with the newest day is turned first.

    Parameters
    ----------
    ledger : movements of any number of accounts; each account has its own chain
    anchors : balances at the end of a day, known from elsewhere

    Returns
    -------
    order : int64, shape (n,)
        ``ledger.take(order)`` is the ledger in that order.
    continuity : float or None
        Share of the links that hold then; None where no account states two balances.

    Notes
    -----
    Exact for every day whose movements all state a balance, and for days of up to eight movements; of larger days with
    unstated balances a good order is taken.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> days, cents = ["2024-05-06"] * 3, [-3000, 5000, -100]
    >>> ledger = ledger_of(days, cents, ["TARIFA", "PIX", "IOF"], balances=[12000, 15000, 11900])
    >>> order_within_days(ledger)
    (array([1, 0, 2]), 1.0)
    """
    anchors = tuple(anchors)
    base = _by_day(ledger)
    place_of = np.empty(len(base), dtype=np.int64)
    place_of[base] = np.arange(len(base))
    order = base.copy()
    for account, rows in accounts_of(ledger, base):
        ends = {anchor.day: anchor.cents for anchor in anchors if anchor.account == account}
        order[place_of[rows]] = _ordered(ledger, rows, ends)
    return order, check_chain(ledger, order, anchors=anchors).continuity


def _by_day(ledger: Ledger) -> Rows:
    """Rows by day, in file order within one; a file that begins with the newest day is read from its end."""
    rows = np.arange(len(ledger))
    steps = np.diff(ledger.days) / np.timedelta64(1, "D")
    if (steps < 0).sum() > (steps > 0).sum():
        rows = rows[::-1]
    return rows[np.argsort(ledger.days[rows], kind="stable")]


def _ordered(ledger: Ledger, rows: Rows, ends: Mapping[date, int]) -> Rows:
    """The rows of one account, which are sorted by day, with each day in its best order."""
    if not ledger.balance_known[rows].any():
        return rows
    bounds = np.flatnonzero(np.diff(ledger.days[rows])) + 1
    groups = np.split(rows, bounds)
    days = [_day(ledger, group, ends) for group in groups]
    opening: int | None = None
    found: list[Rows] = []
    for k, (group, day) in enumerate(zip(groups, days, strict=True)):
        order = arrange(day, opening, _wanted(days, k))
        opening = day.walk(order, opening)[1] if day.end is None else day.end
        found.append(group[order])
    return np.concatenate(found)


def _wanted(days: Sequence[Day], k: int) -> frozenset[int] | None:
    return days[k + 1].starts() if k + 1 < len(days) else None


def _day(ledger: Ledger, rows: Rows, ends: Mapping[date, int]) -> Day:
    pairs = zip(ledger.balances[rows].tolist(), ledger.balance_known[rows].tolist(), strict=True)
    balances = tuple(balance if known else None for balance, known in pairs)
    return Day(tuple(ledger.cents[rows].tolist()), balances, ends.get(ledger.days[rows[0]].item()))


__all__ = ["order_within_days"]
