"""Looks at a model in training: the loss of held-out rows, the probe, which weights to keep, and whether to stop.

The held-out loss bounds over-fitting. The probe chooses the weights, because the loss would stop too early: on Adult
its minimum is at epoch 7 (AUC .569) and the best rows come from epoch 11 (AUC .552). With fewer than 500 held-out rows
the probe is too noisy: the last weights within the bound are kept, and with no held-out rows the last of all.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch

from contrapeso._rng import child
from contrapeso.generators import _probe
from contrapeso.generators._record import HistoryEntry
from contrapeso.generators.deep._device import autocast, torch_seed
from contrapeso.generators.deep._objective import Request
from contrapeso.generators.deep._run import JUDGE, PILOT, PROBE, SAMPLE, Run, ask, check_finite, flush, halving
from contrapeso.tables.encoding._tokens import Encoded

SAMPLE_ROWS = 1000
"""New rows asked for at once: cancelling waits for no more."""
PILOT_ROWS = 64
TREE_S_PER_CELL = 2e-6
"""Seconds that the trees take for a cell of the probe's table, generously."""
MAX_PROBES = 2
"""Most probes, as a multiple of those asked for: some are added where the held-out loss turns."""
MAX_OVERFIT = 0.003
"""Where neither the options nor the family say."""
PROBE_TIME_SHARE = 0.25
"""Most of a time budget that may go to probes."""


def look_if_due(run: Run) -> None:
    """Look at the model if it is time, take its weights if they are better, and see whether the run is over."""
    state, share = run.state, run.share()
    due = run.schedule.looks(share)
    reason = _end(run, share)
    if due <= state.looks and reason is None:
        return
    begun = run.clock()
    held_out = halving(run, _held_out_loss)
    if state.cooling_from is None and _overfitted(run, held_out):
        state.cooling_from = state.position
    planned = run.schedule.probes(due) > run.schedule.probes(state.looks)
    probed = planned or reason is not None or _turned(run, held_out)
    auc = halving(run, _probed) if probed else None
    flush(run)
    loss = state.loss_sum / max(state.n_losses, 1)
    state.history.append(HistoryEntry(state.step, state.position / len(run.order), loss, held_out, auc))
    _choose(run, held_out, auc)
    state.loss_sum, state.n_losses = 0.0, 0
    state.looks, state.stopped = max(due, state.looks), reason
    run.look_s = max(run.look_s, run.clock() - begun)


def _end(run: Run, share: float) -> str | None:
    if run.stop_after is not None and run.state.step >= run.stop_after:
        return f"It was asked to stop after {run.stop_after} steps."
    if run.state.position >= run.schedule.n_rows:
        return f"All {run.training.epochs} epochs are done."
    if run.cooled() >= 1.0:
        return f"The held-out loss passed its lowest by more than {_bound(run):.2%}."
    if share >= 1.0:
        return f"The time of {run.training.max_time_s:g} s is used up."
    return None


def _overfitted(run: Run, held_out: float | None) -> bool:
    lowest = run.state.lowest_loss
    if held_out is None or lowest is None:
        return False
    return held_out > lowest + _bound(run) * abs(lowest)


def _bound(run: Run) -> float:
    """Share by which the held-out loss may pass its lowest."""
    return MAX_OVERFIT if run.training.max_overfit is None else run.training.max_overfit


def _turned(run: Run, held_out: float | None) -> bool:
    """Whether the held-out loss rises after its lowest: weights worth a probe, however early in the plan."""
    history = run.state.history
    lowest = run.state.lowest_loss
    if held_out is None or lowest is None or history[-1].held_out != lowest:
        return False
    n_probed = sum(entry.probe is not None for entry in history)
    return held_out > lowest and n_probed < MAX_PROBES * run.schedule.n_probes


def _held_out_loss(run: Run) -> float | None:
    """Mean loss of the held-out rows with the averaged weights; the same random numbers at every look."""
    if run.held_out is None:
        return None
    generator = torch.Generator(run.device).manual_seed(torch_seed(child(run.seed, JUDGE)))
    total = weight = 0.0
    with run.parts.average.in_use(), autocast(run.device, bf16=run.training.bf16):
        for batch in run.held_out.chunks(run.held_rows, run.state.batch_size):
            ask(run)
            losses = run.objective.held_out_loss(batch, generator)
            if losses is None:
                return None
            each = torch.ones_like(losses) if batch.weight is None else batch.weight
            total += float((losses * each).double().sum())
            weight += float(each.double().sum())
    loss = total / max(weight, 1e-12)
    check_finite(run, loss, "held-out loss")
    return loss


def _probed(run: Run) -> float | None:
    """AUC with which trees tell new rows from held-out ones; None where these are too few."""
    if run.real is None:
        return None
    with run.parts.average.in_use():
        synthetic = _sampled(run, len(run.real), SAMPLE)
    auc = _probe.probe(run.real, synthetic, run.tokens, child(run.seed, PROBE), run.cancel)
    ask(run)
    return auc


def _sampled(run: Run, n: int, stream: int) -> Encoded:
    size = max(
        1, min(SAMPLE_ROWS, SAMPLE_ROWS * run.state.batch_size // min(run.training.batch_size or 1, len(run.order)))
    )
    generator = torch.Generator(run.device).manual_seed(torch_seed(child(run.seed, stream)))
    codes, residuals = [], []
    for start in range(0, n, size):
        ask(run)
        nothing = torch.full((min(size, n - start), len(run.tokens)), -1, device=run.device)
        drawn, residual = run.objective.sample(Request(nothing, {}), generator)
        codes.append(drawn.cpu().numpy().astype(np.int32))
        residuals.append(None if residual is None else residual.float().cpu().numpy())
    known = [residual for residual in residuals if residual is not None]
    return Encoded(np.concatenate(codes), np.concatenate(known) if len(known) == len(codes) else None)


def _choose(run: Run, held_out: float | None, auc: float | None) -> None:
    """Keep the averaged weights if they are the best so far; of probes that noise cannot tell apart, the later."""
    state = run.state
    better = False
    if run.real is not None:
        score = None if auc is None else abs(auc - 0.5)
        if score is not None:
            noise = 0.5 / math.sqrt(len(run.real))
            better = state.lowest_score is None or score <= state.lowest_score + noise
            state.lowest_score = score if state.lowest_score is None else min(score, state.lowest_score)
    elif held_out is not None:
        better = state.lowest_loss is None or state.cooling_from is not None or not _overfitted(run, held_out)
    if held_out is not None:
        state.lowest_loss = held_out if state.lowest_loss is None else min(held_out, state.lowest_loss)
    if better:
        run.best, state.chosen_step = run.parts.average.snapshot(), state.step


def plan_probes(run: Run) -> None:
    """With a time budget, drop probes that would take more than a quarter of it: what they cost is tried first."""
    limit = run.schedule.max_time_s
    if limit is None or run.real is None:
        return
    begun = run.clock()
    with run.parts.average.in_use():
        _sampled(run, PILOT_ROWS, PILOT)
    trees_s = TREE_S_PER_CELL * 2 * len(run.real) * len(run.tokens)
    run.look_s = (run.clock() - begun) * len(run.real) / PILOT_ROWS + trees_s
    affordable = int(PROBE_TIME_SHARE * limit / max(run.look_s, 1e-9))
    if affordable < run.schedule.n_probes:
        run.schedule = replace(run.schedule, n_probes=affordable)
    if affordable == 0:
        run.real, run.look_s = None, 0.0


__all__ = ["look_if_due", "plan_probes"]
