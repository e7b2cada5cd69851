"""Free text by templates: digits are masked to slots, the template is a category, and slots are filled anew.

``COMPRA CARTAO 4411 LOJA 12`` has the template ``COMPRA CARTAO # LOJA #``. A slot that repeats
(``LINE 6`` in many texts) takes the digits seen there; any other takes digits drawn place by place.
A text in at least ``OWN_ROWS`` rows (``MOTEL 6``) is a template of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self

import numpy as np
import pandas as pd

from contrapeso.errors import InvalidDataError
from contrapeso.tables._numbers import Dtype, nulls
from contrapeso.tables._schema import Column
from contrapeso.tables.encoding._column import ColumnCodes
from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._nominal import LabelSummary, NominalColumn
from contrapeso.tables.encoding._similar import RowSample
from contrapeso.tables.encoding._sketch import LabelCounts, factor
from contrapeso.tables.encoding._state import Arrays, Json, pack_dtype, pack_value, unpack_dtype, unpack_value
from contrapeso.tables.encoding._tokens import CodeArray, Token

SLOT = "\ue000"
"""Private-use character that stands for digits: no text of a bank or shop holds it."""

_DIGITS = re.compile("[0-9]+")
MIN_REPEATS = 2.0
MIN_ROWS = 5.0
OWN_ROWS = 5.0
SMOOTHING = 0.25


class TextTemplates(Protocol):
    """What makes templates of texts and texts of templates."""

    def fit(self, texts: Mapping[str, float]) -> TextTemplates:
        """Learn from distinct texts and their rows."""

    def encode(self, texts: Sequence[str]) -> list[str]:
        """Template of each text."""

    def decode(self, templates: Sequence[str], rng: np.random.Generator) -> list[str]:
        """A text of each template."""

    def state(self) -> Json:
        """What was learned, as JSON types."""

    @classmethod
    def from_state(cls, content: Json) -> TextTemplates:
        """The templates that :meth:`state` wrote."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One run of digits of a template.

    ``repeated`` are digits that come up again and again, with their rows; where there are none,
    ``places`` says, per length, its rows, whether the first digit may be 0, and the rows of each digit
    at each place (none of them where fewer than ``MIN_ROWS`` rows speak: any digit may come).
    """

    repeated: tuple[tuple[str, float], ...]
    places: tuple[tuple[int, float, bool, tuple[tuple[float, ...], ...]], ...]

    @classmethod
    def fit(cls, seen: Mapping[str, float]) -> Self:
        """Slot of the digits seen there."""
        rows = sum(seen.values())
        if rows >= MIN_REPEATS * len(seen):
            return cls(tuple(sorted(seen.items())), ())
        lengths: dict[int, list[tuple[str, float]]] = {}
        for digits, n in seen.items():
            lengths.setdefault(len(digits), []).append((digits, n))
        return cls((), tuple(_places(size, held) for size, held in sorted(lengths.items())))

    def draw(self, n: int, rng: np.random.Generator) -> list[str]:
        """Digits for ``n`` texts."""
        if self.repeated:
            share = np.array([rows for _, rows in self.repeated])
            chosen = rng.choice(len(share), size=n, p=share / share.sum())
            return [self.repeated[i][0] for i in chosen.tolist()]
        share = np.array([rows for _, rows, *_ in self.places])
        chosen = rng.choice(len(share), size=n, p=share / share.sum())
        out = [""] * n
        for i in np.unique(chosen).tolist():
            rows = np.flatnonzero(chosen == i)
            for row, digits in zip(rows.tolist(), self._digits(i, len(rows), rng), strict=True):
                out[row] = digits
        return out

    def _digits(self, i: int, n: int, rng: np.random.Generator) -> list[str]:
        """``n`` runs of the i-th length."""
        size, _, zero, table = self.places[i]
        shares = np.array(table) + SMOOTHING if table else np.ones((size, 10))
        if size > 1 and not zero:
            shares[0, 0] = 0.0
        upto = np.cumsum(shares, axis=1)
        drawn = rng.random((n, size)) * upto[:, -1]
        digits = (drawn[:, :, None] >= upto[None]).sum(axis=2)
        return ["".join(map(str, row)) for row in digits.tolist()]


def _places(size: int, held: Sequence[tuple[str, float]]) -> tuple[int, float, bool, tuple[tuple[float, ...], ...]]:
    """Rows of a length, whether its first digit was ever 0, and rows of each digit at each place."""
    rows = sum(n for _, n in held)
    zero = any(digits[0] == "0" for digits, _ in held)
    if rows < MIN_ROWS:
        return size, rows, zero, ()
    table = np.zeros((size, 10))
    for digits, n in held:
        table[np.arange(size), [int(d) for d in digits]] += n
    return size, rows, zero, tuple(tuple(row) for row in table.tolist())


@dataclass(frozen=True, eq=False)
class DigitTemplates:
    """Templates with a slot for every run of digits; ``own`` are texts that are templates as they are."""

    slots: Mapping[str, tuple[Slot, ...]]
    own: frozenset[str] = frozenset()
    own_rows: float = OWN_ROWS

    @classmethod
    def empty(cls, own_rows: float = OWN_ROWS) -> Self:
        """Nothing learned yet."""
        return cls({}, own_rows=own_rows)

    def fit(self, texts: Mapping[str, float]) -> DigitTemplates:
        """Learn the digits of every slot."""
        seen: dict[str, list[Counter[str]]] = {}
        own: list[str] = []
        for text, rows in texts.items():
            runs = _DIGITS.findall(text)
            if not runs or rows >= self.own_rows:
                own += [text] if runs else []
                continue
            counters = seen.setdefault(_DIGITS.sub(SLOT, text), [Counter() for _ in runs])
            for counter, digits in zip(counters, runs, strict=True):
                counter[digits] += rows  # type: ignore[assignment]  # rows are counted as floats
        slots = {t: tuple(Slot.fit(c) for c in counters) for t, counters in seen.items()}
        return DigitTemplates(slots, frozenset(own), self.own_rows)

    def encode(self, texts: Sequence[str]) -> list[str]:
        """Template of each text."""
        return [text if text in self.own else _DIGITS.sub(SLOT, text) for text in texts]

    def decode(self, templates: Sequence[str], rng: np.random.Generator) -> list[str]:
        """A text of each template."""
        out = list(templates)
        rows: dict[str, list[int]] = {}
        for i, template in enumerate(templates):
            if SLOT in template:
                rows.setdefault(template, []).append(i)
        for template, places in rows.items():
            drawn = [slot.draw(len(places), rng) for slot in self.slots[template]]
            parts = template.split(SLOT)
            for row, runs in zip(places, zip(*drawn, strict=True), strict=True):
                out[row] = parts[0] + "".join(run + part for run, part in zip(runs, parts[1:], strict=True))
        return out

    def state(self) -> Json:
        """Slots as JSON types."""
        slots = {t: [[list(map(list, s.repeated)), _listed(s)] for s in slots] for t, slots in self.slots.items()}
        return {"slots": slots, "own": sorted(self.own), "own_rows": self.own_rows}

    @classmethod
    def from_state(cls, content: Json) -> DigitTemplates:
        """The templates that :meth:`state` wrote."""
        slots = {template: tuple(_slot(entry) for entry in entries) for template, entries in content["slots"].items()}
        return cls(slots, frozenset(content["own"]), content["own_rows"])


def _listed(slot: Slot) -> Json:
    return [[size, rows, zero, [list(place) for place in table]] for size, rows, zero, table in slot.places]


def _slot(entry: Json) -> Slot:
    repeated = tuple((digits, rows) for digits, rows in entry[0])
    places = tuple((size, rows, zero, tuple(tuple(place) for place in table)) for size, rows, zero, table in entry[1])
    return Slot(repeated, places)


@dataclass(frozen=True, eq=False)
class TextColumn:
    """Codec of free text: templates over a column of categories."""

    name: str
    dtype: Dtype
    null: object
    nominal: NominalColumn
    templates: TextTemplates

    @classmethod
    def fit(
        cls, name: str, summary: LabelSummary, column: Column, config: Encoding, sample: RowSample | None = None
    ) -> Self | NominalColumn:
        """Codec of a summarised column; plain categories where one token holds every text."""
        if len(summary.labels.counts) <= config.max_codes - 2 or not _all_texts(summary.labels):
            return NominalColumn.fit(name, summary, column, config)
        texts = {str(value): rows for value, rows in summary.labels.counts.values()}
        templates = DigitTemplates.empty(max(OWN_ROWS, config.min_support)).fit(texts)
        counts: dict[str, float] = {}
        for template, rows in zip(templates.encode(list(texts)), texts.values(), strict=True):
            counts[template] = counts.get(template, 0.0) + rows
        labels = LabelCounts({t: (t, rows) for t, rows in counts.items()}, summary.labels.dropped)
        of_templates = LabelSummary(np.dtype(object), None, labels, summary.n_null)
        alike = None
        if sample is not None and name in sample.frame:
            alike = sample.ranks(_templates_of(sample.frame[name], templates), name, config.max_codes)
        nominal = NominalColumn.fit(name, of_templates, column, config, alike)
        return cls(name, summary.dtype, summary.null, nominal, templates)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Tokens of the template."""
        return self.nominal.tokens

    @property
    def null_codes(self) -> tuple[int, ...]:
        """Codes of templates that are null."""
        return self.nominal.null_codes

    def encode(self, series: pd.Series) -> ColumnCodes:
        """Codes of the templates of texts."""
        return self.nominal.encode(_templates_of(series, self.templates))

    def decode(self, coded: ColumnCodes, rng: np.random.Generator) -> pd.Series:
        """Texts of codes, slots filled."""
        templates = self.nominal.decode(coded, rng)
        gone = nulls(templates)
        out = np.empty(len(templates), dtype=object)
        out[~gone] = self.templates.decode(templates[~gone].tolist(), rng)
        out[gone] = self.null
        return pd.Series(out, dtype=object).astype(self.dtype)

    def given(self, series: pd.Series) -> CodeArray:
        """Codes of the templates of the texts asked for."""
        try:
            return self.nominal.given(_templates_of(series, self.templates))
        except InvalidDataError as error:
            message = error.message.replace(SLOT, "#")
            raise InvalidDataError(message, error.details) from error

    def state(self) -> tuple[dict[str, Json], Arrays]:
        """JSON types and arrays."""
        nominal, arrays = self.nominal.state()
        content = {
            "name": self.name,
            "dtype": pack_dtype(self.dtype),
            "null": pack_value(self.null),
            "nominal": nominal,
            "templates": self.templates.state(),
        }
        return content, arrays

    @classmethod
    def from_state(cls, content: dict[str, Json], arrays: Arrays) -> Self:
        """The codec that :meth:`state` wrote."""
        return cls(
            content["name"],
            unpack_dtype(content["dtype"]),
            unpack_value(content["null"]),
            NominalColumn.from_state(content["nominal"], arrays),
            DigitTemplates.from_state(content["templates"]),
        )


def _templates_of(series: pd.Series, templates: TextTemplates) -> pd.Series:
    """Template of every row, None for null."""
    codes, texts = factor(series)
    table = np.empty(len(texts) + 1, dtype=object)
    table[:-1] = templates.encode([str(text) for text in texts])
    table[-1] = None
    return pd.Series(table[codes], dtype=object)


def _all_texts(labels: LabelCounts) -> bool:
    return all(isinstance(value, str) for value, _ in labels.counts.values())


__all__ = ["DigitTemplates", "Slot", "TextColumn", "TextTemplates"]
