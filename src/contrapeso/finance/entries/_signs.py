"""The sign of an amount and the words for it: what a type column says, and which convention its file follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Cents
from contrapeso.finance.entries._cells import Cells, Mask, text_of
from contrapeso.finance.ingest._cells import are_directions, read_direction

Convention = Literal["signed", "unsigned", "inverted"]
_MAX_WORDS = 12
_MIN_ROWS_OF_A_SIGN = 3
_PAIRS = (
    *(("debit", "credit"), ("expense", "income"), ("debito", "credito"), ("débito", "crédito"), ("d", "c")),
    *(("despesa", "receita"), ("saida", "entrada"), ("saída", "entrada"), ("pagamento", "recebimento")),
    *(("debitos", "creditos"), ("débitos", "créditos"), ("saidas", "entradas"), ("saídas", "entradas")),
    *(("deb", "cred"), ("out", "in"), ("withdrawal", "deposit")),
)


@dataclass(frozen=True)
class Signs:
    """How a file tells direction.

    Attributes
    ----------
    convention : ``signed`` amounts tell it themselves; ``unsigned`` ones are all sizes, and the type tells it;
        ``inverted`` ones are positive where money goes out
    words : value of the type column for money going out, and for money coming in; None where there is no type
    """

    convention: Convention = "signed"
    words: tuple[object, object] | None = None

    def inward(self, cents: Cents, directions: NDArray[np.int8]) -> Cents:
        """Signed centavos of amounts as written; ``directions`` are -1, 0 (not told) or 1."""
        if self.convention == "inverted":
            return -cents
        return np.where(directions != 0, directions * cents, cents) if self.convention == "unsigned" else cents

    def outward(self, cents: Cents) -> Cents:
        """Amounts as they are written, of signed centavos."""
        if self.convention == "inverted":
            return -cents
        return np.abs(cents) if self.convention == "unsigned" else cents


def directions_of(cells: Cells) -> NDArray[np.int8]:
    """int8, shape (n,): -1 for a word of money going out, 1 for money coming in, 0 for none."""
    found = [read_direction(text_of(value)) or 0 for value in cells.distinct]
    return np.array([*found, 0], dtype=np.int8)[cells.codes]


def tells_direction(cells: Cells) -> bool:
    """Whether the column holds words of direction only."""
    if not cells.n or len(cells.distinct) > _MAX_WORDS:
        return False
    return are_directions({text_of(value) for value in cells.distinct})


def convention_of(cents: Cents, directions: NDArray[np.int8]) -> Convention:
    """The convention that agrees with most amounts.

    >>> convention_of(np.array([500, 800]), np.array([-1, 1], dtype=np.int8))
    'unsigned'
    """
    out, into = cents[(directions < 0) & (cents != 0)], cents[(directions > 0) & (cents != 0)]
    if not len(out) or (out < 0).mean() >= 0.5:
        return "signed"
    return "inverted" if len(into) and (into < 0).mean() > 0.5 else "unsigned"


def words_of_signs(cells: Cells, directions: NDArray[np.int8]) -> tuple[object, object]:
    """The commonest value of each direction; the counterpart of the other one where a direction is never seen."""
    out, into = _commonest(cells, directions < 0), _commonest(cells, directions > 0)
    if out is None:
        out = _counterpart(into)
    return out, _counterpart(out) if into is None else into


def signs_by_content(cells: Cells, cents: Cents) -> tuple[object, object] | None:
    """The two values of a column of which each goes with one sign only, or None.

    Both signs must be there, in three rows at least, and no value may be missing.
    """
    if not cells.is_plain or len(cells.distinct) != 2 or cells.n < len(cells):
        return None
    negative = [cents[cells.codes == code] < 0 for code in (0, 1)]
    zero_free = [cents[cells.codes == code] != 0 for code in (0, 1)]
    sides = [bool(signs.any()) for signs in negative]
    pure = all(bool(signs[known].all()) or not signs.any() for signs, known in zip(negative, zero_free, strict=True))
    if not pure or sides[0] == sides[1] or min(int(known.sum()) for known in zero_free) < _MIN_ROWS_OF_A_SIGN:
        return None
    first, second = cells.distinct
    return (first, second) if sides[0] else (second, first)


def _commonest(cells: Cells, rows: Mask) -> object | None:
    codes = cells.codes[rows & (cells.codes >= 0)]
    return cells.distinct[int(np.bincount(codes).argmax())] if len(codes) else None


def _counterpart(value: object) -> object:
    """The word of the other direction, in the case of ``value``; ``value`` itself where it has none."""
    word = text_of(value)
    for pair in _PAIRS:
        if word.strip().casefold() in pair:
            other = pair[1 - pair.index(word.strip().casefold())]
            return other.upper() if word.isupper() else other.capitalize() if word[:1].isupper() else other
    return value


__all__ = [
    "Convention",
    "Signs",
    "convention_of",
    "directions_of",
    "signs_by_content",
    "tells_direction",
    "words_of_signs",
]
