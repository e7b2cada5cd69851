"""The real tables that the evidence ladder is judged on, and how they are divided.

Twelve of imbalanced-learn and the 30 largest KEEL tables whose largest class has 1.5 times the rows of the smallest.
Three stratified folds a seed: two to choose and to learn from, the third to judge. A table of very many cells to learn
(rows times classes; kr-vs-k alone) is cut to a stratified part, so that it does not take longer than all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks._record import ROOT

SHARED = ROOT.parent / "shared" / "data"
LEAST_RATIO = 1.5
N_KEEL = 30
N_FOLDS = 3
MOST_CELLS = 100_000
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Source:
    """A table: its name, file, target, number of rows and ratio of the largest class to the smallest."""

    name: str
    path: Path
    target: str
    n: int
    ratio: float


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """The tables, by name."""
    ours = [_source(path) for path in sorted((SHARED / "imblearn").glob("*.parquet"))]
    keel = [_source(path) for path in sorted((SHARED / "keel").glob("*.parquet"))]
    uneven = [source for source in keel if source.ratio >= LEAST_RATIO]
    largest = sorted(uneven, key=lambda source: (-source.n, source.name))[:N_KEEL]
    return tuple(sorted([*ours, *largest], key=lambda source: source.name))


def _source(path: Path) -> Source:
    target = (pq.read_schema(path).metadata or {})[b"target"].decode()
    counts = pd.read_parquet(path, columns=[target])[target].value_counts()
    name = path.relative_to(SHARED).with_suffix("").as_posix()
    return Source(name, path, target, int(counts.sum()), float(counts.max() / counts.min()))


def opened(source: Source) -> tuple[pd.DataFrame, NDArray[np.str_]]:
    """Features (n, p) and labels (n,) as texts."""
    frame = pd.read_parquet(source.path)
    labels = frame[source.target].astype(str).to_numpy(dtype=str)
    features = frame.drop(columns=source.target)
    most = MOST_CELLS // len(np.unique(labels))
    if len(labels) <= most:
        return features, labels
    rows = _part(labels, most)
    return features.iloc[rows].reset_index(drop=True), labels[rows]


def _part(labels: NDArray[np.str_], size: int) -> Rows:
    rng = np.random.default_rng(0)
    share = size / len(labels)
    found = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        found.append(rng.choice(members, max(N_FOLDS, round(share * len(members))), replace=False))
    return np.sort(np.concatenate(found))


def folds(labels: NDArray[np.str_], seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Training and test rows; every class is dealt in turn, so one of two rows is in two test folds."""
    rng = np.random.default_rng([seed, 3])
    place = np.empty(len(labels), dtype=np.intp)
    start = 0
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        place[members] = (start + np.arange(len(members))) % N_FOLDS
        start += len(members)
    for fold in range(N_FOLDS):
        yield np.flatnonzero(place != fold), np.flatnonzero(place == fold)


__all__ = ["N_FOLDS", "Source", "folds", "opened", "sources"]
