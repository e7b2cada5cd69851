"""Identifiers, another one in every row: never modelled, but made anew in the same shape.

Whole numbers go on after the greatest one. Texts are drawn by the pattern of their characters
(``INV-0042`` gives ``INV-`` and four digits), and none is a training row's nor comes twice. That
is certain while the encoder that read the training rows lives. What is saved holds no trace of single
texts: who guesses them (document numbers) could test guesses on it. So a new text of an encoder that
was loaded may be one of the training rows, by chance, where the shape has little room.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._codec import number_column
from contrapeso.tables._numbers import Dtype, NumberColumn, WholeColumn, nulls
from contrapeso.tables._schema import Column
from contrapeso.tables.encoding._column import ColumnCodes
from contrapeso.tables.encoding._nominal import LabelSummary
from contrapeso.tables.encoding._numeric import joined
from contrapeso.tables.encoding._state import (
    Arrays,
    Json,
    pack_dtype,
    pack_number,
    pack_value,
    unpack_dtype,
    unpack_number,
    unpack_value,
)
from contrapeso.tables.encoding._tokens import CodeArray, Token

Hashes = NDArray[np.uint64]

UNIQUE_SHARE = 0.95
MAX_HASHES = 2**22
MAX_PATTERNS = 64
SAMPLE = 20_000
TRIES = 3
CROWDED = 0.1
_CLASSES = {"9": "0123456789", "a": "abcdefghijklmnopqrstuvwxyz", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def hashes_of(texts: list[str]) -> Hashes:
    """64-bit hashes of texts, the same in every process."""
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return pd.util.hash_array(array, categorize=False)


def shape_of(text: str) -> str:
    """Classes of the characters: 9, a and A for digits and letters, others themselves."""
    return re.sub("[A-Z]", "A", re.sub("[a-z]", "a", re.sub("[0-9]", "9", text)))


@dataclass(frozen=True, slots=True, eq=False)
class IdentifierSummary:
    """What is kept of a column of identifiers: its labels (bounded), hashes of all, extremes and patterns."""

    labels: LabelSummary
    hashes: Hashes
    number: NumberColumn | None
    greatest: int
    patterns: dict[str, tuple[float, tuple[str, ...]]]

    @classmethod
    def of(cls, series: pd.Series, column: Column) -> Self:
        """Summary of one partition."""
        labels = LabelSummary.of(series, column)
        present = series[~nulls(series)]
        number = number_column(series, replace(column, kind="integer", format=None))
        if isinstance(number, WholeColumn):
            greatest = int(present.max()) if len(present) else 0
            numbers = np.asarray(
                present.astype(np.int64) if number.is_exact else present.astype(object).map(hash_whole)
            )
            return cls(labels, np.unique(numbers.astype(np.int64).view(np.uint64)), number, greatest, {})
        texts = [str(v) for v in present.to_numpy(dtype=object)]
        sample = texts[:: max(1, len(texts) // SAMPLE)]
        return cls(labels, np.unique(hashes_of(texts)), None, 0, _patterns(sample))

    @property
    def n_rows(self) -> float:
        """Rows read."""
        return self.labels.n_rows

    @property
    def unique(self) -> bool:
        """Whether nearly every row has another value."""
        present = self.n_rows - self.labels.n_null
        many = len(self.hashes) >= min(UNIQUE_SHARE * present, MAX_HASHES)
        texts = all(isinstance(v, str) for v, _ in self.labels.labels.counts.values())
        return present > 1 and many and (self.number is not None or texts)

    def merge(self, other: IdentifierSummary) -> IdentifierSummary:
        """The rows of both."""
        number = None
        if self.number is not None and other.number is not None:
            number = joined(self.number, other.number)
        patterns = dict(self.patterns)
        for shape, (rows, seen) in other.patterns.items():
            old_rows, old = patterns.get(shape, (0.0, seen))
            union = tuple("".join(sorted({*a, *b})) for a, b in zip(old, seen, strict=True))
            patterns[shape] = (rows + old_rows, union)
        return IdentifierSummary(
            self.labels.merge(other.labels),
            np.union1d(self.hashes, other.hashes)[:MAX_HASHES],
            number,
            max(self.greatest, other.greatest),
            _most_frequent(patterns),
        )


def hash_whole(value: int) -> int:
    """A whole number of any size in 63 bits."""
    return int(value) % (2**63 - 25)


def _patterns(texts: list[str]) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Rows of each shape and the characters at each place of it."""
    by_shape: dict[str, list[str]] = {}
    for text in texts:
        by_shape.setdefault(shape_of(text), []).append(text)
    found = {
        shape: (float(len(members)), tuple("".join(sorted(set(place))) for place in zip(*members, strict=True)))
        for shape, members in by_shape.items()
    }
    return _most_frequent(found)


