"""Opening the database that the settings name, and recording what is done in its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contrapeso.errors import CancelledError, ContrapesoError, FileUnwritableError

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.store import RunKind, Store


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Store of ``settings``, migrated to this version, closed at the end."""
    from contrapeso.store import open_store

    if settings.database_url is None:
        _make(settings.state_dir)
    store = open_store(settings.url)
    try:
        store.migrate()
        yield store
    finally:
        store.close()


@dataclass
class RunOutcome:
    """A run that is under way: its id, and what is recorded when it ends well."""

    id: int
    result: Mapping[str, object] | None = None
    outputs: Sequence[str] = ()


@contextmanager
def recorded_run(
    store: Store, kind: RunKind, asked: Mapping[str, object], *, seed: int, interrupted: str
) -> Iterator[RunOutcome]:
    """A run in the history: done with the outcome that was set, or failed with the error that ended it.

    A keyboard interrupt becomes a :class:`CancelledError` with the sentence ``interrupted``.
    """
    outcome = RunOutcome(store.start_run(kind, asked, seed=seed))
    try:
        yield outcome
    except ContrapesoError as error:
        store.finish_run(outcome.id, error=error)
        raise
    except KeyboardInterrupt as interruption:
        stopped = CancelledError(interrupted)
        store.finish_run(outcome.id, error=stopped)
        raise stopped from interruption
    store.finish_run(outcome.id, result=outcome.result, outputs=outcome.outputs)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileUnwritableError(
            f"The state folder {folder} cannot be made: {error.strerror or error}. "
            "Name another one with --state-dir or CONTRAPESO_STATE_DIR.",
            {"path": str(folder)},
        ) from error
