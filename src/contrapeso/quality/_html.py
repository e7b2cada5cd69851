"""The report as one HTML file: no request, no row of any table, readable without JavaScript and on paper.

The page's policy (``default-src 'none'``) lets nothing in but its own styles and the one script whose
hash it names. Column names are hostile until escaped: Jinja2 escapes every text, ``_svg`` every label,
and the JSON block holds no ``<``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from contrapeso._log import mask
from contrapeso.errors import InvalidParameterError
from contrapeso.quality import _view_columns, _views
from contrapeso.quality._format import Language, clean, signed
from contrapeso.quality._guard import guarded
from contrapeso.quality._labels import METRICS, NOT_ASSESSED_WORDS, PRIVACY_WORDS
from contrapeso.quality._report import Dependence, NotAssessed, QualityReport
from contrapeso.quality._svg import STRIPES, Alt, stacked_bar
from contrapeso.quality._writer import Writer

MAX_LABEL = 80
MAX_NOTE = 600
MAX_CLASSES = 24
_SECTIONS = {
    "verdict": "resultado",
    "balance": "balanceamento",
    "fix": "corrigir",
    "dimensions": "dimensoes",
    "columns": "colunas",
    "dependence": "relacoes",
    "rules": "regras",
    "privacy": "privacidade",
    "method": "metodo",
}


@dataclass(frozen=True, slots=True)
class BalanceSection:
    """Counts before and after balancing: ``rows`` are (class, before, added, after); dropped rows are negative."""

    title: str
    rows: tuple[tuple[str, int, int, int], ...]
    method: str
    seed: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of the balance table."""

    label: str
    before: str
    added: str
    after: str
    bar: Markup


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
        The page, under 500 KB at 30 columns and under 2 MB at 200.

    Raises
    ------
    InvalidParameterError
        If ``language`` is neither "pt" nor "en".
    """
    if language not in ("pt", "en"):
        raise InvalidParameterError(f"language={language!r} is not known. Use 'pt' or 'en'.")
    say = Writer(language)
    report = guarded(report, say)
    script = _source("script.js.j2")
    page: str = (
        _environment()
        .get_template("page.html.j2")
        .render(
            say=say,
            lang={"pt": "pt-BR", "en": "en"}[language],
            style=Markup(_source("style.css.j2")),  # noqa: S704
            script=Markup(script),  # noqa: S704
            script_hash=_hash(script),
            stripes=Markup(STRIPES),  # noqa: S704
            data=Markup(_embedded(report)),  # noqa: S704
            report=report,
            **_sections(report, balance, say),
        )
    )
    return page


def _sections(report: QualityReport, balance: BalanceSection | None, say: Writer) -> dict[str, object]:
    """Everything that the template shows, by section."""
    columns = _view_columns.columns(report, say)
    cards = _views.cards(report, say, _anchors(report))
    return {
        "title": f"{say.t('title')} · {say.moment(report.timestamp)}",
        "verdict": _views.verdict(report, say),
        "facts": _facts(report, say),
        "contents": _contents(report, balance, say),
        "balance": None if balance is None else _shown_balance(balance),
        "classes": _classes(balance, say),
        "balance_facts": _balance_facts(balance, say),
        "cards": cards[: _views.MAX_CARDS],
        "more_cards": cards[_views.MAX_CARDS :],
        "dimensions": _views.dimensions(report, say),
        "columns": columns,
        "kinds": sorted({(column.kind, column.kind_word) for column in columns}, key=lambda kind: kind[1]),
        "maps": [
            view
            for ident, part in (("map", report.dependence), ("cor", report.correlation))
            if (view := _view_columns.map_view(ident, part, say))
        ],
        "pairs": _view_columns.pairs(report, say),
        "pair_counts": _view_columns.pair_counts(report, say),
        "rules": _rules(report, say),
        "privacy": _privacy(report, say),
        "sizes": _sizes(report, say),
        "how": _how(report, say),
        "reference": report.method.text(say.language),
        "not_assessed": [_not_assessed(item, say) for item in report.not_assessed],
        "metrics": [(text.name, text.means, text.good, text.limits) for text in _glossary(say)],
        "cut": _needs_cut(report),
        "max_classes": MAX_CLASSES,
    }


def _anchors(report: QualityReport) -> dict[str, str]:
    """Where each column is on the page: its place in the list, worst first."""
    return {column.name: f"c{k}" for k, column in enumerate(_view_columns.worst_first(report))}


def _facts(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """The line under the title: sizes and target."""
    data = report.data
    return [
        (say.count(data.n_real), say.t("real_rows")),
        (say.count(data.n_synthetic), say.t("synthetic_rows")),
        (say.count(data.n_columns), say.t("columns_count")),
    ]


def _contents(report: QualityReport, balance: BalanceSection | None, say: Writer) -> list[tuple[str, str]]:
    """The sections that this page has, as (anchor, words)."""
    shown = {"balance": balance is not None, "rules": bool(report.rules)}
    return [(anchor, say.t(key)) for key, anchor in _SECTIONS.items() if shown.get(key, True)]


def _shown_balance(balance: BalanceSection) -> dict[str, str]:
    """The title and the note of the balancing, safe to show."""
    return {"title": clean(balance.title), "note": clean(balance.note, MAX_NOTE)}


def _classes(balance: BalanceSection | None, say: Writer) -> list[ClassRow]:
    """The balance table."""
    if balance is None:
        return []
    largest = max((max(before, after) for _, before, _, after in balance.rows), default=1)
    return [
        ClassRow(
            label=clean(mask(label)),
            before=say.count(before),
            added=signed(added, say.language, 0),
            after=say.count(after),
            bar=Markup(stacked_bar(before, after, largest, Alt("", _class_words(before, added, after, say)))),  # noqa: S704
        )
        for label, before, added, after in balance.rows
    ]


def _class_words(before: int, added: int, after: int, say: Writer) -> str:
    """A class's bar in words."""
    numbers = (
        f"{say.t('before')} {say.count(before)}",
        f"{say.t('added')} {signed(added, say.language, 0)}",
        f"{say.t('after')} {say.count(after)}",
    )
    return ", ".join(numbers)


