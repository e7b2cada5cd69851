"""The report as one HTML file: no request, no row of any table, readable without JavaScript and on paper.

The page's policy (``default-src 'none'``) lets nothing in but its own styles and the one script whose
hash it names. Column names are hostile until escaped: Jinja2 escapes every text, ``_svg`` every label,
and the JSON block holds no ``<``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from contrapeso.quality import (
    _view_balance,
    _view_columns,
    _view_fairness,
    _view_joint,
    _view_method,
    _view_models,
    _view_privacy,
    _view_rules,
    _views,
)
from contrapeso.quality._embed import embedded, needs_cut
from contrapeso.quality._format import Language, clean
from contrapeso.quality._guard import guarded, hidden_groups
from contrapeso.quality._page import page, writer_of
from contrapeso.quality._report import NotAssessed, QualityReport
from contrapeso.quality._view_balance import BalanceSection
from contrapeso.quality._writer import Writer

MAX_CLASSES = 24
MAX_COLUMNS = 400
_SECTIONS = {
    "verdict": "resultado",
    "balance": "balanceamento",
    "fix": "corrigir",
    "dimensions": "dimensoes",
    "columns": "colunas",
    "dependence": "relacoes",
    "joint": "modelo",
    "usefulness": "utilidade",
    "rules": "regras",
    "sequences": "sequencias",
    "diversity": "diversidade",
    "fairness": "equidade",
    "privacy": "privacidade",
    "method": "metodo",
}
_ALWAYS = frozenset({"verdict", "fix", "dimensions", "columns", "dependence", "privacy", "method"})


def render_html(report: QualityReport, *, language: Language = "pt", balance: BalanceSection | None = None) -> str:
    """One self-contained HTML page of ``report``, with the class counts of ``balance`` where given.

    Parameters
    ----------
    report : QualityReport
    language : {"pt", "en"}, default "pt"
        Words, number and date formats.
    balance : BalanceSection, optional

    Returns
    -------
    str
        The page, under 350 KB at 30 columns and under 2 MB at 200.

    Raises
    ------
    InvalidParameterError
        If ``language`` is neither "pt" nor "en".
    """
    say = writer_of(language)
    hidden = hidden_groups(report)
    report = _shortened(guarded(report, say))
    return page("page.html.j2", say, embedded(report), report=report, **_sections(report, hidden, balance, say))


def _shortened(report: QualityReport) -> QualityReport:
    """A very wide report with its worst columns alone; the others are in the JSON beside the page."""
    if len(report.columns) <= MAX_COLUMNS:
        return report
    worst = sorted(report.columns, key=lambda column: column.score.value or 0.0)[:MAX_COLUMNS]
    cut = NotAssessed("columns", "page_cut")
    return replace(report, columns=tuple(worst), not_assessed=(*report.not_assessed, cut))


def _sections(
    report: QualityReport, hidden: tuple[int, ...], balance: BalanceSection | None, say: Writer
) -> dict[str, object]:
    """Everything that the template shows, by section."""
    cards = _views.cards(report, say, _anchors(report))
    shown: dict[str, object] = {
        "title": f"{say.t('title')} · {say.moment(report.timestamp)}",
        "verdict": _views.verdict(report, say),
        "facts": _facts(report, say),
        "balance": None if balance is None else _view_balance.shown(balance),
        "classes": _view_balance.classes(balance, say),
        "balance_facts": _view_balance.facts(balance, say),
        "cards": cards[: _views.MAX_CARDS],
        "more_cards": cards[_views.MAX_CARDS :],
        "dimensions": _views.dimensions(report, say),
        "rules": _view_rules.rules(report, say),
        "clean_rows": _view_rules.clean_rows(report, say),
        "mined": _view_rules.mined(report, say),
        "joint": _view_joint.joint(report, say),
        "usefulness": _view_models.usefulness(report, say),
        "sequences": _view_rules.sequences(report, say),
        "diversity": _view_rules.diversity(report, say),
        "fairness": _view_fairness.fairness(report, hidden, say),
        "privacy": _view_privacy.gate(report, say),
        "tests": _view_privacy.tests(report, say),
        "max_classes": MAX_CLASSES,
        "cut": needs_cut(report),
    }
    shown.update(_column_sections(report, say))
    shown.update(_method_section(report, say))
    shown["contents"] = _contents(shown, say)
    return shown


def _column_sections(report: QualityReport, say: Writer) -> dict[str, object]:
    """The columns and their relations."""
    columns = _view_columns.columns(report, say)
    return {
        "columns": columns,
        "kinds": sorted({(column.kind, column.kind_word) for column in columns}, key=lambda kind: kind[1]),
        "maps": [
            view
            for ident, part in (("map", report.dependence), ("cor", report.correlation))
            if (view := _view_columns.map_view(ident, part, say))
        ],
        "measure_words": _view_columns.measure_words(say),
        "pairs": _view_columns.pairs(report, say),
        "pair_counts": _view_columns.pair_counts(report, say),
    }


def _method_section(report: QualityReport, say: Writer) -> dict[str, object]:
    """How the numbers came to be."""
    return {
        "sizes": _view_method.sizes(report, say),
        "how": _view_method.how(report, say),
        "reference": report.method.text(say.language),
        "not_assessed": _view_method.not_assessed(report, say),
        "metrics": _view_method.glossary(say),
    }


def _anchors(report: QualityReport) -> dict[str, str]:
    """Where each column is on the page: its place in the list, worst first."""
    return {column.name: f"c{k}" for k, column in enumerate(_view_columns.worst_first(report))}


def _facts(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """The line under the title: sizes and target."""
    data = report.data
    facts = [
        (say.count(data.n_real), say.t("real_rows")),
        (say.count(data.n_synthetic), say.t("synthetic_rows")),
        (say.count(data.n_columns), say.t("columns_count")),
    ]
    return facts if data.target is None else [*facts, (clean(data.target, 40), say.t("target"))]


def _contents(shown: Mapping[str, object], say: Writer) -> list[tuple[str, str]]:
    """The sections that this page has, as (anchor, words)."""
    filled = {**shown, "rules": shown["rules"] or shown["mined"]}
    return [(anchor, say.t(key)) for key, anchor in _SECTIONS.items() if key in _ALWAYS or filled[key]]


__all__ = ["BalanceSection", "render_html"]
