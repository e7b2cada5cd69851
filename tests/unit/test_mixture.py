"""The mixture under a tree of hidden states: against plain loops and full enumeration."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from contrapeso.errors import CancelledError, CorruptArchiveError, InvalidParameterError, UnmetConditionsError
from contrapeso.generators._em import (
    Parameters,
    Tree,
    _grouped_information,
    _information,
    expected_counts,
    implied_counts,
    latent_tree,
    maximise,
    product,
    start,
)
from contrapeso.generators._mixture import CategoricalMixture, default_components, default_schedule
from contrapeso.tables.encoding._tokens import Encoded, Given, Token
from tests.unit._toy_tokens import toy_rows

SEED = np.random.SeedSequence(7)


def token(n_codes: int, parent: int | None = None, table: np.ndarray | None = None) -> Token:
    with np.errstate(divide="ignore"):
        prior = None if table is None else np.log(table).astype(np.float32)
    flat = np.full(n_codes, -np.log(n_codes), dtype=np.float32)
    blank = np.full(n_codes, np.nan, dtype=np.float32)
    return Token("c", "value", n_codes, blank, flat, np.zeros(n_codes, dtype=bool), parent, prior)


FINE = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
TOKENS = (token(3), token(3, 0, FINE), token(2), token(1), token(4))


def small(seed: int = 0, n: int = 400, weights: np.ndarray | None = None, **options) -> CategoricalMixture:
    """A model of five tokens (one with a parent, one constant) that is small enough to enumerate."""
    rng = np.random.default_rng(seed)
    first = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    fine = np.array([rng.choice(3, p=FINE[c]) for c in first])
    flag = (rng.random(n) < 0.2 + 0.3 * first).astype(int)
    last = np.where(rng.random(n) < 0.7, first + flag, rng.integers(0, 4, n))
    codes = np.column_stack([first, fine, flag, np.zeros(n, int), last]).astype(np.int32)
    options = {"n_components": 3, "n_passes": 3, "seed": np.random.SeedSequence(seed)} | options
    return CategoricalMixture.fit(Encoded(codes), TOKENS, weights=weights, **options)


def everything(model: CategoricalMixture) -> tuple[np.ndarray, np.ndarray]:
    """All rows there can be, and their probabilities."""
    cells = itertools.product(*(range(t.n_codes) for t in model.tokens))
    codes = np.array(list(cells), dtype=np.int32)
    return codes, np.exp(model.log_prob(codes))


def joint_by_loops(p: Parameters, tree: Tree, codes: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of one row with each assignment of hidden states, by the definition."""
    found = {}
    for z in itertools.product(range(p.n_states), repeat=len(codes)):
        value = 1.0
        for t, parent in enumerate(tree.parents):
            value *= float(p.root[z[t]] if parent < 0 else p.transitions[t][z[parent], z[t]])
            value *= float(p.emissions[t][codes[t], z[t]])
        found[z] = value
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.booleans())
def test_the_e_step_is_that_of_plain_loops(seed, m, weighted):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 5, size=4)
    tree = Tree.of([-1, *(int(rng.integers(0, t)) for t in range(1, 4))])
    p = start([rng.dirichlet(np.ones(k)).astype(np.float32) for k in sizes], m, rng)
    codes = np.column_stack([rng.integers(0, k, 6) for k in sizes]).astype(np.int32)
    weights = rng.uniform(0.1, 3, 6).astype(np.float32) if weighted else None
    found, likelihood = expected_counts(p, tree, codes, weights)

    root, total = np.zeros(m), 0.0
    moves, emitted = [np.zeros((m, m)) for _ in sizes], [np.zeros((k, m)) for k in sizes]
    for i, row in enumerate(codes):
        weight = 1.0 if weights is None else float(weights[i])
        joint = joint_by_loops(p, tree, row)
        evidence = sum(joint.values())
        total += weight * np.log(evidence)
        for z, value in joint.items():
            share = weight * value / evidence
            root[z[0]] += share
            for t, parent in enumerate(tree.parents):
                emitted[t][row[t], z[t]] += share
                if parent >= 0:
                    moves[t][z[parent], z[t]] += share
    assert likelihood == pytest.approx(total, rel=1e-4)
    assert_allclose(found.root, root, rtol=2e-3, atol=1e-4)
    for t in range(4):
        assert_allclose(found.emissions[t], emitted[t], rtol=2e-3, atol=1e-4)
        assert_allclose(found.transitions[t], moves[t], rtol=2e-3, atol=1e-4)


