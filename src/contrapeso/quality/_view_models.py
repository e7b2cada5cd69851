"""What the page shows of usefulness: models trained on synthetic rows beside models trained on real ones."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from contrapeso.quality import _svg
from contrapeso.quality._format import clean
from contrapeso.quality._label_readings import MEASURES, MODELS
from contrapeso.quality._report import QualityReport
from contrapeso.quality._sections import ColumnUse, Importance, Score, TargetUse, Usefulness
from contrapeso.quality._svg import Alt
from contrapeso.quality._view_tables import Cell, Head, Table, picture, readings_table, span_of
from contrapeso.quality._writer import Writer

MAX_CLASSES = 30
MAX_IMPORTANCES = 12
MAX_USES = 20


@dataclass(frozen=True, slots=True)
class UseView:
    """The section: the target, every column as a target, and what the models look at."""

    score: str
    reason: str
    against: str
    target: str
    target_score: str
    completed: str
    rank: str
    readings: Table | None
    models: Table | None
    recalls: Table | None
    overall: str
    columns: Table | None
    importance: Table | None
    importances: Table | None


def usefulness(report: QualityReport, say: Writer) -> UseView | None:
    """The section, None where no model was trained."""
    found = report.usefulness
    if found is None:
        return None
    target = found.target
    return UseView(
        score=_scored(found.score, say),
        reason=say.reason(found.score.reason),
        against=_against(found, say),
        target=clean(target.column) if target else "",
        target_score=_target_score(target, say) if target else "",
        completed=say.t("completed") if target and target.completed else "",
        rank=_rank(target, say),
        readings=_readings(target, say),
        models=_models(target, say),
        recalls=_recalls(target, say),
        overall=_scored(found.overall, say) if found.overall else "",
        columns=_columns(found.columns, say),
        importance=_drift(found.importance, say),
        importances=_importances(found.importance, say),
    )


def _scored(score: Score, say: Writer) -> str:
    """A score with its interval and ceiling in words."""
    if score.value is None:
        return say.reason(score.reason)
    ceiling = say.t("ceiling_short", value=say.score(score.ceiling)) if score.ceiling is not None else ""
    parts = [f"{say.score(score.value)} {say.t('of_one')}", say.interval(score), ceiling or say.t("ceiling_absent")]
    return ", ".join(part for part in parts if part)


def _against(found: Usefulness, say: Writer) -> str:
    """Who was trained and tested on how many rows."""
    real, synthetic, test = (say.count(n) for n in found.n_rows)
    return say.t(f"use_against_{found.against}", real=real, synthetic=synthetic, test=test)


def _target_score(target: TargetUse, say: Writer) -> str:
    """The score of the target with the name of its measure."""
    return f"{_scored(target.score, say)} ({MEASURES[target.measure].to(say.language)})"


def _rank(target: TargetUse | None, say: Writer) -> str:
    """Whether models come in the same order on both, in words."""
    if target is None or target.rank_agreement is None:
        return ""
    return say.t("rank_agreement", value=say.number(target.rank_agreement))


def _readings(target: TargetUse | None, say: Writer) -> Table | None:
    """Training on real, on synthetic and on both, on one line."""
    if target is None:
        return None
    caption = say.t("trained_on", measure=MEASURES[target.measure].to(say.language))
    return readings_table(target.readings, caption, say, against=say.t("with_other_real"), together=True)


def _models(target: TargetUse | None, say: Writer) -> Table | None:
    """Each kind of model, trained on real and on synthetic rows."""
    if target is None or not target.models:
        return None
    span = span_of([x for item in target.models for x in (item.real, item.synthetic)])
    heads = (
        Head(say.t("model")),
        Head(say.t("trained_real"), "n"),
        Head(say.t("compared"), "wide"),
        Head(say.t("trained_synthetic"), "n"),
    )
    rows = tuple(
        (
            Cell(MODELS[item.model].to(say.language) if item.model in MODELS else clean(item.model.replace("_", " "))),
            Cell(say.number(item.real)),
            Cell("", picture=picture(item.synthetic, item.real, span)),
            Cell(say.number(item.synthetic)),
        )
        for item in target.models
    )
    return Table(say.t("models"), heads, rows)


def _recalls(target: TargetUse | None, say: Writer) -> Table | None:
    """How much of each class the models find."""
    if target is None or not target.recalls:
        return None
    heads = (
        Head(say.t("class")),
        Head(say.t("test_rows"), "n"),
        Head(say.t("trained_real"), "n"),
        Head(say.t("compared"), "wide"),
        Head(say.t("trained_synthetic"), "n"),
        Head(say.t("trained_both"), "n"),
    )
    rows = tuple(
        (
            Cell(clean(item.label)),
            Cell(say.count(item.n)),
            Cell(say.percent(item.real)),
            Cell("", picture=picture(item.synthetic, item.real, (0.0, 1.0))),
            Cell(say.percent(item.synthetic)),
            Cell(say.percent(item.augmented)),
        )
        for item in target.recalls[:MAX_CLASSES]
    )
    return Table(say.t("recalls"), heads, rows)


def _columns(columns: tuple[ColumnUse, ...], say: Writer) -> Table | None:
    """Every column as a target, worst first, those that nobody can predict last."""
    if not columns:
        return None
    heads = (
        Head(say.t("column_name")),
        Head(say.t("similarity_of_use"), "n"),
        Head(say.t("compared"), "wide"),
        Head(say.t("trained_real"), "n"),
        Head(say.t("trained_synthetic"), "n"),
        Head(say.t("ceiling_word"), "n"),
    )
    ordered = sorted(columns, key=lambda item: (item.score is None, item.score or 0.0, item.column))
    return Table(say.t("every_target"), heads, tuple(_use(item, say) for item in ordered[:MAX_USES]))


def _use(item: ColumnUse, say: Writer) -> tuple[Cell, ...]:
    """One column as a target."""
    bar, measure = Markup(""), MEASURES[item.measure].to(say.language)
    if item.score is not None:
        bar = Markup(_svg.small_bar(item.score, Alt("", "")))  # noqa: S704
    return (
        Cell(clean(item.column), " · ".join(part for part in (measure, say.reason(item.reason)) if part)),
        Cell(say.score(item.score) if item.score is not None else say.t("absent_short")),
        Cell("", picture=bar),
        Cell(say.number(item.real)),
        Cell(say.number(item.synthetic)),
        Cell(say.number(item.ceiling)),
    )


def _drift(importance: Importance | None, say: Writer) -> Table | None:
    """How far the importances moved, beside how far they move between real halves."""
    if importance is None:
        return None
    return readings_table(importance.readings, say.t("drift", name=clean(importance.target)), say)


def _importances(importance: Importance | None, say: Writer) -> Table | None:
    """What each model looks at, by column."""
    if importance is None or not importance.columns:
        return None
    ordered = sorted(importance.columns, key=lambda c: -max(c.real, c.synthetic))[:MAX_IMPORTANCES]
    span = span_of([x for item in ordered for x in (item.real, item.synthetic)], "small")
    heads = (
        Head(say.t("column_name")),
        Head(say.t("trained_real"), "n"),
        Head(say.t("compared"), "wide"),
        Head(say.t("trained_synthetic"), "n"),
    )
    rows = tuple(
        (
            Cell(clean(item.column)),
            Cell(say.percent(item.real)),
            Cell("", picture=picture(item.synthetic, item.real, span)),
            Cell(say.percent(item.synthetic)),
        )
        for item in ordered
    )
    return Table(say.t("importances"), heads, rows)


__all__ = ["UseView", "usefulness"]
