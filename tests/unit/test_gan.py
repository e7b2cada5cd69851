"""Adversarial generators: their penalties and gradients against oracles, and what small ones learn of toy rows."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from contrapeso.errors import InvalidParameterError, UnmetConditionsError, UnsupportedOperationError  # noqa: E402
from contrapeso.generators.deep import _conditional_gan as conditional  # noqa: E402
from contrapeso.generators.deep import _gan as plain  # noqa: E402
from contrapeso.generators.deep._conditional_gan import ConditionalGANNetwork, ConditionalGANObjective  # noqa: E402
from contrapeso.generators.deep._discriminator import Discriminator, gradient_penalty  # noqa: E402
from contrapeso.generators.deep._gan import GANNetwork, GANObjective  # noqa: E402
from contrapeso.generators.deep._loop import train  # noqa: E402
from contrapeso.generators.deep._objective import Batch, Request  # noqa: E402
from contrapeso.generators.deep._pair_moments import PairMoments  # noqa: E402
from contrapeso.generators.deep._straight_through import draw_codes, embed_drawn  # noqa: E402
from contrapeso.progress import Progress, never  # noqa: E402
from contrapeso.tables.encoding._tokens import Token  # noqa: E402
from tests.unit._toy_tokens import AMOUNT, FINE, FLAG, KIND, LEVEL, toy_rows, toy_tokens  # noqa: E402

SMALL = {"noise": 16, "width": 64, "n_blocks": 2, "discriminator_width": 48, "warm_steps": 60}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def token(counts: list[int]) -> Token:
    share = np.asarray(counts, dtype=float)
    none = np.full(len(counts), np.nan, dtype=np.float32)
    log_marginal = np.log(share / share.sum()).astype(np.float32)
    return Token("c", "value", len(counts), none, log_marginal, np.zeros(len(counts), dtype=bool))


def fit(objective: GANObjective, codes: torch.Tensor, *, n_steps: int, batch_size: int = 256, seed: int = 0) -> None:
    """The plainest loop: AdamW, a clipped norm, a rate that falls to nothing."""
    training = plain.defaults(len(codes), toy_tokens()).filled(plain.defaults(len(codes), ()))
    optimizers = {name: torch.optim.AdamW(groups) for name, groups in objective.groups(training).items()}
    rates = {name: groups[0]["lr"] for name, groups in objective.groups(training).items()}
    generator = seeded(seed)
    for step in range(n_steps):
        rows = codes[torch.randint(len(codes), (batch_size,), generator=generator)]
        for name, loss in objective.updates(Batch(rows), step, generator):
            assert torch.isfinite(loss)
            optimizers[name].param_groups[0]["lr"] = rates[name] * (1 - step / n_steps)
            optimizers[name].zero_grad()
            loss.backward()
            parameters = [p for group in optimizers[name].param_groups for p in group["params"]]
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizers[name].step()


def joint(codes: np.ndarray, a: int, b: int, shape: tuple[int, int]) -> np.ndarray:
    return np.bincount(codes[:, a] * shape[1] + codes[:, b], minlength=shape[0] * shape[1]) / len(codes)


def pair_error(codes: np.ndarray, real: np.ndarray) -> float:
    """Mean total variation of the pairs of kind, level (in eighths), amount and flag."""
    sizes = {KIND: 3, LEVEL: 8, AMOUNT: 16, FLAG: 2}
    found = []
    for table in (codes, real):
        rows = table.copy()
        rows[:, LEVEL] //= 4
        found.append([joint(rows, a, b, (sizes[a], sizes[b])) for a in sizes for b in sizes if a < b])
    return float(np.mean([np.abs(p - q).sum() / 2 for p, q in zip(*found, strict=True)]))


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    return toy_rows(6000, seed=1)[1].codes.astype(np.int64)


@pytest.fixture(scope="module")
def gan(real: np.ndarray) -> GANObjective:
    objective = plain.build(toy_tokens(), GANNetwork(**SMALL), len(real), seeded(), None)
    fit(objective, torch.from_numpy(real), n_steps=250)
    return objective


@pytest.fixture(scope="module")
def cgan(real: np.ndarray) -> ConditionalGANObjective:
    network = ConditionalGANNetwork(**{**SMALL, "warm_steps": 120})
    objective = conditional.build(toy_tokens(), network, len(real), seeded(), KIND)
    fit(objective, torch.from_numpy(real), n_steps=350)
    return objective


def sample(objective: GANObjective, n: int, seed: int = 0, codes: torch.Tensor | None = None) -> np.ndarray:
    request = Request(torch.full((n, 5), -1) if codes is None else codes, {})
    with torch.inference_mode():
        found, residual = objective.sample(request, seeded(seed))
    assert residual is None
    return found.numpy()


def shuffled(rows: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.column_stack([rng.permutation(column) for column in rows.T])


def test_pairs_are_much_nearer_than_those_of_independent_columns(gan: GANObjective, real: np.ndarray) -> None:
    held_out = toy_rows(6000, seed=2)[1].codes.astype(np.int64)
    assert pair_error(sample(gan, 6000), held_out) < pair_error(shuffled(real), held_out) / 3


def test_a_child_follows_its_parent_by_the_prior(gan: GANObjective) -> None:
    codes = sample(gan, 20_000)
    prior = np.exp(np.asarray(toy_tokens()[FINE].log_prior, dtype=float))
    busy = np.bincount(codes[:, LEVEL], minlength=32) > 500
    counts = joint(codes, LEVEL, FINE, (32, 8)).reshape(32, 8)
    share = counts[busy] / counts[busy].sum(axis=1, keepdims=True)
    assert np.abs(share - prior[busy]).max() < 0.08  # 500 draws: five standard errors of a share of .15
    assert counts[prior == 0].sum() == 0


@pytest.mark.parametrize("family", [plain, conditional])
def test_the_same_seed_gives_the_same_weights_and_rows_through_the_loop(family: ModuleType) -> None:
    tokens, rows = toy_rows(1500, seed=1)
    options = {**SMALL, "warm_steps": 6}
    network = GANNetwork(**options) if family is plain else ConditionalGANNetwork(**options)
    training = replace(plain.defaults(len(rows), tokens), epochs=2, probes=1, device="cpu")
    found = []
    for _ in range(2):
        objective = family.build(tokens, network, len(rows), seeded(5), KIND)
        seed = np.random.SeedSequence(7)
        done = train(
            objective, rows, tokens, training, seed=seed, weights=None, validation=None, progress=ignore, cancel=never
        )
        assert np.isfinite([entry.loss for entry in done.history]).all()
        found.append(objective)
    for name, value in found[0].module.state_dict().items():
        assert torch.equal(value, found[1].module.state_dict()[name]), name
    assert np.array_equal(sample(found[0], 50, seed=3), sample(found[1], 50, seed=3))
    assert not np.array_equal(sample(found[0], 50, seed=3), sample(found[0], 50, seed=4))


def ignore(progress: Progress) -> None:
    """Take no notice of the progress."""


def test_the_plain_network_refuses_conditions(gan: GANObjective) -> None:
    codes = torch.full((4, 5), -1)
    codes[2, KIND] = 1
    with pytest.raises(UnsupportedOperationError, match="conditional GAN"):
        sample(gan, 4, codes=codes)
    mask = {KIND: torch.ones(4, 3, dtype=torch.bool)}
    with pytest.raises(UnsupportedOperationError, match="knows no conditions"):
        gan.sample(Request(torch.full((4, 5), -1), mask), seeded())


def test_losses_say_nothing_of_held_out_rows(gan: GANObjective, real: np.ndarray) -> None:
    assert gan.held_out_loss(Batch(torch.from_numpy(real[:8])), seeded()) is None


@given(st.integers(0, 2**31), st.lists(st.integers(0, 4), max_size=5, unique=True))
@settings(deadline=None, max_examples=20)
def test_given_codes_are_kept(cgan: ConditionalGANObjective, seed: int, columns: list[int]) -> None:
    rows = torch.from_numpy(toy_rows(40, seed)[1].codes.astype(np.int64))
    asked = torch.full_like(rows, -1)
    asked[:, columns] = rows[:, columns]
    asked[::3] = -1
    found = torch.from_numpy(sample(cgan, 40, seed, asked))
    assert torch.equal(found[asked >= 0], asked[asked >= 0])
    assert bool((found >= 0).all())


def test_rows_of_a_class_look_like_that_class(cgan: ConditionalGANObjective) -> None:
    held_out = toy_rows(12_000, seed=2)[1].codes.astype(np.int64)
    for kind in range(3):
        asked = torch.full((4000, 5), -1)
        asked[:, KIND] = kind
        own = held_out[held_out[:, KIND] == kind]
        found = sample(cgan, 4000, codes=asked)
        error = pair_error(found, own)
        assert error < pair_error(held_out, own) / 3
        assert error < 0.2


def test_conditions_move_the_other_columns(cgan: ConditionalGANObjective) -> None:
    shares = []
    for level in (10, 22):
        asked = torch.full((2000, 5), -1)
        asked[:, LEVEL] = level
        shares.append(sample(cgan, 2000, codes=asked)[:, FLAG].mean())
    assert shares[0] < 0.3 < 0.5 < shares[1]  # the law: .06 and .96; so few steps reach about .1 and .65


def test_masks_of_what_is_allowed_are_obeyed(cgan: ConditionalGANObjective) -> None:
    mask = torch.zeros(500, 16, dtype=torch.bool)
    mask[:, [7, 15]] = True
    codes, _ = cgan.sample(Request(torch.full((500, 5), -1), {AMOUNT: mask}), seeded())
    assert set(codes[:, AMOUNT].tolist()) <= {7, 15}
    nothing = {AMOUNT: torch.zeros(500, 16, dtype=torch.bool)}
    with pytest.raises(UnmetConditionsError):
        cgan.sample(Request(torch.full((500, 5), -1), nothing), seeded())


def test_a_child_that_is_asked_for_gets_a_parent_that_has_it(cgan: ConditionalGANObjective) -> None:
    asked = torch.full((500, 5), -1)
    asked[:, FINE] = 6
    codes = sample(cgan, 500, codes=asked)
    assert (codes[:, FINE] == 6).all()
    assert codes[:, LEVEL].max() < 24  # higher levels have four fine codes only


def test_classes_weigh_by_the_root_of_their_rarity_within_bounds() -> None:
    tokens = [token([9000, 900, 100])]
    objective = conditional.build(tokens, ConditionalGANNetwork(**SMALL), 10_000, seeded(), 0)
    weight = objective._class_weight
    assert weight is not None
    np.testing.assert_allclose((weight / weight[0]).numpy(), [1.0, 10**0.5, 5.0], rtol=1e-5)
    assert float(weight @ torch.tensor([0.9, 0.09, 0.01])) == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize("family", ["plain", "conditional"])
@pytest.mark.parametrize("packing", [1, 3])
def test_constant_binary_and_long_tokens_leave_no_nan(family: str, packing: int) -> None:
    tokens = [token([50]), token([1, 49]), token([1] * 255 + [45]), token([25, 25])]
    rng = np.random.default_rng(0)
    columns = [np.zeros(50), rng.integers(0, 2, 50), rng.integers(0, 256, 50), np.ones(50)]
    codes = torch.from_numpy(np.column_stack(columns).astype(np.int64))
    options = {**SMALL, "warm_steps": 2, "packing": packing}
    objective: GANObjective
    if family == "plain":
        objective = plain.build(tokens, GANNetwork(**options), 50, seeded(), None)
    else:
        objective = conditional.build(tokens, ConditionalGANNetwork(**options), 50, seeded(), 1)
    fit(objective, codes, n_steps=12, batch_size=16)
    assert all(bool(torch.isfinite(p).all()) for p in objective.module.parameters())
    found, _ = objective.sample(Request(torch.full((30, 4), -1), {}), seeded())
    assert bool((found >= 0).all())
    assert bool((found < torch.tensor([1, 2, 256, 2])).all())


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_batch_of_few_rows_and_a_table_of_one_column_train(n: int) -> None:
    objective = plain.build([token([3, 2])], GANNetwork(**{**SMALL, "warm_steps": 0}), 5, seeded(), None)
    fit(objective, torch.tensor([[0], [1], [0]]), n_steps=4, batch_size=n)
    assert len(objective.sample(Request(torch.full((n, 1), -1), {}), seeded())[0]) == n


def test_first_steps_train_the_generator_alone(real: np.ndarray) -> None:
    objective = plain.build(toy_tokens(), GANNetwork(**SMALL), len(real), seeded(), None)
    batch = Batch(torch.from_numpy(real[:64]))
    assert [name for name, _ in objective.updates(batch, 59, seeded())] == ["generator"]
    assert [name for name, _ in objective.updates(batch, 60, seeded())] == ["discriminator", "generator"]


def test_each_side_moves_its_own_weights_only(real: np.ndarray) -> None:
    objective = conditional.build(toy_tokens(), ConditionalGANNetwork(**SMALL), len(real), seeded(), KIND)
    groups = objective.groups(plain.defaults(1000, ()))
    own = {name: {id(p) for group in found for p in group["params"]} for name, found in groups.items()}
    assert not own["discriminator"] & own["generator"]
    assert own["discriminator"] | own["generator"] == {id(p) for p in objective.module.parameters()}
    for name, loss in objective.updates(Batch(torch.from_numpy(real[:64])), 60, seeded()):
        objective.module.zero_grad()
        loss.backward()
        touched = {id(p) for p in objective.module.parameters() if p.grad is not None and bool(p.grad.any())}
        assert touched
        assert touched <= own[name]


def test_gradient_penalty_equals_a_slope_taken_row_by_row() -> None:
    judge = Discriminator(12, 8)
    embedded = torch.randn(5, 8, generator=seeded(), requires_grad=True)
    found = gradient_penalty(judge(embedded), embedded)
    slopes = torch.autograd.functional.jacobian(judge, embedded.detach())  # (5, 5, 8)
    expected = slopes.square().sum(dim=2).diagonal().mean()
    torch.testing.assert_close(found, expected)
    eps = 1e-3
    shifts = eps * torch.eye(8)
    differences = torch.stack([judge(embedded + s) - judge(embedded - s) for s in shifts], dim=1) / (2 * eps)
    torch.testing.assert_close(found, differences.square().sum(dim=1).mean(), rtol=2e-2, atol=1e-4)


def test_gradient_of_the_penalty_reaches_the_weights() -> None:
    judge = Discriminator(12, 8).double()
    embedded = torch.randn(4, 8, dtype=torch.float64, generator=seeded())

    def penalty(weight: torch.Tensor) -> torch.Tensor:
        inputs = embedded.clone().requires_grad_()
        score = torch.func.functional_call(judge, {"features.weight": weight}, (inputs,))
        return gradient_penalty(score, inputs)

    assert torch.autograd.gradcheck(penalty, (judge.features.weight.detach().clone().requires_grad_(),), atol=1e-4)


def test_packed_rows_are_judged_together() -> None:
    judge = Discriminator(12, 8, packing=3)
    assert judge(torch.randn(9, 8, generator=seeded())).shape == (3,)


def test_drawn_codes_come_with_their_probabilities() -> None:
    shares = torch.tensor([0.1, 0.0, 0.6, 0.3, 1.0, 0.25, 0.75])
    codes = draw_codes(shares.expand(40_000, -1), [4, 1, 2], seeded())
    counts = [torch.bincount(codes[:, t], minlength=size) / 40_000 for t, size in enumerate([4, 1, 2])]
    assert (torch.cat(counts) - shares).abs().max() < 0.0125  # five standard errors
    assert counts[0][1] == 0


def test_embedding_drawn_codes_equals_one_hot_rows_and_their_gradient() -> None:
    table = torch.randn(6, 3, generator=seeded())
    rows = torch.tensor([[0, 5], [2, 4]])
    probabilities = torch.rand(2, 6, generator=seeded(1)).requires_grad_()
    expected_in = probabilities.detach().clone().requires_grad_()
    hard = functional.one_hot(rows, 6).sum(dim=1).float()
    expected = (hard + expected_in - expected_in.detach()) @ table
    found = embed_drawn(probabilities, rows, table)
    torch.testing.assert_close(found, expected)
    found.square().sum().backward()
    expected.square().sum().backward()
    torch.testing.assert_close(probabilities.grad, expected_in.grad)


def test_running_pairs_equal_those_of_all_rows_at_once(real: np.ndarray) -> None:
    tokens = [toy_tokens()[t] for t in (KIND, FLAG)]
    moments = PairMoments(tokens, len(real))
    rows = torch.from_numpy(real[:, [KIND, FLAG]]) + torch.tensor([0, 3])
    weight = torch.rand(len(rows), generator=seeded()) + 0.5
    for start in range(0, len(rows), 700):
        moments.observe(rows[start : start + 700], weight[start : start + 700])
    hard = functional.one_hot(rows, 5).sum(dim=1).double()
    share = (weight / weight.sum()).double()
    torch.testing.assert_close(moments.singles.double(), share @ hard, rtol=1e-4, atol=1e-6)
    scaled = hard * moments._scale
    torch.testing.assert_close(moments.pairs.double(), scaled.T @ (scaled * share[:, None]), rtol=1e-4, atol=1e-6)


def test_distance_of_pairs_has_no_bias_and_a_floor_at_the_truth(real: np.ndarray) -> None:
    tokens = [toy_tokens()[t] for t in (KIND, FLAG)]
    moments = PairMoments(tokens, len(real))
    rows = torch.from_numpy(real[:, [KIND, FLAG]]) + torch.tensor([0, 3])
    moments.observe(rows)
    same = torch.stack([moments(_one_hot(rows, seed)) for seed in range(200)])
    shuffled_rows = rows.clone()
    shuffled_rows[:, 1] = rows[torch.randperm(len(rows), generator=seeded()), 1]
    apart = torch.stack([moments(_one_hot(shuffled_rows, seed)) for seed in range(200)])
    assert abs(float(same.mean())) < 4 * float(same.std()) / 200**0.5  # 4 standard errors around 0
    assert float(apart.mean()) > 10 * float(same.std()) / 200**0.5


def test_distance_of_given_pairs_sees_free_tokens_that_ignore_the_condition(real: np.ndarray) -> None:
    tokens = [toy_tokens()[t] for t in (KIND, FLAG)]
    moments = PairMoments(tokens, len(real))
    rows = torch.from_numpy(real[:, [KIND, FLAG]]) + torch.tensor([0, 3])
    moments.observe(rows)
    asked = torch.tensor([[True, False]]).expand(len(rows), -1)
    follow = torch.stack([(rows[rows[:, 0] == kind, 1] == 4).float().mean() for kind in range(3)])[rows[:, 0]]
    kinds = functional.one_hot(rows[:, 0], 3).float()
    true = torch.cat([kinds, 1 - follow[:, None], follow[:, None]], dim=1)
    blind = torch.cat([kinds, functional.one_hot(rows[:, 1] - 3, 2).float().mean(dim=0).expand(len(rows), -1)], dim=1)
    distances = [float(moments.conditional(found, rows, asked)) for found in (true, blind)]
    assert abs(distances[0]) < distances[1] / 50
    nothing = torch.zeros_like(asked)
    assert float(moments.conditional(blind, rows, nothing)) == 0.0


def _one_hot(rows: torch.Tensor, seed: int) -> torch.Tensor:
    chosen = rows[torch.randint(len(rows), (128,), generator=seeded(seed))]
    return functional.one_hot(chosen, 5).sum(dim=1).float()


def test_long_tokens_are_merged_for_the_pairs() -> None:
    ordered = toy_tokens()[LEVEL]
    moments = PairMoments([ordered, *[token([5, 3])] * 100], 1000)
    assert moments.pairs.shape[0] <= 7 + 200


@pytest.mark.parametrize("options", [{"noise": 0}, {"width": 0}, {"penalty": -1.0}, {"packing": 0}, {"warm_steps": -1}])
def test_impossible_sizes_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(InvalidParameterError, match=next(iter(options))):
        GANNetwork(**options)


@pytest.mark.parametrize("options", [{"target_share": 0.9, "free_share": 0.2}, {"max_class_weight": 0.5}])
def test_impossible_conditions_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidParameterError, match="ConditionalGANNetwork"):
        ConditionalGANNetwork(**options)


def test_defaults_leave_nothing_open() -> None:
    for n in (1, 1000, 32_561, 10_000_000):
        training = plain.defaults(n, toy_tokens())
        options = (training.epochs, training.batch_size, training.learning_rate, training.weight_decay, training.ema)
        assert None not in options
