"""One archive is one zip file with two members: ``schema.json`` (what it is) and ``arrays.safetensors`` (the numbers).

Nothing in it runs code: JSON is parsed and safetensors are plain arrays behind a length-checked
header. The same content gives the same bytes. A file is written beside its place and moved there,
so a reader never sees half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import CorruptArchiveError, FileMissingError, FileUnwritableError, NewerArchiveError

MEMBERS = ("schema.json", "arrays.safetensors")
MAX_JSON_BYTES = 256 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date of a zip: the same content gives the same bytes

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class ArchiveKind:
    """What an archive holds (``format``) and the newest ``protocol`` of it that this version writes and reads."""

    format: str
    protocol: int


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """What was read: the protocol it was written with, the JSON content and the arrays."""

    protocol: int
    content: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def write_archive(path: str | os.PathLike[str], kind: ArchiveKind, content: Mapping[str, Any], arrays: Arrays) -> None:
    """Write one archive, all of it or nothing.

    Raises
    ------
    FileUnwritableError
        If the folder is not there or the disk refuses.
    """
    from safetensors.numpy import save

    packed = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    digest = hashlib.sha256(packed).hexdigest()
    head = {"format": kind.format, "protocol": kind.protocol, "arrays_sha256": digest, "content": dict(content)}
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, sort_keys=True).encode()
    target = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, data in zip(MEMBERS, (text, packed), strict=True):
                archive.writestr(zipfile.ZipInfo(name, EPOCH), data)
        Path(temporary).replace(target)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise _unwritable(target, error) from error


def read_archive(path: str | os.PathLike[str], kind: ArchiveKind) -> Archive:
    """Read one archive of ``kind``.

    Raises
    ------
    FileMissingError
        If it is not there.
    CorruptArchiveError
        If it is damaged, incomplete, or of another kind.
    NewerArchiveError
        If a newer version wrote it.
    """
    target = Path(path)
    head, packed = _members(target)
    if head.get("format") != kind.format:
        raise CorruptArchiveError(
            f"{target.name} holds {head.get('format')!r}, not {kind.format!r}. Load it with what saved it."
        )
    protocol = head.get("protocol")
    if not isinstance(protocol, int) or isinstance(protocol, bool) or protocol < 1:
        raise _corrupt(target, f"its protocol is {protocol!r}")
    if protocol > kind.protocol:
        raise NewerArchiveError(
            f"{target.name} was written with protocol {protocol}; this version reads up to {kind.protocol}. "
            "Install a newer contrapeso.",
            {"protocol": protocol, "supported": kind.protocol},
        )
    if hashlib.sha256(packed).hexdigest() != head.get("arrays_sha256"):
        raise _corrupt(target, "its arrays are not those that were written")
    content = head.get("content")
    if not isinstance(content, dict):
        raise _corrupt(target, "it has no content")
    return Archive(protocol, content, _unpacked(target, packed))


def _members(target: Path) -> tuple[dict[str, Any], bytes]:
    try:
        with zipfile.ZipFile(target) as archive:
            if archive.getinfo(MEMBERS[0]).file_size > MAX_JSON_BYTES:
                raise _corrupt(target, f"its {MEMBERS[0]} is larger than {MAX_JSON_BYTES} bytes")
            if any(archive.getinfo(name).compress_type != zipfile.ZIP_STORED for name in MEMBERS):
                raise _corrupt(target, "its members are compressed")  # a small file could unpack to any size
            text, packed = (archive.read(name) for name in MEMBERS)
        head = json.loads(text)
    except FileNotFoundError as error:
        raise FileMissingError(f"There is no file {target}.") from error
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        raise _corrupt(target, f"it cannot be read ({error})") from error
    if not isinstance(head, dict):
        raise _corrupt(target, f"its {MEMBERS[0]} is not an object")
    return head, packed


def _unpacked(target: Path, packed: bytes) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(packed)
    except (SafetensorError, ValueError, KeyError) as error:
        raise _corrupt(target, f"its arrays cannot be read ({error})") from error


def _corrupt(target: Path, why: str) -> CorruptArchiveError:
    return CorruptArchiveError(
        f"{target.name} is not a whole archive: {why}. Save the model again, or take another copy.",
        {"file": target.name},
    )


def _unwritable(target: Path, error: OSError) -> FileUnwritableError:
    return FileUnwritableError(f"{target} cannot be written: {error.strerror or error}. Choose another place.")


__all__ = ["Archive", "ArchiveKind", "read_archive", "write_archive"]
