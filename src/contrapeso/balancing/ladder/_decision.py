"""The answer of the ladder as a value: what was chosen, against what, how sure, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from contrapeso.balancing._texts import Language
from contrapeso.balancing.ladder import _curves, _words
from contrapeso.balancing.ladder._guards import Guards

if TYPE_CHECKING:
    from contrapeso.balancing.ladder._classifier import BalancedClassifier
    from contrapeso.balancing.ladder._curves import Curve


@dataclass(frozen=True, slots=True)
class RungResult:
    """One line of the leaderboard.

    Attributes
    ----------
    name, family, parameters : the treatment
    status : 'measured', 'dropped early', 'no time', 'not needed' or 'failed'; all but the first with a ``reason``
    score : mean over the folds, more is better (losses have a minus)
    interval : 95 % interval of the score
    difference, difference_interval, p_better : against the baseline, on the folds that both have
    average_precision, brier, brier_change, log_loss, mcc, balanced_accuracy, calibration_error : means over the folds
        of the first round, decisions at a threshold tuned on the other folds; ``brier_change`` is relative to "none"
    threshold : the tuned threshold on all folds together, two classes
    cost : mean cost per row, where costs were given
    seconds : of one fit and its prediction
    n_fits : folds that were measured
    """

    name: str
    family: str
    parameters: dict[str, Any]
    status: str
    reason: str = ""
    score: float | None = None
    interval: tuple[float, float] | None = None
    difference: float | None = None
    difference_interval: tuple[float, float] | None = None
    p_better: float | None = None
    average_precision: float | None = None
    brier: float | None = None
    brier_change: float | None = None
    log_loss: float | None = None
    mcc: float | None = None
    balanced_accuracy: float | None = None
    calibration_error: float | None = None
    threshold: float | None = None
    cost: float | None = None
    seconds: float | None = None
    n_fits: int = 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The chosen rung and the baseline, once, on rows that no one had seen.

    ``holds`` is False where the choice was taken back.
    """

    n: int
    n_rare: int
    chosen: float
    baseline: float
    interval: tuple[float, float]
    p_better: float
    holds: bool


@dataclass(frozen=True)
class Decision:
    """What to do with an imbalanced table, with the evidence.

    Attributes
    ----------
    chosen : name of the rung that the estimator follows
    baseline : 'none', 'threshold' or 'calibrated': what the others had to beat
    estimator : fitted :class:`BalancedClassifier`
    leaderboard : results of the rungs, best first; those without a score last
    confirmation : result on the untouched rows; None where there were too few, or nothing to confirm
    guards : facts about the table
    metric, objective : what was made best
    kind : how rows were divided: 'stratified', 'grouped' or 'time'
    n_folds : folds of a round
    seconds, budget_s : time that it took and that it had
    schedule : rounds, with their rungs and fits
    """

    chosen: str
    baseline: str
    estimator: BalancedClassifier
    leaderboard: tuple[RungResult, ...]
    confirmation: Confirmation | None
    guards: Guards
    objective: str
    metric: str
    kind: str
    n_folds: int
    classes: tuple[object, ...]
    positive: object
    seconds: float
    budget_s: float | None
    schedule: tuple[dict[str, object], ...]
    withdrawn: str | None = None
    curves: tuple[Curve, ...] = field(default=(), repr=False)

    def __getitem__(self, name: str) -> RungResult:
        """Result of the rung ``name``."""
        for result in self.leaderboard:
            if result.name == name:
                return result
        raise KeyError(name)

    @property
    def treats(self) -> bool:
        """Whether rows are added, dropped or weighed."""
        return self[self.chosen].family != "none"

    def reason(self, language: Language = "en") -> str:
        """Why, in a sentence."""
        return _words.reason(self, language)

    def describe(self, language: Language = "en") -> str:
        """The leaderboard as a table of text, the reason above it."""
        return _words.describe(self, language)

    def __str__(self) -> str:
        return self.describe("en")

    def curves_svg(self, language: Language = "en") -> str:
        """Precision over recall and calibration of the baseline, the chosen rung and the best, as one SVG."""
        return _curves.svg(self.curves, language)

    def to_dict(self) -> dict[str, object]:
        """JSON object; the estimator is not in it."""
        return {
            "chosen": self.chosen,
            "baseline": self.baseline,
            "treats": self.treats,
            "reason": {"pt": self.reason("pt"), "en": self.reason("en")},
            "objective": self.objective,
            "metric": self.metric,
            "split": self.kind,
            "n_folds": self.n_folds,
            "classes": [str(label) for label in self.classes],
            "positive": None if self.positive is None else str(self.positive),
            "seconds": self.seconds,
            "budget_s": self.budget_s,
            "guards": self.guards.to_dict(),
            "confirmation": None if self.confirmation is None else asdict(self.confirmation),
            "withdrawn": self.withdrawn,
            "leaderboard": [asdict(result) for result in self.leaderboard],
            "schedule": [dict(round_) for round_ in self.schedule],
        }


__all__ = ["Confirmation", "Decision", "RungResult"]
