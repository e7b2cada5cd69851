"""What all samplers share: the checks at the door, the story of ``fit_resample`` and the fitted attributes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from numbers import Real
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils._param_validation import InvalidParameterError as SklearnParameterError
from sklearn.utils.validation import validate_data

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.samplers._drawn import Drawn, Item, Made, Streams
from contrapeso.samplers._memory import check_memory
from contrapeso.samplers._provenance import Provenance, no_rows
from contrapeso.samplers._strategy import Counts, SamplingStrategy, SamplingType, check_sampling_strategy
from contrapeso.samplers._target import Target, TargetLike, open_target
from contrapeso.samplers._views import View, categorical_by_schema, open_view
from contrapeso.tables._containers import Rows, Table, TableLike, open_table

OVER_STRATEGIES = frozenset({"auto", "minority", "not minority", "not majority", "all"})
UNDER_STRATEGIES = frozenset({"auto", "majority", "not minority", "not majority", "all"})
RANDOM_STATE = ["random_state", np.random.SeedSequence, np.random.Generator]

FewSamples: TypeAlias = Literal["adapt", "raise"]
Metadata: TypeAlias = Mapping[str, ArrayLike]


class BaseSampler(OneToOneFeatureMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the samplers: ``fit_resample(X, y)`` gives the rows back in the container they came in."""

    _sampling_type: ClassVar[SamplingType]
    _parameter_constraints: ClassVar[dict[str, list[object]]]

    sampling_strategy: SamplingStrategy
    random_state: RandomState = None
    n_jobs: int | None = None
    legacy_stream: bool = False
    sampling_strategy_: Counts
    provenance_: Provenance
    sample_indices_: Rows

    def fit(self, X: TableLike, y: TargetLike) -> Self:
        """Check the input and set ``sampling_strategy_``; use ``fit_resample`` to get rows."""
        self._check_parameters()
        table, _ = self._open(X, y)
        self._look(table)
        return self

    def fit_resample(
        self,
        X: TableLike,
        y: TargetLike,
        *,
        sample_weight: ArrayLike | None = None,
        metadata: Metadata | None = None,
        max_memory: float | str | None = None,
    ) -> tuple[Any, Any]:
        """Resample the table.

        Parameters
        ----------
        X : array, csr/csc matrix, DataFrame (pandas, polars), Arrow table, list of dicts or of lists, of shape
            (n_samples, n_features)
        y : array-like of shape (n_samples,), one-column table or one-hot array
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows; ``sample_weight_`` then holds those of the result, in which a new row has the mean of
            its parents', weighted by their shares.
        metadata : mapping of str to array-like of shape (n_samples,), optional
            Anything else that goes with the rows (groups, accounts); ``metadata_`` then holds it for the rows of the
            result, in which a new row has what its base has.
        max_memory : number of bytes or str such as '2 GiB', optional
            Most memory that the result and the work on it may take; the estimate is made before the work.

        Returns
        -------
        X_resampled, y_resampled
            In the containers and dtypes of ``X`` and ``y``; original rows first, in order.

        Raises
        ------
        MemoryLimitError
            If the estimate passes ``max_memory``.
        """
        self._check_parameters()
        table, target = self._open(X, y)
        carried = _carried_by(table.n_rows, sample_weight, metadata)
        if max_memory is not None:
            check_memory(max_memory, X, table, self._n_after(table))
        resampled = self._resample(table, target, self._seed())
        self._carry(table.n_rows, *carried)
        return resampled

    def _seed(self) -> np.random.SeedSequence:
        """Where all random numbers of this resampling come from."""
        return seed_sequence(self.random_state)

    @abstractmethod
    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        """The method itself; sets ``sample_indices_`` and ``provenance_``."""

    def _n_after(self, table: Table) -> int:
        """Most rows that the result can have."""
        made = sum(self.sampling_strategy_.values()) if self._sampling_type == "over-sampling" else 0
        return table.n_rows + made

    def _open(self, X: TableLike, y: TargetLike) -> tuple[Table, Target]:
        table = open_table(X)
        target = open_target(y, table.n_rows)
        self._remember_features(X, table)
        self.sampling_strategy_ = check_sampling_strategy(self.sampling_strategy, target.labels, self._sampling_type)
        return table, target

    def _remember_features(self, X: TableLike, table: Table) -> None:
        """Set ``n_features_in_`` and, where every name is a string and no two are the same, ``feature_names_in_``."""
        names = table.names()
        if names is not None and 0 < sum(isinstance(name, str) for name in names) < len(names):
            raise InvalidDataError(
                f"Some column names are strings and some are not: {list(names)}. "
                "Make all of them strings: X.columns = X.columns.astype(str)."
            )
        seen = X if names is None or isinstance(X, pd.DataFrame) else pd.DataFrame(columns=names)
        if isinstance(seen, (list, tuple)) or (names is not None and not names.is_unique):
            seen = np.empty((1, table.n_columns))
        validate_data(self, X=seen, skip_check_array=True, reset=True)

    def _check_parameters(self) -> None:
        try:
            self._validate_params()
        except SklearnParameterError as error:
            raise InvalidParameterError(str(error)) from error

    def _categorical_positions(self, table: Table) -> list[int]:
        """Columns to be treated as categories."""
        return categorical_by_schema(table)

    def _look(self, table: Table) -> None:
        """Refuse what ``fit_resample`` would refuse in the cells."""
        self._view(table)

    def _view(self, table: Table) -> View:
        """The table as numbers and codes; numbers that cannot be compared are refused."""
        categorical, name = self._categorical_positions(table), type(self).__name__
        return open_view(table, categorical, method=name, n_jobs=self.n_jobs, grid=not self.legacy_stream)

    def _items(self, target: Target, seed: np.random.SeedSequence) -> list[Item]:
        """Plan items in class order: label, rows asked for, member rows and random streams of the class."""
        classes = [*pd.Index(pd.factorize(target.labels, sort=True)[1])]
        place = {label: i for i, label in enumerate(classes)}
        return [
            Item(label, place[label], n, target.members(place[label]), Streams(seed, place[label]))
            for label, n in self.sampling_strategy_.items()
        ]

    def _carry(self, n_rows: int, weight: NDArray[Any] | None, metadata: Mapping[str, NDArray[Any]] | None) -> None:
        """Set ``sample_weight_`` and ``metadata_`` for the rows of the result, where they were given."""
        self.sample_weight_ = None if weight is None else self._carried(weight, n_rows, mixed=True)
        self.metadata_ = (
            None if metadata is None else {k: self._carried(v, n_rows, mixed=False) for k, v in metadata.items()}
        )

    def _carried(self, values: NDArray[Any], n_rows: int, *, mixed: bool) -> NDArray[Any]:  # noqa: ARG002
        return values[self.sample_indices_]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "sampler"
        tags.target_tags.required = True
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


