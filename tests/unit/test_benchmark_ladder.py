"""The arithmetic of the benchmark of the evidence ladder, on numbers that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from benchmarks._choose_runs import (
    Chosen,
    Measured,
    Scores,
    keep_chosen,
    keep_rungs,
    load_chosen,
    load_rungs,
    scored,
)
from benchmarks._choose_sets import N_FOLDS, folds
from benchmarks._choose_verdicts import Verdict, verdicts
from benchmarks.ladder import summary


def measured(fold: int, **rungs: float) -> Measured:
    return Measured("t", "LightGBM", 0, fold, 100, 10, 2, {name: Scores(ap, 0.1, 0.3) for name, ap in rungs.items()})


def chosen(fold: int, name: str, ap: float) -> Chosen:
    return Chosen("t", "LightGBM", 0, fold, 10.0, 9.5, "wall", name, "", Scores(ap, 0.1, 0.3), 1.0, "abc")


def verdict(aps: dict[str, list[float]], took: list[str]) -> Verdict:
    n = len(took)
    runs = [measured(k, **{name: values[k] for name, values in aps.items()}) for k in range(n)]
    picks = [chosen(k, took[k], aps[took[k]][k]) for k in range(n)]
    return verdicts({one.key: one for one in picks}, {one.key: one for one in runs})[0]


def test_regret_is_the_best_mean_less_the_mean_of_what_was_chosen() -> None:
    found = verdict({"none": [0.5, 0.5, 0.5], "weights": [0.8, 0.4, 0.6]}, ["none", "none", "weights"])
    assert found.best == "weights"
    assert found.regret(found.chosen_ap) == pytest.approx(0.6 - (0.5 + 0.5 + 0.6) / 3)
    assert found.gain == pytest.approx(0.1 / 3)


def test_the_oracle_takes_in_each_fold_the_best_rung_of_the_others() -> None:
    found = verdict({"none": [0.5, 0.5, 0.5], "weights": [0.9, 0.4, 0.4]}, ["none"] * 3)
    assert_allclose(found.oracle, [0.5, 0.4, 0.4])
    assert not found.helped


def test_a_rung_that_failed_in_a_fold_is_no_rival() -> None:
    runs = [measured(0, none=0.5, smote_1=0.9), measured(1, none=0.5)]
    picks = [chosen(k, "none", 0.5) for k in range(2)]
    found = verdicts({one.key: one for one in picks}, {one.key: one for one in runs})[0]
    assert found.names == ("none",)
    assert_allclose(found.of("smote_1"), [0.5, 0.5])


def test_harm_is_counted_by_table_and_learner() -> None:
    found = verdict({"none": [0.5, 0.5], "weights": [0.4, 0.49]}, ["weights", "weights"])
    worse = next(case for case in summary([found]) if case.claim.startswith("Worse than none"))
    assert worse.measured.median == 100
    assert worse.met is False


def test_every_row_is_judged_once_and_every_class_is_spread() -> None:
    labels = np.array(["a"] * 2 + ["b"] * 7 + ["c"] * 31)
    parts = list(folds(labels, 5))
    assert len(parts) == N_FOLDS
    assert sorted(np.concatenate([test for _, test in parts])) == list(range(40))
    for train, test in parts:
        assert not set(train) & set(test)
        assert set(labels[train]) == {"a", "b", "c"}


def test_scores_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import average_precision_score, brier_score_loss, log_loss

    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat(["x", "y"], [40, 10]))
    chance = rng.random(50)
    found = scored(truth, np.array(["x", "y"]), np.column_stack([1 - chance, chance]))
    assert found.ap == pytest.approx(average_precision_score(truth == "y", chance))
    assert found.brier == pytest.approx(brier_score_loss(truth == "y", chance))
    assert found.log_loss == pytest.approx(log_loss(truth == "y", chance))


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    keep_rungs([measured(0, none=0.5, smote_1=0.25)], tmp_path / "rungs.csv")
    keep_rungs([measured(1, none=0.5)], tmp_path / "rungs.csv")
    keep_chosen([chosen(0, "none", 0.5)], tmp_path / "chosen.csv")
    assert [one.rungs for one in load_rungs(tmp_path / "rungs.csv").values()] == [
        measured(0, none=0.5, smote_1=0.25).rungs,
        measured(1, none=0.5).rungs,
    ]
    assert list(load_chosen(tmp_path / "chosen.csv").values()) == [chosen(0, "none", 0.5)]
