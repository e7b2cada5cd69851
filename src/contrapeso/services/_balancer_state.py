"""The state of ``FinancialCategoryBalancer`` on disk: one JSON file, written whole or not at all, and no row in it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from contrapeso.errors import (
    ContrapesoError,
    CorruptArchiveError,
    FileMissingError,
    FileUnwritableError,
    InvalidParameterError,
    NewerArchiveError,
)

FORMAT, PROTOCOL = "contrapeso-category-balancer", 1
PARTS: Mapping[str, type] = {
    "config": dict,
    "category_patterns": dict,
    "business_rules": list,
    "statistics": dict,
    "history": list,
}
"""What a state has beside its format, and the type of each."""


def write_state(path: str | os.PathLike[str], parts: Mapping[str, Any]) -> None:
    """Write the state beside its place and move it there.

    Raises
    ------
    FileUnwritableError
        If the folder is not there or the disk refuses.
    InvalidParameterError
        If the config or a pattern holds what JSON cannot.
    """
    target = Path(path)
    state = {"format": FORMAT, "protocol": PROTOCOL, **parts}
    try:
        text = json.dumps(state, ensure_ascii=False, indent=1, allow_nan=False, default=_plain) + "\n"
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(
            f"The state cannot be written as JSON ({error}). Give config and patterns as plain numbers and texts."
        ) from error
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
        Path(temporary).replace(target)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise _unwritable(target, error) from error


def read_state(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The parts that :func:`write_state` wrote.

    Raises
    ------
    FileMissingError, CorruptArchiveError, NewerArchiveError
    """
    target = Path(path)
    try:
        state = json.loads(target.read_text(encoding="utf-8", errors="surrogatepass"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise FileMissingError(f"{target} cannot be opened. Save the state with save_balancer_state(path).") from error
    except (ValueError, RecursionError) as error:
        raise corrupt(target, str(error)) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise corrupt(target, f"it is no {FORMAT}")
    protocol = state.get("protocol")
    if isinstance(protocol, bool) or not isinstance(protocol, int) or protocol < 1:
        raise corrupt(target, f"its protocol is {protocol!r}")
    if protocol > PROTOCOL:
        raise NewerArchiveError(
            f"{target.name} was written with protocol {protocol}; this version reads up to {PROTOCOL}. Install a newer "
            "contrapeso.",
            {"protocol": protocol, "supported": PROTOCOL},
        )
    for name, kind in PARTS.items():
        if not isinstance(state.get(name), kind):
            raise corrupt(target, f"{name} is missing")
    return {name: state[name] for name in PARTS}


def _plain(value: object) -> object:
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no JSON value")


def corrupt(target: Path, why: str) -> CorruptArchiveError:
    """The error that says why a state cannot be read."""
    return CorruptArchiveError(f"{target.name} is no whole state of a balancer ({why}). Save the state again.")


def _unwritable(target: Path, error: OSError) -> ContrapesoError:
    return FileUnwritableError(f"{target} cannot be written: {error.strerror}. Choose another place.")


__all__ = ["FORMAT", "PROTOCOL", "corrupt", "read_state", "write_state"]
