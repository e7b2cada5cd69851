"""What the folds of a table and learner say together: regret, its floor, and what fixed treatments would have done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from benchmarks._choose_runs import Chosen, Key, Measured, Scores

NOTHING, SMOTE, WEIGHTS = "none", "smote_1", "weights"
HELPS_FROM = 0.005
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """One table and learner over all folds that were measured.

    Attributes
    ----------
    names : rungs that could be fitted in every fold; ``ap`` and ``brier`` have a row for each, a column for each fold
    chosen : what ``choose`` took in each fold
    """

    table: str
    learner: str
    n: int
    n_rare: int
    n_classes: int
    names: tuple[str, ...]
    ap: Floats
    brier: Floats
    chosen: tuple[str, ...]
    chosen_ap: Floats
    chosen_brier: Floats

    def of(self, name: str) -> Floats:
        """Average precision of one rung in each fold; that of "none" where the rung could not be fitted."""
        return np.asarray(self.ap[self.names.index(name if name in self.names else NOTHING)])

    def brier_of(self, name: str) -> Floats:
        """Brier score of one rung in each fold."""
        return np.asarray(self.brier[self.names.index(name if name in self.names else NOTHING)])

    @property
    def best(self) -> str:
        """The rung with the largest mean average precision over the folds, in hindsight."""
        return self.names[int(self.ap.mean(axis=1).argmax())]

    def regret(self, values: Floats) -> float:
        """Mean of the best rung in hindsight less the mean of ``values``."""
        return float(self.of(self.best).mean() - values.mean())

    @property
    def oracle(self) -> Floats:
        """In each fold, the rung that was best on all other folds: a choice by test rows, but not by those judged."""
        others = (self.ap.sum(axis=1, keepdims=True) - self.ap) / (self.ap.shape[1] - 1)
        return np.asarray(self.ap[others.argmax(axis=0), np.arange(self.ap.shape[1])])

    @property
    def gain(self) -> float:
        """Mean difference of what was chosen from "none", fold by fold."""
        return float((self.chosen_ap - self.of(NOTHING)).mean())

    @property
    def helped(self) -> bool:
        """Whether a rung that is best on the other folds gains enough over "none"."""
        return float((self.oracle - self.of(NOTHING)).mean()) >= HELPS_FROM

    @property
    def took(self) -> str:
        """What was chosen, with how often."""
        counts = Counter(self.chosen)
        return ", ".join(name if len(counts) == 1 else f"{name} {n}x" for name, n in counts.most_common())


def verdicts(chosen: Mapping[Key, Chosen], measured: Mapping[Key, Measured]) -> list[Verdict]:
    """One for each table and learner of which two folds at least have both sides, by name."""
    keys: dict[tuple[str, str], list[Key]] = {}
    for key in sorted(chosen.keys() & measured.keys()):
        keys.setdefault(key[:2], []).append(key)
    return [
        _verdict([chosen[k] for k in found], [measured[k] for k in found]) for found in keys.values() if len(found) > 1
    ]


def _verdict(chosen: list[Chosen], measured: list[Measured]) -> Verdict:
    first = measured[0]
    names = tuple(name for name in first.rungs if all(name in one.rungs for one in measured))

    def table(figure: Callable[[Scores], float]) -> Floats:
        return np.array([[figure(one.rungs[name]) for one in measured] for name in names])

    return Verdict(
        first.table, first.learner, first.n, first.n_rare, first.n_classes, names,
        table(lambda s: s.ap), table(lambda s: s.brier), tuple(one.chosen for one in chosen),
        np.array([one.scores.ap for one in chosen]), np.array([one.scores.brier for one in chosen]),
    )  # fmt: skip


def mean_of(found: Iterable[Verdict], figure: Callable[[Verdict], float]) -> float:
    """Mean over tables and learners."""
    return fmean(figure(one) for one in found)


def brier_ratio(found: Iterable[Verdict], values: Callable[[Verdict], Floats]) -> float:
    """Mean Brier score over tables and learners, over that of "none"."""
    kept = list(found)
    return fmean(values(v).mean() for v in kept) / fmean(v.brier_of(NOTHING).mean() for v in kept)


__all__ = ["HELPS_FROM", "NOTHING", "SMOTE", "WEIGHTS", "Verdict", "brier_ratio", "mean_of", "verdicts"]
