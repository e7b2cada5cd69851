# ruff: noqa: ARG001  every rung takes the same arguments
"""Synthetic tables of known quality: from a fresh draw of real rows down to columns that know nothing of each other.

``RUNGS[name](train, fresh, target, rng)`` makes a synthetic table out of the rows that a generator may see and of
fresh rows of the same source; what a rung breaks is its name. Every table gets three planted columns first
(:func:`planted`): two fair coins and their exclusive or, a three-way rule that no pair of columns shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy.stats import norm

Frame = pd.DataFrame
Rng = np.random.Generator
COIN, OTHER, XOR = "planted_a", "planted_b", "planted_xor"


def planted(frame: Frame, rng: Rng) -> Frame:
    """``frame`` with two coins and their exclusive or."""
    a, b = rng.integers(0, 2, (2, len(frame))).astype(bool)
    return frame.assign(**{COIN: a, OTHER: b, XOR: a ^ b})


def fresh_half(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    return fresh


def copied(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    return train.iloc[rng.integers(0, len(train), len(fresh))].reset_index(drop=True)


def copula(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    """A Gaussian copula: right marginals, linear dependence of normal scores, nulls and categories included."""
    scores = np.column_stack([_normal_scores(train[name], rng) for name in train])
    covariance = np.cov(scores, rowvar=False) + 1e-6 * np.eye(scores.shape[1])
    drawn = rng.multivariate_normal(np.zeros(len(covariance)), covariance, len(fresh), method="cholesky")
    shares = norm.cdf(drawn / np.sqrt(np.diag(covariance)))
    made = {name: _quantile(train[name], shares[:, j], rng) for j, name in enumerate(train)}
    return pd.DataFrame(made)


def _ordered(column: pd.Series) -> np.ndarray:
    """Codes whose order is that of the values; categories by frequency, nulls last."""
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        codes = pd.factorize(column, sort=True)[0]
    else:
        ranks = {value: k for k, value in enumerate(column.value_counts().index)}
        codes = np.array([ranks.get(value, -1) for value in column])
    return np.where(codes < 0, codes.max() + 1, codes)


def _normal_scores(column: pd.Series, rng: Rng) -> np.ndarray:
    codes = _ordered(column)
    order = np.lexsort((rng.random(len(codes)), codes))
    ranks = np.empty(len(codes))
    ranks[order] = (np.arange(len(codes)) + 0.5) / len(codes)
    return norm.ppf(ranks)


def _quantile(column: pd.Series, shares: np.ndarray, rng: Rng) -> pd.Series:
    """Values of ``column`` at ``shares``; numbers with many values are interpolated and rounded as they were."""
    codes = _ordered(column)
    order = np.argsort(codes, kind="stable")
    at = order[np.minimum((shares * len(column)).astype(int), len(column) - 1)]
    picked = column.iloc[at].reset_index(drop=True)
    if not pd.api.types.is_float_dtype(column.dtype) or column.nunique() < 50:
        return picked
    present = column.dropna().sort_values().to_numpy()
    place = rng.random(len(at)) / len(present) + _place(present, picked)
    between = np.interp(place, np.linspace(0, 1, len(present)), present)
    decimals = next((d for d in range(7) if np.allclose(present, np.round(present, d), atol=1e-9)), None)
    between = between if decimals is None else np.round(between, decimals)
    return pd.Series(np.where(picked.isna(), np.nan, between))


def _place(present: np.ndarray, picked: pd.Series) -> np.ndarray:
    return np.searchsorted(present, picked.fillna(present[0]).to_numpy()) / len(present)


def independent(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    return pd.DataFrame({name: fresh[name].to_numpy()[rng.permutation(len(fresh))] for name in fresh}).astype(
        dict(fresh.dtypes)
    )


def shuffled(share: float) -> Callable[[Frame, Frame, str, Rng], Frame]:
    def make(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
        made = fresh.copy()
        for name in made:
            rows = np.flatnonzero(rng.random(len(made)) < share)
            made[name] = _swap(made[name], rows, rng)
        return made

    return make


def _swap(column: pd.Series, rows: np.ndarray, rng: Rng) -> pd.Series:
    at = np.arange(len(column))
    at[rows] = rows[rng.permutation(len(rows))]
    return column.iloc[at].set_axis(column.index)


def dropped_rare(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    """Rows without the rare classes: those under a tenth, at least the smallest, up to a fifth of the rows."""
    shares = fresh[target].value_counts(normalize=True, dropna=False).sort_values()
    n_gone = max(1, int((shares.cumsum() <= 0.2).sum()))
    gone = shares.index[: min(n_gone, len(shares) - 1)]
    return fresh[~fresh[target].isin(gone)].reset_index(drop=True)


def shifted(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    """The number with the most repeated values (no identifier) moved by one standard deviation."""
    numbers = [name for name in fresh.select_dtypes("number") if name != target and fresh[name].nunique() < len(fresh)]
    if not numbers:
        return fresh.assign(**{COIN: True})
    name = max(numbers, key=lambda column: fresh[column].nunique())
    moved = fresh[name] + fresh[name].std()
    return fresh.assign(**{name: moved.round() if pd.api.types.is_integer_dtype(fresh[name].dtype) else moved})


def broken_rule(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    return fresh.assign(**{XOR: rng.integers(0, 2, len(fresh)).astype(bool)})


def collapsed(train: Frame, fresh: Frame, target: str, rng: Rng) -> Frame:
    """One row in twenty of the fresh rows, repeated."""
    few = fresh.iloc[rng.permutation(len(fresh))[: max(1, len(fresh) // 20)]]
    return few.iloc[rng.integers(0, len(few), len(fresh))].reset_index(drop=True)


RUNGS: Mapping[str, Callable[[Frame, Frame, str, Rng], Frame]] = {
    "fresh half": fresh_half,
    "copy": copied,
    "shuffled cells 5 %": shuffled(0.05),
    "shuffled cells 20 %": shuffled(0.2),
    "shuffled cells 50 %": shuffled(0.5),
    "independent": independent,
    "copula": copula,
    "dropped rare classes": dropped_rare,
    "shifted column": shifted,
    "broken 3-way rule": broken_rule,
    "mode collapse": collapsed,
}
