"""ProWSyn: rows near the other classes serve as bases more often, level by level."""

from __future__ import annotations

from collections.abc import Hashable
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from contrapeso._rng import RandomState
from contrapeso.kernels import distinct
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Drawn, Item
from contrapeso.samplers._lines import BASE, CHOICE, BaseLineSampler, Problem, warn_of_copies
from contrapeso.samplers._polynom import nearer
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._weighted import weighted_turns
from contrapeso.tables._containers import Rows


class ProWSyn(BaseLineSampler):
    """Proximity weighted synthetic over-sampling: the nearer to the other classes, the more new rows.

    Level 1 are the rows of the class among the ``n_neighbors`` nearest of any row of another class; level 2 those of
    the remaining rows, and so on; what is left after ``n_levels - 1`` searches is the last level. A row of level l has
    the weight exp(-theta (l - 1)) and gets its share of the new rows, each on the segment to another row of its level.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    n_neighbors : int, default 5
        Rows of the class that each row of another class draws into a level.
    n_levels : int, default 5
    theta : float, default 1.0
        How fast the weights fall from level to level; 0 weighs all rows alike.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        What to do with a class of one row: copy it with a :class:`FewSamplesWarning`, or raise
        :class:`TooFewSamplesError`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    proximity_levels_ : dict
        Class -> level of each of its rows, in order, from 1.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
    provenance_ : Provenance
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Notes
    -----
    The numbers of new rows per base are exact: never as much as 1 away from the share. Several other classes are one.
    A level of one distinct row pairs it with any row of the class. Categories are those of the nearer end, all
    together; missing values are treated as in :class:`SMOTE`.

    smote_variants 1.0.1 gives the weights to levels rather than rows, so that a level of 3 rows gets as many new rows
    as one of 300, and searches once more, which makes two levels of the last one, each with its weight.

    References
    ----------
    .. [1] S. Barua, M. M. Islam, K. Murase, "ProWSyn: proximity weighted synthetic oversampling technique for
       imbalanced data set learning", PAKDD 2013, LNCS 7819, 317-328.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import ProWSyn
    >>> X, y = np.arange(12.0)[:, None], np.repeat([0, 1], [8, 4])
    >>> sampler = ProWSyn(n_neighbors=1, n_levels=3, random_state=0).fit(X, y)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> sampler.proximity_levels_[1].tolist()
    [1, 2, 3, 3]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "n_levels": [Interval(Integral, 1, None, closed="left")],
        "theta": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        n_neighbors: int = 5,
        n_levels: int = 5,
        theta: float = 1.0,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.n_levels = n_levels
        self.theta = theta
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    def _prepare(self, problem: Problem, items: list[Item]) -> None:  # noqa: ARG002  (the interface)
        self.proximity_levels_: dict[Hashable, NDArray[np.int64]] = {}

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        levels = self._levels(problem, item)
        self.proximity_levels_[item.label] = levels
        points = problem.space.of(item.members)
        base = weighted_turns(np.exp(-self.theta * (levels - 1.0)), item.n, item.streams.step(BASE))
        if self._enough(item, 1) == 0 or len(distinct(points.numbers, points.codes)[0]) == 1:
            warn_of_copies(item)
            return Drawn.copies(item.members[base], points.codes[base] if points.codes.shape[1] else None)
        rng = item.streams.step(CHOICE)
        other = partners(points, levels, base, rng)
        gap = rng.random(item.n)
        codes = nearer(points.codes[base], points.codes[other], gap) if points.codes.shape[1] else None
        return Drawn(item.members[base], item.members[other], gap, codes)

    def _levels(self, problem: Problem, item: Item) -> NDArray[np.int64]:
        everyone = problem.space.everyone
        others = everyone.at(np.flatnonzero(~problem.is_of(item)))
        levels, left = np.full(len(item.members), self.n_levels, dtype=np.int64), np.arange(len(item.members))
        for level in range(1, self.n_levels):
            near = everyone.at(item.members[left]).index.query(others.numbers, self.n_neighbors, others.codes).rows
            found = np.unique(near)
            levels[left[found]] = level
            left = np.delete(left, found)
            if len(left) == 0:
                break
        return levels


def partners(points: Points, levels: NDArray[np.int64], base: Rows, rng: np.random.Generator) -> Rows:
    """For each base another distinct row of its level, of the class where the level has no other; by lot."""
    out = np.empty(len(base), dtype=np.int64)
    for level in np.unique(levels):
        own = np.flatnonzero(levels == level)
        asked = np.flatnonzero(levels[base] == level)
        choice, which = distinct(points.numbers[own], points.codes[own])
        if len(choice) == 1:
            own = np.arange(len(points))
            choice, which = distinct(points.numbers, points.codes)
        drawn = rng.integers(len(choice) - 1, size=len(asked))
        itself = which[np.searchsorted(own, base[asked])]
        out[asked] = own[choice[drawn + (drawn >= itself)]]
    return out


__all__ = ["ProWSyn", "partners"]
