"""Samplers whose new rows lie on a line between two rows of the table: what SMOTE and its variants share."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import StrOptions

from contrapeso._rng import seed_sequence
from contrapeso.errors import CopiesWarning, FewSamplesWarning, InvalidDataError, TooFewSamplesError
from contrapeso.kernels import distinct, pick, vote
from contrapeso.samplers._base import BaseOverSampler, FewSamples
from contrapeso.samplers._drawn import Codes, Drawn, FloatArray, Item, Made, turns
from contrapeso.samplers._legacy import (
    first_dropped,
    legacy_picks,
    legacy_points,
    legacy_random_state,
    legacy_search,
    legacy_votes,
    untouched,
)
from contrapeso.samplers._neighbors import (
    Neighbors,
    check_neighbors,
    class_neighbors,
    is_exact,
    n_neighbors_of,
    row_neighbors,
)
from contrapeso.samplers._space import Points, Space
from contrapeso.samplers._target import Target
from contrapeso.tables._containers import Rows, Table

BASE, PICK, TIE, CHOICE = 0, 1, 2, 3
"""Steps of one class, each with random numbers of its own."""


Choose: TypeAlias = Callable[[Codes, Rows, Rows, Item], Codes | None]
"""Categories of new rows by codes of the members, neighbours of each, places of the bases, and the item."""


class UnsuitedError(InvalidDataError, RuntimeError):
    """A table on which the method's own rule finds nothing to work with."""


@dataclass(frozen=True)
class Problem:
    """What a method sees: points of any rows, and the class of every row."""

    space: Space
    target: Target

    def is_of(self, item: Item) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether each row of the table is of the item's class."""
        return np.asarray(self.target.codes == item.code)


class BaseLineSampler(BaseOverSampler):
    """Base of the samplers whose new rows lie on lines between two original rows."""

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseOverSampler._parameter_constraints,
        "n_jobs": [int, None],
        "few_samples": [StrOptions({"adapt", "raise"})],
    }

    few_samples: FewSamples = "adapt"
    legacy_stream: bool = False

    def _seed(self) -> np.random.SeedSequence:
        return seed_sequence(untouched(self.random_state)) if self.legacy_stream else super()._seed()

    def _search(self, parameter: Neighbors) -> Any:
        """Unfitted search; a number of neighbours does not count the row itself."""
        if self.legacy_stream:
            return legacy_search(parameter)
        return check_neighbors(parameter, itself=1, n_jobs=self.n_jobs)

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        view = self._view(table)
        problem = Problem(Space(view, table.n_rows, self.n_jobs), target)
        items = [item for item in self._items(target, seed) if item.n > 0]
        self._prepare(problem, items)
        if self.legacy_stream and items:
            made = Made.joined([self._draw_legacy(problem, item) for item in items])
            return self._close_made(table, target, view, made, seed)
        return self._close_drawn(table, target, view, self._drawn(problem, items), seed)

    def _drawn(self, problem: Problem, items: list[Item]) -> Drawn:
        """New rows of all classes."""
        return Drawn.joined([self._draw(problem, item) for item in items])

    def _prepare(self, problem: Problem, items: list[Item]) -> None:
        """Set the fitted searches and look at the whole table before the first class is drawn."""

    @abstractmethod
    def _draw(self, problem: Problem, item: Item) -> Drawn:
        """Exactly ``item.n`` new rows of one class."""

    def _draw_legacy(self, problem: Problem, item: Item) -> Made:
        """The rows that imbalanced-learn makes of one class."""
        raise NotImplementedError(f"{type(self).__name__} has no legacy stream.")

    def _legacy_lines(
        self,
        problem: Problem,
        item: Item,
        points: Points,
        neighbors: Rows,
        among: Rows | None = None,
        *,
        n: int | None = None,
        reach: float = 1.0,
    ) -> Made:
        """``n`` rows (all of the item's by default) on lines from members to their ``neighbors``, one line for each.

        ``among`` are the places of those members, all by default; steps go up to ``reach``.
        """
        view, n = problem.space.view, item.n if n is None else n
        places = np.arange(len(item.members), dtype=np.int64) if among is None else among
        if neighbors.shape[1] == 0:
            base = item.members[np.resize(places, n)]
            return legacy_points(view, base, base, np.zeros(n))
        row, other, steps = legacy_picks(neighbors, n, legacy_random_state(self.random_state))
        place, codes = places[row], None
        if points.codes.shape[1]:
            every = np.zeros((len(points), neighbors.shape[1]), dtype=np.int64)
            every[places] = neighbors
            codes = legacy_votes(points, every, place, legacy_random_state(self.random_state))
        return legacy_points(view, item.members[place], item.members[other], reach * steps, codes)

    def _neighbors_of_all_classes(self, problem: Problem, search: Any, rows: Rows) -> Rows:
        """Nearest rows of ``rows`` in the whole table; shape (len(rows), k)."""
        if not self.legacy_stream:
            return row_neighbors(search, problem.space.everyone, rows)
        k = min(n_neighbors_of(search), problem.space.n_rows - 1)
        return first_dropped(search, problem.space.everyone, rows, k)

    def _enough(self, item: Item, k: int) -> int:
        """``k`` neighbours, or as many as the class can have; see ``few_samples``."""
        return enough(item, k, self.few_samples)


