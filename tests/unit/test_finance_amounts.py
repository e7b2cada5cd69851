"""Amounts: price points, the grid that people use, tails inside the range of the group, and what bad rows do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import wasserstein_distance

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.finance.amounts import STEPS, AmountModel, resolutions, snap
from contrapeso.finance.example import simulate_company

INT64 = st.integers(-(2**63), 2**63 - 1)
MONEY = st.integers(-5_000_000, 5_000_000)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def repeated(cents: np.ndarray) -> float:
    _, place, counts = np.unique(cents, return_inverse=True, return_counts=True)
    return float((counts[place] > 1).mean())


def grid(cents: np.ndarray) -> np.ndarray:
    return np.bincount(resolutions(cents), minlength=len(STEPS)) / len(cents)


def signed_log(cents: np.ndarray) -> np.ndarray:
    return np.sign(cents) * np.log1p(np.abs(cents) / 100)


@given(st.lists(INT64, min_size=1, max_size=30))
def test_the_resolution_is_the_coarsest_step_that_divides(cents: list[int]) -> None:
    # the one number without a counterpart is taken as the largest
    sizes = [min(abs(value), 2**63 - 1) for value in cents]
    slow = [max(place for place, step in enumerate(STEPS.tolist()) if size % step == 0) for size in sizes]
    assert resolutions(np.array(cents)).tolist() == slow


@given(st.lists(st.tuples(st.floats(-1e17, 1e17), MONEY), min_size=1, max_size=30))
def test_snapping_gives_the_sign_and_the_resolution_of_the_reference(pairs: list[tuple[float, int]]) -> None:
    amounts, reference = (np.array(column) for column in zip(*pairs, strict=True))
    made = snap(amounts, reference)
    assert_array_equal(np.sign(made), np.sign(reference))
    some = reference != 0
    assert_array_equal(resolutions(made[some]), resolutions(reference[some]))
    near = np.maximum(np.abs(amounts[some]), STEPS[resolutions(reference[some])])
    assert (np.abs(np.abs(made[some]) - near) <= 1.5 * STEPS[resolutions(reference[some])] + 1e-9 * near).all()


@settings(max_examples=80, deadline=None)
@given(st.lists(MONEY, min_size=1, max_size=60), st.integers(0, 99))
def test_draws_keep_signs_and_stay_in_the_range_of_the_group(cents: list[int], seed: int) -> None:
    real = np.array(cents)
    made, traces = AmountModel.learn(real).draw(100, rng(seed))
    assert set(np.sign(made)) <= set(np.sign(real))
    for sign in (-1, 1):
        mine, own = np.abs(made[np.sign(made) == sign]), np.abs(real[np.sign(real) == sign])
        assert not len(mine) or (0.8 * own.min() <= mine.min() and mine.max() <= 1.25 * own.max())
    assert all(np.sign(real[trace["row"]]) == np.sign(value) for trace, value in zip(traces, made, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(INT64, min_size=1, max_size=20))
def test_amounts_as_large_as_int64_are_drawn_with_their_sign(cents: list[int]) -> None:
    made, _ = AmountModel.learn(cents).draw(20, rng())
    assert made.dtype == np.int64
    assert set(np.sign(made)) <= set(np.sign(np.array(cents)))


@pytest.mark.parametrize("cents", [[-8990] * 7, [0], [0, 0, 0], [5000, 5000]])
def test_equal_amounts_come_again_as_they_are(cents: list[int]) -> None:
    made, traces = AmountModel.learn(cents).draw(50, rng())
    assert set(made.tolist()) == set(cents)
    assert {trace["how"] for trace in traces} == {"price point"}


def test_one_amount_gives_amounts_around_it_on_its_grid() -> None:
    made, traces = AmountModel.learn([-15_990]).draw(300, rng())
    assert made.min() >= -15_990 * 1.25
    assert made.max() <= -15_990 * 0.8
    assert len(np.unique(made)) > 20
    assert set(resolutions(made)) == set(resolutions(np.array([15_990])))
    assert traces[0]["how"] == "body"
    assert traces[0]["factor"] == pytest.approx(made[0] / -15_990, abs=1e-4)


def test_a_gap_between_clusters_stays_a_gap() -> None:
    real = np.concatenate([rng(1).integers(900, 1100, 20), rng(2).integers(90_000, 110_000, 20)])
    made, _ = AmountModel.learn(real).draw(4000, rng())
    assert ((made > 2_000) & (made < 60_000)).sum() == 0


def test_price_endings_are_kept() -> None:
    reais = rng(3).integers(10, 900, 60)
    real = reais * 100 + np.where(np.arange(60) % 2, 90, 99)
    made, _ = AmountModel.learn(real).draw(2000, rng())
    assert set(made % 100) == {90, 99}


def test_a_parent_lends_its_grid_and_its_smoothing_to_a_single_row() -> None:
    parent = AmountModel.learn(rng(4).integers(5, 400, 300) * 1000)
    lone = AmountModel.learn([123_456], parent=parent)
    made, _ = lone.draw(1000, rng())
    assert 0.3 < (resolutions(made) >= resolutions(np.array([1000]))[0]).mean() < 0.7
    assert lone.bandwidth == parent.bandwidth
    assert (made > 0).all()


def test_a_model_puts_any_amounts_on_its_grid() -> None:
    model = AmountModel.learn(rng(5).integers(3, 90, 200) * 5000)
    made = model.snap([-123_456.7, 88_888.0, 0.2], rng())
    assert (made % 5000 == 0).all()
    assert np.sign(made).tolist() == [-1, 1, 1]
    assert AmountModel.learn([0, 0]).snap([1234.0], rng()).tolist() == [0]


def test_p_negative_is_the_share_of_rows_below_zero() -> None:
    assert AmountModel.learn([-5, -5, 7, 0]).p_negative == pytest.approx(0.5)
    assert AmountModel.learn([-5, -9, 7, 8]).p_negative == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_amounts() -> None:
    model = AmountModel.learn(rng(6).integers(-9999, 9999, 80))
    first, second = model.draw(99, rng(1)), model.draw(99, rng(1))
    assert_array_equal(first[0], second[0])
    assert first[1] == second[1]


def test_bad_input_is_told() -> None:
    with pytest.raises(InvalidDataError, match="at least one amount"):
        AmountModel.learn([])
    with pytest.raises(InvalidParameterError, match="0 or more"):
        AmountModel.learn([1]).draw(-1, rng())
    with pytest.raises(InvalidDataError, match="finite"):
        snap([np.nan], [100])
    with pytest.raises(InvalidDataError, match="one reference"):
        snap([1.0, 2.0], [100])
    assert AmountModel.learn([1, 1]).draw(0, rng())[1] == []


def check_group(early: np.ndarray, late: np.ndarray, rounds: int = 40) -> tuple[float, float, float]:
    """Excess of the Wasserstein distance to the later slice, gap of repeats, excess of the grid's distance."""
    model, random, m = AmountModel.learn(early), rng(8), len(late)
    goal, sigma = signed_log(late), max(float(signed_log(late).std()), 0.05)

    def far(cents: np.ndarray) -> float:
        return float(wasserstein_distance(signed_log(cents), goal)) / sigma

    def off(cents: np.ndarray) -> float:
        return float(np.abs(grid(cents) - grid(early)).sum()) / 2

    found = []
    for _ in range(rounds):
        made, same = model.draw(m, random)[0], model.draw(len(early), random)[0]
        boot, again = early[random.integers(0, len(early), m)], early[random.integers(0, len(early), len(early))]
        found.append((far(made) - far(boot), repeated(same) - repeated(early), off(same) - off(again)))
    return tuple(np.mean(found, axis=0))  # type: ignore[return-value]


