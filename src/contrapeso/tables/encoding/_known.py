"""What cells that are known say of the others in their row, by the relations of the table.

A sum of which one term is missing gives it; two moments in order and their gap give the one that is missing;
an order of numbers bounds. Where values that are asked for contradict a relation, that is a *clash*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.tables._numbers import nulls, plain_floats
from contrapeso.tables.encoding._dependencies import Dependency
from contrapeso.tables.encoding._gaps import Gap
from contrapeso.tables.encoding._orders import Order
from contrapeso.tables.encoding._sums import Sum

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Told: TypeAlias = dict[str, pd.Series]
"""Known cells by column, null where they are not."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A row of conditions that no row has of a table that obeys its relations."""

    row: int
    values: tuple[tuple[str, Any], ...]
    relation: str


def known_cells(frame: pd.DataFrame) -> Told:
    """Columns of ``frame`` by their labels as text, rows counted from 0."""
    return {str(label): frame.iloc[:, i].reset_index(drop=True) for i, label in enumerate(frame.columns)}


def overlaid(made: pd.Series, known: pd.Series) -> pd.Series:
    """``made`` with the values of ``known`` where these are not null, in the dtype of ``made``."""
    rows = np.flatnonzero(~nulls(known))
    if not len(rows):
        return made
    changed = made.copy()
    values = known.iloc[rows]
    changed.iloc[rows] = values.to_numpy(dtype=object) if changed.dtype == object else values.astype(made.dtype).array
    return changed


def solve(steps: Sequence[object], parts: pd.DataFrame, told: Told) -> Told:
    """The known cells, with those that sums and gaps of ``steps`` give beside them.

    Parameters
    ----------
    steps : relations in the order in which they are restored
    parts : DataFrame
        Generated rows before they are restored: the draws of cells that are not known.
    told : dict of str to Series
        Known cells, null where they are not; columns may be missing.
    """
    told = dict(told)
    solved: dict[str, Mask] = {}
    gaps = {step.output for step in steps if isinstance(step, Gap)}
    sums = [step for step in steps if isinstance(step, Sum)]
    _settle(sums, len(parts), told)
    for step in reversed(steps):
        if isinstance(step, Sum):
            _solve_sum(step, parts, told)
            _settle(sums, len(parts), told)
        elif isinstance(step, Gap):
            _solve_gap(step, parts, told, solved, drawn=step.base.name not in gaps)
    return told


def _settle(sums: Sequence[Sum], n: int, told: Told) -> None:
    """Write what sums determine: of a total and its addends the one that is missing, and what follows from that."""
    while any(_settled(step, n, told) for step in sums):
        pass


def _settled(step: Sum, n: int, told: Told) -> bool:
    """Whether the sum told a cell that was not known: its total, or the one addend that is missing."""
    if not any(name in told for name in (step.target, *step.addends)):
        return False
    unit = 10.0**step.decimals
    signs = np.array([-1, *step.signs], dtype=np.float64)
    known = np.column_stack([_told_floats(told, name, n) for name in (step.target, *step.addends)])
    free = np.isnan(known)
    with np.errstate(invalid="ignore"):
        rest = -np.nansum(np.rint(known * unit) * signs, axis=1)
    single = free & ((free.sum(axis=1) == 1) & np.isfinite(rest))[:, None]
    for k, name in enumerate((step.target, *step.addends)):
        if single[:, k].any():
            known[single[:, k], k] = (rest * signs[k] / unit)[single[:, k]]
            told[name] = pd.Series(known[:, k])
    return bool(single.any())


def _solve_sum(step: Sum, parts: pd.DataFrame, told: Told) -> None:
    """Write the addends that are missing where the total is known."""
    if step.target not in told:
        return
    unit = 10.0**step.decimals
    total = np.rint(plain_floats(told[step.target]) * unit)
    known = np.column_stack([_told_floats(told, name, len(parts)) for name in step.addends])
    free = np.isnan(known) & np.isfinite(total)[:, None]
    signs = np.array(step.signs, dtype=np.float64)
    rest = total - np.nansum(np.rint(known * unit) * signs, axis=1)
    for pattern in np.unique(free, axis=0):
        places = [int(k) for k in np.flatnonzero(pattern)]
        rows = np.flatnonzero((free == pattern).all(axis=1))
        for k, terms in _terms(step, places, rest[rows], parts.iloc[rows]).items():
            known[rows, k] = terms * signs[k] / unit
    for k, name in enumerate(step.addends):
        if free[:, k].any():
            told[name] = pd.Series(known[:, k])


