"""Contrapeso: measure class imbalance, treat it, and prove the quality of every synthetic row.

The public names are loaded on first use, so ``import contrapeso`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if __name__ != "contrapeso":  # a second copy would break isinstance() between the two
    raise ImportError(f"Imported as {__name__!r}; import the installed name 'contrapeso'.")

if TYPE_CHECKING:
    from contrapeso.balancing import analyze_imbalance, plan_balance
    from contrapeso.quality import evaluate
    from contrapeso.samplers import SMOTE, SMOTENC, RandomOverSampler, RandomUnderSampler
    from contrapeso.tables import Schema, infer_schema

__version__ = "0.1.0"

_HOME = {
    "RandomOverSampler": "contrapeso.samplers",
    "RandomUnderSampler": "contrapeso.samplers",
    "SMOTE": "contrapeso.samplers",
    "SMOTENC": "contrapeso.samplers",
    "Schema": "contrapeso.tables",
    "analyze_imbalance": "contrapeso.balancing",
    "evaluate": "contrapeso.quality",
    "infer_schema": "contrapeso.tables",
    "plan_balance": "contrapeso.balancing",
}

__all__ = [
    "SMOTE",
    "SMOTENC",
    "RandomOverSampler",
    "RandomUnderSampler",
    "Schema",
    "analyze_imbalance",
    "evaluate",
    "infer_schema",
    "plan_balance",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'contrapeso' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
