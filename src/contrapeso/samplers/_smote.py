"""SMOTE and SMOTENC: new rows between a row and one of its nearest neighbours of the same class."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso._rng import RandomState
from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Drawn, Item, Made
from contrapeso.samplers._legacy import first_dropped, legacy_mismatch
from contrapeso.samplers._lines import BaseLineSampler, Problem, draw_lines
from contrapeso.samplers._neighbors import Neighbors, class_neighbors, n_neighbors_of
from contrapeso.samplers._one_hot import checked_encoder, default_encoder
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._together import together
from contrapeso.samplers._views import ColumnView, SparseAtomsView, View, categorical_by_schema
from contrapeso.tables._containers import SparseTable, Table


class SMOTE(BaseLineSampler):
    """Synthetic minority over-sampling: points on segments between neighbours of one class.

    Every row of the class is a base as often as every other (give or take one), the neighbour is
    drawn among its ``k_neighbors`` nearest and the point uniformly on the segment between them.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 5
        Number of neighbours, or an unfitted estimator with ``kneighbors`` and ``kneighbors_graph`` whose
        ``n_neighbors`` counts the row itself.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        What to do with a class that has no more rows than ``k_neighbors``: use as many neighbours as there are (copies
        of a single row) with a :class:`FewSamplesWarning`, or raise :class:`TooFewSamplesError`.
    legacy_stream : bool, default False
        Draw as imbalanced-learn does, bit for bit: the same seed then gives the same rows. Its defects come with it:
        every class gets the same random numbers, copies of a row count as its neighbours, and amounts leave their
        decimals. Columns of a whole dtype are rounded all the same.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    nn_k_ : estimator
        The neighbour search; its ``n_neighbors`` counts the row itself.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        Parents of each new row, the base first, and their shares.
    provenance_ : Provenance
        Method, parents, weights, seed and plan item of every new row.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    TooFewSamplesError
        If a class to be enlarged has no more rows than ``k_neighbors``, and ``few_samples='raise'``.
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    Missing numbers: distances use the class's column median in their place; a new row is missing
    exactly where its base is, and where only the neighbour's value is missing the base's is kept.
    Whole numbers are rounded half to even. In DataFrames and dicts, amounts stay on their decimal grid
    and dates, which count in days for the distance, on their step; arrays have no such schema.
    Columns of categories, texts and booleans of a DataFrame are decided by the neighbours' vote as in :class:`SMOTENC`;
    two rows that differ in one are apart by the median of the standard deviations of the class's numbers.
    Identical rows are one point: a row and its copy are not neighbours.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
       over-sampling technique", JAIR 16 (2002) 321-357.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SMOTE
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [50, 10])
    >>> sampler = SMOTE(random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> np.bincount(y_resampled).tolist()
    [50, 50]
    >>> sampler.provenance_.explain(0)  # doctest: +ELLIPSIS
    'Row 60 is synthetic (class 1): it lies ... % of the way from row ... to row .... Made by SMOTE ...'
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.n_jobs = n_jobs
        self.few_samples = few_samples
        self.legacy_stream = legacy_stream

    def _prepare(self, problem: Problem, items: list[Item]) -> None:  # noqa: ARG002  (the interface)
        self.nn_k_ = self._search(self.k_neighbors)

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        points = self._points(problem, item)
        return draw_lines(item, points, class_neighbors(self.nn_k_, points, k))

    def _draw_legacy(self, problem: Problem, item: Item) -> Made:
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        points = self._points(problem, item)
        return self._legacy_lines(problem, item, points, first_dropped(self.nn_k_, points, k=k))

    def _points(self, problem: Problem, item: Item) -> Points:
        return problem.space.of(item.members)


class SMOTENC(SMOTE):
    """SMOTE for tables with categories: numbers are interpolated, categories decided by the neighbours.

    Each category of a new row is the most frequent one among the nearest neighbours of its base (a
    seeded draw among equals). Two rows that differ in a category are apart by the median of the
    standard deviations of the class's numbers, as in the paper.

    Parameters
    ----------
    categorical_features : 'auto' or array-like of int, bool or str
        Positions, mask or names of the categorical columns. 'auto' takes, in DataFrames and dicts, every
        column that does not hold numbers or dates, and booleans.
    categorical_encoder : estimator, optional
        Accepted for the sake of code written for imbalanced-learn: a clone of it is fitted and must keep one column of
        each category, as ``OneHotEncoder(handle_unknown='ignore')`` does. The categories are compared without it.
    sampling_strategy, random_state, k_neighbors, n_jobs, few_samples, legacy_stream
        As in :class:`SMOTE`.
    coherent : bool, default False
        Decide the categories of a new row together rather than column by column: it gets the tuple of its base or of
        one of the neighbours that has the most votes in all columns (a seeded draw among equals), so no combination is
        made that the class does not have.

    Attributes
    ----------
    categorical_features_, continuous_features_ : int64 arrays
        Positions of the columns.
    categorical_encoder_ : estimator
        The clone, or a ``OneHotEncoder`` that is fitted on the categories when it is first asked for.
    median_std_ : dict
        Class -> median standard deviation, the distance of a mismatch.

    Notes
    -----
    Categories are compared as codes in blocks; no one-hot matrix is made. A missing category does not
    vote; like numbers, a new row is missing exactly where its base is. In a csr or csc matrix, 0 is a
    category like any other; the result is sparse as well.

    References
    ----------
    .. [1] Chawla et al., "SMOTE", JAIR 16 (2002), Sec. 6.1.

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.samplers import SMOTENC
    >>> X = pd.DataFrame({"valor": [10.0, 12.5, 80.0, 11.0, 90.0, 85.0], "tipo": list("ppbpbb")})
    >>> y = ["a", "a", "b", "a", "b", "a"]
    >>> X_resampled, y_resampled = SMOTENC("auto", k_neighbors=1, random_state=0).fit_resample(X, y)
    >>> y_resampled
    ['a', 'a', 'b', 'a', 'b', 'a', 'b', 'b']
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **SMOTE._parameter_constraints,
        "categorical_features": ["array-like", StrOptions({"auto"})],
        "categorical_encoder": [HasMethods(["fit_transform", "inverse_transform"]), None],
        "coherent": ["boolean"],
    }

    def __init__(
        self,
        categorical_features: str | Sequence[int] | Sequence[bool] | Sequence[str],
        *,
        categorical_encoder: Any = None,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
        coherent: bool = False,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            random_state=random_state,
            k_neighbors=k_neighbors,
            n_jobs=n_jobs,
            few_samples=few_samples,
            legacy_stream=legacy_stream,
        )
        self.categorical_features = categorical_features
        self.categorical_encoder = categorical_encoder
        self.coherent = coherent

    def _categorical_positions(self, table: Table) -> list[int]:
        positions = self._auto(table) if isinstance(self.categorical_features, str) else self._named(table)
        self.categorical_features_ = np.array(positions, dtype=np.int64)
        rest = np.ones(table.n_columns, dtype=bool)
        rest[positions] = False
        self.continuous_features_ = np.flatnonzero(rest)
        for kind, other, size in (
            ("categorical", "numerical", len(positions)),
            ("numerical", "categorical", table.n_columns - len(positions)),
        ):
            if size == table.n_columns:
                raise InvalidDataError(
                    f"SMOTE-NC is not designed to work only with {kind} features. It requires some {other} features. "
                    + ("Use SMOTEN." if kind == "categorical" else "Use SMOTE.")
                    + f" (X has n_features = {size})"
                )
        self.median_std_: dict[Hashable, float] = {}
        return positions

    def _view(self, table: Table) -> View:
        view = super()._view(table)
        assert isinstance(view, (ColumnView, SparseAtomsView))  # noqa: S101  (for the type checker)
        self._categories = [atom.values for atom in view.atom_columns.values()]
        self._encoder = None
        if self.categorical_encoder is not None:
            self._encoder = checked_encoder(self.categorical_encoder, table, view, list(view.atom_columns))
        return view

    @property
    def categorical_encoder_(self) -> Any:
        """Encoder of the categories; see Attributes."""
        if not hasattr(self, "_categories"):
            raise AttributeError("categorical_encoder_ is known after fit_resample.")
        if self._encoder is None:
            self._encoder = default_encoder(self._categories)
        return self._encoder

    def _auto(self, table: Table) -> list[int]:
        names = table.names()
        if names is None or isinstance(table, SparseTable):
            raise InvalidParameterError(
                "When `categorical_features='auto'`, the input data should be a pandas.DataFrame or a list of dicts. "
                f"Got {type(self).__name__} on an array instead: name the columns."
            )
        return categorical_by_schema(table)

    def _named(self, table: Table) -> list[int]:
        given = np.asarray(self.categorical_features)
        n, names = table.n_columns, table.names()
        if given.dtype.kind == "b":
            if len(given) != n:
                raise InvalidParameterError(f"categorical_features is a mask of {len(given)} for {n} columns.")
            return [int(j) for j in np.flatnonzero(given)]
        if given.dtype.kind in "iu":
            positions = [int(j) + n if j < 0 else int(j) for j in given]
            if any(not 0 <= j < n for j in positions):
                raise InvalidParameterError(f"all features must be in [0, {n - 1}] or [-{n}, 0]. Got {given.tolist()}.")
            return sorted(set(positions))
        if given.size == 0:
            return []
        labels = [] if names is None else list(names)
        strangers = [name for name in given.tolist() if name not in labels]
        twice = [name for name in given.tolist() if labels.count(name) > 1]
        if twice:
            raise InvalidParameterError(
                f"categorical_features names {twice}, of which X has more than one column. Give their positions."
            )
        if strangers:
            raise ColumnNotFoundError(
                f"categorical_features names {strangers}, which X does not have. Columns: {labels}.",
                {"columns": [str(name) for name in strangers]},
            )
        return sorted({labels.index(name) for name in given.tolist()})

    def _prepare(self, problem: Problem, items: list[Item]) -> None:
        super()._prepare(problem, items)
        if self.coherent and self.legacy_stream:
            raise InvalidParameterError("legacy_stream votes column by column; it cannot be coherent. Set one of them.")

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        if not self.coherent:
            return super()._draw(problem, item)
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        points = self._points(problem, item)
        return draw_lines(item, points, class_neighbors(self.nn_k_, points, k), choose=together)

    def _points(self, problem: Problem, item: Item) -> Points:
        points = super()._points(problem, item)
        if self.legacy_stream:
            points = replace(points, mismatch=legacy_mismatch(points.numbers))
        self.median_std_[item.label] = points.mismatch
        return points


__all__ = ["SMOTE", "SMOTENC"]
