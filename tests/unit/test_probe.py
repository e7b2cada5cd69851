"""The classifier two-sample test that chooses weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from contrapeso.generators._probe import area, probe
from contrapeso.tables.encoding._tokens import Encoded
from tests.unit._toy_tokens import AMOUNT, NULL, ZERO, toy_rows

SEED = np.random.SeedSequence(1)


def independent(rows: Encoded) -> Encoded:
    rng = np.random.default_rng(0)
    codes = np.column_stack([rng.permutation(column) for column in rows.codes.T])
    return Encoded(codes, rows.residual)


def test_rows_of_the_same_law_cannot_be_told_apart() -> None:
    tokens, real = toy_rows(4000, 0)
    # The standard deviation over seeds is .0104 (measured on 10): a false alarm at 5 of them is one in a million.
    assert abs(probe(real, toy_rows(4000, 1)[1], tokens, SEED) - 0.5) < 0.052


def test_independent_columns_are_told_apart() -> None:
    tokens, real = toy_rows(2000, 0)
    assert probe(real, independent(toy_rows(2000, 1)[1]), tokens, SEED) > 0.8


def test_the_same_arguments_give_the_same_number() -> None:
    tokens, real = toy_rows(600, 0)
    other = independent(toy_rows(600, 1)[1])
    assert probe(real, other, tokens, SEED) == probe(real, other, tokens, SEED)
    assert probe(real, other, tokens, SEED) != probe(real, other, tokens, np.random.SeedSequence(2))


def test_a_residual_that_is_drawn_uniformly_counts_as_decoding_draws_it() -> None:
    tokens, real = toy_rows(4000, 0)
    codes = toy_rows(4000, 1)[1].codes
    flat = np.random.default_rng(0).random((4000, 1)).astype(np.float32)
    flat[np.isin(codes[:, AMOUNT], (ZERO, NULL))] = 0.5
    drawn, none = (probe(real, rows, tokens, SEED) for rows in (Encoded(codes, flat), Encoded(codes)))
    assert drawn > 0.54  # the true positions are not uniform, and trees see that
    assert abs(drawn - none) < 0.03
    assert probe(Encoded(real.codes), Encoded(codes), tokens, SEED) < 0.55


def test_a_wrong_fine_part_is_seen() -> None:
    tokens, real = toy_rows(4000, 0)
    other = toy_rows(4000, 1)[1]
    codes = other.codes.copy()
    codes[:, 2] = 7 - codes[:, 2]
    assert probe(real, Encoded(codes, other.residual), tokens, SEED) > 0.6


def test_few_rows_give_a_number() -> None:
    tokens, real = toy_rows(2, 0)
    assert 0.0 <= probe(real, toy_rows(3, 1)[1], tokens, SEED) <= 1.0


def test_tokens_without_an_order_or_residual_are_enough() -> None:
    tokens, real = toy_rows(500, 0)
    plain = tuple(replace(token, parent=None, log_prior=None, residual=False) for token in tokens)
    assert 0.0 <= probe(Encoded(real.codes), Encoded(real.codes), plain, SEED) <= 1.0


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_the_area_is_that_of_scikit_learn(pairs: list[tuple[int, bool]]) -> None:
    scores, labels = (np.array(values, dtype=float) for values in zip(*pairs, strict=True))
    if 0 < labels.sum() < len(labels):
        np.testing.assert_allclose(area(scores, labels), roc_auc_score(labels, scores))
    else:
        assert area(scores, labels) == 0.5
