"""The rows that models and attacks see: seeded, free of row order, in the class mix of the synthetic table."""

import numpy as np
import pandas as pd
import pytest

from contrapeso.quality._given import check, read
from contrapeso.quality._samples import draw_samples


def rows(n, seed, rare=0.1):
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random(n) < rare, "rare", "usual")
    return pd.DataFrame({"x": rng.normal(size=n), "kind": kind, "word": rng.choice(list("abc"), n)})


def drawn(real, synthetic, holdout=None, target="kind", **options):
    given = check(real, synthetic, holdout=holdout, schema=None, target=target, rules=None, seed=0, thresholds=None)
    tables = read(given)
    return draw_samples(tables.all_columns, tables.all_classes, tables.all_keys, target, 0, **options)


def test_real_rows_weigh_as_the_synthetic_classes_do():
    samples = drawn(rows(2000, 0), rows(500, 1, rare=0.5), rows(1000, 2))
    rare = samples.labels.index("rare")
    for part in (samples.train, samples.fresh):
        assert part.weights.mean() == pytest.approx(1)
        share = part.weights[part.klass == rare].sum() / part.weights.sum()
        assert share == pytest.approx((samples.synthetic.klass == rare).mean())
    assert not samples.whole_train.is_weighted
    assert samples.against == "holdout"


def test_without_a_holdout_the_real_rows_are_split_in_two():
    samples = drawn(rows(901, 0), rows(500, 1))
    assert samples.against == "real_halves"
    assert not set(samples.train.rows) & set(samples.fresh.rows)
    assert samples.train.n_rows + samples.fresh.n_rows == 901


def test_classes_without_a_synthetic_row_are_left_out_of_the_compared_rows_only():
    synthetic = rows(400, 1).assign(kind="rare")
    samples = drawn(rows(2000, 0), synthetic, rows(2000, 2))
    rare = samples.labels.index("rare")
    assert set(samples.train.klass) == {rare}
    assert len(set(samples.whole_train.klass)) == 2


def test_the_order_of_the_rows_does_not_matter():
    real, synthetic = rows(600, 0), rows(300, 1)
    one = drawn(real, synthetic)
    two = drawn(real.sample(frac=1, random_state=1), synthetic.sample(frac=1, random_state=2))
    assert np.array_equal(one.fresh.features.values, two.fresh.features.values)
    assert np.array_equal(one.synthetic.keys, two.synthetic.keys)


def test_the_number_of_rows_is_bounded_and_too_few_are_none():
    assert drawn(rows(900, 0), rows(500, 1), max_rows=100).synthetic.n_rows == 100
    assert drawn(rows(50, 0), rows(500, 1)) is None


def test_rare_and_unseen_words_share_a_code_and_null_is_nan():
    real = rows(900, 0)
    synthetic = rows(500, 1)
    synthetic.loc[0, "word"], synthetic.loc[1, "word"] = "new", None
    samples = drawn(real, synthetic)
    column = samples.names.index("word")
    codes = samples.synthetic.features.values[np.argsort(samples.synthetic.rows)][:, column]
    assert codes[0] == 3
    assert np.isnan(codes[1])
