"""Flow matching of the positions within bins: path, times, loss and sampler.

The path from noise to data is a straight line, x_t = (1 - t) noise + t data, whose velocity data - noise a network
regresses; times are drawn where the regression is hardest. The sampler follows the learned velocity from t = 0 to 1.

References
----------
.. [1] Lipman et al., "Flow matching for generative modeling", ICLR 2023, Sec. 4.1 (optimal-transport path).
.. [2] Esser et al., "Scaling rectified flow transformers", ICML 2024, Sec. 3.1 (logit-normal times).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from contrapeso.generators.deep._residual import ResidualNetwork, normal_scores, positions
from contrapeso.tables.encoding._tokens import Token

Velocity = Callable[[Tensor, Tensor], Tensor]
"""Velocity of rows: (x (n, d), t (n,)) -> (n, d)."""


def straight_path(noise: Tensor, data: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Points (n, d) at times ``t`` (n,) of the lines from noise to data, and their velocities (n, d)."""
    share = t[:, None]
    return (1.0 - share) * noise + share * data, data - noise


def logit_normal_times(n: int, generator: torch.Generator) -> Tensor:
    """Times (n,) in (0, 1) with a standard normal logit, by strata over the batch."""
    shift = torch.rand(n, generator=generator, device=generator.device)
    quantile = (torch.arange(n, device=generator.device) + shift) / n
    return torch.sigmoid(math.sqrt(2.0) * torch.erfinv((2.0 * quantile - 1.0).clamp(-1 + 1e-6, 1 - 1e-6)))


def heun_flow(velocity: Velocity, x: Tensor, times: Tensor) -> Tensor:
    """Solution at ``times[-1]`` of dx/dt = velocity(x, t) from ``x`` (n, d) at ``times[0]``, by Heun's method."""
    points = times.tolist()
    for t, after in pairwise(points):
        slope = velocity(x, x.new_full((len(x),), t))
        ahead = x + (after - t) * slope
        x = x + (after - t) * 0.5 * (slope + velocity(ahead, x.new_full((len(x),), after)))
    return x


class FlowResidual(nn.Module):
    """Flow to the positions within bins, given the codes."""

    def __init__(self, tokens: Sequence[Token], width: int, n_steps: int) -> None:
        super().__init__()
        self.network = ResidualNetwork(tokens, width)
        self.n_steps = n_steps

    def losses(self, codes: Tensor, residual: Tensor, generator: torch.Generator) -> Tensor:
        """Squared error of the velocity at one time a row, mean over its bins: (batch,)."""
        within = self.network.within(codes)
        noise = torch.randn(residual.shape, generator=generator, device=residual.device)
        t = logit_normal_times(len(codes), generator)
        x, velocity = straight_path(noise, normal_scores(residual), t)
        error = self.network(x * within, t, self.network.told(codes)) - velocity
        squared: Tensor = (error**2 * within).sum(dim=1)
        return squared / within.sum(dim=1).clamp(min=1)

    def sample(self, codes: Tensor, generator: torch.Generator) -> Tensor:
        """Positions (batch, n_residual) in (0, 1); 0.5 for atoms."""
        within = self.network.within(codes)
        told = self.network.told(codes)
        noise = torch.randn(within.shape, generator=generator, device=codes.device) * within
        times = torch.linspace(0.0, 1.0, self.n_steps + 1)
        return positions(heun_flow(lambda x, t: self.network(x, t, told) * within, noise, times))


__all__ = ["FlowResidual", "heun_flow", "logit_normal_times", "straight_path"]
