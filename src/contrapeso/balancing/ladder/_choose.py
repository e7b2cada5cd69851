"""The door of the ladder: from a table and an estimator to a decision."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso._rng import RandomState, child, generator
from contrapeso.balancing.ladder import _leaderboard
from contrapeso.balancing.ladder._asked import (
    checked_budget,
    codes_of,
    moments_of,
    n_threads,
    positive_code,
    units_for,
)
from contrapeso.balancing.ladder._calibrate import fit_calibration, rarest
from contrapeso.balancing.ladder._classifier import BalancedClassifier, classes_of
from contrapeso.balancing.ladder._clock import Clock
from contrapeso.balancing.ladder._decision import Decision
from contrapeso.balancing.ladder._folds import plan_rows
from contrapeso.balancing.ladder._guards import FEW_FOR_GENERATORS, look
from contrapeso.balancing.ladder._objective import Objective, objective_of
from contrapeso.balancing.ladder._question import Question, decisions, question_of
from contrapeso.balancing.ladder._race import Race
from contrapeso.balancing.ladder._rungs import asked_rungs
from contrapeso.balancing.ladder._threshold import tune_offsets
from contrapeso.errors import ContrapesoWarning, SingleClassError
from contrapeso.progress import Cancel, ProgressCallback, never, silent
from contrapeso.samplers._target import open_target
from contrapeso.tables._containers import open_table


def choose(
    X: Any,
    y: Any,
    estimator: Any = None,
    *,
    objective: str | Objective = "ranking",
    budget_s: float | None = 60.0,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    rungs: Iterable[str] | None = None,
    positive: object = None,
    random_state: RandomState = 0,
    n_jobs: int | None = None,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> Decision:
    """What to do about the imbalance of ``y``, measured: the simplest treatment that surely helps, or none.

    Rungs from "none" over weights and samplers to a generator train the same estimator on the same folds, get the same
    prior correction and the same tuning of the threshold, and are compared with "none" fold by fold.

    Parameters
    ----------
    X : table of shape (n, p), any container of :mod:`contrapeso.samplers`, mixed columns and nulls allowed
    y : labels of shape (n,)
    estimator : classifier, optional
        LightGBM by default. A scikit-learn pipeline gets the table as it is; any other classifier gets numbers.
    objective : 'ranking', 'decision', 'probability', a metric, or :class:`Objective`
        What is to be made best; 'ranking' (average precision) where nothing is known of the costs.
    budget_s : seconds, or None for the whole ladder without a clock
        With a clock the rungs that are reached depend on the machine; without, the result is the same to the bit.
        The last fit is made however little there is: a fit that takes longer than the budget exceeds it by itself.
    groups : array-like of shape (n,), optional
        Rows of one group (an account, a payee) are never on both sides of a fold; a row without one is alone.
    time : array-like of shape (n,), optional
        Dates or numbers; every fold is judged by rows later than those that taught.
    sample_weight : array-like of shape (n,), optional
        Weights in the fits and in the measures.
    rungs : names, optional
        The rungs to try besides "none" (and "threshold" for decisions, "calibrated" for probabilities, which take no
        fit); all of them by default.
    positive : label, optional
        The class that matters, of two; the rarer by default.
    random_state : int, SeedSequence, Generator or RandomState, default 0
    n_jobs : int, optional
        Threads; as many as the process has cores by default.
    progress : callable, optional
    cancel : callable, optional
        Asked ten times a second.

    Returns
    -------
    Decision

    Raises
    ------
    SingleClassError
        If ``y`` has one class.
    InvalidDataError
        If rows and labels differ in number, or no fold has two classes on both sides.
    InvalidParameterError
        If an option is outside its rule.
    CancelledError

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from contrapeso.balancing import choose
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(300, 2)), np.repeat([0, 1], [270, 30])
    >>> X[y == 1] += 1.0
    >>> decision = choose(X, y, LogisticRegression(), budget_s=None, rungs=["weights", "smote_0.5"])
    >>> decision.chosen
    'none'
    """
    start = perf_counter()
    clock = Clock(checked_budget(budget_s), cancel, n_threads(n_jobs), start=start)
    table = open_table(X)
    target = open_target(y, table.n_rows)
    classes, codes = classes_of(target)
    if len(classes) < 2:
        raise SingleClassError("The target has one class only; there is nothing to tell apart and nothing to balance.")
    asked = objective_of(objective)
    rare = positive_code(classes, codes, positive)
    with warnings.catch_warnings(), _one_thread_each():
        warnings.simplefilter("ignore", ContrapesoWarning)  # samplers that lower k for small classes say so each time
        question = question_of(
            table, codes, sample_weight, estimator, objective=asked, random_state=random_state, positive=rare
        )
        group_codes = None if groups is None else codes_of("groups", groups, table.n_rows)
        moments = None if time is None else moments_of(time, table.n_rows)
        units, n_copies = units_for(question, group_codes, moments)
        guards = look(table, codes, n_copies, generator(question.seed, 7))
        plan = plan_rows(codes, units, moments, grouped=groups is not None, seed=child(question.seed, 8))
        asked_for = asked_rungs(rungs, asked.kind)
        tried = [r for r in asked_for if r.family != "generator" or guards.n_min >= FEW_FOR_GENERATORS]
        race = Race(question, plan, tried, clock, progress)
        race.run()
        results = _leaderboard.judge_race(race)
        chosen, confirmation, withdrawn = _leaderboard.confirm(race, results)
        template = BalancedClassifier(estimator, random_state=random_state)
        fitted = clock.heed(partial(_final, question, race, chosen, classes, template))
    return Decision(
        chosen=chosen,
        baseline=results.baseline,
        estimator=fitted,
        leaderboard=results.lines(chosen),
        confirmation=confirmation,
        guards=guards,
        objective=asked.kind,
        metric=asked.name,
        kind=plan.kind,
        n_folds=race.n_in_round,
        classes=tuple(label.item() if hasattr(label, "item") else label for label in classes),
        positive=None if rare is None else classes[rare],
        seconds=clock.elapsed,
        budget_s=clock.budget_s,
        schedule=tuple(race.schedule),
        withdrawn=withdrawn,
        curves=results.curves(chosen),
    )


def _final(
    question: Question, race: Race, chosen: str, classes: NDArray[Any], template: BalancedClassifier
) -> BalancedClassifier:
    """The chosen rung fitted to all rows, with threshold and calibration from the out-of-fold chances."""
    judge, calibration, offsets = decisions(question.judge), None, np.ones(question.n_classes)
    if chosen != "none":
        rows, chances = race.pooled("none" if race.runs[chosen].rung.derived else chosen)
        truth, weights = question.codes[rows], question.weights[rows]
        if chosen == "calibrated":
            calibration = fit_calibration(truth, chances, weights, rarest(truth, rows))
            chances = calibration.apply(chances)
        offsets = tune_offsets(judge, truth, chances, weights)
    template.set_params(
        rung=chosen,
        threshold=None if chosen == "none" else "tuned",
        calibrated=chosen == "calibrated",
        objective=judge.objective,
    )
    template.classes_ = classes
    return template._fit_rung(question, offsets, calibration)


def _one_thread_each() -> AbstractContextManager[Any]:
    """Within it a fit has one thread: fits run side by side, and threads inside them would wait for one another."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


__all__ = ["choose"]
