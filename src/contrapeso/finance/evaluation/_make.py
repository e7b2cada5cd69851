"""Who makes rows: the callable that is judged, and random over-sampling, against which it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InvalidDataError, TooFewSamplesError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.evaluation._rows import of_category


class Make(Protocol):
    """New rows of one category, learnt from a training ledger only; the same seed gives the same rows."""

    def __call__(self, train: Ledger, category: str, n: int, method: str, seed: int) -> Ledger:
        """A ledger of ``n`` rows of ``category``; fewer where the method cannot, none where it will not."""
        ...


def resample_rows(train: Ledger, category: str, n: int, method: str = "bootstrap", seed: int = 0) -> Ledger:  # noqa: ARG001
    """``n`` rows of a category drawn again with replacement: random over-sampling as a :class:`Make`.

    Raises
    ------
    TooFewSamplesError
        If the training rows have none of the category.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> rows = ledger_of(["2024-05-06"], [-1250], ["TARIFA"], categories=["tarifas"])
    >>> resample_rows(rows, "tarifas", 3).cents
    array([-1250, -1250, -1250])
    """
    rows = of_category(train, category)
    if not len(rows):
        raise TooFewSamplesError(
            f"There is no training row of {category!r} to draw again. Name a category that the training rows have."
        )
    return rows.take(generator(seed_sequence(seed)).integers(0, len(rows), size=n))


def made_rows(make: Make, train: Ledger, wanted: tuple[str, int], method: str, seed: int) -> Ledger:
    """What ``make`` gives for ``wanted``, a category and a number of rows, checked.

    Raises
    ------
    InvalidDataError
        If it gives more rows than were asked for, rows of another category, or another currency.
    """
    category, n = wanted
    made = make(train, category, n, method, seed)
    if len(made) > n or set(made.categories) - {category} or made.currency != train.currency:
        raise InvalidDataError(
            f"make() was asked for {n} rows of {category!r} in {train.currency} with method {method!r}; it gave "
            f"{len(made)} rows of {sorted(set(made.categories))[:3]} in {made.currency}. Give that category only."
        )
    return made


def balanced_draws(
    make: Make, train: Ledger, wanted: dict[str, int], method: str, seed: int
) -> tuple[Ledger, dict[str, int]]:
    """Made rows of every category of ``wanted`` in one ledger, and how many of each were given."""
    parts = {name: made_rows(make, train, (name, n), method, seed) for name, n in wanted.items() if n > 0}
    return together(train.take(np.zeros(0, dtype=np.int64)), *parts.values()), {n: len(p) for n, p in parts.items()}


def first_of_each(made: Ledger, wanted: Mapping[str, int]) -> NDArray[np.int64]:
    """The first rows of each category of ``wanted``, as many as it says, in their order."""
    rows = [np.flatnonzero(made.categories == name)[:n] for name, n in wanted.items()]
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *rows]))


def together(*ledgers: Ledger) -> Ledger:
    """All rows of the ledgers, one after the other, in the currency of the first."""
    columns = [name for name in Ledger.__dataclass_fields__ if name != "currency"]
    joined = {name: np.concatenate([getattr(ledger, name) for ledger in ledgers]) for name in columns}
    return Ledger(**joined, currency=ledgers[0].currency)


__all__ = ["Make", "balanced_draws", "first_of_each", "made_rows", "resample_rows", "together"]
