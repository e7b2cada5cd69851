"""Borderline-SMOTE: new rows only from the rows of a class that stand near its border."""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from numbers import Integral
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso._rng import RandomState
from contrapeso.errors import FewSamplesWarning, TooFewSamplesError
from contrapeso.kernels import pick
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Drawn, Item, Made, turns
from contrapeso.samplers._legacy import (
    first_dropped,
    legacy_picks,
    legacy_points,
    legacy_random_state,
    legacy_votes,
)
from contrapeso.samplers._lines import (
    BASE,
    PICK,
    BaseLineSampler,
    Problem,
    draw_lines,
    n_foreign,
    neighbors_of_some,
    voted,
    warn_of_copies,
)
from contrapeso.samplers._neighbors import Neighbors, n_neighbors_of
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.tables._containers import Rows

Kind: TypeAlias = Literal["borderline-1", "borderline-2"]

FOREIGN_REACH = 0.5
"""How far towards a row of another class a new row goes at most (Sec. 3)."""


class BorderlineSMOTE(BaseLineSampler):
    """SMOTE from the rows in danger: those with at least half, but not all, foreign neighbours.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 5
        Neighbours to draw from, as in :class:`SMOTE`.
    m_neighbors : int or estimator, default 10
        Neighbours of all classes that decide whether a row is in danger; an estimator's ``n_neighbors`` counts the row
        itself.
    kind : 'borderline-1' or 'borderline-2', default 'borderline-1'
        Neighbours are of the row's class, or of any; towards a row of another class new rows go half the way at most.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        For a class that has no more rows than ``k_neighbors``, as in :class:`SMOTE`. A class without a row in danger
        gets no new rows, with a :class:`FewSamplesWarning`, or raises :class:`TooFewSamplesError`.
    legacy_stream : bool, default False
        As in :class:`SMOTE`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows asked for.
    in_danger_indices : dict
        Class -> its rows in danger, for each class that has some.
    nn_k_, nn_m_ : estimators
        The neighbour searches; their ``n_neighbors`` count the row itself.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        Parents of each new row, the base first, and their shares.
    sample_indices_, provenance_, n_features_in_, feature_names_in_
        As in :class:`SMOTE`.

    Raises
    ------
    TooFewSamplesError
        With ``few_samples='raise'``; see there.
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    Where fewer than ``m_neighbors`` other rows exist, all of them decide. Towards another class the paper draws the
    step from (0, 0.5), as here; imbalanced-learn multiplies such a number by a second one from (0, 1). The paper's
    borderline-2 joins k neighbours of the class and the nearest foreign one; here, as in imbalanced-learn, they
    are the k nearest of any class. Missing numbers, categories, dates and identical rows: as in :class:`SMOTE`.

    References
    ----------
    .. [1] H. Han, W.-Y. Wang, B.-H. Mao, "Borderline-SMOTE: a new over-sampling method in imbalanced data sets
       learning", ICIC 2005, LNCS 3644, 878-887, Sec. 3.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import BorderlineSMOTE
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [45, 15])
    >>> sampler = BorderlineSMOTE(random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> np.bincount(y_resampled).tolist()
    [45, 45]
    >>> bool(np.isin(sampler.sample_parents_[:, 0], sampler.in_danger_indices[1]).all())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "m_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "kind": [StrOptions({"borderline-1", "borderline-2"})],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
        m_neighbors: Neighbors = 10,
        kind: Kind = "borderline-1",
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.kind = kind
        self.n_jobs = n_jobs
        self.few_samples = few_samples
        self.legacy_stream = legacy_stream

    def _prepare(self, problem: Problem, items: list[Item]) -> None:  # noqa: ARG002  (the interface)
        self.nn_k_ = self._search(self.k_neighbors)
        self.nn_m_ = self._search(self.m_neighbors)
        self.in_danger_indices: dict[Hashable, Rows] = {}

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        danger = self._in_danger(problem, item)
        if len(danger) == 0:
            return Drawn.copies(np.empty(0, dtype=np.int64), problem.space.view.codes(danger))
        return (self._inwards if self.kind == "borderline-1" else self._across)(problem, item, danger)

    def _in_danger(self, problem: Problem, item: Item) -> Rows:
        """Rows of the class with half or more, but not all, of their neighbours in other classes."""
        found = self._neighbors_of_all_classes(problem, self.nn_m_, item.members)
        foreign, m = n_foreign(problem.target.codes, found, item.code), found.shape[1]
        danger: Rows = item.members[(2 * foreign >= m) & (foreign < m)]
        if len(danger):
            self.in_danger_indices[item.label] = danger
            return danger
        sentence = (
            f"No row of class {item.label!r} is in danger (half or more, but not all, of its {m} neighbours are of "
            "other classes)"
        )
        if self.few_samples == "raise":
            raise TooFewSamplesError(f"{sentence}. Use another m_neighbors, or SMOTE.", {"class": str(item.label)})
        warnings.warn(
            f"{sentence}: none are added. Use another m_neighbors, or SMOTE.", FewSamplesWarning, stacklevel=2
        )
        return danger

    def _inwards(self, problem: Problem, item: Item, danger: Rows) -> Drawn:
        """Lines from rows in danger to rows of their class."""
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        points, places = problem.space.of(item.members), np.searchsorted(item.members, danger)
        neighbors = neighbors_of_some(self.nn_k_, points, places, k)
        base = places[turns(len(places), item.n, item.streams.step(BASE))]
        return draw_lines(item, points, neighbors, base)

    def _across(self, problem: Problem, item: Item, danger: Rows) -> Drawn:
        """Lines from rows in danger to rows of any class, half the way at most to those of another."""
        everyone = problem.space.everyone
        neighbors = neighbors_of_some(self.nn_k_, everyone, danger, n_neighbors_of(self.nn_k_))
        base = danger[turns(len(danger), item.n, item.streams.step(BASE))]
        codes = voted(everyone.codes, neighbors, base, item)
        if neighbors.shape[1] == 0:
            warn_of_copies(item)
            return Drawn.copies(base, codes)
        other, gap = pick(neighbors, base, item.streams.key(PICK), n_jobs=everyone.n_jobs)
        return Drawn(base, other, np.where(problem.is_of(item)[other], gap, FOREIGN_REACH * gap), codes)

    def _draw_legacy(self, problem: Problem, item: Item) -> Made:
        danger = self._in_danger(problem, item)
        if len(danger) == 0:
            return legacy_points(problem.space.view, danger, danger, np.empty(0))
        if self.kind == "borderline-2":
            return self._across_legacy(problem, item, danger)
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        points, places = problem.space.of(item.members), np.searchsorted(item.members, danger)
        return self._legacy_lines(problem, item, points, first_dropped(self.nn_k_, points, places, k), places)

    def _across_legacy(self, problem: Problem, item: Item, danger: Rows) -> Made:
        neighbors = self._neighbors_of_all_classes(problem, self.nn_k_, danger)
        row, other, steps = legacy_picks(neighbors, item.n, legacy_random_state(self.random_state))
        foreign = ~problem.is_of(item)[other]
        shrink = np.ones(item.n)
        rng = legacy_random_state(self.random_state)
        shrink[foreign] = rng.uniform(low=0.0, high=FOREIGN_REACH, size=int(foreign.sum()))
        everyone, codes = problem.space.everyone, None
        if everyone.codes.shape[1]:
            every = np.zeros((len(everyone), neighbors.shape[1]), dtype=np.int64)
            every[danger] = neighbors
            codes = legacy_votes(everyone, every, danger[row], rng)
        return legacy_points(problem.space.view, danger[row], other, steps, codes, shrink=shrink)


__all__ = ["BorderlineSMOTE"]
