"""Masked diffusion of codes and Gaussian diffusion of residuals: laws of the noise, the bound and the samplers."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

torch = pytest.importorskip("torch")

from contrapeso.errors import InvalidParameterError  # noqa: E402
from contrapeso.generators.deep import _diffusion as diffusion  # noqa: E402
from contrapeso.generators.deep._masking import AbsorbingNoise, RevealOrder, steps_of  # noqa: E402
from contrapeso.generators.deep._noise import LogNormalLevels, Preconditioning, heun, karras_sigmas  # noqa: E402
from contrapeso.generators.deep._objective import Batch, Request  # noqa: E402
from contrapeso.tables.encoding._tokens import Token  # noqa: E402
from tests.unit._toy_tokens import AMOUNT, FINE, FLAG, KIND, LEVEL, NULL, ZERO, toy_rows  # noqa: E402

SMALL = diffusion.DiffusionNetwork(width=64, n_blocks=2, embedding=8, head_width=16, dropout=0.0, residual_width=32)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def plain_token(name, n_codes, parent=None, log_prior=None):
    nothing = np.full(n_codes, np.nan, dtype=np.float32)
    even = np.full(n_codes, -np.log(n_codes), dtype=np.float32)
    return Token(name, "value", n_codes, nothing, even, np.zeros(n_codes, bool), parent=parent, log_prior=log_prior)


def forest(*parents):
    return [
        plain_token(str(i), 2, parent, None if parent is None else np.zeros((2, 2), np.float32))
        for i, parent in enumerate(parents)
    ]


def free(n, tokens):
    return Request(torch.full((n, len(tokens)), -1), {})


def trained(objective, codes, residual=None, *, steps=300, batch=256, rate=6e-3, seed=0):
    """``objective`` after a few steps of Adam."""
    draws = generator(seed)
    optimizer = torch.optim.Adam(objective.module.parameters(), lr=rate)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, steps)
    for step in range(steps):
        rows = torch.randint(len(codes), (batch,), generator=draws)
        for _, loss in objective.updates(Batch(codes[rows], None if residual is None else residual[rows]), step, draws):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        falling.step()
    objective.module.eval()
    return objective


def rough(tokens, seed=0, target=None, **options):
    """An untrained objective whose heads say something."""
    network = diffusion.DiffusionNetwork(width=16, n_blocks=1, embedding=4, head_width=8, dropout=0.0, **options)
    objective = diffusion.build(tokens, network, 100, generator(seed), target)
    with torch.no_grad():
        objective.module.heads.weight.normal_(0, 1.5, generator=generator(seed + 1))
    objective.module.eval()
    return objective


@pytest.fixture(scope="module")
def toy():
    tokens, rows = toy_rows(6000, 1)
    codes, residual = torch.as_tensor(rows.codes).long(), torch.as_tensor(rows.residual)
    return tokens, trained(diffusion.build(tokens, SMALL, 6000, generator(), None), codes, residual)


# --- Gaussian noise


@given(st.floats(0.002, 80), st.floats(0.2, 3))
def test_preconditioning_keeps_input_and_target_at_unit_variance(sigma, sigma_data):
    level = torch.tensor([sigma], dtype=torch.float64)
    scales = Preconditioning(sigma_data)
    c_skip, c_out, c_in = scales.c_skip(level), scales.c_out(level), scales.c_in(level)
    variance_of_target = ((1 - c_skip) ** 2 * sigma_data**2 + c_skip**2 * sigma**2) / c_out**2
    assert float(c_in**2 * (sigma**2 + sigma_data**2)) == pytest.approx(1)
    assert float(variance_of_target) == pytest.approx(1)
    assert float(scales.weight(level) * c_out**2) == pytest.approx(1)


def test_levels_fall_from_the_highest_to_the_lowest_and_then_to_zero():
    sigmas = karras_sigmas(7, low=0.01, high=50)
    assert sigmas[0].item() == pytest.approx(50)
    assert sigmas[-2].item() == pytest.approx(0.01)
    assert sigmas[-1].item() == 0
    assert all(a > b for a, b in pairwise(sigmas.tolist()))


def test_levels_of_the_loss_are_log_normal():
    logs = LogNormalLevels(-1.2, 1.2).draw(4000, generator()).log().numpy()
    assert stats.kstest(logs, stats.norm(-1.2, 1.2).cdf).statistic < 0.005  # stratified: far below chance


def test_heun_has_order_two_on_a_gaussian():
    scale, high, low = 0.7, 3.0, 0.05

    def denoiser(x, sigma):
        return x * scale**2 / (scale**2 + sigma[:, None] ** 2)

    start = torch.linspace(-2, 2, 5, dtype=torch.float64)[:, None]
    exact = start * ((scale**2 + low**2) / (scale**2 + high**2)) ** 0.5
    errors = []
    for n in (20, 40, 80):
        sigmas = torch.linspace(high, low, n + 1, dtype=torch.float64)
        errors.append((heun(denoiser, start, sigmas) - exact).abs().max().item())
    orders = [np.log2(a / b) for a, b in pairwise(errors)]
    assert orders == pytest.approx([2, 2], abs=0.25)


def test_heun_to_zero_draws_the_gaussian_of_the_denoiser():
    scale = 0.7
    x = heun(
        lambda x, sigma: x * scale**2 / (scale**2 + sigma[:, None] ** 2),
        torch.zeros(4000, 1, dtype=torch.float64),
        karras_sigmas(18),
        generator(),
    )
    assert stats.kstest(x[:, 0].numpy() / scale, "norm").pvalue > 1e-3


# --- absorbing noise


@given(st.integers(1, 12), st.data())
def test_time_integrates_out_of_the_log_linear_schedule(n_tokens, data):
    hidden = data.draw(st.integers(1, n_tokens))
    found, _ = integrate.quad(
        lambda t: stats.binom.pmf(hidden, n_tokens, t) / t if t else float(hidden == 1) * n_tokens, 0, 1
    )
    assert found == pytest.approx(1 / hidden, rel=1e-6)


def legal_orders(parents):
    """All orders in which every token follows its parent."""
    count = range(len(parents))
    for order in permutations(count):
        if all(parents[t] is None or order.index(parents[t]) < order.index(t) for t in count):
            yield order


@pytest.mark.parametrize("parents", [(None, None, None), (None, 0, None), (None, 0, 0, None), (None, 0, 1, 0)])
def test_weights_are_the_chances_of_the_next_token_over_all_legal_orders(parents):
    order = RevealOrder.of(forest(*parents))
    orders = list(legal_orders(parents))
    for length in range(len(parents)):
        for prefix in {frozenset(found[:length]) for found in orders}:
            after = [found[length] for found in orders if frozenset(found[:length]) == prefix]
            expected = np.bincount(after, minlength=len(parents)) / len(after)
            visible = torch.tensor([[t in prefix for t in range(len(parents))]])
            np.testing.assert_allclose(order.next_weights(visible)[0], expected, atol=1e-6)


@pytest.mark.parametrize("parents", [(None, 0, None), (None, 0, 0, None), (None, 0, 1, 0)])
def test_orders_are_uniform_over_the_legal_ones(parents):
    ranks = RevealOrder.of(forest(*parents)).draw(6000, generator())
    drawn = [tuple(np.argsort(row)) for row in ranks.numpy()]
    orders = list(legal_orders(parents))
    counts = [drawn.count(order) for order in orders]
    assert sum(counts) == len(drawn)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_led_orders_begin_with_the_target_and_its_ancestors():
    order = RevealOrder.of(forest(None, None, 1, None), target=2)
    ranks = order.draw_led(50, generator())
    assert (ranks[:, 1] == 0).all()
    assert (ranks[:, 2] == 1).all()


@pytest.mark.parametrize("target", [None, 2])
def test_weights_of_a_batch_add_up_to_the_number_of_tokens_and_hide_as_many_evenly(target):
    noise = AbsorbingNoise(RevealOrder.of(forest(None, 0, None, None), target), 0.3)
    masks = noise.draw(400, generator())
    np.testing.assert_allclose(masks.weight.sum(dim=1), 4, rtol=1e-5)
    assert not (masks.visible & (masks.weight > 0)).any()
    assert np.bincount((~masks.visible).sum(dim=1), minlength=5).tolist() == [0, 100, 100, 100, 100]


@given(st.integers(1, 12), st.integers(1, 12), st.data())
@settings(max_examples=50)
def test_steps_share_out_the_free_tokens_evenly_and_in_order(n_tokens, n_steps, data):
    known = torch.tensor([data.draw(st.lists(st.booleans(), min_size=n_tokens, max_size=n_tokens))])
    ranks = torch.randperm(n_tokens, generator=generator(n_tokens))[None]
    steps = steps_of(ranks, known, n_steps)
    assert ((steps < 0) == known).all()
    in_order = steps[0][ranks[0].argsort()]
    of_free = in_order[in_order >= 0].tolist()
    assert of_free == sorted(of_free)
    if of_free:
        counts = np.bincount(of_free, minlength=min(n_steps, len(of_free)))
        assert counts.max() - counts.min() <= 1
        assert len(counts) <= n_steps


def test_a_known_fine_token_waits_for_its_parent_and_both_lead():
    order = RevealOrder.of(forest(None, None, 1, None))
    known = torch.tensor([[True, False, True, False]])
    assert order.settled(known).tolist() == [[True, False, False, False]]
    assert order.after(known, torch.tensor([[0.9, 0.8, 0.1, 0.0]])).tolist() == [[0, 1, 2, 3]]
    assert order.after(known, torch.tensor([[0.9, 0.8, 0.1, -0.5]])).tolist() == [[0, 1, 2, 3]]


# --- the bound


def probability_in_order(objective, codes, order):
    """Product of the model's conditionals of the rows ``codes`` in one order."""
    visible = torch.zeros_like(codes, dtype=torch.bool)
    total = torch.zeros(len(codes))
    for token in order:
        h = objective.module.denoiser(codes, visible)
        logits = objective.module.heads.token_logits(token, h[:, token], codes)
        total += torch.log_softmax(logits, 1).gather(1, codes[:, token, None])[:, 0]
        visible[:, token] = True
    return total


