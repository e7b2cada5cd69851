"""Opening the database that the settings name, ready for use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from contrapeso.errors import FileUnwritableError

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.store import Store


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


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileUnwritableError(
            f"The state folder {folder} cannot be made: {error.strerror or error}. "
            "Name another one with --state-dir or CONTRAPESO_STATE_DIR.",
            {"path": str(folder)},
        ) from error
