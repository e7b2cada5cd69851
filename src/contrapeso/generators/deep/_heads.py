"""What a network says of each token: logits of its codes, the loss of the true one, and a draw that keeps the request.

Weights of all tokens are packed in token order; the tokens are visited one after the other, which on one core is
faster than padded batches of products (measured: 15 tokens of 2 to 128 codes 4.4 against 5.7 ms for a step forward and
back, 500 tokens 161 against 220 ms).

A token with a parent starts from the training frequencies given the parent's code (``log_prior``), added to its logits
in training and in sampling: the network learns what the rest of the row says beyond them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from contrapeso.errors import UnmetConditionsError
from contrapeso.generators.deep._objective import Request
from contrapeso.tables.encoding._tokens import Floats, Token

UNSEEN_NATS = 12.0
"""Loss of a code that the parent's code rules out: held-out rows may hold pairs that training rows do not."""

START_STD = 0.02


class Heads(nn.Module):
    """A linear map to logits for every token, that starts at the training frequencies.

    Shape: h (batch, n_tokens, width), codes (batch, n_tokens) int64 -> losses (batch, n_tokens), in nats

    ``offsets`` tells where the codes of each token start in packed logits; it is one longer than the tokens.
    """

    def __init__(self, tokens: Sequence[Token], width: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.sizes = [token.n_codes for token in tokens]
        self.parents = tuple(token.parent for token in tokens)
        self.weight = nn.Parameter(torch.empty(sum(self.sizes), width))
        self.bias = nn.Parameter(torch.empty(sum(self.sizes)))
        self.offsets = (0, *(int(stop) for stop in np.cumsum(self.sizes)))
        self._children = tuple(tuple(c for c, p in enumerate(self.parents) if p == t) for t in range(len(tokens)))
        marginals = np.concatenate([token.log_marginal for token in tokens])
        self.register_buffer("_marginal", torch.as_tensor(marginals), persistent=False)
        for t, token in enumerate(tokens):
            if token.log_prior is not None:
                prior = _full_prior(token.log_prior, token.log_marginal)
                self.register_buffer(f"_prior_{t}", torch.as_tensor(prior), persistent=False)
        self.reset(generator)

    def reset(self, generator: torch.Generator | None = None) -> None:
        """Draw small weights; biases at the log of the training frequencies (0 where the parent gives them)."""
        nn.init.normal_(self.weight, std=START_STD, generator=generator)
        with torch.no_grad():
            self.bias.copy_(self._marginal)
            for t, parent in enumerate(self.parents):
                if parent is not None:
                    self.bias[self.offsets[t] : self.offsets[t + 1]] = 0.0

    _marginal: Tensor

    def logits(self, h: Tensor) -> Tensor:
        """Logits of all tokens side by side (batch, sum of n_codes), without the parents' part."""
        return torch.cat([functional.linear(x, w, b) for x, w, b in self._split(h)], dim=1)

    def prior(self, t: int, parent_codes: Tensor) -> Tensor:
        """Log training frequencies (batch, n_codes) of token ``t`` given its parent's codes (batch,); may be -inf."""
        return cast("Tensor", getattr(self, f"_prior_{t}"))[parent_codes]

    def forward(self, h: Tensor, codes: Tensor, chosen: Tensor | None = None) -> Tensor:
        """:meth:`losses`."""
        return self.losses(h, codes, chosen)

    def losses(self, h: Tensor, codes: Tensor, chosen: Tensor | None = None) -> Tensor:
        """Cross-entropy of every token (batch, n_tokens).

        Parameters
        ----------
        chosen : Tensor of shape (batch, n_tokens), bool, optional
            Cells that count; the loss of the others is 0, and on a CPU they cost nothing.
        """
        if chosen is not None and h.device.type == "cpu":
            return self._losses_of_some(h, codes, chosen)
        found = [self._loss(t, x, w, b, codes) for t, (x, w, b) in enumerate(self._split(h))]
        losses = torch.stack(found, dim=1)
        return losses if chosen is None else losses * chosen

    def unbound(self) -> list[tuple[Tensor, Tensor]]:
        """Weight and bias of every token."""
        return list(zip(torch.split(self.weight, self.sizes), torch.split(self.bias, self.sizes), strict=True))

    def loss_with(
        self, t: int, h_t: Tensor, codes: Tensor, weights: tuple[Tensor, Tensor], extra: Tensor | None = None
    ) -> Tensor:
        """Cross-entropy (batch,) of token ``t`` from its vectors (batch, width); ``extra`` is added to its logits."""
        if extra is None:
            return self._loss(t, h_t, *weights, codes)
        logits = functional.linear(h_t, *weights) + extra
        return functional.cross_entropy(logits, codes[:, t], reduction="none")

    def token_logits(self, t: int, h_t: Tensor, codes: Tensor) -> Tensor:
        """Logits (batch, n_codes) of token ``t`` from its vectors (batch, width), the parent's part added.

        Rows whose parent is absent (a negative code) get the plain training frequencies in its place.
        """
        own = slice(self.offsets[t], self.offsets[t + 1])
        logits = functional.linear(h_t, self.weight[own], self.bias[own]).float()
        parent = self.parents[t]
        if parent is None:
            return logits
        above = codes[:, parent]
        return logits + torch.where((above >= 0)[:, None], self.prior(t, above.clamp(min=0)), self._marginal[own])

    def log_probabilities(  # noqa: PLR0917
        self,
        t: int,
        h_t: Tensor,
        codes: Tensor,
        request: Request | None = None,
        temperature: float = 1.0,
        extra: Tensor | None = None,
    ) -> Tensor:
        """Log-probabilities (batch, n_codes) of token ``t`` under the request: ``-inf`` for what it rules out.

        ``extra`` (batch, n_codes) is added to the logits.

        A code that what is asked of a later token with this parent rules out has probability 0, and the others are
        weighted by the training frequency of what is asked.

        Raises
        ------
        UnmetConditionsError
            If the request allows a row no code at all.
        """
        logits = self.token_logits(t, h_t, codes)
        logits = (logits if extra is None else logits + extra) / temperature
        if request is not None:
            logits = self._under(t, logits, request)
        return torch.log_softmax(logits, dim=1)

    def sample_token(
        self,
        t: int,
        h_t: Tensor,
        codes_so_far: Tensor,
        request: Request,
        generator: torch.Generator,
        *,
        temperature: float = 1.0,
    ) -> Tensor:
        """Codes (batch,) of token ``t``: those that were given, and draws for the rest.

        One uniform number is used for every row, whether its code is given or not.
        """
        log_p = self.log_probabilities(t, h_t, codes_so_far, request, temperature)
        return torch.where(request.codes[:, t] >= 0, request.codes[:, t], draw(log_p, generator))

    def _split(self, h: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        return list(
            zip(h.unbind(1), torch.split(self.weight, self.sizes), torch.split(self.bias, self.sizes), strict=True)
        )

    def _loss(  # noqa: PLR0917
        self, t: int, x: Tensor, weight: Tensor, bias: Tensor, codes: Tensor, extra: Tensor | None = None
    ) -> Tensor:
        logits = functional.linear(x, weight, bias)
        if extra is not None:
            logits = logits + extra
        target, parent = codes[:, t], self.parents[t]
        if parent is None:
            return functional.cross_entropy(logits, target, reduction="none")
        prior = self.prior(t, codes[:, parent])
        unseen = torch.isinf(prior.gather(1, target[:, None])[:, 0])
        return functional.cross_entropy(logits + prior, target, reduction="none").masked_fill(unseen, UNSEEN_NATS)

    def _losses_of_some(self, h: Tensor, codes: Tensor, chosen: Tensor) -> Tensor:
        found = []
        for t, (x, weight, bias) in enumerate(self._split(h)):
            rows = chosen[:, t].nonzero()[:, 0]
            losses = self._loss(t, x[rows], weight, bias, codes[rows])
            found.append(torch.zeros(len(codes), dtype=losses.dtype).index_put((rows,), losses))
        return torch.stack(found, dim=1)

    def _under(self, t: int, logits: Tensor, request: Request) -> Tensor:
        """Logits under the request; where it and the priors leave no code, the priors yield."""
        asked = self._asked(t, logits, request)
        wanted = logits + asked + sum(self._asked_of_child(child, request) for child in self._children[t])
        stuck = torch.isinf(wanted).all(dim=1)
        if not bool(stuck.any()):
            return wanted
        hopeless = int(torch.isinf(asked).all(dim=1).sum())
        if hopeless:
            raise UnmetConditionsError(
                f"The conditions leave token {t} no code in {hopeless} rows. Relax the conditions on its column."
            )
        return torch.where(stuck[:, None], asked, wanted)

    def _asked(self, t: int, logits: Tensor, request: Request) -> Tensor:
        """0 for the codes that the request allows (all of them where it gives the code), ``-inf`` for the others."""
        allowed = request.allowed.get(t)
        if allowed is None:
            return torch.zeros_like(logits)
        allowed = allowed | (request.codes[:, t] >= 0)[:, None]
        return torch.zeros_like(logits).masked_fill(~allowed, -torch.inf)

    def _asked_of_child(self, child: int, request: Request) -> Tensor | float:
        """Log training frequency of what is asked of ``child``, for every code of its parent: (batch, n_parent)."""
        prior = cast("Tensor", getattr(self, f"_prior_{child}"))
        codes, allowed = request.codes[:, child], request.allowed.get(child)
        given = (codes >= 0)[:, None]
        if allowed is None and not bool(given.any()):
            return 0.0
        free = torch.zeros((), device=prior.device) if allowed is None else (allowed.float() @ prior.exp().T).log()
        return torch.where(given, prior.T[codes.clamp(min=0)], free)


def draw(log_p: Tensor, generator: torch.Generator) -> Tensor:
    """One code (batch,) of each row from log-probabilities (batch, n_codes), never one of probability 0."""
    return draw_at(log_p, torch.rand(len(log_p), 1, generator=generator, dtype=torch.float64, device=log_p.device))


def draw_at(log_p: Tensor, u: Tensor) -> Tensor:
    """The code (batch,) at the uniform number (batch, 1), float64, of each row; never one of probability 0."""
    cumulative = log_p.double().exp().cumsum(dim=1)
    return (cumulative <= u * (1 - 2**-50) * cumulative[:, -1:]).sum(dim=1)  # the product stays below the total


def _full_prior(log_prior: Floats, log_marginal: Floats) -> Floats:
    """Prior with the plain frequencies where the parent's code was never seen with any code."""
    never = np.isneginf(log_prior).all(axis=1, keepdims=True)
    return np.where(never, log_marginal, log_prior).astype(np.float32)


__all__ = ["START_STD", "UNSEEN_NATS", "Heads", "draw", "draw_at"]
