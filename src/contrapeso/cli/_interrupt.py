"""Ctrl-C during long work: the work is asked to stop, and stopped within a second if it does not listen."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from contrapeso.errors import CancelledError
from contrapeso.progress import Cancel

PATIENCE_S = 0.7


@contextmanager
def interruptible() -> Iterator[Cancel]:
    """A callback that says whether Ctrl-C was pressed.

    Work that asks it ends by itself. Work that is busy in one long call gets a :class:`CancelledError` at the next
    step of Python, after :data:`PATIENCE_S` seconds or at the second Ctrl-C; where the system has no interval timer,
    only at the second one. Outside the main thread, where signals cannot be taken, nothing is caught.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise CancelledError("The work was interrupted; nothing was registered.")

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            stop(number, frame)
        asked.set()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)

    before = [(number, signal.signal(number, ask)) for number in (signal.SIGINT,)]
    if hasattr(signal, "SIGALRM"):
        before.append((signal.SIGALRM, signal.signal(signal.SIGALRM, stop)))
    try:
        yield asked.is_set
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before:
            signal.signal(number, handler)


__all__ = ["PATIENCE_S", "interruptible"]
