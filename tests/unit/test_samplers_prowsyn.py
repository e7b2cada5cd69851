"""ProWSyn: levels and shares by hand, partners within a level."""

from collections import Counter
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from contrapeso.errors import CopiesWarning, FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import ProWSyn
from contrapeso.samplers._prowsyn import partners
from contrapeso.samplers._space import Points

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(80, 3)), np.repeat([0, 1, 2], [45, 20, 15])


def levels_by_definition(X: np.ndarray, is_own: np.ndarray, k: int, n_levels: int) -> list[int]:
    left, found = np.flatnonzero(is_own).tolist(), {}
    for level in range(1, n_levels):
        drawn = set()
        for row in np.flatnonzero(~is_own):
            drawn |= set(sorted(left, key=lambda i, row=row: (np.square(X[i] - X[row]).sum(), i))[:k])
        found |= dict.fromkeys(drawn, level)
        left = [i for i in left if i not in drawn]
    return [found.get(i, n_levels) for i in np.flatnonzero(is_own).tolist()]


def test_a_worked_example() -> None:
    # Other classes at 0 or below, the class at 1 to 6. One neighbour draws 1 into level 1 and 2 into level 2; with
    # three levels the other four are level 3. theta = ln 2: weights 1, 1/2 and four times 1/4, in all 5/2. Of ten new
    # rows 4 have the base 1, 2 the base 2 and one each the others.
    table = np.array([[0.0], [-1.0], [-2.0], [-3.0], *[[-4.0 - i] for i in range(12)], *[[1.0 + i] for i in range(6)]])
    y = np.repeat([0, 1], [16, 6])
    sampler = ProWSyn(n_neighbors=1, n_levels=3, theta=log(2), random_state=0)
    sampler.fit_resample(table, y)
    assert sampler.proximity_levels_[1].tolist() == [1, 2, 3, 3, 3, 3]
    assert np.bincount(sampler.sample_parents_[:, 0])[16:].tolist() == [4, 2, 1, 1, 1, 1]
    low, high = sampler.sample_parents_[sampler.sample_parents_[:, 0] >= 18].T
    assert (high >= 18).all()  # partners within level 3
    assert (low != high).all()


@settings(max_examples=25)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 9))
def test_levels_are_those_of_the_definition(k: int, n_levels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table, y = rng.integers(0, 8, (30, 2)).astype(np.float64), np.repeat([0, 1], [18, 12])
    sampler = ProWSyn(n_neighbors=k, n_levels=n_levels, random_state=0)
    sampler.fit_resample(table, y)
    assert sampler.proximity_levels_[1].tolist() == levels_by_definition(table, y == 1, k, n_levels)


@given(st.floats(0, 3), st.integers(0, 9))
@settings(max_examples=25)
def test_bases_serve_by_the_weight_of_their_level(theta: float, seed: int) -> None:
    sampler = ProWSyn(theta=theta, n_neighbors=2, random_state=seed)
    _, labels = sampler.fit_resample(X, Y)
    assert set(Counter(labels.tolist()).values()) == {45}
    for label in (1, 2):
        members = np.flatnonzero(label == Y)
        weights = np.array([exp(-theta * (level - 1)) for level in sampler.proximity_levels_[label]])
        n_new = 45 - len(members)
        served = np.bincount(sampler.sample_parents_[:, 0], minlength=80)[members]
        assert served.sum() == n_new
        assert np.abs(served - n_new * weights / weights.sum()).max() < 1 + 1e-4


def test_partners_are_any_other_distinct_row_of_the_level_and_of_the_class_where_there_is_none() -> None:
    numbers = np.array([[0.0], [0.0], [1.0], [2.0], [9.0]])
    levels = np.array([1, 1, 1, 1, 2])
    base = np.repeat(np.arange(5), 400)
    found = partners(Points(numbers, np.empty((5, 0), dtype=np.int32)), levels, base, np.random.default_rng(0))
    seen = {place: set(found[base == place].tolist()) for place in range(5)}
    assert seen == {0: {2, 3}, 1: {2, 3}, 2: {0, 3}, 3: {0, 2}, 4: {0, 2, 3}}


def test_mixed_tables_keep_tuples_and_missing_values() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"v": rng.normal(size=80), "uf": rng.choice(["SP", "RJ", "MG"], 80), "canal": rng.choice(list("xyz"), 80)}
    )
    frame.loc[::7, "v"] = np.nan
    sampler = ProWSyn(random_state=0)
    made, labels = sampler.fit_resample(frame, Y)
    for label in (1, 2):
        seen = set(zip(frame["uf"][label == Y], frame["canal"][label == Y], strict=True))
        new = made.iloc[80:][np.asarray(labels[80:]) == label]
        assert set(zip(new["uf"], new["canal"], strict=True)) <= seen
    assert_array_equal(made["v"].isna().iloc[80:], frame["v"].isna().iloc[sampler.sample_indices_[80:]])


def test_new_rows_lie_between_their_parents() -> None:
    sampler = ProWSyn(random_state=0)
    made = sampler.fit_resample(X, Y)[0][80:]
    first, second = X[sampler.sample_parents_].swapaxes(0, 1)
    assert ((np.minimum(first, second) <= made) & (made <= np.maximum(first, second))).all()


def test_degenerate_classes_are_copied_with_a_warning_or_refused() -> None:
    y = np.repeat([0, 1], [79, 1])
    with pytest.warns(FewSamplesWarning):
        made, _ = ProWSyn(random_state=0).fit_resample(X, y)
    assert_array_equal(made[80:], np.tile(X[79], (78, 1)))
    with pytest.raises(TooFewSamplesError):
        ProWSyn(few_samples="raise").fit_resample(X, y)
    with pytest.warns(CopiesWarning):
        ProWSyn(random_state=0).fit_resample(np.where((Y == 0)[:, None], X, 1.0), np.minimum(Y, 1))


def test_the_same_seed_gives_the_same_rows_on_any_number_of_threads() -> None:
    first, second = (ProWSyn(random_state=3, n_jobs=n).fit_resample(X, Y)[0] for n in (1, 2))
    assert_array_equal(first, second)
    assert not np.array_equal(first, ProWSyn(random_state=4).fit_resample(X, Y)[0])
