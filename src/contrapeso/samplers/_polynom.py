"""Polynom-fit SMOTE: new rows on a figure drawn through the rows of a class (star, bus, mesh or polynomial curve)."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import StrOptions

from contrapeso._rng import RandomState
from contrapeso.errors import FewSamplesWarning
from contrapeso.kernels import distinct
from contrapeso.kernels._rows import between
from contrapeso.samplers._base import FewSamples
from contrapeso.samplers._drawn import Codes, FloatArray, Item, Made
from contrapeso.samplers._lines import BASE, Problem, raise_too_few, warn_of_copies
from contrapeso.samplers._made import BaseMadeSampler
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.tables._containers import Rows

TOPOLOGIES = frozenset({"star", "bus", "mesh", *(f"poly_{degree}" for degree in range(1, 10))})


class PolynomFitSMOTE(BaseMadeSampler):
    """Polynom-fit SMOTE: points on a figure through all rows of the class, without any neighbour search.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    topology : str, default 'star'
        The figure. 'star': segments from every row to the mean of the class. 'bus': segments from every row to
        the next in the order of the table. 'mesh': segments between all pairs of rows. 'poly_1' to 'poly_9': in each
        column the polynomial of that degree fitted to the values in the order of the table, so a curve through the
        class; a new row is a point of the curve.
    n_jobs : int, optional
        Without effect: there is nothing to search.
    few_samples : 'adapt' or 'raise', default 'adapt'
        What to do with a class of one row, or of no more rows than the degree: copy the row, or lower the degree, with
        a :class:`FewSamplesWarning`; or raise :class:`TooFewSamplesError`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows made.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        The two rows that a new row lies between and their shares. 'star': the base twice, the second share being that
        of the mean of the class, which is no row. 'poly': the two rows between which the point stands in the order of
        the table; the curve there is made of all rows.
    provenance_ : Provenance
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Notes
    -----
    Every segment of 'star', 'bus' and 'mesh' gets as many new rows as every other, give or take one drawn by lot, at
    equal steps: one row stands in the middle, two at a third and two thirds. 'bus' and 'mesh' join distinct rows only.
    On a curve the positions are drawn uniformly from the first row to the last.

    Categories are those of the nearer end of the segment, all together ('star': of the commonest tuple of the class at
    the mean; 'poly': of the nearer row), so only tuples of the class are made where none is missing. A new row is
    missing exactly where its base is.

    smote_variants 1.0.1 rounds the number of rows per segment, so it makes more or fewer than asked for; its 'poly'
    first sorts the rows by the mean of their columns, whatever the units, and draws another position for every column,
    which leaves the curve; its 'mesh' draws the pairs by lot.

    References
    ----------
    .. [1] S. Gazzah, N. Essoukri Ben Amara, "New oversampling approaches based on polynomial fitting for imbalanced
       data sets", DAS 2008, 677-684.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import PolynomFitSMOTE
    >>> X, y = np.array([[9.0], [8.0], [7.0], [6.0], [0.0], [2.0]]), [0, 0, 0, 0, 1, 1]
    >>> PolynomFitSMOTE(random_state=0).fit_resample(X, y)[0][6:].tolist()
    [[0.5], [1.5]]
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseMadeSampler._parameter_constraints,
        "topology": [StrOptions(set(TOPOLOGIES))],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        topology: str = "star",
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.topology = topology
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    def _make(self, problem: Problem, items: list[Item]) -> list[Made]:
        return [self._on_figure(problem, item) for item in items]

    def _on_figure(self, problem: Problem, item: Item) -> Made:
        points = problem.space.of(item.members)
        numbers, codes = problem.space.view.numbers(item.members), points.codes
        self._enough(item, 1)
        first, _ = distinct(points.numbers, codes)
        if len(first) == 1:
            warn_of_copies(item)
            return _copies(item, numbers, codes)
        if self.topology == "star":
            return _star(item, numbers, codes)
        if self.topology == "bus":
            return _segments(item, numbers, codes, first[:-1], first[1:])
        if self.topology == "mesh":
            return _mesh(item, numbers, codes, first)
        return _curve(item, numbers, codes, self._degree(item, int(self.topology[5:])))

    def _degree(self, item: Item, degree: int) -> int:
        """The degree, or the greatest that the rows of the class determine."""
        n = len(item.members)
        if n > degree:
            return degree
        if self.few_samples == "raise":
            raise_too_few(item.label, n, degree)
        warnings.warn(
            f"Class {item.label!r} has {n} samples, too few for a polynomial of degree {degree}: degree {n - 1} is "
            "used. Pass few_samples='raise' to make this an error.",
            FewSamplesWarning,
            stacklevel=2,
        )
        return n - 1


def stops(n_lines: int, n_new: int, rng: np.random.Generator) -> tuple[Rows, FloatArray]:
    """Line of each new row, ascending, and its share of the way: lines share alike, rows stand at equal steps."""
    each, more = divmod(n_new, n_lines)
    extra = rng.choice(n_lines, size=more, replace=False, shuffle=False)
    line = np.sort(np.concatenate([np.repeat(np.arange(n_lines if each else 0), each), extra]).astype(np.int64))
    _, start, size = np.unique(line, return_index=True, return_counts=True)
    place = np.arange(n_new) - np.repeat(start, size)
    return line, (place + 1) / (np.repeat(size, size) + 1)