def _most_frequent(patterns: dict[str, tuple[float, tuple[str, ...]]]) -> dict[str, tuple[float, tuple[str, ...]]]:
    return dict(sorted(patterns.items(), key=lambda item: (-item[1][0], item[0]))[:MAX_PATTERNS])


@dataclass(frozen=True, eq=False)
class IdentifierColumn:
    """Maker of fresh identifiers; it has no tokens."""

    name: str
    dtype: Dtype
    null: object
    null_share: float
    number: NumberColumn | None
    greatest: int
    hashes: Hashes
    patterns: tuple[tuple[str, float, tuple[str, ...]], ...]

    @classmethod
    def fit(cls, name: str, summary: IdentifierSummary, *, private: bool = False) -> Self:
        """Maker for a summarised column.

        Hashes of the old identifiers are kept to avoid them, in memory only; ``private`` keeps none at all.
        """
        labels = summary.labels
        patterns = tuple((shape, rows, seen) for shape, (rows, seen) in summary.patterns.items())
        share = labels.n_null / summary.n_rows
        hashes = np.empty(0, dtype=np.uint64) if private or summary.number is not None else summary.hashes
        return cls(name, labels.dtype, labels.null, share, summary.number, summary.greatest, hashes, patterns)

    def avoiding(self, series: pd.Series) -> Self:
        """The maker that makes none of these identifiers either; the same where it keeps none to avoid."""
        present = series[~nulls(series)]
        if len(present) and self.number is not None:
            return replace(self, greatest=max(self.greatest, int(present.max())))
        if not len(present) or not len(self.hashes):
            return self
        texts = [str(value) for value in present.to_numpy(dtype=object)]
        return replace(self, hashes=np.union1d(self.hashes, hashes_of(texts)))

    @property
    def tokens(self) -> tuple[Token, ...]:
        """None: identifiers are not modelled."""
        return ()

    @property
    def null_codes(self) -> tuple[int, ...]:
        """None: there are no codes."""
        return ()

    def encode(self, series: pd.Series) -> ColumnCodes:
        """No codes."""
        return ColumnCodes(np.empty((len(series), 0), dtype=np.int32))

    def given(self, series: pd.Series) -> CodeArray:
        """No codes."""
        return np.empty((len(series), 0), dtype=np.int32)

    def decode(self, coded: ColumnCodes, rng: np.random.Generator) -> pd.Series:
        """Fresh identifiers."""
        return self.fresh(len(coded.codes), rng)

    def fresh(self, n: int, rng: np.random.Generator, start: int = 0, *, nulls: bool = True) -> pd.Series:
        """``n`` fresh identifiers, no two equal; the first is number ``start`` of those made.

        Without ``nulls`` none is null, whatever share of the training rows was.
        """
        gone = (rng.random(n) < self.null_share) & nulls
        if self.number is not None:
            return self._numbers(n, start, gone)
        made = self._texts(n, rng)
        items = np.empty(n, dtype=object)
        items[:] = made
        items[gone] = self.null
        return pd.Series(items, dtype=object).astype(self.dtype)

    def _numbers(self, n: int, start: int, gone: NDArray[np.bool_]) -> pd.Series:
        number: Any = self.number
        first = self.greatest + 1 + start - number.origin
        if first + n - 1 + number.origin > number.high and isinstance(self.dtype, np.dtype) and self.dtype.kind in "iu":
            room = max(0, int(np.iinfo(self.dtype).max) - self.greatest)
            if start + n > room:
                raise InvalidDataError(
                    f"Column {self.name!r}: {self.dtype} has room for {room} identifiers after {self.greatest}, and "
                    f"{start + n} are needed. Convert the column to int64.",
                    {"column": self.name},
                )
        values = np.arange(first, first + n, dtype=np.float64)
        values[gone] = np.nan
        widened = replace(number, high=max(number.high, self.greatest + start + n))
        made: pd.Series = widened.decode(values)
        return made

    def _texts(self, n: int, rng: np.random.Generator) -> list[str]:
        """Texts by the patterns seen; places that vary take the characters seen there, then any of their class."""
        made: dict[str, None] = {}
        share = np.array([rows for _, rows, _ in self.patterns])
        attempt = 0
        while len(made) < n:
            which = rng.choice(len(share), size=n - len(made), p=share / share.sum())
            drawn: list[str] = []
            for i in np.unique(which).tolist():
                shape, _, seen = self.patterns[i]
                extra = max(0, attempt - 2 * TRIES + 1)  # nothing is free in these shapes: lengthen them
                widen = attempt >= TRIES or self._is_crowded(i)
                drawn += _drawn(shape, seen, int((which == i).sum()), rng, widen=widen, extra=extra)
            known = np.isin(hashes_of(drawn), self.hashes)
            made |= dict.fromkeys(text for text, copy in zip(drawn, known, strict=True) if not copy)
            attempt += 1
        texts = list(made)
        return [texts[i] for i in rng.permutation(n).tolist()]

    def _is_crowded(self, i: int) -> bool:
        """Whether, of a shape's texts in the characters seen, the training rows had many, and they are not known."""
        _, rows, seen = self.patterns[i]
        return not len(self.hashes) and rows > CROWDED * math.prod(map(len, seen))

    def state(self) -> tuple[dict[str, Json], Arrays]:
        """JSON types and no arrays: hashes of identifiers stay in memory (see the top of the module)."""
        content: dict[str, Json] = {
            "name": self.name,
            "dtype": pack_dtype(self.dtype),
            "null": pack_value(self.null),
            "null_share": self.null_share,
            "number": None if self.number is None else pack_number(self.number),
            "greatest": str(self.greatest),
            "patterns": [[shape, rows, list(seen)] for shape, rows, seen in self.patterns],
        }
        return content, {}

    @classmethod
    def from_state(cls, content: dict[str, Json], arrays: Arrays) -> Self:  # noqa: ARG003  (one signature)
        """The maker that :meth:`state` wrote."""
        return cls(
            name=content["name"],
            dtype=unpack_dtype(content["dtype"]),
            null=unpack_value(content["null"]),
            null_share=content["null_share"],
            number=None if content["number"] is None else unpack_number(content["number"]),
            greatest=int(content["greatest"]),
            hashes=np.empty(0, dtype=np.uint64),
            patterns=tuple((shape, rows, tuple(seen)) for shape, rows, seen in content["patterns"]),
        )


def _drawn(
    shape: str, seen: tuple[str, ...], n: int, rng: np.random.Generator, *, widen: bool, extra: int
) -> list[str]:
    """``n`` texts of one shape, ``extra`` digits longer."""
    places = []
    for kind, characters in zip(shape + "9" * extra, (*seen, *[_CLASSES["9"]] * extra), strict=True):
        pool = _CLASSES.get(kind, characters) if widen and len(characters) > 1 else characters
        places.append(np.array(list(pool))[rng.integers(0, len(pool), size=n)].tolist())
    return ["".join(row) for row in zip(*places, strict=True)] if places else [""] * n


__all__ = ["IdentifierColumn", "IdentifierSummary", "shape_of"]
