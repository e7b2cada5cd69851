"""The three policies of balances on rows as callers have them: same keys and types, originals untouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import get_args

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Drafts, Ledger
from contrapeso.finance.balances._policies import BalancePolicy, Rebased, in_shadow_accounts, rebase
from contrapeso.finance.balances._rows import ORIGINAL_BALANCE, Row, RowTable, read_rows


def balance_rows(
    rows: Sequence[Row], policy: BalancePolicy, *, columns: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """The rows, in their order, with the balances of the synthetic ones by the policy.

    ``null``: synthetic rows state no balance. ``shadow``: they move to accounts ``SYN-0001``, ... with an exact chain.
    ``rebase``: the chain of each account is computed anew over real and synthetic rows, and every real row that states
    a balance keeps it under ``balance_original``.

    Parameters
    ----------
    rows : dicts with ``is_synthetic`` true on the synthetic ones; they are not changed
    policy : null, shadow or rebase
    columns : as in :func:`read_rows`; new balances are written in the type of the stated ones, under ``balance`` where
        no key states any

    Examples
    --------
    >>> real = {"date": "2024-05-06", "amount": 10.0, "balance": 60.0}
    >>> made = {"date": "2024-05-06", "amount": -2.5, "balance": None, "is_synthetic": True}
    >>> [row["balance"] for row in balance_rows([real, made], "rebase")]
    [60.0, 57.5]
    """
    if policy not in get_args(BalancePolicy):
        raise InvalidParameterError(f"policy is one of {', '.join(get_args(BalancePolicy))}; got {policy!r}.")
    table = read_rows(rows, columns)
    made = np.array([line.synthetic for line in table.lines], dtype=bool)
    writer = _Writer(rows, table)
    found = [dict(row) for row in rows]
    if policy == "rebase":
        _rebase(found, writer, table.ledger, made)
        return found
    shadow = _shadow(table.ledger, made) if policy == "shadow" else None
    for place, i in enumerate(np.flatnonzero(made).tolist()):
        found[i][writer.balance] = None if shadow is None else writer.money(int(shadow.balances[place]))
        if shadow is not None:
            found[i][writer.account] = shadow.accounts[place]
    return found


def _shadow(ledger: Ledger, made: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ledger:
    return in_shadow_accounts(_as_drafts(ledger.take(made)), real=ledger.take(~made)).ledger


def _as_drafts(ledger: Ledger) -> Drafts:
    n = len(ledger)
    return Drafts(ledger, np.full((n, 1), -1), np.ones((n, 1)), tuple({} for _ in range(n)))


def _rebase(
    found: list[dict[str, object]], writer: _Writer, ledger: Ledger, made: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> None:
    """Write the balances of the new chain into the copies of the rows."""
    result: Rebased = rebase(ledger.take(~made), _as_drafts(ledger.take(made)))
    for place, i in enumerate(np.flatnonzero(~made).tolist()):
        if result.real.balance_known[place]:
            found[i][ORIGINAL_BALANCE] = found[i][writer.balance]
            found[i][writer.balance] = writer.money(int(result.real.balances[place]))
    drafts = result.drafts.ledger
    for place, i in enumerate(np.flatnonzero(made).tolist()):
        known = drafts.balance_known[place]
        found[i][writer.balance] = writer.money(int(drafts.balances[place])) if known else None


class _Writer:
    """Writes balances under the key and in the type of those that the rows state."""

    def __init__(self, rows: Sequence[Row], table: RowTable) -> None:
        self.balance = table.columns.get("balance", "balance")
        self.account = table.columns.get("account", "account")
        self._whole = "balance" in table.in_cents or ("balance" not in table.columns and "amount" in table.in_cents)
        stated = [
            row.get(self.balance) for row, line in zip(rows, table.lines, strict=True) if line.balance_cents is not None
        ]
        amounts = [row.get(table.columns["amount"]) for row in rows] if "amount" in table.columns else []
        self._sample = next(iter([*stated, *amounts]), 0.0)

    def money(self, cents: int) -> object:
        """``cents`` in the type of the sample: whole centavos, Decimal, written text, or float."""
        if self._whole:
            return cents
        if isinstance(self._sample, Decimal):
            return Decimal(cents).scaleb(-2)
        if isinstance(self._sample, str):
            return _written(cents, comma="," in self._sample)
        if isinstance(self._sample, int) and cents % 100 == 0:
            return cents // 100
        return cents / 100


def _written(cents: int, *, comma: bool) -> str:
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}{',' if comma else '.'}{rest:02d}"


__all__ = ["balance_rows"]
