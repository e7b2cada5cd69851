"""Scores of several treatments on the same later rows, and their paired differences with clustered intervals.

Rows of one payee err together and so do rows of one day, so both are drawn as wholes: intervals are taken once over
draws of payees and once over draws of days, and the wider one is told. Seeds (which rows were thinned, which were
made) are drawn along with them. Every treatment is scored on the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance.evaluation._distances import Floats
from contrapeso.finance.evaluation._learner import Labels

Ints = NDArray[np.int64]
MEASURES = ("minority_f1", "macro_f1", "majority_f1")


@dataclass(frozen=True, slots=True)
class Run:
    """Labels that every treatment gave to the test rows of one cut and seed.

    Attributes
    ----------
    cut, seed : which run it is.
    rows : of each test row its number in the whole ledger.
    truth : its category.
    minority, majority : the names that the two scores are means over; majority is one name, the largest training
        category that the test rows have.
    labels : treatment -> label of each test row.
    """

    cut: int
    seed: int
    rows: Ints
    truth: Labels
    minority: tuple[str, ...]
    majority: str
    labels: Mapping[str, Labels]


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference of scores with its 95 % interval (wider where several methods are compared)."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of all treatments on the rows as they are and on every draw.

    Attributes
    ----------
    treatments : names, in order.
    point : shape (n_treatments, 3), columns ``MEASURES``.
    draws : shape (2, n_draws, n_treatments, 3): draws of payees, then of days.
    """

    treatments: tuple[str, ...]
    point: Floats
    draws: Floats

    def of(self, treatment: str, measure: str) -> float:
        """Mean score over the runs."""
        return float(self.point[self.treatments.index(treatment), MEASURES.index(measure)])

    def difference(self, one: str, other: str, measure: str, level: float = 0.95) -> Difference:
        """Score of ``one`` less that of ``other``; the wider of the two intervals."""
        at, i, j = MEASURES.index(measure), self.treatments.index(one), self.treatments.index(other)
        gaps = self.draws[:, :, i, at] - self.draws[:, :, j, at]
        tails = np.nanquantile(gaps, [(1 - level) / 2, (1 + level) / 2], axis=1)
        widest = int(np.argmax(tails[1] - tails[0]))
        value = float(self.point[i, at] - self.point[j, at])
        return Difference(value, float(tails[0, widest]), float(tails[1, widest]))


def scored(
    runs: Sequence[Run], payees: NDArray[np.object_], days: Ints, rng: np.random.Generator, n_draws: int = 400
) -> Scores:
    """Scores of all runs; ``payees`` and ``days`` are of the whole ledger, shape (n,)."""
    names = tuple(runs[0].labels)
    alone = np.stack([_scores(run, names, np.ones((1, len(run.rows))))[0] for run in runs])
    point = _mean(alone.reshape(len(runs), -1).T).reshape(len(names), len(MEASURES))
    drawn = [_drawn(runs, names, clusters, rng, n_draws) for clusters in (_clusters(payees, days), days)]
    return Scores(names, point, np.stack(drawn))


def _clusters(payees: NDArray[np.object_], days: Ints) -> Ints:
    """One number a payee; rows without one are clustered by day."""
    keys = [key or f"\x1f{day}" for key, day in zip(payees, days, strict=True)]
    return np.unique(np.array(keys, dtype=str), return_inverse=True)[1].astype(np.int64)


def _drawn(
    runs: Sequence[Run], names: tuple[str, ...], clusters: Ints, rng: np.random.Generator, n_draws: int
) -> Floats:
    """Scores under draws of whole clusters and of seeds; shape (n_draws, n_treatments, 3)."""
    known, at = np.unique(clusters, return_inverse=True)
    tested = np.unique(np.concatenate([at[run.rows] for run in runs]))
    weights = np.zeros((n_draws, len(known)))
    weights[:, tested] = rng.multinomial(len(tested), np.full(len(tested), 1 / len(tested)), size=n_draws)
    seeds = sorted({run.seed for run in runs})
    times = rng.multinomial(len(seeds), np.full(len(seeds), 1 / len(seeds)), size=n_draws)
    total, mass = np.zeros((n_draws, len(names), len(MEASURES))), np.zeros((n_draws, len(names), len(MEASURES)))
    for run in runs:
        found = _scores(run, names, weights[:, at[run.rows]])
        often = times[:, seeds.index(run.seed)][:, None, None] * np.isfinite(found)
        total += np.nan_to_num(found) * often
        mass += often
    return np.asarray(np.divide(total, mass, out=np.full_like(total, np.nan), where=mass > 0), dtype=np.float64)


def _scores(run: Run, names: tuple[str, ...], weights: Floats) -> Floats:
    """Minority, macro and majority F1 of every treatment under row weights; shape (n_draws, n_treatments, 3)."""
    classes = np.unique(run.truth)
    truth = (run.truth[:, None] == classes).astype(np.float64)
    there = weights @ truth
    columns = (np.isin(classes, run.minority), np.ones(len(classes), dtype=bool), classes == run.majority)
    found = []
    for name in names:
        guess = (run.labels[name][:, None] == classes).astype(np.float64)
        hits, guessed = weights @ (truth * guess), weights @ guess
        f1 = np.where(there > 0, 2 * hits / np.maximum(there + guessed, 1e-12), np.nan)
        found.append(np.column_stack([_mean(f1[:, chosen]) for chosen in columns]))
    return np.stack(found, axis=1)


def _mean(values: Floats) -> Floats:
    """Mean of the finite values of each row; NaN where there is none."""
    n = np.isfinite(values).sum(axis=1)
    total = np.nansum(values, axis=1)
    return np.asarray(np.divide(total, n, out=np.full(len(values), np.nan), where=n > 0), dtype=np.float64)


__all__ = ["MEASURES", "Difference", "Run", "Scores", "scored"]
