"""``learning_curve``: what more labelled rows are worth in made ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.evaluation._learner import Model, features_of, mean_f1, predicted
from contrapeso.finance.evaluation._make import Make, balanced_draws, first_of_each, together
from contrapeso.finance.evaluation._splits import check_tested, slice_of, temporal_cuts


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Minority macro-F1 by labelled rows of each category, and by made rows beside the fewest of these.

    Attributes
    ----------
    examples, by_examples : labelled rows of each minority category, and the score without made rows.
    made, by_made : made rows of each minority category beside ``examples[0]`` labelled ones, and the score.
    method : which one was asked.
    """

    examples: tuple[int, ...]
    by_examples: tuple[float, ...]
    made: tuple[int, ...]
    by_made: tuple[float, ...]
    method: str

    def worth_of(self, n_labelled: int) -> float | None:
        """Made rows of each category that gain what ``n_labelled`` more labelled ones do.

        0 where the labelled ones gain nothing; None where no number of made rows that was tried gains as much. Between
        the numbers that were tried the curves are straight lines.
        """
        goal = float(np.interp(self.examples[0] + n_labelled, self.examples, self.by_examples))
        best = np.maximum.accumulate(self.by_made)
        if goal <= best[0]:
            return 0.0
        if goal > best[-1]:
            return None
        i = int(np.argmax(best >= goal))
        part = (goal - best[i - 1]) / (best[i] - best[i - 1])
        return float(self.made[i - 1] + part * (self.made[i] - self.made[i - 1]))

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return asdict(self)


def learning_curve(
    ledger: Ledger,
    make: Make,
    *,
    method: str = "pattern_based",
    examples: Sequence[int] = (3, 5, 8, 13),
    made: Sequence[int] = (0, 5, 10, 20, 50, 100),
    cuts: int = 2,
    seeds: int = 2,
    model: Model = "svc",
) -> LearningCurve:
    """What more labelled rows of each rare category are worth in made ones, on later rows.

    Parameters
    ----------
    ledger : Ledger with categories
    make : callable ``make(train, category, n, method, seed) -> Ledger``
    method : str, default "pattern_based"
    examples : increasing sequence of int, default (3, 5, 8, 13)
        Labelled rows of each minority category; made rows are tried beside the first.
    made : increasing sequence of int, default (0, 5, 10, 20, 50, 100)
    cuts, seeds : int, default 2
    model : {"svc", "logistic"}, default "svc"

    Returns
    -------
    LearningCurve

    Raises
    ------
    InvalidParameterError
        If a sequence is empty or not increasing.
    """
    for name, values, least in (("examples", list(examples), 1), ("made", list(made), 0)):
        if not values or values != sorted(set(values)) or values[0] < least:
            raise InvalidParameterError(f"{name} must increase from {least} or more; got {values!r}.")
    by_examples, by_made = [], []
    for cut in temporal_cuts(ledger, cuts):
        test = ledger.take(cut.test)
        for seed in range(seeds):
            slices = [slice_of(ledger, cut, None, k, seed)[0] for k in examples]
            names = slice_of(ledger, cut, None, examples[0], seed)[1]
            by_examples.append([_minority(train, test, names, model) for train in slices])
            rows = balanced_draws(make, slices[0], dict.fromkeys(names, made[-1]), method, seed)[0]
            first = [rows.take(first_of_each(rows, dict.fromkeys(names, n))) for n in made]
            by_made.append([_minority(together(slices[0], some), test, names, model) for some in first])
    check_tested(np.isfinite(one[0]) for one in by_examples)
    means = (np.nanmean(np.array(found), axis=0) for found in (by_examples, by_made))
    labelled_scores, made_scores = (tuple(float(value) for value in values) for values in means)
    return LearningCurve(tuple(examples), labelled_scores, tuple(made), made_scores, method)


def _minority(train: Ledger, test: Ledger, names: tuple[str, ...], model: Model) -> float:
    X, X_test = features_of(train, test)
    guess = predicted(model, X, train.categories.astype(str), X_test)
    return mean_f1(test.categories.astype(str), guess, names)


__all__ = ["LearningCurve", "learning_curve"]
