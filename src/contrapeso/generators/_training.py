"""How long, how fast and where a learned generator trains."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from typing import Literal

from contrapeso.errors import InvalidParameterError


@dataclass(frozen=True, slots=True)
class Training:
    """Options of one training run; None lets the family and the data choose.

    Attributes
    ----------
    epochs : int, optional
        Passes over the training rows; training may stop before.
    max_epochs : int, optional
        A bound on ``epochs``, the family's own included.
    batch_size : int, optional
        Rows of one step; halved, with a warning, where memory does not suffice.
    learning_rate, weight_decay : float, optional
        Of AdamW; the rate warms up over ``warmup_steps`` and falls by a cosine to 1 % at the end.
    ema : float, optional
        Decay of the moving average of the weights, which is what samples; 0 for none.
    warmup_steps : int, default=50
    clip_norm : float, default=1.0
        Largest norm of a gradient; 0 for no limit.
    validation : float, default=0.1
        Share of the rows held out for stopping and for the probe, in [0, 0.5].
    max_overfit : float, optional
        Training stops when the held-out loss passes its best by this share; more in small tables, where rows past the
        lowest loss are more faithful and the loss itself is noisy.
    probes : int, default=4
        How often trees try to tell new rows from held-out ones; the weights with the AUC nearest .5 are kept.
    max_time_s : float, optional
        Seconds of wall time for the training, that of the encoder not counted; the schedule ends within it.
    device : {'auto', 'cpu', 'cuda'}, default='auto'
    bf16 : bool, default=False
        Forward and backward in bfloat16 (CUDA, or a processor that has it).
    compile : bool, default=False
        ``torch.compile`` the network (CUDA).
    n_threads : int, default=1
        Threads of torch on a CPU. The bits of a result depend on it; one thread is the fastest for small networks.
    checkpoint : str or path, optional
        Where the state of the training is kept, to resume from.
    checkpoint_every_s : float, default=60
        Seconds between two checkpoints.
    """

    epochs: int | None = None
    max_epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    ema: float | None = None
    warmup_steps: int = 50
    clip_norm: float = 1.0
    validation: float = 0.1
    max_overfit: float | None = None
    probes: int = 4
    max_time_s: float | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    bf16: bool = False
    compile: bool = False
    n_threads: int = 1
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every_s: float = 60.0

    def __post_init__(self) -> None:
        _check_counts(self)
        _check_shares(self)

    def filled(self, defaults: Training) -> Training:
        """These options, with what is None taken from ``defaults``."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        merged = replace(defaults, **{name: value for name, value in given.items() if value is not None})
        bound = merged.max_epochs
        return merged if bound is None or merged.epochs is None else replace(merged, epochs=min(merged.epochs, bound))


def _check_counts(training: Training) -> None:
    least = {"epochs": 1, "max_epochs": 1, "batch_size": 1, "warmup_steps": 0, "probes": 0, "n_threads": 1}
    for name, floor in least.items():
        value = getattr(training, name)
        if value is not None and (isinstance(value, bool) or value != int(value) or value < floor):
            raise InvalidParameterError(f"Training.{name} must be a whole number of at least {floor}; got {value!r}.")


def _check_shares(training: Training) -> None:
    ranges = {"learning_rate": (0.0, 10.0), "weight_decay": (0.0, 10.0), "ema": (0.0, 0.99999)}
    ranges |= {"clip_norm": (0.0, float("inf")), "validation": (0.0, 0.5), "max_overfit": (0.0, float("inf"))}
    ranges |= {"max_time_s": (0.0, float("inf")), "checkpoint_every_s": (0.0, float("inf"))}
    for name, (low, high) in ranges.items():
        value = getattr(training, name)
        if value is not None and not low <= value <= high:
            raise InvalidParameterError(f"Training.{name} must be between {low:g} and {high:g}; got {value!r}.")
    if training.device not in {"auto", "cpu", "cuda"}:
        raise InvalidParameterError(f"Training.device must be 'auto', 'cpu' or 'cuda'; got {training.device!r}.")


__all__ = ["Training"]
