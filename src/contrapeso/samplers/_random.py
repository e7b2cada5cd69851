"""Random over- and under-sampling: rows are copied, or dropped, by lot."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from contrapeso._rng import RandomState
from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.samplers._base import BaseOverSampler, BaseUnderSampler, Drawn, Streams
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.samplers._views import View, open_view
from contrapeso.tables._containers import Rows, SparseTable, Table, TableLike

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
        included; a number needs columns of numbers or dates.

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
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        shrinkage: float | Mapping[Hashable, float] | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.shrinkage = shrinkage

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        items = self._items(target, seed)
        self.shrinkage_ = self._shrinkage_of([label for label, *_ in items])
        picks = [members[streams.step(PICK).integers(len(members), size=n)] for _, n, members, streams in items]
        drawn = Drawn.joined([Drawn.copies(pick) for pick in picks])
        self.sample_indices_ = np.concatenate([np.arange(table.n_rows), drawn.bases])
        if self.shrinkage_ is None:
            X_new: TableLike = table.repeat(drawn.bases)
        else:
            X_new = self._smoothed(table, items, picks)
        return self._close(table, target, X_new, drawn, seed)

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

    def _smoothed(self, table: Table, items: list[tuple[Hashable, int, Rows, Streams]], picks: list[Rows]) -> TableLike:
        if isinstance(table, SparseTable):
            raise InvalidDataError(
                "shrinkage would fill every zero of a sparse matrix. Use shrinkage=None or X.toarray()."
            )
        view = open_view(table, [], method="RandomOverSampler with shrinkage")
        assert self.shrinkage_ is not None  # noqa: S101  (for the type checker: the caller has just looked)
        h = (4.0 / ((table.n_columns + 2) * table.n_rows)) ** (1.0 / (table.n_columns + 4))
        noisy = [
            self._noisy(view, pick, members, streams, h * self.shrinkage_[label])
            for pick, (label, _, members, streams) in zip(picks, items, strict=True)
        ]
        bases = np.concatenate(picks) if picks else np.empty(0, dtype=np.int64)
        return view.append(np.concatenate(noisy), np.empty((len(bases), 0), dtype=np.int32), bases)

    @staticmethod
    def _noisy(view: View, pick: Rows, members: Rows, streams: Streams, width: float) -> NDArray[np.float64]:
        values = view.numbers(pick)
        spread = spread_of(view.numbers(members))
        return values + streams.step(NOISE).standard_normal(values.shape) * spread * width


def spread_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation (population) of each column, missing values aside; 0 where nothing is known."""
    known = ~np.isnan(values)
    n = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=0) / n
    return np.asarray(np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / n))


class RandomUnderSampler(BaseUnderSampler):
    """Keeps a random part of the rows of each class to be reduced, in their original order.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    replacement : bool, default False
        Draw with replacement: a row may then be kept more than once, with its label.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows kept.
    sample_indices_ : int64 array of shape (n_new_samples,)
        Rows kept, ascending.
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
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        replacement: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.replacement = replacement

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        kept = np.ones(table.n_rows, dtype=np.int64)  # how often each row stays
        for _, n, members, streams in self._items(target, seed):
            kept[members] = 0
            chosen = streams.step(PICK).choice(members, size=n, replace=self.replacement)
            np.add.at(kept, chosen, 1)
        return self._close(table, target, np.repeat(np.arange(table.n_rows), kept), seed)


__all__ = ["RandomOverSampler", "RandomUnderSampler", "spread_of"]
