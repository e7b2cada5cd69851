"""From noise to probabilities of codes: the generator of both adversarial families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from contrapeso.generators.deep._embed import TokenEmbedding
from contrapeso.generators.deep._heads import Heads
from contrapeso.generators.deep._objective import Request
from contrapeso.generators.deep._straight_through import draw_codes
from contrapeso.tables.encoding._tokens import Token

CONDITION_EMBEDDING = 16


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Generated rows of the tokens without a parent.

    Shape: codes (batch, n_modelled) int64, probabilities (batch, n_codes) packed, with a gradient; what was given has
    probability 1.
    """

    codes: Tensor
    probabilities: Tensor


class NoiseGenerator(nn.Module):
    """Perceptron with residual blocks from noise, and codes that are given, to the logits of all tokens.

    Given the noise, tokens are independent: all dependence goes through it. A token with a parent has no part in this:
    it is drawn from the training frequencies given its parent's code. There is no batch normalisation, so a row does
    not depend on the rows that are sampled with it.

    Parameters
    ----------
    tokens : sequence of Token
    noise, width, n_blocks : int
    conditional : bool
        Whether codes can be given.
    """

    rows: Tensor

    def __init__(
        self, tokens: Sequence[Token], *, noise: int, width: int, n_blocks: int, conditional: bool = False
    ) -> None:
        super().__init__()
        self.noise = noise
        self.modelled = [t for t, token in enumerate(tokens) if token.parent is None]
        self.sizes = [tokens[t].n_codes for t in self.modelled]
        self.enter = nn.Linear(noise, width)
        self.blocks = nn.Sequential(*(_Block(width) for _ in range(n_blocks)))
        self.norm = nn.LayerNorm(width)
        self.heads = Heads(tokens, width)
        self.given: TokenEmbedding | None = None
        if conditional:
            self.given = TokenEmbedding(tokens, CONDITION_EMBEDDING)
            self.enter_given = nn.Linear(len(tokens) * CONDITION_EMBEDDING, width)
        self._start(tokens)

    def _start(self, tokens: Sequence[Token]) -> None:
        """Starting weights by which the noise moves every token a little; children keep to their parents' priors."""
        nn.init.normal_(self.enter.weight, std=self.noise**-0.5)
        with torch.no_grad():
            nn.init.normal_(self.heads.weight, std=0.5 * self.heads.weight.shape[1] ** -0.5)
            for t, token in enumerate(tokens):
                if token.parent is not None:
                    self.heads.weight[self.heads.offsets[t] : self.heads.offsets[t + 1]] = 0.0

    def hidden(self, n: int, generator: torch.Generator, given: Tensor | None = None) -> Tensor:
        """Vectors (n, width) that the logits are made of; ``given`` codes (n, n_tokens) are -1 where free."""
        return self.hidden_of(torch.randn(n, self.noise, generator=generator, device=generator.device), given)

    def hidden_of(self, z: Tensor, given: Tensor | None = None) -> Tensor:
        """Vectors (n, width) of the noise (n, noise)."""
        h = self.enter(z)
        if self.given is not None and given is not None:
            h = h + self.enter_given(self.given(given).flatten(1))
        return self.norm(self.blocks(h))  # type: ignore[no-any-return]

    def forward(self, n: int, generator: torch.Generator, given: Tensor | None = None) -> Drawn:
        """Rows whose probabilities have a gradient; what is given is copied."""
        h = self.hidden(n, generator, given)
        logits = torch.split(functional.linear(h, self.heads.weight, self.heads.bias), self.heads.sizes, dim=1)
        own = [functional.softmax(logits[t].float(), dim=1) for t in self.modelled]
        if given is not None:
            known = given[:, self.modelled]
            own = [_certain(p, known[:, i]) for i, p in enumerate(own)]
        probabilities = torch.cat(own, dim=1)
        return Drawn(draw_codes(probabilities, self.sizes, generator), probabilities)

    def sample(
        self, h: Tensor, request: Request, generator: torch.Generator, tokens: Sequence[int] | None = None
    ) -> Tensor:
        """Codes (n, n_tokens) of every token, or of some (the others as asked), that keep the request."""
        codes = request.codes.clone()
        for t in range(codes.shape[1]) if tokens is None else tokens:
            codes[:, t] = self.heads.sample_token(t, h, codes, request, generator)
        return codes


class _Block(nn.Module):
    """x + W2 silu(W1 norm(x)). Shape: (batch, width) -> (batch, width)"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width)
        self.down = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.down(functional.silu(self.up(self.norm(x))))
        return out


def _certain(probabilities: Tensor, known: Tensor) -> Tensor:
    """Probability 1 for the codes that are known (batch,), -1 where they are not."""
    given = functional.one_hot(known.clamp(min=0), probabilities.shape[1]).to(probabilities.dtype)
    return torch.where((known >= 0)[:, None], given, probabilities)


__all__ = ["Drawn", "NoiseGenerator"]
