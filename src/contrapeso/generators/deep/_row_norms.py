"""Norms of the gradient of each row of a batch, without the gradients: one backward pass for all rows.

In a product y = x W the gradient of row i is the outer product of x_i and d_i, its derivative by y_i, and the norm of
an outer product is the product of the norms [1]_. So only x and d are needed, never a gradient of W for each row, which
would be as large as the network for each row. The networks here use every weight once for a row, or twice with the
same rows of a table; uses of one weight are added up before the square, so the norms are exact.

What enters is recorded while the losses are computed. An operation with a weight that is not in the table below would
go unseen: :func:`check_norms` compares with plain gradients before any private row is touched.

References
----------
.. [1] Goodfellow, "Efficient Per-Example Gradient Computations", arXiv 1510.01799 (2015).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from contrapeso.errors import ContrapesoError

TOLERANCE = 1e-3


class Use(NamedTuple):
    """One product with a weight: what went in and what came out, both with the rows of the batch first."""

    entered: Tensor
    left: Tensor
    bias: bool


Squares = Callable[[Sequence[Use], Sequence[Tensor]], Tensor]
"""Uses of one weight, and the derivatives of the losses by what left them -> squared norms (batch,)."""


class RowNorms(TorchFunctionMode):
    """Records the products with weights of all losses that are computed within it."""

    def __init__(self) -> None:
        super().__init__()
        self._uses: dict[tuple[object, int, int], list[Use]] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the operation; keep what goes in and comes out where a weight is in it."""
        result = func(*args, **(kwargs or {}))
        known = _KNOWN.get(func)
        if known is not None:
            weight, use = known.found(args, result)
            if _is_weight(weight) and result.requires_grad:
                key = (func, weight.data_ptr(), weight.numel())
                self._uses.setdefault(key, []).append(use)
        return result

    def norms(self, losses: Tensor) -> Tensor:
        """Norm (batch,) of the gradient of each of the losses (batch,); the graph is kept."""
        left = [use.left for uses in self._uses.values() for use in uses]
        slopes = iter(torch.autograd.grad(losses.sum(), left, retain_graph=True, materialize_grads=True))
        total = torch.zeros_like(losses)
        for (func, *_), uses in self._uses.items():
            total = total + _KNOWN[func].squares(uses, [next(slopes) for _ in uses])
        return total.sqrt()


def _is_weight(value: Any) -> bool:
    """Whether it is a parameter, or a part of one."""
    if not isinstance(value, Tensor) or not value.requires_grad:
        return False
    return value.is_leaf or (value._base is not None and value._base.is_leaf)


class _Operation(NamedTuple):
    found: Callable[[tuple[Any, ...], Tensor], tuple[Tensor, Use]]
    squares: Squares


def _of_products(uses: Sequence[Use], slopes: Sequence[Tensor]) -> Tensor:
    """X (batch, ..., n_in) and d (batch, ..., n_out), a weight for each place between, and perhaps one bias."""
    total: Tensor | float = 0.0
    for i, (a, d) in enumerate(zip(uses, slopes, strict=True)):
        for j, (b, e) in enumerate(zip(uses[: i + 1], slopes, strict=False)):
            both = _dot(d, e) * (_dot(a.entered, b.entered) + float(a.bias and b.bias))
            total = total + (both if i == j else 2 * both).flatten(1).sum(dim=1)
    return total  # type: ignore[return-value]


def _of_scales(uses: Sequence[Use], slopes: Sequence[Tensor]) -> Tensor:
    """Products x * gain, and perhaps a shift, all of one width."""
    pairs = list(zip(uses, slopes, strict=True))
    gain = torch.stack([use.entered * slope for use, slope in pairs]).sum(dim=0)
    shift = torch.stack([slope * float(use.bias) for use, slope in pairs]).sum(dim=0)
    return (gain.square() + shift.square()).sum(dim=1)


def _of_rows(uses: Sequence[Use], slopes: Sequence[Tensor]) -> Tensor:
    """Rows (batch, n_tokens) of a table, where the tokens of a batch row never share one."""
    if any(not torch.equal(use.entered, uses[0].entered) for use in uses[1:]):
        raise ContrapesoError("The norm of a table's gradient needs the same rows in every use; these differ.")
    return torch.stack(list(slopes)).sum(dim=0).square().flatten(1).sum(dim=1)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(dim=-1, keepdim=True)


def _added_product(args: tuple[Any, ...], y: Tensor) -> tuple[Tensor, Use]:
    return args[2], Use(args[1], y, bias=True)


def _linear(args: tuple[Any, ...], y: Tensor) -> tuple[Tensor, Use]:
    return args[1], Use(args[0], y, bias=len(args) > 2 and args[2] is not None)


def _scaled(args: tuple[Any, ...], y: Tensor) -> tuple[Tensor, Use]:
    return args[2], Use(args[1], y, bias=True)


def _looked_up(args: tuple[Any, ...], y: Tensor) -> tuple[Tensor, Use]:
    return args[1], Use(args[0], y, bias=False)


def _summed(args: tuple[Any, ...], y: Tensor) -> tuple[Tensor, Use]:
    return args[2], Use(args[1], y, bias=False)


def _multiplied(args: tuple[Any, ...], y: Tensor) -> tuple[Tensor, Use]:
    return args[1], Use(args[0], y, bias=False)


_KNOWN: dict[Any, _Operation] = {
    torch.addmm: _Operation(_added_product, _of_products),
    functional.linear: _Operation(_linear, _of_products),
    torch.addcmul: _Operation(_scaled, _of_scales),
    functional.embedding: _Operation(_looked_up, _of_rows),
    torch.einsum: _Operation(_summed, _of_products),
    torch.Tensor.mul: _Operation(_multiplied, _of_scales),
}
"""Operations by which weights enter the autoregressive networks."""


def check_norms(module: nn.Module, losses_of: Callable[[], Tensor]) -> None:
    """See that the norms are those of plain gradients, for losses of a few invented rows.

    Raises
    ------
    ContrapesoError
        If they are not: a weight is used in a way that is not known here, and nothing would bound a row's influence.
    """
    recorder = RowNorms()
    with recorder:
        losses = losses_of()
    found = recorder.norms(losses)
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for loss, norm in zip(losses, found, strict=True):
        gradients = torch.autograd.grad(loss, parameters, retain_graph=True, materialize_grads=True)
        plain = torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt()
        if not torch.isclose(norm, plain, rtol=TOLERANCE, atol=1e-6):
            raise ContrapesoError(
                f"The norm of a row's gradient came out as {float(norm):.6g}, and is {float(plain):.6g}: a weight of "
                "this network is used in a way that private training does not know. Train without privacy."
            )


__all__ = ["RowNorms", "check_norms"]