def enough(item: Item, k: int, few_samples: FewSamples) -> int:
    """``k`` neighbours, or as many as the class can have where ``few_samples`` is 'adapt'."""
    n = len(item.members)
    if n > k:
        return k
    if few_samples == "raise":
        raise_too_few(item.label, n, k)
    done = f"{n - 1} are used" if n > 1 else "its row is copied"
    warnings.warn(
        f"Class {item.label!r} has {n} samples, too few for {k} neighbours: {done}. Pass few_samples='raise' to "
        "make this an error.",
        FewSamplesWarning,
        stacklevel=3,
    )
    return n - 1


def raise_too_few(label: Hashable, n: int, k: int) -> None:
    """Say that a class is too small for ``k`` neighbours, and the ways out."""
    smaller = f"k_neighbors<={n - 1}, " if n > 1 else ""
    raise TooFewSamplesError(
        f"Class {label!r} has {n} samples; k_neighbors={k} needs at least {k + 1}. "
        f"Use {smaller}few_samples='adapt' or RandomOverSampler for this class.",
        {"class": str(label), "n_samples": n, "k_neighbors": k},
    )


def neighbors_of_some(search: Any, points: Points, places: Rows, k: int) -> Rows:
    """As :func:`class_neighbors`, searched for ``places`` only; the lines of other places are zeros."""
    if not is_exact(search):
        return class_neighbors(search, points, k)
    first, which = distinct(points.numbers, points.codes)
    if len(first) == len(points):
        found = points.index.neighbors(k, places).rows
    else:
        found = first[points.at(first).index.neighbors(k, which[places]).rows]
    every = np.zeros((len(points), found.shape[1]), dtype=np.int64)
    every[places] = found
    return every


def n_foreign(codes: NDArray[np.intp], neighbors: Rows, code: int) -> Rows:
    """How many of the ``neighbors`` of each row, (n, k), are of another class than ``code``."""
    return np.asarray((codes[neighbors] != code).sum(axis=1), dtype=np.int64)


def one_thread(library: Literal["openmp", "blas"]) -> AbstractContextManager[Any]:
    """Within it, that library's threads are one; to be called when the libraries are loaded."""
    limits: AbstractContextManager[Any] = _thread_pools().limit(limits=1, user_api=library)
    return limits


@cache
def _thread_pools() -> Any:
    """The libraries with threads of their own; looking for them takes milliseconds."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def draw_lines(
    item: Item, points: Points, neighbors: Rows, base: Rows | None = None, *, choose: Choose | None = None
) -> Drawn:
    """``item.n`` rows, each on the segment from a base to one of its neighbours.

    Parameters
    ----------
    item : Item
    points : Points
        Of the members of the class, in order.
    neighbors : int64 array of shape (n_members, k)
        Places of the neighbours among the members; with k = 0 rows are copied.
    base : int64 array of shape (item.n,), optional
        Places of the bases; by default every member in turn.
    choose : callable, optional
        How the categories are decided; :func:`voted` by default.
    """
    base = turns(len(item.members), item.n, item.streams.step(BASE)) if base is None else base
    codes = (voted if choose is None else choose)(points.codes, neighbors, base, item)
    if neighbors.shape[1] == 0:
        warn_of_copies(item)
        return Drawn.copies(item.members[base], codes)
    other, gap = pick(neighbors, base, item.streams.key(PICK), n_jobs=points.n_jobs)
    return Drawn(item.members[base], item.members[other], gap, codes)


def voted(codes: Codes, neighbors: Rows, base: Rows, item: Item) -> Codes | None:
    """Categories by vote of the neighbours; None where there are none."""
    if codes.shape[1] == 0:
        return None
    return vote(codes, neighbors, base, item.streams.key(TIE)) if neighbors.shape[1] else codes[base]


def warn_of_copies(item: Item) -> None:
    """Say that new rows are copies, unless the class has one row (which was said already)."""
    if len(item.members) > 1:
        warnings.warn(
            f"All {len(item.members)} samples of class {item.label!r} are the same: its {item.n} new rows are copies.",
            CopiesWarning,
            stacklevel=2,
        )


__all__ = [
    "BASE",
    "CHOICE",
    "PICK",
    "TIE",
    "BaseLineSampler",
    "FloatArray",
    "Problem",
    "UnsuitedError",
    "draw_lines",
    "enough",
    "n_foreign",
    "neighbors_of_some",
    "one_thread",
    "voted",
    "warn_of_copies",
]
