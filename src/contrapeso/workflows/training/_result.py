"""What a training gives back: what was done and why, how it was judged, and where the model is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from contrapeso.store import ModelRow
    from contrapeso.workflows.training._measure import ClassReading, Measure, Reading, Stratum, Verdict

Language = Literal["pt", "en"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the reader must know, in both languages."""

    pt: str
    en: str


@dataclass(frozen=True)
class TrainResult:
    """What was trained, how it was judged, and where it is kept.

    Attributes
    ----------
    table, target : what was learnt
    model_type : the one that was trained; ``candidates`` has the inner scores where it was chosen
    balancing : what was asked for; ``rung`` what was done, ``reason`` why
    split : 'time', 'group' or 'stratified'; ``first_day`` is the first untouched day
    measure : what the verdict is about
    readings : every measure before (nothing done about the imbalance) and after, with intervals
    classes : precision and recall of each class
    strata : accuracy on payees that taught and on new ones; empty for other tables than bank rows
    model : record in the registry
    path : the archive
    decision : the leaderboard of the ladder as JSON, None where nothing was compared
    """

    table: str
    target: str
    model_type: str
    candidates: Mapping[str, float]
    balancing: str
    rung: str
    reasons: Note
    objective: str
    measure: Measure
    split: str
    first_day: str | None
    n_train: int
    n_test: int
    readings: tuple[Reading, ...]
    classes: tuple[ClassReading, ...]
    strata: tuple[Stratum, ...]
    notes_: tuple[Note, ...]
    model: ModelRow
    path: Path
    data_sha256: str
    seed: int
    cpu_s: float
    decision: Mapping[str, object] | None
    run_id: int

    @property
    def reading(self) -> Reading:
        """The reading that the verdict is about."""
        return next(reading for reading in self.readings if reading.measure == self.measure)

    @property
    def verdict(self) -> Verdict:
        """``ajuda``, ``empate`` or ``prejudica``: the treatment against doing nothing, on untouched rows."""
        return self.reading.verdict

    def reason(self, language: Language) -> str:
        """Why this treatment."""
        return self.reasons.pt if language == "pt" else self.reasons.en

    def notes(self, language: Language) -> tuple[str, ...]:
        """What the reader must know."""
        return tuple(note.pt if language == "pt" else note.en for note in self.notes_)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "table": self.table,
            "target": self.target,
            "model": self.model.to_dict(),
            "path": str(self.path),
            **self.report(),
            "decision": self.decision,
            "cpu_s": self.cpu_s,
            "run_id": self.run_id,
        }

    def report(self) -> dict[str, object]:
        """What was measured, as it is kept in the registry."""
        return {
            "model_type": self.model_type,
            "candidates": dict(self.candidates),
            "balancing": self.balancing,
            "rung": self.rung,
            "reason": {"pt": self.reasons.pt, "en": self.reasons.en},
            "objective": self.objective,
            "measure": self.measure,
            "verdict": self.verdict,
            "split": self.split,
            "first_day": self.first_day,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "readings": [reading.to_dict() for reading in self.readings],
            "classes": [reading.to_dict() for reading in self.classes],
            "strata": [stratum.to_dict() for stratum in self.strata],
            "notes": {"pt": list(self.notes("pt")), "en": list(self.notes("en"))},
            "seed": self.seed,
        }


__all__ = ["Language", "Note", "TrainResult"]
