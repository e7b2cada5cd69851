"""The documented ``QualityAssessmentEngine``: quality of synthetic rows as a plain dict, with a history."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.quality import TEST_NAMES, QualityReport, evaluate, render_html
from contrapeso.services._config import merge, section
from contrapeso.tables import infer_schema

Table: TypeAlias = pd.DataFrame | ArrayLike | Sequence[Mapping[str, object]]
METADATA_KEYS: Mapping[str, object] = {
    "target": None,
    "kinds": None,
    "rules": None,
    "holdout": None,
    "seed": 0,
    "depth": "full",
    "sensitive": (),
    "quasi_identifiers": (),
    "sequence_index": None,
    "sequence_key": None,
    "n_jobs": None,
}
_PASSED = tuple(name for name in METADATA_KEYS if name not in {"kinds", "holdout"})


class QualityAssessmentEngine:
    """Assesses synthetic tables and remembers what it found.

    Parameters
    ----------
    config : mapping, optional
        ``statistical_tests`` (shown beside the scores, never part of them) and ``quality_thresholds`` by dimension;
        both are laid over the defaults.

    Attributes
    ----------
    quality_reports : list of dict
        Every assessment of this engine, oldest first.
    quality_thresholds : dict
        Threshold of each dimension.
    statistical_tests : list of str
        Tests run on each column.

    Raises
    ------
    UnknownConfigKeyError, InvalidParameterError
        If ``config`` has a key or a value that does not exist.
    """

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        merged = section("quality", config)
        self.statistical_tests = _checked_tests(merged["statistical_tests"])
        self.quality_thresholds = cast(dict[str, float], merged["quality_thresholds"])
        self.quality_reports: list[dict[str, Any]] = []
        self.config = merged
        _check_thresholds(self.quality_thresholds)

    def assess_synthetic_quality(
        self, original: Table, synthetic: Table, metadata: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Quality of ``synthetic`` against ``original``.

        Parameters
        ----------
        original, synthetic : DataFrame, array of shape (n, p) or list of dicts
        metadata : mapping, optional
            ``target`` (class column: the original rows are re-weighted to the class mix of the synthetic ones),
            ``kinds`` (column -> kind, over the inferred ones), ``rules`` (name -> predicate), ``holdout`` (real rows
            that the synthetic ones were not made from: without them privacy cannot be assessed), ``seed``,
            ``depth`` ("quick" leaves out what needs models), ``sensitive`` (columns to check fairness on),
            ``quasi_identifiers`` (columns that others may know), ``sequence_index`` and ``sequence_key`` (rows that
            follow each other), ``n_jobs``.

        Returns
        -------
        dict
            ``overall_quality_score`` and ``quality_grade`` (None with ``reason`` where there is too little to
            measure), ``recommendations``, one section each for ``statistical_similarity``,
            ``distribution_preservation``, ``business_rule_compliance``, ``model_performance_impact``
            ({score, threshold, passed, reason, ...}), ``privacy``, ``data_characteristics``, ``timestamp``, and the
            whole ``quality_report`` as JSON types.
        """
        given = _metadata(metadata)
        left, right = _frame(original, "original"), _frame(synthetic, "synthetic")
        schema = infer_schema(left, given["kinds"])
        report = evaluate(
            left,
            right,
            schema=schema,
            holdout=None if given["holdout"] is None else _frame(given["holdout"], "holdout"),
            thresholds=self.quality_thresholds,
            tests=self.statistical_tests,
            **{name: given[name] for name in _PASSED},
        )
        result = _sections(report)
        self.quality_reports.append(result)
        return result

    def get_quality_history(self) -> list[dict[str, Any]]:
        """Every assessment of this engine, oldest first."""
        return list(self.quality_reports)

    def get_quality_summary(self) -> dict[str, Any]:
        """Counts and scores over the history; scores and grades are None before the first graded assessment."""
        known = (report["overall_quality_score"] for report in self.quality_reports)
        scores = [float(score) for score in known if score is not None]
        grades = Counter(r["quality_grade"] for r in self.quality_reports if r["quality_grade"] is not None)
        return {
            "total_assessments": len(self.quality_reports),
            "average_score": fmean(scores) if scores else None,
            "median_score": median(scores) if scores else None,
            "best_score": max(scores) if scores else None,
            "worst_score": min(scores) if scores else None,
            "grade_distribution": dict(sorted(grades.items())),
            "most_common_grade": min(grades, key=lambda g: (-grades[g], g)) if grades else None,
        }

    def save_quality_report(self, path: str | Path, report: Mapping[str, Any]) -> None:
        """Write ``report`` to ``path``: one HTML page where the name ends with .html, JSON otherwise.

        Raises
        ------
        InvalidDataError
            If ``report`` is not what :meth:`assess_synthetic_quality` returned.
        """
        target = Path(path)
        if "quality_report" not in report:
            raise InvalidDataError(
                "save_quality_report needs a report of assess_synthetic_quality; this one has no 'quality_report'."
            )
        if target.suffix.lower() in {".html", ".htm"}:
            text = render_html(QualityReport.from_dict(report["quality_report"]))
        else:
            text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        target.write_text(text, encoding="utf-8")


