"""The state of ``ImbalancedDataHandler`` on disk: one JSON file, written whole or not at all, and no row in it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from contrapeso.balancing._counts import json_label
from contrapeso.errors import (
    ContrapesoError,
    CorruptArchiveError,
    FileMissingError,
    FileUnwritableError,
    InvalidParameterError,
    NewerArchiveError,
)

FORMAT, PROTOCOL = "contrapeso-balancing-state", 1
COUNTS = ("class_counts", "counts_before", "counts_after")
"""Keys whose value is a mapping of class to rows; JSON has text keys only, so they are written as pairs."""
LABELS = ("minority_class", "majority_class")
ENTRY: Mapping[str, type | tuple[type, ...]] = {
    "operation": str,
    "timestamp": str,
    "seconds": (int, float),
    "strategy": str,
    "method": str,
    "rule": str,
    "reason": dict,
    "counts_before": dict,
    "counts_after": dict,
    "ratio_before": (int, float, type(None)),
    "ratio_after": (int, float, type(None)),
}
"""What every entry of the history has, and its type."""


def write_state(path: str | os.PathLike[str], config: Mapping[str, Any], info: Any, history: Any) -> None:
    """Write the state beside its place and move it there.

    Raises
    ------
    FileUnwritableError
        If the folder is not there or the disk refuses.
    InvalidParameterError
        If the config holds what JSON cannot (a random generator, a function).
    """
    target = Path(path)
    state = {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "config": dict(config),
        "imbalance_info": _packed(info),
        "history": [_packed(entry) for entry in history],
    }
    try:
        text = json.dumps(state, ensure_ascii=False, indent=1, allow_nan=False, default=_number) + "\n"
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(
            f"The config cannot be written as JSON ({error}). Give random_state as a number and the rest plain."
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


def read_state(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Config, imbalance info and history that :func:`write_state` wrote.

    Raises
    ------
    FileMissingError, CorruptArchiveError, NewerArchiveError
    """
    target = Path(path)
    state = _read(target)
    config, info, history = state.get("config"), state.get("imbalance_info"), state.get("history")
    if not isinstance(config, dict) or not isinstance(info, dict) or not isinstance(history, list):
        raise corrupt(target, "config, imbalance_info or history is missing")
    return config, _unpacked(target, info), [_entry(target, found) for found in history]


def _read(target: Path) -> dict[str, Any]:
    try:
        state = json.loads(target.read_text(encoding="utf-8", errors="surrogatepass"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise FileMissingError(f"{target} cannot be opened. Save the state with save_balancing_state(path).") from error
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
    return state


def _entry(target: Path, found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise corrupt(target, "an entry of the history is no object")
    entry = _unpacked(target, found)
    for name, kind in ENTRY.items():
        if name not in entry or not isinstance(entry[name], kind) or isinstance(entry[name], bool):
            raise corrupt(target, f"{name!r} of an entry of the history is {entry.get(name)!r}")
    return entry


def _packed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """``facts`` with classes as JSON keeps them."""
    packed = dict(facts)
    for name in COUNTS:
        if name in packed:
            packed[name] = [[json_label(label), int(n)] for label, n in packed[name].items()]
    for name in LABELS:
        if name in packed:
            packed[name] = json_label(packed[name])
    if "parameters" in packed:
        packed["parameters"] = {name: _simple(value) for name, value in packed["parameters"].items()}
    return packed


def _unpacked(target: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    unpacked = dict(facts)
    for name in COUNTS:
        if name in unpacked:
            try:
                unpacked[name] = {label: int(n) for label, n in unpacked[name]}
            except (TypeError, ValueError) as error:
                raise corrupt(target, f"{name!r} holds no counts ({error})") from error
    return unpacked


def _simple(value: object) -> object:
    """A parameter as JSON keeps it; its text where it is an object."""
    if isinstance(value, (list, tuple)):
        return [_simple(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return _number(value) if isinstance(value, (np.integer, np.floating)) else str(value)


def _number(value: object) -> object:
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no JSON value")


def corrupt(target: Path, why: str) -> CorruptArchiveError:
    """The error that says why a state cannot be read."""
    return CorruptArchiveError(f"{target.name} is no whole balancing state ({why}). Save the state again.")


def _unwritable(target: Path, error: OSError) -> ContrapesoError:
    return FileUnwritableError(f"{target} cannot be written: {error.strerror}. Choose another place.")


__all__ = ["FORMAT", "PROTOCOL", "corrupt", "read_state", "write_state"]
