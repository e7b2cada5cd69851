"""Opening the database that the settings name, ready for use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.store import Store


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Store of ``settings``, migrated to this version, closed at the end."""
    from contrapeso.store import open_store

    if settings.database_url is None:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.url)
    try:
        store.migrate()
        yield store
    finally:
        store.close()