def test_em_on_all_rows_never_lowers_the_likelihood():
    tokens, rows = toy_rows(600, 0)
    own = [0, 1, 3, 4]
    codes = rows.codes[:, own]
    marginals = [np.exp(tokens[t].log_marginal) for t in own]
    tree = latent_tree(codes, [tokens[t].n_codes for t in own])
    p, history = start(marginals, 6, np.random.default_rng(0)), []
    for _ in range(12):
        counts, likelihood = expected_counts(p, tree, codes)
        history.append(likelihood)
        p = maximise(counts, marginals, 1e-6)
    assert (np.diff(history) > -0.05).all()
    assert history[-1] > history[0] + 100


def test_the_m_step_normalises_counts_with_their_priors():
    counts = Parameters(np.float32([2, 1]), (np.float32([[1, 3], [0, 0]]),), (np.float32([[4, 0], [0, 0]]),))
    p = maximise(counts, [np.float32([0.5, 0.5])], 2.0)
    assert_allclose(p.root, [2.5 / 4, 1.5 / 4])
    assert_allclose(p.transitions[0], [[2 / 6, 4 / 6], [0.5, 0.5]])
    assert_allclose(p.emissions[0], [[5 / 6, 0.5], [1 / 6, 0.5]])


def test_implied_counts_give_the_model_back():
    model = small()
    counts = implied_counts(model.parameters, model.tree, 1000.0)
    assert counts.root.sum() == pytest.approx(1000, rel=1e-4)
    marginals = [np.full(k, 1 / k, np.float32) for k in (3, 2, 4)]
    again = maximise(counts, marginals, 1e-6)
    for a, b in zip(again.emissions, model.parameters.emissions, strict=True):
        assert_allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_probabilities_of_all_rows_sum_to_one(seed):
    _, probability = everything(small(seed))
    assert probability.sum() == pytest.approx(1, abs=1e-5)


