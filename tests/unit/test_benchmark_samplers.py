"""The benchmarks of the samplers compare the same work: same tables, same results, every target on the page."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from benchmarks import _resampling, _tables, samplers, samplers_cleaning, samplers_large, samplers_latency
from benchmarks._record import BenchmarkError
from benchmarks._resampling import Comparison, check_same, smaller

LARGE = (samplers_large.REAL, samplers_large.BLOB, *samplers_large.OTHERS)
ALL = (
    *samplers.COMPARISONS,
    samplers.CATEGORIES,
    *samplers_cleaning.COMPARISONS,
    *LARGE,
    *samplers_latency.COMPARISONS,
)
ROWS = 1_000
LEFT_OUT = {
    "InstanceHardnessThreshold": "fits a forest on every fold",
    "CondensedNearestNeighbour": "the rival fits a classifier for every row",
    "SVMSMOTE": "the rival makes too few rows where no support vector is safe, as in small tables",
}


def distinct() -> list[Comparison]:
    """One comparison for each sampler, version and kind of table."""
    found = {(one.sampler, one.kind, repr(one.options), one.share): one for one in ALL if one.sampler not in LEFT_OUT}
    return [smaller(one, ROWS) for one in found.values()]


def result(setup: Callable[..., Callable[[], Any]], this: Comparison) -> dict[str, Any]:
    facts: dict[str, Any] = setup(**this.kwargs())()()
    return facts


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("this", distinct(), ids=lambda this: f"{this.sampler}{this.options}-{this.kind}-{this.share}")
def test_both_sides_give_the_result_that_is_compared(this: Comparison) -> None:
    loose = replace(this, tolerance=max(0.1, this.tolerance))  # rounding weighs more in a small table
    check_same(loose, result(_resampling.ours, loose), result(_resampling.rival, loose))


@pytest.mark.filterwarnings("ignore")
def test_two_threads_are_asked_of_a_rival_without_n_jobs() -> None:
    this = smaller(samplers_large.OTHERS[0], ROWS)
    assert this.threads == 2
    assert check_same(this, result(_resampling.ours, this), result(_resampling.rival, this)) == ""


def test_no_claim_is_made_twice() -> None:
    claims = [f"{one.claim}: {side}" for one in ALL for side in one.targets]
    assert len(claims) == len(set(claims))


@pytest.mark.parametrize(
    ("same", "theirs", "said"),
    [
        ("counts", {"0": 90, "1": 90}, ""),
        ("counts", {"0": 90, "1": 91}, None),
        ("near", {"0": 90, "1": 91}, "rows per class: ours 90 and 90, imbalanced-learn 90 and 91"),
        ("near", {"0": 90, "1": 110}, None),
        ("near", {"0": 90}, None),
        ("rows", {"0": 90, "1": 90, "kept": 7}, ""),
        ("rows", {"0": 90, "1": 90, "kept": 8}, None),
        ("rows", {"0": 90, "1": 90}, None),
    ],
)
def test_different_results_are_not_compared(same: Any, theirs: dict[str, int], said: str | None) -> None:
    this = Comparison("SMOTE", "blob", 100, 3, {"cpu": None}, same=same, tolerance=0.05)
    ours = {"0": 90, "1": 90, "kept": 7}
    if said is None:
        with pytest.raises(BenchmarkError, match="not the same result"):
            check_same(this, ours, theirs)
    else:
        assert check_same(this, ours, theirs) == said


@pytest.mark.parametrize(
    ("kind", "d"), [("blob", 10), ("real", 30), ("mixed", 30), ("codes", 10), ("census_mixed", 14)]
)
def test_a_table_is_the_same_every_time_with_the_share_asked_for(kind: str, d: int) -> None:
    (X, y), (again, y_again) = (_tables.make(kind, 2_000, d, 0.05) for _ in range(2))
    assert_array_equal(X, again)
    assert_array_equal(y, y_again)
    assert X.shape == (2_000, d)
    assert y.sum() == 100 or kind == "census_mixed"


@pytest.mark.parametrize(("kind", "d"), [("blob", 10), ("real", 30), ("mixed", 30)])
def test_no_two_rows_are_equal_so_ties_decide_nothing(kind: str, d: int) -> None:
    X, _ = _tables.make(kind, 5_000, d)
    assert len(np.unique(X, axis=0)) == 5_000


@pytest.mark.parametrize(("kind", "d"), [("mixed", 30), ("codes", 10), ("census_mixed", 14)])
def test_categorical_columns_are_the_ones_named(kind: str, d: int) -> None:
    X, _ = _tables.make(kind, 3_000, d)
    few = [j for j in _tables.categorical(kind, d) if len(np.unique(X[:, j])) <= 40]
    assert few == _tables.categorical(kind, d)
    assert all(np.array_equal(X[:, j], X[:, j].round()) for j in few)
