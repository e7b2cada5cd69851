"""Can a model tell? What the page shows of the model that tells synthetic rows from real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contrapeso.quality import _svg
from contrapeso.quality._format import clean
from contrapeso.quality._label_readings import READINGS
from contrapeso.quality._report import QualityReport
from contrapeso.quality._sections import Giveaway, Joint, Suspect
from contrapeso.quality._svg import Alt, Mark
from contrapeso.quality._view_tables import Cell, Head, Table, between, explained, picture, readings_table, span_of
from contrapeso.quality._writer import Writer

MAX_GIVEAWAYS = 10
MAX_SUSPECTS = 20


@dataclass(frozen=True, slots=True)
class JointView:
    """The section: one sentence, the AUC on its bar, who gives the rows away, and the readings for show."""

    sentence: str
    score: str
    explained: str
    bar: Markup
    reason: str
    giveaways: Table | None
    interaction: str
    suspects: Table | None
    readings: Table | None
    against: str


def joint(report: QualityReport, say: Writer) -> JointView | None:
    """The section, None where no model was trained."""
    found = report.joint
    if found is None:
        return None
    return JointView(
        sentence=_sentence(found, say),
        score=_score(found, say),
        explained=explained(READINGS["joint_auc"], say),
        bar=_bar(found, say),
        reason=say.reason(found.score.reason or found.auc.reason),
        giveaways=_giveaways(found.giveaways[:MAX_GIVEAWAYS], say),
        interaction=_interaction(found.interaction, say),
        suspects=_suspects(found.suspects[:MAX_SUSPECTS], say),
        readings=readings_table(found.readings, say.t("joint_readings"), say),
        against=say.t(
            f"against_{found.against}", real=say.count(found.n_rows[0]), synthetic=say.count(found.n_rows[1])
        ),
    )


def _sentence(found: Joint, say: Writer) -> str:
    """The AUC as a guess between two rows, beside the coin and beside real rows."""
    if found.auc.value is None:
        return ""
    words = say.t("joint_sentence", value=say.percent(found.auc.value))
    interval = between(found.auc.interval, say.percent, say)
    words += f" ({interval})." if interval else "."
    if found.auc.reference is None:
        return words
    return f"{words} {say.t('joint_reference', value=say.percent(found.auc.reference))}"


def _score(found: Joint, say: Writer) -> str:
    """What the test gives to the score of the relations."""
    if found.score.value is None:
        return ""
    parts = [say.t("joint_score", value=say.score(found.score.value)), say.interval(found.score)]
    if found.score.ceiling is not None:
        parts.append(say.t("ceiling_short", value=say.score(found.score.ceiling)))
    return ", ".join(part for part in parts if part) + "."


def _bar(found: Joint, say: Writer) -> Markup:
    """The AUC on a line from a coin (0.5) to certainty (1), with the AUC between real rows."""
    auc = found.auc
    if auc.value is None:
        return Markup("")

    def spread(value: float) -> float:
        return min(1.0, max(0.0, 2 * (value - 0.5)))

    real = auc.reference
    mark = None if real is None else Mark(spread(real), say.t("between_real_short", value=say.percent(real)))
    bar = _svg.score_bar(
        spread(auc.value),
        Alt("joint-bar", say.t("joint_sentence", value=say.percent(auc.value)), _sentence(found, say)),
        interval=None if auc.interval is None else (spread(auc.interval[0]), spread(auc.interval[1])),
        ceiling=mark,
        ticks=[Mark(0.0, say.t("coin")), Mark(0.5, say.percent(0.75)), Mark(1.0, say.t("always"))],
    )
    return Markup(bar)  # noqa: S704


def _giveaways(giveaways: Sequence[Giveaway], say: Writer) -> Table | None:
    """The columns that give the synthetic rows away, each beside its share between real rows."""
    if not giveaways:
        return None
    span = span_of([x for item in giveaways for x in (item.share, item.share_real)], "small")
    heads = (
        Head(say.t("column_name")),
        Head(say.t("giveaway_share"), "n"),
        Head(say.t("compared"), "wide"),
        Head(say.t("between_real"), "n"),
    )
    rows = tuple(
        (
            Cell(clean(item.column)),
            Cell(say.percent(item.share)),
            Cell("", picture=picture(item.share, item.share_real, span)),
            Cell(say.percent(item.share_real)),
        )
        for item in giveaways
    )
    return Table(say.t("giveaways"), heads, rows)


def _interaction(names: Sequence[str], say: Writer) -> str:
    """The combination that gives most away, in words."""
    return say.t("interaction", names=" × ".join(clean(name) for name in names)) if names else ""


def _suspects(suspects: Sequence[Suspect], say: Writer) -> Table | None:
    """The rows that look most synthetic, by position."""
    if not suspects:
        return None
    heads = (Head(say.t("row_position")), Head(say.t("row_certainty"), "n"), Head(say.t("row_because")))
    rows = tuple(
        (
            Cell(str(item.row)),
            Cell(say.percent(item.probability)),
            Cell(", ".join(clean(name, 40) for name in item.columns)),
        )
        for item in suspects
    )
    return Table(say.t("suspects"), heads, rows)


__all__ = ["JointView", "joint"]
