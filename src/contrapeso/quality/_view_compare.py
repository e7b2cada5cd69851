"""Several synthetic tables side by side: what each scored, how far from the first, and who is ahead beyond noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contrapeso.errors import InvalidParameterError
from contrapeso.quality import _svg
from contrapeso.quality._embed import summary
from contrapeso.quality._format import ABSENT, Language, clean, signed
from contrapeso.quality._guard import guarded
from contrapeso.quality._page import page, writer_of
from contrapeso.quality._report import Privacy, QualityReport
from contrapeso.quality._score import BANDS
from contrapeso.quality._sections import Score
from contrapeso.quality._svg import Alt, Mark
from contrapeso.quality._view_columns import worst_first
from contrapeso.quality._view_finding import finding
from contrapeso.quality._view_privacy import gate_word
from contrapeso.quality._view_tables import Cell, Head, Table
from contrapeso.quality._views import bar_words, dimension_word
from contrapeso.quality._writer import Writer

MAX_COLUMNS = 20
N_WORST = 3
MIN_SETS, MAX_SETS = 2, 8
Reports = Mapping[str, QualityReport]


@dataclass(frozen=True, slots=True)
class SetView:
    """One synthetic table: place, grade, score on its bar, and what was found."""

    name: str
    letter: str
    tone: str
    place: str
    tied: str
    value: str
    interval: str
    alarm: str
    bar: Markup
    found: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The page of several synthetic tables."""

    sentence: str
    caution: str
    sets: tuple[SetView, ...]
    table: Table
    columns: Table | None


def render_comparison(reports: Mapping[str, QualityReport], *, language: Language = "pt") -> str:
    """One self-contained HTML page that sets 2 to 8 synthetic tables side by side, by name.

    Places are given only where 95 % intervals do not overlap; differences are to the first table.

    Parameters
    ----------
    reports : mapping of str to QualityReport
        The reports of tables made from the same real rows, in the order of the page.
    language : {"pt", "en"}, default "pt"

    Returns
    -------
    str

    Raises
    ------
    InvalidParameterError
        If there are fewer than 2 or more than 8 reports, or ``language`` is neither "pt" nor "en".
    """
    say = writer_of(language)
    if not MIN_SETS <= len(reports) <= MAX_SETS:
        raise InvalidParameterError(
            f"reports has {len(reports)} entries; a comparison shows {MIN_SETS} to {MAX_SETS} synthetic tables. "
            "Use render_html for one, and several pages for more."
        )
    reports = {name: guarded(report, say) for name, report in reports.items()}
    title = say.t("compare_title")
    return page("compare.html.j2", say, summary(reports), title=title, view=comparison(reports, say))


def comparison(reports: Reports, say: Writer) -> Comparison:
    """Everything that the page of several tables shows."""
    return Comparison(
        sentence=_sentence(reports, say),
        caution="" if _same_reference(reports) else say.t("compare_caution"),
        sets=tuple(_set(k, name, reports, say) for k, name in enumerate(reports)),
        table=_table(reports, say),
        columns=_columns(reports, say),
    )


def places(scores: Sequence[Score]) -> list[int | None]:
    """Places from 1: one more than the number of scores whose interval lies wholly above; None without an interval."""
    return [
        None
        if score.interval is None
        else 1 + sum(other.interval is not None and other.interval[0] > score.interval[1] for other in scores)
        for score in scores
    ]


def tied(scores: Sequence[Score], k: int) -> list[int]:
    """The others whose interval overlaps that of score ``k``."""
    own = scores[k].interval
    if own is None:
        return []
    return [
        j
        for j, other in enumerate(scores)
        if j != k and other.interval is not None and other.interval[0] <= own[1] and own[0] <= other.interval[1]
    ]


def _same_reference(reports: Reports) -> bool:
    """Whether all were compared with the same real rows, as far as the reports tell."""
    marks = {(r.data.n_real, r.data.n_holdout, tuple(sorted(c.name for c in r.columns))) for r in reports.values()}
    return len(marks) == 1


def _refused(report: QualityReport) -> bool:
    return report.privacy is not None and report.privacy.do_not_release


def _sentence(reports: Reports, say: Writer) -> str:
    """Who is ahead among those that may be released, in words."""
    free = {name: report for name, report in reports.items() if not _refused(report) and report.overall.interval}
    parts = []
    scores = [report.overall for report in free.values()]
    names = [clean(name, 60) for name in free]
    first = [k for k, place in enumerate(places(scores)) if place == 1]
    if len(free) < 2:
        parts.append(say.t("compare_few"))
    elif len(first) == 1:
        parts.append(say.t("compare_ahead", name=names[first[0]]))
    else:
        parts.append(say.t("compare_tied", names=", ".join(names[k] for k in first)))
    refused = [clean(name, 60) for name, report in reports.items() if _refused(report)]
    if refused:
        parts.append(say.t("compare_refused", names=", ".join(refused)))
    return " ".join(parts)


