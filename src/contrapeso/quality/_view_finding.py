"""One sentence made from what was found: what is good, then what is lost."""

from __future__ import annotations

from contrapeso.quality._format import clean
from contrapeso.quality._report import Dimension, QualityReport
from contrapeso.quality._writer import Writer

MAX_CLAUSES = 3


def finding(report: QualityReport, say: Writer) -> str:
    """What is good and what is not, in one sentence; empty without a grade."""
    if not report.grade:
        return ""
    bad = [clause for clause in (_columns(report, say), *_relations(report, say), _rest(report, say)) if clause]
    good = _good(report, say, spotless=not bad)
    clauses = [clause for clause in (good, *bad[:MAX_CLAUSES]) if clause]
    sentence = "; ".join(clauses)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _dimension(report: QualityReport, name: str) -> Dimension | None:
    return next((d for d in report.dimensions if d.name == name), None)


def _wrong_columns(report: QualityReport) -> list[str]:
    """The columns under the minimum, worst first."""
    judged = _dimension(report, "statistical_similarity")
    least = judged.threshold if judged else 0.8
    low = [(c.score.value, c.name) for c in report.columns if c.score.value is not None and c.score.value < least]
    return [name for _, name in sorted(low)]


def _pair_trouble(report: QualityReport) -> dict[str, int]:
    """How many pairs were lost, invented or changed."""
    return {key: n for key in ("lost", "invented", "changed") if (n := report.pair_counts.get(key, 0))}


def _good(report: QualityReport, say: Writer, *, spotless: bool) -> str:
    """What is well."""
    if spotless and all(d.passed is not False for d in report.dimensions):
        return say.t("found_all_good")
    columns = not _wrong_columns(report) and bool(report.columns)
    pairs = not _pair_trouble(report) and bool(report.pair_counts)
    if columns and pairs:
        return say.t("found_columns_pairs_good")
    return say.t("found_columns_good") if columns else say.t("found_pairs_good") if pairs else ""


def _columns(report: QualityReport, say: Writer) -> str:
    """The columns whose shape is wrong, by name."""
    wrong = _wrong_columns(report)
    if not wrong:
        return ""
    names = ", ".join(clean(name, 40) for name in wrong[:2])
    if len(wrong) > 2:
        names += " " + say.t("and_more", n=say.count(len(wrong) - 2))
    return say.t("found_column" if len(wrong) == 1 else "found_columns", names=names)


def _relations(report: QualityReport, say: Writer) -> list[str]:
    """Pairs lost and invented; where all is well so far, whether a structure of three or more columns is lost."""
    found = [
        say.t(f"found_{key}" if n > 1 else f"found_{key}_one", n=say.count(n))
        for key, n in _pair_trouble(report).items()
        if key != "changed"
    ]
    judged, joint = _dimension(report, "distribution_preservation"), report.joint
    if judged is None or joint is None or joint.score.value is None or joint.score.value >= judged.threshold:
        return found
    if found or _wrong_columns(report):
        return [*found, say.t("found_model_tells")]
    names = " × ".join(clean(name, 40) for name in joint.interaction)
    return [say.t("found_joint_named", names=names) if names else say.t("found_joint_lost")]


def _rest(report: QualityReport, say: Writer) -> str:
    """Rules broken and models that suffer."""
    failed = {d.name for d in report.dimensions if d.passed is False}
    keys = {"business_rule_compliance": "found_rules", "model_performance": "found_models"}
    return "; ".join(say.t(key) for name, key in keys.items() if name in failed)


__all__ = ["finding"]
