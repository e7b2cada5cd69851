"""A decoder over tokens: each token given those before it, all in one pass; what the autoregressive families share.

The tokens before a token are summed up in a running state (a cumulative sum of their embeddings, as
in NADE [1]_), which costs no product of matrices; a small network of its own for every token reads
the state. Codes without an order have a softmax; ordered ones a softmax times the cell masses of a
mixture of logistics, which also gives the position within the cell.

References
----------
.. [1] Larochelle and Murray, "The Neural Autoregressive Distribution Estimator", AISTATS 2011, Sec. 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from contrapeso.errors import UnsupportedOperationError
from contrapeso.generators.deep._cells import CellHeads, Parts
from contrapeso.generators.deep._embed import TokenEmbedding
from contrapeso.generators.deep._experts import Experts, wide
from contrapeso.generators.deep._heads import Heads, draw
from contrapeso.generators.deep._objective import Request
from contrapeso.tables.encoding._tokens import Token

N_KNOTS = 16
"""Soft steps by which a score enters the state beside itself."""


class TokenNetworks(nn.Module):
    """A small residual network for every token."""

    def __init__(self, n_tokens: int, state: int, hidden: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.dropout = dropout
        self.gain = nn.Parameter(torch.ones(n_tokens, state))
        self.shift = nn.Parameter(0.1 * torch.randn(n_tokens, state, generator=generator))
        self.first = nn.Parameter(_uniform((n_tokens, state, hidden), state, generator))
        self.first_bias = nn.Parameter(torch.zeros(n_tokens, hidden))
        self.second = nn.Parameter(_uniform((n_tokens, hidden, hidden), hidden, generator))
        self.second_bias = nn.Parameter(torch.zeros(n_tokens, hidden))

    def unbound(self) -> list[tuple[Tensor, ...]]:
        """Weights of each token's network; taking them apart once spares the backward pass a zero fill for each."""
        weights = (self.shift, self.gain, self.first_bias, self.first, self.second_bias, self.second)
        return list(zip(*(weight.unbind(0) for weight in weights), strict=True))

    def forward(self, weights: tuple[Tensor, ...], state: Tensor) -> Tensor:
        """One token's vectors (batch, hidden) of the state (batch, state)."""
        shift, gain, first_bias, first, second_bias, second = weights
        x = functional.silu(torch.addcmul(shift, state, gain))
        h = self._dropped(functional.silu(torch.addmm(first_bias, x, first)))
        h = h + functional.silu(torch.addmm(second_bias, h, second))
        return self._dropped(h)

    def _dropped(self, h: Tensor) -> Tensor:
        return functional.dropout(h, self.dropout, training=self.training) if self.dropout else h


class Sizes(NamedTuple):
    """Widths of a decoder."""

    state: int
    hidden: int
    dropout: float


