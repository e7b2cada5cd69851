"""Random over- and under-sampling: rows are copied, or dropped, by lot."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.samplers._base import BaseOverSampler, BaseUnderSampler
from contrapeso.samplers._drawn import Item
from contrapeso.samplers._legacy import legacy_random_state, untouched
from contrapeso.samplers._space import spread_of
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.samplers._views import SparseView, View, categorical_by_schema, open_view
from contrapeso.tables._containers import Rows, Table, TableLike

PICK, NOISE = 0, 1


class RandomOverSampler(BaseOverSampler):
    """Adds copies of rows drawn with replacement, or a smoothed bootstrap of them (ROSE).

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    shrinkage : float or mapping of class to float, optional
        Width of the normal noise added to each copy: standard deviation ``shrinkage * h * s`` in each
        column, s being the class's standard deviation and h = (4 / ((p + 2) n)) ** (1 / (p + 4)) for n rows and
        p columns (Silverman's rule). None adds no noise and takes any kind of data, missing values
        included; a number moves columns of numbers and dates, and needs such columns in arrays. Categories, texts
        and booleans of a DataFrame are copied.
    legacy_stream : bool, default False
        Draw as imbalanced-learn does, bit for bit: the same seed then gives the same rows of floats.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    sample_indices_ : int64 array of shape (n_new_samples,)
        Row each result row is, or was copied from.
    shrinkage_ : dict or None
        Class -> shrinkage in force.
    provenance_ : Provenance
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    InvalidParameterError
        If a shrinkage is negative, or missing for a class that is resampled.
    InvalidDataError
        With shrinkage: if a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    A missing number stays missing. Whole numbers are rounded half to even. Noise fills the zeros of a sparse matrix;
    without it the new rows are as sparse as the old.

    References
    ----------
    .. [1] G. Menardi, N. Torelli, "Training and assessing classification rules with imbalanced data",
       Data Mining and Knowledge Discovery 28 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import RandomOverSampler
    >>> X, y = np.arange(10).reshape(5, 2), [0, 0, 0, 0, 1]
    >>> X_resampled, y_resampled = RandomOverSampler(random_state=0).fit_resample(X, y)
    >>> y_resampled
    [0, 0, 0, 0, 1, 1, 1, 1]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseOverSampler._parameter_constraints,
        "shrinkage": [Interval(Real, 0, None, closed="left"), Mapping, None],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        shrinkage: float | Mapping[Hashable, float] | None = None,
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.shrinkage = shrinkage
        self.legacy_stream = legacy_stream

    def _look(self, table: Table) -> None:
        """Any cell will do."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        items = self._items(target, seed)
        self.shrinkage_ = self._shrinkage_of([item.label for item in items])
        drawn = _Old(self.random_state) if self.legacy_stream else _New()
        if self.shrinkage_ is None:
            bases = _joined([drawn.picks(item) for item in items])
            X_new: TableLike = table.repeat(bases)
        else:
            X_new, bases = self._smoothed(table, items, drawn)
        origin = self._origin(target, np.column_stack([bases, bases]), np.zeros(len(bases)), seed)
        return self._close(table, target, X_new, origin)

    def _seed(self) -> np.random.SeedSequence:
        return seed_sequence(untouched(self.random_state)) if self.legacy_stream else super()._seed()

    def _shrinkage_of(self, labels: list[Hashable]) -> dict[Hashable, float] | None:
        if self.shrinkage is None:
            return None
        if not isinstance(self.shrinkage, Mapping):
            return dict.fromkeys(labels, float(self.shrinkage))
        missing = [label for label in labels if label not in self.shrinkage]
        if missing:
            raise InvalidParameterError(
                "`shrinkage` should contain a shrinkage factor for each class that will be resampled. "
                f"The missing classes are: {missing}"
            )
        for label, factor in self.shrinkage.items():
            if factor < 0:
                raise InvalidParameterError(f"The shrinkage factor needs to be >= 0. Got {factor} for class {label!r}.")
        return {label: float(factor) for label, factor in self.shrinkage.items()}

    def _smoothed(self, table: Table, items: list[Item], drawn: _Old | _New) -> tuple[TableLike, Rows]:
        """The table with the copies moved, and what each is a copy of."""
        assert self.shrinkage_ is not None  # noqa: S101  (for the type checker: the caller has just looked)
        view = self._smooth_view(table)
        h = (4.0 / ((table.n_columns + 2) * table.n_rows)) ** (1.0 / (table.n_columns + 4))
        picks, noisy = [], [np.empty((0, len(view.scales)))]
        for item in items:
            pick = drawn.picks(item)
            values = view.numbers(pick)
            width = self.shrinkage_[item.label] * h * self._spread(view, item.members)
            noisy.append(drawn.noise(item, values.shape) * width + values)
            picks.append(pick)
        bases = _joined(picks)
        return view.append(np.concatenate(noisy), view.codes(bases), bases), bases

    def _smooth_view(self, table: Table) -> View:
        try:
            return open_view(table, categorical_by_schema(table), method="RandomOverSampler with shrinkage")
        except InvalidDataError as error:
            raise InvalidDataError(
                "When shrinkage is not None, X needs to contain only numerical data to later generate a smoothed "
                f"bootstrap sample: {error}",
                error.details,
            ) from error

    def _spread(self, view: View, members: Rows) -> NDArray[np.float64]:
        """Standard deviation of each column of one class; of old to the last bit of NumPy's own."""
        if not self.legacy_stream:
            return spread_of(view.numbers(members))
        if isinstance(view, SparseView):
            from sklearn.utils.sparsefuncs import mean_variance_axis

            matrix = view.table.matrix.astype(np.float64)
            return np.asarray(np.sqrt(mean_variance_axis(matrix[members, :], axis=0)[1]))
        return np.asarray(np.std(view.numbers(members), axis=0))


class _New:
    """What is drawn for a class, from streams of its own."""

    def picks(self, item: Item) -> Rows:
        return item.members[item.streams.step(PICK).integers(len(item.members), size=item.n)]

    def noise(self, item: Item, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return item.streams.step(NOISE).standard_normal(shape)


class _Old:
    """What imbalanced-learn draws for one class after the other, from one stream."""

    def __init__(self, random_state: RandomState) -> None:
        self._rng = legacy_random_state(random_state)

    def picks(self, item: Item) -> Rows:
        return np.asarray(self._rng.choice(item.members, size=item.n, replace=True), dtype=np.int64)

    def noise(self, item: Item, shape: tuple[int, ...]) -> NDArray[np.float64]:  # noqa: ARG002  (the interface)
        return np.asarray(self._rng.randn(*shape))


def _joined(parts: list[Rows]) -> Rows:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


class RandomUnderSampler(BaseUnderSampler):
    """Keeps a random part of the rows of each class to be reduced, in their original order.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    replacement : bool, default False
        Draw with replacement: a row may then be kept more than once, with its label.
    legacy_stream : bool, default False
        Draw as imbalanced-learn does: the same seed then keeps the same rows, class after class, in the order drawn.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows kept.
    sample_indices_ : int64 array of shape (n_new_samples,)
        Rows kept, ascending (but see ``legacy_stream``).
    provenance_ : Provenance
        Without rows: nothing was made.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import RandomUnderSampler
    >>> X, y = np.arange(10).reshape(5, 2), [0, 0, 0, 0, 1]
    >>> RandomUnderSampler(random_state=0).fit_resample(X, y)[1]
    [0, 1]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseUnderSampler._parameter_constraints,
        "replacement": ["boolean"],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        replacement: bool = False,
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.replacement = replacement
        self.legacy_stream = legacy_stream

    def _look(self, table: Table) -> None:
        """Any cell will do."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        if self.legacy_stream:
            return self._close(table, target, self._as_of_old(target, self._items(target, seed)), seed)
        kept = np.ones(table.n_rows, dtype=np.int64)  # how often each row stays
        for item in self._items(target, seed):
            kept[item.members] = 0
            chosen = item.streams.step(PICK).choice(item.members, size=item.n, replace=self.replacement)
            np.add.at(kept, chosen, 1)
        return self._close(table, target, np.repeat(np.arange(table.n_rows), kept), seed)

    def _seed(self) -> np.random.SeedSequence:
        return seed_sequence(untouched(self.random_state)) if self.legacy_stream else super()._seed()

    def _as_of_old(self, target: Target, items: list[Item]) -> Rows:
        rng = legacy_random_state(self.random_state)
        parts = [target.members(code) for code in range(int(target.codes.max()) + 1)]
        for item in items:
            parts[item.code] = item.members[rng.choice(len(item.members), size=item.n, replace=self.replacement)]
        return np.concatenate(parts)


__all__ = ["RandomOverSampler", "RandomUnderSampler"]
