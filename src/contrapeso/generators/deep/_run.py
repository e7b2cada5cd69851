"""What one training run holds: the rows, the network and its averages, the plan and where it is in it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from contrapeso._rng import child
from contrapeso.errors import CancelledError, MemoryLimitError, TrainingDivergedError, TrainingWarning
from contrapeso.generators import _probe
from contrapeso.generators._training import Training
from contrapeso.generators.deep._adamw import AdamW
from contrapeso.generators.deep._average import MovingAverage
from contrapeso.generators.deep._checkpoint import Parts, State, made_for
from contrapeso.generators.deep._device import choose_device, is_out_of_memory, threads
from contrapeso.generators.deep._objective import Batch, Objective
from contrapeso.generators.deep._rows import Order, Rows, Source, some, split
from contrapeso.generators.deep._schedule import Schedule
from contrapeso.progress import Cancel, ProgressCallback
from contrapeso.tables.encoding._tokens import Encoded, Token

Clock = Callable[[], float]
R = TypeVar("R")

SPLIT, ORDER, STEP, JUDGE, SAMPLE, PROBE, PILOT = range(7)
"""Children of the seed of a run."""
BETAS = (0.9, 0.99)
PREPARE_ROWS = 65_536


@runtime_checkable
class Prepares(Protocol):
    """A family that starts fresh weights from data."""

    def prepare(self, batch: Batch) -> None:
        """Set weights from some training rows, before the first step of a fresh network."""


@dataclass(slots=True)
class Run:
    """One training run: what it works with, and where it is (``state``)."""

    objective: Objective
    tokens: Sequence[Token]
    training: Training
    seed: np.random.SeedSequence
    device: torch.device
    source: Source
    order: Order
    held_out: Source | None
    held_rows: Rows
    real: Encoded | None
    schedule: Schedule
    parts: Parts
    purpose: dict[str, Any]
    state: State
    progress: ProgressCallback
    cancel: Cancel
    clock: Clock
    stop_after: int | None
    best: dict[str, Tensor] | None = None
    pending: list[Tensor] = field(default_factory=list)
    started: float = 0.0
    cpu_started: float = 0.0
    saved_at: float = 0.0
    told: tuple[int, float, float] = (0, -1.0, 0.0)  # done, share and time of the last progress
    rate_factor: float = 0.0
    look_s: float = 0.0
    step_s: float = 0.0

    def elapsed_s(self) -> float:
        """Wall seconds, those before a resumption included."""
        return self.clock() - self.started

    def cooled(self) -> float:
        """How much of the cooling is done; 0 before it."""
        start = self.state.cooling_from
        return 0.0 if start is None else self.schedule.cooled(self.state.position, start)

    def share(self) -> float:
        """How much of the run is done."""
        return self.schedule.share(self.state.position, self.elapsed_s(), self.look_s + self.step_s)


def begin(
    objective: Objective,
    rows: Encoded,
    tokens: Sequence[Token],
    training: Training,
    *,
    seed: np.random.SeedSequence,
    weights: NDArray[np.float64] | None,
    validation: Encoded | None,
    progress: ProgressCallback,
    cancel: Cancel,
    stop_after: int | None,
    fresh: bool,
    clock: Clock,
) -> Run:
    """A run before its first step, on its device; the arguments are those of :func:`._loop.train`."""
    device = choose_device(training.device)
    module = objective.module.to(device)
    source = Source(rows, weights, device)
    if validation is None:
        kept, held_rows = split(len(rows), training.validation, child(seed, SPLIT))
        judges, held_out = rows, source
    else:
        kept, held_rows = None, some(len(validation), child(seed, SPLIT))
        judges, held_out = validation, Source(validation, None, device)
    order = Order(len(rows), kept, child(seed, ORDER))
    batch_size = min(training.batch_size or 1, len(order))
    if fresh and isinstance(objective, Prepares):
        with threads(training.n_threads), torch.no_grad():
            objective.prepare(source.batch(order.rows(0, min(PREPARE_ROWS, len(order)))))
    return Run(
        objective=objective,
        tokens=tokens,
        training=training,
        seed=seed,
        device=device,
        source=source,
        order=order,
        held_out=held_out if len(held_rows) else None,
        held_rows=held_rows,
        real=_real(judges, held_rows) if training.probes and len(held_rows) >= _probe.MIN_ROWS else None,
        schedule=Schedule.of(training, len(order), batch_size),
        parts=Parts(module, MovingAverage(module, training.ema or 0.0), _optimizers(objective, training)),
        purpose=made_for(rows, tokens, training, module),
        state=State(batch_size),
        progress=progress,
        cancel=cancel,
        stop_after=stop_after,
        clock=clock,
    )


def _optimizers(objective: Objective, training: Training) -> dict[str, AdamW]:
    rate, decay = training.learning_rate or 0.0, training.weight_decay or 0.0
    groups = objective.groups(training).items()
    return {name: AdamW(own, lr=rate, betas=BETAS, weight_decay=decay) for name, own in groups}


def _real(rows: Encoded, chosen: Rows) -> Encoded:
    """Rows that the probe compares with: at most 4000 of the chosen ones."""
    chosen = chosen[:: -(-len(chosen) // _probe.MAX_ROWS)]
    return Encoded(np.array(rows.codes[chosen]), None if rows.residual is None else np.array(rows.residual[chosen]))


def ask(run: Run) -> None:
    """Raise CancelledError if whoever waits has asked to stop."""
    if run.cancel():
        raise CancelledError(f"Training was cancelled at step {run.state.step}.", {"step": run.state.step})


def flush(run: Run) -> None:
    """Read the losses of the last steps and see that they are numbers."""
    if not run.pending:
        return
    values = torch.stack(run.pending).double().tolist()
    run.pending.clear()
    for value in values:
        check_finite(run, value, "loss")
    run.state.loss_sum += math.fsum(values)
    run.state.n_losses += len(values)


def check_finite(run: Run, value: float, what: str) -> None:
    if math.isfinite(value):
        return
    rate = run.rate_factor * max(group.lr for own in run.parts.optimizers.values() for group in own.groups)
    epoch, peak = run.state.position / len(run.order), run.training.learning_rate or 0.0
    raise TrainingDivergedError(
        f"The {what} became {value} in epoch {epoch:.2f} by step {run.state.step}, at learning rate {rate:.2g}. "
        f"Try Training(learning_rate={peak / 3:.1g}), a longer warmup_steps or a smaller clip_norm.",
        {"epoch": epoch, "step": run.state.step, "learning_rate": rate, "loss": str(value)},
    )


def halving(run: Run, work: Callable[[Run], R]) -> R:
    """``work`` of the run; where memory does not suffice, again with half of the batch."""
    while True:
        try:
            return work(run)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            size = run.state.batch_size
        if size <= 1:
            raise MemoryLimitError("Memory does not suffice for a batch of one row. Use a smaller network.")
        run.state.batch_size = size // 2
        for optimizer in run.parts.optimizers.values():
            optimizer.clear()
        if run.device.type == "cuda":
            torch.cuda.empty_cache()
        warnings.warn(
            f"Memory did not suffice for a batch of {size} rows; training goes on with {size // 2}.", TrainingWarning, 5
        )


__all__ = [
    "JUDGE",
    "ORDER",
    "PILOT",
    "PROBE",
    "SAMPLE",
    "SPLIT",
    "STEP",
    "Clock",
    "Run",
    "ask",
    "begin",
    "check_finite",
    "flush",
    "halving",
]
