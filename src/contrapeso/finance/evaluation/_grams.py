"""Whether movements follow one another as they did: runs of three codes, and copies of real rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Ledger
from contrapeso.finance._text import normalize_description
from contrapeso.finance.evaluation._excess import Excess, coded, excess_of

Texts = NDArray[np.object_]
LENGTH = 3
LEAST_GRAMS = 30


def movement_codes(ledger: Ledger) -> Texts:
    """Category and direction of each row: the codes where none are given."""
    signs = np.where(ledger.cents < 0, "-", "+")
    codes = np.empty(len(ledger), dtype=object)
    codes[:] = [f"{name}{sign}" for name, sign in zip(ledger.categories, signs, strict=True)]
    return codes


def grams(ledger: Ledger, codes: Texts) -> Texts:
    """Three codes in a row, account by account in order of days; within a day in the order of their codes.

    The order of the rows of one day is an accident of the bank, so it is not compared.
    """
    order = np.lexsort((codes.astype(str), ledger.days.astype(np.int64), ledger.accounts.astype(str)))
    account, sequence = ledger.accounts[order], codes[order].astype(str)
    starts = np.arange(max(len(ledger) - LENGTH + 1, 0))
    whole = account[starts] == account[starts + LENGTH - 1] if len(starts) else np.zeros(0, dtype=bool)
    kept = starts[np.asarray(whole, dtype=bool)]
    found = np.empty(len(kept), dtype=object)
    found[:] = ["\x1f".join(sequence[i : i + LENGTH]) for i in kept]
    return found


def gram_excess(
    train: tuple[Ledger, Texts], later: tuple[Ledger, Texts], made: tuple[Ledger, Texts], rng: np.random.Generator
) -> Excess | None:
    """Jensen-Shannon excess of runs of three codes; None where a side has under 30 runs or there is one code only."""
    found = [grams(*side).astype(str) for side in (train, later, made)]
    if min(len(side) for side in found) < LEAST_GRAMS or len(set(later[1])) < 2:
        return None
    return excess_of(coded(*found), rng)  # type: ignore[arg-type]  # texts are coded as numbers are


def row_keys(ledger: Ledger) -> list[tuple[int, int, str]]:
    """Day, centavos and folded description of each row."""
    return [
        (int(day), int(cents), normalize_description(text))
        for day, cents, text in zip(ledger.days.astype(np.int64), ledger.cents, ledger.descriptions, strict=True)
    ]


def count_copies(real: Ledger, made: Ledger) -> tuple[int, int]:
    """Made rows that are a real row in day, amount and description, and those that repeat another made one."""
    known, keys = set(row_keys(real)), row_keys(made)
    return sum(key in known for key in keys), len(keys) - len(set(keys))


__all__ = ["count_copies", "gram_excess", "grams", "movement_codes", "row_keys"]
