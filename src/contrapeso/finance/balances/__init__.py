"""Balances: the order of a day inferred from them, whether they follow, and three honest ways to treat them."""

from contrapeso.finance.balances._chain import Anchor, Chain, ChainBreak, check_chain
from contrapeso.finance.balances._order import order_within_days
from contrapeso.finance.balances._policies import (
    BalancePolicy,
    Rebased,
    in_shadow_accounts,
    rebase,
    with_balances,
    without_balances,
)
from contrapeso.finance.balances._row_policies import balance_rows
from contrapeso.finance.balances._rows import Line, RowTable, read_rows

__all__ = [
    "Anchor",
    "BalancePolicy",
    "Chain",
    "ChainBreak",
    "Line",
    "Rebased",
    "RowTable",
    "balance_rows",
    "check_chain",
    "in_shadow_accounts",
    "order_within_days",
    "read_rows",
    "rebase",
    "with_balances",
    "without_balances",
]
