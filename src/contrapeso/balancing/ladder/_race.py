"""The race of the rungs: "none" first and to the end, the others by successive halving within the budget.

Every rung sees the same folds. First all of them once round (on a part of the rows where the whole would take too
long), then the better half a second time, then the best few as often as the time allows.

References
----------
.. [1] Jamieson, Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import child
from contrapeso.balancing.ladder._clock import Clock, Line
from contrapeso.balancing.ladder._fit import fit_rung
from contrapeso.balancing.ladder._folds import Fold, Plan, deal, fold_count
from contrapeso.balancing.ladder._objective import Floats
from contrapeso.balancing.ladder._question import Question, training_rows
from contrapeso.balancing.ladder._rows import TrainingRows
from contrapeso.balancing.ladder._rungs import PROMISE, Rung, pointless
from contrapeso.balancing.ladder._threshold import neutral, tune_offsets
from contrapeso.errors import ContrapesoError, InvalidDataError
from contrapeso.progress import Progress, ProgressCallback
from contrapeso.tables._containers import open_table

Key = tuple[int, int]  # repeat, fold; repeats below 0 are screenings on a part of the rows

SHARE_FOR_ONE_ROUND = 0.6
SHARE_FOR_A_SCREENING = 0.3
"""Share of the time that is left that one round, or one screening on a part of the rows, may take."""
MOST_REPEATS = 5
BEST_FEW = 4
SCREENINGS = ((-2, 9, 2), (-1, 3, 3))
"""Repeat number, divisor of the rows, and folds of the two screenings."""
LEAST_SCREENED, LEAST_RARE = 500, 5
LAST_FITS, CONFIRMING_FITS = 2.5, 3.5
"""Fits of "none" that the last fit takes, and the two on which the choice is confirmed."""
FAILURES = (ContrapesoError, ValueError, ArithmeticError, LookupError, RuntimeError, TypeError)
"""What models raise on rows they cannot take: the rung failed, the comparison goes on."""
SECONDS_PER_MILLION, N_FREE = 1.0, 2
"""Seconds that scoring takes per million of rows, times rungs that were measured and free ones, times classes."""


@dataclass
class Run:
    """What is known of one rung: out-of-fold chances and seconds by fold, and why it stopped."""

    rung: Rung
    chances: dict[Key, Floats] = field(default_factory=dict)
    seconds: dict[Key, float] = field(default_factory=dict)
    status: str = "measured"
    reason: str = ""

    @property
    def folds(self) -> set[Key]:
        """Folds of whole rounds that were measured, screenings aside."""
        return {key for key in self.chances if key[0] >= 0}


class Race:
    """Measures rungs on folds; :attr:`runs` holds what was found."""

    def __init__(
        self, question: Question, plan: Plan, rungs: Sequence[Rung], clock: Clock, progress: ProgressCallback
    ) -> None:
        self.question, self.plan, self.clock, self.progress = question, plan, clock, progress
        self.n_folds = fold_count(question.codes[plan.development], plan.units[plan.development])
        self.runs = {rung.name: Run(rung) for rung in rungs}
        self.tests: dict[Key, NDArray[np.int64]] = {}
        self.schedule: list[dict[str, object]] = []
        self._folds: dict[Key, Fold] = {}
        self._ready: dict[Key, tuple[TrainingRows, Any]] = {}
        self._lock = Lock()
        self._done = 0
        self._seen_counts = np.bincount(question.codes[plan.development], minlength=question.n_classes)

    def run(self) -> None:
        """The whole race."""
        self._open_round(0, self.plan.folds(0, self.n_folds))
        if not self._keys(0):
            raise InvalidDataError(
                "No fold has two classes on both sides; with time or groups the rare class may lie in one piece. "
                "Give more rows, or leave out time or groups."
            )
        self._measure([self.runs["none"]], self._keys(0), forced=True)
        if not self._baseline_in_time():
            return
        self._keep_back()
        entrants = self._entrants()
        rivals = self._screened(entrants) if self._too_long(entrants) else entrants
        self._measure(rivals, self._keys(0))
        for repeat in range(1, MOST_REPEATS):
            time_for_rivals = self.clock.left - self._time_for([self.runs["none"]])
            rivals = self._fitting(self._better(rivals, max(BEST_FEW, len(rivals) // 2), 0), time_for_rivals)
            folds = self.plan.folds(repeat, self.n_folds)
            if not folds or not rivals:
                break
            self._open_round(repeat, folds)
            self._measure([self.runs["none"], *rivals], self._keys(repeat))
            self._drop_torn(repeat)

    def _baseline_in_time(self) -> bool:
        """Whether "none" has all folds; where time ended before, it keeps those it has and no rung is tried."""
        none = self.runs["none"]
        missing = [key for key in self._keys(0) if key not in none.chances]
        for key in missing:
            del self._folds[key], self.tests[key]
        if none.chances:
            none.status, none.reason = "measured", ""
        for run in self.runs.values() if missing else ():
            if run is not none:
                run.status, run.reason = "no time", self._no_time()
        return not missing

    def _no_time(self) -> str:
        return f"the budget of {self.clock.budget_s:g} s was used up"

    def _keep_back(self) -> None:
        """Time for what comes after the race: the last fit, the untouched rows, and the counting."""
        one = float(np.mean([*self._none().values()]))
        n_fits = LAST_FITS + (CONFIRMING_FITS if len(self.plan.untouched) else 0)
        n_counted = N_FREE + sum(self.complete(run) for run in self.runs.values())
        cells = len(self.question.codes) * self.question.n_classes
        self.clock.reserve_s = n_fits * one + SECONDS_PER_MILLION * n_counted * cells / 1e6

    def _entrants(self) -> list[Run]:
        """The rungs that are fitted, those without a point or without a fit aside; the most promising first."""
        found = []
        for run in self.runs.values():
            if run.rung.derived or run.rung.name == "none":
                continue
            if pointless(run.rung, self._seen_counts):
                run.status, run.reason = "not needed", "the classes are already closer than this"
            else:
                found.append(run)
        return sorted(found, key=lambda run: _promise(run.rung))

    # -- rounds ----------------------------------------------------------------------------------------------------

    def _open_round(self, repeat: int, folds: Iterable[Fold]) -> None:
        self._ready.clear()
        for k, fold in enumerate(folds):
            self._folds[repeat, k] = fold
            self.tests[repeat, k] = fold.test

    @property
    def n_in_round(self) -> int:
        """Folds of the first round."""
        return len(self._keys(0))

    def _keys(self, repeat: int) -> list[Key]:
        return sorted(key for key in self._folds if key[0] == repeat)

    def _measure(self, runs: Sequence[Run], keys: Sequence[Key], *, forced: bool = False) -> None:
        """Fit the rungs, the first of them on all folds first: what is measured can then be compared at any time."""
        tasks = [(run, key) for run in runs for key in keys if key not in run.chances and run.status == "measured"]
        total = self._done + len(tasks)
        line = Line(self.clock, self._one, self._with_the_last if forced else self._expected)
        for (run, key), (chances, seconds, reason) in line.run(tasks):
            self._done += 1
            if chances is None:
                run.status, run.reason = "failed", reason
            else:
                run.chances[key], run.seconds[key] = chances, seconds
                if key[0] == 0 and not forced:
                    self._keep_back()
            eta = self._time_for(runs) if self.clock.budget_s is None else max(self.clock.left, 0.0)
            self.progress(Progress(run.rung.name, self._done, total, eta_s=eta))
        self.schedule.append({"round": keys[0][0], "rungs": [run.rung.name for run in runs], "fits": len(tasks)})
        for run, _ in line.left_out:
            if run.status == "measured" and not self.complete(run):
                run.status, run.reason = "no time", self._no_time()

    def _one(self, task: tuple[Run, Key]) -> tuple[Floats | None, float, str]:
        run, key = task
        start = perf_counter()
        if run.status != "measured":
            return None, 0.0, run.reason
        rows, matrix = self._prepared(key)
        try:
            fitted = fit_rung(run.rung, self.question.estimator, rows, given_weights=self.question.given_weights)
            return fitted.chances(matrix), perf_counter() - start, ""
        except _failures() as error:
            if run.rung.name == "none":
                raise
            return None, perf_counter() - start, _first_line(error)

    def _prepared(self, key: Key) -> tuple[TrainingRows, Any]:
        with self._lock:
            if key not in self._ready:
                self._ready[key] = self._prepare(key)
            return self._ready[key]

    def _prepare(self, key: Key) -> tuple[TrainingRows, Any]:
        fold = self._folds[key]
        rows = training_rows(self.question, fold.train, child(self.question.seed, key[0] + 10, key[1]))
        return rows, rows.encode(open_table(self.question.table.take(fold.test)))

    # -- who goes on -----------------------------------------------------------------------------------------------

    def _expected(self, task: tuple[Run, Key]) -> float:
        """Seconds that a fit will take: as it took before, else by its kind."""
        run, key = task
        share = len(self._folds[key].train)
        own = [(s, len(self._folds[k].train)) for k, s in run.seconds.items()]
        base = own or [(s * run.rung.relative_cost, len(self._folds[k].train)) for k, s in self._none().items()]
        return float(np.mean([s * share / n for s, n in base])) if base else 0.0

    def _with_the_last(self, task: tuple[Run, Key]) -> float:
        """Seconds of one more fold of "none" and of the last fit; the first folds are begun whatever they take."""
        known = [*task[0].seconds.values()]
        return (1 + LAST_FITS) * float(np.mean(known)) if known else 0.0

    def _none(self) -> dict[Key, float]:
        return self.runs["none"].seconds

    def _time_for(self, runs: Sequence[Run]) -> float:
        keys = self._keys(0)
        return sum(self._expected((run, key)) for run in runs for key in keys) / self.clock.n_jobs

    def _too_long(self, runs: Sequence[Run]) -> bool:
        return self._time_for(runs) > SHARE_FOR_ONE_ROUND * self.clock.left

    def _fitting(self, runs: list[Run], seconds: float) -> list[Run]:
        """Those of ``runs``, best first, that can be measured once more in so many seconds together."""
        kept: list[Run] = []
        for run in runs:
            if self._time_for([*kept, run]) <= seconds:
                kept.append(run)
        return kept

    def _screened(self, runs: list[Run]) -> list[Run]:
        """The rungs that do well on a part of the rows, best first, as many as can be measured on all."""
        for repeat, divisor, n_folds in SCREENINGS:
            needed = self._time_for(runs) * n_folds / self.n_in_round / (SHARE_FOR_A_SCREENING * self.clock.left)
            if repeat > SCREENINGS[0][0] and needed > divisor:
                continue  # the larger part would take the time that the whole rows need
            divisor = max(divisor, int(np.ceil(needed)))  # noqa: PLW2901  (a smaller part where time is short)
            folds = self._part(repeat, divisor, n_folds)
            if not folds or len(runs) <= BEST_FEW:
                continue
            self._open_round(repeat, folds)
            self._measure([self.runs["none"], *runs], self._keys(repeat))
            kept = self._better(runs, max(BEST_FEW, len(runs) // 2), repeat)
            self._drop([run for run in runs if run not in kept], f"behind on 1/{divisor} of the rows")
            runs = kept
        self._ready.clear()
        best = self._fitting(runs, SHARE_FOR_ONE_ROUND * self.clock.left) or runs[:1]
        self._drop([run for run in runs if run not in best], "behind, and no time for more")
        return best

    def _drop(self, runs: Iterable[Run], reason: str) -> None:
        for run in runs:
            if run.status == "measured":
                run.status, run.reason = "dropped early", reason

    def _part(self, repeat: int, divisor: int, n_folds: int) -> tuple[Fold, ...]:
        """Folds of a stratified part of the development rows; of the order of time, of its latest part."""
        rows, codes = self.plan.development, self.question.codes
        rare = np.bincount(codes[rows])
        if len(rows) // divisor < LEAST_SCREENED or rare[rare > 0].min() // divisor < LEAST_RARE:
            return ()
        if self.plan.moments is not None:
            late = np.sort(rows[np.argsort(self.plan.moments[rows], kind="stable")][-len(rows) // divisor :])
            cut = np.quantile(self.plan.moments[late], 0.7)
            old = self.plan.moments[late] < cut
            teachers = late[old]
            if self.plan.grouped:
                teachers = teachers[~np.isin(self.plan.units[teachers], self.plan.units[late[~old]])]
            fold = Fold(teachers, late[~old], repeat)
            good = all(len(np.unique(codes[part])) > 1 for part in (fold.train, fold.test))
            return (fold,) if good else ()
        rng = np.random.Generator(np.random.PCG64DXSM(child(self.question.seed, 5, -repeat)))
        part = rows[deal(codes[rows], self.plan.units[rows], divisor, rng) == 0]
        place = deal(codes[part], self.plan.units[part], n_folds, rng)
        return tuple(Fold(part[place != k], part[place == k], repeat) for k in range(n_folds))

    def _better(self, runs: Sequence[Run], n: int, repeat: int) -> list[Run]:
        """The ``n`` rungs with the largest gain over "none" so far."""
        alive = [run for run in runs if run.status == "measured" and any(k[0] == repeat for k in run.chances)]
        return sorted(alive, key=lambda run: (-self._gain(run, repeat), run.rung.order))[:n]

    def _gain(self, run: Run, repeat: int) -> float:
        """Mean difference to "none" on the folds that both have, of this round or (from 0 on) of all whole rounds."""
        none = self.runs["none"]
        keys = [k for k in run.chances if k in none.chances and (k[0] == repeat or (repeat >= 0 and k[0] >= 0))]
        gains = [self.score(run.rung.name, key) - self.score("none", key) for key in keys]
        known = [gain for gain in gains if not np.isnan(gain)]
        return float(np.mean(known)) if known else -np.inf

    def _drop_torn(self, repeat: int) -> None:
        """Forget a round that time cut off before "none" had all of it: a comparison needs both sides."""
        if any(key not in self.runs["none"].chances for key in self._keys(repeat)):
            for run in self.runs.values():
                for key in [k for k in run.chances if k[0] == repeat]:
                    del run.chances[key]

    def complete(self, run: Run) -> bool:
        """Whether the rung has all folds of the first round: with fewer it is compared with no one."""
        keys = self._keys(0)
        return bool(keys) and run.status != "failed" and run.folds.issuperset(keys)

    # -- scores ----------------------------------------------------------------------------------------------------

    def score(self, name: str, key: Key, *, tuned: bool = True) -> float:
        """Score of a rung on one fold, its threshold tuned on the other folds of the round."""
        run, test = self.runs[name], self.tests[key]
        q = self.question
        offsets = self.offsets(name, key) if tuned and q.judge.tunes else neutral(q.n_classes)
        return q.judge.score(q.codes[test], run.chances[key], offsets, q.weights[test])

    def offsets(self, name: str, key: Key) -> Floats:
        """Factors tuned on the folds of the same round other than ``key``."""
        run = self.runs[name]
        others = [k for k in sorted(run.chances) if k[0] == key[0] and k != key]
        if not others:
            return neutral(self.question.n_classes)
        rows = np.concatenate([self.tests[k] for k in others])
        chances = np.concatenate([run.chances[k] for k in others])
        return tune_offsets(self.question.judge, self.question.codes[rows], chances, self.question.weights[rows])

    def pooled(self, name: str) -> tuple[NDArray[np.int64], Floats]:
        """Rows and out-of-fold chances of all whole rounds of a rung."""
        run = self.runs[name]
        keys = sorted(run.folds)
        return np.concatenate([self.tests[k] for k in keys]), np.concatenate([run.chances[k] for k in keys])


def _failures() -> tuple[type[Exception], ...]:
    """What models raise; the error of LightGBM has no base but ``Exception`` and is known where it is loaded."""
    boosting = sys.modules.get("lightgbm.basic")
    return FAILURES if boosting is None else (*FAILURES, boosting.LightGBMError)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _promise(rung: Rung) -> int:
    return PROMISE.index(rung.name) if rung.name in PROMISE else -1


__all__ = ["Key", "Race", "Run"]
