"""SMOBD: SMOTE whose bases are chosen by the density of the class around them; isolated rows make nothing."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from contrapeso._rng import RandomState
from contrapeso.errors import ContrapesoWarning
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Drawn, FloatArray, Item
from contrapeso.samplers._lines import BASE, BaseLineSampler, Problem, draw_lines
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._weighted import weighted_turns


class SMOBD(BaseLineSampler):
    """SMOTE based on density: the OPTICS distances of a row decide how often it is a base.

    The density of a row is ``eta1`` times its core distance plus ``1 - eta1`` times the number of rows within
    the radius, each as a share of the greatest in the class. A row whose core distance and reachability
    distance both exceed ``t`` times their means is noise and has no density. New rows are shared out by density and lie
    on segments to the nearest neighbours.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    eta1 : float in [0, 1], default 0.5
        Weight of the core distance against the number of rows around.
    t : float, default 1.8
        How many times the mean a distance must be to count as noise.
    min_samples : int, default 5
        Rows that the core distance reaches to, the row itself among them; also the number of neighbours of a base.
    max_eps : float, optional
        Radius in which rows count, and beyond which OPTICS does not look, in the units of the numbers (dates in days).
        By default OPTICS looks everywhere and the radius is ``t`` times the mean core distance of the class, which does
        not depend on units.
    n_jobs : int, optional
        Threads; all cores by default. The rows made are the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        What to do with a class that has no more rows than ``min_samples``, as in :class:`SMOTE`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    density_ : dict
        Class -> density of each of its rows, in order, 0 for noise.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
    provenance_ : Provenance
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Notes
    -----
    The time of OPTICS grows with the square of the rows of the class; the memory does not. Means are taken over
    distances that are defined: OPTICS leaves the first row it visits, and rows that nobody reaches, without a
    reachability distance, which counts as greater than any. A row without a core distance (``max_eps``) has the
    greatest. If every row is noise, all serve alike, with a warning. Missing values and categories are treated as in
    :class:`SMOTE`.

    smote_variants 1.0.1 takes the mean with those infinite distances in it, so that no row is ever noise; its radius of
    1.0 depends on the units; and it draws a share for every column, which fills the box between two rows.

    References
    ----------
    .. [1] Q. Cao, S. Wang, "Applying over-sampling technique based on data density and cost-sensitive SVM to
       imbalanced learning", ICIII 2011, 543-548.
    .. [2] M. Ankerst, M. M. Breunig, H.-P. Kriegel, J. Sander, "OPTICS: ordering points to identify the clustering
       structure", SIGMOD 1999, Sec. 3.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SMOBD
    >>> X = np.array([[9.0]] * 9 + [[0.0], [1.0], [2.0], [3.0], [20.0]])
    >>> sampler = SMOBD(min_samples=2, random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, np.repeat([0, 1], [9, 5]))
    >>> (sampler.density_[1] > 0).tolist()
    [True, True, True, True, False]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseLineSampler._parameter_constraints,
        "eta1": [Interval(Real, 0, 1, closed="both")],
        "t": [Interval(Real, 0, None, closed="neither")],
        "min_samples": [Interval(Integral, 2, None, closed="left")],
        "max_eps": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        eta1: float = 0.5,
        t: float = 1.8,
        min_samples: int = 5,
        max_eps: float | None = None,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.eta1 = eta1
        self.t = t
        self.min_samples = min_samples
        self.max_eps = max_eps
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    def _prepare(self, problem: Problem, items: list[Item]) -> None:  # noqa: ARG002  (the interface)
        self.density_: dict[object, FloatArray] = {}

    def _draw(self, problem: Problem, item: Item) -> Drawn:
        k = self._enough(item, self.min_samples)
        points = problem.space.of(item.members)
        density = self._density(points)
        self.density_[item.label] = density
        if not density.any():
            warnings.warn(
                f"Every row of class {item.label!r} is noise for SMOBD: all of them serve as bases alike. "
                "Use a greater t or max_eps, or SMOTE.",
                ContrapesoWarning,
                stacklevel=2,
            )
            density = np.ones(len(points))
        base = weighted_turns(density, item.n, item.streams.step(BASE))
        return draw_lines(item, points, points.distinct_neighbors(k), base)

    def _density(self, points: Points) -> FloatArray:
        if len(points) == 1:
            return np.ones(1)
        power = int(np.frexp(np.abs(points.numbers).max(initial=0.0))[1])  # exact; squares neither overflow nor vanish
        points = Points(
            np.ldexp(points.numbers, -power), points.codes, float(np.ldexp(points.mismatch, -power)), self.n_jobs
        )
        core = points.index.neighbors(self.min_samples - 1).distances[:, -1]
        bound = np.inf if self.max_eps is None else float(np.ldexp(self.max_eps, -power))
        radius = self.t * float(core.mean()) if self.max_eps is None else bound
        seen = optics(points, np.where(core <= bound, core, np.inf), bound, radius)
        noise = exceeds(seen.core, self.t) & exceeds(seen.reach, self.t)
        far = np.where(np.isinf(seen.core), np.max(seen.core, where=np.isfinite(seen.core), initial=0.0), seen.core)
        sparse = far / far.max() if far.max() > 0.0 else far
        density = self.eta1 * sparse + (1.0 - self.eta1) * seen.around / seen.around.max()
        return np.where(noise, 0.0, density)


class Seen(NamedTuple):
    """Core distances, reachability distances (infinite where undefined) and rows within the radius, of each row."""

    core: FloatArray
    reach: FloatArray
    around: NDArray[np.int64]


def exceeds(distance: FloatArray, t: float) -> NDArray[np.bool_]:
    """Which distances are more than ``t`` times the mean of those that are defined; undefined ones are."""
    defined = np.isfinite(distance)
    if not defined.any():
        return ~defined
    return np.asarray(distance > t * distance[defined].mean())


def optics(points: Points, core: FloatArray, bound: float, radius: float) -> Seen:
    """Reachability distances by OPTICS, visiting the nearest reachable row first, ties to the lower; and counts.

    Parameters
    ----------
    points : Points
    core : array of shape (n,)
        Core distances; infinite where undefined.
    bound : float
        Greatest distance at which a row reaches another.
    radius : float
        Rows within it, the row itself among them, are counted.
    """
    n = len(points)
    reach, around = np.full(n, np.inf), np.empty(n, dtype=np.int64)
    waiting = np.full(n, np.finfo(np.float64).max)  # infinite once visited
    for _ in range(n):
        row = int(np.argmin(waiting))
        waiting[row] = np.inf
        distance = _from(points, row)
        around[row] = np.count_nonzero(distance <= radius)
        if np.isfinite(core[row]):
            through = np.maximum(distance, core[row])
            better = np.isfinite(waiting) & (distance <= bound) & (through < reach)
            reach[better] = through[better]
            waiting[better] = through[better]
    return Seen(core, reach, around)


def _from(points: Points, row: int) -> FloatArray:
    """Distance from one point to every point."""
    from scipy.spatial.distance import cdist

    apart = cdist(points.numbers[row : row + 1], points.numbers)[0] if points.numbers.shape[1] else 0.0
    if points.codes.shape[1] == 0:
        return np.asarray(apart)
    differing = (points.codes != points.codes[row]).sum(axis=1)
    return np.asarray(np.sqrt(np.square(apart) + points.mismatch**2 * differing))


__all__ = ["SMOBD", "exceeds", "optics"]
