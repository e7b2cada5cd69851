"""What a reading with fresh eyes found in the cells that sums tell of each other: each was wrong once."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contrapeso.generators import MixtureSynthesizer
from contrapeso.services.imbalanced_data_handler import ImbalancedDataHandler
from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator
from contrapeso.tables.encoding._known import solve
from contrapeso.tables.encoding._sums import Sum

N = 300
Terms = tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


def parts(n: int = N, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a, b, c = (rng.gamma(2, 40, n).round(2) for _ in range(3))
    return a, b, c


def stairs() -> tuple[pd.DataFrame, Terms]:
    """A total that is a term of another total."""
    a, b, c = parts()
    frame = pd.DataFrame({"a": a, "b": b, "s": (a + b).round(2), "c": c, "t": (a + b + c).round(2)})
    return frame, (("s", (("a", 1), ("b", 1))), ("t", (("s", 1), ("c", 1))))


def shared() -> tuple[pd.DataFrame, Terms]:
    """Two totals with a term in common."""
    a, b, c = parts()
    frame = pd.DataFrame({"a": a, "b": b, "c": c, "s": (a + b).round(2), "t": (a + c).round(2)})
    return frame, (("s", (("a", 1), ("b", 1))), ("t", (("a", 1), ("c", 1))))


def holds(frame: pd.DataFrame, sums: Terms) -> bool:
    off = [sum(sign * frame[name] for name, sign in terms) - frame[total] for total, terms in sums]
    return all(bool((np.rint(gap * 100) == 0).all()) for gap in off)


def every_choice(names: list[str]) -> list[list[str]]:
    return [list(one) for one in chain.from_iterable(combinations(names, r) for r in range(1, len(names) + 1))]


@pytest.mark.parametrize("case", [stairs, shared])
def test_sums_that_hang_together_hold_whatever_cells_are_missing(case):
    frame, sums = case()
    model = MixtureSynthesizer(random_state=0).fit(frame)
    assert len(model.encoder_.relations_.describe("en")) == 2
    for names in every_choice(list(frame.columns)):
        gaps = frame.assign(**{name: frame[name].mask(np.arange(N) < 50) for name in names})
        filled = model.impute(gaps)
        assert not filled.isna().any().any(), names
        assert filled.where(gaps.notna()).equals(gaps), names
        assert holds(filled, sums), names


def test_a_term_and_a_subtotal_that_are_missing_are_told_by_the_cells_around_them():
    frame, _ = stairs()
    gaps = frame.assign(s=np.nan, c=np.nan)
    assert MixtureSynthesizer(random_state=0).fit(frame).impute(gaps).equals(frame)


BOUNDS = (-(10**9), 10**9)
TOTALS = [
    Sum("s", ("a", "b"), (1, -1), 2, "float64", *BOUNDS),
    Sum("t", ("s", "c"), (1, 1), 2, "float64", *BOUNDS),
]
CENTS = st.integers(-(10**6), 10**6)


@given(cells=st.tuples(CENTS, CENTS, CENTS), gone=st.sets(st.sampled_from("abcst")))
@example(cells=(5, 3, 2), gone={"s", "c"})
@settings(max_examples=60, deadline=None)
def test_what_is_told_beside_known_cells_obeys_every_sum_to_the_cent(cells, gone):
    a, b, c = cells
    whole = {"a": a, "b": b, "s": a - b, "c": c, "t": a - b + c}
    told = {name: pd.Series([np.nan if name in gone else v / 100]) for name, v in whole.items()}
    drawn = pd.DataFrame({"a": [10.0], "b": [20.0], "c": [30.0]})
    answer = solve(TOTALS, drawn, told)
    found = {name: round(100 * float(column.iloc[0])) for name, column in answer.items() if column.notna().all()}
    known = {name: v for name, v in whole.items() if name not in gone}
    assert {name: found[name] for name in known} == known
    if {"a", "b", "s"} <= found.keys():
        assert found["a"] - found["b"] == found["s"]
    if {"s", "c", "t"} <= found.keys():
        assert found["s"] + found["c"] == found["t"]


def test_infinite_cells_tell_nothing():
    told = {"a": pd.Series([np.inf]), "b": pd.Series([1.0]), "s": pd.Series([np.nan])}
    found = solve(TOTALS[:1], pd.DataFrame({"a": [1.0], "b": [1.0], "c": [1.0]}), told)
    assert found["s"].isna().all()


def test_a_sum_is_found_beside_an_addend_that_is_null_in_some_rows():
    frame, _ = shared()
    gone = np.arange(N) % 5 == 0
    frame = frame[["a", "b", "s"]].assign(a=frame["a"].mask(gone), s=frame["s"].mask(gone))
    model = MixtureSynthesizer(random_state=0).fit(frame)
    assert model.encoder_.relations_.describe("en") == ("s equals a + b; it is computed, not generated.",)
    made = model.sample(200, random_state=0)
    assert made["a"].isna().equals(made["s"].isna())
    assert holds(made.dropna(), (("s", (("a", 1), ("b", 1))),))


IDENTIFIERS = {"texts": [f"T{k:05d}" for k in range(N)], "numbers": list(range(1000, 1000 + N))}


def payments(kind: str) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"id": IDENTIFIERS[kind], "amount": rng.normal(size=N), "kind": rng.choice(["a", "b"], N)})


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_no_new_row_has_the_identifier_of_a_real_row_that_was_set_aside(kind):
    frame = payments(kind)
    X, _ = ImbalancedDataHandler({"synthetic_config": {"methods": ["mixture"]}}).handle_imbalanced_data(
        frame, np.repeat([0, 1], [240, 60]), "synthetic"
    )
    assert len(X) == 480
    assert X["id"].is_unique


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_two_methods_that_share_the_rows_give_no_identifier_twice(kind, monkeypatch):
    frame = payments(kind)
    maker = AdvancedSyntheticDataGenerator({"methods": ["mixture", "autoregressive"], "mix": True})
    maker.train_models(frame, epochs=1)
    monkeypatch.setattr(maker, "_sharing", lambda: ["mixture", "autoregressive"])
    made = maker.generate_synthetic_data(frame, 200)
    assert made["id"].is_unique
    assert not made["id"].isin(frame["id"]).any()
