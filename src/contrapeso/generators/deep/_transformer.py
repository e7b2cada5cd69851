"""Autoregressive transformer over the columns of a row, in any order.

The row is a sequence in an order of its own: place i is told the value of the token before it and which token comes
next, and says a distribution of that one. One pass gives the losses of all places, so a row's log-probability in an
order is exact, and sampling keeps keys and values of what came before. Whatever is given leads the order, so any
columns condition the rest. A share of the training rows goes in one order, the target's first and then the table's:
rows of which nothing is asked are sampled in it, and their log-probability is exact.

References
----------
.. [1] Pannatier, Courdier and Fleuret, "sigma-GPTs: a new approach to autoregressive models", ECML 2024, Sec. 3.
.. [2] Uria, Murray and Larochelle, "A deep and tractable density estimator", ICML 2014, Sec. 3 (order-agnostic loss).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from contrapeso.generators._networks import TransformerNetwork
from contrapeso.generators._training import Training
from contrapeso.generators.deep._attention import CausalStack
from contrapeso.generators.deep._device import seeded
from contrapeso.generators.deep._embed import TokenEmbedding
from contrapeso.generators.deep._flow import FlowResidual
from contrapeso.generators.deep._heads import Heads
from contrapeso.generators.deep._masking import RevealOrder, rows_of
from contrapeso.generators.deep._objective import Batch, Request
from contrapeso.tables.encoding._tokens import Token


def defaults(n_rows: int, tokens: Sequence[Token]) -> Training:  # noqa: ARG001 - one signature for all families
    """Options of training for ``n_rows`` rows, none of them left open."""
    batch_size = 128 if n_rows < 10_000 else 512 if n_rows < 200_000 else 2048
    epochs = max(10, min(200, 2_000_000 // max(n_rows, 1)))
    return Training(epochs=epochs, batch_size=batch_size, learning_rate=1e-3, weight_decay=1e-2, ema=0.998)


class _Networks(nn.Module):
    def __init__(self, tokens: Sequence[Token], network: TransformerNetwork) -> None:
        super().__init__()
        self.values = TokenEmbedding(tokens, network.width)
        self.asked = nn.Parameter(torch.randn(len(tokens), network.width))
        self.start = nn.Parameter(torch.randn(network.width))
        self.stack = CausalStack(network.width, network.n_layers, network.n_heads, network.dropout or 0.0)
        self.heads = Heads(tokens, network.width)
        self.residual: FlowResidual | None = None
        if any(token.residual for token in tokens):
            self.residual = FlowResidual(tokens, network.residual_width, network.residual_steps)

    def forward(self, codes: Tensor, ranks: Tensor) -> Tensor:
        """Vectors (batch, n_tokens, width) of every token, each from the tokens of lower rank; in token order."""
        order = ranks.argsort(dim=1)
        values = self.values(codes)
        before = values.gather(1, order[:, :-1, None].expand(-1, -1, values.shape[2]))
        told = torch.cat([self.start.expand(len(codes), 1, -1), before], dim=1)
        h = self.stack(told + self.asked[order])
        return h.gather(1, ranks[:, :, None].expand_as(h))  # type: ignore[no-any-return]


class Transformer:
    """Objective of the any-order transformer; its likelihood is exact.

    Attributes
    ----------
    module : nn.Module
    network : TransformerNetwork
        With every option chosen.
    order : RevealOrder
    """

    def __init__(self, tokens: Sequence[Token], network: TransformerNetwork, target: int | None) -> None:
        self.network = network
        self.order = RevealOrder.of(tokens, target)
        self.module = self._networks = _Networks(tokens, network)

    def groups(self, training: Training) -> dict[str, list[dict[str, Any]]]:
        """One optimizer; matrices decay, vectors and embeddings do not."""
        decayed: list[nn.Parameter] = []
        plain: list[nn.Parameter] = []
        for name, weights in self.module.named_parameters():
            (decayed if weights.ndim == 2 and "table" not in name and name != "asked" else plain).append(weights)
        options = {"lr": training.learning_rate, "betas": (0.9, 0.98)}
        decays = ((decayed, training.weight_decay), (plain, 0.0))
        return {"transformer": [{"params": part, "weight_decay": decay, **options} for part, decay in decays]}

    def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:  # noqa: ARG002
        """Minus the log-probability of the codes, plus the squared error of the residuals."""
        losses = self._nats(batch.codes, self._ranks(len(batch), generator))
        if self._networks.residual is not None and batch.residual is not None:
            losses = losses + self._networks.residual.losses(batch.codes, batch.residual, generator)
        yield "transformer", losses.mean() if batch.weight is None else (losses * batch.weight).mean()

    @torch.no_grad()
    def held_out_loss(self, batch: Batch, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """Minus the log-probability of the codes (batch,), in nats."""
        return -self.log_prob(batch)

    @torch.no_grad()
    def log_prob(self, batch: Batch) -> Tensor:
        """Log-probability of the codes of every row in the table's order, in nats: exact, of what is sampled freely."""
        nothing = torch.zeros_like(batch.codes, dtype=torch.bool)
        return -self._nats(batch.codes, self._table_ranks(nothing))

    @torch.no_grad()
    def sample(self, request: Request, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        """Codes that keep what was given, and positions within bins."""
        codes = self._codes(request, generator)
        residual = self._networks.residual
        return codes, None if residual is None else residual.sample(codes, generator)

    def _nats(self, codes: Tensor, ranks: Tensor) -> Tensor:
        return self._networks.heads.losses(self._networks(codes, ranks), codes).sum(dim=1)

    def _ranks(self, n: int, generator: torch.Generator) -> Tensor:
        """Orders of a batch: a share random, the rest that of the table."""
        free = torch.rand(n, generator=generator, device=generator.device) < self.network.any_order
        drawn = self.order.draw(n, generator)
        return torch.where(free[:, None], drawn, self._table_ranks(torch.zeros_like(drawn, dtype=torch.bool)))

    def _table_ranks(self, known: Tensor, urgent: Sequence[int] = ()) -> Tensor:
        """What is known, what is urgent, the target, and the table's order of the rest: ranks (n, n_tokens)."""
        keys = torch.arange(1, known.shape[1] + 1, device=known.device) / (known.shape[1] + 2)
        keys[list(self.order.first)] = 0.0
        for token in urgent:
            keys[token] = -0.5
        return self.order.after(known, keys.expand(known.shape).clone())

    def _codes(self, request: Request, generator: torch.Generator) -> Tensor:
        networks, codes = self._networks, request.codes.clone()
        order = self._table_ranks(codes >= 0, list(request.allowed)).argsort(dim=1)
        caches = networks.stack.caches(len(codes), codes.shape[1], networks.start)
        vectors, row = networks.values.vectors(), torch.arange(len(codes), device=codes.device)
        told = networks.start.expand(len(codes), -1)
        for place, tokens in enumerate(order.unbind(1)):
            h = networks.stack.step((told + networks.asked[tokens])[:, None], caches, place)[:, 0]
            for token in torch.unique(tokens).tolist():
                rows = torch.nonzero(tokens == token).flatten()
                part = rows_of(request, rows)
                codes[rows, token] = networks.heads.sample_token(token, h[rows], codes[rows], part, generator)
            told = networks.values(codes, vectors=vectors)[row, tokens]
        return codes


def build(
    tokens: Sequence[Token], network: TransformerNetwork, n_rows: int, generator: torch.Generator, target: int | None
) -> Transformer:
    """Transformer for rows of ``tokens``, with starting weights drawn from ``generator``."""
    with seeded(generator):
        return Transformer(tokens, network.sized(n_rows), target)


__all__ = ["Transformer", "TransformerNetwork", "build", "defaults"]
