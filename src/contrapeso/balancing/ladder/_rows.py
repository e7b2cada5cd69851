"""Training rows made ready once for all rungs: encoded, weighted, and over-sampled at most once per method."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import child
from contrapeso.balancing.ladder._design import Design, Expansion, takes_codes, takes_nulls
from contrapeso.balancing.ladder._rungs import OVER_RATIOS, Rung, goal_sizes
from contrapeso.errors import InvalidDataError, TooFewSamplesError
from contrapeso.tables._containers import SparseTable, Table, open_table

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Matrix = Any  # ndarray (n, p), csr matrix, or the raw table of a pipeline

SHARED = frozenset({"RandomOverSampler", "SMOTE"})
"""Samplers whose rows are drawn one by one, so that a smaller ratio is the beginning of a larger one."""


@dataclass(frozen=True)
class Sample:
    """Rows as a model is fitted to them."""

    matrix: Matrix
    codes: Codes
    weights: Floats


@dataclass
class TrainingRows:
    """The training rows of one fold (or of the whole table) and what was learnt from them.

    Attributes
    ----------
    table : opened table of these rows
    codes, weights : arrays of shape (n,)
    raw : whether the model takes the table as it is (a pipeline with steps of its own)
    """

    table: Table
    codes: Codes
    weights: Floats
    n_classes: int
    raw: bool
    seed: np.random.SeedSequence
    design: Design = field(default_factory=Design)
    _matrix: Matrix = None
    _made: dict[str, Sample] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        if not self.raw:
            self.design.fit(self.table)

    @property
    def matrix(self) -> Matrix:
        """The rows, encoded."""
        if self._matrix is None:
            with self._lock:
                if self._matrix is None:
                    self._matrix = self.encode(self.table)
        return self._matrix

    def encode(self, table: Table) -> Matrix:
        """Any rows of the same columns, encoded as these are."""
        return encoded(table, self.design, raw=self.raw)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Rows of each class."""
        return np.bincount(self.codes, minlength=self.n_classes)

    def sample(self, rung: Rung, member: int = 0) -> Sample:
        """The rows that the rung would train on."""
        weights = self.weights
        if rung.power:
            mass = np.bincount(self.codes, weights, self.n_classes)
            factors = np.divide(mass.sum(), mass, out=np.zeros_like(mass), where=mass > 0) ** rung.power
            weights = weights * factors[self.codes]
            weights = weights * (len(weights) / weights.sum())
        if not rung.resamples:
            return Sample(self.matrix, self.codes, weights)
        if rung.sampler == "mixture":
            return self._generated(rung)
        if rung.sampler in SHARED and rung.ratio in OVER_RATIOS:
            return self._beginning(rung)
        return self._resampled(rung, goal_sizes(rung, self.counts), child(self.seed, rung.order, member))

    def _beginning(self, rung: Rung) -> Sample:
        """Of the rows made for the ratio 1, as many of each class as the rung asks for."""
        whole = goal_sizes(Rung(rung.name, rung.family, rung.order, rung.sampler, 1.0), self.counts)
        with self._lock_of(rung.sampler):
            if rung.sampler not in self._made:
                key = 100 + sorted(SHARED).index(rung.sampler)
                self._made[rung.sampler] = self._resampled(rung, whole, child(self.seed, key))
        full, n = self._made[rung.sampler], len(self.codes)
        sizes = goal_sizes(rung, self.counts)
        kept = [np.arange(n)]
        for c, size in sizes.items():
            kept.append(n + np.flatnonzero(full.codes[n:] == c)[: size - self.counts[c]])
        rows = np.concatenate(kept)
        return Sample(_take(full.matrix, rows), full.codes[rows], full.weights[rows])

    def _lock_of(self, sampler: str) -> Lock:
        with self._lock:
            locks: dict[str, Lock] = self.__dict__.setdefault("_locks", {})
            return locks.setdefault(sampler, Lock())

    def _resampled(self, rung: Rung, sizes: dict[int, int], seed: np.random.SeedSequence) -> Sample:
        sampler = _sampler(rung, sizes, seed, self._categorical(), self._only_categories())
        boxed = self._boxed()
        made, codes = sampler.fit_resample(boxed, self.codes, sample_weight=self.weights)
        return Sample(self._unboxed(made), np.asarray(codes), np.asarray(sampler.sample_weight_))

    def _categorical(self) -> list[int] | None:
        """Positions of the categories; None where the sampler is to find out by the columns."""
        if self.raw:
            from contrapeso.samplers._views import categorical_by_schema

            return None if isinstance(self.table, SparseTable) else list(categorical_by_schema(self.table))
        return self.design.categorical

    def _only_categories(self) -> bool:
        found = self._categorical()
        return found is not None and len(found) == self.table.n_columns

    def _boxed(self) -> Matrix:
        """The rows as samplers take them: categories as a frame says them."""
        if self.raw or not self.design.categorical:
            return self.matrix
        frame = pd.DataFrame(self.matrix)
        for j in self.design.categorical:
            codes = np.nan_to_num(self.matrix[:, j], nan=-1).astype(np.intp)
            levels = pd.RangeIndex(max(int(codes.max()), 0) + 1)
            frame[j] = pd.Categorical.from_codes(codes, categories=levels)
        frame.columns = [f"x{j}" for j in range(frame.shape[1])]
        return frame

    def _unboxed(self, made: Matrix) -> Matrix:
        if self.raw or not self.design.categorical:
            return made
        columns = [
            np.where(made.iloc[:, j].cat.codes < 0, np.nan, made.iloc[:, j].cat.codes)
            if j >= self.design.n_numbers
            else made.iloc[:, j].to_numpy()
            for j in range(made.shape[1])
        ]
        return np.column_stack(columns).astype(np.float64)

    def _generated(self, rung: Rung) -> Sample:
        """New rows of each class that grows, from a mixture fitted to the rows of those classes."""
        from contrapeso.generators import MixtureSynthesizer

        if self.raw or isinstance(self.table, SparseTable):
            raise InvalidDataError("The mixture makes rows of plain tables; this model takes the table as it is.")
        sizes = goal_sizes(rung, self.counts)
        growing = np.isin(self.codes, list(sizes))
        frame = self._boxed() if self.design.categorical else pd.DataFrame(self.matrix).add_prefix("x")
        frame = frame[growing].assign(_class=[f"c{c}" for c in self.codes[growing]])
        seed = int(child(self.seed, rung.order).generate_state(1)[0])
        model = MixtureSynthesizer(random_state=seed).fit(frame, target="_class")
        wanted = {f"c{c}": size - int(self.counts[c]) for c, size in sizes.items()}
        made = model.sample(n_per_class=wanted, random_state=seed)
        codes = made["_class"].astype(str).str[1:].astype(np.intp).to_numpy()
        new = self._matrix_of(made.drop(columns="_class"))
        mean = np.bincount(self.codes, self.weights, self.n_classes) / np.maximum(self.counts, 1)
        return Sample(
            np.vstack([self.matrix, new]),
            np.concatenate([self.codes, codes]),
            np.concatenate([self.weights, mean[codes]]),
        )

    def _matrix_of(self, made: pd.DataFrame) -> Floats:
        columns = [pd.to_numeric(made.iloc[:, j].astype(object), errors="coerce") for j in range(made.shape[1])]
        return np.column_stack([column.to_numpy(dtype=np.float64) for column in columns])


