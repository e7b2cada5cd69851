"""Cuts in time, the strata of later rows, and the thinning of a training slice to few examples."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InsufficientDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.evaluation._rows import labelled
from contrapeso.finance.features import payee_key

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
FIRST_CUT, LAST_CUT, TEST_SHARE = 0.5, 0.75, 0.25
LEAST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut in time of a ledger.

    Attributes
    ----------
    day : first day of the later rows.
    train, test : rows before it, and rows of the quarter of the days after it whose category was seen before.
    seen : of each test row whether its payee is among those of the training rows.
    unseen_categories : rows left out of the test because no training row has their category.
    """

    day: np.datetime64
    train: Ints
    test: Ints
    seen: Bools
    unseen_categories: int


def payees(ledger: Ledger) -> NDArray[np.object_]:
    """Payee key of each row; distinct descriptions are read once."""
    distinct, codes = np.unique(ledger.descriptions.astype(str), return_inverse=True)
    keys = np.array([*(payee_key(text) for text in distinct), ""], dtype=object)
    return np.asarray(keys[codes], dtype=object)


def temporal_cuts(ledger: Ledger, n_cuts: int = 3) -> tuple[Cut, ...]:
    """Rolling cuts between the half and three quarters of the rows; each tests the quarter of the rows after it.

    A day is on one side of a cut. Cuts that fall on the same day are one.

    Raises
    ------
    InvalidParameterError
        If ``n_cuts`` is under 1.
    InsufficientDataError
        If there are under 20 rows with a category, or no cut leaves two categories on both sides.
    """
    if n_cuts < 1:
        raise InvalidParameterError(f"cuts must be 1 or more; got {n_cuts!r}.")
    n = len(labelled(ledger))
    if n < LEAST_ROWS:
        raise InsufficientDataError(
            f"A comparison on later rows needs {LEAST_ROWS} rows with a category; there are {n}. Gather more rows."
        )
    days, keys = np.sort(ledger.days[ledger.categories != ""]), payees(ledger)
    shares = np.linspace(FIRST_CUT, LAST_CUT, n_cuts) if n_cuts > 1 else [LAST_CUT]
    starts = sorted({days[int(share * n)] for share in shares})
    ends = [days[min(int(np.searchsorted(days, start) + TEST_SHARE * n), n - 1)] for start in starts]
    cuts = [_cut(ledger, keys, start, end) for start, end in zip(starts, ends, strict=True)]
    kept = tuple(cut for cut in cuts if len(set(ledger.categories[cut.test])) > 1)
    if not kept:
        raise InsufficientDataError(
            "No cut in time leaves rows of two categories on both sides of it. Give rows over a longer time."
        )
    return kept


def _cut(ledger: Ledger, keys: NDArray[np.object_], start: np.datetime64, end: np.datetime64) -> Cut:
    named = ledger.categories != ""
    train = np.flatnonzero(named & (ledger.days < start))
    after = np.flatnonzero(named & (ledger.days >= start) & (ledger.days <= end))
    known = np.isin(ledger.categories[after].astype(str), ledger.categories[train].astype(str))
    test = after[known]
    seen = np.isin(keys[test].astype(str), np.unique(keys[train].astype(str)))
    return Cut(start, train, test, seen, int((~known).sum()))


def minority_of(ledger: Ledger, rows: Ints, most_share: float = 0.1) -> tuple[str, ...]:
    """Categories with at most ``most_share`` of the rows, or of the rows of the largest where none is so rare."""
    names, counts = np.unique(ledger.categories[rows].astype(str), return_counts=True)
    rare = counts <= most_share * counts.sum()
    if not rare.any():
        rare = counts <= 0.5 * counts.max()
    return tuple(str(name) for name in names[rare])


def thinned(ledger: Ledger, rows: Ints, names: tuple[str, ...], examples: int, rng: np.random.Generator) -> Ints:
    """``rows`` with at most ``examples`` of each of ``names``, chosen at random, in their order."""
    kept = [rows[~np.isin(ledger.categories[rows].astype(str), names)]]
    for name in names:
        own = rows[ledger.categories[rows] == name]
        kept.append(rng.permutation(own)[:examples])
    return np.sort(np.concatenate(kept))


def slice_of(
    ledger: Ledger, cut: Cut, names: Collection[str] | None, examples: int | None, seed: int
) -> tuple[Ledger, tuple[str, ...]]:
    """The training rows of a cut, thinned where asked, and the categories to balance: ``names``, or the rare ones."""
    there = set(ledger.categories[cut.train])
    chosen = minority_of(ledger, cut.train) if names is None else tuple(sorted(set(names) & there))
    rows = cut.train
    if examples is not None:
        rows = thinned(ledger, rows, chosen, examples, generator(seed_sequence(seed), 3))
    return ledger.take(rows), chosen


def largest_of(train: NDArray[np.str_], test: NDArray[np.str_]) -> str:
    """The largest training category among those that the test rows have."""
    values, counts = np.unique(train[np.isin(train, test)], return_counts=True)
    return str(values[counts.argmax()])


def check_tested(found: Iterable[bool]) -> None:
    """Raise ``InsufficientDataError`` unless there is a test row of a category to balance at some cut."""
    if not any(found):
        raise InsufficientDataError(
            "No later row is of a category to balance, so nothing can be told about them. Name other categories, or "
            "give rows over a longer time."
        )


__all__ = ["Cut", "check_tested", "largest_of", "minority_of", "payees", "slice_of", "temporal_cuts", "thinned"]