class BaseOverSampler(BaseSampler):
    """Base of the samplers that add rows."""

    _sampling_type: ClassVar[SamplingType] = "over-sampling"
    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "sampling_strategy": [
            Interval(Real, 0, 1, closed="right"),
            StrOptions(set(OVER_STRATEGIES)),
            Mapping,
            callable,
        ],
        "random_state": RANDOM_STATE,
    }

    @property
    def sample_parents_(self) -> NDArray[np.integer]:
        """Original rows that each new row comes from, the base first; shape (n_new, m)."""
        return self.provenance_.parents

    @property
    def sample_weights_(self) -> NDArray[np.float64]:
        """Share of each parent in its new row, shape (n_new, m)."""
        return self.provenance_.weights

    def _close_drawn(
        self, table: Table, target: Target, view: View, drawn: Drawn, seed: np.random.SeedSequence
    ) -> tuple[Any, Any]:
        """The table with the rows drawn on lines, the target with their labels; remembers where they came from."""
        narrow = np.int32 if table.n_rows < 2**31 else np.int64  # of ten million new rows, every byte counts
        parents = np.column_stack([drawn.bases.astype(narrow), drawn.neighbors.astype(narrow)])
        X_new, gaps = view.extended(drawn), drawn.gaps
        del drawn
        return self._close(table, target, X_new, self._origin(target, parents, gaps, seed))

    def _close_made(
        self, table: Table, target: Target, view: View, made: Made, seed: np.random.SeedSequence
    ) -> tuple[Any, Any]:
        """The table with rows made anywhere, the target with their labels; remembers where they came from."""
        X_new = view.append(made.numbers, made.codes, made.parents[:, 0])
        return self._close(table, target, X_new, self._origin(target, made.parents, made.weights, seed))

    def _origin(
        self, target: Target, parents: Rows, shares: NDArray[np.float64], seed: np.random.SeedSequence
    ) -> Provenance:
        """Where the new rows of this resampling come from."""
        plan, n_rows = dict(self.sampling_strategy_), len(target.labels)
        return Provenance(type(self).__name__, n_rows, parents, shares, entropy_of(seed), plan, target.labels)

    def _close(self, table: Table, target: Target, X_new: TableLike, origin: Provenance) -> tuple[Any, Any]:
        """Both containers; ``X_new`` is the table with its new rows."""
        self.provenance_ = origin
        old = table.data.index if hasattr(table, "data") else None
        new = X_new.index if isinstance(X_new, pd.DataFrame) else None
        return X_new, target.extend(origin.parents[:, 0].astype(np.int64, copy=False), old, new)

    @property
    def sample_indices_(self) -> Rows:  # type: ignore[override]  # computed: it is as long as the result
        """Row that each row of the result is, or whose base it is; shape (n_samples_new,)."""
        made = self.provenance_
        return np.concatenate([np.arange(made.n_rows, dtype=np.int64), made.parents[:, 0].astype(np.int64)])

    def _carried(self, values: NDArray[Any], n_rows: int, *, mixed: bool) -> NDArray[Any]:  # noqa: ARG002
        return np.concatenate([values, self.provenance_.carried(values, mixed=mixed)])


