"""What the page shows of the columns and of their relations: list, plots, maps, pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from contrapeso.quality import _format, _svg
from contrapeso.quality._format import clean
from contrapeso.quality._guard import HIDDEN_KINDS
from contrapeso.quality._labels import DIRECTION_PLURALS, DIRECTION_WORDS, KIND_WORDS, METRICS, ROLE_WORDS
from contrapeso.quality._report import Bars, ColumnReport, Dependence, PairReport, QualityReport, Score
from contrapeso.quality._svg import Alt, Cell
from contrapeso.quality._view_tables import explained
from contrapeso.quality._writer import Writer

MAX_MAP = 30
MEASURES_OF_COLUMN = ("column", "ks", "tv", "js", "wasserstein", "nulls", "coverage", "unseen")
WIDE = 60
"""Columns from which the page says less about each, to stay under its size limit."""


@dataclass(frozen=True, slots=True)
class _Depth:
    """How much is shown of each column: categories in the plot and rows of gaps."""

    categories: int
    gaps: int


_FULL, _MIDDLE, _BRIEF = _Depth(_svg.MAX_CATEGORIES, 6), _Depth(10, 4), _Depth(7, 3)
_MANY = 20


def _depth(n_columns: int) -> _Depth:
    return _BRIEF if n_columns > WIDE else _MIDDLE if n_columns > _MANY else _FULL


def dumbbell(pair: PairReport) -> str:
    """A pair's dependence, real and synthetic, on one line; the numbers stand beside it."""
    return _svg.dumbbell(pair.dependence_real, pair.dependence_synthetic, Alt("", ""))


def cells(bars: Bars | None) -> list[Cell]:
    """The cells of a column's bars."""
    if bars is None:
        return []
    roles = bars.roles or ("value",) * len(bars.labels)
    return [Cell(*cell) for cell in zip(bars.labels, roles, bars.real, bars.synthetic, strict=True)]


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table of measures."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell where the two tables differ."""

    label: str
    real: str
    synthetic: str
    difference: str


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column: its line in the list and what opens below it."""

    ident: str
    name: str
    kind: str
    kind_word: str
    value: str
    sort_score: str
    tone: str
    bar: Markup
    mini: Markup
    nulls: str
    sort_nulls: str
    note: str
    interval: str
    plot: Markup
    measures: tuple[Measure, ...]
    gaps: tuple[Gap, ...]
    hidden: tuple[str, ...]


def columns(report: QualityReport, say: Writer) -> list[ColumnView]:
    """Every column, worst first, unscored ones last."""
    threshold = next((d.threshold for d in report.dimensions if d.name == "statistical_similarity"), 0.8)
    depth = _depth(len(report.columns))
    return [_column(f"c{k}", column, threshold, depth, say) for k, column in enumerate(worst_first(report))]


def worst_first(report: QualityReport) -> list[ColumnReport]:
    """The columns by similarity, unscored ones last."""
    return sorted(report.columns, key=lambda c: (c.score.value is None, c.score.value or 0.0, c.name))


def _column(ident: str, column: ColumnReport, threshold: float, depth: _Depth, say: Writer) -> ColumnView:
    score, name, drawn = column.score, clean(column.name), _worded(column, say)
    passed = score.value is None or score.value >= threshold
    return ColumnView(
        ident=ident,
        name=name,
        kind=clean(column.kind),
        kind_word=KIND_WORDS[column.kind].to(say.language) if column.kind in KIND_WORDS else clean(column.kind),
        value=say.t("absent_short") if score.value is None else say.score(score.value),
        sort_score=f"{2.0 if score.value is None else score.value:.6g}",
        tone="absent" if score.value is None else "passed" if passed else "failed",
        bar=_bar(score, passed=passed),
        mini=Markup(_svg.mini_overlay(drawn, Alt("", ""))),  # noqa: S704
        nulls=_null_gap(column, say),
        sort_nulls=f"{_null_difference(column):.6g}",
        note=_notes(column, say),
        interval=say.interval(score),
        plot=Markup(_plot(ident, name, drawn, depth, say)),  # noqa: S704
        measures=_measures(column, say),
        gaps=_gaps(drawn, depth, say),
        hidden=_hidden(column, drawn, depth, say),
    )


def _bar(score: Score, *, passed: bool) -> Markup:
    """The similarity of a column as a thin bar."""
    if score.value is None:
        return Markup("")
    return Markup(_svg.small_bar(score.value, Alt("", ""), passed=passed))  # noqa: S704


def _notes(column: ColumnReport, say: Writer) -> str:
    """The note of a column and the reason of an absent score, each once."""
    codes = dict.fromkeys(code for code in (column.note, column.score.reason) if code)
    return " ".join(say.reason(code) for code in codes)


def _null_difference(column: ColumnReport) -> float:
    """How far apart the shares of nulls are, 0 where unknown."""
    if column.null_real is None or column.null_synthetic is None:
        return 0.0
    return abs(column.null_synthetic - column.null_real)


def _null_gap(column: ColumnReport, say: Writer) -> str:
    """The gap in nulls in points, in words."""
    if column.null_real is None or column.null_synthetic is None:
        return _format.ABSENT
    points = 100 * (column.null_synthetic - column.null_real)
    if abs(points) < 0.05:
        return say.t("null_same")
    return say.t("points", n=_format.signed(points, say.language, 1))


def _plot(ident: str, name: str, drawn: Sequence[Cell], depth: _Depth, say: Writer) -> str:
    """The large plot with its text alternative."""
    if not drawn:
        return ""
    worst = max(drawn, key=lambda cell: abs(cell.real - cell.synthetic))
    desc = say.t(
        "plot_desc", cell=_cell_word(worst, say), real=say.percent(worst.real), synthetic=say.percent(worst.synthetic)
    )
    words = {role: word.to(say.language) for role, word in ROLE_WORDS.items()}
    alt = Alt(f"{ident}-plot", say.t("plot_title", name=name), desc)
    return _svg.column_plot(drawn, alt, words, say.percent, depth.categories)


def _cell_word(cell: Cell, say: Writer) -> str:
    """A cell's label, in words for the special ones."""
    word = ROLE_WORDS.get(cell.role)
    return word.to(say.language) if word else clean(cell.label, 40)


