"""Number columns as ordered codes: what is kept of each partition, and the codec that is fitted to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._codec import number_column
from contrapeso.tables._numbers import (
    EXACT_WHOLE,
    DecimalColumn,
    Dtype,
    FloatColumn,
    NumberColumn,
    TimeColumn,
    WholeColumn,
    null_form,
    on_grid,
    plain_floats,
)
from contrapeso.tables._schema import Column
from contrapeso.tables.encoding._bins import noisy_decimals
from contrapeso.tables.encoding._calendar_grid import ANY_MOMENT, CalendarGrid
from contrapeso.tables.encoding._column import ColumnCodes
from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._scale import Specials, ValueScale
from contrapeso.tables.encoding._sketch import Floats64, ValueCounts, factor
from contrapeso.tables.encoding._state import Arrays, Json, pack_number, unpack_number
from contrapeso.tables.encoding._tokens import CodeArray, Token

MAX_OFF_GRID = 1_000
MAX_NOISY = 20_000
"""Most decimals whose noise is kept; where there are more, they come out without it."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberSummary:
    """Distinct numbers of the rows read so far, in the units of ``number``."""

    number: NumberColumn
    counts: ValueCounts
    specials: Specials

    @classmethod
    def of(cls, series: pd.Series, column: Column) -> Self | None:
        """Summary of one partition, or None where float64 cannot give every value back."""
        read = exact_floats(series, column)
        if read is None:
            return None
        number, floats = read
        finite = np.isfinite(floats)
        if finite.all():
            return cls(number, ValueCounts.of(floats), Specials())
        gone = float(np.isnan(floats).sum())
        specials = Specials(gone, float((floats == np.inf).sum()), float((floats == -np.inf).sum()))
        return cls(number, ValueCounts.of(floats[finite]), specials)

    @property
    def n_rows(self) -> float:
        """Rows read."""
        return self.counts.total + self.specials.null + self.specials.high + self.specials.low

    def merge(self, other: NumberSummary) -> NumberSummary:
        """The rows of both."""
        number = joined(self.number, other.number)
        left = self.counts.mapped(moved(self.counts.values, self.number, number))
        right = other.counts.mapped(moved(other.counts.values, other.number, number))
        return NumberSummary(number, left.merge(right), self.specials + other.specials)


def exact_floats(series: pd.Series, column: Column) -> tuple[NumberColumn, Floats64] | None:
    """(number column, its floats) of ``series``, or None where they do not give every value back.

    Boxed values (text dates, decimals, Arrow) are read once per distinct value.
    """
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iuf":
        number = number_column(series, column)
        if isinstance(number, WholeColumn) and series.dtype.kind == "f" and not _within(series, EXACT_WHOLE):
            number = FloatColumn(number.name, series.dtype)
        exact = number is not None and (not isinstance(number, WholeColumn) or number.is_exact)
        return (number, number.encode(series)) if exact and number is not None else None
    codes, values = factor(series)
    boxed = pd.Series(_objects(values), dtype=object).astype(series.dtype)
    number = number_column(boxed, column)
    if number is None or not _gives_back(number, boxed):
        return None
    if isinstance(number, (FloatColumn, WholeColumn, DecimalColumn, TimeColumn)):
        number = replace(number, null=null_form(series))
    floats = np.append(number.encode(boxed), np.nan)
    return number, floats[codes]


def _within(series: pd.Series, bound: int) -> bool:
    """Whether no number of a float column is beyond ``bound``."""
    return not bool((np.abs(series.to_numpy()) > bound).any())