def _terms(step: Sum, places: Sequence[int], rest: Floats, parts: pd.DataFrame) -> dict[int, Floats]:
    """Terms, in units of the last decimal, of the addends at ``places`` that make up ``rest``.

    One that other columns determine, or else the last of the finest, takes what the others leave. Draws that all
    have the sign of the rest are scaled to share it.
    """
    unit = 10.0**step.decimals
    computed = [k for k in places if step.addends[k] not in parts]
    if not places or len(computed) > 1:
        return {}
    drawn = {
        k: np.rint(plain_floats(parts[step.addends[k]]) * unit) * step.signs[k] for k in places if k not in computed
    }
    whole = {k: pd.api.types.is_integer_dtype(parts[step.addends[k]].dtype) for k in drawn}
    last = computed[0] if computed else max(places, key=lambda k: (not whole[k], k))
    if not computed and len(places) > 1:
        drawn = _shared(drawn, rest, {k: unit if whole[k] else 1.0 for k in drawn})
    terms = {k: drawn[k] for k in places if k != last}
    terms[last] = rest - np.sum([*terms.values(), np.zeros(len(rest))], axis=0)
    return terms


def _shared(drawn: Mapping[int, Floats], rest: Floats, grains: Mapping[int, float]) -> dict[int, Floats]:
    """The draws, scaled to add up to the rest, to the grain of each, where all have its sign; else as they are."""
    terms = np.stack([*drawn.values()])
    total = terms.sum(axis=0)
    alike = (terms * np.sign(rest) >= 0).all(axis=0) & (total != 0)
    scale = np.where(alike, rest / np.where(alike, total, 1.0), 1.0)
    return {k: np.where(alike, np.trunc(v * scale / grains[k]) * grains[k], v) for k, v in drawn.items()}


def _told_floats(told: Told, name: str, n: int) -> Floats:
    return plain_floats(told[name]) if name in told else np.full(n, np.nan)


def _solve_gap(step: Gap, parts: pd.DataFrame, told: Told, solved: dict[str, Mask], *, drawn: bool) -> None:
    """Write the moment that the other one and the gap give; one that was solved before gives way to one that came."""
    moved, base = step.moved.name, step.base.name
    if moved not in told:
        return
    here = ~nulls(told[moved])
    there = ~nulls(told[base]) if base in told else np.zeros(len(parts), dtype=bool)
    late = np.zeros(len(parts), dtype=bool)
    if (here & there).any():
        late = step.broken(pd.DataFrame({moved: told[moved], base: told[base]}))
    loose = late & solved.get(base, ~here & here)
    rows = (here & ~there) | loose
    if rows.any():
        values = step.solved(parts[moved], told[moved], parts[base] if drawn else None)
        _write(told, base, values, rows)
        solved[base] = solved.get(base, np.zeros(len(parts), dtype=bool)) | rows
    lifted = late & ~loose & solved.get(moved, ~here & here)
    if lifted.any():
        least = step.restored(pd.DataFrame({moved: np.zeros(len(parts), np.int64), base: told[base]}))
        _write(told, moved, least, lifted)


def _write(told: Told, name: str, values: pd.Series, rows: Mask) -> None:
    told[name] = told[name].where(~rows, values) if name in told else values.where(rows)


def limits_of(steps: Sequence[object], told: Told) -> dict[str, tuple[Floats, Floats]]:
    """Least and greatest legal value, by column, of cells that orders bound by known ones; infinite where none does."""
    orders = [step for step in steps if isinstance(step, Order)]
    names = list(dict.fromkeys(name for step in orders for name in (step.lesser, step.greater)))
    if not any(name in told for name in names):
        return {}
    n = len(next(iter(told.values())))
    values = {name: _told_floats(told, name, n) for name in names}
    low = {name: np.where(np.isnan(v), -np.inf, v) for name, v in values.items()}
    high = {name: np.where(np.isnan(v), np.inf, v) for name, v in values.items()}
    for _ in orders:
        for step in orders:
            low[step.greater] = np.maximum(low[step.greater], low[step.lesser])
            high[step.lesser] = np.minimum(high[step.lesser], high[step.greater])
    return {name: (low[name], high[name]) for name in names}


