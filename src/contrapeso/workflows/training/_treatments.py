"""Names of treatments that a person asks for, and the rungs of the ladder that each of them stands for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from contrapeso.errors import ContrapesoWarning, InvalidDataError, InvalidParameterError
from contrapeso.progress import Cancel, ProgressCallback

if TYPE_CHECKING:
    from contrapeso.balancing import BalancedClassifier, Decision, Objective
    from contrapeso.workflows.training._measure import Measure

Balancing: TypeAlias = Literal["auto", "none", "smote", "hybrid", "undersample", "synthetic", "class_weight"]

RUNGS_OF: dict[str, tuple[str, ...]] = {
    "smote": ("smote_0.1", "smote_0.25", "smote_0.5", "smote_1"),
    "hybrid": ("smote_enn", "smote_tomek"),
    "undersample": ("random_under_0.33", "random_under_1"),
    "synthetic": ("mixture",),
    "class_weight": ("weights_sqrt", "weights"),
}
"""Of several, the one with the best score on the training folds is taken; the others stay in the leaderboard."""

MEASURE_OF: dict[str, Measure] = {
    "average_precision": "average_precision",
    "mcc": "mcc",
    "balanced_accuracy": "balanced_accuracy",
    "f1": "macro_f1",
    "cost": "mcc",
    "log_loss": "log_loss",
    "brier": "brier",
}


@dataclass(frozen=True, eq=False)
class Treated:
    """A fitted classifier, the rung it follows, and the comparison behind it (None where there was none)."""

    model: BalancedClassifier
    rung: str
    decision: Decision | None
    reason_pt: str
    reason_en: str


@dataclass(frozen=True, eq=False)
class TrainingPart:
    """What a treatment is chosen on: encoded rows and labels that teach, and how their folds are cut."""

    X: Any
    y: Any
    time: Any
    groups: Any


def check_balancing(balancing: str) -> None:
    """Raise unless ``balancing`` is a treatment."""
    if balancing not in get_args(Balancing):
        raise InvalidParameterError(f"balancing is one of {', '.join(get_args(Balancing))}; got {balancing!r}.")


def measure_of(objective: str | Objective) -> Measure:
    """The measure by which the verdict is given."""
    from contrapeso.balancing.ladder._objective import objective_of

    return MEASURE_OF[objective_of(objective).name]


def treat(
    part: TrainingPart,
    estimator: Any,
    balancing: str,
    *,
    objective: str | Objective,
    budget_s: float | None,
    seed: int,
    progress: ProgressCallback,
    cancel: Cancel,
) -> Treated:
    """``estimator`` fitted to the training part, treated as asked; rows are made from training folds only."""
    rungs = RUNGS_OF.get(balancing)
    if rungs is not None and all(_is_pointless(rung, part.y) for rung in rungs):
        return _as_it_is(part, estimator, rungs[0], objective, seed)
    if balancing == "none" or (rungs is not None and len(rungs) == 1):
        return _asked_for(part, estimator, rungs[0] if rungs else "none", objective, seed, decision=None)
    from contrapeso.balancing import choose

    try:
        with quiet():
            decision = choose(
                part.X,
                part.y,
                estimator,
                objective=objective,
                budget_s=budget_s,
                groups=part.groups,
                time=part.time,
                rungs=rungs,
                random_state=seed,
                progress=progress,
                cancel=cancel,
            )
    except InvalidDataError as error:
        return _too_small(part, estimator, rungs[-1] if rungs else "none", objective, seed, error=error)
    if rungs is None:
        return Treated(decision.estimator, decision.chosen, decision, decision.reason("pt"), decision.reason("en"))
    measured = [result for result in decision.leaderboard if result.name in rungs and result.score is not None]
    best = max(measured, key=lambda result: result.score or 0.0).name if measured else rungs[-1]
    return _asked_for(part, estimator, best, objective, seed, decision=decision)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings that small and many classes give in every fold: the counts of the result say it once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ContrapesoWarning)
        warnings.filterwarnings("ignore", "The number of unique classes is greater", UserWarning)
        yield


def fit_plainly(part: TrainingPart, estimator: Any, rung: str, objective: str | Objective, seed: int) -> Any:
    """``estimator`` fitted with one rung, without a comparison."""
    from contrapeso.balancing import BalancedClassifier

    with quiet():
        return BalancedClassifier(estimator, rung, objective=objective, random_state=seed).fit(part.X, part.y)


def _is_pointless(name: str, labels: Any) -> bool:
    """Whether a rung would leave the rows as good as they are."""
    import numpy as np

    from contrapeso.balancing.ladder._rungs import pointless, rung_named

    return pointless(rung_named(name), np.unique(labels, return_counts=True)[1])


def _as_it_is(part: TrainingPart, estimator: Any, rung: str, objective: str | Objective, seed: int) -> Treated:
    """No treatment, because there is nothing to treat."""
    return Treated(
        fit_plainly(part, estimator, "none", objective, seed),
        "none",
        None,
        f"none: as classes já são tão parelhas quanto {rung} as deixaria.",
        f"none: the classes are as even already as {rung} would make them.",
    )


def _asked_for(
    part: TrainingPart,
    estimator: Any,
    rung: str,
    objective: str | Objective,
    seed: int,
    *,
    decision: Decision | None,
) -> Treated:
    model = fit_plainly(part, estimator, rung, objective, seed)
    return Treated(model, rung, decision, f"{rung}: como pedido.", f"{rung}: as asked for.")


def _too_small(
    part: TrainingPart, estimator: Any, rung: str, objective: str | Objective, seed: int, *, error: InvalidDataError
) -> Treated:
    """The first rung without a comparison, because no fold could be cut."""
    model = fit_plainly(part, estimator, rung, objective, seed)
    return Treated(
        model,
        rung,
        None,
        f"{rung}: poucas linhas para comparar tratamentos ({error}).",
        f"{rung}: too few rows to compare treatments ({error}).",
    )


__all__ = ["RUNGS_OF", "Balancing", "TrainingPart", "Treated", "check_balancing", "fit_plainly", "measure_of", "treat"]
