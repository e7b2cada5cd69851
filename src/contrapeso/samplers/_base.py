"""What all samplers share: the checks at the door, the story of ``fit_resample`` and the fitted attributes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils._param_validation import InvalidParameterError as SklearnParameterError
from sklearn.utils.validation import validate_data

from contrapeso._rng import RandomState, generator, seed_sequence
from contrapeso.errors import InvalidParameterError
from contrapeso.samplers._provenance import Provenance, no_rows
from contrapeso.samplers._strategy import Counts, SamplingStrategy, SamplingType, check_sampling_strategy
from contrapeso.samplers._target import Target, TargetLike, open_target
from contrapeso.tables._containers import Rows, Table, TableLike, open_table

OVER_STRATEGIES = frozenset({"auto", "minority", "not minority", "not majority", "all"})
UNDER_STRATEGIES = frozenset({"auto", "majority", "not minority", "not majority", "all"})


@dataclass(frozen=True)
class Drawn:
    """New rows of one or more classes: their parents as original rows, and the weight of the second."""

    bases: Rows
    neighbors: Rows
    gaps: NDArray[np.float64]

    @classmethod
    def copies(cls, bases: Rows) -> Drawn:
        """Rows that come from one parent alone."""
        return cls(bases, bases, np.zeros(len(bases)))

    @classmethod
    def joined(cls, parts: list[Drawn]) -> Drawn:
        """One draw after the other."""
        if not parts:
            return cls.copies(np.empty(0, dtype=np.int64))
        return cls(
            np.concatenate([p.bases for p in parts]),
            np.concatenate([p.neighbors for p in parts]),
            np.concatenate([p.gaps for p in parts]),
        )


class Streams:
    """Random streams of one class: one per step, none shared with another class or step."""

    def __init__(self, parent: np.random.SeedSequence, class_index: int) -> None:
        self._parent, self._class_index = parent, class_index

    def step(self, number: int) -> np.random.Generator:
        """Generator of one step of this class."""
        return generator(self._parent, self._class_index, number)


class BaseSampler(OneToOneFeatureMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the samplers: ``fit_resample(X, y)`` gives the rows back in the container they came in."""

    _sampling_type: ClassVar[SamplingType]
    _parameter_constraints: ClassVar[dict[str, list[object]]]

    sampling_strategy: SamplingStrategy
    random_state: RandomState
    sampling_strategy_: Counts
    provenance_: Provenance

    def fit(self, X: TableLike, y: TargetLike) -> Self:
        """Check the input and set ``sampling_strategy_``; use ``fit_resample`` to get rows."""
        self._check_parameters()
        self._open(X, y)
        return self

    def fit_resample(self, X: TableLike, y: TargetLike) -> tuple[Any, Any]:
        """Resample the table.

        Parameters
        ----------
        X : array, csr/csc matrix, DataFrame, list of dicts or list of lists, of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), one-column table or one-hot array

        Returns
        -------
        X_resampled, y_resampled
            In the containers and dtypes of ``X`` and ``y``; original rows first, in order.
        """
        self._check_parameters()
        table, target = self._open(X, y)
        seed = seed_sequence(self.random_state)
        return self._resample(table, target, seed)

    @abstractmethod
    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        """The method itself."""

    def _open(self, X: TableLike, y: TargetLike) -> tuple[Table, Target]:
        table = open_table(X)
        target = open_target(y, table.n_rows)
        self._remember_features(X, table)
        self.sampling_strategy_ = check_sampling_strategy(self.sampling_strategy, target.labels, self._sampling_type)
        return table, target

    def _remember_features(self, X: TableLike, table: Table) -> None:
        """Set ``n_features_in_`` and, where every name is a string, ``feature_names_in_``."""
        names = table.names()
        seen = X if names is None or isinstance(X, pd.DataFrame) else pd.DataFrame(columns=names)
        if isinstance(seen, (list, tuple)):
            seen = np.empty((1, table.n_columns))
        validate_data(self, X=seen, skip_check_array=True, reset=True)

    def _check_parameters(self) -> None:
        try:
            self._validate_params()
        except SklearnParameterError as error:
            raise InvalidParameterError(str(error)) from error

    def _items(self, target: Target, seed: np.random.SeedSequence) -> list[tuple[Hashable, int, Rows, Streams]]:
        """Plan items in class order: label, rows asked for, member rows and random streams of the class."""
        classes = [*pd.Index(pd.factorize(target.labels, sort=True)[1])]
        place = {label: i for i, label in enumerate(classes)}
        return [
            (label, n, target.members(place[label]), Streams(seed, place[label]))
            for label, n in self.sampling_strategy_.items()
        ]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "sampler"
        tags.target_tags.required = True
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


class BaseOverSampler(BaseSampler):
    """Base of the samplers that add rows."""

    _sampling_type = "over-sampling"
    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "sampling_strategy": [
            Interval(Real, 0, 1, closed="right"),
            StrOptions(set(OVER_STRATEGIES)),
            Mapping,
            callable,
        ],
        "random_state": ["random_state", np.random.SeedSequence, np.random.Generator],
    }

    def _close(
        self, table: Table, target: Target, X_new: TableLike, drawn: Drawn, seed: np.random.SeedSequence
    ) -> tuple[Any, Any]:
        """Remember where the new rows came from, and give back both containers."""
        n_new = len(drawn.bases)
        self.provenance_ = Provenance(
            method=type(self).__name__,
            rows=np.arange(table.n_rows, table.n_rows + n_new),
            labels=target.labels[drawn.bases],
            parents=np.column_stack([drawn.bases, drawn.neighbors]),
            weights=np.column_stack([1.0 - drawn.gaps, drawn.gaps]),
            seed=entropy_of(seed),
            plan=dict(self.sampling_strategy_),
        )
        old = table.data.index if hasattr(table, "data") else None
        new = X_new.index if isinstance(X_new, pd.DataFrame) else None
        return X_new, target.extend(drawn.bases, old, new)


class BaseUnderSampler(BaseSampler):
    """Base of the samplers that drop rows; those that stay keep their order and labels."""

    _sampling_type = "under-sampling"
    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "sampling_strategy": [
            Interval(Real, 0, 1, closed="right"),
            StrOptions(set(UNDER_STRATEGIES)),
            Mapping,
            callable,
        ],
        "random_state": ["random_state", np.random.SeedSequence, np.random.Generator],
    }

    def _close(self, table: Table, target: Target, kept: Rows, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        self.sample_indices_ = kept
        self.provenance_ = no_rows(type(self).__name__, target.labels, entropy_of(seed), self.sampling_strategy_)
        return table.take(kept), target.take(kept)


def entropy_of(seed: np.random.SeedSequence) -> int:
    """The entropy of ``seed`` as one number (words of a sequence joined, lowest first)."""
    entropy = seed.entropy
    if isinstance(entropy, (int, np.integer)):
        return int(entropy)
    return sum(int(word) << (32 * i) for i, word in enumerate(entropy or ()))


__all__ = ["BaseOverSampler", "BaseSampler", "BaseUnderSampler", "Drawn", "Streams"]
