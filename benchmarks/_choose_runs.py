"""One outer fold of one table and learner: what ``choose`` takes and scores, and what every rung scores.

Both are kept as rows of CSV files, so that a benchmark can be measured in parts. A rung's score does not depend on what
was chosen, so only :class:`Chosen` is measured anew when the rule of choice changes.
"""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from threadpoolctl import threadpool_limits

from benchmarks._choose_sets import Source, folds, opened
from benchmarks._record import RESULTS, commit
from contrapeso.balancing import RUNGS, BalancedClassifier, Decision, choose
from contrapeso.balancing.ladder import _choose, _clock, _race
from contrapeso.balancing.ladder._rungs import pointless
from contrapeso.errors import ContrapesoError

RUNG_ROWS = RESULTS / "ladder_rungs.csv"
CHOSEN_ROWS = RESULTS / "ladder_chosen.csv"
LEARNERS: dict[str, Callable[[], Any]] = {
    "LightGBM": lambda: None,
    "logistic regression": lambda: LogisticRegression(max_iter=1000),
}
Key = tuple[str, str, int, int]
Labels = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Scores:
    """Average precision (of the rarer class; mean of more than two), Brier score and log-loss on the test rows."""

    ap: float
    brier: float
    log_loss: float

    def __str__(self) -> str:
        return f"{self.ap:.5f} {self.brier:.5g} {self.log_loss:.5g}"

    @classmethod
    def read(cls, text: str) -> Scores:
        """From the text of a CSV cell."""
        return cls(*map(float, text.split()))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What ``choose`` decided on the training rows of a fold, and how its estimator did on the test rows."""

    table: str
    learner: str
    seed: int
    fold: int
    budget_s: float
    seconds: float
    clock: str
    chosen: str
    withdrawn: str
    scores: Scores
    load: float
    commit: str

    @property
    def key(self) -> Key:
        """What makes it this run and no other."""
        return self.table, self.learner, self.seed, self.fold


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of every rung that could be fitted; rungs that would change nothing are left out."""

    table: str
    learner: str
    seed: int
    fold: int
    n: int
    n_rare: int
    n_classes: int
    rungs: dict[str, Scores]

    @property
    def key(self) -> Key:
        """What makes it this run and no other."""
        return self.table, self.learner, self.seed, self.fold


def scored(truth: Labels, classes: Labels, chances: NDArray[np.float64]) -> Scores:
    """Scores of ``chances`` (n, C) of ``classes``."""
    hits = truth[:, None] == classes[None, :]
    counts = hits.sum(axis=0)
    judged = [int(counts.argmin())] if len(classes) == 2 else np.flatnonzero(counts)
    ap = np.mean([average_precision_score(hits[:, c], chances[:, c]) for c in judged])
    off = ((chances - hits) ** 2).sum(axis=1).mean()
    of_truth = np.clip(chances[hits], 1e-7, 1.0)
    return Scores(float(ap), float(off / 2 if len(classes) == 2 else off), float(-np.log(of_truth).mean()))


Part = tuple[pd.DataFrame, Labels, pd.DataFrame, Labels]


def parts(source: Source, seed: int) -> list[Part]:
    """Training features and labels, test features and labels, of each fold."""
    X, y = opened(source)
    return [
        (X.iloc[train].reset_index(drop=True), y[train], X.iloc[test].reset_index(drop=True), y[test])
        for train, test in folds(y, seed)
    ]


def measure_rungs(
    source: Source, learner: str, seed: int, fold: int, part: Part, names: Collection[str] | None = None
) -> Measured:
    """Every rung, or those of ``names``, fitted to the training rows and judged by the test rows."""
    X, y, X_test, y_test = part
    classes, counts = np.unique(y, return_counts=True)
    found = {}
    for rung in RUNGS:
        if rung.derived or pointless(rung, counts) or (names is not None and rung.name not in names):
            continue
        with _quiet():
            try:
                model = BalancedClassifier(LEARNERS[learner](), rung.name, random_state=seed).fit(X, y)
                found[rung.name] = scored(y_test, classes, model.predict_proba(X_test))
            except (ContrapesoError, ValueError):
                if rung.name == "none":
                    raise
    return Measured(source.name, learner, seed, fold, len(y), int(counts.min()), len(classes), found)


