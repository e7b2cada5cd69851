"""Adversarial generator of rows with some codes given: a class, or any columns.

In training every row is asked for with a random part of a real row given. The generator sees what is given and copies
it, so a condition holds by construction and not by luck; the discriminator is told what was given by projection.
Conditions come with their true frequencies, which keeps the margins; rows of rare classes weigh more in the losses of
both sides instead, which leaves the optimum where it is.

References
----------
.. [1] Mirza and Osindero, "Conditional generative adversarial nets", arXiv 1411.1784 (2014).
.. [2] Miyato and Koyama, "cGANs with projection discriminator", ICLR 2018, Eq. 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from contrapeso.generators._networks import ConditionalGANNetwork
from contrapeso.generators.deep._device import seeded
from contrapeso.generators.deep._discriminator import TABLE_STD
from contrapeso.generators.deep._gan import AdversarialNetworks, GANNetwork, GANObjective, defaults
from contrapeso.generators.deep._noise_generator import Drawn
from contrapeso.generators.deep._objective import Batch, Request
from contrapeso.tables.encoding._tokens import Token

MOST_CLASSES = 64
LEAST_PROBABILITY = 1e-6
PREDICTION_WEIGHT = 0.2
"""Of the cross-entropy of free codes, within the weight of the moments, in the first steps alone: what is given says of
every other column is learned as by a masked auto-encoder. Later it would take variety from the noise."""


class _ConditionalNetworks(AdversarialNetworks):
    """Both networks, and the vectors by which the discriminator is told what was given."""

    conditional: ClassVar[bool] = True

    def __init__(self, tokens: Sequence[Token], network: GANNetwork, n_rows: int) -> None:
        super().__init__(tokens, network, n_rows)
        width = network.discriminator_width
        n_codes = sum(self.generator.sizes)
        self.given_table = nn.Parameter(torch.empty(n_codes + 1, width).normal_(std=TABLE_STD))

    def told(self, given: Tensor) -> Tensor:
        """Sum of the vectors (batch, width) of what is given (batch, n_tokens), -1 where free."""
        own = given[:, self.generator.modelled]
        nothing = len(self.given_table) - 1
        rows = torch.where(own >= 0, own + self.starts, nothing)
        vectors: Tensor = nn.functional.embedding_bag(rows, self.given_table, mode="sum", padding_idx=nothing)
        return vectors

    def judge_parameters(self) -> list[nn.Parameter]:
        """Weights on the side of the discriminator."""
        return [*super().judge_parameters(), self.given_table]


class ConditionalGANObjective(GANObjective):
    """Objective of the conditional generator.

    Attributes
    ----------
    module : nn.Module
    network : ConditionalGANNetwork
        With every option chosen.
    target : int or None
        Token of the class; conditions on it are trained most.
    """

    network: ConditionalGANNetwork
    _networks: _ConditionalNetworks

    def __init__(
        self, tokens: Sequence[Token], network: ConditionalGANNetwork, n_rows: int, target: int | None
    ) -> None:
        super().__init__(tokens, network, n_rows)
        self.target = target
        self._tokens = tuple(tokens)
        self._class_weight = _class_weights(tokens, target, network.max_class_weight)
        self._recounts = False
        if target is not None:
            share = torch.as_tensor(np.exp(tokens[target].log_marginal))
            self._networks.generator.register_buffer("class_share", share)

    def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:
        """As without conditions; in a later training the classes are counted anew."""
        yield from super().updates(batch, step, generator)
        if self._recounts and self.target is not None:
            place = self._networks.generator.modelled.index(self.target)
            share = torch.split(self._networks.moments.singles, self._networks.generator.sizes)[place]
            cast("Tensor", self._networks.generator.class_share).copy_(share)

    def forget_rows(self) -> None:
        """Forget the frequencies of earlier rows, those of the classes too."""
        super().forget_rows()
        self._recounts = True

    def _build(self, tokens: Sequence[Token], n_rows: int) -> AdversarialNetworks:
        return _ConditionalNetworks(tokens, self.network, n_rows)

    def _given(self, codes: Tensor, generator: torch.Generator) -> Tensor:
        return torch.where(self._asked(len(codes), generator), codes, -1)

    def _asked(self, n: int, generator: torch.Generator) -> Tensor:
        """Random masks (n, n_tokens) of what is given: the target, nothing, or a random part of the tokens."""
        device = generator.device
        kind, share = torch.rand(2, n, 1, generator=generator, device=device)
        part: Tensor = torch.rand(n, len(self._tokens), generator=generator, device=device) < share
        part &= kind >= self.network.target_share + self.network.free_share
        if self.target is not None:
            part[:, self.target] |= kind[:, 0] < self.network.target_share
        for t, token in enumerate(self._tokens):  # a fine code means nothing without its coarse one
            if token.parent is not None:
                part[:, t] &= part[:, token.parent]
        return part

    def _condition(self, given: Tensor | None) -> Tensor | None:
        return None if given is None else self._networks.told(given)

    def _distance(self, real: Batch, fake: Drawn, given: Tensor | None, *, warm: bool) -> Tensor:
        moments = self._networks.moments
        distance: Tensor = moments(fake.probabilities, real.weight)
        if given is None:
            return distance
        known = given[:, self._networks.generator.modelled] >= 0
        rows = self._networks.packed(real.codes)
        told = moments.conditional(fake.probabilities, rows, known)
        distance = distance + told
        return distance + PREDICTION_WEIGHT * _surprise(fake.probabilities, rows, known) if warm else distance

    def _weights(self, real: Batch, fake: Drawn) -> tuple[Tensor, Tensor]:
        if self._class_weight is None or self.target is None:
            classes = torch.ones(2, len(real), device=real.codes.device)
        else:
            place = self._networks.generator.modelled.index(self.target)
            by_class = self._class_weight.to(real.codes.device)
            classes = by_class[torch.stack([real.codes[:, self.target], fake.codes[:, place]])]
        classes = classes if real.weight is None else classes * real.weight
        real_weight: Tensor = classes[0]
        fake_weight: Tensor = classes[1]
        return real_weight, fake_weight

    @torch.no_grad()
    def sample(self, request: Request, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        """Codes that keep what was given.

        What is asked in part (a mask of codes that a token may take) is drawn first, and is a condition for the rest.
        Where nothing is asked of a row, its class is drawn from the training frequencies and is the condition: rows of
        a known class are what was trained most.
        """
        maker = self._networks.generator
        request = self._with_class(request, generator)
        first = self._settled_first(request)
        if first:
            h = maker.hidden(len(request), generator, request.codes)
            request = Request(maker.sample(h, request, generator, first), request.allowed)
        h = maker.hidden(len(request), generator, request.codes)
        return maker.sample(h, request, generator), None

    def _with_class(self, request: Request, generator: torch.Generator) -> Request:
        """The request with a class for the rows of which nothing is asked."""
        if self.target is None or request.allowed:
            return request
        free = (request.codes < 0).all(dim=1)
        share = cast("Tensor", self._networks.generator.class_share)
        drawn = torch.multinomial(share, len(request), replacement=True, generator=generator)
        codes = request.codes.clone()
        codes[:, self.target] = torch.where(free, drawn, codes[:, self.target])
        return Request(codes, request.allowed)

    def _settled_first(self, request: Request) -> list[int]:
        """Tokens with a mask, and parents of tokens of which something is asked, where some rows leave them free."""
        asked = {t for t in range(len(self._tokens)) if t in request.allowed or bool((request.codes[:, t] >= 0).any())}
        parents = {self._tokens[t].parent for t in asked}
        wanted = (asked & set(request.allowed)) | {t for t in parents if t is not None}
        return sorted(t for t in wanted if bool((request.codes[:, t] < 0).any()))


def _surprise(probabilities: Tensor, rows: Tensor, given: Tensor) -> Tensor:
    """Mean negative log-probability, a scalar, of the free codes of the real rows in which something is given."""
    free = ~given & given.any(dim=1, keepdim=True)
    losses = -probabilities.gather(1, rows).clamp(min=LEAST_PROBABILITY).log()
    return (losses * free).sum() / free.sum().clamp(min=1)


def _class_weights(tokens: Sequence[Token], target: int | None, most: float) -> Tensor | None:
    """Weight of a row of each class (n_codes,) of mean 1 over the training rows; None where there are no classes."""
    if target is None or tokens[target].parent is not None or tokens[target].n_codes > MOST_CLASSES:
        return None
    share = np.exp(tokens[target].log_marginal.astype(np.float64))
    weight = np.minimum(most, (share.max() / share) ** 0.5)
    return torch.as_tensor(weight / (weight * share / share.sum()).sum()).float()


def build(
    tokens: Sequence[Token],
    network: ConditionalGANNetwork,
    n_rows: int,
    generator: torch.Generator,
    target: int | None,
) -> ConditionalGANObjective:
    """Conditional generator for rows of ``tokens``, with starting weights drawn from ``generator``."""
    with seeded(generator):
        return ConditionalGANObjective(tokens, network, n_rows, target)


__all__ = ["ConditionalGANNetwork", "ConditionalGANObjective", "build", "defaults"]
