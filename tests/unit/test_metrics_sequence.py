"""Sequence metrics: against sdmetrics, pandas and slow loops."""

import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from contrapeso.metrics import _sequence as sequence
from contrapeso.metrics import ks_complement


def table(n_keys, seed, rows=12):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(rows // 2, 2 * rows, n_keys)
    key = np.repeat(np.arange(n_keys), lengths)
    frame = pd.DataFrame({"key": key, "t": rng.normal(size=key.size), "x": rng.normal(size=key.size) + key % 3})
    frame.loc[rng.random(len(frame)) < 0.05, "x"] = np.nan
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def ordered(frame):
    return sequence.Ordered.of(frame["t"].to_numpy(), frame["key"].to_numpy())


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("lag", [1, 3])
def test_differences_lengths_and_means_are_those_of_sdmetrics(quiet, lag):
    from sdmetrics.column_pairs import InterRowMSAS, StatisticMSAS
    from sdmetrics.single_column import SequenceLengthSimilarity

    frames = [table(40, 0), table(30, 1)]
    sides = [ordered(frame) for frame in frames]
    in_order = [frame.sort_values(["key", "t"]) for frame in frames]
    pairs = [(frame["key"], frame["x"]) for frame in in_order]
    differences = [sequence.row_differences(f["x"], o, lag) for f, o in zip(frames, sides, strict=True)]
    assert ks_complement(*differences) == pytest.approx(InterRowMSAS.compute(*pairs, n_rows_diff=lag), abs=1e-12)
    means = [sequence.sequence_means(f["x"], o) for f, o in zip(frames, sides, strict=True)]
    assert ks_complement(*means) == pytest.approx(StatisticMSAS.compute(*pairs, statistic="mean"), abs=1e-12)
    lengths = [o.lengths() for o in sides]
    expected = SequenceLengthSimilarity.compute(frames[0]["key"], frames[1]["key"])
    assert ks_complement(*lengths) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("lag", [1, 2, 5])
def test_autocorrelation_is_the_correlation_of_ranks_within_sequences(lag):
    frame = table(25, 2)
    ranks = frame.assign(r=frame["x"].rank()).sort_values(["key", "t"])
    later = ranks.groupby("key")["r"].shift(-lag)
    both = ranks["r"].notna() & later.notna()
    expected = np.corrcoef(ranks["r"][both], later[both])[0, 1]
    assert sequence.autocorrelation(frame["x"], ordered(frame), lag) == pytest.approx(expected, abs=1e-10)


def test_one_sequence_has_the_autocorrelation_of_spearman_up_to_its_ends():
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.normal(size=3000))
    found = sequence.autocorrelation(x, sequence.Ordered.of(np.arange(3000.0)), 1)
    assert found == pytest.approx(stats.spearmanr(x[:-1], x[1:]).statistic, abs=1e-4)


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 5), st.integers(0, 2)), max_size=40), st.integers(1, 3))
def test_sums_over_groups_are_those_of_a_slow_loop(rows, lag):
    """Ties of the order keep the order of the table; a key of -1 and a null place belong nowhere."""
    key = np.array([row[0] for row in rows], dtype=np.intp)
    place = np.array([np.nan if row[1] == 5 else row[1] for row in rows], dtype=float)
    codes = np.array([row[2] for row in rows], dtype=np.intp)
    found = sequence.Ordered.of(place, key)
    transitions, products = np.zeros((3, 3)), []
    for label in sorted({k for k in key if k >= 0}):
        members = [i for i in range(len(rows)) if key[i] == label and not np.isnan(place[i])]
        members.sort(key=lambda i: place[i])
        products += [(codes[a] - 0.5) * (codes[b] - 0.5) for a, b in zip(members, members[lag:], strict=False)]
        for a, b in pairwise(members):
            transitions[codes[a], codes[b]] += 1
    group = np.arange(found.rows.size) % 4
    counts = sequence.transition_counts(codes, found, 3, group, 4)
    np.testing.assert_array_equal(counts.sum(axis=0), transitions)
    sums = sequence.lag_sums(codes.astype(float), found, lag, group, 4).sum(axis=0)
    assert sums[0] == len(products)
    assert sums[5] == pytest.approx(sum(products))


@given(st.integers(-40_000, 80_000), st.floats(0, 0.999))
def test_the_calendar_is_that_of_pandas(day, part):
    moment = pd.Timestamp("1970-01-01") + pd.Timedelta(days=day)
    assert sequence.month_days([day + part])[0] == moment.day - 1
    assert sequence.weekdays([day + part])[0] == moment.weekday()


def test_share_distance_of_fresh_counts_is_about_zero_and_of_disjoint_ones_one():
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(31))
    found = [
        sequence.share_distance(*(rng.multinomial(n, shares).astype(float) for n in (300, 200))) for _ in range(200)
    ]
    assert np.mean(found) < 0.02
    assert sequence.share_distance(np.array([5.0, 0]), np.array([0, 5.0])) == pytest.approx(1.0)
    assert np.isnan(sequence.share_distance(np.zeros(2), np.ones(2)))


def test_transition_distance_sees_what_shares_do_not():
    sticky, mixed = np.array([[90.0, 10], [10, 90]]), np.array([[50.0, 50], [50, 50]])
    assert sequence.share_distance(sticky.sum(axis=1), mixed.sum(axis=1)) == 0
    floor = 0.5 * 2 * np.sqrt(2 / np.pi * 0.7 * 0.3 * 0.02)
    assert sequence.transition_distance(sticky, mixed) == pytest.approx((0.4 - floor) / (1 - floor), rel=0.02)
    assert sequence.transition_distance(sticky, np.array([[100.0, 0], [0, 0]])) > 0.5
    assert np.isnan(sequence.transition_distance(sticky, np.zeros((2, 2))))


@given(st.lists(st.integers(0, 20), min_size=2, max_size=6), st.lists(st.integers(0, 20), min_size=2, max_size=6))
def test_ks_of_counts_is_that_of_the_values(a, b):
    width = max(len(a), len(b))
    left, right = (np.pad(np.array(c, dtype=float), (0, width - len(c))) for c in (a, b))
    found = float(sequence.ks_of_counts(left, right))
    if not left.sum() or not right.sum():
        assert np.isnan(found)
        return
    values = [np.repeat(np.arange(width), c.astype(int)) for c in (left, right)]
    assert found == pytest.approx(1 - ks_complement(*values), abs=1e-12)


def test_a_sequence_of_one_row_has_no_pairs():
    one = sequence.Ordered.of([1.0, 2.0, 3.0], [0, 1, 2])
    assert one.n_sequences == 3
    assert np.isnan(sequence.autocorrelation([1.0, 2.0, 3.0], one))
    assert sequence.row_differences([1.0, 2.0, 3.0], one).size == 0
    empty = sequence.Ordered.of([np.nan])
    assert (empty.n_sequences, empty.lengths().size, empty.pairs()[0].size) == (0, 0, 0)


def test_rows_of_an_account_may_lie_anywhere_in_the_table():
    frame = table(10, 3)
    other = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    for lag in (1, 2):
        one, two = (sequence.autocorrelation(f["x"], ordered(f), lag) for f in (frame, other))
        assert one == pytest.approx(two, abs=1e-12)
