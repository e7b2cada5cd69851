"""What tells real rows from generated ones, and the losses of both sides.

Rows come in as sums of one vector for every code: the cost grows with the number of tokens and not of codes, and real
and drawn rows take the same way. Conditions enter by projection: the product of the features with what is known of the
condition is added to the score.

References
----------
.. [1] Mescheder, Geiger and Nowozin, "Which training methods for GANs do actually converge?", ICML 2018, Sec. 4.1 (R1).
.. [2] Lin et al., "PacGAN: the power of two samples in generative adversarial networks", NeurIPS 2018.
.. [3] Miyato and Koyama, "cGANs with projection discriminator", ICLR 2018, Eq. 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2
TABLE_STD = 0.3


class Discriminator(nn.Module):
    """Scores of rows: the log-odds that they are real.

    Shape: embedded (batch, width), condition (batch, width) or None -> (batch / packing,)

    Parameters
    ----------
    n_codes : int
        Codes of all tokens together.
    width : int
    packing : int, default=1
        Rows judged together, which shows a generator that lacks variety.
    """

    def __init__(self, n_codes: int, width: int, *, packing: int = 1) -> None:
        super().__init__()
        self.packing = packing
        self.table = nn.Parameter(torch.empty(n_codes, width).normal_(std=TABLE_STD))
        self.bias = nn.Parameter(torch.zeros(width))
        self.enter = nn.Linear(width * packing, width)
        self.features = nn.Linear(width, width)
        self.score = nn.Linear(width, 1)

    def embed(self, rows: Tensor) -> Tensor:
        """Sums of the vectors (batch, width) of packed codes (batch, n_tokens)."""
        return functional.embedding_bag(rows, self.table, mode="sum")

    def forward(self, embedded: Tensor, condition: Tensor | None = None) -> Tensor:
        """Log-odds that the rows, or the groups of ``packing`` rows, are real."""
        h = functional.leaky_relu(embedded + self.bias, SLOPE).reshape(-1, self.packing * embedded.shape[1])
        features = functional.leaky_relu(self.features(functional.leaky_relu(self.enter(h), SLOPE)), SLOPE)
        score: Tensor = self.score(features)[:, 0]
        if condition is None:
            return score
        known = condition.reshape(-1, self.packing, condition.shape[1]).mean(dim=1)
        projected: Tensor = (features * known).sum(dim=1) / condition.shape[1] ** 0.5
        return score + projected


def gradient_penalty(score: Tensor, inputs: Tensor) -> Tensor:
    """Mean over rows of the squared gradient of the score in its inputs: ``E |grad D(x)|^2``, a scalar.

    Parameters
    ----------
    score : Tensor of shape (n_scores,)
    inputs : Tensor of shape (batch, width)
        What the score was computed from; it needs a gradient.
    """
    (slope,) = torch.autograd.grad(score.sum(), inputs, create_graph=True)
    return slope.square().sum() / len(score)


def discriminator_loss(real: Tensor, fake: Tensor, real_weight: Tensor, fake_weight: Tensor) -> Tensor:
    """Logistic loss ``E softplus(-D(real)) + E softplus(D(fake))``, weighted by row."""
    return (functional.softplus(-real) * real_weight).mean() + (functional.softplus(fake) * fake_weight).mean()


def generator_loss(fake: Tensor, weight: Tensor) -> Tensor:
    """Non-saturating loss ``E softplus(-D(fake))``, weighted by row."""
    return (functional.softplus(-fake) * weight).mean()


__all__ = ["Discriminator", "discriminator_loss", "generator_loss", "gradient_penalty"]
