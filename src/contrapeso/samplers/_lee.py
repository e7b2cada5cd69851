"""Lee: SMOTE that rejects new rows standing among the rows of other classes."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import HasMethods, Interval

from contrapeso._rng import RandomState
from contrapeso.errors import ContrapesoWarning
from contrapeso.kernels import pick, vote
from contrapeso.kernels._rows import between
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Codes, Drawn, Item, turns
from contrapeso.samplers._lines import BaseLineSampler, Problem, draw_lines
from contrapeso.samplers._neighbors import Neighbors, check_neighbors, class_neighbors, n_neighbors_of
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.tables._containers import Rows

ROUND = 16
"""First step of the rounds: three steps each (bases, neighbours and gaps, votes)."""

LEAST_RATE = 0.1
"""Least share of accepted rows that a round prepares for, so that none draws more than ten times what is missing."""


class Lee(BaseLineSampler):
    """SMOTE with rejection: a new row is kept if few of its nearest rows are of other classes.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 5
        Neighbours of a base within its class, as in :class:`SMOTE`.
    n_neighbors : int, default 5
        Nearest rows of the table that judge a new row.
    rejection_level : float in [0, 1], default 0.5
        A new row is rejected if more than this share of them are of other classes; 1 rejects none.
    max_rounds : int, default 20
        Rounds of drawing anew what was rejected. What is missing then is taken from the last round, rejected or not,
        with a warning: counts stay exact.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        As in :class:`SMOTE`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    nn_k_ : estimator
        The neighbour search; its ``n_neighbors`` counts the row itself.
    n_rejected_ : dict
        Class -> new rows that were rejected.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
    provenance_ : Provenance
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    TooFewSamplesError
        If a class to be enlarged has no more rows than ``k_neighbors``, and ``few_samples='raise'``.

    Notes
    -----
    A new row is judged where it lies on its segment, before whole numbers are rounded, by the original rows alone.
    Missing values and categories are treated as in :class:`SMOTE`. smote_variants 1.0.1 raises ``rejection_level`` by
    0.1 without a word after six rounds that accept nothing.

    References
    ----------
    .. [1] J. Lee, N. Kim, J.-H. Lee, "An over-sampling technique with rejection for imbalanced class learning",
       IMCOM 2015, 102:1-102:6.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import Lee
    >>> X, y = np.array([[4.0], [5.0], [6.0], [5.5], [0.0], [10.0]]), [0, 0, 0, 0, 1, 1]
    >>> sampler = Lee(k_neighbors=1, n_neighbors=1, random_state=0)
    >>> made = sampler.fit_resample(X, y)[0][6:, 0]
    >>> bool(((made < 2) | (made > 8)).all())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "rejection_level": [Interval(Real, 0, 1, closed="both")],
        "max_rounds": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
        n_neighbors: int = 5,
        rejection_level: float = 0.5,
        max_rounds: int = 20,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.n_neighbors = n_neighbors
        self.rejection_level = rejection_level
        self.max_rounds = max_rounds
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    def _prepare(self, problem: Problem, items: list[Item]) -> None:  # noqa: ARG002  (the interface)
        self.nn_k_ = check_neighbors(self.k_neighbors, itself=1, n_jobs=self.n_jobs)
        self.n_rejected_: dict[object, int] = {}

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        points = problem.space.of(item.members)
        neighbors = class_neighbors(self.nn_k_, points, self._enough(item, n_neighbors_of(self.nn_k_)))
        self.n_rejected_[item.label] = 0
        if neighbors.shape[1] == 0:
            return draw_lines(item, points, neighbors)
        parts: list[Drawn] = []
        missing, rate = item.n, 1.0
        for number in range(self.max_rounds):
            size = int(np.ceil(missing / max(rate, LEAST_RATE)))
            drawn = self._round(item, points.codes, neighbors, size, ROUND + 3 * number)
            good = np.flatnonzero(self._accepted(problem, item, drawn))[:missing]
            tried = size if len(good) < missing else int(good[-1]) + 1
            self.n_rejected_[item.label] += tried - len(good)
            parts.append(part_of(drawn, good))
            missing, rate = missing - len(good), len(good) / tried
            if missing == 0:
                return Drawn.joined(parts)
        self._say_short(item, missing)
        return Drawn.joined([*parts, part_of(drawn, np.setdiff1d(np.arange(len(drawn)), good)[:missing])])

    def _round(self, item: Item, codes: Codes, neighbors: Rows, size: int, step: int) -> Drawn:
        base = turns(len(item.members), size, item.streams.step(step))
        other, gap = pick(neighbors, base, item.streams.key(step + 1), n_jobs=self.n_jobs)
        voted = vote(codes, neighbors, base, item.streams.key(step + 2)) if codes.shape[1] else None
        return Drawn(item.members[base], item.members[other], gap, voted)

    def _accepted(self, problem: Problem, item: Item, drawn: Drawn) -> NDArray[np.bool_]:
        everyone = problem.space.everyone
        place = between(everyone.numbers[drawn.bases], everyone.numbers[drawn.neighbors], drawn.gaps)
        codes = everyone.codes[drawn.bases] if drawn.codes is None else drawn.codes
        judges = everyone.index.query(place, self.n_neighbors, codes).rows
        strangers = ~problem.is_of(item)[judges]
        return np.asarray(strangers.mean(axis=1) <= self.rejection_level)

    def _say_short(self, item: Item, missing: int) -> None:
        warnings.warn(
            f"Class {item.label!r}: after {self.max_rounds} rounds {missing} of {item.n} new rows were still rejected, "
            "and were taken all the same. Use a greater rejection_level or max_rounds, or ask for fewer rows.",
            ContrapesoWarning,
            stacklevel=2,
        )


def part_of(drawn: Drawn, places: Rows) -> Drawn:
    """These rows of a draw."""
    codes = None if drawn.codes is None else drawn.codes[places]
    return Drawn(drawn.bases[places], drawn.neighbors[places], drawn.gaps[places], codes)


__all__ = ["Lee", "part_of"]
