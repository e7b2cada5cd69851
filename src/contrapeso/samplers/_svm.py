"""SVM-SMOTE: new rows from the support vectors of a class, inwards near the border and outwards where it is safe."""

from __future__ import annotations

from contextlib import nullcontext
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval

from contrapeso._rng import RandomState
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Drawn, Item, Made, turns
from contrapeso.samplers._legacy import first_dropped, legacy_points, legacy_random_state
from contrapeso.samplers._lines import (
    BASE,
    CHOICE,
    BaseLineSampler,
    Problem,
    UnsuitedError,
    draw_lines,
    n_foreign,
    neighbors_of_some,
    one_thread,
)
from contrapeso.samplers._margin import SupportVectorMachine
from contrapeso.samplers._neighbors import Neighbors, embed, n_neighbors_of
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.tables._containers import Rows

LONG = 20_000
"""Rows from which the default machine is solved in blocks; libsvm is as fast below."""

BETA = 10.0
"""Both parameters of the beta distribution of the share of new rows that go inwards."""


class SVMSMOTE(BaseLineSampler):
    """SMOTE from the support vectors of a class, as a support vector machine finds them.

    Support vectors with at least half foreign neighbours send new rows towards their neighbours of the class, the
    others away from them, to widen the class where it is safe. Those with foreign neighbours alone are noise.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 5
        Neighbours to draw from, as in :class:`SMOTE`.
    m_neighbors : int or estimator, default 10
        Neighbours of all classes that tell noise, danger and safety; an estimator's ``n_neighbors`` counts the row
        itself.
    svm_estimator : estimator, optional
        Classifier with a fitted ``support_``; by default what :class:`sklearn.svm.SVC` finds with its own defaults.
    out_step : float, default 0.5
        How far away from a neighbour a new row goes at most, in distances of the two.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        As in :class:`SMOTE`.
    legacy_stream : bool, default False
        As in :class:`SMOTE`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    nn_k_, nn_m_ : estimators
        The neighbour searches; their ``n_neighbors`` count the row itself.
    svm_estimator_ : estimator
        The fitted classifier. Classes are numbered for it in sorted order, from 0.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        Parents of each new row, the base first, and their shares; that of a neighbour left behind is negative.
    sample_indices_, provenance_, n_features_in_, feature_names_in_
        As in :class:`SMOTE`.

    Raises
    ------
    InvalidDataError
        If all support vectors of a class are noise; if a number is infinite, or a column of an array does not hold
        numbers or dates.
    TooFewSamplesError
        If a class to be enlarged has no more rows than ``k_neighbors``, and ``few_samples='raise'``.

    Notes
    -----
    The default machine solves SVC's problem (C = 1, Gaussian kernel, gamma 'scale', tolerance 0.001): with SVC itself
    below 20,000 rows and on tables with categories, in blocks above, twice as fast. The support vectors are the
    same but for single rows whose coefficient is zero within the tolerance; ``svm_estimator=SVC()`` always asks SVC.
    The machine is fitted once, on all classes, where imbalanced-learn fits it again for every class. The share of
    new rows that go inwards is drawn from a beta(10, 10) distribution, as there; the paper has them all drawn alike.
    Missing numbers, categories, dates and identical rows: as in :class:`SMOTE`.

    References
    ----------
    .. [1] H. M. Nguyen, E. W. Cooper, K. Kamei, "Borderline over-sampling for imbalanced data classification",
       Int. J. Knowledge Engineering and Soft Data Paradigms 3 (2011) 4-21, Sec. 3.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SVMSMOTE
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [45, 15])
    >>> X_resampled, y_resampled = SVMSMOTE(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_resampled).tolist()
    [45, 45]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "m_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "svm_estimator": [HasMethods(["fit", "predict"]), None],
        "out_step": [Interval(Real, 0, 1, closed="both")],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
        m_neighbors: Neighbors = 10,
        svm_estimator: Any = None,
        out_step: float = 0.5,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.svm_estimator = svm_estimator
        self.out_step = out_step
        self.n_jobs = n_jobs
        self.few_samples = few_samples
        self.legacy_stream = legacy_stream

    def _prepare(self, problem: Problem, items: list[Item]) -> None:
        self.nn_k_ = self._search(self.k_neighbors)
        self.nn_m_ = self._search(self.m_neighbors)
        self.svm_estimator_ = self._machine(problem.space.everyone)
        if self.legacy_stream:
            self._stream = legacy_random_state(self.random_state)  # of the shares that go inwards, for all classes
        elif items:
            self._fit_machine(problem)

    def _fit_machine(self, problem: Problem) -> None:
        with one_thread("blas") if isinstance(self.svm_estimator_, SupportVectorMachine) else nullcontext():
            self.svm_estimator_.fit(embed(problem.space.everyone), problem.target.codes)
        if not hasattr(self.svm_estimator_, "support_"):
            raise UnsuitedError(
                "`svm_estimator` is required to exposed a `support_` fitted attribute. Such estimators are support "
                f"vector machines; {type(self.svm_estimator_).__name__} is none. Leave it out, or use SVC()."
            )

    def _machine(self, everyone: Points) -> Any:
        if self.svm_estimator is not None:
            return clone(self.svm_estimator)
        if len(everyone) >= LONG and everyone.codes.shape[1] == 0 and not self.legacy_stream:
            return SupportVectorMachine()
        from sklearn.svm import SVC  # takes long to import

        drawn_from = isinstance(self.random_state, (int, np.random.RandomState)) and self.legacy_stream
        return SVC(gamma="scale", random_state=self.random_state if drawn_from else None)

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        danger, safe = self._supports(problem, item)
        n_inwards = _inwards(item.n, item.streams.step(CHOICE).beta(BETA, BETA), danger, safe)
        rng = item.streams.step(BASE)
        parts = ((danger, n_inwards), (safe, item.n - n_inwards))
        base = np.concatenate([places[turns(len(places), n, rng)] for places, n in parts if n])
        points = problem.space.of(item.members)
        neighbors = neighbors_of_some(self.nn_k_, points, np.concatenate([danger, safe]), k)
        drawn = draw_lines(item, points, neighbors, base)
        drawn.gaps[n_inwards:] *= -self.out_step
        return drawn

    def _supports(self, problem: Problem, item: Item) -> tuple[Rows, Rows]:
        """Places among the members of the support vectors in danger, and of the safe ones."""
        rows = np.sort(np.asarray(self.svm_estimator_.support_, dtype=np.int64))
        support = rows[problem.is_of(item)[rows]]
        found = self._neighbors_of_all_classes(problem, self.nn_m_, support)
        foreign, m = n_foreign(problem.target.codes, found, item.code), found.shape[1]
        if not (foreign < m).any():
            raise UnsuitedError(
                f"All support vectors of class {item.label!r} are considered as noise: their {m} neighbours are all of "
                "other classes. SVM-SMOTE is not adapted to your dataset. Try SMOTE, or more m_neighbors.",
                {"class": str(item.label)},
            )
        places = np.searchsorted(item.members, support)
        return places[(2 * foreign >= m) & (foreign < m)], places[2 * foreign < m]

    def _draw_legacy(self, problem: Problem, item: Item) -> Made:
        """As imbalanced-learn: where no support vector is in danger, the rows meant for them are not made."""
        k = self._enough(item, n_neighbors_of(self.nn_k_))
        self._fit_machine(problem)  # anew for every class: it draws from a RandomState
        danger, safe = self._supports(problem, item)
        n_inwards = int(self._stream.beta(BETA, BETA) * (item.n + 1))
        points = problem.space.of(item.members)
        nobody = np.empty(0, dtype=np.int64)
        parts = [legacy_points(problem.space.view, nobody, nobody, np.empty(0))]
        for places, n, reach in ((danger, n_inwards, 1.0), (safe, item.n - n_inwards, -self.out_step)):
            if len(places):
                neighbors = first_dropped(self.nn_k_, points, places, k)
                parts.append(self._legacy_lines(problem, item, points, neighbors, places, n=n, reach=reach))
        return Made.joined(parts)


def _inwards(n: int, fraction: float, danger: Rows, safe: Rows) -> int:
    """How many of ``n`` new rows start in danger: all or none where there are no others."""
    if len(danger) == 0 or len(safe) == 0:
        return n if len(danger) else 0
    return int(fraction * (n + 1))


__all__ = ["SVMSMOTE"]
