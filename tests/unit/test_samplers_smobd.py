"""SMOBD: densities by hand and against scikit-learn's OPTICS; noise makes nothing."""

import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import OPTICS

from contrapeso.errors import ContrapesoWarning, CopiesWarning, FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import SMOBD
from contrapeso.samplers._smobd import exceeds, optics
from contrapeso.samplers._space import Points

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), np.repeat([0, 1], [45, 15])


def points_of(numbers: np.ndarray) -> Points:
    return Points(numbers, np.empty((len(numbers), 0), dtype=np.int32))


def test_a_worked_example() -> None:
    # Class at 0, 1, 2, 3, 20; min_samples = 2. Core distances 1, 1, 1, 1, 17, mean 4.2; reachability from row 0:
    # undefined, 1, 1, 1, 17, mean 5. With t = 1.8 row 4 exceeds both (7.56 and 9): noise. Within 7.56 stand 4, 4, 4, 4
    # and 1 rows. eta1 = 1/4: 1/4 x 1/17 + 3/4 x 1 for the first four.
    table = np.array([[99.0]] * 13 + [[0.0], [1.0], [2.0], [3.0], [20.0]])
    sampler = SMOBD(eta1=0.25, min_samples=2, random_state=0)
    sampler.fit_resample(table, np.repeat([0, 1], [13, 5]))
    assert_allclose(sampler.density_[1], [*[0.25 / 17 + 0.75] * 4, 0.0])
    assert np.bincount(sampler.sample_parents_[:, 0], minlength=18)[13:].tolist() == [2, 2, 2, 2, 0]


def test_a_radius_of_ones_own_counts_rows_and_bounds_optics() -> None:
    # With max_eps = 1.5 row 4 has no core distance: it counts as far as the farthest, and is noise.
    table = np.array([[99.0]] * 13 + [[0.0], [1.0], [2.0], [3.0], [20.0]])
    sampler = SMOBD(eta1=0.5, min_samples=2, max_eps=1.5, random_state=0)
    sampler.fit_resample(table, np.repeat([0, 1], [13, 5]))
    assert_allclose(sampler.density_[1], [0.5 + 1 / 3, 1.0, 1.0, 0.5 + 1 / 3, 0.0])


@settings(max_examples=15)
@given(st.integers(3, 40), st.integers(2, 5), st.sampled_from([0.3, 1.0, np.inf]), st.integers(0, 99))
def test_distances_are_those_of_scikit_learns_optics(n: int, k: int, bound: float, seed: int) -> None:
    numbers = np.random.default_rng(seed).normal(size=(n, 2))
    k = min(k, n)
    core = np.sort(np.linalg.norm(numbers[:, None] - numbers[None], axis=2), axis=1)[:, k - 1]
    seen = optics(points_of(numbers), np.where(core <= bound, core, np.inf), bound, 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that all distances are infinite
        theirs = OPTICS(min_samples=k, max_eps=bound).fit(numbers)
    assert_allclose(seen.reach, theirs.reachability_)
    assert_allclose(seen.core, theirs.core_distances_)
    apart = np.linalg.norm(numbers[:, None] - numbers[None], axis=2)
    assert_array_equal(seen.around, (apart <= 0.5).sum(axis=1))


def test_categories_count_as_mismatches() -> None:
    points = Points(np.array([[0.0], [0.0], [3.0]]), np.array([[0], [1], [1]], dtype=np.int32), 4.0)
    seen = optics(points, np.array([0.0, 0.0, 0.0]), np.inf, 4.0)
    assert_allclose(seen.reach, [np.inf, 4.0, 3.0])
    assert seen.around.tolist() == [2, 3, 2]


def test_an_undefined_distance_is_more_than_any() -> None:
    assert exceeds(np.array([1.0, 1.0, 4.0, np.inf]), 1.5).tolist() == [False, False, True, True]
    assert exceeds(np.array([np.inf, np.inf]), 1.5).tolist() == [True, True]


def test_the_density_does_not_depend_on_units() -> None:
    first, second = SMOBD(random_state=0), SMOBD(random_state=0)
    first.fit_resample(X, Y)
    for scale in (2.0**-30, 1e-300, 1e300):
        second.fit_resample(X * scale, Y)
        assert_allclose(first.density_[1], second.density_[1])


def test_bases_serve_by_density_and_counts_are_exact() -> None:
    sampler = SMOBD(sampling_strategy={1: 315}, random_state=0)
    _, labels = sampler.fit_resample(X, Y)
    density = sampler.density_[1]
    assert Counter(labels.tolist()) == {0: 45, 1: 315}
    served = np.bincount(sampler.sample_parents_[:, 0], minlength=60)[45:]
    assert np.abs(served - 300 * density / density.sum()).max() < 1 + 1e-4


def test_a_class_of_noise_alone_serves_alike_with_a_warning() -> None:
    sampler = SMOBD(max_eps=1e-9, random_state=0)
    with pytest.warns(ContrapesoWarning, match="noise"):
        sampler.fit_resample(X, Y)
    served = np.bincount(sampler.sample_parents_[:, 0], minlength=60)[45:]
    assert served.tolist() == [2] * 15


def test_mixed_tables_with_missing_values() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"v": rng.normal(size=60), "k": rng.integers(0, 9, 60), "uf": rng.choice(["SP", "RJ"], 60)})
    frame.loc[::7, "v"] = np.nan
    sampler = SMOBD(random_state=0)
    made, _ = sampler.fit_resample(frame, Y)
    assert (made.dtypes == frame.dtypes).all()
    assert_array_equal(made["v"].isna().iloc[60:], frame["v"].isna().iloc[sampler.sample_indices_[60:]])


def test_degenerate_classes_are_copied_with_a_warning_or_refused() -> None:
    y = np.repeat([0, 1], [59, 1])
    with pytest.warns(FewSamplesWarning):
        made, _ = SMOBD(random_state=0).fit_resample(X, y)
    assert_array_equal(made[60:], np.tile(X[59], (58, 1)))
    with pytest.raises(TooFewSamplesError):
        SMOBD(few_samples="raise").fit_resample(X, np.repeat([0, 1], [56, 4]))
    with pytest.warns(CopiesWarning):
        SMOBD(random_state=0).fit_resample(np.where((Y == 0)[:, None], X, 1.0), Y)


def test_the_same_seed_gives_the_same_rows_on_any_number_of_threads() -> None:
    first, second = (SMOBD(random_state=3, n_jobs=n).fit_resample(X, Y)[0] for n in (1, 2))
    assert_array_equal(first, second)
    assert not np.array_equal(first, SMOBD(random_state=4).fit_resample(X, Y)[0])
