"""Tables and slow, obvious neighbour searches for the tests of the samplers that drop rows."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def clouds(
    sizes: tuple[int, ...] = (60, 30, 12), n_columns: int = 4, seed: int = 0
) -> tuple[Floats, NDArray[np.int64]]:
    """Overlapping normal clouds, one per class, in mixed order; no two distances are equal."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return rng.normal(size=(len(y), n_columns)) + 0.7 * y[:, None], y


def mixed(n: int = 60, seed: int = 0) -> tuple[pd.DataFrame, NDArray[np.str_]]:
    """Amounts, dates, numbers with gaps and two categories; a third of the rows are fraud."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.where(np.arange(n) < n // 3, "fraude", "normal"))
    shift = np.where(y == "fraude", 40.0, 0.0)
    score = rng.normal(size=n) + shift / 20
    score[rng.random(n) < 0.1] = np.nan
    frame = pd.DataFrame(
        {
            "valor": [Decimal(int(v)) / 100 for v in rng.integers(100, 9999, n) + 100 * shift],
            "dia": [date(2024, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 90, n) + shift],
            "score": score,
            "tipo": rng.choice(["pix", "boleto", "ted"], n),
            "uf": [None if v < 0.1 else "SP" if v < 0.6 else "RJ" for v in rng.random(n)],
        },
        index=pd.Index([f"r{i}" for i in range(n)]),
    )
    return frame, y


def squared_distances(X: Floats, others: Floats) -> Floats:
    """All squared distances, one by one."""
    return np.array([[((a - b) ** 2).sum() for b in others] for a in X])


def nearest(X: Floats, k: int, among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """The ``k`` nearest other rows of every row, sorted by distance and row."""
    distance = squared_distances(X, X)
    np.fill_diagonal(distance, np.inf)
    if among is not None:
        distance[:, np.setdiff1d(np.arange(len(X)), among)] = np.inf
    return np.argsort(distance, axis=1, kind="stable")[:, :k]


def mixed_points(frame: pd.DataFrame) -> Floats:
    """The mixed table where distances are taken, by hand: numbers, days, and half a mismatch per one-hot place."""
    start = pd.Timestamp(2024, 1, 1)
    numbers = np.column_stack(
        [
            frame["valor"].astype(float),
            (pd.to_datetime(frame["dia"]) - start).dt.days.astype(float),
            frame["score"].fillna(frame["score"].median()),
        ]
    )
    half = np.median(numbers.std(axis=0)) / np.sqrt(2)
    one_hot = pd.get_dummies(frame[["tipo", "uf"]], dummy_na=True).astype(float).to_numpy()
    return np.column_stack([numbers, half * one_hot])
