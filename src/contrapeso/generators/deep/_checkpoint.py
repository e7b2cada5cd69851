"""The state of a training run in one archive, and back: a resumed run gives the bits of one that was never stopped.

There is no state of random streams in it: every step draws from streams seeded by (seed of the run, step).
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from contrapeso.errors import CorruptArchiveError, InvalidParameterError
from contrapeso.generators._record import HistoryEntry
from contrapeso.generators._training import Training
from contrapeso.generators.deep._adamw import AdamW
from contrapeso.generators.deep._average import MovingAverage
from contrapeso.persistence import ArchiveKind, read_archive, write_archive
from contrapeso.tables.encoding._tokens import Encoded, Token

KIND = ArchiveKind("contrapeso-training", 1)
FREE_OPTIONS = {"max_time_s", "checkpoint", "checkpoint_every_s", "device", "n_threads", "compile"}
"""Options that may differ between a run and its resumption."""
DIGEST_ROWS = 4096


@dataclass(slots=True)
class State:
    """Where a run is; JSON types, but for the history.

    Attributes
    ----------
    batch_size : int
    step, position : int
        Steps taken and rows drawn.
    looks : int
        Looks at the model that are done.
    loss_sum, n_losses
        Of the training losses since the last look.
    lowest_loss : float or None
        Of the held-out losses.
    lowest_score : float or None
        Of the distances of the probes from .5.
    chosen_step : int or None
        Step of the weights that are kept as the best; None where there are none yet.
    cooling_from : int or None
        Rows drawn when the held-out loss passed its bound: from there the learning rate falls to its end.
    stopped : str or None
        Why the run is over.
    """

    batch_size: int
    step: int = 0
    position: int = 0
    looks: int = 0
    loss_sum: float = 0.0
    n_losses: int = 0
    lowest_loss: float | None = None
    lowest_score: float | None = None
    chosen_step: int | None = None
    cooling_from: int | None = None
    stopped: str | None = None
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    history: list[HistoryEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """A checkpoint as it was read."""

    path: Path
    state: State
    seed: np.random.SeedSequence
    made_for: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    def check(self, made_for: Mapping[str, Any]) -> None:
        """Refuse to go on with other rows, options or another network.

        Raises
        ------
        InvalidParameterError
            If something differs.
        """
        other = [name for name, value in made_for.items() if self.made_for.get(name) != value]
        if other:
            raise InvalidParameterError(
                f"The checkpoint {self.path.name} was made with other {' and '.join(other)}. Resume with what it was "
                "made with, or remove it to train anew."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What of a run is tensors."""

    module: nn.Module
    average: MovingAverage
    optimizers: Mapping[str, AdamW]

    def packed(self, best: Mapping[str, Tensor] | None) -> dict[str, Tensor]:
        """All of it under one name each."""
        found = {f"module/{name}": value for name, value in self.module.state_dict().items()}
        found |= {f"average/{k}": value for k, value in enumerate(self.average.tensors)}
        found |= {f"best/{name}": value for name, value in (best or {}).items()}
        for name, optimizer in self.optimizers.items():
            found |= {f"optimizer/{name}/{what}": value for what, value in optimizer.moments().items()}
        return found

    @torch.no_grad()
    def unpack(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
        """Take all of it back; what is returned are the best weights (empty where there were none)."""
        own = self.module.state_dict()
        self.module.load_state_dict({name: _like(value, arrays[f"module/{name}"]) for name, value in own.items()})
        for k, value in enumerate(self.average.tensors):
            value.copy_(_like(value, arrays[f"average/{k}"]))
        for name, optimizer in self.optimizers.items():
            for what, value in optimizer.moments().items():
                value.copy_(_like(value, arrays[f"optimizer/{name}/{what}"]))
        return {name: _like(own[name], value) for name, value in _under(arrays, "best/").items()}


def made_for(rows: Encoded, tokens: Sequence[Token], training: Training, module: nn.Module) -> dict[str, Any]:
    """What a checkpoint is good for: rows, columns, options and network, in JSON types."""
    head = np.ascontiguousarray(rows.codes[:DIGEST_ROWS])
    options = {name: value for name, value in asdict(training).items() if name not in FREE_OPTIONS}
    return {
        "rows": [len(rows), zlib.crc32(head.tobytes())],
        "columns": [[token.column, token.part, token.n_codes] for token in tokens],
        "options": options,
        "network": {name: list(value.shape) for name, value in module.state_dict().items()},
    }


def write_checkpoint(
    path: str | os.PathLike[str],
    state: State,
    seed: np.random.SeedSequence,
    purpose: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
) -> None:
    """Write a checkpoint, all of it or nothing."""
    content = {
        "state": asdict(state),
        "seed": {"entropy": seed.entropy, "spawn_key": list(seed.spawn_key)},
        "made_for": dict(purpose),
    }
    write_archive(path, KIND, content, {name: value.detach().cpu().numpy() for name, value in tensors.items()})


def read_checkpoint(path: str | os.PathLike[str]) -> Saved:
    """Read a checkpoint.

    Raises
    ------
    FileMissingError, CorruptArchiveError, NewerArchiveError
        If it is not there, is damaged, or was written by a newer version.
    """
    archive = read_archive(path, KIND)
    try:
        content = dict(archive.content["state"])
        history = [HistoryEntry(**entry) for entry in content.pop("history")]
        seed = archive.content["seed"]
        return Saved(
            Path(path),
            State(**content, history=history),
            np.random.SeedSequence(seed["entropy"], spawn_key=tuple(seed["spawn_key"])),
            archive.content["made_for"],
            archive.arrays,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptArchiveError(f"{Path(path).name} is not a whole checkpoint ({error}). Train anew.") from error


def _under(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _like(value: Tensor, array: NDArray[Any]) -> Tensor:
    """The array as a tensor of the same shape and place (an archive has no arrays without an axis)."""
    return torch.from_numpy(array.copy()).reshape(value.shape).to(value.device)


__all__ = ["Parts", "Saved", "State", "made_for", "read_checkpoint", "write_checkpoint"]
