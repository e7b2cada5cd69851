"""Work on several threads under a budget: tasks in order, none begun that cannot end in time, a cancel within a second.

A thread that is fitting a model cannot be stopped; when the time is up its result is not waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from time import perf_counter
from typing import Generic, TypeVar

from contrapeso.errors import CancelledError
from contrapeso.progress import Cancel

T = TypeVar("T")
R = TypeVar("R")

POLL_S = 0.1


@dataclass
class Clock:
    """``budget_s`` seconds from now, of which ``reserve_s`` are kept for the end; None is no limit."""

    budget_s: float | None
    cancel: Cancel
    n_jobs: int
    reserve_s: float = 0.0
    start: float = field(default_factory=perf_counter)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return perf_counter() - self.start

    @property
    def left(self) -> float:
        """Seconds until the reserve begins."""
        return float("inf") if self.budget_s is None else self.budget_s - self.reserve_s - self.elapsed

    def check(self) -> None:
        """Raise where the caller wants to stop."""
        if self.cancel():
            raise CancelledError(f"The comparison was cancelled after {self.elapsed:.0f} s.")

    def heed(self, work: Callable[[], R]) -> R:
        """What ``work`` returns, on a thread of its own, so that a cancel is heard; it has no time limit."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="ladder-end")
        try:
            future = pool.submit(work)
            while not wait([future], timeout=POLL_S).done:
                self.check()
            self.check()
            return future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@dataclass
class Line(Generic[T, R]):
    """Tasks that wait for a thread.

    ``expected_s`` says how long a task will take; ``fits`` of those that were left out for want of time is False.
    """

    clock: Clock
    work: Callable[[T], R]
    expected_s: Callable[[T], float]
    left_out: list[T] = field(default_factory=list)

    def run(self, tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        """(task, result) as they come."""
        pool = ThreadPoolExecutor(self.clock.n_jobs, thread_name_prefix="ladder")
        running: dict[Future[R], T] = {}
        waiting = list(reversed(tasks))
        try:
            while waiting or running:
                self._begin(pool, waiting, running)
                if not running:
                    continue
                done, _ = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED)
                self.clock.check()
                for future in done:
                    yield running.pop(future), future.result()
                if self.clock.left <= 0:
                    self.left_out += [*running.values(), *reversed(waiting)]
                    return
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, pool: ThreadPoolExecutor, waiting: list[T], running: dict[Future[R], T]) -> None:
        while waiting and len(running) < self.clock.n_jobs:
            task = waiting.pop()
            if self.expected_s(task) > self.clock.left:
                self.left_out.append(task)
            else:
                running[pool.submit(self.work, task)] = task


__all__ = ["Clock", "Line"]
