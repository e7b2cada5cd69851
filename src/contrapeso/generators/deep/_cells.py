"""Ordered tokens as cells of one continuous distribution: what a bin learns, its neighbours learn too.

A softmax over bins knows nothing of their order: where rows are few, or a column is nearly a
function of another, it cannot place its mass finely. Here the normal score of a value follows a
mixture of logistics whose parts are moved by the network and, linearly, by the scores of the
columns before; a code's probability is the mass of its cell, times a free factor for what is no
matter of order (atoms, gaps). The same mixture, cut to the cell, gives the position within it [1]_.

In the two outer cells the scores are stretched so that rows fall off exponentially there, as a logistic does: in
normal scores, the far end of a logistic has too many of them.

References
----------
.. [1] Salimans et al., "PixelCNN++", ICLR 2017, Sec. 2.1 (discretised mixture of logistics).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor, nn
from torch.nn import functional

from contrapeso.tables.encoding._tokens import Floats, Token

FAR = 30.0
"""Where the outermost cells end, in normal scores: no logistic has mass beyond."""
LEAST_LOG_SCALE, MOST_LOG_SCALE = -5.0, 3.0
TINY = 1e-6
ROWS_PER_CODE = 1000
"""An ordered token of exact values is a mixture where it has fewer rows for each of them: neighbours then help."""


class Parts(NamedTuple):
    """A mixture of logistics for each row: log weights, means and log scales, each (batch, n_parts)."""

    log_weight: Tensor
    mean: Tensor
    log_scale: Tensor


class Cells(nn.Module):
    """Where the cells of one ordered token end, in scores: normal ones, exponential in the outer cells.

    Attributes
    ----------
    edges : Tensor of shape (n_cells + 1,)
    below, share : Tensor of shape (n_codes,)
        Training frequency of the cells before a code, and its own; for codes without an order their share only.
    start, tail : Tensor of shape (n_codes,)
        Score at the inner edge of an outer cell, and the signed scale of the scores in it; 0 for the other codes.
    """

    edges: Tensor
    below: Tensor
    share: Tensor
    within: Tensor
    base: Tensor
    tail: Tensor
    start: Tensor

    def __init__(self, token: Token, n_rows: int) -> None:
        super().__init__()
        found = _frequencies(token)
        self.n_cells = found.n_cells
        start, tail = _tails(found, token.within)
        tensors = {"edges": found.edges, "below": found.below, "share": found.share, "base": found.base}
        tensors |= {"start": start, "tail": tail}
        for name, values in tensors.items():
            self.register_buffer(name, torch.as_tensor(values, dtype=torch.float32), persistent=False)
        self.register_buffer("within", torch.as_tensor(token.within), persistent=False)
        resolution = 0.5 / np.maximum(2.0, found.share * n_rows)
        self.register_buffer("resolution", torch.as_tensor(resolution, dtype=torch.float32), persistent=False)

    resolution: Tensor

    def scores(self, codes: Tensor, position: Tensor | None) -> Tensor:
        """Score (batch,) of the value at ``position`` in the cell; 0 for codes without an order."""
        inside = (codes >= 0) & (codes < self.n_cells)
        safe = codes.clamp(0, self.n_cells - 1)
        place = torch.full_like(self.below[safe], 0.5) if position is None else position
        place = torch.where(self.within[safe], place, 0.5)
        return torch.where(inside, self._score(safe, place), 0.0)

    def log_masses(self, parts: Parts) -> Tensor:
        """Log-probability (batch, n_codes) of the codes: masses of the cells, training frequencies of the others."""
        z = (self.edges - parts.mean[..., None]) * torch.exp(-parts.log_scale)[..., None]
        cumulative = (parts.log_weight.exp()[..., None] * torch.sigmoid(z)).sum(dim=1)
        masses = torch.log((cumulative[:, 1:] - cumulative[:, :-1]).clamp(min=0) + TINY)
        if self.n_cells == len(self.base):
            return masses
        rest = self.base[self.n_cells :].expand(masses.shape[0], -1)
        return torch.cat([masses + self.base[0], rest], dim=1)

    def position_losses(self, parts: Parts, codes: Tensor, position: Tensor) -> Tensor:
        """Negative log-density (batch,) of the position in the cell; 0 for atoms."""
        safe = codes.clamp(max=self.n_cells - 1)
        half = self.resolution[safe]
        low, high = (position - half).clamp(min=0.0), (position + half).clamp(max=1.0)
        ends = [self._edge(safe, low), self._edge(safe, high)]
        found = log_mass(parts, *ends) - torch.log(high - low)
        whole = log_mass(parts, self.edges[safe], self.edges[safe + 1])
        inside = self.within[safe] & (codes < self.n_cells)
        return torch.where(inside, whole - found, 0.0)

    def draw(self, parts: Parts, codes: Tensor, generator: torch.Generator) -> Tensor:
        """Positions (batch,) within the cells of ``codes``, in (0, 1); 0.5 for atoms."""
        u = torch.rand(2, len(codes), generator=generator, device=codes.device, dtype=torch.float64)
        return self.draw_at(parts, codes, u)

    def draw_at(self, parts: Parts, codes: Tensor, u: Tensor) -> Tensor:
        """Positions (batch,) at two uniform numbers (2, batch), float64, of each row."""
        safe = codes.clamp(max=self.n_cells - 1)
        low, high = self.edges[safe], self.edges[safe + 1]
        score = _truncated(parts, low, high, u)
        position = self._position(safe, score).clamp(1e-4, 1 - 1e-4)
        inside = self.within[safe] & (codes < self.n_cells)
        return torch.where(inside, position, 0.5)

    def _edge(self, codes: Tensor, position: Tensor) -> Tensor:
        """Score at a position of a cell; its ends are the edges themselves."""
        score = self._score(codes, position)
        score = torch.where(position <= 0, self.edges[codes], score)
        return torch.where(position >= 1, self.edges[codes + 1], score)

    def _score(self, codes: Tensor, position: Tensor) -> Tensor:
        """Score (batch,) at a position of a cell: the normal quantile, the exponential one in an outer cell."""
        tail = self.tail[codes]
        chance = (self.below[codes] + self.share[codes] * position).clamp(TINY, 1 - TINY)
        rest = torch.where(tail > 0, 1 - position, position).clamp(min=TINY)
        return torch.where(tail == 0, torch.special.ndtri(chance), self.start[codes] - tail * torch.log(rest))

    def _position(self, codes: Tensor, score: Tensor) -> Tensor:
        """Position (batch,) in its cell of a score (batch,), float64: the inverse of :meth:`_score`."""
        tail = self.tail[codes]
        rest = torch.exp((self.start[codes] - score) / torch.where(tail == 0, 1.0, tail)).float()
        place = (torch.special.ndtr(score).float() - self.below[codes]) / self.share[codes]
        return torch.where(tail == 0, place, torch.where(tail > 0, 1 - rest, rest))


class CellHeads(nn.Module):
    """Mixtures of logistics for the ordered tokens among ``tokens``.

    Shape: h (batch, width), scores (batch, n_ordered) -> Parts of (batch, n_parts)
    """

    before: Tensor

    def __init__(
        self, tokens: Sequence[Token], width: int, n_rows: int, *, n_parts: int = 8, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.ordered = tuple(t for t, token in enumerate(tokens) if _is_fine(token, n_rows))
        self.place = {t: k for k, t in enumerate(self.ordered)}
        self.n_parts = n_parts
        n = len(self.ordered)
        self.cells = nn.ModuleList(Cells(tokens[t], n_rows) for t in self.ordered)
        self.weight = nn.Parameter(0.01 * torch.randn(n, width, 3 * n_parts, generator=generator))
        self.bias = nn.Parameter(_start(n, n_parts))
        self.skip = nn.Parameter(torch.zeros(n, n))

    def scores(self, codes: Tensor, residual: Tensor | None, columns: dict[int, int]) -> Tensor:
        """Normal scores (batch, n_ordered); ``columns`` tells the residual column of a token."""
        found = [
            self.of(t).scores(codes[:, t], None if residual is None or t not in columns else residual[:, columns[t]])
            for t in self.ordered
        ]
        return torch.stack(found, dim=1) if found else codes.new_zeros((len(codes), 0), dtype=torch.float32)

    def of(self, t: int) -> Cells:
        """Cells of token ``t``."""
        return cast("Cells", self.cells[self.place[t]])

    def unbound(self) -> list[tuple[Tensor, ...]]:
        """Weights of the mixture of every ordered token."""
        return list(zip(*(weight.unbind(0) for weight in (self.weight, self.bias, self.skip)), strict=True))

    def parts(self, t: int, h: Tensor, scores: Tensor) -> Parts:
        """The mixture of token ``t`` given its vectors (batch, width) and the known scores (batch, n_ordered)."""
        k = self.place[t]
        return self.mixture(h, scores, (self.weight[k], self.bias[k], self.skip[k]))

    def mixture(self, h: Tensor, scores: Tensor, weights: tuple[Tensor, ...]) -> Parts:
        """The mixture that ``weights`` make of the vectors and the scores."""
        weight, bias, skip = weights
        log_weight, mean, log_scale = torch.addmm(bias, h, weight).float().chunk(3, dim=1)
        moved = mean + (scores * skip).sum(dim=1, keepdim=True)  # not a product of matrices: bf16 would round it
        return Parts(torch.log_softmax(log_weight, 1), moved, log_scale.clamp(LEAST_LOG_SCALE, MOST_LOG_SCALE))

    def start_from(self, scores: Tensor, *, causal: bool, ridge: float = 10.0) -> None:
        """Set the linear part to the ridge regression of each score on those before it (or on all others)."""
        z = scores.double()
        gram = z.T @ z
        for k in range(len(self.ordered)):
            others = list(range(k)) if causal else [i for i in range(len(self.ordered)) if i != k]
            if not others:
                continue
            penalty = ridge * torch.eye(len(others), dtype=torch.float64)
            found = torch.linalg.solve(gram[others][:, others] + penalty, gram[others][:, k])
            spread = float((z[:, k] - z[:, others] @ found).std(correction=0).clamp(0.02, 1.0))
            with torch.no_grad():
                self.skip[k, others] = found.float() if causal else 0.0
                if causal:
                    self.bias[k, self.n_parts : 2 * self.n_parts] *= spread
                    self.bias[k, 2 * self.n_parts :] += math.log(spread)


def log_mass(parts: Parts, low: Tensor, high: Tensor) -> Tensor:
    """Log of the mixture's mass between ``low`` and ``high``, each (batch,), without cancellation in the tails."""
    return torch.logsumexp(parts.log_weight + _log_masses(parts, low, high), dim=1)