def _star(item: Item, numbers: FloatArray, codes: Codes) -> Made:
    base, gap = stops(len(numbers), item.n, item.streams.step(BASE))
    known = ~np.isnan(numbers)
    middle = np.where(known, numbers, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    made = between(numbers[base], np.broadcast_to(middle, (item.n, len(middle))), gap)
    atoms = nearer(codes[base], np.broadcast_to(commonest(codes), (item.n, codes.shape[1])), gap)
    return Made(made, atoms, item.members[np.column_stack([base, base])], np.column_stack([1.0 - gap, gap]))


def _segments(item: Item, numbers: FloatArray, codes: Codes, start: Rows, end: Rows) -> Made:
    line, gap = stops(len(start), item.n, item.streams.step(BASE))
    return _between_rows(item, numbers, codes, np.column_stack([start, end])[line], gap)


def _mesh(item: Item, numbers: FloatArray, codes: Codes, first: Rows) -> Made:
    m = len(first)
    line, gap = stops(m * (m - 1) // 2, item.n, item.streams.step(BASE))
    passed = np.cumsum(np.arange(m - 1, 0, -1))  # pairs of the rows up to each: (0, 1) ... (0, m - 1), (1, 2) ...
    low = np.searchsorted(passed, line, side="right")
    high = m - (passed[low] - line)
    return _between_rows(item, numbers, codes, first[np.column_stack([low, high])], gap)


def _between_rows(item: Item, numbers: FloatArray, codes: Codes, ends: Rows, gap: FloatArray) -> Made:
    base, other = ends.T
    made = between(numbers[base], numbers[other], gap)
    return Made(made, nearer(codes[base], codes[other], gap), item.members[ends], np.column_stack([1.0 - gap, gap]))


def _curve(item: Item, numbers: FloatArray, codes: Codes, degree: int) -> Made:
    last = len(numbers) - 1
    at = item.streams.step(BASE).random(item.n) * last
    base = np.rint(at).astype(np.int64)
    other = np.clip(np.where(at < base, base - 1, base + 1), 0, last)
    made = np.where(np.isnan(numbers[base]), np.nan, fitted(numbers, degree, at))
    gap = np.abs(at - base)
    parents = item.members[np.column_stack([base, other])]
    return Made(made, codes[base], parents, np.column_stack([1.0 - gap, gap]))


def fitted(numbers: FloatArray, degree: int, at: FloatArray) -> FloatArray:
    """Least-squares polynomials through the columns of ``numbers`` over their row number, read at ``at``.

    Parameters
    ----------
    numbers : array of shape (n, p), NaN where a value is not known
    degree : int
        A column with fewer known values gets the greatest degree that they determine.
    at : array of shape (n_new,), values in [0, n - 1]

    Returns
    -------
    array of shape (n_new, p)
    """
    half = max(len(numbers) - 1, 1) / 2.0
    place, asked = np.arange(len(numbers)) / half - 1.0, at / half - 1.0
    out = np.full((len(at), numbers.shape[1]), np.nan)
    for j, column in enumerate(numbers.T):
        known = ~np.isnan(column)
        if known.any():
            out[:, j] = _least_squares(place[known], column[known], min(degree, int(known.sum()) - 1), asked)
    return out


def _least_squares(place: FloatArray, value: FloatArray, degree: int, asked: FloatArray) -> FloatArray:
    """The polynomial through (place, value), read at ``asked``, by polynomials that are orthogonal on ``place``.

    Plain sums, no BLAS: the bits do not depend on its threads. Forsythe, J. SIAM 5 (1957) 74-88.
    """
    basis, before = np.ones(len(place)), np.zeros(len(place))
    there, there_before = np.ones(len(asked)), np.zeros(len(asked))
    answer, norm_before = np.zeros(len(asked)), 1.0
    for k in range(degree + 1):
        norm = float(np.square(basis).sum())
        answer += float((value * basis).sum()) / norm * there
        center = float((place * np.square(basis)).sum()) / norm
        back = norm / norm_before if k else 0.0
        basis, before = (place - center) * basis - back * before, basis
        there, there_before = (asked - center) * there - back * there_before, there
        norm_before = norm
    return answer


def nearer(base: Codes, other: Codes, gap: FloatArray) -> Codes:
    """Categories of the nearer end, the base's at the middle; null stays the base's and is never the other's."""
    far = (gap > 0.5)[:, None] & (base >= 0) & (other >= 0)
    return np.where(far, other, base).astype(np.int32)


def commonest(codes: Codes) -> NDArray[np.int32]:
    """The most frequent row of ``codes``; the first among equals."""
    if codes.shape[1] == 0:
        return np.asarray(codes[0], dtype=np.int32)
    first, which = distinct(np.empty((len(codes), 0)), codes)
    return np.asarray(codes[first[np.argmax(np.bincount(which))]], dtype=np.int32)


def _copies(item: Item, numbers: FloatArray, codes: Codes) -> Made:
    base = np.arange(item.n) % len(numbers)
    parents = item.members[np.column_stack([base, base])]
    shares = np.tile([1.0, 0.0], (item.n, 1))
    return Made(numbers[base], codes[base], parents, shares)


__all__ = ["PolynomFitSMOTE", "commonest", "fitted", "nearer", "stops"]
