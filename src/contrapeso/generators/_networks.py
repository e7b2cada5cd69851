"""Options of the networks, one frozen dataclass a family; None lets the data choose. Nothing here needs torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from contrapeso.errors import InvalidParameterError


@dataclass(frozen=True, slots=True)
class AutoregressiveNetwork:
    """Options of :class:`AutoregressiveSynthesizer`.

    Attributes
    ----------
    state : int, optional
        Width of the running sum of the embeddings of the tokens before.
    hidden : int, optional
        Width of the small network of each token.
    dropout : float, optional
    order : {'fixed', 'any'}, default='fixed'
        ``fixed`` learns one order of the columns, best for whole rows; ``any`` learns them all, and conditions
        exactly on any columns.
    temperature : float, default=1.0
        Below 1 the likely values come more often than they should.
    counts : bool, default=True
        Whether columns of many values are also drawn from counts of training rows given other columns, where rows are
        few; with ``order='fixed'`` only, and not with differential privacy. Such a model cannot be exported to ONNX.
    """

    state: int | None = None
    hidden: int | None = None
    dropout: float | None = None
    order: Literal["fixed", "any"] = "fixed"
    temperature: float = 1.0
    counts: bool = True

    def __post_init__(self) -> None:
        _check_widths(self, "state", "hidden")
        if self.dropout is not None and not 0.0 <= self.dropout < 1.0:
            raise InvalidParameterError(f"AutoregressiveNetwork.dropout must be in [0, 1); got {self.dropout}.")
        if self.order not in {"fixed", "any"}:
            raise InvalidParameterError(f"AutoregressiveNetwork.order must be 'fixed' or 'any'; got {self.order!r}.")
        if self.temperature <= 0:
            raise InvalidParameterError(f"AutoregressiveNetwork.temperature must be above 0; got {self.temperature}.")


@dataclass(frozen=True, slots=True)
class VAENetwork:
    """Options of :class:`VAESynthesizer`.

    Attributes
    ----------
    latent : int, default=16
        Length of the latent vector.
    hidden : int, optional
        Width of the decoder's small networks.
    prior_parts : int, default=64
        Gaussians of the learned prior.
    free_nats : float, default=2.0
        Information that the latent carries at no charge, for a row.
    dropout : float, optional
    """

    latent: int = 16
    hidden: int | None = None
    prior_parts: int = 64
    free_nats: float = 2.0
    dropout: float | None = None

    def __post_init__(self) -> None:
        _check_widths(self, "latent", "hidden", "prior_parts")
        if self.free_nats < 0:
            raise InvalidParameterError(f"VAENetwork.free_nats must be at least 0; got {self.free_nats}.")


@dataclass(frozen=True, slots=True)
class DiffusionNetwork:
    """Sizes of the denoisers and options of their sampler; None lets the number of rows choose.

    Attributes
    ----------
    width : int, optional
        Of the trunk.
    n_blocks : int, default=3
        Residual blocks of the trunk, of two linear maps each.
    embedding : int, optional
        Length of the vector of a code: by default 16, less in a table of very many tokens.
    head_width : int, optional
        Length of the vector from which the logits of a token are made: by default 64, less where there are many.
    dropout : float, optional
    n_steps : int, default=20
        Most steps of unmasking. A table of no more tokens is sampled one token a step, which is exact.
    p_drop : float, default=0.15
        Share of the training rows in which the target is hidden like any column; in the others it is seen first.
    guidance : float, default=0
        Weight w of classifier-free guidance on the target, or on what is given where there is no target: 0 samples the
        learned distribution, more sharpens it (typical rows of a class, at the price of variety).
    residual_width : int, default=128
    residual_steps : int, default=12
        Heun steps of the positions within bins.
    """

    width: int | None = None
    n_blocks: int = 3
    embedding: int | None = None
    head_width: int | None = None
    dropout: float | None = None
    n_steps: int = 20
    p_drop: float = 0.15
    guidance: float = 0.0
    residual_width: int = 128
    residual_steps: int = 12

    def __post_init__(self) -> None:
        sizes = ("width", "n_blocks", "embedding", "head_width", "n_steps", "residual_width", "residual_steps")
        for name in sizes:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InvalidParameterError(f"DiffusionNetwork.{name} must be at least 1; got {value}.")
        for name, value in (("p_drop", self.p_drop), ("dropout", self.dropout or 0.0)):
            if not 0.0 <= value <= 1.0:
                raise InvalidParameterError(f"DiffusionNetwork.{name} must be between 0 and 1; got {value:g}.")
        if self.guidance < 0:
            raise InvalidParameterError(f"DiffusionNetwork.guidance must be 0 or more; got {self.guidance:g}.")

    def sized(self, n_rows: int, n_tokens: int) -> DiffusionNetwork:
        """These options with those that are None chosen for ``n_rows`` training rows of ``n_tokens`` tokens."""
        width = 128 if n_rows < 5_000 else 256 if n_rows < 200_000 else 512
        dropout = 0.2 if n_rows < 5_000 else 0.1 if n_rows < 20_000 else 0.0
        return replace(
            self,
            width=width if self.width is None else self.width,
            embedding=max(4, min(16, 1024 // max(n_tokens, 1))) if self.embedding is None else self.embedding,
            head_width=max(16, min(64, 2048 // max(n_tokens, 1))) if self.head_width is None else self.head_width,
            dropout=dropout if self.dropout is None else self.dropout,
        )


@dataclass(frozen=True, slots=True)
class TransformerNetwork:
    """Sizes of the transformer; None lets the number of rows choose.

    Attributes
    ----------
    width : int, default=128
        Of a token, a multiple of ``n_heads``.
    n_layers, n_heads : int, default=4
    dropout : float, optional
    any_order : float, default=0.5
        Share of the training rows in a random order: what conditions on columns in the middle of the table learn from.
    residual_width : int, default=256
    residual_steps : int, default=20
        Heun steps of the positions within bins.
    """

    width: int = 128
    n_layers: int = 4
    n_heads: int = 4
    dropout: float | None = None
    any_order: float = 0.5
    residual_width: int = 256
    residual_steps: int = 20

    def __post_init__(self) -> None:
        for name in ("width", "n_layers", "n_heads", "residual_width", "residual_steps"):
            if getattr(self, name) < 1:
                raise InvalidParameterError(f"TransformerNetwork.{name} must be at least 1; got {getattr(self, name)}.")
        if self.width % self.n_heads:
            raise InvalidParameterError(
                f"TransformerNetwork.width must be a multiple of n_heads; got {self.width} and {self.n_heads}. "
                f"Use width={self.n_heads * -(-self.width // self.n_heads)}."
            )
        for name, value in (("any_order", self.any_order), ("dropout", self.dropout or 0.0)):
            if not 0.0 <= value <= 1.0:
                raise InvalidParameterError(f"TransformerNetwork.{name} must be between 0 and 1; got {value:g}.")

    def sized(self, n_rows: int) -> TransformerNetwork:
        """These options with those that are None chosen for ``n_rows`` training rows."""
        dropout = 0.2 if n_rows < 5_000 else 0.1 if n_rows < 50_000 else 0.0
        return replace(self, dropout=dropout if self.dropout is None else self.dropout)


@dataclass(frozen=True, slots=True)
class GANNetwork:
    """Sizes of generator and discriminator and weights of their losses; None lets the number of rows choose.

    Attributes
    ----------
    noise : int, default=128
        Normal variates that make one row.
    width : int, optional
        Of the generator: 128 below 2,000 rows, else 256.
    n_blocks : int, default=3
        Residual blocks of the generator, of two linear maps each.
    discriminator_width : int, default=128
    packing : int, default=1
        Rows that the discriminator judges together. The frequencies of pairs already guard variety.
    penalty : float, default=0.05
        Weight of the squared gradient of the discriminator at real rows (R1), as gamma / 2.
    penalty_every : int, default=8
        Steps between two penalties, each weighted by as many.
    discriminator_rate : float, default=1.0
        Learning rate of the discriminator over that of the generator.
    adversarial_weight, moment_weight : float, defaults 0.3 and 10
        Of the two losses of the generator.
    warm_steps : int, default=500
        First steps, in which the generator learns from the frequencies of pairs alone.
    """

    noise: int = 128
    width: int | None = None
    n_blocks: int = 3
    discriminator_width: int = 128
    packing: int = 1
    penalty: float = 0.05
    penalty_every: int = 8
    discriminator_rate: float = 1.0
    adversarial_weight: float = 0.3
    moment_weight: float = 10.0
    warm_steps: int = 500

    def __post_init__(self) -> None:
        least = {"noise": 1, "n_blocks": 0, "discriminator_width": 1, "packing": 1, "penalty_every": 1}
        least |= {"warm_steps": 0, "penalty": 0, "discriminator_rate": 0, "adversarial_weight": 0, "moment_weight": 0}
        for name, floor in least.items():
            if getattr(self, name) < floor:
                raise InvalidParameterError(
                    f"{type(self).__name__}.{name} must be at least {floor}; got {getattr(self, name)}."
                )
        if self.width is not None and self.width < 1:
            raise InvalidParameterError(f"{type(self).__name__}.width must be None or at least 1; got {self.width}.")


@dataclass(frozen=True, slots=True)
class ConditionalGANNetwork(GANNetwork):
    """Options of :class:`GANNetwork`, and of the conditions.

    Attributes
    ----------
    target_share : float, default=0.5
        Share of the training rows asked for by their target alone; nothing is given in them where there is no target.
    free_share : float, default=0.15
        Share of the training rows asked for by nothing; the others are given a random part of the columns.
    max_class_weight : float, default=5.0
        Rows of a class weigh ``min(max_class_weight, (n_majority / n_class) ** .5)``, scaled to a mean of 1.
    """

    target_share: float = 0.5
    free_share: float = 0.15
    max_class_weight: float = 5.0

    def __post_init__(self) -> None:
        GANNetwork.__post_init__(self)
        if self.target_share < 0 or self.free_share < 0 or self.target_share + self.free_share > 1:
            raise InvalidParameterError(
                "ConditionalGANNetwork.target_share and free_share must be shares of the rows, together at most 1; "
                f"got {self.target_share:g} and {self.free_share:g}."
            )
        if self.max_class_weight < 1:
            raise InvalidParameterError(
                f"ConditionalGANNetwork.max_class_weight must be at least 1; got {self.max_class_weight:g}."
            )


def _check_widths(options: object, *names: str) -> None:
    for name in names:
        value = getattr(options, name)
        if value is not None and value < 1:
            raise InvalidParameterError(f"{type(options).__name__}.{name} must be at least 1; got {value}.")


__all__ = [
    "AutoregressiveNetwork",
    "ConditionalGANNetwork",
    "DiffusionNetwork",
    "GANNetwork",
    "TransformerNetwork",
    "VAENetwork",
]
