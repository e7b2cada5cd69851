"""Embeddings of codes and the packed heads, against slow versions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from contrapeso.errors import UnmetConditionsError  # noqa: E402
from contrapeso.generators.deep._embed import TokenEmbedding, smooth_features  # noqa: E402
from contrapeso.generators.deep._heads import UNSEEN_NATS, Heads, draw  # noqa: E402
from contrapeso.generators.deep._objective import Request  # noqa: E402
from tests.unit._toy_tokens import COARSE_FROM, FINE, FLAG, KIND, LEVEL, N_CODES, toy_rows, toy_tokens  # noqa: E402

WIDTH = 6
TOKENS = toy_tokens()


def streams(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def heads(scale: float = 1.0) -> Heads:
    made = Heads(TOKENS, WIDTH, generator=streams())
    nn.init.normal_(made.weight, std=scale, generator=streams(1))
    return made


def rows(n: int = 200, seed: int = 0) -> tuple[Tensor, Tensor]:
    codes = torch.from_numpy(toy_rows(n, seed)[1].codes).long()
    return codes, torch.randn(n, len(TOKENS), WIDTH, generator=streams(2))


def free(n: int) -> Tensor:
    return torch.full((n, len(TOKENS)), -1)


def loss_of_one(made: Heads, h: Tensor, codes: Tensor, t: int) -> float:
    """Minus the log of a softmax over one row, in float64."""
    start = sum(N_CODES[:t])
    weight = made.weight[start : start + N_CODES[t]].detach().numpy().astype(float)
    logits = weight @ h[t].numpy().astype(float) + made.bias[start : start + N_CODES[t]].detach().numpy()
    if t == FINE:
        prior = TOKENS[FINE].log_prior
        assert prior is not None
        logits = logits + prior[int(codes[LEVEL])]
    return float(np.log(np.exp(logits).sum()) - logits[int(codes[t])])


def test_losses_equal_the_plain_softmax_of_every_cell() -> None:
    made, (codes, h) = heads(), rows(20)
    expected = [[loss_of_one(made, h[i], codes[i], t) for t in range(5)] for i in range(20)]
    np.testing.assert_allclose(made.losses(h, codes).detach().numpy(), expected, rtol=1e-4, atol=1e-5)
    assert torch.equal(made(h, codes), made.losses(h, codes))


def test_the_loss_of_one_token_is_its_column_and_extra_logits_are_added() -> None:
    made, (codes, h) = heads(), rows(20)
    losses, weights = made.losses(h, codes), made.unbound()
    for t in range(5):
        torch.testing.assert_close(made.loss_with(t, h[:, t], codes, weights[t]), losses[:, t])
        if t == FINE:  # its loss is told of the parent by the prior, and of nothing else
            continue
        extra = torch.randn(20, N_CODES[t], generator=streams(t))
        found = made.log_probabilities(t, h[:, t], codes, extra=extra).gather(1, codes[:, [t]])[:, 0]
        torch.testing.assert_close(made.loss_with(t, h[:, t], codes, weights[t], extra), -found)


def test_losses_of_chosen_cells_are_those_losses_and_0_elsewhere() -> None:
    made, (codes, h) = heads(), rows()
    chosen = torch.rand(codes.shape, generator=streams()) < 0.4
    torch.testing.assert_close(made.losses(h, codes, chosen), made.losses(h, codes) * chosen)
    assert made.losses(h, codes, torch.zeros_like(chosen)).sum() == 0


def test_fresh_heads_give_the_training_frequencies() -> None:
    made, (codes, _) = Heads(TOKENS, WIDTH, generator=streams()), rows(1)
    h = torch.zeros(1, 5, WIDTH)
    for t, token in enumerate(TOKENS):
        expected = token.log_marginal if token.log_prior is None else token.log_prior[int(codes[0, LEVEL])]
        found = made.log_probabilities(t, h[:, t], codes)[0].detach().numpy()
        np.testing.assert_allclose(np.exp(found), np.exp(expected), atol=1e-6)


def test_a_hidden_parent_leaves_the_plain_frequencies() -> None:
    made = Heads(TOKENS, WIDTH, generator=streams())
    found = made.log_probabilities(FINE, torch.zeros(1, WIDTH), free(1))[0].detach().numpy()
    np.testing.assert_allclose(found, TOKENS[FINE].log_marginal, atol=1e-5)


def test_pairs_never_seen_cost_a_fixed_loss_and_no_gradient_is_nan() -> None:
    made, (codes, h) = heads(), rows(4)
    codes[:, LEVEL], codes[:, FINE] = COARSE_FROM, 7
    losses = made.losses(h, codes)
    assert (losses[:, FINE] == UNSEEN_NATS).all()
    torch.autograd.backward(losses.sum())
    assert all(bool(p.grad.isfinite().all()) for p in made.parameters() if p.grad is not None)


def test_a_parent_code_never_seen_falls_back_on_the_plain_frequencies() -> None:
    prior = TOKENS[FINE].log_prior
    assert prior is not None
    prior = prior.copy()
    prior[3] = -np.inf
    tokens = (*TOKENS[:FINE], replace(TOKENS[FINE], log_prior=prior), *TOKENS[FINE + 1 :])
    made = Heads(tokens, WIDTH, generator=streams())
    found = made.prior(FINE, torch.tensor([3]))[0].numpy()
    np.testing.assert_array_equal(found, TOKENS[FINE].log_marginal)


def test_packed_logits_split_by_offsets() -> None:
    made, (_, h) = heads(), rows(3)
    packed = made.logits(h)
    assert packed.shape == (3, sum(N_CODES))
    for t in (KIND, LEVEL, FLAG):
        part = packed[:, made.offsets[t] : made.offsets[t + 1]]
        torch.testing.assert_close(part, made.token_logits(t, h[:, t], free(3)))


def test_draws_follow_the_probabilities() -> None:
    log_p = torch.tensor([-np.inf, 0.2, 0.5, 0.3, 0.0]).log().nan_to_num(nan=-torch.inf).expand(40_000, 5)
    counts = torch.bincount(draw(log_p, streams()), minlength=5).numpy()
    assert counts[0] == counts[4] == 0
    # 5 standard deviations of a share of one half in 40,000 draws
    np.testing.assert_allclose(counts[1:4] / 40_000, [0.2, 0.5, 0.3], atol=0.0125)


def test_given_codes_are_kept_and_the_others_stay_in_what_is_allowed() -> None:
    made, (_, h) = heads(), rows(500)
    asked = free(500)
    asked[::2, KIND] = 2
    allowed = torch.zeros(500, 32, dtype=torch.bool)
    allowed[:, 5:9] = True
    request, codes = Request(asked, {LEVEL: allowed}), free(500)
    for t in range(5):
        codes[:, t] = made.sample_token(t, h[:, t], codes, request, streams(t))
    assert (codes[::2, KIND] == 2).all()
    assert ((codes[:, LEVEL] >= 5) & (codes[:, LEVEL] < 9)).all()
    assert len(codes[1::2, KIND].unique()) == 3


def test_a_fine_code_that_is_given_rules_out_coarse_codes_without_it() -> None:
    made, (_, h) = heads(0.1), rows(2000)
    asked = free(2000)
    asked[:, FINE] = 6
    codes = free(2000)
    for t in range(3):
        codes[:, t] = made.sample_token(t, h[:, t], codes, Request(asked, {}), streams(t))
    assert (codes[:, LEVEL] < COARSE_FROM).all()
    allowed = torch.zeros(2000, 8, dtype=torch.bool)
    allowed[:, 5:] = True
    level = made.sample_token(LEVEL, h[:, LEVEL], free(2000), Request(free(2000), {FINE: allowed}), streams())
    assert (level < COARSE_FROM).all()


def test_a_given_fine_code_weighs_coarse_codes_by_bayes() -> None:
    made = Heads(TOKENS, WIDTH, generator=streams())
    asked = free(1)
    asked[0, FINE] = 6
    found = made.log_probabilities(LEVEL, torch.zeros(1, WIDTH), free(1), Request(asked, {}))[0].exp().detach().numpy()
    prior = TOKENS[FINE].log_prior
    assert prior is not None
    expected = np.exp(TOKENS[LEVEL].log_marginal) * np.exp(prior[:, 6])
    np.testing.assert_allclose(found, expected / expected.sum(), atol=1e-6)


def test_where_priors_and_conditions_disagree_the_conditions_hold() -> None:
    made, (_, h) = heads(), rows(50)
    allowed = torch.zeros(50, 8, dtype=torch.bool)
    allowed[:, 6:] = True
    codes = free(50)
    codes[:, LEVEL] = 30  # has fine codes 0 to 3 only
    found = made.sample_token(FINE, h[:, FINE], codes, Request(free(50), {FINE: allowed}), streams())
    assert (found >= 6).all()


def test_conditions_that_allow_nothing_are_refused() -> None:
    made, (_, h) = heads(), rows(3)
    nothing = torch.zeros(3, 2, dtype=torch.bool)
    with pytest.raises(UnmetConditionsError, match="3 rows"):
        made.sample_token(FLAG, h[:, FLAG], free(3), Request(free(3), {FLAG: nothing}), streams())


def test_a_low_temperature_takes_the_likeliest_code() -> None:
    made, (_, h) = heads(), rows(50)
    found = made.sample_token(LEVEL, h[:, LEVEL], free(50), Request(free(50), {}), streams(), temperature=1e-4)
    torch.testing.assert_close(found, made.token_logits(LEVEL, h[:, LEVEL], free(50)).argmax(1))


def test_embeddings_have_about_unit_variance_and_a_row_for_every_possible_pair() -> None:
    embedding = TokenEmbedding(TOKENS, 64, generator=streams())
    codes, _ = rows(1000)
    found = embedding(codes)
    assert found.shape == (1000, 5, 64)
    assert 0.8 < float(found.detach().std()) < 1.25
    possible = int(np.isfinite(TOKENS[FINE].log_prior).sum())  # type: ignore[call-overload]
    assert embedding.table.shape == (sum(N_CODES) - 8 + possible + 5, 64)


def test_the_same_code_has_the_same_vector_and_different_tokens_do_not_share() -> None:
    embedding = TokenEmbedding(TOKENS, 4, generator=streams())
    codes, _ = rows(300)
    used = embedding.rows(codes)
    keys = {
        (t, int(codes[i, t]), int(codes[i, LEVEL]) if t == FINE else -1): int(used[i, t])
        for i in range(300)
        for t in range(5)
    }
    assert len(set(keys.values())) == len(keys)
    assert torch.equal(embedding(codes), embedding.vectors()[used])
    for t in range(5):
        assert torch.equal(embedding.rows_of(t, codes), used[:, t])
        assert torch.equal(embedding.rows_of(t, torch.full_like(codes, -1)), embedding.rows(free(300))[:, t])


@given(st.integers(0, 2**5 - 1))
def test_absent_codes_are_the_same_hidden_or_negative(hidden: int) -> None:
    embedding = TokenEmbedding(TOKENS, 4, generator=streams())
    codes, _ = rows(10)
    keep = torch.tensor([(hidden >> t) & 1 == 0 for t in range(5)]).expand(10, 5)
    negative = torch.where(keep, codes, -1)
    assert torch.equal(embedding.rows(codes, keep), embedding.rows(negative))
    assert torch.equal(embedding(codes, keep), embedding(negative))
    for t in range(5):
        if not keep[0, t]:
            assert len(embedding.rows(negative)[:, t].unique()) == 1


def test_without_joint_rows_the_fine_code_has_one_vector() -> None:
    embedding = TokenEmbedding(TOKENS, 4, joint=False, smooth=False, generator=streams())
    assert embedding.table.shape == (sum(N_CODES) + 5, 4)
    assert torch.equal(embedding.vectors(), embedding.table)


def test_neighbouring_positions_have_similar_features() -> None:
    features = smooth_features(np.array([-1.0, -0.99, 2.0, np.nan], dtype=np.float32))
    assert np.abs(features[0] - features[1]).max() < 0.05
    assert np.abs(features[0] - features[2]).max() > 0.5
    assert (features[3] == 0).all()


def test_the_same_generator_gives_the_same_weights() -> None:
    for make in (lambda g: TokenEmbedding(TOKENS, 4, generator=g), lambda g: Heads(TOKENS, 4, generator=g)):
        one, two = (make(streams()).state_dict() for _ in range(2))
        assert all(torch.equal(one[name], two[name]) for name in one)


def test_five_hundred_tokens_with_many_codes_work() -> None:
    tokens = tuple(replace(TOKENS[FLAG], column=f"c{k}") for k in range(400)) + tuple(
        replace(TOKENS[LEVEL], column=f"d{k}") for k in range(100)
    )
    embedding, made = TokenEmbedding(tokens, 8, generator=streams()), Heads(tokens, 8, generator=streams())
    codes = torch.randint(0, 2, (16, 500), generator=streams())
    losses = made.losses(embedding(codes), codes)
    torch.autograd.backward(losses.sum())
    assert losses.shape == (16, 500)