def test_impossible_rows_have_no_probability():
    rows = np.array([[2, 1, 0, 0, 0], [2, 0, 0, 0, 0]], dtype=np.int32)
    found = small().log_prob(rows)
    assert found[0] == -np.inf
    assert np.isfinite(found[1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(range(5)), max_size=4, unique=True), st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_log_prob_and_conditionals_are_those_of_enumeration(hidden, seed, model_seed):
    model = small(model_seed)
    cells, probability = everything(model)
    rng = np.random.default_rng(seed)
    row = cells[rng.choice(len(cells), p=probability / probability.sum())].copy()
    row[hidden] = -1
    match = ((cells == row) | (row < 0)).all(axis=1)
    assert model.log_prob(row[None])[0] == pytest.approx(np.log(probability[match].sum()), abs=1e-4)
    for t in range(5):
        free = row.copy()
        free[t] = -1
        match = ((cells == free) | (free < 0)).all(axis=1)
        expected = np.bincount(cells[match, t], weights=probability[match], minlength=TOKENS[t].n_codes)
        assert_allclose(model.conditional(row[None], t)[0], expected / expected.sum(), atol=2e-4)


@pytest.mark.parametrize("mask", [None, [True, False, False, True]])
@pytest.mark.parametrize("row", [[-1] * 5, [-1, 2, -1, -1, -1], [0, -1, -1, -1, 3], [-1, -1, 1, 0, -1]])
def test_samples_follow_the_exact_conditional(row, mask):
    """Total variation of 20,000 draws: its mean under the law is below sqrt(cells / 2 pi n) = 0.024."""
    model, n = small(1), 20_000
    cells, probability = everything(model)
    allowed = np.ones(4, bool) if mask is None else np.array(mask)
    match = ((cells == row) | (np.array(row) < 0)).all(axis=1) & (allowed[cells[:, 4]] | (row[4] >= 0))
    law = np.where(match, probability, 0)
    law /= law.sum()
    request = Given(np.tile(np.int32(row), (n, 1)), {} if mask is None else {4: np.tile(allowed, (n, 1))})
    drawn = model.sample(request, np.random.default_rng(0)).codes
    place = {tuple(cell): i for i, cell in enumerate(cells.tolist())}
    counts = np.bincount([place[tuple(r)] for r in drawn.tolist()], minlength=len(cells))
    assert (counts[law == 0] == 0).all()
    assert np.abs(counts / n - law).sum() / 2 < 0.03


def test_given_codes_are_kept_and_free_ones_filled():
    tokens, rows = toy_rows(3000, 0)
    model = CategoricalMixture.fit(rows, tokens, seed=SEED)
    rng = np.random.default_rng(0)
    asked = np.where(rng.random(rows.codes.shape) < 0.5, rows.codes, -1).astype(np.int32)
    found = model.impute(asked, rng)
    assert_array_equal(found[asked >= 0], asked[asked >= 0])
    assert (found >= 0).all()
    assert np.isfinite(model.log_prob(found)).all()
    assert (asked < 0).any()


def test_samples_resemble_the_rows_more_than_independent_columns_do():
    tokens, rows = toy_rows(6000, 0)
    model = CategoricalMixture.fit(rows, tokens, seed=SEED)
    drawn = model.sample(Given.nothing(6000, 5), np.random.default_rng(0)).codes
    _, fresh = toy_rows(6000, 1)
    for a, b in [(0, 1), (1, 3), (0, 3), (3, 4)]:
        k = tokens[b].n_codes
        shares = [
            np.bincount(codes[:, a] * k + codes[:, b], minlength=tokens[a].n_codes * k) / 6000
            for codes in (fresh.codes, drawn, np.column_stack([fresh.codes[:, a], fresh.codes[::-1, b]]), rows.codes)
            for codes in ([codes] if codes.shape[1] == 5 else [_spread(codes, a, b)])
        ]
        mine, independent, noise = (np.abs(shares[0] - s).sum() / 2 for s in shares[1:])
        assert mine < noise + 0.25 * independent


def _spread(codes: np.ndarray, a: int, b: int) -> np.ndarray:
    out = np.zeros((len(codes), 5), dtype=codes.dtype)
    out[:, a], out[:, b] = codes.T
    return out


def test_held_out_likelihood_beats_independent_columns():
    tokens, rows = toy_rows(4000, 0)
    _, fresh = toy_rows(4000, 1)
    model = CategoricalMixture.fit(rows, tokens, seed=SEED)
    alone = sum(tokens[t].log_marginal[fresh.codes[:, t]] for t in (0, 1, 3, 4))
    alone = alone + tokens[2].log_prior[fresh.codes[:, 1], fresh.codes[:, 2]]
    assert model.log_prob(fresh.codes).mean() > alone.mean() + 0.4
    assert list(model.history) == sorted(model.history)


def test_the_same_seed_gives_the_same_bits():
    tokens, rows = toy_rows(1500, 0)
    models = [CategoricalMixture.fit(rows, tokens, seed=np.random.SeedSequence(s)) for s in (3, 3, 4)]
    roots = [model.parameters.emissions[0] for model in models]
    assert_array_equal(roots[0], roots[1])
    assert (roots[0] != roots[2]).any()
    given_ = Given.nothing(5000, 5)
    drawn = [m.sample(given_, np.random.default_rng(1)).codes for m in models[:2]]
    assert_array_equal(*drawn)


def test_parameters_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        small().parameters.root[0] = 1


def test_weights_count_rows():
    """Rows of weight 3 and 0 weigh as three copies and none: one pass over all rows has no other randomness."""
    tokens, rows = toy_rows(60, 0)
    own, tree = [0, 1, 3, 4], Tree.of([-1, 0, 1, 1])
    p = start([np.exp(tokens[t].log_marginal) for t in own], 4, np.random.default_rng(0))
    weights = np.repeat([3.0, 0.0, 1.0], 20).astype(np.float32)
    codes = rows.codes[:, own]
    mine, likelihood = expected_counts(p, tree, codes, weights)
    theirs, expected = expected_counts(p, tree, np.repeat(codes, weights.astype(int), axis=0))
    assert likelihood == pytest.approx(expected, rel=1e-5)
    for a, b in zip((*mine.emissions, *mine.transitions), (*theirs.emissions, *theirs.transitions), strict=True):
        assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_weighted_classes_come_in_the_shares_of_their_weights():
    tokens, rows = toy_rows(4000, 0)
    weights = np.where(rows.codes[:, 0] == 2, 10.0, 1.0)
    model = CategoricalMixture.fit(rows, tokens, seed=SEED, weights=weights)
    expected = weights[rows.codes[:, 0] == 2].sum() / weights.sum()
    share = model.conditional(np.full((1, 5), -1, dtype=np.int32), 0)[0, 2]
    assert share == pytest.approx(expected, abs=0.02)
    assert model.n_rows == pytest.approx(weights.sum(), rel=1e-5)


@pytest.mark.parametrize("weights", [[1.0], [-1.0, 1, 1], [np.nan, 1, 1], [0.0, 0, 0]])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(InvalidParameterError, match="weights"):
        CategoricalMixture.fit(Encoded(np.zeros((3, 5), np.int32)), TOKENS, seed=SEED, weights=np.array(weights))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_one_row_is_enough(n):
    model = CategoricalMixture.fit(Encoded(np.tile(np.int32([1, 2, 0, 0, 3]), (n, 1))), TOKENS, seed=SEED)
    drawn = model.sample(Given.nothing(50, 5), np.random.default_rng(0)).codes
    assert drawn.shape == (50, 5)
    assert np.isfinite(model.log_prob(drawn)).all()


@pytest.mark.parametrize("tokens", [(), (token(1),), (token(3),), (token(3), token(3, 0, FINE))])
def test_tables_of_no_or_one_column(tokens):
    rng = np.random.default_rng(0)
    codes = np.zeros((30, len(tokens)), dtype=np.int32)
    if tokens and tokens[0].n_codes > 1:
        codes[:, 0] = rng.integers(0, 2, 30)
    model = CategoricalMixture.fit(Encoded(codes), tokens, seed=SEED)
    assert model.sample(Given.nothing(7, len(tokens)), rng).codes.shape == (7, len(tokens))
    assert model.log_prob(codes).shape == (30,)
    content, arrays = model.state()
    assert CategoricalMixture.from_state(content, arrays, tokens).tree == model.tree
    assert model.update(Encoded(codes)).n_rows == 60


def test_no_rows_leave_the_marginals():
    model = CategoricalMixture.fit(Encoded(np.zeros((0, 5), np.int32)), TOKENS, seed=SEED)
    assert model.sample(Given.nothing(3, 5), np.random.default_rng(0)).codes.shape == (3, 5)


def test_the_state_gives_the_same_model_back():
    model = small()
    content, arrays = model.state()
    again = CategoricalMixture.from_state(json.loads(json.dumps(content)), arrays, TOKENS)
    cells, probability = everything(model)
    assert_array_equal(np.exp(again.log_prob(cells)), probability)
    request = Given.nothing(100, 5)
    drawn = [m.sample(request, np.random.default_rng(0)).codes for m in (model, again)]
    assert_array_equal(*drawn)
    assert again.history == model.history


def test_arrays_of_another_table_are_refused():
    content, arrays = small().state()
    with pytest.raises(CorruptArchiveError, match="not those of its columns"):
        CategoricalMixture.from_state(content, arrays | {"emissions": arrays["emissions"][1:]}, TOKENS)


def test_cancel_is_heard_everywhere():
    tokens, rows = toy_rows(300, 0)
    model = CategoricalMixture.fit(rows, tokens, seed=SEED)
    with pytest.raises(CancelledError):
        CategoricalMixture.fit(rows, tokens, seed=SEED, cancel=lambda: True)
    with pytest.raises(CancelledError):
        model.update(rows, cancel=lambda: True)
    with pytest.raises(CancelledError):
        model.sample(Given.nothing(10, 5), np.random.default_rng(0), lambda: True)


def test_progress_counts_up_to_its_total():
    seen = []
    tokens, rows = toy_rows(300, 0)
    CategoricalMixture.fit(rows, tokens, seed=SEED, progress=seen.append)
    assert [p.done for p in seen] == list(range(1, seen[0].total + 1))
    assert seen[-1].loss < seen[0].loss


def test_an_update_learns_new_rows_and_keeps_the_old():
    tokens, rows = toy_rows(4000, 0)
    first = rows.codes[:, 0] == 0
    old, new = Encoded(rows.codes[first]), Encoded(rows.codes[~first])
    model = CategoricalMixture.fit(old, tokens, seed=SEED, n_components=16)
    updated = model.update(new)
    assert updated.log_prob(new.codes).mean() > model.log_prob(new.codes).mean() + 1
    assert updated.log_prob(old.codes).mean() > model.log_prob(old.codes).mean() - 1.2
    share = updated.conditional(np.full((1, 5), -1, dtype=np.int32), 0)[0, 0]
    assert share == pytest.approx(first.mean(), abs=0.02)
    assert updated.n_rows == 4000


def test_conditions_that_exclude_each_other_are_refused():
    model = small()
    row = np.array([[-1] * 5, [2, 1, -1, -1, -1]], dtype=np.int32)
    with pytest.raises(UnmetConditionsError, match="row 1"):
        model.sample(Given(row), np.random.default_rng(0))
    nothing = Given(row[:1], {4: np.zeros((1, 4), dtype=bool)})
    with pytest.raises(UnmetConditionsError, match="row 0"):
        model.sample(nothing, np.random.default_rng(0))


def test_the_tree_joins_what_depends():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, 3000), rng.integers(0, 5, 3000)
    near = [np.where(rng.random(3000) < 0.8, x, rng.integers(0, 5, 3000)) for x in (a, b)]
    codes = np.column_stack([a, b, *near]).astype(np.int32)
    tree = latent_tree(codes, [5] * 4)
    edges = {frozenset((t, p)) for t, p in enumerate(tree.parents) if p >= 0}
    assert {frozenset((0, 2)), frozenset((1, 3))} <= edges
    assert len(tree.order) == 4


