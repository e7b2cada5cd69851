"""Shares per cell for plotting, with every cell that fewer than five real records stand behind merged away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.metrics import SortedColumn
from contrapeso.quality._columns import Labels
from contrapeso.quality._report import Bars, CellRole
from contrapeso.tables import Column

Floats = NDArray[np.float64]
MIN_RECORDS = 5
N_RANGES = 20
N_CATEGORIES = 20


@dataclass(frozen=True, slots=True)
class _Cell:
    label: str
    role: CellRole
    records: int
    real: float
    synthetic: float


def number_bars(column: Column, real: SortedColumn, synthetic: SortedColumn, weights: Floats | None) -> Bars:
    """Up to 20 ranges of equal width between rounded 1 % and 99 % quantiles, open at the ends, and nulls.

    A column of at most 20 whole values has a range for each.
    """
    is_date = column.kind == "datetime"
    edges = _edges(real, is_date=is_date)
    records, others = _histogram(real, edges, None), _histogram(synthetic, edges, None)
    shares = records if weights is None else _histogram(real, edges, weights)
    cells = [
        _Cell(label, "range", int(records[k]), shares[k], others[k])
        for k, label in enumerate(_range_labels(edges, is_date=is_date))
    ]
    cells.append(_Cell("null", "null", int(records[-1]), shares[-1], others[-1]))
    return _bars(_merge_ranges(cells))


def _edges(real: SortedColumn, *, is_date: bool) -> Floats:
    """Rounded edges inside the range of most values; none where there is no range."""
    finite = real.finite().values
    if not finite.size:
        return np.empty(0)
    distinct = finite[np.append(True, finite[1:] != finite[:-1])]
    if distinct.size <= N_RANGES and not is_date and np.all(distinct == np.rint(distinct)):
        inner: Floats = distinct[1:]
        return inner
    low, high = (float(np.clip(value, finite[0], finite[-1])) for value in real.quantile([0.01, 0.99]))
    if high <= low:
        return np.empty(0)
    step = 10.0 ** np.floor(np.log10((high - low) / N_RANGES))
    step *= next(nice for nice in (1, 2, 5, 10) if nice * step * N_RANGES >= high - low)
    if is_date:
        step = max(1.0, np.ceil(step))
    edges: Floats = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return edges


def _histogram(column: SortedColumn, edges: Floats, mass: Floats | None) -> Floats:
    """Rows, or their ``mass`` (n,), per range and, last, of nulls."""
    cuts = np.concatenate(([0], np.searchsorted(column.values, edges, side="left"), [column.values.size]))
    if mass is None:
        return np.append(np.diff(cuts), column.n_rows - column.values.size).astype(np.float64)
    gone = np.ones(column.n_rows, dtype=bool)
    gone[column.order] = False
    upto = np.concatenate(([0.0], np.cumsum(mass[column.order])))
    return np.append(np.diff(upto[cuts]), mass[gone].sum())


def _range_labels(edges: Floats, *, is_date: bool) -> list[str]:
    if not len(edges):
        return ["*"]
    names = [_edge_name(edge, is_date=is_date) for edge in edges]
    inner = [f"{low} – {high}" for low, high in pairwise(names)]
    return [f"< {names[0]}", *inner, f"≥ {names[-1]}"]


def _edge_name(edge: float, *, is_date: bool) -> str:
    if is_date:
        return str((pd.Timestamp(0) + pd.Timedelta(days=edge)).date()) if abs(edge) < 1e5 else f"{edge:g}"
    return f"{edge:.10g}"


def _merge_ranges(cells: list[_Cell]) -> tuple[list[_Cell], int]:
    """Neighbouring ranges joined until each has five real records or none; a null cell of a few is suppressed."""
    ranges: list[_Cell] = []
    merged = 0
    for cell in (c for c in cells if c.role == "range"):
        if ranges and (0 < ranges[-1].records < MIN_RECORDS or 0 < cell.records < MIN_RECORDS):
            ranges[-1] = _join(ranges[-1], cell)
            merged += 1
        else:
            ranges.append(cell)
    if len(ranges) > 1 and 0 < ranges[-1].records < MIN_RECORDS:
        last = ranges.pop()
        ranges[-1] = _join(ranges[-1], last)
        merged += 1
    nulls = [c for c in cells if c.role == "null"]
    return [*ranges, *nulls], merged


def _join(left: _Cell, right: _Cell) -> _Cell:
    low = left.label.partition(" – ")[0] if " – " in left.label else left.label
    high = right.label.rpartition(" – ")[2] if " – " in right.label else right.label
    if low.startswith("<"):
        label = "*" if high.startswith("≥") else f"< {high}"
    else:
        low = low.removeprefix("≥ ")
        label = f"≥ {low}" if high.startswith("≥") else f"{low} – {high}"
    return _Cell(label, "range", left.records + right.records, left.real + right.real, left.synthetic + right.synthetic)


def label_bars(column: Labels, weights: Floats | None) -> Bars:
    """The 20 most frequent categories of the real table, then other, unseen, suppressed and null."""
    n_labels = len(column.labels)
    mass = np.ones(column.real.size) if weights is None else weights
    slots = [np.where(part < 0, n_labels, part) for part in (column.real, column.synthetic)]
    records = np.bincount(slots[0], minlength=n_labels + 1)
    real = np.bincount(slots[0], weights=mass, minlength=n_labels + 1)
    synthetic = np.bincount(slots[1], minlength=n_labels + 1).astype(float)
    shown = [k for k in np.argsort(-real[:-1], kind="stable") if records[k] >= MIN_RECORDS][:N_CATEGORIES]
    known = records[:-1] > 0
    rare = known & (records[:-1] < MIN_RECORDS)
    other = known & ~rare
    other[shown] = False
    cells = [_Cell(column.labels[k], "value", int(records[k]), real[k], synthetic[k]) for k in shown]
    groups: Sequence[tuple[CellRole, NDArray[np.bool_]]] = (("other", other), ("suppressed", rare), ("unseen", ~known))
    for role, mask in groups:
        at = np.flatnonzero(mask)
        if at.size:
            cells.append(_Cell(role, role, MIN_RECORDS, real[at].sum(), synthetic[at].sum()))
    cells.append(_Cell("null", "null", int(records[-1]), real[-1], synthetic[-1]))
    return _bars((cells, int(rare.sum())))


def _bars(found: tuple[list[_Cell], int]) -> Bars:
    """Shares to four decimals; a null cell that neither table uses is left out."""
    cells, merged = found
    cells = [c for c in cells if c.role != "null" or c.real or c.synthetic]
    if cells and cells[-1].role == "null" and 0 < cells[-1].records < MIN_RECORDS:
        cells[-1], merged = replace(cells[-1], label="suppressed", role="suppressed"), merged + 1
    totals = [sum(c.real for c in cells) or 1.0, sum(c.synthetic for c in cells) or 1.0]
    return Bars(
        tuple(c.label for c in cells),
        tuple(round(c.real / totals[0], 4) for c in cells),
        tuple(round(c.synthetic / totals[1], 4) for c in cells),
        merged,
        tuple(c.role for c in cells),
    )


__all__ = ["MIN_RECORDS", "label_bars", "number_bars"]