def _set(k: int, name: str, reports: Reports, say: Writer) -> SetView:
    """One table's line at the top."""
    report = reports[name]
    scores = [other.overall for other in reports.values()]
    names = [clean(other, 40) for other in reports]
    place, others = places(scores)[k], tied(scores, k)
    score, title = report.overall, clean(name, 60)
    bar = _svg.score_bar(
        score.value,
        Alt(f"set-{k}", title, bar_words(score, say)),
        interval=score.interval,
        ceiling=say.ceiling(score),
        ticks=[Mark(edge, say.score(edge)) for edge, _ in BANDS[:-1]],
    )
    return SetView(
        name=title,
        letter=report.grade or "?",
        tone=report.grade.split("/")[-1] if report.grade else "none",
        place=say.t("unranked") if place is None else say.t("place", n=str(place)),
        tied=say.t("tied_with", names=", ".join(names[j] for j in others)) if others else "",
        value=say.score(score.value),
        interval=say.interval(score),
        alarm=say.t("do_not_release") if _refused(report) else "",
        bar=Markup(bar) if score.value is not None else Markup(""),  # noqa: S704
        found=finding(report, say) or say.reason(score.reason),
    )


def _table(reports: Reports, say: Writer) -> Table:
    """The numbers, a row each, the first table as the base of the differences."""
    every = list(reports.values())
    rows = [_scores(say.t("overall_score"), [r.overall for r in every], say), _row("grade", every, _grade, say)]
    for dimension in every[0].dimensions:
        scores = [next((d.score for d in r.dimensions if d.name == dimension.name), Score(None)) for r in every]
        rows.append(_scores(dimension_word(dimension, say), scores, say))
    rows += [
        _row("joint", every, _auc, say),
        _row("pairs_bad", every, _pairs, say),
        _row("worst_columns", every, _worst, say),
        _row("privacy", every, _gate, say),
        _row("synthetic_rows", every, lambda r, s: Cell(s.count(r.data.n_synthetic)), say),
    ]
    heads = (Head(say.t("metric")), *(Head(clean(name, 40)) for name in reports))
    return Table(say.t("compare_table"), heads, tuple(rows), wide=True)


def _scores(name: str, scores: Sequence[Score], say: Writer) -> tuple[Cell, ...]:
    """A score of each table with interval, ceiling and difference to the first."""
    return (Cell(name), *(_score(scores[0], score, say, first=k == 0) for k, score in enumerate(scores)))


def _score(base: Score, score: Score, say: Writer, *, first: bool) -> Cell:
    """A score, how far it is from the first, and whether that is beyond the intervals."""
    if score.value is None:
        return Cell(say.t("absent_short"), say.reason(score.reason))
    notes = [say.interval(score)]
    if score.ceiling is not None:
        notes.append(say.t("ceiling_short", value=say.score(score.ceiling)))
    if first or base.value is None:
        return Cell(say.score(score.value), "; ".join(note for note in notes if note))
    notes.append(say.t("to_first", change=signed(score.value - base.value, say.language)) + _beyond(base, score, say))
    return Cell(say.score(score.value), "; ".join(note for note in notes if note))


def _beyond(base: Score, score: Score, say: Writer) -> str:
    """The word for a tie where the intervals overlap."""
    return f" ({say.t('tied')})" if tied([base, score], 1) else ""


def _row(
    key: str, reports: Sequence[QualityReport], cell: Callable[[QualityReport, Writer], Cell], say: Writer
) -> tuple[Cell, ...]:
    name = say.t(key)
    return (Cell(f"{name[:1].upper()}{name[1:]}"), *(cell(report, say) for report in reports))


def _grade(report: QualityReport, say: Writer) -> Cell:
    return Cell(report.grade or say.t("no_grade"), say.t("provisional") if report.provisional and report.grade else "")


def _auc(report: QualityReport, say: Writer) -> Cell:
    if report.joint is None or report.joint.auc.value is None:
        return Cell(say.t("absent_short"))
    reference = report.joint.auc.reference
    note = "" if reference is None else say.t("between_real_short", value=say.percent(reference))
    return Cell(say.percent(report.joint.auc.value), note)


def _pairs(report: QualityReport, say: Writer) -> Cell:
    counts = [report.pair_counts.get(key) for key in ("lost", "invented")]
    return Cell(ABSENT if None in counts else " / ".join(say.count(n or 0) for n in counts))


def _worst(report: QualityReport, say: Writer) -> Cell:
    worst = [c for c in worst_first(report) if c.score.value is not None][:N_WORST]
    return Cell("; ".join(f"{clean(c.name, 30)} {say.score(c.score.value)}" for c in worst) or ABSENT)


def _gate(report: QualityReport, say: Writer) -> Cell:
    found: Privacy | None = report.privacy
    if found is None:
        return Cell(say.t("absent_short"))
    return Cell(gate_word(found, say), tone="bad" if found.do_not_release else "")


def _columns(reports: Reports, say: Writer) -> Table | None:
    """The columns that are worst in any of the tables."""
    scores: dict[str, list[float | None]] = {}
    for k, report in enumerate(reports.values()):
        for column in report.columns:
            scores.setdefault(column.name, [None] * len(reports))[k] = column.score.value
    known = {name: [v for v in row if v is not None] for name, row in scores.items()}
    worst = sorted((name for name in scores if known[name]), key=lambda name: (min(known[name]), name))[:MAX_COLUMNS]
    if not worst:
        return None
    heads = (Head(say.t("column_name")), *(Head(clean(name, 40), "n") for name in reports))
    rows = tuple((Cell(clean(name)), *(Cell(say.score(v)) for v in scores[name])) for name in worst)
    return Table(say.t("compare_columns"), heads, rows, wide=True)


__all__ = ["Comparison", "SetView", "comparison", "places", "render_comparison", "tied"]