def _log_masses(parts: Parts, low: Tensor, high: Tensor) -> Tensor:
    inverse = torch.exp(-parts.log_scale)
    a, b = (low[:, None] - parts.mean) * inverse, (high[:, None] - parts.mean) * inverse
    gap = torch.log(-torch.expm1((a - b).clamp(max=-TINY)))
    return functional.logsigmoid(b) + functional.logsigmoid(-a) + gap


def _truncated(parts: Parts, low: Tensor, high: Tensor, u: Tensor) -> Tensor:
    """A draw (batch,) from the mixture between ``low`` and ``high``, from two uniform numbers for each row."""
    weights = torch.softmax((parts.log_weight + _log_masses(parts, low, high)).double(), dim=1)
    chosen = (weights.cumsum(dim=1) < u[0][:, None]).sum(dim=1).clamp(max=weights.shape[1] - 1)[:, None]
    mean, scale = (x.gather(1, chosen)[:, 0].double() for x in (parts.mean, parts.log_scale.exp()))
    ends = [torch.sigmoid((end.double() - mean) / scale) for end in (low, high)]
    chance = (ends[0] + (ends[1] - ends[0]) * u[1]).clamp(1e-12, 1 - 1e-12)
    score = mean + scale * torch.logit(chance)
    return torch.minimum(torch.maximum(score, low.double()), high.double())


