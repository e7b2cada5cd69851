"""Precision over recall, and calibration, of out-of-fold chances: numbers first, then one SVG without any library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing._texts import Language, check_language
from contrapeso.balancing.ladder._scores import equal_bins

Floats = NDArray[np.float64]

COLOURS = ("#5b6770", "#0b6e4f", "#c8553d")
DASHES = ("6 3", "", "2 2")
SIDE, GAP, LEFT, TOP, BELOW = 260, 90, 56, 34, 96
MOST_POINTS = 120
WORDS = {
    "recall": ("revocação", "recall"),
    "precision": ("precisão", "precision"),
    "predicted": ("probabilidade prevista", "predicted probability"),
    "observed": ("frequência observada", "observed frequency"),
    "title": (
        "Precisão por revocação (esquerda) e calibração (direita), fora da dobra",
        "Precision over recall (left) and calibration (right), out of fold",
    ),
    "perfect": ("calibração perfeita", "perfect calibration"),
    "many": ("Curvas existem para duas classes.", "Curves are for two classes."),
}


@dataclass(frozen=True)
class Curve:
    """One rung: points (recall, precision), and points (mean chance, share of hits) of ten groups of equal size."""

    name: str
    recall: Floats
    precision: Floats
    predicted: Floats
    observed: Floats


def curve_of(name: str, hits: NDArray[np.bool_], scores: Floats, weights: Floats) -> Curve:
    """The curve of the chances ``scores`` of rows that are ``hits`` or not."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    caught = np.cumsum((weights * hits)[order])[ends]
    called = np.cumsum(weights[order])[ends]
    recall = caught / max(caught[-1], 1e-300)
    precision = caught / np.where(called > 0, called, 1.0)
    kept = np.unique(np.linspace(0, len(ends) - 1, MOST_POINTS).astype(np.intp))
    groups = equal_bins(scores, weights)
    mass = np.bincount(groups, weights)
    there = mass > 0
    mean = np.bincount(groups, weights * scores)[there] / mass[there]
    share = np.bincount(groups, weights * hits)[there] / mass[there]
    return Curve(name, recall[kept], precision[kept], mean, share)


def svg(curves: Sequence[Curve], language: Language) -> str:
    """Both plots side by side; lines differ by dash as well as by colour."""
    check_language(language)
    k = 0 if language == "pt" else 1
    width, height = LEFT + 2 * SIDE + GAP + 20, TOP + SIDE + BELOW
    title = WORDS["title" if curves else "many"][k]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"',
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
    ]
    if curves:
        top = max(float(max(c.predicted.max(), c.observed.max())) for c in curves)
        span = min(1.0, max(0.05, 1.1 * top))
        parts += _frame(LEFT, 1.0, WORDS["recall"][k], WORDS["precision"][k], language)
        parts += _frame(LEFT + SIDE + GAP, span, WORDS["predicted"][k], WORDS["observed"][k], language)
        parts.append(f'<path d="M{LEFT + SIDE + GAP} {TOP + SIDE}l{SIDE} {-SIDE}" stroke="#999" stroke-width="1"/>')
        for j, curve in enumerate(curves):
            parts += _lines(j, curve, span)
    else:
        parts.append(f'<text x="{LEFT}" y="{TOP}">{escape(title)}</text>')
    return "\n".join([*parts, "</svg>"])


def _frame(x: int, span: float, below: str, beside: str, language: Language) -> list[str]:
    parts = [f'<rect x="{x}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>']
    for step in range(5):
        share = step / 4
        label = f"{span * share:.2g}"
        label = label.replace(".", ",") if language == "pt" else label
        parts.append(f'<text x="{x + SIDE * share:.0f}" y="{TOP + SIDE + 15}" text-anchor="middle">{label}</text>')
        parts.append(f'<text x="{x - 6}" y="{TOP + SIDE * (1 - share) + 4:.0f}" text-anchor="end">{label}</text>')
    parts.append(f'<text x="{x + SIDE / 2:.0f}" y="{TOP + SIDE + 32}" text-anchor="middle">{escape(below)}</text>')
    parts.append(f'<text x="{x}" y="{TOP - 10}">{escape(beside)}</text>')
    return parts


def _lines(j: int, curve: Curve, span: float) -> list[str]:
    colour, dash = COLOURS[j % len(COLOURS)], DASHES[j % len(DASHES)]
    style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
    x = LEFT + SIDE + GAP
    right = _path(x, curve.predicted / span, curve.observed / span)
    y = TOP + SIDE + 52 + 16 * j
    return [
        f'<path d="{_path(LEFT, curve.recall, curve.precision)}" {style}/>',
        f'<path d="{right}" {style}/>',
        f'<path d="M{LEFT} {y - 4}h28" {style}/>',
        f'<text x="{LEFT + 36}" y="{y}">{escape(curve.name)}</text>',
    ]


def _path(x: int, across: Floats, up: Floats) -> str:
    points = [
        f"{x + SIDE * min(max(a, 0.0), 1.0):.1f} {TOP + SIDE * (1 - min(max(b, 0.0), 1.0)):.1f}"
        for a, b in zip(across.tolist(), up.tolist(), strict=True)
    ]
    return "M" + "L".join(points)


__all__ = ["Curve", "curve_of", "svg"]