def bound(steps: Sequence[object], parts: pd.DataFrame, told: Told) -> None:
    """Move generated cells within the limits that orders and known cells set."""
    for name, (low, high) in limits_of(steps, told).items():
        values = plain_floats(parts[name])
        whole = pd.api.types.is_integer_dtype(parts[name].dtype)
        least, most = (np.ceil(low), np.floor(high)) if whole else (low, high)
        legal = np.minimum(np.maximum(values, least), most)
        known = ~nulls(told[name]) if name in told else np.zeros(len(parts), dtype=bool)
        rows = np.flatnonzero(~known & ~np.isnan(values) & (legal != values))
        if len(rows):
            changed = parts[name].copy()
            changed.iloc[rows] = pd.Series(legal[rows]).astype(changed.dtype).array
            parts[name] = changed


def find_clash(steps: Sequence[object], asked: pd.DataFrame) -> Clash | None:
    """The first relation that values asked for contradict, with the first row in which they do."""
    checks: tuple[tuple[type, Callable[[Any, pd.DataFrame], Mask]], ...] = (
        (Sum, _sum_clashes),
        (Gap, lambda step, rows: step.broken(rows)),
        (Dependency, _lookup_clashes),
    )
    for kind, clashes in checks:
        for step in steps:
            if not isinstance(step, kind):
                continue
            names = (*step.inputs, step.output)  # type: ignore[attr-defined]
            if all(name in asked for name in names):
                bad = clashes(step, asked)
                if bad.any():
                    return _clash(asked, int(bad.argmax()), names, _rule(step))
    return _order_clash([step for step in steps if isinstance(step, Order)], asked)


def _order_clash(orders: Sequence[Order], asked: pd.DataFrame) -> Clash | None:
    """A pair of values in the wrong order, directly or by columns between them."""
    for low, high in _reachable(orders):
        if low in asked and high in asked:
            with np.errstate(invalid="ignore"):
                bad = plain_floats(asked[low]) > plain_floats(asked[high])
            if bad.any():
                return _clash(asked, int(bad.argmax()), (low, high), f"{low} is never above {high}")
    return None


def _reachable(orders: Sequence[Order]) -> list[tuple[str, str]]:
    pairs = [(step.lesser, step.greater) for step in orders]
    grown = True
    while grown:
        more = [(a, d) for a, b in pairs for c, d in pairs if b == c and (a, d) not in pairs]
        pairs, grown = [*pairs, *dict.fromkeys(more)], bool(more)
    return pairs


def _sum_clashes(step: Sum, asked: pd.DataFrame) -> Mask:
    unit = 10.0**step.decimals
    added = sum(s * np.rint(plain_floats(asked[a]) * unit) for a, s in zip(step.addends, step.signs, strict=True))
    off = np.asarray(added, dtype=np.float64) - np.rint(plain_floats(asked[step.target]) * unit)
    return np.asarray(np.isfinite(off) & (off != 0), dtype=bool)


def _lookup_clashes(step: Dependency, asked: pd.DataFrame) -> Mask:
    pairing = step.pairing
    places = pairing.find(asked[pairing.source])
    bad = np.zeros(len(asked), dtype=bool)
    seen = np.flatnonzero(places >= 0)
    held = pairing.targets.iloc[places[seen]].to_numpy(dtype=object)
    came = asked[pairing.target].iloc[seen].to_numpy(dtype=object)
    bad[seen] = [not (pd.isna(a) or pd.isna(b)) and a != b for a, b in zip(held, came, strict=True)]
    return bad


def _clash(asked: pd.DataFrame, row: int, names: Sequence[str], relation: str) -> Clash:
    values = ((name, asked[name].iloc[row]) for name in dict.fromkeys(names))
    return Clash(row, tuple((name, v.item() if isinstance(v, np.generic) else v) for name, v in values), relation)


def _rule(step: Any) -> str:
    return str(step.describe()[0].partition(";")[0])


__all__ = ["Clash", "Told", "bound", "find_clash", "known_cells", "limits_of", "overlaid", "solve"]
