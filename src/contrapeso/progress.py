"""How long work tells where it is: a callback that receives :class:`Progress` values.

The library never prints. Whoever calls decides whether to draw a bar, log a line or ignore it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a long task: ``done`` of ``total`` units (``total`` is None where unknown)."""

    step: str
    done: int = 0
    total: int | None = None


ProgressCallback = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Ignore progress; the default everywhere."""


__all__ = ["Progress", "ProgressCallback", "silent"]
