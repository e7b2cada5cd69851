"""What holds between the columns of a table: found on training rows, restored on generated ones.

A column that others determine is dropped before encoding and computed after decoding, so the relation
holds by construction. ``reduce`` drops or re-expresses, ``restore`` undoes it:
``restore(reduce(frame))`` is ``frame`` wherever the relations hold.

The lookup tables of dependencies hold values of the training table, as every encoder of categories does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import CorruptArchiveError, InvalidDataError
from contrapeso.tables._infer import Family, family_of
from contrapeso.tables._numbers import TimeColumn, nulls, plain_floats, time_column
from contrapeso.tables._schema import NUMBER_KINDS, Column, Schema
from contrapeso.tables.encoding._dependencies import (
    LOG_CHANCE,
    Dependency,
    Membership,
    Pairing,
    candidate_pairs,
    determines,
    is_steplike,
    log_chance,
    pair_values,
)
from contrapeso.tables.encoding._equals import SameValue, find_equals
from contrapeso.tables.encoding._gaps import Gap, plain_time
from contrapeso.tables.encoding._known import Clash, bound, find_clash, known_cells, overlaid, solve
from contrapeso.tables.encoding._orders import Order, candidate_orders, move_of
from contrapeso.tables.encoding._sums import MIN_DISTINCT, Sum, candidate_sums

Relation: TypeAlias = Dependency | Membership | Sum | Gap | Order
FloatArray = NDArray[np.float64]

ONE_TOKEN = 256
"""Most values of a column that one token tells apart."""

_ATOMS: frozenset[Family] = frozenset({"bool", "whole", "float", "decimal", "time", "text", "category"})


@dataclass(frozen=True)
class _View:
    """A column as the searches see it: codes (null has one of its own) and, for numbers, float64."""

    name: str
    column: Column
    family: Family
    series: pd.Series
    codes: NDArray[np.int32]
    n_distinct: int
    moments: TimeColumn | None

    @property
    def is_number(self) -> bool:
        return self.family in {"whole", "float"} and self.column.kind in NUMBER_KINDS

    def floats(self) -> FloatArray:
        return plain_floats(self.series) if self.moments is None else self.moments.encode(self.series)

    def light(self) -> FloatArray:
        """Numbers with NaN in place of atoms and infinities."""
        counts = np.bincount(self.codes)
        values = self.floats()
        heavy = (counts >= max(20.0, 0.002 * len(values)))[self.codes]
        return np.where(heavy | ~np.isfinite(values), np.nan, values)


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """Relations of one table; an empty one changes nothing.

    Attributes
    ----------
    steps : tuple
        Relations in the order in which they are restored.
    same_as : tuple of SameValue
        Pairs of columns that often hold one value (for the encoder; nothing is restored).
    columns : tuple of str
        Columns of the whole table, in order.
    schema : Schema
        What is left after :meth:`reduce`, in table order.

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.tables import infer_schema
    >>> frame = pd.DataFrame({"grade": ["a", "b", "c", "a"] * 20, "points": [3, 2, 1, 3] * 20})
    >>> relations = Relations.find(frame, infer_schema(frame))
    >>> relations.describe()
    ('points is determined by grade; it is computed, not generated.',)
    >>> list(relations.reduce(frame).columns), relations.restore(relations.reduce(frame)).equals(frame)
    (['grade'], True)
    """

    steps: tuple[Relation, ...]
    same_as: tuple[SameValue, ...]
    columns: tuple[str, ...]
    schema: Schema

    @classmethod
    def find(cls, frame: pd.DataFrame, schema: Schema, *, keep: Collection[str] = (), max_rows: int = 50_000) -> Self:
        """Relations that hold on every row of ``frame``.

        Parameters
        ----------
        frame : DataFrame
            Training rows; column labels are read as text.
        schema : Schema
            What its columns are.
        keep : collection of str
            Columns that stay as they are: never dropped, re-expressed or corrected.
        max_rows : int, default=50_000
            Evenly spaced rows on which candidates are looked for; they are verified on all.
        """
        named = _named(frame)
        if tuple(named.columns) != schema.names:
            raise InvalidDataError(
                f"The table has the columns {list(named.columns)} and the schema {list(schema.names)}. "
                "Infer the schema from this table, or bring its columns into the schema's order."
            )
        if len(named) < 2:
            return cls((), (), schema.names, schema)
        search = _Search(named, schema, keep, max_rows)
        return cls(_in_order(search.relations()), search.equals(), schema.names, schema).with_schema(named)

    def with_schema(self, frame: pd.DataFrame) -> Self:
        """The same relations with the schema of what they leave of ``frame``."""
        gaps = {step.output: step for step in self.steps if isinstance(step, Gap)}
        columns = []
        for column in self.schema:
            if column.name in self.dropped:
                continue
            gap = gaps.get(column.name)
            columns.append(column if gap is None else _gap_column(column, gap, nullable=_has_nulls(frame, column.name)))
        return replace(self, schema=Schema(tuple(columns)))

    @property
    def dropped(self) -> tuple[str, ...]:
        """Columns that are computed and not generated."""
        return tuple(step.output for step in self.steps if isinstance(step, (Dependency, Sum)))

    @property
    def reexpressed(self) -> tuple[str, ...]:
        """Columns that are generated in another form (the gap between two moments)."""
        return tuple(step.output for step in self.steps if isinstance(step, Gap))

    def verify(self, frame: pd.DataFrame) -> Self:
        """The relations that a further partition of the table obeys too, lookup tables extended by its rows.

        Call it for every partition before the first is reduced: what is dropped changes ``schema``.
        """
        named = _named(frame)
        kept = [step.verified(named) for step in self.steps]
        fallen = [old.output for old, new in zip(self.steps, kept, strict=True) if new is None]
        checked = replace(self, steps=tuple(step for step in kept if step is not None))
        return replace(checked, schema=self._schema_with(named, fallen))

    def _schema_with(self, frame: pd.DataFrame, names: Sequence[str]) -> Schema:
        """The schema with columns that are no longer dropped or re-expressed."""
        from contrapeso.tables._infer import infer_column

        here = {column.name: column for column in self.schema}
        here |= {name: infer_column(frame[name], name) for name in names}
        return Schema(tuple(here[name] for name in self.columns if name in here))

    def reduce(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The table without what can be computed, moments re-expressed as gaps; same rows and index."""
        named = _named(frame)
        parts = {name: named[name] for name in named.columns if name not in self.dropped}
        for step in self.steps:
            if isinstance(step, Gap):
                parts[step.output] = step.reduced(named).set_axis(named.index)
        return pd.DataFrame(parts, index=named.index)

    def restore(
        self, frame: pd.DataFrame, rng: np.random.Generator | None = None, known: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """The whole table of reduced rows: every column, in order; every relation holds.

        Parameters
        ----------
        frame : DataFrame
            Rows with the columns of ``schema``, such as :meth:`reduce` or a decoder gives.
        rng : Generator, optional
            For values that are drawn again; by default the draws are the same every time.
        known : DataFrame, optional
            Cells of the whole table that are known, null where they are not: they come out as they are, and cells
            beside them that a relation determines or bounds are computed from them or moved within their bounds.
        """
        rng = np.random.default_rng(0) if rng is None else rng
        parts = _named(frame).reset_index(drop=True)
        told = {} if known is None else solve(self.steps, parts, known_cells(known))
        for name in set(told).intersection(parts.columns).difference(self.reexpressed):
            parts[name] = overlaid(parts[name], told[name])
        bound([step for step in self.steps if isinstance(step, Order)], parts, told)
        for step in self.steps:
            made = step.restored(parts, rng).reset_index(drop=True)
            parts[step.output] = overlaid(made, told[step.output]) if step.output in told else made
        return parts[list(self.columns)].set_axis(frame.index)

    def clash(self, asked: pd.DataFrame) -> Clash | None:
        """The first row of ``asked`` whose values no row that obeys the relations has, and the relation; else None."""
        return find_clash(self.steps, _named(asked).reset_index(drop=True))

    def describe(self, language: Literal["en", "pt"] = "en") -> tuple[str, ...]:
        """One sentence per relation, in English or Portuguese."""
        place = {"en": 0, "pt": 1}[language]
        return tuple(relation.describe()[place] for relation in (*self.steps, *self.same_as))

    def to_dict(self) -> dict[str, Any]:
        """The relations as JSON types."""
        return {
            "columns": list(self.columns),
            "schema": self.schema.to_dict(),
            "steps": [_write_step(step) for step in self.steps],
            "same_as": [pair.to_dict() for pair in self.same_as],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The relations that :meth:`to_dict` wrote."""
        steps = tuple(_read_step(entry) for entry in data["steps"])
        pairs = tuple(SameValue.from_dict(entry) for entry in data["same_as"])
        return cls(steps, pairs, tuple(data["columns"]), Schema.from_dict(data["schema"]))


class _Search:
    """One search: candidates on a sample, verified on all rows; a column is the output of one relation at most."""

    def __init__(self, frame: pd.DataFrame, schema: Schema, keep: Collection[str], max_rows: int) -> None:
        step = -(-len(frame) // max_rows)
        self.frame, self.keep, self.whole = frame, frozenset(keep), step == 1
        sample = frame if step == 1 else frame.iloc[::step]
        self.views = [view_of(sample.iloc[:, i], column) for i, column in enumerate(schema)]
        self.n_sample = len(sample)
        self.found: list[Relation] = []

    def relations(self) -> list[Relation]:
        self._dependencies()
        self._sums()
        self._gaps()
        self._orders()
        return self.found

    def _take(self, relation: Relation | None) -> bool:
        """Accept a relation, unless its output is taken, asked for, or needed to compute its own inputs."""
        if relation is None or relation.output in self.keep or not self._is_open(relation):
            return False
        needed, grown = set(relation.inputs), True
        while grown:
            more = {name for r in self.found if r.output in needed for name in r.inputs} - needed
            needed, grown = needed | more, bool(more)
        if relation.output in needed:
            return False
        self.found.append(relation)
        return True

    def _is_open(self, relation: Relation) -> bool:
        """Whether its output is nobody's yet; several orders may raise (or lower) one column."""
        same = [r for r in self.found if r.output == relation.output]
        return not same or (
            isinstance(relation, Order)
            and all(
                isinstance(r, Order) and (r.moved == r.greater) == (relation.moved == relation.greater) for r in same
            )
        )

    def _outputs(self) -> set[str]:
        return {relation.output for relation in self.found}

    def _free(self, views: Sequence[_View]) -> list[_View]:
        outputs = self._outputs()
        return [view for view in views if view.name not in outputs]

    def _dependencies(self) -> None:
        """Walk columns from many values to few; each is computed from an earlier one, if one determines it."""
        views = sorted(
            (v for v in self.views if v.family in _ATOMS),
            key=lambda v: (-v.n_distinct, v.name not in self.keep),  # stable: ties stay in table order
        )
        if not views:
            return
        codes = np.stack([v.codes for v in views], axis=1)
        sources = [i for i, v in enumerate(views) if self._repeats(v)]
        for b, candidates in _by_target(candidate_pairs(codes, [v.n_distinct for v in views], sources)):
            usable = [views[a] for a in candidates if a < b and self._determines(views[a], views[b])]
            usable.sort(key=lambda v: (v.name in self._outputs(), v.n_distinct))
            if usable:
                self._take_dependency(usable, views[b])

    def _repeats(self, view: _View) -> bool:
        """Whether values of the column come up again, and a generator would give one that was seen."""
        if view.n_distinct < 2 or 2 * view.n_distinct > self.n_sample:
            return False
        return view.column.kind not in NUMBER_KINDS or view.n_distinct <= ONE_TOKEN or _sorts(view)

    def _determines(self, a: _View, b: _View) -> bool:
        if not determines(a.codes, b.codes) or log_chance(a.codes, b.codes) > LOG_CHANCE:
            return False
        many_numbers = a.column.kind in NUMBER_KINDS and a.n_distinct > ONE_TOKEN
        return not many_numbers or is_steplike(a.series, b.codes)

    def _take_dependency(self, sources: Sequence[_View], target: _View) -> None:
        """Compute the target, unless it tells in one token what its sources tell in many values: that one helps."""
        large = target.n_distinct > ONE_TOKEN
        small = [a for a in sources if large or a.n_distinct <= max(ONE_TOKEN, target.n_distinct) or _sorts(a)]
        if target.name not in self.keep and small:
            self._take(self._dependency(small[0], target))
            return
        for a in sources:
            if (not _sorts(a) or a.n_distinct <= ONE_TOKEN) and self._take(self._membership(a, target)):
                return
        self._take(self._dependency(sources[0], target))

    def _pairing(self, a: _View, b: _View) -> Pairing | None:
        first, second = self.frame[a.name], self.frame[b.name]
        return pair_values(a.name, b.name, first, second, floor=_sorts(a), bound=max(2, len(self.frame) // 2))

    def _dependency(self, a: _View, b: _View) -> Dependency | None:
        pairing = self._pairing(a, b)
        return None if pairing is None else Dependency(pairing)

    def _membership(self, a: _View, b: _View) -> Membership | None:
        pairing = self._pairing(a, b)
        return None if pairing is None else Membership(pairing)

    def _sums(self) -> None:
        views = [v for v in self._free(self.views) if _has_grid(v) and v.n_distinct > 1]  # a fee may have two values
        if sum(v.n_distinct >= MIN_DISTINCT for v in views) < 2:
            return
        decimals = max(cast(int, v.column.decimals) for v in views)
        whole = [np.rint(v.floats() * 10.0**decimals) for v in views]
        for total, addends in sorted(candidate_sums(whole), key=lambda hit: len(hit[1])):
            if views[total].n_distinct >= MIN_DISTINCT:
                self._take_sum([views[i] for i in addends], views[total])

    def _take_sum(self, addends: Sequence[_View], total: _View) -> None:
        """Drop the total; where it was asked for, drop the last addend that was not."""
        options = [(total, tuple(addends), (1,) * len(addends))]
        for addend in reversed(addends):
            rest = tuple(v for v in addends if v is not addend)
            options.append((addend, (total, *rest), (1, *(-1 for _ in rest))))
        for target, terms, signs in options if total.name in self.keep else options[:1]:
            relation = _sum_of(target, terms, signs).verified(self.frame)
            if self._take(relation):
                return

    def _gaps(self) -> None:
        views = [v for v in self._free(self.views) if v.moments is not None and plain_time(v.moments)]
        for low, high in candidate_orders([_ticks(v) for v in views]):
            earlier, later = (cast(TimeColumn, views[i].moments) for i in (low, high))
            moved = move_of(earlier.name, later.name, self.keep)
            gap = None
            if moved is not None:
                gap = Gap(earlier, later, backward=moved == earlier.name).verified(self.frame)
            self._take(None if gap is None else gap.with_grids(self.frame))

    def _orders(self) -> None:
        busy = {name for r in self.found for name in (r.output, *r.inputs)}
        views = [v for v in self.views if v.is_number and v.n_distinct > 2 and v.name not in busy]
        for low, high in candidate_orders([v.floats() for v in views]):
            moved = move_of(views[low].name, views[high].name, self.keep)
            if moved is not None:
                self._take(Order(views[low].name, views[high].name, moved).verified(self.frame))

    def equals(self) -> tuple[SameValue, ...]:
        """Pairs of columns that share values, among those that are generated."""
        views = [v for v in self._free(self.views) if v.is_number and v.n_distinct >= MIN_DISTINCT]
        return find_equals([v.name for v in views], [v.light() for v in views], self.n_sample)


def view_of(series: pd.Series, column: Column) -> _View:
    """The view of one column."""
    family = family_of(series, column.name)
    if family in {"mixed", "empty"} or (family == "float" and series.dtype == object):
        codes, n_distinct = np.zeros(len(series), dtype=np.int32), 1
    else:
        plain = series if isinstance(series.dtype, np.dtype) else series.to_numpy(dtype=object)
        found, values = pd.factorize(plain, use_na_sentinel=False)
        codes, n_distinct = found.astype(np.int32), len(values)
    moments = _moments(series, column, n_distinct) if column.kind == "datetime" else None
    return _View(column.name, column, family, series, codes, n_distinct, moments)


def _moments(series: pd.Series, column: Column, n_distinct: int) -> TimeColumn | None:
    return time_column(series, column.format, column.name) if n_distinct > 1 else None


def _sorts(view: _View) -> bool:
    """Whether the values as they are written sort as what they mean."""
    if view.column.kind not in NUMBER_KINDS or isinstance(view.series.dtype, pd.CategoricalDtype):
        return False
    return view.family != "text" or (view.column.format or "").startswith("%Y")


def _has_grid(view: _View) -> bool:
    dtype = view.series.dtype
    inner = dtype if isinstance(dtype, np.dtype) else getattr(dtype, "numpy_dtype", None)
    plain = isinstance(inner, np.dtype) and inner in (np.dtype(np.float64), *map(np.dtype, ("i1", "i2", "i4", "i8")))
    return plain and view.is_number and view.column.decimals is not None and not isinstance(dtype, pd.SparseDtype)


def _sum_of(target: _View, addends: Sequence[_View], signs: Sequence[int]) -> Sum:
    decimals = max(cast(int, v.column.decimals) for v in (target, *addends))
    low, high = -(2**53), 2**53
    dtype = target.series.dtype
    if pd.api.types.is_integer_dtype(dtype):
        info = np.iinfo(cast(Any, getattr(dtype, "numpy_dtype", dtype)))
        low, high = max(low, int(info.min)), min(high, int(info.max))
    return Sum(target.name, tuple(v.name for v in addends), tuple(signs), decimals, str(dtype), low, high)


def _ticks(view: _View) -> FloatArray:
    """Moments in seconds, so that columns of different steps compare."""
    moments = cast(TimeColumn, view.moments)
    return (moments.encode(view.series) + moments.origin // moments.step) * (moments.scale * 86_400.0)


def _gap_column(column: Column, gap: Gap, *, nullable: bool) -> Column:
    why = f"steps from {gap.inputs[0]}"
    dtype = "Int64" if nullable else "int64"
    return Column(name=column.name, kind="integer", dtype=dtype, nullable=nullable, why=why, decimals=0)


def _has_nulls(frame: pd.DataFrame, name: str) -> bool:
    return bool(nulls(frame[name]).any())


def _by_target(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    targets: dict[int, list[int]] = {}
    for a, b in pairs:
        targets.setdefault(b, []).append(a)
    return sorted(targets.items())


def _in_order(relations: Sequence[Relation]) -> tuple[Relation, ...]:
    """Relations so that each comes after those that give its inputs."""
    waiting, ordered = list(relations), []
    while waiting:
        open_outputs = {r.output for r in waiting}
        ready = [r for r in waiting if not open_outputs.intersection(r.inputs)]
        ordered += ready
        waiting = [r for r in waiting if r not in ready]
    return tuple(ordered)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with text for column labels."""
    if all(type(label) is str for label in frame.columns):
        return frame
    return frame.set_axis([str(label) for label in frame.columns], axis=1)


def _write_step(step: Relation) -> dict[str, Any]:
    if isinstance(step, (Dependency, Membership)):
        return {"type": type(step).__name__, "pairing": step.pairing.to_dict()}
    return {"type": type(step).__name__} | step.to_dict()


def _read_step(data: dict[str, Any]) -> Relation:
    kind = data.get("type")
    rest = {name: value for name, value in data.items() if name != "type"}
    if kind == "Dependency":
        return Dependency(Pairing.from_dict(rest["pairing"]))
    if kind == "Membership":
        return Membership(Pairing.from_dict(rest["pairing"]))
    readers: dict[Any, type[Sum] | type[Gap] | type[Order]] = {"Sum": Sum, "Gap": Gap, "Order": Order}
    if kind not in readers:
        raise CorruptArchiveError(f"A relation of type {kind!r} is of none that this version knows.")
    return readers[kind].from_dict(rest)


__all__ = ["ONE_TOKEN", "Relation", "Relations"]
