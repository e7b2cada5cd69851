"""The treatments that are compared, carried out on one training slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from contrapeso.finance._ledger import Ledger
from contrapeso.finance.evaluation._learner import Labels, Model, features_of, predicted, shifted
from contrapeso.finance.evaluation._make import Make, balanced_draws, resample_rows, together

NOTHING, WEIGHTS, THRESHOLD, RESAMPLING = "none", "class_weight", "threshold", "random_oversampling"
CHEAP = (NOTHING, WEIGHTS, THRESHOLD, RESAMPLING)
"""What needs no new rows, the plainest first; a method has to beat these."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A training slice, its later rows and how many rows of each category are wanted.

    Attributes
    ----------
    train, test : Ledger
    wanted : category -> rows to add.
    model : the classifier.
    seed : of the rows that are made and of the classifier.
    """

    train: Ledger
    test: Ledger
    wanted: dict[str, int]
    model: Model
    seed: int

    @property
    def labels(self) -> Labels:
        """Categories of the training rows."""
        return self.train.categories.astype(str)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Labels of the test rows by treatment, and the rows that each method made.

    ``asked`` and ``given`` count rows by method.
    """

    labels: dict[str, Labels]
    made: dict[str, Ledger]
    asked: dict[str, int]
    given: dict[str, int]


def rows_wanted(train: Ledger, names: Sequence[str], ratio: float) -> dict[str, int]:
    """Rows that each of ``names`` lacks of ``ratio`` times the largest category."""
    counts = {name: int((train.categories == name).sum()) for name in set(train.categories)}
    target = round(ratio * max(counts.values()))
    return {name: max(0, target - counts[name]) for name in sorted(names)}


def carried_out(bench: Bench, make: Make, methods: Sequence[str]) -> Outcome:
    """Every treatment on the bench: one classifier each, all on the same later rows."""
    X, X_test = features_of(bench.train, bench.test)
    y, drawn = bench.labels, balanced_draws(resample_rows, bench.train, bench.wanted, "", bench.seed)[0]
    labels = {
        NOTHING: predicted(bench.model, X, y, X_test),
        WEIGHTS: predicted(bench.model, X, y, X_test, weighted=True),
        THRESHOLD: shifted(bench.model, X, y, X_test, bench.seed),
        RESAMPLING: with_rows(bench, drawn),
    }
    asked, given, made = {}, {}, {}
    for method in methods:
        rows, counts = balanced_draws(make, bench.train, bench.wanted, method, bench.seed)
        labels[method], made[method] = with_rows(bench, rows), rows
        asked[method], given[method] = sum(bench.wanted.values()), sum(counts.values())
    return Outcome(labels, made, asked, given)


def with_rows(bench: Bench, rows: Ledger) -> Labels:
    """Labels of the test rows by a classifier that learnt from the training rows and ``rows``."""
    both = together(bench.train, rows)
    X, X_test = features_of(both, bench.test)
    return predicted(bench.model, X, np.asarray(both.categories.astype(str)), X_test)


__all__ = ["CHEAP", "NOTHING", "RESAMPLING", "THRESHOLD", "WEIGHTS", "Bench", "Outcome", "carried_out", "rows_wanted",
           "with_rows"]  # fmt: skip
