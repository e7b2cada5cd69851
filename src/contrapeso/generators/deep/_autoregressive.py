"""An autoregressive network over tokens, in one order or in any.

With ``order='any'`` the state is the sum of a random set of visible tokens [1]_, and the same
network answers for every hidden token: any columns can be given.

References
----------
.. [1] Uria, Murray and Larochelle, "A Deep and Tractable Density Estimator", ICML 2014, Sec. 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from contrapeso.generators._networks import AutoregressiveNetwork
from contrapeso.generators._training import Training
from contrapeso.generators.deep._decoder import Decoder, Sizes, Walk
from contrapeso.generators.deep._heads import draw
from contrapeso.generators.deep._objective import Batch, Request
from contrapeso.generators.deep._run import PREPARE_ROWS
from contrapeso.tables.encoding._tokens import Token

N_CANDIDATES = 16
"""Rows drawn for a request that a fixed order cannot meet from the left."""

WIDE = 100
"""Tokens from which on the network is narrower, so that its memory stays bounded."""

FREE = ("bias", "gain", "shift", "skip", "slope", "steps")
"""Parameters that do not decay."""


class AutoregressiveObjective:
    """Likelihood of rows, token by token; see :class:`Objective`."""

    def __init__(self, module: Decoder, network: AutoregressiveNetwork) -> None:
        self.module = module
        self.any_order = network.order == "any"
        self.temperature = network.temperature
        self.n_tokens = module.n_tokens

    def groups(self, training: Training) -> dict[str, list[dict[str, Any]]]:  # noqa: ARG002
        """One optimizer; what is a bias or a scale does not decay."""
        named = list(self.module.named_parameters())
        plain = [p for name, p in named if name.endswith(FREE)]
        decayed = [p for name, p in named if not name.endswith(FREE)]
        return {"all": [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]}

    def prepare(self, batch: Batch) -> None:
        """Start the linear parts at the ridge regression of some rows."""
        cells = self.module.cells
        cells.start_from(cells.scores(batch.codes, batch.residual, self.module.columns), causal=not self.any_order)
        if len(batch) < PREPARE_ROWS:  # else these are not all of the rows
            self.module.count(batch.codes)

    def forget_rows(self) -> None:
        """Rows that are to train are not among those that were counted."""
        if self.module.experts is not None:
            self.module.experts.leave_out = False

    def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:  # noqa: ARG002
        """Mean negative log-likelihood of a row, in nats."""
        losses = self._hidden_losses(batch, generator) if self.any_order else self._losses(batch)
        yield "all", losses.mean() if batch.weight is None else (losses * batch.weight).mean()

    def held_out_loss(self, batch: Batch, generator: torch.Generator) -> Tensor | None:
        """Negative log-likelihood of every row, in nats: in table order, or over random orders."""
        return self._hidden_losses(batch, generator) if self.any_order else self._losses(batch)

    def log_prob(self, batch: Batch) -> Tensor:
        """Log-likelihood of every row in table order, in nats, shape (batch,).

        Of the codes and, where the batch has positions, of their density within the bins over the uniform one.
        """
        if not self.any_order:
            return -self._losses(batch)
        total = torch.zeros(len(batch), device=batch.codes.device)
        for t in range(self.n_tokens):
            before = torch.arange(self.n_tokens, device=batch.codes.device).expand(len(batch), -1) < t
            total = total - self.module(batch.codes, batch.residual, before)[:, t]
        return total

    def sample(self, request: Request, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        """Codes and positions in table order.

        With any order what is given is visible from the start, which is exact. With the fixed order a given token that
        follows a free one is met by importance resampling: ``N_CANDIDATES`` rows are drawn for a request, and one of
        them is taken by the probability that each gives to what was asked.
        """
        if self.any_order or not asks_ahead(request):
            walk, _ = self._walked(request, generator)
            return walk.codes, walk.residual
        walk, scores = self._walked(repeated(request, N_CANDIDATES), generator)
        return resampled(walk, scores, len(request), generator)

    def _walked(self, request: Request, generator: torch.Generator) -> tuple[Walk, Tensor]:
        """Rows, and the log-probability (batch,) of what was asked given what was drawn before it."""
        walk = Walk(self.module, request, any_order=self.any_order)
        scores = torch.zeros(len(request), device=request.codes.device)
        for t in range(self.n_tokens):
            scores = scores + walk.go(t, generator, self.temperature)
        return walk, scores

    def _losses(self, batch: Batch) -> Tensor:
        losses: Tensor = self.module(batch.codes, batch.residual)
        return losses.sum(dim=1)

    def _hidden_losses(self, batch: Batch, generator: torch.Generator) -> Tensor:
        """Losses of a random set of hidden tokens, weighted so that their mean is the mean over all orders."""
        device, n = batch.codes.device, self.n_tokens
        n_kept = torch.randint(0, n, (len(batch), 1), generator=generator, device=device)
        ranks = torch.rand(len(batch), n, generator=generator, device=device).argsort(dim=1).argsort(dim=1)
        keep = ranks < n_kept
        losses: Tensor = self.module(batch.codes, batch.residual, keep) * ~keep
        return (losses.sum(dim=1, keepdim=True) * n / (n - n_kept)).squeeze(1)


def asks_ahead(request: Request) -> bool:
    """Whether something is asked of a token that follows a free one."""
    asked = (request.codes >= 0).any(dim=0)
    for t in request.allowed:
        asked[t] = True
    free = (request.codes < 0).any(dim=0)
    if not bool(free.any()):
        return False
    first_free = int(free.int().argmax())
    start = first_free if first_free in request.allowed else first_free + 1
    return bool(asked[start:].any())


def repeated(request: Request, times: int) -> Request:
    """Every request so many times, one after the other."""
    allowed = {t: mask.repeat_interleave(times, dim=0) for t, mask in request.allowed.items()}
    return Request(request.codes.repeat_interleave(times, dim=0), allowed)


def resampled(walk: Walk, scores: Tensor, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """One of the candidates of each of ``n`` requests, taken by its weight."""
    chosen = draw(torch.log_softmax(scores.view(n, -1), dim=1), generator)
    rows = torch.arange(n, device=chosen.device) * (len(scores) // n) + chosen
    return walk.codes[rows], walk.residual[rows]


def build(
    tokens: Sequence[Token],
    network: AutoregressiveNetwork,
    n_rows: int,
    generator: torch.Generator,
    target: int | None = None,  # noqa: ARG001  (the target comes first in the order of the tokens)
) -> AutoregressiveObjective:
    """The objective for such a table, with fresh weights."""
    counts = network.counts and network.order == "fixed" and 0.9 * n_rows < PREPARE_ROWS
    widths = sizes(network, n_rows, len(tokens))
    return AutoregressiveObjective(Decoder(tokens, widths, n_rows, generator, counts=counts), network)


def sizes(network: AutoregressiveNetwork, n_rows: int, n_tokens: int) -> Sizes:
    """Widths by the size of the table, where the options leave them open."""
    width = 32 if n_rows < 1_500 else 64 if n_rows < 10_000 or n_tokens > WIDE else 128
    dropout = 0.2 if n_rows < 1_500 else 0.1 if n_rows < 10_000 else 0.0
    return Sizes(
        network.state or width, network.hidden or width, dropout if network.dropout is None else network.dropout
    )


def defaults(n_rows: int, tokens: Sequence[Token]) -> Training:  # noqa: ARG001
    """Options of the training for such a table."""
    return Training(
        epochs=passes(n_rows),
        batch_size=int(min(512, max(32, n_rows // 60))),
        learning_rate=3e-3,
        weight_decay=1e-3,
        ema=0.995,
        max_overfit=overfit_bound(n_rows),
    )


def passes(n_rows: int) -> int:
    """Most passes over the rows: many where they are few, and no more than two over a million.

    Under 1,500 rows the held-out ones are too few to say when to stop; a short schedule that ends does better (500
    rows: held-out loss 25.2 nats for 25.9 with 40 passes that were stopped).
    """
    if n_rows < 1_500:
        return 16
    if n_rows < 25_000:
        return 40 if n_rows < 5_000 else 20
    return max(2, min(15, 1_500_000 // n_rows))


def overfit_bound(n_rows: int) -> float:
    """Share by which the held-out loss may pass its lowest: .003 from 20,000 rows on, .013 for some hundreds."""
    return float(0.003 * max(1.0, min(5.0, (20_000 / max(n_rows, 1)) ** 0.4)))


__all__ = ["AutoregressiveObjective", "asks_ahead", "build", "defaults", "repeated", "resampled", "sizes"]