def assert_mean(draws, expected):
    """Means of the columns agree within four and a half standard errors (false alarm 1e-5 a column)."""
    error = draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - expected).abs() < 4.5 * error + 1e-4).all()


def all_rows(tokens):
    return torch.tensor(list(product(*(range(token.n_codes) for token in tokens))))


def law_of_sampler(objective, tokens, orders):
    """Exact probability of every row when the order is drawn evenly from ``orders``."""
    codes = all_rows(tokens)
    with torch.no_grad():
        logs = torch.stack([probability_in_order(objective, codes, order) for order in orders])
    return codes, logs


def test_held_out_loss_estimates_the_bound_and_the_bound_holds():
    tokens = [plain_token("a", 3), plain_token("b", 2)]
    objective = rough(tokens)
    codes, logs = law_of_sampler(objective, tokens, [(0, 1), (1, 0)])
    likelihood = torch.logsumexp(logs, 0) - np.log(2)
    bound = -logs.mean(0)
    assert likelihood.exp().sum().item() == pytest.approx(1, abs=1e-5)
    assert (bound >= -likelihood - 1e-6).all()
    assert_mean(objective.held_out_loss(Batch(codes.repeat(3000, 1)), generator()).view(3000, -1), bound)


def test_the_bound_knows_that_parents_come_first():
    prior = np.log(np.array([[0.5, 0.45, 0.05], [0.2, 0.3, 0.5]], dtype=np.float32))
    tokens = [plain_token("a", 2), plain_token("a", 3, 0, prior), plain_token("b", 2)]
    objective = rough(tokens)
    codes, logs = law_of_sampler(objective, tokens, list(legal_orders((None, 0, None))))
    assert_mean(objective.held_out_loss(Batch(codes.repeat(2000, 1)), generator()).view(2000, -1), -logs.mean(0))


