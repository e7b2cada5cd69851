"""``tune``: from a table to tuned parameters, or to the advice to leave the rows alone, step by step."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso._rng import RandomState, child
from contrapeso.balancing.ladder._asked import codes_of, moments_of, positive_code, units_for
from contrapeso.balancing.ladder._clock import Clock
from contrapeso.balancing.ladder._folds import Plan, plan_rows
from contrapeso.balancing.ladder._objective import Objective
from contrapeso.balancing.ladder._question import Question, question_of
from contrapeso.balancing.tuning._bench import Bench, patiently
from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.balancing.tuning._classifier import TunedClassifier
from contrapeso.balancing.tuning._result import ReasonCode, SetAside, TrialRecord, TuningResult
from contrapeso.balancing.tuning._search import Search, best_of
from contrapeso.balancing.tuning._set_aside import examine
from contrapeso.balancing.tuning._spaces import asked
from contrapeso.balancing.tuning._study import PRUNERS, Pruner, Space, finished, opened, signature
from contrapeso.errors import ContrapesoWarning, InvalidParameterError, SingleClassError
from contrapeso.progress import Cancel, ProgressCallback, never, silent
from contrapeso.samplers._target import open_target
from contrapeso.samplers._views import categorical_by_schema
from contrapeso.tables._containers import SparseTable, Table, open_table

Codes = NDArray[np.intp]


def tune(
    X: Any,
    y: Any,
    estimator: Any = None,
    *,
    sampler: str | Iterable[str] = "auto",
    objective: str | Objective = "ranking",
    n_trials: int | None = None,
    budget_s: float | None = 60.0,
    storage: str | None = None,
    study_name: str | None = None,
    resume: bool = True,
    pruner: Pruner = "median",
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    positive: object = None,
    random_state: RandomState = 0,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> TuningResult:
    """The best parameters of samplers or generators for this table and model, or "none" unless they win.

    Parameters
    ----------
    X : table of shape (n, p)
        Frame, array, sparse matrix or list of dicts; mixed columns and nulls are welcome.
    y : labels of shape (n,)
    estimator : classifier, optional
        LightGBM by default. A pipeline gets the table as it is.
    sampler : str or names, default 'auto'
        Methods to search: names of :data:`METHODS`, and 'auto' for all that are not dear.
    objective : str or Objective, default 'ranking'
        As of the ladder: a kind ('ranking', 'decision', 'probability') or a metric of it.
    n_trials : int, optional
        Trials of the study beside "none", those of earlier calls among them; as many as the time allows by default.
    budget_s : float or None, default=60
        Seconds after which no trial goes on; None is no limit. A result is reproducible with ``n_trials`` and time
        enough for them, or none to keep.
    storage : str, optional
        Database URL (SQLite or PostgreSQL) of the study; in memory by default.
    study_name : str, optional
        By default made of the data, objective, methods and seed, so that the same call finds its study again.
    resume : bool, default=True
        Whether to go on with a study of that name. A study belongs to one process at a time.
    pruner : {'median', 'halving'}, default='median'
        Drop a trial that is behind the median of the others so far, or by asynchronous successive halving.
    groups : array-like of shape (n,), optional
        Rows of one group are never on both sides.
    time : array-like of shape (n,), optional
        Dates or numbers: each fold is judged by what came before it, and the latest rows are set aside.
    positive : label, optional
        The class that matters, of two; the rarer by default.
    random_state : int, Generator, SeedSequence or None, default=0
    progress, cancel : callable, optional
        ``cancel`` is asked ten times a second.

    Returns
    -------
    TuningResult

    Raises
    ------
    InvalidParameterError, InvalidDataError, SingleClassError, MissingExtraError, StoreError, CancelledError

    References
    ----------
    .. [1] Bergstra et al., "Algorithms for hyper-parameter optimization", NIPS 2011 (TPE).
    .. [2] Akiba et al., "Optuna", KDD 2019. [3] Li et al., "A system for massively parallel hyperparameter tuning",
       MLSys 2020 (asynchronous successive halving).
    """
    _check(n_trials, budget_s, pruner)
    clock = Clock(budget_s, cancel, n_jobs=1)
    clock.check()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ContrapesoWarning)  # samplers that lower k for small classes say so each time
        classes, question, plan = _asked_rows(
            X, y, estimator, objective, groups=groups, time=time, positive=positive, seed=random_state
        )
        counts = np.bincount(question.codes)
        bench = Bench(question, plan)
        n_categories = _n_categories(question.table)
        methods = asked(sampler, only_categories=n_categories == question.table.n_columns)
        space = Space(methods, n_categories > 0, bench.n_rare)
        about = signature(question, space, f"{plan.kind} {len(plan.development)}", pruner)
        with opened(storage, study_name, about, resume=resume, pruner=pruner) as study:
            search = Search(bench, study, space, clock, progress)
            before = len(finished(study))
            stopped_by = search.run(n_trials if counts.min() < counts.max() else 0)
            name, trials = str(study.study_name), search.records()
        best, verdict, reason = _judged(bench, trials, counts, clock)
        chosen = best.candidate if best is not None and reason == "wins" else Candidate()
        model = TunedClassifier(estimator, chosen, objective=objective, random_state=random_state)
        model = _fitted(bench, chosen, classes, model, clock)
    return TuningResult(
        chosen=chosen,
        best=best,
        set_aside=verdict,
        reason=reason,
        estimator=model,
        trials=trials,
        metric=question.judge.objective.name,
        split=plan.kind,
        n_folds=bench.n_folds,
        n_resumed=before,
        study_name=name,
        stopped_by=stopped_by,
        seconds=clock.elapsed,
    )


def _check(n_trials: int | None, budget_s: float | None, pruner: str) -> None:
    if n_trials is not None and not (
        _is_number(n_trials) and 1 <= n_trials < float("inf") and n_trials == int(n_trials)
    ):
        raise InvalidParameterError(f"n_trials must be a whole number of at least 1, or None; got {n_trials!r}.")
    if budget_s is not None and not (_is_number(budget_s) and budget_s > 0):
        raise InvalidParameterError(f"budget_s must be above 0, or None for no limit; got {budget_s!r}.")
    if n_trials is None and budget_s is None:
        raise InvalidParameterError("Without n_trials and budget_s a study never ends: give one of them.")
    if pruner not in PRUNERS:
        raise InvalidParameterError(f"pruner must be one of {', '.join(PRUNERS)}; got {pruner!r}.")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _asked_rows(
    X: Any, y: Any, estimator: Any, objective: str | Objective, *,
    groups: ArrayLike | None, time: ArrayLike | None, positive: object, seed: RandomState,
) -> tuple[NDArray[Any], Question, Plan]:  # fmt: skip
    """Classes, the question, and how its rows are divided."""
    table = open_table(X)
    classes, found = np.unique(open_target(y, table.n_rows).labels, return_inverse=True)
    if len(classes) < 2:
        raise SingleClassError("There is one class only: nothing can be tuned.")
    codes = found.astype(np.intp)
    rare = positive_code(classes, codes, positive)
    question = question_of(table, codes, None, estimator, objective=objective, random_state=seed, positive=rare)
    of_group = None if groups is None else codes_of("groups", groups, table.n_rows)
    moments = None if time is None else moments_of(time, table.n_rows)
    units, _ = units_for(question, of_group, moments)
    plan = plan_rows(codes, units, moments, grouped=groups is not None, seed=child(question.seed, 8))
    return classes, question, plan


def _n_categories(table: Table) -> int:
    return 0 if isinstance(table, SparseTable) else len(list(categorical_by_schema(table)))


def _judged(
    bench: Bench, trials: tuple[TrialRecord, ...], counts: Codes, clock: Clock
) -> tuple[TrialRecord | None, SetAside | None, ReasonCode]:
    """The best trial, what the rows set aside say of it, and the reason of the choice."""
    if counts.min() == counts.max():
        return None, None, "balanced"
    if len(trials) < 2:
        return None, None, "no_trials"
    best = best_of(trials)
    if best is None:
        return None, None, "no_gain"
    if not len(bench.plan.untouched):
        return best, None, "too_few_rows"
    verdict = examine(bench, best.candidate, clock)
    gain = bench.question.judge.objective.least_gain
    wins = verdict.interval[0] > 0 and verdict.difference >= gain
    return best, verdict, "wins" if wins else "not_beyond_chance"


def _fitted(
    bench: Bench, chosen: Candidate, classes: NDArray[Any], model: TunedClassifier, clock: Clock
) -> TunedClassifier:
    """The chosen treatment on all rows."""
    offsets = patiently(clock, partial(bench.all_offsets, chosen), forced=True)
    rows, fitted = patiently(clock, partial(bench.on_all, chosen), forced=True)
    return model.take_over(classes, offsets, rows, fitted)


__all__ = ["tune"]