def _checked_tests(names: object) -> list[str]:
    if isinstance(names, str) or not isinstance(names, Sequence) or not set(names) <= set(TEST_NAMES):
        raise InvalidParameterError(f"statistical_tests must be a list out of {', '.join(TEST_NAMES)}; got {names!r}.")
    return list(names)


def _check_thresholds(thresholds: Mapping[str, object]) -> None:
    for name, value in thresholds.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise InvalidParameterError(f"quality_thresholds[{name!r}] must be a number in [0, 1]; got {value!r}.")


def _metadata(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """``given`` over the defaults; an unknown key is an error that names the nearest one."""
    merge(METADATA_KEYS, dict.fromkeys(given or ()))
    return {**METADATA_KEYS, **(given or {})}


def _frame(table: Table, what: str) -> pd.DataFrame:
    """``table`` as a DataFrame; the columns of an array are named x0, x1, ..."""
    if isinstance(table, pd.DataFrame):
        return table
    if isinstance(table, Sequence) and not isinstance(table, str) and all(isinstance(row, Mapping) for row in table):
        return pd.DataFrame(list(table))
    array = np.asarray(table)
    if array.ndim != 2:
        raise InvalidDataError(
            f"The {what} table must be a DataFrame, an array of rows and columns or a list of dicts; "
            f"got {type(table).__name__} with {array.ndim} dimensions."
        )
    return pd.DataFrame(array, columns=[f"x{j}" for j in range(array.shape[1])])


def _sections(report: QualityReport) -> dict[str, Any]:
    """The documented keys, filled from the report."""
    plain = report.to_dict()
    return {
        "overall_quality_score": report.overall.value,
        "quality_grade": report.grade,
        "reason": report.overall.reason,
        "interval": plain["overall"]["interval"],
        "ceiling": report.overall.ceiling,
        "provisional": report.provisional,
        "recommendations": [
            {**item, "text": {"pt": found.text("pt"), "en": found.text("en")}}
            for item, found in zip(plain["recommendations"], report.recommendations, strict=True)
        ],
        "statistical_similarity": {
            **_section(report, "statistical_similarity"),
            "columns": plain["columns"],
            "tests": _tests(report),
        },
        "distribution_preservation": {
            **_section(report, "distribution_preservation"),
            "pairs": plain["pairs"],
            "pair_counts": plain["pair_counts"],
            "joint": plain["joint"],
            "sequences": plain["sequences"],
        },
        "business_rule_compliance": {
            **_section(report, "business_rule_compliance"),
            "rules": plain["rules"],
            "mined_rules": plain["mined_rules"],
        },
        "model_performance_impact": {**_section(report, "model_performance"), "usefulness": plain["usefulness"]},
        "privacy": _privacy(report),
        "fairness": plain["fairness"],
        "diversity": plain["diversity"],
        "data_characteristics": plain["data"],
        "not_assessed": plain["not_assessed"],
        "timestamp": report.timestamp,
        "quality_report": plain,
    }


def _section(report: QualityReport, name: str) -> dict[str, Any]:
    found = report.dimension(name)
    return {
        "score": found.score.value,
        "interval": None if found.score.interval is None else list(found.score.interval),
        "ceiling": found.score.ceiling,
        "threshold": found.threshold,
        "passed": found.passed,
        "reason": found.score.reason,
    }


def _tests(report: QualityReport) -> dict[str, dict[str, Any]] | None:
    """``{test: {column: {effect, p_value, p_adjusted}}}``; None where they were not run."""
    if not report.tests:
        return None
    found: dict[str, dict[str, Any]] = {}
    for item in report.tests:
        numbers = {"effect": item.effect, "p_value": item.p_value, "p_adjusted": item.p_adjusted}
        found.setdefault(item.test, {})[item.column] = numbers
    return found


def _privacy(report: QualityReport) -> dict[str, Any]:
    """The copy alarm; ``score`` is always None: privacy is a gate and is never averaged in."""
    privacy = report.privacy
    if privacy is None:
        return {"score": None, "passed": None, "status": "cannot_be_assessed", "reason": report.overall.reason}
    return {
        "score": None,
        "passed": None if privacy.status == "cannot_be_assessed" else not privacy.do_not_release,
        "status": privacy.status,
        "reason": "needs_holdout" if privacy.status == "cannot_be_assessed" else None,
        "exact_copies": privacy.exact_copies,
        "n_exact_copies": privacy.n_exact_copies,
        "holdout_copies": privacy.holdout_copies,
        "attacks": report.to_dict()["privacy"]["attacks"],
        "text": {"pt": privacy.text("pt"), "en": privacy.text("en")},
    }


__all__ = ["QualityAssessmentEngine"]
