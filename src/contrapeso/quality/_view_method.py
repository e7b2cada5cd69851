"""What the page says of the method: sizes, seeds, versions, what was not assessed, what each number means."""

from __future__ import annotations

from contrapeso.quality._format import ABSENT, clean
from contrapeso.quality._labels import METRICS, NOT_ASSESSED_WORDS
from contrapeso.quality._report import NotAssessed, QualityReport
from contrapeso.quality._writer import Writer


def sizes(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """How much of what was compared."""
    data = report.data
    rows = [(say.t("real_rows"), say.count(data.n_real)), (say.t("synthetic_rows"), say.count(data.n_synthetic))]
    rows.append((say.t("holdout_rows"), ABSENT if data.n_holdout is None else say.count(data.n_holdout)))
    rows.append((say.t("columns_count"), say.count(data.n_columns)))
    if data.target:
        rows.append((say.t("target"), clean(data.target)))
    rows.append((say.t("duplicates_real"), say.percent(data.duplicates_real)))
    rows.append((say.t("duplicates_synthetic"), say.percent(data.duplicates_synthetic)))
    for key, names in (("missing_columns", data.missing_columns), ("extra_columns", data.extra_columns)):
        if names:
            rows.append((say.t(key), ", ".join(clean(name) for name in names)))
    return rows


def how(report: QualityReport, say: Writer) -> list[tuple[str, str]]:
    """Seeds, cells, samples and versions: enough to repeat the numbers."""
    method = report.method
    rows = [
        (say.t("seed"), str(method.seed)),
        (say.t("bins"), f"{method.bins_marginal} / {method.bins_pair}"),
        (say.t("groups"), say.count(method.n_groups)),
        (say.t("n_effective"), say.number(method.n_effective, 0)),
    ]
    if report.joint is not None:
        rows.append((say.t("joint_rows"), _plus(report.joint.n_rows, say)))
    if report.usefulness is not None:
        rows.append((say.t("use_rows"), _plus(report.usefulness.n_rows, say)))
    if report.privacy is not None and report.privacy.attacks:
        rows.append((say.t("attacks"), say.count(len(report.privacy.attacks))))
    versions = ", ".join(f"{clean(name)} {clean(version)}" for name, version in method.versions.items())
    rows.append((say.t("versions"), versions or ABSENT))
    return rows


def _plus(counts: tuple[int, ...], say: Writer) -> str:
    """Counts joined."""
    return " / ".join(say.count(n) for n in counts)


def not_assessed(report: QualityReport, say: Writer) -> list[tuple[str, str, str]]:
    """What was left out, which columns, why."""
    return [_left_out(item, say) for item in report.not_assessed]


def _left_out(item: NotAssessed, say: Writer) -> tuple[str, str, str]:
    word = NOT_ASSESSED_WORDS.get(item.code)
    names = ", ".join(clean(name) for name in item.columns)
    return (word.to(say.language) if word else clean(item.code.replace("_", " ")), names, item.text(say.language))


def glossary(say: Writer) -> list[tuple[str, str, str, str]]:
    """Every metric of the core: its name, what it means, what is good, where it ends."""
    return [
        (
            text.name.to(say.language),
            text.means.to(say.language),
            text.good.to(say.language),
            text.limits.to(say.language),
        )
        for text in METRICS.values()
    ]


__all__ = ["glossary", "how", "not_assessed", "sizes"]