def test_a_row_without_weight_does_not_count():
    tokens, rows = toy_rows(40, 0)
    codes, residual = torch.as_tensor(rows.codes).long(), torch.as_tensor(rows.residual)
    objective = diffusion.build(tokens, SMALL, 40, generator(), None)
    odd = codes.clone()
    odd[20:] = codes[0]
    weight = torch.tensor([2.0] * 20 + [0.0] * 20)
    losses = [next(objective.updates(Batch(c, residual, weight), 0, generator()))[1] for c in (codes, odd)]
    assert losses[0].item() == pytest.approx(losses[1].item(), rel=1e-6)


# --- sampling


def test_free_rows_follow_the_mixture_over_orders():
    tokens = [plain_token("a", 3), plain_token("b", 2)]
    objective = rough(tokens)
    codes, logs = law_of_sampler(objective, tokens, [(0, 1), (1, 0)])
    expected = logs.double().exp().mean(0).numpy()
    drawn, _ = objective.sample(free(20_000, tokens), generator())
    counts = np.bincount((drawn[:, 0] * 2 + drawn[:, 1]).numpy(), minlength=6)
    assert (codes[:, 0] * 2 + codes[:, 1]).tolist() == list(range(6))
    assert stats.chisquare(counts, expected / expected.sum() * len(drawn)).pvalue > 1e-3


