"""Our own methods as a :class:`Make`: what is learnt of a training slice is kept for its other categories."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, cast

from contrapeso.finance._ledger import Ledger

if TYPE_CHECKING:
    from contrapeso.finance.synthesis import Learned, Method

MOST_KEPT = 4


class DraftedRows:
    """``contrapeso.finance.synthesis`` as the callable that :func:`worth` and its like ask for rows.

    Parameters
    ----------
    random_state : int, default 0
        Seed of what is learnt; the seed of a call is that of its rows.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> fees = ledger_of([f"2024-{m:02d}-05" for m in range(1, 13)], [-1250] * 12, ["TARIFA PACOTE"] * 12,
    ...                  categories=["tarifas"] * 12)
    >>> len(DraftedRows()(fees, "tarifas", 4, "pattern_based", 0)) <= 4
    True
    """

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state
        self._kept: OrderedDict[int, tuple[Ledger, Learned]] = OrderedDict()

    def __call__(self, train: Ledger, category: str, n: int, method: str, seed: int) -> Ledger:
        """``n`` drafts of a category, learnt from ``train``."""
        from contrapeso.finance.synthesis import draft

        return draft(self._learned(train), category, n, cast("Method", method), stream=seed).ledger

    def _learned(self, train: Ledger) -> Learned:
        """What was learnt of this very ledger; the slices of the last few calls are kept."""
        from contrapeso.finance.synthesis import learn

        known = self._kept.get(id(train))
        if known is None or known[0] is not train:
            known = (train, learn(train, random_state=self.random_state))
            self._kept[id(train)] = known
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return known[1]


__all__ = ["DraftedRows"]
