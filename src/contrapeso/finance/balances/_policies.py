"""What becomes of the balances when synthetic rows join a ledger: left out, in an account of their own, or recomputed.

An inserted row makes every later balance of its account wrong. Three answers are honest: the new rows state no balance
(``null``); they live in an account of their own with an opening balance and an exact chain (``shadow``); or the chain
of the account is computed anew, and what the bank stated is kept beside it (``rebase``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Cents, Drafts, Ledger, Rows
from contrapeso.finance.balances._chain import accounts_of, check_chain
from contrapeso.finance.balances._order import order_within_days

BalancePolicy: TypeAlias = Literal["null", "shadow", "rebase"]
SHADOW_PREFIX = "SYN"
_STEP_CENTS = 100_00


@dataclass(frozen=True, slots=True)
class Rebased:
    """Real rows and drafts with one chain.

    Attributes
    ----------
    real : Ledger
        The real rows in their order, with the balances of the new chain. Rows that stated none state none.
    drafts : Drafts
        With balances where their account states any.
    original : int64, shape (n_real,)
        Balances as the bank stated them; meaningless where ``real.balance_known`` is false.
    order : int64, shape (n_real + n_drafts,)
        Rows of ``real`` and, from ``len(real)`` on, of ``drafts``, in the order of the new chain.
    n_breaks : int
        Links of the real rows that did not hold before; the new chain holds everywhere, so it departs from the bank
        there even without drafts.
    without : tuple of str
        Accounts that have drafts but state no balance: there is no chain to compute.
    """

    real: Ledger
    drafts: Drafts
    original: Cents
    order: Rows
    n_breaks: int
    without: tuple[str, ...]


def with_balances(drafts: Drafts, policy: BalancePolicy, *, real: Ledger | None = None) -> Drafts:
    """The drafts with balances by the policy; ``rebase`` needs the ``real`` rows, see :func:`rebase` for theirs.

    Raises
    ------
    InvalidParameterError
        If the policy does not exist, or ``rebase`` has no real rows.
    """
    if policy not in get_args(BalancePolicy):
        raise InvalidParameterError(f"policy is one of {', '.join(get_args(BalancePolicy))}; got {policy!r}.")
    if policy == "null":
        return without_balances(drafts)
    if policy == "shadow":
        return in_shadow_accounts(drafts, real=real)
    if real is None:
        raise InvalidParameterError("policy='rebase' continues the chain of the real rows; give them as real=.")
    return rebase(real, drafts).drafts


def without_balances(drafts: Drafts) -> Drafts:
    """The drafts with no balance: policy ``null``, for the training of classifiers."""
    n = len(drafts)
    ledger = replace(drafts.ledger, balances=np.zeros(n, dtype=np.int64), balance_known=np.zeros(n, dtype=bool))
    return _told(replace(drafts, ledger=ledger), [{"policy": "null"} for _ in range(n)])


def in_shadow_accounts(
    drafts: Drafts, *, real: Ledger | None = None, opening_cents: int | None = None, prefix: str = SHADOW_PREFIX
) -> Drafts:
    """The drafts in accounts of their own, with exact balances: policy ``shadow``, for statements.

    Each account of the drafts gets one named ``SYN-0001``, ``SYN-0002``, ... in order of first appearance, so that no
    real account number stays. The chain goes by day, and within a day as the drafts stand.

    Parameters
    ----------
    real : ledger whose account names are not used
    opening_cents : balance before the first row of each account; default the lowest multiple of R$ 100,00 with which no
        balance falls below zero
    prefix : of the names

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> ledger = ledger_of(["2024-05-07", "2024-05-06"], [5000, -12550], ["PIX", "BOLETO"], accounts=["45-1", "45-1"])
    >>> drafts = Drafts(ledger, np.full((2, 1), -1), np.ones((2, 1)), ({}, {}))
    >>> made = in_shadow_accounts(drafts)
    >>> made.ledger.accounts.tolist(), made.ledger.balances.tolist(), made.traces[0]["balance"]["opening_cents"]
    (['SYN-0001', 'SYN-0001'], [12450, 7450], 20000)
    """
    ledger = drafts.ledger
    names = _shadow_names(ledger, set() if real is None else set(real.accounts.tolist()), prefix)
    balances = np.zeros(len(ledger), dtype=np.int64)
    openings: dict[str, int] = {}
    for account, rows in accounts_of(ledger, np.argsort(ledger.days, kind="stable")):
        moved = np.cumsum(ledger.cents[rows])
        openings[account] = opening_for(moved) if opening_cents is None else opening_cents
        balances[rows] = openings[account] + moved
    accounts = np.array([names[account] for account in ledger.accounts.tolist()], dtype=object)
    told: list[dict[str, object]] = [
        {"policy": "shadow", "account": names[account], "opening_cents": openings[account]}
        for account in ledger.accounts.tolist()
    ]
    known = np.ones(len(ledger), dtype=bool)
    placed = replace(ledger, accounts=accounts, balances=balances, balance_known=known)
    return _told(replace(drafts, ledger=placed), told)


def opening_for(moved: Cents) -> int:
    """Lowest multiple of R$ 100,00 that added to the running sums leaves none below zero."""
    lowest = min(int(moved.min(initial=0)), 0)
    return -(lowest // _STEP_CENTS) * _STEP_CENTS


def _shadow_names(ledger: Ledger, taken: set[str], prefix: str) -> dict[str, str]:
    names: dict[str, str] = {}
    number = 0
    for account in dict.fromkeys(ledger.accounts.tolist()):
        if account.startswith(f"{prefix}-") and account not in taken:
            names[account] = account
            continue
        number += 1
        while f"{prefix}-{number:04d}" in taken | set(names.values()) | set(ledger.accounts.tolist()):
            number += 1
        names[account] = f"{prefix}-{number:04d}"
    return names


def rebase(real: Ledger, drafts: Drafts) -> Rebased:
    """Real rows and drafts in one exact chain for each account: policy ``rebase``.

    The chain begins at the opening balance that the first stated balance of the account implies. The real rows keep the
    order that their balances tell, and the drafts of a day follow them.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> real = ledger_of(["2024-05-06", "2024-05-08"], [1000, -300], ["PIX", "IOF"], balances=[6000, 5700])
    >>> new = ledger_of(["2024-05-07"], [-50], ["TARIFA"])
    >>> found = rebase(real, Drafts(new, np.array([[0]]), np.ones((1, 1)), ({},)))
    >>> found.drafts.ledger.balances.tolist(), found.real.balances.tolist(), found.original.tolist()
    ([5950], [6000, 5650], [6000, 5700])
    """
    ordered, _ = order_within_days(real)
    whole = _stacked(real, drafts.ledger)
    merged = np.concatenate([ordered, np.arange(len(real), len(whole))])
    merged = merged[np.argsort(whole.days[merged], kind="stable")]
    levels, known = _chained(whole, merged, n_real=len(real))
    before = check_chain(real, ordered)
    new = slice(len(real), None)
    ledger = replace(drafts.ledger, balances=levels[new], balance_known=known[new])
    told: list[dict[str, object]] = [{"policy": "rebase" if stated else "null"} for stated in known[new].tolist()]
    without = dict.fromkeys(ledger.accounts[~known[new]].tolist())
    return Rebased(
        replace(real, balances=np.where(real.balance_known, levels[: len(real)], real.balances)),
        _told(replace(drafts, ledger=ledger), told),
        real.balances.copy(),
        merged,
        before.n_links - before.n_held,
        tuple(without),
    )


def _chained(whole: Ledger, order: Rows, *, n_real: int) -> tuple[Cents, NDArray[np.bool_]]:
    """Balance of each row in one chain for each account, and whether its account states any balance."""
    levels, known = whole.balances.copy(), np.zeros(len(whole), dtype=bool)
    for _, rows in accounts_of(whole, order):
        is_real = rows < n_real
        moved = np.cumsum(whole.cents[rows])
        stated = np.flatnonzero(whole.balance_known[rows] & is_real)
        if not len(stated):
            continue
        first = stated[0]
        opening = whole.balances[rows[first]] - whole.cents[rows[: first + 1]][is_real[: first + 1]].sum()
        levels[rows] = opening + moved
        known[rows] = True
    return levels, known


def _stacked(real: Ledger, new: Ledger) -> Ledger:
    """Both ledgers as one, the balances of ``new`` unknown."""

    def both(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(real, name), getattr(new, name)])

    return Ledger(
        both("days").astype("datetime64[D]"),
        both("cents").astype(np.int64),
        both("descriptions").astype(object),
        both("categories").astype(object),
        both("accounts").astype(object),
        both("balances").astype(np.int64),
        np.concatenate([real.balance_known, np.zeros(len(new), dtype=bool)]),
        real.currency,
    )


def _told(drafts: Drafts, about: list[dict[str, object]]) -> Drafts:
    """The drafts with what was done to their balance in their traces."""
    traces = tuple(trace | {"balance": told} for trace, told in zip(drafts.traces, about, strict=True))
    return replace(drafts, traces=traces)


__all__ = [
    "SHADOW_PREFIX",
    "BalancePolicy",
    "Rebased",
    "in_shadow_accounts",
    "opening_for",
    "rebase",
    "with_balances",
    "without_balances",
]
