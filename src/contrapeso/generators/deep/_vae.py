"""A variational auto-encoder whose decoder writes the tokens one after the other.

The encoder sees a whole row; the latent vector is the context of an autoregressive decoder, so that
it need only carry what the row has in common, and small details need no decoder noise. The prior is
a mixture of Gaussians learned with the rest [1]_: rows are sampled from what the encoder really
uses, not from a ball around it. A little of the latent is free of charge [2]_, or the decoder would
ignore it.

References
----------
.. [1] Tomczak and Welling, "VAE with a VampPrior", AISTATS 2018, Sec. 3 (mixture priors).
.. [2] Kingma et al., "Improving Variational Inference with Inverse Autoregressive Flow", NeurIPS 2016, App. C.8
   (free bits).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from contrapeso.generators._networks import AutoregressiveNetwork, VAENetwork
from contrapeso.generators._training import Training
from contrapeso.generators.deep._autoregressive import (
    FREE,
    N_CANDIDATES,
    overfit_bound,
    passes,
    repeated,
    resampled,
    sizes,
)
from contrapeso.generators.deep._decoder import Decoder, Walk
from contrapeso.generators.deep._objective import Batch, Request
from contrapeso.tables.encoding._tokens import Token

N_IMPORTANCE = 8
"""Draws of the latent for the bound of a likelihood."""


class MixturePrior(nn.Module):
    """A learned mixture of diagonal Gaussians over the latent."""

    def __init__(self, latent: int, n_parts: int, generator: torch.Generator) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.randn(n_parts, latent, generator=generator))
        self.log_scale = nn.Parameter(torch.zeros(n_parts, latent))
        self.weight_bias = nn.Parameter(torch.zeros(n_parts))

    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density (batch,) of z (batch, latent)."""
        parts = gaussian_log_prob(z[:, None], self.mean, self.log_scale.clamp(-4, 2))
        return torch.logsumexp(parts + torch.log_softmax(self.weight_bias, 0), dim=1)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Latent vectors (n, latent)."""
        chosen = torch.multinomial(torch.softmax(self.weight_bias, 0), n, replacement=True, generator=generator)
        noise = torch.randn(n, self.mean.shape[1], generator=generator, device=self.mean.device)
        return self.mean[chosen] + noise * self.log_scale.clamp(-4, 2).exp()[chosen]


class VAEModule(nn.Module):
    """Encoder, prior and decoder."""

    def __init__(self, tokens: Sequence[Token], network: VAENetwork, n_rows: int, generator: torch.Generator) -> None:
        super().__init__()
        widths = sizes(AutoregressiveNetwork(network.hidden, network.hidden, network.dropout), n_rows, len(tokens))
        self.decoder = Decoder(tokens, widths, n_rows, generator)
        self.rows = nn.Sequential(_linear(widths.state, 2 * widths.hidden, generator), nn.SiLU())
        self.posterior = _linear(2 * widths.hidden, 2 * network.latent, generator)
        self.prior = MixturePrior(network.latent, network.prior_parts, generator)
        self.context = _linear(network.latent, widths.state, generator)

    def encode(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Mean and log scale (batch, latent) of the posterior of every row."""
        scores = self.decoder.cells.scores(batch.codes, batch.residual, self.decoder.columns)
        whole = self.decoder.vectors(batch.codes, scores).sum(dim=1)
        mean, log_scale = self.posterior(self.rows(functional.silu(whole))).chunk(2, dim=1)
        return mean, (log_scale - 1.0).clamp(-6.0, 1.0)