def _balance_facts(balance: BalanceSection | None, say: Writer) -> list[tuple[str, str]]:
    """Totals, ratio, method and seed of the balancing."""
    if balance is None:
        return []
    counts = [[row[1:][k] for row in balance.rows] for k in range(3)]
    before, added, after = (sum(column) for column in counts)
    facts = [
        (say.t("total"), f"{say.count(before)} {signed(added, say.language, 0)} = {say.count(after)}"),
        (say.t("method_used"), clean(balance.method) or say.t("unknown")),
    ]
    ratios = [_ratio(counts[0]), _ratio(counts[2])]
    if None not in ratios:
        facts.insert(
            1,
            (
                say.t("largest_to_smallest"),
                "\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}".join(say.number(ratio, 1) for ratio in ratios),
            ),
        )
    facts.append((say.t("seed"), say.t("unknown") if balance.seed is None else str(balance.seed)))
    return facts


def _ratio(counts: Sequence[int]) -> float | None:
    """Largest class over smallest, None with an empty class."""
    return max(counts) / min(counts) if counts and min(counts) > 0 else None


def _rules(report: QualityReport, say: Writer) -> list[dict[str, object]]:
    """The rules, most violated first."""
    ordered = sorted(report.rules, key=lambda rule: (rule.score is None, rule.score or 0.0))
    return [
        {
            "name": clean(rule.name, 160),
            "rate_real": say.percent(rule.rate_real),
            "rate_synthetic": say.percent(rule.rate_synthetic),
            "score": say.score(rule.score),
            "applicable": say.count(rule.n_applicable),
            "examples": ", ".join(str(row) for row in rule.violations[:3]) or "—",
        }
        for rule in ordered
    ]


def _privacy(report: QualityReport, say: Writer) -> dict[str, object] | None:
    """The gate, its words and its few numbers."""
    gate = report.privacy
    if gate is None:
        return None
    copied = say.t("rows", n=say.count(gate.n_exact_copies))
    rows = [(say.t("exact_copies"), f"{say.percent(gate.exact_copies)} ({copied})")]
    holdout = say.percent(gate.holdout_copies) if gate.holdout_copies is not None else say.t("absent")
    rows.append((say.t("holdout_copies"), holdout))
    if gate.n_columns:
        rows.append((say.t("compared_columns"), say.count(gate.n_columns)))
    return {
        "word": PRIVACY_WORDS[gate.status].to(say.language),
        "tone": gate.status,
        "text": gate.text(say.language),
        "rows": rows,
    }


