"""The one training loop of all networks: it knows rows, time and weights, and nothing of what a loss means.

A run is a sequence of steps with looks between them (:mod:`._looks`). Every step draws from streams seeded by the seed
of the run and its own number, so a resumed run needs no state of them.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from contrapeso._rng import child
from contrapeso.errors import CancelledError, InvalidDataError, InvalidParameterError, TrainingWarning
from contrapeso.generators._record import TrainingRecord
from contrapeso.generators._training import Training
from contrapeso.generators.deep._adamw import AdamW
from contrapeso.generators.deep._checkpoint import read_checkpoint, write_checkpoint
from contrapeso.generators.deep._device import autocast, seed_streams, seeded, threads, torch_seed
from contrapeso.generators.deep._looks import look_if_due, plan_probes
from contrapeso.generators.deep._objective import Objective
from contrapeso.generators.deep._run import STEP, Clock, Run, ask, begin, flush, halving
from contrapeso.progress import Cancel, Progress, ProgressCallback, never, silent
from contrapeso.tables.encoding._tokens import Encoded, Token

CHECK_STEPS = 16
"""Steps between two readings of the loss on a GPU, where each reading waits for the device."""
TELL_SHARE, TELL_S = 0.005, 0.5
"""Progress is told after such a share of the run, or such a time."""


def train(
    objective: Objective,
    rows: Encoded,
    tokens: Sequence[Token],
    training: Training,
    *,
    seed: np.random.SeedSequence,
    weights: NDArray[np.float64] | None = None,
    validation: Encoded | None = None,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
    resume: Path | None = None,
    stop_after: int | None = None,
    fresh: bool = True,
    clock: Clock = time.monotonic,
) -> TrainingRecord:
    """Train ``objective.module`` from the weights it has; the chosen ones are in it at the end (evaluation mode).

    Parameters
    ----------
    rows : Encoded
        Training rows; memory maps are read batch by batch.
    training : Training
        Options, none of the family's (epochs, batch_size, learning_rate, weight_decay, ema) None.
    weights : ndarray of shape (n,), optional
        Weight of each row, given to the objective with the batch; the held-out loss is weighted by it as well.
    validation : Encoded, optional
        Rows to judge by; by default ``training.validation`` of ``rows``, which then do not train.
    resume : Path, optional
        A checkpoint to go on from. Its seed counts, not ``seed``.
    stop_after : int, optional
        Steps after which to end although the schedule goes on: to repeat on all rows a run that chose so many.
    fresh : bool, default=True
        Whether the weights are a fresh start, which some families set from rows first; False to learn on from them.
    clock : callable, default=time.monotonic

    Raises
    ------
    CancelledError
        If ``cancel`` said so; with ``training.checkpoint`` the state is kept.
    TrainingDivergedError
        If a loss is NaN or infinite.
    MemoryLimitError
        If memory does not suffice for a batch of one row.
    InvalidParameterError
        If an option is missing, the device is not there, or the checkpoint is of another run.
    """
    _check(rows, training)
    saved = None if resume is None else read_checkpoint(resume)
    seed = seed if saved is None else saved.seed
    run = begin(
        objective,
        rows,
        tokens,
        training,
        seed=seed,
        weights=weights,
        validation=validation,
        progress=progress,
        cancel=cancel,
        stop_after=stop_after,
        fresh=fresh and saved is None,
        clock=clock,
    )
    if saved is not None:
        saved.check(run.purpose)
        run.state = saved.state
        run.best = run.parts.unpack(saved.arrays) or None
    with _settings(run):
        _go(run)
    return _record(run)


def _check(rows: Encoded, training: Training) -> None:
    missing = [
        name
        for name in ("epochs", "batch_size", "learning_rate", "weight_decay", "ema")
        if getattr(training, name) is None
    ]
    if missing:
        raise InvalidParameterError(f"Training needs {', '.join(missing)}; fill them with the family's defaults.")
    if len(rows) == 0:
        raise InvalidDataError("There is no row to train on. Give at least one.")


@contextmanager
def _settings(run: Run) -> Iterator[None]:
    """Threads and random streams of torch as the run wants them, then as they were."""
    run.started = run.clock() - run.state.elapsed_s
    run.cpu_started = time.process_time() - run.state.cpu_s
    run.saved_at = run.clock()
    with threads(run.training.n_threads), seeded(torch_seed(run.seed), run.device):
        yield


def _go(run: Run) -> None:
    """Take steps, with looks between them, until the run is over; then put the chosen weights in place."""
    run.objective.module.train()
    if run.training.compile:
        _compile(run)
    try:
        if run.state.stopped is None:
            plan_probes(run)
        while run.state.stopped is None:
            if run.state.step:
                look_if_due(run)
            if run.state.stopped is None:
                ask(run)
                halving(run, _step)
                _tell(run, run.share())
                _save_if_due(run)
    except CancelledError:
        _save(run)
        raise
    flush(run)
    _save(run)
    chosen = run.best if run.best is not None else run.parts.average.snapshot()
    run.objective.module.load_state_dict(chosen)
    run.objective.module.eval()
    _tell(run, 1.0)


def _compile(run: Run) -> None:
    if run.device.type == "cuda":
        run.objective.module.compile()
    else:
        warnings.warn(
            "Training.compile is for a GPU; there is none in use, so nothing is compiled.", TrainingWarning, 4
        )


def _step(run: Run) -> None:
    """One batch: the updates that the objective asks for, and the average."""
    state, begun = run.state, run.clock()
    batch = run.source.batch(run.order.rows(state.position, state.batch_size))
    run.rate_factor = run.schedule.rate(state.step, run.share()) * (1.0 - run.cooled())
    words = child(run.seed, STEP, state.step).generate_state(2, np.uint64) >> np.uint64(1)
    seed_streams(int(words[0]), run.device)
    generator = torch.Generator(run.device).manual_seed(int(words[1]))
    loss = None
    updates = run.objective.updates(batch, state.step, generator)
    while (update := _next(run, updates)) is not None:
        name, loss = update
        _update(run.parts.optimizers[name], loss, run.rate_factor, run.training.clip_norm)
    run.parts.average.update(state.step)
    if loss is not None:
        run.pending.append(loss.detach())
    state.step += 1
    state.position += len(batch)
    if run.device.type == "cpu" or state.step % CHECK_STEPS == 0:
        flush(run)
    run.step_s = max(run.step_s, run.clock() - begun)


def _next(run: Run, updates: Iterator[tuple[str, Tensor]]) -> tuple[str, Tensor] | None:
    with autocast(run.device, bf16=run.training.bf16):  # forward only: backward runs in the types of the forward
        return next(updates, None)


def _update(optimizer: AdamW, loss: Tensor, factor: float, clip_norm: float) -> None:
    optimizer.clear()
    torch.autograd.backward(loss)
    if clip_norm > 0:
        torch.nn.utils.clip_grad_norm_(optimizer.parameters, clip_norm, foreach=True)
    optimizer.step(factor)


def _tell(run: Run, share: float) -> None:
    done, told_share, told_at = run.told
    now = run.clock()
    if share < 1.0 and share < told_share + TELL_SHARE and now < told_at + TELL_S:
        return
    state, total = run.state, run.schedule.n_steps
    done = max(done, min(int(share * total), total))
    run.told = (done, share, now)
    loss = state.loss_sum / state.n_losses if state.n_losses else state.history[-1].loss if state.history else None
    probe = next((entry.probe for entry in reversed(state.history) if entry.probe is not None), None)
    eta_s = run.elapsed_s() * (1.0 - share) / share if share > 0 else None
    run.progress(Progress("training", done, total, loss, probe, eta_s))


def _save_if_due(run: Run) -> None:
    if run.training.checkpoint is not None and run.clock() - run.saved_at >= run.training.checkpoint_every_s:
        _save(run)


def _save(run: Run) -> None:
    if run.training.checkpoint is None:
        return
    flush(run)
    run.state.elapsed_s = run.elapsed_s()
    run.state.cpu_s = time.process_time() - run.cpu_started
    write_checkpoint(run.training.checkpoint, run.state, run.seed, run.purpose, run.parts.packed(run.best))
    run.saved_at = run.clock()


def _record(run: Run) -> TrainingRecord:
    state = run.state
    return TrainingRecord(
        stopped_because=state.stopped or "",
        history=tuple(state.history),
        n_steps=state.step,
        chosen_step=state.step if state.chosen_step is None else state.chosen_step,
        n_rows=len(run.order),
        n_held_out=len(run.held_rows),
        batch_size=state.batch_size,
        n_parameters=sum(parameter.numel() for parameter in run.objective.module.parameters()),
        device=str(run.device),
        cpu_s=time.process_time() - run.cpu_started,
        wall_s=run.elapsed_s(),
    )


__all__ = ["train"]
