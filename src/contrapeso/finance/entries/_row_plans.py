"""How the columns that are no field of a movement are written: from the row a draft starts from, or made anew."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Days
from contrapeso.finance.entries._calendar import Period, periods_of
from contrapeso.finance.entries._cells import Mask, text_of
from contrapeso.finance.entries._dates import DayForm
from contrapeso.finance.entries._plans import Names, RowPlan, Writing

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:contrapeso:synthetic")
_BLOCK = 10**7
"""Numbers that one run may give to rows whose identifiers are integers."""
_STRIDE = 2_654_435_761
"""Prime near 2**32 divided by the golden ratio: steps of it spread evenly over a list."""


@dataclass(frozen=True)
class SamePlan:
    """One value for every row."""

    value: object

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        return [self.value] * len(writing.drafts)


@dataclass(frozen=True)
class EmptyPlan:
    """A new empty container for every row."""

    make: Callable[[], object]

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        return [self.make() for _ in range(len(writing.drafts))]


@dataclass(frozen=True)
class PeriodPlan:
    """A value that goes with the period of the draft's day; of an unseen period that of the row it starts from.

    Where a period has several, drafts take them in turn, and columns of one period keep together.
    """

    period: Period
    values: Mapping[int, Sequence[object]]
    otherwise: RowPlan

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        periods = periods_of(writing.drafts.ledger.days, self.period).tolist()
        written = self.otherwise.write(writing)
        for i, (period, number) in enumerate(zip(periods, writing.numbers.tolist(), strict=True)):
            if values := self.values.get(period):
                written[i] = values[number * _STRIDE % len(values)]
        return written


@dataclass(frozen=True)
class OffsetPlan:
    """A day as far from the draft's day as in the row that it starts from.

    ``offsets`` are days by row of the ledger; None where that row has no such day.
    """

    form: DayForm
    offsets: Sequence[object]
    empty: object

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        found = RowPlan(self.offsets).write(writing)
        moved: Days = writing.drafts.ledger.days + np.array([offset or 0 for offset in found], dtype="timedelta64[D]")
        pairs = zip(self.form.write(moved), found, strict=True)
        return [self.empty if offset is None else value for value, offset in pairs]


@dataclass(frozen=True)
class IdPlan:
    """An identifier of its own: a text ``SYN-<run>-<n>``, a negative integer, or a UUID."""

    kind: Literal["text", "integer", "uuid"] = "text"
    cast: type = int

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        if self.kind == "integer":
            first = _BLOCK * (1 + uuid.uuid5(_NAMESPACE, writing.run).int % 90_000)
            return [self.cast(-(first + number)) for number in writing.numbers.tolist()]
        if self.kind == "uuid":
            return [uuid.uuid5(_NAMESPACE, text) for text in writing.ids()]
        return list(writing.ids())


@dataclass(frozen=True)
class MadeOncePlan:
    """A pseudonym for each value of the rows that drafts start from: the same value gives the same pseudonym.

    Where the description of such a row holds the value too, and the draft tells what it wrote in place of a name, that
    is the pseudonym here: the two fields of one row name one counterparty.

    Attributes
    ----------
    codes : int64, shape (n,); value of each row of the ledger, -1 where there is none
    distinct : the values
    make : the pseudonym of a value
    empty : what stands where there is no value
    spoken : bool, shape (n,); whether the description of a row holds the value
    """

    codes: NDArray[np.int64]
    distinct: Sequence[object]
    make: Callable[[Names, object], object]
    empty: object
    spoken: Mask | None = None

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        rows = writing.base.tolist()
        codes = [int(self.codes[row]) if row >= 0 else -1 for row in rows]
        made = {code: self.make(writing.names, self.distinct[code]) for code in dict.fromkeys(codes) if code >= 0}
        written = [made[code] if code >= 0 else self.empty for code in codes]
        if self.spoken is not None:
            for i, row in enumerate(rows):
                if row >= 0 and self.spoken[row] and (name := _name_written(writing.drafts.traces[i])):
                    written[i] = _in_style(name, self.distinct[codes[i]])
        return written

    def forbidden(self) -> list[str]:
        """The real values."""
        return [text for value in self.distinct if not is_placeholder(text := text_of(value))]


def _in_style(name: str, like: object) -> str:
    from contrapeso.finance.privacy import in_style_of

    return in_style_of(name, str(like))


def another_number(names: Names, value: object, key: str) -> object:
    """Another number of as many digits, of the type of ``value``; None where there is no other."""
    made = names.number_like(text_of(value), key)
    try:
        return type(value)(made)  # type: ignore[call-arg]
    except ValueError:
        return None


def is_placeholder(text: str) -> bool:
    """Whether a text stands in place of a name that somebody took out: in brackets, or without letters and digits.

    >>> is_placeholder("[CPF]"), is_placeholder("Posto Sol")
    (True, False)
    """
    return not any(map(str.isalnum, text)) or (text[:1] in "[(<{" and text[-1:] in "])>}")


def _name_written(trace: Mapping[str, object]) -> str:
    """The first pseudonym in place of a name that the trace of a draft tells of; empty where it tells of none."""
    slots = trace.get("slots")
    for slot in slots if isinstance(slots, list | tuple) else ():
        if isinstance(slot, Mapping) and slot.get("kind") == "name":
            return str(slot.get("text") or "")
    return ""


@dataclass(frozen=True)
class DocumentPlan:
    """A number of the same shape as the one in the row that the draft starts from; a new one for every draft."""

    values: Sequence[object]
    kept: Sequence[bool]
    empty: object

    def write(self, writing: Writing) -> list[object]:
        """Values of the column."""
        pairs = zip(writing.base.tolist(), writing.ids(), strict=True)
        return [self._one(row, key, writing.names) for row, key in pairs]

    def _one(self, row: int, key: str, names: Names) -> object:
        if row < 0:
            return self.empty
        value = self.values[row]
        if value is None or self.kept[row]:
            return self.empty if value is None else value
        return another_number(names, value, key)


__all__ = [
    "DocumentPlan",
    "EmptyPlan",
    "IdPlan",
    "MadeOncePlan",
    "OffsetPlan",
    "PeriodPlan",
    "SamePlan",
    "another_number",
    "is_placeholder",
]