def _objects(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _gives_back(number: NumberColumn, series: pd.Series) -> bool:
    back = number.decode(number.encode(series))
    return bool(np.all(np.asarray(back.astype(object)) == np.asarray(series.astype(object))))


def joined(left: NumberColumn, right: NumberColumn) -> NumberColumn:
    """One number column for the values of two.

    Raises
    ------
    InvalidDataError
        If two partitions hold one column in ways that have nothing in common (dates and numbers).
    """
    if isinstance(left, TimeColumn) and isinstance(right, TimeColumn):
        return _joined_times(left, right)
    if isinstance(left, DecimalColumn) and isinstance(right, DecimalColumn):
        return replace(left, places=max(left.places, right.places), dtype=_dtype(left, right), null=_null(left, right))
    if isinstance(left, WholeColumn) and isinstance(right, WholeColumn):
        low, high = min(left.low, right.low), max(left.high, right.high)
        origin = min(left.origin, right.origin)
        both = replace(left, dtype=_dtype(left, right), low=low, high=high, origin=origin, null=_null(left, right))
        return replace(both, python=max((left.python, right.python), key=str))
    if isinstance(left, (FloatColumn, WholeColumn)) and isinstance(right, (FloatColumn, WholeColumn)):
        return _joined_floats(_as_float(left), _as_float(right))
    raise _unlike(left, right)


def _joined_times(left: TimeColumn, right: TimeColumn) -> TimeColumn:
    if (left.form, left.unit, left.fmt) != (right.form, right.unit, right.fmt):
        raise _unlike(left, right)
    step = int(np.gcd(left.step, right.step))
    origin = min(left.origin, right.origin)
    return replace(left, step=step, origin=origin, dtype=_dtype(left, right), null=_null(left, right))


def _as_float(number: FloatColumn | WholeColumn) -> FloatColumn:
    if isinstance(number, FloatColumn):
        return number
    return FloatColumn(number.name, number.dtype, 0, null=number.null)


def _joined_floats(left: FloatColumn, right: FloatColumn) -> FloatColumn:
    decimals = None if left.decimals is None or right.decimals is None else max(left.decimals, right.decimals)
    off = [part for part in (left.off_grid, right.off_grid) if part is not None]
    off_grid = np.unique(np.concatenate(off)) if off else None
    if off_grid is not None and len(off_grid) > MAX_OFF_GRID:
        decimals = None
    off_grid = None if decimals is None else off_grid
    return replace(left, decimals=decimals, off_grid=off_grid, dtype=_dtype(left, right), null=_null(left, right))


def _dtype(left: NumberColumn, right: NumberColumn) -> Dtype:
    a, b = cast(Any, left).dtype, cast(Any, right).dtype
    if a == b:
        return cast(Dtype, a)
    if np.dtype(object) in (a, b):
        return np.dtype(object)
    if isinstance(a, np.dtype) and isinstance(b, np.dtype) and a.kind in "iuf" and b.kind in "iuf":
        return np.result_type(a, b)
    raise _unlike(left, right)


def _null(left: NumberColumn, right: NumberColumn) -> object:
    forms = [form for form in (cast(Any, left).null, cast(Any, right).null) if form is not None]
    return min(forms, key=repr) if forms else None


def _unlike(left: NumberColumn, right: NumberColumn) -> InvalidDataError:
    a, b = cast(Any, left), cast(Any, right)
    return InvalidDataError(
        f"Column {a.name!r} is {a.dtype} ({type(left).__name__}) in one partition and {b.dtype} "
        f"({type(right).__name__}) in another. Give every partition the same dtype and date format.",
        {"column": a.name},
    )


def moved(values: Floats64, old: NumberColumn, new: NumberColumn) -> Floats64:
    """Encoded ``values`` of ``old`` in the units of ``new``."""
    if isinstance(old, TimeColumn) and isinstance(new, TimeColumn) and (old.step, old.origin) != (new.step, new.origin):
        ticks = values.astype(np.int64) * old.step + (old.origin - new.origin)
        return np.asarray(ticks // new.step, dtype=np.float64)
    if isinstance(old, WholeColumn) and isinstance(new, WholeColumn) and old.origin != new.origin:
        return values + float(old.origin - new.origin)
    return values


@dataclass(frozen=True, eq=False)
class NumericColumn:
    """Codec of numbers: a scale of atoms and bins over the column's floats.

    ``sources`` are the columns whose values it often repeats, in the order of ``scale.same_codes``; ``grid`` are
    the legal moments of a column of few moments. With ``noisy`` the scale is of decimals, and the numbers that were
    seen are those of ``number.off_grid``: decimals that binary sums or products have left an ulp beside themselves.
    """

    name: str
    number: NumberColumn
    scale: ValueScale
    sources: tuple[str, ...] = ()
    grid: CalendarGrid = ANY_MOMENT
    noisy: bool = False

    @classmethod
    def fit(
        cls, name: str, summary: NumberSummary, config: Encoding, equal: Mapping[str, ValueCounts] | None = None
    ) -> Self:
        """Codec of a summarised column; ``equal`` has the values that it shares with others, by their names."""
        number, counts = summary.number, summary.counts
        tails = not isinstance(number, TimeColumn) and _has_room(number, counts)
        clean = _without_noise(number, counts, config)
        if clean is not None:
            number, counts = clean, _on_lattice(counts, clean)
        scale = ValueScale.fit(counts, summary.specials, config, decimals=lattice(number), tails=tails)
        if equal:
            alike = equal.values() if clean is None else [_on_lattice(part, clean) for part in equal.values()]
            scale = scale.with_same(list(alike))
        sources = tuple(equal) if equal and scale.same_codes else ()
        return cls(name, number, scale, sources, noisy=clean is not None)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """One token, or a coarse and a fine one."""
        return self.scale.tokens(self.name)

    @property
    def null_codes(self) -> tuple[int, ...]:
        """The code of null, where there is one."""
        return tuple(code for code in self.scale.special_codes[:1] if code >= 0)

    @property
    def is_plain(self) -> bool:
        """Whether the scale's values are the numbers themselves, and not less an origin."""
        return not isinstance(self.number, TimeColumn) and getattr(self.number, "origin", 0) == 0

    def encode(self, series: pd.Series) -> ColumnCodes:
        """Codes of values; one outside the scale takes the nearest code."""
        return ColumnCodes(*self.scale.encode(self._read(series)))

    def _read(self, series: pd.Series) -> Floats64:
        """Floats of a series, without noise where the column has some."""
        floats = read_floats(self.number, series)
        return on_grid(floats, cast(int, lattice(self.number))) if self.noisy else floats

    def _written(self, floats: Floats64) -> pd.Series:
        """The series of floats: legal moments, and decimals with the noise with which they were seen."""
        if isinstance(self.number, TimeColumn):
            floats = self.grid.moved_floats(self.number, floats)
        if self.noisy and isinstance(self.number, FloatColumn) and self.number.off_grid is not None:
            clean = on_grid(self.number.off_grid, cast(int, self.number.decimals))
            place = np.minimum(np.searchsorted(clean, floats), len(clean) - 1)
            floats = np.where(clean[place] == floats, self.number.off_grid[place], floats)
        return self.number.decode(floats)

    def same(self, coded: ColumnCodes, series: pd.Series, sources: Mapping[str, pd.Series]) -> ColumnCodes:
        """The codes with those of repeated values where they hold."""
        values = plain_floats(series)
        place = equal_place(values, [plain_floats(sources[source]) for source in self.sources])
        rows = np.flatnonzero((place >= 0) & self.scale.repeats(self._read(series) if self.noisy else values))
        coded.codes[rows, 0] = np.array(self.scale.same_codes, dtype=np.int32)[place[rows]]
        coded.codes[rows, 1:] = 0
        if coded.residual is not None:
            coded.residual[rows] = 0.5
        return coded

    def copied(self, coded: ColumnCodes, sources: Mapping[str, pd.Series], rng: np.random.Generator) -> pd.Series:
        """Values of codes, repeated values taken from the columns that have them."""
        floats = self.scale.decode(coded.codes, coded.residual, rng)
        for code, source in zip(self.scale.same_codes, self.sources, strict=True):
            rows = np.flatnonzero(coded.codes[:, 0] == code)
            taken = plain_floats(sources[source].iloc[rows])
            lost = ~np.isfinite(taken)
            taken[lost] = self.scale.typical(int(lost.sum()), rng)
            floats[rows] = taken
        return self._written(floats)

    def decode(self, coded: ColumnCodes, rng: np.random.Generator) -> pd.Series:
        """Values of codes."""
        return self._written(self.scale.decode(coded.codes, coded.residual, rng))

    def given(self, series: pd.Series) -> CodeArray:
        """Codes of the values asked for."""
        floats = self._read(series)
        known = self.scale.knows(floats)
        if not known.all():
            raise self._unseen(series.iloc[int(np.argmin(known))], float(floats[int(np.argmin(known))]))
        return self.scale.encode(floats)[0]

    def _unseen(self, value: object, floats: float) -> InvalidDataError:
        near = self.number.decode(np.array(self.scale.near(0.0 if np.isnan(floats) else floats)))
        listed = ", ".join(str(v) for v in near.tolist())
        return InvalidDataError(
            f"Column {self.name!r}: no row of the training table had a value like {value!r}, so none can be asked for. "
            f"Nearest values: {listed}.",
            {"column": self.name, "value": str(value)},
        )

    def state(self) -> tuple[dict[str, Json], Arrays]:
        """JSON types and arrays."""
        content, arrays = self.scale.state()
        return {
            "name": self.name,
            "number": pack_number(self.number),
            "scale": content,
            "sources": list(self.sources),
            "grid": self.grid.to_dict(),
            "noisy": self.noisy,
        }, arrays

    @classmethod
    def from_state(cls, content: dict[str, Json], arrays: Arrays) -> Self:
        """The codec that :meth:`state` wrote."""
        scale = ValueScale.from_state(content["scale"], arrays)
        grid, noisy = CalendarGrid.from_dict(content.get("grid")), bool(content.get("noisy"))
        return cls(
            content["name"], unpack_number(content["number"]), scale, tuple(content["sources"]), grid=grid, noisy=noisy
        )


def _without_noise(number: NumberColumn, counts: ValueCounts, config: Encoding) -> FloatColumn | None:
    """The column on a decimal grid from which binary noise kept it, the noisy values apart; None without one."""
    if not isinstance(number, FloatColumn) or number.decimals is not None:
        return None
    width = number.dtype if isinstance(number.dtype, np.dtype) and number.dtype.kind == "f" else np.dtype(np.float64)
    decimals = noisy_decimals(counts, width)
    if decimals is None:
        return None
    clean = on_grid(counts.values, decimals)
    order = np.lexsort((-counts.counts, clean))
    first = order[np.flatnonzero(np.diff(clean[order], prepend=-np.inf))]  # the commonest form of each decimal
    forms = counts.values[first][counts.values[first] != clean[first]]
    kept = config.min_support <= 1 and config.k_extreme <= 1 and 0 < len(forms) <= MAX_NOISY
    return replace(number, decimals=decimals, off_grid=forms if kept else None)


def _on_lattice(counts: ValueCounts, number: FloatColumn) -> ValueCounts:
    return counts.mapped(on_grid(counts.values, cast(int, number.decimals)))


def _has_room(number: NumberColumn, counts: ValueCounts) -> bool:
    """Whether values some way beyond the extremes still are finite in the column's width."""
    dtype = cast(Any, number).dtype
    narrow = isinstance(dtype, np.dtype) and dtype.kind == "f"
    widest = float(np.finfo(dtype if narrow else np.float64).max)
    return len(counts) == 0 or float(np.abs(counts.values[[0, -1]]).max()) < widest / 1e3


def equal_place(values: Floats64, sources: Sequence[Floats64]) -> NDArray[np.int32]:
    """Place of the first source that holds the same finite value, -1 for none."""
    place = np.full(len(values), -1, dtype=np.int32)
    for k in range(len(sources) - 1, -1, -1):
        place[(sources[k] == values) & np.isfinite(values)] = k
    return place


def lattice(number: NumberColumn) -> int | None:
    """Decimals of the grid on which a number column's floats lie; None for none."""
    if isinstance(number, (WholeColumn, TimeColumn)):
        return 0
    if isinstance(number, DecimalColumn):
        return number.places
    return number.decimals if isinstance(number, FloatColumn) else None


def read_floats(number: NumberColumn, series: pd.Series) -> Floats64:
    """Floats of ``series`` in the units of ``number``; boxed values are read once per distinct value.

    Raises
    ------
    InvalidDataError
        If the values are not of the column's sort.
    """
    plain = isinstance(series.dtype, np.dtype) and series.dtype.kind in "iuf"
    try:
        if plain and not isinstance(number, TimeColumn):
            return number.encode(series)
        codes, values = factor(series)
        boxed = pd.Series(_objects(values), dtype=object)
        return np.append(number.encode(_shaped(boxed, number)), np.nan)[codes]
    except (TypeError, ValueError, AttributeError) as error:
        name = cast(Any, number).name
        raise InvalidDataError(
            f"Column {name!r} is {cast(Any, number).dtype}; {series.dtype} values that came are not of that sort "
            f"({error}). Convert them first.",
            {"column": name},
        ) from error


def _shaped(boxed: pd.Series, number: NumberColumn) -> pd.Series:
    """Values in the form in which the number column reads them."""
    if not isinstance(number, TimeColumn):
        return boxed
    if number.form in {"zoned", "local"}:
        return boxed.astype(number.dtype)  # of no value too: the zone is in the dtype
    if number.form == "text" or len(boxed) == 0:
        written = [
            v if isinstance(v, str) else pd.Timestamp(cast(Any, v)).strftime(cast(str, number.fmt)) for v in boxed
        ]
        return pd.Series(_objects(written), dtype=object)
    if number.form in {"date", "datetime", "timestamp"}:
        stamps = [pd.Timestamp(cast(Any, v)) for v in boxed]
        cast_to = {"date": lambda t: t.date(), "datetime": lambda t: t.to_pydatetime(), "timestamp": lambda t: t}
        return pd.Series(_objects([cast_to[number.form](t) for t in stamps]), dtype=object)
    return boxed.astype(number.dtype)


__all__ = ["NumberSummary", "NumericColumn", "equal_place", "exact_floats", "joined", "lattice", "moved", "read_floats"]
