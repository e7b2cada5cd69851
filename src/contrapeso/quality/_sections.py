"""What the sections of a report beyond the core hold: plain values, in JSON and back like the rest.

The core (columns, pairs, rules, score) is in ``_report``. Everything here is measured or absent with a ``reason``, a
code whose sentence is in ``_texts``, and stands beside its reference: the same number between real rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Interval = tuple[float, float]
Against = Literal["holdout", "real_halves"]


@dataclass(frozen=True, slots=True)
class Score:
    """A number in [0, 1], up is better, or None with the ``reason`` (a code) why it is absent.

    ``interval`` is the 95 % interval, ``ceiling`` what equally many fresh real rows would score.
    """

    value: float | None
    interval: Interval | None = None
    ceiling: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that is shown and enters no score, beside its reference: the same between real rows (or the control).

    ``name`` is its code: of a metric in ``contrapeso.metrics.REGISTRY`` or of a sentence in the report's words.
    """

    name: str
    value: float | None
    interval: Interval | None = None
    reference: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Giveaway:
    """Share of a column in what tells synthetic rows apart (mean absolute SHAP, summing to one), and between real."""

    column: str
    share: float
    share_real: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row (0-based position in the synthetic table) that is confidently synthetic, and the columns that say so."""

    row: int
    probability: float
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """Can a model tell real from synthetic rows? A classifier two-sample test with boosted trees.

    ``auc`` is 0.5 where it cannot; its reference is the AUC between real rows. ``score`` enters the dependence
    dimension, ``readings`` (pMSE ratio, alpha-precision, beta-recall, density, coverage, MMD) are shown only.
    """

    score: Score
    auc: Reading
    against: Against
    n_rows: tuple[int, int]
    readings: tuple[Reading, ...] = ()
    giveaways: tuple[Giveaway, ...] = ()
    interaction: tuple[str, ...] = ()
    suspects: tuple[Suspect, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """How well a column is predicted from the others by a model trained on real and on synthetic rows.

    Both are tested on the same fresh real rows. ``measure`` is ``auc``, ``log_loss_gain`` or ``r2``; ``dummy`` what a
    constant scores; ``ceiling`` a model trained on other real rows. ``score`` is ``(synthetic - dummy) / (real -
    dummy)`` clipped to [0, 1]; None with a ``reason`` where real rows do not predict the column either.
    """

    column: str
    measure: Literal["auc", "log_loss_gain", "r2"]
    dummy: float
    real: float
    synthetic: float
    ceiling: float | None
    score: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One kind of model trained on real and on synthetic rows, tested on the same fresh real rows."""

    model: str
    real: float
    synthetic: float


@dataclass(frozen=True, slots=True)
class ClassRecall:
    """Recall of one class by training rows: real, synthetic, and both together; ``n`` fresh rows of the class."""

    label: str
    n: int
    real: float
    synthetic: float
    augmented: float


@dataclass(frozen=True, slots=True)
class TargetUse:
    """Training for the target on synthetic rows instead of, or beside, real ones.

    ``readings``: ``tstr``, ``trtr``, ``trts``, ``augmented``, ``brier_synthetic`` and so on, with intervals over seeds.
    ``completed`` says that the synthetic table lacks classes, whose real rows were used in both training sets.
    """

    column: str
    measure: Literal["auc", "log_loss_gain", "r2"]
    score: Score
    readings: tuple[Reading, ...] = ()
    models: tuple[ModelUse, ...] = ()
    rank_agreement: float | None = None
    recalls: tuple[ClassRecall, ...] = ()
    completed: bool = False


@dataclass(frozen=True, slots=True)
class ColumnImportance:
    """Share of a column in the mean absolute SHAP values of a model, by training rows."""

    column: str
    real: float
    synthetic: float


@dataclass(frozen=True, slots=True)
class Importance:
    """Do models trained on synthetic rows look at the same columns? Each reading beside its real-vs-real value."""

    target: str
    readings: tuple[Reading, ...]
    columns: tuple[ColumnImportance, ...]


@dataclass(frozen=True, slots=True)
class Usefulness:
    """What the synthetic rows are worth for training models. ``score`` is the dimension ``model_performance``."""

    score: Score
    against: Against
    n_rows: tuple[int, int, int]
    target: TargetUse | None = None
    overall: Score | None = None
    columns: tuple[ColumnUse, ...] = ()
    importance: Importance | None = None


@dataclass(frozen=True, slots=True)
class Attack:
    """One privacy attack or alarm, its 95 % interval, and the same on rows that were never used (the control).

    ``measure`` says what ``value`` is: ``share``, ``auc``, ``tpr_at_1_fpr``, ``success_rate``, ``ratio``.
    ``excess`` is above the control, scaled so that 1 is total (anonymeter's risk) where that applies.
    """

    name: str
    measure: str
    value: float | None
    interval: Interval | None = None
    control: float | None = None
    control_interval: Interval | None = None
    excess: Interval | None = None
    n: int = 0
    verdict: Literal["no_excess_found", "excess", "cannot_be_assessed"] = "cannot_be_assessed"
    columns: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GroupFairness:
    """One group of people or rows: how well it is represented and served.

    ``auc`` is that of telling synthetic rows of the group from real ones. Rates are of the target's positive class, and
    ``..._real`` and ``..._synthetic`` of models trained on real and on synthetic rows, tested on the same fresh rows.
    """

    group: str
    n_real: int
    n_synthetic: int
    share_real: float
    share_synthetic: float
    ratio: float | None
    interval: Interval | None = None
    lost: bool = False
    fidelity: float | None = None
    auc: float | None = None
    positive_real: float | None = None
    positive_synthetic: float | None = None
    tpr_real: float | None = None
    tpr_synthetic: float | None = None
    fpr_real: float | None = None
    fpr_synthetic: float | None = None
    selection_real: float | None = None
    selection_synthetic: float | None = None
    model_auc_real: float | None = None
    model_auc_synthetic: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Mitigation:
    """Readings before and after re-weighting or re-sampling the synthetic rows; ``value`` is after."""

    name: str
    before: tuple[Reading, ...]
    after: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Fairness:
    """One sensitive column (or an intersection of two) with its groups; intersections join names by " x "."""

    column: str
    groups: tuple[GroupFairness, ...]
    readings: tuple[Reading, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    positive: str | None = None


@dataclass(frozen=True, slots=True)
class Sequences:
    """Tables whose rows follow each other: lags, intervals, transitions, calendar. References are real-vs-real."""

    order: str
    key: str | None
    score: Score
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class MinedRule:
    """A rule found in the real table, not in the score until somebody accepts it.

    ``kind``: ``inequality``, ``sum``, ``functional_dependency``, ``range``, ``null_pattern``, ``combinations``.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    support: float
    n_real: int
    rate_synthetic: float | None


@dataclass(frozen=True, slots=True)
class TestResult:
    """A classical test of one column, shown only; p-values say how sure a difference is, not how large.

    ``p_adjusted`` is adjusted by Benjamini and Hochberg over the columns.
    """

    test: str
    column: str
    effect: float | None
    p_value: float | None = None
    p_adjusted: float | None = None


__all__ = [
    "Against",
    "Attack",
    "ClassRecall",
    "ColumnImportance",
    "ColumnUse",
    "Fairness",
    "Giveaway",
    "GroupFairness",
    "Importance",
    "Interval",
    "Joint",
    "MinedRule",
    "Mitigation",
    "ModelUse",
    "Reading",
    "Score",
    "Sequences",
    "Suspect",
    "TargetUse",
    "TestResult",
    "Usefulness",
]
