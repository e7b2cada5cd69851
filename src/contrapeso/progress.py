"""How long work tells where it is: a callback that receives :class:`Progress` values.

The library never prints. Whoever calls decides whether to draw a bar, log a line or ignore it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a long task: ``done`` of ``total`` units (``total`` is None where unknown).

    Training adds its ``loss``, the last ``probe`` (AUC with which trees tell synthetic from held-out rows; .5 is best)
    and ``eta_s``, the seconds that are left by the pace so far.
    """

    step: str
    done: int = 0
    total: int | None = None
    loss: float | None = None
    probe: float | None = None
    eta_s: float | None = None


ProgressCallback = Callable[[Progress], None]
Cancel = Callable[[], bool]
"""Asked often during long work; true means: stop now."""


def silent(_: Progress) -> None:
    """Ignore progress; the default everywhere."""


def never() -> bool:
    """Do not cancel; the default everywhere."""
    return False


__all__ = ["Cancel", "Progress", "ProgressCallback", "never", "silent"]
