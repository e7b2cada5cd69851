"""The training loop, on a small network that predicts each token from those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import Tensor, nn  # noqa: E402

from contrapeso.errors import (  # noqa: E402
    CancelledError,
    CorruptArchiveError,
    InvalidDataError,
    InvalidParameterError,
    MemoryLimitError,
    TrainingDivergedError,
    TrainingWarning,
)
from contrapeso.generators._record import TrainingRecord  # noqa: E402
from contrapeso.generators._training import Training  # noqa: E402
from contrapeso.generators.deep import _looks  # noqa: E402
from contrapeso.generators.deep._adamw import AdamW  # noqa: E402
from contrapeso.generators.deep._average import MovingAverage  # noqa: E402
from contrapeso.generators.deep._checkpoint import read_checkpoint  # noqa: E402
from contrapeso.generators.deep._device import choose_device, seeded, threads  # noqa: E402
from contrapeso.generators.deep._embed import TokenEmbedding  # noqa: E402
from contrapeso.generators.deep._heads import Heads  # noqa: E402
from contrapeso.generators.deep._loop import train  # noqa: E402
from contrapeso.generators.deep._objective import Batch, Request  # noqa: E402
from contrapeso.generators.deep._rows import Order, Source, split  # noqa: E402
from contrapeso.generators.deep._schedule import Schedule  # noqa: E402
from contrapeso.progress import Progress  # noqa: E402
from contrapeso.tables.encoding._tokens import Encoded, Token  # noqa: E402
from tests.unit._toy_tokens import toy_rows  # noqa: E402

WIDTH = 16
SEED = np.random.SeedSequence(7)
OPTIONS = Training(
    epochs=3,
    batch_size=64,
    learning_rate=0.01,
    weight_decay=0.001,
    ema=0.9,
    warmup_steps=5,
    device="cpu",
)
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


class Net(nn.Module):
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        super().__init__()
        self.embedding = TokenEmbedding(tokens, WIDTH)
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.dropout = nn.Dropout(0.2)
        self.heads = Heads(tokens, WIDTH)
        self.register_buffer("n_batches", torch.zeros((), dtype=torch.long))

    def forward(self, codes: Tensor) -> Tensor:
        before = torch.cumsum(self.embedding(codes), dim=1)[:, :-1]
        before = torch.cat([torch.zeros_like(before[:, :1]), before], dim=1)
        return self.dropout(torch.tanh(self.mix(before)))


@dataclass
class Toy:
    """Two optimizers take turns, noise comes from the loop's generator and dropout from torch's own."""

    module: Net
    says: Callable[[int, Tensor], Tensor] | None = None
    likelihood: bool = True
    too_many: int | None = None

    @classmethod
    def new(cls, **options: Any) -> Toy:
        with seeded(3):
            return cls(Net(toy_rows(1, 0)[0]), **options)

    def groups(self, training: Training) -> dict[str, list[dict[str, Any]]]:
        heads = list(self.module.heads.parameters())
        rest = [*self.module.embedding.parameters(), *self.module.mix.parameters()]
        return {"heads": [{"params": heads, "betas": (0.0, 0.99)}], "rest": [{"params": rest, "weight_decay": 0.0}]}

    def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:
        if self.too_many is not None and len(batch) > self.too_many:
            raise torch.OutOfMemoryError("CUDA out of memory")
        for name in ("heads", "rest"):
            h = self.module(batch.codes)
            h = h + 0.01 * torch.randn(h.shape, generator=generator, device=h.device)
            loss = self.module.heads.losses(h, batch.codes).sum(1).mean()
            yield name, loss if self.says is None else self.says(step, loss)
        self.module.n_batches += 1

    def held_out_loss(self, batch: Batch, generator: torch.Generator) -> Tensor | None:
        if not self.likelihood:
            return None
        losses: Tensor = self.module.heads.losses(self.module(batch.codes), batch.codes).sum(1)
        return losses

    @torch.no_grad()
    def sample(self, request: Request, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        codes = torch.full_like(request.codes, -1)
        for t in range(codes.shape[1]):
            codes[:, t] = self.module.heads.sample_token(t, self.module(codes)[:, t], codes, request, generator)
        return codes, None


class Clock:
    """Seconds pass only when somebody asks for the time."""

    def __init__(self, tick_s: float) -> None:
        self.now = 0.0
        self.tick_s = tick_s

    def __call__(self) -> float:
        self.now += self.tick_s
        return self.now


class After:
    """Asks to stop at the n-th question."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def fit(toy: Toy, training: Training = OPTIONS, *, n: int = 400, **options: Any) -> TrainingRecord:
    tokens, rows = toy_rows(n, 0)
    return train(toy, rows, tokens, training, **{"seed": SEED, **options})


