"""Classical tests: against scipy, their laws, and what run_tests makes of columns."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from contrapeso.errors import InvalidParameterError
from contrapeso.metrics import _tests as tests
from contrapeso.quality._columns import read_columns
from contrapeso.quality._tests import TEST_NAMES, run_tests
from contrapeso.tables import infer_schema

RNG = np.random.default_rng(0)
values = st.lists(st.one_of(st.integers(-4, 4), st.just(float("nan"))), min_size=1, max_size=40)
NUMERIC = [tests.ks_test, tests.mann_whitney, tests.js_distance, tests.wasserstein_effect]


def sample(n, m, seed=0, digits=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n).round(digits), rng.normal(0.2, 1.3, size=m).round(digits)


@pytest.mark.parametrize("digits", [1, 8])
@pytest.mark.parametrize(("n", "m"), [(7, 5), (300, 200), (2000, 3000)])
def test_effects_and_p_values_are_those_of_scipy(n, m, digits):
    real, synthetic = sample(n, m, digits=digits)
    ks, mwu = stats.ks_2samp(real, synthetic, method="asymp"), stats.mannwhitneyu(synthetic, real, method="asymptotic")
    found = tests.ks_test(real, synthetic)
    assert (found.effect, found.p_value) == (pytest.approx(ks.statistic), pytest.approx(ks.pvalue, rel=1e-9))
    assert tests.mann_whitney(real, synthetic) == tests.Outcome(mwu.statistic / (n * m), mwu.pvalue)
    low, high = np.sort(real)[[n // 4, 3 * n // 4]]  # the least values with more than a quarter, three at or below them
    expected = stats.wasserstein_distance(real, synthetic)
    assert tests.wasserstein_effect(real, synthetic).effect == pytest.approx(expected / (high - low))
    assert tests.wasserstein_effect(real, synthetic).p_value is None


@pytest.mark.parametrize("digits", [1, 8])
@pytest.mark.parametrize(("n", "m"), [(12, 9), (300, 200), (1500, 1000)])
def test_anderson_is_the_statistic_of_scipy_and_its_p_value_inside_the_table_of_scipy(n, m, digits):
    real, synthetic = sample(n, m, seed=3, digits=digits)
    found = tests.anderson_darling(real, synthetic, RNG)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = stats.anderson_ksamp([real, synthetic])
    total = n + m
    steps = 1 / np.arange(1, total)
    h = steps.sum()
    g = sum(1 / ((total - i) * j) for i in range(1, total - 1) for j in range(i + 1, total)) if total < 40 else None
    squared = found.effect * n * m / total
    if g is not None:  # Scholz and Stephens, Eq. 4, for two samples
        inverse = 1 / n + 1 / m
        a, b = (4 * g - 6) + (10 - 6 * g) * inverse, (2 * g - 4) * 4 + 8 * h * 2
        b += (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6
        c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * inverse + 4 * h
        d = (2 * h + 6) * 4 - 4 * h * 2
        spread = (a * total**3 + b * total**2 + c * total + d) / ((total - 1) * (total - 2) * (total - 3))
        assert (squared - 1) / np.sqrt(spread) == pytest.approx(expected.statistic, rel=1e-9)
    if 0.001 < expected.pvalue < 0.25:
        assert found.p_value == pytest.approx(expected.pvalue, rel=0.1)


def test_anderson_gives_as_many_false_alarms_as_its_p_value_says():
    rng = np.random.default_rng(1)
    p = np.array([tests.anderson_darling(rng.normal(size=150), rng.normal(size=100), rng).p_value for _ in range(1500)])
    for level in (0.05, 0.25, 0.5, 0.9):  # four standard errors of a share of 1500
        assert abs((p < level).mean() - level) < 4 * np.sqrt(level * (1 - level) / 1500)


@pytest.mark.parametrize("z", [2.0, 5.0])
def test_the_tail_of_anderson_has_no_step(z):
    below, above = tests._anderson_tail(z - 1e-9), tests._anderson_tail(z + 1e-9)
    assert below == pytest.approx(above, rel=0.03)


def test_the_size_of_anderson_does_not_grow_with_the_rows():
    effects = [tests.anderson_darling(*sample(n, n, digits=8), RNG).effect for n in (2000, 20_000, 60_000)]
    assert effects == pytest.approx([effects[-1]] * 3, rel=0.25)


def test_chi2_is_that_of_scipy_with_rare_cells_pooled():
    real = np.repeat([0, 1, 2, 3, 4], [50, 30, 15, 3, 2])
    synthetic = np.repeat([0, 1, 2, 3, 5], [20, 40, 30, 5, 5])
    table = np.array([[50, 30, 15, 5], [20, 40, 30, 10]])
    expected = stats.chi2_contingency(table, correction=False)
    found = tests.chi2_test(np.append(real, -1), synthetic)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.effect == pytest.approx(stats.contingency.association(table, correction=False))


def test_chi2_gives_as_many_false_alarms_as_its_p_value_says_with_many_rare_cells():
    rng = np.random.default_rng(2)
    shares = rng.dirichlet(np.full(80, 0.4))
    p = [tests.chi2_test(*(rng.choice(80, size, p=shares) for size in (300, 200))).p_value for _ in range(1000)]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 1000)


def test_js_distance_is_that_of_scipy_on_cells_of_their_own():
    real, synthetic = np.repeat([0.0, 1.0], [60, 40]), np.repeat([0.0, 1.0], [20, 80])
    expected = jensenshannon([0.6, 0.4], [0.2, 0.8], base=2)
    assert tests.js_distance(real, synthetic).effect == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_those_of_scipy_and_nulls_do_not_count(p):
    expected = stats.false_discovery_control(p)
    found = tests.adjusted([*p, float("nan")])
    np.testing.assert_allclose(found[:-1], expected, rtol=1e-12)
    assert np.isnan(found[-1])


@given(values, values, st.permutations(range(7)))
def test_tests_are_bounded_and_blind_to_the_order_of_rows(a, b, order):
    reordered = [a[k] for k in order if k < len(a)] + a[7:]
    for test in [*NUMERIC, lambda x, y: tests.anderson_darling(x, y, RNG)]:
        found, other = test(a, b), test(reordered, b)
        assert found.effect == pytest.approx(other.effect, nan_ok=True, abs=1e-9)
        assert np.isnan(found.effect) or found.effect >= 0
        if found.p_value is not None and not np.isnan(found.p_value):
            assert 0 <= found.p_value <= 1


@given(values.filter(lambda v: not np.isnan(v).all()))
def test_a_table_against_itself_has_no_effect(a):
    assert tests.ks_test(a, a).effect == pytest.approx(0, abs=1e-12)
    assert tests.ks_test(a, a).p_value == 1.0
    assert tests.mann_whitney(a, a).effect == 0.5
    assert tests.anderson_darling(a, a, RNG).effect == pytest.approx(0, abs=1e-12)
    assert tests.js_distance(a, a).effect == pytest.approx(0, abs=1e-7)
    codes = (np.nan_to_num(np.array(a, dtype=float), nan=0) + 4).astype(int)
    assert tests.chi2_test(codes, codes).effect == pytest.approx(0, abs=1e-9)


def frames(n=600, seed=0):
    rng = np.random.default_rng(seed)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    return pd.DataFrame(
        {"x": rng.normal(size=n), "day": day, "color": rng.choice(list("abc"), n), "null": np.full(n, np.nan)}
    )


def columns_of(real, synthetic):
    schema = infer_schema(real).override({"null": "continuous"})
    return read_columns(real, synthetic, None, schema).compared


def test_every_test_meets_the_columns_that_it_is_for():
    found = run_tests(columns_of(frames(), frames(seed=1)), TEST_NAMES)
    by_test = {name: [r.column for r in found if r.test == name] for name in TEST_NAMES}
    assert by_test.pop("chi2") == ["color"]
    assert set(map(tuple, by_test.values())) == {("x", "day", "null")}
    absent = [r for r in found if r.column == "null"]
    assert all(r.effect is None and r.p_value is None and r.p_adjusted is None for r in absent)
    present = [r for r in found if r.column != "null"]
    assert all(r.effect is not None for r in present)
    assert all((r.p_value is None) == (r.test in ("js_divergence", "wasserstein")) for r in present)
    assert all(r.p_adjusted >= r.p_value for r in present if r.p_value is not None)


def test_weights_make_the_real_rows_comparable():
    rng = np.random.default_rng(0)
    klass = rng.random(8000) < 0.1
    real = pd.DataFrame({"x": rng.normal(size=8000) + 3 * klass})
    synthetic = pd.DataFrame({"x": rng.normal(size=2000) + 3})
    columns = columns_of(real.assign(null=np.nan), synthetic.assign(null=np.nan))
    plain, weighted = (run_tests(columns, ["ks_test"], weights=w)[0] for w in (None, klass.astype(float)))
    assert plain.effect > 0.7
    assert weighted.effect < 0.1


def test_an_unknown_test_is_refused_by_name():
    with pytest.raises(InvalidParameterError, match=r"'t_test'.*ks_test"):
        run_tests((), ["t_test"])


def test_the_same_seed_looks_at_the_same_rows():
    real, synthetic = (pd.DataFrame({"x": part, "null": np.nan}) for part in sample(30_000, 25_000, digits=8))
    one, two = (run_tests(columns_of(real, synthetic), ["anderson"], seed=4) for _ in range(2))
    assert one == two
    assert one != run_tests(columns_of(real, synthetic), ["anderson"], seed=5)