def _sizes(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """How much of what was compared."""
    data = report.data
    rows = [(say.t("real_rows"), say.count(data.n_real)), (say.t("synthetic_rows"), say.count(data.n_synthetic))]
    rows.append((say.t("holdout_rows"), "—" if data.n_holdout is None else say.count(data.n_holdout)))
    rows.append((say.t("columns_count"), say.count(data.n_columns)))
    if data.target:
        rows.append((say.t("target"), clean(data.target)))
    rows.append((say.t("duplicates_real"), say.percent(data.duplicates_real)))
    rows.append((say.t("duplicates_synthetic"), say.percent(data.duplicates_synthetic)))
    for key, names in (("missing_columns", data.missing_columns), ("extra_columns", data.extra_columns)):
        if names:
            rows.append((say.t(key), ", ".join(clean(name) for name in names)))
    return rows


def _how(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """Seeds, cells and versions: enough to repeat the numbers."""
    method = report.method
    versions = ", ".join(f"{clean(name)} {clean(version)}" for name, version in method.versions.items())
    return [
        (say.t("seed"), str(method.seed)),
        (say.t("bins"), f"{method.bins_marginal} / {method.bins_pair}"),
        (say.t("groups"), say.count(method.n_groups)),
        (say.t("n_effective"), say.number(method.n_effective, 0)),
        (say.t("versions"), versions or "—"),
    ]


def _not_assessed(item: NotAssessed, say: Writer) -> tuple[str, str, str]:
    """What, which columns, why."""
    word = NOT_ASSESSED_WORDS.get(item.code)
    names = ", ".join(clean(name) for name in item.columns)
    return (word.to(say.language) if word else clean(item.code.replace("_", " ")), names, item.text(say.language))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A metric of the glossary in one language."""

    name: str
    means: str
    good: str
    limits: str


def _glossary(say: Writer) -> list[_Entry]:
    """Every metric in three lines."""
    return [_Entry(*(words.to(say.language) for words in text)) for text in METRICS.values()]


def _max_cells(report: QualityReport) -> int:
    """How many cells of a column the JSON block holds."""
    return 24 if len(report.columns) > _view_columns.WIDE else 60


def _needs_cut(report: QualityReport) -> bool:
    """Whether the JSON block leaves out parts of the maps or of very long bars."""
    wide = any(part is not None and len(part.columns) > _view_columns.MAX_MAP for part in _maps(report))
    limit = _max_cells(report)
    return wide or any(column.bars and len(column.bars.labels) > limit for column in report.columns)


def _maps(report: QualityReport) -> tuple[Dependence | None, Dependence | None]:
    return report.dependence, report.correlation


def _embedded(report: QualityReport) -> str:
    """The report as JSON for the page: four decimals, long bars and maps cut to what is shown, no ``<``."""
    data = report.to_dict()
    for key, part in zip(("dependence", "correlation"), _maps(report), strict=True):
        if part is not None and len(part.columns) > _view_columns.MAX_MAP:
            kept = _view_columns.kept_columns(part)
            data[key] = asdict(
                Dependence(
                    tuple(part.columns[k] for k in kept),
                    tuple(tuple(part.real[i][j] for j in kept) for i in kept),
                    tuple(tuple(part.synthetic[i][j] for j in kept) for i in kept),
                    part.measure,
                )
            )
    limit = _max_cells(report)
    for bars in (column["bars"] for column in data["columns"] if column["bars"]):
        bars.update({key: value[:limit] for key, value in bars.items() if isinstance(value, list)})
        bars["labels"] = [clean(label, MAX_LABEL) for label in bars["labels"]]
    text = json.dumps(_rounded(data), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _rounded(value: Any) -> Any:
    """``value`` with floats at four decimals and without NaN or infinity, which JSON does not have."""
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value


@cache
def _environment() -> Environment:
    """Templates of this package; every text is escaped and an unknown name is an error."""
    return Environment(
        loader=PackageLoader("contrapeso.quality"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


@cache
def _source(name: str) -> str:
    """The text of a template that holds no template language: the style and the script."""
    loader = _environment().loader
    assert loader is not None  # noqa: S101
    return loader.get_source(_environment(), name)[0]


def _hash(script: str) -> str:
    """The script's name in the page's policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


__all__ = ["BalanceSection", "render_html"]