def _start(n: int, n_parts: int) -> Tensor:
    bias = torch.zeros(n, 3 * n_parts)
    bias[:, n_parts : 2 * n_parts] = torch.linspace(-1.2, 1.2, n_parts)
    bias[:, 2 * n_parts :] = math.log(0.4)
    return bias


def _is_fine(token: Token, n_rows: int) -> bool:
    """Whether order says more of the token than its codes alone: it has bins, or many values for its rows."""
    few_rows = token.n_codes > 2 and n_rows < ROWS_PER_CODE * token.n_codes
    return token.ordered and token.parent is None and (token.residual or few_rows)


class _Frequencies(NamedTuple):
    n_cells: int
    edges: NDArray[np.float64]
    below: NDArray[np.float64]
    share: NDArray[np.float64]
    base: Floats


def _tails(found: _Frequencies, within: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inner edge (n_codes,) and signed scale (n_codes,) of the outer cells that are bins; 0 for the others.

    The scale is the Mills ratio at the inner edge, so that the density of the score does not jump there. A cell of more
    than half of the rows is no tail; up to a half, all scores stay within ``FAR``.
    """
    start, tail = np.zeros(len(found.share)), np.zeros(len(found.share))
    last = found.n_cells - 1
    for code, edge, sign in ((0, found.edges[1], -1.0), (last, found.edges[last], 1.0)):
        if last > 0 and within[code] and found.share[code] <= 0.5:
            start[code], tail[code] = edge, sign * found.share[code] / np.exp(-0.5 * edge**2) * np.sqrt(2 * np.pi)
    return start, tail


def _frequencies(token: Token) -> _Frequencies:
    """Cells of the ordered codes, which come first; shares are among them."""
    ordered = np.isfinite(token.position)
    n_cells = int(ordered.sum())
    chance = np.exp(token.log_marginal.astype(np.float64))
    share = np.where(ordered, chance, 0.0)
    total = share.sum()
    share /= total
    ends = np.concatenate([[0.0], np.cumsum(share[:n_cells])])
    edges = ndtri(np.clip(ends, TINY, 1 - TINY))
    edges[0], edges[-1] = -FAR, FAR
    below = np.concatenate([ends[:-1], np.ones(len(share) - n_cells)])
    base = np.where(ordered, np.log(total / chance.sum()), np.log(chance / chance.sum())).astype(np.float32)
    return _Frequencies(n_cells, edges, below, np.maximum(share, 1e-12), base)


__all__ = ["CellHeads", "Cells", "Parts", "log_mass"]
