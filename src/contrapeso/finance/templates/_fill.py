"""New descriptions: the wording of a real row with other names, numbers and days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Rows, Texts, texts
from contrapeso.finance.templates._book import Book
from contrapeso.finance.templates._index import Index
from contrapeso.finance.templates._kin import Rewording
from contrapeso.finance.templates._slots import SlotWriter, Wanted

SlotTrace: TypeAlias = "dict[str, str]"


class Filler:
    """Chooses for each new row the real row that lends its wording, and joins literals and slots.

    Parameters
    ----------
    book : the learned rows
    index : look-ups of them
    writer : of single slots
    seed : chooses the form of new payees
    rewordings : of rows whose wording may be exchanged
    """

    def __init__(
        self, book: Book, index: Index, writer: SlotWriter, seed: int, rewordings: Mapping[int, Rewording]
    ) -> None:
        self._book = book
        self._rewordings = rewordings
        self._slots = index.slots
        self._writer = writer
        self._seed = seed
        self._of_row = index.of_row
        self._by_template = index.by_template
        self._by_payee = index.by_payee

    def references(self, templates: Rows, payees: Texts, draws: NDArray[np.float64], lent: Rows | None) -> list[int]:
        """The real row of each new one: the one lent where it is of the template, otherwise one of the payee."""
        given = lent.tolist() if lent is not None else [-1] * len(templates)
        rows = zip(given, templates.tolist(), payees.tolist(), draws.tolist(), strict=True)
        return [
            row if row >= 0 and self._of_row[row] == number else self._reference(number, payee, draw)
            for row, number, payee, draw in rows
        ]

    def _reference(self, number: int, payee: str, draw: float) -> int:
        """A real row of the template: of the payee, of the payee whose form a new key takes, or any."""
        rows = self._by_payee.get((number, payee)) if payee else None
        if rows is None:
            rows = self._by_template[number]
            if payee:
                lender = rows[crc32(f"{self._seed}|{payee}".encode(errors="surrogatepass")) % len(rows)]
                rows = self._by_payee[number, self._book.payees[lender]]
        return rows[int(draw * len(rows))]

    def one(
        self, row: int, day: date, cents: int, payee: str, chance: tuple[float, float] = (1.0, 0.0)
    ) -> tuple[str, tuple[SlotTrace, ...]]:
        """Description and slots of one new row in the wording of the real ``row``.

        ``chance`` are two draws: whether the row gets another wording of its purpose, and which.
        """
        reading, style, traces = self._book.reading(row), self._book.style(row), list[SlotTrace]()
        literals, other = reading.literals, self._rewordings.get(row)
        if other is not None and chance[0] < other.share:
            literals, wording = other.reworded(literals, chance[1], style)
            traces.append({"kind": "wording", "text": wording, "source": "public wordings of this purpose"})
        key = payee or self._book.payees[row]
        old, parts = self._book.days[row], [literals[0]]
        whole = zip(self._slots[self._of_row[row]], reading.values, reading.codes, strict=True)
        for place, (slot, value, codes) in enumerate(whole):
            own = f"{key}|{place}" if place else key
            text, source = self._writer.write(Wanted(slot, value, codes, old, day, cents, own, style))
            parts += (text, literals[place + 1])
            traces.append({"kind": slot.kind, "text": text, "source": source})
        made = "".join(parts)
        if literals is reading.literals and not reading.values:
            return made, ()
        return made[: style.longest].rstrip() if 0 < style.longest < len(made) else made, tuple(traces)


def fill(
    filler: Filler,
    columns: tuple[Rows, NDArray[np.datetime64], NDArray[np.int64], Texts],
    draws: NDArray[np.float64],
    lent: Rows | None,
    chances: NDArray[np.float64] | None = None,
) -> tuple[Texts, list[tuple[SlotTrace, ...]]]:
    """Descriptions and slots of new rows: templates, days, cents and payees, each of length m.

    ``draws`` (m,) choose the real rows, ``chances`` (m, 2) other wordings; None for none.
    """
    templates, days, cents, payees = columns
    rows = filler.references(templates, payees, draws, lent)
    dates = np.asarray(days, dtype="datetime64[D]").tolist()
    amounts = np.asarray(cents).tolist()
    lots = [(1.0, 0.0)] * len(rows) if chances is None else [(a, b) for a, b in chances.tolist()]
    made = [filler.one(*values) for values in zip(rows, dates, amounts, payees.tolist(), lots, strict=True)]
    return texts(text for text, _ in made), [slots for _, slots in made]


def check_columns(n_templates: int, templates: Rows, columns: dict[str, object]) -> None:
    """Refuse templates that are not there, and columns of other lengths."""
    if len(templates) and (templates.min() < 0 or templates.max() >= n_templates):
        raise InvalidParameterError(
            f"A template is a number from 0 to {n_templates - 1}; got {templates.min()} to {templates.max()}. "
            f"Take them from of_row of the same Templates."
        )
    lengths = {name: len(column) for name, column in columns.items() if column is not None}  # type: ignore[arg-type]
    if any(length != len(templates) for length in lengths.values()):
        raise InvalidParameterError(f"All columns have the length of templates, {len(templates)}; got {lengths}.")


__all__ = ["Filler", "SlotTrace", "check_columns", "fill"]