class BaseUnderSampler(BaseSampler):
    """Base of the samplers that drop rows to a size; labels and rows that stay are as they were."""

    _sampling_type: ClassVar[SamplingType] = "under-sampling"
    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "sampling_strategy": [
            Interval(Real, 0, 1, closed="right"),
            StrOptions(set(UNDER_STRATEGIES)),
            Mapping,
            callable,
        ],
        "random_state": RANDOM_STATE,
    }

    def _close(self, table: Table, target: Target, kept: Rows, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        self.sample_indices_ = kept
        self.provenance_ = no_rows(type(self).__name__, target.labels, entropy_of(seed), self.sampling_strategy_)
        return table.take(kept), target.take(kept)


class BaseCleaningSampler(BaseUnderSampler):
    """Base of the samplers that drop rows by a rule, however many they are, from the classes of the strategy."""

    _sampling_type: ClassVar[SamplingType] = "clean-sampling"
    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "sampling_strategy": [StrOptions(set(UNDER_STRATEGIES)), list, callable],
    }


def _carried_by(
    n_rows: int, sample_weight: ArrayLike | None, metadata: Metadata | None
) -> tuple[NDArray[Any] | None, dict[str, NDArray[Any]] | None]:
    """Both as arrays of ``n_rows`` values."""
    weight = None if sample_weight is None else _weights(sample_weight)
    others = None if metadata is None else _columns_of(metadata)
    shapes = {name: values.shape for name, values in (others or {}).items()}
    if weight is not None and weight.shape != (n_rows,):
        shapes = {"sample_weight": weight.shape}
    for name, shape in shapes.items():
        if shape[:1] != (n_rows,) or name == "sample_weight":
            raise InvalidDataError(f"{name} must have one value for each of the {n_rows} rows; got the shape {shape}.")
    return weight, others


def _columns_of(metadata: Metadata) -> dict[str, NDArray[Any]]:
    if not isinstance(metadata, Mapping):
        raise InvalidDataError(
            f"metadata must be a mapping of names to one value per row; got {type(metadata).__name__}."
        )
    try:
        return {name: np.asarray(values) for name, values in metadata.items()}
    except ValueError as error:
        raise InvalidDataError(f"metadata must have one value for each row; rows differ in length: {error}") from error


def _weights(sample_weight: ArrayLike) -> NDArray[np.float64]:
    try:
        return np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(f"sample_weight must hold numbers: {error}.") from error


def entropy_of(seed: np.random.SeedSequence) -> int:
    """The entropy of ``seed`` as one number (words of a sequence joined, lowest first)."""
    entropy = seed.entropy
    if isinstance(entropy, (int, np.integer)):
        return int(entropy)
    return sum(int(word) << (32 * i) for i, word in enumerate(entropy or ()))


__all__ = ["BaseCleaningSampler", "BaseOverSampler", "BaseSampler", "BaseUnderSampler", "FewSamples"]
