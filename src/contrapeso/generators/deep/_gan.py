"""Adversarial generator of whole rows: noise in, codes out, judged by a discriminator and by the frequencies of pairs.

Two signals train the generator. The distance of the frequencies of all pairs of codes (`_pair_moments`) is exact and
without noise of drawing, so it brings marginals and pairs close in a few hundred steps: the first steps use it alone.
Then a discriminator that sees drawn rows (`_discriminator`, `_straight_through`) adds what pairs do not show. Losses of
neither side tell how good the rows are: weights are chosen by the probe.

References
----------
.. [1] Goodfellow et al., "Generative adversarial nets", NIPS 2014, Sec. 3 (non-saturating loss).
.. [2] Mescheder, Geiger and Nowozin, "Which training methods for GANs do actually converge?", ICML 2018.
.. [3] Heusel et al., "GANs trained by a two time-scale update rule converge", NIPS 2017.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from contrapeso.errors import UnsupportedOperationError
from contrapeso.generators._networks import GANNetwork
from contrapeso.generators._training import Training
from contrapeso.generators.deep._device import seeded
from contrapeso.generators.deep._discriminator import (
    Discriminator,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from contrapeso.generators.deep._noise_generator import Drawn, NoiseGenerator
from contrapeso.generators.deep._objective import Batch, Request
from contrapeso.generators.deep._pair_moments import PairMoments
from contrapeso.generators.deep._straight_through import embed_drawn
from contrapeso.tables.encoding._tokens import Token

N_STEPS = 2_000
"""Steps that the default number of epochs comes to, within 4 to 400 passes over the rows."""

Network = TypeVar("Network", bound="GANNetwork")


def sized(network: Network, n_rows: int) -> Network:
    """The options with those that are None chosen for ``n_rows`` training rows."""
    return replace(network, width=network.width or (128 if n_rows < 2_000 else 256))


def defaults(n_rows: int, tokens: Sequence[Token]) -> Training:  # noqa: ARG001 - one signature for all families
    """Options of training for ``n_rows`` rows, none of them left open."""
    batch_size = 128 if n_rows < 2_000 else 256 if n_rows < 10_000 else 512
    epochs = max(4, min(400, -(-N_STEPS * batch_size // max(n_rows, 1))))
    return Training(epochs=epochs, batch_size=batch_size, learning_rate=2e-3, weight_decay=0.0, ema=0.99)


class AdversarialNetworks(nn.Module):
    """Both networks, and the running frequencies of the real rows."""

    conditional: ClassVar[bool] = False
    starts: Tensor

    def __init__(self, tokens: Sequence[Token], network: GANNetwork, n_rows: int) -> None:
        super().__init__()
        self.generator = NoiseGenerator(
            tokens,
            noise=network.noise,
            width=network.width or 256,
            n_blocks=network.n_blocks,
            conditional=self.conditional,
        )
        sizes = self.generator.sizes
        self.discriminator = Discriminator(sum(sizes), network.discriminator_width, packing=network.packing)
        self.moments = PairMoments([tokens[t] for t in self.generator.modelled], n_rows)
        starts = torch.tensor([0, *sizes]).cumsum(0)[:-1]
        self.register_buffer("starts", starts, persistent=False)

    def packed(self, codes: Tensor) -> Tensor:
        """Packed codes (batch, n_modelled) of the tokens without a parent, from codes (batch, n_tokens)."""
        return codes[:, self.generator.modelled] + self.starts

    def judge_parameters(self) -> list[nn.Parameter]:
        """Weights on the side of the discriminator."""
        return list(self.discriminator.parameters())


class GANObjective:
    """Objective of the unconditional generator.

    Attributes
    ----------
    module : nn.Module
    network : GANNetwork
        With every option chosen.
    """

    network: GANNetwork

    def __init__(self, tokens: Sequence[Token], network: GANNetwork, n_rows: int) -> None:
        self.network = sized(network, n_rows)
        self.module = self._networks = self._build(tokens, n_rows)

    def _build(self, tokens: Sequence[Token], n_rows: int) -> AdversarialNetworks:
        return AdversarialNetworks(tokens, self.network, n_rows)

    @property
    def sampling_module(self) -> nn.Module:
        """The generator: a saved model holds neither the judge nor the frequencies of the training rows."""
        return self._networks.generator

    def forget_rows(self) -> None:
        """Forget the frequencies of earlier rows: with them, conditions on new rows would teach the contrary."""
        self._networks.moments.forget()

    def groups(self, training: Training) -> dict[str, list[dict[str, Any]]]:
        """One optimizer for each side, with learning rates of their own (two time scales)."""
        rate = training.learning_rate or 0.0
        shared = {"weight_decay": training.weight_decay, "betas": (0.5, 0.99)}
        judge, maker = self._networks.judge_parameters(), list(self._networks.generator.parameters())
        return {
            "discriminator": [{"params": judge, "lr": rate * self.network.discriminator_rate, **shared}],
            "generator": [{"params": maker, "lr": rate, **shared}],
        }

    def updates(self, batch: Batch, step: int, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:
        """The discriminator's loss, after the first steps, and then the generator's."""
        networks, options = self._networks, self.network
        self._networks.moments.observe(networks.packed(batch.codes), batch.weight)
        whole = batch if len(batch) % options.packing == 0 else _first_rows(batch, options.packing)
        adversarial = step >= options.warm_steps and len(whole) > 0 and options.adversarial_weight > 0
        given = self._given(whole.codes, generator)
        fake = networks.generator(len(whole), generator, given)
        if adversarial:
            yield "discriminator", self._judge(whole, fake, given, step)
        distance = self._distance(whole, fake, given, warm=step < options.warm_steps)
        loss = options.moment_weight * distance
        yield "generator", loss + self._fool(whole, fake, given) if adversarial else loss

    def _judge(self, real: Batch, fake: Drawn, given: Tensor | None, step: int) -> Tensor:
        judge, condition = self._networks.discriminator, self._condition(given)
        seen = judge.embed(self._networks.packed(real.codes))
        on_real = judge(seen, condition)
        on_fake = judge(judge.embed(fake.codes + self._networks.starts), condition)
        real_weight, fake_weight = self._weights(real, fake)
        loss = discriminator_loss(on_real, on_fake, self._by_pack(real_weight), self._by_pack(fake_weight))
        if step % self.network.penalty_every == 0:
            loss = loss + self.network.penalty_every * self.network.penalty / 2 * gradient_penalty(on_real, seen)
        return loss

    def _fool(self, real: Batch, fake: Drawn, given: Tensor | None) -> Tensor:
        judge = self._networks.discriminator
        with frozen(self._networks.judge_parameters()):
            rows = fake.codes + self._networks.starts
            score = judge(embed_drawn(fake.probabilities, rows, judge.table), self._condition(given))
        weight = self._by_pack(self._weights(real, fake)[1])
        return self.network.adversarial_weight * generator_loss(score, weight)

    def _distance(self, real: Batch, fake: Drawn, given: Tensor | None, *, warm: bool) -> Tensor:  # noqa: ARG002
        """How far the frequencies of pairs are from the real ones."""
        distance: Tensor = self._networks.moments(fake.probabilities)
        return distance

    def _by_pack(self, weight: Tensor) -> Tensor:
        return weight.reshape(-1, self.network.packing).mean(dim=1)

    def _given(self, codes: Tensor, generator: torch.Generator) -> Tensor | None:  # noqa: ARG002
        """Codes (batch, n_tokens) that the generator is given, -1 where free; None for nothing."""
        return None

    def _condition(self, given: Tensor | None) -> Tensor | None:  # noqa: ARG002
        """What the discriminator is told of the condition (batch, width)."""
        return None

    def _weights(self, real: Batch, fake: Drawn) -> tuple[Tensor, Tensor]:
        """Weights (batch,) of the real and of the generated rows."""
        ones = torch.ones(len(fake.codes), device=fake.codes.device)
        return ones if real.weight is None else real.weight, ones

    def held_out_loss(self, batch: Batch, generator: torch.Generator) -> Tensor | None:  # noqa: ARG002
        """None: no loss of an adversarial generator tells how good its rows are."""
        return None

    @torch.no_grad()
    def sample(self, request: Request, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        """Codes drawn from noise.

        Raises
        ------
        UnsupportedOperationError
            If anything is given: this network knows no conditions.
        """
        if bool((request.codes >= 0).any()) or request.allowed:
            raise UnsupportedOperationError(
                "The GAN makes whole rows and knows no conditions; codes were given. "
                "Sample and keep the rows that fit, or use the conditional GAN."
            )
        maker = self._networks.generator
        return maker.sample(maker.hidden(len(request), generator), request, generator), None


@contextmanager
def frozen(parameters: Iterable[nn.Parameter]) -> Iterator[None]:
    """Build a graph in which these parameters need no gradient, which spares computing theirs."""
    held = [parameter for parameter in parameters if parameter.requires_grad]
    for parameter in held:
        parameter.requires_grad = False
    try:
        yield
    finally:
        for parameter in held:
            parameter.requires_grad = True


def _first_rows(batch: Batch, packing: int) -> Batch:
    """The batch without the last rows that fill no pack."""
    n = len(batch) - len(batch) % packing
    residual = None if batch.residual is None else batch.residual[:n]
    return Batch(batch.codes[:n], residual, None if batch.weight is None else batch.weight[:n])


def build(
    tokens: Sequence[Token],
    network: GANNetwork,
    n_rows: int,
    generator: torch.Generator,
    target: int | None,  # noqa: ARG001 - one signature for all families
) -> GANObjective:
    """Adversarial generator for rows of ``tokens``, with starting weights drawn from ``generator``."""
    with seeded(generator):
        return GANObjective(tokens, network, n_rows)


__all__ = ["AdversarialNetworks", "GANNetwork", "GANObjective", "build", "defaults", "frozen", "sized"]
