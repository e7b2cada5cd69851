"""The classifier two-sample test: against scikit-learn and slow versions, and its laws."""

from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import roc_auc_score

from contrapeso.metrics import Features
from contrapeso.metrics._joint import assign_folds, auc_with_error, joint_score, joint_test, subsample

shares = st.floats(0, 1)


def keys_of(values):
    filled = np.where(np.isnan(values), 1e300, values)
    digests = (blake2b(row.tobytes(), digest_size=8).hexdigest() for row in filled + 0.0)
    return np.array([int(digest, 16) for digest in digests], dtype=np.uint64)


def features(values, categorical=()):
    values = np.asarray(values, dtype=float)
    mask = np.isin(np.arange(values.shape[1]), categorical)
    return Features(values, mask, tuple(f"c{k}" for k in range(values.shape[1])))


def table(n, seed, *, broken=False):
    """Two coins and their parity (codes), a line and its noisy copy."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, (2, n))
    c = rng.integers(0, 2, n) if broken else a ^ b
    x = rng.normal(size=n)
    return features(np.column_stack([a, b, c, x, x + rng.normal(size=n)]), (0, 1, 2))


def test_of(left, right, **options):
    return joint_test(left, right, keys_of(left.values), keys_of(right.values), **options)


test_of.__test__ = False


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(1, 5)), min_size=2, max_size=60).filter(
        lambda rows: len({row[1] for row in rows}) == 2
    )
)
def test_auc_agrees_with_scikit_learn_with_ties_and_weights(rows):
    score, positive, weights = (np.array(part) for part in zip(*rows, strict=True))
    value, error = auc_with_error(score.astype(float), positive, weights.astype(float))
    assert value == pytest.approx(roc_auc_score(positive, score, sample_weight=weights), abs=1e-12)
    assert 0 <= error <= 1


def test_error_of_the_auc_is_delongs():
    rng = np.random.default_rng(0)
    score, positive = rng.normal(size=80).round(1), rng.random(80) < 0.4
    up, down = score[positive], score[~positive]
    wins = (up[:, None] > down) + 0.5 * (up[:, None] == down)
    expected = wins.mean(axis=1).var(ddof=1) / up.size + wins.mean(axis=0).var(ddof=1) / down.size
    value, error = auc_with_error(score, positive, np.ones(80))
    assert value == pytest.approx(wins.mean(), abs=1e-12)
    assert error == pytest.approx(np.sqrt(expected), abs=1e-12)


def test_error_with_weights_is_that_of_fewer_rows():
    rng = np.random.default_rng(1)
    score, positive = rng.normal(size=4000), np.arange(4000) % 2 == 0
    weights = np.where(np.arange(4000) % 4 < 2, 1.9, 0.1)
    even, heavy = (auc_with_error(score, positive, w)[1] for w in (np.ones(4000), weights))
    n_effective = weights.sum() ** 2 / (weights**2).sum() / 4000
    assert heavy == pytest.approx(even / np.sqrt(n_effective), rel=0.05)


@given(shares, shares, st.floats(0.5, 0.94))
def test_score_is_a_share_and_falls_as_the_auc_rises(first, second, reference):
    low, high = sorted((first, second))
    assert 0 <= joint_score(high, reference) <= joint_score(low, reference) <= 1
    assert joint_score(reference, reference) == 1
    assert joint_score(1.0, reference) == pytest.approx(0, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=10, max_size=80), st.integers(0, 9))
def test_copies_of_a_row_fall_in_one_fold(rows, seed):
    keys = np.array([key for key, _ in rows], dtype=np.uint64)
    synthetic = np.array([side for _, side in rows])
    if synthetic.all():
        synthetic[0] = False
    folds = assign_folds(keys, synthetic, 3, np.random.default_rng(seed))
    for key in np.unique(keys):
        here = keys == key
        if here.sum() < 10:  # ten fresh copies are a cell of a discrete table
            assert np.unique(folds[here]).size == 1


def test_rows_that_real_tables_repeat_are_spread_over_the_folds():
    keys = np.repeat(np.arange(4, dtype=np.uint64), 30)
    folds = assign_folds(keys, np.arange(120) % 2 == 0, 3, np.random.default_rng(0))
    assert all(np.unique(folds[keys == key]).size == 3 for key in range(4))
    assert np.bincount(folds).min() >= 35


def test_a_synthetic_row_repeated_a_hundred_times_stays_in_one_fold():
    keys = np.concatenate([np.arange(200, dtype=np.uint64), np.full(100, 999, dtype=np.uint64)])
    folds = assign_folds(keys, np.arange(300) >= 200, 3, np.random.default_rng(0))
    assert np.unique(folds[keys == 999]).size == 1


def test_subsample_depends_on_the_rows_and_not_on_their_order():
    keys = np.random.default_rng(0).integers(0, 2**60, 50).astype(np.uint64)
    mixed = np.random.default_rng(1).permutation(50)
    first = keys[subsample(keys, 20, np.random.default_rng(7))]
    second = keys[mixed][subsample(keys[mixed], 20, np.random.default_rng(7))]
    assert_array_equal(first, second)
    assert subsample(keys, 99, np.random.default_rng(0)).size == 50


def test_answer_does_not_depend_on_the_order_of_rows_or_on_threads():
    left, right = table(120, 0), table(100, 1, broken=True)
    rng = np.random.default_rng(2)
    p, q = rng.permutation(120), rng.permutation(100)
    first, second = test_of(left, right), test_of(left.take(p), right.take(q), n_jobs=2)
    assert (first.auc, first.error, first.pmse) == (second.auc, second.error, second.pmse)
    assert_array_equal(first.shares, second.shares)
    assert first.interaction == second.interaction
    assert [s.probability for s in first.suspects] == [s.probability for s in second.suspects]
    assert_array_equal(
        right.values[[s.row for s in first.suspects]], right.take(q).values[[s.row for s in second.suspects]]
    )


def test_a_destroyed_parity_is_seen_and_named_as_an_interaction_of_three():
    found = test_of(table(1000, 0), table(1000, 1, broken=True))
    assert found.auc == pytest.approx(0.75, abs=0.04)  # half of the broken rows are impossible
    assert found.interaction == (0, 1, 2)
    assert found.shares[:3].sum() > 0.7
    assert {c for suspect in found.suspects for c in suspect.columns} <= {0, 1, 2, 3, 4}
    impossible = table(1000, 1, broken=True).values[[suspect.row for suspect in found.suspects]]
    assert (impossible[:, 2] != (impossible[:, 0] != impossible[:, 1])).all()


def test_a_table_of_booleans_alone_is_tested_as_well():
    left, right = (table(n, seed, broken=broken).only([0, 1, 2]) for n, seed, broken in [(600, 0, 0), (600, 1, 1)])
    assert test_of(left, right).auc == pytest.approx(0.75, abs=0.05)
    assert test_of(left, table(600, 2).only([0, 1, 2])).auc == pytest.approx(0.5, abs=0.06)


def test_a_shifted_column_is_named_and_is_no_interaction():
    right = table(800, 1)
    right.values[:, 3] += 1.0
    found = test_of(table(800, 0).only([0, 1, 2, 3]), right.only([0, 1, 2, 3]))
    assert found.auc > 0.7
    assert found.shares.argmax() == 3
    assert found.interaction == ()


def test_a_lost_dependence_of_two_columns_is_an_interaction_of_these_two():
    right = table(800, 1)
    right.values[:, 4] = np.random.default_rng(5).permutation(right.values[:, 4])
    assert test_of(table(800, 0), right).interaction == (3, 4)


def test_fresh_rows_are_told_apart_no_more_often_than_chance_allows():
    """The AUC of 16 fresh draws, in standard errors: one above 2.5 is expected in 160; two would be a defect."""
    z = []
    for seed in range(16):
        found = test_of(table(100, seed), table(100, 1000 + seed), explain=False)
        z.append((found.auc - 0.5) / found.error)
    assert (np.array(z) > 2.5).sum() <= 1
    assert abs(np.mean(z)) < 0.8
    assert np.std(z) < 1.5


def test_weights_take_the_place_of_repeated_rows():
    """Real rows of two classes, 4 to 1, against synthetic rows 1 to 1: a difference, unless the weights undo it."""
    rng = np.random.default_rng(0)
    left = features(np.column_stack([rng.normal(size=800), np.arange(800) % 5 == 0]), (1,))
    right = features(np.column_stack([rng.normal(size=800), np.arange(800) % 2 == 0]), (1,))
    weights = np.where(left.values[:, 1] == 1, 2.5, 0.625)
    plain, weighted = test_of(left, right), test_of(left, right, fresh_weights=weights)
    assert plain.auc > 0.6
    assert weighted.auc == pytest.approx(0.5, abs=0.08)
    assert weighted.n_effective == pytest.approx(800**2 / (weights**2).sum())


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_constant_and_empty_columns_tell_nothing(value):
    left = features(np.full((40, 3), value), (1,))
    found = test_of(left, left.take(np.arange(35)))
    assert found.auc == 0.5
    assert found.n_rows == 35
    assert_allclose(found.shares, 0)
    assert found.suspects == ()
    assert found.interaction == ()


def test_nulls_alone_tell_rows_apart():
    rng = np.random.default_rng(0)
    left, right = features(rng.normal(size=(90, 2))), features(rng.normal(size=(90, 2)))
    right.values[:60, 0] = np.nan
    found = test_of(left, right)
    assert found.auc > 0.75
    assert found.shares.argmax() == 0


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 60), st.integers(30, 60))
def test_every_number_stays_in_its_range(seed, n, m):
    found = test_of(table(n, seed), table(m, seed + 1, broken=seed % 2 == 0), seed=seed)
    assert 0 <= found.auc <= 1
    assert 0 <= found.pmse <= 0.25
    assert 0 <= found.error < 0.5
    assert found.n_rows == min(n, m)
    assert found.shares.min() >= 0
    assert found.shares.sum() == pytest.approx(1) or found.shares.sum() == 0
    assert all(0.5 < suspect.probability <= 1 and 0 <= suspect.row < m for suspect in found.suspects)
    assert len({suspect.row for suspect in found.suspects}) == len(found.suspects) <= 20