def weights_of(toy: Toy) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in toy.module.state_dict().items()}


def same(some: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return some.keys() == other.keys() and all(torch.equal(some[name], other[name]) for name in some)


def timeless(record: TrainingRecord) -> TrainingRecord:
    return replace(record, cpu_s=0.0, wall_s=0.0)


def test_training_lowers_the_held_out_loss_and_leaves_evaluation_mode() -> None:
    toy = Toy.new()
    record = fit(toy, replace(OPTIONS, epochs=6), n=1000)
    losses = [entry.held_out for entry in record.history if entry.held_out is not None]
    assert losses[-1] < losses[0] - 0.1
    assert not toy.module.training
    assert record.n_rows == 900
    assert record.n_held_out == 100
    assert record.n_steps == -(-6 * 900 // 64)
    assert record.n_parameters == sum(p.numel() for p in toy.module.parameters())
    assert "epochs are done" in record.stopped_because
    assert record.chosen is not None
    assert record.to_dict()["history"][0]["step"] == record.history[0].step


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one, two, other = Toy.new(), Toy.new(), Toy.new()
    first, second = fit(one), fit(two)
    fit(other, seed=np.random.SeedSequence(8))
    assert timeless(first) == timeless(second)
    assert same(weights_of(one), weights_of(two))
    assert not same(weights_of(one), weights_of(other))


def test_training_leaves_random_streams_and_threads_as_they_were() -> None:
    with threads(2):
        state = torch.get_rng_state()
        fit(Toy.new(), replace(OPTIONS, epochs=1))
        assert torch.get_num_threads() == 2
        assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("questions", [1, 4, 8])
@pytest.mark.parametrize(("n", "probes"), [(400, 0), (5200, 2)])
def test_a_resumed_run_gives_the_bits_of_one_that_was_never_stopped(
    tmp_path: Path, questions: int, n: int, probes: int
) -> None:
    training = replace(OPTIONS, epochs=2, batch_size=n // 5, checkpoint=tmp_path / "state", probes=probes)
    whole = Toy.new()
    expected = fit(whole, replace(training, checkpoint=tmp_path / "whole"), n=n)
    stopped = Toy.new()
    with pytest.raises(CancelledError):
        fit(stopped, training, n=n, cancel=After(questions))
    fresh = Toy.new()
    fresh.module.mix.weight.data.zero_()  # the checkpoint counts, not what the module holds
    resumed = fit(fresh, training, n=n, resume=tmp_path / "state", seed=np.random.SeedSequence(99))
    assert timeless(resumed) == timeless(expected)
    assert same(weights_of(fresh), weights_of(whole))
    one, two = (read_checkpoint(tmp_path / name) for name in ("whole", "state"))
    assert one.arrays.keys() == two.arrays.keys()
    for name in one.arrays:  # live weights, average, moments and best weights
        np.testing.assert_array_equal(one.arrays[name], two.arrays[name])


def test_resuming_a_finished_run_gives_its_weights_back(tmp_path: Path) -> None:
    training = replace(OPTIONS, epochs=1, checkpoint=tmp_path / "state")
    toy, again = Toy.new(), Toy.new()
    record = fit(toy, training)
    resumed = fit(again, training, resume=tmp_path / "state")
    assert timeless(resumed) == timeless(record)
    assert same(weights_of(toy), weights_of(again))


def test_a_checkpoint_is_written_while_time_passes(tmp_path: Path) -> None:
    training = replace(OPTIONS, checkpoint=tmp_path / "state", checkpoint_every_s=5.0)
    seen = []

    def look(_: Progress) -> None:
        if (tmp_path / "state").exists():
            seen.append(read_checkpoint(tmp_path / "state").state.step)

    fit(Toy.new(), training, progress=look, clock=Clock(0.5))
    assert len(set(seen)) > 3


@pytest.mark.parametrize(
    ("change", "named"), [({"n": 401}, "rows"), ({"training": replace(OPTIONS, epochs=9)}, "options")]
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    training = replace(OPTIONS, epochs=1, checkpoint=tmp_path / "state")
    fit(Toy.new(), training)
    with pytest.raises(InvalidParameterError, match=f"other {named}"):
        fit(Toy.new(), **{"training": training, "resume": tmp_path / "state", **change})


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(CorruptArchiveError):
        fit(Toy.new(), resume=path)


def test_cancelling_is_asked_at_every_step_and_during_looks() -> None:
    asked = After(10_000)
    record = fit(Toy.new(), cancel=asked)
    assert 10_000 - asked.left >= record.n_steps + len(record.history)


def test_a_loss_that_is_no_number_stops_with_where_and_what_to_do() -> None:
    toy = Toy.new(says=lambda step, loss: loss * torch.nan if step == 4 else loss)
    with pytest.raises(
        TrainingDivergedError, match=r"nan in epoch 0\.\d+ by step 5, at learning rate .*learning_rate="
    ):
        fit(toy)


def test_where_memory_does_not_suffice_the_batch_is_halved_with_a_warning() -> None:
    toy = Toy.new(too_many=20)
    with pytest.warns(TrainingWarning, match="goes on with") as caught:
        record = fit(toy)
    assert record.batch_size == 16
    assert len(caught) == 2
    assert record.n_steps == -(-3 * 360 // 16)


def test_where_not_even_one_row_fits_it_says_so() -> None:
    with pytest.warns(TrainingWarning), pytest.raises(MemoryLimitError, match="one row"):
        fit(Toy.new(too_many=0), replace(OPTIONS, batch_size=2))


def test_other_errors_of_a_family_are_not_taken_for_memory() -> None:
    def broken(step: int, loss: Tensor) -> Tensor:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        fit(Toy.new(says=broken))


def test_over_fitting_ends_the_run_early_after_the_rate_has_cooled_down() -> None:
    toy = Toy.new()
    training = replace(OPTIONS, epochs=400, learning_rate=0.05, max_overfit=0.003)
    record = fit(toy, training, n=250)
    losses = [entry.held_out or np.inf for entry in record.history]
    past = [place for place, loss in enumerate(losses) if loss > 1.003 * min(losses[: place + 1])]
    assert "passed its lowest" in record.stopped_because
    assert record.chosen_step == record.n_steps  # cooled weights are kept: a lower rate mends what over-fitting did
    assert record.n_steps > record.history[past[0]].step
    assert max(losses[past[0] :]) < 1.1 * min(losses)
    assert record.n_steps < 400 * 225 // 64


def test_the_probe_keeps_the_better_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    areas = iter([0.9, 0.6, 0.75, 0.8])
    monkeypatch.setattr(_looks._probe, "probe", lambda *args: next(areas))
    record = fit(Toy.new(likelihood=False), replace(OPTIONS, epochs=8, batch_size=500), n=6000)
    probed = [entry for entry in record.history if entry.probe is not None]
    assert [entry.probe for entry in probed] == [0.9, 0.6, 0.75, 0.8]
    assert record.chosen_step == probed[1].step
    assert all(entry.held_out is None for entry in record.history)


def test_of_probes_that_noise_cannot_tell_apart_the_later_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    areas = iter([0.9, 0.51, 0.488, 0.8])
    monkeypatch.setattr(_looks._probe, "probe", lambda *args: next(areas))
    record = fit(Toy.new(likelihood=False), replace(OPTIONS, epochs=8, batch_size=500), n=6000)
    assert record.chosen_step == [entry.step for entry in record.history if entry.probe is not None][2]


def test_the_probe_tells_trained_weights_from_fresh_ones() -> None:
    training = replace(OPTIONS, epochs=8, batch_size=256, probes=1)
    record = fit(Toy.new(), training, n=6000)
    first = fit(Toy.new(), training, n=6000, stop_after=1)
    assert first.history[-1].probe is not None
    assert record.history[-1].probe is not None
    assert first.history[-1].probe - record.history[-1].probe > 0.1
    assert first.n_steps == 1


def test_without_validation_the_last_weights_are_kept() -> None:
    for options, n in ((replace(OPTIONS, validation=0.0), 400), (OPTIONS, 150)):
        record = fit(Toy.new(), options, n=n)
        assert record.n_rows == n
        assert record.n_held_out == 0
        assert record.chosen_step == record.n_steps
        assert all(entry.held_out is None for entry in record.history)


@pytest.mark.parametrize("n", [1, 3])
def test_a_table_of_few_rows_trains(n: int) -> None:
    record = fit(Toy.new(), n=n)
    assert record.batch_size == n
    assert record.n_steps == 3


def test_held_out_rows_may_be_given() -> None:
    _, held = toy_rows(60, 5)
    record = fit(Toy.new(), validation=held)
    assert record.n_rows == 400
    assert record.n_held_out == 60


def test_progress_only_goes_forward_and_ends_at_the_total() -> None:
    told: list[Progress] = []
    fit(Toy.new(), replace(OPTIONS, epochs=3, batch_size=200, probes=2), n=5200, progress=told.append)
    assert all(one.done <= two.done for one, two in pairwise(told))
    assert told[-1].done == told[-1].total
    assert all(entry.total == told[0].total for entry in told)
    assert told[-1].eta_s == 0
    assert told[-1].loss is not None
    assert told[-1].probe is not None


def test_a_time_budget_ends_the_run_and_its_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    factors: list[float] = []
    rate = Schedule.rate
    monkeypatch.setattr(Schedule, "rate", lambda *args: factors.append(rate(*args)) or factors[-1])
    clock = Clock(0.03)
    record = fit(Toy.new(), replace(OPTIONS, epochs=10_000, max_time_s=20.0, probes=2), n=5200, clock=clock)
    assert "time" in record.stopped_because
    assert clock.now <= 20.0
    assert clock.now > 10.0
    assert max(factors) == pytest.approx(1.0, abs=0.05)
    assert factors[-1] < 0.05


def test_a_time_budget_that_is_used_up_leaves_one_step() -> None:
    record = fit(Toy.new(), replace(OPTIONS, max_time_s=0.001), clock=Clock(1.0))
    assert record.n_steps == 1


def test_probes_that_a_time_budget_cannot_pay_are_dropped() -> None:
    record = fit(Toy.new(), replace(OPTIONS, max_time_s=0.02), n=6000)
    assert all(entry.probe is None for entry in record.history)


def test_memory_mapped_rows_give_the_same_weights(tmp_path: Path) -> None:
    tokens, rows = toy_rows(400, 0)
    assert rows.residual is not None
    mapped = []
    for name, values in (("codes", rows.codes), ("residual", rows.residual)):
        np.save(tmp_path / f"{name}.npy", values)
        mapped.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
    one, two = Toy.new(), Toy.new()
    train(one, rows, tokens, OPTIONS, seed=SEED)
    train(two, Encoded(*mapped), tokens, OPTIONS, seed=SEED)
    assert same(weights_of(one), weights_of(two))


def test_row_weights_come_with_the_batch() -> None:
    seen: list[Tensor] = []

    class Weighted(Toy):
        def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:
            assert batch.weight is not None
            seen.append(torch.stack([batch.codes[:, 0].float(), batch.weight]))
            return super().updates(batch, step, generator)

    _, rows = toy_rows(400, 0)
    fit(Weighted.new(), weights=rows.codes[:, 0] + 0.5)
    codes, weights = torch.cat(seen, dim=1)
    assert torch.equal(codes + 0.5, weights)


def test_training_goes_on_from_the_weights_that_are_there() -> None:
    toy = Toy.new()
    first = fit(toy, replace(OPTIONS, epochs=8), n=800)
    again = fit(toy, replace(OPTIONS, epochs=1, learning_rate=0.001), n=800)
    assert again.history[0].held_out is not None
    assert first.history[0].held_out is not None
    assert again.history[0].held_out < first.history[0].held_out - 0.1


def test_a_family_may_set_fresh_weights_from_rows_once() -> None:
    prepared: list[int] = []

    class Ready(Toy):
        def prepare(self, batch: Batch) -> None:
            prepared.append(len(batch))
            self.module.mix.weight.fill_(0.0)

    fit(Ready.new(), n=400)
    assert prepared == [360]
    fit(Ready.new(), n=400, fresh=False)
    assert prepared == [360]


def test_where_the_held_out_loss_turns_the_probe_is_asked_though_not_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = iter([10.0, 9.0, 9.01, 8.9, 8.8, 8.7, 8.6, 8.5])
    monkeypatch.setattr(_looks._probe, "probe", lambda *args: 0.6)

    class Scripted(Toy):
        def held_out_loss(self, batch: Batch, generator: torch.Generator) -> Tensor | None:
            return torch.full((len(batch),), next(losses))

    record = fit(Scripted.new(), replace(OPTIONS, epochs=8, batch_size=1024, probes=1), n=5100)
    assert [entry.probe for entry in record.history] == [None, None, 0.6, None, None, None, None, 0.6]


def test_building_with_a_seed_is_repeatable_and_goes_on_with_a_generator() -> None:
    def drawn(source: torch.Generator | int) -> Tensor:
        with seeded(source):
            return nn.Linear(3, 3).weight.detach()

    source = torch.Generator().manual_seed(0)
    one, two = drawn(source), drawn(source)
    assert not torch.equal(one, two)
    assert torch.equal(drawn(source.manual_seed(0)), one)
    assert torch.equal(drawn(5), drawn(5))


def test_what_cannot_be_trained_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="epochs, ema"):
        fit(Toy.new(), replace(OPTIONS, epochs=None, ema=None))
    with pytest.raises(InvalidDataError):
        fit(Toy.new(), n=0)
    if not torch.cuda.is_available():
        with pytest.raises(InvalidParameterError, match="GPU"):
            fit(Toy.new(), replace(OPTIONS, device="cuda"))


def test_bfloat16_trains_on_the_cpu() -> None:
    record = fit(Toy.new(), replace(OPTIONS, bf16=True))
    assert np.isfinite(record.history[-1].loss)


def test_compiling_without_a_gpu_is_told() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.warns(TrainingWarning, match="compile"):
        fit(Toy.new(), replace(OPTIONS, compile=True, epochs=1))


@gpu
def test_training_on_a_gpu_ends_there() -> None:
    toy = Toy.new()
    record = fit(toy, replace(OPTIONS, device="cuda"))
    assert record.device == "cuda"
    assert next(toy.module.parameters()).device.type == "cuda"


def test_the_average_equals_its_definition() -> None:
    layer = nn.Linear(3, 2)
    average = MovingAverage(layer, 0.5)
    expected = layer.weight.detach().clone()
    generator = torch.Generator().manual_seed(0)
    for step in range(20):
        with torch.no_grad():
            layer.weight.copy_(torch.randn(2, 3, generator=generator))
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * layer.weight.detach()
        average.update(step)
    live = layer.weight.detach().clone()
    with average.in_use():
        torch.testing.assert_close(layer.weight.detach(), expected)
    assert torch.equal(layer.weight, live)


def test_the_optimizer_equals_that_of_torch() -> None:
    one, two = nn.Linear(5, 4), nn.Linear(5, 4)
    two.load_state_dict(one.state_dict())
    ours = AdamW(
        [{"params": [one.weight], "weight_decay": 0.1}, {"params": [one.bias], "betas": (0.0, 0.9)}],
        lr=0.01,
        betas=(0.9, 0.99),
        weight_decay=0.0,
    )
    groups = [{"params": [two.weight], "weight_decay": 0.1}, {"params": [two.bias], "betas": (0.0, 0.9)}]
    theirs = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.99), weight_decay=0.0, fused=True)
    x = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    for step in range(20):
        for layer in (one, two):
            layer.zero_grad()
            loss = layer(x).square().sum() if step % 2 else layer.weight.sum()  # every other step has no bias
            torch.autograd.backward(loss)
        ours.step()
        theirs.step()
    assert same(dict(one.state_dict()), dict(two.state_dict()))


def test_a_parameter_group_with_an_unknown_option_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="momentum"):
        AdamW(
            [{"params": [nn.Parameter(torch.zeros(1))], "momentum": 0.9}], lr=0.1, betas=(0.9, 0.99), weight_decay=0.0
        )


def test_without_an_average_the_weights_themselves_are_used() -> None:
    layer = nn.Linear(3, 2)
    average = MovingAverage(layer, 0.0)
    average.update(0)
    assert same(average.snapshot(), dict(layer.state_dict()))


def test_every_epoch_draws_every_row_once() -> None:
    kept = np.arange(0, 30, 3)
    order = Order(30, kept, SEED)
    drawn = np.concatenate([order.rows(position, 4) for position in range(0, 40, 4)])
    assert len(order) == 10
    np.testing.assert_array_equal(np.bincount(drawn, minlength=30)[kept], 4)
    np.testing.assert_array_equal(order.rows(12, 4), Order(30, kept, SEED).rows(12, 4))


def test_held_out_rows_do_not_train() -> None:
    kept, held = split(1000, 0.1, SEED)
    assert kept is not None
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held])), np.arange(1000))
    assert len(held) == 100
    assert len(split(10**6, 0.5, SEED)[1]) == 20_000


