"""Wordings of descriptions: instruments, templates with typed slots, and new descriptions that show no real name."""

from __future__ import annotations

from contrapeso.finance.templates._instruments import (
    FEBRABAN_DAY,
    FEBRABAN_WORDINGS,
    INSTRUMENTS,
    Instrument,
    InstrumentName,
    instruments,
)
from contrapeso.finance.templates._model import Slot, SlotKind, Style, Template
from contrapeso.finance.templates._templates import Templates

__all__ = [
    "FEBRABAN_DAY",
    "FEBRABAN_WORDINGS",
    "INSTRUMENTS",
    "Instrument",
    "InstrumentName",
    "Slot",
    "SlotKind",
    "Style",
    "Template",
    "Templates",
    "instruments",
]
