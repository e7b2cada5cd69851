"""Private training: what bounds a row's influence, what the noise costs, and that something is learned."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp
from scipy.stats import norm

pytest.importorskip("torch")
pytest.importorskip("opacus")

import torch
from torch import Tensor

from contrapeso.errors import CancelledError, ContrapesoError, InvalidParameterError, UnsupportedOperationError
from contrapeso.generators import AutoregressiveNetwork, GANNetwork, Training, VAENetwork
from contrapeso.generators._privacy import DifferentialPrivacy, frequency_arrays, guarded, with_frequencies
from contrapeso.generators.deep import _autoregressive, _gan, _private, _vae
from contrapeso.generators.deep._objective import Batch, Request
from contrapeso.generators.deep._row_norms import RowNorms, check_norms
from contrapeso.tables.encoding import Encoding
from tests.unit._toy_tokens import toy_rows

TOKENS, ROWS = toy_rows(2000, 0)
WAYS = ("fixed", "any", "vae")
TRAINING = Training(learning_rate=3e-3, weight_decay=1e-3, ema=0.995)


@cache
def generous() -> _private.Budget:
    return _private.budget(DifferentialPrivacy(epsilon=8.0, epochs=20), len(ROWS))


def built(way: str, tokens: Any = TOKENS) -> Any:
    source = torch.Generator().manual_seed(0)
    if way == "vae":
        made: Any = _vae.build(tokens, VAENetwork(hidden=16, latent=4, dropout=0.0), 2000, source)
        made.module.prior.requires_grad_(False)
    else:
        network = AutoregressiveNetwork(state=16, hidden=16, dropout=0.0, order="any" if way == "any" else "fixed")
        made = _autoregressive.build(tokens, network, 2000, source)
    with torch.no_grad():  # away from the start, where many weights are zero
        for parameter in made.module.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=source))
    return made


def batch(n: int, start: int = 0) -> Batch:
    assert ROWS.residual is not None
    chosen = slice(start, start + n)
    return Batch(torch.from_numpy(ROWS.codes[chosen]).long(), torch.from_numpy(ROWS.residual[chosen]))


def joined(a: Batch, b: Batch) -> Batch:
    assert a.residual is not None
    assert b.residual is not None
    return Batch(torch.cat([a.codes, b.codes]), torch.cat([a.residual, b.residual]))


def losses_of(objective: Any, rows: Batch) -> Tensor:
    return _private.row_losses(objective, rows, torch.Generator().manual_seed(3))


def row_gradients(objective: Any, losses: Tensor) -> Tensor:
    """The slow way: one backward pass for every row; (batch, n_parameters)."""
    parameters = [p for p in objective.module.parameters() if p.requires_grad]
    found = [torch.autograd.grad(loss, parameters, retain_graph=True, materialize_grads=True) for loss in losses]
    return torch.stack([torch.cat([g.flatten() for g in gradients]) for gradients in found])


def summed(objective: Any) -> Tensor:
    return torch.cat([p.grad.flatten() for p in objective.module.parameters() if p.requires_grad])


@pytest.mark.parametrize("way", WAYS)
def test_norms_are_those_of_the_gradients_of_single_rows(way: str) -> None:
    objective, recorder = built(way), RowNorms()
    with recorder:
        losses = losses_of(objective, batch(24))
    norms = recorder.norms(losses)
    assert_allclose(norms.detach(), row_gradients(objective, losses).norm(dim=1), rtol=1e-4)


@pytest.mark.parametrize("way", WAYS)
def test_the_loss_of_a_row_does_not_depend_on_the_others(way: str) -> None:
    objective = built(way)
    first, others = batch(12), (batch(12, 500), batch(12, 900))
    losses = [losses_of(objective, joined(first, other))[:12].detach() for other in others]
    assert_allclose(losses[0], losses[1], rtol=1e-5)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("clip_norm", [0.05, 1.0, 1e6])
def test_the_sum_is_that_of_single_gradients_cut_one_by_one(way: str, clip_norm: float) -> None:
    objective = built(way)
    _private.add_clipped(objective, batch(16), clip_norm, torch.Generator().manual_seed(3))
    plain = row_gradients(objective, losses_of(objective, batch(16)))
    cut = plain * (clip_norm / plain.norm(dim=1).clamp(min=clip_norm))[:, None]
    assert_allclose(summed(objective), cut.sum(dim=0), atol=2e-5 * clip_norm + 1e-5, rtol=1e-3)


@settings(max_examples=15, deadline=None)
@given(row=st.integers(0, 1999), clip_norm=st.floats(0.01, 3.0), way=st.sampled_from(WAYS))
def test_one_row_moves_the_sum_by_the_limit_at_most(row: int, clip_norm: float, way: str) -> None:
    objective = built(way)
    _private.add_clipped(objective, batch(1, row), clip_norm, torch.Generator().manual_seed(3))
    assert float(summed(objective).norm()) <= clip_norm * (1 + 1e-4)


def test_a_weight_that_is_used_in_an_unknown_way_is_found_out() -> None:
    class Scaled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = torch.nn.Linear(3, 2)
            self.scale = torch.nn.Parameter(torch.ones(2))

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = (self.line(x) / self.scale).square().sum(dim=1)
            return out

    module = Scaled()
    with pytest.raises(ContrapesoError, match="way that private training does not know"):
        check_norms(module, lambda: module(torch.ones(2, 3)))


def test_every_weight_gets_noise_of_the_right_size() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(200, 100)), torch.nn.Parameter(torch.zeros(5000))]
    parameters[1].grad = torch.full((5000,), 7.0)
    _private.add_noise(parameters, 2.5, torch.Generator().manual_seed(0))
    first, second = (p.grad.numpy() for p in parameters if p.grad is not None)
    assert_allclose(first.std(), 2.5, rtol=0.03)  # 6 standard errors of 20,000 draws
    assert_allclose(second.mean(), 7.0, atol=6 * 2.5 / 5000**0.5)


def test_epsilon_of_one_look_at_all_rows_is_that_of_the_gaussian_mechanism() -> None:
    """Balle and Wang, "Improving the Gaussian Mechanism", ICML 2018, Theorem 8: the exact delta of epsilon."""
    for noise in (2.0, 10.0):
        exact = brentq(lambda e, s=noise: _gaussian_delta(e, s) - 1e-5, 1e-3, 20)
        assert exact <= _private.epsilon_of([(noise, 1.0, 1)], 1e-5) <= exact + 0.03


@pytest.mark.parametrize(("noise", "rate", "n_steps"), [(1.1, 0.0625, 240), (2.0, 0.1, 100), (0.8, 0.01, 1000)])
def test_epsilon_of_many_looks_is_a_little_below_the_renyi_bound(noise: float, rate: float, n_steps: int) -> None:
    spent = _private.epsilon_of([(noise, rate, n_steps)], 1e-5)
    bound = _renyi_epsilon(noise, rate, n_steps, 1e-5)
    assert 0.7 * bound < spent <= bound


def test_two_mechanisms_cost_more_than_each_and_less_than_their_sum() -> None:
    looks = [(10.0, 1.0, 1), (1.1, 0.05, 200)]
    alone = [_private.epsilon_of([look], 1e-5) for look in looks]
    assert max(alone) < _private.epsilon_of(looks, 1e-5) < sum(alone)


def test_the_budget_is_used_up_and_not_passed() -> None:
    plan = _private.budget(DifferentialPrivacy(epsilon=2.0, epochs=5), 5000)
    assert 1.97 < plan.epsilon <= 2.0
    assert plan.delta == pytest.approx(1 / 50_000)
    less = replace(plan, gradient_noise=plan.gradient_noise * 0.98)
    assert _private.epsilon_of(less.looks, plan.delta) > 2.0
    record = plan.to_dict()
    assert record["noise_multiplier"] == plan.gradient_noise
    assert {"epsilon", "delta", "clip_norm", "covers", "leaves_out"} <= record.keys()


def test_noisy_frequencies_have_the_noise_that_was_asked_for() -> None:
    """Counts of 20,000 rows differ from noisy ones by normal noise of the root of 5 tokens times the multiplier."""
    tokens, rows = toy_rows(20_000, 3)
    gaps = []
    for seed in range(40):
        noisy = _private.noisy_tokens(tokens, rows, 3.0, np.random.SeedSequence(seed))
        share = np.exp(noisy[0].log_marginal.astype(float))
        gaps.append(share * 20_000 - np.bincount(rows.codes[:, 0], minlength=3))
    assert_allclose(np.std(gaps), 3.0 * 5**0.5 * (2 / 3) ** 0.5, rtol=0.35)  # shares sum to one: 2 of 3 are free


def test_noisy_tokens_stay_lawful_and_come_back_from_an_archive() -> None:
    noisy = _private.noisy_tokens(TOKENS, ROWS, 20.0, np.random.SeedSequence(0))
    for token, true in zip(noisy, TOKENS, strict=True):
        assert_allclose(np.exp(token.log_marginal.astype(float)).sum(), 1.0, atol=1e-5)
        assert_array_equal(np.isfinite(token.position), np.isfinite(true.position))
        order = token.position[np.isfinite(token.position)]
        assert (np.diff(order) >= 0).all()
        if token.log_prior is not None and true.log_prior is not None:
            assert_array_equal(np.isfinite(token.log_prior), np.isfinite(true.log_prior))
            assert_allclose(np.exp(token.log_prior).sum(axis=1), 1.0, atol=1e-5)
    for token, back in zip(noisy, with_frequencies(TOKENS, frequency_arrays(noisy)), strict=True):
        assert_array_equal(token.log_marginal, back.log_marginal)


def test_a_private_fit_learns_marginals_and_dependence() -> None:
    plan = generous()
    tokens = _private.noisy_tokens(TOKENS, ROWS, plan.frequency_noise, np.random.SeedSequence(1))
    objective: Any = _autoregressive.build(tokens, AutoregressiveNetwork(), len(ROWS), torch.Generator().manual_seed(0))
    record = _private.train_private(objective, ROWS, TRAINING, plan, seed=np.random.SeedSequence(2))
    codes = sampled(objective, 8000)
    truth = toy_rows(20_000, 9)[1].codes
    for t, token in enumerate(TOKENS):
        assert variation([codes[:, t]], [truth[:, t]], [token.n_codes]) < 0.12, t
    true_pair, sizes = [truth[:, 0], truth[:, 4]], [3, 2]
    independent = [true_pair[0], np.random.default_rng(0).permutation(true_pair[1])]
    nothing_learned = variation(independent, true_pair, sizes)
    assert variation([codes[:, 0], codes[:, 4]], true_pair, sizes) < 0.35 * nothing_learned
    assert record.n_steps == plan.n_steps
    assert record.history == ()  # a mean loss is a look at the rows without noise


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seeds_give_the_same_bits_and_others_do_not(way: str) -> None:
    plan = replace(generous(), n_steps=3)
    found = []
    for seed in (5, 5, 6):
        objective = built(way)
        _private.train_private(objective, ROWS, TRAINING, plan, seed=np.random.SeedSequence(seed))
        found.append(torch.cat([p.detach().flatten() for p in objective.module.parameters()]))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_the_vae_keeps_a_prior_that_saw_no_row() -> None:
    plan = replace(generous(), n_steps=3)
    objective = built("vae")
    _private.train_private(objective, ROWS, TRAINING, plan, seed=np.random.SeedSequence(5))
    assert all(not parameter.any() for parameter in objective.module.prior.parameters())


def test_a_step_without_any_row_is_noise_alone() -> None:
    plan = replace(generous(), n_steps=2, sample_rate=1e-9)
    _private.train_private(built("fixed"), ROWS, TRAINING, plan, seed=np.random.SeedSequence(5))


def test_it_stops_when_asked_and_refuses_what_it_cannot_keep_private() -> None:
    plan = replace(generous(), n_steps=3)
    seed = np.random.SeedSequence(0)
    with pytest.raises(CancelledError):
        _private.train_private(built("fixed"), ROWS, TRAINING, plan, seed=seed, cancel=lambda: True)
    with pytest.raises(InvalidParameterError, match="keeps no checkpoint"):
        _private.train_private(built("fixed"), ROWS, replace(TRAINING, checkpoint="x"), plan, seed=seed)
    gan: Any = _gan.build(TOKENS, GANNetwork(width=8), 2000, torch.Generator().manual_seed(0), None)
    with pytest.raises(UnsupportedOperationError, match="AutoregressiveSynthesizer and VAESynthesizer"):
        _private.train_private(gan, ROWS, TRAINING, plan, seed=seed)


@pytest.mark.parametrize(
    "option",
    [{"epsilon": 0.0}, {"delta": 1.0}, {"clip_norm": -1.0}, {"epochs": 0}, {"batch_size": 0}, {"frequencies": 0.0}],
)
def test_options_outside_their_rule_are_named(option: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterError, match=next(iter(option))):
        DifferentialPrivacy(**option)


def test_the_encoder_of_a_private_model_has_ten_rows_behind_everything() -> None:
    kept = guarded(Encoding(min_support=25, n_bins=40))
    assert (kept.min_support, kept.k_extreme, kept.relations, kept.tails, kept.n_bins) == (25, 10, False, "clip", 40)


def sampled(objective: Any, n: int) -> Any:
    with torch.no_grad():
        codes, _ = objective.sample(Request(torch.full((n, 5), -1), {}), torch.Generator().manual_seed(0))
    return codes.numpy()


def variation(a: list[Any], b: list[Any], sizes: list[int]) -> float:
    """Total variation between the joint frequencies of columns of codes."""
    shares = [np.bincount(np.ravel_multi_index(x, sizes), minlength=int(np.prod(sizes))) / len(x[0]) for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _gaussian_delta(epsilon: float, noise: float) -> float:
    upper, lower = 1 / (2 * noise) - epsilon * noise, -1 / (2 * noise) - epsilon * noise
    return float(norm.cdf(upper) - np.exp(epsilon) * norm.cdf(lower))


def _renyi_epsilon(noise: float, rate: float, n_steps: int, delta: float) -> float:
    """Mironov, Talwar and Zhang, "Renyi Differential Privacy of the Sampled Gaussian Mechanism" (2019), Sec. 3.3.

    Closed form at whole orders; to epsilon by Mironov (2017), Prop. 3.
    """
    found = []
    for order in range(2, 128):
        k = np.arange(order + 1)
        binomial = gammaln(order + 1) - gammaln(k + 1) - gammaln(order - k + 1)
        terms = binomial + (order - k) * np.log1p(-rate) + k * np.log(rate) + (k * k - k) / (2 * noise**2)
        found.append(n_steps * logsumexp(terms) / (order - 1) + np.log(1 / delta) / (order - 1))
    return float(min(found))