def test_grouped_information_is_that_of_the_groups():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 8, size=(4000, 3)).astype(np.int32)
    codes[:, 1] = np.where(rng.random(4000) < 0.5, codes[:, 0], codes[:, 1])
    off = ~np.eye(3, dtype=bool)
    assert_allclose(_grouped_information(codes)[off], _information(codes, [8] * 3)[off], atol=2e-3)


@pytest.mark.parametrize("n_tokens", [60, 700])
def test_wide_tables_get_a_tree_of_all_tokens(n_tokens):
    codes = np.random.default_rng(0).integers(0, 3, size=(50, n_tokens)).astype(np.int32)
    assert sorted(latent_tree(codes, [3] * n_tokens).order) == list(range(n_tokens))


def test_products_of_many_small_messages_do_not_vanish():
    factor = np.full((2, 3), 1e-8, dtype=np.float32)
    found, log_scale = product([None, *[factor] * 40])
    assert_allclose(found, 1 / 3, rtol=1e-5)
    assert_allclose(log_scale, 40 * np.log(1e-8) + np.log(3), rtol=1e-6)
    assert product([None, None]) is None


def test_a_memory_map_is_read_by_rows(tmp_path):
    tokens, rows = toy_rows(500, 0)
    np.save(tmp_path / "codes.npy", rows.codes)
    mapped = Encoded(np.load(tmp_path / "codes.npy", mmap_mode="r"))
    model, plain = (CategoricalMixture.fit(r, tokens, seed=SEED) for r in (mapped, rows))
    assert_array_equal(model.parameters.root, plain.parameters.root)


def test_defaults_grow_with_the_rows_and_stay_bounded():
    assert [default_components(n) for n in (10, 1000, 8000, 10**6)] == [8, 8, 31, 64]
    assert default_schedule(10**6, 1000).passes == 1
    assert default_schedule(10, 100).batch == 64
    assert default_schedule(10**6, 500 * 64).batch == 524
