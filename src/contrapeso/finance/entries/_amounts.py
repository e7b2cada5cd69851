"""Amounts as a caller writes them: read to whole centavos, and written back the same way.

A float is read to the nearest centavo; a text in the style that its whole column proves; a truth value is never an
amount. What cannot be read is a problem with a code, never 0.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Cents, Rows
from contrapeso.finance.entries._cells import Cells, Mask, plain
from contrapeso.finance.entries._money_text import TextForm, learn_text_form
from contrapeso.finance.ingest._cells import read_money
from contrapeso.tables.reading import NumberStyle, cell_text, detect_number_style, grid_cents

MISSING, BAD = 1, 2
_MAX = 1e13
_NOISE = 1e-4
Unit = Literal["units", "cents"]


@dataclass(frozen=True)
class Amounts:
    """Amounts of a column.

    Attributes
    ----------
    cents : int64, shape (n,); 0 where there is a problem
    problem : int8, shape (n,); 0 none, 1 missing, 2 not an amount
    rounded : bool, shape (n,); rounded to the centavo
    style : how texts are written; None where there are none
    """

    cents: Cents
    problem: NDArray[np.int8]
    rounded: Mask
    style: NumberStyle | None = None

    @property
    def ok(self) -> Mask:
        """bool, shape (n,): amounts that could be read."""
        ok: Mask = self.problem == 0
        return ok

    @property
    def share(self) -> float:
        """Share of the amounts that are there which could be read; 0 where there is none."""
        there = int((self.problem != MISSING).sum())
        return float(self.ok.sum()) / there if there else 0.0

    def take(self, rows: Rows) -> Amounts:
        """The amounts of these rows."""
        return Amounts(self.cents[rows], self.problem[rows], self.rounded[rows], self.style)


def read_amounts(cells: Cells, unit: Unit = "units", *, prefer: NumberStyle | None = None) -> Amounts:
    """The amounts of a column, in units of the currency or in whole centavos.

    Examples
    --------
    >>> read = read_amounts(Cells("valor", ["R$ 1.234,56", "-10,00", None, "dez"]))
    >>> read.cents.tolist(), read.problem.tolist()
    ([123456, -1000, 0, 0], [0, 0, 1, 2])
    """
    if cells.types.keys() <= {float, int, type(None), np.float64}:
        return _of_numbers(cells, unit)
    texts = [value for value in cells.distinct if isinstance(value, str)]
    style = detect_number_style(texts, prefer=prefer) if texts else None
    found = [_read(value, style, unit) for value in cells.distinct]
    table = np.array([*found, (0, MISSING, False)], dtype=np.int64).reshape(-1, 3)[cells.codes]
    return Amounts(table[:, 0], table[:, 1].astype(np.int8), table[:, 2].astype(bool), style)


def _of_numbers(cells: Cells, unit: Unit) -> Amounts:
    numbers = [np.nan if value is None else _float(value) for value in cells.values]
    values = np.array(numbers, dtype=np.float64)
    missing = np.isnan(values)
    factor = 100 if unit == "units" else 1
    bad = ~missing & ~(np.abs(values) < _MAX * 100 / factor)
    scaled = np.where(bad, 0, values) * factor
    cents = np.where(missing | bad, 0, np.rint(scaled))
    noise = np.maximum(_NOISE, np.abs(cents) * 1e-12)
    rounded = ~missing & ~bad & (np.abs(scaled - cents) > noise)
    return Amounts(cents.astype(np.int64), np.where(missing, MISSING, bad * BAD).astype(np.int8), rounded)


def _float(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return float("inf")


def _read(value: object, style: NumberStyle | None, unit: Unit) -> tuple[int, int, bool]:
    """Centavos, problem and whether they were rounded, of one value that is not missing."""
    cell = plain(value)
    if unit == "cents":
        return _read_cents(cell, style)
    money = read_money(cell, style or NumberStyle(".", certain=True, why="numbers"))
    if money.cents is None:
        return 0, MISSING if money.problem == "missing_amount" else BAD, False
    return money.cents, 0, money.rounded


def _read_cents(cell: object, style: NumberStyle | None) -> tuple[int, int, bool]:
    money = read_money(cell, style or NumberStyle(".", certain=True, why="numbers"))  # type: ignore[arg-type]
    if money.cents is None:
        return 0, MISSING if money.problem == "missing_amount" else BAD, False
    whole, rest = divmod(money.cents, 100)
    return whole + (rest >= 50), 0, bool(rest) or money.rounded


@dataclass(frozen=True)
class AmountForm:
    """How a column writes amounts.

    Attributes
    ----------
    kind : the Python type of its values
    cast : numpy's type of them, None for Python's own
    whole : whether whole amounts are written without decimals (``100``, not ``100.0``)
    unit : units of the currency, or centavos
    text : the form of texts
    """

    kind: Literal["float", "int", "decimal", "text"]
    cast: type[np.generic] | None = None
    whole: bool = False
    unit: Unit = "units"
    text: TextForm | None = None

    def write(self, cents: Cents) -> list[object]:
        """Values of ``cents``, shape (m,), as the column writes them; exact to the centavo in every kind.

        >>> AmountForm("float").write(np.array([-1250, 300]))
        [-12.5, 3.0]
        """
        amounts = cents if self.unit == "units" else cents * 100
        if self.text is not None:
            return [self.text.write(value) for value in amounts.tolist()]
        if self.kind == "decimal":
            return [self._decimal(value) for value in amounts.tolist()]
        return [self._number(value) for value in amounts.tolist()]

    def _decimal(self, cents: int) -> Decimal:
        whole, rest = divmod(abs(cents), 100)
        exact = Decimal(whole) if self.whole and not rest else Decimal(abs(cents)).scaleb(-2)
        return -exact if cents < 0 else exact

    def _number(self, cents: int) -> object:
        value: float = cents // 100 if self.whole and cents % 100 == 0 else cents / 100
        if self.cast is None or (isinstance(value, float) and issubclass(self.cast, np.integer)):
            return value
        return self.cast(value)


def learn_amount_form(cells: Cells, amounts: Amounts, unit: Unit = "units") -> AmountForm:
    """The form in which most of the amounts that could be read are written."""
    kind = cells.kind
    if issubclass(kind, str):
        style = amounts.style or NumberStyle(".", certain=True, why="numbers")
        return AmountForm("text", unit=unit, text=learn_text_form([str(v) for v in cells.distinct], style))
    cast = kind if issubclass(kind, np.generic) else None
    if issubclass(kind, Decimal):
        return AmountForm("decimal", whole=_whole_decimals(cells), unit=unit)
    return AmountForm("int" if issubclass(kind, int | np.integer) else "float", cast, _whole_numbers(cells), unit)


def _whole_decimals(cells: Cells) -> bool:
    whole = [value for value in cells.distinct if isinstance(value, Decimal) and value == value.to_integral_value()]
    return sum(value.as_tuple().exponent == 0 for value in whole) * 2 > len(whole)


def _whole_numbers(cells: Cells) -> bool:
    """Whether whole amounts are mostly integers, as in rows that came from JSON."""
    n_int = sum(n for kind, n in cells.types.items() if issubclass(kind, int | np.integer) and kind is not bool)
    if not n_int or n_int == len(cells):
        return bool(n_int)
    floats = (value for value in cells.values if isinstance(value, float | np.floating))
    return n_int > sum(float(value).is_integer() for value in floats)


def shown(value: object) -> str:
    """A value as a sentence quotes it, at most 40 characters of it."""
    text = repr(value) if not isinstance(value, str) else repr(cell_text(value))
    return text if len(text) <= 40 else text[:37] + "..."


def commonest(values: list[str], otherwise: str) -> str:
    """The commonest of ``values``, the first one on a tie."""
    return Counter(values).most_common(1)[0][0] if values else otherwise


__all__ = [
    "BAD",
    "MISSING",
    "AmountForm",
    "Amounts",
    "Unit",
    "grid_cents",
    "learn_amount_form",
    "read_amounts",
    "shown",
]
