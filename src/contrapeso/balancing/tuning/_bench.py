"""The folds that all candidates share, and what a candidate scores on them.

A candidate is measured fold by fold, so that a poor one can be dropped early; only training rows are ever treated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import child
from contrapeso.balancing.ladder._clock import Clock
from contrapeso.balancing.ladder._fit import FittedRung
from contrapeso.balancing.ladder._folds import Fold, Plan, fold_count
from contrapeso.balancing.ladder._question import Question, training_rows
from contrapeso.balancing.ladder._rows import TrainingRows
from contrapeso.balancing.ladder._threshold import neutral, tune_offsets
from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.balancing.tuning._treat import fit_candidate
from contrapeso.errors import InvalidDataError
from contrapeso.progress import Cancel
from contrapeso.tables._containers import open_table

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
T = TypeVar("T")
POLL_S = 0.1
_FOLDS, _WHOLE = 50, 51  # streams; those of the ladder lie below


class OutOfTimeError(Exception):
    """The budget ended during a fit; never leaves this package."""


def patiently(clock: Clock, work: Callable[[Cancel], T], *, forced: bool = False) -> T:
    """What ``work`` answers, in a thread of its own: a cancel, or the end of the time, does not wait for a fit.

    ``work`` gets a callable that says whether it is still wanted. ``forced`` work has no end of time.

    Raises
    ------
    CancelledError, OutOfTimeError
    """
    clock.check()
    if clock.left <= 0 and not forced:
        raise OutOfTimeError
    stop, pool = Event(), ThreadPoolExecutor(1, thread_name_prefix="tuning")
    try:
        future = pool.submit(work, stop.is_set)
        while not wait([future], timeout=POLL_S).done:
            clock.check()
            if clock.left <= 0 and not forced:
                raise OutOfTimeError
        return future.result()
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


class Bench:
    """Candidates measured on the folds of the development rows of ``plan``."""

    def __init__(self, question: Question, plan: Plan) -> None:
        self.question, self.plan = question, plan
        rows = plan.development
        dealt = plan.folds(0, fold_count(question.codes[rows], plan.units[rows]))
        self.folds: tuple[Fold, ...] = tuple(fold for fold in dealt if _can_tell(question.codes, fold))
        if not self.folds:
            raise InvalidDataError(
                "No fold has two classes on both sides; with time or groups the rare class may lie in one piece. "
                "Give more rows of the rare class, or leave out time or groups."
            )
        self._ready: dict[int, tuple[TrainingRows, object]] = {}
        self._offsets: dict[str, Floats] = {}

    @property
    def n_folds(self) -> int:
        """How many folds there are."""
        return len(self.folds)

    @property
    def n_rare(self) -> int:
        """Rows of the rarest class in the smallest training part."""
        counts = [np.bincount(self.question.codes[fold.train]) for fold in self.folds]
        return int(min(found[found > 0].min() for found in counts))

    def chances(self, candidate: Candidate, k: int, cancel: Cancel) -> Floats:
        """Chances (n_test, C) of the test rows of fold ``k``, by a model of its treated training rows."""
        if k not in self._ready:
            self._ready[k] = self._prepare(self.folds[k].train, self.folds[k].test, _FOLDS, k)
        train, matrix = self._ready[k]
        return fit_candidate(candidate, self.question.estimator, train, cancel).chances(matrix)

    def on_set_aside(self, candidate: Candidate, cancel: Cancel) -> Floats:
        """Chances of the rows that were set aside, by a model of all development rows."""
        train, matrix = self._prepare(self.plan.development, self.plan.untouched, _WHOLE)
        return fit_candidate(candidate, self.question.estimator, train, cancel).chances(matrix)

    def on_all(self, candidate: Candidate, cancel: Cancel) -> tuple[TrainingRows, FittedRung]:
        """A model of every row, development and set aside."""
        everyone = np.arange(len(self.question.codes), dtype=np.int64)
        train = training_rows(self.question, everyone, child(self.question.seed, _WHOLE))
        return train, fit_candidate(candidate, self.question.estimator, train, cancel)

    def _prepare(self, train: Rows, test: Rows, *key: int) -> tuple[TrainingRows, object]:
        rows = training_rows(self.question, train, child(self.question.seed, *key))
        return rows, rows.encode(open_table(self.question.table.take(test)))

    def scores(self, parts: Sequence[Floats]) -> list[float]:
        """Score of each fold that ``parts`` covers, thresholds tuned on the other ones; of one fold on itself."""
        return [self._score(parts, k, [j for j in range(len(parts)) if j != k] or [k]) for k in range(len(parts))]

    def _score(self, parts: Sequence[Floats], k: int, others: Sequence[int]) -> float:
        q, test = self.question, self.folds[k].test
        offsets = self.offsets([parts[j] for j in others], others)
        return q.judge.score(q.codes[test], parts[k], offsets, q.weights[test])

    def offsets(self, parts: Sequence[Floats], keys: Sequence[int]) -> Floats:
        """Factors tuned on these folds; neutral where the objective is not about decisions."""
        q = self.question
        if not q.judge.tunes:
            return neutral(q.n_classes)
        rows = np.concatenate([self.folds[k].test for k in keys])
        return tune_offsets(q.judge, q.codes[rows], np.concatenate(parts), q.weights[rows])

    def remember(self, candidate: Candidate, parts: Sequence[Floats]) -> None:
        """Keep the factors of a candidate that was measured on every fold."""
        self._offsets[repr(candidate)] = self.offsets(parts, range(self.n_folds))

    def all_offsets(self, candidate: Candidate, cancel: Cancel) -> Floats:
        """Factors tuned on the out-of-fold chances of all folds."""
        if not self.question.judge.tunes:
            return neutral(self.question.n_classes)
        if repr(candidate) not in self._offsets:  # measured by an earlier call, or not at all
            self.remember(candidate, [self.chances(candidate, k, cancel) for k in range(self.n_folds)])
        return self._offsets[repr(candidate)]


def _can_tell(codes: NDArray[np.intp], fold: Fold) -> bool:
    """Whether two classes occur on both sides."""
    return all(len(np.unique(codes[part])) > 1 for part in (fold.train, fold.test))


__all__ = ["Bench", "OutOfTimeError", "patiently"]
