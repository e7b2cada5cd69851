"""Simulated tables that samplers are measured on: ``make(kind, n, d, share)``, the same rows every time.

- ``blob``: four round normal clouds a class, every column as wide as the next; nothing for a search tree to prune by.
- ``real``: what real tables have: a few latent factors with heavy tails behind all columns, some columns skewed
  (log-normal), some whole numbers, some zero for half of the rows, some a copy of another; all scaled to mean 0
  and standard deviation 1. No two rows are equal, so that who is near is not a matter of ties.
- ``mixed``: ``real`` with its last ten columns categorical (2 to 20 values, as codes).
- ``codes``: categorical columns only, as integer codes.
- ``census``: unscaled columns shaped like a census extract, 24 % in the smaller class; ``census_scaled``; and
  ``census_mixed`` with eight categorical columns more.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

FloatTable = NDArray[np.float64]
Labels = NDArray[np.int64]
Table = tuple[FloatTable | NDArray[np.int64], Labels]

CLOUDS = 4
N_CODES = 10
CENSUS_VALUES = (9, 16, 7, 15, 6, 5, 2, 40)
CENSUS_KINDS = {"census": 6, "census_scaled": 6, "census_mixed": 6 + len(CENSUS_VALUES)}
CHUNK = 20_000
"""Rows made at a time, so that making a table leaves little in memory but the table."""


def make(kind: str, n: int, d: int, share: float = 0.05) -> Table:
    """Table X (n, d) and classes y (n,), ``share`` of the rows in class 1."""
    rng = np.random.default_rng([zlib.crc32(kind.encode()), n, d])
    if kind in CENSUS_KINDS:
        return _census(kind, n)
    y = np.zeros(n, dtype=np.int64)
    y[rng.choice(n, round(n * share), replace=False)] = 1
    if kind == "blob":
        return blob(rng, y, d), y
    if kind == "real":
        return real(rng, y, d), y
    if kind == "mixed":
        return np.hstack([real(rng, y, d - N_CODES), codes(rng, y, N_CODES)]), y
    return codes(rng, y, d), y


def categorical(kind: str, d: int) -> list[int]:
    """Positions of the categorical columns."""
    first = {"mixed": d - N_CODES, "codes": 0, "census_mixed": CENSUS_KINDS["census"]}.get(kind, d)
    return list(range(first, d))


def blob(rng: np.random.Generator, y: Labels, d: int) -> FloatTable:
    """Normal clouds of standard deviation 1 around four normal centres a class."""
    centres = rng.normal(0, 0.5, (2, CLOUDS, d))
    X = np.empty((len(y), d))
    for start in range(0, len(y), CHUNK):
        rows = slice(start, start + CHUNK)
        cloud = rng.integers(CLOUDS, size=len(y[rows]))
        X[rows] = rng.standard_normal((len(cloud), d)) + centres[y[rows], cloud]
    return X


def real(rng: np.random.Generator, y: Labels, d: int) -> FloatTable:
    """Columns from few heavy-tailed factors, some skewed, rounded, half zero or copied; all scaled."""
    rank = max(2, d // 4)
    loadings = rng.normal(size=(rank, d)) / np.sqrt(rank)
    shift = rng.normal(0, 0.7, rank)
    X = np.empty((len(y), d))
    for start in range(0, len(y), CHUNK):
        rows = slice(start, start + CHUNK)
        factors = rng.standard_t(4, (len(y[rows]), rank)) + y[rows, None] * shift
        X[rows] = _shaped(factors @ loadings + 0.3 * rng.standard_normal((len(factors), d)))
    X -= X.mean(axis=0)
    X /= X.std(axis=0)
    return X


def _shaped(X: FloatTable) -> FloatTable:
    """Every tenth column from the second a copy of the first of its ten, others skewed, rounded or half zero."""
    for j in range(X.shape[1]):
        if j % 10 == 1:
            X[:, j] = X[:, j - 1]
        elif j % 5 == 2:
            X[:, j] = np.exp(np.clip(X[:, j], -6, 6))
        elif j % 5 == 3:
            X[:, j] = np.round(4 * X[:, j])
        elif j % 10 == 4:
            X[:, j] = np.maximum(X[:, j], 0)
    return X


def codes(rng: np.random.Generator, y: Labels, d: int) -> NDArray[np.int64]:
    """Categorical columns of 2 to 20 values, the first ones the most frequent, less so in class 1."""
    values = 2 + (7 * np.arange(d)) % 19
    drawn = rng.geometric((0.35 - 0.1 * y)[:, None], (len(y), d)) - 1
    return np.minimum(drawn, values - 1).astype(np.int64)


def _census(kind: str, n: int) -> Table:
    rng = np.random.default_rng(20_24)
    y = (rng.random(n) < 0.24).astype(np.int64)
    age = np.clip(rng.normal(38 + 6 * y, 13), 17, 90).round()
    gain = np.where(rng.random(n) < 0.05 + 0.15 * y, rng.lognormal(8.5, 0.8, n), 0).round()
    numbers = np.column_stack(
        [
            age,
            rng.lognormal(12, 0.5, n).round(),
            np.clip(rng.normal(10 + 2 * y, 2.5), 1, 16).round(),
            gain,
            np.where(rng.random(n) < 0.05, rng.normal(1900, 300, n), 0).round(),
            np.clip(rng.normal(40 + 5 * y, 12), 1, 99).round(),
        ]
    )
    if kind == "census":
        return numbers, y
    if kind == "census_scaled":
        return (numbers - numbers.mean(axis=0)) / numbers.std(axis=0), y
    drawn = [np.minimum(rng.geometric(0.35 - 0.1 * y) - 1, values - 1) for values in CENSUS_VALUES]
    return np.column_stack([numbers, *drawn]), y
