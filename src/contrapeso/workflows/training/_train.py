"""Training a classifier on a table: what is learnt is learnt from training rows, and judged once on untouched ones.

The order is the point. The untouched part is cut off first (the last days of bank rows); features, the choice of the
model, the treatment of the imbalance and the threshold see only what is left. Then the model without any treatment
and the chosen one answer for the same untouched rows, and the report says whether the treatment helps, ties or harms.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, cast

from contrapeso.errors import InvalidParameterError
from contrapeso.progress import Cancel, ProgressCallback, never, silent
from contrapeso.workflows._source import TableRef, load_frame, target_column
from contrapeso.workflows.training._result import Note, TrainResult

if TYPE_CHECKING:
    from contrapeso.balancing import Objective
    from contrapeso.config import Settings
    from contrapeso.store import ModelRow, Store
    from contrapeso.workflows.training._classifier import TrainedClassifier
    from contrapeso.workflows.training._estimators import ModelType
    from contrapeso.workflows.training._steps import Wish
    from contrapeso.workflows.training._treatments import Balancing


def train(
    ref: TableRef,
    settings: Settings,
    *,
    target: str | None = None,
    model_type: ModelType = "auto",
    balancing: Balancing = "auto",
    objective: str | Objective = "decision",
    test_size: float = 0.25,
    time_column: str | None = None,
    group_column: str | None = None,
    budget_s: float | None = 60.0,
    name: str | None = None,
    out: Path | None = None,
    seed: int = 42,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> TrainResult:
    """Train a classifier of ``target`` on the table at ``ref``, judge it on untouched rows, and register it.

    Parameters
    ----------
    target : column of the classes; ``category`` for the sources of the database
    model_type : 'auto', 'random_forest', 'lightgbm', 'xgboost', 'logistic_regression', 'hist_gradient_boosting',
        'linear_svm' or 'kmeans'
        'auto' compares linear models with LightGBM on divisions of the training rows.
    balancing : 'auto', 'none', 'smote', 'hybrid', 'undersample', 'synthetic' or 'class_weight'
        'auto' is the evidence ladder, with "do nothing" among the rungs. All others are done as asked.
    objective : 'decision', 'ranking', 'probability', a metric of them, or an Objective
        What the treatment is chosen by and the verdict is about.
    test_size : share of the days, rows or groups that is left untouched
    time_column : column that orders the rows; ``date`` for bank rows, which are always split in time
    group_column : column whose values are never on both sides of the split; it is no feature
    budget_s : seconds for the choices, None for no limit (the result is then the same on every machine)
    name : of the model in the registry; by default the table and the target
    out : where the archive is written; by default the folder ``models`` of the state folder
    cancel : asked often; true stops the work within a second

    Raises
    ------
    InsufficientDataError
        If fewer than 10 rows have a class.
    SingleClassError
        If they are all of one class.
    CancelledError
        If ``cancel`` said so, or by an interruption; the run is recorded as failed.
    MissingExtraError
        If the model needs a library that is not installed.
    """
    from contrapeso.workflows._stores import opened_store, recorded_run
    from contrapeso.workflows.training._steps import Wish

    wish = Wish(
        model_type=model_type,
        balancing=balancing,
        objective=objective,
        test_size=test_size,
        time_column=time_column,
        group_column=group_column,
        budget_s=budget_s,
        seed=seed,
        progress=progress,
        cancel=cancel,
        started=perf_counter(),
    )
    _check(wish)
    asked = {
        "table": ref.label,
        "target": target,
        "model_type": model_type,
        "balancing": balancing,
        "objective": str(getattr(objective, "name", objective)),
        "test_size": test_size,
        "time_column": time_column,
        "group_column": group_column,
        "budget_s": budget_s,
    }
    stopped = "The training was interrupted; nothing was registered."
    with (
        opened_store(settings) as store,
        recorded_run(store, "train", asked, seed=seed, interrupted=stopped) as run,
    ):
        result = _train(ref, settings, store, wish, target=target, name=name, out=out, run_id=run.id)
        run.result, run.outputs = {"model_id": result.model.id, **result.report()}, [str(result.path)]
    return result


def _check(wish: Wish) -> None:
    from contrapeso.workflows.training._estimators import check_model_type
    from contrapeso.workflows.training._splits import check_share
    from contrapeso.workflows.training._treatments import check_balancing, measure_of

    check_model_type(wish.model_type)
    check_balancing(wish.balancing)
    measure_of(wish.objective)
    check_share(wish.test_size)
    if wish.budget_s is not None and wish.budget_s <= 0:
        raise InvalidParameterError(f"budget_s must be seconds > 0, or None for no limit; got {wish.budget_s!r}.")


def _train(
    ref: TableRef,
    settings: Settings,
    store: Store,
    wish: Wish,
    *,
    target: str | None,
    name: str | None,
    out: Path | None,
    run_id: int,
) -> TrainResult:
    from contrapeso.workflows.training._steps import chosen_model, judge
    from contrapeso.workflows.training._table import data_hash, notes_of, outer_split, training_table
    from contrapeso.workflows.training._treatments import measure_of

    cpu = process_time()
    wish.step("read")
    frame = load_frame(ref, settings)
    column = target_column(frame, target or ref.default_target())
    table = training_table(frame, column, time_column=wish.time_column, group_column=wish.group_column)
    split = outer_split(table, wish.test_size, forced=wish.time_column is not None, seed=wish.seed)
    model_type, scores = chosen_model(table, split, wish)
    judged = judge(table, split, model_type, wish)
    wish.step("save")
    decision = judged.treated.decision
    result = TrainResult(
        table=ref.label,
        target=column,
        model_type=model_type,
        candidates=scores,
        balancing=wish.balancing,
        rung=judged.treated.rung,
        reasons=Note(judged.treated.reason_pt, judged.treated.reason_en),
        objective=str(getattr(wish.objective, "name", wish.objective)),
        measure=measure_of(wish.objective),
        split=split.kind,
        first_day=split.first_day.isoformat() if split.first_day else None,
        n_train=len(split.train),
        n_test=len(split.test),
        readings=judged.readings,
        classes=judged.classes,
        strata=judged.strata,
        notes_=notes_of(table, split),
        model=cast("ModelRow", None),  # known once the report is kept with it, in the next line
        path=Path(),
        data_sha256=data_hash(frame),
        seed=wish.seed,
        cpu_s=process_time() - cpu,
        decision=None if decision is None else decision.to_dict(),
        run_id=run_id,
    )
    return _kept(result, judged.classifier, settings, store, name=name, out=out)


def _kept(
    result: TrainResult,
    classifier: TrainedClassifier,
    settings: Settings,
    store: Store,
    *,
    name: str | None,
    out: Path | None,
) -> TrainResult:
    """The result with its archive written and its record made."""
    from contrapeso.workflows.training._models import keep_model

    model, path = keep_model(
        store,
        settings,
        name or _default_name(result.table, result.target),
        classifier,
        kind=result.model_type,
        target=result.target,
        seed=result.seed,
        data_sha256=result.data_sha256,
        metrics=result.report(),
        out=out,
    )
    return replace(result, model=model, path=path)


def _default_name(table: str, target: str) -> str:
    from contrapeso.finance import normalize_description

    plain = normalize_description(f"{Path(table).stem}-{target}")
    return re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-")[:100] or "model"


__all__ = ["train"]
