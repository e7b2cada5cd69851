"""The trials, one after the other, until there are as many as asked for or the time is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso._optional import require
from contrapeso.balancing.ladder._clock import Clock
from contrapeso.balancing.tuning._bench import Bench, OutOfTimeError, patiently
from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.balancing.tuning._result import State, TrialRecord
from contrapeso.balancing.tuning._study import Space, candidate_of, finished, next_trial
from contrapeso.errors import CancelledError, ContrapesoError
from contrapeso.progress import Progress, ProgressCallback

Floats = NDArray[np.float64]
LARGER = 1.5
"""Time of a fit to the development rows, or to all, over that of a fit to the training rows of a fold; and some air."""


@dataclass
class Search:
    """Trials of a study on the folds of a bench; "none" is trial 0."""

    bench: Bench
    study: Any
    space: Space
    clock: Clock
    progress: ProgressCallback

    def run(self, n_trials: int | None) -> Literal["trials", "budget"]:
        """Measure until there are ``n_trials`` beside "none", those of earlier calls among them."""
        if not finished(self.study):
            self._measure_none()
        while n_trials is None or len(finished(self.study)) <= n_trials:
            self._reserve()
            if self.clock.left < self._shortest():
                return "budget"
            trial = next_trial(self.study, self.bench.question.seed)
            try:
                self._one(trial, self.space.suggest(trial))
            except OutOfTimeError:
                self._tell(trial, "FAIL")
                return "budget"
            self._told(n_trials)
        return "trials"

    def _measure_none(self) -> None:
        """Trial 0: the baseline, without any parameter."""
        trial_module = require("optuna", extra="tune").trial
        start, none = perf_counter(), Candidate()
        keys = range(self.bench.n_folds)
        parts = [patiently(self.clock, partial(self.bench.chances, none, k), forced=True) for k in keys]
        running = [float(np.nanmean(self.bench.scores(parts[: k + 1]))) for k in range(len(parts))]
        self.bench.remember(none, parts)
        told = {"scores": self.bench.scores(parts), "running": running, "seconds": perf_counter() - start}
        steps = dict.fromkeys(range(1, len(parts) + 1), 0.0)
        self.study.add_trial(trial_module.create_trial(value=0.0, intermediate_values=steps, user_attrs=told))
        self.progress(Progress("none", 1))

    def _one(self, trial: Any, candidate: Candidate) -> None:
        """Measure a candidate fold by fold; drop it where it is behind."""
        start, parts = perf_counter(), list[Floats]()
        state, reason = "COMPLETE", ""
        try:
            for k in range(self.bench.n_folds):
                parts.append(patiently(self.clock, partial(self.bench.chances, candidate, k)))
                trial.report(self._running(parts), k + 1)
                if k + 1 < self.bench.n_folds and trial.should_prune():
                    state = "PRUNED"
                    break
        except CancelledError:
            self._tell(trial, "FAIL")
            raise
        except (ContrapesoError, ValueError) as error:
            state, reason = "FAIL", (str(error) or type(error).__name__).splitlines()[0]
        scores = self.bench.scores(parts)
        if state == "COMPLETE":
            self.bench.remember(candidate, parts)
        trial.set_user_attr("scores", scores)
        trial.set_user_attr("seconds", perf_counter() - start)
        if reason:
            trial.set_user_attr("reason", reason)
        self._tell(trial, state, self.difference(scores) if state == "COMPLETE" else None)

    def _running(self, parts: Sequence[Floats]) -> float:
        """Mean score so far less that of "none" on the same folds."""
        running = finished(self.study)[0].user_attrs["running"]
        return float(np.nanmean(self.bench.scores(parts)) - running[len(parts) - 1])

    def _tell(self, trial: Any, state: str, value: float | None = None) -> None:
        states = require("optuna", extra="tune").trial.TrialState
        self.study.tell(trial, value, state=states[state])

    def _told(self, n_trials: int | None) -> None:
        done = len(finished(self.study))
        total = None if n_trials is None else n_trials + 1
        left = None if total is None else (total - done) * self._mean_seconds()
        limit = None if self.clock.budget_s is None else max(self.clock.left, 0.0)
        known = [value for value in (left, limit) if value is not None]
        self.progress(Progress("tune", done, total, eta_s=min(known) if known else None))

    # Time

    def _mean_seconds(self) -> float:
        return float(np.mean([trial.user_attrs["seconds"] for trial in finished(self.study)]))

    def _shortest(self) -> float:
        """Seconds that "none" took for a fold: less than that is left, and no trial gets anywhere."""
        return float(finished(self.study)[0].user_attrs["seconds"]) / self.bench.n_folds

    def _reserve(self) -> None:
        """Keep time for the end: "none" and the winner on the development rows, and what is chosen on all."""
        timed = [trial.user_attrs for trial in finished(self.study) if trial.user_attrs["scores"]]
        dearest = max(float(told["seconds"]) / len(told["scores"]) for told in timed)
        self.clock.reserve_s = LARGER * (self._shortest() + 2 * dearest)

    # What was found

    def difference(self, scores: Sequence[float]) -> float:
        """Mean difference to "none" over the folds that can tell."""
        none = finished(self.study)[0].user_attrs["scores"]
        gaps = [ours - theirs for ours, theirs in zip(scores, none, strict=False)]
        return float(np.nanmean(gaps))

    def records(self) -> tuple[TrialRecord, ...]:
        """Every trial that came to an end, "none" first."""
        return tuple(self._record(place, trial) for place, trial in enumerate(finished(self.study)))

    def _record(self, place: int, trial: Any) -> TrialRecord:
        states: dict[str, State] = {"COMPLETE": "measured", "PRUNED": "pruned", "FAIL": "failed"}
        candidate, told = candidate_of(trial.params), trial.user_attrs
        scores = tuple(float(value) for value in told["scores"])
        counts = np.bincount(self.bench.question.codes)
        return TrialRecord(
            number=place,
            candidate=candidate,
            state=states[trial.state.name],
            scores=scores,
            difference=self.difference(scores) if scores else None,
            ratio=candidate.ratio(counts),
            seconds=float(told["seconds"]),
            reason=str(told.get("reason", "")),
        )


def best_of(records: Sequence[TrialRecord]) -> TrialRecord | None:
    """The measured trial with the largest difference above 0; of equals the first."""
    able = [found for found in records[1:] if found.state == "measured" and (found.difference or 0.0) > 0]
    return max(able, key=lambda found: (found.difference or 0.0, -found.number)) if able else None


__all__ = ["Search", "best_of"]