def measure_chosen(
    source: Source,
    learner: str,
    seed: int,
    fold: int,
    part: Part,
    budget_s: float | None,
    n_jobs: int = 1,
    clock: str = "wall",
) -> tuple[Chosen, Decision]:
    """``choose`` on the training rows, its estimator judged by the test rows.

    ``clock`` 'processor' counts the budget in processor seconds, for a machine that others use at the same time.
    """
    X, y, X_test, y_test = part
    load = os.getloadavg()[0]
    with _quiet(), processor_time() if clock == "processor" else nullcontext():
        decision = choose(X, y, LEARNERS[learner](), budget_s=budget_s, random_state=seed, n_jobs=n_jobs)
        scores = scored(y_test, np.unique(y), decision.estimator.predict_proba(X_test))
    found = Chosen(
        source.name, learner, seed, fold, budget_s or float("inf"), decision.seconds, clock, decision.chosen,
        decision.withdrawn or "", scores, load, commit() or "",
    )  # fmt: skip
    return found, decision


@contextmanager
def processor_time() -> Iterator[None]:
    """The clock of the ladder counts processor seconds."""
    with ExitStack() as stack:
        for module in (_choose, _clock, _race):
            stack.enter_context(patch.object(module, "perf_counter", process_time))
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """One thread of the numerical libraries, and no warning that an iteration ended early."""
    with threadpool_limits(1), warnings.catch_warnings():
        for kind in (ConvergenceWarning, RuntimeWarning, UserWarning):
            warnings.simplefilter("ignore", kind)
        yield


def load_chosen(path: Path = CHOSEN_ROWS) -> dict[Key, Chosen]:
    """Kept decisions."""
    kinds: dict[str, Callable[[str], Any]] = {
        "seed": int, "fold": int, "budget_s": float, "seconds": float, "load": float, "scores": Scores.read
    }  # fmt: skip
    found = [Chosen(**{name: kinds.get(name, str)(text) for name, text in row.items()}) for row in _rows(path)]
    return {one.key: one for one in found}


def load_rungs(path: Path = RUNG_ROWS) -> dict[Key, Measured]:
    """Kept scores of the rungs."""
    found = {}
    for row in _rows(path):
        whole = {name: int(row[name]) for name in ("seed", "fold", "n", "n_rare", "n_classes")}
        rungs = {rung.name: Scores.read(row[rung.name]) for rung in RUNGS if row.get(rung.name)}
        one = Measured(row["table"], row["learner"], rungs=rungs, **whole)
        found[one.key] = one
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep_chosen(found: Iterable[Chosen], path: Path = CHOSEN_ROWS) -> None:
    """Merge decisions into the file; one that was there is replaced."""
    merged = {**load_chosen(path), **{one.key: one for one in found}}
    rows = [
        {**asdict(merged[key]), "scores": str(merged[key].scores), "seconds": f"{merged[key].seconds:.3f}"}
        for key in sorted(merged)
    ]
    _write(path, [field.name for field in fields(Chosen)], rows)


def keep_rungs(found: Iterable[Measured], path: Path = RUNG_ROWS) -> None:
    """Merge scores into the file; those that were there are replaced."""
    merged = load_rungs(path)
    for one in found:
        before = merged[one.key].rungs if one.key in merged else {}
        merged[one.key] = replace(one, rungs={**before, **one.rungs})
    names = [rung.name for rung in RUNGS if not rung.derived]
    heads = ["table", "learner", "seed", "fold", "n", "n_rare", "n_classes"]
    rows = []
    for key in sorted(merged):
        one = merged[key]
        rows.append({h: getattr(one, h) for h in heads} | {name: str(s) for name, s in one.rungs.items()})
    _write(path, [*heads, *names], rows)


def _write(path: Path, heads: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, heads, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


__all__ = [
    "CHOSEN_ROWS", "LEARNERS", "RUNG_ROWS", "Chosen", "Key", "Measured", "Scores", "keep_chosen", "keep_rungs",
    "load_chosen", "load_rungs", "measure_chosen", "measure_rungs", "parts", "scored",
]  # fmt: skip
