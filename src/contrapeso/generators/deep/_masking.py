"""Random orders in which the tokens of a row are revealed, and the absorbing noise that hides them.

Masked diffusion hides every token independently by time t (with the log-linear schedule, with probability t) and
weighs the cross-entropy of what is hidden by 1/t. Given that k of T tokens are hidden, which ones is uniform, and the
integral over t of (1/t) Binomial(k; T, t) is 1/k for every k: time can be integrated out. What is left is "draw k
uniformly from 1, ..., T, hide k random tokens, and weigh the mean cross-entropy of the hidden by T", the bound of an
any-order autoregressive model, with less variance. A perfect denoiser does not depend on t either, so none is given it.

A fine token means nothing before its parent is known. The orders are therefore the uniform linear extensions of the
forest of parents: by the hook length formula the next token revealed is j with probability (hidden tokens in the tree
under j) / k if its ancestors are all visible, and 0 otherwise. These weights replace 1/k in the mean, and the bound
stays exact.

References
----------
.. [1] Sahoo et al., "Simple and effective masked diffusion language models", NeurIPS 2024, Sec. 3.
.. [2] Hoogeboom et al., "Autoregressive diffusion models", ICLR 2022, Sec. 3.
.. [3] Ou et al., "Your absorbing discrete diffusion secretly models the conditional distributions of clean data",
   ICLR 2025, Sec. 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from contrapeso.generators.deep._heads import Heads
from contrapeso.generators.deep._objective import Request
from contrapeso.tables.encoding._tokens import Token

Vectors = Callable[[int, Tensor], Tensor]
"""Vectors that the logits are made of: (token, rows (m,)) -> (m, width)."""
Look = Callable[[Tensor, Tensor], Vectors]
"""What a denoiser says of rows: (codes (n, n_tokens), visible (n, n_tokens)) -> vectors of any token of any rows."""


@dataclass(frozen=True, slots=True, eq=False)
class RevealOrder:
    """Uniform orders of tokens, each after its parent.

    Attributes
    ----------
    tree : Tensor of shape (n_tokens, n_tokens), bool
        Whether the token of the column is the token of the row, or below it.
    first : tuple of int
        Tokens that lead the orders where that is asked: the target and its ancestors, from the top.
    families : tuple of tuple of int
        Every parent with all that is below it, from the top.
    """

    tree: Tensor
    first: tuple[int, ...] = ()
    families: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, tokens: Sequence[Token], target: int | None = None) -> RevealOrder:
        """Orders of ``tokens``, led by ``target`` where that is asked."""
        tree = torch.eye(len(tokens), dtype=torch.bool)
        for index, token in enumerate(tokens):
            if token.parent is not None:
                tree[:, index] |= tree[:, token.parent]
        lineage = [] if target is None else torch.nonzero(tree[:, target]).flatten().tolist()
        families = [tuple(torch.nonzero(row).flatten().tolist()) for row in tree]
        return cls(tree, tuple(lineage), tuple(family for family in families if len(family) > 1))

    def __len__(self) -> int:
        return len(self.tree)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Place of every token in ``n`` random orders: (n, n_tokens) int64, each row a permutation."""
        keys = torch.rand((n, len(self)), generator=generator, device=generator.device)
        return self._legal(keys)

    def draw_led(self, n: int, generator: torch.Generator) -> Tensor:
        """As ``draw``, with the tokens ``first`` in front."""
        keys = torch.rand((n, len(self)), generator=generator, device=generator.device)
        for place, token in enumerate(self.first):
            keys[:, token] = place - len(self.first)
        return self._legal(keys)

    def settled(self, known: Tensor) -> Tensor:
        """Tokens (n, n_tokens) that are known and whose ancestors all are: what a network can be shown."""
        unknown = (~known).float()
        return known & (unknown @ self.tree.to(known.device, torch.float32) < 0.5)

    def after(self, known: Tensor, keys: Tensor) -> Tensor:
        """Orders by ``keys`` (n, n_tokens) in [-0.5, 1) that begin with the tokens ``known`` (n, n_tokens).

        A known token with an unknown parent follows it; both come before whatever is free.
        """
        settled = self.settled(known)
        above = ~known & (known.float() @ self.tree.to(known.device, torch.float32).T > 0.5)
        return self._legal(keys - 6.0 * settled - 4.0 * above - 2.0 * (known & ~settled))

    def _legal(self, keys: Tensor) -> Tensor:
        """Ranks of the keys after every parent took the least key of its tree."""
        for family in self.families:
            members = torch.tensor(family, device=keys.device)
            own = keys[:, family[0]].clone()
            least, place = keys[:, members].min(dim=1)
            keys = keys.scatter(1, members[place][:, None], own[:, None])
            keys[:, family[0]] = least
        return keys.argsort(dim=1).argsort(dim=1)

    def next_weights(self, visible: Tensor, led: Tensor | None = None) -> Tensor:
        """Chance of every token to be revealed next.

        Parameters
        ----------
        visible : Tensor of shape (n, n_tokens), bool
            What is revealed; a row with everything visible has weights of zero.
        led : Tensor of shape (n,), bool, optional
            Rows whose orders are led by ``first``.

        Returns
        -------
        Tensor of shape (n, n_tokens), float32, rows adding up to 1
        """
        tree = self.tree.to(visible.device, torch.float32)
        hidden = (~visible).float()
        blocked = hidden @ tree - hidden > 0
        weights = (hidden @ tree.T) * hidden * ~blocked
        weights = weights / hidden.sum(dim=1, keepdim=True).clamp(min=1)
        if led is not None:
            for token in reversed(self.first):
                due = led & ~visible[:, token]
                alone = torch.zeros_like(weights)
                alone[:, token] = 1.0
                weights = torch.where(due[:, None], alone, weights)
        return weights


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """What a denoiser sees of a batch, and what every cross-entropy counts: both of shape (n, n_tokens).

    The sum over tokens of ``weight`` times the cross-entropy is an unbiased estimate of the bound on -log p(row).
    """

    visible: Tensor
    weight: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class AbsorbingNoise:
    """Noise that hides tokens, with the number hidden stratified over the rows of a batch.

    ``p_drop`` is the chance that a row's order is not led by the target, so that the target is hidden among the others
    (the unconditional half of classifier-free guidance, and what predicts the target).
    """

    order: RevealOrder
    p_drop: float = 1.0

    def draw(self, n: int, generator: torch.Generator) -> Masks:
        """Masks for ``n`` rows."""
        ranks, led = self.orders(n, generator)
        count = len(self.order)
        device = generator.device
        strata = torch.randperm(n, generator=generator, device=device)  # held-out rows come in the table's order
        strata = strata + torch.rand(n, generator=generator, device=device)
        visible = ranks < (strata * (count / n)).long().clamp(max=count - 1)[:, None]
        return Masks(visible, count * self.order.next_weights(visible, led))

    def orders(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Ranks (n, n_tokens) of random orders, and which of them are led by the target (n,)."""
        free = self.order.draw(n, generator)
        led = torch.zeros(n, dtype=torch.bool, device=generator.device)
        if not self.order.first or self.p_drop >= 1.0:
            return free, led
        led = torch.rand(n, generator=generator, device=generator.device) >= self.p_drop
        return torch.where(led[:, None], self.order.draw_led(n, generator), free), led


def steps_of(ranks: Tensor, known: Tensor, n_steps: int) -> Tensor:
    """Step at which every token is revealed: -1 where known, else 0, ..., ``n_steps`` - 1 in the order of ``ranks``.

    The free tokens of a row are shared out evenly; with as many steps as tokens every step reveals at most one.
    """
    free = torch.where(known, torch.full_like(ranks, ranks.shape[1]), ranks).argsort(dim=1).argsort(dim=1)
    n_free = (~known).sum(dim=1, keepdim=True).clamp(min=1)
    steps = torch.where(n_free <= n_steps, free, free * n_steps // n_free)
    return torch.where(known, torch.full_like(steps, -1), steps)


def reveal(
    look: Look, heads: Heads, order: RevealOrder, request: Request, *, steps: Tensor, generator: torch.Generator
) -> Tensor:
    """Codes (n, n_tokens) sampled step by step; what is given is visible from the start and stays as it is.

    Tokens of one step are drawn independently given the steps before (but a fine token sees the parent's code in its
    prior): with one token a step this is exact sampling in the order of ``steps``, which come from `steps_of`.
    """
    codes = request.codes.clone()
    for step in range(int(steps.max()) + 1):
        now = steps == step
        vectors = look(codes, order.settled(codes >= 0))
        for token in torch.nonzero(now.any(dim=0)).flatten().tolist():
            rows = torch.nonzero(now[:, token]).flatten()
            part = rows_of(request, rows)
            codes[rows, token] = heads.sample_token(token, vectors(token, rows), codes[rows], part, generator)
    return codes


def rows_of(request: Request, rows: Tensor) -> Request:
    """Some rows of a request."""
    return Request(request.codes[rows], {token: mask[rows] for token, mask in request.allowed.items()})


__all__ = ["AbsorbingNoise", "Masks", "RevealOrder", "reveal", "rows_of", "steps_of"]
