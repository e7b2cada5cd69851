"""Learned generators: a table goes in, a model of its joint distribution comes out, and rows like it.

Seven families share one encoder, one training loop and one contract: ``fit``, ``sample``, ``log_prob``,
``impute``, ``save`` and ``load``. :class:`MixtureSynthesizer` needs no torch; the others do, and it
is imported when one of them is fitted or loaded.
"""

from __future__ import annotations

from importlib.util import find_spec

from contrapeso.generators._card import ModelCard
from contrapeso.generators._compare import probe_tables
from contrapeso.generators._families import (
    FAMILIES,
    AutoregressiveSynthesizer,
    ConditionalGANSynthesizer,
    DiffusionSynthesizer,
    GANSynthesizer,
    MixtureSynthesizer,
    TransformerSynthesizer,
    VAESynthesizer,
    family_of,
    load_synthesizer,
)
from contrapeso.generators._networks import (
    AutoregressiveNetwork,
    ConditionalGANNetwork,
    DiffusionNetwork,
    GANNetwork,
    TransformerNetwork,
    VAENetwork,
)
from contrapeso.generators._privacy import DifferentialPrivacy
from contrapeso.generators._record import HistoryEntry, TrainingRecord
from contrapeso.generators._synthesizer import Synthesizer
from contrapeso.generators._training import Training
from contrapeso.tables.encoding import Encoding

METHODS = (*FAMILIES, "auto")


def has_torch() -> bool:
    """Whether the families of networks can be used here."""
    return find_spec("torch") is not None


__all__ = [
    "FAMILIES",
    "METHODS",
    "AutoregressiveNetwork",
    "AutoregressiveSynthesizer",
    "ConditionalGANNetwork",
    "ConditionalGANSynthesizer",
    "DifferentialPrivacy",
    "DiffusionNetwork",
    "DiffusionSynthesizer",
    "Encoding",
    "GANNetwork",
    "GANSynthesizer",
    "HistoryEntry",
    "MixtureSynthesizer",
    "ModelCard",
    "Synthesizer",
    "Training",
    "TrainingRecord",
    "TransformerNetwork",
    "TransformerSynthesizer",
    "VAENetwork",
    "VAESynthesizer",
    "family_of",
    "has_torch",
    "load_synthesizer",
    "probe_tables",
]