class Decoder(nn.Module):
    """Embedding, token networks and heads.

    Shape: codes (batch, n_tokens), residual (batch, n_residual) or None, context (batch, state) or None
    -> losses (batch, n_tokens), in nats
    """

    knots: Tensor

    def __init__(
        self,
        tokens: Sequence[Token],
        sizes: Sizes,
        n_rows: int,
        generator: torch.Generator,
        *,
        counts: bool = False,
    ) -> None:
        super().__init__()
        self.n_tokens = len(tokens)
        self.embedding = TokenEmbedding(tokens, sizes.state, smooth=False, generator=generator)
        self.networks = TokenNetworks(len(tokens), sizes.state, sizes.hidden, sizes.dropout, generator)
        self.heads = Heads(tokens, sizes.hidden, generator=generator)
        self.cells = CellHeads(tokens, sizes.hidden, n_rows, generator=generator)
        self.columns = {t: k for k, t in enumerate(t for t, token in enumerate(tokens) if token.residual)}
        self.scale = len(tokens) ** -0.5
        self.steps = nn.Parameter(
            0.3 * torch.randn(len(self.cells.ordered), N_KNOTS + 1, sizes.state, generator=generator)
        )
        self.register_buffer("knots", torch.special.ndtri((torch.arange(N_KNOTS) + 0.5) / N_KNOTS), persistent=False)
        self.register_buffer("_ordered", torch.tensor(self.cells.ordered, dtype=torch.int64), persistent=False)
        self._start_heads()
        self.experts = Experts(tokens, sizes.hidden, n_rows, generator=generator) if counts and wide(tokens) else None

    _ordered: Tensor

    @torch.no_grad()
    def _start_heads(self) -> None:
        """The free factor of ordered tokens starts at one: the mixture starts at the training frequencies by itself."""
        for t in self.cells.ordered:
            own = slice(self.heads.offsets[t], self.heads.offsets[t + 1])
            self.heads.bias[own] = 0.0
            self.heads.weight[own] = 0.0

    def forward(
        self, codes: Tensor, residual: Tensor | None, keep: Tensor | None = None, context: Tensor | None = None
    ) -> Tensor:
        """Losses of every token given those before it, or given the kept ones."""
        scores = self.cells.scores(codes, residual, self.columns)
        vectors = self.vectors(codes, scores, keep)
        losses = []
        heads, networks, mixtures = self.heads.unbound(), self.networks.unbound(), self.cells.unbound()
        for t, state in enumerate(_states(vectors, context, causal=keep is None)):
            h, parts, masses = self.networks(networks[t], state), None, None
            if t in self.cells.place:
                parts = self.cells.mixture(h, self._visible(t, scores, keep), mixtures[self.cells.place[t]])
                masses = self.cells.of(t).log_masses(parts)
            if self._has_counts(t):
                masses = self._counted(t, h, codes, masses)
            loss = self.heads.loss_with(t, h, codes, heads[t], masses)
            if parts is not None and residual is not None and t in self.columns:
                loss = loss + self.cells.of(t).position_losses(parts, codes[:, t], residual[:, self.columns[t]])
            losses.append(loss)
        return torch.stack(losses, dim=1)

    def count(self, codes: Tensor) -> None:
        """Count the training rows (n, n_tokens) for the experts; their tokens start at the counts."""
        if self.experts is None:
            return
        self.experts.count(codes)
        with torch.no_grad():
            for t in filter(self._has_counts, self.experts.place):
                self.heads.bias[self.heads.offsets[t] : self.heads.offsets[t + 1]] = 0.0

    def _has_counts(self, t: int) -> bool:
        return self.experts is not None and t in self.experts.place and self.experts.filled

    def _counted(self, t: int, h: Tensor, codes: Tensor, masses: Tensor | None) -> Tensor:
        """Log-probabilities (batch, n_codes) of token ``t`` by the experts, before the free logits are added.

        ``masses`` (batch, n_codes) are those of the cells, where it has an order.
        """
        if torch.compiler.is_exporting():
            raise UnsupportedOperationError(
                "This model draws columns of many values from counts of training rows, which are no part of a graph. "
                "To export it, fit it with AutoregressiveNetwork(counts=False)."
            )
        parent = self.heads.parents[t]
        if masses is not None:
            base = torch.softmax(masses, dim=1)
        elif parent is None:
            own = slice(self.heads.offsets[t], self.heads.offsets[t + 1])
            base = self.heads._marginal[own].exp().expand(len(h), -1)
        else:
            base = self.heads.prior(t, codes[:, parent].clamp(min=0)).exp()
        return cast("Experts", self.experts).log_prior(t, h, codes, base)

    def vectors(self, codes: Tensor, scores: Tensor, keep: Tensor | None = None) -> Tensor:
        """What each token adds to the state (batch, n_tokens, state)."""
        found: Tensor = self.embedding(codes, keep)
        if len(self._ordered):
            curves = torch.einsum("bkf,kfs->bks", self._features(scores), self.steps)
            if keep is not None:
                curves = curves * keep[:, self._ordered, None]
            found = found.index_add(1, self._ordered, curves.to(found.dtype))
        scaled: Tensor = found * self.scale
        return scaled

    def vector(self, t: int, codes: Tensor, scores: Tensor, table: Tensor) -> Tensor:
        """What token ``t`` alone adds to the state (batch, state); ``table`` is ``embedding.vectors()``."""
        found: Tensor = table[self.embedding.rows_of(t, codes)]
        k = self.cells.place.get(t)
        if k is not None:
            known = (codes[:, t] >= 0)[:, None]
            found = found + known * (self._features(scores[:, k]) @ self.steps[k]).to(found.dtype)
        scaled: Tensor = found * self.scale
        return scaled

    def _features(self, scores: Tensor) -> Tensor:
        """The scores and their soft steps, (..., 1 + N_KNOTS)."""
        return torch.cat([scores[..., None], torch.tanh(3 * (scores[..., None] - self.knots))], dim=-1)

    def log_probabilities(  # noqa: PLR0917  (what Heads takes, and the scores)
        self, t: int, h: Tensor, codes: Tensor, scores: Tensor, request: Request | None = None, temperature: float = 1.0
    ) -> tuple[Tensor, Parts | None]:
        """Log-probabilities (batch, n_codes) of token ``t`` and its mixture, None for one without an order."""
        parts = extra = None
        if t in self.cells.place:
            parts = self.cells.parts(t, h, scores)
            extra = self.cells.of(t).log_masses(parts)
        if self._has_counts(t):
            extra = self._counted(t, h, codes, extra)
            parent = self.heads.parents[t]
            if parent is not None:  # the heads add their prior
                prior = self.heads.prior(t, codes[:, parent].clamp(min=0))
                extra = torch.where(torch.isinf(prior), 0.0, extra - prior)
        return self.heads.log_probabilities(t, h, codes, request, temperature, extra), parts

    def _visible(self, t: int, scores: Tensor, keep: Tensor | None) -> Tensor:
        """Scores that token ``t`` may see: of earlier tokens, or of the kept ones but its own."""
        seen = self._ordered < t if keep is None else keep[:, self._ordered] & (self._ordered != t)
        return scores * seen


