"""The any-order transformer: exact likelihood, exact conditions, the cache, and the flow of residuals."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

torch = pytest.importorskip("torch")

from contrapeso.errors import InvalidParameterError  # noqa: E402
from contrapeso.generators._training import Training  # noqa: E402
from contrapeso.generators.deep import _transformer as transformer  # noqa: E402
from contrapeso.generators.deep._attention import CausalStack  # noqa: E402
from contrapeso.generators.deep._flow import heun_flow, logit_normal_times, straight_path  # noqa: E402
from contrapeso.generators.deep._objective import Batch, Request  # noqa: E402
from contrapeso.generators.deep._residual import EDGE, normal_scores, positions  # noqa: E402
from contrapeso.tables.encoding._tokens import Token  # noqa: E402
from tests.unit._toy_tokens import AMOUNT, FINE, FLAG, KIND, LEVEL, NULL, ZERO, toy_rows  # noqa: E402

SMALL = transformer.TransformerNetwork(width=32, n_layers=2, n_heads=2, dropout=0.0, residual_width=32)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def plain_token(name, n_codes):
    nothing = np.full(n_codes, np.nan, dtype=np.float32)
    even = np.full(n_codes, -np.log(n_codes), dtype=np.float32)
    return Token(name, "value", n_codes, nothing, even, np.zeros(n_codes, bool))


def free(n, tokens):
    return Request(torch.full((n, len(tokens)), -1), {})


def rough(tokens, seed=0, target=None):
    """An untrained objective whose heads say something."""
    network = transformer.TransformerNetwork(width=16, n_layers=2, n_heads=2, dropout=0.0)
    objective = transformer.build(tokens, network, 100, generator(seed), target)
    with torch.no_grad():
        objective.module.heads.weight.normal_(0, 0.5, generator=generator(seed + 1))
        for layer in objective.module.stack.layers:
            layer.down.weight.normal_(0, 0.5, generator=generator(seed + 2))
            layer.attention.out.weight.normal_(0, 0.5, generator=generator(seed + 3))
    objective.module.eval()
    return objective


def all_rows(tokens):
    return torch.tensor(list(product(*(range(token.n_codes) for token in tokens))))


def ranks_of(order):
    return torch.tensor(order).argsort()[None]


@pytest.fixture(scope="module")
def toy():
    tokens, rows = toy_rows(6000, 1)
    codes, residual = torch.as_tensor(rows.codes).long(), torch.as_tensor(rows.residual)
    objective = transformer.build(tokens, SMALL, 6000, generator(), None)
    optimizer = torch.optim.Adam(objective.module.parameters(), lr=6e-3)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, 250)
    draws = generator()
    for step in range(250):
        chosen = torch.randint(len(codes), (128,), generator=draws)
        for _, loss in objective.updates(Batch(codes[chosen], residual[chosen]), step, draws):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        falling.step()
    objective.module.eval()
    return tokens, objective


# --- attention


def test_steps_with_a_cache_give_what_one_pass_gives():
    torch.manual_seed(0)
    stack = CausalStack(24, 3, 4, 0.0)
    x = torch.randn(5, 7, 24, generator=generator())
    with torch.no_grad():
        caches = stack.caches(5, 7, x)
        found = torch.cat([stack.step(x[:, place : place + 1], caches, place) for place in range(7)], dim=1)
        np.testing.assert_allclose(found, stack(x), atol=1e-5)


def test_a_place_does_not_see_what_comes_after_it():
    torch.manual_seed(0)
    stack = CausalStack(16, 2, 2, 0.0)
    x = torch.randn(3, 6, 16, generator=generator())
    y = x.clone()
    y[:, 4:] += 1
    with torch.no_grad():
        assert torch.equal(stack(x)[:, :4], stack(y)[:, :4])


# --- flow


def test_a_path_goes_straight_from_noise_to_data():
    noise, data = torch.randn(2, 6, 3, generator=generator())
    start, velocity = straight_path(noise, data, torch.zeros(6))
    end, _ = straight_path(noise, data, torch.ones(6))
    assert torch.equal(start, noise)
    assert torch.equal(end, data)
    np.testing.assert_allclose(start + velocity, end, atol=1e-6)


def test_times_have_a_standard_normal_logit():
    times = logit_normal_times(4000, generator())
    assert stats.kstest(torch.logit(times).numpy(), "norm").statistic < 0.005  # stratified: far below chance


def test_heun_has_order_two_on_the_flow_to_a_gaussian():
    scale = 0.4

    def velocity(x, t):
        t = t[:, None]
        return x * (t * scale**2 - (1 - t)) / ((1 - t) ** 2 + t**2 * scale**2)

    start = torch.linspace(-2, 2, 5, dtype=torch.float64)[:, None]
    errors = []
    for n in (40, 80, 160):
        found = heun_flow(velocity, start, torch.linspace(0, 1, n + 1, dtype=torch.float64))
        errors.append((found - scale * start).abs().max().item())
    assert [np.log2(a / b) for a, b in pairwise(errors)] == pytest.approx([2, 2], abs=0.3)


@given(st.floats(2 * EDGE, 1 - 2 * EDGE))
def test_positions_come_back_from_their_normal_scores(position):
    given_position = torch.tensor([position], dtype=torch.float64)
    assert positions(normal_scores(given_position)).item() == pytest.approx(position, rel=1e-6)


def test_positions_never_reach_the_ends():
    found = positions(torch.tensor([-100.0, 100.0, -5.0, 5.0]))
    assert ((found > 0) & (found < 1)).all()


# --- likelihood


@pytest.mark.parametrize("target", [None, 2])
def test_probabilities_of_all_rows_add_up_to_one_in_any_order(target):
    tokens = [plain_token("a", 3), plain_token("b", 2), plain_token("c", 4)]
    objective = rough(tokens, target=target)
    codes = all_rows(tokens)
    assert objective.log_prob(Batch(codes)).exp().sum().item() == pytest.approx(1, abs=1e-5)
    with torch.no_grad():
        for order in permutations(range(3)):
            nats = objective._nats(codes, ranks_of(order).expand(len(codes), -1))
            assert (-nats).exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_free_rows_follow_log_prob():
    tokens = [plain_token("a", 3), plain_token("b", 2), plain_token("c", 2)]
    objective = rough(tokens, target=1)
    expected = objective.log_prob(Batch(all_rows(tokens))).double().exp().numpy()
    drawn, residual = objective.sample(free(20_000, tokens), generator())
    assert residual is None
    counts = np.bincount((drawn[:, 0] * 4 + drawn[:, 1] * 2 + drawn[:, 2]).numpy(), minlength=12)
    assert stats.chisquare(counts, expected / expected.sum() * len(drawn)).pvalue > 1e-3


def test_what_is_given_leads_the_order_and_the_rest_follows_its_conditional():
    tokens = [plain_token("a", 3), plain_token("b", 2), plain_token("c", 2)]
    objective = rough(tokens)
    request = free(20_000, tokens)
    request.codes[:, 2] = 1
    drawn, _ = objective.sample(request, generator())
    assert (drawn[:, 2] == 1).all()
    codes = all_rows(tokens)
    codes = codes[codes[:, 2] == 1]
    with torch.no_grad():
        joint = (-objective._nats(codes, ranks_of((2, 0, 1)).expand(len(codes), -1))).double().exp().numpy()
    counts = np.bincount((drawn[:, 0] * 2 + drawn[:, 1]).numpy(), minlength=6)
    assert stats.chisquare(counts, joint / joint.sum() * len(drawn)).pvalue > 1e-3


def test_rows_with_different_columns_given_are_sampled_together(toy):
    tokens, objective = toy
    request = free(300, tokens)
    request.codes[:100, FLAG] = 1
    request.codes[100:200, KIND] = 2
    request.codes[100:200, AMOUNT] = NULL
    drawn, _ = objective.sample(request, generator())
    kept = request.codes >= 0
    assert torch.equal(drawn[kept], request.codes[kept])
    assert (drawn >= 0).all()


@given(st.data())
@settings(max_examples=20)
def test_orders_put_parents_before_fine_tokens(data):
    tokens, _ = toy_rows(3, 0)
    objective = transformer.build(tokens, SMALL, 3, generator(), data.draw(st.sampled_from([None, FINE, FLAG])))
    known = torch.tensor([[data.draw(st.booleans()) for _ in tokens]])
    for ranks in (objective._table_ranks(known), objective._ranks(1, generator(data.draw(st.integers(0, 99))))):
        assert sorted(ranks[0].tolist()) == list(range(len(tokens)))
        assert ranks[0, LEVEL] < ranks[0, FINE]


# --- learning


def test_learned_rows_have_the_margins_and_the_dependence_of_the_table(toy):
    tokens, objective = toy
    drawn, _ = objective.sample(free(5000, tokens), generator(5))
    _, fresh = toy_rows(5000, 9)
    for token in range(len(tokens)):
        shares = [
            np.bincount(c[:, token], minlength=tokens[token].n_codes) / 5000 for c in (drawn.numpy(), fresh.codes)
        ]
        assert np.abs(np.cumsum(shares[0]) - np.cumsum(shares[1])).max() < 0.05
    for one, other in ((LEVEL, FLAG), (KIND, LEVEL)):
        found = [np.corrcoef(codes[:, one], codes[:, other])[0, 1] for codes in (drawn.numpy(), fresh.codes)]
        assert found[0] == pytest.approx(found[1], abs=0.08)


def test_given_columns_in_the_middle_move_the_others(toy):
    tokens, objective = toy
    _, fresh = toy_rows(20_000, 9)
    request = free(2000, tokens)
    request.codes[:, FLAG] = 1
    drawn, _ = objective.sample(request, generator())
    real = fresh.codes[fresh.codes[:, FLAG] == 1]
    assert drawn[:, LEVEL].double().mean().item() == pytest.approx(real[:, LEVEL].mean(), abs=0.6)


def test_learning_raises_the_probability_of_fresh_rows(toy):
    tokens, objective = toy
    _, fresh = toy_rows(2000, 9)
    batch = Batch(torch.as_tensor(fresh.codes).long())
    untrained = transformer.build(tokens, SMALL, 6000, generator(), None)
    untrained.module.eval()
    learned, before = objective.held_out_loss(batch, generator()), untrained.held_out_loss(batch, generator())
    assert learned.mean() < before.mean() - 0.5
    assert torch.equal(learned, -objective.log_prob(batch))


def test_residuals_lie_inside_bins_and_depend_on_the_codes(toy):
    tokens, objective = toy
    drawn, residual = objective.sample(free(6000, tokens), generator())
    assert ((residual > 0) & (residual < 1)).all()
    bins = ~np.isin(drawn[:, AMOUNT].numpy(), (ZERO, NULL))
    assert (residual[~bins] == 0.5).all()
    for kind in range(3):  # positions are beta(2, 1 + kind)
        rows = bins & (drawn[:, KIND].numpy() == kind)
        assert residual[rows, 0].mean().item() == pytest.approx(2 / (3 + kind), abs=0.06)


def test_fine_codes_are_possible_given_their_parents(toy):
    tokens, objective = toy
    drawn, _ = objective.sample(free(2000, tokens), generator())
    assert np.isfinite(tokens[FINE].log_prior[drawn[:, LEVEL], drawn[:, FINE]]).all()


def test_masks_of_what_a_token_may_take_are_obeyed(toy):
    tokens, objective = toy
    allowed = torch.zeros(200, 32, dtype=torch.bool)
    allowed[:, 5:9] = True
    drawn, _ = objective.sample(Request(free(200, tokens).codes, {LEVEL: allowed}), generator())
    assert set(drawn[:, LEVEL].tolist()) <= {5, 6, 7, 8}


def test_same_seeds_give_the_same_weights_losses_and_rows():
    tokens, rows = toy_rows(100, 0)
    batch = Batch(torch.as_tensor(rows.codes).long(), torch.as_tensor(rows.residual))
    state = torch.random.get_rng_state()
    pair = [transformer.build(tokens, SMALL, 100, generator(3), KIND) for _ in range(2)]
    assert torch.equal(state, torch.random.get_rng_state())
    losses = [next(objective.updates(batch, 0, generator(4)))[1] for objective in pair]
    drawn = [objective.sample(free(50, tokens), generator(5)) for objective in pair]
    assert losses[0].item() == losses[1].item()
    assert torch.equal(drawn[0][0], drawn[1][0])
    assert torch.equal(drawn[0][1], drawn[1][1])


def test_every_weight_is_in_one_group():
    tokens, _ = toy_rows(3, 0)
    objective = transformer.build(tokens, SMALL, 3, generator(), None)
    groups = objective.groups(Training(learning_rate=1e-3, weight_decay=0.1))["transformer"]
    grouped = [id(weights) for group in groups for weights in group["params"]]
    assert sorted(grouped) == sorted(id(weights) for weights in objective.module.parameters())


def test_the_loss_runs_in_bfloat16():
    tokens, rows = toy_rows(64, 0)
    batch = Batch(torch.as_tensor(rows.codes).long(), torch.as_tensor(rows.residual))
    objective = transformer.build(tokens, SMALL, 64, generator(), None)
    exact = next(objective.updates(batch, 0, generator()))[1].item()
    with torch.autocast("cpu", torch.bfloat16):
        rounded = next(objective.updates(batch, 0, generator()))[1]
    rounded.backward()
    assert rounded.item() == pytest.approx(exact, rel=0.02)


def test_a_table_of_one_constant_column_is_sampled():
    tokens = [plain_token("only", 1)]
    objective = transformer.build(tokens, SMALL, 3, generator(), 0)
    assert objective.log_prob(Batch(torch.zeros(2, 1, dtype=torch.long))).tolist() == pytest.approx([0, 0], abs=1e-6)
    assert objective.sample(free(4, tokens), generator())[0].tolist() == [[0]] * 4


@pytest.mark.parametrize("option", [{"n_layers": 0}, {"any_order": 1.5}, {"width": 30}, {"dropout": -0.1}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(InvalidParameterError, match=next(iter(option))):
        transformer.TransformerNetwork(**option)


@pytest.mark.parametrize("n_rows", [1, 1000, 30_000, 10_000_000])
def test_defaults_leave_nothing_open(n_rows):
    tokens, _ = toy_rows(3, 0)
    training = transformer.defaults(n_rows, tokens)
    assert None not in (
        training.epochs,
        training.batch_size,
        training.learning_rate,
        training.weight_decay,
        training.ema,
    )
    assert transformer.TransformerNetwork().sized(n_rows).dropout is not None
