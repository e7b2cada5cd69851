"""Geometric SMOTE: new rows inside a ball around a row of the class, which may be cut and flattened to a segment."""

from __future__ import annotations

from numbers import Integral, Real
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso._rng import RandomState
from contrapeso.kernels import pick
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import FloatArray, Item, Made, turns
from contrapeso.samplers._lines import BASE, PICK, Problem, voted, warn_of_copies
from contrapeso.samplers._made import BaseMadeSampler, Known
from contrapeso.samplers._neighbors import Neighbors, check_neighbors, class_neighbors, n_neighbors_of
from contrapeso.samplers._space import Points, Space
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.tables._containers import Rows

Selection: TypeAlias = Literal["combined", "minority", "majority"]

BALL = 4
"""Step of a class whose random numbers place its rows in their balls."""

CHUNK = 2**15


class GeometricSMOTE(BaseMadeSampler):
    """Geometric SMOTE: points in a ball around a row, whose radius reaches to a neighbour.

    A base of the class gets a point on the surface of its ball: one of its ``k_neighbors`` nearest of the class, the
    nearest row of another class, or the nearer of the two. A point is drawn uniformly in the unit ball, cut by
    ``truncation_factor``, flattened by ``deformation_factor``, scaled by the radius and moved to the base.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    truncation_factor : float in [-1, 1], default 1.0
        Which part of the ball is used: 1 is the half towards the surface point, 0 the whole ball, -1 the half away.
    deformation_factor : float in [0, 1], default 0.0
        How far the ball is flattened onto the line through base and surface point: 0 not at all, 1 to a segment.
    selection_strategy : 'combined', 'minority' or 'majority', default 'combined'
        Where the surface point comes from: the nearer of the two others; the class; the other classes.
    k_neighbors : int or estimator, default 5
        Neighbours within the class, as in :class:`SMOTE`.
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
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        Base and surface point of each new row, which may be of another class, and how far along the line through them
        it lies; what is off the line comes from no row.
    provenance_ : Provenance
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
    With ``truncation_factor=1, deformation_factor=1, selection_strategy='minority'`` the rows lie on the segments of
    :class:`SMOTE`, and the same seed gives the same parents. They stand nearer to the base than SMOTE's where there are
    several columns, because the point is uniform in the ball before it is flattened; with one column it is uniform.

    The ball is taken in the numbers (dates in days); a column in which base or surface point is missing has no extent,
    and a new row is missing exactly where its base is. Below ``deformation_factor=1`` new rows may leave the range of
    the class, also in a column that was constant. Categories are decided by the vote of the neighbours in the class, as
    in :class:`SMOTENC`, and count in the choice of the nearer surface point. Several other classes are one.

    References
    ----------
    .. [1] G. Douzas, F. Bacao, "Geometric SMOTE: a geometrically enhanced drop-in replacement for SMOTE",
       Information Sciences 501 (2019) 118-135, Sec. 3.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import GeometricSMOTE
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [50, 10])
    >>> X_resampled, y_resampled = GeometricSMOTE(random_state=0).fit_resample(X, y)
    >>> np.bincount(y_resampled).tolist()
    [50, 50]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseMadeSampler._parameter_constraints,
        "truncation_factor": [Interval(Real, -1, 1, closed="both")],
        "deformation_factor": [Interval(Real, 0, 1, closed="both")],
        "selection_strategy": [StrOptions({"combined", "minority", "majority"})],
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        truncation_factor: float = 1.0,
        deformation_factor: float = 0.0,
        selection_strategy: Selection = "combined",
        k_neighbors: Neighbors = 5,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.truncation_factor = truncation_factor
        self.deformation_factor = deformation_factor
        self.selection_strategy = selection_strategy
        self.k_neighbors = k_neighbors
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    def _make(self, problem: Problem, items: list[Item]) -> list[Made]:
        self.nn_k_ = check_neighbors(self.k_neighbors, itself=1, n_jobs=self.n_jobs)
        return [self._around(problem, item) for item in items]

    def _around(self, problem: Problem, item: Item) -> Made:
        points = problem.space.of(item.members)
        neighbors = class_neighbors(self.nn_k_, points, self._enough(item, n_neighbors_of(self.nn_k_)))
        base = turns(len(points), item.n, item.streams.step(BASE))
        surface = self._surface(problem, item, neighbors, base)
        codes = voted(points.codes, neighbors, base, item)
        numbers, along = self._in_ball(problem.space, item, item.members[base], surface)
        parents = np.column_stack([item.members[base], surface])
        atoms = points.codes[base] if codes is None else codes
        return Made(numbers, atoms, parents, np.column_stack([1.0 - along, along]))

    def _surface(self, problem: Problem, item: Item, neighbors: Rows, base: Rows) -> Rows:
        """Row on the surface of the ball of each base; the base itself where the class is one point."""
        own = item.members[base]
        if self.selection_strategy != "majority":
            if neighbors.shape[1] == 0:
                warn_of_copies(item)
            else:
                own = item.members[pick(neighbors, base, item.streams.key(PICK), n_jobs=self.n_jobs)[0]]
        if self.selection_strategy == "minority":
            return own
        everyone = problem.space.everyone
        found = everyone.index.nearest_enemy(problem.target.codes, item.members)
        other = found.rows[base]
        if self.selection_strategy == "majority" or neighbors.shape[1] == 0:
            return other if self.selection_strategy == "majority" else own
        return np.where(distances(everyone, item.members[base], own) <= found.distances[base], own, other)

    def _in_ball(self, space: Space, item: Item, base: Rows, surface: Rows) -> tuple[FloatArray, FloatArray]:
        """New numbers in the units of the columns, and the share of the way to the surface point."""
        known, scales = Known(space.view, base, surface), space.view.scales
        numbers, along = np.empty((item.n, len(scales))), np.empty(item.n)
        rng = item.streams.step(BALL)
        for start in range(0, item.n, CHUNK):
            part = slice(start, start + CHUNK)
            center, edge = known.of(base[part]), known.of(surface[part])
            span = (edge - center) * scales
            point = unit_ball(len(span), span.shape[1], rng)
            offset, along[part] = shaped(
                point, np.nan_to_num(span, nan=0.0), self.truncation_factor, self.deformation_factor
            )
            numbers[part] = center + np.where(np.isnan(span), 0.0, offset) / scales
        return numbers, along


def distances(points: Points, first: Rows, second: Rows) -> FloatArray:
    """Distance of each of ``first`` to the one of ``second`` beside it."""
    # a power of two is exact, and keeps the squares of any numbers between overflow and nothing
    power = int(np.frexp(np.abs(points.numbers).max(initial=0.0))[1])
    squared = np.zeros(len(first))
    for column in np.ldexp(points.numbers, -power).T:
        squared += np.square(column[second] - column[first])
    differing = np.zeros(len(first))
    for atom in points.codes.T:
        differing += atom[second] != atom[first]
    return np.asarray(np.ldexp(np.sqrt(squared + np.ldexp(points.mismatch, -power) ** 2 * differing), power))


def unit_ball(n: int, p: int, rng: np.random.Generator) -> FloatArray:
    """``n`` points uniform in the unit ball of ``p`` dimensions: a normal direction, a radius by the p-th root."""
    direction = rng.standard_normal((n, p))
    radius = rng.random(n) ** (1.0 / max(p, 1))
    length = np.sqrt(np.square(direction).sum(axis=1))
    return np.asarray(direction * (radius / np.where(length == 0.0, 1.0, length))[:, None])


def shaped(point: FloatArray, span: FloatArray, truncation: float, deformation: float) -> tuple[FloatArray, FloatArray]:
    """Points of the unit ball cut, flattened and scaled to balls of other directions and radii.

    Parameters
    ----------
    point : array of shape (n, p)
        Points in the unit ball.
    span : array of shape (n, p)
        From the centre to the surface point.
    truncation : float in [-1, 1]
        A point further than 1 from it along the axis is mirrored to the other side.
    deformation : float in [0, 1]
        Share of the part across the axis that is taken away.

    Returns
    -------
    offset : array of shape (n, p)
        From the centre to the new point.
    along : array of shape (n,)
        Share of ``span`` in ``offset``, in [-1, 1].

    References
    ----------
    .. [1] Douzas & Bacao, Information Sciences 501 (2019), Sec. 3.2, algorithms for truncation and deformation.
    """
    greatest = np.abs(span).max(axis=1, initial=0.0)
    unit = span / np.where(greatest == 0.0, 1.0, greatest)[:, None]  # squares of the span itself may overflow or vanish
    length = np.sqrt(np.square(unit).sum(axis=1))
    axis, radius = unit / np.where(length == 0.0, 1.0, length)[:, None], greatest * length
    along = (point * axis).sum(axis=1)
    far = np.abs(truncation - along) > 1.0
    across = point - along[:, None] * axis
    along = np.where(far, -along, along)
    offset = radius[:, None] * (1.0 - deformation) * across + along[:, None] * span
    return offset, along


__all__ = ["GeometricSMOTE", "shaped", "unit_ball"]
