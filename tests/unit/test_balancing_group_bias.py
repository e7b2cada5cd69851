"""Rates by group agree with fairlearn; a change is only told where chance does not explain it."""

import fairlearn.metrics as fairlearn
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import precision_score, recall_score

from contrapeso.balancing.explain import check_group_bias
from contrapeso.errors import InvalidDataError, InvalidParameterError


def _rows(n: int = 1200, n_groups: int = 3, seed: int = 0, shift: float = 0.0):
    """Truth, decisions before and after, groups; ``shift`` more of the last group are chosen after."""
    rng = np.random.default_rng(seed)
    group = rng.integers(n_groups, size=n)
    truth = rng.random(n) < 0.3 + 0.1 * group
    noise = rng.normal(size=n)
    before = truth + noise > 0.6
    after = before | ((group == n_groups - 1) & (rng.random(n) < shift))
    return truth.astype(int), before.astype(int), after.astype(int), np.array(list("abcdef"))[group]


@pytest.mark.parametrize(("seed", "n_groups"), [(0, 2), (1, 3), (2, 4)])
def test_rates_and_gaps_are_those_of_fairlearn(seed: int, n_groups: int) -> None:
    truth, before, after, group = _rows(seed=seed, n_groups=n_groups, shift=0.3)
    found = check_group_bias(truth, before, after, group, positive=1)
    for name, oracle in (
        ("demographic_parity_difference", fairlearn.demographic_parity_difference),
        ("demographic_parity_ratio", fairlearn.demographic_parity_ratio),
        ("equalized_odds_difference", fairlearn.equalized_odds_difference),
        ("equalized_odds_ratio", fairlearn.equalized_odds_ratio),
        ("equal_opportunity_difference", fairlearn.equal_opportunity_difference),
        ("equal_opportunity_ratio", fairlearn.equal_opportunity_ratio),
    ):
        ours = found.disparity(name)
        expected = [oracle(truth, side, sensitive_features=group) for side in (before, after)]
        assert_allclose([ours.before, ours.after], expected, atol=1e-12)
        assert ours.before_interval is not None
        assert ours.before_interval[0] <= ours.before <= ours.before_interval[1]
    oracle = {
        "recall": recall_score,
        "precision": precision_score,
        "selection_rate": fairlearn.selection_rate,
        "false_positive_rate": fairlearn.false_positive_rate,
    }
    for name, function in oracle.items():
        frame = fairlearn.MetricFrame(metrics=function, y_true=truth, y_pred=after, sensitive_features=group)
        ours = {rate.group: rate.after for rate in found.rates if rate.rate == name}
        assert_allclose([ours[name] for name in frame.by_group.index], frame.by_group, atol=1e-12)


def test_calibration_is_the_mean_chance_less_the_share_of_positives() -> None:
    truth, before, after, group = _rows()
    rng = np.random.default_rng(1)
    chances = rng.random((2, truth.size))
    found = check_group_bias(
        truth, before, after, group, positive=1, chances_before=chances[0], chances_after=chances[1]
    )
    for rate in (rate for rate in found.rates if rate.rate == "calibration"):
        here = group == rate.group
        residual = chances[0][here] - truth[here]
        assert rate.before == pytest.approx(residual.mean())
        assert rate.before_interval is not None
        reach = (rate.before_interval[1] - rate.before_interval[0]) / 2
        assert reach == pytest.approx(1.96 * residual.std(ddof=1) / np.sqrt(here.sum()), rel=0.15)


def test_the_interval_of_a_paired_change_is_that_of_the_differences() -> None:
    """Plain formula: the standard error of the mean of after less before within the group."""
    truth, before, after, group = _rows(shift=0.3)
    found = check_group_bias(truth, before, after, group, positive=1)
    line = next(one for one in found.rates if (one.group, one.rate) == ("c", "selection_rate"))
    moved = (after - before)[group == "c"]
    assert line.change == pytest.approx(moved.mean())
    assert line.change_interval is not None
    reach = (line.change_interval[1] - line.change_interval[0]) / 2
    assert reach == pytest.approx(1.96 * moved.std() / np.sqrt(moved.size), rel=0.15)


