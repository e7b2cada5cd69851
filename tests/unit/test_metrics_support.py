"""Density, coverage, alpha-precision and beta-recall: against slow versions of their definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.metrics import Features
from contrapeso.metrics import _support as support
from contrapeso.quality._given import check, read
from contrapeso.quality._samples import draw_samples
from contrapeso.quality._support import NAMES, TOO_FEW, assess_support

KINDS = np.array([False, False, True, True])


def features(n, seed, shift=0.0, nulls=True):
    rng = np.random.default_rng(seed)
    values = np.column_stack(
        [rng.normal(shift, 1, n), rng.gamma(2, 3, n), rng.integers(0, 3, n), rng.integers(0, 5, n)]
    )
    if nulls:
        values[rng.random(values.shape) < 0.15] = np.nan
    return Features(values.astype(float), KINDS, ("a", "b", "c", "d"))


def slow_distance(space, x, y):
    total, numbers = 0.0, 0
    for value, other, categorical in zip(x, y, space.categorical, strict=True):
        gone = np.isnan(value), np.isnan(other)
        if categorical:
            total += 0 if value == other or all(gone) else 1
            continue
        low, width = space.low[numbers], space.width[numbers]
        numbers += 1
        if any(gone):
            total += 0 if all(gone) else 1
        else:
            total += (np.clip((value - low) / width, -1, 2) - np.clip((other - low) / width, -1, 2)) ** 2
    return total


def test_distances_are_the_sum_over_columns_with_nulls_apart():
    left, right = features(30, 0), features(20, 1)
    space = support.Space.of(left)
    found = support.squared_distances(space.place(left), space.place(right))
    expected = [[slow_distance(space, x, y) for y in right.values] for x in left.values]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_scale_is_the_range_of_nine_tenths_and_falls_back_on_wider_ones():
    column = np.zeros(1000)
    column[:20] = 7.0
    values = np.column_stack([np.arange(1000.0), column, np.ones(1000), np.full(1000, np.nan)])
    space = support.Space.of(Features(values, np.zeros(4, dtype=bool), tuple("abcd")))
    np.testing.assert_allclose(space.width, [0.9 * 999, 7.0, 1.0, 1.0])


def slow_prdc(real, synthetic, k):
    def distances(x, y):
        return np.array([[((a - b) ** 2).sum() for b in y] for a in x])

    radii = np.sort(distances(real, real), axis=1)[:, k]  # the row itself comes first
    inside = distances(real, synthetic) <= radii[:, None]
    return inside.sum() / (k * len(synthetic)), inside.any(axis=1).mean()


@pytest.mark.parametrize("k", [1, 5])
def test_density_and_coverage_are_those_of_naeem(k):
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(size=(60, 2)), rng.normal(0.4, 0.8, size=(45, 2))
    density, coverage = slow_prdc(real, synthetic, k)
    points = [support.Points(x, np.empty((len(x), 0)), np.zeros(x.shape, dtype=bool)) for x in (real, synthetic)]
    radii = support.neighbor_radii(support.squared_distances(points[0], points[0]), k)
    across = support.squared_distances(*points)
    assert support.density_rows(across, radii, k).mean() == pytest.approx(density)
    assert support.coverage_rows(across, radii).mean() == pytest.approx(coverage)


def test_an_outlier_among_real_rows_does_not_raise_density():
    """The example of Naeem et al., Fig. 2: one far real row has a huge ball that fakes near it must not profit from."""
    rng = np.random.default_rng(0)
    real = np.concatenate([rng.normal(size=(99, 1)), [[30.0]]])
    fake = rng.normal(20.0, 0.5, size=(100, 1))
    points = [support.Points(x, np.empty((len(x), 0)), np.zeros(x.shape, dtype=bool)) for x in (real, fake)]
    radii = support.neighbor_radii(support.squared_distances(points[0], points[0]))
    across = support.squared_distances(*points)
    assert support.density_rows(across, radii).mean() <= 0.2
    assert support.coverage_rows(across, radii).mean() == 0.01


def test_the_distance_to_the_centre_is_that_of_indicator_columns():
    real, synthetic = features(40, 0), features(25, 1)
    space = support.Space.of(real)
    left, right = space.place(real), space.place(synthetic)
    blocks = []
    for k in range(2):
        levels = np.union1d(left.codes[:, k], right.codes[:, k])
        blocks.append([(side.codes[:, k, None] == levels) / np.sqrt(2) for side in (left, right)])
    blocks += [[(side.gone[:, k, None] == [False, True]) / np.sqrt(2) for side in (left, right)] for k in range(2)]
    wide = [np.column_stack([side.numbers, *(b[i] for b in blocks)]) for i, side in enumerate((left, right))]
    expected = ((wide[1] - wide[0].mean(axis=0)) ** 2).sum(axis=1)
    np.testing.assert_allclose(support.centre_distances(right, left), expected, atol=1e-12)


def slow_integrated(distances, reference, kept):
    levels = np.linspace(0, 1, 31)[1:]
    apart = 0.0
    for level in levels:
        radius = np.quantile(reference, level)
        apart += abs(level - np.mean((distances <= radius) & kept))
    return 1 - apart / levels.sum()


@given(st.integers(0, 100))
def test_the_integrated_measures_are_their_sums_over_levels(seed):
    rng = np.random.default_rng(seed)
    reference, distances = rng.gamma(2, 1, 50), rng.gamma(2, 1.3, 40)
    kept = rng.random(40) < 0.7
    found = support.integrated(support.level_counts(distances, reference, kept))
    assert found == pytest.approx(slow_integrated(distances, reference, kept))
    assert 0 <= found <= 1


def table(n, seed):
    rng = np.random.default_rng(seed)
    debit = rng.gamma(2, 50, n).round(2)
    credit = debit + rng.gamma(2, 20, n).round(2)
    return pd.DataFrame({"debit": debit, "credit": credit, "paid": rng.random(n) < 0.5})


def samples_of(real, synthetic, holdout=None, target=None):
    given_ = check(real, synthetic, holdout=holdout, schema=None, target=target, rules=None, seed=0, thresholds=None)
    tables = read(given_)
    return draw_samples(tables.columns.compared, tables.classes, tables.keys, target, 0)


def test_readings_of_fresh_rows_are_those_of_real_rows_and_lost_dependence_shows_in_coverage():
    real, fresh, holdout = table(900, 0), table(900, 1), table(900, 2)
    found = {r.name: r for r in assess_support(samples_of(real, fresh, holdout))}
    assert tuple(found) == NAMES
    for name in ("density", "coverage", "alpha_precision"):
        low, high = found[name].interval
        assert low <= found[name].value <= high
        assert found[name].value == pytest.approx(found[name].reference, abs=0.08)
    assert found["mmd_p_value"].value > 0.01
    apart = fresh.assign(credit=np.random.default_rng(0).permutation(fresh["credit"]))
    broken = {r.name: r for r in assess_support(samples_of(real, apart, holdout))}
    assert broken["coverage"].value < broken["coverage"].reference - 0.1
    assert broken["density"].value < 0.8


def test_readings_do_not_depend_on_the_order_of_rows():
    real, fresh, holdout = table(200, 0), table(200, 1), table(200, 2)
    one = assess_support(samples_of(real, fresh, holdout))
    assert one == assess_support(samples_of(real.sample(frac=1, random_state=0), fresh.iloc[::-1], holdout))


def test_classes_without_enough_weight_give_a_reason_and_no_number():
    real = table(120, 0).assign(y=["rare"] * 3 + ["many"] * 117)
    synthetic = table(200, 1).assign(y=["rare"] * 199 + ["many"])
    samples = samples_of(real, synthetic, table(120, 2).assign(y=["rare"] * 3 + ["many"] * 117), "y")
    assert samples is not None
    assert {(r.name, r.value, r.reason) for r in assess_support(samples)} == {(n, None, TOO_FEW) for n in NAMES}
