"""Is the synthetic table any good? :func:`evaluate` measures and grades it, :func:`render_html` shows it.

>>> import numpy as np, pandas as pd
>>> from contrapeso.quality import evaluate
>>> def draw(seed, n=4000):
...     age = np.random.default_rng(seed).normal(40, 10, n)
...     return pd.DataFrame({"age": age, "income": age * 100 + np.random.default_rng(seed + 1).normal(0, 500, n)})
>>> evaluate(draw(1), draw(3)).grade
'A'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from contrapeso.quality._evaluate import evaluate
from contrapeso.quality._report import QualityReport, Recommendation, Score
from contrapeso.quality._rule_kinds import (
    fixed_combinations,
    formula,
    functional_dependency,
    implication,
    in_range,
    inequality,
    matches,
    one_of,
    required,
    resolution,
    unique,
)
from contrapeso.quality._rules import Rule
from contrapeso.quality._stream import evaluate_chunks
from contrapeso.quality._stream_chunks import frame_chunks, parquet_chunks
from contrapeso.quality._tests import TEST_NAMES
from contrapeso.quality._texts import reason_text

if TYPE_CHECKING:
    from contrapeso.quality._html import BalanceSection, render_html
    from contrapeso.quality._labels import dimension_text
    from contrapeso.quality._proposal import ProposedThreshold, ThresholdProposal, propose_thresholds
    from contrapeso.quality._view_compare import render_comparison

_PAGE = {  # loaded on first use
    "BalanceSection": "_html",
    "ProposedThreshold": "_proposal",
    "ThresholdProposal": "_proposal",
    "dimension_text": "_labels",
    "propose_thresholds": "_proposal",
    "render_comparison": "_view_compare",
    "render_html": "_html",
}

__all__ = [
    "TEST_NAMES",
    "BalanceSection",
    "ProposedThreshold",
    "QualityReport",
    "Recommendation",
    "Rule",
    "Score",
    "ThresholdProposal",
    "dimension_text",
    "evaluate",
    "evaluate_chunks",
    "fixed_combinations",
    "formula",
    "frame_chunks",
    "functional_dependency",
    "implication",
    "in_range",
    "inequality",
    "matches",
    "one_of",
    "parquet_chunks",
    "propose_thresholds",
    "reason_text",
    "render_comparison",
    "render_html",
    "required",
    "resolution",
    "unique",
]


def __getattr__(name: str) -> object:
    if name in _PAGE:
        return getattr(import_module(f"contrapeso.quality.{_PAGE[name]}"), name)
    raise AttributeError(f"module 'contrapeso.quality' has no attribute {name!r}")
