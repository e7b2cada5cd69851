"""Boosted trees as every model-based metric uses them: small, seeded, one thread, the same bits on every run.

Parallel work is done model by model (:func:`each`), never inside a model, so results do not depend on the number of
threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import MissingLibraryError
from contrapeso.metrics._features import Features

Floats = NDArray[np.float64]
Task = Literal["binary", "multiclass", "regression"]
T = TypeVar("T")
R = TypeVar("R")

N_TREES = 60
N_LEAVES = 15


@dataclass(frozen=True, slots=True)
class Trees:
    """Fitted boosted trees; ``booster`` is LightGBM's."""

    booster: Any
    task: Task
    n_classes: int

    def predict(self, X: Features) -> Floats:
        """Probability of class 1 (n,), of each class (n, n_classes), or the value (n,)."""
        found: Floats = np.asarray(self.booster.predict(X.values, num_threads=1), dtype=np.float64)
        return found

    def contributions(self, X: Features) -> Floats:
        """SHAP value of each column for each row, (n, p), in log-odds or in the unit of the target; no base value.

        Multiclass: the mean over the classes of the absolute values.

        References
        ----------
        .. [1] Lundberg et al., "Consistent individualized feature attribution for tree ensembles", 2018 (TreeSHAP).
        """
        found = np.asarray(self.booster.predict(X.values, pred_contrib=True, num_threads=1), dtype=np.float64)
        by_class = found.reshape(X.n_rows, -1, X.n_columns + 1)[:, :, :-1]
        result: Floats = by_class[:, 0] if by_class.shape[1] == 1 else np.abs(by_class).mean(axis=1)
        return result


def fit_trees(
    X: Features,
    y: NDArray[Any],
    task: Task,
    *,
    n_classes: int = 2,
    n_trees: int = N_TREES,
    n_leaves: int = N_LEAVES,
    weights: Floats | None = None,
    seed: int = 0,
) -> Trees:
    """Trees that predict ``y`` (n,): 0/1, class codes, or a number.

    Raises
    ------
    MissingLibraryError
        If LightGBM cannot be loaded (on Linux it needs the system library libgomp).
    """
    lightgbm = _lightgbm()
    parameters = {
        "objective": task,
        "num_leaves": n_leaves,
        "learning_rate": 0.1,
        "min_data_in_leaf": int(np.clip(X.n_rows / 50, 5, 20)),
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "seed": seed,
        "verbose": -1,
        **({"num_class": n_classes} if task == "multiclass" else {}),
    }
    data = lightgbm.Dataset(
        X.values,
        np.asarray(y, dtype=np.float64),
        weight=weights,
        categorical_feature=[int(k) for k in np.flatnonzero(X.categorical)],
        params={"verbose": -1, "num_threads": 1},
    )
    # the booster as it is: by default LightGBM writes it to text and reads it back, a fifth of the time
    booster = lightgbm.train(parameters, data, n_trees, keep_training_booster=True)
    return Trees(booster, task, n_classes)


def _lightgbm() -> Any:
    try:
        import lightgbm
    except OSError as error:
        raise MissingLibraryError(
            "LightGBM, which the joint test and the usefulness of a table need, cannot be loaded: a system library is "
            "missing. On Debian and Ubuntu: apt-get install libgomp1. Without it, assess with depth='quick'."
        ) from error
    return lightgbm


def each(work: Callable[[T], R], items: Sequence[T] | Iterable[T], n_jobs: int = 1) -> list[R]:
    """``work`` of every item, in their order, on ``n_jobs`` threads."""
    if n_jobs == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(n_jobs) as pool:
        return list(pool.map(work, items))


__all__ = ["N_LEAVES", "N_TREES", "Task", "Trees", "each", "fit_trees"]
