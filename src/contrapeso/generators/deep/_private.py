"""Differentially private training of the autoregressive networks: noisy frequencies, then DP-SGD.

Two mechanisms look at the rows. The frequencies of the codes, where the networks start, get Gaussian noise once. Then
every step draws each row independently, cuts the gradient of each to a norm, adds them up and adds Gaussian noise [1]_;
what an optimizer or an average makes of that is no new look. The accountant of opacus [2]_ adds up both. The loop of
the other families is not used: held-out rows, the probe, the ridge start and the mean loss that it reports look at rows
without noise.

References
----------
.. [1] Abadi et al., "Deep Learning with Differential Privacy", CCS 2016, Algorithm 1.
.. [2] Gopi, Lee and Wutschitz, "Numerical Composition of Differential Privacy", NeurIPS 2021.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor
from torch.nn import functional

from contrapeso._optional import require
from contrapeso._rng import child, generator
from contrapeso.errors import (
    CancelledError,
    InvalidDataError,
    InvalidParameterError,
    TrainingDivergedError,
    UnsupportedOperationError,
)
from contrapeso.generators._privacy import DifferentialPrivacy
from contrapeso.generators._record import TrainingRecord
from contrapeso.generators._training import Training
from contrapeso.generators.deep._adamw import AdamW
from contrapeso.generators.deep._autoregressive import AutoregressiveObjective
from contrapeso.generators.deep._average import MovingAverage
from contrapeso.generators.deep._decoder import Decoder
from contrapeso.generators.deep._device import choose_device, seeded, threads, torch_seed
from contrapeso.generators.deep._objective import Batch, Objective
from contrapeso.generators.deep._row_norms import RowNorms, check_norms
from contrapeso.generators.deep._rows import Source
from contrapeso.generators.deep._run import BETAS
from contrapeso.generators.deep._schedule import Schedule
from contrapeso.generators.deep._vae import VAEObjective
from contrapeso.progress import Cancel, Progress, ProgressCallback, never, silent
from contrapeso.tables.encoding._tokens import Encoded, Token

CHUNK = 512
"""Rows whose gradients are taken at once; the batch may be larger than memory would like."""
COUNT_ROWS = 65_536
LEAST_COUNT = 0.5
"""A noisy count below it is set to it: every code stays possible."""
CHECK_ROWS = 3
RELATIVE_WIDTH = 1e-3
MOST_NOISE = 1e4
FREQUENCIES, SELECTION, NOISE, STREAM, CHECK = range(5)

Mechanism = tuple[float, float, int]
"""Noise over sensitivity, chance of a row to be looked at, number of looks."""

COVERS = "Weights of the network and frequencies of the codes; rows added or removed, their number public."
LEAVES_OUT = "The encoder: names of columns, categories, edges of bins and values within them, kinds of columns."


@dataclass(frozen=True, slots=True)
class Budget:
    """How much noise a table of so many rows gets.

    Attributes
    ----------
    epsilon : float
        What the looks cost together, at most what was asked for.
    frequency_noise, gradient_noise : float
        Standard deviation over the most that one row can change.
    sample_rate : float
    n_steps : int
    """

    epsilon: float
    delta: float
    frequency_noise: float
    gradient_noise: float
    sample_rate: float
    n_steps: int
    clip_norm: float

    @property
    def looks(self) -> list[Mechanism]:
        """The mechanisms of the whole fit."""
        return [(self.frequency_noise, 1.0, 1), (self.gradient_noise, self.sample_rate, self.n_steps)]

    def to_dict(self) -> dict[str, Any]:
        """JSON types, for the model card."""
        return {
            "epsilon": self.epsilon,
            "delta": self.delta,
            "noise_multiplier": self.gradient_noise,
            "frequency_noise": self.frequency_noise,
            "clip_norm": self.clip_norm,
            "sample_rate": self.sample_rate,
            "n_steps": self.n_steps,
            "accountant": "opacus PRV",
            "covers": COVERS,
            "leaves_out": LEAVES_OUT,
        }


def budget(privacy: DifferentialPrivacy, n_rows: int) -> Budget:
    """The least noise that keeps to the privacy that was asked for.

    Raises
    ------
    InvalidParameterError
        If no noise suffices.
    MissingExtraError
        If opacus is not installed.
    """
    delta, rate, n_steps = privacy.delta_for(n_rows), privacy.sample_rate(n_rows), privacy.n_steps(n_rows)
    first = _least_noise(privacy.frequencies * privacy.epsilon, delta, lambda noise: [(noise, 1.0, 1)])
    noise = _least_noise(privacy.epsilon, delta, lambda noise: [(first, 1.0, 1), (noise, rate, n_steps)])
    spent = epsilon_of([(first, 1.0, 1), (noise, rate, n_steps)], delta)
    return Budget(spent, delta, first, noise, rate, n_steps, privacy.clip_norm)


def epsilon_of(looks: Sequence[Mechanism], delta: float) -> float:
    """Epsilon of Gaussian mechanisms on Poisson samples, one after the other: an upper bound, by opacus."""
    accountant = require("opacus.accountants", extra="private").PRVAccountant()
    accountant.history = list(looks)
    with warnings.catch_warnings(), np.errstate(divide="ignore"):  # log(1 - rate) is -inf at rate 1, and right
        warnings.simplefilter("ignore", UserWarning)  # of the bound by which the accountant sizes its grid
        return float(accountant.get_epsilon(delta=delta, eps_error=0.01))


def _least_noise(epsilon: float, delta: float, looks: Any) -> float:
    """Smallest noise whose looks cost at most epsilon, to .1 %."""
    high = 0.5
    while epsilon_of(looks(high), delta) > epsilon:
        high *= 2
        if high > MOST_NOISE:
            raise InvalidParameterError(
                f"No noise keeps epsilon {epsilon:g} at delta {delta:g}. Ask for a larger epsilon or fewer epochs."
            )
    low = high / 2
    while high - low > RELATIVE_WIDTH * high:
        middle = (low + high) / 2
        if epsilon_of(looks(middle), delta) > epsilon:
            low = middle
        else:
            high = middle
    return high


def noisy_tokens(
    tokens: Sequence[Token], rows: Encoded, noise: float, seed: np.random.SeedSequence
) -> tuple[Token, ...]:
    """The tokens with frequencies of noisy counts in place of the true ones.

    A row adds 1 to one cell of each token's counts (of its counts given the parent, where it has one), so all of them
    together change by the root of the number of tokens; the noise has ``noise`` times that standard deviation.
    """
    spread = noise * len(tokens) ** 0.5
    rng = generator(seed, FREQUENCIES)
    made: list[Token] = []
    for t, token in enumerate(tokens):
        counts = _counts(rows, t, tokens)
        possible = np.ones(counts.shape, bool) if token.log_prior is None else np.isfinite(token.log_prior)
        noisy = np.where(possible, np.maximum(counts + rng.normal(0.0, spread, counts.shape), LEAST_COUNT), 0.0)
        made.append(with_counts(token, noisy))
    return tuple(made)


def with_counts(token: Token, counts: NDArray[np.float64]) -> Token:
    """The token with the frequencies of ``counts`` (n_codes,), or (n_parent_codes, n_codes) where it has a parent."""
    own = counts if token.parent is None else counts.sum(axis=0)
    share = np.maximum(own, 1e-9) / np.maximum(own, 1e-9).sum()
    middle = np.cumsum(np.where(token_order(token), share, 0.0)) - share / 2
    total = max(float(share[token_order(token)].sum()), 1e-12)
    position = np.where(token_order(token), ndtri(np.clip(middle / total, 1e-6, 1 - 1e-6)), np.nan)
    prior = None
    if token.log_prior is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            prior = np.log(counts / counts.sum(axis=1, keepdims=True))
        prior = np.where(np.isfinite(token.log_prior), prior, -np.inf).astype(np.float32)
    return replace(
        token,
        log_marginal=np.log(share).astype(np.float32),
        position=position.astype(np.float32),
        log_prior=prior,
    )


def token_order(token: Token) -> NDArray[np.bool_]:
    """Codes with an order (n_codes,)."""
    return np.isfinite(token.position)


def _counts(rows: Encoded, t: int, tokens: Sequence[Token]) -> NDArray[np.float64]:
    """Counts of the codes of a token, or of (parent code, code)."""
    token, parent = tokens[t], tokens[t].parent
    shape = (token.n_codes,) if parent is None else (tokens[parent].n_codes, token.n_codes)
    total = np.zeros(int(np.prod(shape)))
    for start in range(0, len(rows), COUNT_ROWS):
        codes = np.asarray(rows.codes[start : start + COUNT_ROWS]).astype(np.int64)
        cells = codes[:, t] if parent is None else codes[:, parent] * token.n_codes + codes[:, t]
        total += np.bincount(cells, minlength=len(total))
    return total.reshape(shape)


def check_private(objective: Objective, training: Training) -> None:
    """See that the family and the options can be trained privately."""
    if not isinstance(objective, (AutoregressiveObjective, VAEObjective)):
        raise UnsupportedOperationError(
            f"{type(objective).__name__} has no private training. AutoregressiveSynthesizer and VAESynthesizer have."
        )
    if training.checkpoint is not None:
        raise InvalidParameterError(
            "A private training keeps no checkpoint: it would hold what the noise is to hide. Leave checkpoint=None."
        )


def train_private(
    objective: Objective,
    rows: Encoded,
    training: Training,
    plan: Budget,
    *,
    seed: np.random.SeedSequence,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> TrainingRecord:
    """Train ``objective.module`` by DP-SGD; its averaged weights are in it at the end (evaluation mode).

    Parameters
    ----------
    objective : AutoregressiveObjective or VAEObjective
        Fresh, of tokens with noisy frequencies.
    training : Training
        Rate, decay, average, warm-up, device and threads count; epochs, batch size, held-out rows, probes and the limit
        of the gradient are those of the budget or have no place here.
    plan : Budget
    seed : SeedSequence
        Of the rows drawn and of the noise: who knows it can take the noise off.

    Raises
    ------
    CancelledError, TrainingDivergedError
    UnsupportedOperationError, InvalidParameterError
        If this family, or a checkpoint, is asked for.
    """
    check_private(objective, training)
    if len(rows) == 0:
        raise InvalidDataError("There is no row to train on. Give at least one.")
    started = time.process_time(), time.perf_counter()
    device = choose_device(training.device)
    if isinstance(objective, VAEObjective):
        _plain_prior(objective)
    objective.module.to(device).train()
    with threads(training.n_threads), seeded(torch_seed(child(seed, STREAM)), device):
        _check_on_invented_rows(objective, rows, device, child(seed, CHECK))
        _Descent(objective, Source(rows, None, device), training, plan, child(seed, NOISE)).run(seed, progress, cancel)
    return TrainingRecord(
        f"All {plan.n_steps} private steps were taken.",
        n_steps=plan.n_steps,
        chosen_step=plan.n_steps,
        n_rows=len(rows),
        batch_size=round(plan.sample_rate * len(rows)),
        n_parameters=sum(parameter.numel() for parameter in objective.module.parameters()),
        device=str(device),
        cpu_s=time.process_time() - started[0],
        wall_s=time.perf_counter() - started[1],
    )


class _Descent:
    """Noisy steps on one network."""

    def __init__(
        self, objective: Objective, source: Source, training: Training, plan: Budget, seed: np.random.SeedSequence
    ) -> None:
        self.objective, self.source, self.plan = objective, source, plan
        self.generator = torch.Generator(source.device).manual_seed(torch_seed(seed))
        rate, decay = training.learning_rate or 0.0, training.weight_decay or 0.0
        groups = [group for own in objective.groups(training).values() for group in own]
        trained = [group | {"params": [p for p in group["params"] if p.requires_grad]} for group in groups]
        self.optimizer = AdamW(trained, lr=rate, betas=BETAS, weight_decay=decay)
        self.average = MovingAverage(objective.module, training.ema or 0.0)
        n_rows, size = len(source), max(1, round(plan.sample_rate * len(source)))
        epochs = max(1, round(plan.n_steps * plan.sample_rate))
        self.schedule = Schedule.of(replace(training, epochs=epochs, max_time_s=None), n_rows, size)

    def run(self, seed: np.random.SeedSequence, progress: ProgressCallback, cancel: Cancel) -> None:
        """Take all steps, and put the averaged weights in place."""
        plan = self.plan
        for step in range(plan.n_steps):
            if cancel():
                raise CancelledError(f"Training was cancelled at step {step}.", {"step": step})
            drawn = generator(seed, SELECTION, step).random(len(self.source)) < plan.sample_rate
            self._step(np.flatnonzero(drawn), step)
            progress(Progress("train", step + 1, plan.n_steps))
        self.objective.module.load_state_dict(self.average.snapshot())
        self.objective.module.eval()

    def _step(self, chosen: NDArray[np.int64], step: int) -> None:
        plan, expected = self.plan, max(1.0, self.plan.sample_rate * len(self.source))
        self.optimizer.clear()
        for batch in self.source.chunks(chosen, CHUNK):
            add_clipped(self.objective, batch, plan.clip_norm, self.generator)
        add_noise(self.optimizer.parameters, plan.gradient_noise * plan.clip_norm, self.generator)
        for parameter in self.optimizer.parameters:
            if parameter.grad is not None:
                parameter.grad /= expected
        self.optimizer.step(self.schedule.rate(step, step / plan.n_steps))
        self.average.update(step)


def row_losses(objective: Objective, batch: Batch, generator: torch.Generator) -> Tensor:
    """Losses (batch,) of rows, none of which depends on another row."""
    if isinstance(objective, VAEObjective):
        reconstruction, rate = objective._terms(batch, generator)
        return reconstruction + functional.relu(rate - objective.free_nats)
    losses = objective.held_out_loss(batch, generator)
    if losses is None:
        raise UnsupportedOperationError(f"{type(objective).__name__} has no loss of a row.")
    return losses


def add_clipped(objective: Objective, batch: Batch, clip_norm: float, generator: torch.Generator) -> Tensor:
    """Add to the gradients the sum of those of the rows, each cut to ``clip_norm``; the factors (batch,) of the cuts.

    Raises
    ------
    TrainingDivergedError
        If a gradient is NaN or infinite.
    """
    recorder = RowNorms()
    with recorder:
        losses = row_losses(objective, batch, generator)
    norms = recorder.norms(losses)
    factors = (clip_norm / norms.clamp(min=clip_norm)).detach()
    if not bool(torch.isfinite(norms).all()):
        raise TrainingDivergedError(
            "The gradient of a row became NaN or infinite. Try a smaller learning_rate or a smaller clip_norm."
        )
    torch.autograd.backward((losses * factors).sum())
    return factors


def add_noise(parameters: Sequence[torch.nn.Parameter], spread: float, generator: torch.Generator) -> None:
    """Add normal noise of that standard deviation to every gradient, those that no row has touched included."""
    for parameter in parameters:
        noise = spread * torch.randn(parameter.shape, generator=generator, device=parameter.device)
        parameter.grad = noise if parameter.grad is None else parameter.grad + noise


def _plain_prior(objective: VAEObjective) -> None:
    """A standard normal prior that does not learn: a mixture would take noise for parts that few rows need."""
    prior = objective.module.prior
    with torch.no_grad():
        for parameter in prior.parameters():
            parameter.zero_()
    prior.requires_grad_(requires_grad=False)


def _check_on_invented_rows(
    objective: Objective, rows: Encoded, device: torch.device, seed: np.random.SeedSequence
) -> None:
    """Check the norms on codes that are drawn from nothing but their numbers."""
    decoder = objective.module.decoder if isinstance(objective, VAEObjective) else objective.module
    sizes = cast("Decoder", decoder).heads.sizes
    rng = generator(seed)
    codes = np.stack([rng.integers(0, size, CHECK_ROWS) for size in sizes], axis=1)
    residual = None if rows.residual is None else rng.random((CHECK_ROWS, rows.residual.shape[1]), dtype=np.float32)
    batch = Source(Encoded(codes.astype(np.int32), residual), None, device).batch(slice(None))
    words = torch_seed(seed)

    def losses() -> Tensor:
        with seeded(words, device):
            return row_losses(objective, batch, torch.Generator(device).manual_seed(words))

    check_norms(objective.module, losses)


__all__ = [
    "Budget",
    "add_clipped",
    "add_noise",
    "budget",
    "check_private",
    "epsilon_of",
    "noisy_tokens",
    "row_losses",
    "train_private",
    "with_counts",
]
