"""Frequencies of all pairs of codes, and how far generated rows are from the real ones in them.

A generator gives probabilities that are independent between tokens once its noise is drawn. The expected frequency of
a pair is then the mean of products of probabilities: exact, without drawing a code. The squared distance is estimated
by the product of the errors of two halves of the batch, which has no bias from the variance of a batch.

Codes of long tokens are merged: neighbours of an ordered one, rare ones of the others. So the cost is bounded whatever
the table, and the discriminator and the single frequencies, which are never merged, see to the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from contrapeso.tables.encoding._tokens import Token

MAX_GROUPS = 32
TOTAL_GROUPS = 768
RARE_POWER = 0.25
"""Columns are divided by (frequency ** .25): between absolute (0) and relative (.5, chi-square) errors."""


class PairMoments(nn.Module):
    """Running frequencies of pairs of real codes, and the distance of generated rows from them.

    Shape: probabilities (batch, n_codes) -> scalar

    Parameters
    ----------
    tokens : sequence of Token
        Those that are generated; ``n_codes`` are all of theirs side by side.
    n_rows : int
        Rows of the training table: codes rarer than one of them weigh as if they had one.
    """

    _group: Tensor
    _members: Tensor
    _scale: Tensor
    _single_scale: Tensor
    _between: Tensor
    _owner: Tensor
    pairs: Tensor
    singles: Tensor
    seen: Tensor

    def __init__(self, tokens: Sequence[Token], n_rows: int) -> None:
        super().__init__()
        groups, owner = _merged(tokens)
        share = torch.as_tensor(np.concatenate([np.exp(token.log_marginal) for token in tokens])).float()
        n_groups = len(owner)
        merged = torch.zeros(n_groups).index_add(0, torch.as_tensor(groups), share)
        same = torch.as_tensor(owner[:, None] == owner[None])
        constants = {
            "_group": torch.as_tensor(groups),
            "_members": nn.functional.one_hot(torch.as_tensor(groups), n_groups).float(),
            "_scale": merged.clamp(min=1 / n_rows) ** -RARE_POWER,
            "_single_scale": share.clamp(min=1 / n_rows) ** -RARE_POWER,
            "_between": (~same).float(),
            "_owner": torch.as_tensor(owner),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)
        self.n_tokens = len(tokens)
        self.register_buffer("pairs", torch.zeros(n_groups, n_groups))
        self.register_buffer("singles", torch.zeros(len(share)))
        self.register_buffer("seen", torch.zeros(()))

    @torch.no_grad()
    def observe(self, rows: Tensor, weight: Tensor | None = None) -> None:
        """Add real rows, as packed codes (batch, n_tokens) and weights (batch,), to the running frequencies."""
        by_row = torch.ones(len(rows), device=rows.device) if weight is None else weight
        members = torch.zeros(len(rows), len(self._scale), device=rows.device)
        members.scatter_(1, self._group[rows], 1.0)
        members *= self._scale
        total = by_row.sum()
        self.seen += total
        pairs = members.T @ (members * by_row[:, None])
        singles = torch.zeros_like(self.singles).index_add(0, rows.flatten(), by_row.repeat_interleave(rows.shape[1]))
        self.pairs += (pairs - total * self.pairs) / self.seen
        self.singles += (singles - total * self.singles) / self.seen

    def forget(self) -> None:
        """Frequencies of no rows, as at the start."""
        for running in (self.pairs, self.singles, self.seen):
            running.zero_()

    def forward(self, probabilities: Tensor, weight: Tensor | None = None) -> Tensor:
        """Mean over pairs of tokens of their squared distance, plus that over tokens; weighted by row."""
        if len(probabilities) < 2:
            return probabilities.sum() * 0.0
        by_row = torch.ones_like(probabilities[:, 0]) if weight is None else weight
        first, second = (self._errors(probabilities[half::2], by_row[half::2]) for half in (0, 1))
        n_pairs = max(self.n_tokens * (self.n_tokens - 1), 1)
        return (first[0] * second[0]).sum() / n_pairs + (first[1] * second[1]).sum() / max(self.n_tokens, 1)

    def conditional(self, probabilities: Tensor, real: Tensor, given: Tensor) -> Tensor:
        """The same distance for pairs of a given and a free token: rows with a code given follow the real ones with it.

        Parameters
        ----------
        probabilities : Tensor of shape (batch, n_codes)
        real : Tensor of shape (batch, n_tokens), int64
            Packed codes of the real rows that the conditions were taken from.
        given : Tensor of shape (batch, n_tokens), bool
        """
        if len(real) < 2:
            return probabilities.sum() * 0.0
        groups = self._group[real]
        known = torch.zeros(len(real), len(self._scale), device=real.device)
        whole = known.scatter(1, groups, 1.0)
        known = known.scatter(1, groups, given.float()) * self._scale
        free = (~given).float()[:, self._owner]
        off = ((probabilities @ self._members) - whole) * free * self._scale
        first, second = (known[half::2].T @ off[half::2] / len(off[half::2]) for half in (0, 1))
        share = (given.float().T @ (~given).float() / len(given)).clamp(min=1 / len(given))
        products = (
            first * second / share[self._owner][:, self._owner]
        )  # each pair by its share, and not the square of it
        return products.sum() / max(self.n_tokens * (self.n_tokens - 1), 1)

    def _errors(self, probabilities: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        merged = (probabilities @ self._members) * self._scale
        weight = (weight / weight.sum())[:, None]
        pairs = torch.addmm(self.pairs, merged.T, merged * weight, beta=-1.0) * self._between
        return pairs, ((probabilities * weight).sum(dim=0) - self.singles) * self._single_scale


def _merged(tokens: Sequence[Token]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Group of every packed code (n_codes,), and the token that each group belongs to (n_groups,)."""
    most = max(2, min(MAX_GROUPS, TOTAL_GROUPS // max(len(tokens), 1)))
    groups, owner, start = [], [], 0
    for t, token in enumerate(tokens):
        own = _merged_codes(token, most)
        groups.append(own + start)
        n_groups = int(own.max()) + 1
        owner.append(np.full(n_groups, t))
        start += n_groups
    return np.concatenate(groups).astype(np.int64), np.concatenate(owner)


def _merged_codes(token: Token, most: int) -> NDArray[np.int64]:
    """Group of each code: equal shares of the rows in the order of the values, or the commonest and the rest."""
    if token.n_codes <= most:
        return np.arange(token.n_codes)
    share = np.exp(token.log_marginal.astype(np.float64))
    if not token.ordered:
        rank = np.argsort(np.argsort(-share, kind="stable"), kind="stable")
        return np.minimum(rank, most - 1)
    middle = np.cumsum(share / share.sum()) - share / share.sum() / 2
    found = np.unique(np.minimum((middle * most).astype(np.int64), most - 1), return_inverse=True)[1]
    return found.astype(np.int64)


__all__ = ["PairMoments"]
