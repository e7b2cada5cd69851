"""Inline SVG from aggregated numbers: pure functions, text in, ``<svg>`` text out, no row of any table.

Colours are CSS classes of the page (``real``, ``syn``, ``q0``..``q9``), so one drawing serves light, dark and
print. Real is always filled and solid, synthetic always a line, dashed or striped: no reading depends
on colour alone. Bars that must stay readable at any width use percentages; shapes that may stretch sit
in a nested ``<svg>`` with ``preserveAspectRatio="none"``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from contrapeso.quality._format import clean

STRIPES = (
    '<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="cp-stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="stripe-back" width="5" height="5"/><rect class="stripe" width="2.6" height="5"/></pattern>'
    "</defs></svg>"
)
"""The stripes of synthetic bars; once per page."""

N_LEVELS = 10
N_WHOLE = 12
MAX_CATEGORIES = 14
MAX_MINI = 48
_SPECIAL = ("null", "other", "unseen", "suppressed")


@dataclass(frozen=True, slots=True)
class Alt:
    """Text alternative of a drawing: an ``ident`` that is unique on the page, a title and a description."""

    ident: str
    title: str
    desc: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One bar of a column: ``label``, ``role`` (see ``CellRole``) and its share in both tables."""

    label: str
    role: str
    real: float
    synthetic: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick at ``at`` (0 to 1) with the word under it; without ``line`` the word alone."""

    at: float
    word: str
    line: bool = True


def score_bar(
    value: float | None,
    alt: Alt,
    *,
    interval: tuple[float, float] | None = None,
    ceiling: Mark | None = None,
    ticks: Sequence[Mark] = (),
    passed: bool = True,
) -> str:
    """A score from 0 to 1 with its interval (whiskers), ceiling (diamond) and threshold ticks, 100 % wide."""
    parts = ['<rect class="track" x="0" y="22" width="100%" height="14" rx="3"/>']
    if value is not None:
        parts.append(
            f'<rect class="{"fill" if passed else "fill low"}" x="0" y="22" width="{_pc(value)}" height="14" rx="3"/>'
        )
    parts += [_tick(tick) for tick in ticks]
    if interval is not None:
        low, high = (_pc(edge) for edge in interval)
        parts.append(
            f'<line class="whisker-back" x1="{low}" x2="{high}" y1="29" y2="29"/>'
            f'<line class="whisker" x1="{low}" x2="{high}" y1="29" y2="29"/>'
            f'<line class="whisker" x1="{low}" x2="{low}" y1="24" y2="34"/>'
            f'<line class="whisker" x1="{high}" x2="{high}" y1="24" y2="34"/>'
        )
    if ceiling is not None:
        at = _pc(ceiling.at)
        parts.append(
            f'<svg class="at" x="{at}" y="13"><path class="diamond" d="M0-6 5 0 0 6-5 0z"/></svg>'
            f'<line class="ceiling" x1="{at}" x2="{at}" y1="18" y2="40"/>'
            f'<text class="mark" x="{at}" dx="{-9 if ceiling.at > 0.5 else 9}" y="16" '
            f'text-anchor="{"end" if ceiling.at > 0.5 else "start"}">{_text(ceiling.word)}</text>'
        )
    return _svg("score", 'width="100%" height="54"', alt, "".join(parts))


def _tick(tick: Mark) -> str:
    """A threshold: a line across the bar and its word below."""
    at = _pc(tick.at)
    line = f'<line class="tick" x1="{at}" x2="{at}" y1="20" y2="40"/>' if tick.line else ""
    kind = "mark edge" if tick.line else "band"
    anchor = "start" if tick.at < 0.02 else "end" if tick.at > 0.98 else "middle"
    return f'{line}<text class="{kind}" x="{at}" y="52" text-anchor="{anchor}">{_text(tick.word)}</text>'


def small_bar(value: float | None, alt: Alt, *, passed: bool = True) -> str:
    """A score from 0 to 1 as a thin bar."""
    body = '<rect class="track" width="100%"/>'
    if value is not None:
        body += f'<rect class="{"fill" if passed else "fill low"}" width="{_pc(value)}"/>'
    return _svg("thin", 'width="100%"', alt, body)


def mini_overlay(cells: Sequence[Cell], alt: Alt) -> str:
    """Both distributions in thumbnail: real filled, synthetic a stepped line; of many cells the largest ones."""
    if not cells:
        return ""
    if len(cells) > MAX_MINI and not any(cell.role == "range" for cell in cells):
        cells = shown_categories(cells, MAX_MINI)
    box = f'viewBox="0 0 {len(cells)} 100" preserveAspectRatio="none" width="132" height="34"'
    return _svg("mini", box, alt, _overlay(cells, 100, 96))


def column_plot(
    cells: Sequence[Cell],
    alt: Alt,
    words: dict[str, str],
    share: Callable[[float], str],
    limit: int = MAX_CATEGORIES,
) -> str:
    """The large plot: stepped ranges for numbers and dates, paired bars for categories.

    ``words`` names the special cells by role, ``share`` writes a share as text, and ``limit`` is how many
    categories are drawn.
    """
    if not cells:
        return ""
    if any(cell.role == "range" for cell in cells):
        return _ranges_plot(cells, alt, words, share)
    return _bars_plot(shown_categories(cells, limit), alt, words, share)


def _ranges_plot(cells: Sequence[Cell], alt: Alt, words: dict[str, str], share: Callable[[float], str]) -> str:
    """Stepped ranges, then the special cells as paired bars on the right, on one scale."""
    body = [cell for cell in cells if cell.role not in _SPECIAL]
    special = [cell for cell in cells if cell.role in _SPECIAL and (cell.real > 0 or cell.synthetic > 0)]
    top = max(max(cell.real, cell.synthetic) for cell in (*body, *special)) or 1.0
    width = 100.0 - 11.0 * len(special)
    reach = width - (2 if special else 0)
    parts = [
        '<line class="grid" x1="0" x2="100%" y1="20" y2="20"/>',
        f'<text class="axis" x="0" y="14">{_text(share(top))}</text>',
        f'<svg x="0" y="20" width="{reach:g}%" height="150" viewBox="0 0 {len(body)} 100" preserveAspectRatio="none">',
        f"{_overlay(body, 100, 100, top)}</svg>",
        '<line class="base" x1="0" x2="100%" y1="170" y2="170"/>',
    ]
    parts += _range_labels(body, reach)
    for k, cell in enumerate(special):
        x = width + 11.0 * k
        parts.append(_upright(cell.real, top, x + 2, "real"))
        parts.append(_upright(cell.synthetic, top, x + 5.5, "syn"))
        parts.append(
            f'<text class="axis" x="{x + 5.3:g}%" y="186" text-anchor="middle">{_text(words[cell.role], 9)}</text>'
        )
    return _svg("plot", 'width="100%" height="194"', alt, "".join(parts))


def _range_labels(cells: Sequence[Cell], reach: float) -> list[str]:
    """Labels of the first, the middle and the last range under the axis, ``reach`` percent wide."""
    n = len(cells)
    places = {0: (0.0, "start"), n // 2: (reach * (n // 2 + 0.5) / n, "middle"), n - 1: (reach, "end")}
    if n < 3:
        places = {k: (reach * (k + 0.5) / n, "middle") for k in range(n)}
    return [
        f'<text class="axis {anchor}" x="{x:.2f}%" text-anchor="{anchor}" y="186">{_text(cells[k].label, 26)}</text>'
        for k, (x, anchor) in places.items()
    ]


def _upright(value: float, top: float, x: float, side: str) -> str:
    """An upright bar of a special cell."""
    height = 150 * value / top
    return f'<rect class="{side}" x="{x:g}%" y="{170 - height:.1f}" width="3.2%" height="{height:.1f}"/>'


def _bars_plot(cells: Sequence[Cell], alt: Alt, words: dict[str, str], share: Callable[[float], str]) -> str:
    """One pair of lying bars per category: solid real, striped synthetic."""
    top = max(max(cell.real, cell.synthetic) for cell in cells) or 1.0
    names: list[str] = []
    specials: list[str] = []
    real: list[str] = []
    synthetic: list[str] = []
    shares: list[str] = []
    for k, cell in enumerate(cells):
        y = 34 * k
        special = cell.role in _SPECIAL
        name = words[cell.role] if special else cell.label
        (specials if special else names).append(f'<text y="{y + 20}">{_text(name, 20)}</text>')
        for bars, value, at in ((real, cell.real, y + 5), (synthetic, cell.synthetic, y + 17)):
            width = 56 * value / top
            bars.append(f'<rect y="{at}" width="{width:.1f}%"/>')
            shares.append(f'<text x="{30.8 + width:.1f}%" y="{at + 9}">{_text(share(value))}</text>')
    groups = {"name": names, "name special": specials, "real": real, "syn": synthetic, "axis": shares}
    body = "".join(f'<g class="{kind}">{"".join(parts)}</g>' for kind, parts in groups.items() if parts)
    return _svg("plot", f'width="100%" height="{34 * len(cells) + 4}"', alt, body)


def shown_categories(cells: Sequence[Cell], limit: int = MAX_CATEGORIES) -> list[Cell]:
    """The cells that a plot of categories draws: the largest, and every special one that is not empty."""
    values = [cell for cell in cells if cell.role not in _SPECIAL]
    largest = sorted(range(len(values)), key=lambda k: -max(values[k].real, values[k].synthetic))[:limit]
    special = [cell for cell in cells if cell.role in _SPECIAL and (cell.real > 0 or cell.synthetic > 0)]
    return [values[k] for k in sorted(largest)] + special or list(cells[:1])


def heat_map(matrix: Sequence[Sequence[float | None]], alt: Alt, *, scale: str, show: Callable[[float], str]) -> str:
    """A square matrix as tiles, one path of unit-wide strokes per level of colour; numbers where they fit.

    Of more than ``N_WHOLE`` columns the lower triangle is drawn: the upper one would say the same again.

    ``scale`` is ``"from_zero"`` (the colour is the strength, a minus marks the opposed) or ``"both_ways"`` (blue below
    zero, orange above, with signs). None has its own level.
    """
    n = len(matrix)
    matrix = [values[: row + 1] for row, values in enumerate(matrix)] if n > N_WHOLE else matrix
    levels: dict[str, list[str]] = {}
    for row, values in enumerate(matrix):
        column = 0
        for level, run in groupby(_level(value, scale) for value in values):
            width = len(list(run))
            levels.setdefault(level, []).append(f"M{column} {row}.5h{width}")
            column += width
    tiles = "".join(f'<path class="tile {level}" d="{"".join(path)}"/>' for level, path in sorted(levels.items()))
    lines = "".join(f"M{k} 0v{n}M0 {k}h{n}" for k in range(1, n))
    margin = max(0.4, 0.085 * n)
    unit = (n + margin) / 270  # a pixel, at the usual width of a map
    parts = [tiles, f'<path class="lines" d="{lines}"/>' if lines else "", _numbers_of_axes(n, margin, 11 * unit)]
    if n <= 8:
        parts.append(_values_in_tiles(matrix, scale, min(0.34, 13 * unit), show))
    elif n <= 40:
        parts.append(_signs_in_tiles(matrix, scale))
    return _svg(
        "map", f'viewBox="{-margin:g} {-margin:g} {n + margin:g} {n + margin:g}" width="100%"', alt, "".join(parts)
    )


def _level(value: float | None, scale: str) -> str:
    """The CSS class of a tile."""
    if value is None:
        return "qx"
    step = min(N_LEVELS - 1, int(abs(value) * N_LEVELS))
    if scale == "both_ways" and abs(value) >= 0.005:
        return f"q{step} more" if value > 0 else f"q{step} less"
    return f"q{step}"


def _numbers_of_axes(n: int, margin: float, size: float) -> str:
    """Column numbers along the top and the left, every fifth where there are many."""
    places = [k for k in range(n) if n <= 14 or k == 0 or (k + 1) % 5 == 0]
    top = "".join(f'<text x="{k + 0.5}" y="{-margin * 0.3:.2f}">{k + 1}</text>' for k in places)
    left = "".join(f'<text x="{-margin * 0.5:.2f}" y="{k + 0.5 + size * 0.35:.2f}">{k + 1}</text>' for k in places)
    return f'<g class="axis-number" font-size="{size:.2f}" text-anchor="middle">{top}{left}</g>'


def _values_in_tiles(
    matrix: Sequence[Sequence[float | None]], scale: str, size: float, show: Callable[[float], str]
) -> str:
    """The value in each tile, light on dark tiles."""
    texts = "".join(
        f'<text{_on(value)} x="{column + 0.5}" y="{row + 0.5 + size * 0.35:.2f}">{_text(show(value))}</text>'
        for row, values in enumerate(matrix)
        for column, value in enumerate(values)
        if value is not None and (scale != "both_ways" or abs(value) >= 0.005)
    )
    return f'<g class="tile-value" font-size="{size}" text-anchor="middle">{texts}</g>'


def _signs_in_tiles(matrix: Sequence[Sequence[float | None]], scale: str) -> str:
    """The sign of every tile of at least a tenth (both ways: either sign, else minus), readable without colour."""
    signs: dict[str, list[str]] = {"sign": [], "sign on": []}
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            if value is not None and (value <= -0.1 or (scale == "both_ways" and value >= 0.1)):
                upright = "m-.2-.2v.4" if value > 0 else ""
                signs["sign on" if abs(value) >= 0.5 else "sign"].append(f"M{column}.3 {row}.5h.4{upright}")
    return "".join(f'<path class="{kind}" d="{"".join(path)}"/>' for kind, path in signs.items() if path)


def _on(value: float) -> str:
    """The class of text that stands on a dark tile."""
    return ' class="on"' if abs(value) >= 0.5 else ""


def scale_strip(scale: str) -> str:
    """The colours of a heat map from least to most; its words stand beside it, so it is hidden from readers."""
    classes = [f"q{k}" for k in range(N_LEVELS)]
    if scale == "both_ways":
        classes = [f"q{k} less" for k in reversed(range(N_LEVELS))] + [f"q{k} more" for k in range(N_LEVELS)]
    tiles = "".join(f'<rect class="{name}" x="{k}" width="1" height="1"/>' for k, name in enumerate(classes))
    return (
        f'<svg class="strip" viewBox="0 0 {len(classes)} 1" preserveAspectRatio="none" width="96" height="10" '
        f'aria-hidden="true" focusable="false">{tiles}</svg>'
    )


def dumbbell(real: float, synthetic: float, alt: Alt) -> str:
    """Two values from 0 to 1 on one line: a full circle for real, an open square for synthetic."""
    a, b = (4 + 92 * min(1.0, max(0.0, value)) for value in (real, synthetic))
    body = (
        f'<rect class="span" x="{min(a, b):.1f}%" width="{abs(a - b):.1f}%"/>'
        f'<circle cx="{a:.1f}%"/><rect class="box" x="{b:.1f}%"/>'
    )
    return _svg("dumbbell", 'width="100%"', alt, body)


def versus(
    value: float | None,
    reference: float | None,
    *,
    span: tuple[float, float],
    interval: tuple[float, float] | None = None,
    reference_interval: tuple[float, float] | None = None,
) -> str:
    """A value (open square) under its reference (full circle), each with its interval, on a line that covers ``span``.

    The numbers stand beside it in words, so it is hidden from readers. Empty without a value.
    """
    if value is None:
        return ""
    low, width = span[0], (span[1] - span[0]) or 1.0

    def place(at: float) -> float:
        return 2 + 96 * min(1.0, max(0.0, (at - low) / width))

    parts = []
    if reference is not None:
        parts = [_whisker(reference_interval, place, "of-real"), f'<circle cx="{place(reference):.1f}%"/>']
    parts += [_whisker(interval, place, "of-syn"), f'<rect class="box" x="{place(value):.1f}%"/>']
    return f'<svg class="versus" aria-hidden="true">{"".join(parts)}</svg>'


def _whisker(interval: tuple[float, float] | None, place: Callable[[float], float], kind: str) -> str:
    """An interval as a thin line, nothing without one."""
    if interval is None:
        return ""
    low, high = (place(edge) for edge in interval)
    return f'<rect class="{kind}" x="{low:.1f}%" width="{max(0.0, high - low):.1f}%"/>'


def stacked_bar(before: int, after: int, largest: int, alt: Alt) -> str:
    """Rows of a class: solid what was there and stayed, striped what was added, hollow what was dropped."""
    kept, scale = min(before, after), max(largest, 1)
    body = f'<rect class="real" width="{_pc(kept / scale)}" height="12"/>'
    if after > before:
        body += f'<rect class="syn" x="{_pc(kept / scale)}" width="{_pc((after - kept) / scale)}" height="12"/>'
    elif before > after:
        body += f'<rect class="dropped" x="{_pc(kept / scale)}" width="{_pc((before - kept) / scale)}" height="12"/>'
    return _svg("stack", 'width="100%" height="12"', alt, body)


def _overlay(cells: Sequence[Cell], height: float, reach: float, top: float | None = None) -> str:
    """Real as a filled stepped area and synthetic as a stepped line, one unit wide per cell."""
    scale = reach / (top or max(max(cell.real, cell.synthetic) for cell in cells) or 1.0)
    real = _steps([height - scale * cell.real for cell in cells])
    line = _steps([height - scale * cell.synthetic for cell in cells])
    return f'<path class="area" d="M0 {height:g}V{real}V{height:g}z"/><path class="line" d="M0 {line}"/>'


def _steps(heights: Sequence[float]) -> str:
    """Path data of a staircase, one unit per step, after its starting command."""
    steps = [f"{heights[0]:.3g}h1"]
    steps += [f"V{height:.3g}h1" for height in heights[1:]]
    return "".join(steps)


def _svg(kind: str, box: str, alt: Alt, body: str) -> str:
    """The outer element with its title and description; without them its words stand beside it, so it is hidden."""
    title = _text(alt.title, 200)
    if not alt.title and not alt.desc:
        return f'<svg class="{kind}" {box} aria-hidden="true">{body}</svg>'
    if not alt.desc:
        return f'<svg class="{kind}" {box} role="img" aria-label="{title}">{body}</svg>'
    return (
        f'<svg class="{kind}" {box} role="img" aria-labelledby="{alt.ident}-t {alt.ident}-d">'
        f'<title id="{alt.ident}-t">{title}</title><desc id="{alt.ident}-d">{_text(alt.desc, 400)}</desc>{body}</svg>'
    )


def _pc(share: float) -> str:
    """A share of one as a percentage length, kept inside the picture."""
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"


def _text(text: str, limit: int = 60) -> str:
    """``text`` ready for element content and quoted attributes."""
    return escape(clean(text, limit))


__all__ = [
    "MAX_CATEGORIES",
    "STRIPES",
    "Alt",
    "Cell",
    "Mark",
    "column_plot",
    "dumbbell",
    "heat_map",
    "mini_overlay",
    "scale_strip",
    "score_bar",
    "shown_categories",
    "small_bar",
    "stacked_bar",
    "versus",
]
