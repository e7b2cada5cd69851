"""Exponential moving average of the weights: what samples, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class MovingAverage:
    """Average of the parameters of ``module``, whose decay warms up so that the start is soon forgotten.

    After step t (from 0) the decay is min(``decay``, (1 + t) / (10 + t)). With ``decay`` 0 there is no average: the
    weights themselves are what samples.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.module = module
        self.decay = decay
        self._parameters = [parameter.detach() for parameter in module.parameters()]
        self.tensors = [parameter.clone() for parameter in self._parameters] if decay > 0 else []

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the weights after step ``step`` in."""
        if self.tensors:
            weight = 1.0 - min(self.decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self.tensors, self._parameters, weight)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Have the average in the module, in evaluation mode and without gradients; then the weights as they were."""
        training = self.module.training
        live = [parameter.clone() for parameter in self._parameters] if self.tensors else []
        with torch.no_grad():
            _copy(self.tensors, self._parameters)
            self.module.eval()
            try:
                yield
            finally:
                _copy(live, self._parameters)
                self.module.train(training)

    def snapshot(self) -> dict[str, Tensor]:
        """Copy of all that the module saves, the average in place of the weights."""
        with self.in_use():
            return {name: value.detach().clone() for name, value in self.module.state_dict().items()}


def _copy(sources: list[Tensor], targets: list[Tensor]) -> None:
    if sources:
        torch._foreach_copy_(targets, sources)


__all__ = ["MovingAverage"]