def test_what_is_given_stays_and_the_rest_follows_its_conditional():
    tokens = [plain_token("a", 3), plain_token("b", 2), plain_token("c", 2)]
    objective = rough(tokens)
    codes = torch.tensor([[1, b, c] for b in range(2) for c in range(2)])
    with torch.no_grad():
        start = torch.tensor([[True, False, False]]).expand(4, -1)
        logs = []
        for first, second in ((1, 2), (2, 1)):
            seen = start.clone()
            total = torch.zeros(4)
            for token in (first, second):
                h = objective.module.denoiser(codes, seen)
                logits = objective.module.heads.token_logits(token, h[:, token], codes)
                total += torch.log_softmax(logits, 1).gather(1, codes[:, token, None])[:, 0]
                seen[:, token] = True
            logs.append(total)
    expected = torch.stack(logs).double().exp().mean(0).numpy()
    request = free(20_000, tokens)
    request.codes[:, 0] = 1
    drawn, _ = objective.sample(request, generator())
    assert (drawn[:, 0] == 1).all()
    counts = np.bincount((drawn[:, 1] * 2 + drawn[:, 2]).numpy(), minlength=4)
    assert stats.chisquare(counts, expected / expected.sum() * len(drawn)).pvalue > 1e-3


def test_masks_of_what_a_token_may_take_are_obeyed(toy):
    tokens, objective = toy
    allowed = torch.zeros(200, 32, dtype=torch.bool)
    allowed[:, 5:9] = True
    drawn, _ = objective.sample(Request(free(200, tokens).codes, {LEVEL: allowed}), generator())
    assert set(drawn[:, LEVEL].tolist()) <= {5, 6, 7, 8}


def test_a_plan_reveals_masked_tokens_then_the_target_then_the_rest():
    tokens = forest(None, None, None, None, None)
    objective = rough(tokens, target=3)
    request = free(100, tokens)
    request.codes[:, 0] = 1
    allowed = {2: torch.ones(100, 2, dtype=torch.bool)}
    steps = objective.plan(Request(request.codes, allowed), generator())
    assert (steps[:, [0, 2, 3]] == torch.tensor([-1, 0, 1])).all()
    assert set(steps[:, 1].tolist()) == {2, 3}


@pytest.mark.parametrize("n_steps", [1, 2, 5])
def test_fine_codes_are_possible_given_their_parents_at_any_number_of_steps(n_steps):
    tokens, _ = toy_rows(10, 0)
    network = diffusion.DiffusionNetwork(width=16, n_blocks=1, n_steps=n_steps)
    drawn, _ = diffusion.build(tokens, network, 100, generator(), None).sample(free(500, tokens), generator())
    assert (drawn >= 0).all()
    assert np.isfinite(tokens[FINE].log_prior[drawn[:, LEVEL], drawn[:, FINE]]).all()


def test_learned_rows_have_the_margins_and_the_dependence_of_the_table(toy):
    tokens, objective = toy
    drawn, _ = objective.sample(free(5000, tokens), generator(5))
    _, fresh = toy_rows(5000, 9)
    for token in range(len(tokens)):
        shares = [
            np.bincount(c[:, token], minlength=tokens[token].n_codes) / 5000 for c in (drawn.numpy(), fresh.codes)
        ]
        assert np.abs(np.cumsum(shares[0]) - np.cumsum(shares[1])).max() < 0.05
    flags = [np.corrcoef(codes[:, LEVEL], codes[:, FLAG])[0, 1] for codes in (drawn.numpy(), fresh.codes)]
    kinds = [np.corrcoef(codes[:, KIND], codes[:, LEVEL])[0, 1] for codes in (drawn.numpy(), fresh.codes)]
    assert flags[0] == pytest.approx(flags[1], abs=0.08)
    assert kinds[0] == pytest.approx(kinds[1], abs=0.06)


