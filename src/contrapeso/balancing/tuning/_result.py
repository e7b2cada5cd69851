"""What a study found, trial by trial, and what the rows that were set aside said of the winner."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from contrapeso.balancing._texts import Language
from contrapeso.balancing.tuning._candidate import Candidate

if TYPE_CHECKING:
    from contrapeso.balancing.tuning._classifier import TunedClassifier

State = Literal["measured", "pruned", "failed"]
ReasonCode = Literal["wins", "not_beyond_chance", "no_gain", "too_few_rows", "balanced", "no_trials"]


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One trial.

    ``scores`` are those of the folds that were measured, more being better; ``difference`` is the mean of the
    differences to "none" on these folds. ``ratio`` is the smallest class over the largest after the treatment.
    """

    number: int
    candidate: Candidate
    state: State
    scores: tuple[float, ...]
    difference: float | None
    ratio: float
    seconds: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetAside:
    """The winner and "none" on rows that no trial saw.

    ``interval`` is the 95 % bootstrap interval of the difference over these rows, whole units (copies, groups)
    together, class by class; ``p_better`` the share of the draws in which the winner is better.
    """

    n_rows: int
    n_rare: int
    none: float
    winner: float
    difference: float
    interval: tuple[float, float]
    p_better: float


@dataclass(frozen=True)
class TuningResult:
    """The answer of :func:`tune`.

    Attributes
    ----------
    chosen : Candidate
        The winner, or "none" unless the winner beat it beyond chance on the rows that were set aside.
    best : TrialRecord or None
        The trial with the largest difference on the folds; None where no trial was better than "none".
    set_aside : SetAside or None
        None where there was no winner to judge, or too few rows to judge by.
    reason : str, a stable code
    estimator : TunedClassifier
        Fitted to all rows as ``chosen`` says.
    trials : tuple of TrialRecord
        "none" first, as trial 0.
    metric, split : what was made best, and how the rows were divided
    n_folds, n_resumed : folds of a trial; trials that were there before this call
    study_name : str
    stopped_by : {'trials', 'budget'}
    seconds : float
    """

    chosen: Candidate
    best: TrialRecord | None
    set_aside: SetAside | None
    reason: ReasonCode
    estimator: TunedClassifier
    trials: tuple[TrialRecord, ...]
    metric: str
    split: str
    n_folds: int
    n_resumed: int
    study_name: str
    stopped_by: Literal["trials", "budget"]
    seconds: float

    def describe(self, language: Language) -> str:
        """The answer in words."""
        return _sentences(self, language)

    def to_frame(self) -> pd.DataFrame:
        """One line a trial, the parameters in columns of their own."""
        lines = []
        for found in self.trials:
            given = {"strength": found.candidate.strength, **found.candidate.parameters}
            lines.append(
                {
                    "number": found.number,
                    "method": found.candidate.method,
                    "state": found.state,
                    "difference": found.difference,
                    "ratio": found.ratio,
                    "n_folds": len(found.scores),
                    "seconds": found.seconds,
                    "reason": found.reason,
                    **given,
                }
            )
        return pd.DataFrame(lines)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON; the estimator is not in it."""
        trials = [asdict(found) | {"candidate": found.candidate.to_dict()} for found in self.trials]
        return {
            "chosen": self.chosen.to_dict(),
            "reason": self.reason,
            "text": {"pt": self.describe("pt"), "en": self.describe("en")},
            "best": None if self.best is None else self.best.number,
            "set_aside": None if self.set_aside is None else asdict(self.set_aside),
            "metric": self.metric,
            "split": self.split,
            "n_folds": self.n_folds,
            "n_resumed": self.n_resumed,
            "study_name": self.study_name,
            "stopped_by": self.stopped_by,
            "seconds": self.seconds,
            "trials": trials,
        }


_WORDS: dict[ReasonCode, tuple[str, str]] = {
    "wins": (
        (
            "Usar {best}: nas {n} linhas separadas {metric} foi {winner:.3f} contra {none:.3f} sem balancear "
            "({difference:+.3f}; {low:+.3f} … {high:+.3f})."
        ),
        (
            "Use {best}: on the {n} rows set aside {metric} was {winner:.3f} against {none:.3f} without balancing "
            "({difference:+.3f}; {low:+.3f} … {high:+.3f})."
        ),
    ),
    "not_beyond_chance": (
        (
            "Não balancear: o melhor dos {k} ensaios, {best}, não venceu além do acaso nas {n} linhas separadas "
            "({metric} {difference:+.3f}; {low:+.3f} … {high:+.3f})."
        ),
        (
            "Do not balance: the best of {k} trials, {best}, did not win beyond chance on the {n} rows set aside "
            "({metric} {difference:+.3f}; {low:+.3f} … {high:+.3f})."
        ),
    ),
    "no_gain": (
        "Não balancear: nenhum dos {k} ensaios foi melhor que não fazer nada.",
        "Do not balance: none of {k} trials was better than doing nothing.",
    ),
    "too_few_rows": (
        (
            "Não balancear: {best} foi o melhor de {k} ensaios, mas a classe rara tem linhas de menos para separar uma "
            "parte que o confirme (são precisas cerca de 50)."
        ),
        (
            "Do not balance: {best} was the best of {k} trials, but the rare class has too few rows to set aside "
            "a part that could confirm it (about 50 are needed)."
        ),
    ),
    "balanced": (
        "As classes já têm o mesmo tamanho: não há o que ajustar.",
        "The classes are of one size already: there is nothing to tune.",
    ),
    "no_trials": (
        "O tempo acabou antes do primeiro ensaio: nada se sabe além de como é sem balancear.",
        "Time ended before the first trial: nothing is known but how it is without balancing.",
    ),
}


def _sentences(found: TuningResult, language: Language) -> str:
    values: dict[str, object] = {"k": len(found.trials) - 1, "metric": found.metric}
    if found.best is not None:
        values["best"] = str(found.best.candidate)
    if found.set_aside is not None:
        one = found.set_aside
        values |= {"n": one.n_rows, "winner": one.winner, "none": one.none, "difference": one.difference}
        values |= {"low": one.interval[0], "high": one.interval[1]}
    return _WORDS[found.reason][language != "pt"].format(**values)


__all__ = ["ReasonCode", "SetAside", "State", "TrialRecord", "TuningResult"]
