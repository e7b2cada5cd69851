"""Categories decided as whole tuples: SMOTENC's coherent option."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from contrapeso.errors import InvalidParameterError
from contrapeso.samplers import SMOTENC
from contrapeso.samplers._drawn import Item, Streams
from contrapeso.samplers._together import together

Y = np.repeat([0, 1], [90, 30])


def item_of(n: int, n_new: int, seed: int = 0) -> Item:
    return Item(1, 1, n_new, np.arange(n), Streams(np.random.SeedSequence(seed), 1))


def frame_of(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    uf = rng.integers(0, 6, 120)
    return pd.DataFrame(
        {
            "v": rng.normal(size=120),
            "uf": np.array(["SP", "RJ", "MG", "BA", "PR", "RS"], dtype=object)[uf],
            "ddd": np.array(["11", "21", "31", "71", "41", "51"], dtype=object)[uf],  # decided by the state
            "canal": rng.choice(["app", "web"], 120),
        }
    )


def test_only_tuples_seen_together_in_the_class_are_made() -> None:
    broken = 0
    for seed in range(5):
        frame = frame_of(seed)
        seen = set(map(tuple, frame.iloc[90:, 1:].to_numpy().tolist()))
        made = SMOTENC("auto", coherent=True, random_state=seed).fit_resample(frame, Y)[0].iloc[120:]
        assert set(map(tuple, made.iloc[:, 1:].to_numpy().tolist())) <= seen
        apart = SMOTENC("auto", random_state=seed).fit_resample(frame, Y)[0].iloc[120:]
        broken += len(set(map(tuple, apart.iloc[:, 1:].to_numpy().tolist())) - seen)
        pd.testing.assert_series_equal(made["v"], apart["v"])  # the numbers are the same either way
    assert broken > 0  # without the option there are strangers, so the test can fail


def test_a_worked_vote() -> None:
    # Base (0, 0); neighbours (1, 1), (1, 2), (0, 2): columns 1, 1, 0 and 1, 2, 2. Column by column (1, 2), which is
    # also the tuple with most votes: (0, 0) 1 + 0, (1, 1) 2 + 1, (1, 2) 2 + 2, (0, 2) 1 + 2.
    codes = np.array([[0, 0], [1, 1], [1, 2], [0, 2]], dtype=np.int32)
    neighbors = np.array([[1, 2, 3]] * 4)
    chosen = together(codes, neighbors, np.array([0]), item_of(4, 1))
    assert chosen is not None
    assert chosen.tolist() == [[1, 2]]


def test_equal_tuples_are_drawn_evenly_however_often_they_stand_there() -> None:
    # The base and one neighbour are (1, 1), the other is (2, 2): two votes each.
    codes = np.array([[1, 1], [1, 1], [2, 2]], dtype=np.int32)
    neighbors = np.array([[1, 2]] * 3)
    chosen = together(codes, neighbors, np.zeros(9000, dtype=np.int64), item_of(3, 9000))
    assert chosen is not None
    share = np.mean(chosen[:, 0] == 2)
    assert abs(share - 0.5) < 0.03  # false alarm 1e-8 for a fair coin
    assert (chosen[:, 0] == chosen[:, 1]).all()


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=4, max_size=9), st.integers(0, 9))
def test_the_tuple_chosen_has_the_most_votes_of_those_with_the_nulls_of_the_base(
    rows: list[list[int]], seed: int
) -> None:
    codes = np.array(rows, dtype=np.int32)
    n = len(codes)
    neighbors = (np.arange(n)[:, None] + np.array([1, 2, 3])) % n
    base = np.arange(2 * n) % n
    chosen = together(codes, neighbors, base, item_of(n, 2 * n, seed))
    assert chosen is not None
    for row, tuple_ in zip(base.tolist(), chosen.tolist(), strict=True):
        voters = codes[neighbors[row]].tolist()
        nulls = [c < 0 for c in rows[row]]
        support = {
            tuple(c): sum(v[j] == c[j] >= 0 for v in voters for j in range(3))
            for c in [rows[row], *voters]
            if [x < 0 for x in c] == nulls
        }
        assert support[tuple(tuple_)] == max(support.values())


def test_missing_categories_follow_the_base() -> None:
    frame = frame_of(0)
    frame.loc[::4, "ddd"] = None
    sampler = SMOTENC("auto", coherent=True, random_state=0)
    made = sampler.fit_resample(frame, Y)[0]
    bases = sampler.sample_indices_[120:]
    assert_array_equal(made["ddd"].isna().iloc[120:], frame["ddd"].isna().iloc[bases])


def test_the_same_seed_gives_the_same_rows_on_any_number_of_threads() -> None:
    frame = frame_of(0)
    first, second = (SMOTENC("auto", coherent=True, random_state=1, n_jobs=n).fit_resample(frame, Y) for n in (1, 2))
    pd.testing.assert_frame_equal(first[0], second[0])
    assert Counter(np.asarray(first[1]).tolist()) == {0: 90, 1: 90}


def test_it_cannot_go_with_the_legacy_stream() -> None:
    with pytest.raises(InvalidParameterError, match="legacy_stream votes column by column"):
        SMOTENC("auto", coherent=True, legacy_stream=True).fit_resample(frame_of(0), Y)
