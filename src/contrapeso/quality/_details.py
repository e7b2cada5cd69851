"""The figures of each column and of the dependences that the report shows beside the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from contrapeso._log import mask
from contrapeso.metrics import (
    ColumnMeasure,
    Rows,
    SortedColumn,
    js_of_shares,
    ks_and_wasserstein,
    normalize,
    spearman_of_sorted,
    tv_of_shares,
)
from contrapeso.quality._bars import label_bars, number_bars
from contrapeso.quality._measure import Coded, CodedLabels, CodedNumbers, Measured
from contrapeso.quality._recommend import Facts, direction
from contrapeso.quality._report import Bars, ColumnReport, Dependence, Matrix, PairReport
from contrapeso.quality._score import scored

Floats = NDArray[np.float64]
N_PAIRS = 30
MAX_DECIMALS = 4


def describe_column(
    item: Coded, measure: ColumnMeasure, ceiling: float | None, rows: Rows, remark: str | None
) -> tuple[ColumnReport, Facts]:
    """Report of one column and the facts that recommendations are made of; ``remark`` is a note on the target."""
    nulls = _null_shares(item, rows.weights)
    report = ColumnReport(
        item.column.column.name,
        item.column.column.kind,
        scored(measure.score, ceiling),
        js=_known(js_of_shares(measure.p, measure.q)),
        null_real=nulls[0],
        null_synthetic=nulls[1],
        note=item.note or remark,
    )
    if isinstance(item, CodedNumbers):
        distances = ks_and_wasserstein(item.sorted_real, item.sorted_synthetic)
        return _describe_numbers(item, report, rows.weights, distances), _number_facts(item, nulls, distances[1])
    return _describe_labels(item, report, rows.weights), Facts(None, None, *nulls)


def _null_shares(item: Coded, weights: Floats | None) -> tuple[float, float]:
    if isinstance(item, CodedNumbers):
        left, right = item.sorted_real, item.sorted_synthetic
        share_s = (right.n_rows - right.values.size) / right.n_rows
        if weights is None or left.values.size == left.n_rows:
            return (left.n_rows - left.values.size) / left.n_rows, share_s
        return float(np.average(np.isnan(item.column.real).astype(float), weights=weights)), share_s
    gone, gone_s = item.column.real < 0, item.column.synthetic < 0
    return float(np.average(gone.astype(float), weights=weights)), float(gone_s.mean())


def _describe_numbers(
    item: CodedNumbers, report: ColumnReport, weights: Floats | None, distances: tuple[float, float]
) -> ColumnReport:
    left, right = item.sorted_real, item.sorted_synthetic
    distance, transport = distances
    return replace(
        report,
        ks=_known(1 - distance),
        wasserstein=_known(normalize(transport, left)),
        coverage=_range(left, right)[1],
        bars=number_bars(item.column.column, left, right, weights),
    )


def _number_facts(item: CodedNumbers, nulls: tuple[float, float], transport: float) -> Facts:
    left, right = item.sorted_real, item.sorted_synthetic
    moved = right.moments()[0] - left.moments()[0]
    shift = _known(normalize(abs(moved), left))
    whole, decimals, off_grid = _grid(left, right)
    return Facts(
        wasserstein=_known(normalize(transport, left)),
        shift=None if shift is None else float(np.copysign(shift, moved)),
        null_real=nulls[0],
        null_synthetic=nulls[1],
        whole_synthetic=whole,
        decimals_real=decimals,
        off_grid=off_grid,
        out_of_range=_range(left, right)[0],
    )


def _describe_labels(item: CodedLabels, report: ColumnReport, weights: Floats | None) -> ColumnReport:
    column, size = item.column, len(item.column.labels)
    present, present_s = column.real >= 0, column.synthetic >= 0
    mass = None if weights is None else weights[present]
    p = np.bincount(column.real[present], weights=mass, minlength=size).astype(float)
    q = np.bincount(column.synthetic[present_s], minlength=size).astype(float)
    known = p > 0
    return replace(
        report,
        tv=tv_of_shares(p / p.sum(), q / q.sum()) if p.sum() and q.sum() else None,
        unseen_share=float(q[~known].sum() / q.sum()) if q.sum() else None,
        coverage=float((q[known] > 0).mean()) if known.any() else None,
        bars=_nameless(label_bars(column, weights), report.kind),
    )


def _nameless(bars: Bars, kind: str) -> Bars:
    """``bars`` fit for a report: values of free text are numbered, personal numbers in other labels masked."""
    roles = bars.roles or ("value",) * len(bars.labels)
    hidden = kind in {"text", "identifier"}
    labels = (
        label if role != "value" else f"#{k}" if hidden else mask(label)
        for k, (label, role) in enumerate(zip(bars.labels, roles, strict=True), start=1)
    )
    return replace(bars, labels=tuple(labels))


def _range(left: SortedColumn, right: SortedColumn) -> tuple[float | None, float | None]:
    """Share of synthetic values outside the real range, and share of the real range that they cover."""
    if not left.values.size or not right.values.size:
        return None, None
    low, high = left.values[0], left.values[-1]
    inside = np.searchsorted(right.values, high, side="right") - np.searchsorted(right.values, low, side="left")
    outside = float((right.values.size - inside) / right.values.size)
    if not np.isfinite([low, high]).all() or high == low:
        return outside, None
    lost = max(0.0, right.values[0] - low) + max(0.0, high - right.values[-1])
    return outside, float(max(0.0, 1 - lost / (high - low)))


def _grid(left: SortedColumn, right: SortedColumn) -> tuple[float | None, int | None, float | None]:
    """Share of whole synthetic values where the real ones are whole; else decimals of the real ones and the share
    of synthetic ones with more.
    """
    real, synthetic = left.finite().values, right.finite().values
    if not real.size or not synthetic.size:
        return None, None, None
    for decimals in range(MAX_DECIMALS + 1):
        if _on_grid(real[:100], decimals).all() and _on_grid(real, decimals).all():
            share = float(_on_grid(synthetic, decimals).mean())
            return (share, None, None) if decimals == 0 else (None, decimals, 1 - share)
    return None, None, None


def _on_grid(values: Floats, decimals: int) -> NDArray[np.bool_]:
    """Which values have at most so many decimals, up to the precision of a float."""
    scaled = values * 10.0**decimals
    return np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(1.0, np.abs(scaled))


def describe_pairs(names: Sequence[str], measured: Measured) -> tuple[tuple[PairReport, ...], Mapping[str, int]]:
    """The 30 pairs that cost most, and counts of all of them."""
    pairs = measured.pairs
    scores = pairs.score
    counts = dict.fromkeys(("all", "dependent", "kept", "lost", "invented", "changed"), 0)
    counts["all"] = len(scores)
    reports = []
    for index in np.flatnonzero(~np.isnan(scores)):
        kind = direction(pairs, int(index))
        counts["dependent"] += 1
        counts[kind] += 1
        a, b = names[pairs.a[index]], names[pairs.b[index]]
        cost = float(pairs.weight[index, 0] * (1 - scores[index]))
        left, right = float(pairs.real[index]), float(pairs.synthetic[index])
        reports.append((cost, PairReport(a, b, left, right, float(scores[index]), kind)))
    reports.sort(key=lambda item: (-item[0], item[1].a, item[1].b))
    return tuple(report for _, report in reports[:N_PAIRS]), counts


def association_matrices(names: Sequence[str], measured: Measured) -> Dependence | None:
    """Bias-corrected Cramér's V of every pair in both tables; None with fewer than two columns."""
    if len(names) < 2:
        return None
    matrices = []
    for values in (measured.pairs.v_real, measured.pairs.v_synthetic):
        matrix = np.eye(len(names))
        matrix[measured.pairs.a, measured.pairs.b] = matrix[measured.pairs.b, measured.pairs.a] = values
        matrices.append(_matrix(matrix))
    return Dependence(tuple(names), matrices[0], matrices[1], "cramers_v")


def correlation_matrices(coded: Sequence[Coded], rows: Rows) -> Dependence | None:
    """Spearman correlation of the numeric columns in both tables; None with fewer than two of them."""
    numeric = [item for item in coded if isinstance(item, CodedNumbers) and item.fine.fixed is None and item.coarse]
    if len(numeric) < 2:
        return None
    left = spearman_of_sorted([item.sorted_real for item in numeric], rows.weights)
    right = spearman_of_sorted([item.sorted_synthetic for item in numeric])
    names = tuple(item.column.column.name for item in numeric)
    return Dependence(names, _matrix(left), _matrix(right), "spearman")


def _matrix(values: Floats) -> Matrix:
    return tuple(tuple(None if np.isnan(v) else round(float(v), 4) for v in row) for row in values)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


__all__ = ["association_matrices", "correlation_matrices", "describe_column", "describe_pairs"]