def test_what_hits_one_group_is_told_in_both_languages() -> None:
    truth, _, _, group = _rows(n=3000)
    all_of_c = np.where(group == "c", 1, truth)
    found = check_group_bias(truth, truth, all_of_c, group, positive=1)
    assert found.verdict == "more_bias"
    assert found.disparity("demographic_parity_difference").effect == "larger"
    assert "selection rate from" in found.describe("en")
    assert "taxa de escolha de" in found.describe("pt")
    mirrored = check_group_bias(truth, all_of_c, truth, group, positive=1)
    assert mirrored.verdict == "less_bias"
    assert "narrowed" in mirrored.describe("en")


def test_the_same_decisions_change_nothing() -> None:
    truth, before, _, group = _rows()
    found = check_group_bias(truth, before, before, group, positive=1)
    assert found.verdict == "no_change"
    assert all(one.change == 0 for one in found.disparities)
    assert "0.00" in found.describe("en")


def test_false_alarms_stay_within_the_level() -> None:
    """40 tables where both models err alike in every group, level .95: seven alarms or more have a chance of .3 %."""
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        truth, group = rng.random(800) < 0.3, rng.integers(2, size=800)
        before, after = (truth + rng.normal(size=800) > 0.6 for _ in range(2))
        alarms += check_group_bias(truth, before, after, group, positive=True).verdict != "no_change"
    assert alarms < 7


def test_small_groups_are_named_and_not_measured() -> None:
    truth, before, after, group = _rows(n=1000, n_groups=2)
    group = group.astype(object)
    group[:10] = None
    found = check_group_bias(truth, before, after, group, positive=1)
    small = [rate for rate in found.rates if rate.group == "(null)"]
    assert {rate.reason for rate in small} == {"group_too_small"}
    assert all(rate.before is None for rate in small)
    assert found.verdict != "not_measured"
    alone = check_group_bias(truth, before, after, np.zeros(1000), positive=1)
    assert alone.verdict == "not_measured"
    assert alone.disparity("equalized_odds_difference").reason == "group_too_small"
    assert "30" in alone.describe("pt")


def test_the_rarest_class_is_compared_by_default_and_the_others_are_the_rest() -> None:
    truth = np.array(["ok"] * 300 + ["late"] * 150 + ["fraud"] * 60, dtype=object)
    group = np.tile(["a", "b"], 255)
    found = check_group_bias(truth, truth, truth, group)
    assert found.positive == "fraud"
    assert found.rates[0].before == pytest.approx(30 / 255)


def test_same_seed_same_report() -> None:
    rows = _rows(shift=0.1)
    first, second = (check_group_bias(*rows, positive=1, random_state=7) for _ in range(2))
    assert first == second
    assert first.to_dict()["n_rows"] == 1200
    assert len(first.to_frame()) == 12


def test_bad_input_is_refused_with_the_way_out() -> None:
    truth, before, after, group = _rows(n=100)
    with pytest.raises(InvalidDataError, match="one value a row"):
        check_group_bias(truth, before, after[:50], group)
    with pytest.raises(InvalidParameterError, match="No row of y_true is 'x'"):
        check_group_bias(truth, before, after, group, positive="x")
    with pytest.raises(InvalidParameterError, match="both models"):
        check_group_bias(truth, before, after, group, chances_before=truth)
    with pytest.raises(InvalidDataError, match=r"\[0, 1\]"):
        check_group_bias(truth, before, after, group, chances_before=truth * 2, chances_after=truth)
    with pytest.raises(InvalidDataError, match="without a label"):
        check_group_bias([None, 1], [1, 1], [1, 1], ["a", "b"])
    with pytest.raises(InvalidParameterError, match="level"):
        check_group_bias(truth, before, after, group, level=1.0)
    with pytest.raises(InvalidParameterError, match="no disparity"):
        check_group_bias(truth, before, after, group).disparity("x")
