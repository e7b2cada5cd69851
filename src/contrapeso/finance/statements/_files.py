"""Files that appear whole or not at all, and what was written into one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contrapeso.errors import FileUnwritableError


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of its bytes.
    n_rows, n_synthetic : int
        Rows in it, and those of them that are synthetic.
    n_left_out : int
        Rows that were given and are not in it; ``notes`` says why.
    fitids : tuple of str
        Identifier of each synthetic row, in the order of the rows given.
    notes : tuple of str
        ``code: sentence``, for what a reader of the file should know.
    """

    path: Path
    sha256: str
    n_rows: int
    n_synthetic: int
    n_left_out: int = 0
    fitids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def write_whole(files: Mapping[Path, bytes]) -> None:
    """The files written each to a place beside it, then moved there; nothing is left of a failed attempt.

    Raises
    ------
    FileUnwritableError
        If a place cannot be written. Files that were there before keep their content then.
    """
    parts = {path: path.with_name(f".{path.name}.part") for path in files}
    path = next(iter(files))
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path].write_bytes(content)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        raise FileUnwritableError(
            f"{path} cannot be written: {error.strerror or error}. Name another place, or make room there.",
            {"path": str(path)},
        ) from error
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def sha256_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


__all__ = ["Written", "sha256_of", "write_whole"]