def test_given_columns_in_the_middle_move_the_others(toy):
    tokens, objective = toy
    _, fresh = toy_rows(20_000, 9)
    request = free(2000, tokens)
    request.codes[:, FLAG] = 1
    drawn, _ = objective.sample(request, generator())
    real = fresh.codes[fresh.codes[:, FLAG] == 1]
    assert (drawn[:, FLAG] == 1).all()
    assert drawn[:, LEVEL].double().mean().item() == pytest.approx(real[:, LEVEL].mean(), abs=0.6)


def test_residuals_lie_inside_bins_and_depend_on_the_codes(toy):
    tokens, objective = toy
    drawn, residual = objective.sample(free(6000, tokens), generator())
    assert residual.shape == (6000, 1)
    assert ((residual > 0) & (residual < 1)).all()
    bins = ~np.isin(drawn[:, AMOUNT].numpy(), (ZERO, NULL))
    assert (residual[~bins] == 0.5).all()
    for kind in range(3):  # positions are beta(2, 1 + kind)
        rows = bins & (drawn[:, KIND].numpy() == kind)
        assert residual[rows, 0].mean().item() == pytest.approx(2 / (3 + kind), abs=0.06)


def test_guidance_sharpens_the_class_that_was_asked_for():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 4000)
    sign = np.where(rng.random(4000) < 0.75, label, 1 - label)
    codes = torch.as_tensor(np.column_stack([sign, label]))
    tokens = [plain_token("sign", 2), plain_token("label", 2)]
    shares = []
    for w in (0.0, 2.0):
        network = diffusion.DiffusionNetwork(width=16, n_blocks=1, dropout=0.0, guidance=w)
        objective = trained(diffusion.build(tokens, network, 4000, generator(), 1), codes, steps=150)
        request = free(4000, tokens)
        request.codes[:, 1] = 1
        drawn, _ = objective.sample(request, generator())
        shares.append(drawn[:, 0].double().mean().item())
    assert shares[0] == pytest.approx(0.75, abs=0.05)
    # logits (1 + w) l(y) - w l(): the prior is even, so the odds 3 become 3^3
    assert shares[1] == pytest.approx(27 / 28, abs=0.03)


def test_same_seeds_give_the_same_weights_losses_and_rows():
    tokens, rows = toy_rows(300, 0)
    codes, residual = torch.as_tensor(rows.codes).long(), torch.as_tensor(rows.residual)
    state = torch.random.get_rng_state()
    pair = [
        trained(diffusion.build(tokens, SMALL, 300, generator(3), KIND), codes, residual, steps=5) for _ in range(2)
    ]
    assert torch.equal(state, torch.random.get_rng_state())
    drawn = [objective.sample(free(50, tokens), generator(4)) for objective in pair]
    bounds = [objective.held_out_loss(Batch(codes), generator(5)) for objective in pair]
    assert torch.equal(drawn[0][0], drawn[1][0])
    assert torch.equal(drawn[0][1], drawn[1][1])
    assert torch.equal(bounds[0], bounds[1])


def test_a_table_of_one_constant_column_is_sampled():
    tokens = [plain_token("only", 1)]
    objective = diffusion.build(tokens, diffusion.DiffusionNetwork(), 3, generator(), 0)
    for _, loss in objective.updates(Batch(torch.zeros(3, 1, dtype=torch.long)), 0, generator()):
        assert loss.item() == pytest.approx(0, abs=1e-6)
    drawn, residual = objective.sample(free(4, tokens), generator())
    assert drawn.tolist() == [[0]] * 4
    assert residual is None


@pytest.mark.parametrize(
    "option", [{"n_steps": 0}, {"p_drop": 1.5}, {"guidance": -1.0}, {"width": 0}, {"dropout": -0.1}]
)
def test_options_out_of_range_are_refused(option):
    with pytest.raises(InvalidParameterError, match=next(iter(option))):
        diffusion.DiffusionNetwork(**option)


@pytest.mark.parametrize("n_rows", [1, 1000, 30_000, 10_000_000])
def test_defaults_leave_nothing_open(n_rows):
    tokens, _ = toy_rows(3, 0)
    training = diffusion.defaults(n_rows, tokens)
    assert None not in (
        training.epochs,
        training.batch_size,
        training.learning_rate,
        training.weight_decay,
        training.ema,
    )
    sized = diffusion.DiffusionNetwork().sized(n_rows, len(tokens))
    assert None not in (sized.width, sized.dropout, sized.embedding, sized.head_width)