class VAEObjective:
    """The evidence lower bound; see :class:`Objective`."""

    def __init__(self, module: VAEModule, network: VAENetwork) -> None:
        self.module = module
        self.free_nats = network.free_nats

    def groups(self, training: Training) -> dict[str, list[dict[str, Any]]]:  # noqa: ARG002
        """One optimizer; what is a bias or a scale does not decay, nor does the prior."""
        named = list(self.module.named_parameters())
        plain = [p for name, p in named if name.endswith(FREE) or name.startswith("prior")]
        decayed = [p for name, p in named if not (name.endswith(FREE) or name.startswith("prior"))]
        return {"all": [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]}

    def prepare(self, batch: Batch) -> None:
        """Start the linear parts of the decoder at the ridge regression of some rows."""
        cells = self.module.decoder.cells
        cells.start_from(cells.scores(batch.codes, batch.residual, self.module.decoder.columns), causal=True)

    def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:  # noqa: ARG002
        """Mean negative bound of a row, the part of the latent that is free left out."""
        reconstruction, rate = self._terms(batch, generator)
        loss = reconstruction.mean() + functional.relu(rate.mean() - self.free_nats)
        yield (
            "all",
            loss if batch.weight is None else (reconstruction * batch.weight).mean() + loss - reconstruction.mean(),
        )

    def held_out_loss(self, batch: Batch, generator: torch.Generator) -> Tensor | None:
        """Negative evidence lower bound of every row, in nats."""
        reconstruction, rate = self._terms(batch, generator)
        return reconstruction + rate

    def log_prob(self, batch: Batch) -> Tensor:
        """Importance-weighted lower bound [3]_ of the log-likelihood of every row, in nats, shape (batch,).

        References
        ----------
        .. [3] Burda, Grosse and Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, Eq. 8.
        """
        generator = torch.Generator(device=batch.codes.device).manual_seed(0)
        terms = [self._terms(batch, generator) for _ in range(N_IMPORTANCE)]
        bounds = torch.stack([-(reconstruction + rate) for reconstruction, rate in terms])
        return torch.logsumexp(bounds, dim=0) - math.log(N_IMPORTANCE)

    def sample(self, request: Request, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        """Codes and positions; what is asked is met by importance resampling of ``N_CANDIDATES`` rows."""
        asks = bool((request.codes >= 0).any()) or bool(request.allowed)
        many = repeated(request, N_CANDIDATES) if asks else request
        module = self.module
        walk = Walk(module.decoder, many, context=module.context(module.prior.draw(len(many), generator)))
        scores = torch.zeros(len(many), device=many.codes.device)
        for t in range(module.decoder.n_tokens):
            scores = scores + walk.go(t, generator, 1.0)
        return resampled(walk, scores, len(request), generator) if asks else (walk.codes, walk.residual)

    def _terms(self, batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Reconstruction loss and rate of every row, in nats, with one draw of the latent."""
        module = self.module
        mean, log_scale = module.encode(batch)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        z = mean + noise * log_scale.exp()
        losses = module.decoder(batch.codes, batch.residual, context=module.context(z))
        rate = gaussian_log_prob(z, mean, log_scale) - module.prior.log_prob(z)
        return losses.sum(dim=1), rate


def gaussian_log_prob(z: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """Log-density of diagonal Gaussians, summed over the last axis."""
    square = ((z - mean) * torch.exp(-log_scale)).square()
    return -(0.5 * square + log_scale + 0.5 * math.log(2 * math.pi)).sum(dim=-1)


def _linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(n_in, n_out)
    with torch.no_grad():
        layer.weight.copy_((2 * torch.rand(n_out, n_in, generator=generator) - 1) * n_in**-0.5)
        layer.bias.zero_()
    return layer


def build(
    tokens: Sequence[Token],
    network: VAENetwork,
    n_rows: int,
    generator: torch.Generator,
    target: int | None = None,  # noqa: ARG001  (the target comes first in the order of the tokens)
) -> VAEObjective:
    """The objective for such a table, with fresh weights."""
    return VAEObjective(VAEModule(tokens, network, n_rows, generator), network)


def defaults(n_rows: int, tokens: Sequence[Token]) -> Training:  # noqa: ARG001
    """Options of the training for such a table."""
    return Training(
        epochs=min(passes(n_rows), 20 if n_rows < 20_000 else 12),
        batch_size=int(min(512, max(32, n_rows // 60))),
        learning_rate=3e-3,
        weight_decay=1e-3,
        ema=0.995,
        max_overfit=overfit_bound(n_rows),
    )


__all__ = ["MixturePrior", "VAEModule", "VAEObjective", "build", "defaults"]
