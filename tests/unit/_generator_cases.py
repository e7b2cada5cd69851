"""Small and quick instances of every family, for the shared checks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contrapeso.generators import (
    FAMILIES,
    ConditionalGANNetwork,
    DiffusionNetwork,
    GANNetwork,
    Training,
    TransformerNetwork,
    VAENetwork,
    family_of,
)

SHORT = Training(epochs=3, batch_size=64, probes=0)
NARROW = {
    "cgan": ConditionalGANNetwork(width=32, discriminator_width=32),
    "diffusion": DiffusionNetwork(width=32),
    "gan": GANNetwork(width=32, discriminator_width=32),
    "transformer": TransformerNetwork(width=16, n_layers=1, n_heads=2),
    "vae": VAENetwork(hidden=32),
}
"""Networks for tables of many rows, where the check is of the bookkeeping and not of the fit."""
SMALL = {"transformer": TransformerNetwork(width=32, n_layers=2, n_heads=2, residual_width=64)}
"""The network of every check, for the family whose own takes as long as those of all others together."""


def made(name: str, *, epochs: int | None = None, training: Training | None = None, **options: Any) -> Any:
    """An unfitted instance of a family that learns in a second."""
    assert name in FAMILIES
    options = {"random_state": 0} | ({"network": SMALL[name]} if name in SMALL else {}) | options
    if name != "mixture":
        options["training"] = training or (SHORT if epochs is None else replace(SHORT, epochs=epochs))
    return family_of(name)(**options)
