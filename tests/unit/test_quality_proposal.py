"""Thresholds from real-vs-real: what real rows meet, no more; too few rows are said."""

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import CancelledError, ColumnNotFoundError, InvalidParameterError
from contrapeso.quality import evaluate, propose_thresholds


def _table(n: int = 800, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kind = rng.choice(["pix", "ted", "boleto"], n, p=[0.7, 0.25, 0.05])
    amount = np.round(np.exp(rng.normal(4, 1, n)) + 50 * (kind == "ted"), 2)
    return pd.DataFrame({"kind": kind, "amount": amount, "fee": np.round(amount * 0.01, 2)})


RULES = {"fee": lambda rows: rows["fee"] <= rows["amount"]}


def test_the_threshold_is_the_quantile_of_one_half_against_the_other() -> None:
    real = _table()
    found = propose_thresholds(real, target="kind", rules=RULES)
    assert list(found.thresholds) == [
        "statistical_similarity",
        "distribution_preservation",
        "business_rule_compliance",
    ]
    for one in found.dimensions:
        assert len(one.scores) == 20
        assert one.threshold is not None
        met = np.mean(np.array(one.scores) >= one.threshold)
        assert met >= 0.95
        assert one.scores[0] - one.threshold < 0.0101  # the lowest of 20, rounded down to a hundredth
    assert found.thresholds["business_rule_compliance"] == 1.0


def test_fresh_real_rows_pass_what_was_proposed_and_broken_rows_do_not() -> None:
    found = propose_thresholds(_table(), target="kind")
    fresh = evaluate(_table(), _table(seed=1), target="kind", thresholds=found.thresholds, depth="quick")
    rng = np.random.default_rng(0)
    broken = _table(seed=1)
    broken["amount"] = rng.permutation(broken["amount"])
    worse = evaluate(_table(), broken, target="kind", thresholds=found.thresholds, depth="quick")
    passed = [{one.name: one.passed for one in report.dimensions} for report in (fresh, worse)]
    assert passed[0]["statistical_similarity"]
    assert passed[0]["distribution_preservation"]
    assert not passed[1]["distribution_preservation"]


def test_too_few_rows_are_said_and_nothing_is_proposed() -> None:
    found = propose_thresholds(_table(n=40))
    assert found.thresholds == {}
    assert {one.reason for one in found.dimensions} == {"insufficient_data"}
    assert "too few" in found.describe("en")
    assert "poucas" in found.describe("pt")
    some = propose_thresholds(_table(n=300))
    assert some.is_provisional
    assert "provisional" in some.describe("en")
    assert "No business rules" in some.describe("en")
    assert propose_thresholds(_table(n=0)).thresholds == {}


def test_same_seed_same_proposal_and_no_row_in_both_halves() -> None:
    from contrapeso.quality._proposal import _halves

    real = _table(n=301)
    first, second = (propose_thresholds(real, target="kind", random_state=3) for _ in range(2))
    assert first == second
    assert first.to_dict()["n_rows"] == 301
    left, right = _halves(real, "kind", np.random.default_rng(0))
    assert sorted([*left.index, *right.index]) == list(range(301))
    assert (left["kind"].value_counts() - right["kind"].value_counts()).abs().max() <= 1


def test_bad_parameters_are_refused() -> None:
    with pytest.raises(ColumnNotFoundError, match="amount"):
        propose_thresholds(_table(n=60), target="label")
    with pytest.raises(InvalidParameterError, match="at least 1"):
        propose_thresholds(_table(n=60), n_splits=10)
    with pytest.raises(InvalidParameterError, match="level"):
        propose_thresholds(_table(n=60), level=1.0)
    with pytest.raises(CancelledError):
        propose_thresholds(_table(n=60), cancel=lambda: True)
