"""Tables that nobody would send on purpose: a coded error or a defined answer, never a crash."""

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import ContrapesoError, InvalidDataError, InvalidParameterError
from contrapeso.quality import QualityReport, evaluate, render_html
from contrapeso.services.quality_assessment_engine import QualityAssessmentEngine

N = 300


def usual(seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"a": rng.normal(size=N), "b": rng.choice(list("xyz"), N)})


def ragged(frame, seed):
    rng = np.random.default_rng(seed)
    return [{key: value for key, value in row.items() if rng.random() < 0.8} for row in frame.to_dict("records")]


GRADED = {
    "a column is missing and another is new": (usual(), usual(1).rename(columns={"b": "c"}), "F"),
    "no column is shared": (usual(), usual(1).rename(columns={"a": "p", "b": "q"}), "F"),
    "numbers as text": (usual(), usual(1).astype(str), "A"),
    "words in a column of numbers": (usual(), usual(1).assign(a="word"), "F"),
    "all null in the real table": (usual().assign(a=np.nan, b=None), usual(1), "F"),
    "all null in the synthetic table": (usual(), usual(1).assign(a=np.nan, b=None), "F"),
    "all null in both": (usual().assign(a=np.nan, b=None), usual(1).assign(a=np.nan, b=None), "A"),
    "one column null in the real table": (usual().assign(a=np.nan), usual(1), "F"),
    "all constant": (usual().assign(a=1.0, b="x"), usual(1).assign(a=1.0, b="x"), "A"),
    "identifiers": (usual().assign(key=range(N)), usual(1).assign(key=range(N)), "A"),
    "one column": (usual()[["a"]], usual(1)[["a"]], "A"),
    "repeated index": (usual().set_axis([0] * N), usual(1).set_axis([1] * N), "A"),
    "huge numbers": (usual().assign(a=usual()["a"] * 1e300), usual(1).assign(a=usual(1)["a"] * 1e300), "A"),
    "tiny numbers": (usual().assign(a=usual()["a"] * 1e-300), usual(1).assign(a=usual(1)["a"] * 1e-300), "A"),
    "infinite numbers": (
        usual().assign(a=np.where(np.arange(N) % 7, usual()["a"], np.inf)),
        usual(1).assign(a=np.where(np.arange(N) % 7, usual(1)["a"], np.inf)),
        "A",
    ),
}


@pytest.mark.parametrize("name", GRADED)
@pytest.mark.parametrize("holdout", [False, True])
def test_odd_tables_have_a_defined_grade_and_a_page(name, holdout):
    real, synthetic, grade = GRADED[name]
    report = evaluate(real, synthetic, holdout=real.sample(frac=1, random_state=0).iloc[:0] if holdout else None)
    assert report.grade[0] == grade
    assert QualityReport.from_dict(report.to_dict()) == report
    assert "<html" in render_html(report)


@pytest.mark.parametrize("name", [name for name, row in GRADED.items() if row[2] == "A"])
def test_odd_tables_pass_the_gate_with_a_holdout(name):
    real, synthetic, _ = GRADED[name]
    holdout = synthetic.sample(frac=0.5, random_state=3)
    report = evaluate(real, synthetic.drop(holdout.index) if synthetic.index.is_unique else synthetic, holdout=holdout)
    assert report.grade[0] in "AB"
    assert report.privacy.status in ("no_excess_found", "cannot_be_assessed")


@pytest.mark.parametrize(("n", "m"), [(0, N), (N, 0), (1, N), (N, 1), (0, 0)])
def test_next_to_no_rows_have_no_grade_but_a_reason(n, m):
    report = evaluate(usual().head(n), usual(1).head(m))
    assert (report.grade, report.overall.reason) == (None, "insufficient_data")
    assert "<html" in render_html(report)


def test_lists_of_dicts_may_lack_keys():
    engine = QualityAssessmentEngine()
    report = engine.assess_synthetic_quality(ragged(usual(), 0), ragged(usual(1), 1))
    assert report["quality_grade"] == "A"
    report = engine.assess_synthetic_quality(ragged(usual(), 0), [{"a": 1.0}] * 50)
    assert report["quality_grade"] == "F"
    assert engine.assess_synthetic_quality([], [])["reason"] == "insufficient_data"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"o": [[1]] * N}, InvalidDataError, "Column 'o' is object holding list"),
        ({"target": "k"}, InvalidParameterError, "target='k' has 300 values"),
    ],
)
def test_what_cannot_be_assessed_is_a_coded_error(change, error, words):
    options = {key: value for key, value in change.items() if key == "target"}
    columns = {key: value for key, value in change.items() if key != "target"}
    real, synthetic = (usual(k).assign(k=range(N), **columns) for k in (0, 1))
    with pytest.raises(error, match=words) as raised:
        evaluate(real, synthetic, **options)
    assert isinstance(raised.value, ContrapesoError)
    assert raised.value.code


def test_a_column_of_a_few_values_may_be_all_null_in_a_fresh_table():
    real = usual().assign(note=[1.0] * 3 + [np.nan] * (N - 3), word=["x"] * 3 + [None] * (N - 3))
    report = evaluate(real, usual(1).assign(note=np.nan, word=None))
    assert report.grade[0] == "A"
    real = usual().assign(note=[1.0] * 90 + [np.nan] * (N - 90))
    assert evaluate(real, usual(1).assign(note=np.nan)).grade[0] > "A"


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(InvalidDataError, match="two columns named 'a'"):
        evaluate(usual().set_axis(["a", "a"], axis=1), usual(1))


@pytest.mark.slow
def test_ten_thousand_columns_are_graded_in_bounded_memory_and_the_page_is_cut():
    rng = np.random.default_rng(0)
    names = [f"c{j}" for j in range(10_000)]
    real, synthetic = (pd.DataFrame(rng.normal(size=(120, 10_000)), columns=names) for _ in range(2))
    report = evaluate(real, synthetic, depth="quick")
    assert report.grade == "A"
    assert ("distribution_preservation", "many_columns") in {(n.code, n.reason) for n in report.not_assessed}
    assert report.pair_counts["all"] == 400 * 399 // 2
    page = render_html(report)
    assert len(page) < 4_000_000
    assert "400 piores colunas" in page


def test_a_column_of_many_categories_is_compared_in_bounded_time():
    rng = np.random.default_rng(0)
    real, synthetic = (
        pd.DataFrame({"word": rng.integers(0, 100_000, 60_000).astype(str), "x": rng.normal(size=60_000)})
        for _ in range(2)
    )
    report = evaluate(real, synthetic, depth="quick")
    assert report.grade == "A"
