"""The whole assessment, models and attacks included: fresh rows pass, damage is seen, and only content matters."""

import json

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.quality import QualityReport, evaluate
from contrapeso.quality._labels import NOT_ASSESSED_WORDS
from contrapeso.quality._texts import REASON_CODES, RECOMMENDATION_CODES

N = 900


def draw(n, seed):
    """Two coins and their exclusive or, numbers that depend on each other, a rare class, a group."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, (2, n)).astype(bool)
    income = np.exp(rng.normal(8, 0.6, n)).round(2)
    rent = (income * rng.uniform(0.2, 0.4, n)).round(2)
    group = rng.choice(["north", "south"], n, p=[0.7, 0.3])
    chance = 1 / (1 + np.exp(-(np.log(income) - 9) * 3))
    churn = np.where(rng.random(n) < chance, "left", "stays")
    return pd.DataFrame({"a": a, "b": b, "odd": a ^ b, "income": income, "rent": rent, "group": group, "churn": churn})


def shuffled(frame, seed=5):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: frame[name].to_numpy()[rng.permutation(len(frame))] for name in frame})


def numbers(report):
    """The report without the clock."""
    return {**report.to_dict(), "timestamp": None}


def codes(report):
    return {item.code for item in report.recommendations}


@pytest.fixture(scope="module")
def tables():
    return draw(N, 0), draw(N, 1), draw(N, 2)


@pytest.fixture(scope="module")
def fresh_report(tables):
    real, fresh, holdout = tables
    return evaluate(
        real, fresh, holdout=holdout, target="churn", sensitive=["group"], tests=["ks_test", "chi2"], n_jobs=1
    )


def test_fresh_rows_pass_everything(fresh_report):
    report = fresh_report
    assert report.grade == "A"
    assert report.privacy.status == "no_excess_found"
    assert report.joint.score.value > 0.95
    assert abs(report.joint.auc.value - 0.5) < 0.06
    assert report.dimension("model_performance").passed
    assert report.recommendations == ()
    assert report.overall.ceiling > 0.95
    assert report.overall.interval[0] <= report.overall.value <= report.overall.interval[1]


def test_every_part_of_a_whole_report_is_there_and_survives_json(fresh_report):
    report = fresh_report
    assert report.usefulness.target.column == "churn"
    assert {reading.name for reading in report.usefulness.target.readings} >= {"tstr", "trtr", "trts", "augmented"}
    assert {reading.name for reading in report.joint.readings} >= {"pmse_ratio", "coverage", "mmd"}
    assert {attack.name for attack in report.privacy.attacks} >= {"dcr_share", "membership_inference", "linkability_1"}
    assert report.fairness[0].column == "group"
    assert {test.test for test in report.tests} == {"ks_test", "chi2"}
    assert {item.code for item in report.not_assessed} <= NOT_ASSESSED_WORDS.keys()
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert QualityReport.from_dict(plain) == report


def test_every_reason_and_finding_has_its_sentences(fresh_report, tables):
    real, fresh, holdout = tables
    reports = [fresh_report, evaluate(real, shuffled(fresh), holdout=holdout, target="churn", sensitive=["group"])]
    for report in reports:
        text = json.dumps(report.to_dict())
        found = set(json.loads(f"[{','.join(_reasons(text))}]"))
        assert found <= REASON_CODES
        assert codes(report) <= RECOMMENDATION_CODES
        for item in report.recommendations:
            assert item.text("pt") != item.text("en")


def _reasons(text):
    return [part.partition(",")[0].partition("}")[0] for part in text.split('"reason": ')[1:] if part.startswith('"')]


def test_the_numbers_do_not_depend_on_threads_or_on_the_order_of_rows(tables, fresh_report):
    real, fresh, holdout = tables
    turned = [frame.sample(frac=1, random_state=k) for k, frame in enumerate((real, fresh, holdout))]
    again = evaluate(
        turned[0],
        turned[1],
        holdout=turned[2],
        target="churn",
        sensitive=["group"],
        tests=["ks_test", "chi2"],
        n_jobs=2,
    )
    one, two = numbers(fresh_report), numbers(again)
    assert one.keys() == two.keys()
    for key in one:
        assert _rounded(one[key]) == _rounded(two[key]), key


def _rounded(value):
    """Floats to nine decimals: a sum in another order differs in its last bits."""
    return json.loads(json.dumps(value), parse_float=lambda digits: round(float(digits), 9))


def test_the_numbers_are_the_same_bits_on_any_number_of_threads(tables):
    real, fresh, holdout = (frame.head(300) for frame in tables)
    one, two = (evaluate(real, fresh, holdout=holdout, target="churn", n_jobs=k) for k in (1, 2))
    assert numbers(one) == numbers(two)


def test_independent_columns_fail(tables):
    real, fresh, holdout = tables
    report = evaluate(real, shuffled(fresh), holdout=holdout, target="churn")
    assert report.grade == "F"
    assert report.usefulness.score.value < 0.3
    assert {"told_apart", "column_signal_lost"} <= codes(report)


def test_a_copy_is_good_data_that_must_not_be_released(tables):
    real, _, holdout = tables
    report = evaluate(real, real.sample(frac=1, replace=True, random_state=0), holdout=holdout)
    assert report.grade[0] in "AB"
    assert report.privacy.do_not_release
    assert codes(report) & {"exact_copies", "overfit", "membership_exposed"}


def test_rows_with_a_little_noise_are_copies_too(tables):
    real, _, holdout = tables
    rng = np.random.default_rng(0)
    noisy = real.assign(
        income=(real["income"] * rng.normal(1, 0.002, N)).round(2),
        rent=(real["rent"] * rng.normal(1, 0.002, N)).round(2),
    )
    report = evaluate(real, noisy, holdout=holdout)
    assert report.privacy.status == "attack_succeeded"


def test_a_destroyed_three_way_rule_is_seen_and_named(tables):
    real, fresh, holdout = tables
    broken = fresh.assign(odd=np.random.default_rng(3).integers(0, 2, N).astype(bool))
    report = evaluate(real, broken, holdout=holdout)
    assert report.pair_score.value > 0.95  # no pair of columns shows it
    assert report.joint.score.value < 0.7
    found = next(item for item in report.recommendations if item.code == "interaction_broken")
    assert "odd" in found.columns
    assert report.grade not in ("A", "A/B")


def test_minority_rows_alone_are_judged_beside_the_real_rows_of_the_other_classes(tables):
    real, _, holdout = tables
    pool = draw(20_000, 9)
    minority = pool[pool["churn"] == "left"].head(400).reset_index(drop=True)
    report = evaluate(real, minority, holdout=holdout, target="churn")
    assert report.grade[0] == "A"
    assert report.usefulness.target.completed
    assert ("classes", "classes_left_out") in {(item.code, item.reason) for item in report.not_assessed}


def test_without_a_holdout_models_use_halves_and_privacy_is_silent(tables):
    real, fresh, _ = tables
    report = evaluate(real, fresh)
    assert report.joint.against == report.usefulness.against == "real_halves"
    assert report.privacy.status == "cannot_be_assessed"
    assert all(attack.verdict == "cannot_be_assessed" for attack in report.privacy.attacks)


def test_a_holdout_out_of_the_real_table_is_refused(tables):
    real, fresh, _ = tables
    with pytest.raises(InvalidDataError, match="holdout rows are in the real table"):
        evaluate(real, fresh, holdout=real.sample(300, random_state=0))


def test_too_few_rows_for_models_is_said():
    report = evaluate(draw(60, 0), draw(60, 1))
    assert report.joint is None
    assert report.dimension("model_performance").score.reason == "few_model_rows"
    assert ("joint_test", "few_model_rows") in {(item.code, item.reason) for item in report.not_assessed}


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"depth": "deep"}, InvalidParameterError, "'quick' or 'full'"),
        ({"sensitive": ["nobody"]}, ColumnNotFoundError, "sensitive names column 'nobody'"),
        ({"sequence_key": "group"}, InvalidParameterError, "sequence_key needs sequence_index"),
        ({"tests": ["t_test"]}, InvalidParameterError, "no test 't_test'"),
        ({"n_jobs": 0}, InvalidParameterError, "n_jobs"),
    ],
)
def test_wrong_options_are_named(options, error, words):
    with pytest.raises(error, match=words):
        evaluate(draw(60, 0), draw(60, 1), **options)


@pytest.mark.slow
def test_damage_falls_step_by_step(tables):
    real, fresh, holdout = tables
    rng = np.random.default_rng(0)
    mixed = shuffled(fresh)
    scores = []
    for share in (0.0, 0.25, 0.5, 1.0):
        rows = np.flatnonzero(rng.random(N) < share)
        made = pd.concat([fresh.drop(index=rows), mixed.iloc[rows]])
        scores.append(evaluate(real, made, holdout=holdout).overall.value)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] - scores[-1] > 0.5