class Walk:
    """Token by token through rows: the codes and positions so far, and the state that they make."""

    def __init__(
        self, decoder: Decoder, request: Request, *, any_order: bool = False, context: Tensor | None = None
    ) -> None:
        self.decoder, self.request, self.any_order = decoder, request, any_order
        n, device = len(request), request.codes.device
        self.codes = request.codes.clone() if any_order else torch.full_like(request.codes, -1)
        self.residual = torch.full((n, len(decoder.columns)), 0.5, device=device)
        self.scores = decoder.cells.scores(self.codes, self.residual, decoder.columns)
        self._table, self._networks = decoder.embedding.vectors(), decoder.networks.unbound()
        start = torch.zeros(n, self._table.shape[1], device=device)
        if any_order:
            start = decoder.vectors(self.codes, self.scores, self.codes >= 0).sum(dim=1)
        self._state = start if context is None else start + context

    def go(self, t: int, generator: torch.Generator, temperature: float) -> Tensor:
        """Choose token ``t``; log-probability (batch,) of what was asked of it, 0 where it was free."""
        decoder, h = self.decoder, self.decoder.networks(self._networks[t], self._state)
        log_p, parts = decoder.log_probabilities(t, h, self.codes, self.scores, self.request, temperature)
        given = self.request.codes[:, t]
        chosen = torch.where(given >= 0, given, draw(log_p, generator))
        score = self._asked(t, h, given)
        self.put(t, chosen, parts, generator)
        return score

    def put(self, t: int, chosen: Tensor, parts: Parts | None, generator: torch.Generator) -> None:
        """Go on with the codes (batch,) of token ``t``, and positions drawn within them."""
        decoder = self.decoder
        before = decoder.vector(t, self.codes, self.scores, self._table) if self.any_order else 0.0
        self.codes[:, t] = chosen
        if t in decoder.cells.place:
            cells, column = decoder.cells.of(t), decoder.columns.get(t)
            if column is not None and parts is not None:
                self.residual[:, column] = cells.draw(parts, chosen, generator)
            within = None if column is None else self.residual[:, column]
            self.scores[:, decoder.cells.place[t]] = cells.scores(chosen, within)
        self._state = self._state + decoder.vector(t, self.codes, self.scores, self._table) - before

    def _asked(self, t: int, h: Tensor, given: Tensor) -> Tensor:
        allowed = self.request.allowed.get(t)
        if allowed is None and not bool((given >= 0).any()):
            return torch.zeros(len(given), device=given.device)
        log_p, _ = self.decoder.log_probabilities(t, h, self.codes, self.scores)
        of_given = log_p.gather(1, given.clamp(min=0)[:, None])[:, 0]
        of_set = torch.zeros_like(of_given) if allowed is None else log_p.masked_fill(~allowed, -torch.inf).logsumexp(1)
        found: Tensor = torch.where(given >= 0, of_given, of_set).clamp(min=-1e4)
        return found


def _states(vectors: Tensor, context: Tensor | None, *, causal: bool) -> Iterator[Tensor]:
    """The state (batch, state) that each token reads."""
    total = torch.zeros_like(vectors[:, 0]) if context is None else context
    if not causal:
        whole = total + vectors.sum(dim=1)
        yield from (whole for _ in range(vectors.shape[1]))
        return
    for vector in vectors.unbind(1):
        yield total
        total = total + vector


def _uniform(shape: tuple[int, ...], fan_in: int, generator: torch.Generator) -> Tensor:
    drawn: Tensor = (2 * torch.rand(shape, generator=generator) - 1) * fan_in**-0.5
    return drawn


__all__ = ["Decoder", "Sizes", "TokenNetworks", "Walk"]
