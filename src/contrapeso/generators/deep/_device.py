"""Where and how torch computes: the device, the threads, the precision, and what counts as out of memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import torch

from contrapeso.errors import InvalidParameterError


def choose_device(option: str) -> torch.device:
    """Device that ``'auto'``, ``'cpu'`` or ``'cuda'`` means here.

    Raises
    ------
    InvalidParameterError
        If ``'cuda'`` is asked for and there is none.
    """
    found = torch.cuda.is_available()
    if option == "cuda" and not found:
        raise InvalidParameterError(
            "Training.device='cuda' needs an NVIDIA GPU and a CUDA build of PyTorch; none was found. "
            "Use device='auto' to train on what there is."
        )
    return torch.device("cuda" if found and option != "cpu" else "cpu")


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Run torch with ``n`` threads on the CPU, then with as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def seeded(source: torch.Generator | int, device: torch.device | None = None) -> Iterator[None]:
    """Run with torch's own random streams seeded by ``source``, then with their states from before.

    A generator is advanced by one draw.
    Layers draw their starting weights, and dropout its masks, from those streams; they take no generator.
    """
    seed = source if isinstance(source, int) else _drawn(source)
    devices = [device] if device is not None and device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        seed_streams(seed, device)
        yield


def _drawn(source: torch.Generator) -> int:
    return int(torch.randint(2**62, (1,), generator=source, device=source.device))


def seed_streams(seed: int, device: torch.device | None = None) -> None:
    """Seed torch's own random stream on the CPU, and on ``device`` where that is a GPU."""
    torch.default_generator.manual_seed(seed)
    if device is not None and device.type == "cuda":
        torch.cuda.manual_seed(seed)


def torch_seed(seed: np.random.SeedSequence) -> int:
    """A seed of 63 bits for torch's generators."""
    return int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1))


def autocast(device: torch.device, *, bf16: bool) -> AbstractContextManager[None]:
    """Compute in bfloat16 where it is safe, if asked for."""
    context: AbstractContextManager[None] = torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16)
    return context


def is_out_of_memory(error: RuntimeError | MemoryError) -> bool:
    """Whether memory did not suffice: on a GPU, or in torch's CPU allocator, which has no error class for it."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "DefaultCPUAllocator" in str(error)


__all__ = ["autocast", "choose_device", "is_out_of_memory", "seed_streams", "seeded", "threads", "torch_seed"]