def _worded(column: ColumnReport, say: Writer) -> list[Cell]:
    """The cells of a column with labels as people of the language write them."""
    drawn = cells(column.bars)
    if column.kind == "boolean":
        yes_no = {"True": say.t("yes"), "False": say.t("no")}
        return [replace(cell, label=yes_no.get(cell.label, cell.label)) for cell in drawn]
    whole = say.t("all_values")
    return [
        replace(cell, label=whole if cell.label == "*" else _format.range_label(cell.label, say.language))
        if cell.role == "range"
        else cell
        for cell in drawn
    ]


def _measures(column: ColumnReport, say: Writer) -> tuple[Measure, ...]:
    """Every measure of a column; the ones that do not apply are left out."""
    nulls = None
    if column.null_real is not None or column.null_synthetic is not None:
        nulls = f"{say.percent(column.null_real)} → {say.percent(column.null_synthetic)}"
    values = {
        "ks": None if column.ks is None else say.score(column.ks),
        "tv": None if column.tv is None else say.score(column.tv),
        "js": None if column.js is None else say.score(column.js),
        "wasserstein": None if column.wasserstein is None else say.number(column.wasserstein, 3),
        "nulls": nulls,
        "coverage": None if column.coverage is None else say.percent(column.coverage),
        "unseen": None if column.unseen_share is None else say.percent(column.unseen_share),
    }
    return tuple(
        Measure(METRICS[key].name.to(say.language), value) for key, value in values.items() if value is not None
    )


def measure_words(say: Writer) -> list[tuple[str, str]]:
    """What each measure of a column means, what is good and where it ends."""
    return [(METRICS[key].name.to(say.language), explained(METRICS[key], say)) for key in MEASURES_OF_COLUMN]


def _gaps(drawn: Sequence[Cell], depth: _Depth, say: Writer) -> tuple[Gap, ...]:
    """The cells that differ most, largest first."""
    worst = sorted(drawn, key=lambda cell: -abs(cell.real - cell.synthetic))[: depth.gaps]
    return tuple(
        Gap(
            _cell_word(cell, say),
            say.percent(cell.real),
            say.percent(cell.synthetic),
            say.t("points", n=_format.signed(100 * (cell.synthetic - cell.real), say.language, 1)),
        )
        for cell in worst
        if abs(cell.real - cell.synthetic) >= 0.0005
    )


def _hidden(column: ColumnReport, drawn: Sequence[Cell], depth: _Depth, say: Writer) -> tuple[str, ...]:
    """What the plot leaves out, in words."""
    notes = []
    if drawn and column.kind in HIDDEN_KINDS:
        notes.append(say.t("texts_hidden"))
    if drawn and not any(cell.role == "range" for cell in drawn):
        live = [cell for cell in drawn if cell.role == "value" or cell.real > 0 or cell.synthetic > 0]
        left = len(live) - len(_svg.shown_categories(drawn, depth.categories))
        if left > 0:
            notes.append(say.t("cells_merged", n=say.count(left)))
    if column.bars is not None and column.bars.suppressed:
        notes.append(say.t("suppressed", n=say.count(column.bars.suppressed)))
    return tuple(notes)


@dataclass(frozen=True, slots=True)
class MapView:
    """A triptych: real, synthetic, difference."""

    title: str
    real: Markup
    synthetic: Markup
    difference: Markup
    names: tuple[str, ...]
    cut: str
    strip: Markup
    strip_difference: Markup
    gaps: bool