def test_batches_do_not_follow_the_order_of_the_table() -> None:
    drawn = Order(10_000, None, SEED).rows(0, 1000)
    assert abs(np.corrcoef(np.arange(1000), drawn)[0, 1]) < 0.2  # 6 standard errors


def test_a_memory_map_gives_the_batches_that_memory_does(tmp_path: Path) -> None:
    _, rows = toy_rows(50, 1)
    mapped = np.memmap(tmp_path / "codes", dtype=np.int32, mode="w+", shape=rows.codes.shape)
    mapped[:] = rows.codes
    chosen = np.array([40, 3, 17])
    batch = Source(Encoded(mapped), None, choose_device("cpu")).batch(chosen)
    np.testing.assert_array_equal(batch.codes.numpy(), rows.codes[chosen])


def test_batches_are_the_rows_asked_for() -> None:
    _, rows = toy_rows(50, 1)
    batch = Source(rows, None, choose_device("cpu")).batch(np.array([3, 40]))
    np.testing.assert_array_equal(batch.codes.numpy(), rows.codes[[3, 40]])
    assert batch.codes.dtype == torch.int64
    assert batch.residual is not None
    assert rows.residual is not None
    np.testing.assert_array_equal(batch.residual.numpy(), rows.residual[[3, 40]])


def test_the_rate_warms_up_and_falls_to_one_percent() -> None:
    schedule = Schedule.of(replace(OPTIONS, epochs=100, warmup_steps=50), n_rows=6400, batch_size=64)
    rates = [schedule.rate(step, step / schedule.n_steps) for step in range(schedule.n_steps + 1)]
    assert rates[0] == pytest.approx(1 / 51, rel=0.01)
    assert max(rates) == pytest.approx(1.0, abs=0.001)
    assert all(one <= two for one, two in pairwise(rates[:50]))
    assert all(one >= two for one, two in pairwise(rates[51:]))
    assert rates[-1] == pytest.approx(0.01)


def test_the_share_is_the_larger_of_rows_and_time() -> None:
    schedule = Schedule.of(replace(OPTIONS, epochs=10, max_time_s=100.0), n_rows=100, batch_size=10)
    assert schedule.share(500, 10.0, 0.0) == 0.5
    assert schedule.share(500, 80.0, 0.0) == 0.8
    assert schedule.share(500, 60.0, 20.0) == 0.8
    assert schedule.share(0, 200.0, 0.0) == 1.0
    assert schedule.probe_looks()[-1] == schedule.n_looks
