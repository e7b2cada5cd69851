"""Rows that serve more often than others: exact numbers, no drift, no favourites among equals."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.samplers._weighted import weighted_turns

weights = st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda w: sum(w) > 1e-6)


@settings(max_examples=100)
@given(weights, st.integers(0, 200), st.integers(0, 9))
def test_every_place_serves_its_share_rounded_up_or_down(given_weights: list[float], n: int, seed: int) -> None:
    w = np.array(given_weights)
    served = np.bincount(weighted_turns(w, n, np.random.default_rng(seed)), minlength=len(w))
    assert served.sum() == n
    assert np.abs(served - n * w / w.sum()).max() < 1 + 1e-5
    assert (served[w == 0] == 0).all()


def test_whole_shares_are_served_exactly_whatever_the_draw() -> None:
    w = np.array([1.0, 0.5, 0.25, 0.25, 0.25, 0.25]) / 7.0
    for seed in range(200):
        assert np.bincount(weighted_turns(w, 10, np.random.default_rng(seed))).tolist() == [4, 2, 1, 1, 1, 1]


def test_equal_weights_are_served_alike_in_the_long_run() -> None:
    served = sum(
        np.bincount(weighted_turns(np.ones(7), 3, np.random.default_rng(seed)), minlength=7) for seed in range(3500)
    )
    assert np.abs(served / 1500 - 1).max() < 0.15  # five standard deviations of a fair draw