def encoded(table: Table, design: Design, *, raw: bool) -> Matrix:
    """Rows as a model's :class:`Feed` takes them: by the design, or as they are."""
    return table.take(np.arange(table.n_rows)) if raw else design.transform(table)


def _take(matrix: Matrix, rows: NDArray[np.intp]) -> Matrix:
    return matrix[rows] if hasattr(matrix, "dtype") else open_table(matrix).take(rows.astype(np.int64))


def _sampler(
    rung: Rung,
    wanted: Mapping[int, int],
    seed: np.random.SeedSequence,
    categorical: list[int] | None,
    only_categories: bool,  # noqa: FBT001
) -> Any:
    from contrapeso import samplers

    sizes: dict[Hashable, float] = dict(wanted.items())
    if rung.sampler in ("RandomOverSampler", "RandomUnderSampler"):
        return getattr(samplers, rung.sampler)(sampling_strategy=sizes, random_state=seed)
    if only_categories:
        if rung.sampler != "SMOTE":
            raise TooFewSamplesError(f"{rung.sampler} needs columns of numbers; there are categories only.")
        return samplers.SMOTEN(sampling_strategy=sizes, random_state=seed, n_jobs=1)
    if rung.sampler == "SMOTE" and categorical:
        return samplers.SMOTENC(categorical, sampling_strategy=sizes, random_state=seed, n_jobs=1)
    if rung.sampler in ("SMOTEENN", "SMOTETomek"):
        base = (
            samplers.SMOTENC(categorical, sampling_strategy=sizes, random_state=seed, n_jobs=1)
            if categorical
            else samplers.SMOTE(sampling_strategy=sizes, random_state=seed, n_jobs=1)
        )
        return getattr(samplers, rung.sampler)(sampling_strategy=sizes, random_state=seed, smote=base, n_jobs=1)
    return getattr(samplers, rung.sampler)(sampling_strategy=sizes, random_state=seed, n_jobs=1)


@dataclass(frozen=True)
class Feed:
    """The last step before a model: what it needs beyond the shared matrix."""

    expansion: Expansion | None

    @classmethod
    def of(cls, rows: TrainingRows, estimator: Any) -> Feed:
        """Indicators and no nulls for models other than trees, where the rows have categories or the model no nulls."""
        if rows.raw or isinstance(rows.table, SparseTable):
            return cls(None)
        plain = not rows.design.categorical
        if takes_codes(estimator) and (takes_nulls(estimator) or not _has_nulls(rows.matrix)):
            return cls(None)
        if plain and takes_nulls(estimator):
            return cls(None)
        return cls(Expansion.of(rows.design, rows.matrix))

    def __call__(self, matrix: Matrix) -> Matrix:
        return matrix if self.expansion is None else self.expansion.transform(matrix)


def _has_nulls(matrix: Floats) -> bool:
    return bool(np.isnan(matrix).any())


__all__ = ["Feed", "Sample", "TrainingRows", "encoded"]
