"""Where in its bin a value lies: a network on all residuals of a row, told of its codes.

Positions within bins are uniform one by one; what is left to learn is how they depend on each other and on the codes.
They are moved to normal scores, so that noise and data have the same margins. A code that is an atom has no position:
its coordinate is held at zero everywhere, and its error does not count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from contrapeso.generators.deep._embed import TokenEmbedding
from contrapeso.tables.encoding._tokens import Token

EDGE = 1e-6
"""Positions keep this distance from 0 and 1: normal scores stay within 4.8."""

N_WAVES = 8


def normal_scores(position: Tensor) -> Tensor:
    """Normal scores of positions in (0, 1)."""
    score: Tensor = torch.special.ndtri(position.double().clamp(EDGE, 1.0 - EDGE))
    return score.to(position.dtype)


def positions(score: Tensor) -> Tensor:
    """Positions in (0, 1), both ends excluded, of normal scores."""
    position: Tensor = torch.special.ndtr(score.double())
    return position.clamp(EDGE, 1.0 - EDGE).to(score.dtype)


class ResidualNetwork(nn.Module):
    """A field on the residuals of a row, conditioned on its codes and on a level of noise or time.

    Shape: x (batch, n_residual), level (batch,), condition (batch, width) -> (batch, n_residual)
    """

    frequency: Tensor
    _within: Tensor

    def __init__(self, tokens: Sequence[Token], width: int, *, embedding: int = 8, n_blocks: int = 2) -> None:
        super().__init__()
        self.places = [index for index, token in enumerate(tokens) if token.residual]
        n_residual = len(self.places)
        self.embedding = TokenEmbedding(tokens, embedding)
        self.condition = nn.Linear(len(tokens) * embedding, width)
        self.enter = nn.Linear(n_residual + 2 * N_WAVES, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width)) for _ in range(n_blocks)
        )
        self.leave = nn.Linear(width, n_residual)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        waves = math.pi * torch.exp2(torch.arange(N_WAVES) / 2.0 - 2.0)
        self.register_buffer("frequency", waves, persistent=False)
        self.register_buffer("_within", _within_table(tokens, self.places), persistent=False)

    def within(self, codes: Tensor) -> Tensor:
        """Whether each residual of the rows means something: (batch, n_residual) bool."""
        rows = torch.arange(len(self.places), device=codes.device)
        return self._within[rows, codes[:, self.places]]

    def told(self, codes: Tensor) -> Tensor:
        """What the network is told of the codes (batch, n_tokens): (batch, width); compute it once to sample."""
        return self.condition(self.embedding(codes).flatten(1))  # type: ignore[no-any-return]

    def forward(self, x: Tensor, level: Tensor, condition: Tensor) -> Tensor:
        """Field at the residuals ``x``."""
        angles = level[:, None] * self.frequency
        h = self.enter(torch.cat([x, angles.sin(), angles.cos()], dim=1)) + condition
        for block in self.blocks:
            h = h + nn.functional.silu(block(h))
        return self.leave(h)  # type: ignore[no-any-return]


def _within_table(tokens: Sequence[Token], places: Sequence[int]) -> Tensor:
    """(n_residual, most codes) bool: codes of each residual token that are bins."""
    table = torch.zeros(len(places), max((tokens[place].n_codes for place in places), default=0), dtype=torch.bool)
    for row, place in enumerate(places):
        table[row, : tokens[place].n_codes] = torch.as_tensor(tokens[place].within)
    return table


__all__ = ["EDGE", "ResidualNetwork", "normal_scores", "positions"]
