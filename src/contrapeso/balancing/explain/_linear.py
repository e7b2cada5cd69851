"""SHAP values of a linear model, exactly: the weight of a column times how far the row is from the mean.

With columns taken as independent ``phi_j = w_j (x_j - E x_j)``, the interventional Shapley value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.explain._rows import TableOfRows, take

Floats = NDArray[np.float64]


def is_linear(model: Any, X: TableOfRows) -> bool:
    """Whether ``decision_function`` is ``X w + b`` with the weights that the model shows.

    It is tried on rows: a kernel machine has weights as well, in another space.
    """
    if not all(hasattr(model, name) for name in ("coef_", "intercept_", "decision_function")):
        return False
    weights = np.atleast_2d(np.asarray(model.coef_))
    expected = (1 if len(model.classes_) == 2 else len(model.classes_), X.shape[1])
    if weights.shape != expected:
        return False
    few = take(X, np.arange(min(len(X), 20)))
    said = np.asarray(model.decision_function(few)).reshape(len(few), -1)
    ours = np.asarray(few, dtype=np.float64) @ weights.T + np.asarray(model.intercept_)
    return bool(np.allclose(said, ours, rtol=1e-6, atol=1e-8))


def linear_values(model: Any, X: TableOfRows, background: TableOfRows) -> tuple[Floats, Floats]:
    """Values (n, p, K) and base (K,)."""
    weights = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    centre = np.asarray(background, dtype=np.float64).mean(axis=0)
    away = np.asarray(X, dtype=np.float64) - centre
    base: Floats = weights @ centre + np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), len(weights))
    return away[:, :, None] * weights.T[None], base


__all__ = ["is_linear", "linear_values"]
