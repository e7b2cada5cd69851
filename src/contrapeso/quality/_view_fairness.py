"""What the page shows of fairness: who is represented and served, and what mending it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from contrapeso.quality._format import clean, signed
from contrapeso.quality._guard import MIN_GROUP
from contrapeso.quality._label_readings import READINGS
from contrapeso.quality._labels import MITIGATIONS
from contrapeso.quality._report import QualityReport
from contrapeso.quality._sections import Fairness, GroupFairness, Mitigation, Reading
from contrapeso.quality._view_tables import Cell, Head, Show, Table, arrow, between, form_of, named, readings_table
from contrapeso.quality._writer import Writer

FOUR_FIFTHS = 0.8
NULL_GROUP = "∅"
MAX_GROUPS = 40


@dataclass(frozen=True, slots=True)
class FairnessView:
    """One sensitive column: its groups, its readings, and each mitigation before and after."""

    name: str
    positive: str
    flags: tuple[str, ...]
    groups: Table | None
    hidden: str
    readings: Table | None
    mitigations: tuple[Table, ...]


def fairness(report: QualityReport, hidden: Sequence[int], say: Writer) -> list[FairnessView]:
    """Every sensitive column; ``hidden`` counts the groups of each that are too small to show."""
    return [_view(item, n, say) for item, n in zip(report.fairness, hidden, strict=True)]


def _view(item: Fairness, n_hidden: int, say: Writer) -> FairnessView:
    shown = sorted(item.groups, key=lambda g: (not g.lost, _far(g), g.group))[:MAX_GROUPS]
    flagged = [f"{_named(g, say)}: {word}" for g in shown if (word := flag(g, say))]
    return FairnessView(
        name=" × ".join(clean(part) for part in item.column.split(" x ")),
        positive=say.t("positive_is", label=_value(item.positive, say)) if item.positive else "",
        flags=tuple(flagged[:6]),
        groups=_groups(shown, say),
        hidden=say.t("groups_hidden", n=say.count(n_hidden), least=str(MIN_GROUP)) if n_hidden else "",
        readings=readings_table(item.readings, say.t("fairness_readings"), say, against=say.t("legend_real_data")),
        mitigations=tuple(_mitigation(m, say) for m in item.mitigations),
    )


def _named(group: GroupFairness, say: Writer) -> str:
    """The name of a group; the one without a value in words."""
    return _value(group.group, say)


def _value(label: str, say: Writer) -> str:
    """A group or an outcome, or two groups joined, with yes, no and empty in words."""
    words = {NULL_GROUP: say.t("null_group"), "True": say.t("yes"), "False": say.t("no")}
    return " × ".join(clean(words.get(part, part), 60) for part in label.split(" x "))


def _far(group: GroupFairness) -> float:
    """The ratio of a group, for the order: the least represented first."""
    return 2.0 if group.ratio is None else group.ratio


def flag(group: GroupFairness, say: Writer) -> str:
    """What is wrong with how a group is represented, empty where nothing is beyond its interval."""
    if group.lost:
        return say.t("group_lost")
    if group.ratio is None:
        return ""
    low, high = group.interval or (group.ratio, group.ratio)
    if group.ratio < FOUR_FIFTHS and high < 1:
        return say.t("group_under")
    if group.ratio > 1 / FOUR_FIFTHS and low > 1:
        return say.t("group_over")
    return ""


def _groups(groups: Sequence[GroupFairness], say: Writer) -> Table | None:
    """The groups; what was not measured for any of them is left out."""
    if not groups:
        return None
    columns = [column for column in _group_columns(groups, say) if any(cell.text != "—" for cell in column[1])]
    names = [Cell(_named(group, say), flag(group, say), "bad" if flag(group, say) else "") for group in groups]
    rows = tuple((name, *cells) for name, cells in zip(names, zip(*(c[1] for c in columns), strict=True), strict=True))
    return Table(say.t("group_table"), (Head(say.t("group")), *(column[0] for column in columns)), rows, wide=True)


def _group_columns(groups: Sequence[GroupFairness], say: Writer) -> list[tuple[Head, list[Cell]]]:
    """Each measure of the groups as a column."""

    def rates(real: str, synthetic: str) -> list[Cell]:
        return [Cell(_moved(getattr(g, real), getattr(g, synthetic), say)) for g in groups]

    ratios = [Cell(say.number(g.ratio), between(g.interval, say.number, say)) for g in groups]
    return [
        (Head(say.t("group_rows"), "n"), [Cell(arrow(g.n_real, g.n_synthetic, _counted(say))) for g in groups]),
        (Head(say.t("group_share"), "n"), rates("share_real", "share_synthetic")),
        (Head(say.t("group_ratio"), "n"), ratios),
        (Head(say.t("group_fidelity"), "n"), [Cell(say.score(g.fidelity)) for g in groups]),
        (Head(say.t("group_auc"), "n"), [Cell(say.percent(g.auc)) for g in groups]),
        (Head(say.t("group_positive"), "n"), rates("positive_real", "positive_synthetic")),
        (Head(say.t("group_tpr"), "n"), rates("tpr_real", "tpr_synthetic")),
        (Head(say.t("group_fpr"), "n"), rates("fpr_real", "fpr_synthetic")),
    ]


def _moved(real: float | None, synthetic: float | None, say: Writer) -> str:
    return arrow(real, synthetic, say.percent)


def _counted(say: Writer) -> Show:
    return lambda n: say.number(n, 0)


def _mitigation(item: Mitigation, say: Writer) -> Table:
    """Readings before and after."""
    word = MITIGATIONS.get(item.name)
    heads = (
        Head(say.t("metric")),
        Head(say.t("before"), "n"),
        Head(say.t("after"), "n"),
        Head(say.t("difference"), "n"),
        Head(say.t("legend_real_data"), "n"),
    )
    rows = tuple(_changed(b, a, say) for b, a in zip_longest(item.before, item.after) if b is not None)
    name = word.to(say.language) if word else clean(item.name.replace("_", " "))
    return Table(say.t("mitigation", name=name), heads, rows)


def _changed(before: Reading, after: Reading | None, say: Writer) -> tuple[Cell, ...]:
    """One reading before and after."""
    text = READINGS.get(before.name)
    show = form_of(text, say)
    now = after.value if after is not None else None
    change = None if now is None or before.value is None else now - before.value
    return (
        Cell(named(before.name, text, say)),
        Cell(show(before.value), between(before.interval, show, say)),
        Cell(show(now), between(after.interval, show, say) if after is not None else ""),
        Cell(signed(change, say.language)),
        Cell(show(before.reference)),
    )


__all__ = ["FairnessView", "fairness", "flag"]