def map_view(ident: str, dependence: Dependence | None, say: Writer) -> MapView | None:
    """The three heat maps of ``dependence``, None where it was not measured or has fewer than two columns."""
    if dependence is None or len(dependence.columns) < 2:
        return None
    kept = kept_columns(dependence)
    names = tuple(clean(dependence.columns[k]) for k in kept)
    real, synthetic = (_take(matrix, kept) for matrix in (dependence.real, dependence.synthetic))
    difference = [[_minus(s, r) for s, r in zip(*rows, strict=True)] for rows in zip(synthetic, real, strict=True)]
    worst = _worst_words(names, real, synthetic, difference, say)
    desc = say.t("map_desc", n=say.count(len(kept)), worst=worst)
    measure = say.t(f"measure_{dependence.measure}")

    def drawn(name: str, matrix: Sequence[Sequence[float | None]], scale: str) -> Markup:
        alt = Alt(f"{ident}-{name}", f"{measure}: {say.t(f'map_{name}')}", desc)
        return Markup(_svg.heat_map(matrix, alt, scale=scale, show=lambda value: _short(value, say)))  # noqa: S704

    cut = say.t("map_cut", n=say.count(len(kept)), total=say.count(len(dependence.columns)))
    return MapView(
        title=measure,
        real=drawn("real", real, "from_zero"),
        synthetic=drawn("synthetic", synthetic, "from_zero"),
        difference=drawn("difference", difference, "both_ways"),
        names=names,
        cut=cut if len(kept) < len(dependence.columns) else "",
        strip=Markup(_svg.scale_strip("from_zero")),  # noqa: S704
        strip_difference=Markup(_svg.scale_strip("both_ways")),  # noqa: S704
        gaps=any(value is None for row in difference for value in row),
    )


def kept_columns(dependence: Dependence) -> list[int]:
    """Positions of the columns that the maps show: all, or the ``MAX_MAP`` with the largest differences."""
    n = len(dependence.columns)
    if n <= MAX_MAP:
        return list(range(n))
    change = [
        sum(abs(_minus(s, r) or 0.0) for s, r in zip(*rows, strict=True))
        for rows in zip(dependence.synthetic, dependence.real, strict=True)
    ]
    return sorted(sorted(range(n), key=lambda k: (-change[k], k))[:MAX_MAP])


def _take(matrix: Sequence[Sequence[float | None]], kept: Sequence[int]) -> list[list[float | None]]:
    """Rows and columns ``kept`` of a square matrix."""
    return [[matrix[i][j] for j in kept] for i in kept]


def _minus(a: float | None, b: float | None) -> float | None:
    """The difference, None where either is unknown."""
    return None if a is None or b is None else a - b


def _short(value: float, say: Writer) -> str:
    """A value for a tile, with a true minus."""
    return _format.signed(value, say.language) if value < 0 else say.number(value)


def _worst_words(
    names: Sequence[str],
    real: Sequence[Sequence[float | None]],
    synthetic: Sequence[Sequence[float | None]],
    difference: Sequence[Sequence[float | None]],
    say: Writer,
) -> str:
    """The largest difference in words."""
    n = len(names)
    size, i, j = max((abs(difference[i][j] or 0.0), i, j) for i in range(n) for j in range(i + 1, n))
    if size < 0.005:
        return say.t("map_none")
    return say.t(
        "map_worst", a=names[i], b=names[j], real=say.number(real[i][j]), synthetic=say.number(synthetic[i][j])
    )


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair whose dependence was lost, invented or changed."""

    a: str
    b: str
    word: str
    tone: str
    picture: Markup
    real: str
    synthetic: str
    score: str


def pairs(report: QualityReport, say: Writer) -> list[PairView]:
    """The pairs that were not kept, in the order of the report (worst first)."""
    return [
        PairView(
            a=clean(pair.a),
            b=clean(pair.b),
            word=DIRECTION_WORDS[pair.direction].to(say.language),
            tone=pair.direction,
            picture=Markup(dumbbell(pair)),  # noqa: S704
            real=say.number(pair.dependence_real),
            synthetic=say.number(pair.dependence_synthetic),
            score=say.score(pair.score),
        )
        for pair in report.pairs
        if pair.direction != "kept"
    ]


def pair_counts(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """How many pairs were kept, lost, invented or changed, in words."""
    return [
        (words.to(say.language), say.count(report.pair_counts[key]))
        for key, words in DIRECTION_PLURALS.items()
        if key in report.pair_counts
    ]


__all__ = [
    "MAX_MAP",
    "WIDE",
    "ColumnView",
    "MapView",
    "PairView",
    "cells",
    "columns",
    "dumbbell",
    "kept_columns",
    "map_view",
    "measure_words",
    "pair_counts",
    "pairs",
    "worst_first",
]