@pytest.mark.parametrize("seed", [2026, 3])
def test_amounts_of_a_known_company_are_as_near_to_its_later_amounts_as_its_own_earlier_ones(seed: int) -> None:
    truth = simulate_company(seed=seed, months=24).truth
    early = truth.date < "2025-06-01"
    for _, group in truth.groupby("category"):
        if len(group) >= 40:
            cents = group.amount_cents.to_numpy()
            is_early = early[group.index].to_numpy()
            distance, repeats, steps = check_group(cents[is_early], cents[~is_early])
            assert distance <= 0.06
            assert abs(repeats) <= 0.05
            assert steps <= 0.05


@pytest.mark.shared
def test_amounts_of_real_tables_keep_their_distance_repeats_and_grid(shared_data: Path) -> None:
    frame = pd.read_parquet(shared_data / "ceaps_2020.parquet")
    cents = (frame["VALOR_REEMBOLSADO"] * 100).round().astype("int64")
    for _, rows in cents.groupby(frame["TIPO_DESPESA"]):
        if len(rows) >= 100:
            cut = int(0.7 * len(rows))
            distance, repeats, steps = check_group(rows.to_numpy()[:cut], rows.to_numpy()[cut:], rounds=5)
            assert distance <= 0.06
            assert abs(repeats) <= 0.05
            assert steps <= 0.05
