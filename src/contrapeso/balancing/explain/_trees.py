"""SHAP values of boosted trees, by the libraries that grew them: exact and path-dependent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.balancing.explain._rows import TableOfRows

Floats = NDArray[np.float64]


def tree_values(model: Any, X: TableOfRows, n_outputs: int) -> tuple[Floats, Floats] | None:
    """Values (n, p, K) and base (K,) of a LightGBM or XGBoost classifier of constant leaves; else None."""
    library = type(model).__module__.partition(".")[0]
    if library == "lightgbm" and hasattr(model, "booster_"):
        if any(model.booster_.params.get(name) for name in ("linear_tree", "linear_trees")):
            return None  # LightGBM explains trees of constants only
        found = np.asarray(model.predict(X, pred_contrib=True), dtype=np.float64)
    elif library == "xgboost" and hasattr(model, "get_booster"):
        found = _from_xgboost(model, X)
    else:
        return None
    parts = found.reshape(len(X), n_outputs, X.shape[1] + 1)
    return parts[:, :, :-1].transpose(0, 2, 1), parts[0, :, -1]


def _from_xgboost(model: Any, X: TableOfRows) -> Floats:
    import xgboost

    booster = model.get_booster()
    # With early stopping the classifier predicts with its best trees only.
    last = getattr(model, "best_iteration", None) if getattr(model, "early_stopping_rounds", None) else None
    wanted = (0, 0) if last is None else (0, int(last) + 1)
    data = xgboost.DMatrix(X, missing=model.missing, enable_categorical=isinstance(X, pd.DataFrame))
    return np.asarray(booster.predict(data, pred_contribs=True, iteration_range=wanted), dtype=np.float64)


__all__ = ["tree_values"]
