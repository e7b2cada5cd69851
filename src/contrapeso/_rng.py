"""Random streams: one ``SeedSequence`` at the door, a child per class and step, never the same twice."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from contrapeso.errors import InvalidParameterError

RandomState: TypeAlias = int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None


def seed_sequence(random_state: RandomState) -> np.random.SeedSequence:
    """Seed sequence for ``random_state``.

    An int gives the same sequence every time; None draws fresh entropy from the operating
    system; a Generator or RandomState is advanced once to draw 128 bits.
    """
    if random_state is None:
        return np.random.SeedSequence()
    if isinstance(random_state, np.random.SeedSequence):
        return np.random.SeedSequence(random_state.entropy, spawn_key=random_state.spawn_key)
    if isinstance(random_state, np.random.Generator):
        return np.random.SeedSequence([int(word) for word in random_state.integers(0, 2**32, size=4)])
    if isinstance(random_state, np.random.RandomState):
        words = random_state.randint(0, 2**32, size=4, dtype=np.uint64)
        return np.random.SeedSequence([int(word) for word in words])
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool) and random_state >= 0:
        return np.random.SeedSequence(int(random_state))
    raise InvalidParameterError(
        f"random_state must be None, an int >= 0, a numpy Generator, RandomState or SeedSequence; got {random_state!r}."
    )


def child(parent: np.random.SeedSequence, *key: int) -> np.random.SeedSequence:
    """Child of ``parent`` at ``key``; the same key gives the same stream, in any order of asking."""
    return np.random.SeedSequence(parent.entropy, spawn_key=(*parent.spawn_key, *key))


def generator(parent: np.random.SeedSequence, *key: int) -> np.random.Generator:
    """Generator on the child of ``parent`` at ``key``."""
    return np.random.Generator(np.random.PCG64DXSM(child(parent, *key)))


__all__ = ["RandomState", "child", "generator", "seed_sequence"]
