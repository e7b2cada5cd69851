"""Training rows as batches on the device: drawn without replacement, epoch after epoch, from a seed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from contrapeso._rng import generator
from contrapeso.generators.deep._objective import Batch
from contrapeso.tables.encoding._tokens import Encoded

MAX_DEVICE_BYTES = 2 << 30
MAX_HELD_OUT = 20_000
MIN_HELD_OUT = 20
"""With fewer rows a held-out loss says nothing: all rows train then."""

Rows = NDArray[np.int64]


class Source:
    """Rows that give batches; those in memory are moved to a GPU at once, a memory map is read batch by batch."""

    def __init__(self, rows: Encoded, weights: NDArray[np.float64] | None, device: torch.device) -> None:
        self.device = device
        self._codes = _kept(rows.codes, device)
        self._residual = None if rows.residual is None else _kept(rows.residual, device)
        self._weights = None if weights is None else _kept(np.asarray(weights, dtype=np.float32), device)

    def __len__(self) -> int:
        return len(self._codes)

    def batch(self, chosen: Rows | slice) -> Batch:
        """The chosen rows."""
        return Batch(
            self._taken(self._codes, chosen).long(),
            None if self._residual is None else self._taken(self._residual, chosen),
            None if self._weights is None else self._taken(self._weights, chosen),
        )

    def chunks(self, chosen: Rows, size: int) -> Iterator[Batch]:
        """The chosen rows in their order, ``size`` at a time."""
        for start in range(0, len(chosen), size):
            yield self.batch(chosen[start : start + size])

    def _taken(self, values: Tensor | NDArray[np.generic], chosen: Rows | slice) -> Tensor:
        if isinstance(values, Tensor):
            index = chosen if isinstance(chosen, slice) else torch.from_numpy(chosen).to(self.device)
            return values[index]
        return torch.from_numpy(_read(values, chosen)).to(self.device)


class Order:
    """Order in which rows are drawn: every epoch is a permutation, and batches run on across epochs.

    ``kept`` are the rows that train, None for all of ``n`` rows; the length is their number.
    """

    def __init__(self, n: int, kept: Rows | None, seed: np.random.SeedSequence) -> None:
        self._n = n if kept is None else len(kept)
        self._kept = kept
        self._seed = seed
        self._epochs: dict[int, Rows] = {}

    def __len__(self) -> int:
        return self._n

    def rows(self, position: int, size: int) -> Rows:
        """The ``size`` rows drawn after ``position`` others.

        Their order is random: noise in strata over a batch, or packs of neighbours, must not follow the table's.
        """
        parts = []
        while size > 0:
            epoch, start = divmod(position, self._n)
            part = self._epoch(epoch)[start : start + size]
            parts.append(part)
            position += len(part)
            size -= len(part)
        chosen = np.concatenate(parts)
        return chosen if self._kept is None else self._kept[chosen]

    def _epoch(self, epoch: int) -> Rows:
        if epoch not in self._epochs:
            for old in [known for known in self._epochs if known != epoch - 1]:
                del self._epochs[old]
            order: Rows = np.arange(self._n, dtype=np.int64)
            generator(self._seed, epoch).shuffle(order)
            self._epochs[epoch] = order
        return self._epochs[epoch]


def split(n: int, share: float, seed: np.random.SeedSequence) -> tuple[Rows | None, Rows]:
    """Rows that train (None for all) and rows held out, both ascending; at most 20,000 are held out, or none of few."""
    n_held = min(int(n * share), MAX_HELD_OUT)
    if n_held < MIN_HELD_OUT:
        return None, np.empty(0, dtype=np.int64)
    held = np.zeros(n, dtype=bool)
    held[generator(seed).choice(n, size=n_held, replace=False, shuffle=False)] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def some(n: int, seed: np.random.SeedSequence) -> Rows:
    """At most 20,000 of ``n`` rows, ascending."""
    return np.sort(generator(seed).choice(n, size=min(n, MAX_HELD_OUT), replace=False, shuffle=False))


def _read(values: NDArray[np.generic], chosen: Rows | slice) -> NDArray[np.generic]:
    """The chosen rows; a memory map is read forward."""
    if isinstance(chosen, slice) or not isinstance(values, np.memmap):
        return np.array(values[chosen])
    order = np.argsort(chosen, kind="stable")
    found = np.empty((len(chosen), *values.shape[1:]), dtype=values.dtype)
    found[order] = values[chosen[order]]
    return found


def _kept(values: NDArray[np.generic], device: torch.device) -> Tensor | NDArray[np.generic]:
    if device.type == "cpu" or isinstance(values, np.memmap) or values.nbytes > MAX_DEVICE_BYTES:
        return values
    return torch.from_numpy(np.ascontiguousarray(values)).to(device)


__all__ = ["MIN_HELD_OUT", "Order", "Rows", "Source", "some", "split"]
