"""The steps of a training: which model, fitted with and without the treatment, and both judged on untouched rows."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from contrapeso.errors import CancelledError
from contrapeso.progress import Cancel, Progress, ProgressCallback
from contrapeso.workflows.training import _measure
from contrapeso.workflows.training._classifier import TrainedClassifier, needed_columns
from contrapeso.workflows.training._estimators import (
    LINEAR,
    MOST_SEED,
    TABLE_CANDIDATES,
    TEXT_CANDIDATES,
    ModelType,
    make_estimator,
)
from contrapeso.workflows.training._measure import Answers, ClassReading, Reading, Stratum
from contrapeso.workflows.training._plain_columns import PlainColumns
from contrapeso.workflows.training._splits import Split, inner_splits
from contrapeso.workflows.training._table import TrainingTable, clusters_of, groups_of, seen_payees
from contrapeso.workflows.training._treatments import Balancing, TrainingPart, Treated, fit_plainly, measure_of, treat

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.balancing import Objective

MODEL_SHARE = 0.3
"""Share of the time budget that the choice of the model may take."""


@dataclass(frozen=True, eq=False)
class Wish:
    """What was asked for, checked."""

    model_type: ModelType
    balancing: Balancing
    objective: str | Objective
    test_size: float
    time_column: str | None
    group_column: str | None
    budget_s: float | None
    seed: int
    progress: ProgressCallback
    cancel: Cancel
    started: float

    def left_s(self) -> float | None:
        """Seconds of the budget that are left; a second at least, None without a budget."""
        return None if self.budget_s is None else max(1.0, self.budget_s - (perf_counter() - self.started))

    def step(self, name: str, done: int = 0, total: int | None = None) -> None:
        """Tell where the work is, and stop if that was asked for."""
        if self.cancel():
            raise CancelledError("The training was cancelled; nothing was registered.")
        self.progress(Progress(name, done, total))


@dataclass(frozen=True, eq=False)
class Judged:
    """The answers of both classifiers on the untouched rows, and the classifier that is kept."""

    classifier: TrainedClassifier
    treated: Treated
    readings: tuple[Reading, ...]
    classes: tuple[ClassReading, ...]
    strata: tuple[Stratum, ...]


def chosen_model(table: TrainingTable, split: Split, wish: Wish) -> tuple[str, dict[str, float]]:
    """The model to train, and the inner scores of the candidates where there was a choice."""
    if wish.model_type != "auto":
        return wish.model_type, {}
    candidates = TEXT_CANDIDATES if table.has_text else TABLE_CANDIDATES
    rows = split.train
    inner = inner_splits(
        table.labels.iloc[rows],
        table.moments.iloc[rows] if split.kind == "time" and table.moments is not None else None,
        groups_of(table, split, rows),
        wish.seed,
    )
    scores: dict[str, list[float]] = {name: [] for name in candidates}
    for k, (taught, judged) in enumerate(inner):
        for i, name in enumerate(candidates):
            wish.step("model", k * len(candidates) + i, len(inner) * len(candidates))
            scores[name].append(_inner_score(table, name, rows[taught], rows[judged], wish))
        spent = perf_counter() - wish.started
        if wish.budget_s is not None and spent > MODEL_SHARE * wish.budget_s:
            break
    means = {name: float(np.mean(found)) for name, found in scores.items() if found}
    return (max(means, key=lambda name: means[name]) if means else candidates[0]), means


def _inner_score(table: TrainingTable, model_type: str, taught: Any, judged: Any, wish: Wish) -> float:
    """Measure of an untreated model on rows that follow those that taught it; more is better."""
    features = encoder_for(table, model_type, wish.seed)
    part = _part(table, features, taught, None)
    model = fit_plainly(part, _estimator(table, model_type, len(taught), wish.seed), "none", wish.objective, wish.seed)
    truth, answers = _answers(model, features.transform(table.features.iloc[judged]), table.labels.iloc[judged])
    known = truth >= 0
    return _measure.score_of(truth[known], _rows(answers, known), measure_of(wish.objective)) if known.any() else 0.0


def judge(table: TrainingTable, split: Split, model_type: str, wish: Wish) -> Judged:
    """Train with and without the treatment, and let both answer for the untouched rows."""
    wish.step("features")
    features = encoder_for(table, model_type, wish.seed)
    part = _part(table, features, split.train, split)
    estimator = _estimator(table, model_type, len(split.train), wish.seed)
    wish.step("baseline")
    plain = fit_plainly(part, estimator, "none", wish.objective, wish.seed)
    wish.step("balancing")
    treated = treat(
        part, estimator, wish.balancing, objective=wish.objective, budget_s=wish.left_s(), seed=wish.seed,
        progress=wish.progress, cancel=wish.cancel,
    )  # fmt: skip
    wish.step("judge")
    encoded, labels = features.transform(table.features.iloc[split.test]), table.labels.iloc[split.test]
    truth, before = _answers(plain, encoded, labels)
    _, after = _answers(treated.model, encoded, labels)
    classes, truth, before, after = _with_unknown(plain.classes_, truth, labels, before, after)
    counts = _counts(table.labels.iloc[split.train], classes)
    readings = _measure.read_measures(
        truth,
        before,
        after,
        minority=_measure.minority_classes(counts),
        clusters=clusters_of(table, split),
        seed=wish.seed,
    )
    used = [name for name, role in features.roles_.items() if role != "ignored"]
    kept = TrainedClassifier(features, treated.model, needed_columns(table.features[used]))
    strata = (
        () if table.payees is None else _measure.read_strata(truth, before, after, seen_payees(table.payees, split))
    )
    return Judged(kept, treated, readings, _measure.read_classes(classes, truth, counts, before, after), strata)


def encoder_for(table: TrainingTable, model_type: str, seed: int) -> Any:
    """Unfitted features of the form that the model takes."""
    from contrapeso.finance.features import TransactionFeatures

    if not table.has_text:
        return PlainColumns()
    return TransactionFeatures(form="sparse" if model_type in LINEAR else "dense", random_state=seed % MOST_SEED)


def _part(table: TrainingTable, features: Any, rows: Any, split: Split | None) -> TrainingPart:
    """The training rows, encoded by features that were fitted to them."""
    frame = table.features.iloc[rows]
    time = (
        table.moments.iloc[rows].to_numpy()
        if split is not None and split.kind == "time" and table.moments is not None
        else None
    )
    groups = None if split is None else groups_of(table, split, rows)
    return TrainingPart(
        features.fit(frame).transform(frame),
        table.labels.iloc[rows].to_numpy(),
        time,
        None if groups is None else groups.astype(str).to_numpy(),
    )


def _estimator(table: TrainingTable, model_type: str, n_rows: int, seed: int) -> Any:

    return make_estimator(model_type, has_text=table.has_text, n_rows=n_rows, seed=seed)


def _answers(model: Any, encoded: Any, labels: pd.Series) -> tuple[Any, Answers]:
    """Positions of the true classes (-1 for one that did not teach), and what the model answers."""
    place = {label: k for k, label in enumerate(model.classes_.tolist())}
    truth = np.array([place.get(label, -1) for label in labels.tolist()], dtype=np.intp)
    decided = np.array([place[label] for label in model.predict(encoded).tolist()], dtype=np.intp)
    return truth, Answers(np.asarray(model.predict_proba(encoded), dtype=np.float64), decided)


def _rows(answers: Answers, rows: Any) -> Answers:

    return Answers(answers.chances[rows], answers.decided[rows])


def _with_unknown(
    known: Any, truth: Any, labels: pd.Series, before: Answers, after: Answers
) -> tuple[list[object], Any, Answers, Answers]:
    """Classes that only the untouched rows have get a place of their own, which no model gives any chance."""
    classes = known.tolist()
    new = sorted({label for label in labels.tolist() if label not in set(classes)}, key=str)
    if not new:
        return classes, truth, before, after
    place = {label: len(classes) + i for i, label in enumerate(new)}
    truth = np.array([place.get(label, k) for label, k in zip(labels.tolist(), truth, strict=True)], dtype=np.intp)
    none = np.zeros((len(truth), len(new)))
    wider = [Answers(np.hstack([answers.chances, none]), answers.decided) for answers in (before, after)]
    return [*classes, *new], truth, wider[0], wider[1]


def _counts(labels: pd.Series, classes: list[object]) -> dict[int, int]:
    found = labels.value_counts().to_dict()
    return {k: int(found.get(label, 0)) for k, label in enumerate(classes)}


__all__ = ["Judged", "Wish", "chosen_model", "encoder_for", "judge"]
