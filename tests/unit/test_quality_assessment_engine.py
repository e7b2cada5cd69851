"""The documented ``QualityAssessmentEngine``."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from contrapeso.errors import InvalidDataError, InvalidParameterError, UnknownConfigKeyError
from contrapeso.services.quality_assessment_engine import QualityAssessmentEngine

KEYS = {
    "overall_quality_score",
    "quality_grade",
    "recommendations",
    "statistical_similarity",
    "distribution_preservation",
    "business_rule_compliance",
    "model_performance_impact",
    "privacy",
    "data_characteristics",
    "timestamp",
}


def rows(n, seed):
    rng = np.random.default_rng(seed)
    amount = rng.gamma(2, 100, n).round(2)
    kind = np.where(amount + rng.normal(0, 80, n) > 200, "despesa", "receita")
    return pd.DataFrame({"amount": amount, "fee": (amount * 0.1 + rng.normal(0, 5, n)).round(2), "kind": kind})


@pytest.fixture
def engine():
    return QualityAssessmentEngine({})


def test_the_report_has_the_documented_keys_and_sections(engine):
    report = engine.assess_synthetic_quality(rows(800, 0), rows(600, 1))
    assert set(report) >= KEYS
    assert report["quality_grade"] == "A"
    for name, threshold in (
        ("statistical_similarity", 0.8),
        ("distribution_preservation", 0.75),
        ("business_rule_compliance", 0.9),
    ):
        assert report[name]["threshold"] == threshold
    assert report["statistical_similarity"]["passed"] is True
    assert report["data_characteristics"]["n_synthetic"] == 600


def test_what_was_not_measured_is_none_with_a_reason_never_one(engine):
    report = engine.assess_synthetic_quality(rows(300, 0), rows(300, 1), {"depth": "quick"})
    for section in ("business_rule_compliance", "model_performance_impact", "privacy"):
        assert report[section]["score"] is None
        assert report[section]["passed"] is None
        assert report[section]["reason"]


def test_frames_arrays_and_lists_of_dicts_are_all_taken(engine):
    real, synthetic = rows(300, 0), rows(300, 1)
    records = engine.assess_synthetic_quality(real.to_dict("records"), synthetic.to_dict("records"))
    frames = engine.assess_synthetic_quality(real, synthetic)
    assert records["overall_quality_score"] == frames["overall_quality_score"]
    numeric = ["amount", "fee"]
    arrays = engine.assess_synthetic_quality(real[numeric].to_numpy(), synthetic[numeric].to_numpy())
    assert {c["name"] for c in arrays["statistical_similarity"]["columns"]} == {"x0", "x1"}
    with pytest.raises(InvalidDataError, match="1 dimension"):
        engine.assess_synthetic_quality(np.arange(3), synthetic)


@pytest.mark.parametrize("empty", [[], pd.DataFrame(), pd.DataFrame({"amount": []})])
def test_empty_input_has_no_grade_but_a_reason(engine, empty):
    report = engine.assess_synthetic_quality(empty, empty)
    assert (report["overall_quality_score"], report["quality_grade"]) == (None, None)
    assert report["reason"] == "insufficient_data"
    assert set(report) >= KEYS


def test_metadata_carries_target_kinds_rules_and_holdout(engine):
    real, synthetic = rows(900, 0), rows(600, 1)
    synthetic = synthetic[synthetic["kind"] == "despesa"]
    metadata = {
        "target": "kind",
        "kinds": {"fee": "continuous"},
        "rules": {"fee is small": lambda t: t["fee"] < t["amount"]},
        "holdout": rows(300, 5).to_dict("records"),
        "seed": 3,
    }
    report = engine.assess_synthetic_quality(real, synthetic, metadata)
    assert report["quality_grade"].startswith("A")
    assert report["business_rule_compliance"]["score"] > 0.9
    assert report["privacy"]["status"] == "no_excess_found"
    method = report["quality_report"]["method"]
    assert (method["reference"], method["ceiling"], method["seed"]) == ("class_mix", "holdout", 3)
    kinds = {c["name"]: c["kind"] for c in report["statistical_similarity"]["columns"]}
    assert kinds["fee"] == "continuous"
    assert set(report["statistical_similarity"]["tests"]) == {"ks_test", "mann_whitney", "js_divergence"}
    assert report["model_performance_impact"]["usefulness"]["target"]["completed"] is True
    assert report["privacy"]["attacks"]


def test_thresholds_of_the_config_decide_what_passes():
    strict = QualityAssessmentEngine({"quality_thresholds": {"statistical_similarity": 1.0}})
    report = strict.assess_synthetic_quality(rows(300, 0), rows(300, 1))
    assert strict.quality_thresholds["distribution_preservation"] == 0.75
    assert report["statistical_similarity"]["passed"] is False
    assert report["quality_grade"].endswith("C")


@pytest.mark.parametrize(
    ("config", "error", "match"),
    [
        ({"quality_treshold": {}}, UnknownConfigKeyError, "quality_thresholds"),
        ({"quality_thresholds": {"statistical": 1}}, UnknownConfigKeyError, "statistical_similarity"),
        ({"quality_thresholds": {"statistical_similarity": 80}}, InvalidParameterError, r"\[0, 1\]"),
        ({"statistical_tests": ["t_test"]}, InvalidParameterError, "ks_test"),
    ],
)
def test_a_wrong_config_is_an_error_that_names_the_way_out(config, error, match):
    with pytest.raises(error, match=match):
        QualityAssessmentEngine(config)


def test_an_unknown_metadata_key_names_the_nearest(engine):
    with pytest.raises(UnknownConfigKeyError, match="'target'"):
        engine.assess_synthetic_quality(rows(50, 0), rows(50, 1), {"targets": "kind"})


def test_the_configured_tests_agree_with_scipy_and_are_adjusted():
    engine = QualityAssessmentEngine({"statistical_tests": ["ks_test", "mann_whitney"]})
    real, synthetic = rows(300, 0), rows(300, 1)
    tests = engine.assess_synthetic_quality(real, synthetic)["statistical_similarity"]["tests"]
    assert set(tests) == {"ks_test", "mann_whitney"}
    expected = stats.ks_2samp(real["amount"], synthetic["amount"], method="asymp")
    assert tests["ks_test"]["amount"]["effect"] == pytest.approx(expected.statistic)
    assert tests["ks_test"]["amount"]["p_value"] == pytest.approx(expected.pvalue)
    assert tests["ks_test"]["amount"]["p_adjusted"] >= tests["ks_test"]["amount"]["p_value"]
    assert tests["mann_whitney"]["fee"]["effect"] == pytest.approx(0.5, abs=0.1)


def test_history_and_summary_count_what_was_assessed(engine):
    assert engine.get_quality_summary()["total_assessments"] == 0
    assert engine.get_quality_summary()["average_score"] is None
    real = rows(500, 0)
    good = engine.assess_synthetic_quality(real, rows(500, 1))
    bad = engine.assess_synthetic_quality(real, rows(500, 2).assign(amount=1.0))
    engine.assess_synthetic_quality(real, rows(5, 3))
    summary = engine.get_quality_summary()
    scores = [good["overall_quality_score"], bad["overall_quality_score"]]
    assert summary["total_assessments"] == len(engine.get_quality_history()) == 3
    assert summary["average_score"] == pytest.approx(np.mean(scores))
    assert summary["median_score"] == pytest.approx(np.median(scores))
    assert (summary["best_score"], summary["worst_score"]) == (max(scores), min(scores))
    assert sum(summary["grade_distribution"].values()) == 2
    assert summary["most_common_grade"] in summary["grade_distribution"]
    assert engine.quality_reports[0] is good


def test_a_report_is_saved_as_json_and_as_one_page(engine, tmp_path):
    report = engine.assess_synthetic_quality(rows(300, 0), rows(300, 1))
    engine.save_quality_report(tmp_path / "report.json", report)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == json.loads(json.dumps(report))
    engine.save_quality_report(str(tmp_path / "report.html"), report)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    with pytest.raises(InvalidDataError, match="assess_synthetic_quality"):
        engine.save_quality_report(tmp_path / "other.json", {"score": 1})


def test_both_documented_import_paths_give_the_same_class():
    from src.services.quality_assessment_engine import QualityAssessmentEngine as Documented

    assert Documented is QualityAssessmentEngine
