"""What a training run leaves behind: how the losses went, which weights were kept and why it ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One look at the model during training.

    Attributes
    ----------
    step : int
        Optimizer steps taken.
    epoch : float
        Passes over the training rows.
    loss : float
        Mean training loss since the look before.
    held_out : float or None
        Mean loss of the held-out rows with the averaged weights; None where the family has none.
    probe : float or None
        AUC with which trees tell new rows from held-out ones; None where they were not asked.
    """

    step: int
    epoch: float
    loss: float
    held_out: float | None = None
    probe: float | None = None


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """How a generator was trained.

    Attributes
    ----------
    stopped_because : str
        A sentence.
    history : tuple of HistoryEntry
    n_steps, chosen_step : int
        Steps taken, and the step whose weights were kept.
    n_rows, n_held_out : int
        Rows that trained and rows that judged.
    batch_size : int
        Rows of the last step; smaller than asked for where memory did not suffice.
    n_parameters : int
    device : str
    cpu_s, wall_s : float
        Seconds of processor and of wall time, those before a resumption included.
    """

    stopped_because: str
    history: tuple[HistoryEntry, ...] = ()
    n_steps: int = 0
    chosen_step: int = 0
    n_rows: int = 0
    n_held_out: int = 0
    batch_size: int = 0
    n_parameters: int = 0
    device: str = "cpu"
    cpu_s: float = 0.0
    wall_s: float = 0.0

    @property
    def chosen(self) -> HistoryEntry | None:
        """Last look at the weights that were kept."""
        return next((entry for entry in reversed(self.history) if entry.step == self.chosen_step), None)

    def to_dict(self) -> dict[str, Any]:
        """JSON types only; ``probe`` is that of the weights that were kept."""
        content = asdict(self)
        content["history"] = [asdict(entry) for entry in self.history]
        content["probe"] = None if self.chosen is None else self.chosen.probe
        return content


__all__ = ["HistoryEntry", "TrainingRecord"]
