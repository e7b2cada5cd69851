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
from contrapeso.quality._rules import Rule
from contrapeso.quality._texts import reason_text

if TYPE_CHECKING:
    from contrapeso.quality._html import BalanceSection, render_html
    from contrapeso.quality._labels import dimension_text

_PAGE = {"BalanceSection": "_html", "dimension_text": "_labels", "render_html": "_html"}  # loaded on first use

__all__ = [
    "BalanceSection",
    "QualityReport",
    "Recommendation",
    "Rule",
    "Score",
    "dimension_text",
    "evaluate",
    "reason_text",
    "render_html",
]


def __getattr__(name: str) -> object:
    if name in _PAGE:
        return getattr(import_module(f"contrapeso.quality.{_PAGE[name]}"), name)
    raise AttributeError(f"module 'contrapeso.quality' has no attribute {name!r}")
