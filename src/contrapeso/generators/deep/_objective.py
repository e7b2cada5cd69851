"""What the training loop and the sampler ask of a family of networks; the loop knows none of its mathematics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from contrapeso.generators._training import Training


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of one step.

    Shape: codes (batch, n_tokens) int64, residual (batch, n_residual) float32 or None, weight (batch,) float32 or None.
    """

    codes: Tensor
    residual: Tensor | None = None
    weight: Tensor | None = None

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Rows to sample: codes (n, n_tokens) int64, -1 where free; per token, a mask (n, n_codes) of what it may take."""

    codes: Tensor
    allowed: Mapping[int, Tensor]

    def __len__(self) -> int:
        return len(self.codes)


class Objective(Protocol):
    """A family: its weights, its loss and its sampler."""

    module: nn.Module
    """All the weights and buffers; the moving average is kept over its parameters."""

    def groups(self, training: Training) -> dict[str, list[dict[str, Any]]]:
        """Parameter groups of each optimizer (AdamW keywords beside ``params``), by the optimizer's name."""

    def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:
        """Losses in the order of their updates.

        The loop clears the gradients of the named optimizer, goes backward, clips and steps before it asks for the
        next pair, so that a generator sees the discriminator that was just updated.
        """

    def held_out_loss(self, batch: Batch, generator: torch.Generator) -> Tensor | None:
        """Loss of every row (batch,), in nats where it is a likelihood or a bound; None where it tells nothing."""

    def sample(self, request: Request, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        """Codes (n, n_tokens) int64 that keep what was given, and residuals (n, n_residual) in (0, 1) or None."""


@runtime_checkable
class SamplesInPart(Protocol):
    """A family that samples with a part of its module; the rest trains it and is not saved with the model."""

    @property
    def sampling_module(self) -> nn.Module:
        """The part of ``module`` that sampling needs."""


@runtime_checkable
class CountsRows(Protocol):
    """A family that counts its training rows while it trains."""

    def forget_rows(self) -> None:
        """Start the counts anew: other rows will train."""


def sampling_module(objective: Objective) -> nn.Module:
    """What is saved of a family: the part of its module that samples."""
    return objective.sampling_module if isinstance(objective, SamplesInPart) else objective.module


class Likelihood(Protocol):
    """A family that knows the probability of a row."""

    def log_prob(self, batch: Batch) -> Tensor:
        """Log-probability of the codes of every row, in nats, shape (batch,)."""


__all__ = ["Batch", "CountsRows", "Likelihood", "Objective", "Request", "SamplesInPart", "sampling_module"]
