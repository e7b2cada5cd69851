"""The door of the ladder: from a table and an estimator to a decision."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from numbers import Integral, Real
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from contrapeso._rng import RandomState, child, generator
from contrapeso.balancing.ladder import _leaderboard
from contrapeso.balancing.ladder._calibrate import fit_calibration, rarest
from contrapeso.balancing.ladder._classifier import BalancedClassifier, classes_of
from contrapeso.balancing.ladder._clock import Clock
from contrapeso.balancing.ladder._decision import Decision
from contrapeso.balancing.ladder._folds import plan_rows, units_of
from contrapeso.balancing.ladder._guards import FEW_FOR_GENERATORS, look
from contrapeso.balancing.ladder._objective import Objective, objective_of
from contrapeso.balancing.ladder._question import Question, decisions, question_of, rare_of
from contrapeso.balancing.ladder._race import Race
from contrapeso.balancing.ladder._rungs import asked_rungs
from contrapeso.balancing.ladder._threshold import tune_offsets
from contrapeso.errors import ContrapesoWarning, InvalidDataError, InvalidParameterError, SingleClassError
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
    clock = Clock(_checked_budget(budget_s), cancel, _threads(n_jobs), start=start)
    table = open_table(X)
    target = open_target(y, table.n_rows)
    classes, codes = classes_of(target)
    if len(classes) < 2:
        raise SingleClassError("The target has one class only; there is nothing to tell apart and nothing to balance.")
    asked = objective_of(objective)
    rare = _positive(classes, codes, positive)
    with warnings.catch_warnings(), _one_thread_each():
        warnings.simplefilter("ignore", ContrapesoWarning)  # samplers that lower k for small classes say so each time
        question = question_of(
            table, codes, sample_weight, estimator, objective=asked, random_state=random_state, positive=rare
        )
        group_codes = None if groups is None else _codes_of("groups", groups, table.n_rows)
        moments = None if time is None else _moments(time, table.n_rows)
        units, n_copies = _units(question, group_codes, moments)
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


def _units(
    question: Question, groups: NDArray[np.int64] | None, moments: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], int]:
    units, n_copies = units_of(question.table, question.codes, groups)
    if moments is not None:  # what comes back in time is no copy; only groups keep rows together
        return (np.arange(len(question.codes), dtype=np.int64) if groups is None else groups), 0
    return units, n_copies


def _checked_budget(budget_s: float | None) -> float | None:
    if budget_s is None:
        return None
    if isinstance(budget_s, bool) or not isinstance(budget_s, Real) or not 0 < budget_s < np.inf:
        raise InvalidParameterError(f"budget_s is a number of seconds above 0, or None; got {budget_s!r}.")
    return float(budget_s)


def _one_thread_each() -> AbstractContextManager[Any]:
    """Within it a fit has one thread: fits run side by side, and threads inside them would wait for one another."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def _threads(n_jobs: int | None) -> int:
    if n_jobs is None or n_jobs == -1:
        return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral) or n_jobs < 1:
        raise InvalidParameterError(f"n_jobs is a number of threads from 1 on, -1 or None; got {n_jobs!r}.")
    return int(n_jobs)


def _positive(classes: NDArray[Any], codes: NDArray[np.intp], positive: object) -> int | None:
    if positive is None:
        return rare_of(codes) if len(classes) == 2 else None
    if len(classes) != 2:
        raise InvalidParameterError(f"positive is for two classes; the target has {len(classes)}.")
    found = np.flatnonzero(classes == positive)
    if not len(found):
        raise InvalidParameterError(f"positive must be one of the classes {classes.tolist()}; got {positive!r}.")
    return int(found[0])


def _codes_of(name: str, values: ArrayLike, n_rows: int) -> NDArray[np.int64]:
    flat = np.asarray(values).ravel()
    if len(flat) != n_rows:
        raise InvalidDataError(f"{name} must have one value for each of the {n_rows} rows; got {len(flat)}.")
    codes = pd.factorize(pd.Series(flat))[0].astype(np.int64)
    alone = codes < 0  # a row without a group is a group of its own
    codes[alone] = codes.max() + 1 + np.arange(alone.sum())
    return codes


def _moments(time: ArrayLike, n_rows: int) -> NDArray[np.int64]:
    column = _one_column(time)
    if len(column) != n_rows:
        raise InvalidDataError(f"time must have one value for each of the {n_rows} rows; got {len(column)}.")
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if column.isna().any():
        raise InvalidDataError("time has missing values; a row without a moment is in no order. Drop it or fill it.")
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        column = _read_moments(column)
    return column.rank(method="dense").to_numpy().astype(np.int64)


def _one_column(time: ArrayLike) -> pd.Series:
    if isinstance(time, pd.Series):
        return time
    if isinstance(time, pd.DataFrame):
        time = time.to_numpy() if time.shape[1] != 1 else time.iloc[:, 0]
    shape = np.shape(time)
    if len(shape) == 2 and shape[1] == 1:
        time = np.asarray(time)[:, 0]
    elif len(shape) != 1:
        raise InvalidDataError(f"time must be one column; got the shape {shape}.")
    return pd.Series(time)


def _read_moments(column: pd.Series) -> pd.Series:
    """Numbers in objects as numbers, anything else as dates; dates with a zone are put on one clock."""
    if not column.map(lambda cell: isinstance(cell, str)).any():
        numbers = pd.to_numeric(column, errors="coerce")
        if not numbers.isna().any() and not isinstance(column.iloc[0], (date, np.datetime64)):
            return numbers
    zoned = column.map(_has_zone)
    if zoned.any() and not zoned.all():
        raise InvalidDataError("time has moments with a time zone and moments without; their order is not known.")
    try:
        return pd.to_datetime(column, format="ISO8601", utc=bool(zoned.any()))
    except (TypeError, ValueError) as error:
        raise InvalidDataError(
            f"time must be numbers, dates, or text like '2024-03-31' (ISO 8601): {str(error).split(' You might')[0]}. "
            "Read it with pandas.to_datetime(..., dayfirst=True) first."
        ) from error


def _has_zone(cell: object) -> bool:
    if isinstance(cell, str):
        return re.search(r"\d[T ]\d.*(Z|[+-]\d\d:?(\d\d)?)$", cell.strip()) is not None
    return getattr(cell, "tzinfo", None) is not None


__all__ = ["choose"]
