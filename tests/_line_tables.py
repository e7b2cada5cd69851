"""Tables for the tests of the samplers that draw on lines."""

import numpy as np
import pandas as pd


def overlapping(seed: int, counts: list[int], n_columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Normal classes that stand into each other, with this many rows."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    return rng.normal(size=(len(y), n_columns)) + 0.7 * y[:, None], y


def mixed(n: int) -> pd.DataFrame:
    """Money, dates, categories and numbers, some of which are missing."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "valor": np.round(rng.gamma(2, 100, n), 2),
            "dia": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "uf": rng.choice(["SP", "RJ", "MG"], n),
            "nota": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )
